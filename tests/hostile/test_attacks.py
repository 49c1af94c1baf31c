"""attacks.yaml is whole: every kind has its attacks, every attack a test that exists, and no two are the same."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.databases import ROOT
from tests.hostile.test_asvs import list_tests

FILE = Path(__file__).parent / "attacks.yaml"
LEAST = 120
KINDS = {
    "GraphQL and requests": 30, "Ids and cursors": 5, "Access across tenants": 20, "Cross-site and sockets": 10,
    "Invitations and take-over": 20, "Files": 10, "Webhooks": 10, "Spreadsheets": 5, "Timing and enumeration": 8,
}  # fmt: skip


@cache
def read_attacks() -> dict[str, list[dict[str, str]]]:
    """The attacks by kind."""
    found: dict[str, list[dict[str, str]]] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return found


def list_faults(attacks: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What is wrong with a list of attacks."""
    every = [one for rows in attacks.values() for one in rows]
    faults = [f"{kind} has fewer than {least}" for kind, least in KINDS.items() if len(attacks.get(kind, ())) < least]
    faults += [f"{kind} is no kind" for kind in attacks if kind not in KINDS]
    if len(every) < LEAST:
        faults.append(f"{len(every)} attacks, fewer than {LEAST}")
    for what in (lambda one: one["attack"], lambda one: (one["test"], one.get("case"))):
        faults += [f"{key} is there twice" for key, times in Counter(map(what, every)).items() if times > 1]
    return faults + [fault for one in every for fault in find_gap(one)]


def find_gap(attack: dict[str, Any]) -> list[str]:
    """The test or case of an attack, where it is not there."""
    path, _, name = attack["test"].partition("::")
    if not (ROOT / path).is_file() or name not in list_tests(path):
        return [f"{attack['attack']}: {attack['test']} is not there"]
    case = attack.get("case")
    is_there = case is None or f'"{case}"' in (ROOT / path).read_text(encoding="utf-8")
    return [] if is_there else [f"{attack['attack']}: {attack['test']} has no case {case!r}"]


def test_every_attack_has_a_test_and_every_kind_its_attacks() -> None:
    assert list_faults(read_attacks()) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"test": "tests/hostile/test_requests.py::test_that_never_was"}, "is not there"),
        ({"test": "tests/hostile/test_gone.py::test_guesses"}, "is not there"),
        ({"case": "a case that never was"}, "has no case"),
        ({"attack": "a body of 20 MB"}, "is there twice"),
    ],
)
def test_a_gap_is_found(changed: dict[str, str], fault: str) -> None:
    kind = "GraphQL and requests"
    first, *others = read_attacks()[kind]
    assert fault in " ".join(list_faults(read_attacks() | {kind: [first | changed, *others]}))


def test_a_kind_without_attacks_is_found() -> None:
    assert list_faults(read_attacks() | {"Webhooks": []}) == ["Webhooks has fewer than 10"]
