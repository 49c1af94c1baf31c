"""RESULTS.md: the last figures of each long run with date and commit, which also tells what need not run again."""

import subprocess
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).with_name("RESULTS.md")
RULE = "| --- | --- | --- | --- | --- |"


@dataclass(frozen=True)
class Figures:
    """One line of the table."""

    part: str
    figures: str
    minutes: str
    date: str
    commit: str


def read() -> dict[str, Figures]:
    """The lines of the table by part."""
    lines = FILE.read_text(encoding="utf-8").partition(RULE)[2].strip().splitlines()
    found = [Figures(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]
    return {one.part: one for one in found}


def record(part: str, figures: str, seconds: float) -> None:
    """Write a part's line, in place of the one before."""
    known = read()
    known[part] = Figures(part, figures, f"{seconds / 60:.1f}", datetime.now(UTC).date().isoformat(), name_commit())
    head = FILE.read_text(encoding="utf-8").partition(RULE)[0]
    lines = [f"| {' | '.join(astuple(known[name]))} |" for name in sorted(known)]
    FILE.write_text(head + "\n".join([RULE, *lines]) + "\n", encoding="utf-8")


def name_commit() -> str:
    """The last commit that changed anything but this table, with a plus where the working tree has more."""
    others = [".", ":!tests/soak/RESULTS.md"]
    commit = _ask_git("log", "-1", "--format=%h", "--", *others)
    changed = _ask_git("status", "--porcelain", "--untracked-files=no", "--", *others)
    return f"{commit or 'unknown'}{'+' if changed else ''}"


def read_part(item: Any) -> str | None:
    """What a long test is called: the part its marker names, or its own name."""
    marker = item.get_closest_marker("soak")
    return None if marker is None else str(marker.kwargs.get("part", item.name))


def add_keyword(item: pytest.Item) -> None:
    """Let `-k` find a long test by the name of its part, which its own name may not hold."""
    part = read_part(item)
    if part is not None:
        item.extra_keyword_matches.add(part)


def split_done(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests to run, and those whose figures stand for this very commit."""
    known, commit = read(), name_commit()
    wanted: list[pytest.Item] = []
    done: list[pytest.Item] = []
    for item in items:
        figures = known.get(read_part(item) or "")
        is_done = figures is not None and figures.commit == commit and not commit.endswith("+")
        (done if is_done else wanted).append(item)
    return wanted, done


def _ask_git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=FILE.parents[2], capture_output=True, text=True, check=False)
    return done.stdout.strip()
