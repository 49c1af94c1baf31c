"""The page for trying queries, used as a developer uses it."""

from playwright.async_api import Browser, Page, expect

from tests.graphql_schema import portals
from tests.graphql_schema.portals import Portal
from tests.web import browsing
from tests.web.browsing import Watch

REFUSED = "the server responded with a status of 400"


async def type_query(page: Page, query: str, variables: str = "{}") -> None:
    """Replace what the editors hold, key by key."""
    for label, words in (("Query", query), ("Variables (JSON)", variables)):
        await page.get_by_role("textbox", name=label, exact=True).press("Control+a")
        await page.keyboard.type(words)


async def test_it_runs_a_query_that_was_typed(page: Page) -> None:
    await page.goto("/graphiql")
    await type_query(page, "query($yes: Boolean!) { service @include(if: $yes) { version } }", '{"yes": true}')
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_label("Answer")).to_contain_text('"version": "0.1.0"')


async def test_the_example_runs_as_it_stands(page: Page) -> None:
    await page.goto("/graphiql")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_label("Answer")).to_contain_text('"pageSize"')


async def test_a_token_in_its_field_says_who_asks(page: Page, house: Portal) -> None:
    caller = await house.sign_up("supplier")
    await page.goto("/graphiql")
    await type_query(page, "{ viewer { organization { name } } }")
    await page.get_by_label("Bearer token").fill(caller.token)
    await page.get_by_label("Bearer token").press("Enter")
    await expect(page.get_by_label("Answer")).to_contain_text(f"Firm {caller.organization}")


async def test_an_error_is_shown_as_the_server_words_it(page: Page, watch: Watch) -> None:
    await page.goto("/graphiql")
    await type_query(page, "{ nothing }")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_label("Answer")).to_contain_text("Cannot query field 'nothing'")
    (fault,) = watch.take_faults()  # the browser's own line on the status, which is right
    assert REFUSED in fault


async def test_variables_that_are_no_json_are_not_sent(page: Page, watch: Watch) -> None:
    await page.goto("/graphiql")
    await expect(page.locator("dt").first).to_be_visible()
    before = len(watch.requested)
    await type_query(page, "{ service { version } }", "{yes}")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_label("Answer")).to_contain_text("SyntaxError")
    assert len(watch.requested) == before


async def test_fields_are_listed_and_found(page: Page) -> None:
    await page.goto("/graphiql")
    everything = page.locator("dt:visible")
    await expect(page.get_by_text("Query.service", exact=True)).to_be_visible()
    count = await everything.count()
    await page.get_by_label("Find").press_sequentially("viewer.org")
    await expect(page.get_by_text("Query.service", exact=True)).to_be_hidden()
    found = await everything.all_inner_texts()
    assert 0 < len(found) < count
    assert "Viewer.organization" in found
    description = page.locator("dt:visible + dd").first
    assert await description.inner_text()


async def test_a_server_that_is_gone_is_said_to_be(page: Page, watch: Watch) -> None:
    await page.route("**/graphql", lambda route: route.abort())
    await page.goto("/graphiql")
    await expect(page.get_by_label("Answer")).to_contain_text("Failed to fetch")
    assert not [fault for fault in watch.take_faults() if fault.startswith("thrown")]


async def test_where_only_trusted_documents_run_it_says_so_and_asks_for_no_fields(
    browser: Browser, house: Portal
) -> None:
    only = {"environment": "development", "only_trusted_documents": True}
    async with (
        portals.run_portal(house.database, **only) as running,
        browsing.open_page(browser, f"http://127.0.0.1:{running.port}") as (page, watch),
    ):
        await page.goto("/graphiql")
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text("This server runs trusted documents only")).to_be_visible()
        await expect(page.get_by_label("Find")).to_be_hidden()
        assert "/graphql" not in watch.requested
        await page.get_by_role("button", name="Run").click()
        await expect(page.get_by_label("Answer")).to_contain_text('"errors"')
        (fault,) = watch.take_faults()
        assert REFUSED in fault
