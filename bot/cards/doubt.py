"""The card about a step of which nobody knows whether it happened."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.card import Bold, Button, Card, Code, Part, Style, Tone
from bot.cards.words import headline, said, small
from engine.commands.doubting import doubted
from engine.commands.house import House
from engine.workflow.definition import Json
from engine.workflow.run import RunRecord, StepState, StepView


async def doubt(house: House, subject: str, payload: Mapping[str, Json]) -> Card:
    """Raises NotFound when the run is gone."""
    found = await doubted(house, subject, payload)
    return doubt_card(subject, found.run, found.step)


def doubt_card(subject: str, run: RunRecord, step: StepView) -> Card:
    open_still = step.state is StepState.IN_DOUBT and not run.state.over
    body: list[Part] = [
        said(Bold(step.id), f" asked {step.action}, and the connection was lost before an answer came. It may have happened or not."),
        small("It is not repeated by itself, because doing it twice could do harm. Look there, then say what you found."),
    ]
    if open_still and step.looks:
        body.append(small("“Look” asks the service itself; it changes nothing there."))
    if not open_still:
        body = [said(Bold(step.id), f": {_became(run, step)}.")]
    happened = Button("happened", "It happened", style=Style.PRIMARY)
    repeat = Button(
        "repeat",
        "It did not, ask again",
        style=Style.DANGER,
        confirm="Ask the service again? If it did happen, it will have happened twice.",
    )
    look = (Button("look", "Look"),) if step.looks else ()
    return Card(
        id=subject,
        version=step.attempts,
        title=headline(f"{run.name} · {'did this happen?' if open_still else 'doubt settled'}"),
        tone=Tone.WARNING if open_still else Tone.MUTED,
        body=tuple(body),
        actions=(happened, repeat, *look) if open_still else (),
        footer=(Code(run.id),),
        summary=headline(
            f"{run.name}: did {step.action} happen?" if open_still else f"{run.name}: the doubt about {step.action} is settled"
        ),
    )


def _became(run: RunRecord, step: StepView) -> str:
    if step.state is StepState.IN_DOUBT:
        return f"the run is {run.state.value}, so nothing is asked any more"
    return f"settled, it is {step.state.value.replace('_', ' ')} now"
