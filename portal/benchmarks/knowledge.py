"""What is known of a measure: all figures that are out, the values behind them, and who knows whose.

The figures of a measure are looked at in every release and every cell at once, since one value may stand behind many
of them.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import disclosure, parts
from portal.benchmarks.contributions import QUESTION
from portal.benchmarks.disclosure import Policy
from portal.benchmarks.exposure import Alike, Elsewhere, Exposed, Freedom, Reader, Search, Statement
from portal.benchmarks.indicators import INDICATOR
from questionnaires import peers
from questionnaires.peers import Figures

# A question with more values than these, none far from the next, is answered by a number, any other by options.
OPTIONS, WIDEST_GAP = 10, 500
WHOLE = "q"  # numbers of eight bytes, since a release of a million values holds them all
UNGROUPED = 0  # all without a confirmed group, whom every reader may know

OUT = text(
    """
    SELECT c.release_number AS release, c.cell, c.measure, c.count_band, c.mean, c.p10, c.p25, c.p50, c.p75, c.p90,
           coalesce(l.detail -> 'left_out', '[]') AS left_out
      FROM portal.release_cell c
      JOIN portal.release_ledger l
        ON l.release_number = c.release_number AND l.cell = c.cell AND l.measure = c.measure
     WHERE c.questionnaire = :questionnaire AND c.release_number <= :release
       AND c.figures_from = c.release_number
     ORDER BY c.release_number, c.cell, c.measure
    """
)
# Values that stand behind the same statements, and of whom. A group whose value stays the same is known to stay so; the
# ones without a group are another contributor in each cell.
ALIKE = text(
    """
    WITH stated AS (
        SELECT * FROM unnest(CAST(:numbers AS integer[]), CAST(:releases AS integer[]), CAST(:cells AS text[]),
                             CAST(:measures AS text[])) s (number, release_number, cell, measure)
    ), valued AS (
        SELECT CASE WHEN c.group_id = '00000000-0000-0000-0000-000000000000' THEN 0
                    ELSE hashtextextended(c.group_id::text, 0) END AS holder,
               CASE WHEN c.group_id = '00000000-0000-0000-0000-000000000000' THEN c.cell END AS apart,
               c.value, array_agg(DISTINCT s.number ORDER BY s.number) AS numbers
          FROM portal.contribution c
          JOIN stated s ON s.release_number = c.release_number AND s.cell = c.cell AND s.measure = c.measure
         GROUP BY 1, 2, 3
    )
    SELECT numbers, array_agg(value ORDER BY value, holder) AS ordered,
           array_agg(holder ORDER BY value, holder) AS holders
      FROM valued GROUP BY numbers ORDER BY numbers
    """
)
# What was ever shared may be remembered, so it is perhaps known; surely known is a group all of whose submissions that
# count now are covered by a share that is live.
SHARED = text(
    """
    WITH members AS (
        SELECT DISTINCT supplier_id, group_id FROM portal.release_contributor
         WHERE questionnaire = :questionnaire AND NOT waits
           AND group_id <> '00000000-0000-0000-0000-000000000000'
    ), counted AS (
        SELECT c.supplier_id, c.group_id, b.submission FROM portal.release_contributor c
          JOIN LATERAL (SELECT b AS submission FROM portal.submission b
                         WHERE b.supplier_id = c.supplier_id AND b.id = c.submission_id) b ON true
         WHERE c.release_number = :release AND c.questionnaire = :questionnaire AND NOT c.waits
    ), sizes AS (
        SELECT group_id, count(*) AS organizations FROM counted GROUP BY group_id
    ), seen AS (
        SELECT coalesce(g.group_id, s.buyer_id) AS reader, m.group_id,
               count(DISTINCT c.supplier_id) FILTER (
                   WHERE portal.share_is_live(s) AND portal.share_covers(s, c.submission)) AS surely
          FROM portal.share s
          JOIN members m ON m.supplier_id = s.supplier_id
          LEFT JOIN counted c ON c.supplier_id = s.supplier_id AND c.group_id = m.group_id
          LEFT JOIN portal.group_member g ON g.organization_id = s.buyer_id
         WHERE s.questionnaire = :questionnaire AND s.starts_at <= portal.clock()
         GROUP BY 1, 2
    )
    SELECT hashtextextended(s.reader::text, 0) AS reader,
           coalesce(array_agg(hashtextextended(s.group_id::text, 0)) FILTER (WHERE s.surely = z.organizations), '{}')
               AS surely,
           array_agg(hashtextextended(s.group_id::text, 0)) AS perhaps
      FROM seen s LEFT JOIN sizes z ON z.group_id = s.group_id
     GROUP BY s.reader ORDER BY s.reader
    """
)
# Who asked a supplier first may have brought it here, whatever became of that request: all of them could be of one mind
# with that buyer.
BROUGHT = text(
    """
    WITH asked AS (
        SELECT DISTINCT ON (r.supplier_id) r.supplier_id, r.buyer_id
          FROM portal.request r
         WHERE r.supplier_id IS NOT NULL AND r.questionnaire = :questionnaire
         ORDER BY r.supplier_id, r.created_at, r.id
    ), first AS (
        SELECT DISTINCT a.supplier_id, coalesce(g.group_id, a.buyer_id) AS reader
          FROM asked a LEFT JOIN portal.group_member g ON g.organization_id = a.buyer_id
    ), members AS (
        SELECT group_id, supplier_id, count(*) OVER (PARTITION BY group_id) AS organizations
          FROM portal.release_contributor
         WHERE questionnaire = :questionnaire AND NOT waits
           AND group_id <> '00000000-0000-0000-0000-000000000000'
         GROUP BY group_id, supplier_id
    ), brought AS (
        SELECT f.reader, m.group_id, count(*) = m.organizations AS is_whole
          FROM first f JOIN members m ON m.supplier_id = f.supplier_id
         GROUP BY f.reader, m.group_id, m.organizations
    )
    SELECT hashtextextended(reader::text, 0) AS reader,
           coalesce(array_agg(hashtextextended(group_id::text, 0)) FILTER (WHERE is_whole), '{}') AS brought,
           coalesce(array_agg(hashtextextended(group_id::text, 0)) FILTER (WHERE NOT is_whole), '{}') AS in_part
      FROM brought GROUP BY reader ORDER BY reader
    """
)
# Groups that counted with nobody but organizations that are, or were, in another group: its own under another name.
OWN = text(
    """
    WITH theirs AS (
        SELECT m.group_id AS reader, c.release_number, c.group_id, count(DISTINCT c.supplier_id) AS organizations
          FROM portal.group_member m
          JOIN portal.release_contributor c ON c.supplier_id = m.organization_id AND c.group_id <> m.group_id
         WHERE c.questionnaire = :questionnaire AND NOT c.waits
           AND c.group_id <> '00000000-0000-0000-0000-000000000000'
         GROUP BY 1, 2, 3
    )
    SELECT DISTINCT hashtextextended(t.reader::text, 0) AS reader, hashtextextended(t.group_id::text, 0) AS own
      FROM theirs t
     WHERE t.organizations = (
               SELECT count(*) FROM portal.release_contributor c
                WHERE c.release_number = t.release_number AND c.questionnaire = :questionnaire
                  AND c.group_id = t.group_id AND NOT c.waits)
    """
)


@dataclass(frozen=True)
class Out:
    """Figures that are out, or would be, without the values behind them."""

    release: int
    cell: str
    measure: str
    figures: Figures
    left_out: frozenset[str] = frozenset()

    @property
    def shown(self) -> Figures:
        """What everybody sees of them."""
        return leave_out(self.figures, self.left_out)


@dataclass(frozen=True)
class Behind:
    """Values that stand behind the same figures, by their numbers; ascending, with the groups that contributed them."""

    numbers: tuple[int, ...]
    values: Sequence[int]
    groups: Sequence[int]


class Known:
    """Everything that is known of one measure: what is out or would be, the values behind it, and who knows whom."""

    def __init__(
        self, out: dict[int, Out], behind: Sequence[Behind], readers: Sequence[Reader], policy: Policy, release: int
    ) -> None:
        self.out = dict(out)
        self.behind = behind
        self.policy = policy
        self.release = release
        self._values: dict[int, array[int]] = {}
        for one in behind:
            for number in one.numbers:
                self._values.setdefault(number, array(WHOLE)).extend(one.values)
        for number, values in self._values.items():
            self._values[number] = array(WHOLE, sorted(values))
        self._statements: dict[tuple[int, Set[str]], Statement] = {}
        self.freedom = find_freedom(name_base(next(iter(out.values())).measure), behind, policy)
        # Shares that are live tell surely the value that counts now.
        self._now = Search(self.freedom, readers)
        self._before = self._now.forget()

    def count(self, number: int) -> int:
        """How many contribute to some figures."""
        return len(self._values[number])

    def list_readers(self, numbers: Iterable[int]) -> Sequence[Reader]:
        """Who knows what of the values behind some figures."""
        return self._find_search(numbers).readers

    def _find_search(self, numbers: Iterable[int]) -> Search:
        return self._now if any(self.out[number].release == self.release for number in numbers) else self._before

    def keep(self, number: int, left_out: Set[str]) -> None:
        """Take figures as out, without some of them."""
        self.out[number] = replace(self.out[number], left_out=frozenset(left_out))

    def find_exposed(self, candidate: int, left_out: Set[str], others: Set[int]) -> Exposed | None:
        """Who would be exposed by one more set of figures, and would be less without it; None where nobody would."""
        near_behind = self._find_near(self._find_near([one for one in self.behind if candidate in one.numbers]))
        groups = {group for one in near_behind for group in one.groups}
        before = dict(self._join(near_behind, others, candidate, left_out))
        after = dict(self._join(near_behind, others | {candidate}, candidate, left_out))
        others_before, others_after = (self._make_others(one) for one in (before, after))
        for numbers, alike in after.items():
            search = self._find_search(numbers)
            for exposed in search.list_exposed(alike, others_after, groups):
                earlier = before.get(tuple(number for number in numbers if number != candidate))
                if earlier is None or exposed.width < search.find_width(earlier, exposed, others_before):
                    return exposed
        return None

    def _find_near(self, behind: Iterable[Behind]) -> list[Behind]:
        """The values that stand behind some of the same figures."""
        near = {number for one in behind for number in one.numbers}
        return [one for one in self.behind if near.intersection(one.numbers)]

    def _make_others(self, joined: Mapping[tuple[int, ...], Alike]) -> Elsewhere | None:
        from portal.benchmarks.shifts import Shifts  # loading the solver takes a second, and few commands need it

        return Shifts(list(joined.values())) if self.freedom.is_fluid else None

    def _join(
        self, behind: Iterable[Behind], numbers: Set[int], candidate: int, left_out: Set[str]
    ) -> Iterator[tuple[tuple[int, ...], Alike]]:
        """The values that only these figures do not tell apart."""
        for one in _merge(behind, numbers):
            statements = tuple(
                self.state(number, left_out if number == candidate else self.out[number].left_out)
                for number in one.numbers
            )
            yield one.numbers, Alike(statements, one.values, one.groups)

    def join_without(self, numbers: Set[int]) -> list[Behind]:
        """The values as they stand behind all other figures."""
        return list(_merge(self.behind, self.out.keys() - numbers))

    def state(self, number: int, left_out: Set[str]) -> Statement:
        """What one set of figures tells, without some of them."""
        key = number, frozenset(left_out)
        if key not in self._statements:
            values, figures = self._values[number], leave_out(self.out[number].figures, left_out)
            narrowed = parts.narrow(self.out[number].measure, self.policy)
            wanted = frozenset(disclosure.list_wanted(len(values), narrowed)).union(list_shown(figures))
            self._statements[key] = Statement(values, figures, wanted, key[1], self.policy.most_percent)
        return self._statements[key]


def _merge(behind: Iterable[Behind], numbers: Set[int]) -> Iterator[Behind]:
    """The values that only some figures do not tell apart."""
    merged: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for one in behind:
        kept = tuple(number for number in one.numbers if number in numbers)
        if kept:
            merged.setdefault(kept, []).extend(zip(one.values, one.groups, strict=True))
    for kept, pairs in merged.items():
        yield Behind(kept, *zip(*sorted(pairs), strict=True))


def find_freedom(measure: str, behind: Iterable[Behind], policy: Policy) -> Freedom:
    """How values could be others.

    Totals and pillars are made of many answers and could be any hundredth of a point, and so could a question that is
    answered by a number. Of one with options everybody can read the few values that it can have, so that only those
    count which somebody has. An indicator's can only be exchanged, and are far apart by a tenth of all between them.
    """
    held = sorted({value for one in behind for value in one.values})
    if measure.startswith(INDICATOR):
        return Freedom(held, max(peers.HUNDRED, (held[-1] - held[0]) // 10), is_exchange=True)
    gaps = (high - low for low, high in pairwise(held))
    if measure.startswith(QUESTION) and (len(held) <= OPTIONS or max(gaps) > WIDEST_GAP):
        return Freedom(held, policy.least_range)
    return Freedom(range(peers.HUNDRED**2 + 1), policy.least_range, is_fluid=True)


def list_shown(figures: Figures) -> list[str]:
    """The quantiles that figures have, whatever the rules are now."""
    return [name for name in peers.QUANTILES if getattr(figures, name) is not None]


def leave_out(figures: Figures, names: Iterable[str]) -> Figures:
    """The same without some quantiles."""
    missing: dict[str, Any] = dict.fromkeys(names)
    return replace(figures, **missing)


def name_base(measure: str) -> str:
    """The measure whose values stand behind another one's figures, so that both are looked at together."""
    return f"{QUESTION}{measure.partition(':')[2]}" if parts.is_part(measure) else measure


