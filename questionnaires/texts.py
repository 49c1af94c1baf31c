"""The texts of a questionnaire and of a scoring profile that a person reads, each by its path.

A path names keys, not places, so that it stays when questions move: questions.fire_exits.title,
option_sets.yes_partly_no.partly.help, profile.critical.child_labour.explanation. Texts that are empty have none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar, cast

from questionnaires.definition import TIERS, Definition, Option, Question, Section, Tier, contains
from questionnaires.profile import Profile

Part = TypeVar("Part")
# Takes a path and the text there, and gives the text to put in its place.
Change = Callable[[str, str], str]
# A version, with the newest of its scoring profiles.
Version: TypeAlias = tuple[Definition, Profile | None]

HASH_DIGITS = 16
LOWEST: Tier = "micro"
HIGHEST: Tier = "advanced"


def list_texts(definition: Definition, profile: Profile | None = None) -> dict[str, str]:
    """Every text by its path, in the order of the document, those of the profile behind."""
    found: dict[str, str] = {}
    rewrite_definition(definition, _note_in(found))
    return found | ({} if profile is None else list_profile_texts(profile))


def list_profile_texts(profile: Profile) -> dict[str, str]:
    """The texts of a scoring profile alone."""
    found: dict[str, str] = {}
    rewrite_profile(profile, _note_in(found))
    return found


def _note_in(found: dict[str, str]) -> Change:
    def note(path: str, text: str) -> str:
        found[path] = text
        return text

    return note


def hash_text(text: str) -> str:
    """What an entry of a translation knows its source by: the first 16 hexadecimal digits of SHA-256 over UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def rewrite_definition(definition: Definition, change: Change) -> Definition:
    """The definition with every text replaced by what `change` gives for it.

    A unit stays, whatever it gives: answers name units, so a unit in another language is shown beside, not instead.
    """
    header = definition.questionnaire
    return replace(
        definition,
        questionnaire=replace(
            header,
            title=change("title", header.title),
            description=change("description", header.description),
        ),
        tiers=_rewrite_all(definition.tiers, "tiers", change, "title", "description"),
        pillars=_rewrite_all(definition.pillars, "pillars", change, "title", "description"),
        sections=tuple(_rewrite_section(section, change) for section in definition.sections),
        option_sets={
            key: _rewrite_options(options, f"option_sets.{key}", change)
            for key, options in definition.option_sets.items()
        },
        checks=_rewrite_all(definition.checks, "checks", change, "title"),
    )


def rewrite_profile(profile: Profile, change: Change) -> Profile:
    """The profile with the texts of its bands and critical rules replaced."""
    return replace(
        profile,
        bands=_rewrite_all(profile.bands, "profile.bands", change, "title"),
        critical=_rewrite_all(profile.critical, "profile.critical", change, "title", "explanation"),
    )


def find_tier(definition: Definition, profile: Profile | None, path: str) -> Tier:
    """The lowest tier that shows the text of a path: what every tier shows belongs to the lowest."""
    kind, _, rest = path.removeprefix("profile.").partition(".")
    key = rest.partition(".")[0]
    asked = definition.questions.values()
    match kind:
        case "questions" if key in definition.questions:
            return definition.questions[key].tier
        case "sections":
            return _find_lowest(one.tier for one in asked if definition.sections_by_question[one.key].key == key)
        case "option_sets":
            return _find_lowest(one.tier for one in asked if one.options_ref == key)
        case "checks":
            return _find_lowest(one.tier for one in definition.checks if one.key == key)
        case "critical" if profile is not None:
            ruled = {one.question for one in profile.critical if one.key == key}
            return _find_lowest(one.tier for one in asked if one.key in ruled)
    return LOWEST


def list_within(texts: Iterable[str], definition: Definition, profile: Profile | None, tier: Tier) -> list[str]:
    """The paths that a tier, with the ones below it, shows."""
    return [path for path in texts if contains(tier, find_tier(definition, profile, path))]


def _find_lowest(tiers: Iterable[Tier]) -> Tier:
    return min(tiers, key=TIERS.index, default=HIGHEST)


def _rewrite(part: Part, path: str, change: Change, *fields: str) -> Part:
    kept = {name: getattr(part, name) for name in fields}
    changed = {name: change(f"{path}.{name}", text) for name, text in kept.items() if text}
    return cast(Part, replace(cast(Any, part), **changed))


def _rewrite_all(parts: tuple[Part, ...], path: str, change: Change, *fields: str) -> tuple[Part, ...]:
    return tuple(_rewrite(part, f"{path}.{cast(Any, part).key}", change, *fields) for part in parts)


def _rewrite_options(options: tuple[Option, ...], path: str, change: Change) -> tuple[Option, ...]:
    return _rewrite_all(options, path, change, "title", "help")


def _rewrite_section(section: Section, change: Change) -> Section:
    rewritten = _rewrite(section, f"sections.{section.key}", change, "title", "intro")
    return replace(rewritten, questions=tuple(_rewrite_question(one, change) for one in section.questions))


def _rewrite_question(question: Question, change: Change) -> Question:
    path = f"questions.{question.key}"
    rewritten = _rewrite(question, path, change, "title", "help", "action", "why")
    if question.unit:
        change(f"{path}.unit", question.unit)
    parts: Mapping[str, tuple[Any, tuple[str, ...]]] = {
        "not_applicable": (question.not_applicable, ("help",)),
        "evidence": (question.evidence, ("hint",)),
        "indicator": (question.indicator, ("name",)),
        "probe": (question.probe, ("ask", "look")),
    }
    return replace(
        rewritten,
        options=_rewrite_options(question.options, f"{path}.options", change),
        questions=tuple(_rewrite_question(child, change) for child in question.questions),
        **{
            name: _rewrite(part, f"{path}.{name}", change, *fields)
            for name, (part, fields) in parts.items()
            if part is not None
        },
    )
