"""Who is acting, and the closed set of access rules that every field of the API names one of."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal import errors

EDITING_ROLES = frozenset({"owner", "editor"})


@dataclass(frozen=True)
class Actor:
    """The caller of one request: a person in at most one organization at a time, or a machine with an API key."""

    user_id: UUID | None = None
    api_key_id: UUID | None = None
    organization_id: UUID | None = None
    member_role: str | None = None  # owner | editor | reviewer | viewer
    organization_roles: frozenset[str] = frozenset()  # the active ones of supplier, buyer, partner, reviewer
    scopes: frozenset[str] = frozenset()  # of an API key only
    is_operator: bool = False
    session_id: UUID | None = None  # of a person only
    held_role: str | None = None  # what a member of a suspended organization was, who is a viewer meanwhile
    suspended_since: datetime | None = None

    @property
    def permission_class(self) -> tuple[bool, str | None, tuple[str, ...], tuple[str, ...], bool, str | None]:
        """What every access rule looks at; equal classes may do and see the same fields."""
        return (
            self.user_id is not None,
            self.member_role,
            tuple(sorted(self.organization_roles)),
            tuple(sorted(self.scopes)),
            self.is_operator,
            self.held_role,
        )

    @property
    def organization(self) -> UUID:
        """The organization the caller acts for; raises NotAllowed where none is chosen."""
        if self.organization_id is None:
            raise errors.NotAllowed("Choose an organization first.", code="NO_ORGANIZATION")
        return self.organization_id


ANONYMOUS = Actor()
# The command line acts with the owner's login, which the database knows as an operator of its own.
OWNER_LOGIN = Actor(is_operator=True)


@dataclass(frozen=True)
class Rule:
    """One access rule: a stable name, the words shown in the schema after "Requires:", and the test itself."""

    name: str
    words: str
    allows: Callable[[Actor], bool]


def _acts_as(actor: Actor, role: str, scope: str, *, editing: bool = False) -> bool:
    if role not in actor.organization_roles:
        return False
    if actor.api_key_id is not None:
        return scope in actor.scopes
    return actor.member_role in EDITING_ROLES if editing else actor.member_role is not None


def _ends_shares(actor: Actor) -> bool:
    """Consent can be taken back whatever else the operator has stopped."""
    if _acts_as(actor, "supplier", "assessments:write", editing=True):
        return True
    return actor.held_role == "owner" and "supplier" in actor.organization_roles


def _reads_benchmarks(actor: Actor) -> bool:
    if actor.organization_id is None:
        return False
    if actor.api_key_id is not None:
        return "benchmarks:read" in actor.scopes
    return actor.member_role is not None and bool(actor.organization_roles)


def _reads_shared(actor: Actor) -> bool:
    return any(_acts_as(actor, role, "suppliers:read") for role in ("buyer", "reviewer"))


def _is_member(actor: Actor) -> bool:
    if actor.api_key_id is not None:
        return not actor.scopes.isdisjoint({"assessments:read", "suppliers:read"})
    return actor.organization_id is not None and actor.member_role is not None


def _speaks(actor: Actor, *roles: str) -> bool:
    """Whether it is a person with one of these roles; a key counts as editor or viewer, and nobody stands behind it."""
    return actor.user_id is not None and actor.member_role in roles


def _reviews(actor: Actor) -> bool:
    is_reader = not actor.organization_roles.isdisjoint({"buyer", "reviewer"})
    return is_reader and _speaks(actor, "owner", "editor", "reviewer")


def _writes_questionnaires(actor: Actor) -> bool:
    return any(_acts_as(actor, role, "questionnaires:write", editing=True) for role in ("buyer", "partner"))


PUBLIC = Rule("PUBLIC", "nothing", lambda actor: True)
SIGNED_IN = Rule("SIGNED_IN", "a signed-in user", lambda actor: actor.user_id is not None)
CALLER = Rule("CALLER", "a signed-in user or an API key", lambda a: a.user_id is not None or a.api_key_id is not None)
MEMBER = Rule(
    "MEMBER", "a member of an organization, or an API key with assessments:read or suppliers:read", _is_member
)
OWNER = Rule("OWNER", "owner of the organization", lambda actor: actor.member_role == "owner")
SUPPLIER = Rule("SUPPLIER", "supplier member", lambda actor: _acts_as(actor, "supplier", "assessments:read"))
SUPPLIER_EDITOR = Rule(
    "SUPPLIER_EDITOR", "supplier editor", lambda actor: _acts_as(actor, "supplier", "assessments:write", editing=True)
)
# What is said or signed by a person has a name behind it.
SUPPLIER_COLLEAGUE = Rule(
    "SUPPLIER_COLLEAGUE",
    "supplier owner, editor or reviewer",
    lambda actor: "supplier" in actor.organization_roles and _speaks(actor, "owner", "editor", "reviewer"),
)
# What holds for what is not written yet is for whoever answers for the organization, in person.
SUPPLIER_OWNER = Rule(
    "SUPPLIER_OWNER",
    "supplier owner",
    lambda actor: "supplier" in actor.organization_roles and actor.member_role == "owner",
)
SHARE_ENDER = Rule("SHARE_ENDER", "supplier editor, or owner of a suspended supplier", _ends_shares)
BUYER = Rule("BUYER", "buyer member", lambda actor: _acts_as(actor, "buyer", "suppliers:read"))
BUYER_EDITOR = Rule(
    "BUYER_EDITOR", "buyer editor", lambda actor: _acts_as(actor, "buyer", "suppliers:write", editing=True)
)
READER = Rule("READER", "member of a buyer or of an approved reviewer", _reads_shared)
# What is stated, asked or decided about an answer has a person behind it.
REVIEWER = Rule("REVIEWER", "owner, editor or reviewer of a buyer or of an approved reviewer", _reviews)
ENGAGING = Rule(
    "ENGAGING", "editor of a supplier or buyer", lambda a: SUPPLIER_EDITOR.allows(a) or BUYER_EDITOR.allows(a)
)
ENGAGED = Rule(
    "ENGAGED", "member of a supplier, a buyer or an approved reviewer", lambda a: SUPPLIER.allows(a) or READER.allows(a)
)
REVIEWER_EDITOR = Rule(
    "REVIEWER_EDITOR",
    "owner or editor of an approved reviewer",
    lambda actor: "reviewer" in actor.organization_roles and _speaks(actor, *EDITING_ROLES),
)
ENGAGEMENT_EDITOR = Rule(
    "ENGAGEMENT_EDITOR",
    "editor of a supplier, a buyer or an approved reviewer",
    lambda actor: ENGAGING.allows(actor) or REVIEWER_EDITOR.allows(actor),
)
REVIEW_PARTY = Rule(
    "REVIEW_PARTY",
    "supplier editor, or owner, editor or reviewer of a buyer or of an approved reviewer",
    lambda actor: SUPPLIER_EDITOR.allows(actor) or REVIEWER.allows(actor),
)
BENCHMARK_READER = Rule(
    "BENCHMARK_READER", "member of a supplier, buyer or partner, or an API key with benchmarks:read", _reads_benchmarks
)
QUESTIONNAIRE_AUTHOR = Rule("QUESTIONNAIRE_AUTHOR", "editor of a buyer or partner", _writes_questionnaires)
OPERATOR = Rule("OPERATOR", "operator", lambda actor: actor.is_operator)
# An operator in person, who speaks for no organization meanwhile; whose view it is the database looks up at each read.
GLASS = Rule(
    "GLASS",
    "operator who acts for no organization",
    lambda actor: actor.is_operator and actor.user_id is not None and actor.organization_id is None,
)
GLASS_WATCHER = Rule(
    "GLASS_WATCHER",
    "owner of the organization, also of a suspended one",
    lambda a: "owner" in (a.member_role, a.held_role),
)

RULES = (
    PUBLIC,
    SIGNED_IN,
    CALLER,
    MEMBER,
    OWNER,
    SUPPLIER,
    SUPPLIER_EDITOR,
    SUPPLIER_COLLEAGUE,
    SUPPLIER_OWNER,
    SHARE_ENDER,
    BUYER,
    BUYER_EDITOR,
    READER,
    REVIEWER,
    ENGAGING,
    ENGAGED,
    REVIEWER_EDITOR,
    ENGAGEMENT_EDITOR,
    REVIEW_PARTY,
    BENCHMARK_READER,
    QUESTIONNAIRE_AUTHOR,
    OPERATOR,
    GLASS,
    GLASS_WATCHER,
)
SCOPES = (
    "assessments:read",
    "assessments:write",
    "suppliers:read",
    "suppliers:write",
    "benchmarks:read",
    "questionnaires:write",
)


def require(actor: Actor, rule: Rule) -> None:
    """Raise where the rule does not let the caller in: Unauthenticated without a credential, else NotAllowed."""
    if rule.allows(actor):
        return
    if actor.user_id is None and actor.api_key_id is None:
        raise errors.Unauthenticated("Sign in, or send an API key.")
    raise errors.NotAllowed(f"This needs: {rule.words}.{_explain_suspension(actor)}")


def _explain_suspension(actor: Actor) -> str:
    if actor.held_role is None:
        return ""
    since = f" since {actor.suspended_since:%Y-%m-%d}" if actor.suspended_since else ""
    return (
        f" Your organization is suspended by the operator{since}: until it is reinstated its members may look at what "
        "is its own as a supplier, and its owner may revoke shares."
    )


@dataclass(frozen=True)
class Credential:
    """What a request brings to say who is calling; the token itself is never stored or logged."""

    kind: str = "none"  # none | session | api_key
    token: str = field(default="", repr=False)

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the token: tokens are 256 random bits, so a slow hash would protect nothing more."""
        return hashlib.sha256(self.token.encode()).digest()


NO_CREDENTIAL = Credential()
API_KEY_PREFIX = "spk_"


def read_bearer(header: str | None) -> Credential:
    """The credential of an Authorization header: an API key by its prefix, else a session token.

    Raises Unauthenticated for another scheme or an empty token.
    """
    if header is None or not header.strip():
        return NO_CREDENTIAL
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 200:
        raise errors.Unauthenticated("The Authorization header must be: Bearer <session token or API key>.")
    return Credential("api_key" if token.startswith(API_KEY_PREFIX) else "session", token)
