"""What a device sends late while a draft answers a clarification of other answers: it waits, and is never lost."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from portal.database import ids
from tests import databases
from tests.graphql_schema.assessments.documents import discard
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.portal.assessments.house import Caller

RESULTS = "results { writeId status revision problem { code message } yours { value { number boolean choice } } }"
SAVE = f"""
mutation ($input: SaveAnswersInput!) {{ saveAnswers(input: $input) {{ __typename ... on Problem {{ code }}
  ... on AnswersSaved {{ assessmentId changeNumber {RESULTS} }} ... on DraftDiscarded {{ {RESULTS} }} }} }}
"""
CORRECT = f"""
mutation ($input: CorrectAssessmentInput!) {{ correctAssessment(input: $input) {{ __typename ... on Problem {{ code }}
  ... on AssessmentCorrected {{ assessment {{ id changeNumber }} {RESULTS} }} }} }}
"""
REVISE = f"""
mutation ($input: ReviseForClarificationInput!) {{ reviseForClarification(input: $input) {{ __typename
  ... on Problem {{ code }}
  ... on ClarificationReopened {{ assessment {{ id changeNumber reopened }} {RESULTS} }} }} }}
"""
DISMISS = """
mutation ($input: DismissPendingCorrectionsInput!) { dismissPendingCorrections(input: $input) { __typename
  ... on Problem { code } ... on PendingCorrectionsDismissed { writeIds } } }
"""
ACCEPT = f"""
mutation ($input: AcceptRequestInput!) {{ acceptRequest(input: $input) {{ __typename ... on Problem {{ code }}
  ... on RequestAccepted {{ outcome assessment {{ id reopened }} {RESULTS} }} }} }}
"""
STANDING = """
query ($id: ID!) { assessment(id: $id) { teamNumber
  pendingCorrections { corrections { writeId question content { value { number boolean choice } } } }
  answers { answers { question content { value { number boolean choice } } } } } }
