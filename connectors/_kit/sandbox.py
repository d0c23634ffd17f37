"""The sandbox: answers from the examples where no credentials are set, with the ask's own values in them, and fails on purpose when told to.

What it makes up (numbers, ids) is derived from the idempotency key: the same key gets the same answer, also after a restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from connectors._kit.connector import Connector
from connectors._kit.description import Operation
from connectors._kit.failures import Throttled
from connectors._kit.filling import ABSENT, fill
from connectors._kit.nearest import did_you_mean
from engine.errors import Rejected, Transient, Unanswered
from engine.ports import Answer, Call, Clock, Fault

SLOW = 5.0  # seconds
PAUSE = 2.0  # seconds a throttled caller is told to wait
KINDS = ("down", "slow", "429", "5xx", "lost_answer")


class ExampleSandbox:
    """Fulfils ``ports.Sandbox``; ``names`` are the ids of the sandboxed services."""

    def __init__(self, names: Mapping[str, str], clock: Clock) -> None:
        self._names = names
        self._clock = clock
        self._faults: list[Fault] = []

    def inject(self, fault: Fault) -> None:
        """A second fault of a kind on a service replaces the first."""
        if fault.service not in self._names:
            raise Rejected(
                f"“{fault.service}” does not answer from the sandbox, so it cannot be made to fail.{did_you_mean(fault.service, self._names)}"
            )
        if fault.kind not in KINDS:
            raise Rejected(f"There is no fault “{fault.kind}”; there is {', '.join(KINDS)}.")
        if not 0.0 <= fault.share <= 1.0:
            raise Rejected("A fault's share is between 0 and 1.")
        self._faults = [old for old in self._faults if (old.service, old.kind) != (fault.service, fault.kind)] + [fault]

    def mend(self, service: str = "") -> None:
        self._faults = [fault for fault in self._faults if service and fault.service != service]

    def faults(self) -> Sequence[Fault]:
        now = self._clock.now()
        self._faults = [fault for fault in self._faults if fault.until is None or fault.until > now]
        return tuple(self._faults)

    async def answer(self, connector: Connector, operation: Operation, call: Call, values: Mapping[str, Any]) -> Answer:
        """The example's answer. Raises what a live service in the same trouble would."""
        await self.suffer(connector.id, may_repeat=operation.may_repeat)
        template = connector.examples.operations[call.operation].sandbox
        scope = {**values, **made_up(call.key)}
        filled = {name: fill(part, scope) for name, part in template.items()}
        return Answer({name: None if value is ABSENT else value for name, value in filled.items()}, sandbox=True)

    async def suffer(self, service: str, *, may_repeat: bool) -> float:
        """Go through the faults that hit this call; the seconds it was held up."""
        held_up = 0.0
        for fault in self.faults():
            if fault.service != service or self._clock.random() >= fault.share:
                continue
            if fault.kind == "slow":
                held_up += SLOW
                await self._clock.sleep(SLOW)
            else:
                raise _failure(self._names[service], fault.kind, may_repeat)
        return held_up


def _failure(name: str, kind: str, may_repeat: bool) -> Exception:
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
