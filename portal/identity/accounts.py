"""A person's own account: registering without telling who has one, confirming, profile and password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables import identity
from portal.identity import attempts, passwords, sessions, tokens
from portal.identity.attempts import Transactions
from portal.identity.wording import Reading

CONFIRM_WITHIN = timedelta(hours=24)
BAD_LINK = "This link is not valid: it was used, has ended, or a newer one was sent."
START = text("SELECT portal.start_registration(:id, :email, :password_hash, :name, :locale, :time_zone, :lifetime)")
REGISTER_INVITED = text(
    "SELECT portal.register_invited(:secret_hash, :id, :email, :password_hash, :name, :locale, :time_zone)"
)
FIND_REGISTRATION = text("SELECT * FROM portal.find_registration(:secret_hash)")
COMPLETE = text("SELECT portal.complete_registration(:secret_hash, :id)")
CURRENT_HASH = text("SELECT portal.current_password_hash()")
REPLACE = text("SELECT portal.replace_password(:password_hash)")


@dataclass(frozen=True)
class NewAccount:
    """What a person fills in to register."""

    email: str
    password: str
    name: str
    locale: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Profile:
    """A person as the person sees itself."""

    id: UUID
    email: str
    name: str
    locale: str
    time_zone: str
    is_operator: bool
    created_at: datetime
    wants_request_letters: bool
    wants_result_letters: bool


async def register_account(
    transactions: Transactions,
    account: NewAccount,
    *,
    address: str,
    invitation_token: str | None = None,
    lifetime: timedelta = sessions.LIFETIME,
) -> sessions.OpenSession | None:
    """Register; an open session comes back only where the token of a mailed invitation proves the mailbox.

    Otherwise the answer is none in every case: a letter goes to the address, with a link to confirm, or the news that
    it has an account already. Raises InvalidInput, RateLimited, NotFound for a token that is not valid, and Conflict
    ACCOUNT_EXISTS to whoever has proved that the address is theirs.
    """
    account = check_account(account)
    await attempts.take_attempt(transactions, "registration", account=account.email, address=address)
    if invitation_token is not None:
        opened = await _register_invited(transactions, account, invitation_token, address, lifetime)
        if opened is not None:
            return opened
    values = await _prepare(account)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        existing = (await session.execute(START, {**values, "lifetime": CONFIRM_WITHIN})).scalar_one()
        if existing is None:
            await outbox.add_event(session, "confirmation.due", registration=values["id"])
        else:
            await outbox.add_event(session, "account_exists.due", user=existing)
    return None


def check_account(account: NewAccount) -> NewAccount:
    """The account with its fields in one spelling; raises InvalidInput with every problem."""
    reading = Reading()
    checked = NewAccount(
        reading.read_email("email", account.email),
        account.password,
        reading.read_name("name", account.name),
        reading.read_locale("locale", account.locale),
        reading.read_time_zone("time_zone", account.time_zone),
    )
    passwords.check_password(reading, "password", account.password, email=checked.email)
    reading.finish()
    return checked


async def _prepare(account: NewAccount) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "email": account.email,
        "password_hash": await passwords.hash_password(account.password),
        "name": account.name,
        "locale": account.locale,
        "time_zone": account.time_zone,
    }


async def _register_invited(
    transactions: Transactions, account: NewAccount, token: str, address: str, lifetime: timedelta
) -> sessions.OpenSession | None:
    """Make the account at once where the link was mailed to this very address; none where it was not."""
    secret_hash = tokens.hash_token(token)
    await attempts.take_attempt(transactions, "invitation", account=secret_hash.hex(), address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        invited = (
            await session.execute(
                text("SELECT email FROM portal.find_invitation(:secret_hash)"), {"secret_hash": secret_hash}
            )
        ).one_or_none()
    if invited is None:
        raise errors.NotFound(BAD_LINK, path=("invitation_token",))
    if invited.email != account.email:
        return None
    values = await _prepare(account)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        outcome = (await session.execute(REGISTER_INVITED, {**values, "secret_hash": secret_hash})).scalar_one()
        if outcome == "NOT_INVITED":
            raise errors.NotFound(BAD_LINK, path=("invitation_token",))
        if outcome == "EXISTS":
            raise errors.Conflict(
                "You have an account with this address already. Sign in, then open the invitation again.",
                code="ACCOUNT_EXISTS",
                path=("email",),
            )
        person: UUID = values["id"]
        await audit.add_audit(session, Actor(user_id=person), "account.registered", "user", person)
        return await sessions.open_session(session, person, lifetime=lifetime)


async def confirm_account(
    transactions: Transactions, *, token: str, password: str, address: str, lifetime: timedelta = sessions.LIFETIME
) -> sessions.OpenSession:
    """Make the account that waits behind a mailed link, and sign in.

    The password is asked for again: who registers a stranger's address knows the password but not the link, and the
    stranger who gets the link does not know the password. Raises Unauthenticated, RateLimited, Conflict ACCOUNT_EXISTS.
    """
    secret_hash = tokens.hash_token(token)
    await attempts.take_attempt(transactions, "confirmation", account=secret_hash.hex(), address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        waiting = (await session.execute(FIND_REGISTRATION, {"secret_hash": secret_hash})).one_or_none()
    if not await passwords.verify_password(password, waiting.password_hash if waiting else None):
        raise errors.Unauthenticated("The link or the password is not right, or the link has ended.", code="BAD_LINK")
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        parameters = {"secret_hash": secret_hash, "id": ids.new_id()}
        person = (await session.execute(COMPLETE, parameters)).scalar_one()
        if person is None:
            words = "This address has been confirmed already. Sign in, or ask for a new password."
            raise errors.Conflict(words, code="ACCOUNT_EXISTS")
        await audit.add_audit(session, Actor(user_id=person), "account.registered", "user", person)
        return await sessions.open_session(session, person, lifetime=lifetime)


async def read_profile(session: AsyncSession, actor: Actor) -> Profile:
    """The caller's own account; raises Unauthenticated for a machine or nobody."""
    access.require(actor, access.SIGNED_IN)
    table = identity.UserAccount
    query = select(
        table.id,
        table.email,
        table.name,
        table.locale,
        table.time_zone,
        table.is_operator,
        table.created_at,
        table.wants_request_letters,
        table.wants_result_letters,
    ).where(table.id == actor.user_id)
    return Profile(**(await session.execute(query)).one()._mapping)


