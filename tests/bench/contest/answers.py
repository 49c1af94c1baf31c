"""What makes two answers equal, whoever gave them."""

import re
from collections.abc import Sequence
from typing import Any

from tests.bench import reads
from tests.bench.contest.questions import Question
from tests.bench.contest.rounds import Entrant
from tests.bench.load import WrongAnswer

CHECKED = 6  # questions of each shape
_ZERO = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00$")


async def check(entrants: Sequence[Entrant], questions: dict[str, list[Question]]) -> None:
    """Raise WrongAnswer where two contenders do not say the same to the same question."""
    for shape, asked in questions.items():
        for question in asked[:CHECKED]:
            answers = [(one.name, await _ask(one, question)) for one in entrants]
            expected_by, expected = answers[0]
            for name, answer in answers[1:]:
                found = reads.find_difference(answer, expected, shape, (name, expected_by))
                if found is not None:
                    raise WrongAnswer(f"{name} and {expected_by} differ. {found}")


async def _ask(entrant: Entrant, question: Question) -> Any:
    body = await entrant.generator.ask(entrant.contender.language.ask(question))
    try:
        return normalise(entrant.contender.language.read(question, body))
    except (ValueError, KeyError, TypeError) as problem:
        words = f"{entrant.name}, {question.shape}: {problem!r}: {body[:600]!r}"
        raise WrongAnswer(words) from problem


def normalise(value: Any) -> Any:
    """Moments in one spelling."""
    if isinstance(value, dict):
        return {name: normalise(one) for name, one in value.items()}
    if isinstance(value, list):
        return [normalise(one) for one in value]
    return _ZERO.sub(r"\1Z", value) if isinstance(value, str) else value
