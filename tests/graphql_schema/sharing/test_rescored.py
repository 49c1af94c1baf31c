"""After a rescore a buyer reads one scoring profile everywhere: total, band, trace and critical rules agree."""

from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import publishing, rescoring
from portal.commands import rescoring as command
from portal.database import engine
from questionnaires.catalogue import Packaged
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_share import profile
from tests.portal.assessments import sample

# The lock caps nothing any more, little training does, and it weighs more.
CHANGES = (
    ("number: 1,", "number: 2,"),
    ("trained: {weight: 1,", "trained: {weight: 5,"),
    ("- {key: locked, question: exits_locked, options: [true], cap_band: d, title: Locked exits,",
     "- {key: untrained, question: trained, op: lt, value: 50, cap_band: c, title: Untrained,"),
)  # fmt: skip


async def rescore(stage: Stage) -> None:
    text = sample.PROFILE
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    profiles = (sample.make_profile(), sample.make_profile(text))
    await publishing.publish_with_login(stage.house.made.owner_url, [Packaged(sample.make_definition(), profiles)])
    made = engine.create_engine(stage.house.made.worker_url, pool_size=1)
    async with AsyncSession(made) as session, session.begin():
        opened = await rescoring.open_rescoring(session, "sample", "1.0.0")
        assert await rescoring.rescore_batch(session, opened, rescoring.BEFORE_ALL) is not None
    await made.dispose()


def sum_up(latest: dict[str, Any]) -> dict[str, Any]:
    """What depends on the profile, of each section that is shown."""
    return {
        section["key"]: (
            section["profileNumber"],
            [(line["question"], line["weight"], line["points"]) for line in section["trace"]],
            [hit["rule"] for hit in section["criticalHits"]],
            [rule["rule"] for rule in section["criticalOpen"]],
        )
        for section in latest["sections"]
    }


async def test_sections_go_with_the_result_that_is_shown(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver, trained="10", exits_locked=True)
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour", "safety"])
    before = (await profile(stage, stage.maker, stage.weaver))["latestResult"]
    assert (before["profileNumber"], before["band"]) == (1, "d")
    assert sum_up(before) == {
        "labour": (1, [("fees_repaid", "3", "100"), ("trained", "1", "0")], [], []),
        "safety": (1, [("exits_locked", "2", "0"), ("waste", "1", "50")], ["locked"], []),
    }
    await rescore(stage)
    after = (await profile(stage, stage.maker, stage.weaver))["latestResult"]
    assert (after["profileNumber"], after["band"]) == (2, "d")
    assert sum_up(after) == {
        "labour": (2, [("fees_repaid", "3", "100"), ("trained", "5", "0")], ["untrained"], []),
        "safety": (2, [("exits_locked", "2", "0"), ("waste", "1", "50")], [], []),
    }
    unchanged = ("rootHash", "contentHash", "submittedAt")
    assert [after[name] for name in unchanged] == [before[name] for name in unchanged]
    assert [one["hash"] for one in after["sections"]] == [one["hash"] for one in before["sections"]]
    assert [one["answers"] for one in after["sections"]] == [one["answers"] for one in before["sections"]]


async def test_the_supplier_sees_through_its_share_what_the_buyer_sees(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver, trained="10")
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour"])
    await rescore(stage)
    seen = (await profile(stage, stage.maker, stage.weaver))["latestResult"]
    query = "{ shares(first: 5) { nodes { shows { ...Result } } } }" + documents.RESULT
    (share,) = (await stage.ask(stage.weaver, query))["shares"]["nodes"]
    assert sum_up(share["shows"]) == sum_up(seen)
    assert sum_up(seen)["labour"][0] == 2
    lines = (await stage.ask(stage.weaver, LINES, id=submitted.node))["node"]["lines"]
    assert [(one["question"], one["weight"], one["points"]) for one in lines][:2] == sum_up(seen)["labour"][1]


LINES = "query ($id: ID!) { node(id: $id) { ... on Submission { lines { question weight points } } } }"


async def test_a_trace_that_is_not_there_yet_is_not_passed_off_as_one(stage: Stage) -> None:
    """A result that a portal of before added has no trace of its own: what is shown says whose it is."""
    submitted = await stage.submit(stage.weaver, trained="10")
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour"])
    await rescore(stage)
    await stage.house.fetch("DELETE FROM portal.result_section")
    latest = (await profile(stage, stage.maker, stage.weaver))["latestResult"]
    assert (latest["profileNumber"], sum_up(latest)["labour"][0]) == (2, 1)


async def test_a_share_opens_the_later_trace_of_its_sections_alone(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    await rescore(stage)
    await stage.share(stage.weaver, stage.maker, submitted, sections=["labour"])
    seen = (await profile(stage, stage.maker, stage.weaver))["latestResult"]
    assert list(sum_up(seen)) == ["labour"]


async def test_the_command_leaves_an_event_where_it_adds_results(stage: Stage) -> None:
    await stage.submit(stage.weaver)
    told = "SELECT object_id, detail::jsonb FROM portal.audit_event WHERE action = 'profile.applied'"
    profiles = (sample.make_profile(), sample.make_profile(sample.PROFILE.replace(*CHANGES[0])))
    await publishing.publish_with_login(stage.house.made.owner_url, [Packaged(sample.make_definition(), profiles)])
    for keep, events in ((False, 0), (True, 1), (True, 1)):
        options = {"keep": keep, "letters": False}
        await command._rescore(stage.house.made.worker_url, "sample", "1.0.0", None, options, is_read=False)
        assert len(await stage.house.fetch(told)) == events
    (row,) = await stage.house.fetch(told)
    assert row["object_id"] == "sample@1.0.0"
    assert orjson.loads(row["detail"]) == {"profile": 2, "submissions": 1, "letters": False}
