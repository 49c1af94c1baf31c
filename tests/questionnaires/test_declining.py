"""A question that is declined neither hits a critical rule nor helps around one, and costs no points."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from questionnaires import catalogue, messages, reasons, scoring
from questionnaires.answers import Answer, explain_decline, may_decline
from questionnaires.profile import CriticalRule
from questionnaires.result import OpenState
from tests.questionnaires import firms

DAY = date(2026, 6, 30)
PACKAGED = next(one for one in catalogue.list_packaged() if one.definition.key == "responsible-sourcing")
DEFINITION, PROFILE = PACKAGED.definition, PACKAGED.profiles[-1]
RULES = [rule for rule in PROFILE.critical if (rule.question, None) in firms.answer(firms.WORKSHOP)]


def test_there_are_rules_to_try() -> None:
    assert len(RULES) > 5
    assert "declined" in get_args(OpenState)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_declining_what_a_critical_rule_asks_leaves_no_band_and_hides_no_other_hit(rule: CriticalRule) -> None:
    given = dict(firms.answer(firms.WORKSHOP))
    other = next(one for one in RULES if one.question != rule.question and one.options)
    place = (other.question, None)
    harm = DEFINITION.questions[other.question]
    value = (other.options[0],) if harm.type == "multi_choice" else other.options[0]
    hit = given | {place: replace(given[place], value=value)}
    admitted = scoring.score_answers(DEFINITION, PROFILE, "basic", hit, DAY)
    assert other.key in [one.rule for one in admitted.fired]
    declined = hit | {(rule.question, None): Answer(question=rule.question, state="declined")}
    result = scoring.score_answers(DEFINITION, PROFILE, "basic", declined, DAY)
    assert rule.key not in [one.rule for one in result.fired]
    assert (rule.key, "declined") in [(one.rule, one.state) for one in result.open_rules]
    assert other.key in [one.rule for one in result.fired]
    assert (result.band, result.band_reason) == (None, "critical_open")
    line = next((one for one in result.lines if one.question == rule.question), None)
    assert line is None or (line.points, line.share) == (None, 0)


def test_who_may_decline_goes_by_size() -> None:
    asked = [one for one in DEFINITION.questions.values() if one.request_limit is not None]
    limits = {(one.request_limit.up_to_10, one.request_limit.up_to_1000): one for one in asked if one.request_limit}
    assert ("voluntary", "voluntary") in limits
    for (small, larger), question in limits.items():
        assert may_decline(question, 10) == (small == "voluntary")
        assert may_decline(question, 11) == may_decline(question, 1_000) == (larger == "voluntary")
        assert not may_decline(question, 1_001)
        for staff in (10, 11, 1_000, 1_001):
            told = explain_decline(question, None, staff)
            assert (told is None) == may_decline(question, staff)
            most = 1_000 if larger == "voluntary" else 10
            if told is not None and told.code == "decline_over_limit":
                assert told.parameters == {"staff": str(staff), "max": str(most)}
                assert f"{most} people" in messages.write_message(told)
            elif told is not None:
                assert (staff, small) == (10, "necessary") or "voluntary" not in (small, larger)


@pytest.mark.parametrize("locale", messages.list_locales())
def test_the_notice_is_told_in_every_language(locale: str) -> None:
    for code in ("decline_up_to_10", "decline_up_to_1000", "decline_law"):
        assert reasons.find_speaker(code, locale) == locale
        assert len(reasons.write_sentence(code, locale)) > 40
