"""What was asked in between counts: names are followed, and what meant something else once is never carried."""

import copy
import itertools
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import carryover, difference, reading
from questionnaires.definition import Definition
from tests.questionnaires import changing, generation, samples
from tests.questionnaires.test_carryover import ANSWERS
from tests.questionnaires.test_difference import Mutate, question, rename, sets


def chain(*steps: Mutate) -> list[Definition]:
    """The sample, and a version after each step from the one before; renamings are said once."""
    raw, found = copy.deepcopy(samples.make_document()), [samples.make_definition()]
    for place, step in enumerate(steps, 2):
        raw = copy.deepcopy(raw)
        raw.pop("renamed", None)
        raw["questionnaire"]["version"] = f"{place}.0.0"
        step(raw)
        found.append(changing.build(raw))
    return found


def follow(*steps: Mutate) -> difference.Difference:
    first, *between, last = chain(*steps)
    return difference.compare(first, last, reversed(between))  # in whatever order they come


def renames(old: str, new: str) -> Mutate:
    return lambda raw: rename(raw, old, new)


def removes(key: str) -> Mutate:
    return lambda raw: raw["sections"][0]["questions"].remove(question(raw, key))


def adds(key: str) -> Mutate:
    """A question that takes what `founded` takes, and asks for something else."""
    made = {"key": key, "type": "date", "tier": "micro", "kind": "fact", "title": "Audited", "why": "Age."}
    return lambda raw: raw["sections"][0]["questions"].append(made)


def says(old: str, new: str) -> Mutate:
    """Only says that a question is the same."""
    return lambda raw: raw.update(renamed=[{"from": old, "to": new}])


def both(*steps: Mutate) -> Mutate:
    return lambda raw: [step(raw) for step in steps]


def nothing(raw: dict[str, Any]) -> None:
    pass


