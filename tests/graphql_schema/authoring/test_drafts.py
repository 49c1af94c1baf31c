"""Names of publishers, and drafts: kept with all their findings, replaced, published once."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.graphql_schema.assessments.documents import do
from tests.graphql_schema.authoring import documents
from tests.graphql_schema.authoring.documents import (
    ADD_PROFILE,
    CHANGES,
    CLAIM,
    DISCARD,
    DRAFTS,
    IMPORT,
    PUBLISH,
    SOURCE,
    TRY,
    claim,
    draft,
    publish,
    write_profile,
    write_questionnaire,
)  # fmt: skip
from tests.graphql_schema.portals import Portal


async def test_a_name_is_claimed_once_and_by_one(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("partner")
    early = await draft(house, buyer, write_questionnaire("mills"))
    assert early["code"] == "NO_PUBLISHER_NAME"
    for wrong in ("portal", "a", "Mills", "a--b", "-a", "a-", "x" * 31, "ä"):
        refused = await do(house, CLAIM, buyer, name=wrong)
        assert (refused["code"], "reserved" in refused["message"]) == ("NAME", wrong == "portal")
    for _ in range(2):
        assert (await do(house, CLAIM, buyer, name="north-mills"))["name"] == "north-mills"
    assert (await do(house, CLAIM, buyer, name="south-mills"))["code"] == "ALREADY_CLAIMED"
    assert (await do(house, CLAIM, other, name="north-mills"))["code"] == "NAME_TAKEN"
    assert (await house.ask(DRAFTS, buyer.token))["data"]["publisherName"] == "north-mills"


@pytest.mark.parametrize(("role", "member"), [("supplier", "owner"), ("reviewer", "owner"), ("buyer", "viewer")])
async def test_who_writes_no_questionnaires(house: Portal, role: str, member: str) -> None:
    caller = await house.sign_up(role, member=member)
    assert (await do(house, CLAIM, caller, name="somebody"))["code"] == "NOT_ALLOWED"
    assert (await draft(house, caller, "x"))["code"] == "NOT_ALLOWED"
    refused = await house.ask(DRAFTS, caller.token)
    assert {error["extensions"]["code"] for error in refused["errors"]} == {"NOT_ALLOWED"}


async def test_a_faulty_draft_is_kept_with_every_finding(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = write_questionnaire(name).replace("type: date", "type: day").replace("why: Room., ", "")
    text = text.replace("title: Locked?", "title: See http://elsewhere.example/")
    text = text.replace(f"by_{name}.headcount", "workforce.headcount")
    made = (await draft(house, buyer, text, write_profile(name).replace("weight: 3", "weight: -3")))["draft"]
    assert not made["isSound"]
    found = {(one["part"], one["question"]): one for one in made["findings"] if one["severity"] == "ERROR"}
    expected = {("QUESTIONNAIRE", key) for key in ("founded", "remark", "exits_locked", "headcount")} | {
        ("PROFILE", "fees_repaid")
    }
    assert expected <= set(found)
    day = found["QUESTIONNAIRE", "founded"]
    assert day["path"][:4] == ["sections", "0", "questions", "1"]
    assert text.splitlines()[day["line"] - 1].strip().startswith("- {key: founded")
    assert "allowed" in day["message"]
    assert "is not yours" in found["QUESTIONNAIRE", "headcount"]["message"]
    refused = await do(house, PUBLISH, buyer, questionnaire=f"{name}--code", revision=1)
    wrong = [one["message"] for one in made["findings"] if one["severity"] == "ERROR"]
    more = f" {len(wrong) - 3} more stand in its findings." if len(wrong) > 3 else ""
    told = "This draft has errors: see its findings, and import it again."
    assert (refused["code"], refused["message"]) == ("FAULTY", f"{told} {'. '.join(wrong[:3])}.{more}")
    (kept,) = (await house.ask(DRAFTS, buyer.token))["data"]["questionnaireDrafts"]
    assert kept["findings"] == made["findings"]
    source = (await house.ask(SOURCE, buyer.token, key=f"{name}--code"))["data"]["questionnaireDraftSource"]
    assert (source["text"], source["revision"], source["profileFormat"]) == (text, 1, "YAML")
    other = await house.sign_up("buyer")
    hidden = await house.ask(SOURCE, other.token, key=f"{name}--code")
    assert hidden["data"]["questionnaireDraftSource"] is None
    assert (await house.ask(CHANGES, buyer.token))["data"]["questionnaireDrafts"][0]["change"] is None


async def test_a_draft_is_replaced_until_it_is_published(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text, profile = write_questionnaire(name), write_profile(name)
    assert (await draft(house, buyer, text, profile, base=1))["code"] == "DRAFT_CHANGED"  # there is none yet
    for _ in range(2):  # the same again changes nothing
        assert (await draft(house, buyer, text, profile))["draft"]["revision"] == 1
    changed = text.replace("title: Sample", "title: Another")
    assert (await draft(house, buyer, changed, profile))["code"] == "DRAFT_CHANGED"
    made = (await draft(house, buyer, changed, profile, base=1))["draft"]
    assert (made["revision"], made["title"], made["isSound"]) == (2, "Another", True)
    key = made["questionnaire"]
    assert (await do(house, PUBLISH, buyer, questionnaire=key, revision=1))["code"] == "DRAFT_CHANGED"
    assert await documents.see(house, key, buyer) is None
    for _ in range(2):
        done = await do(house, PUBLISH, buyer, questionnaire=key, revision=2, idempotencyKey=f"publish-{name}")
        assert done["version"] == "1.0.0"
        assert done["questionnaire"]["versions"][0]["profileNumbers"] == [1]
    seen = await documents.see(house, key, buyer)
    assert seen is not None
    assert (seen["title"], seen["publisher"], seen["visibility"]) == ("Another", name, "PRIVATE")
    assert (await house.ask(DRAFTS, buyer.token))["data"]["questionnaireDrafts"] == []
    assert (await draft(house, buyer, text, profile))["code"] == "ALREADY_PUBLISHED"


async def test_a_change_of_the_profile_alone_is_kept(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text, profile = write_questionnaire(name), write_profile(name)
    await draft(house, buyer, text, profile)
    shorter = profile.replace("validity_days: 365", "validity_days: 100")
    assert (await draft(house, buyer, text, shorter, base=1))["draft"]["revision"] == 2
    source = (await house.ask(SOURCE, buyer.token, key=f"{name}--code"))["data"]["questionnaireDraftSource"]
    assert source["profileText"] == shorter


async def test_no_link_stands_in_a_profile(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    linked = write_profile(name, number=2).replace("People die.", "See www.elsewhere.example")
    made = (await draft(house, buyer, write_questionnaire(name), linked))["draft"]
    errors = [(one["part"], one["path"]) for one in made["findings"] if one["severity"] == "ERROR"]
    assert errors == [("PROFILE", ["critical", "0", "explanation"])]
    sound = (await draft(house, buyer, write_questionnaire(name), write_profile(name), base=1))["draft"]
    key = sound["questionnaire"]
    await do(house, PUBLISH, buyer, questionnaire=key, revision=sound["revision"])
    given = {"questionnaire": key, "version": "1.0.0", "format": "YAML"}
    refused = await do(house, ADD_PROFILE, buyer, **given, text=linked)
    assert [(one["code"], one["message"][:6]) for one in refused["problems"]] == [("FAULTY", "a link")], refused


async def test_a_draft_can_be_thrown_away(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    await draft(house, buyer, write_questionnaire(name))
    assert (await do(house, DISCARD, buyer, questionnaire=f"{name}--code"))["questionnaire"] == f"{name}--code"
    assert (await do(house, DISCARD, buyer, questionnaire=f"{name}--code"))["code"] == "NOT_FOUND"


async def test_what_is_measured_needs_a_profile_and_facts_need_none(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    made = (await draft(house, buyer, write_questionnaire(name)))["draft"]
    assert [one["part"] for one in made["findings"] if one["severity"] == "ERROR"] == ["PROFILE"]
    text = write_questionnaire(name, "facts")
    start, end = text.index("  - key: labour\n    title: Pay"), text.index("checks:")
    facts = (await draft(house, buyer, text[:start] + text[end:]))["draft"]
    assert facts["isSound"], facts["findings"]
    readme = Path("README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```graphql\n(mutation Write\(.*?)```", readme, re.DOTALL)
    # The README's own words, which name no format where there is no profile.
    again = await house.ask(snippet, buyer.token, text=text[:start] + text[end:])
    assert again["data"]["importQuestionnaire"]["draft"]["isSound"], again
    done = await do(house, PUBLISH, buyer, questionnaire=f"{name}--facts", revision=1)
    assert done["questionnaire"]["versions"][0]["profileNumbers"] == [1]


async def test_a_kind_that_cannot_be_read_is_told_once(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = write_questionnaire(name)
    for was in (
        "key: remark, type: text, tier: micro, kind: fact",
        "key: drills, type: integer, tier: standard, kind: measure",
    ):
        assert was in text
        wrong = text.replace(was, was.rsplit(" ", 1)[0] + " fct")
        made = (await draft(house, buyer, wrong, write_profile(name)))["draft"]
        errors = [one for one in made["findings"] if one["severity"] == "ERROR"]
        assert [(one["part"], one["path"][-1]) for one in errors] == [("QUESTIONNAIRE", "kind")], errors
        await do(house, DISCARD, buyer, questionnaire=made["questionnaire"])


async def test_a_later_profile_has_a_higher_number(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    key = await publish(house, buyer, name)
    given = {"questionnaire": key, "version": "1.0.0", "format": "YAML"}
    third = write_profile(name, number=3)
    added = await do(house, ADD_PROFILE, buyer, **given, text=third)
    assert (added["number"], added["questionnaire"]["versions"][0]["profileNumbers"]) == (3, [1, 3])
    assert (await do(house, ADD_PROFILE, buyer, **given, text=third))["number"] == 3
    changed = third.replace("validity_days: 365", "validity_days: 30")
    assert (await do(house, ADD_PROFILE, buyer, **given, text=changed))["code"] == "ALREADY_PUBLISHED"
    lower = write_profile(name, number=2)
    assert (await do(house, ADD_PROFILE, buyer, **given, text=lower))["code"] == "NUMBER_TOO_LOW"
    faulty = await do(house, ADD_PROFILE, buyer, **given, text=third.replace("weight: 3", "weight: -3"))
    assert faulty["code"] == "FAULTY"
    assert faulty["problems"][0]["path"][:4] == ["input", "text", "questions", "fees_repaid"]
    other = await house.sign_up("buyer")
    assert (await do(house, ADD_PROFILE, other, **given, text=third))["code"] == "NOT_FOUND"


async def test_the_same_profile_at_the_same_time_is_published_once(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    publisher = await claim(house, buyer)
    key = await publish(house, buyer, publisher)
    given = {"questionnaire": key, "version": "1.0.0", "format": "YAML", "text": write_profile(publisher, number=2)}
    done = await asyncio.gather(*(do(house, ADD_PROFILE, buyer, **given) for _ in range(6)))
    assert {one["__typename"]: one["number"] for one in done} == {"ScoringProfileAdded": 2}


async def test_a_version_follows_those_before_it(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    key = await publish(house, buyer, name)
    extra = "max_length: 200}\n      - {key: extra, type: text, tier: micro, kind: fact, title: More, why: Room.}"
    for version, code in (("1.0.1", "VERSION_TOO_LOW"), ("1.1.0", None)):
        text = write_questionnaire(name, version=version).replace("max_length: 200}", extra)
        base = 0 if code else 1
        made = (await draft(house, buyer, text, write_profile(name, version=version), base))["draft"]
        errors = [one for one in made["findings"] if one["severity"] == "ERROR"]
        assert made["isSound"] == (code is None) == (errors == []), made
        if code:
            assert [(one["part"], one["path"]) for one in errors] == [("QUESTIONNAIRE", ["questionnaire", "version"])]
            assert errors[0]["message"].endswith("changes 1.0.0 by a minor step, so it must be 1.1.0 or higher.")
            tried = await house.ask(TRY, buyer.token, input={"tier": "MICRO", "draft": key, "answers": []})
            assert tried["data"]["questionnaireTrial"]["outcome"] is not None
        (listed,) = (await house.ask(CHANGES, buyer.token))["data"]["questionnaireDrafts"]
        assert listed["change"] == {
            "oldVersion": "1.0.0",
            "newVersion": version,
            "leastStep": "MINOR",
            "leastVersion": "1.1.0",
            "changes": [{"code": "question_added"}],
        }
        done = await do(house, PUBLISH, buyer, questionnaire=key, revision=made["revision"])
        assert done.get("code") == code
        if code:
            assert [one["code"] for one in done["problems"]] == ["QUESTION_ADDED"]
    assert done["questionnaire"]["currentVersion"] == "1.1.0"


async def test_keys_in_a_problem_stay_as_they_were_written(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = write_questionnaire(name).replace("- key: safety\n", "- key: our_code\n")
    made = (await draft(house, buyer, text, write_profile(name)))["draft"]
    assert made["isSound"], made
    await do(house, PUBLISH, buyer, questionnaire=made["questionnaire"], revision=1)
    changed = text.replace("version: 1.0.0", "version: 1.0.1").replace(
        "key: exits_locked,", "key: exits_locked, meaning: 2,"
    )
    made = (await draft(house, buyer, changed, write_profile(name, version="1.0.1")))["draft"]
    done = await do(house, PUBLISH, buyer, questionnaire=made["questionnaire"], revision=1)
    (problem,) = done["problems"]
    assert problem["path"] == ["input", "questionnaire"]  # the text is not in the input
    assert problem["message"].startswith("sections.our_code.questions.exits_locked.meaning: ")


async def test_keys_belong_to_their_publisher(house: Portal) -> None:
    buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
    name, theirs = await claim(house, buyer), await claim(house, other)
    await publish(house, buyer, name)
    await publish(house, other, theirs)  # both may call it "code"
    for key in (f"{name}--code", f"{name}--free", "responsible-sourcing", "sample", f"{theirs}-code", f"{theirs}"):
        text = write_questionnaire(theirs).replace(f"key: {theirs}--code", f"key: {key}")
        refused = await draft(house, other, text, write_profile(theirs))
        assert refused["code"] == "UNREADABLE", key
        assert refused["message"].startswith(f'The key has to begin with "{theirs}--", which is your own name')
    pretended = write_questionnaire(theirs, "other").replace(f"publisher: {theirs}", f"publisher: {name}")
    made = (await draft(house, other, pretended, write_profile(theirs, "other")))["draft"]
    assert [one["path"] for one in made["findings"] if one["severity"] == "ERROR"] == [["questionnaire", "publisher"]]


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("YAML", "a: &x [1]\nb: *x", "anchor"),
        ("YAML", "{" * 100, "nested"),
        ("JSON", "[" * 100_000, "nested"),
        ("JSON", '{"a": 1, "a": 2}', "twice"),
        ("JSON", '{"a": NaN}', "NaN"),
        ("JSON", '{"a": ' + "9" * 5_000 + "}", "digits"),
        ("JSON", '{"questionnaire": {"key": "\\u0000", "version": "\\ud800", "title": "\\u0000"}}', "allowed"),
        ("JSON", '{"\\u0000": "\\ud800"}', "unknown key"),
        ("YAML", "", "missing"),
        ("JSON", "", "not JSON"),
        ("YAML", "--- !!python/object:os.system x", "tag"),
    ],
)
async def test_hostile_texts_are_refused_by_what_they_are(house: Portal, form: str, text: str, said: str) -> None:
    buyer = await house.sign_up("buyer")
    await claim(house, buyer)
    refused = await do(house, IMPORT, buyer, format=form, text=text)
    assert refused["code"] == "UNREADABLE"
    assert any(said in one["message"] for one in refused["problems"]), refused["problems"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("  title: Code: ours", "not YAML in line 4: mapping values are not allowed here"),
        ("\ttitle: Code", "not YAML in line 4: found character '\\t' that cannot start any token"),
        ("  title: [Code", "not YAML in line 5: expected ',' or ']', but got ':'"),
    ],
    ids=["colon", "tab", "bracket"],
)
async def test_what_is_no_yaml_is_told_by_its_line(house: Portal, wrong: str, said: str) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = f"questionnaire:\n  key: {name}--code\n  version: 1.0.0\n{wrong}\nsections: []\n"
    refused = await draft(house, buyer, text, write_profile(name))
    assert refused["code"] == "UNREADABLE"
    assert refused["message"].startswith(f"This text cannot be read: {said}")
    (problem,) = refused["problems"]
    assert (problem["path"], problem["code"]) == (["input", "text"], "FAULTY")
    assert problem["message"].startswith(said)
    whole = write_questionnaire(name)
    kept = (await draft(house, buyer, whole, f"profile:\n  number: 1\n  version: 1.0.0\n{wrong}\nbands: []\n"))["draft"]
    (finding,) = [one for one in kept["findings"] if one["severity"] == "ERROR"]
    assert (finding["part"], finding["path"]) == ("PROFILE", [])
    assert finding["message"].startswith(said)
    assert f"in line {finding['line']}:" in said


async def test_a_text_that_is_too_long_is_not_read(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    await claim(house, buyer)
    refused = await do(house, IMPORT, buyer, format="YAML", text="#" * 500_001)
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [("TOO_LONG", ["input", "text"])]
    alone = await do(house, IMPORT, buyer, format="YAML", text="x", profileText="x")
    assert [one["path"] for one in alone["problems"]] == [["input", "profileText"]]


async def test_names_with_what_no_database_holds_are_kept_readable(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = (
        f'{{"questionnaire": {{"key": "{name}--odd", "version": "1.0.0", "title": "a\\u0000b\\ud800", "\\u0000": 1}},'
        ' "sections": [{"key": "s", "questions": [{"key": "\\u0000\\ud800"}]}]}'
    )
    made = (await do(house, IMPORT, buyer, format="JSON", text=text))["draft"]
    assert made["title"] == "a\\x00b\\ud800"
    assert not made["isSound"]


def write_many(name: str, count: int) -> str:
    """A questionnaire of so many facts."""
    questions = ",".join(
        f'{{"key":"q{one}","type":"text","tier":"micro","kind":"fact","title":"t{one}"}}' for one in range(count)
    )
    return (
        f'{{"questionnaire":{{"key":"{name}--many-{count}","version":"1.0.0"}},'
        f'"sections":[{{"key":"s","title":"t","questions":[{questions}]}}]}}'
    )


async def test_a_text_that_would_take_long_is_refused_soon(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    for given, said in (
        ({"format": "JSON", "text": write_many(name, 9_000)}, "9000 entries"),  # as long as a request's body may be
        ({"format": "JSON", "text": write_many(name, 1_500)}, "1500 questions"),
        ({"format": "YAML", "text": f"a: [{'1,' * 240_000}1]"}, "more than 60000 keys and values"),
    ):
        result = await do(house, IMPORT, buyer, **given)
        found = result["problems"] if "problems" in result else result["draft"]["findings"]
        told = [one["message"] for one in found]
        assert any(said in one for one in told), told
