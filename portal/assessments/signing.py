"""A colleague's sign-off of a section or the whole, which has to be there before an assessment is submitted."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, drafts, joining, teamwork, writes
from portal.assessments.teamwork import WHOLE
from portal.database import audit, outbox
from portal.database.tables import assessments as tables
from portal.database.tables.teamwork import SignOff
from questionnaires.definition import Definition

MOST_NAMED = 5
NEEDED = text(
    """
    SELECT s.section, s.member_id, s.signed_number, s.signed_content, coalesce(u.name, 'somebody who has left') AS name
      FROM portal.sign_off s
      LEFT JOIN portal.member m ON m.organization_id = s.supplier_id AND m.user_id = s.member_id
      LEFT JOIN portal.user_account u ON u.id = m.user_id
     WHERE s.supplier_id = :supplier AND s.assessment_id = :assessment AND s.withdrawn_at IS NULL
     ORDER BY s.section, name
    """
)
# All that a section says: its answers by their revisions, its documents with what is said of them, and its tier.
CONTENTS = text(
    """
    SELECT q.section, md5(concat_ws(E'\n', t.tier, string_agg(said.line, E'\n' ORDER BY said.line))) AS content
      FROM jsonb_to_recordset(CAST(:questions AS jsonb)) AS q (section text, question text)
      JOIN portal.assessment t ON t.supplier_id = :supplier AND t.id = :assessment
      LEFT JOIN LATERAL (
           SELECT concat_ws(' ', 'answer', a.question, a.row_id, a.revision) COLLATE "C" AS line FROM portal.answer a
            WHERE a.supplier_id = :supplier AND a.assessment_id = :assessment AND a.question = q.question
            UNION ALL
           SELECT concat_ws(' ', 'document', l.question, l.row_id, e.id, e.kind, e.issued_on, e.valid_until, e.title,
                            e.issuer) COLLATE "C"
             FROM portal.evidence_link l
             JOIN portal.evidence e ON e.supplier_id = l.supplier_id AND e.id = l.evidence_id
            WHERE l.supplier_id = :supplier AND l.assessment_id = :assessment AND l.question = q.question) said ON true
     GROUP BY q.section, t.tier
    """
)


async def demand_sign_off(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, member_id: UUID, section: str | None = None
) -> None:
    """Let nothing be submitted before a colleague signed a section or the whole; again changes nothing.

    The colleague gets one letter. Raises NotFound, Conflict where it takes no changes, InvalidInput SECTION.
    """
    await teamwork.find_colleague(session, actor, member_id)  # before the assessment, as where a colleague leaves
    await _open(session, actor, assessment_id, section)
    before = await _find(session, actor, assessment_id, section, member_id)
    if before is not None and before.withdrawn_at is None:
        return
    number = await teamwork.take_number(session, actor, assessment_id)
    values: dict[str, Any] = {"demanded_by": actor.user_id, "changed_at_number": number}
    key = _make_key(actor, assessment_id, section, member_id)
    cleared = dict.fromkeys(("withdrawn_at", "signed_at", "signed_number", "signed_content"))
    cleared |= {"demanded_at": func.portal.clock()}
    await session.execute(
        insert(SignOff).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values | cleared)
    )
    if member_id != actor.user_id:
        parts = {"supplier": actor.organization, "assessment": assessment_id, "user": member_id}
        await outbox.add_event(session, "sign_off.demanded", **parts, section=section or WHOLE)
    await _note(session, actor, "sign_off.demanded", assessment_id, section, member_id)


async def withdraw_sign_off(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, member_id: UUID, section: str | None = None
) -> None:
    """Do without a sign-off that was demanded; again changes nothing. Raises NotFound, Conflict."""
    await _open(session, actor, assessment_id, section)
    before = await _find(session, actor, assessment_id, section, member_id)
    if before is None:
        raise errors.NotFound("Nobody demanded this sign-off.", path=("memberId",))
    if before.withdrawn_at is None:
        await _change(session, actor, before, withdrawn_at=func.portal.clock())
        await _note(session, actor, "sign_off.withdrawn", assessment_id, section, member_id)


async def sign_off(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    expected_change_number: int,
    section: str | None = None,
) -> None:
    """Sign what the caller was asked to, as it is at a change number; again changes nothing.

    Raises NotFound where nobody asks the caller to, Conflict CHANGED where something newer is there.
    """
    access.require(actor, access.SUPPLIER)
    if actor.held_role is not None:
        raise errors.NotAllowed("Your organization is suspended by the operator: nothing is signed until that ends.")
    subject, definition = await teamwork.open_assessment(session, actor, assessment_id)
    joining.check_open(subject.row)
    if section is not None:
        teamwork.check_section(definition, section)
    demanded = None
    if actor.user_id is not None:
        demanded = await _find(session, actor, assessment_id, section, actor.user_id)
    if demanded is None or demanded.withdrawn_at is not None:
        raise errors.NotFound("Nobody asks you to sign this.", path=("section",))
    if subject.row.change_number != expected_change_number:
        words = (
            f"The answers have changed: they are at change {subject.row.change_number}, you have seen "
            f"{expected_change_number}. Look at what is new and sign then."
        )
        raise errors.Conflict(words, code="CHANGED", path=("expectedChangeNumber",))
    if demanded.signed_number != expected_change_number:
        contents = await find_contents(session, actor, subject.row, definition, {section or WHOLE})
        values = {"signed_number": expected_change_number, "signed_content": contents.get(section or WHOLE)}
        await _change(session, actor, demanded, signed_at=func.portal.clock(), **values)
        await _note(session, actor, "sign_off.given", assessment_id, section, demanded.member_id)


async def check_signed(session: AsyncSession, actor: Actor, row: tables.Assessment, definition: Definition) -> None:
    """Raise Conflict SIGN_OFF_MISSING, which names what is not signed as it is now, and by whom."""
    parameters = {"supplier": actor.organization, "assessment": row.id}
    needed = (await session.execute(NEEDED, parameters)).all()
    signed = await find_signed(session, actor, row, definition, needed)
    missing = [one for one in needed if (one.section, one.member_id) not in signed]
    if not missing:
        return
    named = [f"{one.name} ({one.section or 'the whole'})" for one in missing[:MOST_NAMED]]
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    words = f"Not signed as it is at change {row.change_number}: {', '.join(named)}{more}."
    raise errors.Conflict(words, code="SIGN_OFF_MISSING", path=("assessmentId",))


async def find_signed(
    session: AsyncSession, actor: Actor, row: tables.Assessment, definition: Definition, rows: Sequence[Any]
) -> set[tuple[str, UUID]]:
    """Which of these sign-offs hold for an assessment as it is now: the whole until any change, a section until one of
    its own answers or documents."""
    older = {one.section for one in rows if one.signed_content and one.signed_number != row.change_number}
    contents = await find_contents(session, actor, row, definition, older)
    return {
        (one.section, one.member_id)
        for one in rows
        if one.signed_number is not None
        and (one.signed_number == row.change_number or contents.get(one.section, WHOLE) == one.signed_content)
    }


async def find_contents(
    session: AsyncSession, actor: Actor, row: tables.Assessment, definition: Definition, wanted: Collection[str]
) -> dict[str, str]:
    """What these sections say now, as one text each that any change of them changes; the whole has none."""
    asked = [
        {"section": section.key, "question": question.key}
        for section in definition.sections
        if section.key in wanted
        for question in definition.questions.values()
        if definition.sections_by_question[question.key].key == section.key
    ]
    if not asked:
        return {}
    parameters = {"supplier": actor.organization, "assessment": row.id, "questions": writes.dump_json(asked)}
    return {one.section: one.content for one in await session.execute(CONTENTS, parameters)}


async def list_signed(session: AsyncSession, actor: Actor, assessment_id: UUID) -> set[tuple[str, UUID]]:
    """Which sign-offs of an assessment hold now, by section and member."""
    subject = await drafts.find_subject(session, actor, assessment_id)
    rows = [one for one in await list_sign_offs(session, actor, assessment_id) if one.signed_number is not None]
    if not rows:
        return set()
    definition = await definitions.load_definition(session, subject.content_hash)
    return await find_signed(session, actor, subject.row, definition, rows)


async def list_sign_offs(session: AsyncSession, actor: Actor, assessment_id: UUID) -> Sequence[SignOff]:
    """What has to be signed, those withdrawn left out."""
    table = SignOff
    found = await session.scalars(
        select(table)
        .where(
            table.supplier_id == actor.organization,
            table.assessment_id == assessment_id,
            table.withdrawn_at.is_(None),
        )
        .order_by(table.section, table.demanded_at, table.member_id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def _open(session: AsyncSession, actor: Actor, assessment_id: UUID, section: str | None) -> None:
    access.require(actor, access.OWNER)
    access.require(actor, access.SUPPLIER)
    subject, definition = await teamwork.open_assessment(session, actor, assessment_id)
    joining.check_open(subject.row)
    if section is not None:
        teamwork.check_section(definition, section)


def _make_key(actor: Actor, assessment_id: UUID, section: str | None, member_id: UUID) -> dict[str, Any]:
    return {
        "supplier_id": actor.organization,
        "assessment_id": assessment_id,
        "section": section or WHOLE,
        "member_id": member_id,
    }


async def _find(
    session: AsyncSession, actor: Actor, assessment_id: UUID, section: str | None, member_id: UUID
) -> SignOff | None:
    key = _make_key(actor, assessment_id, section, member_id)
    return await session.get(SignOff, tuple(key.values()), populate_existing=True)


async def _change(session: AsyncSession, actor: Actor, row: SignOff, **values: Any) -> None:
    table = SignOff
    number = await teamwork.take_number(session, actor, row.assessment_id)
    await session.execute(
        update(table)
        .where(
            table.supplier_id == row.supplier_id,
            table.assessment_id == row.assessment_id,
            table.section == row.section,
            table.member_id == row.member_id,
        )
        .values(**values, changed_at_number=number)
        .execution_options(synchronize_session=False)
    )


async def _note(
    session: AsyncSession, actor: Actor, action: str, assessment_id: UUID, section: str | None, member_id: UUID
) -> None:
    detail = {"section": section or WHOLE, "member": str(member_id)}
    await audit.add_audit(session, actor, action, "assessment", assessment_id, detail=detail)
