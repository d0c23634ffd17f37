"""The page in a real browser: what people see, press and type."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from playwright.async_api import Browser, ConsoleMessage, Page, expect
from starlette.types import Receive, Scope, Send

from bot.cards.card import Bold, Button, Card, CodeBlock, Fields, Link, Mark, Picture, Steps, Table, Text, Tone
from bot.cards.wire import plain
from bot.faces.http.server import HttpServer
from bot.faces.web.session import Visitor
from engine.events import ServiceStateSaved
from engine.graph.portrait import Line, Spot
from engine.monitoring.alert import ServiceState
from engine.parties import Address
from tests.bot.cards.any_card import HOSTILE, cards, png
from tests.bot.web.house import SmallHouse, card_of
from tests.chromium import chromium, needs_chromium

OPS = Address("web", "#ops")
SENTENCE = "when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    needs_chromium,
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


class Stage:
    """One port and one page for every test, so that the browser loads the page's files once; the house behind them changes."""

    house: SmallHouse
    url: str
    page: Page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.house.app(scope, receive, send)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    stage = Stage()
    server = HttpServer(stage, "127.0.0.1", 0)
    await server.start()
    stage.url = server.url
    stage.page = await (await browser.new_context()).new_page()
    yield stage
    await stage.page.context.close()
    await server.stop()


class Site:
    """A house, and pages that look at it; whatever a page complains about is kept."""

    def __init__(self, browser: Browser, house: SmallHouse, url: str, main: Page | None = None) -> None:
        self.browser, self.house, self.url = browser, house, url
        self.complaints: list[str] = []
        self._main = main

    @asynccontextmanager
    async def page(self, user: str = "owner", name: str = "Owner", width: int = 1200, height: int = 800, **options) -> AsyncIterator[Page]:
        """Signed in as ``user``, looking at #ops, live."""
        main, self._main = (None, self._main) if options else (self._main, None)
        page = main or await (await self.browser.new_context(**options)).new_page()
        heard, failed = self._heard, self._failed
        page.on("console", heard)
        page.on("pageerror", failed)
        page.set_default_timeout(8000)
        await page.set_viewport_size({"width": width, "height": height})
        cookie = self.house.face.sessions.sign(Visitor(user, name))
        await page.context.add_cookies([{"name": self.house.face.sessions.cookie, "value": cookie, "url": self.url}])
        await page.goto(self.url)
        await expect(page.locator("#connection")).to_have_text("live")
        await expect(page.locator("#timeline")).to_have_attribute("aria-busy", "false")
        try:
            yield page
        finally:
            page.remove_listener("console", heard)
            page.remove_listener("pageerror", failed)
            await self._leave(page, main)

    async def _leave(self, page: Page, main: Page | None) -> None:
        if not main:
            await page.context.close()
            return
        await page.evaluate("localStorage.clear(); sessionStorage.clear()")
        await page.goto("about:blank")
        self._main = main

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "ERR_CONNECTION_REFUSED" not in message.text:
            self.complaints.append(message.text)

    def _failed(self, error: Exception) -> None:
        self.complaints.append(str(error))


@pytest_asyncio.fixture(loop_scope="module")
async def site(browser: Browser, stage: Stage) -> AsyncIterator[Site]:
    house = stage.house = SmallHouse()
    await house.face.start()
    site = Site(browser, house, stage.url, stage.page)
    yield site
    await house.face.stop()
    assert site.complaints == []


async def say(page: Page, text: str) -> None:
    await page.fill("#composer-text", text)
    await page.press("#composer-text", "Enter")


def card(page: Page, title: str):
    return page.locator(".card", has=page.get_by_role("heading", name=title))


# --- the door ----------------------------------------------------------------------------------------------------------


async def test_a_link_opens_the_chat_once_and_says_what_to_do_afterwards(site: Site):
    link = site.url + site.house.face.invite()
    context = await site.browser.new_context()
    page = await context.new_page()
    await page.goto(link)
    await expect(page.locator("#channel-title")).to_have_text("#ops")
    other = await (await site.browser.new_context()).new_page()
    await other.goto(link)
    await expect(other.get_by_role("heading")).to_have_text("This link does not sign in any more")
    await other.fill("#token", "wrong")
    await other.press("#token", "Enter")
    await expect(other.locator("#login-error")).to_contain_text("not the token")
    await other.fill("#token", "right-token")
    await other.press("#token", "Enter")
    await expect(other.locator("#channel-title")).to_have_text("#ops")
    await other.context.close()
    await context.close()


