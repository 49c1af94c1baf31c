"""What is shared of a supplier, in lists and profile over HTTP, and that the end of a share is exact everywhere."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.database import ids
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import conftest, shared
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add, list_names, read

SORTS = ("NAME", "TOTAL_HIGHEST", "TOTAL_LOWEST", "DUE")
FIGURES = "tier total coverage band periodEnd submittedAt validUntil sharedUntil pillars { key title score }"
BOTH = f"query ($id: ID!) {{ supplier(id: $id) {{ {FIGURES} latestResult {{ {FIGURES} }} }} }}"
TWICE = """
INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                          purpose)
SELECT supplier_id, buyer_id, $2, questionnaire, subject_key, submission_id, follows_from, mode, purpose
  FROM portal.share WHERE id = $1
"""
RECEIPTS = "SELECT kind, reader_id FROM portal.read_receipt"


@pytest.fixture
async def stage(database: databases.TestDatabase) -> AsyncIterator[Portal]:
    """A portal of the test's own, whose clock it may move."""
    await people.run_sql(database, conftest.LEAD)
    async with portals.run_portal(database) as running:
        yield running


async def see(house: Portal, buyer: Caller, supplier_id: str) -> list[Any]:
    """The total by every way there is to it."""
    listed = (await read(house, docs.LIST, buyer))["suppliers"]["nodes"]
    profile = (await read(house, docs.PROFILE, buyer, id=supplier_id))["supplier"]
    node = (await read(house, docs.NODE, buyer, id=supplier_id))["node"]
    latest = profile["latestResult"] and profile["latestResult"]["total"]
    return [listed[0]["total"], listed[0]["pillars"], profile["total"], latest, len(profile["history"]), node["total"]]


async def test_the_end_of_a_share_is_exact_in_every_way_to_it(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    ending = await shared.share(stage, buyer, "Ending Mills", hours=24)
    live = ["70.00", [{"score": "70.00"}], "70.00", "70.00", 1, "70.00"]
    assert await see(stage, buyer, ending.record_id) == live
    await people.move_clock(stage.database, "23 hours 59 minutes")
    assert await see(stage, buyer, ending.record_id) == live
    await people.move_clock(stage.database, "24 hours 1 second")
    assert await see(stage, buyer, ending.record_id) == [None, None, None, None, 0, None]


async def test_a_profile_shows_one_figure_though_its_card_is_not_written_yet(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    one = await shared.share(stage, buyer, "Twice Shared Mills")
    await people.run_sql(stage.database, TWICE, one.share, ids.new_id())
    shown = await see_profile(stage, buyer, one.record_id)
    assert (shown["total"], shown["sharedUntil"] is None) == ("70.00", True)
    await people.run_sql(
        stage.database,
        "UPDATE portal.relationship_card SET share_id = NULL, tier = NULL, band = NULL, total = NULL, coverage = NULL,"
        " total_missing = true, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,"
        " shared_until = NULL, submission_id = NULL WHERE buyer_id = $1",
        buyer.organization,
    )
    assert await see_profile(stage, buyer, one.record_id) == shown
    assert {name: shown[name] for name in shown["latestResult"]} == shown["latestResult"]


async def see_profile(house: Portal, buyer: Caller, supplier_id: str) -> dict[str, Any]:
    profile: dict[str, Any] = (await read(house, BOTH, buyer, id=supplier_id))["supplier"]
    return profile


async def test_an_ended_share_counts_as_none_in_filters_and_sorts(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    await shared.share(stage, buyer, "A middling", total=5_000, hours=24)
    await shared.share(stage, buyer, "B best until it ends", total=9_000, band="a", hours=1)
    await shared.share(stage, buyer, "C low", total=1_000, hours=24)
    await add(stage, buyer, "D nothing shared")
    best, rest = "B best until it ends", ["A middling", "C low"]
    assert (await list_names(stage, buyer, sort="TOTAL_HIGHEST"))[:3] == [best, *rest]
    assert await list_names(stage, buyer, filter={"band": ["a"]}) == [best]
    await people.move_clock(stage.database, "61 minutes")
    for sort in SORTS:
        pages = await read_in_pages(stage, buyer, sort)
        assert sorted(pages) == sorted([*rest, best, "D nothing shared"]), sort
    assert (await read_in_pages(stage, buyer, "TOTAL_HIGHEST"))[:2] == rest
    assert (await read_in_pages(stage, buyer, "TOTAL_LOWEST"))[:2] == rest[::-1]
    assert await list_names(stage, buyer, filter={"band": ["a"]}) == []
    assert await list_names(stage, buyer, filter={"band": ["a", "b"]}) == rest
    assert await list_names(stage, buyer, filter={"tier": ["BASIC"]}) == rest


async def read_in_pages(house: Portal, buyer: Caller, sort: str) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = (await read(house, docs.LIST, buyer, first=1, sort=sort, after=after))["suppliers"]
        found += [edge["node"]["name"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_a_revoked_share_is_gone_in_the_next_call(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    one = await shared.share(stage, buyer, "Revoking Mills")
    await people.run_sql(stage.database, "UPDATE portal.share SET revoked_at = portal.clock() WHERE id = $1", one.share)
    await people.run_sql(
        stage.database,
        "SELECT set_config('portal.organization', $1, false), portal.blank_cards_of_share($2)",
        str(one.supplier.organization),
        one.share,
    )
    assert await see(stage, buyer, one.record_id) == [None, None, None, None, 0, None]


async def test_another_buyer_of_the_same_supplier_sees_nothing_of_it(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    one = await shared.share(house, buyer, "Common Mills")
    theirs = await add(house, other, "Common Mills")
    await people.run_sql(house.database, shared.LINK, one.supplier.organization, docs.decode(theirs["id"]))
    await people.run_sql(house.database, "SELECT portal.refresh_cards($1, NULL)", other.organization)
    assert await see(house, other, theirs["id"]) == [None, None, None, None, 0, None]
    linked = (await read(house, docs.PROFILE, other, id=theirs["id"]))["supplier"]
    assert linked["organization"] == {"name": f"Firm {one.supplier.organization}", "status": None}
    assert (await read(house, docs.PROFILE, other, id=one.record_id))["supplier"] is None


async def test_a_profile_leaves_a_receipt_and_a_list_none(stage: Portal) -> None:
    buyer = await stage.sign_up("buyer")
    one = await shared.share(stage, buyer, "Watched Mills")
    await read(stage, docs.LIST, buyer)
    await read(stage, docs.NODE, buyer, id=one.record_id)
    assert await people.run_sql(stage.database, RECEIPTS) == []
    for _ in range(2):
        await read(stage, docs.PROFILE, buyer, id=one.record_id)
    assert [tuple(row) for row in await people.run_sql(stage.database, RECEIPTS)] == [("summary", buyer.organization)]


async def test_the_profile_of_another_questionnaire_is_there_once_it_was_asked_for(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Asked Mills")
    for about in ("other", "no such thing"):
        assert (await read(house, docs.PROFILE, buyer, id=made["id"], questionnaire=about))["supplier"] is None
    assert await list_names(house, buyer, filter={"questionnaire": "other"}) == []
