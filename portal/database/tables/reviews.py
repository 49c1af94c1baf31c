"""What is said of one submission beside its result: engagements, assurance statements, clarifications, disputes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Submission, SubmissionSection
from portal.database.tables.evidence import Evidence
from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Flag, Model, PrimaryCode, PrimaryId, one_of

LEVELS = ("declared", "documented", "verified", "contradicted")


def _refer(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["supplier_id", "submission_id"], [Submission.supplier_id, Submission.id], name=f"fk_{table}_submission"
    )


def _refer_section(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["supplier_id", "submission_id", "section"],
        [SubmissionSection.supplier_id, SubmissionSection.submission_id, SubmissionSection.section],
        name=f"fk_{table}_section",
    )


CLOSED = "organization_closed"


class Engagement(Model):
    """A third party is to look at one submission: proposed, accepted by it, consented to by the supplier, ended."""

    __tablename__ = "engagement"
    __table_args__ = (
        one_of("ended_by", "supplier", "reviewer", "proposer"),
        one_of("closed_because", CLOSED),
        CheckConstraint("reviewer_id <> supplier_id AND reviewer_id <> proposer_id", name="parties"),
        _refer("engagement"),
        Index(
            "uq_engagement_open",
            "supplier_id",
            "submission_id",
            "reviewer_id",
            "proposer_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "reviewer_id", "id"),
        Index(None, "proposer_id", "id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    submission_id: Mapped[UUID]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))  # the supplier, or a buyer of it
    questionnaire: Mapped[Code]  # with the period, so that the reviewer knows it before it reads anything
    period_start: Mapped[date]
    period_end: Mapped[date]
    sections: Mapped[list[str]]
    include_evidence: Mapped[Flag]
    purpose: Mapped[str]
    until: Mapped[datetime]
    proposed_by: Mapped[UUID | None]
    proposed_at: Mapped[Created]
    accepted_at: Mapped[datetime | None]
    consented_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Code | None]
    closed_because: Mapped[Code | None]  # where no party decided so
    share_id: Mapped[UUID | None]  # by which the reviewer reads, once both agreed


class AssuranceStatement(Model):
    """What one reviewer found on one submission at one time; never changed."""

    __tablename__ = "assurance_statement"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id", "submission_id", "reviewer_id", name="uq_assurance_statement_parts"),
        CheckConstraint("reviewer_id <> supplier_id", name="reviewer"),
        _refer("assurance_statement"),
        Index("ix_assurance_statement_submission", "supplier_id", "submission_id", "id"),
        Index(None, "reviewer_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    submission_id: Mapped[UUID]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    is_third_party: Mapped[bool]  # engaged for it, and not a buyer that looks for itself
    as_of: Mapped[date]
    remark: Mapped[str | None]
    made_by: Mapped[UUID | None]
    made_at: Mapped[Created]


class AssuranceFinding(Model):
    """What a statement says of one answer, with its basis and both gaps."""

    __tablename__ = "assurance_finding"
    __table_args__ = (
        one_of("level", *LEVELS),
        ForeignKeyConstraint(
            ["supplier_id", "statement_id", "submission_id", "reviewer_id"],
            [
                AssuranceStatement.supplier_id,
                AssuranceStatement.id,
                AssuranceStatement.submission_id,
                AssuranceStatement.reviewer_id,
            ],
            name="fk_assurance_finding_statement",
        ),
        _refer_section("assurance_finding"),
        Index("ix_assurance_finding_place", "supplier_id", "submission_id", "question", "row_id", "statement_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    reviewer_id: Mapped[UUID]
    is_third_party: Mapped[bool]
    section: Mapped[Code]
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    level: Mapped[Code]
    basis: Mapped[str]
    not_shown: Mapped[str | None]  # what the evidence does not show of the claim
    beyond: Mapped[str | None]  # what it shows beyond the claim
    rests_on: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")  # revisions of documents
    contradicts: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    as_of: Mapped[date]


class AssuranceSummary(Model):
    """The shares of points by standing from a day on, in hundredths of a percent that add up to 10000."""

    __tablename__ = "assurance_summary"
    __table_args__ = (_refer("assurance_summary"),)
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    declared: Mapped[int]
    documented: Mapped[int]
    verified: Mapped[int]
    contradicted: Mapped[int]
    conflicts: Mapped[int]  # answers on which reviewers disagree
    profile_number: Mapped[int]


class AssuranceSection(Model):
    """How the answers of a section stand from a day on: [{question, row, standing, in_conflict}]."""

    __tablename__ = "assurance_section"
    __table_args__ = (_refer_section("assurance_section"),)
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    section: Mapped[PrimaryCode]
    from_day: Mapped[date] = mapped_column(primary_key=True)
    standings: Mapped[list[Any]]


class Clarification(Model):
    """One round of questions on named answers of a submission, and the supplier's reply."""

    __tablename__ = "clarification"
    __table_args__ = (
        one_of("state", "open", "replied", "revised", "withdrawn"),
        one_of("closed_because", CLOSED),
        CheckConstraint("asker_id <> supplier_id", name="asker"),
        _refer("clarification"),
        Index("ix_clarification_submission", "supplier_id", "submission_id", "asker_id"),
        Index(None, "asker_id", "id"),
        Index("ix_clarification_due_on", "due_on", postgresql_where=text("state = 'open'")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    submission_id: Mapped[UUID]
    asker_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    round: Mapped[int]
    message: Mapped[str | None]
    due_on: Mapped[date]
    state: Mapped[Code] = mapped_column(server_default="open")
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[Created]
    reply: Mapped[str | None]
    reply_submission_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[Code | None]  # where neither side decided so


class ClarificationItem(Model):
    """The question on one answer, or on a document that stands behind it."""

    __tablename__ = "clarification_item"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "clarification_id"],
            [Clarification.supplier_id, Clarification.id],
            name="fk_clarification_item_clarification",
        ),
        _refer_section("clarification_item"),
        ForeignKeyConstraint(
            ["supplier_id", "evidence_id"], [Evidence.supplier_id, Evidence.id], name="fk_clarification_item_evidence"
        ),
        Index(
            "ix_clarification_item_evidence",
            "supplier_id",
            "evidence_id",
            postgresql_where=text("evidence_id IS NOT NULL"),
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    clarification_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    section: Mapped[Code]
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    evidence_id: Mapped[UUID | None]
    text: Mapped[str]
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None]


