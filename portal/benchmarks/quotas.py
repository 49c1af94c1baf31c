"""Rows of releases that a partner organization may read in a day, counted for all its people and keys together."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors

TAKE = text("SELECT portal.take_released_rows(:wanted, :allowed)")
TAKE_BESIDE = "portal.take_released_rows($4, $5)"
"""The same inside a statement that says who may read."""


async def take_rows(session: AsyncSession, wanted: int, allowed: int) -> None:
    """Count rows of the caller's organization before they are read; raises as `check_wait`."""
    check_wait((await session.execute(TAKE, {"wanted": wanted, "allowed": allowed})).scalar_one(), allowed)


def check_wait(seconds: int, allowed: int) -> None:
    """Raise RateLimited QUOTA where the rows of the day are read, with the seconds until there are more."""
    if seconds:
        words = f"Your organization has read the {allowed:,} rows of releases that it may read in a day."
        raise errors.RateLimited(words, retry_after=seconds, code="QUOTA")
