"""API keys: shown once, no more than the organization may do, dead at once; and wrong ones are counted."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import websockets

from portal import access
from portal.database import credential_uses, engine
from portal.identity import attempts
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.portals import Portal, codes
from tests.people import Person


async def make_owner(house: Portal, *roles: str, name: str = "Firm") -> Person:
    owner = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), name=name, roles=roles)
    return owner


async def test_a_key_is_shown_once_and_speaks_for_its_organization(house: Portal) -> None:
    owner = await make_owner(house, "supplier", "buyer", name="Acme")
    given = {"name": "ERP", "scopes": ["SUPPLIERS_WRITE", "SUPPLIERS_READ"], "idempotencyKey": "create-key-1"}
    made = await change(house, do.CREATE_KEY, owner.token, **given)
    assert made["secret"].startswith("spk_")
    assert made["apiKey"]["scopes"] == ["SUPPLIERS_READ", "SUPPLIERS_WRITE"]
    again = await change(house, do.CREATE_KEY, owner.token, **given)
    assert (again["secret"], again["apiKey"]) == (None, made["apiKey"])
    viewer = (await read(house, do.MACHINE, made["secret"]))["viewer"]
    assert viewer == {
        "user": None,
        "organization": {"name": "Acme"},
        "memberRole": None,
        "scopes": ["suppliers:read", "suppliers:write"],
        "roles": [{"role": "BUYER"}, {"role": "SUPPLIER"}],
        "organizations": [],
    }
    (row,) = await people.run_sql(house.database, "SELECT string_agg(k::text, ' ') AS all FROM portal.api_key k")
    assert made["secret"] not in row["all"]


async def test_a_key_that_has_ended_since_is_still_the_answer_to_the_same_call(house: Portal) -> None:
    owner = await make_owner(house, "supplier")
    ends = datetime.now(UTC) + timedelta(seconds=1.5)
    given = {
        "name": "ERP",
        "scopes": ["ASSESSMENTS_READ"],
        "expiresAt": ends.isoformat(),
        "idempotencyKey": "ended-key",
    }
    made = await change(house, do.CREATE_KEY, owner.token, **given)
    await asyncio.sleep(1.6)
    again = await change(house, do.CREATE_KEY, owner.token, **given)
    assert (again["secret"], again["apiKey"]) == (None, made["apiKey"])
    other = await change(house, do.CREATE_KEY, owner.token, **given | {"idempotencyKey": "another-key"})
    assert other["problems"] == [{"code": "PAST", "path": ["input", "expiresAt"]}]


async def test_a_key_may_do_no_more_than_its_organization(house: Portal) -> None:
    supplier = await make_owner(house, "supplier")
    partner = await make_owner(house, "partner")
    for owner, refused, allowed in (
        (supplier, "SUPPLIERS_READ", "ASSESSMENTS_WRITE"),
        (partner, "ASSESSMENTS_READ", "BENCHMARKS_READ"),
    ):
        no = await change(house, do.CREATE_KEY, owner.token, name="k", scopes=[refused])
        assert no["problems"] == [{"code": "SCOPE", "path": ["input", "scopes"]}]
        assert (await change(house, do.CREATE_KEY, owner.token, name="k", scopes=[allowed]))["secret"]


async def test_a_key_does_nothing_that_a_person_does(house: Portal) -> None:
    owner = await make_owner(house, "supplier")
    made = await change(house, do.CREATE_KEY, owner.token, name="k", scopes=["ASSESSMENTS_WRITE"])
    key = made["secret"]
    assert codes(await house.ask(do.MEMBERS, key)) == ["NOT_ALLOWED"]
    assert codes(await house.ask(do.KEYS, key)) == ["NOT_ALLOWED"]
    for document, given in (
        (do.CREATE_KEY, {"name": "more", "scopes": ["ASSESSMENTS_WRITE"]}),
        (do.REVOKE_KEY, {"apiKeyId": made["apiKey"]["id"]}),
        (do.INVITE, {"email": "a@example.com", "role": "OWNER"}),
        (do.FOUND, {"name": "Another"}),
        (do.CHANGE_PASSWORD, {"currentPassword": "x", "newPassword": "a brand new password"}),
        (do.UPDATE_PROFILE, {"name": "x"}),
    ):
        assert (await change(house, document, key, **given))["__typename"] == "NotAllowed"
    assert (await change(house, do.SIGN_OUT, key))["__typename"] == "NotAllowed"


async def test_a_revoked_key_is_dead_at_once(house: Portal) -> None:
    owner, stranger = await make_owner(house, "supplier"), await make_owner(house, "supplier")
    made = await change(house, do.CREATE_KEY, owner.token, name="k", scopes=["ASSESSMENTS_READ"])
    id_ = made["apiKey"]["id"]
    assert (await change(house, do.REVOKE_KEY, stranger.token, apiKeyId=id_))["__typename"] == "NotFound"
    assert (await read(house, do.MACHINE, made["secret"]))["viewer"]
    assert (await change(house, do.REVOKE_KEY, owner.token, apiKeyId=id_))["apiKey"]["revokedAt"]
    assert codes(await house.ask(do.MACHINE, made["secret"])) == ["UNAUTHENTICATED"]
    assert (await change(house, do.REVOKE_KEY, owner.token, apiKeyId=id_))["__typename"] == "ApiKeyRevoked"
    assert (await read(house, do.NODE, owner.token, id=id_))["node"]["__typename"] == "ApiKey"
    assert await read(house, do.NODE, stranger.token, id=id_) == {"node": None}


async def test_a_key_ends_by_itself(house: Portal) -> None:
    owner = await make_owner(house, "supplier")
    ends = (datetime.now(UTC) + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    given = {"name": "k", "scopes": ["BENCHMARKS_READ"], "expiresAt": ends}
    key = (await change(house, do.CREATE_KEY, owner.token, **given))["secret"]
    assert (await read(house, do.MACHINE, key))["viewer"]
    await people.move_clock(house.database, "49 hours")
    assert codes(await house.ask(do.MACHINE, key)) == ["UNAUTHENTICATED"]
    assert (await change(house, do.CREATE_KEY, owner.token, **given))["problems"][0]["code"] == "PAST"


async def test_a_removed_owners_session_makes_no_keys(house: Portal) -> None:
    owner = await make_owner(house, "supplier")
    await people.run_sql(house.database, "DELETE FROM portal.member WHERE user_id = $1", owner.id)
    made = await change(house, do.CREATE_KEY, owner.token, name="k", scopes=["ASSESSMENTS_READ"])
    assert made["__typename"] == "NotAllowed"


async def test_wrong_keys_and_sessions_are_counted_by_address(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attempts.LIMITS, "bearer", attempts.Limit(1_000, 6, 300))
    owner = await make_owner(house, "supplier")
    organization = (await read(house, do.VIEWER, owner.token))["viewer"]["organization"]["id"]
    aliased = " ".join(f'a{place}: node(id: "{organization}") {{ id }}' for place in range(3))
    assert codes(await house.ask(f"{{ {aliased} }}", "guessed")) == ["UNAUTHENTICATED"] * 3
    for place in range(3):
        wrong = f"spk_guessed{place}" if place % 2 else f"guessed{place}"
        assert codes(await house.ask(do.MACHINE, wrong)) == ["UNAUTHENTICATED"]
    assert codes(await house.ask(do.MACHINE, "spk_guessed")) == ["RATE_LIMITED"]
    assert (await read(house, do.VIEWER, owner.token))["viewer"]["user"]["email"] == owner.email


async def test_a_key_that_holds_no_more_is_told_to_its_organization_once_a_day(house: Portal) -> None:
    owner = await make_owner(house, "supplier")
    made = await change(house, do.CREATE_KEY, owner.token, name="k", scopes=["ASSESSMENTS_READ"])
    assert (await change(house, do.REVOKE_KEY, owner.token, apiKeyId=made["apiKey"]["id"]))["__typename"] != "NotFound"
    told = "SELECT organization_id, address FROM portal.audit_event WHERE action = 'api_key.refused'"
    for key in (made["secret"], made["secret"], "spk_nobodys", "spk_nobodys", "nobodys"):
        assert codes(await house.ask(do.MACHINE, key)) == ["UNAUTHENTICATED"]
    (event,) = await people.run_sql(house.database, told)
    (member,) = await people.run_sql(
        house.database, "SELECT organization_id FROM portal.member WHERE user_id = $1", owner.id
    )
    assert (event["organization_id"], event["address"]) == (member["organization_id"], "127.0.0.0/24")
    await people.move_clock(house.database, "25 hours")
    assert codes(await house.ask(do.MACHINE, made["secret"])) == ["UNAUTHENTICATED"]
    assert len(await people.run_sql(house.database, told)) == 2


async def test_wrong_tokens_over_a_websocket_are_counted_too(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attempts.LIMITS, "bearer", attempts.Limit(1_000, 3, 300))
    for _ in range(3):
        url = house.url.replace("http", "ws")
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket:
            payload = {"authorization": "Bearer guessed"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            await socket.wait_closed()
            assert socket.close_code == 4403
    assert codes(await house.ask(do.MACHINE, "spk_guessed")) == ["RATE_LIMITED"]


async def test_sign_ins_are_limited_by_address_over_all_accounts(
    house: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "sign_in", attempts.Limit(10, 4, 900))
    given = [{"email": f"person{place}@example.com", "password": "wrong"} for place in range(5)]
    kinds = [(await change(house, do.SIGN_IN, **one))["__typename"] for one in given]
    assert kinds == ["Unauthenticated"] * 4 + ["RateLimited"]


async def make_key(house: Portal, owner: Person, **more: Any) -> Any:
    return await change(house, do.CREATE_KEY, owner.token, name="ERP", scopes=["SUPPLIERS_READ"], **more)


async def works(house: Portal, secret: str) -> bool:
    return "errors" not in await house.ask(do.MACHINE, secret)


async def test_a_new_key_takes_the_place_of_an_old_one_which_holds_on_for_a_while(house: Portal) -> None:
    owner = await make_owner(house, "buyer")
    made = await make_key(house, owner)
    given = {"apiKeyId": made["apiKey"]["id"], "overlapHours": 2, "idempotencyKey": "rotate-key-1"}
    rotated = await change(house, do.ROTATE_KEY, owner.token, **given)
    assert (rotated["apiKey"]["name"], rotated["apiKey"]["scopes"]) == ("ERP", ["SUPPLIERS_READ"])
    assert (rotated["apiKey"]["expiresAt"], rotated["former"]["id"]) == (None, made["apiKey"]["id"])
    again = await change(house, do.ROTATE_KEY, owner.token, **given)
    assert (again["secret"], again["apiKey"], again["former"]) == (None, rotated["apiKey"], rotated["former"])
    assert await works(house, rotated["secret"])
    assert await works(house, made["secret"])
    await people.move_clock(house.database, "121 minutes")
    assert await works(house, rotated["secret"])
    assert not await works(house, made["secret"])
    ended = await change(house, do.ROTATE_KEY, owner.token, apiKeyId=made["apiKey"]["id"])
    assert (ended["__typename"], ended["code"]) == ("Conflict", "ENDED")


async def test_a_new_key_lives_as_long_as_the_old_one_was_made_to(house: Portal) -> None:
    owner = await make_owner(house, "buyer")
    now = datetime.now(UTC)
    made = await make_key(house, owner, expiresAt=(now + timedelta(days=21)).isoformat())
    await people.move_clock(house.database, "20 days 23 hours")
    rotated = await change(house, do.ROTATE_KEY, owner.token, apiKeyId=made["apiKey"]["id"], overlapHours=24)
    assert rotated["former"]["expiresAt"] == made["apiKey"]["expiresAt"]  # it is not made to live longer
    lives = datetime.fromisoformat(rotated["apiKey"]["expiresAt"]) - datetime.fromisoformat(made["apiKey"]["expiresAt"])
    assert timedelta(days=20) < lives < timedelta(days=21)


@pytest.mark.parametrize("hours", [-1, 721])
async def test_an_overlap_has_an_end(house: Portal, hours: int) -> None:
    owner = await make_owner(house, "buyer")
    made = await make_key(house, owner)
    refused = await change(house, do.ROTATE_KEY, owner.token, apiKeyId=made["apiKey"]["id"], overlapHours=hours)
    assert refused["problems"] == [{"code": "OVERLAP", "path": ["input", "overlapHours"]}]


async def test_nobody_else_replaces_a_key(house: Portal) -> None:
    owner, other = await make_owner(house, "buyer"), await make_owner(house, "buyer")
    made = await make_key(house, owner)
    refused = await change(house, do.ROTATE_KEY, other.token, apiKeyId=made["apiKey"]["id"])
    assert refused["__typename"] == "NotFound"
    assert (await change(house, do.ROTATE_KEY, made["secret"], apiKeyId=made["apiKey"]["id"]))["code"] == "NOT_ALLOWED"
    assert await works(house, made["secret"])


async def test_a_key_says_when_it_was_used_last(house: Portal) -> None:
    owner = await make_owner(house, "buyer")
    made = await make_key(house, owner)
    (listed,) = (await read(house, do.KEYS, owner.token))["apiKeys"]
    assert listed["lastUsedAt"] is None
    assert await works(house, made["secret"])
    assert not await works(house, "spk_" + "x" * 43)
    database = house.app.state.services.database
    await credential_uses.write_down(database.credential_uses, database)
    (listed,) = (await read(house, do.KEYS, owner.token))["apiKeys"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(listed["lastUsedAt"])) < timedelta(minutes=1)
    assert set(database.credential_uses.take()) == {"session"}  # of the one who read the list


async def test_the_last_use_of_a_key_outlives_its_end(house: Portal) -> None:
    owner = await make_owner(house, "buyer")
    used, never = [await make_key(house, owner) for _ in range(2)]
    assert await works(house, used["secret"])
    for made in (used, never):
        assert (await change(house, do.REVOKE_KEY, owner.token, apiKeyId=made["apiKey"]["id"]))["apiKey"]["revokedAt"]
    listed = {one["id"]: one for one in (await read(house, do.KEYS, owner.token))["apiKeys"]}
    assert listed[used["apiKey"]["id"]]["lastUsedAt"] < listed[used["apiKey"]["id"]]["revokedAt"]
    assert not await works(house, never["secret"])
    database = house.app.state.services.database
    await credential_uses.write_down(database.credential_uses, database)
    listed = {one["id"]: one for one in (await read(house, do.KEYS, owner.token))["apiKeys"]}
    assert listed[never["apiKey"]["id"]]["lastUsedAt"] is None


async def test_another_server_notes_a_use_after_the_key_was_revoked(house: Portal) -> None:
    owner = await make_owner(house, "buyer")
    made = await make_key(house, owner)
    database, other = house.app.state.services.database, credential_uses.CredentialUses()
    other.note(access.Credential("api_key", made["secret"]))
    await change(house, do.REVOKE_KEY, owner.token, apiKeyId=made["apiKey"]["id"])
    other.note(access.Credential("api_key", made["secret"]))  # refused, and no use any more
    await credential_uses.write_down(other, database)
    (listed,) = (await read(house, do.KEYS, owner.token))["apiKeys"]
    assert listed["lastUsedAt"] < listed["revokedAt"]


async def test_a_database_that_refuses_a_note_ends_no_noting(house: Portal) -> None:
    """As a standby does, or a login without the right: else sessions in daily use would end as idle."""
    uses = credential_uses.CredentialUses()
    uses.note(access.Credential("session", "any"))
    refusing = engine.Database(engine.create_engine(house.database.backup_url, pool_size=1))
    await credential_uses.write_down(uses, refusing)
    await refusing.close()
    assert uses.take() == {}


async def test_a_server_that_stops_writes_down_which_keys_were_used(database: databases.TestDatabase) -> None:
    async with portals.run_portal(database) as house:
        owner = await make_owner(house, "buyer")
        assert await works(house, (await make_key(house, owner))["secret"])
    (row,) = await people.run_sql(database, "SELECT last_used_at FROM portal.api_key")
    assert row["last_used_at"] is not None


def test_whoever_tries_keys_fills_no_memory() -> None:
    uses = credential_uses.CredentialUses()
    for number in range(credential_uses.MOST + 5):
        uses.note(access.Credential("api_key", f"spk_{number}"))
        uses.note(access.Credential("session", str(number)))
    assert {kind: len(hashes) for kind, hashes in uses.take().items()} == dict.fromkeys(
        ("api_key", "session"), credential_uses.MOST
    )
