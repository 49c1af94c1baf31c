"""Random drafts in the database: what the portal exports of each is recomputed by the independent script alone."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from portal.assessments import exports, publishing
from portal.database import ids
from questionnaires import catalogue, reading
from questionnaires.answers import Answer
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from tests.portal.assessments.house import Caller, House
from tests.questionnaires import generation, recompute

PACKAGED = catalogue.list_packaged()
EACH = 5  # responses of one made-up questionnaire
ASSESSMENT = """
INSERT INTO portal.assessment (supplier_id, id, questionnaire, version, tier, subject_key, period_start, period_end)
VALUES ($1, $2, $3, $4, $5, $1, $6, $6)
"""
ANSWER = """
INSERT INTO portal.answer (supplier_id, assessment_id, question, row_id, state, value, reason, revision,
                           changed_at_number)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1)
"""
FIRST_DAY = date(2000, 1, 1)


def make_packaged(seed: int) -> Packaged:
    """A made-up questionnaire under a key of its own, so that many can be published."""
    definition, profile = generation.make_documents(Random(seed))
    definition["questionnaire"]["key"] = profile["profile"]["questionnaire"] = f"made-up-{seed}"
    read = reading.definition_from_document(definition)
    return Packaged(read, (reading.profile_from_document(profile, read),))


async def add_drafts(
    house: House, supplier: Caller, definition: Definition, count: int, rng: Random, first_day: date = FIRST_DAY
) -> list[UUID]:
    """Drafts in any state of completion, at any tier, each for a day of its own."""
    header, owner, drafts, answers = definition.questionnaire, supplier.organization, [], []
    for number in range(count):
        made, tier, day = ids.new_id(), rng.choice(definition.tier_keys), first_day + timedelta(days=number)
        drafts.append((owner, made, header.key, header.version, tier, day))
        given = generation.make_answers(rng, definition).values()
        answers += [(owner, made, *write_row(answer)) for answer in given]
    await house.write_rows(ASSESSMENT, drafts)
    await house.write_rows(ANSWER, answers)
    return [draft[1] for draft in drafts]


def write_row(answer: Answer) -> Sequence[str | None]:
    value = None if answer.state != "value" else json.dumps(answer.value)
    return answer.question, answer.row_id or "", answer.state, value, answer.reason


async def compare_exports(house: House, supplier: Caller, assessments: Sequence[UUID]) -> set[str | None]:
    """The bands of drafts, each exported as over HTTP and recomputed to the figures that the server gave it."""
    bands = set()
    async with house.act(supplier) as (session, actor):
        for assessment in assessments:
            exported = await exports.export_assessment(session, actor, assessment_id=assessment)
            document = json.loads(orjson.dumps(exported, default=str))
            assert recompute.recompute(document) == read_figures(document)
            bands.add(document["trace"]["summary"]["band"])
    return bands


def read_figures(document: dict[str, Any]) -> dict[str, str | None]:
    """The figures of the server's own scoring."""
    summary = document["trace"]["summary"]
    figures = {pillar["key"]: pillar["score"] for pillar in summary["pillars"]}
    return figures | {key: summary[key] for key in ("total", "coverage", "band")}


async def compare(house: House, responses: int, first_seed: int) -> None:
    """Half of the responses are of the questionnaires that ship, half of made-up ones."""
    made_up = [make_packaged(first_seed + number) for number in range(responses // 2 // EACH)]
    await publishing.publish_with_login(house.made.owner_url, [*PACKAGED, *made_up])
    supplier, rng, seen = await house.sign_up("supplier"), Random(first_seed), set()
    count = responses // 2 // len(PACKAGED)
    for place, packaged in enumerate(PACKAGED):  # several versions of one questionnaire are of other days
        first_day = FIRST_DAY + timedelta(days=place * count)
        drafts = await add_drafts(house, supplier, packaged.definition, count, rng, first_day)
        await compare_exports(house, supplier, drafts)
    for packaged in made_up:
        drafts = await add_drafts(house, supplier, packaged.definition, EACH, rng)
        seen |= await compare_exports(house, supplier, drafts)
    assert seen == {None, "a", "b", "c", "d"}


@pytest.mark.slow
async def test_same_figures_as_the_server(house: House) -> None:
    await compare(house, 1_000, first_seed=0)


@pytest.mark.soak(part="recompute")
async def test_same_figures_as_the_server_for_long(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    await compare(house, 10_000, first_seed=1_000)
    figures = (
        "10,000 exports of random drafts, half of them of made-up questionnaires; 0 figures differ from the server's"
    )
    record_property("figures", figures)
