"""A gap declared with a plan is kept with its answer, sealed with its section, and told apart until its day."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from graphql_schema import finishing, schema
from graphql_schema.context import Context
from portal.assessments import gaps, submissions
from portal.database import engine, ids
from portal.delivery import gap_reminders, letter_texts, mail, workplace
from questionnaires import sealing
from questionnaires.gaps import Plan, Pledge
from questionnaires.sealing import SealedSection, Secret
from tests.graphql_schema.sharing.stage import SHARE, Stage
from tests.portal.assessments.house import Caller

TODAY = datetime.now(UTC).date()
PLAN = "plan { text dueOn ownerId since submittedDueOn isExtended }"
SAVE = f"""
mutation ($input: SaveAnswersInput!) {{ saveAnswers(input: $input) {{ __typename ... on Problem {{ code path }}
  ... on AnswersSaved {{ changeNumber results {{ status revision problem {{ code message }}
    warning {{ code }} current {{ content {{ state {PLAN} }} }} }} }} }} }}
"""
READ = f"""
query ($id: ID!) {{ assessment(id: $id) {{ changeNumber state answers(changedAfter: 0, first: 100) {{ answers {{
  question content {{ state value {{ choice }} {PLAN} }} }} }} problems {{ question code }} }} }}
"""
HISTORY = f"""
query ($id: ID!) {{ assessment(id: $id) {{ answerHistory(question: "fees_repaid") {{ status content {{ {PLAN} }}
  was {{ content {{ {PLAN} }} }} }} }} }}
"""
PREVIEW = f"""
query ($id: ID!) {{ scorePreview(assessmentId: $id) {{ total band gaps {{ question points best isCritical state
  holdsUntil {PLAN} }} }} }}
"""
SUBMIT = """
mutation ($input: SubmitAssessmentInput!) { submitAssessment(input: $input) { __typename ... on Problem { code }
  ... on AssessmentSubmitted { submission { id result { total band } } } } }
"""
CORRECT = """
mutation ($input: CorrectAssessmentInput!) { correctAssessment(input: $input) { __typename
  ... on AssessmentCorrected { assessment { id changeNumber } } } }
"""
RENEW = """
mutation ($input: RenewAssessmentInput!) { renewAssessment(input: $input) { __typename ... on Problem { code }
  ... on AssessmentRenewed { assessment { id } } } }
"""
GAPS = "declaredGaps { question rowId plan dueOn owner since isExtended holdsUntil isCritical state }"
SEEN = f"""
query ($id: ID!) {{ node(id: $id) {{ ... on SharedResult {{ total band sections {{ key {GAPS}
  trace {{ question declaredGapDueOn declaredGapState }} }} }} }} }}
"""
OWN = f"""
query ($id: ID!) {{ node(id: $id) {{ ... on Submission {{ sections {{ key {GAPS}
  lines {{ question declaredGapDueOn declaredGapState }} }}
  lines {{ question declaredGapDueOn declaredGapState }} }} }} }}
"""


def write(question: str = "fees_repaid", base: int = 0, **said: Any) -> dict[str, Any]:
    return {"writeId": str(ids.new_id()), "question": question, "baseRevision": base} | said


def make_plan(stage: Stage, days: int = 60, text: str = "Repay by bank", **changed: Any) -> dict[str, Any]:
    owner = stage.name("memb", stage.weaver, stage.weaver.user)
    return {"text": text, "dueOn": (TODAY + timedelta(days=days)).isoformat(), "ownerId": owner} | changed


async def save(stage: Stage, assessment: str, *sent: dict[str, Any]) -> list[Any]:
    saved = await stage.change(stage.weaver, SAVE, assessmentId=assessment, answers=list(sent))
    assert saved["__typename"] == "AnswersSaved", saved
    results: list[Any] = saved["results"]
    return results


async def declare(stage: Stage) -> str:
    """A draft of the weaver's whose fees are repaid in part, with a plan."""
    draft, _ = await stage.draft(stage.weaver)
    node = stage.name("asmt", stage.weaver, draft)
    (result,) = await save(stage, node, write(base=1, value={"choice": "partly"}, plan=make_plan(stage)))
    assert result["status"] == "SAVED", result
    return node


