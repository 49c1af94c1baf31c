"""Clarification rounds: a question opens the answers it is about and no others, and a reply closes it."""

from datetime import date
from typing import Any

import pytest

from portal.assessments import answers, assessments, pushing
from portal.database import ids
from portal.directory import sites
from portal.directory.sites import SiteFacts
from tests.graphql_schema.assessments.documents import discard
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import Review
from tests.graphql_schema.sharing.test_evidence import ATTACH
from tests.portal.assessments import files
from tests.portal.assessments.house import END, FULL, START
from tests.portal.assessments.house import write as house_write

pytestmark = pytest.mark.slow  # waits for files and the worker

CHANGES = "query ($after: String) { changes(after: $after) { endCursor changes { kind id } } }"
THEIRS = "query ($after: String) { supplierChanges(after: $after) { endCursor changes { kind id } } }"
CORRECT = """
mutation ($input: CorrectAssessmentInput!) { correctAssessment(input: $input) { __typename ... on Problem { code } } }
"""
TIER = "mutation ($input: ChangeTierInput!) { changeTier(input: $input) { __typename ... on Problem { code } } }"

PUSH = """
mutation ($input: PushAnswersInput!) { pushAnswers(input: $input) {
  __typename ... on AnswersPushed { notPushed { siteId question reason } } ... on Problem { code } } }
"""
YEAR: dict[str, Any] = {"start": date(2025, 1, 1), "end": date(2025, 12, 31)}
STANDING = """
query ($id: ID!) { assessment(id: $id) { conflicts { conflicts { question } }
  answers { answers { question provenance content { value { number } } } } } }
"""
CORRECT = """
mutation ($input: CorrectAssessmentInput!) { correctAssessment(input: $input) {
  ... on AssessmentCorrected { assessment { id } } ... on Problem { code } } }
"""


async def ask(review: Review, caller: Any, *questions: str, **more: Any) -> Any:
    items = [{"question": one, "text": f"How is {one} meant?"} for one in questions]
    values = {"resultId": review.result, "items": items, "dueOn": "2027-01-31"} | more
    return await review.stage.change(caller, documents.ASK, **values)


def write(question: str, base: int, **value: Any) -> dict[str, Any]:
    return {"writeId": str(ids.new_id()), "question": question, "baseRevision": base, "value": value}


async def test_a_question_opens_only_what_it_is_about(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", "safety", mode="FOLLOWING")
    mark = (await stage.ask(stage.weaver, CHANGES))["changes"]["endCursor"]
    theirs = (await stage.ask(stage.maker, THEIRS))["supplierChanges"]["endCursor"]
    asked = await ask(review, stage.maker, "trained", message="Two things")
    assert asked["__typename"] == "ClarificationAsked", asked
    assert (await ask(review, stage.maker, "trained"))["code"] == "OPEN"
    told = (await stage.ask(stage.weaver, CHANGES, after=mark))["changes"]["changes"]
    assert ("CLARIFICATION", asked["clarification"]["id"]) in {(one["kind"], one["id"]) for one in told}
    (received,) = (await stage.ask(stage.weaver, documents.RECEIVED))["clarifications"]["nodes"]
    assert (received["round"], received["message"], received["submissionId"]) == (
        1,
        "Two things",
        review.submitted.node,
    )
    assert received["asker"]["name"]
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=received["id"])
    assert opened["__typename"] == "ClarificationReopened", opened
    draft = opened["assessment"]
    assert (draft["revision"], draft["reopened"]) == (2, ["trained"])
    saved = await stage.change(
        stage.weaver,
        documents.SAVE,
        assessmentId=draft["id"],
        answers=[write("trained", 1, number="60"), write("exits_locked", 1, boolean=True)],
    )
    first, second = saved["results"]
    assert (first["status"], second["status"], second["problem"]["code"]) == ("SAVED", "PENDING", "ANSWER_WAITS")
    assert "clarification" in second["problem"]["message"]
    place = {"assessmentId": draft["id"], "evidenceId": review.document}
    assert (await stage.change(stage.weaver, ATTACH, **place, question="exits_locked"))["code"] == "LOCKED"
    assert (await stage.change(stage.weaver, TIER, assessmentId=draft["id"], tier="MICRO"))["code"] == "LOCKED"
    made = await stage.change(
        stage.weaver, documents.SUBMIT, assessmentId=draft["id"], expectedChangeNumber=saved["changeNumber"]
    )
    assert (made["__typename"], made["submission"]["revision"]) == ("AssessmentSubmitted", 2)
    (closed,) = (await stage.ask(stage.maker, documents.ASKED))["askedClarifications"]["nodes"]
    assert (closed["state"], closed["draftId"], closed["replySubmissionId"]) == ("REVISED", None, None)
    assert closed["replyResultId"] is not None  # the share follows
    told = (await stage.ask(stage.maker, THEIRS, after=theirs))["supplierChanges"]["changes"]
    assert ("CLARIFICATION", closed["id"]) in {(one["kind"], one["id"]) for one in told}
    newer = (await stage.ask(stage.maker, documents.READ, id=closed["replyResultId"]))["node"]
    assert newer["total"] != (await review.read(stage.maker))["total"]
    refused = await ask(review, stage.maker, "trained")
    assert (refused["code"], refused["path"]) == ("SUPERSEDED", ["input", "resultId"])
    assert "look at that one" in refused["message"]


