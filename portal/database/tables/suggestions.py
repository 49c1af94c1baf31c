"""Whom else a buyer should ask at a supplier, as somebody there says."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Request
from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization, UserAccount
from portal.database.tables.model import Code, Created, Model, PrimaryId, one_of


class ContactSuggestion(Model):
    """Somebody else to ask; nobody is written to before the buyer has taken it up."""

    __tablename__ = "contact_suggestion"
    __table_args__ = (
        one_of("state", "open", "accepted", "dismissed"),
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            ondelete="CASCADE",
            name="fk_contact_suggestion_record",
        ),
        ForeignKeyConstraint(
            ["buyer_id", "request_id"], [Request.buyer_id, Request.id], name="fk_contact_suggestion_request"
        ),
        Index("ix_contact_suggestion_record", "buyer_id", "supplier_record_id", "id"),
        Index(
            "ix_contact_suggestion_request",
            "buyer_id",
            "request_id",
            postgresql_where=text("request_id IS NOT NULL"),
        ),
        Index("ix_contact_suggestion_email", "email", postgresql_where=text("email IS NOT NULL")),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    supplier_record_id: Mapped[UUID]
    supplier_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id))  # none from an invitation
    request_id: Mapped[UUID | None]
    name: Mapped[str | None]  # none from somebody who is the wrong person and knows nobody else
    email: Mapped[Code | None]
    remark: Mapped[str | None]
    state: Mapped[Code] = mapped_column(server_default="open")
    created_at: Mapped[Created]
    closed_at: Mapped[datetime | None]


class WrongContact(Model):
    """Somebody of a supplier who said to be the wrong person for a request, and hears no more of it."""

    __tablename__ = "wrong_contact"
    __table_args__ = (
        ForeignKeyConstraint(
            ["buyer_id", "request_id"],
            [Request.buyer_id, Request.id],
            ondelete="CASCADE",
            name="fk_wrong_contact_request",
        ),
        Index(None, "user_id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"), primary_key=True)
    supplier_id: Mapped[UUID]
    said_at: Mapped[Created]
