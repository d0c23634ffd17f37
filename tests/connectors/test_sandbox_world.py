"""The sandbox is a small world: what was made there is found, changed and removed by the names people give it, and tells its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors._kit.connector import Connector
from connectors._kit.custom import Custom
from connectors._kit.description import Operation
from connectors._kit.reading import read_connector
from connectors._kit.shelf import Shelf, find_connectors
from engine.errors import Invalid, NotFound, Rejected, Unanswered
from engine.events import Happening
from engine.ports import Call, Fault
from storage.memory import MemoryStore
from tests.connectors.rig import HeardSpeaker, SetClock, call

ISSUE = {"id": {}, "issue": {"take": "id"}, "title": {}, "url": {}, "state": {}, "list": {}, "created_at": {"type": "datetime"}}
SAID: dict[str, Any] = {
    "id": "tracker",
    "name": "Tracker",
    "category": "project_management",
    "base_url": "https://tracker.example",
    "credentials_at": "its settings",
    "settings": {"token": {"name": "TRACKER_TOKEN", "meaning": "token", "secret": True, "needed": True}},
    "auth": [{"kind": "bearer"}],
    "webhooks": {"header": "X-Signature", "secret_meaning": "a secret"},
    "operations": {
        "create_issue": {
            "title": "Create",
            "no_look": "It cannot be asked.",
            "inputs": {"project": {"required": True}, "title": {"required": True}, "text": {}, "labels": {"type": "array"}, "due": {"type": "datetime"}},
            "outputs": {**ISSUE, "due": {"type": "datetime"}},
            "request": {"method": "POST", "path": "/issues", "body": {"title": "{title}"}},
            "effect": {"kind": "create", "thing": "issue", "sets": {"state": "open", "list": "To do"}, "tells": ["issue_created"]},
        },
        "move_issue": {
            "title": "Move",
            "repeatable": True,
            "inputs": {"issue": {"required": True}, "project": {}, "list": {"required": True}},
            "outputs": ISSUE,
            "request": {"method": "PUT", "path": "/issues/{issue}", "body": {"list": "{list}"}},
            "effect": {"kind": "change", "thing": "issue", "by": ["issue", "project"], "tells": ["issue_moved"]},
        },
        "remove_issue": {
            "title": "Remove",
            "repeatable": True,
            "inputs": {"issue": {"required": True}},
            "outputs": {"id": {}, "state": {}},
            "request": {"method": "DELETE", "path": "/issues/{issue}"},
            "effect": {"kind": "remove", "thing": "issue", "by": ["issue"], "sets": {"state": "removed"}},
        },
        "add_comment": {
            "title": "Comment",
            "no_look": "It cannot be asked.",
            "inputs": {"issue": {"required": True}, "text": {"required": True}},
            "outputs": {"id": {}, "issue": {}, "text": {}},
            "request": {"method": "POST", "path": "/issues/{issue}/comments", "body": {"text": "{text}"}},
            "effect": {"kind": "create", "thing": "comment", "by": ["issue"], "tells": ["comment_added"]},
        },
        "search_issues": {
            "title": "Search",
            "writes": False,
            "inputs": {"query": {}, "label": {}, "limit": {"type": "integer", "default": 10}},
            "outputs": {"count": {"type": "integer", "take": "items", "count": True}, "items": {"type": "array", "each": {"id": {}, "title": {}, "state": {}}}},
            "request": {"method": "GET", "path": "/issues"},
            "effect": {"kind": "find", "thing": "issue", "matching": {"query": "title", "label": "labels"}},
        },
        "upload": {
            "title": "Upload",
            "repeatable": True,
            "inputs": {"file": {"type": "file", "required": True}, "folder": {}},
            "outputs": {"id": {}, "name": {}, "size": {"type": "integer"}},
            "request": {"method": "POST", "path": "/files", "body": {"file": "{file}"}, "encoding": "multipart"},
            "effect": {"kind": "create", "thing": "file"},
        },
    },
    "triggers": {
        "issue_created": {"title": "Created", "match": [{"where": {"is": "created"}}], "fields": {**ISSUE, "text": {}, "author": {}, "when": {"type": "datetime"}}},
        "issue_moved": {
            "title": "Moved", "match": [{"where": {"is": "moved"}}],
            "fields": {"id": {}, "title": {}, "link": {}, "list": {}, "from_list": {}, "changed": {"type": "array"}},
        },
        "comment_added": {"title": "Commented", "match": [{"where": {"is": "commented"}}], "fields": {"id": {}, "issue": {}, "title": {}, "text": {}}},
    },
}  # fmt: skip
MADE = {
    "id": "OPS-17",
    "issue": "OPS-17",
    "title": "Disk full",
    "url": "https://tracker.example/browse/OPS-17",
    "state": "open",
    "list": "To do",
}
TRIED: dict[str, Any] = {
    "operations": {
        "create_issue": {"ask": {"project": "OPS", "title": "Disk full", "due": "2026-11-30"}, "output": {**MADE, "created_at": "2020-01-01T00:00:00Z", "due": "2026-11-30"}},
        "move_issue": {"ask": {"issue": "OPS-17", "list": "Done"}, "output": {**MADE, "list": "Done", "created_at": "2020-01-01T00:00:00Z"}},
        "remove_issue": {"ask": {"issue": "OPS-17"}, "output": {"id": "OPS-17", "state": "gone"}},
        "add_comment": {"ask": {"issue": "OPS-17", "text": "On it"}, "output": {"id": "c_900000000001", "issue": "OPS-17", "text": "On it"}},
        "search_issues": {"ask": {"query": "disk"}, "output": {"count": 1, "items": [{"id": "OPS-17", "title": "Disk full", "state": "open"}]}},
        "upload": {
            "ask": {"file": {"name": "a.txt", "text": "abc"}},
            "output": {"id": "f1", "name": "a.txt", "size": 3},
            "sandbox": {"id": "{fresh_id}", "name": "{file_name}", "size": "{file_size}"},
        },
    },
    "triggers": {
        "issue_created": {"payload": {"is": "created"}, "event": {**MADE, "text": "About 90 %", "author": "anna", "created_at": "2020-01-01T00:00:00Z", "when": "2020-01-01T00:00:00Z"}},
        "issue_moved": {
            "payload": {"is": "moved"},
            "event": {"id": "OPS-17", "title": "Disk full", "link": "https://tracker.example/browse/OPS-17", "list": "Done", "from_list": "To do", "changed": ["list"]},
        },
        "comment_added": {"payload": {"is": "commented"}, "event": {"id": "c_900000000001", "issue": "OPS-17", "title": "Disk full", "text": "On it"}},
    },
}  # fmt: skip


def tracker(folder: Path) -> Connector:
    (folder / "tracker").mkdir(exist_ok=True)
    (folder / "tracker" / "connector.yml").write_text(yaml.safe_dump(SAID))
    (folder / "tracker" / "examples.yml").write_text(yaml.safe_dump(TRIED))
    return read_connector(folder / "tracker", Custom())


class World:
    """A shelf with the tracker alone; ``heard`` is what it told."""

    def __init__(self, folder: Path, things: Any = None, store: MemoryStore | None = None) -> None:
        self.clock = SetClock()
        self.heard: list[Happening] = []
        self.shelf = Shelf.open({}, clock=self.clock, connectors=[tracker(folder)])  # type: ignore[arg-type]
        self.shelf.lend(things=things, tell=self._hear, files=store.files if store else None)

    async def _hear(self, told: Sequence[Happening], by: Call) -> None:
        self.heard += told

    async def do(self, operation: str, key: str = "k", **arguments: Any) -> dict[str, Any]:
        answer = await self.shelf.perform(call(f"tracker.{operation}", arguments, key=key))
        assert answer.sandbox
        assert isinstance(answer.output, dict)
        return answer.output


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_what_was_made_is_found_by_its_words_and_its_labels_newest_first(world: World) -> None:
    one = await world.do("create_issue", "k1", project="OPS", title="Disk full on db1", labels=["infra", "urgent"])
    await world.clock.sleep(1)
    two = await world.do("create_issue", "k2", project="OPS", title="Disk slow")
    assert one["id"] != two["id"]
    assert [item["id"] for item in (await world.do("search_issues", query="DISK is:open"))["items"]] == [two["id"], one["id"]]
    found = await world.do("search_issues", query="disk full", label="Urgent")
    assert found == {"count": 1, "items": [{"id": one["id"], "title": "Disk full on db1", "state": "open"}]}
    assert (await world.do("search_issues", query="printer"))["items"] == []
    assert (await world.do("search_issues", limit=1))["count"] == 1


async def test_before_anything_is_made_the_example_stands_for_what_the_service_would_show(world: World) -> None:
    assert (await world.do("search_issues", query="disk"))["count"] == 1


@pytest.mark.parametrize("name", ["id", "title", "url", "number"])
async def test_a_thing_goes_by_its_id_its_title_its_link_or_its_number(name: str, world: World) -> None:
    made = await world.do("create_issue", "k1", project="OPS", title="Disk full on db1")
    said = f"acme/OPS#{made['id']}" if name == "number" else made[name]
    moved = await world.do("move_issue", "k2", issue=said, list="Done")
    assert {key: moved[key] for key in ("id", "url", "title", "list")} == {
        **{key: made[key] for key in ("id", "url", "title")},
        "list": "Done",
    }
    again = await world.do("move_issue", "k3", issue=made["id"], list="Doing")
    assert again["state"] == "open"


async def test_what_contradicts_is_not_meant_and_what_is_unknown_is_taken_to_exist(world: World) -> None:
    await world.do("create_issue", "k1", project="OPS", title="Disk full")
    await world.do("move_issue", "k2", issue="Disk full", project="WEB", list="Done")
    assert world.heard[-1].data["from_list"] is None  # nothing that was known
    assert (await world.do("move_issue", "k3", issue="OPS-4711", list="Done"))["list"] == "Done"


async def test_what_was_removed_is_found_no_more_and_cannot_be_touched(world: World) -> None:
    made = await world.do("create_issue", "k1", project="OPS", title="Disk full")
    assert await world.do("remove_issue", "k2", issue=made["url"]) == {"id": made["id"], "state": "removed"}
    assert (await world.do("remove_issue", "k2", issue=made["url"]))["id"] == made["id"]  # the same ask, the same answer
    with pytest.raises(NotFound, match="has no issue “Disk full” any more"):
        await world.do("move_issue", "k3", issue="Disk full", list="Done")


async def test_the_event_agrees_with_what_was_done(world: World) -> None:
    made = await world.do("create_issue", "k1", project="OPS", title="Disk full on db1")
    (created,) = world.heard
    assert (created.service, created.event) == ("tracker", "issue_created")
    assert {name: created.data[name] for name in ("id", "issue", "title", "url", "state")} == {
        name: made[name] for name in ("id", "issue", "title", "url", "state")
    }
    assert (created.data["text"], created.data["author"], created.data["when"]) == (None, "anna", "2026-11-23T09:00:00Z")
    assert made["created_at"] == "2026-11-23T09:00:00Z"
    await world.do("move_issue", "k2", issue="Disk full on db1", list="Done")
    moved = world.heard[-1].data
    assert (moved["id"], moved["link"], moved["list"], moved["from_list"], moved["changed"]) == (
        made["id"],
        made["url"],
        "Done",
        "To do",
        ["list"],
    )
    comment = await world.do("add_comment", "k3", issue="disk FULL on db1", text="On it")
    told = world.heard[-1].data
    assert (told["id"], told["issue"], told["title"], told["text"]) == (comment["id"], made["id"], "Disk full on db1", "On it")
    assert comment["issue"] == made["id"]


async def test_the_same_key_does_it_once_and_tells_the_same_news(world: World) -> None:
    first = await world.do("create_issue", "k1", project="OPS", title="Disk full")
    await world.clock.sleep(60)
    assert await world.do("create_issue", "k1", project="OPS", title="Disk full") == first
    assert (await world.do("search_issues"))["count"] == 1
    assert world.heard[0].id == world.heard[1].id
    assert world.heard[0].data["title"] == world.heard[1].data["title"]


async def test_a_lost_answer_comes_after_the_deed_and_a_lost_ask_before_it(world: World) -> None:
    for kind, there in (("lost_ask", 0), ("lost_answer", 1)):
        world.shelf.sandbox.inject(Fault("tracker", kind))
        asked = call("tracker.create_issue", {"project": "OPS", "title": kind}, key=kind, asked_at=world.clock.now())
        with pytest.raises(Unanswered):
            await world.shelf.perform(asked)
        world.shelf.sandbox.mend()
        seen = await world.shelf.look(asked)
        assert (seen is not None) == bool(there)
        assert len(world.heard) == there
    assert [item["title"] for item in (await world.do("search_issues"))["items"]] == ["lost_answer"]


async def test_things_and_answers_outlive_the_process(tmp_path: Path) -> None:
    store = MemoryStore(SetClock())
    made = await World(tmp_path, store.things).do("create_issue", "k1", project="OPS", title="Disk full")
    after = World(tmp_path, store.things)
    assert await after.do("create_issue", "k1", project="OPS", title="Disk full") == made
    assert (await after.do("move_issue", "k2", issue="disk full", list="Done"))["id"] == made["id"]


async def test_a_fleeting_memory_says_how_far_it_goes_back(world: World) -> None:
    asked = call("tracker.create_issue", {"project": "OPS", "title": "x"}, asked_at=world.clock.now())
    assert await world.shelf.look(asked) is None
    with pytest.raises(Rejected, match="does not remember so far back"):
        await world.shelf.look(call("tracker.create_issue", {"project": "OPS", "title": "x"}))


async def test_a_file_is_named_by_its_id_or_given_with_its_content(tmp_path: Path) -> None:
    store = MemoryStore(SetClock())
    world = World(tmp_path, store=store)
    kept = await store.files.keep("report.csv", b"a,b\n")
    one = await world.do("upload", "k1", file=kept.id)
    assert (one["name"], one["size"]) == ("report.csv", 4)
    assert (await world.do("upload", "k2", file={"id": kept.id, "name": "x"}))["name"] == "report.csv"
    assert (await world.do("upload", "k3", file={"name": "b.bin", "base64": "AAEC"}))["size"] == 3
    for wrong, why in (
        ("report.csv", "attach one"),
        ({"name": "../x", "text": "a"}, "not the name of a file"),
        ({"name": "x", "base64": "ä"}, "base64"),
        ({"name": "x"}, "must be a kept file"),
    ):
        with pytest.raises(Invalid, match=why):
            await world.do("upload", "k4", file=wrong)
    with pytest.raises(NotFound, match="Attach it again"):
        await world.do("upload", "k5", file="file_0000gone")
    with pytest.raises(Rejected, match="keeps no files"):
        await World(tmp_path).do("upload", "k6", file=kept.id)


async def test_a_rehearsal_has_a_world_of_its_own_in_which_every_file_is_there() -> None:
    stage = Shelf.rehearsal({}, clock=SetClock(), speaker=HeardSpeaker(), providers={})
    answer = await stage.perform(call("dropbox.upload_file", {"file": "file_real", "folder": "/reports"}))
    assert answer.sandbox
    assert await Shelf.rehearsal({}, clock=SetClock(), speaker=HeardSpeaker(), providers={}).sandbox._things.of("dropbox") == []


# --- every connector that ships ------------------------------------------------------------------------------------------

CONNECTORS = {connector.id: connector for connector in find_connectors() if not connector.description.house}
ACTING = [(c.id, name) for c in CONNECTORS.values() for name, operation in c.description.operations.items() if operation.effect]
PYTHON = {"string": str, "number": int | float, "integer": int, "boolean": bool, "datetime": str, "array": list, "object": dict}


class Everything:
    """All of them in one sandbox."""

    def __init__(self) -> None:
        self.heard: list[Happening] = []
        self.clock = SetClock()
        self.shelf = Shelf.open({}, clock=self.clock, sandbox_mode="all")
        self.shelf.lend(files=MemoryStore(self.clock).files, tell=self._hear)

    async def _hear(self, told: Sequence[Happening], by: Call) -> None:
        self.heard += told


def test_every_service_of_the_world_has_things_that_can_be_made_and_found() -> None:
    without = {c.id for c in CONNECTORS.values() if not any(operation.effect for operation in c.description.operations.values())}
    assert without <= {"email", "http"}, "mail and addresses of anybody's are no things that are found again"


@pytest.mark.parametrize(("service", "name"), ACTING)
async def test_every_deed_keeps_what_it_made_and_tells_events_of_their_declared_shape(service: str, name: str) -> None:
    world, connector = Everything(), CONNECTORS[service]
    operation, effect = connector.description.operations[name], connector.description.operations[name].effect
    assert effect is not None
    answer = await world.shelf.perform(call(f"{service}.{name}", connector.examples.operations[name].ask))
    assert isinstance(answer.output, dict)
    assert set(answer.output) >= set(operation.outputs)
    assert [happening.event for happening in world.heard] == list(effect.tells)
    for happening in world.heard:
        for field, pick in connector.description.triggers[happening.event].fields.items():
            value = happening.data[field]
            assert value is None or pick.type not in PYTHON or isinstance(value, PYTHON[pick.type]), (
                f"{field} should be {pick.type}, is {value!r}"
            )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("service", "name"), [(s, n) for s, n in ACTING if CONNECTORS[s].description.operations[n].effect.kind == "create"]
)  # type: ignore[union-attr]
async def test_what_any_service_made_is_found_again_and_two_of_them_are_two(service: str, name: str) -> None:
    world, connector = Everything(), CONNECTORS[service]
    effect = connector.description.operations[name].effect
    assert effect is not None
    ask = connector.examples.operations[name].ask
    made = [(await world.shelf.perform(call(f"{service}.{name}", ask, key=key))).output for key in ("k1", "k2")]
    assert "id" not in connector.description.operations[name].outputs or made[0] != made[1], (
        "a second one is another one: its id or number is made of {fresh_…}"
    )
    finding = [
        (other, said)
        for other, said in connector.description.operations.items()
        if said.effect and said.effect.kind == "find" and said.effect.thing == effect.thing and said.effect.items in said.outputs
    ]
    for other, said in finding:
        wanted = {**{key: ask[key] for key in said.inputs if said.inputs[key].required and key in ask}, **_search(said, ask, made[0])}
        if all(
            any(key in wanted for key in group) for group in (*([key] for key in said.inputs if said.inputs[key].required), *said.any_of)
        ):
            found = await world.shelf.perform(call(f"{service}.{other}", wanted, key="k3"))
            assert isinstance(found.output, dict)
            assert found.output[said.effect.items]  # type: ignore[union-attr]


def _search(said: Operation, ask: Mapping[str, Any], made: Any) -> dict[str, Any]:
    """One thing that is known of what was made, to search for it by."""
    assert said.effect is not None
    known = {**ask, **{name: value for name, value in made.items() if value}}
    for name, field in said.effect.matching.items():
        if isinstance(known.get(field), str) and said.inputs[name].type == "string" and not said.inputs[name].enum:
            return {name: known[field]}
    return {}
