"""`portal backup` and `portal restore`: the drill over each kind of storage, and what makes a copy less than whole."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from joserfc.jwk import OKPKey
from obstore.store import ObjectStore

from portal import errors, sealing, signing, storage
from portal.access import OWNER_LOGIN
from portal.backups import checking, comparing, contents, drafts, dumping, pictures, vouching
from portal.backups.vouching import Voucher
from portal.database import migrating, programs
from portal.identity import closing, personal_data
from portal.trail import heads
from tests import databases, people
from tests.databases import Server, TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import EVIDENCE, Stage
from tests.graphql_schema.sharing.test_evidence import ATTACH, DOWNLOAD
from tests.portal.assessments import files
from tests.portal.backups.quiet import Quiet
from tests.portal.commands import processes
from tests.portal.database import earlier
from tests.portal.database.launching import make_reachable_folder

pytestmark = pytest.mark.slow  # dumps and restores a database

Kept = tuple[Stage, ObjectStore]
RESULT = "query ($id: ID!) { node(id: $id) { ... on Submission { rootHash result { total } } } }"
DOCUMENTS = [files.make_pdf(bytes([n]) * 3_000) for n in range(3)]


async def run(database: TestDatabase, folder: Path, url: str, *arguments: str, **more: str) -> Any:
    """A command with the four logins of a database, a storage and the stage's keys; the worker goes on meanwhile."""
    given = {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_BACKUP_DATABASE_URL": database.backup_url,
        "PORTAL_STORAGE_URL": url,
        "PORTAL_SECRET_KEY": stages.SECRET,
        "PORTAL_SIGNING_KEY": stages.SIGNING,
    }
    return await asyncio.to_thread(processes.run_portal, folder / "data", *arguments, **given | more)


async def furnish(stage: Stage) -> dict[str, str]:
    """Documents, a submission and a share of it, all sealed: their ids."""
    draft = await stage.draft(stage.weaver)
    evidence = [await stage.send(stage.weaver, content) for content in DOCUMENTS]
    for one in evidence:
        assert (await stage.wait_for(stage.weaver, one))["state"] == "AVAILABLE"
    assessment = stage.name("asmt", stage.weaver, draft[0])
    attached = await stage.change(
        stage.weaver, ATTACH, assessmentId=assessment, question="waste", evidenceId=evidence[0]
    )
    assert attached["__typename"] in ("EvidenceAttached", "InvalidInput"), attached
    submitted = await stage.submit(stage.dyer)
    share = await stage.share(stage.dyer, stage.maker, submitted)
    await seal(stage)
    return {"evidence": evidence[0], "submission": submitted.node, "share": share}


async def seal(stage: Stage) -> None:
    """Until the worker has passed on and sealed everything, but for letters, and its heads lie outside."""
    waits = (
        "SELECT 1 FROM portal.outbox WHERE relayed_at IS NULL"
        " UNION ALL SELECT 1 FROM queue.pgqueuer WHERE entrypoint <> 'send_mail'"
        " UNION ALL SELECT 1 FROM portal.audit_event WHERE block_n IS NULL"
    )
    async with asyncio.timeout(stages.WAIT):
        while await stage.house.fetch(waits):
            await asyncio.sleep(0.05)
        ((last,),) = await stage.house.fetch("SELECT max(position) FROM portal.audit_block")
        store = storage.open_storage(stage.settings.storage_url)
        while (tail := await heads.read_tail(store)) is None or tail.position < last:
            await asyncio.sleep(0.05)


@asynccontextmanager
async def open_portal(stage: Stage, database: TestDatabase, url: str) -> AsyncIterator[Stage]:
    """The portal over a restored database."""
    given = {"storage_url": url, "secret_key": stages.SECRET, "signing_key": stages.SIGNING}
    async with portals.run_portal(database, public_url="http://portal.test", **given) as running:
        yield replace(stage, portal=running)


