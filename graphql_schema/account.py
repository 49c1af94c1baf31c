"""A person's account and sessions, and who is calling: `viewer`, signing up, in and out, and passwords."""

import enum
from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.context import Context, Info, Session
from graphql_schema.member import MemberRole
from graphql_schema.organization import ORGANIZATION as ORGANIZATION_KIND
from graphql_schema.organization import (
    Organization,
    OrganizationRoleState,
    OrganizationStatus,
    make_organization,
    make_role,
    read_organization_id,
)
from graphql_schema.scalars import Locale
from portal import access, sealing
from portal.identity import accounts, organizations, resets, second_factors, sessions

USER = nodes.NodeKind("user", "User", access.SIGNED_IN)
SESSION = nodes.NodeKind("sess", "Session", access.SIGNED_IN)


@strawberry.enum(description="What comes after registering.")
class RegistrationStep(enum.Enum):
    CONFIRM_ADDRESS = strawberry.enum_value(
        "confirm_address", description="Open the link in the letter that was sent, and confirm with the password."
    )
    DONE = strawberry.enum_value("done", description="The account is open and signed in: the invitation proved it.")


@rules.type(access.SIGNED_IN, description="The person who is calling.")
class User:
    id: strawberry.ID = rules.field(description="An opaque id, for ever the same.")
    email: str = rules.field(description="The address to sign in with, in small letters.")
    name: str = rules.field(description="The person's name, 1 to 200 characters.")
    locale: Locale = rules.field(description="The language for letters and texts.")
    time_zone: str = rules.field(description='The time zone, like "Asia/Dhaka".')
    is_operator: bool = rules.field(description="Whether the person is an operator of the portal.")
    wants_request_letters: bool = rules.field(
        description="Whether letters about requests of buyers and reminders come; the link in them turns this off."
    )
    wants_result_letters: bool = rules.field(
        description="Whether letters about results, documents, plans and reviews come; the link in them turns this off."
    )
    created_at: datetime = rules.field(description="When the account was opened.")


@rules.type(access.SIGNED_IN, description="An organization the caller belongs to and may switch to.")
class Membership:
    organization_id: strawberry.ID = rules.field(description="The organization's id, for `chooseOrganization`.")
    name: str = rules.field(description="The organization's name.")
    role: MemberRole = rules.field(description="The caller's role there.")
    status: OrganizationStatus = rules.field(description="Whether the organization takes part.")
    needs_second_factor: bool = rules.field(
        description="Whether it requires a second factor of its members while the caller has none: it cannot be chosen."
    )
    needs_sso: bool = rules.field(
        description="Whether it lets the caller in by its identity provider only, so that a session of a password "
        "cannot choose it."
    )


@strawberry.enum(description="How a session was opened.")
class SignInWay(enum.Enum):
    PASSWORD = strawberry.enum_value("password", description="With the account's password, or a mailed link.")
    SSO = strawberry.enum_value(
        "sso", description="By the identity provider of the organization that it acts for, and for no other."
    )


@rules.type(access.SIGNED_IN, name="Session", description="A signed-in device of the caller.")
class SignedInDevice:
    id: strawberry.ID = rules.field(description="An opaque id; not the token.")
    is_current: bool = rules.field(description="Whether this call came with it.")
    organization_id: strawberry.ID | None = rules.field(description="The organization it acts for; null for none yet.")
    way: SignInWay = rules.field(description="How it was opened.")
    created_at: datetime = rules.field(description="When it was signed in.")
    last_used_at: datetime = rules.field(description="When it was used last, to five minutes or so.")
    expires_at: datetime = rules.field(
        description="When it ends by itself; sooner, where nobody uses it for as long as the operator allows."
    )


@rules.type(access.CALLER, description="Who is calling, and for which organization.")
class Viewer:
    user: User | None = rules.field(description="The person; null for an API key.")
    organization: Organization | None = rules.field(
        description="The organization acted for; null where none is chosen."
    )
    member_role: MemberRole | None = rules.field(description="The person's role there; null for an API key.")
    roles: list[OrganizationRoleState] = rules.field(description="What the organization acts as or applied for.")
    organizations: list[Membership] = rules.field(
        description="All organizations the person belongs to, by name; empty for an API key."
    )
    scopes: list[str] = rules.field(description="What an API key may do; empty for a person.")

    @rules.method(access.SIGNED_IN, description="The person's open sessions, the newest first; at most 100.")
    async def sessions(self, info: Info) -> list[SignedInDevice]:
        async with info.context.transaction() as (session, actor):
            return [make_device(one, actor) for one in await sessions.list_sessions(session, actor)]


