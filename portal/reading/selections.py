"""What a caller selected, in terms of the read model: a tree that knows nothing of the language it came in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from portal import access

Arguments: TypeAlias = Mapping[str, Any]
May: TypeAlias = Callable[[str, str, access.Actor], bool]

TYPE_NAME = "__typename"


@dataclass(frozen=True, slots=True)
class Shape:
    """One selected field and what is selected below it, per concrete type; equal shapes share their statement."""

    key: str  # under which the answer goes; the caller may choose it, so it never becomes part of a statement
    name: str  # as declared, snake_case
    label: str  # as the schema spells it
    owner: str  # the type whose field it is
    required: bool = False  # whether the schema promises that it is never null
    slot: int | None = None  # where its arguments stand in Selected.arguments
    below: tuple[tuple[str, tuple["Shape", ...]], ...] = ()
    digest: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        own = (self.key, self.name, self.label, self.owner, self.required, self.slot, self.below)
        object.__setattr__(self, "digest", hash(own))

    def __hash__(self) -> int:
        return self.digest

    def children(self, type_name: str) -> tuple["Shape", ...]:
        """What is selected where the value is of this type."""
        return next((shapes for name, shapes in self.below if name == type_name), ())

    @property
    def only(self) -> tuple[str, tuple["Shape", ...]]:
        """The type and the selection where the schema leaves one type only."""
        ((type_name, shapes),) = self.below
        return type_name, shapes


def allow_all(type_name: str, label: str, actor: access.Actor) -> bool:
    """The permission of callers that checked before, such as a job."""
    return True


@dataclass(frozen=True, slots=True)
class Selected:
    """A selection with the values of its arguments, who may see which field, and how it is to be finished."""

    shape: Shape
    arguments: Sequence[Arguments] = ()
    may: May = allow_all
    as_text: bool = False  # whether the database's JSON may go into the answer untouched

    def at(self, shape: Shape) -> "Selected":
        """The selection of one field below."""
        return Selected(shape, self.arguments, self.may, self.as_text)
