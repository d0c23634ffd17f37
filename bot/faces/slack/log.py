"""The Slack face's loggers, with the libraries' noise turned into sentences."""

from __future__ import annotations

import logging

ROOT = "signalbox.slack"


def logger(part: str) -> logging.Logger:
    """Bolt and the SDK take a level that is “not set” for DEBUG and format every payload for nothing, so it is always set."""
    log = logging.getLogger(f"{ROOT}.{part}")
    if log.level == logging.NOTSET:
        log.setLevel(logging.getLogger(ROOT).getEffectiveLevel())
        log.addFilter({"wire": _sentence_only, "bolt": _no_advice}.get(part, _everything))
    return log


def _sentence_only(record: logging.LogRecord) -> bool:
    """The SDK logs each failed attempt to connect with a traceback; what it says is enough."""
    record.exc_info = None
    return True


def _no_advice(record: logging.LogRecord) -> bool:
    """Bolt warns that a client and SLACK_BOT_TOKEN in the environment are both there; here that is how it is meant to be."""
    return "`token`" not in record.getMessage()


def _everything(_: logging.LogRecord) -> bool:
    return True
