"""Two years of a made-up market: suppliers that join, renew, leave, merge and are rescored, and buyers that know some.

Every event is drawn from a seed. Beside what is written to the database it keeps its own record of who knows what.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.releases import Made
from tests.portal.benchmarks.population import Firm, Population

FIRST = Quarter(2026, 1)
SECTORS = {"14": 5, "01": 3, "25": 2, "46": 1}
COUNTRIES = {"BD": 5, "VN": 3, "DE": 3, "MX": 2, "KE": 1}
SIZES = {"small": 5, "medium": 4, "large": 2}
POINTS = ("0", "25", "50", "75", "100")
BUYERS = 6
JOINING, LEAVING, MERGING, REVOKED = 0.05, 0.01, 0.01, 0.1
INVENTED = 15
NINE_OF_TEN, KNOWN = 0.9, "25"  # of the suppliers of a sector one buyer knows nine of ten
VALID = timedelta(days=400)
RESCORED = 5  # the quarter in which a correction of the scoring moves every total a little
RESCORE = """
UPDATE portal.result SET total = least(9900, greatest(100, total + hashtext(supplier_id::text) % 300))
"""


@dataclass
class Member:
    """A supplier, what it scores, and in which quarter of the year it submits."""

    firm: Firm
    turn: int
    level: float
    points: str
    sector: str
    energy: float  # kWh for each piece, of which a few need many times what others do
    takes_part: bool = True
    submission: UUID | None = None


@dataclass
class Market:
    """The suppliers and buyers so far."""

    population: Population
    chance: random.Random
    members: list[Member] = field(default_factory=list)
    buyers: list[UUID] = field(default_factory=list)
    shared: dict[UUID, set[UUID]] = field(default_factory=dict)  # suppliers that a buyer was ever shown
    brought: dict[UUID, UUID] = field(default_factory=dict)  # by which buyer a supplier was asked first
    groups: dict[UUID, UUID] = field(default_factory=dict)

    async def open(self, suppliers: int) -> None:
        """The first suppliers and all buyers; one buyer invents suppliers, another knows nine of ten of a sector."""
        self.buyers += [await self.population.add_buyer() for _ in range(BUYERS)]
        await self.join(suppliers)
        await self.invent(self.buyers[0])

    def _draw(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    async def join(self, count: int) -> None:
        """New suppliers, each asked by a buyer; some belong to the group of one before."""
        known = [one.firm.group for one in self.members if one.firm.group is not None]
        for _ in range(count):
            group = self.chance.choice(known) if known and self.chance.random() < MERGING * 5 else None
            groups = [group] if group else None
            sector = self._draw(SECTORS)
            asked_by = self.chance.choice(self.buyers)
            (firm,) = await self.population.add_firms(
                1,
                groups=groups,
                asked_by=asked_by,
                sector=sector,
                country=self._draw(COUNTRIES),
                size=self._draw(SIZES),
            )
            self._add(firm, asked_by, sector)

    async def invent(self, buyer: UUID) -> None:
        """Suppliers that a buyer made up, in one cohort, each in a group that the operator confirmed in good faith."""
        firms = await self.population.add_firms(INVENTED, asked_by=buyer, country="KE", size="large")
        for firm in firms:
            self._add(firm, buyer, "14")
            self.shared.setdefault(buyer, set()).add(firm.id)

    def _add(self, firm: Firm, asked_by: UUID, sector: str) -> None:
        level = min(max(self.chance.gauss(62, 14), 5), 97)
        energy = self.chance.lognormvariate(1, 0.5)
        self.members.append(Member(firm, self.chance.randrange(4), level, self.chance.choice(POINTS), sector, energy))
        self.brought[firm.id] = asked_by
        assert firm.group is not None
        self.groups[firm.id] = firm.group

    async def submit(self, quarter: Quarter, members: list[Member]) -> None:
        """Submissions that are just old enough for a quarter's release, each shared with a buyer or more."""
        at = datetime.combine(quarter.first_day, datetime.min.time(), UTC) - timedelta(days=20)
        for one in members:
            one.level = min(max(one.level + self.chance.gauss(2, 4), 5), 97)
            one.energy *= self.chance.uniform(0.85, 1.05)
        if not members:
            return
        firms = [one.firm for one in members]
        totals = [round(100 * one.level) for one in members]
        points = {"exits_locked": [one.points for one in members]}
        answers = {"energy": [f"{one.energy:.1f}" for one in members]}
        end = at.date() - timedelta(days=1)
        made = await self.population.submit(firms, totals, at=at, period_end=end, points=points, answers=answers)
        execute = self.population.connection.execute
        await execute("UPDATE portal.result SET valid_until = $1 WHERE submission_id = ANY ($2)", end + VALID, made)
        for one, submission in zip(members, made, strict=True):
            one.submission = submission
        for buyer in self.buyers:
            await self._share(buyer, members)

    async def _share(self, buyer: UUID, members: list[Member]) -> None:
        seen = [
            one
            for one in members
            if (buyer == self.buyers[1] and one.sector == KNOWN and self.chance.random() < NINE_OF_TEN)
            or self.brought[one.firm.id] == buyer
            or one.firm.id in self.shared.get(buyer, set())
        ]
        for revoked in (False, True):
            some = [one for one in seen if (self.chance.random() < REVOKED) == revoked]
            submissions = [one.submission for one in some if one.submission]
            await self.population.share([one.firm for one in some], submissions, buyer, revoked=revoked)
            self.shared.setdefault(buyer, set()).update(one.firm.id for one in some)

    async def change(self) -> None:
        """What happens in a quarter: some join, some leave, some groups become one."""
        await self.join(round(len(self.members) * JOINING))
        leaving = [one for one in self.members if one.takes_part and self.chance.random() < LEAVING]
        for one in leaving:
            one.takes_part = False
        choices = [{"organization_id": one.firm.id, "takes_part": False} for one in leaving]
        await self.population.insert("benchmark_choice", choices)
        for one in self.members:
            if self.chance.random() < MERGING:
                into = self.chance.choice(self.members).firm.id
                moved = "UPDATE portal.group_member SET group_id = $2 WHERE organization_id = $1"
                await self.population.connection.execute(moved, one.firm.id, self.groups[into])
                self.groups[one.firm.id] = self.groups[into]

    async def pass_quarter(self, number: int) -> Made:
        """One quarter of the market and its release."""
        quarter = FIRST.shift(number)
        if number:
            await self.change()
        if number == RESCORED:
            await self.population.connection.execute(RESCORE)
        await self.submit(
            quarter, [one for one in self.members if number == 0 or one.turn == number % 4 or one.submission is None]
        )
        now = datetime.combine(quarter.shift(1).first_day, datetime.min.time(), UTC) + timedelta(days=9)
        return await self.population.release(quarter, now)
