"""A GraphQL selection as the read model takes it: fragments, directives, aliases and arguments worked out."""

import re
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import strawberry
from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.values import VariableValues

from graphql_schema import finishing
from portal.reading.selections import TYPE_NAME, Selected, Shape

Slot: TypeAlias = tuple[GraphQLField, FieldNode]
Variables: TypeAlias = Mapping[str, Any]

MOST_SHAPES = 1_000
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Tree:
    """What can be known of a selection without the values of its arguments."""

    shape: Shape
    slots: tuple[Slot, ...]


@dataclass
class Trees:
    """What is known of the last selections seen, by the identity of their nodes, which are kept alive beside it."""

    kept: OrderedDict[Hashable, tuple[Sequence[FieldNode], Any]] = field(default_factory=OrderedDict)

    def find(self, key: Hashable) -> Any:
        found = self.kept.get(key)
        if found is None:
            return None
        self.kept.move_to_end(key)
        return found[1]

    def keep(self, key: Hashable, nodes: Sequence[FieldNode], value: Any) -> None:
        self.kept[key] = (tuple(nodes), value)
        while len(self.kept) > MOST_SHAPES:
            self.kept.popitem(last=False)


_trees = Trees()
_switches = Trees()


def read(info: strawberry.Info[Any, Any]) -> Selected:
    """What is selected at the field that is being resolved, for the functions of `portal.reading`."""
    raw = info._raw_info
    variables: Variables = info.variable_values
    tree = _find_tree(raw, variables)
    given = VariableValues({}, dict(variables))
    arguments = [to_snake(get_argument_values(declared, node, given)) for declared, node in tree.slots]
    return Selected(tree.shape, arguments, finishing.find_permission(raw.schema), finishing.may_pass_text(raw.schema))


def _find_tree(raw: GraphQLResolveInfo[Any], variables: Variables) -> Tree:
    nodes = raw.field_nodes
    identity = (id(raw.schema), *map(id, nodes))
    names = _switches.find(identity)
    if names is None:
        names = tuple(sorted(set(_list_switches(nodes, raw))))
        _switches.keep(identity, nodes, names)
    key = (identity, tuple(variables.get(name) for name in names))
    tree: Tree | None = _trees.find(key)
    if tree is None:
        tree = _Builder(raw, variables).build()
        _trees.keep(key, nodes, tree)
    return tree


def _list_switches(nodes: Sequence[FieldNode], raw: GraphQLResolveInfo[Any]) -> Iterator[str]:
    """The variables that directives below look at."""
    waiting: list[SelectionSetNode | None] = [node.selection_set for node in nodes]
    seen: set[str] = set()
    while waiting:
        selection_set = waiting.pop()
        for selection in selection_set.selections if selection_set else ():
            for directive in selection.directives or ():
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        yield argument.value.name.value
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in seen:
                    seen.add(name)
                    waiting.append(raw.fragments[name].selection_set)
            elif isinstance(selection, FieldNode | InlineFragmentNode):
                waiting.append(selection.selection_set)


class _Builder:
    """One walk over a selection with its switches set."""

    def __init__(self, raw: GraphQLResolveInfo[Any], variables: Variables) -> None:
        self.raw = raw
        self.schema: GraphQLSchema = raw.schema
        self.variables = variables
        self.slots: list[Slot] = []

    def build(self) -> Tree:
        nodes = self.raw.field_nodes
        shape = self._build_shape(str(self.raw.path.key), nodes, self.raw.parent_type)
        return Tree(shape, tuple(self.slots))

    def _build_shape(self, key: str, nodes: Sequence[FieldNode], parent: GraphQLObjectType) -> Shape:
        label = nodes[0].name.value
        if label == TYPE_NAME:
            return Shape(key, TYPE_NAME, TYPE_NAME, parent.name, True)
        declared = parent.fields[label]
        slot = None
        if declared.args:
            slot = len(self.slots)
            self.slots.append((declared, nodes[0]))
        below = tuple((possible.name, self._build_children(nodes, possible)) for possible in self._list_types(declared))
        return Shape(key, name_of(declared, label), label, parent.name, is_non_null_type(declared.type), slot, below)

    def _list_types(self, declared: GraphQLField) -> Sequence[GraphQLObjectType]:
        named = get_named_type(declared.type)
        if is_object_type(named):
            return [named]
        return self.schema.get_possible_types(named) if is_abstract_type(named) else []

    def _build_children(self, nodes: Sequence[FieldNode], runtime_type: GraphQLObjectType) -> tuple[Shape, ...]:
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for node in nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set, runtime_type, found, seen)
        return tuple(self._build_shape(key, merged, runtime_type) for key, merged in found.items())

    def _collect(
        self,
        selection_set: SelectionSetNode,
        runtime_type: GraphQLObjectType,
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        """The fields that apply to a type, merged by their response key, in the order of the specification."""
        for selection in selection_set.selections:
            if not self._is_included(selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._applies(condition.name.value, runtime_type):
                    self._collect(selection.selection_set, runtime_type, found, seen)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self.raw.fragments[name]
                if name not in seen and self._applies(fragment.type_condition.name.value, runtime_type):
                    seen.add(name)
                    self._collect(fragment.selection_set, runtime_type, found, seen)

    def _applies(self, condition: str, runtime_type: GraphQLObjectType) -> bool:
        if condition == runtime_type.name:
            return True
        named = self.schema.get_type(condition)
        return is_abstract_type(named) and self.schema.is_sub_type(named, runtime_type)

    def _is_included(self, directives: Sequence[DirectiveNode]) -> bool:
        for directive in directives:
            name = directive.name.value
            if name in ("skip", "include"):
                value = (directive.arguments or ())[0].value
                on = self.variables[value.name.value] if isinstance(value, VariableNode) else value.value  # type: ignore[attr-defined]
                if on == (name == "skip"):
                    return False
        return True


def name_of(declared: GraphQLField, label: str) -> str:
    """The name that the read model declares a field under: its name in Python."""
    definition = declared.extensions.get("strawberry-definition")
    return definition.python_name if definition is not None else snake(label)


def snake(label: str) -> str:
    """`dueOn` as `due_on`."""
    return _HUMP.sub("_", label).lower()


def to_snake(value: Any) -> Any:
    """Arguments with the names of the portal, also inside input objects."""
    if isinstance(value, dict):
        return {snake(name): to_snake(one) for name, one in value.items()}
    if isinstance(value, list):
        return [to_snake(one) for one in value]
    return value
