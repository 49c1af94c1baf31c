"""A person's whole way through real processes that tell all they can: nothing that was typed or sent is in the log."""

import asyncio
import json
import queue
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.assessments import publishing
from portal.database import embedded
from tests import databases, people
from tests.clients import NOBODY
from tests.graphql_schema.assessments import documents as answering
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.factors import START as START_FACTOR
from tests.graphql_schema.identity.factors import write
from tests.graphql_schema.sharing.stage import UPLOAD
from tests.portal.assessments import files, sample
from tests.portal.commands import processes

pytestmark = pytest.mark.slow  # a server and a worker of its own
NAME, FIRM, REMARK, FILE = "Zqname Canary", "Zqfirm Canary", "zqremark canary", "zqfile-canary.pdf"
EMAIL, COLLEAGUE, NEW = "zqperson@canary.example", "zqcolleague@canary.example", "zqnew@canary.example"
PASSWORD, WRONG = "zqpassword canary", "zqwrong canary"
TYPED = (NAME, FIRM, REMARK, FILE, EMAIL, COLLEAGUE, NEW, PASSWORD, WRONG)
CHANGE_EMAIL = write("requestEmailChange", "... on EmailChangeRequested { newEmail }")
EXPORT = write("exportPersonalData", "... on PersonalDataExported { exportPath }")
CLOSE = write("closeOrganization", "... on OrganizationClosed { reopenUntil }")
SECRETS = ("token", "secret", "address")


class Mailbox:
    """A mail server that keeps letters, and turns the colleague's away."""

    def __init__(self) -> None:
        self.letters: queue.Queue[str] = queue.Queue()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == COLLEAGUE:
            return f"550 5.1.1 <{address}> {NAME} is not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        body = message_from_bytes(envelope.content, policy=policy.default).get_body(("plain",))
        assert body is not None
        self.letters.put(body.get_content())
        return "250 OK"

    def read_token(self) -> str:
        """The token of the next letter that has a link with one."""
        while True:
            letter = self.letters.get(timeout=60)
            if (found := people._LINK.search(letter)) is not None:
                return found.group(2)


class Journey:
    """One person's calls, and every secret that was handed out."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.token, self.secrets = client, "", set[str]()

    def change(self, document: str, **given: Any) -> Any:
        """The result of a mutation; secrets in it are noted."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {"query": document, "variables": {"input": given}}
        answer = self.client.post("/graphql", json=sent, headers=headers).json()
        assert "errors" not in answer, answer
        result = answer["data"]["result"]
        self.secrets |= {str(result[name]) for name in SECRETS if result.get(name)}
        return result

    def keep(self, secret: str) -> str:
        self.secrets.add(secret)
        return secret


def sign_up(journey: Journey, mailbox: Mailbox) -> None:
    journey.change(do.REGISTER, email=EMAIL, password=PASSWORD, name=NAME)
    link = journey.keep(mailbox.read_token())
    journey.change(do.CONFIRM, token=link, password=WRONG)
    assert journey.change(do.CONFIRM, token=link, password=PASSWORD)["__typename"] == "AccountConfirmed"
    assert journey.change(do.SIGN_IN, email=EMAIL, password=WRONG)["__typename"] == "Unauthenticated"
    journey.change(do.SIGN_IN, email=COLLEAGUE, password=WRONG)
    journey.token = journey.change(do.SIGN_IN, email=EMAIL, password=PASSWORD)["token"]


def found(journey: Journey, mailbox: Mailbox) -> None:
    assert journey.change(do.FOUND, name=FIRM)["__typename"] == "OrganizationFounded"
    assert journey.change(do.INVITE, email=COLLEAGUE, role="EDITOR")["__typename"] == "MemberInvited"
    assert journey.change(do.CREATE_KEY, name=NAME, scopes=["ASSESSMENTS_READ"])["__typename"] == "ApiKeyCreated"
    assert journey.change(START_FACTOR, password=PASSWORD)["__typename"] == "SecondFactorStarted"
    journey.change(CHANGE_EMAIL, newEmail=NEW, password=PASSWORD)
    journey.keep(mailbox.read_token())
    journey.change(do.REQUEST_RESET, email=EMAIL)
    journey.keep(mailbox.read_token())


