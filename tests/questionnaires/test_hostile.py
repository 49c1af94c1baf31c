"""What is made to fill the memory or to hang is refused with a clear error, by the command line as by the package."""

import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from questionnaires import reading, scoring
from questionnaires.answers import Answer
from questionnaires.faults import FaultList
from questionnaires.source import read_yaml
from tests import forking
from tests.questionnaires import hostile, samples

pytestmark = pytest.mark.slow

# Only to end what would never end: a refusal takes seconds on a slow machine.
HANGS = 240
LONGEST_LINE = 3_000


def run(*arguments: str, module: str = "portal.__main__") -> subprocess.CompletedProcess[str]:
    """A program under the limit of memory."""
    return forking.run(*arguments, environment=os.environ, timeout=HANGS, module=module, before=hostile.limit_memory)


def lint(path: Path) -> list[str]:
    """What the command line tells of a file that it refuses."""
    done = run("questionnaires", "lint", str(path))
    told = done.stderr.splitlines()
    assert done.returncode == 1, done.stderr[-2_000:]
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1].endswith("warnings.") or done.stdout.splitlines()[-1].endswith("warning.")
    return told


def check(told: list[str], message: str) -> None:
    assert any(message in line for line in told), told[:5]
    assert len(told) <= 1_002
    assert max(map(len, told)) < LONGEST_LINE


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", hostile.QUESTIONNAIRES)
def test_a_hostile_questionnaire_is_refused(name: str, tmp_path: Path) -> None:
    make, message = hostile.QUESTIONNAIRES[name]
    path = write(tmp_path / "sample" / "1.0.0.yaml", make())
    told = lint(path)
    check(told, message)
    assert all(str(path) in line for line in told)


@pytest.mark.parametrize("name", hostile.PROFILES)
def test_a_hostile_profile_is_refused(name: str, tmp_path: Path) -> None:
    make, message = hostile.PROFILES[name]
    write(tmp_path / "sample" / "1.0.0.yaml", samples.QUESTIONNAIRE)
    check(lint(write(tmp_path / "sample" / "1.0.0.profile-1.yaml", make())), message)


@pytest.mark.parametrize("name", hostile.DOCUMENTS)
def test_a_hostile_document_is_refused(name: str) -> None:
    done = run(name, module="tests.questionnaires.hostile")
    assert done.returncode == 0, done.stderr[-2_000:]
    check(json.loads(done.stdout), hostile.DOCUMENTS[name][1])


def test_a_file_without_end_is_read_to_the_limit() -> None:
    (told,) = lint(Path("/dev/zero"))
    assert told == ("/dev/zero: zero: the file has more than 4000000 bytes; allowed: at most 1000000 characters")


def test_a_questionnaire_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "sample" / "1.0.0.yaml", hostile.ask(hostile.number_questions(2_000)))
    assert not [fault for fault in reading.lint_file(path) if fault.severity == "error"]


def test_a_long_chain_of_conditions_is_scored() -> None:
    """Each of 1,900 questions hangs twice on the one before: following both ways would double the work each time."""
    asked = hostile.chain(1_900)[:-3]
    last = asked.rindex("{key: q_1899, type: boolean, tier: micro, kind: fact")
    asked = asked[:last] + asked[last:].replace("kind: fact", "kind: measure, action: Do.") + "]}\n"
    raw = read_yaml(hostile.put("title: Facts,", "title: Facts, pillar: labour,", asked), FaultList(""))
    definition = reading.definition_from_document(raw)
    profile = read_yaml(samples.PROFILE, FaultList(""))
    profile["questions"] = {"q_1899": {"weight": 1, "points": {"true": 0, "false": 100}}}
    profile["critical"] = [profile["critical"][0] | {"question": "q_1899"}]
    rules = reading.profile_from_document(profile, definition)
    open_first = scoring.score_answers(definition, rules, "micro", {}, date(2026, 1, 1))
    assert [(rule.question, rule.state) for rule in open_first.open_rules] == [("q_1899", "unanswered")]
    all_true = {(key, None): Answer(question=key, state="value", value=True) for key in definition.questions}
    fired = scoring.score_answers(definition, rules, "micro", all_true, date(2026, 1, 1))
    assert [rule.question for rule in fired.fired] == ["q_1899"]
    closed = all_true | {("q_7", None): Answer(question="q_7", state="value", value=False)}
    assert scoring.score_answers(definition, rules, "micro", closed, date(2026, 1, 1)).open_rules == ()
