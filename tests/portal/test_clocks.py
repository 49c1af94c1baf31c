"""Whose clock decides: the database's, for whatever ends or is due; a process's own only where it is named here."""

import re
from pathlib import Path

from tests.databases import ROOT

CLOCKS = re.compile(r"\btime\.time(?:_ns)?\(|\bdatetime\.now\(|\bdate\.today\(|\butcnow\(|\bgmtime\(|= time\.time\b")
# Each place that asks the clock of its own process, and why nothing is lost or ends wrongly where that clock is wrong.
OWN = {
    "portal/backups/restoring.py": "the time in a note of a restoration, for people",
    "portal/backups/taking.py": "the time in a manifest, for people",
    "portal/commands/doctoring/databases.py": "compares both clocks",
    "portal/commands/doctoring/work.py": "reminds of a check that was long ago",
    "portal/commands/scoring.py": "the day of a trial that is kept nowhere",
    "portal/commands/summaries.py": "the day on which somebody checks a file offline",
    "portal/database/ids.py": "ids begin with it; nothing is ordered or found by that alone",
    "portal/http/summaries.py": "when a summary was signed; what it holds ends by its own days",
    "portal/identity/second_factors.py": "codes of an app, which has a clock of its own, too; the doctor compares",
    "portal/sso/id_tokens.py": "tokens of identity providers, with some leeway; the doctor compares",
    "portal/trail/checking.py": "a minute's grace for heads that are on their way",
    "portal/trail/verifying.py": "the time in a note, for the doctor",
    "graphql_schema/change.py": "when a subscription told something, for people",
    "graphql_schema/questionnaire_trial.py": "the day of a trial that is kept nowhere",
}


def list_places() -> set[str]:
    found = set()
    for room in ("portal", "graphql_schema"):
        for path in sorted(Path(ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("portal/demo/") and CLOCKS.search(path.read_text(encoding="utf-8")):
                found.add(name)
    return found


def test_what_ends_or_is_due_goes_by_the_clock_of_the_database() -> None:
    assert list_places() == set(OWN)
