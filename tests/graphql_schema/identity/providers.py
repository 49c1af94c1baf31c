"""An identity provider over real HTTP, which can be made to lie, and a browser that goes there and back."""

import base64
import contextlib
import hashlib
import io
import json
import secrets
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.clients import open_client
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity.documents import change
from tests.graphql_schema.identity.factors import write
from tests.graphql_schema.portals import Portal

# What the mock is built on warns of itself as it is loaded, and has such warnings told instead of raised from then on.
with warnings.catch_warnings():
    from authlib.deprecate import AuthlibDeprecationWarning

    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from oidc_provider_mock import _server, app

PUBLIC, CLIENT = "https://portal.example", "https://client.example/app"
LOCAL = {"public_url": PUBLIC, "client_url": CLIENT, "sso_http": True, "sso_networks": "127.0.0.0/8"}
CONNECTION = (
    "connection { issuer clientId isEnabled isRequired defaultRole redirectUri startUrl"
    " domains { name isVerified recordName recordValue } }"
)
SET = write("setSsoConnection", f"... on SsoConnectionSet {{ {CONNECTION} }}")
TEST = (
    "mutation { result: testSsoConnection { __typename"
    f" ... on SsoConnectionTested {{ {CONNECTION} }} {do.PROBLEM} }} }}"
)
SWITCH = write("switchSso", f"... on SsoSwitched {{ endedSessions {CONNECTION} }}")
REMOVE = (
    "mutation { result: removeSsoConnection { __typename ... on SsoConnectionRemoved { endedSessions }"
    f" {do.PROBLEM} }} }}"
)
CLAIM = write("claimSsoDomain", "... on SsoDomainClaimed { domain { name isVerified recordName recordValue } }")
CHECK = write("checkSsoDomain", "... on SsoDomainChecked { domain { name isVerified verifiedAt } }")
DROP = write("removeSsoDomain", "... on SsoDomainRemoved { domains { name } }")
FINISH = write(
    "finishSso",
    "... on SignedIn { token expiresAt user { email name } organization { name } organizations { name role } }",
)
LINK = write("linkSso", "... on SsoLinked { linked }")
SECRET = "the secret: of/the client+%"
Answer = Callable[[dict[str, Any]], tuple[int, bytes]]


@dataclass
class Provider:
    """The provider of the `oidc-provider-mock`, with a place between it and its callers where answers are changed."""

    inner: Any
    port: int = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "ours", "use": "sig"}))
    claims: dict[str, Any] = field(default_factory=dict)  # of id tokens; None takes one away
    sign: Callable[[dict[str, Any]], str] | None = None
    answers: dict[str, Answer] = field(default_factory=dict)  # by path, in place of the provider's own
    calls: list[str] = field(default_factory=list)
    challenges: dict[str, str] = field(default_factory=dict)  # by code

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, path: str, content: Any, status: int = 200) -> None:
        """Answer so at this path from now on."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.answers[path] = lambda environ: (status, body)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        self.calls.append(path)
        if path in self.answers:
            status, body = self.answers[path](environ)
            start_response(
                f"{status} Said", [("Content-Type", "application/json"), ("Location", "http://127.0.0.1:1/")]
            )
            return [body]
        if path == "/oauth2/token" and not self._proves_itself(environ):
            start_response("400 Bad Request", [("Content-Type", "application/json")])
            return [b'{"error": "invalid_grant"}']
        captured: dict[str, Any] = {}

        def keep(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], None]:
            captured.update(status=status, headers=dict(headers))
            return lambda chunk: None

        body = b"".join(self.inner(environ, keep))
        body = self._change(path, environ, captured, body)
        captured["headers"]["Content-Length"] = str(len(body))
        start_response(captured["status"], list(captured["headers"].items()))
        return [body]

    def _proves_itself(self, environ: dict[str, Any]) -> bool:
        """PKCE and the client's secret, which the mock does not check."""
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(content)
        form = dict(parse_qsl(content.decode()))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        given = base64.b64decode(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Basic ")).decode()
        encoded = "the%20secret%3A%20of%2Fthe%20client%2B%25"
        return self.challenges.get(form.get("code", "")) == expected and given == f"portal:{encoded}"

    def _change(self, path: str, environ: dict[str, Any], captured: dict[str, Any], body: bytes) -> bytes:
        if path == "/oauth2/authorize" and "Location" in captured["headers"]:
            asked = parse_qs(environ["QUERY_STRING"])
            came = parse_qs(urlsplit(captured["headers"]["Location"]).query)
            if "code" in came:
                assert asked["code_challenge_method"] == ["S256"]
                self.challenges[came["code"][0]] = asked["code_challenge"][0]
        if path == "/jwks":
            found = json.loads(body)
            found["keys"].append(self.key.as_dict(private=False))
            return json.dumps(found).encode()
        if path == "/oauth2/token" and captured["status"].startswith("200") and (self.claims or self.sign):
            answer = json.loads(body)
            content = answer["id_token"].split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))) | self.claims
            kept = {name: value for name, value in claims.items() if value is not None}
            answer["id_token"] = (self.sign or self.write)(kept)
            return json.dumps(answer).encode()
        return body

    def write(self, claims: dict[str, Any], **header: Any) -> str:
        """A token that this provider has signed."""
        content = json.dumps(claims).encode()  # whatever the claims are
        return jws.serialize_compact({"alg": "RS256", "kid": "ours", **header}, content, self.key)

    async def add_person(self, sub: str, email: str | None = None, **claims: Any) -> str:
        """Somebody whom the provider knows, with a verified address unless told otherwise."""
        known = {"email": email, "email_verified": True, "name": "Ada of the mills"} | claims
        given = {name: value for name, value in known.items() if value is not None}
        async with open_client(base_url=self.issuer) as client:
            response = await client.put(f"/users/{sub}", json=given)
        assert response.status_code == 204, response.text
        return sub


