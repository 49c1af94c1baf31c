"""A buyer's campaigns: many suppliers asked at once by the filters of the list, followed and changed together."""

import enum
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import nodes, noun_nodes, rules, selection
from graphql_schema.assessment import AssessmentSubject
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from graphql_schema.questionnaire_request import CAMPAIGN, RequestState
from graphql_schema.supplier import SupplierFilter, read_filter
from graphql_schema.tier import QuestionnaireTier
from portal import access, reading
from portal.assessments import campaigns
from portal.assessments.campaigns import Target
from portal.assessments.requests import Ask
from portal.reading import campaigns as nouns


@strawberry.enum(description="Where a campaign stands.")
class CampaignState(enum.Enum):
    SENDING = strawberry.enum_value(
        "sending",
        description="Its suppliers are being asked, one part after the other; while the buyer is suspended, none.",
    )
    SENT = strawberry.enum_value("sent", description="All of them were asked, or there was a reason not to.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="The buyer took it back; nobody more is asked.")


@strawberry.enum(description="What became of one supplier of a campaign.")
class CampaignOutcome(enum.Enum):
    ASKED = strawberry.enum_value("asked", description="A request was made.")
    ARCHIVED = strawberry.enum_value("archived", description="It is archived.")
    REFUSED = strawberry.enum_value("refused", description='Its contact said "not us"; name another contact first.')
    ALREADY_REQUESTED = strawberry.enum_value("already_requested", description="The same was asked and is still open.")
    ALREADY_ANSWERED = strawberry.enum_value(
        "already_answered",
        description="You read an answer for just this period at a sufficient tier, through a share that is live.",
    )
    OVER_LIMIT = strawberry.enum_value(
        "over_limit",
        description="With what you have asked in the last twelve months it would be more minutes than the operator's "
        "limit for a firm of its size; it is not asked.",
    )


@strawberry.enum(description="What is done with the open requests of a campaign.")
class CampaignActKind(enum.Enum):
    EXTEND = strawberry.enum_value("extend", description="They are due later.")
    REMIND = strawberry.enum_value("remind", description="The suppliers are written to once more.")
    WITHDRAW = strawberry.enum_value("withdraw", description="They are taken back.")


@rules.type(access.BUYER, description="A part of the filter of a campaign, as it was given.")
class CampaignFilterTerm:
    field: str = rules.field(description="A field of `SupplierFilter`.")
    values: list[str] = rules.field(description="Its values; any of them had to hold.", list_size=3)


@rules.type(access.BUYER, description="How many suppliers of a campaign had one outcome.")
class CampaignOutcomeCount:
    outcome: CampaignOutcome = rules.field(description="What became of them.")
    count: int = rules.field(description="How many, 1 or more.")


@rules.type(access.BUYER, description="How many requests of a campaign are in one state.")
class CampaignStateCount:
    state: RequestState = rules.field(description="The state.")
    count: int = rules.field(description="How many, 1 or more.")


@rules.type(access.BUYER, description="How many requests of a campaign came on one day to the state that they are in.")
class CampaignDayCount:
    day: date = rules.field(description="The day, by the clock of UTC.")
    state: RequestState = rules.field(description="The state that they are in now; never OPEN.")
    count: int = rules.field(description="How many, 1 or more.")


@rules.type(access.BUYER, description="What was done with open requests of a campaign together.")
class CampaignAct:
    kind: CampaignActKind = rules.field(description="What.")
    due_on: date | None = rules.field(description="The new day, where they were extended.")
    message: str | None = rules.field(description="The word to the suppliers, where they were reminded with one.")
    narrowed_to: int | None = rules.field(description="To how many suppliers a filter narrowed it; null without one.")
    changed_count: int = rules.field(description="How many requests it changed so far.")
    asked_at: datetime = rules.field(description="When it was asked for.")
    done_at: datetime | None = rules.field(description="When it was done; null while it is being done.")


@rules.type(access.BUYER, description="Many suppliers asked for the same at once; private to the buyer.")
class Campaign(nodes.Node):
    name: str = rules.field(description="The buyer's own name for it, 1 to 200 characters; suppliers do not see it.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = rules.field(description="The least tier to answer.")
    period_start: date = rules.field(description="The first day of the reporting period.")
    period_end: date = rules.field(description="The last day of the reporting period.")
    subject: AssessmentSubject = rules.field(description="The organizations, or a site of each.")
    subject_name: str | None = rules.field(description="How the buyer names the site; the supplier says which it is.")
    purpose: str = rules.field(description="What the answers are for.")
    legal_basis: str | None = rules.field(description="The law or contract it rests on.")
    message: str | None = rules.field(description="A word to the suppliers.")
    external_reference: str | None = rules.field(description="The buyer's own number for it.")
    due_on: date = rules.field(description="The day its requests are due; some may have been extended.")
    asks_answered: bool = rules.field(description="Whether those that have answered already are asked, too.")
    filter: list[CampaignFilterTerm] = rules.field(description="The filter as it was given.", list_size=3)
    supplier_count: int = rules.field(description="How many suppliers passed the filter then, 1 to 100,000.")
    state: CampaignState = rules.field(description="Where it stands.")
    waiting_count: int = rules.field(description="How many of them are still to be asked.")
    outcomes: list[CampaignOutcomeCount] = rules.field(
        description="What became of those that were looked at.", list_size=3
    )
    states: list[CampaignStateCount] = rules.field(description="Where its requests stand.", list_size=6)
    linked_count: int = rules.field(
        description="How many of its requests reach an organization; nobody sees the others before an invitation is "
        "accepted."
    )
    overdue_count: int = rules.field(description="How many of its requests wait though their day is over.")
    progress: list[CampaignDayCount] = rules.field(
        description="Its requests by the day on which they came to their state, the first day first; at most 2,000.",
        list_size=30,
    )
    acts: list[CampaignAct] = rules.field(
        description="What was done with its requests together, the last first; at most 50.", list_size=3
    )
    created_at: datetime = rules.field(description="When it was made.")
    updated_at: datetime = rules.field(description="When it changed last.")
    sent_at: datetime | None = rules.field(description="When the last supplier was asked; null while some wait.")


@rules.type(rules.AS_PARENT, description="A page of campaigns.")
class CampaignConnection(Connection[Campaign]):
    nodes: list[Campaign] = rules.field(description="The campaigns of the page, in order.")


@rules.type(access.BUYER, description="A supplier of a campaign.")
class CampaignSupplier:
    supplier_id: strawberry.ID = rules.field(description="The buyer's supplier record.")
    supplier_name: str = rules.field(description="How the buyer names the supplier.")
    outcome: CampaignOutcome | None = rules.field(description="What became of it; null while it is still to be asked.")


@rules.type(rules.AS_PARENT, description="A page of a campaign's suppliers.")
class CampaignSupplierConnection(Connection[CampaignSupplier]):
    nodes: list[CampaignSupplier] = rules.field(description="The suppliers of the page, in order.")


@strawberry.input(description="What to ask, and of whom.")
class CreateCampaignInput:
    name: str = strawberry.field(description="Your own name for it, 1 to 200 characters.")
    filter: SupplierFilter = strawberry.field(
        description="Which suppliers, by the filter of `suppliers`: those that pass it now, 1 to 100,000."
    )
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = strawberry.field(description="The least tier to answer.")
    period_start: date = strawberry.field(
        description="The first day of the reporting period; this year or one of the ten before."
    )
    period_end: date = strawberry.field(
        description="The last day; at most three years later, this or next year at the latest."
    )
    subject: AssessmentSubject = strawberry.field(
        default=AssessmentSubject.ORGANIZATION,
        description="Each organization as a whole, or one site of each: the supplier says which of its sites is meant.",
    )
    subject_name: str | None = strawberry.field(
        default=None, description='How you name the site to all of them, like "the dyehouse"; at most 200 characters.'
    )
    purpose: str = strawberry.field(description="What the answers are for, 1 to 500 characters; the suppliers read it.")
    legal_basis: str | None = strawberry.field(
        default=None, description="The law or contract it rests on, at most 500 characters."
    )
    message: str | None = strawberry.field(
        default=None, description="A word to the suppliers, at most 2,000 characters."
    )
    due_on: date = strawberry.field(
        description="From the day that it is where days begin first (UTC+14), to two years ahead."
    )
    external_reference: str | None = strawberry.field(
        default=None, description="Your own number for it, at most 100 characters."
    )
    asks_answered: bool = strawberry.field(
        description="Whether to ask those as well from whom you have the answer already.", default=False
    )
    expected_count: int | None = strawberry.field(
        description="The `supplierCount` of the preview: where another number passes the filter now, nothing is made "
        "and the problem is CHANGED.",
        default=None,
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="8 to 100 characters: the same key again makes no second campaign, for 30 days."
    )


@strawberry.input(description="Which requests of a campaign get more time.")
class ExtendCampaignInput:
    campaign_id: strawberry.ID = strawberry.field(description="One of `campaigns` that is not withdrawn.")
    due_on: date = strawberry.field(
        description="From the day that it is where days begin first (UTC+14), to two years ahead; what is due later"
        " stays as it is."
    )
    filter: SupplierFilter | None = strawberry.field(
        description="Only those of suppliers that pass this filter now; all without it.", default=None
    )


@strawberry.input(description="Whom of a campaign to remind.")
class RemindCampaignInput:
    campaign_id: strawberry.ID = strawberry.field(description="One of `campaigns` that is not withdrawn.")
    message: str | None = strawberry.field(
        description="A new word to the suppliers, at most 2,000 characters; without it the old one stays.", default=None
    )
    filter: SupplierFilter | None = strawberry.field(
        description="Only suppliers that pass this filter now; all without it.", default=None
    )


@strawberry.input(description="Which requests of a campaign to take back.")
class WithdrawCampaignInput:
    campaign_id: strawberry.ID = strawberry.field(description="One of `campaigns` that is not withdrawn.")
    filter: SupplierFilter | None = strawberry.field(
        description="Only those of suppliers that pass this filter now; without it all, and nobody more is asked.",
        default=None,
    )


@rules.type(rules.AS_PARENT, description="The campaign is kept, and its suppliers are being asked.")
class CampaignCreated:
    campaign: Campaign = rules.field(description="The campaign as it is now; read it again to follow it.")


@rules.type(rules.AS_PARENT, description="The open requests are being changed.")
class CampaignChanged:
    campaign: Campaign = rules.field(description="The campaign as it is now; its first act tells how far that is.")


def read_target(given: SupplierFilter, *, asks_answered: bool) -> Target:
    return Target(filters=read_filter(given), told=tell_filter(given), asks_answered=asks_answered)


def tell_filter(given: SupplierFilter) -> list[Mapping[str, Any]]:
    """The filter as it was given, in the words of the API."""
    told: list[Mapping[str, Any]] = []
    for one in SupplierFilter.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        value = getattr(given, one.python_name)
        listed = value if isinstance(value, list) else [value]
        if value is None or value is False:
            continue
        words = [
            part.name if isinstance(part, enum.Enum) else str(part).lower() if part is True else str(part)
            for part in listed
        ]
        told.append({"field": one.graphql_name or one.python_name, "values": words})
    return told


def read_campaign_id(value: str) -> UUID:
    """The campaign that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, CAMPAIGN, path=("campaign_id",)).id


async def compose(session: Session, actor: access.Actor, name: str, selected: reading.Selected, id: UUID) -> Any:
    """The result of a mutation that made or changed one campaign."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.CAMPAIGN, part, id=id)

    return await reading.compose(name, selected, {"campaign": read})


async def change(info: Info, id: str, kind: campaigns.Kind, filter: SupplierFilter | None, **values: Any) -> Any:
    """Do something with the open requests of a campaign."""
    selected, wanted = selection.read(info), read_campaign_id(id)
    filters = None if filter is None else read_filter(filter)
    async with info.context.transaction() as (session, actor):
        await campaigns.change_campaign(session, actor, campaign_id=wanted, kind=kind, filters=filters, **values)
        return await compose(session, actor, "CampaignChanged", selected, wanted)


@nodes.loads(CAMPAIGN)
async def load_campaigns(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.CAMPAIGN, wanted, owner="buyer_id")


@strawberry.type
class CampaignQuery:
    @rules.query(access.BUYER, description="The buyer's campaigns, the newest first.")
    async def campaigns(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        state: Annotated[CampaignState | None, strawberry.argument(description="Only those in this state.")] = None,
    ) -> CampaignConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(session, actor, nouns.CAMPAIGNS, selected)  # type: ignore[no-any-return]

    @rules.query(access.BUYER, description="The suppliers of a campaign and what became of each.")
    async def campaign_suppliers(
        self,
        info: Info,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="One of `campaigns`.")],
        first: First = 25,
        after: After = None,
        outcome: Annotated[
            CampaignOutcome | None, strawberry.argument(description="Only those with this outcome.")
        ] = None,
    ) -> CampaignSupplierConnection:
        selected, wanted = selection.read(info), nodes.decode_id(campaign_id, CAMPAIGN, path=("campaignId",))
        async with info.context.reading() as (session, actor):
            return await reading.read_connection(  # type: ignore[no-any-return]
                session, actor, nouns.CAMPAIGN_SUPPLIERS, selected, campaign_id=wanted.id
            )


