"""Events inside a process: each listener gets its topics, a slow one is closed, the end is told."""

import asyncio
from uuid import UUID

import pytest

from portal import errors
from portal.delivery import events
from portal.delivery.events import Event, EventBroker

ID = UUID(int=7)


def make(topic: str = "assessment:1", revision: int = 0) -> Event:
    return Event(topic, "assessment.changed", ID, revision)


async def test_a_listener_gets_its_topics_from_the_call_on() -> None:
    broker = EventBroker()
    assert broker.publish(make()) == 0
    async with broker.listen(["assessment:1", "assessment:2"]) as listener:
        assert broker.publish(make(revision=1)) == 1
        assert broker.publish(make("assessment:3")) == 0
        assert broker.publish(make("assessment:2", 2)) == 1
        assert [(await anext(listener)).revision, (await anext(listener)).revision] == [1, 2]
        assert broker.count_listeners() == 1
    assert broker.count_listeners() == 0


async def test_a_slow_listener_is_closed_and_others_are_not() -> None:
    broker = EventBroker()
    slow, quick = broker.listen(["a"]), broker.listen(["a"])
    for number in range(events.QUEUE_LENGTH + 1):
        broker.publish(make("a", number))
        await anext(quick)
    with pytest.raises(errors.Unavailable) as closed:
        await anext(slow)
    assert closed.value.code == "TOO_SLOW"
    assert broker.count_listeners() == 1


async def test_a_waiting_listener_wakes_up_when_the_broker_closes() -> None:
    broker = EventBroker()
    listener = broker.listen(["a"])
    waiting = asyncio.create_task(_collect(listener))
    await asyncio.sleep(0)
    broker.publish(make("a"))
    broker.close()
    assert await waiting == [make("a")]
    with pytest.raises(errors.Unavailable):
        broker.listen(["a"])


async def test_a_full_listener_ends_too_when_the_broker_closes() -> None:
    broker = EventBroker()
    listener = broker.listen(["a"])
    for _ in range(events.QUEUE_LENGTH):
        broker.publish(make("a"))
    broker.close()
    assert len(await asyncio.wait_for(_collect(listener), 5)) == events.QUEUE_LENGTH


async def _collect(listener: events.Listener) -> list[Event]:
    return [event async for event in listener]


async def test_topics_are_bounded() -> None:
    with pytest.raises(errors.InvalidInput):
        EventBroker().listen(str(number) for number in range(events.MAX_TOPICS + 1))


def test_a_notification_comes_back_whole_and_a_foreign_one_is_refused() -> None:
    assert Event.decode(make().encode()) == make()
    for text in ("", "{}", "[]", '["a", "b", "c", 1]', '["a", "b", 7, 1]', "null"):
        with pytest.raises(ValueError, match=r".*"):
            Event.decode(text)
