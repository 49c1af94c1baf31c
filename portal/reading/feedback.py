"""What both sides see of feedback on a submission: what a buyer said of it, or should have said by now."""

from sqlalchemy import and_, func

from portal.database.tables.feedback import ResultFeedback
from portal.reading import outputs
from portal.reading.declarations import Field, Many, Noun, One, plain
from portal.reading.other_organizations import OTHER_ORGANIZATION
from portal.reading.sources import Condition, Source, Viewer

FEEDBACK = ResultFeedback.__table__


def is_owed(row: Source, viewer: Viewer) -> Condition:
    """Whether the buyer should have said something by now: nothing said, the day over, and it may still be read."""
    return and_(
        row.c.given_at.is_(None),
        row.c.due_at <= viewer.now,
        func.portal.is_shown_to(row.c.supplier_id, row.c.buyer_id, row.c.submission_id),
    )


def of_submission(row: Source, feedback: Source) -> Condition:
    return and_(feedback.c.supplier_id == row.c.supplier_id, feedback.c.submission_id == row.c.id)


GIVEN = {
    "state": plain("state", outputs.CODE),
    "text": plain("words"),
    "received_at": plain("received_at", outputs.MOMENT),
    "due_at": plain("due_at", outputs.MOMENT),
    "given_at": plain("given_at", outputs.MOMENT),
    "is_owed": Field(is_owed, required=True),
}
OWN_FEEDBACK = Noun(
    "ResultFeedback",
    source=FEEDBACK,
    scope=lambda row, viewer: row.c.buyer_id == viewer.organization_id,
    identity="submission_id",
    fields=GIVEN,
)
RECEIVED_FEEDBACK = Noun(
    "ReceivedFeedback",
    source=FEEDBACK,
    scope=lambda row, viewer: row.c.supplier_id == viewer.organization_id,
    identity="submission_id",
    fields=GIVEN | {"text": plain("words", outputs.LINKLESS)},
    links={"buyer": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.buyer_id)},
)
FEEDBACK_OF_SUBMISSION = Many(
    RECEIVED_FEEDBACK, on=of_submission, order=lambda row: (row.c.received_at, row.c.buyer_id), most=100
)
