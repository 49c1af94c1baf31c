"""A head office answers once for its sites, over HTTP: what the office is told, and what a site sees and may do."""

import re
from typing import Any

import pytest

from tests.graphql_schema.assessments import documents, test_forms
from tests.graphql_schema.assessments.documents import do, start, write
from tests.graphql_schema.portals import Caller, Portal

ADD_SITE = (
    "mutation ($input: AddSiteInput!) { result: addSite(input: $input) { __typename ... on SiteAdded { site { id } }"
    f" {documents.PROBLEM} }} }}"
)
SITES = (
    "sites { siteId state assessmentId results { question status revision content { value { number } }"
    " was { content { value { number } } } } } assessment { id }"
)
PUSH = (
    "mutation ($input: PushAnswersInput!) { result: pushAnswers(input: $input) { __typename"
    f" ... on AnswersPushed {{ pushId {SITES} notPushed {{ siteId question reason }} }} {documents.PROBLEM} }} }}"
)
RELEASE = (
    "mutation ($input: ReleaseAnswersInput!) { result: releaseAnswers(input: $input) { __typename"
    f" ... on AnswersReleased {{ pushId {SITES} }} {documents.PROBLEM} }} }}"
)
SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename ... on AnswersSaved {"
    " results { status problem { code message } yours { value { number } } current { provenance carriedFromId } } }"
    f" {documents.PROBLEM} }} }}"
)
READ = """query ($id: ID!, $first: Int!, $after: String) { assessment(id: $id) {
  progress { unconfirmedCount } problems { question code message }
  pushedAnswers(first: $first, after: $after) { hasMore endCursor answers {
    siteId question mode note pushedAt pushedBy { name } sourceId isOutdated assessmentId provenance
    content { value { number choice } } } }
  conflicts { conflicts { question source written { value { choice } } standing { content { value { choice } } } } }
  answerHistory(question: "headcount") { status source note by { name } was { provenance content { value { number } } }
    content { value { number } } } } }"""


async def add_sites(house: Portal, caller: Caller, *names: str) -> list[str]:
    return [(await do(house, ADD_SITE, caller, name=name))["site"]["id"] for name in names]


async def read(house: Portal, caller: Caller, assessment: str, **more: Any) -> Any:
    answered = await house.ask(READ, caller.token, **{"id": assessment, "first": 25} | more)
    assert "errors" not in answered, answered
    return answered["data"]["assessment"]


