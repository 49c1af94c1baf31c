"""Letters about questionnaires that organizations want to show to everybody: to operators, and then to the owner."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest

from portal.assessments import publishing
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import do
from tests.graphql_schema.authoring.documents import (
    PUBLISH,
    SHOW,
    claim,
    decide,
    draft,
    publish,
    write_profile,
    write_questionnaire,
)  # fmt: skip
from tests.portal.assessments import sample
from tests.portal.delivery.test_worker import WAIT, Mailbox, run_worker

pytestmark = pytest.mark.slow  # waits for a real worker


class Post:
    """What arrives, one letter after the other."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()

    async def take(self) -> tuple[str, str, str]:
        """Address, subject and text of the next letter."""
        envelope = await asyncio.wait_for(self.mailbox.letters.get(), WAIT)
        letter = cast(EmailMessage, message_from_bytes(envelope.content or b"", policy=default))
        return envelope.rcpt_tos[0], letter["Subject"], letter.get_content().replace("\r\n", "\n")

    async def is_empty(self) -> bool:
        await asyncio.sleep(1.0)
        return self.mailbox.letters.empty()


async def test_operators_hear_what_waits_and_its_owner_what_was_decided(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    post = Post()
    async with portals.run_portal(database) as house, run_worker(database, tmp_path, post.mailbox):
        body, editor = await house.sign_up("partner"), await house.sign_up("buyer", member="editor")
        operators = [await house.sign_up("supplier", operator=True) for _ in range(2)]
        await people.run_sql(
            database,
            "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, 'editor')",
            body.organization,
            editor.user,
        )
        addresses = {f"{one.user}@example.com" for one in operators}
        owner = f"{body.user}@example.com"
        name = await claim(house, body)
        key = await publish(house, body, name)
        assert await post.is_empty()
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        letters = [await post.take() for _ in operators]
        assert {to for to, _, _ in letters} == addresses
        _, subject, text = letters[0]
        assert subject == f"Firm {body.organization} asks to show a questionnaire to everybody"
        assert f'to show "Sample" ({key} 1.0.0) to everybody' in text
        assert f"portal operator decide-questionnaire {key} 1.0.0 " in text
        assert f"portal questionnaires export {key}@1.0.0 " in text
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")  # it waits already
        assert await post.is_empty()
        refusal = {"decision": "REFUSE", "reason": "Two questions ask the same"}
        await decide(house, operators[0], questionnaire=key, version="1.0.0", **refusal)
        to, subject, text = await post.take()
        assert (to, subject) == (owner, '"Sample" is not shown to everybody')
        assert "for this reason:\nTwo questions ask the same\n" in text
        assert "http://portal.test/" in text
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        assert {(await post.take())[0] for _ in operators} == addresses
        await decide(house, operators[1], questionnaire=key, version="1.0.0", decision="APPROVE")
        to, subject, text = await post.take()
        assert (to, subject) == (owner, 'Everybody sees "Sample" now')
        assert f'approved "Sample" ({key} 1.0.0) of Firm {body.organization}' in text
        # A further version of what is public waits by itself, and is told of.
        later = write_questionnaire(name, version="1.0.1").replace("title: Sample", "title: Reworded")
        made = (await draft(house, body, later, write_profile(name, version="1.0.1")))["draft"]
        await do(house, PUBLISH, body, questionnaire=key, revision=made["revision"])
        letters = [await post.take() for _ in operators]
        assert {to for to, _, _ in letters} == addresses
        assert f'"Reworded" ({key} 1.0.1)' in letters[0][2]
        await people.run_sql(database, "UPDATE portal.outbox SET relayed_at = NULL")  # passed on once more
        assert await post.is_empty()


async def test_what_was_decided_or_asked_again_before_its_letter_is_told_no_more(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    post = Post()
    async with portals.run_portal(database) as house:
        body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
        key = await publish(house, body, await claim(house, body))
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        refusal = {"decision": "REFUSE", "reason": "Two questions ask the same"}
        await decide(house, operator, questionnaire=key, version="1.0.0", **refusal)
        async with run_worker(database, tmp_path, post.mailbox):
            to, _, _ = await post.take()
            assert to == f"{body.user}@example.com"
            assert await post.is_empty()
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        await decide(house, operator, questionnaire=key, version="1.0.0", **refusal)
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        async with run_worker(database, tmp_path, post.mailbox):
            # Twice it was asked, and it waits: so it is told to the operator, and no decision to the owner.
            assert {(await post.take())[0] for _ in range(2)} == {f"{operator.user}@example.com"}
            assert await post.is_empty()
        ends = await people.run_sql(database, "SELECT kind, state FROM portal.mail ORDER BY kind, state")
        assert [tuple(row) for row in ends] == [
            ("questionnaire_asked", "dropped"),
            ("questionnaire_asked", "sent"),
            ("questionnaire_asked", "sent"),
            ("questionnaire_decided", "dropped"),
            ("questionnaire_decided", "sent"),
        ]


async def test_a_letter_that_failed_says_whose_questionnaire_it_is_about(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    query = "{ failedLetters { edges { node { kind organizationId } } } }"
    own = "{ viewer { organization { id } } }"
    mailbox = Mailbox(refuses=1_000)
    async with portals.run_portal(database) as house, run_worker(database, tmp_path, mailbox):
        body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
        key = await publish(house, body, await claim(house, body))
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        async with asyncio.timeout(WAIT):
            while not (found := (await house.ask(query, operator.token))["data"]["failedLetters"]["edges"]):
                await asyncio.sleep(0.1)
        organization = (await house.ask(own, body.token))["data"]["viewer"]["organization"]["id"]
    assert [one["node"] for one in found] == [{"kind": "questionnaire_asked", "organizationId": organization}]
