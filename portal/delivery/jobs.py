"""What each job does, under the worker's own login; a job may run twice and must not mind."""

from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import text

from portal import errors
from portal.assessments import (
    assuring,
    cadence_work,
    campaign_work,
    evidence_checking,
    evidence_previews,
    feedback,
)
from portal.delivery import forgetting, relay, releasing, sending
from portal.delivery.workplace import Workplace
from portal.identity import personal_data
from portal.trail import erasing

LAPSED_AT_ONCE = 200
# Seconds before each further try of a job; after the last it is held for the operator to see.
WAITS = {"send_mail": sending.WAITS, releasing.JOB: releasing.WAITS}
USUAL_WAITS = (1, 2, 4, 8, 16, 32, 64)
EVENT = text("SELECT id, topic, ids::text AS ids, created_at FROM portal.outbox WHERE id = :id")
REFRESH_OF_SUPPLIER = text(
    "SELECT portal.refresh_cards(r.buyer_id, r.id) FROM portal.supplier_record r WHERE r.supplier_id = :id"
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
    """Bring the cards of one buyer for one supplier up to date, and note what it may read now."""
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
        await feedback.note_received(
            session, supplier=UUID(ids["supplier"]), buyer=UUID(ids["buyer"]), days=workplace.settings.feedback_days
        )


async def refresh_cards_of_supplier(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Bring every buyer's cards of one supplier up to date, and note what they may read: it submitted or withdrew."""
    async with workplace.database.transaction() as (session, _):
        await session.execute(REFRESH_OF_SUPPLIER, {"id": UUID(ids["supplier"])})
        await feedback.note_received(
            session, supplier=UUID(ids["supplier"]), buyer=None, days=workplace.settings.feedback_days
        )


async def summarize_assurance(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Bring the shares of points of one submission, or of all of a supplier's, up to date, and on the buyers' cards."""
    supplier = UUID(ids["supplier"])
    async with workplace.database.transaction() as (session, _):
        wanted = [UUID(ids["submission"])] if ids.get("submission") else None
        for one in wanted or await assuring.list_stated(session, supplier_id=supplier):
            await assuring.summarize(session, supplier_id=supplier, submission_id=one)
    # What is committed now is on every card that is written from here on, whoever writes it.
    async with workplace.database.transaction() as (session, _):
        await session.execute(REFRESH_OF_SUPPLIER, {"id": supplier})


async def check_evidence(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Look at an uploaded document and keep or refuse it."""
    supplier, evidence = UUID(ids["supplier"]), UUID(ids["evidence"])
    await evidence_checking.check_evidence(
        workplace.database,
        workplace.storage,
        supplier_id=supplier,
        evidence_id=evidence,
        scanner_url=workplace.settings.clamav_url,
    )


async def make_preview(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Make the small picture of a document that is a picture."""
    supplier, evidence = UUID(ids["supplier"]), UUID(ids["evidence"])
    await evidence_previews.make_preview(
        workplace.database, workplace.storage, supplier_id=supplier, evidence_id=evidence
    )


async def remove_file(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Remove the file of a document that was deleted."""
    supplier, content = UUID(ids["supplier"]), bytes.fromhex(ids["content"])
    await evidence_checking.remove_file(workplace.database, workplace.storage, supplier_id=supplier, sha256=content)


async def unlink_person(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Let the trail tell no more of somebody whose account was erased, and answers no more from which devices."""
    is_more = True
    while is_more:
        async with workplace.database.transaction() as (session, _):
            is_more = await personal_data.forget_devices(session, UUID(ids["person"]))
    async with workplace.database.transaction() as (session, actor):
        await erasing.unlink_person(session, actor, UUID(ids["person"]))


async def send_campaign(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Ask those that a campaign has still to ask, in parts that each stand by themselves."""
    await campaign_work.send_campaign(workplace.database, buyer=UUID(ids["buyer"]), campaign=UUID(ids["campaign"]))


async def change_campaign(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Do to a campaign's open requests what its buyer wants, in parts that each stand by themselves."""
    await campaign_work.change_campaign(workplace.database, buyer=UUID(ids["buyer"]), act=UUID(ids["campaign_act"]))


async def plan_cadence(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Plan when suppliers are asked by a cadence that was set or removed, in parts that each stand by themselves."""
    await cadence_work.plan_cadence(workplace.database, buyer=UUID(ids["buyer"]), cadence=UUID(ids["cadence"]))


async def pass_on_event(workplace: Workplace, ids: dict[str, Any]) -> None:
    """Try once more to pass on an event that the relay could not."""
    async with workplace.database.transaction() as (session, _):
        found = (await session.execute(EVENT, {"id": UUID(ids["event"])})).all()  # which begins the transaction
        if not found:
            raise errors.NotFound("The event is gone.", code="EVENT_GONE")
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        await relay.pass_on(driver, [relay.Taken(**row._mapping) for row in found])


async def sweep(connection: asyncpg.Connection) -> None:
    """What the clock makes due: cards whose share began or ended, files to be scanned again, rows kept for a while."""
    await connection.execute(
        """
        SELECT portal.sweep_cards(due.buyer_id)
          FROM (SELECT DISTINCT buyer_id FROM portal.relationship_card WHERE next_change_at <= portal.clock()) due
        """
    )
    await connection.execute("SELECT portal.note_started_shares()")
    await connection.execute("SELECT portal.note_ended_shares()")
    await connection.execute("SELECT portal.end_lapsed_glasses()")
    await connection.execute("SELECT portal.settle_lapsed_invitations($1)", LAPSED_AT_ONCE)
    await connection.execute(
        """
        WITH due AS (
            UPDATE portal.evidence SET scan_due_at = NULL
             WHERE scan_due_at <= portal.clock() AND state = 'quarantined' RETURNING supplier_id, id)
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT gen_random_uuid(), 'evidence.received', jsonb_build_object('supplier', supplier_id, 'evidence', id)
          FROM due
        """
    )
    await forgetting.forget(connection)


HANDLERS = {
    relay.JOB: pass_on_event,
    "refresh_card": refresh_card,
    "refresh_cards_of_pair": refresh_cards_of_pair,
    "refresh_cards_of_supplier": refresh_cards_of_supplier,
    "check_evidence": check_evidence,
    "make_preview": make_preview,
    "remove_file": remove_file,
    "unlink_person": unlink_person,
    "send_campaign": send_campaign,
    "change_campaign": change_campaign,
    "plan_cadence": plan_cadence,
    "send_mail": sending.send_mail,
    "summarize_assurance": summarize_assurance,
    releasing.JOB: releasing.make_release,
}
