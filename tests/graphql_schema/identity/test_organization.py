"""Organizations, switching between them, roles that wait, the operator's decisions, and suspension."""

from typing import Any

import asyncpg
import pytest

from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.portals import Portal, codes

FACTS = {"name": "  Hanoi   Shirts ", "country": "VN", "sector": "14", "size": "SMALL", "timeZone": "Asia/Bangkok"}


async def viewer_of(house: Portal, token: str) -> dict[str, Any]:
    found: dict[str, Any] = (await read(house, do.VIEWER, token))["viewer"]
    return found


async def test_founding_makes_a_supplier_that_the_session_acts_for(house: Portal) -> None:
    person = await people.add_person(house.database)
    made = await change(house, do.FOUND, person.token, **FACTS)
    assert made["organization"] | {"id": ""} == {
        "id": "",
        "name": "Hanoi Shirts",
        "country": "VN",
        "sector": "14",
        "size": "SMALL",
        "status": "ACTIVE",
        "locale": "en",
        "timeZone": "Asia/Bangkok",
    }
    viewer = await viewer_of(house, person.token)
    assert (viewer["memberRole"], viewer["organization"]["name"]) == ("OWNER", "Hanoi Shirts")
    again = await change(house, do.FOUND, person.token, name="HANOI shirts")
    assert (again["__typename"], again["code"]) == ("Conflict", "ALREADY_YOURS")


async def test_a_new_organization_has_the_time_zone_and_language_of_its_founder(house: Portal) -> None:
    """A due day ends where the supplier is, so a firm must not be in UTC for want of a word."""
    person = await people.add_person(house.database)
    profile = 'mutation { updateProfile(input: {locale: "vi", timeZone: "Asia/Ho_Chi_Minh"}) { __typename } }'
    await read(house, profile, person.token)
    made = (await change(house, do.FOUND, person.token, name="Hanoi Shirts"))["organization"]
    assert (made["timeZone"], made["locale"]) == ("Asia/Ho_Chi_Minh", "vi")
    given = {"name": "Lille Shirts", "timeZone": "Europe/Paris", "locale": "fr"}
    made = (await change(house, do.FOUND, person.token, **given))["organization"]
    assert (made["timeZone"], made["locale"]) == ("Europe/Paris", "fr")


async def test_a_person_switches_between_organizations_but_not_to_strangers(house: Portal) -> None:
    person, stranger = await people.add_person(house.database), await people.add_person(house.database)
    await people.add_organization(house.database, (person, "owner"), name="One")
    await people.add_organization(house.database, (person, "viewer"), name="Two", roles=("buyer",))
    await people.add_organization(house.database, (stranger, "owner"), name="Three")
    viewer = await viewer_of(house, person.token)
    assert [(one["name"], one["role"]) for one in viewer["organizations"]] == [("One", "OWNER"), ("Two", "VIEWER")]
    two = viewer["organizations"][1]["organizationId"]
    three = (await viewer_of(house, stranger.token))["organization"]["id"]
    chosen = await change(house, do.CHOOSE, person.token, organizationId=two)
    assert chosen["viewer"] == {"organization": {"name": "Two"}, "memberRole": "VIEWER"}
    assert (await change(house, do.CHOOSE, person.token, organizationId=three))["__typename"] == "NotFound"
    assert (await viewer_of(house, person.token))["organization"]["name"] == "Two"
    other = await change(house, do.SIGN_IN, email=person.email, password=people.PASSWORD, organizationId=two)
    assert other["organization"]["name"] == "Two"
    assert await read(house, do.NODE, person.token, id=three) == {"node": None}


async def test_only_owners_change_the_organization(house: Portal) -> None:
    owner, editor = await people.add_person(house.database), await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), (editor, "editor"))
    changed = await change(house, do.UPDATE_ORGANIZATION, owner.token, name="New Name", sector="C", size="LARGE")
    assert changed["organization"] == {"name": "New Name", "country": None, "sector": "C", "size": "LARGE"}
    for document, given in (
        (do.UPDATE_ORGANIZATION, {"name": "Mine"}),
        (do.APPLY, {"role": "BUYER"}),
        (do.INVITE, {"email": "a@example.com", "role": "OWNER"}),
        (do.CREATE_KEY, {"name": "k", "scopes": ["ASSESSMENTS_READ"]}),
    ):
        assert (await change(house, document, editor.token, **given))["__typename"] == "NotAllowed"


