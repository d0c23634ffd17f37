"""A small house behind the web chat: a conversation that keeps drafts, so that pages have something true to talk to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from fastapi import FastAPI

from bot.cards.card import Bold, Button, Card, CodeBlock, Fields, Form, FormField, Mark, Steps, Style, Text, Tone
from bot.faces.face import Press, Reply, Turn, Utterance
from bot.faces.http import problems
from bot.faces.http.attempts import Attempts
from bot.faces.http.limits import BodyLimit
from bot.faces.http.server import HttpServer
from bot.faces.web.face import WebFace
from bot.faces.web.graph import GraphPage
from bot.faces.web.graph_routes import GraphRoutes
from bot.faces.web.guard import Guard
from bot.faces.web.routes import SignedOut, WebRoutes, signed_out
from bot.pictures.draw import page, png
from engine.errors import NotFound
from engine.graph.portrait import Line, Spot, portrait
from engine.parties import MessageRef
from engine.ports import Clock, Store
from engine.runtime.clock import SystemClock
from engine.workflow.definition import Json
from storage.memory import MemoryStore

YAML = "name: Release flow\ntrigger: {type: event_based, service: github, event: pull_request_merged}\n"
COMMANDS = (
    ("/flow list", "every workflow"),
    ("/flow create ", "draft a workflow from a sentence"),
    ("/flow history ", "the last runs"),
    ("/health", "how the services are"),
    ("every weekday at 9 post the health report in #ops", "a schedule"),
)


@dataclass
class Draft:
    id: str
    version: int = 1
    yaml: str = YAML
    outcome: str = ""
    ref: MessageRef | None = None


@dataclass
class SmallConversation:
    """Fulfils ``bot.faces.face.Conversation``: drafts are kept, presses carry versions, stale ones are refused."""

    heard: list[Utterance] = field(default_factory=list)
    pressed: list[Press] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    face: WebFace | None = None
    seen: set[str] = field(default_factory=set)

    async def accept(self, utterance: Utterance) -> bool:
        new = utterance.id not in self.seen
        self.seen.add(utterance.id)
        return new

    async def hear(self, utterance: Utterance) -> Turn:
        self.heard.append(utterance)
        if utterance.text.startswith(("when ", "/flow create")):
            return await self._draft(utterance)
        if utterance.text.startswith("/"):
            return Turn((Reply(Card("Your workflows", (Text(("None yet.",)),))),))
        return Turn((Reply(Card(f"You said: {utterance.text}"), private=False),))

    async def _draft(self, utterance: Utterance) -> Turn:
        draft = Draft(f"prv_{len(self.drafts) + 1:026d}")
        self.drafts[draft.id] = draft
        assert self.face
        draft.ref = await self.face.post(utterance.where, card_of(draft), draft.id)
        return Turn((Reply(card_of(draft), private=False, tracked=True),), {"command": "create_workflow"})

    async def press(self, press: Press) -> Turn:
        self.pressed.append(press)
        draft = self.drafts[press.card]
        if press.version != draft.version:
            return refused("The preview was changed while you looked at it. Nothing was done.")
        match press.verb:
            case "confirm":
                return await self._change(draft, outcome=f"Confirmed by {press.actor.name}")
            case "cancel":
                return await self._change(draft, outcome=f"Cancelled by {press.actor.name}")
            case "edit" if "trigger" not in press.form["yaml"]:
                return refused("line 2: a workflow needs a trigger.")
            case _:
                return await self._change(draft, yaml=press.form["yaml"])

    async def _change(self, draft: Draft, **changes: str) -> Turn:
        changed = self.drafts[draft.id] = replace(draft, version=draft.version + 1, **changes)
        assert self.face
        assert changed.ref
        await self.face.edit(changed.ref, card_of(changed))
        return Turn()

    async def complete(self, typed: str, limit: int = 8) -> Sequence[tuple[str, str]]:
        return [(text, hint) for text, hint in COMMANDS if text.startswith(typed.lower())][:limit]


def refused(reason: str) -> Turn:
    return Turn((Reply(Card("Not done", (Text((reason,)),), tone=Tone.WARNING)),), ok=False)


def card_of(draft: Draft) -> Card:
    body = (
        Text(("When a pull request is merged in ", Bold("GitHub"), ", create a Trello card and tell #releases.")),
        Fields((("Trigger", ("github.pull_request_merged",)), ("Touches", ("trello (sandbox), chat",)))),
        Steps(((Mark.OPEN, ("trello.create_card on Release",)), (Mark.OPEN, ("chat.post_message in #releases",)))),
        CodeBlock(draft.yaml, "yaml"),
    )
    if draft.outcome:
        return Card("Release flow", (Text((draft.outcome,)), *body), draft.id, draft.version, Tone.GOOD)
    form = Form(
        "Edit the workflow", (FormField("yaml", "Definition", "text", draft.yaml, help="YAML; line numbers are those of the errors."),)
    )
    buttons = (
        Button("confirm", "Confirm", style=Style.PRIMARY),
        Button("edit", "Edit", form=form),
        Button("cancel", "Cancel", style=Style.DANGER, confirm="Throw this preview away?"),
    )
    return Card("New workflow: Release flow", body, draft.id, draft.version, Tone.NEUTRAL, buttons)


@dataclass
class SmallGraph:
    """Fulfils ``bot.faces.web.graph.GraphView`` and ``Draughtsman``: what it holds is drawn, in this process; ``drawn`` counts the layouts."""

    spots: list[Spot] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    drawn: int = 0

    async def drawing(self, focus: str, hops: int, down: bool, most: int) -> Mapping[str, Json]:
        if focus and focus not in {spot.id for spot in self.spots}:
            raise NotFound(f"Nothing in the graph is called “{focus}”.")
        spots = [replace(spot, state="down") if down and spot.id == focus else spot for spot in self.spots]
        headline = f"{focus} is down" if down else f"Around {focus}" if focus else "Who needs whom"
        return portrait(spots, self.lines, headline=headline, subline=f"{len(spots)} boxes", focus=focus, hops=hops, most=most)

    async def page(self, drawing: Mapping[str, Json]) -> bytes:
        self.drawn += 1
        return json.dumps(page(drawing)).encode()

    async def impact(self, drawing: Mapping[str, Json]) -> bytes:
        return png(drawing)


@dataclass
class SmallHouse:
    """Everything behind one web chat; ``serving`` puts it on a loopback port."""

    clock: Clock = field(default_factory=SystemClock)
    store: Store = field(default_factory=MemoryStore)
    conversation: SmallConversation = field(default_factory=SmallConversation)
    token: str = "right-token"
    hosts: tuple[str, ...] = ()
    graph: SmallGraph = field(default_factory=SmallGraph)

    def __post_init__(self) -> None:
        self.face = WebFace(self.conversation, self.store, self.clock, "a secret key")
        self.conversation.face = self.face
        self.app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        routes = WebRoutes(self.face, Guard(self.hosts), Attempts(self.clock), self.token)
        self.app.router.routes += routes.router().routes
        self.app.router.routes += GraphRoutes(routes, Guard(self.hosts), GraphPage(self.graph, self.graph)).router().routes
        problems.install(self.app)
        self.app.add_exception_handler(SignedOut, signed_out)
        self.app.add_middleware(BodyLimit)

    @asynccontextmanager
    async def serving(self, port: int = 0):
        await self.face.start()
        server = HttpServer(self.app, "127.0.0.1", port, streams=(self.face.hub.closing,))
        await server.start()
        try:
            yield server.url
        finally:
            await server.stop()
            await self.face.stop()
