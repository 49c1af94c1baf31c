"""`portal operator ...` on a real database: what it prints, its exit codes, and what it changes."""

import asyncio
import json
import subprocess
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from graphql_schema import nodes
from graphql_schema.operator import GROUP, ORGANIZATION
from portal.identity import second_factors
from tests import databases, forking, people

Result = TypeVar("Result")
pytestmark = pytest.mark.slow  # each command is a process of its own


def run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


def operate(database: databases.TestDatabase, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line as an operator would."""
    environment = {"PORTAL_DATABASE_URL": database.app_url, "PORTAL_OWNER_DATABASE_URL": database.owner_url}
    environment |= {"PORTAL_SECRET_KEY": "only for tests and as long as keys have to be"}
    return forking.run("operator", *arguments, environment=environment, typed=typed)


def test_an_operator_is_made_withdrawn_and_named_again(database: databases.TestDatabase) -> None:
    made = operate(
        database, "create-operator", "Boss@Example.com", "--password-from-input", typed="a long new password\n"
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert "boss@example.com is an operator." in made.stdout
    assert "password" not in made.stdout
    query = "SELECT is_operator, password_hash FROM portal.user_account WHERE email = 'boss@example.com'"
    (row,) = run(people.run_sql(database, query))
    assert row["is_operator"]
    assert row["password_hash"].startswith("$argon2id$")
    assert operate(database, "withdraw", "boss@example.com").returncode == 0
    assert not run(people.run_sql(database, query))[0]["is_operator"]
    assert operate(database, "grant", "boss@example.com").returncode == 0
    assert run(people.run_sql(database, query))[0]["is_operator"]
    twice = operate(
        database, "create-operator", "boss@example.com", "--password-from-input", typed="a long new password\n"
    )
    assert (twice.returncode, twice.stdout) == (1, "")
    assert "has an account already" in twice.stderr


def test_a_password_is_read_from_a_pipe_without_a_word_about_terminals(database: databases.TestDatabase) -> None:
    made = operate(database, "create-operator", "piped@example.com", typed="a long new password\n")
    assert (made.returncode, made.stderr) == (0, "")
    assert "piped@example.com is an operator." in made.stdout


def test_applications_are_listed_and_decided(database: databases.TestDatabase) -> None:
    owner = run(people.add_person(database))
    organization = run(people.add_organization(database, (owner, "owner"), name="Wants to buy", roles=("supplier",)))
    assert "No application waits." in operate(database, "applications").stderr
    run(
        people.run_sql(
            database,
            "INSERT INTO portal.organization_role (organization_id, role, status) VALUES ($1, 'buyer', 'pending')",
            organization,
        )
    )
    listed = operate(database, "applications").stdout
    assert str(organization) in listed
    assert "Wants to buy" in listed
    refused = operate(database, "refuse", str(organization), "buyer", "--reason", "Who are you?")
    assert refused.stdout == "Wants to buy: buyer is refused.\n"
    assert operate(database, "approve", str(organization), "buyer").stdout == "Wants to buy: buyer is active.\n"
    letters = run(people.read_letters(database))
    assert [letter.to for letter in letters] == [owner.email, owner.email]
    suspended = operate(database, "suspend", str(organization), "--reason", "Complaints")
    assert suspended.stdout == "Wants to buy is suspended.\n"
    assert (
        operate(database, "reinstate", str(organization), "--reason", "Settled").stdout == "Wants to buy is active.\n"
    )
    trail = "SELECT action FROM portal.audit_event WHERE organization_id = $1 ORDER BY at, id"
    acts = [row["action"] for row in run(people.run_sql(database, trail, organization))]
    assert acts == ["role.decided", "role.decided", "organization.suspended", "organization.active"]


def test_groups_are_placed_and_confirmed(database: databases.TestDatabase) -> None:
    organization = run(people.add_organization(database, name="Child"))
    placed = operate(database, "place-in-group", str(organization), "--new-group", "Parent Holding")
    assert placed.returncode == 0
    group = placed.stdout.split()[-1].rstrip(".")
    assert "proposed" in operate(database, "groups", "--proposed").stdout
    assert operate(database, "confirm-group", group).stdout == f"The group {group} is confirmed.\n"
    assert "confirmed     1 organization   Parent Holding" in operate(database, "groups").stdout


def test_the_ids_of_the_api_name_organizations_and_groups_too(database: databases.TestDatabase) -> None:
    organization = run(people.add_organization(database, name="Child"))
    opaque = nodes.encode_id(ORGANIZATION, organization)
    placed = operate(database, "place-in-group", opaque, "--new-group", "Parent Holding")
    group = placed.stdout.split()[-1].rstrip(".")
    known = nodes.encode_id(GROUP, UUID(group))
    assert operate(database, "place-in-group", opaque, "--group", known).stdout.endswith(f"the group {group}.\n")
    assert operate(database, "confirm-group", known).stdout == f"The group {group} is confirmed.\n"
    assert operate(database, "suspend", opaque, "--reason", "Complaints").stdout == "Child is suspended.\n"
    wrong = operate(database, "approve", known, "buyer")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "not the id of an Organization" in " ".join(wrong.stderr.replace("│", " ").split())


def test_organizations_are_found(database: databases.TestDatabase) -> None:
    buyer = run(people.add_organization(database, name="Big Buyers", roles=("supplier", "buyer")))
    run(people.add_organization(database, name="Small Mills"))
    operate(database, "place-in-group", str(buyer), "--new-group", "Big Holding")
    everything = operate(database, "organizations").stdout.splitlines()
    assert [line.split("  ")[-1] for line in everything] == ["Small Mills", "[Big Holding, proposed]"]
    (found,) = operate(database, "organizations", "--search", "big b").stdout.splitlines()
    assert found == f"{buyer}  active     buyer,supplier  --  Big Buyers  [Big Holding, proposed]"
    (line,) = operate(database, "organizations", "--role", "buyer", "--json").stdout.splitlines()
    assert (json.loads(line)["organization_id"], json.loads(line)["roles"]) == (str(buyer), ["buyer", "supplier"])
    operate(database, "suspend", str(buyer), "--reason", "Complaints")
    assert str(buyer) in operate(database, "organizations", "--status", "suspended").stdout
    nothing = operate(database, "organizations", "--search", "nobody")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "There is no such organization.\n")
    assert "Big Holding" in operate(database, "groups", "--search", "holding", "--json").stdout


def test_failed_letters_and_jobs_are_seen_and_retried(database: databases.TestDatabase) -> None:
    letter = uuid4()
    assert operate(database, "mail").stderr == "No letter has failed.\n"
    assert operate(database, "jobs").stderr == "No job has failed.\n"
    statement = (
        "INSERT INTO portal.mail (id, kind, ids, state, tries, last_error) VALUES ($1, $2, '{}', 'failed', 8, $3)"
    )
    run(people.run_sql(database, statement, letter, "role_decided", "The mail server did not take the letter."))
    held = (
        "INSERT INTO queue.pgqueuer (priority, status, entrypoint, attempts) VALUES (0, 'failed', 'check_evidence', 7)"
    )
    run(people.run_sql(database, held))
    (line,) = operate(database, "mail").stdout.splitlines()
    assert line.startswith(f"{letter}  role_decided    8 tries  ")
    assert line.endswith("  held  The mail server did not take the letter.")
    assert json.loads(operate(database, "mail", "--json").stdout)["id"] == str(letter)
    (line,) = operate(database, "jobs").stdout.splitlines()
    number = line.split()[0]
    assert "check_evidence  8 tries" in line
    assert operate(database, "retry", number).stdout == "1 to be tried again.\n"
    assert operate(database, "retry", number).returncode == 1
    assert operate(database, "retry", "--all").stdout == "1 to be tried again.\n"
    assert "again at" in operate(database, "mail").stdout


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "words"),
    [
        (("create-operator", "nobody", "--password-from-input"), "a long new password\n", 1, "e-mail address"),
        (("create-operator", "a@example.com", "--password-from-input"), "short\n", 1, "10 to 128 characters"),
        (("grant", "nobody@example.com"), "", 1, "has no account"),
        (("approve", "not-a-uuid", "buyer"), "", 2, "UUID"),
        (("approve", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab", "buyer"), "", 1, "not applied"),
        (("approve", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab", "king"), "", 1, "one of: supplier, buyer"),
        (("refuse", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab", "buyer"), "", 2, "--reason"),
        (("suspend", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab", "--reason", " "), "", 1, "must be given"),
        (("confirm-group", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab"), "", 1, "no such group"),
        (("place-in-group", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab"), "", 1, "either groupId or newGroup"),
        (("organizations", "--role", "king"), "", 1, "one of: supplier, buyer"),
        (("organizations", "--status", "gone"), "", 1, "one of: active, suspended"),
        (("organizations", "--search", "x" * 201), "", 1, "at most 200 characters"),
        (("retry",), "", 1, "or give --all"),
        (("retry", "1", "--all"), "", 1, "or give --all"),
        (("retry", "nothing"), "", 1, "a job a number"),
        (("retry", "9" * 30), "", 1, "No letter or job"),
        (("retry", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab"), "", 1, "No letter or job"),
        (("dismiss",), "", 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    database: databases.TestDatabase, arguments: tuple[str, ...], typed: str, code: int, words: str
) -> None:
    result = operate(database, *arguments, typed=typed)
    assert (result.returncode, result.stdout) == (code, "")
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_it_needs_the_owners_login(database: databases.TestDatabase) -> None:
    result = forking.run("operator", "applications", environment={"PORTAL_DATABASE_URL": database.app_url})
    assert result.returncode == 1
    assert "PORTAL_OWNER_DATABASE_URL" in result.stderr


def test_limits_are_set_for_everybody(database: databases.TestDatabase) -> None:
    assert operate(database, "set-limit", "burden_minutes_micro", "60").stdout == "burden_minutes_micro is 60 now.\n"
    listed = [json.loads(line) for line in operate(database, "limits", "--json").stdout.splitlines()]
    values = {one["name"]: (one["value"], one["default"]) for one in listed}
    assert values["burden_minutes_micro"] == (60, None)
    assert values["gap_grace_days"] == (180, 180)
    refused = operate(database, "set-limit", "gap_grace_days", "none")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "cannot be without a value" in refused.stderr


def test_a_view_is_opened_listed_and_closed_with_a_code(database: databases.TestDatabase) -> None:
    organization = run(people.add_organization(database, name="Looked at"))
    person = run(people.add_person(database, "boss@example.com", operator=True))
    reason = "The owner asked on the phone why answers vanish"
    wanted = ("glass", "open", str(organization), "--for", person.email, "--reason", reason)
    bare = operate(database, *wanted, typed="123456\n")
    assert (bare.returncode, bare.stdout) == (1, "")
    assert "no second factor" in bare.stderr
    codes = second_factors.make_codes()
    run(people.run_sql(database, FACTOR, person.id, second_factors._hash_all(person.id, codes)))
    assert operate(database, *wanted, typed="wrong\n").returncode == 1
    assert operate(database, *wanted, "--hours", "5", typed=f"{codes[0]}\n").returncode == 1
    opened = operate(database, *wanted, "--hours", "2", typed=f"{codes[0]}\n")
    assert (opened.returncode, opened.stderr) == (0, "")
    assert "the owners of Looked at are told." in opened.stdout
    assert codes[0] not in opened.stdout
    glass = opened.stdout.split()[0]
    listed = operate(database, "glass", "list", "--open").stdout
    assert (glass in listed, reason in listed, "open until" in listed) == (True, True, True)
    closed = operate(database, "glass", "close", glass)
    assert (closed.returncode, "read 0 times" in closed.stdout) == (0, True)
    assert operate(database, "glass", "list", "--open").stdout == ""
    assert "ended" in operate(database, "glass", "list").stdout
    assert operate(database, "glass", "close", str(uuid4())).returncode == 1
    told = run(people.run_sql(database, "SELECT topic FROM portal.outbox WHERE topic LIKE 'glass%' ORDER BY id"))
    assert [row["topic"] for row in told] == ["glass.opened", "glass.ended"]


FACTOR = """
WITH made AS (
    INSERT INTO portal.second_factor (user_id, sealed, confirmed_at) VALUES ($1, 'x', now()) RETURNING user_id
)
INSERT INTO portal.recovery_code (user_id, code_hash) SELECT user_id, unnest($2::bytea[]) FROM made
"""
