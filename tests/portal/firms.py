"""Suppliers that answer, send documents and submit while the portal is killed, and the check of what they were told.

Each goes through one assessment after the other. A message is sent until it was answered, and where its reply is
dropped once more, always with the same id or key.
"""

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal import uploads
from portal.database import ids
from tests import databases, people
from tests.clients import open_client
from tests.graphql_schema.assessments.documents import decode
from tests.journeys.supplying import ANSWERS
from tests.portal import lines
from tests.portal.assessments import files
from tests.portal.lines import Line, Traffic, is_being_checked
from tests.receivers import Message, Receiver

PROBLEM = "... on Problem { code message path }"
START = f"""
mutation ($input: StartAssessmentInput!) {{
  startAssessment(input: $input) {{ __typename ... on AssessmentStarted {{ assessment {{ id }} }} {PROBLEM} }}
}}"""
SAVE = f"""
mutation ($input: SaveAnswersInput!) {{
  saveAnswers(input: $input) {{ __typename ... on AnswersSaved {{ results {{ writeId status revision }} }} {PROBLEM} }}
}}"""
ANNOUNCE = f"""
mutation ($input: CreateEvidenceUploadInput!) {{
  createEvidenceUpload(input: $input) {{
    __typename ... on EvidenceUploadCreated {{ evidence {{ id }} upload {{ headers {{ value }} }} }} {PROBLEM}
  }}
}}"""
ATTACH = f"""
mutation ($input: AttachEvidenceInput!) {{
  attachEvidence(input: $input) {{ __typename ... on EvidenceAttached {{ evidence {{ id }} }} {PROBLEM} }}
}}"""
NUMBER = "query ($id: ID!) { assessment(id: $id) { changeNumber } }"
SUBMIT = f"""
mutation ($input: SubmitAssessmentInput!) {{
  submitAssessment(input: $input) {{
    __typename ... on AssessmentSubmitted {{ submission {{ id rootHash result {{ total }} }} }} {PROBLEM}
    ... on InvalidAnswers {{ problems {{ question code }} }}
  }}
}}"""
HOOK = f"""
mutation ($input: CreateWebhookEndpointInput!) {{
  createWebhookEndpoint(input: $input) {{
    __typename ... on WebhookEndpointCreated {{ endpoint {{ id }} secret }} {PROBLEM}
  }}
}}"""
SUBMITTED = "assessment.submitted"
QUESTION = "exits_during_work"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
FIRST = date(2016, 1, 1)
SLOWLY = 0.3  # seconds for a file, or a piece of one


@dataclass(frozen=True)
class Told:
    """What a supplier was told of one assessment, for good."""

    supplier: UUID
    token: str
    given: dict[str, Any]  # the submission as it was asked for
    submission: dict[str, Any]
    documents: dict[str, bytes]  # by id, what was acknowledged


@dataclass
class Ledger:
    """Everything that was acknowledged."""

    told: list[Told] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)  # documents that were announced
    secrets: dict[str, str] = field(default_factory=dict)  # of endpoints, by their paths

    def count_documents(self) -> int:
        return sum(len(one.documents) for one in self.told)


