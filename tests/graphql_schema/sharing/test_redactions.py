"""A buyer asks that something be taken out of a document; the supplier sends a redacted one, or says why it stays."""

from typing import Any

import pytest

from tests import databases
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import UPLOAD, Stage
from tests.graphql_schema.sharing.test_evidence import ATTACH
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked

ASK = """
mutation ($input: RequestRedactionInput!) { requestRedaction(input: $input) { __typename ... on Problem { code path }
  ... on RedactionRequested { evidenceId } } }
"""
DECLINE = """
mutation ($input: DeclineRedactionInput!) { declineRedaction(input: $input) { __typename ... on Problem { code path }
  ... on RedactionDeclined { request { state answer closedAt } } } }
"""
LIST = """
query ($state: RedactionState) { redactionRequests(state: $state) { nodes {
  id evidenceId reason state answer buyer { name } } } }
"""
SHARED = """
query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { evidence {
  evidenceId fileName title sha256 replacedById redactionState redactionAnswer } } } }
"""
HINTS = """
query ($id: ID!) { node(id: $id) { ... on Evidence { personalDataHints openedBy { openedAt } redacts } } }
"""
FEED = "query ($after: String) { supplierChanges(after: $after) { endCursor changes { kind type } } }"
RECEIPTS = "{ readReceipts(kind: EVIDENCE) { nodes { evidenceId submissionId purpose } } }"
PEOPLE = "\n".join(f"Somebody {n};person{n}@workers.example" for n in range(9)).encode()
CLEAN = files.make_pdf(b"nobody is named here")


async def share_list(stage: Stage) -> str:
    """A list of people that stands behind a submission, which is shared with the first buyer with its documents."""
    evidence = await stage.send(stage.weaver, PEOPLE, "workers with names.csv", kind="RECORD")
    await stage.wait_for(stage.weaver, evidence)
    assessment, number = await stage.draft(stage.weaver)
    place = {"assessmentId": stage.name("asmt", stage.weaver, assessment), "question": "fees_repaid"}
    await stage.change(stage.weaver, ATTACH, **place, evidenceId=evidence)
    submitted = await stage.submit(stage.weaver, (assessment, number + 1))
    await stage.share(stage.weaver, stage.maker, submitted, includeEvidence=True)
    await stage.wait_for_jobs()  # the buyer's card names the latest result
    return evidence


async def see(stage: Stage) -> dict[str, Any]:
    """The document as the buyer sees it."""
    found = await stage.ask(stage.maker, SHARED, id=stage.name_record(stage.maker, stage.weaver))
    (one,) = found["supplier"]["latestResult"]["evidence"]
    shown: dict[str, Any] = one
    return shown


async def fetch(stage: Stage, caller: Any, evidence: str) -> Any:
    """The file, or the code of why it is not given."""
    link = await stage.change(caller, documents.DOWNLOAD, evidenceId=evidence)
    return link["code"] if "code" in link else (await stage.get(link["url"])).content


