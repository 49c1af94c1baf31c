"""One assessment per questionnaire, subject, period and revision: finding it, starting it, raising its tier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions
from portal.database import ids, outbox
from portal.database.tables import assessments as tables
from portal.database.tables.assessments import TIERS
from portal.database.tables.directory import Site
from questionnaires import reopening
from questionnaires.definition import Definition


@dataclass(frozen=True, kw_only=True)
class Place:
    """What an assessment is about: a questionnaire, the organization or one of its sites, and a period."""

    questionnaire: str
    site_id: UUID | None
    period_start: date
    period_end: date


def read_place(row: tables.Assessment) -> Place:
    """The place of an assessment."""
    return Place(
        questionnaire=row.questionnaire,
        site_id=row.site_id,
        period_start=row.period_start,
        period_end=row.period_end,
    )


LONGEST_PERIOD = 3 * 366  # days
MOST_YEARS_AGO = 10
MOST_YEARS_AHEAD = 1


async def check_period(session: AsyncSession, start: date, end: date) -> None:
    """Raise InvalidInput for a period that ends before it starts, has over three years, or lies far from today."""
    if end < start:
        words = f"The period ends on {end} before it starts on {start}."
        raise errors.InvalidInput(words, code="PERIOD", path=("periodEnd",))
    if (end - start).days > LONGEST_PERIOD:
        raise errors.InvalidInput("A period has at most three years.", code="PERIOD", path=("periodEnd",))
    today = (await session.execute(select(func.portal.clock()))).scalar_one().date()
    # Whole calendar years, since most periods are some.
    earliest, latest = date(today.year - MOST_YEARS_AGO, 1, 1), date(today.year + MOST_YEARS_AHEAD, 12, 31)
    if start < earliest:
        words = f"A period starts on {earliest} at the earliest; this one on {start}."
        raise errors.InvalidInput(words, code="PERIOD", path=("periodStart",))
    if end > latest:
        words = f"A period ends on {latest} at the latest; this one on {end}."
        raise errors.InvalidInput(words, code="PERIOD", path=("periodEnd",))


def check_tier(definition: Definition, tier: str, *, place: str = "tier") -> None:
    """Raise InvalidInput, which names `place`, for a tier that a version does not have."""
    if tier not in definition.tier_keys:
        allowed = ", ".join(definition.tier_keys)
        words = f"{definition.key} {definition.version} has no tier {tier}; allowed: {allowed}."
        raise errors.InvalidInput(words, code="TIER", path=(place,))


def is_enough(tier: str, minimum: str) -> bool:
    """Whether a tier contains what a minimum asks."""
    return TIERS.index(tier) >= TIERS.index(minimum)


async def take_turn(session: AsyncSession, actor: Actor) -> None:
    """One at a time of a supplier's acts that start, join or revise assessments; answering goes on meanwhile.

    They lock requests and assessments in either order, and would stop each other otherwise.
    """
    await session.execute(TAKE_TURN, {"supplier": f"assessments:{actor.organization}"})


async def check_site(session: AsyncSession, actor: Actor, site_id: UUID | None) -> None:
    """Raise NotFound for a site that is not the caller's, or is archived."""
    if site_id is None:
        return
    found = await session.scalar(
        select(Site.id).where(
            Site.organization_id == actor.organization, Site.id == site_id, Site.archived_at.is_(None)
        )
    )
    if found is None:
        raise errors.NotFound("There is no such site.", path=("siteId",))


def check_open(row: tables.Assessment) -> None:
    """Raise Conflict ALREADY_SUBMITTED or UPGRADED for an assessment that takes no changes any more."""
    if row.state == "submitted":
        raise errors.Conflict("This was submitted; correct it to change anything.", code="ALREADY_SUBMITTED")
    if row.state == "replaced":
        words = "This draft was upgraded to a later version; go on with the newer draft."
        raise errors.Conflict(words, code="UPGRADED")


def check_unlocked(row: tables.Assessment, place: tuple[str, str | None] | None = None) -> None:
    """Raise Conflict LOCKED for a draft that answers a clarification, where that does not open this place."""
    if row.reopened is None or (place is not None and reopening.is_reopened(row.reopened, *place)):
        return
    words = (
        "This draft answers a clarification, and only what was asked about may change in it. Discard it and correct"
        " the assessment to change more."
    )
    raise errors.Conflict(words, code="LOCKED")


