"""What a check says: whether a thing is as it should be, and where it is not, what to do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import asyncpg
import structlog

from portal import errors
from portal.settings import Settings

log = structlog.get_logger(__name__)
Status: TypeAlias = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One line; `advice` stands where it is not ok."""

    check: str
    status: Status
    message: str
    advice: str = ""


def ok(check: str, message: str) -> Finding:
    """As it should be, or not wanted here."""
    return Finding(check, "ok", message)


def warn(check: str, message: str, advice: str) -> Finding:
    """The portal runs, and something will be missed."""
    return Finding(check, "warning", message, advice)


def fail(check: str, message: str, advice: str) -> Finding:
    """Something does not work."""
    return Finding(check, "error", message, advice)


Check: TypeAlias = Callable[[Settings], Awaitable[Sequence[Finding]]]
# What is away fails in many ways; each is told by its kind, since words of drivers may quote addresses and passwords.
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, errors.SetupError)


async def run(checks: Sequence[tuple[str, Check]], settings: Settings) -> list[Finding]:
    """All they find; a check that fails itself is a finding, too, and keeps none of the others from being made."""
    found: list[Finding] = []
    for name, check in checks:
        try:
            found += await check(settings)
        except Exception as error:
            advice = "See the lines above; where they say nothing of it, report this as a fault of the portal."
            found.append(fail(name, f"This could not be looked at ({type(error).__name__}).", advice))
    return found


def name_worst(found: Sequence[Finding]) -> Status:
    """The status of all of them together."""
    seen = {one.status for one in found}
    return "error" if "error" in seen else "warning" if "warning" in seen else "ok"
