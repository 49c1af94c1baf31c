"""What a filled form would do to a draft, place by place; and doing it, as answers are saved one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, differences, drafts, judging
from portal.assessments.answers import MAX_WRITES, Outcome
from portal.assessments.drafts import Draft
from portal.assessments.handed_forms import Handed, Source
from portal.assessments.writes import Write
from questionnaires import carryover, filling
from questionnaires.answers import AnswerKey, index_answers
from questionnaires.carryover import Carried
from questionnaires.difference import Difference
from questionnaires.filling import Change, Filled

STORED = text(
    """
    SELECT question, row_id, revision, comment, provenance FROM portal.answer
     WHERE supplier_id = :supplier AND assessment_id = :assessment
    """
)


@dataclass(frozen=True)
class Standing:
    """What a write to a place builds on, and what it leaves as it is; also where the answer itself was removed."""

    revision: int = 0
    comment: str | None = None
    is_locked: bool = False


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A change with what stands there; `is_newer` where the form was handed out with another one.

    What the head office has locked stays.
    """

    change: Change
    standing: Standing
    is_newer: bool
    carried: Carried | None = None  # where it comes from another version


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a form would do; `left` are answers of another version that cannot be carried over."""

    draft: Draft
    filled: Filled
    changes: tuple[Planned, ...]
    left: tuple[Carried, ...] = ()

    def list_writable(self, *, overwrite: bool) -> list[Planned]:
        """What applying writes: an answer that is newer than the form stays, unless it is to be overwritten."""
        return [one for one in self.changes if (overwrite or not one.is_newer) and not one.standing.is_locked]


@dataclass(frozen=True, kw_only=True)
class Applied:
    """The plan that was carried out, the change number after it, and the outcome of each place that was written."""

    plan: Plan
    change_number: int
    outcomes: Mapping[AnswerKey, Outcome]


async def plan_form(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, source: Source, filled: Filled
) -> Plan:
    """What the form would change of the answers as they are now; nothing is written. Raises NotFound."""
    access.require(actor, access.SUPPLIER_EDITOR)
    return await _plan(session, actor, assessment_id, source, filled, lock=False)


async def apply_form(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    handed: Handed,
    source: Source,
    filled: Filled,
    seen: int,
    overwrite: bool = False,
) -> Applied:
    """Write what a form changes, all or nothing; sent again it finds nothing left to change.

    `seen` is the change number of the preview that was looked at. Raises NotFound, Conflict ALREADY_SUBMITTED, and
    Conflict CHANGED where answers have changed since that preview.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    plan = await _plan(session, actor, assessment_id, source, filled, lock=True)
    number = plan.draft.row.change_number
    if plan.draft.row.state != "draft":
        words = "This was submitted already; correct it, and hand the form in for the new revision."
        raise errors.Conflict(words, code="ALREADY_SUBMITTED")
    writable = plan.list_writable(overwrite=overwrite)
    if writable and number != seen:
        words = f"The answers have changed: they are at change {number}, you have seen {seen}. Look at it once more."
        raise errors.Conflict(words, code="CHANGED", path=("apply",))
    writes = [_make_write(assessment_id, handed, one) for one in writable]
    saved = [
        await answers.save_answers(session, actor, assessment_id=assessment_id, sent=writes[start : start + MAX_WRITES])
        for start in range(0, len(writes), MAX_WRITES)
    ]
    outcomes = [one for done in saved for one in done.outcomes]
    return Applied(
        plan=plan,
        change_number=saved[-1].change_number if saved else number,
        outcomes={one.change.key: made for one, made in zip(writable, outcomes, strict=True)},
    )


async def _plan(
    session: AsyncSession, actor: Actor, assessment_id: UUID, source: Source, filled: Filled, *, lock: bool
) -> Plan:
    draft = await drafts.load_draft(session, actor, assessment_id, lock=lock)
    standing = await _list_standing(session, actor, assessment_id)
    found: list[tuple[Change, Carried | None]] = []
    left: tuple[Carried, ...] = ()
    if source.is_own:
        found += [(change, None) for change in filling.find_changes(filled, draft.answers)]
    else:
        found, left = _carry(draft, await differences.compare(session, source.version, draft.version), filled)
    changes = []
    for change, carried in found:
        known = standing.get((change.key[0], change.key[1] or ""), Standing())
        is_newer = source.is_own_place and _is_newer(filled, change, carried)
        changes.append(Planned(change=change, standing=known, is_newer=is_newer, carried=carried))
    return Plan(draft=draft, filled=filled, changes=tuple(changes), left=left)


def _is_newer(filled: Filled, change: Change, carried: Carried | None) -> bool:
    """Whether the answer is another than the form was handed out with; a table without marks does not say."""
    if filled.before is None:
        return False
    if carried is None or carried.old is None:
        return filling.digest_answer(change.old) != filled.before.get(change.key, "")
    # What an upgrade left blank is not newer than the form.
    return change.old is not None and filling.digest_answer(change.old) != filled.before.get(carried.old.key, "")


def _carry(
    draft: Draft, changed: Difference, filled: Filled
) -> tuple[list[tuple[Change, Carried | None]], tuple[Carried, ...]]:
    """The answers of an earlier version that were filled in, as this version takes them."""
    given = {one.key: one for one in filled.given if filling.is_touched(filled, one) and one.answer is not None}
    carried = carryover.carry_forward(changed, index_answers(one.answer for one in given.values() if one.answer))
    found: list[tuple[Change, Carried | None]] = []
    for one in carried:
        if one.answer is None or one.old is None:
            continue
        old = draft.answers.get(one.answer.key)
        if filling.digest_answer(old) != filling.digest_answer(one.answer):
            place = given[one.old.key].place
            found.append((Change(key=one.answer.key, place=place, old=old, new=one.answer), one))
    return found, tuple(one for one in carried if one.old is not None and one.answer is None)


async def _list_standing(session: AsyncSession, actor: Actor, assessment_id: UUID) -> dict[tuple[str, str], Standing]:
    rows: Sequence[Any] = (
        await session.execute(STORED, {"supplier": actor.organization, "assessment": assessment_id})
    ).all()
    return {
        (row.question, row.row_id): Standing(row.revision, row.comment, row.provenance == judging.LOCKED)
        for row in rows
    }


def _make_write(assessment_id: UUID, handed: Handed, planned: Planned) -> Write:
    """The write of a change, under an id that the same file has again on the same answer; a comment stays."""
    (question, row_id), new, standing = planned.change.key, planned.change.new, planned.standing
    name = "\0".join((handed.digest, question, row_id or "", str(standing.revision)))
    if new is None:
        return Write(
            write_id=uuid5(assessment_id, name),
            question=question,
            row_id=row_id,
            base_revision=standing.revision,
            deleted=True,
            source="form",
        )
    return Write(
        write_id=uuid5(assessment_id, name),
        question=question,
        row_id=row_id,
        base_revision=standing.revision,
        state=new.state,
        value=list(new.value) if isinstance(new.value, tuple) else new.value,
        reason=new.reason or None,
        comment=standing.comment,
        source="form",
    )
