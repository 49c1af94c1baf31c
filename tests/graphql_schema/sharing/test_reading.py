"""Profiles, shares and receipts are read in one statement, and come out the same whichever way they are finished."""

from contextlib import nullcontext
from typing import Any

import asyncpg
import orjson
import pytest

from graphql_schema import finishing, schema
from graphql_schema.context import Context
from portal import access, reading
from portal.reading.declarations import Connection
from portal.reading.evidence import EVIDENCES
from portal.reading.selections import Selected, Shape
from portal.reading.shares import READ_RECEIPTS, SHARES
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_share import EVERYTHING, profile, submit_with_file
from tests.portal.assessments.house import Caller
from tests.statements import record_statements

LIST = "{ evidence(first: 5) { nodes { id state kind size sha256 attachments { question rowId } } } }"


async def run(stage: Stage, caller: Caller, query: str, *, ordinary: bool, **variables: Any) -> Any:
    """The data of an operation, finished in one of the two ways."""
    context = Context(stage.portal.app.state.services, caller.credential, "", "")
    with finishing.finish_ordinarily() if ordinary else nullcontext():
        result = await schema.get_schema().execute(query, variable_values=variables, context_value=context)
    assert result.errors is None, result.errors
    return orjson.loads(orjson.dumps(result.data))


async def test_both_ways_give_the_same(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    await profile(stage, stage.maker, stage.weaver)
    record = {"id": stage.name_record(stage.maker, stage.weaver)}
    asked: list[tuple[Caller, str, dict[str, Any]]] = [
        (stage.maker, documents.PROFILE, record),
        (stage.maker, documents.NODE, {"id": stage.name("shrd", stage.weaver, submitted.id)}),
        (stage.weaver, documents.SHARES, {}),
        (stage.weaver, documents.RECEIPTS, {}),
        (stage.weaver, LIST, {}),
    ]
    for caller, query, variables in asked:
        if query is documents.RECEIPTS:
            await stage.house.fetch("DELETE FROM portal.read_receipt WHERE kind <> 'answers'")
        fast = await run(stage, caller, query, ordinary=False, **variables)
        assert fast == await run(stage, caller, query, ordinary=True, **variables)
        assert "null" not in orjson.dumps(next(iter(fast.values()))).decode()[:5]


async def test_a_profile_takes_one_statement_with_its_receipt(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    await profile(stage, stage.maker, stage.weaver)
    engine = stage.portal.app.state.services.database.engine.sync_engine
    with record_statements(engine) as sent:
        await stage.ask(stage.maker, documents.PROFILE, id=stage.name_record(stage.maker, stage.weaver))
    # Who is calling, the whole profile, and its receipt.
    assert [("portal.authenticate" in one, "note_readings" in one) for one, _ in sent] == [(True, True)]


@pytest.mark.slow
@pytest.mark.parametrize("connection", [EVIDENCES, SHARES, READ_RECEIPTS], ids=["evidence", "shares", "receipts"])
@pytest.mark.parametrize("after", [False, True], ids=["first page", "later page"])
async def test_lists_are_ranges_of_an_index(stage: Stage, connection: Connection, after: bool) -> None:
    """With row-level security on and many rows of others, a page is read from the index in its order."""
    await fill(stage)
    noun = connection.noun.name
    node = Shape("nodes", "nodes", "nodes", "Page", True, None, ((noun, (Shape("id", "id", "id", noun, True),)),))
    page = Shape("page", "page", "page", "Query", True, 0, (("Page", (node,)),))
    cursor = None
    if after:
        cursor = await find_cursor(stage, connection)
    actor = access.Actor(
        user_id=stage.weaver.user,
        organization_id=stage.weaver.organization,
        member_role="owner",
        organization_roles=frozenset({"supplier"}),
    )
    plan, values = reading.find_plan(actor, connection, Selected(page, [{"first": 5, "after": cursor}], as_text=True))
    connected = await asyncpg.connect(stage.house.made.app_url.replace("+asyncpg", ""))
    try:
        async with connected.transaction():
            own = str(stage.weaver.organization)
            await connected.execute("SELECT set_config('portal.organization', $1, true)", own)
            lines = [row[0] for row in await connected.fetch(f"EXPLAIN (ANALYZE, COSTS OFF) {plan.sql}", *values)]
    finally:
        await connected.close()
    text = "\n".join(lines)
    assert "Seq Scan" not in text, text
    assert "Rows Removed by Filter" not in text, text
    assert "Index Cond" in text, text


async def find_cursor(stage: Stage, connection: Connection) -> str:
    """A cursor in the middle of the weaver's list."""
    field = {"Evidence": "evidence", "Share": "shares", "ReadReceipt": "readReceipts"}[connection.noun.name]
    answer = await stage.ask(stage.weaver, f"{{ {field}(first: 5) {{ pageInfo {{ endCursor }} }} }}")
    cursor: str = answer[field]["pageInfo"]["endCursor"]
    return cursor


async def fill(stage: Stage) -> None:
    """Many rows of both suppliers."""
    submitted = [await stage.submit(one) for one in (stage.weaver, stage.dyer)]
    for supplier, one in zip((stage.weaver, stage.dyer), submitted, strict=True):
        values = (supplier.organization, one.id, stage.maker.organization)
        await stage.house.fetch(
            "INSERT INTO portal.evidence (supplier_id, id, file_name, kind)"
            " SELECT $1, gen_random_uuid(), 'a.pdf', 'policy' FROM generate_series(1, 3000)",
            supplier.organization,
        )
        await stage.house.fetch(
            "INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id,"
            " follows_from, mode, purpose) SELECT $1, $3, gen_random_uuid(), 'sample', $1, $2, now(), 'snapshot', 'x'"
            " FROM generate_series(1, 3000)",
            *values,
        )
        await stage.house.fetch(
            "INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, kind, submission_id)"
            " SELECT $1, gen_random_uuid(), $3, 'owner', 'answers', $2 FROM generate_series(1, 3000)",
            *values,
        )
    await stage.house.fetch("ANALYZE portal.evidence, portal.share, portal.read_receipt")
