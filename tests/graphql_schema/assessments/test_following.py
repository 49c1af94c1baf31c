"""Following an assessment over a WebSocket: the outbox, the relay and the notification that a change travels by."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import websockets

from portal.delivery import relay
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal

FOLLOW = "subscription ($id: ID!) { assessmentChanged(id: $id) { id changeNumber state } }"


@asynccontextmanager
async def follow(house: Portal, caller: Caller, assessment: str) -> AsyncIterator[Any]:
    """A client that follows an assessment; `hear` gives the next message."""
    url = house.url.replace("http", "ws")
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as connection:

        async def hear() -> Any:
            return json.loads(await asyncio.wait_for(connection.recv(), 10))

        opening = {"type": "connection_init", "payload": {"authorization": f"Bearer {caller.token}"}}
        await connection.send(json.dumps(opening))
        assert (await hear())["type"] == "connection_ack"
        payload = {"query": FOLLOW, "variables": {"id": assessment}}
        await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        yield hear


async def pass_on(house: Portal) -> None:
    """Do what the worker does all the time."""
    connection = await asyncpg.connect(house.database.worker_url.replace("+asyncpg", ""))
    try:
        while await relay.relay_batch(connection):
            pass
    finally:
        await connection.close()


async def wait_for_listeners(house: Portal) -> None:
    async with asyncio.timeout(10):
        while not house.app.state.services.events.count_listeners():
            await asyncio.sleep(0.01)


async def test_each_change_is_told(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    async with follow(house, supplier, assessment) as hear:
        await wait_for_listeners(house)
        await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
        await pass_on(house)
        heard = (await hear())["payload"]["data"]["assessmentChanged"]
        assert heard == {"id": assessment, "changeNumber": 4, "state": "DRAFT"}
        await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=[write("headcount", number="99")])
        await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
        await pass_on(house)
        heard = (await hear())["payload"]["data"]["assessmentChanged"]
        assert heard == {"id": assessment, "changeNumber": 4, "state": "SUBMITTED"}


async def test_nobody_follows_another_one(house: Portal) -> None:
    stranger = await house.sign_up("supplier")
    assessment = await start(house, await house.sign_up("supplier"))
    async with follow(house, stranger, assessment) as hear:
        heard = await hear()
        found = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
        assert found[0]["extensions"]["code"] == "NOT_FOUND"


UPLOAD = (
    'mutation { createEvidenceUpload(input: {fileName: "a.pdf", kind: RECORD})'
    " { ... on EvidenceUploadCreated { evidence { id } } } }"
)
ATTACH = "mutation ($input: AttachEvidenceInput!) { result: attachEvidence(input: $input) { __typename } }"


async def test_another_tier_and_a_document_are_told_with_their_number(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier, "MICRO")
    made = await house.ask(UPLOAD, supplier.token)
    place = {"assessmentId": assessment, "question": "fees_repaid"}
    place["evidenceId"] = made["data"]["createEvidenceUpload"]["evidence"]["id"]
    async with follow(house, supplier, assessment) as hear:
        await wait_for_listeners(house)
        await do(house, documents.CHANGE_TIER, supplier, assessmentId=assessment, tier="BASIC")
        await pass_on(house)
        assert (await hear())["payload"]["data"]["assessmentChanged"]["changeNumber"] == 1
        await do(house, ATTACH, supplier, **place)
        await pass_on(house)
        assert (await hear())["payload"]["data"]["assessmentChanged"]["changeNumber"] == 2
        await documents.discard(house, supplier.token, assessment)
        await pass_on(house)
        assert (await hear())["type"] == "complete"
