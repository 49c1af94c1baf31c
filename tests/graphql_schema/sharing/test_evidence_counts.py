"""Which documents a submission takes: each that is attached is there and checked, or is named; putting one right."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.assessments import answers, assessments
from tests.graphql_schema.sharing.stage import UPLOAD, Stage
from tests.graphql_schema.sharing.test_evidence import ATTACH, DETACH, PDF
from tests.portal.assessments.house import END, FULL, START, Caller, write

pytestmark = pytest.mark.slow  # waits for files to be checked

TODAY = datetime.now(UTC).date()
SUBMIT = """
mutation ($input: SubmitAssessmentInput!) { submitAssessment(input: $input) { __typename ... on Problem { code path }
  ... on InvalidAnswers { problems { question code message } } ... on AssessmentSubmitted { submission { id } } } }
"""
STATE = "query ($id: ID!) { assessment(id: $id) { changeNumber problems { question code } } }"
SEEN = "query ($id: ID!) { node(id: $id) { ... on Evidence { kind title issuer issuedOn validUntil isExpired } } }"
UPDATE = """
mutation ($input: UpdateEvidenceInput!) { updateEvidence(input: $input) { __typename ... on Problem { code path }
  ... on InvalidInput { problems { code path } }
  ... on EvidenceUpdated { evidence { kind title issuer issuedOn validUntil } } } }
"""
DELETE = """
mutation ($input: DeleteEvidenceInput!) { deleteEvidence(input: $input) { __typename ... on Problem { code path }
  ... on EvidenceDeleted { evidenceId } } }
