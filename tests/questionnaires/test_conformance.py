"""Every vector of questionnaires/conformance with our own reader, and that together they cover the format."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest

from questionnaires import applicability, conditions, messages, nesting, reading
from questionnaires.answers import STATES
from questionnaires.compiled import CompiledProfile, CompiledVersion
from questionnaires.condition_lint import OPERATORS
from questionnaires.profile import QuestionScore
from questionnaires.result import BandReason, PillarState
from tests.questionnaires.observing import DAY, FILES, FOLDER, keep_named, name_place, observe, read_documents

SITUATIONS = ("true", "false", "absent", "disabled", "unknown", "declined", "not_applicable")
CHECK_OPERATORS = ("eq", "gt", "gte", "lt", "lte")
# Each of them is a word of the README for authors of other clients.
EXPECTED = ("enabled", "refused", "saved", "values", "kept", "nested", "submitted", "problems", "parameters")
EXPECTED += ("inconsistencies", "checks", "progress", "sections", "score", "advice", "trace")


def list_cases() -> Iterator[Any]:
    for name, vectors in FILES.items():
        for case in vectors["cases"]:
            yield pytest.param(vectors, case, id=f"{name}: {case['name']}")


@pytest.mark.parametrize(("vectors", "case"), list(list_cases()))
def test_vector(vectors: dict[str, Any], case: dict[str, Any]) -> None:
    assert keep_named(observe(vectors, case), case["expect"]) == case["expect"]


@pytest.mark.parametrize("name", FILES)
def test_the_compiled_form_passes_them(name: str) -> None:
    definition, profile = read_documents(FILES[name])
    version = CompiledVersion(definition)
    for case in FILES[name]["cases"]:
        seen = observe(FILES[name], case)
        answers, _ = nesting.read_nested(definition, case["answers"])
        asked = version.at(case["tier"]).find_applicable(answers)
        assert [name_place(*item.key) for item in asked.enabled] == seen["enabled"], case["name"]
        if profile is not None:
            day = date.fromisoformat(case.get("day", DAY))
            _, written = CompiledProfile(version, profile).score_and_trace(case["tier"], answers, day)
            assert json.loads(json.dumps(written)) == seen["trace"], case["name"]


def list_clauses(vectors: dict[str, Any], case: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Operator, type and situation of what each clause of enable_when looks at, in a case that says what is asked."""
    definition = reading.load_definition(vectors["definition"])
    answers, _ = nesting.read_nested(definition, case["answers"])
    asked = applicability.find_applicable(definition, case["tier"], answers)
    for item in asked.items:
        for clause in item.question.enable_when.clauses if item.question.enable_when else ():
            key = (clause.q, item.row_id if clause.q in definition.parents else None)
            answer, kind = answers.get(key), definition.questions[clause.q].type
            if answer is None or key not in asked.enabled_keys:
                yield clause.op, kind, "absent" if answer is None else "disabled"
            elif answer.state != "value":
                yield clause.op, kind, answer.state
            else:
                yield clause.op, kind, str(conditions.clause_holds(definition, clause, answer.value)).lower()


def list_all() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(vectors, case) for vectors in FILES.values() for case in vectors["cases"]]


def test_every_operator_meets_every_situation_and_every_type() -> None:
    seen = {one for vectors, case in list_all() if "enabled" in case["expect"] for one in list_clauses(vectors, case)}
    operators = {operator for fitting in OPERATORS.values() for operator in fitting}
    wanted = {(operator, situation) for operator in operators for situation in SITUATIONS} - {("answered", "false")}
    assert wanted - {(operator, situation) for operator, _, situation in seen} == set()
    typed = {(op, kind, side) for kind, fitting in OPERATORS.items() for op in fitting for side in ("true", "false")}
    typed = {one for one in typed if (one[0], one[2]) != ("answered", "false")}
    assert typed - seen == set()


def test_every_type_is_saved_and_submitted_in_every_state() -> None:
    seen = set()
    for vectors, case in list_all():
        if "problems" in case["expect"]:
            definition = reading.load_definition(vectors["definition"])
            answers, _ = nesting.read_nested(definition, case["answers"])
            seen |= {(definition.questions[key].type, answer.state) for (key, _), answer in answers.items()}
    assert {(kind, state) for kind in OPERATORS for state in STATES} - seen == set()


