"""The lists of requests, assessments and submissions: each reaches an index under row-level security."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import reading
from portal.access import Actor
from portal.database import ids
from portal.reading import assessments as nouns
from portal.reading.declarations import Connection, resolve
from portal.reading.selections import Selected, Shape
from tests.portal.assessments.conftest import house  # noqa: F401  (a fixture)
from tests.portal.assessments.house import House
from tests.portal.reading import explaining

FILL = """
    INSERT INTO portal.organization (id, name) SELECT gen_random_uuid(), 'Firm ' || n FROM generate_series(1, 40) n;
    INSERT INTO portal.organization_role SELECT id, 'supplier', 'active' FROM portal.organization;
    INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, supplier_id, state)
    SELECT b.id, gen_random_uuid(), 'r', 'r', s.id, 'linked' FROM portal.organization b, portal.organization s;
    INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end)
    SELECT o.id, gen_random_uuid(), 'sample', '1.0.0', 'micro', o.id, date '2000-01-01' + n, date '2026-12-31'
      FROM portal.organization o, generate_series(1, 100) n;
    INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,
                                period_start, period_end, purpose, due_on)
    SELECT r.buyer_id, gen_random_uuid(), r.id, r.supplier_id, 'sample', 'micro', date '2026-01-01' + n, '2027-12-31',
           'p', date '2026-06-01' + n
      FROM portal.supplier_record r, generate_series(1, 5) n;
    INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier,
                                   subject, subject_key, period_start, period_end, header, root_hash)
    SELECT supplier_id, gen_random_uuid(), id, 1, questionnaire, version, 'x', tier, subject, subject_key, period_start,
           period_end, '{}', '\\x00' FROM portal.assessment;
    ANALYZE;
"""


def leaf(name: str, owner: str) -> Shape:
    return Shape(name, name, name, owner, True)


def select(connection: Connection) -> Selected:
    """A page with the ids of its items."""
    noun = resolve(connection.noun)
    page = f"{noun.name}Connection"
    nodes = Shape("nodes", "nodes", "nodes", page, True, None, ((noun.name, (leaf("id", noun.name),)),))
    return Selected(Shape("list", "list", "list", "Query", True, 0, ((page, (nodes,)),)), [{"first": 25}])


@pytest.mark.parametrize(
    ("connection", "table", "owner"),
    [
        (nouns.ASSESSMENTS, "assessment", "supplier_id"),
        (nouns.SUBMISSIONS, "submission", "supplier_id"),
        (nouns.REQUESTS, "request", "buyer_id"),
        (nouns.RECEIVED_REQUESTS, "request", "supplier_id"),
    ],
)
async def test_each_list_reaches_an_index(house: House, connection: Connection, table: str, owner: str) -> None:  # noqa: F811
    for statement in FILL.split(";\n"):
        await house.fetch(statement)
    (row,) = await house.fetch("SELECT id FROM portal.organization LIMIT 1")
    actor = Actor(user_id=ids.new_id(), organization_id=row[0], member_role="owner")
    async with AsyncSession(house.database.engine) as session, session.begin():
        await session.execute(text("SELECT set_config('portal.organization', :id, true)"), {"id": str(row[0])})
        plan, values = reading.find_plan(actor, connection, select(connection))
        explained = await explaining.explain(session, plan.sql, values)
    assert explaining.check_indexed(explained, table, may_filter=("buyer_id", "supplier_id"))
    # The request that a second part names is looked up by its key.
    scans = [one for one in explaining.list_scans(explained) if one.table == table and "extra_of" not in one.conditions]
    assert scans
    assert all(f"({owner} = " in scan.conditions for scan in scans)
