"""A supplier's replies in words to a clarification round: to each item by itself, or to the round as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import any_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import clarifying, review_places, writes
from portal.database import audit
from portal.database.tables.assessments import Assessment
from portal.database.tables.reviews import Clarification, ClarificationItem

WRITE = text(
    """
    UPDATE portal.clarification_item item SET reply = said.reply, replied_at = portal.clock()
      FROM jsonb_to_recordset(CAST(:said AS jsonb)) AS said (question text, row_id text, reply text)
     WHERE item.supplier_id = :supplier AND item.clarification_id = :clarification
       AND item.question = said.question AND item.row_id = said.row_id
    """
)


@dataclass(frozen=True, kw_only=True)
class ItemReply:
    """The reply to one item, which is named by what it asks about."""

    question: str
    row_id: str | None = None
    text: str

    @property
    def key(self) -> tuple[str, str]:
        return (self.question, self.row_id or "")


async def reply_to_clarification(
    session: AsyncSession,
    actor: Actor,
    *,
    clarification_id: UUID,
    reply: str | None = None,
    items: Sequence[ItemReply] = (),
) -> None:
    """Reply to the round, to items of it, or to both; the same words again change nothing.

    The round's own reply closes it, and so does the last item's, unless a draft is open that answers it. Raises
    NotFound, InvalidInput with every problem, Conflict CLOSED, and REPLIED for an item that has other words already.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    if reply is None and not items:
        raise errors.InvalidInput("Give a reply to the round, or to items of it.", code="EMPTY", path=("items",))
    said = None if reply is None else review_places.check_text(reply, "reply")
    row = await clarifying.lock_round(session, actor.organization, clarification_id)
    stored = await _read_replies(session, row)
    problems = list(_find_problems(stored, items))
    if problems:
        raise errors.InvalidInput("This is no reply to what was asked.", problems=problems)
    given = {one.key: one.text.strip() for one in items}
    fresh = {key: words for key, words in given.items() if stored[key] != words}
    if row.state in ("replied", "revised") and not fresh and said in (None, row.reply):
        return
    clarifying.check_open(row)
    _refuse_other_words(stored, items)
    await _write_replies(session, row, fresh)
    if said is not None or not (None in {**stored, **given}.values() or await _has_draft(session, row)):
        await clarifying.close_round(session, row, state="replied", reply=said)
        await clarifying.tell_reply(session, actor, row)
    elif fresh:
        await clarifying.change_round(session, row, state="open")  # so that it is told as changed
        told, detail = ("clarification.replied", "clarification", row.id), {"items": len(fresh)}
        await audit.add_audit(session, actor, *told, concerns=row.asker_id, detail=detail)


async def close_replied(session: AsyncSession, actor: Actor, rounds: Iterable[UUID]) -> None:
    """Close those rounds whose items have all had their replies, where no draft is left that answers them."""
    for wanted in sorted(rounds):
        row = await clarifying.lock_round(session, actor.organization, wanted)
        stored = await _read_replies(session, row)
        if row.state == "open" and None not in stored.values() and not await _has_draft(session, row):
            await clarifying.close_round(session, row, state="replied")
            await clarifying.tell_reply(session, actor, row)


async def _read_replies(session: AsyncSession, row: Clarification) -> dict[tuple[str, str], str | None]:
    table = ClarificationItem
    found = await session.execute(
        select(table.question, table.row_id, table.reply).where(
            table.supplier_id == row.supplier_id, table.clarification_id == row.id
        )
    )
    return {(one.question, one.row_id): one.reply for one in found}


def _find_problems(
    stored: Mapping[tuple[str, str], str | None], items: Sequence[ItemReply]
) -> Iterator[errors.FieldProblem]:
    if len(items) > clarifying.MOST_ITEMS:
        words = f"At most {clarifying.MOST_ITEMS} items; these are {len(items)}."
        yield errors.FieldProblem(("items",), "COUNT", words)
        return
    seen = set()
    for number, one in enumerate(items):
        place = ("items", number)
        if one.key in seen:
            yield errors.FieldProblem((*place, "question"), "TWICE", "This item stands here twice.")
        elif one.key not in stored:
            yield errors.FieldProblem((*place, "question"), "UNKNOWN_ITEM", "The round does not ask about this.")
        seen.add(one.key)
        yield from review_places.find_text_problem(one.text, (*place, "text"), needed=True)


def _refuse_other_words(stored: Mapping[tuple[str, str], str | None], items: Sequence[ItemReply]) -> None:
    for number, one in enumerate(items):
        if stored[one.key] not in (None, one.text.strip()):
            words = "This item has its reply already, which stands; say more in the reply to the round."
            raise errors.Conflict(words, code="REPLIED", path=("items", number, "text"))


async def _write_replies(session: AsyncSession, row: Clarification, fresh: Mapping[tuple[str, str], str]) -> None:
    said = [{"question": question, "row_id": place, "reply": words} for (question, place), words in fresh.items()]
    parameters = {"supplier": row.supplier_id, "clarification": row.id, "said": writes.dump_json(said)}
    await session.execute(WRITE, parameters)


async def _has_draft(session: AsyncSession, row: Clarification) -> bool:
    """Whether a draft is open that answers the round once it is submitted."""
    table = Assessment
    found: UUID | None = await session.scalar(
        select(table.id)
        .where(
            table.supplier_id == row.supplier_id,
            table.state == "draft",
            or_(table.clarification_id == row.id, any_(table.also_answers) == row.id),
        )
        .limit(1)
    )
    return found is not None
