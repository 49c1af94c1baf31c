"""The other questionnaires that ship keep the same promises, and each the ones of its own kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import catalogue, checks, reading, scoring, submission
from questionnaires.answers import Answer, Answers, index_answers, may_decline
from questionnaires.applicability import find_applicable
from questionnaires.catalogue import Packaged
from questionnaires.definition import NUMBERS, Definition, Question, Tier, contains
from questionnaires.profile import Profile
from questionnaires.result import Result
from tests.questionnaires import recompute, test_content, test_recompute, wording

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 23)
Given = Mapping[str, str | tuple[str, ...]]
PACKAGED = {p.definition.key: p for p in catalogue.list_packaged() if p.definition.key != "responsible-sourcing"}
EVERY = pytest.mark.parametrize("key", sorted(PACKAGED))

# Questions held at each tier, those of groups included.
COUNTS = {
    "site-environment": {"micro": 12, "basic": 35, "standard": 48},
    "spot-check": {"micro": 12, "basic": 26},
    "pulse-of-suppliers": {"micro": 10},
    "pulse-of-buyers": {"micro": 10},
    "purchasing-practice": {"micro": 11, "basic": 21},
}
# Bands of a grade, from the best to the worst; what grades nobody has one band.
GRADED = {"site-environment", "purchasing-practice"}
# Every option that admits a harm, with the best band that is left.
ADMITTED_HARM: dict[str, dict[str, dict[str, str]]] = {
    "site-environment": {
        "air_cleaning": {"switched_off": "c", "above_limits_not_fixed": "c"},
        "water_cleaning": {"untreated_outside": "c", "above_limits_not_fixed": "c"},
        "waste_way": {"burned_or_dumped": "c", "with_normal_waste": "b"},
        "chemical_store": {"leaking_out": "c", "no_label": "b"},
        "forbidden_substances": {"forbidden_in_use": "c"},
    },
    "purchasing-practice": {
        "cancelled_orders": {"work_not_paid": "c", "material_not_paid": "b"},
        "price_and_pay": {"known_too_low": "c"},
        "leaving_a_supplier": {"people_lost_pay": "c"},
    },
}
POINTS_AT_MOST = {"c": 10, "b": 35}
# The facts of a respondent whom every question concerns.
EVERYTHING: dict[str, Given] = {
    "site-environment": {
        "activities": ("smoke_dust_vapor", "cooling", "dirty_water", "chemicals"),
        "output_counted_in": "tonnes",
        "fuels_used": ("gas", "oil", "coal", "wood_or_waste"),
    },
    "spot-check": {"places_seen": ("outside", "work_rooms", "stores", "offices", "staff_rooms")},
    "pulse-of-suppliers": {},
    "pulse-of-buyers": {},
    "purchasing-practice": {"kinds_of_buying": ("made_to_order", "own_design", "from_the_shelf", "services")},
}
# The answers of a respondent for whom most does not apply: facts that leave out, and reasons.
HARDLY_ANYTHING: dict[str, tuple[Given, dict[str, str]]] = {
    "site-environment": (
        {"activities": ("none_of_these",), "output_counted_in": "not_counted", "fuels_used": ("none_of_these",)},
        {
            "permit_state": "The town office said in May that a store needs none.",
            "electricity_bought": "It is part of the rent.",
            "clean_power_share": "It is part of the rent.",
            "metered_share": "There is one room.",
            "water_taken": "It is part of the rent.",
            "water_saving": "One toilet and one kitchen.",
            "waste_way": "Paper and food only.",
            "recycled_material": "Nothing is made or packed here.",
        },
    ),
    "spot-check": ({"places_seen": ("outside",)}, {"people_living_on_site": "It was dark."}),
    "pulse-of-suppliers": (
        {},
        dict.fromkeys(("forecast_useful", "lead_time_enough", "price_covers_rules"), "Nothing was ordered.")
        | dict.fromkeys(("changes_fair", "payment_on_time"), "Nothing was ordered.")
        | dict.fromkeys(("questions_clear", "feedback_received", "help_offered"), "This is the first form."),
    ),
    "pulse-of-buyers": (
        {},
        dict.fromkeys(("open_to_visits", "actions_done", "data_believable"), "The supplier is new.")
        | dict.fromkeys(("i_used_the_result", "i_gave_enough_time", "leaders_back_me"), "No order yet."),
    ),
    "purchasing-practice": (
        {"kinds_of_buying": ("services",)},
        {"monthly_swing": "We buy cleaning only.", "shared_repairs": "Nothing had to be mended."},
    ),
}


def read(key: str) -> tuple[Definition, Profile]:
    return PACKAGED[key].definition, PACKAGED[key].profiles[-1]


def list_measures(definition: Definition) -> list[Question]:
    return [question for question in definition.questions.values() if question.kind == "measure"]


def find_best(packaged: Packaged, question: Question) -> str | tuple[str, ...]:
    """The answer to a measure that earns most, or any answer to a fact."""
    score = packaged.profiles[-1].questions.get(question.key)
    if score is None:
        return find_plain(packaged.definition, question)
    if score.points is not None:
        return max(score.points, key=lambda option: (score.points or {})[option])
    if score.sum is not None:
        return tuple(option for option, points in score.sum.items() if points)
    if score.ramp is not None:
        return str(score.ramp.to)
    assert score.bands is not None
    return str(max(score.bands, key=lambda band: band.points).start)


def find_plain(definition: Definition, question: Question) -> str | tuple[str, ...]:
    options = [option.key for option in definition.options(question)]
    if question.type == "multi_choice":
        return tuple(options[:1])
    return options[0] if options else "0"


def give(definition: Definition, values: Mapping[str, Any], reasons: Mapping[str, str] | None = None) -> Answers:
    """Flat answers; a question of a group is answered in one row."""
    made = []
    for key, value in values.items():
        group = definition.parents.get(key)
        if group is not None:
            made.append(Answer(question=group.key, row_id="one", state="value", value=True))
        asked = definition.questions[key]
        if asked.type != "group" and key not in (reasons or {}):
            made.append(Answer(question=key, row_id="one" if group else None, state="value", value=value))
    absent = [Answer(question=key, state="not_applicable", reason=why) for key, why in (reasons or {}).items()]
    return index_answers([*made, *absent])


def answer_best(key: str, **changes: str | tuple[str, ...]) -> dict[str, Any]:
    packaged = PACKAGED[key]
    best = {q.key: find_best(packaged, q) for q in packaged.definition.questions.values()}
    return {**best, **EVERYTHING[key], **changes}


def score(key: str, tier: Tier, answers: Answers) -> Result:
    definition, profile = read(key)
    within = {place: one for place, one in answers.items() if contains(tier, definition.questions[place[0]].tier)}
    return scoring.score_answers(definition, profile, tier, within, DAY)


def test_what_ships_is_counted_here() -> None:
    assert set(PACKAGED) == set(COUNTS) == set(EVERYTHING) == set(HARDLY_ANYTHING)
    assert set(ADMITTED_HARM) == GRADED


@EVERY
def test_files_are_free_of_errors_and_warnings(key: str) -> None:
    folder = catalogue.find_content_folder() / key
    found = reading.lint_folder(folder, tier_caps=catalogue.TIER_CAPS, standards=catalogue.read_standards())
    assert [str(fault) for fault in found] == []


@EVERY
def test_counts_per_tier(key: str) -> None:
    definition, _ = read(key)
    held = {t: sum(contains(t, q.tier) for q in definition.questions.values()) for t in definition.tier_keys}
    assert held == COUNTS[key]


@EVERY
def test_minutes_are_those_the_tier_announces(key: str) -> None:
    test_content.test_minutes_are_those_the_tier_announces(read(key)[0])


@EVERY
def test_each_question_has_a_whole_passport(key: str) -> None:
    definition, _ = read(key)
    for question in definition.questions.values():
        assert question.required, question.key
        assert question.request_limit, question.key
        assert question.maps_to, question.key
        assert question.key in definition.parents or (question.why and question.probe and question.help), question.key
    for question in list_measures(definition):
        assert len(question.action.split()) >= 15, question.key
        assert not re.search(r"\b(answer|select|option|this line|upper line)\b", question.action, re.I), question.key
        if definition.questionnaire.purpose != "pulse":
            assert question.evidence, question.key
            assert question.evidence.hint, question.key


@EVERY
def test_words_are_plain_and_sentences_short(key: str) -> None:
    definition, profile = read(key)
    test_content.test_sentences_are_short(definition, profile)
    test_content.test_questions_and_options_are_short(definition)
    test_content.test_every_question_title_is_a_question(definition)
    test_content.test_no_word_of_the_trade_reaches_the_respondent(definition, profile)
    sets = [option for options in definition.option_sets.values() for option in options]
    assert all(wording.count_words(option.title) <= test_content.WORDS_OF_AN_OPTION for option in sets)


@EVERY
def test_mappings_exist_in_the_catalogue(key: str) -> None:
    definition, _ = read(key)
    standards = catalogue.read_standards()
    for question in definition.questions.values():
        assert all(one.ref in standards[one.standard] for one in question.maps_to), question.key


@EVERY
def test_amounts_are_facts_and_in_the_unit_of_their_series(key: str) -> None:
    """A measure is a choice, a share or a length of time: more work needs more of everything."""
    definition, _ = read(key)
    for question in definition.questions.values():
        if question.kind == "measure" and question.type in NUMBERS:
            assert (question.unit or "percent") in {"percent", "day", "sample"}, question.key
        if question.type == "percent":
            assert (question.min, question.max) == (0, 100), question.key


@EVERY
def test_points_rise_from_line_to_line_up_to_a_hundred(key: str) -> None:
    definition, profile = read(key)
    for question in list_measures(definition):
        points = profile.questions[question.key].points
        if points is not None:
            ladder = [points[option.key] for option in definition.options(question)]
            assert ladder == sorted(ladder), question.key
            assert ladder[-1] == 100, question.key


@EVERY
def test_benchmarks_hold_harmless_measures_only(key: str) -> None:
    test_content.test_benchmarks_hold_harmless_measures_only(*read(key))


@EVERY
def test_no_packaged_questionnaire_demands_a_file(key: str) -> None:
    rules = [q.evidence for q in read(key)[0].questions.values() if q.evidence]
    assert not [rule for rule in rules if rule.demanded]


@EVERY
def test_the_best_answers_earn_everything_and_one_harm_caps(key: str) -> None:
    definition, profile = read(key)
    for tier in definition.tier_keys:
        best = score(key, tier, give(definition, answer_best(key)))
        assert best.total == 100
        assert best.band == profile.bands[-1].key
    for question, harms in ADMITTED_HARM.get(key, {}).items():
        for tier in (t for t in definition.tier_keys if contains(t, definition.questions[question].tier)):
            bands = {
                option.key: score(key, tier, give(definition, answer_best(key, **{question: option.key}))).band
                for option in definition.options(definition.questions[question])
            }
            assert {option: band for option, band in bands.items() if band != "a"} == harms


@EVERY
def test_critical_rules_are_those_of_the_table(key: str) -> None:
    definition, profile = read(key)
    fired: dict[str, dict[str, str]] = {}
    for rule in profile.critical:
        fired.setdefault(rule.question, {}).update(dict.fromkeys(rule.options, rule.cap_band))
        points = profile.questions[rule.question].points
        assert points, rule.key
        assert all(points[option] <= POINTS_AT_MOST[rule.cap_band] for option in rule.options), rule.key
        assert f"can reach {rule.cap_band.upper()} at most until" in rule.explanation, rule.key
        assert not re.search(r"\b(fault|guilty|violat|must not)", rule.explanation, re.I), rule.key
        for option in definition.questions[rule.question].options:
            if option.key in rule.options:
                assert not re.search(r"\b(list|written|write|note|check(s|ed)?)\b", option.title), option.key
    assert fired == ADMITTED_HARM.get(key, {})


@EVERY
def test_a_harm_put_right_is_told_for_three_months(key: str) -> None:
    definition, profile = read(key)
    capped = {(rule.question, option) for rule in profile.critical for option in rule.options}
    for question in list_measures(definition):
        points = profile.questions[question.key].points or {}
        for option in definition.options(question):
            if "until recently" in option.title:
                assert "Recently means in the last 3 months." in definition.questionnaire.description
                assert option.help.startswith("This line is for the first three months."), option.key
                assert points[option.key] > 50, option.key
                assert (question.key, option.key) not in capped


@EVERY
def test_what_does_not_grade_has_one_band(key: str) -> None:
    _, profile = read(key)
    assert (len(profile.bands) > 1) == (key in GRADED)


@EVERY
def test_a_respondent_for_whom_most_does_not_apply_can_answer_everything(key: str) -> None:
    definition, _ = read(key)
    facts, reasons = HARDLY_ANYTHING[key]
    answers = give(definition, {**answer_best(key), **facts}, reasons)
    tier = definition.tier_keys[-1]
    open_now = find_applicable(definition, tier, answers)
    assert submission.check_submission(open_now, day=DAY) == []
    result = scoring.score_answers(definition, read(key)[1], tier, answers, DAY)
    assert result.open_rules == ()
    assert result.band == read(key)[1].bands[-1].key
    assert len([line for line in result.lines if line.status in ("disabled", "not_applicable")]) >= len(reasons)


@EVERY
def test_not_applicable_is_allowed_only_where_it_says_when(key: str) -> None:
    for question in read(key)[0].questions.values():
        assert not question.allows_not_applicable or (question.not_applicable and question.not_applicable.help)


@st.composite
def draw_answers(draw: st.DrawFn, definition: Definition) -> Answers:
    """Any valid answers: every state that is allowed, none, and up to three rows of a group."""
    made: list[Answer] = []
    for question in definition.questions.values():
        if question.type == "group":
            rows = draw(st.integers(0, 3))
            for row in range(rows):
                made.append(Answer(question=question.key, row_id=f"r{row}", state="value", value=True))
                made += [draw_one(draw, definition, child, f"r{row}") for child in question.questions]
        elif question.key not in definition.parents and draw(st.integers(0, 9)):
            made.append(draw_one(draw, definition, question, None))
    return index_answers(made)


def draw_one(draw: st.DrawFn, definition: Definition, question: Question, row: str | None) -> Answer:
    states = ["value", "value", "value", "unknown"]
    states += ["not_applicable"] * question.allows_not_applicable + ["declined"] * may_decline(question)
    state: Any = draw(st.sampled_from(states))
    if state != "value":
        return Answer(question=question.key, row_id=row, state=state, reason="Because.")
    return Answer(question=question.key, row_id=row, state="value", value=draw_value(draw, definition, question))


def draw_value(draw: st.DrawFn, definition: Definition, question: Question) -> str | tuple[str, ...]:
    options = [option.key for option in definition.options(question)]
    if question.type == "choice":
        return draw(st.sampled_from(options))
    if question.type == "multi_choice":
        exclusive = [o.key for o in definition.options(question) if o.exclusive]
        together = st.sets(st.sampled_from([o for o in options if o not in exclusive]), min_size=1)
        one = draw(st.one_of(together, st.sampled_from(exclusive).map(lambda o: {o}) if exclusive else together))
        return tuple(option for option in options if option in one)
    assert question.min is not None
    assert question.max is not None
    return str(draw(st.integers(int(question.min), int(question.max))))


@EVERY
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_valid_answers_are_scored_and_totals_follow_from_the_trace(key: str, data: st.DataObject) -> None:
    definition, profile = read(key)
    tier = data.draw(st.sampled_from(definition.tier_keys))
    answers = data.draw(draw_answers(definition))
    result = scoring.score_answers(definition, profile, tier, answers, DAY)
    exported = test_recompute.write_export(definition, profile, tier, answers)
    assert recompute.recompute(exported) == test_recompute.read_figures(exported)
    assert result.total is None or 0 <= result.total <= 100
    for found in checks.find_inconsistencies(find_applicable(definition, tier, answers)):
        assert found.check in {one.key for one in definition.checks}


def find_broken(key: str, **changes: str | tuple[str, ...]) -> set[str]:
    definition, _ = read(key)
    open_now = find_applicable(definition, definition.tier_keys[-1], give(definition, answer_best(key, **changes)))
    return {found.check for found in checks.find_inconsistencies(open_now)}


FINE: dict[str, str] = {
    "operating_hours": "4800",
    "output_tonnes": "120",
    "electricity_bought": "84",
    "waste_made": "12",
    "waste_harmful": "2",
    "waste_recycled": "7",
    "waste_thrown_away": "5",
    "water_taken": "900",
    "water_from_source": "900",
    "water_given_back": "700",
}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, set()),
        ({"waste_recycled": "6.5"}, {"waste_parts_make_the_whole"}),
        ({"waste_harmful": "12.5"}, {"harmful_within_waste"}),
        ({"water_from_source": "800"}, {"water_rows_make_the_whole"}),
        ({"water_given_back": "901"}, {"water_back_within_taken"}),
        ({"electricity_bought": "84000"}, {"electricity_very_large"}),
        ({"electricity_bought": "0"}, {"energy_fully_clean_but_none_shown"}),
        ({"operating_hours": "0"}, {"hardly_at_work_but_output_tonnes"}),
        ({"tests_within_limits": "40"}, {"within_limits_but_tests_above"}),
        ({"chemical_store": "leaking_out"}, {"spills_zero_but_leaking"}),
        ({"chemical_store": "leaking_out", "spills": "1"}, set()),
        ({"water_cleaning": "tested_above_fixing"}, {"permits_within_but_above_limits"}),
        ({"air_cleaning": "above_limits_not_fixed"}, {"permits_within_but_air_above"}),
        (
            {"waste_way": "burned_or_dumped", "waste_recycled": "12", "waste_thrown_away": "0"},
            {"recycled_all_but_dumped"},
        ),
    ],
)
def test_checks_of_a_place_ask_where_amounts_contradict(changes: dict[str, str], broken: set[str]) -> None:
    assert find_broken("site-environment", **{**FINE, **changes}) == broken


def test_a_visitor_who_was_not_let_in_can_say_so_and_nothing_is_rated() -> None:
    definition, profile = read("spot-check")
    answers = give(definition, {"places_seen": ("not_let_in",)})
    assert submission.check_submission(find_applicable(definition, "basic", answers), day=DAY) == []
    result = scoring.score_answers(definition, profile, "basic", answers, DAY)
    assert (result.total, result.band, result.band_reason) == (None, None, "not_rated")


def test_a_block_of_a_visit_that_could_hardly_be_looked_at_is_not_rated() -> None:
    """Not looking must never read as "all was well"."""
    definition, profile = read("spot-check")
    reasons = {"locked_exit": "No time.", "machine_without_guard": "No time.", "cracks_in_building": "It was dark."}
    result = scoring.score_answers(
        definition, profile, "micro", give(definition, answer_best("spot-check"), reasons), DAY
    )
    assert {pillar.key: pillar.state for pillar in result.pillars}["safety"] == "too_much_not_applicable"
    assert definition.questions["locked_exit"].allows_not_applicable


def test_signs_are_told_the_same_day_and_open_a_talk_otherwise() -> None:
    definition, profile = read("spot-check")
    for question in list_measures(definition):
        is_red = "Tell the person named for it in your firm today" in question.action
        assert is_red == (question.tier == "micro") == (profile.questions[question.key].weight == 5), question.key
        assert question.evidence is not None
        assert re.search(r"\b(no photo|Never a face)", question.evidence.hint), question.key


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, set()),
        ({"too_much_for_the_machines": "seen"}, {"too_much_but_no_other_workshop"}),
        ({"too_much_for_the_machines": "seen", "unknown_workshop": "something_like_it"}, set()),
        ({"people_turn_silent": "seen"}, {"silent_people_and_shouting"}),
        ({"blocked_aisle": "seen"}, {"exits_fine_but_ways_blocked"}),
    ],
)
def test_checks_of_a_visit_ask_for_what_was_noticed(changes: dict[str, str], broken: set[str]) -> None:
    assert find_broken("spot-check", **changes) == broken


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, set()),
        ({"changed_late": "50"}, {"time_given_but_changed_late"}),
        ({"forecast_days": "180", "forecast_error": "0"}, {"far_forecast_no_difference"}),
        ({"payment_days": "0"}, {"all_late_but_short_days"}),
        ({"payment_days": "181"}, {"payment_very_late"}),
        ({"bidding": "cuts_without_reason"}, {"labor_kept_apart_but_races"}),
        ({"price_and_pay": "not_looked"}, {"labor_line_fixed_but_not_looked_at"}),
    ],
)
def test_checks_of_a_buyer_ask_where_answers_do_not_fit(changes: dict[str, str], broken: set[str]) -> None:
    assert find_broken("purchasing-practice", **changes) == broken


@pytest.mark.parametrize("kind", ["from_the_shelf", "services"])
def test_who_orders_nothing_to_be_made_is_not_asked_about_forecasts_and_changes(kind: str) -> None:
    definition, _ = read("purchasing-practice")
    applicable = find_applicable(definition, "basic", give(definition, {"kinds_of_buying": (kind,)}))
    asked = {item.question.key for item in applicable.enabled}
    made = {"time_as_asked", "forecast_days", "forecast_error", "changed_late", "change_costs", "cancelled_orders"}
    assert not asked & (made | {"samples_per_order"})
    assert len(asked) == len(definition.questions) - len(made) - 1


PULSES = ("pulse-of-suppliers", "pulse-of-buyers")


def test_each_side_is_asked_ten_things_of_its_own_in_the_same_five_steps() -> None:
    suppliers, buyers = (read(key)[0] for key in PULSES)
    assert not set(suppliers.questions) & set(buyers.questions)
    assert suppliers.option_sets == buyers.option_sets
    assert {question.options_ref for side in (suppliers, buyers) for question in side.questions.values()} == {
        "agreement"
    }
    assert {side.questionnaire.purpose for side in (suppliers, buyers)} == {"pulse"}


@pytest.mark.parametrize("key", PULSES)
def test_an_opinion_needs_no_file_weighs_the_same_and_may_be_declined(key: str) -> None:
    definition, profile = read(key)
    for question in definition.questions.values():
        assert question.evidence is None, question.key
        assert may_decline(question, 10), question.key
        assert may_decline(question, 900), question.key
        assert not question.benchmark, question.key
    result = score(key, "micro", give(definition, answer_best(key)))
    assert {line.share for line in result.lines} == {Fraction(1, 10)}
    assert profile.critical == ()


@pytest.mark.parametrize("key", PULSES)
def test_nobody_is_told_that_answers_are_anonymous(key: str) -> None:
    """The portal shows an answer beside the firm that shared it."""
    texts = " ".join(text for _, text in wording.read_respondent_texts(read(key)[0]))
    assert not re.search(r"anonym|secret|nobody (will|can) know", texts, re.I)
    assert "knows" in read(key)[0].questionnaire.description


@pytest.mark.parametrize(
    ("key", "changes", "broken"),
    [
        ("pulse-of-suppliers", {}, set()),
        (
            "pulse-of-suppliers",
            {"forecast_useful": "not_at_all", "changes_fair": "not_at_all"},
            {"time_enough_but_surprised"},
        ),
        (
            "pulse-of-suppliers",
            {"feedback_received": "not_at_all", "help_offered": "not_at_all"},
            {"safe_to_tell_without_answers"},
        ),
        ("pulse-of-suppliers", {"feedback_received": "not_at_all", "help_offered": "rather_not"}, set()),
        ("pulse-of-buyers", {}, set()),
        ("pulse-of-buyers", {"other_places_told": "not_at_all"}, {"believable_but_places_hidden"}),
        ("pulse-of-buyers", {"i_know_the_dangers": "not_at_all"}, {"used_without_knowing"}),
    ],
)
def test_checks_of_a_pulse_ask_where_opinions_do_not_fit(key: str, changes: dict[str, str], broken: set[str]) -> None:
    assert find_broken(key, **changes) == broken


def test_each_block_of_a_place_has_a_series() -> None:
    definition, _ = read("site-environment")
    counted = {section.pillar for section, question, _ in definition.walk() if question.indicator and section.pillar}
    assert counted == {"energy", "emissions", "water", "waste", "chemicals"}
    assert sum(question.indicator is not None for question in definition.questions.values()) >= 20


def test_the_figures_of_a_place_share_no_concept_with_those_of_the_firm() -> None:
    """Reuse by concept would carry the kWh of a whole firm into the MWh of one place."""
    assert not [q.key for q in read("site-environment")[0].questions.values() if q.concept]