async def test_who_was_given_one_revision_is_told_to_ask_for_the_next(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", mode="SNAPSHOT")
    asked = await ask(review, stage.maker, "trained")
    again = await ask(review, stage.maker, "trained")
    assert (again["code"], again["path"]) == ("OPEN", ["input", "resultId"])
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=asked["clarification"]["id"])
    draft = opened["assessment"]["id"]
    saved = await stage.change(
        stage.weaver, documents.SAVE, assessmentId=draft, answers=[write("trained", 1, number="60")]
    )
    await stage.change(stage.weaver, documents.SUBMIT, assessmentId=draft, expectedChangeNumber=saved["changeNumber"])
    refused = await ask(review, stage.maker, "trained")
    assert (refused["code"], refused["path"]) == ("SUPERSEDED", ["input", "resultId"])
    assert "requestAccess" in refused["message"]


async def test_two_open_rounds_are_answered_by_one_draft_or_by_two(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", mode="FOLLOWING")
    await review.share(stage.trader, "labour", mode="FOLLOWING")
    first, second = (await ask(review, stage.maker, "fees_repaid"), await ask(review, stage.trader, "trained"))
    first, second = first["clarification"]["id"], second["clarification"]["id"]
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=first)
    draft = opened["assessment"]
    for one in (second, second, first):  # again the same
        both = await stage.change(stage.weaver, documents.REVISE, clarificationId=one)
        assert both["assessment"]["id"] == draft["id"], both
        assert both["clarification"]["draftId"] == draft["id"]
        assert both["assessment"]["reopened"] == ["fees_repaid", "trained"]
    assert int(both["assessment"]["changeNumber"]) > int(draft["changeNumber"])
    number = both["assessment"]["changeNumber"]
    made = await stage.change(stage.weaver, documents.SUBMIT, assessmentId=draft["id"], expectedChangeNumber=number)
    assert made["__typename"] == "AssessmentSubmitted", made
    rounds = (await stage.ask(stage.weaver, documents.RECEIVED))["clarifications"]["nodes"]
    assert {(one["state"], one["replySubmissionId"]) for one in rounds} == {("REVISED", made["submission"]["id"])}


async def test_a_round_about_an_earlier_revision_opens_the_newest(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", mode="FOLLOWING")
    await review.share(stage.trader, "labour", mode="FOLLOWING")
    first, second = (await ask(review, stage.maker, "fees_repaid"), await ask(review, stage.trader, "trained"))
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=first["clarification"]["id"])
    sent = {"assessmentId": opened["assessment"]["id"], "expectedChangeNumber": opened["assessment"]["changeNumber"]}
    assert (await stage.change(stage.weaver, documents.SUBMIT, **sent))["__typename"] == "AssessmentSubmitted"
    wanted = second["clarification"]["id"]
    later = await stage.change(stage.weaver, documents.REVISE, clarificationId=wanted)
    assert (later["assessment"]["revision"], later["assessment"]["reopened"]) == (3, ["trained"])
    assert later["assessment"]["clarificationId"] == wanted
    # What waits at an answer that was asked about is taken up, and again by a correction that is begun instead.
    await discard(stage.portal, stage.weaver.credential.token, later["assessment"]["id"])
    late = await stage.change(
        stage.weaver, documents.SAVE, assessmentId=sent["assessmentId"], answers=[write("trained", 1, number="61")]
    )
    assert late["results"][0]["status"] == "PENDING", late
    again = await stage.change(stage.weaver, documents.REVISE, clarificationId=wanted)
    told = (await stage.ask(stage.weaver, STANDING, id=again["assessment"]["id"]))["assessment"]["answers"]["answers"]
    assert [one["content"]["value"]["number"] for one in told if one["question"] == "trained"] == ["61"]
    await discard(stage.portal, stage.weaver.credential.token, again["assessment"]["id"])
    await stage.change(stage.weaver, CORRECT, assessmentId=sent["assessmentId"])
    assert (await stage.change(stage.weaver, documents.REVISE, clarificationId=wanted))["code"] == "NEWER_REVISION"


