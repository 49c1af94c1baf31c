"""What changed for an organization, by id alone, for clients and machines that poll."""

from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.model import Code, Created, Model, PrimaryCode, one_of

KINDS = (
    "assessment",
    "received_request",
    "submission",
    "share",
    "evidence",
    "engagement",
    "clarification",
    "supplier",
    "request",
    "shared_result",
    "access_request",
    "received_access_request",
)


class Change(Model):
    """Something changed: triggers write it with the number of the transaction that did, and order it by that."""

    __tablename__ = "change"
    __table_args__ = (
        one_of("side", "supplier", "buyer"),
        one_of("kind", *KINDS),
        Index("ix_change_noted_at", "noted_at"),
    )
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    side: Mapped[PrimaryCode]
    transaction_id: Mapped[int] = mapped_column(
        BigInteger(), primary_key=True, server_default=text("((pg_current_xact_id())::text)::bigint")
    )
    number: Mapped[int] = mapped_column(BigInteger(), Identity(always=True), primary_key=True)
    kind: Mapped[Code]
    owner_id: Mapped[UUID]
    object_id: Mapped[UUID]
    noted_at: Mapped[Created]
