"""What a supplier sees of its consent: its shares, what each shows the other side, and who looked."""

from sqlalchemy import Boolean, case, func

from portal.database.tables.shares import ReadReceipt, Share
from portal.reading import outputs
from portal.reading.assessments import (
    RECEIVED_TAG,
    SUBMISSION_TAG,
    newest_first,
    node_id,
    supplier_scope,
)
from portal.reading.declarations import Connection, Field, Filter, Noun, One, equals, plain
from portal.reading.evidence import EVIDENCE_TAG
from portal.reading.other_organizations import OTHER_ORGANIZATION
from portal.reading.shared_results import RESULT_OF_SHARE
from portal.reading.sources import Condition, Source, Viewer

SHARE_TAG, RECEIPT_TAG, RULE_TAG = "shar", "rcpt", "stru"


def is_live(row: Source, viewer: Viewer) -> Condition:
    return func.portal.share_is_live(row.rows.table_valued())  # type: ignore[attr-defined]


SHARE = Noun(
    "Share",
    source=Share.__table__,
    scope=supplier_scope,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(SHARE_TAG, "supplier_id"),
        "questionnaire": plain("questionnaire"),
        "mode": plain("mode", outputs.CODE),
        "sections": plain("sections"),
        "include_evidence": plain("include_evidence"),
        "purpose": plain("purpose", outputs.LINKLESS),
        "starts_at": plain("starts_at", outputs.MOMENT),
        "until": plain("until", outputs.MOMENT),
        "revoked_at": plain("revoked_at", outputs.MOMENT),
        "state": Field(
            lambda row, viewer: case(
                (row.c.revoked_at.is_not(None), "revoked"),
                (row.c.until <= viewer.now, "ended"),
                (row.c.starts_at > viewer.now, "planned"),
                else_="live",
            ),
            outputs.CODE,
            required=True,
        ),
        "submission_id": node_id(SUBMISSION_TAG, "supplier_id", "submission_id"),
        "standing_rule_id": node_id(RULE_TAG, "supplier_id", "standing_rule_id", required=None),
        "left_out": plain("left_out"),
        "request_id": node_id(RECEIVED_TAG, "buyer_id", "request_id", required=None),
    },
    links={
        "buyer": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.buyer_id),
        "shows": One(RESULT_OF_SHARE, on=lambda row, shown: shown.c.share_id == row.c.id),
    },
)
SHARES = Connection(
    SHARE,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={
        "live": Filter(lambda row, viewer, value: is_live(row, viewer) == value, Boolean()),
        "questionnaire": equals("questionnaire"),
    },
)
READ_RECEIPT = Noun(
    "ReadReceipt",
    source=ReadReceipt.__table__,
    scope=supplier_scope,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(RECEIPT_TAG, "supplier_id"),
        "kind": plain("kind", outputs.CODE),
        "reader_role": plain("reader_role", outputs.CODE),
        "purpose": plain("purpose", outputs.LINKLESS),
        "read_at": plain("read_at", outputs.MOMENT),
        "submission_id": node_id(SUBMISSION_TAG, "supplier_id", "submission_id", required=None),
        "evidence_id": node_id(EVIDENCE_TAG, "supplier_id", "evidence_id", required=None),
    },
    links={"reader": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.reader_id)},
)
READ_RECEIPTS = Connection(
    READ_RECEIPT, sorts={"newest": newest_first()}, default_sort="newest", filters={"kind": equals("kind")}
)
