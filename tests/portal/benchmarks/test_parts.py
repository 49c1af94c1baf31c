"""What the upper quarter does differently: who stands in which part, and both parts are published or none."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.benchmarks import disclosure, parts, releases, safeguard, verification
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.disclosure import Decision, Policy, Standing
from portal.benchmarks.releases import Made
from questionnaires import peers
from questionnaires.peers import Figures
from tests import people
from tests.portal.benchmarks.population import LATER, LATEST, QUARTER, SETTLED, Firm, Population, find

UPPER, REST, WHOLE = "upper:exits_locked", "rest:exits_locked", "question:exits_locked"
CELL = "sample/basic/C/Asia/small"
OTHERWISE = Policy(p_percent=15, least_range=0)  # what all figures together tell is not looked at
# Forty-eight contributors whose totals and points all differ, so that the upper twelve have the last points.
POINTS = [f"{2 * place + 1}" for place in range(48)]


def give(totals: list[int], points: list[str | None] | None = None) -> dict[str, Any]:
    return {"totals": totals, "points": {"exits_locked": points or POINTS}}


async def add(firms: Population, count: int = 48) -> list[Firm]:
    made = await firms.add_firms(count)
    await firms.submit(made, **give([3000 + 100 * place for place in range(count)], POINTS[:count]))
    return made


def read(made: Made) -> tuple[Decision, Decision]:
    return find(made, measure=UPPER).decision, find(made, measure=REST).decision


async def verify(firms: Population, number: int) -> list[str]:
    async with people.open_session(firms.database.worker_url) as session:
        return await verification.verify_release(session, number)


async def test_the_upper_quarter_stands_beside_the_rest(firms: Population) -> None:
    await add(firms)
    made = await firms.release()
    upper, rest = read(made)
    assert (upper.figures, rest.figures) == (
        Figures(count_band="10-19", mean=84),  # of 73 to 95
        Figures(count_band="20-39", mean=36),  # of 1 to 71; no quartiles, although there are enough for them
    )
    assert upper.detail["contributors"] == 12
    assert rest.detail["contributors"] == 36
    written = await firms.connection.fetch(
        "SELECT c.measure, c.status, l.decision FROM portal.release_cell c JOIN portal.release_ledger l"
        " USING (release_number, cell, measure) WHERE c.measure = ANY ($1) ORDER BY 1", [UPPER, REST]
    )  # fmt: skip
    assert [tuple(row) for row in written] == [(REST, "published", "published"), (UPPER, "published", "published")]
    assert await verify(firms, 1) == []


async def test_contributions_say_who_stands_behind_each_part(firms: Population) -> None:
    await add(firms)
    await firms.release()
    rows = await firms.connection.fetch("SELECT measure, group_id, value FROM portal.contribution")
    held = {kind: {(r["group_id"], r["value"]) for r in rows if r["measure"] == kind} for kind in (UPPER, REST, WHOLE)}
    assert held[UPPER] | held[REST] == held[WHOLE]
    assert not held[UPPER] & held[REST]


@pytest.mark.parametrize("count", [40, 41, 42, 43, 47])
async def test_the_upper_part_begins_at_the_exact_upper_quartile(firms: Population, count: int) -> None:
    await add(firms, count)
    await firms.release()
    rows = await firms.connection.fetch(
        "SELECT t.value, q.measure FROM portal.contribution t JOIN portal.contribution q USING (cell, group_id)"
        " WHERE t.measure = 'total' AND q.measure = ANY ($1)", [UPPER, REST]
    )  # fmt: skip
    edge = peers.find_quantile(sorted(row["value"] for row in rows), 75)
    assert all((row["measure"] == UPPER) == (row["value"] >= edge) for row in rows)
    assert len(rows) == count


async def test_fewer_than_ten_in_a_part_withhold_both(firms: Population) -> None:
    made_firms = await firms.add_firms(40)
    points = [*POINTS[:39], None]
    await firms.submit(made_firms, **give([3000 + 100 * place for place in range(40)], points))
    made = await firms.release()
    upper, rest = read(made)
    assert find(made, measure=WHOLE).decision.figures is not None
    assert (upper.reason, rest.reason, rest.detail["rule"]) == ("TOO_FEW", "WOULD_DISCLOSE", "parts")
    assert (upper.figures, rest.figures) == (None, None)
    assert await verify(firms, 1) == []


async def test_a_part_that_all_do_alike_withholds_both(firms: Population) -> None:
    made_firms = await firms.add_firms(48)
    points = [*POINTS[:36], *["100"] * 12]
    await firms.submit(made_firms, **give([3000 + 100 * place for place in range(48)], points))
    upper, rest = read(await firms.release())
    assert (upper.detail["rule"], rest.detail["rule"]) == ("end_of_range", "parts")
    assert rest.figures is None


async def test_a_cell_that_shows_too_little_says_nothing_of_parts(firms: Population) -> None:
    await add(firms, 39)
    assert not {UPPER, REST} & {one.measure for one in (await firms.release()).outcomes}
    await firms.submit(await firms.add_firms(48, country="DE"), **give([5000] * 47 + [6000]))
    later = await firms.release(*LATER)
    europe = {one.measure for one in later.outcomes if "Europe" in one.cell or "*" in one.cell}
    assert not {UPPER, REST} & europe
    assert await verify(firms, 2) == []


async def test_a_reader_that_knows_most_of_a_part_withholds_both(firms: Population) -> None:
    made_firms = await firms.add_firms(48)
    submissions = await firms.submit(made_firms, **give([3000 + 100 * place for place in range(48)]))
    await firms.share(made_firms[-8:], submissions[-8:], await firms.add_buyer())
    made = await firms.release()
    upper, rest = read(made)
    assert find(made, measure=WHOLE).decision.figures is not None
    assert (upper.detail["rule"], rest.detail["rule"]) == ("reader", "parts")


async def test_parts_stand_until_both_have_changed_enough(firms: Population) -> None:
    """New points of six of the rest and of three above would give the three away, if one part alone were renewed."""
    made_firms = await add(firms)
    first = read(await firms.release(policy=OTHERWISE))
    totals = [3000 + 100 * place for place in range(48)]
    chosen = [*range(6), *range(40, 43)]
    changed = [f"{place + 31}" for place in range(9)]
    at = SETTLED + timedelta(days=120)
    await firms.submit([made_firms[n] for n in chosen], **give([totals[n] for n in chosen], changed), at=at)
    second_release = await firms.release(*LATER, policy=OTHERWISE)
    assert find(second_release, measure=WHOLE).decision.reason is None
    assert [(one.reason, one.kept_from, one.figures) for one in read(second_release)] == [
        ("UNCHANGED", 1, one.figures) for one in first
    ]
    assert await verify(firms, 2) == []
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2028-01-01'")
    chosen = [*range(6, 12), *range(36, 40), *range(43, 48)]
    changed = [f"{place + 5}" for place in range(15)]
    await firms.submit([made_firms[n] for n in chosen], **give([totals[n] for n in chosen], changed),
                       at=at + timedelta(days=90))  # fmt: skip
    assert [one.reason for one in read(await firms.release(*LATEST, policy=OTHERWISE))] == [None, None]


async def test_parts_stand_in_a_correction_that_changes_nothing(firms: Population) -> None:
    await add(firms)
    first = read(await firms.release())
    async with people.open_session(firms.database.worker_url) as session:
        corrected = await releases.make_release(session, correction="The terms named were wrong.")
    assert [(one.kept_from, one.figures) for one in read(corrected)] == [(1, one.figures) for one in first]


async def test_close_scores_of_the_upper_part_withhold_both(firms: Population) -> None:
    """The upper twelve lie within six points of each other, all others far apart: the rest gives their sum away."""
    made_firms = await firms.add_firms(48)
    close = [*POINTS[:36], *(f"{146 + place}/2" for place in range(12))]
    await firms.submit(made_firms, **give([3000 + 100 * place for place in range(48)], close))
    upper, rest = read(await firms.release())
    assert (upper.detail["rule"], rest.detail["rule"]) == ("range", "range")
    assert (upper.figures, rest.figures) == (None, None)


async def test_where_one_part_would_expose_somebody_the_other_is_withheld(
    firms: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = safeguard.limit

    async def limit_upper(*given: Any, **named: Any) -> dict[tuple[str, str], Decision]:
        found = await limit(*given, **named)
        upper = [key for key in named["decisions"] if key[1] == UPPER]
        return found | {key: disclosure.withhold(None, {"contributors": 12, "rule": "range"}) for key in upper}

    monkeypatch.setattr(safeguard, "limit", limit_upper)
    await add(firms)
    upper, rest = read(await firms.release())
    assert (upper.detail["rule"], rest.detail["rule"]) == ("range", "parts")
    assert (upper.figures, rest.figures) == (None, None)


async def test_contributors_without_a_total_withhold_both(firms: Population) -> None:
    """The mean of all would be that of a few more than both parts together."""
    await add(firms)
    await firms.connection.execute("UPDATE portal.result SET total = NULL WHERE total < 3200")
    made = await firms.release()
    assert find(made).decision.detail["contributors"] == 46
    assert find(made, measure=WHOLE).decision.figures is not None
    assert [one.figures for one in read(made)] == [None, None]


async def test_a_newer_cell_of_almost_the_same_is_withheld(firms: Population) -> None:
    """The upper twelve of a cell stand later in a leaf of their own with two more: their mean would tell the two's."""
    made_firms = await add(firms)
    await firms.release(policy=OTHERWISE)
    await firms.connection.execute(
        "UPDATE portal.organization SET size_band = 'large' WHERE id = ANY ($1)", [one.id for one in made_firms[36:]]
    )
    joined = await firms.add_firms(2, size="large")
    await firms.submit(joined, **give([8000, 8100], ["61", "63"]))
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2029-01-01'")
    fifth = await firms.release(Quarter(QUARTER.year + 1, 2), LATER[1] + timedelta(days=280), OTHERWISE)
    decision = find(fifth, "basic/C/Asia/large", WHOLE).decision
    assert (decision.detail["contributors"], decision.reason) == (14, "WOULD_DISCLOSE")
    assert decision.detail["rule"] == "difference"
    assert find(fifth, "basic/C/Asia/large").decision.figures is not None  # of the total nothing like it was said


