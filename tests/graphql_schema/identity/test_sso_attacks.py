"""Attacks on signing in by a provider: by strangers, other clients, other organizations, a provider that lies."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from portal.sso import provider as asking
from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity import providers
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.identity.factors import add_factor
from tests.graphql_schema.identity.providers import (
    CHECK,
    CLAIM,
    FINISH,
    LINK,
    LOCAL,
    PUBLIC,
    SET,
    SWITCH,
    TEST,
    Browser,
    Provider,
    connect,
)
from tests.graphql_schema.identity.test_sso import found, read_acts, sign_in
from tests.graphql_schema.portals import Portal
from tests.people import PASSWORD

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config")  # of what the mock is made of
ADA = "ada@mills.example"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with providers.run_provider() as running:
        yield running


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[Portal]:
    async with portals.run_portal(
        database, secret_key="only for tests and as long as keys have to be", **LOCAL
    ) as running:
        yield running


@pytest.fixture
async def start_url(house: Portal, provider: Provider) -> str:
    """Where sign-ins of Careful Mills begin, whose provider knows Ada."""
    _, token = await found(house)
    await provider.add_person("0815", ADA)
    return await connect(house, token, provider, "mills.example")


async def count(house: Portal, what: str) -> int:
    counted: int = (await house.fetch(f"SELECT count(*) AS n FROM portal.{what}"))[0]["n"]
    return counted


def path_of(url: str) -> str:
    return urlsplit(url).path


async def test_a_state_counts_once_whole_and_in_its_own_browser(
    house: Portal, provider: Provider, start_url: str
) -> None:
    browser, other = Browser(house), Browser(house)
    came = await browser.sign_in_there(await browser.start(start_url), "0815")
    await other.start(start_url)
    problem = ("sso-problem", "STATE")
    assert (
        await other.come_back(**came) == problem
    )  # a link of the attacker's, opened by a victim with a cookie of its own
    assert await Browser(house).come_back(**came) == problem  # or with none
    for changed in ({"state": "x" * 43}, {"state": ""}, {"state": "x" * 9_000}, {"state": came["state"][:-1]}):
        kept = dict(browser.cookies)
        assert await browser.come_back(**{**came, **changed}) == problem
        browser.cookies = kept
    what, _ = await browser.come_back(**came)
    assert what == "sso"
    browser.cookies = kept
    assert await browser.come_back(**came) == problem  # once more with the cookie, as malware may keep it
    assert provider.calls.count("/oauth2/token") == 1


async def test_a_state_that_is_given_twice_or_too_late_is_none(house: Portal, start_url: str) -> None:
    browser = Browser(house)
    came = await browser.sign_in_there(await browser.start(start_url), "0815")
    twice = await browser.get(f"/sso/callback?state={came['state']}&state={came['state']}&code={came['code']}")
    assert twice.headers["location"].endswith("#sso-problem=STATE")
    late = Browser(house)
    came = await late.sign_in_there(await late.start(start_url), "0815")
    await people.move_clock(house.database, "11 minutes")
    assert await late.come_back(**came) == ("sso-problem", "STATE")


async def test_a_code_of_the_portal_counts_once_for_its_client_for_a_minute(house: Portal, start_url: str) -> None:
    browser, thief = Browser(house), Browser(house)
    _, code = await browser.walk(start_url, "0815")
    assert (await thief.finish(code))["code"] == "BAD_CODE"  # who read it in an address has no verifier
    assert (await browser.finish(code))["code"] == "BAD_CODE"  # and has used it up
    _, code = await browser.walk(start_url, "0815")
    answers = await asyncio.gather(*(browser.finish(code) for _ in range(4)))
    assert sorted(one["__typename"] for one in answers) == ["SignedIn", *["Unauthenticated"] * 3]
    _, code = await browser.walk(start_url, "0815")
    await people.move_clock(house.database, "61 seconds")
    assert (await browser.finish(code))["code"] == "BAD_CODE"
    for made_up in ("", "x", "x" * 43, "é" * 500, "\x01"):
        assert (await browser.finish(made_up))["code"] == "BAD_CODE"
    assert await count(house, "sso_sign_in WHERE code_hash IS NOT NULL") == 0


async def test_codes_are_not_tried_out_and_starts_are_counted(house: Portal, start_url: str) -> None:
    given = {"code": "x" * 43, "verifier": "y" * 43}
    answers = [(await change(house, FINISH, **given))["__typename"] for _ in range(11)]
    assert answers == [*["Unauthenticated"] * 10, "RateLimited"]
    await house.run_sql("UPDATE portal.credential_attempt SET tries = 200 WHERE kind = 'sso'")
    browser = Browser(house)
    await house.run_sql(
        "INSERT INTO portal.credential_attempt (kind, subject_hash, window_start, tries)"
        " VALUES ('sso', $1, portal.clock(), 200) ON CONFLICT (kind, subject_hash) DO UPDATE SET tries = 200",
        hashlib.sha256(b"address:127.0.0.1").digest(),
    )
    for path, query in ((path_of(start_url), {"challenge": browser.challenge}), ("/sso/callback", {"state": "x"})):
        response = await browser.get(path, **query)
        assert (response.status_code, int(response.headers["retry-after"]) > 0) == (429, True)


async def test_the_browser_is_sent_nowhere_but_to_the_provider_and_the_client(house: Portal, start_url: str) -> None:
    browser, path = Browser(house), path_of(start_url)
    for name in ("redirect_uri", "return", "next", "client_url", "RelayState"):
        refused = await browser.get(path, challenge=browser.challenge, **{name: "https://evil.example/"})
        assert refused.status_code == 400, name
    for bad in ("", "x", "x" * 44, "=" * 43, "%0d%0aset-cookie:x" + "x" * 25, "é" * 43):
        assert (await browser.get(path, challenge=bad)).status_code == 400, bad
    assert (await browser.get(f"{path}?challenge={browser.challenge}&challenge={browser.challenge}")).status_code == 400
    response = await browser.get("/sso/callback?code=x&state=y&redirect_uri=https://evil.example/&next=//evil.example")
    assert response.headers["location"] == f"{LOCAL['client_url']}#sso-problem=STATE"
    asked = dict(parse_qsl(urlsplit(await browser.start(start_url)).query))
    assert asked["redirect_uri"] == f"{PUBLIC}/sso/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"], browser.challenge}) == 4
    for unknown in ("00000000-0000-0000-0000-000000000000", "x", "..%2f..%2fhealth"):
        response = await browser.get(f"/sso/{unknown}/start", challenge=browser.challenge)
        assert response.status_code == 404, unknown


async def test_the_cookie_is_of_this_host_out_of_reach_of_scripts_and_gone_afterwards(
    house: Portal, start_url: str
) -> None:
    browser = Browser(house)
    response = await browser.get(path_of(start_url), challenge=browser.challenge)
    (cookie,) = response.headers.get_list("set-cookie")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-portal_sso=")
    assert {"httponly", "secure", "path=/", "samesite=lax", "max-age=600"} <= parts
    assert response.headers["cache-control"] == "no-store"
    asked = dict(parse_qsl(urlsplit(response.headers["location"]).query))
    kept = await house.fetch("SELECT to_jsonb(s)::text AS row FROM portal.sso_sign_in s")
    for secret in (asked["state"], asked["nonce"], browser.cookies["__Host-portal_sso"], browser.challenge):
        assert secret not in kept[0]["row"]
    back = await browser.get("/sso/callback", state="x" * 43, code="x")
    assert "max-age=0" in back.headers["set-cookie"].lower()


def sign_with_public_key(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """HS256, with the provider's public key taken as the shared secret."""

    def sign(claims: dict[str, Any]) -> str:
        parts = [{"alg": "HS256", "kid": "ours"}, claims]
        text = ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)
        mac = hmac.digest(provider.key.as_pem(private=False), text.encode(), hashlib.sha256)
        return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    return sign


