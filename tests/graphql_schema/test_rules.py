"""Access rules: who is let in, and that denial comes before anything else the caller could learn."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from sqlalchemy import text

from graphql_schema import context, operation, problems, rules
from portal import access, errors
from tests.graphql_schema.portals import Portal, codes

SAMPLES = "{ samples { edges { node { name } } } }"
ADD = """mutation ($name: String!, $twin: ID) {
  addSample(input: {name: $name, twinId: $twin}) {
    __typename
    ... on SampleAdded { sample { id name country } }
    ... on Problem { message code path }
    ... on InvalidInput { problems { path code message } }
  }
}"""


async def add(portal: Portal, token: str | None, name: str = "One", **more: Any) -> Any:
    return (await portal.ask(ADD, token, name=name, **more))["data"]["addSample"]


async def test_a_query_without_credential_is_unauthenticated(portal: Portal) -> None:
    answer = await portal.ask(SAMPLES)
    assert codes(answer) == ["UNAUTHENTICATED"]
    assert answer["data"] is None


async def test_a_query_with_a_wrong_or_ended_session_is_unauthenticated(portal: Portal) -> None:
    assert codes(await portal.ask(SAMPLES, "wrong")) == ["UNAUTHENTICATED"]
    assert codes(await portal.ask(SAMPLES, "spk_wrong")) == ["UNAUTHENTICATED"]
    caller = await portal.sign_up("supplier")
    assert (await portal.ask(SAMPLES, caller.token))["data"] == {"samples": {"edges": []}}
    await portal.run_sql("DELETE FROM portal.session")
    assert codes(await portal.ask(SAMPLES, caller.token)) == ["UNAUTHENTICATED"]


async def test_a_field_that_opens_no_transaction_is_guarded_too(portal: Portal) -> None:
    supplier, buyer = await portal.sign_up("supplier"), await portal.sign_up("buyer")
    assert codes(await portal.ask("{ buyersOnly }")) == ["UNAUTHENTICATED"]
    denied = await portal.ask("{ buyersOnly service { version } }", supplier.token)
    assert (codes(denied), denied["errors"][0]["path"]) == (["NOT_ALLOWED"], ["buyersOnly"])
    assert denied["data"] == {"buyersOnly": None, "service": {"version": "0.1.0"}}
    assert (await portal.ask("{ buyersOnly }", buyer.token))["data"] == {"buyersOnly": "for buyers"}


async def test_denial_comes_before_what_is_wrong_with_the_input(portal: Portal) -> None:
    assert (await add(portal, None, twin="malformed"))["code"] == "UNAUTHENTICATED"
    assert (await add(portal, "wrong", twin="malformed"))["code"] == "UNAUTHENTICATED"
    assert codes(await portal.ask("{ samples(first: 0) { totalCount } }")) == ["UNAUTHENTICATED"]


async def test_a_mutation_answers_with_a_member_of_its_union(portal: Portal) -> None:
    owner = await portal.sign_up("supplier")
    viewer = await portal.sign_up("supplier", member="viewer")
    added = await add(portal, owner.token)
    assert added["__typename"] == "SampleAdded"
    assert added["sample"]["name"] == "One"
    assert (await add(portal, viewer.token))["__typename"] == "NotAllowed"
    bad = await add(portal, owner.token, name="")
    assert (bad["__typename"], bad["code"], bad["path"]) == ("InvalidInput", "LENGTH", ["input", "name"])
    assert bad["problems"] == [
        {"path": ["input", "name"], "code": "LENGTH", "message": "The name must have 1 to 100 characters."}
    ]
    twin = await add(portal, owner.token, twin="bad")
    assert (twin["code"], twin["path"]) == ("BAD_ID", ["input", "twinId"])


async def test_a_problem_rolls_the_transaction_back(portal: Portal) -> None:
    owner = await portal.sign_up("supplier")
    assert (await add(portal, owner.token, name="taken"))["__typename"] == "Conflict"
    assert (await portal.ask("{ samples { totalCount } }", owner.token))["data"]["samples"]["totalCount"] == 0


async def test_nested_fields_with_a_narrower_rule(portal: Portal) -> None:
    owner = await portal.sign_up("supplier")
    operator = await portal.sign_up("supplier", operator=True)
    await add(portal, owner.token)
    query = "{ samples { edges { node { secret hint internal } } } }"
    answer = await portal.ask(query, owner.token)
    assert answer["data"]["samples"]["edges"] == [{"node": {"secret": "seen", "hint": "seen", "internal": None}}]
    assert codes(answer) == ["NOT_ALLOWED"]
    assert answer["errors"][0]["path"] == ["samples", "edges", 0, "node", "internal"]
    await portal.run_sql("UPDATE portal.member SET role = 'viewer' WHERE user_id = $1", owner.user)
    answer = await portal.ask("{ samples { edges { node { secret hint } } } }", owner.token)
    assert answer["data"]["samples"]["edges"] == [{"node": {"secret": None, "hint": None}}]
    assert [error["path"][-1] for error in answer["errors"]] == ["secret"]
    await add(portal, operator.token)
    answer = await portal.ask(query, operator.token)
    assert answer["data"]["samples"]["edges"][0]["node"]["internal"] == "internal"


async def test_organizations_do_not_see_each_other(portal: Portal) -> None:
    one, two = await portal.sign_up("supplier"), await portal.sign_up("supplier")
    added = await add(portal, one.token)
    assert (await portal.ask("{ samples { totalCount } }", two.token))["data"]["samples"]["totalCount"] == 0
    query = "query ($id: ID!) { node(id: $id) { id __typename } }"
    assert (await portal.ask(query, two.token, id=added["sample"]["id"]))["data"] == {"node": None}
    assert (await portal.ask(query, one.token, id=added["sample"]["id"]))["data"]["node"]["__typename"] == "Sample"


async def test_root_fields_side_by_side_take_turns(portal: Portal) -> None:
    owner = await portal.sign_up("supplier")
    await add(portal, owner.token)
    query = "{" + "".join(f" a{n}: samples {{ totalCount }}" for n in range(15)) + "}"
    answer = await portal.ask(query, owner.token)
    assert [part["totalCount"] for part in answer["data"].values()] == [1] * 15


def test_the_rule_of_each_field_can_be_read(sample_schema: operation.PortalSchema) -> None:
    schema = sample_schema._schema
    assert rules.rule_of(schema, "Query", "samples") is access.MEMBER
    assert rules.rule_of(schema, "Sample", "name") is access.MEMBER
    assert rules.rule_of(schema, "Sample", "id") is access.MEMBER
    assert rules.rule_of(schema, "Sample", "secret") is access.OWNER
    assert rules.rule_of(schema, "SampleEdge", "cursor") is rules.AS_PARENT
    assert rules.rule_of(schema, "Subscription", "sampleChanged") is access.MEMBER
    with pytest.raises(LookupError, match=r"Sample\.nothing"):
        rules.rule_of(schema, "Sample", "nothing")
    assert schema.get_type("Sample").fields["secret"].description == "For owners. Requires: owner of the organization."
    assert schema.get_type("Sample").fields["name"].description.endswith(f"Requires: {access.MEMBER.words}.")


def test_a_resolver_that_cannot_be_guarded_is_refused() -> None:
    with pytest.raises(errors.SetupError, match="async function"):
        rules.query(access.PUBLIC, description="No.")(lambda self: None)
    with pytest.raises(errors.SetupError, match="async generator"):
        rules.subscription(access.PUBLIC, description="No.")(lambda self: None)


def test_a_type_without_info_or_rule_is_seen() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def forgotten(self) -> int:
            return 1

    schema = operation.PortalSchema(query=Query, mutation=None, subscription=None, types=())
    with pytest.raises(LookupError, match=r"Query\.forgotten has no access rule"):
        rules.rule_of(schema._schema, "Query", "forgotten")
    assert problems.MEMBERS


@pytest.mark.parametrize(("before", "tries"), [("nothing", rules.MOST_ATTEMPTS), ("writes", 1), ("own", 1)])
async def test_only_what_cannot_stand_yet_is_done_again(portal: Portal, before: str, tries: int) -> None:
    """A transaction that met another one is done again, if it is the first of its field, and no others were made."""
    caller, count = await portal.sign_up("supplier"), 0
    services, credential = portal.app.state.services, access.Credential("session", caller.token)
    made = context.Context(services, credential, "127.0.0.1", "request")

    async def resolver(*, info: Any) -> None:
        nonlocal count
        count += 1
        if before == "writes":
            async with info.context.transaction():
                pass
        if before == "own":
            assert info.context.database is services.database
        async with info.context.transaction() as (session, _):
            await session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '40001'; END $$"))

    with context.enter_gate(access.PUBLIC) as gate, pytest.raises(errors.Busy):
        await rules._resolve_patiently(gate, resolver, info=SimpleNamespace(context=made))
    assert count == tries


def test_resolvers_reach_the_database_by_their_context() -> None:
    """What makes transactions past it would be done again where the first of them failed."""
    folder = Path(rules.__file__).parent
    naming = {one.name for one in folder.glob("*.py") if "services.database" in one.read_text(encoding="utf-8")}
    assert naming == {"context.py"}
