"""Drafts that a supplier threw away: that they were there, and who discarded them when."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryId


class DiscardedAssessment(Model):
    """The place of a draft that is gone, with none of its answers."""

    __tablename__ = "discarded_assessment"
    __table_args__ = (
        Index(
            "ix_discarded_assessment_by",
            "discarded_by",
            "supplier_id",
            postgresql_where=text("discarded_by IS NOT NULL"),
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    questionnaire: Mapped[Code]
    version: Mapped[Code]
    subject_key: Mapped[UUID]
    period_start: Mapped[date]
    period_end: Mapped[date]
    revision: Mapped[int]
    discarded_by: Mapped[UUID | None]
    discarded_at: Mapped[Created]
