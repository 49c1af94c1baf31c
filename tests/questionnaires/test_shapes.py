"""The five shapes published in the field give, as data, the figures that follow from their public descriptions.

The descriptions are named in each profile under shapes/. Every expected figure is worked out by hand from them, in the
comment beside it; nothing is taken over from what our code says.
"""

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

from questionnaires import advice, document, json_schema, reading, trace
from questionnaires.profile import Profile
from questionnaires.result import Result, Shortfall
from tests.questionnaires import recompute, shaped
from tests.questionnaires.shaped import UNKNOWN
from tests.questionnaires.test_recompute import read_figures, write_export

LEVELS, DIMENSIONS, SUM, THEMES, COMPOSITE = (
    "level-gated-points",
    "weighted-dimensions",
    "capped-sum",
    "banded-themes",
    "composite-with-decay",
)
AREAS = ("management", "energy", "water", "wastewater", "air", "waste", "chemicals")
PARTS = ("sources", "records", "target", "trend", "ahead")
ALL_AREAS = {f"{area}_{part}": "yes" for area in AREAS for part in PARTS} | {
    "air_emitted": True,
    "wastewater_treated_here": True,
}
STEPS = ("nothing", "little", "half", "much", "everything")
DIMENSION_KEYS = ("country", "service", "labor", "environment", "health_and_safety", "ethics")


def answer_area(area: str, *answers: Any) -> dict[str, Any]:
    return {f"{area}_{part}": answer for part, answer in zip(PARTS, answers, strict=False)}


