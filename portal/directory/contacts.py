"""The people a buyer writes to at its suppliers, and what they make of the state of a record."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import ids
from portal.database.tables import directory
from portal.directory import facts, records
from portal.directory.facts import ContactFacts
from portal.identity.wording import Reading

CONTACT = directory.SupplierContact
MOST = 50  # of one supplier
NO_CONTACT = "There is no such contact."

SETTLE = text("SELECT portal.settle_records(:buyer, CAST(:records AS uuid[]), :reopens)")
REVOKE = text(
    """
    UPDATE portal.invitation SET revoked_at = portal.clock()
     WHERE organization_id = :buyer AND supplier_record_id = :record AND kind = 'supplier' AND email = :email
       AND used_at IS NULL AND revoked_at IS NULL
    """
)


async def add_contact(session: AsyncSession, actor: Actor, *, record_id: UUID, contact: ContactFacts) -> UUID:
    """Name a person at a supplier; the same address again gives the contact there is, with name and language anew.

    Raises NotFound, InvalidInput, and Conflict TOO_MANY.
    """
    access.require(actor, access.BUYER_EDITOR)
    reading = Reading()
    values = facts.read_contact(reading, contact)
    reading.finish()
    await records.lock_record(session, actor, record_id)
    known = await list_contacts(session, actor, [record_id])
    same = next((one for one in known if one.email == values["email"]), None)
    if same is not None:
        same.name, same.locale = values["name"] or same.name, values["locale"] or same.locale
        same.bounced_at = None
        await session.flush()
    elif len(known) >= MOST:
        raise errors.Conflict(f"A supplier may have {MOST} contacts at most.", code="TOO_MANY", path=("email",))
    contact_id = same.id if same is not None else ids.new_id()
    if same is None:
        own = {"buyer_id": actor.organization, "id": contact_id, "supplier_record_id": record_id}
        await session.execute(insert(CONTACT).inline().values(**own, **values))
    await settle_states(session, actor, [record_id], reopens=True)
    await records.finish(session, actor, "contact.added", record_id)
    return contact_id


async def remove_contact(session: AsyncSession, actor: Actor, *, contact_id: UUID) -> UUID:
    """Forget a person; open invitations to the address end. Gives the record. Raises NotFound."""
    access.require(actor, access.BUYER_EDITOR)
    own = (CONTACT.buyer_id == actor.organization, CONTACT.id == contact_id)
    record_id = await session.scalar(select(CONTACT.supplier_record_id).where(*own))
    if record_id is None:
        raise errors.NotFound(NO_CONTACT, path=("contact_id",))
    await records.lock_record(session, actor, record_id)
    email = await session.scalar(delete(CONTACT).where(*own).returning(CONTACT.email))
    if email is None:
        raise errors.NotFound(NO_CONTACT, path=("contact_id",))
    await session.execute(REVOKE, {"buyer": actor.organization, "record": record_id, "email": email})
    await settle_states(session, actor, [record_id])
    await records.finish(session, actor, "contact.removed", record_id)
    return record_id


async def list_contacts(
    session: AsyncSession, actor: Actor, record_ids: Sequence[UUID]
) -> list[directory.SupplierContact]:
    """The contacts of some of the buyer's records, the first to be named first."""
    query = (
        select(CONTACT)
        .where(CONTACT.buyer_id == actor.organization, CONTACT.supplier_record_id.in_(record_ids))
        .order_by(CONTACT.supplier_record_id, CONTACT.created_at, CONTACT.id)
    )
    return list(await session.scalars(query))


async def settle_states(
    session: AsyncSession, actor: Actor, record_ids: Sequence[UUID], *, reopens: bool = False
) -> None:
    """Let the state of records follow from their contacts and invitations; `reopens` ends a "not us"."""
    values = {"buyer": actor.organization, "records": sorted(record_ids), "reopens": reopens}
    await session.execute(SETTLE, values)
