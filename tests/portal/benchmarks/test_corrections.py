"""Corrections: a further release for the newest one's quarter, by the same rules, with both standing for ever."""

import pytest

from portal import errors
from portal.benchmarks import attack, corrections, releases, verification
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.releases import Made
from tests import people
from tests.portal.benchmarks.population import LATER, LATEST, NOW, QUARTER, Population, find, spread

REASON = "Four firms had handed in another firm's answers."


async def correct(firms: Population, quarter: Quarter | None = None, reason: str = REASON) -> Made:
    async with people.open_session(firms.database.worker_url) as session:
        return await releases.make_release(session, quarter, correction=reason)


async def verify(firms: Population, number: int) -> list[str]:
    async with people.open_session(firms.database.worker_url) as session:
        return await verification.verify_release(session, number)


async def test_a_correction_is_recomputed_from_the_submissions_as_they_are(firms: Population) -> None:
    made_firms = await firms.add_firms(18)
    submissions = await firms.submit(made_firms, [4000 + 10 * place for place in range(18)])
    faulty = await firms.release()
    await firms.connection.execute(
        "UPDATE portal.submission SET state = 'withdrawn' WHERE id = ANY ($1)", submissions[:6]
    )
    made = await correct(firms, QUARTER)
    assert (made.number, made.quarter, made.is_new, made.corrects) == (2, QUARTER, True, 1)
    assert (faulty.contributors, made.contributors) == (18, 12)
    assert find(made).decision.figures != find(faulty).decision.figures
    row = await firms.connection.fetchrow("SELECT * FROM portal.release WHERE number = 2")
    assert (row["corrects"], row["correction_reason"], row["period_end"]) == (1, REASON, QUARTER.last_day)
    assert (await verify(firms, 1), await verify(firms, 2)) == ([], [])
    again = await firms.release()
    assert (again.number, again.is_new, again.outcomes) == (2, False, made.outcomes)


async def test_a_correction_is_attacked_together_with_what_it_corrects(firms: Population) -> None:
    """In totals, pillars, and both parts of a question."""
    made_firms = await firms.add_firms(60)
    points = {"exits_locked": [f"{3 * place + 2}/2" for place in range(60)]}
    submissions = await firms.submit(made_firms, [3000 + 100 * place for place in range(60)], points=points)
    faulty = await firms.release()
    chosen = submissions[5:17] + submissions[48:54]
    await firms.connection.execute("UPDATE portal.submission SET state = 'withdrawn' WHERE id = ANY ($1)", chosen)
    corrected = await correct(firms)
    parts = ("total", "pillar:labour", "upper:exits_locked", "rest:exits_locked")
    assert all(find(faulty, measure=one).decision.figures for one in parts)
    assert find(corrected).decision.kept_from is None
    async with people.open_session(firms.database.worker_url) as session:
        found = await attack.attack_release(session, 2, lambda _: True, lambda _: None)
    assert set(parts) <= {one.measure for one in found}
    assert [one for one in found if one.is_near] == []


async def test_the_change_gate_holds_against_the_faulty_release(firms: Population) -> None:
    made_firms = await firms.add_firms(18)
    submissions = await firms.submit(made_firms, spread(18))
    faulty = await firms.release()
    await firms.connection.execute("UPDATE portal.submission SET state = 'withdrawn' WHERE id = $1", submissions[0])
    decision = find(await correct(firms)).decision
    assert (decision.reason, decision.kept_from, decision.figures) == ("UNCHANGED", 1, find(faulty).decision.figures)
    assert decision.detail["changed"] == 1
    assert await verify(firms, 2) == []


async def test_faulty_figures_that_a_correction_withheld_never_come_back(firms: Population) -> None:
    """A reader knows nine of the twelve that are left, so that no new figures go out in either release."""
    made_firms = await firms.add_firms(18)
    submissions = await firms.submit(made_firms, spread(18))
    await firms.share(made_firms[:9], submissions[:9], await firms.add_buyer())
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2030-01-01'")
    assert find(await firms.release()).decision.figures is not None
    await firms.connection.execute(
        "UPDATE portal.submission SET state = 'withdrawn' WHERE id = ANY ($1)", submissions[12:]
    )
    for made in (await correct(firms), await firms.release(*LATER), await firms.release(*LATEST)):
        decision = find(made).decision
        assert (decision.reason, decision.figures, decision.kept_from) == ("WOULD_DISCLOSE", None, None), made.number


async def test_figures_that_stand_in_a_correction_stand_after_it(firms: Population) -> None:
    """What a correction showed still was not at fault: where new figures would disclose, they stand as any others."""
    made_firms = await firms.add_firms(18)
    submissions = await firms.submit(made_firms, spread(18))
    await firms.share(made_firms[:9], submissions[:9], await firms.add_buyer())
    await firms.connection.execute("UPDATE portal.result SET valid_until = '2030-01-01'")
    faulty = find(await firms.release()).decision
    assert find(await correct(firms)).decision.kept_from == 1
    await firms.connection.execute(
        "UPDATE portal.submission SET state = 'withdrawn' WHERE id = ANY ($1)", submissions[12:]
    )
    later = find(await firms.release(*LATER)).decision
    assert (later.reason, later.kept_from, later.figures) == ("WOULD_DISCLOSE", 1, faulty.figures)


async def test_only_the_newest_release_is_corrected_and_a_correction_too(firms: Population) -> None:
    await firms.submit(await firms.add_firms(12), spread(12))
    await firms.release()
    assert (await correct(firms)).corrects == 1
    assert ((await correct(firms)).number, (await firms.release()).number) == (3, 3)
    later = await firms.release(*LATER)
    assert (later.number, later.corrects) == (4, None)
    with pytest.raises(errors.Conflict) as caught:
        await correct(firms, QUARTER)
    assert (caught.value.code, caught.value.message) == (
        "NOT_NEWEST",
        "Only the newest release can be corrected: 4 for 2026Q3.",
    )
    assert (await correct(firms)).quarter == LATER[0]
    chain = await firms.connection.fetch("SELECT number, corrects FROM portal.release ORDER BY number")
    assert [tuple(row) for row in chain] == [(1, None), (2, 1), (3, 2), (4, None), (5, 4)]
    async with people.open_session(firms.database.worker_url) as session:
        own, later_number = await corrections.find_corrections(session, 2)
    assert (own, later_number) == (corrections.Correction(1, REASON), 3)


async def test_there_must_be_something_to_correct_and_a_reason(firms: Population) -> None:
    await firms.set_clock(NOW)
    with pytest.raises(errors.NotFound) as nothing:
        await correct(firms)
    assert nothing.value.code == "NO_RELEASE"
    await firms.release()
    for reason in ("", "  ", "x" * 501, "x\x00y"):
        with pytest.raises(errors.InvalidInput):
            await correct(firms, reason=reason)
    assert await firms.connection.fetchval("SELECT count(*) FROM portal.release") == 1
