"""GET /exports/...: everything of an assessment or a submission as one JSON document, for its own supplier."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import access, errors
from portal.access import Actor
from portal.assessments import exports
from portal.database.engine import Database
from portal.http import compression, parameters, refusals
from portal.identity import attempts

Write = Callable[[AsyncSession, Actor, UUID], Awaitable[dict[str, Any]]]


async def write_assessment(session: AsyncSession, actor: Actor, id: UUID) -> dict[str, Any]:
    return await exports.export_assessment(session, actor, assessment_id=id)


async def write_submission(session: AsyncSession, actor: Actor, id: UUID) -> dict[str, Any]:
    return await exports.export_submission(session, actor, submission_id=id)


def list_routes(database: Database) -> list[Route]:
    """The two exports; fields `exportPath` of the API lead there."""
    return [
        Route("/exports/assessments/{id}.json", make_exporter(database, "assessment", write_assessment)),
        Route("/exports/submissions/{id}.json", make_exporter(database, "submission", write_submission)),
    ]


def make_exporter(database: Database, kind: str, write: Write) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the document as a download, 400, 401, 403, 404, 429 or 503."""

    async def export(request: Request) -> Response:
        try:
            parameters.check_names(request.query_params)
            credential = access.read_bearer(request.headers.get("authorization"))
            address = request.client.host if request.client else ""
            async with attempts.open_transaction(database, credential, address=address) as (session, actor):
                access.require(actor, access.SUPPLIER)
                document = await write(session, actor, _read_id(request.path_params["id"], kind))
        except errors.PortalError as error:
            return refusals.refuse(error)
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="{kind}.json"',
        }
        compression.mark_compressible(request)
        return Response(orjson.dumps(document, default=str), media_type="application/json", headers=headers)

    return export


def _read_id(text: str, kind: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.NotFound(f"There is no such {kind}.") from None
