"""What one statement depends on, what it is kept by, and how names that callers choose stay out of it."""

from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from portal import errors
from portal.reading import plans, reads
from portal.reading.declarations import Field, Noun, One
from portal.reading.parameters import Given
from portal.reading.selections import Selected, Shape
from tests.portal.reading import toy


def test_a_cache_forgets_what_was_used_longest_ago() -> None:
    cache: plans.PlanCache[str] = plans.PlanCache(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert cache.find(key, lambda key=key: key.upper()) == key.upper()
    assert (cache.hits, cache.misses, cache.list_values()) == (2, 4, ["A", "B"])


def prepare(first: int = 25, selected: Selected | None = None, **arguments: Any) -> plans.Plan:
    if selected is None:
        nodes = Shape("rows", "nodes", "nodes", "List", below=(("Firm", (Shape("x", "name", "name", "Firm"),)),))
        shape = Shape("firms", "firms", "firms", "Query", slot=0, below=(("List", (nodes,)),))
        selected = Selected(shape, [{"first": first, **arguments}], as_text=True)
    return reads.find_plan(toy.EDITOR, toy.FIRMS, selected)[0]


def test_values_share_a_statement_and_structures_do_not() -> None:
    plain = prepare()
    assert prepare(first=24) is prepare(first=13) is plain
    assert prepare(country=["DE"]) is prepare(country=["VN"])
    assert prepare(country=["DE", "VN"]) is prepare(country=["BR", "VN", "IN"])
    others = [plain, prepare(first=26), prepare(country=["DE"]), prepare(country=["DE", "VN"]), prepare(words="a b")]
    assert len({plan.sql for plan in others}) == len(others)


def test_another_permission_class_has_another_statement() -> None:
    plain = prepare()
    nodes = Shape("rows", "nodes", "nodes", "List", below=(("Firm", (Shape("x", "name", "name", "Firm"),)),))
    shape = Shape("firms", "firms", "firms", "Query", slot=0, below=(("List", (nodes,)),))

    def refuse(type_name: str, label: str, actor: Any) -> bool:
        return label != "name"

    refused = prepare(selected=Selected(shape, [{"first": 25}], refuse, as_text=True))
    assert plain.is_whole
    assert (refused.is_whole, refused.left_out) == (False, ("Firm.name",))


def test_a_promise_that_the_row_may_break_is_a_trap() -> None:
    nodes = Shape("n", "nodes", "nodes", "List", below=(("Firm", (Shape("c", "country", "country", "Firm", True),)),))
    shape = Shape("firms", "firms", "firms", "Query", slot=0, below=(("List", (nodes,)),))
    plan = prepare(selected=Selected(shape, [{}], as_text=True))
    assert not plan.is_whole


def test_a_name_declared_twice_is_refused() -> None:
    table = Table("t", MetaData(), Column("id", Integer))
    with pytest.raises(errors.SetupError, match="id"):
        Noun(
            "T",
            source=table,
            scope=None,
            fields={"id": Field(lambda row, viewer: row.c.id)},
            links={"id": One(toy.FIRM, lambda a, b: a.c.id == b.c.id)},
        )


def test_what_shapes_a_statement_holds_no_values() -> None:
    given = Given({"first": 3, "country": ["DE"]}, (("country", 1),), "name", 11)
    assert given.structure == ((("country", 1),), "name", 11, None)
