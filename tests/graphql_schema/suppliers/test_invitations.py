"""Inviting suppliers over HTTP: letters, links, many at once, and all the way to a linked record."""

from typing import Any

import orjson
import pytest

from portal.delivery import mail
from portal.delivery.letter_texts import read_packaged
from tests import people
from tests.graphql_schema.identity import documents as identity
from tests.graphql_schema.portals import Caller, Portal
from tests.graphql_schema.suppliers import documents as docs
from tests.graphql_schema.suppliers.documents import add, do, list_names, read

NEW = {"password": "a long new password", "name": "New One"}


async def refresh(house: Portal) -> None:
    """What the worker does with the events of changed records."""
    await people.run_sql(house.database, "SELECT portal.refresh_cards(buyer_id, id) FROM portal.supplier_record")


async def find(house: Portal, buyer: Caller, supplier_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await read(house, docs.PROFILE, buyer, id=supplier_id))["supplier"]
    return found


async def invite(house: Portal, buyer: Caller, *suppliers: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    done = await do(house, docs.INVITE, buyer, suppliers=list(suppliers), **more)
    assert done["__typename"] == "SuppliersInvited", done
    lines: list[dict[str, Any]] = done["lines"]
    return lines


async def test_from_the_letter_to_the_link(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Hanoi Shirts as the buyer calls it")
    (line,) = await invite(house, buyer, {"supplierId": made["id"], "email": "linh@hanoi.example"})
    assert (line["email"], line["problem"]) == ("linh@hanoi.example", None)
    invited = await find(house, buyer, made["id"])
    assert (invited["state"], invited["invitedAt"] is not None, invited["linkedAt"]) == ("INVITED", True, None)
    assert [(one["email"], one["state"]) for one in invited["invitations"]] == [("linh@hanoi.example", "OPEN")]
    assert [one["email"] for one in invited["contacts"]] == ["linh@hanoi.example"]
    (letter,) = await people.read_letters(house.database)
    assert letter.to == "linh@hanoi.example"
    token = people.read_token(letter)
    done = await do(house, identity.REGISTER, None, **NEW, email="linh@hanoi.example", invitationToken=token)
    guest = Caller(done["token"], buyer.user, buyer.organization)
    accepted = await do(house, identity.ACCEPT, guest, token=token, newOrganization={"name": "Hanoi Shirts"})
    assert accepted["__typename"] == "SupplierInvitationAccepted"
    await refresh(house)
    linked = await find(house, buyer, made["id"])
    assert (linked["state"], linked["organization"]) == ("LINKED", {"name": "Hanoi Shirts", "status": None})
    assert linked["invitations"][0]["state"] == "USED"
    assert linked["name"] == "Hanoi Shirts as the buyer calls it"
    (again,) = await invite(house, buyer, {"supplierId": made["id"]})
    assert again["problem"]["code"] == "ALREADY_LINKED"
    assert (await do(house, docs.LINK, buyer, supplierId=made["id"]))["code"] == "ALREADY_LINKED"
    assert await list_names(house, buyer, filter={"state": ["LINKED"]}) == [linked["name"]]


async def test_sending_again_ends_the_earlier_link(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Slow Mills")
    given = {"supplierId": made["id"], "email": "slow@mills.example"}
    await invite(house, buyer, given)
    await invite(house, buyer, given, idempotencyKey="just one more")
    repeated = await invite(house, buyer, given, idempotencyKey="just one more")
    assert repeated[0]["problem"] is None
    assert [one["state"] for one in (await find(house, buyer, made["id"]))["invitations"]] == ["OPEN", "REVOKED"]
    (letter,) = await people.read_letters(house.database)
    seen = (await house.ask(identity.INVITATION, link=people.read_token(letter)))["data"]["invitation"]
    assert seen["recordName"] == "Slow Mills"


async def test_a_link_to_hand_over_works_once_and_can_be_taken_back(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Linked Mills")
    first = await do(house, docs.LINK, buyer, supplierId=made["id"])
    assert first["url"] == f"https://portal.example/#invitation={first['token']}"
    assert first["supplier"]["state"] == "INVITED"
    second = await do(house, docs.LINK, buyer, supplierId=made["id"])
    assert [one["state"] for one in second["supplier"]["invitations"]] == ["OPEN", "REVOKED"]
    for token, name in ((first["token"], None), (second["token"], "Linked Mills")):
        found = (await house.ask(identity.INVITATION, link=token))["data"]["invitation"]
        assert (found and found["recordName"]) == name
    stored = await people.run_sql(house.database, "SELECT token_hash FROM portal.invitation WHERE email IS NULL")
    assert all(second["token"].encode() not in row["token_hash"] for row in stored if row["token_hash"])
    invitation = second["supplier"]["invitations"][0]["id"]
    other = await house.sign_up("buyer")
    assert (await do(house, docs.REVOKE, other, invitationId=invitation))["__typename"] == "NotFound"
    revoked = await do(house, docs.REVOKE, buyer, invitationId=invitation)
    assert revoked["supplier"]["state"] == "NEEDS_CONTACT"
    assert (await house.ask(identity.INVITATION, link=second["token"]))["data"]["invitation"] is None
    assert (await do(house, docs.REVOKE, buyer, invitationId=invitation))["__typename"] == "NotFound"


@pytest.mark.parametrize(
    ("reason", "state", "after"),
    [("WRONG_CONTACT", "NEEDS_CONTACT", "NEEDS_CONTACT"), ("NOT_US", "REFUSED", "REFUSED")],
)
async def test_the_buyer_sees_what_was_sent_back(house: Portal, reason: str, state: str, after: str) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Wrong Mills")
    await invite(house, buyer, {"supplierId": made["id"], "email": "wrong@mills.example"})
    (letter,) = await people.read_letters(house.database)
    await do(house, identity.REFUSE, None, token=people.read_token(letter), reason=reason, remark="Ask: somebody else")
    await refresh(house)
    told = await find(house, buyer, made["id"])
    assert (told["state"], told["refusalReason"], told["refusalRemark"]) == (state, reason, "Ask: somebody else")
    (line,) = await invite(house, buyer, {"supplierId": made["id"]})
    assert line["problem"]["code"] == ("NEEDS_CONTACT" if reason == "WRONG_CONTACT" else "REFUSED_BEFORE")
    assert (told["contacts"][0]["bouncedAt"] is not None) == (reason == "WRONG_CONTACT")
    same = {"supplierId": made["id"], "email": "wrong@mills.example"}
    (line,) = await invite(house, buyer, same)
    assert (line["problem"]["code"], line["invitationId"]) == ("REFUSED_BEFORE", None)
    assert await people.read_letters(house.database) == []
    named = await do(house, docs.ADD_CONTACT, buyer, supplierId=made["id"], email="right@mills.example")
    assert named["supplier"]["state"] in ("HAS_CONTACT", "INVITED")
    await invite(house, buyer, {"supplierId": made["id"], "contactId": named["contactId"]})
    now = await find(house, buyer, made["id"])
    assert (now["state"], now["refusalReason"], now["refusalRemark"]) == ("INVITED", None, None)
    letters = await people.read_letters(house.database)
    assert letters[-1].to == "right@mills.example"
    (line,) = await invite(house, buyer, same | {"again": True})
    assert line["problem"] is None
    assert [letter.to for letter in await people.read_letters(house.database)] == ["wrong@mills.example"]
    other = await add(house, buyer, "Another Mill of that person")
    (line,) = await invite(house, buyer, {"supplierId": other["id"], "email": "wrong@mills.example"})
    assert line["problem"] is None
    await people.read_letters(house.database)


async def test_a_supplier_whose_letter_came_back_needs_a_contact_until_the_buyer_changes_it(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Unreached Mills")
    await invite(house, buyer, {"supplierId": made["id"], "email": "gone@unreached.example"})
    await people.run_sql(
        house.database,
        "SELECT portal.note_letter_to_contact(id, false, 'refused', '550 5.1.1') FROM portal.invitation"
        " WHERE email = 'gone@unreached.example'",
    )
    assert await list_names(house, buyer, filter={"state": ["NEEDS_CONTACT"]}) == ["Unreached Mills"]
    (contact,) = (await find(house, buyer, made["id"]))["contacts"]
    assert (contact["bounceReason"], contact["bounceCode"]) == ("REFUSED", "550 5.1.1")
    by_id = {"supplierId": made["id"], "contactId": contact["id"]}
    told = [
        line["problem"] and line["problem"]["code"]
        for wish in ({"supplierId": made["id"]}, by_id, by_id | {"again": True})
        for line in await invite(house, buyer, wish)
    ]
    assert told == ["NEEDS_CONTACT", "BOUNCED", None]
    now = await find(house, buyer, made["id"])
    assert (now["state"], now["contacts"][0]["bounceReason"], now["contacts"][0]["bounceCode"]) == (
        "INVITED",
        None,
        None,
    )
    await people.read_letters(house.database)


async def test_an_address_that_was_a_wrong_contact_and_is_tried_again_can_bounce_again(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Retried Mills")
    same = {"supplierId": made["id"], "email": "again@retried.example"}
    await invite(house, buyer, same)
    (letter,) = await people.read_letters(house.database)
    await do(house, identity.REFUSE, None, token=people.read_token(letter), reason="WRONG_CONTACT")
    (line,) = await invite(house, buyer, same | {"again": True})
    assert line["problem"] is None
    for _ in range(2):
        await people.run_sql(
            house.database,
            "SELECT portal.note_letter_to_contact(id, false, 'refused', '550 5.1.1') FROM portal.invitation"
            " WHERE email = 'again@retried.example' AND used_at IS NULL",
        )
    now = await find(house, buyer, made["id"])
    assert (now["state"], now["contacts"][0]["bounceReason"]) == ("NEEDS_CONTACT", "REFUSED")
    await do(house, docs.ADD_CONTACT, buyer, supplierId=made["id"], email="again@retried.example")
    kept = await people.run_sql(
        house.database,
        "SELECT bounce_reason, bounce_code FROM portal.supplier_contact WHERE email = 'again@retried.example'",
    )
    assert [tuple(row) for row in kept] == [(None, None)]
    await people.read_letters(house.database)


async def test_an_invitation_that_is_over_invites_nobody(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Late Mills")
    other = await add(house, buyer, "Later Mills")
    await invite(house, buyer, {"supplierId": made["id"], "email": "late@mills.example"})
    await do(house, docs.LINK, buyer, supplierId=other["id"])
    settle = "SELECT portal.settle_lapsed_invitations(10) AS count"
    assert (await people.run_sql(house.database, settle))[0]["count"] == 0
    await people.run_sql(
        house.database,
        "UPDATE portal.invitation SET expires_at = portal.clock() - interval '1 minute' WHERE supplier_record_id IN"
        " (SELECT id FROM portal.supplier_record WHERE name IN ('Late Mills', 'Later Mills'))",
    )
    assert (await people.run_sql(house.database, settle))[0]["count"] == 2
    assert (await people.run_sql(house.database, settle))[0]["count"] == 0
    assert await list_names(house, buyer, filter={"state": ["HAS_CONTACT"]}) == ["Late Mills"]
    assert await list_names(house, buyer, filter={"state": ["NEEDS_CONTACT"]}) == ["Later Mills"]
    assert (await find(house, buyer, made["id"]))["invitations"][0]["state"] == "ENDED"
    (line,) = await invite(house, buyer, {"supplierId": made["id"]})
    assert (line["problem"], (await find(house, buyer, made["id"]))["state"]) == (None, "INVITED")
    await people.read_letters(house.database)


ACCEPT_SUGGESTION = docs.change("acceptContactSuggestion", "AcceptContactSuggestionInput", "ContactSuggestionAccepted")
DISMISS_SUGGESTION = docs.change(
    "dismissContactSuggestion", "DismissContactSuggestionInput", "ContactSuggestionDismissed"
)
SUGGEST = docs.change("suggestContact", "SuggestContactInput", "ContactSuggested", "requestId")


async def test_whom_to_ask_instead_is_suggested_and_written_to_only_once_the_buyer_says_so(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    made = await add(house, buyer, "Misdirected Mills")
    await invite(house, buyer, {"supplierId": made["id"], "email": "wrong@misdirected.example"})
    (letter,) = await people.read_letters(house.database)
    said = {"token": people.read_token(letter), "reason": "WRONG_CONTACT"}
    refused = await do(house, identity.REFUSE, None, **said, suggestedEmail="linh@misdirected.example")
    assert refused["__typename"] == "InvalidInput"
    await do(house, identity.REFUSE, None, **said, suggestedName="Linh", suggestedEmail="Linh@Misdirected.example")
    await refresh(house)
    (one,) = (await find(house, buyer, made["id"]))["contactSuggestions"]
    assert (one["name"], one["email"], one["state"], one["isFromMember"]) == (
        "Linh",
        "linh@misdirected.example",
        "OPEN",
        False,
    )
    assert await people.read_letters(house.database) == []
    assert (await do(house, ACCEPT_SUGGESTION, other, suggestionId=one["id"]))["__typename"] == "NotFound"
    taken = (await do(house, ACCEPT_SUGGESTION, buyer, suggestionId=one["id"]))["supplier"]
    assert taken["state"] == "HAS_CONTACT"
    assert [entry["email"] for entry in taken["contacts"] if entry["bouncedAt"] is None] == ["linh@misdirected.example"]
    assert taken["contactSuggestions"][0]["state"] == "ACCEPTED"
    assert (await do(house, ACCEPT_SUGGESTION, buyer, suggestionId=one["id"]))["__typename"] == "NotFound"
    assert await people.read_letters(house.database) == []


async def test_a_member_of_a_supplier_says_whom_to_ask_about_a_request(house: Portal) -> None:
    buyer, supplier, other = [await house.sign_up(role) for role in ("buyer", "supplier", "supplier")]
    made = await add(house, buyer, "Large Mills")
    await people.run_sql(
        house.database,
        "UPDATE portal.supplier_record SET supplier_id = $1, state = 'linked' WHERE name = 'Large Mills'",
        supplier.organization,
    )
    await people.run_sql(
        house.database,
        "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,"
        " period_start, period_end, purpose, due_on) SELECT buyer_id, gen_random_uuid(), id, supplier_id, 'other',"
        " 'micro', '2026-01-01', '2026-12-31', 'x', '2027-01-31' FROM portal.supplier_record"
        " WHERE name = 'Large Mills'",
    )
    answer = await house.ask("{ receivedRequests { nodes { id } } }", supplier.token)
    request = answer["data"]["receivedRequests"]["nodes"][0]["id"]
    assert (await do(house, SUGGEST, other, requestId=request, name="Mai"))["__typename"] == "NotFound"
    for _ in range(2):
        assert (await do(house, SUGGEST, supplier, requestId=request, name="Mai"))["__typename"] == "ContactSuggested"
    told = await people.run_sql(house.database, "SELECT FROM portal.outbox WHERE topic = 'request.changed'")
    assert len(told) == 1
    (one,) = (await find(house, buyer, made["id"]))["contactSuggestions"]
    assert (one["name"], one["email"], one["isFromMember"]) == ("Mai", None, True)
    refused = await do(house, ACCEPT_SUGGESTION, buyer, suggestionId=one["id"])
    assert refused["problems"][0]["code"] == "EMAIL"
    gone = (await do(house, DISMISS_SUGGESTION, buyer, suggestionId=one["id"]))["supplier"]
    assert gone["contactSuggestions"][0]["state"] == "DISMISSED"
    for place in range(5):
        done = await do(
            house, SUGGEST, supplier, requestId=request, name=f"Mai {place}", email=f"m{place}@mills.example"
        )
    assert done["code"] == "TOO_MANY"
    first = next(one for one in (await find(house, buyer, made["id"]))["contactSuggestions"] if one["name"] == "Mai 1")
    await do(house, ACCEPT_SUGGESTION, buyer, suggestionId=first["id"])
    (event,) = await people.run_sql(house.database, "SELECT ids FROM portal.outbox WHERE topic = 'suggestion.accepted'")
    ids = orjson.loads(event["ids"]) | {"user": str(supplier.user)}
    async with people.open_session(house.database.worker_url) as session:
        letter = await mail.compose(session, "colleague_suggested", ids, "https://portal.example", read_packaged(), "k")
    assert letter is not None and letter.stop_link is not None
    assert "Mai 1" in letter.subject and "m1@mills.example" in letter.body


async def test_removing_a_contact_ends_its_invitation(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "Parted Mills")
    await invite(house, buyer, {"supplierId": made["id"], "email": "gone@mills.example"})
    contact = (await find(house, buyer, made["id"]))["contacts"][0]["id"]
    gone = await do(house, docs.REMOVE_CONTACT, buyer, contactId=contact)
    assert (gone["supplier"]["state"], gone["supplier"]["invitations"][0]["state"]) == ("NEEDS_CONTACT", "REVOKED")
    assert await people.read_letters(house.database) == []


async def test_each_of_many_has_its_own_outcome(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    ready, bare, gone = [await add(house, buyer, name) for name in ("Ready", "Bare", "Gone")]
    await do(house, docs.ADD_CONTACT, buyer, supplierId=ready["id"], email="a@ready.example")
    await do(house, docs.ARCHIVE, buyer, supplierId=gone["id"])
    foreign = await add(house, other, "Foreign")
    wishes = [{"supplierId": one["id"]} for one in (ready, bare, gone, foreign, ready)]
    wishes += [{"supplierId": "nonsense"}, {"supplierId": ready["id"], "contactId": ready["id"]}]
    lines = await invite(house, buyer, *wishes)
    found = [one["problem"] and one["problem"]["code"] for one in lines]
    assert found == [None, "NEEDS_CONTACT", "ARCHIVED", "NOT_FOUND", "REPEATED", "BAD_ID", "BAD_ID"]
    places = [["input", "suppliers", str(at)] for at in range(1, 7)]
    places[4].append("supplierId")
    places[5].append("contactId")
    assert [one["problem"]["path"] for one in lines[1:]] == places
    assert [one["supplierId"] for one in lines] == [one["supplierId"] for one in wishes]
    assert (await find(house, other, foreign["id"]))["state"] == "NEEDS_CONTACT"
    assert [letter.to for letter in await people.read_letters(house.database)] == ["a@ready.example"]


async def test_an_address_with_an_account_answers_like_one_without(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    known = await people.add_person(house.database)
    answers = []
    for email in (known.email, "nobody-yet@example.com"):
        made = await add(house, buyer, f"Mills of {email}")
        (line,) = await invite(house, buyer, {"supplierId": made["id"], "email": email})
        state = (await find(house, buyer, made["id"]))["state"]
        answers.append((line["problem"], line["email"] == email, state))
    assert answers[0] == answers[1] == (None, True, "INVITED")
    await people.read_letters(house.database)


async def test_the_number_of_statements_does_not_depend_on_how_many(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = [(await add(house, buyer, f"Mill {number}"))["id"] for number in range(30)]
    wishes = [{"supplierId": one, "email": f"a{at}@mills.example"} for at, one in enumerate(made)]
    few = await docs.count_statements(house, docs.INVITE, buyer, suppliers=wishes[:2])
    many = await docs.count_statements(house, docs.INVITE, buyer, suppliers=wishes[2:])
    assert few == many < 20
    assert len(await people.read_letters(house.database)) == 30
    lines = [
        {"vendorNumber": f"N{at}", "name": f"New {at}", "country": "VN", "contactEmail": "a@b.example"}
        for at in range(40)
    ]
    assert await docs.count_statements(house, docs.UPSERT, buyer, suppliers=lines[:2]) == await docs.count_statements(
        house, docs.UPSERT, buyer, suppliers=lines[2:]
    )


async def test_too_many_at_once_are_refused(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    made = await add(house, buyer, "One Mill")
    for wishes in ([], [{"supplierId": made["id"]}] * 101):
        refused = await do(house, docs.INVITE, buyer, suppliers=wishes)
        assert (refused["__typename"], refused["code"]) == ("InvalidInput", "TOO_MANY")
