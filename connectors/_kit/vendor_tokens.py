"""Tokens by which a vendor shows that a delivery is its own: the keys it publishes, remembered, and the claims that must fit.

Two forms of published keys are read: a key set (``{"keys": [...]}``, or a metadata document whose ``jwks_uri`` leads to one) and certificates
by their ids (``{"<kid>": "-----BEGIN CERTIFICATE-----…"}``). Whether they are fetched for ``http`` addresses is up to ``egress``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors._kit.custom import Tools
from connectors._kit.egress import read_url
from connectors._kit.foreign import foreign_json
from engine.errors import Forbidden, SignalboxError, Transient

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

# What reads tokens is loaded when the first one comes: it is a fifth of the time that all connectors take to be read.

REMEMBERED = 24 * 3600.0  # seconds that keys are; vendors change them within days
ANEW = 300.0  # seconds between two fetches for a key that is not known
LEEWAY = 300  # seconds that clocks may differ by
PATIENCE = 8.0  # seconds one fetch may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who signs. ``keys_at``: the published address; ``names``: the ``iss`` it uses; ``audience``: the ``aud`` it must be meant for."""

    keys_at: str
    names: Sequence[str]
    audience: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A token that was proven. ``key``: what the vendor published of the key that signed it."""

    claims: Mapping[str, Any]
    key: Mapping[str, Any]


async def shown_by(header: str, issuer: Issuer, tools: Tools, *, name: str) -> Shown:
    """The claims of ``Bearer <token>``. Raises Forbidden for one that is not the vendor's, not for us or out of date; Transient when its keys cannot be had."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.casefold() != "bearer" or not token.strip():
        raise Forbidden(f"The delivery shows no token of {name}: it has no “Authorization: Bearer …”.")
    key = await _key(_key_id(token.strip(), name), issuer, tools, name)
    return Shown(_claims(token.strip(), key, issuer, tools.clock.now(), name), key)


def _key_id(token: str, name: str) -> str:
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        found = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as err:
        raise Forbidden(f"The token of the delivery is none that {name} could have made.") from err
    return str(found or "")


def _claims(token: str, key: Mapping[str, Any], issuer: Issuer, now: datetime, name: str) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError

    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "values": list(issuer.names)},
        aud={"essential": True, "value": issuer.audience},
        exp={"essential": True},
    )
    try:
        claims = jwt.decode(token, _public(key), algorithms=["RS256"]).claims
        wanted.validate(claims)
    except (JoseError, ValueError, TypeError) as err:
        raise Forbidden(f"The token of the delivery is not genuine, not meant for this app or out of date ({type(err).__name__}).") from err
    return claims


def _public(key: Mapping[str, Any]) -> RSAKey:
    from joserfc.jwk import RSAKey

    if "certificate" in key:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from cryptography.x509 import load_pem_x509_certificate

        public = load_pem_x509_certificate(str(key["certificate"]).encode()).public_key()
        return RSAKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return RSAKey.import_key({name: str(key[name]) for name in ("kty", "n", "e") if name in key})


async def _key(id: str, issuer: Issuer, tools: Tools, name: str) -> Mapping[str, Any]:
    """The published key of that id; fetched anew, once in a while, for one that is not known yet."""
    for label, seconds in (("keys", REMEMBERED), ("newer keys", ANEW)):

        async def load() -> Any:
            return await _published(issuer.keys_at, tools, name)

        keys: Mapping[str, Any] = await tools.memory.recall(f"{label} {issuer.keys_at}", load, seconds=seconds)
        if id in keys:
            found: Mapping[str, Any] = keys[id]
            return found
    raise Forbidden(f"The token of the delivery is signed by a key that {name} does not publish.")


async def _published(url: str, tools: Tools, name: str) -> Mapping[str, Mapping[str, Any]]:
    found = await _fetched(url, tools, name)
    if isinstance(found.get("jwks_uri"), str):
        found = await _fetched(found["jwks_uri"], tools, name)
    if isinstance(found.get("keys"), list):
        return {str(key.get("kid", "")): key for key in found["keys"] if isinstance(key, dict) and key.get("kty") == "RSA"}
    return {id: {"certificate": text} for id, text in found.items() if isinstance(text, str) and "BEGIN CERTIFICATE" in text}


async def _fetched(url: str, tools: Tools, name: str) -> dict[str, Any]:
    try:
        answer = await tools.web.send("GET", read_url(url), {"Accept": "application/json"}, None, may_repeat=True, total=PATIENCE)
        found = foreign_json(answer.content) if answer.status == 200 else None
    except (SignalboxError, ValueError) as err:
        raise Transient(f"The keys of {name} could not be fetched, so its delivery cannot be proven yet: {err}") from err
    if not isinstance(found, dict):
        raise Transient(f"{name} shows no keys at {url} (status {answer.status}), so its delivery cannot be proven yet.")
    return found
