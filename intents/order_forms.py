"""How people order each action in so many words. Data only: ``intents.grammar.order_pattern`` says how a form is written.

The service's name is taken out before a form is tried (“in slack”, “the trello card”); ``~`` marks what needs no service to be named.
The first form that fits the whole order counts.
"""

from __future__ import annotations

_SAY = "(saying|reading|: |that says|with [the] (text|comment|message|note))".replace(": ", ":")
_NEW = "(create|make|add|open|start|set up|new)"
_AN = "[a|an|the|one] [new]"
_THE = "[the|my|our|this]"
_LOOK = "(search|find|look for|look up|query|list|show|get|fetch) [for]"
_CHANGE = "(set|change|update|put)"
_CALLED = "[called|named|titled|:]"
_CLOSE = "(close|resolve)"
_TO = "(to|into|in)"
_WITH_LOOK = "(for|about|matching|containing|with)"


def _drive(service: str) -> dict[str, tuple[str, ...]]:
    """The four that keep files speak alike."""
    moved = "copy" if service == "google_drive" else "move"
    deed = "(copy|duplicate)" if moved == "copy" else "(move|put|shift)"
    return {
        f"{service}.create_folder": (
            f"{_NEW} {_AN} [shared] (folder|directory) {_CALLED} {{name}} (in|inside|under) {_THE} [folder] {{parent}}",
            f"{_NEW} {_AN} [shared] (folder|directory) {_CALLED} {{name}}",
        ),
        f"{service}.share_file": (
            f"(share|give access to) {_THE} [file|document|doc|folder] {{file}} with {{user:mails}} as [a|an] {{role:word}}",
            f"(share|give access to) {_THE} [file|document|doc|folder] {{file}} with {{user:mails}}",
        ),
        f"{service}.{moved}_file": (
            f"{deed} {_THE} [file|document|doc] {{file}} {_TO} {_THE} [folder|directory] {{folder}} [folder]",
            f"{deed} {_THE} [file|document|doc] {{file}} {_TO} {_THE} [folder|directory] {{folder}}",
        ),
        f"{service}.search_files": (
            f"{_LOOK} [all|the|my|our] [files|documents|docs|file] in {_THE} [folder] {{folder}} {_WITH_LOOK} {{query}}",
            f"{_LOOK} [all|the|my|our] [files|documents|docs] {_WITH_LOOK} {{query}} in {_THE} folder {{folder}}",
            f"{_LOOK} [all|the|my|our] [files|documents|docs] {_WITH_LOOK} {{query}}",
            f"{_LOOK} [all|the|my|our] {{query:sought}}",
        ),
    }


def _record(object: str, words: str) -> tuple[str, ...]:
    begin = f"{_NEW} {_AN} ({words}) {_CALLED}"
    return (
        f"{begin} {{name}} (at|from|of) {{company}} with [the] email {{email}} => object={object}",
        f"{begin} {{name}} with [the] [email] {{email}} => object={object}",
        f"{begin} {{name}} {{email}} (at|from|of) {{company}} => object={object}",
        f"{begin} {{name}} (at|from|of) {{company}} => object={object}",
        f"{begin} {{name}} (worth|over|of|for) {{amount:money}} => object={object}",
        f"{begin} {{name}} {{email}} => object={object}",
        f"{begin} {{name}} => object={object}",
    )


def _records() -> dict[str, tuple[str, ...]]:
    kinds = {
        "Lead": "lead", "Opportunity": "opportunity|opp", "Account": "account", "Contact": "contact", "Case": "case", "Campaign": "campaign",
    }  # fmt: skip
    changed = tuple(
        form
        for name, words in kinds.items()
        for form in (
            f"{_CHANGE} [the] stage of {_THE} ({words}) {{record}} to {{stage:status}} => object={name}",
            f"{_CHANGE} {_THE} ({words}) {{record}} stage to {{stage:status}} => object={name}",
            f"{_CHANGE} {_THE} ({words}) {{record}} [set] status [to] {{status}} => object={name}",
            f"{_CHANGE} [the] status of {_THE} ({words}) {{record}} to {{status}} => object={name}",
            f"{_CHANGE} [the] amount of {_THE} ({words}) {{record}} to {{amount:money}} => object={name}",
            f"{_CHANGE} [the] owner of {_THE} ({words}) {{record}} to {{owner:person}} => object={name}",
            f"(move|advance) {_THE} ({words}) {{record}} to [the] [stage] {{stage:status}} => object={name}",
        )
    )
    found = tuple(
        form
        for name, words in {**kinds, "Opportunity": "opportunities|opps|opportunity", "Lead": "leads|lead"}.items()
        for form in (
            f"{_LOOK} [all|the|our|my] ({'|'.join(word if word.endswith('s') else word + 's' for word in words.split('|'))}|{words})"
            f" (named|called|for|about|matching|containing|with|like) {{query}} => object={name}",
            f"{_LOOK} [all|the|our|my] {{status:state}} ({'|'.join(word if word.endswith('s') else word + 's' for word in words.split('|'))}) => object={name}",
        )
    )
    return {
        "salesforce.create_record": tuple(form for name, words in kinds.items() for form in _record(name, words)),
        "salesforce.update_record": changed,
        "salesforce.query_records": found,
    }


