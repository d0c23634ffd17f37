"""What the model may cost, what is remembered of its answers, and what never reaches it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.workflow.marking import marked
from intents.llm import LanguageModel
from intents.merging import Reading
from intents.model.book import MemoryBook
from intents.model.cache import Cache, key_of
from intents.model.redaction import Redactor
from intents.recognise import Recogniser
from tests.intents.model_fake import ModelFake, always, message, serving
from tests.intents.test_llm import HEALTH, MUMBLED, talking_to
from tests.intents.words import NOW, catalogue, read, said


async def test_tokens_are_counted_as_the_server_says_or_estimated() -> None:
    book = MemoryBook()
    async with serving(ModelFake(always(HEALTH))) as fake:
        model = LanguageModel(catalogue(), api_key="", model="m", base_url=fake.url, book=book)
        await Recogniser(catalogue(), llm=model).understand(said(MUMBLED))
        estimated = (await book.leave("slack")).used
        assert 2_000 < estimated < 20_000
        fake.raw = lambda body: message(
            body, {"content": json.dumps(HEALTH)}, usage={"prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77}
        )
        await Recogniser(catalogue(), llm=model).understand(said(MUMBLED + " again"))
        leave = await book.leave("slack")
        assert (leave.used, leave.asked) == (estimated + 77, 2)
        assert (await book.leave("web")).used == 0
        await model.close()


async def test_beyond_the_days_tokens_nothing_is_sent_and_the_asker_hears_why() -> None:
    async with serving(ModelFake(always(HEALTH))) as fake:
        model = LanguageModel(catalogue(), api_key="", model="m", base_url=fake.url, per_day=100)
        understood = await Recogniser(catalogue(), llm=model).understand(said(MUMBLED))
        assert understood.command is None
        assert "100 tokens of the day are used up" in understood.reply
        with pytest.raises(Rejected, match="used up"):
            await model.say([{"role": "user", "content": "?"}], {"type": "object"}, key="k")
        assert fake.requests == []
        await model.close()


async def test_nothing_is_sent_where_nobody_turned_it_on_nor_what_was_merely_overheard() -> None:
    async with serving(ModelFake(always(HEALTH))) as fake:
        for book, words in ((MemoryBook(on=False), said(MUMBLED)), (MemoryBook(), replace(said(MUMBLED), direct=False))):
            model = LanguageModel(catalogue(), api_key="", model="m", base_url=fake.url, book=book)
            assert (await Recogniser(catalogue(), llm=model).understand(words)).command is None
            await model.close()
        assert fake.requests == []


async def test_what_failed_without_an_answer_costs_nothing() -> None:
    book = MemoryBook()
    async with serving(ModelFake(always("no", only="never", status=503))) as fake:
        model = LanguageModel(catalogue(), api_key="", model="m", base_url=fake.url, book=book)
        await Recogniser(catalogue(), llm=model).understand(said(MUMBLED))
        assert (await book.leave("slack")).used == 0
        await model.close()


async def test_the_same_question_is_asked_once_a_day() -> None:
    async with talking_to(always(HEALTH)) as (recogniser, model, fake):
        for _ in range(3):
            assert (await recogniser.understand(said(MUMBLED))).arguments == {"service": "github"}
        assert len(fake.requests) == 1
        assert (await model.facts()).hits == 2
        await recogniser.understand(replace(said(MUMBLED), now=NOW + timedelta(days=1)))
        await recogniser.understand(said(MUMBLED, workflows=("other",)))
        await recogniser.understand(said(MUMBLED, timezone="Asia/Tokyo"))
        assert len(fake.requests) == 4


def test_answers_that_name_a_moment_are_not_kept_and_the_oldest_go_first() -> None:
    cache = Cache(most=2)
    cache.put("moment", Reading("snooze_alert", {"until": "2026-11-23T12:00:00+00:00"}, 1.0), NOW)
    cache.put(
        "once", Reading("create_workflow", {"workflow": {"trigger": {"type": "scheduled", "at": "2026-12-01T09:00:00+00:00"}}}, 1.0), NOW
    )
    for name in "abc":
        cache.put(name, Reading("help", {"topic": name}, 1.0), NOW)
    assert [cache.get(key, NOW) is not None for key in ("moment", "once", "a", "b", "c")] == [False, False, False, True, True]
    assert cache.get("c", NOW + timedelta(hours=25)) is None
    assert key_of("slack", {"request": "x", "now": "1"}, NOW) == key_of("slack", {"request": "x", "now": "2"}, NOW)


KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----"
HIDDEN = [
    ("xoxb-" + "1" * 12 + "-abc", "slack"), ("ghp_" + "a" * 36, "github"), ("glpat-" + "a" * 20, "gitlab"), ("sk-" + "a" * 24, "openai"),
    ("AKIA" + "A" * 16, "aws"), ("AIza" + "a" * 35, "google"), ("whsec_" + "a" * 24, "stripe"), ("eyJ" + "a" * 20 + "." + "b" * 20 + "." + "c" * 20, "jwt"),
    ("https://hooks.slack.com/services/T0/B0/xyz", "webhook"), (KEY, "pem"), (KEY[:45], "pem without an end"), ("4111 1111 1111 1111", "card"),
    ("DE89 3704 0044 0532 0130 00", "iban"),
]  # fmt: skip


@pytest.mark.parametrize("value", [value for value, _ in HIDDEN], ids=[name for _, name in HIDDEN])
def test_credentials_cards_and_accounts_are_taken_out_and_never_put_back(value: str) -> None:
    redactor = Redactor()
    told = redactor.redact(f"please use {value}")
    assert told == "please use [secret-1]"
    assert redactor.restore(told) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the password is hunter22", "the password is [secret-1]"),
        ("api_key=abcd1234 and go", "api_key=[secret-1] and go"),
        ("Authorization: Bearer abcdef0123456789abcd", "Authorization: Bearer [secret-1]"),
        ("clone https://ann:pa55@git.example.com/x", "clone https://[secret-1]@git.example.com/x"),
        ("open https://example.com/a?access_token=abcdef&x=1", "open https://example.com/a?access_token=[secret-1]&x=1"),
        ("mail ann@example.com, then bob@example.com and ann@example.com", "mail [email-1], then [email-2] and [email-1]"),
        ("call +49 30 901820 now", "call [phone-1] now"),
        ("commit " + "a1" * 20, "commit [code-1]"),
        ("order 4111 1111 1111 1112 in #ops at 10:30 for <@U123ABC>", "order 4111 1111 1111 1112 in #ops at 10:30 for <@U123ABC>"),
        ("merge https://github.com/acme/web/pull/412 tomorrow", "merge https://github.com/acme/web/pull/412 tomorrow"),
    ],
)
def test_what_is_personal_or_secret_leaves_only_a_mark(text: str, told: str) -> None:
    redactor = Redactor()
    assert redactor.redact(text) == told
    if "[secret" not in told:
        assert redactor.restore(told) == text


@given(st.text(max_size=400))
def test_redacting_never_fails_and_is_undone_but_for_secrets(text: str) -> None:
    redactor = Redactor()
    told = redactor.redact(text)
    if "[secret-" not in told:
        assert redactor.restore(told) == text


@given(st.text(max_size=200))
def test_no_text_closes_the_mark(text: str) -> None:
    shown = marked({"x": text})
    assert shown.count("</data>") == shown.count("<data>") == 1
    assert json.loads(shown[6:-7]) == {"x": text}


async def test_an_address_comes_back_into_the_arguments_and_a_secret_does_not() -> None:
    steps = [{"action": "email.send_email", "with": {"to": "[email-1]", "subject": "hi"}}]
    answer = {"command": "create_workflow", "arguments": {"workflow": {"trigger": {"type": "manual"}, "steps": steps}}}
    text = "octocat poorly or what, beans towards ann@example.com"
    async with talking_to(always(answer)) as (recogniser, _, fake):
        workflow = (await recogniser.understand(said(text))).arguments["workflow"]
        assert isinstance(workflow, dict)
        assert workflow["steps"] == [{"action": "email.send_email", "with": {"to": "ann@example.com", "subject": "hi"}}]
        assert "ann@" not in json.dumps(fake.requests)
    named = {"command": "show_workflow", "arguments": {"workflow": "[secret-1]"}}
    async with talking_to(always(named)) as (recogniser, _, _fake):
        assert (await recogniser.understand(said("octocat poorly, ghp_" + "a" * 36))).command is None


@pytest.mark.parametrize(
    ("typed", "arguments"),
    [
        ("", {}),
        ("on", {"switch": "on"}),
        ("OFF for slack", {"switch": "off", "workspace": "slack"}),
        ("off workflows", {"switch": "off", "workspace": "workflows"}),
        ("limit 200,000", {"tokens": 200_000}),
        ("limit 200k in discord", {"tokens": 200_000, "workspace": "discord"}),
        ("budget 2m", {"tokens": 2_000_000}),
    ],
)
def test_the_models_own_command_is_read(typed: str, arguments: dict[str, object]) -> None:
    understood = read(f"/signalbox model {typed}")
    assert (understood.command, understood.arguments) == ("language_model", arguments)


def test_other_words_that_begin_so_are_a_sentence() -> None:
    assert read("/signalbox model the outage of github for me").command != "language_model"


async def test_where_the_clock_stands_still_one_failure_does_not_silence_the_model() -> None:
    async with serving(ModelFake(always("no", only="never", status=503))) as fake:
        model = LanguageModel(catalogue(), api_key="", model="m", base_url=fake.url, rests=False)
        await Recogniser(catalogue(), llm=model).understand(said(MUMBLED))
        fake.reply = always(HEALTH)
        assert (await Recogniser(catalogue(), llm=model).understand(said(MUMBLED))).command == "health_report"
        await model.close()