async def test_an_empty_channel_says_what_to_type_first(site: Site):
    async with site.page() as page:
        await expect(page.locator("#examples button")).to_have_count(3)
        await page.locator("#examples button").first.click()
        await expect(page.locator("#composer-text")).to_be_focused()
        await expect(page.locator("#composer-text")).to_have_value(SENTENCE)
        await page.keyboard.press("Enter")
        await expect(page.locator("#empty")).to_be_hidden()


# --- cards -------------------------------------------------------------------------------------------------------------


async def test_a_preview_is_confirmed_by_a_click_and_changes_in_place(site: Site):
    async with site.page(name="Ana") as page:
        await say(page, SENTENCE)
        preview = card(page, "New workflow: Release flow")
        await expect(preview.get_by_role("button", name="Confirm")).to_be_visible()
        await preview.get_by_role("button", name="Confirm").click()
        await expect(card(page, "Release flow")).to_contain_text("Confirmed by Ana")
        await expect(page.get_by_role("button", name="Confirm")).to_have_count(0)
        await expect(page.locator(".card")).to_have_count(1)
        press = site.house.conversation.pressed[0]
        assert (press.verb, press.version, press.actor.id) == ("confirm", 1, "web:owner")
        assert press.message is not None


async def test_a_card_changes_before_everybodys_eyes(site: Site):
    async with site.page() as page, site.page("ben", "Ben") as other:
        ref = await site.house.face.post(OPS, Card("trello is down", id="alr_1", version=1, tone=Tone.BAD), "alr_1")
        for each in (page, other):
            await expect(card(each, "trello is down")).to_contain_text("Problem")
        await site.house.face.edit(ref, Card("trello is back", id="alr_1", version=2, tone=Tone.GOOD))
        for each in (page, other):
            await expect(card(each, "trello is back")).to_contain_text("OK")
            await expect(each.locator(".card")).to_have_count(1)
        await expect(page.locator("#announcer")).to_contain_text("Signalbox: OK: trello is back")


async def test_a_form_keeps_what_was_typed_when_it_is_refused_and_closes_when_it_is_done(site: Site):
    async with site.page() as page:
        await say(page, SENTENCE)
        await page.get_by_role("button", name="Edit").click()
        field = page.get_by_label("Definition")
        await expect(field).to_be_focused()
        await field.fill("name: Nothing else")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".form-error").first).to_contain_text("line 2: a workflow needs a trigger.")
        await expect(field).to_have_value("name: Nothing else")
        await field.fill("name: New name\ntrigger: {type: manual}")
        await field.press("Control+Enter")
        await expect(page.locator(".card-form")).to_have_count(0)
        await expect(page.locator(".card pre").first).to_contain_text("New name")


async def test_a_form_survives_a_change_of_its_card_and_says_so(site: Site):
    async with site.page() as page:
        await say(page, SENTENCE)
        await page.get_by_role("button", name="Edit").click()
        await page.get_by_label("Definition").fill("my long work")
        draft = next(iter(site.house.conversation.drafts.values()))
        draft.version = 2
        await site.house.face.edit(draft.ref, card_of(draft))
        await expect(page.locator(".behind")).to_be_visible()
        await expect(page.get_by_label("Definition")).to_have_value("my long work")
        await expect(page.get_by_label("Definition")).to_be_focused()


async def test_a_press_on_what_has_moved_on_is_refused_privately_with_the_reason(site: Site):
    async with site.page() as page, site.page("ben", "Ben") as other:
        await say(page, SENTENCE)
        await expect(page.get_by_role("button", name="Confirm")).to_be_visible()
        next(iter(site.house.conversation.drafts.values())).version = 2
        await page.get_by_role("button", name="Confirm").click()
        answer = page.locator(".message.private")
        await expect(answer).to_contain_text("Only you see this")
        await expect(answer).to_contain_text("changed while you looked at it")
        await expect(other.locator(".card")).to_have_count(1)


