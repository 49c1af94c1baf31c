"""Ways to get hold of somebody else's account, letters, socket or network that go around the doors."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
import websockets
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from portal.assessments import publishing
from portal.database import embedded
from tests import databases, people
from tests.clients import open_client
from tests.graphql_schema import portals
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.sharing.stage import run_worker
from tests.hostile import surface
from tests.hostile.house import decode
from tests.hostile.tenants.town import Mailbox
from tests.portal.assessments import files, sample
from tests.receivers import receive
from tests.statements import record_statements

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
PUBLIC = "http://portal.test"
ELSEWHERE = {
    "host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "evil", "x-original-host":
    "evil.example", "forwarded": "host=evil.example;proto=evil", "origin": PUBLIC, "referer": "http://evil.example/",
}  # fmt: skip
ARRIVED = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { changesArrived { __typename } }"}}


@dataclass
class Stand:
    """A portal with a worker and a mail server."""

    portal: portals.Portal
    client: httpx.AsyncClient
    letters: list[Envelope]

    async def do(self, mutation: str, bearer: str | None = None, /, **given: Any) -> Any:
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        body = {"query": surface.write_change(mutation), "variables": {"input": given}}
        response = await self.client.post("/graphql", json=body, headers=headers)
        return response.json()["data"]["result"]

    async def wait_for_letter(self, address: str) -> str:
        async with asyncio.timeout(20):
            while not (found := [one for one in self.letters if address in one.rcpt_tos]):
                await asyncio.sleep(0.05)
        self.letters.remove(found[0])
        return (found[0].content or b"").decode() if isinstance(found[0].content, bytes) else str(found[0].content)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stand]:
    letters: list[Envelope] = []
    mail = Controller(Mailbox(letters), hostname="127.0.0.1", port=embedded._find_free_port())
    folder = tmp_path_factory.mktemp("files")
    chosen = {
        "public_url": PUBLIC,
        "secret_key": "only for tests and as long as keys have to be",
        "smtp_url": f"smtp://127.0.0.1:{mail.port}",
    }
    mail.start()
    try:
        with databases.copy_template(database_server, database_template) as made:
            await publishing.publish_with_login(made.owner_url, [sample.make_packaged()])
            running = portals.run_portal(made, storage_url=f"file://{folder}", listen_url=made.app_url, **chosen)
            async with running as portal, run_worker(made, portal.app.state.services.settings):
                # A kept connection may end while other tests of a busy machine run.
                limits = httpx.Limits(max_keepalive_connections=0)
                async with open_client(base_url=f"http://127.0.0.1:{portal.port}", timeout=60, limits=limits) as client:
                    yield Stand(portal, client, letters)
    finally:
        mail.stop()


async def test_no_header_leads_the_links_of_letters_elsewhere(stand: Stand) -> None:
    person = await people.add_person(stand.portal.database)
    await people.add_organization(stand.portal.database, (person, "owner"))
    new = {"email": "fresh@example.com", "password": "a long new password", "name": "x"}
    for document, given in ((do.REQUEST_RESET, {"email": person.email}), (do.REGISTER, new)):
        body = {"query": document, "variables": {"input": given}}
        response = await stand.client.post("/graphql", json=body, headers=ELSEWHERE)
        assert response.status_code == 200, response.text
        letter = await stand.wait_for_letter(given["email"])
        assert "evil" not in letter
        assert re.findall(r"https?://[^/\s]+", letter.replace("=\r\n", ""))[0] == PUBLIC


async def test_an_invitation_is_not_taken_by_an_account_made_beforehand(stand: Stand) -> None:
    """Whoever registers somebody's address first owns nothing of what comes to it later."""
    victim, first = "invited@example.com", "chosen by an attacker"
    await stand.do("registerAccount", email=victim, password=first, name="Attacker")
    owner = await people.add_person(stand.portal.database)
    firm = await people.add_organization(stand.portal.database, (owner, "owner"))
    token = await people.invite(stand.portal.database, firm, "member", victim, role="owner")
    refused = await stand.do("signIn", email=victim, password=first)
    assert refused["__typename"] == "Unauthenticated"
    own = {"email": victim, "password": "chosen by the victim"}
    done = await stand.do("registerAccount", **own, name="Victim", invitationToken=token)
    assert done["__typename"] == "AccountRegistered"
    assert (await stand.do("signIn", email=victim, password=first))["__typename"] == "Unauthenticated"
    assert (await stand.do("signIn", **own))["__typename"] == "SignedIn"
    stranger = await people.add_person(stand.portal.database)
    taken = await stand.do("acceptMemberInvitation", stranger.token, token=token)
    assert taken["__typename"] in surface.PROBLEMS


@asynccontextmanager
async def open_socket(stand: Stand, token: str) -> AsyncIterator[Any]:
    """A socket with what was said to the opening."""
    url = stand.portal.url.replace("http:", "ws:")
    async with websockets.connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await socket.send(write_opening(token))
        yield socket


