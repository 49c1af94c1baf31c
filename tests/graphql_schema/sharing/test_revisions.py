"""A newer file of the same document: drafts stand on it, submissions keep theirs; and letters before one ends."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.database import engine
from portal.delivery import document_reminders, workplace
from tests import databases, people
from tests.graphql_schema.assessments.test_renewals import NEXT
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import UPLOAD, Stage
from tests.graphql_schema.sharing.test_evidence import ATTACH, PDF
from tests.graphql_schema.sharing.test_evidence_counts import UPDATE, start_standard, submit
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked

SEEN = """
query ($id: ID!) { node(id: $id) { ... on Evidence { state revision newerRevisionId title issuer language periodStart
  periodEnd attachments { question } revisions { evidenceId revision state sha256 } } } }
"""
LIST = "query ($newest: Boolean) { evidence(filter: {newest: $newest}) { nodes { id revision } } }"
CORRECT = """
mutation ($input: CorrectAssessmentInput!) { correctAssessment(input: $input) { __typename
  ... on Problem { code } ... on AssessmentCorrected { assessment { id } } } }
"""
RENEW = """
mutation ($input: RenewAssessmentInput!) { renewAssessment(input: $input) { __typename ... on Problem { code message }
  ... on AssessmentRenewed { documentsLeft { evidenceId validUntil reason { code } } } } }
