"""What small made lists are checked by."""

from dataclasses import dataclass, field

import pytest

from portal.directory.lists import columns, problems, rows, table
from portal.directory.lists.rows import RowKind, RowResult


@dataclass
class Case:
    """A list and what it must be read as: its first records, good rows, bad lines; or the code it is refused with."""

    content: str
    first: list[dict[str, object]] = field(default_factory=list)
    good: int | None = None
    bad: list[int] = field(default_factory=list)
    repeats: int | None = None
    warned: list[str] = field(default_factory=list)
    refused: str | None = None
    encoding: str = "utf-8"


def plan(content: str | bytes) -> columns.ColumnPlan:
    """The columns of a list."""
    return columns.plan_columns(table.read_table(content.encode() if isinstance(content, str) else content))


def read(content: str | bytes) -> list[RowResult]:
    """The rows of a list."""
    opened = table.read_table(content.encode() if isinstance(content, str) else content)
    return list(rows.read_rows(opened, columns.plan_columns(opened)))


def check(case: Case) -> None:
    """Reads the list of a case and compares."""
    data = case.content.encode(case.encoding)
    if case.refused:
        with pytest.raises(problems.ListRefused) as refused:
            read(data)
        assert refused.value.code == case.refused
        return
    found = read(data)
    good = [row.record for row in found if row.kind is RowKind.OK and row.record]
    assert [row.line for row in found if row.kind is RowKind.BAD] == case.bad
    assert case.good is None or len(good) == case.good
    for wanted, record in zip(case.first, good, strict=False):
        assert {name: getattr(record, name) for name in wanted} == wanted
    assert case.repeats is None or sum(row.kind is RowKind.REPEAT for row in found) == case.repeats
    assert set(case.warned) <= {warning.code for row in found for warning in row.warnings}
