"""The five published shapes of scoring that are kept beside this file as data, read strictly, and answered briefly."""

import functools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from questionnaires import reading, scoring
from questionnaires.answers import Answer, Answers, check_saved, index_answers
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from questionnaires.result import Result

FOLDER = Path(__file__).parent / "shapes"
SHAPES = sorted(path.name for path in FOLDER.iterdir())
DAY = date(2026, 1, 15)
UNKNOWN = object()


@functools.cache
def read_shape(key: str) -> tuple[Definition, Profile]:
    definition = reading.read_questionnaire(FOLDER / key / "1.0.0.yaml")
    return definition, reading.read_profile(FOLDER / key / "1.0.0.profile-1.yaml", definition)


def index_given(definition: Definition, given: Mapping[str, Any]) -> Answers:
    """Answers by question key; UNKNOWN stands for "we do not know"."""
    checked = [
        check_saved(definition, key, state="unknown")
        if value is UNKNOWN
        else check_saved(definition, key, state="value", value=value)
        for key, value in given.items()
    ]
    assert all(isinstance(answer, Answer) for answer in checked), checked
    return index_answers(answer for answer in checked if isinstance(answer, Answer))


def score(key: str, given: Mapping[str, Any]) -> Result:
    definition, profile = read_shape(key)
    return scoring.score_answers(definition, profile, "basic", index_given(definition, given), DAY)