class Dispute(Model):
    """A supplier disputes what a statement says of an answer; kept for ever beside it."""

    __tablename__ = "dispute"
    __table_args__ = (
        one_of("state", "open", "upheld", "changed", "withdrawn"),
        one_of("closed_because", CLOSED),
        ForeignKeyConstraint(
            ["supplier_id", "statement_id", "question", "row_id"],
            [
                AssuranceFinding.supplier_id,
                AssuranceFinding.statement_id,
                AssuranceFinding.question,
                AssuranceFinding.row_id,
            ],
            name="fk_dispute_finding",
        ),
        Index(
            "uq_dispute_open",
            "supplier_id",
            "statement_id",
            "question",
            "row_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_dispute_submission", "supplier_id", "submission_id", "reviewer_id"),
        Index(None, "reviewer_id", "id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    submission_id: Mapped[UUID]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    statement_id: Mapped[UUID]
    section: Mapped[Code]
    question: Mapped[Code]
    row_id: Mapped[Code] = mapped_column(server_default="")
    reason: Mapped[str]
    documents: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    state: Mapped[Code] = mapped_column(server_default="open")
    opened_by: Mapped[UUID | None]
    opened_at: Mapped[Created]
    decided_by_statement: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[Code | None]  # where neither side decided so


class DisputeComment(Model):
    """A word of either side on a dispute."""

    __tablename__ = "dispute_comment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "dispute_id"], [Dispute.supplier_id, Dispute.id], name="fk_dispute_comment_dispute"
        ),
        Index("ix_dispute_comment_dispute", "supplier_id", "dispute_id", "id"),
        Index("ix_dispute_comment_maker", "made_by", "author_id", postgresql_where=text("made_by IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    dispute_id: Mapped[UUID]
    author_id: Mapped[UUID]
    body: Mapped[str]
    made_by: Mapped[UUID | None]
    made_at: Mapped[Created]
