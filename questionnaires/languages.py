"""Language tags: how they are spelled, which way they are read, what stands in for which, and which one to speak.

A tag is language[-Script][-REGION] of BCP 47. What stands in for another follows the likely scripts of Unicode CLDR 48,
https://www.unicode.org/cldr/charts/48/supplemental/likely_subtags.html.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

Direction = Literal["ltr", "rtl"]

MOST_PREFERENCES = 20
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "nqo", "ps", "rhg", "sd", "syr", "ug", "ur", "yi"}
)
# Chinese is read in two scripts, and whoever reads the one may not read the other: its region tells which.
_CHINESE = {"CN": "Hans", "SG": "Hans", "MY": "Hans", "TW": "Hant", "HK": "Hant", "MO": "Hant", "": "Hans"}


def spell_tag(text: str) -> str | None:
    """The tag in its one spelling, like zh-Hans or es-MX; none where it is no such tag."""
    match = _TAG.fullmatch(text.strip())
    if match is None:
        return None
    language, script, region = match[1].lower(), match[2], match[3]
    return "-".join(filter(None, (language, script and script.capitalize(), region and region.upper())))


def find_direction(locale: str) -> Direction:
    """Which way a language is read; a script that is named decides."""
    language, script, _ = _split(locale)
    rtl = script in _RIGHT_TO_LEFT_SCRIPTS if script else language in _RIGHT_TO_LEFT
    return "rtl" if rtl else "ltr"


def list_fallbacks(locale: str) -> tuple[str, ...]:
    """The tag and what a reader of it can read as well, the nearest first: es-MX, es; zh-TW, zh-Hant, never zh-Hans."""
    language, script, region = _split(locale)
    if language == "zh":
        script = script or _CHINESE.get(region, "")
    near = [locale]
    if script:
        near += [f"{language}-{script}-{region}"] if region else []
        near.append(f"{language}-{script}")
    else:
        near.append(language)
    return tuple(dict.fromkeys(near))


def choose_locale(wanted: Iterable[str], available: Collection[str], source: str) -> str:
    """The first of what is wanted that is there, by itself or by what stands in for it; else the source."""
    known = sorted({*available, source})
    for locale in wanted:
        direct = (candidate for candidate in list_fallbacks(locale) if candidate in known)
        near = (candidate for candidate in known if is_near(candidate, locale))
        found = next(direct, None) or next(near, None)
        if found is not None:
            return found
    return source


def is_near(one: str, other: str) -> bool:
    """Whether both are forms of one language in the same script, like en-US and en-GB: who reads one reads both."""
    return list_fallbacks(one)[-1] == list_fallbacks(other)[-1]


def read_preferences(header: str) -> tuple[str, ...]:
    """The tags of an Accept-Language header (RFC 9110, 12.5.4), the most wanted first; others are passed over."""
    weighed = [_read_range(part) for part in header.split(",")[:MOST_PREFERENCES]]
    wanted = [(weight, tag) for weight, tag in weighed if tag is not None and weight > 0]
    tags = dict.fromkeys(tag for _, tag in sorted(wanted, key=lambda pair: -pair[0]))
    return tuple(tag for at, tag in enumerate(tags) if not _is_shortened(tag, list(tags)[:at]))


def _is_shortened(tag: str, before: list[str]) -> bool:
    """Browsers send "zh-TW, zh": the second only repeats the first, and by itself would mean another script."""
    return tag.isalpha() and any(_split(one)[0] == tag for one in before)


def _read_range(part: str) -> tuple[float, str | None]:
    tag, _, parameter = part.partition(";")
    match = re.fullmatch(r"\s*[qQ]\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*", parameter) if parameter else None
    if parameter and match is None:
        return 0.0, None
    return float(match[1]) if match else 1.0, spell_tag(tag)


def _split(locale: str) -> tuple[str, str, str]:
    match = _TAG.fullmatch(locale)
    return (match[1], match[2] or "", match[3] or "") if match else (locale, "", "")
