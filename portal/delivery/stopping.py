"""The signed links by which a person stops letters about requests, or about results, without signing in."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import signed_links

PATH = "/letters/stop"
REQUESTS, RESULTS = "requests", "results"
PURPOSES = {REQUESTS: b"portal.stop-request-letters:", RESULTS: b"portal.stop-result-letters:"}
STOP = {
    REQUESTS: text("SELECT portal.stop_request_letters(:person)"),
    RESULTS: text("SELECT portal.stop_result_letters(:person)"),
}


def make_link(public_url: str, secret_key: str, person: UUID, about: str = REQUESTS) -> str:
    """The address that stops the letters to one person; it works for good, and for nothing else."""
    token = signed_links.make_token(secret_key, PURPOSES[about], [person])
    return f"{public_url}{PATH}?token={token}" + ("" if about == REQUESTS else f"&about={about}")


def read_token(secret_key: str, token: str, about: str = REQUESTS) -> UUID | None:
    """Whose letters a token stops; none where we did not make it."""
    found = signed_links.read_token(secret_key, PURPOSES[about], token, 1) if about in PURPOSES else None
    return None if found is None else found[0]


async def stop(session: AsyncSession, person: UUID, about: str = REQUESTS) -> None:
    """No more letters of this kind to a person, until the person wants them again."""
    await session.execute(STOP[about], {"person": person})
