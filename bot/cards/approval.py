"""Cards that wait for a human: an approval, and a step of which nobody knows whether it happened."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.card import Bold, Button, Card, Code, Part, Style, Tone
from bot.cards.run import outcome
from bot.cards.words import said, small
from engine.commands.house import House
from engine.commands.settle_doubt import doubted
from engine.commands.show_run import found, shown
from engine.errors import NotFound
from engine.workflow.definition import Json
from engine.workflow.run import StepState


async def doubt(house: House, subject: str, payload: Mapping[str, Json]) -> Card:
    """Raises NotFound when the run is gone."""
    run, step = await doubted(house, subject)
    open_still = step.state is StepState.IN_DOUBT and not run.state.over
    body: list[Part] = [
        said(Bold(step.id), f" asked {step.action}, and the connection was lost before an answer came. It may have happened or not."),
        small("It is not repeated by itself, because doing it twice could do harm. Look there, then say what you found."),
    ]
    if not open_still:
        body = [said(Bold(step.id), f" is settled: {step.state.value.replace('_', ' ')}.")]
    actions = (
        Button("happened", "It happened", style=Style.PRIMARY),
        Button("repeat", "It did not, ask again", style=Style.DANGER, confirm="Ask the service again? If it did happen, it will have happened twice."),
    )
    return Card(
        id=subject, title=f"{run.name} · in doubt" if open_still else f"{run.name} · doubt settled", tone=Tone.WARNING if open_still else Tone.MUTED,
        body=tuple(body), actions=actions if open_still else (), footer=(Code(run.id),),
        summary=f"{run.name}: did {step.action} happen?",
    )  # fmt: skip


async def approval(house: House, subject: str, payload: Mapping[str, Json]) -> Card:
    """``subject`` is ``<run id>:<step id>``. Raises NotFound when the run is gone."""
    run_id, _, step_id = subject.partition(":")
    run = await found(house, run_id)
    step = next((one for one in (await shown(house, run)).steps if one.id == step_id), None)
    if step is None:
        raise NotFound("This step is not part of the run any more.")
    waits = step.state in (StepState.WAITING, StepState.ASKED) and not run.state.over
    text = str(payload.get("text") or f"“{run.name}” wants to go on.")
    body: list[Part] = [said(text)]
    if approver := payload.get("approver"):
        body.append(said("Asked: ", Bold(str(approver))))
    if not waits:
        body.append(_settled(step.state, step.output))
    approved = isinstance(step.output, dict) and step.output.get("approved") is True
    return Card(
        id=subject,
        title=f"Approval: {run.name}",
        tone=Tone.WARNING if waits else Tone.GOOD if approved else Tone.MUTED,
        body=tuple(body),
        actions=(Button("approve", "Approve", style=Style.PRIMARY), Button("decline", "Decline", style=Style.DANGER)) if waits else (),
        footer=(Code(run.id),),
        summary=f"Approval wanted: {run.name}" if waits else f"Approval of {run.name} is settled",
    )


def _settled(state: StepState, output: Json) -> Part:
    if isinstance(output, dict) and "approved" in output:
        note = f" “{output['note']}”" if output.get("note") else ""
        return said(Bold("Approved" if output["approved"] else "Declined"), " by ", Bold(str(output.get("by", "somebody"))), note)
    return said(f"No answer is wanted any more ({state.value.replace('_', ' ')}).", outcome(output))
