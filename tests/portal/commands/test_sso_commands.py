"""`portal sso ...` on a real database: domains that the operator confirms, and a provider that is turned off."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests import databases, forking, people

pytestmark = pytest.mark.slow  # each command is a process of its own
CLAIM = "INSERT INTO portal.sso_domain (organization_id, domain, token) VALUES ($1, $2, 'x')"
CONNECT = (
    "INSERT INTO portal.sso_connection (organization_id, id, issuer, client_id, sealed, default_role)"
    " VALUES ($1, $2, 'https://idp.example', 'x', 'x', 'viewer')"
)
OPEN = (
    "INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at, sso_connection_id)"
    " VALUES ($1, $2, $3, $4, now() + interval '1 hour', $5)"
)


def call(database: databases.TestDatabase, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_DATA_DIR": str(folder),
    }
    return forking.run("sso", *arguments, environment=environment)


def run(database: databases.TestDatabase, statement: str, *values: Any) -> list[Any]:
    return asyncio.run(people.run_sql(database, statement, *values))


def add_firm(database: databases.TestDatabase, name: str, *domains: str) -> tuple[UUID, people.Person]:
    async def add() -> tuple[UUID, people.Person]:
        owner = await people.add_person(database)
        return await people.add_organization(database, (owner, "owner"), name=name), owner

    firm, owner = asyncio.run(add())
    for domain in domains:
        run(database, CLAIM, firm, domain)
    return firm, owner


def test_a_domain_is_confirmed_for_one_organization_and_taken_back(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    firm, owner = add_firm(database, "Careful Mills", "mills.example")
    other, _ = add_firm(database, "Other Mills", "mills.example")
    assert "mills.example  waits  Careful Mills" in call(database, tmp_path, "domains").stdout
    confirmed = call(database, tmp_path, "confirm-domain", str(firm), "Mills.Example")
    assert (confirmed.returncode, confirmed.stderr) == (0, "")
    taken = call(database, tmp_path, "confirm-domain", str(other), "mills.example")
    assert (taken.returncode, "Another organization" in taken.stderr) == (1, True)
    unknown = call(database, tmp_path, "confirm-domain", str(firm), "elsewhere.example")
    assert (unknown.returncode, "does not claim" in unknown.stderr) == (1, True)
    (row,) = run(database, "SELECT * FROM portal.sso_domain WHERE verified_at IS NOT NULL")
    assert (row["organization_id"], row["verified_by"]) == (firm, "operator")
    (noted,) = run(database, "SELECT * FROM portal.audit_event WHERE action = 'sso.domain_verified'")
    assert (noted["organization_id"], noted["actor_role"]) == (firm, "operator")
    (letter,) = asyncio.run(people.read_letters(database))
    assert (letter.to, "confirmed a domain of your organization" in letter.body) == (owner.email, True)
    assert call(database, tmp_path, "release-domain", str(firm), "mills.example").returncode == 0
    assert call(database, tmp_path, "release-domain", str(firm), "mills.example").returncode == 1
    assert call(database, tmp_path, "confirm-domain", str(other), "mills.example").returncode == 0


def test_a_provider_is_turned_off_with_a_reason(database: databases.TestDatabase, tmp_path: Path) -> None:
    firm, owner = add_firm(database, "Careful Mills", "mills.example")
    nothing = call(database, tmp_path, "turn-off", str(firm), "--reason", "It is gone.")
    assert (nothing.returncode, "has no identity provider" in nothing.stderr) == (1, True)
    connection = uuid4()
    run(database, CONNECT, firm, connection)
    run(database, "UPDATE portal.organization SET requires_sso = true WHERE id = $1", firm)
    run(database, OPEN, b"x" * 32, uuid4(), owner.id, firm, connection)
    assert call(database, tmp_path, "turn-off", str(firm)).returncode == 2
    done = call(database, tmp_path, "turn-off", str(firm), "--reason", "The owners asked by telephone.")
    assert (done.returncode, "1 sessions ended" in done.stdout) == (0, True)
    (row,) = run(database, "SELECT requires_sso FROM portal.organization WHERE id = $1", firm)
    assert row["requires_sso"] is False
    assert run(database, "SELECT FROM portal.session WHERE sso_connection_id IS NOT NULL") == []
    (noted,) = run(database, "SELECT * FROM portal.audit_event WHERE action = 'sso.switched'")
    assert (noted["organization_id"], "asked by telephone" in str(noted["detail"])) == (firm, True)
