"""Taking a draft to the current version of its questionnaire: a look before, and then a new draft that links back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import assessments, carrying, definitions, drafts, joining, pushed_answers, teamwork
from portal.assessments.carried_documents import CarriedDocument
from portal.assessments.carrying import Carrying
from portal.assessments.definitions import Version
from portal.assessments.drafts import Draft
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import assessments as tables
from questionnaires.definition import Definition
from questionnaires.difference import order_version

OPERATION = "upgradeAssessment"
MOVE_REQUESTS = text(
    """
    UPDATE portal.request SET assessment_id = :new, updated_at = portal.clock()
     WHERE supplier_id = :supplier AND assessment_id = :old AND state IN ('open', 'accepted')
    """
)


@dataclass(frozen=True, kw_only=True)
class Upgraded:
    """The new draft, the one that it took the place of, and the documents of that which did not come along."""

    assessment: tables.Assessment
    replaced_id: UUID
    left: tuple[CarriedDocument, ...]


async def preview_upgrade(session: AsyncSession, actor: Actor, assessment_id: UUID) -> Carrying | None:
    """What an upgrade to the current version would make of each answer; none where there is nothing to upgrade."""
    draft = await drafts.load_draft(session, actor, assessment_id)
    if draft.row.state != "draft":
        return None
    current = await definitions.load_current(session, draft.row.questionnaire)
    if not _is_later(current.definition, draft):
        return None
    return await carrying.plan_carrying(session, actor, draft, current, renews=False)


async def upgrade_assessment(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    version: str,
    tier: str | None = None,
    idempotency_key: str | None = None,
) -> Upgraded:
    """Start a new draft on `version`, the current one, with the answers that stand; the old one stays readable.

    Requests follow. Without a tier it has the old one's, raised to what a request asks. Raises NotFound, Conflict
    UP_TO_DATE, NEWER_VERSION, ALREADY_SUBMITTED, UPGRADED or TIER_REQUESTED, InvalidInput for an unknown tier.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    body = {"assessment": assessment_id, "version": version, "tier": tier}
    made = await idempotency.find_made(session, actor, idempotency_key, OPERATION, body)
    if made is not None:
        again = await assessments.get_assessment(session, actor, UUID(made[0]))
        old = await drafts.load_draft(session, actor, assessment_id)
        left = await carrying.list_left(session, actor, old, again, renews=False)
        return Upgraded(assessment=again, replaced_id=assessment_id, left=left)
    await joining.take_turn(session, actor)
    draft = await drafts.load_draft(session, actor, assessment_id, lock=True)
    joining.check_open(draft.row)
    joining.check_unlocked(draft.row)
    current = await definitions.load_current(session, draft.row.questionnaire)
    current.check_begin(was_asked=True)
    target = current.definition
    _check_target(draft, target, version)
    wanted = tier or await joining.raise_to_demanded(session, actor, draft.row, target)
    joining.check_tier(target, wanted)
    if tier is not None:
        await joining.check_demanded_tier(session, actor, assessment_id, tier)
    new, left = await _replace(session, actor, draft, current, wanted)
    await idempotency.keep_made(session, actor, idempotency_key, OPERATION, body, [new.id])
    return Upgraded(assessment=new, replaced_id=assessment_id, left=left)


def _is_later(target: Definition, draft: Draft) -> bool:
    return order_version(target.version) > order_version(draft.row.version)


def _check_target(draft: Draft, target: Definition, version: str) -> None:
    if not _is_later(target, draft):
        words = f"This draft is on {draft.row.version}, and there is no later version."
        raise errors.Conflict(words, code="UP_TO_DATE")
    if target.version != version:
        words = f"The current version is {target.version}; look at what it changes before you upgrade to it."
        raise errors.Conflict(words, code="NEWER_VERSION", path=("version",))


async def _replace(
    session: AsyncSession, actor: Actor, draft: Draft, current: Version, tier: str
) -> tuple[tables.Assessment, tuple[CarriedDocument, ...]]:
    """The new draft in the place of the old one, with answers, documents and requests; and the documents that stay."""
    old = draft.row
    hidden = await carrying.list_hidden(session, actor, draft)
    new = await _insert(session, actor, old, current.definition.version, tier)
    plan = await carrying.plan_carrying(session, actor, draft, current, renews=False)
    await carrying.write_carried(session, actor, plan, new, hidden)
    await teamwork.take_along(session, actor, old=old.id, new=new.id, target=plan.target, questions=plan.changed.forth)
    parameters = {"supplier": actor.organization, "old": old.id, "new": new.id}
    await session.execute(MOVE_REQUESTS, parameters)
    await set_state(session, actor, old, "replaced")
    await session.refresh(new)
    await pushed_answers.deliver_waiting(session, actor, new)
    events = [{"supplier": actor.organization, "assessment": one} for one in (old.id, new.id)]
    await outbox.add_events(session, "assessment.changed", events)
    detail = {"from": str(old.id), "version": current.definition.version}
    await audit.add_audit(session, actor, "assessment.upgraded", "assessment", new.id, detail=detail)
    return new, plan.left


async def _insert(
    session: AsyncSession, actor: Actor, old: tables.Assessment, version: str, tier: str
) -> tables.Assessment:
    table, new_id = tables.Assessment, ids.new_id()
    copied = ("questionnaire", "subject", "site_id", "subject_key", "period_start", "period_end", "corrects")
    values: dict[str, Any] = {name: getattr(old, name) for name in copied}
    await session.execute(
        insert(table).values(
            supplier_id=actor.organization,
            id=new_id,
            version=version,
            tier=tier,
            revision=old.revision + 1,
            upgraded_from=old.id,
            **values,
        )
    )
    return await session.get_one(table, (actor.organization, new_id))


async def set_state(session: AsyncSession, actor: Actor, row: tables.Assessment, state: str) -> None:
    """Close a draft that was upgraded, or open it again."""
    table = tables.Assessment
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == row.id)
        .values(state=state, updated_at=text("portal.clock()"))
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
