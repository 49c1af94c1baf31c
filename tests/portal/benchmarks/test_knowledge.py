"""What the disclosure control takes as known: of figures that are out, of possible values, and of readers."""

import pytest

from portal.benchmarks import attack, disclosure, knowledge, safeguard
from portal.benchmarks.attack import Finding
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.disclosure import Policy, Standing
from portal.benchmarks.exposure import Reader
from portal.benchmarks.knowledge import Behind, Known, Out
from questionnaires import peers
from questionnaires.peers import Figures
from tests import people
from tests.portal.assessments import sample
from tests.portal.benchmarks.population import LATER, Population, find, spread
from tests.portal.benchmarks.test_traps import CLOSE, MIDDLE

POLICY = Policy(p_percent=15)
FEW = Policy(p_percent=15, most_percent=100)
TIGHTER = Policy(p_percent=15, for_quartiles=100, for_tails=100)
CELL = f"{sample.KEY}/basic/C/Asia/small"
NOTHING = frozenset[str]()


def make_out(release: int, values: list[int], cell: str = CELL, measure: str = "total") -> Out:
    return Out(release, cell, measure, disclosure.make_figures(sorted(values), POLICY))


def test_quartiles_that_are_out_are_known_whatever_the_rules_are_now() -> None:
    values = spread(21, 3000, 200)
    known = Known({0: make_out(1, values)}, [Behind((0,), values, range(21))], [], TIGHTER, 2)
    now = Known({0: make_out(1, values)}, [Behind((0,), values, range(21))], [], POLICY, 2)
    assert known.state(0, NOTHING).find_ranks(values[10]) == now.state(0, NOTHING).find_ranks(values[10])
    assert known.state(0, NOTHING).find_ranks(values[10]) != (0, 10_000)


def test_figures_of_a_time_when_one_might_make_more_of_the_sum_do_no_harm() -> None:
    values = [*spread(10, 1000, 10), 9000]
    known = Known({0: make_out(1, values)}, [Behind((0,), values, range(11))], [], POLICY, 2)
    low, high = known.state(0, NOTHING).find_room(9000)
    assert low <= 9000 <= high


@pytest.mark.parametrize(
    ("measure", "held", "is_fluid", "is_exchange"),
    [
        ("total", [5000], True, False),
        ("pillar:labour", [0, 10_000], True, False),
        ("question:exits", [0, 2500, 5000, 7500, 10_000], False, False),
        ("question:exits", [0, 1250, 1667, 2500, 3333, 3750, 5000, 6250, 6667, 7500, 8333, 10_000], False, False),
        ("question:hours", list(range(4000, 4600, 50)), True, False),
        ("indicator:hours", [100, 900], False, True),
    ],
)
def test_how_values_could_be_others(measure: str, held: list[int], is_fluid: bool, is_exchange: bool) -> None:
    """Means of options, of groups and of rows, are few values, too, though there are more of them than options."""
    freedom = knowledge.find_freedom(measure, [Behind((0,), held, range(len(held)))], POLICY)
    assert (freedom.is_fluid, freedom.is_exchange) == (is_fluid, is_exchange)
    assert list(freedom.possible) == (list(range(10_001)) if is_fluid else held)


def test_a_question_with_options_has_no_values_between_them() -> None:
    """Thirteen whose mean is 50, of whom a reader knows all but one: 44 to 56 would do, but it can only be 50."""
    values = [*[2500] * 4, *[5000] * 5, *[7500] * 4]
    fluid, few = (
        Known({0: make_out(1, values, measure=measure)}, [Behind((0,), values, range(13))], [], POLICY, 1)
        for measure in ("total", "question:exits")
    )
    room = fluid.state(0, NOTHING).find_room(5000)
    assert room[1] - room[0] == 1299
    reader = [Reader(frozenset(range(13)) - {5}, frozenset(), frozenset())]
    assert Known(fluid.out, fluid.behind, reader, POLICY, 1).find_exposed(0, NOTHING, frozenset()) is None
    exposed = Known(few.out, few.behind, reader, POLICY, 1).find_exposed(0, NOTHING, frozenset())
    assert exposed is not None
    assert (exposed.value, exposed.width, exposed.insider) == (5000, 0, "reader")


def make_mean(release: int, values: list[int]) -> Out:
    """Figures of a few, as no release has them, so that examples can be reckoned by hand."""
    mean = peers.round_points(peers.find_mean(values))
    return Out(release, CELL, "total", Figures(count_band="10-19", mean=mean))


def test_a_value_two_sets_of_figures_away_is_looked_at_too() -> None:
    """One and two of 1, the two and two of 2, and those two with one whom the reader knows: only the first is placed.

    The pairs could be exchanged within themselves. Their sums follow from one another: 2.99 + 3.99 + 2.99 points are
    left for the first, with no more than 9.97 between them.
    """
    pairs = [3000, 8000]
    out = {0: make_mean(1, [2000, *pairs]), 1: make_mean(1, [*pairs, *pairs]), 2: make_mean(2, [*pairs, 2000])}
    behind = [
        Behind((0,), [2000], [1]),
        Behind((0, 1), pairs, [2, 3]),
        Behind((1, 2), pairs, [4, 5]),
        Behind((2,), [2000], [6]),
    ]
    known = Known(out, behind, [Reader(frozenset({6}), frozenset(), frozenset())], FEW, 2)
    exposed = known.find_exposed(2, NOTHING, frozenset({0, 1}))
    assert exposed is not None
    assert (exposed.value, exposed.width, exposed.insider) == (2000, 299 + 399 + 299, "reader")


