"""The first ten minutes of the README, in a real browser before the whole house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Route, expect

import main
from engine.settings import read_settings
from tests.chromium import chromium, needs_chromium

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), needs_chromium]

SENTENCE = "when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"
SCHEDULE = "every weekday at 9 post the health report in #ops"
PATIENCE = 15_000  # ms; what is slow on purpose takes five seconds


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with chromium() as started:
        yield started
    expect.set_options(timeout=None)


@asynccontextmanager
async def house(data: Path, port: str = "0", probe_interval: str = "0.2") -> AsyncIterator[main.App]:
    """The whole house; probes come faster than in life, so that an outage is noticed within a second."""
    environ = {
        "SIGNALBOX_DATA": str(data),
        "SIGNALBOX_PORT": port,
        "SIGNALBOX_PROBE_INTERVAL": probe_interval,
        "SIGNALBOX_TIMEZONE": "Europe/Berlin",
    }
    async with await main.build(read_settings(environ)) as app:
        yield app


class Visit:
    """One person's browser: signed in by a link, and everything the page complains about is kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "ERR_CONNECTION_REFUSED" not in message.text and "ERR_INCOMPLETE" not in message.text:
            self.complaints.append(message.text)

    async def say(self, text: str) -> None:
        await self.page.fill("#composer-text", text)
        await self.page.press("#composer-text", "Enter")

    async def live(self) -> None:
        await expect(self.page.locator("#connection")).to_have_text("live", timeout=20_000)
        await expect(self.page.locator("#timeline")).to_have_attribute("aria-busy", "false")

    def card(self, *words: str, first: str = "") -> Locator:
        """The newest card that contains all these words."""
        found = self.page.locator(f".card[data-card^='{first}']" if first else ".card")
        for word in words:
            found = found.filter(has_text=word)
        return found.last

    def button(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=label, exact=True)


@asynccontextmanager
async def visit(browser: Browser, app: main.App, user: str = "owner", name: str = "Ana") -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin", locale="en-GB")
    visit = Visit(await context.new_page())
    await visit.page.goto(app.server.url + app.faces["web"].invite(user, name))  # type: ignore[attr-defined]
    await visit.live()
    yield visit
    await context.close()
    assert visit.complaints == []


