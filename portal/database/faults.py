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
AGAIN = "Nothing was changed unless an answer said so; sending the same write again with its own id is safe."

DATABASE = (exc.DBAPIError, exc.TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)
"""Whatever the database or the way to it may raise."""


def describe(error: BaseException) -> str:
    """One line on a failure of the database for somebody at a terminal; neither statement nor values."""
    passing = find_passing(error)
    if passing is not None:
        return f"{passing.message} Is PostgreSQL running?" if passing.code == "DATABASE_AWAY" else passing.message
    reason = getattr(error, "orig", None) or error
    words = (str(reason).rpartition(">: ")[2].splitlines() or [type(reason).__name__])[0]
    return f"The database refused this: {words}. Nothing was kept."


def find_passing(error: BaseException) -> errors.Unavailable | None:
    """The failure to tell a caller where trying again makes sense; None for any other."""
    if isinstance(error, exc.TimeoutError):
        return errors.Unavailable(f"All connections are in use. {AGAIN}", code="BUSY")
    if isinstance(error, exc.DBAPIError):
        known = PASSING.get(str(getattr(error.orig, "sqlstate", None)))
        if known is not None:
            return errors.Unavailable(f"{known[1]} {AGAIN}", code=known[0])
        if error.connection_invalidated:
            return errors.Unavailable(f"The connection to the database was lost. {AGAIN}", code="DATABASE_AWAY")
        return None
    if isinstance(error, asyncpg.PostgresError):
        known = PASSING.get(str(error.sqlstate))
        return errors.Unavailable(f"{known[1]} {AGAIN}", code=known[0]) if known else None
    if isinstance(error, (ConnectionError, asyncpg.InterfaceError)):
        return errors.Unavailable(f"The database does not answer. {AGAIN}", code="DATABASE_AWAY")
    return None
