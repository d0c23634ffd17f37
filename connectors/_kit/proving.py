"""Whether a delivery is believed: signed by a secret we know, recently, and for this address."""

from __future__ import annotations

import binascii
import hmac
import logging
from datetime import datetime
from typing import Any

from connectors._kit.custom import Custom, Delivered, Tools
from connectors._kit.description import Webhooks
from connectors._kit.handshakes import payload_of
from connectors._kit.hook_secrets import secret_setting
from connectors._kit.picking import at
from connectors._kit.signature import is_genuine, moment_of, said_timestamp, shown_signatures
from engine.errors import Forbidden, SignalboxError, Transient

log = logging.getLogger(__name__)
BY_HOOKS = ("jwt", "own")


async def prove(
    scheme: Webhooks, custom: Custom, delivered: Delivered, tools: Tools, *, service: str, name: str, address_setting: str, now: datetime
) -> None:
    """``service`` and ``name``: the vendor's id and its name; ``address_setting``: what holds our own address where it is signed. Raises Forbidden with what is wrong and what to look at."""
    if scheme.scheme in BY_HOOKS:
        await _by_hooks(custom, delivered, tools, name)
        return
    setting = secret_setting(service)
    if not delivered.secrets:
        raise Forbidden(f"No delivery of {name} is taken until {setting} is set ({scheme.secret_meaning}).")
    if "{url}" in scheme.over and not delivered.url:
        raise Forbidden(f"No delivery of {name} is taken until {address_setting} is set: its signature is over the address.")
    if scheme.scheme == "token" and scheme.token_path:
        if not _shows_in_body(scheme.token_path, delivered):
            raise Forbidden(f"The delivery does not hold the secret. {name} and {setting} must hold the same.")
        return
    if (scheme.plain_header or scheme.plain_query) and _shows_plainly(scheme, delivered):
        return
    if not any(shown_signatures(scheme, delivered.headers, delivered.query)):
        where = scheme.header or f"parameter {scheme.token_query}"
        raise Forbidden(f"The delivery is not signed: it has no {where}. Give {name} the secret of {setting}.")
    _check_age(scheme, delivered, now)
    try:
        genuine = is_genuine(
            scheme,
            delivered.secrets,
            delivered.headers,
            delivered.body,
            url=delivered.url,
            method=delivered.method.upper(),
            query=delivered.query,
        )
    except (ValueError, binascii.Error) as error:
        raise Forbidden(f"The secret of {name} in {setting} is not what {name} gives out: it cannot be decoded. Copy it again.") from error
    if not genuine:
        raise Forbidden(f"The signature in {scheme.header or 'the address'} is wrong. {name} and {setting} must hold the same secret.")


def _shows_plainly(scheme: Webhooks, delivered: Delivered) -> bool:
    """Whether an unsigned delivery holds the secret itself; one that is signed is judged by its signature alone."""
    shown = delivered.headers.get(scheme.plain_header.lower(), "") or delivered.query.get(scheme.plain_query, "")
    if not shown or any(shown_signatures(scheme, delivered.headers, delivered.query)):
        return False
    return sum(hmac.compare_digest(secret.encode(), shown.encode("utf-8", "replace")) for secret in delivered.secrets) > 0


def _shows_in_body(path: str, delivered: Delivered) -> bool:
    """Every item must show it: one of a list that is not genuine spoils the rest."""
    found: Any = at(payload_of(delivered), path)
    shown = found if isinstance(found, list) else [found]
    return bool(shown) and all(
        sum(hmac.compare_digest(secret.encode(), str(one or "").encode("utf-8", "replace")) for secret in delivered.secrets)
        for one in shown
    )


def _check_age(scheme: Webhooks, delivered: Delivered, now: datetime) -> None:
    where = scheme.timestamp_header or scheme.header
    said = said_timestamp(scheme, delivered.headers)
    if not said:
        if "{timestamp}" in scheme.over:
            raise Forbidden(f"The delivery does not say when it was signed: it has no time in {where}.")
        return
    moment = moment_of(scheme, said)
    if moment is None or abs((now - moment).total_seconds()) > scheme.tolerance:
        raise Forbidden(f"{where} is more than {scheme.tolerance:.0f} s off: an old delivery, or a clock that is wrong.")


async def _by_hooks(custom: Custom, delivered: Delivered, tools: Tools, name: str) -> None:
    if custom.prove is None:
        raise Forbidden(f"No delivery of {name} can be proven here.")
    try:
        await custom.prove(delivered, tools)
    except SignalboxError:
        raise
    except Exception as error:
        log.exception("a delivery of %s could not be judged", name)
        raise Transient(f"The delivery could not be judged here ({type(error).__name__}); the log tells more.") from error
