"""The texts that a respondent meets, and how long they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from questionnaires.definition import Definition, Option, Question
from questionnaires.profile import Profile


def list_measures(definition: Definition) -> list[Question]:
    return [question for question in definition.questions.values() if question.kind == "measure"]


def list_options(definition: Definition) -> list[Option]:
    return [option for question in definition.questions.values() for option in question.options]


def read_respondent_texts(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every text a respondent meets, with the place it stands at."""
    yield "description", definition.questionnaire.description
    for part in (*definition.tiers, *definition.pillars):
        yield part.key, f"{part.title}. {part.description}"
    for section in definition.sections:
        yield section.key, f"{section.title}. {section.intro}"
    for check in definition.checks:
        yield check.key, check.title
    for question in definition.questions.values():
        yield from ((question.key, text) for text in read_question_texts(question))


def read_question_texts(question: Question) -> list[str]:
    hint = question.evidence.hint if question.evidence else ""
    absent = question.not_applicable.help if question.not_applicable else ""
    options = [text for option in question.options for text in (option.title, option.help)]
    texts = [question.title, question.help, question.action, question.why, hint, absent, *options]
    return [text for text in texts if text]


def read_profile_texts(profile: Profile) -> Iterator[tuple[str, str]]:
    for rule in profile.critical:
        yield rule.key, f"{rule.title}. {rule.explanation}"
    for band in profile.bands:
        yield band.key, band.title


def count_words(text: str) -> int:
    return len(re.findall(r"[\w%'’-]+", text))


def split_sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+", text) if sentence]
