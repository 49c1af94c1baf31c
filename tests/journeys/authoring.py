"""The chapters of a questionnaire's author, and of a supplier's second year, told with author.graphql's operations."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests import people
from tests.journeys import buying, partnering, supplying
from tests.journeys.documents import Caller
from tests.journeys.world import World
from tests.questionnaires.forms import make_form

CODE, VISIT, SHARED = "shirts--code", "shirts--mill-visit", "the-index--code"
FIRST_YEAR, SECOND_YEAR = ({"periodStart": f"{year}-01-01", "periodEnd": f"{year}-12-31"} for year in (2025, 2026))
QUESTIONNAIRE = """
format: questionnaire/1
questionnaire:
  key: shirts--code
  publisher: shirts
  version: 1.0.0
  locale: en
  purpose: self_assessment
  title: Our house code
  description: What we ask of mills beside what everybody asks.
tiers: [{key: micro, title: Micro}]
pillars: [{key: labour, title: Labor}]
sections:
  - key: hours
    title: Working hours
    pillar: labour
    questions:
      - {key: shifts, type: integer, tier: micro, kind: fact, title: How many shifts are worked in a day?,
         why: Two shifts need two teams., unit: shift, min: 1, max: 4, required: true}
      - key: overtime_notice
        type: choice
        tier: micro
        kind: measure
        title: When do people learn that they work longer?
        why: Who learns it late cannot say no.
        action: Put the hours of next week on the wall each Friday.
        options: [{key: week_before, title: The week before}, {key: same_day, title: On the day}]
        required: true
"""
PROFILE = """
format: scoring-profile/1
profile: {questionnaire: shirts--code, version: 1.0.0, number: 1, description: The first.}
validity_days: 365
max_na_share: 40
pillars: {labour: 100}
questions:
  overtime_notice: {weight: 1, points: {week_before: 100, same_day: 40}}
