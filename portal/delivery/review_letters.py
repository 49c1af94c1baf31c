"""Letters of a review, each to one person of the side that has to know: asked, replied, stated, disputed, engaged."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import stopping, titles
from portal.delivery.letters import Draft, Occasion, Phrase

# What each letter tells and who says it, while that still stands: `id` is the part of the event that names the row.
SOURCES: Mapping[str, tuple[str, str]] = {
    "engagement_proposed": (
        "engagement",
        """
        SELECT supplier_id, id, submission_id, proposer_id AS other_id, reviewer_id, purpose AS reason,
               until::date AS day, 0 AS count, NULL AS state, NULL AS section
          FROM portal.engagement
         WHERE ended_at IS NULL AND portal.clock() < until AND (accepted_at IS NULL OR consented_at IS NULL)
        """,
    ),
    "engagement_accepted": (
        "engagement",
        """
        SELECT supplier_id, id, submission_id, reviewer_id AS other_id, reviewer_id, NULL AS reason,
               until::date AS day, 0 AS count, NULL AS state, NULL AS section
          FROM portal.engagement WHERE ended_at IS NULL AND portal.clock() < until AND accepted_at IS NOT NULL
        """,
    ),
    "engagement_consented": (
        "engagement",
        """
        SELECT supplier_id, id, submission_id, supplier_id AS other_id, reviewer_id, NULL AS reason,
               until::date AS day, 0 AS count, NULL AS state, NULL AS section
          FROM portal.engagement WHERE ended_at IS NULL AND portal.clock() < until AND consented_at IS NOT NULL
        """,
    ),
    "engagement_ended": (
        "engagement",
        """
        SELECT supplier_id, id, submission_id, reviewer_id, NULL AS reason, ended_at::date AS day, 0 AS count,
               CASE ended_by WHEN 'supplier' THEN supplier_id WHEN 'reviewer' THEN reviewer_id ELSE proposer_id
               END AS other_id, CASE WHEN closed_because IS NOT NULL THEN 'closed'
                                   WHEN share_id IS NULL THEN 'declined' END AS state, NULL AS section
          FROM portal.engagement WHERE ended_by IS NOT NULL AND ended_at < until
        """,
    ),
    **dict.fromkeys(
        ("clarification_asked", "clarification_due"),
        (
            "clarification",
            """
            SELECT c.supplier_id, c.id, c.submission_id, c.asker_id AS other_id, NULL::uuid AS reviewer_id,
                   c.message AS reason, c.due_on AS day,
                   (SELECT count(*) FROM portal.clarification_item i
                     WHERE i.supplier_id = c.supplier_id AND i.clarification_id = c.id) AS count, NULL AS state,
                   NULL AS section
              FROM portal.clarification c WHERE c.state = 'open'
            """,
        ),
    ),
    "clarification_replied": (
        "clarification",
        """
        SELECT supplier_id, id, submission_id, supplier_id AS other_id, NULL::uuid AS reviewer_id, NULL AS reason,
               due_on AS day, 0 AS count, state, NULL AS section
          FROM portal.clarification WHERE state IN ('replied', 'revised')
        """,
    ),
    "clarification_withdrawn": (
        "clarification",
        """
        SELECT supplier_id, id, submission_id, CASE asker_id WHEN :to THEN supplier_id ELSE asker_id END AS other_id,
               NULL::uuid AS reviewer_id, NULL AS reason, due_on AS day, 0 AS count,
               CASE WHEN closed_because IS NULL THEN state ELSE 'closed' END AS state, NULL AS section
          FROM portal.clarification WHERE state = 'withdrawn'
        """,
    ),
    "statement_made": (
        "statement",
        """
        SELECT s.supplier_id, s.id, s.submission_id, s.reviewer_id AS other_id, NULL::uuid AS reviewer_id,
               s.remark AS reason, s.as_of AS day,
               (SELECT count(*) FROM portal.assurance_finding f
                 WHERE f.supplier_id = s.supplier_id AND f.statement_id = s.id) AS count, NULL AS state,
               NULL AS section
          FROM portal.assurance_statement s
        """,
    ),
    "dispute_opened": (
        "dispute",
        """
        SELECT supplier_id, id, submission_id, supplier_id AS other_id, NULL::uuid AS reviewer_id, reason,
               opened_at::date AS day, 1 AS count, state, section
          FROM portal.dispute WHERE state = 'open'
        """,
    ),
    "dispute_commented": (
        "comment",
        """
        SELECT c.supplier_id, c.id, d.submission_id, c.author_id AS other_id, NULL::uuid AS reviewer_id,
               c.body AS reason, c.made_at::date AS day, 1 AS count, NULL AS state, d.section
          FROM portal.dispute_comment c
          JOIN portal.dispute d ON d.supplier_id = c.supplier_id AND d.id = c.dispute_id
        """,
    ),
    "dispute_withdrawn": (
        "dispute",
        """
        SELECT supplier_id, id, submission_id,
               CASE supplier_id WHEN :to THEN reviewer_id ELSE supplier_id END AS other_id, NULL::uuid AS reviewer_id,
               NULL AS reason, closed_at::date AS day, 1 AS count,
               CASE WHEN closed_because IS NULL THEN state ELSE 'closed' END AS state, section
          FROM portal.dispute WHERE state = 'withdrawn'
        """,
    ),
    "dispute_decided": (
        "dispute",
        """
        SELECT supplier_id, id, submission_id, reviewer_id AS other_id, NULL::uuid AS reviewer_id, NULL AS reason,
               closed_at::date AS day, 1 AS count, state, section
          FROM portal.dispute WHERE state IN ('upheld', 'changed')
        """,
    ),
}
# Parties of an engagement see it whatever they read; all else is for the supplier and whoever its share lets read it.
# Shares end with an organization, too: that one was closed is told of what somebody asked itself.
READS = """
   AND (s.id = o.id OR w.state = 'closed' OR EXISTS (
        SELECT FROM portal.share h
         WHERE h.supplier_id = s.id AND h.buyer_id = o.id AND portal.share_is_live(h) AND portal.share_covers(h, b)
           AND (w.section IS NULL OR w.section = ANY (h.sections))))
