"""What the schema offers, as operations: every field of every type, and an input for every argument that is an id."""

import base64
import functools
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLObjectType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    parse,
    visit,
)

from graphql_schema import limits, rules, schema
from portal.database import ids
from tests.people import PASSWORD as PASSWORD

SCHEMA = schema.get_schema()._schema
PAGE = 3  # items of each list
DEEPEST = 11
SOMEBODY = UUID(int=1)
LEAVES = 120  # of one document
SOON = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
PROBLEMS = {member.name for member in SCHEMA.get_possible_types(SCHEMA.get_type("Problem"))}
# What a value of a scalar may be, where its name says more than its type.
TEXTS: dict[str, Any] = {
    "email": "somebody.else@example.com", "newPassword": "another long passphrase", "password": "wrong, but long",
    "questionnaire": "sample", "country": "VN", "fileName": "list.csv", "name": "A name", "locale": "en",
    "sector": "13", "section": "facts",
    "contentHash": "0" * 64, "timeZone": "UTC", "dueOn": SOON, "periodStart": "2026-01-01",
    "periodEnd": "2026-12-31", "vendorNumber": "V1", "question": "remark", "minimumTier": "MICRO", "tier": "BASIC",
    "action": "UPDATE_FIELDS", "line": 2,
}  # fmt: skip
SCALARS: dict[str, Any] = {
    "Int": 1, "Boolean": True, "Date": "2026-06-30", "DateTime": "2099-01-01T00:00:00Z", "Decimal": "1",
    "Locale": "en", "CountryCode": "VN", "JSON": {},
}  # fmt: skip
# Where the values above would not do: a renewal is for another period than any there is.
ELSEWHERE = {"renewalPreview": {"periodStart": "2027-07-01", "periodEnd": "2027-12-31"}}
# Inputs that need one of several optional members before they look at any id.
TOGETHER = {
    ("replyToClarification", "clarificationId"): ("reply",),
    ("shareResult", "submissionId"): ("buyerId",),
    ("previewShare", "submissionId"): ("buyerId",),
    ("placeInGroup", "organizationId"): ("newGroup",),
    ("proposeEngagement", "reviewerId"): ("submissionId",),
}


class Raw(str):
    """A value that is spelled as GraphQL already."""


Path = tuple[str, ...]
Way = tuple[tuple[str, str], ...]  # steps down: as it is spelled, and as Type.field


@dataclass(frozen=True)
class Slot:
    """A place of an operation that takes an id: the root type, its field, the names down to the place."""

    root: str
    field: str
    path: Path

    @property
    def declared(self) -> GraphQLField:
        return SCHEMA.get_type(self.root).fields[self.field]  # type: ignore[no-any-return, union-attr]

    def __str__(self) -> str:
        return f"{self.field}({'.'.join(self.path)})"


def list_slots() -> list[Slot]:
    """Every argument of type ID of every root field, also inside input objects."""
    roots = [root for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type) if root is not None]
    return [
        Slot(root.name, name, path)
        for root in roots
        for name, declared in root.fields.items()
        for path in _list_ids(declared.args, ())
    ]


def _list_ids(given: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField], above: Path) -> Iterator[Path]:
    for name, one in given.items():
        named = get_named_type(one.type)
        if named.name == "ID":
            yield (*above, name)
        elif is_input_object_type(named):
            yield from _list_ids(named.fields, (*above, name))


def list_node_types() -> list[str]:
    return sorted(one.name for one in SCHEMA.get_possible_types(SCHEMA.get_type("Node")))