def answer_theme(theme: str, *steps: int) -> dict[str, str]:
    """Steps of 25 points for policies, measures, coverage and reporting."""
    indicators = ("policies", "measures", "coverage", "reporting")
    return {f"{theme}_{name}": STEPS[step // 25] for name, step in zip(indicators, steps, strict=True)}


def state_total(result: Result) -> str | None:
    return trace.state_figure(result.total)


def find_pillar(result: Result, key: str) -> str | None:
    return next(trace.state_figure(pillar.score) for pillar in result.pillars if pillar.key == key)


@pytest.mark.parametrize(
    ("energy", "figure", "total"),
    [
        # All three levels in full: 25 + 50 + 25.
        (("yes", "yes", "yes", "yes", "yes"), "100", "100"),
        # Level 2 by halves, level 3 not at all: 25 + 50/2 + 0; the other six areas have 100, and each is a seventh.
        (("yes", "yes", "partly", "partly", "no"), "50", "92.86"),
        # A no in level 1 stops there: half of 25, and nothing of levels 2 and 3.
        (("yes", "no", "yes", "yes", "yes"), "12.5", "87.5"),
        # "Unknown" is no positive answer either.
        (("yes", UNKNOWN, "yes", "yes", "yes"), "12.5", "87.5"),
        # A partial yes is positive: level 1 by halves opens level 2, where a no stops level 3: 25/2 + 50/2.
        (("partly", "partly", "yes", "no", "yes"), "37.5", "91.07"),
        # Half marks all the way: 12.5 + 25 + 12.5.
        (("partly", "partly", "partly", "partly", "partly"), "50", "92.86"),
        (("no", "no", "yes", "yes", "yes"), "0", "85.71"),
    ],
)
def test_a_level_counts_only_above_complete_ones(energy: tuple[Any, ...], figure: str, total: str) -> None:
    result = shaped.score(LEVELS, {**ALL_AREAS, **answer_area("energy", *energy)})
    assert (find_pillar(result, "energy"), state_total(result)) == (figure, total)


def test_an_area_weighs_a_seventh_and_without_air_a_sixth() -> None:
    only_energy = {key: "yes" if key.startswith("energy_") else "no" for key in ALL_AREAS}
    only_energy |= {"air_emitted": True, "wastewater_treated_here": True}
    # Published as 14.3 % and, without one of the areas, as 16.67 %.
    assert state_total(shaped.score(LEVELS, only_energy)) == "14.29"
    without = shaped.score(LEVELS, {**only_energy, "air_emitted": False})
    assert state_total(without) == "16.67"
    assert find_pillar(without, "air") is None


def test_where_only_level_1_applies_it_weighs_all() -> None:
    given = {**ALL_AREAS, "wastewater_treated_here": False, **answer_area("wastewater", "yes", "partly")}
    # A full and a half answer of two: 75 of 100, not of 25.
    assert find_pillar(shaped.score(LEVELS, given), "wastewater") == "75"


def test_the_trace_tells_which_answer_closes_a_level() -> None:
    result = shaped.score(LEVELS, {**ALL_AREAS, **answer_area("energy", "yes", "no", "yes", "partly", "yes")})
    written = trace.write_trace(result, *shaped.read_shape(LEVELS))
    lines = {line["question"]: line for line in written["sections"]["energy_section"]["lines"]}
    assert "held" not in lines["energy_sources"]
    assert (lines["energy_trend"]["points"], lines["energy_trend"]["held"]) == ("0", "50")
    assert lines["energy_trend"]["why"] == {"option": "partly", "closed_by": "energy_records"}
    assert lines["energy_trend"]["share"] == str(Fraction(1, 7) * Fraction(1, 2) * Fraction(1, 2))
    assert [level["requires"] for level in written["summary"]["rules"]["levels"]] == ["0", "50", "50"]


@pytest.mark.parametrize(
    ("figures", "total"),
    [
        # Each dimension alone shows its published weight: 20 %, 10 % and four times 17.5 %.
        *[
            ((0,) * at + (100,) + (0,) * (5 - at), weight)
            for at, weight in enumerate(("20", "10", "17.5", "17.5", "17.5", "17.5"))
        ],
        ((100, 100, 100, 100, 100, 100), "100"),
        # With the figures of the published example for country, service and labor: 8.14 + 4.24 + 10.5875.
        (("40.7", "42.4", "60.5", 0, 0, 0), "22.97"),
        # 8.14 + 4.24 + 0.175 x (60.5 + 50 + 70 + 80) = 12.38 + 45.5875.
        (("40.7", "42.4", "60.5", 50, 70, 80), "57.97"),
    ],
)
def test_dimensions_weigh_as_published(figures: tuple[Any, ...], total: str) -> None:
    given = {f"{key}_figure": str(figure) for key, figure in zip(DIMENSION_KEYS, figures, strict=True)}
    assert state_total(shaped.score(DIMENSIONS, given)) == total


@pytest.mark.parametrize(
    ("country", "sector", "goods", "total"),
    [
        (1, 1, 0, "2"),
        (3, 2, 1, "6"),
        (6, 4, 0, "10"),
        # 11 and 12 are limited to 10, "due to the presence of a high-risk good".
        (5, 4, 2, "10"),
        (6, 4, 2, "10"),
        (6, 3, 1, "10"),
        (6, 3, 0, "9"),
    ],
)
def test_a_sum_stops_at_its_cap(country: int, sector: int, goods: int, total: str) -> None:
    result = shaped.score(SUM, {"country_risk": country, "sector_risk": sector, "goods_risk": goods})
    assert state_total(result) == total
    written = trace.write_summary(result, shaped.read_shape(SUM)[1])
    assert written["pillars"][0]["added"] == str(country + sector + goods)
    assert written["rules"]["capped_sum"] == {"cap": "10", "better": "lower"}
    assert sum((line.share * (line.points or 0) for line in result.lines), Fraction(0)) == result.total


def test_what_nobody_knows_is_the_highest_risk() -> None:
    result = shaped.score(SUM, {"country_risk": UNKNOWN, "sector_risk": 2})
    # 6 of 1 to 6, the 2 that is known, and 2 of 0 to 2 for what was not answered.
    assert (state_total(result), result.band) == ("10", "high")
    assert state_total(shaped.score(SUM, {"country_risk": 1, "sector_risk": 1})) == "4"


@pytest.mark.parametrize(
    ("themes", "total", "band", "reason"),
    [
        # (4 x 75 + 3 x 75 + 2 x 75 + 1 x 75) / 10
        (((75, 75, 75, 75),) * 4, "75", "platinum", "total"),
        # Themes of 62.5, 50, 50 and 50: (4 x 62.5 + 3 x 50 + 2 x 50 + 50) / 10.
        (((75, 75, 50, 50), (50,) * 4, (50,) * 4, (50,) * 4), "55", "bronze", "total"),
        # Themes of 75, 68.75, 75 and 31.25, which is above the floor: 300 + 206.25 + 150 + 31.25, by ten.
        (((75,) * 4, (75, 75, 75, 50), (75,) * 4, (0, 25, 50, 50)), "68.75", "silver", "total"),
        # The same with 25 in the last theme: enough points for silver, and no medal under 30.
        (((75,) * 4, (75, 75, 75, 50), (75,) * 4, (25,) * 4), "68.13", "none", "floor"),
        # A full score but for one theme, which has nothing: (400 + 300 + 200 + 0) / 10 would be platinum.
        (((100,) * 4, (100,) * 4, (100,) * 4, (0,) * 4), "90", "none", "floor"),
        (((25,) * 4,) * 4, "25", "none", "total"),
    ],
)
def test_a_theme_below_its_floor_costs_the_medal(
    themes: tuple[tuple[int, ...], ...], total: str, band: str, reason: str
) -> None:
    given: dict[str, str] = {}
    for theme, steps in zip(("environment", "labor", "ethics", "procurement"), themes, strict=True):
        given |= answer_theme(theme, *steps)
    result = shaped.score(THEMES, given)
    assert (state_total(result), result.band, result.band_reason) == (total, band, reason)


def test_the_trace_tells_which_floor_was_missed() -> None:
    given = {}
    for theme, step in (("environment", 75), ("labor", 75), ("ethics", 50), ("procurement", 25)):
        given |= answer_theme(theme, *(step,) * 4)
    result = shaped.score(THEMES, given)
    # (300 + 225 + 100 + 25) / 10 is enough for bronze and for silver.
    floor = {"pillar": "procurement", "floor": "30", "score": "25"}
    summary = trace.write_summary(result, shaped.read_shape(THEMES)[1])
    assert (summary["total"], summary["below_floor"]) == ("65", [{"band": b, **floor} for b in ("bronze", "silver")])
    assert result.shortfalls[0] == Shortfall(
        band="bronze", pillar="procurement", floor=Fraction(30), score=Fraction(25)
    )


@pytest.mark.parametrize(
    ("part", "total"), [("alerts", "40"), ("peers", "30"), ("assessment", "20"), ("external", "10")]
)
def test_each_part_of_the_composite_weighs_as_published(part: str, total: str) -> None:
    given = {f"{key}_figure": "100" if key == part else "0" for key in ("peers", "assessment", "external")}
    given |= (
        {"latest_alert": "none"} if part == "alerts" else {"latest_alert": "red_flag", "latest_alert_on": "2026-01-15"}
    )
    assert state_total(shaped.score(COMPOSITE, given)) == total


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, Fraction(40)),
        # Half of 730 days is half of the way from 40 to 100.
        (365, Fraction(70)),
        # A day is 60 points / 730.
        (1, 40 + Fraction(60, 730)),
        (730, Fraction(100)),
        (3000, Fraction(100)),
        # A date to come has no age.
        (-5, Fraction(40)),
    ],
)
def test_the_effect_of_an_alert_fades_with_its_age(age: int, expected: Fraction) -> None:
    on = (shaped.DAY - timedelta(days=age)).isoformat()
    result = shaped.score(COMPOSITE, {"latest_alert": "major", "latest_alert_on": on})
    line = result.lines[0]
    assert line.points == expected
    assert line.why == {"option": "major", "age": str(max(0, age)), "fresh": "40"}


