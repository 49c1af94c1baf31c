"""What comes too late for a draft that was discarded: nothing of it is lost, and everybody hears who discarded it."""

from typing import Any

from portal.database import ids
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import discard, do, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal

DISCARD = "assessmentId questionnaire siteId periodStart periodEnd discardedAt discardedBy { memberId name } newestId"
RESULTS = (
    "results { writeId status revision problem { code message locale } current { question rowId revision }"
    f" yours {{ {documents.CONTENT} plan {{ text }} }} }}"
)
SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename"
    f" ... on AnswersSaved {{ assessmentId {RESULTS} }}"
    f" ... on DraftDiscarded {{ discard {{ {DISCARD} }} {RESULTS} }} {documents.PROBLEM} }} }}"
)
COMMENT = (
    f"mutation ($input: AddCommentInput!) {{ result: addComment(input: $input) {{ __typename {documents.PROBLEM} }} }}"
)
CHANGES = (
    "query ($after: String) { changes(after: $after) { endCursor changes { kind type id discard"
    f" {{ {DISCARD} }} }} }} }}"
)
FOLLOW = "query ($id: ID!) { assessment(id: $id) { teamNumber pendingCorrections { corrections { writeId } } } }"


async def read_feed(house: Portal, caller: Caller, after: str | None = None) -> Any:
    return (await house.ask(CHANGES, caller.token, after=after))["data"]["changes"]