def write_unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def write_with_own_key(claims: dict[str, Any]) -> str:
    """By the attacker's key, which the token brings along."""
    key = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key)


def list_lies(provider: Provider) -> list[tuple[str, dict[str, Any], Callable[[dict[str, Any]], str] | None]]:
    now, stranger = int(time.time()), RSAKey.generate_key(2048)
    return [
        ("NONCE", {"nonce": "of another sign-in"}, None),
        ("NONCE", {"nonce": None}, None),
        ("ISSUER", {"iss": "https://other.example"}, None),
        ("ISSUER", {"iss": f"{provider.issuer}/"}, None),
        ("ISSUER", {"iss": [provider.issuer]}, None),
        ("AUDIENCE", {"aud": "another client"}, None),
        ("AUDIENCE", {"aud": ["portal", "another client"]}, None),
        ("AUDIENCE", {"aud": "portal", "azp": "another client"}, None),
        ("AUDIENCE", {"aud": None}, None),
        ("EXPIRED", {"exp": now - 3_600}, None),
        ("EXPIRED", {"exp": None}, None),
        ("EXPIRED", {"exp": "9999999999"}, None),
        ("EXPIRED", {"iat": now - 90_000}, None),
        ("EXPIRED", {"iat": now + 3_600}, None),
        ("EXPIRED", {"nbf": now + 3_600}, None),
        ("SUBJECT", {"sub": None}, None),
        ("SUBJECT", {"sub": ""}, None),
        ("SUBJECT", {"sub": "x" * 256}, None),
        ("SUBJECT", {"sub": 7}, None),
        ("ALGORITHM", {}, write_unsigned),
        ("ALGORITHM", {}, sign_with_public_key(provider)),
        ("NO_TOKEN", {}, write_with_own_key),
        ("SIGNATURE", {}, lambda claims: jwt.encode({"alg": "RS256", "kid": "ours"}, claims, stranger)),
        ("SIGNATURE", {}, lambda claims: provider.write(claims, kid="unknown")),
        ("SIGNATURE", {}, lambda claims: provider.write(claims)[:-9] + "AAAAAAAAA"),
        ("NO_TOKEN", {}, lambda claims: "x"),
        ("NO_TOKEN", {}, lambda claims: "a.b.c"),
        ("NO_TOKEN", {}, lambda claims: "x" * 30_000),
    ]


