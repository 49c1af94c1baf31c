"""Cells of frozen releases as partners page through them; who may read which release is asked before."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Integer, Text, and_, case, cast, literal_column, or_, select
from sqlalchemy.orm import aliased

from portal.database.tables.benchmarks import ReleaseCell
from portal.reading import outputs
from portal.reading.declarations import Connection, Field, Filter, Noun, Part, Sort, equals, plain
from portal.reading.sources import Source, Viewer

# Every column but the reason, which the application's login may not name.
COLUMNS = [column for column in ReleaseCell.__table__.columns if column.key != "reason"]
LARGEST = 2**31 - 1
NO_PLACE = ("*", "unknown")  # folded, or not known of the supplier


def select_cells(viewer: Viewer) -> FromClause:
    """The rows with what of them may be read."""
    return select(*COLUMNS).subquery()


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


def _differs(row: Source, viewer: Viewer, number: ColumnElement[int]) -> ColumnElement[bool]:
    """Figures made after a release, and those that the release had and that are no longer there."""
    older = aliased(ReleaseCell)
    had = select(older.release_number).where(
        older.release_number == number,
        older.cell == row.c.cell,
        older.measure == row.c.measure,
        older.figures_from.is_not(None),
    )
    return or_(row.c.figures_from > number, and_(row.c.figures_from.is_(None), had.exists()))


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
CELL = Noun(
    "BenchmarkCell",
    source=select_cells,
    scope=None,
    fields={
        "release": plain("release_number"),
        "questionnaire": plain("questionnaire"),
        "measure": plain("measure"),
        "status": Field(_write_status, outputs.CODE, required=True),
        "unit": plain("unit"),
        "step": Field(_write_step, outputs.Output(lambda value: value, Decimal)),
        "direction": plain("direction", outputs.CODE),
        "figures_from_release": plain("figures_from"),
        **{name: plain(name) for name in ("count_band", "mean", "p10", "p25", "p50", "p75", "p90")},
    },
    links={"cohort": Part(COHORT)},
)
CELLS = Connection(
    CELL,
    sorts={"written": Sort(lambda row, viewer: row.c.id, kind=UUID)},
    default_sort="written",
    filters={
        "release": equals("release_number", Integer()),
        "questionnaire": equals("questionnaire"),
        "measure": equals("measure"),
        "tier": equals("tier"),
        "sector": equals("sector"),
        "region": equals("region"),
        "size": equals("size_band"),
        "newer_than_release": Filter(_differs, Integer(), lambda number: min(number, LARGEST)),
    },
    always=frozenset({"release"}),
)
