"""A GraphQL schema over the small read model, with fields of every kind and some that only resolvers compute."""

import asyncio
import enum
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from graphql_schema import finishing, rules, selection
from graphql_schema.nodes import Node
from graphql_schema.operation import make_config
from graphql_schema.paging import Connection
from portal import access, reading
from tests.portal.reading import toy, toy_data


class Grade(enum.Enum):
    GOLD = "gold"
    NOT_RATED = "not_rated"


class Tint(enum.Enum):
    YELLOW = "gold"
    GRAY = "not_rated"


class FirmSort(enum.Enum):
    NAME = "name"
    BEST = "best"
    WORST = "worst"


class PlantSort(enum.Enum):
    NAME = "name"
    STAFF = "staff"
    OPENED = "opened"


strawberry.enum(Grade, description="A grade.")
strawberry.enum(Tint, description="A grade as a color.")
strawberry.enum(FirmSort, description="An order of firms.")
strawberry.enum(PlantSort, description="An order of plants.")


def leaf(**options: Any) -> Any:
    return rules.field(description="A field.", **options)


@rules.type(rules.AS_PARENT, description="A part of a score.")
class Part:
    key: str = leaf()
    score: Decimal | None = leaf()


@rules.type(access.BUYER, description="A person.")
class Person(Node):
    id: strawberry.ID = leaf()
    name: str = leaf()
    nickname: str | None = leaf()

    @rules.method(description="Computed by a resolver from the row's key.")
    def shout(self) -> str:
        return f"PERSON {self.key['id']}"  # type: ignore[attr-defined]


@strawberry.input(description="Which firms.")
class FirmFilter:
    country: list[str] | None = strawberry.field(default=None, description="Countries.")
    grade: Grade | None = strawberry.field(default=None, description="A grade.")
    words: str | None = strawberry.field(default=None, description="Words.")


@rules.type(access.BUYER, description="A plant.")
class Plant(Node):
    id: strawberry.ID = leaf()
    name: str = leaf()
    staff: int | None = leaf()
    opened: date = leaf()
    firm_name: str | None = leaf()
    viewer_can_edit: bool = leaf()
    firm: "Firm" = leaf()


@rules.type(rules.AS_PARENT, description="Plants in pages.")
class PlantConnection(Connection[Plant]):
    nodes: list[Plant] = leaf()
    total_count: int = leaf()


@rules.type(rules.AS_PARENT, description="What a firm was given.")
class Rating:
    grade: Grade | None = leaf()
    score: Decimal = leaf()


@rules.type(rules.AS_PARENT, description="The first plants after a day.")
class PlantStart:
    firm_name: str = leaf()
    plants: list[Plant] = leaf()
    has_more: bool = leaf()


@rules.type(access.BUYER, description="A firm.")
class Firm(Node):
    id: strawberry.ID = leaf()
    name: str = leaf()
    country: str | None = leaf()
    grade: Grade | None = leaf()
    tint: Tint | None = leaf()
    score: Decimal | None = leaf()
    points: int | None = leaf()
    founded: date | None = leaf()
    seen_at: datetime = leaf()
    tags: list[str] = leaf()
    secret: str | None = leaf(rule=access.OPERATOR)
    plant_count: int = leaf()
    strict_country: str = leaf()
    parent: "Firm | None" = leaf()
    parts: list[Part] | None = leaf()
    rating: Rating | None = leaf()
    keeper: Annotated[Person | Plant, strawberry.union("Keeper", description="Who looks after it.")] | None = leaf()

    @rules.method(description="Declared in the read model, with an argument.")
    def top_plants(self, name: str | None = None) -> list[Plant]:
        raise AssertionError("the read model has it")

    @rules.method(description="The first plants after a day.")
    def first_plants(self, opened_after: date | None = None, first: int = 2) -> PlantStart:
        raise AssertionError("the read model has it")

    @rules.method(description="Plants in pages.")
    def plants(
        self,
        first: int = 25,
        after: str | None = None,
        sort: PlantSort = PlantSort.NAME,
        name: str | None = None,
        opened_after: date | None = None,
    ) -> PlantConnection:
        raise AssertionError("the read model has it")

    @rules.method(description="Computed by a resolver from the row's key.")
    async def shout(self) -> str:
        return f"{self.key['name'].upper()}!"  # type: ignore[attr-defined]


@rules.type(rules.AS_PARENT, description="Firms in pages.")
class FirmConnection(Connection[Firm]):
    nodes: list[Firm] = leaf()
    total_count: int | None = leaf()


@rules.type(rules.AS_PARENT, description="A firm was saved.")
class FirmSaved:
    firm: Firm | None = leaf()
    moved: bool = leaf()


@dataclass
class ToyContext:
    """What the toy resolvers need: a transaction of their own, one at a time, and who is calling."""

    engine: AsyncEngine
    actor: access.Actor
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[tuple[AsyncSession, access.Actor]]:
        async with self.turn, toy_data.begin(self.engine, self.actor) as session:
            yield session, self.actor


Info = strawberry.Info[ToyContext, None]


@strawberry.type
class Query:
    @strawberry.field(description="Firms.", metadata={"rule": access.BUYER})
    async def firms(
        self,
        info: Info,
        first: int = 25,
        after: str | None = None,
        sort: FirmSort = FirmSort.NAME,
        filter: FirmFilter | None = None,
    ) -> FirmConnection:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            return await reading.read_connection(session, actor, toy.FIRMS, selected)

    @strawberry.field(description="A firm.", metadata={"rule": access.BUYER})
    async def firm(self, info: Info, number: int) -> Firm | None:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            return await reading.read_one(session, actor, toy.FIRM, selected, id=uuid_of(1000 + number % 40))

    @strawberry.field(description="Firms by their numbers.", metadata={"rule": access.BUYER})
    async def some_firms(self, info: Info, numbers: list[int]) -> list[Firm]:
        selected = selection.read(info)
        ids = [uuid_of(1000 + number % 40) for number in numbers]
        async with info.context.transaction() as (session, actor):
            return await reading.read_many(session, actor, toy.FIRM, selected, ids)

    @strawberry.field(description="Anything.", metadata={"rule": access.BUYER})
    async def thing(self, info: Info, number: int) -> Node | None:
        noun = (toy.FIRM, toy.PLANT, toy.PERSON)[number % 3]
        base = {"Firm": 1000, "Plant": 5000, "Person": 9000}[noun.name]
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            return await reading.read_one(session, actor, noun, selected, id=uuid_of(base + number % 60))


@strawberry.type
class Mutation:
    @strawberry.field(description="Saves.", metadata={"rule": access.BUYER})
    async def save_firm(self, info: Info, number: int) -> FirmSaved:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):

            async def read_firm(part: reading.Selected) -> Any:
                return await reading.read_one(session, actor, toy.FIRM, part, id=uuid_of(1000 + number % 40))

            return await reading.compose("FirmSaved", selected, {"firm": read_firm, "moved": True})


def uuid_of(number: int) -> Any:
    from uuid import UUID

    return UUID(int=abs(number))


def build() -> strawberry.Schema:
    schema = strawberry.Schema(
        Query,
        Mutation,
        types=[Person, Plant],
        config=make_config(),
        execution_context_class=finishing.Execution,
    )
    finishing.prepare(schema._schema)
    return schema


SCHEMA = build()
