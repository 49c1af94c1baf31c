"""What leaves a transaction: the outbox, mail, and the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import BigInt, Code, Created, Model, PrimaryId, one_of


class Outbox(Model):
    """An event written by the transaction that caused it; the relay passes it on. Ids only."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "created_at", postgresql_where=text("relayed_at IS NULL")),
        Index("ix_outbox_relayed", "relayed_at", postgresql_where=text("relayed_at IS NOT NULL")),
    )
    id: Mapped[PrimaryId]
    topic: Mapped[Code]
    ids: Mapped[dict[str, Any]]
    created_at: Mapped[Created]
    relayed_at: Mapped[datetime | None]


class Mail(Model):
    """A letter to be sent or sent: kind, person and ids; its text and links are made when it is sent."""

    __tablename__ = "mail"
    __table_args__ = (
        one_of("state", "waiting", "sent", "failed", "dropped"),
        Index(None, "state", "created_at"),
        Index(
            "ix_mail_invitation",
            text("(ids ->> 'invitation')"),
            postgresql_where=text("ids ->> 'invitation' IS NOT NULL"),
        ),
        Index(
            "ix_mail_registration",
            text("(ids ->> 'registration')"),
            postgresql_where=text("ids ->> 'registration' IS NOT NULL"),
        ),
        Index("ix_mail_change", text("(ids ->> 'change')"), postgresql_where=text("ids ->> 'change' IS NOT NULL")),
        Index(
            "ix_mail_farewell",
            text("(ids ->> 'farewell')"),
            postgresql_where=text("ids ->> 'farewell' IS NOT NULL"),
        ),
        Index(
            "ix_mail_user",
            text("(ids ->> 'user')"),
            "created_at",
            postgresql_where=text("ids ->> 'user' IS NOT NULL"),
        ),
    )
    id: Mapped[PrimaryId]
    kind: Mapped[Code]
    ids: Mapped[dict[str, Any]]
    state: Mapped[Code] = mapped_column(server_default="waiting")
    tries: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    leased_until: Mapped[datetime | None]  # one try has it in hand until then


class AuditEvent(Model):
    """Who did what to which object, inserted by the acting transaction and never changed.

    The sealer gives it a block and a place in it, once. Who (actor, address) and what (object, detail) may give way to
    their salted hashes, which is all that the seal covers of them.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("(block_n IS NULL) = (place IS NULL)", name="sealed"),
        Index(None, "organization_id", "at"),
        Index("ix_audit_event_waiting", "organization_id", "at", "id", postgresql_where=text("block_n IS NULL")),
        Index(None, "organization_id", "block_n", "place"),
        Index("ix_audit_event_concerns", "concerns_id", "at", postgresql_where=text("concerns_id IS NOT NULL")),
        Index("ix_audit_event_actor", "actor_id", "organization_id", postgresql_where=text("actor_id IS NOT NULL")),
        Index("ix_audit_event_person", "object_id", postgresql_where=text("object_kind = 'user'")),
        Index(
            "ix_audit_event_member",
            text("(detail ->> 'member')"),
            postgresql_where=text("detail ->> 'member' IS NOT NULL"),
        ),
    )
    id: Mapped[PrimaryId]
    organization_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    action: Mapped[Code]
    object_kind: Mapped[Code]
    object_id: Mapped[Code | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[Created]
    actor_role: Mapped[Code | None]
    address: Mapped[Code | None]  # cut to a network
    request_id: Mapped[Code | None]
    concerns_id: Mapped[UUID | None]  # the other organization that sees the act, too
    object_owner_id: Mapped[UUID | None]  # whose row the object is, where it is not the organization's own
    who_salt: Mapped[UUID | None] = mapped_column(server_default=text("gen_random_uuid()"))
    who_hash: Mapped[bytes | None]
    what_salt: Mapped[UUID | None] = mapped_column(server_default=text("gen_random_uuid()"))
    what_hash: Mapped[bytes | None]
    block_n: Mapped[BigInt | None]
    place: Mapped[int | None]


class AuditBlock(Model):
    """A sealed run of events of one organization, or of none (the id of all zeros); `position` counts all blocks."""

    __tablename__ = "audit_block"
    __table_args__ = (
        UniqueConstraint("position"),
        CheckConstraint("count > 0 AND octet_length(digests) = 32 * count", name="count"),
    )
    organization_id: Mapped[PrimaryId]
    n: Mapped[BigInt] = mapped_column(primary_key=True)
    position: Mapped[BigInt]
    count: Mapped[int]
    prev: Mapped[bytes]
    digests: Mapped[bytes]
    sealed_at: Mapped[datetime]
    hash: Mapped[bytes]
    signature: Mapped[str]


class Erasure(Model):
    """That a person was erased, or an organization closed or opened again; noted outside the database by the worker."""

    __tablename__ = "erasure"
    __table_args__ = (
        one_of("act", "person.erased", "organization.closed", "organization.reopened"),
        Index(None, "subject_id"),
        Index("ix_erasure_waiting", "at", postgresql_where=text("noted_at IS NULL")),
    )
    id: Mapped[PrimaryId]
    act: Mapped[Code]
    subject_id: Mapped[UUID]  # of somebody or something that may be no more
    at: Mapped[Created]
    noted_at: Mapped[datetime | None]
