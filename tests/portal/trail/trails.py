"""A trail in a real database with its sealer, its heads in a folder, and all that a test looks at."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from obstore.store import LocalStore, ObjectStore

from portal import signing
from portal.database import engine, ids
from portal.database.engine import Database
from portal.signing import KeyRing
from portal.trail import reading, sealing, verifying
from portal.trail.checking import Fault
from portal.trail.verifying import Count
from tests import databases

INSERT = """
INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id, detail,
                                address, request_id, concerns_id)
SELECT * FROM jsonb_to_recordset($1::jsonb) AS e (id uuid, organization_id uuid, actor_id uuid, actor_role text,
       action text, object_kind text, object_id text, detail jsonb, address text, request_id text, concerns_id uuid)
"""
AT_ONCE = timedelta(0)


@dataclass
class Trail:
    """Who seals, where heads lie, and a superuser's connection for whatever no role of the portal may do."""

    database: databases.TestDatabase
    worker: Database
    store: ObjectStore
    folder: Path
    key_text: bytes
    keys: KeyRing
    admin: asyncpg.Connection
    chains: list[UUID | None] = field(default_factory=lambda: [None, *(ids.new_id() for _ in range(3))])

    @property
    def sealer(self) -> sealing.Sealer:
        """A sealer as a worker that has just begun to lead has it."""
        return sealing.Sealer(self.worker, self.store, self.keys)

    async def add(self, *events: dict[str, Any]) -> list[UUID]:
        """Write events; what is not given is made up."""
        rows = [make_event() | event for event in events]
        await self.admin.execute(INSERT, orjson.dumps(rows, default=str).decode())
        return [row["id"] for row in rows]

    async def add_to(self, chain: UUID | None, count: int) -> list[UUID]:
        return await self.add(*({"organization_id": chain} for _ in range(count)))

    async def verify(self, *, only: UUID | None = None, grace: timedelta = AT_ONCE) -> list[Fault]:
        """Every difference there is."""
        count = Count()
        async with reading.open_picture(self.database.worker_url) as picture:
            checked = verifying.verify_database(picture, self.store, self.keys.public, count, only=only, grace=grace)
            return [fault async for fault in checked]

    async def tamper(self, *statements: str) -> None:
        """Change rows as somebody with all rights does, past triggers and constraints of time."""
        async with self.admin.transaction():
            await self.admin.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await self.admin.execute(statement)

    def list_files(self) -> list[Path]:
        return sorted((self.folder / "audit" / "heads").glob("*.jws"))


def make_event() -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "organization_id": None,
        "actor_id": ids.new_id(),
        "actor_role": "owner",
        "action": "share.revoked",
        "object_kind": "share",
        "object_id": str(ids.new_id()),
        "detail": {"buyer": str(ids.new_id()), "ü": [1, 2.5, None]},
        "address": "192.0.2.0/24",
        "request_id": "0123456789abcdef",
        "concerns_id": ids.new_id(),
    }


def list_codes(faults: Sequence[Fault]) -> set[str]:
    return {fault.code for fault in faults}


@asynccontextmanager
async def open_trail(database: databases.TestDatabase, folder: Path) -> AsyncIterator[Trail]:
    worker = Database(engine.create_engine(database.worker_url, pool_size=2))
    admin = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    key_text = signing.make_keys()
    keys = signing.read_keys(key_text, "the test")
    folder.mkdir(exist_ok=True)
    try:
        yield Trail(database, worker, LocalStore(prefix=str(folder)), folder, key_text, keys, admin)
    finally:
        await admin.close()
        await worker.close()
