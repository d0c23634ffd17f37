"""What people are asked for when they connect an account: the ways a service has, and the values each needs, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors._kit.accounts import variable
from connectors._kit.authorizing import named, subject_of
from connectors._kit.description import Auth, Description
from connectors._kit.filling import names_in
from engine.ports import Need, Way

TITLES = {
    "bearer": "a token",
    "basic": "a user and a password",
    "header": "a key",
    "query": "a key",
    "oauth": "the browser",
    "client_credentials": "an app of its own",
    "service_account": "a service account",
    "github_app": "a GitHub App",
    "own": "its own credentials",
}


@dataclass(frozen=True, slots=True)
class Title:
    """``id`` tells the ways of one service apart: ``bearer``, ``bearer_2``."""

    id: str
    words: str


def ways_in(said: Description) -> list[Auth]:
    """The ways somebody can choose. What describes none but needs settings all the same (mail) has its settings for one."""
    ways = [way for way in said.auth if way.kind != "none"]
    needed = tuple(key for key, setting in said.settings.items() if setting.needed)
    return ways or ([Auth(kind="own", needs=needed)] if needed else [])


def titled(ways: Sequence[Auth]) -> Iterator[tuple[Auth, Title]]:
    seen: dict[str, int] = {}
    for way in ways:
        seen[way.kind] = number = seen.get(way.kind, 0) + 1
        words = TITLES.get(way.kind, "credentials")
        yield way, Title(way.kind if number == 1 else f"{way.kind}_{number}", words if number == 1 else f"{words} ({number})")


def ways_of(said: Description, values: Mapping[str, str], account: str) -> tuple[Way, ...]:
    """``values``: what the environment says of this account; the OAuth app's are among them."""
    found = []
    for way, title in titled(ways_in(said)):
        if way.kind == "oauth":
            lacking = sorted(name for name in named(way) if not values.get(name))
            unset = " and ".join(variable(said, name, "default") for name in lacking)
            app = f"An OAuth app of {said.name} is needed once: set {unset} and start Signalbox again." if lacking else ""
            found.append(Way(id=title.id, title=title.words, needs=before_the_dance(said, way, values), browser=True, missing=app))
        else:
            found.append(Way(id=title.id, title=title.words, needs=needs_of(said, way)))
    return tuple(found)


def before_the_dance(said: Description, way: Auth, values: Mapping[str, str]) -> tuple[Need, ...]:
    """What must be known before a browser can be sent away: where the service is, and what every account needs and the service will not tell."""
    server = way.oauth
    if server is None:
        return ()
    addresses = (names_in([server.authorize_url, server.token_url]) | ({said.url_setting} - {""})) - {"base_url"}
    elsewhere = {name for other in said.auth if other is not way for name in named(other)}
    needed = {key for key, setting in said.settings.items() if setting.needed} - elsewhere - set(server.takes)
    wanted = [key for key in said.settings if key in addresses | needed and key not in named(way) and key not in server.takes]
    found = []
    for key in wanted:
        setting = said.settings[key]
        known = "" if setting.secret else values.get(key) or setting.default
        used = "base_url" in names_in([server.authorize_url, server.token_url]) if key == said.url_setting else key in addresses
        required = (setting.needed or used) and not (values.get(key) or setting.default)
        found.append(Need(name=key, meaning=setting.meaning, setting=setting.name, secret=setting.secret, required=required, default=known))
    return tuple(found)


def needs_of(said: Description, way: Auth) -> tuple[Need, ...]:
    """The settings the way names, those that every account needs, and the address; of the others none: a form is no place for them."""
    own = named(way)
    elsewhere = {name for other in said.auth if other is not way for name in named(other)} - own
    optional = ({subject_of(way)} - {""}) | ({said.url_setting} if said.url_setting else set())
    wanted = [key for key, setting in said.settings.items() if key in own or key in optional or (setting.needed and key not in elsewhere)]
    wanted.sort(key=lambda key: (key in optional and not said.settings[key].needed, key not in own))
    return tuple(_need(said, key, required=key in own or said.settings[key].needed) for key in wanted)


def _need(said: Description, key: str, *, required: bool) -> Need:
    setting = said.settings[key]
    return Need(
        name=key,
        meaning=setting.meaning,
        setting=setting.name,
        secret=setting.secret,
        required=required and not setting.default,
        default="" if setting.secret else setting.default,
    )


def untold(missing: str) -> str:
    """The sentence about what is missing, for somebody at a form rather than at the environment."""
    return re.sub(r"^Set ", "It also needs ", missing)
