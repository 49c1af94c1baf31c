"""Two suppliers and two buyers over a running portal with its worker, and what tests of sharing ask again and again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from graphql_schema import nodes
from portal import signing, storage
from portal.assessments import answers, assessments, publishing, received, requests, submissions
from portal.database import engine
from portal.delivery import worker, workplace
from portal.settings import Settings
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.portal.assessments import sample
from tests.portal.assessments.house import END, FULL, START, Caller, House, make_ask, write

WAIT = 20.0
SECRET = "only-for-tests-to-sign-links-with"
SIGNING = signing.make_keys().decode()
UPLOAD = """
mutation ($input: CreateEvidenceUploadInput!) { createEvidenceUpload(input: $input) {
  __typename ... on Problem { code path } ... on InvalidInput { problems { code path } }
  ... on EvidenceUploadCreated { evidence { id state } upload { url method expiresAt maxBytes headers { name value } } }
} }
"""
EVIDENCE = """
query ($id: ID!) { node(id: $id) { ... on Evidence {
  id state refusalCode refusalReason mediaType size sha256 sameFileAsId fileName title kind issuer issuedOn validUntil
  attachments { assessmentId question rowId }
} } }
"""
SHARE = """
mutation ($input: ShareResultInput!) { shareResult(input: $input) {
  __typename ... on Problem { code path message } ... on InvalidInput { problems { code path } }
  ... on ResultShared { fulfilledRequestIds share { id state mode sections includeEvidence until purpose
    buyer { id name } submissionId requestId } }
} }
"""


@dataclass(frozen=True)
class Submitted:
    """A frozen submission of a supplier, with its ids inside and outside."""

    id: UUID
    assessment: UUID
    node: str


@dataclass
class Stage:
    """The portal, what lies under it, and who plays."""

    portal: portals.Portal
    house: House
    folder: Path
    settings: Settings
    weaver: Caller  # suppliers
    dyer: Caller
    maker: Caller  # buyers
    trader: Caller
    records: dict[tuple[UUID, UUID], UUID]  # by buyer and supplier

    async def ask(self, caller: Caller, query: str, **variables: Any) -> Any:
        """The data of an operation that must not have errors."""
        answer = await self.portal.ask(query, caller.credential.token, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def change(self, caller: Caller, query: str, **input: Any) -> Any:
        """The member of the result union of a mutation with one field."""
        (result,) = (await self.ask(caller, query, input=input)).values()
        return result

    async def put(self, token: str | None, content: Any, **headers: str) -> httpx.Response:
        """Send bytes to the upload address."""
        sent = ({} if token is None else {"Upload-Token": token}) | headers
        async with self.portal.client() as client:
            return await client.put("/uploads", content=content, headers=sent)

    async def get(self, url: str) -> httpx.Response:
        """Fetch a link, whatever address the portal thinks it has."""
        async with self.portal.client() as client:
            return await client.get(httpx.URL(url).raw_path.decode())

    async def announce(self, caller: Caller, name: str = "policy.pdf", **changed: Any) -> tuple[str, str]:
        """A document that waits: its id and the token to send its file with."""
        made = await self.change(caller, UPLOAD, **({"fileName": name, "kind": "POLICY"} | changed))
        assert made["__typename"] == "EvidenceUploadCreated", made
        return made["evidence"]["id"], made["upload"]["headers"][0]["value"]

    async def send(self, caller: Caller, content: bytes, name: str = "policy.pdf", **changed: Any) -> str:
        """A document whose file has arrived; the worker may not have looked at it yet."""
        evidence, token = await self.announce(caller, name, **changed)
        response = await self.put(token, content)
        assert response.status_code == 201, response.text
        return evidence

    async def wait_for_jobs(self) -> None:
        """Until the worker has passed on every event and done what they asked for."""
        waiting = "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL UNION ALL SELECT 1 FROM queue.pgqueuer"
        async with asyncio.timeout(20):
            while await self.house.fetch(waiting):
                await asyncio.sleep(0.05)

    async def wait_for_letters(self, kind: str) -> None:
        """Until the worker has written a letter of this kind."""
        async with asyncio.timeout(WAIT):
            while not await self.house.fetch("SELECT FROM portal.mail WHERE kind = $1", kind):
                await asyncio.sleep(0.05)

    async def wait_for(self, caller: Caller, evidence: str) -> dict[str, Any]:
        """A document once the worker has looked at it."""
        async with asyncio.timeout(WAIT):
            while True:
                found: dict[str, Any] = (await self.ask(caller, EVIDENCE, id=evidence))["node"]
                if found["state"] not in ("AWAITING", "QUARANTINED"):
                    return found
                await asyncio.sleep(0.1)

    async def draft(self, supplier: Caller, **values: Any) -> tuple[UUID, int]:
        """A draft with answers, and its change number."""
        period = {"period_start": values.pop("start", START), "period_end": values.pop("end", END)}
        period["site_id"] = values.pop("site_id", None)
        async with self.house.act(supplier) as (session, actor):
            made = await assessments.start_assessment(session, actor, questionnaire="sample", tier="basic", **period)
            sent = [write(key, value) for key, value in (FULL | {"waste": ["paper"]} | values).items()]
            sent += [write("sites", True, row_id="a"), write("site_people", "5", row_id="a")]
            saved = await answers.save_answers(session, actor, assessment_id=made.id, sent=sent)
        return made.id, saved.change_number

    async def submit(self, supplier: Caller, draft: tuple[UUID, int] | None = None, **values: Any) -> Submitted:
        """A submission of all answers."""
        assessment, number = draft or await self.draft(supplier, **values)
        async with self.house.act(supplier) as (session, actor):
            made = await submissions.submit_assessment(
                session, actor, assessment_id=assessment, expected_change_number=number
            )
        return Submitted(made.submission.id, assessment, self.name("subm", supplier, made.submission.id))

    async def request(
        self, buyer: Caller, supplier: Caller, *, accept: bool = True, **changed: Any
    ) -> tuple[UUID, str]:
        """A request of a buyer, accepted by the supplier: its id inside, and as the supplier names it."""
        record = self.records[buyer.organization, supplier.organization]
        async with self.house.act(buyer) as (session, actor):
            (line,) = await requests.create_requests(session, actor, record_ids=[record], ask=make_ask(**changed))
        assert line.request_id is not None, line
        if accept:
            async with self.house.act(supplier) as (session, actor):
                await received.accept_request(session, actor, request_id=line.request_id)
        return line.request_id, self.name("rcvd", buyer, line.request_id)

    async def share(self, supplier: Caller, buyer: Caller, submitted: Submitted, **changed: Any) -> str:
        """A share of a submission with a linked buyer: its id."""
        values = {"submissionId": submitted.node, "buyerId": self.name_organization(buyer), "purpose": "Trust"}
        made = await self.change(supplier, SHARE, **(values | changed))
        assert made["__typename"] == "ResultShared", made
        share: str = made["share"]["id"]
        return share

    async def fetch(self, caller: Caller | None, path: str, **headers: str) -> httpx.Response:
        """GET with the caller's token, or without one."""
        sent = headers if caller is None else {"authorization": f"Bearer {caller.credential.token}", **headers}
        async with self.portal.client() as client:
            return await client.get(path, headers=sent)

    def name(self, tag: str, owner: Caller, id: UUID) -> str:
        """The opaque id of a row."""
        return str(nodes.encode_id(nodes.NodeKind(tag, tag, nodes.access.PUBLIC), id, owner.organization))

    def name_organization(self, caller: Caller) -> str:
        return str(nodes.encode_id(nodes.NodeKind("orga", "x", nodes.access.PUBLIC), caller.organization))

    def name_record(self, buyer: Caller, supplier: Caller) -> str:
        return self.name("supp", buyer, self.records[buyer.organization, supplier.organization])

    def list_files(self) -> list[str]:
        """What lies in storage, but for the heads of the audit trail."""
        found = sorted(str(one.relative_to(self.folder)) for one in self.folder.rglob("*") if one.is_file())
        return [one for one in found if not one.startswith("audit/")]


