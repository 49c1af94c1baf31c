"""Colleagues on one assessment: who answers what, what they say to each other, and who has to sign; over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from portal.assessments import publishing
from portal.database import engine, ids
from portal.delivery import mail, relay
from portal.delivery.letter_texts import read_packaged
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import documents, successors
from tests.graphql_schema.assessments.documents import do, encode, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample
from tests.statements import record_statements

PEOPLE = "assignee { memberId name } dueOn note assignedBy { name }"
ASSIGN = (
    "mutation ($input: AssignSectionInput!) { result: assignSection(input: $input) { __typename"
    f" ... on SectionAssigned {{ assessment {{ teamNumber changeNumber assignments {{ section {PEOPLE} }} }} }}"
    f" {documents.PROBLEM} }} }}"
)
COMMENT = "commentId threadId question rowId author { name } body resolvedAt resolvedBy { name }"
ADD = (
    "mutation ($input: AddCommentInput!) { result: addComment(input: $input) { __typename"
    f" ... on CommentAdded {{ comment {{ {COMMENT} }} }} {documents.PROBLEM} }} }}"
)
RESOLVE = (
    "mutation ($input: ResolveThreadInput!) { result: resolveThread(input: $input) { __typename"
    f" ... on ThreadResolved {{ comment {{ {COMMENT} }} }} {documents.PROBLEM} }} }}"
)
REMOVE = (
    "mutation ($input: RemoveCommentInput!) { result: removeComment(input: $input) { __typename"
    f" ... on CommentRemoved {{ comment {{ {COMMENT} }} }} {documents.PROBLEM} }} }}"
)
SUSPEND = "UPDATE portal.organization SET status = 'suspended', suspended_at = now() WHERE id = $1"
SIGNED = "signOffs { section signer { name } signedChangeNumber isSigned }"
DEMAND = (
    "mutation ($input: DemandSignOffInput!) { result: demandSignOff(input: $input) { __typename"
    f" ... on SignOffDemanded {{ assessment {{ teamNumber {SIGNED} }} }} {documents.PROBLEM} }} }}"
)
WITHDRAW = (
    "mutation ($input: WithdrawSignOffInput!) { result: withdrawSignOff(input: $input) { __typename"
    f" ... on SignOffWithdrawn {{ assessment {{ teamNumber {SIGNED} }} }} {documents.PROBLEM} }} }}"
)
SIGN = (
    "mutation ($input: SignOffAssessmentInput!) { result: signOffAssessment(input: $input) { __typename"
    f" ... on AssessmentSignedOff {{ assessment {{ teamNumber {SIGNED} }} }} {documents.PROBLEM} }} }}"
)
TEAM = (
    "query ($id: ID!, $after: Int!, $first: Int!) { assessment(id: $id) { team(changedAfter: $after, first: $first)"
    " { teamNumber endNumber hasMore assignments { section assignee { name } teamNumber }"
    " comments { commentId body teamNumber } signOffs { section isSigned withdrawnAt teamNumber } } } }"
)
TALK = (
    "query ($id: ID!, $question: String, $open: Boolean, $first: Int, $after: String) { assessment(id: $id) {"
    " comments(question: $question, isOpen: $open, first: $first, after: $after)"
    f" {{ hasMore endCursor comments {{ {COMMENT} }} }} }} }}"
)
UPGRADE = (
    "mutation ($input: UpgradeAssessmentInput!) { result: upgradeAssessment(input: $input) { __typename"
    f" ... on AssessmentUpgraded {{ assessment {{ id }} }} {documents.PROBLEM} }} }}"
)
PROGRESS = (
    "query ($id: ID!) { assessment(id: $id) { assigneeProgress { assignee { name } sections"
    " progress { asked answered missingCount } } } }"
)


def name_member(person: Caller) -> str:
    """The id of a colleague as one of `members`."""
    return encode("memb", person.organization, person.user)


async def assign(house: Portal, caller: Caller, assessment: str, section: str, to: Caller | None, **given: Any) -> Any:
    member = None if to is None else name_member(to)
    return await do(house, ASSIGN, caller, assessmentId=assessment, section=section, memberId=member, **given)


async def add(house: Portal, caller: Caller, assessment: str, body: str, **given: Any) -> Any:
    sent = {"assessmentId": assessment, "commentId": str(ids.new_id()), "body": body} | given
    return await do(house, ADD, caller, **sent)


async def read(house: Portal, document: str, caller: Caller, assessment: str, name: str, **given: Any) -> Any:
    return (await house.ask(document, caller.token, id=assessment, **given))["data"]["assessment"][name]


async def collect_letters(house: Portal) -> list[Any]:
    """The letters that the worker would send now, each written once; those of a person's who has left are none."""
    connection = await asyncpg.connect(house.database.worker_url.replace("+asyncpg", ""))
    try:
        while await relay.relay_batch(connection):
            pass
    finally:
        await connection.close()
    opened = engine.Database(engine.create_engine(house.database.worker_url, pool_size=1))
    try:
        async with opened.transaction() as (session, _):
            rows = await session.execute(
                text("UPDATE portal.mail SET state = 'sent' WHERE state = 'waiting' RETURNING kind, ids")
            )
            written = [
                await mail.compose(session, row.kind, row.ids, "https://portal.example", read_packaged())
                for row in rows.all()
            ]
    finally:
        await opened.close()
    return [letter for letter in written if letter is not None]


