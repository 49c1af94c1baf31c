"""A generated questionnaire of 160 questions, and an answer to each: what a long open assessment holds."""

from typing import Any

from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition, Header, Option, Pillar, Question, Section, TierText

KEY, VERSION = "generated", "1.0.0"
SECTIONS, PER_SECTION = 16, 10
TYPES = ("choice", "choice", "multi_choice", "integer", "boolean")
OPTIONS = tuple(
    Option(key=f"state_{at}", title=f"What is done, from the weakest to the strongest: line {at}") for at in range(5)
)


def make_packaged() -> Packaged:
    """The version as it is published, without a scoring profile."""
    header = Header(
        key=KEY,
        publisher="portal",
        version=VERSION,
        locale="en",
        purpose="self_assessment",
        title="A generated questionnaire",
        description="As long as the longest that buyers ask for.",
    )
    return Packaged(
        Definition(
            format="questionnaire/1",
            questionnaire=header,
            tiers=(TierText(key="basic", title="Basic"),),
            pillars=(Pillar(key="labour", title="People and their rights"),),
            sections=tuple(make_section(at) for at in range(SECTIONS)),
        ),
        (),
    )


def make_section(number: int) -> Section:
    questions = tuple(make_question(number * PER_SECTION + at) for at in range(PER_SECTION))
    title = f"Part {number + 1} of the firm's daily practice"
    return Section(key=f"section_{number}", title=title, pillar="labour", questions=questions)


def make_question(number: int) -> Question:
    kind: Any = TYPES[number % len(TYPES)]
    return Question(
        key=f"question_{number}",
        type=kind,
        tier="basic",
        kind="measure",
        title=f"How is part {number} of the work done here in a normal week, and who looks after it?",
        help="Answer how it is today, not how it should be. If two lines fit, choose the upper one.",
        why="A gap that is named can be closed, and whoever buys from you wants to know how.",
        action="Write down who looks after it, and look at it once a month. A photo of the list is enough.",
        unit="person" if kind == "integer" else None,
        required=number % 3 == 0,
        options=OPTIONS if kind in ("choice", "multi_choice") else (),
    )


def make_answers() -> list[dict[str, Any]]:
    """An answer to every question, with values as they are stored."""
    values = {"choice": "state_2", "multi_choice": ["state_1", "state_3"], "integer": "42", "boolean": True}
    questions = [make_question(number) for number in range(SECTIONS * PER_SECTION)]
    return [{"question": one.key, "value": values[one.type]} for one in questions]