async def test_a_token_that_does_not_prove_everything_proves_nothing(
    house: Portal, provider: Provider, start_url: str
) -> None:
    provider.claims = {"hint": "signed by the second key"}
    assert await Browser(house).sign_in(start_url, "0815")  # so that a refusal below is the lie's
    lies = list_lies(provider)
    for code, provider.claims, provider.sign in lies:
        told = await Browser(house).walk(start_url, "0815")
        assert told == ("sso-problem", "TOKEN"), (code, provider.claims)
        noted = [json.loads(one["detail"])["code"] for one in await read_acts(house, "sso.refused")]
        assert noted.count(f"TOKEN_{code}") > 0, (code, noted)
    assert len(await read_acts(house, "sso.refused")) == len(lies)
    assert await count(house, "session WHERE sso_connection_id IS NOT NULL") == 1


async def test_a_provider_may_change_its_keys(house: Portal, provider: Provider, start_url: str) -> None:
    provider.claims = {"hint": "signed by the second key"}
    assert await Browser(house).sign_in(start_url, "0815")
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "ours", "use": "sig"})
    asked = provider.calls.count("/jwks")
    kept, asking.KEYS_AGAIN_SECONDS = asking.KEYS_AGAIN_SECONDS, 0.0
    try:
        assert await Browser(house).sign_in(start_url, "0815")
    finally:
        asking.KEYS_AGAIN_SECONDS = kept
    assert provider.calls.count("/jwks") == asked + 1


async def test_an_answer_of_another_provider_is_not_taken_for_this_ones(
    house: Portal, provider: Provider, start_url: str
) -> None:
    """Mix-up: the browser comes from elsewhere, and says so (RFC 9207), or brings a code of another provider."""
    browser = Browser(house)
    came = await browser.sign_in_there(await browser.start(start_url), "0815")
    assert await browser.come_back(**came, iss="https://evil.example") == ("sso-problem", "TOKEN")
    with providers.run_provider() as evil:
        _, token = await found(house, name="Evil Mills")
        evil_url = await connect(house, token, evil, "evil.example")
        await evil.add_person("0815", ADA)
        code = (await Browser(house).sign_in_there(await Browser(house).start(evil_url), "0815"))["code"]
        browser = Browser(house)
        came = await browser.sign_in_there(await browser.start(start_url), "0815")
        assert await browser.come_back(state=came["state"], code=code) == ("sso-problem", "PROVIDER")
        assert evil.calls.count("/oauth2/token") == 0
        came = await browser.sign_in_there(await browser.start(evil_url), "0815")
        told = await browser.come_back(**came)
        assert told == ("sso-problem", "FOREIGN_DOMAIN")  # though its address is of this portal's mills


