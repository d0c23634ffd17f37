"""What keeps files, and what keeps customers."""

from __future__ import annotations

from intents.order_forms.words import AN, CALLED, CHANGE, LOOK, NEW, SAY, THE, TO, WITH_LOOK


def _drive(service: str) -> dict[str, tuple[str, ...]]:
    """The four that keep files speak alike."""
    moved = "copy" if service == "google_drive" else "move"
    deed = "(copy|duplicate)" if moved == "copy" else "(move|put|shift)"
    return {
        f"{service}.create_folder": (
            f"{NEW} {AN} [shared] (folder|directory) {CALLED} {{name}} (in|inside|under) {THE} [folder] {{parent}}",
            f"{NEW} {AN} [shared] (folder|directory) {CALLED} {{name}}",
        ),
        f"{service}.share_file": (
            f"(share|give access to) {THE} [file|document|doc|folder] {{file}} with {{user:mails}} as [a|an] {{role:word}}",
            f"(share|give access to) {THE} [file|document|doc|folder] {{file}} with {{user:mails}}",
        ),
        f"{service}.{moved}_file": (
            f"{deed} {THE} [file|document|doc] {{file}} {TO} {THE} [folder|directory] {{folder}} [folder]",
            f"{deed} {THE} [file|document|doc] {{file}} {TO} {THE} [folder|directory] {{folder}}",
        ),
        f"{service}.search_files": (
            f"{LOOK} [all|the|my|our] [files|documents|docs|file] in {THE} [folder] {{folder}} {WITH_LOOK} {{query}}",
            f"{LOOK} [all|the|my|our] [files|documents|docs] {WITH_LOOK} {{query}} in {THE} folder {{folder}}",
            f"{LOOK} [all|the|my|our] [files|documents|docs] {WITH_LOOK} {{query}}",
            f"{LOOK} [all|the|my|our] {{query:sought}}",
        ),
    }


def _record(object: str, words: str) -> tuple[str, ...]:
    begin = f"{NEW} {AN} ({words}) {CALLED}"
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
            f"{CHANGE} [the] stage of {THE} ({words}) {{record}} to {{stage:status}} => object={name}",
            f"{CHANGE} {THE} ({words}) {{record}} stage to {{stage:status}} => object={name}",
            f"{CHANGE} {THE} ({words}) {{record}} [set] status [to] {{status}} => object={name}",
            f"{CHANGE} [the] status of {THE} ({words}) {{record}} to {{status}} => object={name}",
            f"{CHANGE} [the] amount of {THE} ({words}) {{record}} to {{amount:money}} => object={name}",
            f"{CHANGE} [the] owner of {THE} ({words}) {{record}} to {{owner:person}} => object={name}",
            f"(move|advance) {THE} ({words}) {{record}} to [the] [stage] {{stage:status}} => object={name}",
        )
    )
    found = tuple(
        form
        for name, words in {**kinds, "Opportunity": "opportunities|opps|opportunity", "Lead": "leads|lead"}.items()
        for form in (
            f"{LOOK} [all|the|our|my] ({'|'.join(word if word.endswith('s') else word + 's' for word in words.split('|'))}|{words})"
            f" (named|called|for|about|matching|containing|with|like) {{query}} => object={name}",
            f"{LOOK} [all|the|our|my] {{status:state}} ({'|'.join(word if word.endswith('s') else word + 's' for word in words.split('|'))}) => object={name}",
        )
    )
    return {
        "salesforce.create_record": tuple(form for name, words in kinds.items() for form in _record(name, words)),
        "salesforce.update_record": changed,
        "salesforce.query_records": found,
    }


