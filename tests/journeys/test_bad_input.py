"""Bad input of every kind, over the wire of a real server and in every state a data folder can be in: a sentence, and nothing half-stored."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.lock import FileLock
from tests.journeys.serving import Serving, serving, settle_in, within

SECRET = "a webhook secret of tests"
FLOWS = "/api/v2/ai-workflows"
HOOK = "/api/v2/hooks/github/default"
POST: dict[str, Any] = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "hi"}}
MANUAL = {"type": "manual"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("bad_input") / "data", GITHUB_WEBHOOK_SECRET=SECRET) as house:
        yield house
        assert house.ask("GET", "/readyz", token=None).status == 200, "it is as well as before"
        log = house.log.read_text()
        assert "Traceback" not in log, log


def sentence(text: str) -> bool:
    """Whether it can be told to a person: not empty, no innards."""
    innards = ("Traceback", "Error:", "Exception", "pydantic", "sqlalchemy", "Errno", "None", "Input should", "log says")
    return bool(text.strip()) and not any(word in text for word in innards)


# --- words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x" * 40_000,
        "when a pull request is merged in github " * 900,
        "(" * 3_000,
        "\x00",
        "hello\x00world\x07\x1b[31m",
        "\u202elist workflows\u2066",
        "<!channel> @everyone <@U1> *bold* [x](http://y) <script>alert(1)</script>",
        "/flow",
        "/nosuch thing",
        "/flow run \u202e<!channel>",
        "/flow import [[[",
        "🤷" * 900,
    ],
)
def test_whatever_is_said_is_answered_in_words(house: Serving, text: str) -> None:
    before = house.names()
    answer = house.say(text)
    assert answer.status == 200
    words = [card["title"] for card in answer.json["cards"]]
    assert words
    assert all(sentence(title) for title in words)
    assert house.names() == before


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"text": ""}, 400, "“text” must not be empty"),
        ({"text": " \n"}, 400, "“text” must not be empty"),
        ({"text": 5}, 400, "“text” must be text"),
        ({}, 400, "Missing required field: text"),
        ([], 400, "must be a JSON object"),
        (b"not json", 400, "not valid JSON"),
        (b'{"text":"\xff"}', 400, "not UTF-8"),
        (b'{"text":' + b"[" * 50_000, 400, "nested too deeply"),
        (b'{"text":"half \\ud83d"}', 400, "half a character"),
        ({"text": "hi", "actor": "a" * 200}, 400, "at most 100 characters"),
        ({"text": "hi", "channel": "nowhere:"}, 422, "names no channel"),
        ({"text": "hi", "timezone": "Mars/Base"}, 400, "There is no time zone “Mars/Base”"),
        ({"text": "x" * 300_000}, 400, "at most 270,000 characters"),
        (b'{"text":"' + b"a" * 5_000_000 + b'"}', 413, "too large"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_a_sentence(house: Serving, body: Any, status: int, said: str) -> None:
    answer = house.ask("POST", "/api/v2/chat", body)
    assert (answer.status, answer.json["success"]) == (status, False)
    assert said in answer.error
    assert sentence(answer.error)


def test_no_token_and_a_wrong_one_open_nothing(house: Serving) -> None:
    assert house.ask("GET", FLOWS, token=None).status == 401
    assert house.ask("GET", FLOWS, token="wrong").status == 401
    assert house.ask("GET", FLOWS, token="x" * 20_000).status == 401


@pytest.mark.parametrize(
    ("press", "status", "said"),
    [
        ({"card": "prv_none", "verb": "confirm", "version": 1}, 409, "not known here any more"),
        ({"card": "\x00", "verb": "__class__", "version": 1}, 409, "does nothing any more"),
        ({"card": "ask_none", "verb": "say", "arg": "0", "version": 0}, 409, "This question is over"),
        ({"card": "prv_none", "verb": "confirm", "version": 10**30}, 400, "“version” must be less than"),
        ({"card": "prv_none", "verb": "confirm", "version": "one"}, 400, "“version” must be a whole number"),
    ],
)
def test_a_press_on_nothing_is_told_why(house: Serving, press: dict[str, Any], status: int, said: str) -> None:
    answer = house.ask("POST", "/api/v2/actions", press)
    assert answer.status == status
    assert said in answer.text


# --- definitions -----------------------------------------------------------------------------------------------------------


def scheduled(**trigger: Any) -> dict[str, Any]:
    return {"trigger": {"type": "scheduled", **trigger}, "steps": [POST]}


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({}, "needs a trigger"),
        ({"trigger": MANUAL, "steps": []}, "at least one step"),
        ({"trigger": MANUAL, "steps": [{"action": "githb.create_issue"}]}, "There is no service “githb”. Did you mean “github”?"),
        ({"trigger": MANUAL, "steps": [{"action": "chat.post_mesage"}]}, "Did you mean “chat.post_message”?"),
        ({"trigger": MANUAL, "steps": [{**POST, "with": {"chanel": "#ops"}}]}, "Did you mean “channel”?"),
        ({"trigger": MANUAL, "steps": [{"action": ""}]}, "The action is empty"),
        ({"trigger": MANUAL, "steps": [{**POST, "id": "a", "needs": ["b"]}, {**POST, "id": "b", "needs": ["a"]}]}, "in a circle: a → b → a"),
        ({"trigger": MANUAL, "steps": [{**POST, "id": "a"}, {**POST, "id": "a"}]}, "belongs to another step already"),
        ({"trigger": {"type": "event_based", "service": "github", "event": "pull_request_mergd"}, "steps": [POST]}, "pull_request_merged"),
        (scheduled(cron="61 * * * *"), "bad minute"),
        (scheduled(cron="* * * *"), "five fields"),
        (scheduled(cron=""), "“cron” is empty"),
        (scheduled(cron="0 9 * * *", timezone="europe/berlin"), "Did you mean “Europe/Berlin”?"),
        (scheduled(cron="0 9 * * *", timezone="../../etc/passwd"), "There is no time zone"),
        (scheduled(rrule="FREQ=SECONDLY"), "at most once a minute"),
        (scheduled(at="9999-12-31T23:59:59-12:00"), "outside of the calendar"),
        (scheduled(at="2020-01-01T00:00:00Z"), "its time is past"),
        ({"name": "nul\x00", "trigger": MANUAL, "steps": [POST]}, "cannot be seen (U+0000)"),
        ({"name": "\u202eexe.txt", "trigger": MANUAL, "steps": [POST]}, "cannot be seen (U+202E)"),
        ({"trigger": MANUAL, "steps": [POST] * 1_001}, "1,000 are allowed"),
    ],
)
def test_a_definition_that_cannot_be_is_refused_where_and_why_and_leaves_nothing(house: Serving, definition: Any, said: str) -> None:
    before = house.names()
    answer = house.ask("POST", FLOWS, {"name": "bad", "definition": {"name": "bad", **definition}} if "name" not in definition else {"definition": definition})
    assert answer.status in (400, 422)
    assert said in answer.error
    assert sentence(answer.error)
    assert house.names() == before


def test_a_name_with_mentions_and_mark_up_is_only_a_name(house: Serving) -> None:
    name = "<!channel> @everyone *b* <script>"
    assert house.ask("POST", FLOWS, {"name": name, "definition": {"trigger": MANUAL, "steps": [POST]}}).status == 201
    (card,) = house.say(f"/flow show {name}").json["cards"]
    assert card["title"] == name
    again = house.ask("POST", FLOWS, {"name": name, "definition": {"trigger": MANUAL, "steps": [POST]}})
    assert (again.status, house.names().count(name)) == (409, 1)


# --- webhooks --------------------------------------------------------------------------------------------------------------


def merged(title: str = "Ship it", **more: Any) -> bytes:
    pull = {"merged": True, "title": title, "number": 7, "html_url": "https://github.example/7", "base": {"ref": "main"}, **more}
    return json.dumps({"action": "closed", "pull_request": pull, "repository": {"full_name": "a/b"}}).encode()


def deliver(house: Serving, body: bytes, id: str, signature: str | None = None) -> Any:
    proof = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() if signature is None else signature
    headers = {"X_GitHub_Event": "pull_request", "X_GitHub_Delivery": id} | ({"X_Hub_Signature_256": proof} if proof else {})
    return house.ask("POST", HOOK, body, token=None, **headers)


@pytest.fixture(scope="module")
def flow(house: Serving) -> str:
    tell = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "{{event.title}} {{event.number}}"}}
    trigger = {"type": "event_based", "service": "github", "event": "pull_request_merged"}
    made = house.ask("POST", FLOWS, {"name": "hooked", "definition": {"trigger": trigger, "steps": [tell]}})
    return str(made.json["workflow_id"])


def runs(house: Serving, flow: str, least: int) -> list[dict[str, Any]]:
    """Those of the workflow once there are so many and all are over."""
    end = time.monotonic() + 10
    while True:
        found: list[dict[str, Any]] = house.ask("GET", f"{FLOWS}/{flow}/runs").json["runs"]
        if len(found) >= least and all(run["state"] != "running" for run in found):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)


def test_a_webhook_that_is_unsigned_altered_or_unreadable_starts_nothing(house: Serving, flow: str) -> None:
    before = len(runs(house, flow, 0))
    genuine = "sha256=" + hmac.new(SECRET.encode(), merged(), hashlib.sha256).hexdigest()
    for body, signature, status, said in (
        (merged(), "", 403, "not signed"),
        (merged(), "sha256=00", 403, "is wrong"),
        (merged() + b" ", genuine, 403, "is wrong"),
        (b"nope", None, 400, "not JSON"),
        (b"[" * 50_000, None, 400, "not JSON"),
        (b"null", None, 202, "ignored"),
        (b'{"action":"closed","pull_request":"x"}', None, 202, "ignored"),
        (b"x" * 6_000_000, "sha256=00", 413, "too large"),
    ):
        answer = deliver(house, body, "bad", signature)
        assert (answer.status, said in answer.text) == (status, True), answer
    assert house.ask("POST", "/api/v2/hooks/githb/default", b"{}", token=None).error.startswith("There is no connector “githb”. Did you mean “github”")
    assert len(runs(house, flow, 0)) == before


def test_a_replayed_webhook_starts_one_run(house: Serving, flow: str) -> None:
    before = len(runs(house, flow, 0))
    body = merged("Replayed")
    assert [deliver(house, body, id).status for id in ("one", "one", "two")] == [202, 202, 202]
    assert len(runs(house, flow, before + 1)) == before + 1


def test_odd_characters_and_numbers_of_a_webhook_fail_no_run(house: Serving, flow: str) -> None:
    before = len(runs(house, flow, 0))
    odd = (merged("half \ud83d"), merged("\u202e\x00 <!channel> @everyone"), merged(number=10**30), merged().replace(b"7,", b"1e999,", 1))
    for number, body in enumerate(odd):
        assert deliver(house, body, f"odd-{number}").status == 202
    assert [run["state"] for run in runs(house, flow, before + len(odd))[: len(odd)]] == ["succeeded"] * len(odd)


# --- the data folder -------------------------------------------------------------------------------------------------------


def foreign(data: Path) -> None:
    with closing(sqlite3.connect(data / "signalbox.db")) as database:
        database.execute("CREATE TABLE customers (id INTEGER)")
        database.commit()


def newer(data: Path) -> None:
    with closing(sqlite3.connect(data / "signalbox.db")) as database:
        for table in ("workflows", "runs", "facts"):
            database.execute(f"CREATE TABLE {table} (id INTEGER)")
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()


def instead(name: str, content: bytes | None) -> Callable[[Path], None]:
    """A file of the data folder replaced; None: a folder stands there."""

    def damage(data: Path) -> None:
        (data / name).unlink(missing_ok=True)
        (data / name).mkdir() if content is None else (data / name).write_bytes(content)

    return damage


def file_for_folder(data: Path) -> None:
    data.rmdir()
    data.write_text("in the way")


STATES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file where the folder should be": (file_for_folder, "is a file"),
    "a database of something else": (foreign, "something else (customers)"),
    "a database of a newer version": (newer, "newer Signalbox"),
    "garbage": (instead("signalbox.db", os.urandom(9000)), "damaged"),
    "a folder where the database should be": (instead("signalbox.db", None), "cannot be written"),
    "an empty secret": (instead("secret-key", b""), "secret-key is empty or damaged"),
    "a binary secret": (instead("secret-key", b"\xff\x00"), "secret-key is empty or damaged"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that commands in this process use, and a folder of their own to stand in."""
    (tmp_path / "data").mkdir()
    settle_in(monkeypatch, tmp_path / "data")
    monkeypatch.delenv("SIGNALBOX_DATA")  # ./data is where it looks
    return tmp_path / "data"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    ended = within(capsys, *arguments)
    return ended.code, ended.out, ended.err


