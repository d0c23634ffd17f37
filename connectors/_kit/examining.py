"""What the doctor says of the connectors: how each account answers, what its credential lacks, and webhooks that are refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from connectors._kit.accounts import DEFAULT
from connectors._kit.description import Description
from connectors._kit.hook_secrets import secret_setting
from connectors._kit.places import Place, Places
from engine.errors import SignalboxError
from engine.monitoring.sample import Outcome, Sample
from engine.ports import Account, Finding, Standing


class Examining:
    """``probe`` and ``standing`` are the shelf's."""

    def __init__(
        self, places: Places, probe: Callable[[Account], Awaitable[Sample]], standing: Callable[[str], Awaitable[Standing | None]]
    ) -> None:
        self._places = places
        self._probe = probe
        self._standing = standing

    async def findings(self) -> list[Finding]:
        return [finding for place in self._places.all() for finding in await self._examine(place)]

    async def _examine(self, place: Place) -> list[Finding]:
        said, account = place.connector.description, place.account
        if said.house or (not account.probed and account.mode == "live"):
            return []
        if account.mode != "live":
            begun = bool(account.missing) and place.credentials.begun(said)
            return [_unconnected(_called(place), account, "warning" if begun else "info")]
        lines = [await self._answering(place)]
        lines += await _scopes(place) if lines[0].level == "ok" else []
        if said.webhooks and place is self._places[said.id] and not await place.desk.takes():
            lines.append(Finding(said.name, "info", "Its webhooks are refused.", _how_to_take(said)))
        return lines

    async def _answering(self, place: Place) -> Finding:
        said = place.connector.description
        sample, name = await self._probe(place.account), _called(place)
        if sample.outcome is Outcome.OK:
            return Finding(name, "ok", f"Connected to {place.account.url}, answered in {sample.latency * 1000:.0f} ms.")
        if sample.outcome is Outcome.MISCONFIGURED:
            return Finding(name, "problem", sample.detail, f"See {said.credentials_at}." if said.credentials_at else "")
        standing = await self._standing(said.id)
        known = standing is not None and standing.state != "unknown"
        page = f" ({said.status_page.url})" if said.status_page else ""
        return Finding(
            name, "warning", sample.detail, f"Its own status page{page} says: {standing.says}" if known and standing else _look_at(said)
        )


async def _scopes(place: Place) -> list[Finding]:
    try:
        lacking = await place.live.missing_scopes()
    except SignalboxError:
        return []  # the line before says how the service answers
    if not lacking:
        return []
    return [Finding(_called(place), "warning", f"The token lacks the scope {', '.join(lacking)}.", "Some actions will be refused; add it.")]


def _called(place: Place) -> str:
    """The service, and the account where it is not simply the service's own."""
    name = place.connector.description.name
    return name if place.account.name == DEFAULT else f"{name} ({place.account.name})"


def _look_at(said: Description) -> str:
    return f"Its own status: {said.status_page.url}" if said.status_page else ""


def _unconnected(name: str, account: Account, level: str) -> Finding:
    if account.mode == "sandbox":
        advice = account.missing or "SIGNALBOX_SANDBOX=all asks for that."
        return Finding(name, level, "Not connected: the sandbox answers from examples.", advice)
    return Finding(name, level, "Not connected: its steps are refused.", account.missing)


def _how_to_take(said: Description) -> str:
    by_hand = f"Set {secret_setting(said.id)} to take them."
    if said.webhooks is None or said.webhooks.registration is None:
        greets = said.webhooks is not None and any(greeting.keeps for greeting in said.webhooks.handshakes)
        return f"/service {said.id} watch takes the secret it sends, and says what to enter where." if greets else by_hand
    return f"/service {said.id} watch orders them where SIGNALBOX_PUBLIC_URL is set. By hand: {by_hand[0].lower()}{by_hand[1:]}"
