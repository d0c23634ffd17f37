from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.declared.names import LONGEST_ID, clean, id_of, quoted, same_letters


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Pet Search", "pet-search"),
        ("PET-SEARCH", "pet-search"),
        ("google_calendar", "google_calendar"),
        ("default/artists-db", "default/artists-db"),
        ("api:artist-api", "api:artist-api"),
        ("  Zahlungsdienst Süd ", "zahlungsdienst-süd"),
        ("<!channel> *bold* @here", "channel-bold-here"),
        ("платежи", "платежи"),
        ("ＦＵＬＬ", "full"),
        ("--", ""),
        ("\u202e\x00", ""),
    ],
)
def test_a_name_becomes_an_id(name: str, id: str) -> None:
    assert id_of(name) == id


@given(st.text(max_size=200))
def test_the_id_of_an_id_is_itself(name: str) -> None:
    id = id_of(name)
    assert id_of(id) == id
    assert len(id) <= LONGEST_ID


@given(st.text(max_size=200))
def test_a_clean_name_is_one_line_without_anything_unseen(name: str) -> None:
    shown = clean(name)
    assert clean(shown) == shown
    assert not any(character in shown for character in "\n\r\t\x00\u202e\u200b")


def test_markup_in_a_name_stays_text() -> None:
    assert clean("<!channel> [x](http://evil) *b*") == "<!channel> [x](http://evil) *b*"


def test_what_is_written_differently_has_the_same_letters() -> None:
    assert same_letters("pet-search") == same_letters("petsearch") == "petsearch"


def test_a_long_name_is_cut_in_a_sentence() -> None:
    assert quoted("x" * 300) == f"“{'x' * 60}…”"
