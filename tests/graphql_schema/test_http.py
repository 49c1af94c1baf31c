"""GraphQL over HTTP: methods, media types, statuses and headers, through a real server."""

import pytest

from tests.graphql_schema.portals import Portal, codes

RESPONSE_JSON = "application/graphql-response+json"


async def test_answers_with_the_media_type_that_is_accepted(portal: Portal) -> None:
    query = {"query": "{ service { version } }"}
    for accept, wanted in (
        (RESPONSE_JSON, RESPONSE_JSON),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/json;q=0.5", "application/json"),
        (f"application/json;q=0.5, {RESPONSE_JSON};q=0.9", RESPONSE_JSON),
    ):
        response = await portal.post(query, accept=accept)
        assert response.status_code == 200
        assert response.headers["content-type"] == f"{wanted}; charset=utf-8"
        assert response.json()["data"] == {"service": {"version": "0.1.0"}}


async def test_a_request_error_is_400_only_for_the_new_media_type(portal: Portal) -> None:
    bad = {"query": "{ nothing }"}
    assert (await portal.post(bad)).status_code == 400
    answer = await portal.post(bad, accept="application/json")
    assert answer.status_code == 200
    assert "data" not in answer.json()


async def test_queries_by_get_and_mutations_by_post_only(portal: Portal) -> None:
    async with portal.client() as client:
        read = await client.get("/graphql", params={"query": "{ service { version } }"})
        assert read.json()["data"] == {"service": {"version": "0.1.0"}}
        written = await client.get("/graphql", params={"query": 'mutation { refuse(how: "rate") { __typename } }'})
    assert (written.status_code, written.headers["allow"]) == (405, "POST")
    assert codes(written.json()) == ["NEEDS_POST"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused(portal: Portal, method: str) -> None:
    async with portal.client() as client:
        response = await client.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_every_response_reports_its_cost(portal: Portal) -> None:
    answer = await portal.ask("{ service { version } }")
    assert answer["extensions"]["cost"] == {"value": 2, "limit": 20000}
    assert (await portal.ask("{"))["extensions"]["cost"]["value"] == 0
    caller = await portal.sign_up("supplier")
    paged = "query ($n: Int = 3) { samples(first: $n) { edges { node { name similar { id } } } } }"
    # 1 samples + n x (1 edges + 1 node + 1 name + 1 similar + 5 x 1 id)
    assert (await portal.ask(paged, caller.token))["extensions"]["cost"]["value"] == 1 + 3 * 9
    assert (await portal.ask(paged, caller.token, n=10))["extensions"]["cost"]["value"] == 1 + 10 * 9


async def test_headers_protect_and_the_request_id_comes_back(portal: Portal) -> None:
    response = await portal.post({"query": "{ service { version } }"}, x_request_id="client-chosen-1")
    assert response.headers["x-request-id"] == "client-chosen-1"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"
    odd = await portal.post({"query": "{ service { version } }"}, x_request_id="a b")
    assert len(odd.headers["x-request-id"]) == 32


async def test_too_many_tries_say_when_to_come_back(portal: Portal) -> None:
    for query in ('{ refused(how: "rate") }', 'mutation { refuse(how: "rate") { ... on RateLimited { retryAfter } } }'):
        response = await portal.post({"query": query})
        assert (response.status_code, response.headers["retry-after"]) == (200, "7")


async def test_the_explorer_is_there_in_development_only(portal: Portal) -> None:
    async with portal.client() as client:
        assert (await client.get("/graphiql")).status_code == 404
        assert (await client.get("/explorer/explorer.js")).status_code == 404


async def test_introspection_is_open_to_everybody(portal: Portal) -> None:
    answer = await portal.ask(
        "{ __schema { types { name fields { name args { name } type { name ofType { name } } } } } }"
    )
    assert {"name": "Sample"}.items() <= next(
        t for t in answer["data"]["__schema"]["types"] if t["name"] == "Sample"
    ).items()
