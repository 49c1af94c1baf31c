"""More than generation.py makes: limits, evidence, checks, last year, and answers as a client may send them."""

from random import Random
from typing import Any

from questionnaires import nesting, reading
from questionnaires.definition import TIERS, Definition
from tests.questionnaires import generation

KINDS = ["policy", "record", "photo"]
STATES = ["here", "here", "here", "checking", "awaited", "refused"]
DAYS = ["2023-01-15", "2025-01-15", "2025-12-01", "2026-01-14", "2026-01-15", "2027-05-01"]
# What comes instead of a value: other spellings of good ones, and what no question takes.
JUNK: list[Any] = [
    None, True, False, 0, 7, 12, [], ["paper"], ["glass", "paper", "paper"], ["paper", "lead"], [1], {}, {"a": 1}, "",
    "  ", "yes", "no", "maybe", "1", "1.0", "01.50", "+3", "-0", "-0.00", "1e3", "1.", ".5", "NaN", "٣", "१२.५", "１２",
    "𝟗", "1" * 21, "0." + "3" * 20, "99999999999999999999", "-12.123456789", "2024-02-29", "2023-02-29", "2026-1-5",
    "0001-01-01", "0000-01-01", "20260115", " padded ", "\u00a0wide\u3000", "\ufeffmarked", "\x1fcut\x85",
    "a\r\nb\r", "nul\x00", "half \ud800", "whole 😀", "水" * 12, "x" * 10_001,
]  # fmt: skip