"""
NUMBER = "query ($id: ID!) { assessment(id: $id) { changeNumber } }"
TODAY = datetime.now(UTC).date()


async def send(stage: Stage, content: bytes = PDF, name: str = "permit.pdf", **said: Any) -> str:
    """A record that was checked."""
    evidence = await stage.send(stage.weaver, content, name, **({"kind": "RECORD"} | said))
    await stage.wait_for(stage.weaver, evidence)
    return evidence


async def revise(stage: Stage, old: str, content: bytes = b"", **said: Any) -> str:
    return await send(stage, content or files.make_pdf(b"newer"), "newer.pdf", revises=old, **said)


async def look(stage: Stage, evidence: str) -> dict[str, Any]:
    found: dict[str, Any] = (await stage.ask(stage.weaver, SEEN, id=evidence))["node"]
    return found


async def attach(stage: Stage, draft: str, evidence: str) -> Any:
    place = {"assessmentId": draft, "question": "fees_repaid", "evidenceId": evidence}
    return await stage.change(stage.weaver, ATTACH, **place)


async def count_changes(stage: Stage, draft: str) -> int:
    number: int = (await stage.ask(stage.weaver, NUMBER, id=draft))["assessment"]["changeNumber"]
    return number


async def test_drafts_stand_on_the_newest_revision(stage: Stage) -> None:
    said = {"title": "Permit", "language": "pt-BR", "periodStart": "2025-01-01", "periodEnd": "2025-12-31"}
    first = await send(stage, **said)
    draft = await start_standard(stage)
    assert (await attach(stage, draft, first))["__typename"] == "EvidenceAttached"
    number = await count_changes(stage, draft)
    second = await revise(stage, first, issuer="The town")
    new, old = await look(stage, second), await look(stage, first)
    assert (new["revision"], new["title"], new["issuer"], new["language"]) == (2, "Permit", "The town", "pt-BR")
    assert (new["periodStart"], new["attachments"], old["attachments"]) == (None, [{"question": "fees_repaid"}], [])
    assert (old["newerRevisionId"], new["newerRevisionId"]) == (second, None)
    assert [one["evidenceId"] for one in old["revisions"]] == [second, first]
    assert await count_changes(stage, draft) == number + 1
    refused = await attach(stage, draft, first)
    assert (refused["code"], refused["path"]) == ("SUPERSEDED", ["input", "evidenceId"])
    third = await revise(stage, first)  # any revision names the document
    assert (await look(stage, third))["revision"] == 3
    for newest, ids in ((True, [third]), (False, [second, first]), (None, [third, second, first])):
        listed = (await stage.ask(stage.weaver, LIST, newest=newest))["evidence"]["nodes"]
        assert [one["id"] for one in listed] == ids


async def test_what_was_submitted_keeps_its_file_and_a_correction_has_the_newer_one(stage: Stage) -> None:
    first = await send(stage)
    draft = await start_standard(stage)
    await attach(stage, draft, first)
    submitted = await submit(stage, draft)
    assert submitted["__typename"] == "AssessmentSubmitted"
    second = await revise(stage, first)
    frozen = await stage.house.fetch("SELECT evidence_id FROM portal.submission_evidence")
    (row,) = await stage.house.fetch("SELECT id FROM portal.evidence WHERE revision = 1")
    assert [one["evidence_id"] for one in frozen] == [row["id"]]
    corrected = await stage.change(stage.weaver, CORRECT, assessmentId=draft)
    assert corrected["__typename"] == "AssessmentCorrected", corrected
    assert (await look(stage, second))["attachments"] == [{"question": "fees_repaid"}]
    assert (await look(stage, first))["attachments"] == [{"question": "fees_repaid"}]  # of the submitted one
    opened = await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=first)
    assert (await stage.get(opened["url"])).content == PDF


async def test_another_period_takes_over_the_newest_revision(stage: Stage) -> None:
    first = await send(stage, title="Permit")
    draft = await start_standard(stage)
    await attach(stage, draft, first)
    assert (await submit(stage, draft))["__typename"] == "AssessmentSubmitted"
    second = await revise(stage, first)
    renewed = await stage.change(stage.weaver, RENEW, assessmentId=draft, **NEXT)
    assert (renewed["__typename"], renewed["documentsLeft"]) == ("AssessmentRenewed", [])
    assert (await look(stage, second))["attachments"] == [{"question": "fees_repaid"}]
    over = (TODAY - timedelta(days=1)).isoformat()
    third = await revise(stage, second, validUntil=over)
    later = {"periodStart": "2027-01-01", "periodEnd": "2027-12-31"}
    renewed = await stage.change(stage.weaver, RENEW, assessmentId=draft, **later)
    assert renewed["__typename"] == "AssessmentRenewed", renewed
    told = [(one["evidenceId"], one["reason"]["code"], one["validUntil"]) for one in renewed["documentsLeft"]]
    assert told == [(third, "EXPIRED", over)]


async def test_a_refused_revision_changes_nothing(stage: Stage) -> None:
    first = await send(stage)
    draft = await start_standard(stage)
    await attach(stage, draft, first)
    bad = await revise(stage, first, b"MZ" + bytes(50))
    assert ((await look(stage, bad))["state"], (await look(stage, bad))["attachments"]) == ("REJECTED", [])
    assert (await look(stage, first))["attachments"] == [{"question": "fees_repaid"}]
    assert (await look(stage, first))["newerRevisionId"] is None
    assert (await look(stage, await revise(stage, bad)))["revision"] == 3


async def test_an_older_revision_that_comes_late_takes_nothing_back(unwatched: Stage) -> None:
    stage = unwatched
    first, _ = await stage.announce(stage.weaver, kind="RECORD")
    draft = await start_standard(stage)
    await attach(stage, draft, first)
    second, second_token = await stage.announce(stage.weaver, kind="RECORD", revises=first)
    third, third_token = await stage.announce(stage.weaver, kind="RECORD", revises=first)
    async with stages.run_worker(stage.house.made, stage.settings):
        for evidence, token in ((third, third_token), (second, second_token)):
            assert (await stage.put(token, files.make_pdf(token.encode()))).status_code == 201
            await stage.wait_for(stage.weaver, evidence)
    assert [len((await look(stage, one))["attachments"]) for one in (first, second, third)] == [0, 0, 1]


async def test_what_a_revision_may_not_say(stage: Stage) -> None:
    first, _ = await stage.announce(stage.weaver, kind="RECORD")
    foreign, _ = await stage.announce(stage.dyer, kind="RECORD")
    for changed, code, path in [
        ({"revises": foreign}, "NOT_FOUND", "revises"),
        ({"revises": first, "kind": "PHOTO"}, "KIND", "kind"),
    ]:
        asked = {"fileName": "a.pdf", "kind": "RECORD"} | changed
        refused = await stage.change(stage.weaver, UPLOAD, **asked)
        assert (refused["code"], refused["path"]) == (code, ["input", path])
    for changed, path, code in [
        ({"language": "Deutsch"}, "language", "LOCALE"),
        ({"periodStart": "2025-01-01"}, "periodEnd", "PERIOD"),
        ({"periodStart": "2025-01-02", "periodEnd": "2025-01-01"}, "periodEnd", "PERIOD"),
    ]:
        refused = await stage.change(stage.weaver, UPLOAD, fileName="a.pdf", kind="RECORD", **changed)
        assert refused["problems"] == [{"path": ["input", path], "code": code}]
    numbers = await asyncio.gather(*(stage.announce(stage.weaver, kind="RECORD", revises=first) for _ in range(4)))
    assert sorted([(await look(stage, one))["revision"] for one, _ in numbers]) == [2, 3, 4, 5]


NEWEST = "portal.find_newest_revision(uuid, uuid)"


async def remind(stage: Stage) -> None:
    await people.bring_to_noon(stage.house.made)
    workers = engine.Database(engine.create_engine(stage.house.made.worker_url, pool_size=1))
    try:
        await document_reminders.remind_of_documents(workplace.Workplace(stage.settings, workers, None))  # type: ignore[arg-type]
    finally:
        await workers.close()
    await stage.wait_for_jobs()


async def read_letters(stage: Stage, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The letters about documents that were printed since."""
    printed = capsys.readouterr().out.split("--- mail to ")
    return [one for one in printed if "end soon" in one]


