"""What a questionnaire of an organization must keep beyond the format: its own names, bounded size, no links."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.assessments.publishing import OWNER_MARK
from questionnaires import document
from questionnaires.definition import Definition
from questionnaires.faults import FaultList, Place
from questionnaires.lint import locate
from questionnaires.profile import Profile
from questionnaires.translation import Overlay

MOST_QUESTIONS = 1_000
# Texts of one organization are read by people of another: no way out of the portal may stand in them.
LINK = re.compile(r"://|\bwww\.|\bmailto:|\bjavascript:", re.IGNORECASE)


def name_prefix(publisher: str) -> str:
    """What the keys of a publisher's questionnaires begin with."""
    return publisher + OWNER_MARK


def name_concepts(publisher: str) -> str:
    """What a publisher's own concepts begin with: all others are shared, and the operator's to give."""
    return f"by_{publisher.replace('-', '_')}."


def check_definition(definition: Definition, publisher: str, faults: FaultList) -> None:
    """Add what stands against publishing this under the name."""
    header, prefix = definition.questionnaire, name_prefix(publisher)
    if not header.key.startswith(prefix) or header.key == prefix:
        faults.add(Place(("questionnaire", "key")), f'key: "{header.key}"; allowed: {prefix} with your own name behind')
    if header.publisher != publisher:
        faults.add(Place(("questionnaire", "publisher")), f'publisher: "{header.publisher}"; allowed: {publisher}')
    if len(definition.questions) > MOST_QUESTIONS:
        return  # which its reading told
    for spot in locate(definition):
        concept, own = spot.question.concept, name_concepts(publisher)
        if concept is not None and not concept.startswith(own):
            words = f'concept: "{concept}" is not yours; allowed: {own} with your own name behind, or none'
            faults.add(spot.place.enter("concept"), words)
    _check_links(document.write_document(definition), faults)


def check_profile(profile: Profile, faults: FaultList) -> None:
    """Add what stands against showing this to suppliers."""
    _check_links(document.write_document(profile), faults)


def check_translation(overlay: Overlay, faults: FaultList) -> None:
    """Add what stands against showing this to suppliers in place of the source."""
    _check_links(document.write_document(overlay), faults)


def _check_links(content: object, faults: FaultList) -> None:
    for path, text in _list_texts(content, ()):
        if LINK.search(text):
            faults.add(Place(path), "a link; allowed: plain words, since suppliers read this as the portal's own page")


def _list_texts(content: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(content, str):
        yield path, content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _list_texts(value, (*path, key))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _list_texts(value, (*path, index))
