"""The settings of the house: each with its meaning, its default and how it is read. The documentation is generated from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import Invalid, Problem, Rejected
from engine.parties import Address
from engine.resilience.spending import MOST_PER_DAY, PER_DAY
from engine.workflow.calendar import check_zone
from engine.workflow.definition import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """``default`` in words where it is made at first start; ``secret`` ones are never shown."""

    name: str
    meaning: str
    default: str = ""
    secret: bool = False
    group: str = "House"


SETTINGS: tuple[Setting, ...] = (
    Setting(name="SIGNALBOX_DATA", meaning="Folder for everything that is kept.", default="./data"),
    Setting(
        name="SIGNALBOX_DATABASE_URL",
        meaning="SQLAlchemy URL of the database: sqlite:///path, or postgresql+psycopg://user@host/name for several processes and hosts.",
        default="an SQLite file in the data folder",
    ),
    Setting(name="SIGNALBOX_HOST", meaning="Address the web page and REST listen on.", default="127.0.0.1"),
    Setting(name="SIGNALBOX_PORT", meaning="Port the web page and REST listen on; 0 takes a free one.", default="8321"),
    Setting(
        name="SIGNALBOX_PUBLIC_URL",
        meaning="Where browsers and services reach this Signalbox from outside, such as https://signalbox.example.com: for links in chats, the way back "
        "of OAuth, and webhooks.",
        default="http:// with SIGNALBOX_HOST and SIGNALBOX_PORT",
    ),
    Setting(
        name="SIGNALBOX_API_TOKEN",
        meaning="Bearer token of REST, with the admin role.",
        default="made at first start, kept in the data folder (api-token, mode 0600)",
        secret=True,
    ),
    Setting(
        name="SIGNALBOX_SECRET_KEY",
        meaning="Signs browser sessions and encrypts stored credentials.",
        default="made at first start, kept in the data folder (secret-key, mode 0600)",
        secret=True,
    ),
    Setting(
        name="SIGNALBOX_SANDBOX",
        meaning="Which services the sandbox answers for: `missing` (those without credentials), `all`, or `off`.",
        default="missing",
    ),
    Setting(
        name="SIGNALBOX_BATCHING",
        meaning="Equal asks of a service within a moment go out as one request, where the service has that: `on`, or `off`.",
        default="on",
    ),
    Setting(name="SIGNALBOX_TIMEZONE", meaning="IANA zone of the house, used where nobody's own is known.", default="UTC"),
    Setting(name="SIGNALBOX_PROBE_INTERVAL", meaning="Seconds between probes of a service.", default="30"),
    Setting(
        name="SIGNALBOX_KEEP_RUNS",
        meaning="Days for which finished runs, cards, requests and web messages are kept in full. Then the facts of a run are packed away, "
        "readable as ever; after four times as long it is forgotten. The audit stays.",
        default="90",
    ),
    Setting(
        name="SIGNALBOX_ALERT_CHANNEL",
        meaning="Where alerts and reports go: an id or #name, or a comma list of face:channel, such as slack:#ops,discord:123.",
        default="the first channel the bot is a member of; in the web chat #ops",
    ),
    Setting(
        name="SIGNALBOX_ALERT_BACKUP",
        meaning="Where urgent cards go when their place cannot be reached for 45 seconds: a comma list of face:channel or email:address, such as "
        "discord:123,email:ops@example.com.",
        default="none",
    ),
    Setting(
        name="SIGNALBOX_INBOUND_TOKEN",
        meaning="Bearer token for the alerts of others (Alertmanager, Grafana, scripts); it opens nothing else.",
        default="made at first start, kept in the data folder (inbound-token, mode 0600)",
        secret=True,
    ),
    Setting(
        name="SIGNALBOX_HEARTBEAT_URL",
        meaning="Address of a watcher outside that is asked (GET) each minute while this house can do its work, so that its silence is noticed.",
        default="none",
        secret=True,
    ),
    Setting(
        name="SIGNALBOX_RATE_LIMITS",
        meaning="How often services are asked at most, over all workflows: a comma list of service=asks/time, such as github=30/1m,slack=1/1s.",
        default="what each service says by itself",
    ),
    Setting(name="SLACK_BOT_TOKEN", meaning="Slack's bot token (xoxb-…).", secret=True, group="Slack"),
    Setting(name="SLACK_APP_TOKEN", meaning="Slack's app-level token (xapp-…); with it, Socket Mode is used.", secret=True, group="Slack"),
    Setting(
        name="SLACK_SIGNING_SECRET",
        meaning="Verifies Slack's requests where HTTP is used instead of Socket Mode (request URL: /slack/events).",
        secret=True,
        group="Slack",
    ),
    Setting(
        name="SLACK_API_URL", meaning="Base of Slack's Web API, for GovSlack or a proxy.", default="https://slack.com/api/", group="Slack"
    ),
    Setting(name="DISCORD_TOKEN", meaning="Discord's bot token.", secret=True, group="Discord"),
    Setting(
        name="DISCORD_API_URL", meaning="Base of Discord's API with its version.", default="https://discord.com/api/v10", group="Discord"
    ),
    Setting(
        name="DISCORD_GATEWAY_URL", meaning="Discord's gateway, ws(s):// without a query.", default="asked of Discord", group="Discord"
    ),
    Setting(
        name="DISCORD_INTENTS",
        meaning="Privileged intents that the application was given in the developer portal: message_content (read what others write), members (know who joins).",
        default="none",
        group="Discord",
    ),
    Setting(
        name="OPENAI_API_KEY",
        meaning="Key of an OpenAI-compatible endpoint; unset, no model is asked.",
        secret=True,
        group="Language model",
    ),
    Setting(name="OPENAI_BASE_URL", meaning="Base URL of an OpenAI-compatible endpoint.", default="OpenAI's own", group="Language model"),
    Setting(name="OPENAI_MODEL", meaning="The model to ask.", default="gpt-4o-mini", group="Language model"),
    Setting(
        name="SIGNALBOX_MODEL_TOKENS_PER_DAY",
        meaning="Tokens that each workspace may use in a day, unless /signalbox model limit says otherwise there.",
        default="500000",
        group="Language model",
    ),
    Setting(
        name="SIGNALBOX_MODEL_TIMEOUT",
        meaning="Seconds within which the model must have read a sentence; a local server on a processor wants 60 or more.",
        default="12",
        group="Language model",
    ),
    Setting(
        name="SIGNALBOX_MODEL_IN_PARSE",
        meaning="Whether the parse command asks the model, too: `on`, or `off`. Off, what it prints is always the same.",
        default="off",
        group="Language model",
    ),
    Setting(
        name="OTEL_EXPORTER_OTLP_ENDPOINT",
        meaning="Where traces and metrics are sent by OTLP over HTTP, such as http://localhost:4318; it needs make install-otel. "
        "Every other standard name of OpenTelemetry counts, too. Unset, nothing is sent and nothing is loaded.",
        group="OpenTelemetry",
    ),
    Setting(
        name="OTEL_EXPORTER_OTLP_HEADERS",
        meaning="Headers for the collector, such as a key: name=value, several parted by commas.",
        secret=True,
        group="OpenTelemetry",
    ),
    Setting(name="OTEL_SERVICE_NAME", meaning="What this house is called there.", default="signalbox", group="OpenTelemetry"),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
RATE = re.compile(r"([a-z][a-z0-9_]*)\s*=\s*([1-9]\d{0,5})\s*/\s*([1-9]\d{0,3})?([smhd])")
SANDBOX_MODES = ("missing", "all", "off")
PRIVILEGED_INTENTS = ("message_content", "members")  # of Discord
HOST = re.compile(r"\[?[A-Za-z0-9._:%-]{1,253}\]?")
FACES = ("slack", "discord", "web", "email")  # where alerts can stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was read; ``environ`` keeps everything for the connectors' own names. Its repr shows no value of the environment."""

    data: Path
    database_url: str
    host: str
    port: int
    sandbox: str
    timezone: str
    probe_interval: float
    keep_runs: timedelta
    alert_channels: tuple[Address, ...]
    alert_backup: tuple[Address, ...]
    environ: Mapping[str, str]
    rates: Mapping[str, RateLimit]  # by service
    model_tokens: int = PER_DAY  # a day and workspace
    model_timeout: float = 12.0  # seconds

    @property
    def shared(self) -> bool:
        """Whether the database may be used by several processes."""
        return self.database_url.startswith("postgresql")

    def get(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def __repr__(self) -> str:
        return f"Settings(data={self.data}, host={self.host}, port={self.port}, sandbox={self.sandbox})"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises Invalid, naming every setting that does not fit and what would."""
    problems: list[Problem] = []

    def value(name: str, default: str) -> str:
        return environ.get(name, "").strip() or default

    def number(name: str, default: float, least: float, most: float) -> float:
        text = value(name, str(default))
        try:
            found = float(text)
        except ValueError:
            problems.append(Problem(f"“{text[:40]}” is not a number", (name,)))
            return default
        if not least <= found <= most:
            problems.append(Problem(f"{text[:40]} is out of range; use {least:g} to {most:g}", (name,)))
            return default
        return found

    for setting in SETTINGS:
        if unseen := next((char for char in environ.get(setting.name, "").strip() if not char.isprintable()), ""):
            problems.append(Problem(f"holds a character that cannot be seen (U+{ord(unseen):04X}); take it out", (setting.name,)))
        elif setting.secret and setting.group != "House" and not environ.get(setting.name, "").isascii():
            problems.append(Problem("holds characters that no token has; copy it again", (setting.name,)))
    data = _home(value("SIGNALBOX_DATA", "./data"), problems)
    host = value("SIGNALBOX_HOST", "127.0.0.1")
    if not HOST.fullmatch(host):
        problems.append(Problem(f"“{host[:60]}” is no name or address of a machine; write for example 127.0.0.1", ("SIGNALBOX_HOST",)))
    zone = value("SIGNALBOX_TIMEZONE", "UTC")
    try:
        check_zone(zone)
    except Invalid as error:
        problems.append(Problem(str(error), ("SIGNALBOX_TIMEZONE",)))
    if (in_parse := value("SIGNALBOX_MODEL_IN_PARSE", "off").casefold()) not in ("on", "off"):
        problems.append(Problem(f"“{in_parse[:40]}” is neither on nor off", ("SIGNALBOX_MODEL_IN_PARSE",)))
    tokens = number("SIGNALBOX_MODEL_TOKENS_PER_DAY", PER_DAY, 0, MOST_PER_DAY)
    patience = number("SIGNALBOX_MODEL_TIMEOUT", 12, 0.1, 600)
    if (batching := value("SIGNALBOX_BATCHING", "on").casefold()) not in ("on", "off"):
        problems.append(Problem(f"“{batching[:40]}” is neither on nor off", ("SIGNALBOX_BATCHING",)))
    sandbox = value("SIGNALBOX_SANDBOX", "missing").casefold()
    if sandbox not in SANDBOX_MODES:
        problems.append(Problem(f"“{sandbox}” is none of {', '.join(SANDBOX_MODES)}", ("SIGNALBOX_SANDBOX",)))
    port = number("SIGNALBOX_PORT", 8321, 0, 65535)
    if port % 1:
        problems.append(Problem("a port is a whole number", ("SIGNALBOX_PORT",)))
    interval = number("SIGNALBOX_PROBE_INTERVAL", 30, 0.1, 86400)
    keep = number("SIGNALBOX_KEEP_RUNS", 90, 1, 36500)
    channels = _channels("SIGNALBOX_ALERT_CHANNEL", environ, problems)
    backup = _channels("SIGNALBOX_ALERT_BACKUP", environ, problems)
    rates = _rates(value("SIGNALBOX_RATE_LIMITS", ""), problems)
    problems += [Problem(why, (name,)) for name, why in _urls(environ)]
    problems += _intents(environ)
    if problems:
        raise Invalid("Some settings (from the environment or .env) do not fit:", problems)
    return Settings(
        data=data,
        database_url=value("SIGNALBOX_DATABASE_URL", f"sqlite:///{(data / 'signalbox.db').as_posix()}"),
        host=host,
        port=int(port),
        sandbox=sandbox,
        timezone=zone,
        probe_interval=interval,
        keep_runs=timedelta(days=keep),
        alert_channels=channels,
        alert_backup=backup,
        environ=dict(environ),
        rates=rates,
        model_tokens=int(tokens),
        model_timeout=patience,
    )


def _home(text: str, problems: list[Problem]) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        problems.append(Problem(f"“{text[:60]}”: nobody of that name has a home here; write the folder out", ("SIGNALBOX_DATA",)))
        return Path(text)


def _channels(name: str, environ: Mapping[str, str], problems: list[Problem]) -> tuple[Address, ...]:
    """A bare channel belongs to the chat platform that is on, else to the web chat."""
    face = "slack" if environ.get("SLACK_BOT_TOKEN") else "discord" if environ.get("DISCORD_TOKEN") else "web"
    found = []
    for part in filter(None, (part.strip() for part in environ.get(name, "").split(","))):
        try:
            address = Address.parse(part, face)
        except Rejected as error:
            problems.append(Problem(str(error), (name,)))
            continue
        if address.face not in FACES:
            problems.append(
                Problem(f"“{address.face}” is no face; use {', '.join(FACES)}, for example slack:#ops", (name,))
            )
        found.append(address)
    return tuple(dict.fromkeys(found))


def _rates(text: str, problems: list[Problem]) -> dict[str, RateLimit]:
    rates = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = RATE.fullmatch(part)
        if match is None:
            problems.append(Problem(f"“{part[:40]}” is no rate; write for example github=30/1m", ("SIGNALBOX_RATE_LIMITS",)))
        else:
            rates[match[1]] = RateLimit(limit=int(match[2]), per=int(match[3] or 1) * UNITS[match[4]])
    return rates


def _intents(environ: Mapping[str, str]) -> list[Problem]:
    named = [name.strip() for name in environ.get("DISCORD_INTENTS", "").split(",") if name.strip()]
    return [
        Problem(f"“{name[:40]}” is none of {', '.join(PRIVILEGED_INTENTS)}", ("DISCORD_INTENTS",))
        for name in named
        if name not in PRIVILEGED_INTENTS
    ]


def _urls(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    wrong = []
    for name, text in environ.items():
        if not text.strip() or name not in ("SIGNALBOX_PUBLIC_URL", "SIGNALBOX_HEARTBEAT_URL", "SLACK_API_URL", "DISCORD_API_URL", "DISCORD_GATEWAY_URL", "OPENAI_BASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"):
            continue
        schemes = ("ws", "wss") if name == "DISCORD_GATEWAY_URL" else ("http", "https")
        if not _is_url(text.strip(), schemes):
            said = "what is set" if BY_NAME[name].secret else f"“{text[:100]}”"
            wrong.append((name, f"{said} is not a URL; write it as {schemes[-1]}://host/…"))
        elif name == "DISCORD_GATEWAY_URL" and urlsplit(text.strip()).query:
            wrong.append((name, "write the gateway URL without a query; version and encoding are added"))
    return wrong


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that does not close, a port that is none
        return False