async def test_verify_finds_a_contributor_in_the_wrong_part(firms: Population) -> None:
    await add(firms)
    await firms.release()
    await firms.connection.execute(
        "UPDATE portal.contribution SET measure = $2 WHERE measure = $1 AND value = 9500", UPPER, REST
    )
    faults = await verify(firms, 1)
    for measure in (UPPER, REST):
        assert f"{CELL} {measure}: 1 values are not those of the question in this part" in faults


async def test_a_release_from_before_is_verified_without_parts(firms: Population) -> None:
    await add(firms)
    await firms.release()
    for statement in (
        "UPDATE portal.release SET policy = policy - 'for_part'",
        "DELETE FROM portal.contribution WHERE measure ~ '^(upper|rest):'",
        "DELETE FROM portal.release_cell WHERE measure ~ '^(upper|rest):'",
        "DELETE FROM portal.release_ledger WHERE measure ~ '^(upper|rest):'",
    ):
        await firms.connection.execute(statement)
    assert await verify(firms, 1) == []


FIGURES = Figures(count_band="10-19", mean=50)
POLICY = Policy(p_percent=15)
QUARTILES = Figures(count_band="40-79", mean=50, p25=40, p50=50, p75=60)
FEW = Figures(count_band="20-39", mean=50, p25=40, p50=50, p75=60)
DECISIONS = st.builds(
    lambda kind, count: {
        "new": Decision(status="published", figures=FIGURES, detail={"contributors": count}),
        "older": Decision(
            status="published", reason="UNCHANGED", figures=FIGURES, kept_from=1, detail={"contributors": count}
        ),
        "none": Decision(status="not_published", reason="TOO_FEW", detail={"contributors": count}),
    }[kind],
    st.sampled_from(["new", "older", "none"]),
    st.integers(8, 14),
)


