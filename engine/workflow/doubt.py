"""The card that asks about a step in doubt: its id says which run and, by the number of the fact that first asked it, which step."""

from __future__ import annotations

from engine.workflow.progress import Run


def doubt_id(run: Run, step: str) -> str:
    """The subject and card id of a doubt: ``dbt_<run id without its run_>_<fact number>``, at most 60 characters; it stays the same
    however often the step is asked.
    """
    return f"dbt_{run.origin.id.removeprefix('run_')}_{run.progress(step).first}"
