"""A buyer invites its suppliers: by letter, one or many at once, or by a link to hand over; sent again, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import directory, identity
from portal.directory import contacts, records
from portal.identity import tokens
from portal.identity.wording import Reading

LIFETIME = timedelta(days=30)
MOST = 100  # in one call
MOST_A_DAY = 5_000  # letters of one buyer
INVITATION = identity.Invitation
REFUSED_BEFORE = (
    "Somebody at this address sent an invitation of this supplier back and was promised that nothing more comes; name "
    "another contact, or say `again`."
)
BOUNCED = "Letters to this contact do not arrive; change the contact, or say `again`."
Record = directory.SupplierRecord
Contact = directory.SupplierContact

COUNT_SENT = text(
    """
    SELECT count(*) FROM (
        SELECT FROM portal.invitation i WHERE i.organization_id = :buyer AND i.kind = 'supplier' AND i.email IS NOT NULL
           AND i.created_at > portal.clock() - interval '1 day' LIMIT :most) sent
    """
)
REVOKE_EARLIER = text(
    """
    UPDATE portal.invitation i SET revoked_at = portal.clock()
      FROM unnest(CAST(:records AS uuid[]), CAST(:emails AS text[])) AS made (record_id, email)
     WHERE i.organization_id = :buyer AND i.kind = 'supplier' AND i.supplier_record_id = made.record_id
       AND i.email = made.email AND i.used_at IS NULL AND i.revoked_at IS NULL
    """
)
ADD_CONTACTS = text(
    """
    INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, email)
    SELECT :buyer, made.id, made.record_id, made.email
      FROM unnest(CAST(:ids AS uuid[]), CAST(:records AS uuid[]), CAST(:emails AS text[]))
           AS made (id, record_id, email)
    ON CONFLICT (buyer_id, supplier_record_id, email) DO UPDATE SET bounced_at = NULL
    """
)
CREATE = text(
    """
    SELECT portal.create_invitation(made.id, NULL, 'supplier', made.record_id, made.email, NULL, :lifetime)
      FROM unnest(CAST(:ids AS uuid[]), CAST(:records AS uuid[]), CAST(:emails AS text[]))
           AS made (id, record_id, email)
    """
)
CREATE_LINK = text("SELECT portal.create_invitation(:id, :hash, 'supplier', :record, NULL, NULL, :lifetime)")
MARK = text(
    """
    UPDATE portal.supplier_record SET invited_at = portal.clock()
     WHERE buyer_id = :buyer AND id = ANY (CAST(:records AS uuid[]))
    """
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Whom to write to at which supplier: a contact, or an address, or neither for the first contact that works."""

    record_id: UUID | None  # none where the caller's id of the supplier is no id
    contact_id: UUID | None = None
    email: str | None = None
    again: bool = False  # also to an address that sent an invitation back
    unread: str | None = None  # the input field whose id is none


@dataclass(frozen=True)
class Invited:
    """What became of one wish: an invitation on its way, or the reason why there is none (and the field it is in)."""

    record_id: UUID | None
    invitation_id: UUID | None = None
    email: str | None = None
    code: str | None = None
    message: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Link:
    """A single-use link that the buyer hands over itself; only here is the token known."""

    invitation_id: UUID
    token: str = field(repr=False)
    expires_at: datetime


async def invite_suppliers(
    session: AsyncSession,
    actor: Actor,
    *,
    wishes: Sequence[Wish],
    lifetime: timedelta = LIFETIME,
    idempotency_key: str | None = None,
) -> list[Invited]:
    """Have a letter with a single-use link sent for each wish; an earlier open one to the same address ends.

    Gives a result per wish, in their order, the same whether or not anybody has an account. The number of statements
    does not depend on the number of wishes. Raises InvalidInput TOO_MANY, RateLimited.
    """
    access.require(actor, access.BUYER_EDITOR)
    if not 1 <= len(wishes) <= MOST:
        raise errors.InvalidInput(f"1 to {MOST} suppliers at once.", code="TOO_MANY", path=("suppliers",))
    body = [asdict(wish) for wish in wishes]
    made = await idempotency.find_made(session, actor, idempotency_key, "invite_suppliers", body)
    planned = await _plan(session, actor, wishes)
    if made is not None:
        return [_repeat(one, invitation) for one, invitation in zip(planned, made, strict=True)]
    sent = [one for one in planned if one.invitation_id is not None]
    if sent:
        await _send(session, actor, sent, lifetime)
    kept = [one.invitation_id or one.code for one in planned]
    await idempotency.keep_made(session, actor, idempotency_key, "invite_suppliers", body, kept)
    return planned


