"""How much a supplier is asked: in the last twelve months and now, what is joined counted once, against the limit.

A supplier sees what all buyers ask of it. A buyer sees what it asks itself, measured by its own requests alone: nothing
that it reads, and no refusal that it meets, depends on what others ask.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.assessments import definitions, operator_limits, requests
from portal.assessments.requests import Ask, Extra, Line
from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization
from questionnaires import asking
from questionnaires.definition import TIERS

# What was taken back, refused, or meant for somebody else costs nothing. What is asked for the same questionnaire,
# subject and period is answered once, whoever asks: a site is known by what it was accepted for, else by its name.
ASKED = """
    SELECT r.id, r.buyer_id, r.supplier_record_id, r.questionnaire, r.minimum_tier, r.period_start, r.period_end,
           CASE r.subject WHEN 'organization' THEN '' ELSE {site} END AS subject,
           r.state IN ('open', 'accepted') AS is_live, r.created_at > portal.clock() - interval '1 year' AS is_recent,
           r.created_at, v.content_hash{more}
      FROM portal.request r
      JOIN portal.questionnaire q ON q.key = r.questionnaire
      JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version{joined}
     WHERE {whose} AND r.state IN ('open', 'accepted', 'fulfilled')
       AND (r.state <> 'fulfilled' OR r.created_at > portal.clock() - interval '1 year')
     ORDER BY r.created_at, r.id
"""
NAMED_SITE = "'site ' || lower(coalesce(r.subject_name, ''))"
OF_SUPPLIER = text(
    ASKED.format(
        site=f"coalesce(a.site_id::text, {NAMED_SITE})",
        more=", b.name AS buyer_name",
        joined="""
      LEFT JOIN portal.assessment a ON a.supplier_id = r.supplier_id AND a.id = r.assessment_id
      LEFT JOIN portal.organization b ON b.id = r.buyer_id""",
        whose="r.supplier_id = :supplier",
    )
)
# Which assessment answers a request is nothing that a buyer may learn, not even from a sum.
OF_BUYER = text(
    ASKED.format(
        site=NAMED_SITE,
        more="",
        joined="",
        whose="r.buyer_id = :buyer AND r.supplier_record_id = ANY (CAST(:records AS uuid[]))",
    )
)
Place = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """`requests` as they were sent, the `responses` that answer them, and what those ask for."""

    requests: int
    responses: int
    questions: int
    minutes: Decimal


@dataclass(frozen=True, kw_only=True)
class Load:
    """What was asked in the last twelve months, and what waits now, whenever it was asked."""

    year: Figures
    now: Figures


@dataclass(frozen=True, kw_only=True)
class OwnLoad:
    """A supplier's load, in all and by buyer, and its limit of minutes a year; `over` are the requests beyond it."""

    load: Load
    buyers: tuple[tuple[UUID, str | None, Load], ...]
    limit: int | None
    over: frozenset[UUID]


@dataclass(frozen=True, kw_only=True)
class AskedLoad:
    """What a buyer itself asks of one supplier, and the limit that it is measured by."""

    load: Load
    limit: int | None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.load.year.minutes > self.limit


@dataclass(frozen=True, kw_only=True)
class PreviewLine:
    """What asking would come to at one supplier; `minutes` are those that it would add to the buyer's own."""

    line: Line
    year_minutes: Decimal
    minutes: Decimal
    limit: int | None

    @property
    def is_over(self) -> bool:
        return self.line.problem is None and self.limit is not None and self.year_minutes + self.minutes > self.limit


@dataclass(frozen=True)
class _Cost:
    questions: int
    minutes: Decimal


