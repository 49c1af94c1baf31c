"""What is packaged can be listed, loaded from its published form, and checked with the published JSON Schema."""

import json
from typing import Any

import jsonschema
import pytest

from questionnaires import catalogue, document, json_schema, reading
from questionnaires.definition import Definition
from questionnaires.profile import Profile
from tests.questionnaires import samples

PACKAGED = catalogue.list_packaged()
VALIDATORS = {kind: jsonschema.Draft202012Validator(json_schema.write_schema(kind)) for kind in (Definition, Profile)}


def test_lists_what_is_packaged() -> None:
    assert ("responsible-sourcing", "1.0.0") in [(p.definition.key, p.definition.version) for p in PACKAGED]
    assert all(packaged.profiles for packaged in PACKAGED)


def test_finds_one_version() -> None:
    assert catalogue.read_packaged("responsible-sourcing", "1.0.0") in PACKAGED
    with pytest.raises(LookupError, match=r"there are: .*\bresponsible-sourcing 1\.0\.0"):
        catalogue.read_packaged("responsible-sourcing", "9.9.9")


@pytest.mark.parametrize("packaged", PACKAGED, ids=lambda p: p.definition.key)
def test_published_form_loads_and_fits_the_schema(packaged: catalogue.Packaged) -> None:
    published = json.loads(json.dumps(document.write_document(packaged.definition)))
    assert reading.definition_from_document(published) == packaged.definition
    assert list(VALIDATORS[Definition].iter_errors(published)) == []
    for profile in packaged.profiles:
        published = json.loads(json.dumps(document.write_document(profile)))
        assert reading.profile_from_document(published, packaged.definition) == profile
        assert list(VALIDATORS[Profile].iter_errors(published)) == []


def test_schemas_are_valid_themselves() -> None:
    for validator in VALIDATORS.values():
        jsonschema.Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize(
    "edit",
    [
        lambda raw: raw.update(extra=1),
        lambda raw: raw.pop("sections"),
        lambda raw: raw["questionnaire"].update(version="1.0"),
        lambda raw: raw["sections"][0]["questions"][0].update(type="number"),
        lambda raw: raw["sections"][0]["questions"][0].update(min=0.5),
        lambda raw: raw["sections"][0]["questions"][0].update(min="0.50"),
        lambda raw: raw["sections"][0]["questions"][4]["questions"][0].update(ask="x"),
        lambda raw: raw["sections"][0].update(title="Facts\x00"),
        lambda raw: raw["option_sets"].update({"Not a key": raw["option_sets"]["yes_partly_no"]}),
        lambda raw: raw["sections"][1]["questions"][0]["enable_when"]["all"][0].update(op="ne"),
    ],
)
def test_schema_refuses_what_the_reader_refuses(edit: Any) -> None:
    raw = samples.make_document()
    assert list(VALIDATORS[Definition].iter_errors(raw)) == []
    edit(raw)
    assert list(VALIDATORS[Definition].iter_errors(raw)) != []


def test_an_unknown_translation_names_the_ones_there_are() -> None:
    with pytest.raises(LookupError, match=r"no packaged translation of responsible-sourcing to xx; there are: ar, es"):
        catalogue.read_translation("responsible-sourcing", "xx")
    assert catalogue.read_translation("responsible-sourcing", "ar").locale == "ar"
