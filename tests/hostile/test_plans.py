"""Each list of the API by its index: the statements that it sends, explained as they run under row-level security.

The first page and the next of a list touch few of the thousands of rows that its organization has, in every order.
"""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from tests import databases
from tests.graphql_schema import portals
from tests.hostile import crowd, surface, walls
from tests.statements import record_statements

pytestmark = pytest.mark.slow  # explains statements over a crowd of rows

OF_ONE = ("campaignSuppliers", "cadenceSuppliers", "webhookDeliveries")  # whose rows are those of one thing
LISTS = sorted(
    (name, sort)
    for name, one in surface.SCHEMA.query_type.fields.items()  # type: ignore[union-attr]
    if "after" in one.args and name not in OF_ONE
    for sort in (surface.get_named_type(one.args["sort"].type).values if "sort" in one.args else [""])
)
COVERED = {
    "suppliers", "requests", "receivedRequests", "assessments", "submissions", "evidence", "shares", "readReceipts",
    "benchmarkCells", "members", "sites", "supplierLists",
}  # fmt: skip
PAGES = ("edges", "pageInfo", "changes", "hasMore", "endCursor")
AUTHENTICATING = ("SELECT * FROM portal.authenticate", "SELECT a.*", "SELECT a::text FROM portal.authenticate")
PAGE = "edges { node { id name country band total requestState } } pageInfo { hasNextPage endCursor }"
# For each key of the filter a value that many of the crowd pass, and one that nobody does.
SUPPLIER_FILTERS: dict[str, tuple[Any, Any]] = {
    "questionnaire": ("responsible-sourcing", "unused"),
    "country": (["VN"], ["AQ"]),
    "sector": (["13"], ["02"]),
    "tier": (["BASIC"], ["ADVANCED"]),
    "band": (["a"], ["b"]),
    "state": (["LINKED"], ["NEEDS_CONTACT"]),
    "requestState": (["OPEN"], ["DECLINED"]),
    "search": ("firm", "zebra"),
    "archived": (False, True),
    "expired": (False, True),
    "tag": (["core"], ["unused"]),
    "segment": (["leverage"], ["unused"]),
}
# What reads all cards of a buyer by now, in any order or in this one: no index begins with these columns, and where the
# order has a part of cards without its value, that part is searched to its end although none of them can pass.
WASTEFUL = {
    *((name, "nobody") for name in ("sector", "tier", "band", "state", "requestState", "expired")),
    *((name, "some", f"TOTAL_{end}") for name in ("country",) for end in ("HIGHEST", "LOWEST")),
    ("requestState", "some", "DUE"),
}
WASTEFUL_STATES = {
    ("assessments", "DRAFT"),
    ("assessments", "REPLACED"),
    ("submissions", "SUPERSEDED"),
    ("submissions", "WITHDRAWN"),
}
MOST = 400  # rows of one table that a page of 25 may touch
OWN = {"supplier": crowd.SUPPLIER, "buyer": crowd.BUYER}
MEMBERS = {"members": "supplier", "sites": "supplier", "benchmarkCells": "partner", "benchmarkReleases": "partner"}
MEMBERS |= dict.fromkeys(("organizations", "groups", "failedLetters", "failedJobs", "glasses"), "operator")


