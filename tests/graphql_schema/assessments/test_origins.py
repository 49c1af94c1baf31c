"""Where an answer comes from is frozen with the submission, beside what is sealed, and for its supplier alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from portal.assessments import publishing
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import documents, successors
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.assessments.test_renewals import REUSE, finish_year, make_other, renew, submit
from tests.graphql_schema.assessments.test_upgrades import CONFIRM, index, read, save, upgrade
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

ORIGIN = "origin { assessmentId submissionId questionnaire version question confirmedAt confirmedById }"
FROZEN = (
    "query ($n: Int!) { submissions(first: $n) { nodes { id sections { hash answers { question rowId"
    f" {ORIGIN} }} lines {{ question {ORIGIN} }} }} lines {{ question {ORIGIN} }} }} }} }}"
)
MIGRATION = Path(__file__).parents[3] / "migrations" / "provenance" / "answers.sql"


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    """A portal with the first version of the sample, and another questionnaire that asks for the same fact."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged(), make_other()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def see(stage: Portal, supplier: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the last submission the origin of each answer by its key, and that of each line of the trace."""
    (found,) = (await stage.ask(FROZEN, supplier.token, n=1))["data"]["submissions"]["nodes"]
    answers = {one["question"]: one["origin"] for part in found["sections"] for one in part["answers"]}
    lines = {one["question"]: one["origin"] for part in found["sections"] for one in part["lines"]}
    assert lines == {one["question"]: one["origin"] for one in found["lines"]}
    assert {key: answers[key] for key in lines if key in answers} == {
        key: lines[key] for key in lines if key in answers
    }
    return answers, lines


async def confirm(stage: Portal, supplier: Caller, draft: str, *questions: str) -> None:
    seen = [{"question": one, "revision": 1} for one in questions]
    done = await do(stage, CONFIRM, supplier, assessmentId=draft, answers=seen)
    assert {one["status"] for one in done["results"]} == {"SAVED"}


async def look(stage: Portal, supplier: Caller, draft: str) -> None:
    """Of last year's answers those that are no figures still hold; this year's figures are given."""
    await confirm(stage, supplier, draft, "fees_repaid", "exits_locked")
    await save(stage, supplier, draft, write("headcount", number="12"), write("trained", number="20"))


