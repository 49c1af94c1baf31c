"""The page at the address itself, used by the people to whom its letters go."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests import people
from tests.graphql_schema import portals
from tests.graphql_schema.identity import documents as do
from tests.graphql_schema.identity import factors
from tests.graphql_schema.portals import Portal
from tests.web import browsing
from tests.web.browsing import Watch

NEW_PASSWORD = "another horse, another battery"


async def read_link(house: Portal, kind: str, address: str) -> str:
    """The token of the letter that went to an address last."""
    letters = [letter for letter in await people.read_letters(house.database) if letter.to == address]
    assert f"#{kind}=" in letters[-1].body
    return people.read_token(letters[-1])


async def invite_supplier(house: Portal, email: str | None) -> tuple[str, Any]:
    """The token of a buyer's invitation, and the record that it is about."""
    buyer = await people.add_organization(house.database, name="Big Buyer", roles=("buyer",))
    record = await people.add_record(house.database, buyer, "Hanoi Shirts")
    return await people.invite(house.database, buyer, "supplier", email, record=record), record


async def read_record(house: Portal, record: Any) -> tuple[str, str | None]:
    query = "SELECT state, refusal FROM portal.supplier_record WHERE id = $1"
    return tuple((await people.run_sql(house.database, query, record))[0])


async def can_sign_in(house: Portal, email: str, password: str) -> bool:
    answer = await house.ask(do.SIGN_IN, input={"email": email, "password": password})
    return "token" in answer["data"]["result"]


async def count_sessions(house: Portal, person: people.Person) -> int:
    query = "SELECT count(*) FROM portal.session WHERE user_id = $1"
    return int((await people.run_sql(house.database, query, person.id))[0][0])


async def test_it_says_what_the_address_is_and_leads_on(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_text("This is the address of a supplier portal.")).to_be_visible()
    await page.get_by_role("link", name="A page for trying queries").click()
    await expect(page).to_have_title("GraphQL explorer")
    await expect(page.locator("dt").first).to_be_visible()
    await page.go_back()
    assert await page.get_by_role("link").count() == 2
    async with page.expect_navigation() as led:
        await page.get_by_role("link", name="Whether it works just now").click()
    response = await led.value
    assert response is not None
    assert (response.url.endswith("/health/ready"), response.status) == (True, 200)


async def test_in_production_it_leads_to_no_explorer(browser: Browser, house: Portal) -> None:
    async with (
        portals.run_portal(house.database) as running,
        browsing.open_page(browser, f"http://127.0.0.1:{running.port}") as (page, _),
    ):
        await page.goto("/")
        await expect(page.get_by_role("link")).to_have_text(["Whether it works just now"])


async def test_a_forgotten_password_is_replaced_by_the_letters_link(page: Page, house: Portal) -> None:
    person = await people.add_person(house.database)
    await page.goto("/")
    await page.get_by_text("I forgot my password").click()
    await page.get_by_label("E-mail address").fill(person.email)
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("status")).to_contain_text("a letter with a link is on its way")
    # The page is open already: the link only changes what stands behind its #.
    await page.goto(f"/#password-reset={await read_link(house, 'password-reset', person.email)}")
    await expect(page.get_by_role("heading", name="Choose a new password")).to_be_focused()
    await page.get_by_label("New password").fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Change it").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password was changed")
    assert await can_sign_in(house, person.email, NEW_PASSWORD)
    assert not await can_sign_in(house, person.email, people.PASSWORD)


async def test_an_address_is_confirmed_after_a_wrong_password_too(page: Page, house: Portal) -> None:
    email = f"{uuid4().hex}@example.com"
    await house.ask(do.REGISTER, input={"email": email, "password": people.PASSWORD, "name": "Linh"})
    await page.goto(f"/#confirmation={await read_link(house, 'confirmation', email)}")
    field = page.get_by_label("The password that you chose")
    await field.fill("not this one, surely")
    await field.press("Enter")
    await expect(page.get_by_role("status")).not_to_have_text("One moment ...")
    assert "#confirmation=" in page.url
    await field.fill(people.PASSWORD)
    await field.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Your address is confirmed")
    assert page.url.endswith("/")
    assert await can_sign_in(house, email, people.PASSWORD)


async def test_a_password_is_shown_to_those_who_ask(page: Page) -> None:
    await page.goto("/#password-reset=none")
    for kind in ("password", "text", "password"):
        assert await page.get_by_label("New password").get_attribute("type") == kind
        await page.get_by_label("Show it").click()


