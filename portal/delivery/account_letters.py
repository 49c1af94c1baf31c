"""Letters with single-use links: invitations, confirmations and new passwords."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery.letters import Draft, Occasion, Phrase
from portal.identity import tokens

PASSWORD_RESET_HOURS = 1
CHANGES = {
    "password_changed": "The password was changed.",
    "email_changed": "The address of the account was changed to this one.",
    "second_factor_added": "Signing in asks for a code of an authenticator app from now on.",
    "second_factor_removed": "Signing in asks for no code of an authenticator app any more.",
    "second_factor_reset": "The operator removed the second factor, and you are signed out everywhere.",
    "sso_linked": "The identity provider of an organization that you belong to can sign you in from now on.",
    "sso_connected": "An owner of your organization connected it with an identity provider, or changed that"
    " connection.",
    "sso_switched": "How the identity provider of your organization signs people in was changed.",
    "sso_required": "Your organization lets its members in by its identity provider only from now on; owners keep their"
    " passwords.",
    "sso_removed": "An owner of your organization removed its identity provider; its people sign in with passwords.",
    "sso_domain_confirmed": "The operator confirmed a domain of your organization: people with addresses of it can sign"
    " in by its identity provider.",
    "recovery_code_used": "Somebody signed in with a recovery code in place of the authenticator app.",
    "recovery_code_given": "A recovery code was used in place of the authenticator app, to prove who is signed in.",
    "recovery_codes_renewed": "All recovery codes were made anew: those from before are worth nothing any more.",
}

# When and from which network, as the trail has it; of a command, or once it was erased, only when it was asked for.
CIRCUMSTANCES = text(
    """
    SELECT here.zone, e.address,
           to_char(portal.tell_local_time(here.zone, coalesce(e.at, o.created_at, portal.clock())),
                   'YYYY-MM-DD HH24:MI') AS moment
      FROM (SELECT coalesce((SELECT u.time_zone FROM portal.user_account u WHERE u.id = :user), 'UTC') AS zone) here
      LEFT JOIN LATERAL (SELECT a.at, a.address FROM portal.audit_event a
                          WHERE a.object_kind = 'user' AND a.object_id = CAST(:user AS uuid)::text
                            AND a.request_id = :call AND a.action <> 'session.refused'
                          ORDER BY a.at DESC LIMIT 1) e ON true
      LEFT JOIN portal.outbox o ON o.id = :letter
    """
)
NO_PLACE = "no network that is known"


async def draft_invitation(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To the invited address, while the invitation is open; a reminder has the link of the first letter."""
    is_reminder = occasion.kind == "invitation_reminder"
    if is_reminder:
        if not occasion.secret_key:  # a new link would end the first one
            return None
        occasion = replace(occasion, letter_id=UUID(occasion.ids["letter"]))
    token = occasion.make_token()
    found = (
        await session.execute(
            text(
                """
                UPDATE portal.invitation i SET token_hash = :hash
                 WHERE i.id = :id AND i.email IS NOT NULL AND i.used_at IS NULL AND i.revoked_at IS NULL
                   AND portal.clock() < i.expires_at
                RETURNING i.kind, i.email, i.role,
                    (SELECT portal.tell_local_time(coalesce(u.time_zone, o.time_zone), i.expires_at)::date
                       FROM portal.organization o LEFT JOIN portal.user_account u ON u.email = i.email
                      WHERE o.id = i.organization_id) AS until,
                    (SELECT u.locale FROM portal.user_account u WHERE u.email = i.email) AS locale,
                    (SELECT c.locale FROM portal.supplier_contact c
                      WHERE c.buyer_id = i.organization_id AND c.supplier_record_id = i.supplier_record_id
                        AND c.email = i.email) AS contact_locale,
                    (SELECT o.locale FROM portal.organization o WHERE o.id = i.organization_id) AS buyer_locale,
                    (SELECT o.name FROM portal.organization o WHERE o.id = i.organization_id) AS organization,
                    (SELECT r.name FROM portal.supplier_record r
                      WHERE r.buyer_id = i.organization_id AND r.id = i.supplier_record_id) AS record
                """
            ),
            {"hash": tokens.hash_token(token), "id": UUID(occasion.ids["invitation"])},
        )
    ).one_or_none()
    if found is None:
        return None
    parts = {
        "organization": found.organization,
        "record": found.record or Phrase("your company"),
        "role": Phrase(found.role or ""),
        "until": found.until.isoformat(),
        # The token stands behind the #, so that no server on the way writes it into a log.
        "link": f"{occasion.public_url}/#invitation={token}",
    }
    wanted = (found.locale, found.contact_locale, found.buyer_locale)
    kind = "invitation_reminder" if is_reminder else f"invitation.{found.kind}"
    return Draft(kind, found.email, wanted, parts)


