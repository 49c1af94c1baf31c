"""Letters about translations and scoring profiles of organizations, and what nobody is told before it was read."""

import asyncio
from typing import Any

import asyncpg
import orjson
import pytest
from typer.testing import CliRunner

from portal.assessments import publishing
from portal.commands import operator as operating
from portal.commands import questionnaires
from portal.delivery import mail, relay
from portal.delivery.letter_texts import read_packaged
from portal.delivery.letters import Letter
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import documents
from tests.graphql_schema.assessments.documents import do, start, write_all
from tests.graphql_schema.authoring.documents import (
    ADD_PROFILE,
    DECIDE_TRANSLATION,
    HAND_IN,
    SHOW,
    WAITING,
    claim,
    decide,
    publish,
    write_profile,
)  # fmt: skip
from tests.portal.assessments import sample

WORDS = "Half repaid fees count for nothing now."
SCORING = "query ($key: String!) { questionnaireVersion(questionnaire: $key) { scoring { number description } } }"


async def read_letters(database: databases.TestDatabase) -> list[Letter]:
    """What the relay and the worker make of the events since the last call."""
    connection = await asyncpg.connect(database.worker_url.replace("+asyncpg", ""))
    try:
        while await relay.relay_batch(connection):
            pass
    finally:
        await connection.close()
    rows = await people.run_sql(
        database, "UPDATE portal.mail SET state = 'sent' WHERE state = 'waiting' RETURNING kind, ids, id"
    )
    found = []
    for row in sorted(rows, key=lambda row: str(row["kind"])):
        async with people.open_session(database.worker_url) as session:
            found.append(
                await mail.compose(
                    session, row["kind"], orjson.loads(row["ids"]), "http://portal.test", read_packaged()
                )
            )
    return [letter for letter in found if letter is not None]


