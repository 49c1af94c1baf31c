"""What the demo writes in bulk is what the service writes, for a supplier that does the same step by step."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from portal.assessments import answers, assessments, evidence, publishing, submissions
from portal.assessments.writes import Write
from portal.database import engine
from portal.database.tables import assessments as tables
from portal.database.tables import evidence as evidence_tables
from portal.demo import cast, timeline
from portal.demo.assessing import Assessor
from portal.demo.people import Party
from portal.demo.rows import Rows
from tests import databases, people
from tests.portal.assessments.house import Caller, House
from tests.portal.demo.test_data import find_published

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
OWN = {"id", "supplier_id", "submission_id", "assessment_id", "evidence_id", "write_id", "subject_key", "header"}
SEALED = {"root_hash", "salts", "hash", "body_hash"}  # ids and salts stand in them
TIMES = {"created_at", "updated_at", "changed_at", "received_at", "submitted_at", "valid_until"}
PEOPLE = {"changed_by", "member_id", "submitted_by"}
TABLES = ("assessment", "answer", "answer_write", "submission", "submission_section", "result")
TABLES += ("evidence_link", "submission_evidence")
LEFT_OUT = OWN | SEALED | TIMES | PEOPLE


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[House]:
    await publishing.publish_packaged(database.owner_url)
    opened = engine.Database(engine.create_engine(database.app_url, pool_size=2))
    yield House(database, opened)
    await opened.close()


async def make_up(house: House, number: int) -> tuple[Caller, cast.Firm, timeline.Round, Rows]:
    """The newest round of a supplier, written as the demo writes it."""
    firm = cast.list_firms()[number]
    caller = await house.sign_up("supplier", size_band=firm.cohort.size)
    round_ = timeline.plan_rounds(firm, NOW)[-1]
    rows = Rows()
    assert round_.submitted is not None
    party = Party(caller.organization, caller.user, firm.name)
    Assessor(rows, find_published()).submit(firm, party, round_, round_.submitted)
    async with people.open_session(house.made.owner_url) as session:
        await rows.write(session)
    return caller, firm, round_, rows


async def do_step_by_step(house: House, firm: cast.Firm, round_: timeline.Round, rows: Rows) -> tuple[Caller, UUID]:
    """The same answers and documents through the service."""
    assert round_.submitted is not None
    caller = await house.sign_up("supplier", size_band=firm.cohort.size)
    await house.set_clock(round_.submitted)
    sent = [
        Write(
            write_id=UUID(int=place),
            question=row["question"],
            row_id=row["row_id"] or None,
            base_revision=0,
            state=row["state"],
            value=row["value"],
            reason=row["reason"],
        )
        for place, row in enumerate(rows.get(tables.Answer), start=1)
    ]
    async with house.act(caller) as (session, actor):
        started = await assessments.start_assessment(
            session,
            actor,
            questionnaire="responsible-sourcing",
            tier=firm.cohort.tier,
            period_start=round_.period_start,
            period_end=round_.period_end,
        )
        saved = await answers.save_answers(session, actor, assessment_id=started.id, sent=sent)
        assert {outcome.status for outcome in saved.outcomes} == {"saved"}
    attached = await add_documents(house, caller, started.id, rows)
    async with house.act(caller) as (session, actor):
        await submissions.submit_assessment(
            session, actor, assessment_id=started.id, expected_change_number=saved.change_number + attached
        )
    return caller, started.id


async def add_documents(house: House, caller: Caller, assessment: UUID, rows: Rows) -> int:
    """The documents' rows as checking leaves them, and each attached where the demo attached it; how often."""
    for row in rows.get(evidence_tables.Evidence):
        values = row | {"supplier_id": caller.organization, "uploaded_by": caller.user}
        places = ", ".join(f"${place + 1}" for place in range(len(values)))
        await house.fetch(f"INSERT INTO portal.evidence ({', '.join(values)}) VALUES ({places})", *values.values())
    async with house.act(caller) as (session, actor):
        for row in rows.get(evidence_tables.EvidenceLink):
            await evidence.attach_evidence(
                session, actor, assessment_id=assessment, question=row["question"], evidence_id=row["evidence_id"]
            )
    return len(rows.get(evidence_tables.EvidenceLink))


async def read(house: House, caller: Caller, table: str) -> list[dict[str, Any]]:
    """A supplier's rows of a table, without what is each one's own."""
    query = f"SELECT to_jsonb(t) AS row FROM portal.{table} t WHERE supplier_id = $1"
    found = [orjson.loads(row["row"]) for row in await house.fetch(query, caller.organization)]
    kept = [{name: value for name, value in row.items() if name not in LEFT_OUT} for row in found]
    return sorted(kept, key=orjson.dumps)


async def read_header(house: House, caller: Caller) -> dict[str, Any]:
    """What the root seals beside the sections, without ids."""
    query = "SELECT header FROM portal.submission WHERE supplier_id = $1"
    header = orjson.loads((await house.fetch(query, caller.organization))[0]["header"])
    return {name: value for name, value in header.items() if name not in ("submission", "supplier", "subject_key")}


@pytest.mark.parametrize("number", [0, 10, 100, 200])
async def test_a_submission_made_in_bulk_equals_one_of_the_service(house: House, number: int) -> None:
    made, firm, round_, rows = await make_up(house, number)
    caller, _ = await do_step_by_step(house, firm, round_, rows)
    for table in TABLES:
        known = await read(house, caller, table)
        assert await read(house, made, table) == known, table
        assert known or table.endswith(("evidence", "link")), table
    assert await read_header(house, made) == await read_header(house, caller)
    days = await house.fetch("SELECT DISTINCT valid_until FROM portal.result")
    assert len(days) == 1
