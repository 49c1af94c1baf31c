"""Work of hours beside jobs of moments: in a thread with a loop of its own, so that nothing waits for its turns."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
Running = set["asyncio.Task[Any]"]


async def run_apart(work: Callable[[], Coroutine[Any, Any, Result]], running: Running) -> Result:
    """What the work gives; the task that waits for it is in `running` meanwhile. Cancelled, it ends the work first."""
    waiting = asyncio.current_task()
    begun: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Result]]] = []
    is_cancelled = threading.Event()

    async def begin() -> Result:
        task = asyncio.ensure_future(work())
        begun.append((asyncio.get_running_loop(), task))
        if is_cancelled.is_set():
            task.cancel()
        return await task

    def run() -> Result:
        return asyncio.run(begin())

    thread = asyncio.create_task(asyncio.to_thread(run))
    if waiting is not None:
        running.add(waiting)
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        is_cancelled.set()
        for loop, task in begun:
            with contextlib.suppress(RuntimeError):  # it has ended just now, and its loop with it
                loop.call_soon_threadsafe(task.cancel)
        await asyncio.wait([thread])
        raise
    finally:
        if waiting is not None:
            running.discard(waiting)
