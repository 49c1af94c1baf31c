"""Definitions, profiles and translations to their published documents, and their content hashes.

A field that holds its default is left out, so that a field added to the format later does not change the hash of what
is published already.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from questionnaires import canonical
from questionnaires.construction import field_key
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from questionnaires.translation import Overlay


def write_document(source: Definition | Profile | Overlay) -> dict[str, Any]:
    """The canonical document: plain JSON values, decimals as canonical strings."""
    document: dict[str, Any] = write_value(source)
    return document


def hash_content(source: Definition | Profile | Overlay) -> str:
    """SHA-256 over the canonical JSON of the document, in lower-case hexadecimal."""
    return canonical.hash_document(write_document(source))


def write_value(value: Any) -> Any:
    """One part of it as plain JSON values."""
    if dataclasses.is_dataclass(value):
        return {field_key(field): write_value(getattr(value, field.name)) for field in _written_fields(value)}
    if isinstance(value, Decimal):
        return canonical.write_decimal(value)
    if isinstance(value, Mapping):
        return {key: write_value(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [write_value(item) for item in value]
    return value


def _written_fields(value: Any) -> list[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(value) if not _holds_default(value, field)]


def _holds_default(value: Any, field: dataclasses.Field[Any]) -> bool:
    content = getattr(value, field.name)
    if field.default is not dataclasses.MISSING:
        return bool(content == field.default)
    if field.default_factory is not dataclasses.MISSING:
        return bool(content == field.default_factory())
    return False
