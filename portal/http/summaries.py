"""Signed summaries, sealed sections to check with them, and the keys that summaries are signed with."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import access, errors
from portal.access import Actor
from portal.assessments import shared_results, summaries
from portal.assessments.receipts import Kind
from portal.database import audit
from portal.database.engine import Database
from portal.http import compression, parameters, refusals, tags
from portal.identity import attempts
from portal.signing import KeyRing
from questionnaires import canonical

KEYS_PATH = "/.well-known/jwks.json"
KEYS_SECONDS = 3600  # a new key is looked for by whoever meets an unknown one, so this only spares calls
Read = Callable[[AsyncSession, Actor, UUID, UUID], Awaitable[bytes]]


def list_routes(database: Database, keys: KeyRing | None, issuer: str) -> list[Route]:
    """Summaries and sections of submissions, for their supplier and those they are shared with; keys for everybody.

    Fields `summaryPath` and `sectionPath` of the API lead to the former.
    """
    return [
        Route(KEYS_PATH, make_key_sender(keys)),
        Route("/summaries/{supplier}/{submission}.jws", make_summary_sender(database, keys, issuer)),
        Route("/summaries/{supplier}/{submission}/{section}.json", make_section_sender(database)),
    ]


def make_key_sender(keys: KeyRing | None) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the public keys as a JWK set, or 304; without keys an empty set."""
    published = b'{"keys":[]}' if keys is None else keys.publish()
    tag = tags.hash_content(published)
    headers = {"Cache-Control": f"public, max-age={KEYS_SECONDS}", "ETag": tags.write_tag(tag)}

    async def send(request: Request) -> Response:
        if tags.is_known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(published, media_type="application/jwk-set+json", headers=headers)

    return send


def make_summary_sender(
    database: Database, keys: KeyRing | None, issuer: str
) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the JWS, 400, 401, 403, 404, 429 or 503."""

    async def read(session: AsyncSession, actor: Actor, supplier: UUID, submission: UUID) -> bytes:
        if keys is None:
            raise errors.Unavailable("This server has no key to sign with.")
        found = await summaries.load_summary(session, actor, supplier_id=supplier, submission_id=submission)
        content = found.write(issuer, datetime.now(UTC))
        return keys.sign(canonical.write_canonical(content)).encode()

    async def send(request: Request) -> Response:
        return await _send(database, request, read, "summary", media_type="application/jose", name="summary.jws")

    return send


def make_section_sender(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the section in canonical JSON, 400, 401, 403, 404, 409, 429 or 503."""

    async def send(request: Request) -> Response:
        section = request.path_params["section"]

        async def read(session: AsyncSession, actor: Actor, supplier: UUID, submission: UUID) -> bytes:
            if "\0" in section:  # which no text in the database can hold
                raise errors.NotFound(summaries.NONE)
            found = await summaries.load_section(
                session, actor, supplier_id=supplier, submission_id=submission, section=section
            )
            return canonical.write_canonical(found)

        compression.mark_compressible(request)
        return await _send(database, request, read, "answers", media_type="application/json", name="section.json")

    return send


async def _send(
    database: Database, request: Request, read: Read, kind: Kind, *, media_type: str, name: str
) -> Response:
    try:
        parameters.check_names(request.query_params)
        supplier, submission = (_read_id(request.path_params[part]) for part in ("supplier", "submission"))
        credential = access.read_bearer(request.headers.get("authorization"))
        address = request.client.host if request.client else ""
        async with attempts.open_transaction(database, credential, address=address) as (session, actor):
            is_own = actor.organization_id == supplier
            access.require(actor, access.SUPPLIER if is_own else access.READER)
            content = await read(session, actor, supplier, submission)
            if is_own:  # what others fetch leaves a receipt
                await audit.add_audit(session, actor, "export.made", "submission", submission, detail={"file": name})
            else:
                await shared_results.note_results(session, actor, seen=[(supplier, submission)], kind=kind, noted=set())
    except errors.PortalError as error:
        return refusals.refuse(error)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.NotFound(summaries.NONE) from None
