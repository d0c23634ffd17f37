"""Which description judges which service, and what its examples need around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """``specs``: names of the descriptions; ``hosts``: host → description, where it is not the first one. ``environ``: the account's settings.

    ``known``: values that the description's own example answers know, by input or ``operation.input``; they replace those of the example, so that look-ups
    find something. ``not_described``: operations whose request the trimmed description leaves out (→ method and path); they are tried against the script only.
    ``fixed``: inputs that only mean something as the example says them, and are not varied. ``bodiless``: operations that the description answers without the body
    that the vendor sends: such an answer cannot be cut off.
    """

    specs: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    not_described: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    bodiless: frozenset[str] = frozenset()


JUDGED: Mapping[str, Judged] = {
    "email": Judged(environ={"EMAIL_URL": "smtp://127.0.0.1:2525", "EMAIL_FROM": "bot@acme.example"}),
    "github": Judged(
        specs=("github",),
        environ={"GITHUB_TOKEN": "test-token"},
        not_described={"merge_pull_request": "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"},
        # Titles of milestones and names of workflows are looked up at addresses that the trimmed description leaves out.
        fixed=frozenset({"repo", "issue", "pull_request", "assignee", "assignees", "sha", "milestone", "workflow"}),
    ),
    "trello": Judged(
        specs=("trello",),
        environ={"TRELLO_KEY": "test-token", "TRELLO_TOKEN": "test-token"},
        # Its labels are looked up at GET /boards/{id}/labels, which the trimmed description leaves out.
        known={"board": "Trello Platform Changes", "list": "Things to buy today", "card": "5abbe4b7ddc1b351ef961430", "labels": None},
        fixed=frozenset({"board", "list", "card", "assignee", "labels", "due"}),  # its description knows dates only, Trello itself moments too
    ),
    "jira": Judged(
        specs=("jira",),
        environ={"JIRA_URL": "https://acme.atlassian.net", "JIRA_EMAIL": "mia@acme.example", "JIRA_TOKEN": "test-token"},
        # People are looked up at GET /user/search, which the trimmed description leaves out; account ids need no look-up.
        known={"project": "EX", "assignee": "5b10a2844c20165700ede21g", "status": "Close Issue"},
        fixed=frozenset({"assignee", "jql"}),
    ),
    "slack": Judged(
        specs=("slack",),
        environ={"SLACK_BOT_TOKEN": "test-token"},
        known={"channel": "C012AB3CD"},
        not_described={
            "create_channel": "POST /conversations.create",
            "invite_to_channel": "POST /conversations.invite",
            "set_topic": "POST /conversations.setTopic",
            "upload_file": "POST of the bytes to the address that files.getUploadURLExternal gives",
        },
        fixed=frozenset({"thread", "message", "emoji"}),
    ),
    "dropbox": Judged(
        specs=("dropbox",),
        environ={"DROPBOX_TOKEN": "test-token"},
        not_described={"get_space_usage": "POST /users/get_space_usage"},
        # People are invited at /sharing/add_file_member and /sharing/add_folder_member, which the trimmed description leaves out.
        fixed=frozenset({"share_file.user", "share_file.file", "move_file.file", "search_files.type"}),
    ),
    "asana": Judged(
        specs=("asana",),
        environ={"ASANA_TOKEN": "test-token", "ASANA_DEFAULT_WORKSPACE": "1201000001"},
        # Sections, people, tags and titles are looked up where the trimmed description ends; a section is said at creation by a field it calls read-only.
        known={"workspace": "12345", "project": "12345", "section": None, "assignee": "me", "labels": None, "task": "12345"},
    ),
    "google_drive": Judged(
        specs=("google_drive",),
        environ={"GOOGLE_DRIVE_TOKEN": "test-token"},
        # Its description calls a permission's emailAddress read-only, although people are invited by it.
        fixed=frozenset({"share_file.user", "share_file.file", "copy_file.file", "copy_file.folder", "upload_file.folder", "create_folder.parent", "search_files.folder"}),
    ),
    "discord": Judged(
        specs=("discord",),
        environ={"DISCORD_TOKEN": "test-token"},
        # Servers, roles and people are looked up at addresses that the trimmed description leaves out; ids need no look-up.
        known={"channel": "41771983423143937"},
        not_described={"add_role": "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}"},
        fixed=frozenset({"thread", "message", "reply_to"}),
    ),
    "google_calendar": Judged(
        specs=("google_calendar",),
        environ={"GOOGLE_CALENDAR_TOKEN": "test-token"},
        known={"calendar": "primary", "event": "sb0f1e2d3c4b5a69788796"},
        fixed=frozenset({"end", "duration", "window", "event", "update_event.start"}),  # its example answers hold no times to go on from
    ),
    "gitlab": Judged(
        specs=("gitlab",),
        environ={"GITLAB_TOKEN": "test-token"},
        # People and milestones are looked up at GET /users and GET /projects/{id}/milestones, which the trimmed description leaves out.
        fixed=frozenset({"project", "issue", "merge_request", "assignee", "reviewer", "author", "milestone"}),
    ),
    "stripe": Judged(
        specs=("stripe",),
        environ={"STRIPE_SECRET_KEY": "test-token"},
        known={"customer": "cus_NffrFeUfNV2Hib"},
        fixed=frozenset({"customer", "amount", "currency", "payment", "window", "email"}),
    ),
    "hubspot": Judged(
        specs=("hubspot",),
        environ={"HUBSPOT_TOKEN": "test-token", "HUBSPOT_PORTAL_ID": "62515", "HUBSPOT_WEBHOOK_URL": "https://bot.acme.example/hooks/hubspot"},
        # Pipelines and owners are looked up at GET /crm/v3/pipelines/{object} and GET /crm/v3/owners, which the trimmed description leaves out.
        known={"contact": "512", "deal": "901", "stage": "1", "pipeline": "0"},
        not_described={"add_note": "POST /crm/v3/objects/notes"},
        fixed=frozenset({"contact", "deal", "owner", "stage", "pipeline", "status", "email", "currency", "properties"}),
    ),
    "salesforce": Judged(
        specs=("salesforce",),
        environ={"SALESFORCE_TOKEN": "test-token", "SALESFORCE_URL": "https://acme.my.salesforce.com"},
        known={"record": "0065g00000C1bCdEAJ"},
        fixed=frozenset({"object", "record", "owner", "assignee", "external_field", "external_id", "soql", "fields"}),
    ),
    "quickbooks": Judged(
        specs=("quickbooks",),
        # The company's number is the word that stands for it in the address of the description.
        environ={"QUICKBOOKS_TOKEN": "test-token", "QUICKBOOKS_REALM_ID": "realmId"},
        not_described={
            "create_customer": "POST /v3/company/{realmId}/customer",
            "create_invoice": "POST /v3/company/{realmId}/invoice",
            "send_invoice": "POST /v3/company/{realmId}/invoice/{id}/send",
        },
        fixed=frozenset({"object", "customer", "status", "window"}),
    ),
    "zendesk": Judged(
        specs=("zendesk",),
        environ={"ZENDESK_URL": "https://acme.zendesk.com", "ZENDESK_EMAIL": "mia@acme.example", "ZENDESK_TOKEN": "test-token"},
        # People and groups are looked up at GET /users/search and GET /groups, which the trimmed description leaves out, as it does the pages of a search.
        known={"requester": None},
        fixed=frozenset({"ticket", "requester", "assignee", "group", "limit"}),
    ),
    "box": Judged(
        specs=("box",),
        environ={"BOX_TOKEN": "test-token", "BOX_UPLOAD_URL": "https://upload.box.com/2.0"},  # under the path its description has
        known={"folder": "2401000003", "parent": "2401000001"},  # its own answers know no folder by these names
        fixed=frozenset({"folder", "parent", "file", "share_file.user", "search_files.type"}),
    ),
    "notion": Judged(
        specs=("notion",),
        environ={"NOTION_TOKEN": "test-token"},
        # The trimmed description knows no data source as a page's parent, no children of a new page, two kinds of blocks, and its answers hold nothing to look up.
        known={
            "create_page.database": None, "create_page.parent": "598337872cf94fdf8782e53db20768a5", "create_page.text": None, "status": None, "labels": None,
            "properties": None, "page": "598337872cf94fdf8782e53db20768a5", "database": "598337872cf94fdf8782e53db20768a5", "query": None, "filter": None,
        },
        fixed=frozenset({"database", "text", "blocks", "status", "labels", "query"}),
    ),
    "teams": Judged(
        specs=("teams_graph",),
        environ={"TEAMS_TOKEN": "test-token"},
        # Teams are looked up at GET /me/joinedTeams, which the trimmed description leaves out.
        known={
            "channel": "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2",
            "team": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b",
            "post_message.team": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b",
        },
        not_described={"create_meeting": "POST /me/events"},
        fixed=frozenset({"message", "start", "duration", "attendees"}),
    ),
    "onedrive": Judged(
        specs=("onedrive",),
        environ={"ONEDRIVE_TOKEN": "test-token"},
        # What is not to be replaced is uploaded with @microsoft.graph.conflictBehavior, which the description leaves out; people are invited at /invite.
        bodiless=frozenset({"upload_file"}),
        not_described={"create_folder": "POST /drives/{drive-id}/items/{driveItem-id}/children with @microsoft.graph.conflictBehavior"},
        fixed=frozenset({"upload_file.replace", "upload_file.drive", "share_file.user", "share_file.file", "move_file.file", "search_files.folder"}),
    ),
    "monday": Judged(
        specs=("monday",),
        environ={"MONDAY_TOKEN": "test-token"},
        # Its one example answer holds neither columns nor people.
        known={"board": "4567000001", "update_item.board": "4567000001", "group": "topics", "item": "9876000001", "status": None, "assignee": None, "due": None, "columns": None},
        fixed=frozenset({"status", "assignee", "due", "columns", "create_item.text"}),
    ),
    "mixpanel": Judged(
        specs=("mixpanel",),
        environ={"MIXPANEL_USER": "signalbox", "MIXPANEL_SECRET": "test-token", "MIXPANEL_PROJECT": "2195193"},
        fixed=frozenset({"query_events.window"}),
    ),
    "google_chat": Judged(
        specs=("google_chat",),
        environ={"GOOGLE_CHAT_TOKEN": "test-token"},
        known={"channel": "spaces/AAAAMpdlehY"},
        not_described={"create_space": "POST /v1/spaces:setup"},
        fixed=frozenset({"members"}),
    ),
    "google_analytics": Judged(
        specs=("google_analytics",),
        environ={"GOOGLE_ANALYTICS_TOKEN": "test-token"},
        known={"property": "213025502"},  # its own answers know no property by name
        fixed=frozenset({"window", "filter"}),
    ),
}  # fmt: skip
ENVIRON = {name: value for judged in JUDGED.values() for name, value in judged.environ.items()}


def judged_by(service: str) -> Judged:
    return JUDGED.get(service, Judged())
