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


async def ask_supplier(buyer: Caller, supplier: str) -> str:
    """A contact is added, a request made, and the supplier invited; gives the request's id."""
    added = await buyer.do("AddContact", supplierId=supplier, email=SUPPLIER, name="Minh Anh")
    assert added["supplier"]["state"] == "HAS_CONTACT"
    made = await buyer.do(
        "CreateRequests",
        supplierIds=[supplier],
        questionnaire="responsible-sourcing",
        minimumTier="MICRO",
        periodStart="2026-01-01",
        periodEnd="2026-12-31",
        purpose="Choosing the mills for next year's shirts",
        dueOn=str(datetime.now(UTC).date() + timedelta(days=30)),
        idempotencyKey="ask-the-mill-2026",
    )
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
    (document,) = latest["evidence"]
    download = await buyer.do("CreateEvidenceDownload", evidenceId=document["evidenceId"])
    assert await buyer.fetch(download["url"]) == evidence


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
