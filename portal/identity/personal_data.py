"""What the portal holds about a person: all of it handed out, or erased."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids
from portal.database.tables import identity
from portal.identity import accounts, attempts
from portal.identity.attempts import Transactions
from portal.identity.wording import Reading, normalize_email

EXPORT_OWN = text("SELECT portal.export_own_data()::text")
EXPORT = text("SELECT portal.export_person(:person)::text")
ERASE_OWN = text("SELECT portal.erase_own_account(:farewell)")
ERASE = text("SELECT portal.erase_account(:person, :farewell, 'operator')")
OWN_SOLE = text("SELECT name FROM portal.list_own_sole_ownerships()")
SOLE = text("SELECT name FROM portal.list_sole_ownerships(:person)")
STILL_OPERATOR = "An operator gives that right back before the account is erased: `portal operator withdraw`."


async def prove(transactions: Transactions, credential: access.Credential, *, password: str, address: str) -> None:
    """Let the caller prove once more who is calling, before either; raises InvalidInput WRONG_PASSWORD, RateLimited."""
    profile = await accounts.check_own_password(transactions, credential, password, address=address)
    await attempts.take_attempt(transactions, "personal_data", account=str(profile.id), address=address)


async def export_own_data(session: AsyncSession, actor: Actor) -> str:
    """Everything about the caller, who has proved it, as JSON; the README describes it."""
    access.require(actor, access.SIGNED_IN)
    found: str = (await session.execute(EXPORT_OWN)).scalar_one()
    await audit.add_audit(session, actor, "person.exported", "user", actor.user_id)
    return _write(found)


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


async def export_person(session: AsyncSession, actor: Actor, *, person: UUID) -> str:
    """Everything about a person as JSON, for the operator to hand on."""
    access.require(actor, access.OPERATOR)
    found: str = (await session.execute(EXPORT, {"person": person})).scalar_one()
    await audit.add_audit(session, actor, "person.exported", "user", person)
    return _write(found)


async def erase_person(session: AsyncSession, actor: Actor, *, person: UUID, reason: str) -> None:
    """Erase a person; the reason stays in the trail. Raises InvalidInput, Conflict as for the person."""
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    outcome = (await session.execute(ERASE, {"person": person, "farewell": ids.new_id()})).scalar_one()
    await _require_erased(session, outcome, SOLE, {"person": person})
    await audit.add_audit(session, actor, "account.erased", "user", detail={"reason": why})


def _write(found: str) -> str:
    return orjson.dumps(orjson.loads(found), option=orjson.OPT_INDENT_2).decode()
