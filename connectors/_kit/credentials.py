"""One account of a service, as the settings say it: its address, its secrets and what is missing."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, quote_plus, unquote, urlsplit

from connectors._kit.accounts import DEFAULT as DEFAULT
from connectors._kit.accounts import said_by, variable
from connectors._kit.authorizing import chosen, filled, named
from connectors._kit.description import Auth, Description, Host
from connectors._kit.filling import PLACEHOLDER, names_in
from engine.ports import Account
from engine.workflow.definition import Json

HIDDEN = "•••"
MODES = ("missing", "all", "off")
LINE = 16  # characters of a line of a key that give it away by themselves
REMEMBERED = 8  # tokens of one account that are still taken out of texts after newer ones were fetched


class Fetched:
    """Tokens that were fetched for an account while it was in use: secrets like those it came with."""

    def __init__(self) -> None:
        self._forms: list[tuple[str, ...]] = []

    def note(self, *tokens: str) -> None:
        forms = forms_of(tokens)
        if forms and forms not in self._forms:
            self._forms = [*self._forms, forms][-REMEMBERED:]

    def __iter__(self) -> Iterator[str]:
        return (form for forms in self._forms for form in forms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """``values`` are the settings by their short names; they never show in a repr, and ``scrub`` takes the secret ones out of any text.

    ``way`` is how requests show who asks, None where nothing is needed or there is no way. ``kept``: it is in the vault, so it can be disconnected.
    """

    account: Account
    values: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    shown: Mapping[str, str] = field(default_factory=dict)  # ``setting_<name>``: what is not secret, for requests
    way: Auth | None = None
    kept: bool = False
    fetched: Fetched = field(default_factory=Fetched, repr=False, compare=False)

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
        for secret in (*self.secrets, *self.fetched):
            text = text.replace(secret, HIDDEN)
        return text

    def scrubbed(self, value: Json) -> Json:
        """A value of any shape without them: a service may give back what it was asked with."""
        text = json.dumps(value, ensure_ascii=False, default=str)  # one look through all of it: next to none holds a secret
        return self._scrubbed(value) if any(secret in text for secret in (*self.secrets, *self.fetched)) else value

    def _scrubbed(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {self.scrub(key): self._scrubbed(part) for key, part in value.items()}
        return [self._scrubbed(part) for part in value] if isinstance(value, list) else value


def read_credentials(
    description: Description,
    environ: Mapping[str, str],
    sandbox_mode: str,
    *,
    name: str = DEFAULT,
    kept: Mapping[str, str] | None = None,
    granted: bool = False,
) -> Credentials:
    """One account: what the environment says of it, over that what the vault has ``kept`` of it.

    ``sandbox_mode``: missing, all or off (see ``SIGNALBOX_SANDBOX``). ``granted``: the vault has a token that was given by the dance of OAuth.
    """
    values = {**said_by(description, environ, name), **{key: value for key, value in (kept or {}).items() if value}}
    values = {key: values.get(key) or setting.default for key, setting in description.settings.items()}
    url = PLACEHOLDER.sub(lambda found: values.get(found[1], ""), values.get(description.url_setting) or description.base_url).rstrip("/")
    way = chosen(description.auth, values, granted=granted)
    missing = _missing(description, values, way, name) or _bad_url(description, values, url, name) or _bad_secret(description, values, name)
    mode = _mode(description, bool(missing), sandbox_mode)
    account = Account(
        service=description.id,
        name=name,
        url=_shown(url),
        mode=mode,
        missing=missing,
        probed=description.probed and not description.house and mode != "off",
    )
    shown = {f"setting_{key}": values[key] for key, setting in description.settings.items() if not setting.secret and values[key]}
    return Credentials(
        account=account,
        values={**values, "base_url": url},
        secrets=_secrets(description, values),
        shown=shown,
        way=way,
        kept=kept is not None or granted,
    )


def _mode(description: Description, missing: bool, sandbox_mode: str) -> str:
    if description.house:
        return "live"
    if sandbox_mode == "all" or (missing and sandbox_mode == "missing"):
        return "sandbox"
    return "off" if missing else "live"


def _missing(description: Description, values: Mapping[str, str], way: Auth | None, name: str) -> str:
    """A needed setting counts unless it belongs to another way than the one that is there."""
    elsewhere = {setting for other in description.auth if other is not way for setting in named(other)} - (named(way) if way else set())
    needed = [key for key, setting in description.settings.items() if setting.needed and not (way and key in elsewhere)]
    lacking = [key for key in needed if not values[key]]
    where = f" ({description.credentials_at})" if description.credentials_at else ""
    if way is None and any(other.kind == "oauth" and all(values.get(key) for key in named(other)) for other in description.auth):
        return f"It has an OAuth app, and nobody has connected it yet: /connect {description.id}{'' if name == DEFAULT else f' as {name}'}."
    if lacking:
        return f"Set {' and '.join(variable(description, key, name) for key in lacking)}{where}."
    if way or not description.auth or any(other.kind == "none" for other in description.auth):
        return ""
    unset = sorted(key for key in named(description.auth[0]) if not values.get(key))
    return f"Set {' and '.join(variable(description, key, name) for key in unset)}{where}."


def _bad_url(description: Description, values: Mapping[str, str], url: str, name: str) -> str:
    if not description.url_setting or not url or not any(operation.request for operation in description.operations.values()):
        return ""  # what speaks no HTTP reads its address itself
    parts = _split(url)
    if parts and parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.query or parts.fragment):
        return ""
    made_of = [key for key in sorted(names_in(description.base_url)) if key in description.settings]
    setting = description.url_setting if values.get(description.url_setting) or not made_of else made_of[0]
    fixed = description.base_url if not made_of else ""
    example = f"the plain address of the API, such as {fixed}" if fixed else "a plain address"
    meaning = "" if fixed else f" ({description.settings[setting].meaning})"
    return f"{variable(description, setting, name)} must be {example}{meaning}."


def _bad_secret(description: Description, values: Mapping[str, str], name: str) -> str:
    """A secret that no request can carry: pasted with something that cannot be seen, or not a token at all. Keys to sign with have lines."""
    signing = {key for way in description.auth if way.kind in ("service_account", "github_app") for key in names_in(way.key)}
    for key, setting in description.settings.items():
        value = values[key]
        if setting.secret and key not in signing and "://" not in value and not (value.isascii() and value.isprintable()):
            return f"{variable(description, key, name)} holds characters that no token has. Copy it again."
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
    return forms_of((*plain, *passwords, *_pairs(description, values)))


def _pairs(description: Description, values: Mapping[str, str]) -> Iterator[str]:
    """User and password as ``Authorization: Basic`` writes them; an app's id and secret too."""
    for way in description.auth:
        user, password = (way.user, way.password) if way.kind == "basic" else (way.client_id, way.client_secret)
        if way.kind in ("basic", "oauth", "client_credentials") and filled(password, values):
            yield b64encode(f"{filled(user, values)}:{filled(password, values)}".encode()).decode()


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """As they are, as URLs and JSON write them, and each line of a key; the longest first, those too short to be told from ordinary text left out."""
    forms = set()
    for secret in secrets:
        lines = [line for line in secret.replace("\\n", "\n").splitlines() if len(line) >= LINE and not line.startswith("-----")]
        forms |= {
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            unquote(secret),
            json.dumps(secret)[1:-1],
            *(lines if len(lines) > 1 else ()),
        }
    return tuple(sorted((form for form in forms if len(form) > 3), key=lambda form: (-len(form), form)))
