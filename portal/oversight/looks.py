"""What is open in an operator's view: each read is written into the organization's trail before it is done."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, case, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids
from portal.database.tables.assessments import Answer, Assessment, Request, Result, Submission
from portal.database.tables.evidence import Evidence
from portal.database.tables.identity import Member, Organization, OrganizationRole, UserAccount
from portal.database.tables.shares import Share
from portal.database.tables.webhooks import WebhookDelivery

NOTE_ROWS = text("SELECT portal.note_glass_rows(:event, :organization, :glass, :kind, CAST(:records AS jsonb))")
LOOK = text("SELECT portal.look_through_glass(:event, :organization, :glass, :fields)")
Rows = Sequence[Row[Any]]


async def look(session: AsyncSession, actor: Actor, *, organization: UUID, glass: UUID, fields: Sequence[str]) -> None:
    """Note which fields are read, and let the rest of the transaction see the organization's rows, to read them.

    Raises NotFound where the view is somebody else's, over or ended.
    """
    access.require(actor, access.GLASS)
    await audit.tell_origin(session)
    parameters = {"event": ids.new_id(), "organization": organization, "glass": glass, "fields": list(fields)}
    if not await session.scalar(LOOK, parameters):
        raise errors.NotFound("You have no open view of this id.", path=("glass_id",))


async def note_rows(
    session: AsyncSession, *, organization: UUID, glass: UUID, kind: str, rows: Iterable[tuple[UUID, UUID]]
) -> None:
    """Note which rows were read after a `look` of the same transaction: each by its id and its owner."""
    records = orjson.dumps([[str(part) for part in row] for row in rows]).decode()
    parameters = {"event": ids.new_id(), "organization": organization, "glass": glass, "kind": kind}
    await session.execute(NOTE_ROWS, parameters | {"records": records})


async def read_profile(session: AsyncSession, organization: UUID) -> Any:
    """The facts of the organization, with the roles it acts in."""
    roles = (
        select(OrganizationRole.role)
        .where(OrganizationRole.organization_id == organization, OrganizationRole.status == "active")
        .order_by(OrganizationRole.role)
    )
    row = (await session.execute(select(Organization.__table__).where(Organization.id == organization))).one()
    return {**row._mapping, "roles": list(await session.scalars(roles))}


async def list_members(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """Who belongs to it, with name, address and role."""
    query = select(
        Member.user_id.label("id"), UserAccount.name, UserAccount.email, Member.role, Member.created_at
    ).join(UserAccount, UserAccount.id == Member.user_id)
    return await _page(session, query.where(Member.organization_id == organization), Member.user_id, before, limit)


async def list_requests(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """The requests that it made or got; of the other party the id alone."""
    is_asked = Request.buyer_id == organization
    query = select(
        Request.id,
        Request.buyer_id,
        Request.buyer_id.label("owner_id"),
        is_asked.label("is_own"),
        case((is_asked, Request.supplier_id), else_=Request.buyer_id).label("other_id"),
        Request.questionnaire,
        Request.minimum_tier,
        Request.period_start,
        Request.period_end,
        Request.due_on,
        Request.state,
        Request.created_at,
    ).where(or_(is_asked, Request.supplier_id == organization))
    return await _page(session, query, Request.id, before, limit)


async def list_assessments(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """Its assessments, drafts too."""
    table = Assessment
    query = select(
        table.id,
        table.questionnaire,
        table.version,
        table.tier,
        table.period_start,
        table.period_end,
        table.revision,
        table.state,
        table.submitted_at,
        table.updated_at,
    ).where(table.supplier_id == organization)
    return await _page(session, query, table.id, before, limit)


async def list_answers(
    session: AsyncSession, organization: UUID, *, assessment: UUID, after: tuple[str, str] | None, limit: int
) -> Rows:
    """The answers of one assessment as they stand, by question and row."""
    table = Answer
    query = select(
        table.question, table.row_id, table.state, table.value, table.reason, table.comment, table.changed_at
    ).where(table.supplier_id == organization, table.assessment_id == assessment, ~table.deleted)
    if after is not None:
        question, row = after
        query = query.where(or_(table.question > question, (table.question == question) & (table.row_id > row)))
    return (await session.execute(query.order_by(table.question, table.row_id).limit(limit))).all()


async def list_submissions(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """What it submitted, with the newest result of each at its own tier."""
    newest = (
        select(Result.total, Result.band, Result.valid_until)
        .where(Result.supplier_id == Submission.supplier_id, Result.submission_id == Submission.id, Result.is_own_tier)
        .order_by(Result.profile_number.desc())
        .limit(1)
        .lateral()
    )
    table = Submission
    query = (
        select(
            table.id,
            table.questionnaire,
            table.version,
            table.tier,
            table.period_start,
            table.period_end,
            table.revision,
            table.state,
            table.root_hash,
            table.submitted_at,
            *newest.c,
        )
        .outerjoin(newest, text("true"))
        .where(table.supplier_id == organization)
    )
    return await _page(session, query, table.id, before, limit)


async def list_evidence(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """Its documents by name, kind and state; no file leaves by a view."""
    table = Evidence
    query = select(
        table.id,
        table.file_name,
        table.title,
        table.kind,
        table.state,
        table.media_type,
        table.size,
        table.valid_until,
        table.created_at,
    ).where(table.supplier_id == organization)
    return await _page(session, query, table.id, before, limit)


async def list_shares(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """What it shares or shared as a supplier, with whom, for what and until when."""
    table = Share
    query = select(
        table.id,
        table.buyer_id,
        table.questionnaire,
        table.mode,
        table.purpose,
        table.starts_at,
        table.until,
        table.revoked_at,
    ).where(table.supplier_id == organization)
    return await _page(session, query, table.id, before, limit)


async def list_deliveries(session: AsyncSession, organization: UUID, *, before: UUID | None, limit: int) -> Rows:
    """The log of its webhooks: what was told when and what became of it, without addresses, contents and secrets."""
    table = WebhookDelivery
    query = select(
        table.id,
        table.endpoint_id,
        table.type,
        table.state,
        table.attempts,
        table.happened_at,
        table.attempted_at,
        table.response_code,
        table.failure,
    ).where(table.organization_id == organization)
    return await _page(session, query, table.id, before, limit)


async def _page(session: AsyncSession, query: Any, key: Any, before: UUID | None, limit: int) -> Rows:
    """The newest first, as ids are made by time."""
    if before is not None:
        query = query.where(key < before)
    rows: Rows = (await session.execute(query.order_by(key.desc()).limit(limit))).all()
    return rows
