"""The bench itself, run for an instant: all answer alike, the pair leaves the same rows, and no figure is looked at."""

import json
import os
from dataclasses import astuple
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest

from portal.benchmarks.cohorts import Cohort, Quarter
from portal.benchmarks.disclosure import Decision
from portal.benchmarks.ledger import CellOutcome
from portal.benchmarks.releases import Made
from questionnaires import document, reading
from questionnaires.peers import Figures
from tests import forking
from tests.bench import __main__ as bench
from tests.bench import bulk, lag, listing, market, pair, reads, releases, respondents, scoring, usefulness
from tests.bench.contest import generated, plot
from tests.bench.contest.contenders import CONTENDERS
from tests.bench.contest.questions import SHAPES


def run_bench(folder: Path, cases: tuple[str, ...], *options: str) -> tuple[str, dict[str, Any]]:
    figures = folder / "figures.json"
    given = ("--cases", ",".join(cases), "--json", str(figures), *options)
    done = forking.run(*given, module="tests.bench.__main__", environment=os.environ, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(figures.read_text())


@pytest.mark.slow
def test_all_contenders_that_are_installed_answer_alike(tmp_path: Path) -> None:
    drawn = tmp_path / "plot.svg"
    options = ("--scale", "300", "--seconds", "0.2", "--rounds", "2", "--plot", str(drawn))
    said, figures = run_bench(tmp_path, SHAPES, *options)
    installed = [one.name for one in CONTENDERS if one.find_hindrance() is None]
    assert {"raw", "raw+session", "portal", "strawberry"} <= set(installed)
    assert "equal answers to 5 shapes" in said
    assert list(figures["contenders"]) == installed
    assert list(figures["shapes"]) == list(SHAPES)
    assert all(own["requests"] > 0 for found in figures["shapes"].values() for own in found.values())
    assert figures["shapes"]["list"]["portal"]["fast_share"] > 0.99
    assert ElementTree.parse(drawn).getroot().tag.endswith("svg")


@pytest.mark.slow
def test_all_cases_beside_a_hand_written_endpoint_run_and_both_sides_do_the_same(tmp_path: Path) -> None:
    said, figures = run_bench(tmp_path, pair.CASES, "--suppliers", "130", "--duration", "0.2")
    assert "equal answers" in said
    cases = figures["pair"]["cases"]
    assert [one["case"] for one in cases] == list(pair.CASES)
    assert all(one[side]["requests"] > 0 for one in cases for side in ("portal", "handwritten"))


@pytest.mark.slow
def test_a_list_is_imported_and_all_of_it_asked_and_both_are_copied_beside(tmp_path: Path) -> None:
    said, figures = run_bench(tmp_path, bulk.CASES, "--rows", "620")
    cases = figures["bulk"]["cases"]
    assert [one["case"] for one in cases] == list(bulk.CASES)
    assert all(one[side]["rows"] == 620 for one in cases for side in ("portal", "copy"))
    assert all(one["portal"]["own_cpu_s"] > 0 and one["portal"]["database_cpu_s"] > 0 for one in cases)
    assert "COPY" in said


def test_a_made_up_list_names_no_supplier_twice() -> None:
    made = list(listing.make_rows(20_000))
    assert len({row[0] for row in made}) == len({row[1] for row in made}) == len(made)


@pytest.mark.slow
def test_the_lag_of_the_loop_is_measured_while_people_sign_in(tmp_path: Path) -> None:
    said, figures = run_bench(tmp_path, (lag.CASE,), "--duration", "0.5")
    assert "sign-ins/s" in said
    assert figures["lag"]["sign_ins_per_second"] > 0
    for which in ("without", "with"):
        for found in figures["lag"][which].values():
            assert found["p50"] <= found["p99"] <= found["max"]


@pytest.mark.slow
def test_compiled_scoring_says_the_same_as_the_interpreter_and_all_is_rescored(tmp_path: Path) -> None:
    said, figures = run_bench(tmp_path, (scoring.CASE,), "--duration", "0.1", "--rescored", "40")
    cases = figures["scoring"]["cases"]
    assert {one["subject"] for one in cases} >= {"500 questions", "responsible-sourcing standard"}
    assert all(one["compiled_ms"] > 0 and one["interpreter_us_per_question"] > 0 for one in cases)
    assert [one["assessments"] for one in figures["scoring"]["rescored"]] == [40, 2]
    assert all(one["least_cpu_s"] <= one["cpu_s"] for one in figures["scoring"]["rescored"])
    assert "40 stored assessments (responsible-sourcing basic) rescored from file to file" in said


@pytest.mark.slow
def test_people_save_at_once_beside_a_bare_upsert(tmp_path: Path) -> None:
    said, figures = run_bench(tmp_path, (respondents.CASE,), "--duration", "0.3", "--stored", "2000")
    sizes = figures["respondents"]["sizes"]
    assert [one["stored"] for one in sizes] == [1_000, 2_000]
    assert all(one[side]["answers_per_second"] > 0 for one in sizes for side in ("portal", "upsert"))
    assert all(one[side]["p50_ms"] <= one[side]["p99_ms"] for one in sizes for side in ("portal", "upsert"))
    assert "200 people save at once, 2,000 assessments stored" in said


@pytest.mark.slow
def test_releases_are_made_of_all_suppliers_and_a_cell_is_read_beside_a_percentile(tmp_path: Path) -> None:
    said, figures = run_bench(tmp_path, (releases.CASE,), "--duration", "0.2", "--assessed", "400")
    made = figures["releases"]["releases"]
    assert [(one["assessed"], one["release"]) for one in made] == [(400, 1), (400, 2)]
    assert all(one["seconds"] > 0 and one["own_peak_mb"] > 0 and one["database_peak_mb"] > 0 for one in made)
    assert [one["assessed"] for one in figures["releases"]["reads"]] == [400]
    assert all(one["portal_p50_ms"] > 0 and one["percentile_p50_ms"] > 0 for one in figures["releases"]["reads"])
    assert "One cell of 400 assessed" in said


@pytest.mark.slow
def test_the_use_of_releases_is_told_by_size_and_by_rule(tmp_path: Path) -> None:
    rules = ["as it is", "`for_mean` 5", "`for_mean` 20"]
    said, figures = run_bench(tmp_path, (usefulness.CASE,), "--markets", "120", "--rules", ",".join(rules))
    found = figures["usefulness"]
    assert [one["market"] for one in found["sizes"]] == [120]
    assert list(found["rules"]) == rules
    assert found["sizes"][0]["quarters"][0]["suppliers"] == 120
    same = [
        {**one, "seconds": 0, "quarters": []}
        for one in (found["sizes"][0], {"market": 120, **found["rules"]["as it is"]})
    ]
    assert same[0] == same[1]
    assert found["rules"]["`for_mean` 5"]["at_leaf"] > found["rules"]["`for_mean` 20"]["at_leaf"]
    assert "| 120 |" in said and "| `for_mean` 20 |" in said


def test_what_suppliers_see_is_weighed_by_how_many_they_are() -> None:
    near, far = Cohort("basic", "C", "Asia", "small"), Cohort("basic", "A", "Asia", "small")
    figures = Figures(count_band="20-39", mean=60, p25=50, p50=60, p75=70)
    cells = {
        near: Decision(status="published", figures=figures),
        Cohort("basic"): Decision(status="not_published", reason="TOO_FEW"),
    }
    outcomes = [CellOutcome(cell.write_path(market.KEY), "total", one) for cell, one in cells.items()]
    made = Made(2, Quarter(2026, 1), True, 40, 0, outcomes)
    leaves = [(*astuple(near), 30, 62.5), (*astuple(far), 10, 40.0)]
    medians = {near.write_path(market.KEY): 61.0}
    seen = usefulness.look(made, frozenset(cells), leaves, medians).describe()
    assert (seen["suppliers"], seen["seeing"], seen["at_leaf"], seen["levels_above"]) == (40, 0.75, 1.0, 0.0)
    assert (seen["median_error"], seen["median_error_of_cell"], seen["quarters_old"]) == (2.5, 1.0, 0.0)
    assert seen["reasons"] == {"PUBLISHED": 1, "TOO_FEW": 1}


def test_the_big_questionnaire_has_as_many_questions_and_conditions_as_it_says() -> None:
    definition, _ = scoring.make_big(Random(1))
    asked = definition.questions.values()
    assert len(asked) == scoring.QUESTIONS
    assert sum(question.enable_when is not None for question in asked) == scoring.CONDITIONS


def test_a_compiled_form_that_says_something_else_is_refused() -> None:
    with pytest.raises(AssertionError, match="something else of response 1"):
        scoring.compare(scoring.Pair("doubling", lambda number: number * number, lambda number: number * 2), 3)
    scoring.compare(scoring.Pair("doubling", lambda number: number + number, lambda number: number * 2), 3)


def test_a_difference_is_named_by_its_place() -> None:
    assert reads.find_difference({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, "answer") is None
    found = reads.find_difference({"a": [1, {"b": None}]}, {"a": [1, {"b": 0}]}, "answer")
    assert found == "answer.a[1].b: portal None; hand-written 0"


def test_a_case_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.read_options(["--cases", "list,lists"])
    assert "there is no case lists" in capsys.readouterr().err


def test_the_generated_questionnaire_can_be_published() -> None:
    definition = generated.make_packaged().definition
    assert reading.definition_from_document(document.write_document(definition)) == definition
    assert len(definition.questions) == len(generated.make_answers()) == 160


def test_the_plot_is_well_formed_and_escapes() -> None:
    own = {"requests_per_second": 10.0, "p50_ms": 1.0}
    figures = {"suppliers": 300, "cores": "a < b", "connections": 8, "rounds": 1, "shapes": {"a & b": {"raw": own}}}
    assert "a &amp; b" in plot.draw(figures)
    assert ElementTree.fromstring(plot.draw(figures)).tag.endswith("svg")
