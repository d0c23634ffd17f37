"""Where files are kept: what is there already is known again, large files go up in parts, and what is new is told apart from what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors._kit.content import FileContent
from connectors._kit.custom import Ask
from connectors._kit.failures import Refused
from connectors._kit.shelf import Shelf, find_connectors
from connectors._kit.wire import WireAnswer
from engine.errors import NotFound, Rejected, SignalboxError, Unanswered
from tests.connectors.contract_map import judged_by
from tests.connectors.made import Asked, Vendor
from tests.connectors.rig import NOW, SetClock, asgi, call
from tests.connectors.test_polls_of_hooks import Watch, stamp

CONNECTORS = {connector.id: connector for connector in find_connectors()}
Reply = tuple[int, Mapping[str, str], Any]
NUMBERS = {"file": {"name": "numbers.csv", "text": "day,orders\n1,17\n"}}
SHA1 = hashlib.sha1(b"day,orders\n1,17\n").hexdigest()


def serving(service: str, answer: Callable[[Asked], Reply], **environ: str) -> tuple[Shelf, Vendor]:
    clock = SetClock(NOW)
    vendor = Vendor(clock, answer)
    settings = {**judged_by(service).environ, **environ}
    return Shelf.open(settings, clock=clock, transport=asgi(vendor), connectors=[CONNECTORS[service]]), vendor


def paths(vendor: Vendor) -> list[str]:
    return [f"{asked.method} {asked.path}" for asked in vendor.asked]


# --- Dropbox ---------------------------------------------------------------------------------------------------------------


def in_dropbox(path: str) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    return {".tag": "file", "id": f"id:{name}", "name": name, "path_display": path, "rev": "a1", "server_modified": stamp(NOW)}


async def test_dropbox_takes_a_large_file_in_parts_and_commits_with_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.dropbox.hooks.PART", 10)

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("start"):
            return 200, {}, {"session_id": "s1"}
        return 200, {}, None if asked.path.endswith("append_v2") else in_dropbox("/Reports/long.txt")

    shelf, vendor = serving("dropbox", answer)
    done = await shelf.perform(
        call("dropbox.upload_file", {"file": {"name": "long.txt", "text": "0123456789abcdefghijKLM"}, "folder": "Reports"})
    )
    assert [one.rpartition("/")[2] for one in paths(vendor)] == ["start", "append_v2", "finish"]
    assert b"".join(asked.raw for asked in vendor.asked) == b"0123456789abcdefghijKLM"
    offsets = [json.loads(asked.headers["dropbox-api-arg"]).get("cursor", {}).get("offset") for asked in vendor.asked]
    assert offsets == [None, 10, 20]
    assert json.loads(vendor.asked[-1].headers["dropbox-api-arg"])["commit"]["path"] == "/Reports/long.txt"
    assert done.output["path"] == "/Reports/long.txt"  # type: ignore[index,call-overload]


async def test_a_name_beyond_ascii_is_escaped_in_dropboxs_header() -> None:
    shelf, vendor = serving("dropbox", lambda asked: (200, {}, in_dropbox("/Übersicht.txt")))
    await shelf.perform(call("dropbox.upload_file", {"text": "x", "name": "Übersicht.txt"}))
    said = vendor.asked[0].headers["dropbox-api-arg"]
    assert said.isascii()
    assert json.loads(said)["path"] == "/Übersicht.txt"


async def test_a_folder_that_is_there_already_is_the_one_that_was_wanted_and_a_file_of_its_name_is_not() -> None:
    there = {".tag": "folder", "id": "id:f", "name": "Reports", "path_display": "/Reports"}

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("create_folder_v2"):
            return 409, {}, {"error_summary": "path/conflict/folder/..", "error": {".tag": "path"}}
        return 200, {}, there

    shelf, _ = serving("dropbox", answer)
    made = await shelf.perform(call("dropbox.create_folder", {"name": "Reports"}))
    assert made.output["id"] == "id:f"  # type: ignore[index,call-overload]
    there |= {".tag": "file"}
    with pytest.raises(Refused, match="conflict"):
        await shelf.perform(call("dropbox.create_folder", {"name": "Reports"}))


async def test_a_link_that_a_file_has_already_is_found() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("settings"):
            return 409, {}, {"error_summary": "shared_link_already_exists/..", "error": {".tag": "shared_link_already_exists"}}
        return 200, {}, {"links": [{"url": "https://www.dropbox.com/scl/fi/x", "name": "a.txt"}]}

    shelf, _ = serving("dropbox", answer)
    shared = await shelf.perform(call("dropbox.share_file", {"file": "/a.txt"}))
    assert shared.output["url"] == "https://www.dropbox.com/scl/fi/x"  # type: ignore[index,call-overload]


async def test_a_person_dropbox_cannot_invite_is_a_refusal_although_it_answers_200() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("get_metadata"):
            return 200, {}, in_dropbox("/a.txt")
        return 200, {}, [{"member": {}, "result": {".tag": "member_error", "member_error": {".tag": "invalid_member"}}}]

    shelf, vendor = serving("dropbox", answer)
    with pytest.raises(Rejected, match="invalid_member"):
        await shelf.perform(call("dropbox.share_file", {"file": "/a.txt", "user": "anna@acme.example"}))
    assert vendor.asked[-1].body["members"] == [{".tag": "email", "email": "anna@acme.example"}]


async def test_a_name_that_several_files_have_is_refused_with_their_paths_and_one_that_none_has_says_what_to_do() -> None:
    found = [{"metadata": {"metadata": in_dropbox(path)}} for path in ("/a/x.txt", "/b/x.txt", "/b/xx.txt")]
    shelf, _ = serving("dropbox", lambda asked: (200, {}, {"matches": found}))
    with pytest.raises(Rejected, match=r"/a/x\.txt, /b/x\.txt"):
        await shelf.perform(call("dropbox.share_file", {"file": "x.txt"}))
    with pytest.raises(NotFound, match="Say its path"):
        await shelf.perform(call("dropbox.share_file", {"file": "y.txt"}))


@pytest.mark.parametrize(
    ("there", "here", "told"), [(True, False, "done"), (False, True, "not"), (True, True, "nobody knows"), (False, False, "nobody knows")]
)
async def test_whether_a_file_was_moved_is_told_by_where_it_is(there: bool, here: bool, told: str) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("move_v2"):
            return 503, {}, None
        is_there = there if asked.body["path"] == "/Archive/a.txt" else here
        return (200, {}, in_dropbox(asked.body["path"])) if is_there else (409, {}, {"error_summary": "path/not_found/.."})

    shelf, _ = serving("dropbox", answer)
    ask = call("dropbox.move_file", {"file": "/a.txt", "folder": "Archive"}, asked_at=NOW)
    with pytest.raises(Unanswered):
        await shelf.perform(ask)
    if told == "nobody knows":
        with pytest.raises(Rejected, match="Look there"):
            await shelf.look(ask)
    else:
        assert ((await shelf.look(ask)) is not None) == (told == "done")


class Box:
    """Dropbox's feed: files with their number of revisions, read by the length of a list."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.revisions: dict[str, int] = {}
        self.reset = False

    def __call__(self, asked: Asked) -> Any:
        if asked.path.endswith("get_latest_cursor"):
            return {"cursor": str(len(self.changes))}
        if asked.path.endswith("list_revisions"):
            return {"entries": [{}] * self.revisions[asked.body["path"]]}
        begin = int(asked.body["cursor"])
        page = self.changes[begin : begin + 2]
        return {"entries": page, "cursor": str(begin + len(page)), "has_more": begin + len(page) < len(self.changes)}

    def put(self, path: str, rev: str) -> None:
        entry = {**in_dropbox(path), "rev": rev}
        self.revisions[entry["id"]] = self.revisions.get(entry["id"], 0) + 1
        self.changes.append(entry)


