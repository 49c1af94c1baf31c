"""HTTP clients of the tests: every server they ask is near and speaks without TLS."""

import ssl
from typing import Any

import httpx

# The library loads all the system's certificates for each client, which took a sixth of the tests' time. Nobody is
# trusted here, so that a call that leaves the machine by mistake fails.
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def open_client(**options: Any) -> httpx.AsyncClient:
    """A client with these options of `httpx.AsyncClient`, to be used as it is."""
    return httpx.AsyncClient(verify=NOBODY, **options)