def startable(capsys: pytest.CaptureFixture[str], said: str) -> None:
    """Every command is refused by the same sentence, and the doctor finds it."""
    for command in (("serve",), ("ask", "list workflows")):
        code, out, err = told(capsys, *command)
        assert (code, out, said in err, sentence(err)) == (1, "", True, True), err
    code, out, _ = told(capsys, "doctor", "--json")
    assert code == 1
    assert any(finding["level"] == "problem" and said in finding["message"] for finding in json.loads(out))


@pytest.mark.parametrize("state", STATES)
def test_a_data_folder_that_cannot_be_used_is_said_and_left_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str], state: str) -> None:
    damage, said = STATES[state]
    damage(folder)
    database = folder / "signalbox.db"
    before = database.read_bytes() if database.is_file() else b""
    startable(capsys, said)
    assert (database.read_bytes() if database.is_file() else b"") == before


def test_a_folder_another_signalbox_works_in_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = FileLock(folder / "signalbox.db.lock", folder / "signalbox.db")
    startable(capsys, f"Another Signalbox (process {os.getpid()})")
    lock.release()
    assert told(capsys, "ask", "list workflows")[0] == 0


def test_a_database_another_program_has_locked_is_said(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.dialect.COMMON_PRAGMAS", ("busy_timeout=20", "foreign_keys=ON"))
    with closing(sqlite3.connect(folder / "signalbox.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        startable(capsys, "Another program holds data/signalbox.db locked. Close it, and try again.")
    assert told(capsys, "ask", "list workflows")[0] == 0


def test_a_port_in_use_is_said_and_another_one_offered(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("SIGNALBOX_PORT", str(port))
        code, _, err = told(capsys, "serve")
    assert code == 1
    assert f"Port {port} on 127.0.0.1 is in use" in err
    assert not (folder / "address").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", ".env is not UTF-8 text"),
        (b"SIGNALBOX_PORT=eighty\nSIGNALBOX_TIMEZONE=Mars\n", "SIGNALBOX_PORT: “eighty” is not a number"),
        (b"SIGNALBOX_TIMEZONE=europe/berlin\n", "Did you mean “Europe/Berlin”"),
        (b'SIGNALBOX_HOST="a b"\n', "is no name or address of a machine"),
        (b"SIGNALBOX_API_TOKEN='two words'\n", "SIGNALBOX_API_TOKEN: use ASCII"),
        (b"SIGNALBOX_DATABASE_URL=mysql://x\n", "not in mysql"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.delenv("SIGNALBOX_PORT")
    monkeypatch.delenv("SIGNALBOX_API_TOKEN")
    (folder.parent / ".env").write_bytes(content)
    startable(capsys, said)
    assert not (folder / "signalbox.db").exists()


def test_a_line_of_env_that_is_no_setting_is_told_and_the_others_are_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / ".env").write_text("this is no setting\nSIGNALBOX_PROT=8400\nTRELLO_KEY=k\n")
    code, out, err = told(capsys, "doctor", "--json")
    found = {finding["area"]: finding for finding in json.loads(out)}
    assert (code, err) == (0, ".env: Line 1 cannot be read and is left out. Write it as NAME=value.\n")
    assert found[".env"]["level"] == found["Settings"]["level"] == found["Trello"]["level"] == "warning"
    assert "Did you mean “SIGNALBOX_PORT”" in found["Settings"]["advice"]
    assert "TRELLO_TOKEN" in found["Trello"]["advice"]