async def test_a_code_of_another_sign_in_is_not_taken(house: Portal, provider: Provider, start_url: str) -> None:
    """Code injection: PKCE and nonce tie the code to the browser that asked for it."""
    victim, attacker = Browser(house), Browser(house)
    of_victim = await victim.sign_in_there(await victim.start(start_url), "0815")
    of_attacker = await attacker.sign_in_there(await attacker.start(start_url), "mallory")
    told = await attacker.come_back(state=of_attacker["state"], code=of_victim["code"])
    assert told == ("sso-problem", "PROVIDER")
    assert provider.calls.count("/oauth2/token") == 1


async def test_who_the_provider_does_not_vouch_for_does_not_come_in(
    house: Portal, provider: Provider, start_url: str
) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("NOT_VERIFIED", {"email": "eve@mills.example", "email_verified": False}),
        ("NOT_VERIFIED", {"email": "eve@mills.example", "email_verified": None}),
        ("NOT_VERIFIED", {"email": "eve@mills.example", "email_verified": "true"}),
        ("NOT_VERIFIED", {"email": None}),
        ("NOT_VERIFIED", {"email": 7}),
        ("NOT_VERIFIED", {"email": ["eve@mills.example"]}),
        ("NOT_VERIFIED", {"email": "eve@evil.example@mills.example"}),
        ("NOT_VERIFIED", {"email": "eve@mills.example\u0000"}),
        ("NOT_VERIFIED", {"email": "e" * 300 + "@mills.example"}),
        ("FOREIGN_DOMAIN", {"email": "eve@gmail.example"}),
        ("FOREIGN_DOMAIN", {"email": "eve@sub.mills.example"}),
        ("FOREIGN_DOMAIN", {"email": "eve@mills.example.evil.example"}),
        ("FOREIGN_DOMAIN", {"email": "eve@mi\u0142ls.example"}),
    ]
    for at, (code, claims) in enumerate(cases):
        given = {"email_verified": True} | claims
        await provider.add_person(f"eve{at}", **given)
        assert await Browser(house).walk(start_url, f"eve{at}") == ("sso-problem", code), claims
    assert await count(house, "sso_identity") == 0
    assert await Browser(house).walk(start_url, "0815") != ("sso-problem", "FOREIGN_DOMAIN")


async def test_an_account_that_was_there_is_not_taken_over(house: Portal, provider: Provider, start_url: str) -> None:
    """By a provider whose administrators give themselves any address of their own domain."""
    alone = await people.add_person(house.database, "alone@mills.example")
    elsewhere = await people.add_person(house.database, "elsewhere@mills.example")
    await people.add_organization(house.database, (elsewhere, "owner"), name="Other Mills")
    both = await people.add_person(house.database, "both@mills.example")
    await people.add_organization(house.database, (both, "owner"), name="Third Mills")
    careful = await people.add_person(house.database, "careful@mills.example")
    chief = await people.add_person(house.database, "chief@mills.example", operator=True)
    (mills,) = await house.fetch("SELECT id FROM portal.organization WHERE name = 'Careful Mills'")
    for person in (both, careful, chief):
        await house.run_sql(
            "INSERT INTO portal.member (organization_id, user_id, role) VALUES ($1, $2, 'viewer')",
            mills["id"],
            person.id,
        )
    await add_factor(house, careful.token)
    expected = {
        alone.email: ("sso-problem", "ACCOUNT_EXISTS"),
        elsewhere.email: ("sso-problem", "ACCOUNT_EXISTS"),
        both.email: ("sso-link", ""),
        careful.email: ("sso-link", ""),
        chief.email: ("sso-problem", "OPERATOR"),
    }
    for email, (what, code) in expected.items():
        await provider.add_person(email, email)
        browser = Browser(house)
        told = await browser.walk(start_url, email)
        assert (told[0], told[1] if code else "") == (what, code), email
        assert (await browser.finish(told[1]))["code"] == "BAD_CODE"
    assert await count(house, "sso_identity") == 0
    assert await count(house, "session WHERE sso_connection_id IS NOT NULL") == 0