@dataclass
class Crowd:
    """A portal over thousands of rows, and what it sends to the database."""

    portal: portals.Portal
    tokens: dict[str, str]
    users: dict[str, UUID]

    async def record(self, actor: str, document: str, **variables: Any) -> tuple[Any, list[tuple[str, Any]]]:
        """An operation's data, and the reading statements that it sent."""
        with record_statements(self.portal.app.state.services.database.engine.sync_engine) as sent:
            answer = await self.portal.ask(document, self.tokens[actor], **variables)
        assert "errors" not in answer, answer["errors"]
        reading = [one for one in sent if one[0].lstrip().startswith(("SELECT", "WITH"))]
        return answer["data"], [one for one in reading if not one[0].startswith(AUTHENTICATING)]

    async def explain(self, actor: str, statement: str, values: Any) -> Any:
        """The plan of a statement after it ran, in the name of the actor."""
        connection = await walls.connect(self.portal.database.app_url)
        try:
            async with connection.transaction():
                person = [str(one) for one in (OWN.get(actor, ""), self.users[actor])]
                await connection.execute(
                    "SELECT set_config('portal.organization', $1, true), set_config('portal.user', $2, true)", *person
                )
                found = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values)
                return json.loads(found)[0]["Plan"]
        finally:
            await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(database_server: databases.Server, database_template: str) -> AsyncIterator[Crowd]:
    with databases.copy_template(database_server, database_template) as made:
        tokens = await crowd.fill(made)
        async with portals.run_portal(made) as running:
            users = {}
            for actor, token in tokens.items():
                answer = await running.ask("{ viewer { user { id } organization { id } } }", token)
                users[actor] = surface.decode_row(answer["data"]["viewer"]["user"]["id"])
                OWN.setdefault(actor, surface.decode_row(answer["data"]["viewer"]["organization"]["id"]))
            yield Crowd(running, tokens, users)


def list_scans(plan: Any) -> Iterator[tuple[str, str, int]]:
    """Each table that a plan scans, how, and how many rows it looked at."""
    if "Relation Name" in plan:
        looked = (
            plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        )
        how = plan.get("Index Name") or plan["Node Type"]
        yield plan["Relation Name"], how, round(looked * plan["Actual Loops"])
    for one in plan.get("Plans", ()):
        yield from list_scans(one)


def find_wasteful(plan: Any) -> list[str]:
    """Scans of the crowded tables that read them as a whole, or more than a page needs."""
    return [
        f"{table} by {how}: {looked} rows"
        for table, how, looked in list_scans(plan)
        if table in crowd.TABLES and (looked > MOST or (how == "Seq Scan" and looked > 1))
    ]


def test_every_list_that_must_be_covered_is() -> None:
    assert {name for name, _ in LISTS} >= COVERED


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "sort"), LISTS, ids=["-".join(one).rstrip("-") for one in LISTS])
async def test_a_page_is_read_by_an_index(filled: Crowd, name: str, sort: str) -> None:
    rule = surface.find_rule("Query", name)
    actor = MEMBERS.get(name, "buyer" if rule.startswith(("BUYER", "READER")) else "supplier")
    declared = surface.SCHEMA.query_type.fields[name]  # type: ignore[union-attr]
    given: dict[str, Any] = {key: 1 for key, one in declared.args.items() if surface.is_needed(one)}
    if name == "supplierBenchmarks":
        given = {"questionnaire": "sample"}
    given |= {"first": 25} | ({"sort": surface.Raw(sort)} if sort else {})
    below = list(surface.list_leaves(surface.get_named_type(declared.type)))
    # What shares show, a year's requests and the documents at hand are looked up for all of a supplier, which has some
    # and not thousands.
    of_all = {
        ("shows", "Share.shows"),
        ("burden", "ReceivedRequest.burden"),
        ("isOptional", "ReceivedRequest.isOptional"),
    }
    below = [way for way in below if not of_all & set(way)]
    ways = [way for way in below if way[0][0] in PAGES and len(way) <= 3]
    head = (surface.spell_root(surface.SCHEMA.query_type, name, given), "")
    document = surface.write_document((head, *way) for way in ways)
    data, sent = await filled.record(actor, document)
    page = data[name]
    seen = len(page["changes" if "changes" in page else "edges"])
    assert sent
    if name in COVERED:
        assert seen == 25, (name, seen)
    statements = list(sent)
    turn = page.get("pageInfo", page)
    if turn.get("hasNextPage") or turn.get("hasMore"):
        after = {**given, "after": turn["endCursor"]}
        head = (surface.spell_root(surface.SCHEMA.query_type, name, after), "")
        statements += (await filled.record(actor, surface.write_document((head, *way) for way in ways)))[1]
    wasteful = [waste for one in statements for waste in find_wasteful(await filled.explain(actor, *one))]
    assert wasteful == [], "\n".join(wasteful)


