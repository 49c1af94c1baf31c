"""A supplier's own assessments: starting, opening, listing, tiers, progress, and correcting what was submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, drafts, joining, pushed_answers, revisions, row_sites
from portal.assessments.drafts import Draft
from portal.assessments.joining import Place
from portal.assessments.revisions import Reopening, Revision
from portal.database import audit
from portal.database.tables import assessments as tables
from questionnaires import checks, gaps, progress, submission
from questionnaires.answers import AnswerKey, Answers, Problem
from questionnaires.checks import Inconsistency
from questionnaires.profile import Profile
from questionnaires.progress import Progress
from questionnaires.reopening import is_reopened


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Progress over an assessment and over each section of it, in order.

    `unconfirmed` are the sections of answers that are asked for, were taken over and wait for a look.
    """

    whole: Progress
    sections: Mapping[str, Progress]
    unconfirmed: tuple[str, ...]


class NewerRevision(errors.Conflict):
    """What was to be corrected is no longer the newest revision, nor what counts: `newest` is what to go on with."""

    code = "NEWER_REVISION"

    def __init__(self, newest: tables.Assessment) -> None:
        where = "open as a draft" if newest.state == "draft" else "submitted"
        words = f"Revision {newest.revision} of this is {where} already; go on with that one."
        super().__init__(words, path=("assessmentId",))
        self.newest = newest.id


async def start_assessment(
    session: AsyncSession,
    actor: Actor,
    *,
    questionnaire: str,
    tier: str,
    period_start: date,
    period_end: date,
    site_id: UUID | None = None,
) -> tables.Assessment:
    """The draft for a subject and period, started where there is none yet, also without anybody's request.

    A draft at a lower tier is raised. Raises Conflict ALREADY_SUBMITTED where it was submitted.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.check_period(session, period_start, period_end)
    place = Place(questionnaire=questionnaire, site_id=site_id, period_start=period_start, period_end=period_end)
    await joining.take_turn(session, actor)
    latest, started = await joining.find_or_start(session, actor, place, tier)
    if latest.state == "submitted":
        raise errors.Conflict(
            "This was submitted already. Correct it to start a new revision with its answers.", code="ALREADY_SUBMITTED"
        )
    if started:
        await pushed_answers.deliver_waiting(session, actor, latest)
        await audit.add_audit(session, actor, "assessment.started", "assessment", latest.id)
    elif not joining.is_enough(latest.tier, tier):
        await change_tier(session, actor, assessment_id=latest.id, tier=tier)
    return latest


async def get_assessment(session: AsyncSession, actor: Actor, assessment_id: UUID) -> tables.Assessment:
    """One assessment of the caller's; raises NotFound."""
    found = await find_assessments(session, actor, [assessment_id])
    if assessment_id not in found:
        raise errors.NotFound("There is no such assessment.", path=("assessmentId",))
    return found[assessment_id]


async def find_assessments(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID]
) -> dict[UUID, tables.Assessment]:
    """Those of the caller's assessments that have these ids."""
    table = tables.Assessment
    found = await session.scalars(select(table).where(table.supplier_id == actor.organization, table.id.in_(wanted)))
    return {row.id: row for row in found}