_COMMENTS: dict[str, tuple[str, str]] = {
    "asana.add_comment": ("task", "{task}"),
    "trello.add_comment": ("card", "{card}"),
}
_ISSUE = "[issue|bug|ticket|pull request|pr|merge request|mr] [number]"


def _commented(thing: str, place: str) -> tuple[str, ...]:
    return (
        f"(add|leave|post|write|put) {_AN} comment (to|on|at|for) {_THE} {thing} {place} {_SAY} {{text:rest}}",
        f"comment on {_THE} {thing} {place} {_SAY} {{text:rest}}",
        f"(add|leave|post|write|put) [the|a] comment {{text:said}} (to|on|at) {_THE} {thing} {place}",
        f"comment {{text:said}} on {_THE} {thing} {place}",
    )


def _numbered(noun: str, where: str, place: str) -> dict[str, tuple[str, ...]]:
    """What GitHub and GitLab share: issues by number, in a repository."""
    return {
        "close_issue": (
            *(
                f"~{_CLOSE} {_THE} [issue|bug|ticket] [number] {{issue:{where}}} as [a] {words} => reason={reason}"
                for words, reason in (("not planned", "not_planned"), ("duplicate", "duplicate"))
                if place == "repo"
            ),
            f"~{_CLOSE} {_THE} [issue|bug|ticket] [number] {{issue:{where}}}",
            f"{_CLOSE} {_THE} [issue|bug|ticket] [number] {{issue:ref}}",
            f"{_CLOSE} {_THE} [issue|bug|ticket] [number] {{issue:ref}} (in|of) {_THE} [{noun}] {{{place}:repo}}",
        ),
        "add_comment": tuple(
            form
            for bare, kind, more in (("~", where, ""), ("", "ref", f" (in|of) [the] [{noun}] {{{place}:repo}}"), ("", "ref", ""))
            for form in (
                f"{bare}(add|leave|post|write|put) {_AN} comment (to|on|at|for) {_THE} {_ISSUE} {{issue:{kind}}}{more} {_SAY} {{text:rest}}",
                f"{bare}comment on {_THE} {_ISSUE} {{issue:{kind}}}{more} {_SAY} {{text:rest}}",
                f"{bare}comment {{text:said}} on {_THE} {_ISSUE} {{issue:{kind}}}{more}",
            )
        ),
        "create_issue": (
            f"(create|open|file|raise|report|add) {_AN} (issue|bug) in {_THE} [{noun}] {{{place}:repo}} {_CALLED} {{title:rest}}",
            f"(create|open|file|raise|report|add|new) {_AN} (issue|bug) {{{place}:repo}} {_CALLED} {{title:rest}}",
            f"(create|open|file|raise|report|add) {_AN} (issue|bug) {_CALLED} {{title:name}} in {_THE} [{noun}] {{{place}:repo}}",
        ),
        "search_issues": (
            f"{_LOOK} [all|the|our] {{state}} (issues|bugs) (in|of) {_THE} [{noun}] {{{place}:repo}} {_WITH_LOOK} {{query}}",
            f"{_LOOK} [all|the|our] {{state}} (issues|bugs) (in|of) {_THE} [{noun}] {{{place}:repo}}",
            f"{_LOOK} [all|the|our] (issues|bugs) (in|of) {_THE} [{noun}] {{{place}:repo}} {_WITH_LOOK} {{query}}",
            f"{_LOOK} [all|the|our] [issues|bugs] {_WITH_LOOK} {{query}} in {_THE} [{noun}] {{{place}:repo}}",
            f"{_LOOK} [all|the|our] [issues|bugs] (in|of) {_THE} [{noun}] {{{place}:repo}}",
            f"{_LOOK} [all|the|our] [issues|bugs] {_WITH_LOOK} {{query}}",
        ),
    }


_RUN = "(start|run|trigger|dispatch|launch|kick off|rerun|re-run)"
_BILL = f"(create|make|write|issue|add) {_AN} invoice"
_WRITE = "(post|write|say|send)"
_MEET = "(create|schedule|book|set up|plan|add|make|arrange)"


def _merged() -> tuple[str, ...]:
    ways = (
        ("(squash and merge|squash-merge|squash)", " => method=squash"),
        ("(rebase and merge|rebase)", " => method=rebase"),
        ("merge", ""),
    )
    places = (("~", "here", ""), ("~", "ref", " (in|of|on) [the] [repo|repository] {repo:repo}"), ("", "ref", ""))
    return tuple(
        f"{bare}{verb} {_THE} [pull request|pr|pull-request] [number] {{pull_request:{kind}}}{more}{method}"
        for verb, method in ways
        for bare, kind, more in places
    )


