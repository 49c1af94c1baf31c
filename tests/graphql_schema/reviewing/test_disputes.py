"""A supplier disputes a statement; both sides comment, the reviewer states anew, and all of it stays visible."""

from typing import Any

import pytest

from portal.database import ids
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import Review, find
from tests.graphql_schema.sharing.documents import DOWNLOAD
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files and the worker


async def dispute(review: Review, statement: str, question: str = "fees_repaid", **more: Any) -> Any:
    values = {"statementId": statement, "question": question, "reason": "The receipts are there."} | more
    return await review.stage.change(review.stage.weaver, documents.OPEN, **values)


async def test_a_dispute_is_answered_by_a_new_statement(review: Review, capsys: pytest.CaptureFixture[str]) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour")
    await review.share(stage.trader, "labour")
    both = [find("fees_repaid", "CONTRADICTED"), find("trained", "CONTRADICTED")]
    statement = (await review.state(stage.maker, *both))["statement"]["id"]
    brought = await stage.send(stage.weaver, files.make_pdf(b"more"), "more.pdf", kind="RECORD")
    await stage.wait_for(stage.weaver, brought)
    assert (await stage.change(stage.maker, DOWNLOAD, evidenceId=brought))["code"] == "NOT_FOUND"
    made = await dispute(review, statement, documentIds=[brought])
    assert made["__typename"] == "DisputeOpened", made
    first = made["dispute"]["id"]
    assert (await dispute(review, statement))["code"] == "OPEN"
    second = (await dispute(review, statement, "trained"))["dispute"]["id"]
    assert "url" in await stage.change(stage.maker, DOWNLOAD, evidenceId=brought)
    assert (await stage.change(stage.trader, DOWNLOAD, evidenceId=brought))["code"] == "NOT_FOUND"
    for caller, words in ((stage.weaver, "Look at page 2."), (stage.maker, "We will.")):
        said = {"disputeId": first, "commentId": str(ids.new_id()), "body": words}
        for _ in range(2):  # again the same
            commented = await stage.change(caller, documents.SAY, **said)
            assert commented["__typename"] == "DisputeCommented", commented
    # An id stands for one comment: other words under it, of whomever and on whichever dispute, are not lost silently.
    for caller, changed in (
        (stage.maker, {"body": "We will not."}),
        (stage.maker, {"disputeId": second}),
        (stage.weaver, {}),
    ):
        assert (await stage.change(caller, documents.SAY, **(said | changed)))["code"] == "COMMENT_ID_REUSED"
    await stage.house.fetch(
        "INSERT INTO portal.dispute_comment (supplier_id, id, dispute_id, author_id, body)"
        " SELECT supplier_id, gen_random_uuid(), dispute_id, author_id, 'x' FROM portal.dispute_comment"
        " CROSS JOIN generate_series(1, 98) AS n WHERE id = $1::uuid",
        said["commentId"],
    )
    assert (await stage.change(stage.maker, documents.SAY, **said))["__typename"] == "DisputeCommented"  # the 100th
    full = said | {"commentId": str(ids.new_id())}
    assert (await stage.change(stage.maker, documents.SAY, **full))["code"] == "COUNT"
    await stage.house.fetch("DELETE FROM portal.dispute_comment WHERE body = 'x'")
    other = {"disputeId": first, "commentId": str(ids.new_id()), "body": "Me too"}
    assert (await stage.change(stage.trader, documents.SAY, **other))["code"] == "NOT_FOUND"
    assert len((await stage.ask(stage.maker, documents.RECEIVED_DISPUTES))["receivedDisputes"]["nodes"]) == 2
    assert (await stage.ask(stage.trader, documents.RECEIVED_DISPUTES))["receivedDisputes"]["nodes"] == []
    await review.state(stage.maker, find("fees_repaid"), find("trained", "CONTRADICTED"))
    found = {one["id"]: one for one in (await stage.ask(stage.weaver, documents.DISPUTES))["disputes"]["nodes"]}
    assert (found[first]["state"], found[second]["state"]) == ("CHANGED", "UPHELD")
    assert [one["side"] for one in found[first]["comments"]] == ["SUPPLIER", "REVIEWER"]
    assert (await stage.change(stage.weaver, documents.LET_GO, disputeId=first))["code"] == "CLOSED"
    assert (await dispute(review, statement))["code"] == "SUPERSEDED"
    # Whoever reads the section sees it beside the statement that it is about, also once it is decided.
    (section,) = (await review.read(stage.trader))["sections"]
    told = {(one["question"], one["level"]): [d["state"] for d in one["disputes"]] for one in section["findings"]}
    assert told["fees_repaid", "CONTRADICTED"] == ["CHANGED"]
    assert told["fees_repaid", "VERIFIED"] == []
    await stage.wait_for_jobs()
    printed = capsys.readouterr().out
    for words in ("has stated what it found", "disputes a statement of yours", "has answered your dispute"):
        assert words in printed
    assert "The receipts are there." in printed
    assert "No more letters about results and documents: http" in printed


async def test_a_dispute_can_be_let_go_and_is_of_its_supplier_alone(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour")
    statement = (await review.state(stage.maker, find("fees_repaid", "CONTRADICTED")))["statement"]["id"]
    assert (await dispute(review, statement, "trained"))["code"] == "NOT_FOUND"
    assert (await dispute(review, statement, reason=" "))["code"] == "TEXT"
    foreign = {"statementId": statement, "question": "fees_repaid", "reason": "x"}
    assert (await stage.change(stage.dyer, documents.OPEN, **foreign))["code"] == "NOT_FOUND"
    assert (await stage.change(stage.maker, documents.OPEN, **foreign))["code"] == "NOT_ALLOWED"
    made = (await dispute(review, statement))["dispute"]["id"]
    for _ in range(2):
        gone = await stage.change(stage.weaver, documents.LET_GO, disputeId=made)
        assert gone["dispute"]["state"] == "WITHDRAWN"
    await review.state(stage.maker, find("fees_repaid"))  # decides nothing that was let go
    (kept,) = (await stage.ask(stage.weaver, documents.DISPUTES))["disputes"]["nodes"]
    assert (kept["state"], kept["decidedByStatementId"]) == ("WITHDRAWN", None)