async def find_latest(
    session: AsyncSession, actor: Actor, place: Place, *, lock: bool = True
) -> tables.Assessment | None:
    """The newest revision for a place, locked against other writers; none where nothing was started."""
    table = tables.Assessment
    statement = (
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.questionnaire == place.questionnaire,
            table.subject_key == (place.site_id or actor.organization),
            table.period_start == place.period_start,
            table.period_end == place.period_end,
        )
        .order_by(table.revision.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    found: tables.Assessment | None = await session.scalar(
        statement.with_for_update(key_share=True) if lock else statement
    )
    return found


REVISIONS = text(
    """
    SELECT a.id, v.content_hash
      FROM portal.assessment named
      JOIN portal.assessment a
        ON a.supplier_id = named.supplier_id AND a.questionnaire = named.questionnaire
       AND a.subject_key = named.subject_key AND a.period_start = named.period_start
       AND a.period_end = named.period_end
      JOIN portal.questionnaire_version v ON v.questionnaire = a.questionnaire AND v.version = a.version
     WHERE named.supplier_id = :supplier AND named.id = :assessment
     ORDER BY a.revision
    """
)


async def list_revisions(session: AsyncSession, actor: Actor, assessment_id: UUID) -> Sequence[Any]:
    """All revisions of the place of an assessment, the newest last: each with the hash of its version."""
    return (await session.execute(REVISIONS, {"supplier": actor.organization, "assessment": assessment_id})).all()


async def find_or_start(
    session: AsyncSession, actor: Actor, place: Place, tier: str, *, was_asked: bool = False
) -> tuple[tables.Assessment, bool]:
    """The newest revision for a place and whether it was started now, at this tier on the current version.

    Raises InvalidInput for a tier that the version does not have, NotFound for an unknown questionnaire or site,
    Conflict where nothing begins with the version any more; what `was_asked` for may begin longer.
    """
    latest = await find_latest(session, actor, place)
    if latest is not None:
        return latest, False
    version = await definitions.load_current(session, place.questionnaire)
    version.check_begin(was_asked=was_asked)
    check_tier(version.definition, tier)
    await check_site(session, actor, place.site_id)
    started = await _insert_first(session, actor, place, version.definition, tier)
    latest = await find_latest(session, actor, place)
    if latest is None:
        raise errors.Unavailable("The assessment could not be started just now; try again.")
    return latest, started


async def _insert_first(session: AsyncSession, actor: Actor, place: Place, definition: Definition, tier: str) -> bool:
    """Start revision 1, unless somebody else did in this moment."""
    made = await session.scalar(
        insert(tables.Assessment)
        .values(
            supplier_id=actor.organization,
            id=ids.new_id(),
            questionnaire=definition.key,
            version=definition.version,
            tier=tier,
            subject="organization" if place.site_id is None else "site",
            site_id=place.site_id,
            subject_key=place.site_id or actor.organization,
            period_start=place.period_start,
            period_end=place.period_end,
        )
        .on_conflict_do_nothing()
        .returning(tables.Assessment.id)
    )
    return made is not None


async def set_tier(session: AsyncSession, actor: Actor, row: tables.Assessment, tier: str) -> None:
    """Change a locked draft's tier; the sync sees it as a change of the assessment.

    Another tier asks other questions, so that a draft that answers a clarification is open from now on as any other.
    """
    table = tables.Assessment
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == row.id)
        .values(tier=tier, reopened=None, change_number=table.change_number + 1, updated_at=text("portal.clock()"))
        .execution_options(synchronize_session=False)
    )
    if row.reopened is not None:
        await renew_evidence(session, actor, row.id)
    await session.refresh(row)
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=row.id)


async def renew_evidence(session: AsyncSession, actor: Actor, assessment_id: UUID) -> None:
    """Let the newest revision of each document stand at those answers of a draft that may change."""
    await session.execute(select(func.portal.renew_links(actor.organization, assessment_id)))


async def count_changes(session: AsyncSession, actor: Actor, drafts: Sequence[UUID]) -> None:
    """Raise the change number of drafts and tell their followers, for a change that is none of an answer."""
    table = tables.Assessment
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id.in_(drafts))
        .values(change_number=table.change_number + 1, updated_at=text("portal.clock()"))
        .execution_options(synchronize_session=False)
    )
    events = [{"supplier": actor.organization, "assessment": one} for one in drafts]
    await outbox.add_events(session, "assessment.changed", events)


async def find_demanded_tier(session: AsyncSession, actor: Actor, assessment_id: UUID) -> str | None:
    """The highest tier that a live request which points to the assessment asks for."""
    table = tables.Request
    asked = await session.scalars(
        select(table.minimum_tier).where(
            table.supplier_id == actor.organization,
            table.assessment_id == assessment_id,
            table.state.in_(("open", "accepted")),
        )
    )
    return max(asked, key=TIERS.index, default=None)


async def check_demanded_tier(session: AsyncSession, actor: Actor, assessment_id: UUID, tier: str) -> None:
    """Raise Conflict TIER_REQUESTED for a tier below what a live request asks of the assessment."""
    demanded = await find_demanded_tier(session, actor, assessment_id)
    if demanded is not None and not is_enough(tier, demanded):
        raise errors.Conflict(
            f"A request asks for tier {demanded} at least; decline it first to answer less.", code="TIER_REQUESTED"
        )


TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:supplier, 0))")


async def raise_to_demanded(session: AsyncSession, actor: Actor, row: tables.Assessment, definition: Definition) -> str:
    """The tier of an assessment, or the higher one that a live request asks of it, where the version has that.

    A tier that came with a later version is reached by an upgrade, which starts from a draft at the tier there is.
    """
    demanded = await find_demanded_tier(session, actor, row.id)
    wanted = max(row.tier, demanded or row.tier, key=TIERS.index)
    return wanted if wanted in definition.tier_keys else row.tier
