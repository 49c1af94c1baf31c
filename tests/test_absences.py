"""A test may be skipped in CI for a named reason only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import absences, databases

HOOKS = "from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport\n"
TESTS = """
import pytest
from tests import absences

@pytest.mark.skipif(True, reason=absences.NO_LISTS)
def test_of_real_lists(): pass

@pytest.mark.skipif(True, reason=absences.NOT_ROOT)
def test_of_root(): pass

def test_that_skips_itself_as_root(): pytest.skip(absences.NOT_ROOT)

@pytest.mark.skipif(True, reason="pgbouncer is not installed")
def test_of_a_pooler(): pass

def test_of_node(): pytest.skip("Node.js is not installed")

@pytest.mark.xfail(reason="known")
def test_that_fails_as_known(): assert False
"""
MODULE = "import pytest\npytest.skip('Chromium is not installed', allow_module_level=True)\n"


def run(folder: Path, **environment: str) -> dict[str, int]:
    """The outcomes of the tests above, by kind."""
    (folder / "conftest.py").write_text(HOOKS)
    (folder / "test_tests.py").write_text(TESTS)
    (folder / "test_module.py").write_text(MODULE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rA", "--continue-on-collection-errors"]
    known = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    known |= {"PYTHONPATH": str(databases.ROOT)} | environment
    done = subprocess.run([*command, folder], cwd=folder, env=known, capture_output=True, text=True, check=False)
    words = done.stdout.strip().splitlines()[-1].replace("errors", "error").split(" in ")[0]
    return {kind: int(count) for count, kind in (one.split() for one in words.split(", "))}


@pytest.mark.slow
def test_ci_allows_the_named_reasons_alone(tmp_path: Path) -> None:
    assert run(tmp_path, CI="true") == {"skipped": 3, "failed": 1, "error": 2, "xfailed": 1}


@pytest.mark.slow
def test_elsewhere_anything_may_be_skipped(tmp_path: Path) -> None:
    assert run(tmp_path) == {"skipped": 6, "xfailed": 1}


@pytest.mark.parametrize(
    ("ci", "reason", "outcome"),
    [
        ("true", absences.NO_LISTS, "skipped"),
        ("true", absences.NOT_ROOT, "skipped"),
        ("true", "pgbouncer is not installed", "failed"),
        ("", "pgbouncer is not installed", "skipped"),
    ],
)
def test_a_skip_in_ci(monkeypatch: pytest.MonkeyPatch, ci: str, reason: str, outcome: str) -> None:
    monkeypatch.setenv("CI", ci)
    place = ("test_x.py", 1, "test_x")
    report = pytest.TestReport("test_x", place, {}, "skipped", ("test_x.py", 1, f"Skipped: {reason}"), "setup")
    absences.forbid_skip(report)
    assert report.outcome == outcome
    assert reason in str(report.longrepr)


@pytest.mark.parametrize("missing", ["Node", "npm", "Chromium", "ClamAV", "pgbouncer"])
def test_what_ci_installs_is_no_allowed_reason(missing: str) -> None:
    assert not any(missing.lower() in reason.lower() for reason in absences.ALLOWED)


def test_every_reason_in_use_is_named_there_or_fails_in_ci() -> None:
    """Marks that skip stand in one place."""
    marked = {
        str(path.relative_to(databases.ROOT))
        for path in (databases.ROOT / "tests").rglob("*.py")
        if "mark.skip" in path.read_text(encoding="utf-8")
    }
    assert marked == {"tests/absences.py", "tests/test_absences.py"}
