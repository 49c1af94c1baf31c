"""What must hold for every shape of scoring and every response, tried on generated ones and on the published five."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import advice, document, reading, scoring, trace
from questionnaires.answers import Answers
from questionnaires.definition import Definition, Tier
from questionnaires.points import award_points
from questionnaires.profile import Profile
from questionnaires.result import Result
from tests.questionnaires import generation, recompute, shaped
from tests.questionnaires.test_recompute import DAY, read_figures, write_export

SEEDS = st.integers(0, 2**32)
few = settings(max_examples=40, deadline=None)


class Case:
    """One of the published shapes, or more often a generated one, with a tier and a response."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.definition, self.profile = self._make()
        self.tier: Tier = self.rng.choice(self.definition.tier_keys)
        self.answers: Answers = generation.make_answers(self.rng, self.definition)

    def _make(self) -> tuple[Definition, Profile]:
        if self.rng.random() < 0.3:
            return shaped.read_shape(self.rng.choice(shaped.SHAPES))
        raw, raw_profile = generation.make_shaped(self.rng)
        definition = reading.definition_from_document(raw)
        return definition, reading.profile_from_document(raw_profile, definition)

    def score(self, profile: Profile | None = None, answers: Answers | None = None) -> Result:
        chosen = self.answers if answers is None else answers
        return scoring.score_answers(self.definition, profile or self.profile, self.tier, chosen, DAY)

    def conditional(self) -> set[str]:
        """Questions that a condition looks at."""
        asked = self.definition.questions.values()
        return {clause.q for question in asked if question.enable_when for clause in question.enable_when.clauses}


@few
@given(SEEDS)
def test_both_recomputations_give_the_result(seed: int) -> None:
    case = Case(seed)
    exported = write_export(case.definition, case.profile, case.tier, case.answers)
    assert recompute.recompute(exported) == read_figures(exported)
    recomputed = trace.recompute(exported["trace"])
    assert {key: exported["trace"]["summary"][key] for key in recomputed} == recomputed
    result = case.score()
    assert sum((line.share * (line.points or 0) for line in result.lines), Fraction(0)) == (result.total or 0)


@few
@given(SEEDS)
def test_documents_survive_the_round_trip(seed: int) -> None:
    case = Case(seed)
    stored = json.loads(json.dumps(document.write_document(case.profile)))
    assert reading.profile_from_document(stored, case.definition) == case.profile


@few
@given(SEEDS)
def test_figures_stay_on_the_scale(seed: int) -> None:
    case = Case(seed)
    result = case.score()
    figures = [result.total, *(pillar.score for pillar in result.pillars)]
    assert all(figure is None or 0 <= figure <= Fraction(case.profile.highest) for figure in figures)
    assert all(line.points is None or 0 <= line.points <= 100 for line in result.lines)


@few
@given(SEEDS)
def test_lower_tiers_score_as_if_answered_there(seed: int) -> None:
    case = Case(seed)
    for lower in case.score().lower:
        there = scoring.score_answers(case.definition, case.profile, lower.tier, case.answers, DAY)
        assert (lower.total, lower.pillars, lower.coverage) == (there.total, there.pillars, there.coverage)


@few
@given(SEEDS)
def test_an_answer_with_more_points_never_lowers_the_total(seed: int) -> None:
    """Gates, decay and caps included: more points of one answer are never fewer of the whole."""
    case = Case(seed)
    before, conditional = case.score(), case.conditional()
    for key, answer in case.answers.items():
        question, way = case.definition.questions[key[0]], case.profile.questions.get(key[0])
        if way is None or way.points is None or answer.state != "value" or key[0] in conditional:
            continue
        for option in way.points:
            value: Any = {"true": True, "false": False}[option] if question.type == "boolean" else option
            after = case.score(answers={**case.answers, key: replace(answer, value=value)})
            if award_points(way, value).earned >= award_points(way, answer.value or False).earned:
                assert (after.total or 0) >= (before.total or 0)


@few
@given(SEEDS)
def test_not_knowing_is_never_better(seed: int) -> None:
    """Of a measure, or of the date that its points fade by; where lower is better, better is lower."""
    case = Case(seed)
    before = case.score()
    known = [a for a in case.answers.values() if a.state == "value" and a.question not in case.conditional()]
    kinds = ("group", "boolean")
    for answer in [a for a in known if case.definition.questions[a.question].type not in kinds][:5]:
        after = case.score(answers={**case.answers, answer.key: replace(answer, state="unknown", value=None)})
        sign = -1 if case.profile.is_lower_better else 1
        assert sign * (after.total or 0) <= sign * (before.total or 0)


@few
@given(SEEDS)
def test_the_gain_that_is_promised_is_had(seed: int) -> None:
    """Advice on a measure of options: giving its best answer everywhere changes the total by just so much."""
    case = Case(seed)
    before, conditional = case.score(), case.conditional()
    for one in advice.suggest_measures(before, case.definition, case.profile, limit=100):
        way = case.profile.questions[one.question]
        if way.points is None or way.decay is not None or one.question in conditional:
            continue
        choose = min if case.profile.is_lower_better else max
        option = choose(way.points, key=lambda key: way.points[key] if way.points else Decimal(0))
        value: Any = {"true": True, "false": False}.get(option, option)
        places = [
            line.key for line in before.lines if line.question == one.question and line.status in ("value", "unknown")
        ]
        better = {
            key: replace(answer, state="value", value=value) if key in places else answer
            for key, answer in case.answers.items()
        }
        change = (case.score(answers=better).total or Fraction(0)) - (before.total or Fraction(0))
        assert abs(abs(change) - Fraction(one.gain)) <= Fraction(1, 200)


@few
@given(SEEDS)
def test_a_plain_profile_writes_a_plain_trace(seed: int) -> None:
    """Traces of before know nothing of shapes, and stay as they were to the byte."""
    rng = Random(seed)
    raw, raw_profile = generation.make_documents(rng)
    definition = reading.definition_from_document(raw)
    profile = reading.profile_from_document(raw_profile, definition)
    exported = write_export(definition, profile, definition.tier_keys[-1], generation.make_answers(rng, definition))
    summary, sections = exported["trace"]["summary"], exported["trace"]["sections"].values()
    assert set(summary["rules"]) == {"rounding", "max_na_share", "sections", "bands"}
    assert all(set(band) == {"key", "min", "requires_coverage"} for band in summary["rules"]["bands"])
    assert "below_floor" not in summary
    assert all("added" not in pillar for pillar in summary["pillars"])
    lines = [line for part in sections for line in part["lines"]]
    assert all(not {"level", "held"} & set(line) and not {"age", "closed_by"} & set(line["why"]) for line in lines)
