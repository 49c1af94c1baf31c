"""A small set of nouns over a real table, to drive the machinery of the surface without the product's own nouns."""

import asyncio
import enum
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import text

from graphql_schema import installation, nodes, paging, rules, scalars, schema
from graphql_schema.context import Info, Session
from portal import access, errors
from portal.database import ids
from portal.delivery.events import Event

SAMPLE = nodes.NodeKind("smpl", "Sample", access.MEMBER)
BY_COUNTRY = paging.Order("samples.country", (str,))
BY_NAME = paging.Order("samples.name", (str,))


@strawberry.enum(description="How samples are sorted.")
class SampleOrder(enum.Enum):
    NAME = strawberry.enum_value("name", description="By name.")
    COUNTRY = strawberry.enum_value("country", description="By country, those without one last.")


@rules.type(access.MEMBER, description="A sample.")
class Sample(nodes.Node):
    name: str = rules.field(description="Its name.")
    country: str | None = rules.field(description="Its country, as a code.")
    secret: str | None = rules.field(access.OWNER, description="For owners.")
    hint: str | None = rules.field(access.OWNER, description="For owners, else null.", null_if_denied=True)

    @rules.method(access.OPERATOR, description="For operators.")
    async def internal(self) -> str | None:
        return "internal"

    @rules.method(description="Samples like this one.", list_size=5)
    async def similar(self) -> list["Sample"]:
        return []


@rules.type(rules.AS_PARENT, description="Samples, counted.")
class SampleConnection(paging.Connection[Sample]):
    total_count: int = rules.field(description="How many there are.")


@rules.type(access.PUBLIC, description="Every scalar, given back.")
class Echo:
    amount: Decimal | None = rules.field(description="A Decimal.")
    day: date | None = rules.field(description="A Date.")
    moment: datetime | None = rules.field(description="A DateTime.")
    locale: scalars.Locale | None = rules.field(description="A Locale.")
    country: scalars.CountryCode | None = rules.field(description="A CountryCode.")
    write_id: UUID | None = rules.field(description="A UUID.")
    words: str | None = rules.field(description="A String.")
    number: int | None = rules.field(description="An Int.")


@strawberry.input(description="One of two.", one_of=True)
class Choice:
    words: strawberry.Maybe[str] = strawberry.field(description="Words.")
    number: strawberry.Maybe[int] = strawberry.field(description="A number.")


@strawberry.input(description="What a new sample is.")
class AddSampleInput:
    name: str = strawberry.field(description="1 to 100 characters.")
    twin_id: strawberry.ID | None = strawberry.field(description="The id of a sample.", default=None)


@rules.type(rules.AS_PARENT, description="A sample was added.")
class SampleAdded:
    sample: Sample = rules.field(description="The new one.")


@rules.type(rules.AS_PARENT, description="Something happened to a sample.")
class SampleChanged:
    sample: Sample = rules.field(description="The sample, read now.")


def describe(text_: str) -> Any:
    return strawberry.argument(description=text_)


def make_sample(row: Any, actor: access.Actor) -> Sample:
    return Sample(
        id=nodes.encode_id(SAMPLE, row.id, actor.organization),
        name=row.name,
        country=row.country,
        secret="seen",
        hint="seen",
    )


async def read_sample(session: Session, actor: access.Actor, id_: UUID) -> Sample:
    found = (await session.execute(text("SELECT * FROM portal.site WHERE id = :id"), {"id": id_})).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such sample.")
    return make_sample(found, actor)


@nodes.loads(SAMPLE)
async def load_samples(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Sample | None]:
    query = text("SELECT * FROM portal.site WHERE id = ANY(:ids)")
    rows = (await session.execute(query, {"ids": [one.id for one in wanted]})).all()
    found = {row.id: make_sample(row, actor) for row in rows}
    return [found.get(one.id) for one in wanted]


