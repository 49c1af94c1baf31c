"""Registering, confirming, signing in and out, sessions and passwords; none of it tells who has an account."""

import asyncio

import pytest

from portal.database import credential_uses, engine
from portal.delivery import idle_sessions, workplace
from tests import people
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.portals import Portal, codes
from tests.people import PASSWORD

NEW = {"email": "New.One@Example.com", "password": "a long new password", "name": "New One", "timeZone": "Asia/Dhaka"}


async def register(house: Portal, **changed: str) -> str:
    """Register and give back the token in the letter."""
    result = await change(house, do.REGISTER, **(NEW | changed))
    assert result == {"__typename": "AccountRegistered", "next": "CONFIRM_ADDRESS", "token": None, "expiresAt": None}
    (letter,) = await people.read_letters(house.database)
    return people.read_token(letter)


async def test_a_registration_is_confirmed_by_link_and_password(house: Portal) -> None:
    token = await register(house)
    signed_in = await change(house, do.SIGN_IN, email=NEW["email"], password=NEW["password"])
    assert signed_in["code"] == "WRONG_PASSWORD"  # not before the address is confirmed
    confirmed = await change(house, do.CONFIRM, token=token, password=NEW["password"])
    viewer = (await read(house, do.VIEWER, confirmed["token"]))["viewer"]
    assert viewer["user"] == {
        "email": "new.one@example.com",
        "name": "New One",
        "locale": "en",
        "timeZone": "Asia/Dhaka",
        "isOperator": False,
    }
    assert (viewer["organization"], viewer["organizations"]) == (None, [])
    assert (await change(house, do.SIGN_IN, email=" NEW.one@example.com ", password=NEW["password"]))["token"]
    again = await change(house, do.CONFIRM, token=token, password=NEW["password"])
    assert again["code"] == "BAD_LINK"


async def test_registering_tells_nobody_who_has_an_account(house: Portal) -> None:
    known = await people.add_person(house.database)
    answers = []
    for email in (known.email, "unknown@example.com"):
        with people.count_hashing() as work:
            response = await house.post({"query": do.REGISTER, "variables": {"input": NEW | {"email": email}}})
        answers.append((response.status_code, response.content, work.hashed, work.verified))
    assert answers[0] == answers[1]
    assert answers[0][2:] == (1, 0)
    letters = {letter.to: letter.subject for letter in await people.read_letters(house.database)}
    assert letters == {known.email: "You already have an account", "unknown@example.com": "Confirm your address"}
    assert (await change(house, do.SIGN_IN, email=known.email, password=NEW["password"]))["code"] == "WRONG_PASSWORD"
    assert (await change(house, do.SIGN_IN, email=known.email, password=PASSWORD))["token"]


async def test_a_link_opens_only_the_account_of_who_knows_the_password(house: Portal) -> None:
    """Somebody who registers a stranger's address gains nothing when the stranger opens the link."""
    link_of_stranger = await register(house, password="chosen by a stranger")
    link_of_owner = await register(house, password="chosen by the owner")
    refused = await change(house, do.CONFIRM, token=link_of_stranger, password="chosen by the owner")
    assert refused["code"] == "BAD_LINK"
    assert (await change(house, do.CONFIRM, token=link_of_owner, password="chosen by the owner"))["token"]
    late = await change(house, do.CONFIRM, token=link_of_stranger, password="chosen by a stranger")
    assert late["code"] == "ACCOUNT_EXISTS"
    assert (await change(house, do.SIGN_IN, email=NEW["email"], password="chosen by a stranger"))["code"]


async def test_a_confirmation_link_ends_after_a_day(house: Portal) -> None:
    token = await register(house)
    await people.move_clock(house.database, "25 hours")
    assert (await change(house, do.CONFIRM, token=token, password=NEW["password"]))["code"] == "BAD_LINK"


async def test_one_kind_of_link_does_not_work_as_another(house: Portal) -> None:
    token = await register(house)
    reset = await change(house, do.RESET, token=token, newPassword="another long password")
    assert reset["__typename"] == "NotFound"
    person = await people.add_person(house.database)
    await change(house, do.REQUEST_RESET, email=person.email)
    (letter,) = await people.read_letters(house.database)
    confirmed = await change(house, do.CONFIRM, token=people.read_token(letter), password=PASSWORD)
    assert confirmed["code"] == "BAD_LINK"


