"""The bench itself, run for an instant: both sides answer alike and leave the same rows, and no figure is looked at."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import processes, reads


@pytest.mark.slow
def test_all_cases_run_and_both_sides_do_the_same(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ["--suppliers", "130", "--duration", "0.2", "--json", str(figures)]
    command = [sys.executable, "-m", "tests.bench", *options]
    done = subprocess.run(command, cwd=processes.ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal answers" in done.stdout
    cases = json.loads(figures.read_text())["cases"]
    assert [one["case"] for one in cases] == [
        "save one answer",
        "submit",
        "supplier list of 50",
        "profile",
        "benchmark cell",
    ]
    assert all(one[side]["requests"] > 0 for one in cases for side in ("portal", "handwritten"))


def test_a_difference_is_named_by_its_place() -> None:
    assert reads.find_difference({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, "answer") is None
    found = reads.find_difference({"a": [1, {"b": None}]}, {"a": [1, {"b": 0}]}, "answer")
    assert found == "answer.a[1].b: portal None; hand-written 0"
