"""The questionnaires that ship keep their promises: burden, plain words, passports, mappings, fair critical rules."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import questionnaires
from questionnaires import catalogue, checks, reading, scoring, submission
from questionnaires.answers import Answer, Answers, index_answers, may_decline
from questionnaires.applicability import find_applicable
from questionnaires.definition import Definition, Option, Question, contains
from questionnaires.profile import Profile

CONTENT = Path(questionnaires.__file__).parent / "content"
FOLDER = CONTENT / "responsible-sourcing"
DAY = date(2026, 11, 23)
TIER_CAPS = {"micro": 15, "basic": 40, "standard": 90, "advanced": 160}
WORDS_OF_A_QUESTION = 25
WORDS_OF_AN_OPTION = 24
WORDS_OF_A_SENTENCE = 26
# Words of offices and auditors; a reader in a second language meets them nowhere else.
JARGON = """
    accountability adhere adverse applicable audited benchmark capa clause comply compliance compliant consultation
    corrective criteria disclosure diligence engagement ensure ergonomic escalate esg ethical facilitate facilitation
    framework governance grievance hierarchy holistic implement implementation incident indicator initiative kpi
    leverage materiality mechanism methodology mitigate mitigation modern monitoring nonconformity nonconformance ohs
    policies policy ppe premises procedure procedures protocol reasonable regulatory remedial remediate remediation
    remuneration respective robust safeguard salient scope sds stakeholder stakeholders subcontract subcontracting
    subcontractor sustainable sustainability systematic tier transparency utilize verify verification vulnerable
    whistleblower workforce
"""
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
# Asked wherever somebody is employed.
ABOUT_WORKERS = {
    "lowest_pay",
    "written_terms",
    "pay_slips",
    "week_in_peak",
    "identity_papers",
    "job_costs",
    "leaving_the_job",
    "treatment_at_work",
    "equal_chances",
    "workers_own_voice",
    "time_and_pay_records",
    "visitor_interviews",
    "speaking_up",
}
# Papers that hold for as long as they say themselves, however long ago they were issued.
VALID_BY_ITSELF = {"environmental_permits", "building_condition", "written_terms"}
NEVER_BENCHMARKED = re.compile(r"\b(price|cost|order|customer|volume|turnover|sales|kwh)", re.IGNORECASE)


def load_standards() -> dict[str, frozenset[str]]:
    with (CONTENT / "standards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        key: frozenset(row["ref"] for row in rows if row["standard"] == key) for key in {r["standard"] for r in rows}
    }


@pytest.fixture(scope="module")
def definition() -> Definition:
    return reading.read_questionnaire(FOLDER / "1.0.0.yaml")


@pytest.fixture(scope="module")
def profile(definition: Definition) -> Profile:
    return reading.read_profile(FOLDER / "1.0.0.profile-1.yaml", definition)


def list_measures(definition: Definition) -> list[Question]:
    return [question for question in definition.questions.values() if question.kind == "measure"]


def read_respondent_texts(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every text a respondent meets, with the place it stands at."""
    yield "description", definition.questionnaire.description
    for part in (*definition.tiers, *definition.pillars):
        yield part.key, f"{part.title}. {part.description}"
    for section in definition.sections:
        yield section.key, f"{section.title}. {section.intro}"
    for check in definition.checks:
        yield check.key, check.title
    for question in definition.questions.values():
        yield from ((question.key, text) for text in read_question_texts(question))


def read_question_texts(question: Question) -> list[str]:
    hint = question.evidence.hint if question.evidence else ""
    absent = question.not_applicable.help if question.not_applicable else ""
    options = [text for option in question.options for text in (option.title, option.help)]
    texts = [question.title, question.help, question.action, question.why, hint, absent, *options]
    return [text for text in texts if text]


def read_profile_texts(profile: Profile) -> Iterator[tuple[str, str]]:
    for rule in profile.critical:
        yield rule.key, f"{rule.title}. {rule.explanation}"
    for band in profile.bands:
        yield band.key, band.title


def count_words(text: str) -> int:
    return len(re.findall(r"[\w%'’-]+", text))


def split_sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+", text) if sentence]


