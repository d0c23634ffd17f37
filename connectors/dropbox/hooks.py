"""Dropbox: paths of what people name, content in parts, what became of a move, and what changed since the last look."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors._kit.content import FileContent
from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.failures import Refused
from connectors._kit.plain_text import addresses, as_file_text
from engine.errors import NotFound, Rejected, Transient
from engine.ports import Answer
from engine.workflow.definition import Json

PART = 8 * 1024 * 1024  # bytes of one request; what is larger goes up in parts
PAGES = 5  # of one look at what changed; the next look goes on from there
BLOCK = 4 * 1024 * 1024  # of which Dropbox makes its hash of a content
CONTENT = {"Dropbox-API-Arg": "{argument|ascii}", "Content-Type": "application/octet-stream"}
START = Request(
    method="POST", host="content", path="/files/upload_session/start", encoding="bytes", headers=CONTENT, body={"file": "{part}"}
)
APPEND = Request(
    method="POST",
    host="content",
    path="/files/upload_session/append_v2",
    encoding="bytes",
    headers=CONTENT,
    body={"file": "{part}"},
    answer="none",
)
METADATA = Request(method="POST", path="/files/get_metadata", body={"path": "{path}"})
SEARCH = Request(method="POST", path="/files/search_v2", body={"query": "{name}", "options": {"filename_only": True, "max_results": 100}})
SHARE_FOLDER = Request(method="POST", path="/sharing/share_folder", body={"path": "{path}", "force_async": False})
LATEST = Request(method="POST", path="/files/list_folder/get_latest_cursor", body={"path": "{path|optional}", "recursive": True})
CHANGES = Request(method="POST", path="/files/list_folder/continue", body={"cursor": "{cursor}"})
REVISIONS = Request(method="POST", path="/files/list_revisions", body={"path": "{id}", "mode": "id", "limit": 2})


def path_of(said: str) -> str:
    """“Reports/2026/” → “/Reports/2026”; the top is the empty text, ids stay as they are."""
    text = said.strip()
    if text.startswith(("id:", "ns:", "rev:")):
        return text
    return "".join(f"/{part}" for part in text.split("/") if part.strip())


def parted(path: str) -> tuple[str, str]:
    """The folder's path (empty for the top) and the name in it."""
    folder, _, name = path.rpartition("/")
    return folder, name


def _is_live(tools: Tools) -> bool:
    return tools.credentials.account.mode == "live"


async def _folder(tools: Tools, said: str) -> str:
    """The path of a folder; one said by its id is asked for."""
    path = path_of(said)
    if path.startswith(("id:", "rev:")) and _is_live(tools):
        return str((await tools.send(METADATA, {"path": path}, doing="a look at the folder"))["path_display"])
    return path


async def _file(tools: Tools, said: str) -> str:
    """The path of a file: said as one, by its id, or by a name that only one file has. Raises NotFound or Rejected."""
    path = path_of(said)
    if not _is_live(tools) or "/" in said.strip().removesuffix("/"):
        return path
    if path.startswith(("id:", "rev:")):
        return str((await tools.send(METADATA, {"path": path}, doing="a look at the file"))["path_display"])
    found = await tools.send(SEARCH, {"name": said.strip()}, doing="a search for the file")
    called = [item["metadata"]["metadata"] for item in found.get("matches", []) if item.get("metadata", {}).get("metadata")]
    same = sorted({str(one["path_display"]) for one in called if str(one.get("name", "")).casefold() == said.strip().casefold()})
    if len(same) == 1:
        return same[0]
    if same:
        raise Rejected(f"Dropbox has {len(same)} files called “{said}”: {', '.join(same[:5])}. Say which by its path.")
    raise NotFound(
        f"Dropbox has no file called “{said}”, or has not listed it yet. Say its path, such as /Reports/{said.strip() or 'name'}."
    )


# --- uploads ------------------------------------------------------------------------------------------------------------


def content_hash(content: bytes) -> str:
    """Dropbox's own hash of a content: of the hashes of its blocks of 4 MiB."""
    blocks = (content[start : start + BLOCK] for start in range(0, len(content), BLOCK))
    return hashlib.sha256(b"".join(hashlib.sha256(block).digest() for block in blocks)).hexdigest()


