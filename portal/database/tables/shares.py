"""The supplier's consent to be read, and who read what."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Submission
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Flag, Model, PrimaryId, one_of


class Share(Model):
    """A supplier lets one buyer read: the summary always, answers of named sections and evidence where it says so."""

    __tablename__ = "share"
    __table_args__ = (
        one_of("mode", "snapshot", "following"),
        CheckConstraint("NOT sections_only OR until IS NOT NULL", name="sections_only"),
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"], [Submission.supplier_id, Submission.id], name="fk_share_submission"
        ),
        Index(None, "supplier_id", "buyer_id", "questionnaire"),
        Index(None, "buyer_id", "supplier_id", "questionnaire"),
        Index(
            "ix_share_ending",
            "until",
            postgresql_where=text("until IS NOT NULL AND revoked_at IS NULL AND NOT end_noted"),
        ),
        Index(
            "ix_share_starting",
            "starts_at",
            postgresql_where=text("starts_at > created_at AND revoked_at IS NULL AND NOT start_noted"),
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    id: Mapped[PrimaryId]
    questionnaire: Mapped[Code]
    subject_key: Mapped[UUID]
    submission_id: Mapped[UUID]  # the one shown now; a following share also reaches every later one of its subject
    follows_from: Mapped[datetime]  # when that submission was made
    mode: Mapped[Code]
    sections: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    include_evidence: Mapped[Flag]
    purpose: Mapped[str]
    request_id: Mapped[UUID | None]
    starts_at: Mapped[Created]
    until: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    sections_only: Mapped[Flag]  # of an engagement: its documents are those of the sections
    standing_rule_id: Mapped[UUID | None]  # the rule that made it, where no person did
    left_out: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))  # sections that have grown since its yes
    end_noted: Mapped[Flag]  # whether it was told that it has ended by itself
    start_noted: Mapped[Flag]  # whether it was told that it has begun, of one that was to begin later


class ReadReceipt(Model):
    """Another organization read a summary, answers or evidence: kept for the supplier to see."""

    __tablename__ = "read_receipt"
    __table_args__ = (
        one_of("kind", "summary", "answers", "evidence"),
        Index(
            "uq_read_receipt_summary_day",
            "supplier_id",
            "reader_id",
            "submission_id",
            "read_on",
            unique=True,
            postgresql_where=text("kind = 'summary'"),
        ),
        Index(None, "supplier_id", "read_at"),
        Index(None, "supplier_id", "evidence_id", postgresql_where=text("evidence_id IS NOT NULL")),
        Index("ix_read_receipt_member", "member_id", "reader_id", postgresql_where=text("member_id IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    reader_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    reader_role: Mapped[Code]
    member_id: Mapped[UUID | None]
    kind: Mapped[Code]
    submission_id: Mapped[UUID | None]
    evidence_id: Mapped[UUID | None]
    purpose: Mapped[str | None]
    read_on: Mapped[date] = mapped_column(server_default=text("(portal.clock() AT TIME ZONE 'UTC')::date"))
    read_at: Mapped[Created]
