"""Publishers' names: given back while nothing is published under them, by their owner or by the operator."""

import asyncio
import threading
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from typer.testing import CliRunner

from portal.authoring import inspection
from portal.commands import operator
from portal.errors import PortalError
from tests.graphql_schema.assessments.documents import do
from tests.graphql_schema.authoring.documents import (
    CLAIM,
    DISCARD,
    DRAFTS,
    PUBLISH,
    RELEASE,
    claim,
    draft,
    publish,
    write_profile,
    write_questionnaire,
)  # fmt: skip
from tests.graphql_schema.portals import Caller, Portal

runner = CliRunner()


async def find_name(house: Portal, caller: Caller) -> str | None:
    found: str | None = (await house.ask(DRAFTS, caller.token))["data"]["publisherName"]
    return found


async def list_acts(house: Portal, organization: UUID) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch(
            "SELECT action, object_id FROM portal.audit_event WHERE organization_id = $1 AND action LIKE 'publisher.%'"
            " ORDER BY id",
            organization,
        )
    finally:
        await connection.close()
    return [(row["action"], row["object_id"]) for row in rows]


async def test_a_name_that_was_not_used_is_given_back_and_anybody_may_claim_it(house: Portal) -> None:
    buyer, other, viewer = [await house.sign_up("buyer", member=one) for one in ("owner", "editor", "viewer")]
    name = await claim(house, buyer)
    assert (await do(house, RELEASE, other, name=name))["code"] == "NOT_FOUND"
    assert (await do(house, RELEASE, viewer, name=name))["code"] == "NOT_ALLOWED"
    wrong = await do(house, RELEASE, buyer, name="nobodys")
    assert (wrong["code"], wrong["path"]) == ("NOT_FOUND", ["input", "name"])
    assert await find_name(house, buyer) == name
    assert (await do(house, RELEASE, buyer, name=name))["name"] == name
    assert (await do(house, RELEASE, buyer, name=name))["code"] == "NOT_FOUND"
    assert await find_name(house, buyer) is None
    assert (await do(house, CLAIM, other, name=name))["name"] == name
    assert (await do(house, CLAIM, buyer, name=name))["code"] == "NAME_TAKEN"
    another = f"{name}-2"
    assert (await do(house, CLAIM, buyer, name=another))["name"] == another
    assert await list_acts(house, buyer.organization) == [
        ("publisher.claimed", name),
        ("publisher.released", name),
        ("publisher.claimed", another),
    ]


