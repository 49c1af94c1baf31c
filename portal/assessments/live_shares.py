"""A supplier's live shares with one buyer, side by side: only all of them together say what that buyer reads."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, joining, rule_uses
from portal.database import audit, outbox
from portal.database.tables.assessments import RECENCY
from portal.database.tables.shares import Share


def _spell_row(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in RECENCY)


# Whatever follows opens later ones sooner or later.
ALSO_READABLE = text(
    f"""
    SELECT o.id FROM portal.share t
      JOIN portal.submission x ON x.supplier_id = t.supplier_id AND x.id = t.submission_id
      JOIN portal.share o
        ON o.supplier_id = t.supplier_id AND o.buyer_id = t.buyer_id AND o.questionnaire = t.questionnaire
       AND o.subject_key = t.subject_key AND o.id <> t.id
     WHERE t.supplier_id = :supplier AND t.id = :share AND portal.share_is_live(o)
       AND (o.mode = 'following' OR EXISTS (
            SELECT FROM portal.submission b
             WHERE b.supplier_id = o.supplier_id AND b.questionnaire = o.questionnaire
               AND portal.share_covers(o, b) AND ({_spell_row("b")}) >= ({_spell_row("x")})))
     ORDER BY o.id DESC
    """  # noqa: S608 (a constant)
)
BLANK = text("SELECT portal.blank_cards_of_share(share) FROM unnest(CAST(:shares AS uuid[])) AS share")


async def list_also_readable(session: AsyncSession, actor: Actor, *, share_id: UUID) -> list[UUID]:
    """The other live shares through which the same buyer reads what one share names, or later ones of its subject."""
    found = await session.scalars(ALSO_READABLE, {"supplier": actor.organization, "share": share_id})
    return list(found)


async def replace_following(session: AsyncSession, actor: Actor, share_id: UUID) -> None:
    """End what followed the same subject for the same buyer before this share, so that a narrower one narrows."""
    new, old = aliased(Share), aliased(Share)
    older = await session.execute(
        select(old.id, old.buyer_id)
        .join(
            new,
            and_(
                old.supplier_id == new.supplier_id,
                old.buyer_id == new.buyer_id,
                old.questionnaire == new.questionnaire,
                old.subject_key == new.subject_key,
                old.mode == new.mode,
                old.id != new.id,
            ),
        )
        .where(new.supplier_id == actor.organization, new.id == share_id, new.mode == "following", _is_open(old))
        .order_by(old.id)
        .with_for_update(key_share=True, of=old)
    )
    await end_shares(session, actor, [(row.id, row.buyer_id) for row in older], "share.replaced")


async def end_access(
    session: AsyncSession, actor: Actor, *, buyer_id: UUID, questionnaire: str | None = None
) -> tuple[list[UUID], int]:
    """End all that a buyer reads through and would read by a standing rule, of one questionnaire or of all.

    Gives the shares that were ended, and how many rules.

    Raises NotFound for a buyer that the supplier has nothing to do with, and for an unknown questionnaire.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    if questionnaire is not None:
        await definitions.check_questionnaire(session, questionnaire)
    theirs = (Share.supplier_id == actor.organization, Share.buyer_id == buyer_id)
    known = select(or_(func.portal.is_linked_buyer(buyer_id), exists().where(*theirs)))
    if not await session.scalar(known):
        raise errors.NotFound("You are not linked with such a buyer.", path=("buyerId",))
    # A submission that a rule shares just now is waited for, and its share is seen.
    await joining.take_turn(session, actor)
    rules = await rule_uses.end_rules_of(session, actor, buyer_id, questionnaire)
    about = true() if questionnaire is None else Share.questionnaire == questionnaire
    live = await session.scalars(
        select(Share.id).where(*theirs, about, _is_open(Share)).order_by(Share.id).with_for_update(key_share=True)
    )
    ended = list(live)
    await end_shares(session, actor, [(one, buyer_id) for one in ended], "share.revoked")
    return ended, rules


def _is_open(share: Any) -> Any:
    """Neither revoked nor over: live, or still to begin."""
    return and_(share.revoked_at.is_(None), or_(share.until.is_(None), share.until > func.portal.clock()))


async def end_shares(session: AsyncSession, actor: Actor, shares: Sequence[tuple[UUID, UUID]], action: str) -> None:
    """Revoke shares, given with their buyers, whose cards go blank in this transaction.

    What other live shares show comes back as the worker writes the card anew, within seconds.
    """
    if not shares:
        return
    ended = [share for share, _ in shares]
    await session.execute(
        update(Share)
        .where(Share.supplier_id == actor.organization, Share.id.in_(ended))
        .values(revoked_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await session.execute(BLANK, {"shares": ended})
    supplier = actor.organization
    events: list[dict[str, UUID | str]] = [
        {"supplier": supplier, "buyer": buyer, "share": share, "act": "revoked"} for share, buyer in shares
    ]
    await outbox.add_events(session, "share.changed", events)
    for share, buyer in shares:
        await audit.add_audit(session, actor, action, "share", share, concerns=buyer, detail={"buyer": str(buyer)})