def test_every_file_is_free_of_errors_and_warnings() -> None:
    found = reading.lint_folder(CONTENT, tier_caps=TIER_CAPS, standards=load_standards())
    assert [str(fault) for fault in found] == []


def test_counts_stay_within_the_burden_promised(definition: Definition) -> None:
    tiers = [question.tier for question in definition.questions.values()]
    assert tiers.count("micro") <= 15
    assert len(tiers) <= 40
    assert set(tiers) == {"micro", "basic"}


def test_minutes_are_those_the_tier_announces(definition: Definition) -> None:
    for tier in definition.tiers:
        asked = [q for q in definition.questions.values() if contains(tier.key, q.tier)]
        minutes = sum((question.minutes for question in asked), Decimal(0))
        announced = re.search(r"About (\d+) minutes", tier.description)
        assert announced
        assert abs(minutes - int(announced[1])) < 1


def test_each_measure_has_a_whole_passport(definition: Definition) -> None:
    for question in list_measures(definition):
        assert question.required, question.key
        assert question.help, question.key
        assert question.action, question.key
        assert question.why, question.key
        assert question.probe, question.key
        assert question.maps_to, question.key
        assert question.evidence, question.key
        assert question.evidence.hint, question.key
        assert question.evidence.max_age_days or question.key in VALID_BY_ITSELF, question.key
        assert question.request_limit, question.key


def test_actions_say_what_to_do_and_never_what_to_answer(definition: Definition) -> None:
    for question in list_measures(definition):
        assert count_words(question.action) >= 15, question.key
        assert not re.search(r"\b(answer|select|option|this line|upper line)\b", question.action, re.IGNORECASE), (
            question.key
        )


def test_each_measure_of_a_choice_has_a_middle(definition: Definition) -> None:
    for question in list_measures(definition):
        if question.type == "choice":
            assert len(question.options) >= 4, question.key
            assert all(count_words(option.title) >= 3 for option in question.options), question.key


def test_the_mappings_used_and_the_table_are_the_same() -> None:
    asked = [question for packaged in catalogue.list_packaged() for question in packaged.definition.questions.values()]
    used = {(mapping.standard, mapping.ref) for question in asked for mapping in question.maps_to}
    table = {(standard, ref) for standard, refs in load_standards().items() for ref in refs}
    assert used == table


def test_the_table_of_standards_names_source_and_status() -> None:
    with (CONTENT / "standards.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert all(row.values()), row
            assert row["status"] in {"verified", "unconfirmed"}, row


def test_questions_and_options_are_short(definition: Definition) -> None:
    long = [
        *(q.title for q in definition.questions.values() if count_words(q.title) > WORDS_OF_A_QUESTION),
        *(o.title for o in list_options(definition) if count_words(o.title) > WORDS_OF_AN_OPTION),
    ]
    assert long == []


def list_options(definition: Definition) -> list[Option]:
    return [option for question in definition.questions.values() for option in question.options]


def test_sentences_are_short(definition: Definition, profile: Profile) -> None:
    texts = [*read_respondent_texts(definition), *read_profile_texts(profile)]
    sentences = [(place, sentence) for place, text in texts for sentence in split_sentences(text)]
    assert [found for found in sentences if count_words(found[1]) > WORDS_OF_A_SENTENCE] == []
    average = sum(count_words(sentence) for _, sentence in sentences) / len(sentences)
    assert average < 13


def test_every_question_title_is_a_question(definition: Definition) -> None:
    assert [q.title for q in definition.questions.values() if not q.title.endswith("?")] == []


def test_no_word_of_the_trade_reaches_the_respondent(definition: Definition, profile: Profile) -> None:
    stopped = re.compile(rf"\b({'|'.join(re.findall(r'[a-z]+', JARGON))})\b", re.IGNORECASE)
    texts = [*read_respondent_texts(definition), *read_profile_texts(profile)]
    assert [(place, found[0]) for place, text in texts if (found := stopped.search(text))] == []


def test_no_answer_asks_for_free_text(definition: Definition) -> None:
    assert {question.type for question in definition.questions.values()} <= {
        "choice", "multi_choice", "integer", "decimal", "percent"
    }  # fmt: skip


def test_evidence_about_people_says_what_to_leave_out(definition: Definition) -> None:
    leave_out = re.compile(
        r"\b(cover|covered|without names|without faces|no names|no faces|no papers|no cases|never)\b", re.I
    )
    for section, question, _ in definition.walk():
        about_people = section.pillar != "environment" and question.key != "building_condition"
        if about_people and question.evidence:
            assert leave_out.search(question.evidence.hint), question.key


def test_evidence_is_never_demanded_of_the_smallest_and_seldom_in_basic(definition: Definition) -> None:
    rules = [q.evidence for q in definition.questions.values() if q.evidence]
    assert not [rule for rule in rules if rule.required_from == "micro"]
    assert not [rule for rule in rules if rule.required_when and rule.required_from is None]
    demanded = [rule for rule in rules if rule.required_from == "basic"]
    assert len(demanded) <= 4
    assert all(rule.required_when for rule in demanded)


def test_probes_never_expose_a_worker(definition: Definition) -> None:
    for question in definition.questions.values():
        assert question.probe, question.key
        probe = f"{question.probe.ask} {question.probe.look}"
        assert not re.search(r"\b(confront|accuse|reveal|write down the names?)\b", probe, re.IGNORECASE), question.key


def test_benchmarks_hold_harmless_measures_only(definition: Definition, profile: Profile) -> None:
    critical = {rule.question for rule in profile.critical}
    for question in definition.questions.values():
        if question.benchmark:
            assert question.kind == "measure", question.key
            assert question.key not in critical, question.key
            assert not NEVER_BENCHMARKED.search(f"{question.title} {question.unit or ''}"), question.key


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
}
# These last for as long as they are true: an engineer is still at work, people are still being paid back.
STILL_BEING_PUT_RIGHT = {"building_condition", "job_costs"}


