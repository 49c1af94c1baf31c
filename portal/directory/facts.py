"""What a buyer says of a supplier, checked and turned into the columns of a record, all problems told at once."""

from dataclasses import asdict, dataclass
from typing import Any

from portal.directory import countries, letters, sectors
from portal.directory.lists import contacts, fields, names
from portal.identity import wording
from portal.identity.wording import Reading

LONGEST_KEY = 1_000  # bytes; folding can make some letters many, and an index takes no more than a page
LONGEST_CONTACT = fields.MAXIMUM_LENGTHS[fields.Field.CONTACT_NAME]
_LONGEST = {str(name): most for name, most in fields.MAXIMUM_LENGTHS.items()}


@dataclass(frozen=True, kw_only=True)
class RecordFacts:
    """What a buyer knows of a supplier; None leaves a field empty (adding) or as it is (changing), "" empties it.

    `country` is a code or any spelling of a name; `sector` is free text or a code of ISIC Rev.4, kept beside the
    code that it surely means.
    """

    name: str | None = None
    country: str | None = None
    local_name: str | None = None
    address: str | None = None
    sector: str | None = None
    vendor_number: str | None = None
    external_reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class ContactFacts:
    """A person at a supplier, as a buyer names them."""

    email: str
    name: str | None = None
    locale: str | None = None


def make_key(name: str) -> str:
    """The key that names are compared and sorted by, short enough for an index."""
    return names.make_name_key(name).encode()[:LONGEST_KEY].decode(errors="ignore")


def check_facts(facts: RecordFacts, *, adding: bool) -> dict[str, Any]:
    """The columns of a record for these facts; raises InvalidInput that names every field that is wrong."""
    reading = Reading()
    values = read_facts(reading, facts, adding=adding)
    reading.finish()
    return values


def read_facts(reading: Reading, facts: RecordFacts, *, adding: bool) -> dict[str, Any]:
    """The columns of a record; what is wrong is noted in `reading`."""
    given = {name: text for name, text in asdict(facts).items() if text is not None}
    values: dict[str, Any] = {name: _read_text(reading, name, text) for name, text in given.items()}
    for name in ("name", "country"):
        if (adding or name in given) and not values.get(name):
            reading.refuse(name, "REQUIRED", f"{name} must be given.")
    if values.get("name"):
        values["name_key"] = make_key(values["name"])
        if not values["name_key"]:
            reading.refuse("name", "NAME_UNREADABLE", "name must hold a letter or a digit.")
    if values.get("country"):
        values["country"] = _read_country(reading, values["country"])
    if "sector" in values:
        # A field of the API is no column of a customs tariff: a bare code can only be the scheme's that it is told in.
        values |= write_sector(sectors.read_sector(values["sector"] or "", scheme=sectors.STORED_SCHEME))
    return values


def read_contact(reading: Reading, contact: ContactFacts, *, prefix: str = "") -> dict[str, Any]:
    """The columns of a contact; what is wrong is noted in `reading`, with `prefix` before the names of its fields."""
    email = reading.read_email(f"{prefix}email", contact.email)
    name = None
    if contact.name is not None:
        name = _read_text(reading, f"{prefix}name", contact.name, most=LONGEST_CONTACT)
    locale = None
    if contact.locale:
        locale = contacts.read_locale(contact.locale)
        if locale is None:
            words = f'{prefix}locale must be a language tag, like "en" or "pt-BR".'
            reading.refuse(f"{prefix}locale", "LOCALE", words)
    return {"email": email, "name": name, "locale": locale}


def write_sector(reading: sectors.SectorReading) -> dict[str, Any]:
    """The sector's columns: its text, and its code where the text means one sector only."""
    sure = len(reading.codes) == 1
    return {
        "sector_text": reading.text or None,
        "sector": reading.codes[0] if sure else None,
        "sector_scheme": reading.scheme if sure else None,
    }


def _read_text(reading: Reading, name: str, text: str, *, most: int | None = None) -> str | None:
    """A text of one line; an empty one is none."""
    if any(wording.is_control(letter) and letter not in "\t\r\n" for letter in text):
        reading.refuse(name, "CHARACTERS", f"{name} must not hold control characters.")
    shown = letters.clean(text)
    most = most or _LONGEST.get(name)
    if most is not None and len(shown) > most:
        reading.refuse(name, "TOO_LONG", f"{name} may have at most {most} characters; it has {len(shown)}.")
    return shown or None


def _read_country(reading: Reading, text: str) -> str | None:
    found = countries.read_country(text)
    if found.country is not None:
        return found.country.iso2
    near = ", ".join(f"{one.name} ({one.iso2})" for one in found.suggestions)
    allowed = f"near to it: {near}" if near else "allowed is a country's name or its two- or three-letter code"
    reading.refuse("country", found.reason or "COUNTRY_UNKNOWN", f"country: {found.note}; {allowed}.")
    return None
