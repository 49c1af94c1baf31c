"""Translations of an organization's own questionnaire: handed in, served, renewed, taken away, and to whom they go."""

import asyncio
import re
from typing import Any

import asyncpg
import orjson
import pytest

from portal.authoring import own_translations, visibility
from questionnaires import canonical, texts
from tests import people
from tests.graphql_schema.assessments.documents import (
    ACCEPT,
    CREATE,
    RECEIVED,
    add_record,
    do,
    make_ask,
)
from tests.graphql_schema.authoring.documents import (
    DECIDE_TRANSLATION,
    HAND_IN,
    OWNED,
    PUBLISH,
    REMOVE,
    SHOW,
    TRANSLATED,
    WAITING,
    WAITING_TRANSLATIONS,
    claim,
    decide,
    draft,
    publish,
    write_profile,
    write_questionnaire,
)
from tests.graphql_schema.portals import Caller, Portal, codes, run_portal
from tests.portal.assessments import sample
from tests.questionnaires import forms

ALL = texts.list_texts(sample.make_definition(), sample.make_profile())
SCORED = texts.list_profile_texts(sample.make_profile())
LANGUAGE = "language { locale direction isFallback fellBack { path source } coverage { human machine stale missing } }"
FORM = (
    "query ($key: String, $hash: String, $locale: Locale) { questionnaireVersion(questionnaire: $key,"
    f" contentHash: $hash, locale: $locale) {{ contentHash title {LANGUAGE}"
    " translations { locale contentHash documentPath }"
    " sections { questions { key title origins { field source } options { key title } } }"
    " scoring { criticalRules { title } } } }"
)
HAND_IN_INPUT = (
    "mutation ($input: HandInTranslationInput!) { handInTranslation(input: $input)"
    " { ... on TranslationHandedIn { translation { progress { human machine } } } ... on Problem { message } } }"
)
TITLE = "questions.headcount.title"


def entry(path: str, text: str, by: str = "HUMAN") -> dict[str, str]:
    return {"path": path, "text": text, "by": by}


async def set_up(house: Portal, role: str = "buyer") -> tuple[Caller, str, str]:
    """An organization, the name it publishes under, and the key of a questionnaire of its own."""
    owner = await house.sign_up(role)
    name = await claim(house, owner)
    return owner, name, await publish(house, owner, name)


async def hand_in(house: Portal, owner: Caller, key: str, locale: str = "fr", **given: Any) -> dict[str, Any]:
    return await do(house, HAND_IN, owner, **{"questionnaire": key, "version": "1.0.0", "locale": locale} | given)


async def read(house: Portal, owner: Caller, key: str, locale: str = "fr", **given: Any) -> dict[str, Any]:
    asked = {"version": "1.0.0", "first": 100, "part": 1, "everything": False} | given
    answer = await house.ask(TRANSLATED, owner.token, key=key, locale=locale, **asked)
    found: dict[str, Any] = answer["data"]["ownTranslation"]
    return found


async def see(house: Portal, caller: Caller | None, key: str, **given: Any) -> dict[str, Any]:
    named = given if "hash" in given else {"key": key} | given
    answer = await house.ask(FORM, caller.token if caller else None, **named)
    found: dict[str, Any] = answer["data"]["questionnaireVersion"]
    return found