async def fault(app: main.App, method: str = "POST", **body: Any) -> None:
    headers = {"Authorization": f"Bearer {app.api_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(method, f"{app.server.url}/api/v2/sandbox/faults", json=body or None) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def test_the_first_ten_minutes_of_the_readme(browser: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as app, visit(browser, app) as ana, visit(browser, app, "ben", "Ben") as ben:
        await ordered(ana)
        await ran(ana, app)
        await timed(ana)
        await asked(ana)
        await an_outage(ana, ben, app)
        before = await standing(ana)
        await ana.page.reload()
        await ana.live()
        assert await standing(ana) == before, "a page loaded anew shows the same"
        await expect(ana.card("Trello", "resolved", first="alr_")).to_be_visible()


async def ordered(ana: Visit) -> None:
    """The first example is clicked and sent; its preview is confirmed and stays where it stood."""
    await ana.page.locator("#examples button").first.click()
    await expect(ana.page.locator("#composer-text")).to_have_value(SENTENCE)
    await ana.page.keyboard.press("Enter")
    preview = ana.card("Release", first="prv_")
    for words in ("GitHub", "pull request merged", "Trello", "sandbox", "#releases"):
        await expect(preview).to_contain_text(words, ignore_case=True)
    await preview.get_by_role("button", name="Confirm").click()
    await expect(preview).to_contain_text("Confirmed by Ana")
    await expect(ana.button("Confirm")).to_have_count(0)
    await expect(ana.page.locator(".card")).to_have_count(1)


async def ran(ana: Visit, app: main.App) -> None:
    """Run by hand while Trello is slow: the run's card is seen at work, and the same card is done at last."""
    await fault(app, service="trello", kind="slow")
    await ana.say("/flow run release")
    card = ana.card(first="run_")
    await expect(card).to_have_attribute("data-tone", "progress")
    await expect(card.locator("[data-mark=doing]")).to_have_count(1)
    id = await card.get_attribute("data-card")
    await expect(card).to_have_attribute("data-tone", "good", timeout=15_000)  # the sandbox is slow by five seconds
    await expect(card.locator("[data-mark=done]")).to_have_count(2)
    await expect(card).to_contain_text("sandbox")
    assert await card.get_attribute("data-card") == id
    await fault(app, "DELETE")
    await expect(ana.page.get_by_role("link", name="releases").locator(".badge")).to_have_text("1")


async def timed(ana: Visit) -> None:
    await ana.say(SCHEDULE)
    preview = ana.card("every weekday at 09:00", first="prv_")
    await expect(preview).to_contain_text("Europe/Berlin")
    fires = preview.locator(".fields > div", has_text="Fires next").locator("time")
    await expect(fires).to_have_count(3)
    assert all("09:00" in text for text in await fires.all_text_contents())
    await preview.get_by_role("button", name="Confirm").click()
    await expect(preview).to_contain_text("Confirmed by Ana")


async def asked(ana: Visit) -> None:
    """What breaks: in words, and as a picture that can be seen and read out."""
    await ana.say("what breaks if trello goes down?")
    answer = ana.card("Trello", "stops")
    picture = answer.locator("img")
    await picture.scroll_into_view_if_needed()
    await expect(picture).not_to_have_js_property("naturalWidth", 0)
    shape = await picture.evaluate("(image) => [image.naturalWidth, image.naturalHeight, image.alt]")
    assert shape[0] >= 300
    assert shape[1] >= 100
    assert "Trello" in shape[2]


async def an_outage(ana: Visit, ben: Visit, app: main.App) -> None:
    """One card, before everybody's eyes: firing, acknowledged by name, resolved by itself."""
    await fault(app, service="trello", kind="down")
    alert = ana.card("Trello", first="alr_")
    await expect(alert).to_contain_text("firing")
    id = await alert.get_attribute("data-card")
    await expect(alert.get_by_role("button", name="Resolve")).to_be_visible()
    await expect(ana.page.locator("#alerts-open")).to_contain_text("1 open alert")
    await ben.card(first="alr_").get_by_role("button", name="Acknowledge").click()
    for visitor in (ana, ben):
        card = visitor.card("Trello", first="alr_")
        await expect(card).to_contain_text("Acknowledged by")
        await expect(card).to_contain_text("Ben")
        await expect(card.get_by_role("button", name="Acknowledge", exact=True)).to_have_count(0)
    await fault(app, "DELETE")
    for visitor in (ana, ben):
        card = visitor.card("Trello", first="alr_")
        await expect(card).to_contain_text("resolved")
        await expect(card.get_by_role("button", name="Resolve")).to_have_count(0)
        await expect(visitor.page.locator(f".card[data-card='{id}']")).to_have_count(
            1
        )  # that it was slow before may have an alert of its own
    await expect(ana.page.locator("#alerts-open")).to_be_hidden()


async def standing(visitor: Visit) -> list[tuple[str | None, ...]]:
    """Every card as (subject, version, tone, buttons)."""
    script = "all => all.map((c) => [c.dataset.card, c.dataset.version, c.dataset.tone, [...c.querySelectorAll('.actions button')].map((b) => b.textContent).join()])"
    return [tuple(card) for card in await visitor.page.locator(".card").evaluate_all(script)]


async def test_an_edit_names_the_line_of_a_mistake_keeps_what_was_typed_and_then_changes_the_preview(
    browser: Browser, tmp_path: Path
) -> None:
    async with house(tmp_path) as app, visit(browser, app) as ana:
        await ana.say(SENTENCE)
        preview = ana.card(first="prv_")
        await preview.get_by_role("button", name="Edit").click()
        field = preview.locator("textarea")
        good = await field.input_value()
        bad = good.replace("trello.create_card", "trello.create_crad")
        line = next(number for number, text in enumerate(bad.splitlines(), 1) if "create_crad" in text)
        await field.fill(bad)
        await preview.get_by_role("button", name="Check it").click()
        error = preview.locator(".form-error")
        await expect(error).to_contain_text(f"line {line}")
        await expect(error).to_contain_text("create_card")
        await expect(field).to_have_value(bad)
        await expect(ana.page.locator(".card")).to_have_count(1)
        await field.fill(good.replace("board: Release", "board: Shipping"))
        await field.press("Control+Enter")
        await expect(preview.locator(".card-form")).to_have_count(0)
        await expect(preview).to_contain_text("board: Shipping")
        await preview.get_by_role("button", name="Confirm").click()
        await expect(preview).to_contain_text("Confirmed by Ana")
        (workflow,) = await app.store.workflows.list()
        assert workflow.definition.steps[0].arguments["board"] == "Shipping"


async def test_a_restart_under_the_open_page_is_told_and_old_buttons_work_afterwards(browser: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        port = app.server.url.rpartition(":")[2]
        visiting = visit(browser, app)
        ana = await visiting.__aenter__()
        await ana.say(SENTENCE)
        await expect(ana.card(first="prv_").get_by_role("button", name="Confirm")).to_be_visible()
    await expect(ana.page.locator("#banner")).to_contain_text("Connection lost")
    async with house(tmp_path, port) as app:
        await expect(ana.page.locator("#banner")).to_be_hidden(timeout=20_000)
        await ana.live()
        preview = ana.card(first="prv_")
        await preview.get_by_role("button", name="Confirm").click()
        await expect(preview).to_contain_text("Confirmed by Ana")
        await expect(ana.page.locator(".card[data-card^='prv_']")).to_have_count(1)
        assert len(await app.store.workflows.list()) == 1
        await visiting.__aexit__(None, None, None)


async def test_words_entered_before_the_page_is_ready_are_sent_all_the_same(browser: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        typed = asyncio.Event()

        async def slow(route: Route) -> None:
            await typed.wait()
            await route.continue_()

        await context.route("**/composer*.js*", slow)
        await page.goto(app.server.url + app.faces["web"].invite("owner", "Ana"), wait_until="commit")  # type: ignore[attr-defined]
        await page.wait_for_selector("#composer-text")
        await page.focus("#composer-text")
        await page.keyboard.type("/flow list")
        await page.keyboard.press("Enter")
        typed.set()
        await expect(page.locator(".card").last).to_contain_text("workflow")
        await expect(page.locator("#composer-text")).to_have_value("")
        await context.close()
