"""A buyer's campaigns: many suppliers chosen by the filters of its list, looked at before, asked by a worker."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import campaign_limits, requests, supplier_filters
from portal.assessments.campaign_limits import OVER
from portal.assessments.requests import Ask
from portal.database import audit, idempotency, ids, outbox, reader
from portal.database.reader import Session
from portal.database.tables.assessments import TIERS
from portal.database.tables.campaigns import Campaign, CampaignAct
from portal.reading import members
from portal.reading.suppliers import SUPPLIERS

MOST_RECORDS = 100_000
LONGEST_NAME = 200
Kind = Literal["extend", "remind", "withdraw"]

# Behind the SELECT of the list's records, whose places come first; {0} and so on are the places behind those.
OUTCOME = """CASE WHEN r.archived_at IS NOT NULL THEN 'archived' WHEN r.state = 'refused' THEN 'refused'
                WHEN EXISTS (SELECT FROM portal.request z
                              WHERE z.buyer_id = r.buyer_id AND z.supplier_record_id = r.id
                                AND z.questionnaire = {questionnaire} AND z.subject = {subject}
                                AND z.subject_name IS NOT DISTINCT FROM {subject_name}
                                AND z.period_start = {period_start} AND z.period_end = {period_end}
                                AND z.state IN ('open', 'accepted')) THEN 'already_requested'
                WHEN NOT {asks_answered}
                 AND portal.has_answer(r.buyer_id, r.id, {questionnaire}, {minimum_tier}, {period_start}, {period_end},
                                       {subject}, {subject_name})
                THEN 'already_answered'
                WHEN over_limit.id IS NOT NULL THEN 'over_limit' ELSE 'asked' END"""
PREVIEW = f"""
WITH wanted AS ({{members}}), {OVER}, judged AS (
    SELECT r.supplier_id, r.state, {OUTCOME} AS outcome
      FROM wanted JOIN portal.supplier_record r ON r.buyer_id = {{buyer}} AND r.id = wanted.id
      LEFT JOIN over_limit ON over_limit.id = r.id
), outcomes AS (SELECT outcome, count(*) FROM judged GROUP BY outcome),
states AS (SELECT state, count(*) FROM judged WHERE outcome = 'asked' GROUP BY state)
SELECT json_build_object(
    'total', (SELECT count(*) FROM judged),
    'outcomes', (SELECT coalesce(json_object_agg(outcome, count), '{{{{}}}}') FROM outcomes),
    'states', (SELECT coalesce(json_object_agg(state, count), '{{{{}}}}') FROM states))::text
"""  # noqa: S608  # no part of it comes from outside
# Who is over the limit now is not asked; what else is to be said of each, the worker says when its turn comes.
LIST = f"""
WITH wanted AS ({{members}}), {OVER}, listed AS (
    INSERT INTO portal.campaign_record (buyer_id, campaign_id, supplier_record_id, outcome)
    SELECT {{buyer}}, {{campaign}}, r.id,
           CASE WHEN over_limit.id IS NOT NULL THEN nullif({OUTCOME}, 'asked') END
      FROM wanted JOIN portal.supplier_record r ON r.buyer_id = {{buyer}} AND r.id = wanted.id
      LEFT JOIN over_limit ON over_limit.id = r.id
    RETURNING 1
)
SELECT count(*)::text FROM listed
"""  # noqa: S608  # no part of it comes from outside
COLLECT = "SELECT coalesce(json_agg(wanted.id), '[]')::text FROM ({members}) wanted"
KINDS = {
    "buyer": "uuid", "campaign": "uuid", "questionnaire": "text", "minimum_tier": "text", "period_start": "date",
    "period_end": "date", "asks_answered": "boolean", "subject": "text", "subject_name": "text", "costs": "jsonb",
    "limits": "jsonb",
}  # fmt: skip
TIER_LIST = f"ARRAY[{', '.join(repr(one) for one in TIERS)}]"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Whom a campaign asks: the filters of the buyer's list, and how they were given."""

    filters: Mapping[str, Any]
    told: Sequence[Mapping[str, Any]]  # [{field, values}]
    asks_answered: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """As much of what is asked as decides who need not be asked."""

    questionnaire: str
    minimum_tier: str
    period_start: date
    period_end: date
    subject: str = "organization"  # organization | site
    subject_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a campaign would do now: how many of the filter's records, by outcome, and the states of those asked."""

    total: int
    outcomes: Mapping[str, int]
    states: Mapping[str, int]


