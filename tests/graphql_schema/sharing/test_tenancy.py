"""Two suppliers and two buyers: nobody crosses through any field, id or link of sharing and evidence."""

import json
from typing import Any

import asyncpg
import pytest

from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import EVIDENCE, Stage
from tests.graphql_schema.sharing.test_share import EVERYTHING, profile, submit_with_file

SHARED_NODE = "query ($id: ID!) { node(id: $id) { __typename } }"
ATTACH = "mutation ($input: AttachEvidenceInput!) { attachEvidence(input: $input) { ... on Problem { code } } }"


async def test_what_is_shared_with_one_buyer_is_not_there_for_the_other(stage: Stage) -> None:
    submitted, evidence = await submit_with_file(stage)
    share = await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    result = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["id"]
    own = stage.name_record(stage.trader, stage.weaver)
    assert (await stage.ask(stage.trader, documents.PROFILE, id=own))["supplier"] is None
    foreign = stage.name_record(stage.maker, stage.weaver)
    assert (await stage.ask(stage.trader, documents.PROFILE, id=foreign))["supplier"] is None
    receipt = (await stage.ask(stage.weaver, documents.RECEIPTS))["readReceipts"]["nodes"][0]["id"]
    allowed = {result: {stage.maker}, share: {stage.weaver}, evidence: {stage.weaver}, receipt: {stage.weaver}}
    for id_, who in allowed.items():
        for caller in (stage.weaver, stage.dyer, stage.maker, stage.trader):
            found = (await stage.ask(caller, SHARED_NODE, id=id_))["node"]
            assert (found is not None) == (caller in who), (id_, caller)
    for caller in (stage.dyer, stage.maker, stage.trader):
        for query, variables in ((documents.REVOKE, {}), (documents.CHANGE, {"includeEvidence": False})):
            answer = await stage.portal.ask(query, caller.credential.token, input={"shareId": share, **variables})
            (refused,) = answer["data"].values()
            assert refused["code"] in ("NOT_FOUND", "NOT_ALLOWED")
    assert (await profile(stage, stage.maker, stage.weaver))["latestResult"]["id"] == result


async def test_lists_show_ones_own(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    await profile(stage, stage.maker, stage.weaver)
    for query in (documents.SHARES, documents.RECEIPTS):
        assert next(iter((await stage.ask(stage.weaver, query)).values()))["nodes"] != []
        assert next(iter((await stage.ask(stage.dyer, query)).values()))["nodes"] == []
        answer = await stage.portal.ask(query, stage.maker.credential.token)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    names = [one["id"] for one in (await stage.ask(stage.weaver, documents.BUYERS))["linkedBuyers"]]
    assert sorted(names) == sorted(stage.name_organization(one) for one in (stage.maker, stage.trader))
    dyers = [one["id"] for one in (await stage.ask(stage.dyer, documents.BUYERS))["linkedBuyers"]]
    assert dyers == [stage.name_organization(stage.maker)]


async def test_strings_of_one_never_reach_another(stage: Stage) -> None:
    """Canaries in every text of the weaver: only what a share opens comes out, and only to its buyer."""
    submitted, evidence = await submit_with_file(stage)
    await stage.house.fetch("UPDATE portal.evidence SET title = 'canary-title', issuer = 'canary-issuer'")
    await stage.share(stage.weaver, stage.maker, submitted, purpose="canary-purpose")
    queries: list[tuple[str, dict[str, Any]]] = [
        (documents.PROFILE, {"id": stage.name_record(stage.maker, stage.weaver)}),
        (documents.CARDS, {}),
        (documents.NODE, {"id": stage.name("shrd", stage.weaver, submitted.id)}),
        (documents.NODE, {"id": stage.name("subm", stage.weaver, submitted.id)}),
        (EVIDENCE, {"id": evidence}),
    ]
    for caller in (stage.dyer, stage.maker, stage.trader):
        for query, variables in queries:
            answer = await stage.portal.ask(query, caller.credential.token, **variables)
            assert "canary" not in json.dumps(answer), (caller, query)


async def test_the_database_itself_keeps_them_apart(stage: Stage) -> None:
    """Whatever a statement forgets to ask, the policies of the tables answer."""
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    await profile(stage, stage.maker, stage.weaver)
    connection = await asyncpg.connect(stage.house.made.app_url.replace("+asyncpg", ""))
    try:
        later = "INSERT INTO portal.result_section SELECT supplier_id, submission_id, 2, section, trace FROM"
        await stage.house.fetch(f"{later} portal.submission_section")
        tables = ("evidence", "share", "submission", "submission_section", "submission_evidence", "result")
        for table in (*tables, "result_section"):
            weaver, dyer, maker, trader = await count_rows(stage, connection, table)
            assert (weaver > 0, maker > 0, dyer, trader) == (True, True, 0, 0), table
        assert await count_rows(stage, connection, "read_receipt") == [1, 0, 0, 0]
    finally:
        await connection.close()


async def count_rows(stage: Stage, connection: asyncpg.Connection, table: str) -> list[int]:
    """How many rows of a table each of the four sees: weaver, dyer, maker, trader."""
    counts = []
    for caller in (stage.weaver, stage.dyer, stage.maker, stage.trader):
        async with connection.transaction():
            await connection.execute("SELECT set_config('portal.organization', $1, true)", str(caller.organization))
            counts.append(await connection.fetchval(f"SELECT count(supplier_id) FROM portal.{table}"))
    return counts


async def test_a_supplier_cannot_share_with_a_stranger_even_by_hand(stage: Stage) -> None:
    submitted = await stage.submit(stage.dyer)
    connection = await asyncpg.connect(stage.house.made.app_url.replace("+asyncpg", ""))
    insert = (
        "INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from,"
        " mode, purpose) VALUES ($1, $2, gen_random_uuid(), 'sample', $1, $3, now(), 'snapshot', 'x')"
    )
    own = str(stage.dyer.organization)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute("SELECT set_config('portal.organization', $1, true)", own)
                await connection.execute(insert, stage.dyer.organization, stage.trader.organization, submitted.id)
        async with connection.transaction():
            await connection.execute("SELECT set_config('portal.organization', $1, true)", own)
            await connection.execute(insert, stage.dyer.organization, stage.maker.organization, submitted.id)
    finally:
        await connection.close()
