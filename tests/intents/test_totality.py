"""Any text yields an answer: nothing raises, everything is JSON, nothing drastic without a word for it."""

from __future__ import annotations

import asyncio
import json
import re
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from intents.lines import to_contract
from tests.intents.words import recogniser, said

WORDS = (
    "when whenever if every each at 9 9:30 am and , . : → -> => #ops @max github jira slack trello Box Monday monday tomorrow friday post tell create card board in on to the "
    "a 'quoted' \"x\" run pause delete retry 3 times within 2 hours then or is down error rate last first of month 15th until for unless only alert 4711 critical https://x.y/z "
    "a@b.co name: called workflow approval from needs fallback use instead what who why how breaks ? ! ; \n with label bug over 500 EUR 30 Feb 25:00 by author /flow /ack <#C1|x> <@U1>"
)
TOKENS = WORDS.split(" ")
DRASTIC = {"delete_workflow", "resolve_alert", "run_workflow", "cancel_run"}
SAYING_SO = re.compile(
    r"delet|remov|resolv|clos|fix|run|start|trigger|cancel|stop|abort|kill|send|launch|kick|drop|get rid|wipe|eliminat|clear|over|solv|fire|do|post|begin|execute|end|halt|terminate|scrap|trash|erase|bin|nuke|purge|destroy",
    re.IGNORECASE,
)


def total(text: str) -> None:
    understood = asyncio.run(recogniser().understand(said(text, workflows=("Lead Import", "x"))))
    json.dumps(to_contract(understood, text))
    json.dumps([dict(understood.places), dict(understood.remember or {}), list(understood.options)])
    assert 0 <= understood.confidence <= 1
    if understood.command in DRASTIC and not understood.question and understood.confidence > 0.8:
        assert SAYING_SO.search(text)


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    total(text)


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map(" ".join))
@settings(max_examples=250, deadline=None)
def test_any_salad_of_our_own_words_is_answered(text: str) -> None:
    total(text)


@given(st.lists(st.sampled_from(TOKENS), max_size=8).map(" ".join), st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join))
@settings(max_examples=100, deadline=None)
def test_any_answer_to_any_question_is_answered(answer: str, question: str) -> None:
    asked = recogniser().read(said(question))
    json.dumps(to_contract(recogniser().read(said(answer, pending=asked.remember)), answer))


@given(st.sampled_from(TOKENS), st.sampled_from(["", "when ", "delete ", "every ", "show me "]))
@settings(max_examples=40, deadline=None)
def test_no_text_costs_more_than_a_second(token: str, start: str) -> None:
    text = (start + (token + " ") * 4000)[:3990]
    began = process_time()
    recogniser().read(said(text))
    assert process_time() - began < 1.0
