"""The way of an event: outbox, relay, notification, job, letter; with a real database and a real mail server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.domain.models import Job
from sqlalchemy.engine import make_url

from portal import errors, settings, storage
from portal.database import engine, ids, outbox
from portal.delivery import jobs, notifications, queue, worker, workplace
from portal.delivery.events import EventBroker
from portal.identity import tokens
from tests import databases, faulty, people
from tests.graphql_schema import portals

pytestmark = pytest.mark.slow  # waits for a real worker

WAIT = 20.0


class Mailbox:
    """A mail server that keeps what it is given; `refuses` of the first letters are turned away."""

    def __init__(self, refuses: int = 0) -> None:
        self.letters: asyncio.Queue[Envelope] = asyncio.Queue()
        self.refuses = refuses
        self._loop = asyncio.get_running_loop()

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            self.refuses -= 1
            return "451 come back later"
        self._loop.call_soon_threadsafe(self.letters.put_nowait, envelope)
        return "250 OK"


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def run_worker(database: databases.TestDatabase, folder: Path, mailbox: Mailbox) -> AsyncIterator[None]:
    port = find_free_port()
    mail_server = Controller(mailbox, hostname="127.0.0.1", port=port)
    mail_server.start()
    chosen = settings.read_settings(
        data_dir=folder, smtp_url=f"smtp://127.0.0.1:{port}", public_url="http://portal.test"
    )
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
    place = workplace.Workplace(chosen, workers, storage.open_storage(chosen.storage_url))
    task = asyncio.create_task(worker.run_worker(place, database.worker_url))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await workers.close()
        mail_server.stop()


@pytest.fixture
async def application(database: databases.TestDatabase) -> AsyncIterator[engine.Database]:
    made = engine.Database(engine.create_engine(database.app_url, pool_size=2))
    yield made
    await made.close()


async def add_user(database: databases.TestDatabase, email: str) -> UUID:
    connection = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    try:
        user = ids.new_id()
        await connection.execute(
            "INSERT INTO portal.user_account (id, email, password_hash, name) VALUES ($1, $2, 'x', 'Ana')", user, email
        )
        return user
    finally:
        await connection.close()


async def test_an_event_reaches_the_subscribers_of_its_thing(
    database: databases.TestDatabase, application: engine.Database, tmp_path: Path
) -> None:
    broker = EventBroker()
    listening = asyncio.create_task(notifications.listen(database.worker_url, broker))
    assessment = ids.new_id()
    async with run_worker(database, tmp_path, Mailbox()), broker.listen([f"assessment:{assessment}"]) as listener:
        await asyncio.sleep(0.5)
        async with application.transaction() as (session, _):
            await outbox.add_event(
                session, "assessment.changed", supplier=ids.new_id(), assessment=assessment, change_number=7
            )
        event = await asyncio.wait_for(anext(listener), WAIT)
    listening.cancel()
    assert (event.name, event.id, event.revision) == ("assessment.changed", assessment, 7)


async def test_an_event_of_a_transaction_that_rolled_back_goes_nowhere(
    database: databases.TestDatabase, application: engine.Database
) -> None:
    with pytest.raises(RuntimeError):
        async with application.transaction() as (session, _):
            await outbox.add_event(session, "request.changed", request=ids.new_id())
            raise RuntimeError
    owner = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    try:
        assert await owner.fetchval("SELECT count(*) FROM portal.outbox") == 0
    finally:
        await owner.close()


async def test_a_password_letter_is_sent_once_with_a_link_that_is_stored_as_a_hash_only(
    database: databases.TestDatabase, application: engine.Database, tmp_path: Path
) -> None:
    user = await add_user(database, "ana@example.test")
    mailbox = Mailbox()
    async with run_worker(database, tmp_path, mailbox):
        async with application.transaction() as (session, _):
            await outbox.add_event(session, "password_reset.due", user=user)
        letter = await asyncio.wait_for(mailbox.letters.get(), WAIT)
        await asyncio.sleep(1.0)
    assert mailbox.letters.empty()
    assert letter.rcpt_tos == ["ana@example.test"]
    body = message_from_bytes(letter.content or b"", policy=default).get_content()
    token = body.split("#password-reset=")[1].split()[0]
    owner = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    try:
        stored = await owner.fetchval("SELECT token_hash FROM portal.password_reset WHERE user_id = $1", user)
        assert stored == tokens.hash_token(token)
        assert await owner.fetchval("SELECT state FROM portal.mail") == "sent"
    finally:
        await owner.close()


async def test_a_letter_the_mail_server_turned_away_is_tried_again(
    database: databases.TestDatabase, application: engine.Database, tmp_path: Path
) -> None:
    user = await add_user(database, "ana@example.test")
    mailbox = Mailbox(refuses=1)
    async with run_worker(database, tmp_path, mailbox):
        async with application.transaction() as (session, _):
            await outbox.add_event(session, "account_exists.due", user=user)
        letter = await asyncio.wait_for(mailbox.letters.get(), WAIT)
    assert b"You already have an account" in (letter.content or b"")
    assert mailbox.refuses == 0


async def test_two_workers_have_one_leader_and_send_each_letter_once(
    database: databases.TestDatabase, application: engine.Database, tmp_path: Path
) -> None:
    user = await add_user(database, "ana@example.test")
    first, second = Mailbox(), Mailbox()
    async with run_worker(database, tmp_path, first), run_worker(database, tmp_path, second):
        async with application.transaction() as (session, _):
            for _ in range(10):
                await outbox.add_event(session, "account_exists.due", user=user)
        async with asyncio.timeout(WAIT):
            while first.letters.qsize() + second.letters.qsize() < 10:
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
    assert first.letters.qsize() + second.letters.qsize() == 10


async def test_a_worker_that_is_told_to_end_does_so_where_closing_fails() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(3_600)
        finally:
            raise ConnectionError

    task = asyncio.create_task(worker.repeat(work, 0.01, "work.failed"))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()


async def test_a_request_is_told_to_owners_and_editors_of_a_linked_supplier_and_to_nobody_while_it_is_not_linked(
    database: databases.TestDatabase, application: engine.Database, tmp_path: Path
) -> None:
    owner = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    users = {role: await add_user(database, f"{role}@example.test") for role in ("owner", "editor", "viewer")}
    buyer, supplier, linked, unlinked = (ids.new_id() for _ in range(4))
    try:
        for organization, name in ((buyer, "Made-up Buyers"), (supplier, "Made-up Weavers")):
            await owner.execute("INSERT INTO portal.organization (id, name) VALUES ($1, $2)", organization, name)
        for role, user in users.items():
            await owner.execute("INSERT INTO portal.member VALUES ($1, $2, $3)", supplier, user, role)
        await owner.execute(
            "INSERT INTO portal.questionnaire (key, title, purpose) VALUES ('sample', 'Sample', 'self_assessment')"
        )
        for request, answering in ((unlinked, None), (linked, supplier)):
            record = ids.new_id()
            await owner.execute(
                "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, supplier_id) "
                "VALUES ($1, $2, 'Weavers', $3, $4)",
                buyer,
                record,
                str(record),
                answering,
            )
            await owner.execute(
                "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire,"
                " minimum_tier, period_start, period_end, purpose, due_on) "
                "VALUES ($1, $2, $3, $4, 'sample', 'micro', '2026-01-01', '2026-12-31', 'Yearly review', '2027-01-31')",
                buyer,
                request,
                record,
                answering,
            )
    finally:
        await owner.close()
    mailbox = Mailbox()
    async with run_worker(database, tmp_path, mailbox):
        async with application.transaction() as (session, _):
            for request in (unlinked, linked):
                await outbox.add_event(session, "request.asked", buyer=buyer, request=request, record=ids.new_id())
        asked = await take_letters(mailbox)
        async with application.transaction() as (session, _):
            await outbox.add_event(session, "request.extended", buyer=buyer, request=linked, record=ids.new_id())
        extended = await take_letters(mailbox)
        owner = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
        try:
            await owner.execute("UPDATE portal.request SET state = 'withdrawn'")
            async with application.transaction() as (session, _):
                await outbox.add_event(session, "request.withdrawn", buyer=buyer, request=linked, record=ids.new_id())
            withdrawn = await take_letters(mailbox)
            await owner.execute("UPDATE portal.outbox SET relayed_at = NULL")  # passed on once more
            await asyncio.sleep(2.0)
            assert await owner.fetchval("SELECT count(*) FROM portal.mail") == 6
        finally:
            await owner.close()
    assert mailbox.letters.empty()
    for letters in (asked, extended, withdrawn):
        assert sorted(letters) == ["editor@example.test", "owner@example.test"]
    body = asked["editor@example.test"]
    assert "Made-up Buyers asks Made-up Weavers" in body
    assert "2027-01-31" in body
    assert "Yearly review" in body
    assert "due by 2027-01-31 now" in " ".join(extended["owner@example.test"].split())
    assert "no longer asks Made-up Weavers" in withdrawn["owner@example.test"]


async def take_letters(mailbox: Mailbox) -> dict[str, str]:
    """The texts of two letters by whom they went to, and no third."""
    found = [await asyncio.wait_for(mailbox.letters.get(), WAIT) for _ in range(2)]
    await asyncio.sleep(1.0)
    assert mailbox.letters.empty()
    return {
        letter.rcpt_tos[0]: message_from_bytes(letter.content or b"", policy=default).get_content() for letter in found
    }


async def test_a_connection_that_breaks_between_two_steps_of_the_driver_is_opened_again() -> None:
    again = asyncio.Event()
    tries = iter([asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")])

    async def work() -> None:
        for error in tries:
            raise error
        again.set()

    task = asyncio.create_task(worker.repeat(work, 0.01, "work.failed"))
    await asyncio.wait_for(again.wait(), 5)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()


JOB = "unlink_person"
AGE = "UPDATE queue.pgqueuer SET heartbeat = now() - interval '1 hour'"


async def test_a_job_that_cannot_be_put_back_is_taken_again_and_not_held(
    database: databases.TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away while a job fails, and is back before another has ended: the queue ends after that."""
    failed, back, went_on, place = asyncio.Event(), asyncio.Event(), asyncio.Event(), make_url(database.worker_url)
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(faulty.lay(str(place.host), int(place.port or 5432)))

        async def fail_once(_: workplace.Workplace, __: dict[str, object]) -> None:
            if failed.is_set():
                went_on.set()
                return
            line.is_down = True
            line.cut()
            failed.set()
            raise errors.Unavailable("The database is away.", code="DATABASE_AWAY")

        async def go_on(_: workplace.Workplace, __: dict[str, object]) -> None:
            await back.wait()

        monkeypatch.setitem(jobs.HANDLERS, JOB, fail_once)
        monkeypatch.setitem(jobs.HANDLERS, "make_preview", go_on)
        connection = await asyncpg.connect(notifications.plain_url(database.worker_url))
        stack.push_async_callback(connection.close)
        await queue.enqueue(connection, [("make_preview", {}), (JOB, {})])
        through = place.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
        async with run_worker(replace(database, worker_url=through), tmp_path, Mailbox()):
            await asyncio.wait_for(failed.wait(), WAIT)
            await asyncio.sleep(0.5)
            line.is_down = False
            back.set()
            await asyncio.sleep(1.5)  # what the queue noted by itself in the meantime is written by now
            (job,) = await connection.fetch(
                "SELECT status::text, attempts FROM queue.pgqueuer WHERE entrypoint = $1", JOB
            )
            assert tuple(job) == ("picked", 0)
            await connection.execute(AGE)
            await asyncio.wait_for(went_on.wait(), WAIT)


