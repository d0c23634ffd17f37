"""A service that is set up by hand and sends its secret itself: an admin says so first, and reads the token where the service wants it typed in."""

from __future__ import annotations

import argparse
from pathlib import Path

import httpx2
import pytest

import main
from engine.settings import read_settings


async def test_notions_token_is_taken_once_an_admin_asked_for_it_and_shown_for_notions_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"SIGNALBOX_DATA": str(tmp_path / "data"), "SIGNALBOX_PORT": "0", "SIGNALBOX_PUBLIC_URL": "https://bot.acme.example"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    sent = {"verification_token": "sent-by-notion"}
    async with await main.build(read_settings(environ)) as app, httpx2.AsyncClient(base_url=app.server.url) as client:
        hook, held = "/api/v2/hooks/notion/default", {"authorization": f"Bearer {app.api_token}"}
        assert (await client.post(hook, json=sent)).status_code == 403
        ordered = await client.post("/api/v2/chat", json={"text": "/service notion watch"}, headers=held)
        word = ordered.text.partition("https://bot.acme.example/api/v2/hooks/notion/default?greet=")[2].partition(" ")[0]
        assert (await client.post(hook, json=sent)).status_code == 403  # who knows the plain address only
        assert (await client.post(f"{hook}?greet={word}", json=sent)).status_code == 200
        main.tell_address(tmp_path / "data", app.server.url)
        assert await main.greeting(argparse.Namespace(service="notion", account="default")) == 0
        assert capsys.readouterr().out == "sent-by-notion\n"
        rows = await app.store.audit.list(subject="account:notion:default")
        assert {row.verb for row in rows} == {"watch_service", "show_greeting"}
        assert not any("sent-by-notion" in str(row) for row in rows)
