"""Whatever comes in, as text, document or answers, ends in faults or problems and never in a crash."""

import contextlib
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import messages, nesting, reading
from questionnaires.answers import Answer
from questionnaires.faults import FaultList, ReadingError
from questionnaires.source import read_yaml
from tests.questionnaires import samples

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
JUNK = st.recursive(
    SCALARS, lambda i: st.lists(i, max_size=3) | st.dictionaries(st.text(max_size=5), i, max_size=3), max_leaves=5
)
SEEDS = st.integers(0, 2**32)
few = settings(max_examples=60, deadline=None)
ANSWERS: dict[str, Any] = {
    "headcount": {"state": "value", "value": "12"},
    "remark": {"state": "value", "value": "Text."},
    "sites": {"state": "value", "value": [{"row": "r1", "answers": {"site_people": {"state": "value", "value": "3"}}}]},
    "fees_repaid": {"state": "not_applicable", "reason": "Nobody was recruited."},
    "waste": {"state": "value", "value": ["paper"]},
}


def spoil(rng: Random, value: Any, junk: Any) -> Any:
    """Replace one part, anywhere."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.15:
        return junk
    if isinstance(value, dict):
        key = rng.choice(list(value))
        return {**value, key: spoil(rng, value[key], junk)}
    index = rng.randrange(len(value))
    return [*value[:index], spoil(rng, value[index], junk), *value[index + 1 :]]


@few
@given(SEEDS, JUNK)
def test_spoiled_questionnaires(seed: int, junk: Any) -> None:
    raw = spoil(Random(seed), samples.make_document(), junk)
    with contextlib.suppress(ReadingError):
        reading.definition_from_document(raw)


@few
@given(SEEDS, JUNK)
def test_spoiled_profiles(seed: int, junk: Any) -> None:
    raw = spoil(Random(seed), samples.make_profile_document(), junk)
    with contextlib.suppress(ReadingError):
        reading.profile_from_document(raw, samples.make_definition())


@few
@given(SEEDS, JUNK)
def test_spoiled_answers(seed: int, junk: Any) -> None:
    raw = spoil(Random(seed), ANSWERS, junk)
    kept, problems = nesting.read_nested(samples.make_definition(), raw)
    assert all(isinstance(answer, Answer) for answer in kept.values())
    assert all("{" not in messages.write_message(problem) or "{" in str(junk) for problem in problems)


@few
@given(st.text(alphabet="ab:-[]{}&*!'\"|>?#%@,\n \t\x00é1.", max_size=30))
def test_any_text_as_yaml(text: str) -> None:
    read_yaml(text, FaultList("text"))


@few
@given(SEEDS, st.text(alphabet="ab:-[]{}&*!'\"|>?#%@,\n \t\x00é1.", max_size=4))
def test_spoiled_files(seed: int, scrap: str) -> None:
    rng = Random(seed)
    lines = samples.QUESTIONNAIRE.splitlines()[:25]
    at = rng.randrange(len(lines))
    lines[at] = lines[at][: rng.randint(0, len(lines[at]))] + scrap
    read_yaml("\n".join(lines), FaultList("text"))
