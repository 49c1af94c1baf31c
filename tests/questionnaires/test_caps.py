"""Whoever says that people are harmed keeps no band a, and a firm without workers can answer all it is asked."""

from __future__ import annotations

from itertools import pairwise

import pytest

from questionnaires import scoring, submission
from questionnaires.answers import Answer
from questionnaires.applicability import find_applicable
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition, Tier, contains
from questionnaires.profile import Profile
from tests.questionnaires import perfect
from tests.questionnaires.perfect import ALONE, DAY, Given

pytestmark = pytest.mark.slow

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
    # From standard on.
    "electrical_safety": {"bare_in_use": "c"},
    "free_protection": {"missing_in_danger": "c", "workers_pay": "b"},
    "leaving_danger": {"had_trouble": "c"},
    "air_and_noise": {"above_no_gear": "c"},
    "heat_and_cold": {"fell_ill_no_change": "c"},
    "health_checks": {"result_used_against": "b"},
    "pregnancy_at_work": {"stays_in_danger": "c", "unpaid_or_less": "b"},
    "vehicle_safety": {"no_license": "c"},
    "equipment_checks": {"overdue_in_use": "c"},
    "overtime_choice": {"cannot_refuse": "d", "less_work_later": "b"},
    "overtime_pay": {"unpaid": "c", "below_law": "c"},
    "pay_on_time": {"over_a_month_late": "c", "over_a_week_late": "b"},
    "time_recording": {"hours_cut_off": "c"},
    "loans_to_workers": {"cannot_leave": "d", "high_rate": "c"},
    "ending_by_firm": {"same_day": "b"},
    "guards_at_work": {"force_used": "d"},
    "paid_leave": {"none_paid": "b"},
    "parents_at_work": {"loses_job": "c", "unpaid_or_short": "b"},
    "agency_checks": {"earn_less": "b"},
    "housing_rules": {"must_live_there": "c"},
    "trainee_conditions": {"cheap_hands": "c"},
    "repeated_contracts": {"gaps_on_purpose": "b"},
    "state_labor": {"not_chosen": "d"},
    "chimney_tests": {"above_not_fixed": "c"},
    "banned_substances": {"found_still_used": "c"},
    "neighbors": {"harm_not_ended": "b"},
    "fair_competition": {"agreed_with_others": "c"},
    "true_invoices": {"false_bills": "c"},
    "land_rights": {"taken_not_settled": "c"},
    "material_origin": {"harm_goes_on": "c"},
}
POINTS_AT_MOST = {"d": 10, "c": 10, "b": 35}
# What a firm with workers may say does not apply to it: nothing of these is about workers.
NOT_ABOUT_WORKERS = {
    "exits_during_work",
    "fire_readiness",
    "building_condition",
    "electrical_safety",
    "harmful_waste",
    "banned_substances",
    "neighbors",
    "land_rights",
}


def list_harms(profile: Profile) -> dict[str, dict[str, str]]:
    """The table, of the questions that this version asks."""
    return {question: caps for question, caps in ADMITTED_HARM.items() if question in profile.questions}


def list_options(shipped: Packaged, tier: Tier) -> list[tuple[str, str]]:
    """Every option that is new at a tier, and the harms of the lower ones: the rest was tried there."""
    return [
        (question.key, option.key)
        for question in shipped.definition.questions.values()
        if question.kind == "measure" and contains(tier, question.tier)
        for option in question.options
        if question.tier == tier or option.key in ADMITTED_HARM.get(question.key, {})
    ]


def test_perfect_answers_and_one_option_give_the_band_of_the_table(shipped: Packaged) -> None:
    best = perfect.answer_best(shipped)
    for tier in shipped.definition.tier_keys:
        options = list_options(shipped, tier)
        expected = {place: ADMITTED_HARM.get(place[0], {}).get(place[1], "a") for place in options}
        table = {
            place: perfect.find_band(shipped, tier, {**best, **perfect.choose(shipped, *place)}) for place in options
        }
        assert perfect.find_band(shipped, tier, best) == "a"
        assert table == expected