async def update_profile(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
    wants_request_letters: bool | None = None,
    wants_result_letters: bool | None = None,
) -> Profile:
    """Change name, language, time zone or which letters come; what is None stays. Raises InvalidInput."""
    access.require(actor, access.SIGNED_IN)
    reading = Reading()
    changes: dict[str, str | bool] = {}
    if wants_request_letters is not None:
        changes["wants_request_letters"] = wants_request_letters
    if wants_result_letters is not None:
        changes["wants_result_letters"] = wants_result_letters
    if name is not None:
        changes["name"] = reading.read_name("name", name)
    if locale is not None:
        changes["locale"] = reading.read_locale("locale", locale)
    if time_zone is not None:
        changes["time_zone"] = reading.read_time_zone("time_zone", time_zone)
    reading.finish()
    if changes:
        table = identity.UserAccount
        await session.execute(update(table).where(table.id == actor.user_id).values(changes))
        await audit.add_audit(
            session, actor, "profile.changed", "user", actor.user_id, detail={"changed": sorted(changes)}
        )
    return await read_profile(session, actor)


async def check_own_password(
    transactions: Transactions, credential: access.Credential, password: str, *, address: str
) -> Profile:
    """The caller, who has proved the password once more before a change that whoever finds an open phone must not make.

    Raises InvalidInput WRONG_PASSWORD, RateLimited.
    """
    async with transactions.transaction(credential) as (session, actor):
        profile = await read_profile(session, actor)
        current_hash = (await session.execute(CURRENT_HASH)).scalar_one()
    await attempts.take_attempt(transactions, "password_change", account=str(profile.id), address=address)
    if not await passwords.verify_password(password, current_hash):
        raise errors.InvalidInput("password is not your password.", code="WRONG_PASSWORD", path=("password",))
    async with transactions.transaction(credential) as (session, _):
        await attempts.forget_account(session, "password_change", str(profile.id))
    return profile


async def tell_change(session: AsyncSession, person: UUID, what: str) -> None:
    """Write the person a letter about a change of how the account is opened: nobody else makes one unnoticed."""
    await outbox.add_event(session, "account.changed", user=person, what=what, call=audit.read_call())


async def change_password(
    transactions: Transactions,
    credential: access.Credential,
    *,
    current_password: str,
    new_password: str,
    address: str,
) -> int:
    """Replace the caller's password and end the caller's other sessions; returns how many ended.

    Raises InvalidInput WRONG_PASSWORD for a wrong current one, InvalidInput for a weak new one, RateLimited.
    """
    async with transactions.transaction(credential) as (session, actor):
        profile = await read_profile(session, actor)
        current_hash = (await session.execute(CURRENT_HASH)).scalar_one()
    reading = Reading()
    passwords.check_password(reading, "new_password", new_password, email=profile.email)
    reading.finish()
    await attempts.take_attempt(transactions, "password_change", account=str(profile.id), address=address)
    if not await passwords.verify_password(current_password, current_hash):
        words = "currentPassword is not your password."
        raise errors.InvalidInput(words, code="WRONG_PASSWORD", path=("current_password",))
    password_hash = await passwords.hash_password(new_password)
    async with transactions.transaction(credential) as (session, actor):
        await session.execute(REPLACE, {"password_hash": password_hash})
        await attempts.forget_account(session, "password_change", str(profile.id))
        await audit.add_personal(session, actor, "password.changed", "user", profile.id)
        await tell_change(session, profile.id, "password_changed")
        return await sessions.end_other_sessions(session, actor)
