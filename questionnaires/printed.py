"""A questionnaire on paper: a blank form to fill in by hand, or what was submitted together with its result."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires import condition_words, entering, filling
from questionnaires.answers import Answer, Answers, list_rows
from questionnaires.applicability import find_applicable
from questionnaires.definition import CHOICES, Definition, Question, Section, Tier
from questionnaires.typesetting import set_form
from questionnaires.wording import Words

BLANK_ROWS = 3  # how many lines of a group a blank form has room for
TEXT_LINES = 3
FIRST_STRONG, END_OF_ISOLATE, ZERO_WIDTH_SPACE = "\u2068", "\u2069", "\u200b"
# In scripts that put spaces between words; one more than the digits of a hash, which is to be copied as it is.
_LONG_WORD = re.compile(r"[!-\u06ff]{65}")
_HINTS = {"integer": "whole_hint", "decimal": "number_hint", "percent": "percent_hint", "date": "date_hint"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is printed above the answers of a submission: facts as label and value, and the stated result.

    `summary` is the summary of a trace, with figures as they are shown; `bands` has their titles.
    """

    facts: Sequence[tuple[str, str]] = ()
    summary: Mapping[str, Any] | None = None
    bands: Mapping[str, str] | None = None


def print_blank(definition: Definition, tier: Tier, *, font_folders: Sequence[str] = ()) -> bytes:
    """A PDF with room for every answer of a tier."""
    return set_form(_Form(definition, tier, None).write(Shown()), font_folders)


def print_answers(
    definition: Definition, tier: Tier, answers: Answers, shown: Shown, *, font_folders: Sequence[str] = ()
) -> bytes:
    """A PDF of the answers of a tier; `shown` stands above them."""
    return set_form(_Form(definition, tier, answers).write(shown), font_folders)


