"""What people write, react and attach in their own chats: workflows hear it, files come along, and an order is carried out there, too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import main
from bot.faces.web.session import Visitor
from engine.workflow.run import RunState
from tests.journeys.doors import Door, containing, house_with, see
from tests.peers.slack.workspace import BOT_USER

CONTENT = b"service,score\ngithub,99\n"
ON = "name: heard\ntrigger: {{type: event_based, service: chat, event: {event}}}\nsteps:\n  - action: chat.post_message\n    with: {{channel: '#releases', text: \"{text}\"}}\n"


async def waiting_for(app: main.App, hall: Door, event: str, text: str) -> None:
    """A workflow that waits for that event stands."""
    yaml = ON.format(event=event, text=text)
    if hall.name == "discord":
        yaml = f'{{"name": "heard", "trigger": {{"type": "event_based", "service": "chat", "event": "{event}"}}, "steps": [{{"action": "chat.post_message", "with": {{"channel": "#releases", "text": "{text}"}}}}]}}'
    await hall.say(f"/flow import {yaml}")
    await hall.press(await see(hall, containing("heard", button="Confirm")), "Confirm")
    await see(hall, containing("heard", "Confirmed"))


async def stored(app: main.App) -> int:
    """Deliveries in the inbox."""
    now = app.clock.now()
    return len(await app.store.inbox.between(now.replace(year=2000), now.replace(year=2100), prefix="hook:chat:", limit=50))


async def done(app: main.App, action: str) -> Any:
    """The definition and the run of the order that was confirmed."""
    for _ in range(300):
        runs = await app.store.runs.list(outcome=RunState.SUCCEEDED.value)
        for run in runs:
            flow = await app.store.workflows.get(run.workflow)
            if flow is not None and flow.definition.steps[0].action == action:
                return flow.definition.steps[0]
        await asyncio.sleep(0.02)
    raise AssertionError([(run.state, run.error) for run in await app.store.runs.list()])


async def test_a_file_in_slack_is_uploaded_where_it_is_said(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path, SIGNALBOX_SANDBOX="all") as (app, hall):
        fake = hall.fake  # type: ignore[attr-defined]
        file = fake.attachment("report.csv", CONTENT)
        await fake.say(f"<@{BOT_USER}> upload this to dropbox /reports", "ana", event={"files": [file]})
        await hall.press(await see(hall, containing("dropbox", "report.csv", button="Confirm")), "Confirm")
        step = await done(app, "dropbox.upload_file")
        assert await app.store.files.read(step.arguments["file"]["id"]) == CONTENT


@pytest.mark.slow
async def test_a_file_without_words_is_kept_and_meant_by_what_is_said_next(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path, SIGNALBOX_SANDBOX="all") as (_, hall):
        fake = hall.fake  # type: ignore[attr-defined]
        direct = fake.workspace.direct(fake.workspace.person("ana").id).id
        await fake.say("", "ana", direct, event={"files": [fake.attachment("report.csv", CONTENT)], "subtype": "file_share"})
        await see(hall, containing("I have report.csv (24 B)"), private="ana")
        await fake.dm("upload it to the box folder Reports", "ana")
        await see(hall, containing("box", "report.csv", button="Confirm"), private="ana")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "why"), [({"url_private_download": "http://169.254.169.254/latest"}, "did not fetch"), ({"size": 26 * 2**20}, "too large")]
)
async def test_a_file_that_lies_elsewhere_or_is_too_large_is_not_fetched(change: dict[str, Any], why: str, tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (_, hall):
        fake = hall.fake  # type: ignore[attr-defined]
        direct = fake.workspace.direct(fake.workspace.person("ana").id).id
        await fake.say("upload this to dropbox /reports", "ana", direct, event={"files": [fake.attachment("report.csv", CONTENT) | change]})
        await see(hall, containing("report.csv", why), private="ana")


@pytest.mark.slow
async def test_a_file_on_discord_is_uploaded_where_it_is_said(tmp_path: Path) -> None:
    async with house_with("discord", tmp_path, SIGNALBOX_SANDBOX="all") as (app, hall):
        await hall.fake.mention("upload this to dropbox /reports", "ana", file=("report.csv", CONTENT))  # type: ignore[attr-defined]
        await hall.press(await see(hall, containing("dropbox", "report.csv", button="Confirm")), "Confirm")
        step = await done(app, "dropbox.upload_file")
        assert await app.store.files.read(step.arguments["file"]["id"]) == CONTENT


@pytest.mark.slow
@pytest.mark.parametrize("door", ["slack", "discord"])
async def test_an_order_is_carried_out_where_it_was_confirmed(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        await hall.say("create a jira issue in OPS titled disk full")
        preview = await see(hall, containing("disk full", "Confirm does this now", button="Confirm"))
        await hall.press(preview, "Confirm")
        await see(hall, containing("Jira issue to OPS", "done", "run_"))
        step = await done(app, "jira.create_issue")
        assert (step.arguments["project"], step.arguments["title"]) == ("OPS", "disk full")
        assert len(await app.store.runs.list()) == 1


async def test_slack_messages_reactions_and_joins_are_told_to_who_waits_for_them_and_to_nobody_else(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (app, hall):
        fake = hall.fake  # type: ignore[attr-defined]
        await fake.say("just talking", "ana")
        assert await stored(app) == 0
        await waiting_for(app, hall, "message_posted", "heard {{event.text}} by {{event.user}} in {{event.channel}}")
        (delivery,) = await fake.say("the build is red", "ana")
        await see(hall, containing("heard the build is red by", "in #ops"), channel="#releases")
        await fake.repeat(delivery)
        assert await stored(app) == 1
        assert len([seen for seen in hall.public("#releases") if "heard the build" in seen.words]) == 1


@pytest.mark.slow
async def test_a_reaction_in_slack_tells_what_was_reacted_to(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (app, hall):
        fake = hall.fake  # type: ignore[attr-defined]
        await waiting_for(app, hall, "reaction_added", "{{event.emoji}} on {{event.text}}")
        await fake.say("the build is red", "ana")
        said = fake.workspace.channel("#ops").messages[-1]
        await fake.react(said, "eyes", "ben")
        await see(hall, containing("eyes on the build is red"), channel="#releases")
        await fake.join("ben")
        assert await stored(app) == 1


@pytest.mark.slow
async def test_discord_and_the_web_chat_tell_what_is_written_in_open_channels(tmp_path: Path) -> None:
    async with house_with("discord", tmp_path) as (app, hall):
        await waiting_for(app, hall, "message_posted", "heard something in {{event.channel}} on {{event.face}}")
        await hall.fake.say("the build is red", "ana")  # type: ignore[attr-defined]
        await see(hall, containing("heard something in #ops on discord"), channel="#releases")
        await hall.fake.dm("and this is private", "ana")  # type: ignore[attr-defined]
        web: Any = app.faces["web"]
        visitor = Visitor("ana", "Ana")
        await web.hear(visitor, "a" * 16, "#ops", "lunch?", "")
        await web.hear(visitor, "b" * 16, "#ops", "/flow list", "")
        for _ in range(100):
            if await stored(app) == 2:
                break
            await asyncio.sleep(0.02)
        assert await stored(app) == 2


@pytest.mark.slow
@pytest.mark.parametrize("door", ["slack", "discord", "rest"])
async def test_a_kept_file_is_handed_out_where_a_workflow_says(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        kept = await app.store.files.keep("plan.pdf", b"%PDF\xff")
        flow = f'{{"name": "hand out", "trigger": {{"type": "manual"}}, "steps": [{{"action": "chat.upload_file", "with": {{"channel": "#releases", "file": "{kept.id}", "text": "here it is"}}}}]}}'
        await hall.say(f"/flow import {flow}")
        await hall.press(await see(hall, containing("hand out", button="Confirm")), "Confirm")
        await see(hall, containing("hand out", "Confirmed"))
        await hall.say("/flow run hand out")
        await see(hall, containing("here it is"), channel="#releases")
        if door == "slack":
            fake = hall.fake  # type: ignore[attr-defined]
            await fake.until(lambda: any(file.data == b"%PDF\xff" for file in fake.workspace.files.values()) or None)
        if door == "discord":
            assert hall.public("#releases")[-1].raw.raw["attachments"][0]["filename"].endswith("plan.pdf")
        if door == "rest":
            assert {"kind": "file", "id": kept.id, "name": "plan.pdf", "size": 5} in hall.public("#releases")[-1].raw["body"]


async def test_what_is_done_in_the_sandbox_sets_off_what_waits_for_it_and_a_circle_is_stopped(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, hall):
        circle = (
            "name: circle\ntrigger: {type: event_based, service: trello, event: card_created}\nsteps:\n"
            "  - action: trello.create_card\n    with: {board: '{{event.board}}', title: 'After {{event.title}}'}\n"
        )
        await hall.say(f"/flow import {circle}")
        await hall.press(await see(hall, containing("circle", button="Confirm")), "Confirm")
        await hall.say('create a trello card "Fix login" on the Release board')
        await hall.press(await see(hall, containing("Fix login", button="Confirm")), "Confirm")
        for _ in range(300):
            refused = [row for row in await app.store.audit.list() if row.outcome == "refused"]
            if refused:
                break
            await asyncio.sleep(0.02)
        assert "in a chain of runs that set each other off" in refused[0].detail
        titles = sorted((str(thing.fields["title"]) for thing in await app.store.things.of("trello")), key=len)
        assert titles == ["Fix login", "After Fix login", "After After Fix login", "After After After Fix login"]
