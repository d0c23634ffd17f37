"""Proving that a delivery comes from who it says: HMAC over the raw body, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from connectors._kit.description import Webhooks

PART = re.compile(r"\{(body|url|timestamp)\}")


def sign(scheme: Webhooks, secret: str, body: bytes, *, url: str = "", timestamp: str = "") -> str:
    """The value the sender puts into ``scheme.header``."""
    over = scheme.over_with_timestamp if timestamp else scheme.over
    parts = {"body": body, "url": url.encode(), "timestamp": timestamp.encode()}
    message = b"".join(parts[piece] if index % 2 else piece.encode() for index, piece in enumerate(PART.split(over)))
    digest = hmac.new(secret.encode(), message, hashlib.sha256 if scheme.algorithm == "sha256" else hashlib.sha1)
    return scheme.prefix + (digest.hexdigest() if scheme.encoding == "hex" else base64.b64encode(digest.digest()).decode())


def is_genuine(scheme: Webhooks, secret: str, headers: Mapping[str, str], body: bytes, *, url: str = "") -> bool:
    """``headers`` in lower case."""
    shown = headers.get(scheme.header.lower(), "")
    timestamp = headers.get(scheme.timestamp_header.lower(), "") if scheme.timestamp_header else ""
    expected = sign(scheme, secret, body, url=url, timestamp=timestamp)
    return hmac.compare_digest(expected.encode(), shown.encode("utf-8", "replace"))