async def create_link(session: AsyncSession, actor: Actor, *, record_id: UUID, lifetime: timedelta = LIFETIME) -> Link:
    """Make a single-use link for a supplier; an earlier open link ends, letters stay. Raises NotFound, Conflict."""
    access.require(actor, access.BUYER_EDITOR)
    record = await records.lock_record(session, actor, record_id)
    refusal = _refuse(record)
    if refusal is not None:
        raise errors.Conflict(refusal[1], code=refusal[0], path=("supplier_id",))
    await _revoke(session, actor, INVITATION.supplier_record_id == record_id, INVITATION.email.is_(None))
    token, made = tokens.make_token(), ids.new_id()
    values = {"id": made, "hash": tokens.hash_token(token), "record": record_id, "lifetime": lifetime}
    ends: datetime = (await session.execute(CREATE_LINK, values)).scalar_one()
    await session.execute(MARK, {"buyer": actor.organization, "records": [record_id]})
    await contacts.settle_states(session, actor, [record_id])
    await records.finish(session, actor, "invitation.link_made", record_id)
    return Link(made, token, ends)


async def revoke_invitation(session: AsyncSession, actor: Actor, *, invitation_id: UUID) -> UUID:
    """Take an open invitation back; gives the record. Raises NotFound where there is no open one."""
    access.require(actor, access.BUYER_EDITOR)
    revoked = await _revoke(session, actor, INVITATION.id == invitation_id)
    if not revoked:
        raise errors.NotFound("There is no such open invitation.", path=("invitation_id",))
    await contacts.settle_states(session, actor, revoked)
    await records.finish(session, actor, "invitation.revoked", revoked[0])
    return revoked[0]


async def _plan(session: AsyncSession, actor: Actor, wishes: Sequence[Wish]) -> list[Invited]:
    """What each wish comes to; records are held in the order of their ids."""
    wanted = list({wish.record_id for wish in wishes if wish.record_id is not None})
    held = await records.lock_records(session, actor, wanted)
    known: dict[UUID, list[Contact]] = {}
    for contact in await contacts.list_contacts(session, actor, wanted):
        known.setdefault(contact.supplier_record_id, []).append(contact)
    refused = await _find_refused(session, actor, wanted)
    seen: set[tuple[UUID | None, str]] = set()
    planned: list[Invited] = []
    for wish in wishes:
        one = _plan_wish(wish, held, known, refused)
        if one.email is not None and (one.record_id, one.email) in seen:
            one = _fail(wish, "REPEATED", "This supplier and address stand in the list before.")
        elif one.email is not None:
            seen.add((one.record_id, one.email))
        planned.append(one)
    return planned


