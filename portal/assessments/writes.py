"""One write of an answer as a client sent it, read into what can be kept or why it cannot."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

import orjson

from portal import errors
from questionnaires import gaps, messages, reasons, submission
from questionnaires.answers import MAX_TEXT, Answer, Problem, check_saved, name_expected
from questionnaires.definition import NUMBERS, Definition
from questionnaires.gaps import Plan

MAX_COMMENT = 2_000  # characters
MAX_DEVICE = 100  # characters
LARGEST_REVISION = 2**31 - 2
KINDS: Mapping[str, frozenset[str]] = {
    "boolean": frozenset({"boolean"}),
    "choice": frozenset({"choice"}),
    "choices": frozenset({"multi_choice"}),
    "number": NUMBERS,
    "date": frozenset({"date"}),
    "text": frozenset({"text"}),
    "row": frozenset({"group"}),
    "none": frozenset({"group"}),
}
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
QUESTION_CHANGED, NOTHING_TO_CONFIRM = "question_changed", "nothing_to_confirm"
SET_BY_HEAD_OFFICE, DRAFT_DISCARDED = "set_by_head_office", "draft_discarded"
BASE_REVISION, WRITE_ID_REUSED = "base_revision", "write_id_reused"
# In the history, of what was refused while a draft answered a clarification; now it waits.
ONCE_LOCKED = "answer_locked"
ROW_SITES = frozenset({"row_site_unknown", "row_site_taken", "row_site_not_expected"})
# Their sentences stand among those of the changes of a questionnaire.
TOLD_AS_CHANGES = ROW_SITES | {
    QUESTION_CHANGED,
    NOTHING_TO_CONFIRM,
    SET_BY_HEAD_OFFICE,
    DRAFT_DISCARDED,
    ONCE_LOCKED,
    BASE_REVISION,
    WRITE_ID_REUSED,
}


@dataclass(frozen=True, kw_only=True)
class Write:
    """What a client sent for one question (and row): a state with its value, or the removal of what was there."""

    write_id: UUID
    question: str
    row_id: str | None = None
    base_revision: int
    state: str = "value"  # value | not_applicable | unknown | declined
    value: Any = None
    reason: str | None = None
    comment: str | None = None
    unit: str | None = None
    kind: str | None = None  # one of KINDS: what the client took the question for
    deleted: bool = False
    site_id: str | None = None  # of a row of a list: the site that it is about, or what was sent as one
    # Of a declared gap; a write that keeps the plan says nothing of it.
    plan: Plan | None = None
    keeps_plan: bool = True
    # What the version that takes it makes of a question of the version that it was written for.
    renamed: str | None = None
    is_outdated: bool = False
    # What the history tells beside it.
    source: str = "typed"  # one of SOURCES
    device: str | None = None
    decides: UUID | None = None  # the write in conflict that this one decides
    # Of one that waited: who sent it, and when.
    member_id: UUID | None = None
    received_at: datetime | None = None

    @property
    def asked(self) -> str:
        """The question's key in the version that takes the write."""
        return self.renamed or self.question

    @property
    def place(self) -> tuple[str, str]:
        """Question and row as they are stored."""
        return (self.asked, self.row_id or "")

    def hash_body(self, assessment_id: UUID) -> bytes:
        """SHA-256 of all as it was sent, so that a replay can be told from another write under the same id."""
        parts = [
            str(assessment_id), self.question, self.row_id, self.base_revision, self.state, repr(self.value),
            self.reason, self.comment, self.unit, self.kind, self.deleted,
            *([] if self.site_id is None else [self.site_id]),
        ]  # fmt: skip
        if not self.keeps_plan:
            parts.append(repr(self.plan))
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is stored of an answer; equal contents are the same answer."""

    state: str
    value: Any = None  # JSON
    reason: str | None = None
    comment: str | None = None
    deleted: bool = False
    site_id: str | None = None
    plan: dict[str, Any] | None = None  # JSON, as `gaps.write_pledge` writes it


def read_device(given: str | None) -> str | None:
    """What a device calls itself, without space around it; raises InvalidInput DEVICE."""
    device = (given or "").strip()
    if len(device) > MAX_DEVICE or not is_readable(device):
        words = f"`device` takes at most {MAX_DEVICE} characters that can be read."
        raise errors.InvalidInput(words, code="DEVICE", path=("device",))
    return device or None


def read_write(definition: Definition, write: Write) -> Content | Problem:
    """The content to keep in its one spelling, or why it cannot be kept even in a draft."""
    problem = _check_revision(write) or _check_comment(write)
    if problem is not None:
        return problem
    if write.deleted:
        return check_place(definition, write) or Content(state="value", deleted=True)
    problem = _check_kind(definition, write) or _check_site(definition, write)
    if problem is not None:
        return problem
    checked = check_saved(
        definition,
        write.asked,
        row_id=write.row_id,
        state=write.state,
        value=write.value,
        reason=write.reason,
        unit=write.unit,
    )
    if isinstance(checked, Problem):
        return checked
    return _check_plan(write) or _write_content(checked, write)


def _check_plan(write: Write) -> Problem | None:
    """Only what cannot be stored: whatever else is wrong with a plan is told, and takes no answer with it."""
    text = "" if write.plan is None else write.plan.text
    if _UNREADABLE.search(text):
        return _refuse(write, "text_unreadable")
    if len(text) > MAX_TEXT:
        return _refuse(write, "plan_too_long", length=str(len(text)), max=str(gaps.MAX_PLAN))
    return None


def _write_content(answer: Answer, write: Write) -> Content:
    value = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    return Content(
        state=answer.state,
        value=value,
        reason=answer.reason or None,
        comment=(write.comment or "").strip() or None,
        site_id=write.site_id,
    )


def _check_revision(write: Write) -> Problem | None:
    if 0 <= write.base_revision <= LARGEST_REVISION:
        return None
    return _refuse(write, BASE_REVISION, value=str(write.base_revision))


def _check_comment(write: Write) -> Problem | None:
    comment = write.comment or ""
    if _UNREADABLE.search(comment):
        return _refuse(write, "text_unreadable")
    if len(comment) > MAX_COMMENT:
        return _refuse(write, "text_too_long", length=str(len(comment)), max=str(MAX_COMMENT))
    return None


def _check_kind(definition: Definition, write: Write) -> Problem | None:
    """A value that came as another kind than the question takes is refused, even where its text would fit."""
    question = definition.questions.get(write.asked)
    if write.kind is None or question is None or question.type in KINDS[write.kind]:
        return None
    return _refuse(write, "wrong_type", expected=name_expected(question, write.row_id))


def _check_site(definition: Definition, write: Write) -> Problem | None:
    """Only a row of a list names a site."""
    question = definition.questions.get(write.asked)
    is_row = question is not None and question.type == "group" and write.row_id is not None
    return None if write.site_id is None or is_row else refuse_row_site(write, "row_site_not_expected")


def check_place(definition: Definition, write: Write) -> Problem | None:
    """Whether the question, with or without a row, is one that an answer can be removed from."""
    question = definition.questions.get(write.asked)
    is_row = question is not None and question.type == "group" and write.row_id is not None
    state, value = ("value", True) if is_row else ("unknown", None)
    checked = check_saved(definition, write.asked, row_id=write.row_id, state=state, value=value)
    return checked if isinstance(checked, Problem) else None


def _refuse(write: Write, code: str, **parameters: str) -> Problem:
    return Problem(code=code, question=write.asked, row_id=write.row_id, parameters=parameters)


def refuse_reused(write: Write) -> Problem:
    """The problem of a write whose id stands for another one."""
    return _refuse(write, WRITE_ID_REUSED)


def refuse_outdated(write: Write) -> Problem:
    """The problem of a write whose question is another one, or gone, in the version that the assessment is on now."""
    return _refuse(write, QUESTION_CHANGED)


def refuse_locked(write: Write) -> Problem:
    """The problem of a write to an answer that the head office has set for the site."""
    return _refuse(write, SET_BY_HEAD_OFFICE)


def refuse_discarded(write: Write) -> Problem:
    """The problem of a write to a draft that was discarded."""
    return _refuse(write, DRAFT_DISCARDED)


def refuse_row_site(write: Write, code: str) -> Problem:
    """The problem of a row that cannot name its site; the code is one of ROW_SITES."""
    return _refuse(write, code)


def write_message(problem: Problem, locale: str = messages.FALLBACK) -> str:
    """The sentence for a problem of an answer."""
    if problem.code in TOLD_AS_CHANGES:
        return messages.fill_text(reasons.write_sentence(problem.code, locale), problem.parameters)
    return messages.write_message(problem, locale)


def find_speaker(problem: Problem, locale: str) -> str:
    """The language that `write_message` tells a problem in."""
    if problem.code in TOLD_AS_CHANGES:
        return reasons.find_speaker(problem.code, locale)
    return messages.find_speaker(problem.code, locale)


def store_problem(problem: Problem) -> dict[str, Any]:
    """A problem as JSON that the database can hold: it may quote what the client sent."""
    return {
        "code": problem.code,
        "parameters": {name: make_readable(value) for name, value in problem.parameters.items()},
    }


def restore_problem(stored: Mapping[str, Any], question: str, row_id: str) -> Problem:
    """A stored problem of a write to this question and row."""
    return Problem(code=stored["code"], question=question, row_id=row_id or None, parameters=dict(stored["parameters"]))


def find_warning(
    definition: Definition, question: str, row_id: str, content: Content, staff: int | None
) -> Problem | None:
    """What submission would refuse of what was kept, at a firm with this many people; a draft takes it all the same."""
    if content.deleted or question not in definition.questions:
        return None
    value: Any = tuple(content.value) if isinstance(content.value, list) else content.value
    state: Any = content.state
    answer = Answer(question=question, row_id=row_id or None, state=state, value=value, reason=content.reason or "")
    return submission.find_warning(definition, answer, staff)


def is_same(current: Content | None, content: Content) -> bool:
    """An equal answer is never a conflict; neither is the removal of what is not there."""
    return content.deleted if current is None else _sort_options(current) == _sort_options(content)


def is_same_but_plan(current: Content | None, content: Content) -> bool:
    """The same, whatever either says of a plan."""
    return current is not None and is_same(replace(current, plan=None), replace(content, plan=None))


def _sort_options(content: Content) -> Content:
    """A later version may list the options that were chosen in another order."""
    return replace(content, value=sorted(content.value)) if isinstance(content.value, list) else content


def repeat_write(row: Any) -> Write:
    """A stored write, to be judged in the correction: as it was kept, on the revision that it was sent with."""
    return Write(
        write_id=derive_id(row.write_id),
        question=row.question,
        row_id=row.row_id or None,
        base_revision=row.base_revision,
        state=row.state or "value",
        value=row.value,
        reason=row.reason,
        comment=row.comment,
        deleted=row.deleted,
        site_id=None if row.site_id is None else str(row.site_id),
        plan=recall_plan(row.plan),
        keeps_plan=row.plan is None,
        source=row.source,
        device=row.device,
        decides=row.decides,
        member_id=row.member_id,
        received_at=row.received_at,
    )


def recall_plan(stored: Mapping[str, Any] | None) -> Plan | None:
    """The plan that is kept at an answer or of a write; none where there is none, or where it was taken out."""
    if stored is None or stored["text"] is None:
        return None
    return Plan(text=stored["text"], due_on=date.fromisoformat(stored["due_on"]), owner=stored["owner"])


def derive_id(write_id: UUID) -> UUID:
    """The id under which what became of a write that waited is kept: judged in a correction, or dismissed."""
    return uuid5(write_id, "correction")


def is_readable(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold a text."""
    return _UNREADABLE.search(text) is None


def make_readable(text: str, length: int = 200) -> str:
    """A text cut to a length, without what neither PostgreSQL nor UTF-8 can hold."""
    return _UNREADABLE.sub("\ufffd", text)[:length]


def dump_json(value: Any) -> str:
    """JSON text for a parameter of a statement; ids and moments by their text."""
    # The driver's ids are of a class of their own, which needs `default`.
    return orjson.dumps(value, default=str).decode()