async def submit(stage: Stage, assessment: str) -> Any:
    number = (await stage.ask(stage.weaver, READ, id=assessment))["assessment"]["changeNumber"]
    done = await stage.change(stage.weaver, SUBMIT, assessmentId=assessment, expectedChangeNumber=number)
    assert done["__typename"] == "AssessmentSubmitted", done
    return done["submission"]


async def find_plan(stage: Stage, assessment: str, question: str = "fees_repaid") -> Any:
    found = (await stage.ask(stage.weaver, READ, id=assessment))["assessment"]["answers"]["answers"]
    return {one["question"]: one["content"]["plan"] for one in found}[question]


async def run(stage: Stage, caller: Caller, query: str, *, ordinary: bool, **variables: Any) -> Any:
    """The data of an operation, finished in one of the two ways."""
    context = Context(stage.portal.app.state.services, caller.credential, "", "")
    with finishing.finish_ordinarily() if ordinary else nullcontext():
        result = await schema.get_schema().execute(query, variable_values=variables, context_value=context)
    assert result.errors is None, result.errors
    return orjson.loads(orjson.dumps(result.data))


@pytest.mark.slow
async def test_a_plan_is_part_of_its_answer(stage: Stage) -> None:
    assessment = await declare(stage)
    told = make_plan(stage) | {"since": TODAY.isoformat(), "submittedDueOn": None, "isExtended": False}
    assert await find_plan(stage, assessment) == told
    for query in (READ, HISTORY):
        fast = await run(stage, stage.weaver, query, ordinary=False, id=assessment)
        assert fast == await run(stage, stage.weaver, query, ordinary=True, id=assessment)
    # Again it changes nothing; whoever knows of no plans leaves it, and null takes it out.
    sent = write(base=2, value={"choice": "no"})
    first, again = await save(stage, assessment, sent), await save(stage, assessment, sent)
    assert first == again
    assert (first[0]["status"], first[0]["current"]["content"]["plan"]) == ("SAVED", told)
    (same,) = await save(stage, assessment, write(base=3, value={"choice": "no"}, plan=make_plan(stage)))
    assert same["status"] == "UNCHANGED"
    (late,) = await save(stage, assessment, write(base=1, value={"choice": "no"}, plan=make_plan(stage, 10)))
    assert late["status"] == "CONFLICT"
    (out,) = await save(stage, assessment, write(base=3, value={"choice": "no"}, plan=None))
    assert (out["status"], out["current"]["content"]["plan"]) == ("SAVED", None)
    history = (await stage.ask(stage.weaver, HISTORY, id=assessment))["assessment"]["answerHistory"]
    assert [one["content"]["plan"] and one["content"]["plan"]["dueOn"] for one in history][:2] == [
        None,
        make_plan(stage, 10)["dueOn"],
    ]
    assert history[0]["was"]["content"]["plan"] == told


@pytest.mark.slow
async def test_what_is_wrong_with_a_plan_takes_no_answer_with_it(stage: Stage) -> None:
    """A queue that comes days later is saved whatever became of its plans: each is kept, and told."""
    assessment = await declare(stage)
    stranger = stage.name("memb", stage.weaver, stage.dyer.user)
    ghost = stage.name("memb", stage.weaver, ids.new_id())
    plans = [
        (make_plan(stage, 1_000), None),  # it holds until the longest time all the same
        (make_plan(stage, 0), "PLAN_DATE"),
        (make_plan(stage, -2), "PLAN_DATE"),
        (make_plan(stage, ownerId=stranger), "PLAN_OWNER"),
        (make_plan(stage, ownerId=ghost), "PLAN_OWNER"),
        (make_plan(stage, text=" "), "PLAN_EMPTY"),
        (make_plan(stage, text="x" * 1_001), "PLAN_TOO_LONG"),
    ]
    sent = [write(base=2 + place, value={"choice": "no"}, plan=plan) for place, (plan, _) in enumerate(plans)]
    sent.append(write("remark", value={"text": "x"}, plan=make_plan(stage)))
    results = await save(stage, assessment, *sent)
    assert results == await save(stage, assessment, *sent)
    assert [one["status"] for one in results] == ["SAVED"] * 8
    told = [one["warning"] and one["warning"]["code"] for one in results]
    assert told == [*(code for _, code in plans), "PLAN_NOT_EXPECTED"]
    history = (await stage.ask(stage.weaver, HISTORY, id=assessment))["assessment"]["answerHistory"]
    kept = [(one["content"]["plan"]["text"], one["content"]["plan"]["dueOn"]) for one in reversed(history[:7])]
    assert kept == [(plan["text"].strip(), plan["dueOn"]) for plan, _ in plans]
    assert (await find_plan(stage, assessment))["text"] == "x" * 1_001
    # Submission says what is wrong; what is only too late or too far ahead, or not expected, stands in no way.
    for base, (plan, code) in enumerate(plans, start=9):
        await save(stage, assessment, write(base=base, value={"choice": "no"}, plan=plan))
        found = (await stage.ask(stage.weaver, READ, id=assessment))["assessment"]["problems"]
        blocks = [] if code in (None, "PLAN_DATE") else [{"question": "fees_repaid", "code": code}]
        assert found == blocks, plan
    # Only what cannot be stored is refused with its answer.
    (long,) = await save(
        stage, assessment, write(base=16, value={"choice": "no"}, plan=make_plan(stage, text="x" * 10_001))
    )
    assert (long["status"], long["problem"]["code"]) == ("REFUSED", "PLAN_TOO_LONG")