@strawberry.input(description="A new account.")
class RegisterAccountInput:
    email: str = strawberry.field(description="The address to sign in with, at most 254 characters.")
    password: str = strawberry.field(description="10 to 128 characters, none of the common ones, not the address.")
    name: str = strawberry.field(description="The person's name, 1 to 200 characters.")
    locale: Locale = strawberry.field(description="The language for letters and texts.", default=Locale("en"))
    time_zone: str = strawberry.field(description='A name of the time zone database, like "Asia/Dhaka".', default="UTC")
    invitation_token: str | None = strawberry.field(
        description="The token of an invitation link; one that was mailed to this address spares the second letter.",
        default=None,
    )


@strawberry.input(description="The link of the letter, and the password chosen when registering.")
class ConfirmAccountInput:
    token: str = strawberry.field(description="The token in the link; it works once, for 24 hours.")
    password: str = strawberry.field(description="The password chosen when registering.")


@strawberry.input(description="Who signs in.")
class SignInInput:
    email: str = strawberry.field(description="The account's address.")
    password: str = strawberry.field(description="The account's password.")
    code: str | None = strawberry.field(
        description="A code of the authenticator app, or a recovery code, where the account has a second factor: the "
        "same call without it answers SECOND_FACTOR_NEEDED once the password is right.",
        default=None,
    )
    organization_id: strawberry.ID | None = strawberry.field(
        description="The organization to act for; the first one joined without it, or none.", default=None
    )


@strawberry.input(description="Which organization this session acts for.")
class ChooseOrganizationInput:
    organization_id: strawberry.ID = strawberry.field(description="One of `viewer.organizations`.")


@strawberry.input(description="Which of the caller's sessions to end.")
class EndSessionInput:
    session_id: strawberry.ID = strawberry.field(description="One of `viewer.sessions`.")


@strawberry.input(description="What to change of the account; what is left out or null stays.")
class UpdateProfileInput:
    name: str | None = strawberry.field(description="1 to 200 characters.", default=None)
    locale: Locale | None = strawberry.field(description="The language for letters and texts.", default=None)
    time_zone: str | None = strawberry.field(description='A time zone, like "Asia/Dhaka".', default=None)
    wants_request_letters: bool | None = strawberry.field(
        description="Whether letters about requests and reminders come; those about the account come in any case.",
        default=None,
    )
    wants_result_letters: bool | None = strawberry.field(
        description="Whether letters about results, documents, plans and reviews come.", default=None
    )


@strawberry.input(description="The old password and the new one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password that holds now.")
    new_password: str = strawberry.field(description="10 to 128 characters, none of the common ones, not the address.")


@strawberry.input(description="Whose password was forgotten.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The account's address.")


@strawberry.input(description="The link of the letter, and the new password.")
class ResetPasswordInput:
    token: str = strawberry.field(description="The token in the link; it works once, for one hour.")
    new_password: str = strawberry.field(description="10 to 128 characters, none of the common ones, not the address.")


@rules.type(
    rules.AS_PARENT, description="The registration was taken in; the same answer whether or not an account exists."
)
class AccountRegistered:
    next: RegistrationStep = rules.field(description="What comes after.")
    token: str | None = rules.field(description="The session's token where it is DONE, for `Authorization: Bearer`.")
    expires_at: datetime | None = rules.field(description="When that session ends.")


@rules.type(rules.AS_PARENT, description="The account is open, and a session of it too.")
class AccountConfirmed:
    token: str = rules.field(description="The session's token, for `Authorization: Bearer`; it is shown only here.")
    expires_at: datetime = rules.field(description="When the session ends.")


@rules.type(rules.AS_PARENT, description="A session is open.")
class SignedIn:
    token: str = rules.field(description="The session's token, for `Authorization: Bearer`; it is shown only here.")
    expires_at: datetime = rules.field(description="When the session ends.")
    user: User = rules.field(description="Who is signed in.")
    organization: Organization | None = rules.field(description="The organization acted for; null where there is none.")
    organizations: list[Membership] = rules.field(description="All organizations the person may switch to, by name.")


@rules.type(rules.AS_PARENT, description="The session has ended.")
class SignedOut:
    ended: int = rules.field(description="How many sessions ended: 1.")


@rules.type(rules.AS_PARENT, description="The session has ended.")
class SessionEnded:
    viewer: Viewer = rules.field(description="The caller, with the sessions that remain.")


@rules.type(rules.AS_PARENT, description="The other sessions have ended.")
class OtherSessionsEnded:
    ended: int = rules.field(description="How many there were.")


@rules.type(rules.AS_PARENT, description="The session acts for the organization from now on.")
class OrganizationChosen:
    viewer: Viewer = rules.field(description="The caller, acting for the organization.")