async def preview_campaign(session: Session, actor: Actor, *, target: Target, question: Question) -> Preview:
    """Count what a campaign would do; one statement. Raises InvalidInput and NotFound for what the filter names."""
    access.require(actor, access.BUYER)
    found = await _run(session, actor, target.filters, PREVIEW, await _measure(session, actor, target, question))
    return Preview(**orjson.loads(found or "{}"))


async def create_campaign(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    ask: Ask,
    target: Target,
    expected_count: int | None = None,
    idempotency_key: str | None = None,
) -> UUID:
    """Keep a campaign with whom it is to ask; a worker asks them. Statements do not grow with the suppliers.

    Raises InvalidInput (EMPTY, TOO_MANY), NotFound, and Conflict CHANGED where others pass the filter than expected.
    """
    access.require(actor, access.BUYER_EDITOR)
    body = {"name": name, "ask": asdict(ask), "filter": target.told, "asks_answered": target.asks_answered}
    made = await idempotency.find_made(session, actor, idempotency_key, "createCampaign", body)
    if made is not None:
        return UUID(made[0])
    await requests.check_ask(session, ask, problems=_check_name(name))
    id_ = ids.new_id()
    asked = asdict(ask)
    await session.execute(
        insert(Campaign)
        .inline()
        .values(
            buyer_id=actor.organization,
            id=id_,
            name=name.strip(),
            **asked,
            asks_answered=target.asks_answered,
            filter=list(target.told),
            record_count=0,
            created_by=actor.user_id,
        )
    )
    question = Question(**{one.name: asked[one.name] for one in fields(Question)})
    values = await _measure(session, actor, target, question) | {"campaign": id_}
    count = int(await _run(session, actor, target.filters, LIST, values) or 0)
    _check_count(count, expected_count)
    await session.execute(
        update(Campaign).where(Campaign.buyer_id == actor.organization, Campaign.id == id_).values(record_count=count)
    )
    await outbox.add_event(session, "campaign.created", buyer=actor.organization, campaign=id_)
    await audit.add_audit(session, actor, "campaign.created", "campaign", id_, detail={"count": count})
    await idempotency.keep_made(session, actor, idempotency_key, "createCampaign", body, [id_])
    return id_


async def _measure(session: Session, actor: Actor, target: Target, question: Question) -> dict[str, Any]:
    """What a statement is given that decides who need not, or must not, be asked."""
    measures = await campaign_limits.load_measures(session, actor, question.questionnaire)
    own = {"buyer": actor.organization, "asks_answered": target.asks_answered}
    return asdict(question) | asdict(measures) | own


def _check_name(name: str) -> list[errors.FieldProblem]:
    if name.strip() and len(name) <= LONGEST_NAME and "\x00" not in name:
        return []
    return [errors.FieldProblem(("name",), "NAME", f"Give a name of 1 to {LONGEST_NAME} characters.")]


def _check_count(count: int, expected: int | None) -> None:
    if not 1 <= count <= MOST_RECORDS:
        words = f"A campaign asks 1 to {MOST_RECORDS} suppliers; {count} pass the filter."
        raise errors.InvalidInput(words, code="TOO_MANY" if count else "EMPTY", path=("filter",))
    if expected is not None and count != expected:
        words = f"{count} suppliers pass the filter now, not {expected}; look at the preview again."
        raise errors.Conflict(words, code="CHANGED", path=("expectedCount",))


