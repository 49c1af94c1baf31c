"""The buyer's chapters, told with the operations of buyer.graphql."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import people
from tests.journeys.documents import Caller
from tests.journeys.world import World

PASSWORD = "seven small green boats"
BUYER = "buyer@shirts.example"
SUPPLIER = "owner@mill.example"
LIST = """Supplier;Country;Address;Vendor no.;E-mail
Riverside Knitting Mill;Viet Nam;1 Canal Road, Hue;V-1;
Hilltop Dye House;BANGLADESH;2 Hill Street, Dhaka;V-2;office@dye.example
Nowhere Works;Atlantis;3 Sea Floor;V-3;
""".encode("utf-16")


async def found_buyer(world: World) -> Caller:
    """A buyer registers, confirms its address, founds its organization, applies, is approved, and signs in anew."""
    buyer = Caller(world.url, "buyer")
    await buyer.do("RegisterBuyer", email=BUYER, password=PASSWORD, name="Bea Buyer")
    token = await world.mailbox.read_token(BUYER)
    buyer.token = (await buyer.do("ConfirmAccount", token=token, password=PASSWORD))["token"]
    await buyer.do("FoundOrganization", name="Shirts and More", country="DE", sector="G")
    applied = await buyer.do("ApplyForRole", role="BUYER", termsVersion="2026-01")
    assert applied["role"] == {"role": "BUYER", "status": "PENDING"}
    buyer.done += await approve(world, "BUYER", "Shirts and More")
    signed_in = await buyer.do("SignIn", email=BUYER, password=PASSWORD)
    buyer.token = signed_in["token"]
    assert signed_in["organization"]["name"] == "Shirts and More"
    return buyer


async def approve(world: World, role: str, organization: str) -> list[str]:
    """The operator reads who applied and says yes; gives the operations that took."""
    person = await people.add_person(world.database, operator=True)
    operator = Caller(world.url, "buyer", person.token)
    applications = await operator.ask("ReadApplications")
    (waiting,) = (one for one in applications if one["organizationName"] == organization)
    decided = await operator.do(
        "DecideRole", organizationId=waiting["organizationId"], role=waiting["role"], decision="APPROVE"
    )
    assert decided["application"] == {"role": role, "status": "ACTIVE"}
    return operator.done


async def bring_suppliers_in(buyer: Caller) -> dict[str, dict[str, Any]]:
    """A list is uploaded, looked at and confirmed; gives the suppliers by name."""
    created = await buyer.do("CreateSupplierListUpload", fileName="suppliers 2026.csv")
    await buyer.send_file(created["upload"], LIST)
    given = {"supplierListId": created["supplierList"]["id"]}
    preview = (await buyer.do("PreviewSupplierList", **given))["preview"]
    columns = [column["field"] for column in preview["columns"]]
    assert columns == ["NAME", "COUNTRY", "ADDRESS", "VENDOR_NUMBER", "CONTACT_EMAIL"]
    assert {name: preview["summary"][name] for name in ("rows", "new", "bad", "withoutContact")} == {
        "rows": 3,
        "new": 2,
        "bad": 1,
        "withoutContact": 1,
    }
    (problem,) = preview["problems"]
    assert (problem["line"], problem["value"]) == (4, "Atlantis")
    confirmed = await buyer.do("ConfirmSupplierList", **given)
    assert confirmed["counts"] == {"created": 2, "known": 0, "bad": 1, "repeats": 0, "contactsAdded": 1}
    assert (await buyer.do("ConfirmSupplierList", **given))["confirmedBefore"]
    found = await buyer.ask("ReadSuppliers", filter={"country": ["VN", "BD"]}, sort="NAME", first=50)
    assert [edge["node"]["state"] for edge in found["edges"]] == ["HAS_CONTACT", "NEEDS_CONTACT"]
    return {edge["node"]["name"]: edge["node"] for edge in found["edges"]}


async def run_campaign(buyer: Caller) -> None:
    """All suppliers of a country are asked at once, get more time, and are let go again."""
    asked = {
        "filter": {"country": ["BD"]},
        "questionnaire": "responsible-sourcing",
        "minimumTier": "MICRO",
        "periodStart": "2025-01-01",
        "periodEnd": "2025-12-31",
    }
    preview = await buyer.ask("PreviewCampaign", input=asked)
    assert preview["states"] == [{"state": "HAS_CONTACT", "count": 1}]
    due, later = (str(datetime.now(UTC).date() + timedelta(days=days)) for days in (30, 60))
    made = await buyer.do(
        "CreateCampaign",
        name="Last year in Bangladesh",
        purpose="Comparing the years",
        dueOn=due,
        expectedCount=preview["supplierCount"],
        idempotencyKey="bangladesh-2025",
        **asked,
    )
    campaign: str = made["campaign"]["id"]
    sent = await buyer.wait_for("ReadCampaign", "state", "SENT", id=campaign)
    assert (sent["waitingCount"], sent["states"]) == (0, [{"state": "OPEN", "count": 1}])
    (one,) = (await buyer.ask("ReadCampaignSuppliers", campaign=campaign))["nodes"]
    assert (one["supplierName"], one["outcome"]) == ("Hilltop Dye House", "ASKED")
    extended = await buyer.do("ExtendCampaign", campaignId=campaign, dueOn=later)
    assert extended["campaign"]["dueOn"] == later
    await wait_for_act(buyer, campaign)
    await buyer.do("WithdrawCampaign", campaignId=campaign)
    await wait_for_act(buyer, campaign)
    ended = await buyer.ask("ReadCampaign", id=campaign)
    assert (ended["state"], ended["states"]) == ("WITHDRAWN", [{"state": "WITHDRAWN", "count": 1}])


async def wait_for_act(buyer: Caller, campaign: str) -> None:
    """Until the worker has done what was asked for last."""
    async with asyncio.timeout(30):
        while (await buyer.ask("ReadCampaign", id=campaign))["acts"][0]["doneAt"] is None:
            await asyncio.sleep(0.1)


async def ask_supplier(buyer: Caller, supplier: str) -> str:
    """A contact is added, a request made, and the supplier invited; gives the request's id."""
    added = await buyer.do("AddContact", supplierId=supplier, email=SUPPLIER, name="Minh Anh")
    assert added["supplier"]["state"] == "HAS_CONTACT"
    wanted = {
        "supplierIds": [supplier],
        "questionnaire": "responsible-sourcing",
        "minimumTier": "MICRO",
        "periodStart": "2026-01-01",
        "periodEnd": "2026-12-31",
        "purpose": "Choosing the mills for next year's shirts",
        "dueOn": str(datetime.now(UTC).date() + timedelta(days=30)),
        "idempotencyKey": "ask-the-mill-2026",
    }
    shown = await buyer.ask("PreviewRequests", input=wanted)
    assert (shown["count"], shown["overLimitCount"]) == (1, 0)
    made = await buyer.do("CreateRequests", **wanted)
    assert made["createdCount"] == 1, made
    invited = await buyer.do("InviteSuppliers", suppliers=[{"supplierId": supplier}])
    assert invited["invitedCount"] == 1, invited
    request: str = made["lines"][0]["requestId"]
    return request


