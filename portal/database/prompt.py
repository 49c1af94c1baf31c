"""Reads whose statement names its caller itself: one way to the server and back instead of four.

Who is behind a credential is remembered as a guess. The statement authenticates, and reads only where the guess was
right; nothing is remembered of what a caller may see, and a caller that changed is authenticated as everybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import asyncpg

from portal import access
from portal.database.reader import Reader, Statement, join_statements
from portal.shelf import Shelf

MOST_CALLERS = 10_000
MOST_STATEMENTS = 2_000
AUTHENTICATE = "SELECT a::text FROM portal.authenticate($1, $2) a"


class CallerChanged(Exception):
    """The guess was wrong: the credential has ended, or its caller may do other things than before."""


@dataclass(frozen=True)
class Guess:
    """Who was behind a credential the last time, and the row that said so, as text."""

    actor: access.Actor
    row: str


Callers: TypeAlias = Shelf[bytes, Guess]  # by the hash of their credential


@dataclass
class PromptReader(Reader):
    """A connection that begins a transaction only for what needs one; every method raises CallerChanged."""

    credential: access.Credential
    guess: Guess
    callers: Callers
    is_confirmed: bool = False
    has_begun: bool = False

    @property
    def guesses(self) -> bool:
        return True

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str | None:
        """The one value of a statement, which is a transaction of its own where none has begun."""
        return (await self.fetch_texts([(sql, values)]))[0]

    async def fetch_texts(self, statements: Sequence[Statement]) -> list[str | None]:
        """The same for several, all of one moment and one transaction."""
        if self.has_begun:
            return await super().fetch_texts(statements)
        members, values = join_statements(statements)
        named = (self.credential.kind, self.credential.secret_hash, self.guess.row)
        row = await super().fetch_row(name_caller(members, len(values)), *values, *named)
        self._check(row is not None and row[0])
        return [] if row is None else list(row)[1:]

    async def fetch(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        await self._begin()
        return await super().fetch(sql, *values)

    async def fetch_row(self, sql: str, *values: Any) -> asyncpg.Record | None:
        await self._begin()
        return await super().fetch_row(sql, *values)

    async def confirm(self) -> None:
        """Make sure of the caller where no statement has done so yet."""
        if not self.is_confirmed:
            await self._begin()

    async def _begin(self) -> None:
        if self.has_begun:
            return
        await self.driver.execute("BEGIN")
        self.has_begun = True
        row = await super().fetch_row(AUTHENTICATE, self.credential.kind, self.credential.secret_hash)
        self._check(row is not None and row[0] == self.guess.row)

    def _check(self, is_right: bool) -> None:
        if not is_right:
            self.callers.forget(self.credential.secret_hash)
            raise CallerChanged
        self.is_confirmed = True


@lru_cache(MOST_STATEMENTS)
def name_caller(members: tuple[str, ...], places: int) -> str:
    """A SELECT of its members that authenticates first: whether the guess was right, and then their values.

    What they read depends on no row of the caller, so that the server runs each when its CASE first asks for it: after
    the caller's organization is set. Run sooner it would find no organization, and so no row.
    """
    kind, secret_hash, guess = (f"${places + one}" for one in (1, 2, 3))
    guarded = ", ".join(f"CASE WHEN is_known THEN {member} END" for member in members)
    return (
        "WITH caller AS MATERIALIZED "  # noqa: S608  # our own statement inside our own
        f"(SELECT a::text = {guess}::text AS is_known FROM portal.authenticate({kind}::text, {secret_hash}::bytea) a) "
        f"SELECT is_known, {guarded} FROM caller"
    )
