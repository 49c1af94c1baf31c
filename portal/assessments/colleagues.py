"""The people behind the ids in an assessment: named while they belong to the organization."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database.tables.identity import Member, UserAccount


async def find_names(session: AsyncSession, actor: Actor, people: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of those who are members now, in one statement; none where nobody is asked for."""
    wanted = {one for one in people if one is not None}
    if not wanted:
        return {}
    found = await session.execute(
        select(Member.user_id, UserAccount.name)
        .join(UserAccount, UserAccount.id == Member.user_id)
        .where(Member.organization_id == actor.organization, Member.user_id.in_(wanted))
    )
    return {row.user_id: row.name for row in found}
