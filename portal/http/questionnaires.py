"""Versions and translations of questionnaires by content hash: the same bytes for ever, cached wherever they pass."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, translations
from portal.database.engine import Database
from portal.database.reader import Session
from portal.http import compression, refusals, tags
from portal.identity import attempts

T = TypeVar("T")
Load: TypeAlias = Callable[[Session, str], Awaitable[str]]
# What each path finds by the hash in it.
PATHS: Mapping[str, Load] = {
    "/questionnaires/{content_hash}.json": definitions.load_document,
    "/translations/{content_hash}.json": translations.load_document,
}
_HASH = re.compile(r"[0-9a-f]{64}")


def list_routes(database: Database) -> list[Route]:
    """The routes of everything that is published by hash."""
    return [Route(path, make_publisher(database, load)) for path, load in PATHS.items()]


def make_publisher(database: Database, load: Load) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the canonical document, 304 where the client has it, 404 for an unknown hash.

    What is not public goes to those who may see it, by their Authorization header, and stays in their own cache.
    """

    async def publish(request: Request) -> Response:
        content_hash = request.path_params["content_hash"]
        try:
            document, scope = await find_visible(
                database, request, content_hash, lambda session, _: load(session, content_hash)
            )
        except errors.PortalError as error:
            return refusals.refuse(error)
        headers = {
            "ETag": tags.write_tag(content_hash),
            "Cache-Control": f"{scope}, max-age=31536000, immutable",
        }
        compression.mark_compressible(request)
        if tags.is_known(request.headers.get("if-none-match", ""), content_hash):
            return Response(status_code=304, headers=headers)
        return Response(document, media_type="application/json", headers=headers)

    return publish


async def find_visible(
    database: Database, request: Request, content_hash: str, load: Callable[[AsyncSession, Actor], Awaitable[T]]
) -> tuple[T, str]:
    """What is published under a hash, and who may keep it: everybody's caches or the caller's own. Raises NotFound."""
    if _HASH.fullmatch(content_hash) is None:
        raise errors.NotFound("A content hash has 64 hexadecimal digits in lower case.")
    try:
        async with database.transaction() as (session, actor):
            return await load(session, actor), "public"
    except errors.NotFound:
        credential = access.read_bearer(request.headers.get("authorization"))
        if credential is access.NO_CREDENTIAL:
            raise
    address = request.client.host if request.client else ""
    async with attempts.open_transaction(database, credential, address=address) as (session, actor):
        return await load(session, actor), "private"
