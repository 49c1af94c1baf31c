"""Who sees an organization's questionnaire, and what the operator says to showing it to everybody."""

import asyncio
from typing import Any

import orjson
import pytest

from portal.identity import attempts
from questionnaires import canonical
from tests.graphql_schema.assessments.documents import CREATE, START, add_record, do, make_ask
from tests.graphql_schema.authoring.documents import (
    ADD_PROFILE,
    DECIDE,
    HAND_IN,
    OWNED,
    PUBLISH,
    SHOW,
    WAITING,
    claim,
    decide,
    draft,
    publish,
    see,
    write_profile,
    write_questionnaire,
)  # fmt: skip
from tests.graphql_schema.portals import Caller, Portal

LISTED = "{ questionnaires { key versions { version } } }"
BY_HASH = "query ($hash: String!) { questionnaireVersion(contentHash: $hash) { version document } }"
DIFFERENCE = (
    'query ($key: String!) { questionnaireDifference(questionnaire: $key, oldVersion: "1.0.0", newVersion: "1.0.0")'
    " { leastStep } }"
)


async def list_keys(house: Portal, caller: Caller | None) -> set[str]:
    found = await house.ask(LISTED, caller.token if caller else None)
    return {one["key"] for one in found["data"]["questionnaires"]}


async def ask(house: Portal, buyer: Caller, supplier: Caller, key: str, **more: object) -> dict[str, object]:
    record = await add_record(house, buyer, supplier)
    return await do(house, CREATE, buyer, **make_ask(record, questionnaire=key, **more))


async def is_hidden(house: Portal, caller: Caller | None, key: str, content_hash: str) -> None:
    """Exactly as one that does not exist, by every way there is."""
    token = caller.token if caller else None
    assert await see(house, key, caller) is None
    assert key not in await list_keys(house, caller)
    assert (await house.ask(BY_HASH, token, hash=content_hash))["data"]["questionnaireVersion"] is None
    answers = [await house.ask(DIFFERENCE, token, key=one) for one in (key, "no--such")]
    assert answers[0]["errors"][0]["message"].replace(key, "") == answers[1]["errors"][0]["message"].replace(
        "no--such", ""
    )
    async with house.client() as client:
        sent = {"authorization": f"Bearer {token}"} if token else {}
        for ending in ("json", "pdf", "fhir.json", "xlsform.xlsx"):
            answer = await client.get(f"/questionnaires/{content_hash}.{ending}", headers=sent)
            assert answer.status_code == 404, ending


async def test_a_private_one_is_for_its_owner_and_whom_it_asks(house: Portal) -> None:
    buyer, rival, operator = await house.sign_up("buyer"), await house.sign_up("buyer"), None
    operator = await house.sign_up("supplier", operator=True)
    asked, linked, stranger = [await house.sign_up("supplier") for _ in range(3)]
    key = await publish(house, buyer, await claim(house, buyer))
    await add_record(house, buyer, linked)
    seen = await see(house, key, buyer)
    assert seen is not None
    for caller in (rival, asked, linked, stranger, operator, None):
        await is_hidden(house, caller, key, seen["contentHash"])
    # Nobody reaches it by asking for it or by starting on it.
    other_record = await add_record(house, rival, stranger)
    for name in (key, "no--such"):
        refused = await do(house, CREATE, rival, **make_ask(other_record, questionnaire=name))
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "questionnaire"])
        given = {"questionnaire": name, "tier": "MICRO", "periodStart": "2026-01-01", "periodEnd": "2026-12-31"}
        assert (await do(house, START, linked, **given))["code"] == "NOT_FOUND"
    assert (await ask(house, buyer, asked, key))["createdCount"] == 1
    assert await see(house, key, asked) == seen
    for caller in (rival, linked, stranger, None):
        await is_hidden(house, caller, key, seen["contentHash"])
    async with house.client() as client:
        answer = await client.get(seen["documentPath"], headers={"authorization": f"Bearer {asked.token}"})
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert canonical.hash_document(orjson.loads(answer.content)) == seen["contentHash"]
        assert (await client.get(seen["documentPath"])).status_code == 404
        for caller in (buyer, asked):
            path = f"/questionnaires/{seen['contentHash']}.fhir.json"
            answer = await client.get(path, headers={"authorization": f"Bearer {caller.token}"})
            assert answer.headers["cache-control"] == "private, max-age=3600"
            assert answer.json()["title"] == "Sample"
        await is_hidden(house, None, key, seen["contentHash"])  # also now that it was made for somebody


