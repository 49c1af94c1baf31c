"""Where the idiomatic server's rows come from: one DataLoader for each relation, over one session of the ORM."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from portal.database.tables.assessments import Answer, Request, Result, Submission
from portal.database.tables.directory import SupplierContact, SupplierRecord
from portal.database.tables.publishing import Questionnaire, QuestionnaireVersion
from tests.bench.contest import outline

LEAD = "responsible-sourcing"
DOCUMENTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}  # by content hash: what is published never changes


class Loaders:
    """The loaders of one request; they take turns, since a session runs one statement at a time."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.turn = asyncio.Lock()
        self.records = DataLoader(load_fn=self._load_records)
        self.contacts = DataLoader(load_fn=self._load_contacts)
        self.submissions = DataLoader(load_fn=self._load_submissions)
        self.results = DataLoader(load_fn=self._load_results)
        self.requests = DataLoader(load_fn=self._load_requests)
        self.answers = DataLoader(load_fn=self._load_answers)

    async def fetch(self, statement: Select[Any]) -> list[Any]:
        async with self.turn:
            return list(await self.session.scalars(statement))

    async def find_version(self, questionnaire: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The outline of the current version, and the types of its questions."""
        table = QuestionnaireVersion
        place = (table.questionnaire == Questionnaire.key, table.version == Questionnaire.current_version)
        statement = (
            select(table.content_hash)
            .join(Questionnaire, place[0] & place[1])
            .where(Questionnaire.key == questionnaire)
        )
        (content_hash,) = await self.fetch(statement)
        if content_hash not in DOCUMENTS:
            (text,) = await self.fetch(select(table.document).where(table.content_hash == content_hash))
            document = orjson.loads(text)
            DOCUMENTS[content_hash] = outline.make_outline(document), outline.list_types(document)
        return DOCUMENTS[content_hash]

    async def find_types(self, questionnaire: str) -> dict[str, str]:
        return (await self.find_version(questionnaire))[1]

    async def _load_records(self, ids: Sequence[Any]) -> list[Any]:
        found = await self.fetch(select(SupplierRecord).where(SupplierRecord.id.in_(ids)))
        by_id = {one.id: one for one in found}
        return [by_id.get(id) for id in ids]

    async def _load_contacts(self, ids: Sequence[Any]) -> list[Any]:
        table = SupplierContact
        statement = select(table).where(table.supplier_record_id.in_(ids)).order_by(table.created_at, table.id)
        return gather(ids, await self.fetch(statement), lambda one: one.supplier_record_id)

    async def _load_submissions(self, ids: Sequence[Any]) -> list[Any]:
        table = Submission
        statement = (
            select(table)
            .where(table.supplier_id.in_(ids), table.questionnaire == LEAD)
            .order_by(table.submitted_at.desc(), table.id.desc())
        )
        return gather(ids, await self.fetch(statement), lambda one: one.supplier_id)

    async def _load_results(self, keys: Sequence[Any]) -> list[Any]:
        table = Result
        statement = (
            select(table)
            .where(tuple_(table.supplier_id, table.submission_id).in_(keys), table.is_own_tier)
            .order_by(table.profile_number)
        )
        newest = {(one.supplier_id, one.submission_id): one for one in await self.fetch(statement)}
        return [newest[key] for key in keys]

    async def _load_requests(self, ids: Sequence[Any]) -> list[Any]:
        table = Request
        statement = (
            select(table)
            .where(table.supplier_record_id.in_(ids), table.questionnaire == LEAD)
            .order_by(table.created_at.desc(), table.id.desc())
        )
        return gather(ids, await self.fetch(statement), lambda one: one.supplier_record_id)

    async def _load_answers(self, keys: Sequence[Any]) -> list[Any]:
        table = Answer
        statement = (
            select(table)
            .where(tuple_(table.supplier_id, table.assessment_id).in_(keys))
            .order_by(table.changed_at_number)
        )
        return gather(keys, await self.fetch(statement), lambda one: (one.supplier_id, one.assessment_id))


def gather(keys: Sequence[Any], rows: Sequence[Any], key_of: Any) -> list[list[Any]]:
    """The rows of each key, in the order of the rows."""
    found = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return [found[key] for key in keys]
