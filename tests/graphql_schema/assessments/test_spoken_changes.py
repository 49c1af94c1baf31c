"""What becomes of answers, told to those who read Spanish, Arabic or Chinese, and to one whom nobody translates for."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from portal.assessments import publishing
from questionnaires import reasons, texts
from questionnaires.catalogue import Packaged
from questionnaires.translation import Entry
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import documents, successors
from tests.graphql_schema.assessments.documents import do, start, write
from tests.graphql_schema.assessments.test_renewals import NEXT, OTHER_CHANGES, OTHER_PROFILE, finish_year, submit
from tests.graphql_schema.assessments.test_translations import sign_up
from tests.graphql_schema.assessments.test_upgrades import answer_everything, save, upgrade
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample
from tests.portal.assessments.sample import make_overlay, write_translation

ORIGINS = "origins { field source }"
SENTENCE = "code sentence locale source"
LANGUAGE = "language { locale wanted isFallback direction }"
UPGRADE_PREVIEW = (
    "query ($id: ID!, $locale: Locale) { assessment(id: $id) { preview: upgradePreview(locale: $locale) {"
    f" {LANGUAGE} answers {{ question oldQuestion title {ORIGINS} reasons {{ {SENTENCE} }} }} }} }} }}"
)
RENEWAL_PREVIEW = UPGRADE_PREVIEW.replace(
    "upgradePreview(", 'renewalPreview(periodStart: "2027-01-01", periodEnd: "2027-12-31", '
)
REUSABLE = (
    "query ($id: ID!) { assessment(id: $id) { reusableAnswers {"
    f" question fromQuestion fromTitle {ORIGINS} {LANGUAGE} }} }} }}"
)
COMPARE = (
    "query ($earlier: ID!, $later: ID!) { compareSubmissions(earlier: $earlier, later: $later) {"
    f" {LANGUAGE} totals {{ {SENTENCE} }} answers {{ question title {ORIGINS} comparability {{ {SENTENCE} }} }} }} }}"
)
DIFFERENCE = (
    'query ($locale: Locale) { questionnaireDifference(questionnaire: "sample", oldVersion: "1.0.0",'
    f' newVersion: "2.0.0", locale: $locale) {{ {LANGUAGE} leastStep'
    f" changes {{ path question title old new {SENTENCE} {ORIGINS} }} }} }}"
)
SAVE = documents.SAVE.replace(
    "problem { question rowId code message }", "problem { question rowId code message locale source }"
)
LATER = {
    "questions.people.title": Entry(of=texts.hash_text("People"), text="¡People!", by="machine"),
    "option_sets.yes_partly_no.planned.title": Entry(of=texts.hash_text("Planned"), text="Previsto", by="human"),
}  # and nobody has translated `guards` yet


@pytest_asyncio.fixture
async def stage(database: TestDatabase, tmp_path: Path) -> AsyncIterator[Portal]:
    """A portal with the sample in English, Spanish and Arabic, and another questionnaire in English alone."""
    other = Packaged(
        sample.make_definition(successors.change(sample.QUESTIONNAIRE, OTHER_CHANGES)),
        (sample.make_profile(successors.change(sample.PROFILE, OTHER_PROFILE)),),
    )
    overlays = (make_overlay(**LATER), make_overlay("ar", "‹{}›"))
    files = [write_translation(tmp_path, one) for one in overlays]
    await publishing.publish_all(database.owner_url, [sample.make_packaged(), other], files)
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def preview(stage: Portal, caller: Caller, assessment: str, query: str = UPGRADE_PREVIEW, **given: Any) -> Any:
    return (await stage.ask(query, caller.token, id=assessment, **given))["data"]["assessment"]["preview"]


def index(listed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["question"] or one["oldQuestion"]: one for one in listed}


def told(code: str, locale: str) -> dict[str, str]:
    """What is given for the code of a change in a language that a machine wrote."""
    source = "SOURCE" if locale == "en" else "MACHINE"
    return {
        "code": code.upper(), "sentence": reasons.read_sentences(locale)[code], "locale": locale, "source": source,
    }  # fmt: skip


async def test_an_upgrade_is_previewed_in_spanish(stage: Portal) -> None:
    supplier = await sign_up(stage, "es-MX")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    seen = await preview(stage, supplier, draft)
    assert seen["language"] == {"locale": "es", "wanted": "es-MX", "isFallback": False, "direction": "LTR"}
    found = index(seen["answers"])
    assert found["remark"]["reasons"] == [
        {
            "code": "TEXT_TOO_LONG",
            "sentence": "El texto tiene 26 caracteres; se permiten como máximo 10.",
            "locale": "es",
            "source": "MACHINE",
        }
    ]
    assert found["fees_repaid"]["reasons"] == [
        {
            "code": "OPTION_ADDED",
            "sentence": "La pregunta tiene una opción más; lo que se eligió antes se debe confirmar.",
            "locale": "es",
            "source": "MACHINE",
        }
    ]
    for key, code in (("people", "question_renamed"), ("area", "unit_changed"), ("drills", "question_removed")):
        assert found[key]["reasons"] == [told(code, "es")]
    for key, title in (("people", "¡People!"), ("fees_repaid", "¡Are fees repaid?!"), ("drills", "¡Drills!")):
        assert found[key]["title"] == title  # what is gone has the words of the version that asked it
        assert found[key]["origins"] == [{"field": "title", "source": "MACHINE"}]
    assert found["guards"]["title"] == "Guards"
    assert found["guards"]["origins"] == [{"field": "title", "source": "MISSING"}]


async def test_the_argument_comes_before_the_account_and_a_language_without_words_is_told_so(stage: Portal) -> None:
    supplier = await sign_up(stage, "es")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    english = await preview(stage, supplier, draft, locale="en-GB")
    assert english["language"] == {"locale": "en", "wanted": "en-GB", "isFallback": False, "direction": "LTR"}
    assert index(english["answers"])["fees_repaid"]["reasons"] == [told("option_added", "en")]
    for locale in ("de", "zh-TW"):
        fallen = await preview(stage, supplier, draft, locale=locale)
        assert fallen["language"] == {"locale": "en", "wanted": locale, "isFallback": True, "direction": "LTR"}
        assert fallen["answers"] == english["answers"]
    chinese = await preview(stage, supplier, draft, locale="zh-CN")  # the portal's own words, not the author's
    assert (chinese["language"]["locale"], chinese["language"]["isFallback"]) == ("en", True)
    found = index(chinese["answers"])
    assert found["fees_repaid"]["title"] == "Are fees repaid?"
    assert found["fees_repaid"]["reasons"] == [told("option_added", "zh-Hans")]
    assert found["remark"]["reasons"][0]["sentence"] == "文字有26个字符；最多允许10个。"
    wrong = await stage.ask(UPGRADE_PREVIEW, supplier.token, id=draft, locale="Spanish")
    assert "BCP 47" in wrong["errors"][0]["message"]


async def test_a_late_answer_to_a_question_that_changed_is_refused_in_spanish(stage: Portal) -> None:
    supplier = await sign_up(stage, "es")
    draft = await answer_everything(stage, supplier)
    await successors.publish_successor(stage)
    await upgrade(stage, supplier, draft)
    saved = await do(stage, SAVE, supplier, assessmentId=draft, answers=[write("trained", 1, number="95")])
    assert saved["results"][0]["problem"] == {
        "question": "trained", "rowId": None, "code": "QUESTION_CHANGED",
        "message": "La evaluación pasó a una versión en la que esta pregunta es otra o ya no existe. Mire qué se"
        " pregunta allí y responda de nuevo.",
        "locale": "es", "source": "MACHINE",
    }  # fmt: skip


async def test_what_a_program_did_wrong_is_told_to_its_user_in_arabic(stage: Portal) -> None:
    """Whoever typed the answer has to know that it was not saved, and what to do."""
    supplier = await sign_up(stage, "ar")
    draft = await start(stage, supplier, "MICRO")
    used = write("founded", date="2001-01-01")
    again = used | {"value": {"date": "2002-02-02"}}
    saved = await do(stage, SAVE, supplier, assessmentId=draft, answers=[used, again, write("remark", -5, text="x")])
    told = [one["problem"] for one in saved["results"]]
    assert [None if one is None else (one["code"], one["locale"], one["source"]) for one in told] == [
        None,
        ("WRITE_ID_REUSED", "ar", "MACHINE"),
        ("BASE_REVISION", "ar", "MACHINE"),
    ]
    assert all(one["message"].startswith("لم تُحفظ هذه الإجابة") for one in told[1:])
    assert "-5" in told[2]["message"]


async def test_another_year_is_previewed_in_arabic(stage: Portal) -> None:
    supplier = await sign_up(stage, "ar-EG")
    old, _ = await finish_year(stage, supplier)
    seen = await preview(stage, supplier, old, RENEWAL_PREVIEW)
    assert seen["language"] == {"locale": "ar", "wanted": "ar-EG", "isFallback": False, "direction": "RTL"}
    people = index(seen["answers"])["headcount"]
    assert people["title"] == "‹People›"
    figure = "هذا الرقم يخص فترة أخرى، ولذلك يُسأل عنه من جديد؛ ويظهر الرقم الآخر بجانبه."
    assert people["reasons"] == [{"code": "FIGURE_OF_PERIOD", "sentence": figure, "locale": "ar", "source": "MACHINE"}]
    assert index(seen["answers"])["exits_locked"]["reasons"] == [
        {"code": "ANOTHER_PERIOD", "sentence": "هذه الإجابة عن فترة أخرى.", "locale": "ar", "source": "MACHINE"}
    ]


async def test_what_was_told_elsewhere_is_offered_in_the_language_that_it_was_asked_in(stage: Portal) -> None:
    supplier = await sign_up(stage, "es")
    await save(stage, supplier, await start(stage, supplier, "MICRO"), write("headcount", number="12"))
    draft = await start(stage, supplier, "MICRO", questionnaire="other")
    (offered,) = (await stage.ask(REUSABLE, supplier.token, id=draft))["data"]["assessment"]["reusableAnswers"]
    assert (offered["question"], offered["fromQuestion"], offered["fromTitle"]) == ("people", "headcount", "¡People!")
    assert offered["origins"] == [{"field": "fromTitle", "source": "MACHINE"}]
    assert offered["language"]["locale"] == "es"
    # The other way round there is no translation, and that is said.
    other = await sign_up(stage, "es")
    told_there = await start(stage, other, "MICRO", questionnaire="other")
    await save(stage, other, told_there, write("people", number="12"))
    open_here = await start(stage, other, "MICRO")
    (offered,) = (await stage.ask(REUSABLE, other.token, id=open_here))["data"]["assessment"]["reusableAnswers"]
    assert (offered["fromTitle"], offered["origins"]) == ("People", [{"field": "fromTitle", "source": "SOURCE"}])
    assert offered["language"] == {"locale": "en", "wanted": "es", "isFallback": True, "direction": "LTR"}


async def test_two_years_are_compared_in_spanish(stage: Portal) -> None:
    supplier = await sign_up(stage, "es")
    _, earlier = await finish_year(stage, supplier)
    await successors.publish_successor(stage)
    draft = await start(stage, supplier, "MICRO", **NEXT)
    given = [
        write("people", number="14"), write("fees_repaid", choice="planned"), write("trained", number="60"),
        write("exits_locked", boolean=False),
    ]  # fmt: skip
    await save(stage, supplier, draft, *given)
    later = await submit(stage, supplier, draft)
    found = (await stage.ask(COMPARE, supplier.token, earlier=earlier, later=later))["data"]["compareSubmissions"]
    assert found["language"]["locale"] == "es"
    assert found["totals"] == told("questions_differ", "es")
    answers = index(found["answers"])
    assert answers["people"]["comparability"] == told("same", "es")
    assert answers["trained"]["comparability"] == told("meaning_raised", "es")
    assert {one["title"] for one in found["answers"]} == {"¡People!", "¡Are fees repaid?!", "¡Trained!", "¡Locked?!"}
    assert {origin["source"] for one in found["answers"] for origin in one["origins"]} == {"MACHINE"}


@pytest.mark.parametrize(("header", "locale"), [("es-AR,es;q=0.9", None), ("ar", "es"), ("de, es;q=0.1", None)])
async def test_anybody_reads_what_changed_between_two_versions_in_spanish(
    stage: Portal, header: str, locale: str | None
) -> None:
    await successors.publish_successor(stage)
    sent = {"query": DIFFERENCE, "variables": {"locale": locale}}
    found = (await stage.post(sent, accept_language=header)).json()["data"]["questionnaireDifference"]
    assert (found["language"]["locale"], found["leastStep"]) == ("es", "MAJOR")
    assert {one["locale"] for one in found["changes"]} == {"es"}
    assert {one["source"] for one in found["changes"]} == {"MACHINE"}
    by_code = {(one["code"], one["question"]): one for one in found["changes"]}
    added = by_code["option_added", "fees_repaid"]
    assert (added["sentence"], added["old"], added["new"]) == (told("option_added", "es")["sentence"], "", "Previsto")
    assert added["title"] == "¡Are fees repaid?!"
    assert added["origins"] == [{"field": "title", "source": "MACHINE"}, {"field": "new", "source": "HUMAN"}]
    assert by_code["question_removed", "drills"]["title"] == "¡Drills!"
    unit = by_code["unit_changed", "area"]
    assert (unit["old"], unit["new"]) == ("square_metre", "square_foot")  # a value, by which answers name it
    check = by_code["check_added", None]
    assert (check["title"], check["new"]) == (None, "Jumps.")
    assert check["origins"] == [{"field": "new", "source": "MISSING"}]


async def test_each_language_of_a_difference_has_its_own_tag(stage: Portal) -> None:
    """A client that changes its language is not told that it has the answer already."""
    await successors.publish_successor(stage)

    async def get(language: str, tag: str = "") -> httpx.Response:
        async with stage.client() as client:
            sent = {"accept": "application/graphql-response+json", "accept-language": language, "if-none-match": tag}
            return await client.get("/graphql", params={"query": DIFFERENCE}, headers=sent)

    spanish, french = await get("es"), await get("fr")
    assert spanish.headers["etag"] != french.headers["etag"]
    assert "Accept-Language" in spanish.headers["vary"].split(", ")
    assert (await get("es", spanish.headers["etag"])).status_code == 304
    assert (await get("fr", spanish.headers["etag"])).status_code == 200
