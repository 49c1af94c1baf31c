"""A supplier who reads Spanish, one who reads Arabic, and one whom nobody translates for, over HTTP."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from portal.assessments import publishing, translations
from portal.delivery import letter_answers
from questionnaires import canonical, catalogue, texts
from questionnaires.translation import Entry
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import CREATE, RECEIVED, add_record, do, make_ask, start, write
from tests.graphql_schema.assessments.test_teamwork import assign, collect_letters
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments.sample import make_overlay, write_translation

LANGUAGE = "language { locale direction sourceLocale sourceDirection wanted isFallback documentPath"
FORM = (
    "query ($key: String!, $locale: Locale, $tier: QuestionnaireTier) {"
    " questionnaireVersion(questionnaire: $key, locale: $locale) { locale title origins { field source }"
    f" {LANGUAGE} coverage(tier: $tier) {{ source human machine stale missing }}"
    " fellBack(tier: $tier) { path source } }"
    " tiers { title } pillars { title }"
    " sections(tier: $tier) { title questions { key title unit unitLabel help origins { field source }"
    " options { key title origins { source } } } }"
    " scoring { number bands { key title minimum }"
    " criticalRules { key title explanation origins { field source } } } } }"
)
RESEND = (
    "mutation ($input: ResendRequestInput!) { result: resendRequest(input: $input) { __typename"
    f" {documents.PROBLEM} }} }}"
)
STALE = Entry(of=texts.hash_text("Staff"), text="Personal", by="human")
HUMAN = Entry(of=texts.hash_text("Founded"), text="Fundada", by="human")


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def spoken(house: Portal, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("sample")
    changed = {"questions.headcount.title": STALE, "questions.founded.title": HUMAN, "questions.area.title": None}
    files = [write_translation(folder, one) for one in (make_overlay(**changed), make_overlay("ar", "‹{}›"))]
    shipped = [one for one in translations.list_packaged() if one.locale in ("es", "ar")]
    await publishing.publish_all(house.database.owner_url, [], [*files, *shipped])


async def sign_up(house: Portal, locale: str) -> Caller:
    supplier = await house.sign_up("supplier")
    change = "mutation ($input: UpdateProfileInput!) { result: updateProfile(input: $input) { __typename } }"
    assert (await do(house, change, supplier, locale=locale))["__typename"] == "ProfileUpdated"
    return supplier


async def read(house: Portal, caller: Caller | None, key: str = "sample", **given: Any) -> dict[str, Any]:
    answer = await house.ask(FORM, caller.token if caller else None, key=key, **given)
    found: dict[str, Any] = answer["data"]["questionnaireVersion"]
    return found


def list_questions(form: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: one for section in form["sections"] for one in section["questions"]}


async def test_the_form_in_spanish_and_what_fell_back(house: Portal) -> None:
    supplier = await sign_up(house, "es-MX")
    form = await read(house, supplier)
    assert (form["locale"], form["title"]) == ("en", "¡Sample!")
    told = form["language"]
    assert {name: told[name] for name in ("locale", "direction", "sourceLocale", "sourceDirection", "wanted")} == {
        "locale": "es", "direction": "LTR", "sourceLocale": "en", "sourceDirection": "LTR", "wanted": "es-MX",
    }  # fmt: skip
    assert told["isFallback"] is False
    assert told["fellBack"] == [
        {"path": "questions.headcount.title", "source": "STALE"},
        {"path": "questions.area.title", "source": "MISSING"},
    ]
    assert {name: told["coverage"][name] for name in ("source", "human", "stale", "missing")} == {
        "source": 0, "human": 1, "stale": 1, "missing": 1,
    }  # fmt: skip
    asked = list_questions(form)
    assert asked["headcount"]["title"] == "People"
    assert {"field": "title", "source": "STALE"} in asked["headcount"]["origins"]
    assert (asked["headcount"]["unit"], asked["headcount"]["unitLabel"]) == ("person", "¡person!")
    assert {"field": "unitLabel", "source": "MACHINE"} in asked["headcount"]["origins"]
    assert (asked["founded"]["title"], asked["founded"]["origins"][0]["source"]) == ("Fundada", "HUMAN")
    assert asked["fees_repaid"]["options"][1] == {
        "key": "partly", "title": "¡Partly!", "origins": [{"source": "MACHINE"}],
    }  # fmt: skip
    assert [one["title"] for one in form["tiers"]] == ["¡Micro!", "¡Basic!", "¡Standard!"]
    assert [one["title"] for one in form["pillars"]] == ["¡Labor!", "¡Safety!"]
    assert [one["title"] for one in form["scoring"]["bands"]] == ["¡D!", "¡C!", "¡A!"]
    assert form["scoring"]["criticalRules"][0] == {
        "key": "locked", "title": "¡Locked exits!", "explanation": "¡People die.!",
        "origins": [{"field": "title", "source": "MACHINE"}, {"field": "explanation", "source": "MACHINE"}],
    }  # fmt: skip


async def test_answering_in_spanish(house: Portal) -> None:
    supplier = await sign_up(house, "es")
    assessment = await start(house, supplier)
    told = "problem { question code message locale source }"
    save = documents.SAVE.replace("problem { question rowId code message }", told)
    refused = await do(house, save, supplier, assessmentId=assessment, answers=[write("headcount", number="1.5")])
    assert refused["results"][0]["problem"] == {
        "question": "headcount", "code": "NOT_WHOLE", "message": "1.5 no es un número entero.", "locale": "es",
        "source": "MACHINE",
    }  # fmt: skip
    query = (
        'query ($id: ID!) { assessment(id: $id) { problems { code message locale } english: problems(locale: "en")'
        ' { code message locale source } zh: problems(locale: "zh-TW") { locale source } answerHistory('
        'question: "headcount") { problem { message } } } scorePreview(assessmentId: $id, measures: 20) {'
        " language { locale } pillars { title } advice { question action origins { field source } }"
        " problems { message } } }"
    )
    seen = (await house.ask(query, supplier.token, id=assessment))["data"]
    mine, english = seen["assessment"]["problems"], seen["assessment"]["english"]
    assert {one["locale"] for one in mine} == {"es"} and {one["locale"] for one in english} == {"en"}
    assert mine[0]["message"].startswith("Esta pregunta aún necesita una respuesta.")
    assert english[0]["message"].startswith("This question still needs an answer.")
    assert {one["source"] for one in english} == {"SOURCE"}
    assert {(one["locale"], one["source"]) for one in seen["assessment"]["zh"]} == {("en", "SOURCE")}
    assert seen["assessment"]["answerHistory"][0]["problem"]["message"] == "1.5 no es un número entero."
    preview = seen["scorePreview"]
    assert preview["language"] == {"locale": "es"}
    assert [one["title"] for one in preview["pillars"]] == ["¡Labor!", "¡Safety!"]
    assert preview["problems"][0]["message"] == mine[0]["message"]
    submit = documents.SUBMIT.replace("question rowId code message", "question rowId code message locale")
    stopped = await do(house, submit, supplier, assessmentId=assessment, expectedChangeNumber=0)
    assert (stopped["__typename"], stopped["problems"][0]["locale"]) == ("InvalidAnswers", "es")
    given = [write("headcount", number="12"), write("fees_repaid", choice="no"), write("exits_locked", boolean=False)]
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=given)
    advice = (await house.ask(query, supplier.token, id=assessment))["data"]["scorePreview"]["advice"]
    assert advice[0] == {
        "question": "fees_repaid", "action": "¡Repay fees and keep the receipts.!",
        "origins": [{"field": "action", "source": "MACHINE"}],
    }  # fmt: skip


async def test_arabic_is_read_from_right_to_left(house: Portal) -> None:
    supplier = await sign_up(house, "ar-EG")
    form = await read(house, supplier, key="responsible-sourcing", tier="BASIC")
    told = form["language"]
    assert (told["locale"], told["direction"], told["sourceDirection"]) == ("ar", "RTL", "LTR")
    assert (told["isFallback"], told["fellBack"]) == (False, [])
    assert told["coverage"]["machine"] == sum(told["coverage"].values())
    definition = catalogue.read_packaged("responsible-sourcing", "1.1.0").definition
    for key, shown in list_questions(form).items():
        asked = definition.questions[key]
        assert shown["title"] != asked.title
        assert any("\u0600" <= letter <= "\u06ff" for letter in shown["title"])
        assert {one["field"] for one in shown["origins"]} >= {"title"}
        assert {one["source"] for one in shown["origins"]} == {"MACHINE"}
        assert shown["unit"] == asked.unit
    whole = await read(house, supplier, key="responsible-sourcing")
    fallen = {one["path"]: one["source"] for one in whole["language"]["fellBack"]}
    assert len(fallen) > 1_000 and set(fallen.values()) == {"MISSING"}


@pytest.mark.parametrize(
    ("header", "locale", "is_fallback"),
    [
        ("es-AR,es;q=0.9,en;q=0.8", "es", False),
        ("de-DE, ar;q=0.5", "ar", False),
        ("zh-TW,zh;q=0.9", "en", True),
        ("en-GB", "en", False),
        ("", "en", False),
        ("*;q=oops, ,,", "en", False),
    ],
)
async def test_the_browser_says_what_nobody_else_does(
    house: Portal, header: str, locale: str, is_fallback: bool
) -> None:
    query = f'{{ questionnaireVersion(questionnaire: "sample") {{ title {LANGUAGE} }} }} }}'
    shown = (await house.post({"query": query}, accept_language=header)).json()["data"]["questionnaireVersion"]
    assert (shown["language"]["locale"], shown["language"]["isFallback"]) == (locale, is_fallback)
    assert shown["title"] == {"es": "¡Sample!", "ar": "‹Sample›", "en": "Sample"}[locale]


async def test_who_reads_taiwans_chinese_is_given_the_source_and_told_so(house: Portal) -> None:
    supplier = await sign_up(house, "zh-TW")
    form = await read(house, supplier)
    told = form["language"]
    assert (told["wanted"], told["locale"], told["isFallback"], told["documentPath"]) == ("zh-TW", "en", True, None)
    assert told["fellBack"] == [] and form["title"] == "Sample"
    assert {one["source"] for one in form["origins"]} == {"SOURCE"}
    asked = await read(house, supplier, locale="es")
    assert (asked["title"], asked["language"]["locale"]) == ("¡Sample!", "es")
    wrong = await house.ask(FORM, supplier.token, key="sample", locale="Spanish")
    assert "BCP 47" in wrong["errors"][0]["message"]


async def test_the_list_of_questionnaires_is_in_the_readers_language(house: Portal) -> None:
    supplier = await sign_up(house, "es")
    listed = await house.ask(
        "{ questionnaires { key current { title language { locale } translations { locale direction } } } }",
        supplier.token,
    )
    found = {one["key"]: one["current"] for one in listed["data"]["questionnaires"]}
    assert found["sample"]["title"] == "¡Sample!"
    assert found["sample"]["translations"] == [
        {"locale": "ar", "direction": "RTL"},
        {"locale": "es", "direction": "LTR"},
    ]
    assert found["spot-check"]["language"] == {"locale": "es"}
    assert {one["locale"] for one in found["spot-check"]["translations"]} == {"ar", "es"}


async def test_a_translation_is_cached_for_ever_and_replaced_at_once(house: Portal, tmp_path: Path) -> None:
    query = (
        '{ questionnaireVersion(questionnaire: "sample", locale: "fr") { title contentHash'
        " translations { locale contentHash documentPath } language { locale documentPath } } }"
    )

    async def ask() -> dict[str, Any]:
        found: dict[str, Any] = (await house.ask(query))["data"]["questionnaireVersion"]
        return found

    assert (await ask())["title"] == "Sample"
    version = (await ask())["contentHash"]
    paths = []
    for mark in ("« {} »", "<{}>"):
        file = write_translation(tmp_path, make_overlay("fr", mark))
        await publishing.publish_all(house.database.owner_url, [], [file])
        shown = await ask()
        assert (shown["title"], shown["contentHash"]) == (mark.format("Sample"), version)
        paths.append(shown["language"]["documentPath"])
    async with house.client() as client:
        for path, title in zip(paths, ("« Sample »", "<Sample>"), strict=True):
            answer = await client.get(path)
            assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
            document = orjson.loads(answer.content)
            assert path == f"/translations/{canonical.hash_document(document)}.json"
            assert document["entries"]["title"] == {"by": "machine", "of": texts.hash_text("Sample"), "text": title}
            again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        for wrong in (version, "0" * 64, "x"):
            assert (await client.get(f"/translations/{wrong}.json")).status_code == 404


async def test_letters_speak_of_a_questionnaire_as_the_form_does(house: Portal) -> None:
    """In the language of who reads: title, section, tier; with the minutes of the form, and whose words are whose."""
    buyer, supplier = await house.sign_up("buyer"), await sign_up(house, "es-MX")
    asked = make_ask(await add_record(house, buyer, supplier), message="Llámenos al 24 12 34")
    request = (await do(house, CREATE, buyer, **asked))["lines"][0]["requestId"]
    (letter,) = await collect_letters(house)
    (node,) = (await house.ask(RECEIVED, supplier.token))["data"]["receivedRequests"]["nodes"]
    for said in (
        'que responda "¡Sample!", al menos en el nivel "¡Micro!", antes',
        f"\nMensaje de Firm {buyer.organization}: Llámenos al 24 12 34\n",
        f"preguntas: {math.ceil(Decimal(node['minutes']))}\n",
        f"\n\nNo recibir más cartas sobre peticiones: {letter.stop_link}\n",
    ):
        assert said in letter.body, said
    week = "UPDATE portal.request SET told_at = now() - interval '7 days', created_at = now() - interval '7 days'"
    await house.run_sql(f"{week} WHERE buyer_id = $1", buyer.organization)
    assert (await do(house, RESEND, buyer, requestId=request))["__typename"] == "RequestResent"
    (again,) = await collect_letters(house)
    assert 'a "¡Sample!", al menos en el nivel "¡Micro!"' in again.body
    assert [again.body.count(f"&say={one}\n") for one in letter_answers.SAID] == [1, 1, 1]
    assert "\nMensaje de" in again.body


async def test_colleagues_read_a_section_each_in_a_language_of_their_own(house: Portal) -> None:
    supplier = await sign_up(house, "es")
    colleague = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    for by, to, said in ((supplier, colleague, ("Pay", "Sample")), (colleague, supplier, ("¡Pay!", "¡Sample!"))):
        await assign(house, by, assessment, "labour", to)
        (letter,) = await collect_letters(house)
        assert all(f'"{words}"' in letter.body for words in said), letter.body
