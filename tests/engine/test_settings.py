"""Settings: each read once, every fault named at once, nothing secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.parties import Address
from engine.settings import BY_NAME, SETTINGS, read_settings

CONTRACT = ["SIGNALBOX_DATA", "SIGNALBOX_DATABASE_URL", "SIGNALBOX_HOST", "SIGNALBOX_PORT", "SIGNALBOX_API_TOKEN", "SIGNALBOX_SECRET_KEY", "SIGNALBOX_SANDBOX", "SIGNALBOX_TIMEZONE", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "DISCORD_TOKEN", "DISCORD_API_URL", "DISCORD_GATEWAY_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "SIGNALBOX_PROBE_INTERVAL", "SIGNALBOX_ALERT_CHANNEL"]


def test_every_setting_of_the_contract_is_there_once_and_explained() -> None:
    assert set(CONTRACT) <= set(BY_NAME)
    assert len(BY_NAME) == len(SETTINGS)
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if any(word in f"{setting.name}_" for word in ("TOKEN_", "SECRET", "API_KEY"))])
def test_whatever_opens_a_door_is_marked_secret(name: str) -> None:
    assert BY_NAME[name].secret


def test_the_models_settings_are_read_and_refused_with_what_would_fit() -> None:
    settings = read_settings({"SIGNALBOX_MODEL_TOKENS_PER_DAY": "9000", "SIGNALBOX_MODEL_TIMEOUT": "90", "SIGNALBOX_MODEL_IN_PARSE": "ON"})
    assert (settings.model_tokens, settings.model_timeout) == (9000, 90.0)
    for name, value in (("SIGNALBOX_MODEL_TOKENS_PER_DAY", "-1"), ("SIGNALBOX_MODEL_TIMEOUT", "soon"), ("SIGNALBOX_MODEL_IN_PARSE", "maybe")):
        with pytest.raises(Invalid, match=name):
            read_settings({name: value})


def test_without_any_the_house_stands_on_its_own() -> None:
    settings = read_settings({})
    assert (settings.data, settings.host, settings.port, settings.sandbox, settings.timezone) == (Path("data"), "127.0.0.1", 8321, "missing", "UTC")
    assert (settings.probe_interval, settings.alert_channels) == (30.0, ())
    assert settings.database_url == "sqlite:///data/signalbox.db"


def test_what_is_set_is_read_without_the_blanks_around_it() -> None:
    settings = read_settings(
        {
            "SIGNALBOX_DATA": " /srv/box ", "SIGNALBOX_PORT": " 0 ", "SIGNALBOX_SANDBOX": "OFF", "SIGNALBOX_TIMEZONE": "Asia/Kathmandu",
            "SIGNALBOX_PROBE_INTERVAL": "2", "SLACK_BOT_TOKEN": " xoxb-1 ", "SIGNALBOX_HOST": "",
        }
    )  # fmt: skip
    assert (settings.data, settings.port, settings.sandbox, settings.timezone, settings.probe_interval, settings.host) == (
        Path("/srv/box"), 0, "off", "Asia/Kathmandu", 2.0, "127.0.0.1",
    )  # fmt: skip
    assert settings.database_url == "sqlite:////srv/box/signalbox.db"
    assert (settings.get("SLACK_BOT_TOKEN"), settings.get("DISCORD_TOKEN")) == ("xoxb-1", "")


@pytest.mark.parametrize(
    ("environ", "addresses"),
    [
        ({"SIGNALBOX_ALERT_CHANNEL": "#ops"}, [Address("web", "#ops")]),
        ({"SIGNALBOX_ALERT_CHANNEL": "#ops", "SLACK_BOT_TOKEN": "x"}, [Address("slack", "#ops")]),
        ({"SIGNALBOX_ALERT_CHANNEL": "123", "DISCORD_TOKEN": "x"}, [Address("discord", "123")]),
        ({"SIGNALBOX_ALERT_CHANNEL": "slack:#ops, discord:123 ,,slack:#ops"}, [Address("slack", "#ops"), Address("discord", "123")]),
    ],
)
def test_a_channel_without_a_face_belongs_to_the_platform_that_is_on(environ: dict[str, str], addresses: list[Address]) -> None:
    assert list(read_settings(environ).alert_channels) == addresses


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SIGNALBOX_PORT", "eighty", "“eighty” is not a number"),
        ("SIGNALBOX_PORT", "80.5", "a port is a whole number"),
        ("SIGNALBOX_PORT", "70000", "70000 is out of range; use 0 to 65535"),
        ("SIGNALBOX_PORT", "nan", "out of range"),
        ("SIGNALBOX_HOST", "a b", "“a b” is no name or address of a machine"),
        ("SIGNALBOX_HOST", "http://x", "is no name or address of a machine"),
        ("SIGNALBOX_HOST", "x" * 300, "is no name or address of a machine"),
        ("SIGNALBOX_DATA", "~nobody-of-that-name/x", "write the folder out"),
        ("SIGNALBOX_DATA", "a\nb", "cannot be seen (U+000A)"),
        ("SLACK_BOT_TOKEN", "xoxb-\x00", "cannot be seen (U+0000)"),
        ("DISCORD_TOKEN", "é", "holds characters that no token has"),
        ("SLACK_API_URL", "http://[bad", "is not a URL"),
        ("SLACK_API_URL", "https://host:99999/api/", "is not a URL"),
        ("SLACK_API_URL", "https://:80/", "is not a URL"),
        ("SIGNALBOX_PROBE_INTERVAL", "0", "use 0.1 to 86400"),
        ("SIGNALBOX_PROBE_INTERVAL", "inf", "out of range"),
        ("SIGNALBOX_TIMEZONE", "Berlin", "Did you mean “Europe/Berlin”"),
        ("SIGNALBOX_TIMEZONE", "../etc/passwd", "There is no time zone"),
        ("SIGNALBOX_SANDBOX", "on", "none of missing, all, off"),
        ("SIGNALBOX_BATCHING", "yes", "neither on nor off"),
        ("SIGNALBOX_ALERT_CHANNEL", "slack:", "names no channel"),
        ("SIGNALBOX_ALERT_CHANNEL", "teams:#ops", "“teams” is no face; use slack, discord, web"),
        ("SLACK_API_URL", "slack.com/api", "write it as https://"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg", "write it as wss://"),
        ("DISCORD_GATEWAY_URL", "wss://gateway.discord.gg/?v=10", "without a query"),
        ("OPENAI_BASE_URL", "localhost", "is not a URL"),
    ],
)
def test_what_does_not_fit_is_named_with_what_would(name: str, value: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({name: value})
    assert [problem.path for problem in caught.value.problems] == [(name,)]
    assert words in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({"SIGNALBOX_PORT": "x", "SIGNALBOX_TIMEZONE": "x", "SIGNALBOX_SANDBOX": "x", "SLACK_API_URL": "x"})
    assert len(caught.value.problems) == 4


def test_no_secret_stands_in_what_is_printed() -> None:
    secrets = {setting.name: f"https://secret-{number}" for number, setting in enumerate(SETTINGS) if setting.secret}
    assert "secret-" not in repr(read_settings(secrets))
    assert "secret-" not in str(read_settings(secrets))


@given(st.dictionaries(st.sampled_from(sorted(BY_NAME)), st.text(max_size=30), max_size=6))
def test_whatever_is_set_the_house_starts_or_says_why_not(environ: dict[str, str]) -> None:
    try:
        read_settings(environ)
        refused = False
        problems: tuple[object, ...] = ()
    except Invalid as error:
        refused, problems = True, error.problems
    assert refused == bool(problems)


def test_rates_of_services_are_read_by_service_asks_and_time() -> None:
    rates = read_settings({"SIGNALBOX_RATE_LIMITS": " github=30/1m, slack = 1/s ,http=100/24h,"}).rates
    assert {name: (rate.limit, rate.per) for name, rate in rates.items()} == {"github": (30, 60.0), "slack": (1, 1.0), "http": (100, 86_400.0)}


@pytest.mark.parametrize("text", ["github", "github=30", "github=0/1m", "github=30/1w", "=3/1m", "GitHub=3/m"])
def test_a_rate_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Invalid, match="is no rate; write for example github=30/1m"):
        read_settings({"SIGNALBOX_RATE_LIMITS": text})