def test_every_filter_of_suppliers_is_explained() -> None:
    fields = surface.SCHEMA.get_type("SupplierFilter").fields  # type: ignore[union-attr]
    assert set(SUPPLIER_FILTERS) == set(fields)


def list_filtered() -> Iterator[Any]:
    """Each filter in each order; those that are known to read more than a page needs are expected to."""
    for name, matching, (of, sort) in itertools.product(SUPPLIER_FILTERS, ("some", "nobody"), LISTS):
        if of == "suppliers":
            is_known = (name, matching) in WASTEFUL or (name, matching, sort) in WASTEFUL
            # Without an index it is certain; where some pass, it is the planner's choice.
            mark = pytest.mark.xfail(reason="no index holds this filter", strict=matching == "nobody")
            yield pytest.param(name, matching, sort, marks=[mark] if is_known else [])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "matching", "sort"), list(list_filtered()))
async def test_filtered_suppliers_are_read_by_an_index(filled: Crowd, name: str, matching: str, sort: str) -> None:
    value = SUPPLIER_FILTERS[name][matching == "nobody"]
    document = f"query ($filter: SupplierFilter) {{ suppliers(first: 25, sort: {sort}, filter: $filter) {{ {PAGE} }} }}"
    data, sent = await filled.record("buyer", document, filter={name: value})
    assert len(data["suppliers"]["edges"]) == (25 if matching == "some" else 0)
    wasteful = [waste for one in sent for waste in find_wasteful(await filled.explain("buyer", *one))]
    assert wasteful == [], "\n".join(wasteful)


def list_states() -> Iterator[Any]:
    """Each state that a list may be asked for; most of them nothing of the crowd is in."""
    for name in sorted({name for name, _ in LISTS}):
        declared = surface.SCHEMA.query_type.fields[name].args.get("state")  # type: ignore[union-attr]
        for state in surface.get_named_type(declared.type).values if declared else ():
            mark = pytest.mark.xfail(reason="no index holds this state", strict=True)
            yield pytest.param(name, state, marks=[mark] if (name, state) in WASTEFUL_STATES else [])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "state"), list(list_states()))
async def test_lists_of_one_state_are_read_by_an_index(filled: Crowd, name: str, state: str) -> None:
    actor = "buyer" if surface.find_rule("Query", name).startswith(("BUYER", "READER")) else "supplier"
    data, sent = await filled.record(actor, f"{{ {name}(first: 25, state: {state}) {{ edges {{ node {{ id }} }} }} }}")
    assert len(data[name]["edges"]) in (0, 25)
    wasteful = [waste for one in sent for waste in find_wasteful(await filled.explain(actor, *one))]
    assert wasteful == [], "\n".join(wasteful)


@pytest.mark.asyncio(loop_scope="module")
async def test_changed_answers_are_read_by_an_index(filled: Crowd) -> None:
    value = surface.encode_id("asmt", crowd.SUPPLIER, UUID("0000000b-0000-0000-0000-000000000001"))
    document = (
        "query ($id: ID!, $after: Int!) { assessment(id: $id) { answers(changedAfter: $after, first: 25) {"
        " changeNumber hasMore answers { question rowId revision } } } }"
    )
    data, sent = await filled.record("supplier", document, id=value, after=1_500)
    assert len(data["assessment"]["answers"]["answers"]) == 25
    wasteful = [waste for one in sent for waste in find_wasteful(await filled.explain("supplier", *one))]
    assert wasteful == [], "\n".join(wasteful)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_statement_that_reads_everything_is_found(filled: Crowd) -> None:
    plan = await filled.explain("supplier", "SELECT count(*) FROM portal.evidence WHERE file_name LIKE '%7.pdf'", ())
    assert find_wasteful(plan)
