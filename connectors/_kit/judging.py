"""What an answer means: a payload, or one of the hall's three words with the vendor's own sentence in it. Pure."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors._kit.accounts import DEFAULT, variable
from connectors._kit.authorizing import named
from connectors._kit.credentials import Credentials
from connectors._kit.description import Description
from connectors._kit.failures import Misconfigured, Refused, Throttled
from connectors._kit.picking import at, fits
from connectors._kit.wire import WireAnswer
from engine.errors import NotFound, Rejected, SignalboxError, Transient, Unanswered

LONGEST_WAIT = 3600.0  # seconds; a vendor that says more is asked again after that


def judge(
    answer: WireAnswer,
    description: Description,
    credentials: Credentials,
    *,
    doing: str,
    may_repeat: bool,
    now: datetime,
    kind: str = "json",
) -> Any:
    """The body of a success, read as ``kind`` (see ``described_wire.Request``), None when empty. ``doing`` names what was asked, for the sentence of a failure."""
    body = answer.json()
    failure = _failure(answer, body, description, doing, may_repeat, now)
    if failure is not None:
        advice = f" {_advice(description, credentials)}" if isinstance(failure, Misconfigured) else ""
        failure.args = (credentials.scrub(str(failure)) + advice.rstrip(),)
        raise failure
    if kind != "json":
        return _read(answer, kind)
    if body is None and answer.content.strip():
        raise _garbled(description, doing, may_repeat)
    return body


def _read(answer: WireAnswer, kind: str) -> Any:
    if kind == "none":
        return None
    if kind == "headers":
        return dict(answer.headers)
    if kind == "lines":
        return answer.lines()
    if kind == "text":
        return {"text": answer.text}
    content_type = answer.headers.get("content-type", "").partition(";")[0]
    return {"content_type": content_type, "size": len(answer.content), "content": b64encode(answer.content).decode()}


def _failure(answer: WireAnswer, body: Any, description: Description, doing: str, may_repeat: bool, now: datetime) -> SignalboxError | None:
    if is_throttled(answer, description):
        return Throttled(f"{description.name} asks for a pause.", retry_after(answer, description, now))
    if 200 <= answer.status < 300:
        return _soft_failure(body, description, doing, may_repeat)
    sentence = f"{description.name} refused {doing}: {complaint(answer, body, description)} ({answer.status})."
    if answer.status in (401, 403):
        return Misconfigured(sentence)
    if answer.status in (404, 410) or _says(answer, description.complaint.missing):
        return NotFound(f"{sentence} It does not exist, or the credential may not see it.")
    if answer.status >= 500 or answer.status in (408, 425):
        return _broken(answer, description, doing, may_repeat, now)
    return Refused(sentence, answer.status, body)


def _says(answer: WireAnswer, words: tuple[str, ...]) -> bool:
    return answer.status < 500 and any(word in answer.text for word in words)


def fails_for_good(answer: WireAnswer, description: Description) -> bool:
    """Whether a failing service says that asking again is no use."""
    header = description.complaint.again.lower()
    return bool(header) and answer.status >= 500 and answer.headers.get(header, "").lower() == "false"


def _broken(answer: WireAnswer, description: Description, doing: str, may_repeat: bool, now: datetime) -> SignalboxError:
    what = f"{description.name} failed at {doing} (status {answer.status})"
    if may_repeat:
        return Transient(f"{what}.", retry_after(answer, description, now))
    return Unanswered(f"{what}; whether it was done has to be looked up there.")


def _soft_failure(body: Any, description: Description, doing: str, may_repeat: bool) -> SignalboxError | None:
    soft = description.soft_error
    if soft is None or not fits(body, soft.where):
        return None
    word = str(at(body, soft.says) or "no reason given")
    if word in soft.fine:
        return None
    if word in soft.throttled:
        return Throttled(f"{description.name} asks for a pause.", _wait_in(body, description))
    if word in soft.unsure:
        what = f"{description.name} failed at {doing} ({word})"
        return Transient(f"{what}.") if may_repeat else Unanswered(f"{what}; whether it was done has to be looked up there.")
    sentence = f"{description.name} refused {doing}: {_one_line(': '.join(filter(None, [word, _detail(body, soft.details, word)])))}."
    if word in soft.credentials:
        return Misconfigured(sentence)
    return NotFound(sentence) if word in soft.missing else Rejected(sentence)


def _detail(body: Any, path: str, word: str) -> str:
    said = at(body, path) if path else ""
    text = "; ".join(str(part) for part in _as_list(said) if part)
    return "" if text == word else text


def _wait_in(body: Any, description: Description) -> float | None:
    said = at(body, description.throttle.wait) if description.throttle.wait else None
    return _bounded(float(said)) if isinstance(said, int | float) and not isinstance(said, bool) else None


def _garbled(description: Description, doing: str, may_repeat: bool) -> SignalboxError:
    what = f"{description.name} answered {doing} with something that is not JSON; is its URL right?"
    return Transient(what) if may_repeat else Unanswered(f"{what} Whether it was done has to be looked up there.")


def _advice(description: Description, credentials: Credentials) -> str:
    """Where to look, for whoever connected this account: by the environment or by the house."""
    name, way = credentials.account.name, credentials.way
    if credentials.kept:
        return f"It may be expired or lack a permission; connect it again: /connect {description.id}{'' if name == DEFAULT else f' as {name}'}."
    mine = [key for key in description.settings if way and key in named(way)]
    keys = mine or [key for key, setting in description.settings.items() if setting.needed]
    names = " and ".join(variable(description, key, name) for key in keys)
    return f"Check {names}: it may be wrong, expired or lack a permission." if names else ""


def is_throttled(answer: WireAnswer, description: Description) -> bool:
    signs = description.throttle
    if answer.status == 429:
        return True
    if answer.status not in signs.statuses:
        return False
    by_header = any(
        answer.headers.get(name.lower()) == value or (value == "*" and name.lower() in answer.headers)
        for name, value in signs.headers.items()
    )
    return by_header or any(text.casefold() in answer.text.casefold() for text in _texts(signs.text))


def _texts(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return said if isinstance(said, tuple) else (said,) if said else ()


def retry_after(answer: WireAnswer, description: Description, now: datetime) -> float | None:
    """Seconds, from Retry-After or the vendor's reset header."""
    reset = answer.headers.get(description.throttle.reset.lower(), "") if description.throttle.reset else ""
    wait = wait_said(answer, now)
    if wait is None and reset.isascii() and reset.isdigit() and len(reset) < 20:
        return _bounded(int(reset) - now.timestamp())
    return _wait_in(answer.json(), description) if wait is None else wait


def wait_said(answer: WireAnswer, now: datetime) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None without a readable one."""
    said = answer.headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        return _bounded(float(said) if said.replace(".", "", 1).isdigit() else (parsedate_to_datetime(said) - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT)


def complaint(answer: WireAnswer, body: Any, description: Description) -> str:
    """The vendor's own words, one line, at most 300 characters."""
    says = description.complaint
    found = next((text for path in says.says if isinstance(text := at(body, path), str) and text), "")
    details = [str(part) for path in says.details for part in _as_list(at(body, path)) if part]
    if not found and body is None and "<" not in answer.text:
        found = answer.text
    return _one_line(": ".join(filter(None, [found, "; ".join(dict.fromkeys(details))])) or "no reason given")


def _as_list(value: Any) -> list[Any]:
    """Of named complaints (``{"priority": "is required"}``) each with its name."""
    if isinstance(value, dict):
        return [f"{name}: {said}" for name, said in value.items() if said]
    return value if isinstance(value, list) else [value]


def _one_line(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= 300 else text[:299] + "…"