async def test_a_section_is_given_to_a_colleague_who_gets_one_letter(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai, vu = await house.join(supplier, "Mai"), await house.join(supplier, "Vu")
    assessment = await start(house, supplier)
    await collect_letters(house)
    wanted = {"dueOn": "2099-01-31", "note": " Ask the payroll office. "}
    for _ in range(2):  # a reply that got lost
        done = await assign(house, supplier, assessment, "labour", mai, **wanted)
        assert done["assessment"] == {
            "teamNumber": 1,
            "changeNumber": 0,
            "assignments": [
                {
                    "section": "labour",
                    "assignee": {"memberId": name_member(mai), "name": "Mai"},
                    "dueOn": "2099-01-31",
                    "note": "Ask the payroll office.",
                    "assignedBy": {"name": "Somebody"},
                }
            ],
        }
    (letter,) = await collect_letters(house)
    assert letter.to == f"{mai.user}@example.com"
    for part in ('"Pay"', '"Sample"', "2099-01-31", "Ask the payroll office.", "Somebody"):
        assert part in letter.body, letter.body
    # Another day is no news for a letter; another person is, and so is nobody for the one who had it.
    await assign(house, supplier, assessment, "labour", mai, dueOn="2099-02-28")
    assert await collect_letters(house) == []
    await assign(house, supplier, assessment, "labour", vu)
    await assign(house, supplier, assessment, "facts", vu)
    assert [one.to for one in await collect_letters(house)] == [f"{vu.user}@example.com"] * 2
    done = await assign(house, supplier, assessment, "labour", None)
    assert [one["section"] for one in done["assessment"]["assignments"]] == ["facts"]
    assert await collect_letters(house) == []


async def test_nobody_is_written_to_about_what_is_over(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    await collect_letters(house)
    await assign(house, supplier, assessment, "labour", mai)
    await assign(house, supplier, assessment, "labour", None)
    await assign(house, supplier, assessment, "safety", supplier)  # to oneself
    assert await collect_letters(house) == []


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"section": "nowhere"}, "SECTION", "section"),
        ({"dueOn": "2020-01-01"}, "DUE_PASSED", "dueOn"),
        ({"note": "x" * 1_001}, "LENGTH", "note"),
        ({"memberId": encode("memb", ids.new_id(), ids.new_id())}, "NOT_FOUND", "memberId"),
    ],
)
async def test_a_bad_assignment_says_where_and_why(house: Portal, changed: Any, code: str, path: str) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    given = {"assessmentId": assessment, "section": "labour", "memberId": name_member(supplier)} | changed
    done = await do(house, ASSIGN, supplier, **given)
    assert (done["code"], done["path"]) == (code, ["input", path])
    assert (await read(house, TEAM, supplier, assessment, "team", after=0, first=9))["teamNumber"] == 0


async def test_progress_is_told_by_assignee(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai")
    assessment = await start(house, supplier, "MICRO")
    await assign(house, supplier, assessment, "facts", mai)
    await assign(house, supplier, assessment, "safety", mai)
    await assign(house, supplier, assessment, "labour", supplier)
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all()[:1])
    told = await read(house, PROGRESS, supplier, assessment, "assigneeProgress")
    assert [(one["assignee"]["name"], one["sections"]) for one in told] == [
        ("Mai", ["facts", "safety"]),
        ("Somebody", ["labour"]),
    ]
    assert told[0]["progress"] == {"asked": 5, "answered": 1, "missingCount": 1}


