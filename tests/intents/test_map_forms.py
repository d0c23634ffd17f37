"""The map as it is typed and said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.ports import Said, Understood
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from intents.recognise import Recogniser

RECOGNISER = Recogniser(Catalogue(KNOWN))
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def heard(text: str) -> Understood:
    return RECOGNISER.read(Said(text=text, now=NOW, timezone="UTC", workflows=["Lead Import"]))


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("/deps checkout", "show_dependencies", {"about": "checkout"}),
        ("/deps github", "show_dependencies", {"service": "github"}),
        ("/deps Lead Import", "show_dependencies", {"workflow": "Lead Import"}),
        (
            "/deps add checkout needs payments because it takes the money",
            "add_dependency",
            {"source": "checkout", "target": "payments", "because": "it takes the money"},
        ),
        ('/deps add "new thing" needs db', "add_dependency", {"source": "new thing", "target": "db", "new": True}),
        ("/deps remove checkout needs payments", "remove_dependency", {"source": "checkout", "target": "payments"}),
        ("/deps owner checkout Team Shop", "describe_component", {"component": "checkout", "owner": "Team Shop"}),
        ('/deps owner "pet search" Team Shop', "describe_component", {"component": "pet search", "owner": "Team Shop"}),
        ("/deps tier checkout 1", "describe_component", {"component": "checkout", "tier": "1"}),
        (
            "/deps alternative jira.create_issue asana.create_task name={{input.title}}",
            "declare_alternative",
            {"instead_of": "jira.create_issue", "use": "asana.create_task", "inputs": {"name": "{{input.title}}"}},
        ),
        (
            "/deps alternative jira.create_issue asana.create_task off",
            "declare_alternative",
            {"instead_of": "jira.create_issue", "use": "asana.create_task", "off": True},
        ),
        ("/deps history checkout since yesterday", "map_history", {"about": "checkout", "calendar": "yesterday"}),
        ("/deps suggestions", "list_suggestions", {}),
        ("/deps import as shop.csv\nfrom,to\na,b", "import_map", {"called": "shop.csv", "text": "from,to\na,b"}),
        ("/deps import undo shop.csv", "undo_map", {"source": "shop.csv"}),
        ("/deps export graphviz", "export_map", {"form": "dot"}),
        ("/deps check", "check_map", {}),
        ("who owns checkout?", "show_dependencies", {"about": "checkout"}),
        ("what changed in the dependencies since yesterday?", "map_history", {"calendar": "yesterday"}),
        ("checkout needs payments", "add_dependency", {"source": "checkout", "target": "payments"}),
        ("payments doesn't need ledger", "remove_dependency", {"source": "payments", "target": "ledger"}),
    ],
)
def test_what_is_meant(text: str, command: str, arguments: dict[str, Any]) -> None:
    understood = heard(text)
    assert (understood.command, dict(understood.arguments), understood.question) == (command, arguments, None)


@pytest.mark.parametrize(
    "text", ["Jira needs approval", "the build needs a review", "we need payments", "does checkout need payments?", "everybody needs help"]
)
def test_small_talk_puts_nothing_on_the_map(text: str) -> None:
    assert heard(text).command != "add_dependency"


def test_what_is_only_overheard_never_changes_the_map() -> None:
    assert heard("checkout needs payments").confidence < 0.6


@pytest.mark.parametrize("text", ["/deps add checkout", "/deps remove", "/deps owner checkout", "/deps alternative jira"])
def test_half_a_request_is_asked_about_with_an_example(text: str) -> None:
    assert "xample: /deps" in (heard(text).question or "")


def test_a_pasted_file_keeps_its_indentation() -> None:
    text = heard("/deps import\nservices:\n  shop:\n    depends_on: [db]\n  db: {image: postgres}").arguments["text"]
    assert text == "services:\n  shop:\n    depends_on: [db]\n  db: {image: postgres}"


async def test_the_attached_file_is_what_is_taken_in() -> None:
    said = Said(text="/deps import", now=NOW, timezone="UTC", files=[("file_1", "compose.yaml")])
    assert dict((await RECOGNISER.understand(said)).arguments) == {"file": "file_1"}
