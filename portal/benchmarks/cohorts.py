"""Cohorts: a fixed tree over tier answered, sector, region and size band, cut into cells that share no supplier.

A cell is a leaf of the tree, or a parent that holds all leaves below it which are no cells of their own ("folded").
Tiers are never folded together, since scores of different tiers answer different questions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from portal.directory import countries, sectors

ALL = "*"
UNKNOWN = "unknown"
SIZE_BANDS = ("micro", "small", "medium", "large")
QUARTER_MONTHS = 3


@dataclass(frozen=True, order=True)
class Cohort:
    """A leaf or a parent of the tree: ISIC Rev.4 section, UN M49 region, size band; ALL from where it is folded."""

    tier: str
    sector: str = ALL
    region: str = ALL
    size_band: str = ALL

    def list_path(self) -> tuple["Cohort", ...]:
        """This cohort and its parents, upwards: sizes are folded first, then regions, then sectors."""
        steps = (
            self,
            Cohort(self.tier, self.sector, self.region),
            Cohort(self.tier, self.sector),
            Cohort(self.tier),
        )
        return tuple(dict.fromkeys(steps))

    @property
    def is_nameable(self) -> bool:
        """Whether it can be a cell: suppliers that did not say their sector, region or size are no cohort."""
        return UNKNOWN not in (self.sector, self.region, self.size_band)

    def write_path(self, questionnaire: str) -> str:
        """The cell's name in contributions and ledger."""
        return "/".join((questionnaire, self.tier, self.sector, self.region, self.size_band))


def read_path(path: str) -> tuple[str, Cohort]:
    """Questionnaire and cohort of a cell's name."""
    questionnaire, *parts = path.split("/")
    return questionnaire, Cohort(*parts)


def fold(leaves: Mapping[Cohort, Iterable[object]], threshold: int) -> frozenset[Cohort]:
    """The cells of a partition: each leaf with at least `threshold` contributors, and upwards what is left over.

    `leaves` gives the contributors of each leaf; one that stands in several counts once in a parent. The root of each
    tier is always a cell, so every leaf, also one that comes later, has exactly one.
    """
    cells = {Cohort(leaf.tier) for leaf in leaves}
    left = {leaf: frozenset(members) for leaf, members in leaves.items()}
    for level in range(3):
        gathered: dict[Cohort, set[object]] = {}
        for leaf, members in left.items():
            gathered.setdefault(_climb(leaf, level), set()).update(members)
        full = {node for node, members in gathered.items() if node.is_nameable and len(members) >= threshold}
        cells |= full
        left = {leaf: members for leaf, members in left.items() if _climb(leaf, level) not in full}
    return frozenset(cells)


def _climb(leaf: Cohort, level: int) -> Cohort:
    nodes = (leaf, Cohort(leaf.tier, leaf.sector, leaf.region), Cohort(leaf.tier, leaf.sector))
    return nodes[level]


def find_cell(cells: frozenset[Cohort] | set[Cohort], leaf: Cohort) -> Cohort | None:
    """The one cell that holds a leaf: the lowest on its way up; None for a tier that the partition does not know."""
    return next((node for node in leaf.list_path() if node in cells), None)


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, QUARTER_MONTHS * (self.number - 1) + 1, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return date.fromordinal(self.shift(1).first_day.toordinal() - 1)

    def shift(self, quarters: int) -> "Quarter":
        """The quarter so many later."""
        years, rest = divmod(self.number - 1 + quarters, 4)
        return Quarter(self.year + years, rest + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def find_quarter(day: date) -> Quarter:
    """The quarter that a day is in."""
    return Quarter(day.year, (day.month - 1) // QUARTER_MONTHS + 1)


@cache
def list_sections() -> dict[str, str]:
    """Codes of ISIC Rev.4, sections and divisions, to their sections."""
    return {sector.code: sectors.find_section(sector).code for sector in sectors.list_sectors()}


@cache
def list_regions() -> dict[str, str]:
    """Countries by ISO 3166-1 alpha-2 code to their UN M49 regions, where they have one."""
    return {country.iso2: country.region for country in countries.list_countries() if country.region}


def place(tier: str, sector: str | None, country: str | None, size_band: str | None) -> Cohort:
    """The leaf of an organization by its ISIC Rev.4 code, country and size band."""
    return Cohort(
        tier,
        list_sections().get(sector or "", UNKNOWN),
        list_regions().get(country or "", UNKNOWN),
        size_band or UNKNOWN,
    )
