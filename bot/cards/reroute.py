"""The card about what was done elsewhere while a service was down: what, where it is now, and whether it is done at home too."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Code, Form, FormField, Line, Link, Part, Style, Table, Tone
from bot.cards.progress import outcome
from bot.cards.words import amount, cut, headline, said, service, small, spaced, stamp
from engine.commands.rerouted import DO, LEAVE
from engine.commands.reroutes_shown import ReroutesShown
from engine.workflow.putting_right import Fate, Reroute

FEW = 5  # as many fields as a form of any face has
MOST_LINKS = 10
STATES = {
    Fate.OPEN: "to be decided",
    Fate.DOING: "being done",
    Fate.DONE: "done here too",
    Fate.FAILED: "failed, see its run",
    Fate.LEFT: "stays there",
}


def reroutes(shown: ReroutesShown) -> Card:
    name = service(shown.service) if shown.service else ""
    if not shown.things and not shown.gone:
        about = f" instead of in {name}" if name else ""
        return Card(
            title=headline(f"Nothing done elsewhere{about} is to be decided"),
            body=(small("When a service is down and a step goes another way, it is listed here."),),
        )
    waiting = [one for one in shown.things if one.fate is Fate.OPEN]
    body: list[Part] = []
    if shown.things:
        body.append(
            Table(("Workflow", "What", "Where it is now", "When", "State"), tuple(_row(one, shown.timezone) for one in shown.things))
        )
    body += [said(*_found(one)) for one in shown.things[:MOST_LINKS]]
    body += [small(Bold("By hand: "), f"{one.name}, {one.step}: {one.by_hand}.") for one in waiting if one.by_hand]
    if shown.gone:
        body.append(small(f"{amount(shown.gone, 'further thing')} of this card is not kept any more."))
    if lost := sum(one.stream in shown.forgotten for one in shown.things):
        body.append(
            small(
                f"The {'run' if lost == 1 else 'runs'} of {amount(lost, 'thing')} {'is' if lost == 1 else 'are'} forgotten by now; what is needed to do it is kept."
            )
        )
    body += [small(f"Decided by {by}.") for by in dict.fromkeys(one.by for one in shown.things if one.by)]
    if waiting and shown.batch is None:
        how = f"/service put-right {shown.service or waiting[0].service}"
        body.append(small("A card asks about it once the service has been well for two minutes. To do it now: ", Code(how)))
    batch = shown.batch
    return Card(
        id=batch.id if batch else "",
        version=batch.revision if batch else 0,
        title=headline(_title(shown, name, len(waiting))),
        tone=Tone.WARNING if waiting else Tone.BAD if any(one.fate is Fate.FAILED for one in shown.things) else Tone.GOOD,
        body=tuple(body),
        actions=_buttons(waiting, shown) if batch else (),
        footer=("Nothing is taken away where it is now.",) if waiting else (),
        summary=headline(_title(shown, name, len(waiting))),
    )


def _title(shown: ReroutesShown, name: str, waiting: int) -> str:
    count = len(shown.things) + shown.gone
    if shown.batch is None:
        return f"{amount(count, 'thing')} done elsewhere" + (f" instead of in {name}" if name else "")
    were = "thing was" if count == 1 else "things were"
    if waiting:
        return f"{name} is back. While it was down, {count} {were} done elsewhere"
    doing = any(one.fate is Fate.DOING for one in shown.things)
    return f"{name} is back. {count} {were} done elsewhere · {'being put right' if doing else 'settled'}"


def _row(one: Reroute, zone: str) -> tuple[str, ...]:
    there = service(one.instead.partition(".")[0])
    where = f"{there}: {_plain(one)}" + (" (sandbox)" if one.body.get("sandbox") else "")
    return (
        cut(one.name, 60),
        cut(_what(one), 80),
        cut(where, 80),
        stamp(one.at, zone),
        "by hand" if one.fate is Fate.OPEN and one.by_hand else STATES[one.fate],
    )


def _what(one: Reroute) -> str:
    title = one.asked.get("title") or one.asked.get("name") or one.asked.get("text") or (one.arguments or {}).get("title")
    done = spaced(one.action.partition(".")[2])
    return f"{done}: {title}" if isinstance(title, str) else done


def _plain(one: Reroute) -> str:
    output = one.output
    if isinstance(output, dict):
        for key in ("key", "id", "name", "title", "url"):
            if isinstance(output.get(key), (str, int)):
                return str(output[key])
    return "done"


def _found(one: Reroute) -> Line:
    """Where it can be looked at: there, and at home once it is done."""
    there = outcome(one.output)
    line: Line = (Bold(cut(_what(one), 80)), ": in ", service(one.instead.partition(".")[0]), *((" ", there) if there else ()))
    if one.fate is Fate.DONE:
        key = one.result.get("key") if isinstance(one.result, dict) else None
        url = one.result.get("url") if isinstance(one.result, dict) else None
        home = Link(str(key or "open it"), str(url)) if url else outcome(one.result)
        line = (*line, ", and in ", service(one.service), *((" ", home) if home else ()))
    if one.fate is Fate.FAILED:
        line = (*line, f". {service(one.service)}: {one.error} Retry on the card of ", Code(one.order[0]))
    return line


def _buttons(waiting: list[Reroute], shown: ReroutesShown) -> tuple[Button, ...]:
    if not waiting or shown.batch is None:
        return ()
    name, able = service(shown.service), [one for one in waiting if not one.by_hand]
    them, they = ("it", "It stays") if len(waiting) == 1 else ("them", "They stay")
    buttons = []
    if able:
        sure = f"{amount(len(able), 'thing')} will be done in {name}, as the workflows would have done. {they} where {'it is' if len(waiting) == 1 else 'they are'} now, too."
        buttons.append(Button("do", f"Do {them} in {name} too"[:60], style=Style.PRIMARY, confirm=sure))
    buttons.append(Button("leave", f"Leave {them} there"))
    listed = [one for one in waiting if one.stream in shown.batch.items]  # what came after the batch was made has no place in it
    if able and 1 < len(listed) <= FEW:
        buttons.append(Button("choose", "Choose…", form=_form(listed, shown, name)))
    return tuple(buttons)


def _form(waiting: list[Reroute], shown: ReroutesShown, name: str) -> Form:
    assert shown.batch is not None
    places = {stream: number for number, stream in enumerate(shown.batch.items)}
    fields = []
    for one in waiting:
        choices = ((DO, f"Do it in {name} too"),) if not one.by_hand else ()
        options = (*choices, (LEAVE, "Leave it there"), ("later", "Decide later"))
        fields.append(
            FormField(f"thing{places[one.stream]}", cut(f"{one.name}: {_what(one)}", 45), kind="choice", value="later", options=options)
        )
    return Form(cut(f"Put right in {name}", 45), tuple(fields), submit="Do so")
