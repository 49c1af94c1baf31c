"""Invitations from the side of who holds the link: looking, accepting for an organization, joining, refusing."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.identity import attempts, organizations, sessions, tokens
from portal.identity.accounts import BAD_LINK
from portal.identity.attempts import Transactions
from portal.identity.organizations import OrganizationFacts
from portal.identity.wording import Reading

REFUSALS = ("not_us", "wrong_contact")
FIND = text("SELECT * FROM portal.find_invitation(:secret_hash)")
ACCEPT_SUPPLIER = text("SELECT * FROM portal.accept_supplier_invitation(:secret_hash, :organization)")
FIND_ACCEPTED = text("SELECT portal.find_accepted_invitation(:secret_hash)")
# What somebody does who may not come in yet: the link waits.
WAYS_IN = {
    "SECOND_FACTOR_NEEDED": "This organization requires a second factor of its members. Add one to your account with "
    "startSecondFactor and confirmSecondFactor, then open the link once more: the invitation stays good.",
    "SSO_NEEDED": "This organization lets its members in by its identity provider. Sign in there with the address that "
    "was invited: that takes up the invitation, which stays good.",
}
ACCEPT_MEMBER = text("SELECT * FROM portal.accept_member_invitation(:secret_hash)")
REFUSE = text(
    "SELECT * FROM portal.refuse_supplier_invitation(:secret_hash, :why, :remark, :suggestion, CAST(:name AS text),"
    " CAST(:email AS text))"
)


@dataclass(frozen=True)
class FoundInvitation:
    """What a link is about; only who holds it sees this."""

    kind: str  # supplier | member
    organization_name: str
    record_name: str | None
    record_country: str | None
    email: str | None
    role: str | None
    expires_at: datetime
    requests: int


async def find_invitation(transactions: Transactions, *, token: str, address: str) -> FoundInvitation | None:
    """What the link is about, or none where it is not valid; raises RateLimited."""
    secret_hash = await take_try(transactions, token=token, address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        found = (await session.execute(FIND, {"secret_hash": secret_hash})).one_or_none()
    if found is None:
        return None
    return FoundInvitation(
        found.kind,
        found.organization_name,
        found.record_name,
        found.record_country,
        found.email,
        found.role,
        found.expires_at,
        found.requests,
    )


async def take_try(transactions: Transactions, *, token: str, address: str) -> bytes:
    """Count one try with a link, and give back its hash; raises RateLimited. Every path with a link starts here."""
    secret_hash = tokens.hash_token(token)
    await attempts.take_attempt(transactions, "invitation", account=secret_hash.hex(), address=address)
    return secret_hash


async def accept_supplier_invitation(
    session: AsyncSession,
    actor: Actor,
    *,
    token: str,
    organization: UUID | None = None,
    new_organization: OrganizationFacts | None = None,
) -> UUID:
    """Link the inviting buyer's record to an organization that the caller owns, or founds now; returns which.

    The session acts for it from the next call on. The same again, by whoever accepted with this link, gives the same
    one and founds none. One that names no country has that of the buyer's record. Raises NotFound, NotAllowed
    NOT_OWNER, Conflict OWN_INVITATION or ALREADY_LINKED, InvalidInput.
    """
    access.require(actor, access.SIGNED_IN)
    if (organization is None) == (new_organization is None):
        words = "Give either organizationId or newOrganization."
        raise errors.InvalidInput(words, code="EXACTLY_ONE", path=("organization_id",))
    secret_hash = tokens.hash_token(token)
    accepted: UUID | None = await session.scalar(FIND_ACCEPTED, {"secret_hash": secret_hash})
    if accepted is not None and organization in (None, accepted):
        await sessions.choose_organization(session, actor, organization=accepted)
        return accepted
    if new_organization is not None:
        organization = await _found(session, actor, secret_hash, new_organization)
    parameters = {"secret_hash": secret_hash, "organization": organization}
    linked = (await session.execute(ACCEPT_SUPPLIER, parameters)).one()
    _check_outcome(linked.outcome)
    assert organization is not None
    await sessions.choose_organization(session, actor, organization=organization)
    await outbox.add_event(session, "record.changed", buyer=linked.buyer_id, record=linked.supplier_record_id)
    person = Actor(user_id=actor.user_id, organization_id=organization)
    await audit.add_audit(session, person, "invitation.accepted", "organization", organization)
    return organization


async def _found(session: AsyncSession, actor: Actor, secret_hash: bytes, facts: OrganizationFacts) -> UUID:
    if facts.country is None:
        invited = (await session.execute(FIND, {"secret_hash": secret_hash})).one_or_none()
        facts = facts if invited is None else replace(facts, country=invited.record_country)
    with errors.name_below("new_organization"):
        return await organizations.found_organization(session, actor, facts=facts)


def _check_outcome(outcome: str) -> None:
    if outcome == "NOT_FOUND":
        raise errors.NotFound(BAD_LINK, path=("token",))
    if outcome == "NOT_OWNER":
        words = "Only an owner of an active organization accepts for it."
        raise errors.NotAllowed(words, code="NOT_OWNER", path=("organization_id",))
    if outcome == "OWN_INVITATION":
        words = "An organization does not become its own supplier."
        raise errors.Conflict(words, code="OWN_INVITATION", path=("organization_id",))
    if outcome == "ALREADY_LINKED":
        words = "Another organization has accepted this buyer's invitation already."
        raise errors.Conflict(words, code="ALREADY_LINKED", path=("token",))


async def accept_member_invitation(session: AsyncSession, actor: Actor, *, token: str) -> UUID:
    """Join the inviting organization; the caller's address must be the invited one. Returns the organization.

    Raises NotFound, also for an invitation of somebody else. The invitation stays good, and nobody joins, where it
    raises NotAllowed: SECOND_FACTOR_NEEDED or SSO_NEEDED for an organization that lets the caller in only so.
    """
    access.require(actor, access.SIGNED_IN)
    joined = (await session.execute(ACCEPT_MEMBER, {"secret_hash": tokens.hash_token(token)})).one_or_none()
    if joined is None:
        words = f"{BAD_LINK} Or it was meant for another address than yours."
        raise errors.NotFound(words, path=("token",))
    organization: UUID = joined.organization_id
    try:
        await sessions.choose_organization(session, actor, organization=organization)
    except errors.NotAllowed as refused:
        words = WAYS_IN.get(refused.code, refused.message)
        raise errors.NotAllowed(words, code=refused.code, path=("token",)) from None
    await outbox.add_event(session, "member.changed", organization=organization, user=actor.user_id)
    person = Actor(user_id=actor.user_id, organization_id=organization)
    await audit.add_audit(session, person, "member.joined", "organization", organization, detail={"role": joined.role})
    return organization


async def refuse_supplier_invitation(
    session: AsyncSession,
    actor: Actor,
    *,
    token: str,
    reason: str,
    remark: str | None = None,
    suggested_name: str | None = None,
    suggested_email: str | None = None,
) -> None:
    """Say "not us" or "wrong contact", with whom to ask instead; who holds the link may, signed in or not.

    Nobody is written to by that. Raises NotFound, InvalidInput.
    """
    reading = Reading()
    reading.read_choice("reason", reason, REFUSALS)
    said = reading.read_remark("remark", remark)
    name = reading.read_name("suggested_name", suggested_name) if suggested_name else None
    email = reading.read_email("suggested_email", suggested_email) if suggested_email else None
    if name is None and email is not None:
        reading.refuse("suggested_name", "REQUIRED", "suggestedName must be given with an address.")
    reading.finish()
    parameters: dict[str, Any] = {"secret_hash": tokens.hash_token(token), "why": reason, "remark": said}
    parameters |= {"suggestion": ids.new_id(), "name": name, "email": email}
    refused = (await session.execute(REFUSE, parameters)).one_or_none()
    if refused is None:
        raise errors.NotFound(BAD_LINK, path=("token",))
    await outbox.add_event(session, "record.changed", buyer=refused.buyer_id, record=refused.supplier_record_id)
    person = Actor(user_id=actor.user_id)
    await audit.add_audit(session, person, "invitation.refused", "invitation", detail={"reason": reason})
