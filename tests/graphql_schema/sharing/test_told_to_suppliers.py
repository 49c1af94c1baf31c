"""What a supplier is told of a request: no links of its buyer, days by its own calendar, and the same answer twice."""

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
