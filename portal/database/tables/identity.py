"""People, organizations, memberships and credentials."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import Code, Created, Flag, Model, PrimaryCode, PrimaryId, one_of


class Organization(Model):
    """A company; it may act as supplier, buyer and partner at once."""

    __tablename__ = "organization"
    __table_args__ = (
        one_of("status", "active", "suspended", "closed"),
        one_of("size_band", "micro", "small", "medium", "large"),
        Index("ix_organization_closed", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )
    id: Mapped[PrimaryId]
    name: Mapped[str]
    country: Mapped[Code | None]
    sector_scheme: Mapped[Code | None]
    sector: Mapped[Code | None]
    size_band: Mapped[Code | None]
    status: Mapped[Code] = mapped_column(server_default="active")
    locale: Mapped[Code] = mapped_column(server_default="en")
    time_zone: Mapped[Code] = mapped_column(server_default="UTC")
    is_demo: Mapped[Flag]
    suspended_at: Mapped[datetime | None]
    requires_second_factor: Mapped[Flag]
    requires_sso: Mapped[Flag]
    closed_at: Mapped[datetime | None]
    emptied_at: Mapped[datetime | None]  # since when what nobody else has a right to is gone
    created_at: Mapped[Created]


class OrganizationRole(Model):
    """What an organization may act as; buyers, partners and reviewers wait for the operator."""

    __tablename__ = "organization_role"
    __table_args__ = (
        one_of("role", "supplier", "buyer", "partner", "reviewer"),
        one_of("status", "pending", "active", "refused"),
        Index(None, "status", "created_at"),
    )
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    role: Mapped[PrimaryCode]
    status: Mapped[Code]
    reason: Mapped[str | None]
    terms_version: Mapped[Code | None]
    created_at: Mapped[Created]
    decided_at: Mapped[datetime | None]


class CorporateGroup(Model):
    """The ultimate parent; benchmarks count groups, and only confirmed ones as themselves."""

    __tablename__ = "corporate_group"
    __table_args__ = (one_of("status", "proposed", "confirmed"),)
    id: Mapped[PrimaryId]
    name: Mapped[str]
    status: Mapped[Code] = mapped_column(server_default="proposed")
    created_at: Mapped[Created]


class GroupMember(Model):
    """Which organization belongs to which corporate group, since when."""

    __tablename__ = "group_member"
    __table_args__ = (Index(None, "group_id"),)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey(CorporateGroup.id))
    valid_from: Mapped[Created] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime | None]


class UserAccount(Model):
    """A person who signs in; one person may be a member of several organizations."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("email"),)
    id: Mapped[PrimaryId]
    email: Mapped[Code]
    password_hash: Mapped[str]
    name: Mapped[str]
    locale: Mapped[Code] = mapped_column(server_default="en")
    time_zone: Mapped[Code] = mapped_column(server_default="UTC")
    is_operator: Mapped[Flag]
    wants_request_letters: Mapped[bool] = mapped_column(server_default=true())
    wants_result_letters: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[Created]


class Member(Model):
    """A person's role in one organization."""

    __tablename__ = "member"
    __table_args__ = (
        one_of("role", "owner", "editor", "reviewer", "viewer"),
        Index(None, "user_id"),
        Index(None, "organization_id", "created_at", "user_id"),
    )
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id), primary_key=True)
    role: Mapped[Code]
    created_at: Mapped[Created]


class Session(Model):
    """A signed-in device; the token itself is never stored."""

    __tablename__ = "session"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "sso_connection_id", postgresql_where=text("sso_connection_id IS NOT NULL")),
        Index(None, "expires_at"),
        Index("ix_session_organization", "organization_id", postgresql_where=text("organization_id IS NOT NULL")),
    )
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organization.id))
    expires_at: Mapped[datetime]
    sso_connection_id: Mapped[UUID | None]  # of one that a provider opened
    last_used_at: Mapped[Created]
    created_at: Mapped[Created]


