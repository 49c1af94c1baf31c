"""The log of a process: one line of JSON for each event, whatever an event holds."""

import json

import pytest
import structlog

from portal.commands import logs
from portal.settings import Settings

NASTY = 'first\nsecond\r\n{"event": "forged"}\x1b[2J\u2028\ud800'


def test_nothing_that_was_sent_makes_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        logs.configure_logs(Settings(environment="production"))
        structlog.get_logger("test").info("request", path=NASTY)
    finally:
        structlog.configure(**before)
    written = capsys.readouterr()
    assert written.out == ""
    (line,) = written.err.splitlines(keepends=True)
    told = json.loads(line)
    assert (told["event"], told["path"], told["level"]) == ("request", NASTY, "info")
    assert told["timestamp"].endswith("Z")
    assert all(one.isprintable() for one in line.rstrip("\n"))
