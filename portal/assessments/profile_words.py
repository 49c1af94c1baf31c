"""What a scoring profile says of itself, which waits for the operator where everybody would read it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from questionnaires.profile import Profile

# Of a questionnaire q, its version v and a profile p: what the operator publishes, what only those see whom its
# organization asks or is linked with, what the operator read with the version, and what it read since.
IS_READ = """
    (q.owner_id IS NULL OR coalesce(v.approval NOT IN ('asked', 'approved'), true)
     OR p.published_at <= v.approval_asked_at OR p.description_read_at IS NOT NULL)
"""
FIND = text(
    f"""
    SELECT {IS_READ} FROM portal.scoring_profile p
      JOIN portal.questionnaire_version v ON v.questionnaire = p.questionnaire AND v.version = p.version
      JOIN portal.questionnaire q ON q.key = p.questionnaire
     WHERE p.questionnaire = :questionnaire AND p.version = :version AND p.number = :number
    """  # noqa: S608 (a constant)
)
NOTE = text(
    """
    UPDATE portal.scoring_profile SET description_read_at = portal.clock()
     WHERE questionnaire = :questionnaire AND version = :version AND number = :number AND description_read_at IS NULL
    """
)


async def is_read(session: AsyncSession, profile: Profile) -> bool:
    """Whether the description may be told to whoever sees the version."""
    return bool(await session.scalar(FIND, _name(profile)))


async def find_description(session: AsyncSession, profile: Profile) -> str | None:
    """The description as everybody may read it; none where there is none, or while it is unread."""
    words = profile.profile.description
    return words if words and await is_read(session, profile) else None


async def note_read(session: AsyncSession, profile: Profile) -> None:
    """Let the description be told from now on; with the worker's login alone."""
    await session.execute(NOTE, _name(profile))


def _name(profile: Profile) -> dict[str, str | int]:
    header = profile.profile
    return {"questionnaire": header.questionnaire, "version": header.version, "number": header.number}
