"""What submission demands beyond saving: everything required, within limits, with its reasons and evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from questionnaires import conditions
from questionnaires.answers import Answer, AnswerKey, Problem, explain_decline, normalize_value
from questionnaires.applicability import Applicability, Item
from questionnaires.definition import NUMBERS, Definition, Question, Value, contains

# here: received and found good; the others do not count, and submission names each of them.
AttachmentState = Literal["here", "checking", "awaited", "refused"]


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A document attached to an answer, as far as the rules look at it; its name is for people only."""

    question: str
    row_id: str | None = None
    kind: str
    name: str = ""
    state: AttachmentState = "here"
    issued_on: date | None = None
    valid_until: date | None = None

    @property
    def key(self) -> AnswerKey:
        return (self.question, self.row_id)


def check_submission(
    applicability: Applicability,
    *,
    day: date,
    attachments: Collection[Attachment] = (),
    staff: int | None = None,
    unconfirmed: Collection[AnswerKey] = (),
) -> list[Problem]:
    """Every problem in document order; empty where the assessment may be submitted on `day`.

    `staff` is the number of people of the firm, which decides what may be declined; None where it is not known.
    `unconfirmed` are the answers that were taken over and that nobody has looked at yet.
    """
    problems: list[Problem] = []
    for item in applicability.enabled:
        problems.extend(check_place(applicability, item, day=day, attachments=attachments, staff=staff))
        if item.key in unconfirmed:
            problems.append(explain_unconfirmed(item))
    return problems


def check_period(start: date, day: date) -> Problem | None:
    """Why nothing can be submitted on a day about a period that starts later; it is about no question.

    A period that has begun is not waited for to its end: a firm tells how it is now.
    """
    if start <= day:
        return None
    return Problem(code="period_not_begun", question="", parameters={"period_start": start.isoformat()})


def check_place(
    applicability: Applicability, item: Item, *, day: date, attachments: Collection[Attachment], staff: int | None
) -> Iterator[Problem]:
    """The problems of one place that is asked now: of its answer first, then of what is attached to it."""
    yield from _check_item(applicability, item, staff)
    yield from _check_evidence(applicability, item, day, attachments)


def explain_unconfirmed(item: Item) -> Problem:
    """What stands in the way of an answer that was taken over and that nobody has looked at yet."""
    return _problem(item, "not_confirmed")


def is_evidence_demanded(applicability: Applicability, item: Item) -> bool:
    """Whether this answer needs evidence at this tier; only values do."""
    rule, answer = item.question.evidence, applicability.find_answer(item)
    if rule is None or not rule.demanded or answer is None or answer.state != "value":
        return False
    if rule.required_from is not None and not contains(applicability.tier, rule.required_from):
        return False
    return conditions.holds(applicability.definition, rule.required_when, applicability.look_up(item.row_id))


def is_answered(applicability: Applicability, item: Item) -> bool:
    """Whether a place is complete: any state, and for a group its rows or a statement that there are none."""
    if applicability.find_answer(item) is not None:
        return True
    return item.question.type == "group" and bool(applicability.list_group_rows(item.question))


def is_required(item: Item) -> bool:
    """Whether submission needs an answer here; a group with a least number of rows is required too."""
    repeat = item.question.repeat
    return item.question.required or (repeat is not None and repeat.min > 0)


def _problem(item: Item, code: str, **parameters: object) -> Problem:
    texts = {name: str(value) for name, value in parameters.items()}
    return Problem(code=code, question=item.question.key, row_id=item.row_id, parameters=texts)


def _check_item(applicability: Applicability, item: Item, staff: int | None) -> Iterator[Problem]:
    if not is_answered(applicability, item):
        if is_required(item):
            yield _problem(item, "required_missing")
        return
    if item.question.type == "group":
        yield from _check_rows(applicability, item)
    answer = applicability.find_answer(item)
    if answer is None:
        return
    match answer.state:
        case "not_applicable":
            if not item.question.allows_not_applicable:
                yield _problem(item, "not_applicable_not_allowed")
            elif not answer.reason:
                yield _problem(item, "reason_missing")
        case "declined":
            refused = explain_decline(item.question, item.row_id, staff)
            if refused is not None:
                yield refused
        case "value":
            yield from _check_value(applicability, item, answer)
        case "unknown":
            pass


def _check_rows(applicability: Applicability, item: Item) -> Iterator[Problem]:
    repeat, answer = item.question.repeat, applicability.find_answer(item)
    if repeat is None or (answer is not None and answer.state != "value"):
        return
    rows = len(applicability.list_group_rows(item.question))
    if rows < repeat.min:
        yield _problem(item, "too_few_rows", rows=rows, min=repeat.min)
    if rows > repeat.max:
        yield _problem(item, "too_many_rows", rows=rows, max=repeat.max)


