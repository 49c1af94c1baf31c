"""What colleagues do together on an assessment: its cursor, what changed behind a number, and taking it along."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, drafts, writes
from portal.assessments.drafts import Subject
from portal.database import outbox
from portal.database.tables.identity import Member
from portal.database.tables.teamwork import AnswerComment, Assignment, SignOff
from questionnaires.definition import Definition

WHOLE = ""  # the section of what is about all of them
NEXT = text(
    """
    UPDATE portal.assessment SET team_number = team_number + 1 WHERE supplier_id = :supplier AND id = :assessment
    RETURNING team_number
    """
)
# What was signed was the old assessment, and what was settled stays with it. A comment gets an id that the same act
# would give it again.
COPY_ASSIGNMENTS = text(
    """
    INSERT INTO portal.assignment (supplier_id, assessment_id, section, member_id, due_on, note, assigned_by,
                                   assigned_at, changed_at_number)
    SELECT supplier_id, CAST(:new AS uuid), section, member_id, due_on, note, assigned_by, assigned_at,
           :number + row_number() OVER (ORDER BY section)
      FROM portal.assignment
     WHERE supplier_id = :supplier AND assessment_id = :old AND section = ANY (:sections)
       AND EXISTS (SELECT FROM portal.member m WHERE m.organization_id = supplier_id AND m.user_id = member_id
                      AND m.role IN ('owner', 'editor'))
    """
)
COPY_SIGN_OFFS = text(
    """
    INSERT INTO portal.sign_off (supplier_id, assessment_id, section, member_id, demanded_by, demanded_at,
                                 changed_at_number)
    SELECT supplier_id, CAST(:new AS uuid), section, member_id, demanded_by, demanded_at,
           :number + row_number() OVER (ORDER BY section, member_id)
      FROM portal.sign_off
     WHERE supplier_id = :supplier AND assessment_id = :old AND withdrawn_at IS NULL
       AND (section = '' OR section = ANY (:sections))
    """
)
COPY_COMMENTS = text(
    """
    INSERT INTO portal.answer_comment (supplier_id, id, assessment_id, question, row_id, thread_id, author_id, body,
                                       created_at, changed_at_number)
    SELECT c.supplier_id, md5(CAST(CAST(:new AS uuid) AS text) || c.id)::uuid, CAST(:new AS uuid), asked.new, c.row_id,
           md5(CAST(CAST(:new AS uuid) AS text) || c.thread_id)::uuid, c.author_id, c.body, c.created_at,
           :number + row_number() OVER (ORDER BY c.created_at, c.id)
      FROM portal.answer_comment c
      JOIN portal.answer_comment first ON first.supplier_id = c.supplier_id AND first.id = c.thread_id
      JOIN unnest(CAST(:old_questions AS text[]), CAST(:questions AS text[])) AS asked (old, new)
        ON asked.old = c.question
     WHERE c.supplier_id = :supplier AND c.assessment_id = :old AND first.resolved_at IS NULL
    """
)
SET_NUMBER = text("UPDATE portal.assessment SET team_number = :number WHERE supplier_id = :supplier AND id = :new")


@dataclass(frozen=True, kw_only=True)
class TeamChanges:
    """What changed behind a number, in the order of the change; `has_more` where a limit cut it off."""

    number: int
    change_number: int
    rows: Sequence[Any]  # Assignment, AnswerComment and SignOff
    has_more: bool

    def list_of(self, kind: type) -> list[Any]:
        return [row for row in self.rows if isinstance(row, kind)]


async def open_assessment(session: AsyncSession, actor: Actor, assessment_id: UUID) -> tuple[Subject, Definition]:
    """One of the caller's assessments, locked as for answers, so that numbers come in the order of the commits."""
    subject = await drafts.find_subject(session, actor, assessment_id, lock=True)
    return subject, await definitions.load_definition(session, subject.content_hash)


