"""Expected failures as HTTP answers: the fitting status, and the same JSON shape on every route."""

from starlette.responses import JSONResponse, Response

from portal import errors

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
    if isinstance(error, errors.RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
    return write_refusal(status, error.code, error.message, headers)


def write_refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """One error with its code, never kept by a cache."""
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})
