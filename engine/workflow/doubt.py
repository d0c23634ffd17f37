"""The card that asks about a step in doubt: its id says which run and which step."""

from __future__ import annotations

from engine.errors import NotFound
from engine.workflow.progress import Run


def doubt_id(run: Run, step: str) -> str:
    """The subject and card id of a doubt: ``dbt_<run id without its run_>_<step index>``, at most 60 characters."""
    return f"dbt_{run.origin.id.removeprefix('run_')}_{run.outline.places[step].index}"


def read_doubt_id(card: str) -> tuple[str, int]:
    """``(run id, step index)``; the index counts the outline's steps, main ones first. Raises NotFound for anything else."""
    run, _, index = card.removeprefix("dbt_").rpartition("_")
    if not card.startswith("dbt_") or not run or not index.isdigit():
        raise NotFound(f"“{card}” is not the card of a step in doubt.")
    return f"run_{run}", int(index)
