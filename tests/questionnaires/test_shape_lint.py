"""The lint names each seeded fault of what shapes a score, by path, and finds nothing in the five published shapes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from questionnaires import construction, document, profile_lint
from questionnaires.definition import Definition
from questionnaires.faults import Fault, FaultList
from questionnaires.profile import Profile
from tests.questionnaires import samples, shaped

Edit = Callable[[dict[str, Any]], object]
LEVELS, SUM, THEMES, COMPOSITE = "level-gated-points", "capped-sum", "banded-themes", "composite-with-decay"


def find_faults(definition: Definition, raw: dict[str, Any]) -> list[Fault]:
    faults = FaultList("profile")
    profile = construction.construct(Profile, raw, faults)
    profile_lint.lint_profile(profile, definition, faults)
    return faults.faults


def fade(raw: dict[str, Any], **changes: Any) -> None:
    raw["questions"]["latest_alert"]["decay"].update(changes)


FAULTS: list[tuple[str, Edit, str]] = [
    (LEVELS, lambda raw: raw["levels"][1].update(key="basic"), "level basic: stands twice; allowed: once"),
    (LEVELS, lambda raw: raw["levels"][1].update(weight="0"), "weight: 0; allowed: more than 0"),
    (LEVELS, lambda raw: raw["levels"][1].update(requires="101"), "requires: 101; allowed: 0 to 100"),
    (LEVELS, lambda raw: raw["levels"][0].update(requires="1"), "the lowest level has none below it"),
    (LEVELS, lambda raw: raw["levels"][1].update(need="1"), 'level steered: unknown key "need"'),
    (
        LEVELS,
        lambda raw: raw["levels"].append({"key": "beyond", "weight": "1"}),
        "level beyond: no question names it; allowed: at least one",
    ),
    (
        LEVELS,
        lambda raw: raw["questions"]["air_sources"].update(points={"yes": "40", "partly": "20", "no": "0"}),
        "level steered: requires: 50; allowed: up to 40, the most that question air_sources below it can earn",
    ),
    (
        LEVELS,
        lambda raw: raw["questions"]["air_sources"].pop("level"),
        "question air_sources: has no level; allowed: one of basic, steered, ahead",
    ),
    (
        LEVELS,
        lambda raw: raw["questions"]["air_sources"].update(level="top"),
        'level: unknown level "top"; allowed: basic, steered, ahead',
    ),
    (
        SUM,
        lambda raw: raw["questions"]["goods_risk"].update(level="top"),
        'level: unknown level "top"; allowed: none, the profile has no levels',
    ),
    (COMPOSITE, lambda raw: fade(raw, days=0), "decay: days: 0; allowed: 1 to 36500"),
    (COMPOSITE, lambda raw: fade(raw, to="101"), "decay: to: 101; allowed: 0 to 100"),
    (COMPOSITE, lambda raw: fade(raw, date="never"), 'date: unknown question "never"'),
    (
        COMPOSITE,
        lambda raw: fade(raw, date="peers_figure"),
        "decay: date: peers_figure is a percent; allowed: a date question of the same section",
    ),
    (
        COMPOSITE,
        lambda raw: raw["questions"]["peers_figure"].update(decay={"date": "latest_alert_on", "days": 9}),
        "decay: date: latest_alert_on is in another section",
    ),
    (
        COMPOSITE,
        lambda raw: raw["questions"]["latest_alert"]["decay"].pop("days"),
        '"days" is missing; allowed: a whole number',
    ),
    (SUM, lambda raw: raw["capped_sum"].update(cap="0"), "cap: 0; allowed: more than 0, up to 100"),
    (SUM, lambda raw: raw["capped_sum"].update(cap="101"), "cap: 101; allowed: more than 0, up to 100"),
    (SUM, lambda raw: raw["capped_sum"].update(better="less"), '"less" is unknown'),
    (SUM, lambda raw: raw["bands"][2].update(min="11"), "bands: high: min 11; allowed: 0 to 10"),
    (
        SUM,
        lambda raw: raw.update(sections={"inherent_section": "1"}),
        "capped_sum: beside sections; allowed: one of them",
    ),
    (
        SUM,
        lambda raw: raw["bands"][1].update(requires_coverage="50"),
        "better: lower beside requires_coverage; allowed: without",
    ),
    (
        SUM,
        lambda raw: raw["bands"][1].update(floors={"inherent": "5"}),
        "better: lower beside floors; allowed: without",
    ),
    (
        THEMES,
        lambda raw: raw["bands"][0].update(floors={"labor": "5"}),
        "band none: floors: the lowest band has some; allowed: none",
    ),
    (
        THEMES,
        lambda raw: raw["bands"][1]["floors"].update(climate="5"),
        'band bronze: floors: unknown pillar "climate"; allowed: environment, labor, ethics, procurement',
    ),
    (
        THEMES,
        lambda raw: raw["bands"][1]["floors"].update(labor="0"),
        "floors: labor: 0; allowed: more than 0, up to 100",
    ),
]


@pytest.mark.parametrize(("shape", "edit", "message"), FAULTS, ids=[message for *_, message in FAULTS])
def test_finds_the_seeded_fault(shape: str, edit: Edit, message: str) -> None:
    definition, profile = shaped.read_shape(shape)
    raw = copy.deepcopy(document.write_document(profile))
    edit(raw)
    assert len([fault for fault in find_faults(definition, raw) if message in str(fault)]) == 1


@pytest.mark.parametrize("shape", shaped.SHAPES)
def test_the_shapes_are_clean(shape: str) -> None:
    definition, profile = shaped.read_shape(shape)
    assert find_faults(definition, document.write_document(profile)) == []


def test_a_date_inside_another_group_is_no_date_to_fade_by() -> None:
    raw = samples.make_document()
    sites = raw["sections"][0]["questions"][4]
    sites["questions"].append({"key": "site_since", "type": "date", "tier": "basic", "kind": "fact", "title": "Since?"})
    raw["sections"][1]["questions"].append(sites)
    del raw["sections"][0]["questions"][4]
    definition = construction.construct(Definition, raw, FaultList("definition"))
    profile = samples.make_profile_document()
    profile["questions"]["trained"]["decay"] = {"date": "site_since", "days": 30}
    messages = [str(fault) for fault in find_faults(definition, profile)]
    assert any("decay: date: site_since is in another group" in message for message in messages)
    assert any("decay: date: site_since is asked from basic on; allowed: micro or lower" in m for m in messages)