async def draft_confirmation(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To whoever registered, while the registration waits."""
    token = occasion.make_token()
    statement = text(
        """
        UPDATE portal.registration r SET token_hash = :hash
         WHERE r.id = :id AND r.user_id IS NULL AND r.used_at IS NULL AND portal.clock() < r.expires_at
        RETURNING r.email, r.name, r.locale
        """
    )
    found = (
        await session.execute(statement, {"hash": tokens.hash_token(token), "id": UUID(occasion.ids["registration"])})
    ).one_or_none()
    if found is None:
        return None
    return Draft(
        "confirmation",
        found.email,
        (found.locale,),
        {"name": found.name, "link": f"{occasion.public_url}/#confirmation={token}"},
    )


async def draft_change(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one person about a change of how the account is opened."""
    draft = await draft_personal(session, occasion)
    if draft is None:
        return None
    given = {"user": UUID(occasion.ids["user"]), "call": occasion.ids.get("call"), "letter": occasion.letter_id}
    found = (await session.execute(CIRCUMSTANCES, given)).one()
    told = {"when": f"{found.moment} ({found.zone})", "place": found.address or Phrase(NO_PLACE)}
    return replace(draft, parts={**draft.parts, **told, "what": Phrase(CHANGES[occasion.ids["what"]])})


# One whose new address has an account already waits in vain: that account is told, and nobody else learns of it.
EMAIL_CHANGE = """
UPDATE portal.email_change c SET {side}_hash = :hash FROM portal.user_account u
 WHERE c.id = :id AND u.id = c.user_id AND c.done_at IS NULL AND portal.clock() < c.expires_at
RETURNING u.name, u.locale, u.email AS old, c.email AS new,
    (SELECT o.id FROM portal.user_account o WHERE o.email = c.email) AS other
"""


async def draft_email_change(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To the old or the new address of somebody who wants another one, with the link that this address agrees by."""
    side = "old" if occasion.ids["side"] == "old" else "new"
    token = occasion.make_token()
    parameters = {"hash": tokens.hash_token(token), "id": UUID(occasion.ids["change"])}
    found = (await session.execute(text(EMAIL_CHANGE.format(side=side)), parameters)).one_or_none()
    if found is None:
        return None
    if side == "new" and found.other is not None:
        return await draft_personal(session, replace(occasion, kind="account_exists", ids={"user": str(found.other)}))
    parts = {"name": found.name, "email": found.new, "link": f"{occasion.public_url}/#email-change={token}"}
    if side == "new":
        del parts["email"]
    return Draft(f"email_change.{side}", found.old if side == "old" else found.new, (found.locale,), parts)


async def draft_farewell(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To somebody whose account is gone; the address is kept for this letter alone."""
    query = text("SELECT email, name, locale FROM portal.farewell WHERE id = :id")
    found = (await session.execute(query, {"id": UUID(occasion.ids["farewell"])})).one_or_none()
    return None if found is None else Draft(occasion.kind, found.email, (found.locale,), {"name": found.name})


async def draft_personal(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one person about the account itself."""
    user = occasion.ids.get("user")
    if user is None:
        return None
    query = text("SELECT id, email, name, locale FROM portal.user_account WHERE id = :id")
    person = (await session.execute(query, {"id": UUID(user)})).one_or_none()
    if person is None:
        return None
    link = occasion.entry
    if occasion.kind == "password_reset":
        token = occasion.make_token()
        await session.execute(
            text(
                """
                INSERT INTO portal.password_reset (token_hash, user_id, expires_at)
                VALUES (:hash, :user, portal.clock() + make_interval(hours => :hours))
                ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at
                """
            ),
            {"hash": tokens.hash_token(token), "user": person.id, "hours": PASSWORD_RESET_HOURS},
        )
        link = f"{occasion.public_url}/#password-reset={token}"
    return Draft(occasion.kind, person.email, (person.locale,), {"name": person.name, "link": link})
