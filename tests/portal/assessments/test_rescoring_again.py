"""A third scoring profile after a second one, and a profile that comes months after what it is applied to."""

from datetime import UTC, date, datetime

from portal.assessments import publishing
from questionnaires.catalogue import Packaged
from tests.portal.assessments import sample
from tests.portal.assessments.house import House
from tests.portal.assessments.test_rescoring import make_second, run, submit_several


async def test_bands_are_told_against_the_newest_profile(house: House) -> None:
    await submit_several(house)
    assert await run(house) == {("a", "c"): 1, ("a", "a"): 2}
    third = sample.make_profile(sample.PROFILE.replace("number: 1,", "number: 3,"))
    packaged = Packaged(sample.make_definition(), (sample.make_profile(), make_second(), third))
    await publishing.publish_with_login(house.made.owner_url, [packaged])
    assert await run(house) == {("c", "a"): 1, ("a", "a"): 2}


async def test_a_later_profile_scores_as_of_the_day_of_submission(house: House) -> None:
    await house.set_clock(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    await submit_several(house)
    await house.set_clock(datetime(2026, 9, 1, tzinfo=UTC))
    await run(house)
    rows = await house.fetch("SELECT DISTINCT valid_until FROM portal.result WHERE profile_number = 2")
    assert [row["valid_until"] for row in rows] == [date(2026, 6, 9)]  # a hundred days later
