"""Progress counts what is asked now, in rows too, and the minutes that are left."""

from decimal import Decimal
from typing import Any

from questionnaires import applicability, nesting, progress
from questionnaires.progress import Progress
from tests.questionnaires import samples


def measure(raw: dict[str, Any], tier: Any = "micro") -> Progress:
    return progress.measure_progress(find_applicable(raw, tier))


def find_applicable(raw: dict[str, Any], tier: Any) -> applicability.Applicability:
    answers, problems = nesting.read_nested(samples.make_definition(), raw)
    assert problems == []
    return applicability.find_applicable(samples.make_definition(), tier, answers)


def value(content: Any) -> dict[str, Any]:
    return {"state": "value", "value": content}


def test_an_empty_draft() -> None:
    # four facts, training at half a minute, exits; fees open only with two people or more
    assert measure({}) == Progress(
        asked=6,
        answered=0,
        required=1,
        missing=(("headcount", None),),
        minutes=Decimal("5.5"),
        minutes_left=Decimal("5.5"),
    )


def test_an_answer_opens_another_question() -> None:
    found = measure({"headcount": value("2")})
    assert (found.asked, found.answered, found.missing, found.minutes_left) == (7, 1, (), Decimal("5.5"))


def test_any_state_completes_a_question() -> None:
    assert measure({"headcount": {"state": "unknown"}}).answered == 1


def test_a_list_without_rows_is_expected_to_take_one() -> None:
    # waste and the list itself, and three questions of one row
    assert measure({}, "basic").minutes_left == Decimal("5.5") + 2 + 3


def test_rows_count_as_they_come() -> None:
    rows = [{"row": "a", "answers": {"site_dorm": value(True)}}, {"row": "b", "answers": {}}]
    found = measure({"sites": value(rows)}, "basic")
    # six of micro, waste, the list, three questions in row a and two in row b
    assert (found.asked, found.answered) == (6 + 2 + 5, 2)
    assert found.minutes_left == Decimal("5.5") + 1 + 4


def test_no_rows_is_an_answer() -> None:
    found = measure({"sites": value([])}, "basic")
    assert (found.answered, found.minutes_left) == (1, Decimal("6.5"))


def test_by_section() -> None:
    sections = progress.measure_sections(find_applicable({"exits_locked": value(False)}, "micro"))
    assert {key: (found.answered, found.asked) for key, found in sections.items()} == {
        "facts": (0, 4),
        "labour": (0, 1),
        "safety": (1, 1),
    }
