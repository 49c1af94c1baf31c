"""`portal credentials ...` on a real database: the lost second factor, and secrets sealed with a new key."""

import asyncio
import subprocess
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal import sealing
from portal.sealing import Sealer
from tests import databases, forking, people
from tests.people import Person

pytestmark = pytest.mark.slow  # each command is a process of its own
NEW = "a new key that is as long as keys have to be"
READ = "SELECT user_id, sealed FROM portal.second_factor"
INSERT = "INSERT INTO portal.second_factor (user_id, sealed, confirmed_at) VALUES ($1, $2, portal.clock())"


def call(
    database: databases.TestDatabase, folder: Path, *arguments: str, key: str = NEW, former: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_SECRET_KEY": key,
        "PORTAL_FORMER_SECRET_KEYS": former,
    }
    return forking.run("credentials", *arguments, environment=environment)


def add_sealed(database: databases.TestDatabase, key: str) -> Person:
    """A person whose second factor is the name of its account."""
    person = asyncio.run(people.add_person(database))
    sealed = Sealer((key,)).seal(sealing.SECOND_FACTOR, person.id, person.email.encode())
    asyncio.run(people.run_sql(database, INSERT, person.id, sealed))
    return person


def add_webhook(database: databases.TestDatabase, key: str) -> UUID:
    """An endpoint whose secret is sealed."""
    endpoint, firm = uuid4(), asyncio.run(people.add_organization(database))
    sealed = Sealer((key,)).seal(sealing.WEBHOOK, endpoint, b"whsec_made up")
    for statement, values in (
        (
            "INSERT INTO portal.webhook_endpoint (organization_id, id, url, types) VALUES ($1, $2, 'https://x', '{}')",
            (),
        ),
        (
            "INSERT INTO portal.webhook_secret (organization_id, endpoint_id, id, sealed) VALUES ($1, $2, $2, $3)",
            (sealed,),
        ),
    ):
        asyncio.run(people.run_sql(database, statement, firm, endpoint, *values))
    return endpoint


def add_connection(database: databases.TestDatabase, key: str) -> UUID:
    """An identity provider whose client's secret is sealed."""
    connection, firm = uuid4(), asyncio.run(people.add_organization(database))
    sealed = Sealer((key,)).seal(sealing.SSO, connection, b"client secret")
    statement = (
        "INSERT INTO portal.sso_connection (organization_id, id, issuer, client_id, sealed, default_role)"
        " VALUES ($1, $2, 'https://x', 'x', $3, 'viewer')"
    )
    asyncio.run(people.run_sql(database, statement, firm, connection, sealed))
    return connection


def test_secrets_are_sealed_with_the_new_key(database: databases.TestDatabase, tmp_path: Path) -> None:
    found = [add_sealed(database, key) for key in ("old", "older", NEW)]
    endpoint, connection = add_webhook(database, "old"), add_connection(database, "older")
    done = call(database, tmp_path, "reseal", former="old, older")
    assert (done.returncode, done.stdout) == (0, "4 secrets were sealed anew.\n")
    (row,) = asyncio.run(people.run_sql(database, "SELECT sealed FROM portal.webhook_secret"))
    assert Sealer((NEW,)).open(sealing.WEBHOOK, endpoint, row["sealed"]) == b"whsec_made up"
    (row,) = asyncio.run(people.run_sql(database, "SELECT sealed FROM portal.sso_connection"))
    assert Sealer((NEW,)).open(sealing.SSO, connection, row["sealed"]) == b"client secret"
    sealed = {row["user_id"]: row["sealed"] for row in asyncio.run(people.run_sql(database, READ))}
    newest = Sealer((NEW,))
    for person in found:
        assert newest.open(sealing.SECOND_FACTOR, person.id, sealed[person.id]) == person.email.encode()
    assert call(database, tmp_path, "reseal").stdout == "0 secrets were sealed anew.\n"
    told = "SELECT detail::jsonb ->> 'secrets' AS secrets FROM portal.audit_event WHERE action = 'secrets.resealed'"
    assert [row["secrets"] for row in asyncio.run(people.run_sql(database, told))] == ["4"]


