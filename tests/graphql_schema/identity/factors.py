"""A second factor as a person with an authenticator app has it."""

import asyncio
import base64
import hashlib
import hmac
import time

from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change
from tests.graphql_schema.portals import Portal
from tests.people import PASSWORD


def write(name: str, fields: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ result: {name}(input: $input) {{ __typename {fields} {do.PROBLEM} }} }}"


START = write("startSecondFactor", "... on SecondFactorStarted { secret address }")
CONFIRM = write("confirmSecondFactor", "... on SecondFactorConfirmed { recoveryCodes }")
PERIOD = 30


def make_code(secret: str, steps: int = 0) -> str:
    """The code of a standard authenticator app, so many steps of time from now."""
    return compute_code(base64.b32decode(secret), time.time() + PERIOD * steps)


def compute_code(secret: bytes, moment: float) -> str:
    """RFC 6238 with SHA-1 and six digits, by RFC 4226, section 5.3."""
    digest = hmac.digest(secret, int(moment // PERIOD).to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0xF
    return f"{int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF:010d}"[-6:]


async def wait_for_room() -> None:
    """Let no step of time end between a code and its use: codes of one step before and after are good as well."""
    left = PERIOD - time.time() % PERIOD
    if left < 5:
        await asyncio.sleep(left)


async def add_factor(house: Portal, token: str) -> tuple[str, list[str]]:
    """A second factor with the code of the step before, so that two more are left now."""
    await wait_for_room()
    started = await change(house, START, token, password=PASSWORD)
    confirmed = await change(house, CONFIRM, token, code=make_code(started["secret"], -1))
    return started["secret"], confirmed["recoveryCodes"]
