"""Answering a questionnaire to try it: what is asked, what is missing, what it scores. Nothing of it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import errors
from portal.assessments import joining, writes
from portal.assessments.writes import Write
from questionnaires import advice, applicability, checks, progress, scoring, submission, trace
from questionnaires.advice import Advice
from questionnaires.answers import Answer, Problem, index_answers
from questionnaires.applicability import Applicability
from questionnaires.checks import Inconsistency
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from questionnaires.progress import Progress
from questionnaires.result import Result

MOST_ANSWERS = 3_000
MEASURES = 3


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What these answers open and earn; `refused` are those that could not even be saved, and count for nothing."""

    applicable: Applicability
    refused: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    inconsistencies: tuple[Inconsistency, ...]
    progress: Progress
    result: Result
    trace: dict[str, Any]
    advice: tuple[Advice, ...]


def try_answers(definition: Definition, profile: Profile, tier: str, sent: Sequence[Write], day: date) -> Trial:
    """Judge answers as a supplier's on that day, with the rules of saving and of submitting.

    Raises InvalidInput TIER and TOO_MANY.
    """
    joining.check_tier(definition, tier)
    if len(sent) > MOST_ANSWERS:
        words = f"These are {len(sent)} answers; at most {MOST_ANSWERS:,} can be tried."
        raise errors.InvalidInput(words, code="TOO_MANY", path=("answers",))
    read = [_read(definition, one) for one in sent]
    answers = index_answers(one for one in read if isinstance(one, Answer))
    kept: Any = tier
    applicable = applicability.find_applicable(definition, kept, answers)
    result = scoring.score_answers(definition, profile, kept, answers, day)
    return Trial(
        applicable=applicable,
        refused=tuple(one for one in read if isinstance(one, Problem)),
        problems=tuple(submission.check_submission(applicable, day=day)),
        inconsistencies=tuple(checks.find_inconsistencies(applicable)),
        progress=progress.measure_progress(applicable),
        result=result,
        trace=trace.write_trace(result, definition, profile),
        advice=advice.suggest_measures(result, definition, profile, MEASURES),
    )


def _read(definition: Definition, sent: Write) -> Answer | Problem:
    """An answer in its one spelling, or why it is none."""
    content = writes.read_write(definition, sent)
    if isinstance(content, Problem):
        return content
    kept: Any = content.state
    return Answer(
        question=sent.question,
        row_id=sent.row_id,
        state=kept,
        value=tuple(content.value) if isinstance(content.value, list) else content.value,
        reason=content.reason or "",
    )
