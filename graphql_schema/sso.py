"""Signing in by the identity provider of an organization: its connection, its domains, and the end of a sign-in."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.account import SignedIn, read_viewer
from graphql_schema.context import Context, Info
from graphql_schema.member import MemberRole
from portal import access, errors
from portal.sso import connections, domains, signing_in

_VERIFIER = "The secret of the client, 43 to 128 characters, whose SHA-256 it gave as `challenge` at the start."


@rules.type(access.OWNER, description="A domain of e-mail addresses that the organization claims.")
class SsoDomain:
    name: str = rules.field(description='The domain, like "example.com".')
    is_verified: bool = rules.field(description="Whether it counts: only then people with its addresses come in.")
    verified_at: datetime | None = rules.field(description="Since when; null while it does not.")
    record_name: str = rules.field(description="The name of the DNS TXT record that shows it.")
    record_value: str = rules.field(description="The value that this record must hold, beside others if need be.")


@rules.type(access.OWNER, description="The identity provider of the organization (OpenID Connect).")
class SsoConnection:
    issuer: str = rules.field(description="The provider's issuer, exactly as it spells it.")
    client_id: str = rules.field(description="The id that the provider gave to this portal.")
    is_enabled: bool = rules.field(description="Whether people come in by it.")
    is_required: bool = rules.field(
        description="Whether members, but for owners, act for the organization only where they came in by it."
    )
    default_role: MemberRole = rules.field(description="What somebody becomes who comes for the first time.")
    domains: list[SsoDomain] = rules.field(
        description="The domains that the organization claims, at most 20.", list_size=domains.MOST_DOMAINS
    )
    redirect_uri: str = rules.field(description="The address to register at the provider.")
    start_url: str = rules.field(description="Where a sign-in begins, `?challenge=` behind it.")
    created_at: datetime = rules.field(description="Since when.")
    updated_at: datetime = rules.field(description="When it was changed last.")


@rules.type(access.PUBLIC, description="Where to sign in by an identity provider.")
class SsoStart:
    start_url: str = rules.field(
        description="Open it in a browser, with `?challenge=` and the SHA-256 of a secret of the client in base64url."
    )


@strawberry.input(description="The identity provider of the organization.")
class SetSsoConnectionInput:
    issuer: str = strawberry.field(description="The provider's issuer, an https:// address.")
    client_id: str = strawberry.field(description="The id that the provider gave, 1 to 500 characters.")
    client_secret: str | None = strawberry.field(
        description="The secret that the provider gave, 1 to 500 characters; nobody reads it again. Without it the one "
        "that is there stays, for the same issuer and client.",
        default=None,
    )
    default_role: MemberRole = strawberry.field(
        description="What somebody becomes who comes for the first time; never OWNER.", default=MemberRole.VIEWER
    )


@strawberry.input(description="How people come in.")
class SwitchSsoInput:
    is_enabled: bool = strawberry.field(description="Whether people come in by it; false ends the sessions it opened.")
    is_required: bool = strawberry.field(
        description="Whether other members than owners have to; true ends their other sessions for the organization."
    )


@strawberry.input(description="A domain.")
class ClaimSsoDomainInput:
    domain: str = strawberry.field(description='Like "example.com".')


@strawberry.input(description="A domain that was claimed.")
class CheckSsoDomainInput:
    domain: str = strawberry.field(description="One of `ssoConnection.domains`.")


@strawberry.input(description="A domain that was claimed.")
class RemoveSsoDomainInput:
    domain: str = strawberry.field(description="One of `ssoConnection.domains`.")


@strawberry.input(description="What the browser came back with.")
class FinishSsoInput:
    code: str = strawberry.field(description="What stands behind `#sso=`; it works once, for a minute.")
    verifier: str = strawberry.field(description=_VERIFIER)


@strawberry.input(description="What the browser came back with, and the password.")
class LinkSsoInput:
    code: str = strawberry.field(description="What stands behind `#sso-link=`; it works once, for a minute.")
    verifier: str = strawberry.field(description=_VERIFIER)
    password: str = strawberry.field(description="The caller's password.")


@rules.type(rules.AS_PARENT, description="The organization is connected; the provider said who it is.")
class SsoConnectionSet:
    connection: SsoConnection = rules.field(description="The connection as it is now.")


@rules.type(rules.AS_PARENT, description="The provider answers as it should.")
class SsoConnectionTested:
    connection: SsoConnection = rules.field(description="The connection.")


@rules.type(rules.AS_PARENT, description="People come in as was asked.")
class SsoSwitched:
    connection: SsoConnection = rules.field(description="The connection as it is now.")
    ended_sessions: int = rules.field(description="How many sessions ended by it.")


@rules.type(rules.AS_PARENT, description="The organization has no identity provider any more.")
class SsoConnectionRemoved:
    ended_sessions: int = rules.field(description="How many sessions ended by it.")


@rules.type(rules.AS_PARENT, description="The domain is claimed; it counts once that was shown.")
class SsoDomainClaimed:
    domain: SsoDomain = rules.field(description="The domain, with the record that shows it.")


@rules.type(rules.AS_PARENT, description="The domain counts.")
class SsoDomainChecked:
    domain: SsoDomain = rules.field(description="The domain as it is now.")


@rules.type(rules.AS_PARENT, description="The domain is claimed no more; who came in by it before stays.")
class SsoDomainRemoved:
    domains: list[SsoDomain] = rules.field(description="Those that are left.", list_size=domains.MOST_DOMAINS)


@rules.type(rules.AS_PARENT, description="The provider can sign the caller in from now on.")
class SsoLinked:
    linked: bool = rules.field(description="Always true.")


def make_domain(found: domains.Domain) -> SsoDomain:
    return SsoDomain(
        name=found.name,
        is_verified=found.verified_at is not None,
        verified_at=found.verified_at,
        record_name=found.record,
        record_value=found.value,
    )


def make_connection(found: connections.Connection, context: Context) -> SsoConnection:
    return SsoConnection(
        issuer=found.issuer,
        client_id=found.client_id,
        is_enabled=found.is_enabled,
        is_required=found.is_required,
        default_role=MemberRole(found.default_role),
        domains=[make_domain(one) for one in found.domains],
        redirect_uri=signing_in.name_redirect(context.settings),
        start_url=signing_in.name_start(context.settings, found.id),
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


async def read_connection(context: Context) -> SsoConnection:
    async with context.transaction() as (session, actor):
        found = await connections.read_connection(session, actor)
    if found is None:
        raise errors.NotFound("Your organization has no identity provider.")
    return make_connection(found, context)


@strawberry.type
class SsoQuery:
    @rules.query(access.OWNER, description="The identity provider of the organization; null where it has none.")
    async def sso_connection(self, info: Info) -> SsoConnection | None:
        async with info.context.transaction() as (session, actor):
            found = await connections.read_connection(session, actor)
        return None if found is None else make_connection(found, info.context)

    @rules.query(access.OWNER, description="The domains that the organization claims, by name; at most 20.")
    async def sso_domains(self, info: Info) -> list[SsoDomain]:
        async with info.context.transaction() as (session, actor):
            return [make_domain(one) for one in await domains.list_domains(session, actor)]

    @rules.query(
        access.PUBLIC,
        description="Where people with addresses of this domain sign in by an identity provider; null where with a "
        "password. It hangs on the domain alone, and tells nothing of accounts.",
    )
    async def sso_start(
        self, info: Info, email: Annotated[str, strawberry.argument(description="An e-mail address.")]
    ) -> SsoStart | None:
        async with info.context.database.transaction(access.NO_CREDENTIAL) as (session, _):
            found = await signing_in.find_start(session, info.context.settings, email=email)
        return None if found is None else SsoStart(start_url=found)


@strawberry.type
class SsoMutation:
    @rules.mutation(
        access.OWNER,
        description="Connect the organization with an identity provider, or change that. Another issuer or client ends "
        "the sessions that the one before opened.",
    )
    async def set_sso_connection(
        self, info: Info, input: Annotated[SetSsoConnectionInput, strawberry.argument(description="The provider.")]
    ) -> SsoConnectionSet:
        role = str(input.default_role.value)
        await connections.set_connection(
            info.context.database,
            info.context.credential,
            info.context.settings,
            connections.Wanted(input.issuer, input.client_id, input.client_secret, role),
            address=info.context.client_address,
        )
        return SsoConnectionSet(connection=await read_connection(info.context))

    @rules.mutation(access.OWNER, description="Ask the identity provider once more who it is.")
    async def test_sso_connection(self, info: Info) -> SsoConnectionTested:
        await connections.test_connection(
            info.context.database,
            info.context.credential,
            info.context.settings,
            address=info.context.client_address,
        )
        return SsoConnectionTested(connection=await read_connection(info.context))

    @rules.mutation(
        access.OWNER, description="Let people in by the identity provider or not, and ask it of every other member."
    )
    async def switch_sso(
        self, info: Info, input: Annotated[SwitchSsoInput, strawberry.argument(description="How.")]
    ) -> SsoSwitched:
        async with info.context.transaction() as (session, actor):
            ended = await connections.switch(session, actor, is_enabled=input.is_enabled, is_required=input.is_required)
        return SsoSwitched(connection=await read_connection(info.context), ended_sessions=ended)

    @rules.mutation(access.OWNER, description="Part from the identity provider; the sessions that it opened end.")
    async def remove_sso_connection(self, info: Info) -> SsoConnectionRemoved:
        async with info.context.transaction() as (session, actor):
            return SsoConnectionRemoved(ended_sessions=await connections.remove_connection(session, actor))

    @rules.mutation(access.OWNER, description="Claim a domain of e-mail addresses; it counts once that was shown.")
    async def claim_sso_domain(
        self, info: Info, input: Annotated[ClaimSsoDomainInput, strawberry.argument(description="Which.")]
    ) -> SsoDomainClaimed:
        async with info.context.transaction() as (session, actor):
            return SsoDomainClaimed(domain=make_domain(await domains.claim(session, actor, domain=input.domain)))

    @rules.mutation(
        access.OWNER,
        description="Look for the TXT record of a domain; where the portal asks no name server, its operator confirms.",
    )
    async def check_sso_domain(
        self, info: Info, input: Annotated[CheckSsoDomainInput, strawberry.argument(description="Which.")]
    ) -> SsoDomainChecked:
        await domains.check(
            info.context.database,
            info.context.credential,
            info.context.settings,
            domain=input.domain,
            address=info.context.client_address,
        )
        async with info.context.transaction() as (session, actor):
            return SsoDomainChecked(domain=make_domain(await domains.find(session, actor, input.domain)))

    @rules.mutation(access.OWNER, description="Claim a domain no more; nobody new comes in by it.")
    async def remove_sso_domain(
        self, info: Info, input: Annotated[RemoveSsoDomainInput, strawberry.argument(description="Which.")]
    ) -> SsoDomainRemoved:
        async with info.context.transaction() as (session, actor):
            await domains.remove(session, actor, domain=input.domain)
            left = await domains.list_domains(session, actor)
            return SsoDomainRemoved(domains=[make_domain(one) for one in left])

    @rules.mutation(access.PUBLIC, description="Open a session with what the browser came back with.")
    async def finish_sso(
        self, info: Info, input: Annotated[FinishSsoInput, strawberry.argument(description="The code.")]
    ) -> SignedIn:
        database = info.context.database
        opened = await signing_in.finish(
            database, code=input.code, verifier=input.verifier, address=info.context.client_address
        )
        async with database.transaction(opened.credential) as (session, actor):
            viewer = await read_viewer(session, actor)
        assert viewer.user is not None
        return SignedIn(
            token=opened.token,
            expires_at=opened.expires_at,
            user=viewer.user,
            organization=viewer.organization,
            organizations=viewer.organizations,
        )

    @rules.mutation(
        access.SIGNED_IN,
        description="Let the identity provider that the browser came back from sign in the caller's account, which it "
        "does not open by itself: that of an owner, of a member of other organizations, or one with a second factor.",
    )
    async def link_sso(
        self, info: Info, input: Annotated[LinkSsoInput, strawberry.argument(description="Code and password.")]
    ) -> SsoLinked:
        await signing_in.link(
            info.context.database,
            info.context.credential,
            code=input.code,
            verifier=input.verifier,
            password=input.password,
            address=info.context.client_address,
        )
        return SsoLinked(linked=True)