async def read_what_is_shared(buyer: Caller, supplier: str, evidence: bytes) -> None:
    """The list and the profile show what the supplier shares, and the document can be fetched."""
    profile = await buyer.ask("ReadProfile", supplier=supplier)
    latest = profile["latestResult"]
    card = await wait_for_card(buyer)
    assert (card["id"], card["band"], card["total"]) == (supplier, latest["band"], latest["total"])
    assert card["requestState"] == "FULFILLED"
    assert profile["organization"] == {"name": "Riverside Knitting Mill Ltd"}
    assert [section["key"] for section in latest["sections"] if section["answers"]] == ["fire_and_building"]
    assert [request["state"] for request in profile["requests"]] == ["FULFILLED"]
    (gap,) = [gap for section in latest["sections"] for gap in section["declaredGaps"]]
    assert (gap["question"], gap["owner"], gap["state"]) == ("fire_readiness", "Minh Anh", "STANDING")
    (document,) = latest["evidence"]
    download = await buyer.do("CreateEvidenceDownload", evidenceId=document["evidenceId"])
    assert await buyer.fetch(download["url"]) == evidence
    assert (await buyer.ask("ReadOwedFeedback"))["totalCount"] == 0
    given = await buyer.do("GiveFeedback", resultId=latest["id"], state="ACCEPTED", text="Thank you, that is enough.")
    assert (given["feedback"]["state"], given["feedback"]["isOwed"]) == ("ACCEPTED", False)


async def ask_for_more(buyer: Caller, supplier: str) -> None:
    """The buyer asks to be shown more, for something else than before."""
    given = {"supplierId": supplier, "questionnaire": "responsible-sourcing", "purpose": "A visit in May"}
    asked = await buyer.do("RequestAccess", **given, sections=["pay_and_time"], includeEvidence=True)
    assert (asked["joined"], asked["request"]["state"]) == (False, "OPEN")


