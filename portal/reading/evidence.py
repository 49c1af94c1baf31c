"""Documents: a supplier's own with where they are attached, and those that stand behind a shared submission."""

from typing import Any

from sqlalchemy import Date, FromClause, Text, and_, case, cast, func, literal_column, select

from portal.database.tables.evidence import Evidence, EvidenceLink, SubmissionEvidence
from portal.reading import outputs
from portal.reading.assessments import ASSESSMENT_TAG, newest_first, node_id, supplier_scope
from portal.reading.declarations import Connection, Field, Filter, Many, Noun, equals, plain
from portal.reading.sources import Condition, Source, Viewer

FILE = Evidence.__table__
LINK = EvidenceLink.__table__
FROZEN = SubmissionEvidence.__table__
EVIDENCE_TAG = "evid"


def today(viewer: Viewer) -> Any:
    """The portal's day, in UTC."""
    return cast(func.timezone(literal_column("'UTC'"), viewer.now), Date())


def is_overdue(row: Source, viewer: Viewer) -> Condition:
    """Whether a document's validity has passed; the day it names is the last good one."""
    return and_(row.c.valid_until.is_not(None), row.c.valid_until < today(viewer))


def write_state(row: Source, viewer: Viewer) -> Any:
    """The state of a document; a good one whose validity has passed is told as expired from the next day on."""
    return case((and_(row.c.state == "available", is_overdue(row, viewer)), "expired"), else_=row.c.state)


def select_frozen(viewer: Viewer) -> FromClause:
    """Documents with the place in the submission that they stand behind."""
    frozen, file = FROZEN.alias(), FILE.alias()
    names = (
        "file_name",
        "title",
        "kind",
        "issuer",
        "issued_on",
        "valid_until",
        "media_type",
        "size",
        "sha256",
        "state",
    )
    return (
        select(frozen, *(file.c[name] for name in names))
        .join(file, and_(file.c.supplier_id == frozen.c.supplier_id, file.c.id == frozen.c.evidence_id))
        .subquery()
    )


FILE_FIELDS = {
    "file_name": plain("file_name"),
    "title": plain("title"),
    "kind": plain("kind", outputs.CODE),
    "issuer": plain("issuer"),
    "issued_on": plain("issued_on"),
    "valid_until": plain("valid_until"),
    "media_type": plain("media_type"),
    "size": plain("size", outputs.INTEGER),
    "sha256": Field(lambda row, viewer: func.encode(row.c.sha256, literal_column("'hex'"))),
    "state": Field(write_state, outputs.CODE, required=True),
}
SHARED_EVIDENCE = Noun(
    "SharedEvidence",
    source=select_frozen,
    scope=None,
    fields=FILE_FIELDS
    | {
        "evidence_id": node_id(EVIDENCE_TAG, "supplier_id", "evidence_id"),
        "section": plain("section"),
        "question": plain("question"),
        "row_id": Field(lambda row, viewer: func.nullif(row.c.row_id, literal_column("''"))),
    },
)


def find_same(row: Source, viewer: Viewer) -> Any:
    """The first document of the organization with the same content, where that is another one."""
    other = FILE.alias()
    first = (
        select(other.c.id)
        .where(
            other.c.supplier_id == row.c.supplier_id,
            other.c.sha256 == row.c.sha256,
            other.c.state == "available",
            other.c.id < row.c.id,
        )
        .order_by(other.c.id)
        .limit(1)
        .correlate(*row.froms)
        .scalar_subquery()
    )
    return outputs.write_node_id(EVIDENCE_TAG, row.c.supplier_id, first)


ATTACHMENT = Noun(
    "EvidenceAttachment",
    source=LINK,
    scope=supplier_scope,
    fields={
        "assessment_id": node_id(ASSESSMENT_TAG, "supplier_id", "assessment_id"),
        "question": plain("question"),
        "row_id": Field(lambda row, viewer: func.nullif(row.c.row_id, literal_column("''"))),
    },
)
EVIDENCE = Noun(
    "Evidence",
    source=FILE,
    scope=supplier_scope,
    key=("supplier_id", "id", "rejection"),
    fields=FILE_FIELDS
    | {
        "id": node_id(EVIDENCE_TAG, "supplier_id"),
        "refusal_code": plain("rejection"),
        "is_expired": Field(lambda row, viewer: func.coalesce(is_overdue(row, viewer), literal_column("false"))),
        "same_file_as_id": Field(find_same),
        "upload_expires_at": plain("upload_expires_at", outputs.MOMENT),
        "created_at": plain("created_at", outputs.MOMENT),
    },
    links={
        "attachments": Many(
            ATTACHMENT,
            on=lambda row, link: and_(link.c.supplier_id == row.c.supplier_id, link.c.evidence_id == row.c.id),
            order=lambda row: (row.c.created_at, row.c.assessment_id, row.c.question, row.c.row_id),
            most=100,
        )
    },
)
EVIDENCES = Connection(
    EVIDENCE,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={
        "state": Filter(lambda row, viewer, value: write_state(row, viewer) == value, Text()),
        "kind": equals("kind"),
    },
)
