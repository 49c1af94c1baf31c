"""Requests, assessments, answers, submissions and results."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.cadences import Cadence
from portal.database.tables.campaigns import Campaign
from portal.database.tables.directory import Site, SupplierRecord
from portal.database.tables.identity import Organization, UserAccount
from portal.database.tables.model import BigInt, Code, Created, Flag, Model, PrimaryCode, PrimaryId, one_of
from portal.database.tables.publishing import QuestionnaireVersion

TIERS = ("micro", "basic", "standard", "advanced")
# Given here; taken over; taken over and still to be looked at; taken over and looked at; set by the head office.
PROVENANCES = ("answered", "carried", "to_confirm", "confirmed", "locked")
# Typed by a person or a program; read from a filled form; looked at and left as it was; chosen in a conflict; pushed to
# a site.
SOURCES = ("typed", "form", "confirmed", "decided", "head_office")
REQUEST_STATES = ("open", "accepted", "fulfilled", "declined", "not_us", "withdrawn")
# What "the latest submission" is, everywhere: that of the latest period, in its newest revision. What was handed in
# last may be the correction of a year long ago. `refresh_cards_of_records` in the database keeps the same order.
RECENCY = ("period_end", "revision", "submitted_at", "id")


class Assessment(Model):
    """A supplier's own response to one version of a questionnaire; it never names a buyer."""

    __tablename__ = "assessment"
    __table_args__ = (
        one_of("tier", *TIERS),
        one_of("state", "draft", "submitted", "replaced"),
        one_of("subject", "organization", "site"),
        ForeignKeyConstraint(
            ["questionnaire", "version"],
            [QuestionnaireVersion.questionnaire, QuestionnaireVersion.version],
            name="fk_assessment_version",
        ),
        ForeignKeyConstraint(["supplier_id", "site_id"], [Site.organization_id, Site.id], name="fk_assessment_site"),
        Index(
            "uq_assessment_subject",
            "supplier_id",
            "questionnaire",
            "subject_key",
            "period_start",
            "period_end",
            "revision",
            unique=True,
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    questionnaire: Mapped[Code]
    version: Mapped[Code]
    tier: Mapped[Code]
    subject: Mapped[Code] = mapped_column(server_default="organization")
    site_id: Mapped[UUID | None]
    subject_key: Mapped[UUID]  # the site's id, or the organization's own: one column to be unique by
    period_start: Mapped[date]
    period_end: Mapped[date]
    revision: Mapped[int] = mapped_column(server_default="1")
    state: Mapped[Code] = mapped_column(server_default="draft")
    change_number: Mapped[BigInt] = mapped_column(server_default="0")
    team_number: Mapped[BigInt] = mapped_column(server_default="0")  # of assignments, comments and sign-offs
    corrects: Mapped[UUID | None]
    upgraded_from: Mapped[UUID | None]  # the draft on an earlier version, or the one of an earlier period
    submitted_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    clarification_id: Mapped[UUID | None]  # what it answers
    also_answers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")  # rounds taken in later
    reopened: Mapped[list[str] | None] = mapped_column(ARRAY(Text()))  # then only these places may change


class Request(Model):
    """A buyer asks one supplier for a questionnaire at a minimum tier, for a subject and period, by a date."""

    __tablename__ = "request"
    __table_args__ = (
        one_of("minimum_tier", *TIERS),
        one_of("subject", "organization", "site"),
        one_of("state", *REQUEST_STATES),
        ForeignKeyConstraint(
            ["buyer_id", "supplier_record_id"], [SupplierRecord.buyer_id, SupplierRecord.id], name="fk_request_record"
        ),
        Index(None, "supplier_id", "state", "due_on"),
        Index(None, "supplier_id", "due_on", "id"),
        Index(None, "buyer_id", "due_on", "id"),
        Index(None, "buyer_id", "supplier_record_id", "questionnaire"),
        Index(None, "supplier_id", "assessment_id"),
        Index(None, "supplier_id", "questionnaire"),
        Index("ix_request_extra", "buyer_id", "extra_of", postgresql_where=text("extra_of IS NOT NULL")),
        Index("ix_request_overdue", "due_on", postgresql_where=text("state IN ('open', 'accepted')")),
        Index("ix_request_campaign", "buyer_id", "campaign_id", "id", postgresql_where=text("campaign_id IS NOT NULL")),
        ForeignKeyConstraint(["buyer_id", "campaign_id"], [Campaign.buyer_id, Campaign.id], name="fk_request_campaign"),
        Index("ix_request_cadence", "buyer_id", "cadence_id", postgresql_where=text("cadence_id IS NOT NULL")),
        ForeignKeyConstraint(["buyer_id", "cadence_id"], [Cadence.buyer_id, Cadence.id], name="fk_request_cadence"),
        ForeignKeyConstraint(["buyer_id", "extra_of"], ["request.buyer_id", "request.id"], name="fk_request_extra_of"),
        # One request at a time for the same record, questionnaire, subject and period.
        Index(
            "uq_request_live",
            "buyer_id",
            "supplier_record_id",
            "questionnaire",
            "subject",
            "subject_name",
            "period_start",
            "period_end",
            unique=True,
            postgresql_where=text("state IN ('open', 'accepted')"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[PrimaryId]
    supplier_record_id: Mapped[UUID]
    supplier_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id))
    questionnaire: Mapped[Code]
    minimum_tier: Mapped[Code]
    subject: Mapped[Code] = mapped_column(server_default="organization")
    subject_name: Mapped[str | None]  # how the buyer names the site; the supplier chooses which of its sites is meant
    period_start: Mapped[date]
    period_end: Mapped[date]
    purpose: Mapped[str]
    legal_basis: Mapped[str | None]
    message: Mapped[str | None]
    due_on: Mapped[date]
    state: Mapped[Code] = mapped_column(server_default="open")
    state_reason: Mapped[str | None]
    external_reference: Mapped[Code | None]
    assessment_id: Mapped[UUID | None]
    told_at: Mapped[datetime | None]  # when a linked supplier was asked or reminded last
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    # Days before the due day on which the supplier is reminded; a negative number is days after it.
    reminder_days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default="{14,3,-3}")
    extra_of: Mapped[UUID | None]  # the request that this one was made along with, as its second part
    campaign_id: Mapped[UUID | None]
    state_changed_at: Mapped[Created]  # when it came to the state that it has; a trigger keeps it
    cadence_id: Mapped[UUID | None]  # which cadence made it; with it how often that asked then, and after which period
    every_months: Mapped[int | None] = mapped_column(SmallInteger)
    after_period_end: Mapped[date | None]


class ReminderPlan(Model):
    """On which day of the supplier's calendar an open request is next reminded of; triggers of requests keep it."""

    __tablename__ = "reminder_plan"
    __table_args__ = (
        ForeignKeyConstraint(
            ["buyer_id", "request_id"],
            [Request.buyer_id, Request.id],
            ondelete="CASCADE",
            name="fk_reminder_plan_request",
        ),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[UUID]
    remind_on: Mapped[date] = mapped_column(index=True)


class Reminder(Model):
    """Which reminder of a request a person was written, and in which letter."""

    __tablename__ = "reminder"
    __table_args__ = (
        ForeignKeyConstraint(
            ["buyer_id", "request_id"], [Request.buyer_id, Request.id], ondelete="CASCADE", name="fk_reminder_request"
        ),
        Index(None, "mail_id"),
        Index(None, "user_id"),
    )
    buyer_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"), primary_key=True)
    due_since: Mapped[date] = mapped_column(primary_key=True)
    mail_id: Mapped[UUID]


class Answer(Model):
    """The current answer to one question (or one row of a group); deleted rows stay as tombstones for the sync."""

    __tablename__ = "answer"
    __table_args__ = (
        one_of("state", "value", "not_applicable", "unknown", "declined"),
        one_of("provenance", *PROVENANCES),
        ForeignKeyConstraint(
            ["supplier_id", "assessment_id"],
            [Assessment.supplier_id, Assessment.id],
            ondelete="CASCADE",
            name="fk_answer_assessment",
        ),
        ForeignKeyConstraint(["supplier_id", "site_id"], [Site.organization_id, Site.id], name="fk_answer_site"),
        Index(None, "supplier_id", "assessment_id", "changed_at_number"),
        Index("ix_answer_plan", "supplier_id", "assessment_id", postgresql_where=text("plan IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    state: Mapped[Code]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None]
    comment: Mapped[str | None]
    deleted: Mapped[Flag]
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # of a gap: `gaps.write_pledge`
    revision: Mapped[int]
    changed_at_number: Mapped[BigInt]
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[Created]
    provenance: Mapped[Code] = mapped_column(server_default="answered")
    carried_from: Mapped[UUID | None]  # the assessment it was taken over from
    carried_question: Mapped[Code | None]  # its key there
    site_id: Mapped[UUID | None]  # of a row of a list: the site that it is about


class AnswerWrite(Model):
    """Every write that reached the portal, by the client's own id: history and idempotency in one."""

    __tablename__ = "answer_write"
    __table_args__ = (
        one_of("outcome", "saved", "unchanged", "conflict", "refused", "pending", "dismissed"),
        one_of("source", *SOURCES),
        ForeignKeyConstraint(
            ["supplier_id", "assessment_id"],
            [Assessment.supplier_id, Assessment.id],
            ondelete="CASCADE",
            name="fk_answer_write_assessment",
        ),
        Index(None, "supplier_id", "assessment_id", "question", "row_id", "received_at"),
        Index(
            "ix_answer_write_open",
            "supplier_id",
            "assessment_id",
            "outcome",
            "received_at",
            postgresql_where=text("outcome IN ('pending', 'conflict')"),
        ),
        Index("ix_answer_write_decides", "supplier_id", "decides", postgresql_where=text("decides IS NOT NULL")),
        Index("ix_answer_write_push", "supplier_id", "push_id", postgresql_where=text("push_id IS NOT NULL")),
        Index("ix_answer_write_member", "member_id", "supplier_id", postgresql_where=text("member_id IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    write_id: Mapped[PrimaryId]
    assessment_id: Mapped[UUID]
    question: Mapped[Code]
    row_id: Mapped[Code] = mapped_column(server_default="")
    base_revision: Mapped[int]
    revision: Mapped[int | None]  # the one it made, none where it made none
    outcome: Mapped[Code]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[Code | None]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None]
    comment: Mapped[str | None]
    deleted: Mapped[Flag]
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    body_hash: Mapped[bytes]  # of what the client sent: the same id with another content is refused
    member_id: Mapped[UUID | None]
    received_at: Mapped[Created]
    source: Mapped[Code] = mapped_column(server_default="typed")
    device: Mapped[str | None]  # as the client names itself
    was: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # what stood when it was judged
    decides: Mapped[UUID | None]  # the write in conflict that it decides, or the waiting one that it dismisses
    push_id: Mapped[UUID | None]  # the act of the head office that it was part of
    site_id: Mapped[UUID | None]


class Submission(Model):
    """The frozen, hashed snapshot of an assessment that is scored."""

    __tablename__ = "submission"
    __table_args__ = (
        one_of("state", "current", "superseded", "withdrawn"),
        one_of("staff_source", "answer", "size_band"),
        UniqueConstraint("supplier_id", "assessment_id", "revision"),
        Index(None, "supplier_id", "questionnaire", "subject_key", "submitted_at"),
        Index(
            "uq_submission_current",
            "supplier_id",
            "questionnaire",
            "subject_key",
            "period_start",
            "period_end",
            unique=True,
            postgresql_where=text("state = 'current'"),
        ),
        ForeignKeyConstraint(
            ["supplier_id", "assessment_id"], [Assessment.supplier_id, Assessment.id], name="fk_submission_assessment"
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]
    assessment_id: Mapped[UUID]
    revision: Mapped[int]
    questionnaire: Mapped[Code]
    version: Mapped[Code]
    content_hash: Mapped[Code]
    tier: Mapped[Code]
    subject: Mapped[Code]
    subject_key: Mapped[UUID]
    subject_name: Mapped[str | None]
    period_start: Mapped[date]
    period_end: Mapped[date]
    header: Mapped[dict[str, Any]]  # what the root seals beside the sections: identity and the summary of the trace
    root_hash: Mapped[bytes]
    state: Mapped[Code] = mapped_column(server_default="current")
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[Created]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]  # for the supplier's own people
    restored_at: Mapped[datetime | None]  # since when it counts again, after its correction was withdrawn
    restored_revision: Mapped[int | None]  # which revision that was
    restored_reason: Mapped[str | None]  # why, for those who read this one
    staff: Mapped[int | None]  # people of the firm as it declared them then, where it did: what it might decline
    staff_source: Mapped[Code | None]


class SubmissionSection(Model):
    """One section of a submission: its answers, its part of the trace, and the salt that seals it."""

    __tablename__ = "submission_section"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"], [Submission.supplier_id, Submission.id], name="fk_section_submission"
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    section: Mapped[PrimaryCode]
    position: Mapped[int]
    title: Mapped[str]
    answers: Mapped[dict[str, Any]]
    trace: Mapped[dict[str, Any]]
    salts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    row_sites: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # names by question and row
    gaps: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # declared with a plan: `snapshots`
    hash: Mapped[bytes]


class GapReminder(Model):
    """Which plan of a declared gap its owner was reminded of, and how many days before its day."""

    __tablename__ = "gap_reminder"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"], [Submission.supplier_id, Submission.id], name="fk_gap_reminder_submission"
        ),
        Index("ix_gap_reminder_notice", "notice", "user_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    due_on: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"), primary_key=True)
    notice: Mapped[UUID]
    created_at: Mapped[Created]


class SubmissionOrigin(Model):
    """Where an answer of a submission was taken over from, and whether somebody looked at it; its supplier's alone."""

    __tablename__ = "submission_origin"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"],
            [Submission.supplier_id, Submission.id],
            name="fk_submission_origin_submission",
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    question: Mapped[PrimaryCode]
    row_id: Mapped[PrimaryCode] = mapped_column(server_default="")
    carried_from: Mapped[UUID]  # an assessment, which may have been discarded since
    carried_question: Mapped[Code]  # its key there
    from_submission: Mapped[UUID | None]  # what had been submitted of that assessment by then
    from_questionnaire: Mapped[Code | None]
    from_version: Mapped[Code | None]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]  # none where nobody had to look at it


class Result(Model):
    """The score of a submission at one tier under one scoring profile; made once, never changed."""

    __tablename__ = "result"
    __table_args__ = (
        one_of("tier_scored", *TIERS),
        ForeignKeyConstraint(
            ["supplier_id", "submission_id"], [Submission.supplier_id, Submission.id], name="fk_result_submission"
        ),
        Index("ix_result_valid_until", "valid_until", postgresql_where=text("is_own_tier")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    profile_number: Mapped[int] = mapped_column(primary_key=True)
    tier_scored: Mapped[PrimaryCode]
    is_own_tier: Mapped[bool]  # the tier that was answered; lower ones carry total and pillars, no band
    total: Mapped[int | None]  # hundredths of a point, 0 to 10000; none where nothing could be rated
    band: Mapped[Code | None]
    band_reason: Mapped[Code | None]  # why there is no band, or what capped it
    coverage: Mapped[int]  # hundredths of a percent of the weight that was answered
    pillars: Mapped[list[Any]]  # [{key, title, score in hundredths or null, weight, reason}]
    pillar_scores: Mapped[Any] = mapped_column(  # keys and scores alone, as the API spells them
        JSONB, Computed("portal.spell_pillar_scores(pillars)", persisted=True)
    )
    critical: Mapped[list[Any]]  # keys of the critical rules hit, with their sections
    valid_until: Mapped[date]
    created_at: Mapped[Created]


class ResultSection(Model):
    """One section's trace under a scoring profile that came after the submission; made with the result, never changed.

    The trace under the profile of the day of submission is the sealed one.
    """

    __tablename__ = "result_section"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "submission_id", "section"],
            [SubmissionSection.supplier_id, SubmissionSection.submission_id, SubmissionSection.section],
            name="fk_result_section_section",
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    profile_number: Mapped[int] = mapped_column(primary_key=True)
    section: Mapped[PrimaryCode]
    trace: Mapped[dict[str, Any]]


def is_later_trace(later: Any, section: Any, profile_number: Any) -> Any:
    """Whether a row of result_section is a frozen section's trace under a profile; both given by their columns.

    Where there is none, the profile is that of the day of submission, and the section has the trace itself.
    """
    same = (later[name] == section[name] for name in ("supplier_id", "submission_id", "section"))
    return and_(*same, later["profile_number"] == profile_number)


def order_by_recency(row: Any) -> tuple[Any, ...]:
    """The columns of a submission (or of rows that have them) to order by, the latest first."""
    return tuple(row[name].desc() for name in RECENCY)


def spell_recency(alias: str) -> str:
    """The same order in a statement's text, for a submission under this name."""
    return ", ".join(f"{alias}.{name} DESC" for name in RECENCY)
