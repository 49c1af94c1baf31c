"""Requests to an address that the guard chose: over TLS for the name, without redirects, cookies or proxies."""

import functools
import ssl
from collections.abc import Mapping

import httpx

from portal.delivery.webhooks.guard import Address, Target


def open_client(seconds: float) -> httpx.AsyncClient:
    """A client for one request: nothing of one, such as a cookie or a connection, is there at the next.

    Proxies of the environment would look the name up themselves.
    """
    return httpx.AsyncClient(verify=_load_trusted(), trust_env=False, follow_redirects=False, timeout=seconds)


def build_request(
    client: httpx.AsyncClient,
    method: str,
    address: Address,
    target: Target,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> httpx.Request:
    """A request to the address, for the name."""
    literal = f"[{address}]" if address.version == 6 else str(address)
    host = f"[{target.host}]" if ":" in target.host else target.host
    named = host if target.is_usual_port else f"{host}:{target.port}"
    return client.build_request(
        method,
        f"{target.scheme}://{literal}:{target.port}{target.path}",
        headers={**headers, "host": named, "accept-encoding": "identity"},
        content=body,
        extensions={"sni_hostname": target.host},
    )


@functools.cache
def _load_trusted() -> ssl.SSLContext:
    """Whom this machine trusts; loading them takes longer than a message."""
    return ssl.create_default_context()
