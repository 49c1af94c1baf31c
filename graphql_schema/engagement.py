"""Engagements: a third party that the operator approved is to review one submission, if it and the supplier agree."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.assurance import ReviewEnd
from graphql_schema.context import Info, Session
from graphql_schema.organization import ORGANIZATION
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.scalars import CountryCode
from graphql_schema.shared_result import RESULT
from graphql_schema.submission import SUBMISSION
from portal import access, errors, reading
from portal.assessments import engagements
from portal.reading.reviews import ENGAGEMENT as ENGAGEMENT_NOUN
from portal.reading.reviews import ENGAGEMENT_TAG, ENGAGEMENTS

ENGAGEMENT = nodes.NodeKind(ENGAGEMENT_TAG, "Engagement", access.ENGAGED)


@strawberry.enum(description="Where an engagement stands.")
class EngagementState(enum.Enum):
    PROPOSED = strawberry.enum_value("proposed", description="The reviewer or the supplier has not agreed yet.")
    ACTIVE = strawberry.enum_value("active", description="The reviewer reads what was opened to it.")
    DECLINED = strawberry.enum_value("declined", description="It was ended before it began.")
    ENDED = strawberry.enum_value(
        "ended", description="It is over, by its date or by a party: nothing is read any more."
    )


@strawberry.enum(description="Which party ended an engagement.")
class EngagementParty(enum.Enum):
    SUPPLIER = strawberry.enum_value("supplier", description="The supplier, also by revoking the share.")
    REVIEWER = strawberry.enum_value("reviewer", description="The reviewer.")
    PROPOSER = strawberry.enum_value("proposer", description="The buyer that proposed it.")


@rules.type(access.ENGAGED, description="A third party that the operator has approved as a reviewer.")
class ReviewerOrganization:
    id: strawberry.ID = rules.field(description="Its id, for `proposeEngagement`.")
    name: str = rules.field(description="Its name.")
    country: CountryCode | None = rules.field(description="Where it has its seat.")


@rules.type(access.ENGAGED, description="A third party is to review one submission.")
class Engagement(nodes.Node):
    state: EngagementState = rules.field(description="Where it stands.")
    supplier: OtherOrganization | None = rules.field(description="Whose submission it is.")
    reviewer: OtherOrganization | None = rules.field(description="Who reviews.")
    proposer: OtherOrganization | None = rules.field(description="Who proposed it: the supplier, or a buyer.")
    questionnaire: str = rules.field(description="The key of the questionnaire.")
    period_start: date = rules.field(description="The first day that the submission speaks of.")
    period_end: date = rules.field(description="The last day that it speaks of.")
    sections: list[str] = rules.field(description="Keys of the sections that the reviewer reads, with their trace.")
    include_evidence: bool = rules.field(description="Whether it reads the documents of these sections.")
    purpose: str = rules.field(description="What for.")
    until: datetime = rules.field(description="When it ends by itself.")
    proposed_at: datetime = rules.field(description="When it was proposed.")
    accepted_at: datetime | None = rules.field(description="When the reviewer accepted.")
    consented_at: datetime | None = rules.field(description="When the supplier consented.")
    ended_at: datetime | None = rules.field(description="When a party ended it; null where none did.")
    ended_by: EngagementParty | None = rules.field(description="Which party did.")
    closed_because: ReviewEnd | None = rules.field(
        description="Why it is over where that party did not decide so; null otherwise."
    )
    submission_id: strawberry.ID | None = rules.field(description="The submission, for its supplier.")
    result_id: strawberry.ID | None = rules.field(
        description="The shared result, for whoever reads it now: read it with `node`."
    )


@rules.type(rules.AS_PARENT, description="A page of engagements.")
class EngagementConnection(paging.Connection[Engagement]):
    nodes: list[Engagement] = rules.field(description="The engagements of the page, in order.")


@strawberry.input(description="Who is to review what; exactly one of submissionId and resultId.")
class ProposeEngagementInput:
    reviewer_id: strawberry.ID = strawberry.field(description="A reviewer, of `reviewers`.")
    submission_id: strawberry.ID | None = strawberry.field(
        default=None, description="A submission of your own; proposing it is consent."
    )
    result_id: strawberry.ID | None = strawberry.field(
        default=None, description="A result that is shared with you; its supplier has to consent."
    )
    sections: list[str] = strawberry.field(
        description="Keys of the sections that it is to read, also such as you do not read yourself; at least one."
    )
    include_evidence: bool = strawberry.field(
        default=True, description="Whether it is to read the documents of these sections."
    )
    purpose: str = strawberry.field(description="What for, 1 to 500 characters; all parties read it.")
    until: datetime = strawberry.field(description="When it ends by itself, at most five years ahead.")


@strawberry.input(description="Which engagement to accept.")
class AcceptEngagementInput:
    engagement_id: strawberry.ID = strawberry.field(description="The engagement.")


@strawberry.input(description="What to consent to; what is left out or null is as proposed.")
class ConsentToEngagementInput:
    engagement_id: strawberry.ID = strawberry.field(description="The engagement.")
    sections: list[str] | None = strawberry.field(default=None, description="The sections to open instead.")
    include_evidence: bool | None = strawberry.field(default=None, description="Whether to open their documents.")
    until: datetime | None = strawberry.field(default=None, description="When it ends instead.")


@strawberry.input(description="Which engagement to end or decline.")
class EndEngagementInput:
    engagement_id: strawberry.ID = strawberry.field(description="The engagement.")


@rules.type(rules.AS_PARENT, description="It waits for those who have not agreed; they get a letter.")
class EngagementProposed:
    engagement: Engagement = rules.field(description="The engagement.")


@rules.type(rules.AS_PARENT, description="The reviewer takes it on.")
class EngagementAccepted:
    engagement: Engagement = rules.field(description="The engagement as it is now.")


@rules.type(rules.AS_PARENT, description="The supplier lets the reviewer read, by a share that ends with it.")
class EngagementConsented:
    engagement: Engagement = rules.field(description="The engagement as it is now.")


@rules.type(rules.AS_PARENT, description="It is over: the reviewer's next call finds nothing of it.")
class EngagementEnded:
    engagement: Engagement = rules.field(description="The engagement as it is now.")


def read_target(input: ProposeEngagementInput, actor: access.Actor) -> nodes.NodeId:
    """The submission that is meant, by either of its ids."""
    if (input.submission_id is None) == (input.result_id is None):
        words = "Say which: either a submission of your own, or a result that is shared with you."
        raise errors.InvalidInput(words, code="ONE_OF", path=("submissionId",))
    if input.submission_id is None:
        found = nodes.decode_id(input.result_id or "", RESULT, path=("resultId",))
        if found.owner == actor.organization:
            raise errors.NotFound("There is no such result.", path=("resultId",))
        return found
    found = nodes.decode_id(input.submission_id, SUBMISSION, path=("submissionId",))
    if found.owner != actor.organization:
        raise errors.NotFound("There is no such submission.", path=("submissionId",))
    return found


def read_engagement_id(value: strawberry.ID) -> nodes.NodeId:
    return nodes.decode_id(value, ENGAGEMENT, path=("engagementId",))


async def compose_engagement(
    session: Session, actor: access.Actor, selected: reading.Selected, result: str, engagement_id: UUID
) -> Any:
    """A result of a mutation with its engagement."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, ENGAGEMENT_NOUN, part, id=engagement_id)

    return await reading.compose(result, selected, {"engagement": read})


