"""Answering a request by the links of its letter, without signing in: what a press does, and what it cannot."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from graphql_schema import nodes
from graphql_schema.contact_suggestion import SUGGESTION
from graphql_schema.received_request import RECEIVED
from portal.assessments import publishing
from portal.database import ids
from portal.delivery import letter_answers, mail, stopping
from portal.delivery.letter_answers import Reader
from portal.delivery.letter_texts import read_packaged
from tests import people
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample
from tests.portal.assessments.sample import make_overlay, write_translation

SECRET = "only for tests and as long as keys have to be"
LINK = re.compile(r"http://portal.test(/letters/answer\?\S+)")
ACCEPT = """mutation ($id: ID!, $email: String!) {
  acceptContactSuggestion(input: {suggestionId: $id, email: $email}) { __typename } }"""
SUGGEST = "mutation ($id: ID!) { suggestContact(input: {requestId: $id}) { __typename } }"
ASKED = "{ requests { nodes { state stateReason } } }"


class Street:
    """A buyer, a supplier of two people, and a request with a second part."""

    def __init__(self, house: Portal, client: httpx.AsyncClient) -> None:
        self.house, self.client = house, client

    async def open(self, buyer_name: str = "Nordic <b>&") -> None:
        self.buyer, self.person = await self.house.sign_up("buyer"), await self.house.sign_up("supplier")
        self.colleague = await self.house.join(self.person, "Mai")
        run = self.house.run_sql
        named = "UPDATE portal.organization SET name = $1, locale = 'fr' WHERE id = $2"
        await run(named, buyer_name, self.buyer.organization)
        self.record = await people.add_record(self.house.database, self.buyer.organization)
        linked = "UPDATE portal.supplier_record SET supplier_id = $1, state = 'linked' WHERE id = $2"
        await run(linked, self.person.organization, self.record)
        for key in ("sample", "extra"):
            await run(
                "INSERT INTO portal.questionnaire (key, title, purpose, visibility)"
                " VALUES ($1, $1, 'self_assessment', 'public')",
                key,
            )
        self.first = await self.ask("sample")
        self.part = await self.ask("extra", self.first)

    async def ask(self, key: str, extra_of: UUID | None = None) -> UUID:
        made = ids.new_id()
        await self.house.run_sql(
            "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,"
            " period_start, period_end, purpose, due_on, extra_of)"
            " VALUES ($1, $2, $3, $4, $5, 'micro', '2026-01-01', '2026-12-31', 'Review', '2027-01-31', $6)",
            self.buyer.organization,
            made,
            self.record,
            self.person.organization,
            key,
            extra_of,
        )
        return made

    async def write(self, person: Caller, kind: str = "request") -> str | None:
        """The letter as it is written to a person, or none."""
        named = {"buyer": self.buyer.organization, "request": self.first, "user": person.user}
        told = {name: str(value) for name, value in named.items()}
        async with people.open_session(self.house.database.worker_url) as session:
            letter = await mail.compose(session, kind, told, "http://portal.test", read_packaged(), SECRET)
        return None if letter is None else letter.body

    def link(self, person: Caller | None = None) -> str:
        reader = Reader(self.buyer.organization, self.first, (person or self.person).user)
        return letter_answers.make_link("", SECRET, reader)

    async def press(self, said: str, link: str | None = None, **fields: str) -> httpx.Response:
        return await self.client.post(link or self.link(), data={"say": said, **fields})

    async def read_states(self) -> list[tuple[str, str | None]]:
        answer = await self.house.ask(ASKED, self.buyer.token)
        return [(one["state"], one["stateReason"]) for one in answer["data"]["requests"]["nodes"]]

    async def count(self, what: str) -> int:
        return int((await self.house.fetch(f"SELECT count(*) FROM portal.{what}"))[0][0])


@pytest.fixture
async def street(database: TestDatabase) -> Any:
    async with portals.run_portal(database, secret_key=SECRET) as house, house.client() as client:
        made = Street(house, client)
        await made.open()
        yield made


async def test_the_letter_declines_by_a_button_and_looking_at_its_links_changes_nothing(street: Street) -> None:
    body = await street.write(street.person)
    assert body is not None
    links = LINK.findall(body)
    assert [link.rpartition("say=")[2] for link in links] == ["declined", "not_us", "wrong_contact"]
    for link in [*links, links[0].partition("&")[0]]:
        shown = await street.client.get(link, headers={"accept-language": "ar"})
        assert (shown.status_code, shown.headers["content-language"]) == (200, "ar")
        assert shown.text.count("<form") == (1 if "&" in link else 3)
        assert "<b>" not in shown.text and "Nordic &lt;b&gt;&amp;" in shown.text
        assert not re.search(r"(?:src|href|action)=\"?(?:https?:)?//", shown.text)
        assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert (shown.headers["referrer-policy"], shown.headers["cache-control"]) == ("no-referrer", "no-store")
    assert (await street.client.head(links[0])).status_code == 200
    assert await street.read_states() == [("OPEN", None), ("OPEN", None)]
    told = await street.count("outbox")

    pressed = await street.press("declined", links[0], reason="no_time")
    assert (pressed.status_code, "<form" in pressed.text) == (200, False)
    assert "This is declined, and the buyer knows it." in pressed.text
    reason = "Nous n’avons pas le temps pour cela en ce moment."
    assert await street.read_states() == [("DECLINED", reason), ("DECLINED", reason)]
    assert await street.count("outbox WHERE topic = 'request.changed'") == 2
    again = await street.press("not_us", links[1])
    assert "This is declined, and the buyer knows it." in again.text
    assert await street.read_states() == [("DECLINED", reason), ("DECLINED", reason)]
    assert await street.count("outbox") == told + 2
    assert await street.write(street.person) is None


async def test_the_page_names_what_is_asked_as_the_letter_does_in_the_readers_language(
    street: Street, tmp_path: Path
) -> None:
    files = [write_translation(tmp_path, one) for one in (make_overlay(), make_overlay("ar", "‹{}›"))]
    await publishing.publish_all(street.house.database.owner_url, [sample.make_packaged()], files)
    for locale, title in (("es-MX", "¡Sample!"), ("ar", "‹Sample›"), ("vi", "Sample")):
        shown = await street.client.get(street.link(), headers={"accept-language": locale})
        assert f"<bdi>{title}</bdi>" in shown.text, locale
        assert shown.headers["content-language"] == locale[:2]
    pressed = await street.client.post(street.link(), data={"say": "declined"}, headers={"accept-language": "es"})
    assert "<bdi>¡Sample!</bdi>" in pressed.text


async def test_without_a_reason_a_no_says_nothing_else_and_not_us_ends_both_parts(street: Street) -> None:
    assert (await street.press("declined", reason="anything")).status_code == 200  # no answer of ours: asked again
    assert await street.read_states() == [("OPEN", None), ("OPEN", None)]
    await street.house.run_sql("UPDATE portal.request SET state = 'declined' WHERE id = $1", street.part)
    assert (await street.press("declined")).status_code == 200
    assert await street.read_states() == [("DECLINED", None), ("DECLINED", None)]
    await street.house.run_sql("UPDATE portal.request SET state = 'open'")
    assert "somebody else is meant" in (await street.press("not_us")).text
    assert {state for state, _ in await street.read_states()} == {"NOT_US"}


async def test_the_wrong_person_hears_no_more_and_the_buyer_hears_it_once(street: Street) -> None:
    bad = await street.press("wrong_contact", email="mai@mills.example")
    assert (bad.status_code, "A person needs a name" in bad.text) == (400, True)
    assert await street.count("contact_suggestion") == await street.count("wrong_contact") == 0
    for _ in range(2):
        done = await street.press("wrong_contact", name="Mai Pham", email="Mai@Mills.example")
        assert "you are not the right person" in done.text and "<form" not in done.text
    await street.press("wrong_contact", street.link(street.colleague))
    assert await street.read_states() == [("OPEN", None), ("OPEN", None)]
    said = await street.house.fetch(
        "SELECT name, email, supplier_id, request_id FROM portal.contact_suggestion ORDER BY id"
    )
    assert [tuple(one) for one in said] == [
        ("Mai Pham", "mai@mills.example", street.person.organization, street.first),
        (None, None, street.person.organization, street.first),
    ]
    assert [await street.write(who) for who in (street.person, street.colleague)] == [None, None]
    # Nobody was named by the second, so that the owners are not asked to invite anybody.
    (unnamed,) = await street.house.fetch("SELECT id FROM portal.contact_suggestion WHERE name IS NULL")
    wanted = nodes.encode_id(SUGGESTION, unnamed["id"], street.buyer.organization)
    taken = await street.house.ask(ACCEPT, street.buyer.token, id=wanted, email="desk@mills.example")
    assert taken["data"]["acceptContactSuggestion"]["__typename"] == "ContactSuggestionAccepted"
    assert await street.count("outbox WHERE topic = 'suggestion.accepted'") == 0
    third = await street.house.join(street.person, "An", "owner")
    assert await street.write(third, "request_extended") is not None
    await street.house.run_sql(
        "INSERT INTO portal.contact_suggestion (buyer_id, id, supplier_record_id, supplier_id, request_id, name)"
        " SELECT buyer_id, gen_random_uuid(), supplier_record_id, supplier_id, request_id, 'Mai ' || n"
        " FROM portal.contact_suggestion, generate_series(1, 5) n WHERE name IS NULL"
    )
    before = await street.count(
        "contact_suggestion"
    )  # as many as may be: nobody more is named, but the buyer hears of it
    done = await street.press("wrong_contact", street.link(third), name="One more")
    assert "you are not the right person" in done.text
    assert await street.count("contact_suggestion WHERE name IS NOT NULL") == before - 1
    assert await street.count("contact_suggestion WHERE name IS NULL") == 2
    # Signed in, without a name, it is the same thing.
    fourth = await street.house.join(street.person, "Binh", "editor")
    assert await street.write(fourth, "request_extended") is not None
    request = nodes.encode_id(RECEIVED, street.first, street.buyer.organization)
    for _ in range(2):
        said = await street.house.ask(SUGGEST, fourth.token, id=request)
        assert said["data"]["suggestContact"]["__typename"] == "ContactSuggested", said
    assert await street.count("contact_suggestion WHERE name IS NULL") == 3
    assert await street.write(fourth, "request_extended") is None


async def test_a_link_does_nothing_but_for_its_reader_and_its_request(street: Street) -> None:
    link = street.link()
    path, _, token = link.partition("token=")
    stop = stopping.make_link("", SECRET, street.person.user).partition("token=")[2]
    other = letter_answers.make_link(
        "", "another key", Reader(street.buyer.organization, street.first, street.person.user)
    )
    mixed = token[:43] + ("A" if token[43] != "A" else "B") + token[44:]
    for wrong in (token[:-2], mixed, stop, other.partition("token=")[2], "", "é"):
        refused = await street.client.post(path.rstrip("?"), params={"token": wrong}, data={"say": "declined"})
        assert refused.status_code == 400
    assert (await street.press("declined", filler="x" * 20_000)).status_code == 200
    assert (await street.client.put(link)).status_code == 405
    # Whoever works on it by now is nothing that the letter's link tells.
    before = (await street.client.get(link)).text
    await street.house.run_sql("UPDATE portal.request SET state = 'accepted'")
    assert (await street.client.get(link)).text == before
    assert {state for state, _ in await street.read_states()} == {"ACCEPTED"}
    for change, back in (
        ("UPDATE portal.member SET role = 'viewer'", "UPDATE portal.member SET role = 'owner'"),
        ("UPDATE portal.organization SET status = 'suspended'", "UPDATE portal.organization SET status = 'active'"),
    ):
        await street.house.run_sql(change)
        gone = await street.press("declined")
        assert (gone.status_code, "Nordic" in gone.text) == (410, False)
        await street.house.run_sql(back)
    for state in ("withdrawn", "fulfilled"):
        await street.house.run_sql("UPDATE portal.request SET state = $1", state)
        over = await street.press("declined")
        assert "This request is over." in over.text
        assert {found for found, _ in await street.read_states()} == {state.upper()}
