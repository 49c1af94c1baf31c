"""What buyers say to the submissions that they may read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Submission
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, one_of

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