async def test_a_supplier_registers_and_accepts_by_keyboard(page: Page, house: Portal) -> None:
    email = f"{uuid4().hex}@example.com"
    token, record = await invite_supplier(house, email)
    await page.goto(f"/#invitation={token}")
    await expect(page.get_by_role("heading", name="Big Buyer invites your company")).to_be_focused()
    await page.get_by_text("I have no account yet").press("Enter")
    form = page.locator("[data-form=register]")
    assert await form.get_by_label("E-mail address").input_value() == email
    await form.get_by_label("Your name").fill("Linh")
    await form.get_by_label("A new password").fill(people.PASSWORD)
    await form.get_by_label("A new password").press("Enter")
    await expect(page.get_by_role("heading", name="Which company accepts?")).to_be_focused()
    assert await page.get_by_label("Its name").input_value() == "Hanoi Shirts"
    await page.get_by_label("Its name").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Welcome: Hanoi Shirts is linked with Big Buyer now")
    assert await read_record(house, record) == ("linked", None)
    assert page.url.endswith("/")


async def test_a_supplier_accepts_for_a_company_that_is_there(page: Page, house: Portal) -> None:
    owner = await people.add_person(house.database)
    await people.add_organization(house.database, (owner, "owner"), name="Hanoi Garments")
    token, record = await invite_supplier(house, None)
    await page.goto(f"/#invitation={token}")
    form = page.locator("[data-form=signIn]")
    await form.get_by_label("E-mail address").fill(owner.email)
    await form.get_by_label("Password", exact=True).fill(people.PASSWORD)
    await form.get_by_role("button").click()
    await page.get_by_label("A company that you own here").select_option("Hanoi Garments")
    await page.locator("[data-form=own]").get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("Welcome: Hanoi Garments is linked with Big Buyer now")
    assert await read_record(house, record) == ("linked", None)


async def test_an_invitation_is_sent_back_with_a_reason_and_works_once(page: Page, house: Portal) -> None:
    token, record = await invite_supplier(house, None)
    await page.goto(f"/#invitation={token}")
    await page.get_by_text("This is not for us").click()
    await page.get_by_label("Right company, wrong person").check()
    await page.get_by_role("button", name="Send it back").click()
    await expect(page.get_by_role("status")).to_contain_text("Big Buyer was told")
    assert await read_record(house, record) == ("needs_contact", "wrong_contact")
    await page.goto(f"/#invitation={token}")
    await expect(page.get_by_role("status")).to_contain_text("This invitation is not valid")


async def test_a_colleague_joins_and_keeps_no_session(page: Page, house: Portal) -> None:
    colleague = await people.add_person(house.database)
    team = await people.add_organization(house.database, name="Firm", roles=("supplier",))
    token = await people.invite(house.database, team, "member", colleague.email, role="editor")
    await page.goto(f"/#invitation={token}")
    await expect(page.get_by_text("join its team as editor")).to_be_visible()
    await expect(page.get_by_text("This is not for us")).to_be_hidden()
    await page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    await page.get_by_role("button", name="Sign in and accept").click()
    await expect(page.get_by_role("status")).to_contain_text("Welcome: you belong to Firm now.")
    assert await count_sessions(house, colleague) == 1  # the one that it had before
    assert await page.context.cookies() == []
    assert await page.evaluate("() => localStorage.length + sessionStorage.length") == 0


async def test_who_has_a_second_factor_is_asked_for_its_code(page: Page, house: Portal) -> None:
    colleague = await people.add_person(house.database)
    _, codes = await factors.add_factor(house, colleague.token)
    team = await people.add_organization(house.database, name="Firm", roles=("supplier",))
    token = await people.invite(house.database, team, "member", colleague.email, role="editor")
    await page.goto(f"/#invitation={token}")
    code = page.get_by_label("Code of your authenticator app, or a recovery code")
    await page.get_by_label("Password", exact=True).fill("not this one, surely")
    await page.get_by_role("button", name="Sign in and accept").click()
    await expect(page.get_by_role("status")).to_contain_text("the password is not right")
    await expect(code).to_be_hidden()
    await page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    await page.get_by_role("button", name="Sign in and accept").click()
    await expect(page.get_by_role("status")).to_contain_text("Your account has a second factor.")
    await expect(code).to_be_focused()
    await code.fill(codes[0])
    await code.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Welcome: you belong to Firm now.")


@pytest.mark.parametrize("link", ["/#confirmation=none", "/#password-reset=none"])
async def test_a_link_that_is_worth_nothing_is_said_to_be(page: Page, link: str) -> None:
    await page.goto(link)
    await page.locator("#task input").first.fill(people.PASSWORD)
    await page.locator("#task button").click()
    await expect(page.get_by_role("status")).to_contain_text("link")


async def test_a_server_that_is_gone_is_said_to_be(page: Page, watch: Watch) -> None:
    await page.goto("/")
    await page.route("**/graphql", lambda route: route.abort())
    await page.get_by_text("I forgot my password").click()
    await page.get_by_label("E-mail address").fill("a@example.com")
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("status")).to_contain_text("The portal could not be reached")
    assert not [fault for fault in watch.take_faults() if fault.startswith("thrown")]
