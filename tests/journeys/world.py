"""What a journey needs around it: the server as it is run in production with its worker, and a mail server."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.assessments import publishing
from portal.database import embedded
from tests import databases
from tests.portal.commands import processes
from tests.portal.database import launching

_LINK = re.compile(r"#[a-z-]+=(\S+)")


@dataclass
class Mailbox:
    """A mail server that keeps the body of the last letter to each address."""

    bodies: dict[str, str] = field(default_factory=dict)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content or b"", policy=default)
        body = letter.get_body()
        assert body is not None
        self.bodies |= dict.fromkeys(envelope.rcpt_tos, body.get_content())
        return "250 OK"

    async def read_token(self, address: str) -> str:
        """The token of the link in the letter to an address, which may still be on its way."""
        deadline = time.monotonic() + 30
        while address not in self.bodies:
            assert time.monotonic() < deadline, f"No letter came to {address}."
            await asyncio.sleep(0.05)
        found = _LINK.search(self.bodies.pop(address))
        assert found is not None
        return found.group(1)


@dataclass
class World:
    """A running portal with its database and its letters."""

    url: str
    database: databases.TestDatabase
    mailbox: Mailbox


@contextmanager
def open_world(database: databases.TestDatabase, **changed: str) -> Iterator[World]:
    """Serve a database whose questionnaires are published, from a process of its own with changed settings."""
    asyncio.run(publishing.publish_packaged(database.owner_url))
    mailbox, port = Mailbox(), embedded._find_free_port()
    letters = Controller(mailbox, hostname="127.0.0.1", port=port)
    letters.start()
    settings = {
        "PORTAL_ENVIRONMENT": "production",
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "PORTAL_BENCHMARK_RELEASE_DAYS": "0",  # the operator makes it, step by step
        **changed,
    }
    try:
        with launching.make_reachable_folder() as folder, processes.serve(folder / "data", **settings) as serving:
            serving.wait_until_ready()
            try:
                yield World(serving.url, database, mailbox)
            finally:
                print(serving.read_log())  # pytest shows it beside a failure
            assert "Traceback" not in serving.read_log()
    finally:
        letters.stop()
