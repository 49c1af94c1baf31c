"""The end of a published version: from when on nothing begins with it; it stays readable for ever."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.authoring import publication
from portal.database import audit
from portal.database.tables.publishing import QuestionnaireVersion

FARTHEST = timedelta(days=10 * 366)


async def end_version(
    session: AsyncSession,
    actor: Actor,
    *,
    questionnaire: str,
    version: str,
    deprecated_on: date | None,
    retired_on: date | None,
) -> None:
    """Set both days of an own version, or take back those that have not come; retiring deprecates as well.

    From the first day on no request or assessment begins with the version but those that were asked for; from the
    second none at all. Drafts that were begun are finished on it. Raises NotFound, InvalidInput DAY, Conflict
    HAS_COME for a day that has come and would change.
    """
    await publication.get_own(session, actor, questionnaire)
    await set_days(session, actor, questionnaire, version, {"deprecated_on": deprecated_on, "retired_on": retired_on})


async def set_days(
    session: AsyncSession, actor: Actor, questionnaire: str, version: str, days: Mapping[str, date | None]
) -> None:
    """The same for a version that the caller may end, whoever published it."""
    table = QuestionnaireVersion
    kept = await session.scalar(
        select(table)
        .where(table.questionnaire == questionnaire, table.version == version)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if kept is None:
        raise errors.NotFound("There is no such version of a questionnaire.", path=("version",))
    today = (await session.execute(select(func.portal.clock()))).scalar_one().date()
    wanted = {"deprecated_on": days["deprecated_on"] or days["retired_on"], "retired_on": days["retired_on"]}
    _check_days(kept, wanted, today)
    await session.execute(
        update(table)
        .where(table.questionnaire == questionnaire, table.version == version)
        .values(**wanted)
        .execution_options(synchronize_session=False)
    )
    detail = {"version": version} | {name: str(day) for name, day in wanted.items() if day}
    await audit.add_audit(session, actor, "questionnaire.ended", "questionnaire", questionnaire, detail=detail)


def _check_days(kept: QuestionnaireVersion, wanted: dict[str, date | None], today: date) -> None:
    problems = []
    for name, day in wanted.items():
        before = getattr(kept, name)
        if day == before:
            continue
        if before is not None and before <= today:
            words = f"It is so since {before}, and what has come stays."
            raise errors.Conflict(words, code="HAS_COME", path=(name,))
        if day is not None and not today <= day <= today + FARTHEST:
            words = f"The day must be from today ({today}) to {today + FARTHEST}; it is {day}."
            problems.append(errors.FieldProblem((name,), "DAY", words))
    deprecated_on, retired_on = wanted["deprecated_on"], wanted["retired_on"]
    if retired_on is not None and deprecated_on is not None and retired_on < deprecated_on:
        words = f"It cannot be retired on {retired_on}, before it is deprecated on {deprecated_on}."
        problems.append(errors.FieldProblem(("retired_on",), "DAY", words))
    if problems:
        raise errors.InvalidInput("These days cannot be set.", problems=problems)
