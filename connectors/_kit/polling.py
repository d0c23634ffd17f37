"""Asking for what is new where nothing is delivered: by the token the service gives, by the latest moment seen, or by what is known already.

no cursor ─▶ where it stands now is remembered, nothing told
cursor    ─▶ ask ─▶ items that are new ─▶ completed ─▶ events of the triggers that read this poll
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.parser import isoparse

from connectors._kit.connector import Connector
from connectors._kit.custom import Tools
from connectors._kit.description import Poll, Request
from connectors._kit.errand import Asker, asking
from connectors._kit.failures import Refused
from connectors._kit.filling import names_in
from connectors._kit.picking import at, fits, picks
from connectors._kit.unfolding import complete
from engine.errors import NotFound, Rejected, SignalboxError, Transient
from engine.events import Happening
from engine.ports import Polled
from engine.workflow.definition import Json
from engine.workflow.wished import Wished

KNOWN = 2000  # ids of one poll that are remembered
MOST_PAGES = 100  # of one look
SINCE = timedelta(minutes=2)  # ``{since}`` of a first request, where a service only lists from a moment on
DOING = "a look at what is new"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _New:
    """Items with the key that each is known by, oldest first."""

    items: Sequence[tuple[str, Any]]
    cursor: Mapping[str, Json]
    more: bool = False
    note: str = ""


async def poll(
    connector: Connector, tools: Tools, name: str, cursor: Mapping[str, Json] | None, wanted: Sequence[Wished], *, account: str
) -> Polled:
    """See ``ports.Polls.poll``."""
    with asking(Asker(flow=f"poll {name}", operation=name, reads=True)):
        return await _poll(connector, replace(tools, wanted=tuple(wanted)), name, cursor, account)


async def _poll(connector: Connector, tools: Tools, name: str, cursor: Mapping[str, Json] | None, account: str) -> Polled:
    said = connector.description.polls[name]
    if name in connector.custom.poll:
        new = await _by_hooks(connector, name, cursor, tools, said)
    else:
        try:
            new = await _KINDS[said.kind](said, cursor, tools)
        except SignalboxError as error:
            if cursor is None or not _too_old(said, error):
                raise
            new = await _anew(said, tools, error)
    service = connector.description.id
    items = [(key, await complete(item, said.fetch, tools, service=service)) for key, item in new.items]
    happenings = [one for key, item in items for one in _happenings(connector, name, account, key, item, tools.clock.now())]
    return Polled(happenings=tuple(happenings), cursor=new.cursor, more=new.more, note=new.note)


def tells(connector: Connector, name: str) -> list[str]:
    """The triggers that read this poll."""
    triggers = connector.description.triggers.items()
    return [event for event, trigger in triggers if any(source.poll == name for source in trigger.polled)]


def _happenings(connector: Connector, name: str, account: str, key: str, item: Any, now: datetime) -> list[Happening]:
    found: list[Happening] = []
    for event in tells(connector, name):
        trigger = connector.description.triggers[event]
        source = next((one for one in trigger.polled if one.poll == name and fits(item, one.where)), None)
        if source is None:
            continue
        fields = trigger.fields if source.fields is None else source.fields
        known = f"{account}:{name}:{key}" if not found else f"{account}:{name}:{key}:{event}"
        data = dict.fromkeys(trigger.fields) | picks(item, fields, {})
        found.append(Happening(known[:400], connector.id, event, now, data, account))
    return found


async def _by_hooks(connector: Connector, name: str, cursor: Mapping[str, Json] | None, tools: Tools, said: Poll) -> _New:
    try:
        told = await connector.custom.poll[name](cursor, tools)
    except SignalboxError:
        raise
    except Exception as error:
        log.exception("the poll %s of %s failed", name, connector.id)
        raise Transient(f"The poll failed inside Signalbox ({type(error).__name__}); the log tells more.") from error
    return _New([(_key(said, item), item) for item in told.items], told.cursor, told.more, told.note)


def _key(said: Poll, item: Any) -> str:
    version = at(item, said.version) if said.version else None
    key = f"{at(item, said.id)}" if version is None else f"{at(item, said.id)}@{version}"
    return key[:300]


# --- too old ---------------------------------------------------------------------------------------------------------------


def _too_old(said: Poll, error: SignalboxError) -> bool:
    if isinstance(error, NotFound):
        return 410 in said.again_when or 404 in said.again_when
    return isinstance(error, Refused) and error.status in said.again_when


def _handed_out(said: Poll, error: SignalboxError) -> Json:
    """The fresh cursor that some services give with their refusal."""
    body = error.body if isinstance(error, Refused) and error.status in said.again_when else None
    return at(body, said.start_cursor or said.cursor) if body is not None else None


async def _anew(said: Poll, tools: Tools, error: SignalboxError) -> _New:
    handed_out = _handed_out(said, error)
    new = _New([], {"cursor": handed_out}) if handed_out is not None else await _KINDS[said.kind](said, None, tools)
    return replace(
        new, note=f"The service no longer knows where we stood, so it is read from now on; what happened in between was not told. ({error})"
    )


# --- by the service's own token --------------------------------------------------------------------------------------------


async def _by_token(said: Poll, cursor: Mapping[str, Json] | None, tools: Tools) -> _New:
    if cursor is None:
        return _New([], {"cursor": await _begin(said, tools)})
    items, answer = await _asked(said, said.request, {"cursor": cursor.get("cursor")}, tools)
    following = at(answer, said.cursor)
    moved = following is not None and following != cursor.get("cursor")
    return _New(
        [(_key(said, item), item) for item in items],
        {"cursor": following} if moved else dict(cursor),
        more=_has_more(said, answer) and moved,
    )


async def _begin(said: Poll, tools: Tools) -> Json:
    """Where it stands now. Raises Transient when the service does not say."""
    try:
        _, answer = await _asked(said, said.start or said.request, {}, tools, listed=said.start is None)
    except Refused as error:
        handed_out = _handed_out(said, error)
        if handed_out is None:
            raise
        return handed_out
    found: Json = at(answer, (said.start_cursor or said.cursor) if said.start else said.cursor)
    turns = 0
    while said.start is None and _has_more(said, answer) and found is not None and turns < MOST_PAGES:
        turns += 1
        _, answer = await _asked(said, said.request, {"cursor": found}, tools)
        found = at(answer, said.cursor) or found
    if found is None:
        raise Transient("The service did not say where its list of changes stands.")
    return found


# --- by the latest moment --------------------------------------------------------------------------------------------------


async def _by_moment(said: Poll, cursor: Mapping[str, Json] | None, tools: Tools) -> _New:
    if cursor is None:
        return await _from_now_on(said, tools)
    since = read_moment(cursor.get("cursor")) or tools.clock.now()
    known: dict[str, Json] = dict(cursor["known"]) if isinstance(cursor.get("known"), dict) else {}  # type: ignore[arg-type]
    back = since - timedelta(seconds=said.overlap)
    items, answer = await _asked(said, said.request, {"cursor": _written(back)}, tools)
    dated = [(made, f"{_key(said, item)}@{_written(made)}", item) for item in items if (made := read_moment(at(item, said.made_at)))]
    new = sorted(((made, key, item) for made, key, item in dated if made >= back and key not in known), key=lambda one: one[0])
    latest = max([since, *(made for made, _, _ in new)])
    known |= {key: _written(made) for made, key, _ in new}
    kept = {key: made for key, made in known.items() if (read_moment(made) or since) >= latest - timedelta(seconds=said.overlap)}
    more = _has_more(said, answer) and latest > since
    return _New([(key, item) for _, key, item in new], {"cursor": _written(latest), "known": dict(list(kept.items())[-KNOWN:])}, more=more)


async def _from_now_on(said: Poll, tools: Tools) -> _New:
    """Where the vendor lists late, what is listed of the last while is remembered, so that it is not taken for new."""
    now = tools.clock.now()
    if not said.overlap:
        return _New([], {"cursor": _written(now), "known": {}})
    items, _ = await _asked(said, said.request, {"cursor": _written(now - timedelta(seconds=said.overlap))}, tools)
    dated = [(made, item) for item in items if (made := read_moment(at(item, said.made_at)))]
    known: dict[str, Json] = {f"{_key(said, item)}@{_written(made)}": _written(made) for made, item in dated}
    return _New([], {"cursor": _written(now), "known": dict(list(known.items())[-KNOWN:])})


def read_moment(value: Any) -> datetime | None:
    """ISO 8601, seconds or milliseconds; a time without a zone counts as UTC."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float) or (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) > 8):
            number = float(value)
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        moment = isoparse(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return None if moment is None else (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- by what is known ------------------------------------------------------------------------------------------------------


async def _by_known(said: Poll, cursor: Mapping[str, Json] | None, tools: Tools) -> _New:
    items, _ = await _asked(said, said.request, {}, tools)
    listed = {_key(said, item): item for item in items}
    known: Any = (cursor or {}).get("known") or []
    new = [] if cursor is None else [(key, item) for key, item in listed.items() if key not in set(known)]
    newest_last = (
        sorted(new, key=lambda one: read_moment(at(one[1], said.made_at)) or datetime.min.replace(tzinfo=UTC))
        if said.made_at
        else new[::-1]
    )
    kept = [*(key for key in known if key not in listed), *reversed(listed)][-max(KNOWN, len(listed)) :]
    missed = cursor is not None and len(new) > 1 and len(new) == len(listed) and bool(known)
    note = (
        f"All {len(new)} on the list were new, so some before them may have been missed: it fills faster than it is read." if missed else ""
    )
    return _New(newest_last, {"known": kept}, note=note)


# --- asking ----------------------------------------------------------------------------------------------------------------


async def _asked(said: Poll, request: Request, scope: Mapping[str, Any], tools: Tools, *, listed: bool = True) -> tuple[list[Any], Any]:
    """The items of all pages, where the request has a place for ``{page}``, and the last answer."""
    now = tools.clock.now()
    known = {**scope, "now": _written(now), "since": _written(now - SINCE)}
    answer = await tools.send(request, known, doing=DOING)
    items = _listed(answer, said) if listed else []
    paged = said.more and "page" in names_in([request.path, request.query, request.body])
    for _ in range(MOST_PAGES):
        page = at(answer, said.more) if paged else None
        if not isinstance(page, str | int) or isinstance(page, bool) or not page:
            return items, answer
        answer = await tools.send(request, {**known, "page": page}, doing=DOING)
        items += _listed(answer, said) if listed else []
    raise Transient(f"More than {MOST_PAGES} pages are new at once.", 60.0)


def _has_more(said: Poll, answer: Any) -> bool:
    return bool(said.more and at(answer, said.more))


def _listed(answer: Any, said: Poll) -> list[Any]:
    found = at(answer, said.among)
    if not isinstance(found, list):
        raise (
            Rejected(f"The answer holds no list at “{said.among}”, so what is new cannot be told.")
            if answer is not None
            else Transient("The service answered with nothing.")
        )
    return [item for item in found if item is not None]


_KINDS: Mapping[str, Callable[..., Any]] = {"token": _by_token, "moment": _by_moment, "seen": _by_known}
