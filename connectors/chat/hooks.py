"""The chat's actions: said through the house's own speaker, to the place a spoken channel meant where it was spoken.

Cards, for whoever draws them (``Speaker.say``'s ``kind`` → ``payload``):

``note``      ``text``, ``title`` (may be empty), ``file`` ({``name``, ``text``} or, of a kept one, {``name``, ``id``}; only for an upload), ``run``, ``step``, ``workflow``
``approval``  ``text``, ``approver`` (as said, "" = anyone who may confirm), ``run``, ``step``, ``workflow``, ``asked_by``; its key is ``apr_`` + 24 hex
              digits. The decision is handed to ``Runner.answer(run, step, {"approved": bool, "by": name, "at": ISO, "note": text})``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors._kit.custom import Ask, Custom, Tools
from engine.errors import Rejected
from engine.events import Priority
from engine.parties import Address, MessageRef
from engine.ports import Answer, Call
from engine.workflow.approval import approval_id

ME = "@me"
LONGEST_TEXT = 400_000  # bytes of a file that is told as text


def destination(said: str, call: Call) -> Address:
    """The address of ``#name``, ``@person``, ``@me``, ``face:channel`` or, when nothing is said, of the run's card.

    Spoken names are looked up in the call's places first, with and without their sign. Raises Rejected when none is known.
    """
    spoken = said.strip()
    if not spoken:
        return _home_of_the_run(call)
    meant = _placed(spoken, call.places)
    if meant:
        return Address.parse(meant, call.home)
    if spoken == ME:
        return _asker(call)
    if spoken[0] not in "#@" and ":" not in spoken:
        spoken = f"#{spoken}"
    return Address.parse(spoken, call.home or _face_of(call.where))


def _placed(spoken: str, places: Mapping[str, str]) -> str:
    return next((places[name] for name in (spoken, f"#{spoken}", spoken.lstrip("#")) if name in places), "")


def _home_of_the_run(call: Call) -> Address:
    if not call.where:
        raise Rejected("Nobody said where to post this: give the step a channel, such as #ops.")
    return Address.parse(call.where)


def _asker(call: Call) -> Address:
    face, _, user = call.actor.partition(":")
    if not user:
        raise Rejected("“@me” is nobody here: this run was not started by a person.")
    return Address(face, f"@{user}")


def _face_of(where: str) -> str:
    return where.partition(":")[0]


def _about(call: Call) -> dict[str, Any]:
    return {"run": call.run, "step": call.step, "workflow": call.workflow}


def _posted(text: str, ref: MessageRef) -> Answer:
    return Answer({"id": ref.message, "text": text, "channel": f"{ref.face}:{ref.channel}"})


def _destination(ask: Ask) -> Address:
    said = ask.arguments
    to = destination(said.get("channel") or said.get("to") or said.get("user") or "", ask.call)
    return replace(to, thread=said["thread"]) if said.get("thread") else to


async def _post_message(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    if not said["text"].strip():
        raise Rejected("There is nothing to post: the text is empty.")
    payload = {"text": said["text"], "title": said.get("title", ""), **_about(ask.call)}
    return _posted(said["text"], await tools.speaker().say(_destination(ask), payload, key=ask.call.key, priority=Priority.REPORT))


async def _look_at_message(ask: Ask, tools: Tools) -> Answer | None:
    ref = await tools.speaker().standing(_destination(ask), key=ask.call.key)
    return _posted(ask.arguments["text"], ref) if ref else None


async def _upload_file(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    payload = {"text": _beside(said), "title": "", "file": await _handed_out(ask, tools), **_about(ask.call)}
    to = destination(said.get("channel", ""), ask.call)
    return _posted(_beside(said), await tools.speaker().say(to, payload, key=ask.call.key, priority=Priority.REPORT))


async def _look_at_file(ask: Ask, tools: Tools) -> Answer | None:
    ref = await tools.speaker().standing(destination(ask.arguments.get("channel", ""), ask.call), key=ask.call.key)
    return _posted(_beside(ask.arguments), ref) if ref else None


async def _handed_out(ask: Ask, tools: Tools) -> dict[str, Any]:
    """A kept file by its id, a short text as it is; of anything else the bytes are kept first."""
    said = ask.arguments
    if said.get("file") is None:
        return {"name": _called(said), "text": said["content"]}
    named = ask.call.arguments.get("file")
    id = named.get("id") if isinstance(named, Mapping) else named
    if isinstance(id, str):
        return {"name": _called(said), "id": id}
    content: bytes = said["file"].content
    text = _text_of(content)
    if text is not None:
        return {"name": _called(said), "text": text}
    kept = await tools.files().keep(_called(said), content, media_type=said["file_type"], by=ask.call.actor)
    return {"name": kept.name, "id": kept.id}


def _text_of(content: bytes) -> str | None:
    """None for what is no text, or too much of it for a message."""
    try:
        return content.decode() if len(content) <= LONGEST_TEXT else None
    except UnicodeDecodeError:
        return None


def _called(said: Mapping[str, Any]) -> str:
    return str(said.get("name") or said.get("file_name") or "file.txt")


def _beside(said: Mapping[str, Any]) -> str:
    """What is said with a file."""
    return str(said.get("text") or _called(said))


async def _ask_approval(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    approver = said.get("approver") or said.get("user") or ""
    payload = {"text": said["text"], "approver": approver, "asked_by": ask.call.actor, **_about(ask.call)}
    to = destination(said.get("channel", ""), ask.call)
    ref = await tools.speaker().say(to, payload, key=approval_id(ask.call.key), kind="approval")
    return _waiting(said["text"], ref)


async def _look_at_approval(ask: Ask, tools: Tools) -> Answer | None:
    """Whether its card stands; what was decided comes by itself."""
    to = destination(ask.arguments.get("channel", ""), ask.call)
    ref = await tools.speaker().standing(to, key=approval_id(ask.call.key))
    return _waiting(ask.arguments["text"], ref) if ref else None


def _waiting(text: str, ref: MessageRef) -> Answer:
    return Answer({"id": ref.message, "text": text, "channel": f"{ref.face}:{ref.channel}"}, pending=True)


CUSTOM = Custom(
    perform={"post_message": _post_message, "ask_approval": _ask_approval, "upload_file": _upload_file},
    look={"post_message": _look_at_message, "ask_approval": _look_at_approval, "upload_file": _look_at_file},
)
