"""A supplier whose band became another one by a new scoring profile is told so by letter, once, in plain words."""

import asyncio
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.portal.assessments.house import House
from tests.portal.assessments.test_rescoring import run, submit_several
from tests.portal.delivery.test_worker import WAIT, Mailbox, run_worker

pytestmark = pytest.mark.slow  # waits for a real worker

MAIL = "SELECT state, count(*) AS letters FROM portal.mail GROUP BY state"


async def test_owners_and_editors_are_told_what_changed_and_why(house: House, tmp_path: Path) -> None:
    (supplier, _done), *_ = await submit_several(house)
    viewer, editor = await house.sign_up("supplier"), await house.sign_up("supplier")
    for caller, role in ((viewer, "viewer"), (editor, "editor")):
        await house.fetch("INSERT INTO portal.member VALUES ($1, $2, $3)", supplier.organization, caller.user, role)
    mailbox = Mailbox()
    async with run_worker(house.made, tmp_path, mailbox):
        await run(house, keep=False)
        await run(house)
        await run(house)
        letters = [await asyncio.wait_for(mailbox.letters.get(), WAIT) for _ in range(2)]
        await house.fetch("UPDATE portal.outbox SET relayed_at = NULL")  # passed on once more
        await asyncio.sleep(2.0)
    assert mailbox.letters.empty()
    assert [tuple(row) for row in await house.fetch(MAIL)] == [("sent", 2)]
    assert sorted(one.rcpt_tos[0] for one in letters) == sorted(
        f"{caller.user}@example.com" for caller in (supplier, editor)
    )
    letter = message_from_bytes(letters[0].content or b"", policy=default)
    firm = f"Firm {supplier.organization}"
    assert letter["Subject"] == f"The band of {firm} has changed"
    *said, stop = letter.get_content().splitlines()
    assert stop.startswith("No more letters about results and documents: http://portal.test/letters/stop?token=")
    assert said == [
        "Hello Somebody,",
        "",
        f'The result of {firm} for "Sample" (2026-01-01 to 2026-12-31) is shown with another band:',
        "before: A",
        "now: C",
        "",
        "Your answers are the same. How they are scored was corrected, by scoring profile 2 of version 1.0.0:",
        "What is sorted weighs more.",
        "",
        "Nothing was asked anew, and you need not do anything. Those you share the result with see the new band.",
        "Sign in and open the submission to read how each answer counts now, and how it counted before:",
        "http://portal.test/",
        "",
    ]


async def test_a_submission_that_was_withdrawn_meanwhile_is_told_to_nobody(house: House, tmp_path: Path) -> None:
    (_supplier, done), *_ = await submit_several(house)
    await run(house)
    await house.fetch("UPDATE portal.submission SET state = 'withdrawn' WHERE id = $1", done.submission.id)
    mailbox = Mailbox()
    async with run_worker(house.made, tmp_path, mailbox), asyncio.timeout(WAIT):
        while [tuple(row) for row in await house.fetch(MAIL)] != [("dropped", 1)]:
            await asyncio.sleep(0.05)
    assert mailbox.letters.empty()
