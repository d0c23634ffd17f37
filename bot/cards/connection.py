"""The card of a connection: what an account is, and how somebody connects it."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Code, Fields, Form, FormField, Line, Part, Style, Tone
from bot.cards.words import headline, said, small
from engine.commands.command import ConnectionShown
from engine.commands.connecting import card_id
from engine.ports import Need, Way

MODES = {"live": "connected", "sandbox": "not connected, the sandbox answers", "off": "not connected"}
LONGEST_MEANING = 200


def connection(shown: ConnectionShown) -> Card:
    there, called = shown.there, shown.name if shown.account == "default" else f"{shown.name} ({shown.account})"
    live = there is not None and there.mode == "live"
    title = f"{called} is connected" if live else f"Connect {called}"
    return Card(
        id=card_id(shown.service, shown.account),
        title=headline(title),
        tone=Tone.GOOD if live else Tone.NEUTRAL,
        body=(*_state(shown), *_how(shown)),
        actions=_buttons(shown, live) if shown.admin else (),
    )


def _state(shown: ConnectionShown) -> list[Part]:
    there = shown.there
    fields: list[tuple[str, Line]] = [("Account", (Code(shown.account),))]
    if there is not None:
        fields.append(("State", (MODES.get(there.mode, there.mode),)))
        if there.url:
            fields.append(("Address", (there.url,)))
    if shown.others:
        fields.append(("Other accounts", (", ".join(one.name for one in shown.others),)))
    return [Fields(tuple(fields))]


def _how(shown: ConnectionShown) -> list[Part]:
    parts: list[Part] = []
    if shown.there is not None and shown.there.missing:
        parts.append(said(shown.there.missing))
    parts += [said(way.missing) for way in shown.ways if way.missing]
    if not shown.ways:
        return [*parts, said("It needs nothing: it works as it is.")]
    if not shown.admin:
        return [*parts, said("An admin can connect it: they say ", Code(f"/connect {shown.service}"), ".")]
    if shown.link:
        parts.append(small("The link is for you alone, and opens for ten minutes."))
    parts.append(
        small(
            "What you type into a form goes straight into the vault once ",
            Bold(shown.name),
            " has taken it. Never put a token into a chat.",
        )
    )
    return parts


def _buttons(shown: ConnectionShown, live: bool) -> tuple[Button, ...]:
    buttons = []
    if shown.link:
        buttons.append(Button("open", "Connect in the browser", style=Style.PRIMARY, url=shown.link))
    for way in shown.ways:
        style = Style.PLAIN if buttons or live else Style.PRIMARY
        if not way.browser:
            buttons.append(Button("keep", f"Connect with {way.title}…", arg=way.id, style=style, form=_form(shown, way, "Connect")))
        elif way.needs and not way.missing:
            label = "In the browser, at another address…" if shown.link else "Connect in the browser…"
            buttons.append(Button("begin", label, style=style, form=_form(shown, way, "Get the link")))
    if shown.kept:
        sure = f"Disconnect {shown.name}, account {shown.account}? What is kept of it is forgotten."
        buttons.append(Button("off", "Disconnect", style=Style.DANGER, confirm=sure))
    return tuple(buttons[:5])


def _form(shown: ConnectionShown, way: Way, submit: str) -> Form:
    return Form(f"Connect {shown.name}", tuple(_field(need) for need in way.needs), submit)


def _field(need: Need) -> FormField:
    label = need.name.replace("_", " ").capitalize()
    kind = "secret" if need.secret else "line"
    return FormField(need.name, label, kind, "" if need.secret else need.default, need.required, need.meaning[:LONGEST_MEANING])
