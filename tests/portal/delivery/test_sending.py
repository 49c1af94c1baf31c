"""A letter on its way: no transaction waits for the mail server, none is lost, and a refused address is left alone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiosmtpd.controller import Controller

from portal import errors
from portal.delivery import sending
from tests import databases, people
from tests.portal.delivery.test_failures import Post, add_invitation
from tests.portal.delivery.test_worker import Mailbox, find_free_port

ADDRESS = "linh@hanoi.example"
BUSY = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE usename = 'portal_worker' AND datname = current_database() AND state <> 'idle'"
)
CONTACT = """
SELECT c.bounced_at IS NOT NULL AS bounced, c.bounce_reason, c.bounce_code, r.state, d.record_state AS listed
  FROM portal.supplier_contact c
  JOIN portal.supplier_record r ON r.buyer_id = c.buyer_id AND r.id = c.supplier_record_id
  LEFT JOIN portal.relationship_card d ON d.supplier_record_id = r.id
"""


class Sorter(Mailbox):
    """A mail server that says what it is told to say at RCPT and DATA, and looks at the database meanwhile."""

    def __init__(self, superuser_url: str) -> None:
        super().__init__()
        self.url = superuser_url.replace("+asyncpg", "")
        self.at_rcpt, self.at_data, self.waits = "", "", 0.0
        self.busy: list[int] = []

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if not self.at_rcpt:
            envelope.rcpt_tos.append(address)
        return self.at_rcpt or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        connection = await asyncpg.connect(self.url)
        self.busy.append(await connection.fetchval(BUSY))
        await connection.close()
        if self.at_data:
            return self.at_data
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.waits)
        return said


class Office(Post):
    """A worker's side and a mail server."""

    def __init__(self, database: databases.TestDatabase, folder: Path) -> None:
        self.sorter, port = Sorter(database.superuser_url), find_free_port()
        self.server = Controller(self.sorter, hostname="127.0.0.1", port=port)
        self.server.start()
        super().__init__(database, folder, f"smtp://127.0.0.1:{port}")

    async def add_invitation(self) -> UUID:
        await people.run_sql(
            self.database,
            "INSERT INTO portal.questionnaire (key, title, purpose)"
            " VALUES ('responsible-sourcing', 'Sourcing', 'self_assessment')",
        )
        return await self.add_letter("invitation", invitation=str(await add_invitation(self.database, ADDRESS)))

    async def read(self) -> Any:
        envelope = await asyncio.wait_for(self.sorter.letters.get(), 10)
        return message_from_bytes(envelope.content or b"", policy=default)

    async def look(self) -> tuple[Any, ...]:
        (row,) = await people.run_sql(self.database, CONTACT)
        return tuple(row)


@pytest.fixture
async def office(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(database, tmp_path)
    yield made
    made.server.stop()
    await made.place.database.close()


async def test_while_the_mail_server_talks_no_transaction_is_open_and_no_other_try_begins(office: Office) -> None:
    letter = await office.add_invitation()
    office.sorter.waits = 0.4
    first = asyncio.create_task(office.send(letter))
    await office.read()
    with pytest.raises(errors.Busy) as held:
        await sending.send_mail(office.place, {"mail": str(letter)})
    assert 0 < held.value.retry_after <= sending.LEASE_SECONDS
    assert ((await first)["state"], office.sorter.busy) == ("sent", [0])


@pytest.mark.parametrize(
    ("client", "link"), [("", "http://portal.test/"), ("https://app.example/in", "https://app.example/in")]
)
async def test_letters_lead_to_the_client_and_links_with_a_token_to_the_portal(
    office: Office, client: str, link: str
) -> None:
    chosen = office.place.settings.model_copy(update={"client_url": client})
    office.place = replace(office.place, settings=chosen)
    person = await people.add_person(office.database)
    await office.send(await office.add_letter("account_exists", user=str(person.id)))
    assert (await office.read()).get_content().splitlines()[-1] == link
    await office.send(await office.add_letter("password_reset", user=str(person.id)))
    assert "http://portal.test/#password-reset=" in (await office.read()).get_content()


async def test_a_letter_that_went_out_before_a_crash_goes_out_once_more_as_the_same(office: Office) -> None:
    letter = await office.add_invitation()
    office.sorter.waits = 0.6
    task = asyncio.create_task(sending.send_mail(office.place, {"mail": str(letter)}))
    first = await office.read()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    office.sorter.waits = 0.0
    await people.run_sql(office.database, "UPDATE portal.mail SET leased_until = now() - interval '1 second'")
    assert (await office.send(letter))["state"] == "sent"
    second = await office.read()
    assert first["Message-ID"] == second["Message-ID"] == f"<{letter}@localhost>"
    assert "#invitation=" in first.get_content()
    assert first.get_content() == second.get_content()
    await office.send(letter)
    assert office.sorter.letters.empty()


@pytest.mark.parametrize(("at_rcpt", "at_data"), [("550 5.1.1 no such person", ""), ("", "552 5.2.2 no room")])
async def test_an_address_that_is_refused_for_good_is_left_alone_until_its_buyer_changes_it(
    office: Office, at_rcpt: str, at_data: str
) -> None:
    office.sorter.at_rcpt, office.sorter.at_data = at_rcpt, at_data
    row = await office.send(await office.add_invitation())
    assert office.sorter.letters.empty()
    code = (at_rcpt or at_data)[:9]
    assert (row["state"], row["tries"]) == ("failed", 1)
    assert await office.look() == (True, "refused", code, "needs_contact", "needs_contact")


@pytest.mark.parametrize("said", ["450 4.2.1 later", "550 5.7.1 relaying denied", "530 sign in first"])
async def test_what_passes_or_is_about_us_marks_nobody(office: Office, said: str) -> None:
    office.sorter.at_rcpt = said
    letter = await office.add_invitation()
    with pytest.raises(errors.Unavailable):
        await sending.send_mail(office.place, {"mail": str(letter)})
    assert (await office.look())[0] is False
    office.sorter.at_rcpt = ""
    assert (await office.send(letter))["state"] == "sent"


async def test_an_address_that_is_put_off_to_the_last_try_is_marked_and_arriving_ends_that(office: Office) -> None:
    office.sorter.at_rcpt = "450 mailbox busy"
    letter = await office.add_invitation()
    await people.run_sql(office.database, "UPDATE portal.mail SET tries = $1", sending.MOST_TRIES - 2)
    await office.send(letter)
    assert (await office.look())[0] is False
    await office.send(letter)
    assert (await office.look())[:4] == (True, "put_off", "450", "needs_contact")
    office.sorter.at_rcpt = ""
    assert (await office.send(letter))["state"] == "sent"
    assert (await office.look())[:4] == (False, None, None, "invited")