async def test_an_older_copy_of_a_card_leads_to_the_newest(site: Site):
    async with site.page() as page:
        button = (Button("confirm", "Confirm"),)
        await site.house.face.post(OPS, Card("first copy", id="prv_1", version=1, actions=button), "a")
        await site.house.face.post(OPS, Card("second copy", id="prv_1", version=2, actions=button), "b")
        old = card(page, "first copy")
        await expect(old).to_contain_text("Out of date")
        await old.get_by_role("button", name="Show the newest").click()
        await expect(page.locator(".message", has=card(page, "second copy"))).to_be_focused()


async def test_a_dangerous_button_asks_first(site: Site):
    async with site.page() as page:
        await say(page, SENTENCE)
        await page.get_by_role("group", name="Actions").get_by_role("button", name="Cancel").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Throw this preview away?")
        await page.keyboard.press("Escape")
        assert site.house.conversation.pressed == []
        await page.get_by_role("group", name="Actions").get_by_role("button", name="Cancel").click()
        await dialog.locator("#sure-yes").click()
        await expect(page.locator(".card")).to_contain_text("Cancelled by Owner")


async def test_a_picture_is_shown_with_its_words(site: Site):
    async with site.page() as page:
        await site.house.face.post(OPS, Card("Impact", (Picture(png(40, 30), "trello stops two workflows"),)), "k")
        image = page.get_by_alt_text("trello stops two workflows")
        await image.scroll_into_view_if_needed()
        await expect(image).to_have_js_property("naturalWidth", 40)


async def test_code_is_copied(site: Site):
    async with site.page(permissions=["clipboard-read", "clipboard-write"]) as page:
        await site.house.face.post(OPS, Card("x", (CodeBlock("a: 1\nb: 2", "yaml"),)), "k")
        await page.get_by_role("button", name="Copy").click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == "a: 1\nb: 2"


# --- people ------------------------------------------------------------------------------------------------------------


async def test_a_private_answer_is_marked_and_shown_to_its_asker_only(site: Site):
    async with site.page() as page, site.page("ben", "Ben") as other:
        await say(page, "/flow list")
        await expect(card(page, "Your workflows")).to_be_visible()
        await expect(page.locator(".message.private .only-you")).to_have_count(2)
        await site.house.face.post(OPS, Card("for all"), "k")
        await expect(card(other, "for all")).to_be_visible()
        await expect(other.locator(".message")).to_have_count(1)


async def test_news_in_another_channel_is_counted_and_read_there(site: Site):
    async with site.page() as page:
        await site.house.face.post(Address("web", "#releases"), Card("shipped"), "k")
        await site.house.face.post(Address("web", "#releases"), Card("shipped again"), "k2")
        channel = page.get_by_role("link", name="releases")
        await expect(channel.locator(".badge")).to_have_text("2")
        await expect(page).to_have_title("(2) #ops · Signalbox")
        await channel.click()
        await expect(card(page, "shipped again")).to_be_visible()
        await expect(channel.locator(".badge")).to_have_count(0)


async def test_health_is_live_in_words_and_marks_the_sandbox(site: Site):
    async with site.page() as page:
        await site.house.store.ledger.record(
            ServiceStateSaved(ServiceState(service="trello", account="trello", status="offline", detail="connection refused")),
            ServiceStateSaved(ServiceState(service="email", account="email", status="healthy", sandbox=True)),
        )
        await expect(page.locator("#health li").first).to_have_text("Trellooffline")
        await expect(page.locator("#health li").nth(1)).to_contain_text("sandbox")
        await expect(page.locator("#health-count")).to_have_text("1 of 2 healthy")


async def test_a_name_is_changed_from_the_page(site: Site):
    async with site.page() as page:
        await page.click("#me")
        await page.fill("#rename-name", "Ana Kovač")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("#me-name")).to_have_text("Ana Kovač")
        await say(page, "hello")
        await expect(page.locator(".author").first).to_have_text("Ana Kovač")


# --- keyboard ----------------------------------------------------------------------------------------------------------


