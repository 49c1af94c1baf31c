"""An owner says yes once: each new submission is shared so, and never more, until the rule ends in whichever way."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.assessments import answers, assessments, submissions
from tests import databases, people
from tests.graphql_schema.assessments import successors
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_together import read_profile
from tests.portal.assessments.house import FULL, Caller, write

STATE = """
query ($input: StandingRuleInput!) { standingRuleStatement(input: $input) { statement agreement } }
"""
MAKE = """
mutation ($input: MakeStandingRuleInput!) { makeStandingRule(input: $input) { __typename ... on Problem { code path }
  ... on InvalidInput { problems { code path } }
  ... on StandingRuleMade { shareId rule { id state statement sections until useCount } } } }
"""
END = """
mutation ($input: EndStandingRuleInput!) { endStandingRule(input: $input) { __typename ... on Problem { code path }
  ... on StandingRuleEnded { rule { id state } } } }
"""
LIST = """
query ($standing: Boolean) { standingRules(standing: $standing) { nodes { id state useCount siteId buyer { name } } } }
"""
SHARES = """
{ shares { nodes { id state mode sections leftOut includeEvidence purpose until standingRuleId submissionId } } }
"""
END_ACCESS = """
mutation ($input: EndAccessInput!) { endAccess(input: $input) { ... on AccessEnded { endedCount endedRuleCount } } }
"""
YEARS = [{"start": date(year, 1, 1), "end": date(year, 12, 31)} for year in (2023, 2024, 2025)]


def spell(stage: Stage, **changed: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "buyerId": stage.name_organization(stage.maker),
        "questionnaire": "sample",
        "sections": ["labour"],
        "purpose": "Yearly review",
        "until": (datetime.now(UTC) + timedelta(days=100)).replace(microsecond=0).isoformat(),
    }
    return rule | changed


async def make(stage: Stage, caller: Caller | None = None, more: dict[str, Any] | None = None, **changed: Any) -> Any:
    """A rule that is agreed to as it is stated."""
    rule = spell(stage, **changed)
    stated = (await stage.ask(stage.weaver, STATE, input=rule))["standingRuleStatement"]
    given = rule | {"agreement": stated["agreement"]} | (more or {})
    return await stage.change(caller or stage.weaver, MAKE, **given)


async def list_shares(stage: Stage) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await stage.ask(stage.weaver, SHARES))["shares"]["nodes"]
    return nodes


async def list_states(stage: Stage) -> list[str]:
    return [one["state"] for one in (await stage.ask(stage.weaver, LIST))["standingRules"]["nodes"]]


async def test_each_new_submission_is_shared_and_nothing_that_was_before(unwatched: Stage) -> None:
    stage = unwatched
    await stage.submit(stage.weaver)
    made = await make(stage)
    rule, until = made["rule"], made["rule"]["until"]
    assert (made["shareId"], rule["state"], rule["useCount"]) == (None, "STANDING", 0)
    for said in ("Sample", "your organization as a whole", '"Pay"', "Yearly review", "its summary", until[:10]):
        assert said in rule["statement"]
    assert "documents" not in rule["statement"]
    assert await list_shares(stage) == []  # what was there stays where it is
    submitted = await stage.submit(stage.weaver, **YEARS[2])
    (share,) = await list_shares(stage)
    assert share | {"id": ""} == {
        "id": "", "state": "LIVE", "mode": "SNAPSHOT", "sections": ["labour"], "leftOut": [], "includeEvidence": False,
        "purpose": "Yearly review", "until": until, "standingRuleId": rule["id"], "submissionId": submitted.node,
    }  # fmt: skip
    profile = await read_profile(stage, stage.maker)
    assert [one["periodEnd"] for one in profile["history"]] == ["2025-12-31"]
    assert [one["key"] for one in profile["latestResult"]["sections"]] == ["labour"]
    await stage.submit(stage.dyer)  # another supplier's rule is another supplier's
    assert len(await list_shares(stage)) == 1
    again = await make(stage, sections=[], more={"includeCurrent": True})
    newest = (await list_shares(stage))[0]
    assert (again["shareId"], newest["sections"]) == (newest["id"], [])
    assert await list_states(stage) == ["STANDING", "REPLACED"]
    ended = await stage.change(stage.weaver, END, ruleId=again["rule"]["id"])
    assert ended["rule"]["state"] == "REVOKED"
    assert await stage.change(stage.weaver, END, ruleId=again["rule"]["id"]) == ended
    await stage.submit(stage.weaver, **YEARS[1])
    assert len(await list_shares(stage)) == 2


async def test_only_an_owner_agrees_and_only_to_what_was_stated(unwatched: Stage) -> None:
    stage = unwatched
    for member in ("editor", "reviewer", "viewer"):
        colleague = await stage.house.join(stage.weaver, member)
        assert (await make(stage, colleague))["code"] == "NOT_ALLOWED", member
    stated = (await stage.ask(stage.weaver, STATE, input=spell(stage)))["standingRuleStatement"]
    for wider in ({"sections": ["labour", "safety"]}, {"includeEvidence": True}, {"purpose": "Marketing"},
                  {"until": (datetime.now(UTC) + timedelta(days=300)).isoformat()},
                  {"buyerId": stage.name_organization(stage.trader)}):  # fmt: skip
        refused = await stage.change(stage.weaver, MAKE, **spell(stage, **wider), agreement=stated["agreement"])
        assert refused["code"] == "OTHER_STATEMENT", wider
    bad = spell(stage, sections=["labour", "labour"], purpose=" ", until="2020-01-01T00:00:00Z")
    refused = await stage.change(stage.weaver, MAKE, **bad, agreement="x")
    assert [one["code"] for one in refused["problems"]] == ["SECTION", "PURPOSE", "UNTIL"]
    stranger = spell(stage, buyerId=stage.name_organization(stage.dyer))
    assert (await stage.change(stage.weaver, MAKE, **stranger, agreement="x"))["code"] == "NOT_FOUND"
    assert await stage.house.fetch("SELECT 1 FROM portal.standing_rule") == []
    rule = (await make(stage))["rule"]["id"]
    assert (await stage.change(stage.dyer, END, ruleId=rule))["code"] == "NOT_FOUND"
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for caller in (stage.dyer, stage.maker, stage.trader):
        assert (await stage.ask(caller, node, id=rule))["node"] is None


async def test_a_rule_never_widens_with_a_new_version(unwatched: Stage) -> None:
    stage = unwatched
    await make(stage, sections=["facts", "labour", "safety"])
    added = "    questions:\n      - {key: exits_locked,"
    guards = "      - {key: guards, type: boolean, tier: micro, kind: fact, title: Guards, why: Safety.}\n"
    await successors.publish_change(
        stage.portal, "1.1.0",
        (added, f"    questions:\n{guards}      - {{key: exits_locked,"),
        ("checks:\n", "  - key: water\n    title: Water\n    pillar: safety\n    questions:\n"
         "      - {key: well, type: boolean, tier: micro, kind: fact, title: Well, why: Water.}\nchecks:\n"),
    )  # fmt: skip
    async with stage.house.act(stage.weaver) as (session, actor):
        made = await assessments.start_assessment(
            session, actor, questionnaire="sample", tier="basic", period_start=date(2026, 1, 1),
            period_end=date(2026, 12, 31),
        )  # fmt: skip
        assert made.version == "1.1.0"
        sent = [write(key, value) for key, value in (FULL | {"waste": ["paper"], "guards": True, "well": True}).items()]
        saved = await answers.save_answers(session, actor, assessment_id=made.id, sent=sent)
        await submissions.submit_assessment(
            session, actor, assessment_id=made.id, expected_change_number=saved.change_number
        )
    (share,) = await list_shares(stage)
    assert (share["sections"], share["leftOut"]) == (["facts", "labour"], ["safety"])
    shown = (await read_profile(stage, stage.maker))["latestResult"]["sections"]
    assert [one["key"] for one in shown] == ["facts", "labour"]


async def test_a_rule_ends_by_its_day_with_its_buyer_and_with_all_access(
    unwatched: Stage, database: databases.TestDatabase
) -> None:
    stage = unwatched
    suspend = "UPDATE portal.organization SET status = $2 WHERE id = $1"
    refuse = "UPDATE portal.organization_role SET status = $2 WHERE organization_id = $1 AND role = 'buyer'"
    for way, place, organization in (
        (suspend, "suspended", stage.maker.organization),
        (suspend, "suspended", stage.weaver.organization),
        (refuse, "refused", stage.maker.organization),
    ):
        await make(stage)
        await stage.house.fetch(way, organization, place)
        await stage.house.fetch(way, organization, "active")
        assert (await list_states(stage))[0] == "SUSPENDED"
    await make(stage)
    buyer = stage.name_organization(stage.maker)
    assert (await stage.change(stage.weaver, END_ACCESS, buyerId=buyer)) == {"endedCount": 0, "endedRuleCount": 1}
    assert (await list_states(stage))[0] == "REVOKED"
    await make(stage)
    await stage.house.fetch("UPDATE portal.supplier_record SET supplier_id = NULL")  # the link is gone
    await stage.submit(stage.weaver)
    assert await list_shares(stage) == []
    await stage.house.fetch(
        "UPDATE portal.supplier_record SET supplier_id = $1 WHERE buyer_id = $2", stage.weaver.organization,
        stage.maker.organization,
    )  # fmt: skip
    await people.move_clock(database, "101 days")
    assert (await list_states(stage))[0] == "ENDED"
    await stage.submit(stage.weaver, **YEARS[0])
    assert await list_shares(stage) == []
    assert await stage.ask(stage.weaver, LIST, standing=True) == {"standingRules": {"nodes": []}}


@pytest.mark.slow
async def test_a_letter_tells_of_each_use(
    database: databases.TestDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stages.set_stage(database, tmp_path, works=False) as stage:
        printing = stage.settings.model_copy(update={"environment": "development"})
        async with stages.run_worker(database, printing):
            await make(stage, includeEvidence=True)
            await stage.submit(stage.weaver)
            await stage.wait_for_jobs()
        printed = capsys.readouterr().out
        assert "by your standing rule" in printed
        assert "the answers of the section | Pay" in printed and "the documents" in printed
        revoke = (await list_shares(stage))[0]["id"]
        await stage.change(stage.weaver, documents.REVOKE, shareId=revoke)
        assert (await list_states(stage)) == ["STANDING"]  # one share is ended, and the rule by its own call
