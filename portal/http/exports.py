"""GET /exports/...: an assessment or a submission as a file, for its own supplier."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import access, errors
from portal.access import Actor
from portal.assessments import exports, forms
from portal.assessments.forms import Fonts, Make
from portal.assessments.speaking import Wish
from portal.database import audit
from portal.database.engine import Database
from portal.http import compression, parameters, refusals
from portal.identity import attempts
from portal.turnstile import Turnstile
from questionnaires import languages

Load = Callable[[AsyncSession, Actor, UUID, Wish], Awaitable[Make]]
JSON = "application/json"
CSV = "text/csv; charset=utf-8"
FHIR = "application/fhir+json"
PDF = "application/pdf"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Kind:
    """One file: how its name ends, what it is, and what it is made from."""

    ending: str
    media_type: str
    load: Load


async def load_assessment(session: AsyncSession, actor: Actor, id: UUID, _: Wish) -> Make:
    document = await exports.export_assessment(session, actor, assessment_id=id)
    return lambda: orjson.dumps(document, default=str)


async def load_team(session: AsyncSession, actor: Actor, id: UUID, _: Wish) -> Make:
    document = await exports.export_team(session, actor, assessment_id=id)
    return lambda: orjson.dumps(document, default=str)


async def load_submission(session: AsyncSession, actor: Actor, id: UUID, _: Wish) -> Make:
    document = await exports.export_submission(session, actor, submission_id=id)
    return lambda: orjson.dumps(document, default=str)


def list_assessment_files(fonts: Fonts = ()) -> tuple[Kind, ...]:
    return (
        Kind("fhir.json", FHIR, forms.load_response),
        Kind("team.json", JSON, load_team),
        Kind("json", JSON, load_assessment),
        Kind("xlsx", WORKBOOK, forms.load_workbook),
        Kind("csv", CSV, forms.load_table),
        Kind("pdf", PDF, partial(forms.load_print, fonts=fonts)),
    )


def list_submission_files(fonts: Fonts = ()) -> tuple[Kind, ...]:
    return (
        Kind("fhir.json", FHIR, forms.load_submitted_response),
        Kind("json", JSON, load_submission),
        Kind("csv", CSV, forms.load_submitted_table),
        Kind("pdf", PDF, partial(forms.load_submitted_print, fonts=fonts)),
    )


def list_routes(database: Database, turnstile: Turnstile, fonts: Fonts = ()) -> list[Route]:
    """The files; fields `exportPath` of the API lead there."""
    return [
        Route(f"/exports/{noun}s/{{id}}.{kind.ending}", make_exporter(database, noun, kind, turnstile))
        for noun, kinds in (("assessment", list_assessment_files(fonts)), ("submission", list_submission_files(fonts)))
        for kind in kinds
    ]


def make_exporter(
    database: Database, noun: str, kind: Kind, turnstile: Turnstile
) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the file as a download, 400, 401, 403, 404, 429 or 503."""

    async def export(request: Request) -> Response:
        try:
            parameters.check_names(request.query_params, once=("locale",))
            wish = read_wish(request)
            credential = access.read_bearer(request.headers.get("authorization"))
            address = request.client.host if request.client else ""
            async with attempts.open_transaction(database, credential, address=address) as (session, actor):
                access.require(actor, access.SUPPLIER)
                id = _read_id(request.path_params["id"], noun)
                make = await kind.load(session, actor, id, wish)
                await audit.add_audit(session, actor, "export.made", noun, id, detail={"file": kind.ending})
            async with turnstile.enter(actor.organization):
                content = await asyncio.to_thread(make)
        except errors.PortalError as error:
            return refusals.refuse(error)
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="{noun}.{kind.ending}"',
            "X-Content-Type-Options": "nosniff",
        }
        if kind.media_type not in (WORKBOOK, PDF):
            compression.mark_compressible(request)
        return Response(content, media_type=kind.media_type, headers=headers)

    return export


def read_wish(request: Request) -> Wish:
    """The language of the parameter `locale`, or of the header; raises InvalidInput for what is no language."""
    given = request.query_params.get("locale")
    asked = None if given is None else languages.spell_tag(given)
    if given is not None and asked is None:
        raise errors.InvalidInput("`locale` takes a language like es or zh-Hans.", code="PARAMETER", path=("locale",))
    return Wish(asked, request.headers.get("accept-language", ""))


def _read_id(text: str, noun: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.NotFound(f"There is no such {noun}.") from None
