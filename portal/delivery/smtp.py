"""Handing a letter to the mail server, or to the terminal: what it refuses for good, and what is tried again."""

import asyncio
import re
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import idna

from portal import errors
from portal.delivery.letters import Letter

STEP_SECONDS = 30
MOST_SECONDS = 90.0  # of all steps together: what has not ended by then counts as failed
# Of the numbers that a server gives beside 5xx (RFC 3463): those about its own state, the talk, the content and its
# rules. They say nothing of the address: a rule against us would else mark every contact.
_NOT_THE_ADDRESS = frozenset({"3", "5", "6", "7"})
_ENHANCED = re.compile(r"[45]\.(\d{1,3})\.\d{1,3}(?!\d)")
# Without such numbers: that the talk went wrong, or that we must sign in.
_OF_THE_TALK = frozenset({500, 502, 503, 504, 530, 534, 535, 538})


class Undeliverable(Exception):
    """No try will bring this letter to its address; the message says why, without the address.

    `code` is what the mail server said in numbers, like "550 5.1.1"; none where it was not asked.
    """

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class PutOff(errors.Unavailable):
    """The mail server takes nothing for this address just now; `said` are its numbers, like "450 4.2.1"."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said


async def send(
    letter: Letter, smtp_url: str | None, sender: str, *, may_print: bool, letter_id: UUID | None = None
) -> None:
    """Hand a letter to the mail server, or print it where none is set and that is allowed.

    `letter_id` makes the Message-ID, the same at each try, so that mail programs show once what came twice.
    Raises Unavailable so that it is tried again, and Undeliverable where that would be in vain. Letters hold single-use
    links, which are no lines for a server's log.
    """
    if smtp_url is None and not may_print:
        raise errors.Unavailable("No mail server is set: PORTAL_SMTP_URL names it.")
    if smtp_url is None:
        sys.stdout.write(f"--- mail to {letter.to}\nSubject: {letter.subject}\n\n{letter.body}---\n")
        sys.stdout.flush()
        return
    message = make_message(letter, sender, letter_id)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            await _hand_over(message, smtp_url)
    except aiosmtplib.SMTPNotSupported as error:
        if letter.to.isascii():
            raise errors.Unavailable(f"The mail server did not take the letter: {type(error).__name__}.") from error
        words = (
            "The address has letters other than ASCII before the @, which the mail server cannot send to (SMTPUTF8)."
        )
        raise Undeliverable(words) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        said = f"The mail server did not take the letter: {_name_failure(error)}."
        numbers, for_good = find_refusal(error) or (None, False)
        if numbers is None:
            raise errors.Unavailable(said) from error
        raise (Undeliverable(said, code=numbers) if for_good else PutOff(said, numbers)) from error


def make_message(letter: Letter, sender: str, letter_id: UUID | None = None) -> EmailMessage:
    """The letter as it goes out; raises Undeliverable for an address that cannot be."""
    domain = sender.rpartition("@")[2] or None
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, encode_address(letter.to), letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter_id}@{domain or 'localhost'}>" if letter_id else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # so that no holiday answers come back (RFC 3834)
    if letter.stop_link is not None:
        message["List-Unsubscribe"] = f"<{letter.stop_link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body)
    message["Content-Language"] = letter.locale  # after the content, which takes such headers away
    return message


async def _hand_over(message: EmailMessage, smtp_url: str) -> None:
    parts = urlsplit(smtp_url)
    await aiosmtplib.send(
        message,
        hostname=parts.hostname,
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        timeout=STEP_SECONDS,
    )


def encode_address(address: str) -> str:
    """An address as mail servers take it: its domain in ASCII. Raises Undeliverable for a domain that cannot be."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise Undeliverable("The address has a domain that cannot be.") from error


def find_refusal(error: Exception) -> tuple[str, bool] | None:
    """The numbers by which a server refuses an address at RCPT or DATA, and whether that is for good.

    None for anything else: a 5xx may be about the server, the sender or the content, too.
    """
    refused = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients else error
    if not isinstance(refused, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        return None
    enhanced = _ENHANCED.match(str(refused.message))
    said = f"{refused.code} {enhanced[0]}" if enhanced else str(refused.code)
    if refused.code in _OF_THE_TALK or (enhanced and enhanced[1] in _NOT_THE_ADDRESS):
        return None
    return said, 500 <= refused.code <= 599


def _name_failure(error: Exception) -> str:
    """The kind of a failure and the server's numbers; its words may quote addresses."""
    refused = error.recipients if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else [error]
    codes = sorted({str(one.code) for one in refused if isinstance(one, aiosmtplib.SMTPResponseException)})
    return f"{type(error).__name__} {', '.join(codes)}".strip()
