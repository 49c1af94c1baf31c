"""Random changes of generated questionnaires, from a seeded random.Random; what comes out can be constructed."""

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from questionnaires import construction
from questionnaires.definition import Definition
from questionnaires.faults import FaultList


def build(raw: dict[str, Any]) -> Definition:
    """Without lint: what is compared may be a draft."""
    faults = FaultList("")
    made = construction.construct(Definition, raw, faults)
    assert not faults.faults
    return made


def change_document(rng: Random, raw: dict[str, Any], changes: int) -> dict[str, Any]:
    """Another version of a document with so many random changes."""
    made = copy.deepcopy(raw)
    made["questionnaire"]["version"] = "2.0.0"
    for _ in range(changes):
        rng.choice(CHANGES)(rng, made)
    return made


def list_places(raw: dict[str, Any]) -> list[tuple[list[Any], dict[str, Any]]]:
    """Every question with the list that holds it."""
    found = []
    for section in raw["sections"]:
        for question in section["questions"]:
            found.append((section["questions"], question))
            found += [(question["questions"], child) for child in question.get("questions", ())]
    return found


def list_questions(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (question for _, question in list_places(raw))


def drop(rng: Random, raw: dict[str, Any]) -> None:
    """Without emptying a section or a group, and with what names it in a renaming."""
    places = [place for place in list_places(raw) if len(place[0]) > 1]
    if places:
        around, question = rng.choice(places)
        around.remove(question)
        gone = {question["key"], *(child["key"] for child in question.get("questions", ()))}
        raw["renamed"] = [one for one in raw.get("renamed", ()) if one["to"] not in gone]


def add(rng: Random, raw: dict[str, Any]) -> None:
    key = f"added_{rng.randrange(10**9)}"
    made = {"key": key, "type": "text", "tier": raw["tiers"][0]["key"], "kind": "fact", "title": key, "why": "New."}
    around = rng.choice(raw["sections"])["questions"]
    around.insert(rng.randint(0, len(around)), made)


def rename(rng: Random, raw: dict[str, Any]) -> None:
    question = rng.choice(list(list_questions(raw)))
    renamed = raw.setdefault("renamed", [])
    if question["key"] not in {one["to"] for one in renamed} and not question["key"].startswith("added"):
        new = f"renamed_{rng.randrange(10**9)}"
        renamed.append({"from": question["key"], "to": new})
        question["key"] = new


def retype(rng: Random, raw: dict[str, Any]) -> None:
    question = rng.choice(list(list_questions(raw)))
    if question["type"] not in ("group", "choice", "multi_choice"):
        question["type"] = rng.choice(["boolean", "date"])
        for name in ("unit", "decimals", "min", "max"):
            question.pop(name, None)


def edit_options(rng: Random, raw: dict[str, Any]) -> None:
    choices = [one for one in list_questions(raw) if one.get("options")]
    if choices:
        options = rng.choice(choices)["options"]
        if rng.random() < 0.5 and len(options) > 1:
            options.pop(rng.randrange(len(options)))
        else:
            options.append({"key": f"o{rng.randrange(10**6)}", "title": "Other", "exclusive": rng.random() < 0.5})


def limit(rng: Random, raw: dict[str, Any]) -> None:
    numbers = [one for one in list_questions(raw) if one["type"] in ("integer", "decimal", "percent")]
    if numbers:
        rng.choice(numbers)["max"] = str(rng.randint(0, 100))


def set_field(name: str, *values: Any) -> Callable[[Random, dict[str, Any]], None]:
    def change(rng: Random, raw: dict[str, Any]) -> None:
        rng.choice(list(list_questions(raw)))[name] = rng.choice(values)

    return change


def shuffle(rng: Random, raw: dict[str, Any]) -> None:
    rng.shuffle(rng.choice(raw["sections"])["questions"])


CHANGES: list[Callable[[Random, dict[str, Any]], None]] = [
    drop,
    add,
    rename,
    retype,
    edit_options,
    limit,
    shuffle,
    set_field("title", "Reworded", "Again"),
    set_field("meaning", 2, 3),
    set_field("required", True, False),
    set_field("not_applicable", {"allowed": True}, {"allowed": False}),
    set_field("request_limit", None, {"up_to_10": "voluntary", "up_to_1000": "necessary"}),
    set_field("unit", "piece", "tonne"),
]
