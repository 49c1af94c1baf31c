"""Who may read which release: suppliers that contribute, buyers whose suppliers take part, partners under terms.

A buyer must also have told how it buys itself: it answers the questionnaire PRACTICE for its own organization, as any
supplier does, which every founded organization is. That holds as long as the newest result of it is valid, and is asked
for only while something can begin with that questionnaire.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions
from portal.benchmarks import quotas, terms
from portal.database import reader
from portal.database.reader import Session, Statement

GRACE_DAYS = 180
PRACTICE = "purchasing-practice"
RELEASES = """
SELECT o.number, o.period_start, o.period_end, o.policy, o.terms_version, o.created_at, o.corrects, o.correction_reason,
       n.number AS corrected_by
  FROM portal.release o LEFT JOIN portal.release n ON n.corrects = o.number
"""
NEWEST = f"{RELEASES} ORDER BY o.number DESC LIMIT $1"
NUMBERED = f"{RELEASES} WHERE o.number = $1"
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
       EXISTS (SELECT FROM portal.submission s CROSS JOIN LATERAL (
                       SELECT t.valid_until FROM portal.result t
                        WHERE t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.is_own_tier
                        ORDER BY t.profile_number DESC LIMIT 1) t
                WHERE s.supplier_id = $2 AND s.questionnaire = $6 AND s.subject = 'organization' AND s.state = 'current'
                  AND t.valid_until >= portal.clock()::date)
       OR NOT EXISTS (SELECT FROM portal.questionnaire q JOIN portal.questionnaire_version v
                          ON v.questionnaire = q.key AND v.version = q.current_version
                       WHERE q.key = $6 AND q.owner_id IS NULL
                         AND coalesce(least(v.deprecated_on, v.retired_on) > portal.clock()::date, true))
           AS tells_practice,
       EXISTS (SELECT FROM portal.partner_terms t
                WHERE t.organization_id = $2 AND t.terms_version = $5) AS terms_accepted
"""
# A release, how the caller stands to it, and what else is read of it; ends with that statement.
OPEN = """
SELECT json_build_object('release', row_to_json(r), 'standing', row_to_json(s), 'cells', ({cells}))::text
  FROM ({release}) r CROSS JOIN LATERAL ({standing}) s
"""
NO_CELLS = "SELECT NULL::json"
# The newest release of each of the last quarters in the same way, the oldest first; its first place is how many.
OPEN_EACH = """
SELECT json_agg(json_build_object('release', row_to_json(r), 'standing', row_to_json(s), 'cells', ({cells}))
                ORDER BY r.period_end)::text
  FROM (SELECT DISTINCT ON (p.period_end) p.* FROM ({releases}) p ORDER BY p.period_end DESC, p.number DESC LIMIT $1) r
 CROSS JOIN LATERAL ({standing}) s
"""
ACCEPTED = """
SELECT json_build_object('accepted', a.is_accepted, 'release', r.release,
                         'wait', CASE WHEN a.is_accepted AND r.release IS NOT NULL THEN {wait} END)::text
  FROM (SELECT EXISTS (SELECT FROM portal.partner_terms WHERE organization_id = $2 AND terms_version = $3)
               AS is_accepted) a,
       (SELECT (SELECT row_to_json(o) FROM ({release}) o) AS release) r
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
    corrects: int | None = None
    corrected_by: int | None = None
    correction_reason: str | None = None  # why this one corrects another


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
    """The same with the answer of a statement about the release `r`, whose places start at `$7`, as decoded JSON.

    Raises NotFound NO_RELEASE or for an unknown questionnaire, and NotAllowed with what is missing.
    """
    access.require(actor, access.BENCHMARK_READER)
    release, value = _choose(number)
    given = [value, actor.organization, questionnaire, GRACE_DAYS, terms.VERSION, PRACTICE, *values]
    sql = OPEN.format(cells=cells, release=release, standing=STANDING)
    found = orjson.loads(_need(await (await reader.take_reader(session)).fetch_text(sql, given), number))
    try:
        _require_reading(actor, found["standing"])
    except errors.NotAllowed:
        await definitions.check_questionnaire(session, questionnaire)  # of an unknown one nobody can be part
        raise
    return _make_release(found["release"]), found["cells"]


async def open_each(
    session: Session, actor: Actor, questionnaire: str, cells: str, values: Sequence[Any], *, limit: int = 100
) -> list[tuple[Release, Any]]:
    """The same for each quarter whose release the caller may read, the oldest first.

    Raises as `open_cells` does for the newest where it may read none.
    """
    access.require(actor, access.BENCHMARK_READER)
    sql = OPEN_EACH.format(cells=cells, releases=RELEASES, standing=STANDING)
    given = [limit, actor.organization, questionnaire, GRACE_DAYS, terms.VERSION, PRACTICE, *values]
    found = orjson.loads(_need(await (await reader.take_reader(session)).fetch_text(sql, given), None))
    readable = [one for one in found if _may_read(actor, one["standing"])]
    if not readable:
        await definitions.check_questionnaire(session, questionnaire)
        _require_reading(actor, found[-1]["standing"])
    return [(_make_release(one["release"]), one["cells"]) for one in readable]


async def open_for_partner(session: Session, actor: Actor, number: int) -> Release:
    """One release for a partner that accepted the terms now in force; raises as the two steps of it below."""
    sql, values = ask_for_partner(actor, number)
    return admit_partner(await (await reader.take_reader(session)).fetch_text(sql, values), number)


def ask_for_partner(actor: Actor, number: int, quota: tuple[int, int] | None = None) -> Statement:
    """The statement whose answer `admit_partner` takes; raises NotAllowed NOT_A_PARTNER.

    With a `quota` it counts so many rows of those of the day, and writes.
    """
    access.require(actor, access.BENCHMARK_READER)
    if "partner" not in actor.organization_roles:
        raise errors.NotAllowed("Whole releases are for partners.", code="NOT_A_PARTNER")
    release, value = _choose(number)
    wait = "NULL::integer" if quota is None else quotas.TAKE_BESIDE
    return ACCEPTED.format(release=release, wait=wait), [value, actor.organization, terms.VERSION, *(quota or ())]


def admit_partner(text: str | None, number: int, quota: tuple[int, int] | None = None) -> Release:
    """The release that may be read; raises NotFound NO_RELEASE, NotAllowed TERMS_NOT_ACCEPTED, RateLimited QUOTA."""
    found = orjson.loads(text or "{}")
    if not found["accepted"]:
        raise _refuse_terms()
    release = _make_release(_need(found["release"], number))
    if quota is not None:
        quotas.check_wait(found["wait"] or 0, quota[1])
    return release


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
        corrects=row["corrects"],
        corrected_by=row["corrected_by"],
        correction_reason=row["correction_reason"],
    )


def _may_read(actor: Actor, standing: Mapping[str, bool]) -> bool:
    roles = actor.organization_roles
    return (
        ("supplier" in roles and standing["contributes"])
        or ("buyer" in roles and (standing["is_new_buyer"] or not list(_list_missing(standing))))
        or ("partner" in roles and standing["terms_accepted"])
    )


def _require_reading(actor: Actor, standing: Mapping[str, bool]) -> None:
    roles = actor.organization_roles
    if _may_read(actor, standing):
        return
    if "partner" in roles:
        raise _refuse_terms()
    if "buyer" in roles:
        missing = dict(_list_missing(standing))
        words = f"In their first {GRACE_DAYS} days buyers read every release, and then need more."
        raise errors.NotAllowed(" ".join([words, *missing.values()]), code=next(iter(missing)))
    words = "Suppliers read the releases that they contribute to; your submission is not part of this one:"
    words += " `absence` of `myBenchmark` says why."
    raise errors.NotAllowed(words, code="NOT_CONTRIBUTING")


def _list_missing(standing: Mapping[str, bool]) -> Iterator[tuple[str, str]]:
    """What a buyer that is not new lacks, each as a code and as what to do."""
    if not standing["suppliers_take_part"]:
        words = (
            "Results of this questionnaire that take part in the release must be shared with you: ask your suppliers."
        )
        yield "NO_SHARED_RESULTS", words
    if not standing["tells_practice"]:
        words = (
            f"Your own organization must have answered {PRACTICE}, and the result must be valid: startAssessment or "
            "renewAssessment, then submitAssessment. It needs to be shared with nobody."
        )
        yield "NO_PURCHASING_PRACTICE", words


def _refuse_terms() -> errors.NotAllowed:
    words = f"Accept version {terms.VERSION} of the terms first: acceptPartnerTerms."
    return errors.NotAllowed(words, code="TERMS_NOT_ACCEPTED")
