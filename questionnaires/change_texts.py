"""Where the texts that a change names stand in a version: paths as in `texts`, by which another language has them."""

from __future__ import annotations

from questionnaires.definition import Definition
from questionnaires.difference import Change

PARTS = ("tiers", "pillars", "sections", "checks")
OF_HEADER = ("title", "description")
OF_QUESTION = ("title", "action", "help", "why")


def find_text(definition: Definition, change: Change, key: str | None) -> str | None:
    """The path of the text that stood before, or stands now; none where that is no text but a value.

    `key` is that of the question in this version.
    """
    if key is not None:
        return _find_in_question(definition, change, key)
    part, _, rest = change.path.partition(".")
    if part == "questionnaire":
        return rest if rest in OF_HEADER else None
    return f"{change.path}.title" if part in PARTS and rest and "." not in rest else None


def _find_in_question(definition: Definition, change: Change, key: str) -> str | None:
    field = change.path.rpartition(f"questions.{change.question}.")[2]
    if field in OF_QUESTION:
        return f"questions.{key}.{field}"
    place, _, option = field.partition(".")
    question = definition.questions.get(key)
    if place != "options" or not option or question is None or change.code == "option_changed":
        return None
    shared = question.options_ref
    return f"option_sets.{shared}.{option}.title" if shared else f"questions.{key}.options.{option}.title"
