"""What buyers ask a supplier to take out of its documents."""

from portal.database.tables.evidence import RedactionRequest
from portal.reading import outputs
from portal.reading.assessments import newest_first, node_id, supplier_scope
from portal.reading.declarations import Connection, Noun, One, equals, plain
from portal.reading.evidence import EVIDENCE_TAG
from portal.reading.other_organizations import OTHER_ORGANIZATION

REDACTION_TAG = "rdct"
REDACTION = Noun(
    "RedactionRequest",
    source=RedactionRequest.__table__,
    scope=supplier_scope,
    key=("supplier_id", "id"),
    fields={
        "id": node_id(REDACTION_TAG, "supplier_id"),
        "evidence_id": node_id(EVIDENCE_TAG, "supplier_id", "evidence_id"),
        "reason": plain("reason", outputs.LINKLESS),
        "state": plain("state", outputs.CODE),
        "answer": plain("answer"),
        "created_at": plain("created_at", outputs.MOMENT),
        "closed_at": plain("closed_at", outputs.MOMENT),
    },
    links={"buyer": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.buyer_id)},
)
REDACTIONS = Connection(
    REDACTION, sorts={"newest": newest_first()}, default_sort="newest", filters={"state": equals("state")}
)
