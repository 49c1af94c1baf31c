"""The script that anyone may recompute a score with: short, alone, and right on made-up responses of every kind.

What a supplier exports is piped into it in tests/graphql_schema/assessments/test_recomputation.py; thousands of exports
are compared in tests/portal/assessments/test_recomputation.py.
"""

import ast
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from questionnaires import catalogue, document, nesting, reading, scoring, trace
from questionnaires.answers import Answers
from questionnaires.definition import Definition, Tier
from questionnaires.profile import Profile
from tests.questionnaires import generation, perfect, recompute

pytestmark = pytest.mark.slow

SCRIPT = Path(recompute.__file__)
RESPONSES = 500
DAY = date(2026, 1, 15)
PACKAGED = catalogue.list_packaged()


def write_export(definition: Definition, profile: Profile, tier: Tier, answers: Answers) -> dict[str, Any]:
    """What the portal would export, as the JSON that it is."""
    result = scoring.score_answers(definition, profile, tier, answers, DAY)
    exported = {
        "definition": document.write_document(definition),
        "profile": document.write_document(profile),
        "tier": tier,
        "answers": nesting.write_nested(definition, answers),
        "trace": trace.write_trace(result, definition, profile),
    }
    return json.loads(json.dumps(exported))


def read_figures(exported: dict[str, Any]) -> dict[str, str | None]:
    summary = exported["trace"]["summary"]
    figures = {pillar["key"]: pillar["score"] for pillar in summary["pillars"]}
    return figures | {key: summary[key] for key in ("total", "coverage", "band")}


def compare(definition: Definition, profile: Profile, responses: int, seed: int) -> set[str | None]:
    """The bands that came up in so many random responses, each recomputed to the same figures."""
    rng, bands = Random(seed), set()
    for _ in range(responses):
        answers = generation.make_answers(rng, definition)
        exported = write_export(definition, profile, rng.choice(definition.tier_keys), answers)
        assert recompute.recompute(exported) == read_figures(exported)
        bands.add(exported["trace"]["summary"]["band"])
    return bands


def read_generated(seed: int) -> tuple[Definition, Profile]:
    raw_definition, raw_profile = generation.make_documents(Random(seed))
    definition = reading.definition_from_document(raw_definition)
    return definition, reading.profile_from_document(raw_profile, definition)


@pytest.mark.parametrize("packaged", PACKAGED, ids=lambda p: f"{p.definition.key} {p.definition.version}")
def test_same_figures_on_packaged_questionnaires(packaged: catalogue.Packaged) -> None:
    share = RESPONSES // 4 // len(PACKAGED)
    for profile in packaged.profiles:
        compare(packaged.definition, profile, share, seed=1)


@pytest.mark.parametrize(("exits", "band"), [("checked_daily", "a"), ("blocked_at_times", "c"), ("locked", "d")])
def test_same_figures_and_band_where_all_is_answered(shipped: catalogue.Packaged, exits: str, band: str) -> None:
    definition, profile = shipped.definition, shipped.profiles[-1]
    given = {**perfect.answer_best(shipped), "exits_during_work": exits}
    for tier in definition.tier_keys:
        exported = write_export(definition, profile, tier, perfect.index_given(shipped, tier, given))
        assert recompute.recompute(exported) == read_figures(exported)
        assert exported["trace"]["summary"]["band"] == band


def test_same_figures_on_generated_questionnaires() -> None:
    seen = [compare(*read_generated(seed), 5, seed) for seed in range(RESPONSES // 10)]
    assert set().union(*seen) == {None, "a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("touched", "code", "sentence"),
    [({}, 0, "The export states the same."), ({"total": "99.99"}, 1, "The export states other figures: total 99.99.")],
)
def test_script_runs_alone_and_tells(touched: dict[str, str], code: int, sentence: str) -> None:
    definition, profile = read_generated(7)
    exported = write_export(
        definition, profile, definition.tier_keys[-1], generation.make_answers(Random(7), definition)
    )
    expected = [f"{key}: {figure}" for key, figure in read_figures(exported).items()]
    exported["trace"]["summary"] |= touched
    command = [sys.executable, "-I", str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(exported), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines() + done.stderr.splitlines()) == (code, [*expected, sentence])


def test_script_is_short_and_imports_nothing_of_ours() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    imported = {
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= {"collections", "datetime", "fractions", "json", "sys"}
    assert len(source.splitlines()) <= 120
