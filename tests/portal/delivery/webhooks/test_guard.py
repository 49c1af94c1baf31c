"""The guard by generated addresses and spellings; single ways in are tried in tests/hostile."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.delivery.webhooks import guard
from portal.delivery.webhooks.guard import Policy, Refused
from portal.settings import Settings

OPEN, CLOSED = Policy(allows_http=True), Policy()
V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)


@given(V4)
def test_ipv4_is_public_only_where_the_registries_say_so(address: ipaddress.IPv4Address) -> None:
    if guard.is_public(address):
        assert address.is_global
        assert not (address.is_private or address.is_loopback or address.is_link_local or address.is_multicast)
        assert not (address.is_reserved or address.is_unspecified)


@given(V6)
def test_ipv6_is_public_only_where_it_leads_to_no_ipv4(address: ipaddress.IPv6Address) -> None:
    if guard.is_public(address):
        assert address.is_global
        assert not (address.ipv4_mapped or address.sixtofour or address.teredo or address.is_multicast)


@given(V4)
def test_no_way_of_writing_ipv4_in_ipv6_is_public(inside: ipaddress.IPv4Address) -> None:
    number = int(inside)
    for spelled in (
        (0xFFFF << 32) + number,  # mapped
        number,  # compatible
        (0x64FF9B << 96) + number,  # NAT64
        (0x64FF9B0001 << 80) + number,  # NAT64 of a site
        (0x2002 << 112) + (number << 80) + 1,  # 6to4
        (0x20010000 << 96) + (number ^ 0xFFFFFFFF),  # Teredo
    ):
        assert not guard.is_public(ipaddress.IPv6Address(spelled))


@given(V4)
def test_other_spellings_of_ipv4_never_pass_as_names(address: ipaddress.IPv4Address) -> None:
    number, parts = int(address), str(address).split(".")
    spelled = [
        str(number),
        hex(number),
        ".".join(f"{int(part):o}".zfill(4) for part in parts),
        ".".join(hex(int(part)) for part in parts),
        f"{parts[0]}.{int(parts[1]) << 16 | int(parts[2]) << 8 | int(parts[3])}",
    ]
    for one in spelled:
        if one == str(address):
            continue
        with pytest.raises(Refused):
            guard.read_target(f"http://{one}/", OPEN)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com{text}", f"https://example.com:{text}/"):
        try:
            target = guard.read_target(url, CLOSED)
        except Refused:
            continue
        assert target.scheme == "https"
        assert target.host.isascii()
        assert target.port == 443 or target.port >= 1024
        assert target.path.startswith("/")


@given(st.lists(st.one_of(V4, V6), min_size=1, max_size=5))
def test_a_host_is_called_only_where_all_its_addresses_are_public(
    found: list[ipaddress.IPv4Address | ipaddress.IPv6Address],
) -> None:
    if all(guard.is_public(one) for one in found):
        assert guard.choose_address(map(str, found), CLOSED) == found[0]
    else:
        with pytest.raises(Refused):
            guard.choose_address(map(str, found), CLOSED)


def test_networks_of_the_operator_are_open_and_no_others() -> None:
    policy = guard.read_policy(Settings(webhook_networks="10.20.0.0/16, fd00:20::/32"))
    for address in ("10.20.3.4", "fd00:20::1", "8.8.8.8", "2606:4700::1111"):
        guard.check_address(ipaddress.ip_address(address), policy)
    for address in ("10.21.0.1", "127.0.0.1", "fd00:21::1", "::ffff:10.20.3.4"):
        with pytest.raises(Refused):
            guard.check_address(ipaddress.ip_address(address), policy)
    assert guard.read_target("https://intranet/hook", policy).host == "intranet"


def test_a_name_in_another_script_is_called_in_ascii() -> None:
    target = guard.read_target("https://bücher.example:8443/päth?x=1".replace("ä", "%C3%A4"), CLOSED)
    assert (target.host, target.port, target.path) == ("xn--bcher-kva.example", 8443, "/p%C3%A4th?x=1")


async def test_this_machine_by_its_name_is_refused() -> None:
    target = guard.Target("https", "localhost", 443, "/")
    with pytest.raises(Refused):
        await guard.resolve(target, CLOSED)
    opened = guard.read_policy(Settings(webhook_networks="127.0.0.0/8,::1/128"))
    assert (await guard.resolve(target, opened)).is_loopback
    assert socket.gethostbyname("localhost").startswith("127.")
