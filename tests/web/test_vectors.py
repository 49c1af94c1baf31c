"""The reader in JavaScript sees in a browser what it sees in Node.js, and what ours sees, in any place and language."""

import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from questionnaires import catalogue, document
from tests.questionnaires import enriching, observing
from tests.questionnaires.javascript import write_case
from tests.web import browsing, served

# Days are counted in UTC, and letters and numbers written without the customs of a place.
PLACES = (
    {"locale": "en-US", "timezone_id": "America/Los_Angeles"},
    {"locale": "tr-TR", "timezone_id": "Pacific/Chatham"},
    {"locale": "ar-EG", "timezone_id": "Africa/Cairo"},
)
OBSERVE = """async (cases) => {
  const { observe } = await import("/tests/node/observing.mjs");
  return JSON.parse(cases).map((one) => JSON.stringify(observe(one)));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=PLACES, ids=lambda one: one["locale"])
async def reader(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page of another site that runs nothing but the reader's own modules."""
    with served.serve() as origin:
        async with browsing.open_page(browser, origin, **request.param) as (page, watch):
            await page.goto("/")
            yield page
        modules = {path.rpartition("/")[2] for path in watch.requested if path.startswith("/questionnaires/")}
        assert "index.js" in modules


async def observe(reader: Page, cases: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the browser sees of cases, each beside its file."""
    sent = json.dumps([write_case(vectors, case) for vectors, case in cases])
    return [json.loads(seen) for seen in await reader.evaluate(OBSERVE, sent)]


@pytest.mark.parametrize("name", observing.FILES)
async def test_passes_the_vectors(reader: Page, name: str) -> None:
    vectors = observing.FILES[name]
    seen = await observe(reader, [(vectors, case) for case in vectors["cases"]])
    for case, one in zip(vectors["cases"], seen, strict=True):
        assert observing.keep_named(one, case["expect"]) == case["expect"], case["name"]
        assert one == observing.observe(vectors, case), case["name"]


async def test_sees_random_cases_as_we_do(reader: Page) -> None:
    cases = [enriching.make_case(seed) for seed in range(200)]
    for seed, (made, seen) in enumerate(zip(cases, await observe(reader, cases), strict=True)):
        assert seen == observing.observe(*made), seed


async def test_reads_what_ships_as_we_do(reader: Page) -> None:
    cases = []
    for one in catalogue.list_packaged():
        vectors = {"definition": document.write_document(one.definition)}
        vectors |= {"profile": document.write_document(one.profiles[-1])} if one.profiles else {}
        for seed, tier in enumerate(one.definition.tier_keys):
            answers = enriching.make_nested(Random(seed), one.definition, junk=0.05)
            cases.append((vectors, {"tier": tier, "answers": answers}))
    for made, seen in zip(cases, await observe(reader, cases), strict=True):
        assert seen == observing.observe(*made), made[0]["definition"]["questionnaire"]