@pytest.mark.slow
async def test_a_head_office_sets_answers_and_a_site_sees_who_and_why(house: Portal) -> None:
    office = await house.sign_up("supplier")
    site = await house.join(office, "Mai")
    mill, dyehouse = await add_sites(house, office, "Mill", "Dyehouse")
    source = await start(house, office)
    desk = await test_forms.open_desk(house, site, siteId=mill)
    draft = desk.assessment
    answered = [write("headcount", number="12"), write("fees_repaid", choice="yes")]
    await do(house, SAVE, office, assessmentId=source, answers=answered)
    own = [write("headcount", number="7"), write("fees_repaid", choice="no")]
    await do(house, SAVE, site, assessmentId=draft, answers=own)

    given = {"assessmentId": source, "questions": ["headcount", "founded"], "mode": "LOCKED", "note": "Payroll."}
    given["idempotencyKey"] = "the same act"
    done = await do(house, PUSH, office, **given)
    assert done["__typename"] == "AnswersPushed", done
    assert done["notPushed"] == [{"siteId": None, "question": "founded", "reason": "UNANSWERED"}]
    by_site = {one["siteId"]: one for one in done["sites"]}
    assert (by_site[dyehouse]["state"], by_site[dyehouse]["assessmentId"]) == ("WAITING", None)
    assert (by_site[mill]["state"], by_site[mill]["assessmentId"]) == ("WRITTEN", draft)
    (one,) = by_site[mill]["results"]
    assert (one["question"], one["status"], one["revision"]) == ("headcount", "SAVED", 2)
    assert (one["content"]["value"]["number"], one["was"]["content"]["value"]["number"]) == ("12", "7")
    assert await do(house, PUSH, office, **given) == done
    unanswered = await do(house, PUSH, office, assessmentId=source, questions=["founded"], mode="LOCKED")
    assert unanswered["notPushed"] == [{"siteId": None, "question": "founded", "reason": "UNANSWERED"}]
    assert {(one["state"], len(one["results"])) for one in unanswered["sites"]} == {("NOTHING", 0)}
    suggestion = {"assessmentId": source, "questions": ["fees_repaid"], "mode": "SUGGESTED", "siteIds": [mill]}
    suggested = await do(house, PUSH, office, **suggestion)
    assert [one["status"] for one in suggested["sites"][0]["results"]] == ["CONFLICT"]

    # The site: refused with the reason, told who and why, and asked to choose where it said something else itself.
    saved = await do(house, SAVE, site, assessmentId=draft, answers=[write("headcount", 1, number="8")])
    (refused,) = saved["results"]
    assert (refused["status"], refused["problem"]["code"]) == ("REFUSED", "SET_BY_HEAD_OFFICE")
    assert "head office" in refused["problem"]["message"]
    assert refused["yours"]["value"]["number"] == "8"
    assert refused["current"] == {"provenance": "LOCKED", "carriedFromId": source}
    seen = await read(house, site, draft)
    told = {one["question"]: one for one in seen["pushedAnswers"]["answers"]}
    assert (told["headcount"]["mode"], told["headcount"]["note"]) == ("LOCKED", "Payroll.")
    assert (told["headcount"]["pushedBy"], told["headcount"]["provenance"]) == ({"name": "Somebody"}, "LOCKED")
    assert (told["fees_repaid"]["mode"], told["fees_repaid"]["provenance"]) == ("SUGGESTED", "ANSWERED")
    (conflict,) = seen["conflicts"]["conflicts"]
    assert (conflict["question"], conflict["source"]) == ("fees_repaid", "HEAD_OFFICE")
    assert conflict["written"]["value"]["choice"] == "yes"
    assert conflict["standing"]["content"]["value"]["choice"] == "no"
    pushed = next(one for one in seen["answerHistory"] if one["source"] == "HEAD_OFFICE")
    assert (pushed["note"], pushed["by"], pushed["was"]["content"]["value"]["number"]) == (
        "Payroll.",
        {"name": "Somebody"},
        "7",
    )
    # A filled form leaves what is locked, even where it is to overwrite; the supplier's own file has the act.
    table = (await desk.fetch("csv")).content.decode("utf-8-sig")
    filled = re.sub(r"(,headcount,.*?),12,", r"\1,9,", table)
    assert filled != table
    handed = await desk.hand_in(filled.encode(), apply=await desk.count(), overwrite="true")
    assert [(one["question"], one["is_locked"], one["status"]) for one in handed["changes"]] == [
        ("headcount", True, None)
    ]
    team = "query ($id: ID!) { assessment(id: $id) { exportPath(format: TEAM) } }"
    path = (await house.ask(team, site.token, id=draft))["data"]["assessment"]["exportPath"]
    async with house.client() as client:
        acts = (await client.get(path, headers=desk.headers)).json()["pushes"]
    assert [(one["mode"], one["note"]) for one in acts] == [("locked", "Payroll."), ("suggested", None)]

    later = await start(house, site, siteId=dyehouse)
    assert (await read(house, site, later))["progress"]["unconfirmedCount"] == 0

    # The office: all sites, page by page, and what has changed since.
    await do(house, SAVE, office, assessmentId=source, answers=[write("headcount", 1, number="13")])
    listed: list[Any] = []
    after = None
    while True:
        page = (await read(house, office, source, first=2, after=after))["pushedAnswers"]
        listed, after = listed + page["answers"], page["endCursor"]
        if not page["hasMore"]:
            break
    assert [(one["question"], one["isOutdated"]) for one in listed] == [
        ("fees_repaid", False),
        ("headcount", True),
        ("headcount", True),
    ]
    released = await do(house, RELEASE, office, assessmentId=source, questions=["headcount"], note="Your own.")
    assert {one["siteId"]: [row["status"] for row in one["results"]] for one in released["sites"]} == {
        mill: ["SAVED"],
        dyehouse: ["SAVED"],
    }
    seen = await read(house, site, later)
    assert (seen["progress"]["unconfirmedCount"], seen["pushedAnswers"]["answers"]) == (1, [])
    (unseen,) = [one for one in seen["problems"] if one["code"] == "NOT_CONFIRMED"]
    assert unseen["question"] == "headcount"
    assert "taken over from elsewhere, or suggested by your head office" in unseen["message"]

    # Somebody else, and what cannot be.
    other = await house.sign_up("supplier")
    stranger = await do(house, PUSH, other, **given)
    assert (stranger["__typename"], stranger["code"]) == ("NotFound", "NOT_FOUND")
    foreign = await add_sites(house, other, "Elsewhere")
    for changed, code in (
        ({"siteIds": foreign}, "NOT_FOUND"),
        ({"siteIds": ["nowhere"]}, "BAD_ID"),
        ({"assessmentId": draft}, "SUBJECT"),
        ({"questions": []}, "EMPTY"),
        ({"questions": ["headcount"] * 201}, "TOO_MANY"),
        ({"note": "n" * 1_001}, "LENGTH"),
        ({"idempotencyKey": "the same act"}, "IDEMPOTENCY_KEY_REUSED"),
    ):
        answer = await do(house, PUSH, office, **given | {"mode": "SUGGESTED", "idempotencyKey": None} | changed)
        assert answer.get("code") == code, (changed, answer)