async def take_number(session: AsyncSession, actor: Actor, assessment_id: UUID) -> int:
    """The number of a change that is being made, which followers hear of."""
    parameters = {"supplier": actor.organization, "assessment": assessment_id}
    number: int = (await session.execute(NEXT, parameters)).scalar_one()
    await outbox.add_event(session, "assessment.changed", **parameters)
    return number


async def list_changes(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, after: int, limit: int
) -> TeamChanges:
    """Assignments, comments and sign-offs that changed after a number, those that were taken back too.

    Go on with the `changed_at_number` of the last one while there is more. Raises NotFound.
    """
    row = (await drafts.find_subject(session, actor, assessment_id)).row
    found: list[Any] = []
    for table in (Assignment, AnswerComment, SignOff):
        statement = (
            select(table)
            .where(
                table.supplier_id == actor.organization,
                table.assessment_id == assessment_id,
                table.changed_at_number > after,
                table.changed_at_number <= row.team_number,
            )
            .order_by(table.changed_at_number)
            .limit(limit + 1)
        )
        found += await session.scalars(statement)
    found.sort(key=attrgetter("changed_at_number"))
    return TeamChanges(
        number=row.team_number,
        change_number=row.change_number,
        rows=found[:limit],
        has_more=len(found) > limit,
    )


async def find_colleague(session: AsyncSession, actor: Actor, user_id: UUID) -> str:
    """The role of a member of the caller's organization, who stays one until the end; raises NotFound."""
    table = Member
    statement = select(table.role).where(table.organization_id == actor.organization, table.user_id == user_id)
    role: str | None = await session.scalar(statement.with_for_update(read=True))
    if role is None:
        raise errors.NotFound("There is no such member.", path=("memberId",))
    return role


def check_section(definition: Definition, section: str) -> None:
    """Raise InvalidInput SECTION for a key that is none of the version's sections."""
    keys = [one.key for one in definition.sections]
    if section not in keys:
        shown = writes.make_readable(section, 64)
        words = f"{definition.key} {definition.version} has no section {shown!r}; allowed: {', '.join(keys)}."
        raise errors.InvalidInput(words, code="SECTION", path=("section",))


def read_words(given: str | None, longest: int, name: str) -> str | None:
    """A text without space around it, none where it is empty; raises InvalidInput LENGTH or CHARACTERS."""
    words = (given or "").strip()
    if len(words) > longest:
        told = f"`{name}` takes at most {longest:,} characters; these are {len(words):,}."
        raise errors.InvalidInput(told, code="LENGTH", path=(name,))
    if not writes.is_readable(words):
        told = f"`{name}` holds characters that cannot be kept."
        raise errors.InvalidInput(told, code="CHARACTERS", path=(name,))
    return words or None


def derive_comment_id(new: UUID, comment_id: UUID) -> UUID:
    """The id that a comment has in the assessment that it was taken along to, as COPY_COMMENTS gives it."""
    return UUID(hashlib.md5(f"{new}{comment_id}".encode(), usedforsecurity=False).hexdigest())


async def take_along(
    session: AsyncSession, actor: Actor, *, old: UUID, new: UUID, target: Definition, questions: Mapping[str, str]
) -> None:
    """Copy to the assessment that takes the place of another what is still to be done there.

    Assignments and open threads come along as they are, and whose sign-off is needed; nobody has signed the new one.
    `questions` are keys of the target by those of the old version.
    """
    parameters: dict[str, Any] = {"supplier": actor.organization, "old": old, "new": new}
    chosen = {"sections": [section.key for section in target.sections]}
    places = {"old_questions": list(questions), "questions": list(questions.values())}
    number = 0
    for statement, more in ((COPY_ASSIGNMENTS, chosen), (COPY_SIGN_OFFS, chosen), (COPY_COMMENTS, places)):
        made: Any = await session.execute(statement, parameters | more | {"number": number})
        number += made.rowcount
    if number:
        await session.execute(SET_NUMBER, {"supplier": actor.organization, "new": new, "number": number})
