"""Opaque ids: one spelling, strict reading, and reading objects by them."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema import nodes
from portal import access, errors
from portal.database import ids
from tests.graphql_schema import sample
from tests.graphql_schema.portals import Portal, codes

OTHER = nodes.NodeKind("othr", "Other", access.MEMBER)
NODE = "query ($id: ID!) { node(id: $id) { id ... on Sample { name } } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


@given(st.uuids(), st.uuids())
def test_an_id_comes_back_whole(owner: UUID, id_: UUID) -> None:
    encoded = nodes.encode_id(sample.SAMPLE, id_, owner)
    assert nodes.decode_id(encoded, OTHER, sample.SAMPLE, path=()) == nodes.NodeId(sample.SAMPLE, owner, id_)
    assert len(encoded) == 48


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_is_no_id_is_refused_with_its_place(value: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        nodes.decode_id(value, sample.SAMPLE, path=("input", "siteId"))
    assert refused.value.problems[0] == errors.FieldProblem(
        ("input", "siteId"), "BAD_ID", "This is not the id of a Sample."
    )


def test_an_id_of_another_type_is_refused() -> None:
    with pytest.raises(errors.InvalidInput, match="not the id of an Other"):
        nodes.decode_id(nodes.encode_id(sample.SAMPLE, ids.new_id()), OTHER, path=())


@pytest.mark.parametrize("tag", ["abc", "abcde", "ABCD", "ab1d", "äbcd"])
def test_a_tag_has_four_small_letters(tag: str) -> None:
    with pytest.raises(errors.SetupError):
        nodes.NodeKind(tag, "X", access.PUBLIC)


async def test_nodes_come_in_the_order_asked_for(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    made = []
    for name in ("A", "B"):
        id_ = ids.new_id()
        await portal.run_sql(
            "INSERT INTO portal.site (organization_id, id, name) VALUES ($1, $2, $3)", caller.organization, id_, name
        )
        made.append(nodes.encode_id(sample.SAMPLE, id_, caller.organization))
    answer = await portal.ask(NODE, caller.token, id=made[0])
    assert answer["data"]["node"] == {"id": made[0], "name": "A"}
    missing = nodes.encode_id(sample.SAMPLE, ids.new_id(), caller.organization)
    asked = [made[1], missing, made[0], made[1]]
    answer = await portal.ask(NODES, caller.token, ids=asked)
    assert answer["data"]["nodes"] == [{"id": made[1]}, None, {"id": made[0]}, {"id": made[1]}]


async def test_bad_ids_name_their_place(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    answer = await portal.ask(NODE, caller.token, id="x" * 48)
    assert codes(answer) == ["BAD_ID"]
    good = nodes.encode_id(sample.SAMPLE, ids.new_id())
    answer = await portal.ask(NODES, caller.token, ids=[good, "bad"])
    assert answer["errors"][0]["extensions"]["problems"][0]["path"] == ["ids", "1"]
    assert codes(await portal.ask(NODES, caller.token, ids=[good] * 101)) == ["TOO_MANY"]
    assert codes(await portal.ask(NODE, id=good)) == ["UNAUTHENTICATED"]
