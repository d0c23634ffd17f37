"""The command line as others rely on it: what goes where, exit codes, beside a running server and without one, and how it stops."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from bot.faces.terminal import client
from tests.journeys.serving import MAIN, ROOT, Ended, Serving, command, environ, serving, settle_in, within

FLOW = """\
name: {name}
trigger: {{type: manual}}
steps:
  - action: chat.post_message
    with: {{channel: "#ops", text: "{name}"}}
"""
STANDING = re.compile(r"wf_[0-9a-f]{8}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("beside") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def data(server: Serving) -> Path:
    """The running server's; commands find it by the address left there, whatever its port."""
    return server.log.with_name("data")


@pytest.fixture
def beside(server: Serving, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """A command in this process, beside the running server."""
    settle_in(monkeypatch, data)
    return lambda *arguments, **said: within(capsys, *arguments, **said)


# --- secret ----------------------------------------------------------------------------------------------------------------


def test_a_secret_is_kept_beside_a_server_and_nobody_sees_it(server: Serving, data: Path, beside: Callable[..., Ended]) -> None:
    kept = beside("secret", "set", "status_page", said=b"c4n4ry-value\n")
    assert (kept.code, kept.out, kept.err.strip()) == (0, "", "Kept. Steps may say {{secrets.status_page}}.")
    assert beside("secret", "list").out == "status_page\n"
    assert beside("secret", "forget", "status_page").code == 0
    gone = beside("secret", "forget", "status_page")
    assert (gone.code, gone.err.strip()) == (1, "There is no secret “status_page”.")
    everything = [path.read_bytes() for path in (*data.iterdir(), server.log) if path.is_file()]
    assert not any(b"c4n4ry" in content for content in everything)


def test_a_secret_is_kept_without_a_server_too_and_nothing_is_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settle_in(monkeypatch, tmp_path / "data")
    assert within(capsys, "secret", "set", "token", said=b"s3cr3t").code == 0
    assert within(capsys, "secret", "list").out == "token\n"
    empty = within(capsys, "secret", "set", "token", said=b"\n")
    assert (empty.code, empty.err.strip()) == (1, "No value was given, so nothing was kept.")
    assert within(capsys, "secret", "set").code == 2


# --- ask -------------------------------------------------------------------------------------------------------------------


def test_ask_beside_a_server_prints_one_json_value_and_nothing_else(server: Serving, data: Path) -> None:
    asked = command(data, "ask", 'every day at 9 tell #ops "good morning"', "--confirm", "--json", "--as", "ben", "--channel", "#dev")
    assert (asked.code, asked.err) == (0, "")
    answer = json.loads(asked.out)
    assert set(answer) == {"cards", "command", "run"}
    assert answer["command"]["command"] == "create_workflow"
    assert "confirmed" in answer["cards"][-1]["title"]
    assert "ben" in json.dumps(answer["cards"])
    assert len(server.names()) == 1


def test_a_run_that_was_asked_for_is_waited_for(beside: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "now.yml").write_text(FLOW.format(name="now"))
    assert beside("import", str(tmp_path / "now.yml")).code == 0
    asked = beside("ask", "/flow run now", "--json")
    answer = json.loads(asked.out)
    assert (asked.code, answer["run"][:4]) == (0, "run_")
    assert "done" in answer["cards"][-1]["title"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ask", ""), 1, "There is nothing to ask"),
        (("ask", "/flow show nosuchflow"), 1, "There is no workflow called “nosuchflow”"),
        (("ask", "list workflows", "--channel", "nowhere:"), 1, "names no channel"),
        (("impact", "nosuch"), 1, "There is no service “nosuch”"),
        (("impact", "../x", "--json"), 1, "There is no service “../x”"),
        (("impact", " "), 1, "Name a service"),
        (("ask",), 2, "usage:"),
        (("nosuch",), 2, "usage:"),
        (("impact", "trello", "--state", "sideways"), 2, "usage:"),
    ],
)
def test_what_is_refused_ends_with_1_and_bad_usage_with_2(
    beside: Callable[..., Ended], arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = beside(*arguments)
    assert ended.code == code
    assert said in (ended.out or ended.err)
    if "--json" in arguments or code == 2:
        assert ended.out == ""


def test_bytes_that_are_no_text_are_shown_as_such(server: Serving, data: Path) -> None:
    done = subprocess.run(
        [sys.executable, MAIN, "ask", b"/ack \xff"], cwd=data.parent, env=environ(data), capture_output=True, timeout=30
    )
    assert (done.returncode, "\ufffd" in done.stdout.decode()) == (1, True)


def test_impact_tells_the_state_that_was_asked_about(beside: Callable[..., Ended]) -> None:
    told = json.loads(beside("impact", "chat", "--json").out)
    assert set(told) == {"service", "workflows", "runs_lost_per_hour", "people", "severity", "shared_fallback_dependencies"}
    assert "Chat is degraded" in beside("impact", "chat", "--state", "degraded").out


# --- without a server ------------------------------------------------------------------------------------------------------


def test_without_a_server_the_same_words_do_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = settle_in(monkeypatch, tmp_path / "data")
    asked = within(capsys, "ask", 'every day at 9 tell #ops "hi"', "--confirm", "--json")
    assert (asked.code, asked.err) == (0, "")
    assert STANDING.search(json.dumps(json.loads(asked.out)["cards"][-1]))
    exported = within(capsys, "export")
    assert (exported.code, exported.err) == (0, "")
    assert "cron: 0 9 * * *" in exported.out
    assert sorted(path.name for path in alone.iterdir()) == ["inbound-token", "secret-key", "signalbox.db", "signalbox.db.lock"]


def test_a_listener_that_says_nothing_is_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(client, "GLANCE", aiohttp.ClientTimeout(total=0.3))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settle_in(monkeypatch, tmp_path / "data", SIGNALBOX_PORT=str(silent.getsockname()[1]))
        ended = within(capsys, "export")
    assert (ended.code, ended.out, "nothing to export" in ended.err) == (0, "", True)


# One process of fewer rights for both: its arguments are the folders of the two.
BOTH = """
import os, sys, main
print("serve:", main.main(["serve"]), flush=True)
print("---", file=sys.stderr, flush=True)
os.environ["SIGNALBOX_DATA"] = sys.argv[2]
print("export:", main.main(["export"]), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs the rights of files")
def test_files_that_may_not_be_written_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = os.geteuid() == 0
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"] if root else []
    if root and shutil.which("setpriv") is None:
        pytest.skip("needs a user whose rights can be taken away (or setpriv)")
    file, folder = tmp_path / "file", tmp_path / "folder"
    for data in (file, folder):
        settle_in(monkeypatch, data)
        assert within(capsys, "export").code == 0
    (file / "signalbox.db").chmod(0o444)
    folder.chmod(0o500)
    line = [*drop, sys.executable, "-c", BOTH, str(file), str(folder)]
    done = subprocess.run(line, cwd=ROOT, env=environ(file), capture_output=True, text=True, timeout=30)
    assert done.stdout == "serve: 1\nexport: 1\n", done
    of_serve, of_export = done.stderr.split("---\n")
    assert "signalbox.db cannot be written" in of_serve
    assert "cannot be written" in of_export
    assert "Traceback" not in done.stderr
    (file / "signalbox.db").chmod(0o644)
    folder.chmod(0o700)
    for data in (file, folder):
        settle_in(monkeypatch, data)
        assert within(capsys, "export").code == 0


# --- parse -----------------------------------------------------------------------------------------------------------------


def test_parse_answers_every_line_whatever_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settle_in(monkeypatch, tmp_path / "data")
    lines = [
        b"list workflows",
        b"",
        b"nul\x00 and \x1b[31m",
        b"\xff\xfe",
        "\u202eabc 🤷 \u2028 x".encode(),
        b"x" * 50_000,
        b"(" * 5_000,
        b"last, without an end",
    ]
    when = ("--now", "2026-11-23T10:00:00+00:00", "--timezone", "Asia/Kathmandu")
    ended = within(capsys, "parse", *when, said=b"\n".join(lines))
    answers = [json.loads(line) for line in ended.out.split("\n")[:-1]]
    assert (ended.code, ended.err, len(answers)) == (0, "", len(lines))
    assert answers[0]["command"] == "list_workflows"
    assert answers[3]["text"] == "\ufffd\ufffd"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--now", "noon"), "--now noon is no ISO 8601 moment"),
        (("--now", "9999-12-31T23:59:59+00:00"), "too far away"),
        (("--timezone", "europe/berlin"), "Did you mean “Europe/Berlin”?"),
    ],
)
def test_parse_refuses_a_moment_or_a_zone_that_is_none(beside: Callable[..., Ended], arguments: tuple[str, ...], said: str) -> None:
    ended = beside("parse", *arguments)
    assert (ended.code, ended.out, said in ended.err) == (1, "", True)


@pytest.mark.skipif(os.name == "nt", reason="needs pipes that break")
def test_a_reader_that_leaves_ends_it_without_a_word(tmp_path: Path) -> None:
    line = [sys.executable, MAIN, "parse"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, cwd=tmp_path, env=environ(tmp_path / "data"), **streams) as parsing:  # type: ignore[call-overload]
        parsing.stdin.write(b"list workflows\n" * 3_000)
        parsing.stdout.readline()
        parsing.stdout.close()
        parsing.stdin.close()
        assert (parsing.stderr.read(), parsing.wait(30)) == (b"", 1)


# --- export and import -----------------------------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported_and_names_that_look_alike_keep_their_own_file(
    server: Serving, beside: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "two.yml").write_text(FLOW.format(name="Look alike") + "---  # the other one\n" + FLOW.format(name="look-alike"))
    assert beside("import", str(tmp_path / "two.yml")).code == 0
    exported = beside("export", str(tmp_path / "out"))
    assert (exported.code, exported.out) == (0, "")
    assert {"look-alike.yml", "look-alike-2.yml"} <= {path.name for path in (tmp_path / "out").iterdir()}
    again = beside("import", str(tmp_path / "out"))
    assert again.code == 0
    assert again.err.count("exactly that already") == len(list((tmp_path / "out").iterdir()))


BROKEN = {
    "tab.yml": ("name: x\ntrigger:\n\ttype: manual\n", "tab.yml", "line 3:"),
    "anchors.yml": ('a: &a ["x"]\nb: [*a, *a]\n', "anchors.yml", "line 1: Anchors"),
    "tag.yml": ('name: !!python/object/apply:os.system ["id"]\n', "tag.yml", "line 1: Tags"),
    "unknown.yml": (
        FLOW.format(name="x").replace("post_message", "post_mesage"),
        "unknown.yml",
        "line 4: Chat has no action “post_mesage”. Did you mean",
    ),
    "second.yml": (
        FLOW.format(name="x") + "---\n" + FLOW.format(name="y").replace("#ops", "#ops\\x00"),
        "second.yml, document 2",
        "line 11:",
    ),
    "untold.yml": (
        FLOW.format(name="x").replace("type: manual", "type: ai_predicted, service: github, metric: throughput, horizon: PT1H"),
        "untold.yml",
        "Nobody forecasts",
    ),
    "empty.yml": ("# nothing\n", "empty.yml", "holds no definition"),
    "binary.yml": (b"\xff\xfe\x00", "binary.yml", "is not UTF-8 text (byte 1)"),
    "deep.yml": ("name: " + "[" * 5_000, "deep.yml", "nested more than"),
    "large.yml": ("name: " + "x" * 5_000_000, "large.yml", "larger than 256 KiB"),
}


def test_a_document_that_is_broken_is_named_with_its_line_and_nothing_of_any_is_stored(
    server: Serving, beside: Callable[..., Ended], tmp_path: Path
) -> None:
    before = server.names()
    (tmp_path / "good.yml").write_text(FLOW.format(name="never stored"))
    for name, (content, _, _) in BROKEN.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    parsed = [name for name in BROKEN if name not in ("empty.yml", "binary.yml")]
    ended = beside("import", str(tmp_path / "good.yml"), *(str(tmp_path / name) for name in parsed))
    assert (ended.code, ended.out) == (1, "")
    for name in parsed:
        _, place, said = BROKEN[name]
        assert place in ended.err
        assert said in ended.err
    assert server.names() == before


@pytest.mark.parametrize("name", ["empty.yml", "binary.yml", "nosuch.yml", "nothing_in_it", ""])
def test_a_path_that_cannot_be_read_is_named(beside: Callable[..., Ended], tmp_path: Path, name: str) -> None:
    (tmp_path / "nothing_in_it").mkdir()
    if name in BROKEN:
        content = BROKEN[name][0]
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    ended = beside("import", "--check", str(tmp_path / name) if name else "")
    assert (ended.code, ended.out) == (1, "")
    assert any(words in ended.err for words in ("holds no", "is not UTF-8", "cannot be read"))


def test_the_documented_definition_is_one(beside: Callable[..., Ended], tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "workflows.md").read_text()
    (tmp_path / "documented.yml").write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    checked = beside("import", "--check", str(tmp_path / "documented.yml"))
    assert (checked.code, checked.err) == (0, "1 definition checked; nothing was stored.\n")


# --- stopping --------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_it_stops_cleanly_at_once_and_goes_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as first:
        made = {"name": "kept", "definition": {"trigger": {"type": "manual"}, "steps": [{"action": "signalbox.health_report"}]}}
        assert first.ask("POST", "/api/v2/ai-workflows", made).status == 201
        listening = urllib.request.Request(f"{first.address}/api/v2/events", headers={"Authorization": "Bearer journey-token-of-tests"})
        with urllib.request.urlopen(listening, timeout=30):  # an answer that never ends by itself
            begun = time.monotonic()
            first.process.send_signal(signal.SIGINT)
            assert first.stop(signal.SIGINT) == 0, "Ctrl-C twice is no worse than once"
            assert time.monotonic() - begun < 10
    assert not (data / "address").exists()
    with serving(data) as second:
        assert second.names() == ["kept"]
        assert second.stop(signal.SIGTERM) == 0
        assert second.process.stdout is not None
        assert second.process.stdout.read() == b""
    log = second.log.read_text()
    assert log.count("Stopped. Everything is kept") == 2
    assert "Traceback" not in log


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_it_can_be_stopped_while_a_chat_platform_keeps_it_waiting(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slack = {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_APP_TOKEN": "xapp-1",
            "SLACK_API_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/api/",
        }
        log = tmp_path / "log"
        with (
            log.open("wb") as err,
            subprocess.Popen([sys.executable, MAIN], cwd=tmp_path, env=environ(tmp_path / "data", **slack), stderr=err) as waiting,
        ):
            silent.settimeout(30)
            with silent.accept()[0]:
                waiting.send_signal(signal.SIGINT)
                assert waiting.wait(10) == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_while_it_is_loading_is_quiet(tmp_path: Path) -> None:
    for pause in (0.2, 0.4):
        with subprocess.Popen(
            [sys.executable, MAIN, "doctor"], cwd=tmp_path, env=environ(tmp_path / "data"), stdout=-1, stderr=-1
        ) as loading:
            time.sleep(pause)
            loading.send_signal(signal.SIGINT)
            out, err = loading.communicate(timeout=30)
        assert b"Traceback" not in out + err
