"""Metrics as they are typed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/service metrics", "list_metrics", {}),
    ("/service metric list", "list_metrics", {}),
    ("/service metric remove shop.orders", "unwatch_metric", {"metric": "shop.orders"}),
    ("/service metric add signalbox.outbox_waiting", "watch_metric", {"metric": "signalbox.outbox_waiting"}),
    (
        "/service metric add shop.orders stripe.list_charges data every 5m",
        "watch_metric",
        {"metric": "shop.orders", "action": "stripe.list_charges", "path": "data", "every": "PT5M"},
    ),
    (
        '/service metric add shop.signups = mixpanel.query rows.0.value every hour as eu in users event="Sign up" limit=10',
        "watch_metric",
        {
            "metric": "shop.signups", "action": "mixpanel.query", "path": "rows.0.value", "every": "PT1H", "account": "eu", "unit": "users",
            "arguments": {"event": "Sign up", "limit": 10},
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "command", "arguments"), FORMS)
def test_a_form_of_metrics(typed: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(typed)
    assert (understood.command, dict(understood.arguments), understood.question) == (command, arguments, None)


@pytest.mark.parametrize(
    "typed", ["/service metric add", "/service metric remove", "/service metric frob x", "/service metric add a b.c every 5 parsecs"]
)
def test_what_is_missing_is_asked_for(typed: str) -> None:
    assert read(typed).question