async def list_out(session: AsyncSession, questionnaire: str, newest: int) -> list[Out]:
    """All figures that went out up to a release, each once."""
    found = await session.execute(OUT, {"questionnaire": questionnaire, "release": newest})
    return [
        Out(row.release, row.cell, row.measure, disclosure.read_figures(row._mapping), frozenset(row.left_out))
        for row in found
    ]


async def load_known(
    session: AsyncSession, out: Iterable[Out], measure: str, readers: Sequence[Reader], policy: Policy, release: int
) -> Known:
    """All that is out of one measure, with the values behind it."""
    numbered = dict(enumerate(one for one in out if name_base(one.measure) == measure))
    found = await session.stream(
        ALIKE,
        {
            "numbers": list(numbered),
            "releases": [one.release for one in numbered.values()],
            "cells": [one.cell for one in numbered.values()],
            "measures": [one.measure for one in numbered.values()],
        },
    )
    behind = [Behind(tuple(row.numbers), array(WHOLE, row.ordered), array(WHOLE, row.holders)) async for row in found]
    if measure.startswith((QUESTION, INDICATOR)):  # a share may leave out the section of a question
        readers = forget(readers)
    return Known(numbered, behind, readers, policy, release)


async def list_readers(session: AsyncSession, questionnaire: str, release: int) -> list[Reader]:
    """Each organization that reads shared results with all that were ever in its group; once more with the suppliers
    that it brought."""
    values = {"questionnaire": questionnaire, "release": release}
    own: dict[int, set[int]] = {}
    for row in await session.execute(OWN, {"questionnaire": questionnaire}):
        own.setdefault(row.reader, {row.reader}).add(row.own)
    shared = {
        row.reader: Reader(
            frozenset(own.get(row.reader, {row.reader})), frozenset(row.surely), frozenset({UNGROUPED, *row.perhaps})
        )
        for row in await session.execute(SHARED, values)
    }
    readers = list(shared.values())
    for row in await session.execute(BROUGHT, values):
        theirs = frozenset(own.get(row.reader, {row.reader}))
        alone = shared.get(row.reader, Reader(theirs, frozenset(), frozenset({UNGROUPED})))
        perhaps = alone.perhaps.union(row.in_part)
        readers.append(replace(alone, own=alone.own.union(row.brought), perhaps=perhaps))
    return readers


def forget(readers: Iterable[Reader]) -> list[Reader]:
    """The same readers, who only perhaps know what was shared with them."""
    return [one.forget() for one in readers]