def test_a_harm_put_right_is_never_capped_and_earns_more_than_half(profile: Profile) -> None:
    capped = {(rule.question, option) for rule in profile.critical for option in rule.options}
    for key, option in PUT_RIGHT.items():
        points = profile.questions[key].points
        assert points
        assert (key, option) not in capped
        assert points[option] > 50, key


def test_the_line_of_a_mended_past_ends_after_three_months(definition: Definition) -> None:
    assert "Recently means in the last 3 months." in definition.questionnaire.description
    recent = {
        (question.key, option.key): option.help
        for question in definition.questions.values()
        for option in question.options
        if "until recently" in option.title
    }
    assert set(recent) == {(key, option) for key, option in PUT_RIGHT.items() if key not in STILL_BEING_PUT_RIGHT}
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
    for question in list_measures(definition):
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


@pytest.mark.parametrize("skipped", [set(), ABOUT_WORKERS, {"machine_guards"}, ABOUT_WORKERS | {"machine_guards"}])
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
    conditional = {q.key for q in definition.questions.values() if q.enable_when}
    assert conditional == ABOUT_WORKERS | {
        "agency_workers",
        "machine_guards",
        "chemical_handling",
        "young_workers_tasks",
        "housing_conditions",
        "dirty_water",
    }


# A sewing workshop of twelve: decent people, hardly any paper, no critical rule, and much that is cheap to improve.
WORKSHOP: dict[str, str | tuple[str, ...]] = {
    "headcount": "12",
    "worker_groups": ("none_of_these",),
    "work_hazards": ("machines",),
    "exits_during_work": "free_not_checked",
    "fire_readiness": ("extinguishers",),
    "building_condition": "never_checked",
    "machine_guards": "on_not_checked",
    "danger_check": "walks_not_written",
    "safety_training_share": "40",
    "injured_people": "1",
    "injury_follow_up": "help_not_written",
    "first_aid": "box_only",
    "water_and_toilets": "clean_not_complete",
    "lowest_pay": "not_worked_out",
    "written_terms": "nothing_written",
    "pay_slips": "total_only",
    "week_in_peak": "hours_not_written",
    "age_of_workers": "paper_for_some",
    "identity_papers": "with_workers",
    "job_costs": "agreed_not_asked",
    "leaving_the_job": "paid_on_payday",
    "treatment_at_work": "calm_not_written",
    "equal_chances": "no_set_way",
    "workers_own_voice": "never_spoken_about",
    "harmful_waste": "with_normal_waste",
    "environmental_permits": "not_looked_into",
    "electricity_used": "9000",
    "use_tracking": "bills_kept",
    "requests_for_bribes": "never_asked",
    "time_and_pay_records": "gaps_or_later",
    "visitor_interviews": "never_came_up",
    "speaking_up": "own_supervisor_only",
    "gap_follow_up": "when_time_allows",
    "work_done_elsewhere": "told_some",
    "supplier_conditions": "list_only",
}
# A factory of four hundred with excellent files, where agency workers still pay off the price of their job.
FACTORY: dict[str, str | tuple[str, ...]] = {
    "headcount": "400",
    "worker_groups": ("agency_workers", "migrant_workers", "housed_by_us"),
    "agency_workers": "90",
    "work_hazards": ("machines", "chemicals", "dirty_water"),
    "exits_during_work": "checked_daily",
    "fire_readiness": ("alarm", "extinguishers", "trained_people", "practiced_leaving", "wiring_checked"),
    "building_condition": "approved_and_reviewed",
    "machine_guards": "checked_monthly",
    "chemical_handling": "sheets_and_gear",
    "danger_check": "written_by_us",
    "safety_training_share": "95",
    "injured_people": "6",
    "injury_follow_up": "cause_not_shared",
    "first_aid": "every_shift",
    "water_and_toilets": "clean_and_private",
    "lowest_pay": "at_minimum",
    "written_terms": "all_not_all_understand",
    "pay_slips": "everyone_not_explained",
    "week_in_peak": "over_60_hours",
    "age_of_workers": "paper_and_list",
    "identity_papers": "kept_same_day",
    "job_costs": "workers_in_debt",
    "leaving_the_job": "pay_cut_without_notice",
    "housing_conditions": "crowded_or_dirty",
    "treatment_at_work": "shouted_or_fined",
    "equal_chances": "work_only_not_compared",
    "workers_own_voice": "chosen_by_us",
    "harmful_waste": "licensed_all_receipts",
    "dirty_water": "tested_within_limits",
    "environmental_permits": "all_held_and_followed",
    "electricity_used": "2400000",
    "use_tracking": "compared_and_saved",
    "requests_for_bribes": "told_and_noted",
    "time_and_pay_records": "match_and_compared",
    "visitor_interviews": "alone_if_announced",
    "speaking_up": "second_way_and_noted",
    "gap_follow_up": "name_and_date",
    "work_done_elsewhere": "told_and_visited",
    "supplier_conditions": "visited",
}


