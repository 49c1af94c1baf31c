"""The buyer's list of suppliers: order, pages, filters, ended shares, and the index behind each order."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from portal import errors, reading
from portal.reading.selections import Selected, Shape
from portal.reading.suppliers import SUPPLIERS
from tests import databases
from tests.portal.reading import card_data, explaining

COUNT = 20_000
LEAVES = ("name", "vendor_number", "country", "state", "tier", "band", "total", "due_on", "request_state")
LIST = {"questionnaire": "responsible-sourcing", "archived": False}


@pytest.fixture(scope="module")
def filled(database_server: databases.Server, database_template: str) -> Iterator[databases.TestDatabase]:
    with databases.copy_template(database_server, database_template) as made:
        asyncio.run(card_data.fill(made, COUNT))
        yield made


@asynccontextmanager
async def open_session(database: databases.TestDatabase) -> AsyncIterator[AsyncSession]:
    engine = create_async_engine(database.app_url)
    try:
        async with AsyncSession(engine) as session, session.begin():
            buyer = str(card_data.BUYER)
            await session.execute(text("SELECT set_config('portal.organization', :buyer, true)"), {"buyer": buyer})
            yield session
    finally:
        await engine.dispose()


def leaf(name: str, owner: str) -> Shape:
    return Shape(name, name, name, owner)


def below(name: str, owner: str, type_name: str, *shapes: Shape, slot: int | None = None) -> Shape:
    return Shape(name, name, name, owner, slot=slot, below=((type_name, shapes),))


def select_list(*, counted: bool = False, **arguments: Any) -> Selected:
    """What `{ suppliers { edges { cursor node { ... } } pageInfo { hasNextPage } totalCount } }` would be."""
    pillars = below("pillars", "Supplier", "Pillar", leaf("score", "Pillar"))
    node = below("node", "Edge", "Supplier", *(leaf(name, "Supplier") for name in LEAVES), pillars)
    members = [
        below("edges", "List", "Edge", leaf("cursor", "Edge"), node),
        below("page_info", "List", "PageInfo", leaf("has_next_page", "PageInfo")),
    ]
    if counted:
        members.append(leaf("total_count", "List"))
    return Selected(below("suppliers", "Query", "List", *members, slot=0), [{**LIST, **arguments}])


async def read_page(session: AsyncSession, **arguments: Any) -> Any:
    return await reading.read_connection(session, card_data.BUYER_ACTOR, SUPPLIERS, select_list(**arguments))


async def read_all(session: AsyncSession, **arguments: Any) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = await read_page(session, first=100, after=after, **arguments)
        found += [edge["node"] for edge in page["edges"]]
        if not page["page_info"]["has_next_page"]:
            return found
        after = page["edges"][-1]["cursor"]


async def find_supplier(session: AsyncSession, name: str) -> Any:
    page = await read_page(session, words=name.lower().split())
    (node,) = [edge["node"] for edge in page["edges"] if edge["node"]["name"] == name]
    return node


async def read_pillars(session: AsyncSession, *members: tuple[str, str], as_text: bool = True) -> tuple[Any, str]:
    """The pillars of every listed supplier, members by key and field, and the statement that read them."""
    shapes = [Shape(key, name, name, "Pillar") for key, name in members]
    node = below("nodes", "List", "Supplier", below("pillars", "Supplier", "Pillar", *shapes))
    selected = Selected(below("suppliers", "Query", "List", node, slot=0), [LIST | {"first": 100}], as_text=as_text)
    plan, _ = reading.find_plan(card_data.BUYER_ACTOR, SUPPLIERS, selected)
    found = await reading.read_connection(session, card_data.BUYER_ACTOR, SUPPLIERS, selected)
    page = orjson.loads(orjson.dumps(found)) if as_text else found
    return [node["pillars"] for node in page["nodes"]], plan.sql


async def test_pillars_that_are_stored_as_shown_are_those_that_are_spelled(filled: databases.TestDatabase) -> None:
    async with open_session(filled) as session:
        stored, sql = await read_pillars(session, ("key", "key"), ("score", "score"))
        assert "pillar_scores" in sql
        assert "jsonb_array_elements" not in sql
        assert any(stored)
        assert {"score": None, "key": "planet"} in [pillar for one in stored for pillar in one or ()]
        for members in ((("score", "score"), ("key", "key")), (("key", "key"), ("score", "score"), ("t", "title"))):
            spelled, sql = await read_pillars(session, *members)
            assert "jsonb_array_elements" in sql
            assert [one and [{"key": p["key"], "score": p["score"]} for p in one] for one in spelled] == stored
        renamed, _ = await read_pillars(session, ("k", "key"), ("score", "score"))
        assert [one and [{"key": p["k"], "score": p["score"]} for p in one] for one in renamed] == stored
        ordinary, sql = await read_pillars(session, ("key", "key"), ("score", "score"), as_text=False)
        assert "jsonb_array_elements" in sql
        assert [
            one and [{"key": p["key"], "score": str(p["score"]) if p["score"] else None} for p in one]
            for one in ordinary
        ] == stored


@pytest.mark.parametrize("sort", list(SUPPLIERS.sorts))
async def test_pages_of_each_order_show_every_supplier_once(filled: databases.TestDatabase, sort: str) -> None:
    async with open_session(filled) as session:
        nodes = await read_all(session, sort=sort, country="VN")
        expected = len({node["vendor_number"] for node in nodes})
        assert len(nodes) == expected == len(range(1, COUNT + 1, 6))
        column = {"name": None, "due": "due_on"}.get(sort, "total")
        if column is not None:
            values = [node[column] for node in nodes]
            present = [value for value in values if value is not None]
            assert values[len(present) :] == [None] * (len(values) - len(present))
            keys = [float(one) if column == "total" else one for one in present]
            assert keys == sorted(keys, reverse=sort == "total_highest")
            assert present


async def test_a_share_that_has_ended_counts_as_none(filled: databases.TestDatabase) -> None:
    async with open_session(filled) as session:
        ended = await find_supplier(session, "Firm 301")
        assert [ended[name] for name in ("total", "band", "tier", "pillars")] == [None] * 4
        assert ended["country"] == "VN"
        live = await find_supplier(session, "Firm 1000")
        assert live["total"] == "70.00"
        assert live["pillars"] == [{"score": "12.34"}, {"score": None}]
        banded = await read_all(session, band=["a"], country=["VN"])
        assert {node["band"] for node in banded} == {"a"}
        assert "Firm 601" not in {node["name"] for node in banded}


async def test_total_count_stops_at_its_cap(filled: databases.TestDatabase) -> None:
    async with open_session(filled) as session:
        assert (await read_page(session, first=1, counted=True))["total_count"] == SUPPLIERS.count_cap
        some = await read_page(session, first=1, counted=True, country=["VN", "BR"])
    assert some["total_count"] == 2 * len(range(1, COUNT + 1, 6))


@pytest.mark.parametrize(
    ("arguments", "code", "path"),
    [
        ({"first": 0}, "PAGE_SIZE", ("first",)),
        ({"first": 101}, "PAGE_SIZE", ("first",)),
        ({"after": "nonsense"}, "BAD_CURSOR", ("after",)),
        ({"after": "WyJkdWUiLCBudWxsLCAiMSJd"}, "BAD_CURSOR", ("after",)),
        ({"sort": "height"}, "BAD_SORT", ("sort",)),
        ({"filter": {"words": ["a"] * 9}}, "BAD_FILTER", ("filter", "words")),
        ({"country": ["D\x00"]}, "BAD_FILTER", ("country",)),
    ],
)
async def test_bad_arguments_are_named(
    filled: databases.TestDatabase, arguments: dict[str, Any], code: str, path: tuple[str, ...]
) -> None:
    async with open_session(filled) as session:
        with pytest.raises(errors.InvalidInput) as refused:
            await read_page(session, **arguments)
    assert (refused.value.code, refused.value.path) == (code, path)


SHARE = ("share_id", "shared_until")  # looked at per shown row: whether the share holds now


@pytest.mark.parametrize("deep", [False, True], ids=["first page", "deep page"])
@pytest.mark.parametrize(
    ("arguments", "indexes"),
    [
        ({"sort": "name"}, {"ix_card_name"}),
        ({"sort": "name", "country": ["VN"]}, {"ix_card_country"}),
        ({"sort": "due"}, {"ix_card_due"}),
        ({"sort": "total_highest"}, {"ix_card_total", "ix_card_next_change", "pk_relationship_card"}),
        ({"sort": "total_lowest"}, {"ix_card_total", "ix_card_next_change", "pk_relationship_card"}),
    ],
    ids=lambda one: "-".join(map(str, one.values())) if isinstance(one, dict) else "",
)
async def test_each_order_is_served_by_its_index(
    filled: databases.TestDatabase, arguments: dict[str, Any], indexes: set[str], deep: bool
) -> None:
    async with open_session(filled) as session:
        after = None
        for _ in range(5 if deep else 0):
            after = (await read_page(session, first=100, after=after, **arguments))["edges"][-1]["cursor"]
        selected = select_list(first=50, after=after, **arguments)
        plan, values = reading.find_plan(card_data.BUYER_ACTOR, SUPPLIERS, selected)
        found = await explaining.explain(session, plan.sql, values)
    explaining.check_indexed(found, "supplier_record")
    used = explaining.check_indexed(found, "relationship_card", key="supplier_record_id", may_filter=SHARE)
    assert used == indexes


async def test_a_filter_that_reaches_no_index_is_found(filled: databases.TestDatabase) -> None:
    async with open_session(filled) as session:
        sql = "SELECT total FROM portal.relationship_card WHERE name_key LIKE 'firm 00001%' ORDER BY buyer_id"
        found = await explaining.explain(session, sql, ())
    with pytest.raises(AssertionError, match="name_key"):
        explaining.check_indexed(found, "relationship_card")


async def test_a_band_is_spelled_as_the_profile_spells_it(filled: databases.TestDatabase) -> None:
    band = below("nodes", "List", "Supplier", leaf("band", "Supplier"))
    listed = Selected(
        below("suppliers", "Query", "List", band, slot=0), [{**LIST, "band": ["a"], "first": 3}], as_text=True
    )
    async with open_session(filled) as session:
        page = await reading.read_connection(session, card_data.BUYER_ACTOR, SUPPLIERS, listed)
    assert orjson.loads(orjson.dumps(page)) == {"nodes": [{"band": "a"}] * 3}


async def test_a_search_is_served_by_the_index_of_words(filled: databases.TestDatabase) -> None:
    async with open_session(filled) as session:
        selected = select_list(first=50, words=["000012"])
        plan, values = reading.find_plan(card_data.BUYER_ACTOR, SUPPLIERS, selected)
        found = await explaining.explain(session, plan.sql, values)
    assert explaining.check_indexed(found, "supplier_name_token") == {"pk_supplier_name_token"}
