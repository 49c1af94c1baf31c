"""What nobody came back for is cleared by the real worker, in time and not before; what somebody needs stays."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import ObjectStore

from portal import storage
from portal.database import ids
from portal.delivery import leftovers, worker
from tests import databases, people
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import UPLOAD, WAIT, Stage
from tests.graphql_schema.sharing.test_evidence import ATTACH, PDF
from tests.graphql_schema.suppliers import documents as docs

pytestmark = pytest.mark.slow  # waits for a real worker

LIST = "Name;Country;Email\nGolden Star Ltd;Vietnam;linh@star.example\n"
STATE = "query ($id: ID!) { node(id: $id) { ... on Evidence { state } } }"


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A portal whose worker looks for leftovers again and again."""
    monkeypatch.setattr(worker, "CLEAR_SECONDS", 0.05)
    async with stages.set_stage(database, tmp_path) as made:
        yield made


async def send_list(stage: Stage) -> str:
    """A list of the first buyer that was sent and looked at; its id."""
    made = await stage.change(stage.maker, docs.UPLOAD, fileName="list.csv")
    assert (await stage.put(made["upload"]["headers"][0]["value"], LIST.encode())).status_code == 201
    found: str = made["supplierList"]["id"]
    return found


async def call(stage: Stage, document: str, list_id: str) -> Any:
    return await stage.change(stage.maker, document, supplierListId=list_id)


async def wait_until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT):
        while not await holds():
            await asyncio.sleep(0.05)


async def wait_for_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the worker has looked once more from begin to end."""
    rounds = 0
    clear = leftovers.clear_leftovers

    async def count(workplace: Any) -> None:
        nonlocal rounds
        await clear(workplace)
        rounds += 1

    monkeypatch.setattr(leftovers, "clear_leftovers", count)
    async with asyncio.timeout(WAIT):
        while rounds < 2:
            await asyncio.sleep(0.05)
    monkeypatch.setattr(leftovers, "clear_leftovers", clear)


async def test_a_list_that_nobody_confirmed_is_closed_after_a_week_and_its_file_removed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploaded, previewed, confirmed = [await send_list(stage) for _ in range(3)]
    assert (await call(stage, docs.PREVIEW, previewed))["__typename"] == "SupplierListPreviewed"
    assert (await call(stage, docs.CONFIRM, confirmed))["__typename"] == "SupplierListConfirmed"
    assert len(stage.list_files()) == 2
    await people.move_clock(stage.house.made, "7 days")
    await wait_for_rounds(monkeypatch)
    assert len(stage.list_files()) == 2
    await people.move_clock(stage.house.made, "7 days 2 hours")

    async def is_clear() -> bool:
        rows = await people.run_sql(stage.house.made, "SELECT state, storage_key FROM portal.supplier_import")
        return sorted(row["state"] for row in rows if row["storage_key"] is None) == ["confirmed", "expired", "expired"]

    await wait_until(is_clear)
    assert stage.list_files() == []
    for late in (uploaded, previewed):
        for document in (docs.PREVIEW, docs.CONFIRM):
            refused = await call(stage, document, late)
            assert (refused["__typename"], refused["code"]) == ("Conflict", "EXPIRED")
    assert (await call(stage, docs.CONFIRM, confirmed))["confirmedBefore"] is True


async def test_a_file_that_cannot_be_removed_is_tried_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    real, tries = storage.delete, 0

    async def fail(store: ObjectStore, key: str) -> None:
        nonlocal tries
        tries += 1
        raise OSError

    await send_list(stage)
    (file,) = stage.list_files()
    monkeypatch.setattr(storage, "delete", fail)
    await people.move_clock(stage.house.made, "8 days")

    async def was_tried() -> bool:
        return tries > 4

    await wait_until(was_tried)
    rows = await people.run_sql(stage.house.made, "SELECT state, storage_key FROM portal.supplier_import")
    assert [tuple(row) for row in rows] == [("expired", file)]
    monkeypatch.setattr(storage, "delete", real)

    async def is_clear() -> bool:
        rows = await people.run_sql(stage.house.made, "SELECT storage_key FROM portal.supplier_import")
        return [row["storage_key"] for row in rows] == [None]

    await wait_until(is_clear)
    assert stage.list_files() == []


async def test_a_document_that_never_came_is_removed_unless_it_is_attached(stage: Stage) -> None:
    key = {"idempotencyKey": "announced-once"}
    loose, _ = await stage.announce(stage.weaver, **key)
    attached, _ = await stage.announce(stage.weaver, "attached.pdf")
    kept = await stage.send(stage.weaver, PDF, "kept.pdf")
    assert (await stage.wait_for(stage.weaver, kept))["state"] == "AVAILABLE"
    assessment, _ = await stage.draft(stage.weaver)
    place = {"assessmentId": stage.name("asmt", stage.weaver, assessment), "question": "waste"}
    done = await stage.change(stage.weaver, ATTACH, **place, evidenceId=attached)
    assert done["__typename"] == "EvidenceAttached", done
    await people.move_clock(stage.house.made, "26 hours")

    async def is_gone() -> bool:
        return (await stage.ask(stage.weaver, STATE, id=loose))["node"] is None

    await wait_until(is_gone)
    assert (await stage.ask(stage.weaver, STATE, id=attached))["node"] == {"state": "AWAITING"}
    assert (await stage.ask(stage.weaver, STATE, id=kept))["node"] == {"state": "AVAILABLE"}
    again = await stage.change(stage.weaver, UPLOAD, fileName="policy.pdf", kind="POLICY", **key)
    assert (again["__typename"], again["code"]) == ("Conflict", "REMOVED")


async def test_bytes_without_a_row_are_removed_after_a_day(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    store = storage.open_storage(f"file://{stage.folder}")
    strays = [f"{folder}/{ids.new_id().hex}/{ids.new_id().hex}" for folder in ("quarantine", "supplier-lists")]
    good = await stage.send(stage.weaver, PDF)
    await stage.wait_for(stage.weaver, good)
    await send_list(stage)
    needed = [one for one in stage.list_files() if not one.startswith("quarantine/")]
    assert {one.partition("/")[0] for one in needed} == {"evidence", "supplier-lists"}
    for key in strays:
        await obstore.put_async(store, key, b"left")
    await wait_for_rounds(monkeypatch)
    assert set(strays) < set(stage.list_files())
    await people.move_clock(stage.house.made, "25 hours")

    async def is_clear() -> bool:
        return stage.list_files() == needed

    await wait_until(is_clear)


async def test_a_storage_that_hangs_holds_up_no_event(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(workplace: Any) -> None:
        await asyncio.sleep(3_600)

    monkeypatch.setattr(leftovers, "clear_leftovers", hang)
    await asyncio.sleep(0.3)
    assert (await stage.wait_for(stage.weaver, await stage.send(stage.weaver, PDF)))["state"] == "AVAILABLE"
