"""Accounts, organizations, sessions and keys made from inside, with the owner's login: command line, demo and tests."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import SCOPES
from portal.database import audit, ids
from portal.database.tables import identity
from portal.identity import organizations, sessions, tokens
from portal.identity.operators import OWNER_LOGIN
from portal.identity.organizations import OrganizationFacts
from portal.identity.wording import Reading, normalize_email


async def create_account(
    session: AsyncSession, *, email: str, name: str, password_hash: str, is_operator: bool = False, locale: str = "en"
) -> UUID:
    """A confirmed account; raises InvalidInput, and Conflict ACCOUNT_EXISTS."""
    reading = Reading()
    values = {
        "email": reading.read_email("email", email),
        "name": reading.read_name("name", name),
        "locale": reading.read_locale("locale", locale),
    }
    reading.finish()
    if await find_account(session, email=email) is not None:
        raise errors.Conflict(f"{values['email']} has an account already.", code="ACCOUNT_EXISTS", path=("email",))
    made = ids.new_id()
    await session.execute(
        insert(identity.UserAccount).values(id=made, password_hash=password_hash, is_operator=is_operator, **values)
    )
    if is_operator:
        await audit.add_audit(session, OWNER_LOGIN, "operator.granted", "user", made)
    return made


async def find_account(session: AsyncSession, *, email: str) -> UUID | None:
    """The account of an address, or none."""
    table = identity.UserAccount
    found = await session.execute(select(table.id).where(table.email == normalize_email(email)))
    return found.scalar_one_or_none()


async def set_operator(session: AsyncSession, *, email: str, is_operator: bool) -> None:
    """Give a person the operator's rights or take them; raises NotFound."""
    table = identity.UserAccount
    changed = await session.execute(
        update(table).where(table.email == normalize_email(email)).values(is_operator=is_operator).returning(table.id)
    )
    person = changed.scalar_one_or_none()
    if person is None:
        raise errors.NotFound(f"{email} has no account.")
    action = "operator.granted" if is_operator else "operator.withdrawn"
    await audit.add_audit(session, OWNER_LOGIN, action, "user", person)


async def create_organization(
    session: AsyncSession, *, facts: OrganizationFacts, roles: tuple[str, ...] = ("supplier",), is_demo: bool = False
) -> UUID:
    """An organization with active roles and no members yet; raises InvalidInput."""
    values = organizations.check_facts(facts)
    made = ids.new_id()
    await session.execute(insert(identity.Organization).values(id=made, is_demo=is_demo, **values))
    for role in roles:
        await session.execute(
            insert(identity.OrganizationRole).values(
                organization_id=made, role=role, status="active", decided_at=func.portal.clock()
            )
        )
    return made


async def add_member(session: AsyncSession, *, organization: UUID, person: UUID, role: str = "owner") -> None:
    """Let a person belong to an organization."""
    values = {"organization_id": organization, "user_id": person, "role": role}
    await session.execute(insert(identity.Member).values(values))


async def create_session(session: AsyncSession, *, person: UUID, organization: UUID | None = None) -> str:
    """The token of a new session of a person, for the organization given or the first one joined."""
    return (await sessions.open_session(session, person, organization=organization)).token


async def create_api_key(
    session: AsyncSession, *, organization: UUID, name: str, scopes: tuple[str, ...], secret: str | None = None
) -> str:
    """The secret of a new API key without an end; a demo gives the secret itself. Raises InvalidInput."""
    reading = Reading()
    for scope in scopes:
        reading.read_choice("scopes", scope, SCOPES)
    reading.finish()
    secret = secret or tokens.make_api_key()
    await session.execute(
        insert(identity.ApiKey).values(
            id=ids.new_id(),
            key_hash=tokens.hash_token(secret),
            organization_id=organization,
            name=name,
            scopes=list(scopes),
        )
    )
    return secret


async def create_invitation(
    session: AsyncSession,
    *,
    organization: UUID,
    kind: str,
    email: str | None,
    record: UUID | None = None,
    role: str | None = None,
    lifetime: timedelta = timedelta(days=14),
) -> str:
    """The token of a new invitation, as the letter to `email` would hold it."""
    token = tokens.make_token()
    ends = (await session.execute(text("SELECT portal.clock() + :lifetime"), {"lifetime": lifetime})).scalar_one()
    await session.execute(
        insert(identity.Invitation).values(
            id=ids.new_id(),
            token_hash=tokens.hash_token(token),
            kind=kind,
            organization_id=organization,
            supplier_record_id=record,
            email=email,
            role=role,
            expires_at=ends,
        )
    )
    return token
