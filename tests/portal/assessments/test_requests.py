"""Requests: asking many at once, and how they join, raise, offer and revise the supplier's one assessment."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal import errors
from portal.assessments import answers, assessments, received, request_changes, requests, submissions
from portal.assessments.received import Accepted
from portal.database import ids
from tests.portal.assessments.changes import list_changes
from tests.portal.assessments.house import END, FULL, START, Caller, House, make_ask, write


@pytest.fixture
async def supplier(house: House) -> Caller:
    return await house.sign_up("supplier")


@pytest.fixture
async def buyer(house: House) -> Caller:
    return await house.sign_up("buyer")


async def ask(
    house: House, buyer: Caller, *records: UUID | None, key: str | None = None, **changed: Any
) -> list[requests.Line]:
    async with house.act(buyer) as (session, actor):
        return await requests.create_requests(
            session, actor, record_ids=records, ask=make_ask(**changed), idempotency_key=key
        )


async def ask_one(house: House, buyer: Caller, supplier: Caller, **changed: Any) -> UUID:
    """A request to a supplier, through a new record."""
    (line,) = await ask(house, buyer, await house.add_record(buyer, supplier), **changed)
    assert line.request_id is not None
    assert line.problem is None
    return line.request_id


async def accept(house: House, supplier: Caller, request: UUID, **options: Any) -> Accepted:
    async with house.act(supplier) as (session, actor):
        return await received.accept_request(session, actor, request_id=request, **options)


async def submit_full(house: House, supplier: Caller, assessment: UUID) -> UUID:
    """Answer everything and submit; the id of the submission."""
    async with house.act(supplier) as (session, actor):
        saved = await answers.save_answers(
            session, actor, assessment_id=assessment, sent=[write(key, value) for key, value in FULL.items()]
        )
        made = await submissions.submit_assessment(
            session, actor, assessment_id=assessment, expected_change_number=saved.change_number
        )
        return made.submission.id


async def test_each_record_has_its_own_outcome(house: House, buyer: Caller, supplier: Caller) -> None:
    linked, unlinked = await house.add_record(buyer, supplier), await house.add_record(buyer)
    archived = await house.add_record(buyer, archived_at=datetime.now(UTC))
    refused = await house.add_record(buyer, state="refused")
    foreign = await house.add_record(await house.sign_up("buyer"), supplier)
    lines = await ask(house, buyer, linked, archived, unlinked, foreign, refused, ids.new_id(), None, None)
    assert [line.problem and line.problem.code for line in lines] == [
        None, "ARCHIVED", None, "NOT_FOUND", "REFUSED", "NOT_FOUND", "BAD_ID", "BAD_ID",
    ]  # fmt: skip
    assert [line.request_id is not None for line in lines] == [True, False, True, *[False] * 5]
    rows = await house.fetch("SELECT supplier_record_id, supplier_id, state FROM portal.request")
    assert {row[0]: (row[1], row[2]) for row in rows} == {
        linked: (supplier.organization, "open"),
        unlinked: (None, "open"),
    }
    cards = await house.fetch(
        "SELECT supplier_record_id, request_state FROM portal.relationship_card WHERE questionnaire = 'sample'"
    )
    assert {row[0]: row[1] for row in cards} == {linked: "open", unlinked: "open"}


async def test_one_live_request_at_a_time(house: House, buyer: Caller, supplier: Caller) -> None:
    record, fresh = await house.add_record(buyer, supplier), await house.add_record(buyer)
    (first,) = await ask(house, buyer, record)
    again = await ask(house, buyer, record, fresh)
    assert again[0].problem is not None
    assert (again[0].problem.code, again[0].request_id) == ("ALREADY_REQUESTED", first.request_id)
    assert again[1].problem is None
    (other,) = await ask(house, buyer, record, period_end=date(2026, 6, 30))
    assert other.problem is None
    (site,) = await ask(house, buyer, record, subject="site", subject_name="Mill")
    assert site.problem is None
    assert first.request_id is not None
    async with house.act(buyer) as (session, actor):
        await request_changes.withdraw_request(session, actor, request_id=first.request_id)
    (after,) = await ask(house, buyer, record)
    assert after.problem is None


async def test_the_same_key_asks_once(house: House, buyer: Caller, supplier: Caller) -> None:
    record, due = await house.add_record(buyer, supplier), make_ask().due_on
    (first,) = await ask(house, buyer, record, key="a-key-of-mine", due_on=due)
    assert await ask(house, buyer, record, key="a-key-of-mine", due_on=due) == [first]
    with pytest.raises(errors.Conflict) as caught:
        await ask(house, buyer, record, key="a-key-of-mine", due_on=due, purpose="Another")
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


async def test_statements_do_not_grow_with_the_records(house: House, buyer: Caller) -> None:
    counts = []
    for size in (1, 500):
        records = [ids.new_id() for _ in range(size)]
        await house.write_rows(
            "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key) VALUES ($1, $2, 'Mill', 'mill')",
            [(buyer.organization, record) for record in records],
        )
        with house.count_statements() as statements:
            assert all(line.problem is None for line in await ask(house, buyer, *records))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"purpose": "  "}, "EMPTY"),
        ({"purpose": "x" * 501}, "TOO_LONG"),
        ({"message": "x" * 2_001}, "TOO_LONG"),
        ({"message": "a\x00"}, "UNREADABLE"),
        ({"legal_basis": "x" * 501}, "TOO_LONG"),
        ({"due_on": TODAY - timedelta(days=2)}, "DUE_DATE"),
        ({"due_on": TODAY + timedelta(days=800)}, "DUE_DATE"),
        ({"period_start": date(2027, 1, 1)}, "PERIOD"),
        ({"period_start": date(2020, 1, 1)}, "PERIOD"),
        ({"minimum_tier": "advanced"}, "TIER"),
        ({"minimum_tier": "gold"}, "TIER"),
        ({"subject_name": "Mill"}, "NOT_EXPECTED"),
        ({"questionnaire": "no-such"}, "NOT_FOUND"),
    ],
)
async def test_what_cannot_be_asked_is_named(house: House, buyer: Caller, changed: dict[str, Any], code: str) -> None:
    record = await house.add_record(buyer)
    with pytest.raises((errors.InvalidInput, errors.NotFound)) as caught:
        await ask(house, buyer, record, **changed)
    found = getattr(caught.value, "problems", ())
    assert code in [caught.value.code, *(problem.code for problem in found)]


@pytest.mark.parametrize(("count", "code"), [(0, "EMPTY"), (501, "TOO_MANY"), (-2, "REPEATED")])
async def test_a_list_holds_1_to_500_different_records(house: House, buyer: Caller, count: int, code: str) -> None:
    records = [ids.new_id()] * -count if count < 0 else [ids.new_id() for _ in range(count)]
    with pytest.raises(errors.InvalidInput) as caught:
        await ask(house, buyer, *records)
    assert [problem.code for problem in caught.value.problems] == [code]


async def test_a_second_buyer_joins_and_raises_the_tier(house: House, buyer: Caller, supplier: Caller) -> None:
    first = await accept(house, supplier, await ask_one(house, buyer, supplier))
    assert (first.outcome, first.assessment.tier) == ("started", "micro")
    second = await accept(
        house, supplier, await ask_one(house, await house.sign_up("buyer"), supplier, minimum_tier="basic")
    )
    assert (second.outcome, second.assessment.tier) == ("tier_raised", "basic")
    third = await accept(house, supplier, await ask_one(house, await house.sign_up("buyer"), supplier))
    assert (third.outcome, third.assessment.tier) == ("joined", "basic")
    assert first.assessment.id == second.assessment.id == third.assessment.id
    again = await accept(house, supplier, third.request.id)
    assert (again.outcome, again.assessment.id) == ("joined", third.assessment.id)
    async with house.act(supplier) as (session, actor):
        with pytest.raises(errors.Conflict) as caught:
            await assessments.change_tier(session, actor, assessment_id=first.assessment.id, tier="micro")
    assert caught.value.code == "TIER_REQUESTED"
    async with house.act(supplier) as (session, actor):
        await received.decline_request(session, actor, request_id=second.request.id, reason="Too much")
        lowered = await assessments.change_tier(session, actor, assessment_id=first.assessment.id, tier="micro")
        assert lowered.tier == "micro"


async def test_what_was_submitted_is_offered_or_revised(house: House, buyer: Caller, supplier: Caller) -> None:
    first = await accept(house, supplier, await ask_one(house, buyer, supplier, minimum_tier="basic"))
    submission = await submit_full(house, supplier, first.assessment.id)
    enough = await accept(house, supplier, await ask_one(house, await house.sign_up("buyer"), supplier))
    assert (enough.outcome, enough.submission_id) == ("already_submitted", submission)
    more = await ask_one(house, await house.sign_up("buyer"), supplier, minimum_tier="standard")
    offered = await accept(house, supplier, more)
    assert (offered.outcome, offered.submission_id) == ("revision_needed", None)
    revised = await accept(house, supplier, more, start_revision=True)
    assert revised.outcome == "revision_started"
    assert (revised.assessment.tier, revised.assessment.revision) == ("standard", 2)
    assert revised.request.assessment_id == revised.assessment.id
    async with house.act(supplier) as (session, actor):
        carried = await list_changes(session, actor, assessment_id=revised.assessment.id, after=0, limit=None)
    assert {one.question for one in carried.answers} == set(FULL)
    assert carried.change_number == len(FULL)
    old = await house.fetch("SELECT state, tier FROM portal.assessment WHERE id = $1", first.assessment.id)
    assert tuple(old[0]) == ("submitted", "basic")


async def test_a_withdrawn_submission_is_not_offered(house: House, buyer: Caller, supplier: Caller) -> None:
    first = await accept(house, supplier, await ask_one(house, buyer, supplier))
    submission = await submit_full(house, supplier, first.assessment.id)
    async with house.act(supplier) as (session, actor):
        await submissions.withdraw_submission(session, actor, submission_id=submission)
    asked = await accept(house, supplier, await ask_one(house, await house.sign_up("buyer"), supplier))
    assert (asked.outcome, asked.submission_id) == ("revision_needed", None)


async def test_the_supplier_says_which_site_is_meant(house: House, buyer: Caller, supplier: Caller) -> None:
    request = await ask_one(house, buyer, supplier, subject="site", subject_name="The mill")
    with pytest.raises(errors.InvalidInput, match="The mill"):
        await accept(house, supplier, request)
    other, site, foreign = await house.sign_up("supplier"), ids.new_id(), ids.new_id()
    for owner, place in ((supplier, site), (other, foreign)):
        await house.fetch(
            "INSERT INTO portal.site (organization_id, id, name) VALUES ($1, $2, 'Mill')", owner.organization, place
        )
    with pytest.raises(errors.NotFound):
        await accept(house, supplier, request, site_id=foreign)
    made = await accept(house, supplier, request, site_id=site)
    assert (made.outcome, made.assessment.subject, made.assessment.subject_key) == ("started", "site", site)
    assert (await accept(house, supplier, request)).assessment.id == made.assessment.id
    whole = await ask_one(house, await house.sign_up("buyer"), supplier)
    with pytest.raises(errors.InvalidInput):
        await accept(house, supplier, whole, site_id=site)


async def test_a_supplier_declines_or_is_somebody_else(house: House, buyer: Caller, supplier: Caller) -> None:
    declined, foreign = await ask_one(house, buyer, supplier), await ask_one(house, buyer, supplier, period_start=END)
    async with house.act(supplier) as (session, actor):
        row = await received.decline_request(session, actor, request_id=declined, reason=" No time ")
        assert (row.state, row.state_reason) == ("declined", "No time")
        row = await received.disown_request(session, actor, request_id=foreign, reason="Another firm of that name")
        assert row.state == "not_us"
        with pytest.raises(errors.Conflict):
            await received.accept_request(session, actor, request_id=declined)
    other = await ask_one(house, await house.sign_up("buyer"), supplier)
    async with house.act(supplier) as (session, actor):
        with pytest.raises(errors.InvalidInput):
            await received.decline_request(session, actor, request_id=other, reason=" ")
    told = await house.fetch("SELECT count(*) FROM portal.outbox WHERE topic = 'request.changed' AND ids ? 'supplier'")
    assert told[0][0] == 2


async def test_a_buyer_extends_reminds_and_withdraws(house: House, buyer: Caller, supplier: Caller) -> None:
    request = await ask_one(house, buyer, supplier)
    later = make_ask().due_on + timedelta(days=10)
    async with house.act(buyer) as (session, actor):
        with pytest.raises(errors.RateLimited) as limited:
            await request_changes.resend_request(session, actor, request_id=request)
        assert 0 < limited.value.retry_after <= 3_600
        assert (await request_changes.extend_request(session, actor, request_id=request, due_on=later)).due_on == later
        with pytest.raises(errors.InvalidInput):
            await request_changes.extend_request(session, actor, request_id=request, due_on=later)
    await house.set_clock(datetime.now(UTC) + timedelta(hours=2))
    async with house.act(buyer) as (session, actor):
        await request_changes.resend_request(session, actor, request_id=request, message="Please")
        for _ in range(2):
            assert (await request_changes.withdraw_request(session, actor, request_id=request)).state == "withdrawn"
        with pytest.raises(errors.Conflict):
            await request_changes.resend_request(session, actor, request_id=request)
    with pytest.raises(errors.Conflict):
        await accept(house, supplier, request)


async def test_accepting_and_correcting_at_once_never_stop_each_other(house: House, supplier: Caller) -> None:
    asked = [await ask_one(house, await house.sign_up("buyer"), supplier) for _ in range(4)]
    first = await asyncio.gather(*(accept(house, supplier, one) for one in asked))
    assert len({one.assessment.id for one in first}) == 1
    assert sorted(one.outcome for one in first) == ["joined", "joined", "joined", "started"]
    await submit_full(house, supplier, first[0].assessment.id)
    more = [await ask_one(house, await house.sign_up("buyer"), supplier, minimum_tier="basic") for _ in range(4)]
    second = await asyncio.gather(*(accept(house, supplier, one, start_revision=True) for one in more))
    assert sorted(one.outcome for one in second) == ["joined", "joined", "joined", "revision_started"]
    pointed = await house.fetch("SELECT DISTINCT assessment_id FROM portal.request")
    assert [row[0] for row in pointed] == [second[0].assessment.id]


async def test_requests_do_not_cross(house: House, buyer: Caller, supplier: Caller) -> None:
    request = await ask_one(house, buyer, supplier)
    other_buyer, other = await house.sign_up("buyer"), await house.sign_up("supplier")
    with pytest.raises(errors.NotFound):
        await accept(house, other, request)
    async with house.act(other_buyer) as (session, actor):
        with pytest.raises(errors.NotFound):
            await request_changes.withdraw_request(session, actor, request_id=request)
        assert await request_changes.list_requests(session, actor, limit=10) == []
    async with house.act(other) as (session, actor):
        assert await received.list_received(session, actor, limit=10) == []
    async with house.act(supplier) as (session, actor):
        (found,) = await received.list_received(session, actor, limit=10)
        assert found.buyer_name == f"Firm {buyer.organization}"
        with pytest.raises(errors.NotAllowed):
            await request_changes.withdraw_request(session, actor, request_id=request)


async def test_lists_are_paged(house: House, buyer: Caller, supplier: Caller) -> None:
    made = [
        await ask_one(house, buyer, supplier, due_on=make_ask().due_on + timedelta(days=extra))
        for extra in (2, 0, 1, 1)
    ]
    seen: list[UUID] = []
    async with house.act(supplier) as (session, actor):
        after = None
        while page := await received.list_received(session, actor, limit=2, after=after):
            seen += [one.request.id for one in page]
            after = (page[-1].request.due_on, page[-1].request.id)
    assert seen == [made[1], *sorted(made[2:]), made[0]]
    async with house.act(buyer) as (session, actor):
        newest = await request_changes.list_requests(session, actor, limit=3)
        rest = await request_changes.list_requests(session, actor, limit=3, after=newest[-1].id)
    assert [row.id for row in [*newest, *rest]] == sorted(made, reverse=True)


async def test_an_assessment_starts_without_a_request(house: House, supplier: Caller) -> None:
    async with house.act(supplier) as (session, actor):
        options = {"questionnaire": "sample", "period_start": START, "period_end": END}
        made = await assessments.start_assessment(session, actor, tier="micro", **options)
        same = await assessments.start_assessment(session, actor, tier="basic", **options)
        assert (same.id, same.tier) == (made.id, "basic")
        found = await assessments.list_assessments(session, actor, limit=10)
        assert [row.id for row in found] == [made.id]
        rest = await assessments.list_assessments(session, actor, limit=10, after=(made.created_at, made.id))
        assert rest == []
        progress = (await assessments.measure_progress(session, actor, [made.id]))[made.id].whole
        assert (progress.answered, progress.required, progress.missing) == (
            0, 2, (("headcount", None), ("exits_locked", None)),
        )  # fmt: skip
    await submit_full(house, supplier, made.id)
    async with house.act(supplier) as (session, actor):
        with pytest.raises(errors.Conflict) as caught:
            await assessments.start_assessment(session, actor, tier="micro", **options)
    assert caught.value.code == "ALREADY_SUBMITTED"


async def test_sharing_fulfills_what_the_tier_covers(house: House, buyer: Caller, supplier: Caller) -> None:
    low = await accept(house, supplier, await ask_one(house, buyer, supplier))
    high = await accept(house, supplier, await ask_one(house, buyer, supplier, minimum_tier="standard"))
    async with house.act(supplier) as (session, actor):
        done = await received.fulfill_requests(
            session, actor, buyer_id=buyer.organization, assessment_id=low.assessment.id, tier="basic"
        )
        assert [row.id for row in done] == [low.request.id]
    states = await house.fetch("SELECT state FROM portal.request WHERE id = $1", high.request.id)
    assert states[0][0] == "accepted"
