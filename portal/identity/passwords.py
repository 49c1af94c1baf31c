"""Passwords: argon2id in a few threads of its own, so that a sign-in never holds up the event loop."""

import asyncio
import functools
import os
import unicodedata
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any, TypeVar

from portal.identity.wording import Reading
from portal.turnstile import Turnstile

with warnings.catch_warnings():
    # passlib 1.7.4 is the newest there is; it reads `crypt` and argon2's version in ways that Python warns about.
    warnings.simplefilter("ignore", DeprecationWarning)
    from passlib.hash import argon2

    # Loaded now: passlib replaces its methods when it loads, and a method that was looked up before then fails.
    argon2.set_backend()

# At least what OWASP's password storage advice asks for: 19 MiB, two passes, one lane.
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
SHORTEST, LONGEST = 10, 128
# One core is left to the event loop: with as many threads as cores it was held up for twice as long.
THREADS = max(1, min(4, (os.cpu_count() or 1) - 1))
MOST_WAITING = 200

# Long enough for the length rule and still among the first that an attacker tries.
COMMON = frozenset(resources.files("portal.identity").joinpath("common_passwords.txt").read_text("ascii").split())

Result = TypeVar("Result")


_hasher: Any = argon2.using(type="ID", memory_cost=MEMORY_KIB, rounds=PASSES, parallelism=LANES)  # type: ignore[no-untyped-call]
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
_turnstile = Turnstile(THREADS, MOST_WAITING, "Too many are signing in just now; try again in a moment.")


def check_password(reading: Reading, field: str, password: str, *, email: str) -> None:
    """Note what is wrong with a new password; length counts more than signs, so no mix of signs is asked for."""
    plain = _normalize(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        words = f"{field} must have {SHORTEST} to {LONGEST} characters; it has {len(plain)}."
        reading.refuse(field, "PASSWORD_LENGTH", words)
        return
    lowered = plain.lower()
    if lowered in COMMON or len(set(lowered)) < 4:
        reading.refuse(field, "PASSWORD_COMMON", f"{field} is among the first that anybody would try; choose another.")
    if lowered == email or lowered == email.partition("@")[0]:
        reading.refuse(field, "PASSWORD_IS_EMAIL", f"{field} must not be the e-mail address.")


async def hash_password(password: str) -> str:
    """The argon2id hash of a password; raises Busy where too many wait already."""
    hashed: str = await _run(lambda: _hasher.hash(_normalize(password)))
    return hashed


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed.

    Without a hash, because there is no such account, the work is done all the same, so that time does not tell.
    """
    if len(password) > LONGEST * 4:
        password = ""  # no account has such a password; hashing it whole would be work for nothing
    right = await _run(lambda: bool(_hasher.verify(_normalize(password), password_hash or make_dummy_hash())))
    return right and password_hash is not None


@functools.cache
def make_dummy_hash() -> str:
    """A hash of the same cost that no password fits to which anybody holds."""
    return str(_hasher.hash(os.urandom(16).hex()))


def _normalize(password: str) -> str:
    """One spelling for what looks the same: keyboards differ in how they write an accent."""
    return unicodedata.normalize("NFKC", password)


async def _run(work: Callable[[], Result]) -> Result:
    with _turnstile.hold_place():
        return await asyncio.get_running_loop().run_in_executor(_pool, work)
