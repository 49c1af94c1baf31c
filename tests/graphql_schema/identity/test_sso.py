"""Signing in by the identity provider of an organization, over real HTTP: set up, first visit, link, end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import dns.message
import dns.rrset
import pytest

from tests import databases, people
from tests.graphql_schema import portals
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity import providers
from tests.graphql_schema.identity.documents import change, read
from tests.graphql_schema.identity.factors import add_factor, write
from tests.graphql_schema.identity.providers import (
    CHECK,
    CLAIM,
    CLIENT,
    DROP,
    LINK,
    LOCAL,
    PUBLIC,
    REMOVE,
    SECRET,
    SET,
    SWITCH,
    TEST,
    Browser,
    Provider,
    connect,
)
from tests.graphql_schema.portals import Portal
from tests.people import PASSWORD, Person

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config")  # of what the mock is made of
START = "query ($email: String!) { ssoStart(email: $email) { startUrl } }"
CONNECTION = "{ ssoConnection { issuer isEnabled isRequired domains { name isVerified } } }"
DEVICES = "{ viewer { sessions { way isCurrent } organizations { name needsSso } organization { name } memberRole } }"
ERASE = write("eraseAccount", "... on AccountErased { email }")
REQUIRE_FACTOR = write("requireSecondFactor", "... on SecondFactorRequired { endedSessions }")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # of the mock, which is asked without TLS
    with providers.run_provider() as running:
        yield running


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[Portal]:
    async with portals.run_portal(
        database, secret_key="only for tests and as long as keys have to be", **LOCAL
    ) as running:
        yield running


async def found(house: Portal, *members: tuple[Person, str], name: str = "Careful Mills") -> tuple[Person, str]:
    """An organization with an owner who is signed in."""
    owner = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), *members, name=name)
    return owner, await sign_in(house, owner)


async def sign_in(house: Portal, person: Person) -> str:
    token: str = (await change(house, do.SIGN_IN, email=person.email, password=PASSWORD))["token"]
    return token


async def read_acts(house: Portal, action: str) -> list[Any]:
    return await house.fetch(
        "SELECT organization_id, detail::jsonb, actor_id, object_id FROM portal.audit_event WHERE action = $1", action
    )


async def test_somebody_new_comes_in_with_an_address_of_a_verified_domain(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example", defaultRole="EDITOR")
    assert start_url.startswith(f"{PUBLIC}/sso/")
    assert (await read(house, START, None, email="Anybody@Mills.Example"))["ssoStart"] == {"startUrl": start_url}
    await provider.add_person("0815", "Ada@Mills.Example")
    browser = Browser(house)
    what, code = await browser.walk(start_url, "0815")
    assert what == "sso"
    signed_in = await browser.finish(code)
    assert signed_in["user"] == {"email": "ada@mills.example", "name": "Ada of the mills"}
    assert signed_in["organizations"] == [{"name": "Careful Mills", "role": "EDITOR"}]
    viewer = (await read(house, DEVICES, signed_in["token"]))["viewer"]
    assert viewer["sessions"] == [{"way": "SSO", "isCurrent": True}]
    assert (viewer["organization"]["name"], viewer["memberRole"]) == ("Careful Mills", "EDITOR")
    (joined,) = await read_acts(house, "sso.joined")
    (opened,) = [one for one in await read_acts(house, "session.opened") if "sso" in one["detail"]]
    assert joined["organization_id"] == opened["organization_id"] is not None
    letters = [one for one in await people.read_letters(house.database) if one.to == "ada@mills.example"]
    assert ["can sign you in from now on" in one.body for one in letters] == [True]
    assert (await change(house, do.SIGN_OUT, signed_in["token"]))["__typename"] == "SignedOut"
    assert "errors" in await house.ask(do.VIEWER, signed_in["token"])


async def test_somebody_without_a_password_leaves_by_signing_in_anew(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("0815", "ada@mills.example")
    old = await Browser(house).sign_in(start_url, "0815")
    await house.run_sql("UPDATE portal.session SET created_at = created_at - interval '11 minutes'")
    assert (await change(house, ERASE, old, password=None))["code"] == "SIGN_IN_AGAIN"
    anew = await Browser(house).sign_in(start_url, "0815")
    assert (await change(house, ERASE, anew, password=None))["email"] == "ada@mills.example"
    assert "errors" in await house.ask(do.VIEWER, anew)


async def test_the_same_person_is_known_by_its_subject_whatever_its_address(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("0815", "ada@mills.example")
    await Browser(house).sign_in(start_url, "0815")
    await provider.add_person("0815", "someone@elsewhere.example", email_verified=False)
    browser = Browser(house)
    _, code = await browser.walk(start_url, "0815")
    assert (await browser.finish(code))["user"]["email"] == "ada@mills.example"
    assert len(await read_acts(house, "sso.joined")) == 1


async def test_an_address_that_stands_beside_the_token_is_read_too(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("0815", "ada@mills.example")
    provider.claims = {"email": None, "email_verified": None}
    await Browser(house).sign_in(start_url, "0815")
    assert "/userinfo" in provider.calls


async def test_a_member_with_a_password_alone_is_linked_and_told(house: Portal, provider: Provider) -> None:
    colleague = await people.add_person(house.database, "grace@mills.example")
    _, token = await found(house, (colleague, "reviewer"))
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("4711", colleague.email)
    by_sso = await Browser(house).sign_in(start_url, "4711")
    assert (await read(house, DEVICES, by_sso))["viewer"]["memberRole"] == "REVIEWER"
    (linked,) = await read_acts(house, "sso.linked")
    assert linked["actor_id"] == colleague.id
    letters = [one.body for one in await people.read_letters(house.database) if one.to == colleague.email]
    assert any("can sign you in from now on" in one for one in letters)


async def test_an_owner_links_the_account_with_the_password(house: Portal, provider: Provider) -> None:
    owner = await people.add_person(house.database, "owner@mills.example")
    await people.add_organization(house.database, (owner, "owner"), name="Careful Mills")
    token = await sign_in(house, owner)
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("1", owner.email)
    browser = Browser(house)
    what, code = await browser.walk(start_url, "1")
    assert what == "sso-link"
    assert (await browser.finish(code))["code"] == "BAD_CODE"  # it opens no session
    given = {"code": code, "verifier": browser.verifier}
    assert (await change(house, LINK, token, **given, password="not the password"))["code"] == "WRONG_PASSWORD"
    assert (await change(house, LINK, token, **given, password=PASSWORD)) == {"__typename": "SsoLinked", "linked": True}
    assert (await change(house, LINK, token, **given, password=PASSWORD))["code"] == "BAD_CODE"
    by_sso = await Browser(house).sign_in(start_url, "1")
    assert (await read(house, DEVICES, by_sso))["viewer"]["memberRole"] == "OWNER"


async def test_an_invitation_is_taken_up_by_the_provider_with_its_role(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await change(house, SWITCH, token, isEnabled=True, isRequired=True)
    known = await people.add_person(house.database, "known@mills.example")
    (mills,) = await house.fetch("SELECT id FROM portal.organization")
    links = {
        email: await people.invite(house.database, mills["id"], "member", email, role="reviewer")
        for email in ("new@mills.example", known.email)
    }
    its = await sign_in(house, known)
    refused = await change(house, do.JOIN, its, token=links[known.email])
    assert refused["code"] == "SSO_NEEDED"  # a password does not lead in
    await provider.add_person("n", "new@mills.example")
    by_sso = await Browser(house).sign_in(start_url, "n")
    assert (await read(house, DEVICES, by_sso))["viewer"]["memberRole"] == "REVIEWER"
    await provider.add_person("k", known.email)
    browser = Browser(house)
    what, code = await browser.walk(start_url, "k")
    assert what == "sso-link"
    linked = await change(house, LINK, its, code=code, verifier=browser.verifier, password=PASSWORD)
    assert linked["__typename"] == "SsoLinked"
    by_sso = await Browser(house).sign_in(start_url, "k")
    assert (await read(house, DEVICES, by_sso))["viewer"]["memberRole"] == "REVIEWER"


async def test_the_owner_sets_tries_changes_and_removes_the_connection(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    assert (await read(house, CONNECTION, token))["ssoConnection"] is None
    assert (await change(house, TEST, token))["__typename"] == "NotFound"
    given = {"issuer": provider.issuer, "clientId": "portal"}
    assert (await change(house, SET, token, **given))["code"] == "REQUIRED"
    owner_role = await change(house, SET, token, **given, clientSecret="x", defaultRole="OWNER")
    assert owner_role["problems"] == [{"code": "CHOICE", "path": ["input", "defaultRole"]}]
    await connect(house, token, provider, "mills.example")
    kept = await change(house, SET, token, **given, defaultRole="EDITOR")  # without a secret, which stays
    assert kept["connection"]["defaultRole"] == "EDITOR"
    assert kept["connection"]["redirectUri"] == f"{PUBLIC}/sso/callback"
    assert (await change(house, TEST, token))["__typename"] == "SsoConnectionTested"
    other = await change(house, SET, token, issuer=provider.issuer, clientId="other")
    assert other["code"] == "REQUIRED"  # the kept secret goes to nobody else
    provider.say("/.well-known/openid-configuration", {"issuer": "https://somebody.else"})
    assert (await change(house, TEST, token))["code"] == "PROVIDER"
    assert (await change(house, SET, token, **given, clientSecret="x"))["code"] == "PROVIDER"
    sealed = await house.fetch("SELECT sealed FROM portal.sso_connection")
    assert SECRET not in sealed[0]["sealed"]
    assert (await change(house, REMOVE, token))["endedSessions"] == 0
    assert (await read(house, CONNECTION, token))["ssoConnection"] is None
    bodies = " ".join(one.body for one in await people.read_letters(house.database))
    assert "connected it with an identity provider" in bodies
    assert "removed its identity provider" in bodies


async def test_only_owners_see_and_change_it(house: Portal, provider: Provider) -> None:
    editor = await people.add_person(house.database)
    _, token = await found(house, (editor, "editor"))
    await connect(house, token, provider, "mills.example")
    its = await sign_in(house, editor)
    assert "errors" in await house.ask(CONNECTION, its)
    given = {"issuer": provider.issuer, "clientId": "portal", "clientSecret": "x"}
    assert (await change(house, SET, its, **given))["__typename"] == "NotAllowed"
    assert (await change(house, SWITCH, its, isEnabled=False, isRequired=False))["__typename"] == "NotAllowed"
    assert (await change(house, CLAIM, its, domain="mills.example"))["__typename"] == "NotAllowed"
    assert (await change(house, REMOVE, its))["__typename"] == "NotAllowed"


async def test_where_it_is_required_a_password_opens_the_organization_to_owners_alone(
    house: Portal, provider: Provider
) -> None:
    colleague = await people.add_person(house.database, "grace@mills.example")
    owner, token = await found(house, (colleague, "editor"))
    early = await change(house, SWITCH, token, isEnabled=True, isRequired=True)
    assert early["__typename"] == "NotFound"
    start_url = await connect(house, token, provider)
    assert (await change(house, SWITCH, token, isEnabled=True, isRequired=True))["code"] == "NO_DOMAIN"
    await connect(house, token, provider, "mills.example")
    assert (await change(house, SWITCH, token, isEnabled=False, isRequired=True))["code"] == "NOT_ENABLED"
    before = await sign_in(house, colleague)
    switched = await change(house, SWITCH, token, isEnabled=True, isRequired=True)
    assert switched["endedSessions"] >= 1
    assert "errors" in await house.ask(do.VIEWER, before)
    assert (await read(house, DEVICES, token))["viewer"]["memberRole"] == "OWNER"
    again = await sign_in(house, colleague)
    viewer = (await read(house, DEVICES, again))["viewer"]
    assert viewer["organization"] is None
    assert viewer["organizations"] == [{"name": "Careful Mills", "needsSso": True}]
    organization = (await read(house, do.VIEWER, again))["viewer"]["organizations"][0]["organizationId"]
    assert (await change(house, do.CHOOSE, again, organizationId=organization))["code"] == "SSO_NEEDED"
    await provider.add_person("4711", colleague.email)
    by_sso = await Browser(house).sign_in(start_url, "4711")
    assert (await read(house, DEVICES, by_sso))["viewer"]["memberRole"] == "EDITOR"
    letters = [one.body for one in await people.read_letters(house.database) if one.to == colleague.email]
    assert any("by its identity provider only from now on" in one for one in letters)
    # An owner who becomes an editor acts with a password session no more, in the very next call.
    second = await people.add_person(house.database)
    await people.run_sql(
        house.database,
        "INSERT INTO portal.member (organization_id, user_id, role)"
        " SELECT organization_id, $1, 'owner' FROM portal.member WHERE user_id = $2",
        second.id,
        owner.id,
    )
    await people.run_sql(house.database, "UPDATE portal.member SET role = 'editor' WHERE user_id = $1", owner.id)
    assert (await read(house, DEVICES, token))["viewer"]["organization"] is None


async def test_a_required_second_factor_is_the_providers_matter_for_who_comes_by_it(
    house: Portal, provider: Provider
) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await add_factor(house, token)
    await provider.add_person("0815", "ada@mills.example")
    by_sso = await Browser(house).sign_in(start_url, "0815")
    required = await change(house, REQUIRE_FACTOR, token, isRequired=True)
    assert required["__typename"] == "SecondFactorRequired"
    assert (await read(house, DEVICES, by_sso))["viewer"]["organization"]["name"] == "Careful Mills"
    assert await Browser(house).sign_in(start_url, "0815")


async def test_switched_off_or_removed_it_ends_the_sessions_that_it_opened(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("0815", "ada@mills.example")
    for statement, given in ((SWITCH, {"isEnabled": False, "isRequired": False}), (REMOVE, None)):
        await change(house, SWITCH, token, isEnabled=True, isRequired=False)
        by_sso = await Browser(house).sign_in(start_url, "0815")
        ended = await change(house, statement, token, **(given or {}))
        assert ended["endedSessions"] == 1, ended
        assert "errors" in await house.ask(do.VIEWER, by_sso)
    assert (await read(house, DEVICES, token))["viewer"]["memberRole"] == "OWNER"
    response = await Browser(house).get(start_url.removeprefix(PUBLIC), challenge="x" * 43)
    assert response.status_code == 404


async def test_a_session_ends_by_itself_after_twelve_hours(house: Portal, provider: Provider) -> None:
    _, token = await found(house)
    start_url = await connect(house, token, provider, "mills.example")
    await provider.add_person("0815", "ada@mills.example")
    by_sso = await Browser(house).sign_in(start_url, "0815")
    await people.move_clock(house.database, "12 hours")
    assert "errors" in await house.ask(do.VIEWER, by_sso)


class NameServer(asyncio.DatagramProtocol):
    """A name server with TXT records."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.asked: list[str] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, content: bytes, address: Any) -> None:
        query = dns.message.from_wire(content)
        name = str(query.question[0].name).rstrip(".")
        self.asked.append(name)
        answer = dns.message.make_response(query)
        if name in self.records:
            texts = [f'"{one}"' for one in self.records[name]]
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))
        self.transport.sendto(answer.to_wire(), address)


