"""The portal's server as operators start it, which also tells how its reads were finished.

Run as a process of its own: `python -m tests.bench.contest.watched`. Who connects to the port in BENCH_WATCH_PORT gets the
counts as JSON.
"""

import os
import socket
import sys
import threading
from dataclasses import asdict

import orjson

from portal import __main__ as command_line
from portal.reading import reads
from tests.bench.load import HOST


def tell_counts(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            plans = {"plan_hits": reads.PLANS.hits, "plan_misses": reads.PLANS.misses}
            connection.sendall(orjson.dumps(asdict(reads.FINISHES) | plans))


def ask_counts(port: int) -> dict[str, int]:
    """The counts of a watched server."""
    with socket.create_connection((HOST, port)) as connection:
        counts: dict[str, int] = orjson.loads(connection.makefile("rb").read())
    return counts


if __name__ == "__main__":
    watch = socket.create_server((HOST, int(os.environ["BENCH_WATCH_PORT"])))
    threading.Thread(target=tell_counts, args=(watch,), daemon=True).start()
    sys.argv = ["portal", "serve"]
    command_line.main()
