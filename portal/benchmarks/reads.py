"""What is read of releases: one cell, all cells of a release, and own or shared results beside the cohort's figures.

Reads go to release_cell alone; nothing is computed across organizations here. Outside the operator's login a withheld
cell is NOT_PUBLISHED, and says no more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import RowMapping, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions
from portal.benchmarks import cohorts, disclosure, entitlement
from portal.benchmarks.cohorts import ALL, Cohort
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.entitlement import Release
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables import benchmarks as tables
from portal.database.tables.assessments import TIERS
from portal.database.tables.cards import RelationshipCard
from portal.database.tables.directory import SupplierRecord
from portal.database.tables.identity import Organization
from portal.reading import benchmarks as nouns
from portal.reading.benchmarks import COLUMNS
from questionnaires import peers
from questionnaires.peers import Figures
from questionnaires.rates import Scale

_MEASURE = re.compile(r"total|(pillar|question|upper|rest|indicator):[a-z][a-z0-9_]{1,63}")
CELL = tables.ReleaseCell
CELLS = f"SELECT {', '.join(column.name for column in COLUMNS)} FROM portal.release_cell"  # noqa: S608  # our columns
PATH = f"""
{CELLS}
 WHERE release_number = $1 AND questionnaire = $2 AND tier = $3 AND sector = ANY ($4::text[])
   AND region = ANY ($5::text[]) AND size_band = ANY ($6::text[])
"""
WHOLE = f"{CELLS} WHERE release_number = $1"
CHANGED = f"SELECT {', '.join(column.name for column in COLUMNS)} FROM ({nouns.CHANGES}) d"  # noqa: S608  # our own
CHANGED = f"{CHANGED} WHERE release_number = $1 AND since = $2"
# The rows of some measures as JSON, where the release `r` is opened and its own places are taken.
OPENED_PATH = f"""SELECT json_agg(c) FROM (
    {CELLS}
     WHERE release_number = r.number AND questionnaire = $3 AND tier = $7 AND sector = ANY ($8::text[])
       AND region = ANY ($9::text[]) AND size_band = ANY ($10::text[]) AND measure = ANY ($11::text[])) c
