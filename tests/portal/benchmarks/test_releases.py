"""Releases: who counts, once per group, in which cell; numbered, frozen, the same again, and verifiable."""

from datetime import UTC, date, datetime

import pytest

from portal import errors
from portal.benchmarks import releases, verification
from portal.benchmarks.cohorts import Quarter
from portal.database import ids
from tests import people
from tests.portal.benchmarks.population import (
    LATER,
    QUARTER,
    RECENT,
    SETTLED,
    Population,
    find,
    list_published,
    spread,
)


async def test_a_cell_with_ten_groups_shows_whole_points_and_a_band(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    await firms.submit(made_firms, [4000 + 100 * place for place in range(12)])
    made = await firms.release()
    figures = find(made).decision.figures
    assert figures is not None
    assert (made.number, made.contributors, figures.count_band, figures.mean) == (1, 12, "10-19", 46)
    assert (figures.p25, figures.p50, figures.p90) == (None, None, None)
    assert find(made, measure="pillar:labour").decision.figures == figures


async def test_quartiles_need_twenty_groups_and_tails_forty(firms: Population) -> None:
    await firms.submit(await firms.add_firms(20), spread(20))
    await firms.submit(await firms.add_firms(40, country="DE"), spread(40))
    made = await firms.release()
    twenty, forty = find(made).decision.figures, find(made, "basic/C/Europe/small").decision.figures
    assert twenty is not None
    assert forty is not None
    assert None not in (twenty.p25, twenty.p50, twenty.p75)
    assert (twenty.p10, twenty.p90) == (None, None)
    assert None not in (forty.p10, forty.p90)


async def test_small_cells_are_folded_upwards_and_no_supplier_stands_in_two(firms: Population) -> None:
    for size, count in (("small", 12), ("medium", 6), ("large", 5)):
        await firms.submit(await firms.add_firms(count, size=size), spread(count))
    await firms.submit(await firms.add_firms(3, sector="24"), spread(3))
    await firms.submit(await firms.add_firms(4, sector="62"), spread(4))
    await firms.submit(await firms.add_firms(4, country="FR", sector=None), spread(4))
    made = await firms.release()
    assert list_published(made) == {
        "basic/*/*/*": "TOO_FEW",
        "basic/C/Asia/*": "PUBLISHED",
        "basic/C/Asia/small": "PUBLISHED",
    }
    assert find(made, "basic/C/Asia/*").decision.detail["contributors"] == 11
    assert find(made, "basic/*/*/*").decision.detail["contributors"] == 8


async def test_several_organizations_of_a_group_count_once_with_their_mean(firms: Population) -> None:
    (group,) = await firms.add_groups(1)
    await firms.submit(await firms.add_firms(3, groups=[group] * 3), [1000, 2000, 6000])
    await firms.submit(await firms.add_firms(9), [4000 + 10 * place for place in range(9)])
    made = await firms.release()
    assert find(made).decision.detail["contributors"] == 10
    rows = await firms.connection.fetch(
        "SELECT value FROM portal.contribution WHERE group_id = $1 AND measure = 'total'", group
    )
    assert [row["value"] for row in rows] == [3000]


async def test_organizations_without_a_confirmed_group_are_one_together(firms: Population) -> None:
    proposed = await firms.add_groups(20, status="proposed")
    await firms.submit(await firms.add_firms(20, groups=proposed), spread(20))
    await firms.submit(await firms.add_firms(5, groups=[None] * 5), spread(5))
    await firms.submit(await firms.add_firms(8), spread(8))
    made = await firms.release()
    outcome = find(made, "basic/*/*/*")
    assert (outcome.decision.reason, outcome.decision.detail["contributors"]) == ("TOO_FEW", 9)


async def test_only_suppliers_that_accepted_a_buyer_outside_their_group_count(firms: Population) -> None:
    (group,) = await firms.add_groups(1)
    inside = await firms.add_buyer(group)
    await firms.submit(await firms.add_firms(9), spread(9))
    for some in (
        await firms.add_firms(1, groups=[group], asked_by=inside),
        await firms.add_firms(2, state="open"),
        await firms.add_firms(2, state="declined"),
    ):
        await firms.submit(some, spread(len(some)))
    unknown = await firms.add_buyer()
    await firms.connection.execute(
        "UPDATE portal.organization_role SET status = 'pending' WHERE organization_id = $1", unknown
    )
    await firms.submit(await firms.add_firms(2, asked_by=unknown), spread(2))
    made = await firms.release()
    assert made.contributors == 9


async def test_withdrawn_closed_and_open_things_are_left_out(firms: Population) -> None:
    kept = await firms.add_firms(10)
    await firms.submit(kept, spread(10))
    left = await firms.add_firms(1)
    await firms.submit(left, [9000])
    await firms.insert("benchmark_choice", [{"organization_id": left[0].id, "takes_part": False}])
    (withdrawn,) = await firms.submit(await firms.add_firms(1), [9000])
    await firms.connection.execute("UPDATE portal.submission SET state = 'withdrawn' WHERE id = $1", withdrawn)
    await firms.submit(await firms.add_firms(1), [9000], period_end=date(2026, 12, 31))
    await firms.submit(await firms.add_firms(1), [9000], at=datetime(2024, 1, 1, tzinfo=UTC))
    suspended = await firms.add_firms(1)
    await firms.submit(suspended, [9000])
    await firms.connection.execute("UPDATE portal.organization SET status = 'suspended' WHERE id = $1", suspended[0].id)
    made = await firms.release()
    assert (made.contributors, made.waiting) == (10, 0)


async def test_the_latest_submission_that_is_old_enough_counts(firms: Population) -> None:
    made_firms = await firms.add_firms(10)
    await firms.submit(made_firms, [1000] * 10, at=datetime(2025, 9, 1, tzinfo=UTC), period_end=date(2025, 6, 30))
    await firms.submit(made_firms, spread(10))
    await firms.submit(made_firms, [9000] * 10, at=RECENT, period_end=date(2026, 3, 31))
    made = await firms.release()
    rows = await firms.connection.fetch("SELECT value FROM portal.contribution WHERE measure = 'total' ORDER BY value")
    assert [row["value"] for row in rows] == sorted(spread(10))
    assert made.waiting == 0


async def test_a_submission_is_old_enough_ninety_days_before_the_quarter_ends(firms: Population) -> None:
    old, young = await firms.add_firms(2)
    await firms.submit([old], [4000], at=datetime(2026, 4, 1, 23, 59, tzinfo=UTC))
    await firms.submit([young], [4000], at=datetime(2026, 4, 2, 0, 0, tzinfo=UTC))
    made = await firms.release()
    assert (made.contributors, made.waiting) == (1, 1)


async def test_a_cell_whose_submissions_are_too_recent_says_so_to_the_operator(firms: Population) -> None:
    await firms.submit(await firms.add_firms(4), spread(4))
    await firms.submit(await firms.add_firms(8), spread(8), at=RECENT)
    made = await firms.release()
    assert find(made).decision.reason == "TOO_RECENT"
    later = await firms.release(*LATER)
    assert find(later).decision.reason is None
    assert later.number == 2


async def test_tiers_are_never_mixed(firms: Population) -> None:
    await firms.submit(await firms.add_firms(10), spread(10))
    await firms.submit(await firms.add_firms(9), spread(9), tier="micro")
    made = await firms.release()
    assert list_published(made)["micro/*/*/*"] == "TOO_FEW"
    assert list_published(made)["basic/C/Asia/small"] == "PUBLISHED"


async def test_questions_marked_for_benchmarks_count_with_their_points(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    points = ["100/3", "50", "0", "200/3", *["25", "75"] * 3, None, None]
    await firms.submit(made_firms, spread(12), points={"exits_locked": points})
    await firms.submit(await firms.add_firms(12, country="DE"), spread(12), points={"trained": ["50"] * 12})
    made = await firms.release()
    assert find(made, measure="question:exits_locked").decision.figures is not None
    shown = {one.measure for one in made.outcomes if one.decision.figures}
    assert shown == {"total", "pillar:labour", "question:exits_locked"}
    rows = await firms.connection.fetch(
        "SELECT value FROM portal.contribution WHERE measure = 'question:exits_locked' ORDER BY value"
    )
    assert [row["value"] for row in rows] == [0, 2500, 2500, 2500, 3333, 5000, 6667, 7500, 7500, 7500]


async def test_a_half_done_rescore_is_no_release(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    made = await firms.submit(made_firms, [4000] * 12, points={"exits_locked": ["0"] * 12})
    recent = await firms.add_firms(1)
    await firms.submit(recent, [4000], at=RECENT)  # waits, so its profile is nobody's business yet
    await firms.rescore(made_firms[:9], made[:9], [8000] * 9, points={"exits_locked": ["100"] * 9})
    with pytest.raises(errors.Conflict) as caught:
        await firms.release()
    assert (caught.value.code, caught.value.message) == (
        "PROFILES_DIFFER",
        "A release compares results of one scoring profile of each version. 3 submissions of sample@1.0.0 wait for "
        "scoring profile 2: portal questionnaires rescore sample@1.0.0 --profile 2.",
    )
    assert await firms.connection.fetch("SELECT FROM portal.release UNION ALL SELECT FROM portal.contribution") == []
    await firms.rescore(made_firms[9:], made[9:], [8000] * 3, points={"exits_locked": ["100"] * 3})
    released = await firms.release()
    assert (released.contributors, released.waiting) == (12, 1)
    values = await firms.connection.fetch("SELECT DISTINCT measure, value FROM portal.contribution ORDER BY measure")
    assert [tuple(row) for row in values] == [
        ("pillar:labour", 8000),
        ("question:exits_locked", 10000),
        ("total", 8000),
    ]


async def test_a_result_without_its_trace_is_half_done(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    made = await firms.submit(made_firms, spread(12), points={"exits_locked": ["0"] * 12})
    await firms.rescore(made_firms, made, spread(12), points={"exits_locked": ["100"] * 12})
    await firms.connection.execute("DELETE FROM portal.result_section WHERE submission_id = $1", made[0])
    with pytest.raises(errors.Conflict, match="1 submissions of sample"):
        await firms.release()


async def test_a_submission_whose_shown_result_is_over_does_not_count_by_an_older_one(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    made = await firms.submit(made_firms, spread(12), points={"exits_locked": ["0"] * 12})
    expired = datetime(2025, 1, 1, tzinfo=UTC)
    await firms.rescore(made_firms[:1], made[:1], [8000], at=expired, points={"exits_locked": ["100"]})
    assert (await firms.release()).contributors == 11


async def test_verify_recomputes_values_by_the_profile_that_the_release_counted(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    made = await firms.submit(made_firms, spread(12), points={"exits_locked": ["25", "50", "75"] * 4})
    await firms.release()

    async def verify() -> list[str]:
        async with people.open_session(firms.database.worker_url) as session:
            return await verification.verify_release(session, 1)

    await firms.rescore(made_firms, made, [9000] * 12, points={"exits_locked": ["100"] * 12})
    assert await verify() == []
    await firms.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = NULL")
    assert await verify() == []
    await firms.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = now()")
    await firms.connection.execute("UPDATE portal.release_contributor SET profile_number = 2 WHERE supplier_id = $1",
                                   made_firms[0].id)  # fmt: skip
    faults = await verify()
    assert "sample@1.0.0: 11 submissions are not of scoring profile 2" in faults
    cell = "sample/basic/C/Asia/small"
    for measure in ("total", "question:exits_locked"):
        assert f"{cell} {measure}: 1 values are not those of the results that count" in faults


async def test_a_questionnaire_without_the_operators_word_is_not_compared(firms: Population) -> None:
    await firms.submit(await firms.add_firms(10), spread(10))
    await firms.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = NULL")
    with pytest.raises(errors.NotFound) as caught:
        await firms.release()
    assert caught.value.code == "NOTHING_APPROVED"


async def test_a_quarter_has_one_release_and_again_gives_it(firms: Population) -> None:
    made_firms = await firms.add_firms(12)
    await firms.submit(made_firms, spread(12))
    first = await firms.release()
    await firms.submit(await firms.add_firms(12), spread(12))
    again = await firms.release()
    assert (again.number, again.is_new) == (1, False)
    assert again.outcomes == first.outcomes
    counts = await firms.connection.fetchrow(
        "SELECT (SELECT count(*) FROM portal.release), (SELECT count(*) FROM portal.release_ledger) AS entries"
    )
    assert tuple(counts) == (1, len(first.outcomes))


@pytest.mark.parametrize(
    ("quarter", "code"),
    [(Quarter(2026, 3), "NOT_OVER"), (Quarter(2030, 1), "NOT_OVER"), (Quarter(2026, 1), "OUT_OF_ORDER")],
)
async def test_quarters_come_in_order_and_only_when_they_are_over(
    firms: Population, quarter: Quarter, code: str
) -> None:
    await firms.release()
    with pytest.raises(errors.Conflict) as caught:
        await firms.release(quarter)
    assert caught.value.code == code


async def test_two_releases_at_the_same_time_are_refused(firms: Population) -> None:
    async with people.open_session(firms.database.worker_url) as session:
        await releases.make_release(session, QUARTER)
        with pytest.raises(errors.Conflict) as caught:
            await firms.release()
    assert caught.value.code == "BUSY"


async def test_the_partition_stays_for_four_quarters(firms: Population) -> None:
    await firms.submit(await firms.add_firms(12), spread(12), at=SETTLED)
    await firms.release()
    await firms.submit(await firms.add_firms(14, size="large"), spread(14), at=SETTLED)
    second = await firms.release(*LATER)
    assert set(list_published(second)) == {"basic/*/*/*", "basic/C/Asia/small"}
    assert find(second, "basic/*/*/*").decision.detail["contributors"] == 14
    fifth = Quarter(2027, 2), datetime(2027, 7, 10, tzinfo=UTC)
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2028-01-01'")
    third = await firms.release(*fifth)
    assert "basic/C/Asia/large" in list_published(third)


async def test_verify_finds_every_kind_of_tampering(firms: Population) -> None:
    await firms.submit(await firms.add_firms(12), spread(12))
    await firms.submit(await firms.add_firms(3, country="DE"), spread(3))
    await firms.release()
    await firms.release(*LATER)

    async def verify(number: int) -> list[str]:
        async with people.open_session(firms.database.worker_url) as session:
            return await verification.verify_release(session, number)

    assert (await verify(1), await verify(2)) == ([], [])
    with pytest.raises(errors.NotFound):
        await verify(3)
    await firms.connection.execute(
        "UPDATE portal.release_cell SET mean = mean + 1 WHERE release_number = 2 AND measure = 'total'"
    )
    assert any("release 1" in fault for fault in await verify(2))
    await firms.connection.execute("UPDATE portal.contribution SET value = value + 700 WHERE release_number = 1")
    assert any("mean" in fault for fault in await verify(1))
    await firms.connection.execute("DELETE FROM portal.contribution WHERE release_number = 1")
    assert any("no figures" in fault for fault in await verify(1))
    await firms.insert(
        "contribution",
        [{"release_number": 1, "cell": "sample/basic/X/*/*", "measure": "total", "group_id": ids.new_id(), "value": 1}],
    )
    assert any("without a decision" in fault for fault in await verify(1))