@pytest.mark.slow
async def test_readers_see_it_apart_until_its_day(stage: Stage) -> None:
    assessment = await declare(stage)
    (locked,) = await save(
        stage, assessment, write("exits_locked", base=1, value={"boolean": True}, plan=make_plan(stage, 20))
    )
    assert locked["status"] == "SAVED"
    found = (await stage.ask(stage.weaver, PREVIEW, id=assessment))["scorePreview"]
    told = {one["question"]: (one["state"], one["isCritical"], one["holdsUntil"]) for one in found["gaps"]}
    fees, exits = make_plan(stage)["dueOn"], make_plan(stage, 20)["dueOn"]
    assert told == {
        "fees_repaid": ("STANDING", False, fees),
        "exits_locked": ("STANDING", True, exits),
        "waste": ("NO_PLAN", False, None),
    }
    submission = await submit(stage, assessment)
    assert submission["result"] == {"total": found["total"], "band": "d"}  # the cap stays, plan or not
    id_ = submission["id"]
    made = await stage.house.fetch("SELECT id FROM portal.submission")
    own = UUID(str(made[0]["id"]))
    shared = stage.name("shrd", stage.weaver, own)
    share = {"submissionId": id_, "buyerId": stage.name_organization(stage.maker), "purpose": "Trust"}
    assert (await stage.change(stage.weaver, SHARE, **share, sections=["labour"]))["__typename"] == "ResultShared"
    for ordinary in (False, True):
        seen = (await run(stage, stage.maker, SEEN, ordinary=ordinary, id=shared))["node"]
        (labour,) = seen["sections"]  # of the section that was not given, nothing is seen
        (gap,) = labour["declaredGaps"]
        assert gap == {
            "question": "fees_repaid",
            "rowId": None,
            "plan": "Repay by bank",
            "dueOn": fees,
            "owner": "Somebody",
            "since": TODAY.isoformat(),
            "isExtended": False,
            "holdsUntil": fees,
            "isCritical": False,
            "state": "STANDING",
        }
        marks = {one["question"]: (one["declaredGapDueOn"], one["declaredGapState"]) for one in labour["trace"]}
        assert marks == {"fees_repaid": (fees, "STANDING"), "trained": (None, None)}
    receipts = await stage.house.fetch("SELECT kind FROM portal.read_receipt")
    assert {one["kind"] for one in receipts} == {"answers"}
    mine = (await stage.ask(stage.weaver, OWN, id=id_))["node"]
    assert [len(one["declaredGaps"]) for one in mine["sections"]] == [0, 1, 1]
    assert {one["question"] for one in mine["lines"] if one["declaredGapDueOn"]} == {"fees_repaid", "exits_locked"}
    async with stage.house.act(stage.weaver) as (session, actor):
        row = await submissions.get_submission(session, actor, own)
        rows = await submissions.list_sections(session, actor, own)
    sealed = [read_sealed(one) for one in rows]
    hashes = {one.key: one.hash for one in sealed}
    assert sealing.find_mismatches(row.root_hash.hex(), row.header, hashes, tuple(sealed)) == []
    assert "Repay" not in orjson.dumps(sealed[1].content).decode()
    # After its day it is as open as any other, and the score is what it was.
    after = datetime.combine(TODAY + timedelta(days=61), datetime.min.time(), UTC)
    await stage.house.set_clock(after)
    await stage.house.fetch("UPDATE portal.session SET expires_at = '2200-01-01'")
    later = (await stage.ask(stage.maker, SEEN, id=shared))["node"]
    assert later["sections"][0]["declaredGaps"][0]["state"] == "LAPSED"
    assert later["total"] == seen["total"]


