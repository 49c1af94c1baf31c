"""An organization is closed: nobody acts for it, the other sides are told, and later it comes back or is erased."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from portal import storage
from portal.database import engine
from portal.delivery import closings, workplace
from portal.errors import InvalidInput
from portal.identity import closing, operators
from tests import databases, people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.factors import write
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import WAIT, Stage
from tests.graphql_schema.sharing.test_retention import list_states, send, submit_with
from tests.graphql_schema.sharing.test_stored_files import verify
from tests.portal.assessments.house import Caller

pytestmark = pytest.mark.slow  # files are checked, and a real worker tells everybody

PREVIEW = (
    "{ closingPreview { members apiKeys webhooks hasSso invitations requestsReceived requestsSent sharesEnding"
    " sharesReceived drafts documents contacts sharesKept documentsKept submissionsKept } }"
)
CLOSE = write("closeOrganization", "... on OrganizationClosed { reopenUntil }")
REOPEN = write("reopenOrganization", "... on OrganizationReopened { organization { name status } }")
SHARED = 'query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { evidence { state } } } }'
SET_PASSWORDS = "UPDATE portal.user_account SET password_hash = $1"
EARLIER = {"period_start": date(2023, 1, 1), "period_end": date(2023, 12, 31)}


async def settle(stage: Stage) -> None:
    """Until the worker has done all that events ask for, but for letters, which no mail server takes here."""
    waiting = "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL UNION ALL"
    waiting += " SELECT 1 FROM queue.pgqueuer WHERE entrypoint <> 'send_mail'"
    async with asyncio.timeout(WAIT):
        while await stage.house.fetch(waiting):
            await asyncio.sleep(0.05)


async def close(stage: Stage, caller: Caller) -> Any:
    await stage.portal.run_sql(SET_PASSWORDS, people.hash_known_password())
    closed = await stage.change(caller, CLOSE, password=people.PASSWORD)
    await settle(stage)
    return closed


async def count(stage: Stage, table: str, column: str, caller: Caller) -> int:
    query = f"SELECT count(*) AS n FROM portal.{table} WHERE {column} = $1"
    return int((await stage.house.fetch(query, caller.organization))[0]["n"])


async def read_states(stage: Stage) -> dict[UUID, str]:
    return {row["id"]: row["state"] for row in await stage.house.fetch("SELECT id, state FROM portal.request")}


async def look(stage: Stage, buyer: Caller) -> Any:
    """What a buyer reads of the supplier."""
    shown = await stage.ask(buyer, SHARED, id=stage.name_record(buyer, stage.weaver))
    return shown["supplier"]["latestResult"]


async def furnish(stage: Stage) -> UUID:
    """A submission with a document, shared as it is and followed; a draft, a document, and a request that waits."""
    await send(stage, "seen.pdf")
    submitted = await submit_with(stage, "seen.pdf")
    await stage.share(stage.weaver, stage.maker, submitted, includeEvidence=True, until="2027-06-01T00:00:00Z")
    await stage.share(stage.weaver, stage.trader, submitted, mode="FOLLOWING")
    await stage.draft(stage.weaver, start=date(2024, 1, 1), end=date(2024, 12, 31))
    await send(stage, "unseen.pdf")
    asked, _ = await stage.request(stage.maker, stage.weaver, accept=False, **EARLIER)
    await settle(stage)
    return asked


async def empty(stage: Stage, database: databases.TestDatabase) -> None:
    """What the worker does by the clock."""
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=1))
    store = storage.open_storage(f"file://{stage.folder}")
    await closings.empty_closed(workplace.Workplace(stage.settings, workers, store))
    await workers.close()
    await settle(stage)


async def test_a_supplier_is_closed_and_buyers_keep_what_they_were_given(
    stage: Stage, database: databases.TestDatabase
) -> None:
    asked = await furnish(stage)
    preview = (await stage.ask(stage.weaver, PREVIEW))["closingPreview"]
    assert {name: value for name, value in preview.items() if value} == {
        "members": 1, "requestsReceived": 1, "sharesEnding": 1, "drafts": 1, "documents": 1, "sharesKept": 1,
        "documentsKept": 1, "submissionsKept": 1,
    }  # fmt: skip
    assert await look(stage, stage.trader) is not None
    assert (await close(stage, stage.weaver))["__typename"] == "OrganizationClosed"
    refused = await stage.portal.ask(PREVIEW, stage.weaver.credential.token)
    assert refused["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert (await read_states(stage))[asked] == "declined"
    assert await look(stage, stage.trader) is None
    assert (await look(stage, stage.maker))["evidence"] == [{"state": "AVAILABLE"}]
    await stage.wait_for_letters("organization_closed")
    trail = await stage.house.fetch(
        "SELECT action, concerns_id FROM portal.audit_event WHERE organization_id = $1 AND actor_role = 'owner'"
        " AND action IN ('organization.closed', 'request.declined', 'share.revoked') ORDER BY action",
        stage.weaver.organization,
    )
    assert [tuple(row) for row in trail] == [
        ("organization.closed", None),
        ("request.declined", stage.maker.organization),
        ("share.revoked", stage.trader.organization),
    ]

    await people.move_clock(database, "29 days")
    await empty(stage, database)
    assert await count(stage, "member", "organization_id", stage.weaver) == 1
    assert await list_states(stage) == {"seen.pdf": "available", "unseen.pdf": "available"}
    await people.move_clock(database, "31 days")
    await empty(stage, database)
    assert await list_states(stage) == {"seen.pdf": "available"}
    assert await count(stage, "member", "organization_id", stage.weaver) == 0
    assert [await count(stage, table, "supplier_id", stage.weaver) for table in ("assessment", "submission")] == [1, 1]
    assert (await look(stage, stage.maker))["evidence"] == [{"state": "AVAILABLE"}]
    await people.move_clock(database, "400 days")  # the snapshot has ended
    await empty(stage, database)
    assert await list_states(stage) == {"seen.pdf": "removed"}
    assert (await verify(stage, storage.open_storage(f"file://{stage.folder}")))[0] == []
    assert not [name for name in stage.list_files() if "evidence" in name]


async def test_an_owner_opens_it_again_in_time_and_nobody_else_does(
    stage: Stage, database: databases.TestDatabase
) -> None:
    await furnish(stage)
    organization = stage.name_organization(stage.weaver)
    editor = await stage.house.join(stage.weaver, "editor")
    await close(stage, stage.weaver)
    given = {"organizationId": organization, "password": people.PASSWORD}
    for stranger in (editor, stage.maker):
        assert (await stage.change(stranger, REOPEN, **given))["__typename"] == "NotFound"
    mine = (await stage.ask(stage.weaver, do.VIEWER))["viewer"]["organizations"]
    assert [one["status"] for one in mine] == ["CLOSED"]
    await people.move_clock(database, "29 days")
    opened = await stage.change(stage.weaver, REOPEN, **given)
    assert opened["organization"]["status"] == "ACTIVE"
    preview = (await stage.ask(stage.weaver, PREVIEW))["closingPreview"]
    assert (preview["drafts"], preview["documents"], preview["sharesEnding"], preview["requestsReceived"]) == (
        1,
        1,
        0,
        0,
    )
    await close(stage, stage.weaver)
    await people.move_clock(database, "60 days")
    assert (await stage.change(stage.weaver, REOPEN, **given))["__typename"] == "NotFound"


async def test_what_the_operator_closed_only_the_operator_opens_and_a_suspension_stays(
    stage: Stage, database: databases.TestDatabase
) -> None:
    organization = stage.weaver.organization
    given = {"organizationId": stage.name_organization(stage.weaver), "password": people.PASSWORD}
    await stage.portal.run_sql(SET_PASSWORDS, people.hash_known_password())
    suspend = "UPDATE portal.organization SET status = 'suspended', suspended_at = portal.clock() WHERE id = $1"
    await stage.house.fetch(suspend, organization)
    async with people.open_session(database.owner_url) as session:
        await closing.close(session, operators.OWNER_LOGIN, organization=organization, reason="It is not theirs.")
    assert (await stage.change(stage.weaver, REOPEN, **given))["__typename"] == "NotFound"
    async with people.open_session(database.owner_url) as session:
        with pytest.raises(InvalidInput):
            await closing.reopen(session, operators.OWNER_LOGIN, organization=organization, reason=" ")
        why = "It is theirs after all."
        await closing.reopen(session, operators.OWNER_LOGIN, organization=organization, reason=why)
    told = (
        "SELECT detail ->> 'reason' AS reason FROM portal.audit_event"
        " WHERE organization_id = $1 AND action LIKE 'organization.%' ORDER BY at, id"
    )
    reasons = [row["reason"] for row in await stage.house.fetch(told, organization)]
    assert reasons[-2:] == ["It is not theirs.", why]
    (row,) = await stage.house.fetch("SELECT status FROM portal.organization WHERE id = $1", organization)
    assert row["status"] == "suspended"


async def test_a_buyer_is_closed_and_its_suppliers_are_told(stage: Stage, database: databases.TestDatabase) -> None:
    asked = await furnish(stage)
    contact = (
        "INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, name, email)"
        " SELECT buyer_id, gen_random_uuid(), id, 'Zq', 'zq@canary.example' FROM portal.supplier_record"
        " WHERE buyer_id = $1"
    )
    await stage.house.fetch(contact, stage.maker.organization)
    preview = (await stage.ask(stage.maker, PREVIEW))["closingPreview"]
    assert (preview["requestsSent"], preview["sharesReceived"], preview["contacts"]) == (1, 1, 2)
    await close(stage, stage.maker)
    assert (await read_states(stage))[asked] == "withdrawn"
    shares = (await stage.ask(stage.weaver, documents.SHARES, live=True))["shares"]["nodes"]
    assert [one["buyer"]["id"] for one in shares] == [stage.name_organization(stage.trader)]
    await stage.wait_for_letters("request_withdrawn")
    await people.move_clock(database, "31 days")
    await empty(stage, database)
    assert await count(stage, "supplier_contact", "buyer_id", stage.maker) == 0
    assert await count(stage, "supplier_record", "buyer_id", stage.maker) == 2


async def test_keys_webhooks_and_providers_end_at_once(stage: Stage) -> None:
    for statement in (
        "INSERT INTO portal.webhook_endpoint (organization_id, id, url, types) VALUES ($1, $1, 'https://x', '{}')",
        "INSERT INTO portal.api_key (id, key_hash, organization_id, name, scopes) VALUES ($1, '\\x00', $1, 'x', '{}')",
        "INSERT INTO portal.sso_connection (organization_id, id, issuer, client_id, sealed, default_role)"
        " VALUES ($1, $1, 'https://x', 'x', 'x', 'viewer')",
        "INSERT INTO portal.sso_domain (organization_id, domain, token) SELECT id, 'x.example', 'x'"
        " FROM portal.organization WHERE id = $1",
    ):
        await stage.house.fetch(statement, stage.weaver.organization)
    await people.invite(stage.house.made, stage.weaver.organization, "member", "zq@canary.example", role="viewer")
    preview = (await stage.ask(stage.weaver, PREVIEW))["closingPreview"]
    ways = [preview[name] for name in ("apiKeys", "webhooks", "hasSso", "invitations")]
    assert ways == [1, 1, True, 1]
    await stage.portal.run_sql(SET_PASSWORDS, people.hash_known_password())
    refused = await stage.change(stage.weaver, CLOSE, password="not the right one")
    assert refused["code"] == "WRONG_PASSWORD"
    await close(stage, stage.weaver)
    for table in ("webhook_endpoint", "sso_connection", "sso_domain"):
        assert await count(stage, table, "organization_id", stage.weaver) == 0, table
    open_keys = "SELECT 1 FROM portal.api_key WHERE revoked_at IS NULL"
    open_invitations = "SELECT 1 FROM portal.invitation WHERE kind = 'member' AND revoked_at IS NULL"
    assert [await stage.house.fetch(query) for query in (open_keys, open_invitations)] == [[], []]


async def test_only_an_owner_closes(stage: Stage) -> None:
    editor = await stage.house.join(stage.weaver, "editor")
    assert (await close(stage, editor))["code"] == "NOT_ALLOWED"
    refused = await stage.portal.ask(PREVIEW, editor.credential.token)
    assert refused["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
