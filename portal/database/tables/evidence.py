"""Evidence documents, their links to answers, and which submission froze them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Assessment, Submission
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of


class Evidence(Model):
    """A document of a supplier: awaited, quarantined while it is checked, then available or rejected."""

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("state", "awaiting", "quarantined", "available", "rejected", "expired"),
        Index(None, "supplier_id", "sha256"),
        Index(
            "ix_evidence_incoming",
            "upload_expires_at",
            postgresql_where=text("state IN ('awaiting', 'quarantined')"),
        ),
        UniqueConstraint("upload_hash"),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    file_name: Mapped[str]
    title: Mapped[str | None]
    kind: Mapped[Code]
    issuer: Mapped[str | None]
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    media_type: Mapped[Code | None]
    size: Mapped[int | None] = mapped_column(BigInteger())
    sha256: Mapped[bytes | None]
    storage_key: Mapped[Code | None]
    upload_hash: Mapped[bytes | None]
    upload_expires_at: Mapped[datetime | None]
    state: Mapped[Code] = mapped_column(server_default="awaiting")
    rejection: Mapped[Code | None]
    uploaded_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class EvidenceLink(Model):
    """Which evidence supports which answer of an assessment."""

    __tablename__ = "evidence_link"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "assessment_id"],
            [Assessment.supplier_id, Assessment.id],
            ondelete="CASCADE",
            name="fk_evidence_link_assessment",
        ),
        ForeignKeyConstraint(
            ["supplier_id", "evidence_id"], [Evidence.supplier_id, Evidence.id], name="fk_evidence_link_evidence"
        ),
        Index(None, "supplier_id", "evidence_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    evidence_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[Created]


class SubmissionEvidence(Model):
    """Which evidence a submission froze, by section and question."""

    __tablename__ = "submission_evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"],
            [Submission.supplier_id, Submission.id],
            name="fk_submission_evidence_submission",
        ),
        ForeignKeyConstraint(
            ["supplier_id", "evidence_id"], [Evidence.supplier_id, Evidence.id], name="fk_submission_evidence_evidence"
        ),
        Index(None, "supplier_id", "evidence_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    section: Mapped[Code]
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    evidence_id: Mapped[UUID] = mapped_column(primary_key=True)
