"""What the upper quarter does differently: mean points of a question in the upper quarter of the total, and the rest.

A contributor is in the upper part where its total is at least the exact upper quartile of its cell's totals. The two
parts of a question are statements on subsets of those behind the question's own mean, so each goes through the same
decision, and both are published together or not at all:

- only where the total shows quartiles and four times as many groups as a part needs; else they are not even listed;
- only beside a mean of the question that this release made of the same contributors. Whoever adds up both parts then
  has that mean and no sum of another set;
- only where at least as many as the change gate asks differ in both parts from those last published. Else one part
  would be new beside an old other one, and the new mean of all would give the missing part away: both older figures
  stand;
- and no part, indicator or question may differ from an earlier statement on the same answers, of whatever kind, by
  fewer than the change gate asks.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import disclosure
from portal.benchmarks.disclosure import Decision, Policy, Standing
from questionnaires import peers

TOTAL, QUESTION = "total", "question:"
UPPER, REST = "upper:", "rest:"
RULE = "parts"
QUARTERS = 4
NEVER = 2**31
Key = tuple[str, str]  # cell and measure

# With n ascending values the upper quartile is the value of rank floor(3n / 4) + 1, or its mean with the one before:
# either way the values from it on are those from that rank's value on.
DIVIDED = """
    divided AS (
        SELECT cell, (array_agg(value ORDER BY value))[count(*) * 3 / 4 + 1] AS edge FROM portal.contribution
         WHERE release_number = :release AND cell >= :questionnaire || '/' AND cell < :questionnaire || '0'
           AND measure = 'total'
         GROUP BY cell HAVING count(*) >= :fewest
    ), part AS (
        SELECT q.cell, CASE WHEN t.value >= d.edge THEN 'upper:' ELSE 'rest:' END || substr(q.measure, 10) AS measure,
               q.group_id, q.value
          FROM divided d
          JOIN portal.contribution t ON t.release_number = :release AND t.cell = d.cell AND t.measure = 'total'
          JOIN portal.contribution q ON q.release_number = :release AND q.cell = d.cell AND q.group_id = t.group_id
           AND starts_with(q.measure, 'question:')
    )
