"""A submission's summary as it is signed, and its sections as they were sealed: for others to check away from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import snapshots
from portal.database.tables import assessments as tables
from portal.database.tables.identity import Organization
from portal.database.tables.reviews import AssuranceSummary
from questionnaires import assurance, sealing, summaries
from questionnaires.trace import state_figure

NONE = "There is no such submission, or nobody shares it with you."


@dataclass(frozen=True, kw_only=True)
class Assured:
    """What reviewers stated of a submission comes to on a day; it stands beside the result, and holds for that day."""

    as_of: date
    row: AssuranceSummary

    def write(self) -> dict[str, Any]:
        """As plain JSON, the shares in percent."""
        shares = {name: _state(getattr(self.row, name)) for name in assurance.ORDER}
        return shares | {
            "as_of": self.as_of.isoformat(),
            "since": self.row.from_day.isoformat(),
            "conflicts": self.row.conflicts,
            "profile": self.row.profile_number,
        }


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a signature is made over but for the moment: `state` is the one of now."""

    submission: tables.Submission
    result: tables.Result
    organization: str
    section_hashes: Mapping[str, str]
    assurance: Assured | None = None  # none where nobody has stated anything

    def write(self, issuer: str, now: datetime) -> dict[str, Any]:
        """As plain JSON, without an answer in it; figures as the trace states them."""
        row, result = self.submission, self.result
        sealed = {name: row.header[name] for name in summaries.SEALED}
        return sealed | {
            "format": summaries.FORMAT,
            "issuer": issuer,
            "issued_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "state": row.state,
            "organization": self.organization,
            "subject_name": row.subject_name,
            "revision": row.revision,
            "valid_until": result.valid_until.isoformat(),
            "profile": result.profile_number,
            "total": _state(result.total),
            "pillars": [
                {"key": pillar["key"], "title": pillar["title"], "score": _state(pillar["score"])}
                for pillar in result.pillars
            ],
            "band": result.band,
            "band_reason": result.band_reason,
            "coverage": _state(result.coverage),
            "assurance": None if self.assurance is None else self.assurance.write(),
            "root": row.root_hash.hex(),
            "header": row.header,
            "sections": dict(self.section_hashes),
        }


def _state(hundredths: int | None) -> str | None:
    return None if hundredths is None else state_figure(Fraction(hundredths, 100))


async def load_summary(session: AsyncSession, actor: Actor, *, supplier_id: UUID, submission_id: UUID) -> Summary:
    """The summary of a submission of the caller's own, also a withdrawn one, or of one that is shared with it.

    Raises NotFound.
    """
    row = await _find(session, supplier_id, submission_id)
    table = tables.Result
    result = await session.scalar(
        select(table)
        .where(table.supplier_id == supplier_id, table.submission_id == submission_id, table.is_own_tier)
        .order_by(table.profile_number.desc())
        .limit(1)
    )
    name = await session.scalar(select(Organization.name).where(Organization.id == supplier_id))
    hashes = await session.scalar(select(func.portal.list_section_hashes(supplier_id, submission_id)))
    if result is None or name is None or hashes is None:
        raise errors.NotFound(NONE)
    assured = await _find_assured(session, supplier_id, submission_id)
    return Summary(submission=row, result=result, organization=name, section_hashes=hashes, assurance=assured)


async def _find_assured(session: AsyncSession, supplier_id: UUID, submission_id: UUID) -> Assured | None:
    table, today = AssuranceSummary, func.date(func.timezone("UTC", func.portal.clock()))
    found = await session.execute(
        select(table, today.label("as_of"))
        .where(table.supplier_id == supplier_id, table.submission_id == submission_id, table.from_day <= today)
        .order_by(table.from_day.desc())
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else Assured(as_of=row.as_of, row=row.AssuranceSummary)


async def load_section(
    session: AsyncSession, actor: Actor, *, supplier_id: UUID, submission_id: UUID, section: str
) -> dict[str, Any]:
    """A section of the caller's own, or one that a share opens, with salt, sealed trace and what digests stand for.

    Which documents stood behind it only where those are shared, too. Raises NotFound, Conflict where the section was
    sealed in a way that tells of them.
    """
    await _find(session, supplier_id, submission_id)
    table = tables.SubmissionSection
    row = await session.scalar(
        select(table).where(
            table.supplier_id == supplier_id, table.submission_id == submission_id, table.section == section
        )
    )
    if row is None:
        raise errors.NotFound("There is no such section, or nobody shares it with you.")
    sealed = snapshots.read_section(row)
    if not await _may_know_documents(session, actor, supplier_id, submission_id):
        try:
            sealed = sealing.hide_documents(sealed)
        except ValueError:
            raise errors.Conflict(
                "This was sealed before sections could be shown without their documents; ask for both.",
                code="SEALED_WITH_DOCUMENTS",
            ) from None
    return summaries.write_section(str(submission_id), sealed, row.title)


async def _find(session: AsyncSession, supplier_id: UUID, submission_id: UUID) -> tables.Submission:
    """One's own, or what a live share covers: the policies of the table decide."""
    table = tables.Submission
    row = await session.scalar(select(table).where(table.supplier_id == supplier_id, table.id == submission_id))
    if row is None:
        raise errors.NotFound(NONE)
    return row


async def _may_know_documents(session: AsyncSession, actor: Actor, supplier_id: UUID, submission_id: UUID) -> bool:
    if actor.organization == supplier_id:
        return True
    may = func.portal.may_read_submission_evidence(supplier_id, submission_id)
    return bool(await session.scalar(select(may)))
