"""Letters hold single-use links: they are printed for a developer, and never into the log of a real server."""

import pytest

from portal import errors
from portal.delivery import smtp
from portal.delivery.letters import Letter

LETTER = Letter("somebody@example.com", "Choose a new password", "https://portal.example/#password-reset=secret\n")


async def test_a_developer_reads_the_letter_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    await smtp.send(LETTER, None, "portal@localhost", may_print=True)
    assert "#password-reset=secret" in capsys.readouterr().out


async def test_a_real_server_without_a_mail_server_keeps_the_letter_to_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(errors.Unavailable, match="PORTAL_SMTP_URL"):
        await smtp.send(LETTER, None, "portal@localhost", may_print=False)
    assert capsys.readouterr().out == ""
