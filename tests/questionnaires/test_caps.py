"""Whoever says that people are harmed keeps no band a, and a firm without workers can answer all it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import pytest

from questionnaires import catalogue, scoring, submission
from questionnaires.answers import Answer, index_answers
from questionnaires.applicability import find_applicable
from questionnaires.definition import Question, Tier, contains
from questionnaires.result import Result

PACKAGED = catalogue.read_packaged("responsible-sourcing", "1.0.0")
DEFINITION, PROFILE = PACKAGED.definition, PACKAGED.profiles[-1]
DAY = date(2026, 11, 23)
Given = Mapping[str, str | tuple[str, ...]]

# Every option that admits that people are harmed, endangered or deceived now, or that a harm was not put right, with
# the best band that is left. What stands beside them names something weak or missing: it costs points and has no cap.
ADMITTED_HARM: dict[str, dict[str, str]] = {
    "exits_during_work": {"locked": "d", "blocked_at_times": "c", "one_way_from_upper_floor": "c"},
    "fire_readiness": {"none_yet": "b"},
    "building_condition": {"damage_in_use": "d", "loads_added": "c"},
    "machine_guards": {"run_without_guards": "c"},
    "chemical_handling": {"unlabeled": "b"},
    "injury_follow_up": {"person_pays": "b"},
    "water_and_toilets": {"no_toilet_or_water": "c", "permission_needed": "b"},
    "lowest_pay": {"below_minimum": "c"},
    "week_in_peak": {"no_free_day": "c", "over_60_hours": "b"},
    "age_of_workers": {"under_age_working": "d", "by_looks": "b", "ended_without_help": "b"},
    "young_workers_tasks": {"dangerous_or_night": "d"},
    "identity_papers": {"kept_not_free": "d", "kept_same_day": "b"},
    "job_costs": {"workers_in_debt": "d", "workers_paid": "c"},
    "leaving_the_job": {"cannot_leave": "d", "loses_earned_pay": "d", "pay_cut_without_notice": "c"},
    "housing_conditions": {
        "not_free_to_go": "d",
        "sleep_in_work_building": "d",
        "one_way_out": "c",
        "crowded_or_dirty": "b",
    },
    "treatment_at_work": {"hit_or_threatened": "d", "shouted_or_fined": "b"},
    "equal_chances": {"personal_things_count": "c"},
    "workers_own_voice": {"not_welcome": "c"},
    "harmful_waste": {"burned_or_dumped": "c", "with_normal_waste": "b"},
    "dirty_water": {"untreated_outside": "c", "above_limits_not_fixed": "c"},
    "requests_for_bribes": {"paid_for_advantage": "d", "small_payments": "c"},
    "time_and_pay_records": {"made_for_visitors": "d"},
    "visitor_interviews": {"told_what_to_say": "c", "not_possible": "b"},
    "speaking_up": {"trouble_for_speaking": "c"},
    "work_done_elsewhere": {"not_told": "c", "told_some": "b"},
}
POINTS_AT_MOST = {"d": 10, "c": 10, "b": 35}
FACTS: Given = {
    "headcount": "400",
    "worker_groups": ("agency_workers", "migrant_workers", "home_workers", "under_18", "housed_by_us"),
    "agency_workers": "90",
    "work_hazards": ("machines", "chemicals", "dirty_water"),
    "injured_people": "0",
    "electricity_used": "2400000",
}
ALONE: Given = {**FACTS, "headcount": "1", "worker_groups": ("nobody_employed",)}


def find_best(question: Question) -> str | tuple[str, ...]:
    score = PROFILE.questions[question.key]
    if score.points:
        return max(score.points, key=lambda key: score.points[key] if score.points else 0)
    return tuple(key for key, points in score.sum.items() if points) if score.sum else "100"


PERFECT: Given = {**FACTS, **{q.key: find_best(q) for q in DEFINITION.questions.values() if q.kind == "measure"}}


def choose(question: str, option: str) -> Given:
    many = DEFINITION.questions[question].type == "multi_choice"
    return {question: (option,) if many else option}


def score(tier: Tier, given: Given) -> Result:
    asked = {key: value for key, value in given.items() if contains(tier, DEFINITION.questions[key].tier)}
    answers = index_answers(Answer(question=key, state="value", value=value) for key, value in asked.items())
    return scoring.score_answers(DEFINITION, PROFILE, tier, answers, DAY)


@pytest.mark.parametrize("tier", ["micro", "basic"])
def test_perfect_answers_and_one_option_give_the_band_of_the_table(tier: Tier) -> None:
    table = {
        f"{question.key}:{option.key}": score(tier, {**PERFECT, **choose(question.key, option.key)}).band
        for question in DEFINITION.questions.values()
        if question.kind == "measure" and contains(tier, question.tier)
        for option in question.options
    }
    expected = {
        place: ADMITTED_HARM.get(question, {}).get(option, "a")
        for place in table
        for question, option in [place.split(":")]
    }
    assert score(tier, PERFECT).band == "a"
    assert table == expected


def test_two_harms_together_leave_the_lower_of_their_bands() -> None:
    harms = [(question, option, cap) for question, caps in ADMITTED_HARM.items() for option, cap in caps.items()]
    for (question, option, cap), (other, beside, limit) in pairwise(harms):
        if question != other:
            both = {**PERFECT, **choose(question, option), **choose(other, beside)}
            assert score("basic", both).band == max(cap, limit), (question, other)


def test_critical_rules_fire_only_where_harm_is_admitted() -> None:
    fired: dict[str, dict[str, str]] = {}
    for rule in PROFILE.critical:
        fired.setdefault(rule.question, {}).update(dict.fromkeys(rule.options, rule.cap_band))
        score = PROFILE.questions[rule.question]
        points = score.points or score.sum
        assert points, rule.key
        assert all(points[option] <= POINTS_AT_MOST[rule.cap_band] for option in rule.options), rule.key
    assert fired == ADMITTED_HARM


def test_each_rule_says_what_lifts_it_and_accuses_nobody() -> None:
    for rule in PROFILE.critical:
        spoken = rule.explanation
        assert any(word in spoken for word in (" until ", "When ", "Then answer again")), rule.key
        assert rule.cap_band == "d" or f"can reach {rule.cap_band.upper()} at most until" in spoken, rule.key
        assert not any(word in spoken.lower() for word in ("fault", "guilty", "violat", "must not")), rule.key


def test_people_who_work_for_themselves_can_answer_all_they_are_asked() -> None:
    for tier in DEFINITION.tier_keys:
        result = score(tier, {**PERFECT, **ALONE})
        assert (result.band, result.open_rules) == ("a", ())
    assert not ask(ALONE) & {"lowest_pay", "leaving_the_job", "identity_papers", "workers_own_voice", "speaking_up"}
    assert {"age_of_workers", "exits_during_work", "requests_for_bribes", "work_done_elsewhere"} <= ask(ALONE)


def test_a_result_tells_which_questions_were_not_asked() -> None:
    left_out = {line.question for line in score("basic", {**PERFECT, **ALONE}).lines if line.status == "disabled"}
    assert {"lowest_pay", "leaving_the_job", "identity_papers", "workers_own_voice", "speaking_up"} <= left_out


def ask(given: Given) -> set[str]:
    answers = index_answers(Answer(question=key, state="value", value=value) for key, value in given.items())
    return {item.question.key for item in find_applicable(DEFINITION, "basic", answers).enabled}


@pytest.mark.parametrize(
    "workers",
    [{"headcount": "6"}, *({"worker_groups": (key,)} for key in ("under_18", "home_workers", "none_of_these"))],
)
def test_a_firm_with_workers_is_asked_about_them(workers: Given) -> None:
    given = {**ALONE, **workers}
    hidden = find_applicable(
        DEFINITION, "basic", index_answers(Answer(question=k, state="value", value=v) for k, v in given.items())
    )
    missing = {problem.question for problem in submission.check_submission(hidden, day=DAY)}
    assert {"lowest_pay", "leaving_the_job", "workers_own_voice", "speaking_up"} <= missing


@pytest.mark.parametrize("fact", ["headcount", "worker_groups"])
def test_not_saying_whether_somebody_is_employed_leaves_no_band(fact: str) -> None:
    given = {**PERFECT, **ALONE}
    answers = index_answers(
        Answer(question=key, state="unknown") if key == fact else Answer(question=key, state="value", value=value)
        for key, value in given.items()
    )
    result = scoring.score_answers(DEFINITION, PROFILE, "basic", answers, DAY)
    assert {"pay_below_minimum", "not_free_to_leave", "papers_kept"} <= {rule.rule for rule in result.open_rules}
    assert (result.band, result.band_reason) == (None, "critical_open")


def test_no_question_about_workers_can_be_waved_away() -> None:
    for rule in PROFILE.critical:
        asked = DEFINITION.questions[rule.question]
        assert not asked.allows_not_applicable or rule.question in {
            "exits_during_work",
            "fire_readiness",
            "building_condition",
            "harmful_waste",
        }, rule.key
