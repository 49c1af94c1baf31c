"""How the database runs a statement: which conditions reach an index, and which are left to a filter over rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Scan:
    """One scan of a table: the conditions that its index served, and those that every row had to be looked at for."""

    table: str
    index: str | None
    conditions: str
    filter: str


async def explain(session: AsyncSession, sql: str, values: Sequence[Any]) -> Any:
    """The plan of a statement as the session's own role gets it."""
    connection = await session.connection()
    found = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", tuple(values))).scalar_one()
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def list_scans(plan: Any) -> Iterator[Scan]:
    """Every scan of a table in a plan."""
    if "Relation Name" in plan:
        below = plan.get("Plans", [])
        index = plan.get("Index Name") or next((one["Index Name"] for one in below if "Index Name" in one), None)
        conditions = plan.get("Index Cond") or plan.get("Recheck Cond", "")
        yield Scan(plan["Relation Name"], index, conditions, plan.get("Filter", ""))
    for one in plan.get("Plans", ()):
        yield from list_scans(one)


def check_indexed(plan: Any, table: str, *, key: str = "", may_filter: Sequence[str] = ()) -> set[str]:
    """The indexes that serve a table; fails where a scan has none, or looks at every row for what one should serve.

    Rows that are fetched by their `key` may be looked at for anything.
    """
    scans = [scan for scan in list_scans(plan) if scan.table == table]
    assert scans, f"{table} is not read at all"
    for scan in scans:
        assert scan.index is not None, f"{table} is read as a whole: {scan.filter}"
        rest = "" if key and f"({key} = " in scan.conditions else scan.filter
        for column in may_filter:
            rest = rest.replace(column, "")
        columns = [word for word in COLUMNS if word in rest]
        assert not columns, f"{table}: {columns} do not reach {scan.index}: {scan.filter}"
    return {scan.index for scan in scans if scan.index is not None}


COLUMNS = (
    "buyer_id", "owner_id", "questionnaire", "archived", "name_key", "country", "sector", "total", "due_", "token",
    "supplier_record_id", "firm_id", "score", "staff",
)  # fmt: skip