async def test_dropbox_tells_new_files_from_changed_ones_by_their_revisions() -> None:
    world = Box()
    world.put("/old.txt", "a1")
    watch = Watch("dropbox", "changes", world)
    assert await watch.look() == []
    world.put("/old.txt", "a2")
    world.put("/Reports/new.txt", "a1")
    world.changes += [{".tag": "folder", "name": "Reports"}, {".tag": "deleted", "name": "gone"}]
    told = await watch.look()
    assert [(event, data["path"], data["folder"]) for event, data in told] == [
        ("file_updated", "/old.txt", "/"),
        ("file_created", "/Reports/new.txt", "Reports"),
    ]
    assert await watch.look() == []


# --- Google Drive -----------------------------------------------------------------------------------------------------------


def in_drive(name: str, made: Any, changed: Any, id: str = "") -> dict[str, Any]:
    return {
        "id": id or f"id-of-{name}",
        "name": name,
        "mimeType": "text/csv",
        "parents": ["folder-1"],
        "createdTime": stamp(made),
        "modifiedTime": stamp(changed),
    }


class Drive:
    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Any:
        if asked.path.endswith("startPageToken"):
            return {"startPageToken": str(len(self.changes))}
        if "/files/" in asked.path:
            return {"id": "folder-1", "name": "Reports"}
        begin = int(asked.query["pageToken"])
        return {"changes": self.changes[begin:], "newStartPageToken": str(len(self.changes))}

    def put(self, file: dict[str, Any]) -> None:
        self.changes.append({"fileId": file["id"], "removed": False, "file": file})


