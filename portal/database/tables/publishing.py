"""Published questionnaires, their immutable versions and scoring profiles."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization
from portal.database.tables.model import Code, Created, Model, PrimaryCode, one_of


class Questionnaire(Model):
    """A questionnaire's stable key and who publishes it; none as owner means the operator."""

    __tablename__ = "questionnaire"
    __table_args__ = (one_of("visibility", "public", "private"),)
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
    __table_args__ = (UniqueConstraint("content_hash"),)
    questionnaire: Mapped[Code] = mapped_column(ForeignKey(Questionnaire.key), primary_key=True)
    version: Mapped[PrimaryCode]
    content_hash: Mapped[Code]
    locale: Mapped[Code]
    document: Mapped[str]
    question_kinds: Mapped[Any] = mapped_column(  # the type of each question by its key
        JSONB, Computed("portal.read_question_kinds(document)", persisted=True)
    )
    published_at: Mapped[Created]


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
