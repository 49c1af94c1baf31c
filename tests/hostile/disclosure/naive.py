"""What a design without this policy gives away: means of any filter with five suppliers or more, each quarter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from portal.benchmarks import inference
from portal.benchmarks.inference import Hidden, Published
from questionnaires.peers import Figures

ALL = "*"
TENTH = 10  # means are shown to a tenth of a point
Row = tuple[int, str, str, str, str, int]  # release, supplier, sector, region, size band, value
Key = tuple[int, str, str, str]  # release, sector, region, size band


def count_recovered(rows: Sequence[Row], least: int = 5) -> int:
    """How many single values follow from exact means by linear algebra alone, with nobody's help.

    A value is recovered where its unit vector lies in the row space of the published sums.
    """
    unknowns = sorted({(row[1], row[5]) for row in rows})
    places = {one: place for place, one in enumerate(unknowns)}
    sums = [
        np.array([places[row[1], row[5]] for row in cell]) for cell in list_cells(rows).values() if len(cell) >= least
    ]
    matrix = np.zeros((len(sums), len(unknowns)))
    for number, members in enumerate(sums):
        matrix[number, members] = 1
    _, sizes, basis = np.linalg.svd(matrix, full_matrices=False)
    inside = np.square(basis[sizes > 1e-9]).sum(axis=0)
    return int(np.count_nonzero(inside > 1 - 1e-9))


def count_placed(rows: Sequence[Row], width: int, least: int = 5) -> int:
    """How many single values the attacker places nearer than a width, in hundredths of a point, by means to a tenth.

    It is given few means at a time: of two cells that differ by one supplier, or of a cell and of the published parts
    that hold all of it but one.
    """
    cells = {key: frozenset((row[1], row[5]) for row in cell) for key, cell in list_cells(rows).items()}
    shown = {key: cell for key, cell in cells.items() if len(cell) >= least}
    placed = set()
    for whole, parts in {*list_nested(set(shown.values())), *list_split(shown)}:
        (target,) = whole.difference(*parts)
        published = dict(enumerate(map(publish, (whole, *parts))))
        hidden = [Hidden((0,), 1), *(Hidden((0, number), len(part)) for number, part in enumerate(parts, 1))]
        found = inference.find_interval(published, hidden, 0)
        assert found.low <= target[1] * TENTH <= found.high
        if found.high - found.low < width * TENTH:
            placed.add(target)
    return len(placed)


Cell = frozenset[tuple[str, int]]
Apart = tuple[Cell, tuple[Cell, ...]]


def list_nested(cells: Iterable[Cell]) -> Iterator[Apart]:
    """Each cell with those that hold one supplier less."""
    sizes: dict[int, list[Cell]] = {}
    for cell in cells:
        sizes.setdefault(len(cell), []).append(cell)
    for size, large in sizes.items():
        yield from ((one, (other,)) for one in large for other in sizes.get(size - 1, ()) if other < one)


def list_split(shown: Mapping[Key, Cell]) -> Iterator[Apart]:
    """Each cell with its published parts by sector, by region or by size, where these leave out one supplier."""
    for key, cell in shown.items():
        for place in (1, 2, 3):
            if key[place] == ALL:
                parts = [one for other, one in shown.items() if other[place] != ALL and is_part(other, key, place)]
                if len(cell.difference(*parts)) == 1:
                    yield cell, tuple(parts)


def is_part(part: Key, whole: Key, place: int) -> bool:
    return all(one == other for at, (one, other) in enumerate(zip(part, whole, strict=True)) if at != place)


def publish(cell: Cell) -> Published:
    """The mean in tenths of a point."""
    mean = round(sum(value for _, value in cell) / len(cell) / TENTH)
    return Published(len(cell), Figures(count_band="5+", mean=mean), ends=100 * TENTH)


def list_cells(rows: Sequence[Row]) -> Mapping[Key, Sequence[Row]]:
    """The suppliers of each filter on sector, region and size, in each release."""
    cells: dict[Key, list[Row]] = {}
    for row in rows:
        for sector, region, size in product((row[2], ALL), (row[3], ALL), (row[4], ALL)):
            cells.setdefault((row[0], sector, region, size), []).append(row)
    return cells