@asynccontextmanager
async def run_name_server() -> AsyncIterator[tuple[NameServer, int]]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, sock=listener)
    try:
        yield server, listener.getsockname()[1]
    finally:
        transport.close()


async def test_a_domain_is_shown_by_a_record_that_a_name_server_has(database: databases.TestDatabase) -> None:
    async with run_name_server() as (names, port):
        given = {**LOCAL, "dns_servers": f"127.0.0.1:{port}"}
        async with portals.run_portal(
            database, secret_key="only for tests and as long as keys have to be", **given
        ) as house:
            _, token = await found(house)
            claimed = (await change(house, CLAIM, token, domain="Mills.Example."))["domain"]
            assert (claimed["name"], claimed["isVerified"]) == ("mills.example", False)
            assert claimed["recordName"] == "_supplier-portal.mills.example"
            again = (await change(house, CLAIM, token, domain="mills.example"))["domain"]
            assert again["recordValue"] == claimed["recordValue"]
            missing = await change(house, CHECK, token, domain="mills.example")
            assert missing["code"] == "RECORD_MISSING"
            names.records[claimed["recordName"]] = ["something else", claimed["recordValue"] + "x"]
            assert (await change(house, CHECK, token, domain="mills.example"))["code"] == "RECORD_MISSING"
            names.records[claimed["recordName"]] = ["something else", claimed["recordValue"]]
            checked = await change(house, CHECK, token, domain="mills.example")
            assert checked["domain"]["isVerified"] is True
            assert set(names.asked) == {"_supplier-portal.mills.example"}
            # Another organization does not have it, with or without a record of its own beside that.
            _, other = await found(house, name="Other Mills")
            stolen = (await change(house, CLAIM, other, domain="mills.example"))["domain"]
            assert stolen["recordValue"] != claimed["recordValue"]
            assert (await change(house, CHECK, other, domain="mills.example"))["code"] == "RECORD_MISSING"
            names.records[claimed["recordName"]].append(stolen["recordValue"])
            assert (await change(house, CHECK, other, domain="mills.example"))["code"] == "DOMAIN_TAKEN"
            assert (await change(house, DROP, token, domain="mills.example"))["domains"] == []
            assert (await change(house, CHECK, other, domain="mills.example"))["domain"]["isVerified"] is True
            assert (await change(house, CHECK, other, domain="elsewhere.example"))["__typename"] == "NotFound"
            assert len(await read_acts(house, "sso.domain_verified")) == 2


