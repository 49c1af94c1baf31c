"""How an operator's view reads: fields and rows are left in the organization's audit trail, and only then shown."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import UUID

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField

from graphql_schema import paging
from graphql_schema.context import Info, Session
from portal.oversight import looks

WRAPPERS = frozenset({"edges", "node"})  # say nothing of what was read
LEFT_OUT = frozenset({"pageInfo", "cursor"})
BY_ID = paging.Order("glassView.id", ())
BY_QUESTION = paging.Order("glassView.question", (str, str))
PERIOD_START, PERIOD_END = "The first day of the reporting period.", "The last day of the reporting period."


class Viewed(Protocol):
    """What is read through a view, and whose it is."""

    glass: Any
    owner: Any


def list_fields(selections: Iterable[Any], above: str = "") -> Iterator[str]:
    """The leaves of a selection, each by its way down; what only makes a page of a list is left out."""
    for one in selections:
        if isinstance(one, InlineFragment | FragmentSpread):
            yield from list_fields(one.selections, above)
        elif isinstance(one, SelectedField) and one.name not in LEFT_OUT:
            path = above if one.name in WRAPPERS else f"{above}.{one.name}".lstrip(".")
            yield from list_fields(one.selections, path) if one.selections else [path]


@asynccontextmanager
async def look(info: Info, view: Viewed) -> AsyncIterator[Session]:
    """A transaction that sees the organization's rows, once what is going to be read is written down."""
    names = sorted(set(list_fields(info.selected_fields)))
    async with info.context.transaction() as (session, actor):
        await looks.look(session, actor, organization=view.owner, glass=view.glass, fields=names)
        yield session


async def note(session: Session, view: Viewed, kind: str, rows: Sequence[tuple[UUID, UUID]]) -> None:
    """Write down which rows were read, each by its id and its owner, before they leave."""
    if rows:
        await looks.note_rows(session, organization=view.owner, glass=view.glass, kind=kind, rows=rows)
