"""Sentences in other languages: rewritten surely, never what is quoted or addressed, never English, and from data files that hold to their schema."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ports import Said
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from intents.languages.data import FOLDER, LANGUAGES, BadLanguage, language, read_language
from intents.languages.rewriting import in_english
from intents.recognise import Recogniser
from intents.text import LIMIT, clean
from tests.shared_data import shared

REQUESTS = Path(__file__).parent / "requests"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ROWS = [json.loads(line) for line in (REQUESTS / "languages_seen.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def recogniser() -> Recogniser:
    return Recogniser(Catalogue(replace(service, connected=True) for service in KNOWN))


def understood(text: str, locale: str = ""):
    return recogniser().read(Said(text=text, now=NOW, timezone="UTC", locale=locale))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("kannst du den Workflow Rechnungslauf bis Montag pausieren", "can you pause the workflow Rechnungslauf until monday"),
        ("jeden Montag um halb 9 den Gesundheitsbericht in #ops posten", "every monday at 8:30 post the health report in #ops"),
        ("loesche bitte den Workflow nightly-sync", "delete the workflow nightly-sync"),
        ("wovon hängt 'Lauf' ab, wenn ein PR gemerged wird", None),
        ("tous les lundis à 9h30, poste le rapport de santé dans #ops", "every monday at 9:30, post the health report in #ops"),
        ("mets en pause le workflow Relance clients jusqu'à lundi", 'pause the workflow "Relance clients" until monday'),
        ("el 3 de marzo a las 17h envía un correo a a@b.example", "on 3 march at 17:00 send an email to a@b.example"),
        ("quem tá de plantão?", "who is on call?"),
        ("toda segunda às 9h30 publica o relatório de saúde em #ops", "every monday at 9:30 post the health report in #ops"),
    ],
)
def test_a_sentence_becomes_the_words_that_the_grammar_reads(text: str, english: str | None) -> None:
    heard = in_english(text)
    assert heard.language
    assert english is None or heard.english == english


@pytest.mark.parametrize("code", ["de", "fr", "es", "pt"])
def test_nearly_all_requests_that_were_learnt_from_are_read_as_meant(code: str) -> None:
    rows = [row for row in ROWS if row["language"] == code]
    right = sum(understood(row["text"]).command == row["gold"]["command"] for row in rows)
    assert len(rows) >= 40
    assert right / len(rows) >= 0.93


def _rewritten_of(*files: Path) -> list[str]:
    texts = [json.loads(line)["text"] for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(texts) >= 100
    return [text for text in texts if in_english(clean(text)).language]


def test_no_english_request_of_ours_is_rewritten() -> None:
    assert _rewritten_of(REQUESTS / "a_seen.jsonl", REQUESTS / "b_seen.jsonl") == []


@pytest.mark.parametrize("file", ["data/gold/dev.jsonl", "data/nl/clinc_oos.jsonl", "data/nl/chatops_commands.jsonl"])
def test_no_english_sentence_of_others_is_rewritten(file: str) -> None:
    assert _rewritten_of(shared(file)) == []


def test_a_sentence_of_product_words_only_stays_english() -> None:
    for text in ("GitHub", "Stripe payment failed", "jira ticket", "deploy pipeline", "Slack + Trello"):
        assert in_english(text, locale="de-DE").english == text


def test_the_locale_decides_where_the_words_do_not() -> None:
    assert in_english("cancela", locale="pt-BR").language == "Portuguese"
    assert in_english("cancela", locale="es-ES").language == "Spanish"


def test_what_was_rewritten_is_said_openly() -> None:
    parts = understood("Wer hat Bereitschaft?").parts
    assert parts[0] == ("who is on call?", "German, in English words")


def test_much_that_is_unread_is_asked_about_and_not_done() -> None:
    found = understood("lösche blorgt zwalp krumpf tazn workflow 'Lauf'", "de")
    assert found.command is None or found.question or found.confidence < 0.8


def test_somebodys_own_words_stay_their_own() -> None:
    assert understood("Bestätige Alarm AL-902, Notiz: Zertifikat wird erneuert").arguments == {
        "alert": "AL-902",
        "note": "Zertifikat wird erneuert",
    }


KEPT = st.sampled_from(
    [
        "'wenn jemand'",
        '"der die das"',
        "„und dann“",
        "« le lundi »",
        "<@U12AB>",
        "<#C12|und-dann>",
        "#quand-meme",
        "@nicht.da",
        "AL-902",
        "https://x.example/wenn/und",
        "und@dann.example",
    ]
)
WORDS = st.sampled_from(
    ["wenn", "ein", "PR", "gemerged", "wird", "poste", "in", "und", "lösche", "den", "Workflow", "bitte", "quand", "le", "ticket", "arrive", "préviens", "supprime", "cuando", "se", "cae", "avisa", "borra", "el", "quando", "cair", "o", "avisa", "apaga", "jeden", "Montag", "um", "9", "halb", "à", "9h30", "las", "17h", "às", ",", ".", ":"]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(WORDS, KEPT), min_size=1, max_size=25), st.sampled_from(["", "de-CH", "fr", "es-MX", "pt-BR", "xx"]))
def test_what_is_quoted_addressed_or_linked_is_never_touched(pieces: list[str], locale: str) -> None:
    text = " ".join(pieces)
    english = in_english(text, locale).english
    for piece in pieces:
        if len(piece) > 6 and re.match(r"[\"„«<#@h]|und@", piece) and not re.search(r"""['"„“«»]""", text.replace(piece, "")):
            assert piece in english


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "de", "pt-PT"]))
def test_no_text_makes_it_fail(text: str, locale: str) -> None:
    heard = in_english(clean(text), locale)
    assert 0.0 <= heard.share <= 1.0
    assert not re.search("[\uf000-\uf7ff\ue8ff]", heard.english)


