"""The letter that tells owners of an organization that another system is told nothing any more."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery.letters import Draft, Occasion, Phrase

WHY = {
    "gone": "The other side answers that it is gone for good.",
    "failing": "It has taken no message for three days.",
}
# Only its scheme and host: what stands behind them may be a secret of the other side.
READ = text(
    """
    SELECT substring(e.url FROM '^[a-z]+://[^/?#]+') AS address, e.disabled_reason AS reason, o.name AS organization,
           u.name, u.email, u.locale
      FROM portal.webhook_endpoint e
      JOIN portal.organization o ON o.id = e.organization_id AND o.status = 'active'
      JOIN portal.member m ON m.organization_id = e.organization_id AND m.user_id = :user AND m.role = 'owner'
      JOIN portal.user_account u ON u.id = m.user_id
     WHERE e.organization_id = :organization AND e.id = :endpoint AND e.state = 'disabled'
    """
)


async def draft_disabled(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner, while the endpoint is still disabled; to members with another role none."""
    parameters = {
        "organization": occasion.ids["to"],
        "endpoint": occasion.ids["endpoint"],
        "user": occasion.ids["user"],
    }
    found = (await session.execute(READ, {name: UUID(one) for name, one in parameters.items()})).one_or_none()
    if found is None:
        return None
    parts = {name: str(getattr(found, name)) for name in ("address", "organization", "name")}
    why = Phrase(WHY[found.reason])
    return Draft("webhook_disabled", found.email, (found.locale,), {**parts, "why": why, "link": occasion.entry})
