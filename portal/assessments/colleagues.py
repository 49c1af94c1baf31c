"""The people behind the ids in an assessment: named also after they left, until their account is erased."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database.tables.identity import Member, UserAccount

FORMER = text("SELECT id, name FROM portal.find_former_names(CAST(:people AS uuid[]))")


async def find_members(session: AsyncSession, actor: Actor, people: Iterable[UUID | None]) -> dict[UUID, str]:
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


async def find_names(session: AsyncSession, actor: Actor, people: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of members, and of those who left and had worked on what the organization answers."""
    wanted = {one for one in people if one is not None}
    named = await find_members(session, actor, wanted)
    if left := wanted - named.keys():
        found = await session.execute(FORMER, {"people": [str(one) for one in left]})
        named |= {row.id: row.name for row in found}
    return named