class _Form:
    """The form as plain JSON for the typesetter; without answers it is blank."""

    def __init__(self, definition: Definition, tier: Tier, answers: Answers | None) -> None:
        self.definition, self.tier, self.answers = definition, tier, answers
        self.words = Words(definition.questionnaire.locale)
        self.number = 0
        # What the answers do not ask for is left out; a blank form has everything, with its conditions in words.
        self.enabled = None if answers is None else find_applicable(definition, tier, answers).enabled_keys

    @property
    def is_blank(self) -> bool:
        return self.answers is None

    def write(self, shown: Shown) -> dict[str, Any]:
        form: dict[str, Any] = _rewrite(self.describe(shown), _break_words)
        return _rewrite(form, _isolate) if self.words.is_right_to_left else form

    def describe(self, shown: Shown) -> dict[str, Any]:
        header, words = self.definition.questionnaire, self.words
        tier = next(one.title for one in self.definition.tiers if one.key == self.tier)
        version = words.say("version", version=header.version)
        return {
            "title": header.title,
            "subtitle": f"{version} · {tier}",
            "description": header.description,
            "footer": f"{header.key} {header.version}",
            "language": words.locale.split("-")[0],
            "direction": "rtl" if words.is_right_to_left else "ltr",
            "words": {key: words.say(key) for key in ("page", "required", "result")},
            "facts": [list(fact) for fact in shown.facts],
            "result": None if shown.summary is None else self._describe_result(shown, tier),
            "sections": [one for section in self.definition.sections if (one := self._describe_section(section))],
        }

    def _describe_result(self, shown: Shown, tier: str) -> dict[str, Any]:
        summary, bands, words = shown.summary or {}, shown.bands or {}, self.words
        titles = {pillar.key: pillar.title for pillar in self.definition.pillars}
        none = words.say("not_rated")
        rows = [[words.say("total"), summary["total"] or none]]
        rows.append([words.say("band"), bands.get(summary["band"] or "", summary["band"] or none)])
        rows += [[titles.get(one["key"], one["key"]), one["score"] or none] for one in summary["pillars"]]
        rows.append([words.say("coverage"), f"{summary['coverage']} %"])
        return {"rows": rows, "note": words.say("own_words", tier=tier)}

    def _describe_section(self, section: Section) -> dict[str, Any] | None:
        asked = {question.key for question in filling.list_asked(self.definition, self.tier)}
        shown = [q for q in section.questions if q.key in asked and self._is_shown(q, None)]
        questions = [self._describe_top(question) for question in shown]
        return {"title": section.title, "intro": section.intro, "questions": questions} if questions else None

    def _is_shown(self, question: Question, row: str | None) -> bool:
        return self.enabled is None or (question.key, row) in self.enabled

    def _describe_top(self, question: Question) -> dict[str, Any]:
        self.number += 1
        made = self._describe_question(question, None, f"{self.number}.")
        return made | {"rows": list(self._describe_rows(question)) if question.type == "group" else []}

    def _describe_rows(self, group: Question) -> Iterator[dict[str, Any]]:
        most = BLANK_ROWS if group.repeat is None else min(BLANK_ROWS, group.repeat.max)
        blank: tuple[str | None, ...] = (None,) * most
        rows = blank if self.answers is None else list_rows(self.definition, group, self.answers)
        for number, row in enumerate(rows, 1):
            children = [q for q in filling.list_children(group, self.tier) if self._is_shown(q, row)]
            described = [self._describe_question(child, row, "") for child in children]
            yield {"title": f"{self.words.say('row')} {number}", "questions": described}

    def _describe_question(self, question: Question, row: str | None, number: str) -> dict[str, Any]:
        answer = None if self.answers is None else self.answers.get((question.key, row))
        return {
            "number": number,
            "title": question.title,
            "required": question.required and self.is_blank,
            "notes": list(self._list_notes(question)),
            "options": self._list_options(question, answer),
            "answer": self._show_value(question, answer),
            "state": self._show_state(question, row, answer),
            "lines": self._count_lines(question),
            "others": [self.words.say(one) for one in entering.list_states(question)] if self.is_blank else [],
        }

    def _list_notes(self, question: Question) -> Iterator[str]:
        if not self.is_blank:
            return
        if condition := condition_words.describe_condition(self.definition, question.enable_when, self.words):
            yield condition
        if question.help:
            yield question.help
        if question.type in _HINTS:
            yield " · ".join(one for one in (self.words.say(_HINTS[question.type]), question.unit) if one)
        if question.evidence is not None:
            kinds = [self.words.say(f"kind_{kind}") for kind in question.evidence.accept]
            told = functools.reduce(lambda first, second: self.words.say("beside", first=first, second=second), kinds)
            yield self.words.say("documents", kinds=told)

    def _list_options(self, question: Question, answer: Answer | None) -> list[dict[str, Any]]:
        """All of them where they can be chosen; of an answer also those that were not, so that it can be judged."""
        if not self.is_blank and (answer is None or answer.state != "value"):
            return []
        if question.type == "boolean":
            titles: list[tuple[Any, str]] = [(True, self.words.say("yes")), (False, self.words.say("no"))]
        elif question.type in CHOICES:
            titles = [(option.key, option.title) for option in self.definition.options(question)]
        else:
            return []
        value = None if answer is None else answer.value
        chosen = value if isinstance(value, tuple) else (value,)
        return [{"title": title, "chosen": answer is not None and key in chosen} for key, title in titles]

    def _show_value(self, question: Question, answer: Answer | None) -> str:
        if answer is None or answer.state != "value" or question.type in (*CHOICES, "boolean", "group"):
            return ""
        unit = "%" if question.type == "percent" else question.unit
        return f"{answer.value} {unit}" if unit else str(answer.value)

    def _show_state(self, question: Question, row: str | None, answer: Answer | None) -> str:
        """What is said where there is no value; nothing on a blank form."""
        if self.answers is None:
            return ""
        if question.type == "group" and (answer is None or answer.state == "value"):
            rows = list_rows(self.definition, question, self.answers)
            return "" if rows else self.words.say("not_answered" if answer is None else "none")
        if answer is None:
            return self.words.say("not_answered")
        if answer.state == "value":
            return ""
        said = self.words.say(answer.state)
        return f"{said}: {answer.reason}" if answer.reason else said

    def _count_lines(self, question: Question) -> int:
        if not self.is_blank or question.type in (*CHOICES, "boolean", "group"):
            return 0
        return TEXT_LINES if question.type == "text" else 1


def _rewrite(value: Any, change: Callable[[str], str]) -> Any:
    """The form with each text changed that people wrote."""
    if isinstance(value, Mapping):
        kept = ("language", "direction", "words")
        return {key: item if key in kept else _rewrite(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_rewrite(item, change) for item in value]
    return change(value) if isinstance(value, str) and value else value


def _isolate(text: str) -> str:
    """In its own direction, so that a text in Latin letters keeps its full stop at its end."""
    return f"{FIRST_STRONG}{text}{END_OF_ISOLATE}"


def _break_words(text: str) -> str:
    """An address or a slip of the hand that is longer than a line would run over the edge of the paper."""
    return _LONG_WORD.sub(f"\\g<0>{ZERO_WIDTH_SPACE}", text)