async def test_a_job_that_the_database_refuses_to_put_back_is_no_passing_failure(
    database: databases.TestDatabase,
) -> None:
    connection = await asyncpg.connect(notifications.plain_url(database.backup_url))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            refused = Job.model_construct(id=1, entrypoint=JOB)
            await queue.open_queries(AsyncpgDriver(connection)).retry_job(refused, timedelta(seconds=1), None)
    finally:
        await connection.close()


APPLY = """mutation ($role: OrganizationRole!) { applyForRole(input: {role: $role, termsVersion: "2026-01"}) {
  __typename ... on Problem { code } } }"""


async def apply(house: portals.Portal, applicant: people.Person, role: str) -> None:
    answer = await house.ask(APPLY, applicant.token, role=role)
    assert answer["data"]["applyForRole"]["__typename"] == "RoleApplied", answer


async def test_an_application_is_told_to_every_operator_once(database: databases.TestDatabase, tmp_path: Path) -> None:
    applicant = await people.add_person(database)
    operators = [await people.add_person(database, operator=True) for _ in range(2)]
    firm = await people.add_organization(database, (applicant, "owner"), name="Made-up Buyers")
    await people.run_sql(database, "UPDATE portal.organization SET country = 'BD'")
    mailbox = Mailbox()
    async with portals.run_portal(database) as house, run_worker(database, tmp_path, mailbox):
        await apply(house, applicant, "BUYER")
        letters = [await asyncio.wait_for(mailbox.letters.get(), WAIT) for _ in operators]
        await people.run_sql(database, "UPDATE portal.outbox SET relayed_at = NULL")
        await apply(house, applicant, "PARTNER")
        others = [await asyncio.wait_for(mailbox.letters.get(), WAIT) for _ in operators]
        await asyncio.sleep(1.0)
    assert mailbox.letters.empty()
    addresses = sorted([one.email] for one in operators)
    assert sorted(one.rcpt_tos for one in letters) == sorted(one.rcpt_tos for one in others) == addresses
    letter = message_from_bytes(letters[0].content or b"", policy=default)
    assert letter["Subject"] == "Made-up Buyers applies to be buyer"
    body = letter.get_content()
    assert "Country: Bangladesh" in body
    assert "Terms it accepts: 2026-01" in body
    assert f"portal operator approve {firm} buyer" in body


async def test_an_application_without_operators_or_decided_before_the_letter_is_told_to_nobody(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    applicant = await people.add_person(database)
    await people.add_organization(database, (applicant, "owner"))
    mailbox = Mailbox()

    async def wait_for(query: str, *wanted: object) -> None:
        async with asyncio.timeout(WAIT):
            while [row[0] for row in await people.run_sql(database, query)] != [*wanted]:
                await asyncio.sleep(0.05)

    async with portals.run_portal(database) as house:
        async with run_worker(database, tmp_path, mailbox):
            await apply(house, applicant, "BUYER")
            await wait_for("SELECT relayed_at IS NOT NULL FROM portal.outbox WHERE topic = 'role.applied'", True)
        assert await people.run_sql(database, "SELECT FROM portal.mail") == []
        await people.add_person(database, operator=True)
        await apply(house, applicant, "PARTNER")
        await people.run_sql(database, "UPDATE portal.organization_role SET status = 'active'")
        async with run_worker(database, tmp_path, mailbox):
            await wait_for("SELECT state FROM portal.mail", "dropped")
    assert mailbox.letters.empty()
