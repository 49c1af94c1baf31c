"""A second port of a server that is watched: whoever connects to it gets what is known by now, as JSON."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import orjson

from tests.bench.load import HOST


def tell(port: int, look: Callable[[], Any]) -> None:
    """Answer on a port for as long as this process lives; `look` gives what is told."""
    listener = socket.create_server((HOST, port))
    threading.Thread(target=_answer, args=(listener, look), daemon=True).start()


def _answer(listener: socket.socket, look: Callable[[], Any]) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(orjson.dumps(look()))


def ask(port: int) -> Any:
    """What the watched server knows now."""
    with socket.create_connection((HOST, port)) as connection:
        return orjson.loads(connection.makefile("rb").read())
