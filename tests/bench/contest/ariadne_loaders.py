"""Where the rows of the Ariadne server come from: one DataLoader for each relation, over one connection."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import orjson
from aiodataloader import DataLoader

from tests.bench.contest import outline

LEAD = "responsible-sourcing"
DOCUMENTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}  # by content hash: what is published never changes
RECORDS = "SELECT id, name FROM portal.supplier_record WHERE id = ANY ($1)"
CONTACTS = """
    SELECT supplier_record_id, name, email FROM portal.supplier_contact
     WHERE supplier_record_id = ANY ($1) ORDER BY created_at, id
"""
SUBMISSIONS = """
    SELECT supplier_id, id, tier, subject, period_start, period_end, state, submitted_at FROM portal.submission
     WHERE supplier_id = ANY ($1) AND questionnaire = $2 ORDER BY submitted_at DESC, id DESC
"""
RESULTS = """
    SELECT r.supplier_id, r.submission_id, total, band, coverage, valid_until, pillars
      FROM unnest($1::uuid[], $2::uuid[]) AS k (supplier, submission)
      JOIN portal.result r ON r.supplier_id = k.supplier AND r.submission_id = k.submission
     WHERE is_own_tier ORDER BY profile_number
"""
REQUESTS = """
    SELECT supplier_record_id, state, due_on, minimum_tier, purpose FROM portal.request
     WHERE supplier_record_id = ANY ($1) AND questionnaire = $2 ORDER BY created_at DESC, id DESC
"""
ANSWERS = """
    SELECT assessment_id, question, revision, changed_at_number, state, comment, value FROM portal.answer
     WHERE supplier_id = $1 AND assessment_id = ANY ($2) ORDER BY changed_at_number
"""
CURRENT_VERSION = """
    SELECT v.content_hash FROM portal.questionnaire q
      JOIN portal.questionnaire_version v ON v.questionnaire = q.key AND v.version = q.current_version WHERE q.key = $1
"""
DOCUMENT = "SELECT document FROM portal.questionnaire_version WHERE content_hash = $1"


class Loaders:
    """The loaders of one request; they take turns, since a connection runs one statement at a time."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.turn = asyncio.Lock()
        self.records = DataLoader(self._load_records)
        self.contacts = DataLoader(self._load_groups(CONTACTS, "supplier_record_id"))
        self.submissions = DataLoader(self._load_groups(SUBMISSIONS, "supplier_id", LEAD))
        self.results = DataLoader(self._load_results)
        self.requests = DataLoader(self._load_groups(REQUESTS, "supplier_record_id", LEAD))
        self.answers = DataLoader(self._load_answers)

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as dicts, which Ariadne finds fields in by itself."""
        async with self.turn:
            found = await self.connection.fetch(statement, *values)
        return [dict(row) for row in found]

    async def find_version(self, questionnaire: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The outline of the current version, and the types of its questions."""
        content_hash = (await self.fetch(CURRENT_VERSION, questionnaire))[0]["content_hash"]
        if content_hash not in DOCUMENTS:
            document = orjson.loads((await self.fetch(DOCUMENT, content_hash))[0]["document"])
            DOCUMENTS[content_hash] = outline.make_outline(document), outline.list_types(document)
        return DOCUMENTS[content_hash]

    async def _load_records(self, ids: Sequence[Any]) -> list[Any]:
        found = {row["id"]: row for row in await self.fetch(RECORDS, ids)}
        return [found.get(id) for id in ids]

    def _load_groups(self, statement: str, column: str, *values: Any) -> Callable[[Sequence[Any]], Any]:
        async def load(keys: Sequence[Any]) -> list[list[Any]]:
            return gather(keys, await self.fetch(statement, keys, *values), lambda row: row[column])

        return load

    async def _load_results(self, keys: Sequence[Any]) -> list[Any]:
        rows = await self.fetch(RESULTS, [one for one, _ in keys], [one for _, one in keys])
        newest = {(row["supplier_id"], row["submission_id"]): row for row in rows}
        return [newest[key] for key in keys]

    async def _load_answers(self, keys: Sequence[Any]) -> list[Any]:
        rows = await self.fetch(ANSWERS, keys[0][0], [one for _, one in keys])
        return gather([one for _, one in keys], rows, lambda row: row["assessment_id"])


def gather(keys: Sequence[Any], rows: Sequence[Any], key_of: Callable[[Any], Any]) -> list[list[Any]]:
    """The rows of each key, in the order of the rows."""
    found = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return [found[key] for key in keys]
