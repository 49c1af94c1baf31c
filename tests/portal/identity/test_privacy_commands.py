"""`portal privacy ...` on a real database: all there is about a person, and nothing left of one."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from tests import databases, forking, people

pytestmark = pytest.mark.slow  # each command is a process of its own


def call(database: databases.TestDatabase, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_DATA_DIR": str(folder),
    }
    return forking.run("privacy", *arguments, environment=environment)


def test_the_operator_hands_out_what_there_is_and_erases(database: databases.TestDatabase, tmp_path: Path) -> None:
    person, other = [asyncio.run(people.add_person(database)) for _ in range(2)]
    firm = asyncio.run(people.add_organization(database, (person, "owner"), name="Weavers"))
    printed = call(database, tmp_path, "export", person.email.upper())
    assert (printed.returncode, printed.stderr) == (0, "")
    found = json.loads(printed.stdout)
    assert (found["account"]["id"], found["memberships"][0]["name"]) == (str(person.id), "Weavers")
    refused = call(database, tmp_path, "erase", person.email, "--reason", "Asked by letter.")
    assert (refused.returncode, "Nobody else owns Weavers" in refused.stderr) == (1, True)
    owners = "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, 'owner')"
    asyncio.run(people.run_sql(database, owners, firm, other.id))
    done = call(database, tmp_path, "erase", str(person.id), "--reason", "Asked by letter.")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 events of the trail tell no more who it was" in done.stdout
    left = asyncio.run(people.run_sql(database, "SELECT id FROM portal.user_account"))
    assert [row["id"] for row in left] == [other.id]
    events = asyncio.run(people.run_sql(database, "SELECT e::text AS row FROM portal.audit_event e"))
    assert [row["row"] for row in events if str(person.id) in row["row"]] == []
    assert len([row for row in events if "Asked by letter." in row["row"]]) == 1


def test_nobody_is_erased_by_mistake(database: databases.TestDatabase, tmp_path: Path) -> None:
    person = asyncio.run(people.add_person(database))
    unknown = call(database, tmp_path, "erase", "nobody@example.com", "--reason", "A try.")
    assert (unknown.returncode, "nobody@example.com" in unknown.stderr) == (1, True)
    assert call(database, tmp_path, "erase", person.email, "--reason", " ").returncode == 1
    assert len(asyncio.run(people.run_sql(database, "SELECT 1 FROM portal.user_account"))) == 1