async def test_what_is_locked_stays_whatever_comes_meanwhile(review: Review) -> None:
    """Neither what a head office pushes nor a newer revision of a document changes what nobody asked about."""
    stage, house = review.stage, review.stage.house
    stand = "SELECT a.question, a.provenance FROM portal.answer a JOIN portal.assessment t ON t.id = a.assessment_id"
    stand += " WHERE t.id = $1 AND a.provenance = 'locked' ORDER BY a.question"
    year = {"period_start": START.replace(year=2025), "period_end": END.replace(year=2025)}
    async with house.act(stage.weaver) as (session, actor):
        mill = (await sites.add_site(session, actor, facts=SiteFacts(name="Mill"))).id
        begin: dict[str, Any] = {"questionnaire": "sample", "tier": "basic", **year}
        office = (await assessments.start_assessment(session, actor, **begin)).id
        made = (await assessments.start_assessment(session, actor, **begin, site_id=mill)).id
        sent = [house_write(key, value) for key, value in (FULL | {"waste": ["paper"]}).items()]
        sent += [house_write("sites", True, row_id="a"), house_write("site_people", "5", row_id="a")]
        await answers.save_answers(session, actor, assessment_id=made, sent=sent)
        set_ = [house_write("exits_locked", True), house_write("fees_repaid", "no"), house_write("trained", "80")]
        await answers.save_answers(session, actor, assessment_id=office, sent=set_)
        number = (await assessments.get_assessment(session, actor, made)).change_number
    old = await stage.send(stage.weaver, files.make_pdf(b"old"), "old.pdf", kind="RECORD")
    await stage.wait_for(stage.weaver, old)
    place = {"assessmentId": stage.name("asmt", stage.weaver, made), "evidenceId": old}
    for question in ("fees_repaid", "trained"):
        attached = await stage.change(stage.weaver, ATTACH, **place, question=question)
        assert attached["__typename"] == "EvidenceAttached", attached
    submitted = await stage.submit(stage.weaver, (made, number + 2))
    await stage.share(stage.weaver, stage.maker, submitted, sections=["facts", "labour", "safety"])
    result = stage.name("shrd", stage.weaver, submitted.id)
    asked = await ask(review, stage.maker, "trained", resultId=result)
    async with house.act(stage.weaver) as (session, actor):
        await pushing.push_answers(session, actor, source_id=office, questions=["exits_locked"], mode="locked")
    newer = await stage.send(stage.weaver, files.make_pdf(b"new"), "new.pdf", kind="RECORD", revises=old)
    await stage.wait_for(stage.weaver, newer)
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=asked["clarification"]["id"])
    (draft,) = [one["id"] for one in await house.fetch("SELECT id FROM portal.assessment WHERE reopened IS NOT NULL")]
    assert [one["question"] for one in await house.fetch(stand, draft)] == []
    async with house.act(stage.weaver) as (session, actor):
        act = await pushing.push_answers(
            session, actor, source_id=office, questions=["fees_repaid", "trained"], mode="locked"
        )
    assert [(one.question, one.reason) for one in act.left] == [("fees_repaid", "not_reopened")]
    assert [one["question"] for one in await house.fetch(stand, draft)] == ["trained"]
    links = "SELECT l.question, e.file_name FROM portal.evidence_link l JOIN portal.evidence e ON e.id = l.evidence_id"
    links += " WHERE l.assessment_id = $1 ORDER BY l.question"
    here = [tuple(one) for one in await house.fetch(links, draft)]
    assert here == [("fees_repaid", "old.pdf"), ("trained", "new.pdf")]
    newest = await stage.send(stage.weaver, files.make_pdf(b"newest"), "newest.pdf", kind="RECORD", revises=old)
    await stage.wait_for(stage.weaver, newest)
    here = [tuple(one) for one in await house.fetch(links, draft)]
    assert here == [("fees_repaid", "old.pdf"), ("trained", "newest.pdf")]
    # The next ordinary draft gets all of it.
    await discard(stage.portal, stage.weaver.credential.token, opened["assessment"]["id"])
    async with house.act(stage.weaver) as (session, actor):
        plain = (await assessments.correct_assessment(session, actor, assessment_id=made)).assessment.id
    locked = [one["question"] for one in await house.fetch(stand, plain)]
    assert locked == ["exits_locked", "fees_repaid", "trained"]
    here = [tuple(one) for one in await house.fetch(links, plain)]
    assert here == [("fees_repaid", "newest.pdf"), ("trained", "newest.pdf")]


