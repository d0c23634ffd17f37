"""Cards that wait for a human: an approval, and a step of which nobody knows whether it happened."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.card import Bold, Button, Card, Code, Part, Style, Tone
from bot.cards.words import headline, said, small
from engine.commands.approving import Wanted, wanted
from engine.commands.house import House
from engine.commands.settle_doubt import doubted
from engine.commands.speaking import mentioned
from engine.workflow.definition import Json
from engine.workflow.run import RunRecord, StepState, StepView


async def doubt(house: House, subject: str) -> Card:
    """Raises NotFound when the run is gone."""
    return doubt_card(subject, *await doubted(house, subject))


def doubt_card(subject: str, run: RunRecord, step: StepView) -> Card:
    open_still = step.state is StepState.IN_DOUBT and not run.state.over
    body: list[Part] = [
        said(Bold(step.id), f" asked {step.action}, and the connection was lost before an answer came. It may have happened or not."),
        small("It is not repeated by itself, because doing it twice could do harm. Look there, then say what you found."),
    ]
    if not open_still:
        body = [said(Bold(step.id), f": {_became(run, step)}.")]
    actions = (
        Button("happened", "It happened", style=Style.PRIMARY),
        Button("repeat", "It did not, ask again", style=Style.DANGER, confirm="Ask the service again? If it did happen, it will have happened twice."),
    )
    return Card(
        id=subject,
        version=step.attempts,
        title=headline(f"{run.name} · {'did this happen?' if open_still else 'doubt settled'}"),
        tone=Tone.WARNING if open_still else Tone.MUTED,
        body=tuple(body),
        actions=actions if open_still else (),
        footer=(Code(run.id),),
        summary=headline(f"{run.name}: did {step.action} happen?" if open_still else f"{run.name}: the doubt about {step.action} is settled"),
    )


def _became(run: RunRecord, step: StepView) -> str:
    if step.state is StepState.IN_DOUBT:
        return f"the run is {run.state.value}, so nothing is asked any more"
    return f"settled, it is {step.state.value.replace('_', ' ')} now"


async def approval(house: House, subject: str, payload: Mapping[str, Json]) -> Card:
    """Raises NotFound when the run is gone."""
    return approval_card(subject, await wanted(house, subject, payload))


def approval_card(subject: str, ask: Wanted) -> Card:
    body: list[Part] = [said(ask.text)]
    if ask.approver and (ask.open or ask.answer is None):
        body.append(_asked(ask.approver))
    if not ask.open:
        body.append(_settled(ask))
    approved = ask.answer is not None and ask.answer["approved"] is True
    actions = (Button("approve", "Approve", style=Style.PRIMARY), Button("decline", "Decline", style=Style.DANGER))
    return Card(
        id=subject,
        version=1,
        title=headline(f"Approval: {ask.run.name}" + ("" if ask.open else f" · {_word(ask)}")),
        tone=Tone.WARNING if ask.open else Tone.GOOD if approved else Tone.MUTED,
        body=tuple(body),
        actions=actions if ask.open else (),
        footer=(Code(ask.run.id),),
        summary=headline(f"{ask.run.name} waits for an approval" if ask.open else f"Approval of {ask.run.name}: {_word(ask)}"),
    )


def _asked(approver: str) -> Part:
    person = mentioned(approver)
    if person is not None:
        return small("Asked: ", Bold(person[1] or person[0]), ". Nobody else but an admin may answer.")
    return small("Asked: ", Bold(approver), ". Any operator may answer.")


def _word(ask: Wanted) -> str:
    if ask.answer is None:
        return "no longer wanted"
    return "approved" if ask.answer["approved"] is True else "declined"


def _settled(ask: Wanted) -> Part:
    if ask.answer is None:
        state = ask.run.state.value if ask.run.state.over else ask.step.state.value.replace("_", " ")
        return said(f"No answer is wanted any more: the {'run' if ask.run.state.over else 'step'} is {state}.")
    note = f" “{ask.answer['note']}”" if ask.answer.get("note") else ""
    return said(Bold(_word(ask).capitalize()), " by ", Bold(str(ask.answer.get("by") or "somebody")), note)
