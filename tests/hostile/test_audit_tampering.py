"""Whoever holds the database, or the files beside it, changes the trail in every way there is: each is found."""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import signing
from portal.trail import blocks, checking, sealing
from portal.trail.blocks import Block
from tests import databases
from tests.portal.trail.trails import Trail, list_codes, open_trail

pytestmark = pytest.mark.slow  # a trail and a whole comparison for each way

ONE_EVENT = "id = (SELECT id FROM portal.audit_event WHERE block_n IS NOT NULL ORDER BY md5(id::text) LIMIT 1)"
ONE_BLOCK = "position = (SELECT position FROM portal.audit_block ORDER BY md5(hash::text) LIMIT 1)"
ALL_CLEAR = "TRUNCATE portal.audit_event, portal.audit_block"
# Two events in one block, and two blocks of one chain, that there are in every trail of these tests.
TWO = """
SELECT array_agg(id ORDER BY place) FROM portal.audit_event
 WHERE block_n IS NOT NULL GROUP BY organization_id, block_n HAVING count(*) > 1 LIMIT 1
"""
CHAIN = "SELECT organization_id FROM portal.audit_block GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"


def event(change: str) -> Callable[[Trail], Awaitable[None]]:
    """One column of one event."""

    async def tamper(trail: Trail) -> None:
        await trail.tamper(f"UPDATE portal.audit_event SET {change} WHERE {ONE_EVENT}")

    return tamper


def block(change: str) -> Callable[[Trail], Awaitable[None]]:
    """One column of one block."""

    async def tamper(trail: Trail) -> None:
        await trail.tamper(f"UPDATE portal.audit_block SET {change} WHERE {ONE_BLOCK}")

    return tamper


async def delete_event(trail: Trail) -> None:
    await trail.tamper(f"DELETE FROM portal.audit_event WHERE {ONE_EVENT}")


async def delete_and_close_ranks(trail: Trail) -> None:
    first, *_ = await trail.admin.fetchval(TWO)
    where = "(organization_id IS NOT DISTINCT FROM g.organization_id AND e.block_n = g.block_n AND e.place > g.place)"
    await trail.tamper(
        f"UPDATE portal.audit_event e SET place = e.place - 1 FROM portal.audit_event g WHERE g.id = '{first}' AND "
        + where.replace("(organization_id", "(e.organization_id"),
        f"DELETE FROM portal.audit_event WHERE id = '{first}'",
    )


async def add_to_block(trail: Trail) -> None:
    (made,) = await trail.add({})
    await trail.tamper(
        f"UPDATE portal.audit_event e SET organization_id = g.organization_id, block_n = g.block_n, place = 99"
        f" FROM portal.audit_event g WHERE e.id = '{made}' AND g.{ONE_EVENT}"
    )


async def copy_event(trail: Trail) -> None:
    await trail.tamper(
        f'INSERT INTO portal.audit_event SELECT (jsonb_populate_record(e, \'{{"id": "{blocks.PORTAL}"}}\')).*'
        f" FROM portal.audit_event e WHERE {ONE_EVENT}"
    )


async def swap_places(trail: Trail) -> None:
    one, other, *_ = await trail.admin.fetchval(TWO)
    await trail.tamper(
        f"UPDATE portal.audit_event e SET place = o.place FROM portal.audit_event o"
        f" WHERE (e.id, o.id) IN (('{one}', '{other}'), ('{other}', '{one}'))"
    )


async def swap_contents(trail: Trail) -> None:
    """The ids stay, and all that they stand for changes places."""
    one, other, *_ = await trail.admin.fetchval(TWO)
    columns = "actor_id, object_id, detail, who_salt, what_salt"
    await trail.tamper(
        f"UPDATE portal.audit_event e SET ({columns}) = (SELECT {columns} FROM portal.audit_event o WHERE o.id ="
        f" CASE e.id WHEN '{one}' THEN '{other}'::uuid ELSE '{one}' END) WHERE e.id IN ('{one}', '{other}')"
    )


async def move_to_other_block(trail: Trail) -> None:
    chain = await trail.admin.fetchval(CHAIN)
    own = f"organization_id IS NOT DISTINCT FROM nullif('{chain}'::uuid, '{blocks.PORTAL}')"
    await trail.tamper(
        f"UPDATE portal.audit_event SET block_n = 2, place = 99 WHERE id ="
        f" (SELECT id FROM portal.audit_event WHERE {own} AND block_n = 1 LIMIT 1)"
    )


