"""Plain objects finished at once say what ordinary execution says: answers of every kind, and whole questionnaires."""

from contextlib import nullcontext
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, get_named_type, is_object_type

from graphql_schema import finishing, projection, schema
from graphql_schema.context import Context
from portal.access import Credential
from tests.graphql_schema.assessments.documents import SAVE, do, start, write
from tests.graphql_schema.portals import Caller, Portal

ANSWERS = """
query ($id: ID!, $brief: Boolean!) { assessment(id: $id) { changes: answers(changedAfter: 1, first: 3) {
  __typename changeNumber hasMore
  answers { __typename question rowId revision n: changeNumber ... on Answer { again: revision }
    content @skip(if: $brief) { state reason comment deleted
      value { boolean choice choices number date text row none } } } } } }
"""


def select_all(declared: GraphQLObjectType, depth: int = 2) -> str:
    """Every field that needs no argument, to a depth."""
    parts = []
    for name, one in declared.fields.items():
        named = get_named_type(one.type)
        if not is_object_type(named):
            parts.append(name)
        elif depth:
            parts.append(f"{name} {select_all(named, depth - 1)}")
    return "{ " + " ".join(parts) + " }"


async def run(house: Portal, caller: Caller | None, query: str, *, ordinary: bool, **variables: Any) -> Any:
    credential = Credential("session", caller.token) if caller else Credential()
    context = Context(house.app.state.services, credential, "", "")
    with finishing.finish_ordinarily() if ordinary else nullcontext():
        result = await schema.get_schema().execute(query, variable_values=variables, context_value=context)
    assert result.errors is None, result.errors
    (root,) = result.data.values()
    parts = [root, *root.values()] if isinstance(root, dict) else [root]
    assert any(type(part) is orjson.Fragment for part in parts) is not ordinary
    return orjson.loads(orjson.dumps(result.data))


@pytest.mark.parametrize("brief", [True, False])
async def test_answers_are_the_same_both_ways(house: Portal, brief: bool) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    sent = [
        write("headcount", number="12"),
        write("fees_repaid", state="NOT_APPLICABLE", reason="Nobody was recruited", comment='A "remark" ü 工'),
        write("waste", choices=["paper", "metal"]),
        write("exits_locked", boolean=False),
        write("sites", rowId="a", row=True),
        write("site_dorm", rowId="a", boolean=True),
    ]
    saved = await do(house, SAVE, supplier, assessmentId=assessment, answers=sent)
    assert {one["status"] for one in saved["results"]} == {"SAVED"}
    given = {"id": assessment, "brief": brief}
    fast = await run(house, supplier, ANSWERS, ordinary=False, **given)
    assert fast == await run(house, supplier, ANSWERS, ordinary=True, **given)
    assert len(fast["assessment"]["changes"]["answers"]) == 3
    assert fast["assessment"]["changes"]["hasMore"] is True
    left = await run(house, supplier, ANSWERS.replace("first: 3", "first: 5"), ordinary=False, **given)
    assert len(left["assessment"]["changes"]["answers"]) == 5  # all of them, and so no more
    assert left["assessment"]["changes"]["hasMore"] is False


async def test_a_whole_questionnaire_is_the_same_both_ways_and_spelled_once(house: Portal) -> None:
    declared = schema.get_schema()._schema.type_map["QuestionnaireSection"]
    assert isinstance(declared, GraphQLObjectType)
    every = select_all(declared)
    query = f'{{ questionnaireVersion(questionnaire: "responsible-sourcing") {{ title sections {every} }} }}'
    micro = query.replace("sections {", "sections(tier: MICRO) {")
    for one in (query, micro):
        fast = await run(house, None, one, ordinary=False)
        assert fast == await run(house, None, one, ordinary=True)
        assert len(fast["questionnaireVersion"]["sections"]) > 5
        before = len(projection._texts)
        assert await run(house, None, one, ordinary=False) == fast
        assert len(projection._texts) == before
    whole, small = [await run(house, None, one, ordinary=False) for one in (query, micro)]
    assert whole != small
