"""The methods of Slack's Web API that Signalbox may call, over the fake workspace; any other is refused loudly."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from tests.peers.slack.judge import faults_of_message, faults_of_view
from tests.peers.slack.workspace import APP_ID, BOT_ID, BOT_USER, TEAM_ID, Channel, File, Message, Refusal, View, Workspace

Arguments = dict[str, Any]
Answer = dict[str, Any]

# What each method needs; one of them is enough.
SCOPES: dict[str, set[str]] = {
    "auth.test": set(),
    "apps.connections.open": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "conversations.list": {"channels:read", "groups:read"},
    "users.conversations": {"channels:read", "groups:read"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "conversations.open": {"im:write"},
    "users.info": {"users:read"},
    "usergroups.list": {"usergroups:read"},
    "views.open": set(),
    "views.update": set(),
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.info": {"files:read"},
}
KINDS = {"C": "public_channel", "G": "private_channel", "D": "im"}


class WebApi:
    """``refused`` keeps every message or modal that Slack would not have taken, with the faults; ``page`` is the longest page."""

    def __init__(self, workspace: Workspace, base_url: Callable[[], str]) -> None:
        self.workspace = workspace
        self.scopes: set[str] = set()
        self.refused: list[tuple[dict[str, Any], list[str]]] = []
        self.triggers: dict[str, tuple[str, float]] = {}
        self.page = 1000
        self._base_url = base_url

    def do(self, method: str, arguments: Arguments) -> Answer:
        needed = SCOPES[method]
        if needed and not needed & self.scopes:
            raise Refusal("missing_scope", needed=",".join(sorted(needed)), provided=",".join(sorted(self.scopes)))
        answer: Answer = getattr(self, "_" + method.replace(".", "_"))(arguments)
        return answer

    # --- who and where ----------------------------------------------------------------------------------------------------

    def _auth_test(self, _: Arguments) -> Answer:
        return {"user": "signalbox", "user_id": BOT_USER, "bot_id": BOT_ID, "team": "Fake Team", "team_id": TEAM_ID, "url": "https://fake.slack.com/"}

    def _apps_connections_open(self, _: Arguments) -> Answer:
        url = self._base_url().replace("http://", "ws://")
        return {"url": f"{url}/link/?ticket=t{self.workspace.number()}&app_id={APP_ID}"}

    def _users_info(self, a: Arguments) -> Answer:
        person = self.workspace.people.get(a["user"])
        if person is None:
            raise Refusal("user_not_found")
        user = person.as_json()
        if str(a.get("include_locale", "")) not in ("1", "true"):
            user.pop("locale")
        return {"user": user}

    def _usergroups_list(self, a: Arguments) -> Answer:
        shown = str(a.get("include_users", "")) in ("1", "true")
        groups = self.workspace.groups.items()
        return {"usergroups": [{"id": id, "handle": handle, "name": handle, **({"users": users} if shown else {})} for id, (handle, users) in groups]}

    def _conversations_list(self, a: Arguments) -> Answer:
        return self._listed(a, lambda channel: not channel.private or BOT_USER in channel.members)

    def _users_conversations(self, a: Arguments) -> Answer:
        return self._listed(a, lambda channel: BOT_USER in channel.members)

    def _listed(self, a: Arguments, seen: Callable[[Channel], bool]) -> Answer:
        kinds = a.get("types", "public_channel").split(",")
        archived = str(a.get("exclude_archived", "")) not in ("1", "true")
        found = [c for c in self.workspace.channels.values() if KINDS[c.id[0]] in kinds and seen(c) and (archived or not c.archived)]
        page, more = self._page(found, a)
        return {"channels": [channel.as_json() for channel in page], "response_metadata": {"next_cursor": more}}

    def _page(self, found: list[Any], a: Arguments) -> tuple[list[Any], str]:
        start, limit = int(a.get("cursor") or 0), min(int(a.get("limit") or 100), self.page)
        return found[start : start + limit], str(start + limit) if start + limit < len(found) else ""

    def _conversations_open(self, a: Arguments) -> Answer:
        users = a["users"].split(",") if isinstance(a["users"], str) else a["users"]
        if users[0] not in self.workspace.people:
            raise Refusal("user_not_found")
        return {"channel": {"id": self.workspace.direct(users[0]).id}}

    # --- messages ---------------------------------------------------------------------------------------------------------

    def _writable(self, id: str) -> Channel:
        channel = self.workspace.channels.get(id)
        if channel is None or (channel.private and BOT_USER not in channel.members):
            raise Refusal("channel_not_found")
        if channel.archived:
            raise Refusal("is_archived")
        if BOT_USER not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def judged(self, a: Arguments) -> None:
        faults = faults_of_message(a) + self._unshowable_files(a)
        if faults:
            self.refused.append((copy.deepcopy(a), faults))
            code = "msg_blocks_too_long" if "msg_blocks_too_long" in faults else "invalid_blocks"
            raise Refusal(code if a.get("blocks") or a.get("attachments") else "no_text", *faults)

    def _unshowable_files(self, a: Arguments) -> list[str]:
        wanted = [block["slack_file"]["id"] for block in a.get("blocks") or () if "slack_file" in block]
        return [f"invalid slack file {id}" for id in wanted if id not in self.workspace.files or not self.workspace.files[id].ready]

    def _message(self, a: Arguments, **more: Any) -> Message:
        fresh = copy.deepcopy(a)
        return self.workspace.add(
            Message(
                ts=self.workspace.ts(),
                channel=a["channel"],
                user=BOT_USER,
                text=a.get("text", ""),
                blocks=fresh.get("blocks") or [],
                attachments=fresh.get("attachments") or [],
                thread=a.get("thread_ts", ""),
                bot=True,
                **more,
            )
        )

    def _chat_postMessage(self, a: Arguments) -> Answer:
        if a["channel"] in self.workspace.people:
            a = a | {"channel": self.workspace.direct(a["channel"]).id}
        self._writable(a["channel"])
        self.judged(a)
        message = self._message(a, metadata=a.get("metadata"))
        return {"channel": a["channel"], "ts": message.ts, "message": message.as_json()}

    def _chat_postEphemeral(self, a: Arguments) -> Answer:
        channel = self._writable(a["channel"])
        if a["user"] not in channel.members:
            raise Refusal("user_not_in_channel")
        self.judged(a)
        return {"message_ts": self._message(a, only_for=a["user"]).ts}

    def _chat_update(self, a: Arguments) -> Answer:
        self._writable(a["channel"])
        message = self.workspace.message(a["channel"], a["ts"])
        if message is None:
            raise Refusal("message_not_found")
        if not message.bot:
            raise Refusal("cant_update_message")
        self.judged(a)
        message.versions.append(copy.deepcopy(message.as_json()))
        fresh = copy.deepcopy(a)
        message.text = a.get("text", message.text)
        message.blocks = fresh.get("blocks") or ([] if "text" in a or "blocks" in a else message.blocks)
        message.attachments = fresh["attachments"] if "attachments" in a else message.attachments
        for block in message.all_blocks():
            block.setdefault("block_id", f"b{self.workspace.number()}")
        return {"channel": a["channel"], "ts": message.ts, "text": message.text}

    def _conversations_history(self, a: Arguments) -> Answer:
        return self._read(a, [m for m in self._readable(a["channel"]).messages if not m.thread or m.thread == m.ts][::-1])

    def _conversations_replies(self, a: Arguments) -> Answer:
        return self._read(a, [m for m in self._readable(a["channel"]).messages if a["ts"] in (m.ts, m.thread)])

    def _readable(self, id: str) -> Channel:
        channel = self.workspace.channels.get(id)
        if channel is None or (channel.private and BOT_USER not in channel.members):
            raise Refusal("channel_not_found")
        if BOT_USER not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def _read(self, a: Arguments, found: list[Message]) -> Answer:
        metadata = str(a.get("include_all_metadata", "")) in ("1", "true")
        page, more = self._page([message for message in found if not message.deleted], a)
        return {
            "messages": [message.as_json(metadata=metadata) for message in page],
            "has_more": bool(more),
            "response_metadata": {"next_cursor": more},
        }

    # --- modals -----------------------------------------------------------------------------------------------------------

    def trigger(self, user: str) -> str:
        id = f"{self.workspace.number()}.{TEAM_ID}.trigger"
        self.triggers[id] = (user, asyncio.get_running_loop().time() + 3.0)
        return id

    def _views_open(self, a: Arguments) -> Answer:
        user, until = self.triggers.get(a["trigger_id"], ("", -1.0))
        if until < 0:
            raise Refusal("invalid_trigger_id" if not user else "exchanged_trigger_id")
        if until < asyncio.get_running_loop().time():
            raise Refusal("expired_trigger_id")
        self.triggers[a["trigger_id"]] = (user, -1.0)
        self._judge_view(a["view"])
        view = View(f"V{self.workspace.number()}", user, copy.deepcopy(a["view"]))
        self.workspace.views[view.id] = view
        return {"view": {"id": view.id, **view.content}}

    def _views_update(self, a: Arguments) -> Answer:
        view = self.workspace.views.get(a["view_id"])
        if view is None or not view.open:
            raise Refusal("not_found")
        self._judge_view(a["view"])
        view.content = copy.deepcopy(a["view"])
        return {"view": {"id": view.id, **view.content}}

    def _judge_view(self, view: dict[str, Any]) -> None:
        if faults := faults_of_view(view):
            self.refused.append((copy.deepcopy(view), faults))
            raise Refusal("invalid_arguments", *faults)

    # --- files ------------------------------------------------------------------------------------------------------------

    def _files_getUploadURLExternal(self, a: Arguments) -> Answer:
        if int(a["length"]) < 1:
            raise Refusal("invalid_arguments")
        file = File(f"F{self.workspace.number()}", a["filename"], a.get("alt_txt", ""), looks_left=self.workspace.looks_before_ready)
        self.workspace.files[file.id] = file
        return {"file_id": file.id, "upload_url": f"{self._base_url()}/upload/{file.id}"}

    def _files_completeUploadExternal(self, a: Arguments) -> Answer:
        for one in a["files"]:
            file = self.workspace.files.get(one["id"])
            if file is None or not file.data:
                raise Refusal("file_not_found")
            file.complete = True
            if a.get("channel_id"):
                self._writable(a["channel_id"])
                file.shared.append((a["channel_id"], a.get("thread_ts", "")))
        return {"files": [{"id": one["id"], "title": one.get("title", "")} for one in a["files"]]}

    def _files_info(self, a: Arguments) -> Answer:
        file = self.workspace.files.get(a["file"])
        if file is None:
            raise Refusal("file_not_found")
        said = {"id": file.id, "name": file.name, "mimetype": "image/png" if file.ready else ""}
        file.looks_left -= 1
        return {"file": said}
