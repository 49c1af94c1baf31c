"""Keeps two portals from running a server in the same folder."""

import fcntl
import os
import time
from pathlib import Path

from portal.errors import FolderInUse

LOCK_FILE = "lock"
PATIENCE_SECONDS = 3.0
"""A killed process holds its lock a moment longer than it lives."""


def take_lock(folder: Path, deadline: float) -> int:
    """Hold the folder for this process; the system lets go of it when the process ends, however it does.

    Returns the file descriptor to close. Raises FolderInUse where another process still holds it at the deadline.
    """
    lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    while not _try_lock(lock, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            os.close(lock)
            raise report_in_use(folder)
        time.sleep(0.05)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def is_locked(folder: Path) -> bool:
    """Whether a living process runs the server of this folder."""
    try:
        lock = os.open(folder / LOCK_FILE, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def report_in_use(folder: Path) -> FolderInUse:
    """The error for a folder that another process holds."""
    holder = (folder / LOCK_FILE).read_text(errors="replace").strip() or "unknown"
    return FolderInUse(
        f"The database in {folder} is in use by another portal (process {holder}). Stop that one first, or name "
        "another folder in PORTAL_DATA_DIR."
    )


def _try_lock(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
