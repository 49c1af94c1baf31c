"""Sites side by side, the worst and the median of what can be compared; and rows of a list that name sites."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.assessments import answers, assessments, publishing, submissions
from portal.directory import sites
from portal.directory.sites import SiteFacts
from questionnaires.catalogue import Packaged
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage, Submitted
from tests.portal.assessments import sample
from tests.portal.assessments.house import END, START, write

FIGURES = (
    "questionnaire version tier profileNumber comparedCount notComparedCount median worst { name total }"
    " sites { name siteId archivedAt resultId comparison tier version total band periodEnd }"
)
OWN = f'{{ siteResults(questionnaire: "sample") {{ {FIGURES} }} }}'
SHARED = 'query ($id: ID!) { supplierSiteResults(id: $id, questionnaire: "sample") { ' + FIGURES + " } }"
READ = (
    "query ($id: ID!) { node(id: $id) { ... on SharedResult { subjectName total } ... on Submission { subjectName } } }"
)


async def add_site(stage: Stage, name: str) -> UUID:
    async with stage.house.act(stage.weaver) as (session, actor):
        return (await sites.add_site(session, actor, facts=SiteFacts(name=name))).id


async def submit(stage: Stage, site: UUID, trained: str, *, tier: str = "micro", years: int = 0) -> Submitted:
    """What a site submits: only how many were trained differs."""
    values = {"headcount": "12", "fees_repaid": "yes", "trained": trained, "exits_locked": False}
    async with stage.house.act(stage.weaver) as (session, actor):
        made = await assessments.start_assessment(
            session,
            actor,
            questionnaire="sample",
            tier=tier,
            period_start=START.replace(year=START.year - years),
            period_end=END.replace(year=END.year - years),
            site_id=site,
        )
        sent = [write(key, value) for key, value in values.items()]
        saved = await answers.save_answers(session, actor, assessment_id=made.id, sent=sent)
        done = await submissions.submit_assessment(
            session, actor, assessment_id=made.id, expected_change_number=saved.change_number
        )
    return Submitted(done.submission.id, made.id, stage.name("subm", stage.weaver, done.submission.id))


def tell(found: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["comparison"] for one in found["sites"]}


@pytest.mark.slow
async def test_sites_are_listed_with_the_worst_and_the_median(unwatched: Stage) -> None:
    stage = unwatched
    named = {name: await add_site(stage, name) for name in ("Dyehouse", "Mill", "Press", "Spinnery", "Store", "Yard")}
    await submit(stage, named["Dyehouse"], "0", years=1)
    made = {
        "Dyehouse": await submit(stage, named["Dyehouse"], "95"),
        "Mill": await submit(stage, named["Mill"], "10"),
        "Press": await submit(stage, named["Press"], "60"),
        "Store": await submit(stage, named["Store"], "95", tier="basic"),
    }
    record = {"id": stage.name_record(stage.maker, stage.weaver)}
    assert (await stage.ask(stage.maker, SHARED, **record))["supplierSiteResults"]["sites"] == []
    for name in ("Dyehouse", "Press", "Store"):
        await stage.share(stage.weaver, stage.maker, made[name])
    share = await stage.share(stage.weaver, stage.maker, made["Mill"])

    found = (await stage.ask(stage.maker, SHARED, **record))["supplierSiteResults"]
    assert tell(found) == {
        "Mill": "COMPARED",
        "Press": "COMPARED",
        "Dyehouse": "COMPARED",
        "Store": "OTHER_TIER",
    }
    totals = [one["total"] for one in found["sites"][:3]]
    assert totals == sorted(totals, key=float)
    assert (found["worst"], found["median"]) == ({"name": "Mill", "total": totals[0]}, totals[1])
    assert (found["comparedCount"], found["notComparedCount"]) == (3, 1)
    assert (found["version"], found["tier"], found["profileNumber"]) == ("1.0.0", "MICRO", 1)
    # A buyer learns neither the supplier's own ids nor of sites that are not shared; the supplier sees who looked.
    assert {one["siteId"] for one in found["sites"]} == {None}
    node = (await stage.ask(stage.maker, READ, id=found["sites"][0]["resultId"]))["node"]
    assert node == {"subjectName": "Mill", "total": totals[0]}
    receipts = (await stage.ask(stage.weaver, documents.RECEIPTS))["readReceipts"]["nodes"]
    assert len(receipts) == 4 and {one["kind"] for one in receipts} == {"SUMMARY"}
    for caller, id in ((stage.trader, stage.name_record(stage.trader, stage.weaver)), (stage.trader, record["id"])):
        other = (await stage.ask(caller, SHARED, id=id))["supplierSiteResults"]
        assert other is None or other["sites"] == []

    # What is revoked is gone from the list and from its figures, in the next call; of two the median is their mean.
    await stage.change(stage.weaver, documents.REVOKE, shareId=share)
    found = (await stage.ask(stage.maker, SHARED, **record))["supplierSiteResults"]
    assert list(tell(found)) == ["Press", "Dyehouse", "Store"]
    two = [float(one["total"]) for one in found["sites"][:2]]
    assert float(found["median"]) == pytest.approx(sum(two) / 2, abs=0.005)

    # The supplier sees all of its sites, a closed one too where something was submitted for it.
    async with stage.house.act(stage.weaver) as (session, actor):
        for name in ("Mill", "Yard"):
            await sites.set_archived(session, actor, site_id=named[name], archived=True)
    own = (await stage.ask(stage.weaver, OWN))["siteResults"]
    assert tell(own) == {
        "Mill": "COMPARED",
        "Press": "COMPARED",
        "Dyehouse": "COMPARED",
        "Store": "OTHER_TIER",
        "Spinnery": "NO_RESULT",
    }
    assert own["worst"]["name"] == "Mill" and own["sites"][0]["archivedAt"] is not None
    assert (own["comparedCount"], own["notComparedCount"]) == (3, 1)
    assert (await stage.ask(stage.weaver, READ, id=own["sites"][0]["resultId"]))["node"] == {"subjectName": "Mill"}

    # A version that scores the same stands beside; one that scores otherwise does not; nor does what has expired.
    packaged = [sample.make_packaged()]
    for version, weight in (("1.0.1", 3), ("1.0.2", 9)):
        text, profile = (one.replace("1.0.0", version) for one in (sample.QUESTIONNAIRE, sample.PROFILE))
        changed = profile.replace("fees_repaid: {weight: 3", f"fees_repaid: {{weight: {weight}")
        packaged.append(Packaged(sample.make_definition(text), (sample.make_profile(changed),)))
        await publishing.publish_with_login(stage.house.made.owner_url, packaged)
        async with stage.house.act(stage.weaver) as (session, actor):
            await sites.set_archived(session, actor, site_id=named["Yard"], archived=False)
        await submit(stage, named["Spinnery" if weight == 3 else "Yard"], "70")
    own = (await stage.ask(stage.weaver, OWN))["siteResults"]
    assert {name: one for name, one in tell(own).items() if name in ("Spinnery", "Yard")} == {
        "Spinnery": "COMPARED",
        "Yard": "SCORING_DIFFERS",
    }
    await stage.house.set_clock(datetime.now(UTC) + timedelta(days=400))
    own = (await stage.ask(stage.weaver, OWN))["siteResults"]
    assert set(tell(own).values()) == {"EXPIRED"}
    assert (own["worst"], own["median"], own["comparedCount"]) == (None, None, 0)


NAMED = (
    "query ($id: ID!) { node(id: $id) { ... on SharedResult { sections { answers { question rowId siteName } } } } }"
)
OWN_ROWS = "{ submissions(first: 1) { nodes { sections { answers { question rowId siteName content { siteId } } } } } }"


@pytest.mark.slow
async def test_a_buyer_reads_the_name_that_the_site_of_a_row_had(unwatched: Stage) -> None:
    stage = unwatched
    mill = await add_site(stage, "Mill")
    draft, number = await stage.draft(stage.weaver)
    async with stage.house.act(stage.weaver) as (session, actor):
        row = [write("sites", True, 1, row_id="a", site_id=str(mill))]
        assert (await answers.save_answers(session, actor, assessment_id=draft, sent=row)).change_number == number + 1
    submitted = await stage.submit(stage.weaver, (draft, number + 1))
    async with stage.house.act(stage.weaver) as (session, actor):
        await sites.update_site(session, actor, site_id=mill, facts=SiteFacts(name="Old mill"))
        await sites.set_archived(session, actor, site_id=mill, archived=True)
    record = {"id": stage.name("shrd", stage.weaver, submitted.id)}
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour"])
    assert _list_names(await stage.ask(stage.maker, NAMED, **record)) == {}
    await stage.share(stage.weaver, stage.maker, submitted, sections=["facts"])
    assert _list_names(await stage.ask(stage.maker, NAMED, **record)) == {("site_people", "a"): "Mill"}
    (own,) = (await stage.ask(stage.weaver, OWN_ROWS))["submissions"]["nodes"]
    told = {(one["question"], one["rowId"]): one["siteName"] for part in own["sections"] for one in part["answers"]}
    assert told["site_people", "a"] == "Mill" and told["headcount", None] is None


def _list_names(found: Any) -> dict[tuple[str, str], str]:
    return {
        (one["question"], one["rowId"]): one["siteName"]
        for section in found["node"]["sections"]
        for one in section["answers"]
        if one["siteName"] is not None
    }