@dataclass
class Firm:
    """One supplier with a line of its own."""

    line: Line
    ledger: Ledger
    supplier: UUID
    token: str
    rounds: int = 0

    async def work(self, stopping: asyncio.Event) -> None:
        """One assessment after the other until told to stop; the one that was begun is brought to its end."""
        async with self.line.client:
            while not stopping.is_set():
                await self.go_round()

    async def go_round(self) -> None:
        """From a draft to a submission with documents of two kinds of upload."""
        assessment = await self.start()
        await self.answer(assessment)
        documents = {}
        for number in range(2):
            evidence, content = await self.send_document(number == 0)
            documents[evidence] = content
            given = {"assessmentId": assessment, "question": QUESTION, "evidenceId": evidence}
            attached = await self.line.do("save", ATTACH, lambda made: made, **given)
            assert attached["__typename"] == "EvidenceAttached", attached
        seen = await self.line.post("save", NUMBER, id=assessment)
        given = {"assessmentId": assessment, "expectedChangeNumber": seen["changeNumber"]}
        given["idempotencyKey"] = str(ids.new_id())
        made = await self.line.do("submit", SUBMIT, lambda made: made, **given)
        while is_being_checked(made):
            await asyncio.sleep(0.2)  # a worker that was killed looks at it again
            made = await self.line.do("submit", SUBMIT, lambda made: made, **given)
        assert made["__typename"] == "AssessmentSubmitted", str(made)
        self.ledger.told.append(Told(self.supplier, self.token, given, made["submission"], documents))

    async def start(self) -> str:
        """A draft of a week that has none."""
        start = FIRST + timedelta(days=self.rounds)
        self.rounds += 1
        given = {"questionnaire": "responsible-sourcing", "tier": "MICRO"}
        given |= {"periodStart": str(start), "periodEnd": str(start + timedelta(days=6))}
        made = await self.line.do("save", START, lambda made: made["assessment"]["id"], **given)
        assert made["__typename"] == "AssessmentStarted", made
        return str(made["assessment"]["id"])

    async def answer(self, assessment: str) -> None:
        """Every answer in a few calls."""
        writes = [
            {"writeId": str(ids.new_id()), "question": question, "baseRevision": 0, "value": value}
            for question, value in ANSWERS.items()
        ]
        for first in range(0, len(writes), 5):
            sent = writes[first : first + 5]
            saved = await self.line.do("save", SAVE, lambda made: made, assessmentId=assessment, answers=sent)
            assert [(one["status"], one["revision"]) for one in saved["results"]] == [("SAVED", 1)] * len(sent), saved

    async def send_document(self, whole: bool) -> tuple[str, bytes]:
        """A document that was received: its id and its bytes."""
        content = files.make_pdf(b"% " + self.line.chance.randbytes(40_000).hex().encode() + b"\n")
        given = {"fileName": "exits.pdf", "kind": "RECORD", "size": len(content), "idempotencyKey": str(ids.new_id())}
        made = await self.line.do("upload", ANNOUNCE, lambda made: made["evidence"]["id"], **given)
        assert made["__typename"] == "EvidenceUploadCreated", made
        self.ledger.begun.add(made["evidence"]["id"])
        token = made["upload"]["headers"][0]["value"]
        await (self.put(token, content) if whole else self.add_pieces(token, content))
        return made["evidence"]["id"], content

    async def put(self, token: str, content: bytes) -> None:
        """The file at once, again and again until it was taken; where a reply was lost, it is said to be there."""
        headers = {uploads.HEADER: token, "Content-Length": str(len(content))}
        expected = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        tries, answer = 0, None
        while answer is None or self.line.chance.random() < lines.LOST_REPLIES:
            slow = lines.send_slowly(content, SLOWLY)
            tries += 1
            tried = await self.line.try_once("upload", "PUT", uploads.PATH, content=slow, headers=headers)
            if tried is not None:
                may_be = {201} if tries == 1 else {200, 201} if answer is None else {200}
                assert tried.status_code in may_be, (tries, tried.status_code, tried.text)
                assert tried.json() == expected
                answer = tried

    async def add_pieces(self, token: str, content: bytes) -> None:
        """The file in pieces; what was acknowledged of it stays."""
        known = 0
        while True:
            told = await self.line.send("upload", "HEAD", uploads.PATH, headers={**TUS, uploads.HEADER: token})
            assert told.status_code == 200, told.headers
            assert int(told.headers["upload-offset"]) >= known
            known = int(told.headers["upload-offset"])
            if known == len(content):
                return
            piece = content[known : known + len(content) // 3 + 1]
            headers = {**PIECE, uploads.HEADER: token, "Upload-Offset": str(known), "Content-Length": str(len(piece))}
            slow = lines.send_slowly(piece, SLOWLY)
            taken = await self.line.try_once("upload", "PATCH", uploads.PATH, content=slow, headers=headers)
            if taken is not None:
                assert taken.status_code == 204, (taken.status_code, taken.text)
                assert int(taken.headers["upload-offset"]) == known + len(piece)
                known += len(piece)


async def open_firms(
    database: databases.TestDatabase,
    ledger: Ledger,
    traffic: Traffic,
    find_url: Callable[[], str],
    seed: int,
    receiver: Receiver,
) -> list[Firm]:
    """Three suppliers whose systems are told of each submission."""
    firms = []
    for number in range(3):
        owner = await people.add_person(database)
        supplier = await people.add_organization(database, (owner, "owner"))
        client = open_client(timeout=30, headers={"authorization": f"Bearer {owner.token}"})
        line = Line(client, find_url, traffic, random.Random(seed * 1_000 + number))
        given = {"url": receiver.url(f"/{supplier}"), "eventTypes": ["submission.created"]}
        ledger.secrets[f"/{supplier}"] = await open_endpoint(find_url(), owner.token, given)
        firms.append(Firm(line, ledger, supplier, owner.token))
    return firms


async def open_endpoint(url: str, token: str, given: dict[str, Any]) -> str:
    """The secret of a new endpoint."""
    async with open_client(timeout=30, headers={"authorization": f"Bearer {token}"}) as client:
        answer = await client.post(f"{url}/graphql", json={"query": HOOK, "variables": {"input": given}})
    opened = answer.json()["data"]["createWebhookEndpoint"]
    assert opened["__typename"] == "WebhookEndpointCreated", opened
    secret: str = opened["secret"]
    return secret


def hang_up_now_and_then(chance: random.Random) -> Callable[[Message], str]:
    """How a receiver answers that loses the first try of some messages."""
    seen = set[str]()

    def answer(message: Message) -> str:
        is_new = message.headers["webhook-id"] not in seen
        seen.add(message.headers["webhook-id"])
        if is_new and chance.random() < lines.LOST_REPLIES:
            raise ConnectionAbortedError
        return "204 No Content"

    return answer


async def ask_again(ledger: Ledger, url: str) -> None:
    """Every submission is asked for once more with its key: the answer is the one of before."""
    for told in ledger.told:
        async with open_client(timeout=30, headers={"authorization": f"Bearer {told.token}"}) as client:
            sent = {"query": SUBMIT, "variables": {"input": told.given}}
            again = (await client.post(f"{url}/graphql", json=sent)).json()
        assert again["data"]["submitAssessment"]["submission"] == told.submission, again


async def audit(database: databases.TestDatabase, ledger: Ledger) -> None:
    """Hold what is stored against what was told: nothing is lost, nothing is there twice."""
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    suppliers = [one.supplier for one in ledger.told]
    try:
        submissions = await connection.fetch("SELECT * FROM portal.submission")
        results = await connection.fetch("SELECT submission_id FROM portal.result")
        evidence = await connection.fetch("SELECT * FROM portal.evidence")
        links = await connection.fetch("SELECT assessment_id, evidence_id FROM portal.evidence_link")
        events = await connection.fetch("SELECT object_id FROM portal.audit_event WHERE action = $1", SUBMITTED)
        writes = await connection.fetch(
            "SELECT assessment_id, question, outcome, value FROM portal.answer_write WHERE supplier_id = ANY($1)",
            suppliers,
        )
    finally:
        await connection.close()
    check_submissions(ledger, submissions, [row["submission_id"] for row in results])
    check_documents(ledger, evidence, links)
    assert sorted(row["object_id"] for row in events) == sorted(str(row["id"]) for row in submissions)
    wanted = {(decode(one.given["assessmentId"]), key): value for one in ledger.told for key, value in ANSWERS.items()}
    assert {(row["assessment_id"], row["question"]) for row in writes} == wanted.keys()
    assert len(writes) == len(wanted)
    for row in writes:
        (value,) = wanted[row["assessment_id"], row["question"]].values()
        assert (row["outcome"], orjson.loads(row["value"])) == ("saved", value)


def check_submissions(ledger: Ledger, submissions: list[Any], results: list[UUID]) -> None:
    """Each assessment has the submission that was told, and no other."""
    made = {row["assessment_id"]: row for row in submissions}
    assert len(made) == len(submissions) == len(ledger.told)
    for told in ledger.told:
        row = made[decode(told.given["assessmentId"])]
        assert row["id"] == decode(told.submission["id"])
        assert row["root_hash"].hex() == told.submission["rootHash"]
        assert results.count(row["id"]) == 1


def check_messages(ledger: Ledger, messages: list[Message]) -> int:
    """Each submission was told under one id, signed and to its supplier alone; gives how often one came again."""
    told = dict[str, str]()
    for message in messages:
        submission, id = message.event["data"]["submissionId"], message.headers["webhook-id"]
        assert message.event["type"] == "submission.created"
        assert message.count_signatures(ledger.secrets[message.path]) == 1
        assert told.setdefault(submission, id) == id, f"{submission} was told under two ids"
    assert {(one.submission["id"], f"/{one.supplier}") for one in ledger.told} == {
        (message.event["data"]["submissionId"], message.path) for message in messages
    }
    return len(messages) - len(told)


def check_documents(ledger: Ledger, evidence: list[Any], links: list[Any]) -> None:
    """Each document is there once with the bytes that were acknowledged, checked, and where it was attached."""
    made = {row["id"]: row for row in evidence}
    assert made.keys() == {decode(one) for one in ledger.begun}
    attached = sorted((row["assessment_id"], row["evidence_id"]) for row in links)
    assert attached == sorted(
        (decode(told.given["assessmentId"]), decode(one)) for told in ledger.told for one in told.documents
    )
    for told in ledger.told:
        for one, content in told.documents.items():
            row = made[decode(one)]
            assert (row["state"], row["size"]) == ("available", len(content))
            assert row["sha256"] == hashlib.sha256(content).digest()
