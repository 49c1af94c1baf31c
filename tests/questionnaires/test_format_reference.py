"""The reference of the format: its example is read, and nothing is wrong with it."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from questionnaires import definition as definitions
from questionnaires import document, json_schema, reading
from questionnaires import profile as profiles
from questionnaires.definition import Definition, QuestionType
from questionnaires.profile import Profile

BLOCKS = re.findall(r"```yaml\n(.*?)```", Path("questionnaires/FORMAT.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("questionnaire", "profile"), list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True)))
def test_the_examples_of_the_reference_are_sound(questionnaire: str, profile: str) -> None:
    definition, faults = reading.inspect_questionnaire_text(questionnaire, "yaml")
    assert [str(fault) for fault in faults.faults] == []
    read, faults = reading.inspect_profile_text(profile, "yaml", definition)
    assert [str(fault) for fault in faults.faults] == []
    jsonschema.validate(document.write_document(definition), json_schema.write_schema(Definition))
    jsonschema.validate(document.write_document(read), json_schema.write_schema(Profile))


def test_the_examples_show_every_field() -> None:
    """A field that nobody wrote about is a field that nobody uses."""
    fields = {
        str(one.metadata.get("alias", one.name))
        for module in (definitions, profiles)
        for part in vars(module).values()
        if dataclasses.is_dataclass(part) and part.__module__ == module.__name__
        for one in dataclasses.fields(part)
    }
    shown = set(re.findall(r"(\w+):", "".join(BLOCKS)))
    assert fields - shown == set()


def test_the_example_shows_every_type() -> None:
    definition, _ = reading.inspect_questionnaire_text(BLOCKS[0], "yaml")
    asked = {question.type for question in definition.questions.values()}
    assert asked == set(get_args(QuestionType))