bands: [{key: c, title: C, min: 0}, {key: a, title: A, min: 80}]
"""
CHANGES = (
    ("{key: shifts,", "{key: shifts_a_day,"),
    (
        "      - key: overtime_notice\n",
        "      - {key: night_shift, type: boolean, tier: micro, kind: fact, title: Does one end after midnight?,\n"
        "         why: The way home is longest then., required: true}\n"
        "      - key: overtime_notice\n",
    ),
    ("sections:\n", "renamed: [{from: shifts, to: shifts_a_day}]\nsections:\n"),
)
FORM = (
    ("type", "name", "label", "why", "unit", "required"),
    ("begin_group", "visit", "The visit", "", "", ""),
    ("date", "visit_day", "When were you there?", "To know how old this is.", "", "yes"),
    ("geopoint", "place", "Where is the mill?", "To find it again.", "", ""),
    ("integer", "people_seen", "How many people were at work?", "", "person", "yes"),
    ("end_group", "", "", "", "", ""),
)
MENDED_FORM = (
    *FORM[:3],
    ("text", "place", "Where is the mill?", "To find it again.", "", ""),
    ("integer", "people_seen", "How many people were at work?", "To set it beside the list.", "person", "yes"),
    FORM[-1],
)


def change(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def encode_form(rows: tuple[tuple[str, ...], ...]) -> str:
    settings = [("form_id", "form_title", "version"), ("mill_visit", "Visit to a mill", "1.0.0")]
    return base64.b64encode(make_form(rows, [], settings)).decode()


def name_source(text: str, profile: str) -> dict[str, str]:
    return {"format": "YAML", "text": text, "profileFormat": "YAML", "profileText": profile}


async def publish_form(author: Caller) -> None:
    """A form made elsewhere is sent in; each row that does not map is named, mended, and the form published."""
    given = {"format": "XLSFORM", "text": encode_form(FORM)}
    draft = (await author.do("ImportQuestionnaire", **given))["draft"]
    assert (draft["questionnaire"], draft["isSound"]) == (VISIT, False)
    place, why = draft["findings"]
    assert (place["line"], '"geopoint" does not map; allowed: text' in place["message"]) == (4, True)
    assert (why["line"], why["question"], why["path"]) == (5, "people_seen", ["sections", "0", "questions", "1"])
    given = {"format": "XLSFORM", "text": encode_form(MENDED_FORM)}
    mended = (await author.do("ImportQuestionnaire", **given, baseRevision=draft["revision"]))["draft"]
    assert (mended["isSound"], mended["findings"]) == (True, [])
    done = await author.do("PublishQuestionnaire", questionnaire=VISIT, revision=mended["revision"])
    assert done["questionnaire"]["currentVersion"] == "1.0.0"


async def publish_text(author: Caller) -> None:
    """A text with a fault in each part is kept with its findings, mended, tried without being kept, and published."""
    faulty = name_source(
        change(QUESTIONNAIRE, ("type: integer", "type: count")), change(PROFILE, (", same_day: 40", ""))
    )
    draft = (await author.do("ImportQuestionnaire", **faulty))["draft"]
    found = {one["part"]: one for one in draft["findings"]}
    assert {part: one["question"] for part, one in found.items()} == {
        "QUESTIONNAIRE": "shifts",
        "PROFILE": "overtime_notice",
    }
    assert found["QUESTIONNAIRE"]["path"] == ["sections", "0", "questions", "0", "type"]
    assert "shifts" in QUESTIONNAIRE.splitlines()[found["QUESTIONNAIRE"]["line"] - 1]
    assert 'option "same_day" has no points' in found["PROFILE"]["message"]
    mended = name_source(QUESTIONNAIRE, PROFILE)
    await try_unkept(author, mended)
    kept = await author.ask("ReadDrafts")
    assert [one["isSound"] for one in kept] == [False]
    draft = (await author.do("ImportQuestionnaire", **mended, baseRevision=draft["revision"]))["draft"]
    assert (draft["isSound"], draft["findings"]) == (True, [])
    done = await author.do("PublishQuestionnaire", questionnaire=CODE, revision=draft["revision"])
    assert done["questionnaire"]["versions"] == [{"version": "1.0.0", "approval": None, "profileNumbers": [1]}]


async def try_unkept(author: Caller, source: dict[str, str]) -> None:
    """What a supplier would be asked, told and given for some answers."""
    answers = [
        {"question": "shifts", "value": {"number": "5"}},
        {"question": "overtime_notice", "value": {"choice": "same_day"}},
    ]
    tried = await author.ask("TryQuestionnaire", input={"source": source, "tier": "MICRO", "answers": answers})
    assert tried["findings"] == []
    outcome = tried["outcome"]
    assert [one["code"] for one in outcome["problems"]] == ["ABOVE_MAX"]
    assert (outcome["asked"], outcome["answered"]) == (2, 2)
    assert (Decimal(outcome["total"]), outcome["band"]) == (40, "c")


async def connect(buyer: Caller, supplier: str) -> None:
    """A contact is added and invited, with nothing to answer yet."""
    await buyer.do("AddContact", supplierId=supplier, email=buying.SUPPLIER, name="Minh Anh")
    invited = await buyer.do("InviteSuppliers", suppliers=[{"supplierId": supplier}])
    assert invited["invitedCount"] == 1, invited


async def ask(author: Caller, supplier: str, questionnaire: str, **more: Any) -> dict[str, Any]:
    """A request; gives its line."""
    made = await author.do(
        "AskForBoth",
        supplierIds=[supplier],
        questionnaire=questionnaire,
        minimumTier="MICRO",
        purpose="Choosing the mills for next year's shirts",
        dueOn=str(datetime.now(UTC).date() + timedelta(days=30)),
        **more,
    )
    assert made["createdCount"] == 1, made
    line: dict[str, Any] = made["lines"][0]
    return line


async def answer_both(supplier: Caller, second: Caller) -> tuple[str, str]:
    """One thing to do with two parts: both are answered, submitted and shared; gives the second part, as it was
    answered and as it was submitted."""
    (asked,) = (await second.ask("ReadBothParts"))["nodes"]
    (extra,) = asked["extras"]
    assert (asked["questionnaire"], extra["questionnaire"]) == ("responsible-sourcing", CODE)
    accepted = await second.do("AcceptBoth", requestId=asked["id"])
    (part,) = accepted["request"]["extras"]
    assert (accepted["outcome"], part["assessment"]["version"]) == ("STARTED", "1.0.0")
    main = accepted["assessment"]["id"]
    await finish(supplier, main, await supplying.answer(supplier, main), asked["id"], ["fire_and_building"])
    given = [
        supplying.write("shifts", number="2"),
        supplying.write("overtime_notice", choice="same_day"),
    ]
    own = part["assessment"]["id"]
    assert await supplying.save(supplier, own, *given) == [("SAVED", 1)] * 2
    return own, await finish(supplier, own, len(given), extra["id"], ["hours"])


async def finish(supplier: Caller, assessment: str, number: int, request: str, sections: list[str]) -> str:
    """Submit, and share what was asked for; gives the submission."""
    done = await supplier.do("SubmitAssessment", assessmentId=assessment, expectedChangeNumber=number)
    submission: str = done["submission"]["id"]
    shared = await supplier.do("ShareResult", submissionId=submission, requestId=request, sections=sections)
    assert shared["fulfilledRequestIds"] == [request]
    return submission


async def read_both(author: Caller, supplier: str) -> None:
    """Both results, each under its questionnaire."""
    for questionnaire, section in (("responsible-sourcing", "fire_and_building"), (CODE, "hours")):
        found = await author.ask("ReadBothResults", supplier=supplier, questionnaire=questionnaire)
        latest = found["latestResult"]
        assert (latest["questionnaire"], latest["total"] is not None) == (questionnaire, True)
        assert [one["key"] for one in latest["sections"] if one["answers"]] == [section]


async def begin_second_year(second: Caller, first_year: str) -> tuple[str, str]:
    """The next request is accepted, and its draft filled with last year's answers; gives request and draft."""
    (asked,) = (await second.ask("ReadBothParts"))["nodes"]
    accepted = await second.do("AcceptBoth", requestId=asked["id"])
    draft: str = accepted["assessment"]["id"]
    seen = (await second.ask("PreviewRenewal", assessment=first_year, **SECOND_YEAR))["renewalPreview"]
    assert (seen["confirmCount"], seen["newCount"]) == (1, 0)
    told = {one["question"]: [why["code"] for why in one["reasons"]] for one in seen["answers"]}
    assert told == {"shifts": ["FIGURE_OF_PERIOD"], "overtime_notice": ["ANOTHER_PERIOD"]}
    renewed = await second.do("RenewAssessment", assessmentId=first_year, **SECOND_YEAR)
    assert (renewed["isStarted"], renewed["assessment"]["id"]) == (False, draft)
    return asked["id"], draft


