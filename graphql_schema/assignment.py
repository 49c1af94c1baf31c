"""Giving a section of an assessment to a colleague."""

from datetime import date
from typing import Annotated

import strawberry

from graphql_schema import nodes, rules, selection
from graphql_schema.assessment import Assessment, read_assessment_id, reads_assessment
from graphql_schema.context import Info
from graphql_schema.member import MEMBER
from portal import access, reading
from portal.assessments import assigning


@strawberry.input(description="Who is to answer which section.")
class AssignSectionInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    section: str = strawberry.field(description="The section's key.")
    member_id: strawberry.ID | None = strawberry.field(
        description="One of `members` that is an owner or editor, in the place of whoever has it now; null takes it"
        " back. It is nobody's again once that colleague leaves or may answer no more."
    )
    due_on: date | None = strawberry.field(
        default=None, description="By when; today, where the firm is, at the earliest."
    )
    note: str | None = strawberry.field(
        default=None, description="A word to the colleague, at most 1,000 characters; it stands in the letter."
    )


@rules.type(rules.AS_PARENT, description="The section is the colleague's, or nobody's.")
class SectionAssigned:
    assessment: Assessment = rules.field(description="The draft.")


@strawberry.type
class AssignmentMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Give a section to a colleague, who gets one letter. Everybody may still answer it. Again changes"
        " nothing and sends nothing.",
    )
    async def assign_section(
        self, info: Info, input: Annotated[AssignSectionInput, strawberry.argument(description="Which, to whom.")]
    ) -> SectionAssigned:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        member = None if input.member_id is None else nodes.decode_id(input.member_id, MEMBER, path=("member_id",)).id
        async with info.context.transaction() as (session, actor):
            await assigning.assign_section(
                session,
                actor,
                assessment_id=wanted,
                section=input.section,
                member_id=member,
                due_on=input.due_on,
                note=input.note,
            )
            members = {"assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("SectionAssigned", selected, members)  # type: ignore[return-value]
