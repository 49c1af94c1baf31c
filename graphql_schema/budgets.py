"""What a client may ask for in a minute: its operations' costs against a budget that fills again by itself."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any

from portal import errors
from portal.access import Credential
from portal.identity import attempts
from portal.shelf import Shelf

BASE = 100  # of every operation, however little it asks for
MINUTE = 60.0  # seconds
MOST_CLIENTS = 20_000
NETWORK = 10  # budgets of a session
WORDS = "This client asked for more than its share of a minute. Nothing was done; ask for fewer fields, or less often."
name_network = lru_cache(MOST_CLIENTS)(attempts.name_network)


@dataclass
class _Account:
    size: int
    left: float
    at: float  # seconds of the clock

    def fill(self, now: float) -> None:
        self.left = min(self.size, self.left + (now - self.at) * self.size / MINUTE)
        self.at = now

    def find_wait(self, price: int) -> float:
        """Seconds until there is enough; what costs more than a minute gives waits for all of it, and is owed."""
        return max(0.0, min(price, self.size) - self.left) * MINUTE / self.size


class Budgets:
    """The budgets of one process: each session and key has its own, and its network one that is ten times as large.

    Whoever brings no credential has one with its network, as large as a session's; who makes credentials up gets no
    more than the network's. A budget is full at first, holds what a minute gives at most, and gives way to others where
    nobody used it for long.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        """With none `per_minute` nothing is held back."""
        self.per_minute = per_minute
        self._clock = clock
        self._clients: Shelf[bytes | str, _Account] = Shelf(MOST_CLIENTS)
        self._networks: Shelf[str, _Account] = Shelf(MOST_CLIENTS)

    def charge(self, credential: Credential, address: str, cost: int) -> None:
        """Take an operation's cost; raises RateLimited, and takes nothing, where less is left."""
        if not self.per_minute:
            return
        network, price, now = name_network(address), cost + BASE, self._clock()
        client = network if credential.kind == "none" else credential.secret_hash
        accounts = (
            self._open(self._clients, client, self.per_minute, now),
            self._open(self._networks, network, self.per_minute * NETWORK, now),
        )
        wait = max(account.find_wait(price) for account in accounts)
        if wait:
            raise errors.RateLimited(WORDS, retry_after=max(1, math.ceil(wait)), code="BUDGET_SPENT")
        for account in accounts:
            account.left -= price

    def _open(self, shelf: Shelf[Any, _Account], key: bytes | str, size: int, now: float) -> _Account:
        account = shelf.find(key) or shelf.keep(key, _Account(size, size, now))
        account.fill(now)
        return account
