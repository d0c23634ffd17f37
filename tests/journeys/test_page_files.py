"""A file on the page, in a real browser: chosen, dropped, taken back, sent with an order, handed out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.chromium import needs_chromium
from tests.journeys.test_page import browser as browser
from tests.journeys.test_page import house, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), needs_chromium]

DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/plain" }));
  for (const kind of ["dragover", "drop"]) document.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


async def test_files_are_attached_taken_back_and_go_with_the_order(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"a,b\n")
    (tmp_path / "empty.txt").touch()
    async with house(tmp_path / "data") as app, visit(browser, app) as ana:
        attached = ana.page.locator("#attached li")
        await ana.page.set_input_files("#files", str(tmp_path / "report.csv"))
        await ana.page.evaluate(DROP, ["notes.txt", "hello"])
        await expect(attached).to_have_count(2)
        await ana.button("Remove notes.txt").click()
        await expect(attached).to_have_text("report.csv×")
        await ana.say("upload this to dropbox /reports")
        await expect(attached).to_have_count(0)
        preview = ana.card("report.csv", first="prv_")
        await expect(ana.page.locator("#timeline")).to_contain_text("📎 report.csv (4 B)")
        await preview.get_by_role("button", name="Confirm").click()
        await expect(ana.card(first="run_")).to_have_attribute("data-tone", "good")
        await ana.page.set_input_files("#files", str(tmp_path / "report.csv"))
        await ana.page.press("#composer-text", "Enter")  # a file alone is something said, too
        await expect(ana.card("I have report.csv")).to_be_visible()


async def test_a_file_that_a_workflow_hands_out_is_a_download(browser: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as app, visit(browser, app) as ana:
        kept = await app.store.files.keep("plan.pdf", b"%PDF\xff")
        await ana.say(
            f'/flow import {{"name": "hand out", "trigger": {{"type": "manual"}}, "steps": [{{"action": "chat.upload_file", "with": {{"channel": "#ops", "file": "{kept.id}"}}}}]}}'
        )
        await ana.button("Confirm").click()
        await expect(ana.page.locator("#timeline")).to_contain_text("Confirmed")
        await ana.say("/flow run hand out")
        link = ana.page.get_by_role("link", name="plan.pdf")
        await expect(link).to_be_visible()
        async with ana.page.expect_download() as coming:
            await link.click()
        download = await coming.value
        assert download.suggested_filename == "plan.pdf"
        assert Path(await download.path()).read_bytes() == b"%PDF\xff"
