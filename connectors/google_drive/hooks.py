"""Google Drive: paths walked to ids, uploads in one message or resumable, permissions one by one, and what changed since the last look."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dateutil.parser import isoparse

from connectors._kit.content import FileContent
from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.performing import mark_of
from connectors._kit.plain_text import addresses, as_file_text
from engine.errors import NotFound, Rejected, Transient
from engine.ports import Answer
from engine.workflow.definition import Json

FOLDER = "application/vnd.google-apps.folder"
KINDS = {
    "document": "application/vnd.google-apps.document",
    "spreadsheet": "application/vnd.google-apps.spreadsheet",
    "presentation": "application/vnd.google-apps.presentation",
    "folder": FOLDER,
    "pdf": "application/pdf",
}
ROLES = {"viewer": "reader", "commenter": "commenter", "editor": "writer"}
ONE_MESSAGE = 5 * 1024 * 1024  # bytes; what is larger goes up by a session of its own
ID = re.compile(r"[\w-]{25,}")
LINK = re.compile(r"https://(?:drive|docs)\.google\.com/.*?(?:/d/|/folders/|[?&]id=)(?P<id>[\w-]{10,})")
TOP = ("root", "my drive", "")
PAGES = 5  # of one look at what changed; the next look goes on from there
OVERLAP = timedelta(minutes=5)  # by which a file may be older than the last look and still be new
SHOWN = "id,name,mimeType,webViewLink,parents"
CHANGED = "id,name,mimeType,webViewLink,parents,size,createdTime,modifiedTime,trashed,lastModifyingUser(displayName,emailAddress),owners(emailAddress)"

ALL_DRIVES = {"supportsAllDrives": "true"}
FIND = Request(
    method="GET",
    path="/drive/v3/files",
    query={"q": "{q}", "fields": f"files({SHOWN})", "pageSize": 10, **ALL_DRIVES, "includeItemsFromAllDrives": "true"},
)
ONE = Request(method="GET", path="/drive/v3/files/{id}", query={"fields": SHOWN, **ALL_DRIVES})
PUT_UP = Request(
    method="POST",
    path="/upload/drive/v3/files",
    query={"uploadType": "multipart", "fields": SHOWN, **ALL_DRIVES},
    encoding="bytes",
    body={"file": "{message}"},
)
SESSION = Request(
    method="POST",
    path="/upload/drive/v3/files",
    query={"uploadType": "resumable", "fields": SHOWN, **ALL_DRIVES},
    headers={"X-Upload-Content-Type": "{media_type}"},
    body="{metadata}",
    answer="headers",
)
INTO_SESSION = Request(method="PUT", path="/{path|path}", encoding="bytes", body={"file": "{file}"})
PERMIT = Request(
    method="POST",
    path="/drive/v3/files/{id}/permissions",
    query={"fields": "id,role,type", **ALL_DRIVES, "sendNotificationEmail": "{notify}", "emailMessage": "{text}"},
    body={"type": "{kind}", "role": "{role}", "emailAddress": "{address}"},
)
START = Request(method="GET", path="/drive/v3/changes/startPageToken", query=ALL_DRIVES)
CHANGES = Request(
    method="GET",
    path="/drive/v3/changes",
    query={
        "pageToken": "{token}",
        "includeRemoved": "false",
        "includeItemsFromAllDrives": "true",
        "pageSize": 200,
        "fields": f"newStartPageToken,nextPageToken,changes(fileId,time,removed,changeType,file({CHANGED}))",
        **ALL_DRIVES,
    },
)


# --- names ----------------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A text inside Drive's search language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def id_in(said: str) -> str:
    """The id in a link, or said as such; empty for a name."""
    link = LINK.match(said)
    return link["id"] if link else said if ID.fullmatch(said) else ""


async def _folder(tools: Tools, said: str) -> str:
    """The id of a folder. A path is walked from My Drive; a single name may be anywhere. Raises NotFound or Rejected."""
    text = said.strip()
    if text.strip("/").casefold() in TOP:
        return "root"
    if known := id_in(text):
        return known
    if "/" not in text:
        return str((await _called(tools, text, "folder", f"mimeType = '{FOLDER}'"))["id"])
    return await _walk(tools, [part for part in text.split("/") if part.strip()])


async def _walk(tools: Tools, parts: list[str]) -> str:
    where = "root"
    for part in parts if parts[0].casefold() not in TOP else parts[1:]:
        where = str((await _called(tools, part, "folder", f"mimeType = '{FOLDER}' and {quoted(where)} in parents"))["id"])
    return where


async def _file(tools: Tools, said: str) -> Mapping[str, Any]:
    """The file or folder: ``id``, ``name``, ``webViewLink``."""
    text = said.strip()
    if known := id_in(text):
        found: Mapping[str, Any] = await tools.send(ONE, {"id": known}, doing="a look at the file")
        return found
    *folders, name = [part for part in text.split("/") if part.strip()] or [""]
    where = f"{quoted(await _walk(tools, folders))} in parents" if folders else ("'root' in parents" if text.startswith("/") else "")
    return await _called(tools, name, "file", where)


async def _called(tools: Tools, name: str, what: str, where: str) -> Mapping[str, Any]:
    rules = " and ".join(filter(None, [f"name = {quoted(name.strip())}", where, "trashed = false"]))

    async def load() -> Any:
        return (await tools.send(FIND, {"q": rules}, doing=f"the look-up of a {what}")).get("files", [])

    found = await tools.memory.recall(f"find {rules}", load, seconds=60.0) or await tools.memory.recall(f"find {rules}", load, seconds=1.0)
    if not found:
        raise NotFound(f"Google Drive shows no {what} called “{name}” here. Share it with this account, or paste its link.")
    if len(found) > 1:
        links = ", ".join(str(one.get("webViewLink") or one["id"]) for one in found[:5])
        raise Rejected(f"Google Drive has {len(found)} of the {what} “{name}”. Say which by its path or link: {links}.")
    one: Mapping[str, Any] = found[0]
    return one


# --- uploads --------------------------------------------------------------------------------------------------------------


async def _upload(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    file = _content(ask)
    metadata: dict[str, Json] = {
        "name": str(said.get("name") or file.name),
        "parents": [await _folder(tools, str(said.get("folder") or ""))],
        "appProperties": {"signalbox": mark_of(ask.call.key)},
        **({"mimeType": KINDS[said["type"]]} if said["type"] in KINDS else {}),
    }
    if file.size <= ONE_MESSAGE:
        message = related(metadata, file, f"signalbox-{mark_of(ask.call.key)}")
        made = await tools.send(PUT_UP, {"message": message}, doing="upload_file", may_repeat=False)
    else:
        made = await _by_session(tools, metadata, file)
    return Answer(_shown(made))


def _content(ask: Ask) -> FileContent:
    file = ask.arguments.get("file")
    if isinstance(file, FileContent):
        return file
    return FileContent(str(ask.arguments.get("name") or "text.txt"), "text/plain", as_file_text(ask.arguments.get("text")).encode())


async def _named(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    file = _content(ask)
    return {"called": str(ask.arguments.get("name") or file.name), "kind": KINDS.get(ask.arguments["type"], file.media_type)}


def _is_live(tools: Tools) -> bool:
    return tools.credentials.account.mode == "live"


def related(metadata: Mapping[str, Json], file: FileContent, boundary: str) -> FileContent:
    """The metadata and the content in one multipart/related message."""
    while boundary.encode() in file.content:
        boundary += "-"
    head = f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(metadata)}\r\n"
    middle = f"--{boundary}\r\nContent-Type: {file.media_type}\r\n\r\n"
    content = head.encode() + middle.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
    return FileContent("", f"multipart/related; boundary={boundary}", content)


async def _by_session(tools: Tools, metadata: Mapping[str, Json], file: FileContent) -> Any:
    """Nothing is there until the whole content went into the session, so opening one does no harm."""
    opened = await tools.send(SESSION, {"metadata": metadata, "media_type": file.media_type}, doing="the upload's beginning")
    session = urlsplit(str(opened.get("location", "")))
    if not session.path.startswith("/"):
        raise Transient("Google Drive opened no session for the upload.")
    request = replace(INTO_SESSION, query=dict(parse_qsl(session.query)))
    base = urlsplit(tools.credentials.get("base_url")).path
    return await tools.send(
        request, {"path": session.path.removeprefix(base).lstrip("/"), "file": file}, doing="upload_file", may_repeat=False
    )


def _shown(made: Mapping[str, Any]) -> dict[str, Json]:
    return {
        "id": made.get("id"),
        "file": made.get("id"),
        "name": made.get("name"),
        "url": made.get("webViewLink"),
        "folder": next(iter(made.get("parents") or ()), None),
        "type": made.get("mimeType"),
    }


# --- folders, shares, copies, searches ---------------------------------------------------------------------------------------


async def _new_folder(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if not _is_live(tools):
        return {}
    return {"parent_id": await _folder(tools, str(ask.arguments.get("parent") or ""))}


async def _share(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    file = await _file(tools, str(said["file"]))
    people = addresses(said.get("user") or ())
    wanted = {"id": file["id"], "role": ROLES[said["role"]]}
    if not people:
        await tools.send(PERMIT, {**wanted, "kind": "anyone"}, doing="share_file")
    for address in people:
        invited = {
            **wanted,
            "kind": "user",
            "address": address,
            "notify": said["notify"],
            "text": said.get("text") if said["notify"] else None,
        }
        await tools.send(PERMIT, invited, doing="share_file")
    return Answer(
        {
            "id": file["id"],
            "file": file["id"],
            "name": file.get("name"),
            "url": file.get("webViewLink"),
            "user": list(people),
            "role": said["role"],
        }
    )


async def _copy(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    copied = str(said.get("name") or f"Copy of {said['file']}")
    if not _is_live(tools):
        return {"copied": copied}
    parents = [await _folder(tools, str(said["folder"]))] if said.get("folder") else None
    return {"file_id": (await _file(tools, str(said["file"])))["id"], "parents": parents, "copied": copied}


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if not _is_live(tools):
        return {}
    said = ask.arguments
    rules = ["trashed = false"]
    if words := str(said.get("query") or "").strip():
        rules.append(f"(name contains {quoted(words)} or fullText contains {quoted(words)})")
    if said.get("folder"):
        rules.append(f"{quoted(await _folder(tools, str(said['folder'])))} in parents")
    if kind := said.get("type"):
        rules.append(f"mimeType = '{KINDS[kind]}'" if kind in KINDS else f"mimeType contains '{kind}/'")
    return {"q": " and ".join(rules)}


# --- what changed -------------------------------------------------------------------------------------------------------------


async def _changes(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """A file is new when it was made since the last look and was not told before; the cursor keeps those told lately."""
    now = tools.clock.now()
    if cursor is None:
        return Told(
            (), {"token": (await tools.send(START, {}, doing="a look at where things stand"))["startPageToken"], "since": now.isoformat()}
        )
    token, since = str(cursor["token"]), datetime.fromisoformat(str(cursor["since"])) - OVERLAP
    known = cursor.get("lately")
    lately: dict[str, Json] = dict(known) if isinstance(known, dict) else {}
    items: list[Mapping[str, Any]] = []
    for _ in range(PAGES):
        told = await tools.send(CHANGES, {"token": token}, doing="a look at what changed")
        files = [change["file"] for change in told.get("changes", []) if _is_file(change)]
        items += [await _seen(file, since, lately, tools) for file in files]
        token = str(told.get("nextPageToken") or told.get("newStartPageToken") or token)
        if not told.get("nextPageToken"):
            break
    fresh = {id: made for id, made in lately.items() if isoparse(str(made)) > now - 2 * OVERLAP}
    return Told(items, {"token": token, "since": now.isoformat(), "lately": fresh})


def _is_file(change: Mapping[str, Any]) -> bool:
    file = change.get("file")
    return isinstance(file, dict) and not change.get("removed") and not file.get("trashed") and file.get("mimeType") != FOLDER


async def _seen(file: Mapping[str, Any], since: datetime, lately: dict[str, Json], tools: Tools) -> Mapping[str, Any]:
    made = str(file.get("createdTime") or "")
    is_new = bool(made) and isoparse(made) > since and file["id"] not in lately
    if is_new:
        lately[str(file["id"])] = made
    folder = await _name_of(next(iter(file.get("parents") or ()), ""), tools)
    size = str(file.get("size") or "")
    path = "/".join(filter(None, [folder, str(file.get("name") or "")]))
    state = f"{file.get('modifiedTime')} {path}"  # what is only shared anew has not changed
    return {
        **file,
        "kind": "created" if is_new else "updated",
        "folder": folder,
        "path": path,
        "state": state,
        "size": int(size) if size.isdigit() else None,
    }


async def _name_of(folder: str, tools: Tools) -> str | None:
    """None for a folder this account may not see."""
    if not folder:
        return None

    async def load() -> Any:
        try:
            return (await tools.send(ONE, {"id": folder}, doing="a look at the folder")).get("name")
        except NotFound:
            return None

    name: str | None = await tools.memory.recall(f"name of {folder}", load, seconds=600.0)
    return name


CUSTOM = Custom(
    offline=True,  # what would be asked for is left out in the sandbox
    perform={"upload_file": _upload, "share_file": _share},
    prepare={"upload_file": _named, "create_folder": _new_folder, "copy_file": _copy, "search_files": _search},
    poll={"changes": _changes},
)