"""
CONTRIBUTE = text(
    f"""
    INSERT INTO portal.contribution (release_number, cell, measure, group_id, value)
    WITH {DIVIDED}
    SELECT CAST(:release AS integer), cell, measure, group_id, value FROM part
    """  # noqa: S608 (a constant)
)
DIFFERING = text(
    f"""
    WITH {DIVIDED}, written AS (
        SELECT cell, measure, group_id, value FROM portal.contribution
         WHERE release_number = :release AND cell >= :questionnaire || '/' AND cell < :questionnaire || '0'
           AND (starts_with(measure, 'upper:') OR starts_with(measure, 'rest:'))
    )
    SELECT cell, measure, count(*) AS differing FROM part p FULL JOIN written w USING (cell, measure, group_id)
     WHERE p.value IS DISTINCT FROM w.value GROUP BY cell, measure ORDER BY cell, measure
    """  # noqa: S608 (a constant)
)
# Statements on the same answers, of one kind and of another: an indicator, whose values are no points, counts with the
# points of the same contributors, since points may be the answer itself on another scale.
CROSSING = text(
    """
    WITH stated AS (
        SELECT c.release_number, c.cell, c.measure, substr(c.measure, strpos(c.measure, ':') + 1) AS question,
               c.group_id, CASE WHEN starts_with(c.measure, 'indicator:') THEN q.value ELSE c.value END AS value
          FROM portal.contribution c
          LEFT JOIN portal.contribution q ON q.release_number = c.release_number AND q.cell = c.cell
           AND q.group_id = c.group_id AND q.measure = 'question:' || substr(c.measure, 11)
           AND starts_with(c.measure, 'indicator:')
         WHERE c.cell >= :questionnaire || '/' AND c.cell < :questionnaire || '0' AND c.release_number <= :release
           AND (starts_with(c.measure, 'question:') OR starts_with(c.measure, 'upper:')
                OR starts_with(c.measure, 'rest:') OR starts_with(c.measure, 'indicator:'))
    ), sized AS (
        SELECT s.*, count(*) OVER (PARTITION BY s.release_number, s.cell, s.measure) AS size
          FROM stated s WHERE s.value IS NOT NULL
    ), earlier AS (
        SELECT s.* FROM sized s
          JOIN portal.release_cell k ON k.release_number = s.release_number AND k.cell = s.cell
           AND k.measure = s.measure AND k.figures_from = s.release_number
         WHERE s.release_number < :release
    )
    SELECT n.cell, n.measure, n.size, e.size AS earlier_size, count(*) AS common,
           count(*) FILTER (WHERE e.value = n.value) AS same
      FROM sized n
      JOIN earlier e ON e.group_id = n.group_id AND e.question = n.question AND e.measure <> n.measure
     WHERE n.release_number = :release
     GROUP BY n.cell, n.measure, n.size, e.release_number, e.cell, e.measure, e.size
    """
)


def is_part(measure: str) -> bool:
    """Whether a measure is one of the two parts of a question."""
    return measure.startswith((UPPER, REST))


async def contribute(session: AsyncSession, *, release: int, questionnaire: str, policy: Policy) -> int:
    """Divide the values of questions in cells that may have quartiles; returns how many values there are."""
    written = await session.execute(CONTRIBUTE, _write_parameters(release, questionnaire, policy))
    return cast(CursorResult[Any], written).rowcount


async def list_differing(
    session: AsyncSession, *, release: int, questionnaire: str, policy: Policy
) -> list[tuple[str, str, int]]:
    """Cell, measure and how many values are not those of the question in the part that the total puts them in."""
    found = await session.execute(DIFFERING, _write_parameters(release, questionnaire, policy))
    return [(row.cell, row.measure, row.differing) for row in found]


def _write_parameters(release: int, questionnaire: str, policy: Policy) -> dict[str, Any]:
    return {"release": release, "questionnaire": questionnaire, "fewest": policy.for_quartiles}


async def find_crossing(session: AsyncSession, *, release: int, questionnaire: str) -> dict[Key, list[int]]:
    """For each measure, by how many contributors it differs from each earlier statement of another kind."""
    crossing: dict[Key, list[int]] = {}
    for row in await session.execute(CROSSING, {"release": release, "questionnaire": questionnaire}):
        differing = peers.count_differing(row.size, row.earlier_size, row.common, row.same)
        crossing.setdefault((row.cell, row.measure), []).append(differing)
    return crossing


def narrow(measure: str, policy: Policy) -> Policy:
    """The rules for one measure: a part has a mean alone, whatever its size."""
    if not is_part(measure):
        return policy
    return replace(policy, for_mean=policy.for_part, for_quartiles=NEVER, for_tails=NEVER)


def may_show(total: Decision | None, policy: Policy) -> bool:
    """Whether anything is said of the parts of a cell, from what everybody sees of its total."""
    figures = total.figures if total else None
    if figures is None or figures.p75 is None:
        return False
    return peers.read_band(figures.count_band) >= QUARTERS * policy.for_part


def settle(decided: Mapping[Key, Decision], last: Mapping[Key, Standing], policy: Policy) -> dict[Key, Decision]:
    """The decisions with both parts of each question settled together; none where the total shows too little."""
    settled = {key: one for key, one in decided.items() if not is_part(key[1])}
    for cell, question in sorted({(cell, _name(measure)) for cell, measure in decided if is_part(measure)}):
        if may_show(decided.get((cell, TOTAL)), policy):
            keys = ((cell, f"{UPPER}{question}"), (cell, f"{REST}{question}"))
            settled |= _settle_pair(keys, decided, last, decided.get((cell, f"{QUESTION}{question}")))
    return settled


def _name(measure: str) -> str:
    return measure.split(":", 1)[1]


def _settle_pair(
    keys: tuple[Key, Key], decided: Mapping[Key, Decision], last: Mapping[Key, Standing], whole: Decision | None
) -> dict[Key, Decision]:
    pair = {key: decided[key] for key in keys if key in decided}
    is_older = any(one.kept_from is not None for one in (*pair.values(), *([whole] if whole else [])))
    if is_older and len(pair) == len(keys):
        return {key: _keep(one, last.get(key)) for key, one in pair.items()} if _match(pair, last) else _withhold(pair)
    if whole is None or whole.figures is None or len(pair) < len(keys) or is_older:
        return _withhold(pair)
    if sum(_count(one) for one in pair.values()) != _count(whole):
        return _withhold(pair)
    return pair if all(one.figures is not None for one in pair.values()) else _withhold(pair)


def _match(pair: Mapping[Key, Decision], last: Mapping[Key, Standing]) -> bool:
    """Whether one release made older figures of both that may stand: recent ones, and those that hardly changed."""
    found = {
        last[key].release if key in last and (last[key].is_recent or one.kept_from is not None) else None
        for key, one in pair.items()
    }
    return len(found) == 1 and None not in found


def _keep(decision: Decision, older: Standing | None) -> Decision:
    if older is None or decision.kept_from is not None:
        return decision
    return Decision(
        status=disclosure.PUBLISHED,
        reason=disclosure.UNCHANGED,
        figures=older.figures,
        kept_from=older.release,
        detail={"contributors": _count(decision), "rule": RULE},
    )


def _withhold(pair: Mapping[Key, Decision]) -> dict[Key, Decision]:
    """None of the two; what has a reason of its own to be withheld keeps it."""
    return {key: one if one.status == disclosure.NOT_PUBLISHED else _refuse(one) for key, one in pair.items()}


def _refuse(decision: Decision) -> Decision:
    detail = {"contributors": _count(decision), "rule": RULE}
    return Decision(status=disclosure.NOT_PUBLISHED, reason=disclosure.WOULD_DISCLOSE, detail=detail)


def _count(decision: Decision) -> int:
    return int(decision.detail["contributors"])