async def _find_refused(session: AsyncSession, actor: Actor, record_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The addresses that sent an invitation back, by record."""
    query = select(INVITATION.supplier_record_id, INVITATION.email).where(
        INVITATION.organization_id == actor.organization,
        INVITATION.supplier_record_id.in_(record_ids),
        INVITATION.refused_at.is_not(None),
        INVITATION.email.is_not(None),
    )
    refused: dict[UUID, set[str]] = {}
    for row in await session.execute(query):
        refused.setdefault(row.supplier_record_id, set()).add(row.email)
    return refused


def _plan_wish(
    wish: Wish,
    held: Mapping[UUID, Record],
    known: Mapping[UUID, Sequence[Contact]],
    refused: Mapping[UUID, set[str]],
) -> Invited:
    if wish.unread is not None or wish.record_id is None:
        return replace(_fail(wish, "BAD_ID", "This is not an id of that kind."), field=wish.unread)
    record = held.get(wish.record_id)
    if record is None:
        return _fail(wish, "NOT_FOUND", records.NO_RECORD)
    refusal = _refuse(record)
    if refusal is not None:
        return _fail(wish, *refusal)
    sent_back = set() if wish.again else refused.get(wish.record_id, set())
    one = _plan_letter(wish, known.get(wish.record_id, []), sent_back)
    return _fail(wish, "REFUSED_BEFORE", REFUSED_BEFORE) if one.email in sent_back else one


def _plan_letter(wish: Wish, known: Sequence[Contact], sent_back: set[str]) -> Invited:
    if wish.email is not None:
        reading = Reading()
        email = reading.read_email("email", wish.email)
        problem = next(iter(reading.problems), None)
        if problem is not None:
            return _fail(wish, problem.code, problem.message)
        if all(one.email != email for one in known) and len(known) >= contacts.MOST:
            return _fail(wish, "TOO_MANY", f"A supplier may have {contacts.MOST} contacts at most.")
        return Invited(wish.record_id, ids.new_id(), email)
    if wish.contact_id is not None:
        chosen = next((one for one in known if one.id == wish.contact_id), None)
        if chosen is not None and chosen.bounced_at is not None and not wish.again and chosen.email not in sent_back:
            return _fail(wish, "BOUNCED", BOUNCED)
        email = "" if chosen is None else chosen.email
        missing = ("NOT_FOUND", contacts.NO_CONTACT)
    else:
        working = [one.email for one in known if one.bounced_at is None]
        email = next((one for one in working if one not in sent_back), working[0] if working else "")
        missing = ("NEEDS_CONTACT", "This supplier has no contact; give an address, or hand over a link.")
    return Invited(wish.record_id, ids.new_id(), email) if email else _fail(wish, *missing)


def _refuse(record: Record) -> tuple[str, str] | None:
    if record.archived_at is not None:
        return "ARCHIVED", "This supplier is archived; bring it back first."
    if record.supplier_id is not None:
        return "ALREADY_LINKED", "This supplier has accepted an invitation already."
    return None


def _fail(wish: Wish, code: str, message: str) -> Invited:
    return Invited(wish.record_id, None, None, code, message)


def _repeat(now: Invited, made: str) -> Invited:
    """The result of an earlier call with the same key, as far as it can be told again."""
    try:
        return Invited(now.record_id, UUID(made), now.email)
    except ValueError:
        return Invited(now.record_id, None, None, made, now.message or "This supplier was not invited.")


async def _send(session: AsyncSession, actor: Actor, sent: Sequence[Invited], lifetime: timedelta) -> None:
    buyer = {"buyer": actor.organization}
    before = (await session.execute(COUNT_SENT, buyer | {"most": MOST_A_DAY})).scalar_one()
    if before + len(sent) > MOST_A_DAY:
        words = f"A buyer sends at most {MOST_A_DAY} invitations in 24 hours; {before} were sent."
        raise errors.RateLimited(words, retry_after=3_600)
    record_ids = [one.record_id for one in sent if one.record_id is not None]
    values: Mapping[str, Any] = buyer | {"records": record_ids, "emails": [one.email for one in sent]}
    await session.execute(ADD_CONTACTS, {**values, "ids": [ids.new_id() for _ in sent]})
    await session.execute(REVOKE_EARLIER, values)
    made = [one.invitation_id for one in sent]
    await session.execute(CREATE, {**values, "ids": made, "lifetime": lifetime})
    await session.execute(MARK, {"buyer": actor.organization, "records": record_ids})
    await contacts.settle_states(session, actor, record_ids, reopens=True)
    await records.refresh_cards(session, actor, list(set(record_ids)))
    await outbox.add_events(session, "invitation.due", [{"invitation": one} for one in made])
    detail = {"records": [str(one) for one in record_ids]}
    await audit.add_audit(session, actor, "suppliers.invited", "supplier_record", detail=detail)


async def _revoke(session: AsyncSession, actor: Actor, *conditions: Any) -> list[UUID]:
    statement = (
        update(INVITATION)
        .where(
            INVITATION.organization_id == actor.organization,
            INVITATION.kind == "supplier",
            INVITATION.used_at.is_(None),
            INVITATION.revoked_at.is_(None),
            *conditions,
        )
        .values(revoked_at=text("portal.clock()"))
        .returning(INVITATION.supplier_record_id)
    )
    done = await session.execute(statement, execution_options={"synchronize_session": False})
    return [one for one in done.scalars() if one is not None]
