"""Who uses an embedded server: each process holds an end of one pipe, and the guard stops the server after the last.

The pipe has a name, so that processes share it that do not descend from each other. The system closes a process's end
however that process ends, kill -9 included.
"""

import errno
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

PIPE_FILE = "lifeline"
USERS_FILE = "users"
NONE = -1


@dataclass
class Lifeline:
    """The share of one process in a server: the end of the pipe, and a lock that all who hold one share."""

    end: int | None
    share: int

    def is_last(self) -> bool:
        """Whether nobody else has a share; where it says so, nobody gets one until this one is let go."""
        try:
            fcntl.flock(self.share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def cut(self) -> None:
        """Let go of the pipe, upon which the guard stops the server if this was the last end."""
        if self.end is not None:
            os.close(self.end)
            self.end = None

    def let_go(self) -> None:
        """Let go of all; the second time does nothing."""
        self.cut()
        if self.share != NONE:
            os.close(self.share)
            self.share = NONE


def is_heard(folder: Path) -> bool:
    """Whether a guard listens; asked without a share, which would tell a last user that somebody stays."""
    end = _open_end(folder)
    if end is not None:
        os.close(end)
    return end is not None


def find(folder: Path) -> Lifeline | None:
    """A share in the server of a folder; None where no guard listens, or while the last user stops it."""
    end = _open_end(folder)
    if end is None:
        return None
    found = Lifeline(end, NONE)
    try:
        found.share = _open_users(folder)
        fcntl.flock(found.share, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        found.let_go()
        return None
    except BaseException:
        found.let_go()  # an end that nobody closes would keep the server alive for as long as this process lives
        raise
    return found


def lay(folder: Path) -> tuple[int, Lifeline]:
    """The end that a new guard listens on, to be closed here once it has it, and this process's share.

    The caller holds the folder's lock. Waits for a last user who still stops the server before.
    """
    pipe = folder / PIPE_FILE
    if not pipe.is_fifo():
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe, 0o600)
    laid, listening = Lifeline(None, _open_users(folder)), NONE
    try:
        fcntl.flock(laid.share, fcntl.LOCK_SH)
        listening = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # else it would wait for the other end
        os.set_blocking(listening, True)
        laid.end = os.open(pipe, os.O_WRONLY)
    except BaseException:
        laid.let_go()
        if listening != NONE:
            os.close(listening)
        raise
    return listening, laid


def _open_end(folder: Path) -> int | None:
    try:
        return os.open(folder / PIPE_FILE, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as problem:
        if problem.errno in (errno.ENOENT, errno.ENXIO):
            return None
        raise


def _open_users(folder: Path) -> int:
    return os.open(folder / USERS_FILE, os.O_RDWR | os.O_CREAT, 0o600)
