"""The signed link by which a person stops letters about requests without signing in."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import signed_links

PATH = "/letters/stop"
PURPOSE = b"portal.stop-request-letters:"
STOP = text("SELECT portal.stop_request_letters(:person)")


def make_link(public_url: str, secret_key: str, person: UUID) -> str:
    """The address that stops the letters to one person; it works for good, and for nothing else."""
    return f"{public_url}{PATH}?token={signed_links.make_token(secret_key, PURPOSE, [person])}"


def read_token(secret_key: str, token: str) -> UUID | None:
    """Whose letters a token stops; none where we did not make it."""
    found = signed_links.read_token(secret_key, PURPOSE, token, 1)
    return None if found is None else found[0]


async def stop(session: AsyncSession, person: UUID) -> None:
    """No more letters about requests to a person, until the person wants them again."""
    await session.execute(STOP, {"person": person})
