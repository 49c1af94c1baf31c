"""What the demo's buyers noted about their suppliers: records with contacts, and invitations that were accepted."""

from datetime import datetime, timedelta
from uuid import UUID

from portal.database.tables import directory, identity
from portal.demo import chance, naming
from portal.demo.cast import Firm
from portal.demo.people import People
from portal.demo.rows import Rows
from portal.demo.timeline import Round
from portal.directory import countries, sectors
from portal.directory.lists import names

# Suppliers of the first buyer that are not on the portal yet, by how far it has come with each.
OUTSIDERS = ("needs_contact",) * 6 + ("has_contact",) * 3 + ("invited",) * 4 + ("refused",)
INVITATION = timedelta(days=30)


def add_record(rows: Rows, people: People, buyer: int, firm: Firm, first: Round) -> UUID:
    """The id of a buyer's record of a supplier, which accepted its invitation soon after it was first asked."""
    party, owner = people.suppliers[firm.number], people.buyers[buyer]
    created = first.asked - timedelta(days=10)
    record = chance.make_id(created, "record", buyer, firm.number)
    linked = first.accepted - timedelta(minutes=30)
    _add(rows, owner.id, record, firm.name, firm.country, firm.sector, created, state="linked", number=firm.number)
    row = rows.get(directory.SupplierRecord)[-1]
    row |= {"supplier_id": party.id, "linked_at": linked, "invited_at": first.asked, "updated_at": linked}
    _add_contact(rows, owner.id, record, naming.name_person(firm.name), firm.email, created)
    rows.add(
        identity.Invitation,
        id=chance.make_id(first.asked, "invitation", buyer, firm.number),
        kind="supplier",
        organization_id=owner.id,
        supplier_record_id=record,
        email=firm.email,
        created_by=owner.owner_id,
        expires_at=first.asked + INVITATION,
        used_at=linked,
        used_by=party.owner_id,
        created_at=first.asked,
    )
    return record


def add_outsiders(rows: Rows, people: People, now: datetime) -> list[UUID]:
    """Records of suppliers that have not come yet; gives those that were invited."""
    buyer, created = people.buyers[0], now - timedelta(days=20)
    invited = []
    for number, state in enumerate(OUTSIDERS):
        name = naming.name_company(f"Outer {chr(ord('A') + number)}", "Workshop")
        record = chance.make_id(created, "outsider", number)
        _add(
            rows,
            buyer.id,
            record,
            name,
            ("IN", "CN", "MA")[number % 3],
            "14",
            created,
            state=state,
            number=900 + number,
        )
        if state != "needs_contact":
            _add_contact(rows, buyer.id, record, naming.name_person(name), f"contact-{number}@outer.example", created)
        if state == "invited":
            rows.get(directory.SupplierRecord)[-1]["invited_at"] = created + timedelta(hours=1)
            invited.append(record)
        if state == "refused":
            rows.get(directory.SupplierRecord)[-1]["refusal"] = "not_us: We never worked for this customer."
    return invited


def _add(
    rows: Rows,
    buyer: UUID,
    record: UUID,
    name: str,
    country: str,
    sector: str,
    created: datetime,
    *,
    state: str,
    number: int,
) -> None:
    found, place = sectors.find_sector(sector), countries.find_country(country)
    rows.add(
        directory.SupplierRecord,
        buyer_id=buyer,
        id=record,
        vendor_number=f"V-{10_000 + number}",
        name=name,
        name_key=names.make_name_key(name),
        address=f"{number + 1} Demo Street, {place.name if place else country}",
        country=country,
        sector_scheme=sectors.STORED_SCHEME,
        sector=sector,
        sector_text=found.title if found else sector,
        state=state,
        refusal=None,
        supplier_id=None,
        linked_at=None,
        invited_at=None,
        created_at=created,
        updated_at=created,
    )
    tokens = dict.fromkeys(names.make_name_tokens(name))
    rows.extend(
        directory.SupplierNameToken,
        ({"buyer_id": buyer, "token": token, "supplier_record_id": record} for token in tokens),
    )


def _add_contact(rows: Rows, buyer: UUID, record: UUID, name: str, email: str, created: datetime) -> None:
    rows.add(
        directory.SupplierContact,
        buyer_id=buyer,
        id=chance.make_id(created, "contact", record),
        supplier_record_id=record,
        name=name,
        email=email,
        locale="en",
        created_at=created,
    )
