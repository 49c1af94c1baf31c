"""Letters about the roles that an organization may act in, and about its end."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery.letters import Draft, Occasion, Phrase
from portal.directory import countries
from portal.identity import closing


async def draft_role(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To the first owner, while the decision stands: whoever has applied again waits, and no reason is left."""
    query = text(
        """
        SELECT u.email, u.locale, o.name AS organization, r.role, r.status, coalesce(r.reason, '') AS reason
          FROM portal.organization_role r
          JOIN portal.organization o ON o.id = r.organization_id
          JOIN portal.member m ON m.organization_id = o.id AND m.role = 'owner'
          JOIN portal.user_account u ON u.id = m.user_id
         WHERE r.organization_id = :organization AND r.role = :role AND r.status IN ('active', 'refused')
         ORDER BY m.created_at LIMIT 1
        """
    )
    parameters = {"organization": UUID(occasion.ids["organization"]), "role": occasion.ids.get("role")}
    found = (await session.execute(query, parameters)).one_or_none()
    if found is None:
        return None
    parts = {"organization": found.organization, "role": Phrase(found.role), "reason": found.reason}
    parts["link"] = occasion.entry
    return Draft("role_approved" if found.status == "active" else "role_refused", found.email, (found.locale,), parts)


async def draft_application(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one operator, while that person is one and the application waits."""
    query = text(
        """
        SELECT u.email, u.name, u.locale, o.id, o.name AS organization, o.country, r.role, r.terms_version
          FROM portal.organization_role r
          JOIN portal.organization o ON o.id = r.organization_id
          JOIN portal.user_account u ON u.id = :operator AND u.is_operator
         WHERE r.organization_id = :organization AND r.role = :role AND r.status = 'pending'
        """
    )
    people = {"operator": UUID(occasion.ids["operator"]), "organization": UUID(occasion.ids["organization"])}
    found = (await session.execute(query, {**people, "role": occasion.ids.get("role")})).one_or_none()
    if found is None:
        return None
    country = countries.find_country(found.country) if found.country else None
    parts = {
        **{key: str(getattr(found, key)) for key in ("name", "id", "organization")},
        "country": country.name if country else Phrase("not given"),
        "terms": found.terms_version or Phrase("none named"),
        "role": Phrase(found.role),
        "role_key": found.role,
    }
    return Draft("role_applied", found.email, (found.locale,), parts)


async def draft_closed(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner, while the organization is closed and can be opened again; to members with another role none."""
    query = text(
        """
        SELECT u.email, u.name, u.locale, o.name AS organization,
               portal.tell_local_time(u.time_zone, o.closed_at + make_interval(days => :grace))::date AS until
          FROM portal.organization o
          JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user AND m.role = 'owner'
          JOIN portal.user_account u ON u.id = m.user_id
         WHERE o.id = :organization AND o.status = 'closed' AND o.emptied_at IS NULL
        """
    )
    ids = {"organization": UUID(occasion.ids["to"]), "user": UUID(occasion.ids["user"])}
    found = (await session.execute(query, {**ids, "grace": closing.GRACE_DAYS})).one_or_none()
    if found is None:
        return None
    parts = {"name": found.name, "organization": found.organization, "until": found.until.isoformat()}
    return Draft(occasion.kind, found.email, (found.locale,), {**parts, "link": occasion.entry})
