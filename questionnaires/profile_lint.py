"""The rules a scoring profile must keep: it agrees with its questionnaire, and every answer earns 0 to 100 points."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from questionnaires import characters, conditions, shape_lint
from questionnaires.condition_lint import describe_misfit, name_type
from questionnaires.definition import CHOICES, NUMBERS, Definition, Question
from questionnaires.faults import FaultList, Place
from questionnaires.profile import CriticalRule, Profile, QuestionScore

# Which way from an answer to points fits which type.
WAYS = {
    "boolean": ("points",),
    "choice": ("points",),
    "multi_choice": ("sum",),
    "integer": ("bands", "ramp"),
    "decimal": ("bands", "ramp"),
    "percent": ("bands", "ramp"),
}


def lint_profile(
    profile: Profile, definition: Definition, faults: FaultList, *, unread: frozenset[str] = frozenset()
) -> None:
    """Add every error and warning of a profile beside its questionnaire.

    `unread` are questions that could not be read, as told there: what is said of their scoring would only mislead.
    """
    # Nothing is found at a place that is broken.
    faults.broken.update(("questions", key) for key in unread)
    header = profile.profile
    if (header.questionnaire, header.version) != (definition.key, definition.version):
        named = f"{header.questionnaire} {header.version}"
        faults.add_finding(Place(("profile",)), f"is for {named}; allowed: {definition.key} {definition.version}")
    characters.lint_titles(profile, faults)
    for place, message in _find_general_faults(profile):
        faults.add_finding(place, message)
    _lint_weights(profile, definition, faults)
    if not unread:
        _lint_section_weights(profile, definition, faults)
    _lint_questions(profile, definition, faults, unread)
    _lint_bands(profile, faults)
    shape_lint.lint_shape(profile, definition, faults)
    seen: set[str] = set()
    for index, rule in enumerate(profile.critical):
        place = Place(("critical", index), (f"critical rule {rule.key}",))
        if rule.key in seen:
            faults.add(place, "stands twice; allowed: once")
        seen.add(rule.key)
        if rule.question in unread or faults.is_touched(place, "question", "options", "op", "value"):
            continue
        for message in _find_critical_faults(profile, definition, rule):
            faults.add_finding(place, message)


def list_answers(definition: Definition, question: Question) -> tuple[str, ...]:
    """The keys that points are given to: options, or "true" and "false"."""
    if question.type == "boolean":
        return ("true", "false")
    return tuple(option.key for option in definition.options(question))


def _find_general_faults(profile: Profile) -> Iterator[tuple[Place, str]]:
    if profile.number < 1:
        yield Place(("profile",)), f"number: {profile.number}; allowed: 1 and up"
    if not 1 <= profile.validity_days <= 1100:
        yield Place(), f"validity_days: {profile.validity_days}; allowed: 1 to 1100"
    if not 0 <= profile.max_na_share <= 100:
        yield Place(), f"max_na_share: {profile.max_na_share}; allowed: 0 to 100 (percent)"


def _lint_weights(profile: Profile, definition: Definition, faults: FaultList) -> None:
    place = Place(("pillars",))
    known = [pillar.key for pillar in definition.pillars]
    if not known:
        faults.add_finding(
            place, "pillars: the questionnaire has none, so nothing can be scored; allowed: at least one"
        )
    for key in known:
        if key not in profile.pillars:
            faults.add_finding(place, f"pillar {key} has no weight; allowed: more than 0")
    for key, weight in profile.pillars.items():
        if key not in known:
            faults.add_finding(place, f'unknown pillar "{key}"; allowed: {", ".join(known)}')
        if weight <= 0:
            faults.add_finding(place, f"pillar {key}: weight {weight}; allowed: more than 0")


def _lint_section_weights(profile: Profile, definition: Definition, faults: FaultList) -> None:
    place = Place(("sections",))
    measured = {
        section.key: section.pillar
        for section, question, _ in definition.walk()
        if question.kind == "measure" and section.pillar
    }
    for key, weight in profile.sections.items():
        if key not in measured:
            faults.add(place, f'section "{key}" has no measures; allowed: {", ".join(measured)}')
        if weight <= 0:
            faults.add(place, f"section {key}: weight {weight}; allowed: more than 0")
    weighted = {pillar for key, pillar in measured.items() if key in profile.sections}
    for key, pillar in measured.items():
        if pillar in weighted and key not in profile.sections:
            faults.add(
                place, f"section {key} has no weight, other sections of pillar {pillar} have; allowed: all or none"
            )


def _lint_questions(profile: Profile, definition: Definition, faults: FaultList, unread: frozenset[str]) -> None:
    for key, question in definition.questions.items():
        if question.kind == "measure" and key not in profile.questions and key not in unread:
            faults.add_finding(Place(("questions",), (f"question {key}",)), "a measure without weight and points")
    for key, score in profile.questions.items():
        place = Place(("questions", key), (f"question {key}",))
        asked = definition.questions.get(key)
        if asked is None:
            faults.add_finding(place, "is not in the questionnaire")
        elif asked.kind == "fact":
            faults.add_finding(place, "is a fact; allowed: weight and points on measures only")
        else:
            for message in _find_score_faults(definition, asked, score):
                faults.add_finding(place, message)


def _find_score_faults(definition: Definition, question: Question, score: QuestionScore) -> Iterator[str]:
    if score.weight <= 0:
        yield f"weight: {score.weight}; allowed: more than 0"
    allowed = WAYS.get(question.type, ())
    if len(score.ways) != 1 or score.ways[0] not in allowed:
        given = ", ".join(score.ways) or "nothing"
        yield f"{given} on {name_type(question.type)}; allowed: exactly one of {', '.join(allowed)}"
        return
    if score.ramp is None and not any(_list_points(score)):
        yield "points: 0 for every answer; allowed: more than 0 for at least one"
    if question.type in CHOICES or question.type == "boolean":
        yield from _find_point_faults(definition, question, score)
    elif score.bands is not None:
        yield from _find_step_faults(score)
    elif score.ramp is not None and score.ramp.start == score.ramp.to:
        yield f"ramp: from and to are both {score.ramp.to}; allowed: two different numbers"


def _list_points(score: QuestionScore) -> list[Decimal]:
    if score.bands is not None:
        # Faults of an empty list of bands are told elsewhere.
        return [band.points for band in score.bands] or [Decimal(1)]
    return list((score.points if score.points is not None else score.sum or {}).values()) or [Decimal(1)]


def _find_point_faults(definition: Definition, question: Question, score: QuestionScore) -> Iterator[str]:
    points = score.points if score.points is not None else score.sum or {}
    answers = list_answers(definition, question)
    yield from (f'option "{key}" has no points' for key in answers if key not in points)
    yield from (f'unknown option "{key}"; allowed: {", ".join(answers)}' for key in points if key not in answers)
    yield from _find_range_faults(list(points.items()))


def _find_step_faults(score: QuestionScore) -> Iterator[str]:
    bands = score.bands or ()
    if not bands:
        yield "bands: none; allowed: at least one"
    for lower, upper in pairwise(bands):
        if upper.start <= lower.start:
            yield f"bands: {upper.start} after {lower.start}; allowed: from rising from band to band"
    yield from _find_range_faults([(f"from {band.start}", band.points) for band in bands])


def _find_range_faults(points: list[tuple[str, Decimal]]) -> Iterator[str]:
    yield from (f"{key}: {earned} points; allowed: 0 to 100" for key, earned in points if not 0 <= earned <= 100)


def _lint_bands(profile: Profile, faults: FaultList) -> None:
    place = Place(("bands",))
    unread = {index for index, _ in enumerate(profile.bands) if faults.is_touched(place.enter(index), "min")}
    if not profile.bands or (profile.bands[0].min != 0 and 0 not in unread):
        faults.add_finding(place, "bands: the first does not begin at 0; allowed: lowest first, from min 0")
    for lower, upper in pairwise(band for index, band in enumerate(profile.bands) if index not in unread):
        if upper.min <= lower.min:
            faults.add_finding(
                place, f"bands: {upper.key} from {upper.min} after {lower.key} from {lower.min}; allowed: rising"
            )
    keys = [band.key for band in profile.bands]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        faults.add_finding(place, f'bands: "{key}" stands twice; allowed: once')
    for band in profile.bands:
        if not 0 <= band.min <= profile.highest:
            faults.add_finding(place, f"bands: {band.key}: min {band.min}; allowed: 0 to {profile.highest}")
        if not 0 <= band.requires_coverage <= 100:
            faults.add_finding(
                place, f"bands: {band.key}: requires_coverage {band.requires_coverage}; allowed: 0 to 100"
            )
    if profile.bands and profile.bands[0].requires_coverage != 0:
        faults.add_finding(
            place, "bands: the lowest band requires coverage; allowed: none, so that every total has a band"
        )


def _find_critical_faults(profile: Profile, definition: Definition, rule: CriticalRule) -> Iterator[str]:
    bands = [band.key for band in profile.bands]
    if rule.cap_band not in bands:
        yield f'cap_band: unknown band "{rule.cap_band}"; allowed: {", ".join(bands)}'
    elif rule.cap_band == bands[-1]:
        yield f'cap_band: "{rule.cap_band}" is the highest band, so nothing is capped; allowed: {", ".join(bands[:-1])}'
    question = definition.questions.get(rule.question)
    if question is not None and question.kind == "fact":
        yield f"question {rule.question} is a fact; allowed: measures only"
    if question is None:
        yield f'unknown question "{rule.question}"'
    elif question.type in NUMBERS:
        if rule.options or rule.op is None or describe_misfit(definition, question, rule.value) is not None:
            yield f"question {rule.question} is a number; allowed: op and value"
        elif _always_fires(question, rule):
            yield f"every answer to {rule.question} fires; allowed: those that admit harm"
    elif question.type in CHOICES or question.type == "boolean":
        yield from _find_option_faults(definition, question, rule)
    else:
        kind = name_type(question.type)
        yield f"question {rule.question} is {kind}; allowed: boolean, choice, multi_choice and numbers"


def _always_fires(question: Question, rule: CriticalRule) -> bool:
    """Whether both ends of the possible values fire, and with them all between; without an end there is no telling."""
    assert rule.op is not None
    assert rule.value is not None
    ends = {"gt": (question.min,), "gte": (question.min,), "lt": (question.max,), "lte": (question.max,)}
    limits = ends.get(rule.op, (question.min, question.max))
    return all(
        limit is not None and conditions.compare(rule.op, str(limit), rule.value, number=True) for limit in limits
    )


def _find_option_faults(definition: Definition, question: Question, rule: CriticalRule) -> Iterator[str]:
    answers = list_answers(definition, question)
    if not rule.options or rule.op is not None or rule.value is not None:
        kind = name_type(question.type)
        yield f"question {rule.question} is {kind}; allowed: options, at least one of {', '.join(answers)}"
    for key in rule.options:
        if key not in answers:
            yield f'unknown option "{key}" of {rule.question}; allowed: {", ".join(answers)}'
    if set(answers) <= set(rule.options):
        yield f"every option of {rule.question} fires; allowed: those that admit harm"
