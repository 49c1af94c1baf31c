"""Who looked: the receipts that reading by another organization leaves for the supplier."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.context import Info, Session
from graphql_schema.other_organization import OtherOrganization, ReaderRole
from portal import access, reading
from portal.reading.shares import READ_RECEIPT, READ_RECEIPTS, RECEIPT_TAG

RECEIPT = nodes.NodeKind(RECEIPT_TAG, "ReadReceipt", access.SUPPLIER)


@strawberry.enum(description="What was read.")
class ReceiptKind(enum.Enum):
    SUMMARY = strawberry.enum_value("summary", description="Total, pillars and band; one receipt a day.")
    ANSWERS = strawberry.enum_value("answers", description="Answers or their trace; one receipt each call.")
    EVIDENCE = strawberry.enum_value("evidence", description="The list of documents, or one document; each call.")


@rules.type(access.SUPPLIER, description="Another organization read something of the caller's organization.")
class ReadReceipt(nodes.Node):
    reader: OtherOrganization | None = rules.field(description="Which organization.")
    reader_role: ReaderRole = rules.field(description="In which role.")
    kind: ReceiptKind = rules.field(description="What was read.")
    purpose: str | None = rules.field(description="What for, as its request or the share says.")
    submission_id: strawberry.ID | None = rules.field(description="The submission that was read.")
    evidence_id: strawberry.ID | None = rules.field(description="The document that was fetched; null for a list.")
    read_at: datetime = rules.field(description="When.")


@rules.type(rules.AS_PARENT, description="A page of receipts.")
class ReadReceiptConnection(paging.Connection[ReadReceipt]):
    nodes: list[ReadReceipt] = rules.field(description="The receipts of the page, in order.")


@nodes.loads(RECEIPT)
async def load_receipts(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, READ_RECEIPT, wanted)


@strawberry.type
class ReceiptQuery:
    @rules.query(access.SUPPLIER, description="Who looked at what the organization shared, the newest first.")
    async def read_receipts(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        kind: Annotated[ReceiptKind | None, strawberry.argument(description="Only those of this kind.")] = None,
    ) -> ReadReceiptConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, READ_RECEIPTS, selected)
            return page  # type: ignore[no-any-return]
