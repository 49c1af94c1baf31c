"""The sections of a submission that a share opens: answers, and the trace and critical rules of the result shown."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Text,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH

from portal import errors
from portal.database.tables.assessments import ResultSection, SubmissionSection, is_later_trace
from portal.reading import outputs
from portal.reading.assessments import item
from portal.reading.assurance import FINDINGS_OF_SECTION, STANDING_JOIN, STANDINGS
from portal.reading.declarations import Expression, Field, Many, Noun, One, plain
from portal.reading.outputs import Output
from portal.reading.sources import Condition, Join, Source, Viewer

SECTION = SubmissionSection.__table__
LATER = ResultSection.__table__


def lines(path: str) -> Callable[[Source], FromClause]:
    """The items of one list of a section's trace, under the profile of the result that is shown."""
    return lambda row: (
        func.jsonb_array_elements(func.coalesce(row.join("later").c.trace, row.c.trace)[path])
        .table_valued(column("value", JSONB), with_ordinality="place")
        .render_derived()
    )


def is_of_shown_profile(section: Source, later: Source) -> Condition:
    """Whether a later trace of the section is that of the result around it."""
    found: Condition = is_later_trace(later.c, section.c, _around(section).c.profile_number)
    return found


def find_profile_number(section: Source, viewer: Viewer) -> ColumnElement[Any]:
    """The profile that the trace is of: the sealed one's stands in the header that was sealed with it."""
    sealed = cast(_around(section).c.header["profile"].astext, Integer)
    return func.coalesce(section.join("later").c.profile_number, sealed)


def find_declined_limit(section: Source, viewer: Viewer) -> ColumnElement[Any]:
    """For firms of which size it is that something here was declined; null where nothing was."""
    has_declined = func.jsonb_path_exists(
        section.c.answers, literal_column("'$.**.state ? (@ == \"declined\")'", JSONPATH)
    )
    staff = _around(section).c.staff
    limit = case((staff.is_(None), "unknown"), (staff <= 10, "up_to_10"), else_="up_to_1000")
    return case((has_declined, limit))


def code(name: str, output: Output = outputs.PLAIN, *, required: bool = True) -> Field:
    return Field(item(name), output, required=required)


def hexadecimal(name: str) -> Field:
    """Bytes as lower-case hexadecimal."""
    return Field(lambda row, viewer: func.encode(row.c[name], literal_column("'hex'")), required=True)


def name_site(row: Source) -> ColumnElement[Any]:
    """The name that the site of a row had when it was submitted."""
    named = _around(row).c.row_sites.op("->", return_type=JSONB())(row.c.question)
    name: ColumnElement[Any] = named.op("->>", return_type=Text())(row.c.row_id)
    return name


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
        "site_name": Field(lambda row, viewer: name_site(row)),
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
        "closed_by": Field(of_line("closed_by")),
        "fresh": Field(of_line("fresh")),
        "age_days": Field(lambda row, viewer: cast(of_line("age")(row, viewer), Integer)),
        "undated": Field(of_line("undated")),
    },
)


def _find_gap(line: Source) -> ColumnElement[Any]:
    """The gap that was declared with a plan at the place of a line of the trace; none where there is none."""
    place = func.jsonb_build_object(
        literal_column("'q'"), line.c.value["question"], literal_column("'r'"), line.c.value["row"]
    )
    path = literal_column("'$[*] ? (@.question == $q && @.row == $r)'", JSONPATH)
    return func.jsonb_path_query_first(_around(line).c.gaps, path, place, type_=JSONB)


def _tell_state(gap: ColumnElement[Any], viewer: Viewer) -> ColumnElement[Any]:
    today = cast(func.timezone(literal_column("'UTC'"), viewer.now), Date)
    is_standing = cast(gap["holds_until"].astext, Date) >= today
    return case((is_standing, literal_column("'standing'", Text)), (gap.is_not(None), literal_column("'lapsed'", Text)))


def _of_gap(name: str, kind: Any) -> Field:
    return Field(item(name, kind), required=True)


GAP = Noun(
    "DeclaredGap",
    source=SECTION,
    scope=None,
    fields={
        "question": code("question"),
        "row_id": code("row", required=False),
        "plan": code("plan"),
        "due_on": _of_gap("due_on", Date),
        "owner": code("owner"),
        "since": _of_gap("since", Date),
        "is_extended": _of_gap("extended", Boolean),
        "holds_until": _of_gap("holds_until", Date),
        "is_critical": _of_gap("critical", Boolean),
        "state": Field(lambda row, viewer: _tell_state(row.c.value, viewer), outputs.CODE, required=True),
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
        "declared_gap_due_on": Field(lambda row, viewer: cast(_find_gap(row)["due_on"].astext, Date)),
        "declared_gap_state": Field(lambda row, viewer: _tell_state(_find_gap(row), viewer), outputs.CODE),
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
    joins={"later": Join(LATER, is_of_shown_profile), "standing": STANDING_JOIN},
    fields={
        "key": plain("section"),
        "title": plain("title"),
        "hash": hexadecimal("hash"),
        "profile_number": Field(find_profile_number, required=True),
        "declined_limit": Field(find_declined_limit, outputs.CODE),
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
        "declared_gaps": Many(
            GAP,
            rows=lambda row: (
                func.jsonb_array_elements(row.c.gaps)
                .table_valued(column("value", JSONB), with_ordinality="place")
                .render_derived()
            ),
            order=lambda row: (row.c.place,),
        ),
        "trace": Many(LINE, rows=lines("lines"), order=lambda row: (row.c.place,)),
        "critical_hits": Many(HIT, rows=lines("critical"), order=lambda row: (row.c.place,)),
        "findings": FINDINGS_OF_SECTION,
        "standings": STANDINGS,
        "critical_open": Many(OPEN_RULE, rows=lines("critical_open"), order=lambda row: (row.c.place,)),
    },
)
