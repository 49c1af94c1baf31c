"""Figures of other periods: shown beside open questions, so that nobody has to look them up, and never taken over."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import carrying, differences, drafts, reusing, sources
from portal.assessments.drafts import Draft
from questionnaires import carryover
from questionnaires.answers import Answer, AnswerKey
from questionnaires.carryover import Carried
from questionnaires.definition import contains


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of another period that answers an open question; `source` says which period."""

    question: str
    row_id: str | None
    source: Draft
    old: Answer


async def list_figures(session: AsyncSession, actor: Actor, assessment_id: UUID) -> list[Figure]:
    """What other periods say to the open questions of a draft, in document order; nothing for what takes no answers.

    The same questionnaire, from which `renewAssessment` takes answers, comes before others. Raises NotFound.
    """
    draft = await drafts.load_draft(session, actor, assessment_id)
    if draft.row.state != "draft":
        return []
    place = {draft.row.id: draft.row}
    nearest = (await sources.list_nearest(session, actor, place)).get(draft.row.id)
    others = (await sources.list_others(session, actor, place))[draft.row.id]
    loaded = await drafts.load_drafts(session, actor, [*others, *([] if nearest is None else [nearest])])
    found: dict[AnswerKey, tuple[Draft, Answer]] = {}
    if nearest is not None:
        source = loaded[nearest]
        changed = await differences.compare(session, source.version, draft.version)
        judged = carrying.judge_answers(changed, source, renews=True, tier=draft.tier)
        found |= {key: (source, old) for key, old in _list_own(judged)}
    told = carryover.find_figures(draft.definition, reusing.set_beside(draft.row, (loaded[one] for one in others)))
    for key, (name, old) in told.items():
        found.setdefault(key, (loaded[UUID(name)], old))
    places = {key: place for place, key in enumerate(draft.definition.questions)}
    return [
        Figure(question=key[0], row_id=key[1], source=source, old=old)
        for key, (source, old) in sorted(found.items(), key=lambda one: (places[one[0][0]], one[0][1] or ""))
        if _is_open(draft, key)
    ]


def _list_own(judged: tuple[Carried, ...]) -> Iterator[tuple[AnswerKey, Answer]]:
    for one in judged:
        if one.question is not None and one.old is not None and carryover.FIGURE in one.reasons:
            yield (one.question, one.row_id), one.old


def _is_open(draft: Draft, key: AnswerKey) -> bool:
    """Whether the draft's tier asks it, in a row that is there, and has no answer."""
    question, row = key
    if key in draft.answers or not contains(draft.tier, draft.definition.questions[question].tier):
        return False
    parent = draft.definition.parents.get(question)
    return parent is None or (parent.key, row) in draft.answers
