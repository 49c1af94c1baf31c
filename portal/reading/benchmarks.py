"""Cells of frozen releases as partners page through them; who may read which release is asked before."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, FromClause, Integer, Text, case, cast, literal_column, select, text

from portal.database.tables.benchmarks import ReleaseCell
from portal.reading import outputs
from portal.reading.declarations import Connection, Field, Noun, Part, Sort, equals, plain
from portal.reading.sources import Source, Viewer

# Every column but the reason, which the application's login may not name.
COLUMNS = [column for column in ReleaseCell.__table__.columns if column.key != "reason"]
BLANK = ("count_band", "mean", "p10", "p25", "p50", "p75", "p90", "figures_from")
GONE = dict.fromkeys(BLANK, "NULL") | {"release_number": "r.number", "status": "'not_published'"}
# What whoever has the release `since` must change to have a later one: cells with other figures than before or none any
# more, also those that the later one does not name at all. Of a correction every total too, so that it is noticed where
# all figures stand.
CHANGES = f"""
SELECT {", ".join(f"c.{column.name}" for column in COLUMNS)}, s.number AS since
  FROM portal.release_cell c
  JOIN portal.release r ON r.number = c.release_number
  JOIN portal.release s ON s.number < r.number
  LEFT JOIN portal.release_cell o ON o.release_number = s.number AND o.cell = c.cell AND o.measure = c.measure
 WHERE c.figures_from IS DISTINCT FROM o.figures_from OR (c.measure = 'total' AND r.corrects IS NOT NULL)
UNION ALL
SELECT {", ".join(GONE.get(column.name, f"o.{column.name}") for column in COLUMNS)}, o.release_number
  FROM portal.release_cell o JOIN portal.release r ON r.number > o.release_number
 WHERE o.figures_from IS NOT NULL AND NOT EXISTS (
           SELECT FROM portal.release_cell c
            WHERE c.release_number = r.number AND c.cell = o.cell AND c.measure = o.measure)
"""  # noqa: S608  # our own columns
NO_PLACE = ("*", "unknown")  # folded, or not known of the supplier


def select_cells(viewer: Viewer) -> FromClause:
    """The rows with what of them may be read."""
    return select(*COLUMNS).subquery()


def select_changes(viewer: Viewer) -> FromClause:
    """What a release changed since each earlier one."""
    return text(CHANGES).columns(*COLUMNS, Column("since", Integer)).subquery()


def _place(name: str) -> Field:
    """A step of the tree of cohorts in capitals; null where it is folded."""

    def write(row: Source, viewer: Viewer) -> ColumnElement[Any]:
        listed = [literal_column(f"'{value}'", Text) for value in NO_PLACE]
        return case((row.c[name].not_in(listed), row.c[name]))

    return Field(write, outputs.CODE)


def _write_step(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    """A Decimal of the surface is a text."""
    return cast(row.c.step, Text)


def _write_status(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    published, not_published = (literal_column(f"'{value}'", Text) for value in ("published", "not_published"))
    return case((row.c.mean.is_not(None), published), else_=not_published)


COHORT = Noun(
    "BenchmarkCohort",
    source=select_cells,
    scope=None,
    fields={
        "tier": plain("tier", outputs.CODE),
        "sector": _place("sector"),
        "region": _place("region"),
        "size": _place("size_band"),
    },
)
FIELDS = {
    "release": plain("release_number"),
    "questionnaire": plain("questionnaire"),
    "measure": plain("measure"),
    "status": Field(_write_status, outputs.CODE, required=True),
    "unit": plain("unit"),
    "step": Field(_write_step, outputs.Output(lambda value: value, Decimal)),
    "direction": plain("direction", outputs.CODE),
    "figures_from_release": plain("figures_from"),
    **{name: plain(name) for name in ("count_band", "mean", "p10", "p25", "p50", "p75", "p90")},
}
SORTS = {"written": Sort(lambda row, viewer: row.c.id, kind=UUID)}
FILTERS = {
    "release": equals("release_number", Integer()),
    "questionnaire": equals("questionnaire"),
    "measure": equals("measure"),
    "tier": equals("tier"),
    "sector": equals("sector"),
    "region": equals("region"),
    "size": equals("size_band"),
}
CELLS = Connection(
    Noun("BenchmarkCell", source=select_cells, scope=None, fields=FIELDS, links={"cohort": Part(COHORT)}),
    sorts=SORTS,
    default_sort="written",
    filters=FILTERS,
    always=frozenset({"release"}),
)
CHANGED_CELLS = Connection(
    Noun("BenchmarkCell", source=select_changes, scope=None, fields=FIELDS, links={"cohort": Part(COHORT)}),
    sorts=SORTS,
    default_sort="written",
    filters=FILTERS | {"newer_than_release": equals("since", Integer())},
    always=frozenset({"release", "newer_than_release"}),
)