async def test_a_link_is_made_by_the_person_alone_and_opens_one_organization(
    house: Portal, provider: Provider, start_url: str
) -> None:
    both = await people.add_person(house.database, "both@mills.example")
    await people.add_organization(house.database, (both, "owner"), name="Third Mills")
    await house.run_sql(
        "INSERT INTO portal.member (organization_id, user_id, role)"
        " SELECT id, $1, 'viewer' FROM portal.organization WHERE name = 'Careful Mills'",
        both.id,
    )
    stranger = await people.add_person(house.database)
    token, of_stranger = await sign_in(house, both), await sign_in(house, stranger)
    await provider.add_person("b", both.email)
    browser = Browser(house)
    _, code = await browser.walk(start_url, "b")
    given = {"code": code, "verifier": browser.verifier, "password": PASSWORD}
    assert (await change(house, LINK, of_stranger, **given))["code"] == "BAD_CODE"
    _, code = await browser.walk(start_url, "b")
    assert (await change(house, LINK, token, **{**given, "code": code}))["__typename"] == "SsoLinked"
    by_sso = await browser.sign_in(start_url, "b")
    seen = (await read(house, do.VIEWER, by_sso))["viewer"]
    assert [one["name"] for one in seen["organizations"]] == ["Careful Mills"]
    assert len(seen["sessions"]) == 1  # those for other organizations are not told
    others = (await read(house, do.VIEWER, token))["viewer"]["organizations"]
    third = next(one["organizationId"] for one in others if one["name"] == "Third Mills")
    chosen = await change(house, do.CHOOSE, by_sso, organizationId=third)
    assert (chosen["__typename"], chosen["code"]) == ("NotAllowed", "SSO_SESSION")
    founded = await change(house, do.FOUND, by_sso, name="Fourth Mills")
    assert founded["code"] == "SSO_SESSION"
    assert (await change(house, do.CHANGE_PASSWORD, by_sso, currentPassword="x", newPassword="y" * 12))["code"]
    await house.run_sql("UPDATE portal.user_account SET is_operator = true WHERE id = $1", both.id)
    assert "errors" in await house.ask(do.VIEWER, by_sso)  # no operator acts by a provider


async def test_the_same_address_under_another_subject_is_somebody_else(
    house: Portal, provider: Provider, start_url: str
) -> None:
    await Browser(house).sign_in(start_url, "0815")
    await provider.add_person("0816", ADA)  # given to a new colleague, say
    assert await Browser(house).walk(start_url, "0816") == ("sso-problem", "OTHER_SUBJECT")


async def test_who_was_removed_stays_out_until_invited(house: Portal, provider: Provider, start_url: str) -> None:
    by_sso = await Browser(house).sign_in(start_url, "0815")
    (ada,) = await house.fetch("SELECT id FROM portal.user_account WHERE email = $1", ADA)
    browser = Browser(house)
    _, code = await browser.walk(start_url, "0815")
    await house.run_sql("DELETE FROM portal.member WHERE user_id = $1", ada["id"])
    assert (await browser.finish(code))["code"] == "BAD_CODE"  # on the way already
    assert "errors" in await house.ask(do.VIEWER, by_sso)
    assert await Browser(house).walk(start_url, "0815") == ("sso-problem", "NOT_MEMBER")
    (mills,) = await house.fetch("SELECT id FROM portal.organization")
    await people.invite(house.database, mills["id"], "member", ADA, role="owner")  # which takes the link of the letter
    assert await Browser(house).walk(start_url, "0815") == ("sso-problem", "NOT_MEMBER")
    await people.invite(house.database, mills["id"], "member", ADA, role="reviewer")
    by_sso = await Browser(house).sign_in(start_url, "0815")
    assert (await read(house, do.VIEWER, by_sso))["viewer"]["memberRole"] == "REVIEWER"
    assert await count(house, "invitation WHERE used_at IS NOT NULL") == 1
    await house.run_sql("DELETE FROM portal.member WHERE user_id = $1", ada["id"])
    await provider.add_person("0817", ADA)
    assert await Browser(house).walk(start_url, "0817") == ("sso-problem", "ACCOUNT_EXISTS")


