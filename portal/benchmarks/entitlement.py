"""Who may read which release: suppliers that contribute, buyers whose suppliers take part, partners under terms."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg
import orjson

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions
from portal.benchmarks import terms
from portal.database import reader
from portal.database.reader import Session

GRACE_DAYS = 180
RELEASES = "SELECT number, period_start, period_end, policy::text, terms_version, created_at FROM portal.release"
NEWEST = f"{RELEASES} ORDER BY number DESC LIMIT $1"
NUMBERED = f"{RELEASES} WHERE number = $1"
STANDING = """
SELECT EXISTS (SELECT FROM portal.release_contributor c
                WHERE c.supplier_id = $2 AND c.questionnaire = $3
                  AND c.release_number = r.number AND NOT c.waits) AS contributes,
       EXISTS (SELECT FROM portal.organization_role r
                WHERE r.organization_id = $2 AND r.role = 'buyer'
                  AND r.decided_at > portal.clock() - make_interval(days => $4)) AS is_new_buyer,
       portal.shared_results_take_part(r.number, $3) AS suppliers_take_part,
       EXISTS (SELECT FROM portal.partner_terms t
                WHERE t.organization_id = $2 AND t.terms_version = $5) AS terms_accepted
"""
OPEN_NEWEST = f"SELECT * FROM ({NEWEST}) r CROSS JOIN LATERAL ({STANDING}) s"  # noqa: S608  # our own texts
OPEN_NUMBERED = f"SELECT * FROM ({NUMBERED}) r CROSS JOIN LATERAL ({STANDING}) s"  # noqa: S608  # our own texts
ACCEPTED = "SELECT 1 FROM portal.partner_terms WHERE organization_id = $1 AND terms_version = $2"
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Release:
    """A release as everybody may know it."""

    number: int
    period_start: date
    period_end: date
    policy: dict[str, Any]
    terms_version: str
    created_at: datetime


async def list_releases(session: Session, actor: Actor, *, limit: int = 100) -> list[Release]:
    """The releases, the newest first; that there are any is no secret between readers."""
    access.require(actor, access.BENCHMARK_READER)
    return [_make_release(row) for row in await (await reader.take_reader(session)).fetch(NEWEST, limit)]


async def find_release(session: Session, actor: Actor, number: int | None) -> Release:
    """One release, or the newest; raises NotFound NO_RELEASE."""
    access.require(actor, access.BENCHMARK_READER)
    statement, value = (NEWEST, 1) if number is None else (NUMBERED, _bound(number))
    return _make_release(_need(await (await reader.take_reader(session)).fetch_row(statement, value), number))


async def open_release(session: Session, actor: Actor, number: int | None, questionnaire: str) -> Release:
    """One release, or the newest, for a caller that gives to it or accepted the terms.

    Raises NotFound NO_RELEASE or for an unknown questionnaire, and NotAllowed with what is missing.
    """
    access.require(actor, access.BENCHMARK_READER)
    statement, value = (OPEN_NEWEST, 1) if number is None else (OPEN_NUMBERED, _bound(number))
    values = (value, actor.organization, questionnaire, GRACE_DAYS, terms.VERSION)
    row = _need(await (await reader.take_reader(session)).fetch_row(statement, *values), number)
    try:
        _require_reading(actor, row)
    except errors.NotAllowed:
        await definitions.check_questionnaire(session, questionnaire)  # of an unknown one nobody can be part
        raise
    return _make_release(row)


def _bound(number: int) -> int:
    return min(max(number, 0), LARGEST)


def _need(row: asyncpg.Record | None, number: int | None) -> asyncpg.Record:
    if row is None:
        words = "There is no release yet." if number is None else f"There is no release {number}."
        raise errors.NotFound(words, code="NO_RELEASE", path=("release",))
    return row


def _make_release(row: asyncpg.Record) -> Release:
    return Release(
        number=row["number"],
        period_start=row["period_start"],
        period_end=row["period_end"],
        policy=orjson.loads(row["policy"]),
        terms_version=row["terms_version"],
        created_at=row["created_at"],
    )


def _require_reading(actor: Actor, standing: asyncpg.Record) -> None:
    roles = actor.organization_roles
    if (
        ("supplier" in roles and standing["contributes"])
        or ("buyer" in roles and (standing["is_new_buyer"] or standing["suppliers_take_part"]))
        or ("partner" in roles and standing["terms_accepted"])
    ):
        return
    if "partner" in roles:
        raise _refuse_terms()
    if "buyer" in roles:
        words = "Buyers read a release that results shared with them take part in, or in their first 180 days."
        raise errors.NotAllowed(words, code="NO_SHARED_RESULTS")
    words = "Suppliers read the releases that they contribute to; your submission is not part of this one."
    raise errors.NotAllowed(words, code="NOT_CONTRIBUTING")


async def require_partner(session: Session, actor: Actor) -> None:
    """Raise NotAllowed unless the caller is a partner that accepted the terms now in force."""
    access.require(actor, access.BENCHMARK_READER)
    if "partner" not in actor.organization_roles:
        raise errors.NotAllowed("Whole releases are for partners.", code="NOT_A_PARTNER")
    values = (actor.organization, terms.VERSION)
    if await (await reader.take_reader(session)).fetch_row(ACCEPTED, *values) is None:
        raise _refuse_terms()


def _refuse_terms() -> errors.NotAllowed:
    words = f"Accept version {terms.VERSION} of the terms first: acceptPartnerTerms."
    return errors.NotAllowed(words, code="TERMS_NOT_ACCEPTED")
