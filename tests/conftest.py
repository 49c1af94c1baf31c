"""Fixtures of every room: a database server for the test process and a database for the test."""

import gc
from collections.abc import Generator, Iterator

import pytest

from tests import absences, databases, lanes
from tests.soak import results

MEASURES = pytest.StashKey[bool]()
# Modules that assert beside the tests say as much as these when they fail.
pytest.register_assert_rewrite(
    "tests.journeys",
    "tests.portal.assessments.answering",
    "tests.portal.assessments.answering_office",
    "tests.portal.assessments.answering_reviewer",
    "tests.portal.phones",
    "tests.portal.firms",
    "tests.portal.lines",
    "tests.soak.crowd",
    "tests.web.browsing",
)


@pytest.fixture(scope="session")
def database_server() -> Iterator[databases.Server]:
    """The PostgreSQL of this test process, started when the first test asks for it."""
    with databases.open_server() as server:
        yield server


@pytest.fixture(scope="session")
def database_template(database_server: databases.Server) -> str:
    """The migrated database that `database` copies."""
    return databases.make_template(database_server)


@pytest.fixture
def database(database_server: databases.Server, database_template: str) -> Iterator[databases.TestDatabase]:
    """A migrated, empty database for this test alone, with an address for each of the four logins."""
    with databases.copy_template(database_server, database_template) as made:
        yield made


def pytest_configure(config: pytest.Config) -> None:
    """Long tests say what they measured; a report of it is of interest to them alone."""
    config.stash[MEASURES] = "soak" in config.option.markexpr.split() and "not" not in config.option.markexpr.split()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of long modules are slow; of those in soak, whose figures stand for this very commit is left out."""
    items.sort(key=lambda item: lanes.find_turn(item.path))
    for item in items:
        results.add_keyword(item)
        if lanes.is_long(item.path):
            item.add_marker(pytest.mark.slow)
    if config.stash[MEASURES] and not config.option.keyword:
        items[:], done = results.split_done(items)
        config.hook.pytest_deselected(items=done)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: to look for garbage in it took a twelfth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the figures of a long test; no test is skipped in CI, except as tests/absences.py allows."""
    report = yield
    part, figures = results.read_part(item), dict(report.user_properties).get("figures")
    if part and figures and report.when == "call" and report.passed:
        results.record(part, str(figures), report.duration)
    absences.forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself as a whole."""
    report = yield
    absences.forbid_skip(report)
    return report
