"""A database with a published questionnaire, and callers in it, for tests of the functions themselves."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor, Credential
from portal.assessments.requests import Ask
from portal.assessments.writes import Write
from portal.database import ids
from portal.database.engine import Database
from tests.databases import TestDatabase
from tests.portal.assessments import sample
from tests.statements import Sent, record_statements

START, END = date(2026, 1, 1), date(2026, 12, 31)
FULL = {"headcount": "12", "fees_repaid": "yes", "trained": "95", "exits_locked": False}


@dataclass(frozen=True)
class Caller:
    """Somebody who is signed in for an organization."""

    organization: UUID
    user: UUID
    credential: Credential


@dataclass
class House:
    """The application's login over a database of the test's own."""

    made: TestDatabase
    database: Database

    @asynccontextmanager
    async def act(self, caller: Caller) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        """One transaction of a caller."""
        async with self.database.transaction(caller.credential) as pair:
            yield pair

    async def fetch(self, query: str, *values: Any) -> list[Any]:
        """Rows as the superuser sees them."""
        connection = await asyncpg.connect(self.made.superuser_url.replace("+asyncpg", ""))
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def write_rows(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row of values, as the superuser."""
        connection = await asyncpg.connect(self.made.superuser_url.replace("+asyncpg", ""))
        try:
            await connection.executemany(statement, rows)
        finally:
            await connection.close()

    async def wait_for_lock(self) -> None:
        """Until some transaction waits for another one."""
        async with asyncio.timeout(10):
            while not await self.fetch(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND database IS NULL AND locktype = 'transactionid'"
            ):
                await asyncio.sleep(0.02)

    async def set_clock(self, moment: datetime) -> None:
        """Move the database's clock to a moment, where it stays."""
        await self.fetch(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS "
            f"$$ SELECT '{moment.astimezone(UTC).isoformat()}'::timestamptz $$"
        )

    async def sign_up(self, *roles: str, size_band: str | None = None, member: str = "owner") -> Caller:
        """An organization with these roles, one member, and a session."""
        organization = ids.new_id()
        await self.fetch(
            "INSERT INTO portal.organization (id, name, size_band) VALUES ($1, $2, $3)",
            organization,
            f"Firm {organization}",
            size_band,
        )
        for role in roles:
            await self.fetch("INSERT INTO portal.organization_role VALUES ($1, $2, 'active')", organization, role)
        return await self._add_member(organization, member)

    async def join(self, colleague: Caller, member: str) -> Caller:
        """Another member of the same organization, and a session."""
        return await self._add_member(colleague.organization, member)

    async def _add_member(self, organization: UUID, member: str) -> Caller:
        user, token = ids.new_id(), secrets.token_urlsafe(24)
        await self.fetch(
            "INSERT INTO portal.user_account (id, email, password_hash, name) VALUES ($1, $2, 'none', 'Somebody')",
            user,
            f"{user}@example.com",
        )
        await self.fetch(
            "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, $3)", organization, user, member
        )
        await self.fetch(
            "INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)"
            " VALUES ($1, $2, $3, $4, '2100-01-01')",
            hashlib.sha256(token.encode()).digest(),
            ids.new_id(),
            user,
            organization,
        )
        return Caller(organization, user, Credential("session", token))

    async def add_record(self, buyer: Caller, supplier: Caller | None = None, **changed: Any) -> UUID:
        """A supplier record of a buyer, linked where a supplier is given."""
        record = ids.new_id()
        values = {
            "buyer_id": buyer.organization,
            "id": record,
            "name": f"Record {record}",
            "name_key": f"record {record}",
            "state": "linked" if supplier else "has_contact",
            "supplier_id": supplier.organization if supplier else None,
        } | changed
        places = ", ".join(f"${place + 1}" for place in range(len(values)))
        await self.fetch(
            f"INSERT INTO portal.supplier_record ({', '.join(values)}) VALUES ({places})", *values.values()
        )
        return record

    def count_statements(self) -> AbstractContextManager[Sent]:
        """The statements that the application sends meanwhile."""
        return record_statements(self.database.engine.sync_engine)


def make_ask(**changed: Any) -> Ask:
    """A request for the sample questionnaire, due in time."""
    values: dict[str, Any] = {
        "questionnaire": sample.KEY,
        "minimum_tier": "micro",
        "period_start": START,
        "period_end": END,
        "purpose": "Choosing suppliers for next year",
    }
    values["due_on"] = date.fromordinal(datetime.now(UTC).date().toordinal() + 30)
    return Ask(**(values | changed))


def write(question: str, value: Any = None, base: int = 0, **changed: Any) -> Write:
    """A write of an answer under a new id."""
    values: dict[str, Any] = {"write_id": ids.new_id(), "question": question, "value": value, "base_revision": base}
    return Write(**(values | changed))