async def publish_next(author: Caller) -> None:
    """A question gets a better name and another is added: a number too low is refused with why, the right one goes."""
    revision = 0
    for version, is_sound in (("1.0.1", False), ("1.1.0", True)):
        text = change(QUESTIONNAIRE, *CHANGES, ("version: 1.0.0", f"version: {version}"))
        profile = change(PROFILE, ("version: 1.0.0", f"version: {version}"))
        sent = await author.do("ImportQuestionnaire", **name_source(text, profile), baseRevision=revision)
        assert sent["draft"]["isSound"] == is_sound, sent
        revision = sent["draft"]["revision"]
        (waiting,) = await author.ask("ReadDrafts")
        told = waiting["change"]
        assert (told["oldVersion"], told["leastStep"], told["leastVersion"]) == ("1.0.0", "MINOR", "1.1.0")
        assert {(one["code"], one["question"]) for one in told["changes"]} == {
            ("question_renamed", "shifts_a_day"),
            ("question_added", "night_shift"),
        }
    done = await author.do("PublishQuestionnaire", questionnaire=CODE, revision=revision)
    assert done["questionnaire"]["currentVersion"] == "1.1.0"


async def go_on(supplier: Caller, second: Caller, request: str, draft: str) -> str:
    """The open draft goes to the new version after a look at what becomes of it; gives what was submitted."""
    assert await supplying.save(supplier, draft, supplying.write("shifts", number="2")) == [("SAVED", 1)]
    seen = (await second.ask("PreviewUpgrade", assessment=draft))["upgradePreview"]
    fates = {one["question"]: (one["fate"], one["oldQuestion"]) for one in seen["answers"]}
    assert (seen["fromVersion"], seen["toVersion"], seen["step"]) == ("1.0.0", "1.1.0", "MINOR")
    assert fates == {
        "shifts_a_day": ("CARRIED", "shifts"),
        "night_shift": ("NEW", None),
        "overtime_notice": ("CONFIRM", "overtime_notice"),
    }
    made = await second.do("UpgradeAssessment", assessmentId=draft, version=seen["toVersion"])
    assert (made["replacedId"], made["assessment"]["version"]) == (draft, "1.1.0")
    new = made["assessment"]["id"]
    standing = {one["question"]: one["revision"] for one in made["assessment"]["answers"]["answers"]}
    assert standing.keys() == {"shifts_a_day", "overtime_notice"}
    seen_answer = {"question": "overtime_notice", "revision": standing["overtime_notice"]}
    confirmed = await second.do("ConfirmAnswers", assessmentId=new, answers=[seen_answer])
    assert [one["status"] for one in confirmed["results"]] == ["SAVED"]
    given = [
        supplying.write("night_shift", boolean=False),
        supplying.write("overtime_notice", standing["overtime_notice"] + 1, choice="week_before"),
    ]
    assert [status for status, _ in await supplying.save(supplier, new, *given)] == ["SAVED"] * 2
    return await finish(supplier, new, confirmed["changeNumber"] + len(given), request, ["hours"])


