"""An assessment as the questionnaire's rules see it: its version, the answers that count, and the day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Select, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, discards, gaps
from portal.assessments.definitions import Version
from portal.assessments.gaps import PlanRules
from portal.database.tables import assessments as tables
from portal.database.tables.identity import Organization
from portal.database.tables.publishing import QuestionnaireVersion, ScoringProfile
from questionnaires.answers import Answer, AnswerKey, Answers, index_answers
from questionnaires.applicability import Applicability
from questionnaires.compiled import CompiledProfile, CompiledVersion
from questionnaires.compiling import Walk
from questionnaires.definition import Definition, Tier
from questionnaires.gaps import Pledge
from questionnaires.profile import Profile
from questionnaires.submission import Attachment, AttachmentState

# How the rules see a document by its state; only one that was checked counts.
ATTACHED: Mapping[str, AttachmentState] = {
    "awaiting": "awaited",
    "quarantined": "checking",
    "available": "here",
    "expired": "here",
    "rejected": "refused",
    "removed": "refused",
}
HEADCOUNT = "workforce.headcount"
# The most people that a firm of a size band has; a large one may have any number, so it counts as not known.
StaffSource = Literal["answer", "size_band"]
STAFF = {"micro": 10, "small": 50, "medium": 250}


@dataclass(frozen=True)
class Subject:
    """An assessment's row with its version's and newest profile's hashes, the moment, and the firm's size and time."""

    row: tables.Assessment
    content_hash: str
    profile_number: int | None
    profile_hash: str | None
    now: datetime
    size_band: str | None
    time_zone: str = "UTC"  # of the firm

    @property
    def day(self) -> date:
        """The day of a submission is the one in UTC."""
        return self.now.date()

    @property
    def own_day(self) -> date:
        """The day where the firm is; the one in UTC where its time zone is none that this machine knows."""
        try:
            return self.now.astimezone(ZoneInfo(self.time_zone)).date()
        except ZoneInfoNotFoundError:
            return self.day


@dataclass(frozen=True)
class Draft:
    """An assessment with its definition and the answers that are there, none of deleted rows."""

    subject: Subject
    definition: Definition
    answers: Answers
    unconfirmed: frozenset[AnswerKey] = frozenset()  # taken over, and not looked at yet
    carried: frozenset[AnswerKey] = frozenset()  # taken over, and standing
    row_sites: Mapping[AnswerKey, UUID] = field(default_factory=dict)  # the sites that rows of lists name
    plans: Mapping[AnswerKey, Pledge] = field(default_factory=dict)  # of gaps, those that were taken out left out
    plan_rules: PlanRules | None = None  # where there are plans

    @property
    def row(self) -> tables.Assessment:
        return self.subject.row

    @property
    def tier(self) -> Tier:
        """The tier that is answered; the table's CHECK holds the same names as the type."""
        return self.row.tier  # type: ignore[return-value]

    def find_applicable(self) -> Applicability:
        """Which places are asked now."""
        return self.walk.applicability

    @cached_property
    def walk(self) -> Walk:
        """The same, with what the compiled check and scorer look at."""
        return self.compiled.at(self.tier).walk(self.answers)

    @property
    def version(self) -> Version:
        """The version under its hash."""
        return Version(self.subject.content_hash, self.definition)

    @property
    def compiled(self) -> CompiledVersion:
        """The version compiled, which all its drafts share."""
        return definitions.compile_version(self.subject.content_hash, self.definition)

    def compile_profile(self, profile: Profile) -> CompiledProfile:
        """The profile that `load_profile` gave, compiled."""
        profile_hash = self.subject.profile_hash or ""
        return definitions.compile_profile(self.compiled, self.subject.content_hash, profile, profile_hash)

    @property
    def staff(self) -> int | None:
        """How many people the firm has: as answered, else the most of its size band, None where nobody knows."""
        return self.declared_staff[0]

    @property
    def declared_staff(self) -> tuple[int | None, StaffSource | None]:
        """The same, and what says so."""
        given = {key: answer.value for (key, row), answer in self.answers.items() if row is None}
        return read_staff(self.definition, given, self.subject.size_band)


