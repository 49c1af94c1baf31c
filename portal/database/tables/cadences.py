"""How often a buyer asks suppliers of a tier anew, and when it asks each."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of
from portal.database.tables.publishing import Questionnaire

CADENCE_STATES = ("active", "paused", "removed")
# Why a supplier is not asked on its day: the operator's limit, or the questionnaire has no such tier to begin with.
HOLDS = ("over_limit", "not_offered")


class Cadence(Model):
    """How often those are asked anew that a buyer asked for a tier of a questionnaire, and with which words."""

    __tablename__ = "cadence"
    __table_args__ = (
        one_of("tier", "micro", "basic", "standard", "advanced"),
        one_of("state", *CADENCE_STATES),
        Index(
            "uq_cadence_tier",
            "buyer_id",
            "questionnaire",
            "tier",
            unique=True,
            postgresql_where=text("state <> 'removed'"),
        ),
        Index("ix_cadence_active", "buyer_id", "id", postgresql_where=text("state = 'active'")),
    )
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    questionnaire: Mapped[Code] = mapped_column(ForeignKey(Questionnaire.key))
    tier: Mapped[Code]
    every_months: Mapped[int] = mapped_column(SmallInteger)
    lead_days: Mapped[int] = mapped_column(SmallInteger)
    purpose: Mapped[str]
    legal_basis: Mapped[str | None]
    message: Mapped[str | None]
    state: Mapped[Code] = mapped_column(server_default="active")
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    planned_at: Mapped[datetime | None]  # none while a worker has still to plan after it was set


class CadencePlan(Model):
    """On which day of its calendar a supplier is asked anew, and after which period."""

    __tablename__ = "cadence_plan"
    __table_args__ = (
        one_of("held", *HOLDS),
        ForeignKeyConstraint(
            ["buyer_id", "cadence_id"],
            [Cadence.buyer_id, Cadence.id],
            ondelete="CASCADE",
            name="fk_cadence_plan_cadence",
        ),
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            ondelete="CASCADE",
            name="fk_cadence_plan_record",
        ),
        Index("ix_cadence_plan_ask_on", "buyer_id", "cadence_id", "ask_on", "supplier_record_id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_record_id: Mapped[UUID] = mapped_column(primary_key=True)
    questionnaire: Mapped[PrimaryCode]
    cadence_id: Mapped[UUID]
    ask_on: Mapped[date]
    ends_on: Mapped[date]  # when the last answer is as old as the cadence lets it become
    period_start: Mapped[date]  # of the last answer
    period_end: Mapped[date]
    held: Mapped[Code | None]
