"""What Slack sends us, in the house's words: pure and total, anything not meant for us is ``Ignored`` with the reason.

slash command     → Heard, as the text somebody typed: ``/flow list``
app_mention       → Heard, without the mention
message in a DM   → Heard
message elsewhere → Heard, not direct: whether it is for us depends on the thread and on who just spoke with us
button            → Clicked
modal             → Submitted
everything else   → Ignored: our own messages, other bots, edits, deletions, joins
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.faces.face import Press, Utterance
from bot.faces.slack import buttons, modal
from bot.faces.slack.shared import Shared
from bot.faces.slack.text import clean
from engine.parties import Actor, Address, MessageRef

FACE = "slack"

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are in the workspace, as auth.test says."""

    user: str = ""
    bot: str = ""
    url: str = ""  # of the workspace, with a slash at its end


@dataclass(frozen=True, slots=True)
class Heard:
    """``to_us``: a reply in the thread of one of our own messages. ``response_url`` and ``trigger`` are "" where Slack gives none."""

    utterance: Utterance
    response_url: str = ""
    to_us: bool = True
    trigger: str = ""
    files: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Clicked:
    """``form``: the button opens a form first, within three seconds of the press."""

    press: Press
    trigger: str
    response_url: str = ""
    form: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """``blocks``: field name → the input under which an error about it can be shown while the modal is still open."""

    press: Press
    blocks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ignored:
    reason: str


Incoming: TypeAlias = Heard | Clicked | Submitted | Ignored

# Message events that are something a person newly said; every other subtype is news about messages or channels.
_SPOKEN = frozenset({"", "file_share", "thread_broadcast"})


def read(body: Body, me: Me) -> Incoming:
    if _text(body, "command"):
        return _slash(body)
    match _text(body, "type"):
        case "event_callback":
            return _event(body, me)
        case "block_actions":
            return _click(body)
        case "view_submission":
            return _submission(body)
        case kind:
            return Ignored(f"{kind or 'a payload without a type'} is nothing we offer")


def _text(body: Any, *path: str) -> str:
    for step in path[:-1]:
        body = body.get(step) if isinstance(body, Mapping) else None
    found = body.get(path[-1]) if isinstance(body, Mapping) else None
    return found if isinstance(found, str) else ""


def _slash(body: Body) -> Incoming:
    user, channel, trigger = _text(body, "user_id"), _text(body, "channel_id"), _text(body, "trigger_id")
    if not user or not channel or not trigger:
        return Ignored("a slash command without user, channel or trigger")
    said = f"{_text(body, 'command')} {said_in(_text(body, 'text'))}".strip()
    actor = Actor(FACE, user, _text(body, "user_name") or user)
    return Heard(Utterance(trigger, actor, Address(FACE, channel), said), _text(body, "response_url"), trigger=trigger)


def _event(body: Body, me: Me) -> Incoming:
    event = body.get("event")
    if not isinstance(event, Mapping):
        return Ignored("an event without content")
    kind, user, channel, id = _text(event, "type"), _text(event, "user"), _text(event, "channel"), _text(body, "event_id")
    if _text(event, "bot_id") or user == me.user:
        return Ignored("said by a bot")
    if kind not in ("app_mention", "message") or _text(event, "subtype") not in _SPOKEN or "edited" in event:
        return Ignored(f"{kind} {_text(event, 'subtype')}".strip())
    if not user or not channel or not id:
        return Ignored("an event without user, channel or id")
    return _said(event, kind, Utterance(id, Actor(FACE, user, user), _where(event, channel), said_in(_text(event, "text"), me)), me)


def _said(event: Body, kind: str, utterance: Utterance, me: Me) -> Incoming:
    private = _text(event, "channel_type") == "im" or utterance.where.channel.startswith("D")
    files = shared(event)
    if kind == "app_mention":
        return Ignored("a mention in a direct message comes as a message too") if private else Heard(utterance, files=files)
    if private:
        return Heard(utterance, files=files)
    if me.user and f"<@{me.user}" in _text(event, "text"):
        return Ignored("a mention comes as app_mention too")
    overheard = Utterance(utterance.id, utterance.actor, utterance.where, utterance.text, direct=False)
    return Heard(overheard, to_us=bool(me.user) and _text(event, "parent_user_id") == me.user, files=files)


