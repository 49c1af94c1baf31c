"""A buyer asks its suppliers: creating requests for many records at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, joining
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import assessments as tables
from portal.database.tables.directory import SupplierRecord

MAX_RECORDS = 500
LONGEST_WAIT = timedelta(days=730)
FURTHEST_AHEAD = timedelta(hours=14)  # of UTC: Kiritimati
LIVE = ("open", "accepted")
# A second part is no second letter: its buyer's cards and its followers hear of it, by this.
ADDED = "request.added"
TEXT_LIMITS = {"purpose": 500, "legal_basis": 500, "message": 2_000, "subject_name": 200, "external_reference": 100}

ALREADY_REQUESTED = (
    "You have asked this of the supplier for this period already, at whichever tier, and that is still open: extend it,"
    " or withdraw it to ask for another tier."
)
OBSTACLES = {
    "NOT_FOUND": "There is no such supplier record.",
    "ARCHIVED": "This supplier is archived.",
    "REFUSED": "The contact said that this is not them; correct the contact first.",
    "ALREADY_REQUESTED": ALREADY_REQUESTED,
}
# Until a supplier has accepted an invitation nobody there can see a request.
NOTICES = {
    "needs_contact": (
        "NO_CONTACT",
        "Nobody can see this yet: add a contact and call inviteSuppliers, or hand over a single-use link.",
    ),
    "has_contact": ("NOT_INVITED", "Nobody can see this yet: call inviteSuppliers, or hand over a single-use link."),
    "invited": ("NOT_ACCEPTED", "The supplier sees this once it has accepted the invitation that was sent."),
}

REFRESH_CARDS = text("SELECT portal.refresh_cards_of_records(:buyer, CAST(:records AS uuid[]))")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a buyer asks for; a site is named in the buyer's words, the supplier chooses which of its sites is meant."""

    questionnaire: str
    minimum_tier: str
    subject: str = "organization"  # organization | site
    subject_name: str | None = None
    period_start: date
    period_end: date
    purpose: str
    due_on: date
    legal_basis: str | None = None
    message: str | None = None
    external_reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A second questionnaire that is asked along with the first, for the same subject, period and day."""

    questionnaire: str
    minimum_tier: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """What became of one record: a request, or the problem that stopped it (and the live request in its way).

    `notice` says what is to do before the supplier can see a request that was made. The `extra` ones are of the second
    questionnaire, where one is asked and there is a first request that it can be a part of.
    """

    record_id: UUID | None
    request_id: UUID | None
    problem: errors.FieldProblem | None = None
    notice: errors.FieldProblem | None = None
    extra_id: UUID | None = None
    extra_problem: errors.FieldProblem | None = None


@dataclass(frozen=True)
class Outcome:
    """Request ids by record: those made now, and the live ones that stood in the way."""

    made: dict[UUID, UUID]
    in_the_way: dict[UUID, UUID]

    @property
    def live(self) -> dict[UUID, UUID]:
        return self.in_the_way | self.made


NOTHING = Outcome({}, {})


ASKED = {one.name: "date" if one.type is date else "text" for one in fields(Ask)}
# One statement whose text does not depend on how many are asked, so that it is prepared once.
INSERT = text(
    f"""
    INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, extra_of, told_at, created_by,
                                {", ".join(ASKED)})
    SELECT :buyer, made.id, made.record_id, made.supplier_id, made.extra_of,
           CASE WHEN made.supplier_id IS NOT NULL THEN portal.clock() END, CAST(:creator AS uuid),
           {", ".join(f"CAST(:{name} AS {kind})" for name, kind in ASKED.items())}
      FROM unnest(CAST(:ids AS uuid[]), CAST(:records AS uuid[]), CAST(:suppliers AS uuid[]), CAST(:firsts AS uuid[]))
           AS made (id, record_id, supplier_id, extra_of)
    ON CONFLICT DO NOTHING
    RETURNING supplier_record_id, id
    """  # noqa: S608  # names of our own columns
)


async def create_requests(
    session: AsyncSession,
    actor: Actor,
    *,
    record_ids: Sequence[UUID | None],
    ask: Ask,
    extra: Extra | None = None,
    idempotency_key: str | None = None,
) -> list[Line]:
    """Ask up to 500 suppliers for the same, with an outcome per record in their order; the good ones are kept.

    None stands for what the caller sent in place of a record's id and is none. An `extra` questionnaire makes a second
    request for each record, tied to the first, also to one that is live already. Raises InvalidInput with every problem
    of what is asked, NotFound for an unknown questionnaire, Conflict for one with which nothing begins any more.
    """
    access.require(actor, access.BUYER_EDITOR)
    body = {"records": record_ids, "ask": asdict(ask)} | ({"extra": asdict(extra)} if extra else {})
    made = await idempotency.find_made(session, actor, idempotency_key, "createRequests", body)
    second = None
    if extra is not None:
        second = replace(ask, questionnaire=extra.questionnaire, minimum_tier=extra.minimum_tier)
    if made is None:  # what was asked once has been asked, whatever became of the questionnaire or of the due day since
        await check_ask(session, ask, problems=_check_records(record_ids))
        if second is not None:
            await _check_extra(session, ask, second)
    known = await _find_records(session, actor, [record for record in record_ids if record is not None])
    if made is None:
        firsts, seconds = await _ask_both(session, actor, ask, second, known)
        refused = {
            record: _explain(record, known) for record in record_ids if record is not None and record not in firsts.made
        }
        kept = _note(firsts, seconds, refused)
        await idempotency.keep_made(session, actor, idempotency_key, "createRequests", body, kept)
    else:
        told = _recall(made)
        refused, rest = told.refused, [record for record in known if record not in told.refused]
        firsts = await _find_rest(session, actor, ask, rest, told.firsts)
        firsts = replace(firsts, in_the_way=firsts.in_the_way | told.in_the_way)
        seconds = NOTHING
        if second is not None:
            seconds = await _find_rest(session, actor, second, firsts.live, told.seconds)
    lines = [_report(place, record, known, firsts, refused) for place, record in enumerate(record_ids)]
    if second is None:
        return lines
    return [_report_extra(place, line, firsts, seconds) for place, line in enumerate(lines)]


async def preview_requests(
    session: AsyncSession,
    actor: Actor,
    *,
    record_ids: Sequence[UUID | None],
    ask: Ask,
    extra: Extra | None = None,
) -> list[Line]:
    """What `create_requests` would make of each record; a line without a problem would get one. Raises as that."""
    access.require(actor, access.BUYER_EDITOR)
    await check_ask(session, ask, problems=_check_records(record_ids))
    if extra is not None:
        second = replace(ask, questionnaire=extra.questionnaire, minimum_tier=extra.minimum_tier)
        await _check_extra(session, ask, second)
    named = [record for record in record_ids if record is not None]
    known = await _find_records(session, actor, named, lock=False)
    in_the_way = await _find_live(session, actor, ask, list(known))
    free = {key for key, record in known.items() if _find_obstacle(record) is None and key not in in_the_way}
    firsts = Outcome({record: record for record in free}, in_the_way)
    lines = [_report(place, record, known, firsts, {}) for place, record in enumerate(record_ids)]
    return [replace(line, request_id=in_the_way.get(line.record_id)) if line.record_id else line for line in lines]


async def _ask_both(
    session: AsyncSession, actor: Actor, ask: Ask, second: Ask | None, known: dict[UUID, Any]
) -> tuple[Outcome, Outcome]:
    inserted = await _insert_requests(session, actor, ask, list(known.values()), {})
    firsts = await _find_rest(session, actor, ask, known, inserted)
    await tell_both(session, actor, inserted, "request.asked")
    seconds = NOTHING
    if second is not None:
        roots = firsts.made | await _find_roots(session, actor, firsts.in_the_way)
        added = await _insert_requests(session, actor, second, [known[record] for record in roots], roots)
        seconds = await _find_rest(session, actor, second, firsts.live, added)
        await tell_both(session, actor, {one: added[one] for one in added if one in inserted}, ADDED)
        await tell_both(session, actor, {one: added[one] for one in added if one not in inserted}, "request.asked")
    for asked, outcome in ((ask, firsts), (second, seconds)):
        if asked is not None:
            count = {"count": len(outcome.made)}
            await audit.add_audit(
                session, actor, "requests.created", "questionnaire", asked.questionnaire, detail=count
            )
    return firsts, seconds


async def _find_roots(session: AsyncSession, actor: Actor, live: dict[UUID, UUID]) -> dict[UUID, UUID]:
    """By record the request that has no first one: parts have no parts, so that a list shows all of them."""
    if not live:
        return {}
    table = tables.Request
    found = await session.execute(
        select(table.supplier_record_id, func.coalesce(table.extra_of, table.id).label("root")).where(
            table.buyer_id == actor.organization, table.id.in_(live.values())
        )
    )
    return {row.supplier_record_id: row.root for row in found}


async def _find_rest(
    session: AsyncSession, actor: Actor, ask: Ask, wanted: Iterable[UUID], made: dict[UUID, UUID]
) -> Outcome:
    """What was made, and what is in the way of the rest."""
    missed = [record for record in wanted if record not in made]
    return Outcome(made, await _find_live(session, actor, ask, missed) if missed else {})


@dataclass(frozen=True)
class _Told:
    """What an earlier call was answered, as its idempotency key remembers it: by record requests, or why not."""

    firsts: dict[UUID, UUID] = field(default_factory=dict)
    seconds: dict[UUID, UUID] = field(default_factory=dict)
    in_the_way: dict[UUID, UUID] = field(default_factory=dict)
    refused: dict[UUID, str] = field(default_factory=dict)


def _note(firsts: Outcome, seconds: Outcome, refused: Mapping[UUID, str]) -> list[str]:
    kept = [f"{record}:{request}" for record, request in firsts.made.items()]
    kept += [f"{record}:{request}:extra" for record, request in seconds.made.items()]
    return kept + [f"{record}:{firsts.in_the_way.get(record, '')}:{code}" for record, code in refused.items()]


def _recall(kept: Sequence[str]) -> _Told:
    told = _Told()
    for one in kept:
        record, request, *said = one.split(":")
        if said and said != ["extra"]:
            told.refused[UUID(record)] = said[0]
        if request:
            place = told.firsts if not said else told.seconds if said == ["extra"] else told.in_the_way
            place[UUID(record)] = UUID(request)
    return told


async def _check_extra(session: AsyncSession, ask: Ask, extra: Ask) -> None:
    if extra.questionnaire == ask.questionnaire:
        words = "The extra questionnaire is another one than the first."
        raise errors.InvalidInput(words, code="SAME", path=("extra", "questionnaire"))
    with errors.name_below("extra"):
        version = await definitions.load_current(session, extra.questionnaire)
        version.check_begin()
        joining.check_tier(version.definition, extra.minimum_tier, place="minimum_tier")


def _check_records(record_ids: Sequence[UUID | None]) -> list[errors.FieldProblem]:
    problems = []
    if not 1 <= len(record_ids) <= MAX_RECORDS:
        words = f"Ask 1 to {MAX_RECORDS} suppliers at once; these are {len(record_ids)}."
        problems.append(errors.FieldProblem(("supplier_ids",), "TOO_MANY" if record_ids else "EMPTY", words))
    named = [record for record in record_ids if record is not None]
    if len(set(named)) < len(named):
        words = "Each supplier may stand in the list once."
        problems.append(errors.FieldProblem(("supplier_ids",), "REPEATED", words))
    return problems


async def check_ask(session: AsyncSession, ask: Ask, problems: Sequence[errors.FieldProblem] = ()) -> None:
    """Raise InvalidInput with every problem of what is asked, beside those found before; NotFound, Conflict."""
    problems = [*problems, *check_texts(ask)]
    if ask.subject == "organization" and ask.subject_name is not None:
        words = "A site is named only where the subject is a site."
        problems.append(errors.FieldProblem(("subject_name",), "NOT_EXPECTED", words))
    problems += check_due(ask.due_on, await read_latest_day(session))
    if problems:
        raise errors.InvalidInput("This cannot be asked.", problems=problems)
    await joining.check_period(session, ask.period_start, ask.period_end)
    version = await definitions.load_current(session, ask.questionnaire)
    version.check_begin()
    joining.check_tier(version.definition, ask.minimum_tier, place="minimum_tier")


def check_texts(ask: Any) -> list[errors.FieldProblem]:
    """What is wrong with the words of what is asked, once or again and again."""
    problems = []
    if not ask.purpose.strip():
        problems.append(errors.FieldProblem(("purpose",), "EMPTY", "Say what the answers are for."))
    for name, most in TEXT_LIMITS.items():
        value = getattr(ask, name, None)
        if value is not None and len(value) > most:
            words = f"This has {len(value)} characters; at most {most} are allowed."
            problems.append(errors.FieldProblem((name,), "TOO_LONG", words))
        if value is not None and "\x00" in value:
            problems.append(errors.FieldProblem((name,), "UNREADABLE", "This holds the character U+0000."))
    return problems


def check_due(due_on: date, today: date) -> list[errors.FieldProblem]:
    """What is wrong with a due day, if anything; `today` as `read_latest_day` gives it."""
    if today <= due_on <= today + LONGEST_WAIT:
        return []
    words = f"The due date must be from {today}, which is over nowhere yet, to {today + LONGEST_WAIT}; it is {due_on}."
    return [errors.FieldProblem(("due_on",), "DUE_DATE", words)]


async def read_clock(session: AsyncSession) -> Any:
    """The portal's time."""
    return await session.scalar(select(func.portal.clock()))