async def test_a_reply_in_words_closes_a_round_and_the_next_one_may_begin(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour")
    first = (await ask(review, stage.maker, "fees_repaid"))["clarification"]["id"]
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=first)
    gone = await discard(stage.portal, stage.weaver.credential.token, opened["assessment"]["id"])
    assert gone["__typename"] == "AssessmentDiscarded"
    for words, code in (("", "TEXT"), ("x" * 2001, "TEXT")):
        assert (await stage.change(stage.weaver, documents.REPLY, clarificationId=first, reply=words))["code"] == code
    for _ in range(2):  # again the same
        replied = await stage.change(stage.weaver, documents.REPLY, clarificationId=first, reply="All were repaid.")
        assert (replied["clarification"]["state"], replied["clarification"]["reply"]) == ("REPLIED", "All were repaid.")
    assert (await stage.change(stage.weaver, documents.REVISE, clarificationId=first))["code"] == "CLOSED"
    assert (await stage.change(stage.maker, documents.TAKE_BACK, clarificationId=first))["code"] == "CLOSED"
    second = (await ask(review, stage.maker, "fees_repaid"))["clarification"]
    assert second["round"] == 2
    back = await stage.change(stage.maker, documents.TAKE_BACK, clarificationId=second["id"])
    assert back["clarification"]["state"] == "WITHDRAWN"
    late = await stage.change(stage.weaver, documents.REPLY, clarificationId=second["id"], reply="Late")
    assert late["code"] == "CLOSED"


async def reply(review: Review, asked: Any, *items: tuple[str, str], **more: Any) -> Any:
    said = [{"question": question, "text": words} for question, words in items]
    return await review.stage.change(
        review.stage.weaver, documents.REPLY, clarificationId=asked["id"], items=said, **more
    )


def tell_items(clarification: Any) -> dict[str, Any]:
    assert all((one["reply"] is None) == (one["repliedAt"] is None) for one in clarification["items"])
    return {one["question"]: one["reply"] for one in clarification["items"]}


