"""Connecting on the page, in a real browser before the whole house: what is typed is hidden, tried, kept and never seen again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

import main
from tests.chromium import chromium, needs_chromium
from tests.journeys.test_accounts import github
from tests.journeys.test_page import PATIENCE, house, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), needs_chromium]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with chromium() as started:
        yield started
    expect.set_options(timeout=None)


async def test_a_token_is_typed_unseen_tried_and_kept(browser: Browser, tmp_path: Path) -> None:
    async with github() as (enterprise, address), house(tmp_path) as app, visit(browser, app) as ana:
        enterprise.static = {"test-token"}
        await ana.say("/connect github as lab")
        card = ana.card("Connect GitHub (lab)", first="con_")
        await card.get_by_role("button", name="Connect with a token…").click()
        form = ana.page.locator(".card-form")
        token = form.get_by_label("Token")
        await expect(token).to_have_attribute("type", "password")
        await form.get_by_label("Url").fill(f"{address}/api/v3")
        await token.fill("wrong-token")
        await form.get_by_role("button", name="Connect").click()
        await expect(form.locator(".form-error")).to_contain_text("nothing was kept")
        await token.fill("test-token")
        await form.get_by_role("button", name="Connect").click()
        await expect(ana.card("GitHub (lab) is connected")).to_be_visible()
        assert modes(app) == {"lab": "live"}
        await ana.page.reload()
        await ana.live()
        assert "test-token" not in await ana.page.content()
        kept = await ana.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert "token" not in kept
        assert ana.complaints == []


def modes(app: main.App) -> dict[str, str]:
    return {account.name: account.mode for account in app.shelf.accounts() if account.service == "github"}