async def read_what_was_granted(buyer: Caller, supplier: str) -> None:
    """What was granted can be read, and why not more; what is asked then is taken back, and asked once more."""
    (edge,) = (await buyer.ask("ReadAccessRequests"))["edges"]
    assert (edge["node"]["state"], edge["node"]["isReadable"]) == ("PARTLY_GRANTED", True)
    assert edge["node"]["reason"] == "Ask the workers' committee about the rest"
    latest = (await buyer.ask("ReadProfile", supplier=supplier))["latestResult"]
    assert [section["key"] for section in latest["sections"]] == ["fire_and_building", "pay_and_time"]
    given = {"supplierId": supplier, "questionnaire": "responsible-sourcing", "purpose": "A visit in May"}
    asked = await buyer.do("RequestAccess", **given, sections=["hiring_and_freedom"])
    taken = await buyer.do("WithdrawAccessRequest", requestId=asked["request"]["id"])
    assert taken["request"]["state"] == "WITHDRAWN"
    await buyer.do("RequestAccess", **given, sections=["hiring_and_freedom"])


async def read_the_refusal(buyer: Caller, supplier: str) -> None:
    """A refusal says why and what is offered; the score is what it was."""
    found = (await buyer.ask("ReadAccessRequests"))["edges"][0]["node"]
    assert (found["state"], found["offer"], found["offerText"]) == ("REFUSED", "VISIT", "Any Monday")
    assert (await buyer.ask("ReadProfile", supplier=supplier))["latestResult"]["total"] is not None


async def wait_for_card(buyer: Caller) -> dict[str, Any]:
    """The one linked supplier of the list, which shows a shared result within seconds."""
    async with asyncio.timeout(30):
        while True:
            found = await buyer.ask("ReadSuppliers", filter={"state": ["LINKED"]}, sort="TOTAL_HIGHEST", first=50)
            card: dict[str, Any] = found["edges"][0]["node"]
            if card["total"] is not None:
                return card
            await asyncio.sleep(0.1)


async def see_that_it_ended(buyer: Caller, supplier: str) -> None:
    """After the supplier took the share back nothing of it is left."""
    profile = await buyer.ask("ReadProfile", supplier=supplier)
    assert (profile["latestResult"], profile["history"]) == (None, [])
    (edge,) = (await buyer.ask("ReadSuppliers", filter={"state": ["LINKED"]}, sort="NAME", first=50))["edges"]
    assert (edge["node"]["band"], edge["node"]["total"]) == (None, None)


async def review(buyer: Caller, supplier: str) -> None:
    """The buyer states what it found on one answer, and asks about another."""
    latest = (await buyer.ask("ReadForReview", supplier=supplier))["latestResult"]
    (document,) = latest["evidence"]
    finding = {
        "question": document["question"],
        "level": "DOCUMENTED",
        "basis": "The list of checks names every door, week by week.",
        "notShown": "Whether the doors were open at night",
        "restsOn": [document["evidenceId"]],
    }
    made = await buyer.do("MakeStatement", resultId=latest["id"], findings=[finding])
    assert [one["level"] for one in made["statement"]["findings"]] == ["DOCUMENTED"]
    other = next(
        answer["question"]
        for section in latest["sections"]
        for answer in section["answers"]
        if answer["question"] != document["question"]
    )
    asked = await buyer.do(
        "AskClarification",
        resultId=latest["id"],
        items=[{"question": other, "text": "Who does this, and how often?"}],
        dueOn=str(datetime.now(UTC).date() + timedelta(days=14)),
    )
    assert (asked["clarification"]["round"], asked["clarification"]["state"]) == (1, "OPEN")


async def read_reply(buyer: Caller, supplier: str) -> None:
    """The reply is there, the shares of points follow the statement, and the dispute stands beside it."""
    (asked,) = (await buyer.ask("ReadReplies"))["nodes"]
    assert (asked["state"], asked["reply"]) == ("REPLIED", None)
    assert [one["reply"] for one in asked["items"]] == ["The fire warden, each Monday."]
    async with asyncio.timeout(30):
        while (await buyer.ask("ReadForReview", supplier=supplier))["latestResult"]["assurance"] is None:
            await asyncio.sleep(0.1)
    latest = (await buyer.ask("ReadForReview", supplier=supplier))["latestResult"]
    assert sum(float(latest["assurance"][name]) for name in ("declared", "documented", "verified")) == 100
    (finding,) = (one for section in latest["sections"] for one in section["findings"])
    assert [one["state"] for one in finding["disputes"]] == ["OPEN"]
