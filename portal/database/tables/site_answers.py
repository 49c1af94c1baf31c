"""What a head office answers for its sites: the acts of pushing, and what stands for each site and period."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.directory import Site
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of

# The site cannot change it; it waits for a look; what was locked waits for a look from now on.
PUSH_MODES = ("locked", "suggested", "released")


class AnswerPush(Model):
    """One act of pushing answers to sites, or of releasing them: who, why, and what could not be pushed."""

    __tablename__ = "answer_push"
    __table_args__ = (
        one_of("mode", *PUSH_MODES),
        Index("ix_answer_push_by", "pushed_by", "supplier_id", postgresql_where=text("pushed_by IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    source_id: Mapped[UUID]  # the organization's assessment, which may have been discarded since
    mode: Mapped[Code]
    note: Mapped[str | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    pushed_by: Mapped[UUID | None]
    pushed_at: Mapped[Created]


class PushedAnswer(Model):
    """What stands for a question at a site in a period, until it is pushed anew; released ones stay as a mark."""

    __tablename__ = "pushed_answer"
    __table_args__ = (
        one_of("state", "value", "not_applicable", "unknown", "declined"),
        ForeignKeyConstraint(["supplier_id", "site_id"], [Site.organization_id, Site.id], name="fk_pushed_answer_site"),
        ForeignKeyConstraint(
            ["supplier_id", "push_id"], [AnswerPush.supplier_id, AnswerPush.id], name="fk_pushed_answer_push"
        ),
        Index("ix_pushed_answer_push", "supplier_id", "push_id"),
        Index("ix_pushed_answer_site", "supplier_id", "site_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    questionnaire: Mapped[PrimaryCode]
    period_start: Mapped[date] = mapped_column(primary_key=True)
    period_end: Mapped[date] = mapped_column(primary_key=True)
    site_id: Mapped[PrimaryId]
    question: Mapped[PrimaryCode]
    push_id: Mapped[UUID]
    content_hash: Mapped[Code]  # of the version that it was answered in
    state: Mapped[Code]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None]
    source_revision: Mapped[int]
