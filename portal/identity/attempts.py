"""Limits on every path that takes a credential: tries are counted per account and per address, in all processes."""

import hashlib
import ipaddress
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, metering
from portal.database import audit

Opened = TypeVar("Opened")

TAKE = text("SELECT portal.take_attempt(:path, :subject, :allowed, :seconds)")
FORGET = text("SELECT portal.forget_attempts(:path, :subject)")


class Transactions(Protocol):
    """What opens transactions: paths that take a credential count a try in one and act in another."""

    def transaction(
        self, credential: access.Credential
    ) -> AbstractAsyncContextManager[tuple[AsyncSession, access.Actor]]: ...


@dataclass(frozen=True)
class Limit:
    """How many tries fit into a window of so many seconds, for one account and from one network address."""

    per_account: int
    per_address: int
    seconds: int


LIMITS = {
    "sign_in": Limit(10, 200, 900),
    "registration": Limit(5, 100, 3_600),
    "confirmation": Limit(10, 200, 900),
    "second_factor": Limit(10, 200, 3_600),
    "password_change": Limit(10, 200, 900),
    "email_change": Limit(5, 100, 3_600),
    "personal_data": Limit(5, 100, 3_600),
    "reset_request": Limit(5, 100, 3_600),
    "reset": Limit(10, 200, 900),
    "invitation": Limit(60, 600, 900),
    "invitation_sent": Limit(100, 1_000, 86_400),
    "organization_founded": Limit(20, 200, 86_400),
    "sso": Limit(200, 200, 900),
    "sso_setup": Limit(30, 100, 900),
    "sso_code": Limit(10, 200, 900),
    "bearer": Limit(300, 300, 300),
    "form_import": Limit(120, 120, 60),
    "file_made": Limit(120, 120, 900),
}


async def take_attempt(transactions: Transactions, path: str, *, account: str | None = None, address: str) -> None:
    """Count one try and commit it, whatever comes of the try; raises RateLimited where none are left.

    `account` is what the try is about: an address, a user, a link; it need not exist, and there may be none.
    """
    limit = LIMITS[path]
    waits = []
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        subjects = [("address", name_network(address), limit.per_address)]
        if account is not None:
            subjects.insert(0, ("account", account, limit.per_account))
        for kind, subject, allowed in subjects:
            parameters = {
                "path": path,
                "subject": hash_subject(kind, subject),
                "allowed": allowed,
                "seconds": limit.seconds,
            }
            waits.append((await session.execute(TAKE, parameters)).scalar_one())
            if waits[-1]:
                break  # a locked account is not counted against an address that others share
    if max(waits):
        metering.LOCKS.labels(path).inc()
        raise errors.RateLimited("Too many tries. Wait, then try again.", retry_after=max(waits))


async def count_use(session: AsyncSession, path: str, account: str) -> None:
    """Count what an account did, not what it tried: rolled back with the act. Raises RateLimited."""
    limit = LIMITS[path]
    parameters = {
        "path": path,
        "subject": hash_subject("account", account),
        "allowed": limit.per_account,
        "seconds": limit.seconds,
    }
    wait = (await session.execute(TAKE, parameters)).scalar_one()
    if wait:
        metering.LOCKS.labels(path).inc()
        raise errors.RateLimited("That was done too often lately. Wait, then try again.", retry_after=wait)


async def forget_account(session: AsyncSession, path: str, account: str) -> None:
    """Start the account's count afresh after a try that was right; the address keeps its own."""
    await session.execute(FORGET, {"path": path, "subject": hash_subject("account", account)})


@asynccontextmanager
async def count_refusals(
    transactions: Transactions,
    credential: access.Credential,
    opened: AbstractAsyncContextManager[Opened],
    *,
    address: str,
) -> AsyncIterator[Opened]:
    """What `opened` opens under a session token or API key, where a wrong one counts as a try.

    Raises Unauthenticated, and RateLimited for an address that has tried too many.
    """
    async with AsyncExitStack() as stack:
        try:
            entered = await stack.enter_async_context(opened)
        except errors.Unauthenticated:
            await take_attempt(transactions, "bearer", account=credential.secret_hash.hex(), address=address)
            if credential.kind == "api_key":
                async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
                    await audit.add_refused_key(session, credential.secret_hash)
            raise
        yield entered


def open_transaction(
    transactions: Transactions, credential: access.Credential, *, address: str
) -> AbstractAsyncContextManager[tuple[AsyncSession, access.Actor]]:
    """A transaction under a session token or API key, where a wrong one counts as a try; raises as `count_refusals`."""
    return count_refusals(transactions, credential, transactions.transaction(credential), address=address)


def hash_subject(kind: str, subject: str) -> bytes:
    """What the table keeps of an account or address; its rows must not be a list of who has an account."""
    return hashlib.sha256(f"{kind}:{subject}".encode()).digest()


def name_network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one, since that is what one customer is given."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
