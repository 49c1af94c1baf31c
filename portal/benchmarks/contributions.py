"""Contributions: the value that each contributor adds to each measure of its cell, and who may know of it.

Several organizations of a contributor in one cell count once, with the mean of their values. A value is hundredths of a
point, or of an indicator hundredths of its step; more than MOST count as so many.

A contributor whose value moved by less than `Policy.steady` since an earlier release counts with the one of then, the
nearest where there are several; of an indicator, whose value moved by less than a twentieth. Whoever may assume that
scores move little could else carry over what old figures tell, and halve what is left with each new one: with a step of
half the range that nobody may be placed within, no such assumption leads below that range.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import indicators
from portal.benchmarks.cohorts import Cohort
from portal.benchmarks.contributors import NO_GROUP
from portal.benchmarks.disclosure import Reader
from portal.benchmarks.indicators import Indicator

TOTAL, PILLAR, QUESTION = "total", "pillar:", "question:"
MOST = 2_000_000_000

PLACED = """
    placed AS (
        SELECT r.supplier_id, r.submission_id, r.profile_number, r.tier, r.group_id, r.waits, l.cell
          FROM portal.release_contributor r
          JOIN unnest(CAST(:tiers AS text[]), CAST(:sectors AS text[]), CAST(:places AS text[]), CAST(:sizes AS text[]),
                      CAST(:cells AS text[])) l (tier, sector, region, size_band, cell)
            ON l.tier = r.tier AND l.sector = r.sector AND l.region = r.region AND l.size_band = r.size_band
         WHERE r.release_number = :release AND r.questionnaire = :questionnaire
    )
"""
COMPUTED = f"""
    {PLACED}, scored AS (
        SELECT p.cell, p.group_id, p.supplier_id, p.submission_id, p.profile_number, t.total, t.pillars
          FROM placed p
          JOIN portal.result t ON t.supplier_id = p.supplier_id AND t.submission_id = p.submission_id
           AND t.profile_number = p.profile_number AND t.tier_scored = p.tier
         WHERE NOT p.waits
    ), measured AS (
        SELECT cell, group_id, 'total' AS measure, total AS value FROM scored WHERE total IS NOT NULL
        UNION ALL
        SELECT cell, group_id, 'pillar:' || (pillar ->> 'key'), (pillar ->> 'score')::integer
          FROM scored CROSS JOIN LATERAL jsonb_array_elements(pillars) pillar WHERE pillar ->> 'score' IS NOT NULL
        UNION ALL
        SELECT s.cell, s.group_id, 'question:' || b.question, b.value
          FROM scored s CROSS JOIN LATERAL portal.list_benchmark_points(
               :questionnaire, s.supplier_id, s.submission_id, s.profile_number, CAST(:questions AS text[])) b
         WHERE cardinality(CAST(:questions AS text[])) > 0
        UNION ALL
        SELECT s.cell, s.group_id, 'indicator:' || b.question,
               round(least(greatest(100 * b.value / i.step, 0), {MOST}))::integer
          FROM portal.list_benchmark_values(:release, :questionnaire) b
          JOIN unnest(CAST(:indicator_versions AS text[]), CAST(:indicator_keys AS text[]),
                      CAST(:indicator_steps AS numeric[])) i (version, question, step)
            ON i.version = b.version AND i.question = b.question
          JOIN scored s ON s.supplier_id = b.supplier_id
         WHERE cardinality(CAST(:indicator_keys AS text[])) > 0
    ), moved AS (
        SELECT cell, measure, group_id, round(avg(value))::integer AS value
          FROM measured GROUP BY cell, measure, group_id
    ), held AS (
        SELECT DISTINCT measure, group_id, value FROM portal.contribution
         WHERE release_number < :release AND cell >= :questionnaire || '/' AND cell < :questionnaire || '0'
           AND group_id <> '{NO_GROUP}'
    ), nearest AS (
        SELECT m.cell, m.measure, m.group_id,
               min((abs(h.value - m.value)::bigint << 32) + h.value) & {2**32 - 1} AS value
          FROM moved m
          JOIN held h ON h.measure = m.measure AND h.group_id = m.group_id
           AND CASE WHEN starts_with(m.measure, 'indicator:')
                    THEN 20 * abs(h.value::bigint - m.value) < greatest(h.value, m.value)
                    ELSE abs(h.value - m.value) < :steady END
         GROUP BY m.cell, m.measure, m.group_id
    ), computed AS (
        SELECT m.cell, m.measure, m.group_id, coalesce(n.value::integer, m.value) AS value
          FROM moved m LEFT JOIN nearest n USING (cell, measure, group_id)
    )
