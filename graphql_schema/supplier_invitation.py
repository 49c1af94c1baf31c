"""A buyer invites its suppliers: letters to one or many, links to hand over, and taking either back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, problems, rules, selection, supplier
from graphql_schema.context import Info
from graphql_schema.problems import FieldProblem
from graphql_schema.questionnaire_request import SUPPLIER
from graphql_schema.supplier import CONTACT, Supplier
from portal import access, errors
from portal.directory import inviting
from portal.directory.inviting import Invited, Wish
from portal.reading import suppliers as nouns

INVITATION = nodes.NodeKind(nouns.INVITATION_TAG, "SupplierInvitation", access.BUYER)


@strawberry.input(
    description="Whom to invite: a contact, or an address, which becomes a contact, or with neither the first contact "
    "that mail arrives at and that has not sent an invitation back."
)
class SupplierToInviteInput:
    supplier_id: strawberry.ID = strawberry.field(description="One of `suppliers`.")
    contact_id: strawberry.ID | None = strawberry.field(description="One of its `contacts`.", default=None)
    email: str | None = strawberry.field(description="An address.", default=None)
    again: bool = strawberry.field(
        description='True writes to an address that sent an invitation of this supplier back ("not us", "wrong '
        'contact") and was promised that nothing more comes, which is refused as REFUSED_BEFORE without it; or to a '
        "contact that letters did not arrive at, which is refused as BOUNCED.",
        default=False,
    )


@strawberry.input(description="Which suppliers to invite.")
class InviteSuppliersInput:
    suppliers: list[SupplierToInviteInput] = strawberry.field(description="1 to 100; inviting again sends a new link.")
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it sends no second letter.",
        default=None,
    )


@strawberry.input(description="For which supplier to make a link.")
class CreateInvitationLinkInput:
    supplier_id: strawberry.ID = strawberry.field(description="One of `suppliers`.")


@strawberry.input(description="Which invitation to take back.")
class RevokeSupplierInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="An open one of a supplier's `invitations`.")


@rules.type(rules.AS_PARENT, description="What became of one supplier of the list.")
class SupplierInvitationLine:
    supplier_id: strawberry.ID = rules.field(description="The supplier, as it was given.")
    invitation_id: strawberry.ID | None = rules.field(description="The invitation; null where there is none.")
    email: str | None = rules.field(description="The address it goes to.")
    problem: FieldProblem | None = rules.field(description="Why none was sent; null where one was.")


@rules.type(rules.AS_PARENT, description="Letters are on their way, as far as possible.")
class SuppliersInvited:
    lines: list[SupplierInvitationLine] = rules.field(description="One for each, in their order.", list_size=100)
    invited_count: int = rules.field(description="How many letters are on their way.")


@rules.type(rules.AS_PARENT, description="A link to hand over; it works once and is shown only here.")
class InvitationLinkCreated:
    url: str = rules.field(description="The link: whoever opens it may accept for an organization of theirs.")
    token: str = rules.field(description="The token in the link.")
    expires_at: datetime = rules.field(description="When it ends.")
    supplier: Supplier = rules.field(description="The supplier as it is now.")


@rules.type(rules.AS_PARENT, description="The link works no longer.")
class SupplierInvitationRevoked:
    supplier: Supplier = rules.field(description="The supplier as it is now.")


def read_wishes(given: Sequence[SupplierToInviteInput]) -> list[Wish]:
    """Whom to invite; what is no id is a problem of its line, never of the good ones beside it."""
    return [read_wish(one) for one in given[: inviting.MOST + 1]]


def read_wish(given: SupplierToInviteInput) -> Wish:
    record = read_id(given.supplier_id, SUPPLIER)
    contact = None if given.contact_id is None else read_id(given.contact_id, CONTACT)
    unread = "supplier_id" if record is None else "contact_id" if given.contact_id is not None and not contact else None
    return Wish(record_id=record, contact_id=contact, email=given.email, again=given.again, unread=unread)


def read_id(value: str, kind: nodes.NodeKind) -> UUID | None:
    """The row that an id names, or None for what is no id of this kind."""
    try:
        return nodes.decode_id(value, kind, path=()).id
    except errors.InvalidInput:
        return None


def make_line(actor: access.Actor, at: int, given: str, found: Invited) -> SupplierInvitationLine:
    made, code = found.invitation_id, found.code
    field = () if found.field is None else (found.field,)
    place = problems.spell_path(("suppliers", at, *field), below=("input",))
    return SupplierInvitationLine(
        supplier_id=strawberry.ID(given),
        invitation_id=None if made is None else nodes.encode_id(INVITATION, made, actor.organization),
        email=found.email,
        problem=None if code is None else FieldProblem(path=place, code=code, message=found.message or code),
    )


@strawberry.type
class SupplierInvitationMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Have a letter with a single-use link sent to suppliers, each with its own outcome, which never "
        "tells whether anybody has an account.",
    )
    async def invite_suppliers(
        self, info: Info, input: Annotated[InviteSuppliersInput, strawberry.argument(description="Whom.")]
    ) -> SuppliersInvited:
        wishes = read_wishes(input.suppliers)
        async with info.context.transaction() as (session, actor):
            found = await inviting.invite_suppliers(
                session,
                actor,
                wishes=wishes,
                lifetime=timedelta(days=info.context.settings.invitation_days),
                idempotency_key=input.idempotency_key,
            )
        lines = [
            make_line(actor, at, given.supplier_id, one)
            for at, (given, one) in enumerate(zip(input.suppliers, found, strict=True))
        ]
        return SuppliersInvited(lines=lines, invited_count=sum(line.problem is None for line in lines))

    @rules.mutation(
        access.BUYER_EDITOR, description="Make a link that the buyer hands over itself; an earlier one ends."
    )
    async def create_invitation_link(
        self, info: Info, input: Annotated[CreateInvitationLinkInput, strawberry.argument(description="For whom.")]
    ) -> InvitationLinkCreated:
        selected, record = selection.read(info), supplier.read_supplier_id(input.supplier_id)
        settings = info.context.settings
        async with info.context.transaction() as (session, actor):
            lifetime = timedelta(days=settings.invitation_days)
            link = await inviting.create_link(session, actor, record_id=record, lifetime=lifetime)
            url = f"{settings.public_url}/#invitation={link.token}"
            made = {"url": url, "token": link.token, "expires_at": link.expires_at}
            return await supplier.compose(  # type: ignore[no-any-return]
                session, actor, "InvitationLinkCreated", selected, record, **made
            )

    @rules.mutation(access.BUYER_EDITOR, description="Take an open invitation back.")
    async def revoke_supplier_invitation(
        self, info: Info, input: Annotated[RevokeSupplierInvitationInput, strawberry.argument(description="Which one.")]
    ) -> SupplierInvitationRevoked:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.invitation_id, INVITATION, path=("invitation_id",))
        async with info.context.transaction() as (session, actor):
            record = await inviting.revoke_invitation(session, actor, invitation_id=wanted.id)
            return await supplier.compose(  # type: ignore[no-any-return]
                session, actor, "SupplierInvitationRevoked", selected, record
            )
