"""What standing rules do when something was submitted: a share each, of no more than was agreed to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, differences, received
from portal.assessments.definitions import Version
from portal.database import audit, ids, outbox
from portal.database.tables.assessments import Submission
from portal.database.tables.consent import StandingRule
from portal.database.tables.shares import Share
from questionnaires.difference import Difference

# Live rules whose buyer may still read: linked, active, and one that sees the questionnaire.
LIVE = text(
    """
    SELECT r.id, r.buyer_id, r.version, r.sections, r.include_evidence, r.purpose, r.until
      FROM portal.standing_rule r
     WHERE r.supplier_id = :supplier AND r.questionnaire = :questionnaire AND r.subject_key = :subject
       AND r.ended_at IS NULL AND r.until > portal.clock() AND (CAST(:only AS uuid) IS NULL OR r.id = :only)
       AND EXISTS (SELECT FROM portal.list_linked_buyers() l WHERE l.buyer_id = r.buyer_id AND l.is_active)
       AND EXISTS (SELECT FROM portal.questionnaire q
                    WHERE q.key = r.questionnaire AND (q.visibility = 'public' OR q.owner_id = r.buyer_id))
     ORDER BY r.id FOR NO KEY UPDATE OF r
    """
)


async def use_rules(
    session: AsyncSession, actor: Actor, submission: Submission, *, only: UUID | None = None
) -> list[UUID]:
    """Share a submission by every rule that stands for its questionnaire and subject; the shares that were made.

    A rule opens the summary, and of the sections that it names those which ask nothing that they did not ask when it
    was agreed to. Each use is told to the supplier by letter.
    """
    place = {
        "supplier": actor.organization,
        "questionnaire": submission.questionnaire,
        "subject": submission.subject_key,
        "only": only,
    }
    rules = (await session.execute(LIVE, place)).all()
    made: list[UUID] = []
    for rule in rules:
        opened = await _list_opened(session, rule.version, submission.content_hash, rule.sections)
        made.append(ids.new_id())
        await session.execute(
            insert(Share)
            .inline()
            .values(
                supplier_id=actor.organization,
                buyer_id=rule.buyer_id,
                id=made[-1],
                questionnaire=submission.questionnaire,
                subject_key=submission.subject_key,
                submission_id=submission.id,
                follows_from=submission.submitted_at,
                mode="snapshot",
                sections=opened,
                include_evidence=rule.include_evidence,
                purpose=rule.purpose,
                until=rule.until,
                created_by=actor.user_id,
                standing_rule_id=rule.id,
                left_out=[key for key in rule.sections if key not in opened],
            )
        )
        await _tell(session, actor, rule.id, rule.buyer_id, made[-1])
    return made


async def _list_opened(session: AsyncSession, agreed_hash: str, asked_hash: str, sections: Sequence[str]) -> list[str]:
    """Those of the sections that ask nothing in one version that they did not ask, in the same sense, in the other."""
    try:
        agreed = Version(agreed_hash, await definitions.load_definition(session, agreed_hash))
    except errors.NotFound:  # what cannot be read any more cannot be held against anything
        return []
    asked = Version(asked_hash, await definitions.load_definition(session, asked_hash))
    changed = await differences.compare(session, agreed, asked)
    return [key for key in sections if is_within(changed, key)]


def is_within(changed: Difference, section: str) -> bool:
    """Whether all that a section of the new version asks was asked there by the old one, perhaps by another key."""
    asked = [key for key, place in changed.new.sections_by_question.items() if place.key == section]
    return bool(asked) and all(_is_known(changed, section, key) for key in asked)


def _is_known(changed: Difference, section: str, key: str) -> bool:
    before = changed.origins.get(key)
    if before is None or changed.old.sections_by_question[before].key != section:
        return False
    return changed.old.questions[before].meaning == changed.new.questions[key].meaning


async def _tell(session: AsyncSession, actor: Actor, rule_id: UUID, buyer_id: UUID, share_id: UUID) -> None:
    table = StandingRule
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == rule_id)
        .values(use_count=table.use_count + 1, used_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    parts = {"supplier": actor.organization, "buyer": buyer_id, "share": share_id}
    await outbox.add_event(session, "share.changed", **parts, act="created")
    await outbox.add_event(session, "standing_rule.used", supplier=actor.organization, share=share_id)
    detail = {"buyer": str(buyer_id), "rule": str(rule_id)}
    await audit.add_audit(session, actor, "result.shared", "share", share_id, concerns=buyer_id, detail=detail)


async def fulfill(session: AsyncSession, actor: Actor, submission: Submission) -> None:
    """Mark as fulfilled what buyers asked that can read a submission now."""
    await received.fulfill_covered(
        session,
        actor,
        submission_id=submission.id,
        assessment_id=submission.assessment_id,
        tier=submission.tier,
    )


async def end_rules_of(session: AsyncSession, actor: Actor, buyer_id: UUID, questionnaire: str | None) -> int:
    """End what stands for a buyer, of one questionnaire or of all; how many rules that were."""
    table = StandingRule
    about = () if questionnaire is None else (table.questionnaire == questionnaire,)
    ended = await session.scalars(
        update(table)
        .where(table.supplier_id == actor.organization, table.buyer_id == buyer_id, table.ended_at.is_(None), *about)
        .values(ended_at=func.portal.clock(), end_reason="revoked")
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    listed = list(ended)
    for one in listed:
        await audit.add_audit(session, actor, "standing_rule.ended", "standing_rule", one, concerns=buyer_id)
    return len(listed)
