"""Wrong input of every kind about people and organizations: a problem that names field, reason and what is allowed."""

from typing import Any

import pytest

from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.portals import Portal

NEW = {"email": "a@example.com", "password": "a long new password", "name": "A"}
KEY = {"name": "k", "scopes": ["ASSESSMENTS_READ"]}
FOREIGN = "c2l0ZQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
CASES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("address without @", do.REGISTER, NEW | {"email": "nobody"}, "email", "EMAIL"),
    ("address without domain", do.REGISTER, NEW | {"email": "a@b"}, "email", "EMAIL"),
    ("address with a line break", do.REGISTER, NEW | {"email": "a@example.com\nbcc: b@example.com"}, "email", "EMAIL"),
    ("address with a name", do.REGISTER, NEW | {"email": "A <a@example.com>"}, "email", "EMAIL"),
    ("two addresses", do.REGISTER, NEW | {"email": "a@example.com,b@example.com"}, "email", "EMAIL"),
    ("address too long", do.REGISTER, NEW | {"email": "a" * 300 + "@example.com"}, "email", "EMAIL"),
    ("empty address", do.REGISTER, NEW | {"email": ""}, "email", "EMAIL"),
    ("password too short", do.REGISTER, NEW | {"password": "short"}, "password", "PASSWORD_LENGTH"),
    ("password too long", do.REGISTER, NEW | {"password": "x" * 129}, "password", "PASSWORD_LENGTH"),
    ("password huge", do.REGISTER, NEW | {"password": "xyz!" * 100_000}, "password", "PASSWORD_LENGTH"),
    ("password common", do.REGISTER, NEW | {"password": "Password123"}, "password", "PASSWORD_COMMON"),
    ("password of one letter", do.REGISTER, NEW | {"password": "a" * 20}, "password", "PASSWORD_COMMON"),
    ("password is the address", do.REGISTER, NEW | {"password": "A@Example.com"}, "password", "PASSWORD_IS_EMAIL"),
    ("name empty", do.REGISTER, NEW | {"name": " \t "}, "name", "LENGTH"),
    ("name too long", do.REGISTER, NEW | {"name": "n" * 201}, "name", "LENGTH"),
    ("name with a control character", do.REGISTER, NEW | {"name": "a\u0007b"}, "name", "CHARACTERS"),
    ("name that turns around", do.REGISTER, NEW | {"name": "a\u202eb"}, "name", "CHARACTERS"),
    ("organization that turns around", do.FOUND, {"name": "a\u2067b"}, "name", "CHARACTERS"),
    ("time zone unknown", do.REGISTER, NEW | {"timeZone": "Mars/Base"}, "timeZone", "TIME_ZONE"),
    ("time zone a path", do.UPDATE_PROFILE, {"timeZone": "../../etc/passwd"}, "timeZone", "TIME_ZONE"),
    ("profile name empty", do.UPDATE_PROFILE, {"name": ""}, "name", "LENGTH"),
    ("new password short", do.RESET, {"token": "x", "newPassword": "short"}, "token", "NOT_FOUND"),
    ("reset of no address", do.REQUEST_RESET, {"email": "x"}, "email", "EMAIL"),
    ("organization without name", do.FOUND, {"name": ""}, "name", "LENGTH"),
    ("sector unknown", do.FOUND, {"name": "x", "sector": "ZZ"}, "sector", "SECTOR"),
    *[
        (f"no sector {code}", do.UPDATE_ORGANIZATION, {"sector": code}, "sector", "SECTOR")
        for code in ("00", "04", "34", "40", "V")
    ],
    ("sector injected", do.UPDATE_ORGANIZATION, {"sector": "14'; --"}, "sector", "SECTOR"),
    ("organization time zone", do.UPDATE_ORGANIZATION, {"timeZone": "x"}, "timeZone", "TIME_ZONE"),
    ("role that needs no application", do.APPLY, {"role": "SUPPLIER"}, "role", "CHOICE"),
    ("invite no address", do.INVITE, {"email": "x", "role": "VIEWER"}, "email", "EMAIL"),
    (
        "idempotency key too short",
        do.INVITE,
        {"email": "b@example.com", "role": "VIEWER", "idempotencyKey": "x"},
        "idempotencyKey",
        "INVALID_INPUT",
    ),
    ("member id malformed", do.REMOVE, {"memberId": "1"}, "memberId", "BAD_ID"),
    ("member id of another kind", do.REMOVE, {"memberId": FOREIGN}, "memberId", "BAD_ID"),
    ("role of no member id", do.CHANGE_ROLE, {"memberId": "", "role": "OWNER"}, "memberId", "BAD_ID"),
    ("invitation id malformed", do.REVOKE_INVITATION, {"invitationId": "x" * 48}, "invitationId", "BAD_ID"),
    ("session id malformed", do.END_SESSION, {"sessionId": "é"}, "sessionId", "BAD_ID"),
    ("organization id malformed", do.CHOOSE, {"organizationId": "null"}, "organizationId", "BAD_ID"),
    ("key without scopes", do.CREATE_KEY, KEY | {"scopes": []}, "scopes", "REQUIRED"),
    ("key without name", do.CREATE_KEY, KEY | {"name": ""}, "name", "LENGTH"),
    ("key that has ended", do.CREATE_KEY, KEY | {"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt", "PAST"),
    ("key id malformed", do.REVOKE_KEY, {"apiKeyId": "x"}, "apiKeyId", "BAD_ID"),
    ("link unknown", do.JOIN, {"token": "x"}, "token", "NOT_FOUND"),
    ("link of a megabyte", do.JOIN, {"token": "x" * 900_000}, "token", "NOT_FOUND"),
    ("remark too long", do.REFUSE, {"token": "x", "reason": "NOT_US", "remark": "r" * 501}, "remark", "LENGTH"),
    (
        "decision for nobody",
        do.DECIDE,
        {"organizationId": "x", "role": "BUYER", "decision": "APPROVE"},
        "organizationId",
        "BAD_ID",
    ),
    ("group id malformed", do.CONFIRM_GROUP, {"groupId": FOREIGN}, "groupId", "BAD_ID"),
]
REFUSED_BY_TYPE: list[tuple[str, dict[str, Any]]] = [
    (do.REGISTER, NEW | {"locale": "english"}),
    (do.REGISTER, NEW | {"password": None}),
    (do.REGISTER, {"email": "a@example.com"}),
    (do.FOUND, {"name": "x", "country": "Vietnam"}),
    (do.FOUND, {"name": "x", "country": "ZZ"}),
    (do.FOUND, {"name": "x", "size": "HUGE"}),
    (do.APPLY, {"role": "KING"}),
    (do.CREATE_KEY, {"name": "k", "scopes": ["everything"]}),
    (do.CREATE_KEY, KEY | {"expiresAt": "tomorrow"}),
    (do.SIGN_IN, {"email": 1, "password": "x"}),
]


