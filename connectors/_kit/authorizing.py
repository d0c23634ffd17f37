"""How a request shows who asks: what the first way gives that an account has the settings for, and once more where that has run out."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from connectors._kit.description import Auth, Description
from connectors._kit.filling import PLACEHOLDER, names_in
from connectors._kit.picking import at, fits
from connectors._kit.wire import Sends, WireAnswer, WireRequest
from engine.ports import Clock

IN_VAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is laid over a request; secret, and so in no repr."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


def named(way: Auth) -> frozenset[str]:
    """The settings without which this way is not there."""
    return _named(way) | frozenset(way.needs)


def subject_of(way: Auth) -> str:
    """The setting that names the person a service account acts for; empty without one."""
    return next(iter(names_in(way.subject)), way.subject)


def _named(way: Auth) -> frozenset[str]:
    match way.kind:
        case "none":
            return frozenset()
        case "bearer":
            return frozenset(names_in(way.token))
        case "basic":
            return frozenset(names_in([way.user, way.password]))
        case "header" | "query":
            return frozenset(names_in(way.parameters))
        case "oauth" | "client_credentials":
            return frozenset(names_in([way.client_id, way.client_secret]))
        case "service_account":
            return frozenset(names_in(way.key))
        case "github_app":
            return frozenset(names_in([way.app_id, way.key, way.installation]))
        case _:
            return frozenset()


def chosen(ways: Sequence[Auth], values: Mapping[str, str], *, granted: bool = False) -> Auth | None:
    """The first way whose settings are all there; one by OAuth is there when somebody has ``granted`` it."""
    there = (way for way in ways if all(values.get(name) for name in named(way)))
    return next((way for way in there if way.kind != "oauth" or granted), None)


def client_settings(ways: Sequence[Auth]) -> frozenset[str]:
    """The settings that describe the OAuth app rather than the account."""
    return frozenset().union(*(names_in([way.client_id, way.client_secret]) for way in ways if way.kind in ("oauth", "client_credentials")))


def proof(ways: Sequence[Auth], values: Mapping[str, str]) -> Proof:
    """What the account's settings alone give: nothing where no way is there, or it needs a token fetched first."""
    return proof_of(chosen(ways, values), values)


def proof_of(way: Auth | None, values: Mapping[str, str]) -> Proof:
    """What the settings give for this way."""
    match way:
        case Auth(kind="bearer"):
            return bearer(way, filled(way.token, values))
        case Auth(kind="basic"):
            pair = f"{filled(way.user, values)}:{filled(way.password, values)}"
            return Proof({"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})
        case Auth(kind="header" | "query"):
            shown = {name: filled(text, values) for name, text in way.parameters.items()}
            return Proof(headers=shown) if way.kind == "header" else Proof(query=shown)
    return Proof()


def bearer(way: Auth, token: str) -> Proof:
    return Proof({"Authorization": f"{way.scheme} {token}".strip()})


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template over the settings."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), template)


class Authorizer(Protocol):
    """Shows who asks, for one account."""

    async def proof(self) -> Proof:
        """What is laid over the next request. Raises the three words where it has to be fetched and cannot be."""
        ...

    async def close(self) -> None:
        """What is being fetched is waited for and written down."""
        ...

    async def renew(self, refused: Proof) -> bool:
        """Whether there is another proof now than the one that was ``refused``. Raises the three words."""
        ...


class Unchanging:
    """What the settings give, again and again."""

    def __init__(self, way: Auth | None, values: Mapping[str, str]) -> None:
        self._proof = proof_of(way, values)

    async def proof(self) -> Proof:
        return self._proof

    async def renew(self, refused: Proof) -> bool:
        return False

    async def close(self) -> None:
        return None


class Proving:
    """A wire whose requests show who asks; fulfils ``wire.Sends``. One that is refused for a token that has run out is put once more with a new one."""

    def __init__(self, wire: Sends, authorizer: Authorizer, description: Description, clock: Clock) -> None:
        self._wire = wire
        self._authorizer = authorizer
        self._description = description
        self._clock = clock
        self._in_vain: tuple[Proof, datetime] | None = None

    async def send(self, request: WireRequest, *, may_repeat: bool, total: float | None = None) -> WireAnswer:
        """As ``wire.Wire.send``; also raises what ``Authorizer`` does. A request that is refused for its token was not performed."""
        shown = await self._authorizer.proof()
        answer = await self._wire.send(_shown(request, shown), may_repeat=may_repeat, total=total)
        if not is_expired(answer, self._description) or self._pointless(shown) or not await self._authorizer.renew(shown):
            return answer
        fresh = await self._authorizer.proof()
        second = await self._wire.send(_shown(request, fresh), may_repeat=may_repeat, total=total)
        if is_expired(second, self._description):
            self._in_vain = (fresh, self._clock.now())
        return second

    async def close(self) -> None:
        await self._authorizer.close()

    def _pointless(self, shown: Proof) -> bool:
        """Whether this very token was fresh when it was refused a moment ago: then it is not its age, and another one would cost and help nothing."""
        return self._in_vain is not None and self._in_vain[0] == shown and self._clock.now() - self._in_vain[1] < IN_VAIN


def is_expired(answer: WireAnswer, description: Description) -> bool:
    """Whether the answer refuses the credential, so that nothing was done: by status, by the vendor's words, or inside a 200."""
    if answer.status == 401:
        return True
    if answer.status in (400, 403):
        text = answer.text.casefold()
        return any(words.casefold() in text for words in description.complaint.expired)
    soft = description.soft_error
    if soft is None or not soft.credentials or not 200 <= answer.status < 300:
        return False
    body = answer.json()
    return fits(body, soft.where) and str(at(body, soft.says)) in soft.credentials and not _was_done(body)


def _was_done(body: object) -> bool:
    """Whether part of it was: of several things in one GraphQL document one may be forbidden, and the others are not to be done twice."""
    data = at(body, "data")
    return any(value is not None for value in data.values()) if isinstance(data, Mapping) else False


def _shown(request: WireRequest, shown: Proof) -> WireRequest:
    return replace(request, headers={**request.headers, **shown.headers}, query={**request.query, **shown.query})
