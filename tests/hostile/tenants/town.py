"""A running portal with all that comes out of it: answers, sockets, exports, letters, webhooks, log lines, metrics."""

import asyncio
import base64
import contextlib
import io
import logging
import random
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from unittest import mock

import asyncpg
import httpx
import orjson
import structlog
import websockets
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from graphql_schema import documents as parsed
from portal.assessments import publishing
from portal.commands import exposing
from portal.database import embedded
from portal.reading import suppliers
from questionnaires import catalogue
from tests import databases, people
from tests.clients import NOBODY, open_client
from tests.graphql_schema import portals
from tests.graphql_schema.sharing.hooks import LOCAL
from tests.graphql_schema.sharing.stage import SECRET, SIGNING, run_worker
from tests.hostile.house import House, Party, decode, list_texts
from tests.hostile.surface import PROBLEMS, write_change
from tests.hostile.tenants.model import WORD, Model
from tests.portal.assessments import sample
from tests.receivers import Receiver, receive

TENANTS = {"s1": "supplier", "b1": "buyer", "s2": "supplier", "b2": "buyer"}
FOLLOW = "subscription ($id: ID!) { assessmentChanged(id: $id) { id changeNumber state } }"
WAITS = (
    "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL UNION ALL SELECT 1 FROM queue.pgqueuer"
    " WHERE execute_after <= now() UNION ALL SELECT 1 FROM portal.webhook_delivery d"
    "  WHERE d.state = 'waiting' AND d.response_code IS NULL AND d.failure IS NULL"
)


class LeakError(AssertionError):
    """A word came to somebody who may not know it."""


