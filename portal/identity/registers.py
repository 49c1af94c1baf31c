"""What the operator looks through: all organizations, the newest first, and all corporate groups, the oldest first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.identity.operators import CorporateGroup

LONGEST_SEARCH = 200
STATUSES = ("active", "suspended", "closed")
LIST = text("SELECT * FROM portal.list_organizations(:words, :role, :status, :after, :most)")
LIST_GROUPS = text("SELECT * FROM portal.page_corporate_groups(:words, :status, :after, :most)")


@dataclass(frozen=True)
class RegisteredOrganization:
    """An organization as the operator sees it; `roles` are those it acts in, the group is the one of now."""

    organization_id: UUID
    name: str
    country: str | None
    status: str
    suspended_at: datetime | None
    created_at: datetime
    owners: int
    roles: list[str]
    group_id: UUID | None
    group_name: str | None
    group_status: str | None


async def list_organizations(
    session: AsyncSession,
    actor: Actor,
    *,
    search: str | None = None,
    role: str | None = None,
    status: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[RegisteredOrganization]:
    """The organizations behind the one of `after`; `search` is a part of a name, or an id. Raises InvalidInput."""
    access.require(actor, access.OPERATOR)
    parameters = {"words": read_search(search), "role": role, "status": status, "after": after, "most": limit}
    return [RegisteredOrganization(**row._mapping) for row in await session.execute(LIST, parameters)]


async def list_groups(
    session: AsyncSession,
    actor: Actor,
    *,
    search: str | None = None,
    status: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[CorporateGroup]:
    """The groups behind the one of `after`; `search` is a part of a name, or an id. Raises InvalidInput."""
    access.require(actor, access.OPERATOR)
    parameters = {"words": read_search(search), "status": status, "after": after, "most": limit}
    return [CorporateGroup(**row._mapping) for row in await session.execute(LIST_GROUPS, parameters)]


def read_search(search: str | None) -> str | None:
    """What names are searched for; an empty one is none. Raises InvalidInput BAD_FILTER."""
    words = " ".join((search or "").split())
    if len(words) > LONGEST_SEARCH or "\x00" in words:
        raise errors.InvalidInput(
            f"`search` may have at most {LONGEST_SEARCH} characters, and no control characters.",
            code="BAD_FILTER",
            path=("search",),
        )
    return words or None
