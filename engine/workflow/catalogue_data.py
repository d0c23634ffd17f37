"""The 27 services Signalbox knows by name, with the words people use for them. Ids are stable; a connector that ships makes its entry exact.

Fields are written ``name``, ``name:type``, ``name!`` (required) or ``name:type!``; reads are marked ``~`` (they change nothing and may be repeated).
"""

from __future__ import annotations

from engine.workflow.catalogue import Action, EventSpec, Field, Service
from engine.workflow.catalogue_equivalents import equivalents_of

_TYPES = {"n": "number", "i": "integer", "b": "boolean", "t": "datetime", "a": "array", "o": "object", "*": "any"}


def fields(text: str) -> tuple[Field, ...]:
    """``"title! labels:a due:t"`` → three fields."""
    made = []
    for word in text.split():
        name, _, kind = word.rstrip("!").partition(":")
        made.append(Field(name=name, type=_TYPES.get(kind, "string"), required=word.endswith("!")))
    return tuple(made)


def _action(service: str, operation: str, title: str, inputs: str, outputs: str) -> Action:
    reads = operation.startswith("~")
    name = operation.removeprefix("~")
    return Action(
        service=service,
        operation=name,
        title=title,
        inputs=fields(inputs),
        outputs=fields(outputs),
        writes=not reads,
        repeatable=reads,
        equivalents=equivalents_of(f"{service}.{name}"),
    )


def _event(service: str, event: str, title: str, text: str) -> EventSpec:
    """Fields that end in ``…`` are not all there may be."""
    return EventSpec(service=service, event=event, title=title, fields=fields(text.removesuffix("…")), open=text.endswith("…"))


def _service(
    id: str,
    name: str,
    category: str,
    aliases: str,
    actions: tuple[tuple[str, str, str, str], ...],
    events: tuple[tuple[str, str, str], ...],
) -> Service:
    """``aliases`` are parted by commas; an action is (operation, title, inputs, outputs), an event (event, title, fields)."""
    return Service(
        id=id,
        name=name,
        category=category,
        aliases=tuple(alias.strip() for alias in aliases.split(",") if alias.strip()),
        actions=tuple(_action(id, *action) for action in actions),
        events=tuple(_event(id, *event) for event in events),
    )


# fmt: off  (a table: one row an action, one row an event)
_MESSAGE = "text channel user user_id thread url time:t"
_FILE = "name folder path url size:i author type id"
_TASK_OUT = "id title url"

