"""From stored answers to the JSON text of a trace, without the objects between."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from operator import itemgetter
from typing import Any

from questionnaires import critical, trace
from questionnaires.compiled_measures import Number
from questionnaires.compiled_scoring import CompiledScorer
from questionnaires.compiled_stored import Known, Outcome, StoredTier, dump
from questionnaires.compiled_sums import Ratio
from questionnaires.result import Fired, Result

NO_RULES = '],"critical":[],"critical_open":[]}'


@dataclass(frozen=True, slots=True)
class Written:
    """A result whose lines are JSON texts: the summary and each section as trace.write_trace has them."""

    result: Result  # without lines
    summary: str
    sections: Mapping[str, str]

    def join(self) -> str:
        """The whole trace."""
        inside = ",".join([f'"{key}":{text}' for key, text in self.sections.items()])
        return f'{{"format":"trace/1","summary":{self.summary},"sections":{{{inside}}}}}'


def write_whole(result: Result, whole: Mapping[str, Any]) -> Written:
    """A result with a trace that is there already."""
    return Written(result, dump(whole["summary"]), {key: dump(part) for key, part in whole["sections"].items()})


@dataclass(frozen=True, slots=True)
class _Section:
    key: str
    at: int
    measures: slice
    weights: frozenset[int]


class StoredScorer:
    """Scores stored answers as CompiledScorer does; hold it as long."""

    def __init__(self, scorer: CompiledScorer) -> None:
        self._scorer = scorer
        self._tier = StoredTier(scorer.definition, scorer.profile, scorer.compiled, scorer.measures)
        self._pick_measures = itemgetter(*(measure.position for measure in scorer.measures))
        self._sections = [self._cut_section(at) for at in range(len(scorer.definition.sections))]
        self._rules = dump(trace.write_profile(scorer.profile))

    def _cut_section(self, at: int) -> _Section:
        sections = self._scorer.sections
        inside = [number for number, section in enumerate(sections) if section == at]
        weights = frozenset(self._scorer.measures[number].weight for number in inside)
        start = inside[0] if inside else 0
        return _Section(self._scorer.definition.sections[at].key, at, slice(start, start + len(inside)), weights)

    def score(self, texts: Sequence[str], day: date) -> Written | None:
        """The result and its trace of JSON objects of answers; None where another form has to read them."""
        given = self._tier.read(texts)
        if given is None:
            return None
        found, outcomes = self._tier.stand(given)
        measured: Sequence[Known] = self._pick_measures(found)
        weighed = self._scorer.sums.weigh([known.amounts for known in measured])
        outcomes.sort(key=itemgetter(0))
        ruling = critical.collect(outcome for _, outcome, _ in outcomes)
        result = self._scorer.conclude({tier: one.score for tier, one in weighed.items()}, ruling, day)
        summary = f'{dump(trace.write_figures(result))[:-1]},"rules":{self._rules}}}'
        factors = weighed[self._scorer.tier].factors
        rules = _write_rules(outcomes)
        sections = {
            section.key: _write(section, measured, factors[section.at], rules.get(section.key, NO_RULES))
            for section in self._sections
        }
        return Written(result, summary, sections)


def _write_rules(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The end of each section in which a rule came to something."""
    fired: dict[str, list[str]] = {}
    left_open: dict[str, list[str]] = {}
    for _, outcome, text in outcomes:
        (fired if isinstance(outcome, Fired) else left_open).setdefault(outcome.section, []).append(text)
    return {
        section: f'],"critical":[{",".join(fired.get(section, ()))}],'
        f'"critical_open":[{",".join(left_open.get(section, ()))}]}}'
        for section in (*fired, *left_open)
    }


def _write(section: _Section, measured: Sequence[Known], factor: Ratio, rules: str) -> str:
    part, parts = factor
    shares = {weight: _write_share(part * weight, parts or 1) for weight in section.weights}
    lines = [
        f"{known.head}{shares[known.weight]}{known.tail}" if known.tail else known.head
        for known in measured[section.measures]
    ]
    return f'{{"lines":[{",".join(lines)}{rules}'


def _write_share(above: Number, below: Number) -> str:
    """As str of a Fraction, which whole numbers do not need to become."""
    if isinstance(above, Fraction) or isinstance(below, Fraction):
        return str(Fraction(above, below))
    common = math.gcd(above, below)
    return f"{above // common}/{below // common}" if below != common else str(above // common)


def is_stored_plainly(scorer: CompiledScorer) -> bool:
    """Whether stored answers can be scored one by one: no groups at the tier, no levels, no points that fade."""
    ways = [scorer.profile.questions[measure.key] for measure in scorer.measures]
    return len(ways) > 1 and not (
        scorer.is_shaped
        or any(spot.question.type == "group" for spot in scorer.compiled.spots)
        or any(way.decay is not None for way in ways)
    )
