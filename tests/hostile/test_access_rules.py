"""Each access rule lets in whom a table names, by name; a rule that lets in one more or one fewer is missed.

`MATRIX=write` writes access_rules.csv anew; whoever reviews the change reads the lines that differ.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from portal import access
from portal.access import Actor, Rule
from tests.hostile import matrix

TABLE = Path(__file__).parent / "access_rules.csv"
CLASSES = matrix.list_classes()
RULES = {rule.name: rule for rule in access.RULES}


@cache
def read_table() -> dict[str, set[str]]:
    """The classes of callers that each rule lets in."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: set(row["lets in"].split("; ")) - {""} for row in csv.DictReader(file)}


def write_table() -> None:
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["rule", "lets in"])
        writer.writerows([name, "; ".join(sorted(list_let_in(rule)))] for name, rule in sorted(RULES.items()))


def list_let_in(rule: Rule) -> set[str]:
    return {name for name, actor in CLASSES.items() if rule.allows(actor)}


def compare(name: str) -> list[str]:
    """Where a rule and the table differ."""
    found, told = list_let_in(RULES[name]), read_table().get(name, set())
    return [f"{name} lets in: {one}" for one in sorted(found - told)] + [
        f"{name} keeps out: {one}" for one in sorted(told - found)
    ]


def test_the_table_has_every_rule() -> None:
    if os.environ.get("MATRIX") == "write":
        write_table()
    assert set(read_table()) == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_lets_in_whom_the_table_names(name: str) -> None:
    assert compare(name) == []


@contextmanager
def changed(name: str, actor: Actor, lets_in: bool) -> Iterator[None]:
    """A rule that is as before but for one class of callers."""
    rule, before = RULES[name], RULES[name].allows
    object.__setattr__(rule, "allows", lambda one: lets_in if one == actor else before(one))
    try:
        yield
    finally:
        object.__setattr__(rule, "allows", before)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_lets_in_one_more_or_one_fewer_is_missed(name: str) -> None:
    """Each mutation of a rule that any class of callers could see is seen under the rule's name."""
    for who, actor in CLASSES.items():
        lets_in = not RULES[name].allows(actor)
        with changed(name, actor, lets_in):
            assert compare(name) == [f"{name} {'lets in' if lets_in else 'keeps out'}: {who}"]
