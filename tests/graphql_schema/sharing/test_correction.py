"""What a correction changed, as far as each side may read it; and what counts again once a correction is withdrawn."""

from typing import Any

import pytest

from portal.assessments import answers, submissions
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.graphql_schema.sharing.test_together import read_profile
from tests.portal.assessments.house import write

PARTS = """
fragment Parts on Correction { earlier { ...Side } later { ...Side }
  sections { key answers { question rowId change before { state values reason } after { state values reason } } }
  documents { evidenceId section question change } }
fragment Side on ScoredRevision { id revision tier total band coverage profileNumber pillars { key score } }
"""
OWN = "query ($later: ID!, $earlier: ID) { correction(later: $later, earlier: $earlier) { ...Parts } }" + PARTS
SHARED = "query ($later: ID!, $earlier: ID) { sharedCorrection(later: $later, earlier: $earlier) { ...Parts } }" + PARTS
CORRECT = """
mutation ($input: CorrectAssessmentInput!) { correctAssessment(input: $input) { __typename
  ... on Problem { code path message }
  ... on AssessmentCorrected { assessment { id revision tier } appliedCount results { status writeId } } } }
"""
WITHDRAW = """
mutation ($input: WithdrawSubmissionInput!) { withdrawSubmission(input: $input) { __typename
  ... on Problem { code path }
  ... on SubmissionWithdrawn { submission { state withdrawnReason } } } }
"""
STANDS = """
query ($id: ID!) { node(id: $id) {
  ... on Submission { state restored { at withdrawnRevision reason } }
  ... on SharedResult { state restored { at withdrawnRevision reason } } } }
"""
ANSWERS = """
SELECT question, row_id, state, value::text, deleted, revision FROM portal.answer WHERE assessment_id = $1
"""
RECEIPTS = "SELECT DISTINCT submission_id FROM portal.read_receipt WHERE kind = 'answers'"


async def correct(stage: Stage, old: Submitted, *sent: Any) -> Submitted:
    """A submitted correction of a submission."""
    made = await stage.change(stage.weaver, CORRECT, assessmentId=stage.name("asmt", stage.weaver, old.assessment))
    assert made["__typename"] == "AssessmentCorrected", made
    find = "SELECT id, change_number FROM portal.assessment WHERE corrects = $1"
    (row,) = await stage.house.fetch(find, old.assessment)
    async with stage.house.act(stage.weaver) as (session, actor):
        saved = await answers.save_answers(session, actor, assessment_id=row["id"], sent=list(sent))
        assert {one.status for one in saved.outcomes} == {"saved"}, saved.outcomes
        submitted = await submissions.submit_assessment(
            session, actor, assessment_id=row["id"], expected_change_number=saved.change_number
        )
    return Submitted(submitted.submission.id, row["id"], stage.name("subm", stage.weaver, submitted.submission.id))


async def correct_much(stage: Stage, first: Submitted) -> Submitted:
    """One answer changed in each of two sections, one added, and one gone."""
    return await correct(
        stage,
        first,
        write("exits_locked", True, base_revision=1),
        write("fees_repaid", "partly", base_revision=1),
        write("remark", "New words", base_revision=0),
        write("waste", state="unknown", base_revision=1),
    )


def shared_id(stage: Stage, submitted: Submitted) -> str:
    return stage.name("shrd", stage.weaver, submitted.id)


