"""A document that does not come along is named with its reason, before and after, so that a new one is sent in time."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from portal.assessments import publishing
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import successors
from tests.graphql_schema.assessments.documents import PROBLEM, do, start, write
from tests.graphql_schema.assessments.test_renewals import NEXT, attach, list_attached, make_other
from tests.graphql_schema.assessments.test_upgrades import save
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

LEFT = "documentsLeft { evidenceId name question rowId validUntil reason { code sentence locale } }"
PREVIEWS = (
    "query ($id: ID!, $from: Date!, $to: Date!) { assessment(id: $id) {"
    f" upgradePreview {{ {LEFT} }} renewalPreview(periodStart: $from, periodEnd: $to) {{ {LEFT} }} }} }}"
)
UPGRADE = (
    "mutation ($input: UpgradeAssessmentInput!) { result: upgradeAssessment(input: $input) { __typename"
    f" ... on AssessmentUpgraded {{ {LEFT} assessment {{ id }} }} {PROBLEM} }} }}"
)
RENEW = (
    "mutation ($input: RenewAssessmentInput!) { result: renewAssessment(input: $input) { __typename"
    f" ... on AssessmentRenewed {{ {LEFT} assessment {{ id }} }} {PROBLEM} }} }}"
)
REUSABLE = f"query ($id: ID!) {{ assessment(id: $id) {{ reusableAnswers {{ question {LEFT} }} }} }}"
REUSE = (
    "mutation ($input: ReuseAnswersInput!) { result: reuseAnswers(input: $input) { __typename"
    f" ... on AnswersReused {{ questions {LEFT} }} {PROBLEM} }} }}"
)


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    """A portal with the first version of the sample, and another questionnaire that asks for the same fact."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_other()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def answer_with_documents(stage: Portal, supplier: Caller) -> tuple[str, dict[str, str]]:
    """A draft whose answers have documents of every fate; its id, and theirs by what became of them."""
    draft = await start(stage, supplier, "STANDARD")
    rows = [write("sites", rowId="mill", row=True), write("site_people", rowId="mill", number="5")]
    given = [write("fees_repaid", choice="yes"), write("trained", number="90"), write("drills", number="2"), *rows]
    await save(stage, supplier, draft, *given)
    places = {
        "good": ("fees_repaid", {}),
        "expired": ("fees_repaid", {"title": "Permit", "validUntil": "2026-02-28"}),
        "over": ("fees_repaid", {"title": "Licence", "validUntil": "2026-11-01"}),  # which nobody has noted yet
        "refused": ("trained", {"title": "List"}),
        "raised": ("trained", {"title": "Sheet"}),
        "removed": ("drills", {"title": "Log"}),
    }
    made = {name: await attach(stage, supplier, draft, key, **said) for name, (key, said) in places.items()}
    for title, state in (("Permit", "expired"), ("List", "rejected")):
        await stage.run_sql("UPDATE portal.evidence SET state = $1 WHERE title = $2", state, title)
    return draft, made


def tell(left: list[Any]) -> list[tuple[str, str, str, str | None]]:
    assert all(one["reason"]["sentence"] and one["reason"]["locale"] == "en" for one in left)
    return sorted((one["name"], one["question"], one["reason"]["code"], one["validUntil"]) for one in left)


async def look(stage: Portal, supplier: Caller, draft: str, name: str) -> list[Any]:
    given = {"id": draft, "from": NEXT["periodStart"], "to": NEXT["periodEnd"]}
    found = (await stage.ask(PREVIEWS, supplier.token, **given))["data"]["assessment"]
    left: list[Any] = found[name]["documentsLeft"]
    return left


async def test_an_upgrade_names_the_documents_that_stay(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft, made = await answer_with_documents(stage, supplier)
    await successors.publish_successor(stage)
    seen = await look(stage, supplier, draft, "upgradePreview")
    assert tell(seen) == [
        ("List", "trained", "REJECTED", None),
        ("Log", "drills", "ANSWER_LEFT", None),
        ("Permit", "fees_repaid", "EXPIRED", "2026-02-28"),
        ("Sheet", "trained", "ANSWER_LEFT", None),  # another meaning
    ]
    assert {one["evidenceId"] for one in seen} == {made[name] for name in ("expired", "refused", "raised", "removed")}
    given = {"assessmentId": draft, "version": "2.0.0", "idempotencyKey": "once-and-for-all"}
    first, again = [await do(stage, UPGRADE, supplier, **given) for _ in range(2)]
    assert first["documentsLeft"] == again["documentsLeft"] == seen
    assert await list_attached(stage, supplier, first["assessment"]["id"]) == ["fees_repaid", "fees_repaid"]


async def test_a_renewal_names_them_too(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft, _ = await answer_with_documents(stage, supplier)
    await save(stage, supplier, await start(stage, supplier, "STANDARD", **NEXT), write("drills", number="3"))
    expected = [
        ("Licence", "fees_repaid", "EXPIRED", "2026-11-01"),
        ("List", "trained", "REJECTED", None),
        ("Log", "drills", "ANSWER_LEFT", None),  # that year has its own
        ("Permit", "fees_repaid", "EXPIRED", "2026-02-28"),
        ("Sheet", "trained", "ANSWER_LEFT", None),  # a figure of its year
    ]
    assert tell(await look(stage, supplier, draft, "renewalPreview")) == expected
    given = {"assessmentId": draft, "idempotencyKey": "once-and-for-all", **NEXT}
    first, again = [await do(stage, RENEW, supplier, **given) for _ in range(2)]
    assert tell(first["documentsLeft"]) == expected
    assert tell(again["documentsLeft"]) == expected
    assert await list_attached(stage, supplier, first["assessment"]["id"]) == ["fees_repaid"]
    # What came along is not left behind by the next time, which takes no answers.
    more = await do(stage, RENEW, supplier, **given | {"idempotencyKey": "another-time"})
    assert tell(more["documentsLeft"]) == expected


async def test_documents_of_another_questionnaire_stay_there(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    source = await start(stage, supplier, "MICRO", questionnaire="other")
    await save(stage, supplier, source, write("people", number="12"), write("trained", number="90"))
    await attach(stage, supplier, source, "people", title="Register")
    await attach(stage, supplier, source, "people", title="Permit", validUntil="2026-02-28")
    await attach(stage, supplier, source, "trained", title="Sheet")
    draft = await start(stage, supplier, "MICRO")
    (offered,) = (await stage.ask(REUSABLE, supplier.token, id=draft))["data"]["assessment"]["reusableAnswers"]
    expected = [("Permit", "people", "EXPIRED", "2026-02-28"), ("Register", "people", "NOT_REUSED", None)]
    assert tell(offered["documentsLeft"]) == expected
    done = await do(stage, REUSE, supplier, assessmentId=draft)
    assert (done["questions"], tell(done["documentsLeft"])) == (["headcount"], expected)
    assert (await do(stage, REUSE, supplier, assessmentId=draft))["documentsLeft"] == []
    assert await list_attached(stage, supplier, draft) == []
