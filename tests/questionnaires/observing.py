"""What our reader sees of a vector of questionnaires/conformance, as plain JSON that another reader can be held to."""

import functools
import json
from datetime import date
from pathlib import Path
from typing import Any

from questionnaires import (
    advice,
    answers,
    applicability,
    canonical,
    checks,
    nesting,
    progress,
    reading,
    scoring,
    submission,
    trace,
)
from questionnaires.answers import Problem
from questionnaires.definition import Definition
from questionnaires.profile import Profile

FOLDER = Path(reading.__file__).parent / "conformance"
DAY = "2026-01-15"
FILES: dict[str, Any] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))
}


def describe_saved(definition: Definition, sent: dict[str, Any]) -> str | dict[str, Any]:
    """What is kept of a single answer, or the code and the place of the problem."""
    row, value = sent.get("row"), sent.get("value")
    others = {name: sent.get(name) for name in ("reason", "unit")}
    kept = answers.check_saved(definition, sent["question"], row_id=row, state=sent["state"], value=value, **others)
    if isinstance(kept, Problem):
        return name_problem(kept)
    return {"value": kept.value} | ({"reason": kept.reason} if kept.reason else {})


def name_problem(problem: Problem) -> str:
    return f"{problem.code} {name_place(problem.question, problem.row_id)}"


def name_place(key: str, row: str | None) -> str:
    return key if row is None else f"{key}[{row}]"


def read_attachment(raw: dict[str, str]) -> submission.Attachment:
    days = {name: date.fromisoformat(raw[name]) for name in ("issued_on", "valid_until") if name in raw}
    state: Any = raw.get("state", "here")
    return submission.Attachment(question=raw["question"], row_id=raw.get("row"), kind=raw["kind"], state=state, **days)


def read_documents(vectors: dict[str, Any]) -> tuple[Definition, Profile | None]:
    """Definition and profile of a file, strictly read; once for all of its cases."""
    return _read_documents(json.dumps(vectors["definition"]), json.dumps(vectors.get("profile")))


@functools.lru_cache(maxsize=64)
def _read_documents(raw: str, raw_profile: str) -> tuple[Definition, Profile | None]:
    definition = reading.definition_from_document(json.loads(raw))
    document = json.loads(raw_profile)
    return definition, None if document is None else reading.profile_from_document(document, definition)


def describe_score(definition: Definition, profile: Profile, tier: Any, kept: Any, day: date) -> dict[str, Any]:
    result = scoring.score_answers(definition, profile, tier, kept, day)
    written = trace.write_trace(result, definition, profile)
    summary = written["summary"]
    score = {
        **summary,
        "pillars": {pillar["key"]: pillar["score"] for pillar in summary["pillars"]},
        "states": {pillar["key"]: pillar["state"] for pillar in summary["pillars"]},
        "lower": {lower["tier"]: lower["total"] for lower in summary["lower"]},
        "fired": [fired.rule for fired in result.fired],
        "open": [f"{rule.rule} {rule.state}" for rule in result.open_rules],
    }
    suggested = advice.suggest_measures(result, definition, profile)
    gains = [[item.question, canonical.write_decimal(item.gain)] for item in suggested]
    return {"score": score, "trace": written, "advice": gains}


def describe_progress(measured: progress.Progress) -> dict[str, Any]:
    return {
        "asked": measured.asked,
        "answered": measured.answered,
        "required": measured.required,
        "missing": [name_place(*key) for key in measured.missing],
        "minutes": canonical.write_decimal(measured.minutes),
        "minutes_left": canonical.write_decimal(measured.minutes_left),
    }


def describe_checks(found: list[checks.Inconsistency]) -> list[dict[str, Any]]:
    names = ("check", "severity", "questions", "is_against_last_year")
    return [{name: getattr(one, name) for name in names} for one in found]


def observe(vectors: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    definition, profile = read_documents(vectors)
    kept, refused = nesting.read_nested(definition, case["answers"])
    earlier = nesting.read_nested(definition, case["earlier"])[0] if "earlier" in case else None
    open_now = applicability.find_applicable(definition, case["tier"], kept)
    day = date.fromisoformat(case.get("day", DAY))
    attachments = [read_attachment(raw) for raw in case.get("attachments", [])]
    unconfirmed = [(one["question"], one.get("row")) for one in case.get("unconfirmed", [])]
    early = submission.check_period(date.fromisoformat(case.get("period_start", day.isoformat())), day)
    problems = ([] if early is None else [early]) + submission.check_submission(
        open_now, day=day, attachments=attachments, staff=case.get("staff"), unconfirmed=unconfirmed
    )
    found = checks.find_inconsistencies(open_now, earlier)
    sections = progress.measure_sections(open_now)
    seen: dict[str, Any] = {
        "enabled": [name_place(*item.key) for item in open_now.enabled],
        "saved": [describe_saved(definition, sent) for sent in case.get("saves", [])],
        "refused": [name_problem(problem) for problem in refused],
        "problems": [name_problem(problem) for problem in problems],
        "parameters": [dict(p.parameters) for p in (*refused, *problems)],
        "values": {name_place(*key): answer.value for key, answer in kept.items()},
        "kept": sorted(name_place(*key) for key in kept),
        "nested": nesting.write_nested(definition, kept),
        "submitted": sorted(name_place(*key) for key in open_now.keep_enabled()),
        "inconsistencies": [f"{i.check} {i.left} {i.right}" for i in found],
        "checks": describe_checks(found),
        "progress": describe_progress(progress.measure_progress(open_now)),
        "sections": {key: describe_progress(one) for key, one in sections.items()},
    }
    if profile is not None:
        seen |= describe_score(definition, profile, case["tier"], kept, day)
    return dict(json.loads(json.dumps(seen)))  # tuples become lists, as in the files


def keep_named(seen: Any, expected: Any) -> Any:
    """What was seen, cut down to the figures that the vector names."""
    if isinstance(expected, dict) and isinstance(seen, dict) and expected:
        return {key: keep_named(seen.get(key), value) for key, value in expected.items()}
    return seen
