"""How a sender greets a new address, and what it is answered: nothing happens by it, but a secret may be kept from then on."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from connectors._kit.custom import Delivered
from connectors._kit.described_triggers import Handshake
from connectors._kit.filling import as_text
from connectors._kit.foreign import foreign_json
from connectors._kit.hook_secrets import WORD, HookSecrets
from connectors._kit.picking import at, fits
from engine.errors import Invalid
from engine.ports import HookReply

SAID = re.compile(r"\{(header|query|payload\.[\w.]+)\}")
LONGEST_SAID = 4096  # characters of one value that is sent back


def greeting_of(handshakes: Sequence[Handshake], delivered: Delivered, *, signed: bool) -> Handshake | None:
    """The first that this delivery is."""
    return next((known for known in handshakes if known.signed is signed and _is(known, delivered)), None)


def _is(known: Handshake, delivered: Delivered) -> bool:
    if known.method != delivered.method.upper():
        return False
    if (known.header and known.header.lower() not in delivered.headers) or (known.query and known.query not in delivered.query):
        return False
    return not known.where or fits(payload_of(delivered), known.where)


def payload_of(delivered: Delivered) -> Any:
    """The parsed body; None when it is none."""
    try:
        return foreign_json(delivered.body)
    except ValueError:
        return None


async def greet(known: Handshake, delivered: Delivered, account: str, secrets: HookSecrets) -> HookReply:
    """The answer, once what it keeps is durable. Raises Forbidden when nothing is kept any more, Invalid for what cannot be sent back."""
    if known.keeps:
        kept = delivered.headers.get(known.keeps.lower()) or at(payload_of(delivered), known.keeps)
        if not isinstance(kept, str) or not kept.strip() or len(kept) > LONGEST_SAID:
            raise Invalid(f"The greeting names no secret at “{known.keeps}”.")
        await secrets.greeted(account, kept, delivered.query.get(WORD, ""))
    headers = {name: _put(text, known, delivered, as_json=False) for name, text in known.headers.items()}
    body = _put(known.body, known, delivered, as_json="json" in known.content_type)
    return HookReply(200, body.encode(), {"Content-Type": known.content_type, "X-Content-Type-Options": "nosniff", **headers})


def _put(template: str, known: Handshake, delivered: Delivered, *, as_json: bool) -> str:
    def value(found: re.Match[str]) -> str:
        said = _said(found[1], known, delivered)
        return json.dumps(said)[1:-1] if as_json else said

    return SAID.sub(value, template)


def _said(name: str, known: Handshake, delivered: Delivered) -> str:
    """Raises Invalid for what no answer of ours carries."""
    if name == "header":
        said: Any = delivered.headers.get(known.header.lower(), "")
    elif name == "query":
        said = delivered.query.get(known.query, "")
    else:
        said = at(payload_of(delivered), name.removeprefix("payload."))
    text = "" if said is None else as_text(said)
    if not text.isprintable() or len(text) > LONGEST_SAID:
        raise Invalid("The greeting holds what cannot be sent back.")
    return text
