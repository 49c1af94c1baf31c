"""Made-up suppliers with groups, accepted requests and frozen results, written straight into a test's database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal.benchmarks import approval, releases
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.disclosure import Policy
from portal.benchmarks.ledger import CellOutcome
from portal.benchmarks.releases import Made
from portal.database import ids
from portal.identity import operators
from tests import people
from tests.databases import TestDatabase
from tests.portal.assessments import sample

QUARTER = Quarter(2026, 2)
SETTLED = datetime(2026, 3, 1, tzinfo=UTC)  # old enough for QUARTER
RECENT = datetime(2026, 6, 1, tzinfo=UTC)  # too recent for it
NOW = datetime(2026, 7, 10, tzinfo=UTC)
LATER = (Quarter(2026, 3), datetime(2026, 10, 10, tzinfo=UTC))
LATEST = (Quarter(2026, 4), datetime(2027, 1, 10, tzinfo=UTC))


@dataclass(frozen=True)
class Firm:
    """One supplier and its corporate group."""

    id: UUID
    group: UUID | None


@dataclass
class Population:
    """Writes rows past every policy, as years of use would have left them."""

    database: TestDatabase
    connection: asyncpg.Connection
    buyer: UUID = field(default_factory=ids.new_id)

    async def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            columns = list(rows[0])
            places = ", ".join(f"${place + 1}" for place in range(len(columns)))
            statement = f"INSERT INTO portal.{table} ({', '.join(columns)}) VALUES ({places})"
            await self.connection.executemany(statement, [tuple(row[column] for column in columns) for row in rows])

    async def add_buyer(self, group: UUID | None = None) -> UUID:
        """An organization that the operator approved as a buyer."""
        made = ids.new_id()
        await self.insert("organization", [{"id": made, "name": f"Made-up Buyer {made}"}])
        role = {"organization_id": made, "role": "buyer", "status": "active"}
        await self.insert("organization_role", [role | {"decided_at": datetime(2020, 1, 1, tzinfo=UTC)}])
        if group is not None:
            await self.insert("group_member", [{"organization_id": made, "group_id": group}])
        return made

    async def add_groups(self, count: int, status: str = "confirmed") -> list[UUID]:
        made = [ids.new_id() for _ in range(count)]
        await self.insert("corporate_group", [{"id": one, "name": f"Group {one}", "status": status} for one in made])
        return made

    async def add_firms(
        self,
        count: int,
        *,
        groups: Sequence[UUID | None] | None = None,
        asked_by: UUID | None = None,
        sector: str | None = "14",
        country: str | None = "BD",
        size: str | None = "small",
        state: str = "accepted",
    ) -> list[Firm]:
        """Suppliers, each of its own confirmed group unless groups are given, that accepted a request of a buyer."""
        chosen = list(groups) if groups is not None else list(await self.add_groups(count))
        firms = [Firm(ids.new_id(), chosen[place]) for place in range(count)]
        scheme = {"sector_scheme": "ISIC Rev.4", "sector": sector, "country": country, "size_band": size}
        await self.insert("organization", [{"id": f.id, "name": f"Made-up Firm {f.id}"} | scheme for f in firms])
        await self.insert(
            "group_member", [{"organization_id": f.id, "group_id": f.group} for f in firms if f.group is not None]
        )
        await self.insert(
            "organization_role", [{"organization_id": f.id, "role": "supplier", "status": "active"} for f in firms]
        )
        await self.ask(firms, asked_by or self.buyer, state)
        return firms

    async def ask(self, firms: Sequence[Firm], buyer: UUID, state: str = "accepted") -> None:
        """Requests of a buyer, in a state, with the linked records they stand on."""
        records = {firm.id: ids.new_id() for firm in firms}
        await self.insert(
            "supplier_record",
            [
                {
                    "buyer_id": buyer,
                    "id": records[f.id],
                    "name": f"Record {f.id}",
                    "name_key": f"record {f.id}",
                    "state": "linked",
                    "supplier_id": f.id,
                }
                for f in firms
            ],
        )
        await self.insert(
            "request",
            [
                {
                    "buyer_id": buyer,
                    "id": ids.new_id(),
                    "supplier_record_id": records[f.id],
                    "supplier_id": f.id,
                    "questionnaire": sample.KEY,
                    "minimum_tier": "micro",
                    "period_start": date(2025, 1, 1),
                    "period_end": date(2025, 12, 31),
                    "purpose": "Made up",
                    "due_on": date(2026, 1, 31),
                    "state": state,
                }
                for f in firms
            ],
        )

    async def submit(
        self,
        firms: Sequence[Firm],
        totals: Sequence[int],
        *,
        at: datetime = SETTLED,
        tier: str = "basic",
        period_end: date = date(2025, 12, 31),
        points: Mapping[str, Sequence[str | None]] | None = None,
        answers: Mapping[str, Sequence[str | None]] | None = None,
    ) -> list[UUID]:
        """Frozen submissions with totals in hundredths.

        `points` gives a question's exact points for each firm, and `answers` a number answered; None: not known.
        """
        made = [ids.new_id() for _ in firms]
        triples = list(zip(firms, made, totals, strict=True))
        period = {"period_start": period_end - timedelta(days=364), "period_end": period_end}
        await self.connection.execute(
            "UPDATE portal.submission SET state = 'superseded'"
            " WHERE supplier_id = ANY ($1) AND period_end = $2 AND state = 'current'",
            [firm.id for firm in firms],
            period_end,
        )
        common = {"questionnaire": sample.KEY, "version": "1.0.0", "tier": tier}
        await self.insert(
            "assessment",
            [
                common
                | period
                | {
                    "supplier_id": f.id,
                    "id": s,
                    "subject_key": f.id,
                    "state": "submitted",
                    "revision": int(at.timestamp()),
                }
                for f, s, _ in triples
            ],
        )
        await self.insert(
            "submission",
            [
                common
                | period
                | {
                    "supplier_id": f.id,
                    "id": s,
                    "assessment_id": s,
                    "revision": 1,
                    "content_hash": "-",
                    "subject": "organization",
                    "subject_key": f.id,
                    "header": '{"profile": 1}',
                    "root_hash": b"-",
                    "submitted_at": at,
                }
                for f, s, _ in triples
            ],
        )
        await self.insert("result", [write_result(f.id, s, total, tier, at) for f, s, total in triples])
        for question, given in (points or {}).items():
            await self.insert(
                "submission_section",
                [write_section(f.id, s, question, one) for (f, s, _), one in zip(triples, given, strict=True)],
            )
        for question, values in (answers or {}).items():
            await self.insert(
                "submission_section",
                [write_answer(f.id, s, question, one) for (f, s, _), one in zip(triples, values, strict=True)],
            )
        return made

    async def rescore(
        self,
        firms: Sequence[Firm],
        submissions: Sequence[UUID],
        totals: Sequence[int],
        *,
        at: datetime = SETTLED,
        points: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Results of a second scoring profile beside those of the first, each with the trace of what was submitted."""
        triples = list(zip(firms, submissions, totals, strict=True))
        results = [write_result(f.id, s, total, "basic", at) | {"profile_number": 2} for f, s, total in triples]
        await self.insert("result", results)
        names = ("supplier_id", "submission_id", "section", "trace")
        for question, given in (points or {}).items():
            sections = [write_section(f.id, s, question, one) for (f, s, _), one in zip(triples, given, strict=True)]
            rows = [{name: section[name] for name in names} | {"profile_number": 2} for section in sections]
            await self.insert("result_section", rows)

    async def share(
        self, firms: Sequence[Firm], submissions: Sequence[UUID], buyer: UUID, *, revoked: bool = False
    ) -> None:
        """Shares of exactly these submissions with a buyer."""
        await self.insert(
            "share",
            [
                {
                    "supplier_id": firm.id,
                    "buyer_id": buyer,
                    "id": ids.new_id(),
                    "questionnaire": sample.KEY,
                    "subject_key": firm.id,
                    "submission_id": submission,
                    "follows_from": SETTLED,
                    "mode": "snapshot",
                    "purpose": "Made up",
                    "starts_at": SETTLED,
                    "revoked_at": SETTLED + timedelta(days=1) if revoked else None,
                }
                for firm, submission in zip(firms, submissions, strict=True)
            ],
        )

    async def set_clock(self, moment: datetime) -> None:
        await self.connection.execute(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS "
            f"$$ SELECT '{moment.isoformat()}'::timestamptz $$"
        )

    async def release(self, quarter: Quarter = QUARTER, now: datetime = NOW, policy: Policy | None = None) -> Made:
        """Make a release with the worker's login, at a day, by the rules of the installation or by others."""
        await self.set_clock(now)
        async with people.open_session(self.database.worker_url) as session:
            return await releases.make_release(session, quarter, policy=policy)