def read_sealed(row: Any) -> SealedSection:
    return SealedSection(
        key=row.section,
        salt=row.salts["salt"],
        hash=row.hash.hex(),
        content={**row.salts["content"], "trace": row.trace},
        secrets={digest: Secret(**secret) for digest, secret in row.salts["secrets"].items()},
    )


@pytest.mark.slow
async def test_it_comes_along_and_is_put_off_once(stage: Stage) -> None:
    assessment = await declare(stage)
    colleague = await stage.house.join(stage.weaver, "viewer")
    owner = stage.name("memb", stage.weaver, colleague.user)
    await save(stage, assessment, write(base=2, value={"choice": "partly"}, plan=make_plan(stage, ownerId=owner)))
    share = write("trained", 1, value={"number": "40"}, plan=make_plan(stage, 30, "Train"))
    assert [one["status"] for one in await save(stage, assessment, share)] == ["SAVED"]
    await submit(stage, assessment)
    told = make_plan(stage, ownerId=owner)
    for days, extended in ((90, False), (120, True)):
        corrected = await stage.change(stage.weaver, CORRECT, assessmentId=assessment)
        assessment = corrected["assessment"]["id"]
        plan = await find_plan(stage, assessment)
        assert (plan["dueOn"], plan["submittedDueOn"], plan["isExtended"]) == (told["dueOn"], told["dueOn"], extended)
        told = make_plan(stage, days, ownerId=owner)
        base = 3 if not extended else 4
        (result,) = await save(stage, assessment, write(base=base, value={"choice": "partly"}, plan=told))
        assert result["status"] == "SAVED", result
        problems = (await stage.ask(stage.weaver, READ, id=assessment))["assessment"]["problems"]
        if extended:
            assert result["warning"]["code"] == "PLAN_EXTENDED"
            assert problems == [{"question": "fees_repaid", "code": "PLAN_EXTENDED"}]
            await save(
                stage, assessment, write(base=5, value={"choice": "partly"}, plan=make_plan(stage, 90, ownerId=owner))
            )
        else:
            assert (result["warning"], problems) == (None, [])
            await submit(stage, assessment)
    # Whoever answers for it has to be there; another year takes it over with its age.
    await stage.house.fetch("DELETE FROM portal.member WHERE user_id = $1", colleague.user)
    state = (await stage.ask(stage.weaver, READ, id=assessment))["assessment"]
    assert {"question": "fees_repaid", "code": "PLAN_OWNER"} in state["problems"]
    given = {"assessmentId": assessment, "periodStart": "2027-01-01", "periodEnd": "2027-12-31"}
    renewed = await stage.change(stage.weaver, RENEW, **given)
    plan = await find_plan(stage, renewed["assessment"]["id"])
    assert (plan["text"], plan["since"], plan["isExtended"]) == ("Repay by bank", TODAY.isoformat(), True)
    # So it is with that of a figure, which is asked anew.
    later = renewed["assessment"]["id"]
    train = make_plan(stage, 30, "Train")
    for sent in ((), (write("trained", 1, value={"number": "45"}),)):
        if sent:
            assert [one["status"] for one in await save(stage, later, *sent)] == ["SAVED"]
        plan = await find_plan(stage, later, "trained")
        assert (plan["text"], plan["since"], plan["submittedDueOn"]) == ("Train", TODAY.isoformat(), train["dueOn"])


async def test_a_plan_of_what_is_no_gap_any_more_needs_no_owner(unwatched: Stage) -> None:
    stage = unwatched
    draft, _ = await stage.draft(stage.weaver)
    assessment = stage.name("asmt", stage.weaver, draft)
    colleague = await stage.house.join(stage.weaver, "viewer")
    plan = make_plan(stage, ownerId=stage.name("memb", stage.weaver, colleague.user))
    await save(stage, assessment, write(base=1, value={"choice": "no"}, plan=plan))
    await stage.house.fetch("DELETE FROM portal.member WHERE user_id = $1", colleague.user)
    told = []
    for base, choice in ((2, "partly"), (3, "yes")):
        await save(stage, assessment, write(base=base, value={"choice": choice}))
        found = (await stage.ask(stage.weaver, READ, id=assessment))["assessment"]
        told.append([one["code"] for one in found["problems"]])
    assert (told, await find_plan(stage, assessment) is None) == ([["PLAN_OWNER"], []], False)
    await submit(stage, assessment)


