"""Cards follow consent also where a refresh and the end of a share meet."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

import migrations
from portal.database import ids
from tests import databases

DAY = "'2026-01-01'"
BASIS = f"""
INSERT INTO portal.organization (id, name) VALUES ('{{buyer}}', 'Buyer'), ('{{supplier}}', 'Supplier');
INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('responsible-sourcing', 'Sample', 'sample');
INSERT INTO portal.questionnaire_version (questionnaire, version, content_hash, locale, document)
VALUES ('responsible-sourcing', '1.0.0', 'hash', 'en', '{{{{}}}}');
INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, state, supplier_id)
VALUES ('{{buyer}}', '{{record}}', 'Supplier', 'supplier', 'linked', '{{supplier}}');
INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end)
VALUES ('{{supplier}}', '{{assessment}}', 'responsible-sourcing', '1.0.0', 'micro', '{{supplier}}', {DAY}, {DAY});
INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier,
                               subject, subject_key, period_start, period_end, header, root_hash)
VALUES ('{{supplier}}', '{{submission}}', '{{assessment}}', 1, 'responsible-sourcing', '1.0.0', 'hash', 'micro',
        'organization', '{{supplier}}', {DAY}, {DAY}, '{{{{}}}}', '');
INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band, coverage,
                           pillars, critical, valid_until)
VALUES ('{{supplier}}', '{{submission}}', 1, 'micro', true, 7000, 'B', 10000, '[]', '[]', '2100-01-01');
INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                          purpose)
VALUES ('{{supplier}}', '{{buyer}}', '{{share}}', 'responsible-sourcing', '{{supplier}}', '{{submission}}', now(),
        'snapshot', 'Choosing');
"""
NAMES = ("buyer", "supplier", "record", "assessment", "submission", "share")
End = Callable[[asyncpg.Connection, dict[str, UUID]], Awaitable[None]]


async def revoke(connection: asyncpg.Connection, made: dict[str, UUID]) -> None:
    await connection.execute("UPDATE portal.share SET revoked_at = now() WHERE id = $1", made["share"])
    await connection.execute("SELECT portal.blank_cards_of_share($1)", made["share"])


async def withdraw(connection: asyncpg.Connection, made: dict[str, UUID]) -> None:
    await connection.execute("UPDATE portal.submission SET state = 'withdrawn' WHERE id = $1", made["submission"])
    await connection.execute("SELECT portal.blank_cards_of_submission($1)", made["submission"])


@pytest.mark.parametrize("end", [revoke, withdraw])
async def test_a_refresh_that_meets_the_end_of_a_share_does_not_bring_it_back(
    database: databases.TestDatabase, end: End
) -> None:
    made = {name: ids.new_id() for name in NAMES}
    plain = [url.replace("+asyncpg", "") for url in (database.superuser_url, database.app_url, database.worker_url)]
    admin, supplier, worker = [await asyncpg.connect(url) for url in plain]
    refresh = "SELECT portal.refresh_cards($1, $2)"
    try:
        await admin.execute(BASIS.format(**made))
        await worker.execute(refresh, made["buyer"], made["record"])
        assert await admin.fetchval("SELECT total FROM portal.relationship_card") == 7000
        async with supplier.transaction():
            await supplier.execute("SELECT set_config('portal.organization', $1, true)", str(made["supplier"]))
            await end(supplier, made)
            refreshed = asyncio.create_task(worker.execute(refresh, made["buyer"], made["record"]))
            await asyncio.sleep(0.3)  # the refresh has begun before the end is committed
            assert not refreshed.done()
        await asyncio.wait_for(refreshed, 10)
        card = await admin.fetchrow("SELECT total, band, share_id, total_missing FROM portal.relationship_card")
        assert tuple(card) == (None, None, None, True)
    finally:
        for connection in (admin, supplier, worker):
            await connection.close()


async def test_the_migration_writes_every_card_anew_with_the_owners_login(database: databases.TestDatabase) -> None:
    made = {name: ids.new_id() for name in NAMES}
    plain = [url.replace("+asyncpg", "") for url in (database.superuser_url, database.owner_url)]
    admin, owner = [await asyncpg.connect(url) for url in plain]
    script = (Path(migrations.__file__).parent / "sharing" / "cards.sql").read_text(encoding="utf-8")
    try:
        await admin.execute(BASIS.format(**made))
        await owner.execute(script[script.index("DO $$\n") :])
        card = await admin.fetchrow("SELECT total, period_end, share_id FROM portal.relationship_card")
        assert tuple(card) == (7000, date(2026, 1, 1), made["share"])
    finally:
        for connection in (admin, owner):
            await connection.close()
