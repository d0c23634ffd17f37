"""Where the secret of an OAuth app may be sent: to the address it was made for, whatever people type into a form."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from connectors._kit.accounts import DEFAULT, variable
from connectors._kit.authorizing import client_settings
from connectors._kit.description import Auth, Description
from connectors._kit.filling import names_in
from engine.errors import Rejected


def homes(way: Auth) -> frozenset[str]:
    """The settings that the address of the token server is made of."""
    return frozenset(names_in(way.oauth.token_url)) if way.oauth else frozenset()


def check_home(said: Description, way: Auth, environ: Mapping[str, str], account: str, given: Mapping[str, str]) -> None:
    """``given``: what a person said of the account. Raises Rejected where the app that the house has would show its secret to another place
    than its own; an account with an app of its own in the environment may be anywhere.
    """
    shared = client_settings((way,))
    if account != DEFAULT and shared and all(environ.get(variable(said, key, account), "").strip() for key in shared):
        return
    named = homes(way)
    for key in (named - {"base_url"}) | ({said.url_setting} if "base_url" in named else set()):
        setting = said.settings.get(key)
        known = (environ.get(setting.name, "").strip() or setting.default) if setting else ""
        if setting and known and given.get(key) and not _is_home(given[key], known, setting.default):
            own = " and ".join(variable(said, name, account if account != DEFAULT else "name") for name in sorted(shared))
            raise Rejected(
                f"The OAuth app of {said.name} that is set here belongs to {_host(known)}, so its secret is not sent to "
                f"{_host(given[key])}. Set {setting.name} where the app is of that place, or {own} to an app of it, and start Signalbox again."
            )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address[:80]
    except ValueError:
        return address[:80]


def _is_home(address: str, known: str, default: str) -> bool:
    """The same host, or one beside the vendor's own (``test.salesforce.com`` beside ``login.salesforce.com``), and never without TLS where there was TLS."""
    try:
        there, here, usual = urlsplit(address), urlsplit(known), urlsplit(default)
        host, own = (there.hostname or "").lower(), (usual.hostname or "").lower()
    except ValueError:
        return False
    if "://" not in known:
        return True  # no address, but a name that is part of one
    if here.scheme == "https" and there.scheme != "https":
        return False
    parent = own.partition(".")[2]
    beside = known == default and "." in parent and host.endswith(f".{parent}")
    return beside or (host, there.port) == ((here.hostname or "").lower(), here.port)
