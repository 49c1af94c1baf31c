"""Pages: every row once, whatever is null or moves; and cursors that only fit where they come from."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema import paging
from portal import errors
from portal.database import ids
from tests.graphql_schema.portals import Caller, Portal, codes

ALL = paging.Order("all", (str, int, bool, Decimal, date, datetime, UUID))
PAGE = """query ($first: Int, $after: String, $order: SampleOrder) {
  samples(first: $first, after: $after, order: $order) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { name country } }
  }
}"""
KEYS = st.tuples(
    st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
    st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
    st.none() | st.booleans(),
    st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.uuids(),
)


@given(KEYS, st.uuids())
def test_a_cursor_comes_back_typed(keys: Any, id_: UUID) -> None:
    page = paging.read_page(ALL, 25, paging.write_cursor(ALL, keys, id_))
    assert page.after == paging.Position(keys, id_)


@given(
    st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: __import__("base64").urlsafe_b64encode(raw).decode())
)
def test_whatever_is_no_cursor_is_refused(value: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        paging.read_page(ALL, 25, value)
    assert (refused.value.code, refused.value.path) == ("BAD_CURSOR", ("after",))


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        (paging.Order("x", (int,)), ["a"]),
        (paging.Order("x", (int,)), [True]),
        (paging.Order("x", (bool,)), [1]),
        (paging.Order("x", (str,)), [1]),
        (paging.Order("x", (Decimal,)), ["Infinity"]),
        (paging.Order("x", (datetime,)), ["2026-01-01T00:00:00"]),
        (paging.Order("x", (int,)), [2**63]),
        (paging.Order("y", (str,)), ["a"]),
        (paging.Order("x", (str, str)), ["a"]),
    ],
)
def test_a_cursor_of_another_list_is_refused(order: paging.Order, keys: list[Any]) -> None:
    forged = paging.write_cursor(paging.Order("x", (str,) * len(keys)), keys, ids.new_id())
    with pytest.raises(errors.InvalidInput, match="start again"):
        paging.read_page(order, 1, forged)


def test_a_cursor_needs_a_key_per_sort_column() -> None:
    with pytest.raises(ValueError, match="sorts by 7 keys"):
        paging.write_cursor(ALL, ["a"], ids.new_id())


async def fill(portal: Portal, caller: Caller, count: int) -> None:
    for number in range(count):
        await portal.run_sql(
            "INSERT INTO portal.site (organization_id, id, name, country) VALUES ($1, $2, $3, $4)",
            caller.organization,
            ids.new_id(),
            f"S{number:02}",
            (None, "DE", "VN")[number % 3],
        )


@pytest.mark.parametrize("order", ["NAME", "COUNTRY"])
async def test_walking_the_pages_sees_every_row_once(portal: Portal, order: str) -> None:
    caller = await portal.sign_up("supplier")
    await fill(portal, caller, 11)
    seen, after = [], None
    while True:
        answer = await portal.ask(PAGE, caller.token, first=3, after=after, order=order)
        page = answer["data"]["samples"]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert page["totalCount"] == 11
        seen += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == [f"S{number:02}" for number in range(11)]
    if order == "NAME":
        assert seen == sorted(seen)


async def test_sizes_and_cursors_outside_the_rules(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    await fill(portal, caller, 2)
    for first in (0, -1, 101, 2_000_000_000):
        answer = await portal.ask(PAGE, caller.token, first=first, order="NAME")
        assert codes(answer) == ["PAGE_SIZE"]
        assert "1 to 100" in answer["errors"][0]["message"]
    by_name = (await portal.ask(PAGE, caller.token, first=1, order="NAME"))["data"]["samples"]["pageInfo"]["endCursor"]
    for after in ("", "x", "é", by_name + "x", by_name[:-3], "A" * 5_000):
        assert codes(await portal.ask(PAGE, caller.token, first=1, after=after, order="NAME")) == ["BAD_CURSOR"], after
    assert codes(await portal.ask(PAGE, caller.token, first=1, after=by_name, order="COUNTRY")) == ["BAD_CURSOR"]


async def test_an_empty_page_has_no_cursors(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    page = (await portal.ask(PAGE, caller.token, first=5, order="NAME"))["data"]["samples"]
    wanted = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert page == {"totalCount": 0, "edges": [], "pageInfo": wanted}


def test_moments_keep_their_instant() -> None:
    order = paging.Order("m", (datetime,))
    moment = datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC) + timedelta(hours=1)
    assert paging.read_page(order, 1, paging.write_cursor(order, [moment], ids.new_id())).after.keys == (moment,)