def answer(journey: Journey) -> None:
    given = {"questionnaire": "sample", "tier": "BASIC", "periodStart": "2026-01-01", "periodEnd": "2026-12-31"}
    assessment = journey.change(answering.START, **given)["assessment"]["id"]
    written = [*answering.write_all(), answering.write("remark", text=REMARK, comment=REMARK)]
    written.append(answering.write("headcount", text=REMARK))
    saved = journey.change(answering.SAVE, assessmentId=assessment, answers=written)
    assert {one["status"] for one in saved["results"]} >= {"SAVED", "REFUSED"}, saved
    journey.change(answering.SUBMIT, assessmentId=assessment, expectedChangeNumber=saved["changeNumber"])


def send_file(journey: Journey) -> None:
    document = UPLOAD.replace("{ createEvidenceUpload(", "{ result: createEvidenceUpload(")
    made = journey.change(document, fileName=FILE, kind="POLICY", title=REMARK)
    (header,) = made["upload"]["headers"]
    for content in (b"MZ" + REMARK.encode(), files.make_pdf(REMARK.encode())):
        journey.client.put("/uploads", content=content, headers={header["name"]: journey.keep(header["value"])})


def do_wrong(journey: Journey) -> None:
    """Calls that are refused, each with something of the person in it."""
    bearer = {"authorization": f"Bearer {journey.token}x"}
    spoiled = (
        f'{{ viewer(name: "{REMARK}") {{ user }} }}',
        f"{{ {EMAIL}",
        f'mutation {{ signIn(input: "{PASSWORD}") }}',
    )
    for query in spoiled:
        journey.client.post("/graphql", json={"query": query, "variables": {"email": EMAIL}}, headers=bearer)
    journey.client.post("/graphql", content=f'{{"query": "{EMAIL}'.encode())
    journey.client.get("/graphql", params={"query": REMARK, "token": journey.token})
    journey.client.put("/uploads", content=b"x", headers={"upload-token": EMAIL})
    journey.client.get("/sso/callback", params={"state": journey.token, "code": REMARK})


def leave(journey: Journey) -> None:
    path = journey.change(EXPORT, password=PASSWORD)["exportPath"]
    fetched = journey.client.get(path, headers={"authorization": f"Bearer {journey.token}"})
    assert fetched.json()["account"]["email"] == EMAIL
    assert journey.change(write("eraseAccount", ""), password=PASSWORD)["code"] == "LAST_OWNER"
    assert journey.change(CLOSE, password=PASSWORD)["__typename"] == "OrganizationClosed"
    assert journey.change(write("eraseAccount", ""), password=PASSWORD)["__typename"] == "AccountErased"


def wait_for_jobs(database: databases.TestDatabase, serving: processes.Serving) -> None:
    """Until every event was passed on and each letter was tried."""
    waiting = "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL"
    waiting += " UNION ALL SELECT 1 FROM portal.mail WHERE state = 'waiting'"

    async def wait() -> None:
        async with asyncio.timeout(60):
            while await people.run_sql(database, waiting):
                assert serving.process.poll() is None, serving.read_log()
                await asyncio.sleep(0.1)

    asyncio.run(wait())


def test_nothing_of_a_person_stands_in_the_log(database: databases.TestDatabase, tmp_path: Path) -> None:
    asyncio.run(publishing.publish_with_login(database.owner_url, [sample.make_packaged()]))
    mailbox = Mailbox()
    port = embedded._find_free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings = {
        "PORTAL_ENVIRONMENT": "production",
        "PORTAL_LOG_LEVEL": "debug",
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_SMTP_URL": f"smtp://127.0.0.1:{port}",
    }
    try:
        with processes.serve(tmp_path / "data", **settings) as serving:
            serving.wait_until_ready()
            with httpx.Client(base_url=serving.url, verify=NOBODY, timeout=60) as client:
                journey = Journey(client)
                sign_up(journey, mailbox)
                found(journey, mailbox)
                answer(journey)
                send_file(journey)
                do_wrong(journey)
                leave(journey)
            wait_for_jobs(database, serving)
            log = serving.read_log()
    finally:
        controller.stop()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = {line["event"] for line in lines}
    assert {"request", "refused", "worker.leads"} <= events, events
    assert len([line for line in lines if line["event"] == "request"]) > 25
    hidden = [*TYPED, *journey.secrets]
    assert len(journey.secrets) > 7 and all(len(one) > 15 for one in journey.secrets), journey.secrets
    assert [one for one in hidden if one.lower() in log.lower()] == []
