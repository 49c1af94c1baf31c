"""Closing an organization, after a look at what goes and what stays."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from graphql_schema.organization import Organization, read_organization, read_organization_id
from graphql_schema.personal_data import BY_CODE, BY_PASSWORD, prove
from portal import access
from portal.identity import closing, sessions


@rules.type(
    access.OWNER,
    description="What closing the organization would do now: what ends at once, what is erased 30 days later, and what "
    "stays.",
)
class ClosingPreview:
    members: int = rules.field(description="Memberships: nobody acts for it at once, and they are erased later.")
    api_keys: int = rules.field(description="API keys that end at once.")
    webhooks: int = rules.field(description="Webhook endpoints that are removed at once.")
    has_sso: bool = rules.field(description="Whether an identity provider is connected, which is removed at once.")
    invitations: int = rules.field(description="Open invitations that end at once.")
    requests_received: int = rules.field(description="Open requests of buyers, which are declined at once.")
    requests_sent: int = rules.field(description="Open requests to suppliers, which are withdrawn at once.")
    shares_ending: int = rules.field(description="Shares that follow later submissions, which end at once.")
    shares_received: int = rules.field(description="What others share with the organization, which ends at once.")
    drafts: int = rules.field(description="Drafts that are erased later, with their answers.")
    documents: int = rules.field(description="Documents whose files are erased later.")
    contacts: int = rules.field(description="Contacts at suppliers that are erased later.")
    shares_kept: int = rules.field(description="Shares of one submission, which buyers keep until their ends.")
    documents_kept: int = rules.field(description="Documents that such shares show, kept until they end.")
    submissions_kept: int = rules.field(description="Submissions, which stay with their results.")


@strawberry.input(description="A fresh proof of who is calling.")
class CloseOrganizationInput:
    password: str | None = strawberry.field(description=BY_PASSWORD, default=None)
    code: str | None = strawberry.field(description=BY_CODE, default=None)


@strawberry.input(description="Which organization, and a fresh proof of who is calling.")
class ReopenOrganizationInput:
    organization_id: strawberry.ID = strawberry.field(description="One of `viewer.organizations` that is closed.")
    password: str | None = strawberry.field(description=BY_PASSWORD, default=None)
    code: str | None = strawberry.field(description=BY_CODE, default=None)


@rules.type(rules.AS_PARENT, description="Nobody acts for the organization any more.")
class OrganizationClosed:
    reopen_until: datetime = rules.field(description="Until when an owner may open it again; then it is erased.")


@rules.type(rules.AS_PARENT, description="The organization acts again, and so does this session for it.")
class OrganizationReopened:
    organization: Organization = rules.field(description="The organization.")


@strawberry.type
class ClosingQuery:
    @rules.query(access.OWNER, description="What closing the organization would do now.")
    async def closing_preview(self, info: Info) -> ClosingPreview:
        async with info.context.transaction() as (session, actor):
            return ClosingPreview(**asdict(await closing.preview_own(session, actor)))


@strawberry.type
class ClosingMutation:
    @rules.mutation(
        access.OWNER,
        description="Close the organization this session acts for; look at `closingPreview` first. An owner may open "
        "it again for 30 days.",
    )
    async def close_organization(
        self, info: Info, input: Annotated[CloseOrganizationInput, strawberry.argument(description="The proof.")]
    ) -> OrganizationClosed:
        await info.context.check(access.OWNER)
        await prove(info, input.password, input.code)
        async with info.context.transaction() as (session, actor):
            return OrganizationClosed(reopen_until=await closing.close_own(session, actor))

    @rules.mutation(
        access.SIGNED_IN,
        description="Open an organization again that the caller owned when it was closed. What ended by the closing "
        "(keys, webhooks, requests, shares that followed) stays ended.",
    )
    async def reopen_organization(
        self, info: Info, input: Annotated[ReopenOrganizationInput, strawberry.argument(description="Which one.")]
    ) -> OrganizationReopened:
        organization = read_organization_id(input.organization_id, "organization_id")
        await prove(info, input.password, input.code)
        async with info.context.transaction() as (session, actor):
            await closing.reopen_own(session, actor, organization=organization)
            await sessions.choose_organization(session, actor, organization=organization)
        async with info.context.transaction() as (session, actor):
            return OrganizationReopened(organization=await read_organization(session, actor, organization))