async def test_what_ends_in_the_middle_lets_nobody_in(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    await provider.add_person("0815", ADA)
    start_url = await connect(house, token, provider, "mills.example")
    off, on = {"isEnabled": False, "isRequired": False}, {"isEnabled": True, "isRequired": False}
    browser = Browser(house)
    came = await browser.sign_in_there(await browser.start(start_url), "0815")
    await change(house, SWITCH, token, **off)
    assert await browser.come_back(**came) == ("sso-problem", "STATE")  # who is on the way is forgotten, too
    await change(house, SWITCH, token, **on)
    _, code = await browser.walk(start_url, "0815")
    await change(house, SWITCH, token, **off)
    await change(house, SWITCH, token, **on)
    assert (await browser.finish(code))["code"] == "BAD_CODE"
    for status in ("suspended", "closed"):
        await house.run_sql("UPDATE portal.organization SET status = 'active'")
        came = await browser.sign_in_there(await browser.start(start_url), "0815")
        waits = Browser(house)
        _, code = await waits.walk(start_url, "0815")
        await house.run_sql("UPDATE portal.organization SET status = $1", status)
        assert await browser.come_back(**came) == ("sso-problem", "ENDED")
        assert (await waits.finish(code))["code"] == "BAD_CODE"
        assert (await browser.get(path_of(start_url), challenge=browser.challenge)).status_code == 404


async def test_another_issuer_or_client_is_not_the_one_that_people_came_by(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    await provider.add_person("0815", ADA)
    start_url = await connect(house, token, provider, "mills.example")
    by_sso = await Browser(house).sign_in(start_url, "0815")
    with providers.run_provider() as other:
        await other.add_person("0815", "grace@mills.example")
        await connect(house, token, other)
        assert "errors" in await house.ask(do.VIEWER, by_sso)
        browser = Browser(house)
        _, code = await browser.walk(start_url, "0815")  # the same subject of another issuer
        assert (await browser.finish(code))["user"]["email"] == "grace@mills.example"


async def test_a_provider_that_fails_lets_nobody_in_and_breaks_nothing(
    house: Portal, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(asking, "KEPT_SECONDS", 0.0)
    _, token = await found(house)
    await provider.add_person("0815", ADA)
    start_url = await connect(house, token, provider, "mills.example")
    late = asyncio.Event()

    def sleep(environ: dict[str, Any]) -> tuple[int, bytes]:
        time.sleep(1.0)  # the server's own thread
        late.set()
        return 200, b"{}"

    answers: list[Any] = [(500, b"{}"), (302, b""), (204, b""), (200, b"no JSON"), (200, b"[]"), (200, b"\xff" * 900)]
    answers += [(200, b"[" * 100_000), (200, b'{"a": "' + b"x" * 1_000_000 + b'"}'), (200, b'{"keys": 7}'), sleep]
    for path in ("/.well-known/openid-configuration", "/jwks", "/oauth2/token"):
        for answer in answers:
            browser = Browser(house)
            came = await browser.sign_in_there(await browser.start(start_url), "0815")
            provider.answers[path] = answer if callable(answer) else lambda environ, said=answer: said
            told = await browser.come_back(**came)
            assert told[0] == "sso-problem", (path, answer)
            assert told[1] in ("PROVIDER", "TOKEN")
            if path != "/oauth2/token":
                response = await browser.get(path_of(start_url), challenge=browser.challenge)
                assert response.headers["location"].endswith("#sso-problem=PROVIDER")
            del provider.answers[path]
    assert late.is_set()
    assert await Browser(house).sign_in(start_url, "0815")
    browser = Browser(house)
    location = await browser.start(start_url)
    state = dict(parse_qsl(urlsplit(location).query))["state"]
    assert await browser.come_back(state=state, error="access_denied") == ("sso-problem", "DECLINED")
    location = await browser.start(start_url)
    state = dict(parse_qsl(urlsplit(location).query))["state"]
    assert await browser.come_back(state=state) == ("sso-problem", "DECLINED")


async def test_a_person_beside_the_token_must_be_the_same(house: Portal, provider: Provider, start_url: str) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.say("/userinfo", {"sub": "somebody else", "email": "boss@mills.example", "email_verified": True})
    assert await Browser(house).walk(start_url, "0815") == ("sso-problem", "TOKEN")
    provider.say("/userinfo", {"email": "boss@mills.example", "email_verified": True})
    assert await Browser(house).walk(start_url, "0815") == ("sso-problem", "TOKEN")


async def test_no_provider_leads_into_the_operators_network(
    database: databases.TestDatabase, provider: Provider
) -> None:
    """As the product ships, and where a public name's description names a private address."""
    shipped = {**LOCAL, "sso_http": False, "sso_networks": ""}
    async with portals.run_portal(
        database, secret_key="only for tests and as long as keys have to be", **shipped
    ) as house:
        _, token = await found(house)
        given = {"clientId": "portal", "clientSecret": "x"}
        for issuer in (
            provider.issuer, "https://127.0.0.1:8443", "https://localhost:8443", "https://10.1.2.3", "https://[::1]:8443",
            "https://169.254.169.254", "https://0x7f000001", "https://user:pass@idp.example", "https://idp.example/#x",
            "file:///etc/passwd", "https://idp.example?x=1", "ldap://idp.example", "https://idp.example:22", "", "x",
        ):  # fmt: skip
            refused = await change(house, SET, token, issuer=issuer, **given)
            assert refused["problems"] == [{"code": "BAD_URL", "path": ["input", "issuer"]}], issuer
        assert provider.calls == []


async def test_a_description_does_not_lead_elsewhere_either(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    provider.port and await connect(house, token, provider)
    whole = {
        "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/oauth2/authorize",
        "token_endpoint": f"{provider.issuer}/oauth2/token", "jwks_uri": f"{provider.issuer}/jwks",
    }  # fmt: skip
    lies: list[dict[str, Any]] = [
        {"token_endpoint": "http://10.1.2.3:8080/token"},
        {"jwks_uri": "http://169.254.169.254/latest/meta-data/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://x:y@127.0.0.1:9000/"},
        {"userinfo_endpoint": "http://192.168.0.1:8080/"},
        {"token_endpoint": None},
        {"token_endpoint": 7},
        {"issuer": f"{provider.issuer}/"},
        {"issuer": None},
        {"token_endpoint_auth_methods_supported": ["none"]},
        {"token_endpoint_auth_methods_supported": "client_secret_basic"},
    ]
    for lie in lies:
        provider.say("/.well-known/openid-configuration", whole | lie)
        assert (await change(house, TEST, token))["code"] == "PROVIDER", lie
    provider.say("/.well-known/openid-configuration", whole)
    assert (await change(house, TEST, token))["__typename"] == "SsoConnectionTested"


async def test_owners_try_no_endless_number_of_addresses(house: Portal, provider: Provider) -> None:
    """Or the portal would look for open ports on their behalf."""
    _, token = await found(house)
    given = {"issuer": f"http://127.0.0.1:{provider.port}", "clientId": "portal", "clientSecret": "x"}
    provider.say("/.well-known/openid-configuration", {})
    answers = [await change(house, SET, token, **given) for _ in range(31)]
    assert [one["__typename"] for one in answers] == [*["InvalidInput"] * 30, "RateLimited"]


async def test_a_claimed_domain_counts_only_once_it_was_shown(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider)
    await provider.add_person("0815", ADA)
    await change(house, CLAIM, token, domain="mills.example")
    assert await Browser(house).walk(start_url, "0815") == ("sso-problem", "FOREIGN_DOMAIN")
    assert (await change(house, CHECK, token, domain="mills.example"))["code"] == "NO_NAME_SERVERS"
    for name in [f"m{number}.example" for number in range(19)]:
        assert (await change(house, CLAIM, token, domain=name))["__typename"] == "SsoDomainClaimed"
    assert (await change(house, CLAIM, token, domain="one.more.example"))["code"] == "TOO_MANY_DOMAINS"


async def test_a_name_from_elsewhere_is_a_name(house: Portal, provider: Provider, start_url: str) -> None:
    for at, name in enumerate(("<script>x</script>", "\u202egnp.exe", "x" * 5_000, "", 7, None, {"a": 1}, " \n ")):
        email = f"n{at}{secrets.token_hex(3)}@mills.example"
        await provider.add_person(f"n{at}", email, name=name)
        browser = Browser(house)
        _, code = await browser.walk(start_url, f"n{at}")
        shown = (await browser.finish(code))["user"]["name"]
        assert 1 <= len(shown) <= 200
        assert "\u202e" not in shown
