"""Plain values to frozen dataclasses by their type hints; unknown keys, wrong types and missing fields are faults."""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from questionnaires import canonical
from questionnaires.definition import SHORT_KEY, Value
from questionnaires.faults import MAX_DEPTH, FaultList, Place, shorten

T = TypeVar("T")
MAX_TEXT = 20_000
# Entries of one list or mapping, and values of a whole document: several times what the longest questionnaire needs,
# and few enough to be looked at in seconds.
MAX_ITEMS = 2_000
MAX_VALUES = 100_000
# How a person calls the parts of the two documents; parts not named here are found by their field alone.
LABELS = {
    "Section": "section",
    "Question": "question",
    "QuestionScore": "question",
    "Check": "check",
    "CriticalRule": "critical rule",
    "Pillar": "pillar",
    "TierText": "tier",
    "Band": "band",
    "Level": "level",
    "Option": "option",
    "Entry": "entry",
}
# Neither PostgreSQL nor UTF-8 holds all of these, and none can be seen.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?")
MAX_DIGITS = 30
# Integers above this have more digits than that, and each digit more takes longer to write out.
MAX_BITS = 128


def construct(kind: type[T], raw: object, faults: FaultList) -> T:
    """Build `kind`; where something is wrong a stand-in takes its place and the fault is recorded."""
    return _Construction(faults).build_object(kind, raw, Place())


def is_too_large(raw: object, faults: FaultList) -> bool:
    """Whether a document holds more than MAX_VALUES values, which is then its one fault."""
    count, left = 0, [raw]
    while left and count <= MAX_VALUES:
        value = left.pop()
        count += 1
        if isinstance(value, Mapping):
            left.extend(value.values())
        elif isinstance(value, list | tuple):
            left.extend(value)
    if count > MAX_VALUES:
        faults.add(Place(), f"more than {MAX_VALUES} values; allowed: at most {MAX_VALUES}")
    return count > MAX_VALUES


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def field_key(field: dataclasses.Field[Any]) -> str:
    """The key of a field in the document: `from` cannot be a name in Python."""
    return str(field.metadata.get("alias", field.name))


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


class _Construction:
    def __init__(self, faults: FaultList) -> None:
        self.faults = faults

    def build_object(self, kind: type[T], raw: object, place: Place, name: str = "") -> T:
        fields = {field_key(field): field for field in dataclasses.fields(typing.cast(Any, kind))}
        prefix = f"{name}: " if name and kind.__name__ not in LABELS else ""
        if not isinstance(raw, Mapping):
            self._fail(place, f"{prefix}{_show(raw)} is not allowed", f"a mapping with {', '.join(fields)}")
            return typing.cast(T, _stand_in(kind))
        for key in raw:
            if key not in fields:
                self.faults.add(
                    place.enter(key), f'{prefix}unknown key "{shorten(str(key))}"; allowed: {", ".join(fields)}'
                )
        values: dict[str, Any] = {}
        for key, field in fields.items():
            if raw.get(key) is not None:
                values[field.name] = self._build_field(kind, field, raw[key], place.enter(key))
            elif _is_required(field):
                hint = _hints(typing.cast(Any, kind))[field.name]
                self._fail(place.enter(key), f'{prefix}"{key}" is missing', _describe(hint))
                values[field.name] = _stand_in(hint)
        return kind(**values)

    def _build_field(self, kind: type, field: dataclasses.Field[Any], raw: object, place: Place) -> Any:
        hint = _hints(typing.cast(Any, kind))[field.name]
        keys = field.metadata.get("keys")
        if keys:
            most = field.metadata.get("most", MAX_ITEMS)
            return self._build_mapping(typing.get_args(hint)[1], raw, place, field_key(field), keys, most)
        value = self.build(hint, raw, place, field_key(field))
        pattern = field.metadata.get("pattern")
        if pattern and place.path not in self.faults.broken and not re.fullmatch(pattern, str(value)):
            self._fail(place, f'{field_key(field)}: "{shorten(str(value))}" is not allowed', f"the pattern {pattern}")
            return shorten(str(value))
        return value

    def build(self, hint: Any, raw: object, place: Place, name: str) -> Any:
        if len(place.path) > MAX_DEPTH:
            self._fail(place, f"{name}: nested deeper", f"{MAX_DEPTH} levels")
            return _stand_in(hint)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if hint == Value | None or hint == Value:
            return self._build_value(raw, place, name)
        if origin in (types.UnionType, typing.Union):
            return self.build(next(a for a in arguments if a is not type(None)), raw, place, name)
        if origin is typing.Literal:
            return self._build_literal(arguments, raw, place, name)
        if origin is tuple:
            return self._build_tuple(arguments[0], raw, place, name)
        if dataclasses.is_dataclass(hint):
            return self.build_object(typing.cast(Any, hint), raw, _name_part(hint, raw, place), name)
        if origin is not None:
            return self._build_mapping(arguments[1], raw, place, name)
        return self._build_scalar(hint, raw, place, name)

    def _build_literal(self, allowed: tuple[Any, ...], raw: object, place: Place, name: str) -> Any:
        if raw in allowed and isinstance(raw, str):
            return raw
        self._fail(place, f"{name}: {_show(raw)} is unknown", ", ".join(map(str, allowed)))
        return allowed[0]

    def _build_tuple(self, hint: Any, raw: object, place: Place, name: str) -> tuple[Any, ...]:
        if not isinstance(raw, list | tuple):
            self._fail(place, f"{name}: {_show(raw)} is not a list", _describe_list(hint))
            return ()
        if len(raw) > MAX_ITEMS:
            self._fail(place, f"{name}: {len(raw)} entries", f"at most {MAX_ITEMS}")
            return ()
        return tuple(self.build(hint, item, place.enter(index), name) for index, item in enumerate(raw))

    def _build_mapping(
        self, hint: Any, raw: object, place: Place, name: str, keys: str = SHORT_KEY, most: int = MAX_ITEMS
    ) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            self._fail(place, f"{name}: {_show(raw)} is not a mapping", "a mapping by key")
            return {}
        if len(raw) > most:
            self._fail(place, f"{name}: {len(raw)} entries", f"at most {most}")
            return {}
        built = {}
        for key, item in raw.items():
            if not re.fullmatch(keys, str(key)):
                named = shorten(str(key))
                self._fail(place.enter(named), f'{name}: key "{named}" is not allowed', f"the pattern {keys}")
            label = f"{LABELS[hint.__name__]} {key}" if getattr(hint, "__name__", "") in LABELS else None
            short = shorten(str(key))
            built[short] = self.build(hint, item, place.enter(key, label), f"{name}.{short}")
        return built

    def _build_value(self, raw: object, place: Place, name: str) -> Value:
        """A value in a condition or rule: numbers become canonical strings, as answers are stored."""
        if isinstance(raw, bool | str):
            return raw
        if (number := _read_number(raw)) is not None:
            return canonical.write_decimal(number)
        if isinstance(raw, list | tuple) and len(raw) > MAX_ITEMS:
            self._fail(place, f"{name}: {len(raw)} entries", f"at most {MAX_ITEMS}")
            return True
        if isinstance(raw, list | tuple):
            items = [item if isinstance(item, str) else _read_number(item) for item in raw]
            if None not in items:
                return tuple(canonical.write_decimal(i) if isinstance(i, Decimal) else str(i) for i in items)
        self._fail(place, f"{name}: {_show(raw)} cannot be compared with", "true, false, a number, a text or a list")
        return True

    def _build_scalar(self, hint: type, raw: object, place: Place, name: str) -> Any:
        if hint is bool and isinstance(raw, bool):
            return raw
        if hint is int and isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= 1_000_000_000:
            return raw
        if hint is Decimal and (number := _read_number(raw)) is not None:
            return number
        if hint is str and isinstance(raw, bool):
            # Points and critical rules name the two answers of a yes/no question, which YAML reads as booleans.
            return "true" if raw else "false"
        if hint is str and isinstance(raw, str) and raw.strip() and len(raw) <= MAX_TEXT:
            if _UNREADABLE.search(raw):
                self._fail(place, f"{name}: {_show(raw)} has characters that cannot be stored", "text without controls")
            return raw.strip()
        self._fail(place, f"{name}: {_show(raw)} is not allowed", _describe(hint))
        return shorten(raw) if hint is str and isinstance(raw, str) else _stand_in(hint)

    def _fail(self, place: Place, message: str, allowed: str) -> None:
        self.faults.add(place, f"{message}; allowed: {allowed}")
        self.faults.break_at(place)


