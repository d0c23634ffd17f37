"""A small house for killing while it calls people: the real keeper over the real store, in a time that runs very fast.

    python -m tests.chaos.keeper_house FOLDER [--last]

One alert that nobody takes, an escalation of thirty levels, a rota that hands over every day. The last life ends when everybody was called.
"""

from __future__ import annotations

import asyncio
import sys
import time as wall
from datetime import date, datetime, time, timedelta
from pathlib import Path

from engine.events import AlertSaved, PolicySaved, PostingWanted
from engine.monitoring import escalation, oncall
from engine.monitoring.escalation import EscalationPolicy, Kind, Level, Target
from engine.monitoring.oncall import Member, Rota
from engine.parties import Address
from engine.runtime.clock import SystemClock
from engine.runtime.keeper import Keeper
from storage.sql import SqlStore
from tests.chaos.house import open_store
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert

OPS = Address("slack", "C1")
FASTER = 20_000.0
LEVELS, REPEAT = 10, 2
CALLS = LEVELS * (1 + REPEAT)


class FastClock(SystemClock):
    """The time since ``began`` (seconds of the machine's own clock), many times as fast; every life goes on where the last one was."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began

    def now(self) -> datetime:
        return NOON + timedelta(seconds=(wall.time() - self._began) * FASTER)  # noqa: TID251 - a clock of its own

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / FASTER)


async def furnish(store: SqlStore, at: datetime) -> None:
    rota = Rota(
        id="ops", name="ops", members=(Member("slack:U1", "Ada"), Member("slack:U2", "Bob"), Member("slack:U3", "Cem")),
        start=date(2026, 3, 2), at=time(9), zone="Europe/Berlin", every=1,
    )  # fmt: skip
    levels = tuple(Level(3600.0 * n, (Target(Kind.ROTA, "ops", "ops"),)) for n in range(LEVELS))
    policy = EscalationPolicy(id="all", levels=levels, repeat=REPEAT)
    await store.ledger.record(
        PolicySaved(oncall.KIND, "ops", oncall.body_of(rota), at, 1),
        PolicySaved(escalation.KIND, "all", escalation.body_of(policy), at, 1),
        AlertSaved(an_alert("alr_1", "github", at)),
        PostingWanted("alr_1", "alert", OPS),
    )


async def main(folder: Path, *, last: bool) -> int:
    began = folder / "began"
    if not began.exists():
        began.write_text(str(wall.time()))  # noqa: TID251
    store = await open_store(folder)
    clock = FastClock(float(began.read_text()))
    if await store.alerts.get("alr_1") is None:
        await furnish(store, clock.now())
    keeper = Keeper(store, clock, addresses=lambda: [OPS], beat=60.0)
    await keeper.start()
    print("ready", flush=True)
    for _ in range(6_000):
        alert = await store.alerts.get("alr_1")
        if last and alert is not None and alert.level == CALLS:
            break
        await asyncio.sleep(0.01)
    await keeper.stop()
    await store.close()
    return 0 if last else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), last="--last" in sys.argv)))
