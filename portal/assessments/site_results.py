"""The results of a supplier's sites side by side: the worst and the median of those that can be compared, and no sum.

Sites never roll up into one figure: a mean would hide the one that needs help.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import definitions, differences, shared_results
from portal.assessments.definitions import Version
from portal.assessments.shared_results import Noted
from portal.database.tables.assessments import TIERS, spell_recency
from questionnaires import carryover, peers
from questionnaires.difference import order_version

MOST = 1_000  # sites of one organization
# Whether the total of a site stands beside the others, or why not.
Comparison = Literal[
    "compared", "no_result", "not_rated", "expired", "other_tier", "questions_differ", "scoring_differs"
]
Footing: TypeAlias = tuple[str, str, str, int]  # version, its hash, tier, number of the scoring profile

RESULT = """
    LEFT JOIN LATERAL (SELECT x.total, x.band, x.band_reason, x.coverage, x.profile_number, x.valid_until
                         FROM portal.result x
                        WHERE x.supplier_id = b.supplier_id AND x.submission_id = b.id AND x.is_own_tier
                        ORDER BY x.profile_number DESC LIMIT 1) r ON true
"""
COLUMNS = """
    b.supplier_id, b.id, b.version, b.content_hash, b.tier, b.period_start, b.period_end, b.submitted_at, r.total,
    r.band, r.band_reason, r.coverage, r.profile_number, r.valid_until, r.valid_until < portal.clock()::date AS is_over
"""
RECORD = text("SELECT id FROM portal.supplier_record WHERE buyer_id = :organization AND id = :record")
# Of each site what was submitted for the latest period, as far as a live share opens it to the buyer. Another one's
# site has no name but the one that was frozen.
SHARED = text(
    f"""
    SELECT DISTINCT ON (b.subject_key) NULL::uuid AS site_id, b.subject_name AS name, NULL::timestamptz AS archived_at,
           {COLUMNS}
      FROM portal.supplier_record k
      JOIN portal.submission b ON b.supplier_id = k.supplier_id AND b.questionnaire = :questionnaire
                              AND b.subject = 'site' AND portal.may_read_submission(b.supplier_id, b.id)
      {RESULT}
     WHERE k.buyer_id = :organization AND k.id = :record AND b.supplier_id <> :organization
     ORDER BY b.subject_key, {spell_recency("b")}
     LIMIT {MOST}
    """  # noqa: S608  # our own texts
)
# The supplier's own sites: those in use, and closed ones that something was submitted for.
OWN = text(
    f"""
    SELECT t.id AS site_id, t.name, t.archived_at, {COLUMNS}
      FROM portal.site t
      LEFT JOIN LATERAL (SELECT b.* FROM portal.submission b
                          WHERE b.supplier_id = t.organization_id AND b.questionnaire = :questionnaire
                            AND b.subject_key = t.id AND b.state = 'current'
                          ORDER BY {spell_recency("b")} LIMIT 1) b ON true
      {RESULT}
     WHERE t.organization_id = :organization AND (t.archived_at IS NULL OR b.id IS NOT NULL)
     LIMIT {MOST}
    """  # noqa: S608  # our own texts
)


@dataclass(frozen=True, kw_only=True)
class SiteResult:
    """A site with its latest result, and whether that stands beside the others; `row` has its figures."""

    row: Any
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class SiteResults:
    """All sites, the worst first; what is compared shares the version, tier and profile of most of them.

    `median` is in hundredths of a point.
    """

    questionnaire: str
    footing: Footing | None
    sites: Sequence[SiteResult]
    median: int | None

    @property
    def worst(self) -> SiteResult | None:
        return next((one for one in self.sites if one.comparison == "compared"), None)

    def count(self, *, compared: bool) -> int:
        """How many results are compared, or are not: a site without one counts in neither."""
        return sum((one.comparison == "compared") == compared for one in self.sites if one.comparison != "no_result")


async def list_own(session: AsyncSession, actor: Actor, *, questionnaire: str) -> SiteResults:
    """What the caller's own sites have submitted last. Raises NotFound for an unknown questionnaire."""
    await definitions.check_questionnaire(session, questionnaire)
    rows = await session.execute(OWN, {"organization": actor.organization, "questionnaire": questionnaire})
    return await _compare(session, questionnaire, rows.all())


