"""A buyer chooses the days on which a supplier is reminded, of a request with its second part."""

import pytest

from tests.graphql_schema.assessments.documents import PROBLEM, do
from tests.graphql_schema.authoring.test_extras import WITHDRAW, ask, count_letters, set_up
from tests.graphql_schema.portals import Portal

SET = (
    "mutation ($input: SetRemindersInput!) { result: setReminders(input: $input) { __typename"
    " ... on RemindersSet { request { reminderDays extras { reminderDays } } }"
    f" {PROBLEM} }} }}"
)
LIST = "{ requests { nodes { reminderDays } } }"


async def test_the_days_hold_for_both_parts_and_no_letter_tells_of_them(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    (line,) = (await ask(house, buyer, record, key))["lines"]
    listed = (await house.ask(LIST, buyer.token))["data"]["requests"]["nodes"]
    assert listed == [{"reminderDays": [14, 3, -3]}] * 2
    changed = await do(house, SET, buyer, requestId=line["requestId"], days=[-30, 60, 0])
    assert changed["request"] == {"reminderDays": [60, 0, -30], "extras": [{"reminderDays": [60, 0, -30]}]}
    never = await do(house, SET, buyer, requestId=line["requestId"], days=[])
    assert never["request"]["reminderDays"] == []
    assert await count_letters(house, supplier) == 1


@pytest.mark.parametrize("days", [[61], [-31], [1, 1], [1, 2, 3, 4, 5, 6], [14, 2**31 - 1]])
async def test_days_out_of_bounds_are_refused_and_change_nothing(house: Portal, days: list[int]) -> None:
    buyer, _, record, key = await set_up(house)
    (line,) = (await ask(house, buyer, record, key))["lines"]
    answer = await house.ask(SET, buyer.token, input={"requestId": line["requestId"], "days": days})
    assert answer["data"]["result"]["__typename"] == "InvalidInput"
    listed = (await house.ask(LIST, buyer.token))["data"]["requests"]["nodes"]
    assert listed == [{"reminderDays": [14, 3, -3]}] * 2


async def test_only_the_buyer_itself_and_only_what_waits(house: Portal) -> None:
    buyer, supplier, record, key = await set_up(house)
    other = await house.sign_up("buyer")
    (line,) = (await ask(house, buyer, record, key))["lines"]
    wanted = {"requestId": line["requestId"], "days": [7]}
    kinds = [
        (await house.ask(SET, one.token, input=wanted))["data"]["result"]["__typename"] for one in (other, supplier)
    ]
    assert kinds[0] == "NotFound"
    assert kinds[1] != "RemindersSet"
    await do(house, WITHDRAW, buyer, requestId=line["requestId"])
    answer = await house.ask(SET, buyer.token, input=wanted)
    assert answer["data"]["result"]["__typename"] == "Conflict"
