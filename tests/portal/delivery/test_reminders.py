"""Reminders of requests: when they are due, to whom, how many letters that makes, and what ends them."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from portal.database import ids
from portal.delivery import reminders, worker
from tests import databases, people
from tests.portal.delivery.test_letter_languages import Arrivals

DUE = "2027-01-31"
WHOLE = " | the whole organization | 2026-01-01 – 2026-12-31"


class Desk(Arrivals):
    """A buyer, a supplier with one owner, and requests between them, at a time that stands still."""

    buyer: UUID
    supplier: UUID
    owner: UUID

    async def open(self) -> None:
        self.buyer = await people.add_organization(self.database, name="Nordic", roles=("buyer",))
        self.supplier = await people.add_organization(self.database, name="Weavers", roles=("supplier",))
        self.owner = await self.add_person("owner")
        await self.run(
            "INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('sample', 'Sample', 'self_assessment')"
        )

    async def run(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        return await people.run_sql(self.database, statement, *values)

    async def add_person(self, role: str, organization: UUID | None = None) -> UUID:
        user = ids.new_id()
        await self.run(
            "INSERT INTO portal.user_account (id, email, password_hash, name) VALUES ($1, $2, 'x', 'Linh')",
            user,
            f"{user}@example.com",
        )
        await self.join(user, role, organization or self.supplier)
        return user

    async def join(self, user: UUID, role: str, organization: UUID) -> None:
        await self.run("INSERT INTO portal.member VALUES ($1, $2, $3)", organization, user, role)

    async def add_request(self, buyer: UUID | None = None, supplier: UUID | None = None, **changed: Any) -> UUID:
        asking, asked, made = buyer or self.buyer, supplier or self.supplier, ids.new_id()
        record = await people.add_record(self.database, asking, name=f"Record {made}")
        await self.run(
            "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,"
            " period_start, period_end, purpose, due_on, created_at)"
            " VALUES ($1, $2, $3, $4, 'sample', 'micro', '2026-01-01', '2026-12-31', 'Review', $5::text::date,"
            " '2026-12-01')",
            asking,
            made,
            record,
            asked,
            changed.pop("due_on", DUE),
        )
        for name, value in changed.items():
            await self.run(f"UPDATE portal.request SET {name} = $1 WHERE id = $2", value, made)
        return made

    async def plan(self, moment: str) -> int:
        """What a worker plans at a moment of UTC."""
        await self.stop_clock(moment)
        connection = await asyncpg.connect(self.database.worker_url.replace("+asyncpg", ""))
        try:
            return await reminders.plan_reminders(connection)
        finally:
            await connection.close()

    async def stop_clock(self, moment: str) -> None:
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        await self.run(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS"
            f" $$ SELECT '{at.isoformat()}'::timestamptz $$"
        )

    async def take(self) -> EmailMessage | None:
        """The letter that waits, as it arrives; none where its occasion has passed."""
        (row,) = await self.run("SELECT id FROM portal.mail WHERE kind = 'reminder' AND state = 'waiting'")
        sent = await self.send(row["id"])
        return await self.open_letter() if sent["state"] == "sent" else None


@pytest.fixture
async def desk(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(database, tmp_path)
    await made.open()
    yield made
    made.server.stop()
    await made.place.database.close()


async def test_a_request_is_reminded_of_on_its_days_once_each_and_only_by_day(desk: Desk) -> None:
    await desk.add_request()
    planned = {}
    for moment in (
        "2027-01-16T12:00", "2027-01-17T08:59", "2027-01-17T09:00", "2027-01-17T09:05", "2027-01-18T09:00",
        "2027-01-28T16:59", "2027-01-28T17:00", "2027-02-01T10:00", "2027-02-03T10:00", "2027-02-04T10:00",
    ):  # fmt: skip
        planned[moment] = await desk.plan(moment)
    assert [moment for moment, count in planned.items() if count] == [
        "2027-01-17T09:00",
        "2027-01-28T16:59",
        "2027-02-03T10:00",
    ]
    jobs = await desk.run("SELECT count(*) FROM queue.pgqueuer WHERE entrypoint = 'send_mail'")
    assert (set(planned.values()), jobs[0][0]) == ({0, 1}, 3)


async def test_the_worker_that_leads_reminds_by_itself(desk: Desk) -> None:
    await desk.add_request()
    await desk.stop_clock("2027-01-17T10:00")
    task = asyncio.create_task(worker.run_worker(desk.place, desk.database.worker_url))
    try:
        async with asyncio.timeout(20):
            while not await desk.run("SELECT FROM portal.mail WHERE kind = 'reminder'"):
                await asyncio.sleep(0.1)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_the_letter_names_what_waits_and_how_to_stop_it(desk: Desk) -> None:
    await desk.add_request()
    assert await desk.plan("2027-02-03T10:00") == 1
    letter = await desk.take()
    assert letter is not None
    body = letter.get_content().replace("\r\n", "\n")
    assert f"\n2027-01-31 | overdue | Nordic | Weavers | Sample | micro{WHOLE}\n" in body
    stop = letter["List-Unsubscribe"].strip("<>")
    assert stop.startswith("http://portal.test/letters/stop?token=")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"No more letters about requests: {stop}\n" in body


async def test_each_line_has_its_link_and_the_wrong_person_gets_no_reminder(desk: Desk) -> None:
    request, colleague = await desk.add_request(), await desk.add_person("editor")
    await desk.run(
        "INSERT INTO portal.wrong_contact (buyer_id, request_id, user_id, supplier_id) VALUES ($1, $2, $3, $4)",
        *(desk.buyer, request, colleague, desk.supplier),
    )
    assert await desk.plan("2027-02-03T10:00") == 1
    letter = await desk.take()
    assert letter is not None
    assert letter["To"] == f"{desk.owner}@example.com"
    line = r"\| micro \| [^\n|]+ \| [0-9-]+ – [0-9-]+\nhttp://portal[.]test/letters/answer[?]token="
    assert re.search(line, letter.get_content().replace("\r\n", "\n"))
    assert await desk.run("SELECT FROM portal.reminder_plan") == []


async def test_the_day_and_its_hours_are_those_of_the_supplier(desk: Desk) -> None:
    await desk.add_request()
    await desk.run("UPDATE portal.organization SET time_zone = 'Asia/Dhaka' WHERE id = $1", desk.supplier)
    assert await desk.plan("2027-01-17T02:59") == 0
    assert await desk.plan("2027-01-17T03:00") == 1


async def test_a_time_zone_that_the_database_does_not_know_stops_nobody(desk: Desk) -> None:
    await desk.add_request()
    await desk.run("UPDATE portal.organization SET time_zone = 'Mars/Olympus' WHERE id = $1", desk.supplier)
    assert await desk.plan("2027-01-17T09:00") == 1


async def test_a_person_gets_one_letter_a_day_for_all_requests_of_all_organizations(desk: Desk) -> None:
    other_buyer = await people.add_organization(desk.database, name="Southern", roles=("buyer",))
    other_supplier = await people.add_organization(desk.database, name="Dyers", roles=("supplier",))
    await desk.join(desk.owner, "editor", other_supplier)
    await desk.add_request()
    await desk.add_request(other_buyer)
    await desk.add_request(other_buyer, other_supplier, subject_name="Mill 2", subject="site")
    await desk.add_request(other_buyer, due_on="2027-03-31")
    colleague, viewer = await desk.add_person("editor"), await desk.add_person("viewer")
    assert await desk.plan("2027-01-17T09:00") == 2
    told = await desk.run("SELECT ids ->> 'user' AS person FROM portal.mail ORDER BY 1")
    assert [row["person"] for row in told] == sorted([str(desk.owner), str(colleague)])
    assert str(viewer) not in [row["person"] for row in told]
    await desk.run("DELETE FROM portal.mail WHERE ids ->> 'user' = $1", str(colleague))
    letter = await desk.take()
    assert letter is not None
    lines = [line for line in letter.get_content().splitlines() if line.startswith("2027-")]
    assert lines == [
        f"2027-01-31 | Nordic | Weavers | Sample | micro{WHOLE}",
        "2027-01-31 | Southern | Dyers | Sample | micro | Mill 2 | 2026-01-01 – 2026-12-31",
        f"2027-01-31 | Southern | Weavers | Sample | micro{WHOLE}",
    ]


async def test_what_becomes_due_later_on_the_same_day_waits_for_the_next(desk: Desk) -> None:
    await desk.add_request()
    assert await desk.plan("2027-01-17T09:00") == 1
    await desk.add_request()
    assert await desk.plan("2027-01-17T10:00") == 0
    assert await desk.plan("2027-01-18T09:00") == 1


async def test_no_reminder_follows_a_letter_about_a_request_within_a_day(desk: Desk) -> None:
    await desk.add_request()
    await desk.run(
        "INSERT INTO portal.mail (id, kind, ids, created_at) VALUES ($1, 'request', $2::jsonb, '2027-01-16T18:00Z')",
        ids.new_id(),
        f'{{"user": "{desk.owner}"}}',
    )
    assert await desk.plan("2027-01-17T10:00") == 0
    assert await desk.plan("2027-01-18T10:00") == 1


async def test_a_worker_that_was_away_makes_good_for_a_week(desk: Desk) -> None:
    told = await desk.add_request()
    await desk.add_request(due_on="2027-01-30")  # its day is a week and a day ago
    assert await desk.plan("2027-01-23T10:00") == 1
    assert [row["request_id"] for row in await desk.run("SELECT request_id FROM portal.reminder")] == [told]
    plans = await desk.run("SELECT remind_on::text AS day FROM portal.reminder_plan ORDER BY 1")
    assert [row["day"] for row in plans] == ["2027-01-27", "2027-01-28"]


async def test_what_was_asked_or_resent_after_the_day_is_no_reminder(desk: Desk) -> None:
    await desk.add_request(told_at=datetime(2027, 1, 17, 8, tzinfo=UTC))
    assert await desk.plan("2027-01-17T10:00") == 0
    assert await desk.plan("2027-01-28T10:00") == 1


@pytest.mark.parametrize("days", [[], [7]])
async def test_the_buyer_chooses_the_days(desk: Desk, days: list[int]) -> None:
    await desk.add_request(reminder_days=days)
    assert await desk.plan("2027-01-17T10:00") == 0
    assert await desk.plan("2027-01-24T10:00") == len(days)


@pytest.mark.parametrize("state", ["declined", "withdrawn", "not_us", "fulfilled"])
async def test_what_no_longer_waits_is_not_reminded_of_nor_told_by_a_letter_under_way(desk: Desk, state: str) -> None:
    request = await desk.add_request()
    assert await desk.plan("2027-01-17T10:00") == 1
    await desk.run("UPDATE portal.request SET state = $1 WHERE id = $2", state, request)
    assert await desk.take() is None
    assert await desk.plan("2027-01-28T10:00") == 0


async def test_whoever_stopped_letters_or_left_gets_none(desk: Desk) -> None:
    await desk.add_request()
    assert await desk.plan("2027-01-17T10:00") == 1
    await desk.run("UPDATE portal.user_account SET wants_request_letters = false")
    assert await desk.take() is None
    assert await desk.plan("2027-01-28T10:00") == 0
    await desk.run("UPDATE portal.user_account SET wants_request_letters = true")
    await desk.run("DELETE FROM portal.member WHERE user_id = $1", desk.owner)
    assert await desk.plan("2027-01-28T10:00") == 0


async def test_a_buyer_reminds_in_words_of_its_own_while_it_may_act(desk: Desk) -> None:
    request = await desk.add_request()
    parts = {"buyer": str(desk.buyer), "request": str(request), "user": str(desk.owner)}
    letter = await desk.read("request_reminded", **parts)
    assert letter["Subject"] == "Nordic reminds you of its self-assessment"
    assert "Nordic is still waiting for the answers of Weavers" in letter.get_content()
    await desk.run("UPDATE portal.organization SET status = 'suspended' WHERE id = $1", desk.buyer)
    for kind in ("request", "request_reminded", "request_extended"):
        assert (await desk.send(await desk.add_letter(kind, **parts)))["state"] != "sent"


async def test_a_suspended_side_is_silent(desk: Desk) -> None:
    await desk.add_request()
    await desk.run("UPDATE portal.organization SET status = 'suspended' WHERE id = $1", desk.buyer)
    assert await desk.plan("2027-01-17T10:00") == 0
