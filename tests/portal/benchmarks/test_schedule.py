"""Which release is due by itself: from some days after a quarter until it is made, where anybody contributes."""

from datetime import UTC, datetime

import pytest

from portal.benchmarks import releases, schedule
from portal.benchmarks.cohorts import Quarter
from tests import people
from tests.portal.benchmarks.population import LATER, QUARTER, RECENT, Population, spread

DAYS = 14
DUE = datetime(2026, 7, 14, tzinfo=UTC)  # 14 days after QUARTER


async def find(firms: Population, now: datetime = DUE, days: int = DAYS) -> Quarter | None:
    await firms.set_clock(now)
    async with people.open_session(firms.database.worker_url) as session:
        return await schedule.find_due(session, days)


async def test_a_release_is_due_some_days_after_its_quarter_until_it_is_made(firms: Population) -> None:
    await firms.submit(await firms.add_firms(2), spread(2))
    assert await find(firms, datetime(2026, 7, 13, 23, 59, tzinfo=UTC)) is None
    assert await find(firms) == QUARTER
    assert await find(firms, days=15) is None
    assert await find(firms, days=0) is None
    assert await find(firms, datetime(2026, 9, 30, tzinfo=UTC)) == QUARTER
    await firms.release()
    assert await find(firms) is None
    assert await find(firms, datetime(2026, 10, 13, tzinfo=UTC)) is None
    assert await find(firms, datetime(2026, 10, 14, tzinfo=UTC)) == LATER[0]
    async with people.open_session(firms.database.worker_url) as session:
        await releases.make_release(session, QUARTER, correction="A correction is of a quarter that has a release.")
    assert await find(firms, datetime(2026, 9, 30, tzinfo=UTC)) is None


@pytest.mark.parametrize("what", ["nobody", "only recent", "not asked", "withdrawn", "not approved"])
async def test_the_first_release_waits_for_a_contributor_and_any_for_the_operators_word(
    firms: Population, what: str
) -> None:
    if what != "nobody":
        made_firms = await firms.add_firms(3, state="open" if what == "not asked" else "accepted")
        await firms.submit(
            made_firms, spread(3), at=RECENT if what == "only recent" else datetime(2026, 3, 1, tzinfo=UTC)
        )
    if what == "withdrawn":
        await firms.insert("benchmark_choice", [{"organization_id": one.id, "takes_part": False} for one in made_firms])
    if what == "not approved":
        await firms.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = NULL")
    assert await find(firms) is None
    await firms.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = now()")
    await firms.submit(await firms.add_firms(1), [4000])
    assert await find(firms) == QUARTER


async def test_later_releases_are_due_also_where_nobody_contributes_any_more(firms: Population) -> None:
    await firms.submit(await firms.add_firms(1), [4000])
    await firms.release()
    await firms.connection.execute("UPDATE portal.submission SET state = 'withdrawn'")
    due = datetime(2026, 10, 14, tzinfo=UTC)
    assert await find(firms, due) == LATER[0]
    await firms.connection.execute("UPDATE portal.questionnaire SET benchmark_approved_at = NULL")
    assert await find(firms, due) is None
