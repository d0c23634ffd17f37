"""Which way of asking an endpoint takes: tried from the strictest down, once, kept beyond a restart, and tried anew when it stops working.

json_schema → forced tool call → json_object with the schema → plain text, JSON extracted
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import Rejected, SignalboxError, Transient
from intents.model.book import Book, Meter, tokens_in
from intents.model.endpoint import MODES, Endpoint, NotTaken, Spoken, Way

log = logging.getLogger(__name__)

Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """``fits``: whether an answer has the shape of the schema. ``more``: max_tokens, and what else the client takes."""

    messages: list[dict[str, Any]]
    schema: Mapping[str, Any]
    fits: Fits
    more: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Tokens at most, estimated: what is told, the schema, and the whole answer."""
        told = sum(len(str(message["content"])) for message in self.messages) + len(str(self.schema))
        return tokens_in(told) + int(self.more["max_tokens"])


class Ladder:
    """One per endpoint and model; ``book`` keeps the way under a name made of both."""

    def __init__(self, endpoint: Endpoint, book: Book) -> None:
        self._endpoint, self._book = endpoint, book
        told = f"{endpoint.base_url}\n{endpoint.model}"
        self._name = f"model:way:{hashlib.sha256(told.encode()).hexdigest()[:24]}"
        self._way: Way | None = None
        self._last = Way(MODES[-1])  # that brought an answer which did not fit
        self._recalled = False

    @property
    def mode(self) -> str:
        """The way of asking that is kept; "" where none is known yet."""
        return self._way.mode if self._way else ""

    async def recall(self) -> None:
        """What was kept before the start."""
        if not self._recalled:
            self._way = _read(await self._book.recall(self._name))
            self._recalled = True

    async def ask(self, question: Question, meter: Meter) -> Spoken:
        """An answer, best one that fits. Raises Spent, Rejected, Transient or Unanswered.

        An answer that does not fit comes only where no way of asking brings one that does; the caller may ask for a repair.
        """
        await self.recall()
        if self._way is not None:
            try:
                return (await self._asked(self._way, question, meter))[1]
            except NotTaken as refusal:
                log.info("the model's endpoint does not take %s any more (%s); every way is tried anew", self._way.mode, refusal)
                await self.forget()
        return await self._tried(question, meter)

    async def repair(self, question: Question, meter: Meter) -> Spoken:
        """Once more, in the way that brought the answer to be repaired; one that fits is kept, and one that does not is forgotten."""
        way = self._way or self._last
        try:
            way, spoken = await self._asked(way, question, meter)
        except NotTaken as refusal:
            await self.forget()
            raise Transient(f"The language model's endpoint takes {way.mode} no more ({refusal}).") from refusal
        if question.fits(spoken.text):
            await self._keep(way)
        else:
            await self.forget()
        return spoken

    async def forget(self) -> None:
        """The next question tries every way anew."""
        if self._way is not None:
            self._way = None
            await self._book.keep(self._name, None)

    async def _tried(self, question: Question, meter: Meter) -> Spoken:
        """The first way that brings what fits; else the first answer at all."""
        first: tuple[Way, Spoken] | None = None
        refused: NotTaken | None = None
        like: Way = Way(MODES[0])
        for mode in MODES:
            try:
                like, spoken = await self._asked(Way(mode, like.streamed, like.bare, like.completion), question, meter)
            except NotTaken as refusal:
                log.info("the model's endpoint does not take %s (%s)", mode, refusal)
                refused = refusal
                continue
            if spoken.declined or spoken.cut:
                return spoken  # says nothing about the way
            if question.fits(spoken.text):
                await self._keep(like)
                return spoken
            first = first or (like, spoken)
        if first is not None:
            self._last = first[0]
            return first[1]
        if refused is not None and refused.passing:
            raise Transient("The language model's endpoint failed. It is asked again.")
        raise Rejected(
            f"The language model's endpoint takes no way of asking for JSON ({refused}). Check OPENAI_BASE_URL and OPENAI_MODEL."
        )

    async def _asked(self, way: Way, question: Question, meter: Meter) -> tuple[Way, Spoken]:
        """Counted before it is sent; given back where nothing was answered, and left counted where nobody knows (no answer in time)."""
        size = question.size
        await meter.begin(size)
        try:
            way, spoken = await self._endpoint.ask(way, question.messages, question.schema, question.more)
        except (NotTaken, Rejected, Transient):
            await meter.end(size, 0)
            raise
        await meter.end(size, spoken.tokens)
        return way, spoken

    async def _keep(self, way: Way) -> None:
        if way != self._way:
            self._way = way
            try:
                await self._book.keep(self._name, asdict(way))
            except SignalboxError as error:
                log.warning("how the model's endpoint wants to be asked could not be kept: %s", error)


def _read(state: Mapping[str, Any] | None) -> Way | None:
    """Total: what another version kept otherwise is tried anew."""
    if not state or state.get("mode") not in MODES:
        return None
    return Way(str(state["mode"]), state.get("streamed") is True, state.get("bare") is True, state.get("completion") is True)
