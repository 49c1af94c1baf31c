"""The backup that the README describes: dumped by the login portal_backup, restored, and nothing is missing."""

import re
import subprocess
from pathlib import Path

import asyncpg
import pytest

from portal.commands import installation
from portal.database import binaries
from portal.settings import Settings
from tests import databases, people

pytestmark = pytest.mark.slow  # dumps and restores a database

README = (databases.ROOT / "README.md").read_text(encoding="utf-8")
TABLES = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information_)'"
POLICIES = "SELECT tablename, policyname, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2"


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs, of the server's version."""
    found = binaries.find_binaries()
    done = subprocess.run(
        [found.folder / program, *arguments], env=found.get_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def read_all(url: str) -> tuple[dict[str, int], list[tuple[object, ...]]]:
    """The rows of each table, and the policies."""
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        counts = {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in tables}
        return counts, [tuple(row) for row in await connection.fetch(POLICIES)]
    finally:
        await connection.close()


async def test_a_backup_is_whole(
    database: databases.TestDatabase, database_server: databases.Server, tmp_path: Path
) -> None:
    owner = await people.add_person(database)
    await people.add_organization(database, (owner, "owner"), name="Kept")
    options = re.findall(r"^    pg_dump (.*?) --file", README, re.MULTILINE)[0].split()
    file, name = str(tmp_path / "portal.dump"), f"{databases.COPY}restored"
    run("pg_dump", *options, f"--file={file}", database.backup_url.replace("+asyncpg", ""))
    administer = database_server.superuser_url().replace("+asyncpg", "")
    admin = await asyncpg.connect(administer)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        restored = database_server.superuser_url(name).replace("+asyncpg", "")
        run("pg_restore", "--exit-on-error", f"--dbname={restored}", file)
        before = await read_all(database.superuser_url.replace("+asyncpg", ""))
        assert await read_all(restored) == before
        assert before[0]["portal.organization"] >= 1
        app = database_server.url("portal_app", name)
        await installation.check_database(Settings(database_url=app))
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
