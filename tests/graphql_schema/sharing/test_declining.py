"""A small firm declines what the passport lets it: neutral in points, told apart, and by the size frozen with it."""

from datetime import date
from typing import Any

import pytest

from portal.assessments import answers
from tests.graphql_schema.sharing.stage import Stage
from tests.portal.assessments.house import write

SEEN = """
query ($id: ID!) { node(id: $id) { ... on SharedResult { total coverage band
  sections { key declinedLimit answers { question state } trace { question status points share } } } } }
"""
OWN = "query ($id: ID!) { node(id: $id) { ... on Submission { declaredStaff declaredStaffSource } } }"
PROBLEMS = "query ($id: ID!) { assessment(id: $id) { problems { question code } } }"
NOTICES = """
query ($locale: Locale) { questionnaireVersion(questionnaire: "sample", locale: $locale) { sections { questions {
  key declineNotices { upTo text law locale source } } } } }
"""


async def decline(stage: Stage, headcount: int, **period: date) -> Any:
    """A draft of the weaver's with this many people that declines a question; its id and change number."""
    assessment, _ = await stage.draft(stage.weaver, headcount=str(headcount), **period)
    async with stage.house.act(stage.weaver) as (session, actor):
        sent = [write("fees_repaid", base=1, state="declined")]
        saved = await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)
    assert saved.outcomes[0].status == "saved", saved
    return assessment, saved.change_number


@pytest.mark.slow
async def test_a_small_firm_declines_and_the_buyer_sees_by_which_limit(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver, await decline(stage, 8))
    own = (await stage.ask(stage.weaver, OWN, id=submitted.node))["node"]
    assert own == {"declaredStaff": 8, "declaredStaffSource": "ANSWER"}
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour", "safety"])
    shared = {"id": stage.name("shrd", stage.weaver, submitted.id)}
    seen = (await stage.ask(stage.maker, SEEN, **shared))["node"]
    labour, safety = seen["sections"]
    assert (labour["declinedLimit"], safety["declinedLimit"]) == ("UP_TO_10", None)
    assert {one["question"]: one["state"] for one in labour["answers"]}["fees_repaid"] == "DECLINED"
    line = {one["question"]: one for one in labour["trace"]}["fees_repaid"]
    # Neither points nor possible points; its weight of 3 in 7 is not covered.
    assert (line["status"], line["points"], line["share"]) == ("DECLINED", None, "0")
    assert float(seen["coverage"]) < 60
    # What the firm declares later changes nothing of it.
    await stage.house.fetch("UPDATE portal.organization SET size_band = 'large'")
    assert (await stage.ask(stage.weaver, OWN, id=submitted.node))["node"] == own
    assert (await stage.ask(stage.maker, SEEN, **shared))["node"] == seen
    # Above the limit it is kept, and submission refuses it as it does for every firm.
    assessment, _ = await decline(stage, 12, start=date(2025, 1, 1), end=date(2025, 12, 31))
    node = stage.name("asmt", stage.weaver, assessment)
    found = (await stage.ask(stage.weaver, PROBLEMS, id=node))["assessment"]["problems"]
    assert found == [{"question": "fees_repaid", "code": "DECLINE_OVER_LIMIT"}]
    # That is told at once, by the headcount of the same call or the one that stands, and with the limit.
    for base, people, codes in ((1, "8", [None]), (2, "15", ["DECLINE_OVER_LIMIT"]), (3, None, ["DECLINE_OVER_LIMIT"])):
        sent = [write("fees_repaid", base=base + 1, state="declined", comment=str(base))]
        if people is not None:
            sent.append(write("headcount", people, base=base))
        async with stage.house.act(stage.weaver) as (session, actor):
            saved = await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)
        assert [one.warning and one.warning.code.upper() for one in saved.outcomes[:1]] == codes
        assert saved.outcomes[0].warning is None or saved.outcomes[0].warning.parameters == {"staff": "15", "max": "10"}
    # The notice stands in the passport, with the law, in the language of the question.
    asked = (await stage.ask(stage.weaver, NOTICES, locale="en"))["questionnaireVersion"]["sections"]
    notices = {one["key"]: one["declineNotices"] for part in asked for one in part["questions"]}
    ((notice,), trained) = notices["fees_repaid"], notices["trained"]
    assert (notice["upTo"], notice["locale"], notice["source"], trained) == (10, "en", "SOURCE", [])
    assert "2025/1710" in notice["law"]
    assert "10" in notice["text"]
