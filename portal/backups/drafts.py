"""The folder that a backup is made in: under another name until everything in it is on disk."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal import errors
from portal.backups import contents


@contextmanager
def open_draft(target: Path) -> Iterator[Path]:
    """A folder that becomes the target once all in it is on disk, and is gone where something failed.

    What a killed backup left is cleared away. Raises SetupError where the target is there, or somebody else writes it.
    """
    draft = target.with_name(target.name + contents.UNFINISHED)
    if target.exists():
        raise errors.SetupError(f"{target} is there already: name a new folder for each backup.")
    try:
        draft.mkdir(parents=True, exist_ok=True, mode=0o700)
        hold = os.open(draft, os.O_RDONLY)
    except OSError as error:
        raise errors.SetupError(f"{draft} cannot be made ({error.strerror}).") from None
    try:
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise errors.SetupError(f"Another backup is just being written to {draft}.") from None
        _empty(draft)
        try:
            yield draft
            sync(draft)
            draft.rename(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync(target.parent)
    finally:
        os.close(hold)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def sync(folder: Path) -> None:
    """Have everything in a folder on disk before it gets its name."""
    for place, _, names in os.walk(folder):
        for path in (*(Path(place) / name for name in names), Path(place)):
            _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
