"""Who may read which release: suppliers that contribute, buyers whose suppliers take part, partners under terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions
from portal.benchmarks import terms
from portal.database import reader
from portal.database.reader import Session, Statement

GRACE_DAYS = 180
RELEASES = "SELECT number, period_start, period_end, policy, terms_version, created_at FROM portal.release"
NEWEST = f"{RELEASES} ORDER BY number DESC LIMIT $1"
NUMBERED = f"{RELEASES} WHERE number = $1"
FOUND = "SELECT row_to_json(r)::text FROM ({release}) r"
LISTED = f"SELECT json_agg(r)::text FROM ({NEWEST}) r"  # noqa: S608  # our own texts
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
# A release, how the caller stands to it, and what else is read of it; ends with that statement.
OPEN = """
SELECT json_build_object('release', row_to_json(r), 'standing', row_to_json(s), 'cells', ({cells}))::text
  FROM ({release}) r CROSS JOIN LATERAL ({standing}) s
"""
NO_CELLS = "SELECT NULL::json"
ACCEPTED = """
SELECT json_build_object(
    'accepted', EXISTS (SELECT FROM portal.partner_terms WHERE organization_id = $2 AND terms_version = $3),
    'release', (SELECT row_to_json(r) FROM ({release}) r))::text
"""
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
    text = await (await reader.take_reader(session)).fetch_text(LISTED, [limit])
    return [_make_release(row) for row in orjson.loads(text or "[]")]


async def find_release(session: Session, actor: Actor, number: int | None) -> Release:
    """One release, or the newest; raises NotFound NO_RELEASE."""
    access.require(actor, access.BENCHMARK_READER)
    release, value = _choose(number)
    text = await (await reader.take_reader(session)).fetch_text(FOUND.format(release=release), [value])
    return _make_release(orjson.loads(_need(text, number)))


async def open_release(session: Session, actor: Actor, number: int | None, questionnaire: str) -> Release:
    """One release, or the newest, for a caller that gives to it or accepted the terms; raises as `open_cells`."""
    release, _ = await open_cells(session, actor, number, questionnaire, NO_CELLS, [])
    return release


async def open_cells(
    session: Session, actor: Actor, number: int | None, questionnaire: str, cells: str, values: Sequence[Any]
) -> tuple[Release, Any]:
    """The same with the answer of a statement about the release `r`, whose places start at `$6`, as decoded JSON.

    Raises NotFound NO_RELEASE or for an unknown questionnaire, and NotAllowed with what is missing.
    """
    access.require(actor, access.BENCHMARK_READER)
    release, value = _choose(number)
    given = [value, actor.organization, questionnaire, GRACE_DAYS, terms.VERSION, *values]
    sql = OPEN.format(cells=cells, release=release, standing=STANDING)
    found = orjson.loads(_need(await (await reader.take_reader(session)).fetch_text(sql, given), number))
    try:
        _require_reading(actor, found["standing"])
    except errors.NotAllowed:
        await definitions.check_questionnaire(session, questionnaire)  # of an unknown one nobody can be part
        raise
    return _make_release(found["release"]), found["cells"]


async def open_for_partner(session: Session, actor: Actor, number: int) -> Release:
    """One release for a partner that accepted the terms now in force; raises as the two steps of it below."""
    sql, values = ask_for_partner(actor, number)
    return admit_partner(await (await reader.take_reader(session)).fetch_text(sql, values), number)


def ask_for_partner(actor: Actor, number: int) -> Statement:
    """The statement whose answer `admit_partner` takes; raises NotAllowed NOT_A_PARTNER."""
    access.require(actor, access.BENCHMARK_READER)
    if "partner" not in actor.organization_roles:
        raise errors.NotAllowed("Whole releases are for partners.", code="NOT_A_PARTNER")
    release, value = _choose(number)
    return ACCEPTED.format(release=release), [value, actor.organization, terms.VERSION]


def admit_partner(text: str | None, number: int) -> Release:
    """The release that may be read; raises NotFound NO_RELEASE, NotAllowed TERMS_NOT_ACCEPTED."""
    found = orjson.loads(text or "{}")
    if not found["accepted"]:
        raise _refuse_terms()
    return _make_release(_need(found["release"], number))


def _choose(number: int | None) -> tuple[str, int]:
    """The statement of the newest release or of one by its number, and the value of its place."""
    return (NEWEST, 1) if number is None else (NUMBERED, min(max(number, 0), LARGEST))


def _need(found: Any, number: int | None) -> Any:
    if found is None:
        words = "There is no release yet." if number is None else f"There is no release {number}."
        raise errors.NotFound(words, code="NO_RELEASE", path=("release",))
    return found


def _make_release(row: Mapping[str, Any]) -> Release:
    return Release(
        number=row["number"],
        period_start=date.fromisoformat(row["period_start"]),
        period_end=date.fromisoformat(row["period_end"]),
        policy=row["policy"],
        terms_version=row["terms_version"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )


def _require_reading(actor: Actor, standing: Mapping[str, bool]) -> None:
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


def _refuse_terms() -> errors.NotAllowed:
    words = f"Accept version {terms.VERSION} of the terms first: acceptPartnerTerms."
    return errors.NotAllowed(words, code="TERMS_NOT_ACCEPTED")
