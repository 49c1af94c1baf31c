"""What no CI installs, and the only reasons for which it lets a test be skipped; any other skipped test fails there."""

import os
import shutil

import pytest

from tests import databases

LISTS = databases.ROOT.parent / "shared" / "data" / "supplier-lists"

NO_LISTS = "the real supplier lists are not beside the repository"
NOT_ROOT = "only root may mount a file system or become somebody else"
NO_SCANNER = "clamd is not installed"
NO_SYSTEMD = "systemd-analyze is not installed"
ALLOWED = frozenset({NO_LISTS, NOT_ROOT, NO_SYSTEMD})
NO_POOLER = "pgbouncer is not installed"
NO_FUZZER = "schemathesis is not installed: ./.ci/setup attackers"
NO_SQLMAP = "sqlmap is not installed: ./.ci/setup attackers"
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
SCANNER, POOLER = shutil.which("clamd", path=PLACES), shutil.which("pgbouncer", path=PLACES)
ATTACKERS = f"{databases.ROOT / '.venv/attackers/bin'}:{PLACES}"
FUZZER, SQLMAP = shutil.which("schemathesis", path=ATTACKERS), shutil.which("sqlmap", path=ATTACKERS)

needs_lists = pytest.mark.skipif(not LISTS.is_dir(), reason=NO_LISTS)
needs_scanner = pytest.mark.skipif(SCANNER is None, reason=NO_SCANNER)
needs_pooler = pytest.mark.skipif(POOLER is None, reason=NO_POOLER)
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason=NO_SYSTEMD)
needs_fuzzer = pytest.mark.skipif(FUZZER is None, reason=NO_FUZZER)
needs_sqlmap = pytest.mark.skipif(SQLMAP is None, reason=NO_SQLMAP)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason=NOT_ROOT)


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI a skipped test, or module, is a failed one: everything that a test needs is installed there."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if reason.removeprefix("Skipped: ") not in ALLOWED:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {reason}"