async def test_signing_in_is_the_same_for_an_unknown_address_and_a_wrong_password(house: Portal) -> None:
    known = await people.add_person(house.database)
    answers = []
    for email in (known.email, "unknown@example.com"):
        with people.count_hashing() as work:
            sent = {"input": {"email": email, "password": "not the password"}}
            response = await house.post({"query": do.SIGN_IN, "variables": sent})
        answers.append((response.status_code, response.content, work.verified))
    assert answers[0] == answers[1]
    assert answers[0][2] == 1
    assert b"not right, or the address is not confirmed yet." in answers[0][1]


async def test_an_account_is_locked_after_ten_tries_whether_or_not_it_exists(house: Portal) -> None:
    known = await people.add_person(house.database)
    for email in (known.email, "unknown@example.com"):
        for _ in range(10):
            assert (await change(house, do.SIGN_IN, email=email, password="wrong"))["code"] == "WRONG_PASSWORD"
        with people.count_hashing() as work:
            sent = {"query": do.SIGN_IN, "variables": {"input": {"email": email.upper(), "password": PASSWORD}}}
            response = await house.post(sent)
        result = response.json()["data"]["result"]
        assert (result["__typename"], work.verified) == ("RateLimited", 0)
        assert 0 < result["retryAfter"] <= 900
        assert response.headers["retry-after"] == str(result["retryAfter"])
    await people.move_clock(house.database, "16 minutes")
    assert (await change(house, do.SIGN_IN, email=known.email, password=PASSWORD))["token"]


async def test_a_right_password_gives_the_account_its_tries_back(house: Portal) -> None:
    known = await people.add_person(house.database)
    for _ in range(2):
        for _ in range(9):
            await change(house, do.SIGN_IN, email=known.email, password="wrong")
        assert (await change(house, do.SIGN_IN, email=known.email, password=PASSWORD))["token"]


async def test_aliases_in_one_request_count_one_by_one(house: Portal) -> None:
    known = await people.add_person(house.database)
    one = f'signIn(input: {{email: "{known.email}", password: "wrong"}}) {{ __typename }}'
    with people.count_hashing() as work:
        many = await house.ask(f"mutation {{ {' '.join(f'a{place}: {one}' for place in range(15))} }}")
        kinds = [result["__typename"] for result in many["data"].values()]
        assert kinds == ["Unauthenticated"] * 10 + ["RateLimited"] * 5
        assert work.verified == 10
        too_many = await house.ask(f"mutation {{ {' '.join(f'a{place}: {one}' for place in range(100))} }}")
        assert (codes(too_many), work.verified) == (["TOO_LARGE"], 10)


async def test_a_session_ends_at_once_when_signed_out(house: Portal) -> None:
    person = await people.add_person(house.database)
    assert (await change(house, do.SIGN_OUT, person.token))["__typename"] == "SignedOut"
    assert codes(await house.ask(do.VIEWER, person.token)) == ["UNAUTHENTICATED"]


async def test_a_password_does_not_age(house: Portal) -> None:
    person = await people.add_person(house.database)
    await people.move_clock(house.database, "10 years")
    assert (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]


async def test_other_sessions_end_and_this_one_stays(house: Portal) -> None:
    person, stranger = await people.add_person(house.database), await people.add_person(house.database)
    phone = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]
    laptop = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]
    listed = (await read(house, do.VIEWER, phone))["viewer"]["sessions"]
    assert [one["isCurrent"] for one in listed].count(True) == 1
    assert len(listed) == 3
    current = next(one["id"] for one in listed if one["isCurrent"])
    assert (await change(house, do.END_SESSION, stranger.token, sessionId=current))["__typename"] == "NotFound"
    assert await change(house, do.END_OTHERS, phone) == {"__typename": "OtherSessionsEnded", "ended": 2}
    for token in (laptop, person.token):
        assert codes(await house.ask(do.VIEWER, token)) == ["UNAUTHENTICATED"]
    assert len((await read(house, do.VIEWER, phone))["viewer"]["sessions"]) == 1
    assert (await read(house, do.VIEWER, stranger.token))["viewer"]["user"]["email"] == stranger.email
    ended = await people.run_sql(house.database, "SELECT ids FROM portal.outbox WHERE topic = 'session.ended'")
    assert len(ended) == 2


