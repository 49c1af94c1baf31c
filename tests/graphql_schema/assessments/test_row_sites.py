"""Rows of a list that name sites of the organization: once each, as part of what the row says, and after they close."""

from typing import Any

import pytest

from portal.database import ids
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write
from tests.graphql_schema.assessments.test_site_answers import add_sites
from tests.graphql_schema.portals import Caller, Portal

CONTENT = "{ siteId deleted comment value { row } }"
SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename ... on AnswersSaved {"
    f" changeNumber results {{ status revision problem {{ code message }} current {{ revision content {CONTENT} }}"
    f" yours {CONTENT} }} }} {documents.PROBLEM} }} }}"
)
READ = (
    "query ($id: ID!, $after: Int!) { assessment(id: $id) { answers(changedAfter: $after) { answers { question rowId"
    f' revision content {CONTENT} }} }} answerHistory(question: "sites", rowId: "a") {{ content {CONTENT}'
    f" was {{ content {CONTENT} }} }} conflicts {{ conflicts {{ conflictId written {CONTENT} }} }} }} }}"
)
NODE = "query ($id: ID!) { node(id: $id) { ... on Site { name archivedAt } } }"
ARCHIVE = (
    "mutation ($input: ArchiveSiteInput!) { result: archiveSite(input: $input) { __typename ... on SiteArchived {"
    f" site {{ archivedAt }} }} {documents.PROBLEM} }} }}"
)
DECIDE = (
    "mutation ($input: DecideConflictInput!) { result: decideConflict(input: $input) { __typename ... on AnswersSaved"
    f" {{ results {{ status current {{ content {CONTENT} }} }} }} {documents.PROBLEM} }} }}"
)
UPGRADE = (
    "mutation ($input: RenewAssessmentInput!) { result: renewAssessment(input: $input) { __typename"
    f" ... on AssessmentRenewed {{ assessment {{ id }} }} {documents.PROBLEM} }} }}"
)


def row(name: str, site: str | None, base: int = 0, **more: Any) -> dict[str, Any]:
    return write("sites", base, row=True) | {"rowId": name, "siteId": site} | more


async def save(house: Portal, caller: Caller, assessment: str, *sent: dict[str, Any]) -> list[Any]:
    saved = await do(house, SAVE, caller, assessmentId=assessment, answers=list(sent))
    assert saved["__typename"] == "AnswersSaved", saved
    return [one["problem"]["code"] if one["problem"] else one["status"] for one in saved["results"]]


async def read(house: Portal, caller: Caller, assessment: str, after: int = 0) -> Any:
    answered = await house.ask(READ, caller.token, id=assessment, after=after)
    assert "errors" not in answered, answered
    return answered["data"]["assessment"]


async def list_problems(house: Portal, caller: Caller, assessment: str) -> list[tuple[str, str, str]]:
    query = "query ($id: ID!) { assessment(id: $id) { problems { question rowId code } } }"
    found = (await house.ask(query, caller.token, id=assessment))["data"]["assessment"]["problems"]
    return [(one["question"], one["rowId"], one["code"]) for one in found if one["question"] == "sites"]


def tell(read: Any) -> dict[str, str | None]:
    found = read["answers"]["answers"]
    return {one["rowId"]: one["content"]["siteId"] for one in found if not one["content"]["deleted"]}


