"""The sandbox: answers from the examples where no credentials are set, with the ask's own values in them, and fails on purpose when told to.

What it makes up (numbers, ids) is derived from the idempotency key: the same key gets the same answer. It remembers what was made there and what
it answered (``ports.Things``), so that a card can be found, moved and looked back for, and it tells the events that its deeds set off. A fault that
loses an answer comes after the deed, one that loses the ask before it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from connectors._kit.connector import Connector
from connectors._kit.credentials import DEFAULT
from connectors._kit.description import Effect, Operation
from connectors._kit.effects import Deed, Done, done
from connectors._kit.failures import Throttled
from connectors._kit.fleeting import FleetingThings
from connectors._kit.made_up import example_answer as example_answer
from connectors._kit.made_up import scope_of, template_of
from connectors._kit.nearest import did_you_mean
from connectors._kit.telling import told
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.events import Happening
from engine.ports import Answer, Call, Clock, Fault, Thing, Things
from engine.workflow.definition import Json

SLOW = 5.0  # seconds
PAUSE = 2.0  # seconds a throttled caller is told to wait
KINDS = ("down", "slow", "429", "5xx", "lost_answer", "lost_ask")
RANDOM = "random"  # any of them, by the dice
REMEMBERED = 10_000  # answers

Dice = Callable[[str], float]  # what is decided, in words → 0 ≤ x < 1
Tell = Callable[[Sequence[Happening], Call], Awaitable[object]]  # what a call set off; durable on return


class ExampleSandbox:
    """Fulfils ``ports.Sandbox``; ``names`` are the ids of the sandboxed services.

    ``dice`` decides whether a fault hits; it is told what about, so that a rehearsal can be repeated exactly. ``join`` hands in a durable memory and
    whoever is to hear of what happens; until then it forgets with the process, and nobody hears.
    """

    def __init__(self, names: Mapping[str, str], clock: Clock, dice: Dice | None = None) -> None:
        self._names = names
        self._clock = clock
        self._dice = dice or (lambda _: clock.random())
        self._faults: list[Fault] = []
        self._things: Things = FleetingThings(clock)
        self._tell: Tell | None = None
        self._calls: Counter[str] = Counter()

    def join(self, *, things: Things | None = None, tell: Tell | None = None) -> None:
        self._things = things or self._things
        self._tell = tell or self._tell

    def inject(self, fault: Fault) -> None:
        """A second fault of a kind on a service replaces the first."""
        if fault.service not in self._names:
            raise Rejected(
                f"“{fault.service}” does not answer from the sandbox, so it cannot be made to fail.{did_you_mean(fault.service, self._names)}"
            )
        if fault.kind not in (*KINDS, RANDOM):
            raise Rejected(f"There is no fault “{fault.kind}”; there is {', '.join(KINDS)}, or {RANDOM} for any of them.")
        if not 0.0 <= fault.share <= 1.0:
            raise Rejected("A fault's share is between 0 and 1.")
        self._faults = [old for old in self._faults if (old.service, old.kind) != (fault.service, fault.kind)] + [fault]

    def mend(self, service: str = "") -> None:
        self._faults = [fault for fault in self._faults if service and fault.service != service]

    def faults(self) -> Sequence[Fault]:
        now = self._clock.now()
        self._faults = [fault for fault in self._faults if fault.until is None or fault.until > now]
        return tuple(self._faults)

    # --- asking -------------------------------------------------------------------------------------------------------------

    async def answer(self, connector: Connector, operation: Operation, call: Call, values: Mapping[str, Any]) -> Answer:
        """The example's answer, laid over what was made here before. Raises what a live service in the same trouble would."""

        async def act() -> Answer:
            known = await self._said_before(connector.id, call) if operation.writes else None
            scope = scope_of(connector, operation, call, values, self._clock.now())
            if operation.effect is None:
                return known or await self._without_effect(connector, operation, call, scope)
            return await self._with_effect(connector, operation, operation.effect, call, values, scope, known)

        return await self._between_faults(connector.id, operation, call, act)

    async def _without_effect(self, connector: Connector, operation: Operation, call: Call, scope: Mapping[str, Any]) -> Answer:
        answer = example_answer(connector, call, scope)
        if operation.writes:
            await self._things.keep(self._remembered(connector.id, call, answer.output))
        return answer

    async def _with_effect(
        self, connector: Connector, operation: Operation, effect: Effect, call: Call, values: Mapping[str, Any], scope: Mapping[str, Any], known: Answer | None
    ) -> Answer:  # fmt: skip
        deed = Deed(
            service=_place(call),
            name=connector.description.name,
            operation=operation,
            effect=effect,
            said=values,
            template=template_of(connector, call.operation),
            written=bool(connector.examples.operations[call.operation].sandbox),
            scope=scope,
            known=await self._things.of(_place(call)) if effect.kind != "create" or effect.by or known is not None else (),
            now=self._clock.now(),
        )
        if known is not None:  # done already; whoever was to hear of it may not have
            await self._told(connector, call, values, _again(deed, known))
            return known
        made = done(deed)
        answer = Answer(dict(made.output), sandbox=True)
        if operation.writes:
            await self._things.keep(*filter(None, [made.thing, self._remembered(connector.id, call, answer.output)]))
            await self._told(connector, call, values, made)
        return answer

    async def _told(self, connector: Connector, call: Call, values: Mapping[str, Any], made: Done) -> None:
        happenings = told(connector, call, values, made, self._clock.now()) if self._tell else ()
        if self._tell and happenings:
            await self._tell(happenings, call)

    async def staged(self, service: str, operation: Operation, call: Call, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """``act``, with the faults that hit this call before or after it, remembered so that it can be looked for."""

        async def remembered() -> Answer:
            answer = await act()
            if operation.writes:
                await self._things.keep(self._remembered(service, call, answer.output, sandbox=answer.sandbox, pending=answer.pending))
            return answer

        return await self._between_faults(service, operation, call, remembered)

    async def _between_faults(self, service: str, operation: Operation, call: Call, act: Callable[[], Awaitable[Answer]]) -> Answer:
        about = call.key or f"{service}.{call.operation}"
        if len(self._calls) > REMEMBERED:
            self._calls.clear()
        self._calls[about] += 1
        after = await self._before(service, f"{about}#{self._calls[about]}", may_repeat=operation.may_repeat)
        answer = await act()
        if after is not None:
            raise after
        return answer

    async def suffer(self, service: str, *, may_repeat: bool) -> float:
        """Go through the faults that hit a probe; the seconds it was held up."""
        slept = self._clock.now()
        failure = await self._before(service, f"{service}.probe", may_repeat=may_repeat)
        if failure is not None:
            raise failure
        return (self._clock.now() - slept).total_seconds()

    async def _before(self, service: str, about: str, *, may_repeat: bool) -> SignalboxError | None:
        """Raises the fault that comes before the deed; gives the one that comes after it."""
        after = None
        for fault in self.faults():
            if fault.service != service or self._dice(f"{service} {fault.kind} {about}") >= fault.share:
                continue
            kind = self._chosen(service, about) if fault.kind == RANDOM else fault.kind
            if kind == "slow":
                await self._clock.sleep(SLOW)
            elif kind == "lost_answer":
                after = _failure(self._names[service], kind, may_repeat)
            else:
                raise _failure(self._names[service], kind, may_repeat)
        return after

    def _chosen(self, service: str, about: str) -> str:
        return KINDS[int(self._dice(f"{service} which {about}") * len(KINDS))]

    # --- looking ------------------------------------------------------------------------------------------------------------

    async def look(self, service: str, call: Call) -> Answer | None:
        """What was answered to this call, None if it was not done. Raises Rejected for an ask that is older than this sandbox's memory."""
        known = await self._said_before(service, call)
        if known is None and (call.asked_at is None or call.asked_at < self._things.since()):
            raise Rejected(
                f"The sandbox of {self._names[service]} does not remember so far back (or was started since). Say what you want to be true."
            )
        return known

    async def _said_before(self, service: str, call: Call) -> Answer | None:
        row = await self._things.get(_place(call), "", _answer_id(call))
        return Answer(row.fields["output"], sandbox=bool(row.fields["sandbox"]), pending=bool(row.fields["pending"])) if row else None

    def _remembered(self, service: str, call: Call, output: Json, *, sandbox: bool = True, pending: bool = False) -> Thing:
        said = {"output": output, "sandbox": sandbox, "pending": pending}
        return Thing(service=_place(call), kind="", id=_answer_id(call), at=self._clock.now(), fields=said)


def _place(call: Call) -> str:
    return f"{call.service}/{call.account}" if call.account not in ("", DEFAULT) else call.service


def _answer_id(call: Call) -> str:
    """The same for the same ask: a step that is put again with other arguments is another one."""
    asked = json.dumps([call.operation, call.key, call.arguments], sort_keys=True, default=str)
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _again(deed: Deed, answer: Answer) -> Done:
    """What was done then, as far as it still stands: enough to tell of it once more."""
    output = answer.output if isinstance(answer.output, dict) else {}
    made = str(output.get("id", ""))
    return Done(output, next((thing for thing in deed.known if thing.kind == deed.effect.thing and thing.id == made), None))


def _failure(name: str, kind: str, may_repeat: bool) -> SignalboxError:
    if kind == "down":
        return Transient(f"{name} (sandbox, on purpose) could not be reached: the connection was refused.")
    if kind == "429":
        return Throttled(f"{name} (sandbox, on purpose) asks for a pause.", PAUSE)
    what = "failed (status 503)" if kind == "5xx" else "did not answer in time"
    if may_repeat:
        return Transient(f"{name} (sandbox, on purpose) {what}.")
    return Unanswered(f"{name} (sandbox, on purpose) {what}; whether it was done has to be looked up there.")
