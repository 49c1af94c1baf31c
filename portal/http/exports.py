"""GET /exports/...: everything of an assessment or a submission as one JSON document, for its own supplier."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portal import access, errors
from portal.access import Actor
from portal.assessments import exports
from portal.database.engine import Database

Write = Callable[[AsyncSession, Actor, UUID], Awaitable[dict[str, Any]]]
STATUS: dict[type[errors.PortalError], int] = {
    errors.Unauthenticated: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.RateLimited: 429,
}


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
    """The answer to GET: 200 with the document as a download, 401, 403 or 404."""

    async def export(request: Request) -> Response:
        try:
            credential = access.read_bearer(request.headers.get("authorization"))
            async with database.transaction(credential) as (session, actor):
                access.require(actor, access.SUPPLIER)
                document = await write(session, actor, _read_id(request.path_params["id"], kind))
        except errors.PortalError as error:
            body = {"errors": [{"message": error.message, "extensions": {"code": error.code}}]}
            return JSONResponse(body, STATUS.get(type(error), 400), {"Cache-Control": "no-store"})
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="{kind}.json"',
        }
        return Response(orjson.dumps(document, default=str), media_type="application/json", headers=headers)

    return export


def _read_id(text: str, kind: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.NotFound(f"There is no such {kind}.") from None
