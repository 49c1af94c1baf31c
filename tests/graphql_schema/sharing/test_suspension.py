"""A suspended supplier looks at what is its own, takes its consent back, and does nothing else."""

from typing import Any

import httpx

from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.portal.assessments import files

STATUS = (
    "UPDATE portal.organization SET status = $2,"
    " suspended_at = CASE $2 WHEN 'suspended' THEN '2026-03-04T00:00:00Z'::timestamptz END WHERE id = $1"
)
OWN = {
    "assessments": "{ assessments { edges { node { id } } } }",
    "submissions": "{ submissions { edges { node { id exportPath } } } }",
    "shares": "{ shares { nodes { id } } }",
    "readReceipts": "{ readReceipts { nodes { id } } }",
    "evidence": "{ evidence { edges { node { id } } } }",
    "receivedRequests": "{ receivedRequests { edges { node { id } } } }",
}
CHANGE = "mutation ($input: ChangeShareInput!) { r: changeShare(input: $input) { ... on Problem { code message } } }"


async def set_status(stage: Stage, status: str) -> None:
    await stage.house.fetch(STATUS, stage.weaver.organization, status)


async def prepare(stage: Stage) -> tuple[Submitted, str, str]:
    evidence = await stage.send(stage.weaver, files.make_pdf())
    await stage.wait_for(stage.weaver, evidence)
    await stage.request(stage.maker, stage.weaver, accept=False)
    submitted = await stage.submit(stage.weaver)
    share = await stage.share(stage.weaver, stage.maker, submitted)
    await stage.ask(stage.maker, documents.SUMMARY, id=stage.name_record(stage.maker, stage.weaver))
    return submitted, share, evidence


async def count_own(stage: Stage) -> dict[str, int]:
    counts = {}
    for name, query in OWN.items():
        page = (await stage.ask(stage.weaver, query))[name]
        counts[name] = len(page["edges"] if "edges" in page else page["nodes"])
    return counts


async def test_its_members_go_on_looking_at_what_is_their_own(stage: Stage) -> None:
    submitted, _, evidence = await prepare(stage)
    before = await count_own(stage)
    assert min(before.values()) > 0, before
    await set_status(stage, "suspended")
    assert await count_own(stage) == before
    made = await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=evidence)
    assert (await stage.get(made["url"])).status_code == 200
    headers = {"authorization": f"Bearer {stage.weaver.credential.token}"}
    async with stage.portal.client() as client:
        exported: httpx.Response = await client.get(f"/exports/submissions/{submitted.id}.json", headers=headers)
    assert exported.status_code == 200


async def test_its_owner_ends_a_share_and_does_nothing_else(stage: Stage) -> None:
    _, share, _ = await prepare(stage)
    await set_status(stage, "suspended")
    refused: Any = await stage.change(stage.weaver, CHANGE, shareId=share, includeEvidence=True)
    assert refused["code"] == "NOT_ALLOWED"
    assert "suspended by the operator since 2026-03-04" in refused["message"]
    record = stage.name_record(stage.maker, stage.weaver)
    assert (await stage.ask(stage.maker, documents.SUMMARY, id=record))["supplier"]["latestResult"] is not None
    revoked = await stage.change(stage.weaver, documents.REVOKE, shareId=share)
    assert (revoked["__typename"], revoked["share"]["state"]) == ("ShareRevoked", "REVOKED")
    assert (await stage.ask(stage.maker, documents.SUMMARY, id=record))["supplier"]["latestResult"] is None


async def test_a_member_who_is_no_owner_ends_no_share(stage: Stage) -> None:
    _, share, _ = await prepare(stage)
    await stage.house.fetch(
        "UPDATE portal.member SET role = 'editor' WHERE organization_id = $1", stage.weaver.organization
    )
    await set_status(stage, "suspended")
    assert (await stage.change(stage.weaver, documents.REVOKE, shareId=share))["code"] == "NOT_ALLOWED"


async def test_a_suspended_buyer_does_not_read_as_a_buyer(stage: Stage) -> None:
    _, _, _ = await prepare(stage)
    await stage.house.fetch(STATUS, stage.maker.organization, "suspended")
    answer = await stage.portal.ask(documents.CARDS, stage.maker.credential.token)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    assert "suspended by the operator" in answer["errors"][0]["message"]
