"""Somebody who answers and submits over a line or a disk that fails, and the check of what was acknowledged."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from graphql_schema import nodes
from portal import access
from portal.assessments import answers, assessments, publishing
from portal.database import engine, ids
from tests.clients import open_client
from tests.databases import TestDatabase
from tests.portal.assessments import sample
from tests.portal.assessments.house import END, FULL, START, Caller, House, write
from tests.portal.lines import PASSING, is_unavailable

SAVE = """
mutation ($input: SaveAnswersInput!) { saveAnswers(input: $input) {
  __typename ... on AnswersSaved { results { writeId status revision } } ... on Problem { code message } } }
"""
SUBMIT = """
mutation ($input: SubmitAssessmentInput!) { submitAssessment(input: $input) {
  __typename ... on AssessmentSubmitted { submission { id } } ... on Problem { code message } } }
"""
READ = "query ($id: ID!) { assessment(id: $id) { changeNumber } }"
TRIES = 200


@dataclass
class Client:
    """Somebody who answers one question again and again, and asks until there is an answer."""

    url: str
    caller: Caller
    house: House
    assessment: UUID
    told: dict[str, tuple[str, int]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    revision: int = 0

    @property
    def id(self) -> str:
        kind = nodes.NodeKind("asmt", "asmt", access.PUBLIC)
        return str(nodes.encode_id(kind, self.assessment, self.caller.organization))

    async def post(self, query: str, **variables: Any) -> Any:
        """The one field of an answer; None where there is none, or where it says to come again."""
        sent = {"query": query, "variables": variables}
        headers = {"authorization": f"Bearer {self.caller.credential.token}"}
        try:
            async with open_client(timeout=30) as client:
                answer = await client.post(self.url, json=sent, headers=headers)
        except httpx.TransportError:
            self.outcomes["nothing"] += 1
            return None
        codes = {one["extensions"]["code"] for one in answer.json().get("errors", ())}
        if codes == {"TIMED_OUT"} or is_unavailable(answer):
            self.outcomes["unavailable"] += 1
            return None
        ((_, found),) = answer.json()["data"].items()
        if found is None or found.get("code") in PASSING:
            self.outcomes["unavailable"] += 1
            return None
        self.outcomes["answered"] += 1
        return found

    async def insist(self, query: str, **variables: Any) -> Any:
        """An answer at last."""
        for _ in range(TRIES):
            found = await self.post(query, **variables)
            if found is not None:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"nothing for {TRIES} tries: {self.outcomes}")

    def make(self, value: int) -> dict[str, Any]:
        """One more write on the revision that was acknowledged last."""
        sent = {"writeId": str(ids.new_id()), "question": "headcount", "baseRevision": self.revision}
        return {"assessmentId": self.id, "answers": [sent | {"value": {"number": str(value)}}]}

    def hear(self, given: dict[str, Any], saved: Any) -> None:
        """Keep what was acknowledged."""
        assert saved["__typename"] == "AnswersSaved", saved
        ((sent,), (result,)) = given["answers"], saved["results"]
        assert (result["status"], result["revision"]) == ("SAVED", self.revision + 1), result
        self.revision += 1
        self.told[sent["writeId"]] = (sent["value"]["number"], self.revision)

    async def save(self, value: int) -> None:
        """Write until it is acknowledged."""
        given = self.make(value)
        self.hear(given, await self.insist(SAVE, input=given))

    async def submit(self) -> str:
        """The submission, asked for twice: one and the same."""
        seen = await self.insist(READ, id=self.id)
        given = {"assessmentId": self.id, "expectedChangeNumber": seen["changeNumber"]}
        given["idempotencyKey"] = str(ids.new_id())
        made, again = [await self.insist(SUBMIT, input=given) for _ in range(2)]
        assert made["__typename"] == "AssessmentSubmitted" and again == made, (made, again)
        return str(made["submission"]["id"])

    async def check(self, submissions: int) -> None:
        """Every write that was acknowledged is there once, as it was told, and nothing else is."""
        writes = await self.house.fetch(
            "SELECT write_id::text, value #>> '{}' AS value, revision FROM portal.answer_write"
            " WHERE assessment_id = $1 AND question = 'headcount' AND write_id::text = ANY($2)",
            self.assessment,
            list(self.told),
        )
        assert {row["write_id"]: (row["value"], row["revision"]) for row in writes} == self.told
        assert len(writes) == len(self.told)
        ((count,),) = await self.house.fetch("SELECT count(*) FROM portal.answer_write WHERE question = 'headcount'")
        assert count == len(self.told) + 1
        ((made,),) = await self.house.fetch("SELECT count(*) FROM portal.submission")
        assert made == submissions


@asynccontextmanager
async def open_house(database: TestDatabase) -> AsyncIterator[House]:
    """A house with a questionnaire, whose own line holds."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    try:
        yield House(database, opened)
    finally:
        await opened.close()


async def begin(house: House, url: str) -> Client:
    """A supplier with a draft that is all but complete."""
    caller = await house.sign_up("supplier")
    async with house.act(caller) as (session, actor):
        made = await assessments.start_assessment(
            session, actor, questionnaire="sample", tier="basic", period_start=START, period_end=END, site_id=None
        )
        sent = [write(key, value) for key, value in (FULL | {"waste": ["paper"]}).items()]
        sent += [write("sites", True, row_id="a"), write("site_people", "5", row_id="a")]
        await answers.save_answers(session, actor, assessment_id=made.id, sent=sent)
    return Client(url, caller, house, made.id, revision=1)
