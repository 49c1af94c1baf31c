"""Expected failures as HTTP answers: the fitting status, and the same JSON shape on every route."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from portal import errors, metering

STATUS: dict[type[errors.PortalError], int] = {
    errors.Unauthenticated: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}


def refuse(error: errors.PortalError) -> Response:
    """The answer to a failure; what no status is listed for is the client's input, 400."""
    headers = {}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.RateLimited | errors.Busy):
        headers["Retry-After"] = str(error.retry_after)
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
    return write_refusal(status, error.code, error.message, headers, list_problems(error))


def list_problems(error: errors.PortalError) -> list[dict[str, Any]]:
    """What is wrong with which parameter, in the form that the API gives it."""
    found = error.problems if isinstance(error, errors.InvalidInput) else ()
    return [{"path": list(one.path), "code": one.code, "message": one.message} for one in found if one.path]


def write_refusal(
    status: int,
    code: str,
    message: str,
    headers: dict[str, str] | None = None,
    problems: Sequence[dict[str, Any]] = (),
) -> Response:
    """One error with its code, never kept by a cache."""
    metering.count_refusal(code)
    extensions = {"code": code} | ({"problems": problems} if problems else {})
    body = {"errors": [{"message": message, "extensions": extensions}]}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})
