"""Trying a questionnaire: judged as a supplier's answers are, and kept nowhere."""

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.assessments.writes import Write
from portal.authoring import trial
from questionnaires import scoring, submission
from questionnaires.answers import Answer, index_answers
from questionnaires.applicability import find_applicable
from tests.graphql_schema.authoring.documents import DRAFTS, TRY, claim, draft, write_profile, write_questionnaire
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

ANSWERS = [
    {"question": "headcount", "value": {"number": "12"}},
    {"question": "exits_locked", "value": {"boolean": False}},
    {"question": "trained", "value": {"number": "95"}},
]


async def try_it(house: Portal, caller: Caller, **given: Any) -> dict[str, Any]:
    answer = await house.ask(TRY, caller.token, input={"tier": "MICRO", **given})
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["questionnaireTrial"]
    return found


async def test_texts_are_tried_without_being_kept(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    source = {"format": "YAML", "text": write_questionnaire(name)}
    source |= {"profileFormat": "YAML", "profileText": write_profile(name)}
    found = await try_it(house, buyer, source=source, answers=ANSWERS)
    outcome = found["outcome"]
    assert [one["code"] for one in outcome["problems"]] == ["REQUIRED_MISSING"]
    assert outcome["problems"][0]["question"] == "fees_repaid"
    # Labor: a quarter of 60, since fees count three times training; safety: all of 40. Weights answered: 3 of 6.
    assert (outcome["total"], outcome["coverage"]) == ("55.00", "50.00")
    places = {one["question"]: one["isAsked"] for one in outcome["places"]}
    assert places["fees_repaid"]
    assert "drills" not in places
    fewer = await try_it(house, buyer, source=source, answers=[{"question": "headcount", "value": {"number": "1"}}])
    assert {one["question"]: one["isAsked"] for one in fewer["outcome"]["places"]}["fees_repaid"] is False
    assert (await house.ask(DRAFTS, buyer.token))["data"]["questionnaireDrafts"] == []


async def test_of_two_answers_for_one_place_the_later_counts_and_reasons_are_read(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    source = {"format": "YAML", "text": write_questionnaire(name)}
    source |= {"profileFormat": "YAML", "profileText": write_profile(name)}
    alone = {"question": "headcount", "value": {"number": "1"}}
    fewer = await try_it(house, buyer, source=source, answers=[*ANSWERS, alone])
    assert {one["question"]: one["isAsked"] for one in fewer["outcome"]["places"]}["fees_repaid"] is False
    unused = {"question": "fees_repaid", "state": "NOT_APPLICABLE"}
    for reason, codes in ((None, ["REASON_MISSING"]), ("Nobody was recruited.", [])):
        tried = await try_it(house, buyer, source=source, answers=[*ANSWERS, unused | {"reason": reason}])
        assert [one["code"] for one in tried["outcome"]["problems"]] == codes


async def test_answers_that_could_not_be_saved_are_named(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    made = await draft(house, buyer, write_questionnaire(name), write_profile(name))
    answers = [
        {"question": "headcount", "value": {"text": "many"}},
        {"question": "area", "value": {"number": "12"}, "unit": "hectare"},
        {"question": "nothing", "value": {"text": "x"}, "comment": "Nobody asked."},
        {"question": "trained", "state": "DECLINED"},
        *ANSWERS[1:2],
    ]
    found = await try_it(house, buyer, draft=made["draft"]["questionnaire"], answers=answers)
    assert [(one["question"], one["code"]) for one in found["outcome"]["refused"]] == [
        ("headcount", "WRONG_TYPE"),
        ("area", "WRONG_UNIT"),
        ("nothing", "UNKNOWN_QUESTION"),
        ("trained", "DECLINE_NOT_ALLOWED"),
    ]
    assert found["outcome"]["answered"] == 1


async def test_faulty_texts_give_their_findings_and_no_outcome(house: Portal) -> None:
    buyer = await house.sign_up("buyer")
    name = await claim(house, buyer)
    text = write_questionnaire(name).replace("type: date", "type: day")
    found = await try_it(house, buyer, source={"format": "YAML", "text": text})
    assert found["outcome"] is None
    assert [one["part"] for one in found["findings"] if one["severity"] == "ERROR"] == ["QUESTIONNAIRE", "PROFILE"]
    await draft(house, buyer, text, write_profile(name))
    refused = await house.ask(TRY, buyer.token, input={"tier": "MICRO", "draft": f"{name}--code"})
    assert refused["errors"][0]["extensions"]["code"] == "FAULTY"
    for wrong in ({}, {"draft": "x", "source": {"format": "YAML", "text": "x"}}):
        refused = await house.ask(TRY, buyer.token, input={"tier": "MICRO", **wrong})
        assert refused["errors"][0]["extensions"]["code"] == "ONE_OF"
    sound = {"format": "YAML", "text": write_questionnaire(name)}
    sound |= {"profileFormat": "YAML", "profileText": write_profile(name)}
    refused = await house.ask(TRY, buyer.token, input={"tier": "ADVANCED", "source": sound})
    assert refused["errors"][0]["extensions"]["code"] == "TIER"


async def test_nobody_tries_the_draft_of_another(house: Portal) -> None:
    buyer, rival = await house.sign_up("buyer"), await house.sign_up("buyer")
    name = await claim(house, buyer)
    await claim(house, rival)
    await draft(house, buyer, write_questionnaire(name), write_profile(name))
    codes = [
        (await house.ask(TRY, rival.token, input={"tier": "MICRO", "draft": key}))["errors"][0]["extensions"]["code"]
        for key in (f"{name}--code", f"{name}--none")
    ]
    assert codes == ["NOT_FOUND", "NOT_FOUND"]


DEFINITION, PROFILE = sample.make_definition(), sample.make_profile()
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "headcount": st.integers(0, 9_999).map(str),
        "trained": st.integers(-5, 105).map(str),
        "exits_locked": st.booleans(),
        "fees_repaid": st.sampled_from(["yes", "partly", "no", "other"]),
        "remark": st.text(max_size=20),
    },
)


@given(values=VALUES, tier=st.sampled_from(["micro", "basic", "standard"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_trial_judges_as_a_submission_would(values: dict[str, Any], tier: Any) -> None:
    """What it refuses counts for nothing, and all else is judged by the very functions that judge a supplier."""
    day = date(2026, 6, 30)
    found = trial.try_answers(DEFINITION, PROFILE, tier, [write(key, value) for key, value in values.items()], day)
    refused = {one.question for one in found.refused}
    kept = {key: value for key, value in values.items() if key not in refused}
    answers = index_answers(found.applicable.answers.values())
    assert {key for key, _ in answers} == set(kept)
    applicable = find_applicable(DEFINITION, tier, answers)
    assert [one.key for one in found.applicable.enabled] == [one.key for one in applicable.enabled]
    assert list(found.problems) == submission.check_submission(applicable, day=day)
    assert found.result == scoring.score_answers(DEFINITION, PROFILE, tier, answers, day)
    assert all(isinstance(one, Answer) for one in answers.values())


def write(question: str, value: Any) -> Write:
    return Write(write_id=UUID(int=0), question=question, base_revision=0, value=value)
