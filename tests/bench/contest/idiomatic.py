"""The contender as Strawberry's and SQLAlchemy's own pages show it: ORM rows, resolvers and DataLoaders, caches on.

Run as a process of its own: `python -m tests.bench.contest.idiomatic PORT`, with the database's address in
BENCH_DATABASE_URL. The login, the session look-up and the policies are the portal's.
"""

import base64
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry
import uvicorn
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import defer
from starlette.applications import Starlette
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache

from portal.database.tables.assessments import Assessment as AssessmentRow
from portal.database.tables.benchmarks import ReleaseCell
from portal.database.tables.cards import RelationshipCard
from portal.database.tables.directory import SupplierRecord
from tests.bench.contest import idiomatic_types as types
from tests.bench.contest.idiomatic_loaders import LEAD, Loaders
from tests.bench.handwritten import POOL_SIZE

AUTHENTICATE = text("SELECT * FROM portal.authenticate('session', :secret)")
ENGINE = create_async_engine(
    os.environ["BENCH_DATABASE_URL"], pool_size=POOL_SIZE, max_overflow=0, json_deserializer=orjson.loads
)
SESSIONS = async_sessionmaker(ENGINE, expire_on_commit=False)
Info = strawberry.Info[Any, Any]


class Transaction(SchemaExtension):
    """One transaction for each operation, begun with the session look-up, which sets the tenant."""

    async def on_operation(self) -> AsyncIterator[None]:  # type: ignore[override]
        context = self.execution_context.context
        token = context["request"].headers["authorization"].removeprefix("Bearer ")
        async with SESSIONS() as session, session.begin():
            secret = hashlib.sha256(token.encode()).digest()
            context["caller"] = (await session.execute(AUTHENTICATE, {"secret": secret})).one()
            context["session"], context["loaders"] = session, Loaders(session)
            yield


def require(info: Info, role: str) -> tuple[AsyncSession, UUID]:
    caller = info.context["caller"]
    if role not in caller.organization_roles:
        raise PermissionError(f"Requires: {role}.")
    return info.context["session"], caller.organization_id


@strawberry.type
class Query:
    @strawberry.field
    async def suppliers(
        self, info: Info, first: int, sort: types.SupplierSort, after: str | None = None
    ) -> types.SupplierConnection:
        session, organization = require(info, "buyer")
        card = RelationshipCard
        statement = select(card).where(
            card.buyer_id == organization, card.questionnaire == LEAD, card.archived.is_(False)
        )
        statement = page_by_name(statement, after) if sort.value == "name" else page_by_total(statement, after)
        rows = list(await session.scalars(statement.limit(first + 1)))
        now, shown = datetime.now(UTC), rows[:first]
        last = shown[-1] if shown else None
        key = None if last is None else last.name_key if sort.value == "name" else last.total
        return types.SupplierConnection(
            nodes=[types.make_supplier(one, now) for one in shown],
            page_info=types.PageInfo(
                has_next_page=len(rows) > first,
                end_cursor=None if last is None else write_cursor([sort.value, key, str(last.supplier_record_id)]),
            ),
        )

    @strawberry.field
    async def supplier(self, info: Info, id: strawberry.ID) -> types.SupplierProfile | None:
        session, organization = require(info, "buyer")
        row = await session.get(SupplierRecord, (organization, types.read_id(id)))
        return None if row is None else types.make_profile(row)

    @strawberry.field
    async def benchmark_cells(
        self, info: Info, release: int, first: int, after: str | None = None
    ) -> types.CellConnection:
        session, _ = require(info, "partner")
        cell = ReleaseCell
        statement = select(cell).options(defer(cell.reason)).where(cell.release_number == release)
        if after is not None:
            statement = statement.where(cell.id > UUID(read_cursor(after)[2]))
        rows = list(await session.scalars(statement.order_by(cell.id).limit(first + 1)))
        shown = rows[:first]
        cursor = write_cursor(["written", *[str(shown[-1].id)] * 2]) if shown else None
        return types.CellConnection(
            edges=[types.CellEdge(node=types.make_cell(one)) for one in shown],
            page_info=types.PageInfo(has_next_page=len(rows) > first, end_cursor=cursor),
        )

    @strawberry.field
    async def assessment(self, info: Info, id: strawberry.ID) -> types.Assessment | None:
        _, organization = require(info, "supplier")
        place = (AssessmentRow.supplier_id == organization, AssessmentRow.id == types.read_id(id))
        found = await info.context["loaders"].fetch(select(AssessmentRow).where(*place))
        return types.make_assessment(found[0]) if found else None

    @strawberry.field
    async def questionnaire_version(self, info: Info, questionnaire: str) -> types.QuestionnaireVersion:
        return types.make_version((await info.context["loaders"].find_version(questionnaire))[0])


def page_by_name(statement: Select[Any], after: str | None) -> Select[Any]:
    card = RelationshipCard
    if after is not None:
        _, name, record = read_cursor(after)
        later = (card.name_key == name) & (card.supplier_record_id > UUID(record))
        statement = statement.where(card.name_key >= name, (card.name_key > name) | later)
    return statement.order_by(card.name_key, card.supplier_record_id)


def page_by_total(statement: Select[Any], after: str | None) -> Select[Any]:
    card = RelationshipCard
    statement = statement.where(card.total_missing.is_(False))
    if after is not None:
        _, total, record = read_cursor(after)
        later = (card.ranked_total == total) & (card.supplier_record_id > UUID(record))
        statement = statement.where(card.ranked_total <= total, (card.ranked_total < total) | later)
    return statement.order_by(card.ranked_total.desc(), card.supplier_record_id)


def read_cursor(cursor: str) -> list[Any]:
    content: list[Any] = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return content


def write_cursor(content: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


SCHEMA = strawberry.Schema(Query, extensions=[Transaction, ParserCache, ValidationCache])
APP = Starlette()
APP.add_route("/graphql", GraphQL(SCHEMA, graphql_ide=None))  # type: ignore[arg-type]

if __name__ == "__main__":
    port = int(sys.argv[1])
    uvicorn.run(APP, port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False)
