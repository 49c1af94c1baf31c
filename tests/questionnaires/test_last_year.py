"""Checks against last year's answers: what is a jump, what can be set side by side, and what stays unsaid."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import carryover, checks, difference, document, jumps, nesting, reading
from questionnaires.answers import Answers
from questionnaires.applicability import find_applicable
from questionnaires.definition import Definition, Jump
from tests.questionnaires import changing, samples
from tests.questionnaires.test_difference import Mutate, question, rename, sets

RULES: Mapping[str, dict[str, Any]] = {
    "people": {"value": "headcount", "jump": {"factor": "2", "amount": "10"}},
    "sites": {"sum_rows": "site_people", "jump": {"factor": "1.5"}},
    "both": {"sum": ["headcount", "temporary"], "jump": {"amount": "5"}},
    "born": {"value": "founded", "jump": {}},
    "locked": {"value": "exits_locked", "jump": {}},
    "wasted": {"value": "waste", "jump": {}},
}
NUMBERS = st.decimals(-(10**9), 10**9, places=3)
FACTORS = st.decimals("1.001", 1000, places=3)


def make_raw(*names: str) -> dict[str, Any]:
    raw = samples.make_document()
    made = [{"key": f"{n}_jump", "severity": "warning", "tier": "basic", "title": "T", "rule": RULES[n]} for n in names]
    return {**raw, "checks": made}


def make(*names: str) -> Definition:
    return reading.definition_from_document(make_raw(*names))


def answer(definition: Definition, **values: Any) -> Answers:
    """Answers by key; a list of numbers stands for the people of so many sites."""
    nested = {key: {"state": "value", "value": value} for key, value in values.items() if key != "sites"}
    people = [
        {"row": f"r{i}", "answers": {"site_people": _enter(one)}} for i, one in enumerate(values.get("sites", ()))
    ]
    answers, refused = nesting.read_nested(definition, nested | ({"sites": _enter(people)} if people else {}))
    assert refused == []
    return answers


def _enter(value: Any) -> dict[str, Any]:
    return {"state": "unknown"} if value is None else {"state": "value", "value": value}


def find(name: str, now: Answers, earlier: Answers | None) -> list[tuple[str, str]]:
    found = checks.find_inconsistencies(find_applicable(make(name), "basic", now), earlier)
    assert all(one.is_against_last_year and one.severity == "warning" for one in found)
    return [(one.left, one.right) for one in found]


# What was answered then, what is answered now, and what the check says.
TRIED: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    ("people", {"headcount": "20"}, {"headcount": "41"}, [("41", "20")]),
    ("people", {"headcount": "20"}, {"headcount": "40"}, []),  # twice is not more than twice
    ("people", {"headcount": "41"}, {"headcount": "20"}, [("20", "41")]),  # downwards alike
    ("people", {"headcount": "3"}, {"headcount": "9"}, []),  # thrice, and six people only
    ("people", {"headcount": "0"}, {"headcount": "11"}, [("11", "0")]),  # from nothing is beyond every factor
    ("people", {"headcount": "0"}, {"headcount": "10"}, []),
    ("people", {}, {"headcount": "900"}, []),
    ("people", {"headcount": "900"}, {}, []),
    ("sites", {"sites": ["10", "10"]}, {"sites": ["31"]}, [("31", "20")]),  # other rows, the sum counts
    ("sites", {"sites": ["10", "10"]}, {"sites": ["30"]}, []),
    ("sites", {"sites": ["10", None]}, {"sites": ["90"]}, []),  # a part that nobody knew
    ("sites", {}, {"sites": ["90"]}, []),
    ("both", {"headcount": "20", "temporary": "1"}, {"headcount": "20", "temporary": "7"}, [("27", "21")]),
    ("both", {"headcount": "20", "temporary": "1"}, {"headcount": "22", "temporary": "4"}, []),
    ("born", {"founded": "1999-01-01"}, {"founded": "1999-01-02"}, [("1999-01-02", "1999-01-01")]),
    ("born", {"founded": "1999-01-01"}, {"founded": "1999-01-01"}, []),
    ("locked", {"exits_locked": True}, {"exits_locked": False}, [("false", "true")]),
    ("wasted", {"waste": ["paper"]}, {"waste": ["metal", "paper"]}, [("paper, metal", "paper")]),
]


@pytest.mark.parametrize(("name", "then", "now", "expected"), TRIED)
def test_tells_of_a_jump(name: str, then: dict[str, Any], now: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    definition = make(name)
    assert find(name, answer(definition, **now), answer(definition, **then)) == expected


def test_says_nothing_without_an_earlier_response() -> None:
    now = answer(make("people"), headcount="900")
    assert find("people", now, None) == find("people", now, {}) == []


def test_a_list_that_was_unknown_as_a_whole_says_nothing() -> None:
    definition = make("sites")
    then, _ = nesting.read_nested(definition, {"sites": {"state": "unknown", "value": [{"row": "a"}]}})
    assert find("sites", answer(definition, sites=["900"]), then) == []


# What an earlier version said otherwise, and whether its headcount of 20 can still be held against 900.
VERSIONS: list[tuple[str, Mutate, bool]] = [
    ("nothing", lambda raw: None, True),
    ("words", sets("headcount", title="How many?"), True),
    ("key", lambda raw: rename(raw, "headcount", "people"), True),
    ("meaning", sets("headcount", meaning=2), False),
    ("unit", sets("headcount", unit="full_time_equivalent"), False),
    ("type", sets("headcount", type="decimal"), False),
]


@pytest.mark.parametrize(("what", "mutate", "is_comparable"), VERSIONS, ids=[one[0] for one in VERSIONS])
def test_only_what_means_the_same_is_compared(what: str, mutate: Mutate, is_comparable: bool) -> None:
    then = answer(make("people"), headcount="20")
    raw = copy.deepcopy(make_raw())
    mutate(raw)
    new = changing.build(raw)
    taken = carryover.take_comparable(difference.compare(make("people"), new), then)
    key = "people" if what == "key" else "headcount"
    assert {place: one.value for place, one in taken.items()} == ({(key, None): "20"} if is_comparable else {})
    assert all(one.key == place for place, one in taken.items())


def test_rows_of_another_meaning_take_their_questions_along() -> None:
    then = answer(make("sites"), sites=["20"])
    raw = copy.deepcopy(make_raw())
    question(raw, "sites")["meaning"] = 2
    assert carryover.take_comparable(difference.compare(make("sites"), changing.build(raw)), then) == {}
    kept = carryover.take_comparable(difference.compare(make("sites"), make("sites")), then)
    assert kept == then


def test_the_document_holds_a_jump_and_an_older_one_stays_as_it_was() -> None:
    definition = make(*RULES)
    written = document.write_document(definition)
    assert reading.definition_from_document(written) == definition
    assert written["checks"][0]["rule"] == {"value": "headcount", "jump": {"factor": "2", "amount": "10"}}
    assert written["checks"][3]["rule"] == {"value": "founded", "jump": {}}
    assert all("jump" not in check["rule"] for check in samples.make_document()["checks"])


@given(FACTORS, NUMBERS, NUMBERS)
def test_a_factor_counts_up_and_down_alike(factor: Any, now: Any, before: Any) -> None:
    asked = make().questions["headcount"]
    there, back = str(now), str(before)
    jump = Jump(factor=factor)
    assert jumps.is_jump(jump, asked, there, back) == jumps.is_jump(jump, asked, back, there)
    assert not jumps.is_jump(jump, asked, there, there)


@given(NUMBERS, NUMBERS, NUMBERS.filter(lambda number: number > 0))
def test_a_further_limit_never_makes_a_jump(now: Any, before: Any, amount: Any) -> None:
    asked = make().questions["headcount"]
    both = jumps.is_jump(Jump(factor=amount + 1, amount=amount), asked, str(now), str(before))
    assert not both or jumps.is_jump(Jump(amount=amount), asked, str(now), str(before))
    assert not both or jumps.is_jump(Jump(factor=amount + 1), asked, str(now), str(before))