async def test_a_redacted_file_takes_the_place_of_what_was_shared(stage: Stage) -> None:
    evidence = await share_list(stage)
    own = (await stage.ask(stage.weaver, HINTS, id=evidence))["node"]
    assert own["personalDataHints"] == ["EMAIL_ADDRESSES"]
    old = await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence)
    assert await fetch(stage, stage.maker, evidence) == PEOPLE
    for _ in range(2):  # the second time nothing changes
        asked = await stage.change(stage.maker, ASK, evidenceId=evidence, reason="Names of workers")
        assert asked == {"__typename": "RedactionRequested", "evidenceId": evidence}
    (request,) = (await stage.ask(stage.weaver, LIST))["redactionRequests"]["nodes"]
    assert (request["evidenceId"], request["reason"], request["state"]) == (evidence, "Names of workers", "OPEN")
    assert request["buyer"]["name"]
    before = await see(stage)
    assert (before["redactionState"], before["replacedById"]) == ("OPEN", None)
    mark, other_mark = [
        (await stage.ask(one, FEED))["supplierChanges"]["endCursor"] for one in (stage.maker, stage.trader)
    ]
    clean, token = await stage.announce(stage.weaver, "workers.pdf", kind="RECORD", revises=evidence, redacts=True)
    assert await fetch(stage, stage.maker, clean) == "NOT_FOUND"  # nothing of it before it is good
    assert (await stage.put(token, CLEAN)).status_code == 201
    await stage.wait_for(stage.weaver, clean)
    after = await see(stage)
    assert (after["redactionState"], after["replacedById"]) == ("DONE", clean)
    assert (after["fileName"], after["sha256"]) == ("workers.pdf", before["sha256"])  # the seal stays as it was
    assert await fetch(stage, stage.maker, evidence) == "REDACTED"
    assert (await stage.get(old["url"])).status_code == 404  # a link that was made before ends at once
    (change,) = (await stage.ask(stage.maker, FEED, after=mark))["supplierChanges"]["changes"]  # it is news
    assert (change["kind"], change["type"]) == ("SHARED_RESULT", "UPSERTED")
    assert (await stage.ask(stage.trader, FEED, after=other_mark))["supplierChanges"]["changes"] == []
    await stage.house.fetch("DELETE FROM portal.read_receipt WHERE evidence_id = (SELECT id FROM portal.evidence"
                            " WHERE redacts)")  # fmt: skip
    assert await fetch(stage, stage.maker, clean) == CLEAN
    (receipt, *_) = (await stage.ask(stage.weaver, RECEIPTS))["readReceipts"]["nodes"]
    (submission,) = await stage.house.fetch("SELECT id FROM portal.submission")
    assert receipt == {
        "evidenceId": clean, "submissionId": stage.name("subm", stage.weaver, submission[0]), "purpose": "Trust",
    }  # fmt: skip
    assert await fetch(stage, stage.trader, clean) == "NOT_FOUND"
    assert await fetch(stage, stage.weaver, evidence) == PEOPLE  # one's own file stays one's own
    assert len((await stage.ask(stage.weaver, HINTS, id=evidence))["node"]["openedBy"]) == 1  # that it was opened, too
    assert (await stage.ask(stage.weaver, LIST, state="OPEN"))["redactionRequests"]["nodes"] == []
    again = await stage.change(stage.maker, ASK, evidenceId=evidence, reason="More")
    assert (again["code"], again["path"]) == ("REDACTED", ["input", "evidenceId"])


async def test_a_supplier_says_why_a_document_stays(stage: Stage) -> None:
    evidence = await share_list(stage)
    await stage.change(stage.maker, ASK, evidenceId=evidence, reason="Names")
    (request,) = (await stage.ask(stage.weaver, LIST))["redactionRequests"]["nodes"]
    for words in ("", " ", "x" * 501):
        refused = await stage.change(stage.weaver, DECLINE, requestId=request["id"], answer=words)
        assert (refused["code"], refused["path"]) == ("TEXT", ["input", "answer"])
    foreign = await stage.change(stage.dyer, DECLINE, requestId=request["id"], answer="Mine")
    assert foreign["code"] == "NOT_FOUND"
    declined = await stage.change(stage.weaver, DECLINE, requestId=request["id"], answer="They agreed to it.")
    assert (declined["request"]["state"], declined["request"]["answer"]) == ("DECLINED", "They agreed to it.")
    assert (await stage.change(stage.weaver, DECLINE, requestId=request["id"], answer="x"))["code"] == "CLOSED"
    seen = await see(stage)
    assert (seen["redactionState"], seen["redactionAnswer"]) == ("DECLINED", "They agreed to it.")
    await stage.change(stage.maker, ASK, evidenceId=evidence, reason="They did not")
    assert (await see(stage))["redactionState"] == "OPEN"


async def test_only_whoever_reads_a_document_may_ask(stage: Stage) -> None:
    evidence = await share_list(stage)
    private = await stage.send(stage.weaver, CLEAN, "other.pdf", kind="RECORD")
    for caller, wanted, code in [
        (stage.trader, evidence, "NOT_FOUND"),
        (stage.maker, private, "NOT_FOUND"),
        (stage.weaver, evidence, "NOT_ALLOWED"),
    ]:
        assert (await stage.change(caller, ASK, evidenceId=wanted, reason="x"))["code"] == code
    assert (await stage.change(stage.maker, ASK, evidenceId=evidence, reason=" "))["path"] == ["input", "reason"]
    assert await stage.house.fetch("SELECT 1 FROM portal.redaction_request") == []
    lone = await stage.change(stage.weaver, UPLOAD, fileName="a.pdf", kind="RECORD", redacts=True)
    assert lone["problems"] == [{"path": ["input", "redacts"], "code": "REVISES"}]


async def test_a_letter_tells_the_supplier(
    database: databases.TestDatabase, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        async with stages.run_worker(database, stage.settings.model_copy(update={"environment": "development"})):
            evidence = await share_list(stage)
            await stage.wait_for_jobs()
            capsys.readouterr()
            await stage.change(stage.maker, ASK, evidenceId=evidence, reason="Names of workers")
            await stage.wait_for_jobs()
        printed = capsys.readouterr().out
        assert "asks you to take something out of a document" in printed
        assert "Names of workers" in printed
        assert "workers with names.csv" in printed