def write_result(supplier: UUID, submission: UUID, total: int, tier: str, at: datetime) -> dict[str, Any]:
    pillars = [
        {"key": "labour", "title": "Labor", "score": total, "weight": 6000, "reason": "rated"},
        {"key": "safety", "title": "Safety", "score": None, "weight": 4000, "reason": "nothing_to_score"},
    ]
    return {
        "supplier_id": supplier,
        "submission_id": submission,
        "profile_number": 1,
        "tier_scored": tier,
        "is_own_tier": True,
        "total": total,
        "coverage": 10_000,
        "pillars": orjson.dumps(pillars).decode(),
        "critical": "[]",
        "valid_until": (at + timedelta(days=365)).date(),
    }


def write_section(supplier: UUID, submission: UUID, question: str, points: str | None) -> dict[str, Any]:
    lines = [{"question": question, "row": None, "points": points}]
    return {
        "supplier_id": supplier,
        "submission_id": submission,
        "section": question,
        "position": 0,
        "title": question,
        "answers": "{}",
        "trace": orjson.dumps({"lines": lines}).decode(),
        "hash": b"-",
    }


def write_answer(supplier: UUID, submission: UUID, question: str, value: str | None) -> dict[str, Any]:
    entry = {"state": "unknown"} if value is None else {"state": "value", "value": value}
    section = write_section(supplier, submission, f"{question}_answer", None)
    return section | {"answers": orjson.dumps({question: entry}).decode()}


def find(made: Made, cell: str = "basic/C/Asia/small", measure: str = "total") -> CellOutcome:
    """The decision on a measure of a cell of the sample questionnaire."""
    return next(one for one in made.outcomes if (one.cell, one.measure) == (f"{sample.KEY}/{cell}", measure))


def list_published(made: Made, measure: str = "total") -> dict[str, str]:
    """What became of each cell: PUBLISHED or the reason."""
    return {
        one.cell.removeprefix(f"{sample.KEY}/"): one.decision.reason or "PUBLISHED"
        for one in made.outcomes
        if one.measure == measure
    }


def spread(count: int, start: int = 3000, step: int = 250) -> list[int]:
    """Totals that differ, none dominating."""
    return [start + step * (place % 20) + place for place in range(count)]


@asynccontextmanager
async def open_population(database: TestDatabase) -> AsyncIterator[Population]:
    """A population with one approved buyer outside every group."""
    async with people.open_session(database.owner_url) as session:
        await approval.approve_questionnaire(session, operators.OWNER_LOGIN, questionnaire=sample.KEY)
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        population = Population(database, connection)
        population.buyer = await population.add_buyer()
        yield population
    finally:
        await connection.close()
