"""Invitation links: who may use one, once, for what, and how a supplier signs up with one."""

from uuid import UUID

import asyncpg
import pytest

from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.portals import Portal, codes
from tests.people import PASSWORD, Person

pytestmark = pytest.mark.slow  # hashes many passwords

NEW = {"password": "a long new password", "name": "New One"}


async def make_buyer(house: Portal) -> tuple[Person, UUID]:
    owner = await people.add_person(house.database)
    return owner, await people.add_organization(house.database, (owner, "owner"), name="Buyer", roles=("buyer",))


async def invite_supplier(house: Portal, email: str | None) -> tuple[str, UUID, UUID]:
    """The token, the buyer and its record."""
    _, buyer = await make_buyer(house)
    record = await people.add_record(house.database, buyer)
    return await people.invite(house.database, buyer, "supplier", email, record=record), buyer, record


async def read_record(house: Portal, record: UUID) -> dict[str, object]:
    query = "SELECT state, refusal, supplier_id FROM portal.supplier_record WHERE id = $1"
    return dict((await people.run_sql(house.database, query, record))[0])


async def test_what_is_wrong_with_a_new_organization_is_named_there(house: Portal) -> None:
    token, _, _ = await invite_supplier(house, None)
    person = await people.add_person(house.database)
    for given, code, field in (({"name": ""}, "LENGTH", "name"), ({"name": "a", "sector": "00"}, "SECTOR", "sector")):
        refused = await change(house, do.ACCEPT, person.token, token=token, newOrganization=given)
        assert refused["path"] == ["input", "newOrganization", field]
        assert refused["problems"] == [{"code": code, "path": ["input", "newOrganization", field]}]


async def test_a_supplier_signs_up_from_the_invitation_without_a_second_letter(house: Portal) -> None:
    token, buyer, record = await invite_supplier(house, "hanoi@example.com")
    shown = (await read(house, do.INVITATION, link=token))["invitation"]
    assert shown == {
        "kind": "SUPPLIER",
        "organizationName": "Buyer",
        "recordName": "Supplier as the buyer calls it",
        "recordCountry": "VN",
        "email": "hanoi@example.com",
        "role": None,
        "requests": 0,
    }
    registered = await change(house, do.REGISTER, **NEW, email="Hanoi@example.com", invitationToken=token)
    assert registered["next"] == "DONE"
    accepted = await change(
        house, do.ACCEPT, registered["token"], token=token, newOrganization={"name": "Hanoi Shirts", "country": "VN"}
    )
    assert accepted["organization"]["name"] == "Hanoi Shirts"
    viewer = (await read(house, do.VIEWER, registered["token"]))["viewer"]
    assert viewer["organization"]["name"] == "Hanoi Shirts"
    assert viewer["roles"] == [{"role": "SUPPLIER", "status": "ACTIVE", "reason": None}]
    linked = await read_record(house, record)
    assert (linked["state"], linked["supplier_id"] is not None) == ("linked", True)
    assert await people.read_letters(house.database) == []
    (event,) = await people.run_sql(house.database, "SELECT ids FROM portal.outbox WHERE topic = 'record.changed'")
    assert str(record) in event["ids"]
    assert str(buyer) in event["ids"]


async def test_who_lost_the_reply_accepts_again_with_the_same_result(house: Portal) -> None:
    token, _, record = await invite_supplier(house, None)
    person = await people.add_person(house.database)
    accepted = await change(house, do.ACCEPT, person.token, token=token, newOrganization={"name": "Hanoi Shirts"})
    assert accepted["organization"]["country"] == "VN"  # as the buyer has it down
    again = await change(house, do.ACCEPT, person.token, token=token, newOrganization={"name": "Hanoi Shirts"})
    assert again == accepted
    named = await change(house, do.ACCEPT, person.token, token=token, organizationId=accepted["organization"]["id"])
    assert named == accepted
    founded = await people.run_sql(house.database, "SELECT id FROM portal.organization WHERE name = 'Hanoi Shirts'")
    assert [row["id"] for row in founded] == [(await read_record(house, record))["supplier_id"]]
    other = await people.add_person(house.database)
    taken = await change(house, do.ACCEPT, other.token, token=token, newOrganization={"name": "Hanoi Shirts"})
    assert taken["__typename"] == "NotFound"
    assert len(await people.run_sql(house.database, "SELECT FROM portal.organization WHERE name = 'Hanoi Shirts'")) == 1


async def test_another_address_than_the_invited_one_is_confirmed_by_letter(house: Portal) -> None:
    token, _, _ = await invite_supplier(house, "hanoi@example.com")
    registered = await change(house, do.REGISTER, **NEW, email="colleague@example.com", invitationToken=token)
    assert (registered["next"], registered["token"]) == ("CONFIRM_ADDRESS", None)
    (letter,) = await people.read_letters(house.database)
    assert letter.to == "colleague@example.com"


