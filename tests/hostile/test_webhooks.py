"""Webhooks to where only this server gets: spellings of addresses, names that lead inside, redirects, and what answers.

Each case runs through the very code that sends; a server on this machine counts whatever reaches it.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.delivery.webhooks import guard, pinned, posting
from portal.delivery.webhooks.guard import Policy
from tests.receivers import Receiver, receive

SHIPPED = Policy()
HTTP = Policy(allows_http=True)  # as in development, with no network named
LOCAL = Policy(allows_http=True, networks=(ipaddress.ip_network("127.0.0.1/32"),))
BODY = b'{"type":"webhook.ping"}'

# What a URL may hold to reach this machine or its neighbours; {port} is where a server listens.
SPELLINGS = {
    "loopback": "http://127.0.0.1:{port}/",
    "another loopback": "http://127.8.9.1:{port}/",
    "decimal": "http://2130706433:{port}/",
    "octal": "http://0177.0.0.01:{port}/",
    "octal in one": "http://017700000001:{port}/",
    "hexadecimal": "http://0x7f.0x0.0x0.0x1:{port}/",
    "hexadecimal in one": "http://0x7f000001:{port}/",
    "two parts": "http://127.1:{port}/",
    "three parts": "http://127.0.1:{port}/",
    "too large": "http://4294967297:{port}/",
    "dot behind": "http://127.0.0.1.:{port}/",
    "digits in circles": "http://①②⑦.⓪.⓪.①:{port}/",
    "full-width digits": "http://１２７.０.０.１:{port}/",
    "full-width dots": "http://127。0。0。1:{port}/",
    "unspecified": "http://0.0.0.0:{port}/",
    "zero": "http://0:{port}/",
    "name of this machine": "http://localhost:{port}/",
    "name in capitals": "http://LOCALHOST:{port}/",
    "name with a dot behind": "http://localhost.:{port}/",
    "name below it": "http://hooks.localhost:{port}/",
    "ipv6 loopback": "http://[::1]:{port}/",
    "ipv6 loopback in full": "http://[0:0:0:0:0:0:0:1]:{port}/",
    "ipv6 unspecified": "http://[::]:{port}/",
    "mapped": "http://[::ffff:127.0.0.1]:{port}/",
    "mapped in hexadecimal": "http://[::ffff:7f00:1]:{port}/",
    "compatible": "http://[::127.0.0.1]:{port}/",
    "nat64": "http://[64:ff9b::7f00:1]:{port}/",
    "nat64 of a site": "http://[64:ff9b:1::7f00:1]:{port}/",
    "6to4": "http://[2002:7f00:1::1]:{port}/",
    "teredo": "http://[2001:0:0:0:0:0:80ff:fffe]:{port}/",
    "scope": "http://[fe80::1%25lo]:{port}/",
    "scope of a public one": "http://[2606:4700::1111%25lo]:{port}/",
    "user in front": "http://example.com@127.0.0.1:{port}/",
    "address as user": "http://127.0.0.1:{port}@example.com/",
    "backslash": "http://127.0.0.1:{port}\\@example.com/",
    "part behind": "http://127.0.0.1:{port}/#@example.com",
    "tab within": "http://127.0.\t0.1:{port}/",
    "line within": "http://127.0.0.1:{port}/\r\nhost: inside",
    "space in front": " http://127.0.0.1:{port}/",
    "no host": "http://:{port}/",
    "percent in the host": "http://%31%32%37.0.0.1:{port}/",
    "metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
    "metadata by ipv6": "http://[fd00:ec2::254]/latest/meta-data/",
    "private 10": "http://10.0.0.1/",
    "private 172": "http://172.16.0.1/",
    "private 192": "http://192.168.1.1/",
    "of carriers": "http://100.64.0.1/",
    "benchmark": "http://198.18.0.1/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "reserved": "http://240.0.0.1/",
    "protocol assignments": "http://192.0.0.192/",
    "ula": "http://[fc00::1]/",
    "site-local": "http://[fec0::1]/",
    "ipv6 multicast": "http://[ff02::1]/",
    "documentation": "http://[2001:db8::1]/",
    "segment routing": "http://[5f00::1]/",
    "discard only": "http://[100::1]/",
}
OTHER_URLS = {
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:70/_x",
    "ftp": "ftp://example.com/",
    "unix": "unix:///run/docker.sock",
    "javascript": "javascript:alert(1)",
    "data": "data:text/plain,x",
    "no scheme": "//example.com/",
    "plain http": "http://example.com/",
    "ssh": "https://example.com:22/",
    "smtp": "https://example.com:25/",
    "port zero": "https://example.com:0/",
    "port too high": "https://example.com:65536/",
    "negative port": "https://example.com:-1/",
    "endless": f"https://example.com/{'x' * 2_000}",
    "label too long": f"https://{'x' * 64}.example.com/",
    "empty label": "https://example..com/",
    "single label": "https://metadata/",
    "nul": "https://example.com\x00.invalid/",
}
# What a name's server may answer, the inner address among outer ones included.
ANSWERS: dict[str, list[str]] = {
    "inside": ["127.0.0.1"],
    "outside first": ["93.184.215.14", "127.0.0.1"],
    "inside first": ["10.0.0.1", "93.184.215.14"],
    "mapped": ["::ffff:127.0.0.1"],
    "outside and mapped": ["93.184.215.14", "::ffff:10.0.0.1"],
    "nat64": ["64:ff9b::a00:1"],
    "link-local with a scope": ["fe80::1%1"],
    "metadata": ["169.254.169.254"],
    "unspecified": ["0.0.0.0"],
    "ula beside a public one": ["2606:4700::1111", "fd00::1"],
    "nothing": [],
    "no address": ["not an address"],
}


@pytest.fixture
async def inside() -> AsyncIterator[Receiver]:
    async with receive() as made:
        yield made


async def send(url: str, policy: Policy) -> str:
    """How it failed, or the status."""
    try:
        return str(await posting.post(url, policy, {"webhook-id": "msg_1"}, BODY))
    except posting.Failed as failed:
        return failed.code


@pytest.mark.parametrize("case", SPELLINGS)
async def test_no_spelling_of_an_address_leads_inside(inside: Receiver, case: str) -> None:
    url = SPELLINGS[case].format(port=inside.port)
    assert await send(url, HTTP) == "REFUSED"
    assert await send(url.replace("http:", "https:"), SHIPPED) == "REFUSED"
    assert inside.messages == []


@pytest.mark.parametrize("case", OTHER_URLS)
async def test_no_other_kind_of_url_is_called(case: str) -> None:
    assert await send(OTHER_URLS[case], SHIPPED) == "REFUSED"


def answer_with(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver that gives one answer after the other, and the last one ever after; the names that it was asked."""
    left, asked = list(answers), []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr(guard, "look_up", look_up)
    return asked


