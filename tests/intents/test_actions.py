"""Every action of the catalogue by a plain sentence, as tired people type it: what is to be done, and what was said for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import catalogue, read

TEAMS = "https://teams.microsoft.com/l/message/19:abc/123"
SLACK = "https://acme.slack.com/archives/C1/p1700000000000100"
TOMORROW = "2026-11-24T15:00:00+00:00"

# what is typed → the action, and the inputs that must be there as they were said
SAID: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # --- the chat, messengers, mail
    ("tell #ops that the build is green", "chat.post_message", {"channel": "#ops", "text": "the build is green"}),
    ("post hello team in #ops", "chat.post_message", {"channel": "#ops", "text": "hello team"}),
    ("ask @ada for approval to deploy", "chat.ask_approval", {"approver": "@ada"}),
    ("upload this file to #ops", "chat.upload_file", {"channel": "#ops"}),
    ("post the build is green to #ops in slack", "slack.post_message", {"channel": "#ops", "text": "the build is green"}),
    ("send a slack message to #ops saying the build is green", "slack.post_message", {"channel": "#ops", "text": "the build is green"}),
    ("create a slack channel called inc-42", "slack.create_channel", {"name": "inc-42"}),
    ("create a private slack channel inc-42", "slack.create_channel", {"name": "inc-42", "private": True}),
    ("create channel #inc-42 in slack", "slack.create_channel", {"name": "inc-42"}),
    ("invite @ada to #ops in slack", "slack.invite_to_channel", {"channel": "#ops", "user": "@ada"}),
    ("add ada@example.com to #ops in slack", "slack.invite_to_channel", {"channel": "#ops", "user": "ada@example.com"}),
    ("set the topic of #ops in slack to Deploy freeze until Friday", "slack.set_topic", {"channel": "#ops", "topic": "Deploy freeze until Friday"}),
    ("change the slack topic of #ops to on call: ada", "slack.set_topic", {"channel": "#ops", "topic": "on call: ada"}),
    ("upload this file to #ops in slack", "slack.upload_file", {"channel": "#ops"}),
    (f"react with :tada: to {SLACK}", "slack.add_reaction", {"emoji": "tada", "message": SLACK}),
    (f"add a :eyes: reaction to {SLACK} in slack", "slack.add_reaction", {"emoji": "eyes", "message": SLACK}),
    ("post deploy is done in #general on discord", "discord.post_message", {"channel": "#general", "text": "deploy is done"}),
    ("send a discord message to #general saying we are live", "discord.post_message", {"channel": "#general", "text": "we are live"}),
    ("start a discord thread Release notes in #general", "discord.create_thread", {"name": "Release notes", "channel": "#general"}),
    ("give @ada the Moderator role in discord", "discord.add_role", {"role": "Moderator", "user": "@ada"}),
    ("add the role Moderator to @ada on discord", "discord.add_role", {"role": "Moderator", "user": "@ada"}),
    ("send a teams message to General in Ops saying hello", "teams.post_message", {"channel": "General", "team": "Ops", "text": "hello"}),
    ("post hello everyone in the General channel of Ops in teams", "teams.post_message", {"channel": "General", "team": "Ops", "text": "hello everyone"}),
    (f'reply "on it" to {TEAMS}', "teams.reply_to_message", {"text": "on it", "message": TEAMS}),
    (f"reply to {TEAMS} saying on it", "teams.reply_to_message", {"text": "on it", "message": TEAMS}),
    (
        "create a teams meeting Release review tomorrow at 15:00 for 45 minutes",
        "teams.create_meeting",
        {"title": "Release review", "start": TOMORROW, "duration": "PT45M"},
    ),
    (
        "schedule a teams meeting called Release review tomorrow at 3pm with ada@example.com",
        "teams.create_meeting",
        {"title": "Release review", "start": TOMORROW, "attendees": ["ada@example.com"]},
    ),
    ("send a google chat message to Ops saying hello", "google_chat.post_message", {"channel": "Ops", "text": "hello"}),
    ("post hello in the Ops space in google chat", "google_chat.post_message", {"channel": "Ops", "text": "hello"}),
    ("create a google chat space Incident 42", "google_chat.create_space", {"name": "Incident 42"}),
    ("send an email to ada@example.com saying the report is ready", "email.send_email", {"to": "ada@example.com", "text": "the report is ready"}),
    (
        "email ada@example.com with subject Report saying it is ready",
        "email.send_email",
        {"to": "ada@example.com", "subject": "Report", "text": "it is ready"},
    ),
    # --- projects
    ("create an asana task Write release notes in Website", "asana.create_task", {"title": "Write release notes", "project": "Website"}),
    (
        "add an asana task Write release notes to the Website project assigned to ada",
        "asana.create_task",
        {"title": "Write release notes", "project": "Website", "assignee": "ada"},
    ),
    ("rename the asana task Write release notes to Publish notes", "asana.update_task", {"task": "Write release notes", "title": "Publish notes"}),
    ("assign asana task Write release notes to ada", "asana.update_task", {"task": "Write release notes", "assignee": "ada"}),
    ("complete the asana task Write release notes", "asana.complete_task", {"task": "Write release notes"}),
    ("mark asana task Write release notes as done", "asana.complete_task", {"task": "Write release notes"}),
    ("add a comment to asana task Website saying looks good", "asana.add_comment", {"task": "Website", "text": "looks good"}),
    ("comment looks good on the asana task Website", "asana.add_comment", {"task": "Website", "text": "looks good"}),
    ("search asana for release notes", "asana.search_tasks", {"query": "release notes"}),
    ("find asana tasks about login", "asana.search_tasks", {"query": "login"}),
    ("create a trello card Fix login on the Release board", "trello.create_card", {"title": "Fix login", "board": "Release"}),
    ("add a trello card Fix login to the list Doing on Release", "trello.create_card", {"title": "Fix login", "board": "Release", "list": "Doing"}),
    ("rename the trello card Fix login to Fix the login page", "trello.update_card", {"card": "Fix login", "title": "Fix the login page"}),
    ("set the due date of trello card Fix login to 2026-12-01", "trello.update_card", {"card": "Fix login"}),
    ("move the trello card Fix login to Done", "trello.move_card", {"card": "Fix login", "list": "Done"}),
    ("move card Fix login to the list In Review on the board Release", "trello.move_card", {"card": "Fix login", "list": "In Review", "board": "Release"}),
    ("comment on the trello card Fix login saying works for me", "trello.add_comment", {"card": "Fix login", "text": "works for me"}),
    ("archive the trello card Fix login", "trello.archive_card", {"card": "Fix login"}),
    ("archive card https://trello.com/c/abc123", "trello.archive_card", {"card": "https://trello.com/c/abc123"}),
    ("search trello for login", "trello.search_cards", {"query": "login"}),
    ("find trello cards about login on the Release board", "trello.search_cards", {"query": "login", "board": "Release"}),
    ("create a jira bug in OPS disk full on db-1", "jira.create_issue", {"project": "OPS", "title": "disk full on db-1", "type": "bug"}),
    ("open a jira ticket in OPS: disk full", "jira.create_issue", {"project": "OPS", "title": "disk full"}),
    ("set the priority of OPS-12 to high", "jira.update_issue", {"issue": "OPS-12", "priority": "high"}),
    ("rename OPS-12 to disk full on db-1", "jira.update_issue", {"issue": "OPS-12", "title": "disk full on db-1"}),
    ("transition OPS-12 to Done", "jira.transition_issue", {"issue": "OPS-12", "status": "Done"}),
    ("move OPS-12 to in review", "jira.transition_issue", {"issue": "OPS-12", "status": "in review"}),
    ("close jira issue OPS-12", "jira.transition_issue", {"issue": "OPS-12"}),
    ("assign OPS-12 to ada", "jira.assign_issue", {"issue": "OPS-12", "assignee": "ada"}),
    ("assign jira issue OPS-12 to @ada", "jira.assign_issue", {"issue": "OPS-12", "assignee": "@ada"}),
    ("comment on OPS-12: fixed in 2.1", "jira.add_comment", {"issue": "OPS-12", "text": "fixed in 2.1"}),
    ("add a comment to OPS-12 saying fixed in 2.1", "jira.add_comment", {"issue": "OPS-12", "text": "fixed in 2.1"}),
    ("search jira for disk full", "jira.search_issues", {"query": "disk full"}),
    ("list open jira issues in OPS", "jira.search_issues", {"status": "open", "project": "OPS"}),
    ("create a notion page Retro in the Meetings database", "notion.create_page", {"title": "Retro", "database": "Meetings"}),
    ("create a notion page Retro under Team home", "notion.create_page", {"title": "Retro", "parent": "Team home"}),
    ("set the status of the notion page Retro to Done", "notion.update_page", {"page": "Retro", "status": "Done"}),
    ("rename the notion page Retro to Retro November", "notion.update_page", {"page": "Retro", "title": "Retro November"}),
    ("append we ship on Friday to the notion page Retro", "notion.append_blocks", {"page": "Retro", "text": "we ship on Friday"}),
    ("add to the notion page Retro: we ship on Friday", "notion.append_blocks", {"page": "Retro", "text": "we ship on Friday"}),
    ("query the notion database Meetings", "notion.query_database", {"database": "Meetings"}),
    ("list open entries of the Meetings database in notion", "notion.query_database", {"database": "Meetings"}),
    ("add an item Order laptops to the monday board Hiring", "monday.create_item", {"title": "Order laptops", "board": "Hiring"}),
    ("create a monday item Order laptops on Hiring", "monday.create_item", {"title": "Order laptops", "board": "Hiring"}),
    ("set the status of monday item Order laptops to Done", "monday.update_item", {"item": "Order laptops", "status": "Done"}),
    ("post an update on the monday item Order laptops saying shipped", "monday.add_update", {"item": "Order laptops", "text": "shipped"}),
    ("search the monday board Hiring for laptops", "monday.search_items", {"board": "Hiring", "query": "laptops"}),
    ("create a google calendar event Release review tomorrow at 15:00", "google_calendar.create_event", {"title": "Release review", "start": TOMORROW}),
    (
        "add Lunch with Bob to my google calendar tomorrow at 3pm for 1 hour",
        "google_calendar.create_event",
        {"title": "Lunch with Bob", "start": TOMORROW, "duration": "PT1H"},
    ),
    ("move the google calendar event Release review to tomorrow at 15:00", "google_calendar.update_event", {"event": "Release review", "start": TOMORROW}),
    ("rename the calendar event Release review to Go live", "google_calendar.update_event", {"event": "Release review", "title": "Go live"}),
    ("delete the google calendar event Release review", "google_calendar.delete_event", {"event": "Release review"}),
    ("cancel the calendar event Release review", "google_calendar.delete_event", {"event": "Release review"}),
    ("list the google calendar events of today", "google_calendar.list_events", {}),
    ("show me my latest emails", "email.search_messages", {}),
    ("show the last slack messages", "slack.list_messages", {}),
    # --- files
    ("upload this to the google drive folder Reports", "google_drive.upload_file", {"folder": "Reports"}),
    ("create a google drive folder Reports in Finance", "google_drive.create_folder", {"name": "Reports", "parent": "Finance"}),
    ("create a folder q3 reports in google drive", "google_drive.create_folder", {"name": "q3 reports"}),
    ("share the google drive file Budget with ada@example.com", "google_drive.share_file", {"file": "Budget", "user": "ada@example.com"}),
    (
        "share Budget 2026.xlsx in google drive with ada@example.com as editor",
        "google_drive.share_file",
        {"file": "Budget 2026.xlsx", "user": "ada@example.com", "role": "editor"},
    ),
    ("copy the google drive file Budget to the folder Archive", "google_drive.copy_file", {"file": "Budget", "folder": "Archive"}),
    ("search google drive for invoices", "google_drive.search_files", {"query": "invoices"}),
    ("upload this to dropbox /reports", "dropbox.upload_file", {"folder": "/reports"}),
    ("create a dropbox folder /reports/2026", "dropbox.create_folder", {"name": "/reports/2026"}),
    ("share the dropbox file /reports/q3.pdf with ada@example.com", "dropbox.share_file", {"file": "/reports/q3.pdf", "user": "ada@example.com"}),
    ("move the dropbox file /reports/q3.pdf to /archive", "dropbox.move_file", {"file": "/reports/q3.pdf", "folder": "/archive"}),
    ("search dropbox for invoices", "dropbox.search_files", {"query": "invoices"}),
    ("how much space have I left in dropbox", "dropbox.get_space_usage", {}),
    ("upload this to onedrive /reports", "onedrive.upload_file", {"folder": "/reports"}),
    ("create a onedrive folder Reports", "onedrive.create_folder", {"name": "Reports"}),
    ("share the onedrive file /reports/q3.pdf with ada@example.com", "onedrive.share_file", {"file": "/reports/q3.pdf", "user": "ada@example.com"}),
    ("move /reports/q3.pdf to /archive in onedrive", "onedrive.move_file", {"file": "/reports/q3.pdf", "folder": "/archive"}),
    ("find files about invoices in onedrive", "onedrive.search_files", {"query": "invoices"}),
    ("upload this file to the box folder Reports", "box.upload_file", {"folder": "Reports"}),
    ("create a box folder Reports", "box.create_folder", {"name": "Reports"}),
    ("share the box file q3.pdf with ada@example.com", "box.share_file", {"file": "q3.pdf", "user": "ada@example.com"}),
    ("move the box file q3.pdf to Archive", "box.move_file", {"file": "q3.pdf", "folder": "Archive"}),
    ("search box for invoices", "box.search_files", {"query": "invoices"}),
    # --- customers
    ("create a salesforce lead Ada Lovelace at Acme", "salesforce.create_record", {"object": "Lead", "name": "Ada Lovelace", "company": "Acme"}),
    (
        "create a salesforce opportunity Big deal worth 5000",
        "salesforce.create_record",
        {"object": "Opportunity", "name": "Big deal", "amount": 5000},
    ),
    ("set the stage of salesforce opportunity Big deal to Closed Won", "salesforce.update_record", {"record": "Big deal", "object": "Opportunity", "stage": "Closed Won"}),
    ("set the status of the salesforce lead Ada Lovelace to Qualified", "salesforce.update_record", {"record": "Ada Lovelace", "object": "Lead", "status": "Qualified"}),
    ("find salesforce leads named Lovelace", "salesforce.query_records", {"object": "Lead", "query": "Lovelace"}),
    ("search salesforce accounts for Acme", "salesforce.query_records", {"object": "Account", "query": "Acme"}),
    ("add a salesforce task Call Acme back", "salesforce.add_task", {"title": "Call Acme back"}),
    ("create a hubspot contact ada@example.com", "hubspot.create_contact", {"email": "ada@example.com"}),
    (
        "create a hubspot contact Ada Lovelace ada@example.com at Acme",
        "hubspot.create_contact",
        {"email": "ada@example.com", "name": "Ada Lovelace", "company": "Acme"},
    ),
    ("set the phone of hubspot contact ada@example.com to 555 0100", "hubspot.update_contact", {"contact": "ada@example.com", "phone": "555 0100"}),
    ("create a hubspot deal Big deal worth 5000 EUR", "hubspot.create_deal", {"title": "Big deal", "amount": 5000}),
    ("move the hubspot deal Big deal to Closed Won", "hubspot.update_deal", {"deal": "Big deal", "stage": "Closed Won"}),
    ("set the amount of the hubspot deal Big deal to 7000", "hubspot.update_deal", {"deal": "Big deal", "amount": 7000}),
    ("create a hubspot ticket Cannot log in", "hubspot.create_ticket", {"title": "Cannot log in"}),
    ("add a note to the hubspot contact ada@example.com saying called back", "hubspot.add_note", {"contact": "ada@example.com", "text": "called back"}),
    ("create a zendesk ticket Cannot log in for ada@example.com", "zendesk.create_ticket", {"title": "Cannot log in", "requester": "ada@example.com"}),
    ("set zendesk ticket 42 to solved", "zendesk.update_ticket", {"ticket": 42, "status": "solved"}),
    ("create a zendesk ticket Cannot log in with priority high", "zendesk.create_ticket", {"title": "Cannot log in", "priority": "high"}),
    (
        "create a jira bug in OPS disk full labelled infra and db assigned to @ada",
        "jira.create_issue",
        {"title": "disk full", "labels": ["infra", "db"], "assignee": "@ada"},
    ),
    ("create an asana task Write release notes in Website due 2026-12-01", "asana.create_task", {"title": "Write release notes", "due": "2026-12-01"}),
    ("solve zendesk ticket #42", "zendesk.update_ticket", {"ticket": 42, "status": "solved"}),
    ("set the priority of zendesk ticket 42 to urgent", "zendesk.update_ticket", {"ticket": 42, "priority": "urgent"}),
    ("comment on zendesk ticket 42 saying we are on it", "zendesk.add_comment", {"ticket": 42, "text": "we are on it"}),
    ("search zendesk for login problems", "zendesk.search_tickets", {"query": "login problems"}),
    ("list open zendesk tickets", "zendesk.search_tickets", {"status": "open"}),
    # --- code
    ("create a github issue in acme/web titled disk full", "github.create_issue", {"repo": "acme/web", "title": "disk full"}),
    ("open an issue in acme/web on github: disk full", "github.create_issue", {"repo": "acme/web", "title": "disk full"}),
    ("close github issue acme/web#17", "github.close_issue", {"repo": "acme/web", "issue": 17}),
    ("close issue 17 in acme/web on github", "github.close_issue", {"repo": "acme/web", "issue": 17}),
    ("close issue https://github.com/acme/web/issues/17", "github.close_issue", {"repo": "acme/web", "issue": 17}),
    ("comment on github issue acme/web#17 saying fixed in 2.1", "github.add_comment", {"repo": "acme/web", "issue": 17, "text": "fixed in 2.1"}),
    ("add a comment to acme/web#17: fixed in 2.1", "github.add_comment", {"repo": "acme/web", "issue": 17, "text": "fixed in 2.1"}),
    ("add the label bug to github issue acme/web#17", "github.add_labels", {"repo": "acme/web", "issue": 17, "label": "bug"}),
    ("label acme/web#17 as bug", "github.add_labels", {"repo": "acme/web", "issue": 17, "label": "bug"}),
    ("create a github release v1.2.0 in acme/web", "github.create_release", {"repo": "acme/web", "tag": "v1.2.0"}),
    ("cut release v1.2.0 of acme/web", "github.create_release", {"repo": "acme/web", "tag": "v1.2.0"}),
    ("start the deploy workflow in acme/web on main", "github.dispatch_workflow", {"repo": "acme/web", "workflow": "deploy", "branch": "main"}),
    ("run the github workflow deploy.yml in acme/web", "github.dispatch_workflow", {"repo": "acme/web", "workflow": "deploy.yml"}),
    ("merge pull request acme/web#21", "github.merge_pull_request", {"repo": "acme/web", "pull_request": 21}),
    ("merge PR 21 in acme/web", "github.merge_pull_request", {"repo": "acme/web", "pull_request": 21}),
    ("squash and merge https://github.com/acme/web/pull/21", "github.merge_pull_request", {"repo": "acme/web", "pull_request": 21, "method": "squash"}),
    ("search github issues in acme/web for login", "github.search_issues", {"repo": "acme/web", "query": "login"}),
    ("list open github issues in acme/web", "github.search_issues", {"repo": "acme/web", "state": "open"}),
    ("create a gitlab issue in acme/web titled disk full", "gitlab.create_issue", {"project": "acme/web", "title": "disk full"}),
    ("close gitlab issue acme/web#17", "gitlab.close_issue", {"project": "acme/web", "issue": 17}),
    ("comment on gitlab issue acme/web#17 saying fixed", "gitlab.add_comment", {"project": "acme/web", "issue": 17, "text": "fixed"}),
    (
        "create a gitlab merge request Fix login in acme/web from fix-login to main",
        "gitlab.create_merge_request",
        {"project": "acme/web", "title": "Fix login", "source": "fix-login", "target": "main"},
    ),
    ("trigger the gitlab pipeline of acme/web on main", "gitlab.trigger_pipeline", {"project": "acme/web", "branch": "main"}),
    ("run the pipeline for acme/web on develop", "gitlab.trigger_pipeline", {"project": "acme/web", "branch": "develop"}),
    ("search gitlab issues in acme/web for login", "gitlab.search_issues", {"project": "acme/web", "query": "login"}),
    ("call https://example.com/hook", "http.request", {"url": "https://example.com/hook"}),
    ("send a POST request to https://example.com/hook", "http.request", {"url": "https://example.com/hook", "method": "POST"}),
    # --- money
    ("create a stripe customer ada@example.com", "stripe.create_customer", {"email": "ada@example.com"}),
    ("create a stripe customer Ada Lovelace ada@example.com", "stripe.create_customer", {"email": "ada@example.com", "name": "Ada Lovelace"}),
    ("create a stripe invoice for cus_123 over 50 EUR", "stripe.create_invoice", {"customer": "cus_123", "amount": 50, "currency": "EUR"}),
    ("invoice ada@example.com 50 EUR in stripe for consulting", "stripe.create_invoice", {"customer": "ada@example.com", "amount": 50, "currency": "EUR"}),
    ("refund payment pi_123", "stripe.refund_payment", {"payment": "pi_123"}),
    ("refund 20 EUR of the stripe payment pi_123", "stripe.refund_payment", {"payment": "pi_123", "amount": 20}),
    ("list failed stripe payments of the last 7 days", "stripe.list_payments", {"status": "failed", "window": "P7D"}),
    ("list stripe payments of ada@example.com", "stripe.list_payments", {"customer": "ada@example.com"}),
    ("create a quickbooks customer Acme", "quickbooks.create_customer", {"name": "Acme"}),
    ("create a quickbooks invoice for Acme over 500 USD", "quickbooks.create_invoice", {"customer": "Acme", "amount": 500}),
    ("send quickbooks invoice 1042 to ada@example.com", "quickbooks.send_invoice", {"invoice": "1042", "to": "ada@example.com"}),
    ("list overdue quickbooks invoices", "quickbooks.query_records", {"object": "Invoice", "status": "overdue"}),
    # --- figures
    (
        "run a google analytics report of sessions by country for the last 7 days",
        "google_analytics.run_report",
        {"metric": "sessions", "dimension": "country", "window": "P7D"},
    ),
    ("run a realtime google analytics report of active users by country", "google_analytics.run_realtime_report", {"metric": "active_users", "dimension": "country"}),
    ("track signup for user 42 in mixpanel", "mixpanel.track_event", {"event": "signup", "user": "42"}),
    ("track the mixpanel event signup for user ada@example.com", "mixpanel.track_event", {"event": "signup", "user": "ada@example.com"}),
    ("query mixpanel for signup events of the last 7 days", "mixpanel.query_events", {"event": "signup", "window": "P7D"}),
    ("how many signup events by country in mixpanel", "mixpanel.query_events", {"event": "signup", "by": "country"}),
    # --- the house
    ("post the health report in #ops", "signalbox.health_report", {}),
    ("post the alert digest in #ops", "signalbox.alert_digest", {}),
    ("post the workflow analytics of nightly-sync in #ops", "signalbox.workflow_analytics", {"workflow": "nightly-sync"}),
    ("post the impact report for github in #ops", "signalbox.impact_report", {"service": "github"}),
    # --- the same said otherwise
    ("slack #ops that the deploy is done", "slack.post_message", {"channel": "#ops", "text": "the deploy is done"}),
    ("message #general in discord: we are live", "discord.post_message", {"channel": "#general", "text": "we are live"}),
    ("create a slack channel incident 42", "slack.create_channel", {"name": "incident-42"}),
    ("react with thumbsup to " + SLACK, "slack.add_reaction", {"emoji": "thumbsup", "message": SLACK}),
    ("schedule Release review in teams for tomorrow at 15:00", "teams.create_meeting", {"title": "Release review", "start": TOMORROW}),
    ("send ada@example.com an email saying hello with subject Hi", "email.send_email", {"text": "hello", "subject": "Hi"}),
    ("trigger deploy.yml in acme/web", "github.dispatch_workflow", {"workflow": "deploy.yml", "repo": "acme/web"}),
    ("run pipeline acme/web main", "gitlab.trigger_pipeline", {"project": "acme/web", "branch": "main"}),
    ("close acme/web#17 as not planned", "github.close_issue", {"issue": 17, "repo": "acme/web", "reason": "not_planned"}),
    ("add labels bug and infra to acme/web#17", "github.add_labels", {"issue": 17, "labels": ["bug", "infra"]}),
    ("tag a github release v1.2.0 for acme/web on main", "github.create_release", {"tag": "v1.2.0", "branch": "main"}),
    ("can you please merge pull request 21 in acme/web?", "github.merge_pull_request", {"pull_request": 21, "repo": "acme/web"}),
    ("put OPS-12 in progress", "jira.transition_issue", {"issue": "OPS-12", "status": "in progress"}),
    ("resolve OPS-12", "jira.transition_issue", {"issue": "OPS-12"}),
    ("set OPS-12 to high priority", "jira.update_issue", {"issue": "OPS-12", "priority": "high"}),
    ("add a comment to OPS-12 saying done and assign it to ada", "jira.assign_issue", {"issue": "OPS-12", "assignee": "ada"}),
    ("comment on acme/web#17 saying fixed in 2.1 and close it", "github.close_issue", {"issue": 17, "repo": "acme/web"}),
    ("search jira for open bugs in OPS", "jira.search_issues", {"status": "open", "project": "OPS"}),
    ("move Fix login to Done in trello", "trello.move_card", {"card": "Fix login", "list": "Done"}),
    ("add Order laptops to the Hiring board in monday", "monday.create_item", {"title": "Order laptops", "board": "Hiring"}),
    ("put Dentist in my calendar on Friday at 9", "google_calendar.create_event", {"title": "Dentist", "start": "2026-11-27T09:00:00+00:00"}),
    ("show my google calendar events for tomorrow", "google_calendar.list_events", {"start": "2026-11-24T00:00:00+00:00"}),
    ("put this file into dropbox /reports", "dropbox.upload_file", {"folder": "/reports"}),
    ("share /q3.pdf in dropbox with ada@example.com and bob@example.com", "dropbox.share_file", {"user": ["ada@example.com", "bob@example.com"]}),
    ("find invoices in dropbox", "dropbox.search_files", {"query": "invoices"}),
    ("create a salesforce contact Ada Lovelace with email ada@example.com", "salesforce.create_record", {"name": "Ada Lovelace", "object": "Contact"}),
    ("update salesforce opportunity Big deal stage to Closed Won", "salesforce.update_record", {"record": "Big deal", "stage": "Closed Won"}),
    ("open a zendesk ticket Cannot log in from ada@example.com with high priority", "zendesk.create_ticket", {"title": "Cannot log in"}),
    ("close zendesk ticket 42", "zendesk.update_ticket", {"ticket": 42, "status": "solved"}),
    ("add an internal note to zendesk ticket 42 saying check logs", "zendesk.add_comment", {"ticket": 42, "public": False, "text": "check logs"}),
    ("invoice ada@example.com for 50 EUR in stripe", "stripe.create_invoice", {"customer": "ada@example.com", "amount": 50}),
    ("create a stripe invoice of 50 EUR for ada@example.com", "stripe.create_invoice", {"customer": "ada@example.com", "amount": 50}),
    ("set the slack topic of ops to freeze", "slack.set_topic", {"channel": "ops", "topic": "freeze"}),
    ("create an asana task write notes in website", "asana.create_task", {"title": "write notes", "project": "website"}),
    ("create a trello card fix login on the release board in list doing", "trello.create_card", {"board": "release", "list": "doing"}),
    ("create a notion page retro in the meetings database", "notion.create_page", {"title": "retro", "database": "meetings"}),
    ("create a hubspot deal big deal worth 5k", "hubspot.create_deal", {"title": "big deal", "amount": 5000}),
    ("update zendesk ticket 42 status to pending", "zendesk.update_ticket", {"ticket": 42, "status": "pending"}),
    ("search box for invoices and send them to ada@example.com", "email.send_email", {"to": "ada@example.com"}),
    ("run a google analytics report of sessions by country for the last 7 days and post it in #ops", "chat.post_message", {"channel": "#ops"}),
    ("get sessions and users from google analytics for last week", "google_analytics.run_report", {"metrics": ["sessions", "users"]}),
)  # fmt: skip
NOT_BY_AN_ORDER = {"signalbox.run_workflow": "“run nightly-sync” is a command of its own; as a step it stands behind a trigger"}


@pytest.mark.parametrize(("words", "action", "inputs"), SAID, ids=[words[:50] for words, _, _ in SAID])
def test_what_is_typed_is_done_with_what_was_said(words: str, action: str, inputs: dict[str, Any]) -> None:
    understood = read(words)
    assert understood.command == "create_workflow", understood
    assert understood.question is None
    made: Any = understood.arguments["workflow"]
    assert made["trigger"] == {"type": "manual"}
    step = next((step for step in made["steps"] if step["action"] == action), None)
    assert step is not None, made
    assert {name: step["with"].get(name) for name in inputs} == inputs


AS_BEFORE: tuple[tuple[str, str | None], ...] = (
    ("start nightly-sync", "run_workflow"),
    ("run the deploy workflow", "run_workflow"),
    ("rename nightly-sync to daily-sync", "edit_workflow"),
    ("delete the workflow nightly", "delete_workflow"),
    ("give me the health report", "health_report"),
    ("merge it", None),
    ("close the issue", None),
    ("find my keys", None),
    ("start the car", None),
    ("put the kettle on", None),
    ("book a table tomorrow at 8", None),
    ("close https://example.com/foo", None),
    ("how do I merge a pull request", None),
    ("assign github issue acme/web#17 to ada", None),  # GitHub's connector does not assign, and closing it would be wrong
    ("merge gitlab mr 21", None),
)


@pytest.mark.parametrize(("words", "command"), AS_BEFORE, ids=[words for words, _ in AS_BEFORE])
def test_what_is_no_order_to_a_product_stays_what_it_is(words: str, command: str | None) -> None:
    assert read(words).command == command


@pytest.mark.parametrize(
    "words", ["every monday at 9 move the trello card Fix login to Done", "when a github issue is opened, merge pull request acme/web#21"]
)
def test_an_order_with_a_cause_waits_for_it(words: str) -> None:
    made: Any = read(words).arguments["workflow"]
    assert made["trigger"]["type"] != "manual"
    assert made["steps"][0]["with"] in ({"card": "Fix login", "list": "Done"}, {"pull_request": 21, "repo": "acme/web"})


def test_no_action_of_the_catalogue_is_without_a_sentence() -> None:
    assert set(catalogue().actions) - {action for _, action, _ in SAID} == set(NOT_BY_AN_ORDER)
