"""The fake Slack and what people do in it: say, mention, click, fill in, and read what the app answered.

    async with FakeSlack() as slack:
        face = SlackFace(conversation, clock, api_url=slack.api_url, bot_token=slack.bot_token, app_token=slack.app_token)
        await face.start()
        await slack.slash("/flow list", "ana", "#ops")
        message = await slack.message("#ops", "Release")
        await slack.click(message, "Confirm", "ana")

It reads manifest.yml: commands, events and permissions that are not listed there do not exist. Leaving the block raises
AssertionError when the app called a method that is not Slack's or not one Signalbox may need.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import yaml
from aiohttp import web

from tests.peers.slack.delivery import Delivery, NotAcknowledged, SignedHttp, SocketMode, send
from tests.peers.slack.judge import faults_of_message
from tests.peers.slack.web_api import SCOPES, WebApi
from tests.peers.slack.workspace import APP_ID, BOT_USER, TEAM_ID, Message, Refusal, View, Workspace

MANIFEST = Path(__file__).resolve().parents[3] / "manifest.yml"
RETRIES = (0.05, 0.1, 0.2)  # Slack's own: at once, a minute, five minutes
PATIENCE = 5.0
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")

T = TypeVar("T")


@dataclass
class Fault:
    """``kind``: lost_answer (done, then the line drops), drop (not done), 429, 500, 503, slow (seconds), or Slack's word for an error."""

    kind: str
    times: int
    seconds: float