async def test_a_connected_one_is_for_linked_suppliers_too(house: Portal) -> None:
    buyer, linked, stranger = (
        await house.sign_up("buyer"),
        await house.sign_up("supplier"),
        await house.sign_up("buyer"),
    )
    key = await publish(house, buyer, await claim(house, buyer))
    await add_record(house, buyer, linked)
    shown = await do(house, SHOW, buyer, questionnaire=key, visibility="CONNECTED")
    assert shown["questionnaire"]["visibility"] == "CONNECTED"
    seen = await see(house, key, linked)
    assert seen is not None
    assert seen["visibility"] == "CONNECTED"
    await is_hidden(house, stranger, key, seen["contentHash"])
    given = {"questionnaire": key, "tier": "MICRO", "periodStart": "2026-01-01", "periodEnd": "2026-12-31"}
    assert (await do(house, START, linked, **given))["__typename"] == "AssessmentStarted"
    # It goes on seeing what it answers.
    await do(house, SHOW, buyer, questionnaire=key, visibility="PRIVATE")
    assert await see(house, key, linked) is not None
    other = await house.sign_up("supplier")
    await add_record(house, buyer, other)
    await is_hidden(house, other, key, seen["contentHash"])


async def test_nobody_is_linked_with_a_partner(house: Portal) -> None:
    body = await house.sign_up("partner")
    key = await publish(house, body, await claim(house, body))
    refused = await do(house, SHOW, body, questionnaire=key, visibility="CONNECTED")
    assert (refused["code"], refused["path"]) == ("NOT_A_BUYER", ["input", "visibility"])
    seen = await see(house, key, body)
    assert seen is not None
    assert seen["visibility"] == "PRIVATE"


