"""What colleagues of one supplier do together on an assessment; no other organization ever sees it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.tables.assessments import Assessment
from portal.database.tables.model import BigInt, Code, Created, Model, PrimaryCode, PrimaryId


def _refer(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["supplier_id", "assessment_id"],
        [Assessment.supplier_id, Assessment.id],
        ondelete="CASCADE",
        name=f"fk_{table}_assessment",
    )


class Assignment(Model):
    """Who answers a section, until when; nobody where it was taken back, which stays for the sync."""

    __tablename__ = "assignment"
    __table_args__ = (
        _refer("assignment"),
        Index("ix_assignment_member", "supplier_id", "member_id"),
        Index("ix_assignment_by", "assigned_by", "supplier_id", postgresql_where=text("assigned_by IS NOT NULL")),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    section: Mapped[PrimaryCode]
    member_id: Mapped[UUID | None]
    due_on: Mapped[date | None]
    note: Mapped[str | None]
    assigned_by: Mapped[UUID | None]
    assigned_at: Mapped[Created]
    changed_at_number: Mapped[BigInt]


class AnswerComment(Model):
    """A remark of one colleague to the others on a question; one without a body was removed."""

    __tablename__ = "answer_comment"
    __table_args__ = (
        _refer("answer_comment"),
        Index("ix_answer_comment_change", "supplier_id", "assessment_id", "changed_at_number"),
        Index("ix_answer_comment_author", "author_id", "supplier_id"),
        Index(
            "ix_answer_comment_resolver",
            "resolved_by",
            "supplier_id",
            postgresql_where=text("resolved_by IS NOT NULL"),
        ),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[PrimaryId]  # the client's own
    assessment_id: Mapped[UUID]
    question: Mapped[Code]
    row_id: Mapped[Code] = mapped_column(server_default="")
    thread_id: Mapped[UUID]  # the first comment of the thread, which names itself
    author_id: Mapped[UUID]
    body: Mapped[str | None]
    created_at: Mapped[Created]
    resolved_at: Mapped[datetime | None]  # of the first comment only
    resolved_by: Mapped[UUID | None]
    changed_at_number: Mapped[BigInt]


class SignOff(Model):
    """A colleague has to sign a section, or the whole where none is named, before it can be submitted."""

    __tablename__ = "sign_off"
    __table_args__ = (
        _refer("sign_off"),
        Index("ix_sign_off_member", "member_id", "supplier_id"),
        Index("ix_sign_off_demander", "demanded_by", "supplier_id"),
    )
    supplier_id: Mapped[UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    section: Mapped[PrimaryCode] = mapped_column(server_default="")
    member_id: Mapped[PrimaryId]
    demanded_by: Mapped[UUID]
    demanded_at: Mapped[Created]
    signed_at: Mapped[datetime | None]
    signed_number: Mapped[int | None] = mapped_column(BigInteger())  # the change number that was signed
    signed_content: Mapped[Code | None]  # of a section, as `signing.find_contents` tells it
    withdrawn_at: Mapped[datetime | None]
    changed_at_number: Mapped[BigInt]
