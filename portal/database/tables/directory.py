"""Sites, and a buyer's own records of its suppliers with their contacts and imports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization
from portal.database.tables.model import BigInt, Code, Created, Model, PrimaryCode, PrimaryId, one_of

# Why nothing more goes to a contact: refused by its mail server for good, put off until the last try, an address that
# cannot be, or the person said that it is somebody else.
BOUNCE_REASONS = ("refused", "put_off", "bad_address", "wrong_contact")
RECORD_STATES = ("needs_contact", "has_contact", "invited", "linked", "refused")


class Site(Model):
    """One of an organization's places of work."""

    __tablename__ = "site"
    __table_args__ = (Index(None, "organization_id", "name", "id"),)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    name: Mapped[str]
    address: Mapped[str | None]
    country: Mapped[Code | None]
    external_reference: Mapped[Code | None]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class SupplierRecord(Model):
    """A buyer's own entry for a supplier, private to that buyer; linked only by the supplier's own acceptance."""

    __tablename__ = "supplier_record"
    __table_args__ = (
        one_of("state", *RECORD_STATES),
        Index(None, "buyer_id", "name_key", "country"),
        Index(
            "uq_supplier_record_vendor_number",
            "buyer_id",
            "vendor_number",
            unique=True,
            postgresql_where=text("vendor_number IS NOT NULL AND archived_at IS NULL"),
        ),
        Index(None, "buyer_id", "supplier_id"),
        Index(None, "supplier_id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    vendor_number: Mapped[Code | None]
    external_reference: Mapped[Code | None]
    name: Mapped[str]
    local_name: Mapped[str | None]  # in the supplier's own script; found by search as well
    name_key: Mapped[Code]
    address: Mapped[str | None]
    country: Mapped[Code | None]
    sector_scheme: Mapped[Code | None]
    sector: Mapped[Code | None]
    sector_text: Mapped[str | None]
    state: Mapped[Code] = mapped_column(server_default="needs_contact")
    refusal: Mapped[str | None]
    supplier_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id))
    linked_at: Mapped[datetime | None]
    invited_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class SupplierNameToken(Model):
    """A normalized token of a supplier record's name: search by equality or prefix, in any script."""

    __tablename__ = "supplier_name_token"
    __table_args__ = (
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            ondelete="CASCADE",
            name="fk_supplier_name_token_record",
        ),
        Index(None, "buyer_id", "supplier_record_id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[PrimaryCode]
    supplier_record_id: Mapped[UUID] = mapped_column(primary_key=True)


class SupplierContact(Model):
    """A person named in a supplier record."""

    __tablename__ = "supplier_contact"
    __table_args__ = (
        one_of("bounce_reason", *BOUNCE_REASONS),
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            name="fk_supplier_contact_record",
        ),
        UniqueConstraint("buyer_id", "supplier_record_id", "email"),
        Index(
            "ix_supplier_contact_untold",
            "buyer_id",
            postgresql_where=text("bounced_at IS NOT NULL AND digest_id IS NULL"),
        ),
        Index("ix_supplier_contact_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    supplier_record_id: Mapped[UUID]
    name: Mapped[str | None]
    email: Mapped[Code]
    locale: Mapped[Code | None]
    bounced_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    bounce_reason: Mapped[Code | None]  # these two stay behind when the contact is written to again
    digest_id: Mapped[UUID | None]  # the letter in which the buyer heard of it; a trigger empties it
    bounce_code: Mapped[Code | None]  # the mail server's numbers, like "550 5.1.1"


class SupplierImport(Model):
    """One supplier list handed in by a buyer: uploaded, previewed with a column mapping, then confirmed."""

    __tablename__ = "supplier_import"
    __table_args__ = (
        one_of("state", "awaiting", "uploaded", "previewed", "confirmed", "failed", "expired"),
        Index("ix_supplier_import_stored", "upload_expires_at", postgresql_where=text("storage_key IS NOT NULL")),
        UniqueConstraint("upload_hash"),
        Index(None, "buyer_id", "state", "id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    file_name: Mapped[str]
    size: Mapped[int | None]
    sha256: Mapped[bytes | None]
    storage_key: Mapped[Code | None]
    upload_hash: Mapped[bytes | None]
    upload_expires_at: Mapped[datetime | None]
    upload_size: Mapped[BigInt | None]
    state: Mapped[Code]
    mapping: Mapped[dict[str, Any] | None]
    summary: Mapped[dict[str, Any] | None]
    failure: Mapped[str | None]
    created_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[Created]
