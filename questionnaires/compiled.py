"""What is kept of a published version to answer for it quickly: tiers and scorers, compiled when first wanted.

The interpreter is the oracle. It answers itself for what the compiled form does not cover: documents that were
published before a rule of the lint came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from questionnaires import nesting, scoring, trace
from questionnaires.answers import Answer, Answers
from questionnaires.compiled_scoring import CompiledScorer, is_compilable
from questionnaires.compiled_texts import StoredScorer, Written, is_stored_plainly, write_whole
from questionnaires.compiling import CompiledTier, Walk
from questionnaires.definition import Definition, Tier
from questionnaires.profile import Profile
from questionnaires.result import Result

# Answers of one question that are remembered as they were read.
MAX_READ = 256


class StrangeAnswers(ValueError):
    """Stored answers that do not fit their version; `questions` are their keys."""

    def __init__(self, questions: Sequence[str]) -> None:
        super().__init__(f"answers that do not fit the version: {', '.join(questions)}")
        self.questions = tuple(questions)


class CompiledVersion:
    """A definition with its tiers; hold it as long as the definition, and share it."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._tiers: dict[Tier, CompiledTier] = {}
        self._read: dict[str, dict[tuple[str, Any], Answer]] = {key: {} for key in definition.questions}

    def at(self, tier: Tier) -> CompiledTier:
        """One tier, for what applies and for the check of a submission."""
        found = self._tiers.get(tier)
        if found is None:
            found = self._tiers[tier] = CompiledTier(self.definition, tier)
        return found

    def read_answers(self, nested: Mapping[str, Any]) -> Answers:
        """The answers that nesting.read_nested keeps; those outside groups and without a reason are read once."""
        flat: list[Answer] = []
        rest: dict[str, Any] = {}
        for key, entry in nested.items():
            found = self._find_read(key, entry)
            if found is None:
                rest[key] = entry
            else:
                flat.append(found)
        read = {answer.key: answer for answer in flat}
        return {**read, **nesting.read_nested(self.definition, rest)[0]} if rest else read

    def _find_read(self, key: str, entry: Any) -> Answer | None:
        kept = self._read.get(key)
        if kept is None or not isinstance(entry, dict) or len(entry) > 2 or "state" not in entry:
            return None
        value = entry.get("value")
        if len(entry) == 2 and value is None:
            return None
        if isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                return None
            value = tuple(value)
        elif value is not None and not isinstance(value, str | bool):
            return None
        if not isinstance(entry["state"], str):
            return None
        place = (entry["state"], value)
        found = kept.get(place)
        return found or self._read_once(key, entry, place, kept)

    def _read_once(
        self, key: str, entry: dict[str, Any], place: tuple[str, Any], kept: dict[tuple[str, Any], Answer]
    ) -> Answer | None:
        read = nesting.read_nested(self.definition, {key: entry})[0]
        answer = read.get((key, None))
        if answer is None or len(read) != 1:
            return None
        if len(kept) < MAX_READ:
            kept[place] = answer
        return answer


class CompiledProfile:
    """A scoring profile of a compiled version; hold and share it likewise."""

    def __init__(self, version: CompiledVersion, profile: Profile) -> None:
        self.version, self.profile = version, profile
        self.is_compiled = is_compilable(version.definition, profile)
        self._scorers: dict[Tier, CompiledScorer] = {}
        self._stored: dict[Tier, StoredScorer | None] = {}

    def score_answers(self, tier: Tier, answers: Answers, day: date) -> Result:
        """What scoring.score_answers gives."""
        if not self.is_compiled:
            return scoring.score_answers(self.version.definition, self.profile, tier, answers, day)
        return self._at(tier).score(answers, day)

    def score_and_trace(self, tier: Tier, answers: Answers, day: date) -> tuple[Result, dict[str, Any]]:
        """The result and what trace.write_trace gives of it, to be written and not to be changed."""
        if not self.is_compiled:
            result = self.score_answers(tier, answers, day)
            return result, trace.write_trace(result, self.version.definition, self.profile)
        return self._at(tier).score_and_trace(answers, day)

    def score_and_trace_walk(self, walk: Walk, day: date) -> tuple[Result, dict[str, Any]]:
        """The same, of answers that a tier of the version walked already."""
        asked = walk.applicability
        if not self.is_compiled:
            return self.score_and_trace(asked.tier, asked.answers, day)
        return self._at(asked.tier).score_and_trace_walk(walk, day)

    def score_stored(self, tier: Tier, texts: Sequence[str], day: date) -> Written:
        """Result and trace of answers as they are stored: JSON objects of their nested form, one or several.

        The texts of the trace are what score_and_trace gives, as JSON without spaces. Raises StrangeAnswers, and
        ValueError for what is no JSON object.
        """
        stored = self._at_stored(tier)
        written = None if stored is None else stored.score(texts, day)
        if written is not None:
            return written
        nested = _merge(texts)
        answers = self.version.read_answers(nested)
        strange = sorted(nested.keys() - {key for key, _ in answers})
        if strange:
            raise StrangeAnswers(strange)
        return write_whole(*self.score_and_trace(tier, answers, day))

    def _at_stored(self, tier: Tier) -> StoredScorer | None:
        if tier not in self._stored:
            is_plain = self.is_compiled and is_stored_plainly(self._at(tier))
            self._stored[tier] = StoredScorer(self._at(tier)) if is_plain else None
        return self._stored[tier]

    def _at(self, tier: Tier) -> CompiledScorer:
        found = self._scorers.get(tier)
        if found is None:
            compiled = self.version.at(tier)
            found = self._scorers[tier] = CompiledScorer(self.version.definition, self.profile, compiled)
        return found


def _merge(texts: Sequence[str]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for text in texts:
        try:
            part = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"Stored answers are a JSON object; this is no JSON at character {error.pos}.") from error
        if not isinstance(part, dict):
            raise ValueError(f"Stored answers are a JSON object; this begins with {text[:20]!r}.")
        nested |= part
    return nested
