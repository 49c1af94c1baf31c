"""Random questionnaires, scoring profiles and responses from a seeded random.Random; every document made is valid."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.canonical import write_decimal
from questionnaires.condition_lint import OPERATORS
from questionnaires.definition import TIERS, Definition, Question

OPTIONS = [{"key": key, "title": key.title()} for key in ("yes", "partly", "no")]
MANY = [{"key": key, "title": key.title()} for key in ("paper", "metal", "glass")]
SCORABLE = ("boolean", "choice", "multi_choice", "integer", "decimal", "percent")
VALUES = {
    "boolean": [True, False],
    "choice": ["yes", "partly", "no"],
    "date": ["2024-02-29", "2025-06-30", "2026-01-01"],
}


def make_documents(rng: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A questionnaire and a profile for it, as published documents."""
    tiers = list(TIERS[: rng.randint(1, 4)])
    pillars = [f"pillar_{i}" for i in range(rng.randint(1, 3))]
    made: list[dict[str, Any]] = []
    sections = [make_section(rng, i, rng.choice([*pillars, None]), tiers, made) for i in range(rng.randint(1, 5))]
    header = {"key": "made-up", "publisher": "portal", "version": "1.0.0", "locale": "en", "purpose": "pulse"}
    definition = {
        "format": "questionnaire/1",
        "questionnaire": {**header, "title": "Made up", "description": "For tests."},
        "tiers": [{"key": tier, "title": tier.title()} for tier in tiers],
        "pillars": [{"key": pillar, "title": pillar} for pillar in pillars],
        "sections": sections,
    }
    return definition, make_profile(rng, definition)


def make_section(rng: Random, number: int, pillar: str | None, tiers: list[str], made: list[Any]) -> dict[str, Any]:
    questions = []
    for _ in range(rng.randint(1, 5)):
        question = make_question(rng, f"q_{len(made)}", pillar, tiers, made)
        made.append(question)
        if question["type"] == "group":
            inside: list[Any] = []
            above = tiers[tiers.index(question["tier"]) :]
            for i in range(rng.randint(1, 3)):
                child = make_question(rng, f"{question['key']}_{i}", pillar, above, [*made, *inside], nested=True)
                inside.append(child)
            question["questions"] = inside
        questions.append(question)
    section = {"key": f"section_{number}", "title": "Section", "questions": questions}
    return section if pillar is None else {**section, "pillar": pillar}


def make_question(
    rng: Random, key: str, pillar: str | None, tiers: list[str], earlier: list[Any], *, nested: bool = False
) -> dict[str, Any]:
    kind = "measure" if pillar and rng.random() < 0.75 else "fact"
    types = SCORABLE if kind == "measure" else (*SCORABLE, "date", "text", *(() if nested else ("group", "group")))
    question: dict[str, Any] = {"key": key, "type": rng.choice(types), "tier": rng.choice(tiers), "kind": kind}
    question |= {"title": key, "why": "To test."}
    question |= {"action": f"Improve {key}."} if kind == "measure" else {}
    question |= {"unit": "unit"} if question["type"] in ("integer", "decimal") else {}
    question |= {"options": OPTIONS} if question["type"] == "choice" else {}
    question |= {"options": MANY} if question["type"] == "multi_choice" else {}
    question |= {"repeat": {"min": rng.randint(0, 1), "max": 5}} if question["type"] == "group" else {}
    question |= {"required": True} if rng.random() < 0.5 else {}
    question |= {"not_applicable": {"allowed": True}} if rng.random() < 0.5 else {}
    question |= {"request_limit": {"up_to_10": "voluntary", "up_to_1000": "voluntary"}} if rng.random() < 0.4 else {}
    reachable = [e for e in earlier if e["type"] != "group" and TIERS.index(e["tier"]) <= TIERS.index(question["tier"])]
    if reachable and rng.random() < 0.4:
        clauses = [make_clause(rng, rng.choice(reachable)) for _ in range(rng.randint(1, 2))]
        question["enable_when"] = {rng.choice(["all", "any"]): clauses}
    return question


def make_clause(rng: Random, asked: dict[str, Any]) -> dict[str, Any]:
    op = rng.choice(sorted(OPERATORS[asked["type"]]))
    if op == "answered":
        return {"q": asked["key"], "op": op}
    if op in ("in", "includes_any", "includes_all"):
        value = sorted({str(make_value(rng, asked, single=True)) for _ in range(2)})
    else:
        value = make_value(rng, asked, single=True)
    return {"q": asked["key"], "op": op, "value": value}


