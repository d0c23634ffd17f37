"""Reading back: a write whose answer was lost is looked for before anybody is asked, or anything is done twice.

Unanswered ─▶ look ─▶ it is there: that is its answer
                │ it is not there, and enough time has passed for it to arrive: it surely was not done
                └ nobody can say: a little later again, then a human; and in the background now and then, as the service comes back
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from engine.errors import SignalboxError, Transient, Unanswered
from engine.ports import Answer, Call, Clock
from engine.runtime.guard import Guard
from engine.workflow.catalogue_data import product
from engine.workflow.secrets import SecretPart

PAUSES: Final = (0.0, 2.0, 4.0, 8.0)  # seconds before each look; the first comes at once, for most lost answers are of a service that works
SURE: Final = (
    5.0  # seconds after the call was given up within which it may still arrive at the service: until then “not there” means nothing
)
LATER: Final = (15.0, 60.0, 300.0, 900.0, 3600.0)  # seconds between the looks in the background


class ReadBack:
    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard, self._clock = guard, clock

    def can(self, call: Call) -> bool:
        return self._guard.actions.looks(call.service, call.operation)

    async def settled(self, call: Call, outcome: Unanswered, seconds: float, secrets: tuple[SecretPart, ...]) -> Answer | SignalboxError:
        """The answer, a Transient that says it surely was not done, or ``outcome`` as it was."""
        waited = 0.0
        for pause in PAUSES:
            if pause:
                await self._clock.sleep(pause)
            waited += pause
            found = await self._guard.look(call, seconds, secrets)
            if isinstance(found, Answer):
                return found
            if found is None and waited >= SURE:
                return Transient(f"{outcome} A look at {product(call.service)} shows that it was not done.")
        return outcome

    async def later(self, look: Callable[[], Awaitable[object]]) -> None:
        """Until it is settled, by a look or by somebody, or can never be: ``look`` raises anything but Transient and Unanswered then."""
        for pause in LATER:
            await self._clock.sleep(pause)
            try:
                await look()
            except (Transient, Unanswered):
                continue
            except SignalboxError:
                return
            return
