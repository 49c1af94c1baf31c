"""GET /questionnaires/{content_hash}.json: a published version, the same bytes for ever, cached wherever it passes."""

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from portal import errors
from portal.assessments import definitions
from portal.database.engine import Database
from portal.http import compression, refusals, tags

PATH = "/questionnaires/{content_hash}.json"
_HASH = re.compile(r"[0-9a-f]{64}")


def make_publisher(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the canonical document, 304 where the client has it, 404 for an unknown hash."""

    async def publish(request: Request) -> Response:
        content_hash = request.path_params["content_hash"]
        headers = {"ETag": tags.write_tag(content_hash), "Cache-Control": "public, max-age=31536000, immutable"}
        try:
            document = await _find_document(database, content_hash)
        except errors.PortalError as error:
            return refusals.refuse(error)
        compression.mark_compressible(request)
        if tags.is_known(request.headers.get("if-none-match", ""), content_hash):
            return Response(status_code=304, headers=headers)
        return Response(document, media_type="application/json", headers=headers)

    return publish


async def _find_document(database: Database, content_hash: str) -> str:
    if _HASH.fullmatch(content_hash) is None:
        raise errors.NotFound("A content hash has 64 hexadecimal digits in lower case.")
    async with database.transaction() as (session, _):
        return await definitions.load_document(session, content_hash)
