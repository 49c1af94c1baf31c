"""The audit trail: who did what to which object and from where, inserted by the acting transaction.

`portal.trail` seals what is inserted here.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database import ids
from portal.database.tables import delivery

INSERT = insert(cast(Table, delivery.AuditEvent.__table__)).inline()
TELL = text("SELECT set_config('portal.address', :address, true), set_config('portal.request', :request, true)")
REFUSED = text("SELECT portal.note_refused_sign_in(:person, :address, :request)")
PERSONAL = text(
    "SELECT portal.note_personal_act(:person, :act, :kind, :object, CAST(:facts AS jsonb), :address, :request)"
)
ORGANIZATIONS = text("SELECT organization_id FROM portal.member WHERE user_id = :person ORDER BY organization_id")
REFUSED_KEY = text("SELECT portal.note_refused_key(:key, :address, :request)")
NETWORKS = {4: 24, 6: 48}  # bits of an address that are kept


@dataclass(frozen=True)
class Origin:
    """Where a call came from: the network of its address, and its id in the log; nothing of what runs by itself."""

    address: str | None = None
    request_id: str | None = None


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 (it is frozen)


@contextmanager
def arriving(address: str, request_id: str) -> Iterator[None]:
    """Events written inside came by this request; its whole address is not kept."""
    token = _origin.set(Origin(cut_address(address), request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def cut_address(address: str) -> str | None:
    """The network that an address lies in, of 256 (IPv4) or 2^80 (IPv6) addresses; None for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    kept = mapped or parsed
    return str(ipaddress.ip_network((kept, NETWORKS[kept.version]), strict=False))


async def add_audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: UUID | str | None = None,
    *,
    concerns: UUID | None = None,
    owner: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one event of the caller's organization; `detail` holds ids and codes, never names, answers or tokens.

    A person stands in `detail` as `member` alone, and is an object of the kind `user`: erasing looks there by index.

    The organization that it `concerns` sees it, too, as an act of the caller's organization. The `owner` of the object
    is named where it is another organization than the caller's.
    """
    row = make_row(actor, action, object_kind, object_id, concerns=concerns, owner=owner, detail=detail)
    await session.execute(INSERT, row)


async def add_personal(
    session: AsyncSession,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: UUID,
    *,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write what a person does to the account: of the organization it acts for, or else of each it is a member of.

    Of the portal itself where it is a member of none. None learns of another.
    """
    if actor.organization_id is not None:
        await add_audit(session, actor, action, object_kind, object_id, detail=detail)
        return
    origin = _origin.get()
    parameters = {
        "person": actor.user_id,
        "act": action,
        "kind": object_kind,
        "object": str(object_id),
        "facts": orjson.dumps(detail or {}).decode(),
        "address": origin.address,
        "request": origin.request_id,
    }
    await session.execute(PERSONAL, parameters)


async def tell_organizations(session: AsyncSession, person: UUID, action: str) -> None:
    """Write what the operator did to a person's account into the trail of each organization of that person.

    For the owner's login alone. The operator's own words (why) stay in the portal's trail: they may name others.
    """
    for organization in (await session.execute(ORGANIZATIONS, {"person": person})).scalars().all():
        operator = Actor(organization_id=organization, member_role="operator", is_operator=True)
        await add_audit(session, operator, action, "user", person)


def make_row(
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: UUID | str | None,
    *,
    concerns: UUID | None = None,
    owner: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The row of an event, for a statement that writes it along with the act."""
    origin = _origin.get()
    return {
        "id": ids.new_id(),
        "organization_id": actor.organization_id,
        "actor_id": actor.user_id or actor.api_key_id,
        "actor_role": name_role(actor),
        "action": action,
        "object_kind": object_kind,
        "object_id": None if object_id is None else str(object_id),
        "detail": detail or {},
        "address": origin.address,
        "request_id": origin.request_id,
        "concerns_id": concerns,
        "object_owner_id": owner,
    }


def name_role(actor: Actor) -> str | None:
    """As what somebody acts: a member's role, api_key, operator, person (for no organization); None for the portal."""
    if actor.user_id is None and actor.api_key_id is not None:
        return "api_key"
    if actor.is_operator and actor.organization_id is None:
        return "operator"
    return actor.member_role or ("person" if actor.user_id is not None else None)


def read_call() -> str | None:
    """The id of the call that is served, by which its events are found; None for what runs by itself."""
    return _origin.get().request_id


async def tell_origin(session: AsyncSession) -> None:
    """Let functions of the database that write events themselves know where the call came from."""
    origin = _origin.get()
    await session.execute(TELL, {"address": origin.address or "", "request": origin.request_id or ""})


async def add_refused_sign_in(session: AsyncSession, person: UUID | None) -> None:
    """Write that somebody was refused who said to be this person, or somebody who has no account."""
    origin = _origin.get()
    await session.execute(REFUSED, {"person": person, "address": origin.address, "request": origin.request_id})


async def add_refused_key(session: AsyncSession, secret_hash: bytes) -> None:
    """Write that a key was used which holds no more, once a day for each; nothing where the key is nobody's."""
    origin = _origin.get()
    await session.execute(REFUSED_KEY, {"key": secret_hash, "address": origin.address, "request": origin.request_id})
