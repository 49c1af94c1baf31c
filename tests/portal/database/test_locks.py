"""Advisory locks share one space of numbers in a database, so two that are equal stop each other for no reason."""

import re
from collections import Counter

from tests import databases


def test_no_two_advisory_locks_share_a_number() -> None:
    lock = re.compile(r"^([A-Z_]*LOCK) = ([\d_]+)$", re.MULTILINE)
    found = [
        (name, int(number))
        for path in sorted((databases.ROOT / "portal").rglob("*.py"))
        for name, number in lock.findall(path.read_text())
    ]
    assert len(found) >= 3
    assert [number for number, times in Counter(number for _, number in found).items() if times > 1] == []
