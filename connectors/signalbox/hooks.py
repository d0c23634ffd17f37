"""Signalbox's own actions: made by providers that main joins in, one for each operation.

A provider takes the call (its arguments checked and with defaults) and gives an object with at least ``text``, the report in words; or an
Answer, whose output may come later (``pending``).
The one called ``look_run_workflow`` gives what ``run_workflow`` would have given for this very call, None when it started no run.
"""

from __future__ import annotations

from dataclasses import replace

from connectors._kit.custom import Ask, Custom, Tools
from engine.errors import Rejected
from engine.ports import Answer

OPERATIONS = ("health_report", "alert_digest", "workflow_analytics", "impact_report", "run_workflow")


async def _ask_provider(ask: Ask, tools: Tools) -> Answer:
    name = ask.call.operation
    provider = tools.providers().get(name)
    if provider is None:
        raise Rejected(f"signalbox.{name} cannot be made here: this process has no engine running.")
    output = await provider(replace(ask.call, arguments=dict(ask.arguments)))
    if isinstance(output, Answer):
        return output
    if not isinstance(output, dict) or not isinstance(output.get("text"), str):
        raise Rejected(f"signalbox.{name} gave no text; this is a fault of Signalbox.")
    return Answer(output)


async def _look_at_run(ask: Ask, tools: Tools) -> Answer | None:
    provider = tools.providers().get("look_run_workflow")
    if provider is None:
        raise Rejected("Whether the run was started cannot be looked up here: this process has no engine running.")
    output = await provider(replace(ask.call, arguments=dict(ask.arguments)))
    return output if output is None or isinstance(output, Answer) else Answer(output)


CUSTOM = Custom(perform=dict.fromkeys(OPERATIONS, _ask_provider), look={"run_workflow": _look_at_run})