async def list_shared(
    session: AsyncSession, actor: Actor, *, record_id: UUID, questionnaire: str, noted: Noted
) -> SiteResults | None:
    """What a buyer's supplier shares of its sites, which leaves a receipt for each; none where it is no supplier of the
    caller's. Raises NotFound for an unknown questionnaire."""
    await definitions.check_questionnaire(session, questionnaire)
    wanted = {"organization": actor.organization, "record": record_id, "questionnaire": questionnaire}
    if (await session.execute(RECORD, wanted)).one_or_none() is None:
        return None
    rows = (await session.execute(SHARED, wanted)).all()
    seen = [(row.supplier_id, row.id) for row in rows]
    await shared_results.note_results(session, actor, seen=seen, kind="summary", noted=noted)
    return await _compare(session, questionnaire, rows)


async def _compare(session: AsyncSession, questionnaire: str, rows: Sequence[Any]) -> SiteResults:
    judged = [SiteResult(row=row, comparison=_find_reason(row)) for row in rows]
    rated = [one.row for one in judged if one.comparison == "compared"]
    footing = _find_footing(rated)
    reasons = await _compare_footings(session, footing, rated)
    told = [
        replace(one, comparison=reasons[read_footing(one.row)]) if one.comparison == "compared" else one
        for one in judged
    ]
    totals = sorted(one.row.total for one in told if one.comparison == "compared")
    median = math.floor(peers.find_quantile(totals, 50) + Fraction(1, 2)) if totals else None
    return SiteResults(questionnaire=questionnaire, footing=footing, sites=sorted(told, key=_order), median=median)


def _find_reason(row: Any) -> Comparison:
    if row.id is None:
        return "no_result"
    if row.total is None:
        return "not_rated"
    return "expired" if row.is_over else "compared"


def read_footing(row: Any) -> Footing:
    """What a result rests on."""
    return (row.version, row.content_hash, row.tier, row.profile_number)


def _find_footing(rows: Sequence[Any]) -> Footing | None:
    """That of most sites; of equally many the newest version, the highest tier, the newest profile."""
    counts = Counter(map(read_footing, rows))

    def rank(one: Footing) -> tuple[int, tuple[int, ...], int, int]:
        return (counts[one], order_version(one[0]), TIERS.index(one[2]), one[3])

    return max(counts, key=rank, default=None)


async def _compare_footings(
    session: AsyncSession, footing: Footing | None, rows: Sequence[Any]
) -> Mapping[Footing, Comparison]:
    """Each footing against the one of most: another version may have asked and scored the same."""
    if footing is None:
        return {}
    return {one: await _compare_two(session, one, footing) for one in set(map(read_footing, rows))}


async def _compare_two(session: AsyncSession, one: Footing, other: Footing) -> Comparison:
    if one == other:
        return "compared"
    if one[2] != other[2]:
        return "other_tier"
    ordered = sorted((one, other), key=lambda each: (order_version(each[0]), each[3]))
    versions = [Version(each[1], await definitions.load_definition(session, each[1])) for each in ordered]
    profiles = [
        await definitions.load_numbered_profile(session, version.definition, each[3])
        for version, each in zip(versions, ordered, strict=True)
    ]
    changed = await differences.compare(session, *versions)
    footing = carryover.compare_totals(changed, profiles[0], profiles[1], one[2])  # type: ignore[arg-type]
    return "compared" if footing == "same" else footing  # type: ignore[return-value]


def _order(one: SiteResult) -> tuple[bool, int, str, str]:
    """The worst first; what is not compared comes behind it."""
    total = one.row.total
    return (one.comparison != "compared", 10**6 if total is None else total, one.row.name or "", str(one.row.id))
