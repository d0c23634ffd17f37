"""What makes this process one of several on a PostgreSQL database: its executor, its share of what only one may do, the news of the others."""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import Rejected
from engine.ports import Clock, Store
from engine.runtime.distributed.caretaker import Caretaker
from engine.runtime.distributed.desk import Desk
from engine.runtime.distributed.executor import Executor
from engine.runtime.distributed.tempo import USUAL, Tempo
from engine.runtime.held import Held, Part
from engine.runtime.retelling import Retelling
from engine.runtime.runner import JournalRunner

SEAL = "machines"  # a secret of no service: who can read it has the same key
MISSING = (
    "PostgreSQL needs two more packages. Install them with: pip install 'signalbox[postgres]', or unset SIGNALBOX_DATABASE_URL to keep "
    "everything in a file."
)


class Machines:
    """Made right after the store, whose ledger then also tells what other processes wrote."""

    def __init__(self, store: Store, clock: Clock, desk_of: Callable[[str], Desk], *, tempo: Tempo = USUAL) -> None:
        self.name = clock.new_id("exec")
        self._store, self._clock, self._tempo = store, clock, tempo
        self._desk = desk_of(self.name)
        self.executor = Executor(self.name, self._desk, store.leases, clock, tempo=tempo)
        self.retelling = store.ledger = Retelling(store, clock)

    def held(self, name: str, *parts: Callable[[], Part]) -> Held:
        """Parts that only one process of all has running."""
        return Held(name, self._store.leases, self._clock, *parts, beat=self._tempo.beat)

    def caretaker(self, runner: JournalRunner) -> Held:
        def make() -> Caretaker:
            return Caretaker(
                self.name, self._desk, self._store.leases, self._store.runs, self._clock, look_after=runner.look_after, tempo=self._tempo
            )  # fmt: skip

        return self.held("caretaker", make)

    async def check_key(self) -> None:
        """Raises Rejected when the other processes have another secret key: neither stored credentials nor browsers' sessions would be readable."""
        try:
            if await self._store.vault.get(SEAL) is None:
                await self._store.vault.put(SEAL, {"key": "the same everywhere"})
        except Rejected as error:
            raise Rejected(
                "This process has another SIGNALBOX_SECRET_KEY than those that used this database before. Set it to theirs (where it was "
                "never set, it stands in the file secret-key of their data folder)."
            ) from error


def desks(url: str) -> Callable[[str], Desk]:
    """What hands out the runs of the database at ``url``. Raises Rejected where the packages for that are not installed."""
    try:
        from engine.runtime.distributed.dbos_desk import DbosDesk
    except ModuleNotFoundError as error:
        raise Rejected(MISSING) from error
    return lambda name: DbosDesk(url, name)