async def test_drive_tells_a_file_once_as_new_and_then_as_changed_and_not_when_it_is_only_shared() -> None:
    world = Drive()
    watch = Watch("google_drive", "changes", world)
    assert await watch.look() == []
    made = watch.clock.now() + timedelta(seconds=30)
    world.put(in_drive("old.csv", NOW - timedelta(days=9), made))
    world.put(in_drive("new.csv", made, made))
    world.changes.append({"fileId": "gone", "removed": True})
    told = await watch.look()
    assert [(event, data["path"]) for event, data in told] == [("file_updated", "Reports/old.csv"), ("file_created", "Reports/new.csv")]
    world.put(in_drive("new.csv", made, made + timedelta(seconds=40)))
    assert [event for event, _ in await watch.look()] == ["file_updated"]


async def test_drive_takes_a_large_file_by_a_session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.google_drive.hooks.ONE_MESSAGE", 5)

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return 200, {"location": "https://www.googleapis.com/upload/drive/v3/files?uploadType=resumable&upload_id=u1"}, None
        return 200, {}, {"id": "f1", "name": "numbers.csv", "parents": ["root"]}

    shelf, vendor = serving("google_drive", answer)
    done = await shelf.perform(call("google_drive.upload_file", NUMBERS))
    begun, put = vendor.asked
    assert (begun.query["uploadType"], begun.headers["x-upload-content-type"]) == ("resumable", "text/csv")
    assert begun.body["parents"] == ["root"]
    assert (put.method, put.path, put.query["upload_id"], put.raw) == ("PUT", "/upload/drive/v3/files", "u1", b"day,orders\n1,17\n")
    assert done.output["id"] == "f1"  # type: ignore[index,call-overload]


async def test_a_lost_upload_is_found_by_its_mark() -> None:
    marked: list[str] = []

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            marked.append(json.loads(asked.raw.split(b"\r\n\r\n")[1].split(b"\r\n")[0])["appProperties"]["signalbox"])
            return 503, {}, None
        return 200, {}, {"files": [{"id": "f1", "name": "numbers.csv", "appProperties": {"signalbox": marked[0]}}]}

    shelf, _ = serving("google_drive", answer)
    ask = call("google_drive.upload_file", NUMBERS, asked_at=NOW)
    with pytest.raises(Unanswered):
        await shelf.perform(ask)
    found = await shelf.look(ask)
    assert found is not None
    assert found.output["id"] == "f1"  # type: ignore[index,call-overload]


async def test_everybody_who_is_named_is_invited_to_a_file_of_drive() -> None:
    file = {"id": "1xKd3PqL9mN7vB2cT5rY8wZ4aS6eG0hJu", "name": "a.csv", "webViewLink": "https://drive.google.com/x"}
    shelf, vendor = serving("google_drive", lambda asked: (200, {}, file))
    said = {"file": file["id"], "user": "anna@acme.example, bo@acme.example", "role": "commenter", "text": "Have a look"}
    shared = await shelf.perform(call("google_drive.share_file", said))
    invited = [asked for asked in vendor.asked if asked.method == "POST"]
    assert [(asked.body["emailAddress"], asked.body["role"], asked.query["emailMessage"]) for asked in invited] == [
        ("anna@acme.example", "commenter", "Have a look"),
        ("bo@acme.example", "commenter", "Have a look"),
    ]
    assert shared.output["url"] == file["webViewLink"]  # type: ignore[index,call-overload]


# --- Box ---------------------------------------------------------------------------------------------------------------------


def taken(kind: str, **more: str) -> Reply:
    return (
        409,
        {},
        {
            "code": "item_name_in_use",
            "message": "It is there",
            "context_info": {"conflicts": {"type": kind, "id": "77", "etag": "3", "name": "numbers.csv", **more}},
        },
    )


