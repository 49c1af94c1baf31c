"""Another address: both mailboxes agree, one alone changes nothing, and nobody learns who has an account."""

from typing import Any

import pytest

from portal.delivery.letters import Letter
from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.identity.factors import write
from tests.graphql_schema.portals import Portal
from tests.people import PASSWORD, Person

REQUEST = write("requestEmailChange", "... on EmailChangeRequested { newEmail }")
CONFIRM = write("confirmEmailChange", "... on EmailChangeConfirmed { isChanged }")
NEW = "new.address@example.com"


async def ask(house: Portal, person: Person, email: str = NEW) -> dict[str, Letter]:
    """Ask for another address; the letters by whom they go to."""
    asked = await change(house, REQUEST, person.token, newEmail=email, password=PASSWORD)
    assert asked == {"__typename": "EmailChangeRequested", "newEmail": email.lower()}
    return {letter.to: letter for letter in await people.read_letters(house.database)}


async def confirm(house: Portal, letter: Letter) -> Any:
    return await change(house, CONFIRM, token=people.read_token(letter))


async def can_sign_in(house: Portal, email: str) -> bool:
    return "token" in await change(house, do.SIGN_IN, email=email, password=PASSWORD)


@pytest.mark.parametrize("new_first", [False, True])
async def test_the_address_is_changed_once_both_agree(house: Portal, new_first: bool) -> None:
    person = await people.add_person(house.database)
    letters = await ask(house, person, "New.Address@Example.com")
    first, second = sorted(letters, key=lambda to: (to == NEW) != new_first)
    assert await confirm(house, letters[first]) == {"__typename": "EmailChangeConfirmed", "isChanged": False}
    assert await confirm(house, letters[first]) == {"__typename": "EmailChangeConfirmed", "isChanged": False}
    assert await can_sign_in(house, person.email)
    assert await confirm(house, letters[second]) == {"__typename": "EmailChangeConfirmed", "isChanged": True}
    assert await can_sign_in(house, NEW)
    assert not await can_sign_in(house, person.email)
    assert (await read(house, do.VIEWER, person.token))["viewer"]["user"]["email"] == NEW
    (letter,) = await people.read_letters(house.database)
    assert (letter.to, letter.subject) == (NEW, "Your account was changed")
    assert (await confirm(house, letters[second]))["__typename"] == "NotFound"


async def test_the_letter_to_the_old_address_says_to_which_one(house: Portal) -> None:
    person = await people.add_person(house.database)
    letters = await ask(house, person)
    assert NEW in letters[person.email].body
    assert person.email not in letters[NEW].body  # its reader may be a stranger


async def test_asking_tells_nobody_who_has_an_account(house: Portal) -> None:
    person, other = await people.add_person(house.database), await people.add_person(house.database)
    letters = await ask(house, person, other.email)
    assert letters[other.email].subject == "You already have an account"
    assert "#" not in letters[other.email].body
    assert (await confirm(house, letters[person.email]))["isChanged"] is False
    assert await can_sign_in(house, person.email)


async def test_an_address_that_was_taken_meanwhile_stays_who_took_it(house: Portal) -> None:
    person = await people.add_person(house.database)
    letters = await ask(house, person)
    await people.add_person(house.database, NEW)
    await confirm(house, letters[NEW])
    taken = await confirm(house, letters[person.email])
    assert (taken["__typename"], taken["code"]) == ("Conflict", "ACCOUNT_EXISTS")
    assert await can_sign_in(house, person.email)


async def test_a_newer_wish_ends_the_one_before_it_and_a_link_ends_after_a_day(house: Portal) -> None:
    person = await people.add_person(house.database)
    first = await ask(house, person)
    second = await ask(house, person, "another.address@example.com")
    assert (await confirm(house, first[NEW]))["__typename"] == "NotFound"
    await people.move_clock(house.database, "25 hours")
    assert (await confirm(house, second[person.email]))["__typename"] == "NotFound"


async def test_a_link_to_choose_a_password_that_went_to_the_old_address_ends(house: Portal) -> None:
    person = await people.add_person(house.database)
    await change(house, do.REQUEST_RESET, email=person.email)
    (reset,) = await people.read_letters(house.database)
    for letter in (await ask(house, person)).values():
        await confirm(house, letter)
    refused = await change(house, do.RESET, token=people.read_token(reset), newPassword="another long password")
    assert refused["__typename"] == "NotFound"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"newEmail": "no address"}, "EMAIL"),
        ({"password": "wrong"}, "WRONG_PASSWORD"),
    ],
)
async def test_bad_input_writes_no_letter(house: Portal, given: dict[str, str], code: str) -> None:
    person = await people.add_person(house.database)
    refused = await change(house, REQUEST, person.token, **{"newEmail": NEW, "password": PASSWORD} | given)
    assert code in {refused["code"], *(one["code"] for one in refused.get("problems", []))}
    assert await people.read_letters(house.database) == []


async def test_the_same_address_is_no_other_one(house: Portal) -> None:
    person = await people.add_person(house.database)
    same = await change(house, REQUEST, person.token, newEmail=person.email.upper(), password=PASSWORD)
    assert same["code"] == "SAME_ADDRESS"


async def test_wishes_are_counted(house: Portal) -> None:
    person = await people.add_person(house.database)
    for _ in range(5):
        await ask(house, person)
    limited = await change(house, REQUEST, person.token, newEmail=NEW, password=PASSWORD)
    assert limited["__typename"] == "RateLimited"
