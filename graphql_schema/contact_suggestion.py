"""Somebody else to ask: suggested by a supplier, taken up or dismissed by the buyer."""

from typing import Annotated

import strawberry

from graphql_schema import nodes, rules, selection, supplier
from graphql_schema.context import Info
from graphql_schema.received_request import RECEIVED
from graphql_schema.supplier import CONTACT, Supplier
from portal import access
from portal.directory import suggesting
from portal.reading.contacts import SUGGESTION_TAG

SUGGESTION = nodes.NodeKind(SUGGESTION_TAG, "ContactSuggestion", access.BUYER)


@strawberry.input(description="Whom the buyer should ask instead, about which request.")
class SuggestContactInput:
    request_id: strawberry.ID = strawberry.field(description="An open or accepted request of `receivedRequests`.")
    name: str | None = strawberry.field(
        description="The person's name, at most 200 characters; without one you say that you are the wrong person, "
        "and get no more letters about it.",
        default=None,
    )
    email: str | None = strawberry.field(description="The person's address, if you may give it.", default=None)
    remark: str | None = strawberry.field(
        description="What the buyer should know, at most 500 characters.", default=None
    )


@strawberry.input(description="Which suggestion to take up.")
class AcceptContactSuggestionInput:
    suggestion_id: strawberry.ID = strawberry.field(description="An open one of a supplier's `contactSuggestions`.")
    email: str | None = strawberry.field(
        description="Another address than the suggested one; needed where none was suggested.", default=None
    )


@strawberry.input(description="Which suggestion to set aside.")
class DismissContactSuggestionInput:
    suggestion_id: strawberry.ID = strawberry.field(description="An open one of a supplier's `contactSuggestions`.")


@rules.type(rules.AS_PARENT, description="The buyer sees it beside its record of you; nobody is written to by that.")
class ContactSuggested:
    request_id: strawberry.ID = rules.field(description="The request, which stays as it is.")


@rules.type(
    rules.AS_PARENT,
    description="The person is a contact; nothing was sent to it: `inviteSuppliers` does that. Where the supplier has "
    "joined already its owners get a letter instead, since only they invite colleagues.",
)
class ContactSuggestionAccepted:
    supplier: Supplier = rules.field(description="The supplier as it is now.")
    contact_id: strawberry.ID = rules.field(description="The contact, new or known before.")


@rules.type(rules.AS_PARENT, description="The suggestion is set aside.")
class ContactSuggestionDismissed:
    supplier: Supplier = rules.field(description="The supplier as it is now.")


@strawberry.type
class ContactSuggestionMutation:
    @rules.mutation(
        access.SUPPLIER,
        description="Say that somebody else is the right person for a request, of at most five. The buyer decides "
        "whether to write to that person.",
    )
    async def suggest_contact(
        self, info: Info, input: Annotated[SuggestContactInput, strawberry.argument(description="Whom.")]
    ) -> ContactSuggested:
        wanted = nodes.decode_id(input.request_id, RECEIVED, path=("request_id",)).id
        async with info.context.transaction() as (session, actor):
            await suggesting.suggest_contact(
                session, actor, request_id=wanted, name=input.name, email=input.email, remark=input.remark
            )
        return ContactSuggested(request_id=input.request_id)

    @rules.mutation(access.BUYER_EDITOR, description="Make a suggested person a contact of the supplier.")
    async def accept_contact_suggestion(
        self, info: Info, input: Annotated[AcceptContactSuggestionInput, strawberry.argument(description="Which.")]
    ) -> ContactSuggestionAccepted:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.suggestion_id, SUGGESTION, path=("suggestion_id",)).id
        async with info.context.transaction() as (session, actor):
            record, made = await suggesting.accept_suggestion(session, actor, suggestion_id=wanted, email=input.email)
            contact_id = nodes.encode_id(CONTACT, made, actor.organization)
            return await supplier.compose(  # type: ignore[no-any-return]
                session, actor, "ContactSuggestionAccepted", selected, record, contact_id=contact_id
            )

    @rules.mutation(access.BUYER_EDITOR, description="Set a suggestion aside; nobody else is told.")
    async def dismiss_contact_suggestion(
        self, info: Info, input: Annotated[DismissContactSuggestionInput, strawberry.argument(description="Which.")]
    ) -> ContactSuggestionDismissed:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.suggestion_id, SUGGESTION, path=("suggestion_id",)).id
        async with info.context.transaction() as (session, actor):
            record = await suggesting.dismiss_suggestion(session, actor, suggestion_id=wanted)
            return await supplier.compose(  # type: ignore[no-any-return]
                session, actor, "ContactSuggestionDismissed", selected, record
            )
