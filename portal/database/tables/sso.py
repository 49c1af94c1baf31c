"""Signing in by the identity provider of an organization: connection, domains, who is who, and who is on the way."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.identity import Organization, UserAccount
from portal.database.tables.model import Code, Created, Model, PrimaryCode, PrimaryId, one_of

JOINING_ROLES = ("editor", "reviewer", "viewer")


class SsoConnection(Model):
    """Where the people of an organization sign in, with the client's secret, sealed by a key outside the database."""

    __tablename__ = "sso_connection"
    __table_args__ = (one_of("state", "active", "off"), one_of("default_role", *JOINING_ROLES), UniqueConstraint("id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[UUID]
    issuer: Mapped[Code]
    client_id: Mapped[str]
    sealed: Mapped[str]
    state: Mapped[Code] = mapped_column(server_default="active")
    default_role: Mapped[Code]
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class SsoDomain(Model):
    """A domain of e-mail addresses that an organization says is its own, and since when it has shown that."""

    __tablename__ = "sso_domain"
    __table_args__ = (
        one_of("verified_by", "dns", "operator"),
        Index("uq_sso_domain_verified", "domain", unique=True, postgresql_where=text("verified_at IS NOT NULL")),
    )
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    domain: Mapped[PrimaryCode]
    token: Mapped[str]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[Code | None]
    created_at: Mapped[Created]


class SsoIdentity(Model):
    """Who somebody at a provider is here; it stays when the member goes."""

    __tablename__ = "sso_identity"
    __table_args__ = (UniqueConstraint("organization_id", "issuer", "user_id"), Index(None, "user_id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    issuer: Mapped[PrimaryCode]
    subject: Mapped[PrimaryCode]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"))
    created_at: Mapped[Created]


class SsoSignIn(Model):
    """A sign-in on its way, known by hashes: begun by a browser, then with a code that its client redeems once."""

    __tablename__ = "sso_sign_in"
    __table_args__ = (
        one_of("kind", "sign_in", "link"),
        UniqueConstraint("state_hash"),
        UniqueConstraint("code_hash"),
        Index(None, "connection_id"),
        Index(None, "user_id"),
        Index(None, "expires_at"),
    )
    id: Mapped[PrimaryId]
    connection_id: Mapped[UUID] = mapped_column(ForeignKey(SsoConnection.id, ondelete="CASCADE"))
    state_hash: Mapped[bytes | None]
    browser_hash: Mapped[bytes]
    challenge: Mapped[bytes]
    code_hash: Mapped[bytes | None]
    kind: Mapped[Code | None]
    issuer: Mapped[Code | None]
    subject: Mapped[Code | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    created_at: Mapped[Created]
