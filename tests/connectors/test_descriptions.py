"""A connector's folder is checked when it is read: every mistake is named with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from connectors._kit.authorizing import Proving, Unchanging
from connectors._kit.credentials import read_credentials
from connectors._kit.custom import Custom
from connectors._kit.description import Limits, Timeouts
from connectors._kit.egress import OpenWeb
from connectors._kit.performing import Live
from connectors._kit.reading import read_connector
from connectors._kit.wire import Wire
from connectors._kit.yaml_values import yaml_values
from engine.errors import Invalid
from tests.connectors.rig import HeardSpeaker, SetClock, call

GOOD: dict[str, Any] = {
    "id": "tiny",
    "name": "Tiny",
    "category": "development",
    "base_url": "https://api.tiny.example",
    "auth": [{"kind": "bearer"}],
    "settings": {"token": {"name": "TINY_TOKEN", "meaning": "token", "secret": True, "needed": True}},
    "operations": {
        "say": {
            "title": "Say",
            "inputs": {"text": {"required": True, "help": "what"}},
            "outputs": {"id": {"type": "integer"}},
            "request": {"method": "POST", "path": "/say", "body": {"text": "{text}"}},
        }
    },
    "webhooks": {"header": "X-Sig", "secret_meaning": "secret"},
    "triggers": {"said": {"title": "Said", "match": [{"where": {"kind": "said"}}], "fields": {"text": {}}}},
}
EXAMPLES: dict[str, Any] = {
    "operations": {"say": {"ask": {"text": "hi"}, "output": {"id": 1}, "sandbox": {"id": "{fresh_number}"}}},
    "triggers": {"said": {"payload": {"kind": "said", "text": "hi"}, "event": {"text": "hi"}}},
}


def write(folder: Path, description: Any, examples: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "connector.yml").write_text(description if isinstance(description, str) else yaml.safe_dump(description))
    (folder / "examples.yml").write_text(yaml.safe_dump(examples))
    return folder


def changed(raw: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one thing changed; ``None`` removes it."""
    copy: dict[str, Any] = yaml.safe_load(yaml.safe_dump(raw))
    at = copy
    *parts, last = path.split("/")
    for part in parts:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return copy


def test_a_right_one_is_read(tmp_path: Path) -> None:
    connector = read_connector(write(tmp_path / "tiny", GOOD, EXAMPLES), Custom())
    assert (connector.id, connector.operation("say").may_repeat) == ("tiny", False)
    assert connector.service({}).actions[0].id == "tiny.say"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("id", "other", r"id: is “other” but its folder is “tiny”"),
        ("colour", "red", r"colour: Unexpected keyword argument"),
        ("name", None, r"name: Field required"),
        ("operations/say/request/method", "SHOUT", r"operations\.say\.request\.method: Input should be 'GET'"),
        ("operations/say/inputs/text/type", "sting", r"operations\.say\.inputs\.text\.type: Input should be 'string'"),
        ("operations/say/request/body", {"text": "{txt}"}, r"operations\.say: uses {txt}, which is no input"),
        ("operations/say/request/path", "/say/{text|loud}", r"operations\.say: uses the unknown filter \|loud"),
        ("operations/say/request", None, r"operations\.say: needs either a request or a function in hooks\.py"),
        ("operations/say/prepared", ["x"], r"leaves x to hooks\.py, which does not prepare it"),
        ("operations/say/any_of", [["txt"]], r"of which some are no inputs"),
        ("operations/say/outputs/id", {"ask": "txt"}, r"output “id” echoes “txt”, which is no input"),
        ("auth", [{"kind": "bearer", "token": "{tokn}"}], r"settings: “tokn” is used but not described"),
        ("settings/token/name", "tiny-token", r"settings\.token: “tiny-token” is not the name of an environment variable"),
        ("webhooks", None, r"triggers\.said: is matched against deliveries, but there is no “webhooks”"),
        ("triggers/said/match", [{"where": {"kind": {"like": "s"}}}], r"triggers\.said: uses the unknown rule “like”"),
    ],
)
def test_every_mistake_of_a_description_is_named_with_its_place(path: str, value: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=sentence):
        read_connector(write(tmp_path / "tiny", changed(GOOD, path, value), EXAMPLES), Custom())


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("operations/say", None, r"examples\.operations\.say: has no example"),
        ("triggers/said", None, r"examples\.triggers\.said: has no example"),
        ("operations/say/ask", {"txt": "hi"}, r"asks for what cannot be asked: .*there is no “txt” here.* Did you mean “text”"),
        ("operations/say/output", {"nr": 1}, r"gives other fields than the operation's outputs: id, nr"),
        ("operations/say/sandbox", {"nr": 1}, r"gives other fields than the operation's outputs: id"),
        ("triggers/said/event", {"txt": "hi"}, r"gives fields the trigger does not have"),
    ],
)
def test_every_mistake_of_the_examples_is_named_too(path: str, value: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=sentence):
        read_connector(write(tmp_path / "tiny", GOOD, changed(EXAMPLES, path, value)), Custom())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a: [", "is not YAML"), ("", "does not describe"), ("- 1", "does not describe"), ("!!python/object:os.system {}", "is not YAML")],
)
def test_a_file_that_is_no_description_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=sentence):
        read_connector(write(tmp_path / "tiny", text, EXAMPLES), Custom())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    with pytest.raises(Invalid, match=r"tiny/connector\.yml cannot be read: No such file"):
        read_connector(tmp_path / "tiny", Custom())