async def test_everything_is_done_with_the_keyboard_alone(site: Site):
    async with site.page() as page:
        await expect(page.locator("#composer-text")).to_be_focused()
        await page.keyboard.type(SENTENCE)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Confirm")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("b")
        await expect(page.get_by_role("button", name="Confirm")).to_be_focused()
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        await page.keyboard.press("Enter")
        await expect(page.locator(".card")).to_contain_text("Confirmed by Owner")
        assert await page.evaluate("document.activeElement !== document.body")


async def test_the_shortcuts_are_told_by_the_question_mark(site: Site):
    async with site.page() as page:
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("To the newest message")
        await page.keyboard.press("Escape")
        await page.keyboard.press("i")
        await expect(page.locator("#composer-text")).to_be_focused()


async def test_messages_are_walked_and_channels_changed_by_keys(site: Site):
    await site.house.face.post(OPS, Card("one"), "1")
    await site.house.face.post(OPS, Card("two"), "2")
    await site.house.face.post(Address("web", "#releases"), Card("three"), "3")
    async with site.page() as page:
        await page.keyboard.press("Escape")
        await page.keyboard.press("k")
        await page.keyboard.press("k")
        await expect(page.locator(".message", has=card(page, "one"))).to_be_focused()
        await page.keyboard.press("Alt+ArrowDown")
        await expect(page.locator("#channel-title")).to_have_text("#releases")
        await expect(card(page, "three")).to_be_visible()


async def test_suggestions_are_chosen_with_arrows_and_taken_with_tab(site: Site):
    async with site.page() as page:
        await page.keyboard.type("/f")
        options = page.get_by_role("option")
        await expect(options).to_have_count(3)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        await expect(page.locator("#composer-text")).to_have_attribute("aria-activedescendant", "suggestion-1")
        await page.keyboard.press("Tab")
        await expect(page.locator("#composer-text")).to_have_value("/flow create ")
        await expect(page.locator("#composer-text")).to_be_focused()


async def test_enter_takes_a_chosen_suggestion_and_sends_only_then(site: Site):
    async with site.page() as page:
        await page.keyboard.type("ev")
        await expect(page.get_by_role("option")).to_have_count(1)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        assert site.house.conversation.heard == []
        await page.keyboard.press("Enter")
        await expect(page.locator(".said")).to_have_text("every weekday at 9 post the health report in #ops")


async def test_what_was_said_comes_back_with_the_up_key(site: Site):
    async with site.page() as page:
        await say(page, "first")
        await say(page, "second")
        await expect(page.locator(".said")).to_have_count(2)
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("#composer-text")).to_have_value("first")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#composer-text")).to_have_value("second")


# --- trouble -----------------------------------------------------------------------------------------------------------


async def test_a_lost_connection_is_told_nothing_typed_is_lost_and_what_was_missed_comes(browser: Browser):
    house = SmallHouse()
    async with house.serving() as url:
        site = Site(browser, house, url)
        pages = site.page()
        page = await pages.__aenter__()
    port = int(url.rpartition(":")[2])
    try:
        await expect(page.locator("#banner")).to_contain_text("Connection lost")
        await say(page, "are you there?")
        await expect(page.locator("#composer-error")).to_contain_text("cannot be reached")
        await expect(page.locator("#composer-text")).to_have_value("are you there?")
        again = SmallHouse(store=house.store)
        await again.face.post(OPS, Card("posted while away"), "k")
        async with again.serving(port):
            await expect(page.locator("#banner")).to_be_hidden(timeout=15_000)
            await expect(card(page, "posted while away")).to_be_visible()
            await page.press("#composer-text", "Enter")
            await expect(card(page, "You said: are you there?")).to_be_visible()
    finally:
        await pages.__aexit__(None, None, None)


HOSTILE_CARD = Card(
    title=HOSTILE[0],
    body=(
        Text((HOSTILE[1], Bold(HOSTILE[0]), Link("press me", "javascript:window.pwned=1"), Link("<b>good</b>", "https://example.org/?<script>"))),
        Fields(((HOSTILE[0], (HOSTILE[1],)),)),
        Table((HOSTILE[0],), ((HOSTILE[1],),)),
        Steps(((Mark.ASK, (HOSTILE[0],)),)),
        CodeBlock(HOSTILE[1], HOSTILE[0]),
        Picture(png(), HOSTILE[0]),
    ),
    id="prv_9",
    actions=(Button("confirm", HOSTILE[0]), Button("open", "open", url="javascript:window.pwned=1")),
    footer=(HOSTILE[0],),
    link="javascript:window.pwned=1",
)


