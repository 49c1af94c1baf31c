"""An independent script, which imports nothing of ours, comes to the same figures from what a supplier exports."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from questionnaires import catalogue, document, nesting, reading, scoring, trace
from questionnaires.answers import Answers
from questionnaires.definition import Definition, Tier
from questionnaires.profile import Profile
from tests.questionnaires import generation, recompute

SCRIPT = Path(recompute.__file__)
RESPONSES = 2_000
DAY = date(2026, 1, 15)
PACKAGED = catalogue.list_packaged()


def write_documents(definition: Definition, profile: Profile) -> dict[str, Any]:
    documents = {"definition": document.write_document(definition), "profile": document.write_document(profile)}
    return json.loads(json.dumps(documents))


def write_response(definition: Definition, tier: Tier, answers: Answers) -> dict[str, Any]:
    return json.loads(json.dumps({"tier": tier, "answers": nesting.write_nested(definition, answers)}))


def state_result(definition: Definition, profile: Profile, tier: Tier, answers: Answers) -> dict[str, Any]:
    summary = trace.write_summary(scoring.score_answers(definition, profile, tier, answers, DAY), profile)
    figures = {pillar["key"]: pillar["score"] for pillar in summary["pillars"]}
    figures |= {"total": summary["total"], "coverage": summary["coverage"]}
    return {key: figure and f"{Decimal(figure):.2f}" for key, figure in figures.items()} | {"band": summary["band"]}


def compare(definition: Definition, profile: Profile, responses: int, seed: int) -> set[str | None]:
    """The bands that came up in so many random responses, each recomputed to the same figures."""
    documents, rng, bands = write_documents(definition, profile), Random(seed), set()
    for _ in range(responses):
        tier = rng.choice(definition.tier_keys)
        answers = generation.make_answers(rng, definition)
        expected = state_result(definition, profile, tier, answers)
        assert recompute.recompute(**documents, **write_response(definition, tier, answers)) == expected
        bands.add(expected["band"])
    return bands


def read_generated(seed: int) -> tuple[Definition, Profile]:
    raw_definition, raw_profile = generation.make_documents(Random(seed))
    definition = reading.definition_from_document(raw_definition)
    return definition, reading.profile_from_document(raw_profile, definition)


@pytest.mark.parametrize("packaged", PACKAGED, ids=lambda p: f"{p.definition.key} {p.definition.version}")
def test_same_figures_on_packaged_questionnaires(packaged: catalogue.Packaged) -> None:
    share = RESPONSES // 2 // len(PACKAGED)
    for profile in packaged.profiles:
        assert len(compare(packaged.definition, profile, share, seed=1)) > 1


def test_same_figures_on_generated_questionnaires() -> None:
    seen = [compare(*read_generated(seed), 5, seed) for seed in range(RESPONSES // 10)]
    assert set().union(*seen) == {None, "a", "b", "c", "d"}


@pytest.mark.soak(part="recompute")
def test_same_figures_on_many_responses(record_property: Callable[[str, object], None]) -> None:
    each = 5_000 // sum(len(packaged.profiles) for packaged in PACKAGED)
    for packaged in PACKAGED:
        for profile in packaged.profiles:
            assert len(compare(packaged.definition, profile, each, seed=2)) > 1
    for seed in range(1_000, 2_000):
        compare(*read_generated(seed), 5, seed)
    record_property("figures", "10,000 random responses, half of them of made-up questionnaires; 0 figures differ")


def test_script_runs_alone() -> None:
    definition, profile = read_generated(7)
    tier, answers = definition.tier_keys[-1], generation.make_answers(Random(7), definition)
    exported = json.dumps(write_documents(definition, profile) | write_response(definition, tier, answers))
    command = [sys.executable, "-I", str(SCRIPT)]
    done = subprocess.run(command, input=exported, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == state_result(definition, profile, tier, answers)


def test_script_is_short_and_imports_nothing_of_ours() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    imported = {
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= {"json", "sys", "fractions"}
    assert len(source.splitlines()) <= 80
