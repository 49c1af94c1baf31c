"""The rules a questionnaire must keep beyond its shape: references, tiers, conditions, types and passports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from questionnaires import characters, condition_lint
from questionnaires.answers import MAX_TEXT
from questionnaires.condition_lint import name_type
from questionnaires.definition import (
    CHOICES,
    NUMBERS,
    SCORABLE,
    TIERS,
    VERSION,
    CheckRule,
    Definition,
    EvidenceRule,
    Jump,
    Option,
    Question,
    Section,
    Tier,
    contains,
)
from questionnaires.faults import FaultList, Place

MAX_AGE_DAYS = 36_500
# Nobody answers as many; rules between questions are looked at for each of them, and each answer opens an audit trail.
MAX_QUESTIONS = 2_000
Standards = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Located:
    """A question with its section, its group and its place in the document."""

    section: Section
    question: Question
    parent: Question | None
    place: Place


def lint_definition(
    definition: Definition,
    faults: FaultList,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Standards | None = None,
) -> None:
    """Add every error and warning; `tier_caps` is the most questions of a tier, `standards` the known references."""
    located = list(locate(definition))
    if len(located) > MAX_QUESTIONS:
        faults.add(Place(("sections",)), f"sections: {len(located)} questions; allowed: at most {MAX_QUESTIONS}")
        return
    faults.unsure = _list_unsure(located, faults)
    _lint_tiers(definition, faults)
    characters.lint_titles(definition, faults)
    _lint_duplicates(definition, located, faults)
    _lint_sets(definition, located, faults)
    if not located:
        # Whatever else names a question would say so again.
        return
    tiers_read = _are_tiers_read(definition, faults)
    for spot in located:
        _lint_question(definition, spot, faults, tiers_read)
        _lint_references(spot, standards, faults)
    condition_lint.lint_conditions(definition, [(spot.question, spot.place) for spot in located], faults)
    _lint_checks(definition, faults)
    _lint_renamed(definition, faults)
    _lint_versions(definition, faults)
    _lint_coverage(definition, located, faults)
    for tier, cap in (tier_caps or {}).items():
        held = sum(contains(tier, spot.question.tier) for spot in located)
        if tier in definition.tier_keys and held > cap:
            faults.add(Place(("tiers",), (f"tier {tier}",)), f"holds {held} questions; allowed: at most {cap}")


def locate(definition: Definition) -> Iterator[Located]:
    """Every question in document order with the words and the path it is found by."""
    for s, section in enumerate(definition.sections):
        outer = _place_section(s, section)
        for q, question in enumerate(section.questions):
            place = outer.enter("questions").enter(q, f"question {question.key or f'number {q + 1}'}")
            yield Located(section, question, None, place)
            for c, child in enumerate(question.questions):
                label = f"question {child.key or f'number {c + 1}'}"
                yield Located(section, child, question, place.enter("questions").enter(c, label))


def list_unread(definition: Definition, faults: FaultList) -> frozenset[str]:
    """The questions of which a stand-in takes the place of something that their scoring rests on."""
    fields = ("key", "kind", "type", "options", "options_ref", "min", "max")
    return frozenset(
        spot.question.key
        for spot in locate(definition)
        if spot.place.path in faults.broken or faults.is_touched(spot.place, *fields)
    )


def _list_unsure(located: Sequence[Located], faults: FaultList) -> set[str]:
    """The questions that stand twice, and those whose type or tier is a stand-in."""
    unread = {spot.question.key for spot in located if faults.is_touched(spot.place, "type", "tier")}
    return unread | set(_find_repeated(spot.question.key for spot in located))


def _place_section(index: int, section: Section) -> Place:
    return Place(("sections", index), (f"section {section.key or f'number {index + 1}'}",))


def _are_tiers_read(definition: Definition, faults: FaultList) -> bool:
    """Where the list of tiers itself is broken, everything that names a tier would complain of it again."""
    return bool(definition.tier_keys) and ("tiers",) not in faults.touched


def _lint_tiers(definition: Definition, faults: FaultList) -> None:
    keys = definition.tier_keys
    if _are_tiers_read(definition, faults) and list(keys) != [tier for tier in TIERS if tier in keys]:
        faults.add(
            Place(("tiers",)), f"tiers: {', '.join(keys)}; allowed: {' < '.join(TIERS)}, each once and in this order"
        )
    if not keys:
        faults.add_finding(Place(("tiers",)), f"tiers: none; allowed: at least one of {', '.join(TIERS)}")
    if not definition.sections:
        faults.add_finding(Place(("sections",)), "sections: none; allowed: at least one")


def _lint_duplicates(definition: Definition, located: list[Located], faults: FaultList) -> None:
    questions = [(spot.question.key, spot.place) for spot in located]
    _refuse_repeats("question", questions, faults)
    concepts = [(spot.question.concept, spot.place) for spot in located if spot.question.concept]
    _refuse_repeats("concept", concepts, faults)
    for name, keys in (
        ("section", [section.key for section in definition.sections]),
        ("pillar", [pillar.key for pillar in definition.pillars]),
        ("check", [check.key for check in definition.checks]),
    ):
        _refuse_repeats(name, [(key, Place((f"{name}s", i), (f"{name} {key}",))) for i, key in enumerate(keys)], faults)


def _refuse_repeats(name: str, keys: Iterable[tuple[str, Place]], faults: FaultList) -> None:
    first: dict[str, Place] = {}
    for key, place in ((key, place) for key, place in keys if key):
        if key in first:
            where = f" (first in {first[key].where})" if first[key].where != place.where else ""
            faults.add(place, f'{name} key "{key}" stands twice{where}; allowed: once in the whole questionnaire')
        first.setdefault(key, place)


def _lint_sets(definition: Definition, located: list[Located], faults: FaultList) -> None:
    used = {spot.question.options_ref for spot in located}
    for key, options in definition.option_sets.items():
        place = Place(("option_sets", key), (f"option set {key}",))
        _lint_options(options, place, faults)
        if key not in used:
            faults.add_finding(place, "is used by no question", "warning")


def _lint_options(options: Sequence[Option], place: Place, faults: FaultList) -> None:
    keys = [option.key for option in options]
    titles = [" ".join(option.title.split()).casefold() for option in options]
    for title in filter(None, _find_repeated(titles)):
        same = ", ".join(key for key, other in zip(keys, titles, strict=True) if other == title)
        faults.add(place, f'options: {same} have one title, "{title}"; allowed: titles that differ')
    if keys and all(option.exclusive for option in options):
        faults.add(
            place, "options: all are exclusive, so that one is chosen; allowed: a choice, or some that go together"
        )
    if len(keys) < 2:
        faults.add_finding(place, f"{len(keys)} options; allowed: at least 2")
    for key in filter(None, _find_repeated(keys)):
        faults.add(place, f'option "{key}" stands twice; allowed: once')


def _find_repeated(texts: Iterable[str]) -> list[str]:
    return sorted(text for text, times in Counter(texts).items() if times > 1)


def _lint_question(definition: Definition, spot: Located, faults: FaultList, tiers_read: bool) -> None:
    question, place = spot.question, spot.place
    has_type, has_kind = not faults.is_touched(place, "type"), not faults.is_touched(place, "kind")
    for message in [
        *(_find_tier_faults(definition, spot) if tiers_read else ()),
        *(_find_kind_faults(spot) if has_type and has_kind else ()),
        *(_find_type_faults(question) if has_type else ()),
        *(_find_option_faults(definition, question) if has_type else ()),
        *(_find_group_faults(spot) if has_type else ()),
        *_find_passport_faults(spot),
    ]:
        faults.add_finding(place, message)
    if question.options:
        _lint_options(question.options, place, faults)


def _find_tier_faults(definition: Definition, spot: Located) -> Iterator[str]:
    tier = spot.question.tier
    if tier not in definition.tier_keys:
        yield f'tier: "{tier}" is not a tier here; allowed: {", ".join(definition.tier_keys)}'
    demanded_from = spot.question.evidence.required_from if spot.question.evidence else None
    if demanded_from is not None and demanded_from not in definition.tier_keys:
        yield f'required_from: "{demanded_from}" is not a tier here; allowed: {", ".join(definition.tier_keys)}'
    if spot.parent and not contains(tier, spot.parent.tier):
        yield f"tier: {tier} is lower than {spot.parent.tier} of its group; allowed: the group's tier or a higher one"


def _find_kind_faults(spot: Located) -> Iterator[str]:
    question = spot.question
    if question.kind == "fact":
        if question.action:
            yield "action: a fact has nothing to improve; allowed: on measures only"
        return
    if question.type not in SCORABLE:
        yield f"kind: {name_type(question.type)} cannot be scored; allowed for a measure: {', '.join(sorted(SCORABLE))}"
    if not question.action:
        yield "action: is missing; a measure says what to do to improve and the evidence it needs"
    if spot.section.pillar is None:
        yield "kind: a measure stands in a section without a pillar; allowed: facts only"


def _find_type_faults(question: Question) -> Iterator[str]:
    number = question.type in NUMBERS
    if not number:
        for name in ("unit", "min", "max"):
            if getattr(question, name) is not None:
                yield f"{name}: not for {name_type(question.type)}; allowed: numbers only"
    if question.type in ("integer", "decimal") and not question.unit:
        yield "unit: is missing; a number has a fixed unit such as person, kWh or EUR"
    if question.type == "percent" and question.unit not in (None, "percent"):
        yield f'unit: "{question.unit}" on a percentage; allowed: none'
    if question.decimals is not None and question.type not in ("decimal", "percent"):
        yield f"decimals: not for {name_type(question.type)}; allowed: decimal, percent"
    if question.decimals is not None and question.decimals > 10:
        yield f"decimals: {question.decimals}; allowed: 0 to 10"
    if question.max_length is not None and question.type != "text":
        yield f"max_length: not for {name_type(question.type)}; allowed: text"
    yield from _find_limit_faults(question)
    if question.max_length is not None and not 1 <= question.max_length <= MAX_TEXT:
        yield f"max_length: {question.max_length}; allowed: 1 to {MAX_TEXT}"
    if question.indicator and not number:
        yield f"indicator: not for {name_type(question.type)}; allowed: numbers only"
    unit = "percent" if question.type == "percent" else question.unit
    if question.indicator and unit and question.indicator.unit != unit:
        yield f'indicator: in "{question.indicator.unit}"; allowed: the unit of the question, {unit}'
    if question.benchmark and question.type not in SCORABLE:
        yield f"benchmark: not for {name_type(question.type)}; allowed: {', '.join(sorted(SCORABLE))}"


def _find_limit_faults(question: Question) -> Iterator[str]:
    for name, limit in (("min", question.min), ("max", question.max)):
        if limit is None:
            continue
        if question.type == "integer" and limit != limit.to_integral_value():
            yield f"{name}: {limit} of an integer; allowed: whole numbers"
        if question.type == "percent" and not 0 <= limit <= 100:
            yield f"{name}: {limit} of a percentage; allowed: 0 to 100"
    if question.min is not None and question.max is not None and question.min > question.max:
        yield f"min, max: {question.min} is above {question.max}; allowed: min up to max"


def _find_option_faults(definition: Definition, question: Question) -> Iterator[str]:
    if question.type not in CHOICES:
        if question.options or question.options_ref:
            yield f"options: not for {name_type(question.type)}; allowed: choice, multi_choice"
        return
    if question.options and question.options_ref:
        yield "options: both options and options_ref; allowed: one of them"
    if question.options_ref and question.options_ref not in definition.option_sets:
        known = ", ".join(definition.option_sets) or "none is defined"
        yield f'unknown option set "{question.options_ref}"; allowed: {known}'
    if not question.options and not question.options_ref:
        yield "options: are missing; allowed: options or options_ref"
    if question.type == "choice" and any(option.exclusive for option in definition.options(question)):
        yield "options: exclusive means nothing where one option is chosen; allowed: multi_choice"


def _find_group_faults(spot: Located) -> Iterator[str]:
    question, repeat = spot.question, spot.question.repeat
    if question.type != "group":
        if repeat or question.questions:
            yield f"repeat, questions: not for {name_type(question.type)}; allowed: group"
        return
    if spot.parent:
        yield "type: a group inside a group; allowed: one level"
    if repeat is None:
        yield "repeat: is missing; a group says how many rows it takes, as {min, max}"
    elif not repeat.min <= repeat.max or not 1 <= repeat.max <= 1000:
        yield f"repeat: {repeat.min} to {repeat.max}; allowed: min up to max, max 1 to 1000"
    if not question.questions:
        yield "questions: are missing; a group has at least one"
    if question.evidence:
        yield "evidence: not on a group; allowed: on its questions"


def _find_passport_faults(spot: Located) -> Iterator[str]:
    question = spot.question
    if question.meaning < 1:
        yield f"meaning: {question.meaning}; allowed: 1 and up"
    if question.minutes <= 0:
        yield f"minutes: {question.minutes}; allowed: more than 0"
    if not question.why and spot.parent is None:
        yield "why: is missing; every question says in plain words why it is asked"
    if question.evidence:
        yield from _find_evidence_faults(question.evidence)


def _find_evidence_faults(rule: EvidenceRule) -> Iterator[str]:
    if not rule.accept:
        yield "evidence: accepts nothing; allowed: at least one kind"
    for kind in _find_repeated(rule.accept):
        yield f"evidence: accepts {kind} twice; allowed: once"
    if rule.max_age_days is not None and not 1 <= rule.max_age_days <= MAX_AGE_DAYS:
        yield f"max_age_days: {rule.max_age_days}; allowed: 1 to {MAX_AGE_DAYS}"


def _lint_references(spot: Located, standards: Standards | None, faults: FaultList) -> None:
    seen = set()
    for index, reference in enumerate(spot.question.maps_to):
        place = spot.place.enter("maps_to").enter(index)
        if place.path in faults.touched:
            continue
        if (reference.standard, reference.ref) in seen:
            faults.add(place, f"maps_to: {reference.standard} {reference.ref} stands twice; allowed: once")
        seen.add((reference.standard, reference.ref))
        if standards is None:
            continue
        if reference.standard not in standards:
            faults.add(place, f'maps_to: unknown standard "{reference.standard}"; allowed: {", ".join(standards)}')
        elif reference.ref not in standards[reference.standard]:
            known = ", ".join(sorted(standards[reference.standard]))
            faults.add(place, f'maps_to: {reference.standard} has no "{reference.ref}"; allowed: {known}')


def _lint_checks(definition: Definition, faults: FaultList) -> None:
    for index, check in enumerate(definition.checks):
        place = Place(("checks", index), (f"check {check.key}",))
        if check.rule is None and check.when is None:
            faults.add_finding(place, "rule: is missing; a check has a rule, or a when that must not come true")
        judged = check.rule is not None and not faults.unsure.intersection(check.rule.questions)
        for message in _find_check_faults(definition, check.rule, check.tier) if check.rule and judged else ():
            faults.add_finding(place, message)
        for name, condition in (("when", check.when), ("unless", check.unless)):
            if condition:
                condition_lint.lint_condition(
                    definition, condition, name, check.tier, definition.questions, place, faults
                )


def _find_check_faults(definition: Definition, rule: CheckRule, tier: Tier) -> Iterator[str]:
    left = [bool(rule.sum), rule.sum_rows is not None, rule.value is not None]
    if sum(left) != 1:
        yield "rule: allowed: exactly one of sum, sum_rows, value"
    right = [rule.than is not None, rule.than_value is not None, rule.jump is not None]
    if sum(right) != 1:
        yield "rule: allowed: exactly one of than, than_value, jump"
    if (rule.op is None) == (rule.jump is None):
        yield "rule: op: allowed: with than or than_value, and never with jump"
    for key in _find_repeated(rule.questions):
        yield f"rule: {key} stands twice; allowed: each question once"
    asked = [definition.questions[key] for key in rule.questions if key in definition.questions]
    yield from (f'rule: unknown question "{key}"' for key in rule.questions if key not in definition.questions)
    for question in asked:
        if question.type not in NUMBERS | {"date"} and not _may_change(question, rule):
            yield f"rule: {question.key} is {name_type(question.type)}; allowed: numbers and dates"
        if not contains(tier, question.tier):
            yield f"tier: {tier} does not contain {question.key} ({question.tier}); allowed: that tier or a higher one"
        if (question.key in definition.parents) != (question.key == rule.sum_rows):
            yield f"rule: {question.key}: sum_rows takes a question of a group, everything else one outside groups"
    if len({(question.type == "date", question.unit) for question in asked}) > 1:
        yield f"rule: units differ: {', '.join(f'{q.key} in {q.unit or q.type}' for q in asked)}; allowed: one unit"
    if any(question.type == "date" for question in asked) and (rule.than_value is not None or rule.value is None):
        yield "rule: a date is compared with another date; allowed: value and than, value and jump"
    if rule.jump is not None:
        yield from _find_jump_faults(rule.jump, asked)


def _may_change(question: Question, rule: CheckRule) -> bool:
    """Whether an answer that is neither number nor date may be held against last year's: it is another one or not."""
    return rule.jump is not None and rule.value is not None and question.type in SCORABLE


