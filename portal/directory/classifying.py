"""What a buyer says of its suppliers for itself: tags, and a segment with its reason; no supplier ever sees either."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit
from portal.database.tables.directory import SupplierRecord
from portal.database.tables.segments import SupplierSegment, SupplierTag
from portal.directory import records

MOST_RECORDS = 500
MOST_TAGS = 20  # of one supplier
LONGEST_WORD = 50
LONGEST_REASON = 1_000


def spell(word: str) -> str:
    """A tag or segment as it is kept and looked for: whatever its case and spaces, it is one word."""
    return " ".join(word.split()).casefold()


async def tag_records(
    session: AsyncSession, actor: Actor, *, record_ids: Sequence[UUID], add: Sequence[str], remove: Sequence[str]
) -> None:
    """Give tags to records, or take them away; again changes nothing. Raises NotFound, InvalidInput."""
    access.require(actor, access.BUYER_EDITOR)
    _check_count(record_ids)
    problems = [one for name, words in (("add", add), ("remove", remove)) for one in _find_problems(words, name)]
    if problems:
        raise errors.InvalidInput("These are no tags.", problems=problems)
    await records.lock_records(session, actor, record_ids, path=("supplier_ids",))
    table = SupplierTag
    own = (table.buyer_id == actor.organization, table.supplier_record_id.in_(record_ids))
    await session.execute(delete(table).where(*own, table.tag.in_([spell(one) for one in remove])))
    rows = [
        {"buyer_id": actor.organization, "supplier_record_id": record, "tag": tag}
        for record in dict.fromkeys(record_ids)
        for tag in dict.fromkeys(spell(one) for one in add)
    ]
    if rows:
        await session.execute(insert(table).inline().on_conflict_do_nothing(), rows)
    most = await session.scalar(
        select(func.count().label("count"))
        .where(*own)
        .group_by(table.supplier_record_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    if (most or 0) > MOST_TAGS:
        words = f"A supplier has at most {MOST_TAGS} tags; one of these would have {most}."
        raise errors.InvalidInput(words, code="TOO_MANY", path=("add",))
    await _finish(session, actor, "records.tagged", record_ids)


async def segment_records(
    session: AsyncSession,
    actor: Actor,
    *,
    record_ids: Sequence[UUID],
    segment: str | None,
    reason: str | None = None,
    spend_band: str | None = None,
    strategic: bool = False,
) -> None:
    """Decide the segment of records, with the reason; without one they are in none. Raises NotFound, InvalidInput."""
    access.require(actor, access.BUYER_EDITOR)
    _check_count(record_ids)
    table = SupplierSegment
    if segment is not None:
        problems = _find_problems([segment], "segment") + _find_reason_problems(reason)
        problems += [] if spend_band is None else _find_problems([spend_band], "spend_band")
        if problems:
            raise errors.InvalidInput("This is no segment.", problems=problems)
    await records.lock_records(session, actor, record_ids, path=("supplier_ids",))
    own = (table.buyer_id == actor.organization, table.supplier_record_id.in_(record_ids))
    await session.execute(delete(table).where(*own))
    if segment is not None:
        said = {
            "segment": spell(segment),
            "reason": (reason or "").strip(),
            "spend_band": None if spend_band is None else spell(spend_band),
            "strategic": strategic,
            "owner_member": actor.user_id,
        }
        rows = [
            {"buyer_id": actor.organization, "supplier_record_id": one, **said} for one in dict.fromkeys(record_ids)
        ]
        await session.execute(insert(table).inline(), rows)
    await _finish(session, actor, "records.segmented", record_ids)


def _check_count(record_ids: Sequence[UUID]) -> None:
    if not 1 <= len(record_ids) <= MOST_RECORDS:
        words = f"Name 1 to {MOST_RECORDS} suppliers at once; these are {len(record_ids)}."
        raise errors.InvalidInput(words, code="TOO_MANY" if record_ids else "EMPTY", path=("supplier_ids",))


def _find_problems(words: Sequence[str], name: str) -> list[errors.FieldProblem]:
    if len(words) > MOST_TAGS:
        return [errors.FieldProblem((name,), "TOO_MANY", f"At most {MOST_TAGS} at once.")]
    told = f"1 to {LONGEST_WORD} characters on one line."
    return [
        errors.FieldProblem((name,), "WORD", told)
        for one in words
        if not 0 < len(spell(one)) <= LONGEST_WORD or not spell(one).isprintable()
    ]


def _find_reason_problems(reason: str | None) -> list[errors.FieldProblem]:
    said = (reason or "").strip()
    if 0 < len(said) <= LONGEST_REASON and "\x00" not in said:
        return []
    return [errors.FieldProblem(("reason",), "TEXT", f"Say why in 1 to {LONGEST_REASON} characters.")]


async def _finish(session: AsyncSession, actor: Actor, action: str, record_ids: Sequence[UUID]) -> None:
    """The feed tells of the records, and the audit of who did it."""
    table = SupplierRecord
    await session.execute(
        update(table)
        .where(table.buyer_id == actor.organization, table.id.in_(record_ids))
        .values(updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    detail = {"records": [str(one) for one in dict.fromkeys(record_ids)]}
    await audit.add_audit(session, actor, action, "supplier_record", detail=detail)
