"""Applying a scoring profile to what was submitted before: results are added beside the old ones, never rewritten."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.assessments import definitions, results, writes
from portal.database import outbox
from questionnaires.compiled import CompiledProfile, CompiledVersion, StrangeAnswers
from questionnaires.definition import Definition
from questionnaires.result import Result

BATCH = 500
NOBODY = UUID(int=0)
BEFORE_ALL = (NOBODY, NOBODY)

# What has neither the sealed trace of the profile nor one that was added. Results that were once added without a trace
# are looked at again for it, and stay as they are.
LACKS = """
    CAST(s.header ->> 'profile' AS integer) IS DISTINCT FROM {number} AND NOT EXISTS (
        SELECT FROM portal.result_section t
         WHERE t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.profile_number = {number})
"""
WAITS = LACKS.format(number=":number")
COUNT = text(
    f"""
    SELECT count(*) FROM portal.submission s
     WHERE s.questionnaire = :questionnaire AND s.version = :version AND {WAITS}
    """  # noqa: S608 (a constant)
)
BEHIND = text(
    f"""
    SELECT s.questionnaire, s.version, p.number, count(*) AS count
      FROM (SELECT questionnaire, version, max(number) AS number FROM portal.scoring_profile GROUP BY 1, 2) p
      JOIN portal.submission s ON s.questionnaire = p.questionnaire AND s.version = p.version
     WHERE {LACKS.format(number="p.number")} GROUP BY 1, 2, 3 ORDER BY 1, 2
    """  # noqa: S608 (a constant)
)
# What is shown before is the result of the newest profile so far.
NEXT = text(
    f"""
    WITH chosen AS (
        SELECT s.supplier_id, s.id, s.tier, s.state, s.submitted_at FROM portal.submission s
         WHERE s.questionnaire = :questionnaire AND s.version = :version
           AND (s.supplier_id, s.id) > (CAST(:supplier AS uuid), CAST(:submission AS uuid)) AND {WAITS}
         ORDER BY s.supplier_id, s.id LIMIT :limit
    )
    SELECT c.supplier_id, c.id, c.tier, c.state, (c.submitted_at AT TIME ZONE 'UTC')::date AS day,
           ARRAY (SELECT p.answers::text FROM portal.submission_section p
                   WHERE p.supplier_id = c.supplier_id AND p.submission_id = c.id AND p.answers <> '{{}}') AS answers,
           shown.profile_number AS shown_number, shown.band, (portal.clock() AT TIME ZONE 'UTC')::date AS today
      FROM chosen c
      LEFT JOIN LATERAL (
           SELECT r.profile_number, r.band FROM portal.result r
            WHERE r.supplier_id = c.supplier_id AND r.submission_id = c.id AND r.is_own_tier
            ORDER BY r.profile_number DESC LIMIT 1) shown ON true
     ORDER BY c.supplier_id, c.id
    """  # noqa: S608 (a constant)
)
# Two runs at once may score the same submission: a letter goes with the result that was added, so there is one.
ADD = text(
    """
    WITH added AS (
        INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band,
                                   band_reason, coverage, pillars, critical, valid_until)
        SELECT supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band, band_reason, coverage,
               pillars, critical, valid_until
          FROM jsonb_populate_recordset(NULL::portal.result, CAST(:results AS jsonb))
        ON CONFLICT DO NOTHING
        RETURNING submission_id
    ), traced AS (
        INSERT INTO portal.result_section (supplier_id, submission_id, profile_number, section, trace)
        SELECT supplier_id, submission_id, profile_number, section, trace
          FROM jsonb_populate_recordset(NULL::portal.result_section, CAST(:sections AS jsonb))
        ON CONFLICT DO NOTHING
    )
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT e.id, e.topic, e.ids FROM jsonb_populate_recordset(NULL::portal.outbox, CAST(:events AS jsonb)) e
     WHERE e.topic <> :told OR CAST(e.ids ->> 'submission' AS uuid) IN (SELECT submission_id FROM added)
    """
)
RESCORED, TOLD = "submission.rescored", "band.changed"


@dataclass(frozen=True)
class Rescoring:
    """A version with the profile that is applied, compiled once."""

    definition: Definition
    scorer: CompiledProfile

    @property
    def parameters(self) -> dict[str, Any]:
        number = self.scorer.profile.number
        return {"questionnaire": self.definition.key, "version": self.definition.version, "number": number}


@dataclass(frozen=True)
class Behind:
    """A version with submissions that its newest profile was not applied to."""

    questionnaire: str
    version: str
    number: int  # of that profile
    count: int  # of these submissions


@dataclass
class Batch:
    """What one step did: the last place looked at, how many, how often a band (or none) became another one.

    `told` counts the submissions of which their supplier is told by letter.
    """

    last: tuple[UUID, UUID]
    count: int = 0
    moves: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    told: int = 0


@dataclass
class Rows:
    """What is written of one step."""

    results: list[Mapping[str, Any]] = field(default_factory=list)
    sections: list[Mapping[str, Any]] = field(default_factory=list)
    told: list[Mapping[str, Any]] = field(default_factory=list)  # the parts of events


async def open_rescoring(
    session: AsyncSession, questionnaire: str, version: str, number: int | None = None
) -> Rescoring:
    """Get ready to apply a profile of a version, its newest one without a number. Raises NotFound."""
    definition = (await definitions.load_version(session, questionnaire, version)).definition
    if number is None:
        profile, _ = await definitions.load_latest_profile(session, definition)
    else:
        profile = await definitions.load_numbered_profile(session, definition, number)
    return Rescoring(definition, CompiledProfile(CompiledVersion(definition), profile))


async def count_waiting(session: AsyncSession, rescoring: Rescoring) -> int:
    """How many submissions have no result of the profile, with its trace, yet."""
    return await count_behind(session, **rescoring.parameters)


async def count_behind(session: AsyncSession, *, questionnaire: str, version: str, number: int) -> int:
    """The same of a profile that is named."""
    given = {"questionnaire": questionnaire, "version": version, "number": number}
    return int((await session.execute(COUNT, given)).scalar_one())


async def list_behind(session: AsyncSession) -> list[Behind]:
    """Every version that waits for a rescore, by key and version."""
    return [Behind(**row._mapping) for row in await session.execute(BEHIND)]


async def rescore_batch(
    session: AsyncSession,
    rescoring: Rescoring,
    after: tuple[UUID, UUID],
    *,
    keep: bool = True,
    letters: bool = True,
    limit: int = BATCH,
) -> Batch | None:
    """Score the next submissions that have no result of the profile; none where there is no more.

    It may be stopped between two steps, or in one, at any time: what has a result is not looked at again. Buyers' cards
    follow, and with `letters` the supplier of a current submission whose band became another one is told, while its
    result holds. Without `keep` nothing is written.
    """
    place = {"supplier": after[0], "submission": after[1], "limit": limit}
    found = (await session.execute(NEXT, rescoring.parameters | place)).all()
    if not found:
        return None
    made, rows = Batch(last=(found[-1].supplier_id, found[-1].id), count=len(found)), Rows()
    for row in found:
        result = _score(rescoring, row, rows)
        made.moves[row.band, result.band] += 1
        if letters and _shows_another_band(rescoring, row, result):
            parts = {"before": row.shown_number, "profile": rescoring.scorer.profile.number}
            rows.told.append(parts | {"supplier": row.supplier_id, "submission": row.id})
    made.told = len(rows.told)
    if keep:
        await _add(session, rescoring, rows)
    return made


def _shows_another_band(rescoring: Rescoring, row: Any, result: Result) -> bool:
    """Whether what is shown of a submission that counts changes: an older profile's result is never shown.

    What has expired is shown to nobody as a result that holds, so nobody is told of it.
    """
    is_shown = row.shown_number is not None and row.shown_number < rescoring.scorer.profile.number
    holds = row.state == "current" and row.today <= result.valid_until
    return is_shown and holds and row.band != result.band


def _score(rescoring: Rescoring, row: Any, rows: Rows) -> Result:
    """Add the rows of one submission; gives its result. Raises SetupError for answers that do not fit their version."""
    try:
        written = rescoring.scorer.score_stored(row.tier, row.answers, row.day)
    except StrangeAnswers as found:
        raise errors.SetupError(f"Submission {row.id} of {rescoring.definition.version} holds {found}.") from found
    owner = {"supplier_id": row.supplier_id, "submission_id": row.id}
    rows.results += [owner | one for one in results.write_results(rescoring.definition, written.result)]
    of_profile = owner | {"profile_number": written.result.profile}
    traces = {key: orjson.Fragment(words) for key, words in written.sections.items()}
    rows.sections += [of_profile | {"section": key, "trace": trace} for key, trace in traces.items()]
    return written.result


async def _add(session: AsyncSession, rescoring: Rescoring, rows: Rows) -> None:
    """Results with their traces, one event for each supplier, by which its cards are written anew, and the letters'."""
    place = {"questionnaire": rescoring.definition.key, "version": rescoring.definition.version}
    suppliers = dict.fromkeys(row["supplier_id"] for row in rows.results)
    events = outbox.make_rows(RESCORED, [{"supplier": one} | place for one in suppliers])
    events += outbox.make_rows(TOLD, rows.told)
    written = {"results": rows.results, "sections": rows.sections, "events": events}
    await session.execute(ADD, {name: writes.dump_json(part) for name, part in written.items()} | {"told": TOLD})