async def test_each_item_has_a_reply_of_its_own_and_the_last_one_closes_the_round(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", "safety")
    asked = (await ask(review, stage.maker, "fees_repaid", "trained", "exits_locked"))["clarification"]
    theirs = (await stage.ask(stage.maker, THEIRS))["supplierChanges"]["endCursor"]
    for _ in range(2):  # again the same
        first = await reply(review, asked, ("trained", " All but the newest. "))
        assert first["__typename"] == "ClarificationReplied", first
        assert first["clarification"]["state"] == "OPEN"
    (seen,) = (await stage.ask(stage.maker, documents.ASKED))["askedClarifications"]["nodes"]
    said = {"fees_repaid": None, "trained": "All but the newest.", "exits_locked": None}
    assert (seen["state"], seen["reply"], tell_items(seen)) == ("OPEN", None, said)
    told = (await stage.ask(stage.maker, THEIRS, after=theirs))["supplierChanges"]["changes"]
    assert ("CLARIFICATION", asked["id"]) in {(one["kind"], one["id"]) for one in told}
    # What was replied stands, and nothing of a refused call is kept.
    other = await reply(review, asked, ("fees_repaid", "In May."), ("trained", "All."))
    assert (other["__typename"], other["code"], other["path"]) == (
        "Conflict",
        "REPLIED",
        ["input", "items", "1", "text"],
    )
    last = await reply(review, asked, ("fees_repaid", "In May."), ("exits_locked", "Never."))
    said |= {"fees_repaid": "In May.", "exits_locked": "Never."}
    for closed in (
        last["clarification"],
        (await stage.ask(stage.maker, documents.ASKED))["askedClarifications"]["nodes"][0],
    ):
        assert (closed["state"], closed["reply"], tell_items(closed)) == ("REPLIED", None, said)
    async with stage.portal.client() as client:
        token = {"Authorization": f"Bearer {stage.weaver.credential.token}"}
        exported = (await client.get(f"/exports/submissions/{review.submitted.id}.json", headers=token)).text
    # The file may be handed on: who asked, and what, is not for whoever gets it.
    assert "fees_repaid" in exported
    assert all(words not in exported for words in (asked["asker"]["name"], asked["id"], *said.values()))
    again = await reply(review, asked, ("exits_locked", "Never."))
    assert again["__typename"] == "ClarificationReplied"
    assert (await reply(review, asked, ("exits_locked", "Ever.")))["code"] == "CLOSED"
    assert (await reply(review, asked, reply="And more."))["code"] == "CLOSED"


async def test_words_for_one_item_and_a_revision_for_another(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", mode="FOLLOWING")
    asked = (await ask(review, stage.maker, "fees_repaid", "trained"))["clarification"]
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=asked["id"])
    # With a draft open for it, words for each item leave the round to that.
    replied = await reply(review, asked, ("fees_repaid", "In May."), ("trained", "See the new figure."))
    assert replied["clarification"]["state"] == "OPEN"
    draft = opened["assessment"]["id"]
    saved = await stage.change(
        stage.weaver, documents.SAVE, assessmentId=draft, answers=[write("trained", 1, number="60")]
    )
    await stage.change(stage.weaver, documents.SUBMIT, assessmentId=draft, expectedChangeNumber=saved["changeNumber"])
    (closed,) = (await stage.ask(stage.maker, documents.ASKED))["askedClarifications"]["nodes"]
    assert closed["state"] == "REVISED"
    assert tell_items(closed) == {"fees_repaid": "In May.", "trained": "See the new figure."}
    # Where the draft is discarded instead, the words that are there close it.
    asked = (await ask(review, stage.maker, "trained", resultId=closed["replyResultId"]))["clarification"]
    opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=asked["id"])
    assert (await reply(review, asked, ("trained", "Since May.")))["clarification"]["state"] == "OPEN"
    await discard(stage.portal, stage.weaver.credential.token, opened["assessment"]["id"])
    assert (await reply(review, asked, ("trained", "Since May.")))["clarification"]["state"] == "REPLIED"
    # Beside them the whole may have its reply.
    asked = (await ask(review, stage.maker, "fees_repaid", "trained", resultId=closed["replyResultId"]))[
        "clarification"
    ]
    assert (await reply(review, asked))["code"] == "EMPTY"
    given = [("fees_repaid", "x"), ("fees_repaid", "y"), ("exits_locked", "z"), ("trained", " ")]
    wrong = await reply(review, asked, *given)
    assert [(one["path"][-2:], one["code"]) for one in wrong["problems"]] == [
        (["1", "question"], "TWICE"),
        (["2", "question"], "UNKNOWN_ITEM"),
        (["3", "text"], "TEXT"),
    ]
    both = (await reply(review, asked, ("trained", "Since May."), reply="Thank you for asking."))["clarification"]
    assert (both["state"], both["reply"]) == ("REPLIED", "Thank you for asking.")
    assert tell_items(both) == {"fees_repaid": None, "trained": "Since May."}


async def test_a_draft_that_is_discarded_closes_the_rounds_that_words_have_answered(review: Review) -> None:
    stage = review.stage
    for buyer in (stage.maker, stage.trader):
        await review.share(buyer, "labour", mode="FOLLOWING")
    first = (await ask(review, stage.maker, "trained"))["clarification"]
    second = (await ask(review, stage.trader, "fees_repaid", "trained"))["clarification"]
    for one in (first, second):
        opened = await stage.change(stage.weaver, documents.REVISE, clarificationId=one["id"])
    assert (await reply(review, first, ("trained", "Since May.")))["clarification"]["state"] == "OPEN"
    assert (await reply(review, second, ("trained", "Since May.")))["clarification"]["state"] == "OPEN"
    assert await count_letters(review, stage.maker) == 0
    await discard(stage.portal, stage.weaver.credential.token, opened["assessment"]["id"])
    (told,) = (await stage.ask(stage.maker, documents.ASKED))["askedClarifications"]["nodes"]
    assert (told["state"], told["reply"], tell_items(told)) == ("REPLIED", None, {"trained": "Since May."})
    assert await count_letters(review, stage.maker) == 1
    assert (await ask(review, stage.maker, "trained"))["clarification"]["round"] == 2
    # Something is left to say to the other one.
    (told,) = (await stage.ask(stage.trader, documents.ASKED))["askedClarifications"]["nodes"]
    assert (told["state"], await count_letters(review, stage.trader)) == ("OPEN", 0)
    assert (await reply(review, second, ("fees_repaid", "In May.")))["clarification"]["state"] == "REPLIED"
    assert await count_letters(review, stage.trader) == 1


