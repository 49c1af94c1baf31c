"""The limits that the operator sets for everybody: reading all of them, and setting one with the owner's login."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.database import audit
from portal.database.tables.limits import BURDEN_MINUTES, LIMITS, OperatorLimit
from portal.identity.operators import OWNER_LOGIN

SET = text(
    """
    INSERT INTO portal.operator_limit (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = portal.clock()
    """
)


@dataclass(frozen=True, kw_only=True)
class LimitNow:
    """A limit as it holds: `value` is none where there is no such limit; `set_at` is none where nobody set it."""

    name: str
    value: int | None
    default: int | None
    least: int
    most: int
    unit: str
    set_at: datetime | None


async def list_limits(session: AsyncSession) -> list[LimitNow]:
    """Every limit there is, set or not."""
    found = {row.name: row for row in await session.execute(select(OperatorLimit.__table__))}
    return [
        LimitNow(
            name=name,
            value=(found[name].value if name in found else limit.default) or None,
            default=limit.default or None,
            least=limit.least,
            most=limit.most,
            unit=limit.unit,
            set_at=found[name].set_at if name in found else None,
        )
        for name, limit in LIMITS.items()
    ]


async def read_burden_limits(session: AsyncSession) -> Mapping[str, int | None]:
    """The minutes a year by size band, `unknown` for a firm that told none; none where there is no limit."""
    found = {one.name: one.value for one in await list_limits(session)}
    return {band: found[name] for band, name in BURDEN_MINUTES.items()}


async def set_limit(session: AsyncSession, *, name: str, value: int | None) -> None:
    """Set a limit, or none where there need not be one. Raises InvalidInput."""
    limit = LIMITS.get(name)
    if limit is None:
        raise errors.InvalidInput(f"There is no limit {name}; there are {', '.join(LIMITS)}.", code="LIMIT")
    if value is None and limit.default:
        raise errors.InvalidInput(f"{name} cannot be without a value.", code="OUT_OF_RANGE")
    if value is not None and not limit.least <= value <= limit.most:
        words = f"{name} may be {limit.least} to {limit.most} {limit.unit}; this is {value}."
        raise errors.InvalidInput(words, code="OUT_OF_RANGE")
    await session.execute(SET, {"name": name, "value": value or 0})
    await audit.add_audit(session, OWNER_LOGIN, "limit.set", "limit", name, detail={"value": value})