def test_two_harms_together_leave_the_lower_of_their_bands(shipped: Packaged) -> None:
    table, best = list_harms(shipped.profiles[-1]), perfect.answer_best(shipped)
    harms = [(question, option, cap) for question, caps in table.items() for option, cap in caps.items()]
    for (question, option, cap), (other, beside, limit) in pairwise(harms):
        if question != other:
            both = {**perfect.choose(shipped, question, option), **perfect.choose(shipped, other, beside)}
            result = perfect.score(shipped, shipped.definition.tier_keys[-1], {**best, **both})
            assert result.band == max(cap, limit), (question, other)


def test_critical_rules_fire_only_where_harm_is_admitted(profile: Profile) -> None:
    fired: dict[str, dict[str, str]] = {}
    for rule in profile.critical:
        fired.setdefault(rule.question, {}).update(dict.fromkeys(rule.options, rule.cap_band))
        score = profile.questions[rule.question]
        points = score.points or score.sum
        assert points, rule.key
        assert all(points[option] <= POINTS_AT_MOST[rule.cap_band] for option in rule.options), rule.key
    assert fired == list_harms(profile)


def test_each_rule_says_what_lifts_it_and_accuses_nobody(profile: Profile) -> None:
    for rule in profile.critical:
        spoken = rule.explanation
        assert any(word in spoken for word in (" until ", "When ", "Then answer again")), rule.key
        assert rule.cap_band == "d" or f"can reach {rule.cap_band.upper()} at most until" in spoken, rule.key
        assert not any(word in spoken.lower() for word in ("fault", "guilty", "violat", "must not")), rule.key


def test_people_who_work_for_themselves_can_answer_all_they_are_asked(shipped: Packaged) -> None:
    best = {**perfect.answer_best(shipped), **ALONE}
    for tier in shipped.definition.tier_keys:
        result = perfect.score(shipped, tier, best)
        assert (result.band, result.open_rules) == ("a", ())
    asked = perfect.list_asked(shipped, "basic", ALONE)
    assert not asked & {"lowest_pay", "leaving_the_job", "identity_papers", "workers_own_voice", "speaking_up"}
    assert {"age_of_workers", "exits_during_work", "requests_for_bribes", "work_done_elsewhere"} <= asked


def test_a_result_tells_which_questions_were_not_asked(shipped: Packaged) -> None:
    result = perfect.score(shipped, "basic", {**perfect.answer_best(shipped), **ALONE})
    left_out = {line.question for line in result.lines if line.status == "disabled"}
    assert {"lowest_pay", "leaving_the_job", "identity_papers", "workers_own_voice", "speaking_up"} <= left_out


@pytest.mark.parametrize(
    "workers",
    [{"headcount": "6"}, *({"worker_groups": (key,)} for key in ("under_18", "home_workers", "none_of_these"))],
)
def test_a_firm_with_workers_is_asked_about_them(shipped: Packaged, workers: Given) -> None:
    answers = perfect.index_given(shipped, "basic", {**ALONE, **workers})
    hidden = find_applicable(shipped.definition, "basic", answers)
    missing = {problem.question for problem in submission.check_submission(hidden, day=DAY)}
    assert {"lowest_pay", "leaving_the_job", "workers_own_voice", "speaking_up"} <= missing


@pytest.mark.parametrize("fact", ["headcount", "worker_groups"])
def test_not_saying_whether_somebody_is_employed_leaves_no_band(shipped: Packaged, fact: str) -> None:
    given = perfect.index_given(shipped, "basic", {**perfect.answer_best(shipped), **ALONE})
    given = {**given, (fact, None): Answer(question=fact, state="unknown")}
    result = scoring.score_answers(shipped.definition, shipped.profiles[-1], "basic", given, DAY)
    assert {"pay_below_minimum", "not_free_to_leave", "papers_kept"} <= {rule.rule for rule in result.open_rules}
    assert (result.band, result.band_reason) == (None, "critical_open")


def test_no_question_about_workers_can_be_waved_away(definition: Definition, profile: Profile) -> None:
    for rule in profile.critical:
        asked = definition.questions[rule.question]
        assert not asked.allows_not_applicable or rule.question in NOT_ABOUT_WORKERS, rule.key