async def fetch(house: Portal, sql: str, *values: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(house.database.superuser_url.replace("+asyncpg", ""))
    try:
        found: list[asyncpg.Record] = await connection.fetch(sql, *values)
        return found
    finally:
        await connection.close()


def fill(template: str, mark: str = "‹{}›") -> str:
    """Every text of a template translated, by whoever reads the comment above it."""
    source = ""
    lines = []
    for line in template.splitlines():
        if line.startswith('  # "'):
            source = orjson.loads(line.removeprefix("  # "))
        lines.append(f"    text: {orjson.dumps(mark.format(source)).decode()}" if line == "    text:" else line)
    return "\n".join(lines).replace("    by: machine", "    by: human")


def list_titles(form: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one["title"] for section in form["sections"] for one in section["questions"]}


async def test_a_template_that_is_filled_in_offline_is_served(house: Portal) -> None:
    owner, _, key = await set_up(house)
    supplier = await house.sign_up("supplier")
    record = await add_record(house, owner, supplier)
    await do(house, CREATE, owner, **make_ask(record, questionnaire=key))
    begun = await read(house, owner, key, locale="ar")
    assert (begun["state"], begun["direction"], begun["sourceLocale"]) == (None, "RTL", "en")
    assert (begun["progress"]["missing"], begun["progress"]["share"]) == (len(ALL), "0")
    assert begun["template"]["parts"] == 1
    assert "by: human" not in begun["template"]["text"]  # which only a human can say
    text = fill(begun["template"]["text"])
    done = await hand_in(house, owner, key, "ar", format="YAML", text=text)
    assert (done["taken"], done["findings"]) == (len(ALL), []), done
    assert done["translation"]["state"] == "SHOWN"
    assert done["translation"]["progress"] == {
        "total": len(ALL), "translated": len(ALL), "human": len(ALL), "machine": 0, "stale": 0, "missing": 0,
        "share": "100",
    }  # fmt: skip
    after = await read(house, owner, key, locale="ar")
    assert after["untranslated"]["edges"] == []
    assert after["template"]["text"].endswith("\nentries: {}\n")
    everything = (await read(house, owner, key, locale="ar", everything=True))["template"]["text"]
    assert (await hand_in(house, owner, key, "ar", format="YAML", text=everything))["taken"] == len(ALL)
    # The linked supplier reads it in its own language, marked as read from right to left.
    seen = await see(house, supplier, key, locale="ar-EG")
    assert (seen["title"], seen["language"]["locale"], seen["language"]["direction"]) == ("‹Sample›", "ar", "RTL")
    assert list_titles(seen)["headcount"] == "‹People›"
    assert seen["scoring"]["criticalRules"] == [{"title": "‹Locked exits›"}]
    assert (seen["language"]["fellBack"], seen["language"]["coverage"]["human"]) == ([], len(ALL) - len(SCORED))
    english = await see(house, supplier, key, locale="de")
    assert (english["title"], english["language"]["isFallback"]) == ("Sample", True)


async def test_texts_one_by_one_are_merged_by_their_paths(house: Portal) -> None:
    owner, _, key = await set_up(house)
    first = await hand_in(house, owner, key, entries=[entry("title", "Échantillon"), entry(TITLE, "Gens", "MACHINE")])
    assert first["translation"]["progress"] | {"share": ""} == {
        "total": len(ALL), "translated": 2, "human": 1, "machine": 1, "stale": 0, "missing": len(ALL) - 2, "share": "",
    }  # fmt: skip
    again = await hand_in(house, owner, key, entries=[entry(TITLE, "Personnes")])
    assert again["translation"]["progress"]["human"] == 2
    seen = await see(house, owner, key, locale="fr")
    assert (seen["title"], list_titles(seen)["headcount"], list_titles(seen)["founded"]) == (
        "Échantillon", "Personnes", "Founded",
    )  # fmt: skip
    assert {"path": "questions.founded.title", "source": "MISSING"} in seen["language"]["fellBack"]
    # A machine that says what a human said already changes nothing.
    kept = await hand_in(house, owner, key, entries=[entry(TITLE, "Personnes", "MACHINE")])
    assert (kept["translation"]["progress"]["human"], kept["translation"]["progress"]["machine"]) == (2, 0)
    events = await fetch(
        house,
        "SELECT action, actor_id, organization_id, detail FROM portal.audit_event"
        " WHERE object_id = $1 AND action LIKE 'translation.%' ORDER BY id",
        key,
    )
    assert [(one["action"], one["actor_id"], one["organization_id"]) for one in events] == [
        ("translation.handed_in", owner.user, owner.organization)
    ] * 2
    detail = orjson.loads(events[1]["detail"])
    (translation,) = seen["translations"]
    assert detail == {
        "locale": "fr", "version": "1.0.0", "texts": 1, "state": "shown", "content_hash": translation["contentHash"],
    }  # fmt: skip


async def test_a_document_as_json_comes_back_as_it_was_fetched(house: Portal) -> None:
    owner, _, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "Échantillon"), entry(TITLE, "Gens", "MACHINE")])
    (translation,) = (await see(house, owner, key))["translations"]
    async with house.client() as client:
        fetched = await client.get(translation["documentPath"], headers={"authorization": f"Bearer {owner.token}"})
        assert (await client.get(translation["documentPath"])).status_code == 404
    document = orjson.loads(fetched.content)
    assert canonical.hash_document(document) == translation["contentHash"]
    await do(house, REMOVE, owner, questionnaire=key, locale="fr")
    done = await hand_in(house, owner, key, format="JSON", text=fetched.text)
    assert done["translation"]["state"] == "SHOWN"
    assert (await see(house, owner, key))["translations"] == [translation]


async def test_a_worksheet_of_the_command_line_is_handed_in_as_it_is(house: Portal) -> None:
    owner, _, key = await set_up(house)
    sheet = f'# "Sample"\ntitle: Échantillon\n\n{TITLE}: Personnes\n\nquestions.headcount.why:\n'
    done = await hand_in(house, owner, key, format="YAML", text=sheet)
    assert (done["taken"], done["translation"]["progress"]["human"]) == (2, 2), done
    text = orjson.dumps({TITLE: "Effectif"}).decode()
    given = {"questionnaire": key, "version": "1.0.0", "locale": "fr", "format": "JSON", "text": text, "by": "MACHINE"}
    answer = await house.ask(HAND_IN_INPUT, owner.token, input=given)
    assert answer["data"]["handInTranslation"]["translation"]["progress"] == {"human": 1, "machine": 1}


