"""How a request shows who asks: the headers and query parameters of the first way an account has the settings for."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors._kit.described_auth import Auth
from connectors._kit.filling import PLACEHOLDER, names_in


@dataclass(frozen=True, slots=True)
class Proof:
    """What is laid over a request; secret, and so in no repr."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


def named(way: Auth) -> frozenset[str]:
    """The settings without which this way is not there."""
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
            return frozenset(way.needs)


def chosen(ways: Sequence[Auth], values: Mapping[str, str]) -> Auth | None:
    """The first way whose settings are all there."""
    return next((way for way in ways if all(values.get(name) for name in named(way))), None)


def proof(ways: Sequence[Auth], values: Mapping[str, str]) -> Proof:
    """What the account's settings alone give: nothing where no way is there, or it needs a token fetched first."""
    way = chosen(ways, values)
    if way is None:
        return Proof()
    if way.kind == "bearer":
        return Proof({"Authorization": f"{way.scheme} {_put(way.token, values)}".strip()})
    if way.kind == "basic":
        pair = f"{_put(way.user, values)}:{_put(way.password, values)}"
        return Proof({"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})
    shown = {name: _put(text, values) for name, text in way.parameters.items()}
    return Proof(headers=shown) if way.kind == "header" else Proof(query=shown)


def _put(template: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), template)
