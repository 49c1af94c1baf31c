"""What becomes of answers in another version: nothing is invented, nothing is lost, each with its reason."""

import copy
import dataclasses
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import carryover, difference, document, reading
from questionnaires.answers import Answer, Answers, Problem, check_saved, index_answers
from questionnaires.carryover import Carried, Response
from questionnaires.definition import Definition
from tests.questionnaires import changing, generation, samples
from tests.questionnaires.test_difference import ADDED, Mutate, question, rename, sets

ANSWERS = index_answers(
    [
        Answer(question="headcount", state="value", value="120"),
        Answer(question="founded", state="value", value="1999-01-01"),
        Answer(question="remark", state="value", value="a text of some length"),
        Answer(question="sites", row_id="r1", state="value", value=True),
        Answer(question="site_people", row_id="r1", state="value", value="40"),
        Answer(question="fees_repaid", state="not_applicable", reason="Nobody was hired."),
        Answer(question="trained", state="unknown"),
        Answer(question="exits_locked", state="value", value=False),
        Answer(question="waste", state="value", value=("paper", "metal")),
    ]
)


def carry(mutate: Mutate, *, renews: bool = False) -> dict[tuple[str | None, str | None], Carried]:
    raw = copy.deepcopy(samples.make_document())
    mutate(raw)
    changed = difference.compare(samples.make_definition(), changing.build(raw))
    found = carryover.carry_forward(changed, ANSWERS, renews=renews)
    return {(one.question or one.old_question, one.row_id): one for one in found}


def nothing(raw: dict[str, Any]) -> None:
    pass


# The fate of one answer after one change, with the reasons that its owner reads. The table of the design, row by row.
FATES: list[tuple[Mutate, str, str | None, str, tuple[str, ...]]] = [
    (nothing, "headcount", None, "carried", ()),
    (sets("headcount", help="All people."), "headcount", None, "carried", ()),
    (sets("headcount", title="People?"), "headcount", None, "carried", ("reworded",)),
    (lambda raw: raw["sections"][0]["questions"].append(ADDED), "extra", None, "new", ("question_added",)),
    (lambda raw: question(raw, "sites")["questions"].append({**ADDED, "tier": "basic"}), "extra", None, "new",
     ("question_added",)),
    (lambda raw: question(raw, "waste")["options"].append({"key": "glass", "title": "Glass"}), "waste", None, "confirm",
     ("option_added",)),
    (sets("headcount", max="500"), "headcount", None, "carried", ()),
    (sets("headcount", max="100"), "headcount", None, "confirm", ("above_max",)),
    (sets("remark", max_length=5), "remark", None, "confirm", ("text_too_long",)),
    (sets("founded", required=True), "founded", None, "carried", ()),
    (sets("fees_repaid", not_applicable={"allowed": False}), "fees_repaid", None, "blank",
     ("not_applicable_not_allowed",)),
    (lambda raw: rename(raw, "founded", "born"), "born", None, "carried", ("question_renamed",)),
    (sets("trained", meaning=2), "trained", None, "blank", ("meaning_raised",)),
    (sets("headcount", unit="worker"), "headcount", None, "blank", ("unit_changed",)),
    (lambda raw: question(raw, "waste")["options"].pop(0), "waste", None, "blank", ("unknown_option",)),
    (lambda raw: question(raw, "waste")["options"].pop(2), "waste", None, "carried", ()),
    (lambda raw: question(raw, "waste")["options"][0].update(exclusive=True), "waste", None, "confirm",
     ("exclusive_option",)),
    (lambda raw: raw["sections"][0]["questions"].pop(2), "founded", None, "dropped", ("question_removed",)),
    (sets("founded", type="text"), "founded", None, "dropped", ("type_changed",)),
    (nothing, "site_people", "r1", "carried", ()),
    (sets("sites", meaning=2), "site_people", "r1", "blank", ("meaning_raised",)),
    (sets("sites", meaning=2), "sites", "r1", "blank", ("meaning_raised",)),
]  # fmt: skip


