"""Whether a place that is not asked now might still be asked: the answer that decides it is open itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from questionnaires import conditions
from questionnaires.answers import AnswerKey
from questionnaires.applicability import Applicability
from questionnaires.definition import Clause, Condition
from questionnaires.result import OpenState

# True: asked. False: closed, whatever else comes. A state: an earlier answer in that state decides.
Gate = bool | OpenState
Way = Literal["all", "any"]


def judge_place(applicability: Applicability, key: AnswerKey) -> Gate:
    """How the gate of one place stands, through its group and through gates that hang on other gates."""
    item = applicability.places.get(key)
    if item is None:
        return False
    if item.enabled:
        return True
    group = applicability.definition.parents.get(item.question.key)
    above = True if group is None else judge_place(applicability, (group.key, None))
    return _combine("all", [above, _judge_condition(applicability, item.question.enable_when, item.row_id)])


def _judge_condition(applicability: Applicability, condition: Condition | None, row_id: str | None) -> Gate:
    if condition is None:
        return True
    gates = [_judge_clause(applicability, clause, row_id) for clause in condition.clauses]
    return _combine("all" if condition.all else "any", gates)


def _judge_clause(applicability: Applicability, clause: Clause, row_id: str | None) -> Gate:
    key = (clause.q, row_id if clause.q in applicability.definition.parents else None)
    asked = judge_place(applicability, key)
    if asked is not True:
        return asked
    answer = applicability.answers.get(key)
    if answer is None:
        return "unanswered"
    if answer.state == "unknown" or answer.state == "declined":
        return answer.state
    return conditions.clause_holds(applicability.definition, clause, applicability.values.get(key))


def _combine(way: Way, gates: Iterable[Gate]) -> Gate:
    """As and, or as or, of three values: one that decides alone comes first, then the first open one."""
    found = list(gates)
    deciding = way == "any"
    if any(gate is deciding for gate in found):
        return deciding
    return next((gate for gate in found if not isinstance(gate, bool)), not deciding)
