"""Sending letters: reads what a letter needs, makes its single-use link, and hands it to SMTP or to the terminal."""

import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import idna
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.delivery.letters import Letter, write_letter
from portal.directory import countries
from portal.identity import tokens

PASSWORD_RESET_HOURS = 1
# In which states of a request its letters are still true.
REQUEST_STATES = {
    "request": ("open", "accepted"),
    "request_extended": ("open", "accepted"),
    "request_withdrawn": ("withdrawn",),
}


class Undeliverable(Exception):
    """No try will bring this letter to its address; the message says why, without the address."""


async def compose(session: AsyncSession, kind: str, ids: dict[str, Any], public_url: str) -> Letter | None:
    """The letter for a row of mail, or none where its occasion has passed (used, revoked, gone)."""
    if kind == "invitation":
        return await _compose_invitation(session, UUID(ids["invitation"]), public_url)
    if kind == "confirmation":
        return await _compose_confirmation(session, UUID(ids["registration"]), public_url)
    if kind in {"password_reset", "account_exists"}:
        return await _compose_personal(session, kind, ids.get("user"), public_url)
    if kind in REQUEST_STATES:
        return await _compose_request(session, kind, ids, public_url)
    if kind == "role_applied":
        return await _compose_application(session, ids)
    return await _compose_role(session, ids, public_url)


async def _compose_request(session: AsyncSession, kind: str, ids: dict[str, Any], public_url: str) -> Letter | None:
    """To one owner or editor of the supplier, where that person still is and the request stands as the letter says."""
    query = text(
        """
        SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, r.minimum_tier AS tier, r.due_on,
               r.purpose, coalesce(r.message, '') AS message, u.name, u.email
          FROM portal.request r
          JOIN portal.organization b ON b.id = r.buyer_id
          JOIN portal.organization o ON o.id = r.supplier_id
          JOIN portal.questionnaire q ON q.key = r.questionnaire
          JOIN portal.member m ON m.organization_id = o.id AND m.role IN ('owner', 'editor')
          JOIN portal.user_account u ON u.id = m.user_id
         WHERE r.buyer_id = :buyer AND r.id = :request AND r.state = ANY (:states) AND m.user_id = :user
        """
    )
    if ids.get("user") is None:
        return None
    parameters: dict[str, Any] = {name: UUID(ids[name]) for name in ("buyer", "request", "user")}
    parameters["states"] = list(REQUEST_STATES[kind])
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    plain = ("buyer", "organization", "questionnaire", "tier", "purpose", "message", "name")
    parts = {key: str(getattr(found, key)) for key in plain}
    return write_letter(kind, found.email, {**parts, "due": found.due_on.isoformat(), "link": f"{public_url}/"})


async def _compose_invitation(session: AsyncSession, invitation: UUID, public_url: str) -> Letter | None:
    token = tokens.make_token()
    found = (
        await session.execute(
            text(
                """
                UPDATE portal.invitation i SET token_hash = :hash
                 WHERE i.id = :id AND i.email IS NOT NULL AND i.used_at IS NULL AND i.revoked_at IS NULL
                   AND portal.clock() < i.expires_at
                RETURNING i.kind, i.email, i.role, i.expires_at,
                    (SELECT o.name FROM portal.organization o WHERE o.id = i.organization_id) AS organization,
                    (SELECT r.name FROM portal.supplier_record r
                      WHERE r.buyer_id = i.organization_id AND r.id = i.supplier_record_id) AS record
                """
            ),
            {"hash": tokens.hash_token(token), "id": invitation},
        )
    ).one_or_none()
    if found is None:
        return None
    parts = {
        "organization": found.organization,
        "record": found.record or "your company",
        "role": found.role or "",
        "until": found.expires_at.date().isoformat(),
        # The token stands behind the #, so that no server on the way writes it into a log.
        "link": f"{public_url}/#invitation={token}",
    }
    return write_letter(f"invitation.{found.kind}", found.email, parts)


async def _compose_confirmation(session: AsyncSession, registration: UUID, public_url: str) -> Letter | None:
    token = tokens.make_token()
    statement = text(
        """
        UPDATE portal.registration r SET token_hash = :hash
         WHERE r.id = :id AND r.user_id IS NULL AND r.used_at IS NULL AND portal.clock() < r.expires_at
        RETURNING r.email, r.name
        """
    )
    found = (await session.execute(statement, {"hash": tokens.hash_token(token), "id": registration})).one_or_none()
    if found is None:
        return None
    return write_letter(
        "confirmation", found.email, {"name": found.name, "link": f"{public_url}/#confirmation={token}"}
    )


