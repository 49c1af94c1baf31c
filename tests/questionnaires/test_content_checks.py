"""The checks across answers that ship ask only where answers contradict each other."""

from __future__ import annotations

import pytest

from questionnaires import checks
from questionnaires.applicability import find_applicable
from questionnaires.definition import Definition
from tests.questionnaires import firms


def find_broken(definition: Definition, **changes: str | tuple[str, ...]) -> set[str]:
    return {
        found.check
        for found in checks.find_inconsistencies(
            find_applicable(definition, "basic", firms.answer({**firms.WORKSHOP, **changes}))
        )
    }


def test_checks_ask_only_where_answers_contradict_each_other(definition: Definition) -> None:
    assert find_broken(definition) == set()
    assert find_broken(definition, injury_follow_up="no_case_nothing_agreed") == {"hurt_but_no_case"}
    assert find_broken(definition, injury_follow_up="no_case_nothing_agreed", injured_people="0") == set()
    assert find_broken(definition, injury_follow_up="help_not_written", injured_people="0") == {
        "nobody_hurt_nothing_written"
    }
    assert find_broken(definition, injury_follow_up="person_pays", injured_people="0") == set()
    chemicals = {"work_hazards": ("machines", "chemicals"), "safety_training_share": "100"}
    assert find_broken(definition, **chemicals, chemical_handling="labels_only") == set()
    assert find_broken(definition, **chemicals, chemical_handling="sheets_and_gear") == {
        "training_full_but_unknown_steps"
    }


def test_checks_on_the_groups_fit_what_was_chosen(definition: Definition) -> None:
    assert find_broken(definition, headcount="1", injured_people="0", injury_follow_up="cause_not_shared") == {
        "one_person_employed"
    }
    assert find_broken(definition, worker_groups=("nobody_employed",)) == {"many_people_nobody_employed"}
    home = {"worker_groups": ("home_workers",)}
    assert find_broken(definition, **home) == set()
    assert find_broken(definition, **home, work_done_elsewhere="all_done_here") == {"home_workers_but_all_done_here"}
    assert find_broken(definition, work_done_elsewhere="all_done_here") == set()


CHILD_WORKED = ("under_age_working", "ended_without_help", "found_and_helped")


@pytest.mark.parametrize("admitted", CHILD_WORKED)
def test_a_child_at_work_in_the_last_year_belongs_to_the_groups(definition: Definition, admitted: str) -> None:
    child = {"age_of_workers": admitted}
    assert find_broken(definition, **child) == {"child_but_nobody_under_18"}
    assert find_broken(definition, **child, worker_groups=("migrant_workers",)) == {"child_but_nobody_under_18"}
    assert find_broken(definition, **child, worker_groups=("migrant_workers", "under_18")) == set()


def test_a_few_people_of_whom_nobody_is_employed_say_who_they_are(definition: Definition) -> None:
    assert find_broken(definition, **firms.ALONE) == set()
    for headcount in ("2", "5"):
        assert find_broken(definition, **{**firms.ALONE, "headcount": headcount}) == {"few_people_nobody_employed"}
    assert find_broken(definition, **{**firms.ALONE, "headcount": "6"}) == {"many_people_nobody_employed"}
    assert find_broken(definition, headcount="5") == set()


@pytest.mark.parametrize(
    ("contradiction", "check"),
    [
        *(({"age_of_workers": option}, "child_but_nobody_employed") for option in CHILD_WORKED),
        ({"injury_follow_up": "person_pays"}, "hurt_person_pays_but_nobody_employed"),
    ],
)
def test_what_only_workers_can_suffer_contradicts_a_firm_without_any(
    definition: Definition, contradiction: dict[str, str], check: str
) -> None:
    assert find_broken(definition, **{**firms.ALONE, **contradiction}) == {check}
    severities = {one.key: one.severity for one in definition.checks}
    assert severities[check] == "error"


def test_whoever_says_that_nobody_is_employed_knows_that_customers_see_it(definition: Definition) -> None:
    groups = {option.key: option for option in definition.questions["worker_groups"].options}
    assert "Customers with whom you share this part see this line" in groups["nobody_employed"].help
