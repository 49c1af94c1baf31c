"""Objects of the read model for the fields `node` and `nodes`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graphql_schema import nodes, selection
from graphql_schema.context import Info, Session
from portal import access, reading
from portal.reading.declarations import Noun


async def read_rows(
    info: Info,
    session: Session,
    actor: access.Actor,
    noun: Noun,
    wanted: Sequence[nodes.NodeId],
    *,
    owner: str = "supplier_id",
) -> list[Any]:
    """The rows with these ids in their order, None for one that the caller may not see.

    The noun's `key` must hold its identity and the column `owner`, which an id names as well.
    """
    selected = replace(selection.read(info), as_text=False)
    rows = await reading.read_many(session, actor, noun, selected, [one.id for one in wanted])
    found = {(str(row.key[owner]), str(row.key[noun.identity])): row for row in rows}
    return [found.get((str(one.owner), str(one.id))) for one in wanted]
