"""One POST to an endpoint: to the address that the guard chose, over TLS for the name, without redirects or cookies.

Nothing of the answer but its status is read: what stands in it would be a window into wherever the address leads.
"""

import asyncio
import ssl
from collections.abc import Mapping

import httpx

from portal.delivery.webhooks import guard, pinned
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
    sent = {**headers, "user-agent": "supplier-portal-webhooks"}
    async with pinned.open_client(MOST_SECONDS) as client:
        answer = await client.send(pinned.build_request(client, "POST", address, target, sent, body), stream=True)
        await answer.aclose()
        return answer.status_code


def _is_of_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