"""
INSTEAD = {"declined": "engagement_declined", "closed": "review_closed"}  # letters by what became of it
OUTCOMES = {
    "replied": "The reply is in words.",
    "revised": "The reply is a new revision, which you can read where it is shared with you.",
    "upheld": "The statement stands.",
    "changed": "The statement was changed.",
}


async def draft_review(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one person of the organization that the event was for, while what it tells stands and is shared."""
    part, source = SOURCES[occasion.kind]
    reads = "" if part == "engagement" else READS
    query = text(
        f"""
        SELECT u.name, u.email, u.locale, o.name AS organization, s.name AS supplier, x.name AS other,
               coalesce(r.name, '') AS reviewer, q.title AS questionnaire, q.key AS questionnaire_key,
               b.version, b.period_start, b.period_end, w.reason, w.day, w.count, w.state
          FROM ({source}) w
          JOIN portal.submission b ON b.supplier_id = w.supplier_id AND b.id = w.submission_id
           AND b.state <> 'withdrawn'
          JOIN portal.questionnaire q ON q.key = b.questionnaire
          JOIN portal.organization s ON s.id = w.supplier_id
          JOIN portal.organization x ON x.id = w.other_id
          LEFT JOIN portal.organization r ON r.id = w.reviewer_id
          JOIN portal.organization o ON o.id = :to AND o.status = 'active'
          JOIN portal.member m ON m.organization_id = o.id AND m.user_id = :user
          JOIN portal.user_account u ON u.id = m.user_id AND u.wants_result_letters
         WHERE w.supplier_id = :supplier AND w.id = :wanted {reads}
        """  # noqa: S608  # no part of it comes from outside
    )
    parameters = {name: UUID(occasion.ids[name]) for name in ("supplier", "to", "user")}
    found = (await session.execute(query, parameters | {"wanted": UUID(occasion.ids[part])})).one_or_none()
    if found is None:
        return None
    told = await titles.load(session, found.locale, found, found.version)
    plain = ("name", "organization", "supplier", "other", "reviewer", "count")
    parts = {key: str(getattr(found, key)) for key in plain}
    parts |= {name: getattr(found, name).isoformat() for name in ("period_start", "period_end", "day")}
    parts |= {
        "questionnaire": told.questionnaire,
        "reason": f"{found.reason}\n" if found.reason else "",
        "outcome": Phrase(OUTCOMES.get(found.state, "")),
        "link": occasion.entry,
    }
    kind = INSTEAD.get(found.state, occasion.kind)
    return Draft(kind, found.email, (found.locale,), parts, parameters["user"], stopping.RESULTS)
