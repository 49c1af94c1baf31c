"""Taking part: a supplier's choice for future releases, and a partner's acceptance of the terms."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.benchmarks import terms
from portal.database import audit
from portal.database.tables import benchmarks as tables


@dataclass(frozen=True)
class AcceptedTerms:
    """Which version was accepted, and when."""

    version: str
    accepted_at: datetime


async def takes_part(session: AsyncSession, actor: Actor) -> bool:
    """Whether the caller's submissions may enter future releases; so it is until it says no."""
    access.require(actor, access.SUPPLIER)
    table = tables.BenchmarkChoice
    chosen = await session.scalar(select(table.takes_part).where(table.organization_id == actor.organization))
    return chosen is not False


async def change_participation(session: AsyncSession, actor: Actor, *, taking_part: bool) -> bool:
    """Withdraw from future releases, or come back; what was released stays. Again changes nothing."""
    access.require(actor, access.SUPPLIER)
    access.require(actor, access.OWNER)
    if await takes_part(session, actor) == taking_part:
        return taking_part
    table = tables.BenchmarkChoice
    values = {"takes_part": taking_part, "changed_at": func.portal.clock()}
    await session.execute(
        insert(table)
        .values(organization_id=actor.organization, **values)
        .on_conflict_do_update(index_elements=["organization_id"], set_=values)
    )
    await audit.add_audit(session, actor, "benchmark.participation", "organization", detail={"takes_part": taking_part})
    return taking_part


async def accept_terms(session: AsyncSession, actor: Actor, *, version: str) -> AcceptedTerms:
    """Accept the terms in force for the caller's organization; again gives the first acceptance.

    Raises Conflict TERMS_CHANGED for another version, NotAllowed for others than owners of an active partner.
    """
    access.require(actor, access.OWNER)
    access.require(actor, access.SIGNED_IN)
    if "partner" not in actor.organization_roles:
        raise errors.NotAllowed("Only partners accept these terms.", code="NOT_A_PARTNER")
    if version != terms.VERSION:
        words = f"The terms in force are version {terms.VERSION}; read them and accept that version."
        raise errors.Conflict(words, code="TERMS_CHANGED", path=("version",))
    table = tables.PartnerTerms
    made = await session.execute(
        insert(table)
        .values(organization_id=actor.organization, terms_version=version, accepted_by=actor.user_id)
        .on_conflict_do_nothing()
        .returning(table.accepted_at)
    )
    if made.one_or_none() is not None:
        await audit.add_audit(session, actor, "benchmark.terms_accepted", "terms", version)
    accepted_at = await session.scalar(
        select(table.accepted_at).where(table.organization_id == actor.organization, table.terms_version == version)
    )
    return AcceptedTerms(version, accepted_at)  # type: ignore[arg-type]  # it was there or was just written
