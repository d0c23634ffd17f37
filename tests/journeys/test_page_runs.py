"""Runs on the page, in a real browser before the whole house: asked for in a form, approved by two, failed, changed and gone on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from engine.workflow.run import RunState
from tests.chromium import chromium, needs_chromium
from tests.journeys.test_page import PATIENCE, Visit, house, visit
from tests.journeys.test_steering import Api, asking

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), needs_chromium]

SHIP = {
    "name": "Ship",
    "trigger": {
        "type": "manual",
        "inputs": [{"name": "version", "required": True, "help": "what to ship"}, {"name": "where", "choices": ["eu", "us"], "default": "eu"}, {"name": "count", "type": "integer", "default": 2}],
    },
    "steps": [
        {"id": "which", "switch": {"cases": [{"when": "inputs.where == 'eu'", "steps": [{"id": "tell", "action": "chat.post_message", "with": {"channel": "nowhere:x", "text": "{{inputs.version}} begins"}}]}]}},
        {"id": "after", "action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "{{inputs.version}} x{{inputs.count}}"}},
    ],
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with chromium() as started:
        yield started
    expect.set_options(timeout=None)


async def narrow(ana: Visit) -> None:
    """On a phone nothing stands wider than its screen."""
    before = ana.page.viewport_size
    await ana.page.set_viewport_size({"width": 390, "height": 844})
    assert await ana.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    wide = "all => all.filter((c) => c.scrollWidth > c.clientWidth + 1).map((c) => c.dataset.card)"
    assert await ana.page.locator(".card").evaluate_all(wide) == []
    assert before is not None
    await ana.page.set_viewport_size(before)


async def test_a_run_is_asked_for_in_a_form_fails_and_goes_on_with_something_else(browser: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as app, visit(browser, app) as ana:
        await Api(app).store(SHIP)
        await ana.say("/flow run Ship")
        form = ana.page.locator(".card-form")
        await expect(form).to_have_count(1)  # nobody pressed for it
        await expect(form.get_by_label("version")).to_be_focused()
        await form.get_by_label("version").fill("  ")
        await form.get_by_role("button", name="Run").click()
        fault = form.locator(".field", has=ana.page.get_by_label("version")).locator(".field-error")
        await expect(fault).to_contain_text("is needed")
        await expect(form.get_by_label("version")).to_have_attribute("aria-invalid", "true")
        await form.get_by_label("version").fill("1.4")
        await form.get_by_label("count").fill("3")
        await narrow(ana)
        await form.get_by_role("button", name="Run").click()

        run = ana.card(first="run_")
        await expect(run).to_contain_text("failed")
        await expect(run.locator("[data-depth='1']")).to_contain_text("nowhere is not switched on")
        await run.get_by_role("button", name="Change and retry").click()
        channel = run.get_by_label("channel")
        await expect(channel).to_have_value("nowhere:x")
        await channel.fill("#ops")
        await narrow(ana)
        await run.get_by_role("button", name="Retry", exact=True).click()
        await expect(run).to_contain_text("Ship · done")
        await expect(ana.card("1.4 begins")).to_be_visible()
        await expect(run.get_by_role("button")).to_have_count(0)
        (record,) = await app.store.runs.list()
        assert record.state is RunState.SUCCEEDED


async def test_two_people_approve_before_everybodys_eyes(browser: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as app, visit(browser, app) as ana, visit(browser, app, "ben", "Ben") as ben:
        await Api(app).store(asking(quorum=2, reason=True, expires="2h"))
        await ana.say("/flow run Ship version=1.4")
        asked = ana.card("Approval: Ship", first="apr_")
        for words in ("Ship 1.4?", "0 of 2", "with a reason", "in 2 h", "it counts as a no", "A yes lets this happen", "Ship 1.4"):
            await expect(asked).to_contain_text(words)
        await narrow(ana)
        for visitor, name in ((ana, "Ana"), (ben, "Ben")):
            card = visitor.card(first="apr_")
            await card.get_by_role("button", name="Approve").first.click()
            await card.get_by_label("Why").fill(f"{name} has tested it")
            await card.locator("button[type=submit]").click()
            for other in (ana, ben):
                await expect(other.card(first="apr_")).to_contain_text(f"{name} said yes: “{name} has tested it”")
        for visitor in (ana, ben):
            await expect(visitor.card(first="apr_")).to_contain_text("Approved by Ana, Ben")
            await expect(visitor.card(first="apr_").get_by_role("button")).to_have_count(0)
        await expect(ana.card("Ship · done", first="run_")).to_be_visible()
        await expect(ana.page.locator(".card[data-card^='apr_']")).to_have_count(1)
