"""Failures as clients see them: expected ones in words, faults masked, logs without what clients sent."""

import pytest
import structlog

from graphql_schema import limits
from tests.graphql_schema.portals import Portal, codes


@pytest.mark.parametrize(
    ("how", "code"),
    [("rate", "RATE_LIMITED"), ("conflict", "CONFLICT"), ("input", "INVALID_INPUT"), ("unavailable", "UNAVAILABLE")],
)
async def test_a_query_answers_with_a_code(portal: Portal, how: str, code: str) -> None:
    answer = await portal.ask("query ($how: String!) { refused(how: $how) }", how=how)
    assert (codes(answer), answer["data"]) == ([code], {"refused": None})


async def test_every_problem_of_an_input_is_listed(portal: Portal) -> None:
    answer = await portal.ask('{ refused(how: "input") }')
    assert answer["errors"][0]["extensions"]["problems"] == [
        {"path": ["dueDate"], "code": "PAST", "message": "Past."},
        {"path": ["a", "3"], "code": "BAD", "message": "Bad."},
    ]


async def test_a_mutation_without_a_fitting_member_answers_at_the_top(portal: Portal) -> None:
    answer = await portal.ask('mutation { refuse(how: "unavailable") { __typename } }')
    assert codes(answer) == ["UNAVAILABLE"]


async def test_a_fault_is_masked_and_logged_under_its_reference(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    with structlog.testing.capture_logs() as lines:
        response = await portal.post({"query": "{ broken service { version } }"}, caller.token)
    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"broken": None, "service": {"version": "0.1.0"}}
    reference = answer["errors"][0]["extensions"]["reference"]
    assert reference in answer["errors"][0]["message"]
    fault = next(line for line in lines if line["event"] == "fault")
    assert fault["reference"] == reference
    assert "ZeroDivisionError" in fault["kind"]
    assert "sample.py" in fault["trace"]
    assert "canary-7f3" not in response.text
    assert "canary-7f3" not in str(lines)


async def test_the_log_has_neither_queries_nor_tokens_nor_answers(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    with structlog.testing.capture_logs() as lines:
        async with portal.client() as client:
            await client.get("/graphql?query=%7Bservice%7Bversion%7D%7D&variables=canary-1")
        await portal.ask('{ echo(choice: {words: "canary-2"}) { words } }', caller.token)
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("GET", "/graphql", 400),
        ("POST", "/graphql", 200),
    ]
    assert "canary" not in str(lines)
    assert caller.token not in str(lines)


async def test_what_is_refused_stands_in_the_log_without_what_was_sent(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    with structlog.testing.capture_logs() as lines:
        await portal.ask('mutation { canary: refuse(how: "rate") { __typename } }', caller.token)
        await portal.ask('{ canary: refused(how: "conflict") }', caller.token)
        await portal.ask("{ canary }")
        await portal.ask("{ viewer { canary } }")
        await portal.ask("{ samples(first: 1) { edges { node { name } } } }")
    told = [line for line in lines if line["event"] == "refused"]
    assert [(line["field"], line["code"], line.get("person")) for line in told] == [
        ("refuse", "RATE_LIMITED", None),
        ("refused", "CONFLICT", None),
        (None, "INVALID_REQUEST", None),
        (None, "INVALID_REQUEST", None),
        ("samples", "UNAUTHENTICATED", None),
    ]
    assert {line["client"] for line in told} == {"127.0.0.1"}
    assert "canary" not in str(lines)


async def test_the_log_says_who_was_refused(portal: Portal) -> None:
    stranger = await portal.sign_up("supplier")
    with structlog.testing.capture_logs() as lines:
        answer = await portal.ask("{ buyersOnly }", stranger.token)
    assert codes(answer) == ["NOT_ALLOWED"]
    (line,) = [line for line in lines if line["event"] == "refused"]
    assert (line["person"], line["organization"]) == (str(stranger.user), str(stranger.organization))


async def test_an_operation_that_takes_too_long_is_ended(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OPERATION_SECONDS", 0.2)
    answer = await portal.ask("{ slow }")
    assert codes(answer) == ["TIMED_OUT"]