class ApiKey(Model):
    """A machine's credential for one organization; only its hash is stored."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("key_hash"),
        Index(None, "organization_id"),
        Index("ix_api_key_creator", "created_by", postgresql_where=text("created_by IS NOT NULL")),
    )
    id: Mapped[PrimaryId]
    key_hash: Mapped[bytes]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    name: Mapped[str]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]  # when it was told last that it was used and holds no more
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]


class Invitation(Model):
    """A single-use link: a buyer invites a supplier contact, or an organization invites a colleague."""

    __tablename__ = "invitation"
    __table_args__ = (
        one_of("kind", "supplier", "member"),
        UniqueConstraint("token_hash"),
        Index(None, "organization_id", "supplier_record_id"),
        Index(None, "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index(
            "ix_invitation_named",
            "expires_at",
            postgresql_where=text("email IS NOT NULL AND refused_at IS NULL"),
        ),
        Index(
            "ix_invitation_ending",
            "expires_at",
            postgresql_where=text("kind = 'supplier' AND used_at IS NULL AND revoked_at IS NULL AND lapsed_at IS NULL"),
        ),
        Index("ix_invitation_email", "email", postgresql_where=text("email IS NOT NULL")),
        Index(
            "ix_invitation_creator",
            "created_by",
            postgresql_where=text("kind = 'member' AND used_at IS NULL AND revoked_at IS NULL"),
        ),
    )
    id: Mapped[PrimaryId]
    token_hash: Mapped[bytes | None]  # none until the mail is written: the link exists only in the mail
    kind: Mapped[Code]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id))
    supplier_record_id: Mapped[UUID | None]
    email: Mapped[Code | None]
    role: Mapped[Code | None]
    created_by: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None]
    refused_at: Mapped[datetime | None]  # used to say "not us" or "wrong contact"
    revoked_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]  # when its contact is next written to, while it waits
    lapsed_at: Mapped[datetime | None]  # since when it is known that it is over
    created_at: Mapped[Created]


class Registration(Model):
    """A new account that waits until its address is confirmed, each with its own password; or one tried in vain."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "expires_at"),
        Index("ix_registration_email", "email"),
        Index("ix_registration_user", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )
    id: Mapped[PrimaryId]
    token_hash: Mapped[bytes | None]  # none until the mail is written: the link exists only in the mail
    email: Mapped[Code]
    user_id: Mapped[UUID | None]  # the account that the address had already
    password_hash: Mapped[str]
    name: Mapped[str]
    locale: Mapped[Code]
    time_zone: Mapped[Code]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class PasswordReset(Model):
    """A single-use link to choose a new password."""

    __tablename__ = "password_reset"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class EmailChange(Model):
    """A wish for another address, with a single-use link to the old one and one to the new one."""

    __tablename__ = "email_change"
    __table_args__ = (
        UniqueConstraint("old_hash"),
        UniqueConstraint("new_hash"),
        Index(None, "user_id"),
        Index(None, "expires_at"),
        Index("ix_email_change_email", "email"),
    )
    id: Mapped[PrimaryId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"))
    email: Mapped[Code]
    old_hash: Mapped[bytes | None]  # none until the mail is written: the link exists only in the mail
    new_hash: Mapped[bytes | None]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[Created]


class Farewell(Model):
    """The address of somebody whose account is gone, until the letter that says so was sent."""

    __tablename__ = "farewell"
    id: Mapped[PrimaryId]
    email: Mapped[Code]
    name: Mapped[str]
    locale: Mapped[Code]
    created_at: Mapped[Created]


class SecondFactor(Model):
    """The secret of a person's authenticator app, sealed; in force once it is confirmed."""

    __tablename__ = "second_factor"
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserAccount.id, ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))  # the code last used, by its time
    created_at: Mapped[Created]


class RecoveryCode(Model):
    """The hash of a code that opens an account once, beside the password and in place of the app."""

    __tablename__ = "recovery_code"
    user_id: Mapped[UUID] = mapped_column(ForeignKey(SecondFactor.user_id, ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class CredentialAttempt(Model):
    """Tries on a path that takes a credential, per account and per address, shared by all processes."""

    __tablename__ = "credential_attempt"
    kind: Mapped[PrimaryCode]
    subject_hash: Mapped[bytes] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    tries: Mapped[int]


class IdempotencyKey(Model):
    """What a write with an idempotency key made, kept for 30 days per caller."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "created_at"),)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[PrimaryCode]
    operation: Mapped[Code]
    body_hash: Mapped[bytes]
    object_ids: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[Created]