async def invoke(app: Any, *arguments: str) -> str:
    """What a command prints; each has an event loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def logins(database: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)
    monkeypatch.setenv("PORTAL_WORKER_DATABASE_URL", database.worker_url)


async def hand_in(house: portals.Portal, body: portals.Caller, key: str, locale: str, text: str) -> None:
    entries = [{"path": "title", "text": text, "by": "MACHINE"}]
    done = await do(house, HAND_IN, body, questionnaire=key, version="1.0.0", locale=locale, entries=entries)
    assert done["__typename"] == "TranslationHandedIn", done


@pytest.mark.usefixtures("logins")
async def test_the_operator_is_told_what_a_version_is_translated_to(database: databases.TestDatabase) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database) as house:
        body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
        key = await publish(house, body, await claim(house, body))
        await hand_in(house, body, key, "es", "Muestra")
        assert await read_letters(database) == []  # only its own circle reads it
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        (letter,) = await read_letters(database)
        assert letter.to == f"{operator.user}@example.com"
        assert "It was written in en, and is translated to es." in letter.body
        command = f"portal questionnaires export {key}@1.0.0 --format pdf"
        assert f"\n{command}\n{command} --locale es\n" in letter.body
        listed = await invoke(operating.app, "questionnaires")
        assert listed.startswith(f"{key} 1.0.0 ")
        assert listed.endswith("  translated to es\n")
        # What comes between the list and the decision waits, though the version is approved.
        await hand_in(house, body, key, "vi", "Mẫu")
        read = listed.split()[2]
        assert f"decide-questionnaire {key} 1.0.0 {read} approved" in letter.body
        decided = await invoke(operating.app, "decide-questionnaire", key, "1.0.0", read, "approved")
        assert decided == f"{key} 1.0.0, translated to es, is approved.\n"
        letters = await read_letters(database)
        assert [(one.to, one.subject) for one in letters] == [
            (f"{body.user}@example.com", 'Everybody sees "Sample" now'),
            (f"{operator.user}@example.com", f'Firm {body.organization} has translated "Sample" to vi'),
        ]
        assert f"decide-translation {key} vi HASH approved" in letters[1].body
        line, text = (await invoke(operating.app, "translations", "--texts")).splitlines()
        assert line.startswith(f"{key} vi ")
        assert text == '  title (machine): "Sample" -> "Mẫu"'
        # Of what waits already nobody is told again.
        await hand_in(house, body, key, "vi", "Mẫu thử")
        assert await read_letters(database) == []


@pytest.mark.usefixtures("logins")
async def test_an_author_hears_what_became_of_a_translation(database: databases.TestDatabase) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database) as house:
        body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
        key = await publish(house, body, await claim(house, body))
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")
        await read_letters(database)
        for text, decision, reason, subject in (
            ("Exemple", "REFUSE", "Not Spanish", 'The translation of "Sample" to es is not shown'),
            ("Muestra", "APPROVE", None, '"Sample" is shown in the language es now'),
        ):
            await hand_in(house, body, key, "es", text)
            (asked,) = await read_letters(database)
            assert asked.to == f"{operator.user}@example.com"
            content = (await invoke(operating.app, "translations")).split()[2]
            named = {"questionnaire": key, "locale": "es", "contentHash": content}
            await do(house, DECIDE_TRANSLATION, operator, **named, decision=decision, reason=reason)
            (letter,) = await read_letters(database)
            assert (letter.to, letter.subject) == (f"{body.user}@example.com", subject)
            assert (reason or "has approved") in letter.body


@pytest.mark.usefixtures("logins")
async def test_what_a_later_profile_says_is_told_once_it_was_read(database: databases.TestDatabase) -> None:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database) as house:
        body, operator = await house.sign_up("partner"), await house.sign_up("supplier", operator=True)
        supplier = await house.sign_up("supplier")
        name = await claim(house, body)
        key = await publish(house, body, name)
        await do(house, SHOW, body, questionnaire=key, visibility="PUBLIC")
        (waiting,) = (await house.ask(WAITING, operator.token))["data"]["questionnaireApprovals"]
        assert {"path": "profile.description", "text": "For tests."} in waiting["texts"]
        await decide(house, operator, questionnaire=key, version="1.0.0", decision="APPROVE")

        async def see() -> dict[str, Any]:
            found: dict[str, Any] = (await house.ask(SCORING, supplier.token, key=key))["data"]["questionnaireVersion"]
            return found["scoring"]

        assert await see() == {"number": 1, "description": "For tests."}
        assessment = await start(house, supplier, "MICRO", questionnaire=key)
        await do(house, documents.SAVE, supplier, assessmentId=assessment, answers=write_all())
        done = await do(house, documents.SUBMIT, supplier, assessmentId=assessment, expectedChangeNumber=4)
        assert done["__typename"] == "AssessmentSubmitted", done
        await read_letters(database)
        nothing = "Every submission has a result of the newest profile of its version.\n"
        assert await invoke(questionnaires.app, "rescore") == nothing

        async def correct(number: int, points: int, words: str) -> None:
            text = write_profile(name, number=number).replace("For tests.", words)
            text = text.replace('"yes": 100', f'"yes": {points}')
            given = {"questionnaire": key, "version": "1.0.0", "format": "YAML", "text": text}
            assert (await do(house, ADD_PROFILE, body, **given))["number"] == number

        await correct(2, 0, WORDS)
        (letter,) = await read_letters(database)
        assert (letter.to, letter.subject) == (
            f"{operator.user}@example.com",
            f"Firm {body.organization} has corrected how a questionnaire is scored",
        )
        assert f'scoring profile 2 of "Sample" ({key} 1.0.0)' in letter.body
        assert "scored by an earlier one: 1\n" in letter.body
        assert f"\n{WORDS}\n" in letter.body
        assert await see() == {"number": 2, "description": None}
        assert await invoke(questionnaires.app, "rescore") == f"{key}@1.0.0  profile 2  submissions: 1\n"
        looked = await invoke(questionnaires.app, "rescore", f"{key}@1.0.0", "--dry-run", "--description-read")
        assert looked.startswith(f"profile 2 says of itself: {WORDS}\nNobody is told this before")
        unread = await invoke(questionnaires.app, "rescore", f"{key}@1.0.0")
        assert unread.startswith(f"profile 2 says of itself: {WORDS}\nNobody is told this before")
        (letter,) = await read_letters(database)
        assert (letter.to, WORDS in letter.body) == (f"{supplier.user}@example.com", False)
        assert await invoke(questionnaires.app, "rescore") == nothing
        await correct(3, 100, f"{WORDS} Or not.")
        told = await invoke(questionnaires.app, "rescore", f"{key}@1.0.0", "--description-read")
        assert told.startswith(f"profile 3 says of itself: {WORDS} Or not.\nEverybody may be told this.\n")
        (letter,) = await read_letters(database)  # the operators' is dropped: nothing is left to apply it to
        assert (letter.to, f"{WORDS} Or not." in letter.body) == (f"{supplier.user}@example.com", True)
        assert await see() == {"number": 3, "description": f"{WORDS} Or not."}
        assert (await invoke(questionnaires.app, "rescore", f"{key}@1.0.0")).startswith("profile 3: results of 0")
