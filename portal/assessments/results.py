"""Results as they are stored: hundredths of a point, one row for the own tier and one for each lower one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database.tables import assessments as tables
from questionnaires.definition import Definition
from questionnaires.points import count_hundredths
from questionnaires.result import PillarScore, Result, TierScore


def write_results(definition: Definition, result: Result) -> list[dict[str, Any]]:
    """One row per tier that the answers were scored at; lower tiers carry total and pillars, no band."""
    own = {
        "is_own_tier": True,
        "band": result.band,
        "band_reason": result.band_reason,
        "critical": [{"rule": fired.rule, "section": fired.section} for fired in result.fired],
    }
    lower: dict[str, Any] = {"is_own_tier": False, "band": None, "band_reason": None, "critical": []}
    top = TierScore(
        tier=result.tier,
        total=result.total,
        pillars=result.pillars,
        coverage=result.coverage,
        rests_on=result.rests_on,
    )
    titles = {pillar.key: pillar.title for pillar in definition.pillars}
    rows = [_write_tier(titles, top) | own, *(_write_tier(titles, tier) | lower for tier in result.lower)]
    return [row | {"profile_number": result.profile, "valid_until": result.valid_until} for row in rows]


def _write_tier(titles: Mapping[str, str], scored: TierScore) -> dict[str, Any]:
    return {
        "tier_scored": scored.tier,
        "total": None if scored.total is None else count_hundredths(scored.total),
        "coverage": count_hundredths(scored.coverage * 100),
        "pillars": [_write_pillar(titles, pillar) for pillar in scored.pillars],
    }


def _write_pillar(titles: Mapping[str, str], pillar: PillarScore) -> dict[str, Any]:
    return {
        "key": pillar.key,
        "title": titles[pillar.key],
        "score": None if pillar.score is None else count_hundredths(pillar.score),
        "weight": count_hundredths(pillar.weight),
        "reason": pillar.state,
    }


async def list_results(
    session: AsyncSession, actor: Actor, submissions: Sequence[UUID]
) -> dict[UUID, list[tables.Result]]:
    """The results of the caller's own submissions, the own tier first, then the lower ones from the top."""
    table = tables.Result
    found = await session.scalars(
        select(table).where(table.supplier_id == actor.organization, table.submission_id.in_(submissions))
    )
    grouped: dict[UUID, list[tables.Result]] = {}
    for row in sorted(found, key=lambda one: (-one.profile_number, -tables.TIERS.index(one.tier_scored))):
        grouped.setdefault(row.submission_id, []).append(row)
    return grouped


def is_valid(result: tables.Result, day: date) -> bool:
    """Whether a result still holds on a day."""
    return day <= result.valid_until
