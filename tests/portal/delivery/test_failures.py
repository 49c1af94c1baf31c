"""Letters and jobs that fail: what is tried again, what is held, what the operator and the buyer see of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from portal import errors, settings, storage
from portal.database import engine, ids
from portal.delivery import failures, queue, sending, smtp, workplace
from portal.delivery.letters import Letter
from portal.identity import operators
from tests import databases, people
from tests.portal.delivery.test_worker import Mailbox, find_free_port, run_worker

STATE = "SELECT state, tries, last_error, sent_at FROM portal.mail WHERE id = $1"
BOUNCED = "SELECT bounced_at IS NOT NULL AS bounced FROM portal.supplier_contact"


class Post:
    """A worker's side without its loop: letters are written and tried one by one."""

    def __init__(self, database: databases.TestDatabase, folder: Path, smtp_url: str) -> None:
        self.database = database
        chosen = settings.read_settings(
            data_dir=folder, smtp_url=smtp_url, public_url="http://portal.test", secret_key="k" * 40
        )
        workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
        self.place = workplace.Workplace(chosen, workers, storage.open_storage(chosen.storage_url))

    async def add_letter(self, kind: str, **parts: Any) -> UUID:
        made = ids.new_id()
        await people.run_sql(
            self.database,
            "INSERT INTO portal.mail (id, kind, ids) VALUES ($1, $2, $3::jsonb)",
            made,
            kind,
            queue.orjson.dumps(parts).decode(),
        )
        return made

    async def send(self, letter: UUID) -> Any:
        """One try; the letter as it is then."""
        with contextlib.suppress(errors.Unavailable):
            await sending.send_mail(self.place, {"mail": str(letter)})
        (row,) = await people.run_sql(self.database, STATE, letter)
        return row


@pytest.fixture
async def post(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Post]:
    made = Post(database, tmp_path, f"smtp://127.0.0.1:{find_free_port()}")
    yield made
    await made.place.database.close()


async def add_invitation(database: databases.TestDatabase, email: str) -> UUID:
    """An invitation to the contact of a buyer's record."""
    buyer = await people.add_organization(database, name="Buyer", roles=("buyer",))
    record = await people.add_record(database, buyer)
    await people.run_sql(
        database,
        "INSERT INTO portal.supplier_contact (buyer_id, id, supplier_record_id, email) VALUES ($1, $2, $3, $4)",
        buyer,
        ids.new_id(),
        record,
        email,
    )
    invitation = ids.new_id()
    await people.run_sql(
        database,
        "INSERT INTO portal.invitation (id, kind, organization_id, supplier_record_id, email, expires_at)"
        " VALUES ($1, 'supplier', $2, $3, $4, now() + interval '1 day')",
        invitation,
        buyer,
        record,
        email,
    )
    return invitation


async def is_bounced(database: databases.TestDatabase) -> bool:
    (row,) = await people.run_sql(database, BOUNCED)
    return bool(row["bounced"])


async def list_letters(database: databases.TestDatabase) -> list[failures.FailedLetter]:
    async with people.open_session(database.owner_url) as session:
        return await failures.list_letters(session, operators.OWNER_LOGIN, limit=10)


async def list_jobs(database: databases.TestDatabase) -> list[failures.FailedJob]:
    async with people.open_session(database.owner_url) as session:
        return await failures.list_jobs(session, operators.OWNER_LOGIN, limit=10)


async def retry(database: databases.TestDatabase, **which: Any) -> int:
    async with people.open_session(database.owner_url) as session:
        return await failures.retry(session, operators.OWNER_LOGIN, **which)


async def test_a_letter_whose_occasion_has_passed_is_dropped(database: databases.TestDatabase, post: Post) -> None:
    letter = await post.add_letter("invitation", invitation=str(ids.new_id()))
    row = await post.send(letter)
    assert (row["state"], row["last_error"], row["sent_at"]) == ("dropped", None, None)
    assert await list_letters(database) == []


async def test_a_mail_server_that_is_away_says_nothing_of_a_contact(
    database: databases.TestDatabase, post: Post
) -> None:
    letter = await post.add_letter("invitation", invitation=str(await add_invitation(database, "linh@hanoi.example")))
    for _ in range(sending.MOST_TRIES):
        row = await post.send(letter)
    assert (row["state"], row["tries"], await is_bounced(database)) == ("failed", sending.MOST_TRIES, False)
    (seen,) = await list_letters(database)
    assert (seen.id, seen.kind, seen.tries, seen.next_try_at) == (letter, "invitation", sending.MOST_TRIES, None)
    assert "SMTPConnectError" in (seen.last_error or "")
    assert seen.organization_id is not None
    assert "linh" not in str(seen)


