"""Who counts: which frozen submissions count in a release, and for which corporate group.

An organization counts with the submission of its latest period that was old enough at the end of the quarter, whose
period was over and whose result was valid then, at the tier it answered. The result is that of the newest scoring
profile, which must be the same for all submissions of a version that count: else there is no release. An organization
counts only if it accepted a request, for the same questionnaire, of a buyer that the operator approved and that is
outside its group, and did not withdraw. The contributor is its corporate group where the operator confirmed it; all
organizations without a confirmed group are one contributor together.

A group that is made anew of the very organizations that another one counted with is the same contributor.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import cohorts
from portal.benchmarks.cohorts import Cohort
from portal.database.tables.assessments import spell_recency

NO_GROUP = "00000000-0000-0000-0000-000000000000"  # all without a confirmed group

CHOSEN = f"""
    WITH asked AS (
        SELECT DISTINCT r.supplier_id FROM portal.request r
          JOIN portal.organization_role b
            ON b.organization_id = r.buyer_id AND b.role = 'buyer' AND b.status = 'active'
          LEFT JOIN portal.group_member bg ON bg.organization_id = r.buyer_id AND bg.valid_to IS NULL
          LEFT JOIN portal.group_member sg ON sg.organization_id = r.supplier_id AND sg.valid_to IS NULL
         WHERE r.questionnaire = :questionnaire AND r.state IN ('accepted', 'fulfilled')
           AND r.supplier_id IS NOT NULL AND r.supplier_id <> r.buyer_id
           AND (bg.group_id = sg.group_id) IS NOT TRUE
    )
    SELECT DISTINCT ON (s.supplier_id)
           CAST(:release AS integer), CAST(:questionnaire AS text), s.supplier_id, s.id, t.profile_number, s.tier,
           coalesce(x.section, 'unknown'), coalesce(c.region, 'unknown'), coalesce(o.size_band, 'unknown'),
           coalesce(g.id, '{NO_GROUP}'), s.submitted_at >= :settled
      FROM portal.submission s
      JOIN asked a ON a.supplier_id = s.supplier_id
      JOIN portal.organization o ON o.id = s.supplier_id AND o.status = 'active'
      JOIN portal.result t ON t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.is_own_tier
      LEFT JOIN portal.benchmark_choice w ON w.organization_id = s.supplier_id AND NOT w.takes_part
      LEFT JOIN portal.group_member m ON m.organization_id = s.supplier_id AND m.valid_to IS NULL
      LEFT JOIN portal.corporate_group g ON g.id = m.group_id AND g.status = 'confirmed'
      LEFT JOIN unnest(CAST(:codes AS text[]), CAST(:sections AS text[])) x (code, section)
        ON x.code = o.sector AND coalesce(o.sector_scheme, 'ISIC Rev.4') = 'ISIC Rev.4'
      LEFT JOIN unnest(CAST(:countries AS text[]), CAST(:regions AS text[])) c (country, region)
        ON c.country = o.country
     WHERE s.questionnaire = :questionnaire AND s.subject = 'organization' AND s.state <> 'withdrawn'
       AND s.submitted_at < :over AND s.period_end <= :last_day AND t.valid_until >= :last_day
       AND w.organization_id IS NULL
       AND NOT EXISTS (SELECT FROM portal.result n
                        WHERE n.supplier_id = t.supplier_id AND n.submission_id = t.submission_id AND n.is_own_tier
                          AND n.profile_number > t.profile_number)
     ORDER BY s.supplier_id, s.submitted_at >= :settled, {spell_recency("s")}
