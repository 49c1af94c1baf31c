"""The guard: which addresses webhooks may go to, so that nobody has this server call what only this server reaches.

A name is resolved once, every address it has is looked at, and the connection goes to an address that was looked at.
Of IPv6 only what is given out to hosts is allowed, so that no way into IPv4 is left; of IPv4 all but the registry of
special addresses; and the networks that the operator names.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

import idna

from portal.settings import Settings, read_networks

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 2_000
LOWEST_PORT = 1_024  # but for the scheme's own: below are other services
# Of the registries of special addresses (RFC 6890 and what came after it), whatever a Python of ours knows of them.
_SPECIAL_4 = [
    ipaddress.IPv4Network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
# Only 2000::/3 is given out to hosts. Within it: Teredo, 6to4 and others that lead to an IPv4 address, and examples.
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = [
    ipaddress.IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Threads of its own: whose name server never answers must not hold up what else waits for threads.
_resolving = ThreadPoolExecutor(16, "webhook-names")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Refused(Exception):
    """This address is not called; `reason` says in a sentence why, and names no address that a name has."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Policy:
    """What this installation allows beyond HTTPS to public addresses."""

    allows_http: bool = False
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Target:
    """A URL taken apart: `host` is a name in ASCII or an address without brackets, `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_usual_port(self) -> bool:
        return self.port == _PORTS[self.scheme]


_PORTS = {"https": 443, "http": 80}


def read_policy(settings: Settings) -> Policy:
    """The policy of an installation."""
    return Policy(settings.webhook_http, tuple(read_networks(settings.webhook_networks)))


def read_target(url: str, policy: Policy) -> Target:
    """Take a URL apart and look at all that can be seen without a resolver; raises Refused."""
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url or "\\" in url:
        raise Refused(f"Give an address of at most {LONGEST_URL} characters, without spaces and backslashes.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise Refused("This is not the address of a web server.") from None
    if parts.scheme not in _PORTS or (parts.scheme == "http" and not policy.allows_http):
        raise Refused("The address must begin with https://.")
    if "@" in parts.netloc or parts.fragment:
        raise Refused("The address must hold no user, password or part behind a #.")
    if port is not None and port != _PORTS[parts.scheme] and port < LOWEST_PORT:
        raise Refused(f"The port must be {_PORTS[parts.scheme]} or {LOWEST_PORT} and above.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise Refused("Write what stands behind the host in ASCII, anything else with %.")
    chosen = port or _PORTS[parts.scheme]
    return Target(parts.scheme, _read_host(host, "[" in parts.netloc, policy), chosen, path)


def _read_host(host: str, is_bracketed: bool, policy: Policy) -> str:
    """A name in ASCII or an address that is allowed; what only some programs read as an address is neither."""
    if is_bracketed:
        return _read_address(host, policy)
    try:
        name = idna.encode(host.rstrip("."), uts46=True).decode() if not host.isascii() else host.rstrip(".").lower()
    except idna.IDNAError:
        raise Refused("This host name cannot be.") from None
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _read_address(name, policy)
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("This host name cannot be.")
    if len(labels) == 1 and not policy.networks:
        raise Refused("Name a host of the public internet, with its domain.")
    return name


def _read_address(text: str, policy: Policy) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Refused("This is not the address of a host.") from None
    check_address(address, policy)
    return str(address)


def check_address(address: Address, policy: Policy) -> None:
    """Raise Refused for an address that is neither public nor in a network that the operator named."""
    if any(address.version == network.version and address in network for network in policy.networks):
        return
    if not is_public(address):
        raise Refused("This host is not on the public internet; the operator may name networks of its own.")


def is_public(address: Address) -> bool:
    """Whether an address is one that hosts of the public internet have, and leads to nobody else."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    if address.scope_id is not None or address not in _GLOBAL_6:
        return False
    return not any(address in network for network in _SPECIAL_6)


async def resolve(target: Target, policy: Policy) -> Address:
    """The address to connect to; raises Refused where any that the host has is not allowed, or there is none."""
    try:
        found = await asyncio.get_running_loop().run_in_executor(_resolving, look_up, target.host, target.port)
    except (OSError, UnicodeError):
        raise Refused("There is no such host.") from None
    return choose_address(found, policy)


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver puts them; raises OSError."""
    return [str(sockaddr[0]) for *_, sockaddr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def choose_address(found: Iterable[str], policy: Policy) -> Address:
    """The first of a host's addresses, where all of them are allowed; a host with one foot inside is not called."""
    addresses = []
    for one in found:
        try:
            addresses.append(ipaddress.ip_address(one))
        except ValueError:
            raise Refused("This host has an address that cannot be read.") from None
    for address in addresses:
        check_address(address, policy)
    if not addresses:
        raise Refused("There is no such host.")
    return addresses[0]
