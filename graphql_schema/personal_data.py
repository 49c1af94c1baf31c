"""What the portal holds about the caller: all of it as JSON, or erased."""

from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from portal import access
from portal.identity import personal_data


@strawberry.input(description="A fresh proof of who is calling.")
class ExportPersonalDataInput:
    password: str = strawberry.field(description="The caller's password.")


@strawberry.input(description="A fresh proof of who is calling.")
class EraseAccountInput:
    password: str = strawberry.field(description="The caller's password.")


@rules.type(rules.AS_PARENT, description="Everything that the portal holds about the caller.")
class PersonalDataExported:
    document: str = rules.field(description="JSON in the format that the README describes.")


@rules.type(
    rules.AS_PARENT,
    description="The account is gone, and with it everything that names the caller; what was done for organizations "
    "stays with them, as of a former colleague.",
)
class AccountErased:
    email: str = rules.field(description="The address that a last letter goes to.")


async def prove(info: Info, password: str) -> None:
    """Let the caller prove once more who is calling; tries are counted together. Raises InvalidInput, RateLimited."""
    context = info.context
    await personal_data.prove(context.database, context.credential, password=password, address=context.client_address)


@strawberry.type
class PersonalDataMutation:
    @rules.mutation(access.SIGNED_IN, description="Get everything that the portal holds about the caller.")
    async def export_personal_data(
        self, info: Info, input: Annotated[ExportPersonalDataInput, strawberry.argument(description="The proof.")]
    ) -> PersonalDataExported:
        await prove(info, input.password)
        async with info.context.transaction() as (session, actor):
            return PersonalDataExported(document=await personal_data.export_own_data(session, actor))

    @rules.mutation(
        access.SIGNED_IN,
        description="Erase the caller's account at once and for good. LAST_OWNER where an organization would be "
        "without an owner.",
    )
    async def erase_account(
        self, info: Info, input: Annotated[EraseAccountInput, strawberry.argument(description="The proof.")]
    ) -> AccountErased:
        await prove(info, input.password)
        async with info.context.transaction() as (session, actor):
            return AccountErased(email=await personal_data.erase_own_account(session, actor))