KNOWN: tuple[Service, ...] = (
    # --- communication -------------------------------------------------------------------------------------------------
    _service(
        "chat",
        "Chat",
        "communication",
        "here, this channel, the channel, channel, message, dm, direct message",
        (
            ("post_message", "Post a message", "text! channel thread files:a", "id channel url"),
            ("ask_approval", "Ask for approval", "approver text channel expires_in", "approved:b by at:t note"),
            ("upload_file", "Post a file", "file! name channel text", "id url"),
        ),
        (
            ("message_posted", "Message posted", _MESSAGE),
            ("reaction_added", "Reaction added", "emoji channel user user_id text message url time:t"),
            ("member_joined", "Member joined", "user user_id channel time:t"),
        ),
    ),
    _service(
        "slack",
        "Slack",
        "communication",
        "slack workspace, slack channel",
        (
            ("post_message", "Post a message", "text! channel! thread", "id channel url"),
            ("create_channel", "Create a channel", "name! private:b topic", "id name url"),
            ("invite_to_channel", "Invite to a channel", "channel! user!", "id"),
            ("~list_messages", "List the messages of a channel", "channel! limit:i", "count:i items:a"),
            ("set_topic", "Set a channel's topic", "channel! topic!", "topic"),
            ("upload_file", "Upload a file", "file! name channel text", "id url"),
            ("add_reaction", "Add a reaction", "emoji! message channel", ""),
        ),
        (
            ("message_posted", "Message posted", _MESSAGE),
            ("reaction_added", "Reaction added", "emoji channel user user_id text message url time:t"),
            ("member_joined", "Member joined", "user user_id channel time:t"),
        ),
    ),
    _service(
        "discord",
        "Discord",
        "communication",
        "discord server, guild",
        (
            ("post_message", "Post a message", "text! channel! thread", "id channel url"),
            ("create_thread", "Start a thread", "name! channel! text", "id name url"),
            ("add_role", "Give a role", "role! user", "role user"),
        ),
        (
            ("message_posted", "Message posted", _MESSAGE),
            ("member_joined", "Member joined", "user user_id server time:t"),
        ),
    ),
    _service(
        "teams",
        "Microsoft Teams",
        "communication",
        "teams, ms teams, microsoft teams",
        (
            ("post_message", "Post a message", "text! channel! team", "id url"),
            ("reply_to_message", "Reply to a message", "text! message channel team", "id url"),
            ("create_meeting", "Create a meeting", "title! start:t duration attendees:a text", "id title url start:t"),
        ),
        (("message_posted", "Message posted", "text channel team user user_id message url time:t"),),
    ),
    _service(
        "google_chat",
        "Google Chat",
        "communication",
        "gchat, google chat, hangouts, hangouts chat",
        (
            ("post_message", "Post a message", "text! channel! thread", "id url"),
            ("create_space", "Create a space", "name! members:a", "id name url"),
        ),
        (("message_posted", "Message posted", _MESSAGE),),
    ),
    _service(
        "email",
        "Email",
        "communication",
        "mail, e-mail, gmail, outlook, inbox, smtp, imap",
        (
            ("send_email", "Send an email", "to! subject text html cc bcc reply_to attachments:a from", "id"),
            ("~search_messages", "Search the mailbox", "query from subject unread:b limit:i", "count:i items:a"),
        ),
        (("message_received", "Email received", "from to subject text cc attachments:a folder id time:t"),),
    ),
    # --- project management --------------------------------------------------------------------------------------------
    _service(
        "asana",
        "Asana",
        "project_management",
        "asana task, asana board",
        (
            ("create_task", "Create a task", "title! project section assignee due:t text labels:a", _TASK_OUT),
            ("update_task", "Update a task", "task title assignee due:t text status", _TASK_OUT),
            ("complete_task", "Complete a task", "task", _TASK_OUT),
            ("add_comment", "Comment on a task", "text! task", "id"),
            ("~search_tasks", "Search tasks", "query project assignee status labels:a", "count:i items:a"),
        ),
        (
            ("task_created", "Task created", "title project section assignee due:t text status author url id"),
            ("task_completed", "Task completed", "title project section assignee author url id"),
            ("task_updated", "Task updated", "title project section assignee due:t status field author url id"),
        ),
    ),
    _service(
        "trello",
        "Trello",
        "project_management",
        "trello card, trello board",
        (
            ("create_card", "Create a card", "title! board list text due:t labels:a assignee position", "id title url list board"),
            ("update_card", "Update a card", "card title text due:t labels:a assignee", _TASK_OUT),
            ("move_card", "Move a card", "card list! board", "id title url list"),
            ("add_comment", "Comment on a card", "text! card", "id"),
            ("archive_card", "Archive a card", "card", "id title"),
            ("~search_cards", "Search cards", "query board list labels:a assignee", "count:i items:a"),
        ),
        (
            ("card_created", "Card created", "title board list text labels:a due:t author url id"),
            ("card_moved", "Card moved", "title board list from_list labels:a author url id"),
            ("card_updated", "Card updated", "title board list text labels:a due:t field author url id"),
        ),
    ),
    _service(
        "jira",
        "Jira",
        "project_management",
        "jira cloud, jira issue, jira ticket, jira board",
        (
            (
                "create_issue",
                "Create an issue",
                "title! project type priority text assignee labels:a due:t parent",
                "id key title url",
            ),
            ("update_issue", "Update an issue", "issue title priority text assignee labels:a due:t", "id key url"),
            ("transition_issue", "Move an issue to a status", "issue status! resolution text", "id key status url"),
            ("assign_issue", "Assign an issue", "issue assignee!", "id key assignee"),
            ("add_comment", "Comment on an issue", "text! issue", "id"),
            ("~search_issues", "Search issues", "query jql project type status assignee priority labels:a", "count:i items:a"),
        ),
        (
            ("issue_created", "Issue created", "title key project type priority status assignee author labels:a text url id"),
            ("issue_updated", "Issue updated", "title key project type priority status assignee author labels:a field url id"),
            ("issue_transitioned", "Issue moved", "title key project type priority status from_status assignee author labels:a url id"),
            ("comment_added", "Comment added", "text title key issue project status author url id"),
        ),
    ),
    _service(
        "notion",
        "Notion",
        "project_management",
        "notion page, notion database",
        (
            ("create_page", "Create a page", "title! database parent text properties:o status labels:a", "id title url"),
            ("update_page", "Update a page", "page title properties:o status", "id title url"),
            ("append_blocks", "Append to a page", "page text blocks:a", "id url"),
            ("~query_database", "Query a database", "database! query filter:o status limit:i", "count:i items:a"),
        ),
        (
            ("page_created", "Page created", "title database parent status author url id"),
            ("page_updated", "Page updated", "title database parent status field author url id"),
        ),
    ),
    _service(
        "monday",
        "monday.com",
        "project_management",
        "monday, monday.com, monday board",
        (
            ("create_item", "Create an item", "title! board group columns:o assignee status due:t text", "id title url"),
            ("update_item", "Update an item", "item title board columns:o assignee status", "id title url"),
            ("add_update", "Post an update on an item", "text! item", "id"),
            ("~search_items", "Search items", "query board group status assignee", "count:i items:a"),
        ),
        (
            ("item_created", "Item created", "title board group status assignee author url id"),
            ("status_changed", "Status changed", "title board group status from_status column assignee author url id"),
        ),
    ),
    _service(
        "google_calendar",
        "Google Calendar",
        "project_management",
        "calendar, gcal, google cal, my calendar",
        (
            (
                "create_event",
                "Create an event",
                "title! start:t end:t duration calendar attendees:a location text",
                "id title url start:t",
            ),
            (
                "update_event",
                "Update an event",
                "event title start:t end:t duration calendar attendees:a location text",
                "id title url",
            ),
            ("delete_event", "Delete an event", "event calendar", "id"),
            ("~list_events", "List events", "calendar start:t end:t window query limit:i", "count:i items:a"),
        ),
        (
            ("event_created", "Event created", "title calendar start:t end:t location attendees:a organizer text url id"),
            ("event_starting", "Event about to start", "title calendar start:t end:t minutes:n location attendees:a organizer url id"),
            ("event_cancelled", "Event cancelled", "title calendar start:t location attendees:a organizer id"),
        ),
    ),
    # --- file storage --------------------------------------------------------------------------------------------------
    _service(
        "google_drive",
        "Google Drive",
        "file_storage",
        "gdrive, google drive, drive, my drive",
        (
            ("upload_file", "Upload a file", "file name folder text type", "id name url"),
            ("create_folder", "Create a folder", "name! parent", "id file name url"),
            ("share_file", "Share a file", "file user! role text", "id url"),
            ("copy_file", "Copy a file", "file! folder name", "id name url"),
            ("~search_files", "Search files", "query folder type limit:i", "count:i items:a"),
        ),
        (("file_created", "File created", _FILE), ("file_updated", "File updated", _FILE)),
    ),
    _service(
        "dropbox",
        "Dropbox",
        "file_storage",
        "dropbox folder",
        (
            ("upload_file", "Upload a file", "file name folder text", "id name url"),
            ("create_folder", "Create a folder", "name! parent", "id file name url"),
            ("share_file", "Share a file", "file user! role text", "id url"),
            ("move_file", "Move a file", "file folder! name", "id name url"),
            ("~search_files", "Search files", "query folder type limit:i", "count:i items:a"),
            ("~get_space_usage", "Look up the space used", "", "used:i allocated:i kind"),
        ),
        (("file_created", "File created", _FILE), ("file_updated", "File updated", _FILE)),
    ),
    _service(
        "onedrive",
        "OneDrive",
        "file_storage",
        "one drive, microsoft onedrive, sharepoint drive",
        (
            ("upload_file", "Upload a file", "file name folder text", "id name url"),
            ("create_folder", "Create a folder", "name! parent", "id file name url"),
            ("share_file", "Share a file", "file user! role text", "id url"),
            ("move_file", "Move a file", "file folder! name", "id name url"),
            ("~search_files", "Search files", "query folder type limit:i", "count:i items:a"),
        ),
        (("file_created", "File created", _FILE), ("file_updated", "File updated", _FILE)),
    ),
    _service(
        "box",
        "Box",
        "file_storage",
        "box.com, box folder",
        (
            ("upload_file", "Upload a file", "file name folder text", "id name url"),
            ("create_folder", "Create a folder", "name! parent", "id file name url"),
            ("share_file", "Share a file", "file user! role text", "id url"),
            ("move_file", "Move a file", "file folder! name", "id name url"),
            ("~search_files", "Search files", "query folder type limit:i", "count:i items:a"),
        ),
        (("file_created", "File created", _FILE), ("file_updated", "File updated", _FILE)),
    ),
    # --- crm -----------------------------------------------------------------------------------------------------------
    _service(
        "salesforce",
        "Salesforce",
        "crm",
        "sfdc, sales force, salesforce crm",
        (
            ("create_record", "Create a record", "object! title fields:o name email company amount:n stage status", "id url"),
            ("update_record", "Update a record", "record object fields:o stage status amount:n owner", "id url"),
            ("~query_records", "Query records", "object query soql status owner stage limit:i", "count:i items:a"),
            ("add_task", "Add a task", "title assignee record due:t text priority", "id url"),
        ),
        (
            ("record_created", "Record created", "object title name amount:n currency stage status country company email owner url id"),
            (
                "record_updated",
                "Record updated",
                "object title name amount:n currency stage status country company email owner field url id",
            ),
        ),
    ),
    _service(
        "hubspot",
        "HubSpot",
        "crm",
        "hub spot, hubspot crm",
        (
            ("create_contact", "Create a contact", "email name company phone owner properties:o", "id email url"),
            ("update_contact", "Update a contact", "contact email name company phone owner properties:o", "id url"),
            ("create_deal", "Create a deal", "title! amount:n currency stage pipeline contact owner properties:o", "id title url"),
            ("update_deal", "Update a deal", "deal title amount:n stage owner properties:o", "id title url"),
            ("create_ticket", "Create a ticket", "title! text priority status contact owner", "id title url"),
            ("add_note", "Add a note", "text! contact deal", "id"),
        ),
        (
            ("contact_created", "Contact created", "name email company phone country source owner url id"),
            ("deal_created", "Deal created", "title name amount:n currency stage pipeline company contact country owner url id"),
            (
                "deal_stage_changed",
                "Deal moved to a stage",
                "title name stage from_stage amount:n currency pipeline company contact owner url id",
            ),
        ),
    ),
    _service(
        "zendesk",
        "Zendesk",
        "crm",
        "zen desk, support ticket, helpdesk",
        (
            ("create_ticket", "Create a ticket", "title! text priority type requester assignee group labels:a", "id title url"),
            ("update_ticket", "Update a ticket", "ticket status priority type assignee group labels:a", "id url"),
            ("add_comment", "Comment on a ticket", "text! ticket public:b", "id"),
            ("~search_tickets", "Search tickets", "query status priority assignee group labels:a", "count:i items:a"),
        ),
        (
            ("ticket_created", "Ticket created", "title text priority status type requester assignee group labels:a channel url id"),
            ("ticket_updated", "Ticket updated", "title priority status type requester assignee group labels:a field url id"),
            ("ticket_solved", "Ticket solved", "title priority status type requester assignee group labels:a url id"),
        ),
    ),
    # --- development ---------------------------------------------------------------------------------------------------
    _service(
        "github",
        "GitHub",
        "development",
        "gh, git hub, github.com, github enterprise",
        (
            ("create_issue", "Create an issue", "title! repo text labels:a assignee milestone", "number:i title url id"),
            ("close_issue", "Close an issue", "issue repo reason", "number:i url"),
            ("add_comment", "Comment on an issue or pull request", "text! issue repo", "id url"),
            ("add_labels", "Add labels", "labels:a label issue repo", "labels:a"),
            ("create_release", "Create a release", "tag title repo text branch draft:b prerelease:b", "id tag url"),
            ("dispatch_workflow", "Run a GitHub workflow", "workflow! repo branch inputs:o", ""),
            ("merge_pull_request", "Merge a pull request", "pull_request repo method title", "merged:b sha"),
            ("~search_issues", "Search issues", "query repo state labels:a assignee author", "count:i items:a"),
        ),
        (
            ("pull_request_opened", "Pull request opened", "title number:i repo base head author draft:b labels:a text url"),
            ("pull_request_merged", "Pull request merged", "title number:i repo base head author merged_by labels:a text url sha"),
            ("issue_opened", "Issue opened", "title number:i repo author labels:a assignee text url"),
            ("issue_closed", "Issue closed", "title number:i repo author closed_by reason labels:a assignee url"),
            ("push", "Push", "branch repo author message title commits:i sha url"),
            ("release_published", "Release published", "title tag repo author prerelease:b text url"),
            ("workflow_run_failed", "Workflow run failed", "title workflow repo branch author conclusion number:i sha url"),
        ),
    ),
    _service(
        "gitlab",
        "GitLab",
        "development",
        "gl, git lab, gitlab.com",
        (
            ("create_issue", "Create an issue", "title! project text labels:a assignee milestone", "number:i title url id"),
            ("close_issue", "Close an issue", "issue project", "number:i url"),
            ("add_comment", "Comment on an issue or merge request", "text! issue project", "id url"),
            (
                "create_merge_request",
                "Create a merge request",
                "title! project source target text assignee labels:a",
                "number:i title url",
            ),
            ("trigger_pipeline", "Run a pipeline", "project branch variables:o", "id status url"),
            ("~search_issues", "Search issues", "query project state labels:a assignee author", "count:i items:a"),
        ),
        (
            ("merge_request_opened", "Merge request opened", "title number:i project base head author draft:b labels:a text url"),
            ("merge_request_merged", "Merge request merged", "title number:i project base head author merged_by labels:a text url"),
            ("issue_opened", "Issue opened", "title number:i project author labels:a assignee text url"),
            ("push", "Push", "branch project author message title commits:i sha url"),
            ("pipeline_failed", "Pipeline failed", "title project branch author status stage number:i sha url"),
        ),
    ),
    _service(
        "http",
        "HTTP",
        "development",
        "webhook, http request, api call, any api, rest api",
        (("request", "Send an HTTP request", "method url! headers:o query:o body:* timeout:n", "status:i headers:o body:*"),),
        (("webhook_received", "Webhook received", "path method headers:o query:o body:* …"),),
    ),
    # --- financial -----------------------------------------------------------------------------------------------------
    _service(
        "stripe",
        "Stripe",
        "financial",
        "stripe payments, stripe billing",
        (
            ("create_customer", "Create a customer", "name email description", "id url"),
            ("create_invoice", "Create an invoice", "customer amount:n currency description due:t", "id url amount:n"),
            ("refund_payment", "Refund a payment", "payment amount:n reason", "id amount:n status"),
            ("~list_payments", "List payments", "customer status window limit:i", "count:i items:a total:n"),
        ),
        (
            ("payment_succeeded", "Payment succeeded", "amount:n currency customer email description country method url id"),
            ("payment_failed", "Payment failed", "amount:n currency customer email description country reason url id"),
            ("invoice_paid", "Invoice paid", "amount:n currency customer email number country url id"),
            ("subscription_cancelled", "Subscription cancelled", "customer email plan amount:n currency reason url id"),
            ("dispute_created", "Dispute opened", "amount:n currency customer email reason payment status url id"),
        ),
    ),
    _service(
        "quickbooks",
        "QuickBooks",
        "financial",
        "quick books, qbo, quickbooks online, intuit",
        (
            ("create_customer", "Create a customer", "name email company phone", "id url"),
            ("create_invoice", "Create an invoice", "customer amount:n currency description due:t lines:a", "id number url amount:n"),
            ("send_invoice", "Send an invoice", "invoice to", "id number"),
            ("~query_records", "Query records", "object query status customer window limit:i", "count:i items:a"),
        ),
        (
            ("invoice_created", "Invoice created", "number amount:n currency customer email due:t status url id"),
            ("payment_received", "Payment received", "amount:n currency customer email invoice method url id"),
        ),
    ),
    # --- analytics -----------------------------------------------------------------------------------------------------
    _service(
        "google_analytics",
        "Google Analytics",
        "analytics",
        "ga, ga4, analytics, google analytics",
        (
            (
                "~run_report",
                "Run a report",
                "metric metrics:a dimension dimensions:a window property filter limit:i",
                "count:i value:n rows:a",
            ),
            ("~run_realtime_report", "Run a realtime report", "metric metrics:a dimension dimensions:a property", "count:i value:n rows:a"),
        ),
        (("metric_threshold", "Metric crossed a threshold", "metric value:n threshold:n direction property window url"),),
    ),
    _service(
        "mixpanel",
        "Mixpanel",
        "analytics",
        "mix panel",
        (
            ("track_event", "Track an event", "event! user properties:o", ""),
            ("~query_events", "Query events", "event window by filter", "count:n items:a"),
        ),
        (("metric_threshold", "Metric crossed a threshold", "metric value:n threshold:n direction event window url"),),
    ),
    _service(
        "signalbox",
        "Signalbox",
        "analytics",
        "you, yourself, bot, the bot, monitoring",
        (
            ("~health_report", "Make a health report", "service window", "text score:n services:a"),
            ("~alert_digest", "Make a digest of the alerts", "service severity window", "text count:i alerts:a"),
            ("~workflow_analytics", "Report on a workflow's runs", "workflow window", "text total:i success_rate:n"),
            ("~impact_report", "Report what breaks if a service is down", "service state", "text severity workflows:a"),
            ("run_workflow", "Run another workflow", "workflow! inputs:o", "run"),
        ),
        (
            ("alert_opened", "Alert opened", "service severity metric value:n text title id url"),
            ("alert_resolved", "Alert resolved", "service severity metric text title by id url"),
            ("health_changed", "A service's health changed", "service status state from_status text"),
            ("run_failed", "A run failed", "workflow run step error text url"),
            ("anomaly_predicted", "Trouble predicted", "service account metric value:n threshold:n horizon expected before probability:n severity text"),
        ),
    ),
)

_NAMES = {service.id: service.name for service in KNOWN}


def product(id: str) -> str:
    """A service as people call it: ``github`` → “GitHub”; one that is not known, by its id with blanks."""
    return _NAMES.get(id) or id.replace("_", " ")