async def test_a_drill_brings_everything_back(kept: Kept, database_server: Server, tmp_path: Path) -> None:
    stage, _ = kept
    made, gone = await furnish(stage), await join(stage)
    result = await stage.ask(stage.dyer, RESULT, id=made["submission"])
    lived, url, backup = stage.house.made, stage.settings.storage_url, tmp_path / "backups" / "one"
    took = await run(lived, tmp_path, url, "backup", str(backup))
    assert took.returncode == 0, took.stderr + took.stdout
    assert "No keys are in it." in took.stdout
    whole = await run(lived, tmp_path, url, "backup", "--verify", str(backup))
    assert (whole.returncode, "is whole, signed by this portal" in whole.stdout) == (0, True), whole.stderr
    await stage.submit(stage.weaver)
    await forget(stage, gone)
    await seal(stage)
    fresh = (tmp_path / "fresh").as_uri()
    with databases.copy_template(database_server, None) as restored:
        back = await run(restored, tmp_path, fresh, "restore", str(backup))
        assert (back.returncode, "Equal to the backup" in back.stdout) == (0, True), back.stdout + back.stderr
        assert "Nothing is known here of erasures after the backup" in back.stdout
        assert await look_for(restored, gone) == ({gone.id}, "active")
        compared = await run(restored, tmp_path, fresh, "restore", "--compare", str(backup))
        assert (compared.returncode, "Equal to the backup" in compared.stdout) == (0, True), compared.stderr
        verified = await run(restored, tmp_path, fresh, "audit", "verify")
        assert (verified.returncode, "all as sealed" in verified.stdout) == (0, True), verified.stdout + verified.stderr
        assert "Restored on" in verified.stderr and "no head of a later block lay there" in verified.stderr
        assert (await run(restored, tmp_path, fresh, "evidence", "verify")).returncode == 0
        async with open_portal(stage, restored, fresh) as again:
            assert await again.ask(again.dyer, RESULT, id=made["submission"]) == result
            link = await again.change(again.weaver, DOWNLOAD, evidenceId=made["evidence"])
            assert (await again.get(link["url"])).content == DOCUMENTS[0]
            assert (await again.ask(again.weaver, EVIDENCE, id=made["evidence"]))["node"]["state"] == "AVAILABLE"
        assert await earlier.hash_schema(restored.superuser_url) == await earlier.hash_schema(lived.superuser_url)
    with databases.copy_template(database_server, None) as restored:
        refused = await run(restored, tmp_path, url, "restore", str(backup))
        assert (refused.returncode, "--keep-storage" in refused.stderr) == (1, True), refused.stderr
        back = await run(restored, tmp_path, url, "restore", "--keep-storage", str(backup))
        assert (back.returncode, "were given up" in back.stdout) == (0, True), back.stdout + back.stderr
        assert "Equal to the backup" in back.stdout and "Done again: 1 erased, 1 closed, 0 opened." in back.stdout
        assert "Nothing is known here" not in back.stdout
        assert await look_for(restored, gone) == (set(), "closed")
        again = await run(restored, tmp_path, url, "privacy", "erase-again")
        assert (again.returncode, "0 erased, 0 closed, 0 opened." in again.stdout) == (0, True), again.stderr
        await go_on(restored, stage, tmp_path, url)


@dataclass
class Gone:
    """Who was erased after a backup, and which organization was closed."""

    id: UUID
    email: str
    organization: UUID


async def join(stage: Stage) -> Gone:
    """A member of the weaver, who will be erased, and an organization that will be closed."""
    person = await people.add_person(stage.house.made)
    owner = await people.add_person(stage.house.made)
    organization = await people.add_organization(stage.house.made, (owner, "owner"), (person, "editor"))
    return Gone(person.id, person.email, organization)


async def forget(stage: Stage, gone: Gone) -> None:
    """As the operator does it, until the worker has noted both outside."""
    async with people.open_session(stage.house.made.owner_url) as session:
        await closing.close(session, OWNER_LOGIN, organization=gone.organization, reason="It asked for it.")
        await personal_data.erase_person(session, OWNER_LOGIN, person=gone.id, reason="It was asked for.")
    async with asyncio.timeout(stages.WAIT):
        while await stage.house.fetch("SELECT 1 FROM portal.erasure WHERE noted_at IS NULL"):
            await asyncio.sleep(0.05)


