"""What holds for every page: nothing comes from elsewhere, and phone, keyboard and screen reader will do."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests import people
from tests.graphql_schema import node
from tests.graphql_schema.portals import Portal
from tests.web import browsing
from tests.web.browsing import Watch

AXE = node.FOLDER / "node_modules" / "axe-core" / "axe.min.js"
ICON = "/favicon.ico"
FRONT = {"/", "/front/front.css", "/front/front.js"}
EXPLORER = {"/graphiql", "/explorer/explorer.css", "/explorer/explorer.js", "/graphql"}
# Every state a page may be in before something is sent; the tokens need not be real.
STATES = ["/", "/#confirmation=none", "/#password-reset=none", "invitation", "/graphiql"]


async def open_state(page: Page, house: Portal, state: str) -> None:
    """Open a page with all that it can unfold."""
    if state == "invitation":
        buyer = await people.add_organization(house.database, name="Buyer", roles=("buyer",))
        record = await people.add_record(house.database, buyer)
        state = f"/#invitation={await people.invite(house.database, buyer, 'supplier', None, record=record)}"
    await page.goto(state)
    if state == "/graphiql":
        await expect(page.locator("dt").first).to_be_visible()
    elif state != "/":
        await expect(page.locator("#task h2")).to_be_visible()
    await page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")


@pytest.mark.parametrize(("path", "parts"), [("/", FRONT), ("/graphiql", EXPLORER)])
async def test_it_loads_its_own_parts_and_nothing_else(page: Page, watch: Watch, path: str, parts: set[str]) -> None:
    await page.goto(path)
    await page.wait_for_load_state("networkidle")
    # When the icon is fetched is the browser's own affair.
    assert sorted({*watch.requested} - {ICON}) == sorted(one for one in watch.requested if one != ICON) == sorted(parts)


async def test_the_icon_that_browsers_ask_for_is_a_picture(page: Page) -> None:
    await page.goto("/")
    size = await page.evaluate(
        "async (source) => { const made = new Image(); made.src = source; await made.decode(); return made.width; }",
        ICON,
    )
    assert size > 0


@pytest.mark.parametrize("attempt", ["new Image().src = 'http://elsewhere.example/a.png'", "setTimeout('1')"])
async def test_the_watch_sees_what_the_policy_forbids(page: Page, watch: Watch, attempt: str) -> None:
    await page.goto("/")
    assert watch.faults == []
    async with page.expect_console_message():
        await page.evaluate(f"() => {{ {attempt}; }}")
    assert any("Content Security Policy" in fault for fault in watch.take_faults())


@pytest.mark.parametrize(("path", "title"), [("/", "Supplier portal"), ("/graphiql", "GraphQL explorer")])
async def test_it_says_what_it_is_and_in_which_language(page: Page, path: str, title: str) -> None:
    await page.goto(path)
    await expect(page).to_have_title(title)
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text(title)


@pytest.mark.parametrize("state", STATES)
async def test_it_fits_a_phone(page: Page, house: Portal, state: str) -> None:
    await open_state(page, house, state)
    assert await browsing.measure_overflow(page) <= 0


@pytest.mark.parametrize("state", STATES)
async def test_the_tab_key_reaches_every_control_in_order_and_shows_where_it_is(
    page: Page, house: Portal, state: str
) -> None:
    await open_state(page, house, state)
    controls = await browsing.list_controls(page)
    assert len(controls) >= 3
    assert await browsing.press_tabs(page, len(controls)) == (controls, [])


@pytest.mark.parametrize(
    ("state", "scheme"), [*((state, "light") for state in STATES), ("/", "dark"), ("invitation", "dark")]
)
async def test_axe_finds_nothing(browser: Browser, house: Portal, state: str, scheme: str) -> None:
    node.prepare()
    origin = f"http://127.0.0.1:{house.port}"
    async with browsing.open_page(browser, origin, color_scheme=scheme) as (page, _):
        await page.add_init_script(path=AXE)
        await open_state(page, house, state)
        found = await page.evaluate("async () => (await axe.run(document)).violations")
    assert [(one["id"], [place["html"] for place in one["nodes"]]) for one in found] == []
