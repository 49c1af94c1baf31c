"""A portal in miniature for the tests to kill: starts the embedded server as told and says so in one JSON line.

Arguments: the folder, then optionally an account's number to become first. A line "stop" on standard input stops the
server; the first interrupt from the terminal asks the server one more question before that.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import asyncpg

from portal.database import embedded
from portal.errors import EmbeddedServerError


class Interrupted(Exception):
    """The terminal's Ctrl-C."""


def interrupt(_number: int, _frame: object) -> None:
    """Turn the signal into an exception where the process waits."""
    raise Interrupted


async def ask(url: str) -> int:
    """One round trip, as a request that is still being served would make."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return int(await connection.fetchval("SELECT 42"))
    finally:
        await connection.close()


def main() -> int:
    """Start, tell, wait, stop."""
    folder, account = Path(sys.argv[1]), sys.argv[2:]
    asyncio.run(asyncio.sleep(0))  # loads what it loads lazily while the code can still be read
    if account:
        os.setgroups([])
        os.setgid(int(account[0]))
        os.setuid(int(account[0]))
    signal.signal(signal.SIGINT, interrupt)
    try:
        running = embedded.start(folder)
    except EmbeddedServerError as problem:
        print(json.dumps({"error": str(problem)}), flush=True)
        return 1
    assert running.own_guard is not None
    told = {"url": running.superuser_url(), "pid": running.pid, "guard": running.own_guard.process.pid}
    try:
        print(json.dumps(told), flush=True)
        sys.stdin.readline()
    except Interrupted:
        print(json.dumps({"after_interrupt": asyncio.run(ask(running.superuser_url()))}), flush=True)
    running.stop()
    return 0


sys.exit(main())
