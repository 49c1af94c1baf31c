"""Which codes there are for what an organization does: the sections and divisions of ISIC, from the packaged list.

Beside the rooms, since organizations are checked with it and suppliers are read with all of that list.
"""

import csv
import functools
from importlib import resources

SCHEME = "ISIC Rev.4"


@functools.cache
def list_codes() -> frozenset[str]:
    """The sections (letters) and divisions (two digits) of SCHEME."""
    listed = resources.files("portal") / "directory" / "data" / "sectors.csv"
    rows = csv.DictReader(listed.read_text(encoding="utf-8").splitlines())
    return frozenset(row["code"] for row in rows if row["scheme"] == SCHEME)
