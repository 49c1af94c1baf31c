"""Signing in by a provider: the way there, the way back, and the code that the client turns into a session.

What has to be kept between there and back is in the browser's cookie: nonce and PKCE verifier follow from it and from
the state, so that neither a stranger's browser nor a reader of the database can go on with a sign-in.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, sealing
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.identity import accounts, attempts, passwords, tokens
from portal.identity.attempts import Transactions
from portal.identity.sessions import OpenSession
from portal.identity.wording import EMAIL_LENGTH, NAME_LENGTH, Reading, is_control
from portal.settings import Settings
from portal.sso import id_tokens
from portal.sso.id_tokens import BadToken, Expected, UnknownKey
from portal.sso.provider import Known, ProviderFailed, Providers, add_query

START_PATH, CALLBACK_PATH = "/sso/{connection:uuid}/start", "/sso/callback"
SCOPE = "openid email profile"
ON_THE_WAY = timedelta(minutes=10)  # at the provider
CODE_LIFETIME = timedelta(seconds=60)
# The provider is not asked again meanwhile, so that who was let go there is out here by the next day.
LIFETIME = timedelta(hours=12)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as states, codes and challenges have
MOST_CODE = 4_000
FIND = text("SELECT * FROM portal.find_sso_connection(:connection)")
FIND_BY_DOMAIN = text("SELECT portal.find_sso_of_domain(:domain)")
START = text("SELECT portal.start_sso(:id, :connection, :state, :browser, :challenge, :lifetime)")
TAKE = text("SELECT * FROM portal.take_sso_state(:state, :browser)")
ENTER = text(
    "SELECT * FROM portal.enter_sso(:sign_in, :issuer, :subject, :email, :is_verified, :name, :person, :hash, :code,"
    " :lifetime)"
)
FINISH = text(
    "SELECT f.*, set_config('portal.organization', f.organization_id::text, true)"
    "  FROM portal.finish_sso(:code, :proof, :token_hash, :id, :lifetime) f"
)
LINK = text("SELECT portal.link_sso(:code, :proof)")
ACT_FOR = text("SELECT set_config('portal.organization', :organization, true)")
BAD_CODE = "This code is not valid: it was used, has ended, or was given to another client. Start again."


class Refused(Exception):
    """Nobody is signed in; `code` says why, to the client and to the organization's trail."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and what its cookie holds."""

    location: str
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Returned:
    """What the provider's redirect brought, and the cookie."""

    browser: str = field(repr=False)
    state: str = field(repr=False)
    code: str = field(repr=False)
    issuer: str | None
    error: str


@dataclass(frozen=True)
class Arrived:
    """A code for the client, and what it is good for: `sign_in`, or `link` with the account that is there."""

    kind: str
    code: str = field(repr=False)


def name_redirect(settings: Settings) -> str:
    """The one address that providers send browsers back to."""
    return settings.public_url.rstrip("/") + CALLBACK_PATH


def name_start(settings: Settings, connection: UUID) -> str:
    """Where a sign-in begins; the client adds its challenge."""
    return f"{settings.public_url.rstrip('/')}/sso/{connection}/start"


async def find_start(session: AsyncSession, settings: Settings, *, email: str) -> str | None:
    """Where people with addresses of this domain sign in; the same for every address of it, none where there is none.

    Raises InvalidInput.
    """
    reading = Reading()
    email = reading.read_email("email", email)
    reading.finish()
    found = await session.scalar(FIND_BY_DOMAIN, {"domain": email.rpartition("@")[2]})
    return None if found is None else name_start(settings, found)


