"""Limits that the operator sets for everybody, each with what holds where nobody has set it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import Created, Model, PrimaryCode


class OperatorLimit(Model):
    """A limit that was set; what nobody has set has no row."""

    __tablename__ = "operator_limit"
    name: Mapped[PrimaryCode]
    value: Mapped[int] = mapped_column()
    set_at: Mapped[Created]


@dataclass(frozen=True)
class Limit:
    """What a limit may be, and what it is where nobody has set it; a default of 0 means that there is none."""

    default: int
    least: int
    most: int
    unit: str


GAP_GRACE_DAYS = "gap_grace_days"
# Minutes that a supplier may be asked for in a year, by its size band; `unknown` for one that told none.
BURDEN_MINUTES: Mapping[str, str] = {
    band: f"burden_minutes_{band}" for band in ("micro", "small", "medium", "large", "unknown")
}
LIMITS: Mapping[str, Limit] = {
    GAP_GRACE_DAYS: Limit(180, 30, 730, "days"),
    **{name: Limit(0, 10, 100_000, "minutes") for name in BURDEN_MINUTES.values()},
}


def find_limit(name: str) -> Any:
    """A limit as it is now, as a part of a statement."""
    table = OperatorLimit
    found = select(table.value).where(table.name == name).scalar_subquery()
    return func.coalesce(found, literal(LIMITS[name].default)).label(name)