@strawberry.type
class CampaignMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Ask all suppliers that pass a filter. The list is fixed by this call; a worker asks one part "
        "after the other, and nobody is asked twice whatever happens meanwhile. Linked suppliers get a letter each.",
    )
    async def create_campaign(
        self, info: Info, input: Annotated[CreateCampaignInput, strawberry.argument(description="What and of whom.")]
    ) -> CampaignCreated:
        selected = selection.read(info)
        ask = Ask(
            questionnaire=input.questionnaire,
            minimum_tier=str(input.minimum_tier.value),
            period_start=input.period_start,
            period_end=input.period_end,
            subject=str(input.subject.value),
            subject_name=input.subject_name,
            purpose=input.purpose,
            due_on=input.due_on,
            legal_basis=input.legal_basis,
            message=input.message,
            external_reference=input.external_reference,
        )
        async with info.context.transaction() as (session, actor):
            made = await campaigns.create_campaign(
                session,
                actor,
                name=input.name,
                ask=ask,
                target=read_target(input.filter, asks_answered=input.asks_answered),
                expected_count=input.expected_count,
                idempotency_key=input.idempotency_key,
            )
            return await compose(session, actor, "CampaignCreated", selected, made)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Give suppliers of a campaign more time; they are told by letter. BUSY while an earlier act on it "
        "is not done, or, with a filter, while it is SENDING.",
    )
    async def extend_campaign(
        self, info: Info, input: Annotated[ExtendCampaignInput, strawberry.argument(description="Until when.")]
    ) -> CampaignChanged:
        return await change(info, input.campaign_id, "extend", input.filter, due_on=input.due_on)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Remind suppliers of a campaign that have not answered, by letter; whoever was asked or reminded "
        "within the hour is left out. BUSY while an earlier act on it is not done, or, with a filter, while it is "
        "SENDING.",
    )
    async def remind_campaign(
        self, info: Info, input: Annotated[RemindCampaignInput, strawberry.argument(description="Whom.")]
    ) -> CampaignChanged:
        return await change(info, input.campaign_id, "remind", input.filter, message=input.message)  # type: ignore[no-any-return]

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Take open requests of a campaign back; the suppliers are told by letter, and what was answered "
        "stays their own. BUSY while an earlier act on it is not done, or, with a filter, while it is SENDING. To "
        "withdraw all of it again changes nothing.",
    )
    async def withdraw_campaign(
        self, info: Info, input: Annotated[WithdrawCampaignInput, strawberry.argument(description="Which.")]
    ) -> CampaignChanged:
        return await change(info, input.campaign_id, "withdraw", input.filter)  # type: ignore[no-any-return]
