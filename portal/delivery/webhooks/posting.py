"""One POST to an endpoint: to the address that the guard chose, over TLS for the name, without redirects or cookies.

Nothing of the answer but its status is read: what stands in it would be a window into wherever the address leads.
"""

import asyncio
import functools
import ssl
from collections.abc import Mapping

import httpx

from portal.delivery.webhooks import guard
from portal.delivery.webhooks.guard import Address, Policy, Refused, Target

MOST_SECONDS = 15.0  # of name, connection, handshake, sending and the answer's head together


class Failed(Exception):
    """The message was not taken; `code` says how: REFUSED, TIMEOUT, TLS or CONNECTION."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def post(url: str, policy: Policy, headers: Mapping[str, str], body: bytes) -> int:
    """The status of the answer; raises Failed where there is none. Looks the name up anew each time."""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            target = guard.read_target(url, policy)
            return await _post_to(await guard.resolve(target, policy), target, headers, body)
    except Refused:
        raise Failed("REFUSED") from None
    except (TimeoutError, httpx.TimeoutException):
        raise Failed("TIMEOUT") from None
    except ssl.SSLError:
        raise Failed("TLS") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Failed("TLS" if _is_of_tls(error) else "CONNECTION") from None


async def _post_to(address: Address, target: Target, headers: Mapping[str, str], body: bytes) -> int:
    literal = f"[{address}]" if address.version == 6 else str(address)
    host = f"[{target.host}]" if ":" in target.host else target.host
    named = host if target.is_usual_port else f"{host}:{target.port}"
    # A client for each message: nothing of one, such as a cookie or a connection, is there at the next. Proxies of the
    # environment would look the name up themselves.
    async with httpx.AsyncClient(
        verify=_load_trusted(), trust_env=False, follow_redirects=False, timeout=MOST_SECONDS
    ) as client:
        request = client.build_request(
            "POST",
            f"{target.scheme}://{literal}:{target.port}{target.path}",
            headers={**headers, "host": named, "user-agent": "supplier-portal-webhooks", "accept-encoding": "identity"},
            content=body,
            extensions={"sni_hostname": target.host},
        )
        answer = await client.send(request, stream=True)
        await answer.aclose()
        return answer.status_code


@functools.cache
def _load_trusted() -> ssl.SSLContext:
    """Whom this machine trusts; loading them takes longer than a message."""
    return ssl.create_default_context()


def _is_of_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