async def test_everything_that_is_wrong_is_named_with_path_and_line_and_nothing_is_kept(house: Portal) -> None:
    owner, name, key = await set_up(house)
    text = (
        f"format: translation/1\nquestionnaire: {name}--other\nlocale: es\nentries:\n"
        f"  {TITLE}:\n    of: {texts.hash_text('People')}\n    text: See www.example.com\n    by: human\n"
        "  questions.gone.title: {of: 0123456789abcdef, text: Parti, by: human}\n"
        f"  description: {{of: {texts.hash_text('For tests.')}, text: 'Pour {{nom}}.', by: human}}\n"
        f"  title: {{of: {texts.hash_text('Sample')}, text: {'x' * 400}, by: human}}\n"
        f"  questions.area.title: {{of: {texts.hash_text('Area')}, text: Aire, by: nobody}}\n"
        f"  questions.founded.title: {{of: {texts.hash_text('Founded')}, text: Fondée, by: human}}\n"
    )
    refused = await hand_in(house, owner, key, format="YAML", text=text)
    assert refused["__typename"] == "InvalidInput"
    found = [(one["path"][2:], one["message"]) for one in refused["problems"]]
    expected = [
        (["questionnaire"], r"line 2: questionnaire: .*--other is not the one that was named"),
        (["locale"], r"line 3: locale: es is not the one that was named; allowed: fr"),
        (["entries", TITLE, "text"], r"line 7: a link; allowed: plain words"),
        (["entries", "questions.gone.title"], r"line 9: .*no version of .* has a text at this path"),
        (["entries", "description"], r"line 10: .*placeholders \{nom\}; allowed: none"),
        (["entries", "title"], r"line 11: .*400 characters; allowed: at most 260"),
        (["entries", "questions.area.title", "by"], r"line 12: .*by: \"nobody\" is unknown; allowed: human, machine"),
    ]
    assert len(found) == len(expected), found
    for path, words in expected:
        assert any(told == path and re.search(words, message) for told, message in found), (path, found)
    assert {one["path"][1] for one in refused["problems"]} == {"text"}
    assert (await read(house, owner, key))["state"] is None
    broken = await hand_in(house, owner, key, format="YAML", text="format: [")
    assert "line 1" in broken["problems"][0]["message"]


async def test_wrong_texts_one_by_one_are_named_by_their_places(house: Portal) -> None:
    owner, _, key = await set_up(house)
    given = [
        entry("title", "Bon"),
        entry("questions.gone.title", "Parti"),
        entry("description", "Pour {nom}."),
        entry(TITLE, " "),
        entry("title", "Deux fois"),
        entry("questions.area.title", "Ai\u202ere"),
        entry("Not A Path", "x"),
        entry("questions.area.why", "y" * 20_001),
    ]
    refused = await hand_in(house, owner, key, entries=given)
    found = {tuple(one["path"][2:3]): one["message"] for one in refused["problems"]}
    assert len(refused["problems"]) == len(found) == 7, refused
    at = {one["path"][2]: one["path"][3:] for one in refused["problems"]}
    assert (at["1"], at["2"], at["5"], at["6"]) == (["path"], ["text"], ["text"], ["path"])
    assert "no version" in found["1",]
    assert "{nom}" in found["2",]
    assert "empty" in found["3",]
    assert "twice" in found["4",]
    assert "U+202E" in found["5",]
    assert "not allowed" in found["6",]
    assert "1 to 20000" in found["7",]
    assert (await read(house, owner, key))["state"] is None


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"locale": "en", "entries": []}, "LOCALE", ["input", "locale"]),
        ({}, "EXACTLY_ONE", ["input", "text"]),
        ({"text": "x", "format": "YAML", "entries": []}, "EXACTLY_ONE", ["input", "text"]),
        ({"text": "x"}, "FORMAT", ["input", "format"]),
        ({"text": "x", "format": "XLSFORM"}, "FORMAT", ["input", "format"]),
        ({"text": "#" * 500_001, "format": "YAML"}, "TOO_LONG", ["input", "text"]),
        ({"version": "9.0.0", "entries": []}, "NOT_FOUND", ["input", "version"]),
        ({"questionnaire": "responsible-sourcing", "entries": []}, "NOT_FOUND", ["input", "questionnaire"]),
        ({"entries": [entry("title", "T")] * 2_001}, "TOO_MANY", ["input", "entries"]),
    ],
)
async def test_what_cannot_be_handed_in(house: Portal, given: dict[str, Any], code: str, path: list[str]) -> None:
    owner, _, key = await set_up(house)
    refused = await do(house, HAND_IN, owner, **{"questionnaire": key, "version": "1.0.0", "locale": "fr"} | given)
    assert (refused["code"], refused["path"]) == (code, path)


async def test_what_is_worth_a_look_is_kept_and_told(house: Portal) -> None:
    owner, _, key = await set_up(house)
    old = {"of": texts.hash_text("Staff"), "text": "Personnel", "by": "human"}
    document = {"format": "translation/1", "questionnaire": key, "locale": "fr", "entries": {TITLE: old}}
    done = await hand_in(house, owner, key, format="JSON", text=orjson.dumps(document).decode())
    assert done["taken"] == 1
    (finding,) = done["findings"]
    assert finding["path"] == TITLE and '"People"' in finding["message"]
    assert done["translation"]["progress"]["stale"] == 1
    seen = await see(house, owner, key, locale="fr")
    assert {"path": TITLE, "source": "STALE"} in seen["language"]["fellBack"]
    (left,) = [one["node"] for one in (await read(house, owner, key))["untranslated"]["edges"] if one["node"]["former"]]
    assert left == {"path": TITLE, "text": "People", "source": "STALE", "former": "Personnel"}
    assert '# was, for another source: "Personnel"' in (await read(house, owner, key))["template"]["text"]
    # What was made from an older text never takes the place of what holds.
    await hand_in(house, owner, key, entries=[entry(TITLE, "Personnes")])
    again = await hand_in(house, owner, key, format="JSON", text=orjson.dumps(document).decode())
    assert again["translation"]["progress"]["stale"] == 0
    assert (again["taken"], list_stayed(again)) == (0, [TITLE])
    assert list_titles(await see(house, owner, key, locale="fr"))["headcount"] == "Personnes"


