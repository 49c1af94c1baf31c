"""Which failures of the database pass by themselves, and what a caller may do about them."""

import asyncpg
from sqlalchemy import exc

from portal import errors

# https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING = {
    "40001": ("BUSY", "Two changes met at the same rows."),
    "40P01": ("BUSY", "Two changes waited for each other."),
    "55P03": ("BUSY", "A row is held by another change."),
    "57014": ("TOO_SLOW", "The database took too long over this."),
    "53300": ("BUSY", "The database has no free connection."),
    "57P01": ("DATABASE_AWAY", "The database is restarting."),
    "57P02": ("DATABASE_AWAY", "The database is restarting."),
    "57P03": ("DATABASE_AWAY", "The database is starting."),
    "53100": ("DATABASE_FULL", "The database has no space left."),
}
AWAY = "DATABASE_AWAY"
UNDONE = ("40001", "40P01")  # the server has rolled the transaction back, at whatever point it was
CONNECTION = "08"  # the class of states that tell of a connection that is lost, or was never made
AGAIN = "Nothing was changed unless an answer said so; sending the same write again with its own id is safe."

# The driver says the last of these where the server ends a connection in the moment that something is sent over it.
LOST = (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)
DRIVER = (OSError, asyncpg.PostgresError, *LOST)
"""Whatever the driver raises by itself, on a connection or on the way to one; its time limit is an OSError, too."""
DATABASE = (exc.DBAPIError, exc.TimeoutError, asyncpg.PostgresError, *LOST)
"""Whatever the database or the way to it may raise."""


def describe(error: BaseException) -> str:
    """One line on a failure of the database for somebody at a terminal; neither statement nor values."""
    passing = find_passing(error)
    if passing is not None:
        return f"{passing.message} Is PostgreSQL running?" if passing.code == AWAY else passing.message
    reason = getattr(error, "orig", None) or error
    words = (str(reason).rpartition(">: ")[2].splitlines() or [type(reason).__name__])[0]
    return f"The database refused this: {words}. Nothing was kept."


def find_passing(error: BaseException) -> errors.Unavailable | None:
    """The failure to tell a caller where trying again makes sense; None for any other."""
    if isinstance(error, exc.TimeoutError):
        return errors.Busy(f"All connections are in use. {AGAIN}")
    if isinstance(error, exc.DBAPIError | asyncpg.PostgresError):
        state = str(getattr(getattr(error, "orig", error), "sqlstate", None))
        # The driver's own word, where a server was killed in the middle of a statement.
        is_lost = state.startswith(CONNECTION) or getattr(error, "connection_invalidated", False)
        if state not in PASSING and is_lost:
            return _tell(AWAY, "The connection to the database was lost.")
        return _tell(*PASSING[state], is_undone=state in UNDONE) if state in PASSING else None
    if isinstance(error, LOST):
        return errors.Unavailable(f"The database does not answer. {AGAIN}", code=AWAY)
    return None


def _tell(code: str, words: str, *, is_undone: bool = False) -> errors.Unavailable:
    said = f"{words} {AGAIN}"
    told = errors.Busy(said) if code == errors.Busy.code else errors.Unavailable(said, code=code)
    told.is_undone = is_undone
    return told
