"""What a buyer says of its suppliers for itself: tags, and the segment that somebody decided on, with the reason."""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.directory import SupplierRecord
from portal.database.tables.model import Code, Created, Flag, Model, PrimaryCode


def _refer(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["buyer_id", "supplier_record_id"],
        [SupplierRecord.buyer_id, SupplierRecord.id],
        ondelete="CASCADE",
        name=f"fk_{name}_record",
    )


class SupplierTag(Model):
    """One word of a buyer about one supplier, as `directory.classifying` spells it."""

    __tablename__ = "supplier_tag"
    __table_args__ = (_refer("supplier_tag"), Index(None, "buyer_id", "supplier_record_id"))
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[PrimaryCode]
    supplier_record_id: Mapped[UUID] = mapped_column(primary_key=True)


class SupplierSegment(Model):
    """The segment of one supplier; the supplier never sees it."""

    __tablename__ = "supplier_segment"
    __table_args__ = (
        _refer("supplier_segment"),
        Index("ix_supplier_segment_segment", "buyer_id", "segment", "supplier_record_id"),
        Index("ix_supplier_segment_owner", "owner_member", postgresql_where=text("owner_member IS NOT NULL")),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_record_id: Mapped[UUID] = mapped_column(primary_key=True)
    spend_band: Mapped[Code | None]  # how much the buyer spends there, in its own words
    strategic: Mapped[Flag]
    segment: Mapped[Code]
    reason: Mapped[str]
    owner_member: Mapped[UUID | None]  # who decided it, and answers for it
    decided_at: Mapped[Created]
