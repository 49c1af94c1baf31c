"""Somebody gets all there is about oneself, or goes for good: by the API, and what the worker does after it."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio.result import AsyncScalarResult

from portal.database import engine
from portal.database.engine import Database
from portal.delivery import jobs, workplace
from portal.identity import personal_exports
from portal.settings import Settings
from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.identity.factors import add_factor, make_code, write
from tests.graphql_schema.portals import Portal, codes
from tests.people import PASSWORD, Person

EXPORT = write("exportPersonalData", "... on PersonalDataExported { exportPath until }")
ERASE = write("eraseAccount", "... on AccountErased { email }")


async def add_team(house: Portal, *roles: str) -> tuple[UUID, list[Person]]:
    team = [await people.add_person(house.database) for _ in roles]
    return await people.add_organization(house.database, *zip(team, roles, strict=True), name="Weavers"), team


async def fetch(house: Portal, token: str, **proof: str) -> Any:
    """The document that somebody gets who proves it, by the password where nothing else is given."""
    given = await change(house, EXPORT, token, **(proof or {"password": PASSWORD}))
    async with house.client() as client:
        response = await client.get(given["exportPath"], headers={"authorization": f"Bearer {token}"})
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    return response.json()


async def unlink(house: Portal) -> None:
    """What the worker does about the people who were erased."""
    workers = Database(engine.create_engine(house.database.worker_url, pool_size=1))
    place = workplace.Workplace(Settings(), workers, None)  # type: ignore[arg-type]
    for row in await house.fetch("SELECT ids FROM portal.outbox WHERE topic = 'person.erased'"):
        await jobs.unlink_person(place, json.loads(row["ids"]))
    await workers.close()


async def test_somebody_gets_what_there_is_about_oneself(house: Portal) -> None:
    organization, (person, colleague) = await add_team(house, "editor", "owner")
    await change(house, do.UPDATE_PROFILE, person.token, name="Lê Thị Hoa")
    found = await fetch(house, person.token)
    assert (found["format"], found["account"]["name"], found["account"]["email"]) == (1, "Lê Thị Hoa", person.email)
    assert [(one["organization"], one["name"], one["role"]) for one in found["memberships"]] == [
        (str(organization), "Weavers", "editor")
    ]
    assert [one["way"] for one in found["sessions"]] == ["password"]
    assert [one["action"] for one in found["trail"]] == ["session.opened", "profile.changed", "person.exported"]
    assert found["second_factor"] is None
    assert colleague.email not in json.dumps(found)
    again = await fetch(house, person.token)
    assert [one["action"] for one in again["trail"]][2:] == ["person.exported", "person.exported"]


async def test_what_others_did_about_somebody_is_told_without_where_they_did_it(house: Portal) -> None:
    organization, (person, colleague) = await add_team(house, "editor", "owner")
    await change(house, do.UPDATE_PROFILE, person.token, name="Hoa")
    noted = (
        "INSERT INTO portal.audit_event (id, organization_id, actor_id, action, object_kind, object_id, address)"
        " VALUES (gen_random_uuid(), $1, $2, 'member.changed', 'user', $3, '203.0.113.0/24')"
    )
    await house.run_sql(noted, organization, colleague.id, str(person.id))
    found = await fetch(house, person.token)
    told = {one["action"]: (one["by_you"], one["address"]) for one in found["trail"]}
    assert told["member.changed"] == (False, None)
    is_own, address = told["profile.changed"]
    assert is_own and address is not None


@pytest.mark.parametrize("document", [EXPORT, ERASE])
async def test_both_ask_for_the_password_again(house: Portal, document: str) -> None:
    person = await people.add_person(house.database)
    refused = await change(house, document, person.token, password="not the right one")
    assert (refused["__typename"], refused["code"]) == ("InvalidInput", "WRONG_PASSWORD")
    assert (await change(house, document, password=PASSWORD))["__typename"] == "Unauthenticated"
    assert (await read(house, do.VIEWER, person.token))["viewer"]["user"]["email"] == person.email


async def test_the_link_is_good_for_one_session_and_some_minutes(house: Portal) -> None:
    person, other = await people.add_person(house.database), await people.add_person(house.database)
    path = (await change(house, EXPORT, person.token, password=PASSWORD))["exportPath"]
    again = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]

    async def ask(wanted: str, token: str | None) -> int:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with house.client() as client:
            return (await client.get(wanted, headers=headers)).status_code

    later = path.replace("until=", "until=1")
    forged = path[:-9] + ("A" if path[-9] != "A" else "B") + path[-8:]
    assert [await ask(path, token) for token in (None, other.token, again)] == [401, 404, 404]
    for spoilt in (later, forged, "/personal-data.json"):
        assert await ask(spoilt, person.token) == 404
    assert await ask(path, person.token) == 200
    await people.move_clock(house.database, "11 minutes")
    assert await ask(path, person.token) == 404


async def test_a_document_is_whole_however_much_somebody_did(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (person, _) = await add_team(house, "editor", "owner")
    await house.run_sql(
        "INSERT INTO portal.audit_event (id, actor_id, action, object_kind, detail)"
        " SELECT gen_random_uuid(), $1, 'answers.reused', 'assessment', '{}' FROM generate_series(1, 2600)",
        person.id,
    )
    monkeypatch.setattr("portal.http.personal_data.IN_MEMORY", 10_000)  # the rest is on disk
    read_at_once: list[int] = []
    partitions = AsyncScalarResult.partitions

    async def watch(self: Any, size: int | None = None) -> Any:
        async for some in partitions(self, size):
            read_at_once.append(len(some))
            yield some

    monkeypatch.setattr(AsyncScalarResult, "partitions", watch)
    found = await fetch(house, person.token)
    assert len([one for one in found["trail"] if one["action"] == "answers.reused"]) == 2600
    assert max(read_at_once) == personal_exports.AT_ONCE


async def test_a_second_factor_is_asked_for_where_one_is_on(house: Portal) -> None:
    person = await people.add_person(house.database)
    secret, _ = await add_factor(house, person.token)
    for document in (EXPORT, ERASE):
        refused = [
            await change(house, document, person.token, password=PASSWORD),
            await change(house, document, person.token, password=PASSWORD, code="000000"),
            await change(house, document, person.token, password="not this one", code=make_code(secret)),
        ]
        assert [one["code"] for one in refused] == ["SECOND_FACTOR_NEEDED", "WRONG_CODE", "WRONG_PASSWORD"]
    assert (await fetch(house, person.token, password=PASSWORD, code=make_code(secret)))["second_factor"]
    used = await change(house, ERASE, person.token, password=PASSWORD, code=make_code(secret))
    assert used["code"] == "WRONG_CODE"  # each counts once
    gone = await change(house, ERASE, person.token, password=PASSWORD, code=make_code(secret, 1))
    assert gone["__typename"] == "AccountErased"


async def sign_in_by_provider(house: Portal, person: Person) -> None:
    """As though the provider of the organization that the session acts for had opened it, which owns its domain."""
    await house.run_sql(
        "INSERT INTO portal.sso_domain (organization_id, domain, token, verified_at, verified_by)"
        " SELECT organization_id, split_part($2, '@', 2), 'x', portal.clock(), 'dns'"
        " FROM portal.member WHERE user_id = $1",
        person.id,
        person.email,
    )
    await house.run_sql("UPDATE portal.session SET sso_connection_id = gen_random_uuid() WHERE user_id = $1", person.id)


async def test_who_came_by_a_provider_a_moment_ago_needs_no_password(house: Portal) -> None:
    _, (person, _) = await add_team(house, "editor", "owner")
    assert (await change(house, ERASE, person.token, password=None))[
        "code"
    ] == "SIGN_IN_AGAIN"  # by password long ago or not
    await sign_in_by_provider(house, person)
    elsewhere = await people.add_organization(house.database, (person, "viewer"), name="Elsewhere")
    assert (await change(house, ERASE, person.token, password=None))[
        "code"
    ] == "SIGN_IN_AGAIN"  # no matter of that provider
    await house.run_sql("DELETE FROM portal.member WHERE organization_id = $1", elsewhere)
    await house.run_sql("UPDATE portal.session SET created_at = created_at - interval '11 minutes'")
    assert (await change(house, EXPORT, person.token, password=None))["code"] == "SIGN_IN_AGAIN"
    await house.run_sql("UPDATE portal.session SET created_at = portal.clock() WHERE user_id = $1", person.id)
    await house.run_sql("UPDATE portal.user_account SET email = 'own@mailbox.example' WHERE id = $1", person.id)
    assert (await change(house, EXPORT, person.token, password=None))["code"] == "SIGN_IN_AGAIN"
    await house.run_sql("UPDATE portal.user_account SET email = $2 WHERE id = $1", person.id, person.email)
    assert (await change(house, EXPORT, person.token, password=None))["__typename"] == "PersonalDataExported"
    assert (await change(house, ERASE, person.token, password=None))["email"] == person.email


async def test_exports_are_counted(house: Portal) -> None:
    person = await people.add_person(house.database)
    given = [await change(house, EXPORT, person.token, password=PASSWORD) for _ in range(6)]
    assert [one["__typename"] for one in given[4:]] == ["PersonalDataExported", "RateLimited"]


async def test_somebody_goes_for_good(house: Portal) -> None:
    _, (person, colleague) = await add_team(house, "editor", "owner")
    await change(house, do.INVITE, colleague.token, email="another@example.com", role="VIEWER")
    assert (await change(house, ERASE, person.token, password=PASSWORD))["email"] == person.email
    assert codes(await house.ask(do.VIEWER, person.token)) == ["UNAUTHENTICATED"]
    assert (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["__typename"] == "Unauthenticated"
    edges = (await read(house, do.MEMBERS, colleague.token))["members"]["edges"]
    assert [edge["node"]["email"] for edge in edges] == [colleague.email]
    letters = [one for one in await people.read_letters(house.database) if one.to == person.email]
    assert [one.subject for one in letters] == ["Your account was erased"]
    found = await change(house, do.REGISTER, email=person.email, password=PASSWORD, name="Somebody")
    assert found["next"] == "CONFIRM_ADDRESS"


async def test_the_trail_tells_that_somebody_went_and_no_more_who(house: Portal) -> None:
    organization, (person, _) = await add_team(house, "editor", "owner")
    await change(house, do.UPDATE_PROFILE, person.token, name="Zqname")
    await change(house, ERASE, person.token, password=PASSWORD)
    await unlink(house)
    rows = await house.fetch("SELECT e::text AS row FROM portal.audit_event e")
    assert [row["row"] for row in rows if str(person.id) in row["row"] or "Zqname" in row["row"]] == []
    acts = await house.fetch(
        "SELECT action, actor_id, address FROM portal.audit_event WHERE organization_id = $1 ORDER BY id", organization
    )
    assert [tuple(row) for row in acts] == [
        ("profile.changed", None, None),
        ("account.erased", None, None),
        ("member.erased", None, None),
    ]
    await unlink(house)  # a job may run twice
    noted = await house.fetch("SELECT detail FROM portal.audit_event WHERE action = 'person.erased'")
    assert [json.loads(row["detail"]) for row in noted] == [{"events": 4}]


async def test_an_organization_keeps_an_owner(house: Portal) -> None:
    _, (owner, editor) = await add_team(house, "owner", "editor")
    refused = await change(house, ERASE, owner.token, password=PASSWORD)
    assert (refused["__typename"], refused["code"]) == ("Conflict", "LAST_OWNER")
    assert "Weavers" in refused["message"]
    await house.run_sql("UPDATE portal.member SET role = 'owner' WHERE user_id = $1", editor.id)
    assert (await change(house, ERASE, owner.token, password=PASSWORD))["__typename"] == "AccountErased"


async def test_two_owners_who_go_at_the_same_time_leave_one(house: Portal) -> None:
    for _ in range(2):
        _, (one, two) = await add_team(house, "owner", "owner")
        both = await asyncio.gather(*(change(house, ERASE, who.token, password=PASSWORD) for who in (one, two)))
        assert sorted(done["__typename"] for done in both) == ["AccountErased", "Conflict"]


async def test_an_operator_gives_that_right_back_first(house: Portal) -> None:
    person = await people.add_person(house.database, operator=True)
    assert (await change(house, ERASE, person.token, password=PASSWORD))["code"] == "OPERATOR"


async def test_buyers_see_that_they_need_another_contact(house: Portal) -> None:
    person = await people.add_person(house.database)
    buyer = await people.add_organization(house.database, roles=("buyer",))
    record = await people.add_record(house.database, buyer)
    contact = (
        "INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, name, email)"
        " VALUES ($1, gen_random_uuid(), $2, 'Zqname', $3)"
    )
    await house.run_sql(contact, buyer, record, person.email)
    await people.invite(house.database, buyer, "supplier", person.email, record=record)
    await change(house, ERASE, person.token, password=PASSWORD)
    (row,) = await house.fetch("SELECT state FROM portal.supplier_record WHERE id = $1", record)
    assert row["state"] == "needs_contact"
    assert await house.fetch("SELECT 1 FROM portal.supplier_contact") == []
    (row,) = await house.fetch("SELECT email, token_hash, revoked_at FROM portal.invitation")
    assert (row["email"], row["token_hash"], row["revoked_at"] is not None) == (None, None, True)
