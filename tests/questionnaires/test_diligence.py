"""A long questionnaire on topics of public law: read, answered, checked, scored, written, changed."""

from __future__ import annotations

import copy
import functools
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import (
    carryover,
    catalogue,
    checks,
    difference,
    document,
    json_schema,
    nesting,
    reading,
    scoring,
    submission,
    trace,
)
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.applicability import Applicability, find_applicable
from questionnaires.definition import NUMBERS, Definition, Question, Tier, contains
from questionnaires.points import round_hundredths
from questionnaires.profile import Profile
from questionnaires.result import Result
from questionnaires.submission import Attachment
from tests.questionnaires import changing, recompute

FOLDER = Path(__file__).with_name("diligence")
DAY = date(2026, 2, 1)
SEEDS = st.integers(0, 2**32)
few = settings(max_examples=15, deadline=None)


@functools.cache
def read_definition() -> Definition:
    return reading.read_questionnaire(FOLDER / "1.0.0.yaml", standards=catalogue.read_standards())


@functools.cache
def read_profile() -> Profile:
    return reading.read_profile(FOLDER / "1.0.0.profile-1.yaml", read_definition())


def make_document() -> dict[str, Any]:
    return document.write_document(read_definition())


@functools.cache
def read_golden() -> Answers:
    """One full set of answers of a firm that makes goods in three countries."""
    nested = json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
    kept, problems = nesting.read_nested(read_definition(), nested)
    assert problems == []
    return kept


def apply(answers: Answers, tier: Tier = "advanced") -> Applicability:
    return find_applicable(read_definition(), tier, answers)


def attach(applicability: Applicability) -> list[Attachment]:
    """A fresh document of the first kind that fits, wherever one is demanded."""
    return [
        Attachment(question=item.question.key, row_id=item.row_id, kind=item.question.evidence.accept[0], issued_on=DAY)
        for item in applicability.enabled
        if item.question.evidence and submission.is_evidence_demanded(applicability, item)
    ]


def score(answers: Answers, tier: Tier = "advanced") -> Result:
    return scoring.score_answers(read_definition(), read_profile(), tier, answers, DAY)


def change(answers: Answers, key: str, value: Any, row: str | None = None) -> Answers:
    return {**answers, (key, row): Answer(question=key, row_id=row, state="value", value=value)}


# ---------------------------------------------------------------------------------------------------- content


def test_reads_without_an_error_or_a_warning() -> None:
    found = reading.lint_folder(FOLDER, standards=catalogue.read_standards())
    assert [str(fault) for fault in found] == []


def test_only_the_caps_of_what_ships_are_too_small_for_it() -> None:
    found = reading.lint_folder(FOLDER, tier_caps=catalogue.TIER_CAPS, standards=catalogue.read_standards())
    assert {fault.where for fault in found} == {"tier basic", "tier standard", "tier advanced", "tier micro"}
    assert all("questions; allowed: at most" in fault.message for fault in found)


def test_holds_what_a_test_of_length_needs() -> None:
    asked = list(read_definition().questions.values())
    assert len(asked) == 220
    assert [sum(contains(tier, q.tier) for q in asked) for tier in read_definition().tier_keys] == [21, 90, 187, 220]
    assert sum(q.enable_when is not None for q in asked) >= 70
    assert {q.unit for q in asked if q.unit} >= {"person", "firm", "h", "kg", "t", "m3", "MWh", "tCO2e", "EUR", "day"}
    assert sum(q.evidence is not None for q in asked) >= 18
    assert sum(q.type == "group" for q in asked) == 6
    assert {q.type for q in asked} == {
        "boolean", "choice", "multi_choice", "integer", "decimal", "percent", "date", "text", "group",
    }  # fmt: skip


def count_links(question: Question) -> int:
    """How many conditions hang on one another up to this question."""
    clauses = question.enable_when.clauses if question.enable_when else ()
    return max((1 + count_links(read_definition().questions[clause.q]) for clause in clauses), default=0)


