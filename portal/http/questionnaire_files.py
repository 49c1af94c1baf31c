"""GET /questionnaires/{content_hash}.pdf and other files that are made of a published version."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, speaking
from portal.assessments.forms import Fonts
from portal.assessments.speaking import Told, Wish
from portal.database.engine import Database
from portal.http import compression, exports, parameters, questionnaires, refusals, tags
from portal.http.press import Press, admit_all
from portal.identity import attempts
from portal.turnstile import Turnstile
from questionnaires import fhir, fhir_terms, printed, xlsform
from questionnaires.definition import Definition, Tier

FILES = {
    "xlsform.xlsx": exports.WORKBOOK,
    "fhir.json": exports.FHIR,
    "pdf": exports.PDF,
}


def list_routes(database: Database, turnstile: Turnstile, fonts: Fonts = ()) -> list[Route]:
    """The files; field `filePath` of the API leads there. They stand before the document, whose path fits them, too."""
    press = Press(turnstile)
    return [
        Route(
            f"/questionnaires/{{content_hash}}.{ending}",
            make_file_sender(database, ending, partial(make_file, fonts=fonts), press),
        )
        for ending in FILES
    ]


def make_file_sender(
    database: Database, ending: str, make: Callable[[Definition, str, str, Tier], bytes], press: Press
) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the file, 304 where the client has it, 400 for an unknown tier, 404, 429 or 503.

    What is not public goes to those who may see it, by their Authorization header, and stays in their own cache.
    Anybody may have public ones made, so that is counted by address; what is kept already is given without counting.
    """

    async def send(request: Request) -> Response:
        content_hash = request.path_params["content_hash"]
        address = request.client.host if request.client else ""
        try:
            parameters.check_names(request.query_params, once=("tier", "locale"))
            tell = partial(_tell_version, content_hash=content_hash, wish=exports.read_wish(request))
            told, scope = await questionnaires.find_visible(database, request, content_hash, tell)
            definition = told.definition
            tier = read_tier(definition, request.query_params.getlist("tier"))
            name = (content_hash, told.overlay, definition.questionnaire.locale, ending, tier)
            made = press.find(name)
            if made is None:
                counting = partial(attempts.take_attempt, database, "file_made", address=address)
                made = await press.make(
                    name,
                    partial(make, definition, content_hash, ending, tier),
                    client=address,
                    admit=counting if scope == "public" else admit_all,
                )
        except errors.PortalError as error:
            return refusals.refuse(error)
        headers = {
            "ETag": tags.write_tag(made.tag),
            "Cache-Control": f"{scope}, max-age=3600",
            "Content-Language": definition.questionnaire.locale,
            "Vary": "Accept-Language, Authorization",
            "Content-Disposition": f'attachment; filename="{definition.key}-{definition.version}.{ending}"',
            "X-Content-Type-Options": "nosniff",
        }
        if ending == "fhir.json":
            compression.mark_compressible(request)
        if tags.is_known(request.headers.get("if-none-match", ""), made.tag):
            return Response(status_code=304, headers=headers)
        return Response(made.content, media_type=FILES[ending], headers=headers)

    return send


def make_file(definition: Definition, content_hash: str, ending: str, tier: Tier, *, fonts: Fonts = ()) -> bytes:
    """A file of a version; a form for XLSForm always has all tiers."""
    if ending == "pdf":
        return printed.print_blank(definition, tier, font_folders=fonts)
    if ending == "fhir.json":
        return fhir_terms.write_json(fhir.write_questionnaire(definition, content_hash=content_hash, tier=tier))
    return xlsform.write_xlsform(definition)


def read_tier(definition: Definition, given: Sequence[str]) -> Tier:
    """The tier that was asked for, or the highest one; raises InvalidInput for one that the version lacks."""
    known: dict[str, Tier] = {tier: tier for tier in definition.tier_keys}
    parameters.check_values("tier", given, known, code="UNKNOWN_TIER")
    return known[given[0]] if given else definition.tier_keys[-1]


async def _tell_version(session: AsyncSession, actor: Actor, content_hash: str, wish: Wish) -> Told:
    """By its document, which tells whether the caller may see the version, also where the definition is in memory."""
    await definitions.load_document(session, content_hash)
    definition = await definitions.load_definition(session, content_hash)
    return await speaking.tell(session, actor, definition, content_hash, wish)
