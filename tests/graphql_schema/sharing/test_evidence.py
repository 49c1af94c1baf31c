"""Documents on their way in: announced, sent, checked by the worker, kept once, attached, and fetched again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.assessments import file_checks
from tests.graphql_schema.sharing.stage import EVIDENCE, UPLOAD, Stage
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked

ATTACH = """
mutation ($input: AttachEvidenceInput!) { attachEvidence(input: $input) {
  __typename ... on Problem { code path } ... on EvidenceAttached { evidence { attachments { question rowId } } } } }
"""
DETACH = """
mutation ($input: DetachEvidenceInput!) { detachEvidence(input: $input) {
  __typename ... on Problem { code path } ... on EvidenceDetached { evidence { attachments { question rowId } } } } }
"""
DOWNLOAD = """
mutation ($input: CreateEvidenceDownloadInput!) { createEvidenceDownload(input: $input) {
  __typename ... on Problem { code path } ... on EvidenceDownloadCreated { url expiresAt } } }
"""
LIST = """
query ($first: Int!, $after: String, $filter: EvidenceFilter) {
  evidence(first: $first, after: $after, filter: $filter) {
  nodes { id fileName state } pageInfo { hasNextPage endCursor } } }
"""
PDF = files.make_pdf()


async def test_a_good_file_becomes_available_and_is_given_back_as_it_was(stage: Stage) -> None:
    name = 'Löhne "2026" 工資.pdf'
    evidence = await stage.send(
        stage.weaver, PDF, name, title="Wages", issuer="Ourselves", issuedOn="2026-01-02", validUntil="2030-01-01"
    )
    found = await stage.wait_for(stage.weaver, evidence)
    assert (found["state"], found["mediaType"], found["size"]) == ("AVAILABLE", "application/pdf", len(PDF))
    assert found["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (found["fileName"], found["refusalCode"], found["refusalReason"]) == (name, None, None)
    link = await stage.change(stage.weaver, DOWNLOAD, evidenceId=evidence)
    response = await stage.get(link["url"])
    assert "content-encoding" not in response.headers
    assert (response.status_code, response.content) == (200, PDF)
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == (
        'attachment; filename="L_hne _2026_ __.pdf"; '
        "filename*=UTF-8''L%C3%B6hne%20%222026%22%20%E5%B7%A5%E8%B3%87.pdf"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"].startswith("sandbox;")


async def test_bad_files_are_refused_with_their_reason_and_not_kept(stage: Stage) -> None:
    cases = [
        (files.make_office(more={"word/vbaProject.bin": b"x"}), "policy.docx", "MACROS"),
        (files.make_png(20_000, 20_000), "photo.png", "TOO_MANY_PIXELS"),
        (files.make_office(files.SHEET, {"xl/a.xml": bytes(60_000_000)}), "list.xlsx", "ZIP_BOMB"),
        (b"MZ" + bytes(100), "policy.pdf", "TYPE_NOT_ALLOWED"),
    ]
    sent = [await stage.send(stage.weaver, content, name) for content, name, _ in cases]
    for evidence, (_, _, code) in zip(sent, cases, strict=True):
        found = await stage.wait_for(stage.weaver, evidence)
        assert (found["state"], found["refusalCode"], found["mediaType"]) == ("REJECTED", code, None)
        assert len(found["refusalReason"]) > 20
        assert (await stage.change(stage.weaver, DOWNLOAD, evidenceId=evidence))["code"] == "NOT_AVAILABLE"
    async with asyncio.timeout(10):
        while stage.list_files():
            await asyncio.sleep(0.05)


async def test_the_same_file_is_kept_once_for_an_organization_and_again_for_another(stage: Stage) -> None:
    first = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, PDF, "a.pdf"))
    second = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, PDF, "b.pdf"))
    other = await stage.wait_for(stage.dyer, await stage.send(stage.dyer, PDF, "a.pdf"))
    assert (first["sameFileAsId"], second["sameFileAsId"], other["sameFileAsId"]) == (None, first["id"], None)
    async with asyncio.timeout(10):
        while any(one.startswith("quarantine") for one in stage.list_files()):
            await asyncio.sleep(0.05)
    digest = hashlib.sha256(PDF).hexdigest()
    owners = sorted([stage.weaver.organization.hex, stage.dyer.organization.hex])
    assert stage.list_files() == [f"evidence/{owner}/{digest}" for owner in owners]


async def test_a_link_works_once_and_for_an_hour(stage: Stage) -> None:
    _, token = await stage.announce(stage.weaver)
    first = await stage.put(token, PDF)
    assert (first.status_code, first.json()) == (201, {"size": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest()})
    again = await stage.put(token, PDF)  # a phone that lost the reply learns that its file is here
    assert (again.status_code, again.json()) == (200, first.json())
    for another in (PDF + b" ", PDF[:-1]):
        refused = await stage.put(token, another)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (409, "USED")
    _, late = await stage.announce(stage.weaver)
    await stage.house.set_clock(datetime.now(UTC) + timedelta(hours=1, seconds=1))
    over = await stage.put(late, PDF)
    assert (over.status_code, over.json()["errors"][0]["extensions"]["code"]) == (410, "EXPIRED")


async def test_bad_uploads_are_refused_and_the_link_stays_good(stage: Stage) -> None:
    _, token = await stage.announce(stage.weaver)
    limit = stage.settings.max_upload_bytes

    async def drip(size: int) -> AsyncIterator[bytes]:
        for _ in range(size >> 20):
            yield bytes(1 << 20)

    async def nothing() -> AsyncIterator[bytes]:
        return
        yield b""

    cases: list[tuple[str | None, Any, dict[str, str], int, str]] = [
        (None, PDF, {}, 404, "NOT_FOUND"),
        ("", PDF, {}, 404, "NOT_FOUND"),
        ("wrong", PDF, {}, 404, "NOT_FOUND"),
        ("x" * 500, PDF, {}, 404, "NOT_FOUND"),
        (token[:-1], PDF, {}, 404, "NOT_FOUND"),
        (token, b"", {}, 400, "EMPTY"),
        (token, nothing(), {}, 400, "EMPTY"),
        (token, drip(limit + (2 << 20)), {}, 413, "TOO_LARGE"),
        (token, PDF, {"Content-Encoding": "gzip"}, 415, "CONTENT_ENCODING"),
        (token, PDF, {"Content-Range": "bytes 0-1/2"}, 400, "PARTIAL"),
    ]
    for sent, content, headers, status, code in cases:
        response = await stage.put(sent, content, **headers)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code), code
    assert stage.list_files() == []
    assert (await stage.put(token, PDF)).status_code == 201


async def read_raw(stage: Stage, request: bytes, *, end: bool = False) -> bytes:
    """What the server says to bytes on the wire; with `end` we hang up without waiting."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.portal.port)
    writer.write(request)
    await writer.drain()
    if end:
        writer.close()
        await writer.wait_closed()
        return b""
    answer = await asyncio.wait_for(reader.read(2_000), 10)
    writer.close()
    return answer


