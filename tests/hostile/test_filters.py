"""The filters of the read model by themselves: row-level security is off here, and nothing of others is shown.

With one filter taken away, what it kept apart is seen. Row-level security by itself is tried in test_database_walls.py.
"""

import contextlib
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from portal import reading
from portal.reading import declarations, reads
from portal.reading.declarations import Noun
from tests import databases
from tests.hostile import house as houses
from tests.hostile import surface, walls
from tests.hostile.house import House

pytestmark = pytest.mark.slow
READERS = ("s1", "s2", "b1", "b2", "p1")


def list_filtered() -> dict[str, Noun]:
    """Every noun that says by itself which of its rows the viewer may see, by where it stands."""
    found = {}
    for module in pkgutil.iter_modules(reading.__path__):
        loaded = importlib.import_module(f"{reading.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            noun = declarations.resolve(value.noun) if isinstance(value, declarations.Connection) else value
            if isinstance(noun, Noun) and noun.scope is not None and noun not in found.values():
                found[f"{module.name}.{name}"] = noun
    return found


FILTERED = list_filtered()


# What the short form reads, and the filters that these lists come by.
ROOTS = ("cadences", "campaigns", "evidence", "standingRules", "webhookEndpoints")
SAMPLE = (
    "cadences.CADENCE", "campaigns.CAMPAIGN", "evidence.EVIDENCE",
    "standing_rules.STANDING_RULE", "webhooks.ENDPOINT",
)  # fmt: skip
# Filters behind which another one holds by itself: these rows are reached from a row that is one's own, or by an id,
# which names its owner.
BEHIND = {
    "access_requests.SUBMISSION", "assessments.RECEIVED_REQUEST", "assessments.RESULT", "campaigns.ACT",
    "contacts.CONTACTS", "contacts.CONTACT_SUGGESTION", "evidence.ATTACHMENT", "evidence.OPENING", "evidence.REVISION",
    "feedback.OWN_FEEDBACK", "feedback.RECEIVED_FEEDBACK", "reviews.CLARIFICATION", "reviews.SUBMISSION_REVIEW",
    "suppliers.LEAD_SUPPLIER", "suppliers.SEGMENT", "suppliers.SUPPLIER", "suppliers.SUPPLIER_INVITATION",
    "suppliers.SUPPLIER_PROFILE",
}  # fmt: skip
# What has no filter of its own: row-level security alone says which questionnaires of others one may see.
ALONE = ("questionnaires",)
OFF = """
SELECT format('ALTER TABLE portal.%I DISABLE ROW LEVEL SECURITY', relname) AS statement FROM pg_class
 WHERE relnamespace = 'portal'::regnamespace AND relkind = 'r' AND relrowsecurity
"""
Asked = tuple[str, str, dict[str, Any]]


@dataclass
class Stage:
    """A house without row-level security, and by which filters each operation came."""

    house: House
    asked: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    foreign: list[str] = field(default_factory=list)

    async def read(self, roots: Iterable[str]) -> None:
        """All that these fields lead to, as each reader gets it, with the filters that were asked on the way."""
        for root in roots:
            for arguments in self.house.list_arguments(root):
                for document in surface.list_documents(root, arguments):
                    for reader in READERS:
                        await self.ask((reader, document, arguments))

    async def ask(self, asked: Asked) -> None:
        met: set[str] = set()
        forget()
        with contextlib.ExitStack() as stack:
            for name, noun in FILTERED.items():
                stack.enter_context(changed(name, note(noun.scope, met, name)))
            self.foreign += await self.list_foreign(asked)
        for name in met:
            self.asked[name].append(asked)

    async def is_missed(self, name: str) -> bool:
        """Whether without this filter somebody is shown what is not for them."""
        for asked in self.asked[name]:
            forget()
            with changed(name, None):
                if await self.list_foreign(asked):
                    return True
        return False

    async def list_foreign(self, asked: Asked) -> list[str]:
        """What an answer holds of others that its reader may not know."""
        reader, document, arguments = asked
        response = await self.house.post(reader, document, **arguments)
        assert response.status_code < 500, document
        found = walls.list_foreign(self.house, reader, response.text)
        found += walls.list_foreign_ids(self.house, reader, response.json())
        return [f"{reader} sees {one}: {document[:90]}" for one in found]


def note(scope: Any, met: set[str], name: str) -> Any:
    """A filter that says when it is asked."""

    def noting(row: Any, viewer: Any) -> Any:
        met.add(name)
        return scope(row, viewer)

    return noting


@contextlib.contextmanager
def changed(name: str, scope: Any) -> Iterator[None]:
    """A noun with another filter."""
    noun, before = FILTERED[name], FILTERED[name].scope
    object.__setattr__(noun, "scope", scope)
    try:
        yield
    finally:
        object.__setattr__(noun, "scope", before)


def forget() -> None:
    """No statement that was made before is used again."""
    reads.PLANS.clear()
    reads.PLACES.clear()


@asynccontextmanager
async def open_stage(database: databases.TestDatabase, folder: Path, *, everything: bool) -> AsyncIterator[Stage]:
    async with houses.open_house(database, folder, everything=everything) as house:
        for row in await house.fetch(OFF):
            await house.fetch(row["statement"])
        try:
            yield Stage(house)
        finally:
            forget()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    database_server: databases.Server, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    with databases.copy_template(database_server, database_template) as made:
        async with open_stage(made, tmp_path_factory.mktemp("files"), everything=False) as opened:
            await opened.read(ROOTS)
            yield opened


@pytest.mark.asyncio(loop_scope="module")
async def test_filters_alone_keep_tenants_apart(stage: Stage) -> None:
    assert stage.foreign == []
    assert set(SAMPLE) <= set(stage.asked)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", SAMPLE)
async def test_a_filter_that_is_dropped_is_missed(stage: Stage, name: str) -> None:
    assert await stage.is_missed(name)


def test_what_is_behind_another_filter_is_a_filter() -> None:
    assert set(FILTERED) > BEHIND
    assert BEHIND.isdisjoint(SAMPLE)


@pytest.mark.soak(part="filters")
async def test_every_filter_that_is_dropped_is_missed(
    database: databases.TestDatabase, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with open_stage(database, tmp_path, everything=True) as stage:
        await stage.read(sorted(set(surface.SCHEMA.query_type.fields) - {"node", "nodes", *ALONE}))  # type: ignore[union-attr]
        assert sorted(set(stage.foreign)) == []
        missed = {name for name in FILTERED if await stage.is_missed(name)}
    assert missed == set(FILTERED) - BEHIND, sorted(missed ^ (set(FILTERED) - BEHIND))
    record_property(
        "figures",
        f"{len(FILTERED)} filters of the read model without row-level security, {stage.house.calls:,} calls; nothing of"
        f" others is shown; each of the {len(missed)} that no other filter stands before is missed when it is dropped",
    )