async def compare(second: Caller, earlier: str, later: str) -> None:
    """Two years side by side, over the renaming; what stands on another footing says so."""
    found = await second.ask("CompareYears", earlier=earlier, later=later)
    assert [found[name]["version"] for name in ("earlier", "later")] == ["1.0.0", "1.1.0"]
    assert [Decimal(found[name]["total"]) for name in ("earlier", "later")] == [40, 100]
    told = {one["question"]: one for one in found["answers"]}
    shifts = told["shifts_a_day"]
    assert [shifts[name]["value"]["number"] for name in ("earlier", "later")] == ["2", "2"]
    assert {key: one["comparability"]["code"] for key, one in told.items()} == {
        "shifts_a_day": "SAME",
        "night_shift": "QUESTION_ADDED",
        "overtime_notice": "SAME",
    }


async def show_to_everybody(world: World, author: Caller, questionnaire: str) -> list[str]:
    """The author asks, the operator reads every word and says yes; gives the operator's operations."""
    asked = await author.do("SetVisibility", questionnaire=questionnaire, visibility="PUBLIC")
    assert asked["questionnaire"]["visibility"] != "PUBLIC"
    assert asked["questionnaire"]["versions"][0]["approval"] == "ASKED"
    person = await people.add_person(world.database, operator=True)
    operator = Caller(world.url, "author", person.token)
    (waiting,) = await operator.ask("ReadWaitingQuestionnaires")
    assert waiting["questionnaire"] == questionnaire
    assert "When do people learn that they work longer?" in {one["text"] for one in waiting["texts"]}
    named = {"version": waiting["version"], "readHash": waiting["readHash"]}
    await operator.do("DecideQuestionnaire", questionnaire=questionnaire, **named, decision="APPROVE")
    return operator.done


async def find_it(stranger: Caller) -> None:
    """Somebody whom the author never asked finds the questionnaire and begins to answer it."""
    listed = {one["key"]: one["current"] for one in await stranger.ask("FindQuestionnaires")}
    assert VISIT not in listed
    assert listed[CODE] == {"version": "1.1.0", "title": "Our house code", "publisher": "shirts"}
    started = await stranger.do("StartByOneself", questionnaire=CODE, tier="MICRO", **SECOND_YEAR)
    assert started["assessment"]["version"] == "1.1.0"


async def share_among_many(world: World, buyer: Caller, supplier: Caller, mill: str) -> list[str]:
    """An industry body publishes for everybody; a buyer asks its own supplier for it. Gives the body's operations."""
    partner = await partnering.found_partner(world)
    body = Caller(world.url, "author", partner.token)
    await body.do("ClaimName", name="the-index")
    text, profile = (
        one.replace("shirts--code", SHARED).replace("publisher: shirts", "publisher: the-index")
        for one in (QUESTIONNAIRE, PROFILE)
    )
    draft = (await body.do("ImportQuestionnaire", **name_source(text, profile)))["draft"]
    await body.do("PublishQuestionnaire", questionnaire=SHARED, revision=draft["revision"])
    await show_to_everybody(world, body, SHARED)
    await ask(buyer, mill, SHARED, **SECOND_YEAR)
    (asked,) = (await supplier.ask("ReadReceivedRequests"))["edges"]
    accepted = await supplier.do("AcceptRequest", requestId=asked["node"]["id"])
    given = [
        supplying.write("shifts", number="2"),
        supplying.write("overtime_notice", choice="week_before"),
    ]
    await supplying.save(supplier, accepted["assessment"]["id"], *given)
    await finish(supplier, accepted["assessment"]["id"], len(given), asked["node"]["id"], ["hours"])
    found = await buyer.ask("ReadBothResults", supplier=mill, questionnaire=SHARED)
    assert Decimal(found["latestResult"]["total"]) == 100
    return body.done
