"""Documents are kept as long as something needs them and the operator says; then their files go, and no more."""

from typing import Any

import pytest
from obstore.store import ObjectStore

from portal import errors, settings, storage
from portal.database import engine
from portal.delivery import retention, workplace
from tests import databases, people
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.graphql_schema.sharing.test_stored_files import verify
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # files are checked, and looked at again

LINK = """
INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, evidence_id)
SELECT supplier_id, $1, 'fees_repaid', id FROM portal.evidence WHERE file_name = $2
"""
STATES = "SELECT file_name, state FROM portal.evidence ORDER BY 1"


async def remove_due(stage: Stage, database: databases.TestDatabase, kept: str = "policy=30") -> int:
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=1))
    place = workplace.Workplace(
        stage.settings.model_copy(update={"evidence_retention": kept}),
        workers,
        storage.open_storage(f"file://{stage.folder}"),
    )
    count = await retention.remove_due(place)
    await workers.close()
    await stage.wait_for_jobs()
    return count


async def send(stage: Stage, name: str, **changed: Any) -> str:
    evidence = await stage.send(stage.weaver, files.make_pdf(name.encode()), name, **changed)
    await stage.wait_for(stage.weaver, evidence)
    return evidence


async def submit_with(stage: Stage, name: str) -> Submitted:
    draft = await stage.draft(stage.weaver)
    await stage.house.fetch(LINK, draft[0], name)
    return await stage.submit(stage.weaver, draft)


async def list_states(stage: Stage) -> dict[str, str]:
    return dict(tuple(row) for row in await stage.house.fetch(STATES))


async def test_what_nothing_needs_any_more_goes_and_nothing_else(
    stage: Stage, database: databases.TestDatabase
) -> None:
    store: ObjectStore = storage.open_storage(f"file://{stage.folder}")
    shared = await send(stage, "shared.pdf")
    submitted = await submit_with(stage, "shared.pdf")
    await send(stage, "drafted.pdf")
    (draft,) = await stage.house.fetch(
        "INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject, subject_key,"
        " period_start, period_end) SELECT supplier_id, gen_random_uuid(), questionnaire, version, tier, subject,"
        " subject_key, '2020-01-01', '2020-12-31' FROM portal.assessment RETURNING id"
    )
    await stage.house.fetch(LINK, draft["id"], "drafted.pdf")
    await send(stage, "loose.pdf")
    await send(stage, "valid.pdf", validUntil="2099-01-01")
    await send(stage, "record.pdf", kind="RECORD")
    copy = await stage.send(stage.weaver, files.make_pdf(b"shared.pdf"), "copy.pdf", kind="RECORD")  # the same file
    await stage.wait_for(stage.weaver, copy)
    share = await stage.share(stage.weaver, stage.maker, submitted, includeEvidence=True)
    before = await list_states(stage)
    assert set(before.values()) == {"available"}
    await people.move_clock(database, "29 days")
    assert [await remove_due(stage, database, ""), await remove_due(stage, database)] == [0, 0]
    await people.move_clock(database, "31 days")
    assert await remove_due(stage, database, "") == 0  # without the operator's word all is kept
    assert await remove_due(stage, database) == 1
    del before["loose.pdf"]
    assert await list_states(stage) == before
    assert (await verify(stage, store))[0] == []
    await people.move_clock(database, "500 days")  # the result's validity is long over; it is shared still
    assert await remove_due(stage, database) == 0
    link = await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=shared)
    assert (await stage.get(link["url"])).status_code == 200
    await stage.change(stage.weaver, documents.REVOKE, shareId=share)
    await people.move_clock(database, "529 days")
    assert await remove_due(stage, database) == 0
    await people.move_clock(database, "531 days")
    assert [await remove_due(stage, database), await remove_due(stage, database)] == [1, 0]
    assert await list_states(stage) == before | {"shared.pdf": "removed"}
    assert (await verify(stage, store))[0] == []  # rows and files agree; the copy of another kind has its file still
    for caller, code in ((stage.weaver, "REMOVED"), (stage.maker, "NOT_FOUND")):
        assert (await stage.change(caller, documents.DOWNLOAD, evidenceId=shared))["code"] == code
    link = await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=copy)
    assert (await stage.get(link["url"])).status_code == 200
    query = "query ($id: ID!) { node(id: $id) { ... on Evidence { state sha256 fileName } } }"
    found = (await stage.ask(stage.weaver, query, id=shared))["node"]
    assert (found["state"], len(found["sha256"])) == ("REMOVED", 64)
    await stage.share(stage.weaver, stage.maker, submitted, includeEvidence=True)
    await stage.house.fetch("SELECT portal.refresh_cards($1, NULL)", stage.maker.organization)
    asked = 'query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { evidence { state } } } }'
    shown = (await stage.ask(stage.maker, asked, id=stage.name_record(stage.maker, stage.weaver)))["supplier"]
    assert shown["latestResult"]["evidence"] == [{"state": "REMOVED"}]
    assert (await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=shared))["code"] == "REMOVED"
    told = "SELECT count(*) FROM portal.audit_event WHERE action = 'evidence.removed' AND organization_id = $1"
    assert (await stage.house.fetch(told, stage.weaver.organization))[0][0] == 2


@pytest.mark.parametrize(
    "given", ["photo", "photo=", "photo=0", "photo=1,photo=2", "plan=9", "photo=-1", "photo=99999"]
)
def test_a_retention_that_says_nothing_is_refused(given: str) -> None:
    with pytest.raises(errors.SetupError, match="PORTAL_EVIDENCE_RETENTION"):
        settings.read_settings(evidence_retention=given)


def test_a_retention_is_days_by_kind() -> None:
    assert settings.read_retention(" photo=365, certificate=1095 ,") == {"photo": 365, "certificate": 1095}
    assert settings.read_settings(evidence_retention="photo=1").evidence_retention == "photo=1"
