"""Proving that a delivery comes from who it says: what is signed, and whether one of the signatures shown fits, compared in constant time. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connectors._kit.description import Webhooks

PART = re.compile(r"\{(body|url|timestamp|method|id)\}")


def signed_bytes(scheme: Webhooks, body: bytes, *, url: str = "", timestamp: str = "", method: str = "POST", delivery: str = "") -> bytes:
    """What the signature is over, in the order of ``over``."""
    over = scheme.over_with_timestamp if timestamp and scheme.over_with_timestamp else scheme.over
    parts = {"body": body, "url": url.encode(), "timestamp": timestamp.encode(), "method": method.encode(), "id": delivery.encode()}
    return b"".join(parts[piece] if index % 2 else piece.encode() for index, piece in enumerate(PART.split(over)))


def sign(
    scheme: Webhooks, secret: str, body: bytes, *, url: str = "", timestamp: str = "", method: str = "POST", delivery: str = ""
) -> str:
    """The signature the sender shows, with its prefix. Raises ValueError for a secret that is not base64 where it has to be."""
    message = signed_bytes(scheme, body, url=url, timestamp=timestamp, method=method, delivery=delivery)
    digest = hmac.new(key_of(scheme, secret), message, hashlib.sha256 if scheme.algorithm == "sha256" else hashlib.sha1).digest()
    return scheme.prefix + (digest.hex() if scheme.encoding == "hex" else base64.b64encode(digest).decode())


def key_of(scheme: Webhooks, secret: str) -> bytes:
    """The bytes that sign."""
    if scheme.decoded_secret is None:
        return secret.encode()
    return base64.b64decode(secret.removeprefix(scheme.decoded_secret), validate=True)


def is_genuine(
    scheme: Webhooks,
    secret: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str = "",
    method: str = "POST",
    query: Mapping[str, str] | None = None,
) -> bool:
    """Whether one of the shown signatures fits one of the secrets. ``headers`` in lower case. All are compared, whichever fits."""
    secrets = (secret,) if isinstance(secret, str) else tuple(secret)
    shown = list(shown_signatures(scheme, headers, query or {}))
    if scheme.scheme == "token":
        return _any_equal(shown, [scheme.prefix + known for known in secrets])
    timestamp, delivery = said_timestamp(scheme, headers), headers.get(scheme.id_header.lower(), "") if scheme.id_header else ""
    if scheme.scheme == "ed25519":
        message = signed_bytes(scheme, body, url=url, timestamp=timestamp, method=method, delivery=delivery)
        return sum(_verifies(known, one.removeprefix(scheme.prefix), message) for known in secrets for one in shown) > 0
    expected = [sign(scheme, known, body, url=url, timestamp=timestamp, method=method, delivery=delivery) for known in secrets]
    return _any_equal(shown, expected)


def shown_signatures(scheme: Webhooks, headers: Mapping[str, str], query: Mapping[str, str]) -> Iterator[str]:
    """Everything in the delivery that may be its signature."""
    if scheme.token_query and scheme.token_query in query:
        yield query[scheme.token_query]
    for name in (scheme.header, *scheme.other_headers):
        value = headers.get(name.lower(), "") if name else ""
        if not value:
            continue
        if scheme.parts:
            yield from _parts(value).get(scheme.parts.get("signature", "signature"), [])
        elif scheme.scheme == "token":
            yield value
        else:
            yield from (value, *(value.split() if " " in value.strip() else ()))


def said_timestamp(scheme: Webhooks, headers: Mapping[str, str]) -> str:
    """As the sender wrote it, because that is what is signed; empty without one."""
    if "timestamp" in scheme.parts:
        return next(iter(_parts(headers.get(scheme.header.lower(), "")).get(scheme.parts["timestamp"], [])), "")
    return headers.get(scheme.timestamp_header.lower(), "") if scheme.timestamp_header else ""


def moment_of(scheme: Webhooks, said: str) -> datetime | None:
    """The time a delivery was signed at; None for what is none."""
    try:
        if scheme.timestamp_in == "date":
            return _aware(datetime.fromisoformat(said) if said[:4].isdigit() else parsedate_to_datetime(said))
        if not (said.isascii() and said.isdigit() and len(said) <= 16):
            return None
        return datetime.fromtimestamp(int(said) / (1000 if scheme.timestamp_in == "ms" else 1), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parts(value: str) -> dict[str, list[str]]:
    """``t=1,v1=a,v1=b`` → {"t": ["1"], "v1": ["a", "b"]}"""
    found: dict[str, list[str]] = {}
    for piece in value.split(","):
        name, _, text = piece.strip().partition("=")
        found.setdefault(name, []).append(text)
    return found


def _any_equal(shown: Sequence[str], expected: Sequence[str]) -> bool:
    return sum(hmac.compare_digest(wanted.encode(), one.encode("utf-8", "replace")) for wanted in expected for one in shown) > 0


def _verifies(public_key: str, signature: str, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature, binascii.Error):
        return False
    return True
