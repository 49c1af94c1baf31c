"""What the operator sees of letters and jobs that failed; `portal operator retry` has them tried again."""

from datetime import datetime

import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.context import Info
from graphql_schema.organization import ORGANIZATION
from portal import access
from portal.delivery import failures

LETTERS = paging.Order("failedLetters.id", ())
JOBS = paging.Order("failedJobs.number", (int,))


@rules.type(access.OPERATOR, description="A letter that did not go out; neither its address nor its text is shown.")
class FailedLetter:
    letter_id: str = rules.field(description="Its UUID, for `portal operator retry`.")
    kind: str = rules.field(
        description="As `portal letters list` names it, such as invitation, password_reset or request."
    )
    organization_id: strawberry.ID | None = rules.field(
        description="Whom it is about: who invites, asks, applied or publishes."
    )
    tries: int = rules.field(description="How often it was tried.")
    last_error: str | None = rules.field(description="What went wrong last, without addresses.")
    created_at: datetime = rules.field(description="Since when it is to be sent.")
    next_try_at: datetime | None = rules.field(description="When it is tried again; null where it is held.")


@rules.type(access.OPERATOR, description="A job that failed.")
class FailedJob:
    number: str = rules.field(description="Its number, for `portal operator retry`.")
    kind: str = rules.field(description="What it does, like check_evidence.")
    held: bool = rules.field(description="Whether it is tried no more until the operator says so.")
    tries: int = rules.field(description="How often it was tried.")
    last_error: str | None = rules.field(description="The kind of what went wrong last, or its code.")
    created_at: datetime = rules.field(description="Since when it is to be done.")
    next_try_at: datetime | None = rules.field(description="When it is tried again; null where it is held.")


def make_letter(found: failures.FailedLetter) -> FailedLetter:
    about = found.organization_id
    return FailedLetter(
        letter_id=str(found.id),
        kind=found.kind,
        organization_id=None if about is None else nodes.encode_id(ORGANIZATION, about),
        tries=found.tries,
        last_error=found.last_error,
        created_at=found.created_at,
        next_try_at=found.next_try_at,
    )


def make_job(found: failures.FailedJob) -> FailedJob:
    return FailedJob(
        number=str(found.id),
        kind=found.kind,
        held=found.held,
        tries=found.tries,
        last_error=found.last_error,
        created_at=found.created_at,
        next_try_at=found.next_try_at,
    )


@strawberry.type
class FailureQuery:
    @rules.query(access.OPERATOR, description="Letters that failed and were not sent since, the newest first.")
    async def failed_letters(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[FailedLetter]:
        page = paging.read_page(LETTERS, first, after)
        place = page.after.id if page.after else None
        async with info.context.transaction() as (session, actor):
            rows = await failures.list_letters(session, actor, after=place, limit=page.limit)
        return paging.build_connection(page, rows, keys=lambda row: ([], row.id), node=make_letter)

    @rules.query(access.OPERATOR, description="Jobs that are held or wait for another try, the newest first.")
    async def failed_jobs(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[FailedJob]:
        page = paging.read_page(JOBS, first, after)
        place = int(str(page.after.keys[0])) if page.after else None
        async with info.context.transaction() as (session, actor):
            rows = await failures.list_jobs(session, actor, after=place, limit=page.limit)
        return paging.build_connection(page, rows, keys=lambda row: ([row.id], nodes.NO_OWNER), node=make_job)
