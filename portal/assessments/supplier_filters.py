"""What a buyer asks its list for, in the words of the list: a filter that can match nothing is told as a mistake."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from portal import errors
from portal.assessments import definitions
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables.assessments import REQUEST_STATES, TIERS
from portal.database.tables.directory import RECORD_STATES
from portal.directory import classifying, sectors
from portal.directory.lists import names
from portal.reading.suppliers import LEAD

MOST = 100  # values of one filter
LONGEST_SEARCH = 200  # characters
# What a filter takes where that is fixed; the enumerations of the API hold the same, and a test compares them.
VALUES = {"tier": TIERS, "state": RECORD_STATES, "request_state": REQUEST_STATES}
BANDS = """
SELECT json_agg(DISTINCT jsonb_build_array(band ->> 'key', lower(band ->> 'title')))::text
  FROM portal.scoring_profile p CROSS JOIN LATERAL jsonb_array_elements(CAST(p.document AS jsonb) -> 'bands') band
 WHERE p.questionnaire = $1
"""


async def settle(session: Session, wanted: Mapping[str, Any], *, path: Sequence[str] = ()) -> dict[str, Any]:
    """The filters as cards spell them: a section with its divisions, bands by their keys, words in one case.

    Raises NotFound for an unknown questionnaire, InvalidInput BAD_FILTER for an unknown sector or band.
    """
    settled = dict(wanted)
    if wanted["questionnaire"] != LEAD:
        await definitions.check_questionnaire(session, wanted["questionnaire"], (*path, "questionnaire"))
    if wanted.get("sector"):
        settled["sector"] = _read_sectors(wanted["sector"], (*path, "sector"))
    for name in ("tag", "segment"):
        if wanted.get(name):
            _check_number(wanted[name], (*path, name))
            settled[name] = [classifying.spell(word) for word in wanted[name]]
    if wanted.get("band"):
        place = (*path, "band")
        _check_number(wanted["band"], place)
        text = await (await reader.take_reader(session)).fetch_text(BANDS, [wanted["questionnaire"]])
        settled["band"] = _read_bands(wanted["band"], orjson.loads(text or "[]"), place)
    return settled


def read_search(text: str, path: Sequence[str] = ("search",)) -> list[str]:
    """The beginnings of words that a name must hold; raises InvalidInput BAD_FILTER for a text that says nothing."""
    words = names.make_search_tokens(text) if len(text) <= LONGEST_SEARCH else ()
    if not words:
        allowed = f"`search` must hold a letter or a digit, and at most {LONGEST_SEARCH} characters."
        raise errors.InvalidInput(allowed, code="BAD_FILTER", path=path)
    return list(words)


def _read_sectors(given: Sequence[str], path: Sequence[str]) -> list[str]:
    _check_number(given, path)
    codes: dict[str, None] = {}
    for code in given:
        sector = sectors.find_sector(code.strip())
        if sector is None:
            words = f'`sector`: {code[:20]!r} is no section or division of ISIC Rev.4, like "C" or "14".'
            raise errors.InvalidInput(words, code="BAD_FILTER", path=path)
        codes |= dict.fromkeys(sectors.list_codes_within(sector))
    return list(codes)


def _read_bands(given: Sequence[str], known: Sequence[tuple[str, str]], path: Sequence[str]) -> list[str]:
    """The keys of bands; where no profile was published yet, nothing can be said of them."""
    keys = {key.lower(): key for key, _ in known} | {title: key for key, title in known}
    unknown = [band for band in given if band.strip().lower() not in keys]
    if known and unknown:
        allowed = ", ".join(sorted({key for key, _ in known}))
        words = f"`band`: {unknown[0][:20]!r} is no band of this questionnaire; allowed: {allowed}."
        raise errors.InvalidInput(words, code="BAD_FILTER", path=path)
    return list(dict.fromkeys(keys.get(band.strip().lower(), band) for band in given))


def _check_number(given: Sequence[str], path: Sequence[str]) -> None:
    if len(given) > MOST:
        raise errors.InvalidInput(f"`{path[-1]}`: at most {MOST} values.", code="BAD_FILTER", path=path)
