"""What the vendors say of themselves: read without credentials, rarely, and never taken for more than it is.

A page that cannot be read says *unknown*, never *down*; a vendor that publishes nothing is *unknown* too, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx2

from connectors._kit.credentials import Credentials
from connectors._kit.description import Description, Limits, StatusPage, Timeouts
from connectors._kit.picking import at
from connectors._kit.wire import Wire, WireRequest
from engine.errors import SignalboxError
from engine.ports import Clock, Standing

FRESH = timedelta(minutes=5)
PATIENCE = 3.0  # seconds that somebody who asks waits for the first look; later ones are made behind their back
LARGEST = 8 * 1024 * 1024  # bytes; a list of all incidents of years is that long
TIMEOUTS = Timeouts(connect=4.0, read=6.0, total=10.0)
LONGEST = 200  # characters of what a page says
_PATHS = {
    "statuspage": "/api/v2/summary.json",
    "slack": "/api/v2.0.0/current",
    "google": "/incidents.json",
    "stripe": "",
    "statusio": "",
    "salesforce": "/instances/{instance}/status",
}
_INSTANCE = re.compile(r"[a-z]{2,3}\d{1,4}")  # na139, usa1234s has none of its own in an address

log = logging.getLogger(__name__)

Verdict: TypeAlias = "tuple[str, str]"  # (up, trouble, down or unknown; a sentence)
UNREAD: Verdict = ("unknown", "Its status page says nothing that is understood here.")


@dataclass(slots=True)
class _Page:
    standing: Standing | None = None
    look: asyncio.Task[Standing] | None = None


class StatusPages:
    """One look at a page is shared by all who ask. ``transport`` replaces the network."""

    def __init__(self, clock: Clock, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._clock = clock
        self._transport = transport
        self._pages: dict[str, _Page] = {}

    async def standing(self, said: Description, credentials: Credentials) -> Standing:
        """What was read in the last minutes; what is older is said once more while it is read anew."""
        page = self._pages.setdefault(said.id, _Page())
        if said.status_page is None or said.status_page.kind == "none":
            where = f" People can look at {said.status_page.url}." if said.status_page else ""
            return Standing(said.id, "unknown", f"{said.name} publishes no status that can be read.{where}", self._clock.now())
        self._take(page)
        if page.standing is not None and self._clock.now() - page.standing.at < FRESH:
            return page.standing
        if page.look is None:
            page.look = asyncio.create_task(self._look(said, said.status_page, credentials), name=f"status of {said.id}")
        if page.standing is None:
            await asyncio.wait([page.look], timeout=PATIENCE)
            self._take(page)
        return page.standing or self._unknown(said, "Its status page has not answered yet.")

    def _take(self, page: _Page) -> None:
        """What a look found, once it is over."""
        if page.look is not None and page.look.done():
            if not page.look.cancelled():
                page.standing = page.look.result()
            page.look = None

    async def close(self) -> None:
        looks = [page.look for page in self._pages.values() if page.look is not None]
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, said: Description, page: StatusPage, credentials: Credentials) -> Standing:
        path = _PATHS[page.kind]
        if "{instance}" in path:
            instance = instance_of(credentials)
            if not instance:
                return self._unknown(said, "Which of its instances this account is on is not known here.")
            path = path.replace("{instance}", instance)
        wire = Wire(f"The status page of {said.name}", page.url.rstrip("/"), TIMEOUTS, Limits(answer_bytes=LARGEST), self._transport)
        try:
            answer = await wire.send(WireRequest(method="GET", path=path), may_repeat=True)
        except SignalboxError as error:
            return self._unknown(said, str(error))
        except Exception:
            log.exception("the status page of %s could not be read", said.id)
            return self._unknown(said, "Its status page could not be read; the log tells more.")
        finally:
            await wire.close()
        if answer.status != 200:
            return self._unknown(said, f"Its status page answered with status {answer.status}.")
        state, sentence = _judged(page, await asyncio.to_thread(answer.json))  # megabytes
        return Standing(said.id, state, " ".join(sentence.split())[:LONGEST], self._clock.now())

    def _unknown(self, said: Description, why: str) -> Standing:
        return Standing(said.id, "unknown", why, self._clock.now())


def instance_of(credentials: Credentials) -> str:
    """Salesforce's instance, where the account's settings or its address say it; else empty."""
    if said := credentials.get("instance"):
        return said.upper()
    labels = (urlsplit(credentials.get("base_url")).hostname or "").split(".")
    return next((label.upper() for label in labels if _INSTANCE.fullmatch(label)), "")


def _judged(page: StatusPage, body: Any) -> Verdict:
    try:
        return _READERS[page.kind](body, page.components)
    except (TypeError, ValueError, AttributeError, KeyError):
        return UNREAD


def _concerns(names: Sequence[Any], wanted: Sequence[str]) -> bool:
    return not wanted or any(str(name).casefold() == one.casefold() for name in names for one in wanted)


def _worst(found: Sequence[tuple[str, str]], fine: str) -> Verdict:
    """``found``: (state, name of what has trouble)."""
    for state, word in (("down", "is down"), ("trouble", "has trouble")):
        named = list(dict.fromkeys(name for one, name in found if one == state and name))
        if any(one == state for one, _ in found):
            return (
                state,
                f"{', '.join(named[:4]) or 'The service'} {word if len(named) < 2 else {'is down': 'are down', 'has trouble': 'have trouble'}[word]}.",
            )
    return "up", fine


_ATLASSIAN = {
    "operational": "up",
    "under_maintenance": "trouble",
    "degraded_performance": "trouble",
    "partial_outage": "trouble",
    "major_outage": "down",
}
_INDICATOR = {"none": "up", "maintenance": "trouble", "minor": "trouble", "major": "trouble", "critical": "down"}


def _statuspage(body: Any, wanted: Sequence[str]) -> Verdict:
    said = at(body, "status.description") or ""
    parts = [part for part in body["components"] if _concerns([part.get("name")], wanted) and not part.get("group")]
    if wanted and parts:
        return _worst(
            [(_ATLASSIAN.get(part.get("status"), "trouble"), str(part.get("name"))) for part in parts], "Its own page shows no trouble."
        )
    state = _INDICATOR.get(str(at(body, "status.indicator")))
    return (state, f"{said}." if said else "Its own page shows no trouble.") if state else UNREAD


def _slack(body: Any, wanted: Sequence[str]) -> Verdict:
    if body["status"] == "ok":
        return "up", "Its own page shows no trouble."
    open_ = [one for one in body["active_incidents"] if _concerns(one.get("services") or [], wanted)]
    return _worst(
        [("down" if one.get("type") == "outage" else "trouble", str(one.get("title") or "")) for one in open_],
        "No trouble that concerns us.",
    )


def _google(body: Any, wanted: Sequence[str]) -> Verdict:
    found = []
    if not isinstance(body, list):
        return UNREAD
    for one in body:
        names = [one.get("service_name"), *(product.get("title") for product in one.get("affected_products") or [])]
        if one.get("end") or not _concerns([name for name in names if name], wanted):
            continue
        impact = str(one.get("status_impact") or at(one, "most_recent_update.status") or "")
        if impact not in ("SERVICE_INFORMATION", "AVAILABLE"):
            shown = next((name for name in names if name and _concerns([name], wanted)), "")
            found.append(("down" if impact == "SERVICE_OUTAGE" else "trouble", str(shown)))
    return _worst(found, "Its own page shows no trouble.")


def _stripe(body: Any, wanted: Sequence[str]) -> Verdict:
    words = {"up": "up", "degraded": "trouble", "down": "down"}
    parts = {name: state for name, state in (body.get("statuses") or {}).items() if _concerns([name], wanted)}
    if parts:
        return _worst(
            [(words.get(str(state), "trouble"), str(name)) for name, state in parts.items()], str(body.get("message") or "No trouble.")
        )
    state = words.get(str(body["largestatus"]))
    return (state, str(body.get("message") or "")) if state else UNREAD


def _statusio(body: Any, wanted: Sequence[str]) -> Verdict:
    parts = [
        (part.get("name"), part.get("status_code")) for part in at(body, "result.status") or [] if _concerns([part.get("name")], wanted)
    ]
    if not parts:
        parts = [("", at(body, "result.status_overall.status_code"))]
    if not all(isinstance(code, int) for _, code in parts):
        return UNREAD
    return _worst([(_code(code), str(name)) for name, code in parts], "Its own page shows no trouble.")


def _code(code: int) -> str:
    """100 operational, 200 planned maintenance, 300 degraded, 400 partly disrupted, 500 disrupted, 600 a security event."""
    return "up" if code < 200 else "down" if code == 500 else "trouble"


def _salesforce(body: Any, wanted: Sequence[str]) -> Verdict:
    word, key = str(body["status"]), str(body.get("key") or "")
    if word == "OK" or word.startswith("INFORMATIONAL"):
        return "up", f"{key} shows no trouble.".strip()
    if not word.endswith(("_CORE", "_NONCORE")):
        return UNREAD
    return ("down" if word == "MAJOR_INCIDENT_CORE" else "trouble"), f"{key}: {word.replace('_', ' ').lower()}."


_READERS: Mapping[str, Callable[[Any, Sequence[str]], Verdict]] = {
    "statuspage": _statuspage,
    "slack": _slack,
    "google": _google,
    "stripe": _stripe,
    "statusio": _statusio,
    "salesforce": _salesforce,
}
