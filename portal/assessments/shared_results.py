"""Reading what was shared leaves receipts: which submissions a buyer's call returned, and how much of each."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from portal.access import Actor
from portal.assessments import receipts
from portal.assessments.receipts import STRENGTH, Kind, Reading
from portal.database import reader
from portal.database.reader import Session
from portal.database.tables.assessments import spell_recency
from portal.reading.shared_results import MOST_HISTORY

FLAGS = """
    SELECT b.supplier_id, b.id, b.subject,
           EXISTS (SELECT FROM portal.submission_section c
                    WHERE c.supplier_id = b.supplier_id AND c.submission_id = b.id) AS answers,
           EXISTS (SELECT FROM portal.submission_evidence e
                    WHERE e.supplier_id = b.supplier_id AND e.submission_id = b.id) AS evidence
"""
# The policies of the tables decide what is found: submissions, sections and documents that a live share opens.
FIND = f"""
    {FLAGS}
      FROM unnest($1::uuid[], $2::uuid[]) AS wanted (supplier, submission)
      JOIN portal.submission b ON b.supplier_id = wanted.supplier AND b.id = wanted.submission
"""
FIND_OF_RECORD = f"""
    {FLAGS}
      FROM portal.supplier_record r JOIN portal.submission b ON b.supplier_id = r.supplier_id
     WHERE r.buyer_id = $1 AND r.id = $2 AND b.questionnaire = $3 AND b.supplier_id <> $1
     ORDER BY {spell_recency("b")} LIMIT $4
"""
Noted = set[tuple[UUID, str]]


async def note_results(
    session: Session, actor: Actor, *, seen: Sequence[tuple[UUID, UUID]], kind: Kind, noted: Noted
) -> None:
    """Leave receipts for submissions (supplier and id) of which a call asked for as much as `kind`."""
    if not seen:
        return
    suppliers, submissions = zip(*seen, strict=True)
    found = await (await reader.take_reader(session)).fetch(FIND, list(suppliers), list(submissions))
    await _note(session, actor, [_weigh(row, kind) for row in found], noted)


async def note_profile(
    session: Session,
    actor: Actor,
    *,
    record_id: UUID,
    questionnaire: str,
    latest: Kind | None,
    history: Kind | None,
    noted: Noted,
) -> None:
    """Leave receipts for a supplier's profile, of which a call asked for its latest result, its history, or both."""
    if latest is None and history is None:
        return
    values = (actor.organization, record_id, questionnaire, MOST_HISTORY)
    rows = await (await reader.take_reader(session)).fetch(FIND_OF_RECORD, *values)
    readings = [] if history is None else [_weigh(row, history) for row in rows]
    newest = next((row for row in rows if row["subject"] == "organization"), None)
    if latest is not None and newest is not None:
        readings.append(_weigh(newest, latest))
    await _note(session, actor, readings, noted)


def _weigh(row: asyncpg.Record, asked: Kind) -> Reading:
    """How much a call got: never more than the share opens."""
    kind: Kind = "evidence" if asked != "summary" and row["evidence"] else "summary"
    return Reading(row["supplier_id"], row["id"], "answers" if asked == "answers" and row["answers"] else kind)


async def _note(session: Session, actor: Actor, readings: Iterable[Reading], noted: Noted) -> None:
    """One receipt per submission and call, also where several fields of the call return it."""
    fresh = []
    for one in readings:
        at_least = STRENGTH[STRENGTH.index(one.kind) :]
        if not any((one.submission_id, kind) in noted for kind in at_least):
            noted.add((one.submission_id, one.kind))
            fresh.append(one)
    await receipts.note_readings(session, actor, fresh)
