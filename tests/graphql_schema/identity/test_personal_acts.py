"""What people do to their accounts is seen by the organizations that the accounts open, and by no other."""

import re
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.access import OWNER_LOGIN
from portal.identity import second_factors, signing_out
from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.identity.factors import add_factor, make_code, write
from tests.graphql_schema.portals import Portal
from tests.people import PASSWORD, Person

RENEW = write("renewRecoveryCodes", "... on RecoveryCodesRenewed { recoveryCodes }")
REQUIRE = write("requireSecondFactor", "... on SecondFactorRequired { endedSessions }")
TRAIL = (
    "query ($action: String) { auditTrail(first: 50, action: $action)"
    " { edges { node { action actor { role name } object { kind id } address } } } }"
)


async def sign_in(house: Portal, person: Person, **more: str) -> str:
    token: str = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD, **more))["token"]
    return token


async def add_owner(house: Portal, name: str, *members: Person) -> tuple[UUID, str]:
    """An organization with these editors, and a session of its owner."""
    owner = await people.add_person(house.database)
    others = [(one, "editor") for one in members]
    made = await people.add_organization(house.database, (owner, "owner"), *others, name=name)
    return made, await sign_in(house, owner)


async def list_acts(house: Portal, token: str, *actions: str) -> list[str]:
    """Which of these acts of others stand in the trail that the token's owner reads, the oldest first."""
    found = [edge["node"] for edge in (await read(house, TRAIL, token))["auditTrail"]["edges"]]
    return [one["action"] for one in reversed(found) if one["action"] in actions]


async def test_whoever_joins_stands_in_the_trail_of_the_organization(house: Portal) -> None:
    organization, owner = await add_owner(house, "Joined Mills")
    _, stranger = await add_owner(house, "Other Mills")
    person = await people.add_person(house.database)
    link = await people.invite(house.database, organization, "member", person.email, role="editor")
    joined = await change(house, do.JOIN, await sign_in(house, person), token=link)
    assert joined["organization"] == {"name": "Joined Mills"}
    (entry,) = [
        edge["node"] for edge in (await read(house, TRAIL, owner, action="member.joined"))["auditTrail"]["edges"]
    ]
    assert (entry["actor"]["role"], entry["address"]) == ("PERSON", "127.0.0.0/24")
    assert entry["actor"]["name"]
    assert await list_acts(house, owner, "member.joined", "organization.chosen") == [
        "organization.chosen", "member.joined",
    ]  # fmt: skip
    assert await list_acts(house, stranger, "member.joined", "organization.chosen") == []


async def test_choosing_tells_the_organization_left_nothing(house: Portal) -> None:
    person = await people.add_person(house.database)
    _, first = await add_owner(house, "First Mills", person)
    other, second = await add_owner(house, "Second Mills", person)
    token = await sign_in(house, person)
    (chosen,) = [
        one for one in (await read(house, do.VIEWER, token))["viewer"]["organizations"] if one["name"] == "Second Mills"
    ]
    await change(house, do.CHOOSE, token, organizationId=chosen["organizationId"])
    assert await list_acts(house, first, "organization.chosen") == []
    assert await list_acts(house, second, "organization.chosen") == ["organization.chosen"]
    rows = await people.run_sql(
        house.database, "SELECT organization_id FROM portal.audit_event WHERE action = 'organization.chosen'"
    )
    assert [row["organization_id"] for row in rows] == [other]


async def test_the_way_by_the_operators_reset_is_seen_by_each_organization(house: Portal) -> None:
    person = await people.add_person(house.database)
    (_, first), (_, second), (_, stranger) = [
        await add_owner(house, name, *members)
        for name, members in (("A Mills", [person]), ("B Mills", [person]), ("C Mills", []))
    ]
    for owner in (first, second):
        await add_factor(house, owner)
        await change(house, REQUIRE, owner, isRequired=True)
    _, codes = await add_factor(house, await sign_in(house, person))
    await sign_in(house, person, code=codes[0])
    async with people.open_session(house.database.owner_url) as session:
        await second_factors.reset(session, OWNER_LOGIN, email=person.email, reason="Vouched for by C Mills.")
    await add_factor(house, await sign_in(house, person))
    acts = ("recovery_code.used", "second_factor.reset", "second_factor.added", "session.opened")
    taken_over = ["second_factor.reset", "session.opened", "second_factor.added"]
    assert (await list_acts(house, first, *acts))[-5:] == ["recovery_code.used", "session.opened", *taken_over]
    assert (await list_acts(house, second, *acts))[-4:] == ["recovery_code.used", *taken_over]
    assert await list_acts(house, stranger, *acts) == ["session.opened"]
    told = await people.run_sql(
        house.database,
        "SELECT organization_id, detail FROM portal.audit_event WHERE action = 'second_factor.reset'",
    )
    assert len(told) == 3
    assert [row["organization_id"] for row in told if "Vouched" in str(row["detail"])] == [None]