def write_opening(token: str) -> str:
    return orjson.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}).decode()


async def read_close(socket: Any) -> int:
    """The code that a socket is closed with, after whatever else comes."""
    async with asyncio.timeout(10):
        while True:
            try:
                await socket.recv()
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 0


async def test_an_open_socket_takes_no_other_credential(stand: Stand) -> None:
    one, other = await stand.portal.sign_up("supplier"), await stand.portal.sign_up("supplier")
    async with open_socket(stand, one.token) as socket:
        assert orjson.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(write_opening(other.token))
        assert await read_close(socket) == 4429


async def test_a_recorded_opening_is_worth_nothing_after_the_sign_out(stand: Stand) -> None:
    person = await people.add_person(stand.portal.database)
    await people.add_organization(stand.portal.database, (person, "owner"))
    async with open_socket(stand, person.token) as socket:
        assert orjson.loads(await socket.recv())["type"] == "connection_ack"
    await stand.portal.ask(do.SIGN_OUT, person.token)
    async with open_socket(stand, person.token) as socket:
        assert await read_close(socket) == 4403


async def test_a_subscription_cannot_take_the_place_of_another(stand: Stand) -> None:
    caller = await stand.portal.sign_up("supplier")
    async with open_socket(stand, caller.token) as socket:
        assert orjson.loads(await socket.recv())["type"] == "connection_ack"
        for _ in range(2):
            await socket.send(orjson.dumps(ARRIVED).decode())
        assert await read_close(socket) == 4409


async def test_the_database_does_the_same_work_whether_or_not_there_is_an_account(stand: Stand) -> None:
    """Time is what statements and hashes take: they are the same ones for an address without an account."""
    engine = stand.portal.app.state.services.database.engine.sync_engine
    wrong = {"password": "not the password"}
    new = {"password": "a long new password", "name": "New One"}
    for mutation, more in (("signIn", wrong), ("requestPasswordReset", {}), ("registerAccount", new)):
        known = await people.add_person(stand.portal.database)
        await stand.do(mutation, email="first@example.com", **more)  # what is prepared once is prepared
        work = []
        for address in (known.email, f"nobody-{mutation}@example.com"):
            with record_statements(engine) as sent, people.count_hashing() as hashes:
                answer = await stand.do(mutation, email=address, **more)
            assert answer.pop("email", address) == address
            work.append((answer, [statement for statement, _ in sent], hashes.hashed, hashes.verified))
        assert work[0] == work[1], mutation
        assert work[0][1], mutation


async def test_nothing_that_a_workbook_names_is_fetched(stand: Stand) -> None:
    """Entities, links to other books and queries of a workbook lead nowhere, whichever door it comes by."""
    supplier, buyer = await stand.portal.sign_up("supplier"), await stand.portal.sign_up("buyer")
    started = await stand.do(
        "startAssessment", supplier.token, questionnaire="sample", tier="MICRO", periodStart="2025-01-01",
        periodEnd="2025-12-31",
    )  # fmt: skip
    _, _, assessment = decode(started["assessment"]["id"]) or ("", None, None)
    async with receive() as receiver:
        for content in list_workbooks(receiver.url()):
            form = await stand.client.post(
                f"/imports/assessments/{assessment}", content=content,
                headers={"authorization": f"Bearer {supplier.token}"},
            )  # fmt: skip
            assert 400 <= form.status_code < 500, form.text
            made = await stand.do("createSupplierListUpload", buyer.token, fileName="list.xlsx")
            headers = {one["name"]: one["value"] for one in made["upload"]["headers"]}
            sent = await stand.client.put("/uploads", content=content, headers=headers)
            assert sent.status_code < 500, sent.text
            list_id = made["supplierList"]["id"]
            seen = await stand.do("previewSupplierList", buyer.token, supplierListId=list_id)
            assert seen["__typename"] in surface.PROBLEMS
        assert receiver.messages == []


def list_workbooks(url: str) -> list[bytes]:
    """Workbooks that ask for an address by an entity, a link to another book and a query."""
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{url}"> <!ENTITY % y SYSTEM "{url}"> %y;]>'
    sheet = (
        "<worksheet><sheetData><row><c><f>WEBSERVICE(&quot;{0}&quot;)</f><v>&x;</v></c></row></sheetData></worksheet>"
    )
    parts = {
        "xl/_rels/workbook.xml.rels": files.make_relations("externalLink", url),
        "xl/worksheets/_rels/sheet1.xml.rels": files.make_relations("queryTable", url),
        "xl/worksheets/sheet1.xml": sheet.format(url).encode(),
        "xl/connections.xml": f'<connections><connection><webPr url="{url}"/></connection></connections>'.encode(),
    }
    return [files.make_office(files.SHEET, parts, head=entity), files.make_office(files.SHEET, parts)]
