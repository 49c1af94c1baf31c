"""The domains of e-mail addresses that an organization has shown to be its own: by a TXT record, or to the operator.

Only of them people come in by its provider: who could name any domain could be anybody.
"""

from dataclasses import dataclass
from datetime import datetime

import dns.asyncresolver
import dns.exception
import dns.nameserver
import idna
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit
from portal.database.tables.sso import SsoDomain
from portal.identity import attempts, tokens
from portal.identity.attempts import Transactions
from portal.identity.wording import Reading, normalize_email
from portal.settings import Settings, read_name_servers

MOST_DOMAINS = 20
RECORD, VALUE = "_supplier-portal.", "supplier-portal="
MOST_SECONDS = 5.0
TAKEN = "Another organization of this portal has shown this domain to be its own; ask the operator."


@dataclass(frozen=True)
class Domain:
    """A domain that was claimed, and since when it is known to be the organization's own."""

    name: str
    token: str
    verified_at: datetime | None
    verified_by: str | None

    @property
    def record(self) -> str:
        """The name of the TXT record that shows it."""
        return f"{RECORD}{self.name}"

    @property
    def value(self) -> str:
        """What that record holds, beside whatever else it holds."""
        return f"{VALUE}{self.token}"


async def list_domains(session: AsyncSession, actor: Actor) -> list[Domain]:
    """The domains that the caller's organization claims, by name."""
    access.require(actor, access.OWNER)
    table = SsoDomain
    query = (
        select(table.domain.label("name"), table.token, table.verified_at, table.verified_by)
        .where(table.organization_id == actor.organization)
        .order_by(table.domain)
    )
    return [Domain(**row._mapping) for row in await session.execute(query)]


async def claim(session: AsyncSession, actor: Actor, *, domain: str) -> Domain:
    """Say that a domain is the organization's own; that has to be shown before it counts. Twice is once.

    Raises InvalidInput DOMAIN, Conflict TOO_MANY_DOMAINS.
    """
    name = read_domain(domain)
    await _lock(session, actor)
    known = {one.name: one for one in await list_domains(session, actor)}
    if name in known:
        return known[name]
    if len(known) >= MOST_DOMAINS:
        raise errors.Conflict(f"An organization has at most {MOST_DOMAINS} domains.", code="TOO_MANY_DOMAINS")
    made = Domain(name, tokens.make_token(), None, None)
    values = {"organization_id": actor.organization, "domain": name, "token": made.token}
    await session.execute(insert(SsoDomain).inline().values(**values))
    await _note(session, actor, "domain_claimed", name)
    return made


async def check(
    transactions: Transactions, credential: access.Credential, settings: Settings, *, domain: str, address: str
) -> None:
    """Look for the TXT record of a domain that was claimed, and let it count where it is there.

    Raises NotFound, Conflict NO_NAME_SERVERS, RECORD_MISSING and DOMAIN_TAKEN, RateLimited.
    """
    async with transactions.transaction(credential) as (session, actor):
        found = await find(session, actor, domain)
    if not settings.dns_servers:
        words = "This portal asks no name servers; ask its operator to confirm the domain."
        raise errors.Conflict(words, code="NO_NAME_SERVERS")
    await attempts.take_attempt(transactions, "sso_setup", account=str(actor.organization), address=address)
    if found.value not in await look_up(settings, found.record):
        words = f"The TXT record {found.record} with the value {found.value} is not there, or not yet."
        raise errors.Conflict(words, code="RECORD_MISSING", path=("domain",))
    async with transactions.transaction(credential) as (session, actor):
        found = await find(session, actor, domain)
        await confirm(session, actor, found.name, "dns")


async def remove(session: AsyncSession, actor: Actor, *, domain: str) -> None:
    """Claim a domain no more; who came in by it before is known by now, and stays. Raises NotFound."""
    await _lock(session, actor)
    found = await find(session, actor, domain)
    table = SsoDomain
    await session.execute(delete(table).where(table.organization_id == actor.organization, table.domain == found.name))
    await _note(session, actor, "domain_removed", found.name)


async def confirm(session: AsyncSession, actor: Actor, name: str, by: str) -> None:
    """Let a domain count that the actor's organization claims; the same again changes nothing.

    Raises Conflict DOMAIN_TAKEN.
    """
    table = SsoDomain
    statement = (
        update(table)
        .where(table.organization_id == actor.organization, table.domain == name, table.verified_at.is_(None))
        .values(verified_at=func.portal.clock(), verified_by=by)
        .returning(table.domain)
        .execution_options(synchronize_session=False)
    )
    try:
        async with session.begin_nested():
            changed = (await session.execute(statement)).one_or_none()
    except IntegrityError:
        raise errors.Conflict(TAKEN, code="DOMAIN_TAKEN", path=("domain",)) from None
    if changed is not None:
        await _note(session, actor, "domain_verified", name, by=by)


async def look_up(settings: Settings, record: str) -> set[str]:
    """The texts of a TXT record, as the name servers of this installation give them; none where they give none."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [
        dns.nameserver.Do53Nameserver(address, port) for address, port in read_name_servers(settings.dns_servers)
    ]
    try:
        name = idna.encode(record.removeprefix(RECORD), uts46=True).decode()
        answer = await resolver.resolve(f"{RECORD}{name}.", "TXT", lifetime=MOST_SECONDS)
        return {b"".join(one.strings).decode() for one in answer}
    except (dns.exception.DNSException, idna.IDNAError, UnicodeError, OSError):
        return set()


def read_domain(given: str) -> str:
    """A domain in its one spelling; raises InvalidInput DOMAIN."""
    name = normalize_email(given).rstrip(".")
    reading = Reading()
    reading.read_email("domain", f"x@{name}")
    if reading.problems:
        raise errors.InvalidInput('domain must be like "example.com".', code="DOMAIN", path=("domain",))
    return name


async def find(session: AsyncSession, actor: Actor, domain: str) -> Domain:
    """A domain that the caller's organization claims; raises NotFound."""
    name = read_domain(domain)
    for one in await list_domains(session, actor):
        if one.name == name:
            return one
    raise errors.NotFound("Your organization claims no such domain.", path=("domain",))


async def _lock(session: AsyncSession, actor: Actor) -> None:
    """Two calls at once wait for each other, so that both count."""
    access.require(actor, access.OWNER)
    access.require(actor, access.SIGNED_IN)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"sso {actor.organization}", 0))))


async def _note(session: AsyncSession, actor: Actor, act: str, domain: str, **detail: str) -> None:
    await audit.add_audit(session, actor, f"sso.{act}", "sso_domain", domain, detail=detail)
