"""The burden meter: what each request would cost its supplier, before it is answered, by the rules of taking over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import carrying, definitions, differences, drafts, reusing, sources, writes
from portal.assessments.definitions import Version
from portal.assessments.drafts import Draft
from questionnaires import burden
from questionnaires.answers import Answer, AnswerKey, Answers
from questionnaires.burden import Burden
from questionnaires.definition import Tier
from questionnaires.difference import Difference
from questionnaires.submission import Attachment

# A request is about the place of its assessment, once it was accepted; one about a site is before that about the only
# site that there is, if it is the only one. What is withdrawn cannot be shared, so it is to be submitted again.
PLACES = text(
    """
    WITH first_sites AS MATERIALIZED (
        SELECT id FROM portal.site WHERE organization_id = :supplier AND archived_at IS NULL LIMIT 2
    ), only_site AS MATERIALIZED (
        SELECT min(id::text)::uuid AS id FROM first_sites HAVING count(*) = 1
    )
    SELECT r.id, r.questionnaire, r.minimum_tier, r.period_start, r.period_end,
           coalesce(a.subject_key, CASE r.subject WHEN 'organization' THEN r.supplier_id ELSE s.id END) AS subject_key,
           v.content_hash, portal.clock()::date AS today
      FROM portal.request r
      LEFT JOIN portal.assessment a ON a.supplier_id = r.supplier_id AND a.id = r.assessment_id
      LEFT JOIN only_site s ON true
      JOIN portal.questionnaire q ON q.key = r.questionnaire
      JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version
     WHERE r.supplier_id = :supplier AND r.id = ANY (CAST(:requests AS uuid[]))
    """
)
# What counts for each place where that is deep enough, else its newest revision.
OWN = text(
    """
    WITH wanted AS (SELECT * FROM jsonb_to_recordset(CAST(:places AS jsonb)) AS x (
        id uuid, questionnaire text, minimum_tier text, subject_key uuid, period_start date, period_end date))
    SELECT wanted.id AS request, a.id, a.is_shareable
      FROM wanted, LATERAL (
           SELECT a.id, s.id IS NOT NULL AS is_shareable
             FROM portal.assessment a
             LEFT JOIN portal.submission s
               ON s.supplier_id = a.supplier_id AND s.assessment_id = a.id AND s.state = 'current'
              AND portal.tier_holds(s.tier, wanted.minimum_tier)
            WHERE a.supplier_id = :supplier AND a.questionnaire = wanted.questionnaire
              AND a.subject_key = wanted.subject_key AND a.period_start = wanted.period_start
              AND a.period_end = wanted.period_end
            ORDER BY s.id IS NULL, a.revision DESC LIMIT 1) a
    """
)
TAKEN = text(
    """
    SELECT assessment_id, question, row_id FROM portal.answer
     WHERE supplier_id = :supplier AND assessment_id = ANY (CAST(:assessments AS uuid[]))
    """
)
# Of each kind what counts longest: what names its own end, and what was issued last.
DOCUMENTS = text(
    """
    SELECT kind, max(valid_until) AS valid_until, max(issued_on) FILTER (WHERE valid_until IS NULL) AS issued_on,
           bool_or(valid_until IS NULL) AS is_open
      FROM portal.evidence WHERE supplier_id = :supplier AND state = 'available' GROUP BY kind
    """
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The burden of a request, and the assessment that `renewAssessment` takes the known answers from."""

    burden: Burden
    renews_id: UUID | None


@dataclass(frozen=True)
class _Standing:
    """What is answered already at the place of a request; `taken` are places to which nothing is taken over."""

    version: Version
    known: Answers
    unconfirmed: frozenset[AnswerKey] = frozenset()
    taken: Sequence[AnswerKey] = ()


@dataclass(frozen=True)
class _Found:
    """What the supplier has, by request: the response to the same, whether it can be shared, and other responses."""

    own: Mapping[UUID, tuple[Draft, bool]]
    nearest: Mapping[UUID, Draft]  # the same questionnaire for another period
    others: Mapping[UUID, Sequence[Draft]]
    taken: Mapping[UUID, Sequence[AnswerKey]]
    documents: Collection[Attachment]
    day: date
    compared: dict[tuple[str, str], Difference] = field(default_factory=dict)

    async def compare(self, session: AsyncSession, old: Version, new: Version) -> Difference:
        """How two versions differ, looked up once for all requests."""
        key = (old.content_hash, new.content_hash)
        if key not in self.compared:
            self.compared[key] = await differences.compare(session, old, new)
        return self.compared[key]


