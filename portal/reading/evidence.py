"""Documents: a supplier's own with where they are attached, and those that stand behind a shared submission."""

from typing import Any

from sqlalchemy import Boolean, Date, FromClause, Text, and_, case, cast, func, literal_column, not_, select, true

from portal.database.tables.evidence import Evidence, EvidenceLink, RedactionRequest, SubmissionEvidence
from portal.database.tables.shares import ReadReceipt
from portal.reading import outputs
from portal.reading.answers import ASSESSMENT_TAG
from portal.reading.assessments import newest_first, node_id, supplier_scope
from portal.reading.declarations import Connection, Field, Filter, Many, Noun, One, equals, plain
from portal.reading.other_organizations import OTHER_ORGANIZATION
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


WITHDRAWN = "withdrawn"  # what a file is called whose name may tell what was taken out of it


def select_frozen(viewer: Viewer) -> FromClause:
    """Documents with the place in the submission that they stand behind."""
    frozen, file, other = FROZEN.alias(), FILE.alias(), FILE.alias()
    # A name may tell what was taken out of the file.
    redacted = (
        select(other.c.id, other.c.file_name, other.c.title)
        .where(
            other.c.supplier_id == file.c.supplier_id,
            other.c.lineage == file.c.lineage,
            other.c.revision > file.c.revision,
            other.c.redacts,
            other.c.state == "available",
        )
        .order_by(other.c.revision.desc())
        .limit(1)
        .lateral()
    )
    names = (
        "kind",
        "issuer",
        "issued_on",
        "valid_until",
        "language",
        "period_start",
        "period_end",
        "revision",
        "media_type",
        "size",
        "sha256",
        "state",
    )
    return (
        select(
            frozen,
            *(file.c[name] for name in names),
            case(
                (redacted.c.id.is_not(None), redacted.c.file_name),
                (file.c.withdrawn, literal_column(f"'{WITHDRAWN}'", Text)),
                else_=file.c.file_name,
            ).label("file_name"),
            case((redacted.c.id.is_not(None), redacted.c.title), (not_(file.c.withdrawn), file.c.title)).label("title"),
            case((and_(redacted.c.id.is_(None), not_(file.c.withdrawn)), file.c.preview_size)).label("preview_size"),
            redacted.c.id.label("replaced_by"),
        )
        .join(file, and_(file.c.supplier_id == frozen.c.supplier_id, file.c.id == frozen.c.evidence_id))
        .outerjoin(redacted, true())
        .subquery()
    )


def find_reader(row: Source, viewer: Viewer) -> Any:
    """Whose eyes a shared result is looked at with: the viewer's, or those of the buyer of a supplier's own share."""
    result = row.parent
    return viewer.organization_id if result is None or "share_buyer" not in result.c else result.c.share_buyer


def select_redaction(row: Source, viewer: Viewer, name: str) -> Any:
    """What became of the reader's last request to redact a document."""
    request = RedactionRequest.__table__.alias()
    return (
        select(request.c[name])
        .where(
            request.c.supplier_id == row.c.supplier_id,
            request.c.evidence_id == row.c.evidence_id,
            request.c.buyer_id == find_reader(row, viewer),
        )
        .order_by(request.c.id.desc())
        .limit(1)
        .correlate(*row.froms)
        .scalar_subquery()
    )