async def test_colleagues_talk_in_threads(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai", "reviewer")
    assessment = await start(house, supplier)
    first = str(ids.new_id())
    for _ in range(2):  # a reply that got lost
        said = await add(
            house, supplier, assessment, " Is this with agency workers? ", question="headcount", commentId=first
        )
        assert said["comment"]["body"] == "Is this with agency workers?"
    reply = (await add(house, mai, assessment, "Yes.", threadId=first))["comment"]
    assert (reply["threadId"], reply["question"], reply["author"]["name"]) == (first, "headcount", "Mai")
    await add(house, mai, assessment, "Another matter.", question="trained")
    told = await read(house, TALK, supplier, assessment, "comments", question="headcount", first=1)
    rest = await read(house, TALK, supplier, assessment, "comments", question="headcount", after=told["endCursor"])
    assert ([one["body"] for one in told["comments"] + rest["comments"]], told["hasMore"], rest["hasMore"]) == (
        ["Is this with agency workers?", "Yes."],
        True,
        False,
    )
    for _ in range(2):
        settled = await do(house, RESOLVE, mai, assessmentId=assessment, threadId=first)
        assert settled["comment"]["resolvedBy"] == {"name": "Mai"}
    assert [
        one["body"] for one in (await read(house, TALK, supplier, assessment, "comments", open=True))["comments"]
    ] == ["Another matter."]
    await add(house, supplier, assessment, "Wait.", threadId=first)
    assert len((await read(house, TALK, supplier, assessment, "comments", open=True))["comments"]) == 4
    # What is said changes no answer: what was signed stays signed, and what was seen may be submitted.
    assert (await house.ask(documents.CHANGE_NUMBER, supplier.token, id=assessment))["data"]["assessment"] == {
        "changeNumber": 0
    }


async def test_only_who_said_it_takes_it_back(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    said = (await add(house, mai, assessment, "Oh no.", question="headcount"))["comment"]
    wanted = {"assessmentId": assessment, "commentId": said["commentId"]}
    assert (await do(house, REMOVE, supplier, **wanted))["__typename"] == "NotAllowed"
    for _ in range(2):
        assert (await do(house, REMOVE, mai, **wanted))["comment"]["body"] is None
    again = await add(house, mai, assessment, "Oh no.", question="headcount", commentId=said["commentId"])
    assert again["comment"]["body"] is None  # a late repetition does not bring it back


async def test_a_bad_comment_says_where_and_why(house: Portal) -> None:
    supplier, stranger = await house.sign_up("supplier"), await house.sign_up("supplier")
    viewer = await house.join(supplier, "Vu", "viewer")
    assessment = await start(house, supplier)
    said = (await add(house, supplier, assessment, "Hello.", question="headcount"))["comment"]["commentId"]
    reply = (await add(house, supplier, assessment, "Hello?", threadId=said))["comment"]["commentId"]
    for caller, given, code, path in (
        (supplier, {"question": "nothing"}, "UNKNOWN_QUESTION", ["input", "question"]),
        (supplier, {"question": "site_people"}, "ROW_MISSING", ["input", "rowId"]),
        (supplier, {"question": "headcount", "rowId": "a"}, "ROW_NOT_EXPECTED", ["input", "rowId"]),
        (supplier, {}, "EMPTY", ["input", "question"]),
        (supplier, {"question": "headcount", "body": " "}, "EMPTY", ["input", "body"]),
        (supplier, {"question": "headcount", "body": "x" * 4_001}, "LENGTH", ["input", "body"]),
        (supplier, {"question": "headcount", "commentId": said}, "COMMENT_ID_REUSED", ["input", "commentId"]),
        (supplier, {"threadId": str(ids.new_id())}, "NOT_FOUND", ["input", "commentId"]),
        (supplier, {"threadId": reply}, "NOT_FOUND", ["input", "threadId"]),
        (stranger, {"question": "headcount"}, "NOT_FOUND", ["input", "assessmentId"]),
        (viewer, {"question": "headcount"}, "NOT_ALLOWED", []),
    ):
        done = await add(house, caller, assessment, **({"body": "Good day."} | given))
        assert (done["code"], done["path"]) == (code, path)
    assert len((await read(house, TALK, supplier, assessment, "comments"))["comments"]) == 2


async def submit(house: Portal, caller: Caller, assessment: str, number: int) -> Any:
    return await do(house, documents.SUBMIT, caller, assessmentId=assessment, expectedChangeNumber=number)


async def test_nothing_is_submitted_before_it_is_signed_as_it_is(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai", "viewer")
    assessment = await start(house, supplier, "MICRO")
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    await collect_letters(house)
    for section in (None, None, "labour"):
        wanted = {"assessmentId": assessment, "memberId": name_member(mai), "section": section}
        assert (await do(house, DEMAND, supplier, **wanted))["__typename"] == "SignOffDemanded"
    letters = await collect_letters(house)
    assert [one.to for one in letters] == [f"{mai.user}@example.com"] * 2
    assert "the whole" in letters[0].body
    assert "asks you to sign: Pay" in " ".join(letters[1].body.split())
    refused = await submit(house, supplier, assessment, 4)
    assert (refused["code"], refused["path"]) == ("SIGN_OFF_MISSING", ["input", "assessmentId"])
    assert "Mai (the whole), Mai (labour)" in refused["message"]
    stale = await do(house, SIGN, mai, assessmentId=assessment, expectedChangeNumber=3)
    assert (stale["code"], stale["path"]) == ("CHANGED", ["input", "expectedChangeNumber"])
    for section in (None, "labour", "labour"):
        done = await do(house, SIGN, mai, assessmentId=assessment, expectedChangeNumber=4, section=section)
    assert [(one["section"], one["isSigned"]) for one in done["assessment"]["signOffs"]] == [
        (None, True),
        ("labour", True),
    ]
    assert done["assessment"]["teamNumber"] == 4
    # A change after the signature voids it; a remark does not.
    await add(house, mai, assessment, "Fine.", question="headcount")
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=[write("trained", 1, number="90")])
    assert (await submit(house, supplier, assessment, 5))["code"] == "SIGN_OFF_MISSING"
    for section in (None, "labour"):
        await do(house, SIGN, mai, assessmentId=assessment, expectedChangeNumber=5, section=section)
    assert (await submit(house, supplier, assessment, 5))["__typename"] == "AssessmentSubmitted"


async def test_a_signed_section_stays_signed_until_it_changes_itself(house: Portal) -> None:
    owner = await house.sign_up("supplier")
    colleague = await house.join(owner, "Mai")
    assessment = await start(house, owner, "MICRO")
    await do(house, documents.SAVE, owner, assessmentId=assessment, answers=write_all())
    for section in ("labour", "safety"):
        demanded = {"assessmentId": assessment, "memberId": name_member(colleague), "section": section}
        await do(house, DEMAND, owner, **demanded)
        given = {"assessmentId": assessment, "section": section, "expectedChangeNumber": 4}
        assert (await do(house, SIGN, colleague, **given))["__typename"] == "AssessmentSignedOff"

    async def read() -> Any:
        found = await house.ask(
            f"query ($id: ID!) {{ assessment(id: $id) {{ {SIGNED} }} }}", owner.token, id=assessment
        )
        team = await house.ask(TEAM, owner.token, id=assessment, after=0, first=10)
        told = [(one["section"], one["isSigned"]) for one in found["data"]["assessment"]["signOffs"]]
        assert {(one["section"], one["isSigned"]) for one in team["data"]["assessment"]["team"]["signOffs"]} == set(
            told
        )
        return told

    await do(house, documents.SAVE, owner, assessmentId=assessment, answers=[write("headcount", 1, number="13")])
    assert await read() == [("labour", True), ("safety", True)]
    await do(house, documents.SAVE, owner, assessmentId=assessment, answers=[write("trained", 1, number="90")])
    assert sorted(await read()) == [("labour", False), ("safety", True)]
    refused = await do(house, documents.SUBMIT, owner, assessmentId=assessment, expectedChangeNumber=6)
    assert refused["code"] == "SIGN_OFF_MISSING"
    assert "labour" in refused["message"] and "safety" not in refused["message"]
    await do(house, SIGN, colleague, assessmentId=assessment, section="labour", expectedChangeNumber=6)
    done = await do(house, documents.SUBMIT, owner, assessmentId=assessment, expectedChangeNumber=6)
    assert done["__typename"] == "AssessmentSubmitted"


async def test_a_section_is_given_to_who_can_answer_it_and_only_as_long(house: Portal) -> None:
    owner = await house.sign_up("supplier")
    editor, other = await house.join(owner, "Mai"), await house.join(owner, "Vu")
    viewer = await house.join(owner, "An", "viewer")
    assessment = await start(house, owner, "MICRO")
    refused = await assign(house, owner, assessment, "facts", viewer)
    assert (refused["code"], refused["path"]) == ("CANNOT_ANSWER", ["input", "memberId"])
    for section, member in (("facts", editor), ("labour", editor), ("safety", other)):
        given = (await assign(house, owner, assessment, section, member))["assessment"]
    number = given["teamNumber"]
    change = (
        "mutation ($input: ChangeMemberRoleInput!) { result: changeMemberRole(input: $input) { __typename"
        f" {documents.PROBLEM} }} }}"
    )
    remove = (
        "mutation ($input: RemoveMemberInput!) { result: removeMember(input: $input) { __typename"
        f" {documents.PROBLEM} }} }}"
    )
    done = await do(house, change, owner, memberId=name_member(editor), role="VIEWER")
    assert "code" not in done
    team = (await house.ask(TEAM, owner.token, id=assessment, after=number, first=10))["data"]["assessment"]["team"]
    told = [(one["section"], one["assignee"], one["teamNumber"]) for one in team["assignments"]]
    assert (team["teamNumber"], told) == (number + 2, [("facts", None, number + 1), ("labour", None, number + 2)])
    assert "code" not in await do(house, remove, owner, memberId=name_member(other))
    team = (await house.ask(TEAM, owner.token, id=assessment, after=number + 2, first=10))["data"]["assessment"]["team"]
    assert [(one["section"], one["assignee"]) for one in team["assignments"]] == [("safety", None)]


async def test_a_section_is_due_by_the_day_of_the_firm(house: Portal) -> None:
    """In Samoa it is tomorrow already when it is evening in Greenwich, and on Hawaii still yesterday in its morning."""
    owner = await house.sign_up("supplier")
    assessment = await start(house, owner, "MICRO")
    now = datetime.now(UTC)
    for zone, hour, day, is_due in (
        ("Pacific/Apia", 23, now.date(), False),
        ("Pacific/Honolulu", 1, now.date() - timedelta(days=1), True),
    ):
        await house.run_sql("UPDATE portal.organization SET time_zone = $2 WHERE id = $1", owner.organization, zone)
        moment = now.replace(hour=hour).isoformat()
        await house.run_sql(
            "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS "
            f"$$ SELECT '{moment}'::timestamptz $$"
        )
        given = await assign(house, owner, assessment, "facts", owner, dueOn=day.isoformat())
        assert (given["__typename"] == "SectionAssigned") is is_due, given


async def test_nobody_signs_for_an_organization_that_is_suspended(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai", "viewer")
    assessment = await start(house, supplier, "MICRO")
    await do(house, DEMAND, supplier, assessmentId=assessment, memberId=name_member(mai))
    await house.fetch(SUSPEND, supplier.organization)
    refused = await do(house, SIGN, mai, assessmentId=assessment, expectedChangeNumber=0)
    assert refused["code"] == "NOT_ALLOWED"
    assert not await house.fetch(
        "SELECT FROM portal.sign_off WHERE signed_at IS NOT NULL AND supplier_id = $1", supplier.organization
    )


async def test_an_owner_may_do_without_a_sign_off(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai")
    assessment = await start(house, supplier, "MICRO")
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    wanted = {"assessmentId": assessment, "memberId": name_member(mai)}
    assert (await do(house, DEMAND, mai, **wanted))["__typename"] == "NotAllowed"
    assert (await do(house, WITHDRAW, supplier, **wanted))["__typename"] == "NotFound"
    await do(house, DEMAND, supplier, **wanted)
    assert (await do(house, SIGN, supplier, assessmentId=assessment, expectedChangeNumber=4))["code"] == "NOT_FOUND"
    await house.run_sql("DELETE FROM portal.member WHERE user_id = $1", mai.user)
    assert "somebody who has left" in (await submit(house, supplier, assessment, 4))["message"]
    for _ in range(2):
        done = await do(house, WITHDRAW, supplier, **wanted)
        assert done["assessment"] == {"teamNumber": 2, "signOffs": []}
    assert (await submit(house, supplier, assessment, 4))["__typename"] == "AssessmentSubmitted"


async def test_a_correction_takes_along_what_is_to_be_done(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai")
    assessment = await start(house, supplier, "MICRO")
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    await assign(house, supplier, assessment, "labour", mai)
    await do(house, DEMAND, supplier, assessmentId=assessment, memberId=name_member(mai))
    open_ = (await add(house, mai, assessment, "Still to do.", question="headcount"))["comment"]["commentId"]
    await add(house, supplier, assessment, "I will.", threadId=open_)
    settled = (await add(house, mai, assessment, "Done.", question="trained"))["comment"]["commentId"]
    await do(house, RESOLVE, mai, assessmentId=assessment, threadId=settled)
    await do(house, SIGN, mai, assessmentId=assessment, expectedChangeNumber=4)
    assert (await submit(house, supplier, assessment, 4))["__typename"] == "AssessmentSubmitted"
    new = (await do(house, documents.CORRECT, supplier, assessmentId=assessment))["assessment"]["id"]
    team = await read(house, TEAM, supplier, new, "team", after=0, first=9)
    assert (team["teamNumber"], team["endNumber"], team["hasMore"]) == (4, 4, False)
    assert [(one["section"], one["assignee"]["name"]) for one in team["assignments"]] == [("labour", "Mai")]
    assert [one["isSigned"] for one in team["signOffs"]] == [False]
    assert [one["body"] for one in team["comments"]] == ["Still to do.", "I will."]
    assert (await submit(house, supplier, new, 4))["code"] == "SIGN_OFF_MISSING"
    # The one before keeps its own.
    assert len((await read(house, TALK, supplier, assessment, "comments"))["comments"]) == 3
    thread = (await read(house, TALK, supplier, new, "comments"))["comments"][0]["threadId"]
    assert (await add(house, mai, new, "Now.", threadId=thread))["comment"]["question"] == "headcount"


@pytest.mark.parametrize("where", range(3))
async def test_a_comment_is_taken_back_in_all_revisions_that_it_stands_in(house: Portal, where: int) -> None:
    supplier = await house.sign_up("supplier")
    revisions = [await start(house, supplier, "MICRO")]
    await do(house, documents.SAVE, supplier, assessmentId=revisions[0], answers=write_all())
    for words in ("Wrong.", "Stays."):
        await add(house, supplier, revisions[0], words, question="headcount")
    for number in (4, 4):
        assert (await submit(house, supplier, revisions[-1], number))["__typename"] == "AssessmentSubmitted"
        corrected = await do(house, documents.CORRECT, supplier, assessmentId=revisions[-1])
        revisions.append(corrected["assessment"]["id"])
    there = (await read(house, TALK, supplier, revisions[where], "comments"))["comments"]
    said = next(one["commentId"] for one in there if one["body"] == "Wrong.")
    for _ in range(2):  # a call that comes again finds it done
        done = await do(house, REMOVE, supplier, assessmentId=revisions[where], commentId=said)
        assert done["comment"]["body"] is None
        told = [(await read(house, TALK, supplier, one, "comments"))["comments"] for one in revisions]
        assert [{one["body"] for one in page} for page in told] == [{None, "Stays."}] * 3
    # Who syncs the newest one is told.
    team = await read(house, TEAM, supplier, revisions[-1], "team", after=2, first=9)
    assert [one["body"] for one in team["comments"]] == [None]


async def test_an_upgrade_takes_along_what_its_version_still_asks(database: TestDatabase) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database) as stage:
        supplier = await stage.sign_up("supplier")
        assessment = await start(stage, supplier)
        await assign(stage, supplier, assessment, "safety", supplier)
        for question in ("headcount", "drills", "trained"):
            await add(stage, supplier, assessment, f"About {question}.", question=question)
        await successors.publish_successor(stage)
        done = await do(stage, UPGRADE, supplier, assessmentId=assessment, version="2.0.0")
        told = (await read(stage, TALK, supplier, done["assessment"]["id"], "comments"))["comments"]
        # One question has another key there, one is asked no more, and one means something else now.
        assert [(one["question"], one["body"]) for one in told] == [
            ("people", "About headcount."),
            ("trained", "About trained."),
        ]
        team = await read(stage, TEAM, supplier, done["assessment"]["id"], "team", after=0, first=9)
        assert [one["section"] for one in team["assignments"]] == ["safety"]
        # Nobody has to look for a thread: who answers late in the old one is heard there.
        late = await add(stage, supplier, assessment, "Late.", question="drills")
        assert late["comment"]["body"] == "Late."


async def test_the_own_export_tells_it_all_and_what_is_handed_on_nothing(house: Portal) -> None:
    buyer, supplier = await house.sign_up("buyer"), await house.sign_up("supplier")
    assessment = await start(house, supplier, "MICRO")
    await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
    await add(house, supplier, assessment, "Between us.", question="headcount")
    await assign(house, supplier, assessment, "labour", supplier)
    paths = "query ($id: ID!) { assessment(id: $id) { team: exportPath(format: TEAM) all: exportPath } }"
    found = (await house.ask(paths, supplier.token, id=assessment))["data"]["assessment"]
    async with house.client() as client:
        own = await client.get(found["team"], headers={"authorization": f"Bearer {supplier.token}"})
        handed_on = await client.get(found["all"], headers={"authorization": f"Bearer {supplier.token}"})
        refused = await client.get(found["team"], headers={"authorization": f"Bearer {buyer.token}"})
    told = own.json()
    assert (told["format"], [one["body"] for one in told["comments"]]) == ("assessment-team/1", ["Between us."])
    assert [one["question"] for one in told["writes"]] == ["headcount", "fees_repaid", "trained", "exits_locked"]
    assert told["people"] == {str(supplier.user): "Somebody"}
    assert [one["section"] for one in told["assignments"]] == ["labour"]
    assert handed_on.status_code == 200
    assert b"Between us." not in handed_on.content
    assert (refused.status_code, b"Between us." in refused.content) == (403, False)


async def test_the_sync_tells_each_change_once_in_pages(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    mai = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    await assign(house, supplier, assessment, "labour", mai)
    said = (await add(house, supplier, assessment, "Hello.", question="headcount"))["comment"]["commentId"]
    await do(house, DEMAND, supplier, assessmentId=assessment, memberId=name_member(mai))
    await assign(house, supplier, assessment, "labour", None)
    await do(house, REMOVE, supplier, assessmentId=assessment, commentId=said)
    await do(house, WITHDRAW, supplier, assessmentId=assessment, memberId=name_member(mai))
    after, told, more = 0, [], True
    while more:
        page = await read(house, TEAM, supplier, assessment, "team", after=after, first=1)
        told += [(one["section"], one["assignee"]) for one in page["assignments"]]
        told += [one["body"] for one in page["comments"]]
        told += [one["withdrawnAt"] is not None for one in page["signOffs"]]
        after, more = page["endNumber"], page["hasMore"]
    assert (told, after) == ([("labour", None), None, True], 6)
    assert await read(house, TEAM, supplier, assessment, "team", after=6, first=1) == {
        "teamNumber": 6,
        "endNumber": 6,
        "hasMore": False,
        "assignments": [],
        "comments": [],
        "signOffs": [],
    }


async def test_statements_do_not_grow_with_comments_or_assessments(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    listing = (
        "query ($first: Int!) { assessments(first: $first) { nodes { assignments { assignee { name } }"
        " assigneeProgress { progress { asked } } } } }"
    )
    counts = []
    for year in (2021, 2022, 2023, 2024):
        given = {"periodStart": f"{year}-01-01", "periodEnd": f"{year}-12-31"}
        assessment = await start(house, supplier, **given)
        for number in range(year - 2020):
            await assign(house, supplier, assessment, ("facts", "labour", "safety", "facts")[number], supplier)
            await add(house, supplier, assessment, "Hello.", question="headcount")
        with record_statements(house.app.state.services.database.engine.sync_engine) as sent:
            await house.ask(listing, supplier.token, first=year - 2020)
            await read(house, TALK, supplier, assessment, "comments")
            await read(house, TEAM, supplier, assessment, "team", after=0, first=9)
        counts.append(len(sent))
    assert len(set(counts[1:])) == 1