ORDERS: dict[str, tuple[str, ...]] = {
    # --- messengers and mail
    "chat.ask_approval": ("~ask {approver:who} (for|to give) [an|the|his|her] (approval|ok|permission|go-ahead) [to {text:rest}]",),
    "chat.upload_file": ("~(upload|attach) (this|it|that|the|my) [attached] [file] (to|in|into) [the] [channel] {channel:channel}",),
    "slack.create_channel": (
        f"(create|make|open|add) {_AN} private channel {_CALLED} {{name:slug}} => private=true",
        f"(create|make|open|add) {_AN} [public] channel {_CALLED} {{name:slug}}",
    ),
    "slack.invite_to_channel": ("(invite|add|bring) {user:mails} (to|into) [the] [channel] {channel:channel} [channel]",),
    "slack.set_topic": ("~(set|change|update|make) [the] topic (of|in|for) [the] [channel] {channel:channel} (to|:) {topic:rest}",),
    "slack.add_reaction": (
        "~react with {emoji} (to|on) [the] [message] {message:link}",
        "~react with [a|the] {emoji:word} (to|on) [the] [message] {message:link}",
        "~(add|put|leave) [a|the] {emoji} [reaction] (to|on) [the] [message] {message:link}",
        "~(add|put|leave) [a|the] reaction {emoji} (to|on) [the] [message] {message:link}",
    ),
    "discord.create_thread": (
        f"(create|start|open|make) {_AN} thread {_CALLED} {{name}} in [the] [channel] {{channel:channel}} [channel]",
        f"(create|start|open|make) {_AN} thread in [the] [channel] {{channel:channel}} {_CALLED} {{name}}",
    ),
    "discord.add_role": (
        "(give|assign|grant) {user:who} [the] {role} role",
        "(give|assign|grant) {user:who} the role {role}",
        "(add|give|assign|grant) the role {role} to {user:who}",
        "(add|give|assign|grant) the {role} role to {user:who}",
    ),
    "teams.post_message": (
        f"(post|send|write) {_AN} message (to|in) [the] [channel] {{channel:name}} [channel] (in|of) [the] [team] {{team}} {_SAY} {{text:rest}}",
        f"(post|send|write) {_AN} message (to|in) [the] [channel] {{channel:name}} [channel] {_SAY} {{text:rest}}",
        f"{_WRITE} {{text:message}} (to|in) the {{channel:name}} channel (in|of) [the] [team] {{team}}",
        f"{_WRITE} {{text:message}} (to|in) the {{channel:name}} channel",
    ),
    "google_chat.post_message": (
        f"(post|send|write) {_AN} message (to|in) [the] [space] {{channel:name}} [space] {_SAY} {{text:rest}}",
        f"{_WRITE} {{text:message}} (to|in) the {{channel:name}} space",
        f"{_WRITE} {{text:message}} (to|in) the space {{channel:name}}",
    ),
    **{
        f"{service}.post_message": (
            f"{_WRITE} {{text:message}} (to|in|into) [the] [channel] {{channel:channel}} [channel]",
            "(message|tell|ping|notify) {channel:channel} (saying|that|:) {text:rest}",
            "{channel:channel} (saying|that|:) {text:rest}",
        )
        for service in ("slack", "discord")
    },
    "chat.post_message": ("~(post|write|say) {text:message} (to|in|into) [the] [channel] {channel:channel} [channel]",),
    "teams.reply_to_message": (
        "~(reply|answer|respond) {text:said} to [the] [message] {message:link}",
        f"~(reply|answer|respond) to [the] [message] {{message:link}} [with] [{_SAY}] {{text:rest}}",
    ),
    "teams.create_meeting": (
        f"{_MEET} {_AN} meeting {_CALLED} {{title}} (with|and invite) {{attendees:people}} [on|at] {{start:when}} for {{duration:long}}",
        f"{_MEET} {_AN} meeting {_CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}} (with|and invite) {{attendees:people}}",
        f"{_MEET} {_AN} meeting {_CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}}",
        f"{_MEET} {_AN} meeting {_CALLED} {{title}} [on|at] {{start:when}} (with|and invite) {{attendees:people}}",
        f"{_MEET} {_AN} meeting {_CALLED} {{title}} [on|at] {{start:when}}",
        "(schedule|plan|set up|book) {title} [for|on|at] {start:when} for {duration:long}",
        "(schedule|plan|set up|book) {title} [for|on|at] {start:when}",
    ),
    "google_chat.create_space": (f"{_NEW} {_AN} (space|room) {_CALLED} {{name}}",),
    "email.send_email": (
        "~(email|mail) {to:email} [with] [the] subject {subject:name} : {text:rest}",
        f"~(email|mail) {{to:email}} with [the] subject {{subject}} {_SAY} {{text:rest}}",
        f"~(send|write) {{to:email}} {_AN} (email|mail) {_SAY} {{text:said}} with [the] subject {{subject:rest}}",
        f"~(send|write) {_AN} (email|mail) to {{to:email}} {_SAY} {{text:said}} with [the] subject {{subject:rest}}",
        f"~(email|mail) {{to:email}} {_SAY} {{text:said}} with [the] subject {{subject:rest}}",
        f"~(send|write) {{to:email}} {_AN} (email|mail) with [the] subject {{subject}} [and] {_SAY} {{text:rest}}",
        f"~(send|write) {_AN} (email|mail) to {{to:email}} with [the] subject {{subject}} [and] {_SAY} {{text:rest}}",
    ),
    # --- projects
    "asana.create_task": (
        f"{_NEW} {_AN} task {_CALLED} {{title}} {_TO} {_THE} {{project}} project (assigned to|for) {{assignee:person}}",
        f"{_NEW} {_AN} task {_CALLED} {{title}} {_TO} {_THE} [project] {{project}} (assigned to|for) {{assignee:person}}",
        f"{_NEW} {_AN} task {_CALLED} {{title}} {_TO} {_THE} {{project}} project",
        f"{_NEW} {_AN} task {_CALLED} {{title}} {_TO} [the] [project] {{project:capitals}}",
    ),
    "asana.update_task": (
        f"rename {_THE} task {{task}} to {{title}}",
        f"assign {_THE} task {{task}} to {{assignee:person}}",
        f"{_CHANGE} [the] due date of {_THE} task {{task}} to {{due:when}}",
        f"{_CHANGE} [the] assignee of {_THE} task {{task}} to {{assignee:person}}",
    ),
    "asana.complete_task": (
        f"(complete|finish|close|tick off) {_THE} task {{task}}",
        f"(mark|set) {_THE} task {{task}} (as|to) (done|complete|completed|finished)",
    ),
    "asana.search_tasks": (
        f"{_LOOK} [all|the|my|our] [tasks] {_WITH_LOOK} {{query}} in [the] project {{project}}",
        f"{_LOOK} [all|the|my|our] [tasks] {_WITH_LOOK} {{query}}",
    ),
    "trello.create_card": (
        f"{_NEW} {_AN} card {_CALLED} {{title}} (to|in|on) [the] list {{list}} (on|of) {_THE} [board] {{board}}",
        f"{_NEW} {_AN} card {_CALLED} {{title}} (to|in|on) [the] {{list}} list (on|of) {_THE} [board] {{board}}",
    ),
    "trello.update_card": (
        f"rename {_THE} card {{card}} to {{title}}",
        f"assign {_THE} card {{card}} to {{assignee:person}}",
        f"{_CHANGE} [the] due date of {_THE} card {{card}} to {{due:when}}",
    ),
    "trello.move_card": (
        f"~(move|drag|put|shift) {_THE} card {{card}} {_TO} {_THE} [list|column] {{list}} on {_THE} [board] {{board}}",
        f"~(move|drag|put|shift) {_THE} card {{card}} {_TO} {_THE} list {{list}}",
        f"~(move|drag|put|shift) {_THE} card {{card}} {_TO} {_THE} {{list}} (list|column)",
        f"(move|drag|put|shift) {_THE} [card] {{card}} {_TO} {_THE} [list|column] {{list}} on {_THE} [board] {{board}}",
        f"(move|drag|put|shift) {_THE} [card] {{card}} {_TO} {_THE} {{list}} (list|column)",
        f"(move|drag|put|shift) {_THE} [card] {{card}} {_TO} {_THE} [list|column] {{list}}",
    ),
    "trello.archive_card": (f"archive {_THE} [card] {{card}}", f"~archive {_THE} card {{card:link}}"),
    "trello.search_cards": (
        f"{_LOOK} [all|the|my|our] [cards] {_WITH_LOOK} {{query}} on {_THE} {{board}} board",
        f"{_LOOK} [all|the|my|our] [cards] {_WITH_LOOK} {{query}} on {_THE} board {{board}}",
        f"{_LOOK} [all|the|my|our] [cards] {_WITH_LOOK} {{query}}",
    ),
    "jira.create_issue": (
        *(
            f"(create|open|file|raise|report|add) {_AN} {word} in [the] [project] {{project:word}} {_CALLED} {{title:rest}}{type}"
            for word, type in (("bug", " => type=bug"), ("story", " => type=story"), ("epic", " => type=epic"), ("(issue|ticket|task)", ""))
        ),
    ),
    "jira.update_issue": (
        f"~{_CHANGE} [the] priority of {_THE} [issue|ticket|bug] {{issue:key}} to {{priority:word}}",
        f"~{_CHANGE} {_THE} [issue|ticket|bug] {{issue:key}} priority to {{priority:word}}",
        f"~{_CHANGE} {_THE} [issue|ticket|bug] {{issue:key}} to {{priority:word}} priority",
        f"~{_CHANGE} [the] due date of {_THE} [issue|ticket|bug] {{issue:key}} to {{due:when}}",
        f"~{_CHANGE} [the] (title|summary) of {_THE} [issue|ticket|bug] {{issue:key}} to {{title:rest}}",
        f"~rename {_THE} [issue|ticket|bug] {{issue:key}} to {{title:rest}}",
    ),
    "jira.transition_issue": (
        f"~{_CHANGE} [the] status of {_THE} [issue|ticket|bug] {{issue:key}} to {{status}}",
        f"~(transition|move|set|put) {_THE} [issue|ticket|bug] {{issue:key}} [to|into] {{status:going}}",
        f"~(transition|move|set|put) {_THE} [issue|ticket|bug] {{issue:key}} (to|into|in) {{status}}",
        f"~(close|resolve) {_THE} [issue|ticket|bug] {{issue:key}}",
        f"~(mark|set|close|resolve) {_THE} [issue|ticket|bug] {{issue:key}} as {{status}}",
    ),
    "jira.assign_issue": (
        f"~assign {_THE} [issue|ticket|bug] {{issue:key}} to {{assignee:person}}",
        f"~(hand|give) {_THE} [issue|ticket|bug] {{issue:key}} to {{assignee:person}}",
    ),
    "jira.add_comment": (
        f"~(add|leave|post|write|put) {_AN} comment (to|on|at|for) {_THE} [issue|ticket|bug] {{issue:key}} {_SAY} {{text:rest}}",
        f"~comment on {_THE} [issue|ticket|bug] {{issue:key}} {_SAY} {{text:rest}}",
        f"~comment {{text:said}} on {_THE} [issue|ticket|bug] {{issue:key}}",
    ),
    "jira.search_issues": (
        f"{_LOOK} [all|the|our|my] {{status:state}} (issues|tickets|bugs|stories) in [the] [project] {{project:word}}",
        f"{_LOOK} [all|the|our|my] [issues|tickets|bugs] {_WITH_LOOK} {{query}} in [the] project {{project:word}}",
        f"{_LOOK} [all|the|our|my] [issues|tickets|bugs] {_WITH_LOOK} {{query}}",
    ),
    "notion.create_page": (
        f"{_NEW} {_AN} page {_CALLED} {{title}} (under|below|inside) {_THE} [page] {{parent}}",
        f"{_NEW} {_AN} page {_CALLED} {{title}} in {_THE} {{database}} database",
    ),
    "notion.update_page": (
        f"{_CHANGE} [the] status of {_THE} page {{page}} to {{status}}",
        f"(mark|set|update|change) {_THE} page {{page}} (as|to) {{status}}",
        f"rename {_THE} page {{page}} to {{title}}",
    ),
    "notion.append_blocks": (
        f"(append|add|write|put|note) {{text:words}} {_TO} {_THE} page {{page}}",
        f"(append|add|write|put) (to|on) {_THE} page {{page}} {_SAY} {{text:rest}}",
        f"(append|add|write|put) {_AN} (note|line|paragraph) (to|on) {_THE} page {{page}} {_SAY} {{text:rest}}",
    ),
    "notion.query_database": (
        f"{_LOOK} [all|the] {{status:state}} (entries|pages|rows|items) (of|in|from) {_THE} {{database}} database",
        f"{_LOOK} [all|the] (entries|pages|rows|items) (of|in|from) {_THE} {{database}} database",
        f"{_LOOK} {_THE} database {{database}} {_WITH_LOOK} {{query}}",
        f"{_LOOK} {_THE} {{database}} database {_WITH_LOOK} {{query}}",
    ),
    "monday.create_item": (
        f"{_NEW} {_AN} item {_CALLED} {{title}} (to|on|in) {_THE} board {{board}}",
        f"{_NEW} {_AN} item {_CALLED} {{title}} (to|on|in) {_THE} {{board}} board",
        f"{_NEW} {_AN} item {_CALLED} {{title}} on {{board:capitals}}",
        f"(add|put) {{title}} (to|on) {_THE} {{board}} board",
        f"(add|put) {{title}} (to|on) {_THE} board {{board}}",
    ),
    "monday.update_item": (
        f"{_CHANGE} [the] status of {_THE} item {{item}} to {{status}}",
        f"(mark|set|move) {_THE} item {{item}} (as|to) {{status}}",
        f"rename {_THE} item {{item}} to {{title}}",
        f"assign {_THE} item {{item}} to {{assignee:person}}",
    ),
    "monday.add_update": (
        f"(add|leave|post|write|put) {_AN} (update|comment) (to|on|at|for) {_THE} item {{item}} {_SAY} {{text:rest}}",
        f"comment on {_THE} item {{item}} {_SAY} {{text:rest}}",
        f"comment {{text:said}} on {_THE} item {{item}}",
    ),
    "monday.search_items": (
        f"{_LOOK} {_THE} board {{board}} {_WITH_LOOK} {{query}}",
        f"{_LOOK} {_THE} {{board}} board {_WITH_LOOK} {{query}}",
        f"{_LOOK} [all|the] [items] {_WITH_LOOK} {{query}} on {_THE} board {{board}}",
        f"{_LOOK} [all|the] [items] {_WITH_LOOK} {{query}} on {_THE} {{board}} board",
        f"{_LOOK} [all|the] [items] {_WITH_LOOK} {{query}}",
    ),
    "google_calendar.create_event": (
        f"{_MEET} {_AN} (event|meeting|appointment) {_CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}} with {{attendees:people}}",
        f"{_MEET} {_AN} (event|meeting|appointment) {_CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}}",
        f"{_MEET} {_AN} (event|meeting|appointment) {_CALLED} {{title}} [on|at] {{start:when}} with {{attendees:people}}",
        f"{_MEET} {_AN} (event|meeting|appointment) {_CALLED} {{title}} [on|at] {{start:when}}",
        "(put|add|book|schedule) {title} [on|at] {start:when} for {duration:long}",
        "(put|add|book|schedule) {title} [on|at] {start:when}",
    ),
    "google_calendar.update_event": (
        f"(move|shift|reschedule|postpone) {_THE} [event|meeting|appointment] {{event}} to {{start:when}}",
        f"rename {_THE} [event|meeting|appointment] {{event}} to {{title}}",
    ),
    "google_calendar.delete_event": (f"(delete|remove|cancel|call off|drop) {_THE} (event|meeting|appointment) {{event}}",),
    "google_calendar.list_events": (
        f"{_LOOK} [all|the|my|our] (events|meetings|appointments) [of|for|from|in|on] {{start:day}}",
        f"{_LOOK} [all|the|my|our] (events|meetings|appointments) [of|for|from|in] {{window:span}}",
    ),
    # --- files
    **_drive("google_drive"),
    **_drive("dropbox"),
    **_drive("onedrive"),
    **_drive("box"),
    # --- customers
    **_records(),
    "salesforce.add_task": (f"{_NEW} {_AN} (task|to-do|todo) {_CALLED} {{title}}",),
    "hubspot.create_contact": (
        f"{_NEW} {_AN} contact {_CALLED} {{name}} {{email}} (at|from|of) {{company}}",
        f"{_NEW} {_AN} contact {{email}} {_CALLED} {{name}} (at|from|of) {{company}}",
        f"{_NEW} {_AN} contact {_CALLED} {{name}} with [the] [email] {{email}}",
        f"{_NEW} {_AN} contact {_CALLED} {{email}} (at|from|of) {{company}}",
        f"{_NEW} {_AN} contact {_CALLED} {{name}} {{email}}",
    ),
    "hubspot.update_contact": tuple(
        form
        for name, words in {"phone": "phone [number]", "company": "company", "owner": "owner", "name": "name", "email": "email"}.items()
        for form in (
            f"{_CHANGE} [the] {words} of {_THE} contact {{contact}} to {{{name}}}",
            f"{_CHANGE} {_THE} contact {{contact}} [set] [the] {words} to {{{name}}}",
        )
    ),
    "hubspot.create_deal": (
        f"{_NEW} {_AN} deal {_CALLED} {{title}} (worth|over|of|for) {{amount:money}}",
        f"{_NEW} {_AN} deal {_CALLED} {{title}} in [the] stage {{stage}}",
        f"{_NEW} {_AN} deal {_CALLED} {{title}}",
    ),
    "hubspot.update_deal": (
        f"{_CHANGE} [the] amount of {_THE} deal {{deal}} to {{amount:money}}",
        f"{_CHANGE} [the] stage of {_THE} deal {{deal}} to {{stage:status}}",
        f"{_CHANGE} {_THE} deal {{deal}} stage to {{stage:status}}",
        f"(move|set|put|advance) {_THE} deal {{deal}} (to|into) [the] [stage] {{stage:status}}",
        f"mark {_THE} deal {{deal}} as {{stage:status}}",
        f"rename {_THE} deal {{deal}} to {{title}}",
    ),
    "hubspot.create_ticket": (
        f"(create|open|file|raise|add) {_AN} ticket {_CALLED} {{title}} (for|from) {{contact:email}}",
        f"(create|open|file|raise|add) {_AN} ticket {_CALLED} {{title}}",
    ),
    "hubspot.add_note": tuple(
        form
        for thing in ("contact", "deal")
        for form in (
            f"(add|leave|write|put|log) {_AN} note (to|on|at|for) {_THE} {thing} {{{thing}}} {_SAY} {{text:rest}}",
            f"(add|leave|write|put|log) [the|a] note {{text:said}} (to|on|at|for) {_THE} {thing} {{{thing}}}",
        )
    ),
    "zendesk.create_ticket": (
        f"(create|open|file|raise|add) {_AN} ticket {_CALLED} {{title}} (for|from) {{requester:email}}",
        f"(create|open|file|raise|add) {_AN} ticket (for|from) {{requester:email}} {_CALLED} {{title}}",
        f"(create|open|file|raise|add) {_AN} ticket {_CALLED} {{title}}",
    ),
    "zendesk.update_ticket": (
        f"(solve|close|resolve) {_THE} ticket [number] {{ticket:number}} => status=solved",
        f"{_CHANGE} [the] priority of {_THE} ticket [number] {{ticket:number}} to {{priority:word}}",
        f"{_CHANGE} [the] status of {_THE} ticket [number] {{ticket:number}} to {{status:state}}",
        f"{_CHANGE} {_THE} ticket [number] {{ticket:number}} priority to {{priority:word}}",
        f"(set|mark|change|move) {_THE} ticket [number] {{ticket:number}} (to|as) {{status:state}}",
        f"assign {_THE} ticket [number] {{ticket:number}} to {{assignee:person}}",
    ),
    "zendesk.add_comment": (
        f"(add|leave|post|write|put) {_AN} comment (to|on|at|for) {_THE} ticket [number] {{ticket:number}} {_SAY} {{text:rest}}",
        f"(add|leave|post|write|put) [an|a] internal (note|comment) (to|on|at|for) {_THE} ticket [number] {{ticket:number}} {_SAY} {{text:rest}} => public=false",
        f"(comment on|reply to|answer) {_THE} ticket [number] {{ticket:number}} {_SAY} {{text:rest}}",
        f"comment {{text:said}} on {_THE} ticket [number] {{ticket:number}}",
    ),
    "zendesk.search_tickets": (
        f"{_LOOK} [all|the|our|my] {{status:state}} tickets {_WITH_LOOK} {{query}}",
        f"{_LOOK} [all|the|our|my] {{status:state}} tickets",
        f"{_LOOK} [all|the|our|my] [tickets] {_WITH_LOOK} {{query}}",
    ),
    # --- code
    **{f"github.{name}": forms for name, forms in _numbered("repo|repository", "here", "repo").items()},
    **{f"gitlab.{name}": tuple(form.lstrip("~") for form in forms) for name, forms in _numbered("project|repo", "here", "project").items()},
    "github.add_labels": (
        f"~(add|put|stick) [the] (label|tag) {{label:word}} (to|on) {_THE} {_ISSUE} {{issue:here}}",
        f"~(label|tag) {_THE} {_ISSUE} {{issue:here}} [as|with] {{label:word}}",
        f"~(add|put|stick) [the] (label|labels|tag|tags) {{labels:listed}} (to|on) {_THE} {_ISSUE} {{issue:here}}",
        f"~(label|tag) {_THE} {_ISSUE} {{issue:here}} [as|with] {{labels:listed}}",
        f"(add|put|stick) [the] (label|labels|tag|tags) {{labels:listed}} (to|on) {_THE} {_ISSUE} {{issue:ref}} (in|of) {{repo:repo}}",
        f"(add|put|stick) [the] (label|tag) {{label:word}} (to|on) {_THE} {_ISSUE} {{issue:ref}} (in|of) {{repo:repo}}",
        f"(label|tag) {_THE} {_ISSUE} {{issue:ref}} (in|of) {{repo:repo}} [as|with] {{label:word}}",
    ),
    "github.create_release": (
        f"~(create|cut|make|publish|draft|tag) {_AN} release {_CALLED} {{tag:word}} (in|of|for|on) {_THE} [repo|repository] {{repo:repo}}"
        " (from|on|at) [the] [branch] {branch:branch}",
        f"~(create|cut|make|publish|draft|tag) {_AN} release {_CALLED} {{tag:word}} (in|of|for|on) {_THE} [repo|repository] {{repo:repo}}",
        f"~(create|cut|make|publish|draft|tag) {_AN} release (in|of|for|on) {_THE} [repo|repository] {{repo:repo}} {_CALLED} {{tag:word}}",
    ),
    "github.dispatch_workflow": tuple(
        f"~{_RUN} {_THE} {which} (in|of|for) {_THE} [repo|repository] {{repo:repo}}{branch}"
        for branch in (" (on|from) [the] [branch] {branch:word}", "")
        for which in ("{workflow:word} (workflow|action)", "(workflow|action) {workflow:word}", "[workflow|action] {workflow:yml}")
    ),
    "github.merge_pull_request": (
        "~merge [the] (pull request|pr) [number] {pull_request:ref}",
        *_merged(),
    ),
    "gitlab.create_merge_request": tuple(
        f"~(create|open|make|file) {_AN} (merge request|mr) {words}"
        for words in (
            f"{_CALLED} {{title}} in {_THE} [project] {{project:repo}} from {{source:branch}} (to|into) {{target:branch}}",
            f"{_CALLED} {{title}} in {_THE} [project] {{project:repo}} from {{source:branch}}",
            f"in {_THE} [project] {{project:repo}} from {{source:branch}} (to|into) {{target:branch}} {_CALLED} {{title}}",
            f"from {{source:branch}} (to|into) {{target:branch}} in {_THE} [project] {{project:repo}} {_CALLED} {{title}}",
        )
    ),
    "gitlab.trigger_pipeline": (
        f"~{_RUN} {_THE} pipeline (of|for|in) {_THE} [project|repo] {{project:repo}} (on|from|for) [the] [branch] {{branch:branch}}",
        f"~{_RUN} {_THE} pipeline (of|for|in) {_THE} [project|repo] {{project:repo}}",
        f"~{_RUN} {_THE} pipeline {{project:repo}} [on|from|for] [the] [branch] {{branch:branch}}",
        f"~{_RUN} {_THE} pipeline {{project:repo}}",
    ),
    "http.request": ("~(send|make|do|fire) [a|an] {method:verb} [request] to {url:link}", "~(get|fetch|ping) {url:link} => method=GET"),
    # --- money
    "stripe.create_customer": (
        f"{_NEW} {_AN} customer {_CALLED} {{name}} with [the] [email] {{email}}",
        f"{_NEW} {_AN} customer {_CALLED} {{name}} {{email}}",
        f"{_NEW} {_AN} customer {_CALLED} {{email}}",
        f"{_NEW} {_AN} customer {_CALLED} {{name}}",
    ),
    "stripe.create_invoice": (
        "invoice {customer:payer} {amount:money} for {description:rest}",
        "invoice {customer:payer} (over|for) {amount:money}",
        "invoice {customer:payer} {amount:money}",
        f"{_BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}} for {{description:rest}}",
        f"{_BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}} for {{description:rest}}",
        f"{_BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}}",
        f"{_BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}}",
    ),
    "stripe.refund_payment": (
        "~refund [the] (payment|charge) {payment:id}",
        "~refund {payment:id}",
        "~refund [the] [payment|charge] {payment:id} [with|by|for] {amount:money}",
        "~refund {amount:money} (of|from|on) [the] [payment|charge] {payment:id}",
    ),
    "stripe.list_payments": (
        f"{_LOOK} [all|the|our] {{status:state}} payments (of|from|in|for|over) {{window:span}}",
        f"{_LOOK} [all|the|our] {{status:state}} payments",
        f"{_LOOK} [all|the|our] payments (of|from|by) {{customer:payer}}",
    ),
    "quickbooks.create_customer": (
        f"{_NEW} {_AN} customer {_CALLED} {{name}} with [the] [email] {{email}}",
        f"{_NEW} {_AN} customer {_CALLED} {{name}} {{email}}",
        f"{_NEW} {_AN} customer {_CALLED} {{email}}",
        f"{_NEW} {_AN} customer {_CALLED} {{name}}",
    ),
    "quickbooks.create_invoice": (
        f"{_BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}} for {{description:rest}}",
        f"{_BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}} for {{description:rest}}",
        f"{_BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}}",
        f"{_BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}}",
        "invoice {customer:payer} [over|for] {amount:money} for {description:rest}",
        "invoice {customer:payer} [over|for] {amount:money}",
    ),
    "quickbooks.send_invoice": (
        f"(send|mail|email) {_THE} invoice [number] {{invoice:code}} to {{to:email}}",
        f"(send|mail|email) {_THE} invoice [number] {{invoice:code}}",
    ),
    "quickbooks.query_records": tuple(
        f"{_LOOK} [all|the|our] [{{status:state}}] ({words}){more} => object={name}"
        for name, words in {"Invoice": "invoices", "Customer": "customers", "Bill": "bills", "Payment": "payments"}.items()
        for more in ("", " (of|for|from) {customer}")
    ),
    # --- figures
    "google_analytics.run_realtime_report": (
        f"(run|get|pull|make|show) {_AN} (realtime|real-time) report (of|on|for|with) [the] {{metric:metric}} by {{dimension:metric}}",
        f"(run|get|pull|make|show) {_AN} (realtime|real-time) report (of|on|for|with) [the] {{metric:metric}}",
    ),
    "google_analytics.run_report": (
        f"(run|get|pull|make|show) {_AN} report (of|on|for|with) [the] {{metric:metric}} by {{dimension:metric}} (for|over|of|in) {{window:span}}",
        f"(run|get|pull|make|show) {_AN} report (of|on|for|with) [the] {{metric:metric}} (for|over|of|in) {{window:span}} by {{dimension:metric}}",
        f"(run|get|pull|make|show) {_AN} report (of|on|for|with) [the] {{metric:metric}} by {{dimension:metric}}",
        f"(run|get|pull|make|show) {_AN} report (of|on|for|with) [the] {{metric:metric}} (for|over|of|in) {{window:span}}",
        "(get|pull|show|fetch) [the|our] {metric:metric} by {dimension:metric} (for|over|of|in) {window:span}",
        "(get|pull|show|fetch) [the|our] {metric:metric} (for|over|of|in) {window:span}",
    ),
    "mixpanel.track_event": (
        "(track|record|log|send) [a|an|the] event {event:tracked} (for|of) [the] [user] {user:actor}",
        "(track|record|log|send) [a|an|the] event {event:tracked}",
        "(track|record|log) [a|an|the] {event:tracked} [event] (for|of) [the] [user] {user:actor}",
        "(track|record|log) [a|an|the] {event:tracked} event",
        "(track|record|log) {event:tracked}",
    ),
    "mixpanel.query_events": tuple(
        f"{begin} {{event:tracked}} events{by}{over}"
        for begin in (f"{_LOOK} [for] [all|the]", "(count|how many) [the]")
        for over in (" (of|for|from|in|over) {window:span}", "")
        for by in (" by {by:word}", "")
    ),
    **{action: _commented(*words) for action, words in _COMMENTS.items()},
}