async def test_box_knows_the_same_content_again_and_refuses_another_of_that_name() -> None:
    shelf, _ = serving("box", lambda asked: taken("file", sha1=SHA1))
    done = await shelf.perform(call("box.upload_file", NUMBERS))
    assert done.output["id"] == "77"  # type: ignore[index,call-overload]
    shelf, _ = serving("box", lambda asked: taken("file", sha1="0" * 40))
    with pytest.raises(Refused, match="It is there"):
        await shelf.perform(call("box.upload_file", NUMBERS))


async def test_box_makes_a_new_version_when_it_is_to_be_replaced_unless_somebody_was_faster() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/files/content"):
            return taken("file", sha1="0" * 40)
        return 201, {}, {"entries": [{"id": "77", "etag": "4", "name": "numbers.csv", "size": 16}]}

    shelf, vendor = serving("box", answer)
    done = await shelf.perform(call("box.upload_file", {**NUMBERS, "replace": True}))
    assert paths(vendor)[-1].endswith("/files/77/content")
    assert vendor.asked[-1].headers["if-match"] == "3"
    assert done.output["version"] == "4"  # type: ignore[index,call-overload]


async def test_a_folder_of_box_that_is_there_and_a_person_who_is_in_it_are_no_trouble() -> None:
    shelf, _ = serving("box", lambda asked: taken("folder", name="2026"))
    made = await shelf.perform(call("box.create_folder", {"name": "2026"}))
    assert made.output["folder"] == "77"  # type: ignore[index,call-overload]

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("collaborations"):
            return 400, {}, {"code": "user_already_collaborator", "message": "There already"}
        return 200, {}, {"id": "12345", "type": "file", "name": "a.csv"}

    shelf, _ = serving("box", answer)
    shared = await shelf.perform(call("box.share_file", {"file": "12345", "user": "anna@acme.example"}))
    assert shared.output["url"] == "https://app.box.com/file/12345"  # type: ignore[index,call-overload]


async def test_a_folder_of_box_that_was_made_a_moment_ago_is_found_by_its_path() -> None:
    clock, folders = SetClock(NOW), ["Reports"]

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return 200, {}, {"entries": [{"type": "folder", "id": f"1000{place}", "name": name} for place, name in enumerate(folders)]}
        return 201, {}, {"entries": [{"id": "77", "name": "numbers.csv"}], "id": "5", "name": "new"}

    vendor = Vendor(clock, answer)
    shelf = Shelf.open(judged_by("box").environ, clock=clock, transport=asgi(vendor), connectors=[CONNECTORS["box"]])
    await shelf.perform(call("box.upload_file", {**NUMBERS, "folder": "/Reports"}))
    clock.time += timedelta(seconds=5)
    folders.append("Archive")
    done = await shelf.perform(call("box.upload_file", {**NUMBERS, "folder": "/Archive"}, key="k2"))
    assert done.output["folder"] == "10001"  # type: ignore[index,call-overload]


async def test_box_says_what_is_too_large_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.box.hooks.LARGEST", 5)
    shelf, vendor = serving("box", lambda asked: (500, {}, None))
    with pytest.raises(Rejected, match="up to 50 MB"):
        await shelf.perform(call("box.upload_file", NUMBERS))
    assert vendor.asked == []


# --- OneDrive ------------------------------------------------------------------------------------------------------------------


class OneDrive:
    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Any:
        if asked.path.endswith("/me/drive"):
            return {"id": "d1"}
        token = asked.path.partition("token='")[2].rstrip("')")
        begin = len(self.items) if token == "latest" else int(token)  # a place in a list
        page = self.items[begin : begin + 1]
        link = f"https://graph.microsoft.com/v1.0/drives/d1/root/delta(token='{begin + len(page)}')"
        return {"value": page, **({"@odata.nextLink": link} if begin + len(page) < len(self.items) else {"@odata.deltaLink": link})}

    def put(self, name: str, made: Any, tag: str, **more: Any) -> None:
        place = {"path": "/drive/root:/Reports%20of%202026"}
        kind = more or {"file": {"mimeType": "text/csv"}}
        self.items.append(
            {
                "id": name,
                "name": name,
                "eTag": tag,
                "createdDateTime": stamp(made),
                "lastModifiedDateTime": stamp(made),
                "parentReference": place,
                **kind,
            }
        )