async def list_assessments(
    session: AsyncSession, actor: Actor, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[tables.Assessment]:
    """The caller's assessments, the last started first; `after` is the moment and id of the last one seen."""
    table = tables.Assessment
    statement = select(table).where(table.supplier_id == actor.organization)
    if after is not None:
        statement = statement.where(tuple_(table.created_at, table.id) < tuple_(*after))
    found = await session.scalars(statement.order_by(table.created_at.desc(), table.id.desc()).limit(limit))
    return list(found)


async def change_tier(session: AsyncSession, actor: Actor, *, assessment_id: UUID, tier: str) -> tables.Assessment:
    """Put a draft on another tier; answers stay, since tiers nest.

    Raises Conflict where it was submitted or a request asks for more, InvalidInput for a tier the version lacks.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    draft = await drafts.find_subject(session, actor, assessment_id, lock=True)
    joining.check_open(draft.row)
    joining.check_unlocked(draft.row)
    joining.check_tier((await drafts.read_drafts(session, actor, [draft]))[0].definition, tier)
    await joining.check_demanded_tier(session, actor, assessment_id, tier)
    if draft.row.tier != tier:
        await joining.set_tier(session, actor, draft.row, tier)
        await pushed_answers.deliver_waiting(session, actor, draft.row)
        await audit.add_audit(
            session, actor, "assessment.tier_changed", "assessment", assessment_id, detail={"tier": tier}
        )
    return draft.row


async def correct_assessment(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    tier: str | None = None,
    reopening: Reopening | None = None,
) -> Revision:
    """Start a new revision of a submitted assessment with its answers; what was sent since then is judged in it.

    It is the newest revision, or where that was withdrawn the one that counts: of these two either may be named.

    Where it answers a clarification, nothing but the places that this reopens may change in it, from its beginning on.
    Without a tier it has that of the old one, raised to what a request asks where its version has that tier. Raises
    Conflict where it was not submitted, has a newer revision or a request asks for more, InvalidInput for an unknown
    tier.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.take_turn(session, actor)
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    old = draft.row
    latest = await joining.find_latest(session, actor, joining.read_place(old))
    if old.state == "replaced":
        joining.check_open(old)
    if old.state != "submitted":
        raise errors.Conflict("This was not submitted yet; change its answers as they are.", code="NOT_SUBMITTED")
    base = old if latest is None else await revisions.find_base(session, actor, latest)
    if latest is not None and old.id not in (latest.id, base.id):
        raise NewerRevision(latest)
    version = await definitions.load_version(session, base.questionnaire, base.version)
    wanted = tier or await joining.raise_to_demanded(session, actor, base, version.definition)
    joining.check_tier(version.definition, wanted)
    if tier is not None:
        await joining.check_demanded_tier(session, actor, base.id, tier)
    made = await revisions.start_revision(session, actor, base, wanted, reopening)
    await audit.add_audit(
        session, actor, "assessment.corrected", "assessment", made.assessment.id, detail={"corrects": str(base.id)}
    )
    return made


async def measure_progress(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, Measured]:
    """How far each of these assessments is, in two statements."""
    found = await drafts.load_drafts(session, actor, wanted)
    return {key: _measure(draft) for key, draft in found.items()}


def _measure(draft: Draft) -> Measured:
    asked = draft.find_applicable()
    return Measured(
        whole=progress.measure_progress(asked),
        sections=progress.measure_sections(asked),
        unconfirmed=tuple(item.section.key for item in asked.enabled if item.key in draft.unconfirmed),
    )


async def list_problems(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[Problem]:
    """Everything that submission would refuse now: of the period first, then in document order."""
    draft = await drafts.load_draft(session, actor, assessment_id)
    is_scored = bool(draft.plans) and draft.subject.profile_number is not None
    profile = await drafts.load_profile(session, draft) if is_scored else None
    return find_problems(draft, await drafts.list_files(session, actor, assessment_id), profile)


def find_problems(draft: Draft, files: Sequence[Any], profile: Profile | None) -> list[Problem]:
    """Everything that submission would refuse of a loaded draft with these files of `drafts.list_files`.

    By the `profile` it is known which plans are of gaps; without one each is.
    """
    attached = [drafts.read_attachment(file) for file in files]
    problems = draft.compiled.at(draft.tier).check_walk(
        draft.walk,
        day=draft.subject.day,
        attachments=attached,
        staff=draft.staff,
        unconfirmed=draft.unconfirmed,
    )
    enabled = draft.find_applicable().enabled_keys if draft.row_sites else ()
    named = {key: site for key, site in draft.row_sites.items() if (key[0], None) in enabled}
    problems += row_sites.find_repeated(named)
    problems += find_plan_problems(draft, profile)
    early = submission.check_period(draft.row.period_start, draft.subject.own_day)
    return problems if early is None else [early, *problems]


def find_plan_problems(draft: Draft, profile: Profile | None) -> list[Problem]:
    """What is wrong with the plans of gaps: each that is submitted says something, and somebody answers for it.

    Where a clarification keeps an answer as it was submitted, its plan stays, too. What is no gap any more needs none.
    """
    members = {} if draft.plan_rules is None else draft.plan_rules.members
    reopened = draft.row.reopened
    asked = draft.find_applicable().enabled_keys
    found: dict[AnswerKey, Problem] = {}
    for key, one in draft.plans.items():
        state = draft.answers[key].state
        is_open = key in asked and (reopened is None or is_reopened(reopened, *key))
        if not is_open or one.plan is None or not gaps.is_plan_expected(draft.definition, key[0], state):
            continue
        is_member = one.plan.owner in members
        problem = gaps.check_pledge(draft.definition, key, state, one, is_member=is_member)
        if problem is not None:
            found[key] = problem
    if found and profile is not None:
        result, _ = draft.compile_profile(profile).score_and_trace_walk(draft.walk, draft.subject.day)
        open_gaps = {one.key for one in gaps.find_gaps(result, draft.definition, profile)}
        return [problem for key, problem in found.items() if key in open_gaps]
    return list(found.values())


def find_inconsistencies(draft: Draft, earlier: Answers | None = None) -> list[Inconsistency]:
    """What the questionnaire's own checks find in a draft: shown to the supplier before anybody else.

    `earlier` are the answers of the period before that can be compared.
    """
    return checks.find_inconsistencies(draft.find_applicable(), earlier)
