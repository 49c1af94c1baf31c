"""What a correction changed: two revisions of one submission, as far as the caller may read both of them."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.database.tables import assessments as tables

# The policies of the tables decide what is there: for others than the supplier, sections that a live share opens of
# both revisions. What stands in one of them alone is no difference that may be told.
CHANGED = text(
    """
    WITH both_sides AS (
        SELECT n.section, n.position, n.title, o.answers AS old_answers, n.answers AS new_answers
          FROM portal.submission_section n
          JOIN portal.submission_section o
            ON o.supplier_id = n.supplier_id AND o.submission_id = :earlier AND o.section = n.section
         WHERE n.supplier_id = :supplier AND n.submission_id = :later
    )
    SELECT s.section, s.position, s.title, d.*
      FROM both_sides s
      LEFT JOIN LATERAL (
           SELECT coalesce(n.question, o.question) AS question, coalesce(n.row_id, o.row_id) AS row_id,
                  o.state AS old_state, o.texts AS old_texts, o.reason AS old_reason,
                  n.state AS new_state, n.texts AS new_texts, n.reason AS new_reason
             FROM portal.list_answers(s.old_answers) o
             FULL JOIN portal.list_answers(s.new_answers) n
               ON n.question = o.question AND coalesce(n.row_id, '') = coalesce(o.row_id, '')
            WHERE (o.state, o.texts, o.reason) IS DISTINCT FROM (n.state, n.texts, n.reason)) d ON true
     ORDER BY s.position, d.question, d.row_id NULLS FIRST
    """
)
DOCUMENTS = text(
    """
    SELECT f.section, f.question, nullif(f.row_id, '') AS row_id, f.evidence_id, f.submission_id = :later AS is_new
      FROM portal.submission_evidence f
     WHERE f.supplier_id = :supplier AND f.submission_id IN (:earlier, :later)
       AND (:own OR (portal.may_read_submission_evidence(:supplier, :earlier)
                     AND portal.may_read_submission_evidence(:supplier, :later)))
       AND NOT EXISTS (SELECT FROM portal.submission_evidence x
                        WHERE x.supplier_id = f.supplier_id AND x.submission_id IN (:earlier, :later)
                          AND x.submission_id <> f.submission_id AND x.question = f.question AND x.row_id = f.row_id
                          AND x.evidence_id = f.evidence_id)
     ORDER BY f.section, f.question, f.row_id, is_new, f.evidence_id
    """
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer as it was frozen."""

    state: str
    texts: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class ChangedAnswer:
    """One question (and row); none stands for no answer in that revision."""

    question: str
    row_id: str | None
    before: Said | None
    after: Said | None


@dataclass(frozen=True, kw_only=True)
class ChangedSection:
    """A section that the caller may read in both revisions, with what is different in it."""

    key: str
    title: str
    answers: tuple[ChangedAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class ChangedDocument:
    """A document that stands behind a question in one of the two revisions only."""

    section: str
    question: str
    row_id: str | None
    evidence_id: UUID
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One of the two revisions with its result at its own tier, under the newest scoring profile."""

    submission_id: UUID
    revision: int
    tier: str
    submitted_at: datetime
    result: tables.Result | None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The difference between two revisions."""

    earlier: Scored
    later: Scored
    sections: tuple[ChangedSection, ...]
    documents: tuple[ChangedDocument, ...]


async def compare_revisions(
    session: AsyncSession, organization: UUID, *, supplier_id: UUID, submission_id: UUID, earlier_id: UUID | None = None
) -> Correction:
    """A revision beside an earlier one of the same subject and period: the one before it that the caller may read.

    Raises NotFound where there is none, InvalidInput for two that are about different things.
    """
    later = await _find(session, supplier_id, submission_id, "later")
    earlier = await _find_earlier(session, later, own=supplier_id == organization, wanted=earlier_id)
    pair: dict[str, Any] = {"supplier": supplier_id, "earlier": earlier.id, "later": later.id}
    rows = (await session.execute(CHANGED, pair)).all()
    files = await session.execute(DOCUMENTS, pair | {"own": supplier_id == organization})
    return Correction(
        earlier=await _score(session, earlier),
        later=await _score(session, later),
        sections=tuple(_make_section(list(part)) for _, part in groupby(rows, key=lambda row: row.section)),
        documents=tuple(ChangedDocument(**row._mapping) for row in files),
    )


async def _find(session: AsyncSession, supplier_id: UUID, submission_id: UUID, name: str) -> tables.Submission:
    table = tables.Submission
    row = await session.scalar(select(table).where(table.supplier_id == supplier_id, table.id == submission_id))
    if row is None:
        raise errors.NotFound("There is no such submission, or nobody shares it with you.", path=(name,))
    return row


async def _find_earlier(
    session: AsyncSession, later: tables.Submission, *, own: bool, wanted: UUID | None
) -> tables.Submission:
    table = tables.Submission
    if wanted is not None:
        named = await _find(session, later.supplier_id, wanted, "earlier")
        places = ("questionnaire", "subject_key", "period_start", "period_end")
        if any(getattr(named, name) != getattr(later, name) for name in places) or named.revision >= later.revision:
            words = "Give an earlier revision of the same questionnaire, subject and period."
            raise errors.InvalidInput(words, code="OTHER_SUBJECT", path=("earlier",))
        return named
    found = await session.scalar(
        select(table)
        .where(
            table.supplier_id == later.supplier_id,
            table.questionnaire == later.questionnaire,
            table.subject_key == later.subject_key,
            table.period_start == later.period_start,
            table.period_end == later.period_end,
            table.revision < later.revision,
        )
        .order_by(table.revision.desc())
        .limit(1)
    )
    if found is None:
        words = "It corrects nothing." if own else "No earlier revision of it is shared with you."
        raise errors.NotFound(words, code="NO_EARLIER", path=("earlier",))
    return found


async def _score(session: AsyncSession, row: tables.Submission) -> Scored:
    table = tables.Result
    result = await session.scalar(
        select(table)
        .where(table.supplier_id == row.supplier_id, table.submission_id == row.id, table.is_own_tier)
        .order_by(table.profile_number.desc())
        .limit(1)
    )
    return Scored(
        submission_id=row.id, revision=row.revision, tier=row.tier, submitted_at=row.submitted_at, result=result
    )


def _make_section(rows: list[Any]) -> ChangedSection:
    first = rows[0]
    return ChangedSection(
        key=first.section,
        title=first.title,
        answers=tuple(
            ChangedAnswer(
                question=row.question,
                row_id=row.row_id,
                before=_make_said(row.old_state, row.old_texts, row.old_reason),
                after=_make_said(row.new_state, row.new_texts, row.new_reason),
            )
            for row in rows
            if row.question is not None
        ),
    )


def _make_said(state: str | None, texts: list[str] | None, reason: str | None) -> Said | None:
    return None if state is None else Said(state=state, texts=tuple(texts or ()), reason=reason)
