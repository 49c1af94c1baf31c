"""How two published versions of a questionnaire differ, by way of those that were published between them."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import definitions
from portal.assessments.definitions import Version
from portal.shelf import Shelf
from questionnaires import carryover, difference
from questionnaires.difference import Difference, order_version

MOST_KEPT = 64
# A version that was published after the later one is none that its author knew of.
KNOWN = text(
    """
    SELECT v.version, v.content_hash FROM portal.questionnaire_version v
     WHERE v.questionnaire = :questionnaire
       AND v.published_at <= (SELECT l.published_at FROM portal.questionnaire_version l
                               WHERE l.questionnaire = v.questionnaire AND l.version = :later)
    """
)
_kept: Shelf[tuple[str, ...], Difference] = Shelf(MOST_KEPT)


async def compare(session: AsyncSession, old: Version, new: Version) -> Difference:
    """Every change from one version to another, with the renamings and meanings of those between that the caller sees.

    Either may be the later one. Made once for the same hashes: no version ever changes. Raises ValueError for versions
    of two questionnaires.
    """
    between = [] if old.content_hash == new.content_hash else await _list_between(session, old, new)
    hashes = (old.content_hash, *between, new.content_hash)
    kept = _kept.find(hashes)
    if kept is not None:
        return kept
    way = [await definitions.load_definition(session, one) for one in between]
    return _kept.keep(hashes, difference.compare(old.definition, new.definition, way))


async def match(session: AsyncSession, old: str, new: str) -> Mapping[str, str]:
    """The keys in a version, by its hash, of the questions of another one that mean the same."""
    versions = [Version(one, await definitions.load_definition(session, one)) for one in (old, new)]
    return carryover.match_questions(await compare(session, *versions))


async def _list_between(session: AsyncSession, old: Version, new: Version) -> list[str]:
    """The hashes of the versions between two of a questionnaire, the lowest version first."""
    ends = sorted((old.definition.version, new.definition.version), key=order_version)
    found = await session.execute(KNOWN, {"questionnaire": new.definition.key, "later": ends[1]})
    low, high = map(order_version, ends)
    numbered = sorted((order_version(row.version), row.content_hash) for row in found)
    return [content_hash for number, content_hash in numbered if low < number < high]