@given(
    DECISIONS,
    DECISIONS,
    DECISIONS,
    st.sampled_from([None, FIGURES, FEW, QUARTILES]),
    st.sampled_from([(), (UPPER,), (UPPER, REST)]),
)
def test_both_parts_are_new_beside_a_new_mean_of_the_same_or_older_together(
    upper: Decision, rest: Decision, whole: Decision, total: Figures | None, known: tuple[str, ...]
) -> None:
    decided = {
        (CELL, UPPER): upper,
        (CELL, REST): rest,
        (CELL, WHOLE): whole,
        (CELL, TOTAL): Decision(status="published", figures=total),
    }
    last = {(CELL, measure): Standing(release=1, figures=FIGURES) for measure in known}
    settled = parts.settle(decided, last, POLICY)
    assert settled[CELL, WHOLE] == whole
    if total != QUARTILES:
        assert (CELL, UPPER) not in settled
        return
    pair = settled[CELL, UPPER], settled[CELL, REST]
    assert len({one.figures is None for one in pair}) == 1
    assert len({one.kept_from for one in pair}) == 1
    assert parts.settle(settled, last, POLICY) == settled
    if pair[0].figures is not None and pair[0].kept_from is None:
        assert whole.kept_from is None
        assert whole.figures is not None
        assert sum(one.detail["contributors"] for one in pair) == whole.detail["contributors"]