async def unseal_and_reseal(trail: Trail) -> None:
    """The event is changed, taken out of its block, and sealed again with the next one by the worker itself."""
    await trail.tamper(f"UPDATE portal.audit_event SET action = 'x', block_n = NULL, place = NULL WHERE {ONE_EVENT}")
    await trail.sealer.seal_due()


async def delete_block(trail: Trail) -> None:
    """From the middle of a chain, with its events."""
    chain = await trail.admin.fetchval(CHAIN)
    own = f"organization_id IS NOT DISTINCT FROM nullif('{chain}'::uuid, '{blocks.PORTAL}')"
    await trail.tamper(
        f"DELETE FROM portal.audit_event WHERE {own} AND block_n = 1",
        f"DELETE FROM portal.audit_block WHERE organization_id = '{chain}' AND n = 1",
    )


async def delete_block_alone(trail: Trail) -> None:
    await trail.tamper(f"DELETE FROM portal.audit_block WHERE {ONE_BLOCK}")


async def close_the_chain(trail: Trail) -> None:
    """The first block goes, and the others move up, but cannot be signed again."""
    chain = await trail.admin.fetchval(CHAIN)
    own = f"organization_id IS NOT DISTINCT FROM nullif('{chain}'::uuid, '{blocks.PORTAL}')"
    await trail.tamper(
        f"DELETE FROM portal.audit_event WHERE {own} AND block_n = 1",
        f"DELETE FROM portal.audit_block WHERE organization_id = '{chain}' AND n = 1",
        f"UPDATE portal.audit_event SET block_n = block_n - 1 WHERE {own} AND block_n IS NOT NULL",
        f"UPDATE portal.audit_block SET n = -n WHERE organization_id = '{chain}'",
        f"UPDATE portal.audit_block SET n = -n - 1 WHERE organization_id = '{chain}'",
    )


async def swap_blocks(trail: Trail) -> None:
    chain = await trail.admin.fetchval(CHAIN)
    own = f"organization_id IS NOT DISTINCT FROM nullif('{chain}'::uuid, '{blocks.PORTAL}')"
    here = f"organization_id = '{chain}' AND n"
    await trail.tamper(
        f"UPDATE portal.audit_block SET n = -1 WHERE {here} = 1",
        f"UPDATE portal.audit_block SET n = 1 WHERE {here} = 2",
        f"UPDATE portal.audit_block SET n = 2 WHERE {here} = -1",
        f"UPDATE portal.audit_event SET block_n = 3 - block_n WHERE {own} AND block_n IN (1, 2)",
    )  # fmt: skip


async def truncate_end(trail: Trail) -> None:
    """The last block of a chain with its events: what is left is a whole chain by itself."""
    chain = await trail.admin.fetchval(CHAIN)
    own = f"organization_id IS NOT DISTINCT FROM nullif('{chain}'::uuid, '{blocks.PORTAL}')"
    last = await trail.admin.fetchval("SELECT max(n) FROM portal.audit_block WHERE organization_id = $1", chain)
    await trail.tamper(
        f"DELETE FROM portal.audit_event WHERE {own} AND block_n = {last}",
        f"DELETE FROM portal.audit_block WHERE organization_id = '{chain}' AND n = {last}",
    )


async def truncate_chain(trail: Trail) -> None:
    chain = await trail.admin.fetchval(CHAIN)
    own = f"organization_id IS NOT DISTINCT FROM nullif('{chain}'::uuid, '{blocks.PORTAL}')"
    await trail.tamper(
        f"DELETE FROM portal.audit_event WHERE {own}",
        f"DELETE FROM portal.audit_block WHERE organization_id = '{chain}'",
    )


async def truncate_all(trail: Trail) -> None:
    await trail.tamper(ALL_CLEAR)


async def roll_back_and_go_on(trail: Trail) -> None:
    """The newest blocks go, and the worker seals other events in their place, with the right key."""
    last = await trail.admin.fetchrow("SELECT * FROM portal.audit_block ORDER BY position DESC LIMIT 1")
    own = f"organization_id IS NOT DISTINCT FROM nullif('{last['organization_id']}'::uuid, '{blocks.PORTAL}')"
    await trail.tamper(
        f"DELETE FROM portal.audit_event WHERE {own} AND block_n = {last['n']}",
        f"DELETE FROM portal.audit_block WHERE position = {last['position']}",
    )
    chain = last["organization_id"]
    await trail.add_to(None if chain == blocks.PORTAL else chain, 2)
    await trail.sealer.seal_due()


