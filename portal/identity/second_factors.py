"""The second factor: a code of an authenticator app (TOTP, RFC 6238) beside the password, or a recovery code.

The secret is kept sealed, each code counts once, and whoever tries many is locked out.
"""

import base64
import hashlib
import secrets
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, sealing
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.identity import accounts, attempts
from portal.identity.attempts import Transactions
from portal.identity.wording import Reading, normalize_email
from portal.sealing import Sealer

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # as for passwords: passlib reads `crypt`
    from passlib.exc import TokenError
    from passlib.totp import TOTP

PATH = "second_factor"
SECRET_BYTES = 20  # as long as the hash, as RFC 4226 asks
PERIOD = 30  # seconds
CODES, CODE_BYTES = 10, 15  # of 120 random bits each, so that a fast hash is enough
GROUP = 6  # letters of a recovery code between hyphens
TOTP_DIGITS = 6
FIND = text("SELECT * FROM portal.find_second_factor(:person)")
OWN = text("SELECT * FROM portal.own_second_factor()")
START = text("SELECT portal.start_second_factor(:sealed)")
CONFIRM = text("SELECT portal.confirm_second_factor(:sealed, :step, :codes)")
USE_STEP = text("SELECT portal.use_factor_step(:person, :step)")
USE_CODE = text("SELECT portal.use_recovery_code(:person, :code)")
REPLACE_CODES = text("SELECT portal.replace_recovery_codes(:codes)")
REMOVE = text("SELECT portal.remove_second_factor()")
REQUIRE = text("SELECT portal.require_second_factor(:is_required)")
RESET = text("SELECT * FROM portal.reset_second_factor(:event, :address, :why)")
WRONG = "The code is not right, or was used before. Wait for the next one, and see that the phone's clock is right."
NEEDED = "This account has a second factor: send the code of the authenticator app, or a recovery code, as `code`."


@dataclass(frozen=True)
class OwnFactor:
    """Where a person stands: since when it is in force, None while it is not, and how many recovery codes are left."""

    confirmed_at: datetime | None = None
    codes_left: int = 0
    is_required: bool = False


