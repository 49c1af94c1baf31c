"""Answers that came too late for their draft: each is given back as it was read, but for what was kept before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import answers, definitions, gaps, joining, row_sites, writes
from portal.assessments.answers import Outcome
from portal.assessments.discards import Discard
from portal.assessments.judging import StoredAnswer
from portal.assessments.writes import Content, Write
from portal.database.tables.assessments import AnswerWrite
from questionnaires.answers import Problem
from questionnaires.definition import Definition


@dataclass(frozen=True, kw_only=True)
class Returned:
    """The outcomes in the order sent; `definition` is the version to read the answers that stand by."""

    definition: Definition
    outcomes: tuple[Outcome, ...]


async def give_back(session: AsyncSession, actor: Actor, discard: Discard, sent: Sequence[Write]) -> Returned | None:
    """What was sent to a draft that was discarded; none where its version may not be read any more.

    What is kept at another revision, where it came before, has the outcome that it has there.
    """
    if discard.content_hash is None:
        return None
    definition = await definitions.load_definition(session, discard.content_hash)
    owners = [write.plan.owner for write in sent if write.plan is not None]
    rules = await gaps.load_rules(session, actor, owners) if owners else None
    newest, known = discard.newest_id, await _find_known(session, actor, discard, sent)
    if newest is None or not known:
        return Returned(definition=definition, outcomes=tuple(_give_back(definition, write, rules) for write in sent))
    kept = [write for write in sent if write.write_id in known]
    saved = await answers.take_writes(session, actor, assessment_id=newest, sent=kept)
    repeated = iter(saved.outcomes)
    outcomes = (next(repeated) if write.write_id in known else _give_back(definition, write, rules) for write in sent)
    return Returned(definition=saved.definition, outcomes=tuple(outcomes))


async def _find_known(session: AsyncSession, actor: Actor, discard: Discard, sent: Sequence[Write]) -> frozenset[UUID]:
    """The ids of those that a revision of the same place keeps: what waits outlives the draft that it came to."""
    if discard.newest_id is None:
        return frozenset()
    revisions = [row.id for row in await joining.list_revisions(session, actor, discard.newest_id)]
    table = AnswerWrite
    found = await session.scalars(
        select(table.write_id).where(
            table.supplier_id == actor.organization,
            table.assessment_id.in_(revisions),
            table.write_id.in_({write.write_id for write in sent}),
        )
    )
    return frozenset(found)


def _give_back(definition: Definition, write: Write, rules: gaps.PlanRules | None) -> Outcome:
    content = writes.read_write(definition, write)
    return Outcome(
        write_id=write.write_id,
        status="refused",
        revision=None,
        problem=writes.refuse_discarded(write),
        warning=None,
        current=StoredAnswer(question=write.asked, row_id=write.row_id or ""),
        yours=None if isinstance(content, Problem) else _read(write, content, rules),
        definition=definition,
    )


def _read(write: Write, content: Content, rules: gaps.PlanRules | None) -> Content:
    """With its plan; a site that is named by no id at all is told by the client alone."""
    planned = gaps.add_plan(write, content, None, rules)
    is_site = planned.site_id is not None and row_sites.is_id(planned.site_id)
    return planned if is_site else replace(planned, site_id=None)
