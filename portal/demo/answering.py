"""What a made-up supplier answers: options chosen by how good its practice is; the score is left to the rules."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.demo import chance
from portal.demo.cast import Firm
from questionnaires.answers import Answer, Answers, index_answers, may_decline
from questionnaires.applicability import find_applicable
from questionnaires.definition import NUMBERS, Definition, Question, Tier, contains
from questionnaires.profile import Profile

PEOPLE = {"micro": (3, 9), "small": (11, 48), "medium": (60, 240), "large": (280, 4_800)}
SERVICES = ("49", "81", "43")
# The gap that an honest supplier names at first, and the harm it admits by that.
GAPS = (
    ("exits_during_work", "blocked_at_times"),
    ("lowest_pay", "below_minimum"),
    ("job_costs", "workers_paid"),
    ("requests_for_bribes", "small_payments"),
    ("identity_papers", "kept_not_free"),
)
GRAVE = ("c", "d")  # the bands that are left by harm which nobody admits in passing
MENDED = Decimal(62)  # about what an option earns that says a harm has ended
REASONS = {
    "building_condition": "We work in the open and have no building of our own.",
    "exits_during_work": "We work in the open and have no building of our own.",
    "fire_readiness": "We work in the open and have no building of our own.",
    "harmful_waste": "Our work leaves no harmful waste.",
    "environmental_permits": "Our work needs no permit of this kind.",
    "electricity_used": "The landlord holds the meter.",
    "use_tracking": "The landlord holds the meter.",
    "supplier_conditions": "We buy nothing that goes into what we sell.",
}


@dataclass(frozen=True)
class Respondent:
    """A supplier in one round; practice gets better from round to round, and doubts and gaps get fewer."""

    firm: Firm
    round: int
    definition: Definition
    profile: Profile

    def draw(self, *about: object) -> random.Random:
        """Chance that is the supplier's own, so that most answers stay as they were a year before."""
        return chance.draw("answer", self.firm.number, *about)

    @property
    def skill(self) -> float:
        return min(0.97, self.firm.skill + 0.045 * self.round)

    @property
    def gap(self) -> tuple[str, str] | None:
        """The question and option of the gap that this supplier names."""
        return GAPS[self.firm.number // 7 % len(GAPS)] if self.firm.number % 7 == 3 else None


def answer_questions(definition: Definition, profile: Profile, tier: Tier, firm: Firm, round_: int) -> Answers:
    """The answers of a supplier in a round to all questions that its answers open."""
    respondent = Respondent(firm, round_, definition, profile)
    asked = [question for question in _list_questions(definition) if contains(tier, question.tier)]
    answers = index_answers(answer for question in asked for answer in _answer(respondent, question))
    return find_applicable(definition, tier, answers).keep_enabled()


def _list_questions(definition: Definition) -> Iterator[Question]:
    for section in definition.sections:
        yield from section.questions


def _answer(respondent: Respondent, question: Question) -> Iterator[Answer]:
    key, source = question.key, respondent.draw("state", question.key)
    is_critical = any(rule.question == key for rule in respondent.profile.critical)
    if question.allows_not_applicable and source.random() < _count_exceptions(respondent):
        reason = REASONS.get(key, "This does not fit our work.")
        yield Answer(question=key, state="not_applicable", reason=reason)
    elif question.kind == "measure" and source.random() < _measure_doubt(respondent, is_critical):
        yield Answer(question=key, state="unknown")
    elif not is_critical and _declines(respondent, question, source):
        yield Answer(question=key, state="declined")
    else:
        yield Answer(question=key, state="value", value=_choose_value(respondent, question))


def _count_exceptions(respondent: Respondent) -> float:
    return 0.3 if respondent.firm.sector in SERVICES else 0.04


def _measure_doubt(respondent: Respondent, is_critical: bool) -> float:
    """How likely nobody knows; where the band hangs on an answer, somebody more often goes and looks."""
    return 0.0 if respondent.firm.is_sure else (0.054 if is_critical else 0.09) / (1 + respondent.round)


def _declines(respondent: Respondent, question: Question, source: random.Random) -> bool:
    may = respondent.firm.number % 8 == 5 and may_decline(question, count_people(respondent))
    return may and question.kind == "measure" and source.random() < 0.08


def count_people(respondent: Respondent) -> int:
    """How many work there; the number moves a little from round to round."""
    low, high = PEOPLE[respondent.firm.cohort.size]
    first = respondent.draw("headcount").randint(low, high)
    return min(high, max(low, round(first * (1 + 0.03 * respondent.round))))


def _choose_value(respondent: Respondent, question: Question) -> Any:
    known = _FACTS.get(question.key)
    if known is not None:
        return known(respondent)
    if question.type in ("choice", "multi_choice"):
        return _choose_options(respondent, question)
    if question.type in NUMBERS:
        return _choose_number(respondent, question)
    plain = {"boolean": respondent.skill > 0.5, "text": "Made up for the demo.", "group": ()}
    return plain[question.type]


def _choose_options(respondent: Respondent, question: Question) -> Any:
    options = [option.key for option in respondent.definition.options(question)]
    scored = respondent.profile.questions.get(question.key)
    if scored is not None and scored.sum is not None:
        return _choose_measures(respondent, question, dict(scored.sum))
    if scored is None or scored.points is None:
        chosen: str = respondent.draw("option", question.key).choice(options)
        return (chosen,) if question.type == "multi_choice" else chosen
    return _choose_practice(respondent, question, dict(scored.points))


def _choose_measures(respondent: Respondent, question: Question, points: dict[str, Decimal]) -> tuple[str, ...]:
    """Each measure that counts is there or not; where none is, the option that says so."""
    source = respondent.draw("measures", question.key)
    there = tuple(key for key, earned in points.items() if earned > 0 and source.random() < respondent.skill)
    none = next(option.key for option in respondent.definition.options(question) if option.exclusive)
    return there or (none,)


def _choose_practice(respondent: Respondent, question: Question, points: dict[str, Decimal]) -> str:
    """The option at the height of the supplier's practice; grave harm only where the supplier names a gap."""
    gap = respondent.gap
    if gap is not None and gap[0] == question.key:
        if respondent.round == 0:
            return gap[1]
        return min(points, key=lambda key: (abs(points[key] - MENDED), key))
    rules = [rule for rule in respondent.profile.critical if rule.question == question.key]
    harm = {option for rule in rules if rule.cap_band in GRAVE for option in rule.options}
    ladder = sorted((key for key in points if key not in harm), key=lambda key: (points[key], key))
    height = respondent.skill + respondent.draw("practice", question.key).gauss(0, 0.16)
    return ladder[min(len(ladder) - 1, max(0, int(height * len(ladder))))]


def _choose_number(respondent: Respondent, question: Question) -> str:
    if question.type == "percent":
        return str(min(100, max(0, round(respondent.skill * 104 + respondent.draw(question.key).gauss(0, 8)))))
    low = int(question.min or 0)
    high = int(min(question.max or 1_000, Decimal(low + 1_000)))
    return str(respondent.draw(question.key).randint(low, high))


def _list_worker_groups(respondent: Respondent) -> tuple[str, ...]:
    source, firm = respondent.draw("worker_groups"), respondent.firm
    is_big = firm.cohort.size in ("medium", "large")
    odds = {"agency_workers": 0.35 if is_big else 0.12, "migrant_workers": 0.4 if is_big else 0.2}
    odds |= {"home_workers": 0.12, "under_18": 0.1, "housed_by_us": 0.25 if is_big else 0.05}
    # Whoever names a gap in hiring hires through somebody.
    named = respondent.gap is not None and respondent.gap[0] == "job_costs"
    there = tuple(key for key, odd in odds.items() if source.random() < odd or (named and key == "agency_workers"))
    return there or ("none_of_these",)


def _list_hazards(respondent: Respondent) -> tuple[str, ...]:
    source, sector = respondent.draw("hazards"), respondent.firm.sector
    odds = {"machines": 0.35 if sector in SERVICES else 0.92, "chemicals": 0.6}
    odds["dirty_water"] = 0.7 if sector in ("13", "15", "10") else 0.15
    return tuple(key for key, odd in odds.items() if source.random() < odd) or ("none_of_these",)


def _count_agency_workers(respondent: Respondent) -> str:
    share = respondent.draw("agency").uniform(0.05, 0.3)
    return str(max(1, round(count_people(respondent) * share)))


def _count_injured(respondent: Respondent) -> str:
    rate = respondent.draw("injured").uniform(0, 0.03) * (1.4 - respondent.skill)
    return str(round(count_people(respondent) * rate))


def _count_electricity(respondent: Respondent) -> str:
    source = respondent.draw("electricity")
    return str(round(count_people(respondent) * source.uniform(900, 4_000) * (1 - 0.02 * respondent.round)))


_FACTS: dict[str, Any] = {
    "headcount": lambda respondent: str(count_people(respondent)),
    "worker_groups": _list_worker_groups,
    "work_hazards": _list_hazards,
    "agency_workers": _count_agency_workers,
    "injured_people": _count_injured,
    "electricity_used": _count_electricity,
}
