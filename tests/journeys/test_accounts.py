"""The whole house: GitHub Enterprise is connected in a browser over real sockets, outlives a restart and a new secret key, and a step uses it by name."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

import main
from bot.faces.http.server import HttpServer
from engine.errors import Rejected
from engine.settings import read_settings
from tests.connectors.oauth_server import CLIENT, CLIENT_SECRET, OAuthServer
from tests.connectors.rig import SetClock, call


@asynccontextmanager
async def github() -> AsyncIterator[tuple[OAuthServer, str]]:
    enterprise = OAuthServer(SetClock())
    server = HttpServer(enterprise, "127.0.0.1", 0)  # type: ignore[arg-type]
    await server.start()
    try:
        yield enterprise, server.url
    finally:
        await server.stop()


async def test_an_account_connected_in_the_browser_outlives_a_restart_and_a_new_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {
        "SIGNALBOX_DATA": str(tmp_path / "data"),
        "SIGNALBOX_PORT": "0",
        "GITHUB_CLIENT_ID__LAB": CLIENT,  # the app of that very place
        "GITHUB_CLIENT_SECRET__LAB": CLIENT_SECRET,
    }
    settings = read_settings(environ)
    async with github() as (enterprise, address):
        async with await main.build(settings) as app, httpx2.AsyncClient(base_url=app.server.url) as browser:
            held = {"authorization": f"Bearer {app.api_token}"}
            body = {"values": {"url": f"{address}/api/v3", "web": address}}
            asked = await browser.post("/api/v2/connections/github/lab/link", json=body, headers=held)
            link = asked.json()["url"]
            assert link.startswith(app.server.url)
            going = await browser.get(urlsplit(link).path)
            assert going.headers["location"].startswith(f"{address}/login/oauth/authorize?")
            back = await browser.get("/api/v2/connect/callback", params=enterprise.say_yes(going.headers["location"]))
            assert back.status_code == 200, back.text
            listed = (await browser.get("/api/v2/connections/github", headers=held)).json()["connections"]
            assert [(one["account"], one["mode"], one["kept"]) for one in listed] == [("lab", "live", True)]
            rehearsed = {
                "definition": {
                    "name": "R",
                    "trigger": {"type": "manual"},
                    "steps": [{"action": "github.close_issue", "account": "lab", "with": {"repo": "a/b", "issue": 1}}],
                }
            }
            answer = await browser.post("/api/v2/rehearsals", json=rehearsed, headers=held)
            assert answer.status_code == 200, answer.text

        monkeypatch.chdir(tmp_path)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        before = (tmp_path / "data" / "secret-key").read_text()
        assert await main.rotate_key(argparse.Namespace()) == 0
        assert (tmp_path / "data" / "secret-key").read_text() != before

        async with await main.build(settings) as app:
            (lab,) = (account for account in app.shelf.accounts() if account.service == "github")
            assert (lab.name, lab.mode, lab.url) == ("lab", "live", f"{address}/api/v3")
            assert (await app.shelf.probe(lab)).outcome.value == "ok"
            assert enterprise.fetched == {"authorization_code": 1}
            assert (await app.store.audit.verify()) == ""
            with pytest.raises(Rejected, match="no account “other”"):
                await app.shelf.perform(call("github.close_issue", {"repo": "a/b", "issue": 1}, account="other"))
