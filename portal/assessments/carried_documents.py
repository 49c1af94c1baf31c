"""Documents of earlier answers: which of them come along with the answers, and why the others do not."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

Reason = Literal["expired", "rejected", "answer_left", "not_reused"]


@dataclass(frozen=True, kw_only=True)
class CarriedDocument:
    """A document at an earlier answer: the question that it goes to, or the reason why it goes to none.

    `expired`: its validity is over. `rejected`: its file was refused. `answer_left`: its answer is not taken over.
    `not_reused`: from another questionnaire answers come alone.
    """

    evidence_id: UUID
    name: str
    old_question: str
    row_id: str | None
    valid_until: date | None
    question: str | None = None
    reason: Reason | None = None


def judge_documents(
    files: Iterable[Any],
    find_place: Callable[[str, str | None], str | None],
    *,
    day: date | None,
    otherwise: Reason = "answer_left",
) -> tuple[CarriedDocument, ...]:
    """The fate of each of these rows of `drafts.list_files`; `find_place` gives the question that an answer goes to.

    With a `day`, what was valid until an earlier one is over, whether or not that was noted of it yet.
    """
    return tuple(_judge(file, find_place(file.question, file.row_id or None), day, otherwise) for file in files)


def _judge(file: Any, place: str | None, day: date | None, otherwise: Reason) -> CarriedDocument:
    reason: Reason | None = None if place is not None else otherwise
    if file.state in ("expired", "removed") or (
        day is not None and file.valid_until is not None and file.valid_until < day
    ):
        reason = "expired"
    if file.state == "rejected":
        reason = "rejected"
    return CarriedDocument(
        evidence_id=file.evidence_id,
        name=file.name,
        old_question=file.question,
        row_id=file.row_id or None,
        valid_until=file.valid_until,
        question=None if reason else place,
        reason=reason,
    )


def list_left(
    documents: Iterable[CarriedDocument], attached: Collection[UUID] = frozenset()
) -> tuple[CarriedDocument, ...]:
    """Those that do not come along; one that is `attached` in the new response already is not left behind."""
    return tuple(
        one
        for one in documents
        if one.reason is not None and not (one.reason == "answer_left" and one.evidence_id in attached)
    )