async def test_a_role_acts_only_when_the_operator_has_approved_it(house: Portal) -> None:
    owner = await people.add_person(house.database)
    operator = await people.add_person(house.database, operator=True)
    await people.add_organization(house.database, (owner, "owner"), name="Wants to buy")
    applied = await change(house, do.APPLY, owner.token, role="BUYER", termsVersion="2026-01")
    assert applied["role"] == {"role": "BUYER", "status": "PENDING", "reason": None}
    key = {"name": "erp", "scopes": ["SUPPLIERS_READ"]}
    assert (await change(house, do.CREATE_KEY, owner.token, **key))["problems"][0]["code"] == "SCOPE"
    assert (await change(house, do.APPLY, owner.token, role="BUYER"))["code"] == "ALREADY_APPLIED"
    (waiting,) = (await read(house, do.APPLICATIONS, operator.token))["roleApplications"]
    assert (waiting["organizationName"], waiting["role"]) == ("Wants to buy", "BUYER")
    decision = {"organizationId": waiting["organizationId"], "role": "BUYER"}
    silent = await change(house, do.DECIDE, operator.token, **decision, decision="REFUSE")
    assert silent["problems"] == [{"code": "REQUIRED", "path": ["input", "reason"]}]
    await change(house, do.DECIDE, operator.token, **decision, decision="REFUSE", reason="Who are you?")
    viewer = await viewer_of(house, owner.token)
    assert {"role": "BUYER", "status": "REFUSED", "reason": "Who are you?"} in viewer["roles"]
    (letter,) = await people.read_letters(house.database)
    assert (letter.to, "Who are you?" in letter.body) == (owner.email, True)
    assert (await change(house, do.APPLY, owner.token, role="BUYER"))["role"]["status"] == "PENDING"
    approved = await change(house, do.DECIDE, operator.token, **decision, decision="APPROVE")
    assert approved["application"]["status"] == "ACTIVE"
    letter = (await people.read_letters(house.database))[-1]
    assert letter.subject == "Wants to buy may now act as buyer"
    again = await change(house, do.DECIDE, operator.token, **decision, decision="APPROVE")
    assert again["application"]["status"] == "ACTIVE"
    assert await people.read_letters(house.database) == []  # nothing changed
    assert (await change(house, do.CREATE_KEY, owner.token, **key))["secret"]
    trail = "SELECT action, detail::text FROM portal.audit_event WHERE actor_id = $1 ORDER BY at"
    acts = await people.run_sql(house.database, trail, operator.id)
    assert [row["action"] for row in acts].count("role.decided") == 3


async def test_a_refusal_is_not_mailed_once_the_owner_has_applied_again(house: Portal) -> None:
    owner = await people.add_person(house.database)
    operator = await people.add_person(house.database, operator=True)
    await people.add_organization(house.database, (owner, "owner"), name="Wants to buy")
    await change(house, do.APPLY, owner.token, role="BUYER")
    (waiting,) = (await read(house, do.APPLICATIONS, operator.token))["roleApplications"]
    decision = {"organizationId": waiting["organizationId"], "role": "BUYER", "decision": "REFUSE"}
    await change(house, do.DECIDE, operator.token, **decision, reason="Who are you?")
    assert (await change(house, do.APPLY, owner.token, role="BUYER"))["role"]["status"] == "PENDING"
    assert owner.email not in [letter.to for letter in await people.read_letters(house.database)]


async def test_the_operators_fields_are_for_operators(house: Portal) -> None:
    owner = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), roles=("supplier", "buyer"))
    organization = (await viewer_of(house, owner.token))["organization"]["id"]
    assert codes(await house.ask(do.APPLICATIONS, owner.token)) == ["NOT_ALLOWED"]
    assert codes(await house.ask(do.APPLICATIONS)) == ["UNAUTHENTICATED"]
    assert codes(await house.ask(do.GROUPS, owner.token)) == ["NOT_ALLOWED"]
    for document, given in (
        (do.DECIDE, {"organizationId": organization, "role": "BUYER", "decision": "APPROVE"}),
        (do.SUSPEND, {"organizationId": organization, "reason": "x"}),
        (do.REINSTATE, {"organizationId": organization, "reason": "x"}),
        (do.PLACE, {"organizationId": organization, "newGroup": "x"}),
    ):
        assert (await change(house, document, owner.token, **given))["__typename"] == "NotAllowed"