@pytest.mark.parametrize(("mutate", "key", "row", "fate", "reasons"), FATES)
def test_an_answer_has_its_fate(mutate: Mutate, key: str, row: str | None, fate: str, reasons: tuple[str, ...]) -> None:
    found = carry(mutate)[key, row]
    assert (found.fate, found.reasons) == (fate, reasons)
    assert (found.answer is not None) == (fate in ("carried", "confirm"))


def test_in_another_period_nothing_stands_unseen() -> None:
    found = carry(nothing, renews=True)
    figures = {("headcount", None), ("site_people", "r1")}
    told = {key: (one.fate, one.reasons) for key, one in found.items() if one.old is not None}
    assert told.keys() == ANSWERS.keys()
    for key, fate in told.items():
        expected = ("blank", ("figure_of_period",)) if key in figures else ("confirm", ("another_period",))
        assert fate == expected, key


def test_a_figure_of_another_period_is_asked_anew_whatever_else_changed() -> None:
    """Also where it would break a limit; one that means another thing is not even beside it as a figure."""
    changes: list[tuple[Mutate, tuple[str, ...]]] = [
        (sets("headcount", max="100"), ("figure_of_period",)),
        (sets("headcount", title="People?"), ("reworded", "figure_of_period")),
        (sets("headcount", meaning=2), ("meaning_raised",)),
    ]
    for mutate, reasons in changes:
        found = carry(mutate, renews=True)["headcount", None]
        assert (found.fate, found.reasons, found.answer) == ("blank", reasons, None)


