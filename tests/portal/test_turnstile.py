"""Places and turns: who is let in, who is sent away at once, and that both are given back whatever happens."""

import asyncio

import pytest

from portal import errors
from portal.turnstile import Turnstile

WORDS = "Too many. Nothing was done."


def test_whoever_finds_no_place_is_sent_away_at_once() -> None:
    turnstile = Turnstile(1, 1, WORDS)
    with turnstile.hold_place(), turnstile.hold_place():
        with pytest.raises(errors.Busy, match="Nothing was done") as refused, turnstile.hold_place():
            raise AssertionError
        assert (refused.value.code, refused.value.retry_after) == ("BUSY", 5)
    with turnstile.hold_place():
        pass


def test_one_client_holds_half_of_the_places_and_no_more() -> None:
    turnstile = Turnstile(1, 2, WORDS)
    with turnstile.hold_place("a"), turnstile.hold_place("a"):
        with pytest.raises(errors.Busy), turnstile.hold_place("a"):
            raise AssertionError
        with turnstile.hold_place("b"), pytest.raises(errors.Busy), turnstile.hold_place("c"):
            raise AssertionError
    with turnstile.hold_place("a"), turnstile.hold_place("a"):
        pass


def test_the_only_place_there_is_can_be_had() -> None:
    with Turnstile(1, 0, WORDS).hold_place("a"):
        pass


def test_a_failure_gives_the_place_back() -> None:
    turnstile = Turnstile(1, 0, WORDS)
    for _ in range(3):
        with pytest.raises(KeyError), turnstile.hold_place("a"):
            raise KeyError


async def test_turns_are_taken_one_after_the_other() -> None:
    turnstile = Turnstile(2, 8, WORDS)
    inside = most = 0

    async def work() -> None:
        nonlocal inside, most
        async with turnstile.enter():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(10)))
    assert (most, inside) == (2, 0)


async def test_who_gives_up_waiting_leaves_its_place_to_others() -> None:
    turnstile = Turnstile(1, 1, WORDS)
    async with turnstile.enter():
        waiting = asyncio.create_task(enter(turnstile))
        await asyncio.sleep(0)
        with pytest.raises(errors.Busy):
            await enter(turnstile)
        waiting.cancel()
        await asyncio.wait([waiting])
        waiting = asyncio.create_task(enter(turnstile))
        await asyncio.sleep(0)
    await waiting


async def test_one_call_of_another_client_does_not_wait_for_all_of_the_first() -> None:
    turnstile, order = Turnstile(1, 40, WORDS), list[str]()

    async def work(client: str) -> None:
        async with turnstile.enter(client):
            order.append(client)
            await asyncio.sleep(0)

    many = [asyncio.create_task(work("a")) for _ in range(6)]
    await asyncio.sleep(0)
    few = [asyncio.create_task(work(client)) for client in "bcb"]
    await asyncio.gather(*many, *few)
    assert "".join(order) == "aabcabaaa"


async def test_nobody_waits_for_ever_behind_those_who_come_again() -> None:
    turnstile, order = Turnstile(1, 40, WORDS), list[str]()

    async def work(client: str, times: int) -> None:
        for _ in range(times):
            async with turnstile.enter(client):
                order.append(client)
                await asyncio.sleep(0)

    await asyncio.gather(*(work(client, times) for client, times in (("a", 9), ("b", 9), ("c", 2), ("c", 2))))
    assert order.index("c") < 4
    assert [at for at, client in enumerate(order) if client == "c"][-1] < 14


async def test_who_is_called_and_gone_gives_the_turn_to_the_next() -> None:
    turnstile = Turnstile(1, 4, WORDS)
    async with turnstile.enter():
        waiting = asyncio.create_task(enter(turnstile))
        next_one = asyncio.create_task(enter(turnstile))
        await asyncio.sleep(0)
    waiting.cancel()  # called just now, and not awake yet
    await asyncio.wait_for(next_one, 5)
    assert waiting.cancelled() or waiting.done()


async def enter(turnstile: Turnstile) -> None:
    async with turnstile.enter():
        pass
