"""Whom an event concerns, by the rows it names: the parties of a request, and of a submission whoever may read it.

What a share shows is decided by the predicate of the policies themselves. An organization is told ids of its own view:
a buyer never a supplier's assessment or another buyer, a supplier never a buyer's record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from portal.delivery.webhooks.catalogue import Side
from portal.delivery.webhooks.node_ids import NOBODY, write_id
from portal.reading.assessments import RECEIVED_TAG, REQUEST_TAG, SUBMISSION_TAG, SUPPLIER_TAG
from portal.reading.assurance import RESULT_TAG
from portal.reading.other_organizations import ORGANIZATION_TAG
from portal.reading.shares import SHARE_TAG

REQUESTS = """
SELECT e.id AS event_id, side.name AS side, r.buyer_id, r.supplier_id, r.supplier_record_id AS record_id,
       r.id AS request_id, NULL::uuid AS share_id, NULL::uuid AS submission_id
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS e (id, buyer, request)
  JOIN portal.request r ON r.buyer_id = e.buyer AND r.id = e.request
 CROSS JOIN (VALUES ('buyer'), ('supplier')) AS side (name)
 WHERE side.name = 'buyer' OR r.supplier_id IS NOT NULL
"""
# A buyer hears of a share while it is live, and of its end where it has been live.
SHARES = """
SELECT e.id AS event_id, side.name AS side, s.buyer_id, s.supplier_id, r.id AS record_id,
       NULL::uuid AS request_id, s.id AS share_id, s.submission_id
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS e (id, supplier, share, act)
  JOIN portal.share s ON s.supplier_id = e.supplier AND s.id = e.share
 CROSS JOIN (VALUES ('buyer'), ('supplier')) AS side (name)
  LEFT JOIN LATERAL (SELECT r.id FROM portal.supplier_record r
                      WHERE r.buyer_id = s.buyer_id AND r.supplier_id = s.supplier_id ORDER BY r.id LIMIT 1) r ON true
 WHERE side.name = 'supplier'
    OR CASE e.act WHEN 'revoked' THEN s.starts_at <= s.revoked_at WHEN 'ended' THEN s.starts_at < s.until
                  ELSE portal.share_is_live(s) END
"""
# Of a submission, or of all that count of a version: its supplier, and each buyer with a live share of it, once. One
# that was withdrawn is covered no more, so that its state is left out of the same predicate. A share that was made
# since a submission has an event of its own.
SUBMISSIONS = """
WITH subject AS (
    SELECT e.id AS event_id, e.kind, b AS item
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
           AS e (id, kind, supplier, submission, questionnaire, version)
      JOIN portal.submission b ON b.supplier_id = e.supplier
       AND CASE WHEN e.submission IS NOT NULL THEN b.id = e.submission
                ELSE b.state = 'current' AND b.questionnaire = e.questionnaire AND b.version = e.version END)
SELECT j.event_id, 'supplier' AS side, NULL::uuid AS buyer_id, (j.item).supplier_id, NULL::uuid AS record_id,
       NULL::uuid AS request_id, NULL::uuid AS share_id, (j.item).id AS submission_id
  FROM subject j
 UNION ALL
SELECT DISTINCT ON (j.event_id, (j.item).id, s.buyer_id)
       j.event_id, 'buyer', s.buyer_id, s.supplier_id, r.id, NULL::uuid, s.id, (j.item).id
  FROM subject j
  JOIN portal.share s ON s.supplier_id = (j.item).supplier_id AND portal.share_is_live(s)
   AND CASE j.kind
       WHEN 'submission.withdrawn' THEN
            CASE s.mode WHEN 'snapshot' THEN s.submission_id = (j.item).id
                        ELSE s.questionnaire = (j.item).questionnaire AND s.subject_key = (j.item).subject_key
                         AND s.follows_from <= (j.item).submitted_at END
       WHEN 'assessment.submitted' THEN s.created_at < (j.item).submitted_at AND portal.share_covers(s, j.item)
       ELSE portal.share_covers(s, j.item) END
  LEFT JOIN LATERAL (SELECT r.id FROM portal.supplier_record r
                      WHERE r.buyer_id = s.buyer_id AND r.supplier_id = s.supplier_id ORDER BY r.id LIMIT 1) r ON true
 ORDER BY 1, 8, 3