async def test_a_version_is_found_by_its_number(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    key = await publish(house, buyer, name)
    text = write_questionnaire(name, version="1.0.1").replace("title: Sample", "title: Reworded")
    made = (await draft(house, buyer, text, write_profile(name, version="1.0.1")))["draft"]
    await do(house, PUBLISH, buyer, questionnaire=key, revision=made["revision"])
    query = (
        "query ($key: String, $version: String) { questionnaireVersion(questionnaire: $key, version: $version)"
        " { version title } }"
    )
    for version, title in (("1.0.0", "Sample"), ("1.0.1", "Reworded"), (None, "Reworded")):
        found = await house.ask(query, buyer.token, key=key, version=version)
        assert found["data"]["questionnaireVersion"] == {"version": version or "1.0.1", "title": title}
    assert (await house.ask(query, buyer.token, key=key, version="9.9.9"))["data"]["questionnaireVersion"] is None
    assert (await house.ask(query, key=key, version="1.0.0"))["data"]["questionnaireVersion"] is None
    alone = await house.ask(query, buyer.token, version="1.0.0")
    assert alone["errors"][0]["extensions"]["code"] == "ONE_OF"


async def test_only_its_owner_shows_it(house: Portal) -> None:
    buyer, rival = await house.sign_up("buyer"), await house.sign_up("buyer")
    key = await publish(house, buyer, await claim(house, buyer))
    for caller, named in ((rival, key), (buyer, "responsible-sourcing"), (buyer, "no--such")):
        assert (await do(house, SHOW, caller, questionnaire=named, visibility="CONNECTED"))["code"] == "NOT_FOUND"


async def test_the_operator_decides_what_everybody_sees(house: Portal) -> None:
    body, stranger = await house.sign_up("partner"), await house.sign_up("buyer")
    operator = await house.sign_up("supplier", operator=True)
    name = await claim(house, body)
    key = await publish(house, body, name)
    asked = await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    assert asked["questionnaire"]["visibility"] == "PRIVATE"
    assert asked["questionnaire"]["versions"][0]["approval"] == "ASKED"
    assert await see(house, key, stranger) is None
    waiting = (await house.ask(WAITING, operator.token))["data"]["questionnaireApprovals"]
    (own,) = [one for one in waiting if one["questionnaire"] == key]
    assert own["sections"][0]["questions"][0]["title"] == "People"
    texts = {one["path"]: one["text"] for one in own["texts"]}
    assert (texts["option_sets.yes_partly_no.partly.title"], texts["checks.sites_fit.title"]) == ("Partly", "Fits.")
    assert texts["profile.critical.locked.explanation"] == "People die."
    for caller in (body, stranger):
        assert (await house.ask(WAITING, caller.token))["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
        given = {"questionnaire": key, "version": "1.0.0", "decision": "APPROVE"}
        assert (await decide(house, caller, **given))["code"] == "NOT_ALLOWED"
    missing = await decide(house, operator, questionnaire=key, version="1.0.0", decision="REFUSE")
    assert [one["code"] for one in missing["problems"]] == ["REQUIRED"]
    refusal = {"decision": "REFUSE", "reason": "Two questions ask the same"}
    assert (await decide(house, operator, questionnaire=key, version="1.0.0", **refusal))["version"] == "1.0.0"
    (kept,) = (await house.ask(OWNED, body.token))["data"]["ownQuestionnaires"]
    assert (kept["versions"][0]["approval"], kept["versions"][0]["approvalReason"]) == ("REFUSED", refusal["reason"])
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    done = await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    assert done["__typename"] == "QuestionnaireDecided"
    again = await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    assert again["code"] == "NOT_FOUND"
    for caller in (stranger, None):
        seen = await see(house, key, caller)
        assert seen is not None
        assert seen["visibility"] == "PUBLIC"
    supplier = await house.sign_up("supplier")
    assert (await ask(house, stranger, supplier, key))["createdCount"] == 1
    for visibility, code in (("PRIVATE", "PUBLIC"), ("PUBLIC", "NOTHING_TO_APPROVE")):
        assert (await do(house, SHOW, body, questionnaire=key, visibility=visibility))["code"] == code


async def test_a_further_version_of_a_public_one_waits_for_the_operator(house: Portal) -> None:
    body, stranger = await house.sign_up("partner"), await house.sign_up("buyer")
    operator = await house.sign_up("supplier", operator=True)
    name = await claim(house, body)
    key = await publish(house, body, name)
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    asked = await house.sign_up("supplier")
    assert (await ask(house, stranger, asked, key))["createdCount"] == 1
    text = write_questionnaire(name, version="1.0.1").replace("title: Sample", "title: Reworded")
    made = (await draft(house, body, text, write_profile(name, version="1.0.1")))["draft"]
    done = await do(house, PUBLISH, body, questionnaire=key, revision=made["revision"])
    assert done["questionnaire"]["currentVersion"] == "1.0.0"
    versions = {one["version"]: one["approval"] for one in done["questionnaire"]["versions"]}
    assert versions == {"1.0.0": "APPROVED", "1.0.1": "ASKED"}
    later = next(one for one in done["questionnaire"]["versions"] if one["version"] == "1.0.1")
    for caller in (stranger, asked):  # being asked for what is public shows nothing that waits
        found = await house.ask(BY_HASH, caller.token, hash=later["contentHash"])
        assert found["data"]["questionnaireVersion"] is None
    assert (await house.ask(BY_HASH, body.token, hash=later["contentHash"]))["data"]["questionnaireVersion"]
    await decide(house, operator, questionnaire=key, version="1.0.1", decision="APPROVE")
    seen = await see(house, key, stranger)
    assert seen is not None
    assert (seen["version"], seen["title"]) == ("1.0.1", "Reworded")


async def test_a_later_profile_of_a_public_one_says_nothing_new(house: Portal) -> None:
    body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
    name = await claim(house, body)
    key = await publish(house, body, name)
    given = {"questionnaire": key, "version": "1.0.0", "format": "YAML"}
    first = write_profile(name, number=2).replace("Locked exits", "Locked doors")
    assert (await do(house, ADD_PROFILE, body, **given, text=first))["number"] == 2  # nobody else sees it
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    later = write_profile(name, number=3)
    worded = later.replace("People die.", "Call us.").replace("title: Locked exits", "title: Locked doors")
    for _ in range(2):
        refused = await do(house, ADD_PROFILE, body, **given, text=worded)
        assert [(one["code"], one["path"]) for one in refused["problems"]] == [
            ("NOT_APPROVED", ["input", "text", "critical", "locked", "explanation"])
        ]
        await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    figures = later.replace("{labour: 60, safety: 40}", "{labour: 50, safety: 50}")
    assert (await do(house, ADD_PROFILE, body, **given, text=figures))["number"] == 3


async def test_what_the_operator_read_of_one_version_is_not_said_of_another(house: Portal) -> None:
    body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
    name = await claim(house, body)
    key = await publish(house, body, name)
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    worded = write_profile(name, version="1.0.1").replace("People die.", "Call us.")
    text = write_questionnaire(name, version="1.0.1").replace("title: Sample", "title: Reworded")
    made = (await draft(house, body, text, worded))["draft"]
    await do(house, PUBLISH, body, questionnaire=key, revision=made["revision"])
    await decide(house, operator, questionnaire=key, version="1.0.1", decision="APPROVE")
    given = {"questionnaire": key, "format": "YAML"}
    for version, code in (("1.0.0", "NOT_APPROVED"), ("1.0.1", None)):
        later = write_profile(name, version=version, number=2).replace("People die.", "Call us.")
        assert (await do(house, ADD_PROFILE, body, **given, version=version, text=later)).get("code") == code


async def test_only_what_anybody_may_have_made_is_counted_by_address(
    house: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "file_made", attempts.Limit(0, 0, 900))
    buyer = await house.sign_up("buyer")
    seen = await see(house, await publish(house, buyer, await claim(house, buyer)), buyer)
    assert seen is not None
    sample = await see(house, "sample")
    assert sample is not None
    async with house.client() as client:
        answer = await client.get(f"/questionnaires/{sample['contentHash']}.fhir.json")
        assert answer.status_code == 429
        path = f"/questionnaires/{seen['contentHash']}.fhir.json"
        answer = await client.get(path, headers={"authorization": f"Bearer {buyer.token}"})
        assert answer.status_code == 200
        tag = answer.headers["etag"]
        known = await client.get(path, headers={"authorization": f"Bearer {buyer.token}", "if-none-match": tag})
        assert (known.status_code, known.headers["cache-control"]) == (304, "private, max-age=3600")
        assert (await client.get(path, headers={"if-none-match": tag})).status_code == 404


async def list_letters(house: Portal, key: str) -> int:
    sql = "SELECT count(*) AS n FROM portal.outbox WHERE topic = 'questionnaire.asked' AND ids ->> 'questionnaire' = $1"
    (row,) = await house.fetch(sql, key)
    count: int = row["n"]
    return count


async def test_the_question_is_asked_once_and_can_be_taken_back(house: Portal) -> None:
    operator = await house.sign_up("supplier", operator=True)
    body = await house.sign_up("partner")
    key = await publish(house, body, await claim(house, body))
    await asyncio.gather(*(do(house, SHOW, body, questionnaire=key, visibility="PUBLIC") for _ in range(4)))
    assert await list_letters(house, key) == 1
    back = await do(house, SHOW, body, questionnaire=key, visibility="PRIVATE")
    (version,) = back["questionnaire"]["versions"]
    assert (back["questionnaire"]["visibility"], version["approval"]) == ("PRIVATE", None)
    gone = await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    assert gone["code"] == "NOT_FOUND"
    waiting = (await house.ask(WAITING, operator.token))["data"]["questionnaireApprovals"]
    assert key not in {one["questionnaire"] for one in waiting}
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    assert await list_letters(house, key) == 2


async def test_a_decision_is_on_what_was_read(house: Portal) -> None:
    """Between reading and deciding the owner takes the question back, changes a text, and asks again."""
    operator = await house.sign_up("supplier", operator=True)
    body = await house.sign_up("partner")
    name = await claim(house, body)
    key = await publish(house, body, name)

    async def read() -> str:
        waiting = (await house.ask(WAITING, operator.token))["data"]["questionnaireApprovals"]
        (own,) = [one["readHash"] for one in waiting if one["questionnaire"] == key]
        return str(own)

    async def approve(seen: str) -> Any:
        named = {"questionnaire": key, "version": "1.0.0", "readHash": seen}
        return await do(house, DECIDE, operator, **named, decision="APPROVE")

    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    first = await read()
    await do(house, SHOW, body, questionnaire=key, visibility="PRIVATE")
    entries = [{"path": "title", "text": "Slipped in", "by": "HUMAN"}]
    await do(house, HAND_IN, body, questionnaire=key, version="1.0.0", locale="fr", entries=entries)
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    gone = await approve(first)
    assert (gone["code"], "not as it was read" in gone["message"]) == ("NOT_FOUND", True)
    second = await read()
    profile = write_profile(name).replace("number: 1", "number: 2").replace("weight: 3", "weight: 9")
    added = await do(house, ADD_PROFILE, body, questionnaire=key, version="1.0.0", format="YAML", text=profile)
    assert added["__typename"] == "ScoringProfileAdded", added
    assert (await approve(second))["code"] == "NOT_FOUND"
    (row,) = await house.fetch("SELECT visibility FROM portal.questionnaire WHERE key = $1", key)
    assert row["visibility"] == "private"
    assert len({first, second, await read()}) == 3
    assert (await approve(await read()))["__typename"] == "QuestionnaireDecided"


async def test_taking_back_and_deciding_at_the_same_time_is_one_of_the_two(house: Portal) -> None:
    operator = await house.sign_up("supplier", operator=True)
    body = await house.sign_up("partner")
    publisher = await claim(house, body)
    for number in range(6):
        key = await publish(house, body, publisher, f"code-{number}")
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        back, decided = await asyncio.gather(
            do(house, SHOW, body, questionnaire=key, visibility="PRIVATE"),
            decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE"),
        )
        (row,) = await house.fetch("SELECT visibility FROM portal.questionnaire WHERE key = $1", key)
        if decided["__typename"] == "QuestionnaireDecided":
            assert (row["visibility"], back["code"]) == ("public", "PUBLIC")
        else:
            assert (row["visibility"], decided["code"]) == ("private", "NOT_FOUND")
            assert back["questionnaire"]["versions"][0]["approval"] is None
