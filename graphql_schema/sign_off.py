"""Sign-offs: an owner demands them, the colleague gives them, and nothing is submitted without."""

from typing import Annotated

import strawberry

from graphql_schema import nodes, rules, selection
from graphql_schema.assessment import Assessment, read_assessment_id, reads_assessment
from graphql_schema.context import Info
from graphql_schema.member import MEMBER
from portal import access, reading
from portal.assessments import signing


@strawberry.input(description="Who has to sign what before it is submitted.")
class DemandSignOffInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    member_id: strawberry.ID = strawberry.field(description="One of `members`.")
    section: str | None = strawberry.field(default=None, description="The section's key; null for the whole.")


@strawberry.input(description="Which sign-off to do without.")
class WithdrawSignOffInput(DemandSignOffInput):
    pass


@strawberry.input(description="What to sign, as it was looked at.")
class SignOffAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    expected_change_number: int = strawberry.field(description="The change number that was looked at.")
    section: str | None = strawberry.field(default=None, description="The section's key; null for the whole.")


@rules.type(rules.AS_PARENT, description="Nothing is submitted before the colleague has signed.")
class SignOffDemanded:
    assessment: Assessment = rules.field(description="The draft.")


@rules.type(rules.AS_PARENT, description="The signature is not needed any more.")
class SignOffWithdrawn:
    assessment: Assessment = rules.field(description="The draft.")


@rules.type(rules.AS_PARENT, description="It is signed, until something changes.")
class AssessmentSignedOff:
    assessment: Assessment = rules.field(description="The draft.")


@strawberry.type
class SignOffMutation:
    @rules.mutation(
        access.OWNER,
        description="Let nothing be submitted before a colleague has signed it, who gets one letter. Until then"
        " `submitAssessment` answers with the Conflict SIGN_OFF_MISSING. Again changes nothing.",
    )
    async def demand_sign_off(
        self, info: Info, input: Annotated[DemandSignOffInput, strawberry.argument(description="Of whom, what.")]
    ) -> SignOffDemanded:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        member = nodes.decode_id(input.member_id, MEMBER, path=("member_id",)).id
        async with info.context.transaction() as (session, actor):
            await signing.demand_sign_off(session, actor, assessment_id=wanted, member_id=member, section=input.section)
            members = {"assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("SignOffDemanded", selected, members)  # type: ignore[return-value]

    @rules.mutation(access.OWNER, description="Do without a sign-off that was demanded, also of somebody who has left.")
    async def withdraw_sign_off(
        self, info: Info, input: Annotated[WithdrawSignOffInput, strawberry.argument(description="Which one.")]
    ) -> SignOffWithdrawn:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        member = nodes.decode_id(input.member_id, MEMBER, path=("member_id",)).id
        async with info.context.transaction() as (session, actor):
            await signing.withdraw_sign_off(
                session, actor, assessment_id=wanted, member_id=member, section=input.section
            )
            members = {"assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("SignOffWithdrawn", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER,
        description="Sign what the caller was asked to sign, as it is at a change number. Any later change voids it.",
    )
    async def sign_off_assessment(
        self, info: Info, input: Annotated[SignOffAssessmentInput, strawberry.argument(description="What.")]
    ) -> AssessmentSignedOff:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            await signing.sign_off(
                session,
                actor,
                assessment_id=wanted,
                expected_change_number=input.expected_change_number,
                section=input.section,
            )
            members = {"assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("AssessmentSignedOff", selected, members)  # type: ignore[return-value]
