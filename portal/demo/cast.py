"""Who takes part in the demo: 240 suppliers of 200 corporate groups, what each of them is like, and who buys there."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.demo import chance, naming

BUYERS = ("Plumdale Outfitters", "Kestrowell Household Goods")
FIRST_BUYER = 1_000  # its number among those who answer
PARTNER = "Fabrindex Trade Circle"
# What becomes of suppliers that share their group with another one; the others answer as asked.
STORIES = ("asked",) * 6 + ("drafting",) * 6 + ("declined",) * 4 + ("not_us",) * 3 + ("withdrawn",) * 3
# What becomes of the newest submission of some that answer.
ENDINGS = {11: "unshared", 17: "ended", 23: "revoked", 29: "ending"}


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Suppliers that are alike: what they do, where, how big, and how much they answer."""

    key: str
    trade: tuple[str, ...]
    sectors: tuple[str, ...]  # divisions of ISIC Rev.4
    countries: tuple[str, ...]
    size: str
    tier: str
    groups: int
    firms: int
    is_new: bool = False  # submitted once, in the quarter before last


COHORTS = (
    Cohort(
        key="garments_asia_large",
        trade=("Garments", "Apparel", "Knitwear"),
        sectors=("14",),
        countries=("BD", "VN", "IN", "KH", "LK"),
        size="large",
        tier="basic",
        groups=28,
        firms=34,
    ),
    Cohort(
        key="textiles_asia_medium",
        trade=("Textiles", "Leather Goods", "Dyeing Works"),
        sectors=("13", "15"),
        countries=("CN", "IN", "PK", "TR", "ID"),
        size="medium",
        tier="basic",
        groups=26,
        firms=32,
    ),
    Cohort(
        key="metal_europe_medium",
        trade=("Metal Parts", "Machining", "Fittings"),
        sectors=("25", "28"),
        countries=("PL", "CZ", "RO", "PT", "SI"),
        size="medium",
        tier="basic",
        groups=24,
        firms=30,
    ),
    Cohort(
        key="plastics_europe_small",
        trade=("Plastics", "Furniture", "Packaging"),
        sectors=("22", "31"),
        countries=("ES", "IT", "DE", "LT", "BG"),
        size="small",
        tier="basic",
        groups=22,
        firms=26,
    ),
    Cohort(
        key="farms_americas_small",
        trade=("Coffee Growers", "Fruit Growers", "Cooperative"),
        sectors=("01",),
        countries=("CO", "PE", "BR", "GT", "EC"),
        size="small",
        tier="basic",
        groups=22,
        firms=26,
    ),
    Cohort(
        key="farms_africa_small",
        trade=("Tea Growers", "Cocoa Growers", "Flowers"),
        sectors=("01",),
        countries=("KE", "GH", "CI", "ET", "UG"),
        size="small",
        tier="basic",
        groups=22,
        firms=26,
    ),
    Cohort(
        key="haulage_europe_small",
        trade=("Haulage", "Freight"),
        sectors=("49",),
        countries=("PL", "NL", "HU", "FR"),
        size="small",
        tier="micro",
        groups=14,
        firms=16,
    ),
    Cohort(
        key="cleaning_europe_micro",
        trade=("Cleaning", "Grounds Care"),
        sectors=("81",),
        countries=("DE", "AT", "BE", "IE"),
        size="micro",
        tier="micro",
        groups=12,
        firms=14,
    ),
    Cohort(
        key="food_asia_small",
        trade=("Foods", "Spices"),
        sectors=("10",),
        countries=("TH", "PH", "VN"),
        size="small",
        tier="basic",
        groups=14,
        firms=14,
        is_new=True,
    ),
    Cohort(
        key="garments_africa_medium",
        trade=("Garments",),
        sectors=("14",),
        countries=("MU", "MG", "ET"),
        size="medium",
        tier="basic",
        groups=6,
        firms=9,
    ),
    Cohort(
        key="electronics_americas_large",
        trade=("Electronics",),
        sectors=("26",),
        countries=("MX", "US"),
        size="large",
        tier="basic",
        groups=5,
        firms=7,
    ),
    Cohort(
        key="building_europe_small",
        trade=("Building Trades",),
        sectors=("43",),
        countries=("GB", "SE"),
        size="small",
        tier="micro",
        groups=5,
        firms=6,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Firm:
    """One supplier: its facts, who buys there, how well it does, and what its story is."""

    number: int
    cohort: Cohort
    word: str
    name: str
    country: str
    sector: str
    group: int
    buyers: tuple[int, ...]
    skill: float  # 0 to 1: how good its practice is at the start
    story: str

    @property
    def is_sure(self) -> bool:
        """Whether it has an answer to every question."""
        return self.number % 3 != 1

    @property
    def email(self) -> str:
        """The owner's address."""
        return f"owner@{naming.make_domain(self.word)}"


def list_firms() -> list[Firm]:
    """All suppliers, in the same order each time."""
    words = naming.draw_words()
    stories = iter(STORIES)
    firms: list[Firm] = []
    first_group = 0
    for cohort in COHORTS:
        for place in range(cohort.firms):
            is_extra = place >= cohort.groups
            story = next(stories, "regular") if is_extra else ENDINGS.get(len(firms) % 31, "regular")
            group = first_group + place % cohort.groups
            firms.append(_make_firm(len(firms), cohort, next(words), group, story))
        first_group += cohort.groups
    return firms


def list_buyers() -> list[Firm]:
    """The buyers as those who answer for themselves, too: by number behind every supplier's."""
    buying = Cohort(
        key="buyers",
        trade=("Trade",),
        sectors=("46",),
        countries=("NL",),
        size="medium",
        tier="basic",
        groups=0,
        firms=0,
    )
    return [
        Firm(
            number=FIRST_BUYER + place,
            cohort=buying,
            word=name,
            name=f"{name} {naming.MARK}",
            country="NL",
            sector="46",
            group=FIRST_BUYER + place,
            buyers=(),
            skill=chance.draw("buyer", place).uniform(0.55, 0.8),
            story="regular",
        )
        for place, name in enumerate(BUYERS)
    ]


def _make_firm(number: int, cohort: Cohort, word: str, group: int, story: str) -> Firm:
    source = chance.draw("firm", number)
    low, high = source.choices([(0.3, 0.45), (0.5, 0.7), (0.75, 0.92)], weights=[25, 45, 30])[0]
    return Firm(
        number=number,
        cohort=cohort,
        word=word,
        name=naming.name_company(word, source.choice(cohort.trade)),
        country=source.choice(cohort.countries),
        sector=source.choice(cohort.sectors),
        group=group,
        buyers=((0,), (0,), (1,), (1,), (0, 1))[number % 5],
        skill=source.uniform(low, high),
        story=story,
    )


def find_firm(firms: Sequence[Firm], story: str) -> Firm:
    """The first supplier with a story; the one with results answers to both buyers and knows all its answers."""
    if story == "results":
        return next(firm for firm in firms if firm.story == "regular" and len(firm.buyers) == 2 and firm.is_sure)
    return next(firm for firm in firms if firm.story == story)
