"""Requests to be shown more: as the buyer sees its own, and as the supplier sees what it is asked."""

from typing import Any

from sqlalchemy import Text, and_, case, exists, func, literal_column, select

from portal.database.tables.assessments import Submission, order_by_recency
from portal.database.tables.consent import AccessRequest
from portal.database.tables.directory import Site, SupplierRecord
from portal.database.tables.shares import Share
from portal.reading import outputs
from portal.reading.assessments import (
    SUBMISSION,
    SUPPLIER_TAG,
    buyer_scope,
    newest_first,
    node_id,
    supplier_scope,
)
from portal.reading.assurance import RESULT_TAG
from portal.reading.declarations import Connection, Field, Many, Noun, One, one_of, plain
from portal.reading.other_organizations import OTHER_ORGANIZATION
from portal.reading.shared_results import share_covers, share_is_live
from portal.reading.shares import SHARE
from portal.reading.sources import Condition, Join, Source, Viewer

TAG, RECEIVED_TAG = "accr", "racr"
MOST_ON_PROFILE = 20
TABLE = AccessRequest.__table__
SHARES = Share.__table__


def tell_subject(row: Source, viewer: Viewer) -> Any:
    """Whether it is about the organization or one of its sites."""
    whole = row.c.subject_key == row.c.supplier_id
    return case((whole, literal_column("'organization'", Text)), else_=literal_column("'site'", Text))


def is_readable(row: Source, viewer: Viewer) -> Condition:
    """Whether the share that granted it can be read by now, and opens what was not withdrawn."""
    share, submission = SHARES.alias(), Submission.__table__.alias()
    return exists().where(
        share.c.supplier_id == row.c.supplier_id,
        share.c.id == row.c.share_id,
        submission.c.supplier_id == share.c.supplier_id,
        submission.c.id == share.c.submission_id,
        share_is_live(share),
        share_covers(share, submission),
    )


def write_result_id(row: Source, viewer: Viewer) -> Any:
    """The shared result that a live share of it opens."""
    share = SHARES.alias()
    return (
        select(outputs.write_node_id(RESULT_TAG, share.c.supplier_id, share.c.submission_id))
        .where(
            share.c.supplier_id == row.c.supplier_id,
            share.c.id == row.c.share_id,
            func.portal.share_is_live(share.table_valued()),
            func.portal.may_read_submission(share.c.supplier_id, share.c.submission_id),
        )
        .scalar_subquery()
    )


ASKED = {
    "questionnaire": plain("questionnaire"),
    "subject": Field(tell_subject, outputs.CODE, required=True),
    "sections": plain("sections"),
    "include_evidence": plain("include_evidence"),
    "until": plain("until", outputs.MOMENT),
    "purpose": plain("purpose"),
    "message": plain("message"),
    "state": plain("state", outputs.CODE),
    "granted_sections": plain("granted_sections"),
    "granted_evidence": plain("granted_evidence"),
    "granted_until": plain("granted_until", outputs.MOMENT),
    "reason": plain("reason"),
    "offer": plain("offer", outputs.CODE),
    "offer_text": plain("offer_text"),
    "offer_from": plain("offer_from"),
    "asked_at": plain("asked_at", outputs.MOMENT),
    "closed_at": plain("closed_at", outputs.MOMENT),
    "is_readable": Field(is_readable, required=True),
}
ACCESS_REQUEST = Noun(
    "AccessRequest",
    source=TABLE,
    scope=buyer_scope,
    key=("buyer_id", "id"),
    joins={
        "record": Join(
            SupplierRecord.__table__,
            lambda row, record: and_(record.c.buyer_id == row.c.buyer_id, record.c.id == row.c.supplier_record_id),
        )
    },
    fields=ASKED
    | {
        "id": node_id(TAG, "buyer_id"),
        "supplier_id": node_id(SUPPLIER_TAG, "buyer_id", "supplier_record_id"),
        "supplier_name": Field(lambda row, viewer: row.join("record").c.name, required=True),
        "result_id": Field(write_result_id),
    },
)
RECEIVED_ACCESS_REQUEST = Noun(
    "ReceivedAccessRequest",
    source=TABLE,
    scope=supplier_scope,
    key=("supplier_id", "id"),
    joins={
        "site": Join(
            Site.__table__,
            lambda row, site: and_(site.c.organization_id == row.c.supplier_id, site.c.id == row.c.subject_key),
        )
    },
    fields=ASKED
    | {
        "id": node_id(RECEIVED_TAG, "supplier_id"),
        "purpose": plain("purpose", outputs.LINKLESS),
        "message": plain("message", outputs.LINKLESS),
        "subject_name": Field(lambda row, viewer: row.join("site").c.name),
    },
    links={
        "buyer": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.buyer_id),
        "submission": One(
            SUBMISSION,
            on=lambda row, submission: and_(
                submission.c.supplier_id == row.c.supplier_id,
                submission.c.questionnaire == row.c.questionnaire,
                submission.c.subject_key == row.c.subject_key,
                submission.c.state != "withdrawn",
            ),
            order=lambda row: order_by_recency(row.c),
        ),
        "share": One(
            SHARE,
            on=lambda row, share: and_(share.c.supplier_id == row.c.supplier_id, share.c.id == row.c.share_id),
        ),
    },
)
ACCESS_REQUESTS = Connection(
    ACCESS_REQUEST,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={"state": one_of("state")},
)
RECEIVED_ACCESS_REQUESTS = Connection(
    RECEIVED_ACCESS_REQUEST,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={"state": one_of("state")},
)
# On a buyer's profile of a supplier, whose card tells record and questionnaire.
OF_CARD = Many(
    ACCESS_REQUEST,
    on=lambda card, row: and_(
        row.c.buyer_id == card.c.buyer_id,
        row.c.supplier_record_id == card.c.supplier_record_id,
        row.c.questionnaire == card.c.questionnaire,
    ),
    order=lambda row: (row.c.id.desc(),),
    most=MOST_ON_PROFILE,
)


def tell_latest_state(card: Source, viewer: Viewer) -> Any:
    """What became of the last request for more, of the card's record and questionnaire."""
    row = TABLE.alias()
    return (
        select(row.c.state)
        .where(
            row.c.buyer_id == card.c.buyer_id,
            row.c.supplier_record_id == card.c.supplier_record_id,
            row.c.questionnaire == card.c.questionnaire,
        )
        .order_by(row.c.id.desc())
        .limit(1)
        .correlate(card.rows)
        .scalar_subquery()
    )
