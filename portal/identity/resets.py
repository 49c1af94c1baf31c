"""Forgotten passwords: a link by mail, and nothing in the answer or its time that tells who has an account."""

from sqlalchemy import text

from portal import access, errors
from portal.access import Actor
from portal.database import audit, outbox
from portal.identity import attempts, passwords, tokens
from portal.identity.accounts import BAD_LINK
from portal.identity.attempts import Transactions
from portal.identity.sessions import FIND_LOGIN
from portal.identity.wording import Reading, normalize_email

FIND = text("SELECT * FROM portal.find_password_reset(:secret_hash)")
USE = text("SELECT * FROM portal.use_password_reset(:secret_hash, :password_hash)")


async def request_password_reset(transactions: Transactions, *, email: str, address: str) -> None:
    """Have a link mailed where the address has an account; the work is the same where it has none.

    Raises InvalidInput for what is no address at all, and RateLimited.
    """
    reading = Reading()
    reading.read_email("email", email)
    reading.finish()
    email = normalize_email(email)
    await attempts.take_attempt(transactions, "reset_request", account=email, address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        login = (await session.execute(FIND_LOGIN, {"email": email})).one_or_none()
        # An event without a user asks for no letter.
        person = login.user_id if login else None
        await outbox.add_event(session, "password_reset.due", user=person)
        await audit.add_audit(session, access.ANONYMOUS, "password.reset_asked", "user", person)


async def reset_password(transactions: Transactions, *, token: str, new_password: str, address: str) -> None:
    """Choose a new password with a mailed link; every session of the person ends, and nobody is signed in.

    Raises NotFound for a link that was used, has ended or never was, InvalidInput for a weak password, RateLimited.
    """
    secret_hash = tokens.hash_token(token)
    await attempts.take_attempt(transactions, "reset", account=secret_hash.hex(), address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        found = (await session.execute(FIND, {"secret_hash": secret_hash})).one_or_none()
    if found is None:
        raise errors.NotFound(BAD_LINK, path=("token",))
    reading = Reading()
    passwords.check_password(reading, "new_password", new_password, email=found.email)
    reading.finish()
    password_hash = await passwords.hash_password(new_password)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        parameters = {"secret_hash": secret_hash, "password_hash": password_hash}
        used = (await session.execute(USE, parameters)).one_or_none()
        if used is None:
            raise errors.NotFound(BAD_LINK, path=("token",))
        await attempts.forget_account(session, "sign_in", found.email)
        await audit.add_personal(session, Actor(user_id=used.user_id), "password.reset", "user", used.user_id)
        for session_id in used.ended:
            await outbox.add_event(session, "session.ended", session=session_id)
