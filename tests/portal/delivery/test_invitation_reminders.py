"""Reminders of invitations: two, with the link of the first letter, by day, and none of what does not wait."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from portal.delivery.invitation_reminders import plan_invitation_reminders
from tests import databases, people
from tests.portal.delivery.test_failures import add_invitation
from tests.portal.delivery.test_letter_languages import ADDRESS, Arrivals

FIRST, SECOND = "2027-03-11 12:00+00", "2027-03-29 12:00+00"  # 10 days after it was made, and 3 before it ends


class Waiting:
    """An invitation of the first of March whose letter went out, and the worker that plans."""

    def __init__(self, database: databases.TestDatabase, arrivals: Arrivals) -> None:
        self.database, self.arrivals = database, arrivals
        self.id = UUID(int=0)

    async def run(self, statement: str, *values: object) -> list[asyncpg.Record]:
        return await people.run_sql(self.database, statement, *values)

    async def invite(self) -> str:
        """The first letter."""
        self.id = await add_invitation(self.database, ADDRESS)
        await self.run("UPDATE portal.supplier_record SET state = 'invited'")
        await self.move_to("2027-03-01 12:00+00")
        await self.run(
            "UPDATE portal.invitation SET created_at = portal.clock(), remind_at = portal.clock() + interval '10 days',"
            " expires_at = portal.clock() + interval '31 days'"
        )
        return str((await self.arrivals.read("invitation", invitation=str(self.id))).get_content())

    async def move_to(self, moment: str) -> None:
        await self.run(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE"
            f" AS $$ SELECT timestamptz '{moment}' $$"
        )

    async def plan(self, moment: str) -> int:
        await self.move_to(moment)
        connection = await asyncpg.connect(self.database.worker_url.replace("+asyncpg", ""))
        try:
            return await plan_invitation_reminders(connection)
        finally:
            await connection.close()

    async def read(self) -> str:
        """The letter that was planned, as it arrives."""
        (row,) = await self.run("SELECT id FROM portal.mail WHERE kind = 'invitation_reminder' AND state = 'waiting'")
        assert (await self.arrivals.send(row["id"]))["state"] == "sent"
        return str((await self.arrivals.open_letter()).get_content())


@pytest.fixture
async def waiting(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Waiting]:
    arrivals = Arrivals(database, tmp_path)
    yield Waiting(database, arrivals)
    arrivals.server.stop()
    await arrivals.place.database.close()


def find_link(letter: str) -> str:
    (link,) = [word for word in letter.split() if "#invitation=" in word]
    return link


async def test_an_invitation_is_reminded_of_twice_with_the_same_link(waiting: Waiting) -> None:
    link = find_link(await waiting.invite())
    assert await waiting.plan("2027-03-10 12:00+00") == 0
    assert await waiting.plan("2027-03-11 18:00+00") == 0  # in the evening
    assert (await waiting.plan("2027-03-12 12:00+00"), await waiting.plan(FIRST)) == (1, 0)
    letter = await waiting.read()
    assert find_link(letter) == link and "2027-04-01" in letter
    assert await waiting.plan("2027-03-20 12:00+00") == 0
    assert (await waiting.plan(SECOND), await waiting.plan(SECOND)) == (1, 0)
    assert find_link(await waiting.read()) == link
    assert await waiting.plan("2027-03-31 12:00+00") == 0
    hashes = await waiting.run("SELECT count(*) FROM portal.invitation WHERE token_hash IS NOT NULL")
    assert hashes[0]["count"] == 1


@pytest.mark.parametrize(
    "ended",
    [
        "UPDATE portal.invitation SET used_at = portal.clock()",
        "UPDATE portal.invitation SET revoked_at = portal.clock()",
        "UPDATE portal.organization SET status = 'suspended'",
        "UPDATE portal.supplier_record SET archived_at = portal.clock()",
        "UPDATE portal.supplier_contact SET bounced_at = portal.clock(), bounce_reason = 'wrong_contact'",
        "UPDATE portal.mail SET state = 'failed'",
    ],
)
async def test_nobody_is_reminded_of_what_does_not_wait(waiting: Waiting, ended: str) -> None:
    await waiting.invite()
    await waiting.run(ended)
    assert await waiting.plan(FIRST) == 0