def test_conditions_hang_on_one_another() -> None:
    assert max(map(count_links, read_definition().questions.values())) >= 4


def test_each_question_has_its_passport() -> None:
    for section, question, group in read_definition().walk():
        if group is None:
            assert question.why, question.key
            assert question.maps_to, question.key
            assert question.request_limit, question.key
        assert (question.kind == "measure") <= (section.pillar is not None and bool(question.action)), question.key
    rules = {rule.question: rule for rule in read_profile().critical}
    assert {"age_proof", "papers_kept", "exits_open", "free_to_leave"} <= {
        k for k, r in rules.items() if r.cap_band == "d"
    }


# ---------------------------------------------------------------------------------------------------- one firm


def test_the_golden_answers_can_be_sent_once_the_documents_are_there() -> None:
    applicability = apply(read_golden())
    attached = attach(applicability)
    assert submission.check_submission(applicability, day=DAY, attachments=attached, staff=640) == []
    assert checks.find_inconsistencies(applicability) == []
    missing = submission.check_submission(applicability, day=DAY, staff=640)
    assert {problem.code for problem in missing} == {"evidence_missing"}
    assert [problem.question for problem in missing] == [file.question for file in attached]
    assert {"policy_statement", "risk_analysis_done", "agency_license", "source_contract", "risk_response_proof"} <= {
        problem.question for problem in missing
    }


def test_a_document_must_not_be_too_old() -> None:
    applicability = apply(read_golden())
    old = [Attachment(question="risk_analysis_done", kind="record", issued_on=date(2023, 1, 1))]
    found = submission.check_submission(applicability, day=DAY, attachments=old)
    assert [problem.code for problem in found if problem.question == "risk_analysis_done"] == ["evidence_outdated"]


def test_what_does_not_fit_the_firm_is_not_asked() -> None:
    closed = {item.key for item in apply(read_golden()).items if not item.enabled}
    assert ("food_origin", None) in closed  # it buys metals, cotton and timber
    assert ("stone_origin", None) in closed
    assert ("law_report_address", None) in closed
    assert ("site_residents", "hamburg") in closed  # nobody lives there
    assert ("site_residents", "porto") not in closed
    assert ("sub_last_visit", "s2") in closed  # was never approved
    assert ("source_contract", "gas") in closed


def test_a_chain_closes_from_its_first_answer_on() -> None:
    before = {item.question.key for item in apply(read_golden()).enabled}
    alone = {item.question.key for item in apply(change(read_golden(), "direct_suppliers", "0")).enabled}
    chain = {"indirect_reports", "indirect_analysis", "indirect_measures", "indirect_plan_until"}
    assert chain <= before
    assert not chain & alone
    again = {item.question.key for item in apply(read_golden()).enabled}
    assert again == before


@pytest.mark.parametrize(
    ("key", "value", "check"),
    [
        ("reporting_end", "2024-12-31", "period_in_order"),
        ("employees_in_germany", "641", "german_staff_fits"),
        ("headcount", "646", "sites_add_up"),  # the three sites hold 410 + 190 + 45 = 645
        ("energy_renewable", "5120.6", "renewable_fits"),
        ("waste_dangerous", "312.26", "dangerous_waste_fits"),
        ("complaints_from_outside", "18", "reports_fit"),
        ("complaints_confirmed", "18", "confirmed_fit"),
    ],
)
def test_answers_that_do_not_fit_each_other_are_shown(key: str, value: str, check: str) -> None:
    found = [one.check for one in checks.find_inconsistencies(apply(change(read_golden(), key, value)))]
    assert found == [check]


def test_a_firm_of_that_size_is_bound_by_the_law() -> None:
    answers = change(change(read_golden(), "headcount", "1200"), "employees_in_germany", "1000")
    answers = change(answers, "legal_scope", ("not_bound",))
    assert "bound_by_size" in [one.check for one in checks.find_inconsistencies(apply(answers))]