"""  # noqa: S608  # our own texts
Row: TypeAlias = Mapping[str, Any] | RowMapping | asyncpg.Record


@dataclass(frozen=True)
class Cell:
    """One measure of one cell of one release; `figures` is None where it is not published.

    `scale` says what the figures are in; None where the release has no such measure of that cell.
    """

    release: int
    questionnaire: str
    measure: str
    cohort: Cohort
    figures: Figures | None = None
    figures_from: int | None = None
    id: UUID | None = None
    scale: Scale | None = None


@dataclass(frozen=True)
class SupplierComparison:
    """A supplier of the caller, in its leaf, beside the cell that holds it; total in hundredths of a point."""

    record_id: UUID
    name: str
    total: int
    leaf: Cohort
    cell: Cell

    @property
    def quarter(self) -> int | None:
        """The quarter of the cohort that the total stands in."""
        return find_quarter(self.total, self.cell)


def find_quarter(value: int | None, cell: Cell) -> int | None:
    """The quarter of the cohort that a value stands in; None where the quartiles do not tell."""
    if value is None or cell.figures is None:
        return None
    return peers.find_quarter(value, cell.figures.quartiles)


async def read_cell(
    session: Session,
    actor: Actor,
    *,
    questionnaire: str,
    cohort: Cohort,
    measure: str = TOTAL,
    release: int | None = None,
) -> tuple[Release, Cell]:
    """A measure of a cohort, or of the cell that a leaf was folded into; `cohort` of the cell says which.

    Raises InvalidInput for a cohort or measure that cannot be, NotFound NO_RELEASE, NotFound for an unknown
    questionnaire, NotAllowed.
    """
    check_measure(measure)
    check_cohort(cohort)
    wanted = write_places(cohort, measure)
    found, cells = await entitlement.open_cells(session, actor, release, questionnaire, OPENED_PATH, wanted)
    if not cells:
        await definitions.check_questionnaire(session, questionnaire)
    return found, pick_cell(found, cells or [], questionnaire, cohort, measure)


def pick_cell(
    release: Release, rows: Sequence[Mapping[str, Any]], questionnaire: str, cohort: Cohort, measure: str
) -> Cell:
    """A measure of the cell that holds a cohort, from the rows of all cells that its path may lead to."""
    leaf = list_homes(cohort)[0]
    home = cohorts.find_cell({_read_cohort(row) for row in rows if row["measure"] == TOTAL}, leaf)
    row = next((row for row in rows if row["measure"] == measure and _read_cohort(row) == home), None)
    return Cell(release.number, questionnaire, measure, home or cohort) if row is None else make_cell(row)


def write_places(cohort: Cohort, measure: str) -> list[Any]:
    """The values of OPENED_PATH: where a cohort may be, and its measure beside the total, which every cell has."""
    path = list_homes(cohort)
    return [path[0].tier, *_list_steps(path), [TOTAL, measure]]


def list_homes(cohort: Cohort) -> tuple[Cohort, ...]:
    """Where a cohort may be: a leaf in itself or any parent, a parent in itself alone."""
    return cohort.list_path() if ALL not in (cohort.sector, cohort.region, cohort.size_band) else (cohort,)


def check_measure(measure: str, path: tuple[str, ...] = ("measure",)) -> None:
    """Raise InvalidInput MEASURE for what is none, at the place where it was given."""
    if _MEASURE.fullmatch(measure) is None:
        words = 'A measure is "total", or the key of something behind "pillar:", "question:", "upper:", "rest:" or '
        words += '"indicator:".'
        raise errors.InvalidInput(words, code="MEASURE", path=path)


def check_cohort(cohort: Cohort) -> None:
    """Raise InvalidInput COHORT for what is no place in the tree."""
    if cohort.tier not in TIERS:
        raise errors.InvalidInput(f"A tier is one of {', '.join(TIERS)}.", code="COHORT", path=("tier",))
    if cohort.sector not in {ALL, *cohorts.list_sections().values()}:
        words = 'A sector is a section of ISIC Rev.4, like "C".'
        raise errors.InvalidInput(words, code="COHORT", path=("sector",))
    for narrower, wider, path in (("region", "sector", "region"), ("size_band", "region", "size")):
        if getattr(cohort, narrower) != ALL and getattr(cohort, wider) == ALL:
            words = f"{path} can be given only together with {wider}: sizes are folded first, then regions."
            raise errors.InvalidInput(words, code="COHORT", path=(path,))


async def list_path(session: Session, release: int, questionnaire: str, path: Sequence[Cohort]) -> list[asyncpg.Record]:
    """The rows of all cells that a path may lead to, and of a few more that the caller passes over.

    The total of every cell of the partition has a row, published or not.
    """
    values = (release, questionnaire, path[0].tier, *_list_steps(path))
    return await (await reader.take_reader(session)).fetch(PATH, *values)


def _list_steps(path: Sequence[Cohort]) -> list[list[str]]:
    """The sectors, the regions and the sizes that a path goes through."""
    return [sorted({getattr(step, name) for step in path}) for name in ("sector", "region", "size_band")]


def _read_cohort(row: Row) -> Cohort:
    return Cohort(row["tier"], row["sector"], row["region"], row["size_band"])


def make_cell(row: Row) -> Cell:
    """A row as a cell; its identity and figures."""
    figures = None if row["mean"] is None else disclosure.read_figures(row)
    own = (row["release_number"], row["questionnaire"], row["measure"])
    scale = Scale(row["unit"], Decimal(str(row["step"])), row["direction"])  # a number of JSON is a float
    return Cell(*own, _read_cohort(row), figures, row["figures_from"], row["id"], scale)


async def list_cells(
    session: Session, actor: Actor, *, release: int, newer_than: int, limit: int, after: UUID
) -> list[Cell]:
    """The cells of a release in the order they were written, for partners; what has changed since another, if not 0.

    A cell that the release has no more comes without figures. Raises NotFound NO_RELEASE, NotAllowed.
    """
    await entitlement.open_for_partner(session, actor, release)
    chosen, values = _choose_cells(release, newer_than)
    place = len(values) + 1
    paged = f"{chosen} AND id > ${place} ORDER BY id LIMIT ${place + 1}"
    return [make_cell(row) for row in await (await reader.take_reader(session)).fetch(paged, *values, after, limit)]


async def count_cells(session: Session, *, release: int, newer_than: int) -> int:
    """How many cells `list_cells` gives."""
    chosen, values = _choose_cells(release, newer_than)
    counted = f"SELECT count(*)::text FROM ({chosen}) n"  # noqa: S608  # our own texts
    return int(await (await reader.take_reader(session)).fetch_text(counted, values) or 0)


def _choose_cells(release: int, newer_than: int) -> tuple[str, list[Any]]:
    return (CHANGED, [release, newer_than]) if newer_than else (WHOLE, [release])


def check_older(release: int, newer_than: int, path: tuple[str, ...], code: str = "NOT_OLDER") -> None:
    """Raise InvalidInput, at the place where it was given, for a release that is not older than the one read."""
    if newer_than and not 0 < newer_than < release:
        words = f"Release {newer_than} is not older than release {release}: ask a release for what it changed since one"
        raise errors.InvalidInput(f"{words} before it, or since 0 for all of it.", code=code, path=path)


async def list_supplier_comparisons(
    session: AsyncSession,
    actor: Actor,
    *,
    questionnaire: str,
    release: int | None = None,
    limit: int,
    after: tuple[int, UUID] | None = None,
) -> tuple[Release, list[SupplierComparison]]:
    """The caller's suppliers that share a total now, the highest first, each beside its own cohort.

    `after` is the total and record of the last one seen. Raises NotFound NO_RELEASE or for an unknown questionnaire,
    NotAllowed.
    """
    access.require(actor, access.BUYER)
    await definitions.check_questionnaire(session, questionnaire)
    found = await entitlement.open_release(session, actor, release, questionnaire)
    totals = (
        await session.execute(
            select(*COLUMNS).where(
                CELL.release_number == found.number, CELL.questionnaire == questionnaire, CELL.measure == TOTAL
            )
        )
    ).mappings()
    cells = {_read_cohort(row): make_cell(row) for row in totals}
    rows = await session.execute(_select_shared(actor, questionnaire, limit, after))
    return found, [_compare(row, found.number, questionnaire, cells) for row in rows]


def _select_shared(actor: Actor, questionnaire: str, limit: int, after: tuple[int, UUID] | None) -> Select[Any]:
    card = RelationshipCard
    shown: list[Any] = [
        card.supplier_record_id,
        SupplierRecord.name,
        card.total,
        card.tier,
        Organization.sector,
        Organization.country,
        Organization.size_band,
    ]
    statement = (
        select(*shown)
        .join(
            SupplierRecord,
            (SupplierRecord.buyer_id == card.buyer_id) & (SupplierRecord.id == card.supplier_record_id),
        )
        .outerjoin(Organization, Organization.id == card.supplier_id)
        .where(
            card.buyer_id == actor.organization,
            card.questionnaire == questionnaire,
            card.archived.is_(False),
            card.total_missing.is_(False),
            or_(card.shared_until.is_(None), card.shared_until > func.portal.clock()),
        )
        .order_by(card.total.desc(), card.supplier_record_id)
        .limit(limit)
    )
    if after is not None:
        total, record = after
        statement = statement.where(card.total <= total, or_(card.total < total, card.supplier_record_id > record))
    return statement


def _compare(row: Any, release: int, questionnaire: str, cells: dict[Cohort, Cell]) -> SupplierComparison:
    leaf = cohorts.place(row.tier, row.sector, row.country, row.size_band)
    home = cohorts.find_cell(set(cells), leaf)
    cell = cells[home] if home else Cell(release, questionnaire, TOTAL, Cohort(row.tier))
    return SupplierComparison(row.supplier_record_id, row.name, row.total, leaf, cell)
