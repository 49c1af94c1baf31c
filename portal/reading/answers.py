"""Answers of an assessment: those that changed after a number, each value in the field of its question's type."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.database.tables.assessments import Answer
from portal.database.tables.publishing import QuestionnaireVersion
from portal.reading import outputs
from portal.reading.declarations import Field, Filter, Noun, Part, Slice, plain
from portal.reading.sources import Condition, Source, Viewer
from questionnaires.definition import NUMBERS

ANSWER = Answer.__table__
VERSION = QuestionnaireVersion.__table__
ASSESSMENT_TAG, MEMBER_TAG, SITE_TAG = "asmt", "memb", "site"
KIND = "#kind"  # of the question; null where the version has none of that key


def select_kinds(assessment: Source) -> FromClause:
    """The types of all questions of an assessment's version, in `kinds`: to be joined once, beside the assessment.

    Joined to an empty object they are unpacked once, and not for each answer.
    """
    version = VERSION.alias()
    unpacked = version.c.question_kinds.op("||")(literal_column("'{}'::jsonb", JSONB))
    return (
        select(unpacked.label("kinds"))
        .where(version.c.questionnaire == assessment.c.questionnaire, version.c.version == assessment.c.version)
        .correlate(assessment.rows)
        .offset(literal_column("0"))
        .lateral()
    )


def select_answers(assessment: Source) -> FromClause:
    """The answers with the types of their questions."""
    answer, kinds = ANSWER.alias(), assessment.join("kinds")
    return (
        select(*answer.c, kinds.c.kinds.op("->>", return_type=Text())(answer.c.question).label(KIND))
        .where(answer.c.supplier_id == assessment.c.supplier_id, answer.c.assessment_id == assessment.c.id)
        .correlate(*assessment.froms)
        .lateral()
    )


def has_value(row: Source, viewer: Viewer) -> Condition:
    return and_(row.c.value.is_not(None), row.c[KIND].is_not(None))


def _is(row: Source, *kinds: str) -> Condition:
    listed = [literal_column(f"'{kind}'", Text) for kind in kinds]
    return row.c[KIND].in_(listed)  # type: ignore[no-any-return]


def _text_of(*kinds: str) -> Field:
    """A value that is a text in the database too."""

    def write(row: Source, viewer: Viewer) -> ColumnElement[Any]:
        return case((_is(row, *kinds), row.c.value.op("#>>", return_type=Text())(literal_column("'{}'::text[]"))))

    return Field(write)


def _write_boolean(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    return case((_is(row, "boolean"), cast(row.c.value, Boolean)))


def _write_choices(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    return case((_is(row, "multi_choice"), row.c.value))


def _write_row(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    """A group's key stands for one row of it, with true, or for all of it without any."""
    return case((and_(_is(row, "group"), _is_true(row)), true()))


def _write_none(row: Source, viewer: Viewer) -> ColumnElement[Any]:
    return case((and_(_is(row, "group"), ~_is_true(row)), true()))


def _is_true(row: Source) -> Condition:
    return row.c.value == literal_column("'true'::jsonb", JSONB)  # type: ignore[no-any-return]


VALUE = Noun(
    "AnswerValue",
    source=ANSWER,
    scope=None,
    fields={
        "boolean": Field(_write_boolean),
        "choice": _text_of("choice"),
        "choices": Field(_write_choices),
        "number": _text_of(*sorted(NUMBERS)),
        "date": _text_of("date"),
        "text": _text_of("text"),
        "row": Field(_write_row),
        "none": Field(_write_none),
    },
)


def has_plan(row: Source, viewer: Viewer) -> Condition:
    return row.c.plan["text"].astext.is_not(None)  # type: ignore[no-any-return]


def _of_plan(name: str, kind: Any = None) -> Field:
    """A text of the plan, or a value of another type."""

    def write(row: Source, viewer: Viewer) -> ColumnElement[Any]:
        text = row.c.plan[name].astext
        return text if kind is None else cast(text, kind)

    return Field(write)


PLAN = Noun(
    "GapPlan",
    source=ANSWER,
    scope=None,
    fields={
        "text": _of_plan("text"),
        "due_on": _of_plan("due_on", Date),
        "owner_id": Field(
            lambda row, viewer: outputs.write_node_id(
                MEMBER_TAG, row.c.supplier_id, cast(row.c.plan["owner"].astext, Uuid)
            )
        ),
        "since": _of_plan("since", Date),
        "submitted_due_on": _of_plan("pledged_due_on", Date),
        "is_extended": _of_plan("extended", Boolean),
    },
)
CONTENT = Noun(
    "AnswerContent",
    source=ANSWER,
    scope=None,
    fields={
        "state": plain("state", outputs.CODE, required=True),
        "reason": plain("reason"),
        "comment": plain("comment"),
        "deleted": plain("deleted", required=True),
        "site_id": Field(lambda row, viewer: outputs.write_node_id(SITE_TAG, row.c.supplier_id, row.c.site_id)),
    },
    links={"value": Part(VALUE, when=has_value), "plan": Part(PLAN, when=has_plan)},
)
STANDING = Noun(
    "Answer",
    source=ANSWER,
    scope=None,
    fields={
        "question": plain("question", required=True),
        "row_id": Field(lambda row, viewer: func.nullif(row.c.row_id, literal_column("''"))),
        "revision": plain("revision", required=True),
        "change_number": plain("changed_at_number", outputs.INTEGER, required=True),
        "provenance": plain("provenance", outputs.CODE, required=True),
        "carried_from_id": Field(
            lambda row, viewer: outputs.write_node_id(ASSESSMENT_TAG, row.c.supplier_id, row.c.carried_from)
        ),
        "carried_question": plain("carried_question"),
    },
    links={"content": Part(CONTENT)},
)
CHANGES = Slice(
    "AnswerChanges",
    STANDING,
    items="answers",
    more="has_more",
    rows=select_answers,
    order=lambda row: (row.c.changed_at_number, row.c.question, row.c.row_id),
    filters={"changed_after": Filter(lambda row, viewer, value: row.c.changed_at_number > value, BigInteger())},
    fields={"change_number": plain("change_number", outputs.INTEGER, required=True)},
    size=100,
)
