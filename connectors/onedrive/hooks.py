"""OneDrive: paths as parts of addresses, uploads whole or in parts, what became of a move, and what changed since the last look."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from dateutil.parser import isoparse

from connectors._kit.content import FileContent
from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.egress import read_url
from connectors._kit.foreign import foreign_json
from connectors._kit.plain_text import addresses, as_file_text
from engine.errors import NotFound, Rejected, Transient, Unanswered
from engine.ports import Answer
from engine.workflow.definition import Json

WHOLE = 4 * 1024 * 1024  # bytes of one request; what is larger goes up in parts
PART = 30 * 320 * 1024  # Graph wants multiples of 320 KiB
PART_TIME = 120.0  # seconds for one of them
PAGES = 5  # of one look at what changed; the next look goes on from there
OVERLAP = timedelta(minutes=5)  # by which a file may be older than the last look and still be new
TOP = "root"
ID = re.compile(r"(?:[0-9A-Fa-f]{8,}![\w.]+|01[A-Z2-7]{30,})")
TOKEN = re.compile(r"token='?([^'&)]+)")
SHOWN = "id,name,webUrl,size,eTag,parentReference,createdDateTime,lastModifiedDateTime,lastModifiedBy,file,folder"
ENDINGS = {
    "document": ("doc", "docx", "odt", "rtf", "txt", "md"),
    "spreadsheet": ("xls", "xlsx", "ods", "csv", "tsv"),
    "presentation": ("ppt", "pptx", "odp"),
    "pdf": ("pdf",),
    "image": ("png", "jpg", "jpeg", "gif", "svg", "webp", "heic", "tif", "tiff", "bmp"),
    "audio": ("mp3", "m4a", "wav", "ogg", "flac", "aac"),
    "video": ("mp4", "mov", "avi", "mkv", "webm", "wmv"),
}

ITEM = Request(method="GET", path="/drives/{drive_id}/items/{ref}", query={"$select": SHOWN})
SHARED = Request(method="GET", path="/shares/{share}/driveItem", query={"$select": SHOWN})
SEARCH = Request(method="GET", path="/drives/{drive_id}/search(q='{words}')", query={"$top": "{most}", "$select": SHOWN})
SEARCH_IN = Request(method="GET", path="/drives/{drive_id}/items/{ref}/search(q='{words}')", query={"$top": "{most}", "$select": SHOWN})
CHILDREN = Request(method="GET", path="/drives/{drive_id}/items/{ref}/children", query={"$top": "{most}", "$select": SHOWN})
PUT_UP = Request(
    method="PUT",
    path="/drives/{drive_id}/items/{target}/content",
    query={"@microsoft.graph.conflictBehavior": "{conflict}"},
    headers={"Content-Type": "application/octet-stream"},
    encoding="bytes",
    body={"file": "{content}"},
)
SESSION = Request(
    method="POST",
    path="/drives/{drive_id}/items/{target}/createUploadSession",
    body={"item": {"@microsoft.graph.conflictBehavior": "{conflict}", "name": "{called}"}},
)
DRIVE = Request(method="GET", path="/drives/{drive_id}", query={"$select": "id,name"})
OWN_DRIVE = Request(method="GET", path="/me/drive", query={"$select": "id,name"})
DELTA = Request(method="GET", path="/drives/{drive_id}/items/root/delta(token='{token}')")


# --- names ----------------------------------------------------------------------------------------------------------------


def ref_of(said: str) -> str:
    """How Graph writes an item in an address: its id, ``root``, or ``root:/Reports/2026:``."""
    text = said.strip()
    if ID.fullmatch(text):
        return text
    parts = [part.strip() for part in text.split("/") if part.strip()]
    return f"root:/{'/'.join(parts)}:" if parts and text.casefold() != TOP else TOP


def within(ref: str, name: str) -> str:
    """The item of that name in a folder."""
    return f"{ref.removesuffix(':')}/{name}:" if ref.endswith(":") else f"{ref}:/{name}:"


def share_id(link: str) -> str:
    """A sharing link as an id."""
    return "u!" + base64.urlsafe_b64encode(link.encode()).decode().rstrip("=")


async def _file(tools: Tools, drive: str, said: str) -> tuple[str, str]:
    """The drive and the reference of what is meant. A name without a folder is searched for. Raises NotFound or Rejected."""
    text = said.strip()
    if text.startswith("https://"):
        found = await tools.send(SHARED, {"share": share_id(text)}, doing="a look at the link")
        return str((found.get("parentReference") or {}).get("driveId") or drive), str(found["id"])
    if "/" in text or ID.fullmatch(text):
        return drive, ref_of(text)
    found = await tools.send(SEARCH, {"drive_id": drive, "words": quoted(text), "most": 50}, doing="a search for the file")
    same = [one for one in found.get("value") or [] if str(one.get("name", "")).casefold() == text.casefold()]
    if not same:
        raise NotFound(f"OneDrive has nothing called “{text}”, or has not listed it yet. Say its path, such as /Reports/{text}.")
    if len(same) > 1:
        raise Rejected(
            f"OneDrive has {len(same)} called “{text}”: {', '.join(sorted(path_of(one) for one in same)[:5])}. Say which by its path."
        )
    return drive, str(same[0]["id"])


def quoted(words: str) -> str:
    """Words inside quotes of an address; a quote is doubled there."""
    return words.replace("'", "''")


def folder_of(item: Mapping[str, Any]) -> str:
    """The path of an item's folder: ``/drives/…/root:/Reports`` → ``/Reports``."""
    path = str((item.get("parentReference") or {}).get("path") or "")
    return unquote(path.partition("root:")[2]) or "/"


