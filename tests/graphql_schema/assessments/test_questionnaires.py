"""Published questionnaires in the API, and their documents by content hash."""

import orjson

from questionnaires import canonical, catalogue
from tests.graphql_schema.portals import Portal

OUTLINE = (
    "query ($key: String!) { questionnaireVersion(questionnaire: $key) { questionnaire version contentHash title locale"
    " isCurrent documentPath tiers { key questionCount minutes } pillars { key } sections(tier: MICRO) { key questions"
    " { key type tier kind title why help required options { key title } evidence { accept requiredWhen { match } }"
    " mapsTo { standard ref relation } limitUpTo10 limitUpTo1000 minutes enableWhen { match"
    " clauses { question op values } } indicator { name } probe { ask look } questions { key } } } } }"
)


async def test_anybody_reads_what_is_published(house: Portal) -> None:
    listed = (await house.ask("{ questionnaires { key current { version } versions { version } } }"))["data"]
    shipped_keys = {packaged.definition.key for packaged in catalogue.list_packaged()}
    current = {one["key"]: one["current"]["version"] for one in listed["questionnaires"]}
    assert list(current) == sorted({"sample", *shipped_keys})
    found = (await house.ask(OUTLINE, key="responsible-sourcing"))["data"]["questionnaireVersion"]
    shipped = [one.definition for one in catalogue.list_packaged() if one.definition.key == "responsible-sourcing"]
    definition = shipped[-1]
    assert current["responsible-sourcing"] == definition.version
    versions = {one["key"]: {each["version"] for each in one["versions"]} for one in listed["questionnaires"]}
    assert versions["responsible-sourcing"] == {one.version for one in shipped}
    micro = [question.key for question in definition.questions.values() if question.tier == "micro"]
    shown = [question for section in found["sections"] for question in section["questions"]]
    assert [question["key"] for question in shown] == micro
    assert all(question["why"] for question in shown)
    assert any(question["mapsTo"] for question in shown)
    assert all(question["options"] for question in shown if question["type"] == "CHOICE")
    assert found["tiers"][0]["questionCount"] == len(micro) <= 15
    by_hash = "query ($hash: String!) { questionnaireVersion(contentHash: $hash) { title version } }"
    again = (await house.ask(by_hash, hash=found["contentHash"]))["data"]["questionnaireVersion"]
    assert again == {"title": found["title"], "version": definition.version}
    assert (await house.ask(by_hash, hash="0" * 64))["data"]["questionnaireVersion"] is None


async def test_groups_and_conditions_are_shown(house: Portal) -> None:
    query = (
        '{ questionnaireVersion(questionnaire: "sample") { sections { questions { key minRows maxRows questions'
        " { key } enableWhen { match clauses { question op values } } max } } } }"
    )
    sections = (await house.ask(query))["data"]["questionnaireVersion"]["sections"]
    questions = {one["key"]: one for section in sections for one in section["questions"]}
    assert [one["key"] for one in questions["sites"]["questions"]] == ["site_people", "site_dorm"]
    assert (questions["sites"]["minRows"], questions["sites"]["maxRows"]) == (0, 5)
    assert questions["fees_repaid"]["enableWhen"] == {
        "match": "ALL",
        "clauses": [{"question": "headcount", "op": "gte", "values": ["2"]}],
    }
    assert questions["headcount"]["max"] == "9000"


async def test_a_document_is_cached_for_ever(house: Portal) -> None:
    query = '{ questionnaireVersion(questionnaire: "sample") { contentHash documentPath document } }'
    found = (await house.ask(query))["data"]["questionnaireVersion"]
    async with house.client() as client:
        answer = await client.get(found["documentPath"])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"] == "application/json"
        assert canonical.hash_document(orjson.loads(answer.content)) == found["contentHash"]
        assert orjson.loads(answer.content) == found["document"]
        for tag in (answer.headers["etag"], f'"{found["contentHash"]}"', '"other", ' + answer.headers["etag"], "*"):
            again = await client.get(found["documentPath"], headers={"if-none-match": tag})
            assert (again.status_code, again.content) == (304, b"")
        assert (await client.head(found["documentPath"])).status_code == 200
        for wrong in ("0" * 64, "A" * 64, "x", "..%2f..%2fsecret", "%00"):
            missing = await client.get(f"/questionnaires/{wrong}.json")
            assert missing.status_code == 404
            assert "immutable" not in missing.headers.get("cache-control", "")
        assert (await client.post(found["documentPath"])).status_code == 405


DIFFERENCE = (
    "query ($key: String!, $old: String!, $new: String!) {"
    " questionnaireDifference(questionnaire: $key, oldVersion: $old, newVersion: $new) {"
    " questionnaire oldVersion newVersion leastStep leastVersion"
    " changes { code step path question sentence old new } } }"
)


async def test_what_changed_between_two_versions(house: Portal) -> None:
    key = "responsible-sourcing"
    found = (await house.ask(DIFFERENCE, key=key, old="1.0.0", new="1.1.0"))["data"]["questionnaireDifference"]
    assert (found["leastStep"], found["leastVersion"]) == ("MINOR", "1.1.0")
    added = {one["question"] for one in found["changes"] if one["code"] == "question_added"}
    new, old = (catalogue.read_packaged(key, version).definition.questions for version in ("1.1.0", "1.0.0"))
    assert added == set(new) - set(old)
    assert all(one["sentence"] and one["path"] for one in found["changes"])
    assert not [one for one in found["changes"] if one["step"] == "MAJOR"]
    missing = await house.ask(DIFFERENCE, key=key, old="1.0.0", new="9.0.0")
    assert missing["errors"][0]["extensions"]["code"] == "NOT_FOUND"
