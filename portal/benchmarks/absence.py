"""Why a release did not count a supplier: of its own affairs alone, and never what it did to anybody's figures."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.benchmarks import cohorts
from portal.benchmarks.entitlement import Release

NOT_COMPARED, OPTED_OUT, NOT_SUBMITTED = "not_compared", "opted_out", "not_submitted"
WITHDRAWN, TOO_RECENT, NOT_VALID, NO_REQUEST = "withdrawn", "too_recent", "not_valid", "no_request"

# The own affairs now, with what of them was so already when the release was made. Of submissions those of periods that
# were over at the end of the quarter, made before the next quarter was.
AFFAIRS = text(
    """
    WITH given AS (
        SELECT s.state = 'withdrawn' AS is_withdrawn, t.valid_until,
               CAST(s.withdrawn_at AT TIME ZONE 'UTC' AS date) AS withdrawn_on
          FROM portal.submission s LEFT JOIN LATERAL (
                   SELECT t.valid_until FROM portal.result t
                    WHERE t.supplier_id = s.supplier_id AND t.submission_id = s.id AND t.is_own_tier
                    ORDER BY t.profile_number DESC LIMIT 1) t ON true
         WHERE s.supplier_id = :own AND s.questionnaire = :questionnaire AND s.subject = 'organization'
           AND s.submitted_at AT TIME ZONE 'UTC' < :over AND s.period_end <= :last_day
    )
    SELECT EXISTS (SELECT FROM portal.release_cell c
                    WHERE c.release_number = :release AND c.questionnaire = :questionnaire) AS is_compared,
           EXISTS (SELECT FROM portal.request r
                    WHERE r.supplier_id = :own AND r.questionnaire = :questionnaire
                      AND r.state IN ('accepted', 'fulfilled')) AS was_asked,
           w.takes_part, CAST(w.changed_at AT TIME ZONE 'UTC' AS date) AS changed_on,
           w.changed_at > :made AS is_changed_since, g.*
      FROM (SELECT count(*) AS submissions, bool_and(is_withdrawn) AS is_withdrawn,
                   max(withdrawn_on) AS withdrawn_on, max(valid_until) FILTER (WHERE NOT is_withdrawn) AS valid_until
              FROM given) g
      LEFT JOIN portal.benchmark_choice w ON w.organization_id = :own
    """
)
SUBMITTED = text(
    """
    SELECT CAST(submitted_at AT TIME ZONE 'UTC' AS date) FROM portal.submission
     WHERE supplier_id = :own AND id = :submission
    """
)


@dataclass(frozen=True)
class Absence:
    """Why a supplier was not counted, since when it is so, and from which day on it is not, where a day is known."""

    reason: str
    since: date | None = None
    until: date | None = None


async def explain_waiting(session: AsyncSession, actor: Actor, release: Release, submission: Any) -> Absence:
    """Of a submission that was too recent: it counts in releases of quarters that end on `until` or later."""
    submitted = (await session.execute(SUBMITTED, {"own": actor.organization, "submission": submission})).scalar_one()
    return Absence(TOO_RECENT, since=submitted, until=submitted + timedelta(days=release.policy["age_days"]))


async def explain(session: AsyncSession, actor: Actor, release: Release, questionnaire: str) -> Absence:
    """Of a supplier that the release knows nothing of."""
    over = cohorts.find_quarter(release.period_end).shift(1).first_day
    given = {"own": actor.organization, "questionnaire": questionnaire, "release": release.number}
    given |= {"over": over, "last_day": release.period_end, "made": release.created_at}
    return _choose((await session.execute(AFFAIRS, given)).one(), release.period_end)


def _choose(found: Any, last_day: date) -> Absence:
    if not found.is_compared:
        return Absence(NOT_COMPARED)
    if found.takes_part is False and not found.is_changed_since:
        return Absence(OPTED_OUT, since=found.changed_on)
    if not found.submissions:
        return Absence(NOT_SUBMITTED)
    if found.is_withdrawn:
        return Absence(WITHDRAWN, since=found.withdrawn_on)
    if found.valid_until is None or found.valid_until < last_day:
        return Absence(NOT_VALID, since=found.valid_until)
    if found.was_asked and found.takes_part and found.is_changed_since:
        return Absence(OPTED_OUT, until=found.changed_on)  # it has come back since
    return Absence(NO_REQUEST)