def list_stayed(done: dict[str, Any]) -> list[str]:
    """The paths of what was not taken, about which nothing else is said."""
    assert all("newer translation stays" in one["message"] for one in done["findings"]), done
    return [one["path"] for one in done["findings"]]


async def test_a_text_for_an_older_version_takes_nothing_from_a_newer_one(house: Portal) -> None:
    owner, name, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "Échantillon"), entry(TITLE, "Gens")])
    text = write_questionnaire(name, version="1.0.1").replace("title: Sample", "title: Specimen")
    made = (await draft(house, owner, text, write_profile(name, version="1.0.1")))["draft"]
    await do(house, PUBLISH, owner, questionnaire=key, revision=made["revision"])
    newer = await hand_in(house, owner, key, version="1.0.1", entries=[entry("title", "Spécimen")])
    assert newer["taken"] == 1
    older = await hand_in(house, owner, key, entries=[entry("title", "Essai"), entry(TITLE, "Personnes")])
    assert (older["taken"], list_stayed(older)) == (1, ["title"])
    assert list_titles(await see(house, owner, key, locale="fr"))["headcount"] == "Personnes"
    assert (await see(house, owner, key, locale="fr"))["title"] == "Spécimen"
    assert (await read(house, owner, key, version="1.0.1"))["progress"]["stale"] == 0


async def test_what_is_left_is_told_page_by_page(house: Portal) -> None:
    owner, _, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "T"), entry(TITLE, "Gens")])
    paths: list[str] = []
    after = None
    while True:
        page = (await read(house, owner, key, first=20, after=after))["untranslated"]
        paths += [one["node"]["path"] for one in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        if after is None:  # what is translated meanwhile shifts nothing
            await hand_in(house, owner, key, entries=[entry(paths[0], "D"), entry(paths[3], "E")])
        after = page["pageInfo"]["endCursor"]
    assert paths == [path for path in ALL if path not in ("title", TITLE)]
    micro = (await read(house, owner, key, tier="MICRO"))["untranslated"]["edges"]
    assert 0 < len(micro) < len(paths) - 2
    assert "questions.drills.title" not in {one["node"]["path"] for one in micro}
    wrong = await house.ask(
        TRANSLATED, owner.token, key=key, version="1.0.0", locale="fr", first=1, part=2, everything=False
    )
    assert codes(wrong) == ["UNKNOWN_PART"]


async def test_a_further_version_has_what_did_not_change(house: Portal) -> None:
    owner, name, key = await set_up(house)
    begun = await read(house, owner, key)
    await hand_in(house, owner, key, format="YAML", text=fill(begun["template"]["text"]))
    text = write_questionnaire(name, version="1.1.0").replace("title: Founded", "title: Founded on")
    text = text.replace(
        "  - key: labour\n    title: Pay",
        "      - {key: owner, type: text, tier: micro, kind: fact, title: Owner, why: Whose., max_length: 90}\n"
        "  - key: labour\n    title: Pay",
    )
    made = (await draft(house, owner, text, write_profile(name, version="1.1.0")))["draft"]
    done = await do(house, PUBLISH, owner, questionnaire=key, revision=made["revision"])
    assert done["__typename"] == "QuestionnairePublished", done
    later = await read(house, owner, key, version="1.1.0")
    assert later["progress"] | {"share": ""} == {
        "total": len(ALL) + 2, "translated": len(ALL) - 1, "human": len(ALL) - 1, "machine": 0, "stale": 1,
        "missing": 2, "share": "",
    }  # fmt: skip
    assert [one["node"]["path"] for one in later["untranslated"]["edges"]] == [
        "questions.founded.title", "questions.owner.title", "questions.owner.why",
    ]  # fmt: skip
    seen = await see(house, owner, key, locale="fr")
    assert list_titles(seen)["headcount"] == "‹People›"
    assert list_titles(seen)["founded"] == "Founded on"
    assert seen["language"]["fellBack"] == [
        {"path": "questions.founded.title", "source": "STALE"},
        {"path": "questions.owner.title", "source": "MISSING"},
        {"path": "questions.owner.why", "source": "MISSING"},
    ]
    hashes = {one["version"]: one["contentHash"] for one in done["questionnaire"]["versions"]}
    assert list_titles(await see(house, owner, key, hash=hashes["1.0.0"], locale="fr"))["founded"] == "‹Founded›"
    # A document with texts that only the former version has can still be handed in for the newer one.
    (translation,) = seen["translations"]
    async with house.client() as client:
        sent = {"authorization": f"Bearer {owner.token}"}
        fetched = (await client.get(translation["documentPath"], headers=sent)).text
    again = await hand_in(house, owner, key, version="1.1.0", format="JSON", text=fetched)
    assert [one["path"] for one in again["findings"]] == ["questions.founded.title"]


async def test_a_translation_is_taken_away_in_part_or_as_a_whole(house: Portal) -> None:
    owner, _, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "T"), entry(TITLE, "Gens")])
    await hand_in(house, owner, key, "es", entries=[entry("title", "E")])
    wrong = await do(house, REMOVE, owner, questionnaire=key, locale="fr", paths=["title", "questions.gone.title"])
    assert [(one["code"], one["path"]) for one in wrong["problems"]] == [("NOT_FOUND", ["input", "paths", "1"])]
    none = await do(house, REMOVE, owner, questionnaire=key, locale="fr", paths=[])
    assert (none["code"], none["path"]) == ("REQUIRED", ["input", "paths"])
    assert (await see(house, owner, key, locale="fr"))["title"] == "T"
    part = await do(house, REMOVE, owner, questionnaire=key, locale="fr", paths=["title"])
    assert part == {"__typename": "TranslationRemoved", "questionnaire": key, "locale": "fr", "state": "SHOWN"}
    seen = await see(house, owner, key, locale="fr")
    assert (seen["title"], list_titles(seen)["headcount"]) == ("Sample", "Gens")
    whole = await do(house, REMOVE, owner, questionnaire=key, locale="fr")
    assert whole["state"] is None
    seen = await see(house, owner, key, locale="fr")
    assert (seen["language"]["locale"], [one["locale"] for one in seen["translations"]]) == ("en", ["es"])
    assert (await do(house, REMOVE, owner, questionnaire=key, locale="fr"))["code"] == "NOT_FOUND"
    (own,) = (await house.ask(OWNED, owner.token))["data"]["ownQuestionnaires"]
    assert own["translations"] == [{"locale": "es", "state": "SHOWN", "reason": None}]
    last = await do(house, REMOVE, owner, questionnaire=key, locale="es", paths=["title"])
    assert last["state"] is None
    assert (await see(house, owner, key))["translations"] == []
    events = await fetch(
        house,
        "SELECT action FROM portal.audit_event WHERE object_id = $1 AND action = 'translation.removed'",
        key,
    )
    assert len(events) == 3


