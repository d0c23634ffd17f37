"""Putting right: what steps did elsewhere while their own service was down, gathered for one question, and the run that does it at home too.

open ──▶ doing (an order's run asks it) ──▶ done
  │               └──▶ failed (the run's card has Retry; then done after all)
  └──▶ left (it stays where it is)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Definition, Json, Options, Step, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.reroute import STREAM

KIND: Final = "reroutes"  # of the policy that keeps a batch, and of its card
MOST: Final = 50  # things of one batch; an order with more steps would be no card anybody reads
PATIENCE: Final = 3600.0  # seconds the order waits for a service that goes down again
_UNFIT = re.compile(r"[^a-z0-9_]+")


class Fate(StrEnum):
    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute:
    """One thing that was done elsewhere. ``arguments`` None: a person has to do it, ``by_hand`` says why. ``order``: (run, step) that does it."""

    stream: str
    at: datetime
    service: str
    body: Mapping[str, Any]

    @property
    def fate(self) -> Fate:
        return Fate(self.body["state"])

    @property
    def name(self) -> str:
        return str(self.body.get("name", ""))

    @property
    def step(self) -> str:
        return str(self.body.get("step", ""))

    @property
    def where(self) -> str:
        return str(self.body.get("where", ""))

    @property
    def action(self) -> str:
        return str(self.body.get("action", ""))

    @property
    def instead(self) -> str:
        return str(self.body.get("instead", ""))

    @property
    def output(self) -> Json:
        output: Json = self.body.get("output")
        return output

    @property
    def asked(self) -> Mapping[str, Json]:
        asked = self.body.get("asked")
        return asked if isinstance(asked, Mapping) else {}

    @property
    def arguments(self) -> Mapping[str, Json] | None:
        found = self.body.get("arguments")
        return found if isinstance(found, Mapping) else None

    @property
    def by_hand(self) -> str:
        return "" if self.arguments is not None else str(self.body.get("by_hand") or "what it would have been given is not kept")

    @property
    def order(self) -> tuple[str, str]:
        return str(self.body.get("order_run", "")), str(self.body.get("order_step", ""))

    @property
    def by(self) -> str:
        return str(self.body.get("by_name", ""))

    @property
    def result(self) -> Json:
        result: Json = self.body.get("result")
        return result

    @property
    def error(self) -> str:
        return str(self.body.get("error", ""))

    def turned(self, fate: Fate, **more: Json) -> Reroute:
        return replace(self, body={**self.body, "state": fate.value, **more})


def reroute_from(stream: str, body: Mapping[str, Any], at: datetime) -> Reroute:
    """What ``reroute.reroute_of`` kept. Raises Invalid for anything else."""
    service = stream.removeprefix(STREAM).partition(":")[0]
    if not stream.startswith(STREAM) or not service or body.get("state") not in list(Fate):
        raise Invalid("A reroute that is kept cannot be read.", [Problem("it has no service or no known state", (stream[:80],))])
    return Reroute(stream=stream, at=at, service=service, body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one card asks about: things of one service whose runs had their cards at one place. ``revision`` grows with what is added and decided."""

    id: str  # put_ + 16 hex digits
    service: str
    where: str
    items: tuple[str, ...]
    revision: int = 1

    def with_(self, streams: Sequence[str]) -> Batch:
        return replace(self, items=tuple(dict.fromkeys((*self.items, *streams))), revision=self.revision + 1)

    @property
    def body(self) -> dict[str, Json]:
        return {"service": self.service, "where": self.where, "items": list(self.items)}


def batch_from(id: str, body: Mapping[str, Any], revision: int) -> Batch:
    """What ``Batch.body`` gave. Raises Invalid for anything else."""
    try:
        return Batch(id=id, service=str(body["service"]), where=str(body["where"]), items=tuple(map(str, body["items"])), revision=revision)
    except (KeyError, TypeError) as error:
        raise Invalid("A card about what was done elsewhere cannot be read.", [Problem(str(error)[:200], (id,))]) from error


def new_batch(service: str, where: str, streams: Sequence[str]) -> Batch:
    """The same things always make a batch of the same id, so that two who begin it at once begin one."""
    seed = "\n".join((service, where, min(streams)))
    return Batch(
        id="put_" + hashlib.blake2b(seed.encode("utf-8", "replace"), digest_size=8).hexdigest(),
        service=service,
        where=where,
        items=tuple(streams[:MOST]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The workflow that does things at home, its run's id, what the run begins with (``event``), and which step does which thing (by stream)."""

    workflow: Workflow
    run: str
    event: Mapping[str, Json]
    steps: Mapping[str, str]


def order_of(service: str, things: Sequence[Reroute], *, at: datetime, by: str, where: str) -> Order:
    """``things`` have arguments. Ids follow from them: the same order is stored and begun once, however often.

    What a thing is given comes with the event and never stands in the definition: “{{” in somebody's text is text.
    """
    seed = hashlib.blake2b("\n".join(sorted(one.stream for one in things)).encode("utf-8", "replace"), digest_size=8).hexdigest()
    values: list[Json] = []
    steps: list[Step] = []
    by_stream: dict[str, str] = {}
    for thing in things:
        id = by_stream[thing.stream] = _step_id(thing.step, by_stream.values())
        given = thing.arguments or {}
        arguments: dict[str, Json] = {name: f"{{{{event.values[{len(values) + number}]}}}}" for number, name in enumerate(given)}
        values += given.values()
        steps.append(Step(id=id, action=thing.action, arguments=arguments, needs=(), account=str(thing.body.get("account", ""))))
    definition = Definition(
        name=f"Put right in {product(service)} ({seed[:4]})",
        trigger=Trigger(type=TriggerType.MANUAL),
        steps=tuple(steps),
        description=f"Does in {product(service)} what was done elsewhere while it was down.",
        options=Options(patience=PATIENCE),
        home=where.partition(":")[0],
    )
    workflow = Workflow(
        id=f"wf_{seed[:8]}", version=1, revision=1, definition=definition, state=WorkflowState.ACTIVE, created_at=at, created_by=by, updated_at=at, where=where
    )  # fmt: skip
    return Order(workflow=workflow, run=f"run_put_{seed}", event={"values": values}, steps=by_stream)


def event_of(things: Sequence[Reroute]) -> dict[str, Json]:
    """What an order's run begins with, from its things in their order."""
    return {"values": [value for thing in things for value in (thing.arguments or {}).values()]}


def _step_id(step: str, taken: object) -> str:
    """“card[3]” → “card_3”, and a number behind it where there is one already."""
    plain = _UNFIT.sub("_", step.casefold()).strip("_")[:40] or "thing"
    plain = plain if plain[0].isalpha() else f"s_{plain}"
    known, id, number = set(taken), plain, 2  # type: ignore[call-overload]
    while id in known:
        id, number = f"{plain}_{number}", number + 1
    return id
