"""Every malformed file of the table is refused with all its faults at once, each by file, line and place."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from questionnaires import reading
from tests.questionnaires import samples

TABLE: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("malformed.yaml"))
STANDARDS = {"eti": frozenset({"1.2", "2.1"})}
Edits = list[list[str]]


def edit(text: str, edits: Edits) -> str:
    for before, after in edits:
        if before == "*":
            return after
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def list_faults(folder: Path, file: str, edits: Edits) -> list[str]:
    """What is told of the sample after some edits, without the folder."""
    is_profile = ".profile-" in file
    questionnaire = samples.write_questionnaire(folder, edit(samples.QUESTIONNAIRE, [] if is_profile else edits))
    path = samples.write_profile(folder, edit(samples.PROFILE, edits)) if is_profile else questionnaire
    found = reading.lint_file(path, standards=STANDARDS)
    return [str(fault).replace(f"{questionnaire.parent}/", "") for fault in found]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["case"])
def test_all_faults_are_named(case: dict[str, Any], tmp_path: Path) -> None:
    assert list_faults(tmp_path, case["file"], case["edits"]) == case["faults"]


def test_the_cases_differ() -> None:
    assert len({case["case"] for case in TABLE}) == len(TABLE) >= 100
    assert len({(case["file"], str(case["edits"])) for case in TABLE}) == len(TABLE)
    # What is told differs too: a case that is told like another would test nothing new.
    assert len({tuple(without_lines(case["faults"])) for case in TABLE}) >= 140


def without_lines(faults: list[str]) -> list[str]:
    return [re.sub(r"\d+(?=:)|line \d+", "", fault) for fault in faults]


# These change how everything is called, or what is allowed elsewhere: beside them other faults are told in other words.
RENAME = re.compile(
    "header|key with a capital|version|language|no sections|bracket|tab before|section twice|tiers|unknown tier|"
    "profile of zero|part wrong|octal|without a unit|documents on a group|ten faults"
)
PAIRS = 150


def list_pairs() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Two cases of one file that change one place each, and not the same."""
    single = [case for case in TABLE if len(case["edits"]) == 1 and case["edits"][0][0] != "*"]
    plain = [case for case in single if not RENAME.search(case["case"])]
    pairs = [(a, b) for a, b in combinations(plain, 2) if a["file"] == b["file"] and lie_apart(a, b)]
    return Random(4).sample(pairs, PAIRS)


def lie_apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    text = samples.PROFILE if ".profile-" in one["file"] else samples.QUESTIONNAIRE
    first, second = sorted((text.index(case["edits"][0][0]), len(case["edits"][0][0])) for case in (one, other))
    return first[0] + first[1] <= second[0]


@pytest.mark.slow
def test_the_faults_of_any_two_cases_are_named_together(tmp_path: Path) -> None:
    for one, other in list_pairs():
        told = without_lines(list_faults(tmp_path, one["file"], one["edits"] + other["edits"]))
        missing = [fault for fault in without_lines(one["faults"] + other["faults"]) if fault not in told]
        assert missing == [], (one["case"], other["case"])
