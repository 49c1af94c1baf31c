"""Opaque ids that hold for every kind of object, and the fields `node` and `nodes` that read by them."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info, Session
from portal import access, errors

MAX_IDS = 100
NO_OWNER = UUID(int=0)
_LENGTH = 48  # characters: 36 bytes in base64, so there is no padding and one spelling only

Load: TypeAlias = Callable[[Info, Session, access.Actor, Sequence["NodeId"]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True)
class NodeKind:
    """One kind of object with an id: four letters that stand in its ids, its type's name, and who may read it."""

    tag: str
    type_name: str
    rule: access.Rule

    def __post_init__(self) -> None:
        if len(self.tag) != 4 or not self.tag.isascii() or not self.tag.isalpha() or not self.tag.islower():
            raise errors.SetupError(f"The tag of {self.type_name} must be four small letters, not {self.tag!r}.")


@dataclass(frozen=True)
class NodeId:
    """An id taken apart: what it names, the organization whose row it is (NO_OWNER for none), and the row."""

    kind: NodeKind
    owner: UUID
    id: UUID


@rules.interface(rules.AS_PARENT, description="An object with an id that can be read again with `node`.")
class Node:
    id: strawberry.ID = rules.field(description="An opaque id, unique over all types and for ever the same.")


_loaders: dict[str, tuple[NodeKind, Load]] = {}


def loads(kind: NodeKind) -> Callable[[Load], Load]:
    """Register how objects of a kind are read for `node` and `nodes`: one result or None per id, in their order."""

    def register(load: Load) -> Load:
        taken = _loaders.get(kind.tag)
        if taken is not None and taken[0] != kind:
            raise errors.SetupError(f"The tag {kind.tag!r} belongs to {taken[0].type_name} already.")
        _loaders[kind.tag] = (kind, load)
        return load

    return register


def encode_id(kind: NodeKind, id: UUID, owner: UUID = NO_OWNER) -> strawberry.ID:
    """The opaque id of a row.

    SQL spells it: translate(encode('site'::bytea || uuid_send(owner) || uuid_send(id), 'base64'), '+/', '-_')
    """
    return strawberry.ID(base64.urlsafe_b64encode(kind.tag.encode() + owner.bytes + id.bytes).decode())


def decode_id(value: str, *kinds: NodeKind, path: Sequence[str | int]) -> NodeId:
    """Take an id apart; raises InvalidInput that names `path` where it is malformed or of none of the kinds."""
    wanted = " or ".join(kind.type_name for kind in kinds)
    if len(value) == _LENGTH and value.isascii() and not set("+/=") & set(value):
        try:
            content = base64.b64decode(value, altchars=b"-_", validate=True)
        except binascii.Error:
            content = b""
        for kind in kinds:
            if content[:4] == kind.tag.encode():
                return NodeId(kind, UUID(bytes=content[4:20]), UUID(bytes=content[20:]))
    article = "an" if wanted[0] in "AEIO" else "a"
    raise errors.InvalidInput(f"This is not the id of {article} {wanted}.", code="BAD_ID", path=path)


def decode_ids(values: Sequence[str], *kinds: NodeKind, path: Sequence[str | int]) -> list[NodeId]:
    """Take a list of ids apart; raises InvalidInput for the first bad one, or for more than MAX_IDS."""
    if len(values) > MAX_IDS:
        raise errors.InvalidInput(
            f"At most {MAX_IDS} ids at once; these are {len(values)}.", code="TOO_MANY", path=path
        )
    return [decode_id(value, *kinds, path=(*path, place)) for place, value in enumerate(values)]


async def _load_kind(info: Info, kind: NodeKind, load: Load, ids: Sequence[NodeId]) -> dict[NodeId, Any]:
    async with info.context.transaction() as (session, actor):
        if not kind.rule.allows(actor):
            if actor.user_id is None and actor.api_key_id is None:
                access.require(actor, kind.rule)
            return {}
        return dict(zip(ids, await load(info, session, actor, ids), strict=True))


async def load_nodes(info: Info, ids: Sequence[NodeId]) -> list[Any]:
    """The objects in the order of their ids; None for one that does not exist or is not the caller's to see."""
    found: dict[NodeId, Any] = {}
    for kind, load in _loaders.values():
        wanted = list(dict.fromkeys(one for one in ids if one.kind == kind))
        if wanted:
            found |= await _load_kind(info, kind, load, wanted)
    return [found.get(one) for one in ids]


def _kinds() -> list[NodeKind]:
    return [kind for kind, _ in _loaders.values()]


@strawberry.type
class NodeQuery:
    @rules.query(
        access.PUBLIC, description="The object with this id; null where there is none that the caller may see."
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An id from any object.")]
    ) -> Node | None:
        found: Node | None = (await load_nodes(info, [decode_id(id, *_kinds(), path=("id",))]))[0]
        return found

    @rules.query(
        access.PUBLIC, description="The objects with these ids, in their order; null for each the caller may not see."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="1 to 100 ids from any objects.")],
    ) -> list[Node | None]:
        return await load_nodes(info, decode_ids(ids, *_kinds(), path=("ids",)))
