"""Conflicts with both values and a choice, what waits for a correction, and the history of it all; over HTTP."""

from typing import Any

from portal.database import ids
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.portals import Caller, Portal

CONTENT = "{ deleted value { number } }"
RESULT = f"{{ writeId status revision current {{ revision content {CONTENT} }} yours {CONTENT} problem {{ code }} }}"
SAVE = (
    "mutation ($input: SaveAnswersInput!) { result: saveAnswers(input: $input) { __typename"
    f" ... on AnswersSaved {{ changeNumber results {RESULT} }} {documents.PROBLEM} }} }}"
)
DECIDE = (
    "mutation ($input: DecideConflictInput!) { result: decideConflict(input: $input) { __typename"
    f" ... on AnswersSaved {{ changeNumber results {RESULT} assessment {{ id }} }} {documents.PROBLEM} }} }}"
)
DISMISS = (
    "mutation ($input: DismissPendingCorrectionsInput!) { result: dismissPendingCorrections(input: $input)"
    " { __typename ... on PendingCorrectionsDismissed { writeIds assessment { id pendingCorrections { corrections"
    f" {{ writeId }} }} }} }} {documents.PROBLEM} }} }}"
)
CORRECT = (
    "mutation ($input: CorrectAssessmentInput!) { result: correctAssessment(input: $input) { __typename"
    f" ... on AssessmentCorrected {{ appliedCount assessment {{ id }} results {RESULT} }} {documents.PROBLEM} }} }}"
)
CONFLICTS = (
    "query ($id: ID!, $first: Int, $after: String) { assessment(id: $id) { conflicts(first: $first, after: $after)"
    " { hasMore endCursor conflicts { conflictId question baseRevision device"
    f" standing {{ revision content {CONTENT} }} standingBy {{ name }} standingAt"
    f" written {CONTENT} writtenBy {{ memberId name }} writtenAt }} }} }} }}"
)
PENDING = (
    "query ($id: ID!, $first: Int, $after: String) { assessment(id: $id) { pendingCorrections(first: $first,"
    " after: $after) { hasMore endCursor corrections { writeId question source device by { name }"
    f" was {{ revision content {CONTENT} }} content {CONTENT} }} }} }} }}"
)
HISTORY = (
    'query ($id: ID!, $first: Int!, $after: String) { assessment(id: $id) { answerHistory(question: "headcount",'
    " first: $first, after: $after) { cursor writeId status source device decides by { name } byOwnMember"
    f" was {{ revision provenance carriedFromId content {CONTENT} }} content {CONTENT} }} }} }}"
)


async def save(house: Portal, caller: Caller, assessment: str, *sent: dict[str, Any], device: str | None = None) -> Any:
    """What became of writes."""
    saved = await do(house, SAVE, caller, assessmentId=assessment, answers=list(sent), device=device)
    assert saved["__typename"] == "AnswersSaved", saved
    return [one["status"] for one in saved["results"]]


async def read(house: Portal, document: str, caller: Caller, assessment: str, name: str, **given: Any) -> Any:
    return (await house.ask(document, caller.token, id=assessment, **given))["data"]["assessment"][name]


async def fall_out(house: Portal, caller: Caller) -> tuple[str, str]:
    """A draft with 12 people, and a colleague's write of 77 that met it; the ids of both."""
    assessment = await start(house, caller)
    late = write("headcount", number="77")
    assert await save(house, caller, assessment, write("headcount", number="12"), device="Desk") == ["SAVED"]
    assert await save(house, await house.join(caller, "Mai"), assessment, late, device=" Mai's phone ") == ["CONFLICT"]
    return assessment, late["writeId"]


async def decide(house: Portal, caller: Caller, assessment: str, conflict: str, **given: Any) -> Any:
    chosen = {"winner": "WRITTEN", "writeId": str(ids.new_id()), "baseRevision": 1} | given
    return await do(house, DECIDE, caller, assessmentId=assessment, conflictId=conflict, **chosen)


