"""Documents that others rely on: what was redacted, asked about or brought in a dispute does not come back or go."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from portal.assessments import evidence
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import Review, find
from tests.graphql_schema.sharing.documents import DOWNLOAD
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_evidence_counts import DELETE, UPDATE
from tests.graphql_schema.sharing.test_redactions import ASK
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked


async def send(stage: Stage, name: str, **said: Any) -> str:
    made = await stage.send(stage.weaver, files.make_pdf(name.encode()), name, **({"kind": "RECORD"} | said))
    await stage.wait_for(stage.weaver, made)
    return made


async def refuse(stage: Stage, document: str, **said: Any) -> tuple[str, Any]:
    """The code and the path of what stopped an act of the supplier's."""
    done = await stage.change(stage.weaver, document, **said)
    return done["code"], done.get("path")


async def fetch(stage: Stage, evidence_id: str) -> str | None:
    code: str | None = (await stage.change(stage.maker, DOWNLOAD, evidenceId=evidence_id)).get("code")
    return code


async def test_what_was_redacted_stays_withdrawn(review: Review) -> None:
    """The redacted file stands in its place, and where that goes one day, the first one does not come back."""
    stage = review.stage
    await review.share(stage.maker, "labour", includeEvidence=True)
    link = await stage.change(stage.maker, DOWNLOAD, evidenceId=review.document)
    clean, token = await stage.announce(stage.weaver, "clean.pdf", kind="RECORD", revises=review.document, redacts=True)
    assert (await stage.put(token, files.make_pdf(b"clean"))).status_code == 201
    await stage.wait_for(stage.weaver, clean)
    assert (await fetch(stage, review.document), await fetch(stage, clean)) == ("REDACTED", None)
    place = ["input", "evidenceId"]
    assert await refuse(stage, DELETE, evidenceId=clean) == ("SUBMITTED", place)
    assert (await stage.change(stage.maker, ASK, evidenceId=clean, reason="More"))["__typename"] == "RedactionRequested"
    assert await refuse(stage, DELETE, evidenceId=clean) == ("SUBMITTED", place)
    # As retention does.
    await stage.house.fetch("UPDATE portal.evidence SET state = 'removed', storage_key = NULL WHERE redacts")
    assert await fetch(stage, review.document) == "REDACTED"
    assert (await stage.get(link["url"])).status_code == 404


async def test_what_was_brought_in_a_dispute_is_kept_with_what_was_asked(review: Review) -> None:
    stage, place = review.stage, ["input", "evidenceId"]
    await review.share(stage.maker, "labour", mode="FOLLOWING")
    stated = await review.state(stage.maker, find("fees_repaid", "CONTRADICTED"))
    proof = await send(stage, "proof.pdf")
    made = await stage.change(
        stage.weaver,
        documents.OPEN,
        statementId=stated["statement"]["id"],
        question="fees_repaid",
        reason="No",
        documentIds=[proof],
    )
    for act, said in ((DELETE, {}), (UPDATE, {"title": "Another"})):
        assert await refuse(stage, act, evidenceId=proof, **said) == ("DISPUTED", place)
    await stage.house.fetch(
        "UPDATE portal.evidence SET created_at = '2000-01-01', valid_until = NULL WHERE file_name = 'proof.pdf'"
    )
    due = "SELECT portal.is_evidence_due(e, 365) FROM portal.evidence e WHERE e.file_name = 'proof.pdf'"
    assert [row[0] for row in await stage.house.fetch(due)] == [False]
    assert await fetch(stage, proof) is None
    assert (await stage.change(stage.maker, ASK, evidenceId=proof, reason="Names"))[
        "__typename"
    ] == "RedactionRequested"
    withdrawn = await stage.change(stage.weaver, documents.LET_GO, disputeId=made["dispute"]["id"])
    assert "code" not in withdrawn
    assert await refuse(stage, DELETE, evidenceId=proof) == ("REDACTION_REQUESTED", place)
    await stage.house.fetch("UPDATE portal.dispute SET closed_at = '2001-01-01'")
    assert [row[0] for row in await stage.house.fetch(due)] == [True]
    await stage.house.fetch("DELETE FROM portal.redaction_request")
    (gone,) = await stage.house.fetch("SELECT * FROM portal.remove_due_evidence('{record}', '{365}', 10)")
    (kept,) = await stage.house.fetch("SELECT state FROM portal.evidence WHERE id = $1", gone["evidence_id"])
    assert kept["state"] == "removed"  # a dispute names it for ever


async def test_a_revision_is_of_the_kind_of_its_document_and_newer_ones_come_through(review: Review) -> None:
    stage = review.stage
    first = await send(stage, "first.pdf")
    second, token = await stage.announce(stage.weaver, "second.pdf", kind="RECORD", revises=first)
    for one in (first, second):
        assert await refuse(stage, UPDATE, evidenceId=one, kind="POLICY") == ("KIND", ["input", "kind"])
    # An older revision that is attached just as a newer one turns out to be good is replaced all the same.
    draft, _ = await stage.draft(stage.weaver, start=date(2025, 1, 1), end=date(2025, 12, 31))
    (row,) = await stage.house.fetch("SELECT id FROM portal.evidence WHERE file_name = 'first.pdf'")
    async with stage.house.act(stage.weaver) as (session, actor):
        await evidence.attach_evidence(
            session, actor, assessment_id=draft, question="fees_repaid", evidence_id=UUID(str(row["id"]))
        )
        assert (await stage.put(token, files.make_pdf(b"second"))).status_code == 201
        async with asyncio.timeout(20):
            while not await stage.house.fetch("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                await asyncio.sleep(0.05)
    await stage.wait_for(stage.weaver, second)
    linked = await stage.house.fetch(
        "SELECT e.file_name FROM portal.evidence_link l JOIN portal.evidence e ON e.id = l.evidence_id"
        " WHERE l.assessment_id = $1",
        draft,
    )
    assert [row["file_name"] for row in linked] == ["second.pdf"]
