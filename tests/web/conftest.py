"""A browser for the test process, a portal in development for each file, and a watched page for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests import databases
from tests.graphql_schema import portals
from tests.web import browsing

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser, portal and tests share an event loop; starting a browser is no part of `make check`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with browsing.open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    browser: Browser, database_server: databases.Server, database_template: str
) -> AsyncIterator[portals.Portal]:
    """A real server as developers run it, over a database of its own."""
    with databases.copy_template(database_server, database_template) as made:
        async with portals.run_portal(
            made, environment="development", secret_key="only for tests and as long as keys have to be"
        ) as running:
            yield running


@pytest_asyncio.fixture(loop_scope="session")
async def watched(browser: Browser, house: portals.Portal) -> AsyncIterator[tuple[Page, browsing.Watch]]:
    async with browsing.open_page(browser, f"http://127.0.0.1:{house.port}") as opened:
        yield opened


@pytest.fixture
def page(watched: tuple[Page, browsing.Watch]) -> Page:
    return watched[0]


@pytest.fixture
def watch(watched: tuple[Page, browsing.Watch]) -> browsing.Watch:
    return watched[1]
