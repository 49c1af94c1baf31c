"""Another year: last year's answers are offered, looked at, and set beside the new ones; no fact is asked twice."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import publishing, rescoring
from portal.database import engine
from questionnaires.catalogue import Packaged
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import documents, successors
from tests.graphql_schema.assessments.documents import PROBLEM, do, start, write, write_all
from tests.graphql_schema.assessments.test_upgrades import (
    CONFIRM,
    READ,
    index,
    preview,
    read,
    save,
    upgrade,
)
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

NEXT = {"periodStart": "2026-07-01", "periodEnd": "2027-06-30"}  # has begun, so that it can be submitted
PREVIEW = (
    "query ($id: ID!, $from: Date!, $to: Date!) { assessment(id: $id) {"
    " renewalPreview(periodStart: $from, periodEnd: $to)"
    " { toVersion confirmCount blankCount newCount answers { question fate reasons { code } } } } }"
)
RENEW = (
    "mutation ($input: RenewAssessmentInput!) { result: renewAssessment(input: $input) { __typename"
    " ... on AssessmentRenewed { isStarted assessment { id version tier upgradedFromId earlierId periodStart } }"
    f" {PROBLEM} }} }}"
)
REUSE = (
    "mutation ($input: ReuseAnswersInput!) { result: reuseAnswers(input: $input) { __typename"
    f" ... on AnswersReused {{ questions assessment {{ id changeNumber }} }} {PROBLEM} }} }}"
)
REUSABLE = (
    "query ($id: ID!) { assessment(id: $id) { reusableAnswers { question fromId fromQuestionnaire fromQuestion"
    " fromTitle content { state value { number } } } } }"
)
COMPARE = (
    "query ($earlier: ID!, $later: ID!) { compareSubmissions(earlier: $earlier, later: $later) { tier"
    " earlier { version total } later { version total } totals { isComparable code sentence }"
    " answers { question rowId earlier { value { number choice } } later { value { number choice } }"
    " comparability { isComparable code sentence } } } }"
)
UPLOAD = (
    "mutation ($input: CreateEvidenceUploadInput!) { result: createEvidenceUpload(input: $input) { __typename"
    f" ... on EvidenceUploadCreated {{ evidence {{ id }} }} {PROBLEM} }} }}"
)
ATTACH = (
    f"mutation ($input: AttachEvidenceInput!) {{ result: attachEvidence(input: $input) {{ __typename {PROBLEM} }} }}"
)
DETACH = (
    f"mutation ($input: DetachEvidenceInput!) {{ result: detachEvidence(input: $input) {{ __typename {PROBLEM} }} }}"
)
ATTACHED = "query { evidence(first: 20) { nodes { attachments { assessmentId question } } } }"
OTHER_CHANGES = (
    ("key: sample", "key: other"),
    ("{key: headcount,", "{key: people,"),
    ("q: headcount", "q: people"),
    ("than: headcount", "than: people"),
)
OTHER_PROFILE = (("questionnaire: sample", "questionnaire: other"),)


def make_other() -> Packaged:
    """A questionnaire that asks for the people under another key."""
    return Packaged(
        sample.make_definition(successors.change(sample.QUESTIONNAIRE, OTHER_CHANGES)),
        (sample.make_profile(successors.change(sample.PROFILE, OTHER_PROFILE)),),
    )


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    """A portal with the first version of the sample, and another questionnaire that asks for the same fact."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_other()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def submit(stage: Portal, supplier: Caller, assessment: str) -> str:
    """The id of its submission."""
    number = (await stage.ask(READ, supplier.token, id=assessment))["data"]["assessment"]["changeNumber"]
    done = await do(stage, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=number)
    assert done["__typename"] == "AssessmentSubmitted", done
    submission: str = done["submission"]["id"]
    return submission


async def finish_year(stage: Portal, supplier: Caller, **changed: Any) -> tuple[str, str]:
    """An assessment of 2026 that was submitted; its id and that of its submission."""
    draft = await start(stage, supplier, "MICRO", **changed)
    await save(stage, supplier, draft, *write_all())
    return draft, await submit(stage, supplier, draft)


