"""The audits of GraphQL over HTTP by the reference suite, against a server with production settings."""

import json

from tests.databases import TestDatabase
from tests.graphql_schema import node, portals


async def test_all_audits_pass(database: TestDatabase) -> None:
    node.prepare()
    async with portals.run_portal(database) as portal:
        process = await node.start("audits.mjs", portal.url)
        output, problems = await process.communicate()
    assert process.returncode == 0, problems.decode()
    audits = [json.loads(line) for line in output.splitlines()]
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61