@dataclass
class Town:
    """The portal, its tenants and what was seen of what came out."""

    house: House
    model: Model
    receiver: Receiver
    metrics: str
    chance: random.Random
    letters: list[Envelope] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    rows: dict[str, dict[str, str]] = field(default_factory=dict)  # owners of the ids that were met, by tag
    sockets: list[tuple[str, Any]] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    records: dict[tuple[str, str], str] = field(default_factory=dict)  # by buyer and supplier
    frozen: dict[str, str] = field(default_factory=dict)  # the assessments of submissions
    statements: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    heard: int = 0

    async def post(self, actor: str, query: str, **variables: Any) -> Any:
        """An answer of the API, which holds nothing that is not for the actor."""
        response = await self.house.post(actor, query, **variables)
        assert response.status_code < 500, response.text
        answer = response.json()
        assert "INTERNAL" not in portals.codes(answer), (actor, query, variables, answer, self.lines[-4:])
        self.check(name_party(actor), list_texts(answer), "an answer", query, variables)
        for text in list_texts(answer):
            self.learn(text)
        return answer

    async def attempt(self, actor: str, mutation: str, **given: Any) -> Any:
        """The result of a mutation, or None where the portal had a reason against it."""
        answer = await self.post(actor, write_change(mutation), input=given)
        assert "errors" not in answer, (actor, mutation, answer["errors"])
        result = answer["data"]["result"]
        is_done = result["__typename"] not in PROBLEMS
        self.seen[f"{mutation} {'done' if is_done else 'refused'}"] += 1
        self.history.append(f"{actor} {mutation} {given} {'' if is_done else result}"[:400])
        return result if is_done else None

    async def get(self, actor: str, path: str) -> httpx.Response:
        """What a path gives: each text in it is looked at, also those in archives."""
        token = self.house.tokens[actor]
        response = await self.house.client.get(path, headers={"authorization": f"Bearer {token}"} if token else {})
        assert response.status_code < 500, response.text
        self.check(name_party(actor), unpack(response.content), f"the file at {path}")
        return response

    def check(self, reader: str | None, texts: Iterable[str], channel: str, *more: Any, ever: bool = False) -> None:
        texts = list(texts)
        foreign = self.model.list_foreign(reader, texts, ever=ever)
        if foreign:
            told = ", ".join(self.model.describe(word) for word in sorted(foreign))
            last = "\n".join(self.history[-5:])
            raise LeakError(f"{channel} shows {reader or 'whoever looks'} {told}; {more}\nafter:\n{last}")
        words = {match.group() for text in texts for match in WORD.finditer(text.lower())}
        self.seen["words"] += len(words)
        self.seen["words of others, by right"] += sum(self.model.words[word].owner != reader for word in words)

    def learn(self, text: str) -> None:
        parts = decode(text)
        if parts is not None:
            tag, owner, _ = parts
            self.rows.setdefault(tag, {})[text] = next(
                (name for name, one in self.house.parties.items() if one.organization == owner), ""
            )

    def pick(self, tag: str) -> str:
        """An id of this kind that was met before, whosever it is."""
        found = list(self.rows.get(tag, ()))
        return self.chance.choice(found) if found else ""

    async def look_around(self) -> None:
        """What has come by mail, webhook and socket, and what stands in the logs, since the last time."""
        while self.letters:
            self.open_letter(self.letters.pop())
        for message in self.receiver.messages[self.heard :]:
            self.heard += 1
            self.seen["webhooks"] += 1
            name = message.path.rpartition("/")[2]
            texts = [message.body.decode(), *(f"{key}: {value}" for key, value in message.headers.items())]
            self.check(name, texts, "a webhook", ever=True)
        for name, socket in self.sockets:
            with contextlib.suppress(TimeoutError, websockets.ConnectionClosed):
                async with asyncio.timeout(0.002):
                    while True:
                        said = await socket.recv()
                        self.seen["socket messages"] += 1
                        self.check(name, [said], "a socket", ever=True)
        lines, self.lines[:] = list(self.lines), []
        self.seen["log lines"] += len(lines)
        self.check(None, lines, "a line of the log")

    def open_letter(self, envelope: Envelope) -> None:
        letter = message_from_bytes(envelope.content or b"", policy=default)
        texts = [f"{name}: {value}" for name, value in letter.items()]
        texts += [part.get_content() for part in letter.walk() if not part.is_multipart()]
        for address in envelope.rcpt_tos:
            found = WORD.search(address)
            assert found is not None, address
            self.seen["letters"] += 1
            self.check(self.model.words[found.group()].owner, texts, f"a letter to {address}", ever=True)

    async def read_metrics(self) -> None:
        page = httpx.get(self.metrics, verify=NOBODY, timeout=10)
        assert page.status_code == 200
        self.seen["metrics"] += 1
        self.check(None, [page.text], "the page of metrics")

    async def follow(self, name: str, assessment: str) -> None:
        """Listen to an assessment, whosever it is."""
        if len(self.sockets) >= 6:
            await self.sockets.pop(0)[1].close()
        url = self.house.portal.url.replace("http:", "ws:")
        socket = await websockets.connect(url, subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
        payload = {"authorization": f"Bearer {self.house.tokens[name]}"}
        asked = {"id": "1", "type": "subscribe", "payload": {"query": FOLLOW, "variables": {"id": assessment}}}
        await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
        await socket.recv()
        await socket.send(orjson.dumps(asked).decode())
        self.sockets.append((name, socket))

    async def settle(self) -> None:
        """Until the worker has done all that it was asked for."""
        async with asyncio.timeout(60):
            while await self.house.fetch(WAITS):
                await asyncio.sleep(0.05)


def name_party(actor: str) -> str:
    return actor.partition(" ")[0]


def unpack(content: bytes) -> Iterator[str]:
    """The texts in a file: of each member of an archive, and of what a signature covers."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
        return
    text = content.decode("utf-8", "replace")
    yield text
    for part in text.split(".") if text.startswith("ey") else ():  # a signed summary
        yield base64.urlsafe_b64decode(part + "===").decode("utf-8", "replace")


class Mailbox:
    """Keeps letters; the loop of the test reads them."""

    def __init__(self, letters: list[Envelope]) -> None:
        self.letters = letters

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"


@contextlib.contextmanager
def keep_lines(lines: list[str]) -> Iterator[None]:
    """Every line that server and worker log, with what belongs to it."""

    def keep(_logger: Any, _name: str, event: Any) -> Any:
        lines.append(repr(event))
        return event

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.exc_info}")

    before, handler = structlog.get_config()["processors"], Handler()
    structlog.configure(processors=[keep, *before])
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        structlog.configure(processors=before)
        logging.getLogger().removeHandler(handler)


@asynccontextmanager
async def open_town(database: databases.TestDatabase, folder: Path, seed: int) -> AsyncIterator[Town]:
    """Two suppliers, two buyers, and whoever listens: each pair is linked, and the second buyer with both suppliers."""
    *_, newest = (one for one in catalogue.name_packaged() if one[0] == suppliers.LEAD)
    await publishing.publish_with_login(database.owner_url, [catalogue.read_packaged(*newest), sample.make_packaged()])
    letters: list[Envelope] = []
    lines: list[str] = []
    ports = [embedded._find_free_port() for _ in range(2)]
    mail = Controller(Mailbox(letters), hostname="127.0.0.1", port=ports[0])
    chosen: dict[str, Any] = {
        "storage_url": f"file://{folder}",
        "secret_key": SECRET,
        "signing_key": SIGNING,
        "public_url": "http://portal.test",
        "smtp_url": f"smtp://127.0.0.1:{ports[0]}",
        "metrics_address": f"127.0.0.1:{ports[1]}",
        "listen_url": database.app_url,
        **LOCAL,
    }
    mail.start()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(mail.stop)
        stack.enter_context(keep_lines(lines))
        stack.enter_context(mock.patch.object(parsed, "MOST_DOCUMENTS", 1_000))
        running = await stack.enter_async_context(portals.run_portal(database, **chosen))
        settings = running.app.state.services.settings
        stack.enter_context(exposing.expose(settings))
        await stack.enter_async_context(run_worker(database, settings))
        limits = httpx.Limits(max_keepalive_connections=0)  # one may end while the machine is busy elsewhere
        made = open_client(base_url=f"http://127.0.0.1:{running.port}", timeout=60, limits=limits)
        client = await stack.enter_async_context(made)
        receiver = await stack.enter_async_context(receive())
        model = Model()
        parties = {name: await settle(database, model, name, role) for name, role in TENANTS.items()}
        tokens: dict[str, str | None] = {name: one.person.token for name, one in parties.items()}
        connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
        stack.push_async_callback(connection.close)
        house = House(running, parties, tokens | {"nobody": None}, client, folder, connection)
        metrics = f"http://127.0.0.1:{ports[1]}/metrics"
        town = Town(house, model, receiver, metrics, random.Random(seed), letters, lines)
        yield town
        for _, socket in town.sockets:
            await socket.close()


async def settle(database: databases.TestDatabase, model: Model, name: str, role: str) -> Party:
    """An organization whose names and addresses are words of its own."""
    person = await people.add_person(database, f"{model.mint(name, 'sign-up')}@example.com")
    word = model.mint(name, "founding")
    model.words[word].is_name = True
    organization = await people.add_organization(database, (person, "owner"), name=word, roles=(role,))
    return Party(name, organization, person)