"""  # noqa: S608 (a constant)
CONTRIBUTE = text(
    f"""
    INSERT INTO portal.contribution (release_number, cell, measure, group_id, value)
    WITH {COMPUTED}
    SELECT CAST(:release AS integer), cell, measure, group_id, value FROM computed
    """  # noqa: S608 (a constant)
)
DIFFERING = text(
    f"""
    WITH {COMPUTED}, written AS (
        SELECT cell, measure, group_id, value FROM portal.contribution
         WHERE release_number = :release AND cell >= :questionnaire || '/' AND cell < :questionnaire || '0'
           AND (cardinality(CAST(:questions AS text[])) > 0 OR NOT starts_with(measure, 'question:'))
           AND (cardinality(CAST(:indicator_keys AS text[])) > 0 OR NOT starts_with(measure, 'indicator:'))
           AND NOT starts_with(measure, 'upper:') AND NOT starts_with(measure, 'rest:')
    )
    SELECT cell, measure, count(*) AS differing FROM computed c FULL JOIN written w USING (cell, measure, group_id)
     WHERE c.value IS DISTINCT FROM w.value GROUP BY cell, measure ORDER BY cell, measure
    """  # noqa: S608 (a constant)
)
VALUES = text(
    """
    SELECT cell, measure, array_agg(value ORDER BY value) AS ordered FROM portal.contribution
     WHERE release_number = :release AND cell >= :questionnaire || '/' AND cell < :questionnaire || '0'
     GROUP BY cell, measure ORDER BY cell, measure
    """
)
WAITING = text(
    f"""
    WITH {PLACED}
    SELECT cell, count(*) AS waiting
      FROM (SELECT cell, group_id FROM placed GROUP BY cell, group_id HAVING bool_and(waits)) w GROUP BY cell
    """  # noqa: S608 (a constant)
)
# Figures that are an older release's have no contributions of their own that anybody could compute with.
OVERLAPS = text(
    """
    WITH earlier AS (
        SELECT o.release_number, o.cell, o.measure, o.group_id, o.value,
               count(*) OVER (PARTITION BY o.release_number, o.cell, o.measure) AS size
          FROM portal.contribution o
          JOIN portal.release_cell k ON k.release_number = o.release_number AND k.cell = o.cell
           AND k.measure = o.measure AND k.figures_from = o.release_number
         WHERE o.release_number < :release AND k.questionnaire = :questionnaire
    )
    SELECT n.cell, n.measure, e.release_number, e.cell AS earlier_cell, e.size, count(*) AS common,
           count(*) FILTER (WHERE e.value = n.value) AS same
      FROM portal.contribution n
      JOIN earlier e ON e.group_id = n.group_id AND e.measure = n.measure
     WHERE n.release_number = :release AND n.cell >= :questionnaire || '/' AND n.cell < :questionnaire || '0'
     GROUP BY n.cell, n.measure, e.release_number, e.cell, e.size
    """
)
# What was ever shared may be remembered, so ended and revoked shares count as perhaps known, and live ones that cover
# the very submission as surely known. A group is surely known where all its organizations in the cell are. Whoever was
# in a group with a reader once may have told it what it knew, and knows what it was told there.
READERS = text(
    f"""
    WITH {PLACED}, counted AS (
        SELECT * FROM placed WHERE NOT waits
    ), sizes AS (
        SELECT cell, group_id, count(*) AS organizations FROM counted GROUP BY cell, group_id
    ), seen AS (
        SELECT coalesce(g.group_id, s.buyer_id) AS reader, p.cell, p.group_id, p.supplier_id,
               bool_or(portal.share_is_live(s) AND portal.share_covers(s, b)) AS surely
          FROM portal.share s
          JOIN counted p ON p.supplier_id = s.supplier_id
          JOIN portal.submission b ON b.supplier_id = p.supplier_id AND b.id = p.submission_id
          LEFT JOIN portal.group_member g ON g.organization_id = s.buyer_id
         WHERE s.questionnaire = :questionnaire AND s.starts_at <= portal.clock()
         GROUP BY 1, 2, 3, 4
    ), own AS (
        SELECT DISTINCT s.reader, p.cell, p.group_id, p.supplier_id, true AS surely
          FROM (SELECT DISTINCT reader FROM seen) s
          JOIN portal.group_member m ON m.group_id = s.reader
          JOIN counted p ON p.supplier_id = m.organization_id
    ), known AS (
        SELECT reader, cell, group_id, count(DISTINCT supplier_id) FILTER (WHERE surely) AS surely
          FROM (SELECT * FROM seen UNION ALL SELECT * FROM own) k GROUP BY reader, cell, group_id
    ), counts AS (
        SELECT cell, measure, count(*) AS contributors FROM portal.contribution
         WHERE release_number = :release GROUP BY cell, measure
    )
    SELECT c.cell, c.measure, k.reader, count(*) FILTER (WHERE k.surely = z.organizations) AS surely,
           count(*) AS perhaps
      FROM portal.contribution c
      JOIN known k ON k.cell = c.cell AND k.group_id = c.group_id
      JOIN sizes z ON z.cell = c.cell AND z.group_id = c.group_id
      JOIN counts n ON n.cell = c.cell AND n.measure = c.measure
     WHERE c.release_number = :release
     GROUP BY c.cell, c.measure, k.reader, n.contributors
    HAVING n.contributors - count(*) < :unknown
    """  # noqa: S608 (a constant)
)


@dataclass(frozen=True)
class Scope:
    """One questionnaire of one release, where its leaves stand in the partition, and what counts as moved."""

    release: int
    questionnaire: str
    homes: Mapping[Cohort, Cohort]
    steady: int  # hundredths of a point, as in the rules

    def write_parameters(self) -> dict[str, Any]:
        """The leaves and their cells as parallel arrays."""
        leaves = list(self.homes)
        return {
            "release": self.release,
            "questionnaire": self.questionnaire,
            "tiers": [leaf.tier for leaf in leaves],
            "sectors": [leaf.sector for leaf in leaves],
            "places": [leaf.region for leaf in leaves],
            "sizes": [leaf.size_band for leaf in leaves],
            "cells": [self.homes[leaf].write_path(self.questionnaire) for leaf in leaves],
        }


@dataclass(frozen=True)
class Overlap:
    """How many contributors differ between a cell and an earlier published one that shares some."""

    release: int
    cell: str
    size: int
    common: int
    same: int


async def contribute(
    session: AsyncSession, scope: Scope, questions: Sequence[str], asked: Sequence[Indicator] = ()
) -> int:
    """Write each contributor's value for every measure of its cell; returns how many values there are."""
    written = await session.execute(CONTRIBUTE, _write_measures(scope, questions, asked))
    return cast(CursorResult[Any], written).rowcount