async def test_the_database_submits_a_plan_as_the_rules_do(stage: Stage) -> None:
    day = date(2026, 6, 1)
    moment = datetime(2026, 6, 1, 12, tzinfo=UTC)
    for due, pledged, extended in ((5, None, False), (9, 5, False), (5, 9, True), (5, 5, False)):
        pledge = Pledge(
            plan=Plan(text="Guards", due_on=day + timedelta(days=due), owner="an"),
            since=day,
            pledged_due_on=None if pledged is None else day + timedelta(days=pledged),
            counted_from=None if pledged is None else day - timedelta(days=3),
            extended=extended,
        )
        stored = orjson.dumps(gaps.write_pledge(pledge)).decode()
        (row,) = await stage.house.fetch("SELECT portal.submit_plan($1, $2) AS plan", stored, moment)
        assert gaps.read_pledge(orjson.loads(row["plan"])) == pledge.submit(day)


@pytest.mark.slow
async def test_its_owner_is_reminded_before_its_day_and_nobody_else(stage: Stage) -> None:
    assessment = await declare(stage)
    colleague = await stage.house.join(stage.weaver, "viewer")
    owner = stage.name("memb", stage.weaver, colleague.user)
    await save(stage, assessment, write(base=2, value={"choice": "partly"}, plan=make_plan(stage, ownerId=owner)))
    await submit(stage, assessment)
    told = []
    workers = engine.Database(engine.create_engine(stage.house.made.worker_url, pool_size=1))
    place = workplace.Workplace(stage.settings, workers, None)  # type: ignore[arg-type]
    try:
        for days in (20, 31, 32, 54, 55, 60):
            await stage.house.set_clock(datetime.combine(TODAY + timedelta(days=days), time(12), UTC))
            await gap_reminders.remind_of_gaps(place)
            told.append(await stage.house.fetch("SELECT ids FROM portal.outbox WHERE topic = 'gap.due' ORDER BY id"))
        assert [len(one) for one in told] == [0, 1, 1, 2, 2, 2]  # 30 days before, and 7
        parts = orjson.loads(told[-1][0]["ids"])
        assert parts["user"] == str(colleague.user)
        async with workers.transaction() as (session, _):
            texts = letter_texts.read_packaged()
            letter = await mail.compose(session, "gap_due", parts, "https://portal.example", texts)
            nobody = await mail.compose(
                session, "gap_due", parts | {"user": str(stage.weaver.user)}, "https://portal.example", texts
            )
        assert letter is not None
        assert letter.to == f"{colleague.user}@example.com"
        assert make_plan(stage)["dueOn"] in letter.body
        assert "Repay by bank" in letter.body
        assert nobody is None
        assert letter.stop_link is not None and f"results and documents: {letter.stop_link}\n" in letter.body
        # Once its day is over its owner hears of it once more; who has left is not told, the owners are, by day.
        await stage.house.fetch("DELETE FROM portal.member WHERE user_id = $1", colleague.user)
        for hour, count in ((3, 2), (12, 3), (13, 3)):
            await stage.house.set_clock(datetime.combine(TODAY + timedelta(days=61), time(hour), UTC))
            await gap_reminders.remind_of_gaps(place)
            rows = await stage.house.fetch("SELECT ids FROM portal.outbox WHERE topic = 'gap.due' ORDER BY id")
            assert len(rows) == count
        parts = orjson.loads(rows[-1]["ids"])
        assert parts["user"] == str(stage.weaver.user)
        async with workers.transaction() as (session, _):
            late = await mail.compose(session, "gap_due", parts, "https://portal.example", texts)
        assert late is not None and f"{make_plan(stage)['dueOn']} | overdue | " in late.body
        await stage.house.fetch("UPDATE portal.user_account SET wants_result_letters = false")
        async with workers.transaction() as (session, _):
            assert await mail.compose(session, "gap_due", parts, "https://portal.example", texts) is None
    finally:
        await workers.close()
