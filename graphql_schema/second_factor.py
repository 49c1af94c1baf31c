"""The second factor of a person's account: adding and removing it, recovery codes, and who requires it."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import strawberry

from graphql_schema import rules
from graphql_schema.context import Context, Info
from graphql_schema.organization import Organization, make_organization
from portal import access, sealing
from portal.identity import organizations, second_factors
from portal.sealing import Sealer

_CODE = "A code of the authenticator app, or a recovery code."
_CODES = "Ten recovery codes, each good for one sign-in without the app; they are shown only here."


@rules.type(access.SIGNED_IN, description="Whether the caller proves more than a password at sign-in.")
class SecondFactor:
    is_on: bool = rules.field(description="Whether `signIn` asks for a code.")
    confirmed_at: datetime | None = rules.field(description="Since when; null while it does not.")
    recovery_codes_left: int = rules.field(description="How many recovery codes are not used yet.")
    is_required: bool = rules.field(description="Whether an organization of the person requires it of its members.")


@strawberry.input(description="The password once more.")
class StartSecondFactorInput:
    password: str = strawberry.field(description="The caller's password.")


@strawberry.input(description="The first code.")
class ConfirmSecondFactorInput:
    code: str = strawberry.field(description="The six digits that the authenticator app shows now.")


@strawberry.input(description="Both factors once more.")
class RenewRecoveryCodesInput:
    password: str = strawberry.field(description="The caller's password.")
    code: str = strawberry.field(description=_CODE)


@strawberry.input(description="Both factors once more.")
class RemoveSecondFactorInput:
    password: str = strawberry.field(description="The caller's password.")
    code: str = strawberry.field(description=_CODE)


@strawberry.input(description="Whether members need a second factor.")
class RequireSecondFactorInput:
    is_required: bool = strawberry.field(
        description="True: a member without one acts for the organization no more, from this call on."
    )


@rules.type(
    rules.AS_PARENT, description="A secret for an authenticator app; nothing is asked for before its first code."
)
class SecondFactorStarted:
    secret: str = rules.field(description="The secret in base 32, to type in; it is shown only here.")
    address: str = rules.field(description="The same as an `otpauth://` address, to be shown as a QR code.")


@rules.type(rules.AS_PARENT, description="`signIn` asks for a code from now on.")
class SecondFactorConfirmed:
    recovery_codes: list[str] = rules.field(description=_CODES)


@rules.type(rules.AS_PARENT, description="There are new recovery codes; the old ones are worth nothing.")
class RecoveryCodesRenewed:
    recovery_codes: list[str] = rules.field(description=_CODES)


@rules.type(rules.AS_PARENT, description="`signIn` asks for the password alone from now on.")
class SecondFactorRemoved:
    second_factor: SecondFactor = rules.field(description="Where the caller stands now.")


@rules.type(rules.AS_PARENT, description="What the organization requires was changed.")
class SecondFactorRequired:
    organization: Organization = rules.field(description="The organization as it is now.")
    ended_sessions: int = rules.field(description="How many sessions of members without a second factor ended by it.")


def make_factor(found: second_factors.OwnFactor) -> SecondFactor:
    return SecondFactor(
        is_on=found.confirmed_at is not None,
        confirmed_at=found.confirmed_at,
        recovery_codes_left=found.codes_left,
        is_required=found.is_required,
    )


def name_issuer(context: Context) -> str:
    """What authenticator apps show above the code."""
    settings = context.settings
    return urlsplit(settings.client_url or settings.public_url).hostname or settings.host


def open_sealer(context: Context) -> Sealer:
    return sealing.open_sealer(context.settings)


@strawberry.type
class SecondFactorQuery:
    @rules.query(access.SIGNED_IN, description="Whether the caller's account has a second factor.")
    async def second_factor(self, info: Info) -> SecondFactor:
        async with info.context.transaction() as (session, actor):
            return make_factor(await second_factors.read_own(session, actor))


@strawberry.type
class SecondFactorMutation:
    @rules.mutation(
        access.SIGNED_IN,
        description="Begin to add a second factor (TOTP, RFC 6238); it is in force once its first code was confirmed.",
    )
    async def start_second_factor(
        self, info: Info, input: Annotated[StartSecondFactorInput, strawberry.argument(description="The password.")]
    ) -> SecondFactorStarted:
        started = await second_factors.start(
            info.context.database,
            info.context.credential,
            open_sealer(info.context),
            password=input.password,
            issuer=name_issuer(info.context),
            address=info.context.client_address,
        )
        return SecondFactorStarted(secret=started.secret, address=started.address)

    @rules.mutation(access.SIGNED_IN, description="Put the second factor in force with the first code of the app.")
    async def confirm_second_factor(
        self, info: Info, input: Annotated[ConfirmSecondFactorInput, strawberry.argument(description="The code.")]
    ) -> SecondFactorConfirmed:
        codes = await second_factors.confirm(
            info.context.database,
            info.context.credential,
            open_sealer(info.context),
            code=input.code,
            address=info.context.client_address,
        )
        return SecondFactorConfirmed(recovery_codes=codes)

    @rules.mutation(access.SIGNED_IN, description="Make new recovery codes in place of the old ones.")
    async def renew_recovery_codes(
        self, info: Info, input: Annotated[RenewRecoveryCodesInput, strawberry.argument(description="Both factors.")]
    ) -> RecoveryCodesRenewed:
        codes = await second_factors.renew_codes(
            info.context.database,
            info.context.credential,
            open_sealer(info.context),
            password=input.password,
            code=input.code,
            address=info.context.client_address,
        )
        return RecoveryCodesRenewed(recovery_codes=codes)

    @rules.mutation(access.SIGNED_IN, description="Remove the second factor, unless an organization requires it.")
    async def remove_second_factor(
        self, info: Info, input: Annotated[RemoveSecondFactorInput, strawberry.argument(description="Both factors.")]
    ) -> SecondFactorRemoved:
        await second_factors.remove(
            info.context.database,
            info.context.credential,
            open_sealer(info.context),
            password=input.password,
            code=input.code,
            address=info.context.client_address,
        )
        async with info.context.transaction() as (session, actor):
            return SecondFactorRemoved(second_factor=make_factor(await second_factors.read_own(session, actor)))

    @rules.mutation(
        access.OWNER,
        description="Require a second factor of every member, or no more; members without one are signed out, and may "
        "act for the organization again once they have one.",
    )
    async def require_second_factor(
        self, info: Info, input: Annotated[RequireSecondFactorInput, strawberry.argument(description="Whether.")]
    ) -> SecondFactorRequired:
        async with info.context.transaction() as (session, actor):
            ended = await second_factors.require_of_members(session, actor, is_required=input.is_required)
            own = actor.organization
            found = await organizations.find_organizations(session, actor, organization_ids=[own])
            return SecondFactorRequired(organization=make_organization(found[own]), ended_sessions=ended)