@pytest.mark.parametrize(
    ("firm", "total", "earned", "band"),
    [(WORKSHOP, "47.05", "c", "c"), (FACTORY, "71.96", "b", "d")],
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
    for firm in (WORKSHOP, FACTORY):
        given = index_answers(Answer(question=key, state="value", value=value) for key, value in firm.items())
        asked = {item.question.key for item in find_applicable(definition, "basic", given).enabled}
        assert asked == set(firm)


def answer(firm: dict[str, str | tuple[str, ...]], **reasons: str) -> Answers:
    """The values of a firm; the questions named beside it do not apply, for the reason given."""
    given = [Answer(question=key, state="value", value=value) for key, value in firm.items() if key not in reasons]
    absent = [Answer(question=key, state="not_applicable", reason=why) for key, why in reasons.items()]
    return index_answers([*given, *absent])


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
    rest = answer({key: value for key, value in WORKSHOP.items() if key != gate})
    given = rest if state is None else {**rest, (gate, None): Answer(question=gate, state=state)}
    result = scoring.score_answers(definition, profile, "basic", given, DAY)
    assert {rule.rule for rule in result.open_rules} == rules
    assert (result.band, result.band_reason) == (None, "critical_open")


def test_declining_what_is_weak_never_leads_to_the_best_band(definition: Definition, profile: Profile) -> None:
    critical = {rule.question for rule in profile.critical}
    given = dict(answer(WORKSHOP))
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
    office = {**WORKSHOP, "work_hazards": ("none_of_these",)}
    given = answer(office, harmful_waste="Only paper and food.")
    assert find_pillars(definition, profile, given)["environment"] == "rated"


def test_people_in_the_fields_keep_health_and_safety(definition: Definition, profile: Profile) -> None:
    outside = "Everybody works in the fields."
    given = answer(
        {**WORKSHOP, "work_hazards": ("none_of_these",)},
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
    quiet = {**WORKSHOP, "fire_readiness": ("none_yet",)}
    open_now = find_applicable(definition, "basic", answer({**quiet, question: value}))
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


def find_broken(definition: Definition, **changes: str | tuple[str, ...]) -> set[str]:
    return {
        found.check
        for found in checks.find_inconsistencies(find_applicable(definition, "basic", answer({**WORKSHOP, **changes})))
    }


def test_checks_ask_only_where_answers_contradict_each_other(definition: Definition) -> None:
    assert find_broken(definition) == set()
    assert find_broken(definition, injury_follow_up="no_case_nothing_agreed") == {"hurt_but_no_case"}
    assert find_broken(definition, injury_follow_up="no_case_nothing_agreed", injured_people="0") == set()
    assert find_broken(definition, injury_follow_up="help_not_written", injured_people="0") == {
        "nobody_hurt_nothing_written"
    }
    assert find_broken(definition, injury_follow_up="person_pays", injured_people="0") == set()
    chemicals = {"work_hazards": ("machines", "chemicals"), "safety_training_share": "100"}
    assert find_broken(definition, **chemicals, chemical_handling="labels_only") == set()
    assert find_broken(definition, **chemicals, chemical_handling="sheets_and_gear") == {
        "training_full_but_unknown_steps"
    }


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


def test_checks_on_the_groups_fit_what_was_chosen(definition: Definition) -> None:
    assert find_broken(definition, headcount="1", injured_people="0", injury_follow_up="cause_not_shared") == {
        "one_person_employed"
    }
    assert find_broken(definition, worker_groups=("nobody_employed",)) == {"many_people_nobody_employed"}
    home = {"worker_groups": ("home_workers",)}
    assert find_broken(definition, **home) == set()
    assert find_broken(definition, **home, work_done_elsewhere="all_done_here") == {"home_workers_but_all_done_here"}
    assert find_broken(definition, work_done_elsewhere="all_done_here") == set()


CHILD_WORKED = ("under_age_working", "ended_without_help", "found_and_helped")


@pytest.mark.parametrize("admitted", CHILD_WORKED)
def test_a_child_at_work_in_the_last_year_belongs_to_the_groups(definition: Definition, admitted: str) -> None:
    child = {"age_of_workers": admitted}
    assert find_broken(definition, **child) == {"child_but_nobody_under_18"}
    assert find_broken(definition, **child, worker_groups=("migrant_workers",)) == {"child_but_nobody_under_18"}
    assert find_broken(definition, **child, worker_groups=("migrant_workers", "under_18")) == set()


ALONE: dict[str, Any] = {
    "headcount": "1",
    "worker_groups": ("nobody_employed",),
    "injury_follow_up": "written_no_cause",
}


def test_a_few_people_of_whom_nobody_is_employed_say_who_they_are(definition: Definition) -> None:
    assert find_broken(definition, **ALONE) == set()
    for headcount in ("2", "5"):
        assert find_broken(definition, **{**ALONE, "headcount": headcount}) == {"few_people_nobody_employed"}
    assert find_broken(definition, **{**ALONE, "headcount": "6"}) == {"many_people_nobody_employed"}
    assert find_broken(definition, headcount="5") == set()


@pytest.mark.parametrize(
    ("contradiction", "check"),
    [
        *(({"age_of_workers": option}, "child_but_nobody_employed") for option in CHILD_WORKED),
        ({"injury_follow_up": "person_pays"}, "hurt_person_pays_but_nobody_employed"),
    ],
)
def test_what_only_workers_can_suffer_contradicts_a_firm_without_any(
    definition: Definition, contradiction: dict[str, str], check: str
) -> None:
    assert find_broken(definition, **{**ALONE, **contradiction}) == {check}
    severities = {one.key: one.severity for one in definition.checks}
    assert severities[check] == "error"


def test_whoever_says_that_nobody_is_employed_knows_that_customers_see_it(definition: Definition) -> None:
    groups = {option.key: option for option in definition.questions["worker_groups"].options}
    assert "Customers with whom you share this part see this line" in groups["nobody_employed"].help
