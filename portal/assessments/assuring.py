"""What assurance statements come to: the shares of points by standing, from day to day, kept beside the result.

The worker does it, as neither a reviewer nor a reader of the summary need read every section.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import writes
from questionnaires import assurance
from questionnaires.assurance import Assurance, Earned, Statement

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('assurance:' || :submission, 0))")
# The lines of the result that is shown, with their sections: of a later profile where one was applied.
LINES = text(
    """
    WITH shown AS (
        SELECT max(r.profile_number) AS number FROM portal.result r
         WHERE r.supplier_id = :supplier AND r.submission_id = :submission AND r.is_own_tier)
    SELECT c.section, shown.number, coalesce(l.trace, c.trace) -> 'lines' AS lines
      FROM portal.submission_section c CROSS JOIN shown
      LEFT JOIN portal.result_section l ON l.supplier_id = c.supplier_id AND l.submission_id = c.submission_id
       AND l.section = c.section AND l.profile_number = shown.number
     WHERE c.supplier_id = :supplier AND c.submission_id = :submission ORDER BY c.position
    """
)
# A finding of a day that has not begun in UTC counts from the moment it was made. What it rests on ends with the first
# of its documents that does; a file that was refused since is no ground.
FINDINGS = text(
    """
    SELECT f.reviewer_id, f.section, f.question, f.row_id, f.level,
           least(f.as_of, (s.made_at AT TIME ZONE 'UTC')::date) AS as_of,
           (SELECT min(CASE WHEN e.state IN ('available', 'expired') THEN e.valid_until ELSE f.as_of - 1 END)
              FROM portal.evidence e WHERE e.supplier_id = f.supplier_id AND e.id = ANY (f.rests_on)) AS valid_until
      FROM portal.assurance_finding f
      JOIN portal.assurance_statement s ON s.supplier_id = f.supplier_id AND s.id = f.statement_id
     WHERE f.supplier_id = :supplier AND f.submission_id = :submission ORDER BY f.statement_id, f.question, f.row_id
    """
)
STATED_ON = text(
    """
    SELECT DISTINCT f.submission_id FROM portal.assurance_finding f WHERE f.supplier_id = :supplier
    """
)
FORGET = (
    text("DELETE FROM portal.assurance_summary WHERE supplier_id = :supplier AND submission_id = :submission"),
    text("DELETE FROM portal.assurance_section WHERE supplier_id = :supplier AND submission_id = :submission"),
)
KEEP = text(
    """
    WITH summaries AS (
        INSERT INTO portal.assurance_summary
        SELECT * FROM jsonb_populate_recordset(NULL::portal.assurance_summary, CAST(:summaries AS jsonb)))
    INSERT INTO portal.assurance_section
    SELECT * FROM jsonb_populate_recordset(NULL::portal.assurance_section, CAST(:sections AS jsonb))
    """
)


async def list_stated(session: AsyncSession, *, supplier_id: UUID) -> list[UUID]:
    """The submissions of a supplier that somebody has stated something on."""
    return list(await session.scalars(STATED_ON, {"supplier": supplier_id}))


async def summarize(session: AsyncSession, *, supplier_id: UUID, submission_id: UUID) -> None:
    """Write the shares of a submission anew, from each day on that changes them; again writes the same."""
    own = {"supplier": supplier_id, "submission": submission_id}
    await session.execute(LOCK, {"submission": str(submission_id)})
    found = (await session.execute(FINDINGS, own)).all()
    parts = (await session.execute(LINES, own)).all()
    if not found or not parts:
        return
    rows = AssuranceRows(supplier_id, submission_id, parts[0].number)
    measures = assurance.read_earned(line for row in parts for line in row.lines)
    rows.fill(measures, [_read_statement(row) for row in found], {row.question: row.section for row in found})
    for statement in FORGET:
        await session.execute(statement, own)
    written = {"summaries": rows.summaries, "sections": rows.sections}
    await session.execute(KEEP, {name: writes.dump_json(part) for name, part in written.items()})


def _read_statement(row: Any) -> Statement:
    return Statement(
        reviewer=str(row.reviewer_id),
        question=row.question,
        row_id=row.row_id or None,
        level=row.level,
        as_of=row.as_of,
        valid_until=row.valid_until,
    )


class AssuranceRows:
    """What is kept of one submission."""

    def __init__(self, supplier_id: UUID, submission_id: UUID, profile_number: int | None) -> None:
        self.own: dict[str, Any] = {"supplier_id": supplier_id, "submission_id": submission_id}
        self.profile_number = profile_number or 0
        self.summaries: list[dict[str, Any]] = []
        self.sections: list[dict[str, Any]] = []

    def fill(self, measures: Sequence[Earned], told: Sequence[Statement], sections: Mapping[str, str]) -> None:
        """Add rows from each day on that changes anything; `sections` by the questions that are spoken of."""
        for day in assurance.find_turns(told):
            self._add(day, assurance.summarize_points(measures, told, day), sections)

    def _add(self, day: date, found: Assurance, sections: Mapping[str, str]) -> None:
        """The shares from a day on, and how the answers of each section stand that somebody spoke of."""
        own = self.own | {"from_day": day}
        conflicts = sum(one.in_conflict for one in found.answers)
        shares = assurance.state_shares(found)
        self.summaries.append(own | shares | {"conflicts": conflicts, "profile_number": self.profile_number})
        for section in dict.fromkeys(sections.values()):
            standings = [
                {"question": one.question, "row": one.row_id, "standing": one.standing, "in_conflict": one.in_conflict}
                for one in found.answers
                if sections[one.question] == section
            ]
            self.sections.append(own | {"section": section, "standings": standings})