def make_case(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A vector file and a case of it, without expectations, both as plain JSON."""
    rng = Random(seed)
    raw, profile = generation.make_shaped(rng) if rng.random() < 0.6 else generation.make_documents(rng)
    enrich(rng, raw)
    definition = reading.definition_from_document(raw)
    reading.profile_from_document(profile, definition)
    case: dict[str, Any] = {
        "tier": rng.choice(raw["tiers"])["key"],
        "answers": make_nested(rng, definition, junk=rng.choice([0, 0.1, 0.4])),
        "attachments": make_attachments(rng, definition),
        "day": rng.choice(DAYS),
    }
    if rng.random() < 0.3:
        taken = [(key, row) for key in definition.questions for row in ("r1", None) if rng.random() < 0.2]
        case["unconfirmed"] = [{"question": key, "row": row} if row else {"question": key} for key, row in taken]
    case |= {"staff": rng.choice([0, 10, 11, 1000, 1001])} if rng.random() < 0.5 else {}
    case |= {"earlier": make_nested(rng, definition, junk=0)} if rng.random() < 0.7 else {}
    return {"definition": raw, "profile": profile}, case


def enrich(rng: Random, raw: dict[str, Any]) -> None:
    asked = [(question, None) for section in raw["sections"] for question in section["questions"]]
    inside = [(child, group) for group, _ in asked for child in group.get("questions", ())]
    for question, _ in (*asked, *inside):
        enrich_question(rng, question)
        if question["type"] != "group" and rng.random() < 0.3:
            question["evidence"] = make_evidence(rng, question, raw["tiers"])
    checks = [make_check(rng, f"check_{i}", asked, inside) for i in range(6)]
    raw["checks"] = [check for check in checks if check is not None]


def enrich_question(rng: Random, question: dict[str, Any]) -> None:
    kind = question["type"]
    limits: dict[str, Any] = {"min": "1", "max": "10"} if kind in ("integer", "decimal", "percent") else {}
    limits |= {"decimals": 1} if kind in ("decimal", "percent") else {}
    limits |= {"max_length": 5} if kind == "text" else {}
    question |= {name: limit for name, limit in limits.items() if rng.random() < 0.5}
    question |= {"minutes": rng.choice(["0.5", "2", "3.25"])} if rng.random() < 0.3 else {}
    if kind == "multi_choice" and rng.random() < 0.5:
        question["options"] = [*question["options"][:-1], {**question["options"][-1], "exclusive": True}]
    if kind == "group":
        question["repeat"] = {"min": rng.randint(0, 2), "max": rng.randint(2, 3)}


def make_evidence(rng: Random, question: dict[str, Any], tiers: list[Any]) -> dict[str, Any]:
    rule: dict[str, Any] = {"accept": rng.sample(KINDS, rng.randint(1, 2))}
    above = [tier["key"] for tier in tiers if TIERS.index(tier["key"]) >= TIERS.index(question["tier"])]
    rule |= {"required_from": rng.choice(above)} if rng.random() < 0.5 else {}
    rule |= {"max_age_days": 365} if rng.random() < 0.5 else {}
    return rule | ({"required_when": {"all": [generation.make_clause(rng, question)]}} if rng.random() < 0.4 else {})


def make_check(rng: Random, key: str, asked: list[Any], inside: list[Any]) -> dict[str, Any] | None:
    """A check of a random shape, or none where no question fits it."""
    question, group = rng.choice([*asked, *inside])
    check = {"key": key, "severity": rng.choice(["warning", "error"]), "tier": question["tier"], "title": "Fits."}
    numbers = question["type"] in ("integer", "decimal", "percent")
    if not numbers and (group or question["type"] in ("text", "group")):
        return None
    left: dict[str, Any] = {"sum_rows": question["key"]} if group else {"value": question["key"]}
    if numbers and not group and rng.random() < 0.3:
        left = {"sum": [question["key"]]}
    right: dict[str, Any] = {"jump": make_jump(rng, question["type"])}
    if numbers and rng.random() < 0.5:
        right = {"op": rng.choice(["eq", "gt", "gte", "lt", "lte"]), "than_value": rng.choice(["0", "3.25", "8"])}
    if not group and rng.random() < 0.3:
        check[rng.choice(["when", "unless"])] = {"any": [generation.make_clause(rng, question)]}
    is_silent = "when" in check and rng.random() < 0.3
    return check if is_silent else {**check, "rule": {**left, **right}}


def make_jump(rng: Random, kind: str) -> dict[str, Any]:
    limits = {"factor": rng.choice(["1.5", "3"]), "amount": rng.choice(["0.5", "4", "200"])}
    fitting = {"date": ["amount"], "boolean": [], "choice": [], "multi_choice": []}.get(kind, ["factor", "amount"])
    return {name: limits[name] for name in fitting if rng.random() < 0.6}


def make_nested(rng: Random, definition: Definition, *, junk: float) -> dict[str, Any]:
    """Answers in the nested form, a share of them spoiled."""
    nested = nesting.write_nested(definition, generation.make_answers(rng, definition))
    for entry in [*nested.values(), *(one for whole in nested.values() for one in list_inside(whole))]:
        if rng.random() < junk:
            spoil(rng, entry)
    if rng.random() < junk:
        nested |= {"nobody_asked": {"state": "value", "value": "1"}, rng.choice(["constructor", "to_string"]): {}}
    return nested


def list_inside(entry: dict[str, Any]) -> list[dict[str, Any]]:
    rows = entry.get("value")
    held = [row["answers"] for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [one for answers in held for one in answers.values()]


def spoil(rng: Random, entry: dict[str, Any]) -> None:
    match rng.randrange(4):
        case 0:
            entry["state"] = rng.choice(["value", "unknown", "declined", "not_applicable", "gone"])
        case 1:
            entry["reason"] = rng.choice(["", "  because  ", "x" * 2_001, "nul\x00", 7])
        case _:
            entry["value"] = rng.choice(JUNK)


def make_attachments(rng: Random, definition: Definition) -> list[dict[str, Any]]:
    made = []
    for question in definition.questions.values():
        if question.evidence is None:
            continue
        rows = ["r1", "r2"] if question.key in definition.parents else [None]
        for row in rng.choices(rows, k=rng.randint(0, 2)):
            file = {"question": question.key, "kind": rng.choice(KINDS), "state": rng.choice(STATES)}
            file |= {"row": row} if row else {}
            file |= {name: rng.choice(DAYS) for name in ("issued_on", "valid_until") if rng.random() < 0.5}
            made.append(file)
    return made
