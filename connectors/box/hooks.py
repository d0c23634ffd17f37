"""Box: paths walked to ids, uploads that are told from those already there, links and invitations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors._kit.content import FileContent
from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.described_wire import Request
from connectors._kit.failures import Refused
from connectors._kit.plain_text import addresses, as_file_text
from engine.errors import NotFound, Rejected
from engine.ports import Answer
from engine.workflow.definition import Json

LARGEST = 50 * 1000 * 1000  # bytes Box takes in one request
MOST = 5_000  # items of one folder that are read for a name
PAGE = 1_000
TOP = "0"
ID = re.compile(r"\d{5,}")
LINK = re.compile(r"https://(?:[\w-]+\.)*box\.com/(?:\w+/)*?(?P<kind>file|folder)/(?P<id>\d+)")
SHOWN = "id,type,name,size,etag,parent"
EXTENSIONS = {
    "document": "doc,docx,gdoc,odt,rtf,txt,md,boxnote",
    "spreadsheet": "xls,xlsx,ods,csv,tsv,gsheet",
    "presentation": "ppt,pptx,odp,key,gslides",
    "pdf": "pdf",
    "image": "png,jpg,jpeg,gif,svg,webp,heic,tif,tiff,bmp",
    "audio": "mp3,m4a,wav,ogg,flac,aac",
    "video": "mp4,mov,avi,mkv,webm,wmv",
}
AUDIENCES = {"public": "open", "company": "company", "invited": "collaborators"}

ITEMS = Request(
    method="GET", path="/folders/{id}/items", query={"fields": "id,type,name", "usemarker": "true", "limit": PAGE, "marker": "{marker}"}
)
SEARCH = Request(
    method="GET",
    path="/search",
    query={"query": "{words}", "content_types": "name", "type": "{only}", "fields": "id,type,name", "limit": 50},
)
PUT_UP = Request(
    method="POST",
    host="upload",
    path="/files/content",
    query={"fields": SHOWN},
    headers={"Content-MD5": "{sha1}"},
    encoding="multipart",
    body={"attributes": {"name": "{called}", "parent": {"id": "{folder}"}}, "file": "{content}"},
)
NEW_VERSION = Request(
    method="POST",
    host="upload",
    path="/files/{id}/content",
    query={"fields": SHOWN},
    headers={"Content-MD5": "{sha1}", "If-Match": "{etag}"},
    encoding="multipart",
    body={"attributes": {"name": "{called}"}, "file": "{content}"},
)
NEW_FOLDER = Request(
    method="POST", path="/folders", query={"fields": "id,type,name"}, body={"name": "{name}", "parent": {"id": "{folder}"}}
)
LINKED = Request(method="PUT", path="/{kind}/{id}", query={"fields": "id,type,name,shared_link"}, body={"shared_link": "{link}"})
NAMED = Request(method="GET", path="/{kind}/{id}", query={"fields": "id,type,name,shared_link"})
INVITED = Request(
    method="POST",
    path="/collaborations",
    query={"notify": "true"},
    body={"item": {"type": "{type}", "id": "{id}"}, "accessible_by": {"type": "user", "login": "{address}"}, "role": "{role}"},
)


@dataclass(frozen=True, slots=True)
class Item:
    """``type`` is file or folder."""

    type: str
    id: str

    @property
    def kind(self) -> str:
        """As its resource is called."""
        return f"{self.type}s"


# --- names ----------------------------------------------------------------------------------------------------------------


async def _folder(tools: Tools, said: str) -> str:
    """The id of a folder: a path from the top, its name, link or id. Raises NotFound or Rejected."""
    text = said.strip()
    if text.strip("/").casefold() in ("", TOP, "all files"):
        return TOP
    item = await _item(tools, text, only="folder")
    return item.id


async def _item(tools: Tools, said: str, *, only: str = "") -> Item:
    text = said.strip()
    link = LINK.match(text)
    if link:
        return Item(link["kind"], link["id"])
    if ID.fullmatch(text):
        return Item(only or "file", text)
    parts = [part.strip() for part in text.split("/") if part.strip()]
    if len(parts) < 2 and not text.startswith("/"):
        return await _anywhere(tools, text, only)
    where = TOP
    for part in parts[:-1]:
        where = (await _child(tools, where, part, "folder", text)).id
    return await _child(tools, where, parts[-1], only, text)


async def _child(tools: Tools, folder: str, name: str, only: str, path: str) -> Item:
    """What is not among those remembered may have been made since."""
    try:
        return _one(await _children(tools, folder, seconds=30.0), name, only, path)
    except NotFound:
        return _one(await _children(tools, folder, seconds=1.0), name, only, path)


async def _children(tools: Tools, folder: str, *, seconds: float) -> Sequence[Mapping[str, Any]]:
    async def load() -> Any:
        found: list[Mapping[str, Any]] = []
        marker: str | None = None
        while len(found) < MOST:
            page = await tools.send(ITEMS, {"id": folder, "marker": marker}, doing="a look into the folder")
            found += page.get("entries", [])
            marker = page.get("next_marker")
            if not marker:
                break
        return found

    known: Sequence[Mapping[str, Any]] = await tools.memory.recall(f"items of {folder}", load, seconds=seconds)
    return known


def _one(items: Sequence[Mapping[str, Any]], name: str, only: str, path: str) -> Item:
    same = [one for one in items if str(one.get("name", "")).casefold() == name.casefold() and (not only or one.get("type") == only)]
    exact = [one for one in same if one.get("name") == name] or same
    if not exact:
        raise NotFound(f"Box has no {only or 'file or folder'} “{name}” there ({path}), or the credential may not see it.")
    return Item(str(exact[0]["type"]), str(exact[0]["id"]))


async def _anywhere(tools: Tools, name: str, only: str) -> Item:
    """Among those at the top first: a search knows what is new only after a while."""
    try:
        return await _child(tools, TOP, name, only, name)
    except NotFound:
        found = (await tools.send(SEARCH, {"words": f'"{name}"', "only": only or None}, doing="a search for it")).get("entries", [])
    same = [one for one in found if str(one.get("name", "")).casefold() == name.casefold()]
    if len(same) > 1:
        links = ", ".join(f"https://app.box.com/{one['type']}/{one['id']}" for one in same[:5])
        raise Rejected(f"Box has {len(same)} called “{name}”. Say which by its path or link: {links}.")
    return _one(same, name, only, "everywhere")


# --- uploads ----------------------------------------------------------------------------------------------------------------


async def _upload(ask: Ask, tools: Tools) -> Answer:
    """A name that is taken by the same content was put there by this ask, or need not be put there again."""
    file = _content(ask)
    if file.size > LARGEST:
        raise Rejected(
            f"“{file.name}” has {file.size // 1_000_000} MB; Box takes up to 50 MB at once, and larger files are not put up from here."
        )
    sha1 = hashlib.sha1(file.content).hexdigest()  # noqa: S324  # Box's own check of what arrived
    scope = {
        "called": _called(ask, file),
        "folder": await _folder(tools, str(ask.arguments.get("folder") or "")),
        "content": file,
        "sha1": sha1,
    }
    try:
        made = (await tools.send(PUT_UP, scope, doing="upload_file"))["entries"][0]
    except Refused as refused:
        there = conflict(refused, "file")
        if there is None or (there.get("sha1") != sha1 and not ask.arguments["replace"]):
            raise
        made = there
        if there.get("sha1") != sha1:
            scope |= {"id": there["id"], "etag": there.get("etag")}
            made = (await tools.send(NEW_VERSION, scope, doing="upload_file"))["entries"][0]
    return Answer(_shown(made, file.size, str(scope["folder"])))


def _called(ask: Ask, file: FileContent) -> str:
    return str(ask.arguments.get("name") or file.name).replace("/", "-").replace("\\", "-")


def _content(ask: Ask) -> FileContent:
    file = ask.arguments.get("file")
    if isinstance(file, FileContent):
        return file
    return FileContent(str(ask.arguments.get("name") or "text.txt"), "text/plain", as_file_text(ask.arguments.get("text")).encode())


def conflict(refused: Refused, kind: str) -> Mapping[str, Any] | None:
    """What has the name already, from a 409; Box gives one thing or a list of them."""
    said = (refused.body or {}).get("context_info", {}).get("conflicts") if refused.status == 409 else None
    found = said[0] if isinstance(said, list) and said else said
    return found if isinstance(found, dict) and found.get("type") == kind else None


def _shown(made: Mapping[str, Any], size: int, folder: str) -> dict[str, Json]:
    return {
        "id": made.get("id"),
        "file": made.get("id"),
        "name": made.get("name"),
        "url": f"https://app.box.com/file/{made.get('id')}",
        "folder": (made.get("parent") or {}).get("id", folder),
        "size": made.get("size", size),
        "version": made.get("etag"),
    }


async def _new_folder(ask: Ask, tools: Tools) -> Answer:
    scope = {"name": ask.arguments["name"], "folder": await _folder(tools, str(ask.arguments.get("parent") or ""))}
    try:
        made = await tools.send(NEW_FOLDER, scope, doing="create_folder")
    except Refused as refused:
        there = conflict(refused, "folder")
        if there is None:
            raise
        made = there
    url = f"https://app.box.com/folder/{made.get('id')}"
    return Answer({"id": made.get("id"), "folder": made.get("id"), "file": url, "name": made.get("name"), "url": url})


# --- shares, moves, searches ---------------------------------------------------------------------------------------------------


async def _share(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    item = await _item(tools, str(said["file"]))
    people = addresses(said.get("user") or ())
    if people:
        for address in people:
            await _invite(tools, item, address, str(said["role"]))
        made = await tools.send(NAMED, {"kind": item.kind, "id": item.id}, doing="a look at what was shared")
    else:
        made = await tools.send(LINKED, {"kind": item.kind, "id": item.id, "link": _link(ask, item)}, doing="share_file")
    link = (made.get("shared_link") or {}).get("url")
    url = link or f"https://app.box.com/{item.type}/{item.id}"
    return Answer({"id": item.id, "file": item.id, "name": made.get("name"), "url": url, "user": list(people), "role": said["role"]})


def _link(ask: Ask, item: Item) -> dict[str, Json]:
    audience = ask.arguments.get("audience")
    edits = ask.arguments["role"] == "editor" and item.type == "file"
    return {**({"access": AUDIENCES[audience]} if audience else {}), **({"permissions": {"can_edit": True}} if edits else {})}


async def _invite(tools: Tools, item: Item, address: str, role: str) -> None:
    try:
        await tools.send(INVITED, {"type": item.type, "id": item.id, "address": address, "role": role}, doing=f"inviting {address}")
    except Refused as refused:
        if not (refused.status in (400, 409) and "user_already_collaborator" in str(refused.body)):
            raise


async def _move(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if not _is_live(tools):
        return {}
    item = await _item(tools, str(ask.arguments["file"]))
    folder = {"id": await _folder(tools, str(ask.arguments["folder"]))} if ask.arguments.get("folder") else None
    return {"kind": item.kind, "item_id": item.id, "folder_id": folder}


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if not _is_live(tools):
        return {}
    said = ask.arguments
    folder = await _folder(tools, str(said["folder"])) if said.get("folder") else ""
    if not said.get("query"):
        if said.get("type"):
            raise Rejected("Say what to search for: without words Box lists a folder whole, whatever its files are.")
        return {"route": f"folders/{folder or TOP}/items"}
    kind = said.get("type")
    return {
        "route": "search",
        "words": said["query"],
        "inside": folder or None,
        "extensions": EXTENSIONS.get(kind or ""),
        "only": ("folder" if kind == "folder" else "file") if kind else None,
    }


async def _named(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    file = _content(ask)
    return {"called": _called(ask, file), "length": file.size}


def _is_live(tools: Tools) -> bool:
    return tools.credentials.account.mode == "live"


CUSTOM = Custom(
    offline=True,  # what would be asked for is left out in the sandbox
    perform={"upload_file": _upload, "create_folder": _new_folder, "share_file": _share},
    prepare={"upload_file": _named, "move_file": _move, "search_files": _search},
)