async def _upload(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """A large content is put up part by part here, and committed by the request; a small one is the request."""
    file = _content(ask)
    called = str(ask.arguments.get("name") or file.name).replace("/", "-").replace("\\", "-")
    parent = await _folder(tools, str(ask.arguments.get("folder") or ""))
    path = f"{parent}/{called}"
    commit = {"path": path, "mode": "overwrite" if ask.arguments["replace"] else "add", "autorename": False}
    said = {
        "called": called,
        "parent": parent or "/",
        "path": path,
        "content_hash": content_hash(file.content),
        "length": len(file.content),
    }
    if len(file.content) <= PART or not _is_live(tools):
        return {**said, "route": "upload", "argument": commit, "content": file}
    cursor, rest = await _put_parts(tools, file)
    return {**said, "route": "upload_session/finish", "argument": {"cursor": cursor, "commit": commit}, "content": rest}


def _content(ask: Ask) -> FileContent:
    file = ask.arguments.get("file")
    if isinstance(file, FileContent):
        return file
    name = str(ask.arguments.get("name") or "text.txt")
    return FileContent(name, "text/plain", as_file_text(ask.arguments.get("text")).encode())


async def _put_parts(tools: Tools, file: FileContent) -> tuple[dict[str, Json], FileContent]:
    """Where the session stands, and the last part, which is not put up yet."""
    parts = [FileContent(file.name, file.media_type, file.content[at : at + PART]) for at in range(0, len(file.content), PART)]
    begun = await tools.send(START, {"argument": {"close": False}, "part": parts[0]}, doing="the upload's first part")
    session, offset = str(begun["session_id"]), len(parts[0].content)
    for part in parts[1:-1]:
        argument = {"cursor": {"session_id": session, "offset": offset}, "close": False}
        await tools.send(APPEND, {"argument": argument, "part": part}, doing="a part of the upload")
        offset += len(part.content)
    return {"session_id": session, "offset": offset}, parts[-1]


# --- folders, shares, moves, searches --------------------------------------------------------------------------------------


async def _new_folder(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    parent = await _folder(tools, str(ask.arguments.get("parent") or ""))
    path = parent + path_of(str(ask.arguments["name"]).removeprefix("id:").removeprefix("ns:").removeprefix("rev:"))
    if path == parent:
        raise Rejected("The folder needs a name.")
    return {"path": path, "called": parted(path)[1], "parent_path": parent or "/"}


async def _share(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    path = await _file(tools, str(ask.arguments["file"]))
    said = {"path": path, "called": parted(path)[1] or path, "people": list(ask.arguments.get("user") or ())}
    if not _is_live(tools):
        return said
    if not ask.arguments.get("user"):
        return {
            **said,
            "route": "create_shared_link_with_settings",
            "argument": {"path": path, "settings": _settings(ask)} if _settings(ask) else {"path": path},
        }
    return {**said, **await _invitation(ask, tools, path)}


def _settings(ask: Ask) -> dict[str, Json]:
    audience = ask.arguments.get("audience")
    return {
        **({"audience": {".tag": audience}} if audience else {}),
        **({"access": {".tag": "editor"}} if ask.arguments["role"] == "editor" else {}),
    }


async def _invitation(ask: Ask, tools: Tools, path: str) -> Mapping[str, Any]:
    people = [{".tag": "email", "email": address} for address in addresses(ask.arguments["user"])]
    level = {".tag": ask.arguments["role"]}
    message = {"custom_message": ask.arguments["text"]} if ask.arguments.get("text") else {}
    metadata = await tools.send(METADATA, {"path": path}, doing="a look at what is shared")
    if metadata.get(".tag") != "folder":
        return {"route": "add_file_member", "argument": {"file": path, "members": people, "access_level": level, **message}}
    shared = metadata.get("shared_folder_id") or await _made_shared(tools, path)
    members = [{"member": person, "access_level": level} for person in people]
    return {"route": "add_folder_member", "argument": {"shared_folder_id": shared, "members": members, **message}}


async def _made_shared(tools: Tools, path: str) -> str:
    """The id of the shared folder that this folder is from now on. Raises Transient while Dropbox is still at it."""
    made = await tools.send(SHARE_FOLDER, {"path": path}, doing="making it a shared folder")
    if not made.get("shared_folder_id"):
        raise Transient("Dropbox is still making it a shared folder.", 10.0)
    return str(made["shared_folder_id"])


async def _move(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    source = await _file(tools, str(ask.arguments["file"]))
    folder, name = parted(source)
    if ask.arguments.get("folder"):
        folder = await _folder(tools, str(ask.arguments["folder"]))
    if not _is_live(tools) and source.startswith("id:") and not ask.arguments.get("name"):
        return {"parent": folder or "/"}  # the sandbox knows what it is called
    name = str(ask.arguments.get("name") or name)
    return {"source": source, "target": f"{folder}/{name}", "called": name, "parent": folder or "/"}


async def _moved(ask: Ask, tools: Tools) -> Answer | None:
    """Done when it is there and no longer here, not done when it is here and not there; anything else somebody has to look at."""
    source = path_of(str(ask.arguments["file"]))
    if "/" not in source.removeprefix("/") and not str(ask.arguments["file"]).strip().startswith("/"):
        raise Rejected("It was named without its folder, so where it was cannot be told any more. Look there and say whether it was moved.")
    folder, name = parted(source)
    folder = await _folder(tools, str(ask.arguments["folder"])) if ask.arguments.get("folder") else folder
    there = await _metadata(tools, f"{folder}/{ask.arguments.get('name') or name}")
    here = await _metadata(tools, source)
    if there and not here:
        shown = {"id": there["id"], "file": there["path_display"], "name": there["name"], "path": there["path_display"]}
        return Answer({**shown, "folder": folder or "/", "url": f"https://www.dropbox.com/home{quote(there['path_display'])}"})
    if here and not there:
        return None
    raise Rejected("Whether it was moved cannot be told from what is there. Look there and say it.")


async def _metadata(tools: Tools, path: str) -> Any:
    try:
        return await tools.send(METADATA, {"path": path}, doing="a look whether it was done")
    except NotFound:
        return None


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    folder = await _folder(tools, str(said.get("folder") or ""))
    most = min(max(int(said["limit"]), 1), 1000)
    if not said.get("query"):
        if said.get("type"):
            raise Rejected("Say what to search for: without words Dropbox lists a folder whole, whatever its files are.")
        return {"route": "list_folder", "argument": {"path": folder, "limit": most}}
    options: dict[str, Json] = {"max_results": most, **({"path": folder} if folder else {})}
    if said.get("type"):
        options["file_categories"] = [said["type"]]
    return {"route": "search_v2", "argument": {"query": said["query"], "options": options}}


# --- what changed -----------------------------------------------------------------------------------------------------------


async def _changes(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """The first time only remembers where things stand; so does a cursor that Dropbox does not know any more."""
    if cursor is None:
        return Told((), await _latest(tools))
    items: list[Mapping[str, Any]] = []
    known: Mapping[str, Json] = cursor
    for _ in range(PAGES):
        try:
            told = await tools.send(CHANGES, {"cursor": known["cursor"]}, doing="a look at what changed")
        except Refused as refused:
            if _is_reset(refused):
                return Told(items, await _latest(tools))
            raise
        items += [await _seen(entry, tools) for entry in told.get("entries", []) if entry.get(".tag") == "file"]
        known = {"cursor": told["cursor"]}
        if not told.get("has_more"):
            break
    return Told(items, known)


def _is_reset(refused: Refused) -> bool:
    return refused.status == 409 and str((refused.body or {}).get("error_summary", "")).startswith("reset")


async def _latest(tools: Tools) -> dict[str, Json]:
    path = path_of(tools.credentials.get("watch"))
    return {"cursor": (await tools.send(LATEST, {"path": path}, doing="a look at where things stand"))["cursor"]}


async def _seen(entry: Mapping[str, Any], tools: Tools) -> Mapping[str, Any]:
    """A file without an older revision is new."""
    folder, name = parted(str(entry.get("path_display") or ""))
    try:
        known: Sequence[Any] = (await tools.send(REVISIONS, {"id": entry["id"]}, doing="a look at its revisions")).get("entries", [])
    except NotFound:
        known = ()  # gone again meanwhile
    kind = "updated" if len(known) > 1 else "created"
    placed = {"folder": folder.rpartition("/")[2] or "/", "folder_path": folder or "/"}
    return {
        **entry,
        "kind": kind,
        **placed,
        "type": name.rpartition(".")[2] if "." in name else "",
        "version": entry.get("rev"),
    }


CUSTOM = Custom(
    offline=True,  # what would be asked for is taken as it was said in the sandbox
    prepare={"upload_file": _upload, "create_folder": _new_folder, "share_file": _share, "move_file": _move, "search_files": _search},
    look={"move_file": _moved},
    poll={"changes": _changes},
)