def fill(slot: Slot, value: str, others: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of a field with `value` in its slot; other ids that are needed come from `others` by their name."""
    together = TOGETHER.get((slot.field, slot.path[-1]), ())
    return _fill_all(slot.declared.args, slot.path, value, {**others, "": ""}, together)


def _fill_all(given: Any, path: Path, value: str, others: Mapping[str, str], together: Path) -> dict[str, Any]:
    made = {}
    for name, one in given.items():
        if path and name == path[0]:
            made[name] = _fill_slot(one.type, path[1:], value, others, together)
        elif name in together or is_needed(one):
            made[name] = make_value(one.type, name, others)
    return made


def _fill_slot(declared: Any, path: Path, value: str, others: Mapping[str, str], together: Path) -> Any:
    inner = get_nullable_type(declared)
    if is_list_type(inner):
        return [_fill_slot(inner.of_type, path, value, others, together)]
    if not path:
        return value
    return _fill_all(get_named_type(inner).fields, path, value, others, together)


def make_value(declared: Any, name: str, others: Mapping[str, str]) -> Any:
    """A value that fits a type, and mostly the meaning of its name."""
    inner = get_nullable_type(declared)
    if is_list_type(inner):
        return [make_value(inner.of_type, name, others)]
    if is_input_object_type(inner):
        return _fill_all(inner.fields, (), "", others, ())
    if is_enum_type(inner):
        return TEXTS[name] if TEXTS.get(name) in inner.values else next(iter(inner.values))
    if inner.name == "ID":
        return others.get(name, "x" * 48)
    if inner.name == "UUID":
        return str(ids.new_id())
    if name == "token":
        return secrets.token_urlsafe(32)
    return TEXTS[name] if inner.name in ("Date", "Int", "String") and name in TEXTS else SCALARS.get(inner.name, "text")


def is_needed(one: Any) -> bool:
    """Whether an argument must be given."""
    return is_non_null_type(one.type) and not _has_default(one)


def _has_default(one: Any) -> bool:
    return bool(one.default_value is not None and str(one.default_value) != "Undefined") or one.default is not None


def list_leaves(parent: GraphQLObjectType, above: frozenset[str] = frozenset(), depth: int = 0) -> Iterator[Way]:
    """Every way down from a type to a leaf on which no type comes twice."""
    for name, declared in parent.fields.items():
        step = (_spell(name, declared), f"{parent.name}.{name}")
        named = get_named_type(declared.type)
        if is_leaf_type(named):
            yield (step,)
        elif named is parent:  # once more, down to its own leaves
            yield from (
                (step, (_spell(key, one), f"{parent.name}.{key}"))
                for key, one in parent.fields.items()
                if is_leaf_type(get_named_type(one.type))
            )
        elif depth < DEEPEST and named.name not in above:
            for way in _list_below(named, above | {named.name}, depth + 1):
                yield (step, *way)


def _list_below(named: Any, above: frozenset[str], depth: int) -> Iterator[Way]:
    if not is_abstract_type(named):
        yield from list_leaves(named, above, depth)
        return
    for possible in SCHEMA.get_possible_types(named):
        if possible.name not in above:
            for way in list_leaves(possible, above | {possible.name}, depth):
                yield ((f"... on {possible.name}", ""), *way)


def _drop_repeats(ways: Iterable[Way], depth: int = 3) -> Iterator[Way]:
    """Near the root every way counts; further down those that lead through a field for the first time."""
    seen: set[str] = set()
    for way in ways:
        edges = {edge for _, edge in way} - seen
        if edges or len(way) <= depth:
            seen |= edges
            yield way


def _spell(name: str, declared: GraphQLField) -> str:
    """A field with its page small, and with what it cannot do without."""
    given = {
        key: PAGE if key == "first" else make_value(one.type, key, {})
        for key, one in declared.args.items()
        if key == "first" or is_needed(one)
    }
    given |= ELSEWHERE.get(name, {})
    if not given:
        return name
    return f"{name}({', '.join(f'{key}: {_write(declared.args[key].type, value)}' for key, value in given.items())})"


def _write(declared: Any, value: Any) -> str:
    named = get_named_type(declared)
    if is_input_object_type(named) and isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_write(named.fields[key].type, one)}" for key, one in value.items()) + "}"
    is_spelled = isinstance(value, Raw) or is_enum_type(named)
    return str(value) if is_spelled else json.dumps(value)


def spell_root(root: Any, name: str, arguments: Mapping[str, Any]) -> str:
    """A root field with arguments written out."""
    declared = root.fields[name]
    sent = dict(arguments) | ({"first": PAGE} if "first" in declared.args and "first" not in arguments else {})
    if not sent:
        return name
    return f"{name}({', '.join(f'{key}: {_write(declared.args[key].type, value)}' for key, value in sent.items())})"


def list_documents(
    name: str, arguments: Mapping[str, Any] | None = None, only: str | None = None, leaf: str | None = None
) -> list[str]:
    """Operations that together select everything below a field of the query root, each within the limits.

    What takes an id is a variable of the argument's name, so that the same operations are sent for every id; `only` is
    the one object type to take of an interface, `leaf` the one type of the leaves.
    """
    declared = SCHEMA.query_type.fields[name].args  # type: ignore[union-attr]
    taken = {key: declared[key].type for key in arguments or {} if get_named_type(declared[key].type).name == "ID"}
    given = {key: Raw(f"${key}") if key in taken else value for key, value in (arguments or {}).items()}
    heads = "query (" + ", ".join(f"${key}: {one}" for key, one in taken.items()) + ") " if taken else ""
    spelled = spell_root(SCHEMA.query_type, name, given)
    return [heads + document for document in _list_documents(name, spelled, only, leaf)]


@functools.cache
def _list_documents(name: str, spelled: str, only: str | None, leaf: str | None) -> list[str]:
    root = SCHEMA.query_type
    assert root is not None
    named = get_named_type(root.fields[name].type)
    head = (spelled, f"Query.{name}")
    if is_leaf_type(named):
        return [write_document([(head,)])] if leaf in (None, named.name) else []
    below = (way for way in _list_below(named, frozenset({named.name}), 1) if leaf in (None, _name_leaf(way)))
    ways = [(head, *way) for way in _drop_repeats(below) if only is None or way[0][0] == f"... on {only}"]
    parts = [tuple(ways[at : at + LEAVES]) for at in range(0, len(ways), LEAVES)]
    return [document for part in parts for document in _split(part)]


def _name_leaf(way: Way) -> str:
    name: str = _find_type(way[-1][1]).name
    return name


def _split(ways: tuple[Way, ...]) -> list[str]:
    document = write_document(ways)
    if len(ways) > 1 and limits.read_plan(SCHEMA, parse(document), None).count_cost({}) > limits.COST:
        half = len(ways) // 2
        return [*_split(ways[:half]), *_split(ways[half:])]
    return [document]


def write_document(ways: Iterable[Way]) -> str:
    """One operation that selects all these leaves, and on the way to them whose rows they stand on."""
    tree: dict[str, Any] = {}
    for way in ways:
        place = tree
        for at, (spelled, edge) in enumerate(way):
            place = place.setdefault(spelled, {})
            below = _find_type(edge) if edge else SCHEMA.get_type(spelled.removeprefix("... on "))
            if at < len(way) - 1 and is_abstract_type(below):
                place.setdefault("__typename", {})
            elif at < len(way) - 1 and "id" in getattr(below, "fields", ()):
                place.setdefault("id", {})
    return _write_tree(tree)


def _find_type(edge: str) -> Any:
    parent, _, field = edge.partition(".")
    return get_named_type(SCHEMA.get_type(parent).fields[field].type)  # type: ignore[union-attr]


def _write_tree(tree: Mapping[str, Any]) -> str:
    return "{ " + " ".join(name + (f" {_write_tree(below)}" if below else "") for name, below in tree.items()) + " }"


@functools.cache
def write_change(slot_or_field: str) -> str:
    """A mutation that takes its input as a variable and selects the leaves of its success types and of all problems."""
    declared = SCHEMA.mutation_type.fields[slot_or_field]  # type: ignore[union-attr]
    heads, head = "", ""
    if declared.args:
        heads = "(" + ", ".join(f"${name}: {one.type}" for name, one in declared.args.items()) + ")"
        head = "(" + ", ".join(f"{name}: ${name}" for name in declared.args) + ")"
    parts = ["__typename", "... on Problem { message code path }", "... on RateLimited { retryAfter }"]
    parts.append("... on InvalidInput { problems { path code message } }")
    for member in SCHEMA.get_possible_types(get_named_type(declared.type)):
        if member.name not in PROBLEMS:
            ways = sorted(list_leaves(member, frozenset({member.name}), 6), key=len)[:LEAVES]
            parts.append(f"... on {member.name} {write_document(ways)}")
    return f"mutation{heads} {{ result: {slot_or_field}{head} {{ {' '.join(parts)} }} }}"


def list_fields() -> set[str]:
    """Every field of every object type that the query root leads to, as Type.field."""
    waiting, seen, found = [SCHEMA.query_type], set(), set()
    while waiting:
        named: Any = waiting.pop()
        if named is None or named.name in seen:
            continue
        seen.add(named.name)
        if is_abstract_type(named):
            waiting += SCHEMA.get_possible_types(named)
        elif is_object_type(named):
            found |= {f"{named.name}.{name}" for name in named.fields}
            waiting += [get_named_type(one.type) for one in named.fields.values()]
    return found


@functools.cache
def list_selected(document: str) -> frozenset[str]:
    """The fields that a document selects, as Type.field."""
    info = TypeInfo(SCHEMA)
    found: set[str] = set()

    class Collector(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is not None:
                found.add(f"{parent.name}.{node.name.value}")

    visit(parse(document), TypeInfoVisitor(info, Collector()))
    return frozenset(found)


def find_rule(root: str, field: str) -> str:
    """The name of the rule of a field."""
    return rules.rule_of(SCHEMA, root, field).name


def write_brief(root: str, field: str, *names: str) -> str:
    """An operation that takes these arguments (the input, where none is named) and selects as little as can be."""
    declared = SCHEMA.get_type(root).fields[field]  # type: ignore[union-attr]
    taken = {name: one for name, one in declared.args.items() if name in (names or ("input",))}
    heads = ", ".join(f"${name}: {one.type}" for name, one in taken.items())
    given = ", ".join(f"{name}: ${name}" for name in taken)
    below = "" if is_leaf_type(get_named_type(declared.type)) else " { __typename }"
    kind = root.lower()
    return f"{kind}({heads}) {{ result: {field}({given}){below} }}" if heads else f"{kind} {{ result: {field}{below} }}"


def encode_id(tag: str, owner: UUID, row: UUID) -> str:
    """The id of the API for a row."""
    return base64.urlsafe_b64encode(tag.encode() + owner.bytes + row.bytes).decode()


def decode_row(value: str) -> UUID:
    """The row that an id of the API names."""
    return UUID(bytes=base64.b64decode(value, altchars=b"-_")[20:])
