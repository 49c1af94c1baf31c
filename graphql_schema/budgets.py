"""What a client may ask for in a minute: its operations' costs against a budget that fills again by itself."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from portal import errors
from portal.access import Credential
from portal.shelf import Shelf

BASE = 100  # of every operation, however little it asks for
MINUTE = 60.0  # seconds
MOST_CLIENTS = 20_000
WORDS = "This client asked for more than its share of a minute. Nothing was done; ask for fewer fields, or less often."


@dataclass
class _Account:
    left: float
    at: float  # seconds of the clock


class Budgets:
    """The budgets of one process: each session and key has its own, and whoever brings neither that of its address.

    A budget is full at first, holds what a minute gives at most, and gives way to others where nobody used it for long.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        """With none `per_minute` nothing is held back."""
        self.per_minute = per_minute
        self._clock = clock
        self._accounts: Shelf[bytes | str, _Account] = Shelf(MOST_CLIENTS)

    def charge(self, credential: Credential, address: str, cost: int) -> None:
        """Take an operation's cost; raises RateLimited, and takes nothing, where less is left."""
        if not self.per_minute:
            return
        now, price = self._clock(), cost + BASE
        client = address if credential.kind == "none" else credential.secret_hash
        account = self._accounts.find(client) or self._accounts.keep(client, _Account(self.per_minute, now))
        account.left = min(self.per_minute, account.left + (now - account.at) * self.per_minute / MINUTE)
        account.at = now
        needed = min(price, self.per_minute)  # what costs more than a minute gives waits for all of it, and is owed
        if account.left < needed:
            wait = (needed - account.left) * MINUTE / self.per_minute
            raise errors.RateLimited(WORDS, retry_after=max(1, math.ceil(wait)), code="BUDGET_SPENT")
        account.left -= price
