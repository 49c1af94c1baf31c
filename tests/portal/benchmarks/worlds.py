"""All scores that a few contributors could have, tried one by one: what the figures of benchmarks really tell."""

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import product

from questionnaires import peers
from questionnaires.peers import Figures

QUARTILES = {"p25": 25, "p50": 50, "p75": 75}


def make_figures(values: Sequence[int], wanted: Set[str] = frozenset(QUARTILES)) -> Figures | None:
    """Mean and quartiles, none where the mean is an end of the range."""
    return _make(tuple(sorted(values)), frozenset(wanted))


@cache
def _make(ordered: tuple[int, ...], wanted: frozenset[str]) -> Figures | None:
    mean = peers.find_mean(ordered)
    if not peers.lies_inside(mean, ordered):
        return None
    quantiles = {name: peers.find_quantile(ordered, QUARTILES[name]) for name in sorted(wanted)}
    shown = {name: peers.round_points(one) for name, one in quantiles.items() if peers.lies_inside(one, ordered)}
    return Figures(count_band="10-19", mean=peers.round_points(mean), **shown)


def list_worlds(
    possible: Sequence[int], count: int, behind: Sequence[Set[int]], figures: Sequence[Figures | None], wanted: Set[str]
) -> Iterator[tuple[int, ...]]:
    """The values of all contributors with which each set of figures, behind which some stand, is the same."""
    for values in product(possible, repeat=count):
        if all(
            make_figures([values[place] for place in sorted(places)], wanted) == one
            for places, one in zip(behind, figures, strict=True)
        ):
            yield values


def find_width(worlds: Sequence[tuple[int, ...]], target: int, known: Mapping[int, int]) -> int:
    """How far apart a contributor's values are in the worlds that fit what an insider knows."""
    left = [world[target] for world in worlds if all(world[place] == value for place, value in known.items())]
    return max(left) - min(left)
