"""What suppliers are asked to show, what they have agreed to once, and what they were told of its end."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Submission
from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Flag, Model, PrimaryId, one_of


class AccessRequest(Model):
    """A buyer asks a linked supplier for more of its answers to a questionnaire; the answer stands beside it."""

    __tablename__ = "access_request"
    __table_args__ = (
        one_of("state", "open", "granted", "partly_granted", "refused", "withdrawn"),
        one_of("offer", "none", "visit", "talk", "less", "later"),
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            name="fk_access_request_record",
        ),
        Index(
            "uq_access_request_open",
            "supplier_id",
            "buyer_id",
            "questionnaire",
            "subject_key",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("uq_access_request_buyer_id", "buyer_id", "id", unique=True),
        Index("ix_access_request_buyer_id_supplier_record_id", "buyer_id", "supplier_record_id", "questionnaire", "id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    buyer_id: Mapped[UUID]
    id: Mapped[PrimaryId]
    supplier_record_id: Mapped[UUID]
    questionnaire: Mapped[Code]
    subject_key: Mapped[UUID]
    submission_id: Mapped[UUID | None]  # the shared result that the buyer points to, of which it wants more
    sections: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    include_evidence: Mapped[Flag]
    until: Mapped[datetime | None]
    purpose: Mapped[str]
    message: Mapped[str | None]
    state: Mapped[Code] = mapped_column(server_default="open")
    share_id: Mapped[UUID | None]
    granted_sections: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    granted_evidence: Mapped[Flag]
    granted_until: Mapped[datetime | None]
    reason: Mapped[str | None]
    offer: Mapped[Code | None]
    offer_text: Mapped[str | None]
    offer_from: Mapped[date | None]  # of "later": from when asking again is welcome
    asked_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    asked_at: Mapped[Created]  # when it was asked, or asked again, last
    closed_at: Mapped[datetime | None]


class StandingRule(Model):
    """What a supplier's owner agreed to show one buyer of each submission to come, until a day."""

    __tablename__ = "standing_rule"
    __table_args__ = (
        one_of("end_reason", "revoked", "replaced", "suspended"),
        Index(
            "uq_standing_rule_live",
            "supplier_id",
            "questionnaire",
            "subject_key",
            "buyer_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_standing_rule_buyer_id", "buyer_id", postgresql_where=text("ended_at IS NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    buyer_id: Mapped[UUID]
    id: Mapped[PrimaryId]
    questionnaire: Mapped[Code]
    subject_key: Mapped[UUID]
    version: Mapped[Code]  # the content hash of what was agreed on: later versions are held against it
    sections: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    include_evidence: Mapped[Flag]
    purpose: Mapped[str]
    until: Mapped[datetime]
    statement: Mapped[str]  # what was agreed to, word for word
    created_by: Mapped[UUID]
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[Code | None]
    use_count: Mapped[int] = mapped_column(server_default=text("0"))
    used_at: Mapped[datetime | None]


class ResultReminder(Model):
    """That a supplier was told that a result ends; `notice` is what one letter told of."""

    __tablename__ = "result_reminder"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"],
            [Submission.supplier_id, Submission.id],
            ondelete="CASCADE",
            name="fk_result_reminder_submission",
        ),
        Index("ix_result_reminder_notice", "notice"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    valid_until: Mapped[date]
    notice: Mapped[UUID]
    created_at: Mapped[Created]