def test_figures_worked_out_by_hand() -> None:
    """Weight times points of each measure, over the weights.

    nature: mercury 3 x 0, poisons 3 x 50 (stored), waste 3 x 100, hazards 1 x 85, target 2 x 31.5/42, waste used again
    1 x 70 (from 50), materials 1 x 22/50, permits 3 x 80, renewal 1 x 80 (one permit) = 1119 of 18.
    integrity: bribery 3 x 70, training 1 x 72/90, four rules 4 x 85, records 4 x 85 = 970 of 12.
    """
    scored = {pillar.key: pillar.score for pillar in score(read_golden()).pillars}
    assert scored["nature"] == Fraction(1119, 18)
    assert scored["integrity"] == Fraction(970, 12)


def test_rows_share_the_weight_of_their_question() -> None:
    """Three risks: begun 75, works 100, planned 40, each with a third of weight 2. Two firms: one approved, one not."""
    lines = {line.key: line for line in score(read_golden()).lines}
    risks = [lines["risk_response", row] for row in ("r1", "r2", "r3")]
    assert [(line.weight, line.points) for line in risks] == [
        (Fraction(2, 3), 75),
        (Fraction(2, 3), 100),
        (Fraction(2, 3), 40),
    ]
    assert [(lines["sub_approved", row].weight, lines["sub_approved", row].points) for row in ("s1", "s2")] == [
        (1, 100),
        (1, 0),
    ]


def test_the_first_tier_worked_out_by_hand() -> None:
    """Sixteen measures.

    governance: officer 4 x 100, statement 3 x 100, analysis 4 x 85 = 1040 of 11; supply chain: choice 3 x 85, work
    elsewhere 3 x 85, harm 4 x 80, complaints 4 x 85 = 1170 of 14; people: age 5 x 60, papers 5 x 50, exits 5 x 70,
    union 4 x 85, pay 5 x 85, neighbors 3 x 80 = 1905 of 27; nature: mercury 3 x 0, permits 3 x 80 = 240 of 6;
    integrity: 70. Weighted 20, 25, 35, 12 and 8 of 100.
    """
    result = score(read_golden(), "micro")
    parts = [
        (20, Fraction(1040, 11)),
        (25, Fraction(1170, 14)),
        (35, Fraction(1905, 27)),
        (12, Fraction(40)),
        (8, Fraction(70)),
    ]
    assert [pillar.score for pillar in result.pillars] == [points for _, points in parts]
    assert result.total == sum(weight * points for weight, points in parts) / 100
    assert (round_hundredths(result.total), result.rests_on, result.band) == (Decimal("74.90"), 16, "b")
    assert score(read_golden()).lower[0].total == result.total


def test_total_and_band() -> None:
    """20 x 84.54 + 25 x 79.43 + 35 x 77.42 + 12 x 62.17 + 8 x 80.83, over 100, rounded only at the end."""
    result = score(read_golden())
    assert [str(round_hundredths(pillar.score or Fraction(0))) for pillar in result.pillars] == [
        "84.54", "79.43", "77.42", "62.17", "80.83",
    ]  # fmt: skip
    assert result.total is not None
    assert (round_hundredths(result.total), result.band, result.band_reason) == (Decimal("77.79"), "b", "total")
    assert (result.fired, result.open_rules) == ((), ())


@pytest.mark.parametrize(
    ("key", "value", "row", "band"),
    [
        ("papers_kept", "kept", None, "d"),
        ("prison_work", True, None, "d"),
        ("weekly_hours_peak", "72.5", None, "c"),
        ("agency_fee_check", "they_paid", "a1", "c"),
    ],
)
def test_harm_caps_the_band(key: str, value: Any, row: str | None, band: str) -> None:
    result = score(change(read_golden(), key, value, row))
    assert (result.earned_band, result.band, result.band_reason) == ("b", band, "critical_rule")
    assert [fired.question for fired in result.fired] == [key]


