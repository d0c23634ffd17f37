"""The sender's side of a delivery: the headers and query parameters by which each scheme shows who sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors._kit.description import Webhooks
from connectors._kit.signature import sign, signed_bytes

PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = PRIVATE_KEY.public_key().public_bytes_raw().hex()


def secret_for(scheme: Webhooks) -> str:
    """One that fits the scheme."""
    if scheme.scheme == "ed25519":
        return PUBLIC_KEY
    return "test-secret" if scheme.decoded_secret is None else f"{scheme.decoded_secret}dGVzdC1zZWNyZXQ="


def stamp(scheme: Webhooks, now: datetime) -> str:
    if scheme.timestamp_in == "date":
        return now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(int(now.timestamp() * (1000 if scheme.timestamp_in == "ms" else 1)))


def shown(
    scheme: Webhooks,
    body: bytes,
    now: datetime,
    *,
    secret: str = "",
    url: str = "",
    method: str = "POST",
    headers: dict[str, str] | None = None,
) -> tuple[dict[str, str], dict[str, str]]:
    """(headers, query) of a genuine delivery of ``body``; ``headers`` are those it has anyway (its id, its event)."""
    secret, said = secret or secret_for(scheme), dict(headers or {})
    lower = {name.lower(): value for name, value in said.items()}
    if scheme.scheme == "token":
        return ({**said, scheme.header: scheme.prefix + secret} if scheme.header else said), (
            {scheme.token_query: secret} if scheme.token_query else {}
        )
    timed = bool(scheme.timestamp_header or "timestamp" in scheme.parts)
    timestamp = (lower.get(scheme.timestamp_header.lower()) or stamp(scheme, now)) if timed else ""
    if scheme.timestamp_header:
        said[scheme.timestamp_header] = timestamp
    delivery = lower.get(scheme.id_header.lower(), "") if scheme.id_header else ""
    known: dict[str, Any] = {"url": url, "timestamp": timestamp, "method": method, "delivery": delivery}
    if scheme.scheme == "ed25519":
        return {**said, scheme.header: scheme.prefix + PRIVATE_KEY.sign(signed_bytes(scheme, body, **known)).hex()}, {}
    if scheme.parts:
        proof = sign(scheme, secret, body, **known)
        named = {scheme.parts.get("timestamp", ""): timestamp, scheme.parts.get("signature", "signature"): proof}
        return {**said, scheme.header: ",".join(f"{name}={value}" for name, value in named.items() if name)}, {}
    return {**said, scheme.header: sign(scheme, secret, body, **known)}, {}
