"""The limits that the operator sets for everybody: how long a plan holds, how much a supplier may be asked for."""

from datetime import datetime

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from portal import access
from portal.assessments import operator_limits


@rules.type(access.SIGNED_IN, description="A limit that holds for everybody; the operator sets it on the command line.")
class OperatorLimit:
    name: str = rules.field(
        description="gap_grace_days: the longest that the plan of a declared gap holds. burden_minutes_micro, _small,"
        " _medium, _large and _unknown: how much a supplier of that size band, or of none, may be asked for in a year."
    )
    value: int | None = rules.field(description="What holds now; null where there is no such limit.")
    default: int | None = rules.field(description="What holds where nobody has set it.")
    least: int = rules.field(description="The least that it may be.")
    most: int = rules.field(description="The most that it may be.")
    unit: str = rules.field(description="days or minutes.")
    set_at: datetime | None = rules.field(description="When it was set last; null where nobody has.")


@strawberry.type
class OperatorLimitQuery:
    @rules.query(access.SIGNED_IN, description="Every limit that the operator may set.")
    async def operator_limits(self, info: Info) -> list[OperatorLimit]:
        async with info.context.transaction() as (session, _):
            found = await operator_limits.list_limits(session)
        return [OperatorLimit(**vars(one)) for one in found]
