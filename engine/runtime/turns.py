"""Whose turn it is: whether this process may drive a run, and who is told when it may not.

One process on a database of its own drives everything (``Alone``). Of several on one database, one at a time drives a run (see
``engine.runtime.distributed``); all the others only write down what came in for it:

    order ─▶ may_drive(run)? ─ yes ─▶ facts + plan, asks leave
                             └ no ──▶ facts only, then pass_on(record, seq): somebody drives it on

Only who may drive judges an ask without an answer as lost, and only when the run is taken up: in anybody else's eyes it may be in
flight. ``(run, seq)`` is unique, so whoever thinks he may drive and is wrong is refused by the ledger, reads again and asks again.
"""

from __future__ import annotations

from typing import Protocol

from engine.workflow.run import RunRecord


class Turns(Protocol):
    def may_drive(self, run_id: str) -> bool:
        """Whether this process may plan and ask for this run right now. Cheap: asked before every plan; the answer may change any time."""
        ...

    def pass_on(self, record: RunRecord, seq: int) -> None:
        """``seq`` facts are stored of a run that is not driven here and is to go on. Neither blocks nor raises; told twice, it happens once."""
        ...


class Alone:
    """One process has every run to itself."""

    def may_drive(self, run_id: str) -> bool:
        return True

    def pass_on(self, record: RunRecord, seq: int) -> None:
        """Nothing is passed on: whoever asks is who drives."""
