"""What a clarification opens: what was asked about, what hangs on it and was not answered, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from questionnaires import reopening
from questionnaires.answers import AnswerKey
from tests.questionnaires import samples

DEFINITION = samples.make_definition()
KEYS = sorted(key for key in DEFINITION.questions)


def list_hanging(names: set[str]) -> set[str]:
    """Questions whose condition names one of these, directly or through another."""
    found = set(names)
    while True:
        more = {
            key
            for key, question in DEFINITION.questions.items()
            for owner in (question, DEFINITION.parents.get(key))
            if owner is not None and owner.enable_when is not None
            if {clause.q for clause in owner.enable_when.clauses} & found
        } - found
        if not more:
            return found - names
        found |= more


@given(st.sets(st.sampled_from(KEYS), min_size=1), st.sets(st.sampled_from(KEYS)))
def test_only_what_was_asked_about_or_hangs_on_it_is_open(asked: set[str], answered: set[str]) -> None:
    keys: set[AnswerKey] = {(key, "r1" if key in DEFINITION.parents else None) for key in answered}
    found = reopening.find_reopened(DEFINITION, "advanced", [(key, None) for key in asked], keys)
    inside = {key for key, group in DEFINITION.parents.items() if group.key in asked}
    hanging = list_hanging(asked | inside)
    for key in KEYS:
        row = "r1" if key in DEFINITION.parents else None
        is_open = reopening.is_reopened(found, key, row)
        if key in asked | inside:
            assert is_open
        elif key not in hanging or (key, row) in keys:
            # An unanswered group that hangs on it is open with what stands in it.
            parent = DEFINITION.parents.get(key)
            assert not is_open or (parent is not None and parent.key in hanging)


def test_what_another_tier_would_ask_stays_closed() -> None:
    hanging = {key: DEFINITION.questions[key] for key in list_hanging({"headcount"})}
    assert hanging
    for key, question in hanging.items():
        found = reopening.find_reopened(DEFINITION, "micro", [("headcount", None)], [])
        assert reopening.is_reopened(found, key, None) == (question.tier == "micro")


def test_a_row_is_opened_alone() -> None:
    child = next(iter(DEFINITION.parents))
    found = reopening.find_reopened(DEFINITION, "advanced", [(child, "r1")], [(child, "r1"), (child, "r2")])
    assert reopening.is_reopened(found, child, "r1")
    assert not reopening.is_reopened(found, child, "r2")
    problem = reopening.find_lock(found, child, "r2")
    assert problem is not None
    assert problem.code == "answer_waits"
    assert reopening.find_lock(found, child, "r1") is None
