"""The traps that every benchmark must withstand, each tried on real releases over the database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from portal.benchmarks import knowledge, verification
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.disclosure import Policy
from portal.benchmarks.exposure import Reader
from tests import people
from tests.portal.assessments import sample
from tests.portal.benchmarks.population import (
    LATER,
    LATEST,
    RECENT,
    SETTLED,
    Firm,
    Population,
    find,
    list_published,
    spread,
)

CLOSE = [*spread(5, 2000, 100), *spread(3, 4900, 20), *spread(5, 5000, 10), *spread(3, 5060, 10), *spread(5, 9000, 50)]
MIDDLE = range(8, 13)
AFTER_FIRST = SETTLED + timedelta(days=100)  # old enough for the second release, not for the first


async def test_six_firms_averaging_50_then_five_averaging_55_do_not_reveal_that_the_sixth_scored_25(
    firms: Population,
) -> None:
    six = await firms.add_firms(6)
    await firms.submit(six, [2500, 5000, 5200, 5500, 5800, 6000])
    assert list_published(await firms.release()) == {"basic/*/*/*": "TOO_FEW"}
    await firms.insert("benchmark_choice", [{"organization_id": six[0].id, "takes_part": False}])
    assert list_published(await firms.release(*LATER)) == {"basic/*/*/*": "TOO_FEW"}


async def test_one_of_many_that_leaves_does_not_change_the_figures(firms: Population) -> None:
    """The same trap above every threshold: what is left of twelve after one withdrew would be the twelfth's score."""
    twelve = await firms.add_firms(12)
    await firms.submit(twelve, spread(12))
    before = find(await firms.release()).decision
    await firms.insert("benchmark_choice", [{"organization_id": twelve[0].id, "takes_part": False}])
    after = find(await firms.release(*LATER)).decision
    assert (after.reason, after.kept_from, after.figures) == ("UNCHANGED", 1, before.figures)


async def test_four_changes_keep_the_figures_and_five_renew_them(firms: Population) -> None:
    twelve = await firms.add_firms(12)
    await firms.submit(twelve, spread(12))
    await firms.release()
    await firms.submit(twelve[:4], [9000, 9100, 9200, 9300], at=AFTER_FIRST)
    second = find(await firms.release(*LATER)).decision
    assert (second.reason, second.detail["changed"]) == ("UNCHANGED", 4)
    await firms.submit(twelve[4:5], [9400], at=AFTER_FIRST + timedelta(days=80))
    third = find(await firms.release(*LATEST)).decision
    assert (third.reason, third.kept_from) == (None, None)


async def test_a_way_back_to_almost_the_first_figures_is_withheld(firms: Population) -> None:
    """Ten change, then nine change back: each step is allowed by itself, but first and third differ by one."""
    twenty = await firms.add_firms(20)
    await firms.submit(twenty, spread(20))
    await firms.release()
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2028-01-01'")
    await firms.submit(twenty[:10], [8000 + place for place in range(10)], at=AFTER_FIRST)
    await firms.release(*LATER)
    await firms.submit(twenty[:9], spread(20)[:9], at=AFTER_FIRST + timedelta(days=90))
    third = find(await firms.release(Quarter(2027, 1), datetime(2027, 4, 10, tzinfo=UTC))).decision
    assert (third.reason, third.detail["rule"]) == ("WOULD_DISCLOSE", "difference")


