"""The card that asks about a step in doubt: its id says which run and, by the number of the fact that first asked it, which step."""

from __future__ import annotations

from engine.errors import NotFound
from engine.workflow.progress import Run


def doubt_id(run: Run, step: str) -> str:
    """The subject and card id of a doubt: ``dbt_<run id without its run_>_<fact number>``, at most 60 characters; it stays the same
    however often the step is asked.
    """
    return f"dbt_{run.origin.id.removeprefix('run_')}_{run.progress(step).first}"


def read_doubt_id(card: str) -> tuple[str, int]:
    """``(run id, number of the fact)``; that fact's ``step`` is the one in doubt. Raises NotFound for anything else."""
    run, _, seq = card.removeprefix("dbt_").rpartition("_")
    if not card.startswith("dbt_") or not run or not (seq.isascii() and seq.isdigit()):
        raise NotFound(f"“{card[:80]}” is not the card of a step in doubt.")
    return f"run_{run}", int(seq)