def test_a_key_that_is_missing_leaves_all_as_they_were(database: databases.TestDatabase, tmp_path: Path) -> None:
    for key in ("old", "lost"):
        add_sealed(database, key)
    before = asyncio.run(people.run_sql(database, READ))
    refused = call(database, tmp_path, "reseal", former="old")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "PORTAL_FORMER_SECRET_KEYS" in refused.stderr
    keyless = call(database, tmp_path, "reseal", key="", former="old")
    assert (keyless.returncode, "There is neither PORTAL_SECRET_KEY nor" in keyless.stderr) == (1, True)
    assert not (tmp_path / "secret.key").exists()  # one that was made here would be another than the servers'
    assert asyncio.run(people.run_sql(database, READ)) == before


def test_a_lost_second_factor_is_removed_with_a_reason(database: databases.TestDatabase, tmp_path: Path) -> None:
    person, other = add_sealed(database, NEW), add_sealed(database, NEW)
    email = person.email.upper()
    reset = call(database, tmp_path, "reset-second-factor", email, "--reason", "Showed her passport at our desk.")
    assert (reset.returncode, reset.stderr) == (0, "")
    assert [row["user_id"] for row in asyncio.run(people.run_sql(database, READ))] == [other.id]
    sessions = asyncio.run(people.run_sql(database, "SELECT user_id FROM portal.session"))
    assert {row["user_id"] for row in sessions} == {other.id}
    (letter,) = asyncio.run(people.read_letters(database))
    assert (letter.to, "The operator removed the second factor" in letter.body) == (person.email, True)
    query = (
        "SELECT object_id, detail ->> 'reason' AS reason FROM portal.audit_event WHERE action = 'second_factor.reset'"
    )
    (noted,) = asyncio.run(people.run_sql(database, query))
    assert tuple(noted) == (str(person.id), "Showed her passport at our desk.")
    again = call(database, tmp_path, "reset-second-factor", email, "--reason", "Once more.")
    assert (again.returncode, "has a second factor" in again.stderr) == (1, True)


def test_a_reset_needs_a_reason(database: databases.TestDatabase, tmp_path: Path) -> None:
    person = add_sealed(database, NEW)
    assert call(database, tmp_path, "reset-second-factor", person.email).returncode == 2
    assert call(database, tmp_path, "reset-second-factor", person.email, "--reason", " ").returncode == 1
    assert len(asyncio.run(people.run_sql(database, READ))) == 1


def test_the_operator_signs_out_one_person_or_everybody(database: databases.TestDatabase, tmp_path: Path) -> None:
    stolen, other = [asyncio.run(people.add_person(database)) for _ in range(2)]
    left = "SELECT user_id FROM portal.session"
    done = call(database, tmp_path, "sign-out", stolen.email.upper(), "--reason", "Her phone was stolen.")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 sessions were ended.\n", "")
    assert [row["user_id"] for row in asyncio.run(people.run_sql(database, left))] == [other.id]
    everybody = call(database, tmp_path, "sign-out", "--everybody", "--reason", "Tokens were in a log.")
    assert (everybody.returncode, asyncio.run(people.run_sql(database, left))) == (0, [])
    told = asyncio.run(people.run_sql(database, "SELECT ids FROM portal.outbox WHERE topic = 'session.ended'"))
    assert len(told) == 2
    query = "SELECT object_id, detail ->> 'reason' AS reason FROM portal.audit_event WHERE action = $1 ORDER BY id"
    noted = asyncio.run(people.run_sql(database, query, "sessions.ended_by_operator"))
    assert [tuple(row) for row in noted] == [(str(stolen.id), "Her phone was stolen."), (None, "Tokens were in a log.")]


def test_nobody_is_signed_out_by_mistake(database: databases.TestDatabase, tmp_path: Path) -> None:
    person = asyncio.run(people.add_person(database))
    for arguments in ((), (person.email, "--everybody"), ("nobody@example.com",)):
        assert call(database, tmp_path, "sign-out", *arguments, "--reason", "A try.").returncode == 1, arguments
    assert call(database, tmp_path, "sign-out", person.email, "--reason", " ").returncode == 1
    assert len(asyncio.run(people.run_sql(database, "SELECT 1 FROM portal.session"))) == 1