@contextlib.contextmanager
def run_provider() -> Iterator[Provider]:
    made = Provider(app())
    with _server._threaded_server(made, host="127.0.0.1") as server:
        made.port = server.server_port
        yield made


@dataclass
class Browser:
    """A browser with its cookies, and a client in it that holds a secret."""

    house: Portal
    cookies: dict[str, str] = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """An address of the portal, as the browser asks for it; cookies are kept."""
        header = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        async with self.house.client() as client:
            response = await client.get(path, params=query or None, headers=header)
        assert response.status_code < 500 or response.status_code == 503, response.text
        for line in response.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return response

    async def start(self, start_url: str) -> str:
        """Where the portal sends the browser."""
        response = await self.get(urlsplit(start_url).path, challenge=self.challenge)
        assert response.status_code == 303, response.text
        return response.headers["location"]

    async def sign_in_there(self, location: str, sub: str, **form: str) -> dict[str, str]:
        """What the provider sends the browser back with."""
        async with open_client() as client:
            response = await client.post(location, data={"sub": sub, **form})
        back = response.headers["location"]
        assert back.startswith(f"{PUBLIC}/sso/callback?"), back
        return dict(parse_qsl(urlsplit(back).query))

    async def come_back(self, **query: str) -> tuple[str, str]:
        """What the client is told: what, and the code."""
        response = await self.get("/sso/callback", **query)
        assert response.status_code == 303, response.text
        client, _, told = response.headers["location"].partition("#")
        assert client == CLIENT
        what, _, value = told.partition("=")
        return what, value

    async def walk(self, start_url: str, sub: str) -> tuple[str, str]:
        """All the way there and back."""
        return await self.come_back(**await self.sign_in_there(await self.start(start_url), sub))

    async def finish(self, code: str) -> Any:
        return await change(self.house, FINISH, code=code, verifier=self.verifier)

    async def sign_in(self, start_url: str, sub: str) -> str:
        """The token of a session."""
        what, code = await self.walk(start_url, sub)
        assert what == "sso", (what, code)
        signed_in = await self.finish(code)
        assert signed_in["__typename"] == "SignedIn", signed_in
        token: str = signed_in["token"]
        return token


async def connect(house: Portal, token: str, provider: Provider, *names: str, **more: Any) -> str:
    """The organization of an owner connected, with domains that count; where its sign-ins begin."""
    given = {"issuer": provider.issuer, "clientId": "portal", "clientSecret": SECRET, **more}
    made = await change(house, SET, token, **given)
    assert made["__typename"] == "SsoConnectionSet", made
    for name in names:
        assert (await change(house, CLAIM, token, domain=name))["domain"]["isVerified"] is False
        await house.run_sql(
            "UPDATE portal.sso_domain SET verified_at = now(), verified_by = 'operator' WHERE domain = $1", name
        )
    start_url: str = made["connection"]["startUrl"]
    return start_url