def test_an_alert_without_a_date_does_not_fade() -> None:
    line = shaped.score(COMPOSITE, {"latest_alert": "major", "latest_alert_on": UNKNOWN}).lines[0]
    assert (line.points, line.why["undated"]) == (40, "latest_alert_on")


def test_what_fades_to_nothing_counts_nothing_without_a_date() -> None:
    definition, profile = shaped.read_shape(COMPOSITE)
    faded = replace(
        profile.questions["latest_alert"], decay=replace(profile.questions["latest_alert"].decay, to=Fraction(0))
    )
    changed = replace(profile, questions={**profile.questions, "latest_alert": faded})
    answers = shaped.index_given(definition, {"latest_alert": "minor"})
    line = shaped.scoring.score_answers(definition, changed, "basic", answers, shaped.DAY).lines[0]
    assert line.points == 0


def test_a_red_flag_forces_the_worst_level_whatever_the_points() -> None:
    figures = {f"{key}_figure": "100" for key in ("peers", "assessment", "external")}
    result = shaped.score(COMPOSITE, {**figures, "latest_alert": "red_flag", "latest_alert_on": "2020-01-15"})
    # Six years later its points are all back, and the flag still stands.
    assert (state_total(result), result.earned_band, result.band) == ("100", "low", "critical")
    assert (result.band_reason, [fired.rule for fired in result.fired]) == ("critical_rule", ["red_flag"])


