"""Which actions can stand in for each other, and which input of one means which input of the other.

A family lists its members; each says under which name it takes the family's meanings. Members are interchangeable where both name a meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

# family → action → "meaning=its name for it"; a bare word is both.
_FAMILIES: dict[str, dict[str, str]] = {
    "say something in a channel": {
        "chat.post_message": "text channel thread",
        "slack.post_message": "text channel thread",
        "discord.post_message": "text channel thread",
        "teams.post_message": "text channel",
        "google_chat.post_message": "text channel thread",
    },
    "put a file into a channel": {
        "chat.upload_file": "file name channel text",
        "slack.upload_file": "file name channel text",
    },
    "open something to do": {
        "asana.create_task": "title place=project assignee due text labels part=section",
        "trello.create_card": "title place=board assignee due text labels part=list",
        "jira.create_issue": "title place=project assignee due text labels",
        "notion.create_page": "title place=database text labels",
        "monday.create_item": "title place=board assignee due text part=group",
        "github.create_issue": "title place=repo assignee text labels",
        "gitlab.create_issue": "title place=project assignee text labels",
        "zendesk.create_ticket": "title assignee text labels urgency=priority",
        "hubspot.create_ticket": "title assignee=owner text urgency=priority",
        "salesforce.add_task": "title assignee due text urgency=priority",
    },
    "change something to do": {
        "asana.update_task": "title assignee due text state=status item=task",
        "trello.update_card": "title assignee due text item=card",
        "jira.update_issue": "title assignee due text item=issue",
        "notion.update_page": "title state=status item=page",
        "monday.update_item": "title assignee state=status item",
    },
    "close something to do": {
        "asana.complete_task": "item=task",
        "trello.archive_card": "item=card",
        "github.close_issue": "item=issue",
        "gitlab.close_issue": "item=issue",
    },
    "comment": {
        "asana.add_comment": "text item=task",
        "trello.add_comment": "text item=card",
        "jira.add_comment": "text item=issue",
        "monday.add_update": "text item",
        "notion.append_blocks": "text item=page",
        "github.add_comment": "text item=issue",
        "gitlab.add_comment": "text item=issue",
        "zendesk.add_comment": "text item=ticket",
        "hubspot.add_note": "text item=deal",
    },
    "search things to do": {
        "asana.search_tasks": "query place=project assignee labels",
        "trello.search_cards": "query place=board assignee labels",
        "jira.search_issues": "query place=project assignee labels",
        "monday.search_items": "query place=board assignee",
        "github.search_issues": "query place=repo assignee labels",
        "gitlab.search_issues": "query place=project assignee labels",
        "zendesk.search_tickets": "query assignee labels",
    },
    "record a lead": {
        "salesforce.create_record": "title name email company amount stage",
        "hubspot.create_contact": "name email company",
        "monday.create_item": "title",
    },
    "upload a file": {store + ".upload_file": "file name folder text" for store in ("google_drive", "dropbox", "onedrive", "box")},
    "make a folder": {store + ".create_folder": "name parent" for store in ("google_drive", "dropbox", "onedrive", "box")},
    "share a file": {store + ".share_file": "file user role text" for store in ("google_drive", "dropbox", "onedrive", "box")},
    "find a file": {store + ".search_files": "query folder type limit" for store in ("google_drive", "dropbox", "onedrive", "box")},
    "move a file": {
        **{store + ".move_file": "file folder name" for store in ("dropbox", "onedrive", "box")},
        "google_drive.copy_file": "file folder name",
    },
    "set up a meeting": {
        "google_calendar.create_event": "title start duration attendees text",
        "teams.create_meeting": "title start duration attendees text",
    },
    "open a room": {
        "slack.create_channel": "name",
        "google_chat.create_space": "name",
    },
    "add a customer": {
        "stripe.create_customer": "name email",
        "quickbooks.create_customer": "name email",
    },
    "write an invoice": {
        "stripe.create_invoice": "customer amount currency description due",
        "quickbooks.create_invoice": "customer amount currency description due",
    },
    "run a build": {
        "github.dispatch_workflow": "place=repo branch values=inputs",
        "gitlab.trigger_pipeline": "place=project branch values=variables",
    },
}


def _names(text: str) -> dict[str, str]:
    """``"title place=board"`` → {meaning: the action's own name}."""
    pairs = (word.partition("=") for word in text.split())
    return {meaning: own or meaning for meaning, _, own in pairs}


def _between(ours: str, theirs: str) -> dict[str, str]:
    """{their input: our input} for the meanings both have."""
    mine = _names(ours)
    return {name: mine[meaning] for meaning, name in _names(theirs).items() if meaning in mine}


def equivalents_of(action: str) -> Mapping[str, Mapping[str, str]]:
    """``"asana.create_task" → {its input: our input}`` for every action declared to mean the same as ``action``."""
    found: dict[str, dict[str, str]] = {}
    for members in _FAMILIES.values():
        if action in members:
            for other, text in members.items():
                if other.partition(".")[0] != action.partition(".")[0]:
                    found.setdefault(other, {}).update(_between(members[action], text))
    return found
