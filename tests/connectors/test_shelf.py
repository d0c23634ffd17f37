"""The shelf: which connectors there are, what each account is, what the doctor says, what the settings are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors._kit.shelf import ROOM, Shelf, find_connectors
from engine.errors import NotFound, Rejected
from engine.monitoring.sample import Outcome
from engine.ports import Account, Actions, Connections, Hooks, Sandbox
from tests.connectors.loopback import unused_port
from tests.connectors.rig import CREDENTIALS, HeardSpeaker, SetClock, call, open_shelf
from tests.shared_data import shared


def catalogue() -> dict[str, tuple[set[str], set[str]]]:
    """Service → actions and events, as the contract lists them."""
    rows = re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\|([^|]*)\|([^|]*)\|", shared("contracts/catalogue.md").read_text(), re.MULTILINE)
    return {service: ({a.strip() for a in actions.split(",")}, {e.strip() for e in events.split(",")}) for service, actions, events in rows}


def account(shelf: Shelf, service: str) -> Account:
    return next(a for a in shelf.accounts() if a.service == service)


def test_every_folder_with_a_description_is_found() -> None:
    assert {c.id for c in find_connectors()} == {path.parent.name for path in ROOM.glob("*/connector.yml")}


def test_it_fulfils_the_halls_ports() -> None:
    shelf = open_shelf()
    actions: Actions = shelf
    connections: Connections = shelf
    hooks: Hooks = shelf
    sandbox: Sandbox = shelf.sandbox
    assert all((actions, connections, hooks, sandbox))


def test_every_action_and_event_of_the_catalogue_is_offered() -> None:
    wanted = catalogue()
    missing = set()
    for service in open_shelf().services():
        actions, events = wanted[service.id]
        missing |= {f"{service.id}.{a}" for a in actions - {x.operation for x in service.actions}}
        missing |= {f"{service.id}.{e}" for e in events - {x.event for x in service.events}}
    assert missing == set()


def test_every_action_tells_what_it_takes_and_gives_and_a_write_that_may_not_be_repeated_says_so() -> None:
    actions = {a.id: a for s in open_shelf().services() for a in s.actions}
    for action in actions.values():
        assert action.title
        assert action.outputs
        assert all(field.help for field in action.inputs), action.id
        assert all(field.name.isidentifier() for field in (*action.inputs, *action.outputs))
    once = {id_ for id_, a in actions.items() if a.writes and not a.repeatable}
    assert {"github.create_issue", "github.add_comment", "trello.create_card", "http.request", "email.send_email"} <= once
    assert once.isdisjoint({"github.close_issue", "trello.move_card", "jira.update_issue"})
    assert all(s.connected and s.name and s.category for s in open_shelf().services())


def test_what_an_event_calls_a_thing_is_what_the_actions_call_it() -> None:
    services = {s.id: s for s in open_shelf().services()}
    fields = {e.id: {f.name for f in e.fields} for s in services.values() for e in s.events}
    assert {"repo", "title", "text", "pull_request", "author", "url"} <= fields["github.pull_request_merged"]
    assert {"repo", "title", "text", "issue", "labels"} <= fields["github.issue_opened"]
    assert {"card", "title", "text", "board", "list"} <= fields["trello.card_moved"]


@pytest.mark.parametrize(
    ("environ", "mode", "github", "trello"),
    [
        ({}, "missing", "sandbox", "sandbox"),
        ({}, "off", "off", "off"),
        (CREDENTIALS, "missing", "live", "live"),
        (CREDENTIALS, "off", "live", "live"),
        (CREDENTIALS, "all", "sandbox", "sandbox"),
        ({"GITHUB_TOKEN": " ", "TRELLO_KEY": "k"}, "missing", "sandbox", "sandbox"),
        ({"GITHUB_TOKEN": "t", "GITHUB_URL": "ghe.acme.example/api/v3"}, "off", "off", "off"),
    ],
)
def test_credentials_and_the_mode_decide_who_answers(environ: dict[str, str], mode: str, github: str, trello: str) -> None:
    shelf = open_shelf(environ, sandbox_mode=mode)
    assert (account(shelf, "github").mode, account(shelf, "trello").mode) == (github, trello)


def test_what_is_missing_is_named_setting_by_setting() -> None:
    shelf = open_shelf({"TRELLO_KEY": "k", "GITHUB_TOKEN": "t", "GITHUB_URL": "http://user:pw@ghe/api"})
    assert account(shelf, "trello").missing.startswith("Set TRELLO_TOKEN (")
    assert account(shelf, "github").missing.startswith("GITHUB_URL must be the plain address")
    assert "pw" not in account(shelf, "github").url
    assert "EMAIL_URL and EMAIL_FROM" in account(shelf, "email").missing


@pytest.mark.parametrize("url", ["http://[::1", "http://host:port", "smtp://[", "::", "http://h:99999"])
def test_a_setting_that_is_no_address_stops_its_connector_and_not_the_house(url: str) -> None:
    shelf = open_shelf({"GITHUB_TOKEN": "t", "GITHUB_URL": url, "EMAIL_URL": url, "EMAIL_FROM": "a@b.example"})
    assert account(shelf, "github").mode == "sandbox"
    assert "GITHUB_URL" in account(shelf, "github").missing


def test_an_unknown_sandbox_mode_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Rejected, match="missing, all, off"):
        Shelf.open({}, clock=SetClock(), sandbox_mode="sometimes")


async def test_what_is_off_is_refused_with_what_to_set_and_never_probed_as_down() -> None:
    shelf = open_shelf({}, sandbox_mode="off")
    with pytest.raises(Rejected, match="Set GITHUB_TOKEN"):
        await shelf.perform(call("github.close_issue", {"issue": "a/b#1"}))
    assert not account(shelf, "github").probed
    assert (await shelf.probe(account(shelf, "github"))).outcome is Outcome.MISCONFIGURED


async def test_an_unknown_service_or_account_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean “github”"):
        await open_shelf().perform(call("github2.create_issue"))
    with pytest.raises(NotFound, match="only “default”"):
        await open_shelf().perform(call("github.close_issue", {"issue": "a/b#1"}, account="work"))
    assert (await open_shelf({}).perform(call("github.close_issue", {"issue": "a/b#1"}, account="default"))).sandbox


async def test_the_doctor_says_in_words_what_is_missing() -> None:
    findings = {f.area: f for f in await open_shelf({}, sandbox_mode="missing").examine()}
    asked = {c.description.name for c in find_connectors() if not c.description.house and c.id != "http"}
    assert set(findings) == asked
    assert findings["Trello"].level == "info"
    assert "sandbox" in findings["Trello"].message
    assert "TRELLO_KEY and TRELLO_TOKEN" in findings["Trello"].advice
    off = {f.area: f for f in await open_shelf({}, sandbox_mode="off").examine()}
    assert "refused" in off["GitHub"].message


@pytest.mark.parametrize(
    ("environ", "area", "said"),
    [
        ({"GITHUB_TOKEN": "gh\u00e9"}, "GitHub", "GITHUB_TOKEN holds characters that no token has. Copy it again."),
        ({"GITHUB_TOKEN": "x", "GITHUB_URL": "nonsense"}, "GitHub", "GITHUB_URL must be the plain address"),
        ({"GITHUB_URL": "https://git.example/api/v3"}, "GitHub", "Set GITHUB_TOKEN"),
        ({"TRELLO_KEY": "k"}, "Trello", "Set TRELLO_TOKEN"),
    ],
)
async def test_what_was_begun_and_cannot_work_is_a_warning(environ: dict[str, str], area: str, said: str) -> None:
    finding = next(f for f in await open_shelf(environ, sandbox_mode="missing").examine() if f.area == area)
    assert (finding.level, said in finding.advice) == ("warning", True)


async def test_the_doctor_points_to_the_vendors_own_status_when_it_cannot_be_reached() -> None:
    shelf = open_shelf({"GITHUB_TOKEN": "t", "GITHUB_URL": f"http://127.0.0.1:{unused_port()}"})
    finding = next(f for f in await shelf.examine() if f.area == "GitHub")
    assert (finding.level, finding.advice) == ("warning", "Its own status: https://www.githubstatus.com")
    await shelf.close()


async def test_the_doctor_names_scopes_a_token_lacks() -> None:
    import httpx2

    granted = {"x-oauth-scopes": "repo, gist"}
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json={}, headers=granted))
    shelf = open_shelf({"GITHUB_TOKEN": "t", "GITHUB_WEBHOOK_SECRET": "s"}, transport=transport)
    github = [f for f in await shelf.examine() if f.area == "GitHub"]
    assert [(f.level, f.message) for f in github[1:]] == [("warning", "The token lacks the scope workflow.")]
    await shelf.close()


def test_every_setting_that_is_read_is_listed_once_with_its_meaning() -> None:
    lines = open_shelf({}).settings()
    names = [line.name for line in lines]
    assert len(names) == len(set(names))
    assert all(line.meaning for line in lines)
    secret = {line.name for line in lines if line.secret}
    assert {"GITHUB_TOKEN", "GITHUB_WEBHOOK_SECRET", "TRELLO_KEY", "TRELLO_TOKEN", "EMAIL_URL", "HTTP_WEBHOOK_SECRET"} <= secret
    assert {name for name in names if re.search(r"(TOKEN|SECRET|PASSWORD|PRIVATE_KEY)(__\w+)?$", name)} <= secret
    spoken = {
        name
        for path in ROOM.rglob("*.py")
        for name in re.findall(r"\b(?:GITHUB|TRELLO|EMAIL|HTTP)_[A-Z_]+\b|SIGNALBOX_HTTP_\w+", path.read_text())
    }
    spoken = {name.partition("__")[0] for name in spoken}  # of a further account
    assert {name for name in spoken if not name.startswith("HTTP_WEBHOOK_SECRET_")} <= set(names)


def test_a_speaker_may_come_later() -> None:
    shelf = open_shelf({})
    shelf.join(speaker=HeardSpeaker())
    shelf.join(providers={})
    assert isinstance(shelf._joined.the_speaker(), HeardSpeaker)


def test_no_connector_but_the_kit_names_a_library_of_the_wire() -> None:
    for path in (p for p in Path(ROOM).rglob("*.py") if "_kit" not in p.parts):
        assert not re.search(r"\bimport (httpx2?|requests|aiohttp|urllib3)\b", path.read_text()), path