@asynccontextmanager
async def run_worker(database: TestDatabase, settings: Settings) -> AsyncIterator[None]:
    """The worker of the portal, with mail that is printed."""
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
    place = workplace.Workplace(settings, workers, storage.open_storage(settings.storage_url))
    task = asyncio.create_task(worker.run_worker(place, database.worker_url))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await workers.close()


@asynccontextmanager
async def set_stage(
    database: TestDatabase, folder: Path, *, storage_url: str = "", works: bool = True, **changed: Any
) -> AsyncIterator[Stage]:
    """Everything in place: a questionnaire, four organizations, every supplier linked with every buyer but one pair."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    url = storage_url or f"file://{folder}"
    files = {
        "storage_url": url,
        "secret_key": SECRET,
        "signing_key": SIGNING,
        "public_url": "http://portal.test",
    } | changed
    settings = Settings(environment="production", database_url=database.app_url, **files)
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=2))
    house = House(database, opened)
    weaver, dyer = await house.sign_up("supplier"), await house.sign_up("supplier")
    maker, trader = await house.sign_up("buyer"), await house.sign_up("buyer")
    pairs = [(maker, weaver), (maker, dyer), (trader, weaver)]
    records = {
        (buyer.organization, supplier.organization): await house.add_record(buyer, supplier)
        for buyer, supplier in pairs
    }
    async with contextlib.AsyncExitStack() as stack:
        if works:
            await stack.enter_async_context(run_worker(database, settings))
        running = await stack.enter_async_context(portals.run_portal(database, **files))
        yield Stage(running, house, folder, settings, weaver, dyer, maker, trader, records)
    await opened.close()