async def test_a_conflict_tells_both_values_with_who_and_when(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment, conflict = await fall_out(house, supplier)
    (told,) = (await read(house, CONFLICTS, supplier, assessment, "conflicts"))["conflicts"]
    assert (told["conflictId"], told["question"], told["baseRevision"]) == (conflict, "headcount", 0)
    assert (told["standing"]["content"]["value"]["number"], told["written"]["value"]["number"]) == ("12", "77")
    assert (told["standingBy"]["name"], told["writtenBy"]["name"], told["device"]) == ("Somebody", "Mai", "Mai's phone")
    assert told["standingAt"] < told["writtenAt"]
    other = await house.sign_up("supplier")
    assert (await house.ask(CONFLICTS, other.token, id=assessment))["data"]["assessment"] is None


async def test_the_choice_is_a_write_and_may_be_sent_again(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment, conflict = await fall_out(house, supplier)
    choice = {"writeId": str(ids.new_id())}
    for _ in range(2):  # a reply that got lost
        done = await decide(house, supplier, assessment, conflict, **choice)
        assert [(one["status"], one["revision"]) for one in done["results"]] == [("SAVED", 2)]
        assert done["results"][0]["current"]["content"]["value"]["number"] == "77"
        assert (done["changeNumber"], done["assessment"]["id"]) == (2, assessment)
    assert (await read(house, CONFLICTS, supplier, assessment, "conflicts"))["conflicts"] == []
    again = await decide(house, supplier, assessment, conflict, baseRevision=2)
    assert (again["__typename"], again["code"]) == ("Conflict", "ALREADY_DECIDED")
    newest = (await read(house, HISTORY, supplier, assessment, "answerHistory", first=1))[0]
    assert (newest["source"], newest["decides"], newest["was"]["content"]["value"]["number"]) == (
        "DECIDED",
        conflict,
        "12",
    )


async def test_the_standing_answer_may_be_chosen(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment, conflict = await fall_out(house, supplier)
    choice = {"winner": "STANDING", "writeId": str(ids.new_id())}
    for _ in range(2):
        done = await decide(house, supplier, assessment, conflict, **choice)
        assert [(one["status"], one["revision"]) for one in done["results"]] == [("UNCHANGED", 1)]
        # What was chosen stays chosen, whatever is answered later.
        await save(house, supplier, assessment, write("headcount", 1, number="50"))
    assert (await read(house, CONFLICTS, supplier, assessment, "conflicts"))["conflicts"] == []


async def test_nothing_is_chosen_over_an_answer_that_was_not_seen(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment, conflict = await fall_out(house, supplier)
    await save(house, supplier, assessment, write("headcount", 1, number="50"))
    kept = await decide(house, supplier, assessment, conflict, winner="STANDING")
    assert (kept["code"], kept["path"]) == ("ANSWER_CHANGED", ["input", "baseRevision"])
    written = await decide(house, supplier, assessment, conflict)
    assert [one["status"] for one in written["results"]] == ["CONFLICT"]
    conflicts = (await read(house, CONFLICTS, supplier, assessment, "conflicts"))["conflicts"]
    assert [one["conflictId"] for one in conflicts] == [conflict]
    assert (await decide(house, supplier, assessment, str(ids.new_id())))["__typename"] == "NotFound"
    stranger = await house.sign_up("supplier")
    assert (await decide(house, stranger, assessment, conflict))["__typename"] == "NotFound"
    viewer = await house.join(supplier, "Vu", "viewer")
    assert (await decide(house, viewer, assessment, conflict))["__typename"] == "NotAllowed"


async def test_who_sends_another_answer_has_decided(house: Portal) -> None:
    """Clients that know of no choice send a new write on the revision that they were shown."""
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    await save(house, supplier, assessment, write("headcount", number="12"), write("headcount", number="77"))
    assert len((await read(house, CONFLICTS, supplier, assessment, "conflicts"))["conflicts"]) == 1
    await save(house, supplier, assessment, write("headcount", 1, number="77"))
    assert (await read(house, CONFLICTS, supplier, assessment, "conflicts"))["conflicts"] == []


async def test_conflicts_come_in_pages(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await start(house, supplier)
    late = [write("headcount", number=str(number)) for number in (1, 2, 3)]
    await save(house, supplier, assessment, write("headcount", number="12"))
    for one in late:
        await save(house, supplier, assessment, one)
    told, after, more = [], None, True
    while more:
        page = await read(house, CONFLICTS, supplier, assessment, "conflicts", first=2, after=after)
        told += [one["conflictId"] for one in page["conflicts"]]
        after, more = page["endCursor"], page["hasMore"]
    assert told == [one["writeId"] for one in late]


async def submit(house: Portal, supplier: Caller) -> str:
    """A submitted assessment with 12 people; its id."""
    assessment = await start(house, supplier, "MICRO")
    assert set(await save(house, supplier, assessment, *write_all())) == {"SAVED"}
    done = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
    assert done["__typename"] == "AssessmentSubmitted", done
    return assessment


async def test_what_waits_is_listed_until_a_correction_takes_it(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await submit(house, supplier)
    late = [write("headcount", 1, number="77"), write("trained", 0, number="50")]
    assert await save(house, supplier, assessment, *late, device="Tablet") == ["PENDING", "PENDING"]
    first = await read(house, PENDING, supplier, assessment, "pendingCorrections", first=1)
    rest = await read(house, PENDING, supplier, assessment, "pendingCorrections", first=1, after=first["endCursor"])
    assert (first["hasMore"], rest["hasMore"]) == (True, False)
    (told,), (other,) = first["corrections"], rest["corrections"]
    assert (told["writeId"], told["by"]["name"], told["device"]) == (late[0]["writeId"], "Somebody", "Tablet")
    assert (told["was"]["content"]["value"]["number"], told["content"]["value"]["number"]) == ("12", "77")
    assert other["writeId"] == late[1]["writeId"]
    made = await do(house, CORRECT, supplier, assessmentId=assessment)
    assert [one["status"] for one in made["results"]] == ["SAVED", "CONFLICT"]
    assert (await read(house, PENDING, supplier, assessment, "pendingCorrections"))["corrections"] == []
    # What the correction could not take in is a conflict of it, to be decided there.
    new = made["assessment"]["id"]
    (left,) = (await read(house, CONFLICTS, supplier, new, "conflicts"))["conflicts"]
    assert (left["written"]["value"]["number"], left["device"]) == ("50", "Tablet")
    assert (await decide(house, supplier, new, left["conflictId"]))["results"][0]["status"] == "SAVED"


async def test_what_waits_may_be_dismissed(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    assessment = await submit(house, supplier)
    late, kept = write("headcount", 1, number="77"), write("trained", 1, number="50")
    await save(house, supplier, assessment, late, kept)
    for _ in range(2):
        done = await do(house, DISMISS, supplier, assessmentId=assessment, writeIds=[late["writeId"]])
        left = done["assessment"]["pendingCorrections"]["corrections"]
        assert (done["writeIds"], left) == ([late["writeId"]], [{"writeId": kept["writeId"]}])
        assert await save(house, supplier, assessment, late) == ["DISMISSED"]
    made = await do(house, CORRECT, supplier, assessmentId=assessment)
    assert [(one["writeId"], one["status"]) for one in made["results"]] == [(kept["writeId"], "SAVED")]
    assert await save(house, supplier, made["assessment"]["id"], late) == ["DISMISSED"]
    told = await read(house, HISTORY, supplier, assessment, "answerHistory", first=10)
    assert [(one["status"], one["source"]) for one in told] == [
        ("DISMISSED", "DECIDED"),
        ("PENDING", "TYPED"),
        ("SAVED", "TYPED"),
    ]
    refused = await do(house, DISMISS, supplier, assessmentId=assessment, writeIds=[kept["writeId"]])
    assert (refused["code"], refused["path"]) == ("ALREADY_TAKEN", ["input", "writeIds", "0"])


async def test_only_what_waits_is_dismissed_and_by_its_supplier(house: Portal) -> None:
    supplier, stranger = await house.sign_up("supplier"), await house.sign_up("supplier")
    assessment = await submit(house, supplier)
    late = write("headcount", 1, number="77")
    await save(house, supplier, assessment, late)
    for caller, sent, expected in (
        (supplier, [str(ids.new_id())], "NotFound"),
        (supplier, [late["writeId"], str(ids.new_id())], "NotFound"),
        (stranger, [late["writeId"]], "NotFound"),
        (await house.join(supplier, "Vu", "viewer"), [late["writeId"]], "NotAllowed"),
        (supplier, [], "InvalidInput"),
    ):
        done = await do(house, DISMISS, caller, assessmentId=assessment, writeIds=sent)
        assert done["__typename"] == expected
    assert await save(house, supplier, assessment, late) == ["PENDING"]


async def test_the_history_tells_who_from_what_to_what_in_pages(house: Portal) -> None:
    supplier = await house.sign_up("supplier")
    colleague = await house.join(supplier, "Mai")
    assessment = await start(house, supplier)
    await save(house, supplier, assessment, write("headcount", number="12"), device="Desk")
    await save(house, colleague, assessment, write("headcount", 1, number="13"))
    await save(house, supplier, assessment, write("headcount", 2, deleted=True))
    told, after = [], None
    while page := await read(house, HISTORY, supplier, assessment, "answerHistory", first=2, after=after):
        told += page
        after = page[-1]["cursor"]
    numbers = [
        (one["was"] and one["was"]["content"]["value"]["number"], (one["content"]["value"] or {}).get("number"))
        for one in told
    ]
    assert numbers == [("13", None), ("12", "13"), (None, "12")]
    assert [(one["by"]["name"], one["device"]) for one in told] == [
        ("Somebody", None),
        ("Mai", None),
        ("Somebody", "Desk"),
    ]
    # Who leaves is still named beside what they did; erased accounts have no name.
    await house.run_sql("DELETE FROM portal.member WHERE user_id = $1", colleague.user)
    assert (await read(house, HISTORY, supplier, assessment, "answerHistory", first=3))[1]["by"] == {"name": "Mai"}
    await house.run_sql("DELETE FROM portal.user_account WHERE id = $1", colleague.user)
    assert (await read(house, HISTORY, supplier, assessment, "answerHistory", first=3))[1]["by"] == {"name": None}
    bad = await do(house, SAVE, supplier, assessmentId=assessment, answers=[write("headcount")], device="x" * 101)
    assert (bad["problems"][0]["code"], bad["problems"][0]["path"]) == ("DEVICE", ["input", "device"])
