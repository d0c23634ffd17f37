"""A conversation over the hall, with understanding by rote: these words mean that, everything else nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cards.card import Button, Card
from bot.conversation import HouseConversation
from bot.faces.face import Press, Turn, Utterance
from bot.subjects import card_of
from engine.errors import Transient
from engine.monitoring.charting import Chart
from engine.parties import Actor, Address
from engine.ports import Said, Store, Understood
from engine.workflow.definition import Json
from tests.bot.cards.any_card import png
from tests.engine.commands.hall import ADA, OPS, RELEASE, Hall


def understood(command: str | None, **arguments: Any) -> Understood:
    return Understood(command=command, confidence=0.97, arguments=arguments)


WORDS: dict[str, Understood] = {
    "make it": understood("create_workflow", workflow=RELEASE),
    "/flow list": understood("list_workflows"),
    "/flow run deploy": understood("run_workflow", workflow="Deploy"),
    "/flow pause release": understood("pause_workflow", workflow="Release"),
    "/ack": understood("acknowledge_alert"),
    "/impact trello": understood("show_impact", service="trello"),
    "brew a coffee": understood("brew_coffee", cups="2"),
    "hello": Understood(command=None, confidence=0.9, arguments={}, reply="Hello! Try /signalbox help."),
    "perhaps list": Understood(command="list_workflows", confidence=0.4, arguments={}),
    "pause it": Understood(
        command="pause_workflow",
        confidence=0.8,
        arguments={},
        question="Which workflow shall I pause?",
        options=(("Release", "pause release"), ("Deploy", "pause deploy")),
        remember={"command": "pause_workflow"},
    ),
    "pause release": understood("pause_workflow", workflow="Release"),
}


@dataclass
class ByRote:
    """Fulfils ``Understanding``. ``heard`` keeps what was put to it; a pending question makes “the release one” mean something."""

    words: dict[str, Understood | Exception] = field(default_factory=lambda: dict(WORDS))
    heard: list[Said] = field(default_factory=list)

    async def understand(self, said: Said) -> Understood:
        self.heard.append(said)
        if said.pending == {"command": "pause_workflow"} and "release one" in said.text:
            return self.words["pause release"]  # type: ignore[return-value]
        found = self.words.get(said.text, Understood(command=None, confidence=0.1, arguments={}))
        if isinstance(found, Exception):
            raise found
        return found

    def complete(self, typed: str, workflows: Sequence[str], limit: int = 8) -> list[tuple[str, str]]:
        return [(f"{typed} {name}", "a workflow") for name in workflows][:limit]


@dataclass
class Painter:
    """Fulfils ``Pictures``; ``broken`` fails as the real one may."""

    broken: bool = False

    async def impact(self, drawing: Mapping[str, Json]) -> bytes:
        if self.broken:
            raise Transient("The drawing process died.")
        return png()

    async def chart(self, chart: Chart) -> bytes:
        if self.broken:
            raise Transient("The drawing process died.")
        return png()


class Talk(Hall):
    """Says and presses as a face would."""

    def __init__(self, store: Store | None = None) -> None:
        super().__init__(store)
        self.rote, self.painter = ByRote(), Painter()
        self.conversation = HouseConversation(self.house, self.rote, self.painter)
        self._numbers = 0

    def utterance(self, text: str, *, actor: Actor = ADA, id: str = "", where: Address = OPS, direct: bool = True) -> Utterance:
        self._numbers += 1
        return Utterance(id=id or f"Ev{self._numbers}", actor=actor, where=where, text=text, direct=direct)

    async def say(self, text: str, **more: Any) -> Turn:
        utterance = self.utterance(text, **more)
        assert await self.conversation.accept(utterance)
        return await self.conversation.hear(utterance)

    def pressing(self, card: Card, verb: str, *, actor: Actor = ADA, where: Address = OPS, id: str = "", arg: str = "", **more: Any) -> Press:
        self._numbers += 1
        version = more.pop("version", card.version)
        return Press(
            id=id or f"T{self._numbers}", actor=actor, where=where, card=card.id, verb=verb, arg=arg, version=version, form=more.pop("form", {})
        )

    async def push(self, card: Card, verb: str, **more: Any) -> Turn:
        return await self.conversation.press(self.pressing(card, verb, **more))

    async def standing(self, subject: str) -> Card:
        """The card as the postman would draw it now."""
        (posting,) = await self.store.postings.of(subject)
        return await card_of(self.house, posting.kind, subject, posting.payload)


def card(turn: Turn) -> Card:
    return turn.replies[0].card


def buttons(card: Card) -> list[str]:
    return [button.label for button in card.actions]


def button(card: Card, label: str) -> Button:
    return next(one for one in card.actions if one.label == label)
