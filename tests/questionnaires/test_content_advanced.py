"""Version 1.1.0 adds the tiers standard and advanced to 1.0.0 and changes nothing that was there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import catalogue, checks, scoring, submission
from questionnaires.answers import Answer, Answers
from questionnaires.applicability import Applicability, find_applicable
from questionnaires.definition import Definition, Question, Tier, contains
from questionnaires.profile import Profile
from tests.questionnaires import firms, perfect, recompute
from tests.questionnaires.perfect import ALONE, DAY, Given
from tests.questionnaires.test_recompute import read_figures, write_export

pytestmark = pytest.mark.slow

OLD = catalogue.read_packaged("responsible-sourcing", "1.0.0")
NEW = catalogue.read_packaged("responsible-sourcing", "1.1.0")
LOWER: tuple[Tier, ...] = ("micro", "basic")
UPPER: tuple[Tier, ...] = ("standard", "advanced")
BEST = perfect.answer_best(NEW)
# What the cap names word for word for firms of 11 to 1,000 people.
NECESSARY = {"direct_gases", "power_gases", "severe_cases"}
# A fact opens these, so that nobody is asked about people or dangers that are not there.
ONLY_WHERE_THEY_ARE = {
    "worker_groups": {
        "agency_workers": {"agency_checks"},
        "migrant_workers": {"migrant_support"},
        "home_workers": {"home_work_pay"},
        "housed_by_us": {"residents", "space_per_resident", "housing_rules"},
    },
    "work_patterns": {
        "temporary_contracts": {"temporary_workers", "repeated_contracts"},
        "night_work": {"night_work_care"},
        "trainees": {"trainee_conditions"},
        "guards": {"guards_at_work"},
        "loans": {"loans_to_workers"},
    },
    "work_hazards": {"chemicals": {"chemical_storage"}},
    "site_features": {
        "vehicles": {"vehicle_safety"},
        "pressure_or_lifting": {"equipment_checks"},
        "noise_dust_fumes": {"air_and_noise"},
        "heat_or_cold": {"heat_and_cold"},
        "heavy_lifting": {"heavy_lifting"},
        "special_jobs": {"risky_jobs"},
        "other_firms": {"contractor_safety"},
        "chimneys": {"chimney_tests"},
    },
}


def cut_to_basic(definition: Definition) -> Definition:
    """What the two lower tiers see of a version, without its number."""
    sections = [
        replace(section, questions=tuple(q for q in section.questions if contains("basic", q.tier)))
        for section in definition.sections
    ]
    return replace(
        definition,
        questionnaire=replace(definition.questionnaire, version="0.0.0", supersedes=None),
        tiers=tuple(tier for tier in definition.tiers if tier.key in LOWER),
        sections=tuple(section for section in sections if section.questions),
        checks=tuple(check for check in definition.checks if contains("basic", check.tier)),
    )


def test_micro_and_basic_are_those_of_the_first_version_word_for_word() -> None:
    assert cut_to_basic(NEW.definition) == cut_to_basic(OLD.definition)
    assert NEW.definition.questionnaire.supersedes == OLD.definition.version
    assert NEW.definition.renamed == ()


def test_the_profile_keeps_what_it_says_of_them() -> None:
    old, new = OLD.profiles[-1], NEW.profiles[-1]
    known = OLD.definition.questions
    assert {key: score for key, score in new.questions.items() if key in known} == old.questions
    assert tuple(rule for rule in new.critical if rule.question in known) == old.critical
    # A section with a weight would make a lower tier's score depend on what is asked above it.
    assert (new.sections, new.pillars, new.bands) == (old.sections, old.pillars, old.bands)
    assert (new.max_na_share, new.validity_days) == (old.max_na_share, old.validity_days)


@pytest.mark.parametrize("firm", [firms.WORKSHOP, firms.FACTORY], ids=["workshop", "factory"])
def test_a_score_at_a_lower_tier_is_the_same_in_both_versions(firm: Given) -> None:
    answers = firms.answer(dict(firm))
    for tier in LOWER:
        old, new = (scoring.score_answers(one.definition, one.profiles[-1], tier, answers, DAY) for one in (OLD, NEW))
        assert replace(new, version=old.version) == old


def test_a_score_at_a_higher_tier_carries_those_of_the_lower_ones() -> None:
    worse: Given = {**BEST, **firms.FACTORY, "pay_on_time": "over_a_month_late"}
    result = perfect.score(NEW, "advanced", worse)
    assert [one.tier for one in result.lower] == ["micro", "basic", "standard"]
    for lower in result.lower:
        alone = perfect.score(NEW, lower.tier, worse)
        assert (lower.total, lower.pillars) == (alone.total, alone.pillars)
    assert [one.total for one in result.lower[:2]] == [perfect.score(OLD, tier, worse).total for tier in LOWER]


def test_each_tier_asks_about_as_much_as_it_may() -> None:
    held = {
        tier: sum(contains(tier, question.tier) for question in NEW.definition.questions.values())
        for tier in NEW.definition.tier_keys
    }
    assert held == {"micro": 15, "basic": 40, "standard": 89, "advanced": 158}


def test_every_pillar_is_asked_more_at_each_higher_tier() -> None:
    for pillar in NEW.definition.pillars:
        measures = [
            question.tier
            for section, question, _ in NEW.definition.walk()
            if section.pillar == pillar.key and question.kind == "measure"
        ]
        assert all(measures.count(tier) >= 3 for tier in UPPER), pillar.key


@pytest.mark.parametrize("tier", UPPER)
@pytest.mark.parametrize("workers", [{}, {"worker_groups": ("none_of_these",), "work_patterns": ("none_of_these",)}])
def test_no_lesser_harm_outweighs_child_labor_in_the_upper_tiers(tier: Tier, workers: Given) -> None:
    weights = NEW.profiles[-1].questions
    shares = {line.question: line.share for line in perfect.score(NEW, tier, {**BEST, **workers}).lines}
    lesser = {key: share for key, share in shares.items() if weights[key].weight < 5}
    assert max(lesser.values()) < shares["age_of_workers"]


def test_nothing_new_is_asked_without_saying_why_and_how_to_look_at_it() -> None:
    for question in NEW.definition.questions.values():
        if question.tier in UPPER:
            assert question.why, question.key
            assert question.help, question.key
            assert question.maps_to, question.key
            assert question.probe, question.key
            assert question.request_limit, question.key
            assert question.required, question.key
            assert question.type not in ("integer", "decimal", "percent") or question.indicator, question.key


def test_only_what_the_cap_names_word_for_word_must_be_told() -> None:
    limits = {key: q.request_limit for key, q in NEW.definition.questions.items() if q.request_limit}
    assert {key for key, limit in limits.items() if limit.up_to_1000 == "necessary"} == NECESSARY
    assert not [key for key, limit in limits.items() if limit.up_to_10 == "necessary"]


def test_a_claim_that_rests_on_a_paper_asks_for_the_paper() -> None:
    rules = {key: q.evidence for key, q in NEW.definition.questions.items() if q.tier in UPPER and q.evidence}
    demanded = {key: rule for key, rule in rules.items() if rule.demanded}
    assert 5 <= len(demanded) <= 12
    for key, rule in demanded.items():
        assert rule.required_from == NEW.definition.questions[key].tier, key
        # Never for a weak answer: who names a gap has nothing to show.
        points = NEW.profiles[-1].questions[key].points
        assert points, key
        assert rule.required_when, key
        named = {option for clause in rule.required_when.clauses for option in clause.value}  # type: ignore[union-attr]
        assert all(points[option] >= 75 for option in named), key


def test_figures_that_count_harm_are_facts_so_that_telling_never_costs() -> None:
    counted = {"deaths_at_work", "lost_days", "spills", "environment_fines", "bribery_fines", "severe_cases"}
    counted |= {"complaints_received", "complaints_settled", "peak_hours", "living_wage_gap"}
    assert {NEW.definition.questions[key].kind for key in counted} == {"fact"}


@pytest.mark.parametrize("fact", ONLY_WHERE_THEY_ARE)
def test_questions_on_groups_and_dangers_open_with_the_fact_alone(fact: str) -> None:
    opened = ONLY_WHERE_THEY_ARE[fact]
    everything = set().union(*opened.values())
    for option in NEW.definition.questions[fact].options:
        asked = perfect.list_asked(NEW, "advanced", {**BEST, fact: (option.key,)})
        assert asked & everything == opened.get(option.key, set()), option.key


def test_questions_on_what_others_answered_open_with_that_answer_alone() -> None:
    def asks(key: str, **changes: str | tuple[str, ...]) -> bool:
        return key in perfect.list_asked(NEW, "advanced", {**BEST, **changes})

    assert asks("speaker_support", workers_own_voice="chosen_no_meetings")
    assert not asks("speaker_support", workers_own_voice="told_free_none_chosen")
    assert asks("gaps_closed", gap_follow_up="name_and_date")
    assert not asks("gaps_closed", gap_follow_up="written_no_date")
    assert asks("control_of_other_places", work_done_elsewhere="told_some")
    assert not asks("control_of_other_places", work_done_elsewhere="all_done_here")
    assert asks("material_origin", sensitive_materials=("stones",))
    assert not asks("material_origin", sensitive_materials=("none_of_these",))
    assert asks("complaints_settled", complaints_received="1")
    assert not asks("complaints_settled", complaints_received="0")
    # Of four women, each could guess what the others earn.
    assert asks("pay_gap", women_workers="5")
    assert not asks("pay_gap", women_workers="4")
    for danger in (
        {"work_patterns": ("night_work",)},
        {"work_hazards": ("chemicals",)},
        {"site_features": ("noise_dust_fumes",)},
    ):
        nothing: Given = {
            "work_patterns": ("none_of_these",),
            "work_hazards": ("none_of_these",),
            "site_features": ("none_of_these",),
        }
        assert asks("health_checks", **{**nothing, **danger})
        assert not asks("health_checks", **nothing)


def find_open(given: Given, tier: Tier) -> Applicability:
    """The questionnaire after these answers; what is no longer asked is left out, as a client would."""
    asked = perfect.list_asked(NEW, tier, given)
    answers = perfect.index_given(NEW, tier, {key: value for key, value in given.items() if key in asked})
    return find_applicable(NEW.definition, tier, answers)


def list_missing(open_now: Applicability) -> set[str]:
    """Every problem but evidence, which these firms attach."""
    found = submission.check_submission(open_now, day=DAY)
    return {f"{problem.question} {problem.code}" for problem in found if not problem.code.startswith("evidence")}


OWNER: Given = {
    **BEST, **ALONE, "injury_follow_up": "cause_removed_and_told", "site_features": ("none_of_these",),
    "work_hazards": ("none_of_these",), "work_done_elsewhere": "all_done_here", "hours_worked": "2100",
}  # fmt: skip
WITHOUT_HOUSING: Given = {**BEST, "worker_groups": ("agency_workers",)}


@pytest.mark.parametrize("tier", UPPER)
@pytest.mark.parametrize("firm", [BEST, OWNER, WITHOUT_HOUSING], ids=["all kinds", "owner alone", "without housing"])
def test_a_firm_can_answer_all_it_is_asked(firm: Given, tier: Tier) -> None:
    open_now = find_open(firm, tier)
    assert list_missing(open_now) == set()
    assert checks.find_inconsistencies(open_now) == []
    result = perfect.score(NEW, tier, firm)
    assert (result.band, result.total, result.open_rules) == ("a", 100, ())
    assert all(pillar.state == "rated" for pillar in result.pillars)


def test_an_owner_alone_meets_no_question_about_workers() -> None:
    asked = perfect.list_asked(NEW, "advanced", OWNER)
    about_workers = {
        question.key
        for section, question, _ in NEW.definition.walk()
        if question.enable_when and any(clause.q == "headcount" for clause in question.enable_when.clauses)
    }
    assert len(about_workers) > 40
    assert not asked & about_workers
    assert not asked & {key for opened in ONLY_WHERE_THEY_ARE.values() for keys in opened.values() for key in keys}
    assert {"electrical_safety", "safety_lead", "true_invoices", "neighbors", "making_good"} <= asked


@pytest.mark.parametrize("state", ["unknown", "declined", None])
@pytest.mark.parametrize(
    ("gate", "rules"),
    [
        (
            "work_patterns",
            {
                "let_go_and_hired_again", "trainees_as_cheap_hands", "guards_use_force", "tied_by_debt",
                "loans_cost_too_much",
            },
        ),
        (
            "site_features",
            {
                "above_limits_without_gear", "ill_from_heat", "drivers_without_license", "overdue_equipment",
                "smoke_above_limits",
            },
        ),
        ("sensitive_materials", {"harm_at_origin"}),
    ],
)  # fmt: skip
def test_not_saying_what_opens_a_critical_question_leaves_no_band(
    gate: str, rules: set[str], state: str | None
) -> None:
    answers = dict(perfect.index_given(NEW, "advanced", BEST))
    del answers[(gate, None)]
    if state is not None:
        answers[(gate, None)] = Answer(question=gate, state=state)  # type: ignore[arg-type]
    result = scoring.score_answers(NEW.definition, NEW.profiles[-1], "advanced", answers, DAY)
    assert {rule.rule for rule in result.open_rules} == rules
    assert (result.band, result.band_reason) == (None, "critical_open")


def find_broken(**changes: str | tuple[str, ...]) -> set[str]:
    return {found.check for found in checks.find_inconsistencies(find_open({**BEST, **changes}, "advanced"))}


# Answers that break each check of the upper tiers, and it alone.
BROKEN: dict[str, dict[str, str | tuple[str, ...]]] = {
    "women_within_headcount": {"women_workers": "401"},
    "temporary_and_agency_within_headcount": {"temporary_workers": "311"},
    "temporary_group_without_people": {"temporary_workers": "0"},
    "more_left_than_work_here": {"people_left": "401"},
    "deaths_within_injured": {"deaths_at_work": "1"},
    "no_hours_worked": {"hours_worked": "0"},
    "lost_days_but_nobody_hurt": {"lost_days": "4"},
    "practiced_but_no_practice": {"evacuation_drills": "0"},
    "practice_not_chosen": {"fire_readiness": ("alarm", "extinguishers")},
    "peak_hours_over_48": {"peak_hours": "48.5"},
    "peak_hours_over_60": {"week_in_peak": "up_to_60_hours", "peak_hours": "60.5"},
    "peak_hours_below_61": {"week_in_peak": "over_60_hours", "peak_hours": "60"},
    "no_overtime_but_paid": {"overtime_choice": "no_overtime"},
    "overtime_but_none_paid": {"overtime_pay": "no_overtime"},
    "no_overtime_but_long_week": {
        "overtime_choice": "no_overtime", "overtime_pay": "no_overtime", "week_in_peak": "up_to_60_hours",
        "peak_hours": "50",
    },
    "residents_within_headcount": {"residents": "401"},
    "housed_group_without_people": {"residents": "0"},
    "fuel_without_gases": {"direct_gases": "0"},
    "power_without_gases": {"power_gases": "0"},
    "recycled_within_waste": {"waste_recycled": "140.01"},
    "harmful_within_waste": {"hazardous_waste": "140.01"},
    "settled_within_received": {"complaints_settled": "32"},
    "complaints_but_no_way": {"speaking_up": "no_known_way"},
    "suppliers_seen_but_not_looked": {"supplier_conditions": "not_looked_yet"},
    "child_worked_but_no_case": {"age_of_workers": "found_and_helped"},
}  # fmt: skip
# These cannot be broken alone: whoever breaks them breaks a wider one too.
BROKEN_TOGETHER: dict[str, dict[str, str | tuple[str, ...]]] = {
    "temporary_within_headcount": {"temporary_workers": "401"},
    "death_but_no_case": {"deaths_at_work": "1", "injury_follow_up": "no_case_nothing_agreed"},
}


@pytest.mark.parametrize("check", BROKEN)
def test_a_check_speaks_up_alone(check: str) -> None:
    assert find_broken(**BROKEN[check]) == {check}


@pytest.mark.parametrize("check", BROKEN_TOGETHER)
def test_a_check_speaks_up(check: str) -> None:
    assert check in find_broken(**BROKEN_TOGETHER[check])


def test_each_check_of_the_upper_tiers_is_tried() -> None:
    assert {check.key for check in NEW.definition.checks if check.tier in UPPER} == BROKEN.keys() | BROKEN_TOGETHER


def make_value(rng: Random, definition: Definition, question: Question) -> str | tuple[str, ...]:
    """Any value that may be submitted."""
    keys = [option.key for option in definition.options(question)]
    if question.type == "choice":
        return rng.choice(keys)
    if question.type == "multi_choice":
        single = [(option.key,) for option in definition.options(question) if option.exclusive]
        several = [key for key in keys if (key,) not in single]
        return rng.choice([*single, tuple(key for key in several if rng.random() < 0.5) or (several[0],)])
    assert question.min is not None
    assert question.max is not None
    number = rng.randint(int(question.min), int(min(question.max, Decimal(rng.choice([100, 5000, 10**9])))))
    return str(number)


def make_answers(rng: Random, tier: Tier) -> Answers:
    """A response that may be submitted: all that is asked has a value, a reason or "we do not know"."""
    definition, answers = NEW.definition, dict[tuple[str, str | None], Answer]()
    for question in definition.questions.values():
        if question.key not in {item.question.key for item in find_applicable(definition, tier, answers).enabled}:
            continue
        chance = rng.random()
        if chance < 0.1:
            answer = Answer(question=question.key, state="unknown")
        elif chance < 0.2 and question.allows_not_applicable:
            answer = Answer(question=question.key, state="not_applicable", reason="As the question says.")
        else:
            answer = Answer(question=question.key, state="value", value=make_value(rng, definition, question))
        answers[answer.key] = answer
    return answers


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(UPPER))
def test_random_answers_that_may_be_submitted_are_scored_without_fault(seed: int, tier: Tier) -> None:
    profile: Profile = NEW.profiles[-1]
    answers = make_answers(Random(seed), tier)
    assert list_missing(find_applicable(NEW.definition, tier, answers)) == set()
    result = scoring.score_answers(NEW.definition, profile, tier, answers, DAY)
    assert result.total is not None
    assert 0 <= result.total <= 100
    assert result.valid_until == DAY + timedelta(days=profile.validity_days)
    fired = {rule.rule for rule in result.fired}
    caps = {rule.cap_band for rule in profile.critical if rule.key in fired}
    assert result.band is None or not caps or result.band >= max(caps)
    exported = write_export(NEW.definition, profile, tier, answers)
    assert recompute.recompute(exported) == read_figures(exported)