class _Costs:
    """What a tier of a current version asks, by the version's own figures; nothing where it has no such tier."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Cost] = {}

    async def load(self, session: AsyncSession, rows: Iterable[Any]) -> None:
        for row in rows:
            definition = await definitions.load_definition(session, row.content_hash)
            for tier in definition.tier_keys:
                asked = len(asking.list_asked(definition, tier))
                self._known[row.questionnaire, tier] = _Cost(asked, asking.sum_minutes(definition, tier))

    def find(self, questionnaire: str, tier: str) -> _Cost:
        return self._known.get((questionnaire, tier), _Cost(0, Decimal(0)))


def _find_place(row: Any) -> Place:
    return (row.questionnaire, row.subject, row.period_start, row.period_end)


def _join(rows: Iterable[Any]) -> dict[Place, str]:
    """The highest tier that is asked at each place, in the order in which places were first asked about."""
    tiers: dict[Place, str] = {}
    for row in rows:
        place = _find_place(row)
        tiers[place] = max(row.minimum_tier, tiers.get(place, row.minimum_tier), key=TIERS.index)
    return tiers


def _count(rows: Sequence[Any], costs: _Costs) -> Figures:
    found = [costs.find(place[0], tier) for place, tier in _join(rows).items()]
    return Figures(
        requests=len(rows),
        responses=len(found),
        questions=sum(one.questions for one in found),
        minutes=sum((one.minutes for one in found), Decimal(0)),
    )


def _measure(rows: Sequence[Any], costs: _Costs) -> Load:
    return Load(
        year=_count([row for row in rows if row.is_recent], costs),
        now=_count([row for row in rows if row.is_live], costs),
    )


def _find_over(rows: Sequence[Any], costs: _Costs, limit: int | None) -> frozenset[UUID]:
    """The requests that wait at places beyond the limit, in the order in which places were first asked about."""
    if limit is None:
        return frozenset()
    recent, spent, beyond = [row for row in rows if row.is_recent], Decimal(0), set()
    for place, tier in _join(recent).items():
        spent += costs.find(place[0], tier).minutes
        if spent > limit:
            beyond.add(place)
    return frozenset(row.id for row in recent if row.is_live and _find_place(row) in beyond)


async def measure_own(session: AsyncSession, actor: Actor) -> OwnLoad:
    """What buyers ask of the caller's organization."""
    access.require(actor, access.SUPPLIER)
    rows = (await session.execute(OF_SUPPLIER, {"supplier": actor.organization})).all()
    costs = _Costs()
    await costs.load(session, {row.content_hash: row for row in rows}.values())
    band = await session.scalar(select(Organization.size_band).where(Organization.id == actor.organization))
    limit = (await operator_limits.read_burden_limits(session))[band or "unknown"]
    buyers: dict[UUID, list[Any]] = {}
    for row in rows:
        buyers.setdefault(row.buyer_id, []).append(row)
    return OwnLoad(
        load=_measure(rows, costs),
        buyers=tuple((key, found[0].buyer_name, _measure(found, costs)) for key, found in buyers.items()),
        limit=limit,
        over=_find_over(rows, costs, limit),
    )


async def find_over(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether each of these requests to the caller's organization is beyond its limit."""
    over = (await measure_own(session, actor)).over
    return {one: one in over for one in wanted}


async def measure_asked(session: AsyncSession, actor: Actor, records: Sequence[UUID]) -> dict[UUID, AskedLoad]:
    """What the caller, a buyer, itself asks of each of these suppliers of its own."""
    access.require(actor, access.BUYER)
    rows, costs, limits = await _read_asked(session, actor, records)
    return {
        record: AskedLoad(load=_measure([row for row in rows if row.supplier_record_id == record], costs), limit=limit)
        for record, limit in limits.items()
    }


async def _read_asked(
    session: AsyncSession, actor: Actor, records: Sequence[UUID]
) -> tuple[Sequence[Any], _Costs, Mapping[UUID, int | None]]:
    parameters = {"buyer": actor.organization, "records": [str(one) for one in records]}
    rows = (await session.execute(OF_BUYER, parameters)).all()
    costs = _Costs()
    await costs.load(session, {row.content_hash: row for row in rows}.values())
    limits = await operator_limits.read_burden_limits(session)
    table = SupplierRecord
    found = await session.execute(
        select(table.id, func.coalesce(Organization.size_band, "unknown").label("band"))
        .outerjoin(Organization, Organization.id == table.supplier_id)
        .where(table.buyer_id == actor.organization, table.id.in_(records))
    )
    return rows, costs, {row.id: limits[row.band] for row in found}


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What would be asked, as a row of `ASKED`."""

    questionnaire: str
    subject: str
    period_start: Any
    period_end: Any
    minimum_tier: str
    content_hash: str
    is_recent: bool = True
    is_live: bool = True
    created_at: datetime | None = None


async def preview_requests(
    session: AsyncSession, actor: Actor, *, record_ids: Sequence[UUID | None], ask: Ask, extra: Extra | None = None
) -> list[PreviewLine]:
    """What `create_requests` would do, with the buyer's own minutes before and with it. Raises as that does."""
    lines = await requests.preview_requests(session, actor, record_ids=record_ids, ask=ask, extra=extra)
    rows, costs, limits = await _read_asked(session, actor, [one for one in record_ids if one is not None])
    wanted = []
    for key, tier in [(one.questionnaire, one.minimum_tier) for one in (ask, extra) if one is not None]:
        version = await definitions.load_current(session, key)
        wanted.append(
            _Wanted(
                questionnaire=key,
                subject="" if ask.subject == "organization" else f"site {(ask.subject_name or '').lower()}",
                period_start=ask.period_start,
                period_end=ask.period_end,
                minimum_tier=tier,
                content_hash=version.content_hash,
            )
        )
    await costs.load(session, wanted)
    told = []
    for line in lines:
        own = [row for row in rows if row.supplier_record_id == line.record_id and row.is_recent]
        before = _count(own, costs).minutes
        added = _count([*own, *wanted], costs).minutes - before if line.problem is None else Decimal(0)
        limit = None if line.record_id is None else limits.get(line.record_id)
        told.append(PreviewLine(line=line, year_minutes=before, minutes=added, limit=limit))
    return told
