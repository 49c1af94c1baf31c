"""What the database holds before and after an attack, and what a caller's answer may hold of others."""

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx

from tests.hostile.house import KNOWN, SAID, House, decode, list_texts

# Tables that every call may touch: tries, traces, letters on their way, and what was read by right.
TOUCHED = {"credential_attempt", "audit_event", "outbox", "mail", "idempotency_key"}
MARK = re.compile(r"zq([sbp]\d)([a-z]+\d?)qz")
HOUR, FAR, MOMENT = timedelta(hours=1), datetime(2099, 1, 1, tzinfo=UTC), datetime
MASKED = {"token", "expiresAt", "reference", "createdAt", "url"}  # made anew by every call


async def hash_tables(house: House, *but: str) -> dict[str, str]:
    """A hash of each table's rows, without what letters on their way change, and without when a key was used."""
    tables = await house.fetch("SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'portal' ORDER BY 1")
    names = [row["name"] for row in tables if row["name"] not in TOUCHED | set(but)]
    one = (
        "SELECT '{0}' AS name, md5(coalesce(string_agg(r, '|' ORDER BY r), '')) AS hash"
        " FROM (SELECT (to_jsonb(t) - 'token_hash' - 'bounced_at' - 'last_used_at')::text AS r FROM portal.{0} t) x"
    )
    rows = await house.fetch(" UNION ALL ".join(one.format(name) for name in names))
    return {row["name"]: row["hash"] for row in rows}


def normalize(response: httpx.Response, *sent: str) -> str:
    """Status and content of an answer, without what is new in every one, and without ids that were sent."""
    said = f"{response.status_code} {response.headers['content-type']} {json.dumps(_mask(response.json()))}"
    for one in sent:
        said = said.replace(one, "(sent)")
    return said


def _mask(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: "..." if name in MASKED else _mask(one) for name, one in content.items()}
    return [_mask(one) for one in content] if isinstance(content, list) else content


def list_foreign(house: House, reader: str, text: str) -> list[str]:
    """The marks and the ids of other parties in a text which the reader may not know."""
    who = _party(reader)
    found = {(party, what) for party, what in MARK.findall(text.lower()) if party != who}
    return [f"{party} {what}" for party, what in sorted(found) if (party, who) not in SAID.get(what, ())]


def list_foreign_ids(house: House, reader: str, content: Any) -> list[str]:
    """The ids of rows of others in an answer which the reader may not know."""
    owners = {ref.value: ref for ref in house.refs}
    own = {party.organization: name for name, party in house.parties.items()}
    found = []
    for text in list_texts(content):
        parts = decode(text)
        if parts is None:
            continue
        tag, owner, row = parts
        party = own.get(row if tag == "orga" else owner) or (owners[text].owner if text in owners else None)
        if party and party != _party(reader) and (tag, party, _party(reader)) not in KNOWN:
            found.append(f"{tag} of {party}")
    return found


def _party(reader: str) -> str:
    return {"key": "p1"}.get(reader, reader)


def describe(differences: Iterable[str], most: int = 12) -> str:
    listed = list(differences)
    return "\n".join(listed[:most] + ([f"... {len(listed) - most} more"] if len(listed) > most else []))


@contextlib.contextmanager
def nothing() -> Iterator[None]:
    """A block that is expected to end well."""
    yield


async def connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""))
