"""Fields that objects of one page ask for one by one, read together in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from graphql_schema.context import Info, Session
from portal import access

Value = TypeVar("Value")
Load = Callable[[Session, access.Actor, Sequence[UUID]], Awaitable[dict[UUID, Value]]]


async def load(info: Info, read: Load[Value], id: UUID) -> Value | None:
    """The value for one id; whoever asks in the same moment for others of the kind is answered by the same reading."""
    context = info.context
    name = f"{read.__module__}.{read.__qualname__}"
    if name not in context.batches:

        async def load_all(ids: list[UUID]) -> list[Any]:
            async with context.transaction() as (session, actor):
                found = await read(session, actor, list(dict.fromkeys(ids)))
            return [found.get(one) for one in ids]

        # Nothing is kept after a batch: what a mutation changed is read again.
        context.batches[name] = DataLoader(load_all, cache=False, max_batch_size=100)
    value: Value | None = await context.batches[name].load(id)
    return value