async def test_letters_tell_of_documents_that_end(
    database: databases.TestDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        printing = stage.settings.model_copy(update={"environment": "development"})
        async with stages.run_worker(database, printing):
            end = TODAY + timedelta(days=100)
            hangs = await send(stage, name="permit.pdf", validUntil=end.isoformat())
            await send(stage, files.make_pdf(b"x"), "alone.pdf", validUntil=end.isoformat())
            draft = await start_standard(stage)
            await attach(stage, draft, hangs)

            async def come(days: int) -> list[str]:
                """The letters of that many days before the end, which are asked for twice."""
                await people.move_clock(database, f"{100 - days} days")
                capsys.readouterr()
                for _ in range(2):
                    await remind(stage)
                return await read_letters(stage, capsys)

            assert await come(61) == []
            (letter,) = await come(60)
            assert "No more letters about results and documents: " in letter
            assert f"{end.isoformat()} | permit.pdf" in letter
            assert "alone.pdf" not in letter
            assert await come(15) == []
            assert len(await come(14)) == 1
            # Of what was told, or needs no telling, nobody looks for the newest revision.
            (kept,) = await stage.house.fetch(f"SELECT pg_get_functiondef('{NEWEST}'::regprocedure) AS made")
            fails = kept["made"].partition("LANGUAGE")[0]
            await stage.house.fetch(f"{fails} LANGUAGE plpgsql AS $$ BEGIN RAISE 'looked for'; END $$")
            assert await come(13) == []
            await stage.house.fetch(kept["made"])
            later = (end + timedelta(days=3)).isoformat()
            await stage.change(stage.weaver, UPDATE, evidenceId=hangs, validUntil=later)
            assert len(await come(12)) == 1  # it ends on another day now
            newer = await revise(stage, hangs, validUntil=(end + timedelta(days=300)).isoformat())
            assert await come(2) == []
            assert (await look(stage, newer))["attachments"] == [{"question": "fees_repaid"}]