async def test_each_side_sees_what_changed_of_what_it_may_read(unwatched: Stage) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)
    second = await correct_much(stage, first)
    own = (await stage.ask(stage.weaver, OWN, later=second.node))["correction"]
    assert (own["earlier"]["id"], own["later"]["id"]) == (first.node, second.node)
    assert [(own[side]["revision"], own[side]["total"], own[side]["band"]) for side in ("earlier", "later")] == [
        (1, "93.33", "a"), (2, own["later"]["total"], "d"),
    ]  # fmt: skip
    changed = {one["question"]: one for section in own["sections"] for one in section["answers"]}
    assert {key: one["change"] for key, one in changed.items()} == {
        "remark": "ADDED", "fees_repaid": "CHANGED", "exits_locked": "CHANGED", "waste": "CHANGED",
    }  # fmt: skip
    assert changed["fees_repaid"]["before"] == {"state": "VALUE", "values": ["yes"], "reason": None}
    assert changed["fees_repaid"]["after"] == {"state": "VALUE", "values": ["partly"], "reason": None}
    assert (changed["waste"]["after"]["state"], changed["remark"]["before"]) == ("UNKNOWN", None)
    # Of the first revision the buyer reads one section, of the second two: only the one in both is compared.
    await stage.share(stage.weaver, stage.maker, first, sections=["safety"], includeEvidence=True)
    result = shared_id(stage, second)
    nothing = await stage.portal.ask(SHARED, stage.maker.credential.token, later=result)
    assert nothing["errors"][0]["extensions"]["code"] == "NOT_FOUND"  # the second is not shared
    await stage.share(stage.weaver, stage.maker, second, sections=["safety", "labour"])
    seen = (await stage.ask(stage.maker, SHARED, later=result))["sharedCorrection"]
    assert [one["key"] for one in seen["sections"]] == ["safety"]
    assert seen["sections"][0]["answers"] == [
        one for section in own["sections"] if section["key"] == "safety" for one in section["answers"]
    ]
    assert seen["documents"] == []
    assert {side: seen[side] | {"id": ""} for side in ("earlier", "later")} == {
        side: own[side] | {"id": ""} for side in ("earlier", "later")
    }
    assert {row[0] for row in await stage.house.fetch(RECEIPTS)} == {first.id, second.id}
    for caller, query, later in (
        (stage.trader, SHARED, result),
        (stage.dyer, OWN, second.node),
        (stage.maker, OWN, second.node),
        (stage.weaver, SHARED, result),
    ):
        refused = await stage.portal.ask(query, caller.credential.token, later=later)
        assert refused["errors"][0]["extensions"]["code"] in ("NOT_FOUND", "NOT_ALLOWED")
    lone = await stage.portal.ask(OWN, stage.weaver.credential.token, later=first.node)
    assert lone["errors"][0]["extensions"]["code"] == "NO_EARLIER"
    turned = await stage.portal.ask(OWN, stage.weaver.credential.token, later=first.node, earlier=second.node)
    assert turned["errors"][0]["extensions"]["code"] == "OTHER_SUBJECT"
    assert (await stage.ask(stage.weaver, OWN, later=second.node, earlier=first.node))["correction"] == own


async def test_what_was_corrected_counts_again_once_its_correction_is_withdrawn(unwatched: Stage) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, first, mode="FOLLOWING", sections=["safety"])
    second = await correct_much(stage, first)
    third = await correct(stage, second, write("remark", "Newest words", base_revision=1))
    shown = await read_profile(stage, stage.maker)
    assert [(one["revision"], one["state"]) for one in shown["history"]] == [
        (3, "CURRENT"), (2, "SUPERSEDED"), (1, "SUPERSEDED"),
    ]  # fmt: skip
    # A revision that counts no longer is taken back: what counts stays as it is.
    await stage.change(stage.weaver, WITHDRAW, submissionId=second.node)
    assert (await stage.ask(stage.weaver, STANDS, id=third.node))["node"] == {"state": "CURRENT", "restored": None}
    for words in (" ", "x" * 501):
        refused = await stage.change(stage.weaver, WITHDRAW, submissionId=third.node, toldReason=words)
        assert refused["path"] == ["input", "toldReason"]
    told = {"reason": "for us alone", "toldReason": "Figures of another site"}
    made = await stage.change(stage.weaver, WITHDRAW, submissionId=third.node, **told)
    assert made["submission"] == {"state": "WITHDRAWN", "withdrawnReason": "for us alone"}
    stands = (await stage.ask(stage.weaver, STANDS, id=first.node))["node"]
    restored = stands["restored"]
    assert (stands["state"], restored["withdrawnRevision"], restored["reason"]) == ("CURRENT", 3, told["toldReason"])
    shown = await read_profile(stage, stage.maker)  # nothing that was withdrawn is shown
    assert [(one["revision"], one["state"]) for one in shown["history"]] == [(1, "CURRENT")]
    assert shown["latestResult"]["band"] == "a" == shown["band"]
    assert (await stage.ask(stage.maker, STANDS, id=shared_id(stage, first)))["node"] == stands
    for gone in (second, third):
        assert (await stage.ask(stage.maker, STANDS, id=shared_id(stage, gone)))["node"] is None
    again = await stage.change(stage.weaver, WITHDRAW, submissionId=third.node, toldReason="Another word")
    assert again["submission"]["state"] == "WITHDRAWN"
    assert (await stage.ask(stage.weaver, STANDS, id=first.node))["node"] == stands
    # The next correction takes its place as ever.
    await correct(stage, third, write("remark", "Right words", base_revision=3))
    assert (await stage.ask(stage.weaver, STANDS, id=first.node))["node"] == {"state": "SUPERSEDED", "restored": None}
    counts = "SELECT count(*) FROM portal.submission WHERE state = 'current'"
    assert (await stage.house.fetch(counts))[0][0] == 1


