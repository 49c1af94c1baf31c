"""A look at what a campaign would do, before it is made."""

from datetime import date
from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.assessment import AssessmentSubject
from graphql_schema.campaign import CampaignOutcome, CampaignOutcomeCount, read_target
from graphql_schema.context import Info
from graphql_schema.supplier import SupplierFilter, SupplierState
from graphql_schema.tier import QuestionnaireTier
from portal import access
from portal.assessments import campaigns
from portal.assessments.campaigns import Preview, Question
from portal.database.tables.campaigns import OUTCOMES
from portal.database.tables.directory import RECORD_STATES


@rules.type(access.BUYER, description="How many suppliers that would be asked are so far on the way to the portal.")
class SupplierStateCount:
    state: SupplierState = rules.field(description="How far they are; only LINKED ones see a request at once.")
    count: int = rules.field(description="How many, 1 or more.")


@rules.type(access.BUYER, description="What a campaign would do if it were made now.")
class CampaignPreview:
    supplier_count: int = rules.field(description="How many suppliers pass the filter.")
    outcomes: list[CampaignOutcomeCount] = rules.field(description="How many of them by outcome.", list_size=5)
    over_limit_count: int = rules.field(
        description="How many of them would be asked for more than the operator's limit, and so are not: OVER_LIMIT."
    )
    states: list[SupplierStateCount] = rules.field(
        description="Those that would be asked, by how far they are: what NEEDS_CONTACT tells of cannot be written to.",
        list_size=5,
    )


@strawberry.input(description="Whom a campaign would ask for what.")
class PreviewCampaignInput:
    filter: SupplierFilter = strawberry.field(description="Which suppliers, by the filter of `suppliers`.")
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    minimum_tier: QuestionnaireTier = strawberry.field(description="The least tier to answer.")
    period_start: date = strawberry.field(description="The first day of the reporting period.")
    period_end: date = strawberry.field(description="The last day of the reporting period.")
    subject: AssessmentSubject = strawberry.field(
        default=AssessmentSubject.ORGANIZATION, description="Each organization as a whole, or one site of each."
    )
    subject_name: str | None = strawberry.field(
        default=None, description="How you name the site to all of them; at most 200 characters."
    )
    asks_answered: bool = strawberry.field(
        description="Whether to ask those as well from whom you have the answer already.", default=False
    )


def make_preview(found: Preview) -> CampaignPreview:
    return CampaignPreview(
        supplier_count=found.total,
        outcomes=[
            CampaignOutcomeCount(outcome=CampaignOutcome(one), count=found.outcomes[one])
            for one in OUTCOMES
            if one in found.outcomes
        ],
        over_limit_count=found.outcomes.get("over_limit", 0),
        states=[
            SupplierStateCount(state=SupplierState(one), count=found.states[one])
            for one in RECORD_STATES
            if one in found.states
        ],
    )


@strawberry.type
class CampaignPreviewQuery:
    @rules.query(
        access.BUYER,
        description="What a campaign would do if it were made now; nothing is kept. It looks at each supplier that "
        "passes the filter.",
    )
    async def campaign_preview(
        self, info: Info, input: Annotated[PreviewCampaignInput, strawberry.argument(description="What and of whom.")]
    ) -> CampaignPreview:
        target = read_target(input.filter, asks_answered=input.asks_answered)
        question = Question(
            questionnaire=input.questionnaire,
            minimum_tier=str(input.minimum_tier.value),
            period_start=input.period_start,
            period_end=input.period_end,
            subject=str(input.subject.value),
            subject_name=input.subject_name,
        )
        async with info.context.reading() as (session, actor):
            return make_preview(await campaigns.preview_campaign(session, actor, target=target, question=question))
