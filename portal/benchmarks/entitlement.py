"""Who may read which release: suppliers that contribute, buyers whose suppliers take part, partners under terms."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.benchmarks import terms
from portal.database.tables import benchmarks as tables

GRACE_DAYS = 180
STANDING = text(
    """
    SELECT EXISTS (SELECT FROM portal.release_contributor c
                    WHERE c.supplier_id = :organization AND c.questionnaire = :questionnaire
                      AND c.release_number = :release AND NOT c.waits) AS contributes,
           EXISTS (SELECT FROM portal.organization_role r
                    WHERE r.organization_id = :organization AND r.role = 'buyer'
                      AND r.decided_at > portal.clock() - make_interval(days => :grace)) AS is_new_buyer,
           portal.shared_results_take_part(:release, :questionnaire) AS suppliers_take_part,
           EXISTS (SELECT FROM portal.partner_terms t
                    WHERE t.organization_id = :organization AND t.terms_version = :terms) AS terms_accepted
    """
)

NEWEST = select(tables.Release).order_by(tables.Release.number.desc()).limit(1)
NUMBERED = select(tables.Release).where(tables.Release.number == bindparam("number"))


@dataclass(frozen=True)
class Release:
    """A release as everybody may know it."""

    number: int
    period_start: date
    period_end: date
    policy: dict[str, Any]
    terms_version: str
    created_at: datetime


async def list_releases(session: AsyncSession, actor: Actor, *, limit: int = 100) -> list[Release]:
    """The releases, the newest first; that there are any is no secret between readers."""
    access.require(actor, access.BENCHMARK_READER)
    table = tables.Release
    found = await session.scalars(select(table).order_by(table.number.desc()).limit(limit))
    return [_make_release(row) for row in found]


async def find_release(session: AsyncSession, actor: Actor, number: int | None) -> Release:
    """One release, or the newest; raises NotFound NO_RELEASE."""
    access.require(actor, access.BENCHMARK_READER)
    if number is None:
        found = await session.scalar(NEWEST)
    else:
        found = await session.scalar(NUMBERED, {"number": min(max(number, 0), 2**31 - 1)})
    if found is None:
        words = "There is no release yet." if number is None else f"There is no release {number}."
        raise errors.NotFound(words, code="NO_RELEASE", path=("release",))
    return _make_release(found)


def _make_release(row: tables.Release) -> Release:
    return Release(row.number, row.period_start, row.period_end, dict(row.policy), row.terms_version, row.created_at)


async def require_reading(session: AsyncSession, actor: Actor, release: int, questionnaire: str) -> None:
    """Raise NotAllowed, with what is missing, unless the caller gives to the release or accepted the terms."""
    access.require(actor, access.BENCHMARK_READER)
    roles = actor.organization_roles
    standing = await _find_standing(session, actor, release, questionnaire)
    if (
        ("supplier" in roles and standing.contributes)
        or ("buyer" in roles and (standing.is_new_buyer or standing.suppliers_take_part))
        or ("partner" in roles and standing.terms_accepted)
    ):
        return
    if "partner" in roles:
        raise _refuse_terms()
    if "buyer" in roles:
        words = "Buyers read a release that results shared with them take part in, or in their first 180 days."
        raise errors.NotAllowed(words, code="NO_SHARED_RESULTS")
    words = "Suppliers read the releases that they contribute to; your submission is not part of this one."
    raise errors.NotAllowed(words, code="NOT_CONTRIBUTING")


async def require_partner(session: AsyncSession, actor: Actor) -> None:
    """Raise NotAllowed unless the caller is a partner that accepted the terms now in force."""
    access.require(actor, access.BENCHMARK_READER)
    if "partner" not in actor.organization_roles:
        raise errors.NotAllowed("Whole releases are for partners.", code="NOT_A_PARTNER")
    if not (await _find_standing(session, actor, 0, "")).terms_accepted:
        raise _refuse_terms()


def _refuse_terms() -> errors.NotAllowed:
    words = f"Accept version {terms.VERSION} of the terms first: acceptPartnerTerms."
    return errors.NotAllowed(words, code="TERMS_NOT_ACCEPTED")


async def _find_standing(session: AsyncSession, actor: Actor, release: int, questionnaire: str) -> Any:
    parameters = {
        "organization": actor.organization,
        "questionnaire": questionnaire,
        "release": release,
        "grace": GRACE_DAYS,
        "terms": terms.VERSION,
    }
    return (await session.execute(STANDING, parameters)).one()
