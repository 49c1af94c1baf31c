"""Signing in by an identity provider: the redirect there, and the way back to the client, which gets a code.

Browsers are sent to two places only: to the provider that an organization's owner named, and to the client of this
installation. What a request brings decides nothing of that.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from portal import errors
from portal.database.engine import Database
from portal.http import parameters, refusals
from portal.settings import Settings
from portal.sso import provider, signing_in
from portal.sso.provider import Providers
from portal.sso.signing_in import CALLBACK_PATH, ON_THE_WAY, START_PATH, Refused, Returned

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
LONGEST = 4_000  # characters of one parameter


def list_routes(database: Database, settings: Settings) -> list[BaseRoute]:
    """Both addresses; they answer 303, or 400, 404, 429 and 503 where there is nowhere to go."""
    providers = Providers(provider.read_policy(settings))

    async def start(request: Request) -> Response:
        try:
            parameters.check_names(request.query_params, once=("challenge",))
            begun = await signing_in.start(
                database,
                providers,
                settings,
                connection=request.path_params["connection"],
                challenge=request.query_params.get("challenge", ""),
                address=_name_client(request),
            )
        except Refused as refused:
            return _go(settings, "sso-problem", refused.code)
        except errors.PortalError as error:
            return refusals.refuse(error)
        response = RedirectResponse(begun.location, 303, HEADERS)
        _set_cookie(response, settings, begun.browser, int(ON_THE_WAY.total_seconds()))
        return response

    async def come_back(request: Request) -> Response:
        try:
            arrived = await signing_in.come_back(
                database, providers, settings, _read(request, settings), address=_name_client(request)
            )
        except Refused as refused:
            response = _go(settings, "sso-problem", refused.code)
        except errors.PortalError as error:
            return refusals.refuse(error)
        else:
            response = _go(settings, "sso" if arrived.kind == "sign_in" else "sso-link", arrived.code)
        _set_cookie(response, settings, "", 0)
        return response

    return [Route(START_PATH, start, methods=["GET"]), Route(CALLBACK_PATH, come_back, methods=["GET"])]


def name_cookie(settings: Settings) -> str:
    """Its name; over TLS it can be set by this very host alone."""
    return f"{'__Host-' if _is_secure(settings) else ''}portal_sso"


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _set_cookie(response: Response, settings: Settings, value: str, seconds: int) -> None:
    """It comes along when the provider sends the browser back, which is why it is Lax and not Strict."""
    secure = _is_secure(settings)
    response.set_cookie(
        name_cookie(settings), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def _read(request: Request, settings: Settings) -> Returned:
    """What came back; a parameter that stands there twice counts as none."""
    given = {
        name: request.query_params.getlist(name)[0]
        for name in ("state", "code", "iss", "error")
        if len(request.query_params.getlist(name)) == 1 and len(request.query_params[name]) <= LONGEST
    }
    return Returned(
        browser=request.cookies.get(name_cookie(settings), ""),
        state=given.get("state", ""),
        code=given.get("code", ""),
        issuer=given.get("iss"),
        error=given.get("error", ""),
    )


def _go(settings: Settings, what: str, value: str) -> Response:
    """To the client; what it gets stands behind the #, which browsers keep to themselves."""
    client = settings.client_url or f"{settings.public_url.rstrip('/')}/"
    return RedirectResponse(f"{client}#{what}={quote(value)}", 303, HEADERS)


def _name_client(request: Request) -> str:
    return request.client.host if request.client else ""
