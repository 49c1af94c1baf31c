"""Parameters behind the question mark: each is known, and given once unless it is a list, or the call is refused."""

from collections.abc import Collection

from starlette.datastructures import QueryParams

from portal import errors

SHOWN = 40  # characters of what was given that a refusal repeats


def check_names(given: QueryParams, *, once: Collection[str] = (), lists: Collection[str] = ()) -> None:
    """Raise InvalidInput PARAMETER for a name that the address does not take, or takes once and got twice."""
    allowed = ", ".join(f"`{name}`" for name in sorted({*once, *lists})) or "none"
    for name in dict.fromkeys(key for key, _ in given.multi_items()):
        if name not in once and name not in lists:
            _refuse(name, f"There is no parameter {_quote(name)}; allowed: {allowed}.")
        if name in once and len(given.getlist(name)) > 1:
            _refuse(name, f"`{name}` may be given only once.")


def check_values(
    name: str, values: Collection[str], allowed: Collection[str], *, told: str = "", code: str = "BAD_FILTER"
) -> None:
    """Raise InvalidInput for a value that is not allowed; `told` says in words what is, where the list is long."""
    wrong = next((value for value in values if value not in allowed), None)
    if wrong is not None:
        words = f"`{name}`: {_quote(wrong)} is not allowed; allowed: {told or ', '.join(allowed)}."
        raise errors.InvalidInput(words, code=code, path=(name,))


def _refuse(name: str, words: str) -> None:
    raise errors.InvalidInput(words, code="PARAMETER", path=(name[:SHOWN],))


def _quote(value: str) -> str:
    return repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}...")
