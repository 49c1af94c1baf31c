"""Invitation links: what one is about, accepting it as a supplier or a colleague, and saying that it is not for us."""

import enum
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from graphql_schema.member import MemberRole
from graphql_schema.organization import (
    NewOrganizationInput,
    Organization,
    read_facts,
    read_organization,
    read_organization_id,
)
from graphql_schema.scalars import CountryCode
from portal import access
from portal.identity import invitations

Token = Annotated[str, strawberry.argument(description="The token in the link.")]


@strawberry.enum(description="What an invitation leads to.")
class InvitationKind(enum.Enum):
    SUPPLIER = strawberry.enum_value("supplier", description="A buyer asks a supplier to join.")
    MEMBER = strawberry.enum_value("member", description="An organization asks a colleague to join.")


@strawberry.enum(description="Why an invitation is sent back.")
class InvitationRefusal(enum.Enum):
    NOT_US = strawberry.enum_value("not_us", description="We do not supply this buyer; its requests end.")
    WRONG_CONTACT = strawberry.enum_value(
        "wrong_contact", description="The company is right, the person is not; the buyer looks for another contact."
    )


@rules.type(access.PUBLIC, description="What a link is about; only who holds it sees this.")
class Invitation:
    kind: InvitationKind = rules.field(description="What it leads to.")
    organization_name: str = rules.field(description="Who invites.")
    record_name: str | None = rules.field(description="How the buyer names the supplier; null for a colleague.")
    record_country: CountryCode | None = rules.field(description="Where the buyer has the supplier down.")
    email: str | None = rules.field(description="The address it was sent to; null for a link that was handed over.")
    role: MemberRole | None = rules.field(description="What a colleague will be; null for a supplier.")
    expires_at: datetime = rules.field(description="When the link ends.")
    requests: int = rules.field(description="How many requests of the buyer wait for an answer.")


@strawberry.input(
    description="Which organization accepts: one of the caller's own, or a new one. Exactly one of the two."
)
class AcceptSupplierInvitationInput:
    token: str = strawberry.field(
        description="The token in the link; it works once, and gives whoever accepted with it the same result again."
    )
    organization_id: strawberry.ID | None = strawberry.field(
        description="An organization that the caller owns.", default=None
    )
    new_organization: NewOrganizationInput | None = strawberry.field(
        description="The facts of an organization to found now; without a country it has that of the invitation, "
        "`recordCountry`.",
        default=None,
    )


@strawberry.input(description="Why the invitation is sent back.")
class RefuseSupplierInvitationInput:
    token: str = strawberry.field(description="The token in the link; it works no longer afterwards.")
    reason: InvitationRefusal = strawberry.field(description="Why.")
    remark: str | None = strawberry.field(
        description="What the buyer should know, at most 500 characters.", default=None
    )
    suggested_name: str | None = strawberry.field(
        description="With WRONG_CONTACT: whom to ask instead. The buyer decides whether to write to that person.",
        default=None,
    )
    suggested_email: str | None = strawberry.field(
        description="That person's address, if you may give it.", default=None
    )


@strawberry.input(description="The link of the letter.")
class AcceptMemberInvitationInput:
    token: str = strawberry.field(description="The token in the link; it works once, for the invited address only.")


@rules.type(
    rules.AS_PARENT, description="The buyer's record is linked to the organization, and this session acts for it."
)
class SupplierInvitationAccepted:
    organization: Organization = rules.field(description="The organization that accepted.")


@rules.type(rules.AS_PARENT, description="The buyer was told.")
class SupplierInvitationRefused:
    reason: InvitationRefusal = rules.field(description="What the buyer was told.")


@rules.type(rules.AS_PARENT, description="The caller belongs to the organization, and this session acts for it.")
class MemberInvitationAccepted:
    organization: Organization = rules.field(description="The organization that was joined.")


async def take_try(info: Info, token: str) -> None:
    """Count a try with a link before anything is done with it; raises RateLimited."""
    await invitations.take_try(info.context.database, token=token, address=info.context.client_address)


@strawberry.type
class InvitationQuery:
    @rules.query(access.PUBLIC, description="What a link is about; null where it was used, has ended or never was.")
    async def invitation(self, info: Info, token: Token) -> Invitation | None:
        found = await invitations.find_invitation(
            info.context.database, token=token, address=info.context.client_address
        )
        if found is None:
            return None
        return Invitation(
            kind=InvitationKind(found.kind),
            organization_name=found.organization_name,
            record_name=found.record_name,
            record_country=None if found.record_country is None else CountryCode(found.record_country),
            email=found.email,
            role=None if found.role is None else MemberRole(found.role),
            expires_at=found.expires_at,
            requests=found.requests,
        )


@strawberry.type
class InvitationMutation:
    @rules.mutation(access.SIGNED_IN, description="Accept a buyer's invitation for an organization of one's own.")
    async def accept_supplier_invitation(
        self, info: Info, input: Annotated[AcceptSupplierInvitationInput, strawberry.argument(description="For whom.")]
    ) -> SupplierInvitationAccepted:
        await take_try(info, input.token)
        wanted, new = input.organization_id, input.new_organization
        async with info.context.transaction() as (session, actor):
            organization = await invitations.accept_supplier_invitation(
                session,
                actor,
                token=input.token,
                organization=None if wanted is None else read_organization_id(wanted, "organization_id"),
                new_organization=None if new is None else read_facts(new),
            )
        async with info.context.transaction() as (session, actor):
            return SupplierInvitationAccepted(organization=await read_organization(session, actor, organization))

    @rules.mutation(access.PUBLIC, description='Say "not us" or "wrong contact"; whoever holds the link may.')
    async def refuse_supplier_invitation(
        self, info: Info, input: Annotated[RefuseSupplierInvitationInput, strawberry.argument(description="Why.")]
    ) -> SupplierInvitationRefused:
        await take_try(info, input.token)
        async with info.context.transaction() as (session, actor):
            await invitations.refuse_supplier_invitation(
                session,
                actor,
                token=input.token,
                reason=str(input.reason.value),
                remark=input.remark,
                suggested_name=input.suggested_name,
                suggested_email=input.suggested_email,
            )
        return SupplierInvitationRefused(reason=input.reason)

    @rules.mutation(access.SIGNED_IN, description="Join the organization that sent the link to the caller's address.")
    async def accept_member_invitation(
        self, info: Info, input: Annotated[AcceptMemberInvitationInput, strawberry.argument(description="The link.")]
    ) -> MemberInvitationAccepted:
        await take_try(info, input.token)
        async with info.context.transaction() as (session, actor):
            organization = await invitations.accept_member_invitation(session, actor, token=input.token)
        async with info.context.transaction() as (session, actor):
            return MemberInvitationAccepted(organization=await read_organization(session, actor, organization))