@rules.type(rules.AS_PARENT, description="The account was changed.")
class ProfileUpdated:
    user: User = rules.field(description="The account as it is now.")


@rules.type(rules.AS_PARENT, description="The password was changed, and the caller's other sessions have ended.")
class PasswordChanged:
    ended_sessions: int = rules.field(description="How many other sessions there were.")


@rules.type(
    rules.AS_PARENT, description="A letter is on its way if the address has an account; the answer never tells."
)
class PasswordResetRequested:
    email: str = rules.field(description="The address as it was given.")


@rules.type(
    rules.AS_PARENT, description="The password was replaced and every session has ended; sign in with the new one."
)
class PasswordReset:
    sign_in_next: bool = rules.field(description="Always true: nobody was signed in.")


def make_user(profile: accounts.Profile) -> User:
    return User(
        id=nodes.encode_id(USER, profile.id),
        email=profile.email,
        name=profile.name,
        locale=Locale(profile.locale),
        time_zone=profile.time_zone,
        is_operator=profile.is_operator,
        wants_request_letters=profile.wants_request_letters,
        wants_result_letters=profile.wants_result_letters,
        created_at=profile.created_at,
    )


def make_device(found: sessions.OwnSession, actor: access.Actor) -> SignedInDevice:
    acts_for = found.organization_id
    return SignedInDevice(
        id=nodes.encode_id(SESSION, found.id),
        is_current=found.id == actor.session_id,
        organization_id=None if acts_for is None else nodes.encode_id(ORGANIZATION_KIND, acts_for),
        way=SignInWay.SSO if found.is_sso else SignInWay.PASSWORD,
        created_at=found.created_at,
        last_used_at=found.last_used_at,
        expires_at=found.expires_at,
    )


def make_membership(found: organizations.Membership) -> Membership:
    return Membership(
        organization_id=nodes.encode_id(ORGANIZATION_KIND, found.organization_id),
        name=found.name,
        role=MemberRole(found.role),
        status=OrganizationStatus(found.status),
        needs_second_factor=found.needs_second_factor,
        needs_sso=found.needs_sso,
    )


async def read_viewer(session: Session, actor: access.Actor) -> Viewer:
    """The caller with everything that a client's first page shows."""
    acts_for, is_person = actor.organization_id, actor.user_id is not None
    found = (
        None
        if acts_for is None
        else (await organizations.find_organizations(session, actor, organization_ids=[acts_for]))[acts_for]
    )
    mine = await organizations.list_organizations(session, actor) if is_person else []
    return Viewer(
        user=make_user(await accounts.read_profile(session, actor)) if is_person else None,
        organization=None if found is None else make_organization(found),
        member_role=MemberRole(actor.member_role) if is_person and actor.member_role else None,
        roles=[make_role(one) for one in await organizations.list_roles(session, actor)] if found else [],
        organizations=[make_membership(one) for one in mine],
        scopes=sorted(actor.scopes),
    )


def session_lifetime(context: Context) -> timedelta:
    return timedelta(days=context.settings.session_days)


@strawberry.type
class AccountQuery:
    @rules.query(access.CALLER, description="Who is calling, and for which organization.")
    async def viewer(self, info: Info) -> Viewer:
        async with info.context.transaction() as (session, actor):
            return await read_viewer(session, actor)


