"""How large an operation may be: tokens, depth, aliases, directives, root fields, and a cost of fields x page sizes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    type_from_ast,
)
from strawberry.schema.exceptions import CannotGetOperationTypeError

BODY_BYTES = 1_000_000
DOCUMENT_CHARACTERS = 100_000
TOKENS = 3_000
COMMENTS = 1_000
JSON_DEPTH = 64
DEPTH = 15
ALIASES = 60
DIRECTIVES = 60
ROOT_FIELDS = 20
COST = 20_000
OPERATION_SECONDS = 30.0
PARSE_OPTIONS: dict[str, Any] = {
    "max_lexical_tokens": TOKENS,
    "max_comments": COMMENTS,
    "max_source_length": DOCUMENT_CHARACTERS,
}

PAGE = 25  # items, where a list is asked for without a number
LARGEST_PAGE = 100
PLAIN_LIST = 10  # items that are counted for a list which is not a connection
MOST_COSTS = 100  # kept of one document
UNUSABLE = -1 << 60
INTROSPECTION = {"__schema": 8_000, "__type": 400, "__typename": 0}


@dataclass(frozen=True)
class Part:
    """One selected field, or the place where a fragment is spread, with what it multiplies."""

    cost: int
    size: int | str  # a number of items, or the name of the variable that says it
    parts: tuple["Part", ...] = ()
    fragment: str | None = None
    default_size: int = PAGE


@dataclass(frozen=True)
class Plan:
    """What of an operation can be known from its document, kept so that a repeated document is measured once."""

    parts: tuple[Part, ...]
    fragments: Mapping[str, tuple[Part, ...]]
    defaults: Mapping[str, Any]  # of variables that say sizes
    excess: str | None
    sized_by: tuple[str, ...]  # the variables that say sizes
    costs: dict[tuple[int, ...], int] = field(default_factory=dict, compare=False, repr=False)  # by their values

    def count_cost(self, variables: Mapping[str, Any]) -> int:
        """The number of fields the answer may hold, with the page sizes that the variables ask for."""
        given = {**self.defaults, **variables} if self.sized_by else variables
        sizes = tuple(_read_number(given.get(name)) for name in self.sized_by)
        cost = self.costs.get(sizes)
        if cost is None:
            known: dict[str, int] = {}
            cost = sum(_weigh(part, self.fragments, given, known) for part in self.parts)
            if len(self.costs) < MOST_COSTS:
                self.costs[sizes] = cost
        return cost


def _weigh(
    part: Part, fragments: Mapping[str, tuple[Part, ...]], variables: Mapping[str, Any], known: dict[str, int]
) -> int:
    if part.fragment is not None:
        if part.fragment not in known:
            inner = fragments.get(part.fragment, ())
            known[part.fragment] = sum(_weigh(one, fragments, variables, known) for one in inner)
        return known[part.fragment]
    below = sum(_weigh(one, fragments, variables, known) for one in part.parts)
    return part.cost + below * _read_size(part, variables)


def _read_size(part: Part, variables: Mapping[str, Any]) -> int:
    if isinstance(part.size, int):
        return part.size
    size = _read_number(variables.get(part.size))
    return _cap_page(size) if size != UNUSABLE else part.default_size


def _cap_page(size: int) -> int:
    """As many items as a page may have; a list that says its own size may have more."""
    return min(max(size, 1), LARGEST_PAGE)


def _read_number(size: Any) -> int:
    """The number of items that the value of a variable stands for; UNUSABLE for what is no size."""
    if isinstance(size, list):
        return len(size)
    return size if isinstance(size, int) and not isinstance(size, bool) else UNUSABLE


def _list_variables(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part.size, str):
            yield part.size
        yield from _list_variables(part.parts)


def read_plan(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Plan:
    """Measure a document that has passed validation."""
    return _Survey(schema, document, operation_name).plan


def find_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of that name, or the first without one; raises CannotGetOperationTypeError where there is none."""
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and (name is None or (one.name and one.name.value == name)):
            return one
    raise CannotGetOperationTypeError(name)


