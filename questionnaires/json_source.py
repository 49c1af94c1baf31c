"""Strict JSON to plain values: no key twice, no NaN, numbers exactly as they are written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NoReturn

from questionnaires.faults import MAX_DEPTH, FaultList, Place
from questionnaires.source import MAX_CHARACTERS


class _Refused(ValueError):
    """What JSON readers take differently."""


def read_json(text: str, faults: FaultList) -> Any:
    """Plain dicts, lists, strings, booleans, ints and Decimals; what cannot be read is added to `faults`."""
    if len(text) > MAX_CHARACTERS:
        faults.add(Place(), f"the text has {len(text)} characters; allowed: at most {MAX_CHARACTERS}")
        return {}
    try:
        return json.loads(text, object_pairs_hook=_build_object, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        faults.add(
            Place(), f"not JSON in line {error.lineno}, column {error.colno}: {error.msg}; allowed: one document"
        )
    except RecursionError:
        faults.add(Place(), f"nested deeper than {MAX_DEPTH} levels")
    except _Refused as refused:
        faults.add(Place(), str(refused))
    except (ValueError, ArithmeticError):
        faults.add(Place(), "a number has too many digits; allowed: at most 30")
    return {}


def _build_object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one key each reader takes another."""
    built = dict(pairs)
    if len(built) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise _Refused(f'key "{twice}" stands twice in one object; allowed: once')
    return built


def _refuse_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is no number; allowed: 12, -3 or 0.5")