async def test_without_a_name_server_the_operator_confirms(house: Portal) -> None:
    _, token = await found(house)
    await change(house, CLAIM, token, domain="mills.example")
    assert (await change(house, CHECK, token, domain="mills.example"))["code"] == "NO_NAME_SERVERS"
    for bad in ("mills", "a b.example", "x@mills.example", "mills..example", "", "*.example.com", "a" * 260 + ".com"):
        assert (await change(house, CLAIM, token, domain=bad))["code"] == "DOMAIN", bad


async def test_where_to_sign_in_hangs_on_the_domain_and_on_nothing_else(house: Portal, provider: Provider) -> None:
    member = await people.add_person(house.database, "grace@mills.example")
    _, token = await found(house, (member, "editor"))
    start_url = await connect(house, token, provider, "mills.example")
    for email in (member.email, "nobody@mills.example"):
        assert (await read(house, START, None, email=email))["ssoStart"] == {"startUrl": start_url}
    for email in ("grace@elsewhere.example", "grace@sub.mills.example"):
        assert (await read(house, START, None, email=email))["ssoStart"] is None
    assert "errors" in await house.ask(START, email="no address")
    await change(house, SWITCH, token, isEnabled=False, isRequired=False)
    assert (await read(house, START, None, email=member.email))["ssoStart"] is None
    assert CLIENT not in start_url