def _find_jump_faults(jump: Jump, asked: Sequence[Question]) -> Iterator[str]:
    if jump.factor is not None and jump.factor <= 1:
        yield f"jump: factor: {jump.factor}; allowed: more than 1"
    if jump.amount is not None and jump.amount <= 0:
        yield f"jump: amount: {jump.amount}; allowed: more than 0"
    for question in asked:
        if jump.factor is not None and question.type not in NUMBERS:
            yield f"jump: factor on {question.key}, a {question.type}; allowed: numbers only"
        if jump.amount is not None and question.type not in NUMBERS | {"date"}:
            yield f"jump: amount on {question.key}, a {question.type}; allowed: numbers and dates"


def _lint_renamed(definition: Definition, faults: FaultList) -> None:
    for name, keys in (("from", [r.old for r in definition.renamed]), ("to", [r.to for r in definition.renamed])):
        for key in _find_repeated(keys):
            faults.add(Place(("renamed",)), f'renamed: "{key}" stands twice as {name}; allowed: one to one')
    for renaming in definition.renamed:
        if renaming.to not in definition.questions:
            faults.add(Place(("renamed",)), f'renamed: unknown question "{renaming.to}"')
        if renaming.old in definition.questions:
            faults.add(Place(("renamed",)), f'renamed: "{renaming.old}" is still asked; allowed: keys that are gone')


