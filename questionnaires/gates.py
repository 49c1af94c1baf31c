"""Whether a place that is not asked now might still be asked: the answer that decides it is open itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from questionnaires import conditions
from questionnaires.answers import AnswerKey
from questionnaires.applicability import Applicability, Item
from questionnaires.definition import Clause
from questionnaires.result import OpenState

# True: asked. False: closed, whatever else comes. A state: an earlier answer in that state decides.
Gate = bool | OpenState
Gates = Mapping[AnswerKey, Gate]
Way = Literal["all", "any"]


def judge_place(applicability: Applicability, key: AnswerKey) -> Gate:
    """How the gate of one place stands, through its group and through gates that hang on other gates."""
    judged = applicability.judged
    if not judged:
        judged.update(_judge_places(applicability))
    return judged.get(key, False)


def _judge_places(applicability: Applicability) -> Gates:
    """One pass in document order, as conditions look back: to follow each chain anew doubles the work at every step."""
    gates: dict[AnswerKey, Gate] = {}
    for item in applicability.items:
        gates[item.key] = item.enabled or _judge_closed(applicability, gates, item)
    return gates


def _judge_closed(applicability: Applicability, gates: Gates, item: Item) -> Gate:
    group = applicability.definition.parents.get(item.question.key)
    above = True if group is None else gates.get((group.key, None), False)
    return _combine("all", [above, _judge_condition(applicability, gates, item)])


def _judge_condition(applicability: Applicability, gates: Gates, item: Item) -> Gate:
    condition = item.question.enable_when
    if condition is None:
        return True
    found = [_judge_clause(applicability, gates, clause, item.row_id) for clause in condition.clauses]
    return _combine("all" if condition.all else "any", found)


def _judge_clause(applicability: Applicability, gates: Gates, clause: Clause, row_id: str | None) -> Gate:
    key = (clause.q, row_id if clause.q in applicability.definition.parents else None)
    asked = gates.get(key, False)
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
