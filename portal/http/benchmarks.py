"""GET /v1/benchmarks/...: whole releases as CSV for partners, what their columns mean, and the terms they are under."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import access, errors
from portal.benchmarks import exports, terms
from portal.database import audit
from portal.database.engine import Database
from portal.http import compression, parameters, refusals, tags
from portal.identity import attempts

DICTIONARY = "/v1/benchmarks/dictionary.csv"
RELEASE = "/v1/benchmarks/{release:int}.csv"
CSV, PLAIN = "text/csv; charset=utf-8", "text/plain; charset=utf-8"
# A private cache may keep it and must ask whether the key still holds.
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization",
    "Link": f'<{DICTIONARY}>; rel="describedby", <{terms.PATH}>; rel="license"',
}


def list_routes(database: Database, rows_per_day: int) -> list[Route]:
    """The release, its data dictionary and its terms."""
    return [
        Route(DICTIONARY, make_public(exports.write_dictionary, CSV)),
        Route(terms.PATH, make_public(terms.write_licence, PLAIN)),
        Route(RELEASE, make_sender(database, rows_per_day)),
    ]


def make_public(write: Callable[[], str], kind: str) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET with a text for everybody: 200, 304 where the client has it, or 400."""

    async def send(request: Request) -> Response:
        try:
            parameters.check_names(request.query_params)
        except errors.PortalError as error:
            return refusals.refuse(error)
        content = write()
        tag = tags.hash_content(content.encode())
        headers = {"Cache-Control": "public, max-age=3600", "ETag": tags.write_tag(tag)}
        compression.mark_compressible(request)
        if tags.is_known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(content, 200, headers, kind)

    return send


def make_sender(database: Database, rows_per_day: int) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the release, 304 where the client has it, 400, 401, 403, 404, 429 or 503."""

    async def send(request: Request) -> Response:
        try:
            return await _answer(database, request, rows_per_day)
        except errors.PortalError as error:
            return refusals.refuse(error)

    return send


async def _answer(database: Database, request: Request, rows_per_day: int) -> Response:
    parameters.check_names(request.query_params, lists=("since",))  # a second one is refused in words of its own
    newer_than = read_since(request.query_params.getlist("since"))
    credential = access.read_bearer(request.headers.get("authorization"))
    address = request.client.host if request.client else ""
    async with attempts.open_transaction(database, credential, address=address) as (session, actor):
        release = min(request.path_params["release"], 2**31 - 1)
        table = await exports.open_table(session, actor, release=release, newer_than=newer_than)
        headers = {**HEADERS, "ETag": tags.write_tag(table.tag)}
        compression.mark_compressible(request)
        if tags.is_known(request.headers.get("if-none-match", ""), table.tag):
            return Response(status_code=304, headers=headers)
        content = await exports.write_table(session, actor, table, rows_per_day)
        await audit.add_audit(session, actor, "export.made", "release", str(table.release.number))
    headers["Content-Disposition"] = f'attachment; filename="benchmarks-{table.release.number}.csv"'
    return Response(content, 200, headers, CSV)


def read_since(given: list[str]) -> int | None:
    """The release number in `since`; raises InvalidInput."""
    if not given:
        return None
    if len(given) > 1 or not given[0].isascii() or not given[0].isdecimal() or len(given[0]) > 9:
        raise errors.InvalidInput("`since` must be one release number, such as 3.", code="SINCE", path=("since",))
    return int(given[0])
