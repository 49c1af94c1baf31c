"""A draft that was discarded: what the change feed tells of it, and whoever comes late with answers to it."""

from collections.abc import Sequence
from datetime import date, datetime

import strawberry

from graphql_schema import answer, nodes, problems, rules
from graphql_schema.answer import ASSESSMENT, SITE, AnswerResult
from graphql_schema.colleague import Colleague, make_colleague
from graphql_schema.context import Info
from portal import access
from portal.assessments import returned_writes
from portal.assessments.discards import Discard, Discarded
from portal.assessments.writes import Write


@rules.type(rules.AS_PARENT, description="That a draft was discarded; none of its answers is left.")
class AssessmentDiscard:
    assessment_id: strawberry.ID = rules.field(description="The id that names nothing any more.")
    questionnaire: str = rules.field(description="The key of its questionnaire.")
    site_id: strawberry.ID | None = rules.field(
        description="The site that it was about; null for the organization as a whole."
    )
    period_start: date = rules.field(description="The first day of its period.")
    period_end: date = rules.field(description="The last day of its period.")
    discarded_at: datetime = rules.field(description="When it was discarded.")
    discarded_by: Colleague | None = rules.field(description="Who did it; null for a machine.")
    newest_id: strawberry.ID | None = rules.field(
        description="The newest Assessment of the same questionnaire, subject and period there is now: send to it what"
        " still counts. Null where there is none; `startAssessment` begins one."
    )


@rules.type(
    rules.AS_PARENT,
    description="The draft was discarded, and what comes for it now is given back. What had come before and waits for"
    " a correction is kept: it outlives the draft, and is told as such. To send what was given back to another"
    " assessment the same writes with the same writeId will do, on the revisions of that one.",
)
class DraftDiscarded(problems.Problem):
    discard: AssessmentDiscard = rules.field(description="Who discarded it when, and where to go on.")
    results: list[AnswerResult] = rules.field(
        description="Each write, in the order sent: REFUSED with DRAFT_DISCARDED, and in `yours` what was sent; or what"
        " became of it, like PENDING, where it came before and is kept with another revision. Empty where the"
        " organization may not read the version of the questionnaire any more.",
        list_size=50,
    )


def make_discard(found: Discard, owner: access.Actor) -> AssessmentDiscard:
    organization = owner.organization
    names = {} if found.name is None or found.discarded_by is None else {found.discarded_by: found.name}
    return AssessmentDiscard(
        assessment_id=nodes.encode_id(ASSESSMENT, found.assessment_id, organization),
        questionnaire=found.questionnaire,
        site_id=None if found.site_id is None else nodes.encode_id(SITE, found.site_id, organization),
        period_start=found.period_start,
        period_end=found.period_end,
        discarded_at=found.discarded_at,
        discarded_by=make_colleague(found.discarded_by, names, organization),
        newest_id=None if found.newest_id is None else nodes.encode_id(ASSESSMENT, found.newest_id, organization),
    )


async def give_back(info: Info, gone: Discarded, sent: Sequence[Write]) -> DraftDiscarded:
    """The problem for writes to a draft that is gone, which takes none of them away from whoever sent them."""
    async with info.context.transaction() as (session, actor):
        back = await returned_writes.give_back(session, actor, gone.discard, sent)
        results = (
            [] if back is None else await answer.tell_results(info, session, actor, back.definition, back.outcomes)
        )
        return DraftDiscarded(
            message=gone.message,
            code=gone.code,
            path=["input", "assessmentId"],
            discard=make_discard(gone.discard, actor),
            results=results,
        )
