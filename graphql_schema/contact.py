"""The people a buyer writes to at a supplier: named and forgotten."""

from typing import Annotated

import strawberry

from graphql_schema import nodes, rules, selection, supplier
from graphql_schema.context import Info
from graphql_schema.supplier import CONTACT, Supplier
from portal import access
from portal.directory import contacts
from portal.directory.facts import ContactFacts


@strawberry.input(description="Whom to write to at which supplier.")
class AddSupplierContactInput:
    supplier_id: strawberry.ID = strawberry.field(description="One of `suppliers`.")
    email: str = strawberry.field(description="The person's address; one that is known already stays one contact.")
    name: str | None = strawberry.field(description="The person's name, at most 200 characters.", default=None)
    locale: str | None = strawberry.field(
        description='The language to write in: a tag like "vi" or a language\'s name.', default=None
    )


@strawberry.input(description="Whom to forget.")
class RemoveSupplierContactInput:
    contact_id: strawberry.ID = strawberry.field(description="One of a supplier's `contacts`.")


@rules.type(rules.AS_PARENT, description="The supplier has a contact.")
class SupplierContactAdded:
    supplier: Supplier = rules.field(description="The supplier as it is now.")
    contact_id: strawberry.ID = rules.field(description="The contact, new or known before.")


@rules.type(rules.AS_PARENT, description="The contact is forgotten, and open invitations to its address have ended.")
class SupplierContactRemoved:
    supplier: Supplier = rules.field(description="The supplier as it is now.")


@strawberry.type
class ContactMutation:
    @rules.mutation(access.BUYER_EDITOR, description="Name a person at a supplier; the supplier never sees the list.")
    async def add_supplier_contact(
        self, info: Info, input: Annotated[AddSupplierContactInput, strawberry.argument(description="Who and where.")]
    ) -> SupplierContactAdded:
        selected, record = selection.read(info), supplier.read_supplier_id(input.supplier_id)
        contact = ContactFacts(email=input.email, name=input.name, locale=input.locale)
        async with info.context.transaction() as (session, actor):
            made = await contacts.add_contact(session, actor, record_id=record, contact=contact)
            contact_id = nodes.encode_id(CONTACT, made, actor.organization)
            return await supplier.compose(  # type: ignore[no-any-return]
                session, actor, "SupplierContactAdded", selected, record, contact_id=contact_id
            )

    @rules.mutation(access.BUYER_EDITOR, description="Forget a person at a supplier.")
    async def remove_supplier_contact(
        self, info: Info, input: Annotated[RemoveSupplierContactInput, strawberry.argument(description="Whom.")]
    ) -> SupplierContactRemoved:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.contact_id, CONTACT, path=("contact_id",))
        async with info.context.transaction() as (session, actor):
            record = await contacts.remove_contact(session, actor, contact_id=wanted.id)
            return await supplier.compose(  # type: ignore[no-any-return]
                session, actor, "SupplierContactRemoved", selected, record
            )
