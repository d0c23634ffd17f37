"""The second reader of sentences: on its own, the same each time, small, and with a view on anything."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import Understood
from intents.opinion import Agreement, Example, Examples, Guess, Opinion, View, agrees
from intents.opinion.phrases import corpus
from intents.opinion.tokens import services_of, tokens_of
from intents.opinion.weights import FILE, loaded

HERE = FILE.parent


@pytest.fixture(scope="module")
def opinion() -> Opinion:
    return Opinion.load()


def workflow(trigger: dict[str, str], *actions: str) -> Understood:
    made = {"trigger": trigger, "steps": [{"action": action} for action in actions]}
    return Understood(command="create_workflow", confidence=0.9, arguments={"workflow": made})


def test_it_imports_nothing_of_the_grammar() -> None:
    for file in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            assert not [name for name in names if name.startswith("intents.") and not name.startswith("intents.opinion")], file.name


def test_the_weights_were_learnt_from_the_sentences_that_stand_here() -> None:
    assert loaded(FILE.read_bytes()).fingerprint == corpus.fingerprint(), "the sentences changed: run make opinion"


def test_the_weights_are_small() -> None:
    assert FILE.stat().st_size < 5_000_000
    assert sum(len(head.rows) for head in loaded(FILE.read_bytes()).heads.values()) < 30_000_000


@pytest.mark.parametrize("data", [b"", b"nonsense", FILE.read_bytes()[:-2000]])
def test_a_broken_file_of_weights_is_named_as_such(data: bytes) -> None:
    with pytest.raises(ValueError, match="no file of learnt weights"):
        loaded(data)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("could you halt the lead-feed workflow until thursday", "pause_workflow"), ("AL-55 is sorted, close it", "resolve_alert"),
        ("who carries the pager tonight?", "on_call"), ("what would break without Zendesk?", "show_impact"), ("erase the flow old-import", "delete_workflow"),
        ("bake me a cake for grandma", None), ("whenever a card is moved in Trello, tell #design", "create_workflow"),
    ],
)  # fmt: skip
def test_it_reads_commands(opinion: Opinion, text: str, command: str | None) -> None:
    assert opinion.read(text).command == command


def test_it_reads_what_starts_a_workflow_and_what_is_done(opinion: Opinion) -> None:
    view = opinion.read("when a pull request is merged in GitHub, create a card in Trello and post in #releases")
    assert view.trigger is not None
    assert view.trigger.name == "github.pull_request_merged"
    assert {guess.name for guess in view.actions} == {"trello.create_card", "chat.post_message"}


def test_a_time_starts_what_is_scheduled(opinion: Opinion) -> None:
    view = opinion.read("every weekday at 9am create a task in Asana")
    assert view.trigger is not None
    assert view.trigger.name == "scheduled"


@given(st.text(max_size=300))
def test_it_has_a_view_on_any_text(text: str) -> None:
    view = Opinion.load().read(text)
    assert 0.0 <= view.probability <= 1.0
    assert view == Opinion.load().read(text)


def test_of_a_very_long_text_only_the_beginning_is_read(opinion: Opinion) -> None:
    long = "pause nightly-backup " * 5_000
    assert len(long) > 100_000
    assert opinion.read(long) == opinion.read(long[:2_000])


def test_ordinary_words_are_services_in_their_place_only() -> None:
    assert services_of(tokens_of("put it in Box and tell the teams on Monday")) == ("box",)
    assert services_of(tokens_of("open an item on monday.com, Trelo and gitub")) == ("monday", "trello", "github")


def test_what_was_confirmed_here_outweighs_what_was_learnt(opinion: Opinion) -> None:
    known = [Example("do the friday thing", "run_workflow")]
    view = opinion.read("Do the Friday thing!", known)
    assert view.command == "run_workflow"
    assert view.neighbours[0].example == known[0]
    assert opinion.read("do the friday thing", Examples(known).without(["Do the friday thing"])) == opinion.read("do the friday thing")


def test_a_confirmed_sentence_about_another_service_is_no_neighbour(opinion: Opinion) -> None:
    known = Examples([Example("is github fine as always?", "run_workflow")])
    assert opinion.read("is gitlab fine as always?", known).neighbours == ()


def test_the_last_of_two_confirmed_readings_counts(opinion: Opinion) -> None:
    known = [Example("ship it", "run_workflow"), Example("Ship it", "show_workflow")]
    assert opinion.read("ship it", known).command == "show_workflow"


MERGED = {"type": "event_based", "service": "github", "event": "pull_request_merged"}


def _view(trigger: float = 0.9, action: float = 0.9, name: str = "trello.create_card", command: float = 0.9) -> View:
    return View("create_workflow", command, Guess("github.pull_request_merged", trigger), (Guess(name, action),))


@pytest.mark.parametrize(
    ("view", "understood", "verdict"),
    [
        (_view(), workflow(MERGED, "trello.create_card"), Agreement.SAME),
        (_view(name="jira.create_issue"), workflow(MERGED, "trello.create_card"), Agreement.DIFFERS),
        (_view(name="jira.create_issue", action=0.3), workflow(MERGED, "trello.create_card"), Agreement.UNSURE),
        (_view(), workflow({"type": "scheduled"}, "trello.create_card"), Agreement.DIFFERS),
        (_view(trigger=0.4), workflow({"type": "scheduled"}, "trello.create_card"), Agreement.UNSURE),
        (_view(command=0.4), workflow(MERGED, "trello.create_card"), Agreement.UNSURE),
        (_view(), Understood(command="run_workflow", confidence=0.9, arguments={}), Agreement.DIFFERS),
        (View(None, 0.9), Understood(command=None, confidence=0.9, arguments={}), Agreement.SAME),
        (View("help", 0.9), Understood(command="help", confidence=0.9, arguments={}), Agreement.SAME),
    ],
)  # fmt: skip
def test_agreement_is_told_by_command_trigger_and_actions(view: View, understood: Understood, verdict: Agreement) -> None:
    assert agrees(view, understood) is verdict