def advise(key: str, given: dict[str, Any], limit: int = 100) -> dict[str, str]:
    definition, profile = shaped.read_shape(key)
    found = advice.suggest_measures(shaped.score(key, given), definition, profile, limit=limit)
    return {one.question: str(one.gain) for one in found}


def test_advice_knows_what_a_closed_level_would_give() -> None:
    gains = advise(LEVELS, {**ALL_AREAS, **answer_area("energy", "yes", "no", "yes", "partly", "yes")})
    # Records alone open levels 2 and 3: from 12.5 to 25 + 37.5 + 25 of 100, a seventh of 75. The trend gives nothing.
    assert gains == {"energy_records": "10.71"}


def test_advice_promises_nothing_for_one_of_two_that_close_a_level() -> None:
    gains = advise(LEVELS, {**ALL_AREAS, **answer_area("energy", "no", "no", "no", "yes", "yes")})
    # Either gives its half of level 1, 12.5 of 100; level 2 stays closed by the other.
    assert gains == {"energy_sources": "1.79", "energy_records": "1.79"}


def test_advice_stops_at_the_cap_and_points_down_where_lower_is_better() -> None:
    # 12 are 10: with the least risk of the country 1 + 4 + 2, of the sector 6 + 1 + 2, of the goods 6 + 4.
    assert advise(SUM, {"country_risk": 6, "sector_risk": 4, "goods_risk": 2}) == {
        "country_risk": "3",
        "sector_risk": "1",
    }


@pytest.mark.parametrize("key", shaped.SHAPES)
def test_a_shape_keeps_its_form(key: str) -> None:
    definition, profile = shaped.read_shape(key)
    published = json.loads(json.dumps(document.write_document(profile)))
    assert reading.profile_from_document(published, definition) == profile
    assert list(jsonschema.Draft202012Validator(json_schema.write_schema(Profile)).iter_errors(published)) == []


@pytest.mark.parametrize(
    ("key", "edit"),
    [
        (LEVELS, lambda raw: raw["levels"][1].update(need="1")),
        (LEVELS, lambda raw: raw["levels"][1].pop("weight")),
        (LEVELS, lambda raw: raw["levels"][1].update(key="Level 1")),
        (LEVELS, lambda raw: raw["questions"]["air_sources"].update(level=1)),
        (SUM, lambda raw: raw["capped_sum"].update(better="less")),
        (SUM, lambda raw: raw["capped_sum"].pop("cap")),
        (THEMES, lambda raw: raw["bands"][1].update(floors=["labor"])),
        (COMPOSITE, lambda raw: raw["questions"]["latest_alert"]["decay"].update(days="730")),
        (COMPOSITE, lambda raw: raw["questions"]["latest_alert"]["decay"].pop("date")),
    ],
)
def test_schema_and_reader_refuse_the_same(key: str, edit: Any) -> None:
    definition, profile = shaped.read_shape(key)
    raw = json.loads(json.dumps(document.write_document(profile)))
    edit(raw)
    assert list(jsonschema.Draft202012Validator(json_schema.write_schema(Profile)).iter_errors(raw))
    with pytest.raises(reading.ReadingError):
        reading.profile_from_document(raw, definition)


@pytest.mark.parametrize("key", shaped.SHAPES)
def test_empty_answers_are_recomputed_too(key: str) -> None:
    exported = write_export(*shaped.read_shape(key), "basic", {})
    assert recompute.recompute(exported) == read_figures(exported)
