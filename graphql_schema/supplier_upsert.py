"""Suppliers as another system of the buyer keeps them: written by vendor number, with a result for each line."""

import enum
from collections.abc import Sequence
from typing import Annotated

import strawberry

from graphql_schema import problems, rules, supplier
from graphql_schema.context import Info
from graphql_schema.problems import FieldProblem
from portal import access
from portal.directory import upserting
from portal.directory.facts import ContactFacts, RecordFacts
from portal.directory.upserting import Line, Upserted


@strawberry.enum(description="What became of a line.")
class UpsertOutcome(enum.Enum):
    CREATED = strawberry.enum_value("CREATED", description="A new supplier.")
    UPDATED = strawberry.enum_value("UPDATED", description="A supplier was changed, or got a contact.")
    UNCHANGED = strawberry.enum_value("UNCHANGED", description="Everything was so already.")
    REFUSED = strawberry.enum_value("REFUSED", description="Nothing was written; see the problems.")


@strawberry.input(description='A supplier as the other system has it; what is left out or null stays, "" empties.')
class UpsertSupplierInput:
    vendor_number: str = strawberry.field(description="The buyer's number for it, at most 64 characters.")
    name: str | None = strawberry.field(description="1 to 300 characters; needed for a new one.", default=None)
    country: str | None = strawberry.field(description="A country's code or name; needed for a new one.", default=None)
    local_name: str | None = strawberry.field(description="At most 300 characters.", default=None)
    address: str | None = strawberry.field(description="At most 1,000 characters.", default=None)
    sector: str | None = strawberry.field(
        description="In words, or as a code of ISIC Rev.4; at most 500 characters.", default=None
    )
    external_reference: str | None = strawberry.field(description="At most 200 characters.", default=None)
    contact_email: str | None = strawberry.field(description="Whom to write to; added, never removed.", default=None)
    contact_name: str | None = strawberry.field(description="That person's name.", default=None)
    contact_locale: str | None = strawberry.field(description="The language to write in.", default=None)


@strawberry.input(description="Suppliers to write.")
class UpsertSuppliersInput:
    suppliers: list[UpsertSupplierInput] = strawberry.field(description="1 to 500, each vendor number once.")
    idempotency_key: str | None = strawberry.field(
        description="8 to 100 characters, the client's own; a repeated call with it writes nothing.", default=None
    )


@rules.type(rules.AS_PARENT, description="What became of one line.")
class UpsertLine:
    vendor_number: str | None = rules.field(description="The number of the line.")
    outcome: UpsertOutcome = rules.field(description="What became of it.")
    supplier_id: strawberry.ID | None = rules.field(description="The supplier; null where the line was refused.")
    problems: list[FieldProblem] = rules.field(description="Why it was refused; empty otherwise.", list_size=1)


@rules.type(rules.AS_PARENT, description="The good lines are written, whatever the others were.")
class SuppliersUpserted:
    lines: list[UpsertLine] = rules.field(description="One for each supplier, in their order.", list_size=500)
    created_count: int = rules.field(description="How many are new.")
    updated_count: int = rules.field(description="How many were changed.")
    unchanged_count: int = rules.field(description="How many were so already.")
    refused_count: int = rules.field(description="How many were refused.")


def read_line(given: UpsertSupplierInput) -> Line:
    facts = RecordFacts(
        name=given.name,
        country=given.country,
        local_name=given.local_name,
        address=given.address,
        sector=given.sector,
        vendor_number=given.vendor_number,
        external_reference=given.external_reference,
    )
    if not given.contact_email:
        return Line(facts=facts)
    contact = ContactFacts(email=given.contact_email, name=given.contact_name, locale=given.contact_locale)
    return Line(facts=facts, contact=contact)


def make_line(actor: access.Actor, at: int, found: Upserted) -> UpsertLine:
    below = ("input", "suppliers", str(at))
    return UpsertLine(
        vendor_number=found.vendor_number,
        outcome=UpsertOutcome(found.outcome),
        supplier_id=None if found.record_id is None else supplier.encode_supplier(actor, found.record_id),
        problems=[
            FieldProblem(path=problems.spell_path(one.path, below=below), code=one.code, message=one.message)
            for one in found.problems
        ],
    )


def make_result(actor: access.Actor, found: Sequence[Upserted]) -> SuppliersUpserted:
    outcomes = [one.outcome for one in found]
    return SuppliersUpserted(
        lines=[make_line(actor, at, one) for at, one in enumerate(found)],
        created_count=outcomes.count("CREATED"),
        updated_count=outcomes.count("UPDATED"),
        unchanged_count=outcomes.count("UNCHANGED"),
        refused_count=outcomes.count("REFUSED"),
    )


@strawberry.type
class SupplierUpsertMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Write suppliers by the buyer's own numbers, as an ERP does: unlike a list, it overwrites.",
    )
    async def upsert_suppliers(
        self, info: Info, input: Annotated[UpsertSuppliersInput, strawberry.argument(description="The suppliers.")]
    ) -> SuppliersUpserted:
        lines = [read_line(one) for one in input.suppliers[: upserting.MOST + 1]]
        async with info.context.transaction() as (session, actor):
            found = await upserting.upsert_records(session, actor, lines=lines, idempotency_key=input.idempotency_key)
            return make_result(actor, found)
