"""Every vector of questionnaires/conformance, as another client would run it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from questionnaires import (
    advice,
    applicability,
    canonical,
    checks,
    nesting,
    reading,
    scoring,
    submission,
    trace,
)

FOLDER = Path(reading.__file__).parent / "conformance"
DAY = "2026-01-15"
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def list_cases() -> Iterator[Any]:
    for name, vectors in FILES.items():
        for case in vectors["cases"]:
            yield pytest.param(vectors, case, id=f"{name}: {case['name']}")


def name_place(key: str, row: str | None) -> str:
    return key if row is None else f"{key}[{row}]"


def read_attachment(raw: dict[str, str]) -> submission.Attachment:
    days = {name: date.fromisoformat(raw[name]) for name in ("issued_on", "valid_until") if name in raw}
    state: Any = raw.get("state", "here")
    return submission.Attachment(question=raw["question"], kind=raw["kind"], state=state, **days)


def describe_score(definition: Any, profile: Any, tier: Any, answers: Any, day: date) -> dict[str, Any]:
    result = scoring.score_answers(definition, profile, tier, answers, day)
    summary = trace.write_summary(result, profile)
    return {
        **summary,
        "pillars": {pillar["key"]: pillar["score"] for pillar in summary["pillars"]},
        "states": {pillar["key"]: pillar["state"] for pillar in summary["pillars"]},
        "lower": {lower["tier"]: lower["total"] for lower in summary["lower"]},
        "fired": [fired.rule for fired in result.fired],
        "open": [f"{rule.rule} {rule.state}" for rule in result.open_rules],
    }


def observe(vectors: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    definition = reading.definition_from_document(vectors["definition"])
    answers, refused = nesting.read_nested(definition, case["answers"])
    open_now = applicability.find_applicable(definition, case["tier"], answers)
    day = date.fromisoformat(case.get("day", DAY))
    problems = submission.check_submission(
        open_now,
        day=day,
        attachments=[read_attachment(raw) for raw in case.get("attachments", [])],
        staff=case.get("staff"),
    )
    seen: dict[str, Any] = {
        "enabled": [name_place(*item.key) for item in open_now.enabled],
        "refused": [f"{p.code} {name_place(p.question, p.row_id)}" for p in refused],
        "problems": [f"{p.code} {name_place(p.question, p.row_id)}" for p in problems],
        "values": {name_place(*key): answer.value for key, answer in answers.items()},
        "kept": sorted(name_place(*key) for key in answers),
        "submitted": sorted(name_place(*key) for key in open_now.keep_enabled()),
        "inconsistencies": [f"{i.check} {i.left} {i.right}" for i in checks.find_inconsistencies(open_now)],
    }
    if "profile" in vectors:
        profile = reading.profile_from_document(vectors["profile"], definition)
        result = scoring.score_answers(definition, profile, case["tier"], answers, day)
        seen["score"] = describe_score(definition, profile, case["tier"], answers, day)
        seen["advice"] = [
            [item.question, canonical.write_decimal(item.gain)]
            for item in advice.suggest_measures(result, definition, profile)
        ]
    return json.loads(json.dumps(seen))  # tuples become lists, as in the files


def keep_named(seen: Any, expected: Any) -> Any:
    """What was seen, cut down to the figures that the vector names."""
    if isinstance(expected, dict) and isinstance(seen, dict) and expected:
        return {key: keep_named(seen.get(key), value) for key, value in expected.items()}
    return seen


@pytest.mark.parametrize(("vectors", "case"), list(list_cases()))
def test_vector(vectors: dict[str, Any], case: dict[str, Any]) -> None:
    assert keep_named(observe(vectors, case), case["expect"]) == case["expect"]


def test_vectors_cover_the_format() -> None:
    text = json.dumps(FILES)
    cases = [case for vectors in FILES.values() for case in vectors["cases"]]
    assert len(cases) >= 60
    assert all(case["expect"] for case in cases)
    operators = ("eq", "in", "gt", "gte", "lt", "lte", "answered", "includes_any", "includes_all")
    types = ("boolean", "choice", "multi_choice", "integer", "decimal", "percent", "date", "text", "group")
    states = ("value", "not_applicable", "unknown", "declined")
    assert [op for op in operators if f'"op": "{op}"' not in text] == []
    assert [kind for kind in types if f'"type": "{kind}"' not in text] == []
    assert [state for state in states if f'"state": "{state}"' not in text] == []
