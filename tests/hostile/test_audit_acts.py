"""Every mutation leaves an event, or says why not: by the schema, by the code, and by doing it."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.databases import ROOT
from tests.hostile import surface, walls
from tests.hostile.audit_acts import ACTS, Nothing
from tests.hostile.house import House
from tests.hostile.test_isolation import CHANGES, TAGS, list_own_ids

pytestmark = pytest.mark.slow
WRITES = {name: acts.split() for name, acts in ACTS.items() if not isinstance(acts, Nothing)}
LOCKS_OUT = {"endSession", "removeMember", "changeMemberRole"}  # whoever does it to itself acts no more
# What changes something where the ids alone do not.
MORE = {
    "updateSupplier": {"address": "Another street"},
    "updateSite": {"address": "Another street"},
    "changeShare": {"until": "2098-01-01T00:00:00Z"},
    "changeWebhookEndpoint": {"description": "Of another system"},
}
ALREADY = {"consentToEngagement", "pauseCadence"}  # so it is in the house, and the same again changes nothing
# People who stand in events elsewhere than portal/trail/erasing.py looks for them.
ELSEWHERE = """
SELECT DISTINCT e.action, e.object_kind FROM portal.audit_event e JOIN portal.user_account u
    ON (e.object_kind <> 'user' AND e.object_id = u.id::text) OR strpos((e.detail - 'member')::text, u.id::text) > 0
"""
LITERAL = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")
FILLED = re.compile(r'f"([a-z_]+\.)\{')
SPELLED = re.compile(r"'([a-z_]+\.)' \|\|")  # in SQL


def read_actions() -> tuple[set[str], set[str]]:
    """What the code may write: whole actions, and beginnings that a value follows."""
    files: list[Path] = [*(ROOT / "portal").rglob("*.py"), *(ROOT / "migrations").rglob("*.sql")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    whole = {found for text in texts for found in LITERAL.findall(text)}
    return whole, {found for text in texts for one in (FILLED, SPELLED) for found in one.findall(text)}


def test_every_mutation_has_a_row_and_no_row_is_left_over() -> None:
    fields = set(surface.SCHEMA.mutation_type.fields)
    missing, unknown = sorted(fields - set(ACTS)), sorted(set(ACTS) - fields)
    assert missing == [], "say in tests/hostile/audit_acts.py what they write, or why they write nothing"
    assert unknown == []


def test_every_reason_is_one() -> None:
    assert [name for name, acts in ACTS.items() if isinstance(acts, Nothing) and len(acts.reason.split()) < 6] == []
    assert len(WRITES) > 120


def test_every_action_is_one_that_the_code_writes() -> None:
    whole, beginnings = read_actions()
    acts = {act for listed in WRITES.values() for act in listed}
    unwritten = {act for act in acts - whole if act.partition(".")[0] + "." not in beginnings}
    assert unwritten == set()
    assert act_is_missed("api_key.forgotten", whole, beginnings)


def act_is_missed(act: str, whole: set[str], beginnings: set[str]) -> bool:
    return act not in whole and act.partition(".")[0] + "." not in beginnings


async def test_sign_ins_right_and_wrong_stand_in_the_organizations_trail(house: House) -> None:
    statement = surface.write_change("signIn")
    person = f"{house.parties['s1'].person.email}"
    seen = {}
    for password in (surface.PASSWORD, "not this one, but long"):
        response = await house.post("nobody", statement, input={"email": person, "password": password})
        rows = await house.fetch(
            "SELECT organization_id, action, address FROM portal.audit_event WHERE request_id = $1",
            response.headers["x-request-id"],
        )
        seen |= {row["action"]: row for row in rows}
    own = house.parties["s1"].organization
    assert {name: row["organization_id"] for name, row in seen.items()} == {
        "session.opened": own, "session.refused": own,
    }  # fmt: skip
    assert {row["address"] for row in seen.values()} == {"127.0.0.0/24"}


async def test_a_wrong_sign_in_leaves_one_row_whether_or_not_the_account_exists(house: House) -> None:
    counts = []
    for email in (house.parties["b1"].person.email, "nobody.at.all@example.com"):
        given = {"email": email, "password": "not this one, but long"}
        response = await house.post("nobody", surface.write_change("signIn"), input=given)
        counts.append(
            await house.fetch(
                "SELECT count(*) AS count FROM portal.audit_event WHERE request_id = $1",
                response.headers["x-request-id"],
            )
        )
    assert [row[0]["count"] for row in counts] == [1, 1]


async def test_files_that_leave_the_portal_stand_in_the_trail(house: House) -> None:
    paths = {
        "s1": f"/exports/submissions/{surface.decode_row(house.made['s1 submission old'])}.json",
        "b1": "/suppliers.csv",
    }
    for actor, path in paths.items():
        headers = {"authorization": f"Bearer {house.tokens[actor]}"}
        response = await house.client.get(path, headers=headers)
        assert response.status_code == 200, response.text
        (row,) = await house.fetch(
            "SELECT organization_id, action FROM portal.audit_event WHERE request_id = $1",
            response.headers["x-request-id"],
        )
        assert tuple(row) == (house.parties[actor].organization, "export.made")


async def test_what_was_done_stands_in_the_trail_under_its_request(house: House) -> None:
    """The furnishing of the house, and then every mutation once more by everybody, with ids of their own."""
    done: dict[str, list[str]] = defaultdict(list)
    for mutation, request in house.acts:
        done[mutation].append(request)
    for slot in (one for one in CHANGES if one.field not in LOCKS_OUT):
        for actor in ("s1", "s2", "b1", "b2", "p1"):
            own = list_own_ids(house, actor)
            for tag in TAGS[slot.path[-1]]:
                for value in house.find(tag, actor)[:1]:
                    request = await act(house, actor, slot, value, own)
                    if request is not None:
                        done[slot.field].append(request)
    found: dict[str, set[str]] = defaultdict(set)
    for row in await house.fetch("SELECT request_id, action FROM portal.audit_event WHERE request_id IS NOT NULL"):
        found[row["request_id"]].add(row["action"])
    written = {name: set().union(*(found[one] for one in requests)) for name, requests in done.items()}
    done_here = written.keys() & WRITES.keys() - ALREADY
    silent = {name: written[name] for name in done_here if not written[name] & set(WRITES[name])}
    assert silent == {}, walls.describe(map(str, silent.items()))
    assert len(done_here) > 50, sorted(written)
    assert [tuple(row) for row in await house.fetch(ELSEWHERE)] == [], "no index finds them there once they are erased"


async def act(house: House, actor: str, slot: surface.Slot, value: str, own: dict[str, str]) -> str | None:
    """The id of a call that did what it was asked; None for one that was refused."""
    given = surface.fill(slot, value, own)
    given["input"] |= MORE.get(slot.field, {})
    response = await house.post(actor, surface.write_change(slot.field), **given)
    answer: Any = response.json()
    result = (answer.get("data") or {}).get("result")
    is_done = isinstance(result, dict) and result["__typename"] not in surface.PROBLEMS
    return response.headers["x-request-id"] if is_done and "errors" not in json.dumps(list(answer)) else None