def name_of(folder: str) -> str:
    return folder.rpartition("/")[2] or "/"


def path_of(item: Mapping[str, Any]) -> str:
    return f"{folder_of(item).rstrip('/')}/{item.get('name')}"


def _is_live(tools: Tools) -> bool:
    return tools.credentials.account.mode == "live"


# --- uploads ----------------------------------------------------------------------------------------------------------------


def _content(ask: Ask) -> FileContent:
    file = ask.arguments.get("file")
    if isinstance(file, FileContent):
        return file
    return FileContent(str(ask.arguments.get("name") or "text.txt"), "text/plain", as_file_text(ask.arguments.get("text")).encode())


async def _placed(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """Where it goes and how it is recognised there."""
    file = _content(ask)
    called = str(ask.arguments.get("name") or file.name).replace("/", "-").replace("\\", "-")
    return {"called": called, "target": within(ref_of(str(ask.arguments.get("folder") or "")), called), "length": file.size}


async def _upload(ask: Ask, tools: Tools) -> Answer:
    file, placed = _content(ask), await _placed(ask, tools)
    replace = ask.arguments["replace"]
    scope = {**placed, "drive_id": ask.arguments["drive_id"], "content": file}
    if file.size <= WHOLE:
        made = await tools.send(PUT_UP, {**scope, "conflict": None if replace else "fail"}, doing="upload_file", may_repeat=False)
    else:
        opened = await tools.send(SESSION, {**scope, "conflict": "replace" if replace else "fail"}, doing="the upload's beginning")
        made = await _put_parts(tools, str(opened.get("uploadUrl") or ""), file)
    made = made or {"name": placed["called"], "size": file.size}
    return Answer(
        {
            "id": made.get("id"),
            "file": made.get("id"),
            "name": made.get("name"),
            "url": made.get("webUrl"),
            "folder": (made.get("parentReference") or {}).get("id"),
            "size": made.get("size"),
            "version": made.get("eTag"),
        }
    )


async def _put_parts(tools: Tools, address: str, file: FileContent) -> Any:
    """The address is a secret of its own and is asked without our credential. Only the last part brings the file about."""
    url = read_url(address)
    answer = None
    for start in range(0, file.size, PART):
        part = file.content[start : start + PART]
        last = start + len(part) == file.size
        headers = {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{file.size}", "Content-Type": "application/octet-stream"}
        answer = await tools.web.send("PUT", url, headers, part, may_repeat=not last, total=PART_TIME)
        if answer.status >= 500:
            raise (Unanswered if last else Transient)(f"OneDrive failed at a part of the upload (status {answer.status}).")
        if answer.status >= 400:
            raise Rejected(f"OneDrive refused a part of the upload (status {answer.status}); is there a file of that name already?")
    return foreign_json(answer.content) if answer is not None and answer.content else None


# --- folders, shares, moves, searches ------------------------------------------------------------------------------------------


async def _new_folder(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    parent = ref_of(str(ask.arguments.get("parent") or ""))
    return {"parent_ref": parent, "target": within(parent, str(ask.arguments["name"]))}


async def _share(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    people = list(said.get("user") or ())
    if not _is_live(tools):
        return {"item_ref": said["file"], "people": people}
    drive, ref = await _file(tools, str(said["drive_id"]), str(said["file"]))
    placed = {"item_ref": ref, "item_drive": drive, "people": people}
    edits = said["role"] == "editor"
    if not people:
        scope = {"public": "anonymous", "organization": "organization"}.get(str(said.get("audience")))
        return {**placed, "route": "createLink", "argument": {"type": "edit" if edits else "view", **({"scope": scope} if scope else {})}}
    invitation = {
        "recipients": [{"email": address} for address in addresses(people)],
        "roles": ["write" if edits else "read"],
        "requireSignIn": True,
        "sendInvitation": True,
        **({"message": said["text"]} if said.get("text") else {}),
    }
    return {**placed, "route": "invite", "argument": invitation}


async def _move(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if not _is_live(tools):
        return {}
    said = ask.arguments
    drive, ref = await _file(tools, str(said["drive_id"]), str(said["file"]))
    item = await tools.send(ITEM, {"drive_id": drive, "ref": ref}, doing="a look at the file")
    parent = await _parent(tools, drive, str(said["folder"])) if said.get("folder") else None
    return {"item_id": item.get("id"), "etag": item.get("eTag"), "parent": parent}


async def _parent(tools: Tools, drive: str, folder: str) -> Mapping[str, Any]:
    ref = ref_of(folder)
    found = {"id": ref} if ID.fullmatch(ref) else await tools.send(ITEM, {"drive_id": drive, "ref": ref}, doing="a look at the folder")
    return {"id": found.get("id")}


async def _moved(ask: Ask, tools: Tools) -> Answer | None:
    """Done when it is there and no longer here, not done when it is here and not there; anything else somebody has to look at."""
    said = ask.arguments
    text, drive = str(said["file"]).strip(), str(said.get("drive_id") or said.get("drive") or "")
    drive = drive or str((await tools.send(OWN_DRIVE, {}, doing="a look at the drive"))["id"])
    if ID.fullmatch(text):
        return await _moved_by_id(ask, tools, drive, text)
    if "/" not in text or text.startswith("https://"):
        raise Rejected("It was named without its folder, so where it was cannot be told any more. Look there and say whether it was moved.")
    here = ref_of(text)
    name = str(said.get("name") or text.rstrip("/").rpartition("/")[2])
    folder = ref_of(str(said["folder"])) if said.get("folder") else ref_of(text.rstrip("/").rpartition("/")[0])
    there = await _look(tools, drive, within(folder, name))
    still = await _look(tools, drive, here)
    if there and not still:
        return Answer(_told(there))
    if still and not there:
        return None
    raise Rejected("Whether it was moved cannot be told from what is there. Look there and say it.")


async def _moved_by_id(ask: Ask, tools: Tools, drive: str, id: str) -> Answer | None:
    item = await tools.send(ITEM, {"drive_id": drive, "ref": id}, doing="a look whether it was done")
    parent = await _parent(tools, drive, str(ask.arguments["folder"])) if ask.arguments.get("folder") else None
    named = ask.arguments.get("name") in (None, item.get("name"))
    placed = parent is None or parent["id"] == (item.get("parentReference") or {}).get("id")
    return Answer(_told(item)) if named and placed else None


async def _look(tools: Tools, drive: str, ref: str) -> Any:
    try:
        return await tools.send(ITEM, {"drive_id": drive, "ref": ref}, doing="a look whether it was done")
    except NotFound:
        return None


def _told(item: Mapping[str, Any]) -> dict[str, Json]:
    return {
        "id": item.get("id"),
        "file": item.get("id"),
        "name": item.get("name"),
        "url": item.get("webUrl"),
        "folder": (item.get("parentReference") or {}).get("id"),
        "size": item.get("size"),
        "version": item.get("eTag"),
    }


async def _search(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    most = min(max(int(said["limit"]), 1), 200)
    scope = {
        "drive_id": said["drive_id"],
        "ref": ref_of(str(said.get("folder") or "")),
        "words": quoted(str(said.get("query") or "")),
        "most": most,
    }
    request = CHILDREN if not said.get("query") else SEARCH_IN if said.get("folder") else SEARCH
    found = (await tools.send(request, scope, doing="search_files")).get("value") or []
    items: list[Json] = [_listed(one) for one in found if _is_of(one, said.get("type"))]
    return Answer({"count": len(items), "items": items[:most]})


def _is_of(item: Mapping[str, Any], kind: str | None) -> bool:
    if not kind:
        return True
    if kind == "folder":
        return item.get("folder") is not None
    return str(item.get("name") or "").rpartition(".")[2].lower() in ENDINGS[kind]


def _listed(item: Mapping[str, Any]) -> dict[str, Json]:
    user = (item.get("lastModifiedBy") or {}).get("user") or {}
    return {
        "id": item.get("id"),
        "file": item.get("id"),
        "name": item.get("name"),
        "kind": "folder" if item.get("folder") is not None else "file",
        "url": item.get("webUrl"),
        "size": item.get("size"),
        "author": user.get("email") or user.get("displayName"),
        "folder": folder_of(item),
        "modified_at": item.get("lastModifiedDateTime"),
    }


# --- what changed ---------------------------------------------------------------------------------------------------------------


async def _changes(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """A file is new when it was made since the last look and was not told before; the cursor keeps those told lately."""
    now, drive = tools.clock.now(), await _drive(tools)
    if cursor is None:
        told = await tools.send(DELTA, {"drive_id": drive, "token": "latest"}, doing="a look at where things stand")
        return Told((), {"token": token_in(told), "since": now.isoformat()})
    token, since = str(cursor["token"]), datetime.fromisoformat(str(cursor["since"])) - OVERLAP
    known = cursor.get("lately")
    lately: dict[str, Json] = dict(known) if isinstance(known, dict) else {}
    items: list[Mapping[str, Any]] = []
    for _ in range(PAGES):
        told = await tools.send(DELTA, {"drive_id": drive, "token": token}, doing="a look at what changed")
        items += [_seen(one, since, lately) for one in told.get("value") or [] if one.get("file") is not None and not one.get("deleted")]
        token = token_in(told) or token
        if not told.get("@odata.nextLink"):
            break
    fresh = {id: made for id, made in lately.items() if isoparse(str(made)) > now - 2 * OVERLAP}
    return Told(items, {"token": token, "since": now.isoformat(), "lately": fresh})


def token_in(told: Mapping[str, Any]) -> str:
    """The token in the link to the next page, or to the next look."""
    found = TOKEN.search(unquote(str(told.get("@odata.nextLink") or told.get("@odata.deltaLink") or "")))
    return found[1] if found else ""


async def _drive(tools: Tools) -> str:
    if said := tools.credentials.get("drive"):
        return said

    async def load() -> Any:
        return (await tools.send(OWN_DRIVE, {}, doing="a look at the drive"))["id"]

    return str(await tools.memory.recall("own drive", load, seconds=86_400.0))


async def _probe(tools: Tools) -> None:
    """An app that speaks for itself has no drive of its own."""
    said = tools.credentials.get("drive")
    await tools.send(DRIVE if said else OWN_DRIVE, {"drive_id": said}, doing="the probe")


def _seen(item: Mapping[str, Any], since: datetime, lately: dict[str, Json]) -> Mapping[str, Any]:
    made = str(item.get("createdDateTime") or "")
    is_new = bool(made) and isoparse(made) > since and item["id"] not in lately
    if is_new:
        lately[str(item["id"])] = made
    return {
        **item,
        "kind": "created" if is_new else "updated",
        "folder": name_of(folder_of(item)),
        "folder_path": folder_of(item),
        "path": path_of(item),
    }


CUSTOM = Custom(
    offline=True,  # what would be asked for is left out in the sandbox
    perform={"upload_file": _upload, "search_files": _search},
    prepare={"upload_file": _placed, "create_folder": _new_folder, "share_file": _share, "move_file": _move},
    look={"move_file": _moved},
    probe=_probe,
    poll={"changes": _changes},
)
