"""The published format as JSON Schema (2020-12), made from the same dataclasses that the reading follows."""

from __future__ import annotations

import dataclasses
import types
import typing
from decimal import Decimal
from typing import Any

from questionnaires.canonical import write_decimal
from questionnaires.construction import field_key
from questionnaires.definition import SHORT_KEY, Definition, Value
from questionnaires.profile import Profile
from questionnaires.translation import Overlay

_READABLE = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$"
_DECIMAL = r"^-?(0|[1-9][0-9]{0,29})(\.[0-9]{0,29}[1-9])?$"


_TITLES = {Definition: "Questionnaire version", Profile: "Scoring profile", Overlay: "Translation"}


def write_schema(kind: type[Definition] | type[Profile] | type[Overlay]) -> dict[str, Any]:
    """The schema of a published document: decimals are canonical strings, and a field at its default is left out."""
    parts: dict[str, Any] = {}
    root = _describe(kind, parts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLES[kind],
        **root,
        "$defs": dict(sorted(parts.items())),
    }


def _describe(hint: Any, parts: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint == Value:
        return {"oneOf": [{"type": ["boolean", "string"]}, {"type": "array", "items": {"type": "string"}}]}
    if hint == Value | None:
        return _describe(Value, parts)
    if origin in (types.UnionType, typing.Union):
        return _describe(next(a for a in arguments if a is not type(None)), parts)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _describe(arguments[0], parts)}
    if origin is not None:
        keys = {"pattern": f"^{SHORT_KEY}$"}
        return {"type": "object", "propertyNames": keys, "additionalProperties": _describe(arguments[1], parts)}
    if dataclasses.is_dataclass(hint):
        return _refer(hint, parts)
    scalars: dict[Any, dict[str, Any]] = {
        str: {"type": "string", "minLength": 1, "pattern": _READABLE},
        int: {"type": "integer", "minimum": 0},
        bool: {"type": "boolean"},
        Decimal: {"type": "string", "pattern": _DECIMAL},
    }
    return dict(scalars[hint])


def _refer(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in parts:
        parts[kind.__name__] = {}  # a question contains questions: the name must be known before its content
        parts[kind.__name__] = _describe_object(kind, parts)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _describe_object(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties, required = {}, []
    for field in dataclasses.fields(kind):
        described = _describe(hints[field.name], parts)
        if "pattern" in field.metadata:
            described["pattern"] = f"^{field.metadata['pattern']}$"
        if "keys" in field.metadata:
            described["propertyNames"] = {"pattern": f"^{field.metadata['keys']}$"}
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append(field_key(field))
        elif isinstance(field.default, bool | int | str | Decimal):
            default = field.default
            described["default"] = write_decimal(default) if isinstance(default, Decimal) else default
        properties[field_key(field)] = described
    if kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("):
        description = {"description": kind.__doc__.split("\n")[0]}
    else:
        description = {}
    return {
        **description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
