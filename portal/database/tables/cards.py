"""The buyer's card of a supplier: what a list shows, filters and sorts by, kept ready."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, ForeignKeyConstraint, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.directory import SupplierRecord
from portal.database.tables.model import Code, Flag, Model, PrimaryCode


class RelationshipCard(Model):
    """One buyer's view of one supplier record for one questionnaire; shared fields are empty when nothing is shared."""

    __tablename__ = "relationship_card"
    __table_args__ = (
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"],
            [SupplierRecord.buyer_id, SupplierRecord.id],
            ondelete="CASCADE",
            name="fk_relationship_card_record",
        ),
        Index("ix_card_name", "buyer_id", "questionnaire", "archived", "name_key", "supplier_record_id"),
        Index(
            "ix_card_total",
            "buyer_id",
            "questionnaire",
            "archived",
            "total_missing",
            text("ranked_total DESC"),
            "supplier_record_id",
        ),
        Index("ix_card_due", "buyer_id", "questionnaire", "archived", "due_missing", "due_on", "supplier_record_id"),
        Index("ix_card_country", "buyer_id", "questionnaire", "archived", "country", "name_key", "supplier_record_id"),
        Index("ix_card_next_change", "buyer_id", "next_change_at", postgresql_where=text("next_change_at IS NOT NULL")),
        Index("ix_card_share", "share_id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_record_id: Mapped[UUID] = mapped_column(primary_key=True)
    questionnaire: Mapped[PrimaryCode]
    archived: Mapped[Flag]
    name_key: Mapped[Code]
    country: Mapped[Code | None]
    sector: Mapped[Code | None]
    record_state: Mapped[Code]
    supplier_id: Mapped[UUID | None]
    share_id: Mapped[UUID | None]
    submission_id: Mapped[UUID | None]
    tier: Mapped[Code | None]
    band: Mapped[Code | None]
    total: Mapped[int | None]  # hundredths of a point
    total_missing: Mapped[bool] = mapped_column(server_default="true")  # there is none, or it is not valid any more
    ranked_total: Mapped[int | None] = mapped_column(  # what lists order by
        Integer, Computed("CASE WHEN (NOT total_missing) THEN total ELSE NULL::integer END", persisted=True)
    )
    coverage: Mapped[int | None]
    pillars: Mapped[list[Any] | None]
    pillar_scores: Mapped[Any] = mapped_column(  # keys and scores alone, as a list shows them
        JSONB, Computed("portal.spell_pillar_scores(pillars)", persisted=True)
    )
    period_end: Mapped[date | None]
    submitted_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    shared_until: Mapped[datetime | None]
    request_id: Mapped[UUID | None]
    request_state: Mapped[Code | None]
    due_on: Mapped[date | None]
    due_missing: Mapped[bool] = mapped_column(server_default="true")
    next_change_at: Mapped[datetime | None]
    assured_since: Mapped[date | None]  # with the next columns what was stated of the result comes to, from this day on
    declared: Mapped[int | None]  # hundredths of a percent
    documented: Mapped[int | None]
    verified: Mapped[int | None]
    contradicted: Mapped[int | None]
    conflicts: Mapped[int | None]
    assured_profile: Mapped[int | None]
