"""Webhooks of an organization: its endpoints, the secrets that sign, and what became of each message."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryId, one_of

ENDPOINT_STATES = ("active", "paused", "disabled")
DISABLED_REASONS = ("gone", "failing")
DELIVERY_STATES = ("waiting", "delivered", "failed", "dropped")


class WebhookEndpoint(Model):
    """An address that an organization wants to be told of some types of events at."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        one_of("state", *ENDPOINT_STATES),
        one_of("disabled_reason", *DISABLED_REASONS),
        Index("ix_webhook_endpoint_creator", "created_by", postgresql_where=text("created_by IS NOT NULL")),
    )
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    url: Mapped[str]
    description: Mapped[str | None]
    types: Mapped[list[str]]
    state: Mapped[Code] = mapped_column(server_default="active")
    disabled_reason: Mapped[Code | None]
    disabled_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]  # none since the last message that was taken
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class WebhookSecret(Model):
    """What an endpoint's messages are signed with, sealed by a key outside the database."""

    __tablename__ = "webhook_secret"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            [WebhookEndpoint.organization_id, WebhookEndpoint.id],
            ondelete="CASCADE",
            name="fk_webhook_secret_endpoint",
        ),
    )
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    sealed: Mapped[str]
    valid_until: Mapped[datetime | None]  # of one that was replaced
    created_at: Mapped[Created]


class WebhookDelivery(Model):
    """One message to one endpoint, and what became of it; ids only."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        one_of("state", *DELIVERY_STATES),
        UniqueConstraint("organization_id", "endpoint_id", "message_id", name="uq_webhook_delivery_message"),
        ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            [WebhookEndpoint.organization_id, WebhookEndpoint.id],
            ondelete="CASCADE",
            name="fk_webhook_delivery_endpoint",
        ),
        Index(
            "ix_webhook_delivery_due",
            "organization_id",
            "endpoint_id",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_delivery_endpoint", "organization_id", "endpoint_id", "id"),
        Index(None, "created_at"),
    )
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    endpoint_id: Mapped[UUID]
    message_id: Mapped[UUID]  # the same for all endpoints of the organization, and at each try
    type: Mapped[Code]
    data: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    share_supplier_id: Mapped[UUID | None]
    share_id: Mapped[UUID | None]  # by which it concerns the organization: nothing is sent once that has ended
    state: Mapped[Code] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime | None] = mapped_column(
        TIMESTAMP(timezone=True), server_default=func.portal.clock()
    )
    attempted_at: Mapped[datetime | None]
    response_code: Mapped[int | None] = mapped_column(SmallInteger)
    failure: Mapped[Code | None]
    created_at: Mapped[Created]