async def test_a_name_that_is_used_stays(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    made = (await draft(house, buyer, write_questionnaire(name), write_profile(name)))["draft"]
    refused = await do(house, RELEASE, buyer, name=name)
    assert (refused["code"], refused["path"]) == ("NAME_HAS_DRAFTS", ["input", "name"])
    assert "discard" in refused["message"]
    await do(house, DISCARD, buyer, questionnaire=made["questionnaire"])
    key = await publish(house, buyer, name)
    refused = await do(house, RELEASE, buyer, name=name)
    assert (refused["code"], key.startswith(f"{name}--")) == ("NAME_PUBLISHED", True)
    assert f"published under {name}" in refused["message"]
    assert (await do(house, CLAIM, buyer, name=f"{name}-2"))["code"] == "ALREADY_CLAIMED"
    assert await find_name(house, buyer) == name
    assert await list_acts(house, buyer.organization) == [("publisher.claimed", name)]


async def test_publishing_waits_for_a_name_that_is_being_given_back(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    made = (await draft(house, buyer, write_questionnaire(name), write_profile(name)))["draft"]
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        giving = connection.transaction()
        await giving.start()
        await connection.execute("SELECT FROM portal.publisher WHERE name = $1 FOR UPDATE", name)
        given = {"questionnaire": made["questionnaire"], "revision": made["revision"]}
        publishing = asyncio.create_task(do(house, PUBLISH, buyer, **given))
        await asyncio.sleep(1)
        assert not publishing.done()
        await connection.execute("DELETE FROM portal.publisher WHERE name = $1", name)
        await giving.commit()
        assert (await publishing)["code"] == "NO_PUBLISHER_NAME"
    finally:
        await connection.close()


async def test_a_draft_that_was_read_meanwhile_is_not_kept_under_a_name_that_is_gone(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(30)

    reading = inspection.READERS.submit(wait)
    try:
        importing = asyncio.create_task(draft(house, buyer, write_questionnaire(name), write_profile(name)))
        await asyncio.sleep(1)
        assert started.is_set() and not importing.done()
        assert (await do(house, RELEASE, buyer, name=name))["__typename"] == "PublisherNameReleased"
        other = await house.sign_up("buyer")
        assert (await do(house, CLAIM, other, name=name))["__typename"] == "PublisherNameClaimed"
    finally:
        go_on.set()
        reading.result(30)
    assert (await importing)["code"] == "NO_PUBLISHER_NAME"
    assert (await house.ask(DRAFTS, buyer.token))["data"]["questionnaireDrafts"] == []


async def test_giving_back_waits_for_who_publishes(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        publishing = connection.transaction()
        await publishing.start()
        await connection.execute("SELECT set_config('portal.organization', $1, true)", str(buyer.organization))
        assert await connection.fetchval("SELECT portal.hold_publisher_name()") == name
        releasing = asyncio.create_task(do(house, RELEASE, buyer, name=name))
        await asyncio.sleep(1)
        assert not releasing.done()
        await connection.execute(
            "INSERT INTO portal.questionnaire (key, owner_id, title, purpose, visibility)"
            " VALUES ($1, $2, 'Code', 'self_assessment', 'private')",
            f"{name}--code",
            buyer.organization,
        )
        await publishing.commit()
        assert (await releasing)["code"] == "NAME_PUBLISHED"
    finally:
        await connection.close()


async def operate(house: Portal, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[str, str]:
    """What a command prints, and the code of why it failed."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", house.database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", house.database.owner_url)
    done: Any = await asyncio.to_thread(runner.invoke, operator.app, arguments)
    assert done.exception is None or isinstance(done.exception, PortalError), done.exception
    return done.output, "" if done.exception is None else done.exception.code


async def test_the_operator_releases_and_assigns_names_on_the_command_line(
    house: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, claimant, author = [await house.sign_up("buyer") for _ in range(3)]
    name, used = await claim(house, holder), await claim(house, author)
    await publish(house, author, used)
    await draft(
        house, holder, write_questionnaire(name), write_profile(name)
    )  # a draft keeps no name from the operator
    listed, _ = await operate(house, monkeypatch, "publishers", "--limit", "500")
    lines = {line.split()[0]: line.split()[1:3] for line in listed.splitlines()}
    assert lines[name] == ["0", str(holder.organization)]
    assert lines[used] == ["1", str(author.organization)]
    for wrong, code in (
        (["release-publisher", "nobodys"], "NOT_FOUND"),
        (["release-publisher", used], "NAME_PUBLISHED"),
        (["assign-publisher", used, str(claimant.organization)], "NAME_PUBLISHED"),
        (["assign-publisher", name, str(author.organization)], "ALREADY_CLAIMED"),
        (["assign-publisher", name, "00000000-0000-0000-0000-000000000000"], "NOT_FOUND"),
    ):
        assert (await operate(house, monkeypatch, *wrong))[1] == code, wrong
    assert await find_name(house, holder) == name
    said, _ = await operate(house, monkeypatch, "assign-publisher", name, str(claimant.organization))
    assert said == f"{name} belongs to {claimant.organization}.\n"
    assert (await find_name(house, holder), await find_name(house, claimant)) == (None, name)
    assert await list_acts(house, claimant.organization) == [("publisher.assigned", name)]
    assert (await operate(house, monkeypatch, "assign-publisher", name, str(claimant.organization)))[1] == ""
    said, _ = await operate(house, monkeypatch, "release-publisher", name)
    assert said == f"{name} is nobody's.\n"
    assert await find_name(house, claimant) is None
    assert [act for act, _ in await list_acts(house, claimant.organization)] == [
        "publisher.assigned",
        "publisher.released",
    ]
    assert [act for act, _ in await list_acts(house, holder.organization)] == [
        "publisher.claimed",
        "publisher.released",
    ]
    # The draft is its author's still, and can be thrown away.
    key = f"{name}--code"
    assert (await do(house, PUBLISH, holder, questionnaire=key, revision=1))["code"] == "NO_PUBLISHER_NAME"
    assert (await do(house, DISCARD, holder, questionnaire=key))["questionnaire"] == key
