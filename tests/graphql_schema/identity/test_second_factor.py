"""The second factor: adding, proving, replaying, recovering, removing; and organizations that require it."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import structlog

from portal import sealing
from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.identity.factors import (
    CONFIRM,
    START,
    add_factor,
    compute_code,
    make_code,
    wait_for_room,
    write,
)
from tests.graphql_schema.portals import Portal
from tests.people import PASSWORD, Person

RENEW = write("renewRecoveryCodes", "... on RecoveryCodesRenewed { recoveryCodes }")
REMOVE = write("removeSecondFactor", "... on SecondFactorRemoved { secondFactor { isOn recoveryCodesLeft } }")
REQUIRE = write(
    "requireSecondFactor", "... on SecondFactorRequired { endedSessions organization { requiresSecondFactor } }"
)
STATE = "{ secondFactor { isOn recoveryCodesLeft isRequired } }"
ORGANIZATIONS = "{ viewer { organization { name } organizations { name needsSecondFactor } } }"


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_the_apps_codes_are_those_of_the_standard(moment: int, code: str) -> None:
    """RFC 6238, appendix B, of whose eight digits the last six."""
    assert compute_code(b"12345678901234567890", moment) == code


async def add_person(house: Portal) -> tuple[Person, str]:
    person = await people.add_person(house.database)
    return person, (await sign_in(house, person))["token"]


async def sign_in(house: Portal, person: Person, **more: str) -> Any:
    return await change(house, do.SIGN_IN, email=person.email, password=PASSWORD, **more)


async def test_a_factor_is_in_force_once_its_first_code_came_back(house: Portal) -> None:
    person, token = await add_person(house)
    await wait_for_room()
    assert (await change(house, START, token, password="not the password"))["code"] == "WRONG_PASSWORD"
    started = await change(house, START, token, password=PASSWORD)
    address = urlsplit(started["address"])
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == f"/127.0.0.1:{person.email}"
    assert parse_qs(address.query) == {"secret": [started["secret"]], "issuer": ["127.0.0.1"]}
    assert (await sign_in(house, person))["token"]  # nothing is asked for yet
    assert (await read(house, STATE, token))["secondFactor"]["isOn"] is False
    assert (await change(house, CONFIRM, token, code="12345x"))["code"] == "WRONG_CODE"
    confirmed = await change(house, CONFIRM, token, code=make_code(started["secret"]))
    assert len(set(confirmed["recoveryCodes"])) == 10
    expected = {"isOn": True, "recoveryCodesLeft": 10, "isRequired": False}
    assert (await read(house, STATE, token))["secondFactor"] == expected
    assert (await change(house, START, token, password=PASSWORD))["code"] == "ALREADY_ON"
    assert (await change(house, CONFIRM, token, code=make_code(started["secret"], 1)))["code"] == "NOT_STARTED"
    (letter,) = await people.read_letters(house.database)
    assert (letter.to, letter.subject) == (person.email, "Your account was changed")
    assert "asks for a code of an authenticator app from now on." in letter.body


async def test_signing_in_needs_the_password_and_then_a_code(house: Portal) -> None:
    person, token = await add_person(house)
    secret, _ = await add_factor(house, token)
    refused = await sign_in(house, person)
    assert (refused["__typename"], refused["code"]) == ("Unauthenticated", "SECOND_FACTOR_NEEDED")
    wrong = await change(house, do.SIGN_IN, email=person.email, password="wrong", code=make_code(secret))
    assert wrong["code"] == "WRONG_PASSWORD"
    far = make_code(secret, 5)
    assert (await sign_in(house, person, code=far))["code"] == "WRONG_CODE"
    code = make_code(secret)
    assert (await sign_in(house, person, code=f"{code[:3]} {code[3:]}"))["token"]
    assert (await read(house, do.VIEWER, token))["viewer"]["user"]["email"] == person.email  # older sessions stay


async def test_a_code_counts_once_and_none_from_before_it(house: Portal) -> None:
    person, token = await add_person(house)
    secret, _ = await add_factor(house, token)
    later = make_code(secret, 1)
    answers = await asyncio.gather(*(sign_in(house, person, code=later) for _ in range(4)))
    assert sorted(one["__typename"] for one in answers) == ["SignedIn", *["Unauthenticated"] * 3]
    assert (await sign_in(house, person, code=make_code(secret)))["code"] == "WRONG_CODE"


async def test_a_factor_whose_key_is_gone_is_told_to_the_operator_and_is_no_fault(house: Portal) -> None:
    """As on a server that was not started again after secrets were sealed with a new key; recovery codes still work."""
    person, token = await add_person(house)
    secret, codes = await add_factor(house, token)
    sealed = sealing.Sealer(("a key that this server lacks",)).seal(sealing.SECOND_FACTOR, person.id, b"x" * 20)
    await people.run_sql(house.database, "UPDATE portal.second_factor SET sealed = $1", sealed)
    given = {"email": person.email, "password": PASSWORD, "code": make_code(secret, 1)}
    with structlog.testing.capture_logs() as lines:
        answer = await house.ask(do.SIGN_IN, input=given)
    (fault,) = answer["errors"]
    assert fault["extensions"]["code"] == "UNAVAILABLE"
    (line,) = [one for one in lines if one["event"] == "secret.unreadable"]
    assert (line["purpose"], "PORTAL_FORMER_SECRET_KEYS" in line["reason"]) == ("second_factor", True)
    assert (await sign_in(house, person, code=codes[0]))["token"]


async def test_a_recovery_code_opens_the_account_once_and_is_told(house: Portal) -> None:
    person, token = await add_person(house)
    _, codes = await add_factor(house, token)
    assert (await sign_in(house, person, code=codes[0].upper().replace("-", " ")))["token"]
    assert (await sign_in(house, person, code=codes[0]))["code"] == "WRONG_CODE"
    assert (await read(house, STATE, token))["secondFactor"]["recoveryCodesLeft"] == 9
    letters = [letter.body for letter in await people.read_letters(house.database)]
    assert any("signed in with a recovery code" in one for one in letters)
    kept = await people.run_sql(house.database, "SELECT code_hash FROM portal.recovery_code")
    assert not any(one.encode() in row["code_hash"] for row in kept for one in codes)


async def test_whoever_is_invited_where_a_factor_is_required_adds_one_and_comes_back(house: Portal) -> None:
    owner, token = await add_person(house)
    await people.add_organization(house.database, (owner, "owner"), name="Careful")
    _, codes = await add_factor(house, token)
    token = (await sign_in(house, owner, code=codes[0]))["token"]
    await change(house, REQUIRE, token, isRequired=True)
    colleague, waiting = await add_person(house)
    await change(house, do.INVITE, token, email=colleague.email, role="EDITOR")
    letters = [one for one in await people.read_letters(house.database) if one.to == colleague.email]
    link = people.read_token(letters[0])
    refused = await change(house, do.JOIN, waiting, token=link)
    assert (refused["__typename"], refused["code"]) == ("NotAllowed", "SECOND_FACTOR_NEEDED")
    assert refused["path"] == ["input", "token"]
    assert "the invitation stays good" in refused["message"]
    assert (await read(house, do.MEMBERS, token))["members"]["edges"][1:] == []
    assert len((await read(house, do.INVITATIONS, token))["memberInvitations"]) == 1
    await add_factor(house, waiting)
    assert (await change(house, do.JOIN, waiting, token=link))["organization"]["name"] == "Careful"
    assert (await read(house, do.INVITATIONS, token))["memberInvitations"] == []


async def test_nobody_uses_the_codes_of_somebody_else(house: Portal) -> None:
    person, token = await add_person(house)
    secret, codes = await add_factor(house, token)
    other, token_of_other = await add_person(house)
    await add_factor(house, token_of_other)
    for code in (codes[0], make_code(secret)):
        assert (await sign_in(house, other, code=code))["code"] == "WRONG_CODE"
    assert (await sign_in(house, person, code=codes[0]))["token"]


async def test_codes_are_not_tried_out(house: Portal) -> None:
    person, token = await add_person(house)
    secret, _ = await add_factor(house, token)
    for _ in range(10):
        assert (await sign_in(house, person, code=make_code(secret, 9)))["code"] == "WRONG_CODE"
        await people.run_sql(house.database, "DELETE FROM portal.credential_attempt WHERE kind = 'sign_in'")
    locked = await sign_in(house, person, code=make_code(secret))
    assert locked["__typename"] == "RateLimited"
    assert 0 < locked["retryAfter"] <= 3_600
    await people.move_clock(house.database, "61 minutes")
    assert (await sign_in(house, person, code=make_code(secret)))["token"]


async def test_new_recovery_codes_replace_the_old_ones(house: Portal) -> None:
    person, token = await add_person(house)
    secret, codes = await add_factor(house, token)
    assert (await change(house, RENEW, token, password="wrong", code=make_code(secret)))["code"] == "WRONG_PASSWORD"
    assert (await change(house, RENEW, token, password=PASSWORD, code="000000000"))["code"] == "WRONG_CODE"
    renewed = await change(house, RENEW, token, password=PASSWORD, code=make_code(secret))
    assert not set(renewed["recoveryCodes"]) & set(codes)
    assert (await sign_in(house, person, code=codes[1]))["code"] == "WRONG_CODE"
    assert (await sign_in(house, person, code=renewed["recoveryCodes"][1]))["token"]


async def test_it_is_removed_by_who_proves_both_factors(house: Portal) -> None:
    person, token = await add_person(house)
    none = await change(house, REMOVE, token, password=PASSWORD, code="123456")
    assert none["code"] == "NOT_ON"
    secret, codes = await add_factor(house, token)
    assert (await change(house, REMOVE, token, password=PASSWORD, code="nothing"))["code"] == "WRONG_CODE"
    removed = await change(house, REMOVE, token, password=PASSWORD, code=codes[3])
    assert removed["secondFactor"] == {"isOn": False, "recoveryCodesLeft": 0}
    assert (await sign_in(house, person))["token"]
    assert (await change(house, START, token, password=PASSWORD))["secret"] != secret


async def test_a_lost_phone_is_helped_by_the_new_password_no_more(house: Portal) -> None:
    """A mailbox that was broken into opens no account that has a second factor."""
    person, token = await add_person(house)
    await add_factor(house, token)
    await people.read_letters(house.database)
    await change(house, do.REQUEST_RESET, email=person.email)
    letter = (await people.read_letters(house.database))[-1]
    new = {"token": people.read_token(letter), "newPassword": "another long password"}
    assert (await change(house, do.RESET, **new))["__typename"] == "PasswordReset"
    signed_in = await change(house, do.SIGN_IN, email=person.email, password=new["newPassword"])
    assert signed_in["code"] == "SECOND_FACTOR_NEEDED"


async def test_an_organization_requires_it_of_every_member(house: Portal) -> None:
    owner = await people.add_person(house.database)
    colleague = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), (colleague, "editor"), name="Careful Mills")
    token, token_of_colleague = [(await sign_in(house, one))["token"] for one in (owner, colleague)]
    assert (await change(house, REQUIRE, token, isRequired=True))["code"] == "SECOND_FACTOR_NEEDED"
    _, codes = await add_factor(house, token)
    assert (await change(house, REQUIRE, token_of_colleague, isRequired=True))["__typename"] == "NotAllowed"
    required = await change(house, REQUIRE, token, isRequired=True)
    assert (required["endedSessions"], required["organization"]) == (2, {"requiresSecondFactor": True})
    assert (await change(house, REMOVE, token, password=PASSWORD, code=codes[0]))["code"] == "REQUIRED"
    again = (await sign_in(house, colleague))["token"]
    viewer = (await read(house, ORGANIZATIONS, again))["viewer"]
    assert viewer == {"organization": None, "organizations": [{"name": "Careful Mills", "needsSecondFactor": True}]}
    chosen = await change(house, do.CHOOSE, again, organizationId=(await find_id(house, again)))
    assert (chosen["__typename"], chosen["code"]) == ("NotAllowed", "SECOND_FACTOR_NEEDED")
    await add_factor(house, again)
    chosen = await change(house, do.CHOOSE, again, organizationId=(await find_id(house, again)))
    assert chosen["viewer"]["organization"]["name"] == "Careful Mills"
    lifted = await change(house, REQUIRE, token, isRequired=False)
    assert (lifted["endedSessions"], lifted["organization"]) == (0, {"requiresSecondFactor": False})


async def find_id(house: Portal, token: str) -> str:
    found: str = (await read(house, do.VIEWER, token))["viewer"]["organizations"][0]["organizationId"]
    return found
