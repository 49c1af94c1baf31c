"""Another address for an account, which both mailboxes agree to."""

from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from portal import access
from portal.identity import email_changes


@strawberry.input(description="Which address the caller wants to have.")
class RequestEmailChangeInput:
    new_email: str = strawberry.field(description="The new address, at most 254 characters.")
    password: str = strawberry.field(description="The caller's password.")


@strawberry.input(description="One of the two links.")
class ConfirmEmailChangeInput:
    token: str = strawberry.field(description="The token in the link; it works for 24 hours.")


@rules.type(
    rules.AS_PARENT,
    description="Two letters are on their way; the answer is the same whether or not the new address has an account.",
)
class EmailChangeRequested:
    new_email: str = rules.field(description="The new address, in small letters.")


@rules.type(rules.AS_PARENT, description="This mailbox agrees.")
class EmailChangeConfirmed:
    is_changed: bool = rules.field(
        description="Whether the account has its new address now; false while the other link was not opened."
    )


@strawberry.type
class EmailChangeMutation:
    @rules.mutation(
        access.SIGNED_IN,
        description="Ask for another address; it is changed once the links in the letters to both were opened.",
    )
    async def request_email_change(
        self, info: Info, input: Annotated[RequestEmailChangeInput, strawberry.argument(description="Which address.")]
    ) -> EmailChangeRequested:
        email = await email_changes.request_email_change(
            info.context.database,
            info.context.credential,
            new_email=input.new_email,
            password=input.password,
            address=info.context.client_address,
        )
        return EmailChangeRequested(new_email=email)

    @rules.mutation(access.PUBLIC, description="Agree to another address by one of the two mailed links.")
    async def confirm_email_change(
        self, info: Info, input: Annotated[ConfirmEmailChangeInput, strawberry.argument(description="The link.")]
    ) -> EmailChangeConfirmed:
        is_changed = await email_changes.confirm_email_change(
            info.context.database, token=input.token, address=info.context.client_address
        )
        return EmailChangeConfirmed(is_changed=is_changed)