# The key that the answer to `founded` goes to, its fate, and why.
WAYS: dict[str, tuple[tuple[Mutate, ...], str | None, str, tuple[str, ...]]] = {
    "renamed, then left": ((renames("founded", "born"), nothing), "born", "carried", ("question_renamed",)),
    "renamed, and renamed again": ((renames("founded", "born"), renames("born", "begun")), "begun", "carried",
                                   ("question_renamed",)),
    "renamed, and back": ((renames("founded", "born"), renames("born", "founded")), "founded", "carried", ()),
    "said again by each version": ((renames("founded", "born"), says("founded", "born")), "born", "carried",
                                   ("question_renamed",)),
    "left out, and said to be another": ((removes("founded"), both(adds("born"), says("founded", "born"))), "born",
                                         "carried", ("question_renamed", "reworded")),
    "raised on the way": ((renames("founded", "born"), sets("born", meaning=2)), "born", "blank", ("meaning_raised",)),
    "raised before": ((sets("founded", meaning=2), renames("founded", "born")), "born", "blank", ("meaning_raised",)),
    "raised, and lowered under a new name": (
        (sets("founded", meaning=2), both(renames("founded", "born"), sets("born", meaning=1))), "born", "blank",
        ("meaning_raised",)),
    "raised and lowered": ((sets("founded", meaning=2), sets("founded", meaning=1)), "founded", "blank",
                           ("meaning_raised",)),
    "raised and lowered, and then left": ((sets("founded", meaning=2), sets("founded", meaning=1), nothing), "founded",
                                          "blank", ("meaning_raised",)),
    "another type for a while, and then left": (
        (sets("founded", type="text"), sets("founded", type="date"), nothing), "founded", "dropped", ("type_changed",)),
    "renamed, and said to be another one too": (
        (renames("founded", "born"), both(adds("begun"), says("founded", "begun"))), "born", "carried",
        ("question_renamed",)),
    "another type for a while": ((sets("founded", type="text"), sets("founded", type="date")), "founded", "dropped",
                                 ("type_changed",)),
    "removed": ((renames("founded", "born"), removes("born")), None, "dropped", ("question_removed",)),
    "removed, and the key used anew": ((removes("founded"), adds("founded")), None, "dropped", ("question_removed",)),
    "renamed, and the first key used anew": ((renames("founded", "born"), adds("founded")), "born", "carried",
                                             ("question_renamed",)),
    "renamed, removed, and the second key used anew": (
        (renames("founded", "born"), removes("born"), adds("born")), None, "dropped", ("question_removed",)),
    "the key used anew, and that one renamed": (
        (removes("founded"), adds("founded"), renames("founded", "audited")), None, "dropped", ("question_removed",)),
    "raised under a name that the last version forgets": (
        (renames("founded", "born"), sets("born", meaning=2), removes("born"),
         both(adds("start"), says("founded", "start"))), "start", "blank", ("meaning_raised",)),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_follows_its_question(way: str) -> None:
    steps, key, fate, why = WAYS[way]
    found = carryover.carry_forward(follow(*steps), ANSWERS)
    (one,) = [one for one in found if one.old_question == "founded"]
    assert (one.question, one.fate, one.reasons) == (key, fate, why)
    assert sum(one.old is not None for one in found) == len(ANSWERS)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_carried_is_compared_and_written_alike(way: str) -> None:
    """A late write is taken for the same questions as an answer is; two years are compared by no other."""
    steps, key, fate, _ = WAYS[way]
    changed = follow(*steps)
    assert carryover.match_questions(changed).get("founded") == (key if fate == "carried" else None)
    comparable = [
        place for place, one in carryover.take_comparable(changed, ANSWERS).items() if one.value == "1999-01-01"
    ]
    assert comparable == ([(key, None)] if fate == "carried" else [])


def test_what_is_asked_anew_under_an_old_key_is_new() -> None:
    changed = follow(removes("founded"), adds("founded"))
    told = [(one.code, one.step) for one in changed.changes if one.question == "founded"]
    assert told == [("question_added", "minor"), ("question_removed", "major")]
    (new,) = [one for one in carryover.carry_forward(changed, ANSWERS) if one.question == "founded"]
    assert (new.fate, new.old, new.reasons) == ("new", None, ("question_added",))
    assert carryover.compare_questions(changed)["founded"] == "question_added"


def test_an_unknown_way_is_told_as_two_questions() -> None:
    first, _, last = chain(renames("founded", "born"), nothing)
    codes = {one.code for one in difference.compare(first, last).changes}
    assert codes == {"question_added", "question_removed"}


def test_a_group_is_followed_with_what_is_in_it() -> None:
    changed = follow(renames("sites", "places"), renames("site_people", "place_people"))
    found = {one.question: one for one in carryover.carry_forward(changed, ANSWERS) if one.row_id == "r1"}
    assert {key: (one.fate, one.old_question) for key, one in found.items()} == {
        "places": ("carried", "sites"),
        "place_people": ("carried", "site_people"),
    }
    raised = follow(both(renames("sites", "places"), sets("places", meaning=2)), sets("places", meaning=1))
    fates = {one.fate for one in carryover.carry_forward(raised, ANSWERS) if one.row_id == "r1"}
    assert fates == {"blank"}


def test_a_group_that_is_another_one_takes_nothing_from_the_first() -> None:
    def regroup(raw: dict[str, Any]) -> None:
        again = copy.deepcopy(question(samples.make_document(), "sites"))
        raw["sections"][0]["questions"].append(again)

    changed = follow(removes("sites"), regroup)
    assert not {"sites", "site_people"} & set(carryover.match_questions(changed))
    found = [one for one in carryover.carry_forward(changed, ANSWERS) if one.row_id == "r1"]
    assert {(one.fate, one.question) for one in found} == {("dropped", None)}


def test_what_left_a_group_does_not_come_back_into_another_one() -> None:
    """The question is the same all along; its rows are those of another list."""

    def leave(raw: dict[str, Any]) -> None:
        questions = raw["sections"][0]["questions"]
        group = question(raw, "sites")
        questions.remove(group)
        questions += group["questions"]

    def enter(raw: dict[str, Any]) -> None:
        questions = raw["sections"][0]["questions"]
        group = copy.deepcopy(question(samples.make_document(), "sites"))
        inner = {one["key"] for one in group["questions"]}
        questions[:] = [*(one for one in questions if one["key"] not in inner), group]

    changed = follow(leave, enter)
    assert (changed.find_old_key("sites"), changed.find_old_key("site_people")) == (None, "site_people")
    assert "site_people" not in carryover.match_questions(changed)
    assert not [one for one in carryover.carry_forward(changed, ANSWERS) if one.row_id == "r1" and one.answer]


def test_a_question_with_another_name_in_another_section_has_moved() -> None:
    def move(raw: dict[str, Any]) -> None:
        rename(raw, "founded", "born")
        born = question(raw, "born")
        raw["sections"][0]["questions"].remove(born)
        raw["sections"][1]["questions"].insert(0, born)

    moved = [(one.question, one.old, one.new) for one in follow(move, nothing).changes if one.code == "question_moved"]
    assert moved == [("born", "facts", "labour")]


def test_the_way_back_is_the_same_way() -> None:
    first, *between, last = chain(renames("founded", "born"), renames("born", "begun"))
    forth, back = difference.compare(first, last, between), difference.compare(last, first, between)
    assert (forth.find_old_key("begun"), back.find_old_key("founded")) == ("founded", "begun")
    assert back.forth == forth.origins
    first, *between, last = chain(removes("founded"), adds("founded"))
    assert difference.compare(last, first, between).find_old_key("founded") is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_way_in_steps_carries_what_each_step_carries(seed: int) -> None:
    """Of generated versions: an answer that every step lets stand as it is stands at the end, under the same key."""
    rng = Random(seed)
    raw, _ = generation.make_documents(rng)
    versions, answers = [reading.definition_from_document(raw)], {}
    for place in range(2, 5):
        raw = changing.change_document(rng, raw | {"renamed": []}, rng.randint(0, 4))
        raw["questionnaire"]["version"] = f"{place}.0.0"
        versions.append(changing.build(raw))
    answers = generation.make_answers(rng, versions[0])
    keys = {one.question: one.question for one in answers.values()}
    for old, new in itertools.pairwise(versions):
        step = carryover.match_questions(difference.compare(old, new))
        keys = {first: step[key] for first, key in keys.items() if key in step}
    whole = difference.compare(versions[0], versions[-1], versions[1:-1])
    matched = carryover.match_questions(whole)
    assert keys.items() <= matched.items()
    for one in carryover.carry_forward(whole, answers):
        if one.answer is not None:
            assert matched[one.old.question if one.old else ""] == one.answer.question


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_names_alone_set_no_totals_apart(seed: int) -> None:
    """Whatever names a question, a condition or what tells the age of an answer, has followed it."""
    rng = Random(seed)
    raw, scored = generation.make_shaped(rng)
    old = reading.definition_from_document(raw)
    text = json.dumps([raw, scored])
    for key in old.questions:
        text = text.replace(f'"{key}"', f'"{key}_new"')
    later, rescored = json.loads(text)
    later["renamed"] = [{"from": key, "to": f"{key}_new"} for key in old.questions]
    new = changing.build(later)
    profiles = [reading.profile_from_document(one, of) for one, of in ((scored, old), (rescored, new))]
    tier: Any = rng.choice(old.tiers).key
    assert carryover.compare_totals(difference.compare(old, new), profiles[0], profiles[1], tier) == "same"