@pytest.mark.slow
async def test_a_row_names_a_site_and_each_is_named_once(house: Portal) -> None:
    office, other = await house.sign_up("supplier"), await house.sign_up("supplier")
    mill, dyehouse = await add_sites(house, office, "Mill", "Dyehouse")
    (foreign,) = await add_sites(house, other, "Elsewhere")
    source = await start(house, office)
    first = row("a", mill)
    assert await save(house, office, source, first, row("b", dyehouse)) == ["SAVED", "SAVED"]
    assert await save(house, office, source, first, row("a", mill, 1)) == ["SAVED", "UNCHANGED"]
    assert await save(house, office, source, first | {"siteId": dyehouse}) == ["WRITE_ID_REUSED"]

    # What a row cannot name is refused by itself: another's, none at all, and not in a row. A site that is named twice
    # stands in the way of submitting, not of saving.
    refused = [
        row("c", mill),
        row("c", foreign),
        row("c", documents.encode("site", ids.new_id(), ids.new_id())),
        row("c", "nonsense"),
        write("remark", text="Here.") | {"siteId": mill},
        write("sites", none=True) | {"siteId": mill},
        row("c", None, 1),
    ]
    unknown = ["ROW_SITE_UNKNOWN"] * 3
    expected = ["SAVED", *unknown, "ROW_SITE_NOT_EXPECTED", "ROW_SITE_NOT_EXPECTED", "SAVED"]
    assert await save(house, office, source, *refused) == expected
    assert await save(house, office, source, row("c", mill, 2)) == ["SAVED"]
    assert await list_problems(house, office, source) == [("sites", "c", "ROW_SITE_TAKEN")]
    draft = await start(house, office, siteId=mill)
    assert await save(house, office, draft, row("a", dyehouse)) == ["ROW_SITE_UNKNOWN"]

    # One call gives a site from row to row, in the order that frees it; who syncs by numbers hears of it.
    number = (await do(house, SAVE, office, assessmentId=source, answers=[row("a", mill, 1)]))["changeNumber"]
    moved = [row("a", None, 1), row("b", mill, 1), row("c", dyehouse, 3)]
    assert await save(house, office, source, *moved) == ["SAVED", "SAVED", "SAVED"]
    after = await read(house, office, source, number)
    assert tell(after) == {"a": None, "b": mill, "c": dyehouse}
    assert after["answerHistory"][0]["was"]["content"]["siteId"] == mill

    # A conflict has both; a removed row lets go of its site; a closed site stays named and readable.
    mai = await house.join(office, "Mai")
    assert await save(house, office, source, row("b", None, 2)) == ["SAVED"]
    assert await save(house, mai, source, row("b", mill, 1)) == ["CONFLICT"]
    (conflict,) = (await read(house, mai, source))["conflicts"]["conflicts"]
    assert conflict["written"]["siteId"] == mill
    choice = {"conflictId": conflict["conflictId"], "winner": "WRITTEN", "writeId": str(ids.new_id())}
    decided = await do(house, DECIDE, mai, assessmentId=source, baseRevision=3, **choice)
    assert decided["results"][0]["current"]["content"]["siteId"] == mill
    gone = {"writeId": str(ids.new_id()), "question": "sites", "rowId": "b", "baseRevision": 4, "deleted": True}
    assert await save(house, office, source, gone, row("a", mill, 2)) == ["SAVED", "SAVED"]
    assert await list_problems(house, office, source) == []
    await do(house, ARCHIVE, office, siteId=mill)
    node = (await house.ask(NODE, office.token, id=mill))["data"]["node"]
    assert node["name"] == "Mill" and node["archivedAt"] is not None
    assert tell(await read(house, office, source)) == {"a": mill, "c": dyehouse}
    assert await save(house, office, source, row("a", mill, 3), row("c", mill, 4)) == ["UNCHANGED", "ROW_SITE_UNKNOWN"]

    # Another year takes the names along.
    renewed = await do(house, UPGRADE, office, assessmentId=source, periodStart="2026-07-01", periodEnd="2027-06-30")
    assert renewed["__typename"] == "AssessmentRenewed", renewed
    assert tell(await read(house, office, renewed["assessment"]["id"])) == {"a": mill, "c": dyehouse}


async def test_a_row_that_waited_for_a_site_that_was_closed_is_not_lost(house: Portal) -> None:
    """It was kept when it came, so that a person decides; what is refused at once is given back."""
    office = await house.sign_up("supplier")
    (mill,) = await add_sites(house, office, "Mill")
    source = await start(house, office, "MICRO")
    await save(house, office, source, *documents.write_all())
    await do(house, documents.SUBMIT, office, assessmentId=source, expectedChangeNumber=4)
    late = row("a", mill, comment="Two halls.")
    assert await save(house, office, source, late) == ["PENDING"]
    await do(house, ARCHIVE, office, siteId=mill)
    made = await do(house, documents.CORRECT, office, assessmentId=source)
    new = made["assessment"]["id"]
    told = await do(house, SAVE, office, assessmentId=source, answers=[late, row("b", mill, comment="One hall.")])
    waited, refused = told["results"]
    assert (waited["status"], waited["problem"]["code"]) == ("CONFLICT", "ROW_SITE_UNKNOWN")
    assert (refused["status"], refused["problem"]["code"]) == ("REFUSED", "ROW_SITE_UNKNOWN")
    assert [one["yours"]["comment"] for one in (waited, refused)] == ["Two halls.", "One hall."]
    (conflict,) = (await read(house, office, new))["conflicts"]["conflicts"]
    assert (conflict["written"]["siteId"], conflict["written"]["comment"]) == (None, "Two halls.")
    choice = {"conflictId": conflict["conflictId"], "winner": "WRITTEN", "writeId": str(ids.new_id())}
    decided = await do(house, DECIDE, office, assessmentId=new, baseRevision=0, **choice)
    assert decided["results"][0]["status"] == "SAVED"
    assert decided["results"][0]["current"]["content"]["comment"] == "Two halls."
