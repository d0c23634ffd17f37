"""Code, the web, money and figures."""

from __future__ import annotations

from intents.order_forms.words import AN, BILL, CALLED, CLOSE, ISSUE, LOOK, NEW, RUN, SAY, THE, WITH_LOOK


def _numbered(noun: str, where: str, place: str) -> dict[str, tuple[str, ...]]:
    """What GitHub and GitLab share: issues by number, in a repository."""
    return {
        "close_issue": (
            *(
                f"~{CLOSE} {THE} [issue|bug|ticket] [number] {{issue:{where}}} as [a] {words} => reason={reason}"
                for words, reason in (("not planned", "not_planned"), ("duplicate", "duplicate"))
                if place == "repo"
            ),
            f"~{CLOSE} {THE} [issue|bug|ticket] [number] {{issue:{where}}}",
            f"{CLOSE} {THE} [issue|bug|ticket] [number] {{issue:ref}}",
            f"{CLOSE} {THE} [issue|bug|ticket] [number] {{issue:ref}} (in|of) {THE} [{noun}] {{{place}:repo}}",
        ),
        "add_comment": tuple(
            form
            for bare, kind, more in (("~", where, ""), ("", "ref", f" (in|of) [the] [{noun}] {{{place}:repo}}"), ("", "ref", ""))
            for form in (
                f"{bare}(add|leave|post|write|put) {AN} comment (to|on|at|for) {THE} {ISSUE} {{issue:{kind}}}{more} {SAY} {{text:rest}}",
                f"{bare}comment on {THE} {ISSUE} {{issue:{kind}}}{more} {SAY} {{text:rest}}",
                f"{bare}comment {{text:said}} on {THE} {ISSUE} {{issue:{kind}}}{more}",
            )
        ),
        "create_issue": (
            f"(create|open|file|raise|report|add) {AN} (issue|bug) in {THE} [{noun}] {{{place}:repo}} {CALLED} {{title:rest}}",
            f"(create|open|file|raise|report|add|new) {AN} (issue|bug) {{{place}:repo}} {CALLED} {{title:rest}}",
            f"(create|open|file|raise|report|add) {AN} (issue|bug) {CALLED} {{title:name}} in {THE} [{noun}] {{{place}:repo}}",
        ),
        "search_issues": (
            f"{LOOK} [all|the|our] {{state}} (issues|bugs) (in|of) {THE} [{noun}] {{{place}:repo}} {WITH_LOOK} {{query}}",
            f"{LOOK} [all|the|our] {{state}} (issues|bugs) (in|of) {THE} [{noun}] {{{place}:repo}}",
            f"{LOOK} [all|the|our] (issues|bugs) (in|of) {THE} [{noun}] {{{place}:repo}} {WITH_LOOK} {{query}}",
            f"{LOOK} [all|the|our] [issues|bugs] {WITH_LOOK} {{query}} in {THE} [{noun}] {{{place}:repo}}",
            f"{LOOK} [all|the|our] [issues|bugs] (in|of) {THE} [{noun}] {{{place}:repo}}",
            f"{LOOK} [all|the|our] [issues|bugs] {WITH_LOOK} {{query}}",
        ),
    }


def _merged() -> tuple[str, ...]:
    ways = (
        ("(squash and merge|squash-merge|squash)", " => method=squash"),
        ("(rebase and merge|rebase)", " => method=rebase"),
        ("merge", ""),
    )
    places = (("~", "here", ""), ("~", "ref", " (in|of|on) [the] [repo|repository] {repo:repo}"), ("", "ref", ""))
    return tuple(
        f"{bare}{verb} {THE} [pull request|pr|pull-request] [number] {{pull_request:{kind}}}{more}{method}"
        for verb, method in ways
        for bare, kind, more in places
    )


