"""Organizations, groups and people of the demo, with the keys of those that call as machines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.benchmarks import terms
from portal.database.tables import benchmarks, directory, identity
from portal.demo import cast, chance, naming
from portal.demo.cast import Firm
from portal.demo.rows import Rows
from portal.demo.sign_ins import ADDRESSES, KEYS
from portal.identity import organizations, tokens

FOUNDED_BEFORE = timedelta(days=800)
KEY_NAME = "Demo"
APPLICANT = 30  # a supplier that asks to be a buyer too, for the operator to decide
PROPOSED_GROUPS = frozenset({196, 197, 198, 199})  # left for the operator to confirm


@dataclass(frozen=True)
class Party:
    """An organization with its owner."""

    id: UUID
    owner_id: UUID
    name: str


@dataclass(frozen=True)
class People:
    """Everybody of the demo; suppliers by their number."""

    buyers: tuple[Party, ...]
    partner: Party
    suppliers: Mapping[int, Party]


@dataclass(frozen=True)
class Secrets:
    """Hashes of the passwords by part, one that no password fits, and the keys by part."""

    password_hashes: Mapping[str, str]
    no_password: str
    keys: Mapping[str, str]


def found_everybody(rows: Rows, firms: list[Firm], now: datetime, secrets: Secrets) -> People:
    """Add organizations, groups, people and keys."""
    start = now - FOUNDED_BEFORE
    _add_person(rows, start, "operator", ADDRESSES["operator"], secrets.password_hashes["operator"], is_operator=True)
    buyers = tuple(_add_client(rows, start, f"buyer_{n + 1}", name, secrets) for n, name in enumerate(cast.BUYERS))
    partner = _add_client(rows, start, "partner", cast.PARTNER, secrets)
    rows.add(
        benchmarks.PartnerTerms,
        organization_id=partner.id,
        terms_version=terms.VERSION,
        accepted_by=partner.owner_id,
        accepted_at=start,
    )
    _add_groups(rows, firms, start)
    parts = name_parts(firms)
    suppliers = {firm.number: _add_supplier(rows, start, firm, parts.get(firm.number), secrets) for firm in firms}
    return People(buyers, partner, suppliers)


def name_parts(firms: list[Firm]) -> dict[int, str]:
    """The suppliers that somebody may sign in for, by number."""
    stories = {"supplier_fresh": "asked", "supplier_middle": "drafting", "supplier_results": "results"}
    return {cast.find_firm(firms, story).number: part for part, story in stories.items()}


def _add_client(rows: Rows, start: datetime, part: str, name: str, secrets: Secrets) -> Party:
    role = part.partition("_")[0]
    organization = _add_organization(
        rows, start, name=f"{name} {naming.MARK}", role=role, country="NL", sector="46", size_band="medium"
    )
    if role == "buyer":  # as whoever founds an organization: it answers for itself, too
        _add_role(rows, start, organization, "supplier", status="active")
    email, password_hash = ADDRESSES[part], secrets.password_hashes[part]
    return _add_owner(rows, start, organization, f"{name} {naming.MARK}", part, email, password_hash, secrets)


def _add_supplier(rows: Rows, start: datetime, firm: Firm, part: str | None, secrets: Secrets) -> Party:
    organization = _add_organization(
        rows,
        start,
        name=firm.name,
        role="supplier",
        country=firm.country,
        sector=firm.sector,
        size_band=firm.cohort.size,
    )
    rows.add(
        identity.GroupMember,
        organization_id=organization,
        group_id=_make_group_id(start, firm.group),
        valid_from=start,
    )
    if firm.cohort.size == "large":
        _add_sites(rows, start, organization, firm)
    if firm.number == APPLICANT:
        _add_role(rows, start, organization, "buyer", status="pending")
    email = ADDRESSES[part] if part else firm.email
    password_hash = secrets.password_hashes[part] if part else secrets.no_password
    return _add_owner(rows, start, organization, firm.name, part, email, password_hash, secrets)


def _add_organization(
    rows: Rows, start: datetime, *, name: str, role: str, country: str, sector: str, size_band: str
) -> UUID:
    made = chance.make_id(start, "organization", name)
    rows.add(
        identity.Organization,
        id=made,
        name=name,
        country=country,
        sector_scheme=organizations.SECTOR_SCHEME,
        sector=sector,
        size_band=size_band,
        is_demo=True,
        created_at=start,
    )
    _add_role(rows, start, made, role, status="active")
    return made


def _add_role(rows: Rows, start: datetime, organization: UUID, role: str, *, status: str) -> None:
    rows.add(
        identity.OrganizationRole,
        organization_id=organization,
        role=role,
        status=status,
        terms_version=terms.VERSION if role == "partner" else None,
        created_at=start,
        decided_at=start if status == "active" else None,
    )


def _add_sites(rows: Rows, start: datetime, organization: UUID, firm: Firm) -> None:
    for name in ("Main works", "Second works"):
        rows.add(
            directory.Site,
            organization_id=organization,
            id=chance.make_id(start, "site", firm.number, name),
            name=name,
            address=f"{firm.number + 1} Demo Street",
            country=firm.country,
            created_at=start,
        )


def _add_owner(
    rows: Rows,
    start: datetime,
    organization: UUID,
    name: str,
    part: str | None,
    email: str,
    password_hash: str,
    secrets: Secrets,
) -> Party:
    person = _add_person(rows, start, name, email, password_hash)
    rows.add(identity.Member, organization_id=organization, user_id=person, role="owner", created_at=start)
    if part in KEYS:
        rows.add(
            identity.ApiKey,
            id=chance.make_id(start, "key", part),
            key_hash=tokens.hash_token(secrets.keys[part]),
            organization_id=organization,
            name=KEY_NAME,
            scopes=list(KEYS[part]),
            created_by=person,
            created_at=start,
        )
    return Party(organization, person, name)


def _add_person(
    rows: Rows, start: datetime, about: str, email: str, password_hash: str, *, is_operator: bool = False
) -> UUID:
    made = chance.make_id(start, "person", about)
    rows.add(
        identity.UserAccount,
        id=made,
        email=email,
        password_hash=password_hash,
        name=naming.name_person(about),
        is_operator=is_operator,
        created_at=start,
    )
    return made


def _add_groups(rows: Rows, firms: list[Firm], start: datetime) -> None:
    heads = {firm.group: firm for firm in reversed(firms)}
    for group, firm in sorted(heads.items()):
        rows.add(
            identity.CorporateGroup,
            id=_make_group_id(start, group),
            name=f"{firm.word} Group {naming.MARK}",
            status="proposed" if group in PROPOSED_GROUPS else "confirmed",
            created_at=start,
        )


def _make_group_id(start: datetime, group: int) -> UUID:
    return chance.make_id(start, "group", group)