"""
PLACED = ATTACH.replace("evidence { attachments { question rowId } }", "problem { question code message }")


async def start_standard(stage: Stage) -> str:
    """A draft at the tier that demands a record of `fees_repaid`; its id outside."""
    async with stage.house.act(stage.weaver) as (session, actor):
        made = await assessments.start_assessment(
            session, actor, questionnaire="sample", tier="standard", period_start=START, period_end=END
        )
        sent = [write(key, value) for key, value in FULL.items()]
        await answers.save_answers(session, actor, assessment_id=made.id, sent=sent)
    return stage.name("asmt", stage.weaver, made.id)


async def attach(stage: Stage, draft: str, evidence: str, question: str = "fees_repaid", query: str = ATTACH) -> Any:
    return await stage.change(stage.weaver, query, assessmentId=draft, evidenceId=evidence, question=question)


async def submit(stage: Stage, draft: str, **changed: Any) -> Any:
    """Submit what is there now."""
    number = (await stage.ask(stage.weaver, STATE, id=draft))["assessment"]["changeNumber"]
    given = {"assessmentId": draft, "expectedChangeNumber": number}
    return await stage.change(stage.weaver, SUBMIT, **(given | changed))


def codes(submitted: Any) -> list[tuple[str, str]]:
    assert submitted["__typename"] == "InvalidAnswers", submitted
    return [(one["question"], one["code"]) for one in submitted["problems"]]


async def set_state(stage: Stage, state: str) -> None:
    """What the worker found, for all documents."""
    await stage.house.fetch("UPDATE portal.evidence SET state = $1", state)


async def test_a_document_counts_once_it_was_checked(unwatched: Stage) -> None:
    stage, draft = unwatched, await start_standard(unwatched)
    evidence, token = await stage.announce(stage.weaver, "receipts.pdf", kind="RECORD")
    await attach(stage, draft, evidence)
    waits = await submit(stage, draft)
    assert codes(waits) == [("fees_repaid", "EVIDENCE_NOT_ARRIVED")]
    assert "receipts.pdf" in waits["problems"][0]["message"]
    assert (await stage.put(token, PDF)).status_code == 201
    checked = await submit(stage, draft)
    assert codes(checked) == [("fees_repaid", "EVIDENCE_BEING_CHECKED")]
    assert "few seconds" in checked["problems"][0]["message"]
    await set_state(stage, "rejected")
    assert codes(await submit(stage, draft)) == [
        ("fees_repaid", "EVIDENCE_REFUSED"),
        ("fees_repaid", "EVIDENCE_MISSING"),
    ]
    await set_state(stage, "available")
    assert (await submit(stage, draft))["__typename"] == "AssessmentSubmitted"
    frozen = await stage.house.fetch("SELECT question FROM portal.submission_evidence")
    assert [row["question"] for row in frozen] == ["fees_repaid"]


async def test_a_document_that_nothing_demands_is_not_dropped_silently(unwatched: Stage) -> None:
    stage = unwatched
    assessment, _ = await stage.draft(stage.weaver)
    draft = stage.name("asmt", stage.weaver, assessment)
    evidence, _ = await stage.announce(stage.weaver, kind="PHOTO")
    await attach(stage, draft, evidence, "exits_locked")
    assert codes(await submit(stage, draft)) == [("exits_locked", "EVIDENCE_NOT_ARRIVED")]
    await stage.change(stage.weaver, DETACH, assessmentId=draft, evidenceId=evidence, question="exits_locked")
    assert (await submit(stage, draft))["__typename"] == "AssessmentSubmitted"


async def test_attaching_and_detaching_are_changes(stage: Stage) -> None:
    assessment, number = await stage.draft(stage.weaver)
    draft = stage.name("asmt", stage.weaver, assessment)
    evidence = await stage.send(stage.weaver, PDF, kind="RECORD")
    await stage.wait_for(stage.weaver, evidence)
    for _ in range(2):  # the second time nothing changes
        await attach(stage, draft, evidence)
        assert (await stage.ask(stage.weaver, STATE, id=draft))["assessment"]["changeNumber"] == number + 1
    assert (await submit(stage, draft, expectedChangeNumber=number))["code"] == "CHANGED"
    for _ in range(2):
        await stage.change(stage.weaver, DETACH, assessmentId=draft, evidenceId=evidence, question="fees_repaid")
        assert (await stage.ask(stage.weaver, STATE, id=draft))["assessment"]["changeNumber"] == number + 2
    await stage.change(stage.weaver, UPDATE, evidenceId=evidence, title="Receipts")
    assert (await stage.ask(stage.weaver, STATE, id=draft))["assessment"]["changeNumber"] == number + 2
    await attach(stage, draft, evidence)
    await stage.change(stage.weaver, UPDATE, evidenceId=evidence, issuer="Ourselves")
    await stage.change(stage.weaver, UPDATE, evidenceId=evidence, issuer="Ourselves")
    assert (await stage.ask(stage.weaver, STATE, id=draft))["assessment"]["changeNumber"] == number + 4


async def test_an_expired_document_is_kept_and_told(stage: Stage) -> None:
    draft, past = await start_standard(stage), (TODAY - timedelta(days=1)).isoformat()
    evidence = await stage.send(stage.weaver, PDF, "permit.pdf", kind="RECORD", validUntil=past)
    assert (await stage.ask(stage.weaver, SEEN, id=evidence))["node"]["isExpired"] is True
    await stage.wait_for(stage.weaver, evidence)
    told = (await attach(stage, draft, evidence, query=PLACED))["problem"]
    assert (told["question"], told["code"], past in told["message"]) == ("fees_repaid", "EVIDENCE_EXPIRED", True)
    listed = (await stage.ask(stage.weaver, STATE, id=draft))["assessment"]["problems"]
    assert listed == [{"question": "fees_repaid", "code": "EVIDENCE_EXPIRED"}]
    assert codes(await submit(stage, draft)) == [("fees_repaid", "EVIDENCE_EXPIRED")]
    await stage.change(stage.weaver, UPDATE, evidenceId=evidence, validUntil=TODAY.isoformat())
    assert (await attach(stage, draft, evidence, query=PLACED))["problem"] is None
    assert (await submit(stage, draft))["__typename"] == "AssessmentSubmitted"


async def test_what_was_said_of_a_document_is_put_right(stage: Stage) -> None:
    said = {"kind": "CERTIFICATE", "title": "A", "issuer": "B", "issuedOn": "2026-01-02", "validUntil": "2027-01-02"}
    evidence, _ = await stage.announce(stage.weaver, **said)
    other = {"kind": "RECORD", "title": "C", "issuer": "D", "issuedOn": "2026-02-02", "validUntil": "2027-02-02"}
    changed = await stage.change(stage.weaver, UPDATE, evidenceId=evidence, **other)
    assert changed == {"__typename": "EvidenceUpdated", "evidence": other}
    emptied = await stage.change(stage.weaver, UPDATE, evidenceId=evidence, title=None, validUntil=None)
    assert emptied["evidence"] == other | {"title": None, "validUntil": None}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": None}, "kind", "KIND"),
        ({"title": " "}, "title", "TEXT"),
        ({"issuer": "x" * 201}, "issuer", "TEXT"),
        ({"issuedOn": "2999-01-01"}, "issuedOn", "DATE"),
        ({"validUntil": "2026-02-01"}, "validUntil", "DATE"),
    ]
    for given, path, code in cases:
        refused = await stage.change(stage.weaver, UPDATE, evidenceId=evidence, **given)
        assert refused["problems"] == [{"path": ["input", path], "code": code}], given
    assert (await stage.change(stage.dyer, UPDATE, evidenceId=evidence, title="E"))["code"] == "NOT_FOUND"
    draft = await start_standard(stage)
    await attach(stage, draft, evidence)
    kind = await stage.change(stage.weaver, UPDATE, evidenceId=evidence, kind="PHOTO")
    assert (kind["code"], kind["path"]) == ("EVIDENCE_KIND", ["input", "kind"])


async def test_what_a_submission_holds_is_neither_changed_nor_deleted(stage: Stage) -> None:
    draft = await start_standard(stage)
    evidence = await stage.send(stage.weaver, PDF, kind="RECORD")
    await stage.wait_for(stage.weaver, evidence)
    await attach(stage, draft, evidence)
    assert (await stage.change(stage.weaver, DELETE, evidenceId=evidence))["code"] == "ATTACHED"
    assert (await submit(stage, draft))["__typename"] == "AssessmentSubmitted"
    assert (await stage.change(stage.weaver, UPDATE, evidenceId=evidence, title="E"))["code"] == "SUBMITTED"
    assert (await stage.change(stage.weaver, DELETE, evidenceId=evidence))["code"] == "SUBMITTED"


async def wait_for_files(stage: Stage, count: int) -> None:
    async with asyncio.timeout(20):
        while len(stage.list_files()) != count:
            await asyncio.sleep(0.05)


async def test_a_deleted_document_takes_its_file_along_unless_another_has_the_same(stage: Stage) -> None:
    first = await stage.send(stage.weaver, PDF, "a.pdf")
    second = await stage.send(stage.weaver, PDF, "b.pdf")
    for evidence in (first, second):
        await stage.wait_for(stage.weaver, evidence)
    await wait_for_files(stage, 1)
    assert (await stage.change(stage.dyer, DELETE, evidenceId=first))["code"] == "NOT_FOUND"
    gone = await stage.change(stage.weaver, DELETE, evidenceId=first)
    assert gone == {"__typename": "EvidenceDeleted", "evidenceId": first}
    assert (await stage.change(stage.weaver, DELETE, evidenceId=first))["code"] == "NOT_FOUND"
    await stage.wait_for_jobs()
    assert len(stage.list_files()) == 1
    await stage.change(stage.weaver, DELETE, evidenceId=second)
    await wait_for_files(stage, 0)


async def test_a_document_that_waits_is_deleted_and_one_that_is_checked_is_not(unwatched: Stage) -> None:
    stage = unwatched
    waits, _ = await stage.announce(stage.weaver)
    assert (await stage.change(stage.weaver, DELETE, evidenceId=waits))["__typename"] == "EvidenceDeleted"
    checked = await stage.send(stage.weaver, PDF)
    assert (await stage.change(stage.weaver, DELETE, evidenceId=checked))["code"] == "EVIDENCE_BEING_CHECKED"
    again = await stage.change(stage.weaver, UPLOAD, fileName="a.pdf", kind="POLICY")
    assert again["__typename"] == "EvidenceUploadCreated"


async def test_documents_of_a_caller_are_its_own(stage: Stage) -> None:
    viewer: Caller = await stage.house.sign_up("supplier", member="viewer")
    evidence, _ = await stage.announce(stage.weaver)
    for query in (UPDATE, DELETE):
        assert (await stage.change(viewer, query, evidenceId=evidence))["code"] == "NOT_ALLOWED"
