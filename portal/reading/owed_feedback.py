"""Which submissions a buyer owes feedback on, the oldest first."""

from uuid import UUID

from sqlalchemy import FromClause, and_, literal_column, select

from portal.database.tables.assessments import Submission
from portal.database.tables.directory import SupplierRecord
from portal.reading import outputs
from portal.reading.assessments import SUPPLIER_TAG, node_id
from portal.reading.assurance import RESULT_TAG
from portal.reading.declarations import Connection, Field, Noun, Sort, plain
from portal.reading.feedback import FEEDBACK, is_owed
from portal.reading.sources import Join, Source


def select_record(row: Source) -> FromClause:
    """The buyer's record of the supplier: of several the one that was linked first."""
    record = SupplierRecord.__table__.alias()
    return (
        select(record.c.buyer_id, record.c.id, record.c.name)
        .where(record.c.buyer_id == row.c.buyer_id, record.c.supplier_id == row.c.supplier_id)
        .order_by(record.c.linked_at, record.c.id)
        .limit(literal_column("1"))
        .correlate(row.rows)
        .lateral()
    )


def of_frozen(name: str) -> Field:
    """A column of the submission that feedback is about."""
    return Field(lambda row, viewer: row.join("submission").c[name])


OWED = Noun(
    "OwedFeedback",
    source=FEEDBACK,
    scope=lambda row, viewer: and_(row.c.buyer_id == viewer.organization_id, is_owed(row, viewer)),
    identity="submission_id",
    joins={
        "record": Join(select_record),
        "submission": Join(
            Submission.__table__,
            lambda row, frozen: and_(frozen.c.supplier_id == row.c.supplier_id, frozen.c.id == row.c.submission_id),
        ),
    },
    fields={
        "result_id": node_id(RESULT_TAG, "supplier_id", "submission_id"),
        "supplier_id": Field(
            lambda row, viewer: outputs.write_node_id(
                SUPPLIER_TAG, row.join("record").c.buyer_id, row.join("record").c.id
            )
        ),
        "supplier_name": Field(lambda row, viewer: row.join("record").c.name),
        "questionnaire": of_frozen("questionnaire"),
        "period_start": of_frozen("period_start"),
        "period_end": of_frozen("period_end"),
        "received_at": plain("received_at", outputs.MOMENT),
        "due_at": plain("due_at", outputs.MOMENT),
    },
)
OWED_FEEDBACK = Connection(
    OWED,
    sorts={"oldest": Sort(lambda row, viewer: row.c.submission_id, kind=UUID, tie="submission_id")},
    default_sort="oldest",
    count_cap=1_000,
)