def test_who_is_placed_by_older_figures_already_does_not_hold_back_newer_ones() -> None:
    values = spread(10, 4000, 100)
    reader = Reader(frozenset(range(1, 10)), frozenset(), frozenset())
    out = {0: make_out(1, values), 1: make_out(2, values)}
    again = Known(out, [Behind((0, 1), values, range(10))], [reader], POLICY, 2)
    assert again.find_exposed(1, NOTHING, frozenset({0})) is None
    first = Known({1: out[1]}, [Behind((1,), values, range(10))], [reader], POLICY, 2)
    exposed = first.find_exposed(1, NOTHING, frozenset())
    assert exposed is not None
    assert (exposed.value, exposed.width) == (values[0], 999)


def test_what_was_left_out_is_not_taken_as_known_by_those_that_come_later() -> None:
    known = [place for place in range(len(CLOSE)) if place not in MIDDLE]
    reader = Reader(frozenset(known), frozenset(), frozenset())
    found = Known({0: make_out(1, CLOSE)}, [Behind((0,), CLOSE, range(len(CLOSE)))], [reader], POLICY, 1)
    ((key, decision),) = safeguard.limit_measure(found, {})
    assert key == (CELL, "total")
    assert found.out[0].left_out == frozenset(decision.detail["left_out"]) == {"p10", "p25", "p50", "p75", "p90"}
    assert found.out[0].shown == decision.figures


def test_figures_that_would_expose_leave_recent_ones_standing() -> None:
    values = spread(10, 4000, 100)
    reader = Reader(frozenset(range(1, 10)), frozenset(), frozenset())
    found = Known({0: make_out(2, values)}, [Behind((0,), values, range(10))], [reader], POLICY, 2)
    standing = Standing(release=1, figures=make_out(1, values).figures)
    ((_, stands),) = safeguard.limit_measure(found, {(CELL, "total"): standing})
    assert (stands.reason, stands.kept_from, stands.figures) == ("WOULD_DISCLOSE", 1, standing.figures)


async def test_who_asked_all_but_one_first_is_granted_all_their_scores(firms: Population) -> None:
    made = await firms.add_firms(23)
    made += await firms.add_firms(1, asked_by=await firms.add_buyer())
    await firms.submit([made[-1], *made[:-1]], spread(24))
    decision = find(await firms.release()).decision
    assert (decision.detail["rule"], decision.detail["insider"]) == ("range", "reader")
    assert decision.detail["left_out"] == ["p10", "p25", "p50", "p75", "p90"]


async def test_of_a_group_that_was_asked_first_in_part_nobody_surely_knows_the_mean(firms: Population) -> None:
    whole, part = await firms.add_groups(2)
    other = await firms.add_buyer()
    made = await firms.add_firms(3, groups=[whole, whole, part], asked_by=other)
    made += await firms.add_firms(1, groups=[part])
    await firms.submit(made, spread(4))
    await firms.release()
    async with people.open_session(firms.database.worker_url) as session:
        readers = await knowledge.list_readers(session, sample.KEY, 1)
    hashes = [
        await firms.connection.fetchval("SELECT hashtextextended($1::uuid::text, 0)", one)
        for one in (other, whole, part)
    ]
    (reader,) = [one for one in readers if hashes[0] in one.own]
    assert reader.own == frozenset(hashes[:2])
    assert reader.may_wonder(hashes[2])


async def test_figures_that_stand_are_attacked_with_what_was_shown_since(firms: Population) -> None:
    """A release that adds nothing, and one that has the questionnaire no more: all that is out is tried."""
    made = await firms.add_firms(len(CLOSE))
    submissions = await firms.submit(made, CLOSE)
    await firms.release()
    assert find(await firms.release(*LATER)).decision.kept_from == 1
    before = await attack_release(firms)
    assert len(before) > 0
    assert not [one for one in before if one.is_near]
    known = [place for place in range(len(CLOSE)) if place not in MIDDLE]
    buyer = await firms.add_buyer()
    await firms.share([made[place] for place in known], [submissions[place] for place in known], buyer)
    near = [one for one in await attack_release(firms) if one.is_near]
    assert {(one.insider, one.by_newest) for one in near} == {("reader", False)}
    await firms.connection.execute("DELETE FROM portal.release_cell WHERE release_number = 2")
    assert [one for one in await attack_release(firms) if one.is_near] == near


async def attack_release(firms: Population) -> list[Finding]:
    async with people.open_session(firms.database.worker_url) as session:
        return await attack.attack_release(session, 2, TOTAL.__eq__, lambda _: None)