def make_value(rng: Random, question: dict[str, Any], *, single: bool = False) -> Any:
    """A canonical value; `single` gives one option of a multi_choice."""
    kind = question["type"]
    if kind in VALUES:
        return rng.choice(VALUES[kind])
    if kind == "multi_choice":
        keys = [option["key"] for option in question["options"]]
        return rng.choice(keys) if single else [key for key in keys if rng.random() < 0.5] or keys[:1]
    if kind == "integer":
        return str(rng.randint(-2, 12))
    return (
        rng.choice(["0", "0.5", "3.25", "7", "12.75", "99.99"]) if kind != "text" else rng.choice(["abc", "déf", "水"])
    )


def make_profile(rng: Random, definition: dict[str, Any]) -> dict[str, Any]:
    asked = [(s, q) for s in definition["sections"] for g in s["questions"] for q in [g, *g.get("questions", [])]]
    measures = [(section, question) for section, question in asked if question["kind"] == "measure"]
    weighted = {pillar["key"] for pillar in definition["pillars"] if rng.random() < 0.4}
    sections = {s["key"]: str(rng.randint(1, 9)) for s, _ in measures if s.get("pillar") in weighted}
    critical = [q for _, q in measures if rng.random() < 0.15]
    return {
        "format": "scoring-profile/1",
        "profile": {"questionnaire": "made-up", "version": "1.0.0", "number": 1},
        "validity_days": 365,
        "max_na_share": str(rng.choice([0, 25, 40, 100])),
        "pillars": {pillar["key"]: rng.choice(["1", "2.5", "30"]) for pillar in definition["pillars"]},
        **({"sections": sections} if sections else {}),
        "questions": {question["key"]: make_way(rng, question) for _, question in measures},
        "bands": [
            {"key": "d", "title": "D", "min": "0"},
            {"key": "c", "title": "C", "min": "33.33"},
            {"key": "b", "title": "B", "min": "50", "requires_coverage": "50"},
            {"key": "a", "title": "A", "min": "75", "requires_coverage": "90"},
        ],
        **({"critical": [make_rule(rng, i, q) for i, q in enumerate(critical)]} if critical else {}),
    }


def make_way(rng: Random, question: dict[str, Any]) -> dict[str, Any]:
    def pick() -> str:
        return rng.choice(["0", "12.5", "50", "66.6", "100"])

    weight = {"weight": rng.choice(["0.5", "1", "3", "7"])}

    def pick_all(keys: Iterable[str]) -> dict[str, str]:
        picked = {key: pick() for key in keys}
        return picked if set(picked.values()) != {"0"} else picked | dict.fromkeys(list(picked)[:1], "66.6")

    if question["type"] == "boolean":
        return {**weight, "points": pick_all(["true", "false"])}
    if question["type"] in ("choice", "multi_choice"):
        way = "points" if question["type"] == "choice" else "sum"
        return {**weight, way: pick_all(option["key"] for option in question["options"])}
    if rng.random() < 0.5:
        return {**weight, "ramp": rng.choice([{"from": "0", "to": "7"}, {"from": "11", "to": "-1.5"}])}
    bands = pick_all(["0", "3.25", "8"])
    return {**weight, "bands": [{"from": start, "points": points} for start, points in bands.items()]}


def make_rule(rng: Random, number: int, question: dict[str, Any]) -> dict[str, Any]:
    rule = {"key": f"rule_{number}", "question": question["key"], "cap_band": rng.choice("dcb")}
    rule |= {"title": "Rule", "explanation": "Because."}
    if question["type"] == "boolean":
        return {**rule, "options": [rng.choice(["true", "false"])]}
    if "options" in question:
        return {**rule, "options": [rng.choice([option["key"] for option in question["options"]])]}
    return {**rule, "op": rng.choice(["eq", "gt", "lt", "gte", "lte"]), "value": "3.25"}