async def test_a_letter_that_is_tried_again_arrives_and_the_mark_goes(
    database: databases.TestDatabase, post: Post, tmp_path: Path
) -> None:
    letter = await post.add_letter("invitation", invitation=str(await add_invitation(database, "linh@hanoi.example")))
    await post.send(letter)
    await people.run_sql(database, "UPDATE portal.supplier_contact SET bounced_at = now(), bounce_reason = 'put_off'")
    assert (await retry(database), await retry(database)) == (1, 0)
    (waiting,) = await list_letters(database)
    assert (waiting.tries, waiting.next_try_at is not None) == (0, True)
    mailbox = Mailbox()
    async with run_worker(database, tmp_path, mailbox):
        envelope = await asyncio.wait_for(mailbox.letters.get(), 20)
    assert envelope.rcpt_tos == ["linh@hanoi.example"]
    assert not await is_bounced(database)
    assert await list_letters(database) == []
    with pytest.raises(errors.NotFound):
        await retry(database, letter=letter)


async def test_a_held_job_is_seen_and_tried_again(database: databases.TestDatabase, post: Post) -> None:
    letter = await post.add_letter("account_exists", user=str(ids.new_id()))
    await people.run_sql(
        database,
        "INSERT INTO queue.pgqueuer (priority, status, entrypoint, payload, attempts)"
        " VALUES (0, 'failed', 'send_mail', convert_to($1, 'UTF8'), 7), (0, 'queued', 'check_evidence', NULL, 2)",
        f'{{"mail":"{letter}"}}',
    )
    waiting, held = await list_jobs(database)
    assert (held.kind, held.held, held.tries, held.next_try_at) == ("send_mail", True, 8, None)
    assert (waiting.kind, waiting.held, waiting.tries, waiting.next_try_at is not None) == (
        "check_evidence",
        False,
        2,
        True,
    )
    with pytest.raises(errors.NotFound):
        await retry(database, job=waiting.id)
    assert await retry(database, job=held.id) == 1
    assert [one.id for one in await list_jobs(database)] == [waiting.id]


@pytest.mark.parametrize("offers", [True, False], ids=["with SMTPUTF8", "without"])
async def test_international_addresses(database: databases.TestDatabase, tmp_path: Path, offers: bool) -> None:
    port, mailbox = find_free_port(), Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=offers)
    server.start()
    post = Post(database, tmp_path, f"smtp://127.0.0.1:{port}")
    try:
        domain = await people.add_person(database, "a@exämple.example")
        local = await people.add_person(database, "zoë@example.com")
        sent = await post.send(await post.add_letter("account_exists", user=str(domain.id)))
        assert sent["state"] == "sent"
        assert (await mailbox.letters.get()).rcpt_tos == ["a@xn--exmple-cua.example"]
        row = await post.send(await post.add_letter("account_exists", user=str(local.id)))
        assert row["state"] == ("sent" if offers else "failed")
        if offers:
            assert (await mailbox.letters.get()).rcpt_tos == ["zoë@example.com"]
        else:
            assert "SMTPUTF8" in row["last_error"]
            invitation = await add_invitation(database, "zoë@hanoi.example")
            await post.send(await post.add_letter("invitation", invitation=str(invitation)))
            assert await is_bounced(database)
    finally:
        server.stop()
        await post.place.database.close()


def test_a_domain_that_cannot_be_is_undeliverable() -> None:
    assert smtp.encode_address("a@Bücher.example") == "a@xn--bcher-kva.example"
    with pytest.raises(smtp.Undeliverable):
        smtp.encode_address(f"a@{'ü' * 70}.example")


async def test_a_failure_is_told_by_numbers_and_never_by_words(database: databases.TestDatabase) -> None:
    class Refusing(Mailbox):
        async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
            return "550 no such person secret@example.com"

    port = find_free_port()
    server = Controller(Refusing(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        letter = Letter("secret@example.com", "s", "b\n")
        with pytest.raises(smtp.Undeliverable, match="SMTPRecipientsRefused 550") as refused:
            await smtp.send(letter, f"smtp://127.0.0.1:{port}", "portal@localhost", may_print=False)
        assert "secret" not in str(refused.value)
    finally:
        server.stop()