async def read_latest_day(session: AsyncSession) -> date:
    """The day that it is where days begin first: no day from it on is over for any supplier."""
    now: datetime = (await read_clock(session)).astimezone(UTC)
    return (now + FURTHEST_AHEAD).date()


async def _find_records(
    session: AsyncSession, actor: Actor, wanted: Sequence[UUID], *, lock: bool = True
) -> dict[UUID, Any]:
    """The buyer's own records; KEY SHARE makes a supplier that accepts its invitation just now wait for us."""
    table = SupplierRecord
    statement = (
        select(table.id, table.supplier_id, table.state, table.archived_at)
        .where(table.buyer_id == actor.organization, table.id.in_(wanted))
        .order_by(table.id)
    )
    found = await session.execute(statement.with_for_update(read=True, key_share=True) if lock else statement)
    return {row.id: row for row in found}


async def _insert_requests(
    session: AsyncSession, actor: Actor, ask: Ask, records: Sequence[Any], firsts: dict[UUID, UUID]
) -> dict[UUID, UUID]:
    """Request ids by record, for those where no live one is in the way; `firsts` are those that they are a part of."""
    free = [record for record in records if _find_obstacle(record) is None]
    if not free:
        return {}
    values = {
        "buyer": actor.organization,
        "creator": actor.user_id,
        "ids": [ids.new_id() for _ in free],
        "records": [record.id for record in free],
        "suppliers": [record.supplier_id for record in free],
        "firsts": [firsts.get(record.id) for record in free],
    }
    made = await session.execute(INSERT, asdict(ask) | values)
    return {row.supplier_record_id: row.id for row in made}


