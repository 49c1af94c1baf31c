"""What a supplier is told of a request: no links of its buyer, days by its own calendar, and the same answer twice."""

from datetime import UTC, date, datetime

import pytest

from portal import errors
from portal.assessments import request_changes
from tests.graphql_schema.sharing.stage import Stage

RECEIVED = """query ($id: ID!) { node(id: $id) { ... on ReceivedRequest {
  subjectName purpose legalBasis message dueOn isOverdue state } } }"""


async def test_no_link_of_a_buyer_is_shown_to_a_supplier(unwatched: Stage) -> None:
    words = "Sign in at https://evil.example/login"
    _, node = await unwatched.request(
        unwatched.maker, unwatched.weaver, accept=False, purpose=words, legal_basis=words, message=f"{words}\nThanks"
    )
    seen = (await unwatched.ask(unwatched.weaver, RECEIVED, id=node))["node"]
    assert (seen["purpose"], seen["legalBasis"]) == ("Sign in at […]", "Sign in at […]")
    assert seen["message"] == "Sign in at […]\nThanks"


async def test_a_day_that_is_over_where_the_supplier_is_cannot_be_asked_for(unwatched: Stage) -> None:
    await unwatched.house.set_clock(datetime(2026, 12, 10, 14, tzinfo=UTC))
    with pytest.raises(errors.InvalidInput) as refused:
        await unwatched.request(unwatched.maker, unwatched.weaver, accept=False, due_on=date(2026, 12, 10))
    assert refused.value.problems[0].code == "DUE_DATE"
    await unwatched.house.fetch("UPDATE portal.organization SET time_zone = 'Pacific/Auckland'")
    request, node = await unwatched.request(unwatched.maker, unwatched.weaver, accept=False, due_on=date(2026, 12, 11))
    assert (await unwatched.ask(unwatched.weaver, RECEIVED, id=node))["node"]["isOverdue"] is False
    await unwatched.house.set_clock(datetime(2026, 12, 12, 14, tzinfo=UTC))
    async with unwatched.house.act(unwatched.maker) as (session, actor):
        with pytest.raises(errors.InvalidInput):
            await request_changes.extend_request(session, actor, request_id=request, due_on=date(2026, 12, 12))