@nodes.loads(ENGAGEMENT)
async def load_engagements(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, ENGAGEMENT_NOUN, wanted)


@strawberry.type
class EngagementQuery:
    @rules.query(access.ENGAGED, description="The third parties that may be engaged, by name.")
    async def reviewers(self, info: Info) -> list[ReviewerOrganization]:
        async with info.context.transaction() as (session, actor):
            found = await engagements.list_reviewers(session, actor)
        return [
            ReviewerOrganization(
                id=nodes.encode_id(ORGANIZATION, one.reviewer_id),
                name=one.name,
                country=None if one.country is None else CountryCode(one.country),
            )
            for one in found
        ]

    @rules.query(access.ENGAGED, description="The engagements that the organization is a party of, the newest first.")
    async def engagements(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> EngagementConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, ENGAGEMENTS, selected)
            return page  # type: ignore[no-any-return]


@strawberry.type
class EngagementMutation:
    @rules.mutation(
        access.ENGAGING,
        description="Propose that a third party reviews a submission. Nothing is opened before it has accepted and the"
        " supplier has consented.",
    )
    async def propose_engagement(
        self, info: Info, input: Annotated[ProposeEngagementInput, strawberry.argument(description="Who, what.")]
    ) -> EngagementProposed:
        selected = selection.read(info)
        reviewer = nodes.decode_id(input.reviewer_id, ORGANIZATION, path=("reviewerId",))
        scope = engagements.Scope(
            sections=tuple(input.sections),
            include_evidence=input.include_evidence,
            until=input.until,
            purpose=input.purpose,
        )
        async with info.context.transaction() as (session, actor):
            wanted = read_target(input, actor)
            made = await engagements.propose_engagement(
                session,
                actor,
                supplier_id=wanted.owner,
                submission_id=wanted.id,
                reviewer_id=reviewer.id,
                scope=scope,
            )
            row: Any = await compose_engagement(session, actor, selected, "EngagementProposed", made)
            return row  # type: ignore[no-any-return]

    @rules.mutation(access.REVIEWER_EDITOR, description="Take an engagement on.")
    async def accept_engagement(
        self, info: Info, input: Annotated[AcceptEngagementInput, strawberry.argument(description="Which one.")]
    ) -> EngagementAccepted:
        selected, wanted = selection.read(info), read_engagement_id(input.engagement_id)
        async with info.context.transaction() as (session, actor):
            own = {"supplier_id": wanted.owner, "engagement_id": wanted.id}
            await engagements.accept_engagement(session, actor, **own)
            row: Any = await compose_engagement(session, actor, selected, "EngagementAccepted", wanted.id)
            return row  # type: ignore[no-any-return]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Let a third party read a submission, as proposed or less. Once it has accepted, the share is made:"
        " change or revoke that at any time.",
    )
    async def consent_to_engagement(
        self, info: Info, input: Annotated[ConsentToEngagementInput, strawberry.argument(description="To what.")]
    ) -> EngagementConsented:
        selected, wanted = selection.read(info), read_engagement_id(input.engagement_id)
        async with info.context.transaction() as (session, actor):
            if wanted.owner != actor.organization:
                raise errors.NotFound("There is no such engagement.", path=("engagementId",))
            await engagements.consent_to_engagement(
                session,
                actor,
                engagement_id=wanted.id,
                sections=None if input.sections is None else tuple(input.sections),
                include_evidence=input.include_evidence,
                until=input.until,
            )
            row: Any = await compose_engagement(session, actor, selected, "EngagementConsented", wanted.id)
            return row  # type: ignore[no-any-return]

    @rules.mutation(
        access.ENGAGEMENT_EDITOR, description="End an engagement at once, or decline one that was proposed."
    )
    async def end_engagement(
        self, info: Info, input: Annotated[EndEngagementInput, strawberry.argument(description="Which one.")]
    ) -> EngagementEnded:
        selected, wanted = selection.read(info), read_engagement_id(input.engagement_id)
        async with info.context.transaction() as (session, actor):
            own = {"supplier_id": wanted.owner, "engagement_id": wanted.id}
            await engagements.end_engagement(session, actor, **own)
            row: Any = await compose_engagement(session, actor, selected, "EngagementEnded", wanted.id)
            return row  # type: ignore[no-any-return]