async def count_letters(review: Review, buyer: Any) -> int:
    """How many letters a buyer is due that say that a round has its reply."""
    due = "SELECT FROM portal.outbox WHERE topic = 'clarification.replied' AND ids ->> 'to' = $1"
    return len(await review.stage.house.fetch(due, str(buyer.organization)))


async def test_who_may_ask_and_reply(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour")
    refused = await ask(review, stage.maker, "remark", "fees_repaid", "fees_repaid", dueOn="2020-01-01")
    assert {one["code"] for one in refused["problems"]} == {"UNKNOWN_ANSWER", "TWICE", "DATE"}
    for caller, code in ((stage.trader, "NOT_FOUND"), (review.reviewer, "NOT_FOUND"), (stage.weaver, "NOT_ALLOWED")):
        assert (await ask(review, caller, "fees_repaid"))["code"] == code
    asked = (await ask(review, stage.maker, "fees_repaid"))["clarification"]["id"]
    for caller, code in ((stage.dyer, "NOT_FOUND"), (stage.maker, "NOT_ALLOWED")):
        item = {"items": [{"question": "fees_repaid", "text": "x"}]}
        for document, more in ((documents.REPLY, {"reply": "x"}), (documents.REPLY, item), (documents.REVISE, {})):
            assert (await stage.change(caller, document, clarificationId=asked, **more))["code"] == code
    assert (await stage.change(stage.trader, documents.TAKE_BACK, clarificationId=asked))["code"] == "NOT_FOUND"
    viewer = await stage.house.join(stage.maker, "viewer")
    assert (await ask(review, viewer, "trained"))["code"] == "NOT_ALLOWED"


async def test_what_a_head_office_sets_waits_until_a_clarification_is_answered(review: Review) -> None:
    stage, weaver = review.stage, review.stage.weaver
    async with stage.house.act(weaver) as (session, actor):
        mill = await sites.add_site(session, actor, facts=SiteFacts(name="Mill"))
    review.submitted = await stage.submit(weaver, await stage.draft(weaver, site_id=mill.id, **YEAR))
    await review.share(stage.maker, "facts", "labour")
    asked = (await ask(review, stage.maker, "trained"))["clarification"]["id"]
    office, _ = await stage.draft(weaver, headcount="14", trained="80", **YEAR)
    push = {"assessmentId": stage.name("asmt", weaver, office), "mode": "SUGGESTED"}
    await stage.change(weaver, PUSH, **push, questions=["headcount"])
    draft = (await stage.change(weaver, documents.REVISE, clarificationId=asked))["assessment"]["id"]
    site = stage.name("site", weaver, mill.id)
    for mode in ("LOCKED", "SUGGESTED"):
        pushed = await stage.change(weaver, PUSH, **push | {"mode": mode}, questions=["headcount", "trained"])
        assert pushed["notPushed"] == [{"siteId": site, "question": "headcount", "reason": "NOT_REOPENED"}]
    told = (await stage.ask(weaver, STANDING, id=draft))["assessment"]
    standing = {
        one["question"]: (one["provenance"], one["content"]["value"]["number"]) for one in told["answers"]["answers"]
    }
    assert (standing["headcount"], standing["trained"]) == (("ANSWERED", "12"), ("TO_CONFIRM", "80"))
    saved = await stage.change(weaver, documents.SAVE, assessmentId=draft, answers=[write("trained", 3, number="81")])
    made = await stage.change(weaver, documents.SUBMIT, assessmentId=draft, expectedChangeNumber=saved["changeNumber"])
    assert made["__typename"] == "AssessmentSubmitted", made
    corrected = (await stage.change(weaver, CORRECT, assessmentId=draft))["assessment"]["id"]
    told = (await stage.ask(weaver, STANDING, id=corrected))["assessment"]
    assert [one["question"] for one in told["conflicts"]["conflicts"]] == ["headcount"]
