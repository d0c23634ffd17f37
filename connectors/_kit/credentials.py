"""One account of a service, as the settings say it: its address, its secrets and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from connectors._kit.description import Description, Host
from connectors._kit.filling import PLACEHOLDER
from engine.ports import Account

HIDDEN = "•••"
DEFAULT = "default"
MODES = ("missing", "all", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """``values`` are the settings by their short names; they never show in a repr, and ``scrub`` takes the secret ones out of any text."""

    account: Account
    values: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    shown: Mapping[str, str] = field(default_factory=dict)  # ``setting_<name>``: what is not secret, for requests

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def host(self, host: Host) -> str:
        """One of the service's further addresses."""
        return (self.values.get(host.setting) or host.url).rstrip("/")

    def begun(self, description: Description) -> bool:
        """Whether somebody set out to connect it: something it needs is set, or its address."""
        wanted = [key for key, setting in description.settings.items() if setting.needed or key == description.url_setting]
        return any(self.values[key] not in ("", description.settings[key].default) for key in wanted)

    def scrub(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return text


def read_credentials(description: Description, environ: Mapping[str, str], sandbox_mode: str) -> Credentials:
    """The account the environment describes. ``sandbox_mode``: missing, all or off (see ``SIGNALBOX_SANDBOX``)."""
    values = {key: environ.get(setting.name, "").strip() or setting.default for key, setting in description.settings.items()}
    url = PLACEHOLDER.sub(lambda found: values.get(found[1], ""), values.get(description.url_setting) or description.base_url).rstrip("/")
    missing = _missing(description, values) or _bad_url(description, url) or _bad_secret(description, values)
    account = Account(
        service=description.id,
        name=DEFAULT,
        url=_shown(url),
        mode=_mode(description, bool(missing), sandbox_mode),
        missing=missing,
        probed=description.probed and not description.house,
    )
    if account.mode == "off":
        account = Account(service=account.service, name=account.name, url=account.url, mode="off", missing=missing, probed=False)
    shown = {f"setting_{key}": values[key] for key, setting in description.settings.items() if not setting.secret and values[key]}
    return Credentials(account=account, values={**values, "base_url": url}, secrets=_secrets(description, values), shown=shown)


def _mode(description: Description, missing: bool, sandbox_mode: str) -> str:
    if description.house:
        return "live"
    if sandbox_mode == "all" or (missing and sandbox_mode == "missing"):
        return "sandbox"
    return "off" if missing else "live"


def _missing(description: Description, values: Mapping[str, str]) -> str:
    names = [setting.name for key, setting in description.settings.items() if setting.needed and not values[key]]
    if not names:
        return ""
    where = f" ({description.credentials_at})" if description.credentials_at else ""
    return f"Set {' and '.join(names)}{where}."


def _bad_url(description: Description, url: str) -> str:
    if not description.url_setting or not description.base_url:
        return ""
    parts = _split(url)
    if parts and parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.query or parts.fragment):
        return ""
    name = description.settings[description.url_setting].name
    return f"{name} must be the plain address of the API, such as {description.base_url}."


def _bad_secret(description: Description, values: Mapping[str, str]) -> str:
    """A secret that no request can carry: pasted with something that cannot be seen, or not a token at all."""
    for key, setting in description.settings.items():
        value = values[key]
        if setting.secret and "://" not in value and not (value.isascii() and value.isprintable()):
            return f"{setting.name} holds characters that no token has. Copy it again."
    return ""


def _split(url: str) -> SplitResult | None:
    """None when it is no URL."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:  # a bracket without its partner, a port that is no number
        return None


def _shown(url: str) -> str:
    """The address without a user and password."""
    parts = _split(url)
    if not parts or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _secrets(description: Description, values: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret in each form it could appear in, the longest first; a URL's password by itself too."""
    plain = [values[key] for key, setting in description.settings.items() if setting.secret and values[key]]
    passwords = [parts.password or "" for value in plain if "://" in value and (parts := _split(value))]
    forms = {form for secret in (*plain, *passwords) for form in (secret, quote(secret, safe=""), unquote(secret)) if len(form) > 3}
    return tuple(sorted(forms, key=len, reverse=True))
