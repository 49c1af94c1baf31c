"""What the portal holds about the caller: all of it as a file, or erased."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from graphql_schema.second_factor import open_sealer
from portal import access
from portal.delivery import personal_links
from portal.identity import personal_data, personal_exports

BY_PASSWORD = (
    "The caller's password. Who has none, and belongs to one organization alone, signs in anew by its provider and"  # noqa: S105
    " leaves this out within 10 minutes; SIGN_IN_AGAIN where that is not so."
)
BY_CODE = "A new code of the caller's authenticator app, or a recovery code, where a second factor is on."


@strawberry.input(description="A fresh proof of who is calling.")
class ExportPersonalDataInput:
    password: str | None = strawberry.field(description=BY_PASSWORD, default=None)
    code: str | None = strawberry.field(description=BY_CODE, default=None)


@strawberry.input(description="A fresh proof of who is calling.")
class EraseAccountInput:
    password: str | None = strawberry.field(description=BY_PASSWORD, default=None)
    code: str | None = strawberry.field(description=BY_CODE, default=None)


@rules.type(rules.AS_PARENT, description="Where everything is that the portal holds about the caller.")
class PersonalDataExported:
    export_path: str = rules.field(
        description="To GET with the same session token: JSON in the format that the README describes, however long."
    )
    until: datetime = rules.field(description="Until when it can be fetched.")


@rules.type(
    rules.AS_PARENT,
    description="The account is gone, and with it everything that names the caller; what was done for organizations "
    "stays with them, as of a former colleague.",
)
class AccountErased:
    email: str = rules.field(description="The address that a last letter goes to.")


async def prove(info: Info, password: str | None, code: str | None) -> None:
    """Let the caller prove once more who is calling; tries are counted together. Raises InvalidInput, RateLimited."""
    context = info.context
    await personal_data.prove(
        context.database,
        context.credential,
        open_sealer(context),
        password=password,
        code=code,
        address=context.client_address,
    )


@strawberry.type
class PersonalDataMutation:
    @rules.mutation(access.SIGNED_IN, description="Get everything that the portal holds about the caller.")
    async def export_personal_data(
        self, info: Info, input: Annotated[ExportPersonalDataInput, strawberry.argument(description="The proof.")]
    ) -> PersonalDataExported:
        await prove(info, input.password, input.code)
        async with info.context.transaction() as (session, actor):
            now = await personal_exports.allow_own(session, actor)
            path, until = personal_links.make_link(info.context.settings.secret_key, actor, now)
            return PersonalDataExported(export_path=path, until=until)

    @rules.mutation(
        access.SIGNED_IN,
        description="Erase the caller's account at once and for good. LAST_OWNER where an organization would be "
        "without an owner.",
    )
    async def erase_account(
        self, info: Info, input: Annotated[EraseAccountInput, strawberry.argument(description="The proof.")]
    ) -> AccountErased:
        await prove(info, input.password, input.code)
        async with info.context.transaction() as (session, actor):
            return AccountErased(email=await personal_data.erase_own_account(session, actor))