def _find_obstacle(record: Any) -> str | None:
    if record.archived_at is not None:
        return "ARCHIVED"
    return "REFUSED" if record.state == "refused" else None


async def _find_live(session: AsyncSession, actor: Actor, ask: Ask, records: Sequence[UUID]) -> dict[UUID, UUID]:
    """The live requests that stand in the way, by record."""
    table = tables.Request
    found = await session.execute(
        select(table.supplier_record_id, table.id).where(
            table.buyer_id == actor.organization,
            table.supplier_record_id.in_(records),
            table.questionnaire == ask.questionnaire,
            table.subject == ask.subject,
            table.subject_name.is_not_distinct_from(ask.subject_name),
            table.period_start == ask.period_start,
            table.period_end == ask.period_end,
            table.state.in_(LIVE),
        )
    )
    return {row.supplier_record_id: row.id for row in found}


def _explain(record: UUID, known: Mapping[UUID, Any]) -> str:
    """Why a record got no request."""
    return _find_obstacle(known[record]) or "ALREADY_REQUESTED" if record in known else "NOT_FOUND"


def _report(
    place: int, record: UUID | None, known: Mapping[UUID, Any], firsts: Outcome, refused: Mapping[UUID, str]
) -> Line:
    if record is None:
        problem = errors.FieldProblem(("supplier_ids", place), "BAD_ID", "This is not the id of a Supplier.")
        return Line(record_id=None, request_id=None, problem=problem)
    if record in firsts.made:
        return Line(record_id=record, request_id=firsts.made[record], notice=_find_notice(place, known.get(record)))
    code = refused.get(record) or _explain(record, known)
    problem = errors.FieldProblem(("supplier_ids", place), code, OBSTACLES[code])
    return Line(record_id=record, request_id=firsts.in_the_way.get(record), problem=problem)


def _report_extra(place: int, line: Line, firsts: Outcome, seconds: Outcome) -> Line:
    """The line with its second part; where there is no first request its problem says why."""
    record = line.record_id
    if record is None or record not in firsts.live:
        return line
    problem = None
    if record not in seconds.made:
        problem = errors.FieldProblem(("supplier_ids", place), "ALREADY_REQUESTED", ALREADY_REQUESTED)
    return replace(line, extra_id=seconds.live.get(record), extra_problem=problem)


def _find_notice(place: int, record: Any) -> errors.FieldProblem | None:
    if record is None or record.supplier_id is not None:
        return None
    code, words = NOTICES.get(record.state, NOTICES["needs_contact"])
    return errors.FieldProblem(("supplier_ids", place), code, words)


async def tell_both(session: AsyncSession, actor: Actor, changed: dict[UUID, UUID], topic: str) -> None:
    """The buyer's own cards at once, the supplier's side by an event; `changed` are request ids by record."""
    if not changed:
        return
    await session.execute(REFRESH_CARDS, {"buyer": actor.organization, "records": sorted(changed)})
    events = [
        {"buyer": actor.organization, "request": request, "record": record} for record, request in changed.items()
    ]
    await outbox.add_events(session, topic, events)
