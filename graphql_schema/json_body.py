"""JSON as it comes from outside, cut off before it can hurt: size, nesting, and text that the database cannot hold."""

from typing import Any

import orjson

from graphql_schema import limits


class UnreadableJSON(ValueError):
    """The text is no JSON that is accepted; the message says why."""


def read_json(content: bytes | str, *, spared: str | None = None) -> Any:
    """Parse JSON; raises UnreadableJSON for bad syntax, too deep nesting (limits.JSON_DEPTH) or NUL characters.

    In the texts below the member `spared` of the whole, NUL is left for somebody who knows what each text is.
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UnreadableJSON(f"This is not valid JSON: {error}.") from None
    if spared is not None and isinstance(value, dict) and spared in value:
        _check({name: part for name, part in value.items() if name != spared})
        _check({spared: value[spared]}, texts=False)
    else:
        _check(value)
    return value


def _check(value: Any, *, texts: bool = True) -> None:
    """Look at every part without recursion; orjson itself stops at 1,024 levels."""
    level: list[Any] = [value]
    for _ in range(limits.JSON_DEPTH):
        level = [part for whole in level for part in _list_parts(whole, texts)]
        if not level:
            return
    raise UnreadableJSON(f"The JSON is nested deeper than {limits.JSON_DEPTH} levels.")


def _list_parts(value: Any, texts: bool) -> list[Any]:
    if isinstance(value, dict):
        for name in value:
            _refuse_nul(name)
        return list(value.values())
    if isinstance(value, list):
        return value
    if texts and isinstance(value, str):
        _refuse_nul(value)
    return []


def _refuse_nul(text: str) -> None:
    if "\x00" in text:
        raise UnreadableJSON("Text must not hold the character U+0000.")
