"""Scoring compiled for one profile: the same results as scoring.py, from whole numbers over common denominators.

Profiles with levels or capped sums, where points change what counts, use the interpreter from the lines on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

from questionnaires import critical, levels, scoring, trace
from questionnaires.answers import Answers
from questionnaires.compiled_measures import Cell, Measure, Rows, Standing, find_scale
from questionnaires.compiled_rules import CompiledRule
from questionnaires.compiled_sums import Sums, Weighed
from questionnaires.compiling import CompiledTier, Walk
from questionnaires.critical import Ruling
from questionnaires.definition import SCORABLE, Definition, Question, Tier, contains
from questionnaires.points import NONE
from questionnaires.profile import Profile
from questionnaires.result import Line, Result, TierScore

# Lines that are remembered, as drawn and as written; beyond that they are forgotten.
MAX_DRAWN = 4096


@dataclass(slots=True)
class Drawn:
    """A line of a result and, once it was asked for, its form in the trace."""

    line: Line
    written: dict[str, Any] | None = None

    def write(self) -> dict[str, Any]:
        if self.written is None:
            self.written = trace.write_line(self.line)
        return self.written


# With the position of its section.
Placed: TypeAlias = tuple[int, Drawn]


class CompiledScorer:
    """Scores answers at one tier and, without band, at each lower one."""

    def __init__(self, definition: Definition, profile: Profile, compiled: CompiledTier) -> None:
        self.definition, self.profile, self.compiled, self.tier = definition, profile, compiled, compiled.tier
        self._scale = find_scale(definition, profile)
        self.measures = tuple(self._list_measures())
        self.sums = Sums(definition, profile, self.tier, self.measures, self._scale)
        self._lower = [tier for tier in definition.tier_keys if tier in self.sums.tiers and tier != self.tier]
        self.is_shaped = bool(profile.levels or profile.capped_sum)
        self._has_floors = any(band.floors for band in profile.bands)
        positions = {spot.question.key: at for at, spot in enumerate(compiled.spots)}
        self._rules = tuple(
            CompiledRule(rule, compiled.spots, positions.get(rule.question)) for rule in profile.critical
        )
        sections = {section.key: at for at, section in enumerate(definition.sections)}
        self.sections = tuple(sections[measure.section.key] for measure in self.measures)
        self._drawn: dict[tuple[Cell, str], Drawn] = {}

    def count_drawn(self) -> int:
        """How many lines are remembered just now."""
        return len(self._drawn)

    def score(self, answers: Answers, day: date) -> Result:
        """What scoring.score_answers gives."""
        return self._score(self.compiled.walk(answers), day)[0]

    def score_and_trace(self, answers: Answers, day: date) -> tuple[Result, dict[str, Any]]:
        """The result, and what trace.write_trace gives of it; parts of it are shared and must not be changed."""
        return self.score_and_trace_walk(self.compiled.walk(answers), day)

    def score_and_trace_walk(self, walk: Walk, day: date) -> tuple[Result, dict[str, Any]]:
        """The same, of answers that were walked already."""
        result, drawn = self._score(walk, day)
        by_section: list[list[dict[str, Any]]] = [[] for _ in self.definition.sections]
        for section, one in drawn:
            by_section[section].append(one.write())
        sections = {
            section.key: {"lines": written, **trace.write_rules(result, section.key)}
            for section, written in zip(self.definition.sections, by_section, strict=True)
        }
        summary = trace.write_summary(result, self.profile)
        return result, {"format": "trace/1", "summary": summary, "sections": sections}

    def _score(self, walk: Walk, day: date) -> tuple[Result, list[Placed]]:
        standings = [measure.find_standing(walk, day) for measure in self.measures]
        if self.is_shaped:
            drawn, own = self._weigh_shaped(standings, self.tier)
            scores = {tier: self._weigh_shaped(standings, tier)[1] for tier in self._lower} | {self.tier: own}
        else:
            weighed = self.sums.weigh([standing.amounts for standing in standings])
            scores = {tier: one.score for tier, one in weighed.items()}
            drawn = self._draw(standings, weighed[self.tier])
        ruling = critical.collect(outcome for rule in self._rules for outcome in rule.apply(walk))
        return self.conclude(scores, ruling, day, tuple([one.line for _, one in drawn])), drawn

    def conclude(
        self, scores: dict[Tier, TierScore], ruling: Ruling, day: date, lines: tuple[Line, ...] = ()
    ) -> Result:
        """The result of what each tier and the critical rules came to."""
        own = scores[self.tier]
        earned, band, reason = scoring.grade(self.profile, own, ruling)
        return Result(
            questionnaire=self.definition.key,
            version=self.definition.version,
            profile=self.profile.number,
            tier=self.tier,
            day=day,
            valid_until=day + timedelta(days=self.profile.validity_days),
            total=own.total,
            pillars=own.pillars,
            coverage=own.coverage,
            rests_on=own.rests_on,
            earned_band=earned,
            band=band,
            band_reason=reason,
            fired=ruling.fired,
            open_rules=ruling.open_rules,
            lines=lines,
            lower=tuple([scores[tier] for tier in self._lower]),
            shortfalls=tuple(scoring.find_shortfalls(self.profile, own)) if self._has_floors else (),
        )

    def _list_measures(self) -> Iterable[Measure]:
        """In document order, the children of a group one after the other."""
        for position, spot in enumerate(self.compiled.spots):
            for question in (spot.question, *(child.question for child in spot.children)):
                if question.key in self.profile.questions:
                    yield Measure(self.definition, self.profile, question, position, self._scale)

    def _draw(self, standings: Sequence[Standing], weighed: Weighed) -> list[Placed]:
        """The lines in document order; those drawn before are used again."""
        found: list[Placed] = []
        shares: dict[tuple[int, int], Fraction] = {}
        for measure, standing, section in zip(self.measures, standings, self.sections, strict=True):
            share = shares.get((section, measure.weight))
            if share is None:
                part, parts = weighed.factors[section]
                share = shares[section, measure.weight] = Fraction(part * measure.weight, parts or 1)
            if isinstance(standing, Rows):
                lines = measure.draw_rows(standing, share / standing.sharing)
                found.extend([(section, Drawn(line)) for line in lines])
                continue
            key = (standing, str(share))
            drawn = self._drawn.get(key)
            if drawn is None:
                drawn = Drawn(measure.draw(standing, share))
                if standing.is_kept:
                    self._keep(key, drawn)
            found.append((section, drawn))
        return found

    def _keep(self, key: tuple[Cell, str], drawn: Drawn) -> None:
        if len(self._drawn) >= MAX_DRAWN:
            self._drawn.clear()
        self._drawn[key] = drawn

    def _weigh_shaped(self, standings: Sequence[Standing], tier: Tier) -> tuple[list[Placed], TierScore]:
        sections: list[int] = []
        lines: list[Line] = []
        for measure, standing, section in zip(self.measures, standings, self.sections, strict=True):
            if contains(tier, measure.question.tier):
                drawn = list(_draw_plainly(measure, standing))
                sections += [section] * len(drawn)
                lines += drawn
        closed = levels.close_levels(self.profile, lines)
        weighed, score = scoring.weigh_lines(self.definition, self.profile, tier, closed)
        return [(section, Drawn(line)) for section, line in zip(sections, weighed, strict=True)], score


def _draw_plainly(measure: Measure, standing: Standing) -> Iterator[Line]:
    """The lines without their shares."""
    if isinstance(standing, Rows):
        yield from measure.draw_rows(standing, NONE)
    else:
        yield measure.draw(standing)


def is_compilable(definition: Definition, profile: Profile) -> bool:
    """Whether a definition and a profile keep the rules of the lint that the compiled form relies on.

    Published ones do: conditions look at the same or lower tiers, measures belong to a pillar and have a type that
    earns points, and everything that is weighed weighs something.
    """
    pillars = {pillar.key for pillar in definition.pillars}
    if not pillars <= set(profile.pillars) or not _weighs(profile):
        return False
    return all(
        _nests(definition, question)
        and (question.key not in profile.questions or _is_measured(definition, question, pillars))
        for question in definition.questions.values()
    )


def _weighs(profile: Profile) -> bool:
    own = (score.weight for score in profile.questions.values())
    return all(weight > 0 for weight in (*profile.pillars.values(), *profile.sections.values(), *own))


def _nests(definition: Definition, question: Question) -> bool:
    clauses = question.enable_when.clauses if question.enable_when else ()
    parent = definition.parents.get(question.key)
    looked_at = [definition.questions.get(clause.q) for clause in clauses]
    above = () if parent is None else (parent,)
    return all(one is not None and contains(question.tier, one.tier) for one in (*looked_at, *above))


def _is_measured(definition: Definition, question: Question, pillars: set[str]) -> bool:
    return question.type in SCORABLE and definition.sections_by_question[question.key].pillar in pillars
