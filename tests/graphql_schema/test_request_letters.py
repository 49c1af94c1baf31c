"""Which letters about requests come: the buyer's choice of days, and the person's own, with and without signing in."""

import uuid
from pathlib import Path

import pytest

from portal.delivery import stopping
from tests.databases import TestDatabase
from tests.graphql_schema import portals

SECRET = "only for tests and as long as keys have to be"
READ = "{ viewer { user { wantsRequestLetters } } }"
CHANGE = (
    "mutation($wants: Boolean!) { updateProfile(input: {wantsRequestLetters: $wants})"
    " { ... on ProfileUpdated { user { wantsRequestLetters } } } }"
)


async def wants(house: portals.Portal, person: portals.Caller) -> bool:
    answer = await house.ask(READ, person.token)
    return bool(answer["data"]["viewer"]["user"]["wantsRequestLetters"])


async def test_the_link_of_a_letter_stops_letters_and_the_account_turns_them_on_again(database: TestDatabase) -> None:
    async with portals.run_portal(database, secret_key=SECRET) as house, house.client() as client:
        person, other = await house.sign_up("supplier"), await house.sign_up("supplier")
        link = stopping.make_link("", SECRET, person.user)
        shown = await client.get(link, headers={"accept-language": "ar"})
        assert (shown.status_code, shown.headers["content-language"]) == (200, "ar")
        assert 'dir="rtl"' in shown.text and '<form method="post">' in shown.text
        assert await wants(house, person)
        form = {"List-Unsubscribe": "One-Click"}
        for _ in range(2):
            assert (await client.post(link, data=form)).status_code == 200
        assert (await wants(house, person), await wants(house, other)) == (False, True)
        answer = await house.ask(CHANGE, person.token, wants=True)
        assert answer["data"]["updateProfile"]["user"]["wantsRequestLetters"] is True


async def test_letters_about_results_have_a_switch_of_their_own(database: TestDatabase) -> None:
    async with portals.run_portal(database, secret_key=SECRET) as house, house.client() as client:
        person = await house.sign_up("supplier")
        link = stopping.make_link("", SECRET, person.user, stopping.RESULTS)
        shown = await client.get(link, headers={"accept-language": "en"})
        assert "No more letters about results, documents, plans and reviews?" in shown.text
        for changed in (link.replace("=results", "=others"), link.replace("&about=results", "")):
            assert (await client.post(changed)).status_code == 400
        assert (await client.post(link)).status_code == 200
        read = "{ viewer { user { wantsRequestLetters wantsResultLetters } } }"
        user = (await house.ask(read, person.token))["data"]["viewer"]["user"]
        assert user == {"wantsRequestLetters": True, "wantsResultLetters": False}
        await house.ask("mutation { updateProfile(input: {wantsResultLetters: true}) { __typename } }", person.token)
        user = (await house.ask(read, person.token))["data"]["viewer"]["user"]
        assert user["wantsResultLetters"] is True


async def test_the_page_speaks_as_the_letters_of_the_installation_do(database: TestDatabase, tmp_path: Path) -> None:
    (tmp_path / "es.yaml").write_text('phrases:\n  "Stop these letters": "Basta de cartas"\n', encoding="utf-8")
    async with (
        portals.run_portal(database, secret_key=SECRET, letters_folder=tmp_path) as house,
        house.client() as client,
    ):
        shown = await client.get(stopping.make_link("", SECRET, uuid.uuid4()), headers={"accept-language": "es"})
        assert "<button>Basta de cartas</button>" in shown.text


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "_" + t[1:], lambda t: t + "A", lambda t: "é", lambda t: ""]
)
async def test_a_link_that_is_not_ours_stops_nothing(database: TestDatabase, change) -> None:  # type: ignore[no-untyped-def]
    async with portals.run_portal(database, secret_key=SECRET) as house, house.client() as client:
        person = await house.sign_up("supplier")
        token = stopping.make_link("", SECRET, person.user).partition("token=")[2]
        refused = await client.post(stopping.PATH, params={"token": change(token)})
        assert refused.status_code == 400
        assert await wants(house, person)


def test_without_a_key_no_link_is_ours() -> None:
    person = uuid.uuid4()
    assert stopping.read_token("", stopping.make_link("", "", person).partition("token=")[2]) is None