"""  # noqa: S608 (a constant)
# A group that counted before with the very organizations that count now under a new one keeps the name it had.
CHOOSE = text(
    f"""
    INSERT INTO portal.release_contributor (release_number, questionnaire, supplier_id, submission_id, profile_number,
                                            tier, sector, region, size_band, group_id, waits)
    WITH chosen (release_number, questionnaire, supplier_id, submission_id, profile_number, tier, sector, region,
                 size_band, group_id, waits) AS ({CHOSEN}
    ), earlier AS (
        SELECT release_number, supplier_id, group_id FROM portal.release_contributor
         WHERE release_number < :release AND questionnaire = :questionnaire AND group_id <> '{NO_GROUP}'
    ), fresh AS (
        SELECT group_id, array_agg(supplier_id ORDER BY supplier_id) AS members FROM chosen
         WHERE group_id <> '{NO_GROUP}' AND group_id NOT IN (SELECT group_id FROM earlier)
         GROUP BY group_id
    ), former AS (
        SELECT release_number, group_id, array_agg(supplier_id ORDER BY supplier_id) AS members FROM earlier
         WHERE group_id NOT IN (SELECT group_id FROM chosen) AND (release_number, group_id) IN (
               SELECT e.release_number, e.group_id FROM earlier e
                 JOIN chosen c USING (supplier_id) JOIN fresh f ON f.group_id = c.group_id)
         GROUP BY release_number, group_id
    ), renamed AS (
        SELECT DISTINCT ON (f.group_id) f.group_id, o.group_id AS name
          FROM fresh f JOIN former o USING (members) ORDER BY f.group_id, o.release_number DESC
    )
    SELECT c.release_number, c.questionnaire, c.supplier_id, c.submission_id, c.profile_number, c.tier, c.sector,
           c.region, c.size_band, coalesce(r.name, c.group_id), c.waits
      FROM chosen c LEFT JOIN renamed r USING (group_id)
    """  # noqa: S608 (constants)
)
ANYBODY = text(f"SELECT EXISTS ({CHOSEN})")
# Of each version whose submissions that count are not all scored by the newest profile that one of them is scored by:
# how many have no result of it, or only one that was added without its trace.
UNFINISHED = text(
    """
    WITH counted AS (
        SELECT s.version, r.profile_number, max(r.profile_number) OVER (PARTITION BY s.version) AS newest,
               CAST(s.header ->> 'profile' AS integer) IS NOT DISTINCT FROM r.profile_number OR EXISTS (
                   SELECT FROM portal.result_section t
                    WHERE t.supplier_id = s.supplier_id AND t.submission_id = s.id
                      AND t.profile_number = r.profile_number) AS is_traced
          FROM portal.release_contributor r
          JOIN portal.submission s ON s.supplier_id = r.supplier_id AND s.id = r.submission_id
         WHERE r.release_number = :release AND r.questionnaire = :questionnaire AND NOT r.waits
    )
    SELECT version, newest AS profile, count(*) AS submissions FROM counted
     WHERE profile_number <> newest OR NOT is_traced GROUP BY version, newest ORDER BY version
    """
)
LEAVES = text(
    """
    SELECT tier, sector, region, size_band, count(*) AS contributors,
           CASE WHEN count(*) < :threshold THEN array_agg(group_id) END AS groups
      FROM (SELECT DISTINCT tier, sector, region, size_band, group_id FROM portal.release_contributor
             WHERE release_number = :release AND questionnaire = :questionnaire) leaf
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    """
)
PROFILES = text(
    """
    SELECT DISTINCT s.questionnaire || '@' || s.version AS version, r.profile_number AS profile
      FROM portal.release_contributor r
      JOIN portal.submission s ON s.supplier_id = r.supplier_id AND s.id = r.submission_id
     WHERE r.release_number = :release AND NOT r.waits ORDER BY 1, 2
    """
)


@dataclass(frozen=True)
class Unfinished:
    """A version of which so many submissions that count wait for a scoring profile that others have."""

    version: str
    profile: int
    submissions: int


async def choose_contributors(
    session: AsyncSession, *, release: int, questionnaire: str, last_day: date, settled: date, over: date
) -> int:
    """Note whose submission counts, and whose waits; `settled` is the first day that is too recent.

    Returns how many there are.
    """
    given = {"release": release, "questionnaire": questionnaire, "last_day": last_day}
    given |= {"settled": _start(settled), "over": _start(over)}
    chosen = await session.execute(CHOOSE, given | _list_leaf_names())
    return cast(CursorResult[Any], chosen).rowcount


async def has_contributor(session: AsyncSession, *, questionnaire: str, last_day: date, settled: date) -> bool:
    """Whether a release would count a submission; `settled` is the first day that is too recent."""
    given = {"release": 0, "questionnaire": questionnaire, "last_day": last_day}
    given |= {"settled": _start(settled), "over": _start(settled)}
    return bool((await session.execute(ANYBODY, given | _list_leaf_names())).scalar_one())


def _list_leaf_names() -> dict[str, list[str]]:
    """What codes of sectors and countries stand for in the tree of cohorts."""
    sections, regions = cohorts.list_sections(), cohorts.list_regions()
    return {
        "codes": list(sections),
        "sections": list(sections.values()),
        "countries": list(regions),
        "regions": list(regions.values()),
    }


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def list_leaves(
    session: AsyncSession, *, release: int, questionnaire: str, threshold: int
) -> dict[Cohort, frozenset[object]]:
    """The leaves with their contributors, waiting ones too; a leaf that is large enough names only so many."""
    found = await session.execute(LEAVES, {"release": release, "questionnaire": questionnaire, "threshold": threshold})
    leaves: dict[Cohort, frozenset[object]] = {}
    for row in found:
        leaf = Cohort(row.tier, row.sector, row.region, row.size_band)
        leaves[leaf] = frozenset(row.groups or ((leaf, number) for number in range(threshold)))
    return leaves


async def list_unfinished(session: AsyncSession, *, release: int, questionnaire: str) -> list[Unfinished]:
    """The versions whose submissions that count are not all scored, with a trace, by one profile."""
    found = await session.execute(UNFINISHED, {"release": release, "questionnaire": questionnaire})
    return [Unfinished(row.version, row.profile, row.submissions) for row in found]


async def list_profiles(session: AsyncSession, release: int) -> list[tuple[str, int]]:
    """The versions that a release counted, as KEY@VERSION, each with the scoring profile of its results."""
    found = await session.execute(PROFILES, {"release": release})
    return [(row.version, row.profile) for row in found]


def find_settled(last_day: date, age_days: int) -> date:
    """The first day on which a submission is too recent for a release on the quarter that ends with `last_day`."""
    return last_day - timedelta(days=age_days - 1)
