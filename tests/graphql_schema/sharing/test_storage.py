"""Files in S3 and in a folder behave the same; and supplier lists come in by the same links."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import obstore
import pytest
from obstore.store import ObjectStore

from portal import errors, storage, uploads
from portal.assessments import evidence_checking
from portal.database import engine, ids
from portal.delivery import leftovers, workplace
from tests import databases, people
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import Stage
from tests.hostile.test_files import try_file
from tests.portal.assessments import files, test_file_checks

pytestmark = pytest.mark.slow
PROBLEM = "... on Problem { code message }"
CREATE_LIST = (
    "mutation ($input: CreateSupplierListUploadInput!) { createSupplierListUpload(input: $input) { __typename"
    f" ... on SupplierListUploadCreated {{ supplierList {{ id }} upload {{ headers {{ value }} }} }} {PROBLEM} }} }}"
)
PREVIEW_LIST = (
    "mutation ($input: PreviewSupplierListInput!) { previewSupplierList(input: $input) { __typename"
    f" ... on SupplierListPreviewed {{ preview {{ summary {{ rows new }} }} }} {PROBLEM} }} }}"
)
CONFIRM_LIST = (
    "mutation ($input: ConfirmSupplierListInput!) { confirmSupplierList(input: $input) { __typename"
    f" ... on SupplierListConfirmed {{ supplierList {{ state }} }} {PROBLEM} }} }}"
)
PDF = files.make_pdf()
LARGE = files.make_pdf(bytes(range(256)) * 80_000)  # 20 MB: more than one part of an upload to S3


def list_keys(store: ObjectStore) -> list[str]:
    paths = (meta["path"] for page in obstore.list(store) for meta in page)
    return sorted(path for path in paths if not path.startswith("audit/"))  # where the trail's signatures lie


async def wait_for_keys(store: ObjectStore, keys: list[str]) -> None:
    async with asyncio.timeout(stages.WAIT):
        while list_keys(store) != keys:
            await asyncio.sleep(0.05)


async def test_a_file_goes_in_and_comes_out(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    for content in (PDF, LARGE):
        found = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, content))
        assert (found["state"], found["sha256"]) == ("AVAILABLE", hashlib.sha256(content).hexdigest())
        url = (await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=found["id"]))["url"]
        assert (await stage.get(url)).content == content
    twice = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, PDF, "again.pdf"))
    assert twice["sameFileAsId"] is not None
    own = stage.weaver.organization.hex
    await wait_for_keys(store, sorted(f"evidence/{own}/{hashlib.sha256(one).hexdigest()}" for one in (PDF, LARGE)))


async def test_refused_cut_off_and_doubled_files_leave_nothing(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    refused = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, b"MZ" + bytes(9_000_000)))
    assert refused["refusalCode"] == "TYPE_NOT_ALLOWED"
    _, token = await stage.announce(stage.weaver)

    async def breaks_off() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield bytes(1 << 20)
        raise OSError("the line is dead")

    with pytest.raises((OSError, httpx.HTTPError)):
        await stage.put(token, breaks_off())
    large = await stage.put(token, bytes(stage.settings.max_upload_bytes + 1))
    assert large.status_code == 413
    await asyncio.sleep(0.5)
    await wait_for_keys(store, [])
    answers = await asyncio.gather(*(stage.put(token, b"MZ" + bytes(100)) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 200, 201]
    await wait_for_keys(store, [])


async def test_a_file_that_is_gone_is_no_torn_answer(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    found = await stage.wait_for(stage.weaver, await stage.send(stage.weaver, PDF))
    url = (await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=found["id"]))["url"]
    for key in list_keys(store):
        await storage.delete(store, key)
    gone = await stage.get(url)
    assert (gone.status_code, gone.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")


async def test_a_supplier_list_comes_in_the_same_way(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    async with stage.house.act(stage.maker) as (session, _):
        ticket = await uploads.make_ticket(session)
    row = ids.new_id()
    await stage.house.fetch(
        "INSERT INTO portal.supplier_import (buyer_id, id, file_name, upload_hash, upload_expires_at, state)"
        " VALUES ($1, $2, 'list.csv', $3, $4, 'awaiting')",
        stage.maker.organization,
        row,
        ticket.token_hash,
        ticket.expires_at,
    )
    content = b"name;country\nMade-up Weavers;VN\n"
    assert (await stage.put(ticket.token, content)).status_code == 201
    assert (await stage.put(ticket.token, content)).status_code == 200
    (kept_row,) = await stage.house.fetch("SELECT state, size, sha256, storage_key FROM portal.supplier_import")
    assert (kept_row["state"], kept_row["size"]) == ("uploaded", len(content))
    assert kept_row["sha256"] == hashlib.sha256(content).digest()
    assert list_keys(store) == [kept_row["storage_key"]]
    found = b"".join([piece async for piece in storage.read_stream(store, kept_row["storage_key"])])
    assert found == content
    (event,) = await stage.house.fetch("SELECT ids FROM portal.outbox WHERE topic = 'supplier_list.received'")
    assert str(row) in event["ids"]
    assert str(stage.maker.organization) in event["ids"]


async def test_a_hostile_file_of_each_kind_is_refused_and_not_kept(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    cases = {code: (name, content) for _, name, content, code in test_file_checks.BAD if content}
    assert len(cases) >= 9
    turn = asyncio.Semaphore(4)
    found = await asyncio.gather(*(try_file(stage, turn, *one) for one in cases.values()))
    assert dict(zip(cases, found, strict=True)) == {code: code for code in cases}
    await stage.wait_for_jobs()
    assert list_keys(store) == []


async def test_a_supplier_list_is_read_and_removed_where_it_lies(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    made = await stage.change(stage.maker, CREATE_LIST, fileName="list.csv")
    given = {"supplierListId": made["supplierList"]["id"]}
    sent = await stage.put(made["upload"]["headers"][0]["value"], b"name;country\nMade-up Weavers;VN\n")
    assert (sent.status_code, len(list_keys(store))) == (201, 1)
    assert (await stage.change(stage.maker, PREVIEW_LIST, **given))["preview"]["summary"] == {"rows": 1, "new": 1}
    assert (await stage.change(stage.maker, CONFIRM_LIST, **given))["supplierList"]["state"] == "CONFIRMED"
    await wait_for_keys(store, [])


async def test_health_and_leftovers_are_looked_for_in_both(kept: tuple[Stage, ObjectStore]) -> None:
    stage, store = kept
    stray = f"quarantine/{ids.new_id().hex}/left-behind"
    await obstore.put_async(store, stray, b"left")
    async with stage.portal.client() as client:
        assert (await client.get("/health/ready")).json()["storage"] == "ok"
    assert list_keys(store) == [stray]
    await people.move_clock(stage.house.made, "25 hours")
    workers = engine.Database(engine.create_engine(stage.house.made.worker_url, pool_size=1))
    try:
        await leftovers.clear_leftovers(workplace.Workplace(stage.settings, workers, store))
    finally:
        await workers.close()
    assert list_keys(store) == []


async def test_a_check_may_run_twice_at_once_and_again(database: databases.TestDatabase, tmp_path: Path) -> None:
    """A job that is run again, or by two workers, decides once and clears what is left in quarantine."""
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        name = await stage.send(stage.weaver, PDF)
        (row,) = await stage.house.fetch("SELECT supplier_id, id, storage_key FROM portal.evidence")
        store = storage.open_storage(stage.settings.storage_url)
        await storage.copy(store, row["storage_key"], f"quarantine/{row['id'].hex}/left-behind")
        workers = engine.Database(engine.create_engine(database.worker_url, pool_size=4))
        subject = {"supplier_id": UUID(str(row["supplier_id"])), "evidence_id": UUID(str(row["id"]))}
        try:
            for _ in range(2):
                runs = [evidence_checking.check_evidence(workers, store, **subject) for _ in range(3)]
                ends = await asyncio.gather(*runs, return_exceptions=True)
                # Whoever comes while another one has just cleared the quarantine is asked to come again.
                assert all(end is None or isinstance(end, errors.Unavailable) for end in ends), ends
                assert None in ends
        finally:
            await workers.close()
        assert (await stage.wait_for(stage.weaver, name))["state"] == "AVAILABLE"
        assert list_keys(store) == [f"evidence/{stage.weaver.organization.hex}/{hashlib.sha256(PDF).hexdigest()}"]
        events = await stage.house.fetch("SELECT 1 FROM portal.outbox WHERE topic = 'evidence.checked'")
        assert len(events) == 1


async def test_a_file_that_changed_on_its_way_is_refused(database: databases.TestDatabase, tmp_path: Path) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        name = await stage.send(stage.weaver, PDF)
        (row,) = await stage.house.fetch("SELECT supplier_id, id, storage_key FROM portal.evidence")
        store = storage.open_storage(stage.settings.storage_url)
        (tmp_path / row["storage_key"]).write_bytes(PDF + b" ")
        async with stages.run_worker(database, stage.settings):
            found = await stage.wait_for(stage.weaver, name)
        assert (found["state"], found["refusalCode"]) == ("REJECTED", "CHANGED")
        await wait_for_keys(store, [])
