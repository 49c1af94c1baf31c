"""The files that ship are read by a faster library; here the strict reader says the same of each."""

from pathlib import Path

import pytest

from questionnaires import source
from questionnaires.faults import FaultList

ROOT = Path(__file__).resolve().parent.parent.parent
OWN = sorted(
    file
    for folder in ("questionnaires", "portal/delivery")
    for file in (ROOT / folder).rglob("*.yaml")
    if "conformance" not in file.parts
)


@pytest.mark.parametrize("file", OWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_both_readers_give_the_same_values_and_lines(file: Path) -> None:
    strict, own = FaultList("strict"), FaultList("own")
    values = source.read_file(file, strict)
    assert (values, strict.faults) == (source.read_own_file(file, own), [])
    assert own.faults == []
    assert own.lines == strict.lines
    assert len(own.lines) > 5
    assert repr(values) == repr(source.read_own_file(file, FaultList("types")))  # true is not 1, 2.0 is not 2


def test_every_file_that_ships_is_looked_at() -> None:
    assert len(OWN) > 50
