"""The responses that answers are taken over from: one choice for the burden meter, for what is offered, and for hints.

What shares days with a period comes first, the more days the sooner; then the latest.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import writes

MOST_RESPONSES = 20
PLACE = ("questionnaire", "subject_key", "period_start", "period_end")
WANTED = (
    "jsonb_to_recordset(CAST(:places AS jsonb)) AS wanted"
    " (id uuid, questionnaire text, subject_key uuid, period_start date, period_end date)"
)
# Days are counted below nothing where two periods are apart, so those are made equal.
NEARNESS = (
    "greatest(0, least(a.period_end, wanted.period_end) - greatest(a.period_start, wanted.period_start) + 1) DESC,"
    " a.period_end DESC, a.revision DESC, a.id"
)
# The same questionnaire for another period, which may overlap but not lie wholly after: what was submitted, also where
# it was withdrawn since, for the answers are the supplier's own.
NEAREST = text(
    f"""
    SELECT wanted.id AS place, a.id
      FROM {WANTED}, LATERAL (
           SELECT a.id FROM portal.assessment a
            WHERE a.supplier_id = :supplier AND a.questionnaire = wanted.questionnaire
              AND a.subject_key = wanted.subject_key AND a.state = 'submitted'
              AND a.period_start <= wanted.period_end
              AND (a.period_start, a.period_end) <> (wanted.period_start, wanted.period_end)
            ORDER BY {NEARNESS} LIMIT 1) a
    """  # noqa: S608  # no part of it comes from outside
)
# Other questionnaires of the same publisher: the same period comes first.
OTHERS = text(
    f"""
    SELECT wanted.id AS place, other.id
      FROM {WANTED}
      JOIN portal.questionnaire own ON own.key = wanted.questionnaire,
           LATERAL (
           SELECT a.id, row_number() OVER (
                  ORDER BY ((a.period_start, a.period_end) = (wanted.period_start, wanted.period_end)) DESC,
                           {NEARNESS}) AS position
             FROM portal.assessment a JOIN portal.questionnaire q ON q.key = a.questionnaire
            WHERE a.supplier_id = :supplier AND a.subject_key = wanted.subject_key
              AND a.questionnaire <> wanted.questionnaire AND a.state <> 'replaced'
              AND q.owner_id IS NOT DISTINCT FROM own.owner_id
            ORDER BY position LIMIT :most) other
     ORDER BY other.position
    """  # noqa: S608  # no part of it comes from outside
)


async def list_nearest(session: AsyncSession, actor: Actor, places: Mapping[UUID, Any]) -> dict[UUID, UUID]:
    """By each of these places the submitted response to the same questionnaire, for another period, that fits best.

    A place has a questionnaire, subject_key, period_start and period_end.
    """
    parameters = {"supplier": actor.organization, "places": _write_places(places)}
    return {row.place: row.id for row in await session.execute(NEAREST, parameters)}


async def list_others(session: AsyncSession, actor: Actor, places: Mapping[UUID, Any]) -> dict[UUID, list[UUID]]:
    """By each of these places the supplier's responses to other questionnaires of the same publisher about the subject.

    At most 20 are given for each, the one that fits best first.
    """
    parameters = {"supplier": actor.organization, "places": _write_places(places), "most": MOST_RESPONSES}
    found: dict[UUID, list[UUID]] = {key: [] for key in places}
    for row in await session.execute(OTHERS, parameters):
        found[row.place].append(row.id)
    return found


def _write_places(places: Mapping[UUID, Any]) -> str:
    listed = [{"id": key} | {name: getattr(place, name) for name in PLACE} for key, place in places.items()]
    return writes.dump_json(listed)
