"""HTTP clients of the tests: every server they ask is near and speaks without TLS."""

import importlib.util
import ssl
import sys
from typing import Any

import httpx

# The library loads all the system's certificates for each client, which took a sixth of the tests' time. Nobody is
# trusted here, so that a call that leaves the machine by mistake fails.
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

# For each lock it makes, some for each request, the library tries to import this; where it is not installed, the search
# of all folders for it took a twentieth of the time of tests that send many requests.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


def open_client(**options: Any) -> httpx.AsyncClient:
    """A client with these options of `httpx.AsyncClient`, to be used as it is."""
    return httpx.AsyncClient(verify=NOBODY, **options)