"""
ENDS = frozenset({"revoked", "ended"})
OF_SUBMISSIONS = frozenset({"assessment.submitted", "submission.withdrawn", "submission.rescored", "band.changed"})


@dataclass(frozen=True)
class Happening:
    """An event of the outbox."""

    id: UUID
    topic: str
    parts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Concern:
    """That an event concerns an organization, what that is told, and the share by which it may know."""

    event_id: UUID
    side: Side
    organization_id: UUID
    subject: UUID
    data: Mapping[str, str]
    share: tuple[UUID, UUID] | None = None  # supplier and share


async def list_concerns(connection: asyncpg.Connection, happenings: Sequence[Happening]) -> list[Concern]:
    """Whom these events concern; one that lacks what it should name concerns nobody."""
    found: list[Concern] = []
    for statement, columns in (
        (REQUESTS, list(_list_requests(happenings))),
        (SHARES, list(_list_shares(happenings))),
        (SUBMISSIONS, list(_list_submissions(happenings))),
    ):
        if columns:
            rows = await connection.fetch(statement, *map(list, zip(*columns, strict=True)))
            found += [_make_concern(row, {one.id: one for one in happenings}[row["event_id"]]) for row in rows]
    return found


def _list_requests(happenings: Sequence[Happening]) -> Iterator[tuple[Any, ...]]:
    for one in happenings:
        if one.topic.startswith("request.") and one.parts.get("buyer") and one.parts.get("request"):
            yield one.id, UUID(one.parts["buyer"]), UUID(one.parts["request"])


def _list_shares(happenings: Sequence[Happening]) -> Iterator[tuple[Any, ...]]:
    for one in happenings:
        if one.topic == "share.changed" and one.parts.get("supplier") and one.parts.get("share"):
            yield one.id, UUID(one.parts["supplier"]), UUID(one.parts["share"]), one.parts.get("act")


def _list_submissions(happenings: Sequence[Happening]) -> Iterator[tuple[Any, ...]]:
    for one in happenings:
        if one.topic in OF_SUBMISSIONS and one.parts.get("supplier"):
            submission = one.parts.get("submission")
            named = one.parts.get("questionnaire"), one.parts.get("version")
            yield one.id, one.topic, UUID(one.parts["supplier"]), UUID(submission) if submission else None, *named


def _make_concern(row: Any, happening: Happening) -> Concern:
    side: Side = row["side"]
    organization = row["supplier_id"] if side == "supplier" else row["buyer_id"]
    data = {"organizationId": write_id(ORGANIZATION_TAG, NOBODY, organization)}
    data |= _tell_supplier(row) if side == "supplier" else _tell_buyer(row)
    subject = row["request_id"] or (row["share_id"] if happening.topic == "share.changed" else row["submission_id"])
    share = None
    if side == "buyer" and row["share_id"] is not None and happening.parts.get("act") not in ENDS:
        share = (row["supplier_id"], row["share_id"])
    return Concern(happening.id, side, organization, subject, data, share)


def _tell_supplier(row: Any) -> dict[str, str]:
    told = {}
    if row["buyer_id"] is not None:
        told["buyerId"] = write_id(ORGANIZATION_TAG, NOBODY, row["buyer_id"])
    if row["request_id"] is not None:
        told["requestId"] = write_id(RECEIVED_TAG, row["buyer_id"], row["request_id"])
    if row["share_id"] is not None:
        told["shareId"] = write_id(SHARE_TAG, row["supplier_id"], row["share_id"])
    if row["submission_id"] is not None:
        told["submissionId"] = write_id(SUBMISSION_TAG, row["supplier_id"], row["submission_id"])
    return told


def _tell_buyer(row: Any) -> dict[str, str]:
    told = {}
    if row["record_id"] is not None:
        told["supplierId"] = write_id(SUPPLIER_TAG, row["buyer_id"], row["record_id"])
    if row["request_id"] is not None:
        told["requestId"] = write_id(REQUEST_TAG, row["buyer_id"], row["request_id"])
    if row["submission_id"] is not None:
        told["resultId"] = write_id(RESULT_TAG, row["supplier_id"], row["submission_id"])
    return told