async def test_a_letter_says_when_and_from_where_in_the_persons_own_time(house: Portal) -> None:
    person = await people.add_person(house.database)
    await add_factor(house, await sign_in(house, person))
    moved = "UPDATE portal.user_account SET time_zone = 'Asia/Kolkata', locale = 'fr' WHERE id = $1"
    await people.run_sql(house.database, moved, person.id)
    async with people.open_session(house.database.owner_url) as session:
        await second_factors.reset(session, OWNER_LOGIN, email=person.email, reason="A lost phone.")
    told = "SELECT at, request_id FROM portal.audit_event WHERE action = 'second_factor.added' AND actor_id = $1"
    (added,) = await people.run_sql(house.database, told, person.id)
    # Whoever made the call chose its id, and may send it once more from elsewhere, with a wrong password.
    refused = "SELECT portal.note_refused_sign_in($1, '203.0.113.0/24', $2)"
    await people.run_sql(house.database, refused, person.id, added["request_id"])
    by_person, by_operator = await people.read_letters(house.database)
    when = added["at"].astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"Quand : {when:%Y-%m-%d %H:%M} (Asia/Kolkata)\nDepuis : 127.0.0.0/24\n" in by_person.body
    assert "Depuis : aucun réseau connu\n" in by_operator.body


async def test_who_is_of_no_organization_stands_in_the_portals_own_trail(house: Portal) -> None:
    person = await people.add_person(house.database)
    await sign_in(house, person)
    query = "SELECT organization_id, action FROM portal.audit_event WHERE actor_id = $1"
    found = await people.run_sql(house.database, query, person.id)
    assert {tuple(row) for row in found} == {(None, "session.opened")}


async def test_the_operators_sign_out_is_seen_by_the_organization(house: Portal) -> None:
    person = await people.add_person(house.database)
    _, owner = await add_owner(house, "Signed Mills", person)
    async with people.open_session(house.database.owner_url) as session:
        await signing_out.sign_out_person(session, OWNER_LOGIN, email=person.email, reason="A stolen phone.")
    found: Any = await read(house, TRAIL, owner, action="sessions.ended_by_operator")
    (entry,) = [edge["node"] for edge in found["auditTrail"]["edges"]]
    assert (entry["actor"], entry["object"]["kind"]) == ({"role": "OPERATOR", "name": None}, "user")


async def test_each_use_and_each_renewal_of_recovery_codes_is_told(house: Portal) -> None:
    person = await people.add_person(house.database)
    _, owner = await add_owner(house, "Told Mills", person)
    await add_owner(house, "Untold Mills", person)
    token = await sign_in(house, person)
    secret, codes = await add_factor(house, token)
    told = ["used in place of the authenticator app, to prove", "All recovery codes were made anew"]
    await people.read_letters(house.database)
    for code, expected in ((make_code(secret), told[1:]), (None, told)):
        renewed = await change(house, RENEW, token, password=PASSWORD, code=code or codes[0])
        codes = renewed["recoveryCodes"]
        letters = await people.read_letters(house.database)
        assert [words in letter.body for words, letter in zip(expected, letters, strict=True)] == [True] * len(expected)
    await sign_in(house, person, code=codes[1])
    (letter,) = await people.read_letters(house.database)
    assert "Somebody signed in with a recovery code" in letter.body
    assert re.search(r"^When: \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)\nFrom: 127\.0\.0\.0/24$", letter.body, re.MULTILINE)
    used = await list_acts(house, owner, "recovery_code.used", "recovery_codes.renewed")
    assert used == ["recovery_codes.renewed", "recovery_code.used", "recovery_codes.renewed", "recovery_code.used"]