class _Survey:
    """One walk over each definition of a document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> None:
        self.schema = schema
        self.aliases = self.directives = 0
        self.depths: dict[str, int] = {}
        self.spread_depths: dict[str, list[tuple[str, int]]] = {}
        fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
        operation = find_operation(document, operation_name)
        parts = {
            one.name.value: self._survey(
                one.selection_set, type_from_ast(schema, one.type_condition), one.name.value, 1
            )
            for one in fragments
        }
        root = schema.get_root_type(operation.operation)
        own = self._survey(operation.selection_set, root, "", 1)
        defaults = {
            one.variable.name.value: _read_literal(one.default_value, PAGE)
            for one in operation.variable_definitions or ()
            if isinstance(one.default_value, IntValueNode)
        }
        sized_by = tuple(sorted(set(_list_variables([*own, *(one for inner in parts.values() for one in inner)]))))
        self.plan = Plan(own, parts, defaults, self._find_excess(own, parts), sized_by)

    def _survey(self, selections: SelectionSetNode, parent: Any, owner: str, depth: int) -> tuple[Part, ...]:
        self.depths[owner] = max(self.depths.get(owner, 0), depth)
        parts: list[Part] = []
        for node in selections.selections:
            self.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                parts.append(self._measure_field(node, parent, owner, depth))
            elif isinstance(node, FragmentSpreadNode):
                self.spread_depths.setdefault(owner, []).append((node.name.value, depth - 1))
                parts.append(Part(0, 1, fragment=node.name.value))
            else:
                condition = getattr(node, "type_condition", None)
                inner = type_from_ast(self.schema, condition) if condition else parent
                parts.extend(self._survey(node.selection_set, inner, owner, depth))  # type: ignore[attr-defined]
        return tuple(parts)

    def _measure_field(self, node: FieldNode, parent: Any, owner: str, depth: int) -> Part:
        name = node.name.value
        self.aliases += node.alias is not None
        if name in INTROSPECTION:
            return Part(INTROSPECTION[name], 1)
        field = self.schema.get_field(parent, name)
        if field is None or node.selection_set is None:
            return Part(1, 1)
        size, default = _find_size(node, field, parent)
        below = self._survey(node.selection_set, get_named_type(field.type), owner, depth + 1)
        return Part(1, size, below, default_size=default)

    def _find_depth(self, owner: str, known: dict[str, int]) -> int:
        if owner not in known:
            known[owner] = 0  # a cycle adds nothing; validation refuses it anyway
            spread = (at + self._find_depth(name, known) for name, at in self.spread_depths.get(owner, ()))
            known[owner] = max([self.depths.get(owner, 0), *spread])
        return known[owner]

    def _find_excess(self, own: tuple[Part, ...], fragments: Mapping[str, tuple[Part, ...]]) -> str | None:
        found = (
            ("nested levels", self._find_depth("", {}), DEPTH),
            ("aliases", self.aliases, ALIASES),
            ("directives", self.directives, DIRECTIVES),
            ("root fields", _count_fields(own, fragments, {}), ROOT_FIELDS),
        )
        return next(
            (f"{count} {what}; at most {most} are allowed" for what, count, most in found if count > most), None
        )


def _count_fields(parts: tuple[Part, ...], fragments: Mapping[str, tuple[Part, ...]], known: dict[str, int]) -> int:
    count = 0
    for part in parts:
        if part.fragment is None:
            count += 1
            continue
        if part.fragment not in known:
            known[part.fragment] = _count_fields(fragments.get(part.fragment, ()), fragments, known)
        count += known[part.fragment]
    return count


def _find_size(node: FieldNode, field: GraphQLField, parent: Any) -> tuple[int | str, int]:
    """How many times the selection below a field may be answered: (number or variable, number without it)."""
    for name, default in (("first", PAGE), ("ids", LARGEST_PAGE)):
        if name in field.args:
            given = next((one.value for one in node.arguments or () if one.name.value == name), None)
            return _read_literal(given, default), default
    paged = getattr(parent, "name", "").endswith("Connection")
    if paged or not is_list_type(get_nullable_type(field.type)) or not is_composite_type(get_named_type(field.type)):
        return 1, 1
    own = field.extensions.get("strawberry-definition")
    size = own.metadata.get("list_size", PLAIN_LIST) if own is not None else PLAIN_LIST
    return size, size


def _read_literal(value: ValueNode | None, default: int) -> int | str:
    if isinstance(value, VariableNode):
        return value.name.value
    if isinstance(value, IntValueNode):
        return _cap_page(int(value.value[:9]))
    if isinstance(value, ListValueNode):
        return _cap_page(len(value.values))
    return default


def find_excess(plan: Plan, cost: int) -> GraphQLError | None:
    """Why an operation is too large to run, or none."""
    if plan.excess is not None:
        return GraphQLError(f"The operation has {plan.excess}.", extensions={"code": "TOO_LARGE"})
    if cost > COST:
        words = f"The operation may answer {cost} fields (fields x page sizes); at most {COST} are allowed."
        return GraphQLError(words, extensions={"code": "TOO_COSTLY", "cost": cost, "limit": COST})
    return None
