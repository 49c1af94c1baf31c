"""Letters as they arrive: in whose language, with a subject that every mail program reads, and with which day."""

from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from portal.database import ids
from tests import databases, people
from tests.portal.delivery.test_failures import Post, add_invitation
from tests.portal.delivery.test_worker import Mailbox, find_free_port

ADDRESS = "linh@hanoi.example"


class Arrivals(Post):
    """A mail server beside the worker's side."""

    def __init__(self, database: databases.TestDatabase, folder: Path) -> None:
        self.mailbox, port = Mailbox(), find_free_port()
        self.server = Controller(self.mailbox, hostname="127.0.0.1", port=port)
        self.server.start()
        super().__init__(database, folder, f"smtp://127.0.0.1:{port}")

    async def read(self, kind: str, **parts: str) -> EmailMessage:
        """The letter that arrives."""
        sent = await self.send(await self.add_letter(kind, **parts))
        assert sent["state"] == "sent"
        return await self.open_letter()

    async def open_letter(self) -> EmailMessage:
        """The next letter that arrived; its headers are in ASCII, whatever they say."""
        content = cast(bytes, (await self.mailbox.letters.get()).content)
        assert all(line.isascii() for line in content.split(b"\r\n\r\n", 1)[0].splitlines())
        return message_from_bytes(content, policy=default)


@pytest.fixture
async def arrivals(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Arrivals]:
    made = Arrivals(database, tmp_path)
    yield made
    made.server.stop()
    await made.place.database.close()


async def add_user(database: databases.TestDatabase, locale: str, time_zone: str = "UTC") -> UUID:
    user = ids.new_id()
    await people.run_sql(
        database,
        "INSERT INTO portal.user_account (id, email, password_hash, name, locale, time_zone)"
        " VALUES ($1, $2, 'x', 'Linh', $3, $4)",
        user,
        ADDRESS,
        locale,
        time_zone,
    )
    return user


@pytest.mark.parametrize(
    ("locale", "spoken", "subject"),
    [
        ("ar-EG", "ar", "اختاروا كلمة مرور جديدة"),
        ("vi", "vi", "Chọn mật khẩu mới"),
        ("sw", "en", "Choose a new password"),
    ],
)
async def test_an_account_gets_letters_in_its_language(
    database: databases.TestDatabase, arrivals: Arrivals, locale: str, spoken: str, subject: str
) -> None:
    letter = await arrivals.read("password_reset", user=str(await add_user(database, locale)))
    assert (letter["Subject"], letter["Content-Language"]) == (subject, spoken)
    assert "http://portal.test/#password-reset=" in letter.get_content()


async def test_an_invitation_is_in_the_language_of_the_account_else_of_the_contact_else_of_the_buyer(
    database: databases.TestDatabase, arrivals: Arrivals
) -> None:
    invitation = str(await add_invitation(database, ADDRESS))
    await people.run_sql(database, "UPDATE portal.organization SET locale = 'fr'")
    spoken = [(await arrivals.read("invitation", invitation=invitation))["Content-Language"]]
    await people.run_sql(database, "UPDATE portal.supplier_contact SET locale = 'es-MX'")
    spoken.append((await arrivals.read("invitation", invitation=invitation))["Content-Language"])
    await people.run_sql(database, "UPDATE portal.supplier_contact SET locale = 'pt-BR'")
    spoken.append((await arrivals.read("invitation", invitation=invitation))["Content-Language"])
    await add_user(database, "zh-CN")
    spoken.append((await arrivals.read("invitation", invitation=invitation))["Content-Language"])
    assert spoken == ["fr", "es", "fr", "zh-Hans"]


async def test_a_link_ends_on_the_readers_day(database: databases.TestDatabase, arrivals: Arrivals) -> None:
    invitation = str(await add_invitation(database, ADDRESS))
    await people.run_sql(database, "UPDATE portal.invitation SET expires_at = '2099-01-30T23:30:00Z'")
    assert "2099-01-30:" in (await arrivals.read("invitation", invitation=invitation)).get_content()
    await people.run_sql(database, "UPDATE portal.organization SET time_zone = 'Asia/Dhaka'")
    assert "2099-01-31:" in (await arrivals.read("invitation", invitation=invitation)).get_content()
    await add_user(database, "en", "America/Lima")
    assert "2099-01-30:" in (await arrivals.read("invitation", invitation=invitation)).get_content()


async def test_a_colleague_reads_the_role_in_the_same_language(
    database: databases.TestDatabase, arrivals: Arrivals
) -> None:
    organization = await people.add_organization(database, name="Firm", roles=("supplier",))
    invitation = ids.new_id()
    await people.run_sql(
        database,
        "INSERT INTO portal.invitation (id, kind, organization_id, email, role, expires_at)"
        " VALUES ($1, 'member', $2, $3, 'editor', now() + interval '1 day')",
        invitation,
        organization,
        ADDRESS,
    )
    await people.run_sql(database, "UPDATE portal.organization SET locale = 'vi'")
    letter = await arrivals.read("invitation", invitation=str(invitation))
    assert letter["Subject"] == "Firm mời bạn vào nhóm của họ"
    assert "với vai trò người biên tập" in letter.get_content()