async def test_the_database_itself_refuses_operator_acts_of_others(house: Portal) -> None:
    owner = await people.add_person(house.database)
    connection = await asyncpg.connect(house.database.app_url.replace("+asyncpg", ""))
    try:
        for claimed in ("", str(owner.id)):
            await connection.execute("SELECT set_config('portal.user', $1, false)", claimed)
            for call in (
                "portal.list_role_applications(10)",
                "portal.decide_role(gen_random_uuid(), gen_random_uuid(), 'buyer', 'active', NULL)",
                "portal.set_organization_status(gen_random_uuid(), gen_random_uuid(), 'active', 'x')",
                "portal.list_corporate_groups(NULL, 10)",
                "portal.list_organizations(NULL, NULL, NULL, NULL, 10)",
                "portal.page_corporate_groups(NULL, NULL, NULL, 10)",
                "portal.list_failed_letters(NULL, 10)",
                "portal.list_failed_jobs(NULL, 10)",
                "portal.retry_failed(gen_random_uuid(), NULL, NULL)",
                "portal.place_in_group(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'x')",
                "portal.confirm_group(gen_random_uuid(), gen_random_uuid())",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"SELECT {call}")
    finally:
        await connection.close()


async def test_a_suspended_organization_may_look_and_no_more(house: Portal) -> None:
    owner = await people.add_person(house.database)
    operator = await people.add_person(house.database, operator=True)
    await people.add_organization(house.database, (owner, "owner"), name="Bad Firm", roles=("supplier", "buyer"))
    key = (await change(house, do.CREATE_KEY, owner.token, name="erp", scopes=["SUPPLIERS_READ"]))["secret"]
    organization = (await viewer_of(house, owner.token))["organization"]["id"]
    assert (await read(house, do.MACHINE, key))["viewer"]["scopes"] == ["suppliers:read"]
    done = await change(house, do.SUSPEND, operator.token, organizationId=organization, reason="Complaints")
    assert done == {"__typename": "OrganizationSuspended", "status": "SUSPENDED"}
    assert codes(await house.ask(do.MACHINE, key)) == ["UNAUTHENTICATED"]
    viewer = await viewer_of(house, owner.token)
    assert (viewer["memberRole"], viewer["organization"]["status"]) == ("VIEWER", "SUSPENDED")
    assert len((await read(house, do.MEMBERS, owner.token))["members"]["edges"]) == 1
    invited = await change(house, do.INVITE, owner.token, email="a@example.com", role="OWNER")
    assert invited["__typename"] == "NotAllowed"
    back = await change(house, do.REINSTATE, operator.token, organizationId=organization, reason="Settled")
    assert back["status"] == "ACTIVE"
    assert (await viewer_of(house, owner.token))["memberRole"] == "OWNER"
    assert (await read(house, do.MACHINE, key))["viewer"]["organization"]["name"] == "Bad Firm"


async def test_a_closed_organization_is_acted_for_no_longer(house: Portal) -> None:
    owner = await people.add_person(house.database)
    made = await people.add_organization(house.database, (owner, "owner"))
    organization = (await viewer_of(house, owner.token))["organization"]["id"]
    await people.run_sql(house.database, "UPDATE portal.organization SET status = 'closed' WHERE id = $1", made)
    viewer = await viewer_of(house, owner.token)
    assert (viewer["organization"], viewer["memberRole"]) == (None, None)
    await people.add_organization(house.database, (owner, "viewer"), name="Still Open")
    signed_in = await change(house, do.SIGN_IN, email=owner.email, password=people.PASSWORD)
    assert signed_in["organization"] == {"name": "Still Open"}
    assert (await change(house, do.CHOOSE, owner.token, organizationId=organization))["__typename"] == "NotFound"


async def test_groups_are_proposed_placed_and_confirmed(house: Portal) -> None:
    owner = await people.add_person(house.database)
    operator = await people.add_person(house.database, operator=True)
    made = await people.add_organization(house.database, (owner, "owner"))
    organization = (await viewer_of(house, owner.token))["organization"]["id"]
    first = await change(house, do.PLACE, operator.token, organizationId=organization, newGroup="Old Parent")
    second = await change(house, do.PLACE, operator.token, organizationId=organization, newGroup="New Parent")
    again = await change(house, do.PLACE, operator.token, organizationId=organization, groupId=second["groupId"])
    assert again["groupId"] == second["groupId"]
    await change(house, do.CONFIRM_GROUP, operator.token, groupId=second["groupId"])
    groups = (await read(house, do.GROUPS, operator.token))["corporateGroups"]
    assert [(one["name"], one["status"], one["organizations"]) for one in groups] == [
        ("Old Parent", "PROPOSED", 0),
        ("New Parent", "CONFIRMED", 1),
    ]
    only = (await read(house, do.GROUPS, operator.token, status="PROPOSED"))["corporateGroups"]
    assert [one["id"] for one in only] == [first["groupId"]]
    kept = await people.run_sql(
        house.database, "SELECT valid_to IS NULL AS open FROM portal.group_member WHERE organization_id = $1", made
    )
    assert sorted(row["open"] for row in kept) == [False, True]
    nowhere = await change(house, do.PLACE, operator.token, organizationId=organization)
    assert nowhere["code"] == "EXACTLY_ONE"
