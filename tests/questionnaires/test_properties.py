"""What must hold for every questionnaire and every response, tried on generated ones."""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import applicability, checks, document, nesting, reading, scoring, submission, trace
from questionnaires.answers import Answers, Problem, normalize_value
from questionnaires.definition import TIERS, Definition, Tier
from questionnaires.profile import Profile
from questionnaires.result import COUNTED, Result
from tests.questionnaires import generation

DAY = date(2026, 1, 15)
SEEDS = st.integers(0, 2**32)
few = settings(max_examples=40, deadline=None)


class Case:
    """A generated questionnaire with its profile, a tier and a response."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.raw, self.raw_profile = generation.make_documents(self.rng)
        self.definition: Definition = reading.definition_from_document(self.raw)
        self.profile: Profile = reading.profile_from_document(self.raw_profile, self.definition)
        self.tier: Tier = self.rng.choice(self.definition.tier_keys)
        self.answers: Answers = generation.make_answers(self.rng, self.definition)

    def score(self, profile: Profile | None = None, answers: Answers | None = None) -> Result:
        given_answers = self.answers if answers is None else answers
        return scoring.score_answers(self.definition, profile or self.profile, self.tier, given_answers, DAY)

    def find_applicable(self, answers: Answers | None = None) -> applicability.Applicability:
        return applicability.find_applicable(self.definition, self.tier, self.answers if answers is None else answers)


def shuffle_keys(rng: Random, value: Any) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffle_keys(rng, value[key]) for key in keys}
    return [shuffle_keys(rng, item) for item in value] if isinstance(value, list) else value


def list_texts(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in list_texts(item, (*path, key))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in list_texts(item, (*path, index))]
    return [path] if path[-1] in ("title", "why", "action", "description") else []


@few
@given(SEEDS)
def test_documents_survive_the_round_trip_in_any_key_order(seed: int) -> None:
    case = Case(seed)
    published = document.write_document(case.definition)
    stored = shuffle_keys(case.rng, json.loads(json.dumps(published)))
    assert reading.definition_from_document(stored) == case.definition
    assert document.hash_content(reading.definition_from_document(stored)) == document.hash_content(case.definition)
    profile = shuffle_keys(case.rng, json.loads(json.dumps(document.write_document(case.profile))))
    assert reading.profile_from_document(profile, case.definition) == case.profile


@few
@given(SEEDS)
def test_hash_changes_with_any_text(seed: int) -> None:
    case = Case(seed)
    before = document.hash_content(case.definition)
    *path, last = case.rng.choice(list_texts(case.raw))
    part = case.raw
    for step in path:
        part = part[step]
    part[last] += " more"
    assert document.hash_content(reading.definition_from_document(case.raw)) != before


@few
@given(SEEDS)
def test_nested_form_loses_nothing(seed: int) -> None:
    case = Case(seed)
    nested = json.loads(json.dumps(nesting.write_nested(case.definition, case.answers)))
    assert nesting.read_nested(case.definition, nested) == (case.answers, [])
    assert nesting.write_nested(case.definition, nesting.read_nested(case.definition, nested)[0]) == nested


@few
@given(SEEDS)
def test_values_have_one_spelling(seed: int) -> None:
    case = Case(seed)
    for answer in case.answers.values():
        if answer.state == "value" and answer.value is not None:
            question = case.definition.questions[answer.question]
            normal = normalize_value(case.definition, question, answer.value, row_id=answer.row_id)
            assert not isinstance(normal, Problem)
            assert normalize_value(case.definition, question, normal, row_id=answer.row_id) == normal == answer.value


@few
@given(SEEDS)
def test_answers_of_disabled_questions_change_nothing(seed: int) -> None:
    case = Case(seed)
    before = case.find_applicable()
    kept = before.keep_enabled()
    after = case.find_applicable(kept)
    assert after.enabled == before.enabled
    assert submission.check_submission(after, day=DAY) == submission.check_submission(before, day=DAY)
    assert checks.find_inconsistencies(after) == checks.find_inconsistencies(before)
    assert case.score(answers=kept) == case.score()


@few
@given(SEEDS)
def test_trace_alone_gives_the_result(seed: int) -> None:
    case = Case(seed)
    result = case.score()
    written = json.loads(json.dumps(trace.write_trace(result, case.definition, case.profile)))
    recomputed = trace.recompute(written)
    assert {key: written["summary"][key] for key in recomputed} == recomputed
    shares = sum((line.share * (line.points or 0) for line in result.lines), Fraction(0))
    assert shares == (result.total or 0)
    assert sum((line.share for line in result.lines), Fraction(0)) == (result.total is not None)


@few
@given(SEEDS)
def test_lower_tiers_score_as_if_answered_there(seed: int) -> None:
    case = Case(seed)
    for lower in case.score().lower:
        there = scoring.score_answers(case.definition, case.profile, lower.tier, case.answers, DAY)
        assert (lower.total, lower.pillars, lower.coverage) == (there.total, there.pillars, there.coverage)
        assert TIERS.index(lower.tier) < TIERS.index(case.tier)


@few
@given(SEEDS)
def test_what_is_left_out_never_counts(seed: int) -> None:
    """However much a not applicable, declined or disabled question weighs, points and total stay as they are."""
    case = Case(seed)
    profile = replace(case.profile, max_na_share=case.profile.max_na_share * 0 + 100, sections={})
    before = case.score(profile)
    states: dict[str, set[str]] = {}
    for line in before.lines:
        states.setdefault(line.question, set()).add(line.status)
    out = [key for key, found in states.items() if not found & COUNTED]
    heavier = {key: replace(score, weight=score.weight * 9) for key, score in profile.questions.items() if key in out}
    after = case.score(replace(profile, questions={**profile.questions, **heavier}))
    assert after.total == before.total
    assert [pillar.score for pillar in after.pillars] == [pillar.score for pillar in before.pillars]


@few
@given(SEEDS)
def test_more_points_never_lower_the_total(seed: int) -> None:
    case = Case(seed)
    before = case.score()
    raised = {}
    for key, score in case.profile.questions.items():
        if score.points is not None and case.rng.random() < 0.5:
            raised[key] = replace(
                score, points={option: min(p + 10, p * 0 + 100) for option, p in score.points.items()}
            )
    after = case.score(replace(case.profile, questions={**case.profile.questions, **raised}))
    assert (after.total is None) == (before.total is None)
    assert (after.total or 0) >= (before.total or 0)
    assert [
        p.key for p in after.pillars if (p.score or 0) < (next(b for b in before.pillars if b.key == p.key).score or 0)
    ] == []


@few
@given(SEEDS)
def test_total_and_pillars_stay_within_bounds(seed: int) -> None:
    result = Case(seed).score()
    figures = [result.total, *(pillar.score for pillar in result.pillars), result.coverage * 100]
    assert all(figure is None or 0 <= figure <= 100 for figure in figures)
    assert result.total is None or any(pillar.state == "rated" for pillar in result.pillars)


@few
@given(SEEDS)
def test_not_knowing_is_never_better_than_the_worst_answer(seed: int) -> None:
    """Unknown on a question that no condition looks at: total and coverage are at most what they were."""
    case = Case(seed)
    asked = {clause.q for q in case.definition.questions.values() if q.enable_when for clause in q.enable_when.clauses}
    known = [a for a in case.answers.values() if a.state == "value" and a.question not in asked and a.value is not True]
    known = [a for a in known if case.definition.questions[a.question].type not in ("group", "boolean")]
    before = case.score()
    for answer in known[:3]:
        unknown = {**case.answers, answer.key: replace(answer, state="unknown", value=None)}
        after = case.score(answers=unknown)
        assert (after.total or 0) <= (before.total or 0)
        assert after.coverage <= before.coverage