async def sign_with_another_key(trail: Trail) -> None:
    """A changed event, and its block made anew as the sealer makes it, with a key of the attacker's own."""
    row = await trail.admin.fetchrow(f"SELECT * FROM portal.audit_block WHERE {ONE_BLOCK}")
    given = {name: row[name] for name in Block.__dataclass_fields__}
    digests = bytes(32) + given["digests"][32:]
    draft = replace(Block(**given), digests=digests)
    content = blocks.write_content(draft)
    own = signing.read_keys(signing.make_keys(), "the attacker")
    await trail.admin.execute("SET session_replication_role = replica")
    await trail.admin.execute(
        "UPDATE portal.audit_block SET digests = $1, hash = $2, signature = $3 WHERE position = $4",
        digests, blocks.hash_block(draft), own.sign(content, blocks.KIND), given["position"],
    )  # fmt: skip
    await trail.admin.execute("SET session_replication_role = origin")


async def sign_as_a_summary(trail: Trail) -> None:
    """What was signed by the right key for another use is no block."""
    row = await trail.admin.fetchrow(f"SELECT * FROM portal.audit_block WHERE {ONE_BLOCK}")
    content = blocks.write_content(Block(**{name: row[name] for name in Block.__dataclass_fields__}))
    await trail.tamper(f"UPDATE portal.audit_block SET signature = '{trail.keys.sign(content)}' WHERE {ONE_BLOCK}")


async def erase_to_another_hash(trail: Trail) -> None:
    await trail.admin.execute(
        f"UPDATE portal.audit_event SET actor_id = NULL, address = NULL, who_salt = NULL,"
        f" who_hash = sha256('another') WHERE {ONE_EVENT}"
    )  # which the trigger lets through: it has the shape of an erasure


def heads(change: Callable[[list[str]], list[str]]) -> Callable[[Trail], Awaitable[None]]:
    """The lines of the file of heads."""

    async def tamper(trail: Trail) -> None:
        path = trail.list_files()[-1]
        lines = path.read_text(encoding="ascii").splitlines()
        path.write_text("".join(f"{line}\n" for line in change(lines)), encoding="ascii")

    return tamper


async def remove_heads(trail: Trail) -> None:
    shutil.rmtree(trail.folder / "audit")


