"""Chance that comes out the same each time: drawn from one seed and the name of what it is for."""

import random
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

SEED = "supplier portal demo 1"


def draw(*about: object) -> random.Random:
    """A source of chance for one purpose; the same purpose gives the same chance."""
    return random.Random("/".join([SEED, *map(str, about)]))  # noqa: S311  # made-up data, no secrets


def make_id(moment: datetime, *about: object) -> UUID:
    """A UUIDv7 of a moment, whose other bits follow from the seed and what the row is about."""
    milliseconds = int(moment.timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | draw("id", *about).getrandbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    return UUID(int=value & ~(0x3 << 62) | (0x2 << 62))


def make_salts(*about: object) -> Callable[[], bytes]:
    """Salts for a sealed submission; what is made up needs no secret ones."""
    source = draw("salt", *about)
    return lambda: source.randbytes(16)