def read_staff(
    definition: Definition, given: Mapping[str, Any], size_band: str | None
) -> tuple[int | None, StaffSource | None]:
    """How many people a firm has by these values of its answers, else by its size band, and what says so."""
    for question in definition.questions.values():
        if question.concept == HEADCOUNT and isinstance(given.get(question.key), str):
            return int(given[question.key]), "answer"
    most = STAFF.get(size_band or "")
    return most, None if most is None else "size_band"


async def find_staff(session: AsyncSession, actor: Actor, subject: Subject, definition: Definition) -> int | None:
    """The same for an assessment as it is stored now."""
    table = tables.Answer
    asked = [key for key, question in definition.questions.items() if question.concept == HEADCOUNT]
    found = await session.execute(
        select(table.question, table.value).where(
            table.supplier_id == actor.organization,
            table.assessment_id == subject.row.id,
            table.question.in_(asked),
            table.row_id == "",
            ~table.deleted,
        )
    )
    return read_staff(definition, {row.question: row.value for row in found}, subject.size_band)[0]


def _select_subjects() -> Select[Any]:
    """Assessments of one organization with what belongs to each."""
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
            Organization.time_zone,
        )
        .join(version, (version.questionnaire == table.questionnaire) & (version.version == table.version))
        .join(Organization, Organization.id == table.supplier_id)
        .outerjoin(newest, newest.c.number.is_not(None))
        .where(table.supplier_id == bindparam("supplier"))
    )


# Built once: building one of these takes longer than running it.
SUBJECTS = _select_subjects().where(tables.Assessment.id.in_(bindparam("assessments", expanding=True)))
SUBJECT = (
    _select_subjects().where(tables.Assessment.id == bindparam("assessment")).execution_options(populate_existing=True)
)
# NO KEY: rows that refer to the assessment may be written meanwhile.
LOCKED_SUBJECT = SUBJECT.with_for_update(key_share=True, of=tables.Assessment)


async def find_subject(session: AsyncSession, actor: Actor, assessment_id: UUID, *, lock: bool = False) -> Subject:
    """One assessment of the caller's; `lock` lets one writer at a time go on. Raises NotFound, of a draft that was
    discarded Discarded."""
    values = {"supplier": actor.organization, "assessment": assessment_id}
    found = (await session.execute(LOCKED_SUBJECT if lock else SUBJECT, values)).one_or_none()
    if found is None:
        raise await discards.find_missing(session, actor, assessment_id)
    return Subject(*found)


async def load_draft(session: AsyncSession, actor: Actor, assessment_id: UUID, *, lock: bool = False) -> Draft:
    """One assessment of the caller's with its answers; raises NotFound."""
    subject = await find_subject(session, actor, assessment_id, lock=lock)
    return (await read_drafts(session, actor, [subject]))[0]


async def load_drafts(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Draft]:
    """Those of the caller's assessments that have these ids, in two statements however many they are."""
    found = await session.execute(SUBJECTS, {"supplier": actor.organization, "assessments": ids})
    drafts = await read_drafts(session, actor, [Subject(*row) for row in found])
    return {draft.row.id: draft for draft in drafts}


