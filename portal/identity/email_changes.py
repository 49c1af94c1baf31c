"""Another address for an account: both the old and the new mailbox agree, by a link in a letter to each."""

from datetime import timedelta

from sqlalchemy import text

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.identity import accounts, attempts, tokens
from portal.identity.attempts import Transactions
from portal.identity.wording import Reading

LIFETIME = timedelta(hours=24)
SIDES = ("old", "new")
START = text("SELECT portal.start_email_change(:id, :email, :lifetime)")
CONFIRM = text("SELECT * FROM portal.confirm_email_change(:secret_hash)")


async def request_email_change(
    transactions: Transactions, credential: access.Credential, *, new_email: str, password: str, address: str
) -> str:
    """Write a letter with a link to the caller's address and one to the new one; gives the new one as it is spelled.

    Nothing tells the caller whether the new address has an account: then that account gets the letter, and nothing
    comes of it. A newer wish ends the one before it. Raises InvalidInput, also SAME_ADDRESS and WRONG_PASSWORD, and
    RateLimited.
    """
    reading = Reading()
    email = reading.read_email("new_email", new_email)
    reading.finish()
    profile = await accounts.check_own_password(transactions, credential, password, address=address)
    if email == profile.email:
        words = "newEmail is the address that you have."
        raise errors.InvalidInput(words, code="SAME_ADDRESS", path=("new_email",))
    await attempts.take_attempt(transactions, "email_change", account=str(profile.id), address=address)
    made = ids.new_id()
    async with transactions.transaction(credential) as (session, actor):
        await session.execute(START, {"id": made, "email": email, "lifetime": LIFETIME})
        for side in SIDES:
            await outbox.add_event(session, "email_change.asked", change=made, side=side)
        await audit.add_audit(session, actor, "email_change.asked", "user", profile.id)
    return email


async def confirm_email_change(transactions: Transactions, *, token: str, address: str) -> bool:
    """Agree by one of the two links; whether both did, so that the account has its new address.

    Raises NotFound for a link that is not valid, Conflict ACCOUNT_EXISTS where the address was given another account
    meanwhile, RateLimited.
    """
    secret_hash = tokens.hash_token(token)
    await attempts.take_attempt(transactions, "confirmation", account=secret_hash.hex(), address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        found = (await session.execute(CONFIRM, {"secret_hash": secret_hash})).one_or_none()
        if found is None:
            raise errors.NotFound(accounts.BAD_LINK, path=("token",))
        if found.outcome == "CHANGED":
            await audit.add_personal(session, Actor(user_id=found.user_id), "email.changed", "user", found.user_id)
            await accounts.tell_change(session, found.user_id, "email_changed")
    if found.outcome == "TAKEN":
        raise errors.Conflict("This address has another account by now.", code="ACCOUNT_EXISTS")
    return bool(found.outcome == "CHANGED")