# ---------------------------------------------------------------------------------------------------- any firm


def answer_fully(rng: Random) -> Answers:
    """Valid answers to all that is asked, question by question, as each opens those after it."""
    answers: dict[Any, Answer] = {}
    for section in read_definition().sections:
        for question in section.questions:
            if (question.key, None) not in apply(answers).enabled_keys:
                continue
            if question.type != "group":
                _put(rng, answers, question, None)
                continue
            rows = [f"r{i}" for i in range(rng.randint(1, 3))]
            for row in rows:
                answers[question.key, row] = Answer(question=question.key, row_id=row, state="value", value=True)
            for child in question.questions:
                for row in rows:
                    if (child.key, row) in apply(answers).enabled_keys:
                        _put(rng, answers, child, row)
    return answers


def _put(rng: Random, answers: dict[Any, Answer], question: Question, row: str | None) -> None:
    state = rng.choices(["value", "unknown", "not_applicable"], [20, 1, question.allows_not_applicable])[0]
    answers[question.key, row] = Answer(
        question=question.key,
        row_id=row,
        state=state,  # type: ignore[arg-type]
        value=_choose(rng, question) if state == "value" else None,
        reason="It does not fit." if state == "not_applicable" else "",
    )


def _choose(rng: Random, question: Question) -> Any:
    if question.type in NUMBERS:
        return _choose_number(rng, question)
    match question.type:
        case "boolean":
            return rng.random() < 0.5
        case "date":
            return date.fromordinal(rng.randint(738_000, 741_000)).isoformat()
        case "text":
            return "x" * rng.randint(1, min(40, question.max_length or 40))
    options = read_definition().options(question)
    if question.type == "choice":
        return rng.choice(options).key
    alone = [option for option in options if option.exclusive]
    if alone and rng.random() < 0.2:
        return (alone[0].key,)
    together = [option.key for option in options if not option.exclusive]
    return tuple(key for key in together if rng.random() < 0.5) or (together[0],)


def _choose_number(rng: Random, question: Question) -> str:
    low = int(question.min) if question.min is not None else 0
    high = int(question.max) if question.max is not None else 100
    whole = Decimal(rng.choice([low, high, rng.randint(low, high), min(high, low + rng.randint(0, 20))]))
    return format(whole, "f")


@few
@given(SEEDS)
def test_any_full_set_of_valid_answers_can_be_sent_and_scored(seed: int) -> None:
    answers = answer_fully(Random(seed))
    applicability = apply(answers)
    attached = attach(applicability)
    assert submission.check_submission(applicability, day=DAY, attachments=attached) == []
    for broken in checks.find_inconsistencies(applicability):
        assert all(key in read_definition().questions for key in broken.questions)
    result = score(answers)
    assert result.total is None or 0 <= result.total <= 100
    assert sum((line.share for line in result.lines), Fraction(0)) == (1 if result.total is not None else 0)
    kept, problems = nesting.read_nested(read_definition(), nesting.write_nested(read_definition(), answers))
    assert (kept, problems) == (answers, [])


@few
@given(SEEDS)
def test_anybody_can_recompute_the_result(seed: int) -> None:
    answers = answer_fully(Random(seed))
    result = score(answers)
    exported = {
        "definition": make_document(),
        "profile": document.write_document(read_profile()),
        "tier": "advanced",
        "answers": nesting.write_nested(read_definition(), answers),
        "trace": trace.write_trace(result, read_definition(), read_profile()),
    }
    summary = exported["trace"]["summary"]
    stated = {pillar["key"]: pillar["score"] for pillar in summary["pillars"]}
    stated |= {key: summary[key] for key in ("total", "coverage", "band")}
    assert recompute.recompute(json.loads(json.dumps(exported))) == stated


# ---------------------------------------------------------------------------------------------------- written


