"""Engagements and clarifications as each side sees them, and all that is said of a submission for its supplier."""

from dataclasses import replace
from typing import Any

from sqlalchemy import and_, any_, case, or_, select

from portal.database.tables import reviews as tables
from portal.database.tables.assessments import Assessment, Submission
from portal.reading import outputs
from portal.reading.answers import ASSESSMENT_TAG
from portal.reading.assessments import CLARIFICATION_TAG, newest_first, node_id, supplier_scope
from portal.reading.assurance import (
    ASSURANCE_OF_SUBMISSION,
    DISPUTE,
    EARLIER_FINDINGS,
    FINDINGS_OF_STATEMENT,
    MOST,
    OWN_FINDING,
    STANDING,
    STATEMENT,
    list_all_standings,
    of_submission,
    own_submission,
    shared_submission,
    without_row,
)
from portal.reading.declarations import Connection, Field, Many, Noun, One, equals, plain
from portal.reading.evidence import EVIDENCE_TAG
from portal.reading.other_organizations import OTHER_ORGANIZATION
from portal.reading.sources import Condition, Source, Viewer

ENGAGEMENT_TAG = "enga"


def mine(name: str) -> Any:
    """Whether the viewer stands in a column."""
    return lambda row, viewer: row.c[name] == viewer.organization_id


def organization(name: str) -> One:
    """A party of the row."""
    return One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c[name])


def is_party(row: Source, viewer: Viewer) -> Condition:
    return or_(*(mine(name)(row, viewer) for name in ("supplier_id", "reviewer_id", "proposer_id")))


def write_engagement_state(row: Source, viewer: Viewer) -> Any:
    """Where an engagement stands by now; its end needs no write."""
    both = and_(row.c.accepted_at.is_not(None), row.c.consented_at.is_not(None))
    return case(
        (and_(row.c.ended_by.is_not(None), row.c.share_id.is_(None)), "declined"),
        (or_(row.c.ended_at.is_not(None), row.c.until <= viewer.now), "ended"),
        (both, "active"),
        else_="proposed",
    )


ENGAGEMENT = Noun(
    "Engagement",
    source=tables.Engagement.__table__,
    scope=is_party,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(ENGAGEMENT_TAG, "supplier_id"),
        "state": Field(write_engagement_state, outputs.CODE, required=True),
        "questionnaire": plain("questionnaire"),
        "period_start": plain("period_start"),
        "period_end": plain("period_end"),
        "sections": plain("sections"),
        "include_evidence": plain("include_evidence"),
        "purpose": plain("purpose", outputs.LINKLESS),
        "until": plain("until", outputs.MOMENT),
        "proposed_at": plain("proposed_at", outputs.MOMENT),
        "accepted_at": plain("accepted_at", outputs.MOMENT),
        "consented_at": plain("consented_at", outputs.MOMENT),
        "ended_at": plain("ended_at", outputs.MOMENT),
        "ended_by": plain("ended_by", outputs.CODE),
        "closed_because": plain("closed_because", outputs.CODE),
        "submission_id": Field(own_submission),
        "result_id": Field(shared_submission),
    },
    links={
        "supplier": organization("supplier_id"),
        "reviewer": organization("reviewer_id"),
        "proposer": organization("proposer_id"),
    },
)
ENGAGEMENTS = Connection(ENGAGEMENT, sorts={"newest": newest_first()}, default_sort="newest")
CLARIFICATION_ITEM = Noun(
    "ClarificationItem",
    source=tables.ClarificationItem.__table__,
    scope=None,
    fields={
        "section": plain("section"),
        "question": plain("question"),
        "row_id": Field(without_row),
        "evidence_id": node_id(EVIDENCE_TAG, "supplier_id", "evidence_id", required=None),
        "text": plain("text", outputs.LINKLESS),
        "reply": plain("reply"),
        "replied_at": plain("replied_at", outputs.MOMENT),
    },
)


def find_draft(row: Source, viewer: Viewer) -> Any:
    """The supplier's draft that answers a round; others never see an assessment's id."""
    table = Assessment.__table__.alias()
    draft = (
        select(table.c.id)
        .where(
            table.c.supplier_id == row.c.supplier_id,
            or_(table.c.clarification_id == row.c.id, row.c.id == any_(table.c.also_answers)),
        )
        .order_by(table.c.id.desc())
        .limit(1)
        .correlate(*row.froms)
        .scalar_subquery()
    )
    return case((supplier_scope(row, viewer), outputs.write_node_id(ASSESSMENT_TAG, row.c.supplier_id, draft)))


def is_between(row: Source, viewer: Viewer) -> Condition:
    return or_(supplier_scope(row, viewer), mine("asker_id")(row, viewer))


CLARIFICATION = Noun(
    "Clarification",
    source=tables.Clarification.__table__,
    scope=is_between,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(CLARIFICATION_TAG, "supplier_id"),
        "submission_id": Field(own_submission),
        "result_id": Field(shared_submission),
        "round": plain("round"),
        "message": plain("message", outputs.LINKLESS),
        "due_on": plain("due_on"),
        "state": plain("state", outputs.CODE),
        "asked_at": plain("asked_at", outputs.MOMENT),
        "reply": plain("reply"),
        "closed_at": plain("closed_at", outputs.MOMENT),
        "closed_because": plain("closed_because", outputs.CODE),
        "draft_id": Field(find_draft),
        "reply_submission_id": Field(lambda row, viewer: own_submission(row, viewer, "reply_submission_id")),
        "reply_result_id": Field(lambda row, viewer: shared_submission(row, viewer, "reply_submission_id")),
    },
    links={
        "supplier": organization("supplier_id"),
        "asker": organization("asker_id"),
        "items": Many(
            CLARIFICATION_ITEM,
            on=lambda row, one: and_(one.c.supplier_id == row.c.supplier_id, one.c.clarification_id == row.c.id),
            order=lambda row: (row.c.section, row.c.question, row.c.row_id),
            most=100,
        ),
    },
)


OWN_STATEMENT = replace(
    STATEMENT, links={**STATEMENT.links, "findings": replace(FINDINGS_OF_STATEMENT, noun=OWN_FINDING)}
)
SUBMISSION_REVIEW = Noun(
    "SubmissionReview",
    source=Submission.__table__,
    scope=supplier_scope,
    fields={},
    links={
        "assurance": ASSURANCE_OF_SUBMISSION,
        "standings": Many(STANDING, rows=list_all_standings, order=lambda row: (row.c.section, row.c.place)),
        "earlier_findings": EARLIER_FINDINGS,
        "statements": Many(OWN_STATEMENT, on=of_submission, order=lambda row: (row.c.id.desc(),), most=MOST),
        "clarifications": Many(CLARIFICATION, on=of_submission, order=lambda row: (row.c.id.desc(),), most=MOST),
        "disputes": Many(DISPUTE, on=of_submission, order=lambda row: (row.c.id.desc(),), most=MOST),
    },
)


def list_of(noun: Noun, scope: Any) -> Connection:
    """One side's list."""
    return Connection(
        replace(noun, scope=scope),
        sorts={"newest": newest_first()},
        default_sort="newest",
        filters={"state": equals("state")},
    )


CLARIFICATIONS = list_of(CLARIFICATION, supplier_scope)
ASKED_CLARIFICATIONS = list_of(CLARIFICATION, mine("asker_id"))
DISPUTES = list_of(DISPUTE, supplier_scope)
RECEIVED_DISPUTES = list_of(DISPUTE, mine("reviewer_id"))