async def measure_requests(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, Measured]:
    """The burden of each of these requests to the caller's organization, in a number of statements that they share.

    One whose tier the version to answer does not have is left out.
    """
    parameters = {"supplier": actor.organization, "requests": [str(one) for one in wanted]}
    places = (await session.execute(PLACES, parameters)).all()
    found = await _find_responses(session, actor, places)
    measured = {}
    for place in places:
        version = Version(place.content_hash, await definitions.load_definition(session, place.content_hash))
        one = await _measure(session, actor, place, version, found)
        if one is not None:
            measured[place.id] = one
    return measured


async def _find_responses(session: AsyncSession, actor: Actor, places: Sequence[Any]) -> _Found:
    listed = writes.dump_json([dict(place._mapping) for place in places])
    rows = (await session.execute(OWN, {"supplier": actor.organization, "places": listed})).all()
    by_request = {place.id: place for place in places}
    nearest = await sources.list_nearest(session, actor, by_request)
    others = await sources.list_others(session, actor, by_request)
    ids = {row.id for row in rows} | set(nearest.values()) | {one for found in others.values() for one in found}
    loaded = await drafts.load_drafts(session, actor, list(ids))
    own = {row.request: (loaded[row.id], row.is_shareable) for row in rows}
    return _Found(
        own=own,
        nearest={request: loaded[one] for request, one in nearest.items()},
        others={request: [loaded[one] for one in found] for request, found in others.items()},
        taken=await _list_taken(session, actor, [draft.row.id for draft, _ in own.values()]),
        documents=await _list_documents(session, actor),
        day=places[0].today if places else date.min,
    )


async def _list_taken(
    session: AsyncSession, actor: Actor, assessments: Sequence[UUID]
) -> Mapping[UUID, Sequence[AnswerKey]]:
    """The places that have an answer, or had one: nothing is taken over to those."""
    parameters = {"supplier": actor.organization, "assessments": [str(one) for one in assessments]}
    grouped: dict[UUID, list[AnswerKey]] = {one: [] for one in assessments}
    for row in await session.execute(TAKEN, parameters):
        grouped[row.assessment_id].append((row.question, row.row_id or None))
    return grouped


async def _list_documents(session: AsyncSession, actor: Actor) -> list[Attachment]:
    listed = []
    for row in await session.execute(DOCUMENTS, {"supplier": actor.organization}):
        if row.valid_until is not None:
            listed.append(Attachment(question="", kind=row.kind, valid_until=row.valid_until))
        if row.is_open:
            listed.append(Attachment(question="", kind=row.kind, issued_on=row.issued_on))
    return listed


async def _measure(session: AsyncSession, actor: Actor, place: Any, current: Version, found: _Found) -> Measured | None:
    own, is_shareable = found.own.get(place.id, (None, False))
    standing = await _find_standing(session, found, own, current, place.minimum_tier)
    if place.minimum_tier not in standing.version.definition.tier_keys:
        return None
    if is_shareable:
        return Measured(burden=_count(standing, place.minimum_tier, found).settle(), renews_id=None)
    nearest = found.nearest.get(place.id)
    if nearest is not None:
        changed = await found.compare(session, nearest.version, standing.version)
        items = carrying.judge_answers(changed, nearest, renews=True, tier=place.minimum_tier, taken=standing.taken)
        known, unconfirmed = burden.merge_carried(standing.known, items)
        standing = replace(standing, known=known, unconfirmed=standing.unconfirmed | unconfirmed)
    others = reusing.set_beside(place, found.others.get(place.id, ()))
    definition = standing.version.definition
    offered = reusing.choose(definition, place.minimum_tier, {*standing.taken, *standing.known}, others)
    reusable = {key: answer for key, (_, answer) in offered.items()}
    measured = _count(standing, place.minimum_tier, found, reusable)
    return Measured(burden=measured, renews_id=None if nearest is None else nearest.row.id)


async def _find_standing(
    session: AsyncSession, found: _Found, own: Draft | None, current: Version, tier: Tier
) -> _Standing:
    """The draft of the place as it is, or, where its version does not have the tier, as an upgrade would make it."""
    if own is None:
        return _Standing(current, {})
    if tier in own.definition.tier_keys:
        return _Standing(own.version, own.answers, own.unconfirmed, found.taken[own.row.id])
    changed = await found.compare(session, own.version, current)
    known, unconfirmed = burden.merge_carried({}, carrying.judge_answers(changed, own, renews=False, tier=tier))
    return _Standing(current, known, unconfirmed)


def _count(
    standing: _Standing, tier: Tier, found: _Found, reusable: Mapping[AnswerKey, Answer] | None = None
) -> Burden:
    return burden.measure_burden(
        standing.version.definition,
        tier,
        standing.known,
        unconfirmed=standing.unconfirmed,
        reusable=reusable,
        documents=found.documents,
        day=found.day,
    )