def test_the_documents_keep_to_their_schemas_and_read_back() -> None:
    written, profile = make_document(), document.write_document(read_profile())
    for kind, one in ((Definition, written), (Profile, profile)):
        schema = json_schema.write_schema(kind)  # type: ignore[arg-type]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(one, schema, jsonschema.Draft202012Validator)
    again = reading.definition_from_document(json.loads(json.dumps(written)))
    assert again == read_definition()
    assert document.hash_content(again) == document.hash_content(read_definition())
    assert reading.profile_from_document(json.loads(json.dumps(profile)), again) == read_profile()


def test_nested_answers_read_back() -> None:
    nested = json.loads(json.dumps(nesting.write_nested(read_definition(), read_golden())))
    assert nested == json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
    assert nesting.read_nested(read_definition(), nested) == (read_golden(), [])


# ---------------------------------------------------------------------------------------------------- changed


def find(raw: dict[str, Any], key: str) -> dict[str, Any]:
    return next(
        q for s in raw["sections"] for g in s["questions"] for q in [g, *g.get("questions", [])] if q["key"] == key
    )


def make_next() -> Definition:
    """The next version: one question less, one more, and some that changed in ways that matter to answers."""
    raw = copy.deepcopy(make_document())
    raw["questionnaire"].update(version="2.0.0", supersedes="1.0.0")
    find(raw, "payment_days")["title"] = "How many days pass until suppliers are paid, on average?"
    find(raw, "water_used")["unit"] = "L"
    find(raw, "mercury_amount")["meaning"] = 2
    find(raw, "training_hours")["max"] = "10"
    find(raw, "guards_used")["options"].append({"key": "neighbors", "title": "Neighbors"})
    figures = next(s for s in raw["sections"] if s["key"] == "figures")
    figures["questions"] = [q for q in figures["questions"] if q["key"] != "gases_chain"]
    figures["questions"].append(
        {
            "key": "gases_base_year",
            "type": "integer",
            "tier": "advanced",
            "kind": "fact",
            "title": "Which year do you compare with?",
            "why": "An aim needs a start.",
            "unit": "year",
        }
    )
    return changing.build(raw)


def test_a_changed_copy_says_what_changed_and_which_version_it_needs() -> None:
    changed = difference.compare(read_definition(), make_next())
    assert {(change.question, change.code, change.step) for change in changed.changes if change.question} == {
        ("payment_days", "reworded", "patch"),
        ("water_used", "unit_changed", "major"),
        ("mercury_amount", "meaning_raised", "major"),
        ("training_hours", "limit_changed", "minor"),
        ("guards_used", "option_added", "minor"),
        ("gases_chain", "question_removed", "major"),
        ("gases_base_year", "question_added", "minor"),
    }
    assert (changed.least_step, changed.least_version) == ("major", "2.0.0")
    assert difference.is_step_enough(changed)


def test_answers_move_to_the_next_version_and_none_is_lost() -> None:
    changed = difference.compare(read_definition(), make_next())
    carried = carryover.carry_forward(changed, read_golden())
    fates = {(one.question or one.old_question, one.row_id): (one.fate, one.reasons) for one in carried}
    assert fates["payment_days", None] == ("carried", ("reworded",))
    assert fates["water_used", None] == ("blank", ("unit_changed",))
    assert fates["mercury_amount", None] == ("blank", ("meaning_raised",))
    assert fates["training_hours", None] == ("confirm", ("above_max",))
    assert fates["guards_used", None] == ("confirm", ("option_added",))
    assert fates["gases_chain", None] == ("dropped", ("question_removed",))
    assert fates["gases_base_year", None] == ("new", ("question_added",))
    assert fates["site_people", "porto"] == ("carried", ())
    assert index_answers(one.old for one in carried if one.old) == read_golden()
    written = carryover.list_answers(carried)
    lost = {("water_used", None), ("mercury_amount", None), ("gases_chain", None)}
    assert written == {key: answer for key, answer in read_golden().items() if key not in lost}
