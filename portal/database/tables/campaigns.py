"""Campaigns of a buyer: many suppliers asked for the same at once, and what is done with those requests together."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Flag, Model, PrimaryId, one_of
from portal.database.tables.publishing import Questionnaire

CAMPAIGN_STATES = ("sending", "sent", "withdrawn")
# Asked; or why not: taken out of the lists, "not us", asked for the same already, answered already, asked for too much.
OUTCOMES = ("asked", "archived", "refused", "already_requested", "already_answered", "over_limit")
ACTS = ("extend", "remind", "withdraw")


class Campaign(Model):
    """What a buyer asks many suppliers for, and by which filter it chose them."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("minimum_tier", "micro", "basic", "standard", "advanced"),
        one_of("state", *CAMPAIGN_STATES),
        one_of("subject", "organization", "site"),
        CheckConstraint("subject = 'site' OR subject_name IS NULL", name="subject_name"),
    )
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    name: Mapped[str]
    questionnaire: Mapped[Code] = mapped_column(ForeignKey(Questionnaire.key))
    minimum_tier: Mapped[Code]
    period_start: Mapped[date]
    period_end: Mapped[date]
    purpose: Mapped[str]
    legal_basis: Mapped[str | None]
    message: Mapped[str | None]
    external_reference: Mapped[Code | None]
    due_on: Mapped[date]
    asks_answered: Mapped[Flag]  # also those from whom the buyer has the answer already
    filter: Mapped[list[Any]]  # as it was given: [{field, values}]
    record_count: Mapped[int]
    state: Mapped[Code] = mapped_column(server_default="sending")
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    sent_at: Mapped[datetime | None]
    subject: Mapped[Code] = mapped_column(server_default="organization")
    subject_name: Mapped[str | None]


class CampaignRecord(Model):
    """One supplier that a campaign is to ask, as its filter found it; without an outcome it is still to be asked."""

    __tablename__ = "campaign_record"
    __table_args__ = (
        one_of("outcome", *OUTCOMES),
        ForeignKeyConstraint(
            ["buyer_id", "campaign_id"],
            [Campaign.buyer_id, Campaign.id],
            ondelete="CASCADE",
            name="fk_campaign_record_campaign",
        ),
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            ondelete="CASCADE",
            name="fk_campaign_record_record",
        ),
        Index("ix_campaign_record_supplier", "buyer_id", "supplier_record_id"),
        Index(
            "ix_campaign_record_waiting",
            "buyer_id",
            "campaign_id",
            "supplier_record_id",
            postgresql_where=text("outcome IS NULL"),
        ),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_record_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[Code | None]


class CampaignAct(Model):
    """What a buyer does with the open requests of a campaign; a worker does it, and keeps how far it came."""

    __tablename__ = "campaign_act"
    __table_args__ = (
        one_of("kind", *ACTS),
        ForeignKeyConstraint(
            ["buyer_id", "campaign_id"],
            [Campaign.buyer_id, Campaign.id],
            ondelete="CASCADE",
            name="fk_campaign_act_campaign",
        ),
        Index("ix_campaign_act_campaign", "buyer_id", "campaign_id", "id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    campaign_id: Mapped[UUID]
    kind: Mapped[Code]
    due_on: Mapped[date | None]
    message: Mapped[str | None]
    records: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))  # none for all of the campaign
    reached: Mapped[UUID | None]  # the last request that was looked at
    changed_count: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    done_at: Mapped[datetime | None]