async def test_a_late_answer_to_a_discarded_draft_is_given_back(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    colleague = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    assert (await discard(house, colleague.token, assessment))["__typename"] == "AssessmentDiscarded"
    sent = [
        write("headcount", number="77"),
        write("nothing_asked", text="lost?"),
        write("exits_locked", boolean=False, comment="Since May."),
        {"writeId": str(ids.new_id()), "question": "remark", "baseRevision": 3, "deleted": True},
    ]
    for _ in range(2):  # a reply that got lost
        told = await do(house, SAVE, supplier, assessmentId=assessment, answers=sent)
        assert (told["__typename"], told["code"], told["path"]) == (
            "DraftDiscarded",
            "DISCARDED",
            ["input", "assessmentId"],
        )
        assert "by Mai" in told["message"]
        gone = told["discard"]
        assert (gone["assessmentId"], gone["questionnaire"], gone["siteId"]) == (assessment, "sample", None)
        assert (gone["discardedBy"]["name"], gone["newestId"]) == ("Mai", None)
        assert [one["writeId"] for one in told["results"]] == [one["writeId"] for one in sent]
        for one in told["results"]:
            assert (one["status"], one["revision"], one["problem"]["code"]) == ("REFUSED", None, "DRAFT_DISCARDED")
            assert one["current"]["revision"] == 0
        number, unknown, exits, removed = (one["yours"] for one in told["results"])
        assert (number["value"]["number"], exits["value"]["boolean"], exits["comment"]) == ("77", False, "Since May.")
        assert (unknown, removed["deleted"]) == (None, True)
    # Started anew it takes the same writes.
    new = await start(house, supplier)
    told = await do(house, SAVE, supplier, assessmentId=assessment, answers=sent[:1])
    assert told["discard"]["newestId"] == new
    told = await do(house, SAVE, supplier, assessmentId=new, answers=sent[:1])
    assert [one["status"] for one in told["results"]] == ["SAVED"]


async def test_a_device_that_syncs_hears_who_discarded_a_draft(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    colleague = await house.join(supplier, "Mai")
    assessment, kept = (
        await start(house, supplier),
        await start(house, supplier, periodStart="2025-01-01", periodEnd="2025-12-31"),
    )
    cursor = (await read_feed(house, supplier))["endCursor"]
    await do(house, SAVE, supplier, assessmentId=kept, answers=[write("headcount", number="12")])
    await discard(house, colleague.token, assessment)
    told = {one["id"]: one for one in (await read_feed(house, supplier, cursor))["changes"]}
    assert (told[kept]["type"], told[kept]["discard"]) == ("UPSERTED", None)
    gone = told[assessment]
    assert (gone["type"], gone["discard"]["discardedBy"]["name"]) == ("REMOVED", "Mai")
    assert gone["discard"]["assessmentId"] == assessment


async def test_nobody_else_hears_that_there_was_a_draft(house: Portal) -> None:
    supplier, other = await house.sign_up("supplier"), await house.sign_up("supplier")
    viewer = await house.join(supplier, "Vu", "viewer")
    assessment = await start(house, supplier)
    await discard(house, supplier.token, assessment)
    sent: dict[str, Any] = {"assessmentId": assessment, "answers": [write("headcount", number="1")]}
    never = {**sent, "assessmentId": await start(house, await house.sign_up("supplier"))}
    hidden = [await do(house, SAVE, other, **one) for one in (sent, never)]
    assert hidden[0] == hidden[1]
    assert (hidden[0]["__typename"], hidden[0]["code"]) == ("NotFound", "NOT_FOUND")
    assert (await do(house, SAVE, viewer, **sent))["__typename"] == "NotAllowed"


async def test_other_acts_on_it_say_so_as_well(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await discard(house, supplier.token, assessment)
    words = {"assessmentId": assessment, "commentId": str(ids.new_id()), "question": "headcount", "body": "Late"}
    for told in (await do(house, COMMENT, supplier, **words), await discard(house, supplier.token, assessment)):
        assert (told["__typename"], told["code"]) == ("NotFound", "DISCARDED")
        assert "was discarded on" in told["message"]


async def test_it_is_told_in_the_languages_of_people(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await discard(house, supplier.token, assessment)
    told = set()
    for locale in ("en", "es", "fr", "vi", "ar", "zh-Hans"):
        await house.run_sql("UPDATE portal.user_account SET locale = $2 WHERE id = $1", supplier.user, locale)
        answer = await do(house, SAVE, supplier, assessmentId=assessment, answers=[write("headcount", number="1")])
        (one,) = answer["results"]
        assert one["problem"]["locale"] == locale
        told.add(one["problem"]["message"])
    assert len(told) == 6


async def test_what_a_discarded_correction_had_taken_up_waits_again_and_devices_hear_of_it(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    old = await start(house, supplier, "MICRO")
    await do(house, SAVE, supplier, assessmentId=old, answers=write_all())
    await do(house, documents.SUBMIT, supplier, assessmentId=old, expectedChangeNumber=4)
    late = write("headcount", 1, number="77")
    await do(house, SAVE, supplier, assessmentId=old, answers=[late])
    made = (await do(house, documents.CORRECT, supplier, assessmentId=old))["assessment"]["id"]
    before = (await house.ask(FOLLOW, supplier.token, id=old))["data"]["assessment"]
    assert before["pendingCorrections"]["corrections"] == []
    await discard(house, supplier.token, made)
    after = (await house.ask(FOLLOW, supplier.token, id=old))["data"]["assessment"]
    assert after["pendingCorrections"]["corrections"] == [{"writeId": late["writeId"]}]
    assert after["teamNumber"] > before["teamNumber"]
    told = await do(house, SAVE, supplier, assessmentId=made, answers=[late, write("trained", 1, number="50")])
    assert (told["__typename"], told["discard"]["newestId"]) == ("DraftDiscarded", old)
    kept, back = told["results"]
    assert (kept["writeId"], kept["status"], kept["problem"]) == (late["writeId"], "PENDING", None)
    assert (kept["yours"]["value"]["number"], kept["current"]["revision"]) == ("77", 1)
    assert (back["status"], back["problem"]["code"], back["yours"]["value"]["number"]) == (
        "REFUSED",
        "DRAFT_DISCARDED",
        "50",
    )
    told = await do(house, SAVE, supplier, assessmentId=old, answers=[late, write("trained", 1, number="50")])
    assert [one["status"] for one in told["results"]] == ["PENDING", "PENDING"]


async def test_who_discarded_it_is_named_after_leaving_and_forgotten_with_the_organization(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    colleague = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    await discard(house, colleague.token, assessment)
    sent: dict[str, Any] = {"assessmentId": assessment, "answers": [write("headcount", number="1")]}
    await house.run_sql("DELETE FROM portal.member WHERE user_id = $1", colleague.user)
    assert (await do(house, SAVE, supplier, **sent))["discard"]["discardedBy"]["name"] == "Mai"
    await house.run_sql("DELETE FROM portal.session WHERE user_id = $1", colleague.user)
    await house.run_sql("DELETE FROM portal.user_account WHERE id = $1", colleague.user)
    erased = await do(house, SAVE, supplier, **sent)
    assert erased["discard"]["discardedBy"]["name"] is None
    assert " by " not in erased["message"]
    closed = "status = 'closed', closed_at = portal.clock() - interval '31 days'"
    await house.run_sql(f"UPDATE portal.organization SET {closed} WHERE id = $1", supplier.organization)
    await house.run_sql("SELECT portal.empty_closed_organization($1, 30)", supplier.organization)
    opened = "status = 'active', closed_at = NULL, emptied_at = NULL"
    await house.run_sql(f"UPDATE portal.organization SET {opened} WHERE id = $1", supplier.organization)
    member = "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, 'owner')"
    await house.run_sql(member, supplier.organization, supplier.user)
    assert (await do(house, SAVE, supplier, **sent))["code"] == "NOT_FOUND"