async def test_one_lost_device_is_signed_out(house: Portal) -> None:
    person = await people.add_person(house.database)
    phone = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]
    listed = (await read(house, do.VIEWER, phone))["viewer"]["sessions"]
    lost = next(one["id"] for one in listed if not one["isCurrent"])
    left = await change(house, do.END_SESSION, phone, sessionId=lost)
    assert [one["isCurrent"] for one in left["viewer"]["sessions"]] == [True]
    assert codes(await house.ask(do.VIEWER, person.token)) == ["UNAUTHENTICATED"]


async def test_a_session_ends_by_itself(house: Portal) -> None:
    person = await people.add_person(house.database)
    await people.move_clock(house.database, "29 days")
    assert (await read(house, do.VIEWER, person.token))["viewer"]["user"]
    await people.move_clock(house.database, "31 days")
    assert codes(await house.ask(do.VIEWER, person.token)) == ["UNAUTHENTICATED"]


SESSIONS = "{ viewer { sessions { isCurrent lastUsedAt createdAt } } }"


async def test_a_session_that_nobody_uses_ends_before_its_day(house: Portal) -> None:
    person = await people.add_person(house.database)
    idle = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]
    services = house.app.state.services
    await credential_uses.write_down(services.database.credential_uses, services.database)
    await people.move_clock(house.database, "10 days")
    assert await read(house, SESSIONS, person.token)
    await credential_uses.write_down(services.database.credential_uses, services.database)
    listed = (await read(house, SESSIONS, person.token))["viewer"]["sessions"]
    other, own = sorted(listed, key=lambda one: str(one["isCurrent"]))
    assert own["lastUsedAt"][:10] > own["createdAt"][:10]
    assert other["lastUsedAt"][:10] == other["createdAt"][:10]
    workers = engine.Database(engine.create_engine(house.database.worker_url, pool_size=1))
    place = workplace.Workplace(services.settings, workers, services.storage)
    try:
        await idle_sessions.end_idle(place)
        assert len((await read(house, SESSIONS, person.token))["viewer"]["sessions"]) == 2
        await people.move_clock(house.database, "15 days")
        await idle_sessions.end_idle(place)
    finally:
        await workers.close()
    assert [one["isCurrent"] for one in (await read(house, SESSIONS, person.token))["viewer"]["sessions"]] == [True]
    assert codes(await house.ask(do.VIEWER, idle)) == ["UNAUTHENTICATED"]
    told = "SELECT count(*) AS number FROM portal.outbox WHERE topic = 'session.ended'"
    assert (await people.run_sql(house.database, told))[0]["number"] == 1


async def test_the_session_setting_says_how_long_it_lasts(house: Portal) -> None:
    person = await people.add_person(house.database)
    await change(house, do.SIGN_IN, email=person.email, password=PASSWORD)
    query = "SELECT max(expires_at - created_at) AS lifetime FROM portal.session"
    (found,) = await people.run_sql(house.database, query)
    assert found["lifetime"].days == house.app.state.services.settings.session_days


