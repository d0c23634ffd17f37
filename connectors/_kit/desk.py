"""Where deliveries of the services arrive: proven first, then read, then told as what happened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from connectors._kit.connector import Connector
from connectors._kit.credentials import Credentials
from connectors._kit.description import Match, Trigger, Webhooks
from connectors._kit.foreign import foreign_json
from connectors._kit.picking import at, fits, picks
from connectors._kit.signature import is_genuine
from engine.errors import Forbidden, Invalid, NotFound
from engine.events import Happening
from engine.ports import Clock, HookReply
from engine.workflow.definition import Json

LARGEST = 5 * 1024 * 1024  # bytes of one delivery
PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization", "x-forwarded-for", "x-real-ip"})
RESERVED = ("path", "headers", "body")  # names a spread payload cannot take


def secret_setting(service: str, account: str = "") -> str:
    """The setting that holds the secret of an account's deliveries; without one for the account the service's own is used."""
    suffix = "".join(letter if letter.isalnum() else "_" for letter in account).upper()
    return f"{service.upper()}_WEBHOOK_SECRET" + (f"_{suffix}" if suffix else "")


class Desk:
    """Receives for one service."""

    def __init__(self, connector: Connector, credentials: Credentials, environ: Mapping[str, str], clock: Clock) -> None:
        self._connector = connector
        self._credentials = credentials
        self._environ = environ
        self._clock = clock

    def has_secret(self) -> bool:
        return bool(self._secret(""))

    def _secret(self, account: str) -> str:
        service = self._connector.id
        return self._environ.get(secret_setting(service, account), "") or self._environ.get(secret_setting(service), "")

    async def receive(self, account: str, method: str, headers: Mapping[str, str], body: bytes) -> HookReply:
        """Raises Forbidden (not proven), NotFound (sends none) or Invalid (not readable); what is proven but not ours is 202 with the reason."""
        scheme = self._scheme()
        if any(greeting.method == method.upper() == "HEAD" for greeting in scheme.handshakes):
            return HookReply(200)
        if method.upper() != "POST":
            return _say(405, "Deliveries are sent with POST.", {"Allow": "POST"})
        if len(body) > LARGEST:
            return _say(413, f"At most {LARGEST // 1024 // 1024} MiB are taken.")
        lower = {name.lower(): value for name, value in headers.items()}
        self._prove(scheme, account, lower, body)
        payload = _read(scheme, lower, body)
        if scheme.ping and _matches(scheme.ping, lower, payload):
            return _say(200, "The webhook works.")
        return self._tell(scheme, account, lower, payload, body)

    def _scheme(self) -> Webhooks:
        scheme = self._connector.description.webhooks
        if scheme is None:
            raise NotFound(f"{self._connector.description.name} sends no webhooks here.")
        return scheme

    def _prove(self, scheme: Webhooks, account: str, headers: Mapping[str, str], body: bytes) -> None:
        name = self._connector.description.name
        secret = self._secret(account)
        if not secret:
            raise Forbidden(f"No delivery of {name} is taken until {secret_setting(self._connector.id)} is set ({scheme.secret_meaning}).")
        url = self._credentials.get(scheme.url_setting) if scheme.url_setting else ""
        if scheme.url_setting and not url:
            raise Forbidden(f"No delivery of {name} is taken until {self._connector.description.settings[scheme.url_setting].name} is set.")
        if scheme.header.lower() not in headers:
            raise Forbidden(
                f"The delivery is not signed: it has no {scheme.header}. Give {name} the secret of {secret_setting(self._connector.id)}."
            )
        self._check_age(scheme, headers)
        if not is_genuine(scheme, secret, headers, body, url=url):
            raise Forbidden(
                f"The signature in {scheme.header} is wrong. {name} and {secret_setting(self._connector.id)} must hold the same secret."
            )

    def _check_age(self, scheme: Webhooks, headers: Mapping[str, str]) -> None:
        sent = headers.get(scheme.timestamp_header.lower(), "") if scheme.timestamp_header else ""
        if not sent:
            return
        if not sent.isdigit() or abs(self._clock.now().timestamp() - int(sent)) > scheme.tolerance:
            raise Forbidden(
                f"{scheme.timestamp_header} is more than {scheme.tolerance:.0f} s off: an old delivery, or a clock that is wrong."
            )

    def _tell(self, scheme: Webhooks, account: str, headers: Mapping[str, str], payload: Any, body: bytes) -> HookReply:
        names = [
            name
            for name, trigger in self._connector.description.triggers.items()
            if any(_matches(m, headers, payload) for m in trigger.match)
        ]
        if not names:
            return _say(202, "Proven, and ignored: no event of the catalogue is in it.")
        delivery = self._delivery_id(scheme, headers, payload, body)
        happenings = tuple(
            Happening(
                id=delivery if index == 0 else f"{delivery}:{name}",
                service=self._connector.id,
                event=name,
                at=self._clock.now(),
                data=_data(self._connector.description.triggers[name], account, _harmless(scheme, headers), payload),
                account=account,
            )
            for index, name in enumerate(names)
        )
        told = _said_id(scheme, headers, payload) or delivery  # by which its sender lists it
        return HookReply(202, json.dumps({"accepted": names, "id": told}).encode(), {"Content-Type": "application/json"}, happenings)

    def _delivery_id(self, scheme: Webhooks, headers: Mapping[str, str], payload: Any, body: bytes) -> str:
        """What makes two deliveries the same. Where the sender's own id proves nothing, the signed body does: then no restart forgets it."""
        digest = hashlib.sha256(body).hexdigest()
        if scheme.once_per_body:
            return digest[:32]
        window = f"-{int(self._clock.now().timestamp() // scheme.id_window)}" if scheme.id_window else ""
        stamp = headers.get(scheme.timestamp_header.lower(), "") if scheme.timestamp_header else ""
        return _said_id(scheme, headers, payload) or digest[:32] + (f"-{stamp}" if stamp else window)


def _said_id(scheme: Webhooks, headers: Mapping[str, str], payload: Any) -> str:
    said = headers.get(scheme.id_header.lower(), "") if scheme.id_header else at(payload, scheme.id_path) if scheme.id_path else ""
    return str(said or "")[:200]


def _read(scheme: Webhooks, headers: Mapping[str, str], body: bytes) -> Any:
    text = body
    if scheme.form_field and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        text = "".join(parse_qs(body.decode("utf-8", "replace")).get(scheme.form_field, [])).encode()
    try:
        return foreign_json(text)
    except ValueError as err:
        raise Invalid(f"The delivery is not JSON: {str(err)[:120]}.") from err


def _matches(match: Match, headers: Mapping[str, str], payload: Any) -> bool:
    return all(headers.get(name.lower()) == value for name, value in match.headers.items()) and fits(payload, match.where)


def _harmless(scheme: Webhooks, headers: Mapping[str, str]) -> dict[str, str]:
    """The sender's headers without what proves or logs in."""
    return {name: value for name, value in headers.items() if name not in PRIVATE and name != scheme.header.lower()}


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