FILES_AND_CUSTOMERS: dict[str, tuple[str, ...]] = {
    **_drive("google_drive"),
    **_drive("dropbox"),
    **_drive("onedrive"),
    **_drive("box"),
    **_records(),
    "salesforce.add_task": (f"{NEW} {AN} (task|to-do|todo) {CALLED} {{title}}",),
    "hubspot.create_contact": (
        f"{NEW} {AN} contact {CALLED} {{name}} {{email}} (at|from|of) {{company}}",
        f"{NEW} {AN} contact {{email}} {CALLED} {{name}} (at|from|of) {{company}}",
        f"{NEW} {AN} contact {CALLED} {{name}} with [the] [email] {{email}}",
        f"{NEW} {AN} contact {CALLED} {{email}} (at|from|of) {{company}}",
        f"{NEW} {AN} contact {CALLED} {{name}} {{email}}",
    ),
    "hubspot.update_contact": tuple(
        form
        for name, words in {"phone": "phone [number]", "company": "company", "owner": "owner", "name": "name", "email": "email"}.items()
        for form in (
            f"{CHANGE} [the] {words} of {THE} contact {{contact}} to {{{name}}}",
            f"{CHANGE} {THE} contact {{contact}} [set] [the] {words} to {{{name}}}",
        )
    ),
    "hubspot.create_deal": (
        f"{NEW} {AN} deal {CALLED} {{title}} (worth|over|of|for) {{amount:money}}",
        f"{NEW} {AN} deal {CALLED} {{title}} in [the] stage {{stage}}",
        f"{NEW} {AN} deal {CALLED} {{title}}",
    ),
    "hubspot.update_deal": (
        f"{CHANGE} [the] amount of {THE} deal {{deal}} to {{amount:money}}",
        f"{CHANGE} [the] stage of {THE} deal {{deal}} to {{stage:status}}",
        f"{CHANGE} {THE} deal {{deal}} stage to {{stage:status}}",
        f"(move|set|put|advance) {THE} deal {{deal}} (to|into) [the] [stage] {{stage:status}}",
        f"mark {THE} deal {{deal}} as {{stage:status}}",
        f"rename {THE} deal {{deal}} to {{title}}",
    ),
    "hubspot.create_ticket": (
        f"(create|open|file|raise|add) {AN} ticket {CALLED} {{title}} (for|from) {{contact:email}}",
        f"(create|open|file|raise|add) {AN} ticket {CALLED} {{title}}",
    ),
    "hubspot.add_note": (
        f"(add|leave|write|put|log) {AN} note (to|on|at|for) {{contact:email}} {SAY} {{text:rest}}",
        *(
            form
            for thing in ("contact", "deal")
            for form in (
                f"(add|leave|write|put|log) {AN} note (to|on|at|for) {THE} {thing} {{{thing}}} {SAY} {{text:rest}}",
                f"(add|leave|write|put|log) [the|a] note {{text:said}} (to|on|at|for) {THE} {thing} {{{thing}}}",
            )
        ),
    ),
    "zendesk.create_ticket": (
        f"(create|open|file|raise|add) {AN} ticket {CALLED} {{title}} (for|from) {{requester:email}}",
        f"(create|open|file|raise|add) {AN} ticket (for|from) {{requester:email}} {CALLED} {{title}}",
        f"(create|open|file|raise|add) {AN} ticket {CALLED} {{title}}",
    ),
    "zendesk.update_ticket": (
        f"(solve|close|resolve) {THE} ticket [number] {{ticket:number}} => status=solved",
        f"{CHANGE} [the] priority of {THE} ticket [number] {{ticket:number}} to {{priority:word}}",
        f"{CHANGE} [the] status of {THE} ticket [number] {{ticket:number}} to {{status:state}}",
        f"{CHANGE} {THE} ticket [number] {{ticket:number}} priority to {{priority:word}}",
        f"{CHANGE} {THE} ticket [number] {{ticket:number}} [status] (to|as) {{status:state}}",
        f"(set|mark|change|move) {THE} ticket [number] {{ticket:number}} (to|as) {{status:state}}",
        f"assign {THE} ticket [number] {{ticket:number}} to {{assignee:person}}",
    ),
    "zendesk.add_comment": (
        f"(add|leave|post|write|put) {AN} comment (to|on|at|for) {THE} ticket [number] {{ticket:number}} {SAY} {{text:rest}}",
        f"(add|leave|post|write|put) [an|a] internal (note|comment) (to|on|at|for) {THE} ticket [number] {{ticket:number}} {SAY} {{text:rest}} => public=false",
        f"(comment on|reply to|answer) {THE} ticket [number] {{ticket:number}} {SAY} {{text:rest}}",
        f"comment {{text:said}} on {THE} ticket [number] {{ticket:number}}",
    ),
    "zendesk.search_tickets": (
        f"{LOOK} [all|the|our|my] {{status:state}} tickets {WITH_LOOK} {{query}}",
        f"{LOOK} [all|the|our|my] {{status:state}} tickets",
        f"{LOOK} [all|the|our|my] [tickets] {WITH_LOOK} {{query}}",
    ),
}
