"""Ordering deliveries by the services' own APIs, renewing them before they end, and ending them; fulfils ``ports.Watching``.

    watch ─▶ secret awaited or made (vault) ─▶ written down ─▶ asked for ─▶ its id and end written down ─▶ renewed when a third is left ─▶ removed

It is written down before it is asked for: a crash in between is seen afterwards, and said.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from connectors._kit.accounts import DEFAULT
from connectors._kit.credentials import HIDDEN
from connectors._kit.described_triggers import Registration
from connectors._kit.description import Input, Operation, Request, Webhooks
from connectors._kit.filling import names_in
from connectors._kit.hook_secrets import GREETED, UNDER_WAY, secret_setting, worded
from connectors._kit.picking import at
from connectors._kit.places import Place, Places
from connectors._kit.polling import read_moment
from connectors._kit.proving import BY_HOOKS
from engine.errors import Conflict, Invalid, NotFound, Problem, Rejected, SignalboxError, Unanswered
from engine.events import AccountChanged, CursorMoved
from engine.ports import Clock, Cursor, Cursors, Ledger, Watch
from engine.workflow.definition import Json

PREFIX = "hook:"
MADE = "made"  # the name of the one secret that we make for an account
HOOKS = "/api/v2/hooks"
TRY_AGAIN = timedelta(minutes=10)  # after a renewal that failed
NEEDS_ADDRESS = "SIGNALBOX_PUBLIC_URL is not set, so no service can deliver to this house; what has a feed is polled meanwhile."

CatchUp: TypeAlias = Callable[[str, str], Awaitable[None]]

log = logging.getLogger(__name__)


class Registrar:
    """``public_url``: where services reach this house, empty where they cannot. ``catch_up``: polls an account once more, before deliveries take over."""

    def __init__(
        self,
        places: Places,
        *,
        ledger: Ledger,
        cursors: Cursors,
        clock: Clock,
        public_url: Callable[[], str],
        catch_up: CatchUp | None = None,
    ) -> None:
        self._places = places
        self._ledger = ledger
        self._cursors = cursors
        self._clock = clock
        self._public_url = public_url
        self._catch_up = catch_up
        self._lock = asyncio.Lock()

    def address(self, service: str, account: str = "") -> str:
        """Where a service delivers to. Raises NotFound for one that sends nothing, Rejected without a public address."""
        self._scheme(service)
        if not self._public_url():
            raise Rejected(NEEDS_ADDRESS)
        return f"{self._public_url().rstrip('/')}{HOOKS}/{service}/{account or DEFAULT}"

    def asks(self, service: str) -> tuple[str, ...]:
        return self._registration(service)[1].wants

    async def expect(self, service: str, account: str) -> str:
        """See ``ports.Watching.expect``."""
        scheme, name = self._scheme(service), self._places.connector(service).description.name
        if scheme.registration is not None or not any(greeting.keeps for greeting in scheme.handshakes):
            return ""
        place = self._places.choose(service, account)
        address = self.address(service, place.account.name)
        address = worded(address, await place.desk.secrets.expect(place.account.name, GREETED))
        minutes = UNDER_WAY.seconds // 60
        return (
            f"For {minutes} minutes the secret that {name} greets {address} with is taken. {scheme.manual or 'Set it up there now.'} "
            f"Where it asks for the token: GET {HOOKS.removesuffix('/hooks')}/deliveries/greeting/{service}/{place.account.name} with the API token shows it, and so does python main.py greeting {service}."
        )

    async def watch(self, service: str, account: str, said: Mapping[str, str]) -> Watch:
        scheme, registration = self._registration(service)
        place = self._places.choose(service, account)
        said = {name: value.strip() for name, value in said.items() if value.strip()}
        self._check(place, registration, said)
        await self._check_secret(place, scheme, registration)
        name = f"{PREFIX}{service}:{place.account.name}:{_key(said)}"
        async with self._lock:
            before = await self._cursors.get(name)
            if before is not None and before.state.get("id") is not None:
                raise Conflict(f"{place.connector.description.name} delivers this already. To order it anew, end it first.")
            if self._catch_up is not None:
                await self._catch_up(service, place.account.name)
            cursor = await self._move(name, before, {"said": dict(said), "account": place.account.name})
            return await self._order(place, scheme, registration, cursor)

    async def unwatch(self, service: str, account: str, said: Mapping[str, str]) -> Watch:
        place = self._places.choose(service, account)
        known = await self._under(service, place.account.name)
        wanted = [cursor for cursor in known if not said or _said(cursor) == {key: value.strip() for key, value in said.items()}]
        if not wanted or (len(wanted) > 1 and not said):
            listed = ", ".join(f"“{_watch(cursor).target}”" for cursor in known) or "nothing"
            raise NotFound(f"{place.connector.description.name} was asked to deliver {listed}. Say which of it is to end.")
        async with self._lock:
            await self._remove(place, wanted[0])
        return _watch(wanted[0])

    async def watches(self, service: str = "", account: str = "") -> list[Watch]:
        return [_watch(cursor) for cursor in await self._under(service, account)]

    async def greeting(self, service: str, account: str) -> str:
        """See ``ports.Watching.greeting``."""
        self._scheme(service)
        place = self._places.choose(service, account)
        name = place.connector.description.name
        secret = await place.desk.secrets.named(place.account.name, GREETED)
        if not secret:
            raise NotFound(f"No greeting of {name} has come to {HOOKS}/{service}/{place.account.name} yet.")
        return secret

    async def end(self, service: str, account: str) -> None:
        """All of an account, before it is disconnected. What the service does not take back is forgotten all the same, and the log says so."""
        place = self._places.named(service, account or DEFAULT)
        if place is None:
            return
        async with self._lock:
            for cursor in await self._under(service, place.account.name):
                try:
                    await self._remove(place, cursor)
                except SignalboxError as error:
                    log.warning("%s goes on delivering to an account that is gone: %s", service, place.credentials.scrub(str(error)))
                    await self._move(cursor.name, cursor, None)
        await place.desk.secrets.forget(place.account.name)

    async def renew(self) -> None:
        """Those of which a third or less of their time is left. One that fails is tried again soon, and its trouble shown."""
        now = self._clock.now()
        for cursor in await self._cursors.under(PREFIX):
            ends, tried = _moment(cursor.state.get("ends")), _moment(cursor.state.get("tried"))
            made = _moment(cursor.state.get("made"))
            if ends is None or made is None or (tried and now - tried < TRY_AGAIN) or (ends - now) * 3 > ends - made:
                continue
            service, _, _ = cursor.name.removeprefix(PREFIX).partition(":")
            place = self._places.named(service, str(cursor.state.get("account")))
            if place is not None and place.account.mode == "live":
                async with self._lock:
                    await self._renewed(place, cursor)

    # --- one registration ------------------------------------------------------------------------------------------------

    async def _order(self, place: Place, scheme: Webhooks, registration: Registration, cursor: Cursor) -> Watch:
        """Raises what asking raises, after which it can be asked for again."""
        kept, account, name = place.desk.secrets, place.account.name, _secret_name(cursor)
        try:
            state = await self._put(place, scheme, registration, registration.request, cursor)
        except SignalboxError as error:
            told = await self._scrubbed(place, error)
            if not isinstance(error, Unanswered):  # then it may have been ordered: it stays, says so, and its secret is still awaited
                await kept.forget(account, name)
                await self._move(cursor.name, cursor, None)
            raise told from error
        return _watch(await self._move(cursor.name, cursor, {**cursor.state, **state}))

    async def _put(self, place: Place, scheme: Webhooks, registration: Registration, request: Request, cursor: Cursor) -> dict[str, Json]:
        """What is to be remembered of the answer."""
        now, said = self._clock.now(), _said(cursor)
        ends = now + timedelta(seconds=registration.lasts) if registration.lasts else None
        scope = {
            **await self._meant(place, registration, said),
            **_remembered(cursor),
            "callback": await self._callback(place, scheme, cursor),
            "now": _written(now),
            "uuid": str(UUID(bytes=secrets.token_bytes(16), version=4)),
            **(
                {"expires": _written(ends), "expires_ms": int(ends.timestamp() * 1000), "expires_unix": int(ends.timestamp())}
                if ends
                else {}
            ),
        }
        if "secret" in names_in([request.path, request.query, request.body, request.headers]):
            scope["secret"] = await self._own_secret(place, scheme)
        answer = await place.live.tools.send(request, scope, doing="the order of deliveries", may_repeat=False)
        secret = at(answer, registration.secret) if registration.secret else None
        if isinstance(secret, str) and secret:
            await place.desk.secrets.keep(place.account.name, _secret_name(cursor), secret)
        told = read_moment(at(answer, registration.expires)) if registration.expires else None
        ending, id_ = told or ends, at(answer, registration.id)
        later = names_in([[part.path, part.query, part.body] for part in (registration.renew, registration.remove) if part])
        more = {name: at(answer, name) for name in later if isinstance(at(answer, name), str | int)}
        return {
            "id": cursor.state.get("id") if id_ is None else id_,
            "made": _written(now),
            "ends": None if ending is None else _written(ending),
            "more": more,
            "tried": None,
            "trouble": await self._unproven(place, scheme),
        }

    async def _callback(self, place: Place, scheme: Webhooks, cursor: Cursor) -> str:
        """Our address; to a service that will greet it with its secret, one that nobody else is told."""
        address = self.address(place.account.service, place.account.name)
        if not any(greeting.keeps for greeting in scheme.handshakes):
            return address
        return worded(address, await place.desk.secrets.expect(place.account.name, _secret_name(cursor)))

    async def _unproven(self, place: Place, scheme: Webhooks) -> str:
        """Why deliveries will be refused all the same; empty when they will not."""
        if scheme.scheme in BY_HOOKS or await place.desk.can_prove(place.account.name):
            return ""
        return f"Its deliveries are refused until {secret_setting(place.account.service)} is set ({scheme.secret_meaning})."

    async def _renewed(self, place: Place, cursor: Cursor) -> None:
        scheme, registration = self._registration(place.account.service)
        anew = registration.renew is None
        try:
            state = await self._put(place, scheme, registration, registration.renew or registration.request, cursor)
        except SignalboxError as error:
            sentence = str(await self._scrubbed(place, error))
            log.warning("Deliveries of %s could not be renewed: %s", place.account.service, sentence)
            await self._move(cursor.name, cursor, {**cursor.state, "tried": _written(self._clock.now()), "trouble": sentence})
            return
        moved = await self._move(cursor.name, cursor, {**cursor.state, **state})
        if anew and registration.remove and moved.state.get("id") != cursor.state.get("id"):
            try:  # the new one is in its place
                await place.live.tools.send(registration.remove, {**_said(cursor), **_remembered(cursor)}, doing="ending deliveries")
            except SignalboxError as error:
                log.warning(
                    "An order of %s that was replaced runs on to its end: %s", place.account.service, await self._scrubbed(place, error)
                )

    async def _remove(self, place: Place, cursor: Cursor) -> None:
        _, registration = self._registration(place.account.service)
        if registration.remove is not None and cursor.state.get("id") is not None:
            scope = {**await self._meant(place, registration, _said(cursor)), **_remembered(cursor)}
            try:
                await place.live.tools.send(registration.remove, scope, doing="ending deliveries")
            except NotFound:
                pass  # it was ended over there
            except SignalboxError as error:
                raise await self._scrubbed(place, error) from error
        await self._move(cursor.name, cursor, None)
        await place.desk.secrets.forget(place.account.name, _secret_name(cursor))
        if not await self._under(place.account.service, place.account.name):
            await place.desk.secrets.forget(place.account.name, MADE)

    async def _own_secret(self, place: Place, scheme: Webhooks) -> str:
        """The environment's, else one made once for the account."""
        kept, account = place.desk.secrets, place.account.name
        if said := kept.said(account):
            return said
        if made := await kept.named(account, MADE):
            return made
        fresh = secrets.token_hex(32)
        if scheme.decoded_secret is not None:
            fresh = scheme.decoded_secret + base64.b64encode(secrets.token_bytes(32)).decode()
        await kept.keep(account, MADE, fresh)
        return fresh

    async def _scrubbed(self, place: Place, error: SignalboxError) -> SignalboxError:
        """Without the account's secrets and those of its deliveries: a service may say back what it was told."""
        text = place.credentials.scrub(str(error))
        for secret in await place.desk.secrets.of(place.account.name):
            text = text.replace(secret, HIDDEN)
        error.args = (text,)
        return error

    async def _meant(self, place: Place, registration: Registration, said: Mapping[str, str]) -> dict[str, Any]:
        """What was said, with names looked up: ``{project}`` and ``{project_id}`` are the id then."""
        known = place.connector.description.lookups
        inputs = {name: Input(required=True, lookup=name if name in known else "") for name in registration.wants}
        found = await place.live.meant(Operation(title="", inputs=inputs, request=registration.request), said)
        return {**said, **found, **{name: found[f"{name}_id"] for name in said if f"{name}_id" in found}}

    # --- what is known ----------------------------------------------------------------------------------------------------

    def _scheme(self, service: str) -> Webhooks:
        said = self._places.connector(service).description
        if said.webhooks is None:
            raise NotFound(f"{said.name} sends no deliveries.")
        return said.webhooks

    def _registration(self, service: str) -> tuple[Webhooks, Registration]:
        scheme, name = self._scheme(service), self._places.connector(service).description.name
        if scheme.registration is None:
            raise Rejected(
                f"{name} takes no orders for deliveries by its API. {scheme.manual or 'Set it up there'} "
                f"(address {HOOKS}/{service}/{DEFAULT}, secret {secret_setting(service)})."
            )
        return scheme, scheme.registration

    def _check(self, place: Place, registration: Registration, said: Mapping[str, str]) -> None:
        name = place.connector.description.name
        if place.account.mode != "live":
            raise Rejected(f"{name} is not connected, so nothing can be ordered there. {place.account.missing}".strip())
        lacking = [wanted for wanted in registration.wants if wanted not in said]
        if lacking or set(said) - set(registration.wants):
            raise Invalid(
                f"What {name} delivers is ordered for {' and '.join(registration.wants) or 'all of the account'}.",
                [Problem("is to be said", (wanted,)) for wanted in lacking]
                + [Problem("is not known here", (more,)) for more in sorted(set(said) - set(registration.wants))],
            )
        self.address(place.account.service, place.account.name)

    async def _check_secret(self, place: Place, scheme: Webhooks, registration: Registration) -> None:
        """Where the order gives no secret, one must be known before."""
        request = registration.request
        comes = registration.secret or any(greeting.keeps for greeting in scheme.handshakes)
        made = "secret" in names_in([request.path, request.query, request.body, request.headers])
        if not (comes or made) and (trouble := await self._unproven(place, scheme)):
            raise Rejected(f"{place.connector.description.name} gives no secret with an order. {trouble}")

    async def _under(self, service: str, account: str) -> list[Cursor]:
        return await self._cursors.under(PREFIX + (f"{service}:" if service else "") + (f"{account}:" if service and account else ""))

    async def _move(self, name: str, before: Cursor | None, state: Mapping[str, Json] | None) -> Cursor:
        revision, now = before.revision + 1 if before else 1, self._clock.now()
        service, account, _ = name.removeprefix(PREFIX).split(":", 2)
        # Whoever polls this account, perhaps another process, has to know.
        await self._ledger.record(CursorMoved(name, state, now, revision), AccountChanged(service, account))
        return Cursor(name, state or {}, now, revision)


def _key(said: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(said), sort_keys=True).encode()).hexdigest()[:16]


def _secret_name(cursor: Cursor) -> str:
    return f"order {cursor.name.rpartition(':')[2]}"


def _said(cursor: Cursor) -> dict[str, str]:
    said = cursor.state.get("said")
    return {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}


def _remembered(cursor: Cursor) -> dict[str, Any]:
    more = cursor.state.get("more")
    found = dict(more) if isinstance(more, dict) else {}
    return {**found, **({"id": cursor.state["id"]} if cursor.state.get("id") is not None else {})}


def _watch(cursor: Cursor) -> Watch:
    service, account, _ = cursor.name.removeprefix(PREFIX).split(":", 2)
    trouble = str(cursor.state.get("trouble") or "")
    if not cursor.state.get("made"):
        trouble = "It was asked for, and no answer is known. Look there, then order it again."
    said = _said(cursor)
    return Watch(
        service=service,
        account=account,
        said=said,
        target=", ".join(said.values()) or "all of the account",
        made_at=_moment(cursor.state.get("made")) or cursor.at,
        ends_at=_moment(cursor.state.get("ends")),
        trouble=trouble,
    )


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
