"""The bearer token: compared in constant time, guessed at only so often."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from fastapi import HTTPException, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.params import Depends
from fastapi.security.base import SecurityBase

from bot.faces.http.attempts import Attempts

Guards = Sequence[Depends]
"""What every route of a group asks first."""

CHALLENGE = 'Bearer realm="Signalbox"'


class BearerToken(SecurityBase):
    """A dependency: passes when ``Authorization: Bearer TOKEN`` carries the token of this house, or one of those that open only these routes."""

    def __init__(self, token: str, attempts: Attempts, *, others: Sequence[str] = ()) -> None:
        if not token or not all(others):
            raise ValueError("an empty token would let everyone in")
        self.scheme_name = "token"
        self.model = HTTPBearerModel(description="`SIGNALBOX_API_TOKEN`, or the token in the data folder.")
        self._tokens = [one.encode() for one in (token, *others)]
        self._attempts = attempts

    async def __call__(self, request: Request) -> None:
        peer = request.client.host if request.client else ""
        if wait := self._attempts.wait(peer):
            raise HTTPException(429, f"Too many wrong tokens. Try again in {wait:.0f} s.", {"retry-after": f"{wait:.0f}"})
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise _unauthorised("Send the token: Authorization: Bearer TOKEN. It is SIGNALBOX_API_TOKEN or stands in the data folder.", "")
        said = given.strip().encode("utf-8", "replace")
        if not any([secrets.compare_digest(said, token) for token in self._tokens]):  # noqa: C419 - each is compared, whichever fits
            self._attempts.wrong(peer, given.strip())
            raise _unauthorised("That token is not the one of this Signalbox.", ', error="invalid_token"')


def _unauthorised(sentence: str, why: str) -> HTTPException:
    return HTTPException(401, sentence, {"www-authenticate": CHALLENGE + why})
