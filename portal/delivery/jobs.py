"""What each job does, under the worker's own login; a job may run twice and must not mind."""

from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import text

from portal import errors
from portal.assessments import evidence_checking
from portal.delivery import mail
from portal.delivery.letters import Letter
from portal.delivery.workplace import Workplace
from portal.settings import Settings

KEPT_DAYS = 7
IDEMPOTENCY_DAYS = 30
MAX_TRIES = 8  # of one job; then it is held for the operator to see

MARK_MAIL = text(
    """
    UPDATE portal.mail SET state = :state, tries = tries + 1, last_error = :failure,
           sent_at = CASE WHEN :state = 'sent' THEN portal.clock() END
     WHERE id = :id
    """
)
# The buyer that invited sees whether letters to its contact arrive; other buyers have contacts of their own.
MARK_CONTACT = text(
    """
    UPDATE portal.supplier_contact c SET bounced_at = CASE WHEN :bounced THEN portal.clock() END
      FROM portal.invitation i
     WHERE i.id = :invitation AND i.kind = 'supplier' AND c.buyer_id = i.organization_id
       AND c.supplier_record_id = i.supplier_record_id AND c.email = i.email
       AND (c.bounced_at IS NOT NULL) <> :bounced
    """
)


def read_payload(payload: bytes | None) -> dict[str, Any]:
    """The ids a job was asked with."""
    parts: dict[str, Any] = orjson.loads(payload or b"{}")
    return parts


async def refresh_card(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Bring one supplier record's cards up to date."""
    if not ids.get("buyer") or not ids.get("record"):
        return
    async with workplace.database.transaction() as (session, _):
        await session.execute(
            text("SELECT portal.refresh_cards(:buyer, :record)"),
            {"buyer": UUID(ids["buyer"]), "record": UUID(ids["record"])},
        )


async def refresh_cards_of_pair(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Bring the cards of one buyer for one supplier up to date."""
    async with workplace.database.transaction() as (session, _):
        await session.execute(
            text(
                """
                SELECT portal.refresh_cards(r.buyer_id, r.id) FROM portal.supplier_record r
                 WHERE r.buyer_id = :buyer AND r.supplier_id = :supplier
                """
            ),
            {"buyer": UUID(ids["buyer"]), "supplier": UUID(ids["supplier"])},
        )


async def refresh_cards_of_supplier(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Bring every buyer's cards of one supplier up to date: it submitted or withdrew something."""
    async with workplace.database.transaction() as (session, _):
        await session.execute(
            text(
                "SELECT portal.refresh_cards(r.buyer_id, r.id) FROM portal.supplier_record r WHERE r.supplier_id = :id"
            ),
            {"id": UUID(ids["supplier"])},
        )


async def check_evidence(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Look at an uploaded document and keep or refuse it."""
    supplier, evidence = UUID(ids["supplier"]), UUID(ids["evidence"])
    await evidence_checking.check_evidence(
        workplace.database, workplace.storage, supplier_id=supplier, evidence_id=evidence
    )


async def remove_file(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Remove the file of a document that was deleted."""
    supplier, content = UUID(ids["supplier"]), bytes.fromhex(ids["content"])
    await evidence_checking.remove_file(workplace.database, workplace.storage, supplier_id=supplier, sha256=content)


async def send_mail(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Write and send one letter; one that was sent, or whose occasion has passed, is not sent again.

    Raises Unavailable to be tried again. A supplier's contact that no letter reached is marked so, until one does.
    """
    settings = workplace.settings
    async with workplace.database.transaction() as (session, _):
        row = (
            await session.execute(
                text("SELECT id, kind, ids, state, tries FROM portal.mail WHERE id = :id FOR UPDATE"),
                {"id": UUID(ids["mail"])},
            )
        ).one_or_none()
        if row is None or row.state in ("sent", "dropped"):
            return
        letter = await mail.compose(session, row.kind, row.ids, settings.public_url)
        state, failure = "dropped", None
        if letter is not None:
            state, failure = await _try_to_send(letter, settings)
        said = None if failure is None else str(failure)
        await session.execute(MARK_MAIL, {"state": state, "failure": said, "id": row.id})
        if row.kind == "invitation" and letter is not None:
            over = isinstance(failure, mail.Undeliverable) or row.tries + 1 >= MAX_TRIES
            if over or (failure is None and row.state == "failed"):
                parameters = {"bounced": failure is not None, "invitation": UUID(row.ids["invitation"])}
                await session.execute(MARK_CONTACT, parameters)
    if isinstance(failure, errors.Unavailable):
        raise failure


async def _try_to_send(letter: Letter, settings: Settings) -> tuple[str, Exception | None]:
    """The state of a letter after one try, and what went wrong."""
    try:
        await mail.send(letter, settings.smtp_url, settings.mail_from, may_print=settings.is_development)
    except (errors.Unavailable, mail.Undeliverable) as error:
        return "failed", error
    return "sent", None


async def sweep(connection: asyncpg.Connection) -> None:
    """What the clock makes due: cards whose share began or ended, and rows kept only for a while."""
    await connection.execute(
        """
        SELECT portal.sweep_cards(due.buyer_id)
          FROM (SELECT DISTINCT buyer_id FROM portal.relationship_card WHERE next_change_at <= portal.clock()) due
        """
    )
    await connection.execute(
        "DELETE FROM portal.outbox WHERE relayed_at < portal.clock() - make_interval(days => $1)", KEPT_DAYS
    )
    await connection.execute(
        "DELETE FROM portal.idempotency_key WHERE created_at < portal.clock() - make_interval(days => $1)",
        IDEMPOTENCY_DAYS,
    )
    await connection.execute("DELETE FROM portal.registration WHERE expires_at < portal.clock() - interval '1 day'")
    await connection.execute("DELETE FROM portal.session WHERE expires_at < portal.clock() - interval '1 day'")
    await connection.execute(
        "DELETE FROM portal.credential_attempt WHERE window_start < portal.clock() - interval '1 day'"
    )


HANDLERS = {
    "refresh_card": refresh_card,
    "refresh_cards_of_pair": refresh_cards_of_pair,
    "refresh_cards_of_supplier": refresh_cards_of_supplier,
    "check_evidence": check_evidence,
    "remove_file": remove_file,
    "send_mail": send_mail,
}
