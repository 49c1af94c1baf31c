"""Critical rules compiled: what one comes to with a value is found once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from questionnaires import critical
from questionnaires.compiled_measures import MAX_KEPT
from questionnaires.compiling import Spot, Walk
from questionnaires.definition import Value
from questionnaires.profile import CriticalRule
from questionnaires.result import Fired, OpenRule


class CompiledRule:
    """A critical rule; what it comes to with a value is found once where its question stands outside groups."""

    __slots__ = ("_kept", "_position", "_rule", "_spot")

    def __init__(self, rule: CriticalRule, spots: Sequence[Spot], position: int | None) -> None:
        self._rule, self._position = rule, position
        self._spot = None if position is None else spots[position]
        self._kept: dict[Value, tuple[Fired | OpenRule, ...]] = {}

    def apply(self, walk: Walk) -> Iterable[Fired | OpenRule]:
        """What critical.apply_rule gives."""
        if self._position is None or self._spot is None:
            return critical.apply_rule(walk.applicability, self._rule)
        if not walk.asked[self._position]:
            return critical.judge_item(walk.applicability, self._rule, self._spot.unasked)
        answer = walk.applicability.answers.get(self._spot.key)
        if answer is None or answer.state != "value" or answer.value is None:
            return critical.judge_item(walk.applicability, self._rule, self._spot.asked)
        found = self._kept.get(answer.value)
        if found is None:
            found = tuple(critical.judge_item(walk.applicability, self._rule, self._spot.asked))
            if len(self._kept) < MAX_KEPT:
                self._kept[answer.value] = found
        return found
