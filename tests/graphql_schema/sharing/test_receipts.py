"""Who looked: one receipt per organization, submission and call, one a day for summaries, none for lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_share import EVERYTHING, profile, submit_with_file, wait_for_card


async def list_receipts(stage: Stage, **asked: Any) -> list[tuple[str, str | None]]:
    """Kind and purpose of each receipt of the weaver, the oldest first."""
    found = (await stage.ask(stage.weaver, documents.RECEIPTS, **asked))["readReceipts"]["nodes"]
    return [(one["kind"], one["purpose"]) for one in found][::-1]


async def test_what_gave_nothing_leaves_nothing(stage: Stage) -> None:
    """Neither a profile whose card is still to be written, nor one by an id that is not the caller's."""
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    await wait_for_card(stage, stage.maker, "93.33")
    await stage.wait_for_jobs()
    own = stage.records[stage.maker.organization, stage.weaver.organization]
    await stage.house.fetch("DELETE FROM portal.relationship_card")
    for id in (stage.name("supp", stage.maker, own), stage.name("supp", stage.trader, own)):
        assert (await stage.ask(stage.maker, documents.PROFILE, id=id))["supplier"] is None
    assert await list_receipts(stage) == []


async def test_receipts_are_counted(stage: Stage) -> None:
    submitted, evidence = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING, purpose="Trust")
    await wait_for_card(stage, stage.maker, "93.33")
    assert await list_receipts(stage) == []
    record = {"id": stage.name_record(stage.maker, stage.weaver)}
    for _ in range(3):
        await stage.ask(stage.maker, documents.SUMMARY, **record)
    assert await list_receipts(stage) == [("SUMMARY", "Trust")]
    for _ in range(2):
        await stage.ask(stage.maker, documents.FILES, **record)
        await stage.ask(stage.maker, documents.PROFILE, **record)
    later = [("EVIDENCE", "Trust"), ("ANSWERS", "Trust")] * 2
    assert await list_receipts(stage) == [("SUMMARY", "Trust"), *later]
    url = (await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence))["url"]
    assert len(await list_receipts(stage, kind="EVIDENCE")) == 2
    await stage.get(url)
    (fetched, *_) = (await stage.ask(stage.weaver, documents.RECEIPTS, kind="EVIDENCE"))["readReceipts"]["nodes"]
    assert (fetched["evidenceId"], fetched["submissionId"]) == (evidence, submitted.node)
    assert (fetched["readerRole"], fetched["purpose"]) == ("OWNER", "Trust")
    assert fetched["reader"]["id"] == stage.name_organization(stage.maker)
    await stage.house.set_clock(datetime.now(UTC) + timedelta(days=1))
    for _ in range(2):
        await stage.ask(stage.maker, documents.SUMMARY, **record)
    assert len(await list_receipts(stage, kind="SUMMARY")) == 2


async def test_one_call_with_many_fields_leaves_one_receipt_for_each_submission(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    record = stage.name_record(stage.maker, stage.weaver)
    await profile(stage, stage.maker, stage.weaver)
    await stage.house.fetch("DELETE FROM portal.read_receipt")
    result = stage.name("shrd", stage.weaver, submitted.id)
    answers = "sections { answers { question values } }"
    query = f"""
        {{ a: supplier(id: "{record}", questionnaire: "sample") {{
             latestResult {{ {answers} }} history {{ total sections {{ trace {{ points }} }} }} }}
           b: supplier(id: "{record}", questionnaire: "sample") {{ x: latestResult {{ {answers} }} }}
           node(id: "{result}") {{ ... on SharedResult {{ {answers} }} }} }}
    """
    answer = await stage.ask(stage.maker, query)
    assert len(answer["node"]["sections"]) == 3
    assert [kind for kind, _ in await list_receipts(stage)] == ["ANSWERS"]


async def test_the_purpose_is_that_of_the_request_and_never_more_is_told_than_was_read(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.request(stage.maker, stage.weaver)
    await stage.share(stage.weaver, stage.maker, submitted, purpose="Trust")
    await profile(stage, stage.maker, stage.weaver)
    assert await list_receipts(stage) == [("SUMMARY", "Choosing suppliers for next year")]
    found = (await stage.ask(stage.weaver, documents.RECEIPTS))["readReceipts"]["nodes"][0]
    stored = await stage.house.fetch("SELECT member_id FROM portal.read_receipt")
    assert str(stored[0]["member_id"]) == str(stage.maker.user)
    assert str(stage.maker.user) not in str(found)


async def test_the_suppliers_own_reading_leaves_none(stage: Stage) -> None:
    submitted, evidence = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING)
    shown = (await stage.ask(stage.weaver, documents.SHARES))["shares"]["nodes"][0]["shows"]
    assert (shown["total"], len(shown["sections"]), len(shown["evidence"])) == ("93.33", 3, 1)
    url = (await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=evidence))["url"]
    assert (await stage.get(url)).status_code == 200
    assert await list_receipts(stage) == []


async def test_what_leaves_the_portal_as_a_file_leaves_a_receipt(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour"], purpose="Trust")
    await wait_for_card(stage, stage.maker, "93.33")
    table = "/suppliers.csv?questionnaire=sample"
    for _ in range(2):
        assert "93.33" in (await stage.fetch(stage.maker, table)).text
    assert await list_receipts(stage) == [("SUMMARY", "Trust")]  # once a day
    await stage.house.fetch("DELETE FROM portal.read_receipt")
    place = f"/summaries/{stage.weaver.organization}/{submitted.id}"
    assert (await stage.fetch(stage.maker, f"{place}.jws")).status_code == 200
    assert (await stage.fetch(stage.maker, f"{place}/labour.json")).status_code == 200
    found = (await stage.ask(stage.weaver, documents.RECEIPTS))["readReceipts"]["nodes"]
    assert [(one["kind"], one["submissionId"], one["purpose"]) for one in found] == [
        ("ANSWERS", submitted.node, "Trust"), ("SUMMARY", submitted.node, "Trust"),
    ]  # fmt: skip
    await stage.fetch(stage.trader, table)
    assert len(await list_receipts(stage)) == 2
