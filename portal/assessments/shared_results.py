"""Reading what was shared leaves receipts: which submissions a buyer's call returned, and how much of each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from portal.access import Actor
from portal.assessments.receipts import STRENGTH, Kind, name_reader
from portal.database import reader
from portal.database.reader import Session, Statement
from portal.database.tables.assessments import spell_recency
from portal.reading.shared_results import MOST_HISTORY

Noted = set[tuple[UUID, str]]
# The policies of the tables decide what is found: submissions, sections and documents that a live share opens.
FLAGS = """
    SELECT b.supplier_id, b.id, b.subject,
           EXISTS (SELECT FROM portal.submission_section c
                    WHERE c.supplier_id = b.supplier_id AND c.submission_id = b.id) AS answers,
           EXISTS (SELECT FROM portal.submission_evidence e
                    WHERE e.supplier_id = b.supplier_id AND e.submission_id = b.id) AS evidence
"""
# One receipt per submission and call, of the strongest that the call got of it: never more than the share opens.
NOTE = """
SELECT portal.note_readings($1, $2, $3, (
    SELECT coalesce(jsonb_agg(w), '[]') FROM (
        SELECT a.supplier_id AS supplier, a.id AS submission, ($5::text[])[max(g.strength)] AS kind
          FROM ({asked}) a
         CROSS JOIN LATERAL (SELECT CASE WHEN a.asked = 'answers' AND a.answers THEN 3
                                         WHEN a.asked <> 'summary' AND a.evidence THEN 2 ELSE 1 END AS strength) g
         WHERE a.supplier_id <> $1
         GROUP BY a.supplier_id, a.id
        HAVING NOT EXISTS (SELECT FROM jsonb_to_recordset($4::text::jsonb) AS n (submission uuid, strength integer)
                            WHERE n.submission = a.id AND n.strength >= max(g.strength))) w))::text
"""
NOTE_RESULTS = NOTE.format(
    asked=f"""
    {FLAGS}, $8::text AS asked
      FROM unnest($6::uuid[], $7::uuid[]) AS wanted (supplier, submission)
      JOIN portal.submission b ON b.supplier_id = wanted.supplier AND b.id = wanted.submission
    """
)
NOTE_PROFILE = NOTE.format(
    asked=f"""
    WITH found AS (
        {FLAGS}, row_number() OVER (ORDER BY {spell_recency("b")}) AS place
          FROM portal.supplier_record r
          JOIN portal.relationship_card k
            ON k.buyer_id = r.buyer_id AND k.supplier_record_id = r.id AND k.questionnaire = $7
          JOIN portal.submission b ON b.supplier_id = r.supplier_id
         WHERE r.buyer_id = $1 AND r.id = $6 AND b.questionnaire = $7 AND b.supplier_id <> $1
         ORDER BY place LIMIT $8)
    SELECT f.*, $9::text AS asked FROM found f WHERE $9::text IS NOT NULL
     UNION ALL
    (SELECT f.*, $10::text FROM found f WHERE f.subject = 'organization' AND $10::text IS NOT NULL
      ORDER BY f.place LIMIT 1)
    """  # noqa: S608  # our own texts
)


async def note_results(
    session: Session, actor: Actor, *, seen: Sequence[tuple[UUID, UUID]], kind: Kind, noted: Noted
) -> None:
    """Leave receipts for submissions (supplier and id) of which a call asked for as much as `kind`."""
    if seen:
        suppliers, submissions = zip(*seen, strict=True)
        sql, values = _write(NOTE_RESULTS, actor, noted, [list(suppliers), list(submissions), kind])
        remember(noted, await (await reader.take_reader(session)).fetch_text(sql, values))


def write_profile_note(
    actor: Actor, *, record_id: UUID, questionnaire: str, latest: Kind | None, history: Kind | None, noted: Noted
) -> Statement:
    """The statement that leaves receipts for a supplier's profile where there is one: `remember` takes its answer.

    A call asks for its latest result, its history, both or neither.
    """
    return _write(NOTE_PROFILE, actor, noted, [record_id, questionnaire, MOST_HISTORY, history, latest])


def remember(noted: Noted, answer: str | None) -> None:
    """Keep what receipts were left for, so that the call leaves one for each submission."""
    noted.update((UUID(one["submission"]), one["kind"]) for one in orjson.loads(answer or "[]"))


def _write(statement: str, actor: Actor, noted: Noted, values: list[Any]) -> Statement:
    """Answers and trace (or evidence) leave a receipt each call, a summary one a day; lists of cards leave none."""
    before = [{"submission": str(id), "strength": STRENGTH.index(kind) + 1} for id, kind in noted]
    named = name_reader(actor)
    given = [named["reader"], named["role"], named["member"], orjson.dumps(before).decode(), list(STRENGTH), *values]
    return statement, given