async def look_for(database: TestDatabase, gone: Gone) -> tuple[set[UUID], str]:
    """Whether the person stands in accounts and the trail, and what the organization is."""
    found = await people.run_sql(
        database,
        "SELECT id FROM portal.user_account WHERE email = $1 UNION"
        " SELECT $2::uuid FROM portal.audit_event e WHERE strpos(e::text, $3) > 0",
        gone.email,
        gone.id,
        str(gone.id),
    )
    ((status,),) = await people.run_sql(
        database, "SELECT status FROM portal.organization WHERE id = $1", gone.organization
    )
    return {row["id"] for row in found}, status


async def go_on(restored: TestDatabase, stage: Stage, folder: Path, url: str) -> None:
    """The trail of a restored database is sealed on, tells of the restoration, and a cut is still found."""
    async with stages.run_worker(restored, stage.settings):
        await seal(replace(stage, house=replace(stage.house, made=restored)))
    verified = await run(restored, folder, url, "audit", "verify")
    assert (verified.returncode, verified.stderr.count("Restored on")) == (0, 1), verified.stdout + verified.stderr
    assert "were given up" in verified.stderr
    admin = await asyncpg.connect(restored.superuser_url.replace("+asyncpg", ""))
    try:
        async with admin.transaction():
            await admin.execute("SET LOCAL session_replication_role = replica")
            await admin.execute(
                "DELETE FROM portal.audit_block WHERE position = (SELECT max(position) FROM portal.audit_block)"
            )
    finally:
        await admin.close()
    cut = await run(restored, folder, url, "audit", "verify")
    assert (cut.returncode, "TRUNCATED" in cut.stderr) == (1, True), cut.stdout + cut.stderr
    assert "Restored on" in cut.stderr


@pytest.fixture
async def backup(stage: Stage, tmp_path: Path) -> tuple[Stage, Path, str]:
    """A stage with documents, a submission and a sealed secret, and a backup of it."""
    await furnish(stage)
    person = stage.weaver.user
    secret = sealing.Sealer((stages.SECRET,)).seal(sealing.SECOND_FACTOR, person, b"of an app")
    await stage.house.fetch("INSERT INTO portal.second_factor (user_id, sealed) VALUES ($1, $2)", person, secret)
    folder, url = tmp_path / "backup", stage.settings.storage_url
    took = await run(stage.house.made, tmp_path, url, "backup", "--with-keys", str(folder))
    assert (took.returncode, "Keys are in it: secret.key, signing.json." in took.stdout) == (0, True), took.stderr
    return stage, folder, url


def check(folder: Path) -> list[str]:
    return [str(fault) for fault in checking.check_folder(folder, contents.read_manifest(folder), Quiet())]


