"""Every event and every action of the catalogue is understood in the ways people put them, in each order of the sentence's parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.workflow.catalogue_data import KNOWN
from tests.intents.words import read

# event → (noun, plural, participle, "what it does", "what somebody does with it", adjective for "an … noun" or "" for "new")
EVENTS: dict[str, tuple[str, str, str, str, str, str]] = {
    "message_posted": ("message", "messages", "posted", "is posted", "posts a message", "new"),
    "reaction_added": ("reaction", "reactions", "added", "is added", "adds a reaction", "new"),
    "member_joined": ("member", "members", "joined", "joins", "joins", "new"),
    "task_created": ("task", "tasks", "created", "gets created", "creates a task", "new"),
    "task_completed": ("task", "tasks", "completed", "is done", "finishes a task", "completed"),
    "task_updated": ("task", "tasks", "updated", "changes", "edits a task", "updated"),
    "card_created": ("card", "cards", "added", "is added", "makes a card", "new"),
    "card_moved": ("card", "cards", "moved", "gets moved", "moves a card", "moved"),
    "card_updated": ("card", "cards", "updated", "is edited", "changes a card", "updated"),
    "jira.issue_created": ("issue", "issues", "created", "is raised", "files an issue", "new"),
    "issue_updated": ("issue", "issues", "updated", "gets updated", "updates an issue", "updated"),
    "issue_transitioned": ("issue", "issues", "transitioned", "is transitioned", "transitions an issue", "transitioned"),
    "comment_added": ("comment", "comments", "added", "is added", "leaves a comment", "new"),
    "page_created": ("page", "pages", "created", "is created", "writes a page", "new"),
    "page_updated": ("page", "pages", "updated", "changes", "edits a page", "updated"),
    "item_created": ("item", "items", "created", "appears", "adds an item", "new"),
    "status_changed": ("status", "status changes", "changed", "changes", "changes a status", "changed"),
    "event_created": ("event", "events", "created", "is added", "books a meeting", "new"),
    "event_starting": ("event", "meetings", "starting", "is about to start", "starts a meeting", "upcoming"),
    "event_cancelled": ("meeting", "meetings", "cancelled", "is called off", "cancels a meeting", "cancelled"),
    "file_created": ("file", "files", "uploaded", "is uploaded", "uploads a file", "new"),
    "file_updated": ("file", "files", "updated", "is modified", "edits a file", "changed"),
    "record_created": ("lead", "leads", "created", "is created", "adds an opportunity", "new"),
    "record_updated": ("lead", "opportunities", "updated", "changes", "updates an account", "updated"),
    "contact_created": ("contact", "contacts", "created", "is created", "adds a contact", "new"),
    "deal_created": ("deal", "deals", "created", "is opened", "creates a deal", "new"),
    "deal_stage_changed": ("deal", "deals", "moved to another stage", "changes stage", "moves a deal", "won"),
    "ticket_created": ("ticket", "tickets", "opened", "comes in", "opens a ticket", "new"),
    "ticket_updated": ("ticket", "tickets", "updated", "is updated", "updates a ticket", "updated"),
    "ticket_solved": ("ticket", "tickets", "solved", "is resolved", "solves a ticket", "solved"),
    "pull_request_opened": ("PR", "pull requests", "opened", "is opened", "raises a PR", "new"),
    "pull_request_merged": ("pull request", "PRs", "merged", "gets merged", "merges a pull request", "merged"),
    "issue_opened": ("issue", "bugs", "opened", "is filed", "opens an issue", "new"),
    "issue_closed": ("issue", "issues", "closed", "is closed", "closes an issue", "closed"),
    "push": ("push", "pushes", "pushed", "happens", "pushes a commit", "new"),
    "release_published": ("release", "releases", "published", "comes out", "publishes a release", "new"),
    "workflow_run_failed": ("workflow run", "builds", "failed", "fails", "breaks the build", "failed"),
    "merge_request_opened": ("merge request", "MRs", "opened", "is opened", "opens an MR", "new"),
    "merge_request_merged": ("MR", "merge requests", "merged", "is merged", "merges an MR", "merged"),
    "pipeline_failed": ("pipeline", "pipelines", "failed", "goes red", "breaks the pipeline", "failed"),
    "payment_succeeded": ("payment", "payments", "received", "goes through", "makes a payment", "successful"),
    "payment_failed": ("payment", "charges", "failed", "is declined", "has a failed payment", "failed"),
    "invoice_paid": ("invoice", "invoices", "paid", "gets paid", "pays an invoice", "paid"),
    "subscription_cancelled": ("subscription", "subscriptions", "cancelled", "is cancelled", "cancels a subscription", "cancelled"),
    "dispute_created": ("dispute", "chargebacks", "opened", "comes in", "opens a dispute", "new"),
    "invoice_created": ("invoice", "invoices", "created", "is issued", "creates an invoice", "new"),
    "payment_received": ("payment", "payments", "received", "arrives", "makes a payment", "new"),
    "metric_threshold": ("sessions", "sessions below 200", "dropping below 200", "drop below 200", "sees sessions drop below 200", "low"),
    "webhook_received": ("webhook", "webhook calls", "received", "fires", "calls the webhook", "new"),
    "message_received": ("email", "emails", "received", "arrives", "sends us an email", "incoming"),
    "alert_opened": ("alert", "alerts", "opened", "fires", "triggers an alert", "new"),
    "alert_resolved": ("alert", "alerts", "resolved", "clears", "resolves an alert", "resolved"),
    "run_failed": ("run", "workflow runs", "failed", "fails", "has a failed run", "failed"),
}  # fmt: skip
SILENT = ("chat", "http", "email", "signalbox")  # their events are told without a name
FRAMES = (
    "when {e}, post it in #ops",
    "whenever {e} create an asana task for it",
    "tell #ops as soon as {e}",
    "{e} → post in #ops",
    "every time {e} add a row to notion",
    "send me a dm once {e}",
)
# Frames for events told as nouns ("new stripe payments"): no word says "when".
NOUN_FRAMES = (
    "{n} should land in #ops",
    "{n} → tell #ops",
    "{n}: tell #ops",
    "post {n} to #ops",
    "for {n}, ping @lena",
    "let #ops know about {n}",
    "I want {n} announced in #ops",
    "{n} must become a trello card",
    "on {n} open a trello card",
    "{n} go to #ops",
)

# action → deeds; "{s}" is the service.
ACTIONS: dict[str, tuple[str, ...]] = {
    "post_message": ("post in {s} channel #ops", "tell #ops on {s}", "send a {s} message to #ops", "ping #ops in {s}", "a {s} message to #ops", "#ops on {s} should hear about it"),
    "ask_approval": ("ask @lena for approval", "get approval from @lena", "request a sign-off from @lena", "wait for approval from @lena", "get @lena's approval", "ask @lena to approve it"),
    "chat.upload_file": ("upload the file to #ops", "upload the report here to #ops", "attach the file in #ops", "drop the file in #ops", "share the file in #ops", "put the pdf in #ops"),
    "slack.upload_file": ("upload the file to {s} channel #ops", "put the file in {s} #ops", "share the file in {s} #ops", "upload the pdf to {s} #ops", "drop the file in {s} #ops", "attach the file in {s} #ops"),
    "create_channel": ("create a {s} channel #incident", "make a channel in {s}", "open a new {s} channel", "set up a {s} channel called incident", "a new {s} channel should be created", "spin up a channel in {s}"),
    "invite_to_channel": ("invite @lena to #ops in {s}", "invite them to the {s} channel #ops", "add @lena to #ops on {s}", "invite @lena and @max to #ops in {s}", "send a {s} channel invite to @lena", "get @lena into {s} channel #ops"),
    "set_topic": ("set the topic of #ops in {s} to 'red'", "change the {s} topic of #ops to 'red'", "update the topic in {s} #ops", "set {s} channel topic to 'red'", "make 'red' the topic of #ops in {s}", "the {s} topic of #ops should be set to 'red'"),
    "add_reaction": ("react with :eyes: in {s}", "add a :eyes: reaction in {s}", "add an eyes emoji in {s}", "put a :tada: reaction on it in {s}", "react to it in {s}", "leave a reaction in {s}"),
    "create_thread": ("create a {s} thread", "open a thread in {s} #ops", "start a new {s} thread", "make a {s} thread 'x' in #ops", "a new {s} thread in #ops", "spin up a {s} thread"),
    "add_role": ("give them the {s} role Player", "add the role Player in {s}", "assign the {s} role Player", "grant them the role Player on {s}", "they get the {s} role Player", "set their {s} role to Player"),
    "reply_to_message": ("reply in {s}", "reply to it in {s}", "answer the {s} message", "respond in {s}", "send a reply in {s}", "reply to the message in {s}"),
    "create_meeting": ("create a {s} meeting", "schedule a {s} call", "set up a meeting in {s}", "book a {s} meeting", "start a {s} call", "a {s} meeting should be created"),
    "create_space": ("create a {s} space", "make a space in {s}", "open a new {s} space", "set up a {s} room", "start a space in {s}", "a new {s} space should be created"),
    "create_task": ("create a {s} task", "add a to-do in {s}", "make a task in {s}", "open a new task in {s}", "a task in {s}", "a {s} task should be made"),
    "update_task": ("update the {s} task", "change the task in {s}", "edit the {s} task", "set the due date of the {s} task", "the {s} task should be updated", "rename the task in {s}"),
    "complete_task": ("complete the {s} task", "mark the {s} task as done", "finish the task in {s}", "tick off the {s} task", "close the {s} task", "the {s} task should be completed"),
    "add_comment": ("comment on it in {s}", "add a comment in {s}", "leave a {s} comment", "write a comment in {s}", "post a comment in {s}", "a {s} comment should be added"),
    "search_tasks": ("search {s} tasks", "find open tasks in {s}", "list my {s} tasks", "look up tasks in {s}", "get the {s} tasks", "fetch overdue {s} tasks"),
    "create_card": ("create a {s} card", "add a card in {s}", "make a card on {s}", "a new {s} card", "put a card in {s}", "a {s} card should be made"),
    "update_card": ("update the {s} card", "edit the card in {s}", "change the {s} card", "set the due date of the {s} card", "the {s} card should be updated", "rename the card in {s}"),
    "move_card": ("move the {s} card to Done", "drag the card in {s} to Done", "shift the {s} card to Done", "put the {s} card in the list Done", "the {s} card should be moved to Done", "send the {s} card to the list Done"),
    "archive_card": ("archive the {s} card", "archive the card in {s}", "archive it in {s}", "the {s} card should be archived", "archive that {s} card", "have the {s} card archived"),
    "search_cards": ("search {s} cards", "find cards in {s}", "list the {s} cards", "look up cards in {s}", "get the {s} cards", "fetch all {s} cards"),
    "create_issue": ("create a {s} issue", "open an issue in {s}", "file a bug in {s}", "raise a {s} issue", "a new issue in {s}", "a {s} issue should be created"),
    "update_issue": ("update the {s} issue", "edit the issue in {s}", "change the {s} issue", "set the priority of the {s} issue", "the {s} issue should be updated", "rename the issue in {s}"),
    "transition_issue": ("transition the {s} issue to Done", "move the {s} issue to In Review", "set the {s} issue to Done", "close the {s} issue", "resolve the ticket in {s}", "the {s} issue should be moved to Done"),
    "assign_issue": ("assign the {s} issue to @lena", "assign it to @lena in {s}", "give the {s} issue to @lena", "hand the {s} issue to @lena", "the {s} issue should be assigned to @lena", "assign that {s} ticket to @lena"),
    "search_issues": ("search {s} issues", "find open issues in {s}", "list the {s} issues", "look up issues in {s}", "get the {s} issues", "fetch open {s} bugs"),
    "create_page": ("create a {s} page", "add a page in {s}", "make a new page in {s}", "a new {s} page", "write a page in {s}", "a {s} page should be created"),
    "update_page": ("update the {s} page", "edit the page in {s}", "change the {s} page", "set the status of the {s} page", "the {s} page should be updated", "rename the {s} page"),
    "append_blocks": ("append a line to the {s} page", "append it to the {s} page", "append a block in {s}", "add a line to the {s} page", "log it on the {s} page", "append a note in {s}"),
    "query_database": ("query the {s} database", "look up the {s} database", "search the database in {s}", "get the rows of the {s} database", "fetch the {s} database", "pull the {s} database"),
    "create_item": ("create a {s} item", "add an item on the {s} board Ops", "make a new item in {s}", "a new {s} item", "put an item in {s}", "a {s} item should be created"),
    "update_item": ("update the {s} item", "edit the {s} item", "change the {s} item", "set the {s} item to Done", "the {s} item should be updated", "mark the {s} item as done"),
    "add_update": ("add an update in {s}", "post an update in {s}", "leave an update in {s}", "write an update in {s}", "comment on the {s} item", "add a comment to the {s} item"),
    "search_items": ("search {s} items", "find items in {s}", "list the {s} items", "look up items in {s}", "get the {s} items", "fetch all {s} items"),
    "create_event": ("create a {s} event", "book a meeting in {s}", "schedule an event in {s}", "add an event to {s}", "put an event in {s}", "a {s} event should be created"),
    "update_event": ("update the {s} event", "change the event in {s}", "move the {s} event", "edit the {s} event", "reschedule the {s} event", "the {s} event should be updated"),
    "delete_event": ("delete the {s} event", "cancel the event in {s}", "remove the {s} event", "call off the {s} event", "the {s} event should be deleted", "drop the {s} event"),
    "list_events": ("list the {s} events", "get my {s} events", "fetch events from {s}", "pull the {s} events", "look up the {s} events", "show {s} events"),
    "upload_file": ("upload the file to {s}", "save it to {s}", "put the file in {s}", "store the file on {s}", "back it up to {s}", "a copy should be saved in {s}"),
    "create_folder": ("create a {s} folder", "make a folder in {s}", "a new folder in {s}", "open a folder on {s}", "set up a {s} folder", "a {s} folder should be created"),
    "share_file": ("share the {s} file with @lena", "share the file in {s} with ada@corp.example", "give @lena access to the {s} file", "share it in {s} with @lena", "the {s} file should be shared with @lena", "grant @lena access to the file in {s}"),
    "copy_file": ("copy the {s} file", "copy the file in {s} to the folder Old", "duplicate the {s} file", "make a copy of the {s} file", "the {s} file should be copied", "clone the {s} file"),
    "move_file": ("move the {s} file to the folder Old", "move the file in {s}", "shift the {s} file to the folder Old", "relocate the file in {s}", "the {s} file should be moved", "transfer the file to another {s} folder"),
    "search_files": ("search {s} files", "find files in {s}", "list the files in {s}", "look up the {s} files", "get the {s} files", "search {s} for contracts"),
    "create_record": ("create a {s} record", "add a lead in {s}", "make an opportunity in {s}", "open a case in {s}", "a new {s} lead", "a {s} account should be created"),
    "update_record": ("update the {s} record", "change the {s} opportunity", "edit the lead in {s}", "mark the {s} opportunity as won", "the {s} record should be updated", "set the stage of the {s} opportunity"),
    "salesforce.query_records": ("query {s} records", "find leads in {s}", "list the {s} opportunities", "get the {s} accounts", "look up the {s} contacts", "pull open {s} opportunities"),
    "quickbooks.query_records": ("query {s} records", "find invoices in {s}", "list unpaid {s} invoices", "get the {s} invoices", "look up the {s} customers", "pull overdue {s} invoices"),
    "add_task": ("add a task in {s}", "create a {s} task", "add a {s} to-do", "make a follow-up task in {s}", "a {s} task should be added", "put a task in {s}"),
    "create_contact": ("create a {s} contact", "add a contact in {s}", "make a new contact in {s}", "a new {s} contact", "save the person as a contact in {s}", "a {s} contact should be created"),
    "update_contact": ("update the {s} contact", "change the contact in {s}", "edit the {s} contact", "mark the {s} contact as customer", "the {s} contact should be updated", "set the owner of the {s} contact"),
    "create_deal": ("create a {s} deal", "open a deal in {s}", "add a deal to {s}", "make a {s} deal", "a new {s} deal", "a {s} deal should be created"),
    "update_deal": ("update the {s} deal", "change the {s} deal", "mark the {s} deal as won", "move the {s} deal to Closed", "the {s} deal should be updated", "set the {s} deal's stage to Won"),
    "create_ticket": ("create a {s} ticket", "open a ticket in {s}", "raise a {s} ticket", "log a ticket in {s}", "a new {s} ticket", "a {s} ticket should be opened"),
    "add_note": ("add a {s} note", "leave a note in {s}", "write a note on the {s} contact", "put a note in {s}", "attach a note in {s}", "a {s} note should be added"),
    "update_ticket": ("update the {s} ticket", "change the {s} ticket", "set the priority of the {s} ticket", "mark the {s} ticket as solved", "tag the {s} ticket", "the {s} ticket should be updated"),
    "search_tickets": ("search {s} tickets", "find open tickets in {s}", "list the {s} tickets", "look up tickets in {s}", "get the {s} tickets", "fetch open {s} tickets"),
    "close_issue": ("close the {s} issue", "close the issue in {s}", "close it on {s}", "the {s} issue should be closed", "resolve the {s} issue", "close that {s} bug"),
    "add_labels": ("label the {s} issue 'bug'", "add the label 'bug' in {s}", "put a label on the {s} issue", "tag the issue in {s}", "apply the label 'bug' on {s}", "the {s} issue should be labelled 'bug'"),
    "create_release": ("create a {s} release", "cut a release on {s}", "publish a {s} release", "draft a release in {s}", "make a new {s} release", "a {s} release should be created"),
    "dispatch_workflow": ("dispatch the {s} workflow deploy.yml", "run deploy.yml on {s}", "trigger the {s} action deploy.yml", "kick off deploy.yml in {s}", "start the {s} workflow deploy.yml", "launch the {s} workflow"),
    "merge_pull_request": ("merge the {s} PR", "merge the pull request on {s}", "merge it on {s}", "the {s} PR should be merged", "merge that {s} pull request", "squash and merge the {s} PR"),
    "create_merge_request": ("create a {s} merge request", "open an MR in {s}", "raise a merge request on {s}", "make a {s} MR", "a new {s} merge request", "a {s} merge request should be opened"),
    "trigger_pipeline": ("trigger the {s} pipeline", "run the pipeline in {s}", "start a {s} pipeline", "kick off the {s} pipeline", "rerun the {s} pipeline", "the {s} pipeline should be triggered"),
    "create_customer": ("create a {s} customer", "add a customer in {s}", "make a new customer in {s}", "a new {s} customer", "register the customer in {s}", "a {s} customer should be created"),
    "create_invoice": ("create a {s} invoice", "make an invoice in {s}", "draft an invoice in {s}", "issue a {s} invoice", "a new {s} invoice", "a {s} invoice should be created"),
    "send_invoice": ("send the {s} invoice", "send the invoice via {s}", "send out the {s} invoice", "mail the {s} invoice", "the {s} invoice should be sent", "email the {s} invoice"),
    "refund_payment": ("refund the {s} payment", "refund it in {s}", "issue a {s} refund", "give a refund in {s}", "the {s} payment should be refunded", "pay it back in {s}"),
    "list_payments": ("list {s} payments", "get the {s} payments", "fetch payments from {s}", "pull the {s} charges", "look up the {s} payments", "show recent {s} payments"),
    "run_report": ("run a {s} report", "pull the {s} report", "get a report from {s}", "generate a {s} report", "fetch the {s} report", "a {s} report should be made"),
    "run_realtime_report": ("run a real-time {s} report", "get the realtime report from {s}", "pull a real time {s} report", "fetch the {s} realtime report", "the {s} realtime report should be run", "make a realtime {s} report"),
    "track_event": ("track it in {s}", "track an event in {s}", "record it in {s}", "log an event in {s}", "send an event to {s}", "a {s} event should be tracked"),
    "query_events": ("query {s} events", "count the events in {s}", "pull {s} events", "get the events from {s}", "list {s} events", "look up the {s} events"),
    "request": ("call https://api.corp.example/x", "POST https://api.corp.example/x", "hit https://api.corp.example/x", "send a request to https://api.corp.example/x", "GET https://api.corp.example/x", "ping https://api.corp.example/x"),
    "send_email": ("email ada@corp.example", "send an email to ada@corp.example", "mail ada@corp.example", "an email to ada@corp.example", "ada@corp.example should get an email", "forward it to ada@corp.example"),
    "health_report": ("make a health report", "run the health report", "generate the health report", "the health report", "do a health check", "get the health report"),
    "alert_digest": ("make an alert digest", "the alert digest", "send me the alert digest", "get a summary of alerts", "compile the open alerts", "produce the alerts summary"),
    "workflow_analytics": ("get the workflow analytics", "the workflow analytics", "run the workflow analytics", "pull the analytics of our workflows", "make the workflow stats", "produce workflow analytics"),
    "impact_report": ("run the impact report", "make an impact report", "the impact report", "get an impact analysis", "generate the impact report", "do an impact assessment"),
    "run_workflow": ("run the workflow nightly-sync", "run nightly-sync", "start the nightly-sync workflow", "kick off nightly-sync", "trigger the flow nightly-sync", "execute the nightly-sync automation"),
}  # fmt: skip
ACTION_FRAMES = (
    "when a discord member joins, {a}",
    "{a} whenever a discord member joins",
    "new discord member → {a}",
    "every weekday at 9 {a}",
    "when a discord member joins tell #welcome and {a}",
    "if someone joins our discord then {a}",
)

GOAL = 0.95


def _clauses(service: str, name: str, event: str) -> tuple[list[str], list[str]]:
    """(clauses with a verb, noun phrases) for one event."""
    noun, plural, participle, does, deed, adjective = EVENTS.get(f"{service}.{event}") or EVENTS[event]
    silent = service in SILENT
    there, of = ("", "") if silent else (f" in {name}", f"{name} ")
    article = "an" if (of or noun)[0].lower() in "aeiou" else "a"
    if event == "metric_threshold":
        return [f"{noun} {does}{there}", f"{of}{noun} {does}", f"{name} {deed}"], [f"{of}{plural}"]
    clauses = [f"{article} {of}{noun} {does}", f"{'an' if noun[0] in 'aeiou' else 'a'} {noun} {does}{there}", f"someone {deed}{there}"]
    if silent and event in ("alert_opened", "alert_resolved", "webhook_received"):
        clauses = clauses[:2]
    nouns = [
        f"{adjective} {of}{plural}",
        f"every {adjective} {of}{noun}",
        f"{of}{plural} {participle}" if event != "status_changed" else f"{of}{plural}",
    ]
    return clauses, nouns if event != "push" else [f"every {of}push", f"new {of}pushes"]


def event_requests() -> Iterator[tuple[str, str]]:
    """(sentence, event) over the whole catalogue; each phrasing stands in a frame that goes round."""
    turn = 0
    for service in KNOWN:
        for event in service.events:
            if event.event in ("health_changed", "anomaly_predicted"):
                continue  # told of with states and figures: see test_workflows
            clauses, nouns = _clauses(service.id, service.name, event.event)
            for clause in clauses:
                for step in range(1):
                    yield FRAMES[(turn + step) % len(FRAMES)].format(e=clause), f"{service.id}.{event.event}"
                turn += 1
            for noun in nouns:
                for step in range(2):
                    yield NOUN_FRAMES[(turn + 3 * step) % len(NOUN_FRAMES)].format(n=noun), f"{service.id}.{event.event}"
                turn += 1


def action_requests() -> Iterator[tuple[str, str]]:
    turn = 0
    for service in KNOWN:
        for action in service.actions:
            deeds = ACTIONS.get(f"{service.id}.{action.operation}") or ACTIONS.get(action.operation)
            if deeds is None or (service.id == "chat" and action.operation == "post_message"):
                continue
            for deed in deeds:
                said = deed.format(s=service.name)
                for step in range(1):
                    yield ACTION_FRAMES[(turn + 3 * step) % len(ACTION_FRAMES)].format(a=said), f"{service.id}.{action.operation}"
                turn += 1


def wrong_events() -> list[tuple[str, str, str]]:
    wrong = []
    for sentence, event in event_requests():
        trigger = _workflow(sentence).get("trigger") or {}
        heard = f"{trigger.get('service')}.{trigger.get('event')}"
        if heard != event:
            wrong.append((sentence, event, heard if trigger.get("service") else str(trigger)))
    return wrong


def wrong_actions() -> list[tuple[str, str, str]]:
    wrong = []
    for sentence, action in action_requests():
        steps = [
            step["action"]
            for step in _workflow(sentence).get("steps", ())
            if step["with"].get("channel") != "#welcome" and (step["action"] != "chat.post_message" or action == "chat.post_message")
        ]
        if steps != [action]:
            wrong.append((sentence, action, str(steps)))
    return wrong


def _workflow(sentence: str) -> dict[str, Any]:
    understood = read(sentence)
    found = understood.arguments.get("workflow") if understood.command == "create_workflow" else None
    return found if isinstance(found, dict) else {}


def test_every_event_of_the_catalogue_is_known_by_its_common_names() -> None:
    asked = list(event_requests())
    wrong = wrong_events()
    assert {event for _, event in asked} >= {e.id for s in KNOWN for e in s.events} - {
        "signalbox.health_changed",
        "signalbox.anomaly_predicted",
    }
    assert 1 - len(wrong) / len(asked) >= GOAL, wrong


def test_every_action_of_the_catalogue_is_known_by_its_common_names() -> None:
    asked = list(action_requests())
    wrong = wrong_actions()
    assert 1 - len(wrong) / len(asked) >= GOAL, wrong