async def read_drafts(session: AsyncSession, actor: Actor, subjects: Sequence[Subject]) -> list[Draft]:
    """Their answers, in one statement."""
    answers = await _read_answers(session, actor, [subject.row.id for subject in subjects])
    plans = {key: _find_plans(rows) for key, rows in answers.items()}
    owners = {one.plan.owner for found in plans.values() for one in found.values() if one.plan is not None}
    rules = await gaps.load_rules(session, actor, owners) if owners else None
    drafts = []
    for subject in subjects:
        definition = await definitions.load_definition(session, subject.content_hash)
        stored = answers.get(subject.row.id, ())
        present = keep_present(definition, stored)
        unconfirmed = _find_places(stored, "to_confirm") & present.keys()
        carried = _find_places(stored, "carried", "confirmed", "locked") & present.keys()
        named = {(row.question, row.row_id): row.site_id for row in stored if row.site_id is not None}
        named = {key: site for key, site in named.items() if key in present}
        planned = {key: one for key, one in plans.get(subject.row.id, {}).items() if key in present}
        drafts.append(Draft(subject, definition, present, unconfirmed, carried, named, planned, rules))
    return drafts


def _find_plans(stored: Iterable[Any]) -> dict[AnswerKey, Pledge]:
    pledges = {(row.question, row.row_id or None): gaps.read_pledge(row.plan) for row in stored if row.plan is not None}
    return {key: one for key, one in pledges.items() if one is not None and one.plan is not None}


def _find_places(stored: Iterable[Any], *provenances: str) -> frozenset[AnswerKey]:
    return frozenset((row.question, row.row_id or None) for row in stored if row.provenance in provenances)


async def load_profile(session: AsyncSession, draft: Draft) -> Profile:
    """The scoring profile a submission made now is scored with; raises NotFound where the version has none."""
    number, content_hash = draft.subject.profile_number, draft.subject.profile_hash
    if number is None or content_hash is None:
        raise errors.NotFound(f"{draft.row.questionnaire} {draft.row.version} has no scoring profile.")
    return await definitions.load_profile(session, draft.definition, number, content_hash)


ANSWERS = text(
    """
    SELECT assessment_id, question, row_id, state, value, reason, deleted, provenance, site_id, plan FROM portal.answer
     WHERE supplier_id = :supplier AND assessment_id = ANY (CAST(:assessments AS uuid[]))
    """
)


async def list_stored(session: AsyncSession, actor: Actor, assessment_id: UUID) -> Sequence[Any]:
    """Every stored answer of an assessment, those that were removed included."""
    return (await _read_answers(session, actor, [assessment_id])).get(assessment_id, [])


async def _read_answers(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, list[Any]]:
    found = await session.execute(ANSWERS, {"supplier": actor.organization, "assessments": list(map(str, ids))})
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


FILES = text(
    """
    SELECT l.assessment_id, l.question, l.row_id, e.id AS evidence_id, e.sha256, e.kind, e.issued_on, e.valid_until,
           e.state, coalesce(e.title, e.file_name) AS name
      FROM portal.evidence_link l
      JOIN portal.evidence e ON e.supplier_id = l.supplier_id
       AND e.id = CASE WHEN :newest THEN portal.find_newest_revision(l.supplier_id, l.evidence_id)
                       ELSE l.evidence_id END
     WHERE l.supplier_id = :supplier AND l.assessment_id = ANY (CAST(:assessments AS uuid[]))
     ORDER BY l.question, l.row_id, e.id
    """
)


async def list_files(session: AsyncSession, actor: Actor, *assessments: UUID, newest: bool = False) -> Sequence[Any]:
    """Evidence linked to the answers of these assessments, in whatever state; or the `newest` revision of each."""
    wanted = {"supplier": actor.organization, "assessments": list(map(str, assessments)), "newest": newest}
    return (await session.execute(FILES, wanted)).all()


def is_here(file: Any) -> bool:
    """Whether a row of `list_files` was received and checked, so that a submission can freeze it."""
    return ATTACHED[file.state] == "here"


def read_attachment(row: Any) -> Attachment:
    """A row of `list_files` as the rules look at it."""
    return Attachment(
        question=row.question,
        row_id=row.row_id or None,
        kind=row.kind,
        name=row.name,
        state=ATTACHED[row.state],
        issued_on=row.issued_on,
        valid_until=row.valid_until,
    )
