"""The sections of a submission that a share opens: answers, trace, and the critical rules hit there."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, case, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from portal import errors
from portal.database.tables.assessments import SubmissionSection
from portal.reading import outputs
from portal.reading.assessments import item
from portal.reading.declarations import Expression, Field, Many, Noun, One, plain
from portal.reading.outputs import Output
from portal.reading.sources import Source, Viewer

SECTION = SubmissionSection.__table__


def lines(path: str) -> Callable[[Source], FromClause]:
    """The items of one list of a section's trace."""
    return lambda row: (
        func.jsonb_array_elements(row.c.trace[path])
        .table_valued(column("value", JSONB), with_ordinality="place")
        .render_derived()
    )


def code(name: str, output: Output = outputs.PLAIN, *, required: bool = True) -> Field:
    return Field(item(name), output, required=required)


def hexadecimal(name: str) -> Field:
    """Bytes as lower-case hexadecimal."""
    return Field(lambda row, viewer: func.encode(row.c[name], literal_column("'hex'")), required=True)


ANSWER = Noun(
    "SharedAnswer",
    source=SECTION,  # its rows come from the section's JSON
    scope=None,
    fields={
        "question": Field(lambda row, viewer: row.c.question, required=True),
        "row_id": Field(lambda row, viewer: row.c.row_id),
        "state": Field(lambda row, viewer: row.c.state, outputs.CODE, required=True),
        "values": Field(lambda row, viewer: row.c.texts, required=True),
        "reason": Field(lambda row, viewer: row.c.reason),
    },
)


def of_line(name: str) -> Expression:
    """A reason of the line that stands around this row."""
    return lambda row, viewer: _around(row).c.value["why"][name].astext


def of_section(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    section: ColumnElement[Any] = _around(row).c.section
    return section


def _around(row: Source) -> Source:
    if row.parent is None:
        raise errors.SetupError("This row is reached from another one only.")
    return row.parent


def list_options(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    listed = _around(row).c.value["why"]["options"]
    return case((listed.is_not(None), func.portal.list_texts(listed, type_=ARRAY(Text))))


REASON = Noun(
    "TraceReason",
    source=lambda viewer: select(literal_column("1").label("one")).subquery(),  # everything stands in the line
    scope=None,
    fields={
        "option": Field(of_line("option")),
        "options": Field(list_options),
        "band_from": Field(of_line("from")),
        "below": Field(of_line("below")),
        "ramp": Field(of_line("ramp")),
    },
)
LINE = Noun(
    "TraceLine",
    source=SECTION,
    scope=None,
    fields={
        "section": Field(of_section, required=True),
        "question": code("question"),
        "row_id": code("row", required=False),
        "pillar": code("pillar"),
        "status": code("status", outputs.CODE),
        "weight": code("weight"),
        "points": code("points", required=False),
        "share": code("share"),
    },
    links={"why": One(REASON, on=lambda line, row: true(), required=True)},
)
HIT = Noun(
    "SharedCriticalHit",
    source=SECTION,
    scope=None,
    fields={
        "rule": code("rule"),
        "question": code("question"),
        "row_id": code("row", required=False),
        "cap_band": code("cap_band"),
    },
)
OPEN_RULE = Noun(
    "OpenRule",
    source=SECTION,
    scope=None,
    fields={
        "rule": code("rule"),
        "section": Field(of_section, required=True),
        "question": code("question"),
        "row_id": code("row", required=False),
        "state": Field(lambda row, viewer: func.upper(row.c.value["state"].astext), required=True),
    },
)
SHARED_SECTION = Noun(
    "SharedSection",
    source=SECTION,
    scope=None,
    fields={
        "key": plain("section"),
        "title": plain("title"),
        "hash": hexadecimal("hash"),
    },
    links={
        "answers": Many(
            ANSWER,
            rows=lambda row: func.portal.list_answers(row.c.answers).table_valued(
                column("question", Text),
                column("row_id", Text),
                column("state", Text),
                column("texts", ARRAY(Text)),
                column("reason", Text),
            ),
            order=lambda row: (row.c.question, row.c.row_id.asc().nulls_first()),
        ),
        "trace": Many(LINE, rows=lines("lines"), order=lambda row: (row.c.place,)),
        "critical_hits": Many(HIT, rows=lines("critical"), order=lambda row: (row.c.place,)),
        "critical_open": Many(OPEN_RULE, rows=lines("critical_open"), order=lambda row: (row.c.place,)),
    },
)
