"""A release as a table for machines: columns with their meaning, rows in a fixed order, and a tag of its content."""

import csv
import io
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.benchmarks import entitlement, quotas, reads
from portal.benchmarks.entitlement import Release
from portal.benchmarks.reads import Cell
from questionnaires import rates

FORMAT = 3
PAGE = 10_000  # what a release changed since another is looked for anew for each
EMPTY = "empty where it would show an end of the range or tell too much of somebody"
COLUMNS = {
    "release": ("integer", "Number of the release; its figures never change."),
    "period_start": ("date", "First day of the release's quarter."),
    "period_end": ("date", "Last day of the release's quarter."),
    "questionnaire": ("text", "Key of the questionnaire."),
    "tier": ("text", "Tier that the contributors answered: micro, basic, standard or advanced."),
    "sector": ("text", "Section of ISIC Rev.4, A to U; * where sectors are folded together."),
    "region": ("text", "Region of UN M49: Africa, Americas, Asia, Europe, Oceania; * where folded."),
    "size_band": ("text", "micro (under 10 people), small (to 49), medium (to 249), large; * where folded."),
    "measure": (
        "text",
        "total, pillar:<key>, question:<key>, indicator:<key>; upper:<key> and rest:<key> are the points of a question"
        " in the upper quarter of the total and in the rest.",
    ),
    "unit": ("text", "What the figures are in: point (of 100), or the unit of the indicator, such as percent."),
    "step": ("decimal", "Figures are rounded to whole steps of the unit, from 100 steps on to two digits."),
    "direction": ("text", "Where better lies: up, down or neutral."),
    "status": (
        "text",
        "PUBLISHED or NOT_PUBLISHED; of changes also where there is no such cell any more.",
    ),
    "count_band": ("text", "How many corporate groups stand behind the figures, as a band; empty if not published."),
    "mean": ("decimal", "Mean of the groups' values in the unit; every group weighs the same."),
    "p10": ("decimal", f"10th percentile; from 40 groups on, {EMPTY}."),
    "p25": ("decimal", f"Lower quartile; from 20 groups on, {EMPTY}."),
    "p50": ("decimal", f"Median; from 20 groups on, {EMPTY}."),
    "p75": ("decimal", f"Upper quartile; from 20 groups on, {EMPTY}."),
    "p90": ("decimal", f"90th percentile; from 40 groups on, {EMPTY}."),
    "figures_from_release": (
        "integer",
        "Release that made the figures: an older one where too little had changed, or where newer ones could not go out"
        " without telling too much of somebody; which of the two is not told.",
    ),
    "corrects_release": (
        "integer",
        "Release for the same quarter that this one corrects; empty where it corrects none.",
    ),
    "correction_reason": ("text", "Why this release corrects another; empty where it corrects none."),
    "corrected_by_release": ("integer", "Release that corrects this one: the one in force is the newest of a quarter."),
}


BEFORE_ALL = UUID(int=0)  # no row has it


@dataclass(frozen=True)
class ReleaseTable:
    """A release whose cells may be written, and the tag of its content."""

    release: Release
    newer_than: int | None

    @property
    def tag(self) -> str:
        """The same for the same content: until a release is corrected, and for ever then; not known without it."""
        release = self.release
        made = int(release.created_at.timestamp() * 1_000_000)
        return f"benchmarks-{FORMAT}-{release.number}-{made:x}-{self.newer_than or 0}-{release.corrected_by or 0}"


async def open_table(
    session: AsyncSession, actor: Actor, *, release: int, newer_than: int | None = None
) -> ReleaseTable:
    """A release for a partner; with `newer_than` what has changed since that release.

    Raises NotFound NO_RELEASE, NotAllowed, InvalidInput SINCE for a release that is not older.
    """
    opened = await entitlement.open_for_partner(session, actor, release)
    reads.check_older(release, newer_than or 0, ("since",), "SINCE")
    return ReleaseTable(opened, newer_than)


async def write_table(session: AsyncSession, actor: Actor, table: ReleaseTable, rows_per_day: int) -> str:
    """All cells as CSV (RFC 4180) with a header line; its rows are of those of the day. Raises RateLimited QUOTA."""
    rows = await reads.count_cells(session, release=table.release.number, newer_than=table.newer_than or 0)
    await quotas.take_rows(session, rows, rows_per_day)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    after = BEFORE_ALL
    while True:
        cells = await reads.list_cells(
            session, actor, release=table.release.number, newer_than=table.newer_than or 0, limit=PAGE, after=after
        )
        writer.writerows(_write_row(table.release, cell) for cell in cells)
        if len(cells) < PAGE:
            return text.getvalue()
        after = cells[-1].id or after


def write_dictionary() -> str:
    """The columns with type and meaning, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("column", "type", "meaning"))
    writer.writerows((name, kind, meaning) for name, (kind, meaning) in COLUMNS.items())
    return text.getvalue()


def _write_row(release: Release, cell: Cell) -> list[str | int | None]:
    figures, cohort, scale = cell.figures, cell.cohort, cell.scale or rates.POINTS
    names = ("mean", "p10", "p25", "p50", "p75", "p90")
    shown = [scale.spell(getattr(figures, name)) for name in names] if figures else [None] * len(names)
    return [
        release.number,
        release.period_start.isoformat(),
        release.period_end.isoformat(),
        cell.questionnaire,
        cohort.tier,
        cohort.sector,
        cohort.region,
        cohort.size_band,
        cell.measure,
        scale.unit,
        str(scale.step),
        scale.direction,
        "PUBLISHED" if figures else "NOT_PUBLISHED",
        figures.count_band if figures else None,
        *shown,
        cell.figures_from,
        release.corrects,
        release.correction_reason,
        release.corrected_by,
    ]