WAYS: dict[str, tuple[Callable[[Trail], Awaitable[None]], str]] = {
    "action": (event("action = 'share.granted'"), "EVENT_CHANGED"),
    "time": (event("at = at - interval '1 microsecond'"), "EVENT_CHANGED"),
    "actor": (event("actor_id = gen_random_uuid()"), "EVENT_CHANGED"),
    "role": (event("actor_role = 'viewer'"), "EVENT_CHANGED"),
    "object": (event("object_id = 'another'"), "EVENT_CHANGED"),
    "object kind": (event("object_kind = 'evidence'"), "EVENT_CHANGED"),
    "owner of the object": (event("object_owner_id = gen_random_uuid()"), "EVENT_CHANGED"),
    "detail": (event("detail = detail || '{\"count\": 1}'"), "EVENT_CHANGED"),
    "detail removed": (event("detail = '{}'"), "EVENT_CHANGED"),
    "address": (event("address = '198.51.100.0/24'"), "EVENT_CHANGED"),
    "request": (event("request_id = NULL"), "EVENT_CHANGED"),
    "concerned": (event("concerns_id = NULL"), "EVENT_CHANGED"),
    "salt": (event("who_salt = gen_random_uuid()"), "EVENT_CHANGED"),
    "salt removed": (event("what_salt = NULL"), "EVENT_CHANGED"),
    "hash beside a salt": (event("who_hash = sha256('x')"), "EVENT_CHANGED"),
    "id": (event("id = gen_random_uuid()"), "EVENT_CHANGED"),
    "organization": (event("organization_id = gen_random_uuid()"), "EVENT_DELETED"),
    "block of an event": (event("block_n = 99"), "BLOCK_UNKNOWN"),
    "unsealed": (event("block_n = NULL, place = NULL"), "EVENT_DELETED"),
    "unsealed and sealed again": (unseal_and_reseal, "EVENT_DELETED"),
    "erased to another hash": (erase_to_another_hash, "EVENT_CHANGED"),
    "deleted event": (delete_event, "EVENT_DELETED"),
    "deleted event, the others moved up": (delete_and_close_ranks, "EVENT_DELETED"),
    "added event": (add_to_block, "EVENT_ADDED"),
    "copied event": (copy_event, "EVENT_ADDED"),
    "swapped places": (swap_places, "EVENT_MOVED"),
    "swapped contents": (swap_contents, "EVENT_CHANGED"),
    "moved to another block": (move_to_other_block, "EVENT_ADDED"),
    "deleted block": (delete_block, "BLOCK_MISSING"),
    "deleted block, its events left": (delete_block_alone, "BLOCK_UNKNOWN"),
    "deleted block, the others moved up": (close_the_chain, "BLOCK_CHANGED"),
    "swapped blocks": (swap_blocks, "BLOCK_CHANGED"),
    "previous hash": (block("prev = sha256(prev)"), "BLOCK_CHANGED"),
    "hash of a block": (block("hash = sha256(hash)"), "BLOCK_CHANGED"),
    "list of events": (block("digests = sha256(digests) || substr(digests, 33)"), "BLOCK_CHANGED"),
    "count": (block("count = count + 1, digests = digests || sha256('x')"), "BLOCK_CHANGED"),
    "time of a block": (block("sealed_at = sealed_at + interval '1 second'"), "BLOCK_CHANGED"),
    "position": (block("position = position + 1000"), "BLOCK_CHANGED"),
    "signature": (block("signature = replace(signature, '.', '.A')"), "SIGNATURE"),
    "signature removed": (block("signature = ''"), "SIGNATURE"),
    "another key": (sign_with_another_key, "SIGNATURE"),
    "another use of the key": (sign_as_a_summary, "SIGNATURE"),
    "end of a chain cut": (truncate_end, "TRUNCATED"),
    "whole chain cut": (truncate_chain, "TRUNCATED"),
    "everything cut": (truncate_all, "TRUNCATED"),
    "rolled back, then gone on": (roll_back_and_go_on, "HEAD_DIFFERS"),
    "heads: the last cut": (heads(lambda lines: lines[:-1]), "HEADS_CUT"),
    "heads: the first cut": (heads(lambda lines: lines[1:]), "HEADS_CUT"),
    "heads: one cut": (heads(lambda lines: lines[:1] + lines[2:]), "HEADS_CUT"),
    "heads: swapped": (heads(lambda lines: [lines[1], lines[0], *lines[2:]]), "HEADS_CUT"),
    "heads: doubled": (heads(lambda lines: [lines[0], *lines]), "HEADS_CUT"),
    "heads: edited": (heads(lambda lines: [lines[0][:-4] + "AAAA", *lines[1:]]), "HEAD_CHANGED"),
    "heads: garbage": (heads(lambda lines: ["x", *lines[1:]]), "HEAD_CHANGED"),
    "heads: half a line": (heads(lambda lines: [*lines[:-1], lines[-1][:40]]), "HEAD_CHANGED"),
    "heads: no file": (remove_heads, "HEADS_CUT"),
}  # fmt: skip


async def build(trail: Trail, rounds: list[list[int]]) -> None:
    """Events for each chain, round by round, sealed after each; the first two rounds have a chain with two blocks."""
    for counts in [[1, 3, 0, 0], [0, 2, 1, 0], *rounds]:
        for chain, count in zip(trail.chains, counts, strict=True):
            await trail.add_to(chain, count) if count else None
        await trail.sealer.seal_due()


async def assert_found(trail: Trail, way: str) -> None:
    assert await trail.verify() == [], "nothing was changed yet"
    tamper, code = WAYS[way]
    await tamper(trail)
    found = await trail.verify()
    assert code in list_codes(found), f"{way}: {[str(fault) for fault in found]}"


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_to_change_the_trail_is_found_and_named(
    database: databases.TestDatabase, tmp_path: Path, way: str
) -> None:
    async with open_trail(database, tmp_path / "files") as trail:
        await build(trail, [])
        await assert_found(trail, way)


