"""What an identity provider is asked: how it describes itself, its keys, a token for a code, and who somebody is.

Where it is stands in the hands of an organization's owner, so each request goes through the guard of webhooks: a name
is looked up once, and what is not public is called only where the operator names its network. Long answers are refused.
"""

import asyncio
import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson

from portal.delivery.webhooks import guard, pinned
from portal.delivery.webhooks.guard import Policy, Refused
from portal.settings import Settings, read_networks
from portal.shelf import Shelf

MOST_SECONDS = 8.0  # of one request, with the name, the connection and the whole answer
MOST_BYTES = 200_000
KEPT_SECONDS = 600.0  # that what a provider says of itself is believed
KEYS_AGAIN_SECONDS = 60.0  # between two looks for a key that was not there
WELL_KNOWN = "/.well-known/openid-configuration"
JSON = {"accept": "application/json", "user-agent": "supplier-portal-sso"}


class ProviderFailed(Exception):
    """A provider did not say what it has to; `code` says how, and `reason` in a sentence, for the owner who asked."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class Description:
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    person: str | None
    posts_secret: bool  # whether the client's secret goes in the body, where it does not go in the header
    names_itself: bool  # whether it comes back with its issuer (RFC 9207)


@dataclass
class Known:
    """A description with the keys, and when each was fetched."""

    description: Description
    keys: list[Mapping[str, Any]]
    fetched_at: float
    keys_at: float


def read_policy(settings: Settings) -> Policy:
    """Where providers may be on this installation."""
    return Policy(settings.sso_http, tuple(read_networks(settings.sso_networks)))


class Providers:
    """What is known of providers; for one process."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: Shelf[str, Known] = Shelf(256)

    async def find(self, issuer: str) -> Known:
        """What a provider says of itself, not older than KEPT_SECONDS; raises ProviderFailed."""
        known = self._known.find(issuer)
        if known is None or time.monotonic() - known.fetched_at > KEPT_SECONDS:
            known = await self.fetch(issuer)
            self._known.keep(issuer, known)
        return known

    async def fetch(self, issuer: str) -> Known:
        """The same, asked now."""
        description = read_description(issuer, await self._get(issuer.rstrip("/") + WELL_KNOWN), self.policy)
        keys = read_keys(await self._get(description.keys))
        now = time.monotonic()
        return Known(description, keys, now, now)

    async def fetch_keys_again(self, known: Known) -> bool:
        """Look for new keys, as a provider changes them; false where that was done just now."""
        if time.monotonic() - known.keys_at < KEYS_AGAIN_SECONDS:
            return False
        known.keys_at = time.monotonic()
        known.keys = read_keys(await self._get(known.description.keys))
        return True

    async def redeem(
        self, known: Known, *, client_id: str, secret: str, code: str, verifier: str, redirect: str
    ) -> Mapping[str, Any]:
        """The tokens for a code; raises ProviderFailed."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        headers = {**JSON, "content-type": "application/x-www-form-urlencoded"}
        if known.description.posts_secret:
            form |= {"client_id": client_id, "client_secret": secret}
        else:  # RFC 6749, 2.3.1: both are encoded as in a form first
            plain = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(plain.encode()).decode()}"
        return await self._call("POST", known.description.token, headers, urlencode(form).encode())

    async def find_person(self, known: Known, access_token: str) -> Mapping[str, Any]:
        """What the provider says of a person beside the token; raises ProviderFailed."""
        if known.description.person is None:
            return {}
        headers = {**JSON, "authorization": f"Bearer {access_token}"}
        return await self._call("GET", known.description.person, headers)

    async def _get(self, url: str) -> Mapping[str, Any]:
        return await self._call("GET", url, JSON)

    async def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(MOST_SECONDS):
                content = await self._send(method, url, headers, body)
        except Refused as refused:
            raise ProviderFailed("REFUSED", refused.reason) from None
        except (TimeoutError, httpx.TimeoutException):
            raise ProviderFailed("TIMEOUT", "The provider did not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise ProviderFailed("UNREACHABLE", "The provider could not be reached.") from None
        return read_object(content)

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        target = guard.read_target(url, self.policy)
        address = await guard.resolve(target, self.policy)
        async with pinned.open_client(MOST_SECONDS) as client:
            request = pinned.build_request(client, method, address, target, headers, body)
            answer = await client.send(request, stream=True)
            try:
                if answer.status_code != 200:
                    raise ProviderFailed("STATUS", f"The provider answered with the status {answer.status_code}.")
                content = bytearray()
                async for part in answer.aiter_raw():
                    content += part
                    if len(content) > MOST_BYTES:
                        raise ProviderFailed("TOO_LARGE", "The provider's answer is too large.")
                return bytes(content)
            finally:
                await answer.aclose()


def read_object(content: bytes) -> Mapping[str, Any]:
    """The JSON object of an answer."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise ProviderFailed("NOT_JSON", "The provider's answer is not a JSON object.")
    return found


def read_description(issuer: str, said: Mapping[str, Any], policy: Policy) -> Description:
    """A provider's description; raises ProviderFailed where it is another provider's, or not whole."""
    if said.get("issuer") != issuer:
        raise ProviderFailed("OTHER_ISSUER", "The provider names another issuer than the one that was given.")
    methods = said.get("token_endpoint_auth_methods_supported")
    methods = ["client_secret_basic"] if methods is None else methods
    if not isinstance(methods, list) or not {"client_secret_basic", "client_secret_post"} & set(map(str, methods)):
        raise ProviderFailed("NO_SECRET", "The provider takes no client secret.")
    person = said.get("userinfo_endpoint")
    return Description(
        issuer=issuer,
        authorization=_read_endpoint(said, "authorization_endpoint", policy),
        token=_read_endpoint(said, "token_endpoint", policy),
        keys=_read_endpoint(said, "jwks_uri", policy),
        person=None if person is None else _read_endpoint(said, "userinfo_endpoint", policy),
        posts_secret="client_secret_basic" not in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _read_endpoint(said: Mapping[str, Any], name: str, policy: Policy) -> str:
    url = said.get(name)
    if not isinstance(url, str):
        raise ProviderFailed("NOT_WHOLE", f"The provider names no {name}.")
    try:
        guard.read_target(url, policy)
    except Refused as refused:
        raise ProviderFailed("REFUSED", f"{name}: {refused.reason}") from None
    return url


def read_keys(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The keys of a set that may sign; raises ProviderFailed where there is no set."""
    keys = said.get("keys")
    if not isinstance(keys, list):
        raise ProviderFailed("NO_KEYS", "The provider has no set of keys.")
    return [key for key in keys[:50] if isinstance(key, dict) and key.get("use", "sig") == "sig"]


def add_query(url: str, given: Mapping[str, str]) -> str:
    """An address with more in its query."""
    parts = urlsplit(url)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(given))))).geturl()