async def start(
    transactions: Transactions,
    providers: Providers,
    settings: Settings,
    *,
    connection: UUID,
    challenge: str,
    address: str,
) -> Begun:
    """Begin a sign-in for a client that holds what the challenge is the SHA-256 of.

    Raises NotFound, InvalidInput CHALLENGE, RateLimited, Refused PROVIDER.
    """
    if TOKEN.fullmatch(challenge) is None:
        words = "`challenge` must be the SHA-256 of a secret of the client, in base64url: 43 characters."
        raise errors.InvalidInput(words, code="CHALLENGE", path=("challenge",))
    await attempts.take_attempt(transactions, "sso", address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        found = await _find(session, connection)
    if found is None:
        raise errors.NotFound("There is no such way to sign in.")
    try:
        known = await providers.find(found.issuer)
    except ProviderFailed as failed:
        await _note_refusal(transactions, found.organization_id, f"PROVIDER_{failed.code}")
        raise Refused("PROVIDER") from None
    state, browser = tokens.make_token(), tokens.make_token()
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        begun = {
            "id": ids.new_id(),
            "connection": connection,
            "state": tokens.hash_token(state),
            "browser": tokens.hash_token(browser),
            "challenge": _decode(challenge),
            "lifetime": ON_THE_WAY,
        }
        await session.execute(START, begun)
    asked = {
        "response_type": "code",
        "client_id": found.client_id,
        "redirect_uri": name_redirect(settings),
        "scope": SCOPE,
        "state": state,
        "nonce": _derive(browser, state, "nonce"),
        "code_challenge": _encode(hashlib.sha256(_derive(browser, state, "verifier").encode()).digest()),
        "code_challenge_method": "S256",
    }
    return Begun(add_query(known.description.authorization, asked), browser)


async def come_back(
    transactions: Transactions, providers: Providers, settings: Settings, returned: Returned, *, address: str
) -> Arrived:
    """Go on with a sign-in that a provider sent back; raises Refused and RateLimited."""
    await attempts.take_attempt(transactions, "sso", address=address)
    sign_in, connection = await _take_state(transactions, returned)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        found = await _find(session, connection)
    if found is None:
        raise Refused("ENDED")
    try:
        claims = await _prove(providers, settings, found, returned)
        return await _enter(transactions, sign_in, found, claims)
    except Refused as refused:
        await _note_refusal(transactions, found.organization_id, refused.code)
        raise
    except ProviderFailed as failed:
        await _note_refusal(transactions, found.organization_id, f"PROVIDER_{failed.code}")
        raise Refused("PROVIDER") from None
    except BadToken as bad:
        await _note_refusal(transactions, found.organization_id, f"TOKEN_{bad.code}")
        raise Refused("TOKEN") from None


async def _take_state(transactions: Transactions, returned: Returned) -> tuple[UUID, UUID]:
    if not all(TOKEN.fullmatch(one) for one in (returned.state, returned.browser)):
        raise Refused("STATE")
    hashes = {"state": tokens.hash_token(returned.state), "browser": tokens.hash_token(returned.browser)}
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        taken = (await session.execute(TAKE, hashes)).one_or_none()
    if taken is None:
        raise Refused("STATE")
    return taken.id, taken.connection_id


async def _find(session: AsyncSession, connection: UUID) -> Row[Any] | None:
    return (await session.execute(FIND, {"connection": connection})).one_or_none()


async def _prove(providers: Providers, settings: Settings, found: Row[Any], returned: Returned) -> Mapping[str, Any]:
    """What the provider says, for certain, of who came back."""
    known = await providers.find(found.issuer)
    names_itself = known.description.names_itself or returned.issuer is not None
    if names_itself and returned.issuer != found.issuer:  # RFC 9207: an answer of another provider
        raise BadToken("ISSUER")
    if returned.error or not 1 <= len(returned.code) <= MOST_CODE:
        raise Refused("DECLINED")
    secret = sealing.open_sealer(settings).open_for_caller(sealing.SSO, found.id, found.sealed)
    answer = await providers.redeem(
        known,
        client_id=found.client_id,
        secret=secret.decode(),
        code=returned.code,
        verifier=_derive(returned.browser, returned.state, "verifier"),
        redirect=name_redirect(settings),
    )
    nonce = _derive(returned.browser, returned.state, "nonce")
    claims = await _check(providers, known, answer.get("id_token"), Expected(found.issuer, found.client_id, nonce))
    if "email" in claims or not isinstance(answer.get("access_token"), str):
        return claims
    more = await providers.find_person(known, answer["access_token"])
    if more and more.get("sub") != claims["sub"]:
        raise BadToken("SUBJECT")
    return {**more, **claims}


async def _check(providers: Providers, known: Known, token: object, expected: Expected) -> Mapping[str, Any]:
    try:
        return id_tokens.check(token, known.keys, expected)
    except UnknownKey:
        if not await providers.fetch_keys_again(known):
            raise
        return id_tokens.check(token, known.keys, expected)


async def _enter(transactions: Transactions, sign_in: UUID, found: Row[Any], claims: Mapping[str, Any]) -> Arrived:
    email = _read_email(claims)
    password_hash = await passwords.hash_password(tokens.make_token())  # which nobody knows
    code, person = tokens.make_token(), ids.new_id()
    given = {
        "sign_in": sign_in,
        "issuer": found.issuer,
        "subject": claims["sub"],
        "email": email,
        "is_verified": claims.get("email_verified") is True,
        "name": _read_name(claims, email),
        "person": person,
        "hash": password_hash,
        "code": tokens.hash_token(code),
        "lifetime": CODE_LIFETIME,
    }
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        entered = (await session.execute(ENTER, given)).one()
        if entered.outcome not in ("IN", "LINK"):
            raise Refused(entered.outcome)
        if entered.outcome == "IN" and entered.step != "known":
            await session.execute(ACT_FOR, {"organization": str(entered.organization_id)})
            await _tell(session, entered)
    return Arrived("sign_in" if entered.outcome == "IN" else "link", code)


async def _tell(session: AsyncSession, entered: Row[Any]) -> None:
    """The first time that the provider opens an account: in the trail, in a letter, and to whoever follows members."""
    person, organization = entered.user_id, entered.organization_id
    actor = Actor(user_id=person, organization_id=organization)
    await audit.add_audit(session, actor, f"sso.{entered.step}", "user", person)
    await accounts.tell_change(session, person, "sso_linked")
    if entered.step in ("joined", "returned"):
        await outbox.add_event(session, "member.changed", organization=organization, user=person)


async def _note_refusal(transactions: Transactions, organization: UUID, code: str) -> None:
    """Its owners see in the trail why people do not come in; nothing is kept of who it was."""
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        await session.execute(ACT_FOR, {"organization": str(organization)})
        actor = Actor(organization_id=organization)
        await audit.add_audit(session, actor, "sso.refused", "organization", organization, detail={"code": code})


def _read_email(claims: Mapping[str, Any]) -> str | None:
    given = claims.get("email")
    if not isinstance(given, str) or len(given) > EMAIL_LENGTH:
        return None
    reading = Reading()
    email = reading.read_email("email", given)
    return None if reading.problems else email


def _read_name(claims: Mapping[str, Any], email: str | None) -> str:
    """What the person is called there, as far as a name may hold it; else what stands before the @."""
    given = claims.get("name")
    name = "".join(one for one in given if not is_control(one)) if isinstance(given, str) else ""
    return " ".join(name.split())[:NAME_LENGTH] or (email or "?").partition("@")[0]


async def finish(transactions: Transactions, *, code: str, verifier: str, address: str) -> OpenSession:
    """Turn a code into a session, for the client that holds what its challenge was made of.

    Raises Unauthenticated BAD_CODE, also where the way to sign in ended meanwhile, and RateLimited.
    """
    given = await _read_proof(transactions, code, verifier, address)
    token, session_id = tokens.make_token(), ids.new_id()
    given |= {"token_hash": tokens.hash_token(token), "id": session_id, "lifetime": LIFETIME}
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        opened = (await session.execute(FINISH, given)).one_or_none()
        if opened is not None:
            opener = Actor(user_id=opened.user_id, organization_id=opened.organization_id)
            await audit.add_audit(session, opener, "session.opened", "session", session_id, detail={"way": "sso"})
    if opened is None:  # said once the transaction is over, so that the code stays used up
        raise errors.Unauthenticated(BAD_CODE, code="BAD_CODE")
    return OpenSession(token, opened.user_id, opened.organization_id, opened.expires_at)


async def link(
    transactions: Transactions, credential: access.Credential, *, code: str, verifier: str, password: str, address: str
) -> None:
    """Let the provider that a code came from sign in the caller, who proves the password once more.

    Raises InvalidInput WRONG_PASSWORD, NotFound for a code that is not the caller's or has ended, RateLimited.
    """
    profile = await accounts.check_own_password(transactions, credential, password, address=address)
    given = await _read_proof(transactions, code, verifier, address)
    async with transactions.transaction(credential) as (session, actor):
        organization = await session.scalar(LINK, given)
        if organization is not None:
            concerns = None if organization == actor.organization_id else organization
            await audit.add_audit(session, actor, "sso.linked", "user", profile.id, concerns=concerns)
            await accounts.tell_change(session, profile.id, "sso_linked")
    if organization is None:
        raise errors.NotFound(BAD_CODE, code="BAD_CODE", path=("code",))


async def _read_proof(transactions: Transactions, code: str, verifier: str, address: str) -> dict[str, Any]:
    code_hash = tokens.hash_token(code)
    await attempts.take_attempt(transactions, "sso_code", account=code_hash.hex(), address=address)
    return {"code": code_hash, "proof": hashlib.sha256(verifier.encode()).digest()}


def _derive(browser: str, state: str, what: str) -> str:
    return _encode(hmac.digest(browser.encode(), f"{what}:{state}".encode(), hashlib.sha256))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(challenge: str) -> bytes:
    return base64.urlsafe_b64decode(f"{challenge}=")