@pytest.fixture
async def caller(house: Portal) -> people.Person:
    """An owner and operator, whom no access rule stops."""
    owner = await people.add_person(house.database, operator=True)
    await people.add_organization(house.database, (owner, "owner"), roles=("supplier",))
    return owner


async def test_every_problem_names_field_and_reason(house: Portal, caller: people.Person) -> None:
    for words, document, given, field, code in CASES:
        await people.run_sql(house.database, "DELETE FROM portal.credential_attempt")
        answer = await house.ask(document, caller.token, input=given)
        result = (answer.get("data") or {}).get("result")
        assert result is not None, (words, answer)
        assert (result["code"], result["path"][-1:]) in ((code, [field]), ("INVALID_INPUT", [field])), (words, result)
        for problem in result.get("problems", ()):
            assert (problem["code"], problem["path"]) == (code, ["input", field]), (words, result)
        assert len(result["message"]) < 1_000, words


async def test_all_problems_of_an_input_come_at_once(house: Portal) -> None:
    given = {"email": "x", "password": "short", "name": "", "timeZone": "x"}
    result = (await house.ask(do.REGISTER, None, input=given))["data"]["result"]
    assert [problem["path"][-1] for problem in result["problems"]] == ["email", "name", "timeZone", "password"]


async def test_what_no_type_allows_is_refused_before_anything_runs(house: Portal, caller: people.Person) -> None:
    for document, given in REFUSED_BY_TYPE:
        response = await house.post({"query": document, "variables": {"input": given}}, caller.token)
        answer = response.json()
        assert response.status_code == 400, answer
        assert answer["errors"][0]["extensions"]["code"] in ("INVALID_REQUEST", "INVALID_INPUT"), answer
        assert "data" not in answer
