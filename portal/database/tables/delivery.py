"""What leaves a transaction: the outbox, mail, and the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import Code, Created, Model, PrimaryId, one_of


class Outbox(Model):
    """An event written by the transaction that caused it; the relay passes it on. Ids only."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "created_at", postgresql_where=text("relayed_at IS NULL")),)
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
            "ix_mail_of_requests",
            text("(ids ->> 'user')"),
            "created_at",
            postgresql_where=text("kind LIKE 'request%'"),
        ),
        Index("ix_mail_of_invitations", text("(ids ->> 'invitation')"), postgresql_where=text("kind = 'invitation'")),
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
    """Who did what to which object, inserted by the acting transaction and never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "organization_id", "at"),)
    id: Mapped[PrimaryId]
    organization_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    action: Mapped[Code]
    object_kind: Mapped[Code]
    object_id: Mapped[Code | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[Created]
