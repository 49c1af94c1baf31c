"""What colleagues say to each other about a question: threads that are resolved, and seen by nobody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, definitions, differences, joining, teamwork, writes
from portal.assessments.drafts import Subject
from portal.assessments.writes import Write
from portal.database import audit
from portal.database.tables.teamwork import AnswerComment
from questionnaires.definition import Definition

MAX_BODY = 4_000  # characters


async def add_comment(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    comment_id: UUID,
    body: str,
    question: str | None = None,
    row_id: str | None = None,
    thread_id: UUID | None = None,
) -> AnswerComment:
    """Say something about a question, or in a thread, which is open again then; the same again is kept once.

    Where the assessment was submitted or upgraded, it is said in the newest revision, where colleagues look; in a
    thread of its own where the one that it answers was settled before. Raises NotFound, InvalidInput, and Conflict
    COMMENT_ID_REUSED for an id that stands for another comment.
    """
    access.require(actor, access.SUPPLIER_COLLEAGUE)
    place = await _open_place(session, actor, assessment_id)
    words = teamwork.read_words(body, MAX_BODY, "body")
    if words is None:
        raise errors.InvalidInput("`body` must say something.", code="EMPTY", path=("body",))
    made = await session.get(AnswerComment, (actor.organization, comment_id), populate_existing=True)
    if made is not None:
        return _repeat(actor, made, place, thread_id or comment_id, words)
    if thread_id is None:
        definition = await definitions.load_definition(session, place.named.content_hash)
        said = _read_place(definition, comment_id, question, row_id)
        target, said = await place.find_target(session, said, assessment_id)
        return await _keep(session, actor, target, comment_id, said, None, words)
    thread = await _find_thread(session, actor, place, thread_id)
    copy = await _follow(session, actor, place, thread)
    if copy is not None:
        said = (copy.question, copy.row_id)
        return await _keep(session, actor, copy.assessment_id, comment_id, said, copy.id, words)
    target, said = await place.find_target(session, (thread.question, thread.row_id), thread.assessment_id)
    return await _keep(session, actor, target, comment_id, said, None, words)


@dataclass(frozen=True)
class _Place:
    """The assessment that was named, the one where people look, and all that there are of the place."""

    named: Subject
    newest: Subject
    revisions: Mapping[UUID, str]  # the newest last, with the hashes of their versions

    async def find_target(
        self, session: AsyncSession, said: tuple[str, str], revision: UUID
    ) -> tuple[UUID, tuple[str, str]]:
        """Where something is said of a question, and the key of that there; what is asked no more stays behind."""
        if self.newest.content_hash == self.revisions[revision]:
            return self.newest.row.id, said
        asked = (await differences.match(session, self.revisions[revision], self.newest.content_hash)).get(said[0])
        return (self.named.row.id, said) if asked is None else (self.newest.row.id, (asked, said[1]))


async def _open_place(session: AsyncSession, actor: Actor, assessment_id: UUID) -> _Place:
    named, newest = await answers.find_open(session, actor, assessment_id)
    if newest.row.id == named.row.id:
        return _Place(named, newest, {named.row.id: named.content_hash})
    found = await joining.list_revisions(session, actor, assessment_id)
    return _Place(named, newest, {row.id: row.content_hash for row in found})


async def _find_thread(session: AsyncSession, actor: Actor, place: _Place, thread_id: UUID) -> AnswerComment:
    found = await _find(session, actor, place, thread_id)
    if found.thread_id != thread_id:
        raise errors.NotFound("There is no such thread.", path=("threadId",))
    return found


async def _follow(session: AsyncSession, actor: Actor, place: _Place, thread: AnswerComment) -> AnswerComment | None:
    """A thread as it was taken along to the newest revision; none where it was settled on the way."""
    copy, order = thread.id, list(place.revisions)
    for revision in order[order.index(thread.assessment_id) + 1 :]:
        copy = teamwork.derive_comment_id(revision, copy)
    return await session.get(AnswerComment, (actor.organization, copy), populate_existing=True)


def _repeat(actor: Actor, made: AnswerComment, place: _Place, thread_id: UUID, words: str) -> AnswerComment:
    """What was said under this id, also where it was removed since, or said when another revision was the newest."""
    is_here = made.assessment_id in place.revisions and made.author_id == actor.user_id
    same = made.thread_id == thread_id or made.assessment_id != place.named.row.id
    if is_here and same and made.body in (words, None):
        return made
    raise _refuse_reused()


def _refuse_reused() -> errors.Conflict:
    words = "This comment id was used before for another comment. Use a new id for each."
    return errors.Conflict(words, code="COMMENT_ID_REUSED", path=("commentId",))


def _read_place(definition: Definition, comment_id: UUID, question: str | None, row_id: str | None) -> tuple[str, str]:
    if question is None:
        raise errors.InvalidInput("Name a question, or a thread to answer in.", code="EMPTY", path=("question",))
    write = Write(write_id=comment_id, question=question, row_id=row_id, base_revision=0)
    problem = writes.check_place(definition, write)
    if problem is not None:
        path = ("question",) if problem.code == "unknown_question" else ("rowId",)
        raise errors.InvalidInput(writes.write_message(problem), code=problem.code.upper(), path=path)
    return write.place


async def _keep(
    session: AsyncSession,
    actor: Actor,
    assessment_id: UUID,
    comment_id: UUID,
    place: tuple[str, str],
    thread_id: UUID | None,
    words: str,
) -> AnswerComment:
    if thread_id is not None:
        await _settle(session, actor, assessment_id, thread_id, resolved=False)
    number = await teamwork.take_number(session, actor, assessment_id)
    question, row_id = place
    try:
        await session.execute(
            insert(AnswerComment).values(
                supplier_id=actor.organization,
                id=comment_id,
                assessment_id=assessment_id,
                question=question,
                row_id=row_id,
                thread_id=thread_id or comment_id,
                author_id=actor.user_id,
                body=words,
                changed_at_number=number,
            )
        )
    except IntegrityError as error:
        # Acts on one assessment wait for each other; an id that two assessments take at once is seen here alone.
        if "pk_answer_comment" not in str(error.orig):
            raise
        raise _refuse_reused() from None
    await audit.add_audit(session, actor, "comment.added", "assessment", assessment_id)
    return await session.get_one(AnswerComment, (actor.organization, comment_id), populate_existing=True)


async def _find(session: AsyncSession, actor: Actor, place: _Place, comment_id: UUID) -> AnswerComment:
    found = await session.get(AnswerComment, (actor.organization, comment_id), populate_existing=True)
    if found is None or found.assessment_id not in place.revisions:
        raise errors.NotFound("There is no such comment.", path=("commentId",))
    return found


async def resolve_thread(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, thread_id: UUID, resolved: bool
) -> AnswerComment:
    """Say that a thread is settled, or that it is not; again changes nothing. Raises NotFound.

    One that was taken along to a newer revision is settled there.
    """
    access.require(actor, access.SUPPLIER_COLLEAGUE)
    place = await _open_place(session, actor, assessment_id)
    thread = await _find_thread(session, actor, place, thread_id)
    thread = await _follow(session, actor, place, thread) or thread
    await _settle(session, actor, thread.assessment_id, thread.id, resolved=resolved)
    await session.refresh(thread)
    return thread


async def _settle(session: AsyncSession, actor: Actor, assessment_id: UUID, thread_id: UUID, *, resolved: bool) -> None:
    table = AnswerComment
    thread = await session.get_one(table, (actor.organization, thread_id))
    if (thread.resolved_at is not None) == resolved:
        return
    number = await teamwork.take_number(session, actor, assessment_id)
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == thread_id)
        .values(
            resolved_at=func.portal.clock() if resolved else None,
            resolved_by=actor.user_id if resolved else None,
            changed_at_number=number,
        )
        .execution_options(synchronize_session=False)
    )
    action = "thread.resolved" if resolved else "thread.reopened"
    await audit.add_audit(session, actor, action, "assessment", assessment_id)


async def remove_comment(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, comment_id: UUID
) -> AnswerComment:
    """Take back what one said oneself, in every revision that it stands in; its place in the thread stays.

    Raises NotFound, and NotAllowed for another's.
    """
    access.require(actor, access.SUPPLIER_COLLEAGUE)
    place = await _open_place(session, actor, assessment_id)
    found = await _find(session, actor, place, comment_id)
    if found.author_id != actor.user_id:
        raise errors.NotAllowed("Only who wrote a comment can remove it.")
    for one in await _list_standing_copies(session, actor, found):
        number = await teamwork.take_number(session, actor, one.assessment_id)
        await session.execute(
            update(AnswerComment)
            .where(AnswerComment.supplier_id == actor.organization, AnswerComment.id == one.id)
            .values(body=None, changed_at_number=number)
            .execution_options(synchronize_session=False)
        )
        await audit.add_audit(session, actor, "comment.removed", "assessment", one.assessment_id)
    await session.refresh(found)
    return found


async def _list_standing_copies(session: AsyncSession, actor: Actor, found: AnswerComment) -> list[AnswerComment]:
    """A comment in all revisions that it was taken along to or comes from, the oldest first; none that says nothing."""
    table, first = AnswerComment, dict[UUID, UUID]()
    order = [row.id for row in await joining.list_revisions(session, actor, found.assessment_id)]
    rows = await session.scalars(
        select(table).where(
            table.supplier_id == actor.organization,
            table.assessment_id.in_(order),
            table.author_id == found.author_id,
        )
    )
    said = sorted(rows, key=lambda row: order.index(row.assessment_id))
    for row in said:
        first.setdefault(row.id, row.id)
        for following in order[order.index(row.assessment_id) + 1 :][:1]:
            first[teamwork.derive_comment_id(following, row.id)] = first[row.id]
    return [row for row in said if first[row.id] == first[found.id] and row.body is not None]


async def list_comments(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    question: str | None = None,
    is_open: bool | None = None,
    limit: int | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[AnswerComment]:
    """What was said, the first one first, of all questions or one, of open or resolved threads."""
    table, thread = AnswerComment, aliased(AnswerComment)
    statement = select(table).where(table.supplier_id == actor.organization, table.assessment_id == assessment_id)
    if question is not None:
        statement = statement.where(table.question == question)
    if is_open is not None:
        first = (thread.supplier_id == table.supplier_id) & (thread.id == table.thread_id)
        settled = thread.resolved_at.is_(None) if is_open else thread.resolved_at.is_not(None)
        statement = statement.join(thread, first).where(settled)
    if after is not None:
        statement = statement.where(tuple_(table.created_at, table.id) > tuple_(*after))
    found = await session.scalars(statement.order_by(table.created_at, table.id).limit(limit))
    return found.all()
