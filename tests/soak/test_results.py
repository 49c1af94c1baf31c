"""The table of the long runs: each part that the code has stands there, with figures, day and commit."""

import re
from datetime import date

import pytest

from tests import databases
from tests.soak import results

MARKED = re.compile(r"mark\.soak\b(?:\(part=\"([a-z-]+)\"\))?")


def list_parts() -> list[str]:
    """The parts that tests are marked with; a mark without a name is an empty one."""
    files = sorted((databases.ROOT / "tests").rglob("test_*.py"))
    return [part for file in files for part in MARKED.findall(file.read_text(encoding="utf-8"))]


def test_every_part_has_a_line_and_every_line_a_part() -> None:
    parts = list_parts()
    assert len(parts) >= 4
    assert all(parts), "a long test has no name: mark it with soak(part=...)"
    assert len(set(parts)) == len(parts)
    assert set(parts) == set(results.read()), "run what is missing with `make soak PART=...`"


def test_a_line_says_what_was_measured_when_and_on_which_commit() -> None:
    for line in results.read().values():
        assert re.search(r"\d", line.figures)
        assert float(line.minutes) > 0
        assert date.fromisoformat(line.date)
        assert re.fullmatch(r"[0-9a-f]{7,40}", line.commit), f"{line.part}: run it on a commit, not beside one"


def test_a_part_is_found_by_its_name(request: pytest.FixtureRequest) -> None:
    """`make soak PART=recompute` asks for a word that does not stand in the name of the test."""
    item = request.node
    item.add_marker(getattr(pytest.mark, "soak")(part="a-part"))  # noqa: B009 (no line of the table)
    results.add_keyword(item)
    assert "a-part" in item.extra_keyword_matches
