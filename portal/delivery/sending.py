"""Sending one letter: claimed and written in one transaction, handed over with none open, marked in another.

A letter is handed over at least once: a worker that dies between what the mail server said and the mark has it sent
again after LEASE_SECONDS, by the same Message-ID and with the same links.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from portal import errors, metering
from portal.delivery import mail, smtp
from portal.delivery.letter_texts import read_texts
from portal.delivery.letters import Letter
from portal.delivery.workplace import Workplace

MINUTE, HOUR = 60, 3_600
# Seconds before each further try, together two days and more: servers that do not know us put us off for a while.
WAITS = (
    *(1, 10, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 24 * HOUR),
)
MOST_TRIES = len(WAITS) + 1
LEASE_SECONDS = 120  # more than one try can take

FIND = text(
    """
    SELECT id, kind, ids, state, tries, ceil(extract(epoch FROM leased_until - portal.clock()))::integer AS leased_for
      FROM portal.mail WHERE id = :id FOR UPDATE
    """
)
LEASE = text("UPDATE portal.mail SET leased_until = portal.clock() + make_interval(secs => :seconds) WHERE id = :id")
DROP = text("UPDATE portal.mail SET state = 'dropped', tries = tries + 1, last_error = NULL WHERE id = :id")
MARK = text(
    """
    UPDATE portal.mail SET state = :state, tries = tries + 1, last_error = :failure, leased_until = NULL,
           sent_at = CASE WHEN :state = 'sent' THEN portal.clock() END
     WHERE id = :id
    """
)
RELEASE = text("UPDATE portal.mail SET leased_until = NULL WHERE id = :id")
INVITATIONS = ("invitation", "invitation_reminder")
# The buyer that invited sees whether letters to its contact arrive; other buyers have contacts of their own.
NOTE = text("SELECT portal.note_letter_to_contact(:invitation, :arrived, :reason, :code)")


@dataclass(frozen=True)
class Claim:
    """A letter that this try alone may hand over for a while."""

    id: UUID
    kind: str
    ids: dict[str, Any]
    letter: Letter
    tries: int
    failed_before: bool


async def send_mail(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Write and send one letter; one that was sent, or whose occasion has passed, is not sent again.

    Raises Unavailable to be tried again. A supplier's contact that no letter reaches is marked so, until one does.
    """
    claim = await _claim(workplace, UUID(ids["mail"]))
    if claim is None:
        return
    failure = await _try_to_send(workplace, claim)
    await _keep(workplace, claim, failure)
    if isinstance(failure, errors.Unavailable):
        raise failure


async def _claim(workplace: Workplace, id: UUID) -> Claim | None:
    settings = workplace.settings
    async with workplace.database.transaction() as (session, _):
        row = (await session.execute(FIND, {"id": id})).one_or_none()
        if row is None or row.state in ("sent", "dropped"):
            return None
        if row.leased_for is not None and row.leased_for > 0:
            raise errors.Busy("Another try has this letter in hand.", retry_after=row.leased_for)
        texts = read_texts(settings.letters_folder)
        urls = {"public_url": settings.public_url, "client_url": settings.client_url}
        letter = await mail.compose(
            session, row.kind, row.ids, texts=texts, secret_key=settings.secret_key, letter_id=id, **urls
        )
        if letter is None:
            await session.execute(DROP, {"id": id})
            return None
        await session.execute(LEASE, {"id": id, "seconds": LEASE_SECONDS})
        return Claim(id, row.kind, row.ids, letter, row.tries, row.state == "failed")


async def _try_to_send(workplace: Workplace, claim: Claim) -> errors.Unavailable | smtp.Undeliverable | None:
    """What went wrong, if anything."""
    settings = workplace.settings
    try:
        await smtp.send(
            claim.letter,
            settings.smtp_url,
            settings.mail_from,
            may_print=settings.is_development,
            letter_id=claim.id,
        )
    except (errors.Unavailable, smtp.Undeliverable) as error:
        return error
    except Exception:
        await workplace.keep([(RELEASE, {"id": claim.id})])
        raise
    return None


async def _keep(workplace: Workplace, claim: Claim, failure: errors.Unavailable | smtp.Undeliverable | None) -> None:
    """Mark the letter, and the contact that it was for."""
    state, said = ("sent", None) if failure is None else ("failed", str(failure))
    metering.LETTERS_SENT.labels(_name_outcome(failure)).inc()
    steps: list[tuple[Any, dict[str, Any]]] = [(MARK, {"id": claim.id, "state": state, "failure": said})]
    bounce = _find_bounce(claim, failure)
    arrived = failure is None and claim.failed_before
    if claim.kind in INVITATIONS and (arrived or bounce is not None):
        reason, code = bounce or (None, None)
        invitation = UUID(claim.ids["invitation"])
        steps.append((NOTE, {"invitation": invitation, "arrived": arrived, "reason": reason, "code": code}))
    await workplace.keep(steps)


def _name_outcome(failure: errors.Unavailable | smtp.Undeliverable | None) -> str:
    if failure is None:
        return "sent"
    if isinstance(failure, smtp.Undeliverable):
        return "refused"
    return "put_off" if isinstance(failure, smtp.PutOff) else "server_away"


def _find_bounce(
    claim: Claim, failure: errors.Unavailable | smtp.Undeliverable | None
) -> tuple[str, str | None] | None:
    """Why nothing more goes to the address, and the server's numbers; none where it may get letters still.

    A mail server of ours that is away says nothing of an address, however long that lasts.
    """
    if isinstance(failure, smtp.Undeliverable):
        return ("refused" if failure.code else "bad_address"), failure.code
    if isinstance(failure, smtp.PutOff) and claim.tries + 1 >= MOST_TRIES:
        return "put_off", failure.said
    return None
