"""The rehearser: plays a wish, trial by trial, in a thread beside the house, one wish at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import TypeAlias

from engine.errors import Rejected, Transient
from engine.ports import Clock, Connections, Store
from engine.rehearsal.differing import Replayed, ReplayWish
from engine.rehearsal.script import Script, write_script
from engine.rehearsal.story import End, Rehearsed, Trial, briefed
from engine.rehearsal.wish import MOST_SECONDS, Wish
from engine.runtime.rehearsal.replayer import Replayer
from engine.runtime.rehearsal.stage import KnownAnswer, Means
from engine.runtime.rehearsal.trial import Play
from engine.runtime.safe import PREFIX
from engine.workflow.definition import AskModel, Definition

log = logging.getLogger(__name__)

MOST_WAITING = 4

Scene: TypeAlias = tuple[Script, tuple[KnownAnswer, ...], int]  # what is played, with which answers, and the number of the trial


class Rehearser:
    """Fulfils ``ports.Rehearsals``. ``store``: the house's own, read only. ``timezone``: of the house. ``seconds``: real ones, for one wish."""

    def __init__(
        self, means: Means, *, store: Store, clock: Clock, connections: Connections, timezone: str, seconds: float = MOST_SECONDS
    ) -> None:
        self._means, self._clock, self._connections, self._store = means, clock, connections, store
        self._timezone, self._seconds = timezone, seconds
        self._playing = asyncio.Lock()
        self._waiting = 0

    async def rehearse(self, wish: Wish) -> Rehearsed:
        """See ``ports.Rehearsals``."""
        self._check_faults(wish)
        script = write_script(wish, self._clock.now(), self._timezone, self._connections.example_event)
        script = replace(script, notes=(*script.notes, *self._warnings(wish.workflow.definition)))
        trials = [Trial(number=1, end=End.REFUSED, why=script.refused)] if script.refused else await self.play(script)
        if len(trials) < wish.trials and not script.refused:
            script = replace(script, notes=(*script.notes, f"{len(trials)} of {wish.trials} trials were played, then time was up."))
        return Rehearsed(
            name=wish.workflow.name,
            workflow=wish.workflow.id,
            version=wish.workflow.version,
            trials=briefed(trials),
            wanted=wish.trials,
            seed=wish.seed,
            reply=wish.reply,
            faults=wish.faults,
            event=script.event,
            inputs=script.inputs,
            example=script.example,
            notes=script.notes,
        )

    async def replay(self, wish: ReplayWish) -> Replayed:
        """See ``ports.Rehearsals``."""
        return await Replayer(self, self._store, self._timezone).replay(wish, self._clock.now())

    async def play(self, script: Script) -> list[Trial]:
        """As many trials as wanted, or as time allows. Raises Transient when too many wait already."""
        return await self._in_turn([(script, (), number) for number in range(1, script.wish.trials + 1)])

    async def play_each(self, scripts: Sequence[tuple[Script, tuple[KnownAnswer, ...]]]) -> list[Trial]:
        """One trial each, as far as time allows. Raises as ``play``."""
        return await self._in_turn([(script, known, 1) for script, known in scripts])

    async def _in_turn(self, scenes: Sequence[Scene]) -> list[Trial]:
        if self._waiting >= MOST_WAITING:
            raise Transient(f"{MOST_WAITING} rehearsals are under way or wait for their turn. Try again in a moment.", 10.0)
        secrets = tuple(name for name in await self._store.vault.names() if name.startswith(PREFIX))
        self._waiting += 1
        try:
            async with self._playing:
                return await asyncio.to_thread(self._play, scenes, secrets)
        finally:
            self._waiting -= 1

    def _play(self, scenes: Sequence[Scene], secrets: tuple[str, ...]) -> list[Trial]:
        until = perf_counter() + self._seconds
        trials = []
        for script, known, number in scenes:
            play = Play(
                means=self._means, script=script, example=self._connections.example_event, secrets=secrets, until=until, known=known
            )
            trials.append(play.trial(number))
            if perf_counter() > until:
                break
        return trials

    def _warnings(self, definition: Definition) -> list[str]:
        """What goes well in a rehearsal and would not in life."""
        modes = {account.service: account.mode for account in self._connections.accounts()}
        names = {service.id: service.name for service in self._connections.services()}
        off = [service for service in definition.services if modes.get(service) == "off"]
        found = [
            f"{names.get(service, service)} is not connected, so its steps would be refused: /connect {service} says what to set."
            for service in off
        ]
        if not self._means.model and any(isinstance(step.does, AskModel) and not step.does.optional for step in definition.every_step):
            found.append(
                "No language model is set up, so its steps would fail; here an example answers. Set OPENAI_API_KEY or OPENAI_BASE_URL."
            )
        return found

    def _check_faults(self, wish: Wish) -> None:
        known = {service.id for service in self._connections.services()}
        for fault in wish.faults:
            if fault.service and fault.service not in known:
                raise Rejected(f"“{fault.service}” is no service that can be made to fail here; there is {', '.join(sorted(known))}.")