async def test_nobody_else_reads_or_writes_a_private_one(house: Portal) -> None:
    owner, _, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "Échantillon")])
    (translation,) = (await see(house, owner, key))["translations"]
    rival, linked = await house.sign_up("buyer"), await house.sign_up("supplier")
    operator = await house.sign_up("supplier", operator=True)
    await claim(house, rival)
    await add_record(house, owner, linked)
    viewer = await house.sign_up("buyer", member="viewer")
    given = {"questionnaire": key, "version": "1.0.0", "locale": "fr", "entries": [entry("title", "Volé")]}
    for caller, code in (
        (rival, "NOT_FOUND"),
        (linked, "NOT_ALLOWED"),
        (operator, "NOT_ALLOWED"),
        (viewer, "NOT_ALLOWED"),
    ):
        assert (await do(house, HAND_IN, caller, **given))["code"] == code
        assert (await do(house, REMOVE, caller, questionnaire=key, locale="fr"))["code"] == code
        asked = {"key": key, "version": "1.0.0", "locale": "fr", "first": 1, "part": 1, "everything": False}
        assert codes(await house.ask(TRANSLATED, caller.token, **asked)) == [code]
        assert await see(house, caller, key) is None
        async with house.client() as client:
            sent = {"authorization": f"Bearer {caller.token}"}
            assert (await client.get(translation["documentPath"], headers=sent)).status_code == 404
    for caller in (rival, owner):
        assert codes(await house.ask(WAITING_TRANSLATIONS, caller.token)) == ["NOT_ALLOWED"]
    assert (await see(house, owner, key, locale="fr"))["title"] == "Échantillon"
    await do(house, SHOW, owner, questionnaire=key, visibility="CONNECTED")
    assert (await see(house, linked, key, locale="fr"))["title"] == "Échantillon"
    assert await see(house, rival, key) is None


async def test_the_database_keeps_a_translation_for_its_owner_alone(house: Portal) -> None:
    owner, _, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "Échantillon")])
    rival = await house.sign_up("buyer")
    content = orjson.dumps({"format": "translation/1", "questionnaire": key, "locale": "fr", "entries": {}}).decode()
    other = content.replace(key, "responsible-sourcing")
    connection = await asyncpg.connect(house.database.app_url.replace("+asyncpg", ""))
    try:
        for organization, sent in ((rival.organization, content), (owner.organization, other)):
            await connection.execute("SELECT set_config('portal.organization', $1, false)", str(organization))
            assert await connection.fetchval("SELECT portal.keep_translation($1, 'fr', $2)", key, sent) is None
        await connection.execute("SELECT set_config('portal.organization', $1, false)", str(rival.organization))
        assert await connection.fetchval("SELECT portal.drop_translation($1, 'fr')", key) is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE portal.questionnaire_translation SET is_current = false")
    finally:
        await connection.close()
    assert (await see(house, owner, key, locale="fr"))["title"] == "Échantillon"


