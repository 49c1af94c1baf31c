"""Rows of a list that name a site of the organization: which sites they may name, and that none is named twice."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments.writes import Write
from portal.database.tables import assessments as tables
from questionnaires.answers import AnswerKey, Problem

UNKNOWN, TAKEN = "row_site_unknown", "row_site_taken"
IN_USE = text(
    """
    SELECT s.id FROM portal.site s
     WHERE s.organization_id = :supplier AND s.archived_at IS NULL AND s.id = ANY (CAST(:sites AS uuid[]))
    """
)


async def find_nameable(
    session: AsyncSession, actor: Actor, assessment: tables.Assessment, sent: Sequence[Write]
) -> frozenset[str]:
    """The sites in use among those that writes name; nothing is asked for where none names one.

    A row names a site in the assessment of the organization alone: that of a site is about it already.
    """
    wanted = {one.site_id for one in sent if one.site_id is not None and is_id(one.site_id)}
    if not wanted or assessment.subject != "organization":
        return frozenset()
    found = await session.scalars(IN_USE, {"supplier": actor.organization, "sites": list(wanted)})
    return frozenset(map(str, found))


def is_id(given: str) -> bool:
    """Whether a text is an id as the portal spells it."""
    try:
        return str(UUID(given)) == given
    except ValueError:
        return False


def find_repeated(named: Mapping[AnswerKey, UUID]) -> Iterator[Problem]:
    """The rows that name a site which a row before them in the same list names: each is named once.

    Saving takes them, since a device may send what gives a site to one row before what takes it from another.
    """
    seen: set[tuple[str, UUID]] = set()
    for (question, row), site in sorted(named.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        if (question, site) in seen:
            yield Problem(code=TAKEN, question=question, row_id=row)
        seen.add((question, site))
