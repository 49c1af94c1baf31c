"""What the operator sees of letters and jobs that failed, and has tried again; nobody's address, and no text."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids

LIST_LETTERS = text("SELECT * FROM portal.list_failed_letters(:after, :most)")
LIST_JOBS = text("SELECT * FROM portal.list_failed_jobs(:after, :most)")
RETRY = text("SELECT portal.retry_failed(:event, :letter, :job)")
LARGEST_JOB = 2**63 - 1


@dataclass(frozen=True)
class FailedLetter:
    """A letter that did not go out; without `next_try_at` it is held for the operator."""

    id: UUID
    kind: str
    organization_id: UUID | None  # which it is about, where it is about one
    tries: int
    last_error: str | None
    created_at: datetime
    next_try_at: datetime | None


@dataclass(frozen=True)
class FailedJob:
    """A job that failed; one that is not `held` is tried again at `next_try_at`."""

    id: int
    kind: str
    held: bool
    tries: int
    last_error: str | None
    created_at: datetime
    next_try_at: datetime | None


async def list_letters(
    session: AsyncSession, actor: Actor, *, after: UUID | None = None, limit: int
) -> list[FailedLetter]:
    """The letters that failed and were not sent since, the newest first."""
    access.require(actor, access.OPERATOR)
    found = await session.execute(LIST_LETTERS, {"after": after, "most": limit})
    return [FailedLetter(**row._mapping) for row in found]


async def list_jobs(session: AsyncSession, actor: Actor, *, after: int | None = None, limit: int) -> list[FailedJob]:
    """The jobs that are held or wait for another try, the newest first."""
    access.require(actor, access.OPERATOR)
    found = await session.execute(LIST_JOBS, {"after": after, "most": limit})
    return [FailedJob(**row._mapping) for row in found]


async def retry(session: AsyncSession, actor: Actor, *, letter: UUID | None = None, job: int | None = None) -> int:
    """Try one letter or one job again, or all that is held; returns how many jobs that made.

    Raises NotFound where the one that is named is not held.
    """
    access.require(actor, access.OPERATOR)
    if job is not None and not 0 < job <= LARGEST_JOB:
        raise errors.NotFound("No letter or job of this number is held.")
    parameters = {"event": ids.new_id(), "letter": letter, "job": job}
    await audit.tell_origin(session)
    made = int((await session.execute(RETRY, parameters)).scalar_one())
    if not made and (letter is not None or job is not None):
        raise errors.NotFound("No letter or job of this number is held.")
    return made
