"""Erasing what the portal holds about a person, and the proof that comes before that and before handing it out."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids
from portal.database.tables import identity
from portal.identity import accounts, attempts, second_factors
from portal.identity.attempts import Transactions
from portal.identity.wording import Reading, normalize_email
from portal.sealing import Sealer

ERASE_OWN = text("SELECT portal.erase_own_account(:farewell)")
ERASE = text("SELECT portal.erase_account(:person, :farewell, 'operator')")
IS_FRESH = text("SELECT portal.is_fresh_by_provider(:session, :minutes)")
FRESH_MINUTES = 10  # that a sign-in by a provider stands in for a password
NOT_FRESH = (
    f"Send your password. Without one, sign in anew by your identity provider and call within {FRESH_MINUTES} minutes;"
    " that is enough for whoever belongs to its organization alone, with an address of its domain."
)
OWN_SOLE = text("SELECT name FROM portal.list_own_sole_ownerships()")
SOLE = text("SELECT name FROM portal.list_sole_ownerships(:person)")
FORGET_DEVICES = text("SELECT portal.forget_devices(:person, :most)")
AT_ONCE = 5_000  # answers whose device is forgotten by one statement
STILL_OPERATOR = "An operator gives that right back before the account is erased: `portal operator withdraw`."


async def prove(
    transactions: Transactions,
    credential: access.Credential,
    sealer: Sealer,
    *,
    password: str | None,
    code: str | None,
    address: str,
) -> None:
    """Let the caller prove once more who is calling: by the password, and by the second factor where there is one.

    Whoever has no password signs in anew by a provider instead. Raises InvalidInput WRONG_PASSWORD, SIGN_IN_AGAIN,
    SECOND_FACTOR_NEEDED and WRONG_CODE, RateLimited.
    """
    if password is None:
        person = await _find_fresh(transactions, credential)
    else:
        person = (await accounts.check_own_password(transactions, credential, password, address=address)).id
    await second_factors.prove_where_on(transactions, credential, sealer, person, code=code, address=address)
    await attempts.take_attempt(transactions, "personal_data", account=str(person), address=address)


async def _find_fresh(transactions: Transactions, credential: access.Credential) -> UUID:
    async with transactions.transaction(credential) as (session, actor):
        person = (await accounts.read_profile(session, actor)).id
        values = {"session": actor.session_id, "minutes": FRESH_MINUTES}
        if not (await session.execute(IS_FRESH, values)).scalar_one():
            raise errors.InvalidInput(NOT_FRESH, code="SIGN_IN_AGAIN", path=("password",))
    return person


async def erase_own_account(session: AsyncSession, actor: Actor) -> str:
    """Erase the caller, who has proved it, at once; gives the address that a last letter goes to.

    Raises Conflict: LAST_OWNER where an organization would have no owner, OPERATOR for one.
    """
    profile = await accounts.read_profile(session, actor)
    await audit.tell_origin(session)
    await audit.add_audit(session, actor, "account.erased", "user", profile.id)
    outcome = (await session.execute(ERASE_OWN, {"farewell": ids.new_id()})).scalar_one()
    await _require_erased(session, outcome, OWN_SOLE, {})
    return profile.email


async def _require_erased(session: AsyncSession, outcome: str, sole: Any, values: dict[str, UUID]) -> None:
    if outcome == "OPERATOR":
        raise errors.Conflict(STILL_OPERATOR, code="OPERATOR")
    if outcome == "LAST_OWNER":
        names = ", ".join((await session.execute(sole, values)).scalars())
        words = f"Nobody else owns {names}. Make somebody else owner there first, or close the organization."
        raise errors.Conflict(words, code="LAST_OWNER")


async def find_person(session: AsyncSession, name: str) -> UUID:
    """The person of an address or a UUID; raises NotFound."""
    table = identity.UserAccount
    try:
        same = table.id == UUID(name)
    except ValueError:
        same = table.email == normalize_email(name)
    found = await session.scalar(select(table.id).where(same))
    if found is None:
        raise errors.NotFound(f"No account is called {name}: name a person by address or UUID.", path=("person",))
    return found


async def erase_person(session: AsyncSession, actor: Actor, *, person: UUID, reason: str) -> None:
    """Erase a person; the reason stays in the trail. Raises InvalidInput, Conflict as for the person."""
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    outcome = (await session.execute(ERASE, {"person": person, "farewell": ids.new_id()})).scalar_one()
    await _require_erased(session, outcome, SOLE, {"person": person})
    await audit.add_audit(session, actor, "account.erased", "user", detail={"reason": why})


async def forget_devices(session: AsyncSession, person: UUID) -> bool:
    """Forget how somebody who was erased named devices, for a part of the answers; whether there may be more."""
    forgotten: int = (await session.execute(FORGET_DEVICES, {"person": person, "most": AT_ONCE})).scalar_one()
    return forgotten == AT_ONCE
