"""An assessment as the questionnaire's rules see it: its version, the answers that count, and the day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions
from portal.database.tables import assessments as tables
from portal.database.tables import evidence as tables_of_evidence
from portal.database.tables.identity import Organization
from portal.database.tables.publishing import QuestionnaireVersion, ScoringProfile
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.applicability import Applicability, find_applicable
from questionnaires.definition import Definition, Tier
from questionnaires.profile import Profile
from questionnaires.submission import Attachment

# States of a document whose bytes and hash are here.
RECEIVED = ("quarantined", "available", "expired")
HEADCOUNT = "workforce.headcount"
# The most people that a firm of a size band has; a large one may have any number, so it counts as not known.
STAFF = {"micro": 10, "small": 50, "medium": 250}


@dataclass(frozen=True)
class Subject:
    """An assessment's row with its version's and newest profile's hashes, the moment, and the firm's size."""

    row: tables.Assessment
    content_hash: str
    profile_number: int | None
    profile_hash: str | None
    now: datetime
    size_band: str | None

    @property
    def day(self) -> date:
        """The day of a submission is the one in UTC."""
        return self.now.date()


@dataclass(frozen=True)
class Draft:
    """An assessment with its definition and the answers that are there, none of deleted rows."""

    subject: Subject
    definition: Definition
    answers: Answers

    @property
    def row(self) -> tables.Assessment:
        return self.subject.row

    @property
    def tier(self) -> Tier:
        """The tier that is answered; the table's CHECK holds the same names as the type."""
        return self.row.tier  # type: ignore[return-value]

    def find_applicable(self) -> Applicability:
        """Which places are asked now."""
        return find_applicable(self.definition, self.tier, self.answers)

    @property
    def staff(self) -> int | None:
        """How many people the firm has: as answered, else the most of its size band, None where nobody knows."""
        for question in self.definition.questions.values():
            answer = self.answers.get((question.key, None))
            if question.concept == HEADCOUNT and answer is not None and isinstance(answer.value, str):
                return int(answer.value)
        return STAFF.get(self.subject.size_band or "")


def select_subjects(actor: Actor) -> Select[Any]:
    """Assessments of the caller's organization with what belongs to each."""
    table, version, profile = tables.Assessment, QuestionnaireVersion, ScoringProfile
    newest = (
        select(profile.number, profile.content_hash)
        .where(profile.questionnaire == table.questionnaire, profile.version == table.version)
        .order_by(profile.number.desc())
        .limit(1)
        .lateral("newest")
    )
    return (
        select(
            table,
            version.content_hash,
            newest.c.number,
            newest.c.content_hash.label("profile_hash"),
            func.portal.clock().label("now"),
            Organization.size_band,
        )
        .join(version, (version.questionnaire == table.questionnaire) & (version.version == table.version))
        .join(Organization, Organization.id == table.supplier_id)
        .outerjoin(newest, newest.c.number.is_not(None))
        .where(table.supplier_id == actor.organization)
    )


def read_subject(found: Any) -> Subject:
    """A row of `select_subjects`."""
    return Subject(*found)


async def find_subject(session: AsyncSession, actor: Actor, assessment_id: UUID, *, lock: bool = False) -> Subject:
    """One assessment of the caller's; `lock` lets one writer at a time go on. Raises NotFound."""
    statement = select_subjects(actor).where(tables.Assessment.id == assessment_id)
    if lock:
        # NO KEY: rows that refer to the assessment may be written meanwhile.
        statement = statement.with_for_update(key_share=True, of=tables.Assessment)
    found = (await session.execute(statement.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such assessment.", path=("assessmentId",))
    return read_subject(found)


async def load_draft(session: AsyncSession, actor: Actor, assessment_id: UUID, *, lock: bool = False) -> Draft:
    """One assessment of the caller's with its answers; raises NotFound."""
    subject = await find_subject(session, actor, assessment_id, lock=lock)
    return (await read_drafts(session, actor, [subject]))[0]


async def load_drafts(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Draft]:
    """Those of the caller's assessments that have these ids, in two statements however many they are."""
    found = await session.execute(select_subjects(actor).where(tables.Assessment.id.in_(ids)))
    drafts = await read_drafts(session, actor, [read_subject(row) for row in found])
    return {draft.row.id: draft for draft in drafts}


async def read_drafts(session: AsyncSession, actor: Actor, subjects: Sequence[Subject]) -> list[Draft]:
    """Their answers, in one statement."""
    answers = await _read_answers(session, actor, [subject.row.id for subject in subjects])
    drafts = []
    for subject in subjects:
        definition = await definitions.load_definition(session, subject.content_hash)
        present = keep_present(definition, answers.get(subject.row.id, ()))
        drafts.append(Draft(subject, definition, present))
    return drafts


async def load_profile(session: AsyncSession, draft: Draft) -> Profile:
    """The scoring profile a submission made now is scored with; raises NotFound where the version has none."""
    number, content_hash = draft.subject.profile_number, draft.subject.profile_hash
    if number is None or content_hash is None:
        raise errors.NotFound(f"{draft.row.questionnaire} {draft.row.version} has no scoring profile.")
    return await definitions.load_profile(session, draft.definition, number, content_hash)


async def _read_answers(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, list[Any]]:
    table = tables.Answer
    found = await session.execute(
        select(
            table.assessment_id, table.question, table.row_id, table.state, table.value, table.reason, table.deleted
        ).where(table.supplier_id == actor.organization, table.assessment_id.in_(ids))
    )
    grouped: dict[UUID, list[Any]] = {}
    for row in found:
        grouped.setdefault(row.assessment_id, []).append(row)
    return grouped


def keep_present(definition: Definition, rows: Iterable[Any]) -> Answers:
    """Answers as the rules take them: none that was deleted, and none in a row of a group that was deleted.

    A row's own answers stay stored, so that a row which comes back brings them along.
    """
    stored = list(rows)
    gone = {(row.question, row.row_id) for row in stored if row.deleted}
    return index_answers(
        Answer(
            question=row.question,
            row_id=row.row_id or None,
            state=row.state,
            value=thaw_value(row.value),
            reason=row.reason or "",
        )
        for row in stored
        if not row.deleted and (_find_group(definition, row.question), row.row_id) not in gone
    )


def _find_group(definition: Definition, question: str) -> str | None:
    parent = definition.parents.get(question)
    return None if parent is None else parent.key


def thaw_value(stored: Any) -> Any:
    """A stored value as the rules take it: lists are tuples there."""
    return tuple(stored) if isinstance(stored, list) else stored


async def list_attachments(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[Attachment]:
    """Evidence linked to the answers of an assessment; what is awaited or was rejected does not count."""
    link, file = tables_of_evidence.EvidenceLink, tables_of_evidence.Evidence
    found = await session.execute(
        select(link.question, link.row_id, file.kind, file.issued_on, file.valid_until)
        .join(file, (file.supplier_id == link.supplier_id) & (file.id == link.evidence_id))
        .where(link.supplier_id == actor.organization, link.assessment_id == assessment_id, file.state.in_(RECEIVED))
    )
    return [
        Attachment(
            question=row.question,
            row_id=row.row_id or None,
            kind=row.kind,
            issued_on=row.issued_on,
            valid_until=row.valid_until,
        )
        for row in found
    ]