def _write_measures(scope: Scope, questions: Sequence[str], asked: Sequence[Indicator]) -> dict[str, Any]:
    given = scope.write_parameters() | {"questions": list(questions), "steady": scope.steady}
    return given | indicators.write_parameters(asked)


async def list_differing(
    session: AsyncSession, scope: Scope, questions: Sequence[str], asked: Sequence[Indicator] = ()
) -> list[tuple[str, str, int]]:
    """Cell, measure and how many values are not what the results and answers give that the release counted.

    Without `questions` no value of a question is looked at, and without indicators `asked` none of an indicator.
    """
    found = await session.execute(DIFFERING, _write_measures(scope, questions, asked))
    return [(row.cell, row.measure, row.differing) for row in found]


async def stream_values(
    session: AsyncSession, *, release: int, questionnaire: str
) -> AsyncIterator[tuple[str, str, list[int]]]:
    """Cell, measure and the values in ascending order, one measure of one cell at a time."""
    rows = await session.stream(VALUES, {"release": release, "questionnaire": questionnaire})
    async for row in rows:
        yield row.cell, row.measure, row.ordered


async def count_waiting(session: AsyncSession, scope: Scope) -> dict[str, int]:
    """How many contributors of each cell have no submission that is old enough."""
    found = await session.execute(WAITING, scope.write_parameters())
    return {row.cell: row.waiting for row in found}


async def find_overlaps(session: AsyncSession, scope: Scope) -> dict[tuple[str, str], list[Overlap]]:
    """For each measure of each cell, the earlier published cells that share contributors with it."""
    found = await session.execute(OVERLAPS, {"release": scope.release, "questionnaire": scope.questionnaire})
    overlaps: dict[tuple[str, str], list[Overlap]] = {}
    for row in found:
        one = Overlap(row.release_number, row.earlier_cell, row.size, row.common, row.same)
        overlaps.setdefault((row.cell, row.measure), []).append(one)
    return overlaps


async def find_readers(session: AsyncSession, scope: Scope, unknown: int) -> dict[tuple[str, str], list[Reader]]:
    """For each measure of each cell, what organizations that read shared results know of its contributors.

    Only those that perhaps know all but fewer than `unknown` of them: of many buyers and cells there are millions.

    A share may leave out the section of a question, so only totals and pillars count as surely known.
    """
    found = await session.execute(READERS, scope.write_parameters() | {"unknown": unknown})
    readers: dict[tuple[str, str], list[Reader]] = {}
    for row in found:
        surely = row.surely if row.measure.startswith((TOTAL, PILLAR)) else 0
        readers.setdefault((row.cell, row.measure), []).append(Reader(surely=surely, perhaps=row.perhaps))
    return readers