def test_hooks_for_an_operation_that_is_none_are_named(tmp_path: Path) -> None:
    async def nothing(ask: Any, tools: Any) -> Any:
        return {}

    with pytest.raises(Invalid, match=r"hooks\.py speaks of “shout”"):
        read_connector(write(tmp_path / "tiny", GOOD, EXAMPLES), Custom(prepare={"shout": nothing}))


async def test_what_a_description_says_goes_over_the_wire(tmp_path: Path) -> None:
    """Headers, credential and idempotency key of a connector nobody wrote code for."""
    described = changed(changed(GOOD, "idempotency_header", "Idempotency-Key"), "headers", {"Tiny-Version": "3"})
    connector = read_connector(write(tmp_path / "tiny", described, EXAMPLES), Custom())
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(201, json={"id": 5})

    credentials = read_credentials(connector.description, {"TINY_TOKEN": "t0ken"}, "missing")
    wire = Wire("Tiny", credentials.get("base_url"), Timeouts(), Limits(), httpx2.MockTransport(answer))
    clock, speaker = SetClock(), HeardSpeaker()
    web = OpenWeb(Timeouts(), Limits(), allow_private=False)
    proving = Proving(wire, Unchanging(credentials.way, credentials.values), connector.description, clock)
    live = Live(connector, credentials, proving, web, clock, lambda: speaker, dict)
    got = await live.perform(call("tiny.say", {"text": "hi"}, key="k3"), connector.operation("say"), {"text": "hi"})
    assert got.output == {"id": 5}
    headers = seen[0].headers
    assert (str(seen[0].url), headers["idempotency-key"], headers["tiny-version"]) == ("https://api.tiny.example/say", "k3", "3")
    assert (headers["authorization"], headers["user-agent"].split("/")[0], headers["content-type"]) == (
        "Bearer t0ken",
        "Signalbox",
        "application/json",
    )


def test_examples_are_read_when_they_are_asked_for_and_their_mistakes_named_then(tmp_path: Path) -> None:
    folder = write(tmp_path / "tiny", GOOD, changed(EXAMPLES, "operations/say/output", {"nr": 1}))
    connector = read_connector(folder, Custom(), later=True)
    with pytest.raises(Invalid, match="gives other fields than the operation's outputs"):
        _ = connector.examples.operations
    (folder / "examples.yml").write_text(yaml.safe_dump(EXAMPLES))
    assert connector.examples == connector.examples
    assert connector.examples.operations["say"].output == {"id": 1}
    assert connector.examples.triggers["said"].event == {"text": "hi"}


def test_our_way_of_reading_yaml_gives_what_the_safe_loader_gives() -> None:
    odd = "a: &x {b: 1, c: [1, 2.5, true, ~, 2026-11-23, '7', 0x1F]}\nd: {<<: *x, b: 2}\ne: *x\nf: !!set {g}\nh: !!binary aGk=\n3: [*x, {}, []]\nnull: 1\n"
    texts = [odd, "", "just text", "- 1\n- [a, {b: c}]", *(path.read_text() for path in Path("connectors").glob("*/*.yml"))]
    for text in texts:
        assert yaml_values(text) == yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for bad in ("a: [1", "a: !!python/object:os.system {}", "{[a]: 1}", "a: *gone"):
        with pytest.raises(yaml.YAMLError):
            yaml_values(bad)