async def test_last_years_answers_say_what_they_were_and_who_looked(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old, earlier = await finish_year(stage, supplier)
    answers, lines = await see(stage, supplier)
    assert set(answers.values()) == set(lines.values()) == {None}  # given here
    new = (await renew(stage, supplier, old))["assessment"]["id"]
    await look(stage, supplier, new)
    later = await submit(stage, supplier, new)
    answers, lines = await see(stage, supplier)
    assert answers["trained"] is lines["trained"] is answers["headcount"] is None  # not last year's
    told = answers["fees_repaid"]
    assert told["confirmedAt"] is not None
    assert told == {
        "assessmentId": old,
        "submissionId": earlier,
        "questionnaire": "sample",
        "version": "1.0.0",
        "question": "fees_repaid",
        "confirmedAt": told["confirmedAt"],
        "confirmedById": documents.encode("memb", supplier.organization, supplier.user),
    }
    assert lines["exits_locked"]["assessmentId"] == old
    # What comes later changes nothing of it.
    await do(stage, documents.CORRECT, supplier, assessmentId=new)
    assert await see(stage, supplier) == (answers, lines)
    assert later != earlier


async def test_an_upgrade_keeps_where_an_answer_came_from(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old, earlier = await finish_year(stage, supplier)
    draft = (await renew(stage, supplier, old))["assessment"]["id"]
    await look(stage, supplier, draft)
    await save(stage, supplier, draft, write("remark", text="Short"))
    await successors.publish_successor(stage)
    new = (await upgrade(stage, supplier, draft))["assessment"]["id"]
    standing = index(await read(stage, supplier, new))
    told = {key: (one["provenance"], one["carriedFromId"]) for (key, _), one in standing.items()}
    assert told["exits_locked"] == ("CONFIRMED", old)
    assert told["people"] == told["remark"] == ("CARRIED", draft)  # given in the draft
    assert told["fees_repaid"] == ("TO_CONFIRM", old)  # one more option
    await do(stage, CONFIRM, supplier, assessmentId=new, answers=[{"question": "fees_repaid", "revision": 2}])
    await save(stage, supplier, new, write("trained", 1, number="20"))
    await submit(stage, supplier, new)
    answers, _ = await see(stage, supplier)
    people, exits = answers["people"], answers["exits_locked"]
    assert (people["question"], people["version"], people["submissionId"]) == ("headcount", "1.0.0", None)
    assert (exits["version"], exits["submissionId"]) == ("1.0.0", earlier)
    assert exits["confirmedAt"] is not None
    assert (answers["remark"]["assessmentId"], answers["remark"]["confirmedAt"]) == (draft, None)
    assert answers["remark"]["submissionId"] is None  # a draft, which was never submitted


async def test_a_source_may_be_gone_since(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    source = await start(stage, supplier, "MICRO", questionnaire="other")
    await save(stage, supplier, source, write("people", number="12"))
    draft = await start(stage, supplier, "MICRO")
    await do(stage, REUSE, supplier, assessmentId=draft)
    await confirm(stage, supplier, draft, "headcount")
    await save(stage, supplier, draft, *write_all()[1:])
    await submit(stage, supplier, draft)
    gone = await documents.discard(stage, supplier.token, source)
    assert gone["__typename"] == "AssessmentDiscarded"
    answers, lines = await see(stage, supplier)
    told = answers["headcount"]
    assert (told["assessmentId"], told["questionnaire"], told["question"]) == (source, "other", "people")
    assert set(lines.values()) == {None}


async def test_what_is_not_asked_is_not_told_of(stage: Portal) -> None:
    """With one person nobody asks for fees: their answer is not submitted, and neither is where it came from."""
    supplier = await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    new = (await renew(stage, supplier, old))["assessment"]["id"]
    await look(stage, supplier, new)
    await save(stage, supplier, new, write("headcount", 1, number="1"))
    await submit(stage, supplier, new)
    answers, _ = await see(stage, supplier)
    assert "fees_repaid" not in answers
    kept = await stage.fetch("SELECT question FROM portal.submission_origin ORDER BY question")
    assert [row["question"] for row in kept] == ["exits_locked"]


async def test_what_was_submitted_before_is_told_of_too(stage: Portal) -> None:
    """The migration fills in what the answers of submitted assessments still say."""
    supplier = await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    new = (await renew(stage, supplier, old))["assessment"]["id"]
    await look(stage, supplier, new)
    await submit(stage, supplier, new)
    seen = await see(stage, supplier)
    script = MIGRATION.read_text(encoding="utf-8")
    await stage.run_sql("DELETE FROM portal.submission_origin")
    await stage.run_sql(script[script.index("INSERT INTO") :])
    assert await see(stage, supplier) == seen
    assert {key for key, origin in seen[0].items() if origin is not None} == {"fees_repaid", "exits_locked"}


async def test_nobody_else_sees_it(stage: Portal) -> None:
    """Neither another supplier nor, by the type that it reads, a buyer; the database's walls are tried elsewhere."""
    supplier, other = await stage.sign_up("supplier"), await stage.sign_up("supplier")
    old, _ = await finish_year(stage, supplier)
    new = (await renew(stage, supplier, old))["assessment"]["id"]
    await look(stage, supplier, new)
    await submit(stage, supplier, new)
    assert (await stage.ask(FROZEN, other.token, n=1))["data"]["submissions"]["nodes"] == []
    shared = await stage.ask('{ __type(name: "TraceLine") { fields { name } } }', supplier.token)
    assert "origin" not in {one["name"] for one in shared["data"]["__type"]["fields"]}
