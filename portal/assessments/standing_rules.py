"""Standing rules: a supplier's owner says yes once, and each new submission is shared so until a day, and no more."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, joining, rule_uses, sharing
from portal.database import audit, ids
from portal.database.tables.assessments import Submission, order_by_recency
from portal.database.tables.consent import StandingRule
from portal.database.tables.directory import Site
from questionnaires.definition import Definition

MOST_RULES = 100  # live ones of a supplier
BUYER = text(
    """
    SELECT l.name, l.is_active, q.visibility = 'public' OR q.owner_id = l.buyer_id AS reads, q.title
      FROM portal.list_linked_buyers() l
      JOIN portal.questionnaire q ON q.key = :questionnaire
     WHERE l.buyer_id = :buyer
    """
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What each new submission of a questionnaire about the organization, or one of its sites, is to be shared as."""

    buyer_id: UUID
    questionnaire: str
    site_id: UUID | None = None
    sections: tuple[str, ...] = ()
    include_evidence: bool = False
    purpose: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What will go out, word for word, and the mark by which an owner agrees to just that."""

    text: str
    agreement: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Made:
    """A rule, and the share of what was submitted before, where that was asked for and is there."""

    rule_id: UUID
    share_id: UUID | None


async def state_rule(session: AsyncSession, actor: Actor, rule: Rule) -> Statement:
    """What a rule would send out. Raises NotFound, Conflict, InvalidInput with every problem, as making it does."""
    access.require(actor, access.SUPPLIER)
    version = await definitions.load_current(session, rule.questionnaire)
    about = await _name_subject(session, actor, rule.site_id)
    found = (await session.execute(BUYER, {"questionnaire": rule.questionnaire, "buyer": rule.buyer_id})).one_or_none()
    if found is None:
        raise errors.NotFound("You are not linked with such a buyer.", path=("buyerId",))
    if not found.is_active:
        words = "This organization may not act as a buyer at present, so nothing can be shared with it."
        raise errors.Conflict(words, code="NOT_ACTIVE_BUYER", path=("buyerId",))
    if not found.reads:
        words = "This questionnaire belongs to another organization and is not public, so nobody else can read answers."
        raise errors.Conflict(words, code="NOT_FOR_BUYER", path=("questionnaire",))
    await _check(session, version.definition, rule)
    said = _spell(found.name, found.title, about, version.definition, rule)
    mark = hashlib.sha256("\n".join([said, rule.until.isoformat(), version.content_hash]).encode()).hexdigest()
    return Statement(text=said, agreement=mark, version=version.content_hash)


def _spell(buyer: str, questionnaire: str, about: str, definition: Definition, rule: Rule) -> str:
    titles = {section.key: section.title for section in definition.sections}
    opened = ["its summary (total, pillars, band, coverage)"]
    opened += [f'the answers of "{titles[key]}" with their trace' for key in rule.sections]
    if rule.include_evidence:
        opened.append("all documents behind it, those of sections that are not named too")
    return (
        f'Of each new submission of "{questionnaire}" about {about}, {buyer} may read, until'
        f" {rule.until:%Y-%m-%d %H:%M %Z}: {'; '.join(opened)}. It may use this for: {rule.purpose.strip()}. A section"
        f" to which a later version than {definition.version} adds questions does not go out, nor do new sections. You"
        " get a letter each time, and can end the rule at any moment; suspension of either side ends it, too."
    )


async def make_rule(
    session: AsyncSession, actor: Actor, *, rule: Rule, agreement: str, include_current: bool = False
) -> Made:
    """Make a rule that an owner agreed to, in the place of one for the same; it holds for submissions to come.

    With `include_current` what counts now is shared so as well. Raises NotAllowed for all but owners, Conflict
    OTHER_STATEMENT where something else would go out than what was agreed to, and what `state_rule` raises.
    """
    access.require(actor, access.SUPPLIER_OWNER)
    await joining.take_turn(session, actor)
    statement = await state_rule(session, actor, rule)
    if agreement != statement.agreement:
        words = "This is not what you agreed to; read the statement again."
        raise errors.Conflict(words, code="OTHER_STATEMENT", path=("agreement",))
    table, subject = StandingRule, rule.site_id or actor.organization
    live = (table.supplier_id == actor.organization, table.ended_at.is_(None))
    same = (table.questionnaire == rule.questionnaire, table.subject_key == subject, table.buyer_id == rule.buyer_id)
    await session.execute(
        update(table)
        .where(*live, *same)
        .values(ended_at=func.portal.clock(), end_reason="replaced")
        .execution_options(synchronize_session=False)
    )
    count = await session.scalar(select(func.count()).select_from(table).where(*live))
    if (count or 0) >= MOST_RULES:
        raise errors.Conflict(f"At most {MOST_RULES} rules can stand; end one first.", code="TOO_MANY")
    rule_id = ids.new_id()
    await session.execute(
        insert(table)
        .inline()
        .values(
            supplier_id=actor.organization,
            buyer_id=rule.buyer_id,
            id=rule_id,
            questionnaire=rule.questionnaire,
            subject_key=subject,
            version=statement.version,
            sections=list(rule.sections),
            include_evidence=rule.include_evidence,
            purpose=rule.purpose.strip(),
            until=rule.until,
            statement=statement.text,
            created_by=actor.user_id,
        )
    )
    detail = {"buyer": str(rule.buyer_id), "agreement": agreement}
    await audit.add_audit(session, actor, "standing_rule.made", "standing_rule", rule_id, detail=detail)
    share = await _share_current(session, actor, rule, subject, rule_id) if include_current else None
    return Made(rule_id=rule_id, share_id=share)


async def _share_current(session: AsyncSession, actor: Actor, rule: Rule, subject: UUID, rule_id: UUID) -> UUID | None:
    table = Submission
    row = await session.scalar(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.questionnaire == rule.questionnaire,
            table.subject_key == subject,
            table.state == "current",
        )
        .order_by(*order_by_recency(table.__table__.c))
        .limit(1)
    )
    if row is None:
        return None
    shared = await rule_uses.use_rules(session, actor, row, only=rule_id)
    await rule_uses.fulfill(session, actor, row)
    return shared[0] if shared else None


async def _check(session: AsyncSession, definition: Definition, rule: Rule) -> None:
    known = [section.key for section in definition.sections]
    problems = [
        errors.FieldProblem(("sections", place), "SECTION", f"Allowed, each once: {', '.join(known)}.")
        for place, section in enumerate(rule.sections)
        if section not in known or section in rule.sections[:place]
    ]
    problems += sharing.find_purpose_problems(rule.purpose)
    problems += await sharing.find_end_problems(session, rule.until)
    if problems:
        raise errors.InvalidInput("Such a rule cannot be made.", problems=problems)


async def _name_subject(session: AsyncSession, actor: Actor, site_id: UUID | None) -> str:
    if site_id is None:
        return "your organization as a whole"
    await joining.check_site(session, actor, site_id)
    name = await session.scalar(select(Site.name).where(Site.organization_id == actor.organization, Site.id == site_id))
    return f'your site "{name}"'


async def end_rule(session: AsyncSession, actor: Actor, *, rule_id: UUID) -> None:
    """End a rule at once; what was shared by it stays until it is revoked or ends. Again changes nothing.

    Raises NotFound.
    """
    access.require(actor, access.SHARE_ENDER)
    table = StandingRule
    own = (table.supplier_id == actor.organization, table.id == rule_id)
    written = await session.scalar(
        update(table)
        .where(*own, table.ended_at.is_(None))
        .values(ended_at=func.portal.clock(), end_reason="revoked")
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    if written is not None:
        await audit.add_audit(session, actor, "standing_rule.ended", "standing_rule", rule_id)
    elif await session.scalar(select(table.id).where(*own)) is None:
        raise errors.NotFound("There is no such rule.", path=("ruleId",))
