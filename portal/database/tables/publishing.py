"""Published questionnaires, their immutable versions and scoring profiles."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryCode, one_of

APPROVALS = ("asked", "approved", "refused")
FORMATS = ("yaml", "json", "xlsform")


class Publisher(Model):
    """The name that an organization publishes under: its questionnaires' keys begin with it, and keep it for ever."""

    __tablename__ = "publisher"
    __table_args__ = (
        CheckConstraint(
            "name ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(name) BETWEEN 2 AND 30 AND name <> 'portal'",
            name="name",
        ),
        UniqueConstraint("name"),
    )
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    name: Mapped[Code]
    created_at: Mapped[Created]


class QuestionnaireDraft(Model):
    """A version that is being written, as its author sent it, with what was found in it; one for each key."""

    __tablename__ = "questionnaire_draft"
    __table_args__ = (one_of("format", *FORMATS), one_of("profile_format", *FORMATS))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    questionnaire: Mapped[PrimaryCode]
    version: Mapped[Code]
    title: Mapped[str]
    format: Mapped[Code]
    source: Mapped[str]
    profile_format: Mapped[Code | None]
    profile_source: Mapped[str | None]
    findings: Mapped[list[Any]]
    document: Mapped[str | None]  # canonical, where nothing is wrong
    profile_document: Mapped[str | None]
    revision: Mapped[int]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class Questionnaire(Model):
    """A questionnaire's stable key and who publishes it; none as owner means the operator."""

    __tablename__ = "questionnaire"
    __table_args__ = (one_of("visibility", "public", "connected", "private"),)
    key: Mapped[PrimaryCode]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id))
    title: Mapped[str]
    purpose: Mapped[Code]
    visibility: Mapped[Code] = mapped_column(server_default="public")
    current_version: Mapped[Code | None]
    benchmark_approved_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class QuestionnaireVersion(Model):
    """A published version: its canonical JSON document, known by the hash of it, for ever."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (
        UniqueConstraint("content_hash"),
        one_of("approval", *APPROVALS),
        CheckConstraint("retired_on IS NULL OR deprecated_on <= retired_on", name="end"),
        Index("ix_questionnaire_version_asked", "approval_asked_at", postgresql_where=text("approval = 'asked'")),
    )
    questionnaire: Mapped[Code] = mapped_column(ForeignKey(Questionnaire.key), primary_key=True)
    version: Mapped[PrimaryCode]
    content_hash: Mapped[Code]
    locale: Mapped[Code]
    document: Mapped[str]
    question_kinds: Mapped[Any] = mapped_column(  # the type of each question by its key
        JSONB, Computed("portal.read_question_kinds(document)", persisted=True)
    )
    published_at: Mapped[Created]
    deprecated_on: Mapped[date | None]  # from this day on nothing begins with it but what was asked for before
    retired_on: Mapped[date | None]  # from this day on nothing begins with it
    approval: Mapped[Code | None]  # the operator's word on showing an organization's version to everybody
    approval_reason: Mapped[str | None]
    approval_asked_at: Mapped[datetime | None]


class ScoringProfile(Model):
    """The weights, points, bands and critical rules of one version; a correction adds a number, it never edits one."""

    __tablename__ = "scoring_profile"
    __table_args__ = (
        ForeignKeyConstraint(
            ["questionnaire", "version"],
            [QuestionnaireVersion.questionnaire, QuestionnaireVersion.version],
            name="fk_scoring_profile_version",
        ),
    )
    questionnaire: Mapped[PrimaryCode]
    version: Mapped[PrimaryCode]
    number: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[Code]
    document: Mapped[str]
    published_at: Mapped[Created]
    description_read_at: Mapped[datetime | None]  # by the operator, after the version was shown to everybody


class QuestionnaireTranslation(Model):
    """The texts of a questionnaire in another language, as canonical JSON by its hash; one per language is current."""

    __tablename__ = "questionnaire_translation"
    __table_args__ = (
        Index(
            "uq_questionnaire_translation_current",
            "questionnaire",
            "locale",
            unique=True,
            postgresql_where=text("is_current"),
        ),
        Index(
            "uq_questionnaire_translation_held",
            "questionnaire",
            "locale",
            unique=True,
            postgresql_where=text("approval IN ('asked', 'refused')"),
        ),
        Index("ix_questionnaire_translation_asked", "approval_asked_at", postgresql_where=text("approval = 'asked'")),
        one_of("approval", *APPROVALS),
        CheckConstraint("NOT is_current OR coalesce(approval, 'approved') = 'approved'", name="shown"),
    )
    content_hash: Mapped[PrimaryCode]
    questionnaire: Mapped[Code] = mapped_column(ForeignKey(Questionnaire.key))
    locale: Mapped[Code]
    file_hash: Mapped[Code | None]  # of the file that it was read from; none where it came through the API
    document: Mapped[str]
    is_packaged: Mapped[bool]
    is_current: Mapped[bool]
    published_at: Mapped[Created]
    approval: Mapped[Code | None]  # the operator's word on an organization's texts that everybody would read
    approval_reason: Mapped[str | None]
    approval_asked_at: Mapped[datetime | None]
    was_shown: Mapped[bool] = mapped_column(server_default=text("false"))  # set by a trigger; such a row is kept