class FakeSlack:
    """``socket`` and ``http`` are the ways to the app; ``http_url`` set means signed HTTP is used. ``calls`` is every call made."""

    def __init__(self, *, manifest: Path = MANIFEST) -> None:
        self.bot_token, self.app_token, self.signing_secret = "xoxb-fake", "xapp-fake", "fake-signing-secret"
        self.workspace = Workspace()
        self.api = WebApi(self.workspace, lambda: self.base_url)
        self.socket = SocketMode()
        self.http_url = ""
        self.base_url = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.complaints: list[str] = []
        self.posts_per_second: float | None = None
        self.deliveries: list[Delivery] = []
        self.link_disabled = False
        self._faults: dict[str, list[Fault]] = {}
        self._posted_at: dict[str, float] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._proxies: dict[str, str] = {}
        self.shared: dict[str, bytes] = {}  # what people attached
        self._sending: set[asyncio.Task[Delivery]] = set()
        said = yaml.safe_load(manifest.read_text())
        self.commands = {command["command"] for command in said["features"]["slash_commands"]}
        self.events = set(said["settings"]["event_subscriptions"]["bot_events"])
        self.api.scopes = set(said["oauth_config"]["scopes"]["bot"])

    # --- life -------------------------------------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"

    @property
    def settings(self) -> dict[str, str]:
        """Names as in contracts/cli.md, for ``main.build``."""
        return {"SLACK_BOT_TOKEN": self.bot_token, "SLACK_APP_TOKEN": self.app_token, "SLACK_API_URL": self.api_url}

    async def __aenter__(self) -> FakeSlack:
        self._proxies = {name: os.environ.pop(name) for name in PROXIES if name in os.environ}  # the SDK would take it even for loopback
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/api/{method}", self._serve_api)
        app.router.add_get("/link/", self.socket.serve)
        app.router.add_post("/upload/{file}", self._serve_upload)
        app.router.add_post("/answer/{id}", self._serve_answer)
        app.router.add_get("/files-pri/{id}", self._serve_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self.socket.close()
        assert self._runner is not None
        await self._runner.cleanup()
        os.environ.update(self._proxies)
        if error is None and self.complaints:
            raise AssertionError("\n".join(self.complaints))

    # --- the wire ---------------------------------------------------------------------------------------------------------

    def fail(self, method: str, kind: str, times: int = 1, seconds: float = 1.0) -> None:
        """Let the next ``times`` calls of ``method`` go wrong, see Fault; ``answer`` is the method of response_url."""
        self._faults.setdefault(method, []).append(Fault(kind, times, seconds))

    def _fault(self, method: str) -> Fault | None:
        for fault in self._faults.get(method, ()):
            if fault.times > 0:
                fault.times -= 1
                return fault
        return None

    async def _serve_api(self, request: web.Request) -> web.StreamResponse:
        method, arguments = request.match_info["method"], await _arguments(request)
        self.calls.append((method, arguments))
        if method not in SCOPES:
            self.complaints.append(f"{method} was called: unknown to this Slack")
            return self._json({"ok": False, "error": "unknown_method"})
        fault = self._fault(method)
        if fault is not None and (refused := await self._before(request, fault)) is not None:
            return refused
        answer = self._answered(request, method, arguments)
        self._note()
        if fault is not None and fault.kind == "lost_answer":
            _hang_up(request)
        return answer

    async def _before(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        match fault.kind:
            case "lost_answer":
                return None
            case "slow":
                await asyncio.sleep(fault.seconds)
                return None
            case "drop":
                _hang_up(request)
            case "429":
                return self._patience(fault.seconds)
            case "500" | "502" | "503":
                return web.Response(status=int(fault.kind), text="<html>upstream</html>", content_type="text/html")
        return self._json({"ok": False, "error": fault.kind})

    def _patience(self, seconds: float) -> web.Response:
        return self._json({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": f"{seconds:g}"})

    def _answered(self, request: web.Request, method: str, arguments: dict[str, Any]) -> web.Response:
        if problem := self._token_problem(request, method, arguments):
            return self._json({"ok": False, "error": problem})
        if method == "chat.postMessage" and self._too_fast(str(arguments.get("channel"))):
            return self._patience(1.0 / (self.posts_per_second or 1.0))
        try:
            return self._json({"ok": True, **self.api.do(method, arguments)})
        except Refusal as refusal:
            said = {"ok": False, "error": refusal.code, **refusal.more}
            if refusal.messages:
                said |= {"errors": list(refusal.messages), "response_metadata": {"messages": [f"[ERROR] {text}" for text in refusal.messages]}}
            return self._json(said)

    def _too_fast(self, channel: str) -> bool:
        now = asyncio.get_running_loop().time()
        if self.posts_per_second and now - self._posted_at.get(channel, -1e9) < 1.0 / self.posts_per_second:
            return True
        self._posted_at[channel] = now
        return False

    def _token_problem(self, request: web.Request, method: str, arguments: dict[str, Any]) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.get("token", "")
        if method == "apps.connections.open":
            if self.link_disabled:
                return "link_disabled"
            return "" if token == self.app_token else "not_allowed_token_type" if token.startswith("xoxb") else "invalid_auth"
        return "" if token == self.bot_token else "not_authed" if not token else "invalid_auth"

    def _json(self, said: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
        scopes = {"x-oauth-scopes": ",".join(sorted(self.api.scopes)), **(headers or {})}
        return web.json_response(said, status=status, headers=scopes)

    async def _serve_upload(self, request: web.Request) -> web.Response:
        file = self.workspace.files[request.match_info["file"]]
        file.data = await request.read()
        return web.Response(text=f"OK - {len(file.data)}", content_type="text/plain")

    async def _serve_file(self, request: web.Request) -> web.Response:
        """A file somebody shared; without the bot's token Slack leads to its login page."""
        if request.headers.get("Authorization") != f"Bearer {self.bot_token}":
            raise web.HTTPFound("https://slack.com/signin")
        return web.Response(body=self.shared[request.match_info["id"]])

    def attachment(self, name: str, content: bytes, media_type: str = "text/csv") -> dict[str, Any]:
        """A file as the events of a message tell of it; ``say(…, event={"files": [it], "subtype": "file_share"})`` shares it."""
        id = f"F{self.workspace.number():08}"
        self.shared[id] = content
        return {"id": id, "name": name, "mimetype": media_type, "size": len(content), "mode": "hosted", "url_private_download": f"{self.base_url}/files-pri/{id}"}

    async def react(self, message: Message, emoji: str, user: str = "ana", *, strict: bool = True) -> Delivery:
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event = {"type": "reaction_added", "user": self.workspace.person(user).id, "reaction": emoji, "item": item, "event_ts": self.workspace.ts()}
        assert event["type"] in self.events, "the manifest does not list it"
        return await self._event(event, strict)

    async def join(self, user: str = "ana", channel: str = "#ops", *, strict: bool = True) -> Delivery:
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        event = {"type": "member_joined_channel", "user": person.id, "channel": place.id, "channel_type": "C", "event_ts": self.workspace.ts()}
        assert event["type"] in self.events, "the manifest does not list it"
        return await self._event(event, strict)

    async def _serve_answer(self, request: web.Request) -> web.Response:
        """response_url: five uses, blocks judged as everywhere, also where the app is no member."""
        place = self._answers[request.match_info["id"]]
        said = await request.json()
        if (fault := self._fault("answer")) is not None:
            return web.json_response({"ok": False, "error": fault.kind}, status=404)
        place["uses"] += 1
        if place["uses"] > 5:
            return web.Response(status=404, text="used_url")
        if faults := faults_of_message(said):
            self.api.refused.append((said, faults))
            return web.json_response({"ok": False, "error": "invalid_blocks"}, status=404)
        only_for = place["user"] if said.get("response_type", "ephemeral") == "ephemeral" else ""
        self.workspace.add(
            Message(
                self.workspace.ts(),
                place["channel"],
                BOT_USER,
                said.get("text", ""),
                said.get("blocks") or [],
                said.get("attachments") or [],
                thread=said.get("thread_ts", ""),
                bot=True,
                only_for=only_for,
            )
        )
        self._note()
        return web.Response(text="ok", content_type="text/plain")

    def _answer_url(self, user: str, channel: str) -> str:
        id = f"r{self.workspace.number()}"
        self._answers[id] = {"user": user, "channel": channel, "uses": 0}
        return f"{self.base_url}/answer/{id}"

    # --- what people do ---------------------------------------------------------------------------------------------------

    async def slash(self, text: str, user: str = "ana", channel: str = "#ops", *, strict: bool = True) -> Delivery:
        """``/flow list`` typed in a channel; Slack itself refuses a command that the manifest does not list."""
        command, _, rest = text.partition(" ")
        if command not in self.commands:
            raise AssertionError(f"Slack: {command} is not a valid command. Valid here: {', '.join(sorted(self.commands))}")
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        payload = {
            "command": command,
            "text": rest,
            "user_id": person.id,
            "user_name": person.name,
            "channel_id": place.id,
            "channel_name": place.name or "directmessage",
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "trigger_id": self.api.trigger(person.id),
            "response_url": self._answer_url(person.id, place.id),
        }
        return await self._deliver("slash_commands", payload, strict)

    async def say(
        self,
        text: str,
        user: str = "ana",
        channel: str = "#ops",
        *,
        thread: str = "",
        strict: bool = True,
        event: dict[str, Any] | None = None,
    ) -> list[Delivery]:
        """A message; the events that Slack makes of it are delivered, each with its own id. ``event`` changes what they say."""
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        message = self.workspace.add(Message(self.workspace.ts(), place.id, person.id, text, thread=thread))
        return await asyncio.gather(*(self._event(said | (event or {}), strict) for said in self._events_of(message)))

    def _events_of(self, message: Message) -> list[dict[str, Any]]:
        place = self.workspace.channels[message.channel]
        if BOT_USER not in place.members:
            return []
        kind = "im" if place.direct else "group" if place.private else "channel"
        said = {"type": "message", "channel": place.id, "user": message.user, "text": message.text, "ts": message.ts, "channel_type": kind}
        if message.thread:
            parent = self.workspace.message(place.id, message.thread)
            said |= {"thread_ts": message.thread, "parent_user_id": parent.user if parent else ""}
        events = [said] if f"message.{kind}{'s' if kind != 'im' else ''}" in self.events else []
        if f"<@{BOT_USER}>" in message.text and not place.direct and "app_mention" in self.events:
            events.append({key: value for key, value in said.items() if key not in ("channel_type", "parent_user_id")} | {"type": "app_mention"})
        return events

    async def mention(self, text: str, user: str = "ana", channel: str = "#ops", *, thread: str = "", strict: bool = True) -> list[Delivery]:
        return await self.say(f"<@{BOT_USER}> {text}", user, channel, thread=thread, strict=strict)

    async def dm(self, text: str, user: str = "ana", *, strict: bool = True) -> list[Delivery]:
        return await self.say(text, user, self.workspace.direct(self.workspace.person(user).id).id, strict=strict)

    async def click(self, message: Message, label: str, user: str = "ana", *, strict: bool = True, old: bool = False) -> Delivery:
        """Press the button whose label begins with ``label``. Raises AssertionError when it is not on the message as it stands.

        ``old``: on a screen that still shows ``message`` as it was.
        """
        standing = message if message.only_for or old else self.workspace.message(message.channel, message.ts)
        buttons = standing.buttons() if standing else {}
        button = next((element for text, element in buttons.items() if text.startswith(label)), None)
        if standing is None or button is None:
            raise AssertionError(f"There is no button {label!r} on this message; there are {list(buttons)}")
        return await self._deliver("interactive", self._click(standing, button, user), strict)

    def _click(self, message: Message, button: dict[str, Any], user: str) -> dict[str, Any]:
        person, place = self.workspace.person(user), self.workspace.channels[message.channel]
        action = {key: button[key] for key in ("action_id", "block_id", "text", "value", "type", "style") if key in button}
        container = {"type": "message", "message_ts": message.ts, "channel_id": place.id, "is_ephemeral": bool(message.only_for)}
        if message.thread:
            container["thread_ts"] = message.thread
        payload = {
            "type": "block_actions",
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID},
            "api_app_id": APP_ID,
            "container": container,
            "trigger_id": self.api.trigger(person.id),
            "team": {"id": TEAM_ID, "domain": "fake"},
            "channel": {"id": place.id, "name": place.name or "directmessage"},
            "response_url": self._answer_url(person.id, place.id),
            "actions": [action | {"action_ts": self.workspace.ts()}],
        }
        return payload if message.only_for else payload | {"message": message.as_json()}

    async def submit(self, view: View, values: dict[str, str], *, strict: bool = True) -> Delivery:
        """Send a modal with ``values`` by label (or the end of the block_id); what is not named keeps its first value."""
        if not view.open:
            raise AssertionError("This modal is closed.")
        person = self.workspace.people[view.user]
        payload = {
            "type": "view_submission",
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID},
            "api_app_id": APP_ID,
            "trigger_id": self.api.trigger(person.id),
            "team": {"id": TEAM_ID, "domain": "fake"},
            "view": {"id": view.id, "hash": f"h{self.workspace.number()}", **view.content, "state": {"values": _typed(view, values)}},
            "response_urls": [],
        }
        delivery = await self._deliver("interactive", payload, strict)
        view.open = bool(delivery.errors)
        return delivery

    async def _event(self, event: dict[str, Any], strict: bool, id: str = "") -> Delivery:
        payload = {
            "type": "event_callback",
            "event_id": id or f"Ev{self.workspace.number()}",
            "event_time": 1_795_400_000,
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "event": event,
            "authorizations": [{"team_id": TEAM_ID, "user_id": BOT_USER, "is_bot": True}],
        }
        return await self._deliver("events_api", payload, strict)

    async def repeat(self, delivery: Delivery, *, strict: bool = True) -> Delivery:
        """Slack sends the very same thing once more."""
        return await self._deliver(delivery.kind, delivery.payload, strict)

    async def _deliver(self, kind: str, payload: dict[str, Any], strict: bool) -> Delivery:
        way = SignedHttp(self.http_url, self.signing_secret, time.time) if self.http_url else self.socket  # noqa: TID251 - bolt checks the age
        delivery = Delivery(kind, payload)
        self.deliveries.append(delivery)
        task = asyncio.create_task(send(way, delivery, RETRIES))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        await task
        if strict and not delivery.acked:
            raise NotAcknowledged(f"{kind} was not acknowledged in {delivery.attempts} attempts (operation_timeout)")
        return delivery

    # --- what people see --------------------------------------------------------------------------------------------------

    def messages(self, channel: str = "#ops", *, thread: str | None = None) -> list[Message]:
        """The app's messages in a channel, oldest first."""
        standing = [message for message in self.workspace.channel(channel).messages if message.bot and not message.deleted]
        return standing if thread is None else [message for message in standing if message.thread == thread]

    def ephemerals(self, user: str = "", channel: str = "") -> list[Message]:
        """What only somebody sees, oldest first."""
        who = self.workspace.person(user).id if user else ""
        where = self.workspace.channel(channel).id if channel else ""
        return [one for one in self.workspace.whispers if who in ("", one.only_for) and where in ("", one.channel)]

    def directs(self, user: str = "ana") -> list[Message]:
        return self.messages(self.workspace.direct(self.workspace.person(user).id).id)

    async def message(self, channel: str = "#ops", containing: str = "", *, timeout: float = PATIENCE) -> Message:
        """The newest message of the app with these words, waited for."""
        return await self._newest(lambda: self.messages(channel), containing, timeout)

    async def ephemeral(self, user: str = "ana", containing: str = "", *, timeout: float = PATIENCE) -> Message:
        return await self._newest(lambda: self.ephemerals(user), containing, timeout)

    async def direct(self, user: str = "ana", containing: str = "", *, timeout: float = PATIENCE) -> Message:
        return await self._newest(lambda: self.directs(user), containing, timeout)

    async def modal(self, user: str = "ana", *, timeout: float = PATIENCE) -> View:
        who = self.workspace.person(user).id
        return await self.until(lambda: next((v for v in reversed(self.workspace.views.values()) if v.user == who and v.open), None), timeout, "a modal")

    async def _newest(self, all_of: Callable[[], list[Message]], containing: str, timeout: float) -> Message:
        def found() -> Message | None:
            return next((one for one in reversed(all_of()) if containing in one.words() or containing in one.text), None)

        return await self.until(found, timeout, f"a message with {containing!r}; there are {[one.words() for one in all_of()]}")

    async def until(self, found: Callable[[], T | None], timeout: float = PATIENCE, what: str = "what was waited for") -> T:
        """Wait until ``found`` gives something; checked whenever the app calls. Raises AssertionError."""
        end = asyncio.get_running_loop().time() + timeout
        while not (it := found()):
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                raise AssertionError(f"Slack waited {timeout} s for {what}")
            self._changed.clear()
            await _quietly(asyncio.wait_for(self._changed.wait(), min(left, 0.05)))
        return it

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def _note(self) -> None:
        self._changed.set()


async def _quietly(waiting: Coroutine[Any, Any, Any]) -> None:
    try:
        await waiting
    except TimeoutError:
        pass


def _hang_up(request: web.Request) -> None:
    """Drop the line without an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("the fake hung up")


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Slack takes query, form and JSON alike; structures inside a form are JSON text."""
    said: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        return said | (await request.json())
    said |= dict(await request.post())
    return {key: _structure(key, value) for key, value in said.items()}


def _structure(key: str, value: Any) -> Any:
    return json.loads(value) if key in ("blocks", "attachments", "view", "files", "metadata") and isinstance(value, str) else value


def _typed(view: View, values: dict[str, str]) -> dict[str, Any]:
    """``state.values`` as Slack would send it. Raises AssertionError where Slack would not let the form be sent."""
    state: dict[str, Any] = {}
    unknown = set(values)
    for block in view.content["blocks"]:
        if block["type"] != "input":
            continue
        named = next((key for key in values if key in (block["label"]["text"], block["block_id"].rpartition("|")[2])), None)
        unknown.discard(named or "")
        state[block["block_id"]] = {block["element"]["action_id"]: _input(block, values.get(named or ""))}
    assert not unknown, f"The modal has no input {unknown}"
    return state


def _input(block: dict[str, Any], value: str | None) -> dict[str, Any]:
    element = block["element"]
    if element["type"] == "static_select":
        chosen = element.get("initial_option") if value is None else next(o for o in element["options"] if value in (o["value"], o["text"]["text"]))
        assert chosen or block.get("optional"), f"{block['label']['text']} must be chosen"
        return {"type": "static_select", "selected_option": chosen}
    typed = element.get("initial_value") if value is None else value
    assert typed or block.get("optional"), f"{block['label']['text']} must be filled in"
    assert len(typed or "") <= element.get("max_length", 3000), f"{block['label']['text']} is too long"
    return {"type": element["type"], "value": typed or None}
