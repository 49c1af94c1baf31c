"""Views by operators into one organization's data, each for a few hours and kept for ever."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryId, one_of

LONGEST_HOURS = 4
SIDES = ("operator", "owner", "time", "closing")


class Glass(Model):
    """One view: by whom, why, until when, how it ended, and what was read by it."""

    __tablename__ = "glass"
    __table_args__ = (
        UniqueConstraint("id"),
        one_of("ended_by", *SIDES),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint(
            f"until > created_at AND until <= created_at + interval '{LONGEST_HOURS} hours'",
            name="hours",
        ),
        Index("ix_glass_open", "until", postgresql_where=text("ended_at IS NULL")),
    )
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    operator_id: Mapped[UUID]
    operator_mark: Mapped[Code]  # what the organization knows its operator by: the same each time, and no name
    reason: Mapped[str]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Code | None]
    reads: Mapped[int] = mapped_column(server_default="0")
    last_read_at: Mapped[datetime | None]
    fields: Mapped[list[str]] = mapped_column(server_default="{}")  # of the API, each named once
    created_at: Mapped[Created]
