"""Rules that hold for all names, days and texts."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.assessments.definitions import Life
from portal.authoring import house_rules, inspection, publishers
from questionnaires import catalogue, document, reading
from questionnaires.catalogue import Packaged
from questionnaires.faults import FaultList
from questionnaires.json_source import read_json
from tests.portal.assessments import sample

NAMES = st.from_regex(publishers.NAME, fullmatch=True).filter(lambda name: 2 <= len(name) <= publishers.LONGEST)
RESTS = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
DAYS = st.dates(date(2026, 1, 1), date(2027, 1, 1))


@given(one=NAMES, other=NAMES, rest=RESTS)
def test_no_key_and_no_concept_belongs_to_two_publishers(one: str, other: str, rest: str) -> None:
    key, concept = house_rules.name_prefix(one) + rest, house_rules.name_concepts(one) + "x"
    assert key.startswith(house_rules.name_prefix(other)) == (one == other)
    assert concept.startswith(house_rules.name_concepts(other)) == (one == other)


@pytest.mark.parametrize("packaged", catalogue.list_packaged(), ids=lambda one: f"{one.definition.key}")
def test_nothing_that_ships_belongs_to_a_publisher(packaged: Packaged) -> None:
    definition = packaged.definition
    assert house_rules.OWNER_MARK not in definition.key
    concepts = [one.concept for one in definition.questions.values() if one.concept]
    assert not [one for one in concepts if one.startswith("by_")]


@given(deprecated=st.none() | DAYS, after=st.none() | st.integers(0, 300), day=DAYS, later=st.integers(0, 400))
def test_a_version_never_comes_back(deprecated: date | None, after: int | None, day: date, later: int) -> None:
    retired = None if deprecated is None or after is None else deprecated + timedelta(days=after)
    order = ["published", "deprecated", "retired"]
    now, then = (order.index(Life(deprecated, retired, one).state) for one in (day, day + timedelta(days=later)))
    assert now <= then
    assert (now > 0) == (deprecated is not None and deprecated <= day)
    assert (now == 2) == (retired is not None and retired <= day)


TREES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(tree=TREES)
def test_json_is_read_as_it_was_written(tree: Any) -> None:
    faults = FaultList("text")
    assert read_json(json.dumps(tree), faults) == tree
    assert faults.faults == []


@given(text=st.text(max_size=60) | st.text(alphabet='{}[]",:\\u0d8e1\n', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for form in ("yaml", "json"):
        definition, faults = reading.inspect_questionnaire_text(text, form)  # type: ignore[arg-type]
        assert faults.errors
        for finding in inspection.list_findings(definition, "questionnaire", faults.faults):
            assert "\x00" not in finding.message + "".join(finding.path) + (finding.question or "")


@pytest.mark.parametrize("packaged", [sample.make_packaged(), catalogue.read_packaged("responsible-sourcing", "1.0.0")])
def test_a_published_document_comes_back_as_json(packaged: Packaged) -> None:
    text = json.dumps(document.write_document(packaged.definition))
    definition, faults = reading.inspect_questionnaire_text(text, "json")
    assert (definition, faults.errors) == (packaged.definition, [])
    profile = packaged.profiles[0]
    text = json.dumps(document.write_document(profile))
    again, own = reading.inspect_profile_text(text, "json", definition)
    assert (again, own.errors) == (profile, [])


@pytest.mark.parametrize(
    "text",
    ["See https://elsewhere.example", "www.elsewhere.example", "MAILTO:me", "javascript:void 0", "a ftp://x"],
)
def test_texts_of_organizations_lead_nowhere(text: str) -> None:
    own = sample.QUESTIONNAIRE.replace("title: Locked?", f'title: "{text}"')
    faults = FaultList("text")
    house_rules.check_definition(sample.make_definition(own), "mills", faults)
    assert [one.path for one in faults.errors if "a link" in one.message] == [("sections", 2, "questions", 0, "title")]
