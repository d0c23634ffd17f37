"""An OAuth server and the service behind it, in one ASGI app: codes count once, PKCE is checked, refresh tokens rotate, signatures are verified."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.connectors.rig import SetClock, whole_body

CLIENT, CLIENT_SECRET = "app-1", "app-secret-1"
KEY = RSAKey.generate_key(2048)
PEM = KEY.as_pem(private=True).decode()
ROBOT = "robot@acme.example"
KEY_FILE = json.dumps(
    {
        "type": "service_account",
        "client_email": ROBOT,
        "private_key": PEM,
        "private_key_id": "k1",
        "token_uri": "https://evil.example/token",
    }
)


@dataclass
class _Grant:
    challenge: str
    redirect: str
    used: bool = False


@dataclass
class OAuthServer:
    """``seconds``: how long its tokens live; ``mark`` stands in every token, so that it can be looked for. ``fail`` plays a failure of the token endpoint."""

    clock: SetClock
    seconds: int = 3600
    mark: str = ""
    rotates: bool = True
    fail: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    fetched: Counter[str] = field(default_factory=Counter)
    grants: dict[str, _Grant] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    alive: dict[str, float] = field(default_factory=dict)
    made: list[Any] = field(default_factory=list)
    static: set[str] = field(default_factory=set)
    echo: bool = False
    denies: bool = False
    shown: list[str] = field(default_factory=list)

    # --- a person at the browser -------------------------------------------------------------------------------------

    def say_yes(self, url: str) -> dict[str, str]:
        """What the browser brings back after a person said yes at ``url``."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.grants)}{self.mark}"
        self.grants[code] = _Grant(asked["code_challenge"], asked["redirect_uri"])
        return {"code": code, "state": asked["state"], "realm": "r-1"}

    def expire(self) -> None:
        self.alive.clear()

    # --- the wire ----------------------------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await whole_body(receive)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.log.append((scope["method"], scope["path"]))
        status, more, content = self._answer(scope["method"], scope["path"], headers, body)
        shown = [(b"content-type", b"application/json"), *((k.encode(), v.encode()) for k, v in more.items())]
        await send({"type": "http.response.start", "status": status, "headers": shown})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if path.endswith(("/token", "/access_token", "/access_tokens")):
            if self.fail:
                return self.fail.pop(0)
            status, answer = self._token(path, headers, body)
            return status, {}, json.dumps(answer).encode()
        shown = headers.get("authorization", "").removeprefix("Bearer ")
        self.shown.append(shown)
        if self.denies or (self.alive.get(shown, 0) <= self.clock.now().timestamp() and shown not in self.static):
            told = f"bad credentials: {shown}" if self.echo else "bad credentials"
            return 401, {}, json.dumps({"message": told}).encode()
        if method == "POST":
            self.made.append(json.loads(body))
            return 201, {}, json.dumps({"id": len(self.made), "seen": shown if self.echo else ""}).encode()
        return 200, {}, json.dumps({"id": 7, "seen": shown if self.echo else ""}).encode()

    def _token(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        if path.endswith("/access_tokens"):
            return self._installation(path, headers)
        if headers["content-type"] == "application/json":
            said = json.loads(body)
        else:
            said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.fetched[said["grant_type"]] += 1
        if said["grant_type"].endswith("jwt-bearer"):
            return self._assertion(said)
        if not self._knows(headers, said):
            return 401, {"error": "invalid_client"}
        match said["grant_type"]:
            case "authorization_code":
                grant = self.grants.get(said["code"])
                if (
                    grant is None
                    or grant.used
                    or grant.redirect != said["redirect_uri"]
                    or _challenge(said["code_verifier"]) != grant.challenge
                ):
                    return 400, {"error": "invalid_grant", "error_description": f"no such code {said['code']}"}
                grant.used = True
                return 200, self._fresh(refresh=True)
            case "refresh_token":
                if said["refresh_token"] not in self.refresh:
                    return 400, {"error": "invalid_grant", "error_description": f"unknown {said['refresh_token']}"}
                if self.rotates:
                    self.refresh.discard(said["refresh_token"])
                return 200, self._fresh(refresh=self.rotates)
        return 200, self._fresh()

    def _knows(self, headers: dict[str, str], said: dict[str, str]) -> bool:
        shown = headers.get("authorization", "")
        if shown.startswith("Basic "):
            return base64.b64decode(shown[6:]).decode() == f"{CLIENT}:{CLIENT_SECRET}"
        return (said.get("client_id"), said.get("client_secret")) == (CLIENT, CLIENT_SECRET)

    def _assertion(self, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        claims = self._verified(said["assertion"])
        now = self.clock.now().timestamp()
        good = (
            claims.get("iss") == ROBOT and claims.get("aud") == "https://auth.forge.example/token" and claims.get("scope") == "things.read"
        )
        if not good or not claims["iat"] <= now < claims["exp"] <= claims["iat"] + 3600:
            return 400, {"error": "invalid_grant"}
        return 200, self._fresh()

    def _installation(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.fetched["installation"] += 1
        claims = self._verified(headers.get("authorization", "").removeprefix("Bearer "))
        now = self.clock.now().timestamp()
        if (
            claims.get("iss") != "4711"
            or not claims["iat"] <= now < claims["exp"] <= now + 600
            or path != "/app/installations/99/access_tokens"
        ):
            return 401, {"message": "A JSON web token could not be decoded"}
        fresh = self._fresh()
        return 201, {
            "token": fresh["access_token"],
            "expires_at": f"{self.clock.now().replace(year=self.clock.now().year + 1):%Y-%m-%dT%H:%M:%SZ}",
        }

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, KEY, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return {}

    def _fresh(self, *, refresh: bool = False) -> dict[str, Any]:
        number = sum(self.fetched.values())
        access = f"access-{number}{self.mark}"
        self.alive[access] = self.clock.now().timestamp() + self.seconds
        more = {}
        if refresh:
            more = {"refresh_token": f"refresh-{number}{self.mark}"}
            self.refresh.add(more["refresh_token"])
        return {"access_token": access, "token_type": "bearer", "expires_in": self.seconds, **more}


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def query(said: dict[str, str]) -> str:
    return urlencode(said)
