"""The answers of a submission that a reviewer may speak of: those frozen in sections that it reads, with documents."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import engagements
from portal.database.tables.assessments import Submission
from portal.database.tables.evidence import SubmissionEvidence

MOST_TEXT = 2_000
Place = tuple[str, str]  # question and row, as they are stored

# Under the caller's own rights: sections that nobody opened to it give no rows. A group's rows are places of their own.
ANSWERS = text(
    """
    SELECT c.section, a.question, coalesce(a.row_id, '') AS row_id
      FROM portal.submission_section c CROSS JOIN LATERAL portal.list_answers(c.answers) a
     WHERE c.supplier_id = :supplier AND c.submission_id = :submission
    """
)


@dataclass(frozen=True)
class Readable:
    """A submission as the caller reads it: the section of each answer, and the documents at each."""

    submission: Submission
    sections: Mapping[Place, str]
    questions: Mapping[str, str] = field(default_factory=dict)  # the section of each question that has an answer
    documents: Mapping[Place, frozenset[UUID]] = field(default_factory=dict)

    def find_section(self, question: str, row_id: str | None) -> str | None:
        """The section of an answer, or of all answers to a question; none where the caller reads no such answer."""
        return self.questions.get(question) if row_id is None else self.sections.get((question, row_id))

    def list_documents(self, question: str, row_id: str | None) -> Collection[UUID]:
        """The documents at an answer, or at all answers to a question."""
        found = (ids for (key, row), ids in self.documents.items() if key == question and row_id in (None, row))
        return frozenset().union(*found)


async def load_readable(session: AsyncSession, actor: Actor, supplier_id: UUID, submission_id: UUID) -> Readable:
    """A submission of another organization that is shared with the caller. Raises NotFound, Conflict WITHDRAWN."""
    if supplier_id == actor.organization:
        raise errors.NotFound("There is no such submission.", path=("resultId",))
    submission = await engagements.find_submission(session, supplier_id, submission_id, "resultId")
    own = {"supplier": supplier_id, "submission": submission_id}
    sections = {(row.question, row.row_id): row.section for row in await session.execute(ANSWERS, own)}
    link = SubmissionEvidence
    documents: dict[Place, frozenset[UUID]] = {}
    for row in await session.execute(
        select(link.question, link.row_id, link.evidence_id).where(
            link.supplier_id == supplier_id, link.submission_id == submission_id
        )
    ):
        place = (row.question, row.row_id)
        documents[place] = documents.get(place, frozenset()) | {row.evidence_id}
    return Readable(submission, sections, {key: section for (key, _), section in sections.items()}, documents)


def find_text_problem(
    words: str | None, path: Sequence[str | int], *, needed: bool, most: int = MOST_TEXT
) -> list[errors.FieldProblem]:
    """What is wrong with words that somebody says to the other side."""
    said = (words or "").strip()
    if (not said and not needed) or (said and len(said) <= most and "\x00" not in said):
        return []
    return [errors.FieldProblem(tuple(path), "TEXT", f"{1 if needed else 0} to {most} characters.")]


def check_text(words: str | None, name: str, *, most: int = MOST_TEXT) -> str:
    """The words without space around them; raises InvalidInput TEXT for none or too many."""
    problems = find_text_problem(words, (name,), needed=True, most=most)
    if problems:
        raise errors.InvalidInput(problems[0].message, code="TEXT", path=(name,))
    return (words or "").strip()


def trim(words: str | None) -> str | None:
    """Words without space around them; none where nothing is left."""
    return (words or "").strip() or None