async def test_a_link_that_the_buyer_copied_proves_no_address(house: Portal) -> None:
    """The buyer has seen it too, and could otherwise open accounts in other people's names."""
    token, _, _ = await invite_supplier(house, None)
    registered = await change(house, do.REGISTER, **NEW, email="victim@example.com", invitationToken=token)
    assert (registered["next"], registered["token"]) == ("CONFIRM_ADDRESS", None)


async def test_no_link_is_both_mailed_and_shown(house: Portal) -> None:
    arguments = "gen_random_uuid(), '\\x01', 'member', NULL, 'a@example.com', 'viewer', '1 day'"
    with pytest.raises(asyncpg.CheckViolationError):
        await people.run_sql(house.database, f"SELECT portal.create_invitation({arguments})")


async def test_an_invitation_never_signs_in_to_an_account_that_exists(house: Portal) -> None:
    person = await people.add_person(house.database)
    token, _, record = await invite_supplier(house, person.email)
    registered = await change(house, do.REGISTER, **NEW, email=person.email, invitationToken=token)
    assert (registered["__typename"], registered["code"]) == ("Conflict", "ACCOUNT_EXISTS")
    assert "token" not in registered
    assert (await change(house, do.SIGN_IN, email=person.email, password=NEW["password"]))["code"] == "WRONG_PASSWORD"
    signed_in = await change(house, do.SIGN_IN, email=person.email, password=PASSWORD)
    accepted = await change(house, do.ACCEPT, signed_in["token"], token=token, newOrganization={"name": "Mine"})
    assert accepted["__typename"] == "SupplierInvitationAccepted"
    assert (await read_record(house, record))["state"] == "linked"


async def test_an_invitation_works_once_and_only_while_it_lasts(house: Portal) -> None:
    first, second = await people.add_person(house.database), await people.add_person(house.database)
    token, _, _ = await invite_supplier(house, "a@example.com")
    accepted = await change(house, do.ACCEPT, first.token, token=token, newOrganization={"name": "First"})
    assert accepted["__typename"] == "SupplierInvitationAccepted"
    assert (await read(house, do.INVITATION, link=token))["invitation"] is None
    again = await change(house, do.ACCEPT, second.token, token=token, newOrganization={"name": "Second"})
    assert (again["__typename"], again["path"]) == ("NotFound", ["input", "token"])
    assert (await read(house, do.VIEWER, second.token))["viewer"]["organizations"] == []  # nothing was kept
    late, _, _ = await invite_supplier(house, "b@example.com")
    await people.move_clock(house.database, "15 days")
    assert (await read(house, do.INVITATION, link=late))["invitation"] is None
    registered = await change(house, do.REGISTER, **NEW, email="b@example.com", invitationToken=late)
    assert (registered["__typename"], registered["path"]) == ("NotFound", ["input", "invitationToken"])


async def test_only_an_owner_accepts_for_an_organization(house: Portal) -> None:
    owner, editor = await people.add_person(house.database), await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), (editor, "editor"), name="Factory")
    organization = (await read(house, do.VIEWER, owner.token))["viewer"]["organization"]["id"]
    token, _, _ = await invite_supplier(house, editor.email)
    refused = await change(house, do.ACCEPT, editor.token, token=token, organizationId=organization)
    assert (refused["__typename"], refused["code"]) == ("NotAllowed", "NOT_OWNER")
    stranger = await people.add_person(house.database)
    refused = await change(house, do.ACCEPT, stranger.token, token=token, organizationId=organization)
    assert refused["code"] == "NOT_OWNER"
    accepted = await change(house, do.ACCEPT, owner.token, token=token, organizationId=organization)
    assert accepted["organization"]["id"] == organization


async def test_an_organization_does_not_supply_itself(house: Portal) -> None:
    owner, buyer = await make_buyer(house)
    record = await people.add_record(house.database, buyer)
    token = await people.invite(house.database, buyer, "supplier", owner.email, record=record)
    organization = (await read(house, do.VIEWER, owner.token))["viewer"]["organization"]["id"]
    refused = await change(house, do.ACCEPT, owner.token, token=token, organizationId=organization)
    assert refused["code"] == "OWN_INVITATION"


async def test_exactly_one_way_to_accept(house: Portal) -> None:
    person = await people.add_person(house.database)
    token, _, _ = await invite_supplier(house, person.email)
    assert (await change(house, do.ACCEPT, person.token, token=token))["code"] == "EXACTLY_ONE"


@pytest.mark.parametrize(("reason", "state"), [("NOT_US", "refused"), ("WRONG_CONTACT", "needs_contact")])
async def test_whoever_holds_the_link_may_send_it_back(house: Portal, reason: str, state: str) -> None:
    token, _, record = await invite_supplier(house, "hanoi@example.com")
    refused = await change(house, do.REFUSE, token=token, reason=reason, remark="Ask  the\nhead office.")
    assert refused["__typename"] == "SupplierInvitationRefused"
    found = await read_record(house, record)
    assert (found["state"], found["refusal"]) == (state, f"{reason.lower()}: Ask the head office.")
    assert (await change(house, do.REFUSE, token=token, reason=reason))["__typename"] == "NotFound"


