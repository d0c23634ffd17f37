"""The card that asks people for their yes: what for, whom, how many, until when, and what a yes lets happen."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.card import Bold, Button, Card, Code, Fields, Form, FormField, Line, Mark, Moment, Part, Steps, Style, Tone, User
from bot.cards.definition import steps_part
from bot.cards.words import headline, joined, person, said, small
from engine.commands.approvers import Kind
from engine.commands.approving import Wanted, wanted, who_decided
from engine.commands.house import House
from engine.workflow.catalogue import listed
from engine.workflow.definition import Json, OnExpiry

MOST_NEXT = 14  # lines
EXPIRY = {OnExpiry.DECLINE: "it counts as a no", OnExpiry.APPROVE: "it counts as a yes", OnExpiry.FAIL: "the step fails"}


async def approval(house: House, subject: str, payload: Mapping[str, Json]) -> Card:
    """Raises NotFound when the run is gone."""
    return approval_card(subject, await wanted(house, subject, payload))


def approval_card(subject: str, ask: Wanted) -> Card:
    body: list[Part] = [said(ask.text)]
    if ask.open:
        body += [Fields(_rules(ask)), *_next(ask)]
    body += _votes(ask)
    if not ask.open:
        body.append(_settled(ask))
    elif ask.reminded:
        body.append(small(f"Reminded {'once' if ask.reminded == 1 else f'{ask.reminded} times'} already."))
    approved = ask.answer is not None and ask.answer["approved"] is True
    return Card(
        id=subject,
        version=max(1, ask.step.attempts),
        title=headline(f"Approval: {ask.run.name}" + ("" if ask.open else f" · {_word(ask)}")),
        tone=Tone.WARNING if ask.open else Tone.GOOD if approved else Tone.MUTED,
        body=tuple(body),
        actions=_buttons(ask) if ask.open else (),
        footer=_footer(ask),
        summary=headline(f"{ask.run.name} waits for an approval: {ask.text}" if ask.open else f"Approval of {ask.run.name}: {_word(ask)}"),
        mentions=_called(ask) if ask.open else (),
    )


def _called(ask: Wanted) -> tuple[User, ...]:
    return tuple(User(one.id, one.name, ping=True) for one in ask.asked if one.kind is Kind.PERSON)


def _footer(ask: Wanted) -> Line:
    by: Line = ("Wanted by ", person(ask.requester), " · ") if ask.requester.words or ask.requester.person else ()
    return (*by, f"v{ask.run.version} · ", Code(ask.run.id))


def _rules(ask: Wanted) -> tuple[tuple[str, Line], ...]:
    rule = ask.rule
    fields: list[tuple[str, Line]] = [("Asked", _asked(ask))]
    if rule.quorum > 1 or ask.votes:
        fields.append(("Yes so far", (Bold(f"{ask.yeses} of {rule.quorum}"),)))
    notes = ["not by whoever started it"] * rule.four_eyes + ["with a reason"] * rule.reason
    if notes:
        fields.append(("Only", (listed(notes),)))
    if ask.until is not None:
        fields.append(("Until", (Moment(ask.until), " (", Moment(ask.until, "relative"), f"), then {EXPIRY[rule.on_expiry]}")))
    return tuple(fields)


def _asked(ask: Wanted) -> Line:
    if not ask.asked:
        return ("any operator",)
    names: list[Line] = [(Bold(one.words),) for one in ask.asked]
    helped = any(one.kind is Kind.ROLE for one in ask.asked)  # an admin has every role
    return (*joined(names, " or "), *(() if helped else (", or an admin for them",)))


def _next(ask: Wanted) -> list[Part]:
    """What a yes lets happen: the plan it is bound to."""
    return [small("A yes lets this happen:"), steps_part(ask.next, MOST_NEXT, "/flow show has them all")] if ask.next else []


def _votes(ask: Wanted) -> list[Part]:
    if not ask.votes:
        return []
    lines = tuple(
        (
            Mark.DONE if vote.approved else Mark.FAILED,
            (
                Bold(vote.by or "somebody"),
                " said yes" if vote.approved else " said no",
                f": “{vote.note}”" if vote.note else "",
                " · ",
                Moment(vote.at),
            ),
        )
        for vote in ask.votes
    )
    return [Steps(lines)]


def _buttons(ask: Wanted) -> tuple[Button, ...]:
    needed = ask.rule.reason
    why = FormField("note", "Why", "text", required=needed, help="It stands on the card and in the run's history.")
    yes = Form("Approve", (why,), submit="Approve") if needed else None
    return (
        Button("approve", "Approve", style=Style.PRIMARY, form=yes),
        Button("decline", "Decline", style=Style.DANGER, form=Form("Decline", (why,), submit="Decline")),
    )


def _word(ask: Wanted) -> str:
    if ask.answer is None:
        return "no longer wanted"
    return "approved" if ask.answer["approved"] is True else "declined"


def _settled(ask: Wanted) -> Part:
    if ask.answer is None:
        state = ask.run.state.value if ask.run.state.over else ask.step.state.value.replace("_", " ")
        return said(f"No answer is wanted any more: the {'run' if ask.run.state.over else 'step'} is {state}.")
    note = f" “{ask.answer['note']}”" if ask.answer.get("note") and not ask.votes else ""
    if not ask.answer.get("by"):
        return said(Bold(_word(ask).capitalize()), ": nobody answered in time.")
    return said(Bold(_word(ask).capitalize()), " by ", Bold(who_decided(ask.answer)), note)