async def start_anew(trail: Trail) -> None:
    await trail.tamper(ALL_CLEAR)
    shutil.rmtree(trail.folder / "audit", ignore_errors=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(st.lists(st.integers(0, 6), min_size=4, max_size=4), max_size=3),
    way=st.sampled_from(sorted(WAYS)),
    size=st.integers(1, 4),
)
def test_in_any_trail_any_change_is_found(
    database: databases.TestDatabase, tmp_path: Path, rounds: list[list[int]], way: str, size: int
) -> None:
    async def play() -> None:
        before, sealing.MOST_OF_BLOCK = sealing.MOST_OF_BLOCK, size
        try:
            async with open_trail(database, tmp_path / "files") as trail:
                await start_anew(trail)
                await build(trail, [[9, 9, 9, 9], *rounds])
                sealing.MOST_OF_BLOCK = max(size, 2)
                await trail.add_to(trail.chains[1], 2)  # a block of two, whatever came before
                await trail.sealer.seal_due()
                await assert_found(trail, way)
        finally:
            sealing.MOST_OF_BLOCK = before

    asyncio.run(play())


async def test_no_column_of_an_event_or_block_is_without_cover(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    """Each column there is, found in the catalog, takes the value that it has in another row."""
    async with open_trail(database, tmp_path / "files") as trail:
        for table, key in (("audit_event", "id"), ("audit_block", "position")):
            columns = await trail.admin.fetch(
                "SELECT column_name::text AS name FROM information_schema.columns"
                " WHERE table_schema = 'portal' AND table_name = $1", table
            )  # fmt: skip
            for (column,) in columns:
                await start_anew(trail)
                await build(trail, [[1, 1, 1, 1]])
                assert await trail.verify() == []
                await change_column(trail, table, key, column)
                assert await trail.verify() != [], f"{table}.{column}"


async def change_column(trail: Trail, table: str, key: str, column: str) -> None:
    """Another value of the same type, without any rule of the table in the way."""
    kind = await trail.admin.fetchval(
        "SELECT data_type FROM information_schema.columns WHERE table_schema = 'portal' AND table_name = $1"
        " AND column_name = $2", table, column
    )  # fmt: skip
    other = {
        "uuid": "gen_random_uuid()", "text": "'another'", "jsonb": "'{\"x\": 1}'", "bytea": "sha256('x')",
        "timestamp with time zone": "now() + interval '1 hour'", "bigint": "77", "integer": "77",
    }[kind]  # fmt: skip
    async with trail.admin.transaction():
        rules = await trail.admin.fetch(
            "SELECT conname::text AS name FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('c')",
            f"portal.{table}",
        )
        for rule in rules:
            await trail.admin.execute(f"ALTER TABLE portal.{table} DROP CONSTRAINT {rule['name']}")
    await trail.tamper(
        f"UPDATE portal.{table} SET {column} = {other} WHERE {key} = (SELECT {key} FROM portal.{table}"
        f" ORDER BY {key} LIMIT 1)"
    )


async def test_random_bytes_in_the_files_are_found(database: databases.TestDatabase, tmp_path: Path) -> None:
    """One character of the heads, anywhere, but for what a signature does not know: the last bits of its base64."""
    async with open_trail(database, tmp_path / "files") as trail:
        await build(trail, [[1, 1, 1, 1]])
        path = trail.list_files()[0]
        whole, chance = path.read_bytes(), random.Random(7)
        for _ in range(60):
            place = chance.randrange(len(whole))
            changed = bytes([whole[place] ^ (1 << chance.randrange(7))])
            path.write_bytes(whole[:place] + changed + whole[place + 1 :])
            found = await trail.verify()
            assert found, (place, whole[place : place + 1], changed)
        path.write_bytes(whole)
        assert await trail.verify() == []


async def test_what_happens_by_right_is_no_difference(database: databases.TestDatabase, tmp_path: Path) -> None:
    """Events that wait, blocks whose heads are on their way, and a key that was rotated are as they should be."""
    async with open_trail(database, tmp_path / "files") as trail:
        await build(trail, [])
        await trail.add_to(trail.chains[2], 2)
        assert await trail.verify() == []
        older = trail.keys
        trail.keys = signing.read_keys(signing.make_keys(older), "the test")
        await trail.sealer.seal_due()
        assert await trail.verify() == []
        async with trail.worker.transaction() as (session, _):
            await trail.add_to(trail.chains[3], 1)
            await sealing.seal_batch(session, trail.keys)
        assert list_codes(await trail.verify()) == {"HEADS_CUT"}
        assert await trail.verify(grace=checking.GRACE) == []