def _lint_versions(definition: Definition, faults: FaultList) -> None:
    header = definition.questionnaire
    if header.supersedes is None or not all(re.fullmatch(VERSION, v) for v in (header.supersedes, header.version)):
        return
    before, after = ([int(part) for part in v.split(".")] for v in (header.supersedes, header.version))
    if before >= after:
        faults.add(Place(("questionnaire",)), f"supersedes: {header.supersedes} is not below {header.version}")


def _lint_coverage(definition: Definition, located: list[Located], faults: FaultList) -> None:
    pillars = {pillar.key for pillar in definition.pillars}
    for index, section in enumerate(definition.sections):
        place = _place_section(index, section)
        if section.pillar is not None and section.pillar not in pillars:
            faults.add(place, f'unknown pillar "{section.pillar}"; allowed: {", ".join(sorted(pillars))} or none')
        if not section.questions:
            faults.add_finding(place, "questions: are missing; a section has at least one")
    measured = {(spot.section.pillar, spot.question.tier) for spot in located if spot.question.kind == "measure"}
    for pillar in definition.pillars:
        for tier in definition.tier_keys:
            if not any(key == pillar.key and contains(tier, lowest) for key, lowest in measured):
                place = Place(("pillars",), (f"pillar {pillar.key}",))
                faults.add(place, f"no measure at tier {tier}: its weight is spread over the others there", "warning")
    for lower, tier in pairwise(definition.tier_keys):
        if not any(spot.question.tier == tier for spot in located):
            faults.add(Place(("tiers",), (f"tier {tier}",)), f"asks nothing more than {lower}", "warning")
