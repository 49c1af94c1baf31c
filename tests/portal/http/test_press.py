"""Files that many ask for: made once, kept, refused beyond the places, and no failure is kept."""

import asyncio
import threading

import pytest

from portal import errors
from portal.http.press import Press
from portal.turnstile import Turnstile


class Work:
    """Something that takes until it is told to end, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun, self.over = 0, threading.Event()

    def make(self) -> bytes:
        self.begun += 1
        assert self.over.wait(10)
        return b"%PDF-"


async def start(press: Press, name: str, work: Work, client: str = "a") -> "asyncio.Task[bytes]":
    async def make() -> bytes:
        return (await press.make(name, work.make, client=client)).content

    task = asyncio.create_task(make())
    await asyncio.sleep(0.05)
    return task


async def test_one_file_is_made_once_for_all_who_wait() -> None:
    press, work = Press(Turnstile(1, 0, "Too many.")), Work()
    tasks = [await start(press, "a", work, client) for client in "abc"]
    assert press.find("a") is None
    tasks[0].cancel()  # who asked first may go away
    work.over.set()
    assert [await one for one in tasks[1:]] == [b"%PDF-", b"%PDF-"]
    assert work.begun == 1
    made = press.find("a")
    assert made is not None
    assert made == await press.make("a", work.make, client="a")
    assert work.begun == 1


async def test_another_file_beyond_the_places_is_refused_and_made_later() -> None:
    press, first, second = Press(Turnstile(1, 0, "Too many.")), Work(), Work()
    making = await start(press, "a", first)
    for _ in range(2):
        with pytest.raises(errors.Busy):
            await press.make("b", second.make, client="b")
    first.over.set()
    second.over.set()
    await making
    assert (await press.make("b", second.make, client="b")).content == b"%PDF-"
    assert second.begun == 1


async def test_a_failure_is_told_and_not_kept() -> None:
    press = Press(Turnstile(1, 0, "Too many."))

    def fail() -> bytes:
        raise KeyError("no glyph")

    for _ in range(2):
        with pytest.raises(KeyError):
            await press.make("a", fail, client="a")
    assert press.find("a") is None


async def test_only_what_is_made_is_counted() -> None:
    press, first, second = Press(Turnstile(1, 0, "Too many.")), Work(), Work()
    counted = list[str]()

    async def ask(name: str, work: Work, client: str) -> bytes:
        async def count() -> None:
            counted.append(client)
            if client == "greedy":
                raise errors.RateLimited("Too many tries.", retry_after=5)

        return (await press.make(name, work.make, client=client, admit=count)).content

    making = asyncio.create_task(ask("a", first, "a"))
    await asyncio.sleep(0.05)
    with pytest.raises(errors.Busy):
        await ask("b", second, "b")
    joining = asyncio.create_task(ask("a", first, "c"))
    await asyncio.sleep(0.05)
    assert counted == ["a"]
    first.over.set()
    second.over.set()
    assert await making == await joining == b"%PDF-"
    # What is said to one who asks too often is not said to who waits for the same file.
    told = await asyncio.gather(ask("b", second, "greedy"), ask("b", second, "d"), return_exceptions=True)
    assert isinstance(told[0], errors.RateLimited) and told[1] == b"%PDF-"