@strawberry.type
class SampleQuery:
    @rules.query(access.MEMBER, description="The samples.")
    async def samples(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        order: Annotated[SampleOrder, describe("How to sort.")] = SampleOrder.NAME,
    ) -> SampleConnection:
        kind = BY_NAME if order is SampleOrder.NAME else BY_COUNTRY
        page = paging.read_page(kind, first, after)
        key = "coalesce(country, '~')" if kind is BY_COUNTRY else "name"
        where, values = "", dict[str, Any]()
        if page.after is not None:
            where = f"WHERE ({key}, id) > (coalesce(:key, '~'), :id)"
            values = {"key": page.after.keys[0], "id": page.after.id}
        async with info.context.transaction() as (session, actor):
            query = text(f"SELECT * FROM portal.site {where} ORDER BY {key}, id LIMIT {page.limit}")
            rows = (await session.execute(query, values)).all()
            total = (await session.execute(text("SELECT count(*) FROM portal.site"))).scalar_one()
        return paging.build_connection(
            page,
            rows,
            keys=lambda row: ([row.country if kind is BY_COUNTRY else row.name], row.id),
            node=lambda row: make_sample(row, actor),
            connection=SampleConnection,
            total_count=total,
        )

    @rules.query(access.BUYER, description="For buyers; opens no transaction of its own.")
    async def buyers_only(self, info: Info) -> str | None:
        return "for buyers"

    @rules.query(access.SIGNED_IN, description="Breaks in an unexpected way.")
    async def broken(self, info: Info) -> str | None:
        raise ZeroDivisionError("the answer was canary-7f3")

    @rules.query(access.PUBLIC, description="Refuses with the failure that is named.")
    async def refused(self, info: Info, how: Annotated[str, describe("A kind.")]) -> str | None:
        raise FAILURES[how]()

    @rules.query(access.PUBLIC, description="Waits.")
    async def slow(self, info: Info) -> str | None:
        await asyncio.sleep(60)
        return None

    @rules.query(access.PUBLIC, description="Gives back what it got.")
    async def echo(
        self,
        info: Info,
        amount: Annotated[Decimal | None, describe("A Decimal.")] = None,
        day: Annotated[date | None, describe("A Date.")] = None,
        moment: Annotated[datetime | None, describe("A DateTime.")] = None,
        locale: Annotated[scalars.Locale | None, describe("A Locale.")] = None,
        country: Annotated[scalars.CountryCode | None, describe("A CountryCode.")] = None,
        write_id: Annotated[UUID | None, describe("A UUID.")] = None,
        choice: Annotated[Choice | None, describe("One of two.")] = None,
        order: Annotated[SampleOrder | None, describe("An enum.")] = None,
    ) -> Echo:
        words = choice.words.value if choice and choice.words else None
        number = choice.number.value if choice and choice.number else None
        return Echo(
            amount=amount,
            day=day,
            moment=moment,
            locale=locale,
            country=country,
            write_id=write_id,
            words=words,
            number=number,
        )


FAILURES: dict[str, Any] = {
    "rate": lambda: errors.RateLimited("Too many tries.", retry_after=7),
    "conflict": lambda: errors.Conflict("Somebody else was faster."),
    "input": lambda: errors.InvalidInput(
        "Two things are wrong.",
        problems=(errors.FieldProblem(("due_date",), "PAST", "Past."), errors.FieldProblem(("a", 3), "BAD", "Bad.")),
    ),
    "unavailable": lambda: errors.Unavailable("Later."),
}


@strawberry.type
class SampleMutation:
    @rules.mutation(access.MEMBER, description="Add a sample.")
    async def add_sample(self, info: Info, input: Annotated[AddSampleInput, describe("What it is.")]) -> SampleAdded:
        if input.twin_id is not None:
            nodes.decode_id(input.twin_id, SAMPLE, path=("twin_id",))
        async with info.context.transaction() as (session, actor):
            access.require(actor, access.OWNER)
            if not 1 <= len(input.name) <= 100:
                raise errors.InvalidInput("The name must have 1 to 100 characters.", code="LENGTH", path=("name",))
            id_ = ids.new_id()
            await session.execute(
                text("INSERT INTO portal.site (organization_id, id, name) VALUES (:owner, :id, :name)"),
                {"owner": actor.organization, "id": id_, "name": input.name},
            )
            if input.name == "taken":
                raise errors.Conflict("There is one of that name.")
            sample = await read_sample(session, actor, id_)
        info.context.events.publish(Event(f"owner:{actor.organization}", "sample.added", id_))
        return SampleAdded(sample=sample)

    @rules.mutation(access.PUBLIC, description="Refuse with the failure that is named.")
    async def refuse(self, info: Info, how: Annotated[str, describe("A kind.")]) -> SampleAdded:
        raise FAILURES[how]()


@strawberry.type
class SampleSubscription:
    @rules.subscription(access.MEMBER, description="Samples of the own organization that change.")
    async def sample_changed(self, info: Info) -> AsyncIterator[SampleChanged]:
        actor = await info.context.authenticate()
        async with info.context.events.listen([f"owner:{actor.organization}"]) as events:
            async for event in events:
                async with info.context.transaction() as (session, now):
                    sample = await read_sample(session, now, event.id)
                yield SampleChanged(sample=sample)


def build() -> Any:
    """The sample nouns beside those that every schema has."""
    return schema.build_schema(
        (installation.InstallationQuery, nodes.NodeQuery, SampleQuery),
        (SampleMutation,),
        (SampleSubscription,),
        (Sample,),
    )


LATER = datetime(2100, 1, 1, tzinfo=UTC)