@pytest.mark.parametrize("named", ["counted", "withdrawn"])
async def test_a_correction_begins_from_what_counts_and_not_from_what_was_withdrawn(
    unwatched: Stage, named: str
) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)
    second = await correct_much(stage, first)
    await stage.change(stage.weaver, WITHDRAW, submissionId=second.node)
    late = [write("trained", "80", base_revision=1), write("fees_repaid", "no", base_revision=2)]
    async with stage.house.act(stage.weaver) as (session, actor):  # from a phone that has seen the withdrawn one
        saved = await answers.save_answers(session, actor, assessment_id=second.assessment, sent=late)
    assert [one.status for one in saved.outcomes] == ["pending", "pending"]
    wanted = {"counted": first, "withdrawn": second}[named].assessment
    made = await stage.change(stage.weaver, CORRECT, assessmentId=stage.name("asmt", stage.weaver, wanted))
    draft = made["assessment"]
    assert (draft["revision"], made["appliedCount"]) == (3, 1)
    assert {one["writeId"]: one["status"] for one in made["results"]} == {
        str(late[0].write_id): "SAVED", str(late[1].write_id): "CONFLICT",
    }  # fmt: skip
    rows = await stage.house.fetch(ANSWERS, first.assessment)
    before = {(one["question"], one["row_id"]): one for one in rows}
    (new,) = await stage.house.fetch("SELECT id FROM portal.assessment WHERE revision = 3")
    after = {(one["question"], one["row_id"]): one for one in await stage.house.fetch(ANSWERS, new["id"])}
    changed = {"exits_locked": 3, "fees_repaid": 3, "waste": 3}
    for place, row in before.items():
        if place[0] != "trained":
            assert after[place]["value"] == row["value"] and after[place]["state"] == row["state"], place
            assert after[place]["revision"] == changed.get(place[0], 1), place
    assert after["trained", ""]["revision"] == 2
    assert after.keys() - before.keys() == {("remark", "")}
    assert (after["remark", ""]["deleted"], after["remark", ""]["revision"]) == (True, 2)
    again = await stage.change(stage.weaver, CORRECT, assessmentId=stage.name("asmt", stage.weaver, first.assessment))
    assert (again["code"], again["path"]) == ("NEWER_REVISION", ["input", "assessmentId"])
    assert draft["id"] in again["message"]


@pytest.mark.slow
async def test_a_buyers_list_shows_what_counts_again(stage: Stage) -> None:
    first = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, first, mode="FOLLOWING")
    second = await correct_much(stage, first)
    await stage.wait_for_jobs()
    (card,) = [one for one in (await stage.ask(stage.maker, documents.CARDS))["suppliers"]["nodes"] if one["total"]]
    assert card["band"] == "d"
    await stage.change(stage.weaver, WITHDRAW, submissionId=second.node)
    assert not any(one["total"] == card["total"] for one in (
        await stage.ask(stage.maker, documents.CARDS))["suppliers"]["nodes"])  # fmt: skip
    await stage.wait_for_jobs()
    totals = [one["total"] for one in (await stage.ask(stage.maker, documents.CARDS))["suppliers"]["nodes"]]
    assert "93.33" in totals