@pytest.mark.parametrize("case", ANSWERS)
async def test_no_name_leads_inside(inside: Receiver, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    asked = answer_with(monkeypatch, ANSWERS[case])
    assert await send(f"http://hooks.example.com:{inside.port}/", HTTP) == "REFUSED"
    assert asked == ["hooks.example.com"]
    assert inside.messages == []


async def test_a_name_that_changes_between_two_looks_is_looked_up_once(
    inside: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the address that was looked at is the one that is called, whatever a second answer would be."""
    asked = answer_with(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    assert await send(f"http://hooks.example.com:{inside.port}/", LOCAL) == "204"
    assert asked == ["hooks.example.com"]
    assert inside.messages[0].headers["host"] == f"hooks.example.com:{inside.port}"
    assert await send(f"http://hooks.example.com:{inside.port}/", LOCAL) == "REFUSED"
    assert len(inside.messages) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_no_redirect_is_followed(inside: Receiver, status: str) -> None:
    async with receive() as outside:
        outside.answer = lambda message: f"{status}\r\nlocation: {inside.url()}"
        assert await send(outside.url(), LOCAL) == status[:3]
        assert len(outside.messages) == 1
    assert inside.messages == []


async def test_no_proxy_of_the_environment_is_asked(inside: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, inside.url(""))
    async with receive() as outside:
        assert await send(outside.url(), LOCAL) == "204"
        assert len(outside.messages) == 1
    assert inside.messages == []


async def test_a_cookie_is_never_sent_back() -> None:
    async with receive() as outside:
        outside.answer = lambda message: "200 OK\r\nset-cookie: session=stolen; path=/"
        assert [await send(outside.url(), LOCAL) for _ in range(2)] == ["200", "200"]
    assert all("cookie" not in one.headers for one in outside.messages)


async def test_an_endless_answer_is_not_read() -> None:
    written = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                written += 65_536
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await send(f"http://127.0.0.1:{port}/", LOCAL) == "200"
    server.close()
    assert written < 50_000_000


async def test_endless_headers_are_cut_off() -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"x: " + b"y" * 8_000 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await send(f"http://127.0.0.1:{port}/", LOCAL) == "CONNECTION"
    server.close()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nx: y"])
async def test_whoever_answers_drop_by_drop_is_given_up(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time for the reading of it; all together do not."""
    monkeypatch.setattr(posting, "MOST_SECONDS", 1.0)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(head)
            while True:
                await asyncio.sleep(0.1)
                if head.endswith(b"y"):
                    writer.write(b"z")
                    await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await send(f"http://127.0.0.1:{port}/", LOCAL) == "TIMEOUT"
    server.close()


async def test_an_answer_that_is_no_http_is_a_failure() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await send(f"http://127.0.0.1:{port}/", LOCAL) == "CONNECTION"
    server.close()


def make_certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A server with a certificate for this name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    ("host", "is_trusted", "expected"),
    [
        ("hooks.example.com", True, "204"),
        ("hooks.example.com", False, "TLS"),
        ("other.example.com", True, "TLS"),
        ("127.0.0.1", True, "TLS"),
    ],
)
async def test_the_certificate_must_be_trusted_and_for_the_name_though_an_address_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, is_trusted: bool, expected: str
) -> None:
    context = make_certificate(tmp_path, "hooks.example.com")
    trusted = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem") if is_trusted else None)
    monkeypatch.setattr(pinned, "_load_trusted", lambda: trusted)
    answer_with(monkeypatch, ["127.0.0.1"])
    async with receive(context) as receiver:
        policy = Policy(networks=LOCAL.networks)
        assert await send(f"https://{host}:{receiver.port}/", policy) == expected
        assert len(receiver.messages) == (expected == "204")


def test_the_trust_of_the_machine_is_used_and_names_are_checked() -> None:
    context = pinned._load_trusted()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_there_are_enough_cases() -> None:
    assert len({*SPELLINGS.values(), *OTHER_URLS.values()}) + len(ANSWERS) >= 80
    assert guard.read_target("https://hooks.example.com/x", SHIPPED).port == 443