class Case:
    """A generated questionnaire with a response, and another version of it."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        raw, _ = generation.make_documents(rng)
        self.old: Definition = reading.definition_from_document(raw)
        self.answers: Answers = generation.make_answers(rng, self.old)
        self.new = changing.build(changing.change_document(rng, raw, rng.randint(0, 6)))
        self.changed = difference.compare(self.old, self.new)

    def number(self, version: str) -> difference.Difference:
        """The same change under another number."""
        header = dataclasses.replace(self.new.questionnaire, version=version)
        return difference.compare(self.old, dataclasses.replace(self.new, questionnaire=header))


def check_carrying(seed: int, *, renews: bool) -> None:
    """Every earlier answer is told of once; what is written is an earlier answer, and the new version keeps it."""
    case = Case(seed)
    found = carryover.carry_forward(case.changed, case.answers, renews=renews)
    told = [one.old for one in found if one.old is not None]
    assert sorted(map(str, told)) == sorted(map(str, case.answers.values()))
    places = [(one.question, one.row_id) for one in found if one.answer is not None]
    assert len(places) == len(set(places)) == len(carryover.list_answers(found))
    for one in found:
        assert (one.fate in ("carried", "confirm")) == (one.answer is not None)
        assert (one.fate == "new") == (one.old is None)
        if one.fate == "dropped":
            told = {change.code for change in case.changed.changes}
            assert set(one.reasons) <= told & {"question_removed", "type_changed"}
        if one.answer is not None and one.old is not None:
            old, new = one.old, one.answer
            assert (new.state, new.value, new.reason, new.row_id) == (old.state, old.value, old.reason, old.row_id)
            assert new.question == one.question in case.new.questions
            assert case.changed.find_old_key(new.question) == old.question
            kept = check_saved(
                case.new, new.question, row_id=new.row_id, state=new.state, value=new.value, reason=new.reason
            )
            assert not isinstance(kept, Problem)
    asked = {one.question for one in found}
    assert {key for key in case.new.questions if key not in case.new.parents} <= asked


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_nothing_is_invented_and_nothing_is_lost(seed: int, renews: bool) -> None:
    check_carrying(seed, renews=renews)


@pytest.mark.soak(part="changes")
def test_changes_invent_and_lose_nothing_for_long(record_property: Callable[[str, object], None]) -> None:
    answers = 0
    for seed in range(10_000):
        check_carrying(seed, renews=bool(seed % 2))
        case = Case(seed)
        answers += len(case.answers)
        again = reading.definition_from_document(document.write_document(case.old))
        assert difference.compare(case.old, again).least_step == "none"
    figures = (
        f"10,000 made-up questionnaires and another version of each; {answers:,} answers, none lost, none invented"
    )
    record_property("figures", figures)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_into_the_same_version_everything_is_carried(seed: int) -> None:
    case = Case(seed)
    found = carryover.carry_forward(difference.compare(case.old, case.old), case.answers)
    assert {one.fate for one in found} <= {"carried", "new"}
    assert dict(carryover.list_answers(found)) == dict(case.answers)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_the_least_version_is_enough_and_the_one_before_is_not(seed: int) -> None:
    case = Case(seed)
    least = case.changed.least_version
    assert difference.is_step_enough(case.number(least))
    major, minor, patch = difference.order_version(least)
    if case.changed.least_step != "none":
        below = {"major": "1.999.999", "minor": f"{major}.{minor - 1}.999", "patch": f"{major}.{minor}.{patch - 1}"}
        assert not difference.is_step_enough(case.number(below[case.changed.least_step]))


def other(**fields: Any) -> Definition:
    raw = samples.make_document()
    raw["questionnaire"]["key"] = "other"
    question(raw, "headcount").update({"key": "people", **fields})
    return changing.build(raw)


def respond(answers: Answers, definition: Definition, *, is_same_period: bool = True) -> dict[str, Response]:
    return {"last": Response(definition=definition, answers=answers, is_same_period=is_same_period)}


def test_a_fact_is_found_by_its_concept() -> None:
    said = index_answers([Answer(question="people", state="value", value="40")])
    asked, offered = samples.make_definition(), respond(said, other())
    found = {("headcount", None): ("last", Answer(question="people", state="value", value="40"))}
    assert carryover.find_reusable(asked, offered) == found
    assert not carryover.find_figures(asked, offered)
    # A figure of another period is only shown, and one of this period is found behind it.
    of_others = respond(said, other(), is_same_period=False)
    assert not carryover.find_reusable(asked, of_others)
    assert carryover.find_figures(asked, of_others) == found
    mixed = {"first": of_others["last"]} | offered
    assert carryover.find_reusable(asked, mixed) == found
    assert {name for name, _ in carryover.find_figures(asked, mixed).values()} == {"first"}


@pytest.mark.parametrize(
    ("fields", "value"), [({"unit": "worker"}, "40"), ({"concept": "workforce.women"}, "40"), ({"max": None}, "9001")]
)
def test_another_unit_concept_or_limit_is_no_reuse(fields: dict[str, Any], value: str) -> None:
    said = index_answers([Answer(question="people", state="value", value=value)])
    assert not carryover.find_reusable(samples.make_definition(), respond(said, other(**fields)))


@pytest.mark.parametrize("state", ["unknown", "declined"])
def test_what_was_not_said_is_not_reused(state: Any) -> None:
    said = index_answers([Answer(question="people", state=state)])
    assert not carryover.find_reusable(samples.make_definition(), respond(said, other()))


def test_two_years_say_what_can_be_compared() -> None:
    raw = samples.make_document()
    question(raw, "trained")["meaning"] = 2
    question(raw, "headcount")["title"] = "How many?"
    question(raw, "waste")["options"].append({"key": "glass", "title": "Glass"})
    raw["sections"][0]["questions"].append(ADDED)
    found = carryover.compare_questions(difference.compare(samples.make_definition(), changing.build(raw)))
    told = {key: why for key, why in found.items() if why != "same"}
    assert told == {"trained": "meaning_raised", "waste": "option_added", "extra": "question_added"}


def test_what_is_in_rows_of_another_meaning_cannot_be_compared() -> None:
    raw = samples.make_document()
    question(raw, "sites")["meaning"] = 2
    old, new = samples.make_definition(), changing.build(raw)
    found = carryover.compare_questions(difference.compare(old, new))
    assert (found["sites"], found["site_people"], found["headcount"]) == ("meaning_raised", "meaning_raised", "same")
    assert "site_people" not in {key for key, _ in carryover.take_comparable(difference.compare(old, new), ANSWERS)}


def test_options_in_another_order_are_no_other_answer() -> None:
    raw = samples.make_document()
    question(raw, "waste")["options"].reverse()
    new = changing.build(raw)
    changed = difference.compare(samples.make_definition(), new)
    found = carryover.take_comparable(changed, ANSWERS)["waste", None]
    assert found == check_saved(new, "waste", state="value", value=["paper", "metal"])
