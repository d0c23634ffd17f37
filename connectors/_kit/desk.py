"""Where deliveries of the services arrive: greeted, or proven first, then read and completed, then told as what happened."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from connectors._kit.connector import Connector
from connectors._kit.credentials import Credentials
from connectors._kit.custom import Delivered, Tools
from connectors._kit.description import Match, Trigger, Webhooks
from connectors._kit.foreign import foreign_json
from connectors._kit.handshakes import greet, greeting_of
from connectors._kit.hook_secrets import HookSecrets
from connectors._kit.hook_secrets import secret_setting as secret_setting
from connectors._kit.picking import at, fits, picks
from connectors._kit.proving import BY_HOOKS, prove
from connectors._kit.signature import said_timestamp
from connectors._kit.unfolding import Item, unfold
from engine.errors import Invalid, NotFound
from engine.events import Happening
from engine.ports import Clock, HookReply, Vault
from engine.workflow.definition import Json

REMEMBERED = 10_000  # signed deliveries whose ids were not signed
LARGEST = 5 * 1024 * 1024  # bytes of one delivery
PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization", "x-forwarded-for", "x-real-ip"})
RESERVED = ("path", "headers", "body")  # names a spread payload cannot take
PUBLIC_URL = "SIGNALBOX_PUBLIC_URL"


class Desk:
    """Receives for one service. ``tools`` (by account) and ``vault`` are asked when needed."""

    def __init__(
        self,
        connector: Connector,
        credentials: Credentials,
        environ: Mapping[str, str],
        clock: Clock,
        tools: Callable[[str], Tools],
        vault: Callable[[], Vault | None] = lambda: None,
    ) -> None:
        self._connector = connector
        self._credentials = credentials
        self._clock = clock
        self._tools = tools
        self._ids: OrderedDict[str, str] = OrderedDict()
        self.secrets = HookSecrets(connector.id, environ, vault, clock, self._own_secret)

    def _own_secret(self, account: str) -> str:
        scheme = self._connector.description.webhooks
        return self._tools(account).credentials.get(scheme.secret_setting) if scheme and scheme.secret_setting else ""

    def knows(self, account: str) -> bool:
        """Whether a name that is no account's means something: it has a secret of its own, or names are the sender's to choose."""
        any_name = any(trigger.spread for trigger in self._connector.description.triggers.values())
        return not account or any_name or self.secrets.has_own(account)

    async def can_prove(self, account: str = "") -> bool:
        """Whether deliveries of this account could be proven: then they are believed to come, and it is not polled."""
        scheme = self._connector.description.webhooks
        return scheme is not None and bool(await self.secrets.of(account))

    async def takes(self) -> bool:
        """Whether deliveries could be taken at all."""
        scheme = self._connector.description.webhooks
        return scheme is not None and (scheme.scheme in BY_HOOKS or await self.can_prove())

    async def receive(
        self,
        account: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        query: Mapping[str, str] | None = None,
        url: str = "",
    ) -> HookReply:
        """Raises Forbidden (not proven), NotFound (sends none), Invalid (not readable) or Transient (could not be completed; to be sent again).

        What is proven but not ours is 202 with the reason."""
        scheme = self._scheme()
        if len(body) > LARGEST:
            return _say(413, f"At most {LARGEST // 1024 // 1024} MiB are taken.")
        delivered = Delivered(
            method=method.upper(),
            headers={name.lower(): value for name, value in headers.items()},
            query=dict(query or {}),
            body=body,
            url=(self._credentials.get(scheme.url_setting) if scheme.url_setting else "") or url,
            account=account,
            secrets=await self.secrets.of(account),
        )
        if (greeting := greeting_of(scheme.handshakes, delivered, signed=False)) is not None:
            return await greet(greeting, delivered, account, self.secrets)
        if delivered.method != "POST":
            return _say(405, "Deliveries are sent with POST.", {"Allow": "POST"})
        return await self._take(scheme, delivered)

    async def _take(self, scheme: Webhooks, delivered: Delivered) -> HookReply:
        said, tools = self._connector.description, self._tools(delivered.account)
        address = said.settings[scheme.url_setting].name if scheme.url_setting else PUBLIC_URL
        custom, now = self._connector.custom, self._clock.now()
        await prove(scheme, custom, delivered, tools, service=said.id, name=said.name, address_setting=address, now=now)
        if (greeting := greeting_of(scheme.handshakes, delivered, signed=True)) is not None:
            return await greet(greeting, delivered, delivered.account, self.secrets)
        payload = _read(scheme, delivered)
        if scheme.ping and _matches(scheme.ping, delivered, payload):
            return _say(200, "The webhook works.")
        if scheme.wakes:
            return replace(_say(202, "Proven; what changed is asked for."), wakes=scheme.wakes)
        items = await unfold(scheme, custom, payload, delivered, tools)
        reply = self._tell(scheme, delivered, payload, items)
        return replace(reply, status=200, body=scheme.acknowledge.encode()) if scheme.acknowledge else reply

    def _scheme(self) -> Webhooks:
        scheme = self._connector.description.webhooks
        if scheme is None:
            raise NotFound(f"{self._connector.description.name} sends no webhooks here.")
        return scheme

    def _tell(self, scheme: Webhooks, delivered: Delivered, payload: Any, items: list[Item]) -> HookReply:
        delivery = self._delivery_id(scheme, delivered, payload)
        happenings = tuple(happening for item in items for happening in self._happenings(scheme, delivered, item, delivery))
        if not happenings:
            return _say(202, "Proven, and ignored: no event of the catalogue is in it.")
        told = _said_id(scheme, delivered, payload) or delivery  # by which its sender lists it
        names = list(dict.fromkeys(happening.event for happening in happenings))
        return HookReply(202, json.dumps({"accepted": names, "id": told}).encode(), {"Content-Type": "application/json"}, happenings)

    def _happenings(self, scheme: Webhooks, delivered: Delivered, item: Item, delivery: str) -> Iterator[Happening]:
        triggers = self._connector.description.triggers
        names = [name for name, trigger in triggers.items() if any(_matches(match, delivered, item.payload) for match in trigger.match)]
        named_by_itself = item.id and scheme.each_id
        first = item.id if named_by_itself else f"{delivery}:{item.id}" if item.id else delivery
        for index, name in enumerate(names):
            yield Happening(
                id=first if index == 0 else f"{first}:{name}",
                service=self._connector.id,
                event=name,
                at=self._clock.now(),
                data=_data(triggers[name], delivered.account, _harmless(scheme, delivered.headers), item.payload),
                account=delivered.account,
            )

    def _delivery_id(self, scheme: Webhooks, delivered: Delivered, payload: Any) -> str:
        """What makes two deliveries the same. Where the sender's own id proves nothing, the signed body does: then no restart forgets it."""
        digest = hashlib.sha256(delivered.body).hexdigest()
        if scheme.once_per_body:
            return digest[:32]
        window = f"-{int(self._clock.now().timestamp() // scheme.id_window)}" if scheme.id_window else ""
        signed = "{timestamp}" in scheme.over + scheme.over_with_timestamp  # one that is not signed makes nothing new
        stamp = said_timestamp(scheme, delivered.headers) if signed else ""
        said = _said_id(scheme, delivered, payload)
        if said and stamp and scheme.id_header and "{id}" not in scheme.over + scheme.over_with_timestamp:
            return self._first_id(f"{delivered.account} {stamp} {digest}", said)
        return said or digest[:32] + (f"-{stamp}"[:40] if stamp else window)

    def _first_id(self, signed: str, said: str) -> str:
        """What was signed once is one delivery: sent again under another id, which is not signed, it goes by its first. For as long as it is not too old."""
        self._ids.setdefault(signed, said)
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return self._ids.get(signed, said)


