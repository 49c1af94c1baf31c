"""What a list holds by its filters, without a page: for statements that count its rows or take them over."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal import access
from portal.reading import links, plans
from portal.reading.compilation import Compilation, list_conditions, open_source
from portal.reading.declarations import Connection, resolve
from portal.reading.parameters import Call, Parameters, load_arguments


def write_members(
    actor: access.Actor, link: Connection, filters: Mapping[str, Any], *, path: Sequence[str | int] = ()
) -> tuple[str, list[Any]]:
    """A SELECT of the identities of a list's rows, as `id`, with `$1` places, and the values for them.

    Raises InvalidInput for a filter, as a page of the list does.
    """
    parameters = Parameters()
    given = {0: load_arguments(link, {"filter": filters}, path)}
    call = Call(actor, given)
    c = Compilation(parameters.make_viewer(actor), parameters, given, _may_nothing, False, links.write_link)
    noun = resolve(link.noun)
    source = open_source(c, noun, None)
    conditions = list_conditions(c, noun, source, link, 0)
    statement = select(source.c[noun.identity].label("id")).select_from(source.write_from()).where(*conditions)
    compiled = statement.compile(dialect=plans.DIALECT, compile_kwargs={"render_postcompile": True})
    finders: list[Callable[[Call], Any]] = [
        parameters.finders.get(name) or plans.give(compiled.params[name]) for name in compiled.positiontup or ()
    ]
    return compiled.string, [find(call) for find in finders]


def _may_nothing(*_: Any) -> bool:
    return False
