"""The canary: secrets that can be recognised are taken through every door, and then everything that came out anywhere is searched for them."""

from __future__ import annotations

import base64
import json
import logging
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.cards.wire import to_json
from bot.faces.face import Turn
from engine.errors import SignalboxError
from storage.backup import make_backup
from tests.accounts.house import AccountsHouse, link_in
from tests.connectors.oauth_server import CLIENT, KEY_FILE
from tests.connectors.rig import call

TYPED = "canary-typed/token+with=signs"
WRONG = "canary-wrong-token"
MARK = "-canary-fetched"
APP_SECRET = "canary-app-secret"
IN_ENVIRONMENT = "canary-in-environment"
KEY_LINE = json.loads(KEY_FILE)["private_key"].splitlines()[3]
CANARIES = (TYPED, WRONG, MARK, APP_SECRET, IN_ENVIRONMENT, KEY_LINE)


def forms(secret: str) -> set[bytes]:
    plain = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}
    return {form.encode() for form in plain} | {base64.b64encode(secret.encode()).rstrip(b"=")[:-1]}


def found(where: str, content: bytes) -> list[str]:
    return [f"{secret} in {where}" for secret in CANARIES for form in forms(secret) if form in content]


class Outputs:
    """Everything that somebody could read."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []

    def turn(self, turn: Turn) -> Turn:
        self.text("a card", json.dumps([to_json(reply.card) for reply in turn.replies], ensure_ascii=False))
        self.text("a turn", repr(turn))
        return turn

    def text(self, where: str, content: str) -> None:
        self.seen.append((where, content.encode()))

    def files(self, folder: Path) -> None:
        self.seen += [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]

    def canaries(self) -> list[str]:
        return [line for where, content in self.seen for line in found(where, content)]


async def connect_by_forms(house: AccountsHouse, outputs: Outputs) -> None:
    outputs.turn(await house.say("/connect forge as ops"))
    for way, form in (
        ("bearer", {"token": WRONG}),
        ("bearer", {"token": TYPED}),
        ("service_account", {"key": KEY_FILE}),
        ("service_account", {"key": f"{{{WRONG}"}),
    ):
        outputs.turn(await house.press("con_forge.ops" if way == "bearer" else "con_forge.robot", "keep", way, form))
    outputs.turn(await house.press("con_forge.ops", "keep", "bearer", {"token": TYPED, WRONG: WRONG, "url": f"not a url {WRONG}"}))


async def connect_by_rest(house: AccountsHouse, outputs: Outputs) -> None:
    put = "/api/v2/connections/forge/rest"
    bodies: Iterable[object] = (
        {"way": "bearer", "values": {"token": TYPED}},
        {"way": "bearer", "values": {"token": WRONG}},
        {"way": "bearer", "values": {"token": WRONG * 2_000}},
        {"way": "bearer", "values": {"token": [WRONG]}},
        {"way": "bearer", "values": TYPED},
        {"way": "basic", "values": {"token": WRONG, "user": "ada"}},
    )
    for body in bodies:
        answer = await house.client.put(put, json=body)
        outputs.text("an answer of REST", answer.text + repr(answer.headers))
    act = {"card": "con_forge.acts", "verb": "keep", "arg": "bearer", "version": 0, "form": {"token": TYPED}}
    for body in (act, act | {"form": {"token": WRONG}}, act | {"form": {"token": 5, "x": WRONG}}):
        outputs.text("an answer to a press", (await house.client.post("/api/v2/actions", json=body)).text)


async def connect_in_the_browser(house: AccountsHouse, outputs: Outputs) -> None:
    turn = await house.say("/connect forge as eu")
    outputs.text("the page", (await house.dance(link_in(turn))).text)
    stolen = await house.dance(link_in(await house.say("/connect forge as us")), code=f"stolen{MARK}")
    outputs.text("the page of a refusal", stolen.text)


async def look_around(house: AccountsHouse, outputs: Outputs) -> None:
    for text in ("/connect", "/connect forge", "/connect forge as eu", "/service forge", "/doctor", "/signalbox audit", "/health"):
        outputs.turn(await house.say(text))
    for path in (
        "connections", "connections/forge", "doctor", "monitoring/services", "ai-workflows", "cards/con_forge.eu", "secrets", "graph",
        "monitoring/health", "sandbox/faults",
    ):  # fmt: skip
        outputs.text(path, (await house.client.get(f"/api/v2/{path}")).text)
    outputs.text("the API's description", (await house.client.get("/openapi.json")).text)
    outputs.text("the audit", repr(await house.store.audit.list(limit=1000)))
    outputs.text("messages", repr(await house.store.web_messages.list("#ops", reader="web:owner", limit=1000)))
    places = list(house.shelf.places.all())
    outputs.text(
        "reprs", repr((places, house.shelf.accounts(), house.house, [place.credentials for place in places], house.environ.keys()))
    )


async def run_workflows(house: AccountsHouse, outputs: Outputs) -> None:
    """What a service gives back of its token does not become a fact of a run either."""
    flow = {"name": "Echo", "trigger": {"type": "manual"}, "steps": [{"id": "seen", "action": "forge.read", "account": "eu"}]}
    outputs.text("a workflow", (await house.client.post("/api/v2/ai-workflows", json={"definition": flow})).text)
    flows = (await house.client.get("/api/v2/ai-workflows")).json()["workflows"]
    ran = await house.client.post(f"/api/v2/ai-workflows/{flows[0]['workflow_id']}/execute", json={"wait": True})
    outputs.text("a run", ran.text)
    for record in await house.store.runs.list(limit=10):
        outputs.text("its facts", repr(await house.store.runs.facts(record.id)))
        outputs.text("its card", (await house.client.get(f"/api/v2/cards/{record.id}")).text)
        assert record.state.value == "succeeded", record
    outputs.turn(await house.say("/flow export Echo"))


async def ask_in_vain(house: AccountsHouse, outputs: Outputs) -> None:
    """The service gives back what it was asked with, in outputs and in refusals; and refreshing fails with the token in its words."""
    house.server.echo = True
    for account in house.shelf.accounts():
        outputs.text("a probe", repr(await house.shelf.probe(account)))
        for operation in ("forge.read", "forge.make"):
            answer = await _perform(house, operation, account.name)
            outputs.text("an output or error", answer)
    house.server.denies = True
    house.server.refresh.clear()
    house.clock.time = house.clock.time.replace(year=2028)
    for account in house.shelf.accounts():
        outputs.text("a probe", repr(await house.shelf.probe(account)))
        outputs.text("an error", await _perform(house, "forge.make", account.name))


async def _perform(house: AccountsHouse, operation: str, account: str) -> str:
    try:
        return repr(await house.shelf.perform(call(operation, {"title": "x"} if operation.endswith("make") else {}, account=account)))
    except SignalboxError as error:
        chain, told = error, ""
        while chain is not None:
            told += f"{chain} {chain!r} {getattr(chain, 'problems', '')}"
            chain = chain.__cause__  # type: ignore[assignment]
        return told


async def test_no_secret_comes_out_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    environ = {"FORGE_CLIENT_ID": CLIENT, "FORGE_CLIENT_SECRET": "app-secret-1", "FORGE_TOKEN__SET": IN_ENVIRONMENT}
    outputs = Outputs()
    house = AccountsHouse(tmp_path, environ, ["oauth", "bearer", "service_account", "basic"], mark=MARK)
    house.server.static = {TYPED, IN_ENVIRONMENT}
    house.server.echo = True
    async with house.open():
        await connect_by_forms(house, outputs)
        await connect_by_rest(house, outputs)
        await connect_in_the_browser(house, outputs)
        modes = {account.name: account.mode for account in house.shelf.accounts()}
        assert modes == dict.fromkeys(("set", "ops", "robot", "rest", "acts", "eu"), "live"), "every way in was taken"
        await look_around(house, outputs)
        await run_workflows(house, outputs)
        await ask_in_vain(house, outputs)
        await look_around(house, outputs)
        kept = repr([await house.store.vault.get(name) for name in await house.store.vault.names()]).encode()
        assert all(any(form in kept for form in forms(secret)) for secret in (TYPED, MARK)), "the vault has them"
    target = tmp_path / "backup.zip"
    make_backup(
        f"sqlite:///{tmp_path / 'signalbox.db'}",
        target,
        secret_key="a secret key, long enough",
        with_key=False,
        version="1",
        now=house.clock.now(),
    )
    with zipfile.ZipFile(target) as pack:
        outputs.seen += [(f"backup/{name}", pack.read(name)) for name in pack.namelist()]
    outputs.files(tmp_path)
    outputs.text("the log", caplog.text)
    outputs.text("the log's arguments", repr([record.__dict__ for record in caplog.records]))
    assert len(outputs.seen) > 60
    assert outputs.canaries() == []


async def test_the_search_would_find_one(tmp_path: Path) -> None:
    outputs = Outputs()
    (tmp_path / "leak.db").write_bytes(b"\0" + TYPED.encode() + b"\0")
    outputs.files(tmp_path)
    outputs.text("a log", f"Authorization: Basic {base64.b64encode(WRONG.encode()).decode()}")
    outputs.text("an address", f"?token={quote(TYPED, safe='')}")
    assert {line.partition(" in ")[2] for line in outputs.canaries()} == {"leak.db", "a log", "an address"}
