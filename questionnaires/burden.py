"""What a request costs before anybody answers it: what is known already, what can be reused, and what is new."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from questionnaires import submission
from questionnaires.answers import Answer, AnswerKey, Answers
from questionnaires.applicability import Applicability, Item, find_applicable
from questionnaires.carryover import Carried
from questionnaires.definition import Definition, Tier, contains
from questionnaires.progress import measure_progress
from questionnaires.submission import Attachment


@dataclass(frozen=True, kw_only=True)
class Burden:
    """Counts of the places that would be asked; known, reusable and new make up all of them, `minutes` is for the new.

    `to_confirm` of the known ones want a look. Of documents it counts the places that would need one, and those of them
    for which one of a kind that fits, and that counts today, is at hand.
    """

    questions: int
    known: int
    to_confirm: int
    reusable: int
    new: int
    minutes: Decimal
    documents_needed: int
    documents_at_hand: int

    def settle(self) -> Burden:
        """Of what was submitted as it is asked: nothing is left to answer, whatever was left open by choice."""
        return dataclasses.replace(
            self, questions=self.known, new=0, minutes=Decimal(0), documents_needed=0, documents_at_hand=0
        )


def merge_carried(standing: Answers, carried: Collection[Carried]) -> tuple[Answers, frozenset[AnswerKey]]:
    """The answers of a response once an earlier one was taken over to it, and the places of those that want a look."""
    merged = dict(standing)
    unconfirmed = set()
    for one in carried:
        if one.answer is not None and one.answer.key not in merged:
            merged[one.answer.key] = one.answer
            if one.fate == "confirm":
                unconfirmed.add(one.answer.key)
    return merged, frozenset(unconfirmed)


def measure_burden(
    definition: Definition,
    tier: Tier,
    known: Answers,
    *,
    unconfirmed: Collection[AnswerKey] = (),
    reusable: Mapping[AnswerKey, Answer] | None = None,
    documents: Collection[Attachment] = (),
    day: date,
) -> Burden:
    """What is asked at a tier, by the same rules as progress: as the answers that are known or reusable open it.

    `reusable` are answers of other questionnaires by the place that they fit; `documents` are those of the library,
    whatever question they are at.
    """
    offered = {key: one for key, one in (reusable or {}).items() if key not in known}
    merged = dict(known) | {key: dataclasses.replace(one, question=key[0]) for key, one in offered.items()}
    asked = find_applicable(definition, tier, merged)
    progress = measure_progress(asked)
    taken = sum(item.key in offered for item in asked.enabled)
    needed = [item for item in asked.enabled if _needs_document(asked, item)]
    return Burden(
        questions=progress.asked,
        known=progress.answered - taken,
        to_confirm=sum(item.key in unconfirmed for item in asked.enabled),
        reusable=taken,
        new=progress.asked - progress.answered,
        minutes=progress.minutes_left,
        documents_needed=len(needed),
        documents_at_hand=sum(_has_document(item, documents, day) for item in needed),
    )


def _needs_document(asked: Applicability, item: Item) -> bool:
    """What is answered needs one as submission says; what is not, where any value would."""
    rule = item.question.evidence
    if rule is None or asked.find_answer(item) is not None:
        return submission.is_evidence_demanded(asked, item)
    is_of_tier = rule.required_from is not None and contains(asked.tier, rule.required_from)
    return is_of_tier and rule.required_when is None


def _has_document(item: Item, documents: Collection[Attachment], day: date) -> bool:
    rule = item.question.evidence
    return rule is not None and any(
        file.kind in rule.accept and submission.find_staleness(item.question, file, day) is None for file in documents
    )
