"""Rows of a list that are no suppliers: headers that come again, totals, rules, notes and titles of sections."""

from __future__ import annotations

from portal.directory.lists import cells, columns, fields
from portal.directory.lists.fields import Field

_LONGEST_HEADER = 160


class Asides:
    """Knows the header of a list, and so what is none of its suppliers."""

    def __init__(self, plan: columns.ColumnPlan) -> None:
        self._named = [column for column in plan.columns if column.field and plan.header_line is not None]
        # In a list of one column every row stands alone.
        self._several = sum(1 for column in plan.columns if column.field) > 1
        self._countries = plan.find_columns(Field.COUNTRY)
        self._headers: dict[str, bool] = {}

    def is_aside(self, record: list[str], following: list[str]) -> bool:
        """Whether the row says nothing of a supplier; `following` is the row below it."""
        filled = [cell for cell in record if cell.strip()]
        if self._is_header(record) or all(map(cells.is_dashes, filled)):
            return True
        if self._several and len(filled) == 1 and (cells.is_footer(filled[0]) or self._is_header(following)):
            return True
        return self._is_totals(record, filled)

    def _is_header(self, record: list[str]) -> bool:
        """Lists printed by the page bring their header again; other lists say it in a second language below."""
        shown = [(column, _get(record, column)) for column in self._named]
        cell = _get(record, self._countries[0]) if self._countries else next((text for _, text in shown), "")
        if not cell or len(cell) > _LONGEST_HEADER or not self._may_head(cell):
            return False
        heads = [_heads(column, text) for column, text in shown if text]
        return all(heads) and (len(heads) > 1 or _repeats(*shown[0]))

    def _may_head(self, cell: str) -> bool:
        """Whether the cell below the country names a field or is that header again; asked once for each spelling."""
        known = self._headers.get(cell)
        if known is None:
            headers = self._countries or tuple(self._named[:1])
            known = self._headers[cell] = any(_heads(column, cell) for column in headers)
        return known

    def _is_totals(self, record: list[str], filled: list[str]) -> bool:
        label = any(map(cells.is_totals, filled[:2]))
        if not label or len(filled) > 3:
            return False
        country = cells.read_cell(_get(record, self._countries[0])) if self._countries else ""
        rest = [cell for cell in filled if not cells.is_totals(cell)]
        return not country or cells.is_totals(country) or (all(map(cells.is_figure, rest)) and cells.is_figure(country))


def _heads(column: columns.ColumnGuess, text: str) -> bool:
    if _repeats(column, text):
        return True
    named = fields.read_header(text)
    # The last word alone does not do: "Ningbo Production Unit" is a supplier.
    return named is not None and named.field == column.field and named.confidence > fields.END


def _repeats(column: columns.ColumnGuess, text: str) -> bool:
    return fields.make_header_key(text) == fields.make_header_key(column.header)


def _get(record: list[str], column: columns.ColumnGuess) -> str:
    return record[column.number - 1].strip() if column.number <= len(record) else ""
