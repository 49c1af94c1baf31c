"""What a signed summary says of a submission, and whether a section that somebody was given belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from questionnaires import assurance, sealing
from questionnaires.sealing import SealedSection, Secret

FORMAT = "summary/1"
SECTION_FORMAT = "section/1"
# What stands in the sealed header under the same name: a summary that says otherwise contradicts its own seal.
SEALED = (
    "submission",
    "questionnaire",
    "version",
    "content_hash",
    "tier",
    "subject",
    "period_start",
    "period_end",
    "submitted_on",
)
FIGURES = ("total", "band", "band_reason", "coverage")  # sealed, too, for the scoring profile of that day
WORDS = {"withdrawn": "it was withdrawn by its supplier", "superseded": "a correction took its place"}


def find_faults(summary: Mapping[str, Any], day: date) -> list[str]:
    """Why a summary is not to be relied on that day, in words; empty where it may be. It was signed, or is no matter.

    One that a correction superseded holds what was true: `state` says so, and it is no fault.
    """
    if summary.get("format") != FORMAT:
        return [f"format: this is no {FORMAT}"]
    try:
        return [*_find_contradictions(summary), *_find_ends(summary, day), *_find_odd_shares(summary)]
    except (KeyError, TypeError, ValueError, AttributeError):
        return [f"format: this is no whole {FORMAT}"]


def _find_contradictions(summary: Mapping[str, Any]) -> list[str]:
    header, scored = summary["header"], summary["header"]["summary"]
    found = sealing.find_mismatches(summary["root"], header, summary["sections"])
    found += [f"{name}: not what was sealed" for name in SEALED if summary[name] != header[name]]
    if summary["profile"] == header["profile"]:
        stated = [name for name in FIGURES if summary[name] != scored[name]]
        found += [f"{name}: not what was sealed" for name in stated]
    return found


def _find_ends(summary: Mapping[str, Any], day: date) -> list[str]:
    submitted, last = (date.fromisoformat(summary[name]) for name in ("submitted_on", "valid_until"))
    found = []
    if day < submitted:
        found.append(f"submitted_on: it was submitted on {submitted}, after {day}")
    if day > last:
        found.append(f"valid_until: the result was valid until {last}")
    if summary["state"] == "withdrawn":
        found.append(f"state: {WORDS['withdrawn']}")
    return found


def _find_odd_shares(summary: Mapping[str, Any]) -> list[str]:
    """What was stated stands beside what was sealed; one of before this was told has nothing of it."""
    stated = summary.get("assurance")
    if stated is None:
        return []
    as_of, since = (date.fromisoformat(stated[name]) for name in ("as_of", "since"))
    whole = sum(Fraction(stated[name]) for name in assurance.ORDER)
    fits = since <= as_of and whole in (0, 100) and type(stated["conflicts"]) is type(stated["profile"]) is int
    return [] if fits else ["assurance: its shares are no whole"]


def write_section(submission: str, section: SealedSection, title: str) -> dict[str, Any]:
    """A section with everything that its hash is made over, as its file holds it."""
    return {
        "format": SECTION_FORMAT,
        "submission": submission,
        "section": section.key,
        "title": title,
        "salt": section.salt,
        "hash": section.hash,
        "content": dict(section.content),
        "secrets": {digest: {"salt": secret.salt, "text": secret.text} for digest, secret in section.secrets.items()},
    }


def find_section_faults(summary: Mapping[str, Any], given: Any) -> list[str]:
    """Why the file of a section does not belong to a summary without faults, in words; empty where it does."""
    if not isinstance(given, Mapping) or given.get("format") != SECTION_FORMAT:
        return [f"section: this is no {SECTION_FORMAT}"]
    try:
        section = _read_section(given)
        if given["submission"] != summary["submission"]:
            return [f"section {section.key}: belongs to another submission"]
        if section.content["section"] != section.key:
            return [f"section {section.key}: holds the content of another one"]
        found = sealing.find_mismatches(summary["root"], summary["header"], summary["sections"], (section,))
    except (KeyError, TypeError, ValueError, AttributeError):
        return [f"section: this is no whole {SECTION_FORMAT}"]
    differs = section.hash != summary["sections"].get(section.key)
    return found or ([f"section {section.key}: states another hash"] if differs else [])


def _read_section(given: Mapping[str, Any]) -> SealedSection:
    secrets = {digest: Secret(salt=one["salt"], text=one["text"]) for digest, one in given["secrets"].items()}
    return SealedSection(
        key=given["section"], salt=given["salt"], hash=given["hash"], content=given["content"], secrets=secrets
    )
