"""Evidence documents, their links to answers, and which submission froze them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Assessment, Submission
from portal.database.tables.identity import Organization
from portal.database.tables.model import BigInt, Code, Created, Flag, Model, PrimaryCode, PrimaryId, one_of


class Evidence(Model):
    """A document of a supplier: awaited, quarantined while it is checked, then available or rejected."""

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("state", "awaiting", "quarantined", "available", "rejected", "expired", "removed"),
        Index(None, "supplier_id", "sha256"),
        Index(
            "ix_evidence_incoming",
            "upload_expires_at",
            postgresql_where=text("state IN ('awaiting', 'quarantined')"),
        ),
        Index("ix_evidence_ending", "valid_until", postgresql_where=text("state = 'available'")),
        Index("ix_evidence_scan_due_at", "scan_due_at", postgresql_where=text("scan_due_at IS NOT NULL")),
        UniqueConstraint("upload_hash"),
        UniqueConstraint("supplier_id", "lineage", "revision"),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    document_id: Mapped[UUID | None]  # the first revision, of a later one
    lineage: Mapped[UUID | None] = mapped_column(Computed("COALESCE(document_id, id)", persisted=True))
    revision: Mapped[int] = mapped_column(server_default="1")
    redacts: Mapped[Flag]
    withdrawn: Mapped[Flag]  # from others, by a redacted revision
    file_name: Mapped[str]
    title: Mapped[str | None]
    kind: Mapped[Code]
    issuer: Mapped[str | None]
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    language: Mapped[Code | None]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    media_type: Mapped[Code | None]
    size: Mapped[BigInt | None]
    sha256: Mapped[bytes | None]
    storage_key: Mapped[Code | None]
    upload_hash: Mapped[bytes | None]
    upload_expires_at: Mapped[datetime | None]
    upload_size: Mapped[BigInt | None]
    state: Mapped[Code] = mapped_column(server_default="awaiting")
    rejection: Mapped[Code | None]
    scan_due_at: Mapped[datetime | None]
    preview_size: Mapped[int | None]
    personal_hints: Mapped[list[str]] = mapped_column(server_default="{}")
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


class EvidenceReminder(Model):
    """That a supplier was told, so many days before, that a document ends; `notice` is what one letter told of."""

    __tablename__ = "evidence_reminder"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "evidence_id"],
            [Evidence.supplier_id, Evidence.id],
            ondelete="CASCADE",
            name="fk_evidence_reminder_evidence",
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(primary_key=True)
    valid_until: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    notice: Mapped[UUID]
    created_at: Mapped[Created]


class RedactionRequest(Model):
    """A buyer asks a supplier to take something out of a document that is shared with it."""

    __tablename__ = "redaction_request"
    __table_args__ = (
        one_of("state", "open", "done", "declined"),
        ForeignKeyConstraint(
            ["supplier_id", "evidence_id"],
            [Evidence.supplier_id, Evidence.id],
            name="fk_redaction_request_evidence",
        ),
        Index(
            "uq_redaction_request_open",
            "supplier_id",
            "buyer_id",
            "evidence_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "supplier_id", "evidence_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    evidence_id: Mapped[UUID]
    reason: Mapped[str]
    state: Mapped[Code] = mapped_column(server_default="open")
    answer: Mapped[str | None]
    created_at: Mapped[Created]
    closed_at: Mapped[datetime | None]
