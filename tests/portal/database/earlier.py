"""What earlier releases left in a database: made by a release itself with `python -m tests.portal.database.earlier`.

Each file in `releases/` is named for the last migration of a release. Its first line is JSON: a hash of the schema as
that release made it, who was signed in, and what the API said; the rest are the rows, as statements. Run it in the
checkout of a release, before the next migration is written.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import asyncpg

FOLDER = Path(__file__).parent / "releases"
DOCUMENT = b"made by a release"
RESULT = "query ($id: ID!) { node(id: $id) { __typename ... on Submission { rootHash result { total } } } }"
# Everything that migrations make, in words that are the same for PostgreSQL 15 to 18.
SCHEMA = """
SELECT string_agg(line, E'\\n' ORDER BY line COLLATE "C") FROM (
  SELECT format('column %s.%s %s %s %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
   WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND n.nspname IN ('portal', 'queue')
  UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('portal', 'queue')
  UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname IN ('portal', 'queue')
   WHERE contype IN ('c', 'f', 'p', 'u', 'x')
  UNION ALL SELECT format('policy %s %s %s %s %s', tablename, policyname, roles, cmd, md5(concat(qual, with_check)))
    FROM pg_policies WHERE schemaname IN ('portal', 'queue')
  UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('portal', 'queue')
   WHERE NOT tgisinternal
  UNION ALL SELECT format('function %s(%s) %s %s %s', p.proname, pg_get_function_identity_arguments(p.oid),
                          p.prosecdef, p.provolatile, md5(concat(p.prosrc, pg_get_function_sqlbody(p.oid))))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('portal', 'queue')
) everything
"""


async def hash_schema(url: str) -> str:
    """A hash of all that migrations made in a database."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return hashlib.sha256((await connection.fetchval(SCHEMA)).encode()).hexdigest()
    finally:
        await connection.close()


def dump_rows(url: str) -> str:
    """Every row but the revision, as statements that any client runs."""
    from portal.database import binaries

    found = binaries.find_binaries()
    options = ("--data-only", "--column-inserts", "--on-conflict-do-nothing", "--rows-per-insert=100")
    options += ("--exclude-table-data=migration.*", f"--dbname={url.replace('+asyncpg', '')}")
    command = [str(found.folder / "pg_dump"), *options]
    made = subprocess.run(command, env=found.get_environment(), capture_output=True, text=True, check=True).stdout
    kept = [
        line for line in made.splitlines() if line and not re.match(r"--|SET |SELECT pg_catalog.set_config|\\", line)
    ]
    return "\n".join(kept) + "\n"


async def make(database: Any, folder: Path) -> dict[str, Any]:
    """Rows of a supplier's submission with a document, a request and a share, made as a release makes them."""
    from tests.graphql_schema.sharing import stage as stages
    from tests.portal.assessments import files

    async with stages.set_stage(database, folder) as stage:
        evidence = await stage.send(stage.weaver, files.make_pdf(DOCUMENT))
        assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE"
        await stage.request(stage.maker, stage.weaver)
        submitted = await stage.submit(stage.weaver)
        share = await stage.share(stage.weaver, stage.maker, submitted)
        draft = await stage.draft(stage.dyer)
        waiting = "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL UNION ALL SELECT 1 FROM queue.pgqueuer"
        async with asyncio.timeout(60):
            while await stage.house.fetch(waiting):
                await asyncio.sleep(0.1)
        tokens = {name: getattr(stage, name).credential.token for name in ("weaver", "dyer", "maker", "trader")}
        ids = {"evidence": evidence, "submission": submitted.node, "share": share, "draft": str(draft[0])}
        result = (await stage.ask(stage.weaver, RESULT, id=submitted.node))["node"]
        await asyncio.sleep(2)
    return {"tokens": tokens, "ids": ids, "result": result}


def write(folder: Path) -> Path:
    """Make the file of this checkout's release."""
    from portal.database import migrating
    from tests import databases

    with contextlib.ExitStack() as stack:
        server = stack.enter_context(databases.open_server())
        database = stack.enter_context(databases.copy_template(server, databases.make_template(server)))
        files = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        told = {"schema": asyncio.run(hash_schema(database.superuser_url)), **asyncio.run(make(database, files))}
        path = folder / f"{migrating.head_revision()}.sql"
        path.write_text(f"-- {json.dumps(told)}\n{dump_rows(database.superuser_url)}", encoding="utf-8")
    return path


if __name__ == "__main__":
    print(write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
