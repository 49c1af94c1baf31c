"""Every format for a thousand made-up questionnaires and answers: the properties that each format's tests state."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from questionnaires import wording
from tests.questionnaires import test_answer_table, test_fhir, test_workbook, test_xlsform

TIMES = 1_000
# What a test with generated values does for one of them.
CHECKS: dict[str, Any] = {
    "workbook": test_workbook.test_what_is_written_reads_back_equal,
    "table": test_answer_table.test_what_is_written_reads_back_equal,
    "FHIR": test_fhir.test_random_questionnaires_and_answers_validate_and_no_answer_is_lost,
    "XLSForm": test_xlsform.test_random_questionnaires_go_out_and_come_back,
}


def check(name: str, seed: int) -> None:
    given = {"locale": Random(seed).choice(wording.list_languages())} if name == "workbook" else {}
    CHECKS[name].hypothesis.inner_test(seed=seed, **given)


@pytest.mark.parametrize("name", CHECKS)
def test_a_few_go_out_and_come_back(name: str) -> None:
    for seed in range(3):
        check(name, seed)


@pytest.mark.soak(part="exports")
def test_many_go_out_and_come_back(record_property: Callable[[str, object], None]) -> None:
    for seed in range(TIMES):
        for name in CHECKS:
            check(name, seed)
    figures = f"{TIMES:,} made-up questionnaires with answers; all of each is there in workbook, CSV, FHIR and XLSForm"
    record_property("figures", figures)
