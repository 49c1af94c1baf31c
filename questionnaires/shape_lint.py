"""The rules of the shapes of scoring: levels and their gates, points that fade, capped sums, floors of pillars."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from questionnaires import canonical
from questionnaires.definition import Definition, Question, contains
from questionnaires.faults import FaultList, Place
from questionnaires.points import NONE, find_best, round_hundredths
from questionnaires.profile import Decay, Profile, QuestionScore

MAX_DAYS = 36_500


def lint_shape(profile: Profile, definition: Definition, faults: FaultList) -> None:
    """Add every fault of what shapes a score beyond weights and points."""
    for index, level in enumerate(profile.levels):
        place = Place(("levels", index), (f"level {level.key}",))
        for message in _find_level_faults(profile, definition, index):
            faults.add_finding(place, message)
    for key, score in profile.questions.items():
        asked = definition.questions.get(key)
        place = Place(("questions", key), (f"question {key}",))
        for message in () if asked is None else _find_question_faults(profile, definition, asked, score):
            faults.add_finding(place, message)
    for index, band in enumerate(profile.bands):
        for message in _find_floor_faults(profile, index):
            faults.add_finding(Place(("bands", index, "floors"), (f"band {band.key}",)), message)
    for message in _find_sum_faults(profile):
        faults.add_finding(Place(("capped_sum",)), message)


def _find_level_faults(profile: Profile, definition: Definition, rank: int) -> Iterator[str]:
    level, below = profile.levels[rank], {lower.key for lower in profile.levels[:rank]}
    if level.key in below:
        yield "stands twice; allowed: once"
    if level.weight <= 0:
        yield f"weight: {level.weight}; allowed: more than 0"
    if not 0 <= level.requires <= 100:
        yield f"requires: {level.requires}; allowed: 0 to 100 (points)"
    if rank == 0 and level.requires != 0:
        yield "requires: the lowest level has none below it; allowed: 0"
    if all(score.level != level.key for score in profile.questions.values()):
        yield "no question names it; allowed: at least one"
    for key, score in profile.questions.items():
        asked = definition.questions.get(key)
        most = NONE if asked is None or score.level not in below else _find_most(definition, asked, score)
        if NONE < most < Fraction(level.requires):
            stated = canonical.write_decimal(round_hundredths(most))
            yield f"requires: {level.requires}; allowed: up to {stated}, the most that question {key} below it can earn"


def _find_most(definition: Definition, question: Question, score: QuestionScore) -> Fraction:
    """The most points a question can earn, or none where its points cannot be told, which is a fault of its own."""
    if len(score.ways) != 1 or not getattr(score, score.ways[0]):
        return NONE
    return find_best(definition, question, score)


def _find_question_faults(
    profile: Profile, definition: Definition, question: Question, score: QuestionScore
) -> Iterator[str]:
    known = [level.key for level in profile.levels]
    if score.level is None and known:
        yield f"has no level; allowed: one of {', '.join(known)}"
    if score.level is not None and score.level not in known:
        yield f'level: unknown level "{score.level}"; allowed: {", ".join(known) or "none, the profile has no levels"}'
    if score.decay is not None:
        yield from _find_decay_faults(definition, question, score.decay)


def _find_decay_faults(definition: Definition, question: Question, decay: Decay) -> Iterator[str]:
    if not 1 <= decay.days <= MAX_DAYS:
        yield f"decay: days: {decay.days}; allowed: 1 to {MAX_DAYS}"
    if not 0 <= decay.to <= 100:
        yield f"decay: to: {decay.to}; allowed: 0 to 100 (points)"
    dated = definition.questions.get(decay.date)
    if dated is None:
        yield f'decay: date: unknown question "{decay.date}"; allowed: a date question of the same section'
        return
    if dated.type != "date":
        yield f"decay: date: {decay.date} is a {dated.type}; allowed: a date question of the same section"
    parents, sections = definition.parents, definition.sections_by_question
    if sections[dated.key] is not sections[question.key]:
        # The trace of a section tells the age, and travels only with the right to that section.
        yield f"decay: date: {decay.date} is in another section; allowed: a date question of the same section"
    if dated.key in parents and parents[dated.key] is not parents.get(question.key):
        yield f"decay: date: {decay.date} is in another group; allowed: the same group, or outside of groups"
    if not contains(question.tier, dated.tier):
        yield f"decay: date: {decay.date} is asked from {dated.tier} on; allowed: {question.tier} or lower"


def _find_floor_faults(profile: Profile, rank: int) -> Iterator[str]:
    band = profile.bands[rank]
    if band.floors and rank == 0:
        yield "floors: the lowest band has some; allowed: none, so that every total has a band"
    for key, floor in band.floors.items():
        if key not in profile.pillars:
            yield f'floors: unknown pillar "{key}"; allowed: {", ".join(profile.pillars)}'
        if not 0 < floor <= profile.highest:
            yield f"floors: {key}: {floor}; allowed: more than 0, up to {profile.highest} (points)"


def _find_sum_faults(profile: Profile) -> Iterator[str]:
    if profile.capped_sum is None:
        return
    if not 0 < profile.capped_sum.cap <= 100:
        yield f"capped_sum: cap: {profile.capped_sum.cap}; allowed: more than 0, up to 100"
    if profile.levels or profile.sections:
        given = "levels" if profile.levels else "sections"
        yield f"capped_sum: beside {given}; allowed: one of them, because a sum has no shares to weigh"
    if profile.is_lower_better:
        refused = {
            "critical": bool(profile.critical),
            "floors": any(band.floors for band in profile.bands),
            "requires_coverage": any(band.requires_coverage for band in profile.bands),
        }
        for name in (name for name, given in refused.items() if given):
            yield f"capped_sum: better: lower beside {name}; allowed: without, because the last band is the worst there"