async def test_what_is_kept_has_an_end(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, _, key = await set_up(house)
    await hand_in(house, owner, key, entries=[entry("title", "Échantillon")])
    monkeypatch.setattr(own_translations, "MOST_LANGUAGES", 1)
    refused = await hand_in(house, owner, key, "es", entries=[entry("title", "Muestra")])
    assert (refused["code"], refused["path"]) == ("TOO_MANY", ["input", "locale"])
    monkeypatch.setattr(own_translations, "MOST_CHARACTERS", 300)
    refused = await hand_in(house, owner, key, entries=[entry("description", "D" * 150)])
    assert refused["code"] == "TOO_MANY" and "at most 20,000 and 300 are kept" in refused["message"]
    assert (await read(house, owner, key))["progress"]["human"] == 1


async def test_two_translators_at_once_lose_nothing(house: Portal) -> None:
    owner, _, key = await set_up(house)
    paths = list(ALL)[:6]
    await asyncio.gather(*(hand_in(house, owner, key, entries=[entry(path, f"‹{path}›")]) for path in paths))
    assert (await read(house, owner, key))["progress"]["human"] == len(paths)


async def test_every_process_serves_it_at_once(house: Portal) -> None:
    owner, _, key = await set_up(house)
    async with run_portal(house.database, listen_url=house.database.app_url) as second:
        for title in ("Un", "Deux"):
            await hand_in(house, owner, key, entries=[entry("title", title)])
            assert (await see(second, owner, key, locale="fr"))["title"] == title
            assert (await see(house, owner, key, locale="fr"))["title"] == title
        await do(second, REMOVE, owner, questionnaire=key, locale="fr")
        assert (await see(house, owner, key, locale="fr"))["title"] == "Sample"


async def test_files_and_forms_are_in_its_words(house: Portal) -> None:
    owner, _, key = await set_up(house)
    supplier = await house.sign_up("supplier")
    record = await add_record(house, owner, supplier)
    await do(house, CREATE, owner, **make_ask(record, questionnaire=key))
    text = fill((await read(house, owner, key))["template"]["text"])
    await hand_in(house, owner, key, format="YAML", text=text)
    version = (await see(house, owner, key))["contentHash"]
    sent = {"authorization": f"Bearer {supplier.token}"}

    async def get(path: str, **query: str) -> bytes:
        async with house.client() as client:
            answer = await client.get(path, params=query, headers=sent)
            assert answer.status_code == 200, answer.text
            return answer.content

    french, english = [await get(f"/questionnaires/{version}.pdf", locale=one) for one in ("fr", "en")]
    assert french[:5] == b"%PDF-" and french != english
    assert orjson.loads(await get(f"/questionnaires/{version}.fhir.json", locale="fr"))["title"] == "‹Sample›"
    # What was made for somebody before gives way to the newer words.
    await hand_in(house, owner, key, entries=[entry("title", "Échantillon")])
    assert orjson.loads(await get(f"/questionnaires/{version}.fhir.json", locale="fr"))["title"] == "Échantillon"
    assert await get(f"/questionnaires/{version}.pdf", locale="fr") != french
    (request,) = (await house.ask(RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    assessment = (await do(house, ACCEPT, supplier, requestId=request["id"]))["assessment"]["id"]
    paths = (
        await house.ask(
            "query ($id: ID!) { assessment(id: $id) { importPath workbook: exportPath(format: WORKBOOK)"
            " csv: exportPath(format: CSV) pdf: exportPath(format: PDF) } }",
            supplier.token,
            id=assessment,
        )
    )["data"]["assessment"]
    assert "‹People›" in (await get(paths["csv"], locale="fr")).decode("utf-8-sig")
    assert await get(paths["pdf"], locale="fr") != await get(paths["pdf"], locale="en")
    book = await get(paths["workbook"], locale="fr")
    # Its lists have the words of its day: they are understood also when others are shown by now.
    filled = forms.put(
        book,
        {
            forms.find_cell(book, "headcount"): forms.text_cell("12"),
            forms.find_cell(book, "fees_repaid"): forms.text_cell("‹Partly›"),
        },
    )
    await hand_in(house, owner, key, entries=[entry("option_sets.yes_partly_no.partly.title", "En partie")])
    await do(house, REMOVE, owner, questionnaire=key, locale="fr", paths=["option_sets.yes_partly_no.no.title"])
    async with house.client() as client:
        handed = (await client.post(paths["importPath"], content=filled, headers=sent)).json()
    assert handed["refused"] == []
    assert {(one["question"], one["new"]["value"]) for one in handed["changes"]} == {
        ("headcount", "12"), ("fees_repaid", "partly"),
    }  # fmt: skip


async def make_public(house: Portal, operator: Caller) -> tuple[Caller, str, str]:
    body, name, key = await set_up(house, "partner")
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    return body, name, key


async def find_waiting(house: Portal, operator: Caller, key: str) -> dict[str, Any] | None:
    found = (await house.ask(WAITING_TRANSLATIONS, operator.token))["data"]["translationApprovals"]
    return next((one for one in found if one["questionnaire"] == key), None)


async def test_what_everybody_reads_waits_for_the_operator(house: Portal) -> None:
    operator, stranger = await house.sign_up("supplier", operator=True), await house.sign_up("supplier")
    body, _, key = await make_public(house, operator)
    done = await hand_in(house, body, key, entries=[entry("title", "Échantillon"), entry(TITLE, "Gens")])
    assert (done["translation"]["state"], done["translation"]["progress"]["human"]) == ("ASKED", 2)
    for caller in (stranger, body, None):
        assert (await see(house, caller, key, locale="fr"))["title"] == "Sample"
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    assert (waiting["version"], waiting["locale"]) == ("1.0.0", "fr")
    assert {"path": TITLE, "source": "People", "version": "1.0.0", "text": "Gens", "by": "HUMAN"} in waiting["texts"]
    named = {"questionnaire": key, "locale": "fr", "contentHash": waiting["contentHash"]}
    path = f"/translations/{waiting['contentHash']}.json"
    async with house.client() as client:
        for caller, status in ((body, 200), (stranger, 404), (operator, 404)):
            sent = {"authorization": f"Bearer {caller.token}"}
            assert (await client.get(path, headers=sent)).status_code == status
    rival = await house.sign_up("buyer")
    asked = {"version": "1.0.0", "locale": "fr", "first": 1, "part": 1, "everything": False}
    assert codes(await house.ask(TRANSLATED, rival.token, key=key, **asked)) == ["NOT_FOUND"]
    assert (await hand_in(house, rival, key, entries=[entry("title", "Volé")]))["code"] == "NOT_FOUND"
    assert (await do(house, REMOVE, rival, questionnaire=key, locale="fr"))["code"] == "NOT_FOUND"
    for caller in (body, stranger):
        assert (await do(house, DECIDE_TRANSLATION, caller, **named, decision="APPROVE"))["code"] == "NOT_ALLOWED"
    # What is handed in meanwhile is another text, which nobody has read yet.
    await hand_in(house, body, key, entries=[entry(TITLE, "Personnes")])
    gone = await do(house, DECIDE_TRANSLATION, operator, **named, decision="APPROVE")
    assert (gone["code"], gone["path"]) == ("NOT_FOUND", ["input", "contentHash"])
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    named["contentHash"] = waiting["contentHash"]
    missing = await do(house, DECIDE_TRANSLATION, operator, **named, decision="REFUSE")
    assert [one["code"] for one in missing["problems"]] == ["REQUIRED"]
    await do(house, DECIDE_TRANSLATION, operator, **named, decision="REFUSE", reason="Not French")
    refused = await read(house, body, key)
    assert (refused["state"], refused["reason"]) == ("REFUSED", "Not French")
    (own,) = (await house.ask(OWNED, body.token))["data"]["ownQuestionnaires"]
    assert own["translations"] == [{"locale": "fr", "state": "REFUSED", "reason": "Not French"}]
    assert await find_waiting(house, operator, key) is None
    # The owner goes on from what was refused.
    again = await hand_in(house, body, key, entries=[entry("title", "Spécimen")])
    assert (again["translation"]["state"], again["translation"]["progress"]["human"]) == ("ASKED", 2)
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    named["contentHash"] = waiting["contentHash"]
    assert (await do(house, DECIDE_TRANSLATION, operator, **named, decision="APPROVE"))["locale"] == "fr"
    assert (await see(house, stranger, key, locale="fr"))["title"] == "Spécimen"
    # What is shown stays while something new waits; what is taken away goes at once, from both.
    await hand_in(house, body, key, entries=[entry("title", "Exemple"), entry("questions.area.title", "Aire")])
    assert (await see(house, stranger, key, locale="fr"))["title"] == "Spécimen"
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    assert {one["path"] for one in waiting["texts"]} == {"title", "questions.area.title"}
    left = await do(house, REMOVE, body, questionnaire=key, locale="fr", paths=["title"])
    assert left["state"] == "ASKED"
    seen = await see(house, stranger, key, locale="fr")
    assert (seen["title"], list_titles(seen)["headcount"], list_titles(seen)["area"]) == ("Sample", "Personnes", "Area")
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    assert {one["path"] for one in waiting["texts"]} == {"questions.area.title"}
    assert (await do(house, REMOVE, body, questionnaire=key, locale="fr"))["state"] is None
    assert (await see(house, stranger, key, locale="fr"))["translations"] == []
    assert await find_waiting(house, operator, key) is None
    events = await fetch(
        house, "SELECT action, organization_id FROM portal.audit_event WHERE object_id = $1 ORDER BY id", key
    )
    acts = [one["action"] for one in events if one["organization_id"] == body.organization]
    assert acts.count("translation.refused") == acts.count("translation.approved") == 1


async def test_what_is_translated_is_read_with_the_version(house: Portal) -> None:
    operator, stranger = await house.sign_up("supplier", operator=True), await house.sign_up("supplier")
    body, _, key = await set_up(house, "partner")
    await hand_in(house, body, key, entries=[entry("title", "Échantillon")])
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    # From the moment that the operator was asked nothing is slipped in.
    later = await hand_in(house, body, key, entries=[entry("title", "Autre chose")])
    assert later["translation"]["state"] == "ASKED"
    waiting = (await house.ask(WAITING, operator.token))["data"]["questionnaireApprovals"]
    (own,) = [one for one in waiting if one["questionnaire"] == key]
    assert own["translations"] == [
        {
            "locale": "fr",
            "texts": [
                {"path": "title", "source": "Sample", "version": "1.0.0", "text": "Échantillon", "by": "HUMAN"},
            ],
        }
    ]
    await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
    assert (await see(house, stranger, key, locale="fr"))["title"] == "Échantillon"


async def test_what_was_shown_once_is_kept_whatever_waits(house: Portal) -> None:
    """Somebody may have a workbook in those words."""
    operator = await house.sign_up("supplier", operator=True)
    body, _, key = await set_up(house, "partner")
    await hand_in(house, body, key, entries=[entry("title", "Échantillon")])
    (shown,) = await fetch(house, "SELECT * FROM portal.questionnaire_translation WHERE questionnaire = $1", key)
    await hand_in(house, body, key, entries=[entry("title", "Spécimen")])
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")

    async def find() -> list[tuple[str | None, bool]]:
        query = "SELECT approval, is_current FROM portal.questionnaire_translation WHERE content_hash = $1"
        return [tuple(row) for row in await fetch(house, query, shown["content_hash"])]

    for follow in ("hand_in", "remove"):
        again = await hand_in(house, body, key, entries=[entry("title", "Échantillon")])
        assert (again["translation"]["state"], await find()) == ("ASKED", [("asked", False)])
        if follow == "hand_in":
            await hand_in(house, body, key, entries=[entry("title", "Modèle")])
        else:
            assert (await do(house, REMOVE, body, questionnaire=key, locale="fr"))["state"] is None
        assert await find() == [(None, False)], follow
    held = "SELECT 1 FROM portal.questionnaire_translation WHERE questionnaire = $1 AND approval IS NOT NULL"
    assert await fetch(house, held, key) == []  # what nobody was ever shown is gone


async def test_the_texts_of_a_questionnaire_are_read_once_for_all_its_languages(house: Portal) -> None:
    operator = await house.sign_up("supplier", operator=True)
    body, _, key = await make_public(house, operator)
    for locale in ("es", "fr", "vi"):
        await hand_in(house, body, key, locale=locale, entries=[entry("title", f"Sample in {locale}")])
    async with people.open_session(house.database.owner_url) as session:
        found = await session.execute(visibility.LIST_TRANSLATIONS, {"most": 50})
        sources = [(row.locale, row.sources is None) for row in found if row.questionnaire == key]
    assert sources == [("es", False), ("fr", True), ("vi", True)]
    waiting = (await house.ask(WAITING_TRANSLATIONS, operator.token))["data"]["translationApprovals"]
    own = [(one["locale"], one["version"], one["texts"][0]["source"]) for one in waiting if one["questionnaire"] == key]
    assert own == [(locale, "1.0.0", "Sample") for locale in ("es", "fr", "vi")]


async def test_each_text_stands_beside_the_one_it_was_made_from(house: Portal) -> None:
    operator = await house.sign_up("supplier", operator=True)
    body, name, key = await make_public(house, operator)
    text = write_questionnaire(name, version="1.0.1").replace("title: Sample", "title: Specimen")
    made = (await draft(house, body, text, write_profile(name, version="1.0.1")))["draft"]
    await do(house, PUBLISH, body, questionnaire=key, revision=made["revision"])
    await decide(house, operator, questionnaire=key, version="1.0.1", decision="REFUSE", reason="No.")
    old = {"of": texts.hash_text("Nowhere"), "text": "Aire", "by": "human"}
    document = {
        "format": "translation/1",
        "questionnaire": key,
        "locale": "fr",
        "entries": {"questions.area.title": old},
    }
    await hand_in(house, body, key, format="JSON", text=orjson.dumps(document).decode())
    await hand_in(house, body, key, entries=[entry("title", "Échantillon"), entry(TITLE, "Gens")])
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    assert waiting["version"] == "1.0.0"
    found = {one["path"]: (one["source"], one["version"]) for one in waiting["texts"]}
    assert found == {"title": ("Sample", "1.0.0"), TITLE: ("People", "1.0.0"), "questions.area.title": (None, None)}
    await hand_in(house, body, key, version="1.0.1", entries=[entry("title", "Spécimen")])
    waiting = await find_waiting(house, operator, key)
    assert waiting is not None
    found = {one["path"]: (one["source"], one["version"]) for one in waiting["texts"]}
    assert found["title"] == ("Specimen", "1.0.1")


async def test_what_waits_is_shown_when_the_question_is_taken_back(house: Portal) -> None:
    operator = await house.sign_up("supplier", operator=True)
    body, _, key = await set_up(house, "partner")
    await hand_in(house, body, key, entries=[entry("title", "Échantillon")])
    await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
    later = await hand_in(house, body, key, entries=[entry("title", "Spécimen")])
    assert later["translation"]["state"] == "ASKED"
    back = await do(house, SHOW, body, questionnaire=key, visibility="PRIVATE")
    assert back["questionnaire"]["translations"] == [{"locale": "fr", "state": "SHOWN", "reason": None}]
    assert await find_waiting(house, operator, key) is None
    assert (await see(house, body, key, locale="fr"))["title"] == "Spécimen"