async def renew(stage: Portal, supplier: Caller, assessment: str, **given: Any) -> Any:
    return await do(stage, RENEW, supplier, assessmentId=assessment, **(NEXT | given))


async def test_a_year_is_renewed_with_answers_to_confirm(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    given = {"id": old, "from": NEXT["periodStart"], "to": NEXT["periodEnd"]}
    seen = (await stage.ask(PREVIEW, supplier.token, **given))["data"]["assessment"]["renewalPreview"]
    assert (seen["toVersion"], seen["confirmCount"], seen["blankCount"]) == ("1.0.0", 2, 2)
    reasons = {one["question"]: [why["code"] for why in one["reasons"]] for one in seen["answers"]}
    assert (reasons["exits_locked"], reasons["headcount"]) == (["ANOTHER_PERIOD"], ["FIGURE_OF_PERIOD"])
    assert not {"sites", "waste", "drills"} & reasons.keys()  # which this tier does not ask
    made = await renew(stage, supplier, old)
    new = made["assessment"]["id"]
    assert made == {
        "__typename": "AssessmentRenewed",
        "isStarted": True,
        "assessment": {
            "id": new,
            "version": "1.0.0",
            "tier": "MICRO",
            "upgradedFromId": old,
            "earlierId": old,
            "periodStart": "2026-07-01",
        },
    }
    found = (await stage.ask(READ, supplier.token, id=new))["data"]["assessment"]
    assert {one["provenance"] for one in found["answers"]["answers"]} == {"TO_CONFIRM"}
    assert {one["revision"] for one in found["answers"]["answers"]} == {1}
    assert {one["question"] for one in found["answers"]["answers"]} == {"fees_repaid", "exits_locked"}
    told = [(one["question"], one["code"]) for one in found["problems"]]
    assert told == [("headcount", "REQUIRED_MISSING"), ("exits_locked", "NOT_CONFIRMED")]


async def test_a_draft_that_was_begun_keeps_what_it_has(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    draft = await start(stage, supplier, "MICRO", **NEXT)
    await save(stage, supplier, draft, write("headcount", number="15"), write("trained", number="1"))
    await save(stage, supplier, draft, write("trained", 1, deleted=True))
    for _ in range(2):  # again takes nothing twice
        made = await renew(stage, supplier, old)
        assert (made["isStarted"], made["assessment"]["id"]) == (False, draft)
        standing = index((await stage.ask(READ, supplier.token, id=draft))["data"]["assessment"])
        told = {key: (one["provenance"], one["content"]["deleted"]) for (key, _), one in standing.items()}
        assert told == {
            "headcount": ("ANSWERED", False),
            "trained": ("ANSWERED", True),
            "fees_repaid": ("TO_CONFIRM", False),
            "exits_locked": ("TO_CONFIRM", False),
        }
        assert standing["headcount", None]["content"]["value"]["number"] == "15"


async def test_a_list_that_was_begun_is_not_mixed_with_last_years_rows(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old = await start(stage, supplier, "BASIC")
    rows = [write("sites", rowId="mill", row=True), write("site_people", rowId="mill", number="5")]
    await save(stage, supplier, old, *write_all(), *rows)
    await submit(stage, supplier, old)
    draft = await start(stage, supplier, "BASIC", **NEXT)
    await save(stage, supplier, draft, write("sites", rowId="shed", row=True))
    given = {"id": old, "from": NEXT["periodStart"], "to": NEXT["periodEnd"]}
    seen = (await stage.ask(PREVIEW, supplier.token, **given))["data"]["assessment"]["renewalPreview"]["answers"]
    assert not {"sites", "site_people"} & {one["question"] for one in seen}
    # Where nothing was begun, each row comes along; how many people work there now is asked anew.
    given = {"id": old, "from": "2027-02-01", "to": "2027-12-31"}
    seen = (await stage.ask(PREVIEW, supplier.token, **given))["data"]["assessment"]["renewalPreview"]["answers"]
    fates = {one["question"]: one["fate"] for one in seen}
    assert (fates["sites"], fates["site_people"]) == ("CARRIED", "BLANK")
    await renew(stage, supplier, old)
    standing = index((await stage.ask(READ, supplier.token, id=draft))["data"]["assessment"])
    assert {row for _, row in standing} == {None, "shed"}


async def test_what_cannot_be_renewed_says_why(stage: Portal) -> None:
    supplier, other = await stage.sign_up("supplier"), await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    same = await renew(stage, supplier, old, periodStart="2026-01-01", periodEnd="2026-12-31")
    assert (same["__typename"], same["code"]) == ("Conflict", "SAME_PERIOD")
    backwards = await renew(stage, supplier, old, periodEnd="2026-01-01")
    assert (backwards["__typename"], backwards["code"]) == ("InvalidInput", "PERIOD")
    earlier = await renew(stage, supplier, old, periodStart="2025-01-01", periodEnd="2025-12-31")
    assert (earlier["__typename"], earlier["code"], earlier["path"]) == (
        "InvalidInput",
        "PERIOD",
        ["input", "periodEnd"],
    )
    assert (await renew(stage, other, old))["__typename"] == "NotFound"
    done, _ = await finish_year(stage, supplier, **NEXT)
    taken = await renew(stage, supplier, old)
    assert (taken["__typename"], taken["code"]) == ("Conflict", "ALREADY_SUBMITTED")
    assert done


async def test_a_fact_is_asked_once_for_all_questionnaires(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    told = await start(stage, supplier, "MICRO")
    await save(stage, supplier, told, write("headcount", number="12"))
    draft = await start(stage, supplier, "MICRO", questionnaire="other")
    offered = (await stage.ask(REUSABLE, supplier.token, id=draft))["data"]["assessment"]["reusableAnswers"]
    assert offered == [
        {
            "question": "people",
            "fromId": told,
            "fromQuestionnaire": "sample",
            "fromQuestion": "headcount",
            "fromTitle": "People",
            "content": {"state": "VALUE", "value": {"number": "12"}},
        }
    ]
    for filled in (["people"], []):
        done = await do(stage, REUSE, supplier, assessmentId=draft)
        assert (done["questions"], done["assessment"]["changeNumber"]) == (filled, 1)
    standing = index((await stage.ask(READ, supplier.token, id=draft))["data"]["assessment"])
    (answer,) = standing.values()
    assert (answer["provenance"], answer["carriedFromId"], answer["carriedQuestion"]) == (
        "TO_CONFIRM",
        told,
        "headcount",
    )
    assert answer["content"]["value"]["number"] == "12"


async def test_what_another_publisher_asked_is_not_fetched(stage: Portal) -> None:
    """A questionnaire of one's own must not tell its owner's suppliers what they told somebody else."""
    supplier, buyer = await stage.sign_up("supplier"), await stage.sign_up("buyer")
    await save(stage, supplier, await start(stage, supplier, "MICRO"), write("headcount", number="12"))
    draft = await start(stage, supplier, "MICRO", questionnaire="other")
    await stage.run_sql("UPDATE portal.questionnaire SET owner_id = $1 WHERE key = 'other'", buyer.organization)
    offered = (await stage.ask(REUSABLE, supplier.token, id=draft))["data"]["assessment"]["reusableAnswers"]
    assert offered == []
    assert (await do(stage, REUSE, supplier, assessmentId=draft))["questions"] == []


async def test_two_years_stand_side_by_side_and_say_what_cannot_be_compared(stage: Portal) -> None:
    supplier, other = await stage.sign_up("supplier"), await stage.sign_up("supplier")
    _, earlier = await finish_year(stage, supplier)
    await successors.publish_successor(stage)
    draft = await start(stage, supplier, "MICRO", **NEXT)
    given = [
        write("people", number="14"),
        write("fees_repaid", choice="planned"),
        write("trained", number="60"),
        write("exits_locked", boolean=False),
    ]
    await save(stage, supplier, draft, *given)
    later = await submit(stage, supplier, draft)
    found = (await stage.ask(COMPARE, supplier.token, earlier=earlier, later=later))["data"]["compareSubmissions"]
    told = {one["question"]: one["comparability"]["code"] for one in found["answers"]}
    assert told == {
        "people": "SAME",
        "fees_repaid": "OPTION_ADDED",
        "trained": "MEANING_RAISED",
        "exits_locked": "SAME",
    }
    people = found["answers"][0]
    assert (people["earlier"]["value"]["number"], people["later"]["value"]["number"]) == ("12", "14")
    assert (found["earlier"]["version"], found["later"]["version"], found["tier"]) == ("1.0.0", "2.0.0", "MICRO")
    assert (found["totals"]["code"], found["totals"]["isComparable"]) == ("QUESTIONS_DIFFER", False)
    swapped = await stage.ask(COMPARE, supplier.token, earlier=later, later=earlier)
    assert portals.codes(swapped) == ["ORDER"]
    hidden = await stage.ask(COMPARE, other.token, earlier=earlier, later=later)
    assert portals.codes(hidden) == ["NOT_FOUND"]


async def test_totals_of_the_same_version_can_be_compared(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    _, earlier = await finish_year(stage, supplier)
    _, later = await finish_year(stage, supplier, **NEXT)
    found = (await stage.ask(COMPARE, supplier.token, earlier=earlier, later=later))["data"]["compareSubmissions"]
    assert found["totals"]["isComparable"]
    assert found["earlier"]["total"] == found["later"]["total"] == "100.00"


async def test_a_jump_since_last_year_is_shown_to_the_supplier_first(stage: Portal) -> None:
    asked = (
        "query ($id: ID!) { scorePreview(assessmentId: $id) { inconsistencies { check severity left right"
        " isAgainstLastYear } } }"
    )
    supplier = await stage.sign_up("supplier")
    await finish_year(stage, supplier)
    await successors.publish_successor(stage)
    draft = await start(stage, supplier, "MICRO", **NEXT)
    for base, number in enumerate(("24", "25")):
        await save(stage, supplier, draft, write("people", base, number=number))
        found = (await stage.ask(asked, supplier.token, id=draft))["data"]["scorePreview"]["inconsistencies"]
        jump = {"check": "people_jump", "severity": "WARNING", "left": "25", "right": "12", "isAgainstLastYear": True}
        assert found == ([jump] if number == "25" else [])


async def test_a_later_profile_has_its_own_trace(stage: Portal) -> None:
    asked = (
        "query ($number: Int) { submissions(first: 1) { nodes { result { profileNumber total }"
        " lines(profileNumber: $number) { question weight points } sections { lines { question weight points } } } } }"
    )
    supplier = await stage.sign_up("supplier")
    await finish_year(stage, supplier)
    text = successors.change(
        sample.PROFILE, (("number: 1,", "number: 2,"), ("trained: {weight: 1,", "trained: {weight: 5,"))
    )
    second = Packaged(sample.make_definition(), (sample.make_profile(), sample.make_profile(text)))
    await publishing.publish_with_login(stage.database.owner_url, [second])
    made = engine.create_engine(stage.database.worker_url, pool_size=1)
    async with AsyncSession(made) as session, session.begin():
        opened = await rescoring.open_rescoring(session, "sample", "1.0.0")
        await rescoring.rescore_batch(session, opened, rescoring.BEFORE_ALL)
    await made.dispose()
    for number, weight in ((None, "5"), (1, "1")):
        (found,) = (await stage.ask(asked, supplier.token, number=number))["data"]["submissions"]["nodes"]
        assert {one["question"]: one["weight"] for one in found["lines"]}["trained"] == weight
        assert found["result"]["profileNumber"] == 2
    assert [line for section in found["sections"] for line in section["lines"]] == found["lines"]  # as it was sealed
    unknown = await stage.ask(asked, supplier.token, number=3)
    assert portals.codes(unknown) == ["NOT_FOUND"]


async def test_discarding_a_renewal_opens_nothing_of_another_year(stage: Portal) -> None:
    """Only an upgrade gives its place back; what a renewal came from may be upgraded or gone by then."""
    supplier = await stage.sign_up("supplier")
    source = await start(stage, supplier, "MICRO", periodStart="2025-01-01", periodEnd="2025-12-31")
    await save(stage, supplier, source, write("headcount", number="12"))
    between = {"periodStart": "2026-01-01", "periodEnd": "2026-12-31"}
    first = (await renew(stage, supplier, source, **between))["assessment"]["id"]
    second = (await renew(stage, supplier, first))["assessment"]["id"]
    await successors.publish_successor(stage)
    upgraded = (await upgrade(stage, supplier, source))["assessment"]["id"]
    for draft in (first, second):
        gone = await documents.discard(stage, supplier.token, draft)
        assert gone["__typename"] == "AssessmentDiscarded", gone
    assert (await read(stage, supplier, source))["state"] == "REPLACED"
    assert (await read(stage, supplier, upgraded))["state"] == "DRAFT"


async def test_what_waits_for_a_look_goes_on_waiting(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    draft = (await renew(stage, supplier, old))["assessment"]["id"]
    # With one person nobody asks for fees: their answer is not submitted, and nobody has looked at it.
    rest = [{"question": "exits_locked", "revision": 1}]
    await do(stage, CONFIRM, supplier, assessmentId=draft, answers=rest)
    await save(stage, supplier, draft, write("headcount", number="1"), write("trained", number="95"))
    await submit(stage, supplier, draft)
    made = (await do(stage, documents.CORRECT, supplier, assessmentId=draft))["assessment"]["id"]
    told = {key: one["provenance"] for (key, _), one in index(await read(stage, supplier, made)).items()}
    assert told == {
        "headcount": "ANSWERED",
        "fees_repaid": "TO_CONFIRM",
        "trained": "ANSWERED",
        "exits_locked": "CONFIRMED",
    }
    await successors.publish_change(stage, "1.1.0", ("title: Trained,", "title: Trained people,"))
    seen = (await preview(stage, supplier, made))["answers"]
    fates = {one["question"]: (one["fate"], [why["code"] for why in one["reasons"]]) for one in seen}
    assert fates["fees_repaid"] == ("CONFIRM", ["NOT_CONFIRMED"])
    assert fates["exits_locked"] == ("CARRIED", [])


async def test_documents_come_along_with_their_answers_alone(stage: Portal) -> None:
    """Last year's receipt does not stand behind an answer of this year, nor come back once it was taken off."""
    supplier = await stage.sign_up("supplier")
    old = await start(stage, supplier, "MICRO")
    own = [write("fees_repaid", choice="yes"), write("exits_locked", boolean=False)]
    await save(stage, supplier, old, *own)
    attached = [await attach(stage, supplier, old, question) for question in ("fees_repaid", "exits_locked")]
    draft = await start(stage, supplier, "MICRO", **NEXT)
    await save(stage, supplier, draft, write("fees_repaid", choice="no"))
    for _ in range(2):
        await renew(stage, supplier, old)
        assert await list_attached(stage, supplier, draft) == ["exits_locked"]
    await do(stage, DETACH, supplier, assessmentId=draft, question="exits_locked", evidenceId=attached[1])
    await renew(stage, supplier, old)
    assert await list_attached(stage, supplier, draft) == []


async def attach(stage: Portal, supplier: Caller, assessment: str, question: str, **said: Any) -> str:
    """The id of a document that is announced, and attached to an answer."""
    announced = await do(stage, UPLOAD, supplier, **{"fileName": "receipt.pdf", "kind": "RECORD"} | said)
    evidence: str = announced["evidence"]["id"]
    done = await do(stage, ATTACH, supplier, assessmentId=assessment, question=question, evidenceId=evidence)
    assert done["__typename"] == "EvidenceAttached", done
    return evidence


async def list_attached(stage: Portal, supplier: Caller, assessment: str) -> list[str]:
    """The questions of an assessment that have a document."""
    found = (await stage.ask(ATTACHED, supplier.token))["data"]["evidence"]["nodes"]
    places = [place for one in found for place in one["attachments"]]
    return sorted(place["question"] for place in places if place["assessmentId"] == assessment)
