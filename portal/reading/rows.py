"""Rows as ordinary execution completes them: the decoded JSON, keyed by the names the caller asked under."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

KEY, TYPE = "#key", "#type"  # what the statement adds for ordinary execution; no field can be called so


class Row(dict[str, Any]):
    """One object of the answer: values by response key; `key` holds the columns that its own resolvers may need."""

    __slots__ = ("key", "type_name")

    def __init__(self, type_name: str, values: Mapping[str, Any], key: Mapping[str, Any] | None = None) -> None:
        super().__init__(values)
        self.type_name = type_name
        self.key: Mapping[str, Any] = key or {}


Decoder: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class ObjectDecoder:
    """Makes a Row of a JSON object; `fields` names only those whose JSON is not yet what execution wants."""

    type_name: str
    fields: Mapping[str, Decoder] = field(default_factory=dict)

    def __call__(self, content: Any) -> Any:
        if content is None:
            return None
        key = content.pop(KEY, None)
        for name, decode in self.fields.items():
            content[name] = decode(content[name])
        return Row(self.type_name, content, key)


@dataclass(frozen=True)
class ListDecoder:
    """Makes Rows of a JSON array."""

    item: Decoder

    def __call__(self, content: Any) -> Any:
        return None if content is None else [self.item(one) for one in content]


@dataclass(frozen=True)
class ChoiceDecoder:
    """Makes the Row of the type that the statement names."""

    choices: Mapping[str, Decoder]

    def __call__(self, content: Any) -> Any:
        return None if content is None else self.choices[content.pop(TYPE)](content)
