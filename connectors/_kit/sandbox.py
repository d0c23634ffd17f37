"""The sandbox: answers from the examples where no credentials are set, with the ask's own values in them, and fails on purpose when told to.

What it makes up (numbers, ids) is derived from the idempotency key: the same key gets the same answer, also after a restart. It keeps in
mind what it did, so that it can be looked at: a fault that loses an answer comes after the deed, one that loses the ask before it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from connectors._kit.connector import Connector
from connectors._kit.description import Operation
from connectors._kit.failures import Throttled
from connectors._kit.filling import ABSENT, fill
from connectors._kit.nearest import did_you_mean
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Answer, Call, Clock, Fault

SLOW = 5.0  # seconds
PAUSE = 2.0  # seconds a throttled caller is told to wait
KINDS = ("down", "slow", "429", "5xx", "lost_answer", "lost_ask")
RANDOM = "random"  # any of them, by the dice
REMEMBERED = 10_000  # answers

Dice = Callable[[str], float]  # what is decided, in words → 0 ≤ x < 1


class ExampleSandbox:
    """Fulfils ``ports.Sandbox``; ``names`` are the ids of the sandboxed services.

    ``dice`` decides whether a fault hits; it is told what about, so that a rehearsal can be repeated exactly.
    """

    def __init__(self, names: Mapping[str, str], clock: Clock, dice: Dice | None = None) -> None:
        self._names = names
        self._clock = clock
        self._dice = dice or (lambda _: clock.random())
        self._faults: list[Fault] = []
        self._opened = clock.now()
        self._done: OrderedDict[str, Answer] = OrderedDict()
        self._calls: Counter[str] = Counter()

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
        """The example's answer. Raises what a live service in the same trouble would."""

        async def act() -> Answer:
            return example_answer(connector, call, values)

        return await self.staged(connector.id, operation, call, act)

    async def staged(self, service: str, operation: Operation, call: Call, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """``act``, with the faults that hit this call before or after it."""
        about = call.key or f"{service}.{call.operation}"
        if len(self._calls) > REMEMBERED:
            self._calls.clear()
        self._calls[about] += 1
        after = await self._before(service, f"{about}#{self._calls[about]}", may_repeat=operation.may_repeat)
        answer = await act()
        if operation.writes:
            self._remember(call.key, answer)
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

    def look(self, service: str, call: Call) -> Answer | None:
        """What was answered under this key, None if it was not done. Raises Rejected for an ask that is older than this sandbox's memory."""
        known = self._done.get(call.key)
        if known is None and (call.asked_at is None or call.asked_at < self._opened or len(self._done) >= REMEMBERED):
            raise Rejected(
                f"The sandbox of {self._names[service]} was started after this was asked, and keeps nothing over a restart. Say what you want to be true."
            )
        return known

    def _remember(self, key: str, answer: Answer) -> None:
        self._done[key] = answer
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)


def example_answer(connector: Connector, call: Call, values: Mapping[str, Any]) -> Answer:
    """The answer of the operation's example with these values in it; without a template for the sandbox, its output as it stands."""
    example = connector.examples.operations[call.operation]
    scope = {**values, **made_up(call.key)}
    filled = {name: fill(part, scope) for name, part in (example.sandbox or example.output).items()}
    return Answer({name: None if value is ABSENT else value for name, value in filled.items()}, sandbox=True)


def _failure(name: str, kind: str, may_repeat: bool) -> SignalboxError:
    if kind == "down":
        return Transient(f"{name} (sandbox, on purpose) could not be reached: the connection was refused.")
    if kind == "429":
        return Throttled(f"{name} (sandbox, on purpose) asks for a pause.", PAUSE)
    what = "failed (status 503)" if kind == "5xx" else "did not answer in time"
    if may_repeat:
        return Transient(f"{name} (sandbox, on purpose) {what}.")
    return Unanswered(f"{name} (sandbox, on purpose) {what}; whether it was done has to be looked up there.")


def made_up(key: str) -> dict[str, Any]:
    """Values for the sandbox's templates that look fresh and are the same for the same key."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {
        "fresh_number": 100 + int(digest[:6], 16) % 9900,
        "fresh_id": digest[:24],
        "fresh_sha": digest[:40],
        "fresh_code": digest[24:32],
    }