def make_shaped(rng: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A questionnaire with dates to fade by, and a profile with some of what shapes a score."""
    definition, profile = make_documents(rng)
    for number, section in enumerate(definition["sections"]):
        dated = {"key": f"when_{number}", "type": "date", "tier": definition["tiers"][0]["key"], "kind": "fact"}
        section["questions"].insert(0, {**dated, "title": "When?", "why": "To test."})
    return definition, shape_profile(rng, definition, profile)


def shape_profile(rng: Random, definition: dict[str, Any], profile: dict[str, Any]) -> dict[str, Any]:
    """The profile with some of what shapes a score: levels or a capped sum, points that fade, floors of pillars."""
    shaped = {**profile, "questions": {key: dict(way) for key, way in profile["questions"].items()}}
    _fade_some(rng, definition, shaped["questions"])
    kind = rng.choice(["levels", "sum", "lower", "floors", "levels"])
    if kind == "levels" and shaped["questions"]:
        _divide(rng, shaped)
    if kind in ("sum", "lower"):
        _add_up(rng, shaped, kind)
    if kind != "lower":
        pillars = [key for key in profile["pillars"] if rng.random() < 0.6]
        top = Decimal(shaped.get("capped_sum", {}).get("cap", "100"))
        floors = {key: write_decimal(top * rng.choice([1, 3, 5]) / 10) for key in pillars}
        shaped["bands"] = [
            {**band, **({"floors": floors} if at > 1 and floors else {})} for at, band in enumerate(shaped["bands"])
        ]
    return shaped


def _fade_some(rng: Random, definition: dict[str, Any], ways: dict[str, Any]) -> None:
    for section in definition["sections"]:
        for group in section["questions"]:
            inside = group.get("questions", [])
            for question in (group, *inside):
                around = section["questions"] if question is group else [*section["questions"], *inside]
                dates = [q["key"] for q in around if q["type"] == "date" and _reaches(question, q)]
                if question["key"] in ways and dates and rng.random() < 0.7:
                    decay = {"date": rng.choice(dates), "days": rng.choice([1, 200, 365, 1000])}
                    to = rng.choice(["0", "33.3", "100"])
                    ways[question["key"]]["decay"] = decay | ({} if to == "0" else {"to": to})


def _reaches(question: dict[str, Any], dated: dict[str, Any]) -> bool:
    return TIERS.index(dated["tier"]) <= TIERS.index(question["tier"])


def _divide(rng: Random, shaped: dict[str, Any]) -> None:
    """Levels in order, each named by a question; what a level requires is what every question can earn."""
    keys = ["low", "middle", "high"][: rng.randint(1, min(3, len(shaped["questions"])))]
    order = [*keys, *(rng.choice(keys) for _ in range(len(shaped["questions"]) - len(keys)))]
    rng.shuffle(order)
    for way, level in zip(shaped["questions"].values(), order, strict=True):
        way["level"] = level
    requires = [{}, *({"requires": rng.choice(["5", "12.5"])} for _ in keys[1:])]
    shaped["levels"] = [
        {"key": key, "weight": rng.choice(["25", "50", "0.3"]), **needs}
        for key, needs in zip(keys, requires, strict=True)
    ]


def _add_up(rng: Random, shaped: dict[str, Any], kind: str) -> None:
    cap = rng.choice(["10", "99.5", "3.5"])
    shaped["capped_sum"] = {"cap": cap} | ({"better": "lower"} if kind == "lower" else {})
    shaped.pop("sections", None)
    for way in shaped["questions"].values():
        way["weight"] = rng.choice(["0.01", "0.1", "1"])
    share = Decimal(cap) / 100
    shaped["bands"] = [{**band, "min": write_decimal(Decimal(band["min"]) * share)} for band in shaped["bands"]]
    if kind == "lower":
        shaped.pop("critical", None)
        for band in shaped["bands"]:
            band.pop("requires_coverage", None)


def make_answers(rng: Random, definition: Definition) -> Answers:
    """A response in any state of completion, answers to disabled questions included."""
    thorough = rng.choice([0.3, 0.8, 1.0])
    answers: list[Answer] = []
    for question in (q for section in definition.sections for q in section.questions):
        if question.type == "group" and rng.random() < 0.7:
            for row in rng.sample(["r1", "r2", "r3"], rng.randint(0, 3)):
                answers.append(Answer(question=question.key, row_id=row, state="value", value=True))
                answers += [make_answer(rng, definition, q, row) for q in question.questions if rng.random() < thorough]
        elif rng.random() < thorough:
            answers.append(make_answer(rng, definition, question, None))
    return index_answers(answers)


def make_answer(rng: Random, definition: Definition, question: Question, row: str | None) -> Answer:
    states: list[Any] = ["value"] * 6 + ["unknown"]
    states += ["not_applicable"] if question.allows_not_applicable else []
    states += ["declined"] if question.request_limit else []
    state = rng.choice(states)
    if state != "value":
        return Answer(question=question.key, row_id=row, state=state, reason="because" * (state == "not_applicable"))
    options = [{"key": option.key} for option in definition.options(question)]
    if question.type == "group":
        value: Any = ()
    elif question.type == "choice":
        value = rng.choice(options)["key"]
    else:
        value = make_value(rng, {"type": question.type, "options": options})
    return Answer(
        question=question.key, row_id=row, state="value", value=tuple(value) if isinstance(value, list) else value
    )