def test_every_problem_is_met() -> None:
    met = {
        str(problem).split()[0]
        for _, case in list_all()
        for part in ("saved", "refused", "problems")
        for problem in case["expect"].get(part, [])
    }
    # What a server alone can judge: who is a member, what day it is where the firm is, and what a head office has set.
    of_servers = {f"plan_{one}" for one in ("date", "extended", "owner", "empty", "too_long", "not_expected")}
    of_servers |= {"answer_waits", "evidence_not_asked"}
    assert set(messages.read_texts("en")) - met - of_servers == set()


def list_checks() -> Iterator[tuple[dict[str, Any], bool]]:
    """Each check in each case that tells of checks, and whether it is broken there."""
    for vectors, case in list_all():
        if "inconsistencies" in case["expect"]:
            broken = {one.split(" ")[0] for one in case["expect"]["inconsistencies"]}
            yield from ((check, check["key"] in broken) for check in vectors["definition"].get("checks", []))


def test_every_kind_of_check_holds_and_is_broken() -> None:
    seen: set[tuple[str, bool]] = set()
    for check, is_broken in list_checks():
        rule = check.get("rule", {})
        sides = [name for name in rule if name != "op"] + ([] if "jump" not in rule else sorted(rule["jump"]))
        parts = [rule.get("op", ""), check["severity"], *sides, *(name for name in ("when", "unless") if name in check)]
        seen |= {(part, is_broken) for part in parts if part}
    wanted = (*CHECK_OPERATORS, "sum", "sum_rows", "value", "than", "than_value", "jump", "factor", "amount")
    wanted += ("when", "unless", "warning", "error")
    assert {(one, is_broken) for one in wanted for is_broken in (True, False)} - seen == set()


def list_scores(name: str) -> set[str]:
    """What the expected scores say under this name."""
    found = (case["expect"].get("score", {}).get(name) for _, case in list_all())
    return {str(one) for part in found for one in (part.values() if isinstance(part, dict) else [part])}


def test_every_outcome_of_a_score_is_met() -> None:
    assert set(get_args(BandReason)) - list_scores("band_reason") == set()
    assert set(get_args(PillarState)) - list_scores("states") == set()
    assert {"a", "b", "c", "d", "None"} <= list_scores("band")
    opened = {one.split()[1] for _, case in list_all() for one in case["expect"].get("score", {}).get("open", [])}
    assert opened == {"unknown", "declined", "unanswered"}
    ways = {
        way
        for vectors in FILES.values()
        for score in vectors.get("profile", {}).get("questions", {}).values()
        for way in score
    }
    assert ways == {field.name for field in dataclasses.fields(QuestionScore)}
    shapes = {part for vectors in FILES.values() for part in vectors.get("profile", {})}
    assert {"levels", "capped_sum", "sections", "critical"} <= shapes
    tiers = {tier for _, case in list_all() for tier in case["expect"].get("score", {}).get("lower", {})}
    assert tiers == {"micro", "basic", "standard"}


def test_every_case_says_why_and_differs_from_the_others() -> None:
    cases = list_all()
    assert len(cases) >= 450
    assert [case["name"] for _, case in cases if not case["why"] or not case["expect"]] == []
    for name, vectors in FILES.items():
        names = [case["name"] for case in vectors["cases"]]
        tried = [
            {part: case[part] for part in case if part not in ("name", "why", "expect")} for case in vectors["cases"]
        ]
        assert len(set(names)) == len(names), name
        assert [one for i, one in enumerate(tried) if one in tried[:i]] == [], name


def test_the_readme_explains_whatever_a_vector_expects() -> None:
    expected = {part for _, case in list_all() for part in case["expect"]}
    assert expected == set(EXPECTED)
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [part for part in EXPECTED if f"| `{part}` |" not in text] == []
    parts = {part for _, case in list_all() for part in case} - {"expect"}
    assert [part for part in sorted(parts) if f"`{part}`" not in text] == []
