"""What the application's login may not do even where its own code went wrong."""

from uuid import UUID

import asyncpg
import pytest

from portal.database import ids
from tests import databases

ASK = """
INSERT INTO portal.request (buyer_id, id, supplier_record_id, questionnaire, minimum_tier, period_start, period_end,
                            purpose, due_on)
VALUES ($1, $2, $3, 'responsible-sourcing', 'micro', '2026-01-01', '2026-12-31', 'Choosing', '2026-12-31')
"""
RECEIPT = """
INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, kind) VALUES ($1, $2, $3, 'owner', 'summary')
"""


async def act(database: databases.TestDatabase, organization: UUID | None, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(database.app_url.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('portal.organization', $1, true)", str(organization or ""))
            await connection.execute(statement, *values)
    finally:
        await connection.close()


async def prepare(database: databases.TestDatabase) -> tuple[UUID, UUID, UUID]:
    """A buyer, one of its records, and a supplier that the buyer is not linked with."""
    buyer, record, stranger = ids.new_id(), ids.new_id(), ids.new_id()
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        await connection.execute(
            "INSERT INTO portal.organization (id, name) VALUES ($1, 'Buyer'), ($2, 'S')", buyer, stranger
        )
        await connection.execute(
            "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, state)"
            " VALUES ($1, $2, 'S', 's', 'needs_contact')",
            buyer,
            record,
        )
        await connection.execute(
            "INSERT INTO portal.questionnaire (key, title, purpose)"
            " VALUES ('responsible-sourcing', 'R', 'self_assessment')"
        )
    finally:
        await connection.close()
    return buyer, record, stranger


async def test_a_buyer_cannot_turn_a_request_to_a_supplier_of_its_choice(database: databases.TestDatabase) -> None:
    buyer, record, stranger = await prepare(database)
    request = ids.new_id()
    await act(database, buyer, ASK, buyer, request, record)
    await act(database, buyer, "UPDATE portal.request SET message = 'Please' WHERE id = $1", request)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await act(database, buyer, "UPDATE portal.request SET supplier_id = $1 WHERE id = $2", stranger, request)


async def test_nobody_claims_to_have_read_a_stranger(database: databases.TestDatabase) -> None:
    buyer, _record, stranger = await prepare(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await act(database, buyer, RECEIPT, stranger, ids.new_id(), buyer)


async def test_cards_are_refreshed_for_their_buyer_alone(database: databases.TestDatabase) -> None:
    buyer, record, stranger = await prepare(database)
    refresh = "SELECT portal.refresh_cards($1, $2)"
    await act(database, buyer, refresh, buyer, record)
    for other in (stranger, None):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="another organization"):
            await act(database, other, refresh, buyer, record)