async def test_a_cut_off_upload_leaves_nothing_and_may_be_sent_again(stage: Stage) -> None:
    _, token = await stage.announce(stage.weaver)
    head = f"PUT /uploads HTTP/1.1\r\nHost: x\r\nUpload-Token: {token}\r\nContent-Length: 3000000\r\n\r\n".encode()
    await read_raw(stage, head + bytes(2_000_000), end=True)
    await asyncio.sleep(0.5)
    assert stage.list_files() == []
    assert (await stage.put(token, PDF)).status_code == 201


async def test_a_file_that_says_it_is_too_large_is_refused_before_it_comes(stage: Stage) -> None:
    _, token = await stage.announce(stage.weaver)
    head = f"PUT /uploads HTTP/1.1\r\nHost: x\r\nUpload-Token: {token}\r\nContent-Length: 99000000000\r\n\r\n".encode()
    answer = await read_raw(stage, head)
    assert b" 413 " in answer
    assert b"TOO_LARGE" in answer
    wrong = await read_raw(stage, head.replace(b"99000000000", b"-5"))
    assert b" 4" in wrong[:14]


async def test_two_uploads_at_once_keep_one_file(stage: Stage) -> None:
    _, token = await stage.announce(stage.weaver)
    answers = await asyncio.gather(*(stage.put(token, PDF) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]


BAD_ANNOUNCEMENTS: list[tuple[dict[str, str], str, str]] = [
    ({"fileName": ""}, "fileName", "FILE_NAME"),
    ({"fileName": "a" * 201 + ".pdf"}, "fileName", "FILE_NAME"),
    ({"fileName": "../../etc/passwd.pdf"}, "fileName", "FILE_NAME"),
    ({"fileName": "C:\\a.pdf"}, "fileName", "FILE_NAME"),
    ({"fileName": "a\r\nb.pdf"}, "fileName", "FILE_NAME"),
    ({"fileName": "invoice\u202efdp.exe.pdf"}, "fileName", "FILE_NAME"),
    ({"fileName": "policy"}, "fileName", "TYPE_NOT_ALLOWED"),
    ({"fileName": "setup.exe"}, "fileName", "TYPE_NOT_ALLOWED"),
    ({"fileName": "archive.zip"}, "fileName", "TYPE_NOT_ALLOWED"),
    ({"fileName": "macro.xlsm"}, "fileName", "MACROS"),
    ({"fileName": "old.doc"}, "fileName", "OLD_FORMAT"),
    ({"title": " "}, "title", "TEXT"),
    ({"title": "x" * 201}, "title", "TEXT"),
    ({"issuer": ""}, "issuer", "TEXT"),
    ({"issuedOn": "2999-01-01"}, "issuedOn", "DATE"),
    ({"issuedOn": "1800-01-01"}, "issuedOn", "DATE"),
    ({"issuedOn": "2026-01-02", "validUntil": "2026-01-01"}, "validUntil", "DATE"),
    ({"validUntil": "9999-12-31"}, "validUntil", "DATE"),
]


async def test_bad_announcements_name_the_field(stage: Stage) -> None:
    for changed, path, code in BAD_ANNOUNCEMENTS:
        made = await stage.change(stage.weaver, UPLOAD, **({"fileName": "a.pdf", "kind": "POLICY"} | changed))
        assert made["__typename"] == "InvalidInput", changed
        assert {"path": ["input", path], "code": code} in made["problems"], changed


async def test_the_same_key_gives_the_same_document_with_a_new_link(stage: Stage) -> None:
    asked = {"fileName": "a.pdf", "kind": "POLICY", "idempotencyKey": "the-same-key"}
    first, second = [await stage.change(stage.weaver, UPLOAD, **asked) for _ in range(2)]
    assert first["evidence"]["id"] == second["evidence"]["id"]
    tokens = [one["upload"]["headers"][0]["value"] for one in (first, second)]
    assert [(await stage.put(token, PDF)).status_code for token in tokens] == [404, 201]
    assert (await stage.change(stage.weaver, UPLOAD, **asked))["upload"] is None
    other = await stage.change(stage.weaver, UPLOAD, **(asked | {"kind": "RECORD"}))
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_document_is_attached_to_a_draft_and_taken_off(stage: Stage) -> None:
    assessment, _ = await stage.draft(stage.weaver)
    evidence, _ = await stage.announce(stage.weaver, kind="RECORD")
    place = {"assessmentId": stage.name("asmt", stage.weaver, assessment), "evidenceId": evidence}
    attached = {"evidence": {"attachments": [{"question": "fees_repaid", "rowId": None}]}}
    for _ in range(2):
        made = await stage.change(stage.weaver, ATTACH, **place, question="fees_repaid")
        assert made == {"__typename": "EvidenceAttached", **attached}
    rows = await stage.change(stage.weaver, ATTACH, **place, question="site_people", rowId="a")
    assert rows["evidence"]["attachments"][1] == {"question": "site_people", "rowId": "a"}
    left = await stage.change(stage.weaver, DETACH, **place, question="site_people", rowId="a")
    assert left == {"__typename": "EvidenceDetached", **attached}
    for question, row, code in [
        ("nothing", None, "UNKNOWN_QUESTION"),
        ("sites", None, "UNKNOWN_QUESTION"),
        ("site_people", None, "ROW"),
        ("fees_repaid", "a", "ROW"),
    ]:
        refused = await stage.change(stage.weaver, ATTACH, **place, question=question, rowId=row)
        assert refused["code"] == code
    foreign = await stage.change(stage.dyer, ATTACH, **place, question="fees_repaid")
    assert foreign["code"] == "NOT_FOUND"
    own, _ = await stage.announce(stage.dyer)
    mixed = await stage.change(stage.dyer, ATTACH, **(place | {"evidenceId": own}), question="fees_repaid")
    assert mixed["code"] == "NOT_FOUND"


async def test_a_kind_that_the_question_does_not_take_is_told_at_once(stage: Stage) -> None:
    assessment, _ = await stage.draft(stage.weaver)
    evidence, _ = await stage.announce(stage.weaver, kind="PHOTO")
    place = {"assessmentId": stage.name("asmt", stage.weaver, assessment), "evidenceId": evidence}
    refused = await stage.change(stage.weaver, ATTACH, **place, question="fees_repaid")
    assert (refused["code"], refused["path"]) == ("EVIDENCE_KIND", ["input", "evidenceId"])
    free = await stage.change(stage.weaver, ATTACH, **place, question="exits_locked")
    assert free["evidence"]["attachments"] == [{"question": "exits_locked", "rowId": None}]


async def test_a_submitted_assessment_keeps_its_documents(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    evidence, _ = await stage.announce(stage.weaver)
    place = {"assessmentId": stage.name("asmt", stage.weaver, submitted.assessment), "evidenceId": evidence}
    assert (await stage.change(stage.weaver, ATTACH, **place, question="fees_repaid"))["code"] == "SUBMITTED"


async def test_a_document_whose_validity_has_passed_is_told_as_expired(stage: Stage) -> None:
    today = datetime.now(UTC).date()
    evidence = await stage.send(stage.weaver, PDF, validUntil=today.isoformat())
    assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE"
    await stage.house.set_clock(datetime.now(UTC) + timedelta(days=1))
    assert (await stage.ask(stage.weaver, EVIDENCE, id=evidence))["node"]["state"] == "EXPIRED"
    for state, count in (("EXPIRED", 1), ("AVAILABLE", 0)):
        page = await stage.ask(stage.weaver, LIST, first=5, filter={"state": state})
        assert len(page["evidence"]["nodes"]) == count
    link = await stage.change(stage.weaver, DOWNLOAD, evidenceId=evidence)
    assert (await stage.get(link["url"])).content == PDF


async def test_the_list_is_paged_and_shows_ones_own_alone(stage: Stage) -> None:
    made = [(await stage.announce(stage.weaver, f"{n}.pdf"))[0] for n in range(5)]
    await stage.announce(stage.dyer)
    seen, after = [], None
    while True:
        page = (await stage.ask(stage.weaver, LIST, first=2, after=after))["evidence"]
        seen += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == made[::-1]


async def test_a_link_to_a_file_holds_for_one_reader_and_five_minutes(stage: Stage) -> None:
    evidence = await stage.send(stage.weaver, PDF)
    await stage.wait_for(stage.weaver, evidence)
    for stranger in (stage.dyer, stage.maker):
        assert (await stage.change(stranger, DOWNLOAD, evidenceId=evidence))["code"] == "NOT_FOUND"
    url = (await stage.change(stage.weaver, DOWNLOAD, evidenceId=evidence))["url"]
    start, token = url.split("token=")
    bad = ["", "x", token[:-2], token[:-2] + "AA", "AAAA." + token.split(".")[1], token.split(".")[0], token + "x", "é"]
    for wrong in [*bad, token.replace(".", ""), "a" * 3_000]:
        assert (await stage.get(f"{start}token={wrong}")).status_code == 404, wrong
    assert (await stage.get(url)).status_code == 200
    await stage.house.fetch("DELETE FROM portal.member WHERE organization_id = $1", stage.weaver.organization)
    assert (await stage.get(url)).status_code == 404
    url = await make_link(stage, evidence)
    await stage.house.set_clock(datetime.now(UTC) + timedelta(minutes=5, seconds=2))
    assert (await stage.get(url)).status_code == 404


async def make_link(stage: Stage, evidence: str) -> str:
    """A link of the same person, who is a member again."""
    insert = "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, 'viewer')"
    await stage.house.fetch(insert, stage.weaver.organization, stage.weaver.user)
    url: str = (await stage.change(stage.weaver, DOWNLOAD, evidenceId=evidence))["url"]
    assert (await stage.get(url)).status_code == 200
    return url


def test_every_kind_of_file_has_a_type_to_be_served_with() -> None:
    assert {end for ends in file_checks.EXTENSIONS.values() for end in ends} == set(file_checks.MEDIA_TYPES)
