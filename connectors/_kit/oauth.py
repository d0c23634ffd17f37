"""The one door to Authlib and joserfc: the addresses and bodies of the OAuth dance, PKCE, client authentication, and signed tokens.

Nothing here sends: what is built is sent by ``token_endpoint``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from connectors._kit.authorizing import filled, subject_of
from connectors._kit.description import Auth, OAuth
from connectors._kit.failures import Misconfigured
from engine.workflow.definition import Json

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SKEW = timedelta(seconds=60)  # clocks differ: a signature counts from a little before now
APP_LIFE = timedelta(minutes=9)  # GitHub takes at most ten
ASSERTION_LIFE = timedelta(minutes=59)  # Google takes at most an hour
_PEM = re.compile(r"(-----BEGIN [A-Z ]+-----)(.*?)(-----END [A-Z ]+-----)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TokenAsk:
    """A POST to a token endpoint; secret, and so in no repr."""

    url: str
    body: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


# --- the dance ---------------------------------------------------------------------------------------------------------


def new_state() -> str:
    return str(generate_token(43))


def new_verifier() -> str:
    """For PKCE: 48 characters of those that RFC 7636 allows."""
    return str(generate_token(48))


def authorize_url(way: Auth, values: Mapping[str, str], *, redirect: str, state: str, verifier: str) -> str:
    """Where a person's browser is sent to say yes."""
    said = server(way)
    more = {name: filled(text, values) for name, text in said.authorize.items()}
    if said.pkce:
        more |= {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
    scope = said.scope_separator.join(said.scopes) or None
    client = filled(way.client_id, values)
    return str(prepare_grant_uri(filled(said.authorize_url, values), client, "code", redirect, scope, state, **more))


def code_ask(way: Auth, values: Mapping[str, str], *, code: str, redirect: str, verifier: str) -> TokenAsk:
    more = {"code_verifier": verifier} if server(way).pkce else {}
    return _client_ask(way, values, "authorization_code", redirect_uri=redirect, code=code, **more)


def refresh_ask(way: Auth, values: Mapping[str, str], refresh_token: str) -> TokenAsk:
    return _client_ask(way, values, "refresh_token", refresh_token=refresh_token)


def client_ask(way: Auth, values: Mapping[str, str]) -> TokenAsk:
    """The app asks for a token by itself."""
    said = server(way)
    return _client_ask(way, values, "client_credentials", scope=said.scope_separator.join(said.scopes))


def _client_ask(way: Auth, values: Mapping[str, str], grant: str, **more: str) -> TokenAsk:
    said = server(way)
    client, secret = filled(way.client_id, values), filled(way.client_secret, values)
    extra = {name: filled(text, values) for name, text in said.token.items()}
    body = prepare_token_request(grant, "", **{name: value for name, value in {**extra, **more}.items() if value})
    method = "none" if not secret else f"client_secret_{said.client}"
    url, headers, body = ClientAuth(client, secret, method).prepare("POST", filled(said.token_url, values), dict(FORM), body)
    if said.encoding == "json":
        return TokenAsk(str(url), json.dumps(dict(parse_qsl(str(body)))), {**headers, "Content-Type": "application/json"})
    return TokenAsk(str(url), str(body), headers)


def server(way: Auth) -> OAuth:
    """Raises Misconfigured for a description that forgot it."""
    if way.oauth is None:
        raise Misconfigured(f"The connector describes no OAuth server for “{way.kind}”.")
    return way.oauth


# --- signed tokens -----------------------------------------------------------------------------------------------------


def service_account_ask(way: Auth, values: Mapping[str, str], now: datetime) -> TokenAsk:
    """Google's: the key file signs who it is, what for, and perhaps for whom. Raises Misconfigured for what is no key file."""
    said = server(way)
    key = key_file(filled(way.key, values))
    url = filled(said.token_url, values)
    subject = values.get(subject_of(way), "")
    claims = {
        "iss": key["client_email"],
        "scope": said.scope_separator.join(said.scopes),
        "aud": url,
        "iat": int((now - SKEW).timestamp()),
        "exp": int((now - SKEW + ASSERTION_LIFE).timestamp()),
        **({"sub": subject} if subject else {}),
    }
    signed = _signed(claims, key["private_key"], key.get("private_key_id", ""))
    return TokenAsk(url, urlencode({"grant_type": JWT_GRANT, "assertion": signed}), FORM)


def app_ask(way: Auth, values: Mapping[str, str], now: datetime) -> TokenAsk:
    """GitHub's: the app signs who it is and asks for a token of one installation."""
    app, installation = filled(way.app_id, values), filled(way.installation, values)
    claims: dict[str, Json] = {"iss": app, "iat": int((now - SKEW).timestamp()), "exp": int((now + APP_LIFE).timestamp())}
    signed = _signed(claims, filled(way.key, values))
    if not installation.isalnum():
        raise Misconfigured("The number of the installation holds other signs than digits. Copy it from the address of its settings page.")
    url = f"{values.get('base_url', '')}/app/installations/{installation}/access_tokens"
    return TokenAsk(url, "", {"Accept": "application/json", "Authorization": f"Bearer {signed}"})


def key_file(text: str) -> dict[str, str]:
    """Google's JSON key file. Raises Misconfigured, saying nothing of what stands in it."""
    try:
        key: Any = json.loads(text)
    except ValueError:
        key = None
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) for name in ("client_email", "private_key")):
        raise Misconfigured("The key of the service account is not the JSON file that Google gave. Copy the whole file.")
    return {name: value for name, value in key.items() if isinstance(value, str)}


def _signed(claims: Mapping[str, Any], pem: str, key_id: str = "") -> str:
    header: dict[str, Any] = {"alg": "RS256", "typ": "JWT", **({"kid": key_id} if key_id else {})}
    try:
        return jwt.encode(header, dict(claims), RSAKey.import_key(mended(pem)), algorithms=["RS256"])
    except (JoseError, ValueError, TypeError) as err:
        # Not “from err”: what the library says may quote the key.
        raise Misconfigured(
            f"The private key cannot be used to sign ({type(err).__name__}). Copy the whole file, from BEGIN to END."
        ) from None


def mended(pem: str) -> str:
    """A key whose line breaks were lost on the way (typed into one line, or written as \\n) with them put back."""
    text = pem.replace("\\n", "\n").strip()
    found = _PEM.search(text)
    if found is None:
        return text
    inside = "".join(found[2].split())
    return "\n".join([found[1], *(inside[at : at + 64] for at in range(0, len(inside), 64)), found[3], ""])
