"""Listening to the database: what the relay of any process says reaches the subscriptions of this one."""

import asyncio
import contextlib

import asyncpg
import structlog

from portal.database import faults
from portal.delivery import relay
from portal.delivery.events import Event, EventBroker

logger = structlog.get_logger(__name__)
RETRY_SECONDS = 1.0


def plain_url(url: str) -> str:
    """The address without SQLAlchemy's driver, for a direct connection."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def listen(url: str, broker: EventBroker) -> None:
    """Feed the broker until cancelled; a lost connection is opened again."""
    while True:
        try:
            await _listen_once(url, broker)
        except faults.DRIVER as error:
            logger.warning("notifications.lost", reason=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)


async def _listen_once(url: str, broker: EventBroker) -> None:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())

    def hand_over(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        try:
            event = Event.decode(str(payload))
        except ValueError:
            logger.warning("notifications.foreign")
            return
        broker.publish(event)

    try:
        await connection.add_listener(relay.CHANNEL, hand_over)
        await lost.wait()
    finally:
        with contextlib.suppress(*faults.DRIVER):
            await connection.close(timeout=2)