CODE_AND_FIGURES: dict[str, tuple[str, ...]] = {
    **{f"github.{name}": forms for name, forms in _numbered("repo|repository", "here", "repo").items()},
    **{f"gitlab.{name}": tuple(form.lstrip("~") for form in forms) for name, forms in _numbered("project|repo", "here", "project").items()},
    "github.add_labels": (
        f"~(add|put|stick) [the] (label|tag) {{label:word}} (to|on) {THE} {ISSUE} {{issue:here}}",
        f"~(label|tag) {THE} {ISSUE} {{issue:here}} [as|with] {{label:word}}",
        f"~(add|put|stick) [the] (label|labels|tag|tags) {{labels:listed}} (to|on) {THE} {ISSUE} {{issue:here}}",
        f"~(label|tag) {THE} {ISSUE} {{issue:here}} [as|with] {{labels:listed}}",
        f"(add|put|stick) [the] (label|labels|tag|tags) {{labels:listed}} (to|on) {THE} {ISSUE} {{issue:ref}} (in|of) {{repo:repo}}",
        f"(add|put|stick) [the] (label|tag) {{label:word}} (to|on) {THE} {ISSUE} {{issue:ref}} (in|of) {{repo:repo}}",
        f"(label|tag) {THE} {ISSUE} {{issue:ref}} (in|of) {{repo:repo}} [as|with] {{label:word}}",
    ),
    "github.create_release": (
        f"~(create|cut|make|publish|draft|tag) {AN} release {CALLED} {{tag:word}} (in|of|for|on) {THE} [repo|repository] {{repo:repo}}"
        " (from|on|at) [the] [branch] {branch:branch}",
        f"~(create|cut|make|publish|draft|tag) {AN} release {CALLED} {{tag:word}} (in|of|for|on) {THE} [repo|repository] {{repo:repo}}",
        f"~(create|cut|make|publish|draft|tag) {AN} release (in|of|for|on) {THE} [repo|repository] {{repo:repo}} {CALLED} {{tag:word}}",
    ),
    "github.dispatch_workflow": tuple(
        f"~{RUN} {THE} {which} (in|of|for) {THE} [repo|repository] {{repo:repo}}{branch}"
        for branch in (" (on|from) [the] [branch] {branch:word}", "")
        for which in ("{workflow:word} (workflow|action)", "(workflow|action) {workflow:word}", "[workflow|action] {workflow:yml}")
    ),
    "github.merge_pull_request": (
        "~merge [the] (pull request|pr) [number] {pull_request:ref}",
        *_merged(),
    ),
    "gitlab.create_merge_request": tuple(
        f"~(create|open|make|file) {AN} (merge request|mr) {words}"
        for words in (
            f"{CALLED} {{title}} in {THE} [project] {{project:repo}} from {{source:branch}} (to|into) {{target:branch}}",
            f"{CALLED} {{title}} in {THE} [project] {{project:repo}} from {{source:branch}}",
            f"in {THE} [project] {{project:repo}} from {{source:branch}} (to|into) {{target:branch}} {CALLED} {{title}}",
            f"from {{source:branch}} (to|into) {{target:branch}} in {THE} [project] {{project:repo}} {CALLED} {{title}}",
        )
    ),
    "gitlab.trigger_pipeline": (
        f"~{RUN} {THE} pipeline (of|for|in) {THE} [project|repo] {{project:repo}} (on|from|for) [the] [branch] {{branch:branch}}",
        f"~{RUN} {THE} pipeline (of|for|in) {THE} [project|repo] {{project:repo}}",
        f"~{RUN} {THE} pipeline {{project:repo}} [on|from|for] [the] [branch] {{branch:branch}}",
        f"~{RUN} {THE} pipeline {{project:repo}}",
    ),
    "http.request": ("~(send|make|do|fire) [a|an] {method:verb} [request] to {url:link}", "~(get|fetch|ping) {url:link} => method=GET"),
    "stripe.create_customer": (
        f"{NEW} {AN} customer {CALLED} {{name}} with [the] [email] {{email}}",
        f"{NEW} {AN} customer {CALLED} {{name}} {{email}}",
        f"{NEW} {AN} customer {CALLED} {{email}}",
        f"{NEW} {AN} customer {CALLED} {{name}}",
    ),
    "stripe.create_invoice": (
        "invoice {customer:payer} {amount:money} for {description:rest}",
        "invoice {customer:payer} (over|for) {amount:money}",
        "invoice {customer:payer} {amount:money}",
        f"{BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}} for {{description:rest}}",
        f"{BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}} for {{description:rest}}",
        f"{BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}}",
        f"{BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}}",
    ),
    "stripe.refund_payment": (
        "~refund [the] (payment|charge) {payment:id}",
        "~refund {payment:id}",
        "~refund [the] [payment|charge] {payment:id} [with|by|for|of] {amount:money}",
        "~refund {amount:money} (of|from|on) [the] [payment|charge] {payment:id}",
    ),
    "stripe.list_payments": (
        f"{LOOK} [all|the|our] {{status:state}} payments (of|from|in|for|over) {{window:span}}",
        f"{LOOK} [all|the|our] {{status:state}} payments",
        f"{LOOK} [all|the|our] payments (of|from|by) {{customer:payer}}",
    ),
    "quickbooks.create_customer": (
        f"{NEW} {AN} customer {CALLED} {{name}} with [the] [email] {{email}}",
        f"{NEW} {AN} customer {CALLED} {{name}} {{email}}",
        f"{NEW} {AN} customer {CALLED} {{email}}",
        f"{NEW} {AN} customer {CALLED} {{name}}",
    ),
    "quickbooks.create_invoice": (
        f"{BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}} for {{description:rest}}",
        f"{BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}} for {{description:rest}}",
        f"{BILL} (over|of|for) {{amount:money}} (for|to) {{customer:payer}}",
        f"{BILL} (for|to) {{customer:payer}} (over|of|for) {{amount:money}}",
        "invoice {customer:payer} [over|for] {amount:money} for {description:rest}",
        "invoice {customer:payer} [over|for] {amount:money}",
    ),
    "quickbooks.send_invoice": (
        f"(send|mail|email) {THE} invoice [number] {{invoice:code}} to {{to:email}}",
        f"(send|mail|email) {THE} invoice [number] {{invoice:code}}",
    ),
    "quickbooks.query_records": tuple(
        f"{LOOK} [all|the|our] [{{status:state}}] ({words}){more} => object={name}"
        for name, words in {"Invoice": "invoices", "Customer": "customers", "Bill": "bills", "Payment": "payments"}.items()
        for more in ("", " (of|for|from) {customer}")
    ),
    "google_analytics.run_realtime_report": (
        f"(run|get|pull|make|show) {AN} (realtime|real-time) report (of|on|for|with) [the] {{metric:metric}} by {{dimension:metric}}",
        f"(run|get|pull|make|show) {AN} (realtime|real-time) report (of|on|for|with) [the] {{metric:metric}}",
    ),
    "google_analytics.run_report": (
        f"(run|get|pull|make|show) {AN} report (of|on|for|with) [the] {{metric:metric}} by {{dimension:metric}} (for|over|of|in) {{window:span}}",
        f"(run|get|pull|make|show) {AN} report (of|on|for|with) [the] {{metric:metric}} (for|over|of|in) {{window:span}} by {{dimension:metric}}",
        f"(run|get|pull|make|show) {AN} report (of|on|for|with) [the] {{metric:metric}} by {{dimension:metric}}",
        f"(run|get|pull|make|show) {AN} report (of|on|for|with) [the] {{metric:metric}} (for|over|of|in) {{window:span}}",
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
        for begin in (f"{LOOK} [for] [all|the]", "(count|how many) [the]")
        for over in (" (of|for|from|in|over) {window:span}", "")
        for by in (" by {by:word}", "")
    ),
}
