"""Connectors for the tests of accounts: one that is connected in every way there is, read from a folder like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from connectors._kit.connector import Connector
from connectors._kit.custom import Custom
from connectors._kit.reading import read_connector

OAUTH = {
    "authorize_url": "https://auth.forge.example/authorize",
    "token_url": "https://auth.forge.example/token",
    "scopes": ["things.read", "things.write"],
}
WAYS: dict[str, dict[str, Any]] = {
    "oauth": {"kind": "oauth", "oauth": {**OAUTH, "rotates": True, "takes": {"realm": "realm"}}},
    "bearer": {"kind": "bearer"},
    "client_credentials": {"kind": "client_credentials", "oauth": {**OAUTH, "client": "basic"}},
    "in_json": {"kind": "client_credentials", "oauth": {**OAUTH, "encoding": "json", "scope_separator": ","}},
    "service_account": {"kind": "service_account", "oauth": {**OAUTH, "scopes": ["things.read"]}},
    "github_app": {"kind": "github_app"},
    "own": {"kind": "own", "needs": ["token"]},
    "basic": {"kind": "basic", "user": "{user}/token", "password": "{token}"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "token": {"name": "FORGE_TOKEN", "meaning": "token Forge is asked with", "secret": True, "needed": True},
    "url": {"name": "FORGE_URL", "meaning": "API address", "default": "https://api.forge.example"},
    "client_id": {"name": "FORGE_CLIENT_ID", "meaning": "the app's id"},
    "client_secret": {"name": "FORGE_CLIENT_SECRET", "meaning": "the app's secret", "secret": True},
    "realm": {"name": "FORGE_REALM", "meaning": "the realm"},
    "key": {"name": "FORGE_KEY", "meaning": "key file", "secret": True},
    "app_id": {"name": "FORGE_APP_ID", "meaning": "number of the app"},
    "installation": {"name": "FORGE_INSTALLATION", "meaning": "number of the installation"},
    "user": {"name": "FORGE_USER", "meaning": "who asks"},
}
EXAMPLES = {
    "operations": {
        "make": {"ask": {"title": "x"}, "output": {"id": 1, "seen": ""}, "sandbox": {"id": 1, "seen": ""}},
        "read": {"ask": {}, "output": {"id": 7, "seen": ""}, "sandbox": {"id": 7, "seen": ""}},
    }
}


def forge(folder: Path, *ways: str) -> Connector:
    said = {
        "id": "forge",
        "name": "Forge",
        "category": "development",
        "base_url": "https://api.forge.example",
        "url_setting": "url",
        "credentials_at": "the settings of Forge",
        "auth": [WAYS[way] for way in ways],
        "settings": {**SETTINGS, "token": {**SETTINGS["token"], "needed": bool({"bearer", "basic"} & set(ways))}},
        "complaint": {"expired": ["session is over"]},
        "probe": {"path": "/me"},
        "operations": {
            "make": {
                "title": "Make",
                "inputs": {"title": {"required": True, "help": "what"}},
                "outputs": {"id": {"type": "integer"}, "seen": {}},
                "no_look": "Look there.",
                "request": {"method": "POST", "path": "/things", "body": {"title": "{title}"}},
            },
            "read": {
                "title": "Read",
                "writes": False,
                "outputs": {"id": {"type": "integer"}, "seen": {}},
                "request": {"method": "GET", "path": "/thing"},
            },
        },
    }
    place = folder / "forge"
    place.mkdir(parents=True, exist_ok=True)
    (place / "connector.yml").write_text(yaml.safe_dump(said))
    (place / "examples.yml").write_text(yaml.safe_dump(EXAMPLES))
    return read_connector(place, Custom())