async def change_campaign(
    session: AsyncSession,
    actor: Actor,
    *,
    campaign_id: UUID,
    kind: Kind,
    filters: Mapping[str, Any] | None = None,
    due_on: date | None = None,
    message: str | None = None,
) -> None:
    """Extend, remind of or withdraw the open requests of a campaign, or those of suppliers that pass filters now.

    A worker does it. To withdraw the whole ends its sending, too, and again changes nothing; to extend the whole moves
    its day. Raises NotFound, InvalidInput, Conflict CAMPAIGN_WITHDRAWN, and BUSY while an earlier act is not done, or,
    with filters, while suppliers are still to be asked.
    """
    access.require(actor, access.BUYER_EDITOR)
    campaign = await _lock(session, actor, campaign_id)
    if campaign.state == "withdrawn" and kind == "withdraw" and filters is None:
        return
    await _check_free(session, actor, campaign, narrows=filters is not None)
    _check_act(kind, due_on, message, await requests.read_latest_day(session))
    records = None
    if filters is not None:
        found = await _run(session, actor, filters, COLLECT, {})
        records = [UUID(one) for one in orjson.loads(found or "[]")]
    elif kind == "withdraw":
        await _update(session, actor, campaign_id, state="withdrawn")
    elif kind == "extend" and due_on is not None:
        await _update(session, actor, campaign_id, due_on=func.greatest(campaign.due_on, due_on))
    act = ids.new_id()
    own = {"buyer_id": actor.organization, "id": act, "campaign_id": campaign_id, "created_by": actor.user_id}
    await session.execute(
        insert(CampaignAct).inline().values(**own, kind=kind, due_on=due_on, message=message, records=records)
    )
    await outbox.add_event(session, "campaign.changed", buyer=actor.organization, campaign_act=act)
    await audit.add_audit(session, actor, f"campaign.{kind}", "campaign", campaign_id)


async def _lock(session: AsyncSession, actor: Actor, campaign_id: UUID) -> Campaign:
    row = await session.scalar(
        select(Campaign)
        .where(Campaign.buyer_id == actor.organization, Campaign.id == campaign_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise errors.NotFound("There is no such campaign.", path=("campaignId",))
    return row


async def _check_free(session: AsyncSession, actor: Actor, row: Campaign, *, narrows: bool) -> None:
    """Raise Conflict where nothing is to be done with a campaign, or not yet."""
    if row.state == "withdrawn":
        raise errors.Conflict("This campaign was withdrawn.", code="CAMPAIGN_WITHDRAWN", path=("campaignId",))
    if narrows and row.state == "sending":
        words = "Some suppliers are still to be asked, and would not be changed; try again once the campaign is `SENT`."
        raise errors.Conflict(words, code="BUSY", path=("campaignId",))
    waiting = await session.scalar(
        select(CampaignAct.id)
        .where(
            CampaignAct.buyer_id == actor.organization,
            CampaignAct.campaign_id == row.id,
            CampaignAct.done_at.is_(None),
        )
        .limit(1)
    )
    if waiting is not None:
        words = "What was asked for before is not done yet; look at the campaign's `acts`, and try again."
        raise errors.Conflict(words, code="BUSY", path=("campaignId",))


def _check_act(kind: Kind, due_on: date | None, message: str | None, today: date) -> None:
    problems = requests.check_due(due_on, today) if kind == "extend" and due_on is not None else []
    if message is not None and not 0 < len(message) <= requests.TEXT_LIMITS["message"]:
        words = f"A message has 1 to {requests.TEXT_LIMITS['message']} characters."
        problems = [*problems, errors.FieldProblem(("message",), "TOO_LONG", words)]
    if problems:
        raise errors.InvalidInput(problems[0].message, problems=problems)


async def _update(session: AsyncSession, actor: Actor, campaign_id: UUID, **values: Any) -> None:
    await session.execute(
        update(Campaign)
        .where(Campaign.buyer_id == actor.organization, Campaign.id == campaign_id)
        .values(**values, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )


async def _run(
    session: Session, actor: Actor, filters: Mapping[str, Any], statement: str, values: Mapping[str, Any]
) -> str | None:
    """Run one of the statements above over the records that pass the filters of the buyer's list."""
    settled = await supplier_filters.settle(session, filters, path=("filter",))
    sql, given = members.write_members(actor, SUPPLIERS, settled)
    used = [name for name in values if f"{{{name}}}" in statement]
    places = {name: f"${len(given) + at}::{KINDS[name]}" for at, name in enumerate(used, start=1)}
    whole = statement.format(members=sql, tiers=TIER_LIST, **places)
    return await (await reader.take_reader(session)).fetch_text(whole, [*given, *(values[name] for name in used)])
