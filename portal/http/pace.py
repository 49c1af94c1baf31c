"""How fast a body must come in, so that nobody keeps a slot by sending next to nothing."""

import asyncio
from collections.abc import AsyncIterator

PAUSE_SECONDS = 15.0
GRACE_SECONDS = 15.0
LEAST_SPEED = 2_000  # bytes a second, when the grace is over


async def keep_pace(parts: AsyncIterator[bytes], pause: float | None = None) -> AsyncIterator[bytes]:
    """The same parts; raises TimeoutError where none comes for `pause` seconds, or all of them come too slowly."""
    clock = asyncio.get_running_loop().time
    begun, size = clock(), 0
    while True:
        async with asyncio.timeout(PAUSE_SECONDS if pause is None else pause):
            part = await anext(parts, None)
        if part is None:
            return
        size += len(part)
        if clock() - begun > GRACE_SECONDS + size / LEAST_SPEED:
            raise TimeoutError
        yield part
