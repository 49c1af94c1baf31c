"""The letters that tell owners of an organization that an operator opened a view into its data, and that it ended."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery.letters import Draft, Occasion, Phrase

KINDS = ("glass_opened", "glass_ended")
ENDS = {
    "operator": "An operator ended it.",
    "owner": "An owner of your organization ended it.",
    "time": "Its time was over.",
    "closing": "The organization was closed.",
}
NOTHING = "nothing"
READ = text(
    """
    SELECT g.operator_mark AS mark, g.reason, g.ended_by, array_to_string(g.fields, ', ') AS read,
           o.name AS organization, u.name, u.email, u.locale, here.zone,
           to_char(portal.tell_local_time(here.zone, g.until), 'YYYY-MM-DD HH24:MI') AS until,
           to_char(portal.tell_local_time(here.zone, g.ended_at), 'YYYY-MM-DD HH24:MI') AS ended
      FROM portal.glass g
      JOIN portal.organization o ON o.id = g.organization_id AND (o.status <> 'closed' OR g.ended_by = 'closing')
      JOIN portal.member m ON m.organization_id = g.organization_id AND m.user_id = :user AND m.role = 'owner'
      JOIN portal.user_account u ON u.id = m.user_id
     CROSS JOIN LATERAL (SELECT coalesce(u.time_zone, o.time_zone) AS zone) here
     WHERE g.organization_id = :organization AND g.id = :glass
    """
)


async def draft(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner, however long ago it was; to members with another role none."""
    parameters = {"organization": occasion.ids["to"], "glass": occasion.ids["glass"], "user": occasion.ids["user"]}
    found = (await session.execute(READ, {name: UUID(one) for name, one in parameters.items()})).one_or_none()
    if found is None:
        return None
    parts = {name: str(getattr(found, name)) for name in ("mark", "reason", "organization", "name")}
    if occasion.kind == "glass_opened":
        parts["until"] = f"{found.until} ({found.zone})"
    else:
        parts |= {"ended": f"{found.ended} ({found.zone})", "how": Phrase(ENDS[found.ended_by])}
        parts["read"] = found.read or Phrase(NOTHING)
    return Draft(occasion.kind, found.email, (found.locale,), {**parts, "link": occasion.entry})
