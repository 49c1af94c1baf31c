"""What is kept for a while goes in time and not before, by the worker's own login; the README says how long."""

import re
from datetime import timedelta

import asyncpg

from portal.database import ids
from portal.delivery import forgetting
from portal.delivery.forgetting import Rule
from tests import databases, people
from tests.databases import ROOT
from tests.hostile import personal
from tests.hostile.personal import Somebody

ROW = re.compile(r"^\| [^|]+ \| `([a-z_]+)` \| (\d+) \| [^|]+ \|$", re.MULTILINE)
READY = (
    "INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)"
    " VALUES (gen_random_uuid(), 'buyer', 'request', gen_random_uuid(), gen_random_uuid())",
    "UPDATE portal.mail SET state = 'sent'",
    "INSERT INTO queue.pgqueuer_log (job_id, status, entrypoint, priority) VALUES (1, 'successful', 'x', 0)",
)


def test_the_readme_lists_what_is_kept_for_how_long() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- kept:")[2].partition("<!-- end of kept")[0]
    assert [(name, int(days)) for name, days in ROW.findall(table)] == [
        (rule.table.partition(".")[2], rule.days) for rule in forgetting.RULES
    ]


async def count(connection: asyncpg.Connection, rule: Rule) -> int:
    rest = "email IS NOT NULL" if rule.change else "true"
    return int(await connection.fetchval(f"SELECT count(*) FROM {rule.table} WHERE {rest}"))


async def test_each_goes_after_its_days_and_no_sooner(database: databases.TestDatabase) -> None:
    worker = await asyncpg.connect(database.worker_url.replace("+asyncpg", ""))
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        who = Somebody(ids.new_id(), ids.new_id(), "zq@canary.example", "Zq O'Canary", "zqsecret", 1)
        await personal.plant(connection, await personal.read_columns(connection), personal.read_list(), who)
        for statement in READY:
            await connection.execute(statement)
        await connection.execute("SET session_replication_role = replica")
        for rule in forgetting.RULES:
            await connection.execute(f"UPDATE {rule.table} SET {rule.moment} = now() + interval '2 days'")
        for rule in forgetting.RULES:
            move = f"UPDATE {rule.table} SET {rule.moment} = now() - make_interval(days => $1) + $2"
            slack = timedelta(days=2) if rule.moment == "day" else timedelta(hours=1)
            before = await count(connection, rule)
            assert before > 0, rule.table
            await connection.execute(move, rule.days, slack)
            await forgetting.forget(worker)
            assert await count(connection, rule) == before, rule.table
            await connection.execute(move, rule.days, -slack)
            await forgetting.forget(worker)
            assert await count(connection, rule) == 0, rule.table
    finally:
        await worker.close()
        await connection.close()


async def test_the_letter_of_an_open_invitation_stays(database: databases.TestDatabase) -> None:
    firm = await people.add_organization(database)
    await people.invite(database, firm, "member", "somebody@example.com", role="viewer")
    letter = (
        "INSERT INTO portal.mail (id, kind, ids, state, created_at) SELECT id, 'invitation',"
        " jsonb_build_object('invitation', id), 'sent', now() - interval '300 days' FROM portal.invitation"
    )
    await people.run_sql(database, letter)
    worker = await asyncpg.connect(database.worker_url.replace("+asyncpg", ""))
    await forgetting.forget(worker)
    assert len(await people.run_sql(database, "SELECT 1 FROM portal.mail")) == 1
    await people.run_sql(database, "UPDATE portal.invitation SET expires_at = now() - interval '1 hour'")
    await forgetting.forget(worker)
    await worker.close()
    assert await people.run_sql(database, "SELECT 1 FROM portal.mail") == []
