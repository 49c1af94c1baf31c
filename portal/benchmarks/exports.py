"""A release as a table for machines: columns with their meaning, rows in a fixed order, a tag that never changes."""

import csv
import io
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.benchmarks import entitlement, reads
from portal.benchmarks.entitlement import Release
from portal.benchmarks.reads import Cell

FORMAT = 1
PAGE = 1_000
COLUMNS = {
    "release": ("integer", "Number of the release; a release never changes."),
    "period_start": ("date", "First day of the release's quarter."),
    "period_end": ("date", "Last day of the release's quarter."),
    "questionnaire": ("text", "Key of the questionnaire."),
    "tier": ("text", "Tier that the contributors answered: micro, basic, standard or advanced."),
    "sector": ("text", "Section of ISIC Rev.4, A to U; * where sectors are folded together."),
    "region": ("text", "Region of UN M49: Africa, Americas, Asia, Europe, Oceania; * where folded."),
    "size_band": ("text", "micro (under 10 people), small (to 49), medium (to 249), large; * where folded."),
    "measure": ("text", "total, pillar:<key> or question:<key>."),
    "status": ("text", "PUBLISHED or NOT_PUBLISHED."),
    "count_band": ("text", "How many corporate groups stand behind the figures, as a band; empty if not published."),
    "mean": ("integer", "Mean of the groups' scores, whole points of 100; every group weighs the same."),
    "p10": ("integer", "10th percentile in whole points; from 40 groups on, empty where it would show an end."),
    "p25": ("integer", "Lower quartile in whole points; from 20 groups on."),
    "p50": ("integer", "Median in whole points; from 20 groups on."),
    "p75": ("integer", "Upper quartile in whole points; from 20 groups on."),
    "p90": ("integer", "90th percentile in whole points; from 40 groups on."),
    "figures_from_release": ("integer", "Release that made the figures: an older one where too little had changed."),
}


BEFORE_ALL = UUID(int=0)  # no row has it


@dataclass(frozen=True)
class ReleaseTable:
    """A release whose cells may be written, and the tag of its content."""

    release: Release
    newer_than: int | None

    @property
    def tag(self) -> str:
        """The same for the same content for ever, since a release never changes; not known without the release."""
        made = int(self.release.created_at.timestamp() * 1_000_000)
        return f"benchmarks-{FORMAT}-{self.release.number}-{made:x}-{self.newer_than or 0}"


async def open_table(
    session: AsyncSession, actor: Actor, *, release: int, newer_than: int | None = None
) -> ReleaseTable:
    """A release for a partner; `newer_than` leaves out figures of that release and older ones.

    Raises NotFound NO_RELEASE, NotAllowed.
    """
    return ReleaseTable(await entitlement.open_for_partner(session, actor, release), newer_than)


async def write_table(session: AsyncSession, actor: Actor, table: ReleaseTable) -> str:
    """All cells as CSV (RFC 4180) with a header line."""
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
    figures = cell.figures
    names = ("count_band", "mean", "p10", "p25", "p50", "p75", "p90")
    shown = [getattr(figures, name) for name in names] if figures else [None] * len(names)
    cohort = cell.cohort
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
        "PUBLISHED" if figures else "NOT_PUBLISHED",
        *shown,
        cell.figures_from,
    ]
