"""Letters about documents to the people of a supplier."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import stopping
from portal.delivery.letters import Draft, Lines, Occasion


async def draft_ending(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor, about those documents of a notice that still end on the day that it was written for."""
    query = text(
        """
        SELECT o.name AS organization, u.name, u.email, u.locale,
               coalesce(e.title, e.file_name) AS document, e.valid_until
          FROM portal.evidence_reminder r
          JOIN portal.evidence e ON e.supplier_id = r.supplier_id AND e.id = r.evidence_id
           AND e.valid_until = r.valid_until AND e.state = 'available'
          JOIN portal.organization o ON o.id = r.supplier_id
          JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role IN ('owner', 'editor')
          JOIN portal.user_account u ON u.id = m.user_id AND u.wants_result_letters
         WHERE r.supplier_id = :supplier AND r.notice = :notice
           AND portal.find_newest_revision(e.supplier_id, e.id) = e.id
         ORDER BY e.valid_until, document, e.id
        """
    )
    parameters = {name: UUID(occasion.ids[name]) for name in ("supplier", "notice", "user")}
    found = (await session.execute(query, parameters)).all()
    if not found:
        return None
    first = found[0]
    parts: dict[str, str | Lines] = {
        "organization": first.organization,
        "name": first.name,
        "link": occasion.entry,
    }
    lines = tuple((row.valid_until.isoformat(), row.document) for row in found)
    parts = {**parts, "documents": lines}
    return Draft("evidence_ending", first.email, (first.locale,), parts, parameters["user"], stopping.RESULTS)


async def draft_redaction(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor, while the request waits."""
    query = text(
        """
        SELECT b.name AS buyer, o.name AS organization, coalesce(e.title, e.file_name) AS document, r.reason, u.name,
               u.email, u.locale
          FROM portal.redaction_request r
          JOIN portal.evidence e ON e.supplier_id = r.supplier_id AND e.id = r.evidence_id
          JOIN portal.organization b ON b.id = r.buyer_id
          JOIN portal.organization o ON o.id = r.supplier_id
          JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role IN ('owner', 'editor')
          JOIN portal.user_account u ON u.id = m.user_id AND u.wants_result_letters
         WHERE r.supplier_id = :supplier AND r.id = :redaction AND r.state = 'open'
        """
    )
    parameters = {name: UUID(occasion.ids[name]) for name in ("supplier", "redaction", "user")}
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    parts = {key: str(getattr(found, key)) for key in ("buyer", "organization", "document", "reason", "name")}
    parts |= {"link": occasion.entry}
    return Draft("redaction_requested", found.email, (found.locale,), parts, parameters["user"], stopping.RESULTS)