def shared(event: Body) -> tuple[Shared, ...]:
    """The files of a message, as far as they can be had; those that were deleted since are left out."""
    listed = event.get("files")
    found = [file for file in listed if isinstance(file, Mapping)] if isinstance(listed, list) else []
    return tuple(_shared(file) for file in found if _text(file, "id") and _text(file, "mode") not in ("tombstone", "hidden_by_limit"))


def _shared(file: Body) -> Shared:
    size = file.get("size")
    name = _text(file, "name") or _text(file, "title") or "file"
    url = _text(file, "url_private_download") or _text(file, "url_private")
    return Shared(_text(file, "id"), name, _text(file, "mimetype"), size if isinstance(size, int) else 0, url)


def _where(event: Body, channel: str) -> Address:
    thread = _text(event, "thread_ts")
    return Address(FACE, channel, thread if thread != _text(event, "ts") else "")


def _click(body: Body) -> Incoming:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    pressed = buttons.read(_text(action, "action_id"), _text(action, "value"))
    if pressed is None:
        return Ignored("a button that only opens a page, or none of ours")
    user, trigger = _text(body, "user", "id"), _text(body, "trigger_id")
    channel = _text(body, "channel", "id") or _text(body, "container", "channel_id")
    if not user or not channel:
        return Ignored("a press without user or channel")
    thread = _text(body, "container", "thread_ts") or _text(body, "message", "thread_ts")
    message = _text(body, "container", "message_ts") or _text(body, "message", "ts")
    press = Press(
        id=trigger or f"{user}-{message}-{_text(action, 'action_ts')}",
        actor=Actor(FACE, user, _name(body) or user),
        where=Address(FACE, channel, thread if thread != message else ""),
        card=pressed.card,
        verb=pressed.verb,
        arg=pressed.arg,
        version=pressed.version,
        message=None if _is_ephemeral(body) else MessageRef(FACE, channel, message, thread if thread != message else ""),
    )
    return Clicked(press, trigger, _text(body, "response_url"), pressed.form)


def _is_ephemeral(body: Body) -> bool:
    container = body.get("container")
    return isinstance(container, Mapping) and bool(container.get("is_ephemeral"))


def _name(body: Body) -> str:
    return _text(body, "user", "name") or _text(body, "user", "username")


def _submission(body: Body) -> Incoming:
    view = body.get("view")
    place = modal.place_of(_text(view, "private_metadata"))
    user = _text(body, "user", "id")
    if not isinstance(view, Mapping) or _text(view, "callback_id") != modal.CALLBACK or place is None or not user:
        return Ignored("a modal that is none of ours")
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    pressed = place.pressed
    press = Press(
        id=_text(body, "trigger_id") or f"{_text(view, 'id')}-{_text(view, 'hash')}",
        actor=Actor(FACE, user, _name(body) or user),
        where=Address(FACE, place.channel, place.thread),
        card=pressed.card,
        verb=pressed.verb,
        arg=pressed.arg,
        version=pressed.version,
        form=modal.values(values if isinstance(values, Mapping) else {}),
        message=MessageRef(FACE, place.channel, place.message, place.thread) if place.message else None,
    )
    return Submitted(press, modal.inputs(view.get("blocks")))


# --- text -------------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"<([^<>\n]*)>")


def said_in(text: str, me: Me | None = None) -> str:
    """Slack's text as a person typed it: links without their wrapping, entities undone, our own mention left out.

    ``<#C1|ops>`` and ``<@U1>`` stay: they are the only sure way to name a channel or a person.
    """
    if me is not None and me.user:
        text = re.sub(rf"[ \t]*<@{re.escape(me.user)}(?:\|[^<>]*)?>[ \t]*", " ", text)
    written = _TOKEN.sub(lambda found: _token(found[1]), text)
    undone = written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\u00a0", " ")
    return clean(undone).strip()


def _token(inside: str) -> str:
    target, bar, label = inside.partition("|")
    if target.startswith(("@", "#")):
        return f"<{inside}>"
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    typed_as_label = bar and label and target.removeprefix("mailto:").removeprefix("http://").removeprefix("https://").rstrip("/") == label
    return label if typed_as_label else target.removeprefix("mailto:")
