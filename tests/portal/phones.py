"""Clients that save answers while their server is killed, and the check of what they were told against what is stored.

Each keeps a queue of writes with ids of their own and sends a write until it has heard what became of it: after a
broken connection, a reply that got lost on the way, or an answer that the portal is not ready.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal.database import ids
from tests import databases, people
from tests.clients import open_client
from tests.graphql_schema.assessments.documents import decode
from tests.portal.lines import LOST_REPLIES, Line, Traffic

START = """
mutation ($input: StartAssessmentInput!) {
  startAssessment(input: $input) { ... on AssessmentStarted { assessment { id } } ... on Problem { code message } }
}"""
SAVE = """
mutation ($input: SaveAnswersInput!) {
  saveAnswers(input: $input) {
    __typename
    ... on AnswersSaved { results { writeId status revision current { revision } } }
    ... on Problem { code message path }
  }
}"""
PAUSE = 0.1  # seconds, so that the processes that begin anew are not kept from it
QUESTIONS = ("headcount", "agency_workers", "injured_people", "electricity_used")


@dataclass(frozen=True)
class Told:
    """What a client heard of a write."""

    status: str
    revision: int | None


@dataclass
class Ledger:
    """Everything that was sent, and everything that was answered."""

    sent: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    told: dict[UUID, Told] = field(default_factory=dict)
    assessments: set[str] = field(default_factory=set)
    lost_replies: int = 0

    def hear(self, result: dict[str, Any]) -> None:
        """Keep an answer; a second one for the same write must say the same."""
        write, told = UUID(result["writeId"]), Told(result["status"], result["revision"])
        assert self.told.setdefault(write, told) == told, f"{write}: first {self.told[write]}, then {told}"


class Phone:
    """One client on one assessment."""

    def __init__(self, ledger: Ledger, line: Line, assessment: str) -> None:
        self.ledger = ledger
        self.line = line
        self.assessment = assessment
        self.random = line.chance
        self.seen: dict[str, int] = {}
        self.queue: dict[UUID, dict[str, Any]] = {}

    async def work(self, stopping: asyncio.Event) -> None:
        """Answer until told to stop, then send what is left."""
        async with self.line.client:
            while self.queue or not stopping.is_set():
                if not stopping.is_set() and len(self.queue) < 8:
                    self.add_writes()
                await self.send()
                await asyncio.sleep(PAUSE)

    def add_writes(self) -> None:
        """Answer one to four questions anew, mostly on the revision that was last seen."""
        for question in self.random.sample(QUESTIONS, self.random.randint(1, 4)):
            base = max(0, self.seen.get(question, 0) - self.random.choice([0, 0, 0, 0, 1]))
            write = {"writeId": str(ids.new_id()), "question": question, "baseRevision": base}
            write["value"] = {"number": str(self.random.randint(1, 5_000))}
            self.queue[UUID(write["writeId"])] = self.ledger.sent[UUID(write["writeId"])] = write

    async def send(self) -> None:
        """Send some of the queue in any order; what is not answered stays in it."""
        batch = self.random.sample(list(self.queue.values()), self.random.randint(1, len(self.queue)))
        results = await self.post(batch)
        for result in results or ():
            self.ledger.hear(result)
        if results is None or self.random.random() < LOST_REPLIES:
            self.ledger.lost_replies += results is not None
            return
        for result in results:
            question = self.queue.pop(UUID(result["writeId"]))["question"]
            self.seen[question] = result["current"]["revision"]

    async def post(self, batch: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """What became of each write, or nothing where no answer came."""
        body = {"query": SAVE, "variables": {"input": {"assessmentId": self.assessment, "answers": batch}}}
        response = await self.line.try_once("save", "POST", "/graphql", json=body)
        if response is None:
            return None
        assert response.status_code == 200, response.text
        saved = response.json()["data"]["saveAnswers"]
        assert saved["__typename"] == "AnswersSaved", saved
        results: list[dict[str, Any]] = saved["results"]
        return results


async def open_phones(
    database: databases.TestDatabase, ledger: Ledger, traffic: Traffic, find_url: Callable[[], str], seed: int
) -> list[Phone]:
    """Two suppliers with an assessment each, and three phones on each of them, one of a colleague."""
    phones = []
    for supplier in range(2):
        owner, colleague = await people.add_person(database), await people.add_person(database)
        await people.add_organization(database, (owner, "owner"), (colleague, "editor"))
        assessment = await start_assessment(f"{find_url()}/graphql", owner.token)
        ledger.assessments.add(assessment)
        for number, token in enumerate([owner.token, owner.token, colleague.token]):
            client = open_client(timeout=30, headers={"authorization": f"Bearer {token}"})
            chance = random.Random(seed * 100 + supplier * 10 + number)
            phones.append(Phone(ledger, Line(client, find_url, traffic, chance), assessment))
    return phones


async def start_assessment(url: str, token: str) -> str:
    """The id of a new draft."""
    given = {"questionnaire": "responsible-sourcing", "tier": "BASIC"}
    given |= {"periodStart": "2026-01-01", "periodEnd": "2026-12-31"}
    async with open_client(timeout=30, headers={"authorization": f"Bearer {token}"}) as client:
        response = await client.post(url, json={"query": START, "variables": {"input": given}})
    started: str = response.json()["data"]["startAssessment"]["assessment"]["id"]
    return started


async def audit(database: databases.TestDatabase, ledger: Ledger) -> dict[str, int]:
    """Hold what is stored against what was told; gives the number of writes by what became of them."""
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        places = {decode(one) for one in ledger.assessments}
        writes = await connection.fetch("SELECT * FROM portal.answer_write WHERE assessment_id = ANY($1)", places)
        answers = await connection.fetch("SELECT * FROM portal.answer WHERE assessment_id = ANY($1)", places)
        assessments = await connection.fetch(
            "SELECT id, change_number FROM portal.assessment WHERE id = ANY($1)", places
        )
    finally:
        await connection.close()
    check_told(writes, ledger)
    saved = [row for row in writes if row["outcome"] == "saved"]
    check_revisions(saved, writes, answers)
    for row in assessments:
        assert row["change_number"] == sum(one["assessment_id"] == row["id"] for one in saved)
    counts: dict[str, int] = defaultdict(int)
    for row in writes:
        counts[row["outcome"]] += 1
    return dict(counts)


def check_told(writes: list[Any], ledger: Ledger) -> None:
    """Each write that was sent was answered, is stored once, and as it was answered."""
    assert ledger.told.keys() == ledger.sent.keys()
    assert len(writes) == len(ledger.sent)
    for row in writes:
        told, sent = ledger.told[row["write_id"]], ledger.sent[row["write_id"]]
        assert (row["outcome"].upper(), row["revision"]) == (told.status, told.revision)
        assert (row["question"], row["base_revision"]) == (sent["question"], sent["baseRevision"])
        assert read_number(row) == sent["value"]["number"]


def check_revisions(saved: list[Any], writes: list[Any], answers: list[Any]) -> None:
    """Each place has revisions 1, 2, 3 ... each made on the one before, and the last is the answer that stands."""
    made: dict[tuple[UUID, str], dict[int, Any]] = defaultdict(dict)
    for row in sorted(saved, key=lambda one: one["revision"]):
        place = (row["assessment_id"], row["question"])
        assert row["revision"] == len(made[place]) + 1 == row["base_revision"] + 1
        made[place][row["revision"]] = row
    standing = {(row["assessment_id"], row["question"]): row for row in answers}
    assert standing.keys() == made.keys()
    for place, row in standing.items():
        assert row["revision"] == len(made[place])
        assert read_number(row) == read_number(made[place][row["revision"]])
    assert len({(row["assessment_id"], row["changed_at_number"]) for row in answers}) == len(answers)
    met_others = Counter(find_writer(row) for row in writes if row["outcome"] == "conflict")
    for row in writes:
        met = made[row["assessment_id"], row["question"]].get(row["revision"])
        if row["outcome"] == "unchanged":
            assert read_number(row) == read_number(met)
        if row["outcome"] == "conflict":
            # What follows a conflict of the same device stands on a revision that its sender has never seen.
            assert row["base_revision"] != row["revision"] or met_others[find_writer(row)] > 1
            assert read_number(row) != read_number(met) if met is not None else row["revision"] == 0


def find_writer(row: Any) -> tuple[Any, ...]:
    """Which device of whom wrote at which place."""
    return row["assessment_id"], row["question"], row["device"], row["member_id"]


def read_number(row: Any) -> str:
    """The stored number as it was sent."""
    return str(orjson.loads(row["value"]))