def _name_part(kind: Any, raw: object, place: Place) -> Place:
    """The words for a part in a list: its kind and key, or its number when it has no key."""
    label = LABELS.get(kind.__name__)
    if label is None or (
        place.labels and place.labels[-1].startswith(f"{label} ") and kind.__name__ in ("QuestionScore", "Entry")
    ):
        return place
    key = raw.get("key") if isinstance(raw, Mapping) else None
    position = place.path[-1] if place.path else 0
    named = key if isinstance(key, str) and key else f"number {position + 1}" if isinstance(position, int) else position
    return Place(place.path, (*place.labels, f"{label} {named}"))


def _read_number(raw: object) -> Decimal | None:
    if isinstance(raw, str):
        return Decimal(raw) if _DECIMAL.fullmatch(raw) else None
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal) or not _is_written_out(raw):
        return None
    return Decimal(raw)


def _is_written_out(number: int | Decimal) -> bool:
    """Whether it can be written with a few digits: neither without end, nor with an exponent that fills the memory."""
    if isinstance(number, int):
        return number.bit_length() <= MAX_BITS and abs(number) < 10**MAX_DIGITS
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DIGITS and number.adjusted() < MAX_DIGITS


def _stand_in(hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return ()
    if dataclasses.is_dataclass(hint):
        return _Construction(FaultList("")).build_object(typing.cast(Any, hint), {}, Place())
    if origin is not None:
        return {}
    return {str: "", int: 0, bool: False, Decimal: Decimal(0)}[hint]


def _describe(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return ", ".join(map(str, arguments))
    if origin is tuple:
        return "a list"
    if origin is not None or dataclasses.is_dataclass(hint):
        return "a mapping"
    return {
        str: f"a text of 1 to {MAX_TEXT} characters (quote numbers)",
        int: "a whole number from 0 to 1000000000",
        bool: "true or false",
        Decimal: "a number such as 12 or 0.5",
    }[hint]


def _describe_list(hint: Any) -> str:
    """What the entries of a list are: a mapping is known by the keys that it needs."""
    if not dataclasses.is_dataclass(hint):
        return "a list"
    needed = [field_key(field) for field in dataclasses.fields(hint) if _is_required(field)]
    return f"a list of mappings with {', '.join(needed)}" if needed else "a list of mappings"


def _show(raw: object) -> str:
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, Mapping):
        return "a mapping"
    if isinstance(raw, list | tuple):
        return "a list"
    if isinstance(raw, int) and not _is_written_out(raw):
        return f"a number of more than {MAX_DIGITS} digits"
    return f'"{str(raw)[:60]}"'