FILE_FIELDS = {
    "file_name": plain("file_name"),
    "title": plain("title"),
    "kind": plain("kind", outputs.CODE),
    "issuer": plain("issuer"),
    "issued_on": plain("issued_on"),
    "valid_until": plain("valid_until"),
    "language": plain("language"),
    "period_start": plain("period_start"),
    "period_end": plain("period_end"),
    "revision": plain("revision", outputs.INTEGER),
    "media_type": plain("media_type"),
    "size": plain("size", outputs.INTEGER),
    "has_preview": Field(lambda row, viewer: row.c.preview_size.is_not(None), required=True),
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
        "replaced_by_id": Field(
            lambda row, viewer: outputs.write_node_id(EVIDENCE_TAG, row.c.supplier_id, row.c.replaced_by)
        ),
        "redaction_state": Field(lambda row, viewer: select_redaction(row, viewer, "state"), outputs.CODE),
        "redaction_answer": Field(lambda row, viewer: select_redaction(row, viewer, "answer")),
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


def is_same_document(row: Source, other: Any) -> Any:
    """Whether two rows are revisions of one document, which the first of them names."""
    return and_(other.c.supplier_id == row.c.supplier_id, other.c.lineage == row.c.lineage)


def select_newest(row: Source) -> Any:
    """The newest revision that is there of the document that a row belongs to."""
    other = FILE.alias()
    return (
        select(other.c.id)
        .where(is_same_document(row, other), other.c.state == "available")
        .order_by(other.c.revision.desc())
        .limit(1)
        .correlate(*row.froms)
        .scalar_subquery()
    )


def find_newer(row: Source, viewer: Viewer) -> Any:
    """The newest revision, where that is another one than the row."""
    return outputs.write_node_id(EVIDENCE_TAG, row.c.supplier_id, func.nullif(select_newest(row), row.c.id))


def is_newest(row: Source, viewer: Viewer, value: Any) -> Condition:
    """Whether no newer revision has taken a row's place."""
    newest = select_newest(row)
    return (func.coalesce(newest, row.c.id) == row.c.id) == value  # type: ignore[no-any-return]


REVISION = Noun(
    "EvidenceRevision",
    source=FILE,
    scope=supplier_scope,
    fields={
        "evidence_id": node_id(EVIDENCE_TAG, "supplier_id"),
        "revision": plain("revision", outputs.INTEGER),
        "file_name": plain("file_name"),
        "state": Field(write_state, outputs.CODE, required=True),
        "valid_until": plain("valid_until"),
        "sha256": Field(lambda row, viewer: func.encode(row.c.sha256, literal_column("'hex'"))),
        "created_at": plain("created_at", outputs.MOMENT),
    },
)
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
OPENING = Noun(
    "EvidenceOpening",
    source=ReadReceipt.__table__,
    scope=supplier_scope,
    fields={
        "reader_role": plain("reader_role", outputs.CODE),
        "purpose": plain("purpose", outputs.LINKLESS),
        "opened_at": Field(lambda row, viewer: row.c.read_at, outputs.MOMENT, required=True),
    },
    links={"reader": One(OTHER_ORGANIZATION, on=lambda row, other: other.c.id == row.c.reader_id)},
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
        "redacts": plain("redacts"),
        "personal_data_hints": plain("personal_hints"),
        "is_expired": Field(lambda row, viewer: func.coalesce(is_overdue(row, viewer), literal_column("false"))),
        "same_file_as_id": Field(find_same),
        "newer_revision_id": Field(find_newer),
        "upload_expires_at": plain("upload_expires_at", outputs.MOMENT),
        "created_at": plain("created_at", outputs.MOMENT),
    },
    links={
        "attachments": Many(
            ATTACHMENT,
            on=lambda row, link: and_(link.c.supplier_id == row.c.supplier_id, link.c.evidence_id == row.c.id),
            order=lambda row: (row.c.created_at, row.c.assessment_id, row.c.question, row.c.row_id),
            most=100,
        ),
        "revisions": Many(
            REVISION,
            on=lambda row, other: is_same_document(row, other),
            order=lambda row: (row.c.revision.desc(),),
            most=50,
        ),
        "opened_by": Many(
            OPENING,
            on=lambda row, link: and_(link.c.supplier_id == row.c.supplier_id, link.c.evidence_id == row.c.id),
            order=lambda row: (row.c.read_at.desc(), row.c.id.desc()),
            most=100,
        ),
    },
)
EVIDENCES = Connection(
    EVIDENCE,
    sorts={"newest": newest_first()},
    default_sort="newest",
    filters={
        "state": Filter(lambda row, viewer, value: write_state(row, viewer) == value, Text()),
        "kind": equals("kind"),
        "newest": Filter(is_newest, Boolean()),
    },
)