def _check_value(applicability: Applicability, item: Item, answer: Answer) -> Iterator[Problem]:
    if item.question.type == "group":
        return
    normal = normalize_value(applicability.definition, item.question, answer.value, row_id=item.row_id)
    if isinstance(normal, Problem):
        yield normal
    else:
        yield from check_limits(applicability.definition, item.question, dataclasses.replace(answer, value=normal))


def find_warning(definition: Definition, answer: Answer, staff: int | None = None) -> Problem | None:
    """What submission would refuse of an answer that can be saved: its limits, a reason that is missing, or that a firm
    with this many people declines it."""
    question = definition.questions[answer.question]
    if answer.state == "declined":
        return explain_decline(question, answer.row_id, staff)
    if answer.state == "not_applicable" and not answer.reason:
        return Problem(code="reason_missing", question=answer.question, row_id=answer.row_id)
    return next(check_limits(definition, question, answer), None)


def check_limits(definition: Definition, question: Question, answer: Answer) -> Iterator[Problem]:
    """What a value in its one spelling breaks of the question's limits; nothing for any other state."""
    if answer.state != "value" or answer.value is None:
        return
    for code, parameters in _list_excesses(definition, question, answer.value):
        texts = {name: str(value) for name, value in parameters.items()}
        yield Problem(code=code, question=answer.question, row_id=answer.row_id, parameters=texts)


def _list_excesses(
    definition: Definition, question: Question, value: Value
) -> Iterator[tuple[str, Mapping[str, object]]]:
    if question.type in NUMBERS:
        yield from _list_number_excesses(question, Decimal(str(value)))
    elif isinstance(value, tuple):
        for option in definition.options(question):
            if option.exclusive and option.key in value and len(value) > 1:
                yield "exclusive_option", {"option": option.title}
    elif question.max_length is not None and len(str(value)) > question.max_length:
        yield "text_too_long", {"length": len(str(value)), "max": question.max_length}


def _list_number_excesses(question: Question, number: Decimal) -> Iterator[tuple[str, Mapping[str, object]]]:
    if question.min is not None and number < question.min:
        yield "below_min", {"value": number, "min": question.min}
    if question.max is not None and number > question.max:
        yield "above_max", {"value": number, "max": question.max}
    exponent = number.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if question.decimals is not None and places > question.decimals:
        yield "too_many_decimals", {"value": number, "max": question.decimals}


def _check_evidence(
    applicability: Applicability, item: Item, day: date, attachments: Collection[Attachment]
) -> Iterator[Problem]:
    attached = [file for file in attachments if file.key == item.key]
    yield from _check_states(item, attached)
    rule = item.question.evidence
    if rule is None or not is_evidence_demanded(applicability, item):
        return
    fitting = [file for file in attached if file.kind in rule.accept and file.state != "refused"]
    if not fitting:
        yield _problem(item, "evidence_missing", kinds=", ".join(rule.accept))
    elif all(file.state == "here" for file in fitting):
        yield from _check_ages(item, day, fitting)


def _check_states(item: Item, attached: Collection[Attachment]) -> Iterator[Problem]:
    """What is attached and not here would be missing from the submission without a word, demanded or not."""
    for file in attached:
        match file.state:
            case "checking":
                yield _problem(item, "evidence_being_checked", name=file.name)
            case "awaited":
                yield _problem(item, "evidence_not_arrived", name=file.name)
            case "refused":
                yield _problem(item, "evidence_refused", name=file.name)


def _check_ages(item: Item, day: date, fitting: Collection[Attachment]) -> Iterator[Problem]:
    """One document that counts is enough; where none does, each reason is told once."""
    found = [find_staleness(item.question, file, day) for file in fitting]
    if None not in found:
        yield from {problem.code: problem for problem in found if problem is not None}.values()


def explain_not_asked(question: Question, row_id: str | None) -> Problem | None:
    """That a question asks for no document, where it does not: one may be attached, and nothing counts it."""
    if question.evidence is not None:
        return None
    return Problem(code="evidence_not_asked", question=question.key, row_id=row_id)


def find_staleness(question: Question, file: Attachment, day: date) -> Problem | None:
    """Why a document at this question does not count on a day: it has run out, is too old, or nobody can say."""

    def refuse(code: str, **parameters: object) -> Problem:
        texts = {name: str(value) for name, value in parameters.items()}
        return Problem(code=code, question=question.key, row_id=file.row_id, parameters=texts | {"name": file.name})

    if file.valid_until is not None:
        # A document that names its own end is judged by it: a permit of 2015 may hold until 2030.
        return refuse("evidence_expired", valid_until=file.valid_until) if file.valid_until < day else None
    most = None if question.evidence is None else question.evidence.max_age_days
    if most is None:
        return None
    if file.issued_on is None:
        return refuse("evidence_undated", max_age_days=most)
    if file.issued_on < day - timedelta(days=most):
        return refuse("evidence_outdated", max_age_days=most, issued_on=file.issued_on)
    return None
