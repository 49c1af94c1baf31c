"""Errors about inputs name the place and what is allowed, and never repeat a value."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import parse

from graphql_schema import finishing, schema
from tests import databases
from tests.graphql_schema.portals import Portal, codes, run_portal

SECRET = "canary-secret-7f3"
REGISTER = "mutation ($input: RegisterAccountInput!) { registerAccount(input: $input) { __typename } }"
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }"
PASSWORD = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }"
FOUND = "mutation ($input: NewOrganizationInput!) { foundOrganization(input: $input) { __typename } }"
ASK = "mutation ($input: CreateRequestsInput!) { createRequests(input: $input) { __typename } }"
SAVE = "mutation ($input: SaveAnswersInput!) { saveAnswers(input: $input) { __typename } }"

# Each is refused; beside it what the message must name.
VARIABLES: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "a missing field": (REGISTER, {"email": "a@example.com", "password": SECRET}, ("'name'", "RegisterAccountInput")),
    "a field of another type": (SIGN_IN, {"email": "a", "password": [SECRET]}, (".password", "String")),
    "an object for a string": (SIGN_IN, {"email": "a", "password": {"p": SECRET}}, (".password", "String")),
    "an unknown field": (SIGN_IN, {"email": "a", "passwort": SECRET}, ("'passwort'", "'password'")),
    "a string for the whole": (PASSWORD, SECRET, ("object", "ChangePasswordInput")),
    "null for a field": (PASSWORD, {"currentPassword": None, "newPassword": SECRET}, ("currentPassword", "String!")),
    "a country by name": (FOUND, {"name": SECRET, "country": SECRET}, (".country", "two capital letters")),
    "an enum by another name": (ASK, {"purpose": SECRET, "minimumTier": SECRET}, (".minimumTier", "MICRO, BASIC")),
    "a day in words": (ASK, {"purpose": SECRET, "dueOn": SECRET}, (".dueOn", "2026-03-31")),
    "two values of one answer": (
        SAVE,
        {"answers": [{"question": "q", "value": {"text": SECRET, "choice": SECRET}}]},
        (".answers[0].value", "exactly one field", "choice", "'assessmentId'", "'writeId'"),
    ),
    "a value in a list": (SAVE, {"answers": [{"question": [SECRET]}]}, (".answers[0].question", "String")),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def portal(database_server: databases.Server, database_template: str) -> AsyncIterator[Portal]:
    """The product's own nouns, over a database that none of these requests reaches."""
    with databases.copy_template(database_server, database_template) as made:
        async with run_portal(made) as running:
            yield running


@pytest.mark.parametrize("case", VARIABLES)
async def test_a_bad_variable_is_never_repeated(portal: Portal, case: str) -> None:
    query, given, named = VARIABLES[case]
    response = await portal.post({"query": query, "variables": {"input": given}})
    messages = " ".join(error["message"] for error in response.json()["errors"])
    assert SECRET not in response.text
    assert all(one in messages for one in named), messages
    assert "$input" in messages
    assert set(codes(response.json())) == {"INVALID_REQUEST"}


# Literals stand in the document; each message names the argument, the place in it and where in the text.
LITERALS = {
    'mutation { foundOrganization(input: {name: "A", country: "Vietnam"}) { __typename } }': (
        "Argument 'input' has invalid value at '.country': Allowed: an ISO 3166-1 code of two capital letters, "
        'like "VN".'
    ),
    '{ suppliers(first: 1, filter: {country: ["VN", "vn"]}) { totalCount } }': (
        "Argument 'filter' has invalid value at '.country[1]': Allowed: an ISO 3166-1 code of two capital letters, "
        'like "VN".'
    ),
    "{ suppliers(first: 1, filter: {tier: [SILVER]}) { totalCount } }": (
        "Argument 'filter' has invalid value at '.tier[0]': Expected one of QuestionnaireTier: MICRO, BASIC, STANDARD, "
        "ADVANCED."
    ),
    'mutation { signIn(input: {email: "a"}) { __typename } }': (
        "Argument 'input' has invalid value: Expected value of type 'SignInInput' to include required field 'password'."
    ),
    '{ suppliers(first: 1, filter: {countri: ["VN"]}) { totalCount } }': (
        "Argument 'filter' has invalid value: Expected value of type 'SupplierFilter' not to include unknown field "
        "'countri'. Did you mean 'country'?"
    ),
}


@pytest.mark.parametrize("query", LITERALS)
async def test_a_bad_literal_is_named_by_its_place(portal: Portal, query: str) -> None:
    (error,) = (await portal.post({"query": query})).json()["errors"]
    assert error["message"] == LITERALS[query]
    assert error["locations"]


async def test_one_of_two_is_named_by_its_fields(portal: Portal) -> None:
    query = (
        'mutation { saveAnswers(input: {assessmentId: "x", answers: [{writeId: "018f2f3c-7b1a-7c3d-8e4f-0123456789ab"'
        ', question: "q", baseRevision: 0, value: {text: "a", choice: "b"}}]}) { __typename } }'
    )
    (error,) = (await portal.post({"query": query})).json()["errors"]
    assert error["message"].startswith(
        "Argument 'input' has invalid value at '.answers[0].value': Expected exactly one"
    )
    assert "choice" in error["message"]


async def test_a_variable_that_is_not_there_is_named_with_its_type(portal: Portal) -> None:
    (error,) = (await portal.post({"query": SIGN_IN})).json()["errors"]
    assert error["message"] == "Variable '$input' has invalid value: a value of type 'SignInInput!' is needed."


def test_no_input_of_the_schema_repeats_a_value() -> None:
    """Every input object of every mutation, with a secret in each of its fields and one field missing or unknown."""
    built = schema.get_schema()._schema
    checked = 0
    for declared in built.type_map.values():
        if not declared.name.endswith("Input"):
            continue
        given = {name: [{"x": SECRET}] for name in declared.fields} | {"unknown": SECRET}
        document = parse(f"query ($input: {declared.name}!) {{ __typename }}")
        for sent in (given, {"unknown": SECRET}, SECRET, [SECRET], 7.5):
            found = finishing.Execution.build(built, document, raw_variable_values={"input": sent})
            assert isinstance(found, list), declared.name
            assert SECRET not in str(found), declared.name
            checked += 1
    assert checked > 100
