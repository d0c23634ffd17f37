"""The names of accounts: which ones the environment speaks of, what it says of each, and how they are called in it and in the vault."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors._kit.authorizing import client_settings
from connectors._kit.description import Description
from engine.errors import Invalid

DEFAULT = "default"
PREFIX = "account:"  # of the names in the vault
NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,29}")


def read_name(text: str) -> str:
    """An account's name as it is kept; empty means ``default``. Raises Invalid for what cannot be one."""
    name = text.strip().casefold().replace("-", "_")
    if not name:
        return DEFAULT
    if not NAME.fullmatch(name) or name == "off":
        raise Invalid(f"“{text.strip()[:40]}” cannot be the name of an account. Use up to 30 letters, digits and _, such as ops.")
    return name


def kept_name(service: str, account: str) -> str:
    """How an account is called in the vault."""
    return f"{PREFIX}{service}:{account}"


def variable(description: Description, key: str, account: str) -> str:
    """The environment variable of a setting of an account."""
    name = description.settings[key].name
    return name if account == DEFAULT else f"{name}__{account.upper()}"


def said_by(description: Description, environ: Mapping[str, str], account: str) -> dict[str, str]:
    """What the environment says of one account. The OAuth app is the same for all accounts of a service that name none of their own."""
    shared = client_settings(description.auth)
    values = {key: environ.get(variable(description, key, account), "").strip() for key in description.settings}
    return {
        key: value or (environ.get(description.settings[key].name, "").strip() if key in shared else "") for key, value in values.items()
    }


def further(description: Description, environ: Mapping[str, str]) -> list[str]:
    """The accounts besides ``default`` that the environment speaks of: ``GITHUB_TOKEN__OPS`` is ``ops``."""
    of_accounts = [name for name in environ if "__" in name]  # mostly none, and a house asks this of every service
    begins = [f"{setting.name}__" for setting in description.settings.values()] if of_accounts else []
    found = {name[len(begin) :].lower() for begin in begins for name in of_accounts if name.startswith(begin) and environ[name].strip()}
    return sorted(name for name in found if NAME.fullmatch(name) and name != DEFAULT)
