"""What buyers say to the submissions that they may read."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Submission
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of

FEEDBACK_STATES = ("received", "thanks", "questions", "accepted", "not_accepted")


class ResultFeedback(Model):
    """A submission that a buyer may read: since when, by when it should say something, and what it said last."""

    __tablename__ = "result_feedback"
    __table_args__ = (
        one_of("state", *FEEDBACK_STATES),
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"],
            [Submission.supplier_id, Submission.id],
            name="fk_result_feedback_submission",
        ),
        Index(
            "ix_result_feedback_owed",
            "buyer_id",
            "submission_id",
            "due_at",
            postgresql_where=text("given_at IS NULL"),
        ),
        Index("ix_result_feedback_submission", "supplier_id", "submission_id"),
        Index(
            "ix_result_feedback_untold",
            "due_at",
            postgresql_where=text("given_at IS NULL AND digest_id IS NULL"),
        ),
        Index("ix_result_feedback_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[Created]
    due_at: Mapped[datetime]
    state: Mapped[Code | None]
    words: Mapped[str | None]
    given_at: Mapped[datetime | None]
    given_by: Mapped[UUID | None]
    digest_id: Mapped[UUID | None]  # the letter in which the buyer heard that it owes this


class BuyerNews(Model):
    """What a supplier of a buyer did or did not, until its digest has told it."""

    __tablename__ = "buyer_news"
    __table_args__ = (
        one_of("kind", "shared", "declined", "not_us", "suggestion", "overdue"),
        Index("ix_buyer_news_untold", "buyer_id", postgresql_where=text("digest_id IS NULL")),
        Index("ix_buyer_news_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index("ix_buyer_news_day", "day"),
    )
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    kind: Mapped[PrimaryCode]
    thing_id: Mapped[PrimaryId]
    day: Mapped[date] = mapped_column(primary_key=True)
    digest_id: Mapped[UUID | None]