def spoil(path: Path) -> None:
    """Change one byte, and nothing of the length."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


async def test_a_copy_that_is_less_than_whole_is_named(
    backup: tuple[Stage, Path, str], database_server: Server, tmp_path: Path
) -> None:
    stage, folder, _ = backup
    assert check(folder) == []
    documents = sorted(path for path in (folder / contents.STORED / "evidence").rglob("*") if path.is_file())
    assert len(documents) == 3
    changed, missing, longer = [path.relative_to(folder).as_posix() for path in documents]
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    spoil(copy / changed)
    (copy / missing).unlink()
    (copy / longer).write_bytes((copy / longer).read_bytes() + b"!")
    spoil(copy / contents.DUMP)
    (copy / "files" / "more").touch()
    (copy / "note.txt").touch()
    expected = {f"CHANGED {changed}", f"MISSING {missing}", f"SIZE {longer}", f"CHANGED {contents.DUMP}"}
    assert set(check(copy)) == expected | {"UNKNOWN note.txt", "UNKNOWN 1 files below files/"}
    told = await run(stage.house.made, tmp_path, "", "backup", "--verify", str(copy))
    assert told.returncode == 1
    assert expected <= set(told.stderr.splitlines())
    with databases.copy_template(database_server, None) as empty:
        refused = await run(empty, tmp_path, (tmp_path / "fresh").as_uri(), "restore", str(copy))
        assert (refused.returncode, f"CHANGED {contents.DUMP}" in refused.stderr) == (1, True), refused.stderr
        assert await people.run_sql(empty, "SELECT 1 FROM pg_namespace WHERE nspname = 'portal'") == []
    spoil(folder / contents.FILES)
    assert check(folder) == [f"CHANGED {contents.FILES}"]


async def test_keys_that_open_nothing_are_told_when_they_are_packed(
    backup: tuple[Stage, Path, str], tmp_path: Path
) -> None:
    stage, _, url = backup
    stale = {"PORTAL_SECRET_KEY": "of a shell that does not know the servers' key"}
    took = await run(stage.house.made, tmp_path, url, "backup", "--with-keys", str(tmp_path / "stale"), **stale)
    assert (took.returncode, "KEYS 1 of 1 sealed secrets do not open" in took.stderr) == (1, True), took.stderr
    assert contents.read_manifest(tmp_path / "stale").keys == ("secret.key", "signing.json")  # everything else is there


async def test_a_backup_with_its_keys_is_brought_into_a_new_folder(backup: tuple[Stage, Path, str]) -> None:
    """With nothing set but the folder: the embedded database is made, and the keys are those of the backup."""
    _, folder, _ = backup
    with make_reachable_folder() as place:
        keyless = shutil.copytree(folder, place / "keyless")
        told = orjson.loads((keyless / contents.MANIFEST).read_bytes()) | {"keys": []}
        (keyless / contents.MANIFEST).write_bytes(orjson.dumps(told))
        refused = await asyncio.to_thread(processes.run_portal, place / "data", "restore", str(keyless))
        assert (refused.returncode, "There is no signing key here." in refused.stderr) == (1, True), refused.stderr
        refused = await asyncio.to_thread(processes.run_portal, place / "data", "restore", str(folder))
        assert (refused.returncode, Voucher.ITSELF in refused.stderr) == (1, True), refused.stderr
        assert not (place / "data").exists()
        back = await asyncio.to_thread(processes.run_portal, place / "data", "restore", "--unsigned", str(folder))
        assert (back.returncode, "Equal to the backup" in back.stdout) == (0, True), back.stdout + back.stderr
        assert "So nobody vouches for its rows" in back.stdout
        assert (place / "data" / "secret.key").read_text() == stages.SECRET
        verified = await asyncio.to_thread(processes.run_portal, place / "data", "audit", "verify")
        assert (verified.returncode, "for which no signature vouched" in verified.stderr) == (0, True), verified.stderr
        other = {"PORTAL_SECRET_KEY": "another key than the one of the lost portal"}
        again = await asyncio.to_thread(processes.run_portal, place / "data", "restore", str(folder), **other)
        assert (again.returncode, "Run number 2 of a restoration" in again.stdout) == (1, True), again.stderr
        assert again.stderr.count("KEYS 1 of 1 sealed secrets do not open with the keys that are here") == 1
        assert "Equal to the backup" in again.stdout  # and the keys that are here now vouch for it
        verified = await asyncio.to_thread(processes.run_portal, place / "data", "audit", "verify")
        assert "Restored on" in verified.stderr and "Run number 2" in verified.stderr, verified.stderr


async def test_a_manifest_that_somebody_wrote_anew_is_not_signed(
    backup: tuple[Stage, Path, str], database_server: Server, tmp_path: Path
) -> None:
    stage, folder, _ = backup
    keys = signing.read_public_keys(stages.SIGNING, "the test")
    assert find_voucher(folder, keys) is Voucher.KNOWN
    manifest = orjson.loads((folder / contents.MANIFEST).read_bytes())
    manifest["tables"]["portal.organization"] -= 1
    (folder / contents.MANIFEST).write_bytes(orjson.dumps(manifest))
    assert check(folder) == []
    assert find_voucher(folder, keys) is find_voucher(folder, {}) is Voucher.BROKEN
    told = await run(stage.house.made, tmp_path, "", "backup", "--verify", str(folder))
    assert (told.returncode, told.stderr.splitlines()[0]) == (1, f"SIGNATURE {contents.MANIFEST}")
    (folder / contents.SIGNATURE).unlink()
    told = await run(stage.house.made, tmp_path, "", "backup", "--verify", str(folder))
    assert (told.returncode, "is whole, not signed:" in told.stdout) == (0, True)
    with databases.copy_template(database_server, None) as empty:
        refused = await run(empty, tmp_path, (tmp_path / "fresh").as_uri(), "restore", str(folder))
        assert (refused.returncode, "is not signed: whoever can write there" in refused.stderr) == (1, True)
        assert await people.run_sql(empty, "SELECT 1 FROM pg_namespace WHERE nspname = 'portal'") == []


def find_voucher(folder: Path, known: Mapping[str, OKPKey]) -> Voucher:
    return vouching.find_voucher(folder, contents.read_manifest(folder), known)


async def test_no_signature_but_its_own_vouches_for_a_backup(backup: tuple[Stage, Path, str], tmp_path: Path) -> None:
    """Cut, changed, of another backup, by somebody else, for another use: each is refused, whatever the flag says."""
    _, folder, _ = backup
    keys = signing.read_keys(stages.SIGNING, "the test")
    stranger = signing.read_keys(signing.make_keys(), "the test")
    path, manifest = folder / contents.SIGNATURE, contents.read_manifest(folder)
    whole = path.read_text()
    said = orjson.dumps({"sha256": contents.hash_file(folder / contents.MANIFEST).sha256})
    other = orjson.dumps({"sha256": contents.hash_bytes(b"another").sha256})
    broken = (whole[:-4] + "AAAA", whole[:-40], whole.rpartition(".")[0], "", keys.sign(other, contents.KIND),
              keys.sign(said), keys.sign(b"[]", contents.KIND))  # fmt: skip
    for signature, voucher in (*((one, Voucher.BROKEN) for one in broken),
                               (stranger.sign(said, contents.KIND), Voucher.STRANGER)):  # fmt: skip
        path.write_text(signature)
        assert vouching.find_voucher(folder, manifest, keys.public) is voucher, signature
        if voucher is Voucher.STRANGER:
            with pytest.raises(errors.SetupError, match="somebody exchanged the signature"):
                vouching.require_voucher(voucher, folder, accepts_unsigned=True)
    path.write_text(whole)
    assert vouching.find_voucher(folder, manifest, {}) is Voucher.ITSELF  # with its keys
    assert vouching.find_voucher(folder, replace(manifest, keys=()), {}) is Voucher.STRANGER
    assert vouching.require_voucher(Voucher.NOBODY, folder, accepts_unsigned=True) is False


async def test_the_drill_names_where_a_restored_portal_differs(backup: tuple[Stage, Path, str], tmp_path: Path) -> None:
    stage, folder, url = backup
    manifest = contents.read_manifest(folder)
    store = storage.open_storage(url)

    async def compare() -> set[str]:
        async with pictures.open_picture(stage.house.made.backup_url) as picture:
            found = comparing.compare(picture, store, folder, manifest, Quiet())
            return {one.what async for one in found}

    assert await compare() == set()
    ((lost,),) = await stage.house.fetch("SELECT user_id FROM portal.session LIMIT 1")
    await stage.house.fetch("DELETE FROM portal.session WHERE user_id = $1", lost)
    gone, other = [file.key for file in contents.read_files(folder) if file.key.startswith("evidence/")][:2]
    await storage.delete(store, gone)
    await storage.write(store, other, b"something else")
    ((chain,),) = await stage.house.fetch("SELECT max(organization_id::text)::uuid FROM portal.audit_block")
    admin = await asyncpg.connect(stage.house.made.superuser_url.replace("+asyncpg", ""))
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute("UPDATE portal.audit_block SET hash = sha256(hash) WHERE organization_id = $1", chain)
    await admin.close()
    assert await compare() == {"rows of portal.session", f"file {gone}", f"file {other}", f"chain of {chain}"}
    told = await run(stage.house.made, tmp_path, url, "restore", "--compare", str(folder))
    assert (told.returncode, told.stdout.splitlines()[-1]) == (1, "4 differences from the backup."), told.stderr


def test_a_backup_that_was_interrupted_never_looks_whole(tmp_path: Path) -> None:
    target = tmp_path / "backup"
    draft = target.with_name("backup.unfinished")
    with pytest.raises(KeyboardInterrupt), drafts.open_draft(target) as open_one:
        (open_one / contents.DUMP).write_bytes(b"half")
        with pytest.raises(errors.SetupError, match="Another backup is just being written"), drafts.open_draft(target):
            pass
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    draft.mkdir()  # as a kill leaves it
    (draft / contents.DUMP).write_bytes(b"half")
    (draft / contents.STORED / "evidence").mkdir(parents=True)
    with pytest.raises(errors.SetupError, match="was interrupted: it is not whole"):
        contents.read_manifest(draft)
    draft.rename(target)  # by somebody who thinks that it is one
    with pytest.raises(errors.SetupError, match="was interrupted: it is not whole"):
        contents.read_manifest(target)
    with pytest.raises(errors.SetupError, match="is there already"), drafts.open_draft(target):
        pass
    target.rename(draft)
    with drafts.open_draft(target) as begun_anew:
        assert list(begun_anew.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]
    with pytest.raises(errors.SetupError, match="There is no backup in"):
        contents.read_manifest(target)


async def test_a_restoration_that_is_cut_off_leaves_an_empty_database(
    backup: tuple[Stage, Path, str], database_server: Server
) -> None:
    """Killed, or with a statement that fails at the very end, there is nothing, and it can be done again."""
    _, folder, _ = backup
    manifest = contents.read_manifest(folder)
    program = programs.find_program("pg_restore", manifest.dump_major)

    async def restore(last: str) -> None:
        await dumping.restore(program, empty.owner_url, folder / contents.DUMP, last, lambda _: None)

    async def list_schemas() -> list[Any]:
        return await people.run_sql(empty, "SELECT nspname FROM pg_namespace WHERE nspname IN ('portal', 'queue')")

    with databases.copy_template(database_server, None) as empty:
        with pytest.raises(errors.SetupError, match=r"is as it was\. division by zero"):
            await restore("SELECT 1 / 0;")
        assert await list_schemas() == []
        task = asyncio.create_task(restore("SELECT pg_sleep(60);"))
        async with asyncio.timeout(stages.WAIT):
            while not await people.run_sql(
                empty,
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'pg_sleep.60'"
                " AND pid <> pg_backend_pid()",
            ):
                await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await people.run_sql(
            empty,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query ~ 'pg_sleep.60'"
            " AND pid <> pg_backend_pid()",
        )
        assert await list_schemas() == []
        await restore("")
        assert len(await list_schemas()) == 2


async def test_what_cannot_be_restored_here_is_said(backup: tuple[Stage, Path, str], tmp_path: Path) -> None:
    stage, folder, url = backup
    path = folder / contents.MANIFEST
    whole = orjson.loads(path.read_bytes())

    async def refuse(**changed: Any) -> str:
        path.write_bytes(orjson.dumps(whole | changed))
        told = await run(stage.house.made, tmp_path, url, "restore", "--unsigned", str(folder))
        assert told.returncode == 1, told.stdout
        return str(told.stderr)

    (folder / contents.SIGNATURE).unlink()
    assert "was made by a newer portal" in await refuse(v=2)
    assert "is of the schema 2099_01_01_later, which this portal does not know" in await refuse(
        revision="2099_01_01_later"
    )
    assert "is no manifest of a backup" in await refuse(tables=None, parts=3)
    assert "is of PostgreSQL 99; the server here is" in await refuse(server_major=99)
    assert "The database is not empty" in await refuse(revision=migrating.head_revision())