@strawberry.type
class AccountMutation:
    @rules.mutation(
        access.PUBLIC,
        description="Register. A letter goes to the address; the answer does not tell whether it has an account.",
    )
    async def register_account(
        self, info: Info, input: Annotated[RegisterAccountInput, strawberry.argument(description="The new account.")]
    ) -> AccountRegistered:
        account = accounts.NewAccount(input.email, input.password, input.name, input.locale, input.time_zone)
        opened = await accounts.register_account(
            info.context.database,
            account,
            address=info.context.client_address,
            invitation_token=input.invitation_token,
            lifetime=session_lifetime(info.context),
        )
        if opened is None:
            return AccountRegistered(next=RegistrationStep.CONFIRM_ADDRESS, token=None, expires_at=None)
        return AccountRegistered(next=RegistrationStep.DONE, token=opened.token, expires_at=opened.expires_at)

    @rules.mutation(access.PUBLIC, description="Open the account that waits behind a mailed link, and sign in.")
    async def confirm_account(
        self, info: Info, input: Annotated[ConfirmAccountInput, strawberry.argument(description="Link and password.")]
    ) -> AccountConfirmed:
        opened = await accounts.confirm_account(
            info.context.database,
            token=input.token,
            password=input.password,
            address=info.context.client_address,
            lifetime=session_lifetime(info.context),
        )
        return AccountConfirmed(token=opened.token, expires_at=opened.expires_at)

    @rules.mutation(access.PUBLIC, description="Open a session with address and password.")
    async def sign_in(
        self, info: Info, input: Annotated[SignInInput, strawberry.argument(description="Who signs in.")]
    ) -> SignedIn:
        wanted, address = input.organization_id, info.context.client_address
        database, sealer = info.context.database, sealing.open_sealer(info.context.settings)
        opened = await sessions.sign_in(
            database,
            email=input.email,
            password=input.password,
            address=address,
            check_factor=lambda person: second_factors.check(database, sealer, person, input.code, address=address),
            organization=None if wanted is None else read_organization_id(wanted, "organization_id"),
            lifetime=session_lifetime(info.context),
        )
        async with info.context.database.transaction(opened.credential) as (session, actor):
            viewer = await read_viewer(session, actor)
        assert viewer.user is not None
        return SignedIn(
            token=opened.token,
            expires_at=opened.expires_at,
            user=viewer.user,
            organization=viewer.organization,
            organizations=viewer.organizations,
        )

    @rules.mutation(access.SIGNED_IN, description="End the session that is calling; its token is worth nothing then.")
    async def sign_out(self, info: Info) -> SignedOut:
        async with info.context.transaction() as (session, actor):
            await sessions.sign_out(session, actor)
        return SignedOut(ended=1)

    @rules.mutation(access.SIGNED_IN, description="End one of the caller's sessions, such as that of a lost phone.")
    async def end_session(
        self, info: Info, input: Annotated[EndSessionInput, strawberry.argument(description="Which session.")]
    ) -> SessionEnded:
        ended = nodes.decode_id(input.session_id, SESSION, path=("session_id",)).id
        async with info.context.transaction() as (session, actor):
            await sessions.end_session(session, actor, session_id=ended)
            return SessionEnded(viewer=await read_viewer(session, actor))

    @rules.mutation(access.SIGNED_IN, description="End every session of the caller but this one.")
    async def end_other_sessions(self, info: Info) -> OtherSessionsEnded:
        async with info.context.transaction() as (session, actor):
            return OtherSessionsEnded(ended=await sessions.end_other_sessions(session, actor))

    @rules.mutation(access.SIGNED_IN, description="Let this session act for another of the caller's organizations.")
    async def choose_organization(
        self, info: Info, input: Annotated[ChooseOrganizationInput, strawberry.argument(description="Which one.")]
    ) -> OrganizationChosen:
        wanted = read_organization_id(input.organization_id, "organization_id")
        async with info.context.transaction() as (session, actor):
            await sessions.choose_organization(session, actor, organization=wanted)
        async with info.context.transaction() as (session, actor):
            return OrganizationChosen(viewer=await read_viewer(session, actor))

    @rules.mutation(access.SIGNED_IN, description="Change the caller's name, language or time zone.")
    async def update_profile(
        self, info: Info, input: Annotated[UpdateProfileInput, strawberry.argument(description="The changes.")]
    ) -> ProfileUpdated:
        async with info.context.transaction() as (session, actor):
            changed = await accounts.update_profile(
                session,
                actor,
                name=input.name,
                locale=input.locale,
                time_zone=input.time_zone,
                wants_request_letters=input.wants_request_letters,
                wants_result_letters=input.wants_result_letters,
            )
            return ProfileUpdated(user=make_user(changed))

    @rules.mutation(access.SIGNED_IN, description="Replace the caller's password; the caller's other sessions end.")
    async def change_password(
        self, info: Info, input: Annotated[ChangePasswordInput, strawberry.argument(description="Old and new.")]
    ) -> PasswordChanged:
        ended = await accounts.change_password(
            info.context.database,
            info.context.credential,
            current_password=input.current_password,
            new_password=input.new_password,
            address=info.context.client_address,
        )
        return PasswordChanged(ended_sessions=ended)

    @rules.mutation(access.PUBLIC, description="Have a link mailed to choose a new password; the answer tells nothing.")
    async def request_password_reset(
        self, info: Info, input: Annotated[RequestPasswordResetInput, strawberry.argument(description="Whose.")]
    ) -> PasswordResetRequested:
        await resets.request_password_reset(
            info.context.database, email=input.email, address=info.context.client_address
        )
        return PasswordResetRequested(email=input.email)

    @rules.mutation(access.PUBLIC, description="Choose a new password with a mailed link; every session ends.")
    async def reset_password(
        self, info: Info, input: Annotated[ResetPasswordInput, strawberry.argument(description="Link and password.")]
    ) -> PasswordReset:
        await resets.reset_password(
            info.context.database,
            token=input.token,
            new_password=input.new_password,
            address=info.context.client_address,
        )
        return PasswordReset(sign_in_next=True)
