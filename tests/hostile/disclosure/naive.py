"""What a design without this policy gives away: exact means of any filter with five suppliers or more, each quarter."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np

ALL = "*"
Row = tuple[int, str, str, str, str, int]  # release, supplier, sector, region, size band, value


def count_recovered(rows: Sequence[Row], least: int = 5) -> int:
    """How many single values follow from the means by linear algebra alone, with nobody's help.

    A value is recovered where its unit vector lies in the row space of the published sums.
    """
    unknowns = sorted({(row[1], row[5]) for row in rows})
    places = {one: place for place, one in enumerate(unknowns)}
    sums = [np.array([places[row[1], row[5]] for row in cell]) for cell in list_cells(rows) if len(cell) >= least]
    matrix = np.zeros((len(sums), len(unknowns)))
    for number, members in enumerate(sums):
        matrix[number, members] = 1
    _, sizes, basis = np.linalg.svd(matrix, full_matrices=False)
    inside = np.square(basis[sizes > 1e-9]).sum(axis=0)
    return int(np.count_nonzero(inside > 1 - 1e-9))


def list_cells(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    """The suppliers of each filter on sector, region and size, in each release."""
    cells: dict[Any, list[Row]] = {}
    for row in rows:
        for sector, region, size in product((row[2], ALL), (row[3], ALL), (row[4], ALL)):
            cells.setdefault((row[0], sector, region, size), []).append(row)
    return cells.values()