def _said_id(scheme: Webhooks, delivered: Delivered, payload: Any) -> str:
    if scheme.id_header:
        said: Any = ":".join(delivered.headers.get(name.strip().lower(), "") for name in scheme.id_header.split(",")).strip(":")
    else:
        said = at(payload, scheme.id_path) if scheme.id_path else ""
    return str(said or "")[:200]


def _read(scheme: Webhooks, delivered: Delivered) -> Any:
    text = delivered.body
    if scheme.form_field and delivered.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        text = "".join(parse_qs(text.decode("utf-8", "replace")).get(scheme.form_field, [])).encode()
    if not text and scheme.scheme != "hmac":
        return {}  # some say everything in their headers
    try:
        return foreign_json(text)
    except ValueError as err:
        raise Invalid(f"The delivery is not JSON: {str(err)[:120]}.") from err


def _matches(match: Match, delivered: Delivered, payload: Any) -> bool:
    return (
        all(_shows(delivered.headers, name.lower(), value) for name, value in match.headers.items())
        and all(_shows(delivered.query, name, value) for name, value in match.query.items())
        and fits(payload, match.where)
    )


def _shows(values: Mapping[str, str], name: str, wanted: str) -> bool:
    return name in values if wanted == "*" else values.get(name) == wanted


def _harmless(scheme: Webhooks, headers: Mapping[str, str]) -> dict[str, str]:
    """The sender's headers without what proves or logs in."""
    proofs = {name.lower() for name in (scheme.header, scheme.plain_header, *scheme.other_headers)}
    return {name: value for name, value in headers.items() if name not in PRIVATE and name not in proofs}


def _data(trigger: Trigger, account: str, headers: Mapping[str, str], payload: Any) -> dict[str, Json]:
    spread = {key: value for key, value in payload.items() if key not in RESERVED} if trigger.spread and isinstance(payload, dict) else {}
    return {
        **spread,
        **picks({"payload": payload, "account": account, "headers": dict(headers)} if trigger.spread else payload, trigger.fields, {}),
    }


def _say(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> HookReply:
    return HookReply(
        status, json.dumps({"message": sentence}, ensure_ascii=False).encode(), {"Content-Type": "application/json", **(headers or {})}
    )
