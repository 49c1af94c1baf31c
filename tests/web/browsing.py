"""A real browser with somebody who watches it: whatever a page asks for, reports or fails at is noted."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "Chromium is not installed, so the pages cannot be seen"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",  # root may not open one, and the only pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 640}
# What the Tab key should reach, in the order of the page; of radio buttons in a group, one.
CONTROLS = """() => {
  const seen = new Set();
  return [...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex='0']")].filter((one) => {
    const group = one.type === "radio" && one.name;
    if (!one.checkVisibility() || (group && seen.has(group))) return false;
    if (group) seen.add(group);
    return true;
  }).map(DESCRIBE);
}"""
FOCUSED = "() => (DESCRIBE)(document.activeElement)"
DESCRIBE = "(one) => `${one.localName} ${one.name || one.innerText.slice(0, 40)}`"
# Where what has the focus shows no ring around it.
RINGLESS = """() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle === "none" || parseFloat(outlineWidth) < 1;
}"""


@dataclass
class Watch:
    """What pages of one origin asked for, and all that was not right about it."""

    origin: str
    requested: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Note what every page of a context does from now on."""
        context.on("request", self._note_request)
        context.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url} {request.failure}"))
        context.on("console", self._note_message)
        context.on("weberror", lambda error: self.faults.append(f"thrown: {error.error}"))

    def take_faults(self) -> list[str]:
        """The faults so far, which a test expected."""
        taken, self.faults = self.faults, []
        return taken

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.requested.append(parts.path)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.faults.append(f"elsewhere: {request.url}")

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} {message.location['url']}")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """The system's Chromium; without it the test is skipped, which is a failure in CI."""
    if PROGRAM is None:
        pytest.skip(MISSING)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(browser: Browser, origin: str, **options: Any) -> AsyncIterator[tuple[Page, Watch]]:
    """A page of a fresh profile on the size of a phone, watched; a fault that no test took is a failure."""
    context = await browser.new_context(base_url=origin, viewport=PHONE, **options)
    context.set_default_timeout(20_000)
    watch = Watch(origin)
    watch.follow(context)
    try:
        yield await context.new_page(), watch
    finally:
        await context.close()
    assert watch.faults == []


async def list_controls(page: Page) -> list[str]:
    """What there is to be reached by keyboard, as it stands on the page."""
    found: list[str] = await page.evaluate(CONTROLS.replace("DESCRIBE", DESCRIBE))
    return found


async def press_tabs(page: Page, times: int) -> tuple[list[str], list[str]]:
    """What the Tab key came to, and what of it could not be seen to have the focus."""
    reached, ringless = [], []
    for _ in range(times):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(FOCUSED.replace("DESCRIBE", DESCRIBE)))
        if await page.evaluate(RINGLESS):
            ringless.append(reached[-1])
    return reached, ringless


async def measure_overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    return width
