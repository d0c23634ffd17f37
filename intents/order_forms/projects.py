"""Tasks, cards, issues, pages, items and events."""

from __future__ import annotations

from intents.order_forms.words import AN, CALLED, CHANGE, LOOK, MEET, NEW, SAY, THE, TO, WITH_LOOK


def _commented(thing: str, place: str) -> tuple[str, ...]:
    return (
        f"(add|leave|post|write|put) {AN} comment (to|on|at|for) {THE} {thing} {place} {SAY} {{text:rest}}",
        f"comment on {THE} {thing} {place} {SAY} {{text:rest}}",
        f"(add|leave|post|write|put) [the|a] comment {{text:said}} (to|on|at) {THE} {thing} {place}",
        f"comment {{text:said}} on {THE} {thing} {place}",
    )


PROJECTS: dict[str, tuple[str, ...]] = {
    "asana.create_task": (
        f"{NEW} {AN} task {CALLED} {{title}} {TO} {THE} {{project}} project (assigned to|for) {{assignee:person}}",
        f"{NEW} {AN} task {CALLED} {{title}} {TO} {THE} [project] {{project}} (assigned to|for) {{assignee:person}}",
        f"{NEW} {AN} task {CALLED} {{title}} {TO} {THE} {{project}} project",
        f"{NEW} {AN} task {CALLED} {{title}} {TO} [the] [project] {{project:capitals}}",
        f"{NEW} {AN} task {CALLED} {{title}} in [the] [project] {{project:word}}",
    ),
    "asana.update_task": (
        f"rename {THE} task {{task}} to {{title}}",
        f"assign {THE} task {{task}} to {{assignee:person}}",
        f"{CHANGE} [the] due date of {THE} task {{task}} to {{due:when}}",
        f"{CHANGE} [the] assignee of {THE} task {{task}} to {{assignee:person}}",
    ),
    "asana.complete_task": (
        f"(complete|finish|close|tick off) {THE} task {{task}}",
        f"(mark|set) {THE} task {{task}} (as|to) (done|complete|completed|finished)",
    ),
    "asana.search_tasks": (
        f"{LOOK} [all|the|my|our] [tasks] {WITH_LOOK} {{query}} in [the] project {{project}}",
        f"{LOOK} [all|the|my|our] [tasks] {WITH_LOOK} {{query}}",
    ),
    "trello.create_card": (
        f"{NEW} {AN} card {CALLED} {{title}} on {THE} {{board}} board in {THE} list {{list}}",
        f"{NEW} {AN} card {CALLED} {{title}} on {THE} {{board}} board in {THE} {{list}} list",
        f"{NEW} {AN} card {CALLED} {{title}} (to|on) {THE} {{board}} board",
        f"{NEW} {AN} card {CALLED} {{title}} (to|on) {THE} board {{board}}",
        f"{NEW} {AN} card {CALLED} {{title}} (to|in|on) [the] list {{list}} (on|of) {THE} [board] {{board}}",
        f"{NEW} {AN} card {CALLED} {{title}} (to|in|on) [the] {{list}} list (on|of) {THE} [board] {{board}}",
    ),
    "trello.update_card": (
        f"rename {THE} card {{card}} to {{title}}",
        f"assign {THE} card {{card}} to {{assignee:person}}",
        f"{CHANGE} [the] due date of {THE} card {{card}} to {{due:when}}",
    ),
    "trello.move_card": (
        f"{CHANGE} [the] (status|list|column) of {THE} card {{card}} to {{list}}",
        f"~(move|drag|put|shift) {THE} card {{card}} {TO} {THE} [list|column] {{list}} on {THE} [board] {{board}}",
        f"~(move|drag|put|shift) {THE} card {{card}} {TO} {THE} list {{list}}",
        f"~(move|drag|put|shift) {THE} card {{card}} {TO} {THE} {{list}} (list|column)",
        f"(move|drag|put|shift) {THE} [card] {{card}} {TO} {THE} [list|column] {{list}} on {THE} [board] {{board}}",
        f"(move|drag|put|shift) {THE} [card] {{card}} {TO} {THE} {{list}} (list|column)",
        f"(move|drag|put|shift) {THE} [card] {{card}} {TO} {THE} [list|column] {{list}}",
    ),
    "trello.archive_card": (f"archive {THE} [card] {{card}}", f"~archive {THE} card {{card:link}}"),
    "trello.search_cards": (
        f"{LOOK} [all|the|my|our] [cards] {WITH_LOOK} {{query}} on {THE} {{board}} board",
        f"{LOOK} [all|the|my|our] [cards] {WITH_LOOK} {{query}} on {THE} board {{board}}",
        f"{LOOK} [all|the|my|our] [cards] {WITH_LOOK} {{query}}",
    ),
    "jira.create_issue": (
        *(
            f"(create|open|file|raise|report|add) {AN} {word} in [the] [project] {{project:word}} {CALLED} {{title:rest}}{type}"
            for word, type in (("bug", " => type=bug"), ("story", " => type=story"), ("epic", " => type=epic"), ("(issue|ticket|task)", ""))
        ),
    ),
    "jira.update_issue": (
        f"~{CHANGE} [the] priority of {THE} [issue|ticket|bug] {{issue:key}} to {{priority:word}}",
        f"~{CHANGE} {THE} [issue|ticket|bug] {{issue:key}} priority to {{priority:word}}",
        f"~{CHANGE} {THE} [issue|ticket|bug] {{issue:key}} to {{priority:word}} priority",
        f"~{CHANGE} [the] due date of {THE} [issue|ticket|bug] {{issue:key}} to {{due:when}}",
        f"~{CHANGE} [the] (title|summary) of {THE} [issue|ticket|bug] {{issue:key}} to {{title:rest}}",
        f"~rename {THE} [issue|ticket|bug] {{issue:key}} to {{title:rest}}",
    ),
    "jira.transition_issue": (
        f"~{CHANGE} [the] status of {THE} [issue|ticket|bug] {{issue:key}} to {{status}}",
        f"~(transition|move|set|put) {THE} [issue|ticket|bug] {{issue:key}} [to|into] {{status:going}}",
        f"~(transition|move|set|put) {THE} [issue|ticket|bug] {{issue:key}} (to|into|in) {{status}}",
        f"~(close|resolve) {THE} [issue|ticket|bug] {{issue:key}}",
        f"~(mark|set|close|resolve) {THE} [issue|ticket|bug] {{issue:key}} as {{status}}",
    ),
    "jira.assign_issue": (
        f"~assign {THE} [issue|ticket|bug] {{issue:key}} to {{assignee:person}}",
        f"~(hand|give) {THE} [issue|ticket|bug] {{issue:key}} to {{assignee:person}}",
    ),
    "jira.add_comment": (
        f"~(add|leave|post|write|put) {AN} comment (to|on|at|for) {THE} [issue|ticket|bug] {{issue:key}} {SAY} {{text:rest}}",
        f"~comment on {THE} [issue|ticket|bug] {{issue:key}} {SAY} {{text:rest}}",
        f"~comment {{text:said}} on {THE} [issue|ticket|bug] {{issue:key}}",
    ),
    "jira.search_issues": (
        f"{LOOK} [all|the|our|my] {{status:state}} (issues|tickets|bugs|stories) in [the] [project] {{project:word}}",
        f"{LOOK} [all|the|our|my] [issues|tickets|bugs] {WITH_LOOK} {{query}} in [the] project {{project:word}}",
        f"{LOOK} [all|the|our|my] [issues|tickets|bugs] {WITH_LOOK} {{query}}",
    ),
    "notion.create_page": (
        f"{NEW} {AN} page {CALLED} {{title}} (under|below|inside) {THE} [page] {{parent}}",
        f"{NEW} {AN} page {CALLED} {{title}} in {THE} {{database}} database",
    ),
    "notion.update_page": (
        f"{CHANGE} [the] status of {THE} page {{page}} to {{status}}",
        f"(mark|set|update|change) {THE} page {{page}} (as|to) {{status}}",
        f"rename {THE} page {{page}} to {{title}}",
    ),
    "notion.append_blocks": (
        f"(append|add|write|put|note) {{text:words}} {TO} {THE} page {{page}}",
        f"(append|add|write|put) (to|on) {THE} page {{page}} {SAY} {{text:rest}}",
        f"(append|add|write|put) {AN} (note|line|paragraph) (to|on) {THE} page {{page}} {SAY} {{text:rest}}",
    ),
    "notion.query_database": (
        f"{LOOK} [all|the] {{status:state}} (entries|pages|rows|items) (of|in|from) {THE} {{database}} database",
        f"{LOOK} [all|the] (entries|pages|rows|items) (of|in|from) {THE} {{database}} database",
        f"{LOOK} {THE} database {{database}} {WITH_LOOK} {{query}}",
        f"{LOOK} {THE} {{database}} database {WITH_LOOK} {{query}}",
        f"{LOOK} {THE} database {{database}}",
        f"{LOOK} {THE} {{database}} database",
    ),
    "monday.create_item": (
        f"{NEW} {AN} item {CALLED} {{title}} (to|on|in) {THE} board {{board}}",
        f"{NEW} {AN} item {CALLED} {{title}} (to|on|in) {THE} {{board}} board",
        f"{NEW} {AN} item {CALLED} {{title}} on {{board:capitals}}",
        f"(add|put) {{title}} (to|on) {THE} {{board}} board",
        f"(add|put) {{title}} (to|on) {THE} board {{board}}",
    ),
    "monday.update_item": (
        f"{CHANGE} [the] status of {THE} item {{item}} to {{status}}",
        f"(mark|set|move) {THE} item {{item}} (as|to) {{status}}",
        f"rename {THE} item {{item}} to {{title}}",
        f"assign {THE} item {{item}} to {{assignee:person}}",
    ),
    "monday.add_update": (
        f"(add|leave|post|write|put) {AN} (update|comment) (to|on|at|for) {THE} item {{item}} {SAY} {{text:rest}}",
        f"comment on {THE} item {{item}} {SAY} {{text:rest}}",
        f"comment {{text:said}} on {THE} item {{item}}",
    ),
    "monday.search_items": (
        f"{LOOK} {THE} board {{board}} {WITH_LOOK} {{query}}",
        f"{LOOK} {THE} {{board}} board {WITH_LOOK} {{query}}",
        f"{LOOK} [all|the] [items] {WITH_LOOK} {{query}} on {THE} board {{board}}",
        f"{LOOK} [all|the] [items] {WITH_LOOK} {{query}} on {THE} {{board}} board",
        f"{LOOK} [all|the] [items] {WITH_LOOK} {{query}}",
    ),
    "google_calendar.create_event": (
        f"{MEET} {AN} (event|meeting|appointment) {CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}} with {{attendees:people}}",
        f"{MEET} {AN} (event|meeting|appointment) {CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}}",
        f"{MEET} {AN} (event|meeting|appointment) {CALLED} {{title}} [on|at] {{start:when}} with {{attendees:people}}",
        f"{MEET} {AN} (event|meeting|appointment) {CALLED} {{title}} [on|at] {{start:when}}",
        "(put|add|book|schedule) {title} [on|at] {start:when} for {duration:long}",
        "(put|add|book|schedule) {title} [on|at] {start:when}",
    ),
    "google_calendar.update_event": (
        f"(move|shift|reschedule|postpone) {THE} [event|meeting|appointment] {{event}} to {{start:when}}",
        f"rename {THE} [event|meeting|appointment] {{event}} to {{title}}",
    ),
    "google_calendar.delete_event": (f"(delete|remove|cancel|call off|drop) {THE} (event|meeting|appointment) {{event}}",),
    "google_calendar.list_events": (
        f"{LOOK} [all|the|my|our] (events|meetings|appointments) [of|for|from|in|on] {{start:day}}",
        f"{LOOK} [all|the|my|our] (events|meetings|appointments) [of|for|from|in] {{window:span}}",
    ),
    "asana.add_comment": _commented("task", "{task}"),
    "trello.add_comment": _commented("card", "{card}"),
}