@dataclass(frozen=True)
class Started:
    """A secret that waits for its first code, as text in base 32 and as the address that authenticator apps read."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


async def read_own(session: AsyncSession, actor: Actor) -> OwnFactor:
    """Where the caller stands."""
    access.require(actor, access.SIGNED_IN)
    found = (await session.execute(OWN)).one_or_none()
    return OwnFactor() if found is None else OwnFactor(found.confirmed_at, found.codes_left, found.is_required)


async def check(transactions: Transactions, sealer: Sealer, person: UUID, code: str | None, *, address: str) -> None:
    """Whether whoever knows a person's password has its second factor too, where it has one.

    Raises Unauthenticated SECOND_FACTOR_NEEDED without a code and WRONG_CODE for a wrong or used one, and RateLimited.
    """
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        found = (await session.execute(FIND, {"person": person})).one_or_none()
    if found is None:
        return
    if not code:
        raise errors.Unauthenticated(NEEDED, code="SECOND_FACTOR_NEEDED")
    await attempts.take_attempt(transactions, PATH, account=str(person), address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        if not await _use(session, sealer, Actor(user_id=person), found.sealed, code, told="recovery_code_used"):
            raise errors.Unauthenticated(WRONG, code="WRONG_CODE")
        await attempts.forget_account(session, PATH, str(person))


async def check_of(session: AsyncSession, sealer: Sealer, *, person: UUID, code: str) -> None:
    """Whether somebody at the command line has the second factor of a person who is not signed in there.

    Raises InvalidInput WRONG_CODE, Conflict NOT_ON.
    """
    found = (await session.execute(FIND, {"person": person})).one_or_none()
    if found is None:
        raise errors.Conflict("This person has no second factor.", code="NOT_ON")
    if not await _use(session, sealer, Actor(user_id=person), found.sealed, code):
        raise errors.InvalidInput(WRONG, code="WRONG_CODE", path=("code",))


async def _use(
    session: AsyncSession, sealer: Sealer, actor: Actor, sealed: str, code: str, *, told: str = "recovery_code_given"
) -> bool:
    """Whether a code of the actor counts, from now on no more; what a letter tells where it is a recovery code."""
    person = actor.user_id
    assert person is not None
    step = _find_step(sealer, person, sealed, code)
    if step is not None:
        return bool(await session.scalar(USE_STEP, {"person": person, "step": step}))
    left = await session.scalar(USE_CODE, {"person": person, "code": _hash(person, code)})
    if left is None:
        return False
    await audit.add_personal(session, actor, "recovery_code.used", "user", person, detail={"left": left})
    await accounts.tell_change(session, person, told)
    return True


def _find_step(sealer: Sealer, person: UUID, sealed: str, code: str) -> int | None:
    """The step of time whose code this is, now or one before or after; None for any other code."""
    plain = code.replace(" ", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) == TOTP_DIGITS):
        return None
    totp: Any = _make(sealer.open_for_caller(sealing.SECOND_FACTOR, person, sealed))
    try:
        return int(totp.match(plain, time=int(time.time()), window=PERIOD).counter)
    except TokenError:
        return None


def _make(secret: bytes) -> Any:
    return TOTP(key=secret, format="raw", digits=TOTP_DIGITS, alg="sha1", period=PERIOD)


async def start(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    *,
    password: str,
    issuer: str,
    address: str,
) -> Started:
    """Make a secret for the caller's authenticator app; nothing is asked for before its first code came back.

    Raises InvalidInput WRONG_PASSWORD, Conflict ALREADY_ON, RateLimited.
    """
    profile = await accounts.check_own_password(transactions, credential, password, address=address)
    secret = secrets.token_bytes(SECRET_BYTES)
    async with transactions.transaction(credential) as (session, actor):
        if not await session.scalar(START, {"sealed": sealer.seal(sealing.SECOND_FACTOR, profile.id, secret)}):
            words = "You have a second factor already. Remove it first, with one of its codes."
            raise errors.Conflict(words, code="ALREADY_ON")
        await audit.add_personal(session, actor, "second_factor.started", "user", profile.id)
    # A colon parts the issuer from the account there.
    made = _make(secret).to_uri(label=profile.email, issuer=issuer.replace(":", " "))
    return Started(base64.b32encode(secret).decode(), made)


async def confirm(
    transactions: Transactions, credential: access.Credential, sealer: Sealer, *, code: str, address: str
) -> list[str]:
    """Put the secret that was started in force with its first code; returns the recovery codes, shown only here.

    Raises InvalidInput WRONG_CODE, Conflict NOT_STARTED, RateLimited.
    """
    async with transactions.transaction(credential) as (session, actor):
        access.require(actor, access.SIGNED_IN)
        found = (await session.execute(OWN)).one_or_none()
    if found is None or found.confirmed_at is not None or actor.user_id is None:
        words = "No second factor waits for its first code: call startSecondFactor."
        raise errors.Conflict(words, code="NOT_STARTED")
    person = actor.user_id
    await attempts.take_attempt(transactions, PATH, account=str(person), address=address)
    step = _find_step(sealer, person, found.sealed, code)
    if step is None:
        raise errors.InvalidInput(WRONG, code="WRONG_CODE", path=("code",))
    codes = make_codes()
    async with transactions.transaction(credential) as (session, actor):
        parameters = {"sealed": found.sealed, "step": step, "codes": _hash_all(person, codes)}
        if not await session.scalar(CONFIRM, parameters):
            raise errors.Conflict("Another device started anew meanwhile: call startSecondFactor.", code="NOT_STARTED")
        await attempts.forget_account(session, PATH, str(person))
        await audit.add_personal(session, actor, "second_factor.added", "user", person)
        await accounts.tell_change(session, person, "second_factor_added")
    return codes


async def renew_codes(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    *,
    password: str,
    code: str,
    address: str,
) -> list[str]:
    """New recovery codes for the caller, who proves both factors; the old ones are worth nothing from then on.

    Raises InvalidInput WRONG_PASSWORD and WRONG_CODE, Conflict NOT_ON, RateLimited.
    """
    person = await prove(transactions, credential, sealer, password=password, code=code, address=address)
    codes = make_codes()
    async with transactions.transaction(credential) as (session, actor):
        await session.execute(REPLACE_CODES, {"codes": _hash_all(person, codes)})
        await audit.add_personal(session, actor, "recovery_codes.renewed", "user", person)
        await accounts.tell_change(session, person, "recovery_codes_renewed")
    return codes


async def remove(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    *,
    password: str,
    code: str,
    address: str,
) -> None:
    """Ask the caller, who proves both factors, for the password alone from now on.

    Raises InvalidInput WRONG_PASSWORD and WRONG_CODE, Conflict NOT_ON and REQUIRED, RateLimited.
    """
    async with transactions.transaction(credential) as (session, actor):
        if (await read_own(session, actor)).is_required:
            words = "An organization that you belong to requires a second factor of its members."
            raise errors.Conflict(words, code="REQUIRED")
    person = await prove(transactions, credential, sealer, password=password, code=code, address=address)
    async with transactions.transaction(credential) as (session, actor):
        if not await session.scalar(REMOVE):
            raise errors.Conflict("It was removed, or is required, by now.", code="NOT_ON")
        await audit.add_personal(session, actor, "second_factor.removed", "user", person)
        await accounts.tell_change(session, person, "second_factor_removed")


async def prove(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    *,
    password: str,
    code: str,
    address: str,
) -> UUID:
    """The caller, who has proved both factors; a code that came with a wrong password is not used up.

    Raises InvalidInput WRONG_PASSWORD and WRONG_CODE, Conflict NOT_ON, RateLimited.
    """
    profile = await accounts.check_own_password(transactions, credential, password, address=address)
    async with transactions.transaction(credential) as (session, _):
        found = (await session.execute(OWN)).one_or_none()
    if found is None or found.confirmed_at is None:
        raise errors.Conflict("You have no second factor.", code="NOT_ON")
    await _prove_code(transactions, credential, sealer, found.sealed, profile.id, code=code, address=address)
    return profile.id


async def prove_where_on(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    person: UUID,
    *,
    code: str | None,
    address: str,
) -> None:
    """Ask the caller, who is this person and has proved the rest, for the second factor where there is one.

    Raises InvalidInput SECOND_FACTOR_NEEDED without a code and WRONG_CODE, RateLimited.
    """
    async with transactions.transaction(credential) as (session, _):
        found = (await session.execute(OWN)).one_or_none()
    if found is None or found.confirmed_at is None:
        return
    if not code:
        raise errors.InvalidInput(NEEDED, code="SECOND_FACTOR_NEEDED", path=("code",))
    await _prove_code(transactions, credential, sealer, found.sealed, person, code=code, address=address)


async def _prove_code(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    sealed: str,
    person: UUID,
    *,
    code: str,
    address: str,
) -> None:
    await attempts.take_attempt(transactions, PATH, account=str(person), address=address)
    async with transactions.transaction(credential) as (session, actor):
        if not await _use(session, sealer, actor, sealed, code):
            raise errors.InvalidInput(WRONG, code="WRONG_CODE", path=("code",))
        await attempts.forget_account(session, PATH, str(person))


async def require_of_members(session: AsyncSession, actor: Actor, *, is_required: bool) -> int:
    """Let the caller's organization ask a second factor of every member, or no more; how many sessions ended by it.

    Raises NotAllowed for others than owners, and Conflict SECOND_FACTOR_NEEDED where the caller has none.
    """
    access.require(actor, access.OWNER)
    access.require(actor, access.SIGNED_IN)
    if is_required and (await read_own(session, actor)).confirmed_at is None:
        words = "Add a second factor to your own account first: you could not act for the organization without it."
        raise errors.Conflict(words, code="SECOND_FACTOR_NEEDED")
    ended = (await session.execute(REQUIRE, {"is_required": is_required})).scalars().all()
    for session_id in ended:
        await outbox.add_event(session, "session.ended", session=session_id)
    detail = {"required": is_required, "ended": len(ended)}
    await audit.add_audit(session, actor, "second_factor.required", "organization", actor.organization, detail=detail)
    return len(ended)


async def reset(session: AsyncSession, actor: Actor, *, email: str, reason: str) -> UUID:
    """By the operator: remove the second factor of a person who lost phone and codes; all sessions of it end.

    Raises InvalidInput, and NotFound where nobody has this address or a second factor.
    """
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    parameters = {"event": ids.new_id(), "address": normalize_email(email), "why": why}
    await audit.tell_origin(session)
    found = (await session.execute(RESET, parameters)).one_or_none()
    if found is None:
        raise errors.NotFound(f"No account {email} has a second factor.", path=("email",))
    for session_id in found.ended:
        await outbox.add_event(session, "session.ended", session=session_id)
    person: UUID = found.user_id
    await audit.tell_organizations(session, person, "second_factor.reset")
    await accounts.tell_change(session, person, "second_factor_reset")
    return person


def make_codes() -> list[str]:
    """New recovery codes: 24 letters and digits each, in groups that can be read and written."""
    made = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower() for _ in range(CODES)]
    return ["-".join(one[start : start + GROUP] for start in range(0, len(one), GROUP)) for one in made]


def _hash(person: UUID, code: str) -> bytes:
    """What is kept of a recovery code, however it is spelled; a slow hash would protect 120 random bits no better."""
    plain = "".join(filter(str.isalnum, code.lower()))
    return hashlib.sha256(person.bytes + plain.encode()).digest()


def _hash_all(person: UUID, codes: Sequence[str]) -> list[bytes]:
    return [_hash(person, one) for one in codes]