async def test_hostile_text_stays_text(site: Site):
    async with site.page(name="<b>Ana</b>") as page:
        await site.house.face.post(OPS, HOSTILE_CARD, "k")
        await say(page, HOSTILE[0])
        await expect(page.locator(".said")).to_have_text(HOSTILE[0])
        await expect(page.locator(".card h3").first).to_have_text(HOSTILE[0])
        await expect(page.locator(".author").last).to_have_text("Signalbox")
        assert await page.evaluate("window.pwned") is None
        assert await page.locator(".timeline img:not(.avatar):not(.picture img)").count() == 0
        assert await page.locator(".timeline script, .timeline b").count() == 0
        links = await page.locator(".timeline a").evaluate_all("all => all.map((a) => a.protocol)")
        assert set(links) <= {"https:", "http:"}


async def test_any_card_is_shown_without_a_complaint(site: Site):
    some: list[Card] = []

    @settings(max_examples=80, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(cards)
    def gather(one: Card) -> None:
        some.append(one)

    gather()
    async with site.page() as page:
        for number, one in enumerate(some):
            await site.house.face.post(OPS, one, str(number))
        await page.reload()
        await expect(page.locator(".card")).to_have_count(len(some))
        assert await page.evaluate("window.pwned") is None
        shown = await page.locator(".card h3").all_text_contents()
        assert shown == [plain(one.title) or "Untitled" for one in some]


# --- the graph ---------------------------------------------------------------------------------------------------------


async def test_the_graph_is_moved_over_searched_walked_by_keys_and_kept_true(site: Site):
    graph = site.house.graph
    graph.spots = [Spot(id="jira", label="Jira", health="healthy"), Spot(id="evil", label="<b>evil</b> שלום 🚀", kind="component")]
    graph.spots += [Spot(id=f"wf_{at}", label=f"release flow {at}", kind="workflow", badge="3/h", rate=at) for at in range(60)]
    graph.lines = [Line(source=f"wf_{at}", target="jira" if at % 2 else "evil", kind="step") for at in range(60)]
    async with site.page(width=1000, height=700) as page:
        await page.goto(f"{site.url}/graph")
        await expect(page.locator(".node")).to_have_count(62)
        await expect(page.locator("#connection")).to_have_text("live")
        await expect(page.locator(".node[data-id=evil] title")).to_have_text("<b>evil</b> שלום 🚀, component")
        await expect(page.locator("#words")).to_contain_text("60 connections between 62 nodes")
        await page.evaluate("window.stillHere = true")

        async def camera() -> str:
            return await page.locator(".world").get_attribute("transform") or ""

        async def moves(act) -> None:
            before = await camera()
            await act
            await expect(page.locator(".world")).not_to_have_attribute("transform", before)

        await page.mouse.move(500, 400)
        await moves(page.mouse.wheel(0, -300))
        await moves(page.click("#farther"))
        await moves(page.locator("#graph").press("0"))
        await moves(page.keyboard.press("+"))
        await moves(page.keyboard.press("Shift+ArrowLeft"))
        await page.mouse.move(500, 640)
        await page.mouse.down()
        await moves(page.mouse.move(560, 600, steps=3))
        await page.mouse.up()

        await page.keyboard.press("/")
        await page.keyboard.type("jir")
        await expect(page.get_by_role("option")).to_have_text(["Jiraservice, healthy"])
        await page.keyboard.press("Enter")
        jira = page.locator(".node[data-id=jira]")
        await expect(jira).to_be_focused()
        box = await jira.bounding_box()
        assert box
        assert abs(box["x"] + box["width"] / 2 - 500) < 3  # in the middle
        await expect(page.locator("#panel h3")).to_have_text(["Needed by (30)"])
        await expect(page.locator(".line.lit")).to_have_count(30)

        await page.keyboard.press("ArrowLeft")
        await expect(page.locator(".node:focus")).to_have_attribute("data-look", "workflow")
        await page.keyboard.press("Enter")
        await expect(page.locator("#panel h3")).to_have_text(["Needs (1)"])
        await page.keyboard.press("Escape")
        await expect(page.locator("#panel")).to_be_hidden()

        await expect(page.locator("#trouble")).to_be_hidden()
        graph.spots[0] = Spot(id="jira", label="Jira", health="offline")
        await site.house.store.ledger.record(ServiceStateSaved(ServiceState(service="jira", account="default", status="offline")))
        await expect(jira).to_have_attribute("aria-label", "Jira, service, offline")
        await expect(page.locator("#trouble")).to_have_text(" 1 in trouble")
        await expect(page.locator("#announcer")).to_contain_text("Jira, service, offline")
        assert await page.evaluate("window.stillHere")

        await page.set_viewport_size({"width": 360, "height": 700})
        await page.click("#trouble")
        await expect(page.locator("#panel-title")).to_have_text("Jira")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await page.evaluate(CONTRAST) == []
        await page.emulate_media(color_scheme=None)
        await page.get_by_role("link", name="Its neighbourhood").click()
        await expect(page.locator("#headline")).to_have_text("Around jira")
        await expect(page.locator("#subline")).to_have_text("62 boxes · and 30 workflows and 1 component more, not shown")
        await expect(page.locator("#whole")).to_be_visible()


# --- looks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1200])
async def test_nothing_is_wider_than_the_screen(site: Site, width: int):
    long = "unbreakable" * 60
    wide = Table(tuple(f"column {n}" for n in range(12)), (tuple(long for _ in range(12)),))
    body = (Text((long,)), Fields(((long, (long,)),)), wide, Steps(((Mark.DOING, (long,)),)), CodeBlock(long), Picture(png(1500, 20), long))
    buttons = tuple(Button("confirm", f"{long[:70]} {n}") for n in range(4))
    await site.house.face.post(OPS, Card(long, body, "prv_1", 1, Tone.WARNING, buttons, (long,)), "k")
    async with site.page("owner", long[:60], width=width, height=700) as page:
        await say(page, long)
        await expect(page.locator(".said")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        for part in (".scroll", ".sidebar", ".topbar"):
            wider = await page.locator(part).evaluate("(element) => element.scrollWidth - element.clientWidth")
            assert wider <= 0, part


async def test_on_a_phone_the_channels_open_and_close(site: Site):
    async with site.page(width=360, height=700) as page:
        sidebar = page.locator("#sidebar")
        await expect(sidebar).to_be_hidden()
        await page.click("#menu")
        await expect(sidebar).to_be_visible()
        await expect(page.locator("#menu")).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Escape")
        await expect(sidebar).to_be_hidden()


async def test_dark_and_light_follow_the_system_until_somebody_chooses(site: Site):
    colour = "getComputedStyle(document.body).backgroundColor"
    async with site.page(color_scheme="light") as page:
        light = await page.evaluate(colour)
        await page.emulate_media(color_scheme="dark")
        dark = await page.evaluate(colour)
        assert light != dark
        await page.click("#theme")
        assert await page.evaluate(colour) == light
        await page.reload()
        await expect(page.locator("#connection")).to_have_text("live")
        assert await page.evaluate(colour) == light
        await page.click("#theme")
        await page.emulate_media(color_scheme="light")
        assert await page.evaluate(colour) == dark


async def test_words_can_be_read_on_their_backgrounds(site: Site):
    for tone in Tone:
        await site.house.face.post(OPS, Card("Title", (Text(("small",), small=True),), tone=tone, footer=("foot",)), tone.value)
    for scheme in ("light", "dark"):
        async with site.page(color_scheme=scheme) as page:
            await expect(page.locator(".card")).to_have_count(len(Tone))
            faint = await page.evaluate(CONTRAST)
            assert faint == []


# WCAG 2: every text at least 4.5 : 1 against the nearest painted background.
CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = read(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll(".tone, h3, .text, footer, time, .author, .day span, h1, h2, .count, .connection, .hint, button, .channels a")) {
    if (!e.checkVisibility() || !e.textContent.trim()) continue;
    const [a, b] = [light(read(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${e.className || e.tagName}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