"""
SPOKEN = (
    "query ($id: ID!, $locale: Locale!) { assessment(id: $id) {"
    ' answerHistory(question: "exits_locked", locale: $locale) { status problem { code message } } } }'
)


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    async with stages.set_stage(database, tmp_path, works=False) as made:
        yield made


class Asked:
    """A submission that a buyer reads, and the draft in which the supplier answers what was asked about it."""

    def __init__(self, stage: Stage, submitted: Submitted) -> None:
        self.stage, self.submitted = stage, submitted
        self.old = stage.name("asmt", stage.weaver, submitted.assessment)
        self.draft = ""

    async def share(self, buyer: Caller) -> None:
        await self.stage.share(
            self.stage.weaver, buyer, self.submitted, sections=["labour", "safety"], mode="FOLLOWING"
        )

    async def ask(self, buyer: Caller, *questions: str) -> str:
        items = [{"question": one, "text": "How is it meant?"} for one in questions]
        result = self.stage.name("shrd", self.stage.weaver, self.submitted.id)
        made = await self.stage.change(buyer, documents.ASK, resultId=result, items=items, dueOn="2027-01-31")
        assert made["__typename"] == "ClarificationAsked", made
        asked: str = made["clarification"]["id"]
        return asked

    async def revise(self, clarification: str) -> Any:
        made = await self.stage.change(self.stage.weaver, REVISE, clarificationId=clarification)
        assert made["__typename"] == "ClarificationReopened", made
        self.draft = made["assessment"]["id"]
        return made

    async def send(self, assessment: str, *sent: dict[str, Any]) -> Any:
        saved = await self.stage.change(self.stage.weaver, SAVE, assessmentId=assessment, answers=list(sent))
        assert saved["__typename"] == "AnswersSaved", saved
        return saved

    async def tell(self, assessment: str, *sent: dict[str, Any]) -> list[str]:
        return [one["status"] for one in (await self.send(assessment, *sent))["results"]]

    async def submit(self) -> None:
        seen = await self.stage.ask(
            self.stage.weaver, "query ($id: ID!) { assessment(id: $id) { changeNumber } }", id=self.draft
        )
        number = seen["assessment"]["changeNumber"]
        made = await self.stage.change(
            self.stage.weaver, documents.SUBMIT, assessmentId=self.draft, expectedChangeNumber=number
        )
        assert made["__typename"] == "AssessmentSubmitted", made

    async def correct(self, assessment: str) -> Any:
        made = await self.stage.change(self.stage.weaver, CORRECT, assessmentId=assessment)
        assert made["__typename"] == "AssessmentCorrected", made
        return made

    async def list_waiting(self, assessment: str) -> list[str]:
        told = (await self.stage.ask(self.stage.weaver, STANDING, id=assessment))["assessment"]
        return [one["writeId"] for one in told["pendingCorrections"]["corrections"]]

    async def read(self, assessment: str, question: str) -> Any:
        told = (await self.stage.ask(self.stage.weaver, STANDING, id=assessment))["assessment"]
        (one,) = [one for one in told["answers"]["answers"] if one["question"] == question]
        return one["content"]["value"]


@pytest.fixture
async def asked(stage: Stage) -> Asked:
    """What was submitted, with a draft that answers a question about `trained` alone."""
    made = Asked(stage, await stage.submit(stage.weaver))
    await made.share(stage.maker)
    await made.revise(await made.ask(stage.maker, "trained"))
    return made


def write(question: str, base: int = 1, **value: Any) -> dict[str, Any]:
    return {"writeId": str(ids.new_id()), "question": question, "baseRevision": base, "value": value}


async def test_an_answer_that_nobody_asked_about_waits_for_the_next_correction(asked: Asked) -> None:
    late = write("exits_locked", boolean=True)
    before = (await asked.stage.ask(asked.stage.weaver, STANDING, id=asked.draft))["assessment"]["teamNumber"]
    for named in (asked.old, asked.draft, asked.old):  # a reply that got lost
        saved = await asked.send(named, late)
        assert saved["assessmentId"] == asked.draft
        (told,) = saved["results"]
        assert (told["status"], told["revision"], told["yours"]["value"]["boolean"]) == ("PENDING", None, True)
        assert told["problem"]["code"] == "ANSWER_WAITS"
        assert "waits for the next correction" in told["problem"]["message"]
    assert (await asked.stage.ask(asked.stage.weaver, STANDING, id=asked.draft))["assessment"]["teamNumber"] > before
    # It waits under every revision, and the draft stays as it was.
    for named in (asked.old, asked.draft):
        assert await asked.list_waiting(named) == [late["writeId"]]
        assert (await asked.read(named, "exits_locked"))["boolean"] is False
    assert await asked.tell(asked.draft, write("trained", number="60")) == ["SAVED"]
    await asked.submit()
    # What comes now waits beside it, and the next correction takes up both.
    more = write("headcount", number="77")
    assert await asked.tell(asked.old, more) == ["PENDING"]
    assert await asked.list_waiting(asked.draft) == [late["writeId"], more["writeId"]]
    made = await asked.correct(asked.draft)
    assert [(one["writeId"], one["status"]) for one in made["results"]] == [
        (late["writeId"], "SAVED"),
        (more["writeId"], "SAVED"),
    ]
    new = made["assessment"]["id"]
    assert (await asked.read(new, "exits_locked"))["boolean"] is True
    assert await asked.list_waiting(new) == await asked.list_waiting(asked.old) == []
    for named in (asked.old, asked.draft, new):
        assert await asked.tell(named, late) == ["SAVED"]


async def test_what_waits_outlives_the_draft(asked: Asked) -> None:
    late, other = write("exits_locked", boolean=True), write("exits_locked", boolean=True)
    assert await asked.tell(asked.draft, late) == ["PENDING"]
    gone = await discard(asked.stage.portal, asked.stage.weaver.credential.token, asked.draft)
    assert gone["__typename"] == "AssessmentDiscarded"
    # A reply that got lost: what is kept is not given back, which would have it typed anew.
    sent = [write("trained", number="60"), late, late | {"value": {"boolean": False}}]
    again = await asked.stage.change(asked.stage.weaver, SAVE, assessmentId=asked.draft, answers=sent)
    assert again["__typename"] == "DraftDiscarded"
    assert [(one["status"], one["problem"]["code"]) for one in again["results"]] == [
        ("REFUSED", "DRAFT_DISCARDED"),
        ("PENDING", "ANSWER_WAITS"),
        ("REFUSED", "WRITE_ID_REUSED"),
    ]
    assert await asked.list_waiting(asked.old) == [late["writeId"]]
    assert await asked.tell(asked.old, late, other) == ["PENDING", "PENDING"]
    made = await asked.correct(asked.old)
    assert [one["status"] for one in made["results"]] == ["SAVED", "UNCHANGED"]


async def test_who_takes_back_what_waits_has_the_last_word(asked: Asked) -> None:
    """What was submitted stands in the draft, so that going back to it says nothing new, but for what waits."""
    back = write("exits_locked", boolean=False)
    assert await asked.tell(asked.draft, back) == ["UNCHANGED"]
    late, back = write("exits_locked", boolean=True), write("exits_locked", 2, boolean=False)
    assert await asked.tell(asked.old, late) == ["PENDING"]
    assert await asked.tell(asked.draft, back) == ["PENDING"]
    same = write("exits_locked", boolean=False)  # by one who has not seen what waits
    assert await asked.tell(asked.old, same) == ["PENDING"]
    assert await asked.list_waiting(asked.draft) == [one["writeId"] for one in (late, back, same)]
    assert await asked.tell(asked.draft, write("trained", number="60")) == ["SAVED"]
    await asked.submit()
    assert await asked.tell(asked.draft, write("exits_locked", 3, boolean=False)) == ["PENDING"]
    made = await asked.correct(asked.draft)
    assert [one["status"] for one in made["results"]] == ["SAVED", "SAVED", "CONFLICT", "UNCHANGED"]
    assert (await asked.read(made["assessment"]["id"], "exits_locked"))["boolean"] is False


async def test_what_waits_is_taken_up_where_it_is_opened(asked: Asked) -> None:
    """By another round in the same draft, or by a draft for a round that began after it came."""
    stage = asked.stage
    await asked.share(stage.trader)
    safe, labour = write("exits_locked", boolean=True), write("fees_repaid", choice="no")
    assert await asked.tell(asked.draft, safe, labour) == ["PENDING", "PENDING"]
    other = await asked.ask(stage.trader, "exits_locked")
    for taken in ([(safe["writeId"], "SAVED")], []):  # again the same draft
        both = await asked.revise(other)
        assert both["assessment"]["reopened"] == ["exits_locked", "trained"]
        assert [(one["writeId"], one["status"]) for one in both["results"]] == taken
    assert (await asked.read(asked.draft, "exits_locked"))["boolean"] is True
    assert await asked.list_waiting(asked.draft) == [labour["writeId"]]
    assert await asked.tell(asked.old, safe, labour) == ["SAVED", "PENDING"]
    await discard(stage.portal, stage.weaver.credential.token, asked.draft)
    assert await asked.list_waiting(asked.old) == [safe["writeId"], labour["writeId"]]
    again = await asked.revise(other)
    assert again["assessment"]["reopened"] == ["exits_locked"]
    assert [(one["writeId"], one["status"]) for one in again["results"]] == [(safe["writeId"], "SAVED")]
    assert await asked.list_waiting(asked.draft) == [labour["writeId"]]


async def test_a_draft_that_is_opened_for_all_takes_up_all(asked: Asked) -> None:
    stage = asked.stage
    late = write("exits_locked", boolean=True)
    assert await asked.tell(asked.draft, late) == ["PENDING"]
    _, request = await stage.request(stage.maker, stage.weaver, accept=False, minimum_tier="standard")
    accepted = await stage.change(stage.weaver, ACCEPT, requestId=request)
    assert (accepted["outcome"], accepted["assessment"]["reopened"]) == ("TIER_RAISED", None), accepted
    assert [(one["writeId"], one["status"]) for one in accepted["results"]] == [(late["writeId"], "SAVED")]
    assert (await asked.read(asked.draft, "exits_locked"))["boolean"] is True
    assert await asked.list_waiting(asked.draft) == []


async def test_what_waits_may_be_dismissed_under_either_revision(asked: Asked) -> None:
    first, second = write("exits_locked", boolean=True), write("fees_repaid", choice="no")
    assert await asked.tell(asked.draft, first, second) == ["PENDING", "PENDING"]
    for named, one in ((asked.old, first), (asked.draft, second)):
        done = await asked.stage.change(asked.stage.weaver, DISMISS, assessmentId=named, writeIds=[one["writeId"]])
        assert done["__typename"] == "PendingCorrectionsDismissed", done
    assert await asked.list_waiting(asked.draft) == []
    assert await asked.tell(asked.old, first, second) == ["DISMISSED", "DISMISSED"]


async def list_reasons(asked: Asked) -> list[tuple[str, str, str]]:
    """The newest entry of the history in each language: its status, with the code and the words of its problem."""
    told = []
    for locale in ("en", "es", "fr", "vi", "ar", "zh-Hans"):
        found = await asked.stage.ask(asked.stage.weaver, SPOKEN, id=asked.old, locale=locale)
        (newest, *_) = found["assessment"]["answerHistory"]
        told.append((newest["status"], newest["problem"]["code"], newest["problem"]["message"]))
    return told


async def test_the_history_says_why_it_waited_in_the_languages_of_people(asked: Asked) -> None:
    await asked.tell(asked.draft, write("exits_locked", boolean=True))
    told = await list_reasons(asked)
    assert {one[:2] for one in told} == {("PENDING", "ANSWER_WAITS")}
    assert len({words for _, _, words in told}) == 6
    # What was refused before there was any waiting is still told as it was.
    problem = '{"code": "answer_locked", "parameters": {}}'
    await asked.stage.house.fetch(
        "UPDATE portal.answer_write SET outcome = 'refused', problem = $1 WHERE outcome = 'pending'", problem
    )
    told = await list_reasons(asked)
    assert {one[:2] for one in told} == {("REFUSED", "ANSWER_LOCKED")}
    assert len({words for _, _, words in told}) == 6