async def test_onedrive_tells_new_files_from_changed_ones_and_knows_their_folder() -> None:
    world = OneDrive()
    watch = Watch("onedrive", "changes", world)
    world.put("old.csv", NOW - timedelta(days=9), "1")
    assert await watch.look() == []
    made = watch.clock.now() + timedelta(seconds=20)
    world.put("old.csv", NOW - timedelta(days=9), "2")
    world.put("new.csv", made, "1")
    world.put("Reports", made, "1", folder={"childCount": 0})
    world.put("gone.csv", made, "1", file={}, deleted={"state": "deleted"})
    told = await watch.look()
    assert [(event, data["path"]) for event, data in told] == [
        ("file_updated", "/Reports of 2026/old.csv"),
        ("file_created", "/Reports of 2026/new.csv"),
    ]
    assert await watch.look() == []


async def test_what_onedrive_is_not_to_replace_is_put_with_that_word_and_its_refusal_is_said() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return 200, {}, {"id": "d1"}
        return 409, {}, {"error": {"code": "nameAlreadyExists", "message": "An item with the same name is there."}}

    shelf, vendor = serving("onedrive", answer)
    with pytest.raises(Refused, match="same name"):
        await shelf.perform(call("onedrive.upload_file", {**NUMBERS, "folder": "/Reports"}))
    assert vendor.asked[-1].path.endswith("/items/root:/Reports/numbers.csv:/content")
    assert vendor.asked[-1].query["@microsoft.graph.conflictBehavior"] == "fail"


@dataclass
class Upload:
    """The address of an upload session; ``last`` is the status of its last answer."""

    last: int = 201
    parts: list[tuple[str, bytes]] = field(default_factory=list)

    async def send(
        self, method: str, url: Any, headers: Mapping[str, str], content: bytes | None, *, may_repeat: bool, total: float
    ) -> WireAnswer:
        assert "Authorization" not in headers
        self.parts.append((headers["Content-Range"], content or b""))
        is_last = headers["Content-Range"].partition("/")[0].endswith(str(int(headers["Content-Range"].partition("/")[2]) - 1))
        assert may_repeat is not is_last
        return WireAnswer(self.last if is_last else 202, {}, b'{"id": "i1", "name": "long.txt", "size": 23}' if is_last else b"{}")


@pytest.mark.parametrize(("last", "word"), [(201, None), (409, Rejected), (503, Unanswered)])
async def test_onedrive_takes_a_large_file_in_parts_at_an_address_that_gets_no_credential(
    last: int, word: type[SignalboxError] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.onedrive.hooks.WHOLE", 5)
    monkeypatch.setattr("connectors.onedrive.hooks.PART", 10)
    shelf, vendor = serving("onedrive", lambda asked: (200, {}, {"id": "d1", "uploadUrl": "https://acme.up.example/session?x=1"}))
    upload = Upload(last)
    tools = replace(shelf.places.choose("onedrive").live.tools, web=upload)  # type: ignore[arg-type]
    file = FileContent("long.txt", "text/plain", b"0123456789abcdefghijKLM")
    ask = Ask(call("onedrive.upload_file"), {"file": file, "drive_id": "d1", "replace": False})
    perform = CONNECTORS["onedrive"].custom.perform["upload_file"]
    if word:
        with pytest.raises(word):
            await perform(ask, tools)
    else:
        assert (await perform(ask, tools)).output["id"] == "i1"  # type: ignore[index,call-overload]
    assert [part for part, _ in upload.parts] == ["bytes 0-9/23", "bytes 10-19/23", "bytes 20-22/23"]
    assert b"".join(content for _, content in upload.parts) == file.content
    assert vendor.asked[-1].body["item"] == {"@microsoft.graph.conflictBehavior": "fail", "name": "long.txt"}


async def test_a_sharing_link_of_onedrive_leads_to_its_item_in_its_own_drive() -> None:
    def answer(asked: Asked) -> Reply:
        if "/shares/" in asked.path:
            return 200, {}, {"id": "i9", "parentReference": {"driveId": "d9"}}
        return 200, {}, {"id": "d1", "value": [{"link": {"webUrl": "https://1drv.ms/x"}}]}

    shelf, vendor = serving("onedrive", answer)
    said = {"file": "https://1drv.ms/w/s!AmQ", "user": ["anna@acme.example"], "role": "editor"}
    shared = await shelf.perform(call("onedrive.share_file", said))
    assert vendor.asked[-1].path.endswith("/drives/d9/items/i9/invite")
    assert vendor.asked[-1].body["recipients"] == [{"email": "anna@acme.example"}]
    assert shared.output["url"] == "https://1drv.ms/x"  # type: ignore[index,call-overload]