async def test_a_colleague_joins_by_the_link_sent_to_their_address(house: Portal) -> None:
    owner, _ = await make_buyer(house)
    colleague, stranger = await people.add_person(house.database), await people.add_person(house.database)
    invited = await change(house, do.INVITE, owner.token, email=colleague.email.upper(), role="EDITOR")
    assert invited["invitation"]["email"] == colleague.email
    (letter,) = await people.read_letters(house.database)
    token = people.read_token(letter)
    assert letter.to == colleague.email
    assert (await change(house, do.JOIN, stranger.token, token=token))["__typename"] == "NotFound"
    joined = await change(house, do.JOIN, colleague.token, token=token)
    assert joined["organization"]["name"] == "Buyer"
    viewer = (await read(house, do.VIEWER, colleague.token))["viewer"]
    assert (viewer["organization"]["name"], viewer["memberRole"]) == ("Buyer", "EDITOR")
    assert (await change(house, do.JOIN, colleague.token, token=token))["__typename"] == "NotFound"
    assert (await read(house, do.INVITATIONS, owner.token))["memberInvitations"] == []


async def test_a_new_colleague_registers_from_the_link(house: Portal) -> None:
    owner, _ = await make_buyer(house)
    await change(house, do.INVITE, owner.token, email="new@example.com", role="VIEWER")
    (letter,) = await people.read_letters(house.database)
    token = people.read_token(letter)
    registered = await change(house, do.REGISTER, **NEW, email="new@example.com", invitationToken=token)
    joined = await change(house, do.JOIN, registered["token"], token=token)
    assert joined["organization"]["name"] == "Buyer"


async def test_a_newer_invitation_ends_the_older_one(house: Portal) -> None:
    owner, _ = await make_buyer(house)
    colleague = await people.add_person(house.database)
    await change(house, do.INVITE, owner.token, email=colleague.email, role="VIEWER")
    (first,) = await people.read_letters(house.database)
    await change(house, do.INVITE, owner.token, email=colleague.email, role="EDITOR")
    (second,) = await people.read_letters(house.database)
    assert (await change(house, do.JOIN, colleague.token, token=people.read_token(first)))["__typename"] == "NotFound"
    assert (await change(house, do.JOIN, colleague.token, token=people.read_token(second)))["organization"]


async def test_inviting_tells_nobody_who_has_an_account(house: Portal) -> None:
    owner, _ = await make_buyer(house)
    known = await people.add_person(house.database)
    kinds = []
    for email in (known.email, "unknown@example.com"):
        invited = await change(house, do.INVITE, owner.token, email=email, role="VIEWER")
        kinds.append((invited["__typename"], sorted(invited["invitation"])))
    assert kinds[0] == kinds[1]


async def test_inviting_with_the_same_key_sends_one_letter(house: Portal) -> None:
    owner, _ = await make_buyer(house)
    given = {"email": "new@example.com", "role": "VIEWER", "idempotencyKey": "invite-0001"}
    first, second = [await change(house, do.INVITE, owner.token, **given) for _ in range(2)]
    assert first == second
    assert len(await people.read_letters(house.database)) == 1
    other = await change(house, do.INVITE, owner.token, **(given | {"role": "OWNER"}))
    assert (other["__typename"], other["code"]) == ("Conflict", "IDEMPOTENCY_KEY_REUSED")


async def test_a_revoked_invitation_is_worth_nothing(house: Portal) -> None:
    owner, _ = await make_buyer(house)
    colleague = await people.add_person(house.database)
    invited = await change(house, do.INVITE, owner.token, email=colleague.email, role="EDITOR")
    (letter,) = await people.read_letters(house.database)
    other_owner, _ = await make_buyer(house)
    id_ = invited["invitation"]["id"]
    stolen = await change(house, do.REVOKE_INVITATION, other_owner.token, invitationId=id_)
    assert stolen["__typename"] == "NotFound"
    revoked = await change(house, do.REVOKE_INVITATION, owner.token, invitationId=id_)
    assert revoked["__typename"] == "MemberInvitationRevoked"
    assert (await change(house, do.JOIN, colleague.token, token=people.read_token(letter)))["__typename"] == "NotFound"


async def test_looking_at_links_is_limited(house: Portal) -> None:
    for _ in range(60):
        assert (await read(house, do.INVITATION, link="guessed"))["invitation"] is None
    limited = await house.ask(do.INVITATION, link="guessed")
    assert codes(limited) == ["RATE_LIMITED"]
    assert limited["errors"][0]["extensions"]["retryAfter"] > 0
    registered = await change(house, do.REGISTER, **NEW, email="a@example.com", invitationToken="guessed")
    assert registered["__typename"] == "RateLimited"
    assert (await change(house, do.REFUSE, token="guessed", reason="NOT_US"))["__typename"] == "RateLimited"


async def test_a_suspended_buyers_links_rest(house: Portal) -> None:
    token, buyer, _ = await invite_supplier(house, "a@example.com")
    await people.run_sql(house.database, "UPDATE portal.organization SET status = 'suspended' WHERE id = $1", buyer)
    assert (await read(house, do.INVITATION, link=token))["invitation"] is None