async def _compose_personal(session: AsyncSession, kind: str, user: str | None, public_url: str) -> Letter | None:
    if user is None:
        return None
    query = text("SELECT id, email, name FROM portal.user_account WHERE id = :id")
    person = (await session.execute(query, {"id": UUID(user)})).one_or_none()
    if person is None:
        return None
    link = f"{public_url}/"
    if kind == "password_reset":
        token = tokens.make_token()
        await session.execute(
            text(
                """
                INSERT INTO portal.password_reset (token_hash, user_id, expires_at)
                VALUES (:hash, :user, portal.clock() + make_interval(hours => :hours))
                """
            ),
            {"hash": tokens.hash_token(token), "user": person.id, "hours": PASSWORD_RESET_HOURS},
        )
        link = f"{public_url}/#password-reset={token}"
    return write_letter(kind, person.email, {"name": person.name, "link": link})


async def _compose_role(session: AsyncSession, ids: dict[str, Any], public_url: str) -> Letter | None:
    """To the first owner, while the decision stands: whoever has applied again waits, and no reason is left."""
    query = text(
        """
        SELECT u.email, o.name AS organization, r.role, r.status, coalesce(r.reason, '') AS reason
          FROM portal.organization_role r
          JOIN portal.organization o ON o.id = r.organization_id
          JOIN portal.member m ON m.organization_id = o.id AND m.role = 'owner'
          JOIN portal.user_account u ON u.id = m.user_id
         WHERE r.organization_id = :organization AND r.role = :role AND r.status IN ('active', 'refused')
         ORDER BY m.created_at LIMIT 1
        """
    )
    parameters = {"organization": UUID(ids["organization"]), "role": ids.get("role")}
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    parts = {key: getattr(found, key) for key in ("organization", "role", "reason")} | {"link": f"{public_url}/"}
    return write_letter("role_approved" if found.status == "active" else "role_refused", found.email, parts)


async def _compose_application(session: AsyncSession, ids: dict[str, Any]) -> Letter | None:
    """To one operator, while that person is one and the application waits."""
    query = text(
        """
        SELECT u.email, u.name, o.id, o.name AS organization, o.country, r.role, r.terms_version
          FROM portal.organization_role r
          JOIN portal.organization o ON o.id = r.organization_id
          JOIN portal.user_account u ON u.id = :operator AND u.is_operator
         WHERE r.organization_id = :organization AND r.role = :role AND r.status = 'pending'
        """
    )
    people = {"operator": UUID(ids["operator"]), "organization": UUID(ids["organization"])}
    found = (await session.execute(query, {**people, "role": ids.get("role")})).one_or_none()
    if found is None:
        return None
    country = countries.find_country(found.country) if found.country else None
    parts = {
        **{key: str(getattr(found, key)) for key in ("name", "id", "organization", "role")},
        "country": country.name if country else "not given",
        "terms": found.terms_version or "none named",
    }
    return write_letter("role_applied", found.email, parts)


async def send(letter: Letter, smtp_url: str | None, sender: str, *, may_print: bool) -> None:
    """Hand a letter to the mail server, or print it where none is set and that is allowed.

    Raises Unavailable so that it is tried again, and Undeliverable where that would be in vain. Letters hold single-use
    links, which are no lines for a server's log.
    """
    if smtp_url is None and not may_print:
        raise errors.Unavailable("No mail server is set: PORTAL_SMTP_URL names it.")
    if smtp_url is None:
        sys.stdout.write(f"--- mail to {letter.to}\nSubject: {letter.subject}\n\n{letter.body}---\n")
        sys.stdout.flush()
        return
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, encode_address(letter.to), letter.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2] or None)
    message.set_content(letter.body)
    parts = urlsplit(smtp_url)
    try:
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            timeout=30,
        )
    except aiosmtplib.SMTPNotSupported as error:
        if letter.to.isascii():
            raise errors.Unavailable(f"The mail server did not take the letter: {type(error).__name__}.") from error
        words = (
            "The address has letters other than ASCII before the @, which the mail server cannot send to (SMTPUTF8)."
        )
        raise Undeliverable(words) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise errors.Unavailable(f"The mail server did not take the letter: {_name_failure(error)}.") from error


def encode_address(address: str) -> str:
    """An address as mail servers take it: its domain in ASCII. Raises Undeliverable for a domain that cannot be."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise Undeliverable("The address has a domain that cannot be.") from error


def _name_failure(error: Exception) -> str:
    """The kind of a failure and the server's numbers; its words may quote addresses."""
    refused = error.recipients if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else [error]
    codes = sorted({str(one.code) for one in refused if isinstance(one, aiosmtplib.SMTPResponseException)})
    return f"{type(error).__name__} {', '.join(codes)}".strip()
