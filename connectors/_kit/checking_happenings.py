"""What must agree in what a connector says of deliveries, registrations and polls."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._kit.connector import Connector
from connectors._kit.description import Poll, Webhooks
from connectors._kit.filling import names_in
from connectors._kit.proving import BY_HOOKS
from connectors._kit.signature import PART
from engine.errors import Problem

OF_A_POLL = frozenset({"cursor", "page", "now", "since"})  # placeholders of its requests, beside the account's settings
OF_AN_ORDER = frozenset({"callback", "secret", "now", "uuid", "expires", "expires_ms", "expires_unix"})


def check_happenings(connector: Connector) -> Iterator[Problem]:
    """Every mistake with its place."""
    said = connector.description
    if said.webhooks is not None:
        yield from (Problem(text, ("webhooks",)) for text in _check_webhooks(said.webhooks, connector))
    for name, poll in said.polls.items():
        yield from (Problem(text, ("polls", name)) for text in _check_poll(name, poll, connector))
    for name in sorted(set(connector.custom.poll) - set(said.polls)):
        yield Problem(f"hooks.py asks for “{name}”, which is no poll.", ("polls",))


def _check_webhooks(scheme: Webhooks, connector: Connector) -> Iterator[str]:
    if scheme.scheme in BY_HOOKS and connector.custom.prove is None:
        yield f"leaves the proof ({scheme.scheme}) to hooks.py, which has none."
    if scheme.scheme in ("hmac", "ed25519") and not scheme.header:
        yield "does not say which header holds the signature."
    if scheme.scheme == "token" and not (scheme.header or scheme.token_query or scheme.token_path):
        yield "does not say where the secret stands: header, token_query or token_path."
    if scheme.scheme in ("hmac", "ed25519") and "{body}" not in scheme.over:
        yield "signs something else than the body."
    timed = bool(scheme.timestamp_header or "timestamp" in scheme.parts)
    if "{timestamp}" in scheme.over and not timed:
        yield "signs a time, but does not say where it stands."
    if "{id}" in scheme.over and not scheme.id_header:
        yield "signs an id, but does not say which header holds it."
    yield from (f"signs “{left}” as it stands; is that meant?" for left in PART.split(scheme.over)[::2] if "{" in left)
    for name in set(scheme.wakes) - set(connector.description.polls):
        yield f"wakes “{name}”, which is no poll."
    yield from _check_registration(scheme)


def _check_registration(scheme: Webhooks) -> Iterator[str]:
    order = scheme.registration
    if order is None:
        return
    request = order.request
    used = names_in([request.path, request.query, request.body, request.headers])
    if "callback" not in used:
        yield "orders deliveries without saying where to: {callback}."
    unknown = {
        name
        for name in used - OF_AN_ORDER - set(order.wants)
        if not name.startswith("setting_") and name.rpartition("_")[0] not in order.wants
    }
    yield from (f"orders with {{{name}}}, which nobody says; name it in “wants”." for name in sorted(unknown))
    if order.renew is not None and not (order.lasts or order.expires):
        yield "can renew its order, but does not say when that ends."


def _check_poll(name: str, poll: Poll, connector: Connector) -> Iterator[str]:
    told = [event for event, trigger in connector.description.triggers.items() if any(source.poll == name for source in trigger.polled)]
    if not told:
        yield "is read by no trigger."
    yield from (f"wants “{setting}”, which is no setting." for setting in poll.wants if setting not in connector.description.settings)
    if name in connector.custom.poll:
        return
    if poll.kind == "token" and not poll.cursor:
        yield "goes by a token, but does not say where the answer has it: cursor."
    if poll.start is not None and not (poll.start_cursor or poll.cursor):
        yield "has a start, but does not say where its answer has the token: start_cursor."
    if poll.kind == "moment" and not poll.made_at:
        yield "goes by moments, but does not say where an item has its own: made_at."
    used = names_in([poll.request.path, poll.request.query, poll.request.body, poll.request.headers])
    if poll.kind != "seen" and "cursor" not in used:
        yield "does not ask from {cursor} on."
    unknown = sorted(one for one in used - OF_A_POLL if not one.startswith("setting_"))
    yield from (f"asks with {{{one}}}, which nobody says." for one in unknown)
