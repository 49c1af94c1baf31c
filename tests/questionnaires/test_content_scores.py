"""The weights, points and critical rules that ship are fair: harm before paper, and telling before hiding."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from questionnaires import scoring, submission
from questionnaires.answers import Answer, Answers, index_answers, may_decline
from questionnaires.applicability import find_applicable
from questionnaires.definition import Definition, contains
from questionnaires.profile import Profile
from tests.questionnaires import firms, wording

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 23)
CRITICAL_SUBJECTS = {
    "forced labor": {
        "papers_kept",
        "debt_for_the_job",
        "fees_paid_by_workers",
        "not_free_to_leave",
        "locked_in_housing",
    },
    "child labor": {"child_at_work", "young_people_in_danger"},
    "life safety": {"locked_exit", "blocked_exit", "one_way_out", "damaged_building", "sleeping_at_the_workplace"},
    "speaking as a group": {"own_voice_not_welcome", "trouble_for_speaking", "told_what_to_say"},
    "equal chances": {"personal_things_decide"},
    "bribery and false records": {"bribes_paid", "small_payments_made", "records_made_for_visitors"},
}


def test_critical_rules_cover_the_worst_harms(profile: Profile) -> None:
    keys = {rule.key for rule in profile.critical}
    for subject, rules in CRITICAL_SUBJECTS.items():
        assert rules <= keys, subject


def test_no_critical_rule_is_about_missing_paper(definition: Definition, profile: Profile) -> None:
    for rule in profile.critical:
        for option in definition.questions[rule.question].options:
            if option.key in rule.options:
                assert not re.search(r"\b(list|written|write|note|check(s|ed)?)\b", option.title), option.key


PUT_RIGHT = {
    "exits_during_work": "freed_recently",
    "building_condition": "damage_closed",
    "age_of_workers": "found_and_helped",
    "young_workers_tasks": "moved_to_safe_work",
    "identity_papers": "given_back_recently",
    "job_costs": "paying_back",
    "treatment_at_work": "stopped_recently",
    "time_and_pay_records": "one_true_set_recently",
    "requests_for_bribes": "stopped_paying",
    "lowest_pay": "raised_recently",
    "equal_chances": "changed_recently",
    # Asked from standard on.
    "overtime_choice": "free_recently",
    "overtime_pay": "paid_back_recently",
    "pay_on_time": "caught_up_recently",
    "free_protection": "paid_back_recently",
    "loans_to_workers": "freed_recently",
    "fair_competition": "ended_recently",
    "true_invoices": "put_in_books_recently",
}
# These last for as long as they are true: an engineer is still at work, people are still being paid back.
STILL_BEING_PUT_RIGHT = {"building_condition", "job_costs"}


def list_put_right(profile: Profile) -> list[tuple[str, str]]:
    """Question and line, of those that this version asks."""
    return [(key, option) for key, option in PUT_RIGHT.items() if key in profile.questions]


def test_a_harm_put_right_is_never_capped_and_earns_more_than_half(profile: Profile) -> None:
    capped = {(rule.question, option) for rule in profile.critical for option in rule.options}
    for key, option in list_put_right(profile):
        points = profile.questions[key].points
        assert points
        assert (key, option) not in capped
        assert points[option] > 50, key


def test_the_line_of_a_mended_past_ends_after_three_months(definition: Definition, profile: Profile) -> None:
    assert "Recently means in the last 3 months." in definition.questionnaire.description
    recent = {
        (question.key, option.key): option.help
        for question in definition.questions.values()
        for option in question.options
        if "until recently" in option.title
    }
    assert set(recent) == {place for place in list_put_right(profile) if place[0] not in STILL_BEING_PUT_RIGHT}
    said = (
        "This line is for the first three months. When the better way has held for three months, choose the line that"
    )
    assert all(text.startswith(said) for text in recent.values())


def test_what_was_not_put_right_does_not_run_out(definition: Definition) -> None:
    titles = {f"{q.key}.{o.key}": o.title for q in definition.questions.values() for o in q.options}
    assert "in the last 12 months" in titles["age_of_workers.ended_without_help"]
    assert "still owed what was missing" in titles["lowest_pay.below_minimum"]
    assert "paid back what was missing" in titles["lowest_pay.raised_recently"]


def test_points_never_fall_from_an_option_to_the_next(definition: Definition, profile: Profile) -> None:
    for question in wording.list_measures(definition):
        points = profile.questions[question.key].points
        if points is not None:
            ladder = [points[option.key] for option in question.options]
            assert ladder == sorted(ladder), question.key
            assert ladder[-1] == 100, question.key
            # Knowing that a permit is missing is worth no less than not having looked, and neither is harm.
            assert ladder[0] <= (15 if question.key == "environmental_permits" else 10), question.key


def test_points_of_many_choices_add_up_to_a_hundred(profile: Profile) -> None:
    for score in profile.questions.values():
        if score.sum is not None:
            assert sum(score.sum.values()) == 100


@pytest.mark.parametrize(
    "skipped", [set(), firms.ABOUT_WORKERS, {"machine_guards"}, firms.ABOUT_WORKERS | {"machine_guards"}]
)
def test_no_lesser_harm_outweighs_child_labor_in_the_smallest_tier(
    definition: Definition, profile: Profile, skipped: set[str]
) -> None:
    shares = weigh_questions(definition, profile, skipped=skipped)
    life_freedom_childhood = {key for key in shares if profile.questions[key].weight == 5}
    assert "age_of_workers" in life_freedom_childhood
    rest = [
        share
        for key, share in shares.items()
        if key not in life_freedom_childhood | {"fire_readiness", "machine_guards"}
    ]
    assert max(rest) <= shares["age_of_workers"]


def weigh_questions(definition: Definition, profile: Profile, *, skipped: set[str]) -> dict[str, Fraction]:
    """The share of the total that each micro measure carries when the skipped ones are not asked."""
    pillars: dict[str, str] = {}
    for section, question, _ in definition.walk():
        if question.kind == "measure" and question.tier == "micro" and question.key not in skipped and section.pillar:
            pillars[question.key] = section.pillar
    shares = {}
    for key, pillar in pillars.items():
        within = sum(Fraction(profile.questions[k].weight) for k, p in pillars.items() if p == pillar)
        weight = Fraction(profile.questions[key].weight)
        shares[key] = Fraction(profile.pillars[pillar]) / sum(map(Fraction, profile.pillars.values())) * weight / within
    return shares


def test_firms_skip_what_does_not_fit_them(definition: Definition) -> None:
    conditional = {q.key for q in definition.questions.values() if q.enable_when and contains("basic", q.tier)}
    assert conditional == firms.ABOUT_WORKERS | {
        "agency_workers",
        "machine_guards",
        "chemical_handling",
        "young_workers_tasks",
        "housing_conditions",
        "dirty_water",
    }


@pytest.mark.parametrize(
    ("firm", "total", "earned", "band"),
    [(firms.WORKSHOP, "47.05", "c", "c"), (firms.FACTORY, "71.96", "b", "d")],
    ids=["workshop without paper", "factory with debt"],
)
def test_weights_make_sense_for_firms_scored_by_hand(
    definition: Definition,
    profile: Profile,
    firm: dict[str, str | tuple[str, ...]],
    total: str,
    earned: str,
    band: str,
) -> None:
    given = index_answers(Answer(question=key, state="value", value=value) for key, value in firm.items())
    result = scoring.score_answers(definition, profile, "basic", given, date(2026, 11, 23))
    assert result.total is not None
    assert f"{float(result.total):.2f}" == total
    assert (result.earned_band, result.band) == (earned, band)


def test_the_firms_answer_everything_that_is_asked_of_them(definition: Definition) -> None:
    for firm in (firms.WORKSHOP, firms.FACTORY):
        given = index_answers(Answer(question=key, state="value", value=value) for key, value in firm.items())
        asked = {item.question.key for item in find_applicable(definition, "basic", given).enabled}
        assert asked == set(firm)


@pytest.mark.parametrize("state", ["unknown", "declined", None])
@pytest.mark.parametrize(
    ("gate", "rules"),
    [
        (
            "worker_groups",
            {
                "young_people_in_danger",
                "sleeping_at_the_workplace",
                "one_way_out_of_housing",
                "crowded_housing",
                "locked_in_housing",
            },
        ),
        (
            "work_hazards",
            {"machines_without_guards", "chemicals_without_label", "untreated_water", "water_above_limits"},
        ),
    ],
)
def test_not_saying_who_works_here_and_with_what_leaves_no_band(
    definition: Definition, profile: Profile, gate: str, rules: set[str], state: Any
) -> None:
    rest = firms.answer({key: value for key, value in firms.WORKSHOP.items() if key != gate})
    given = rest if state is None else {**rest, (gate, None): Answer(question=gate, state=state)}
    result = scoring.score_answers(definition, profile, "basic", given, DAY)
    assert {rule.rule for rule in result.open_rules} == rules
    assert (result.band, result.band_reason) == (None, "critical_open")


def test_declining_what_is_weak_never_leads_to_the_best_band(definition: Definition, profile: Profile) -> None:
    critical = {rule.question for rule in profile.critical}
    given = dict(firms.answer(firms.WORKSHOP))
    for line in scoring.score_answers(definition, profile, "basic", given, DAY).lines:
        asked = definition.questions[line.question]
        if line.points is not None and line.points < 80 and line.question not in critical and may_decline(asked, 12):
            given[line.key] = Answer(question=line.question, state="declined")
    result = scoring.score_answers(definition, profile, "basic", given, DAY)
    assert sum(one.state == "declined" for one in given.values()) >= 9
    assert result.coverage * 100 < 90
    assert result.earned_band != "a"


def find_pillars(definition: Definition, profile: Profile, given: Answers) -> dict[str, str]:
    result = scoring.score_answers(definition, profile, "basic", given, DAY)
    return {pillar.key: pillar.state for pillar in result.pillars}


def test_an_office_with_the_waste_of_a_home_keeps_its_environment(definition: Definition, profile: Profile) -> None:
    office = {**firms.WORKSHOP, "work_hazards": ("none_of_these",)}
    given = firms.answer(office, harmful_waste="Only paper and food.")
    assert find_pillars(definition, profile, given)["environment"] == "rated"


def test_people_in_the_fields_keep_health_and_safety(definition: Definition, profile: Profile) -> None:
    outside = "Everybody works in the fields."
    given = firms.answer(
        {**firms.WORKSHOP, "work_hazards": ("none_of_these",)},
        exits_during_work=outside,
        fire_readiness=outside,
        building_condition=outside,
    )
    open_now = find_applicable(definition, "basic", given)
    assert submission.check_submission(open_now, day=DAY) == []
    assert find_pillars(definition, profile, given)["health_and_safety"] == "rated"


@pytest.mark.parametrize(
    ("question", "value", "file"),
    [
        (
            "environmental_permits",
            "all_held_and_followed",
            {"kind": "certificate", "issued_on": date(2015, 5, 4), "valid_until": date(2030, 5, 4)},
        ),
        ("environmental_permits", "all_held_no_list", {"kind": "certificate", "issued_on": date(2015, 5, 4)}),
        ("fire_readiness", ("wiring_checked",), None),
        ("fire_readiness", ("extinguishers",), {"kind": "photo", "issued_on": date(2026, 3, 1)}),
        ("lowest_pay", "at_minimum", {"kind": "record", "issued_on": date(2026, 10, 31)}),
    ],
)
def test_what_is_true_can_be_submitted(
    definition: Definition, question: str, value: str | tuple[str, ...], file: dict[str, Any] | None
) -> None:
    quiet = {**firms.WORKSHOP, "fire_readiness": ("none_yet",)}
    open_now = find_applicable(definition, "basic", firms.answer({**quiet, question: value}))
    attached = [] if file is None else [submission.Attachment(question=question, **file)]
    assert submission.check_submission(open_now, day=DAY, attachments=attached) == []


def test_lines_that_admit_harm_leave_no_gap_to_the_next(definition: Definition) -> None:
    titles = {f"{q.key}.{o.key}": o.title for q in definition.questions.values() for o in q.options}
    assert "over the legal limit or have 49 to 60" in titles["week_in_peak.up_to_60_hours"]
    assert "more than the legal limit or more than 48" in titles["week_in_peak.up_to_48_hours"]
    assert "than the law allows" in titles["leaving_the_job.pay_cut_without_notice"]
    assert "none of the places" in titles["work_done_elsewhere.not_told"]
    assert "nothing is taken from their pay" in titles["job_costs.paying_back"]
    assert "nothing was paid back" in titles["job_costs.workers_paid"]


def test_helping_a_child_counts_for_more_than_sending_it_away(definition: Definition, profile: Profile) -> None:
    points = profile.questions["age_of_workers"].points
    assert points
    assert points["under_age_working"] < points["ended_without_help"] < points["paper_for_some"]
    assert points["paper_for_some"] < points["found_and_helped"]
    titles = [option.title for option in definition.questions["age_of_workers"].options]
    assert sum("child worked here" in title for title in titles) == 2


def test_guided_training_from_sixteen_is_not_dangerous_work(definition: Definition) -> None:
    asked = definition.questions["young_workers_tasks"]
    assert "A trainee of 16 or 17 may learn such work if your law allows it" in asked.help
    assert asked.options[0].title == "Some work at night, or do dangerous work that is not guided training"
    assert all("guided training" in option.title for option in asked.options if option.key.startswith("safe_"))
