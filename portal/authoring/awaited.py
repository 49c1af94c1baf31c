"""The texts of a translation that waits for the operator, beside what they are of."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from portal.authoring.visibility import TranslationApproval
from questionnaires import reading, texts
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from questionnaires.translation import Entry, Overlay


@dataclass(frozen=True)
class AwaitedTexts:
    """Each text that is not shown yet by its path, with the text it was made from and the version that has it there.

    Both are none where no version has such a text there.
    """

    version: str
    texts: list[tuple[str, str | None, str | None, Entry]]


def read_overlay(document: str) -> Overlay:
    """A translation of its kept document."""
    return reading.load_translation(orjson.loads(document))


def read_awaited(found: TranslationApproval) -> AwaitedTexts:
    """What the operator decides about."""
    definitions = [reading.load_definition(orjson.loads(one)) for one in found.sources]
    profiles = [reading.load_profile(orjson.loads(one)) for one in found.profiles]
    shown = {} if found.shown is None else read_overlay(found.shown).entries
    sources = _list_sources(definitions, profiles)
    entries = read_overlay(found.document).entries.items()
    new = [(path, *sources.get((path, one.of), (None, None)), one) for path, one in entries if shown.get(path) != one]
    return AwaitedTexts(definitions[0].version, new)


def _list_sources(
    definitions: Sequence[Definition], profiles: Sequence[Profile]
) -> dict[tuple[str, str], tuple[str, str]]:
    """The texts of all versions by path and hash, each with the first of the versions that has it."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for definition in definitions:
        own = [one for one in profiles if one.profile.version == definition.version]
        told = [texts.list_texts(definition), *(texts.list_profile_texts(one) for one in own)]
        for path, text in (pair for one in told for pair in one.items()):
            found.setdefault((path, texts.hash_text(text)), (text, definition.version))
    return found
