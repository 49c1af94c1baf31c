"""Tags and segments of a buyer's suppliers: its own words for choosing among them, which no supplier sees."""

from typing import Annotated

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from graphql_schema.supplier import read_supplier_id
from portal import access
from portal.directory import classifying


@strawberry.input(description="Which suppliers get or lose which tags.")
class TagSuppliersInput:
    supplier_ids: list[strawberry.ID] = strawberry.field(description="1 to 500 of `suppliers`.")
    add: list[str] = strawberry.field(
        description="Tags to give, at most 20 of 1 to 50 characters; case and spaces around make no difference.",
        default_factory=list,
    )
    remove: list[str] = strawberry.field(description="Tags to take away, at most 20.", default_factory=list)


@strawberry.input(description="The segment that some suppliers are in.")
class SegmentSuppliersInput:
    supplier_ids: list[strawberry.ID] = strawberry.field(description="1 to 500 of `suppliers`.")
    segment: str | None = strawberry.field(
        description="Your own word for it, 1 to 50 characters, like `critical`; null takes them out of theirs.",
        default=None,
    )
    reason: str | None = strawberry.field(
        description="Why, 1 to 1,000 characters; needed with a segment, and kept: some laws expect it.", default=None
    )
    spend_band: str | None = strawberry.field(
        description="How much you spend there, in your own words of 1 to 50 characters.", default=None
    )
    strategic: bool = strawberry.field(description="Whether you could hardly do without them.", default=False)


@rules.type(rules.AS_PARENT, description="The suppliers have the tags, and not those that were to go.")
class SuppliersTagged:
    supplier_count: int = rules.field(description="How many suppliers that are; read them again to see their tags.")


@rules.type(rules.AS_PARENT, description="The suppliers are in the segment, or in none.")
class SuppliersSegmented:
    supplier_count: int = rules.field(description="How many suppliers that are.")


@strawberry.type
class SupplierClassMutation:
    @rules.mutation(
        access.BUYER_EDITOR,
        description="Give tags to suppliers or take them away, all or none; a supplier has at most 20. Lists and "
        "campaigns filter by them.",
    )
    async def tag_suppliers(
        self, info: Info, input: Annotated[TagSuppliersInput, strawberry.argument(description="Whom and what.")]
    ) -> SuppliersTagged:
        wanted = [read_supplier_id(one, "supplier_ids", at) for at, one in enumerate(input.supplier_ids)]
        async with info.context.transaction() as (session, actor):
            await classifying.tag_records(session, actor, record_ids=wanted, add=input.add, remove=input.remove)
        return SuppliersTagged(supplier_count=len(set(wanted)))

    @rules.mutation(
        access.BUYER_EDITOR,
        description="Decide the segment of suppliers, all or none, with the reason; it takes the place of the one "
        "before. Lists and campaigns filter by it.",
    )
    async def segment_suppliers(
        self, info: Info, input: Annotated[SegmentSuppliersInput, strawberry.argument(description="Whom, and why.")]
    ) -> SuppliersSegmented:
        wanted = [read_supplier_id(one, "supplier_ids", at) for at, one in enumerate(input.supplier_ids)]
        async with info.context.transaction() as (session, actor):
            await classifying.segment_records(
                session,
                actor,
                record_ids=wanted,
                segment=input.segment,
                reason=input.reason,
                spend_band=input.spend_band,
                strategic=input.strategic,
            )
        return SuppliersSegmented(supplier_count=len(set(wanted)))
