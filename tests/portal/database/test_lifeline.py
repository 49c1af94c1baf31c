"""Shares in an embedded server: what a process that only looks, or that fails half-way, leaves to the others."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.database import embedded, folder_lock, lifeline
from portal.errors import FolderInUse
from tests.databases import ROOT


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[int]:
    """What a guard would hold whose last user has just gone."""
    end, share = lifeline.lay(tmp_path)
    share.let_go()
    os.set_blocking(end, False)
    yield end
    os.close(end)


def fail(*_: object) -> int:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def fail_to_write(opened: Callable[..., int]) -> Callable[..., int]:
    """An `os.open` that opens nothing for writing alone."""

    def work(path: Path, flags: int, *mode: Any) -> int:
        return fail() if flags & os.O_ACCMODE == os.O_WRONLY else opened(path, flags, *mode)

    return work


def assert_no_share(folder: Path) -> None:
    after = lifeline.Lifeline(None, lifeline._open_users(folder))
    assert after.is_last()
    after.let_go()


def test_probes_hold_no_share(tmp_path: Path, listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last user asks whether it is the last; whoever only looks must not seem to stay."""
    monkeypatch.setattr(folder_lock, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(lifeline, "_open_users", lambda _: pytest.fail("a share was taken"))
    (tmp_path / folder_lock.LOCK_FILE).touch()
    with pytest.raises(FolderInUse):
        embedded.attach(tmp_path, timeout=0.0)
    with pytest.raises(FolderInUse):
        embedded.start(tmp_path)
    assert os.read(listening, 1) == b""  # no end is left open


def test_a_find_that_fails_lets_go_of_its_end(tmp_path: Path, listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(lifeline, "_open_users", fail)
        with pytest.raises(OSError, match=r"Too many open files"):
            lifeline.find(tmp_path)
    assert os.read(listening, 1) == b""


def test_an_attach_that_fails_lets_go_of_its_share(
    tmp_path: Path, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = lifeline.find(tmp_path)
    assert share is not None
    with monkeypatch.context() as broken:
        broken.setattr(embedded, "_find_ready", fail)
        with pytest.raises(OSError, match=r"Too many open files"):
            embedded._use(tmp_path, share)
    assert os.read(listening, 1) == b""
    assert_no_share(tmp_path)


@pytest.mark.parametrize("broken", ["lock", "pipe"])
def test_a_lay_that_fails_lets_go_of_all(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patches:
        if broken == "lock":
            patches.setattr(fcntl, "flock", fail)
        else:
            patches.setattr(os, "open", fail_to_write(os.open))
        with pytest.raises(OSError, match=r"Too many open files"):
            lifeline.lay(tmp_path)
    assert not lifeline.is_heard(tmp_path)
    assert_no_share(tmp_path)


def test_of_two_who_leave_at_once_one_is_the_last(tmp_path: Path, listening: int) -> None:
    shares = [lifeline.find(tmp_path), lifeline.find(tmp_path)]
    assert [share is not None and share.is_last() for share in shares] == [False, True]
    for share in shares:
        assert share is not None
        share.let_go()
    assert os.read(listening, 1) == b""


LEAVE = """
import os, subprocess
from portal.database.guard import Guard
reading, _ = os.pipe()
Guard(subprocess.Popen(["/bin/cat"], stdin=reading), 0).outlive()
"""


def test_who_leaves_a_guard_to_others_is_not_warned_of_it_at_the_end() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", LEAVE], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