async def test_a_score_that_moves_a_little_is_no_new_secret(firms: Population) -> None:
    """Eleven invented suppliers move as their buyer likes: each new mean would halve what is left of the twelfth."""
    buyer, count, moves = await firms.add_buyer(), 12, 30
    invented, (victim,) = await firms.add_firms(11, asked_by=buyer), await firms.add_firms(1)
    known, told = (0, 10_000), []
    for turn in range(5):
        quarter = Quarter(2026, 2).shift(turn)
        at = datetime.combine(quarter.first_day, datetime.min.time(), UTC) - timedelta(days=20)
        values = [2_000 + 500 * place + 40 * turn for place in range(11)]
        # A boundary of rounding falls into the middle of what the buyer does not know yet.
        shift = (-(sum(values) + sum(known) // 2) + 50 * count) % (100 * count)
        values[5] += shift if shift < 50 * count else shift - 100 * count
        period = at.date() - timedelta(days=1)
        await firms.submit(invented, values, at=at, period_end=period)
        await firms.submit([victim], [6_234 + moves * turn], at=at, period_end=period)
        await firms.connection.execute("UPDATE portal.result SET valid_until = '2030-01-01'")
        now = datetime.combine(quarter.shift(1).first_day, datetime.min.time(), UTC) + timedelta(days=9)
        decision = find(await firms.release(quarter, now)).decision
        if decision.figures is not None and decision.kept_from is None:
            total = count * 100 * decision.figures.mean
            low, high = (total + half - sum(values) for half in (-50 * count, 50 * count))
            known = max(low, known[0] - moves), min(high - 1, known[1] + moves)
        told.append(decision.reason)
    assert told[0] is None  # the first one tells no more than it may
    assert known[1] - known[0] >= Policy(p_percent=15).least_range, (known, told)


@pytest.mark.parametrize(("moved", "counted"), [(499, 6_000), (500, 6_500), (-499, 6_000), (-500, 5_500)])
async def test_who_moved_by_less_than_five_points_counts_as_before(firms: Population, moved: int, counted: int) -> None:
    made = await firms.add_firms(12)
    await firms.submit(made, [6_000, *spread(11)])
    await firms.release()
    await firms.submit(made, [6_000 + moved, *(one + 700 for one in spread(11))], at=AFTER_FIRST)
    await firms.release(*LATER)
    assert await firms.connection.fetchval(
        "SELECT value FROM portal.contribution WHERE release_number = 2 AND measure = 'total' AND group_id = $1",
        made[0].group,
    ) == counted  # fmt: skip
    async with people.open_session(firms.database.worker_url) as session:
        assert await verification.verify_release(session, 2) == []


async def test_scores_that_creep_count_anew_from_five_points_on(firms: Population) -> None:
    """What counts is how far a score is from the one that counted last, not from the one of the quarter before."""
    made = await firms.add_firms(12)
    await firms.submit(made, spread(12))
    await firms.release()
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2028-01-01'")
    told = []
    for turn, (quarter, now) in enumerate([LATER, LATEST], 1):
        at = AFTER_FIRST + timedelta(days=90 * (turn - 1))
        await firms.submit(made, [one + 300 * turn for one in spread(12)], at=at)
        await firms.connection.execute("UPDATE portal.result SET valid_until = '2028-01-01'")
        told.append(find(await firms.release(quarter, now)).decision.reason)
    assert told == ["UNCHANGED", None]


async def test_groups_that_are_made_anew_are_no_change(firms: Population) -> None:
    """Nobody's score changes and one withdraws: the new mean would be the twelfth's score."""
    twelve = await firms.add_firms(12)
    await firms.submit(twelve, spread(12))
    await firms.release()
    for firm, group in zip(twelve[:5], await firms.add_groups(5), strict=True):
        await move_to_group(firms, firm, group)
    await firms.insert("benchmark_choice", [{"organization_id": twelve[11].id, "takes_part": False}])
    decision = find(await firms.release(*LATER)).decision
    assert (decision.reason, decision.detail["changed"]) == ("UNCHANGED", 1)
    async with people.open_session(firms.database.worker_url) as session:
        assert await verification.verify_release(session, 2) == []


async def move_to_group(firms: Population, firm: Firm, group: UUID) -> None:
    """As the operator's command does: the former membership ends, and the new one begins."""
    day = datetime(2026, 8, 1, tzinfo=UTC)
    await firms.connection.execute(
        "UPDATE portal.group_member SET valid_to = $2 WHERE organization_id = $1 AND valid_to IS NULL", firm.id, day
    )
    await firms.insert("group_member", [{"organization_id": firm.id, "group_id": group, "valid_from": day}])


async def test_a_row_is_there_whoever_answered_what(firms: Population) -> None:
    """Else that nobody answered a question, or that the only contributor of a cell did, could be read from it."""
    answered = [None, "0"]
    for place, country in enumerate(["BD", "DE", "BR"]):
        points = {"exits_locked": [answered[place % 2]] * 12} if place < 2 else None
        await firms.submit(await firms.add_firms(12, country=country), spread(12), points=points)
    await firms.submit(await firms.add_firms(1, country="KE"), [5_000], points={"trained": ["50"]})
    await firms.release()
    rows = await firms.connection.fetch("SELECT cell, measure, unit FROM portal.release_cell")
    by_cell: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        by_cell.setdefault(row["cell"], set()).add((row["measure"], row["unit"]))
    assert len(by_cell) == 4
    (found,) = {frozenset(one) for one in by_cell.values()}
    assert {"total", "pillar:labour", "question:exits_locked"} <= {measure for measure, _ in found}


async def test_two_respondents_reveal_each_other(firms: Population) -> None:
    await firms.submit(await firms.add_firms(2), [3000, 7000])
    assert list_published(await firms.release()) == {"basic/*/*/*": "TOO_FEW"}


async def test_four_of_five_suppliers_owned_by_one_group_are_two_contributors(firms: Population) -> None:
    (group,) = await firms.add_groups(1)
    await firms.submit(await firms.add_firms(4, groups=[group] * 4), [4000, 4100, 4200, 4300])
    await firms.submit(await firms.add_firms(1), [9000])
    outcome = find(await firms.release(), "basic/*/*/*")
    assert outcome.decision.detail["contributors"] == 2


async def test_a_hundred_percent_yes_is_never_published(firms: Population) -> None:
    made = await firms.add_firms(12)
    await firms.submit(made, spread(12), points={"exits_locked": ["100"] * 12})
    decision = find(await firms.release(), measure="question:exits_locked").decision
    assert (decision.reason, decision.detail["rule"], decision.figures) == ("WOULD_DISCLOSE", "end_of_range", None)


async def test_a_quartile_that_equals_the_minimum_is_left_out(firms: Population) -> None:
    await firms.submit(await firms.add_firms(20), [1000] * 8 + spread(12))
    figures = find(await firms.release()).decision.figures
    assert figures is not None
    assert figures.p25 is None
    assert None not in (figures.p50, figures.p75)


async def test_invented_suppliers_of_one_buyer_count_as_one(firms: Population) -> None:
    await firms.submit(await firms.add_firms(1), [2500])
    invented = await firms.add_firms(30, groups=await firms.add_groups(30, status="proposed"))
    await firms.submit(invented, [5000] * 30)
    outcome = find(await firms.release(), "basic/*/*/*")
    assert (outcome.decision.reason, outcome.decision.detail["contributors"]) == ("TOO_FEW", 2)


async def share_all_but(firms: Population, unknown: int, **options: bool) -> tuple[list[Firm], str | None]:
    made = await firms.add_firms(15)
    submissions = await firms.submit(made, spread(15))
    known = len(made) - unknown
    await firms.share(made[:known], submissions[:known], await firms.add_buyer(), **options)
    return made, find(await firms.release()).decision.reason


async def test_a_buyer_that_knows_all_but_one_learns_nothing_of_the_last(firms: Population) -> None:
    assert (await share_all_but(firms, 1))[1] == "WOULD_DISCLOSE"


async def test_a_buyer_that_knows_all_but_four_learns_nothing_of_the_rest(firms: Population) -> None:
    assert (await share_all_but(firms, 4))[1] == "WOULD_DISCLOSE"


async def test_a_buyer_may_know_all_but_five(firms: Population) -> None:
    assert (await share_all_but(firms, 5))[1] is None


async def test_a_buyer_that_knows_all_learns_nothing_new(firms: Population) -> None:
    assert (await share_all_but(firms, 0))[1] is None


async def test_what_was_shared_once_may_be_remembered(firms: Population) -> None:
    assert (await share_all_but(firms, 3, revoked=True))[1] == "WOULD_DISCLOSE"


async def test_ended_shares_do_not_count_as_knowing_all(firms: Population) -> None:
    assert (await share_all_but(firms, 0, revoked=True))[1] == "WOULD_DISCLOSE"


async def test_two_buyers_of_one_group_read_together(firms: Population) -> None:
    (group,) = await firms.add_groups(1)
    one, two = await firms.add_buyer(group), await firms.add_buyer(group)
    made = await firms.add_firms(15)
    submissions = await firms.submit(made, spread(15))
    await firms.share(made[:6], submissions[:6], one)
    await firms.share(made[6:12], submissions[6:12], two)
    assert find(await firms.release()).decision.reason == "WOULD_DISCLOSE"


async def test_a_buyer_that_leaves_a_group_takes_along_what_it_knows(firms: Population) -> None:
    (group,) = await firms.add_groups(1)
    one, two = await firms.add_buyer(group), await firms.add_buyer(group)
    made = await firms.add_firms(15)
    submissions = await firms.submit(made, spread(15))
    await firms.share(made[:6], submissions[:6], one)
    await firms.share(made[6:12], submissions[6:12], two)
    await firms.connection.execute(
        "UPDATE portal.group_member SET valid_to = '2026-06-30' WHERE organization_id = $1", two
    )
    assert find(await firms.release()).decision.reason == "WOULD_DISCLOSE"


async def test_a_reader_knows_what_it_counted_with_before_it_changed_its_group(firms: Population) -> None:
    made = await firms.add_firms(12)
    submissions = await firms.submit(made, spread(12))
    reading = made[0]
    role = {"organization_id": reading.id, "role": "buyer", "status": "active", "decided_at": SETTLED}
    await firms.insert("organization_role", [role])
    await firms.share(made[1:6], submissions[1:6], reading.id)
    await firms.release()
    (group,) = await firms.add_groups(1)
    await move_to_group(firms, reading, group)
    before, after = [await name_holder(firms, one) for one in (reading.group, group)]
    assert [before in one.own for one in await list_readers(firms, 1) if after in one.own] == [True]


async def name_holder(firms: Population, group: UUID | None) -> int:
    """What a group is called where everything that is known is looked at."""
    return int(await firms.connection.fetchval("SELECT hashtextextended($1::uuid::text, 0)", group))


async def list_readers(firms: Population, release: int) -> list[Reader]:
    async with people.open_session(firms.database.worker_url) as session:
        return await knowledge.list_readers(session, sample.KEY, release)


@pytest.mark.parametrize("state", ["withdrawn", "declined", "open", "accepted"])
async def test_who_asked_first_brought_a_supplier_whatever_became_of_the_request(firms: Population, state: str) -> None:
    buyer = await firms.add_buyer()
    (brought,) = await firms.add_firms(1, asked_by=buyer, state=state)
    await firms.ask([brought], firms.buyer)
    await firms.submit([brought], [5_000])
    await firms.release()
    (reader, holder) = [await name_holder(firms, one) for one in (buyer, brought.group)]
    assert [holder in one.own for one in await list_readers(firms, 1) if reader in one.own] == [True]


async def test_a_buyer_knows_the_suppliers_of_its_own_group(firms: Population) -> None:
    (group,) = await firms.add_groups(1)
    made = await firms.add_firms(15, groups=[group, *(await firms.add_groups(14))])
    submissions = await firms.submit(made, spread(15))
    await firms.share(made[1:11], submissions[1:11], await firms.add_buyer(group))
    decision = find(await firms.release()).decision
    assert (decision.reason, decision.detail["rule"]) == ("WOULD_DISCLOSE", "reader")


async def test_a_share_that_leaves_out_a_section_does_not_make_a_question_known(firms: Population) -> None:
    made = await firms.add_firms(15)
    submissions = await firms.submit(made, spread(15), points={"exits_locked": ["25", "50", "75"] * 5})
    await firms.share(made, submissions, await firms.add_buyer())
    release = await firms.release()
    assert find(release).decision.reason is None
    assert find(release, measure="question:exits_locked").decision.reason == "WOULD_DISCLOSE"


async def test_a_newer_parent_does_not_reveal_what_joined_a_published_cell(firms: Population) -> None:
    """A new partition may fold a published leaf with a few others: the difference must be none or at least five."""
    leaf = await firms.add_firms(12)
    await firms.submit(leaf, spread(12))
    await firms.release()
    await firms.connection.execute("UPDATE portal.organization SET size_band = 'large' WHERE id = $1", leaf[0].id)
    await firms.connection.execute(
        "UPDATE portal.organization SET size_band = 'micro' WHERE id = ANY($1)", [one.id for one in leaf[1:4]]
    )
    joined = await firms.add_firms(2, size="medium")
    await firms.submit(joined, [8000, 8100], at=AFTER_FIRST)
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2028-01-01'")
    fifth = await firms.release(Quarter(2027, 2), datetime(2027, 7, 10, tzinfo=UTC))
    decision = find(fifth, "basic/C/Asia/*").decision
    assert (decision.detail["contributors"], decision.reason, decision.detail["rule"]) == (
        14,
        "WOULD_DISCLOSE",
        "difference",
    )


async def test_quartiles_that_place_a_contributor_are_left_out_and_the_mean_stays(firms: Population) -> None:
    """Scores lie close together and a buyer knows all but five in the middle: their ranks would place them."""
    made = await firms.add_firms(len(CLOSE))
    submissions = await firms.submit(made, CLOSE)
    known = [place for place in range(len(CLOSE)) if place not in MIDDLE]
    buyer = await firms.add_buyer()
    await firms.share([made[place] for place in known], [submissions[place] for place in known], buyer)
    release = await firms.release()
    decision = find(release).decision
    assert decision.figures is not None
    assert (decision.reason, decision.detail["rule"], decision.detail["insider"]) == (None, "range", "reader")
    assert decision.detail["width"] < 300
    assert decision.detail["left_out"] == ["p10", "p25", "p50", "p75", "p90"]
    assert (decision.figures.p25, decision.figures.p50, decision.figures.p75) == (None, None, None)
    async with people.open_session(firms.database.worker_url) as session:
        assert await verification.verify_release(session, release.number) == []


async def test_neither_reasons_nor_contributions_are_readable_with_the_applications_login(firms: Population) -> None:
    await firms.submit(await firms.add_firms(12), spread(12))
    await firms.submit(await firms.add_firms(3, country="DE"), spread(3), at=RECENT)
    await firms.release()
    app = await asyncpg.connect(firms.database.app_url.replace("+asyncpg", ""))
    try:
        assert await app.fetchval("SELECT count(cell) FROM portal.release_cell") > 0
        for hidden in (
            "SELECT reason FROM portal.release_cell",
            "SELECT * FROM portal.release_cell",
            "SELECT count(*) FROM portal.release_cell WHERE reason = 'TOO_FEW'",
            "SELECT reason FROM portal.release_ledger",
            "SELECT value FROM portal.contribution",
            "SELECT group_id FROM portal.release_contributor",
            "SELECT p_percent FROM portal.benchmark_policy",
            "SELECT cells FROM portal.benchmark_partition",
            "SELECT * FROM portal.list_benchmark_points('sample', gen_random_uuid(), gen_random_uuid(), 1, '{}')",
            "SELECT * FROM portal.list_benchmark_values(1, 'sample')",
        ):
            refused = None
            try:
                await app.fetch(hidden)
            except asyncpg.InsufficientPrivilegeError as error:
                refused = error
            assert refused is not None, hidden
        assert await app.fetchval("SELECT count(release_number) FROM portal.release_contributor") == 0
        assert "p_percent" not in await app.fetchval("SELECT policy::text FROM portal.release")
    finally:
        await app.close()