async def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(house: Portal) -> None:
    person = await people.add_person(house.database)
    other = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]
    new = "an even longer password"
    wrong = await change(house, do.CHANGE_PASSWORD, person.token, currentPassword="wrong", newPassword=new)
    assert (wrong["code"], wrong["path"]) == ("WRONG_PASSWORD", ["input", "currentPassword"])
    weak = await change(house, do.CHANGE_PASSWORD, person.token, currentPassword=PASSWORD, newPassword=person.email)
    assert weak["problems"] == [{"code": "PASSWORD_IS_EMAIL", "path": ["input", "newPassword"]}]
    changed = await change(house, do.CHANGE_PASSWORD, person.token, currentPassword=PASSWORD, newPassword=new)
    assert changed == {"__typename": "PasswordChanged", "endedSessions": 1}
    assert codes(await house.ask(do.VIEWER, other)) == ["UNAUTHENTICATED"]
    assert (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["code"] == "WRONG_PASSWORD"
    assert (await change(house, do.SIGN_IN, email=person.email, password=new))["token"]


async def test_guessing_the_old_password_is_limited(house: Portal) -> None:
    person = await people.add_person(house.database)
    given = {"currentPassword": "wrong", "newPassword": "an even longer password"}
    kinds = [(await change(house, do.CHANGE_PASSWORD, person.token, **given))["__typename"] for _ in range(11)]
    assert kinds == ["InvalidInput"] * 10 + ["RateLimited"]


async def test_a_reset_answers_the_same_for_every_address(house: Portal) -> None:
    known = await people.add_person(house.database)
    answers = []
    for email in (known.email, "unknown@example.com"):
        with people.count_hashing() as work:
            response = await house.post({"query": do.REQUEST_RESET, "variables": {"input": {"email": email}}})
        answers.append((response.status_code, response.content, work.hashed, work.verified))
    assert answers[0] == answers[1]
    events = await people.run_sql(house.database, "SELECT 1 FROM portal.outbox WHERE topic = 'password_reset.due'")
    assert len(events) == 2  # the same work, too
    assert [letter.to for letter in await people.read_letters(house.database)] == [known.email]


async def test_the_newest_reset_link_works_once_and_ends_every_session(house: Portal) -> None:
    person = await people.add_person(house.database)
    for _ in range(2):
        await change(house, do.REQUEST_RESET, email=person.email)
    first, second = (people.read_token(letter) for letter in await people.read_letters(house.database))
    older = await change(house, do.RESET, token=first, newPassword="a brand new password")
    assert older["__typename"] == "NotFound"
    weak = await change(house, do.RESET, token=second, newPassword="short")
    assert weak["problems"] == [{"code": "PASSWORD_LENGTH", "path": ["input", "newPassword"]}]
    assert (await change(house, do.RESET, token=second, newPassword="a brand new password"))[
        "__typename"
    ] == "PasswordReset"
    for used in (first, second):
        again = await change(house, do.RESET, token=used, newPassword="yet another password")
        assert again["__typename"] == "NotFound"
    assert codes(await house.ask(do.VIEWER, person.token)) == ["UNAUTHENTICATED"]
    assert (await change(house, do.SIGN_IN, email=person.email, password="a brand new password"))["token"]


async def test_a_reset_link_ends_after_an_hour(house: Portal) -> None:
    person = await people.add_person(house.database)
    await change(house, do.REQUEST_RESET, email=person.email)
    (letter,) = await people.read_letters(house.database)
    await people.move_clock(house.database, "61 minutes")
    late = await change(house, do.RESET, token=people.read_token(letter), newPassword="a brand new password")
    assert late["__typename"] == "NotFound"


@pytest.mark.parametrize(
    ("document", "given", "allowed"),
    [
        (do.REQUEST_RESET, {"email": "someone@example.com"}, 5),
        (do.REGISTER, NEW, 5),
        (do.RESET, {"token": "guessed", "newPassword": "a brand new password"}, 10),
        (do.CONFIRM, {"token": "guessed", "password": "a brand new password"}, 10),
    ],
    ids=["asking for a reset", "registering", "resetting", "confirming"],
)
async def test_each_path_with_a_secret_is_limited(
    house: Portal, document: str, given: dict[str, str], allowed: int
) -> None:
    kinds = [(await change(house, document, **given))["__typename"] for _ in range(allowed + 1)]
    assert "RateLimited" not in kinds[:-1]
    assert kinds[-1] == "RateLimited"


async def test_two_sign_ins_at_once_are_both_counted(house: Portal) -> None:
    tries = [change(house, do.SIGN_IN, email="who@example.com", password="wrong") for _ in range(12)]
    kinds = [result["__typename"] for result in await asyncio.gather(*tries)]
    assert kinds.count("RateLimited") == 2


async def test_the_profile_changes_where_it_is_given(house: Portal) -> None:
    person = await people.add_person(house.database)
    changed = await change(house, do.UPDATE_PROFILE, person.token, locale="pt-BR", timeZone="America/Sao_Paulo")
    assert changed["user"] == {"name": "Some Body", "locale": "pt-BR", "timeZone": "America/Sao_Paulo"}


async def test_nothing_secret_is_stored(house: Portal) -> None:
    token = await register(house)
    confirmed = await change(house, do.CONFIRM, token=token, password=NEW["password"])
    (dump,) = await people.run_sql(
        house.database,
        "SELECT string_agg(row, ' ') AS all FROM (SELECT u::text AS row FROM portal.user_account u UNION ALL"
        " SELECT s::text FROM portal.session s UNION ALL SELECT r::text FROM portal.registration r UNION ALL"
        " SELECT o::text FROM portal.outbox o UNION ALL SELECT a::text FROM portal.audit_event a) rows",
    )
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in dump["all"]
    for secret in (token, confirmed["token"], NEW["password"]):
        assert secret not in dump["all"]
        assert secret.encode().hex() not in dump["all"]
