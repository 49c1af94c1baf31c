"""The score before submitting: the whole trace, what would help most, and what the checks find."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import assessments, conflicts, drafts, gaps, renewing
from portal.assessments.gaps import Previewed
from questionnaires import advice
from questionnaires.advice import Advice
from questionnaires.answers import Problem
from questionnaires.checks import Inconsistency
from questionnaires.definition import Definition
from questionnaires.gaps import find_gaps
from questionnaires.profile import Profile
from questionnaires.result import Result


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a submission made now would give; `problems` stand in its way, open conflicts are worth a look."""

    change_number: int
    content_hash: str  # of the version
    definition: Definition
    profile: Profile
    result: Result
    trace: dict[str, Any]
    advice: tuple[Advice, ...]
    problems: tuple[Problem, ...]
    inconsistencies: tuple[Inconsistency, ...]
    gaps: tuple[Previewed, ...]
    open_conflicts: int


async def preview_score(session: AsyncSession, actor: Actor, *, assessment_id: UUID, limit: int = 3) -> Preview:
    """Score the answers as they are now; nothing is kept. `limit` is how many measures are suggested.

    Raises NotFound.
    """
    draft = await drafts.load_draft(session, actor, assessment_id)
    profile = await drafts.load_profile(session, draft)
    earlier = await renewing.load_comparable(session, actor, draft)
    result, traced = draft.compile_profile(profile).score_and_trace_walk(draft.walk, draft.subject.day)
    files = await drafts.list_files(session, actor, assessment_id)
    return Preview(
        change_number=draft.row.change_number,
        content_hash=draft.subject.content_hash,
        definition=draft.definition,
        profile=profile,
        result=result,
        trace=traced,
        advice=advice.suggest_measures(result, draft.definition, profile, limit),
        problems=tuple(assessments.find_problems(draft, files, profile)),
        inconsistencies=tuple(assessments.find_inconsistencies(draft, earlier)),
        gaps=tuple(
            gaps.preview_gap(one, draft.plans.get(one.key), draft.plan_rules, draft.subject.day)
            for one in find_gaps(result, draft.definition, profile)
        ),
        open_conflicts=await conflicts.count_conflicts(session, actor, assessment_id),
    )
