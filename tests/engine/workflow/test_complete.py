"""What a request leaves open is filled in visibly, and only from what a run will know."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.complete import complete

CATALOGUE = Catalogue(KNOWN)
MERGED = {"type": "event_based", "service": "github", "event": "pull_request_merged"}


def completed(trigger: dict[str, Any] | None, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    raw: dict[str, Any] = {"steps": list(steps), **more}
    return complete(raw if trigger is None else {"trigger": trigger, **raw}, CATALOGUE)


def test_a_message_after_an_event_says_what_happened() -> None:
    step = completed(MERGED, {"action": "chat.post_message", "with": {"channel": "#x"}})["steps"][0]
    assert step["with"]["text"] == "🔀 {{event.title}} was merged: {{event.url}}"


def test_a_report_is_what_the_message_says() -> None:
    steps = completed(
        {"type": "scheduled", "cron": "0 9 * * *"},
        {"action": "signalbox.health_report"},
        {"action": "chat.post_message", "with": {"channel": "#x"}},
    )["steps"]
    assert steps[1]["with"]["text"] == "{{steps.health_report.output.text}}"


def test_a_required_title_comes_from_the_event() -> None:
    step = completed(MERGED, {"action": "trello.create_card", "with": {"board": "Release"}})["steps"][0]
    assert step["with"] == {"board": "Release", "title": "{{event.title}}"}


def test_what_was_said_is_never_replaced() -> None:
    step = {"action": "chat.post_message", "with": {"channel": "#x", "text": "mine"}}
    assert completed(MERGED, step)["steps"][0]["with"] == {"channel": "#x", "text": "mine"}


def test_it_leads_back_to_the_thing_the_event_is_about() -> None:
    trigger = {"type": "event_based", "service": "zendesk", "event": "ticket_solved"}
    assert completed(trigger, {"action": "zendesk.add_comment", "with": {"text": "Thanks"}})["steps"][0]["with"]["ticket"] == "{{event.id}}"


def test_or_to_what_an_earlier_step_made() -> None:
    steps = completed(
        {"type": "manual"}, {"action": "quickbooks.create_invoice", "with": {}}, {"action": "quickbooks.send_invoice", "with": {}}
    )["steps"]
    assert steps[1]["with"]["invoice"] == "{{steps.create_invoice.output.id}}"


def test_a_folder_that_was_made_is_shared_as_a_file_is() -> None:
    steps = completed(
        {"type": "manual"}, {"action": "onedrive.create_folder", "with": {"name": "Audit"}}, {"action": "onedrive.share_file", "with": {}}
    )["steps"]
    assert steps[1]["with"]["file"] == "{{steps.create_folder.output.file}}"


def test_what_a_step_found_out_is_what_is_uploaded_unless_a_file_was_said() -> None:
    report = {"action": "google_analytics.run_realtime_report", "with": {"metric": "users"}}
    steps = completed({"type": "manual"}, report, {"action": "google_drive.upload_file", "with": {"folder": "Realtime"}})["steps"]
    assert steps[1]["with"] == {"folder": "Realtime", "text": "{{steps.run_realtime_report.output.rows}}"}
    said = {"action": "google_drive.upload_file", "with": {"file": "report.pdf"}}
    assert completed({"type": "manual"}, report, said)["steps"][1]["with"] == {"file": "report.pdf"}


def test_a_condition_on_a_steps_output_is_decided_behind_that_step() -> None:
    raw = completed(
        {"type": "scheduled", "cron": "0 9 * * *"},
        {"action": "mixpanel.query_events", "with": {"event": "checkout"}},
        {"action": "chat.post_message", "with": {"channel": "#growth"}},
        when="steps.query_events.count < 10",
    )
    assert "when" not in raw
    assert "when" not in raw["steps"][0]
    assert raw["steps"][1]["when"] == "steps.query_events.count < 10"


def test_two_steps_of_one_kind_get_different_ids() -> None:
    steps = completed(MERGED, *({"action": "chat.post_message", "with": {"channel": f"#{n}"}} for n in range(3)))["steps"]
    assert [step["id"] for step in steps] == ["post_message", "post_message_2", "post_message_3"]


def test_a_failure_is_told_with_its_reason() -> None:
    options = {"on_failure": [{"action": "chat.post_message", "with": {"channel": "#mods"}}]}
    raw = completed(MERGED, {"action": "chat.post_message", "with": {"channel": "#x"}}, options=options)
    assert "{{run.error}}" in raw["options"]["on_failure"][0]["with"]["text"]


def test_an_alert_names_the_service_of_its_report() -> None:
    trigger = {"type": "event_based", "service": "signalbox", "event": "health_changed"}
    assert completed(trigger, {"action": "signalbox.impact_report"})["steps"][0]["with"] == {"service": "{{event.service}}"}


def test_an_empty_name_is_none_at_all() -> None:
    assert "name" not in completed(MERGED, {"action": "chat.post_message", "with": {"channel": "#x"}}, name="")
    assert completed(MERGED, {"action": "chat.post_message", "with": {"channel": "#x"}}, name="Mine")["name"] == "Mine"


def test_completing_twice_changes_nothing_more() -> None:
    once = completed(MERGED, {"action": "trello.create_card", "with": {}}, {"action": "chat.post_message", "with": {"channel": "#x"}})
    assert complete(once, CATALOGUE) == once


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["trigger", "steps", "action", "with", "options", "when", "type", "on_failure", "id"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["trigger", "steps", "options", "when", "name"]), JSON))
def test_odd_shapes_are_left_for_the_parser_to_refuse(raw: dict[str, Any]) -> None:
    before = repr(raw)
    complete(raw, CATALOGUE)
    assert repr(raw) == before


def test_steps_within_blocks_are_filled_in_and_named_too() -> None:
    post = {"action": "chat.post_message", "with": {"channel": "#x"}}
    report = {"action": "signalbox.health_report"}
    found = completed(
        MERGED,
        report,
        {"parallel": {"left": [post], "right": [{"switch": {"cases": [{"when": "true", "steps": [post]}], "else": [post]}}]}},
        {"foreach": {"items": "event.labels", "steps": [post]}},
        options={"finally": [post]},
    )
    left, right = found["steps"][1]["parallel"]["left"][0], found["steps"][1]["parallel"]["right"][0]
    inner = found["steps"][2]["foreach"]["steps"][0]
    assert left["with"]["text"] == inner["with"]["text"] == "{{steps.health_report.output.text}}"
    ids = [left["id"], right["id"], right["switch"]["cases"][0]["steps"][0]["id"], right["switch"]["else"][0]["id"], inner["id"]]
    assert ids == ["post_message", "switch", "post_message_2", "post_message_3", "post_message_4"]
    assert found["options"]["finally"][0]["with"]["text"] == "🔀 {{event.title}} was merged: {{event.url}}"


def test_what_is_nested_without_end_is_left_to_the_parser() -> None:
    deep: dict[str, Any] = {"action": "chat.post_message"}
    for _ in range(3_000):
        deep = {"foreach": {"items": "event.rows", "steps": [deep]}}
    assert complete({"trigger": MERGED, "steps": [deep]}, CATALOGUE)["steps"]