@pytest.mark.parametrize("word", ["wenn ", "und ", "alle zwei ", "tous les ", "a las 9 ", "«", "legen " * 3 + "an ", "-a", "9:30 "])
def test_the_longest_text_is_no_more_than_one_pass_for_each_rule(word: str) -> None:
    text = (word * (LIMIT // len(word) + 1))[:LIMIT].strip()
    assert len(in_english(text, "de").english) < 20 * LIMIT


# --- the data files -----------------------------------------------------------------------------------------------------------------


def test_every_language_file_holds_to_the_schema_and_has_its_own_code() -> None:
    codes = [language(name).code for name in LANGUAGES]
    assert sorted(codes) == sorted(set(codes))
    assert {"de", "fr", "es", "pt"} <= set(codes)
    for name in LANGUAGES:
        assert len(language(name).surely) > 50
        assert language(name).exact


@pytest.mark.parametrize("file", LANGUAGES)
def test_no_phrase_stands_twice_under_the_same_english(file: str) -> None:
    phrases = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))["phrases"]
    for english, said in phrases.items():
        assert len(said) == len(set(said)), english


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"phrases": None}, "phrases is missing"),
        ({"phrases": {"when": "wenn"}}, "a list of phrases"),
        ({"phrases": {"when": ["w!"]}}, "not made of words"),
        ({"phrases": {"when": ["ab*"]}}, "fewer than three letters"),
        ({"before": [["(", "x"]]}, "does not work"),
        ({"after": [["a", "\\9"]]}, "does not work"),
        ({"after": ["a"]}, "no pair"),
        ({"separable": [["leg"]]}, "no [verb, prefix"),
        ({"surely": ["der"]}, "a text with words"),
        ({"colour": "red"}, "I do not know colour"),
    ],
)
def test_a_data_file_that_breaks_the_schema_is_refused_with_a_sentence(change: dict[str, object], sentence: str) -> None:
    data = {"name": "Test", "code": "xx", "phrases": {"when": ["wenn"]}, **change}
    with pytest.raises(BadLanguage, match=re.escape(sentence)):
        read_language(data, "test")
